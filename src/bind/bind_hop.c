/*
 * bind_hop.c - windows that overlap, as a key of groups
 *
 *	hop(size, slide, ts)	hop(size, time_bucket(slide, ts)), by parse_rewrite.c
 *
 * What is grouped by is the pane, the time_bucket; struct lam_hop says the rest.  A
 * record is in several windows, so hop() is no value of one: elsewhere it is refused.
 */
#include "bind/bind_internal.h"

#define WINDOWS_MAX 10000 /* that a record is in */

bool
lam_bind_is_hop(const struct lam_ast *a)
{
	return a->kind == LAM_A_CALL && a->fn == LAM_FN_HOP;
}

static struct lam_expr *
refuse(struct lam_bind *b, const struct lam_ast *a, const char *why)
{
	lam_sql_fail(&b->sql, a->line, a->column, "%s: write "
		"hop(INTERVAL '5 minutes', INTERVAL '1 minute', ts)", why);
	return NULL;
}

void
lam_bind_no_hop(struct lam_bind *b, const struct lam_ast *a)
{
	lam_sql_fail(&b->sql, a->line, a->column, "hop() gives several windows "
		"to a record, so it can only be a whole key: GROUP BY it, "
		"and select the same hop(); conditions on it go into HAVING "
		"or into a query around this one");
}

struct lam_expr *
lam_bind_hop(struct lam_bind *b, uint32_t i)
{
	const struct lam_ast *a = b->key[i], *size, *pane, *slide;
	struct lam_hop *hop;

	if (b->q->hop != NULL)
		return refuse(b, a, "there is one hop() in a query");
	if (b->fill != NULL)
		return refuse(b, a, "windows that overlap have no empty rows "
			"(--fill)");
	size = a->nargs == 2 ? a->arg[0] : a;
	pane = a->nargs == 2 ? a->arg[1] : a;
	if (size->kind != LAM_A_INTERVAL || pane->kind != LAM_A_CALL ||
		pane->fn != LAM_FN_TIME_BUCKET ||
		pane->arg[0]->kind != LAM_A_INTERVAL)
		return refuse(b, a, "hop() takes two constant intervals and a "
			"time");
	slide = pane->arg[0];
	if (size->months || slide->months)
		return refuse(b, a, "months vary in length: hop() takes "
			"intervals of days at most");
	if (slide->time <= 0 || size->time < slide->time ||
		size->time % slide->time)
		return refuse(b, a, "the size of the windows of hop() must be "
			"a multiple of their slide");
	if (size->time / slide->time > WINDOWS_MAX)
		return refuse(b, a, "a record would be in more than 10,000 "
			"windows");
	hop = LAM_ARENA_NEW(b->sql.arena, struct lam_hop, 1);
	if (hop == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	*hop = (struct lam_hop){ .key = i, .slide = slide->time,
		.windows = (uint32_t)(size->time / slide->time) };
	b->q->hop = hop;
	return lam_bind_expr(b, pane);
}
