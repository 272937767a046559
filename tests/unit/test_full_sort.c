/*
 * All rows sorted: by any terms, from any number of workers and in any memory they are
 * in the order that comparing value by value gives; and the marks are where the values
 * change.
 */
#include "rows/full_sort.h"
#include "engine_build.h"

#define TERMS 4
#define SORTS 3

static const uint8_t type[COLUMNS] = { LAM_TEXT, LAM_NUMBER, LAM_TIME, LAM_NUMBER,
	LAM_NUMBER, LAM_TEXT, LAM_BOOL };
static const struct made_source *made;
static struct lam_sort_term term[TERMS];
static uint32_t nterms;

/* The batch of ROW, which becomes the row in it. */
static const struct lam_vec *
at(uint32_t *row)
{
	uint32_t i = 0;

	while (*row >= made->batch[i].n)
		*row -= made->batch[i++].n;
	return made->batch[i].v;
}

/* By the first N terms. */
static int
compare_rows(uint32_t a, uint32_t b, uint32_t n)
{
	const struct lam_vec *x = at(&a), *y = at(&b);
	int c = 0;

	for (uint32_t t = 0; t < n && c == 0; t++) {
		uint32_t f = term[t].column;
		struct lam_scalar p = lam_scalar_of(&x[f], a);
		struct lam_scalar q = lam_scalar_of(&y[f], b);

		if (p.null || q.null)
			c = p.null == q.null ? 0 :
				p.null == term[t].by.nulls_first ? -1 : 1;
		else
			c = lam_scalar_cmp(&p, &q) * (term[t].by.descending ?
				-1 : 1);
	}
	return c;
}

static int
compare(const void *a, const void *b)
{
	uint32_t x, y;
	int c;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	c = compare_rows(x, y, nterms);
	return c ? c : x < y ? -1 : x > y;
}

struct seen {
	const uint32_t *order;
	uint64_t n;
};

static int
take(void *arg, const struct lam_vec *v, uint32_t n, struct lam_error *e)
{
	struct seen *s = arg;
	char left[LAM_TIME_TEXT], right[LAM_TIME_TEXT];

	(void)e;
	for (uint32_t i = 0; i < n; i++, s->n++)
		for (uint32_t f = 0; f < COLUMNS; f++) {
			uint32_t row = s->order[s->n];
			const struct lam_vec *want = at(&row);
			struct lam_str x = lam_vec_print(&v[f], i, left);
			struct lam_str y = lam_vec_print(&want[f], row, right);

			FAIL_IF((x.p == NULL) != (y.p == NULL) ||
				!same_text(x, y), "row %llu, column %u: %.*s, "
				"not %.*s", (unsigned long long)s->n,
				(unsigned)f, (int)x.n, x.p ? x.p : "", (int)y.n,
				y.p ? y.p : "");
		}
	return LAM_OK;
}

/* Where the first N terms change. */
static void
check_marks(const struct lam_full_sort *s, const uint32_t *order, uint32_t rows,
	uint32_t n)
{
	uint64_t *begins = LAM_ARENA_NEW(&arena, uint64_t, rows / 64 + 1);

	lam_full_sort_mark(s, n, begins);
	for (uint32_t i = 0; i < rows; i++)
		FAIL_IF((begins[i / 64] >> i % 64 & 1) != (i == 0 ||
			compare_rows(order[i - 1], order[i], n) != 0),
			"mark of row %u by %u terms", (unsigned)i, (unsigned)n);
}

static void
sort_all(const uint32_t *order, uint32_t rows, uint64_t memory, unsigned threads)
{
	struct lam_sort_plan plan = { COLUMNS, COLUMNS, type, term, nterms };
	struct lam_full_sort s[SORTS];
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_arena scratch = LAM_ARENA_INIT;
	uint64_t skip = rnd(2) ? rnd(rows) : 0;
	uint64_t most = rnd(2) ? skip + 1 + rnd(rows - skip) : UINT64_MAX;
	struct seen seen = { order, skip };
	struct lam_sorted_out out = { skip, most, take, &seen };
	bool here = memory > 64 * rows;
	uint64_t from = 0;

	for (int i = 0; i < SORTS; i++)
		FAIL_IF(lam_full_sort_init(&s[i], &plan, memory, threads, NULL,
			&e), "%s", e.msg);
	for (uint32_t i = 0; i < made->n; i++) {
		FAIL_IF(lam_full_sort_add(&s[rnd(SORTS)], made->batch[i].v,
			NULL, made->batch[i].n, from, NULL, &scratch, &e),
			"%s", e.msg);
		from += made->batch[i].n;
		lam_arena_reset(&scratch);
	}
	for (int i = 1; i < SORTS; i++)
		lam_full_sort_absorb(&s[0], &s[i]);
	FAIL_IF(lam_full_sort_all_here(&s[0], UINT64_MAX) != here,
		"where rows are");
	FAIL_IF(lam_full_sort_give(&s[0], &out, &e), "%s", e.msg);
	FAIL_IF(seen.n != (most < rows ? most : rows), "%llu rows",
		(unsigned long long)seen.n);
	if (here) {
		FAIL_IF(lam_full_sort_ready(&s[0], &e), "%s", e.msg);
		for (uint32_t n = 0; n <= nterms; n++)
			check_marks(&s[0], order, rows, n);
	}
	for (int i = 0; i < SORTS; i++)
		lam_full_sort_release(&s[i]);
	lam_arena_release(&scratch);
}

static void
any_terms(uint32_t rows)
{
	uint32_t *order = LAM_ARENA_NEW(&arena, uint32_t, rows + 1);

	nterms = 1 + (uint32_t)rnd(TERMS);
	for (uint32_t t = 0; t < nterms; t++)
		term[t] = (struct lam_sort_term){ (uint32_t)rnd(COLUMNS),
			{ rnd(2) == 1, rnd(2) == 1 } };
	for (uint32_t i = 0; i < rows; i++)
		order[i] = i;
	qsort(order, rows, sizeof *order, compare);
	sort_all(order, rows, UINT64_MAX / 2, 2);
	sort_all(order, rows, 1, 2);
	sort_all(order, rows, 16 * (uint64_t)rows, 2);
}

int
main(void)
{
	struct rows r;
	struct made_source m;

	printf("# seed %llu\n", (unsigned long long)seed);
	r = random_rows(3000);
	make_source(&m, &r, 0, 700);
	made = &m;
	for (int i = 0; i < 40; i++)
		any_terms(r.n);
	PASS("rows are sorted by any terms, in memory and in runs");
	r = random_rows(70000); /* all threads */
	make_source(&m, &r, 0, 65536);
	any_terms(r.n);
	PASS("many rows are, too");
	lam_arena_release(&arena);
	return DONE();
}
