/*
 * bind_text.c - the normal text of a resolved statement
 *
 * Aliases are written out everywhere but where they name an output, and terms
 * of ORDER BY that are outputs are written as their number: no name in the
 * text can mean two things, so it reads back as the same query.  A key or term
 * that is a number stands in parentheses, lest it be taken for an ordinal.
 */
#include "bind/bind_join.h"

#include <inttypes.h>
#include <string.h>

#include "bind/bind_lookup.h"
#include "sql/print.h"

static void
put_items(const struct lam_bind *b, struct lam_buf *out)
{
	for (uint32_t i = 0; i < b->nitems; i++) {
		const struct lam_named *x = &b->item[i];

		lam_buf_puts(out, i > 0 ? ", " : "");
		lam_print_expr(x->expr, out);
		if (!x->alias)
			continue;
		lam_buf_puts(out, " AS ");
		lam_print_name((struct lam_str){ x->name, strlen(x->name) },
			out);
	}
}

static void
put_named(const struct lam_from *f, struct lam_buf *out)
{
	if (f->is_stdin) {
		lam_buf_puts(out, "stdin");
	} else if (!f->is_file) {
		lam_print_name(f->name, out);
	} else {
		lam_buf_putc(out, '\'');
		for (size_t i = 0; i < f->name.n; i++) {
			if (f->name.p[i] == '\'')
				lam_buf_putc(out, '\'');
			lam_buf_putc(out, f->name.p[i]);
		}
		lam_buf_putc(out, '\'');
	}
}

static void
put_series(const struct lam_from *f, struct lam_buf *out)
{
	lam_buf_puts(out, f->closed ? "generate_series(" : "range(");
	for (uint32_t i = 0; i < f->nargs; i++) {
		lam_buf_puts(out, i > 0 ? ", " : "");
		lam_print_expr(f->arg[i], out);
	}
	lam_buf_putc(out, ')');
}

/* A tree of joins. */
static void
put_joined(const struct lam_join_node *n, const struct lam_from *only,
	struct lam_buf *out)
{
	static const char *const word[] = { [LAM_JOIN_INNER] = "",
		[LAM_JOIN_LEFT] = "LEFT ", [LAM_JOIN_RIGHT] = "RIGHT ",
		[LAM_JOIN_FULL] = "FULL ", [LAM_JOIN_MARK] = "MARK ",
		[LAM_JOIN_SINGLE] = "SINGLE " };
	const struct lam_from *f = n->f != NULL ? n->f : only;

	if (n->leaf != NULL) {
		if (n->leaf->q->input->kind == LAM_STAGE_SELECT)
			lam_buf_printf(out, "(%s)",
				n->leaf->q->input->query->normal);
		else if (f != NULL && f->kind == LAM_FROM_NAMED)
			put_named(f, out);
		else if (f != NULL)
			put_series(f, out);
		return;
	}
	put_joined(n->left, only, out);
	lam_buf_printf(out, " %sJOIN ", word[n->f->join]);
	put_joined(n->right, only, out);
	for (uint32_t i = 0; i < n->on.n; i++) {
		lam_buf_puts(out, i > 0 ? " AND " : " ON ");
		lam_print_expr(n->on.p[i], out);
	}
}

static void
put_alias(const struct lam_from *f, struct lam_buf *out)
{
	if (f->alias.p == NULL)
		return;
	lam_buf_puts(out, " AS ");
	lam_print_name(f->alias, out);
}

static void
put_lookup(const struct lam_bind *b, const struct lam_bind_lookup *l,
	struct lam_buf *out)
{
	const struct lam_ref_file *file = l->file;

	lam_buf_puts(out, l->f->join == LAM_JOIN_LEFT ? " LEFT JOIN " :
		" JOIN ");
	put_named(l->f->right, out);
	put_alias(l->f->right, out);
	for (uint32_t k = 0; k < file->nkeys; k++) {
		const struct lam_visible *v = &b->visible[l->lo + file->key[k]];

		lam_buf_puts(out, k > 0 ? " AND " : " ON ");
		lam_print_name(v->table, out);
		lam_buf_putc(out, '.');
		lam_print_name(v->name, out);
		lam_buf_puts(out, " = ");
		lam_print_expr(l->ours[k], out);
	}
}

static void
put_from(const struct lam_bind *b, const struct lam_select *s,
	struct lam_buf *out)
{
	const struct lam_stage *in = b->q->input;
	const struct lam_from *f = s->from;

