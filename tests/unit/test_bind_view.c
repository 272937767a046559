/* Queries on views: merging, roll-up safety, the query within. */
#include "test.h"

#include <stdlib.h>

#include "sql_fixture.h"

/* Columns of the partial relation of traffic. */
enum { MINUTE, HOST, STATUS, HITS, BYTES_PLUS, BYTES_MINUS, LATENCY_PLUS,
	LATENCY_MINUS, LATENCY_COUNT, ERRORS, VISITORS, PAGES, P99, LOW, HIGH,
	SLOWEST_BY, SLOWEST, OPENER_AT, OPENER, COLUMNS };

static struct lam_arena arena = LAM_ARENA_INIT;
static struct lam_error err;

static struct lam_query *
bind(const char *sql)
{
	struct lam_query *q = fixture_bind(&arena, sql, false, &err);
	const char *again;

	if (q == NULL) {
		printf("# %s: %s\n", sql, err.msg);
		exit(1); /* what follows would read it */
	}
	again = fixture_normal(&arena, q->normal);
	FAIL_IF(strcmp(again, q->normal) != 0, "%s: %s reads back as %s", sql,
		q->normal, again);
	return q;
}

static void
refuses(const char *sql, const char *want)
{
	const char *got = fixture_error(&arena, sql, false);

	test_str(got, strlen(got), want, __FILE__, __LINE__, sql);
}

/* Does state S merge N columns from FIRST on? */
static bool
merges(const struct lam_state *s, uint8_t kind, uint32_t first, uint8_t n)
{
	bool ok = s->merge && s->kind == kind && s->ncomponents == n &&
		s->arg[0] == NULL && s->arg[1] == NULL && s->filter == NULL;

	for (uint32_t i = 0; i < n; i++)
		ok = ok && s->component[i] == first + i;
	return ok;
}

static void
test_own_grain(void)
{
	const struct lam_query *q = bind("select status, hits, bytes from "
		"traffic order by hits desc limit 5");

	CHECK(q->grouped && q->input->kind == LAM_STAGE_SCAN && q->nkeys == 3 &&
		q->input->nfields == COLUMNS);
	CHECK(q->key[0]->kind == LAM_X_FIELD && q->key[0]->index == MINUTE &&
		q->key[2]->index == STATUS && q->key[2]->type == LAM_NUMBER);
	CHECK(strcmp(q->key_name[0], "minute") == 0);
	CHECK(q->output[0].expr->kind == LAM_X_KEY &&
		q->output[0].expr->index == 2);
	CHECK(q->nstates == 2 && merges(&q->state[0], LAM_COUNT, HITS, 1) &&
		merges(&q->state[1], LAM_SUM, BYTES_PLUS, 2));
	CHECK(q->order[0].expr->kind == LAM_X_FINAL && q->order[0].descending &&
		q->limit == 5);
	CHECK(q->input->used[HITS] && q->input->used[BYTES_MINUS] && !q->input->used[P99] &&
		q->input->used[MINUTE]);

	q = bind("select * from traffic where hits > 100 and host = 'a' and "
		"(mean > 5 or status = 200)");
	CHECK(q->noutputs == 16 && q->input->kind == LAM_STAGE_SCAN);
	CHECK(q->where != NULL && q->where->fn == LAM_FN_EQ &&
		q->where->arg[0]->index == HOST);
	CHECK(q->having != NULL && q->having->fn == LAM_FN_AND &&
		q->having->arg[0]->fn == LAM_FN_GT &&
		q->having->arg[1]->fn == LAM_FN_OR);
	CHECK(q->having->arg[1]->arg[1]->arg[0]->kind == LAM_X_KEY);
	CHECK(q->output[15].expr->fn == LAM_FN_UPPER &&
		q->output[15].expr->arg[0]->kind == LAM_X_KEY);
	CHECK(q->output[5].expr->final == LAM_FINAL_AVG &&
		merges(&q->state[q->output[5].expr->index], LAM_SUM,
		LATENCY_PLUS, 2) &&
		merges(&q->state[q->output[5].expr->index2], LAM_COUNT,
		LATENCY_COUNT, 1));

	q = bind("select n, newest from totals");
	CHECK(q->grouped && q->nkeys == 0 && q->nstates == 2 &&
		q->output[1].expr->type == LAM_TIME);
	q = bind("select distinct host from traffic where status = 200");
	CHECK(q->nkeys == 1 && q->nstates == 0);
	q = bind("select distinct hits from traffic");
	CHECK(q->nkeys == 1 && q->input->kind == LAM_STAGE_SELECT &&
		q->input->query->nkeys == 3);
	PASS("the normal text of each reads back as itself");
}

