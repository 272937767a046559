/* The binder on plain relations: shapes, types, names, messages, normal text. */
#include "test.h"

#include <stdlib.h>

#include "sql_fixture.h"

static struct lam_arena arena = LAM_ARENA_INIT;
static struct lam_error err;

static struct lam_query *
bind(const char *sql)
{
	struct lam_query *q = fixture_bind(&arena, sql, false, &err);

	if (q == NULL)
		printf("# %s: %s\n", sql, err.msg);
	return q;
}

/* Both mean the same: one normal text, which reads back as itself. */
static void
same(const char *a, const char *b)
{
	char *x = strdup(fixture_normal(&arena, a));
	const char *y = fixture_normal(&arena, b);

	test_str(y, strlen(y), x, __FILE__, __LINE__, a);
	y = fixture_normal(&arena, x);
	FAIL_IF(strcmp(x, y) != 0, "%s reads back as %s", x, y);
	free(x);
}

static void
refuses(const char *sql, const char *want)
{
	const char *got = fixture_error(&arena, sql, false);

	test_str(got, strlen(got), want, __FILE__, __LINE__, sql);
}

static void
refuses_view(const char *sql, const char *want)
{
	const char *got = fixture_error(&arena, sql, true);

	test_str(got, strlen(got), want, __FILE__, __LINE__, sql);
}

static void
test_traffic(void)
{
	const struct lam_query *q = fixture_bind(&arena, fixture_traffic, true,
		&err);
	const char *name;
	uint8_t type;

	CHECK(q != NULL);
	if (q == NULL)
		return;
	CHECK(q->grouped && q->nkeys == 3 && q->noutputs == 16);
	CHECK(strcmp(q->key_name[0], "minute") == 0);
	CHECK(q->key[0]->kind == LAM_X_CALL &&
		q->key[0]->fn == LAM_FN_DATE_TRUNC &&
		q->key[0]->arg[0]->index == 4 && q->key[0]->type == LAM_TIME);
	CHECK(q->where->fn == LAM_FN_NE);
	/* count, sum, latency sum and count, errors, hll, distinct, quantile,
	 * min, max, arg_max, first: sums and counts are shared. */
	CHECK_INT(q->nstates, 12);
	CHECK(q->state[0].kind == LAM_COUNT && q->state[0].arg[0] == NULL);
	CHECK(q->output[5].expr->final == LAM_FINAL_AVG &&
		q->state[q->output[5].expr->index].kind == LAM_SUM &&
		q->state[q->output[5].expr->index2].kind == LAM_COUNT);
	CHECK(q->state[4].filter != NULL && strcmp(q->state[4].label,
		"count(*) FILTER (WHERE status >= 500)") == 0);
	CHECK(q->output[9].expr->final == LAM_FINAL_QUANTILE &&
		q->output[9].expr->num.m == 99 &&
		q->output[9].expr->num.scale == 2);
	CHECK(q->state[10].kind == LAM_ARGMAX &&
		q->state[10].type[0] == LAM_NUMBER &&
		q->state[10].type[1] == LAM_TEXT &&
		q->output[12].expr->type == LAM_TEXT);
	CHECK_INT(lam_query_columns(q), 3 + 12 + 4);
	CHECK_INT(lam_query_component(q, 2), 6);
	lam_query_column(q, 0, &name, &type);
	CHECK(strcmp(name, "minute") == 0 && type == LAM_TIME);
	lam_query_column(q, 3, &name, &type);
	CHECK(strcmp(name, "hits") == 0 && type == LAM_NUMBER);
	lam_query_column(q, 5, &name, &type);
	CHECK(strcmp(name, "sum(bytes).wide") == 0 && type == LAM_TEXT);
	lam_query_column(q, 18, &name, &type);
	CHECK(strcmp(name, "first(ip).value") == 0 && type == LAM_TEXT);
	CHECK(q->input->used[0] && q->input->used[3] && !q->input->used[8]);
}

