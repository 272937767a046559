/*
 * fn_make.c - functions that make texts: lpad, repeat, translate, chr, hex, base64
 *
 * Each is one row of the table below.  What cannot be made, as a text that is longer
 * than LAM_MADE_MAX, is a fault of its row.
 */
#include "fn/fn_make.h"

#include <string.h>

#include "base/base64.h"
#include "base/json_text.h"
#include "base/utf8.h"

/* A number of characters or times, cut to whole. */
static int64_t
count_at(const struct lam_reader *r, uint32_t i)
{
	struct lam_num v = lam_num_at(r, i);

	v = v.m < 0 ? lam_num_ceil(v) : lam_num_floor(v);
	return v.m > INT32_MAX ? INT32_MAX : v.m < 0 ? 0 : (int64_t)v.m;
}

/* N characters of PAD, again and again. */
static void
fill(struct lam_buf *b, struct lam_str pad, size_t n)
{
	size_t has = lam_utf8_count(pad);

	for (; n >= has; n -= has)
		lam_buf_put(b, pad.p, pad.n);
	lam_buf_put(b, pad.p, lam_utf8_offset(pad, n));
}

static enum lam_made
padded(struct lam_buf *b, const struct lam_reader *r, uint32_t i, bool before)
{
	struct lam_str v = lam_str_at(&r[0], i), pad = lam_str_at(&r[2], i);
	size_t n = (size_t)count_at(&r[1], i), has = lam_utf8_count(v);

	if (n <= has) {
		lam_buf_put(b, v.p, lam_utf8_offset(v, n));
		return LAM_MADE_TEXT;
	}
	if (!pad.n || n > LAM_MADE_MAX / 4)
		return LAM_MADE_FAULT;
	if (before)
		fill(b, pad, n - has);
	lam_buf_put(b, v.p, v.n);
	if (!before)
		fill(b, pad, n - has);
	return LAM_MADE_TEXT;
}

static enum lam_made
make_lpad(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return padded(b, r, i, true);
}

static enum lam_made
make_rpad(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return padded(b, r, i, false);
}

static enum lam_made
make_repeat(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct lam_str v = lam_str_at(&r[0], i);
	int64_t n = count_at(&r[1], i);

	if (v.n && n > (int64_t)(LAM_MADE_MAX / v.n))
		return LAM_MADE_FAULT;
	for (; v.n && n > 0; n--)
		lam_buf_put(b, v.p, v.n);
	return LAM_MADE_TEXT;
}

/* Each character that is in FROM becomes that at its place in TO, or nothing. */
static enum lam_made
make_translate(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct lam_str v = lam_str_at(&r[0], i), from = lam_str_at(&r[1], i);
	struct lam_str to = lam_str_at(&r[2], i);

	for (size_t at = 0, n; at < v.n; at += n) {
		size_t place = 0, k = 0, len, end;

		n = lam_utf8_len(v.p + at, v.p + v.n);
		for (; k < from.n; k += len, place++) {
			len = lam_utf8_len(from.p + k, from.p + from.n);
			if (len == n && !memcmp(from.p + k, v.p + at, n))
				break;
		}
		if (k >= from.n) {
			lam_buf_put(b, v.p + at, n);
			continue;
		}
		k = lam_utf8_offset(to, place);
		end = k < to.n ? lam_utf8_len(to.p + k, to.p + to.n) : 0;
		lam_buf_put(b, to.p + k, end);
	}
	return LAM_MADE_TEXT;
}

