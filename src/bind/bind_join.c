/*
 * bind_join.c - FROM joins relations: a tree of JOIN stages
 *
 * Each relation is bound alone, as if it were all that FROM names.  When the names of
 * the statement are known, so is which columns are read; the right side of a join
 * becomes a SELECT of these, where what WHERE and ON say of it alone holds.  The left
 * side is read as it is, unless it is a view, whose rows must be merged.  What is not
 * read is a constant NULL there, so that every column has one number in all the tree.
 */
#include "bind/bind_join.h"

#include <string.h>

#include "bind/bind_over.h"
#include "bind/bind_sub.h"

static struct lam_join_node *open_node(struct lam_bind *b,
	const struct lam_from *f, struct lam_join_node *of);

bool
lam_bind_append_columns(struct lam_bind *b, const struct lam_bind *leaf)
{
	uint32_t n = b->nvisible + leaf->nvisible;
	struct lam_visible *v = LAM_ARENA_NEW(b->sql.arena, struct lam_visible,
		n + 1);

	if (v == NULL)
		return !lam_fail_mem(b->sql.e);
	if (b->nvisible > 0)
		memcpy(v, b->visible, b->nvisible * sizeof *v);
	for (uint32_t i = 0; i < leaf->nvisible; i++) {
		v[b->nvisible + i] = leaf->visible[i];
		v[b->nvisible + i].measure = false; /* a value, once merged */
	}
	b->visible = v;
	b->nvisible = n;
	return true;
}

/* May the query of F be about each row of the left?  What UNION and the like make of
 * several is the same for all. */
static bool
is_lateral(const struct lam_from *f)
{
	return f->lateral && f->select != NULL &&
		f->select->set == LAM_SET_NONE;
}

/* A relation.  OF: the join whose right it is, if it is LATERAL. */
static bool
open_leaf(struct lam_bind *b, struct lam_join_node *n,
	struct lam_join_node *of)
{
	struct lam_bind *leaf = LAM_ARENA_NEW(b->sql.arena, struct lam_bind, 1);
	char show[LAM_TOKEN_SHOW];
	int rc;

	if (leaf == NULL)
		return !lam_fail_mem(b->sql.e);
	leaf->sql = b->sql;
	leaf->scope = b->scope;
	leaf->q = lam_query_new(b->sql.arena);
	if (leaf->q == NULL)
		return !lam_fail_mem(b->sql.e);
	if (of != NULL) {
		if (!lam_sub_lateral(b, of, leaf))
			return false;
	} else {
		rc = lam_bind_relation(leaf, n->f);
		b->sql.nodes = leaf->sql.nodes;
		if (rc != LAM_OK)
			return false;
	}
	for (uint32_t i = 0; leaf->nvisible > 0 && i < b->nvisible; i++)
		if (lam_text_same(b->visible[i].table, leaf->visible[0].table))
			return !lam_sql_fail(&b->sql, n->f->line, n->f->column,
				"two relations are called \"%s\": give one "
				"another name with AS", lam_text_show(
				leaf->visible[0].table, show));
	n->leaf = leaf;
	return lam_bind_append_columns(b, leaf);
}

/* What is seen as column I; joins within either side may have merged it. */
static struct lam_ast *
seen(struct lam_bind *b, uint32_t i, const struct lam_ast *at)
{
	return b->visible[i].merged != NULL ?
		lam_ast_copy(&b->sql, b->visible[i].merged) :
		lam_over_field(b, i, at);
}

/* USING: column L of the left is column R of the right.  One of them is seen: that of
 * the left as it was written, unless it may be NULL where the other is not. */
static bool
merge(struct lam_bind *b, struct lam_join_node *n, uint32_t l, uint32_t r)
{
	struct lam_visible *v = &b->visible[l];
	struct lam_ast at = { .kind = LAM_A_FIELD, .text = v->name,
		.line = n->f->line, .column = n->f->column }, *two[2];
	struct lam_token t = { .line = n->f->line, .column = n->f->column };
	struct lam_ast *eq;

	two[0] = seen(b, l, &at);
	two[1] = seen(b, r, &at);
	if (two[0] == NULL || two[1] == NULL)
		return false;
	eq = lam_ast_call(&b->sql, &t, LAM_FN_EQ, 2, two);
	if (eq == NULL || !lam_bind_conjuncts(b, eq, &n->on))
		return false;
	b->visible[r].hidden = true;
	if (n->f->join == LAM_JOIN_RIGHT || (n->f->join == LAM_JOIN_INNER &&
		n->f->turned))
		v->merged = lam_ast_copy(&b->sql, two[1]);
	else if (n->f->join == LAM_JOIN_FULL)
		v->merged = lam_ast_call(&b->sql, &t, LAM_FN_COALESCE, 2,
			(struct lam_ast *[]){ lam_ast_copy(&b->sql, two[0]),
			lam_ast_copy(&b->sql, two[1]) });
	return v->merged != NULL || b->sql.e->code == LAM_OK;
}

