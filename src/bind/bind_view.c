/*
 * bind_view.c - queries on a view: its partial relation is the input
 *
 * The names are the view's outputs.  An output without aggregates is an
 * expression over key columns; a measure is an expression over finals, whose
 * states are here merged instead of accumulated.  A query comes in one of three
 * shapes:
 *
 *	own grain	no grouping asked for: a row per key of the view,
 *			bound as GROUP BY all its keys; what WHERE says of
 *			measures becomes HAVING
 *	roll-up		grouped, all aggregates MERGE or DIRECT (bind_rollup.c)
 *	rows		anything else: bind_rows.c
 */
#include "bind/bind_internal.h"

#include <string.h>

static struct lam_expr *
key_column(struct lam_bind *b, const struct lam_expr *x,
	const struct lam_ast *at)
{
	struct lam_expr *f = lam_bind_new(b, LAM_X_FIELD,
		(enum lam_type)x->type, at);

	if (f == NULL)
		return NULL;
	f->index = x->index;
	f->list = x->list;
	b->q->input->used[x->index] = true;
	return f;
}

/* The state of this query that merges state S of the view; -1: failed. */
static int64_t
merged_state(struct lam_bind *b, uint32_t s, const struct lam_ast *at)
{
	struct lam_state m = b->view->state[s];

	if (b->state_of[s] >= 0)
		return b->state_of[s];
	m.arg[0] = m.arg[1] = m.filter = NULL;
	m.merge = true;
	m.label = lam_arena_dup(b->sql.arena, m.label, strlen(m.label));
	if (m.norder > 0)
		m.order = (const void *)lam_arena_dup(b->sql.arena,
			(const char *)m.order, m.norder * sizeof *m.order);
	if (m.label == NULL || (m.norder > 0 && m.order == NULL)) {
		lam_fail_mem(b->sql.e);
		return -1;
	}
	for (uint32_t i = 0; i < m.ncomponents; i++) {
		m.component[i] = lam_query_component(b->view, s) + i;
		b->q->input->used[m.component[i]] = true;
		m.column[i] = NULL;
	}
	b->state_of[s] = lam_bind_state(b, &m, at);
	return b->state_of[s];
}

/* A leaf of a view's output, above this query's aggregation. */
static struct lam_expr *
leaf_above(struct lam_bind *b, const struct lam_expr *x,
	const struct lam_ast *at)
{
	struct lam_expr *c = lam_bind_new(b, (enum lam_expr_kind)x->kind,
		(enum lam_type)x->type, at);
	int64_t i;
	char show[LAM_TOKEN_SHOW];

	if (c == NULL)
		return NULL;
	c->list = x->list;
	if (x->kind == LAM_X_KEY) {
		i = b->key_of[x->index];
		if (i < 0) {
			lam_sql_fail(&b->sql, at->line, at->column, "\"%s\" is "
				"no measure, so it must appear in the GROUP BY "
				"clause or be used in an aggregate function",
				lam_text_show(at->text, show));
			return NULL;
		}
		c->index = (uint32_t)i;
		return c;
	}
	c->final = x->final;
	c->num = x->num;
	c->text = x->text;
	i = merged_state(b, x->index, at);
	if (i < 0)
		return NULL;
	c->index = (uint32_t)i;
	if (x->final == LAM_FINAL_AVG) {
		i = merged_state(b, x->index2, at);
		if (i < 0)
			return NULL;
		c->index2 = (uint32_t)i;
	}
	return c;
}

struct lam_expr *
lam_bind_view_field(struct lam_bind *b, const struct lam_ast *a)
{
	const struct lam_expr *x = b->view->output[a->index].expr;
	char show[LAM_TOKEN_SHOW];

	if (b->above)
		return lam_bind_clone(b, x, leaf_above, a);
	if (!b->visible[a->index].measure)
		return lam_bind_clone(b, x, key_column, a);
	lam_sql_fail(&b->sql, a->line, a->column, "\"%s\" is a measure of the "
		"view %s: a condition on it belongs in HAVING",
		lam_text_show(a->text, show), b->relation);
	return NULL;
}

struct lam_expr *
lam_bind_view_agg(struct lam_bind *b, const struct lam_ast *a)
{
	/* Misplaced ones are refused before their measures are looked at. */
	if (b->above && lam_bind_rollup(b, a) == LAM_ROLLUP_MERGE)
		return lam_bind_view_field(b, a->arg[0]->kind == LAM_A_FIELD ?
			a->arg[0] : a->arg[0]->arg[0]);
	return lam_bind_agg(b, a);
}

int
lam_bind_split(struct lam_bind *b, struct lam_ast *a, bool measure,
	struct lam_ast **out)
{
	struct lam_token at = { .line = a->line, .column = a->column };
	struct lam_ast **all = a->arg, **some;
	uint32_t n = a->nargs, found = 0;

	*out = NULL;
	if (a->kind != LAM_A_CALL || a->fn != LAM_FN_AND) {
		all = &a;
		n = 1;
	}
	some = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *, n);
	if (some == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < n; i++)
		if (lam_bind_measure(b, all[i]) == measure)
			some[found++] = all[i];
	if (found == 0)
		return LAM_OK;
	*out = found == 1 ? some[0] : lam_ast_call(&b->sql, &at, LAM_FN_AND,
		found, some);
	return *out != NULL ? LAM_OK : b->sql.e->code;
}

