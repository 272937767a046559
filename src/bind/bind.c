/*
 * bind.c - a query, bound
 *
 * The steps are those of bind_internal.h.
 */
#include "bind/bind_lookup.h"

#include <string.h>

#include "sql/print.h"

int
lam_bind_fields(struct lam_bind *b, const struct lam_input_field *from,
	uint32_t n)
{
	struct lam_stage *s = b->q->input;

	s->field = LAM_ARENA_NEW(b->sql.arena, struct lam_input_field,
		n ? n : 1);
	s->used = LAM_ARENA_NEW(b->sql.arena, bool, n ? n : 1);
	if (s->field == NULL || s->used == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < n; i++) {
		s->field[i].type = from[i].type;
		s->field[i].list = from[i].list;
		s->field[i].null = from[i].null;
		s->field[i].name = lam_arena_dup(b->sql.arena, from[i].name,
			strlen(from[i].name));
		if (s->field[i].name == NULL)
			return lam_fail_mem(b->sql.e);
	}
	s->nfields = n;
	return LAM_OK;
}

bool
lam_bind_has_final(const struct lam_expr *x)
{
	bool has = x->kind == LAM_X_FINAL;

	for (uint32_t i = 0; i < x->nargs && !has; i++)
		has = lam_bind_has_final(x->arg[i]);
	return has;
}

/* The name of key A: of the output that it is, or its text. */
static const char *
key_name(struct lam_bind *b, const struct lam_ast *a)
{
	for (uint32_t i = 0; i < b->nitems; i++)
		if (lam_ast_equal(b->item[i].expr, a))
			return b->item[i].name;
	return lam_print_text(&b->sql, a);
}

int
lam_bind_keys(struct lam_bind *b)
{
	struct lam_query *q = b->q;

	if (b->where != NULL && (q->where = lam_bind_condition(b, b->where,
		"WHERE")) == NULL)
		return b->sql.e->code;
	if (lam_bind_found(b) != LAM_OK)
		return b->sql.e->code;
	q->key = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *, b->nkeys + 1);
	q->key_name = LAM_ARENA_NEW(b->sql.arena, const char *, b->nkeys + 1);
	b->span_key = LAM_ARENA_NEW(b->sql.arena, bool, b->nkeys + 1);
	if (q->key == NULL || q->key_name == NULL || b->span_key == NULL)
		return lam_fail_mem(b->sql.e);
	b->clause = "GROUP BY";
	for (uint32_t i = 0; i < b->nkeys; i++) {
		q->key[i] = lam_bind_is_hop(b->key[i]) ? lam_bind_hop(b, i) :
			lam_bind_expr(b, b->key[i]);
		q->key_name[i] = key_name(b, b->key[i]);
		if (q->key[i] == NULL || q->key_name[i] == NULL ||
			!lam_bind_span_key(b, i))
			return b->sql.e->code;
	}
	q->nkeys = b->nkeys;
	return LAM_OK;
}

/* A count, min or max that is an output as it stands has its name. */
static const char *
output_name(const struct lam_query *q, uint32_t state)
{
	uint8_t kind = q->state[state].kind;

	for (uint32_t i = 0; i < q->noutputs; i++) {
		const struct lam_expr *x = q->output[i].expr;

		if (x->kind == LAM_X_FINAL && x->index == state &&
			(kind == LAM_COUNT || kind == LAM_MIN ||
			kind == LAM_MAX) && x->final == LAM_FINAL_VALUE)
			return q->output[i].name;
	}
	return q->state[state].label;
}

/* The names of the components: the columns of the partial relation. */
static int
name_components(struct lam_bind *b)
{
	static const char *const suffix[LAM_STATES][LAM_COMPONENTS_MAX] = {
		[LAM_SUM] = { "", ".wide" },
		[LAM_ARGMIN] = { ".by", ".value" },
		[LAM_ARGMAX] = { ".by", ".value" },
		[LAM_FIRST] = { ".position", ".value" },
		[LAM_LAST] = { ".position", ".value" },
	};
	struct lam_buf t = LAM_BUF_INIT;
	int rc = LAM_OK;

	for (uint32_t i = 0; i < b->q->nstates; i++) {
		struct lam_state *s = &b->q->state[i];

		for (uint32_t c = 0; c < s->ncomponents; c++) {
			lam_buf_clear(&t);
			lam_buf_puts(&t, output_name(b->q, i));
			if (suffix[s->kind][c] != NULL)
				lam_buf_puts(&t, suffix[s->kind][c]);
			rc = lam_buf_check(&t, b->sql.e);
			s->column[c] = rc != LAM_OK ? NULL :
				lam_arena_dup(b->sql.arena, t.p, t.n);
			if (s->column[c] == NULL)
				rc = lam_fail_mem(b->sql.e);
		}
	}
	lam_buf_release(&t);
	return rc;
}