static void
test_sharing(void)
{
	const struct lam_query *q = bind("select avg(bytes), sum(bytes), "
		"count(bytes), approx_quantile(bytes, 0.5), "
		"approx_quantile(bytes, 0.9), SUM( Bytes ) + 1, count(5), "
		"count(*), sum(bytes) filter (where host = 'a'), "
		"avg(bytes) filter (where host = 'a') from access");

	CHECK(q != NULL && q->nstates == 6);
	CHECK(q != NULL && q->nkeys == 0 && q->grouped);
	q = bind("select 100.0 * count(*) filter (where status >= 500) / "
		"count(*) as share from access");
	CHECK(q != NULL && q->nstates == 2 &&
		q->output[0].expr->fn == LAM_FN_DIV &&
		strcmp(q->output[0].name, "share") == 0);
	q = bind("select host from access group by host having count(*) > 1 "
		"order by sum(bytes)");
	CHECK(q != NULL && q->nstates == 2 && q->having != NULL);
	q = bind("select sum(bytes) filter (where host = 'a'), "
		"sum(bytes) filter (where host = 'b') from access");
	CHECK(q != NULL && q->nstates == 2);
}

static void
test_rows(void)
{
	const struct lam_query *q = bind("select *, bytes + 1 as more, "
		"bytes::double from access where bytes > '10' order by bytes");

	CHECK(q != NULL && !q->grouped && q->noutputs == 13);
	if (q == NULL)
		return;
	CHECK(q->output[6].expr->raw && q->output[6].expr->type == LAM_NUMBER);
	CHECK(!q->output[12].expr->raw);
	CHECK(q->output[12].expr->kind == LAM_X_FIELD);
	CHECK(!q->order[0].expr->raw);
	CHECK(q->where->arg[1]->type == LAM_NUMBER &&
		q->where->arg[1]->num.m == 10);
	CHECK(q->limit == UINT64_MAX && q->offset == 0);
	q = bind("select distinct host, status as s from access order by s");
	CHECK(q != NULL && q->grouped && q->nkeys == 2 &&
		strcmp(q->key_name[1], "s") == 0 &&
		q->order[0].expr->kind == LAM_X_KEY);
	q = bind("select distinct count(*) from access group by host");
	CHECK(q != NULL && q->input->kind == LAM_STAGE_SELECT && q->grouped);
	q = bind("select upper(host) from stdin");
	CHECK(q != NULL && q->input->is_stdin && !q->input->is_file);
	q = bind("select host from 'a/b.csv' limit 0");
	CHECK(q != NULL && q->input->is_file && strcmp(q->input->name,
		"a/b.csv") == 0 &&
		q->limit == 0);
}

/* The bound output of EXPR over access. */
static const struct lam_expr *
output(const char *expr)
{
	static const struct lam_expr none = { .kind = 255 };
	char sql[1000];
	const struct lam_query *q;

	snprintf(sql, sizeof sql, "select %s from access", expr);
	q = bind(sql);
	return q != NULL ? q->output[0].expr : &none;
}

