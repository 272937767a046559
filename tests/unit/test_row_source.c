/*
 * Rows kept for another query come back as they were, from memory and from the
 * temporary file, in any shape of any type.
 */
#include "rows/row_source.h"
#include "engine_build.h"

/* The texts of the two vectors' rows are the same, and so are their types. */
static bool
same_vec(const struct lam_vec *a, const struct lam_vec *b)
{
	char left[LAM_TIME_TEXT], right[LAM_TIME_TEXT];

	if (a->n != b->n || a->type != b->type)
		return false;
	for (uint32_t i = 0; i < a->n; i++) {
		struct lam_str x = lam_vec_print(a, i, left);
		struct lam_str y = lam_vec_print(b, i, right);

		if ((x.p == NULL) != (y.p == NULL) || !same_text(x, y))
			return false;
	}
	return true;
}

static void
keep_all(struct lam_row_source *s, const struct made_source *m)
{
	struct lam_error e = LAM_ERROR_INIT;

	for (uint32_t i = 0; i < m->n; i++)
		FAIL_IF(lam_row_source_keep(s, m->batch[i].v, m->batch[i].n,
			&e), "%s", e.msg);
}

static void
read_all(struct lam_row_source *s, const struct made_source *m)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_batch b = { .arena = &a };
	uint64_t pos = 0, bad;
	uint32_t i = 0;
	bool got;

	for (;; i++) {
		FAIL_IF(s->source.next(&s->source, 0, &b, &got, &e), "%s",
			e.msg);
		if (!got)
			break;
		FAIL_IF(i >= m->n || b.pos != pos || b.n != m->batch[i].n,
			"batch %u", (unsigned)i);
		for (uint32_t f = 0; i < m->n && f < COLUMNS; f++) {
			struct lam_vec v, raw;

			FAIL_IF(b.load(&b, f, false, &v, &bad, &e), "%s", e.msg);
			FAIL_IF(b.load(&b, f, true, &raw, &bad, &e), "%s",
				e.msg);
			FAIL_IF(!same_vec(&v, &m->batch[i].v[f]) ||
				raw.type != LAM_TEXT, "batch %u, column %u",
				(unsigned)i, (unsigned)f);
		}
		pos += b.n;
		lam_arena_reset(&a);
	}
	FAIL_IF(i != m->n || s->source.rows != pos, "%u batches", (unsigned)i);
	lam_arena_release(&a);
}

/* A column of rows that are in one batch, or in two. */
static void
ranges(const struct lam_row_source *s, const struct made_source *m)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_arena a = LAM_ARENA_INIT;

	for (int k = 0; k < 300; k++) {
		uint32_t i = (uint32_t)rnd(m->n - 1), f = (uint32_t)rnd(COLUMNS);
		const struct lam_vec *one = &m->batch[i].v[f];
		const struct lam_vec *two = &m->batch[i + 1].v[f];
		uint32_t from = (uint32_t)rnd(one->n), both = one->n + two->n;
		uint32_t n = 1 + (uint32_t)rnd(both - from);
		struct lam_vec v;

		FAIL_IF(lam_row_source_column(s, f, lam_row_source_begin(s, i) +
			from, n, &a, &v, &e), "%s", e.msg);
		FAIL_IF(v.n != n, "rows");
		for (uint32_t r = 0; r < n; r++) {
			uint32_t at = from + r;
			char left[LAM_TIME_TEXT], right[LAM_TIME_TEXT];
			struct lam_str x = lam_vec_print(&v, r, left);
			struct lam_str y = lam_vec_print(at < one->n ? one : two,
				at < one->n ? at : at - one->n, right);

			FAIL_IF((x.p == NULL) != (y.p == NULL) ||
				!same_text(x, y), "batch %u, column %u, row %u",
				(unsigned)i, (unsigned)f, (unsigned)at);
		}
		lam_arena_reset(&a);
	}
	lam_arena_release(&a);
}

/* All in memory, a part, nothing. */
static void
limits(const struct made_source *m, uint32_t rows)
{
	const uint64_t memory[] = { 0, (uint64_t)rows * COLUMNS * 8, 1 };

	for (int k = 0; k < 3; k++) {
		struct lam_row_source s, moved;

		lam_row_source_init(&s, COLUMNS, memory[k], NULL);
		keep_all(&s, m);
		FAIL_IF(s.spilled != (k > 0), "limit %d: the file", k);
		FAIL_IF(k == 1 && s.used < memory[k] / 2, "some in memory");
		FAIL_IF(k && s.used > memory[k] + m->n * 1024, "the limit %d",
			k);
		read_all(&s, m);
		ranges(&s, m);
		lam_row_source_move(&moved, &s);
		lam_row_source_release(&s);
		read_all(&moved, m);
		lam_row_source_release(&moved);
	}
	PASS("rows come back the same from memory and file");
}

static void
no_room(const struct made_source *m)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_row_source s;

	lam_row_source_init(&s, COLUMNS, 1, "/nonexistent");
	CHECK_INT(lam_row_source_keep(&s, m->batch[0].v, m->batch[0].n, &e),
		LAM_SYSTEM);
	CHECK(strstr(e.msg, "/nonexistent") != NULL);
	lam_row_source_release(&s);
}

int
main(void)
{
	struct rows r;
	struct made_source m;

	printf("# seed %llu\n", (unsigned long long)seed);
	r = random_rows(5000);
	make_source(&m, &r, 0, 300);
	limits(&m, r.n);
	no_room(&m);
	lam_arena_release(&arena);
	return DONE();
}
