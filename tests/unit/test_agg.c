/*
 * Aggregates: each against a naive oracle, and the laws of merging.
 */
#include "group/batch_groups_internal.h"
#include "time/time.h"
#include "engine_build.h"

/* ------------------------------------------------------------------- oracle */

struct group {
	struct cell k;
	uint32_t *row;
	uint32_t n;
};

static struct group *group;
static uint32_t ngroups;

static void
make_groups(const struct rows *r)
{
	group = LAM_ARENA_NEW(&arena, struct group, r->n + 1);
	ngroups = 0;
	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t g = 0;

		while (g < ngroups && !same_cell(&group[g].k, &r->c[K][i]))
			g++;
		if (g == ngroups) {
			group[g].k = r->c[K][i];
			group[g].row = LAM_ARENA_NEW(&arena, uint32_t, r->n);
			ngroups++;
		}
		group[g].row[group[g].n++] = i;
	}
}

static int
cell_cmp(unsigned type, const struct cell *a, const struct cell *b)
{
	if (type == LAM_TEXT)
		return lam_str_cmp(a->text, b->text);
	if (type == LAM_NUMBER)
		return lam_num_cmp(a->num, b->num);
	if (type == LAM_TIME)
		return (a->time > b->time) - (a->time < b->time);
	return a->bit - b->bit;
}

static struct lam_str
cell_text(unsigned type, const struct cell *c)
{
	char *p = lam_arena_alloc(&arena, LAM_TIME_TEXT);
	struct lam_str s = { p, 0 };

	if (c->null)
		return (struct lam_str){ "NULL", 4 };
	if (type == LAM_TEXT)
		return c->text;
	if (type == LAM_NUMBER)
		s.n = lam_num_print(c->num, p);
	else if (type == LAM_TIME)
		s.n = lam_time_print(c->time, p);
	else
		s = c->bit ? (struct lam_str){ "true", 4 } :
			(struct lam_str){ "false", 5 };
	return s;
}

static struct lam_str
num_text(struct lam_num x)
{
	struct cell c = { .num = x };

	return cell_text(LAM_NUMBER, &c);
}

enum what { COUNT, SUM, AVG, MIN, MAX, ARGMIN, ARGMAX, FIRST, LAST, DISTINCT,
	WHATS };

static const char *const what_name[] = { "count", "sum", "avg", "min", "max",
	"arg_min", "arg_max", "first", "last", "count distinct" };

static struct lam_str
oracle_sum(const struct rows *r, const struct group *g, int col, bool avg)
{
	struct lam_num sum = { 0, 0 }, n = { 0, 0 };

	for (uint32_t i = 0; i < g->n; i++) {
		const struct cell *c = &r->c[col][g->row[i]];

		if (c->null)
			continue;
		n.m++;
		if (!lam_num_add(sum, c->num, &sum))
			abort();
	}
	if (!n.m || (avg && !lam_num_div(sum, n, &sum)))
		return (struct lam_str){ "NULL", 4 };
	return num_text(sum);
}

static struct lam_str
oracle_distinct(const struct rows *r, const struct group *g, int col)
{
	struct lam_num n = { 0, 0 };

	for (uint32_t i = 0; i < g->n; i++) {
		const struct cell *c = &r->c[col][g->row[i]];
		uint32_t j = 0;

		while (j < i && !same_cell(&r->c[col][g->row[j]], c))
			j++;
		n.m += !c->null && j == i;
	}
	return num_text(n);
}

/* The value of column COL where BY is least (dir 1) or greatest (-1). */
static struct lam_str
oracle_arg(const struct rows *r, const struct group *g, int col, int by,
	int dir)
{
	const struct cell *best = NULL, *value = NULL;

	for (uint32_t i = 0; i < g->n; i++) {
		const struct cell *b = &r->c[by][g->row[i]];
		const struct cell *v = &r->c[col][g->row[i]];
		int c;

		if (b->null || v->null)
			continue;
		c = best ? dir * cell_cmp(t_field[by].type.type, b, best) : -1;
		c = c ? c : cell_cmp(t_field[col].type.type, v, value);
		if (c < 0) {
			best = b;
			value = v;
		}
	}
	return value ? cell_text(t_field[col].type.type, value) :
		(struct lam_str){ "NULL", 4 };
}