static void
test_types(void)
{
	const struct lam_expr *x;

	x = output("ts >= '2026-01-01'");
	CHECK(x->arg[1]->kind == LAM_X_CONST && x->arg[1]->type == LAM_TIME &&
		x->arg[1]->time == INT64_C(1767225600) * 1000000000);
	x = output("'5' < bytes");
	CHECK(x->arg[0]->type == LAM_NUMBER);
	x = output("bytes between 1 and '2'");
	CHECK(x->fn == LAM_FN_AND && x->arg[1]->arg[1]->type == LAM_NUMBER);
	x = output("bytes in (1, '2', null)");
	CHECK(x->nargs == 4 && x->arg[2]->type == LAM_NUMBER &&
		x->arg[3]->type == LAM_NUMBER && x->arg[3]->null);
	x = output("ts + interval '1 day'");
	CHECK(x->fn == LAM_FN_TIME_ADD && x->arg[1]->time ==
		INT64_C(86400) * 1000000000 && x->arg[1]->months == 0);
	x = output("interval '2 months' + ts");
	CHECK(x->fn == LAM_FN_TIME_ADD && x->arg[0]->kind == LAM_X_FIELD &&
		x->arg[1]->months == 2);
	x = output("time_bucket('5 minutes', ts)");
	CHECK(x->fn == LAM_FN_TIME_BUCKET && x->arg[0]->kind == LAM_X_CONST &&
		x->arg[0]->time == INT64_C(300) * 1000000000);
	x = output("extract(doy from ts)");
	CHECK(x->fn == LAM_FN_EXTRACT && x->arg[0]->index == LAM_PART_DOY);
	x = output("case when bytes > 1 then null when true then 2 end");
	CHECK(x->kind == LAM_X_CASE && x->type == LAM_NUMBER &&
		x->arg[1]->type == LAM_NUMBER && x->nargs == 4);
	x = output("case host when 'a' then ts else '2026-01-01' end");
	CHECK(x->arg[0]->fn == LAM_FN_EQ && x->type == LAM_TIME &&
		x->arg[2]->type == LAM_TIME);
	x = output("coalesce(null, bytes, 0)");
	CHECK(x->type == LAM_NUMBER && x->arg[0]->type == LAM_NUMBER);
	x = output("null");
	CHECK(x->null && x->type == LAM_TEXT);
	x = output("host || ':' || status");
	CHECK(x->fn == LAM_FN_CONCAT_OP && x->arg[1]->fn == LAM_FN_TO_TEXT);
	x = output("concat(host, bytes, ts)");
	CHECK(x->type == LAM_TEXT && x->arg[1]->type == LAM_NUMBER);
	x = output("trim(host, 'x')");
	CHECK(x->fn == LAM_FN_TRIM2);
	x = output("round(bytes, -2)");
	CHECK(x->fn == LAM_FN_ROUND2 && x->arg[1]->num.m == -2);
	x = output("'2026-01-02'::timestamp");
	CHECK(x->kind == LAM_X_CONST && x->type == LAM_TIME);
	x = output("try_cast('x' as date)");
	CHECK(x->kind == LAM_X_CONST && x->null && x->type == LAM_TIME);
	x = output("cast(host as boolean)");
	CHECK(x->fn == LAM_FN_TO_BOOL && x->type == LAM_BOOL);
	x = output("regexp_extract(host, 'a(b)', 1)");
	CHECK(x->fn == LAM_FN_REGEXP_EXTRACT && x->nargs == 3);
	x = output("regexp_extract(host, 'A', 0, 'i')");
	CHECK(x->fn == LAM_FN_REGEXP_EXTRACT && x->nargs == 4);
	x = output("regexp_matches(host, 'A', 'i')");
	CHECK(x->fn == LAM_FN_REGEXP_MATCHES && x->nargs == 3);
	x = output("\"odd name\" = 'x'");
	CHECK(x->arg[0]->index == 8);
	x = output("(bytes > 1) = 'true'");
	CHECK(x->arg[1]->type == LAM_BOOL && x->arg[1]->boolean);
	x = output("bytes > 1 or bytes > 2 or bytes > 3 or bytes > 4");
	CHECK(x->fn == LAM_FN_OR && x->arg[0]->fn == LAM_FN_OR &&
		x->arg[1]->fn == LAM_FN_OR);
	x = output("bytes = 1 or bytes = 2 or bytes = 3 or bytes = 4");
	CHECK(x->fn == LAM_FN_IN && x->nargs == 5);
	x = output("bytes = 1 or host = 'a' or bytes = 2 or bytes = null");
	CHECK(x->fn == LAM_FN_OR && x->arg[0]->arg[0]->fn == LAM_FN_IN);
}

static void
test_normal(void)
{
	same("select host,count(*) n from access group by host",
		"SELECT  host , COUNT( * ) AS n FROM access GROUP BY 1;");
	same("select host h, count(*) from access group by h",
		"select HOST as h, count() from access group by host -- c");
	same("select date_trunc('minute', ts) m, sum(bytes) from access "
		"where (status)>=500 group by m order by m",
		"select date_trunc('Minutes', ts) m, sum(bytes) from access "
		"where status >= 500.0 group by date_trunc('minute', ts) "
		"order by 1 asc nulls last");
	same("select host, method, count(*) from access group by all",
		"select host, method, count(*) from access "
		"group by host, 2, 1");
	same("select mean(bytes) a from access having a between 1 and 2",
		"select avg(bytes) a from access having avg(bytes) >= 1 and "
		"avg(bytes) <= 2");
	same("select * from access limit 3 offset 0",
		"select ts, host, ip, method, path, status, bytes, latency, "
		"\"Odd Name\", \"Case\", \"date\" from access limit 3");
	same("select bytes as b, b + 1 as c, c * 2 from access where c > 5",
		"select bytes as b, bytes + 1 as c, (bytes + 1) * 2 from "
		"access where bytes + 1 > 5");
	/* WHERE and GROUP BY mean the column, ORDER BY the output. */
	same("select lower(host) as host from access where host = 'A' "
		"order by host",
		"select lower(host) as host from access where host = 'A' "
		"order by lower(host)");
	same("select lower(host) as host, count(*) from access "
		"group by lower(host) having host > 'b'",
		"select lower(host) as host, count(*) from access group by 1 "
		"having lower(host) > 'b'");
	same("select host, sum(bytes) as bytes from access group by host "
		"having bytes > 5 order by bytes / 2",
		"select host, sum(bytes) as bytes from access group by host "
		"having sum(bytes) > 5 order by sum(bytes) / 2");
	same("select 5 as five, count(*) from access group by five, status "
		"order by five, status",
		"select 5 as five, count(*) from access group by (5), status "
		"order by 1, status");
	same("select count(*) as \"count(*)\" from access",
		"select count(*) from access");
	same("select -5 as a, -a as b, - -b from access",
		"select -5 as a, 5 as b, 5 from access");
	same("select host from \"access\"", "select host from access");
	PASS("each normal text reads back as itself");
	CHECK(strcmp(fixture_normal(&arena, "select host as a from access"),
		fixture_normal(&arena, "select host as b from access")) != 0);
}

