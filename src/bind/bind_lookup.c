/*
 * bind_lookup.c - look-up files in a view: columns of the row that has a key
 *
 *	FROM stream LEFT JOIN 'hosts.csv' AS h ON h.ip = ip JOIN 'racks.csv' AS r
 *		ON r.rack = h.rack
 *
 * For people that is a join.  Since a key comes once in the file, each record has one
 * row or none, so it is bound as an expression over the record: h.name is a call with
 * the key of the record as its argument, and JOIN adds the condition that there is a
 * row.  The columns of the files are numbered behind those of the stream, in the order
 * of FROM, so a key may be a column of a file before it.
 */
#include "bind/bind_join.h"

#include <string.h>

#include "bind/bind_lookup.h"
#include "bind/bind_over.h"

#define NO_COLUMN UINT32_MAX /* LAM_FN_LOOKUP: is there a row? */

static const char how[] = "what a view looks up is a file, by its key, at most one "
	"row for each record: LEFT JOIN 'hosts.csv' AS h ON h.key = ip, or JOIN";

const struct lam_from *
lam_bind_lookup_leaf(struct lam_bind *b, const struct lam_from *f)
{
	while (f->kind == LAM_FROM_JOIN) {
		const struct lam_from *r = f->right;

		if (r->kind == LAM_FROM_UNNEST)
			break;
		if (r->kind != LAM_FROM_NAMED || !r->is_file) {
			lam_sql_fail(&b->sql, r->line, r->column, "a view reads "
				"one stream: make a view of each, and join them in "
				"the query on the views; %s", how);
			return NULL;
		}
		if (f->join != LAM_JOIN_LEFT && f->join != LAM_JOIN_INNER) {
			lam_sql_fail(&b->sql, f->line, f->column, "a view counts "
				"each record once, and only records: %s", how);
			return NULL;
		}
		f = f->left;
	}
	return f;
}

/* The columns of L are visible. */
static int
see_columns(struct lam_bind *b, struct lam_bind_lookup *l)
{
	const struct lam_from *f = l->f->right;
	struct lam_bind leaf = { .nvisible = l->file->nfields };
	struct lam_str table = f->alias.p != NULL ? f->alias : f->name;
	char show[LAM_TOKEN_SHOW];

	if (f->nrename > 0)
		return lam_sql_fail(&b->sql, f->line, f->column, "the columns of "
			"a look-up file have the names that it gives them");
	for (uint32_t i = 0; i < b->nvisible; i++)
		if (lam_text_same(b->visible[i].table, table))
			return lam_sql_fail(&b->sql, f->line, f->column,
				"two relations are called \"%s\": give one "
				"another name with AS", lam_text_show(table,
				show));
	leaf.visible = LAM_ARENA_NEW(b->sql.arena, struct lam_visible,
		leaf.nvisible + 1);
	if (leaf.visible == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < leaf.nvisible; i++) {
		struct lam_visible *v = &leaf.visible[i];

		v->table = table;
		v->name.p = l->file->field[i].name;
		v->name.n = strlen(v->name.p);
		v->type = l->file->field[i].type;
	}
	l->lo = b->nvisible;
	l->hi = l->lo + leaf.nvisible;
	return lam_bind_append_columns(b, &leaf) ? LAM_OK : b->sql.e->code;
}

/* Column THEIRS of L is what OURS of the record is. */
static int
add_key(struct lam_bind *b, struct lam_bind_lookup *l, uint32_t theirs,
	struct lam_ast *ours)
{
	uint32_t n = l->file->nkeys;
	struct lam_ast **a = LAM_ARENA_NEW(b->sql.arena, struct lam_ast *,
		n + 1);
	uint32_t *k = LAM_ARENA_NEW(b->sql.arena, uint32_t, n + 1);

	if (a == NULL || k == NULL)
		return lam_fail_mem(b->sql.e);
	if (n > 0) {
		memcpy(a, l->ours, n * sizeof *a);
		memcpy(k, l->file->key, n * sizeof *k);
	}
	a[n] = ours;
	k[n] = theirs - l->lo;
	l->file->used[k[n]] = true;
	l->ours = a;
	l->file->key = k;
	l->file->nkeys = n + 1;
	return LAM_OK;
}

