/*
 * bind_unnest.c - lists become rows
 *
 *	SELECT host, unnest(codes) AS code FROM t ORDER BY code
 *
 *	rows	SELECT host, codes: FROM, WHERE, GROUP BY and HAVING are its
 *	unnest	a row for each element of the lists, which are the last columns
 *	outer	SELECT over these columns, with ORDER BY, DISTINCT and LIMIT
 *
 *	SELECT ... FROM t, unnest(t.codes) AS u(code) WHERE ...
 *
 * is the same with the columns of t that the statement reads, and what WHERE says of
 * them alone; it is made when all names are known, unless a sub-query must be joined.
 */
#include "bind/bind_join.h"

#include <string.h>

#include "bind/bind_over.h"

const char lam_bind_unnest_why[] = "a view counts each record once, which unnest "
	"would not: ask a query for it, FROM stream, unnest(stream.x) AS u(e), or "
	"of a view's list, FROM view, unnest(view.x) AS u(e)";

/* An unnest that FROM ends with, until its rows are made. */
struct lam_unnest {
	struct lam_bind in;    /* what stands before it, bound alone */
	struct lam_ast *list;  /* resolved there */
	const struct lam_from *f;
	bool keep;	       /* LEFT JOIN */
};

/* The rows of Q, whose last N columns are lists. */
static struct lam_stage *
unnest_stage(struct lam_bind *b, struct lam_query *q, uint32_t n, bool keep,
	const struct lam_ast *at)
{
	struct lam_stage *s = lam_bind_select(b, q);

	if (s == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	s->kind = LAM_STAGE_UNNEST;
	s->nlists = n;
	s->keep = keep;
	for (uint32_t i = s->nfields - n; i < s->nfields; i++) {
		const struct lam_expr *x = q->output[i].expr;

		if (x->list == 0 && !(x->kind == LAM_X_CONST && x->null)) {
			lam_sql_fail(&b->sql, at->line, at->column, "unnest "
				"takes a list, found a %s: JSON is a list with "
				"x::VARCHAR[], a text with string_split(x, "
				"',')", lam_type_name[x->type]);
			return NULL;
		}
		s->field[i].type.type = lam_list_element(x->list);
		s->field[i].list = 0;
	}
	return s;
}

/* ------------------------------------------------------- in the SELECT list */

static struct lam_ast *
not_here(struct lam_bind *b, const struct lam_ast *a, const char *beside)
{
	lam_sql_fail(&b->sql, a->line, a->column, "unnest cannot stand %s: "
		"write FROM t, unnest(t.x) AS u(e), and e for it", beside);
	return NULL;
}

/* What the rows need for A, and its unnests. */
static bool
collect(struct lam_split *x, struct lam_ast *a)
{
	const struct lam_ast *within;
	bool ok = true;

	if (a->kind == LAM_A_UNNEST) {
		within = lam_ast_unnest(a->arg[0]);
		if (within != NULL)
			return not_here(x->b, within, "within another") != NULL;
		return lam_over_push(x, &x->over, &x->nover, a);
	}
	if (a->kind == LAM_A_AGG && lam_ast_unnest(a) != NULL)
		return not_here(x->b, lam_ast_unnest(a), "within an "
			"aggregate") != NULL;
	if (lam_ast_unnest(a) == NULL)
		return lam_over_push(x, &x->item, &x->nitems, a);
	for (uint32_t i = 0; i < a->nargs && ok; i++)
		ok = collect(x, a->arg[i]);
	return ok;
}

/* A over the columns of the unnest stage. */
static struct lam_ast *
rewrite(struct lam_split *x, struct lam_ast *a)
{
	if (a->kind == LAM_A_UNNEST)
		return lam_over_field(x->b, x->nitems +
			lam_over_find(x->over, x->nover, a), a);
	if (lam_ast_unnest(a) == NULL)
		return lam_over_field(x->b, lam_over_find(x->item, x->nitems,
			a), a);
	for (uint32_t k = 0; k < a->nargs; k++)
		if ((a->arg[k] = rewrite(x, a->arg[k])) == NULL)
			return NULL;
	return lam_ast_seal(&x->b->sql, a) ? a : NULL;
}

int
lam_bind_unnest(struct lam_bind *b, const struct lam_select *s)
{
	struct lam_split x = { .b = b }, rows = { .b = b };
	struct lam_query *q;
	struct lam_stage *stage;
	bool ok = true;

	if (s->nsets > 0)
		return lam_sql_fail(&b->sql, s->item[0].line,
			s->item[0].column, "unnest cannot stand beside several "
			"grouping sets: write FROM t, unnest(t.x) AS u(e), or "
			"FROM (SELECT unnest(x) ...)");
	for (uint32_t i = 0; i < b->nitems && ok; i++)
		ok = collect(&x, b->item[i].expr);
	for (uint32_t i = 0; i < b->norder && ok; i++)
		ok = collect(&x, b->order[i].expr);
	for (uint32_t i = 0; i < x.nitems && ok; i++)
		ok = lam_over_push(&rows, &rows.item, &rows.nitems, x.item[i]);
	for (uint32_t i = 0; i < x.nover && ok; i++)
		ok = lam_over_append(&rows, x.over[i]->arg[0]);
	if (!ok || lam_over_rows(&rows, false, &q) != LAM_OK)
		return b->sql.e->code;
	stage = unnest_stage(b, q, x.nover, false, x.over[0]);
	if (stage == NULL || lam_over_outer(b, stage) != LAM_OK)
		return b->sql.e->code;
	for (uint32_t i = 0; i < b->nitems; i++)
		if ((b->item[i].expr = rewrite(&x, b->item[i].expr)) == NULL)
			return b->sql.e->code;
	for (uint32_t i = 0; i < b->norder; i++)
		if ((b->order[i].expr = rewrite(&x, b->order[i].expr)) == NULL)
			return b->sql.e->code;
	return LAM_OK;
}

/* ------------------------------------------------------------------ in FROM */

int
lam_bind_unnest_open(struct lam_bind *b, struct lam_from *left,
	const struct lam_from *f, bool keep)
{
	struct lam_unnest *u = LAM_ARENA_NEW(b->sql.arena, struct lam_unnest, 1);
	struct lam_select s = { .from = left };
	struct lam_bind own = { .visible = NULL };
	const struct lam_ast *bad;
	int rc;

	if (u == NULL)
		return lam_fail_mem(b->sql.e);
	u->in = (struct lam_bind){ .sql = b->sql, .scope = b->scope,
		.q = lam_query_new(b->sql.arena) };
	if (u->in.q == NULL)
		return lam_fail_mem(b->sql.e);
	u->f = f;
	u->keep = keep;
	rc = lam_bind_from(&u->in, &s, false);
	u->list = rc == LAM_OK ? lam_bind_resolve(&u->in, f->arg[0]) : NULL;
	b->sql.nodes = u->in.sql.nodes;
	if (u->list == NULL)
		return b->sql.e->code;
	bad = lam_ast_agg(u->list) != NULL ? lam_ast_agg(u->list) :
		lam_ast_over(u->list) != NULL ? lam_ast_over(u->list) :
		lam_ast_unnest(u->list);
	if (bad != NULL)
		return lam_sql_fail(&b->sql, bad->line, bad->column, "unnest in "
			"FROM takes a list of a row: make this one in a "
			"sub-query, FROM (SELECT ...) AS t, unnest(t.x)");
	own.visible = LAM_ARENA_NEW(b->sql.arena, struct lam_visible, 1);
	if (own.visible == NULL)
		return lam_fail_mem(b->sql.e);
	own.nvisible = 1;
	own.visible->name = f->nrename > 0 ? f->rename[0] : f->name;
	own.visible->table = f->alias.p != NULL ? f->alias : f->name;
	if (!lam_bind_append_columns(b, &u->in) ||
		!lam_bind_append_columns(b, &own))
		return b->sql.e->code;
	b->relation = "the relations in FROM";
	b->unnest = u;
	return LAM_OK;
}

/* The outputs of the rows: column I if READ[I] (NULL: all), then the list. */
static int
set_items(struct lam_bind *b, struct lam_unnest *u, const bool *read)
{
	struct lam_bind *in = &u->in;
	struct lam_ast at = { .line = 1, .column = 1 };

	in->item = LAM_ARENA_NEW(b->sql.arena, struct lam_named,
		in->nvisible + 1);
	if (in->item == NULL)
		return lam_fail_mem(b->sql.e);
	/* what b->unnest holds beyond these is hidden, of sub-queries in the list */
	for (uint32_t i = 0; i < b->nvisible - 1; i++) {
		struct lam_named *x = &in->item[in->nitems++];

		x->expr = read == NULL || read[i] ? lam_over_field(in, i, &at) :
			lam_ast_new(&in->sql, LAM_A_NULL, 1, 1);
		x->name = lam_arena_dup(b->sql.arena, b->visible[i].name.p,
			b->visible[i].name.n);
		if (x->expr == NULL || x->name == NULL ||
			!lam_ast_seal(&in->sql, x->expr))
			return in->sql.e->code;
	}
	in->item[in->nitems++] = (struct lam_named){ u->list, "unnest", false };
	return LAM_OK;
}

/* What WHERE says of the columns before the list alone holds there. */
static int
push_where(struct lam_bind *b, struct lam_bind *in)
{
	struct lam_conjuncts all = { NULL, 0 }, low = { NULL, 0 };
	struct lam_conjuncts rest = { NULL, 0 };

	if (b->where == NULL)
		return LAM_OK;
	if (!lam_bind_conjuncts(b, b->where, &all))
		return b->sql.e->code;
	for (uint32_t i = 0; i < all.n; i++)
		if (!lam_bind_conjuncts(b, all.p[i], lam_bind_reads(all.p[i],
			0, b->nvisible - 1) ? &low : &rest))
			return b->sql.e->code;
	in->where = lam_bind_all_of(in, &low);
	b->where = lam_bind_all_of(b, &rest);
	return (in->where == NULL && low.n > 0) ||
		(b->where == NULL && rest.n > 0) ? b->sql.e->code : LAM_OK;
}

int
lam_bind_unnest_rows(struct lam_bind *b, bool all)
{
	struct lam_unnest *u = b->unnest;
	struct lam_bind *in = &u->in;
	bool *read = LAM_ARENA_NEW(b->sql.arena, bool, b->nvisible + 1);
	struct lam_stage *s;
	int rc = read != NULL ? LAM_OK : lam_fail_mem(b->sql.e);

	if (rc == LAM_OK)
		lam_bind_mark_all(b, read);
	in->sql.nodes = b->sql.nodes;
	if (rc == LAM_OK)
		rc = set_items(b, u, all ? NULL : read);
	if (rc == LAM_OK && !all && !u->keep)
		rc = push_where(b, in);
	if (rc == LAM_OK && in->unnest != NULL)
		rc = lam_bind_unnest_rows(in, false);
	if (rc == LAM_OK && in->join != NULL)
		rc = lam_bind_join(in);
	in->q->normal = "";
	if (rc == LAM_OK && in->view != NULL)
		rc = lam_bind_view(in);
	else if (rc == LAM_OK && (rc = lam_bind_keys(in)) == LAM_OK)
		rc = lam_bind_outputs(in);
	b->sql.nodes = in->sql.nodes;
	s = rc != LAM_OK ? NULL : unnest_stage(b, in->q, 1, u->keep, u->list);
	if (s == NULL)
		return b->sql.e->code;
	b->q->input = s;
	b->view = NULL;
	b->unnest = NULL;
	for (uint32_t i = 0; i < b->nvisible; i++) {
		b->visible[i].type = s->field[i].type;
		b->visible[i].list = s->field[i].list;
	}
	return LAM_OK;
}