int
lam_bind_outputs(struct lam_bind *b)
{
	struct lam_query *q = b->q;
	struct lam_expr *x;
	int rc;

	q->output = LAM_ARENA_NEW(b->sql.arena, struct lam_output,
		b->nitems + 1);
	q->order = LAM_ARENA_NEW(b->sql.arena, struct lam_order,
		b->norder + 1);
	if (q->output == NULL || q->order == NULL)
		return lam_fail_mem(b->sql.e);
	b->above = q->grouped;
	b->clause = "SELECT";
	for (uint32_t i = 0; i < b->nitems; i++) {
		x = lam_bind_expr(b, b->item[i].expr);
		if (x == NULL)
			return b->sql.e->code;
		/* A bare column of plain rows is the text as it came. */
		x->raw = !q->grouped && q->input->kind == LAM_STAGE_SCAN &&
			b->item[i].expr->kind == LAM_A_FIELD;
		q->output[i] = (struct lam_output){ b->item[i].name, x };
		q->noutputs++;
	}
	if (b->having != NULL && (q->having = lam_bind_condition(b, b->having,
		"HAVING")) == NULL)
		return b->sql.e->code;
	b->clause = "ORDER BY";
	for (uint32_t i = 0; i < b->norder; i++) {
		x = lam_bind_expr(b, b->order[i].expr);
		if (x == NULL)
			return b->sql.e->code;
		if (x->list == LAM_SPAN)
			x = lam_bind_span_seconds(b, b->order[i].expr, x);
		if (x == NULL)
			return b->sql.e->code;
		if (x->list != 0)
			return lam_sql_fail(&b->sql, b->order[i].expr->line,
				b->order[i].expr->column, "lists have no "
				"order: write ORDER BY x[1] for that of an "
				"element, or x::VARCHAR for that of the texts");
		q->order[i] = (struct lam_order){ x, b->order[i].descending,
			b->order[i].nulls_first };
		q->norder++;
	}
	b->above = false;
	rc = name_components(b);
	return rc == LAM_OK ? lam_bind_fill(b) : rc;
}

/* A clause that partials cannot keep, or NULL; *WHAT: its name. */
static const struct lam_token *
clause_of_query(const struct lam_select *s, const char **what)
{
	if (s->distinct || s->distinct_on != NULL)
		return *what = "SELECT DISTINCT", &s->at_distinct;
	if (s->having != NULL)
		return *what = "HAVING", &s->at_having;
	if (s->qualify != NULL)
		return *what = "QUALIFY", &s->at_qualify;
	if (s->norder > 0 || s->order_all)
		return *what = "ORDER BY", &s->at_order;
	if (s->has_limit || s->has_offset)
		return *what = "LIMIT", &s->at_limit;
	return NULL;
}

/* The columns of a view have names, each its own, in whatever case. */
static int
check_view_names(struct lam_bind *b)
{
	for (uint32_t i = 0; i < b->nitems; i++)
		for (uint32_t k = 0; k < i; k++)
			if (lam_str_is((struct lam_str){ b->item[i].name,
				strlen(b->item[i].name) }, b->item[k].name))
				return lam_sql_fail(&b->sql,
					b->item[i].expr->line,
					b->item[i].expr->column, "two columns "
					"of the view are called \"%.60s\": "
					"name one with AS", b->item[i].name);
	return LAM_OK;
}