static void
test_roll_up(void)
{
	const struct lam_query *q = bind("select host, hits, visitors, p99, "
		"pages, slowest, opener, low, high from traffic where minute "
		">= '2026-01-01' group by host having hits > 5 "
		"order by errors / hits desc");

	CHECK(q->input->kind == LAM_STAGE_SCAN && q->nkeys == 1 && q->key[0]->index == HOST);
	CHECK(q->where->arg[0]->index == MINUTE &&
		q->where->arg[1]->type == LAM_TIME);
	CHECK(q->nstates == 9);
	CHECK(merges(&q->state[0], LAM_COUNT, HITS, 1));
	CHECK(merges(&q->state[1], LAM_HLL, VISITORS, 1));
	CHECK(merges(&q->state[2], LAM_QUANTILE, P99, 1));
	CHECK(merges(&q->state[3], LAM_DISTINCT, PAGES, 1));
	CHECK(merges(&q->state[4], LAM_ARGMAX, SLOWEST_BY, 2));
	CHECK(merges(&q->state[5], LAM_FIRST, OPENER_AT, 2));
	CHECK(merges(&q->state[6], LAM_MIN, LOW, 1));
	CHECK(merges(&q->state[7], LAM_MAX, HIGH, 1));
	CHECK(merges(&q->state[8], LAM_COUNT, ERRORS, 1));
	CHECK(q->output[3].expr->num.m == 99 && q->output[5].expr->type ==
		LAM_TEXT);
	CHECK(strcmp(q->state[8].label,
		"count(*) FILTER (WHERE status >= 500)") == 0);
	CHECK(q->having->arg[0]->index == 0);
	CHECK(q->order[0].expr->fn == LAM_FN_DIV &&
		q->order[0].expr->arg[0]->index == 8);

	q = bind("select date_trunc('hour', minute) as hour, size, mean from "
		"traffic group by hour");
	CHECK(q->key[0]->fn == LAM_FN_DATE_TRUNC &&
		q->key[0]->arg[1]->index == MINUTE);
	/* sum(bytes) / count(*): its states, merged, then divided. */
	CHECK(q->output[1].expr->fn == LAM_FN_DIV && q->nstates == 4);
	q = bind("select host, hits from traffic group by all");
	CHECK(q->nkeys == 1 && q->nstates == 1);
	q = bind("select hits, visitors from traffic group by all");
	CHECK(q->grouped && q->nkeys == 0 && q->nstates == 2);
	q = bind("select hits, shout from traffic group by host");
	CHECK(q->output[1].expr->fn == LAM_FN_UPPER &&
		q->output[1].expr->arg[0]->kind == LAM_X_KEY);
	q = bind("select shout, hits from traffic group by shout");
	CHECK(q->key[0]->fn == LAM_FN_UPPER &&
		q->key[0]->arg[0]->index == HOST);
	q = bind("select hits as bytes, host from traffic group by host "
		"having bytes > 3");
	CHECK(merges(&q->state[1], LAM_SUM, BYTES_PLUS, 2));
	PASS("the normal text of each reads back as itself");
}

static void
test_merged_aggregates(void)
{
	const struct lam_query *q = bind("select host, sum(hits), sum(bytes), "
		"min(low), max(high), sum(errors), first(opener), hits, mean "
		"from traffic group by host");

	CHECK(q->input->kind == LAM_STAGE_SCAN && q->nstates == 8);
	CHECK(merges(&q->state[0], LAM_COUNT, HITS, 1) &&
		q->output[7].expr->index == 0);
	CHECK(merges(&q->state[3], LAM_MAX, HIGH, 1));
	CHECK(merges(&q->state[5], LAM_FIRST, OPENER_AT, 2));

	q = bind("select host, hits, max(minute) as last, count(distinct "
		"status), min(status) filter (where minute > '2026-01-01') "
		"from traffic group by host");
	CHECK(q->input->kind == LAM_STAGE_SCAN && q->nstates == 4 && q->state[0].merge);
	CHECK(!q->state[1].merge && q->state[1].kind == LAM_MAX &&
		q->state[1].arg[0]->index == MINUTE);
	CHECK(q->state[2].kind == LAM_DISTINCT && !q->state[2].merge);
	CHECK(q->state[3].filter != NULL);
	/* A direct state never stands for a merged one of the same label. */
	q = bind("select newest, max(newest) from totals");
	CHECK(q->nstates == 1);
	PASS("the normal text of each reads back as itself");
}

