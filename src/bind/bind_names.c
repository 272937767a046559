/*
 * bind_names.c - names to fields, aliases to what they stand for
 *
 * The result is a statement without names, aliases, *, ordinals and ALL, each
 * tree a copy of its own.  A name is looked up in this order, as in DuckDB:
 *
 *	SELECT list		a column, else an output before this one
 *	WHERE, GROUP BY		a column, else an output
 *	ORDER BY name		an output, else a column
 *	ORDER BY expression	a column, else an output
 *	HAVING			a key, else an output, else a column (bind_order.c)
 *
 * Within the arguments of an aggregate a column always comes first.  Names are
 * compared exactly, then without regard to ASCII case.
 */
#include "bind/bind_lookup.h"

#include <string.h>

#include "sql/print.h"

/* The first of the first N outputs called NAME; LAM_FIND_NONE. */
static int64_t
find_item(const struct lam_bind *b, struct lam_str name, uint32_t n)
{
	int64_t found = LAM_FIND_NONE;

	for (uint32_t i = 0; i < n; i++) {
		struct lam_str s = { b->item[i].name, strlen(b->item[i].name) };

		if (!lam_text_same(s, name))
			continue;
		if (memcmp(s.p, name.p, s.n) == 0)
			return i;
		if (found == LAM_FIND_NONE)
			found = i;
	}
	return found;
}

/* WHOLE: it was written with the name of its relation. */
static struct lam_ast *
field_node(struct lam_bind *b, uint32_t index, bool whole, uint32_t line,
	uint32_t column)
{
	const struct lam_ast *made = b->visible[index].made;
	struct lam_ast *a = made != NULL ? NULL : lam_ast_new(&b->sql,
		LAM_A_FIELD, line, column);

	if (a == NULL)
		return made != NULL ? lam_ast_copy(&b->sql, made) : NULL;
	a->index = index;
	a->text = b->visible[index].name;
	if (lam_bind_is_whole(b, index, whole))
		a->table = b->visible[index].table;
	return lam_ast_seal(&b->sql, a) ? a : NULL;
}

/* What the column INDEX, named alone, stands for. */
static struct lam_ast *
column_node(struct lam_bind *b, uint32_t index, uint32_t line, uint32_t column)
{
	return b->visible[index].merged != NULL ? lam_ast_copy(&b->sql,
		b->visible[index].merged) : field_node(b, index, false, line,
		column);
}

/* Is a relation called TABLE here? */
static bool
has_table(const struct lam_bind *b, struct lam_str table)
{
	for (uint32_t i = b->first_visible; i < b->nvisible; i++)
		if (lam_text_same(b->visible[i].table, table))
			return true;
	return false;
}

static bool
is_around(const struct lam_bind *b, const struct lam_ast *a)
{
	const struct lam_bind *x = b->around;

	while (x != NULL && !has_table(x, a->table))
		x = x->around;
	return x != NULL;
}

/* Is TABLE.NAME of A one name, as of a member of JSON? */
static bool
is_whole(const struct lam_bind *b, const struct lam_ast *a)
{
	for (uint32_t i = b->first_visible; i < b->nvisible; i++) {
		struct lam_str v = b->visible[i].name, head = { v.p, a->table.n };

		if (v.n == a->table.n + 1 + a->text.n && v.p[head.n] == '.' &&
			lam_text_same(head, a->table) && lam_text_same(
			(struct lam_str){ v.p + head.n + 1, a->text.n }, a->text))
			return true;
	}
	return false;
}

/* Resolve the name A, which may be one of the first N outputs. */
static struct lam_ast *
resolve_name(struct lam_bind *b, const struct lam_ast *a, uint32_t n)
{
	char show[LAM_TOKEN_SHOW];
	int64_t i;

	if (a->text.p == NULL || (a->table.p != NULL &&
		!has_table(b, a->table))) {
		lam_sql_fail(&b->sql, a->line, a->column, a->text.p == NULL ?
			"all columns of %s are no value: name one" :
			is_around(b, a) ? "\"%s\" is a relation of a query "
			"around: only WHERE of the next query within can "
			"compare with its columns" :
			is_whole(b, a) ? "no relation is called \"%s\" here: a "
			"column with a point in its name is written in double "
			"quotes" : "no relation is called \"%s\" here",
			lam_text_show(a->table, show));
		return NULL;
	}
	i = lam_bind_find(b, a);
	if (i == LAM_FIND_FAILED)
		return NULL;
	if (i >= 0)
		return a->table.p == NULL ? column_node(b, (uint32_t)i, a->line,
			a->column) : field_node(b, (uint32_t)i, true, a->line,
			a->column);
	i = a->table.p != NULL ? LAM_FIND_NONE : find_item(b, a->text, n);
	return i >= 0 ? lam_ast_copy(&b->sql, b->item[i].expr) :
		lam_bind_unknown(b, a);
}

