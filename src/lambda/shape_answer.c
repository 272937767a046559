/*
 * shape_answer.c - what a handler answered to a request
 */
#include "lambda/shape.h"

#include <string.h>

#include "base/base64.h"
#include "base/escape.h"
#include "base/json.h"

/* The bytes of a string value into B, behind what it has. */
static bool
put_value(struct lam_buf *b, const struct lam_json_value *v)
{
	if (!v->escaped) {
		lam_buf_put(b, v->text.p, v->text.n);
		return true;
	}
	if (!lam_buf_room(b, v->text.n))
		return false;
	b->n += lam_json_unescape(v->text, b->p + b->n);
	return true;
}

/* A field's line; one that would be more than a line is left out. */
static void
put_field(struct lam_buf *b, const struct lam_json_value *name,
	const struct lam_json_value *value)
{
	static const char *const ours[] = { "content-length", "connection",
		"transfer-encoding", "date" };
	size_t from = b->n, end;

	put_value(b, name);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (lam_http_is((struct lam_str){ b->p + from, b->n - from },
			ours[i])) {
			b->n = from;
			return;
		}
	lam_buf_puts(b, ": ");
	put_value(b, value);
	end = b->n;
	for (size_t i = from; i < end; i++)
		if ((unsigned char)b->p[i] < ' ' || b->p[i] == 0x7f) {
			b->n = from;
			return;
		}
	lam_buf_puts(b, "\r\n");
}

static void
read_fields(struct lam_json *j, struct lam_buf *fields)
{
	struct lam_json_value key, value;

	if (!lam_json_enter(j, LAM_JSON_OBJECT))
		return;
	while (lam_json_key(j, &key))
		if (lam_json_peek(j) >= LAM_JSON_ARRAY)
			lam_json_skip(j, &value);
		else if (lam_json_scalar(j, &value))
			put_field(fields, &key, &value);
}

static void
read_cookies(struct lam_json *j, struct lam_buf *fields)
{
	static const struct lam_json_value name = { LAM_JSON_STRING, false,
		{ "Set-Cookie", 10 } };
	struct lam_json_value value;

	if (!lam_json_enter(j, LAM_JSON_ARRAY))
		return;
	while (lam_json_element(j))
		if (lam_json_scalar(j, &value))
			put_field(fields, &name, &value);
}

static void
read_status(struct lam_json *j, int *status)
{
	struct lam_json_value value;
	uint64_t n;

	if (lam_json_scalar(j, &value))
		*status = lam_str_u64(value.text, &n) && n >= 200 && n < 600 ?
			(int)n : 0;
}

/* An object with "statusCode"; false: it is none, or its status is none. */
static bool
read_object(struct lam_json *j, struct lam_shape_answer *a)
{
	struct lam_json_value key, value;
	struct lam_buf text = LAM_BUF_INIT;
	bool base64 = false, good;

	for (lam_json_enter(j, LAM_JSON_OBJECT); lam_json_key(j, &key);) {
		enum lam_json_type type = lam_json_peek(j);

		if (lam_str_is(key.text, "statusCode") && type < LAM_JSON_ARRAY)
			read_status(j, &a->status);
		else if (lam_str_is(key.text, "headers") &&
			type == LAM_JSON_OBJECT)
			read_fields(j, &a->fields);
		else if (lam_str_is(key.text, "cookies") &&
			type == LAM_JSON_ARRAY)
			read_cookies(j, &a->fields);
		else if (lam_str_is(key.text, "body") &&
			type == LAM_JSON_STRING && lam_json_scalar(j, &value))
			put_value(&text, &value);
		else if (lam_str_is(key.text, "isBase64Encoded") &&
			type == LAM_JSON_BOOL && lam_json_scalar(j, &value))
			base64 = lam_str_is(value.text, "true");
		else
			lam_json_skip(j, &value);
	}
	good = lam_json_end(j) && a->status != 0;
	if (good && base64)
		good = lam_base64_read(&a->body, (struct lam_str){ text.p,
			text.n });
	else
		lam_buf_put(&a->body, text.p, text.n);
	lam_buf_release(&text);
	return good;
}

bool
lam_shape_answer(struct lam_str text, struct lam_shape_answer *a)
{
	static const char type[] = "Content-Type: application/json\r\n";
	struct lam_json_value all;
	struct lam_json j;

	lam_json_init(&j, text.p, text.n);
	if (lam_json_peek(&j) == LAM_JSON_OBJECT && read_object(&j, a))
		return !a->fields.oom && !a->body.oom;
	lam_buf_clear(&a->fields);
	lam_buf_clear(&a->body);
	lam_json_init(&j, text.p, text.n);
	if (!lam_json_skip(&j, &all) || !lam_json_end(&j))
		return false;
	a->status = 200;
	lam_buf_puts(&a->fields, type);
	lam_buf_put(&a->body, text.p, text.n);
	return !a->fields.oom && !a->body.oom;
}

void
lam_shape_answer_release(struct lam_shape_answer *a)
{
	lam_buf_release(&a->fields);
	lam_buf_release(&a->body);
}
