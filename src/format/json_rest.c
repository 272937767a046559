/*
 * json_rest.c - what of a JSON record is in no field
 */
#include "format/json_rest.h"

#include "base/name.h"

static void put_rest(struct lam_json_reader *r, const struct lam_json_object *o,
	struct lam_json *j);

/* The member of O whose key is KEY; NULL: none. */
static const struct lam_json_member *
member_of(const struct lam_json_reader *r, const struct lam_json_object *o,
	struct lam_json_value key)
{
	char text[6 * LAM_FIELD_NAME_MAX];
	struct lam_str name = key.text;

	if (key.escaped && name.n <= sizeof text)
		name = (struct lam_str){ text, lam_json_unescape(name, text) };
	return lam_json_tree_find(r->tree, o, name);
}

bool
lam_json_has_key(const struct lam_json_reader *r, const struct lam_json_object *o,
	const struct lam_json_member *m, struct lam_json j, const char *to)
{
	struct lam_json_value key, v;

	while (lam_json_key(&j, &key) && key.text.p < to) {
		if (member_of(r, o, key) == m)
			return true;
		if (!lam_json_skip(&j, &v))
			break;
	}
	return false;
}

/* Whether the key of M, whose value comes next in J, comes again in that object, O. */
static bool
comes_again(const struct lam_json_reader *r, const struct lam_json_object *o,
	const struct lam_json_member *m, struct lam_json j)
{
	struct lam_json_value v;

	return lam_json_skip(&j, &v) && lam_json_has_key(r, o, m, j, j.end);
}

/* Copy a member of O, its KEY read, unless it became fields. */
static void
put_member(struct lam_json_reader *r, const struct lam_json_object *o,
	struct lam_json *j, struct lam_json_value key)
{
	const struct lam_json_member *m = member_of(r, o, key);
	struct lam_buf *out = r->out;
	struct lam_json_value v;
	size_t before = out->n, inner;

	if (r->again && m && m->object && comes_again(r, o, m, *j)) {
		(void)lam_json_skip(j, &v);
		return;
	}
	if (out->p[before - 1] != '{')
		lam_buf_putc(out, ',');
	lam_buf_put(out, key.text.p - 1, key.text.n + 2);
	lam_buf_putc(out, ':');
	inner = out->n;
	if (m && m->object && lam_json_has_members(j)) {
		put_rest(r, m->object, j);
		if (out->n == inner + 2)
			out->n = before;
		return;
	}
	(void)lam_json_skip(j, &v);
	if (m && (m->field != LAM_JSON_NO_FIELD || v.type == LAM_JSON_NULL))
		out->n = before;
	else if (v.type == LAM_JSON_STRING)
		lam_buf_put(out, v.text.p - 1, v.text.n + 2);
	else
		lam_buf_put(out, v.text.p, v.text.n);
}

/* Copy the object that comes next to R->out, without what became fields. */
static void
put_rest(struct lam_json_reader *r, const struct lam_json_object *o,
	struct lam_json *j)
{
	struct lam_json_value key;

	lam_buf_putc(r->out, '{');
	(void)lam_json_enter(j, LAM_JSON_OBJECT);
	while (lam_json_key(j, &key))
		put_member(r, o, j, key);
	lam_buf_putc(r->out, '}');
}

void
lam_json_rest(struct lam_json_reader *r, const char *p, size_t n)
{
	struct lam_parse *x = r->x;
	size_t from = r->out->n;
	struct lam_json j;

	lam_json_init(&j, p, n);
	put_rest(r, &r->tree->root, &j);
	if (r->out->n == from + 2) {
		r->out->n = from; /* what it had was of a key that came again */
		return;
	}
	x->cell[r->rest][x->rows] = (struct lam_cell){ (uint32_t)from,
		(uint32_t)(r->out->n - from) };
}
