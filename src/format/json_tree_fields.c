/*
 * json_tree_fields.c - the fields of records that may leave some out
 *
 * They are the names that are given, and the members of the first records, unless
 * no others are to be fields.  What later records have beyond them has the field
 * _rest, when not all of the input was looked at, or there were too many names, or
 * the stream has that field; and when no record has a member, since there are no
 * records without fields.
 */
#include "format/json_tree.h"

#include <string.h>

#include "input/input_chunk.h"
#include "input/input_header.h"

#define LOOKED_AT 10000 /* records */
#define LOOK_MS 1000	/* a live input may take for them */

static const struct lam_str rest_name = { "_rest", 5 };

/* The first records say what the fields are.  *ALL: there are no others. */
static int
look_at_first(struct lam_input *in,
	int (*look)(void *own, const struct lam_buf *b, struct lam_error *e),
	void *own, bool *all, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_extent x;
	int r = lam_input_look(in, &b, LOOKED_AT, LAM_RECORD_MAX, LOOK_MS,
		&x, e);

	if (!r && b.n) {
		size_t rest = lam_input_rest(in, &b);
		struct lam_buf lines = b;

		lines.p += rest;
		lines.n -= rest;
		r = look(own, &lines, e);
	}
	*all = lam_input_at_end(in);
	if (!r && b.n)
		r = lam_input_untake(in, &b, &x, e);
	lam_buf_release(&b);
	return r;
}

/* Whether NAME is to be a field already. */
static bool
is_given(const struct lam_json_tree *t, const char *name)
{
	for (size_t i = 0; t->always && i < t->nfixed; i++)
		if (!strcmp(name, t->fixed[i].name))
			return true;
	return false;
}

/* The names that are fixed, and those that OPT gives; POINTED as for each of them.
 * *HAS_REST: _rest is one. */
static int
name_given(struct lam_json_tree *t, const struct lam_input_options *opt,
	bool pointed, bool *has_rest, struct lam_error *e)
{
	const char *const *name = opt->fields ? opt->fields : opt->known;
	size_t n = opt->fields ? opt->nfields : opt->nknown;
	uint32_t field = 0;
	int r = LAM_OK;

	t->always &= !opt->fields;
	for (size_t i = 0; !r && t->always && i < t->nfixed; i++)
		r = lam_json_tree_name(t, t->fixed[i].name, field++, pointed,
			e);
	for (size_t i = 0; !r && i < n; i++)
		if (!strcmp(name[i], rest_name.p))
			*has_rest = true;
		else if (!is_given(t, name[i]))
			r = lam_json_tree_name(t, name[i], field++, pointed, e);
	return r;
}

int
lam_json_tree_fields(struct lam_json_tree *t, struct lam_input *in,
	const struct lam_input_options *opt,
	int (*look)(void *own, const struct lam_buf *b, struct lam_error *e),
	void *own, uint32_t *rest, struct lam_error *e)
{
	bool all = false, has_rest = false;
	uint32_t n;
	int r;

	t->origin = opt->origin;
	r = name_given(t, opt, false, &has_rest, e);
	if (!r)
		r = name_given(t, opt, true, &has_rest, e);

	if (!r && look && !opt->fields && !opt->known_only)
		r = look_at_first(in, look, own, &all, e);
	if (!r)
		r = lam_json_tree_declare(t, in, &n, e);
	if (!rest)
		return r;
	*rest = n;
	all &= !opt->one_of_several || n == 0; /* no field: another is the first */
	if (r || (all && !t->full && !has_rest && (n || !t->any))) {
		*rest = LAM_JSON_NO_FIELD;
		return r;
	}
	return lam_input_add_field(in, rest_name,
		(struct lam_coltype){ LAM_TEXT, 0 }, e);
}