static struct lam_str
oracle(enum what w, const struct rows *r, const struct group *g, int col,
	int by)
{
	struct lam_num n = { 0, 0 };
	unsigned type = t_field[col].type.type;

	switch (w) {
	case COUNT:
		for (uint32_t i = 0; i < g->n; i++)
			n.m += !r->c[col][g->row[i]].null;
		return num_text(n);
	case SUM:
	case AVG:
		return oracle_sum(r, g, col, w == AVG);
	case MIN:
	case MAX:
		return oracle_arg(r, g, col, col, w == MIN ? 1 : -1);
	case ARGMIN:
	case ARGMAX:
		return oracle_arg(r, g, col, by, w == ARGMIN ? 1 : -1);
	case FIRST:
		return cell_text(type, &r->c[col][g->row[0]]);
	case LAST:
		return cell_text(type, &r->c[col][g->row[g->n - 1]]);
	default:
		return oracle_distinct(r, g, col);
	}
}

/* "min(v)" and the like; NULL: not for this column. */
static const char *
call_text(enum what w, int col, int by)
{
	static char s[80];
	const char *c = t_field[col].name;

	if ((w == SUM || w == AVG) && t_field[col].type.type != LAM_NUMBER)
		return NULL;
	if (w == AVG && col == W)
		return NULL; /* quotients round; sums do not */
	if (w == ARGMIN || w == ARGMAX)
		snprintf(s, sizeof s, "%s(%s, %s)", what_name[w], c,
			t_field[by].name);
	else if (w == DISTINCT)
		snprintf(s, sizeof s, "count(distinct %s)", c);
	else
		snprintf(s, sizeof s, "%s(%s)", what_name[w], c);
	return s;
}

/* The line of an answer that starts with the text of K, or NULL. */
static const char *
line_of(struct lam_str answer, const struct cell *k, size_t *n)
{
	struct lam_str key = cell_text(LAM_TEXT, k);
	size_t at = 0;

	while (at < answer.n) {
		const char *p = answer.p + at;
		const char *bar = memchr(p, '|', answer.n - at);
		const char *end = memchr(bar, '\n',
			(size_t)(answer.p + answer.n - bar));

		if ((size_t)(bar - p) == key.n && (key.n == 0 ||
			memcmp(p, key.p, key.n) == 0)) {
			*n = (size_t)(end - bar) - 1;
			return bar + 1;
		}
		at = (size_t)(end - answer.p) + 1;
	}
	return NULL;
}

static void
check_one(const struct rows *r, enum what w, int col, int by)
{
	const char *call = call_text(w, col, by);
	struct lam_str got;
	char sql[200];

	if (!call)
		return;
	snprintf(sql, sizeof sql, "select k, %s as x from t group by k",
		call);
	got = answer_of(bind(sql, false), r, 500, 3, w % 2 ? 0 : 1);
	for (uint32_t g = 0; g < ngroups; g++) {
		struct lam_str want = oracle(w, r, &group[g], col, by);
		size_t n = 0;
		const char *line = line_of(got, &group[g].k, &n);

		FAIL_IF(!line || n != want.n || memcmp(line, want.p, n),
			"%s: got %.*s, want %.*s", sql, line ? (int)n : 0,
			line ? line : "", (int)want.n, want.p);
	}
}

static void
against_oracle(void)
{
	struct rows r = random_rows(1200);

	/* FROM whose lines hold no newline or bar */
	for (uint32_t i = 0; i < r.n; i++)
		for (int c = 0; c < COLUMNS; c++)
			if (r.c[c][i].text.n && memchr(r.c[c][i].text.p, '\n',
				r.c[c][i].text.n))
				r.c[c][i].text = (struct lam_str){ "nl", 2 };
	make_groups(&r);
	for (int w = 0; w < WHATS; w++) {
		for (int col = 0; col < COLUMNS; col++) {
			check_one(&r, w, col, (int)rnd(COLUMNS));
			if (w == ARGMIN || w == ARGMAX)
				check_one(&r, w, col, (int)rnd(COLUMNS));
		}
		PASS(what_name[w]);
	}
}