static struct lam_ast *
resolve(struct lam_bind *b, const struct lam_ast *a, uint32_t n)
{
	struct lam_ast *c;

	if (a->kind == LAM_A_NAME)
		return resolve_name(b, a, n);
	if (a->kind == LAM_A_QUERY && a->query == NULL)
		return lam_bind_sub(b, a);
	c = lam_ast_new(&b->sql, a->kind, a->line, a->column);
	if (c == NULL)
		return NULL;
	*c = *a;
	c->ordinal = false;
	c->arg = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *,
		a->nargs ? a->nargs : 1);
	if (c->arg == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		if ((c->arg[i] = resolve(b, a->arg[i], n)) == NULL)
			return NULL;
	if (a->filter != NULL &&
		(c->filter = resolve(b, a->filter, n)) == NULL)
		return NULL;
	return lam_bind_tidy(b, c) && lam_ast_seal(&b->sql, c) ? c : NULL;
}

struct lam_ast *
lam_bind_resolve(struct lam_bind *b, const struct lam_ast *a)
{
	return resolve(b, a, 0);
}

/* Does A read what a join gives for a query within, which has no name? */
static bool
nameless(const struct lam_ast *a)
{
	bool is = a->kind == LAM_A_FIELD && a->text.n == 0;

	for (uint32_t i = 0; i < a->nargs && !is; i++)
		is = nameless(a->arg[i]);
	return is;
}

/* Name the output, WRITTEN so (or NULL), and say whether it needs AS to have that
 * name. */
static int
name_item(struct lam_bind *b, struct lam_named *i, struct lam_str alias,
	const struct lam_ast *written)
{
	const struct lam_ast *a = written != NULL && nameless(i->expr) ?
		written : i->expr;
	const char *plain = a->kind == LAM_A_FIELD || a->kind == LAM_A_NAME ?
		lam_arena_dup(b->sql.arena, a->text.p, a->text.n) :
		lam_print_text(&b->sql, a);

	if (plain == NULL)
		return lam_fail_mem(b->sql.e);
	i->name = plain;
	if (alias.p == NULL || (alias.n == strlen(plain) &&
		memcmp(alias.p, plain, alias.n) == 0))
		return LAM_OK;
	i->alias = true;
	i->name = lam_arena_dup(b->sql.arena, alias.p, alias.n);
	return i->name != NULL ? LAM_OK : lam_fail_mem(b->sql.e);
}

static int
add_item(struct lam_bind *b, struct lam_ast *expr, struct lam_str alias,
	const struct lam_ast *written)
{
	struct lam_named *to = &b->item[b->nitems];

	to->expr = expr;
	if (expr == NULL || name_item(b, to, alias, written))
		return b->sql.e->code;
	b->nitems++;
	return LAM_OK;
}

/* What EXCLUDE or REPLACE says of column V; NULL: nothing. */
static const struct lam_item *
excepted(const struct lam_item *star, struct lam_str v)
{
	for (uint32_t i = 0; i < star->nexcept; i++)
		if (lam_text_same(star->except[i].alias, v))
			return &star->except[i];
	return NULL;
}

/* The columns that a * stands for. */
static int
resolve_star(struct lam_bind *b, const struct lam_item *star)
{
	static const struct lam_str none = { NULL, 0 };
	struct lam_ast name = { .kind = LAM_A_NAME };
	int rc = LAM_OK;

	if (star->table.p != NULL && !has_table(b, star->table))
		return lam_sql_fail(&b->sql, star->line, star->column, "no "
			"relation of this name is here");
	for (uint32_t i = 0; i < star->nexcept; i++) {
		name.text = star->except[i].alias;
		name.line = star->except[i].line;
		name.column = star->except[i].column;
		if (lam_bind_find(b, &name) < 0)
			return lam_bind_unknown(b, &name), b->sql.e->code;
	}
	for (uint32_t k = 0; k < b->nvisible && rc == LAM_OK; k++) {
		const struct lam_visible *v = &b->visible[k];
		const struct lam_item *x = excepted(star, v->name);

		if (star->table.p != NULL ? !lam_text_same(star->table,
			v->table) : v->hidden)
			continue;
		if (x == NULL)
			rc = add_item(b, star->table.p != NULL ? field_node(b,
				k, true, star->line, star->column) : column_node(b, k,
				star->line, star->column), v->merged != NULL ||
				v->made != NULL ? v->name : none, NULL);
		else if (x->expr != NULL)
			rc = add_item(b, resolve(b, x->expr, b->nitems),
				b->visible[k].name, x->expr);
	}
	return rc;
}