	while (b->lookup != NULL && f->kind == LAM_FROM_JOIN)
		f = f->left;
	lam_buf_puts(out, " FROM ");
	if (b->unnest != NULL) {
		lam_buf_puts(out, "unnest(...)"); /* likewise */
		return;
	}
	if (in->kind == LAM_STAGE_SELECT)
		lam_buf_printf(out, "(%s)", in->query->normal);
	for (uint32_t i = 0; i < in->nparts; i++)
		lam_buf_printf(out, "%s%s", i > 0 ? " UNION ALL " : "(",
			in->part[i]->normal);
	if (in->kind == LAM_STAGE_APPEND)
		lam_buf_putc(out, ')');
	if (b->join != NULL)
		put_joined(b->join, s->from, out); /* to be read by people only */
	else if (in->kind == LAM_STAGE_SERIES)
		put_series(s->from, out);
	else if (in->kind == LAM_STAGE_SCAN)
		put_named(f, out);
	if (b->lookup != NULL)
		put_alias(f, out);
	for (uint32_t i = 0; b->join == NULL && f != NULL && i < f->nrename;
		i++) {
		if (i == 0 && b->lookup == NULL)
			put_alias(f, out);
		lam_buf_puts(out, i > 0 ? ", " : "(");
		lam_print_name(f->rename[i], out);
		if (i + 1 == f->nrename)
			lam_buf_putc(out, ')');
	}
	for (uint32_t i = 0; i < b->nlookups; i++)
		put_lookup(b, &b->lookup[i], out);
}

static void
put_term(const struct lam_ast *a, struct lam_buf *out)
{
	bool number = a->kind == LAM_A_NUMBER;

	if (number)
		lam_buf_putc(out, '(');
	lam_print_expr(a, out);
	if (number)
		lam_buf_putc(out, ')');
}

static void
put_order(const struct lam_bind *b, struct lam_buf *out)
{
	for (uint32_t i = 0; i < b->norder; i++) {
		const struct lam_term *t = &b->order[i];
		uint32_t k = 0;

		lam_buf_puts(out, i > 0 ? ", " : " ORDER BY ");
		while (k < b->nitems &&
			!lam_ast_equal(b->item[k].expr, t->expr))
			k++;
		if (k < b->nitems)
			lam_buf_printf(out, "%u", k + 1);
		else
			put_term(t->expr, out);
		lam_buf_puts(out, t->descending ? " DESC" : "");
		lam_buf_puts(out, t->nulls_first ? " NULLS FIRST" : "");
	}
}

static void
put_sets(const struct lam_bind *b, const struct lam_select *s,
	struct lam_buf *out)
{
	for (uint32_t k = 0; k < s->nsets; k++) {
		const char *before = "";

		lam_buf_puts(out, k > 0 ? ", (" : " GROUP BY GROUPING SETS ((");
		for (uint32_t i = 0; i < s->ngroup; i++) {
			if (!(s->set_of[k] >> i & 1))
				continue;
			lam_buf_puts(out, before);
			put_term(b->key[b->term_key[i]], out);
			before = ", ";
		}
		lam_buf_putc(out, ')');
	}
	lam_buf_putc(out, ')');
}

int
lam_bind_text(struct lam_bind *b, const struct lam_select *s)
{
	struct lam_buf out = LAM_BUF_INIT;
	int rc;

	lam_buf_puts(&out, s->distinct ? "SELECT DISTINCT " : "SELECT ");
	put_items(b, &out);
	if (b->q->input->kind != LAM_STAGE_SERIES || s->from != NULL ||
		b->join != NULL)
		put_from(b, s, &out);
	if (b->where != NULL) {
		lam_buf_puts(&out, " WHERE ");
		lam_print_expr(b->where, &out);
	}
	if (s->nsets > 0)
		put_sets(b, s, &out);
	for (uint32_t i = 0; s->nsets == 0 && i < b->nkeys; i++) {
		lam_buf_puts(&out, i > 0 ? ", " : " GROUP BY ");
		put_term(b->key[i], &out);
	}
	if (s->group_all && b->nkeys == 0 && !b->aggregates)
		lam_buf_puts(&out, " GROUP BY ALL"); /* measures of a view */
	if (b->having != NULL) {
		lam_buf_puts(&out, " HAVING ");
		lam_print_expr(b->having, &out);
	}
	if (b->qualify != NULL) {
		lam_buf_puts(&out, " QUALIFY ");
		lam_print_expr(b->qualify, &out);
	}
	put_order(b, &out);
	if (s->has_limit)
		lam_buf_printf(&out, " LIMIT %" PRIu64, s->limit);
	if (s->offset > 0)
		lam_buf_printf(&out, " OFFSET %" PRIu64, s->offset);
	rc = lam_buf_check(&out, b->sql.e);
	if (rc == LAM_OK) {
		b->q->normal = lam_arena_dup(b->sql.arena, out.p, out.n);
		if (b->q->normal == NULL)
			rc = lam_fail_mem(b->sql.e);
	}
	lam_buf_release(&out);
	return rc;
}