/* --------------------------------------------------------------------- laws */

static const char every[] =
	"select k, count(*) as a, count(v) as b, sum(v) as c, sum(w) as d,"
	" min(s) as e, max(w) as f, min(ts) as g, max(ok) as h, min(n) as i,"
	" arg_min(s, v) as j, arg_max(w, s) as l, first(n) as m, last(s) as o,"
	" count(distinct s) as p, count(distinct w) as q,"
	" count(distinct ok) as r, approx_count_distinct(s) as s1,"
	" approx_count_distinct(v) as t1, approx_quantile(v, 0.5) as u,"
	" approx_quantile(w, 0.9) as v1,"
	" count(*) filter (where n > 5) as w1,"
	" sum(v) filter (where ok) as x, last(v) filter (where n > 3) as y,"
	" approx_count_distinct(s) filter (where n = 1) as z,"
	" bit_and(n) as ba, bit_or(n) as bo, bit_xor(v) as bx,"
	" count(distinct n, s) as ns, median(w) as md, mode(s) as mo,"
	" quantile_disc(ts, [0.1, 0.9]) as ql,"
	" string_agg(s, '-') as sa, array_agg(w order by n desc, s) as aa,"
	" arg_min(s, v, 3) as k3, arg_max(w, ts, 40) as k40"
	" from t group by k";

struct lines {
	struct lam_str key[64], state[64];
	uint32_t n;
};

static struct lines
split(struct lam_str t)
{
	struct lines x = { .n = 0 };
	size_t at = 0;

	while (at < t.n) {
		const char *tab = memchr(t.p + at, '\t', t.n - at);
		const char *end = memchr(tab, '\n', (size_t)(t.p + t.n - tab));

		x.key[x.n] = (struct lam_str){ t.p + at, (size_t)(tab - t.p) -
			at };
		x.state[x.n++] = (struct lam_str){ tab + 1,
			(size_t)(end - tab) - 1 };
		at = (size_t)(end - t.p) + 1;
	}
	return x;
}

static struct lam_str
merge_states(const struct lam_query *q, struct lam_str a, struct lam_str b)
{
	struct lam_str in[2] = { a, b };
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_str s;

	if (lam_record_merge(q, in, 2, &out, &e)) {
		printf("# %s: %.*s + %.*s\n", e.msg, (int)a.n, a.p, (int)b.n,
			b.p);
		abort();
	}
	s = (struct lam_str){ lam_arena_dup(&arena, out.p, out.n), out.n };
	lam_buf_release(&out);
	return s;
}

/* The union of two sorted lists of lines. */
static struct lines
merge_lines(const struct lam_query *q, const struct lines *a,
	const struct lines *b)
{
	struct lines x = { .n = 0 };

	for (uint32_t i = 0; i < a->n + b->n; i++) {
		struct lam_str k = i < a->n ? a->key[i] : b->key[i - a->n];
		struct lam_str s = i < a->n ? a->state[i] :
			b->state[i - a->n];
		uint32_t j = 0;

		while (j < x.n && lam_str_cmp(x.key[j], k))
			j++;
		x.key[j] = k;
		x.state[j] = j < x.n ? merge_states(q, x.state[j], s) : s;
		x.n += j == x.n;
	}
	return x;
}

/* Merge PART[0..n-1] in the shape of a random tree. */
static struct lines
merge_tree(const struct lam_query *q, struct lines *part, uint32_t n)
{
	while (n > 1) {
		uint32_t i = (uint32_t)rnd(n), j = (uint32_t)rnd(n);

		if (i == j)
			continue;
		part[i] = merge_lines(q, &part[i], &part[j]);
		part[j] = part[--n];
	}
	return part[0];
}

