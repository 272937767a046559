/* The parser: each construct, through its canonical text; precedence; errors. */
#include "test.h"

#include <stdlib.h>

#include "sql/interval.h"
#include "sql/parse.h"
#include "sql/print.h"

static struct lam_arena arena = LAM_ARENA_INIT;
static struct lam_error err;

/* The canonical text of expression TEXT, or the message. */
static const char *
expr(const char *text)
{
	static char sql_text[4000];
	struct lam_sql sql = { "t", &arena, &err, 0 };
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
	is("a--5\n", "t:1:10: expected \",\" or FROM, found the end");
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
		"INTERVAL '14 months 24 hours'");
	is("interval '-1.5 minutes'", "INTERVAL '-90 seconds'");
	is("interval", "interval".p ? "" : "");
}
