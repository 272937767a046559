/* The parser: each construct, through its canonical text; precedence; errors. */
#include "test.h"

#include <stdlib.h>

#include "time/interval.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "time/interval.h"

static struct lam_arena arena = LAM_ARENA_INIT;
static struct lam_error err;

/* The canonical text of expression TEXT, or the message. */
static const char *
expr(const char *text)
{
	static char sql_text[4000];
	struct lam_sql sql = { .name = "t", .arena = &arena, .e = &err };
	struct lam_select s;

	err = (struct lam_error)LAM_ERROR_INIT;
	snprintf(sql_text, sizeof sql_text, "select %s from x", text);
	if (lam_parse(&sql, sql_text, &s) != LAM_OK)
		return err.msg;
	return lam_print_text(&sql, s.item[0].expr);
}

static void
is(const char *text, const char *want)
{
	const char *got = expr(text), *again;
	char *first = strdup(got);

	test_str(got, strlen(got), want, __FILE__, __LINE__, text);
	if (err.code == LAM_OK && first != NULL) {
		again = expr(first);
		FAIL_IF(strcmp(first, again) != 0, "%s reads back as %s",
			first, again);
	}
	free(first);
}

static void
test_operators(void)
{
	is("a+b*c", "a + b * c");
	is("(a+b)*c", "(a + b) * c");
	is("a-b-c", "a - b - c");
	is("a-(b-c)", "a - (b - c)");
	is("((a))", "a");
	is("a//b%c/d", "a // b % c / d");
	is("a||b+c", "a || b + c");
	is("(a||b)+c", "(a || b) + c");
	is("-a*b", "-a * b");
	is("-(a*b)", "-(a * b)");
	is("- - a", "-(-a)");
	is("-5", "-5");
	is("- -5", "5");
	is("a - -5", "a - -5");
	is("a--5\n", "a");
	is("+a", "a");
	is("a = b and not c < d or e", "a = b AND NOT c < d OR e");
	is("a and (b and c) and d", "a AND b AND c AND d");
	is("a and (b or c)", "a AND (b OR c)");
	is("a or (b and c)", "a OR b AND c");
	is("not (a and b)", "NOT (a AND b)");
	is("not a = b", "NOT a = b");
	is("(not a) = b", "(NOT a) = b");
	is("(not a) is null", "(NOT a) IS NULL");
	is("a <> b is null", "a <> b IS NULL");
	is("a == b", "a = b");
	is("a != b", "a <> b");
	is("a is null is not null", "a IS NULL IS NOT NULL");
	is("a is true", "NOT a IS DISTINCT FROM TRUE");
	is("a is not false", "a IS DISTINCT FROM FALSE");
	is("a is not distinct from b", "NOT a IS DISTINCT FROM b");
	is("a in (1, 2) and b not in ('x')",
		"a IN (1, 2) AND NOT b IN ('x')");
	is("a between 1 and 2 and b", "a >= 1 AND a <= 2 AND b");
	is("a not between 1 and 2", "NOT (a >= 1 AND a <= 2)");
	is("a like 'x%' escape '!' or a not ilike b||'c'",
		"a LIKE 'x%' ESCAPE '!' OR NOT a ILIKE b || 'c'");
	is("a::int::text", "CAST(CAST(a AS BIGINT) AS VARCHAR)");
	is("-a::int", "-CAST(a AS BIGINT)");
	PASS("each canonical text reads back as itself");
}