static int
add_using(struct lam_bind *b, struct lam_bind_lookup *l)
{
	const struct lam_from *f = l->f;
	int rc = LAM_OK;

	for (uint32_t i = 0; i < f->nusing && rc == LAM_OK; i++) {
		struct lam_ast name = { .kind = LAM_A_NAME, .text = f->using[i],
			.line = f->line, .column = f->column }, *ours;
		int64_t theirs;

		b->first_visible = l->lo;
		b->relation = "the look-up file";
		theirs = lam_bind_column(b, f->using[i], f->line, f->column);
		b->first_visible = 0;
		b->nvisible = l->lo;
		b->relation = "the stream";
		ours = theirs < 0 ? NULL : lam_bind_resolve(b, &name);
		b->nvisible = l->hi;
		if (ours == NULL)
			return b->sql.e->code;
		ours->table = b->visible[ours->index].table;
		b->visible[theirs].hidden = true;
		rc = add_key(b, l, (uint32_t)theirs, ours);
	}
	return rc;
}

/* A says that a column of L is something of the record. */
static int
add_equal(struct lam_bind *b, struct lam_bind_lookup *l, struct lam_ast *a)
{
	bool eq = a->kind == LAM_A_CALL && a->fn == LAM_FN_EQ && a->nargs == 2;

	for (uint32_t i = 0; eq && i < 2; i++) {
		const struct lam_ast *theirs = a->arg[i];

		if (theirs->kind == LAM_A_FIELD && theirs->index >= l->lo &&
			lam_bind_reads(a->arg[1 - i], 0, l->lo))
			return add_key(b, l, theirs->index, a->arg[1 - i]);
	}
	return lam_sql_fail(&b->sql, a->line, a->column, "a row is looked up by "
		"columns of the file, each equal to something of the record, as "
		"in ON h.ip = ip AND h.port = port::VARCHAR: write other "
		"conditions %s", l->f->join == LAM_JOIN_LEFT ? "where the row is "
		"used, CASE WHEN h.until > ts THEN h.name END" : "in WHERE");
}

static int
add_on(struct lam_bind *b, struct lam_bind_lookup *l)
{
	struct lam_ast *a = lam_bind_resolve(b, l->f->on);
	struct lam_conjuncts all = { NULL, 0 };
	const struct lam_ast *bad = a == NULL ? NULL : lam_ast_agg(a) != NULL ?
		lam_ast_agg(a) : lam_ast_over(a);
	int rc = LAM_OK;

	if (bad != NULL)
		return lam_sql_fail(&b->sql, bad->line, bad->column, "ON is of "
			"one record: an aggregate cannot stand there");
	if (a == NULL || !lam_bind_conjuncts(b, a, &all))
		return b->sql.e->code;
	for (uint32_t i = 0; i < all.n && rc == LAM_OK; i++)
		rc = add_equal(b, l, all.p[i]);
	return rc;
}

/* The file that F joins, as the catalogue knows it. */
static int
find_file(struct lam_bind *b, const struct lam_from *f,
	struct lam_ref_file **out)
{
	const struct lam_catalog *c = b->scope->catalog;
	const struct lam_from *r = f->right;
	struct lam_error why = LAM_ERROR_INIT;
	const char *name = lam_arena_dup(b->sql.arena, r->name.p, r->name.n);
	int rc;

	if (name == NULL)
		return lam_fail_mem(b->sql.e);
	if (c->file == NULL)
		return lam_sql_fail(&b->sql, r->line, r->column, "look-up files "
			"are for views");
	rc = c->file(c->state, name, out, &why);
	if (rc == LAM_USAGE)
		return lam_sql_fail(&b->sql, r->line, r->column, "%s", why.msg);
	if (rc != LAM_OK) {
		lam_fail(b->sql.e, rc, "%s:%u:%u: %s", b->sql.name, r->line,
			r->column, why.msg);
		b->sql.e->sys = why.sys;
		return rc;
	}
	(*out)->source = b->sql.name;
	(*out)->line = r->line;
	(*out)->column = r->column;
	return LAM_OK;
}

static int
open_lookup(struct lam_bind *b, const struct lam_from *f)
{
	struct lam_bind_lookup *l;
	int rc = f->left->kind == LAM_FROM_JOIN ? open_lookup(b, f->left) :
		LAM_OK;

	if (rc != LAM_OK)
		return rc;
	l = &b->lookup[b->nlookups];
	l->f = f;
	rc = find_file(b, f, &l->file);
	if (rc != LAM_OK)
		return rc;
	b->q->file[b->nlookups++] = l->file;
	b->q->nfiles = b->nlookups;
	rc = see_columns(b, l);
	if (rc == LAM_OK && f->nusing > 0)
		rc = add_using(b, l);
	if (rc == LAM_OK && f->on != NULL)
		rc = add_on(b, l);
	if (rc == LAM_OK && l->file->nkeys == 0)
		rc = lam_sql_fail(&b->sql, f->line, f->column, "%s", how);
	return rc;
}

