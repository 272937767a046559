/*
 * bind_rows.c - aggregates over the rows of a view
 *
 * This makes two queries.  The inner one reads the view at its own grain, merges the
 * partials of each key, and gives the columns that are needed.  The outer one is a
 * plain grouped query over a SELECT stage, those rows.  Conditions on keys go inside,
 * so that they still skip blocks; conditions on measures stay outside.
 */
#include "bind/bind_internal.h"

#include <string.h>

void
lam_bind_mark(const struct lam_ast *a, bool *read)
{
	if (a == NULL)
		return;
	if (a->kind == LAM_A_FIELD)
		read[a->index] = true;
	for (uint32_t i = 0; i < a->nargs; i++)
		lam_bind_mark(a->arg[i], read);
	lam_bind_mark(a->filter, read);
}

/* Point the fields of A at their new places, TO. */
static bool
renumber(struct lam_bind *b, struct lam_ast *a, const uint32_t *to)
{
	if (a == NULL)
		return true;
	if (a->kind == LAM_A_FIELD)
		a->index = to[a->index];
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!renumber(b, a->arg[i], to))
			return false;
	return renumber(b, a->filter, to) && lam_ast_seal(&b->sql, a);
}

static bool
renumber_all(struct lam_bind *b, const uint32_t *to)
{
	bool ok = renumber(b, b->where, to) && renumber(b, b->having, to);

	for (uint32_t i = 0; i < b->nitems && ok; i++)
		ok = renumber(b, b->item[i].expr, to);
	for (uint32_t i = 0; i < b->norder && ok; i++)
		ok = renumber(b, b->order[i].expr, to);
	for (uint32_t i = 0; i < b->nkeys && ok; i++)
		ok = renumber(b, b->key[i], to);
	return ok;
}

void
lam_bind_mark_all(const struct lam_bind *b, bool *read)
{
	lam_bind_mark(b->where, read);
	lam_bind_mark(b->having, read);
	lam_bind_mark(b->qualify, read);
	for (uint32_t i = 0; i < b->nitems; i++)
		lam_bind_mark(b->item[i].expr, read);
	for (uint32_t i = 0; i < b->norder; i++)
		lam_bind_mark(b->order[i].expr, read);
	for (uint32_t i = 0; i < b->nkeys; i++)
		lam_bind_mark(b->key[i], read);
}

/* The outputs of the view that the statement reads: at least one. */
static bool *
columns_read(struct lam_bind *b)
{
	bool *read = LAM_ARENA_NEW(b->sql.arena, bool, b->nvisible + 1);
	bool any = false;

	if (read == NULL)
		return NULL;
	lam_bind_mark_all(b, read);
	for (uint32_t i = 0; i < b->nvisible; i++)
		any |= read[i];
	read[0] |= !any;
	return read;
}

/* The query within: the columns READ of the view, where KEYS holds. */
static int
bind_inner(struct lam_bind *b, const bool *read, struct lam_ast *keys,
	struct lam_query **out)
{
	const struct lam_stage *scan = b->q->input;
	struct lam_query *q = lam_query_new(b->sql.arena);
	struct lam_bind in = { .sql = b->sql, .q = q, .where = keys,
		.relation = b->relation, .view = b->view,
		.visible = b->visible, .nvisible = b->nvisible };
	struct lam_from from = { .name = { scan->name, strlen(scan->name) },
		.is_file = scan->is_file, .is_stdin = scan->is_stdin };
	struct lam_select s = { .limit = UINT64_MAX, .from = &from };
	struct lam_ast *a;
	int rc;

	in.item = LAM_ARENA_NEW(b->sql.arena, struct lam_named,
		b->nvisible + 1);
	if (q == NULL || in.item == NULL)
		return lam_fail_mem(b->sql.e);
	q->sql = b->q->sql;
	*q->input = *scan;
	for (uint32_t i = 0; i < b->nvisible; i++) {
		if (!read[i])
			continue;
		a = lam_ast_new(&in.sql, LAM_A_FIELD, 1, 1);
		if (a == NULL)
			return in.sql.e->code;
		a->index = i;
		a->text = b->visible[i].name;
		if (!lam_ast_seal(&in.sql, a))
			return in.sql.e->code;
		in.item[in.nitems++] = (struct lam_named){ a, a->text.p,
			false };
	}
	rc = lam_bind_text(&in, &s);
	if (rc == LAM_OK)
		rc = lam_bind_view(&in);
	*out = q;
	return rc;
}

/* A SELECT of INNER as the input of the outer query. */
static int
set_input(struct lam_bind *b, const bool *read, struct lam_query *inner)
{
	struct lam_visible *v = LAM_ARENA_NEW(b->sql.arena, struct lam_visible,
		inner->noutputs);
	struct lam_input_field *f = LAM_ARENA_NEW(b->sql.arena,
		struct lam_input_field, inner->noutputs);
	uint32_t *to = LAM_ARENA_NEW(b->sql.arena, uint32_t, b->nvisible + 1);
	struct lam_stage *rows = LAM_ARENA_NEW(b->sql.arena, struct lam_stage,
		1);
	uint32_t n = 0;

	if (rows == NULL || v == NULL || f == NULL || to == NULL)
		return lam_fail_mem(b->sql.e);
	for (uint32_t i = 0; i < b->nvisible; i++) {
		if (!read[i])
			continue;
		to[i] = n;
		v[n] = b->visible[i];
		f[n].name = inner->output[n].name;
		f[n].type.type = inner->output[n].expr->type;
		f[n].list = inner->output[n].expr->list;
		f[n].null = inner->output[n].expr->null;
		n++;
	}
	if (!renumber_all(b, to))
		return b->sql.e->code;
	b->visible = v;
	b->nvisible = n;
	b->rows = v;
	b->view = b->q->view = NULL;
	rows->kind = LAM_STAGE_SELECT;
	rows->query = inner;
	b->q->input = rows;
	return lam_bind_fields(b, f, n);
}

int
lam_bind_rows(struct lam_bind *b)
{
	struct lam_ast *where = b->where, *keys = NULL;
	bool *read = columns_read(b);
	struct lam_query *inner;
	int rc = read != NULL ? LAM_OK : lam_fail_mem(b->sql.e);

	if (rc == LAM_OK && where != NULL) {
		rc = lam_bind_split(b, where, false, &keys);
		if (rc == LAM_OK)
			rc = lam_bind_split(b, where, true, &b->where);
	}
	if (rc == LAM_OK)
		rc = bind_inner(b, read, keys, &inner);
	if (rc == LAM_OK)
		rc = set_input(b, read, inner);
	if (rc == LAM_OK)
		rc = lam_bind_keys(b);
	return rc == LAM_OK ? lam_bind_outputs(b) : rc;
}
