/*
 * fn_json.c - what a JSON text is: json_valid, json_type, json_keys, json_array_length
 *
 * Of the whole text, or of what is at a path (fn_make_json.c).
 */
#include "fn/fn_make.h"

#include <string.h>

#include "base/json_text.h"

/* J stands before what the call with NARGS arguments is about. */
static enum lam_made
find(const struct lam_reader *r, uint32_t nargs, uint32_t i, struct lam_json *j)
{
	if (nargs > 1)
		return lam_make_json_find(r, i, j);
	return lam_make_json_start(j, lam_str_at(r, i)) ? LAM_MADE_TEXT :
		LAM_MADE_FAULT;
}

/* The least of DuckDB's types that the number T has. */
static const char *
number_type(struct lam_str t)
{
	struct lam_num v;

	for (size_t i = 0; i < t.n; i++)
		if (strchr(".eE", t.p[i]))
			return "DOUBLE";
	if (!lam_num_parse(t.p, t.n, &v) || v.m > UINT64_MAX || v.m < INT64_MIN)
		return "DOUBLE";
	return *t.p == '-' ? "BIGINT" : "UBIGINT";
}

static enum lam_made
put_type(struct lam_buf *b, const struct lam_reader *r, uint32_t nargs,
	uint32_t i)
{
	static const char *const name[] = { [LAM_JSON_NONE] = "",
		[LAM_JSON_NULL] = "NULL", [LAM_JSON_BOOL] = "BOOLEAN",
		[LAM_JSON_STRING] = "VARCHAR", [LAM_JSON_ARRAY] = "ARRAY",
		[LAM_JSON_OBJECT] = "OBJECT" };
	struct lam_json j;
	struct lam_json_value v;
	enum lam_made found = find(r, nargs, i, &j);
	enum lam_json_type type;

	if (found != LAM_MADE_TEXT)
		return found;
	type = lam_json_peek(&j);
	if (type == LAM_JSON_NUMBER && lam_json_scalar(&j, &v))
		lam_buf_puts(b, number_type(v.text));
	else
		lam_buf_puts(b, name[type]);
	return LAM_MADE_TEXT;
}

static enum lam_made
put_keys(struct lam_buf *b, const struct lam_reader *r, uint32_t nargs,
	uint32_t i)
{
	struct lam_buf key = LAM_BUF_INIT;
	struct lam_json j;
	struct lam_json_value k;
	enum lam_made found = find(r, nargs, i, &j);
	bool first = true, has;

	if (found != LAM_MADE_TEXT)
		return found;
	lam_buf_putc(b, '[');
	has = lam_json_peek(&j) == LAM_JSON_OBJECT &&
		lam_json_enter(&j, LAM_JSON_OBJECT);
	for (; has && lam_json_key(&j, &k); first = false) {
		lam_buf_clear(&key);
		if (lam_buf_room(&key, k.text.n + 1))
			key.n = lam_json_unescape(k.text, (char *)memcpy(key.p,
				k.text.p, k.text.n));
		lam_buf_puts(b, first ? "" : ", ");
		lam_json_put_string(b, (struct lam_str){ key.p, key.n });
		lam_json_skip(&j, &k);
	}
	lam_buf_putc(b, ']');
	b->oom |= key.oom;
	lam_buf_release(&key);
	return LAM_MADE_TEXT;
}

enum lam_made
lam_make_json_type(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return put_type(b, r, 1, i);
}

enum lam_made
lam_make_json_type_at(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return put_type(b, r, 2, i);
}

enum lam_made
lam_make_json_keys(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return put_keys(b, r, 1, i);
}

enum lam_made
lam_make_json_keys_at(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return put_keys(b, r, 2, i);
}

/* json_valid, json_exists */
int
lam_fn_json_is(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	bool valid = c->x->fn == LAM_FN_JSON_VALID;
	struct lam_reader r[2];
	struct lam_json j;
	uint8_t *bit, *none;
	int rc;

	if ((rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, 1, &bit)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		enum lam_made found = none[i] ? LAM_MADE_NULL :
			find(r, nargs, i, &j);

		bit[i] = found == LAM_MADE_TEXT;
		none[i] |= !valid && found == LAM_MADE_FAULT;
		if (!valid && found == LAM_MADE_FAULT && (rc = lam_fault(c, i)))
			return rc;
	}
	lam_out_flat(c, LAM_BOOL, bit, none, out);
	return LAM_OK;
}

/* json_array_length; of what is no array it is 0. */
int
lam_fn_json_length(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader r[2];
	struct lam_json j;
	int64_t *to;
	uint8_t *none;
	int rc;

	if ((rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, sizeof *to, &to)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		enum lam_made found = none[i] ? LAM_MADE_NULL :
			find(r, nargs, i, &j);

		to[i] = 0;
		none[i] |= found != LAM_MADE_TEXT;
		if (found == LAM_MADE_FAULT && (rc = lam_fault(c, i)))
			return rc;
		if (!none[i] && lam_json_peek(&j) == LAM_JSON_ARRAY)
			to[i] = lam_make_json_count(j);
	}
	lam_out_flat(c, LAM_NUMBER, to, none, out);
	return LAM_OK;
}
