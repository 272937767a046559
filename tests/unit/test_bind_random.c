/* Random statements: binding fails with a message, or its normal text holds. */
#include "test.h"

#include "sql_fixture.h"

static struct lam_arena arena = LAM_ARENA_INIT;
static struct lam_error err;

/* Random statements of all shapes, many of which bind. */

static uint64_t random_state = 20260131;

static unsigned
pick(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (unsigned)(random_state >> 33) % n;
}

struct text {
	char s[20000];
	size_t n;
};

static void
put(struct text *t, const char *s)
{
	size_t n = strlen(s);

	if (t->n + n + 1 < sizeof t->s)
		memcpy(t->s + t->n, s, n + 1);
	t->n += n;
}

/* FORM with each # replaced by a random expression of a lesser depth. */
static void
put_random(struct text *t, unsigned depth, bool aggregates)
{
	static const char *const leaf[] = { "host", "bytes", "status", "ts",
		"a1", "A2", "\"Odd Name\"", "5", "-1.50", "'2026-01-01'", "'7'",
		"null", "true", "latency", "5", "host", "bytes", "\"date\"" };
	static const char *const form[] = { "# + #", "# - #", "-#", "# * #",
		"# / #", "(#)", "# || #", "# = #", "# <> #", "# < #",
		"# and #", "# or #", "not #", "# is null", "# is not null",
		"# is distinct from #", "# is true", "# between # and #",
		"# not between # and #", "# in (#, #)", "# not in (#)",
		"# like 'a%'", "case # when # then # else # end",
		"case when # then # end", "lower(#)", "coalesce(#, #)",
		"#::text", "cast(# as double)", "try_cast(# as date)",
		"date_trunc('hour', #)", "# + interval '1 day'", "round(#, 1)",
		"time_bucket('1 hour', #)", "substring(# from # for #)",
		"# // #", "# % #", "# >= #", "concat(#, #)", "year(#)" };
	static const char *const agg[] = { "count(*)", "sum(#)", "avg(#)",
		"min(#)", "count(distinct #)", "arg_max(#, #)", "count(#)",
		"approx_quantile(#, 0.5)", "max(#) filter (where #)",
		"count_if(#)", "first(#)" };
	const char *f;

	if (depth == 0 || pick(4) == 0) {
		put(t, leaf[pick(sizeof leaf / sizeof *leaf)]);
		return;
	}
	if (aggregates && pick(3) == 0) {
		f = agg[pick(sizeof agg / sizeof *agg)];
		aggregates = false;
	} else {
		f = form[pick(sizeof form / sizeof *form)];
	}
	for (char c[2] = ""; *f != '\0'; f++) {
		c[0] = *f;
		if (*f == '#')
			put_random(t, depth - 1, aggregates);
		else
			put(t, c);
	}
}

static void
put_statement(struct text *t)
{
	unsigned items = 1 + pick(3);
	bool grouped = pick(2) == 0;

	t->n = 0;
	put(t, pick(6) == 0 ? "select distinct " : "select ");
	for (unsigned i = 0; i < items; i++) {
		put(t, i > 0 ? ", " : "");
		put_random(t, pick(3), grouped);
		put(t, pick(2) ? "" : i == 0 ? " as a1" : pick(2) ?
			" as host" : " a2");
	}
	put(t, pick(2) ? " from access" : " from 'x'");
	if (pick(3) == 0) {
		put(t, " where ");
		put_random(t, 2, false);
	}
	if (grouped && pick(2)) {
		put(t, " group by ");
		put(t, pick(2) ? "all" : pick(2) ? "1" : "host, 5, a1");
	}
	if (grouped && pick(3) == 0) {
		put(t, " having ");
		put_random(t, 2, true);
	}
	if (pick(2)) {
		put(t, " order by ");
		put(t, pick(3) ? "1 desc, host" : pick(2) ? "all" : "a1, ");
		if (t->s[t->n - 1] == ' ')
			put_random(t, 2, grouped);
	}
}

static void
test_random(void)
{
	static struct text t;
	unsigned bound = 0, grouped = 0;

	printf("# seed %llu\n", (unsigned long long)random_state);
	for (int i = 0; i < 20000; i++) {
		const struct lam_query *q, *again;

		lam_arena_reset(&arena);
		put_statement(&t);
		q = fixture_bind(&arena, t.s, false, &err);
		if (q == NULL) {
			FAIL_IF(err.code != LAM_USAGE || err.msg[0] == '\0',
				"%s: code %d", t.s, err.code);
			continue;
		}
		bound++;
		grouped += q->grouped;
		again = fixture_bind(&arena, q->normal, false, &err);
		FAIL_IF(again == NULL, "%s: normal %s: %s", t.s, q->normal,
			err.msg);
		FAIL_IF(again != NULL && (strcmp(again->normal, q->normal) ||
			again->nstates != q->nstates ||
			again->nkeys != q->nkeys),
			"%s: normal %s: again %s", t.s, q->normal,
			again->normal);
	}
	PASS("random statements: the normal text is a fixed point");
	printf("# %u bound, %u grouped\n", bound, grouped);
	CHECK(bound > 1000 && grouped > 300);
}

int
main(void)
{
	test_random();
	lam_arena_release(&arena);
	return DONE();
}
