/*
 * list.c - lists: values of one type, one after the other, as one text
 *
 * What is read may come from a JSON field of a log, too: an element of another kind is
 * taken where its text reads as the type, as "1" does among numbers and 1 among texts;
 * an array or object within is a text as it stands.
 */
#include "store/list.h"

#include "base/json_text.h"
#include "time/time.h"

const char *
lam_list_type_name(uint8_t type, uint8_t list)
{
	static const char *const of[] = { "text[]", "number[]", "time[]",
		"boolean[]", "[]", "interval" };

	return list ? of[list - LAM_LIST_OF] : lam_type_name[type];
}

void
lam_list_put_value(struct lam_buf *b, const struct lam_scalar *v)
{
	char scratch[LAM_TIME_TEXT];
	struct lam_str s = lam_scalar_print(v, scratch);

	if (v->null)
		lam_buf_puts(b, "null");
	else if (v->type == LAM_TEXT || v->type == LAM_TIME)
		lam_json_put_string(b, s);
	else
		lam_buf_put(b, s.p, s.n);
}

void
lam_list_put(struct lam_buf *b, uint64_t i, const struct lam_scalar *v)
{
	lam_buf_puts(b, i ? ", " : "[");
	lam_list_put_value(b, v);
}

void
lam_list_end(struct lam_buf *b, uint64_t n)
{
	lam_buf_puts(b, n ? "]" : "[]");
}

void
lam_list_open(struct lam_list_reader *r, struct lam_str list, uint8_t type,
	struct lam_arena *arena)
{
	*r = (struct lam_list_reader){ .arena = arena, .type = type };
	lam_json_init(&r->json, list.p, list.n);
	r->bad = !lam_json_enter(&r->json, LAM_JSON_ARRAY);
}

/* The text of a string, its escapes resolved. */
static bool
unescaped(struct lam_list_reader *r, const struct lam_json_value *v,
	struct lam_str *out)
{
	char *p;

	*out = v->text;
	if (!v->escaped)
		return true;
	p = lam_arena_alloc(r->arena, v->text.n + 1);
	r->oom = !p;
	if (!p)
		return false;
	*out = (struct lam_str){ p, lam_json_unescape(v->text, p) };
	return true;
}

/* Any numeral, not only its canonical form. */
static bool
read_value(uint8_t type, struct lam_str s, struct lam_scalar *out)
{
	*out = (struct lam_scalar){ .type = type };
	if (type != LAM_NUMBER)
		return lam_scalar_parse(type, s, out);
	if (!lam_num_parse(s.p, s.n, &out->num))
		return false;
	out->num = lam_num_normal(out->num);
	return true;
}

bool
lam_list_next(struct lam_list_reader *r, struct lam_scalar *out)
{
	struct lam_json_value v;
	struct lam_str s;

	if (r->bad || !lam_json_element(&r->json)) {
		r->bad |= !lam_json_end(&r->json);
		return false;
	}
	if (!lam_json_skip(&r->json, &v)) {
		r->bad = true;
		return false;
	}
	*out = (struct lam_scalar){ .type = r->type, .null = true };
	if (v.type == LAM_JSON_NULL)
		return true;
	s = v.text;
	if (v.type == LAM_JSON_STRING && !unescaped(r, &v, &s))
		return false;
	r->bad = !read_value(r->type, s, out);
	return !r->bad;
}