static void
test_rows(void)
{
	const struct lam_query *q = bind("select host, sum(hits), max(hits), "
		"count(*), avg(bytes) from traffic where hits > 2 and "
		"host <> 'x' group by host order by 3");

	CHECK(q->input->kind == LAM_STAGE_SELECT && q->input->nfields == 3);
	CHECK(strcmp(q->input->field[0].name, "host") == 0 &&
		strcmp(q->input->field[1].name, "hits") == 0 &&
		strcmp(q->input->field[2].name, "bytes") == 0 &&
		q->input->field[1].type.type == LAM_NUMBER);
	CHECK(q->where->fn == LAM_FN_GT && q->where->arg[0]->index == 1);
	CHECK(q->key[0]->kind == LAM_X_FIELD && q->key[0]->index == 0);
	CHECK(q->nstates == 5 && !q->state[0].merge &&
		q->state[0].arg[0]->index == 1);
	CHECK(q->input->query->where->fn == LAM_FN_NE &&
		q->input->query->where->arg[0]->index == HOST &&
		q->input->query->having == NULL);
	CHECK(q->input->query->nkeys == 3 && q->input->query->noutputs == 3 &&
		q->input->query->input->nfields == COLUMNS && q->input->query->nstates == 2);
	CHECK(strcmp(q->input->query->input->name, "traffic") == 0 &&
		strcmp(q->input->query->normal, "SELECT host, hits, bytes FROM "
		"traffic WHERE host <> 'x'") == 0);

	q = bind("select hits, count(*) from traffic group by hits");
	CHECK(q->input->kind == LAM_STAGE_SELECT && q->key[0]->index == 0);
	q = bind("select count(*) from traffic");
	CHECK(q->input->kind == LAM_STAGE_SELECT && q->input->query->noutputs == 1);
	q = bind("select sum(hits) filter (where status >= 500) from traffic");
	CHECK(q->input->kind == LAM_STAGE_SELECT && q->state[0].filter->arg[0]->index == 0);
	q = bind("select sum(hits) from traffic where hits > 5");
	CHECK(q->input->kind == LAM_STAGE_SELECT && q->where != NULL);
	q = bind("select max(p99), min(mean), arg_max(host, hits) from "
		"traffic");
	CHECK(q->input->kind == LAM_STAGE_SELECT && q->input->query->nkeys == 3 && q->nstates == 3);
	q = bind("select sum(mean * hits) from traffic");
	CHECK(q->input->kind == LAM_STAGE_SELECT);
	PASS("the normal text of each reads back as itself");
}

static void
test_refused(void)
{
	refuses("select avg(mean) from traffic", "q:1:8: \"mean\" is an "
		"average: averages cannot be averaged; name it alone (select "
		"mean from traffic group by ...) and it is merged exactly");
	refuses("select sum(visitors) from traffic", "q:1:8: \"visitors\" "
		"counts distinct values: distinct counts cannot be summed; "
		"name it alone (select visitors from traffic group by ...) and "
		"it is merged exactly");
	refuses("select sum(pages) filter (where host = 'a') from traffic",
		"q:1:8: \"pages\" counts distinct values: distinct counts "
		"cannot be summed; name it alone (select pages from traffic "
		"group by ...) and it is merged exactly");
	refuses("select avg(p99) from traffic", "q:1:8: \"p99\" is a quantile: "
		"quantiles cannot be averaged; name it alone (select p99 from "
		"traffic group by ...) and it is merged exactly");
	refuses("select approx_quantile(p99, 0.5) from traffic", "q:1:8: "
		"\"p99\" is a quantile: quantiles cannot be ranked again; name "
		"it alone (select p99 from traffic group by ...) and it is "
		"merged exactly");
	refuses("select sum(size) from traffic", "q:1:8: \"size\" is a ratio: "
		"ratios cannot be summed; name it alone (select size from "
		"traffic group by ...) and it is merged exactly");
	refuses("select host, hits, max(hits) from traffic group by host",
		"q:1:14: \"hits\" alone is merged over each group, but another "
		"aggregate here reads the rows of the view traffic one by one: "
		"write sum(hits) or the like, or ask in two queries");
	refuses("select host, hits from traffic where hits > 5 group by host",
		"q:1:38: \"hits\" is a measure of the view traffic: a "
		"condition on it belongs in HAVING");
	refuses("select minute, hits from traffic group by host", "q:1:8: "
		"\"minute\" is no measure, so it must appear in the GROUP BY "
		"clause or be used in an aggregate function");
	refuses("select shout, hits from traffic group by status", "q:1:8: "
		"\"shout\" is no measure, so it must appear in the GROUP BY "
		"clause or be used in an aggregate function");
	refuses("select first(host) from traffic", "q:1:8: the rows of a view "
		"have no order in the log: put first into the view, or write "
		"arg_min or arg_max");
	refuses("select sum(sum(hits)) from traffic", "q:1:12: an aggregate "
		"cannot stand within an aggregate");
	refuses("select * from traffic where sum(hits) > 5", "q:1:29: an "
		"aggregate cannot stand in WHERE: write HAVING for a condition "
		"on groups, or sum(...) FILTER (WHERE ...)");
	refuses("select hit from traffic", "q:1:8: no column \"hit\" in "
		"traffic; there are: minute, host, status, hits, bytes, mean, "
		"errors, visitors, pages, p99, low, high, slowest, opener, size, "
		"shout; did you mean \"hits\"?");
	refuses("select ip from traffic", "q:1:8: no column \"ip\" in "
		"traffic; there are: minute, host, status, hits, bytes, mean, "
		"errors, visitors, pages, p99, low, high, slowest, opener, "
		"size, shout");
	refuses("select hits + host from traffic", "q:1:13: \"+\" cannot take "
		"(number, text): expected (number, number) or (time, "
		"interval) or (time, number) or (interval, interval); cast with "
		"x::VARCHAR, x::DOUBLE or x::TIMESTAMP");
}

int
main(void)
{
	test_own_grain();
	test_roll_up();
	test_merged_aggregates();
	test_rows();
	test_refused();
	lam_arena_release(&arena);
	return DONE();
}
