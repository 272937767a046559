/*
 * fuzz_sql.c - any text as SQL
 *
 * Property: binding never crashes; it succeeds, or fails with a message; the
 * normal text of what binds, binds again and is its own normal text, unless it puts
 * relations together, or takes lists apart, when it is there for people only.  The first
 * byte chooses whether the text is a view, or is to have rows for empty buckets.
 */
#include "../unit/sql_fixture.h"
#include "fuzz.h"

/* With rows for empty buckets: bound, or told why. */
static void
bind_filled(struct lam_arena *arena, const char *sql)
{
	const struct lam_catalog c = fixture_catalog(arena);
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_query *q;
	int rc = lam_query_bind_filled(sql, "q", &c, arena, &q, &e);

	MUST(!rc || *e.msg);
}

/* The normal text of Q is SQL. */
static bool
is_sql(const struct lam_query *q, bool view)
{
	return (view || !strstr(q->normal, " JOIN ")) &&
		!strstr(q->normal, "UNION ALL") && !strstr(q->normal, "unnest(...)");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	const struct lam_query *q, *again;
	struct lam_error e;
	bool view;
	char *sql;

	if (size == 0 || (sql = malloc(size)) == NULL)
		return 0;
	view = data[0] == 'v';
	memcpy(sql, data + 1, size - 1);
	sql[size - 1] = '\0';
	q = fixture_bind(&arena, sql, view, &e);
	MUST(q != NULL || (e.code != LAM_OK && e.msg[0] != '\0'));
	if (data[0] == 'f')
		bind_filled(&arena, sql);
	if (q != NULL && is_sql(q, view)) {
		again = fixture_bind(&arena, q->normal, view, &e);
		/* Written out, a text near the limit may pass it. */
		MUST(again != NULL || strlen(q->normal) >= 100000 ||
			strstr(e.msg, "too large") != NULL);
		MUST(again == NULL || strcmp(again->normal, q->normal) == 0);
	}
	lam_arena_release(&arena);
	free(sql);
	return 0;
}