static int
resolve_items(struct lam_bind *b, const struct lam_select *s)
{
	uint64_t n = 0;
	int rc = LAM_OK;

	for (uint32_t i = 0; i < s->nitems; i++)
		n += s->item[i].expr != NULL ? 1 : b->nvisible;
	if (n > LAM_SQL_OUTPUTS)
		return lam_sql_fail(&b->sql, s->item[0].line,
			s->item[0].column, "more than %d columns",
			LAM_SQL_OUTPUTS);
	b->item = LAM_ARENA_NEW(b->sql.arena, struct lam_named, n ? n : 1);
	if (b->item == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < s->nitems && rc == LAM_OK; i++)
		rc = s->item[i].expr == NULL ? resolve_star(b, &s->item[i]) :
			add_item(b, resolve(b, s->item[i].expr, b->nitems),
				s->item[i].alias, s->item[i].expr);
	if (rc == LAM_OK && b->nitems == 0)
		rc = lam_sql_fail(&b->sql, s->item[0].line, s->item[0].column,
			"no column is left");
	return rc;
}

/* The output that the integer A numbers; NULL: there is none. */
static struct lam_ast *
ordinal(struct lam_bind *b, const struct lam_ast *a, const char *clause)
{
	char show[LAM_NUM_TEXT + 1];

	if (a->num.m >= 1 && a->num.m <= b->nitems)
		return lam_ast_copy(&b->sql,
			b->item[(uint32_t)a->num.m - 1].expr);
	show[lam_num_print(a->num, show)] = '\0';
	lam_sql_fail(&b->sql, a->line, a->column, "%s %s: expected the number "
		"of an output column, 1 to %u", clause, show, b->nitems);
	return NULL;
}

int64_t
lam_bind_key(const struct lam_bind *b, const struct lam_ast *a)
{
	for (uint32_t i = 0; i < b->nkeys; i++)
		if (lam_ast_equal(b->key[i], a))
			return i;
	return -1;
}

bool
lam_bind_measure(const struct lam_bind *b, const struct lam_ast *a)
{
	bool is = a->kind == LAM_A_FIELD && b->visible[a->index].measure;

	for (uint32_t i = 0; i < a->nargs && !is && a->kind != LAM_A_AGG; i++)
		is = lam_bind_measure(b, a->arg[i]);
	return is;
}

static int
add_key(struct lam_bind *b, struct lam_ast *a)
{
	if (a == NULL)
		return b->sql.e->code;
	if (lam_ast_agg(a) != NULL)
		return lam_sql_fail(&b->sql, a->line, a->column, "an aggregate "
			"cannot be a group key: group by a column");
	if (lam_ast_over(a) != NULL)
		return lam_sql_fail(&b->sql, a->line, a->column, "a window "
			"function cannot be a group key: put it into a "
			"sub-query, FROM (SELECT ...)");
	if (lam_ast_unnest(a) != NULL)
		return lam_sql_fail(&b->sql, a->line, a->column, "%s",
			b->as_view ? lam_bind_unnest_why : "unnest cannot be "
			"a group key: write FROM t, unnest(t.x) AS u(e) ... "
			"GROUP BY e");
	if (lam_bind_key(b, a) < 0)
		b->key[b->nkeys++] = a;
	return LAM_OK;
}

static int
resolve_group(struct lam_bind *b, const struct lam_select *s)
{
	uint32_t n = s->group_all ? b->nitems : s->ngroup;
	const struct lam_ast *a;
	struct lam_ast *key;
	int rc = LAM_OK;

	b->key = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *, n ? n : 1);
	b->term_key = LAM_ARENA_NEW(b->sql.arena, uint32_t, n ? n : 1);
	if (b->key == NULL || b->term_key == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < n && rc == LAM_OK; i++) {
		a = s->group_all ? b->item[i].expr : s->group[i].expr;
		if (s->group_all && (lam_ast_agg(a) != NULL ||
			lam_ast_over(a) != NULL || lam_bind_measure(b, a)))
			continue;
		key = s->group_all ? lam_ast_copy(&b->sql, a) : a->ordinal ?
			ordinal(b, a, "GROUP BY") : resolve(b, a, b->nitems);
		rc = add_key(b, key);
		if (rc == LAM_OK)
			b->term_key[i] = (uint32_t)lam_bind_key(b, key);
	}
	return rc;
}