static int
check_view(struct lam_bind *b, const struct lam_select *s)
{
	const char *what = NULL;
	const struct lam_token *t = clause_of_query(s, &what);

	if (s->nsets > 0)
		return lam_sql_fail(&b->sql, s->at_group.line,
			s->at_group.column, "a view is grouped by one set of "
			"keys: name them all, and write ROLLUP and the like in "
			"the query on the view");
	if (t != NULL)
		return lam_sql_fail(&b->sql, t->line, t->column, "a view "
			"cannot have %s: put it into the query on the view",
			what);
	if (b->unnests)
		return lam_sql_fail(&b->sql, s->item[0].line,
			s->item[0].column, "%s", lam_bind_unnest_why);
	for (uint32_t i = 0; i < b->nitems; i++)
		if (lam_ast_over(b->item[i].expr) != NULL)
			return lam_sql_fail(&b->sql, b->item[i].expr->line,
				b->item[i].expr->column, "a view cannot have window "
				"functions: put them into the query on the "
				"view");
	if (b->nitems > LAM_VIEW_OUTPUTS || b->nkeys > LAM_VIEW_OUTPUTS)
		return lam_sql_fail(&b->sql, s->item[0].line,
			s->item[0].column, "a view has at most %d columns and "
			"keys: make several views", LAM_VIEW_OUTPUTS);
	if (b->view != NULL)
		return lam_sql_fail(&b->sql, s->from->line,
			s->from->column, "a view cannot read the view %s: "
			"name the stream it reads", b->relation);
	if (!b->q->grouped)
		return lam_sql_fail(&b->sql, s->item[0].line,
			s->item[0].column, "a view needs GROUP BY or an "
			"aggregate such as count(*): rows are kept in the "
			"stream itself");
	return check_view_names(b);
}

/*
 * Is A the sum, difference or product of constants and of the first N keys?  Such
 * arithmetic has a fault only beyond 38 digits.
 */
static bool
follows(const struct lam_bind *b, const struct lam_ast *a, uint32_t n)
{
	int64_t k = lam_bind_key(b, a);
	bool all = a->kind == LAM_A_CALL && (a->fn == LAM_FN_ADD ||
		a->fn == LAM_FN_SUB || a->fn == LAM_FN_MUL);

	if ((k >= 0 && k < n) || lam_ast_literal(a))
		return true;
	for (uint32_t i = 0; i < a->nargs && all; i++)
		all = follows(b, a->arg[i], n);
	return all;
}

/*
 * Leave out the keys that follow from those before them: the groups and their order
 * are the same, and outputs that are such keys are made from the others.
 */
static void
independent_keys(struct lam_bind *b)
{
	uint32_t n = b->nkeys > 0;

	for (uint32_t i = 1; i < b->nkeys; i++)
		if (!follows(b, b->key[i], n))
			b->key[n++] = b->key[i];
	b->nkeys = n;
}

int
lam_bind_clauses(struct lam_bind *b, const struct lam_select *s, bool as_view)
{
	struct lam_query *q = b->q;
	int rc = lam_bind_names(b, s);

	if (rc != LAM_OK)
		return rc;
	q->grouped = b->nkeys > 0 || b->aggregates || s->having != NULL ||
		s->group_all;
	q->limit = s->limit;
	q->offset = s->offset;
	if (as_view && (rc = check_view(b, s)) != LAM_OK)
		return rc;
	if (b->fill != NULL && (rc = lam_bind_fill_ends(b, s)) != LAM_OK)
		return rc;
	if (q->grouped && (rc = lam_bind_order(b)) != LAM_OK)
		return rc;
	rc = lam_bind_text(b, s);
	if (rc == LAM_OK && b->qualify != NULL && !b->over)
		rc = lam_sql_fail(&b->sql, s->at_qualify.line,
			s->at_qualify.column, "QUALIFY is a condition on window "
			"functions: write %s for one without", q->grouped ?
			"HAVING" : "WHERE");
	if (rc == LAM_OK && b->unnest != NULL)
		rc = lam_bind_unnest_rows(b, false);
	if (rc == LAM_OK && b->join != NULL)
		rc = lam_bind_join(b);
	if (rc == LAM_OK && s->nsets > 0)
		return b->unnests ? lam_bind_unnest(b, s) :
			lam_bind_grouping(b, s);
	if (rc == LAM_OK && b->over)
		rc = lam_bind_over(b);
	if (rc == LAM_OK && b->unnests)
		rc = lam_bind_unnest(b, s);
	if (rc == LAM_OK && s->distinct)
		rc = lam_bind_distinct(b);
	if (rc == LAM_OK && !as_view && b->view == NULL)
		independent_keys(b);
	if (rc == LAM_OK && b->view != NULL)
		rc = lam_bind_view(b);
	else if (rc == LAM_OK && (rc = lam_bind_keys(b)) == LAM_OK)
		rc = lam_bind_outputs(b);
	return rc;
}