static void
test_forms(void)
{
	is("Lower(A)", "lower(A)");
	is("case a when 1 then 'x' when 2 then 'y' end",
		"CASE WHEN a = 1 THEN 'x' WHEN a = 2 THEN 'y' END");
	is("case when a then 1 else 2 end", "CASE WHEN a THEN 1 ELSE 2 END");
	is("cast(a as decimal(10, 2))", "round(CAST(a AS DOUBLE), 2)");
	is("cast(a as decimal)", "CAST(a AS DOUBLE)");
	is("try_cast(a as Integer)", "TRY_CAST(a AS BIGINT)");
	is("a::double precision + 1", "CAST(a AS DOUBLE) + 1");
	is("a::varchar(10)", "CAST(a AS VARCHAR)");
	is("extract(HOURS from ts)", "date_part('hour', ts)");
	is("extract(epoch from ts)", "epoch(ts)");
	is("year(ts)", "date_part('year', ts)");
	is("dayofweek(ts)", "date_part('dow', ts)");
	is("datepart('weekday', ts)", "date_part('dow', ts)");
	is("datetrunc('Minutes', ts)", "date_trunc('minute', ts)");
	is("position('a' in b)", "strpos(b, 'a')");
	is("substring(a from 2 for 3)", "substr(a, 2, 3)");
	is("substring(a, 2)", "substr(a, 2)");
	is("char_length(a) + strlen(a)", "length(a) + octet_length(a)");
	is("mod(a, 2)", "a % 2");
	is("date(ts)", "CAST(ts AS DATE)");
	is("date '2026-01-31'", "TIMESTAMP '2026-01-31T00:00:00Z'");
	is("timestamp '2026-01-31 12:00:00+01:00'",
		"TIMESTAMP '2026-01-31T11:00:00Z'");
	is("interval '10 seconds'", "INTERVAL '10 seconds'");
	is("interval 90 minute", "INTERVAL '90 minutes'");
	is("interval '1' hour", "INTERVAL '1 hours'");
	is("interval '1 year 2 months 1 day'",
		"INTERVAL '14 months 1 days'");
	is("interval '-1.5 minutes'", "INTERVAL '-90 seconds'");
	is("interval + date", "\"interval\" + \"date\"");
	is("1.50", "1.5");
	is(".5 + 5. + 1.5e3 + 1e-2 + 1.e1", "0.5 + 5 + 1500 + 0.01 + 10");
	is("true and False or NULL", "TRUE AND FALSE OR NULL");
	is("'it''s'", "'it''s'");
	is("\"a b\"\"c\" + \"Plain\" + \"select\"",
		"\"a b\"\"c\" + Plain + \"select\"");
	is("regexp_full_match(a, 'b')", "regexp_matches(a, 'b', 'w')");
	PASS("each canonical text reads back as itself");
}

static void
test_aggregates(void)
{
	is("count()", "count(*)");
	is("Count( * )", "count(*)");
	is("count(distinct a)", "count(DISTINCT a)");
	is("count_if(a > 1)", "count(*) FILTER (WHERE a > 1)");
	is("any_value(a)", "first(a) FILTER (WHERE a IS NOT NULL)");
	is("any_value(a) filter (where b)",
		"first(a) FILTER (WHERE b AND a IS NOT NULL)");
	is("bool_and(a > 1)", "min(CAST(a > 1 AS BOOLEAN))");
	is("bool_or(a) filter (where b)",
		"max(CAST(a AS BOOLEAN)) FILTER (WHERE b)");
	is("countif(a) filter (where b)", "count(*) FILTER (WHERE b AND a)");
	is("mean(a)", "avg(a)");
	is("max_by(a, b) + argmin(a, b)", "arg_max(a, b) + arg_min(a, b)");
	is("min(distinct a)", "min(a)");
	is("sum(a) filter (b)", "sum(a) FILTER (WHERE b)");
	is("approx_quantile(a, .5)", "approx_quantile(a, 0.5)");
	is("sum(distinct a)", "sum(DISTINCT a)");
	is("std(distinct a)", "t:1:8: DISTINCT is for count, sum, avg, string_agg and array_agg: "
		"expected count(DISTINCT x)");
	is("max(distinct a)", "max(a)");
	is("max(a, 2)", "max(a, 2)");
	is("std(a)", "stddev_samp(a)");
	is("sum(a, b)", "t:1:8: sum takes 1 argument, found 2");
	is("approx_quantile(a)", "t:1:8: approx_quantile takes 2 arguments, "
		"found 1: write approx_quantile(x, 0.99)");
	is("sum(*)", "t:1:12: expected an expression, found \"*\"");
	PASS("each canonical text reads back as itself");
}

static void
test_errors(void)
{
	is("a +", "t:1:12: expected an expression, found \"from\"");
	is("(a", "t:1:11: expected \")\", found \"from\"");
	is("a < b < c", "t:1:14: expected AND or parentheses between "
		"comparisons, found \"<\"");
	is("a not b", "t:1:14: expected IN, BETWEEN, LIKE or ILIKE, found "
		"\"b\"");
	is("a is 5", "t:1:13: expected NULL, NOT NULL, TRUE, FALSE or DISTINCT "
		"FROM after IS, found \"5\"");
	is("case end", "t:1:13: expected an expression, found \"end\"");
	is("case when a", "t:1:20: expected THEN, found \"from\"");
	is("cast(a as blob)", "t:1:18: expected a type: VARCHAR, BIGINT, "
		"DOUBLE, DECIMAL(p, s), TIMESTAMP, DATE, INTERVAL or BOOLEAN, found "
		"\"blob\"");
	is("a::decimal(99)", "t:1:19: expected at most precision and scale, up "
		"to 38");
	is("lowr(a)", "t:1:8: no function \"lowr\": did you mean lower?");
	is("nvl(a, b)", "t:1:8: no function \"nvl\": write coalesce(a, b)");
	is("now()", "t:1:8: no function \"now\": an answer depends on the "
		"records alone; write the value");
	is("bool_or(a, b)", "t:1:8: bool_or takes 1 argument, found 2");
	is("summ(a)", "t:1:8: no function \"summ\": did you mean sum?");
	is("zzzz(a)", "t:1:8: no function \"zzzz\"; see lam-view(5)");
	is("date_trunc(a, ts)", "t:1:8: date_trunc: expected a unit such as "
		"'hour' as its first argument");
	is("date '2026-02-30'", "t:1:13: '2026-02-30' is not a time: expected "
		"YYYY-MM-DD or YYYY-MM-DD HH:MM:SS");
	is("interval '3 parsecs'", "t:1:17: expected an interval such as '10 "
		"seconds', '1 day 04:05:06' or '3 months'");
	is("1e99", "t:1:8: the number 1e99 does not fit: at most 38 digits, 38 "
		"of them decimals");
	is("a b c", "t:1:12: expected \",\", FROM or the end, found "
		"\"c\"");
	is("a as select", "t:1:13: expected a name after AS (in double quotes "
		"if it is a word of SQL), found \"select\"");
	is("t.a", "t.a");
}

