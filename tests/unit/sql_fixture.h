/*
 * sql_fixture.h - a catalogue for the tests of the SQL layer: a stream
 * "access" (also as a file and as stdin) and the views "traffic" and "totals"
 */
#ifndef LAM_SQL_FIXTURE_H
#define LAM_SQL_FIXTURE_H

#include <string.h>

#include "bind/bind.h"
#include "sql/query.h"

static const char fixture_traffic[] =
	"select date_trunc('minute', ts) as minute, host, status,\n"
	"  count(*) as hits, sum(bytes) as bytes, avg(latency) as mean,\n"
	"  count(*) filter (where status >= 500) as errors,\n"
	"  approx_count_distinct(ip) as visitors, count(distinct path) as pages,\n"
	"  approx_quantile(latency, 0.99) as p99, min(latency) as low,\n"
	"  max(latency) as high, arg_max(path, latency) as slowest,\n"
	"  first(ip) as opener, sum(bytes) / count(*) as size,\n"
	"  upper(host) as shout\n"
	"from access where method <> 'HEAD'\n"
	"group by minute, host, status";

static const char fixture_totals[] =
	"select count(*) as n, max(ts) as newest from access";

static struct lam_input_field fixture_access[] = {
	{ "ts", { LAM_TIME, 0 }, 0, false }, { "host", { LAM_TEXT, 0 }, 0, false },
	{ "ip", { LAM_TEXT, 0 }, 0, false }, { "method", { LAM_TEXT, 0 }, 0, false },
	{ "path", { LAM_TEXT, 0 }, 0, false }, { "status", { LAM_NUMBER, 0 }, 0, false },
	{ "bytes", { LAM_NUMBER, 0 }, 0, false }, { "latency", { LAM_NUMBER, 0 }, 0, false },
	{ "Odd Name", { LAM_TEXT, 0 }, 0, false }, { "Case", { LAM_NUMBER, 0 }, 0, false },
	{ "date", { LAM_TIME, 1000000000 }, 0, false },
};

static int fixture_find(void *state, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e);

/* Any look-up file. */
static int
fixture_file(void *state, const char *name, struct lam_ref_file **out,
	struct lam_error *e)
{
	static struct lam_input_field field[] = {
		{ "host", { LAM_TEXT, 0 }, 0, false }, { "rack", { LAM_TEXT, 0 }, 0, false },
		{ "status", { LAM_NUMBER, 0 }, 0, false }, { "till", { LAM_TIME, 0 }, 0, false },
		{ "Odd Name", { LAM_NUMBER, 0 }, 0, false } };
	struct lam_ref_file *f = LAM_ARENA_NEW(state, struct lam_ref_file, 1);

	*out = f;
	if (f != NULL) {
		f->name = name;
		f->hash = 7;
		f->nfields = sizeof field / sizeof *field;
		f->field = field;
		f->used = LAM_ARENA_NEW(state, bool, f->nfields);
	}
	return f != NULL && f->used != NULL ? LAM_OK : lam_fail_mem(e);
}

/* STATE of the catalogue: the arena that views are bound in. */
static struct lam_catalog
fixture_catalog(struct lam_arena *a)
{
	return (struct lam_catalog){ .state = a, .find = fixture_find,
		.file = fixture_file };
}

static int
fixture_find(void *state, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	const struct lam_catalog c = fixture_catalog(state);
	const char *sql = strcmp(scan->name, "traffic") == 0 ?
		fixture_traffic : strcmp(scan->name, "totals") == 0 ?
		fixture_totals : NULL;
	struct lam_query *view = NULL;

	*out = (struct lam_relation){ .name = scan->name };
	if (sql != NULL && !scan->is_file && !scan->is_stdin) {
		int rc = lam_query_bind(sql, scan->name, true, &c, state, &view,
			e);

		out->view = view;
		return rc;
	}
	if (!scan->is_file && !scan->is_stdin &&
		strcmp(scan->name, "access") != 0)
		return lam_fail(e, LAM_USAGE, "no stream or view \"%s\"; "
			"there are: access, totals, traffic", scan->name);
	out->field = fixture_access;
	out->nfields = sizeof fixture_access / sizeof *fixture_access;
	return LAM_OK;
}

/* Bind SQL; NULL when it failed, E says why. */
static inline struct lam_query *
fixture_bind(struct lam_arena *a, const char *sql, bool as_view,
	struct lam_error *e)
{
	const struct lam_catalog c = fixture_catalog(a);
	struct lam_query *q = NULL;

	*e = (struct lam_error)LAM_ERROR_INIT;
	return lam_query_bind(sql, "q", as_view, &c, a, &q, e) == LAM_OK ? q :
		NULL;
}

/* The normal text, or the message. */
static inline const char *
fixture_normal(struct lam_arena *a, const char *sql)
{
	static struct lam_error e;
	const struct lam_query *q = fixture_bind(a, sql, false, &e);

	return q != NULL ? q->normal : e.msg;
}

/* The message; "" when there is none. */
static inline const char *
fixture_error(struct lam_arena *a, const char *sql, bool as_view)
{
	static struct lam_error e;

	return fixture_bind(a, sql, as_view, &e) != NULL ? "" : e.msg;
}

#endif