/* One term of ORDER BY: a bare name means an output first. */
static struct lam_ast *
order_term(struct lam_bind *b, const struct lam_ast *a)
{
	int64_t i = LAM_FIND_NONE;

	if (a->ordinal)
		return ordinal(b, a, "ORDER BY");
	if (a->kind == LAM_A_NAME && a->table.p == NULL)
		i = find_item(b, a->text, b->nitems);
	return i >= 0 ? lam_ast_copy(&b->sql, b->item[i].expr) :
		resolve(b, a, b->nitems);
}

/* Which kinds of functions A has. */
static void
note(struct lam_bind *b, const struct lam_ast *a)
{
	b->aggregates |= lam_ast_agg(a) != NULL;
	b->over |= lam_ast_over(a) != NULL;
	b->unnests |= lam_ast_unnest(a) != NULL;
}

static int
resolve_order(struct lam_bind *b, const struct lam_select *s)
{
	uint32_t n = s->order_all ? b->nitems : s->norder;

	b->order = LAM_ARENA_NEW(b->sql.arena, struct lam_term, n ? n : 1);
	if (b->order == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < n; i++) {
		b->order[i] = s->order[s->order_all ? 0 : i];
		b->order[i].expr = s->order_all ?
			lam_ast_copy(&b->sql, b->item[i].expr) :
			order_term(b, s->order[i].expr);
		if (b->order[i].expr == NULL)
			return b->sql.e->code;
		b->norder++;
		note(b, b->order[i].expr);
	}
	return LAM_OK;
}

static int
resolve_where(struct lam_bind *b, const struct lam_select *s)
{
	const struct lam_ast *agg;

	b->where = resolve(b, s->where, b->nitems);
	if (b->where == NULL)
		return b->sql.e->code;
	agg = lam_ast_over(b->where);
	if (agg != NULL)
		return lam_sql_fail(&b->sql, agg->line, agg->column, "a window "
			"function cannot stand in WHERE: write QUALIFY for a "
			"condition on it");
	agg = lam_ast_agg(b->where);
	if (agg == NULL)
		return LAM_OK;
	return lam_sql_fail(&b->sql, agg->line, agg->column, "an aggregate "
		"cannot stand in WHERE: write HAVING for a condition on "
		"groups, or %s(...) FILTER (WHERE ...)",
		lam_aggregate[agg->agg].name);
}

static int
resolve_qualify(struct lam_bind *b, const struct lam_select *s)
{
	b->qualify = resolve(b, s->qualify, b->nitems);
	if (b->qualify == NULL)
		return b->sql.e->code;
	note(b, b->qualify);
	return LAM_OK;
}

/* HAVING is known before windows are made. */
static int
check_having(struct lam_bind *b)
{
	const struct lam_ast *over = lam_ast_over(b->having);

	b->aggregates |= lam_ast_agg(b->having) != NULL;
	return over == NULL ? LAM_OK : lam_sql_fail(&b->sql, over->line,
		over->column, "a window function cannot stand in HAVING: "
		"write QUALIFY for a condition on it");
}

int
lam_bind_names(struct lam_bind *b, const struct lam_select *s)
{
	int rc = resolve_items(b, s);

	if (rc == LAM_OK && s->where != NULL)
		rc = resolve_where(b, s);
	if (rc == LAM_OK)
		rc = resolve_group(b, s);
	if (rc == LAM_OK && s->having != NULL &&
		(b->having = resolve(b, s->having, b->nitems)) == NULL)
		rc = b->sql.e->code;
	if (rc == LAM_OK)
		rc = resolve_order(b, s);
	for (uint32_t i = 0; i < b->nitems && rc == LAM_OK; i++)
		note(b, b->item[i].expr);
	if (rc == LAM_OK && s->qualify != NULL)
		rc = resolve_qualify(b, s);
	return rc == LAM_OK && b->having != NULL ? check_having(b) : rc;
}