int
lam_bind_lookups(struct lam_bind *b, const struct lam_from *f)
{
	int rc;

	b->lookup = LAM_ARENA_NEW(b->sql.arena, struct lam_bind_lookup,
		LAM_SQL_LEAVES);
	b->q->file = LAM_ARENA_NEW(b->sql.arena, struct lam_ref_file *,
		LAM_SQL_LEAVES);
	if (b->lookup == NULL || b->q->file == NULL)
		return lam_fail_mem(b->sql.e);
	rc = open_lookup(b, f);
	b->relation = "the stream and its look-up files";
	return rc;
}

/* The keys of the record for L, bound once. */
static int
bind_keys(struct lam_bind *b, struct lam_bind_lookup *l)
{
	struct lam_ref_file *file = l->file;
	const char *clause = b->clause;
	enum lam_type type;

	if (l->key != NULL)
		return LAM_OK;
	l->key = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *, file->nkeys);
	if (l->key == NULL)
		return lam_fail_mem(b->sql.e);
	b->clause = "ON";
	for (uint32_t k = 0; k < file->nkeys; k++) {
		struct lam_input_field *f = &file->field[file->key[k]];
		struct lam_expr theirs = { .kind = LAM_X_FIELD,
			.type = f->type.type }, *two[2] = { &theirs };

		two[1] = lam_bind_expr(b, l->ours[k]);
		if (two[1] == NULL)
			return b->sql.e->code;
		if (file->empty)
			theirs.type = f->type.type = two[1]->type;
		if (!lam_bind_unify(b, two, 2, l->ours[k], &type))
			return b->sql.e->code;
		l->key[k] = two[1];
	}
	b->clause = clause;
	return LAM_OK;
}

/* Column C of the row that is found, or NO_COLUMN. */
static struct lam_expr *
looked_up(struct lam_bind *b, uint32_t i, uint32_t c, enum lam_type type,
	const struct lam_ast *at)
{
	struct lam_bind_lookup *l = &b->lookup[i];
	struct lam_expr *x;

	if (bind_keys(b, l) != LAM_OK)
		return NULL;
	x = lam_bind_make(b, at, LAM_FN_LOOKUP, type, l->file->nkeys, l->key);
	if (x == NULL)
		return NULL;
	x->file = l->file;
	x->index = c;
	x->index2 = i;
	return x;
}

struct lam_expr *
lam_bind_looked_up(struct lam_bind *b, const struct lam_ast *a)
{
	const struct lam_bind_lookup *l;
	uint32_t i = 0, c;

	while (a->index >= b->lookup[i].hi)
		i++;
	l = &b->lookup[i];
	c = a->index - l->lo;
	l->file->used[c] = true;
	return looked_up(b, i, c, (enum lam_type)l->file->field[c].type.type,
		a);
}

int
lam_bind_found(struct lam_bind *b)
{
	for (uint32_t i = 0; i < b->nlookups; i++) {
		const struct lam_from *f = b->lookup[i].f;
		struct lam_ast at = { .line = f->line, .column = f->column };
		struct lam_expr *two[2] = { b->q->where, NULL };

		/* What ON names is read, if only to be able to read it again. */
		if (bind_keys(b, &b->lookup[i]) != LAM_OK)
			return b->sql.e->code;
		if (f->join == LAM_JOIN_LEFT)
			continue;
		two[1] = looked_up(b, i, NO_COLUMN, LAM_BOOL, &at);
		if (two[1] == NULL)
			return b->sql.e->code;
		b->q->where = two[0] == NULL ? two[1] : lam_bind_make(b, &at,
			LAM_FN_AND, LAM_BOOL, 2, two);
		if (b->q->where == NULL)
			return b->sql.e->code;
	}
	return LAM_OK;
}

bool
lam_bind_is_whole(const struct lam_bind *b, uint32_t index, bool whole)
{
	if (b->lookup == NULL)
		return false;
	whole |= index >= b->lookup->lo;
	for (uint32_t i = b->lookup->lo; i < b->nvisible && !whole; i++)
		whole = b->visible[i].hidden && lam_text_same(
			b->visible[i].name, b->visible[index].name);
	return whole;
}