static bool
resolve_using(struct lam_bind *b, struct lam_join_node *n)
{
	const struct lam_from *f = n->f;

	for (uint32_t i = 0; i < f->nusing; i++) {
		int64_t l, r;

		b->nvisible = n->mid;
		b->relation = "the left side of JOIN";
		l = lam_bind_column(b, f->using[i], f->line, f->column);
		b->first_visible = n->mid;
		b->nvisible = n->hi;
		b->relation = "the right side of JOIN";
		r = l < 0 ? -1 : lam_bind_column(b, f->using[i], f->line,
			f->column);
		b->first_visible = n->lo;
		if (r < 0 || !merge(b, n, (uint32_t)l, (uint32_t)r))
			return false;
	}
	return true;
}

static bool
resolve_on(struct lam_bind *b, struct lam_join_node *n, const struct lam_ast *on)
{
	struct lam_ast *a = lam_bind_resolve(b, on);
	const struct lam_ast *bad = a == NULL ? NULL : lam_ast_agg(a) != NULL ?
		lam_ast_agg(a) : lam_ast_over(a);

	if (bad != NULL)
		return !lam_sql_fail(&b->sql, bad->line, bad->column, "ON "
			"compares rows: put an aggregate or a window function "
			"into a sub-query, JOIN (SELECT ...) ON ...");
	return a != NULL && lam_bind_conjuncts(b, a, &n->on);
}

static bool
open_join(struct lam_bind *b, struct lam_join_node *n)
{
	const struct lam_from *f = n->f;
	uint32_t before = b->first_visible;
	struct lam_ast *on = NULL;
	bool ok;

	if (f->on != NULL && (on = lam_ast_copy(&b->sql, f->on)) == NULL)
		return false;
	n->left = open_node(b, f->left, NULL);
	if (n->left == NULL || (on != NULL && !lam_bind_on_side(b, &n->left,
		f->left, n->lo, on)))
		return false;
	n->mid = b->nvisible;
	n->right = open_node(b, f->right, n);
	n->hi = b->nvisible;
	if (n->right == NULL || (on != NULL && !lam_bind_on_side(b, &n->right,
		f->right, n->mid, on)))
		return false;
	n->hi = b->nvisible;
	b->first_visible = n->lo;
	b->relation = "the relations joined";
	ok = resolve_using(b, n) && (on == NULL || resolve_on(b, n, on));
	b->first_visible = before;
	return ok;
}

static struct lam_join_node *
open_node(struct lam_bind *b, const struct lam_from *f,
	struct lam_join_node *of)
{
	struct lam_join_node *n = LAM_ARENA_NEW(b->sql.arena,
		struct lam_join_node, 1);
	bool ok;

	if (n == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	n->f = f;
	n->lo = n->mid = b->nvisible;
	ok = f->kind == LAM_FROM_JOIN && f->right->kind != LAM_FROM_UNNEST ?
		open_join(b, n) :
		open_leaf(b, n, is_lateral(f) ? of : NULL);
	n->hi = b->nvisible;
	return ok ? n : NULL;
}

int
lam_bind_joined(struct lam_bind *b, const struct lam_select *s,
	const struct lam_from *f)
{
	b->joining = true;
	b->join = open_node(b, f, NULL);
	b->joining = false;
	b->relation = "the relations joined";
	if (b->join != NULL && b->nvisible > LAM_SQL_OUTPUTS)
		return lam_sql_fail(&b->sql, f->line, f->column, "more than %d "
			"columns are joined", LAM_SQL_OUTPUTS);
	return b->join != NULL ? lam_bind_link(b, s) : b->sql.e->code;
}

/* A SELECT of the rows of IN, whose columns are counted from LO, where C holds. */
static struct lam_stage *
wrap(struct lam_bind *b, struct lam_bind *in, const bool *read, uint32_t lo,
	struct lam_conjuncts *c)
{
	struct lam_ast at = { .line = 1, .column = 1 };
	int rc;