static const char *
statement(const char *text, struct lam_select *s)
{
	struct lam_sql sql = { .name = "t", .arena = &arena, .e = &err };

	err = (struct lam_error)LAM_ERROR_INIT;
	return lam_parse(&sql, text, s) == LAM_OK ? "" : err.msg;
}

static void
refuses(const char *text, const char *want)
{
	struct lam_select s;
	const char *got = statement(text, &s);

	test_str(got, strlen(got), want, __FILE__, __LINE__, text);
}

static void
test_statement(void)
{
	struct lam_select s;

	statement("select distinct a, * , b x from 'f''.csv' where c "
		"group by 1, a having d order by e desc nulls first, 2 asc "
		"limit 5 offset 7;", &s);
	CHECK(err.code == LAM_OK);
	CHECK(s.distinct && s.nitems == 3 && s.item[1].expr == NULL);
	CHECK_STR(s.item[2].alias.p, s.item[2].alias.n, "x");
	CHECK(s.from->is_file && !s.from->is_stdin);
	CHECK_STR(s.from->name.p, s.from->name.n, "f'.csv");
	CHECK(s.where != NULL && s.having != NULL && s.ngroup == 2);
	CHECK(s.group[0].expr->ordinal && !s.group[1].expr->ordinal);
	CHECK(s.norder == 2 && s.order[0].descending &&
		s.order[0].nulls_first && !s.order[1].descending &&
		!s.order[1].nulls_first);
	CHECK(s.limit == 5 && s.offset == 7);
	statement("select a from STDIN group by all order by all desc", &s);
	CHECK(s.from->is_stdin && s.group_all && s.order_all &&
		s.order[0].descending && s.limit == UINT64_MAX);
	statement("select a from \"stdin\" group by (1), +1 offset 3 limit 2",
		&s);
	CHECK(!s.from->is_stdin && !s.group[0].expr->ordinal &&
		!s.group[1].expr->ordinal && s.limit == 2 && s.offset == 3);
	statement("select first, date, count from last group by filter", &s);
	CHECK(err.code == LAM_OK && s.nitems == 3);
	refuses("", "t:1:1: expected SELECT, found the end");
	statement("select a", &s);
	CHECK(err.code == LAM_OK && s.from == NULL && s.nitems == 1);
	refuses("select a fro b", "t:1:14: expected \",\", FROM or the end, "
		"found \"b\": did you mean FROM by \"fro\"?");
	refuses("select a from", "t:1:14: expected a stream or view, 'FILE' in "
		"single quotes, stdin, or (SELECT ...), found the end");
	refuses("select a from ''", "t:1:15: expected a stream or view, 'FILE' "
		"in single quotes, stdin, or (SELECT ...), found ''");
	refuses("select a from x, ", "t:1:18: expected a stream or view, 'FILE' "
		"in single quotes, stdin, or (SELECT ...), found the end");
	refuses("select a from x join y", "t:1:23: expected ON condition or "
		"USING (name, ...), found the end");
	refuses("select a from x wher b", "t:1:22: expected WHERE, GROUP BY, "
		"HAVING, ORDER BY, LIMIT or the end, found \"b\": did you mean WHERE "
		"by \"wher\"?");
	refuses("select a from x where b c", "t:1:25: expected an operator, "
		"GROUP BY, ORDER BY, LIMIT or the end, found \"c\"");
	refuses("select a from x group a", "t:1:23: expected BY, found \"a\"");
	refuses("select a from x limit 1.5", "t:1:26: expected a whole number, "
		"found the end");
	refuses("select a from x order by a nulls b", "t:1:34: expected FIRST "
		"or LAST, found \"b\"");
	refuses("select a from x; select b from y", "t:1:18: expected WHERE, "
		"GROUP BY, HAVING, ORDER BY, LIMIT or the end, found \"select\"");
}

