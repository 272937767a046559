/*
 * bookmark.c - what must be known of an input to go on with its text later
 */
#include "input/bookmark.h"

#include <string.h>

int
lam_bookmark_put(const struct lam_input *in, const struct lam_chunk *c,
	struct lam_buf *out, struct lam_error *e)
{
	const char *format = lam_input_format(in);
	const char *const *name;
	size_t n = lam_input_own_fields(in);
	int rc;

	(void)lam_input_fields(in, &name);
	lam_buf_put(out, format, strlen(format) + 1);
	rc = lam_input_save(in, c, out, e);
	lam_buf_putc(out, '\0');
	for (size_t i = 0; lam_input_is_named(in) && i < n; i++)
		lam_buf_put(out, name[i], strlen(name[i]) + 1);
	return rc ? rc : lam_buf_check(out, e);
}

int
lam_bookmark_take(struct lam_str b, struct lam_arena *a,
	struct lam_input_options *o, struct lam_error *e)
{
	const char *p = b.p, *end;
	const char **name;
	size_t n = 0;

	for (size_t i = 0; i < b.n; i++)
		n += !p[i];
	if (n < 2 || p[b.n - 1])
		return lam_fail(e, LAM_DATA, "what was kept of an input to go on "
			"with is damaged");
	end = p + b.n;
	o->format = p;
	p += strlen(p) + 1;
	o->saved = p;
	p += strlen(p) + 1;
	o->header = o->skip_header = false;
	o->fields = NULL;
	o->nfields = 0;
	if (p == end)
		return LAM_OK;
	name = LAM_ARENA_NEW(a, const char *, n);
	if (!name)
		return lam_fail_mem(e);
	o->fields = name;
	for (; p < end; p += strlen(p) + 1)
		name[o->nfields++] = p;
	return LAM_OK;
}