/* What the query makes of the view's keys and states: nothing yet. */
static int
new_maps(struct lam_bind *b)
{
	const struct lam_query *v = b->view;

	b->key_of = LAM_ARENA_NEW(b->sql.arena, int64_t, v->nkeys + 1);
	b->state_of = LAM_ARENA_NEW(b->sql.arena, int64_t, v->nstates + 1);
	if (b->key_of == NULL || b->state_of == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < v->nkeys; i++)
		b->key_of[i] = -1;
	for (uint32_t i = 0; i < v->nstates; i++)
		b->state_of[i] = -1;
	return LAM_OK;
}

/* The partial relation of the view as the input. */
static int
set_input(struct lam_bind *b)
{
	const struct lam_query *v = b->view;
	uint32_t n = lam_query_columns(v);
	struct lam_input_field *f = LAM_ARENA_NEW(b->sql.arena,
		struct lam_input_field, n + 1);
	int rc = f != NULL ? new_maps(b) : lam_fail_mem(b->sql.e);

	if (rc != LAM_OK)
		return rc;
	b->q->view = v;
	for (uint32_t i = 0; i < n; i++)
		lam_query_column(v, i, &f[i].name, &f[i].type.type);
	return lam_bind_fields(b, f, n);
}

static int
bind_own_grain(struct lam_bind *b)
{
	struct lam_query *q = b->q;
	const struct lam_query *v = b->view;
	struct lam_ast at = { .line = 1, .column = 1 }, *where = b->where;
	struct lam_expr x = { .kind = LAM_X_KEY };
	int rc = LAM_OK;

	if (where != NULL)
		rc = lam_bind_split(b, where, true, &b->having);
	if (rc == LAM_OK && where != NULL)
		rc = lam_bind_split(b, where, false, &b->where);
	if (rc == LAM_OK)
		rc = lam_bind_keys(b);
	if (rc != LAM_OK)
		return rc;
	q->grouped = true;
	q->key = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *, v->nkeys + 1);
	q->key_name = LAM_ARENA_NEW(b->sql.arena, const char *, v->nkeys + 1);
	if (q->key == NULL || q->key_name == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < v->nkeys; i++) {
		x.index = i;
		x.type = v->key[i]->type;
		q->key[i] = key_column(b, &x, &at);
		if (q->key[i] == NULL)
			return b->sql.e->code;
		q->key_name[i] = q->input->field[i].name;
		b->key_of[i] = i;
	}
	q->nkeys = v->nkeys;
	return lam_bind_outputs(b);
}

/* Is any measure named alone above the aggregation, other than as a key? */
static bool
bare_measure(const struct lam_bind *b, const struct lam_ast *a)
{
	bool is = a->kind == LAM_A_FIELD && b->visible[a->index].measure;

	if (a->kind == LAM_A_AGG || lam_bind_key(b, a) >= 0)
		return false;
	for (uint32_t i = 0; i < a->nargs && !is; i++)
		is = bare_measure(b, a->arg[i]);
	return is;
}

/* The kind of aggregates that the query has; *BARE: it names measures alone. */
static enum lam_rollup
survey(struct lam_bind *b, bool *bare)
{
	enum lam_rollup most = LAM_ROLLUP_MERGE, r;
	uint32_t n = b->nitems + b->norder + 1;
	const struct lam_ast *a;

	*bare = false;
	for (uint32_t i = 0; i < n; i++) {
		a = i < b->nitems ? b->item[i].expr : i < n - 1 ?
			b->order[i - b->nitems].expr : b->having;
		if (a == NULL)
			continue;
		*bare |= bare_measure(b, a);
		r = lam_bind_rollups(b, a);
		if (r == LAM_ROLLUP_FAILED)
			return r;
		most = r > most ? r : most;
	}
	for (uint32_t i = 0; i < b->nkeys; i++)
		if (lam_bind_measure(b, b->key[i]))
			most = LAM_ROLLUP_ROWS;
	return most;
}

/* Must the query read rows of the view, not its states? */
static int
needs_rows(struct lam_bind *b, bool *rows)
{
	bool bare;
	enum lam_rollup r = survey(b, &bare);

	/* A condition on measures picks rows of the view, unless measures are
	 * to be merged from them: then it is refused, naming HAVING. */
	*rows = r == LAM_ROLLUP_ROWS || (!bare && b->where != NULL &&
		lam_bind_measure(b, b->where));
	return r == LAM_ROLLUP_FAILED ? b->sql.e->code : LAM_OK;
}

/* Keys and outputs, made of the keys and states of the view. */
static int
roll_up(struct lam_bind *b)
{
	struct lam_query *q = b->q;
	int rc = lam_bind_keys(b);

	if (rc != LAM_OK)
		return rc;
	for (uint32_t i = 0; i < q->nkeys; i++)
		if (q->key[i]->kind == LAM_X_FIELD)
			b->key_of[q->key[i]->index] = i;
	return lam_bind_outputs(b);
}

int
lam_bind_view(struct lam_bind *b)
{
	bool rows;
	int rc = set_input(b);

	if (rc != LAM_OK)
		return rc;
	if (!b->q->grouped)
		return bind_own_grain(b);
	rc = needs_rows(b, &rows);
	if (rc != LAM_OK)
		return rc;
	return rows ? lam_bind_rows(b) : roll_up(b);
}

int
lam_bind_view_sets(struct lam_bind *b, const struct lam_ast *at)
{
	bool rows = false;
	int rc = set_input(b);

	if (rc == LAM_OK)
		rc = needs_rows(b, &rows);
	return rc != LAM_OK || !rows ? rc : lam_sql_fail(&b->sql, at->line,
		at->column, "an aggregate over the rows of the view, for several "
		"sets of keys: write FROM (SELECT * FROM %s)", b->relation);
}

int
lam_bind_view_set(struct lam_bind *b)
{
	int rc = new_maps(b);

	return rc == LAM_OK ? roll_up(b) : rc;
}