/* COUNT times WORD between HEAD and TAIL. */
static char *
repeat(const char *head, const char *word, size_t count, const char *tail)
{
	size_t h = strlen(head), w = strlen(word), t = strlen(tail);
	char *s = malloc(h + w * count + t + 1);

	if (s == NULL)
		exit(1);
	memcpy(s, head, h);
	for (size_t i = 0; i < count; i++)
		memcpy(s + h + i * w, word, w);
	memcpy(s + h + w * count, tail, t + 1);
	return s;
}

/* The statement made of these is refused with a message that holds WANT, or
 * taken when WANT is empty. */
static void
bounded(const char *head, const char *word, size_t count, const char *tail,
	const char *want)
{
	char *text = repeat(head, word, count, tail);
	struct lam_select s;
	const char *got = statement(text, &s);

	test_result(*want ? strstr(got, want) != NULL : *got == '\0', __FILE__,
		__LINE__, word);
	free(text);
	lam_arena_reset(&arena);
}

/* COUNT times OPEN, then a, then as many of CLOSE: a tree that deep is read in parentheses. */
static void
nested(const char *open, int count, const char *close)
{
	char *head = repeat("select ", open, count, "a");

	bounded(head, close, count, " from x", "");
	free(head);
}

static void
test_bounds(void)
{
	nested("a - (", 198, ")");
	nested("-1 - (", 198, ")");
	nested("a and (a or (", 99, "))");
	nested("not (-(", 99, "))");
	nested("a in (1, ", 198, ")");
	nested("case when (a = (", 66, ")) then a end");
	bounded("select ", "(", 150, "a", "expected \")\"");
	bounded("select ", "(", 100000, "", "nested deeper than 200");
	bounded("select ", "- ", 100001, "a from x", "nested deeper than 200");
	bounded("select ", "not ", 100000, "", "nested deeper than 200");
	bounded("select ", "case when ", 50000, "", "nested deeper than 200");
	bounded("select a", "+a", 150, " from x", "");
	bounded("select a", "+a", 300, " from x", "nested deeper than 200");
	bounded("select a", "::int", 300, " from x", "nested deeper than 200");
	bounded("select a", " and a", 10000, " from x", "");
	bounded("select a in (1", ",1", 50000, ") from x", "");
	bounded("select a in (1", ",1", 300000, ") from x", "too large");
	bounded("select a", ",a", 40959, " from x", "");
	bounded("select a", ",a", 40960, " from x", "more than 40960 columns");
	bounded("select a from x order by a", ",a", 40960, "",
		"more than 40960 columns or terms");
}

static void
interval(const char *text, int64_t months, int64_t days, int64_t ns,
	const char *print)
{
	struct lam_span v;
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_str s = { text, strlen(text) };

	if (!lam_interval_parse(s, &v)) {
		test_result(print == NULL, __FILE__, __LINE__, text);
		return;
	}
	lam_interval_print(v, &out);
	test_result(print != NULL && v.months == months && v.days == days &&
		v.ns == ns && strcmp(lam_buf_str(&out), print) == 0, __FILE__,
		__LINE__, text);
	lam_buf_release(&out);
}

static void
test_intervals(void)
{
	const int64_t hour = INT64_C(3600000000000);

	interval("1 second", 0, 0, 1000000000, "1 seconds");
	interval("1day", 0, 1, 0, "1 days");
	interval("2 weeks 1 hour", 0, 14, hour, "14 days 1 hours");
	interval("0.5 years", 6, 0, 0, "6 months");
	interval("0.5 months", 0, 15, 0, "15 days");
	interval("1.5 days", 0, 1, 12 * hour, "1 days 12 hours");
	interval("1 month 1 nanosecond", 1, 0, 1, "1 months 1 nanoseconds");
	interval("-1 month 1 hour", -1, 0, hour, "-1 months 1 hours");
	interval("1 month -30:00", 1, 0, -30 * hour, "1 months -30 hours");
	interval("1 year 2 days 04:05:06.5 ago", -12, -2,
		INT64_C(-14706500000000), "-12 months -2 days -14706500 "
		"milliseconds");
	interval("0 seconds", 0, 0, 0, "0 hours");
	interval("", 0, 0, 0, NULL);
	interval("5", 0, 0, 0, NULL);
	interval("second", 0, 0, 0, NULL);
	interval("04:", 0, 0, 0, NULL);
	interval("04:60", 0, 0, 0, NULL);
	interval("1:02:03:04", 0, 0, 0, NULL);
	interval("9999999999 weeks", 0, 0, 0, NULL);
	interval("1 second 1", 0, 0, 0, NULL);
	interval("ago", 0, 0, 0, NULL);
}

int
main(void)
{
	test_operators();
	test_forms();
	test_aggregates();
	test_errors();
	test_statement();
	test_bounds();
	test_intervals();
	lam_arena_release(&arena);
	return DONE();
}