static enum lam_made
make_chr(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct lam_num v = lam_num_normal(lam_num_at(r, i));
	uint32_t c = (uint32_t)v.m;

	if (v.scale || v.m < 1 || v.m > 0x10ffff || (c >> 11) == 0x1b)
		return LAM_MADE_FAULT;
	if (c < 0x80) {
		lam_buf_putc(b, (char)c);
		return LAM_MADE_TEXT;
	}
	if (c < 0x800) {
		lam_buf_putc(b, (char)(0xc0 | c >> 6));
	} else {
		lam_buf_putc(b, (char)(c < 0x10000 ? 0xe0 | c >> 12 :
			0xf0 | c >> 18));
		if (c >= 0x10000)
			lam_buf_putc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		lam_buf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	lam_buf_putc(b, (char)(0x80 | (c & 0x3f)));
	return LAM_MADE_TEXT;
}

static enum lam_made
make_hex(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct lam_str v = lam_str_at(r, i);

	for (size_t k = 0; k < v.n; k++) {
		lam_buf_putc(b, "0123456789ABCDEF"[(unsigned char)v.p[k] >> 4]);
		lam_buf_putc(b, "0123456789ABCDEF"[v.p[k] & 15]);
	}
	return LAM_MADE_TEXT;
}

/* -1: no digit */
static int
digit(char c)
{
	c |= c >= 'A' && c <= 'F' ? 0x20 : 0;
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
		c - 'a' + 10 : -1;
}

static enum lam_made
make_unhex(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct lam_str v = lam_str_at(r, i);
	int high = 0; /* of an odd number of digits, the first is alone */

	for (size_t k = 0; k < v.n; k++) {
		int d = digit(v.p[k]);

		if (d < 0)
			return LAM_MADE_FAULT;
		if ((v.n - k) % 2 == 0)
			high = d;
		else
			lam_buf_putc(b, (char)(high << 4 | d));
	}
	return LAM_MADE_TEXT;
}

static enum lam_made
make_base64(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	lam_base64_put(b, lam_str_at(r, i));
	return LAM_MADE_TEXT;
}

static enum lam_made
make_from_base64(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return lam_base64_read(b, lam_str_at(r, i)) ? LAM_MADE_TEXT :
		LAM_MADE_FAULT;
}

/* The parts of a text between separators, or its characters, as JSON. */
static enum lam_made
make_split(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct lam_str v = lam_str_at(&r[0], i), sep = lam_str_at(&r[1], i);
	const char *at = v.p, *end = v.p + v.n, *stop;

	lam_buf_putc(b, '[');
	do {
		stop = sep.n ? memmem(at, (size_t)(end - at), sep.p, sep.n) :
			at < end ? at + lam_utf8_len(at, end) : end;
		if (!stop || (!sep.n && stop == end))
			stop = NULL;
		lam_json_put_string(b, (struct lam_str){ at, (size_t)((stop ?
			stop : end) - at) });
		lam_buf_puts(b, stop ? ", " : "]");
		at = stop ? stop + sep.n : end;
	} while (stop);
	return LAM_MADE_TEXT;
}

static lam_maker_fn *
maker(unsigned fn)
{
	switch (fn) {
	case LAM_FN_LPAD:
		return make_lpad;
	case LAM_FN_RPAD:
		return make_rpad;
	case LAM_FN_REPEAT:
		return make_repeat;
	case LAM_FN_TRANSLATE:
		return make_translate;
	case LAM_FN_CHR:
		return make_chr;
	case LAM_FN_HEX:
		return make_hex;
	case LAM_FN_UNHEX:
		return make_unhex;
	case LAM_FN_AGE:
		return lam_make_age;
	case LAM_FN_BASE64:
		return make_base64;
	case LAM_FN_FROM_BASE64:
		return make_from_base64;
	case LAM_FN_URL_ENCODE:
		return lam_make_url_encoded;
	case LAM_FN_URL_DECODE:
		return lam_make_url_decoded;
	case LAM_FN_URL_HOST:
		return lam_make_url_host;
	case LAM_FN_URL_PATH:
		return lam_make_url_path;
	case LAM_FN_URL_QUERY:
		return lam_make_url_query;
	case LAM_FN_URL_PARAM:
		return lam_make_url_param;
	case LAM_FN_MD5:
		return lam_make_md5;
	case LAM_FN_SHA256:
		return lam_make_sha256;
	case LAM_FN_STRING_SPLIT:
		return make_split;
	case LAM_FN_JSON:
	case LAM_FN_JSON_AT:
		return lam_make_json;
	case LAM_FN_JSON_TYPE:
		return lam_make_json_type;
	case LAM_FN_JSON_TYPE_AT:
		return lam_make_json_type_at;
	case LAM_FN_JSON_KEYS:
		return lam_make_json_keys;
	case LAM_FN_JSON_KEYS_AT:
		return lam_make_json_keys_at;
	case LAM_FN_JSON_ALL:
		return lam_make_json_all;
	case LAM_FN_JSON_TEXT_ALL:
		return lam_make_json_text_all;
	case LAM_FN_JSON_TEXT:
	case LAM_FN_JSON_TEXT_AT:
		return lam_make_json_text;
	default:
		return lam_make_ip_network;
	}
}

/* One row; NONE is set where it has no value. */
static int
make_row(struct lam_call *c, const struct lam_reader *r, uint32_t i,
	struct lam_buf *b, struct lam_str *str, uint8_t *none)
{
	enum lam_made made;
	int rc;

	lam_buf_clear(b);
	made = maker(c->x->fn)(b, r, i);
	rc = lam_buf_check(b, c->e);
	if (rc)
		return rc;
	*none = made != LAM_MADE_TEXT;
	if (*none)
		return made == LAM_MADE_FAULT ? lam_fault(c, i) : LAM_OK;
	*str = (struct lam_str){ lam_arena_dup(c->arena, b->n ? b->p : "",
		b->n), b->n };
	return str->p ? LAM_OK : lam_fail_mem(c->e);
}

int
lam_fn_make(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_reader r[3];
	struct lam_str *str;
	uint8_t *none;
	int rc;

	if ((rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, sizeof *str, &str)))
		return rc;
	for (uint32_t i = 0; !rc && i < c->n; i++) {
		str[i] = (struct lam_str){ NULL, 0 };
		if (!none[i])
			rc = make_row(c, r, i, &b, &str[i], &none[i]);
	}
	lam_buf_release(&b);
	lam_out_flat(c, LAM_TEXT, str, none, out);
	return rc;
}
