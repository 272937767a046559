/*
 * fuzz_state.c - any bytes as the STATE records of an aggregate, one a line
 *
 * Byte 0: which aggregate (see below), the last being all of them in one record.
 * What is merged prints as what merges like it: merge(x) is its own merge; merge is
 * commutative and associative, and what one order refuses so does every other,
 * but for sums that have too many digits on the way (sql/query.h).
 */
#include "engine/engine.h"
#include "partial/record.h"
#include "bind/bind.h"
#include "fuzz.h"

static const char *const views[] = {
	"select count(*) as x from t", "select sum(n) as x from t",
	"select min(n) as x from t", "select max(s) as x from t",
	"select min(ts) as x from t", "select arg_min(s, n) as x from t",
	"select arg_max(n, ts) as x from t", "select first(s) as x from t",
	"select last(n) as x from t", "select count(distinct s) as x from t",
	"select approx_count_distinct(s) as x from t",
	"select approx_quantile(n, 0.5) as x from t", "select avg(n) as x from t",
	"select arg_max(s, s) as x from t", "select count(distinct n) as x from t",
	"select string_agg(s, '-') as x from t",
	"select array_agg(n order by s desc, ts nulls first) as x from t",
	"select arg_max(s, n, 2) as x from t", "select mode(s) as x from t", "select median(n) as x from t",
	"select quantile_disc(ts, 0.5) as x from t",
	"select bit_and(n) as x from t", "select bit_or(n) as x from t",
	"select bit_xor(n) as x from t", "select count(distinct n, s) as x from t",
	"select count(*) as a, sum(n) as b, avg(n) as c, min(n) as d, max(s) as "
	"e, arg_min(s, n) as f, first(n) as g, count(distinct s) as h, "
	"approx_count_distinct(s) as i, approx_quantile(n, 0.9) as j from t"
};

#define VIEWS (sizeof views / sizeof *views)
#define MOST 4 /* states merged */

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	static struct lam_input_field field[] = { { "s", { LAM_TEXT, 0 }, 0, false },
		{ "n", { LAM_NUMBER, 0 }, 0, false }, { "ts", { LAM_TIME, 0 }, 0, false } };

	(void)state;
	(void)e;
	*out = (struct lam_relation){ .name = scan->name, .field = field,
		.nfields = 3 };
	return LAM_OK;
}

static const struct lam_query *
view(size_t i)
{
	static struct lam_query *q[VIEWS];
	static struct lam_arena fixed;
	struct lam_catalog c = { .state = NULL, .find = find };

	if (!q[i])
		MUST(!lam_query_bind(views[i], "v", true, &c, &fixed, &q[i],
			NULL));
	return q[i];
}

static bool digits; /* a sum was refused */

/* The text of the merge of S[N] in A, or NULL: refused. */
static struct lam_str
merge(const struct lam_query *q, const struct lam_str *s, size_t n,
	struct lam_arena *a)
{
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_str text = { NULL, 0 };
	int rc = lam_record_merge(q, s, n, &out, &e);

	MUST(!rc || ((rc == LAM_DATA || rc == LAM_USAGE) && *e.msg));
	digits = digits || (rc && strstr(e.msg, "overflow: more than"));
	if (!rc)
		text = (struct lam_str){ lam_arena_dup(a, out.p ? out.p : "",
			out.n), out.n };
	lam_buf_release(&out);
	return text;
}

static void
check(const struct lam_query *q, const struct lam_str *s, size_t n,
	struct lam_arena *a)
{
	struct lam_str all, one, part[2], back[MOST];

	digits = false;
	all = merge(q, s, n, a);
	for (size_t i = 0; i < n; i++)
		back[i] = s[n - 1 - i];
	one = merge(q, back, n, a);
	MUST(fuzz_same(all, one) || (digits && (!all.p || !one.p)));
	if (!all.p)
		return;
	one = merge(q, &all, 1, a);
	MUST(fuzz_same(all, one));
	for (size_t cut = 1; cut < n; cut++) {
		part[0] = merge(q, s, cut, a);
		part[1] = merge(q, s + cut, n - cut, a);
		MUST((part[0].p && part[1].p) || digits);
		if (!part[0].p || !part[1].p)
			continue;
		one = merge(q, part, 2, a);
		MUST(fuzz_same(all, one) || (digits && !one.p));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_str rest, s[MOST];
	const struct lam_query *q;
	size_t n = 0;
	char *p;

	if (size < 1)
		return 0;
	q = view(data[0] % VIEWS);
	p = fuzz_copy(data + 1, size - 1);
	rest = (struct lam_str){ p, size - 1 };
	while (rest.n && n < MOST) {
		s[n] = fuzz_line(&rest);
		check(q, &s[n++], 1, &a);
	}
	if (n > 1)
		check(q, s, n, &a);
	lam_arena_release(&a);
	free(p);
	return 0;
}