static void
merge_laws(void)
{
	struct lam_query *q = bind(every, true);

	for (int round = 0; round < 8; round++) {
		struct rows r = random_rows(400);
		struct lines want = split(partials_of(q, &r, 0, 65536, 1, 0));
		struct lines part[8], got;
		uint32_t at = 0, n = 0;

		while (at < r.n) {
			uint32_t to = n == 7 ? r.n : at + (uint32_t)rnd(120);
			struct rows some;

			to = to > r.n ? r.n : to;
			some = slice_rows(&r, at, to);
			part[n++] = split(partials_of(q, &some, at, 50, 2, 0));
			at = to;
		}
		got = merge_tree(q, part, n);
		FAIL_IF(got.n != want.n, "%u lines of %u", (unsigned)got.n,
			(unsigned)want.n);
		for (uint32_t i = 0; i < want.n; i++) {
			uint32_t j = 0;

			while (j < got.n && lam_str_cmp(got.key[j],
				want.key[i]))
				j++;
			FAIL_IF(j == got.n || lam_str_cmp(got.state[j],
				want.state[i]), "%.*s:\n%.*s\nwant\n%.*s",
				(int)want.key[i].n, want.key[i].p,
				(int)got.state[j].n, got.state[j].p,
				(int)want.state[i].n, want.state[i].p);
		}
	}
	PASS("any tree of merges of any partition gives the whole");
}

static void
identity(void)
{
	struct lam_query *q = bind(every, true), *none;
	struct rows r = random_rows(300), empty = random_rows(0);
	struct lines x = split(partials_of(q, &r, 0, 100, 1, 0)), id;
	static char global[sizeof every];

	/* without groups there is one line, the identity */
	snprintf(global, sizeof global, "select %.*s from t",
		(int)(sizeof every - 1 - strlen(" from t group by k") -
		strlen("select k,")), every + strlen("select k,"));
	none = bind(global, true);
	id = split(partials_of(none, &empty, 0, 10, 1, 0));
	CHECK_INT(id.n, 1);
	for (uint32_t i = 0; i < x.n; i++) {
		struct lam_str a = merge_states(q, x.state[i], id.state[0]);
		struct lam_str b = merge_states(q, id.state[0], x.state[i]);
		struct lam_buf out = LAM_BUF_INIT;
		struct lam_error e = LAM_ERROR_INIT;

		FAIL_IF(lam_str_cmp(a, x.state[i]) ||
			lam_str_cmp(b, x.state[i]), "identity changes %.*s",
			(int)x.state[i].n, x.state[i].p);
		FAIL_IF(lam_record_merge(q, &x.state[i], 1, &out,
			&e) || lam_str_cmp((struct lam_str){ out.p, out.n },
			x.state[i]), "print(parse) changes %.*s",
			(int)x.state[i].n, x.state[i].p);
		lam_buf_release(&out);
	}
	PASS("the identity merges into any state without a trace");
}

/* Permuting the rows of order-free aggregates. */
static void
permutation(void)
{
	struct lam_query *q = bind("select k, count(v) as a, sum(v) as c,"
		" sum(w) as d, min(s) as e, arg_max(s, v) as f,"
		" count(distinct s) as g, approx_count_distinct(ts) as h,"
		" approx_quantile(v, 0.1) as i, bit_xor(n) as j,"
		" histogram(s) as l, arg_max(s, v, 5) as m"
		" from t group by k", true);
	struct rows r = random_rows(900);
	struct lam_str want = partials_of(q, &r, 0, 200, 1, 0);

	for (int round = 0; round < 4; round++) {
		for (uint32_t i = r.n; i-- > 1;) {
			uint32_t j = (uint32_t)rnd(i + 1);

			for (int c = 0; c < COLUMNS; c++) {
				struct cell t = r.c[c][i];

				r.c[c][i] = r.c[c][j];
				r.c[c][j] = t;
			}
		}
		FAIL_IF(!same_text(partials_of(q, &r, 0, 200, 2, 0), want),
			"another order, another result");
	}
	PASS("the order of rows does not matter");
}