	in->sql.nodes = b->sql.nodes;
	in->item = LAM_ARENA_NEW(b->sql.arena, struct lam_named,
		in->nvisible + 1);
	in->where = lam_bind_all_of(in, c);
	if (in->item == NULL || (in->where == NULL && c->n > 0) ||
		(in->where != NULL && !lam_bind_shift(in, in->where, lo)))
		return NULL;
	for (uint32_t i = 0; i < in->nvisible; i++) {
		struct lam_named *x = &in->item[in->nitems++];

		x->expr = read[lo + i] ? lam_over_field(in, i, &at) :
			lam_ast_new(&in->sql, LAM_A_NULL, 1, 1);
		if (x->expr == NULL || !lam_ast_seal(&in->sql, x->expr))
			return NULL;
		x->name = lam_arena_dup(b->sql.arena, in->visible[i].name.p,
			in->visible[i].name.n);
		if (x->name == NULL)
			return NULL;
	}
	in->q->normal = "";
	if (in->view != NULL)
		rc = lam_bind_view(in);
	else if ((rc = lam_bind_keys(in)) == LAM_OK)
		rc = lam_bind_outputs(in);
	b->sql.nodes = in->sql.nodes;
	return rc == LAM_OK ? lam_bind_select(b, in->q) : NULL;
}

static struct lam_stage *join_stage(struct lam_bind *b,
	struct lam_join_node *n, const bool *read);

/* The rows of N to be kept: a SELECT. */
static struct lam_stage *
right_stage(struct lam_bind *b, struct lam_join_node *n, const bool *read)
{
	struct lam_bind in = { .sql = b->sql, .relation = b->relation,
		.visible = b->visible + n->lo, .nvisible = n->hi - n->lo };
	struct lam_conjuncts none = { NULL, 0 };

	if (n->leaf != NULL)
		return n->leaf->q->input->kind == LAM_STAGE_SELECT &&
			n->at.n == 0 ? n->leaf->q->input : wrap(b, n->leaf,
			read, n->lo, &n->at);
	in.q = lam_query_new(b->sql.arena);
	if (in.q == NULL)
		return NULL;
	in.q->input = join_stage(b, n, read);
	return in.q->input != NULL ? wrap(b, &in, read, n->lo, &none) : NULL;
}

/* The rows of N as they come; *FILTER is what must hold of them. */
static struct lam_stage *
left_stage(struct lam_bind *b, struct lam_join_node *n, const bool *read,
	struct lam_expr **filter)
{
	struct lam_bind *in = n->leaf;
	struct lam_ast *where;

	if (in == NULL)
		return join_stage(b, n, read);
	if (in->view != NULL)
		return wrap(b, in, read, n->lo, &n->at);
	for (uint32_t i = 0; i < in->nvisible; i++)
		in->q->input->used[i] |= read[n->lo + i];
	where = lam_bind_all_of(in, &n->at);
	if (where == NULL)
		return n->at.n == 0 ? in->q->input : NULL;
	if (!lam_bind_shift(in, where, n->lo))
		return NULL;
	*filter = lam_bind_condition(in, where, "WHERE");
	return *filter != NULL ? in->q->input : NULL;
}

/* The columns of X, bound over a pair, are those of its right now. */
static void
of_right(struct lam_expr *x, uint32_t nleft)
{
	if (x->kind == LAM_X_FIELD)
		x->index -= nleft;
	for (uint32_t i = 0; i < x->nargs; i++)
		of_right(x->arg[i], nleft);
}

/* If A says that something of the left is something of the right: a key. */
static int
bind_key(struct lam_bind *in, struct lam_ast *a, uint32_t nleft,
	struct lam_join *j, bool *done)
{
	struct lam_expr *x;
	bool turned;

	*done = false;
	if (a->kind != LAM_A_CALL || a->fn != LAM_FN_EQ || a->nargs != 2)
		return LAM_OK;
	turned = lam_bind_reads(a->arg[1], 0, nleft) &&
		lam_bind_reads(a->arg[0], nleft, in->nvisible);
	if ((!turned && !(lam_bind_reads(a->arg[0], 0, nleft) &&
		lam_bind_reads(a->arg[1], nleft, in->nvisible))) ||
		lam_bind_reads(a, 0, 0))
		return LAM_OK;
	in->clause = "ON";
	x = lam_bind_expr(in, a);
	if (x == NULL)
		return in->sql.e->code;
	j->left_key[j->nkeys] = x->arg[turned];
	j->right_key[j->nkeys] = x->arg[!turned];
	of_right(j->right_key[j->nkeys++], nleft + (j->kind ==
		LAM_JOIN_MARK));
	*done = true;
	return LAM_OK;
}

/* Keys and condition of the join S of the node N. */
static int
bind_pairs(struct lam_bind *b, struct lam_join_node *n, struct lam_stage *s,
	struct lam_join *j)
{
	struct lam_bind in = { .sql = b->sql, .relation = b->relation,
		.visible = b->visible + n->lo, .nvisible = n->hi - n->lo,
		.q = lam_query_new(b->sql.arena) };
	struct lam_conjuncts rest = { NULL, 0 };
	struct lam_ast *a;
	bool done;
	int rc = LAM_OK;