int
lam_bind_query(struct lam_bind *b, const struct lam_select *s,
	const struct lam_scope *scope, bool as_view)
{
	struct lam_scope own = { scope->catalog, s->with, s->nwith, scope };
	int rc;

	b->scope = &own;
	b->as_view = as_view;
	b->q = lam_query_new(b->sql.arena);
	if (b->q == NULL)
		return lam_fail_mem(b->sql.e);
	if (s->set != LAM_SET_NONE && !as_view)
		return b->fill == NULL ? lam_bind_set(b, s) :
			lam_sql_fail(&b->sql, 1, 1, "UNION and the like have "
			"no empty buckets to fill: put it into FROM (...), and "
			"group its rows");
	rc = lam_bind_from(b, s, as_view);
	return rc == LAM_OK ? lam_bind_clauses(b, s, as_view) : rc;
}

static int
start(struct lam_bind *b, const char *sql, struct lam_select *s)
{
	struct lam_arena *arena = b->sql.arena;
	int rc = lam_parse(&b->sql, sql, s);

	if (rc != LAM_OK)
		return rc;
	b->sql.name = lam_arena_dup(arena, b->sql.name, strlen(b->sql.name));
	return b->sql.name != NULL ? LAM_OK : lam_fail_mem(b->sql.e);
}

/* Hand a failure over to the caller, who need not have asked for it. */
static int
finish(int rc, const struct lam_error *from, struct lam_error *e)
{
	if (rc != LAM_OK && e != NULL && e->code == LAM_OK)
		*e = *from;
	return rc;
}

static int
bind_text(const char *sql, const char *name, bool as_view, bool fill,
	const struct lam_catalog *catalog, struct lam_arena *arena,
	struct lam_query **out, struct lam_error *e)
{
	struct lam_error local = LAM_ERROR_INIT;
	struct lam_bind b = { .sql = { name, arena, &local, 0, catalog->now } };
	struct lam_scope none = { .catalog = catalog };
	struct lam_select s;
	int rc = start(&b, sql, &s);

	if (rc == LAM_OK && fill && (b.fill = lam_bind_fill_new(&b)) == NULL)
		rc = lam_fail_mem(&local);
	if (rc == LAM_OK)
		rc = lam_bind_query(&b, &s, &none, as_view);
	if (rc == LAM_OK)
		rc = lam_bind_filled(&b);
	*out = NULL;
	if (rc == LAM_OK) {
		b.q->sql = lam_arena_dup(arena, sql, strlen(sql));
		rc = b.q->sql != NULL ? LAM_OK : lam_fail_mem(&local);
		*out = b.q;
	}
	return finish(rc, &local, e);
}

int
lam_query_bind(const char *sql, const char *name, bool as_view,
	const struct lam_catalog *catalog, struct lam_arena *arena,
	struct lam_query **out, struct lam_error *e)
{
	return bind_text(sql, name, as_view, false, catalog, arena, out, e);
}

int
lam_query_bind_filled(const char *sql, const char *name,
	const struct lam_catalog *catalog, struct lam_arena *arena,
	struct lam_query **out, struct lam_error *e)
{
	return bind_text(sql, name, false, true, catalog, arena, out, e);
}

int
lam_query_from(const char *sql, const char *name, struct lam_arena *arena,
	const struct lam_stage **out, struct lam_error *e)
{
	struct lam_error local = LAM_ERROR_INIT;
	struct lam_bind b = { .sql = { name, arena, &local, 0, NULL } };
	struct lam_select s;
	int rc = start(&b, sql, &s);

	b.q = rc == LAM_OK ? lam_query_new(arena) : NULL;
	if (rc == LAM_OK && b.q == NULL)
		rc = lam_fail_mem(&local);
	if (rc == LAM_OK)
		rc = lam_bind_leaf(&b, &s);
	*out = rc == LAM_OK ? b.q->input : NULL;
	return finish(rc, &local, e);
}
