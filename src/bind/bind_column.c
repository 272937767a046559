/*
 * bind_column.c - which column a name means
 *
 * Names are compared exactly, then without regard to ASCII case.
 */
#include "bind/bind_internal.h"

#include <string.h>

#include "base/near.h"
#include "sql/func_internal.h"

/* Can NAME mean the column V? */
static bool
means(const struct lam_visible *v, const struct lam_ast *name)
{
	return lam_text_same(v->name, name->text) && (name->table.p == NULL ?
		!v->hidden : lam_text_same(v->table, name->table));
}

bool
lam_bind_knows(const struct lam_bind *b, const struct lam_ast *name)
{
	for (uint32_t i = b->first_visible; i < b->nvisible; i++)
		if (means(&b->visible[i], name))
			return true;
	return false;
}

/* NAME is in two relations. */
static int64_t
ambiguous(struct lam_bind *b, const struct lam_ast *name, uint32_t i,
	uint32_t k)
{
	char show[LAM_TOKEN_SHOW], one[LAM_TOKEN_SHOW], two[LAM_TOKEN_SHOW];

	lam_text_show(name->text, show);
	lam_text_show(b->visible[i].table, one);
	lam_text_show(b->visible[k].table, two);
	lam_sql_fail(&b->sql, name->line, name->column, "\"%s\" is a column of "
		"%s and of %s: write %s.%s or %s.%s", show, one, two, one,
		show, two, show);
	return LAM_FIND_FAILED;
}

int64_t
lam_bind_find(struct lam_bind *b, const struct lam_ast *name)
{
	char show[LAM_TOKEN_SHOW];
	int64_t found = LAM_FIND_NONE, exact = LAM_FIND_NONE;
	uint32_t same = 0;

	for (uint32_t i = b->first_visible; i < b->nvisible; i++) {
		struct lam_str v = b->visible[i].name;

		if (!means(&b->visible[i], name))
			continue;
		if (found >= 0 && !lam_text_same(b->visible[i].table,
			b->visible[found].table))
			return ambiguous(b, name, (uint32_t)found, i);
		if (exact < 0 && memcmp(v.p, name->text.p, v.n) == 0)
			exact = i;
		found = i;
		same++;
	}
	if (exact >= 0 || same < 2)
		return exact >= 0 ? exact : found;
	lam_sql_fail(&b->sql, name->line, name->column, "\"%s\" could be any "
		"of %u columns that differ in case: write it exactly, in "
		"double quotes", lam_text_show(name->text, show), same);
	return LAM_FIND_FAILED;
}

struct lam_ast *
lam_bind_unknown(struct lam_bind *b, const struct lam_ast *name)
{
	struct lam_buf list = LAM_BUF_INIT;
	const struct lam_str *near = NULL;
	char show[LAM_TOKEN_SHOW], hint[LAM_TOKEN_SHOW];
	uint32_t shown = 0, more = 0;

	for (uint32_t i = b->first_visible; i < b->nvisible; i++) {
		const struct lam_str *v = &b->visible[i].name;

		/* of a query within, or the position of a function's record: it
		 * has no name that could be written */
		if (v->n == 0 || v->p[0] == '\n')
			continue;
		if (near == NULL && lam_near(name->text, *v))
			near = v;
		if (shown == 20) {
			more++;
			continue;
		}
		lam_buf_puts(&list, shown++ > 0 ? ", " : "");
		lam_buf_puts(&list, lam_text_show(*v, hint));
	}
	if (more > 0)
		lam_buf_printf(&list, ", and %u more", more);
	if (b->scope && b->scope->catalog->absent)
		*b->scope->catalog->absent = true;
	lam_sql_fail(&b->sql, name->line, name->column,
		"no column \"%s\" in %s; there %s%s%s%s%s%s",
		lam_text_show(name->text, show), b->relation,
		list.n ? "are: " : "are none",
		list.n ? lam_buf_str(&list) : "",
		near ? "; did you mean \"" : "",
		near ? lam_text_show(*near, hint) : "", near ? "\"?" : "",
		name->quoted ? " (a text is written in single quotes)" : "");
	lam_buf_release(&list);
	return NULL;
}

int64_t
lam_bind_column(struct lam_bind *b, struct lam_str name, uint32_t line,
	uint32_t column)
{
	struct lam_ast a = { .kind = LAM_A_NAME, .text = name, .line = line,
		.column = column };
	int64_t i = lam_bind_find(b, &a);

	if (i == LAM_FIND_NONE)
		lam_bind_unknown(b, &a);
	return i >= 0 ? i : -1;
}