/* A query on a view over its partial relation, against one on the rows. */
static void
roll_up(void)
{
	uint64_t faults = 0;
	static const char *const pair[][2] = {
		{ "select k, c, sv, a, mn, mx, ls, f, d, h, p, am from view",
		"select k, count(*) as c, sum(v) as sv, avg(v) as a,"
		" min(w) as mn, max(s) as mx, last(s) as ls, first(v) as f,"
		" count(distinct s) as d, approx_count_distinct(s) as h,"
		" approx_quantile(v, 0.9) as p, arg_min(s, v) as am from t"
		" group by k" },
		{ "select c, sv, a, d, h, p from view where k < 'b' or n > 3",
		NULL },
	};
	struct rows r = random_rows(2000);
	struct lam_resources o = options(2, 0);
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_query *v, *q;
	struct lam_error e = LAM_ERROR_INIT;
	struct made_source s;
	struct lam_source partials;
	struct lam_job job, again;
	void *arg[2];

	view_sql = "select k, n, count(*) as c, sum(v) as sv, avg(v) as a,"
		" min(w) as mn, max(s) as mx, last(s) as ls, first(v) as f,"
		" count(distinct s) as d, approx_count_distinct(s) as h,"
		" approx_quantile(v, 0.9) as p, arg_min(s, v) as am from t"
		" group by k, n";
	for (int spill = 0; spill < 2; spill++) {
		char sql[400];

		snprintf(sql, sizeof sql, "%s group by k", pair[0][0]);
		v = bind(view_sql, true);
		q = bind(sql, false);
		job = (struct lam_job){ .query = v };
		o.memory = (uint64_t)spill;
		make_source(&s, &r, 0, 300);
		FAIL_IF(lam_engine_run(&s.source, &job, 1, &o, &e), "%s",
			e.msg);
		lam_partials_source(job.partials, &partials);
		again = (struct lam_job){ .query = q };
		FAIL_IF(lam_engine_run(&partials, &again, 1, &o, &e), "%s",
			e.msg);
		arg[0] = &out;
		arg[1] = q;
		lam_buf_clear(&out);
		FAIL_IF(lam_engine_finish(q, again.partials, &o, print_rows,
			arg, &faults, &e), "%s", e.msg);
		FAIL_IF(!same_text((struct lam_str){ out.p, out.n },
			answer_of(bind(pair[0][1], false), &r, 100, 1, 0)),
			"got\n%.*s\nwant\n%.*s", (int)out.n, out.p,
			(int)answer_of(bind(pair[0][1], false), &r, 100, 1,
			0).n, answer_of(bind(pair[0][1], false), &r, 100, 1,
			0).p);
		lam_partials_free(again.partials);
		lam_job_release(&again);
		lam_partials_free(job.partials);
		lam_job_release(&job);
	}
	lam_buf_release(&out);
	PASS("a roll-up of a view is the query on the rows");
}

static void
bad_states(void)
{
	static const char *const bad[] = { "", "1", "x,,,,,,", "1,,",
		"1,2,3,,,", "1,,,zz,,", "1,,,,1:1 1:1,", "1,,,,5:0,",
		"1,,,,,3:ab", "1,,,,,1:b1:a", "1,,,AAAA,,", "1,,,,,1:a,2",
		"-1,,,,,", "1.5,,,,,", "1,,,,\"1:1,", "1,\\x,,,,",
		"1,,,,1:99999999999999999999,", "1,,,,,9:a", "1,1e3,,,,",
		"1,,5,,,", "1,,1e39,,,", "1,100000000000000000000000000000"
		"000000000.5,,,,", "1,,00100000000000000000000000000000000000"
		"0000,,,",
		"1,,,AAA,,", "1,,,ABBAAB,,", "1,,,AA4,," };
	struct lam_query *q = bind("select count(*) as a, sum(v) as b,"
		" approx_count_distinct(s) as c, approx_quantile(v, 0.5) as d,"
		" count(distinct s) as e from t", true);
	struct lam_str good = { "1,2,,AAB,1:1,\"1:a1:b\"", 0 };
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;

	good.n = strlen(good.p);
	CHECK_INT(lam_record_merge(q, &good, 1, &out, &e), LAM_OK);
	CHECK_STR(out.p, out.n, "1,2,,AAB,1:1,1:a1:b");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct lam_str s = { bad[i], strlen(bad[i]) };

		e = (struct lam_error)LAM_ERROR_INIT;
		FAIL_IF(lam_record_merge(q, &s, 1, &out, &e) !=
			LAM_DATA || !*e.msg, "taken: %s", bad[i]);
	}
	lam_buf_release(&out);
	PASS("what is no state is refused");
}