static void
test_names(void)
{
	const struct lam_query *q = bind("select host h, lower(host), "
		"count(*) from access group by h, 2, method");

	CHECK(q != NULL && q->nkeys == 3);
	if (q == NULL)
		return;
	CHECK(strcmp(q->key_name[0], "h") == 0);
	CHECK(strcmp(q->key_name[1], "lower(host)") == 0);
	CHECK(strcmp(q->key_name[2], "method") == 0);
	CHECK(strcmp(q->output[1].name, "lower(host)") == 0);
	CHECK(strcmp(q->output[2].name, "count(*)") == 0);
}

static void
test_names_refused(void)
{
	refuses("select hosst from access", "q:1:8: no column \"hosst\" in "
		"access; there are: ts, host, ip, method, path, status, bytes, "
		"latency, Odd Name, Case, date; did you mean \"host\"?");
	refuses("select host\nfrom access\nwhere foo = 1", "q:3:7: no column "
		"\"foo\" in access; there are: ts, host, ip, method, path, "
		"status, bytes, latency, Odd Name, Case, date");
	refuses("select host from acces", "q:1:18: no stream or view "
		"\"acces\"; there are: access, totals, traffic");
	refuses("select host, count(*) from access", "q:1:8: column \"host\" "
		"must appear in the GROUP BY clause or be used in an aggregate "
		"function: add it to GROUP BY, or write max(host) or the like");
	refuses("select distinct host from access order by bytes", "q:1:43: "
		"ORDER BY of a SELECT DISTINCT can only use what is selected: "
		"select \"bytes\" too");
	refuses("select host from access order by 2", "q:1:34: ORDER BY 2: "
		"expected the number of an output column, 1 to 1");
	refuses("select count(*) from access group by 1", "q:1:8: an aggregate "
		"cannot be a group key: group by a column");
	refuses("select host from access where count(*) > 1", "q:1:31: an "
		"aggregate cannot stand in WHERE: write HAVING for a condition "
		"on groups, or count(...) FILTER (WHERE ...)");
	refuses("select max(sum(bytes)) from access", "q:1:12: an aggregate "
		"cannot stand within an aggregate");
	refuses("select count(*) filter (where count(*) > 1) from access",
		"q:1:31: an aggregate cannot stand within FILTER");
}