	j->left_key = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *,
		n->at.n + 1);
	j->right_key = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *,
		n->at.n + 1);
	if (in.q == NULL || j->left_key == NULL || j->right_key == NULL)
		return lam_fail_mem(b->sql.e);
	in.q->input = s;
	for (uint32_t i = 0; i < n->at.n && rc == LAM_OK; i++) {
		a = n->at.p[i];
		if (!lam_bind_shift(&in, a, n->lo))
			return b->sql.e->code;
		rc = bind_key(&in, a, n->mid - n->lo, j, &done);
		if (rc == LAM_OK && !done && !lam_bind_conjuncts(&in, a, &rest))
			rc = b->sql.e->code;
	}
	if (rc != LAM_OK || rest.n == 0)
		return rc;
	a = lam_bind_all_of(&in, &rest);
	j->condition = a == NULL ? NULL : lam_bind_condition(&in, a, "ON");
	return j->condition != NULL ? LAM_OK : b->sql.e->code;
}

static struct lam_stage *
join_stage(struct lam_bind *b, struct lam_join_node *n, const bool *read)
{
	struct lam_stage *s = LAM_ARENA_NEW(b->sql.arena, struct lam_stage, 1);
	struct lam_join *j = LAM_ARENA_NEW(b->sql.arena, struct lam_join, 1);
	uint32_t all = n->hi - n->lo;

	if (s == NULL || j == NULL)
		return NULL;
	s->kind = LAM_STAGE_JOIN;
	s->join = j;
	s->nfields = all;
	s->field = LAM_ARENA_NEW(b->sql.arena, struct lam_input_field, all + 1);
	s->used = LAM_ARENA_NEW(b->sql.arena, bool, all + 1);
	if (s->field == NULL || s->used == NULL)
		return NULL;
	for (uint32_t i = 0; i < all; i++) {
		const struct lam_visible *v = &b->visible[n->lo + i];

		s->field[i].type = v->type;
		s->field[i].list = v->list;
		s->field[i].null = v->null;
		s->used[i] = read[n->lo + i];
		s->field[i].name = lam_arena_dup(b->sql.arena, v->name.p,
			v->name.n);
		if (s->field[i].name == NULL)
			return NULL;
	}
	j->kind = n->f->join;
	j->source = b->sql.name;
	j->line = n->f->line;
	j->column = n->f->column;
	j->left = left_stage(b, n->left, read, &j->filter);
	j->right = j->left == NULL ? NULL : right_stage(b, n->right, read);
	return j->right != NULL && bind_pairs(b, n, s, j) == LAM_OK ? s : NULL;
}

/* The columns that the conditions of N and below read. */
static void
mark_on(const struct lam_join_node *n, bool *read)
{
	if (n->leaf != NULL)
		return;
	for (uint32_t i = 0; i < n->on.n; i++)
		lam_bind_mark(n->on.p[i], read);
	mark_on(n->left, read);
	mark_on(n->right, read);
}

int
lam_bind_join(struct lam_bind *b)
{
	struct lam_conjuncts all = { NULL, 0 }, rest = { NULL, 0 };
	bool *read = LAM_ARENA_NEW(b->sql.arena, bool, b->nvisible + 1);
	struct lam_stage *s;
	int rc;

	if (read == NULL)
		return lam_fail_mem(b->sql.e);
	lam_bind_mark_all(b, read);
	mark_on(b->join, read);
	if (b->where != NULL && (!lam_bind_conjuncts(b, b->where, &all) ||
		!lam_bind_common(b, &all)))
		return b->sql.e->code;
	rc = lam_bind_push(b, b->join, &all, &rest);
	if (rc != LAM_OK)
		return rc;
	b->where = lam_bind_all_of(b, &rest);
	s = b->where != NULL || rest.n == 0 ? join_stage(b, b->join, read) :
		NULL;
	if (s == NULL)
		return b->sql.e->code != LAM_OK ? b->sql.e->code :
			lam_fail_mem(b->sql.e);
	b->q->input = s;
	b->view = NULL;
	return LAM_OK;
}