/* Is ORDER the N rows by group, each row once, ascending within its group? */
static void
ordered(const uint16_t *gid, uint32_t n, uint32_t groups, const uint32_t *start,
	const uint16_t *order)
{
	uint32_t at = 0;

	for (uint32_t g = 0; g < groups; g++) {
		FAIL_IF(start[g] != at, "group %u begins", g);
		for (; at < start[g + 1]; at++)
			FAIL_IF(gid[order[at]] != g || (at > start[g] &&
				order[at] <= order[at - 1]),
				"%u rows, group %u, place %u", n, g, at);
	}
	FAIL_IF(at != n, "%u of %u rows", at, n);
}

/* N rows, of which one group has a share in PREVAILS of all for a while. */
static void
some_rows(uint16_t *gid, uint32_t n, uint32_t groups, unsigned prevails)
{
	uint16_t most = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (rnd(1500) == 0)
			most = (uint16_t)rnd(groups);
		gid[i] = rnd(10) < prevails ? most : i && rnd(2) ? gid[i - 1] :
			(uint16_t)rnd(groups);
	}
}

/* Each way of this machine, around its pieces, whatever groups prevail. */
static void
orders(void)
{
	static uint16_t gid[LAM_BLOCK_ROWS], order[LAM_BLOCK_ROWS];
	static uint32_t start[LAM_BLOCK_ROWS + 1], low[LAM_BLOCK_ROWS],
		high[LAM_BLOCK_ROWS];
	static const uint32_t sizes[] = { 1, 2, 31, 32, 33, 63, 64, 65, 127, 128,
		129, 200, 1024, 2047, 2048, 2049, 3071, 3072, 3100, 4095, 4096,
		5000, LAM_BLOCK_ROWS - 1, LAM_BLOCK_ROWS };

	for (unsigned k = 0; k < 40 * sizeof sizes / sizeof *sizes; k++) {
		struct lam_batch_groups s = { .n = sizes[k / 40], .gid = gid,
			.ngroups = (uint32_t[]){ 1, 2, 7, 100, 65535 }[k % 5],
			.arena = &arena };

		some_rows(gid, s.n, s.ngroups, (unsigned[]){ 0, 2, 3, 4, 5, 7, 9,
			10 }[k / 5 % 8]);
		FAIL_IF(!lam_batch_groups_order(&s), "out of memory");
		ordered(gid, s.n, s.ngroups, s.start, s.order);
		memcpy(start, s.start, (s.ngroups + 1) * sizeof *start);
		for (unsigned m = 0; m <= lam_masks_best(); m++) {
			memcpy(low, start, s.ngroups * sizeof *low);
			memcpy(high, start + 1, s.ngroups * sizeof *high);
			memset(order, 0, sizeof order);
			lam_batch_groups_place(gid, s.n, (enum lam_masks)m, low,
				high, order);
			ordered(gid, s.n, s.ngroups, start, order);
		}
		lam_arena_reset(&arena);
	}
	PASS("rows are ordered by their groups, and within them as they were");
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	orders();
	against_oracle();
	merge_laws();
	identity();
	permutation();
	roll_up();
	bad_states();
	lam_arena_release(&arena);
	return DONE();
}