static void
test_types_refused(void)
{
	refuses("select host from access where ts > 'soon'", "q:1:36: 'soon' "
		"is not a time: expected YYYY-MM-DD or YYYY-MM-DD HH:MM:SS");
	refuses("select host from access where bytes = 'many'", "q:1:39: "
		"'many' is not a number: expected digits such as 42 or 0.5");
	refuses("select host from access where host = 5", "q:1:36: a text and "
		"a number do not go together: cast one of them, with "
		"x::DOUBLE or x::VARCHAR");
	refuses("select host from access where bytes", "q:1:31: WHERE takes a "
		"condition, found a number: compare it with something");
	refuses("select lower(bytes) from access", "q:1:8: \"lower\" cannot "
		"take (number): expected (text); cast with x::VARCHAR, "
		"x::DOUBLE or x::TIMESTAMP");
	refuses("select ts - ok from (select ts, true as ok from access)",
		"q:1:11: \"-\" cannot take (time, boolean): expected (number, "
		"number) or (time, interval) or (time, time) or (time, "
		"number) or (interval, interval); cast with x::VARCHAR, "
		"x::DOUBLE or x::TIMESTAMP");
	refuses("select substr(host) from access", "q:1:8: substr takes at "
		"least 2 arguments, found 1");
	refuses("select lower(host, ip) from access",
		"q:1:8: lower takes 1 argument, found 2");
	refuses("select abs(interval '1 month') from access", "q:1:8: \"abs\" "
		"cannot take (interval): expected (number); write epoch(x) for "
		"the seconds of an interval");
	refuses("select ts + 5 from access", "q:1:13: a time and a number do "
		"not go together: write ts + x * INTERVAL '1 second', or cast "
		"ts to date for days");
	refuses("select host like ip from access",
		"q:1:18: like: argument 2 must be a constant");
	refuses("select time_bucket(interval '-1 day', ts) from access",
		"q:1:20: time_bucket: expected a width above 0, of months or "
		"of a fixed length, not both");
	refuses("select ts::double from access", "q:1:10: a time cannot be "
		"cast to number: write epoch(x) for seconds since 1970");
	refuses("select '2026-99-99'::date from access", "q:1:8: '2026-99-99' "
		"is not a time: expected YYYY-MM-DD or YYYY-MM-DD HH:MM:SS");
	refuses("select sum(host) from access", "q:1:12: sum takes a number, "
		"found a text: cast it with ::DOUBLE");
	refuses("select sum(bytes > 1) from access", "q:1:8: sum takes a "
		"number, found a boolean: count rows with count(*) FILTER "
		"(WHERE ...)");
	refuses("select approx_quantile(ts, 0.5) from access", "q:1:8: "
		"approx_quantile takes a number, found a time: write "
		"approx_quantile(epoch(x)...) for seconds since 1970");
	refuses("select approx_quantile(bytes, 1.5) from access", "q:1:31: "
		"approx_quantile: expected a constant from 0 to 1, such as "
		"0.99");
	refuses("select count(*) filter (where bytes) from access", "q:1:31: "
		"FILTER takes a condition, found a number: compare it with "
		"something");
}

static void
test_views_refused(void)
{
	refuses_view("select host from access", "q:1:8: a view needs GROUP BY "
		"or an aggregate such as count(*): rows are kept in the stream "
		"itself");
	refuses_view("select distinct host from access", "q:1:8: a view cannot "
		"have SELECT DISTINCT: put it into the query on the view");
	refuses_view("select host, count(*) from access group by 1 having "
		"count(*) > 1", "q:1:46: a view cannot have HAVING: put it into "
		"the query on the view");
	refuses_view("select count(*) from access order by 1", "q:1:29: a view "
		"cannot have ORDER BY: put it into the query on the view");
	refuses_view("select count(*) from access offset 1", "q:1:29: a view "
		"cannot have LIMIT: put it into the query on the view");
	refuses_view("select host, count(*) from traffic group by 1", "q:1:28: "
		"a view cannot read the view traffic: name the stream it "
		"reads");
	refuses_view("select host, count(*) as HOST from access group by 1",
		"q:1:14: two columns of the view are called \"HOST\": name one "
		"with AS");
	refuses_view("select count(*) from access", "");
	refuses_view("select count(*) from access group by host", "");
}

static void
test_bounds(void)
{
	char sql[4000];
	size_t n = (size_t)snprintf(sql, sizeof sql, "select bytes as a0");

	/* Each alias doubles the one before: 2^40 nodes if written out. */
	for (int i = 1; i <= 40; i++)
		n += (size_t)snprintf(sql + n, sizeof sql - n,
			", a%d + a%d as a%d", i - 1, i - 1, i);
	snprintf(sql + n, sizeof sql - n, " from access");
	CHECK(strstr(fixture_error(&arena, sql, false), "too large") != NULL);
	lam_arena_release(&arena);
}

int
main(void)
{
	test_traffic();
	test_sharing();
	test_rows();
	test_types();
	test_normal();
	test_names();
	test_names_refused();
	test_types_refused();
	test_views_refused();
	test_bounds();
	lam_arena_release(&arena);
	return DONE();
}
