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

/* V, a whole number of 64 bits, in digits of BITS bits. */
static enum lam_made
put_bits(struct lam_buf *b, struct lam_num v, unsigned bits)
{
	lam_u128 all;
	unsigned n = 0;

	v = lam_num_normal(v);
	if (v.scale || v.m > UINT64_MAX || v.m < INT64_MIN)
		return LAM_MADE_FAULT;
	all = (uint64_t)v.m;
	while (n < 64 && all >> n)
		n += bits;
	for (n = n ? n : bits; n > 0; n -= bits)
		lam_buf_putc(b, "0123456789ABCDEF"[(unsigned)(all >> (n -
			bits)) & ((1U << bits) - 1)]);
	return LAM_MADE_TEXT;
}

static enum lam_made
make_hex_number(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return put_bits(b, lam_num_at(r, i), 4);
}

static enum lam_made
make_binary(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return put_bits(b, lam_num_at(r, i), 1);
}

/* A number of bytes in units of 1024, one decimal, cut. */
static enum lam_made
make_bytes(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	static const char *const unit[] = { "KiB", "MiB", "GiB", "TiB", "PiB",
		"EiB" };
	struct lam_num v = lam_num_at(r, i);
	unsigned u = 0;
	lam_i128 n;

	v = v.m < 0 ? lam_num_ceil(v) : lam_num_floor(v);
	n = v.m < 0 ? -v.m : v.m;
	if (n > INT64_MAX)
		return LAM_MADE_FAULT;
	lam_buf_puts(b, v.m < 0 ? "-" : "");
	if (n < 1024) {
		lam_buf_printf(b, "%d byte%s", (int)n, n == 1 ? "" : "s");
		return LAM_MADE_TEXT;
	}
	while (n >> (10 * (u + 2)))
		u++;
	n = n * 10 >> (10 * (u + 1));
	lam_buf_printf(b, "%d.%d %s", (int)(n / 10), (int)(n % 10), unit[u]);
	return LAM_MADE_TEXT;
}

static lam_maker_fn *const maker[LAM_FNS] = {
	[LAM_FN_LPAD] = make_lpad,
	[LAM_FN_RPAD] = make_rpad,
	[LAM_FN_REPEAT] = make_repeat,
	[LAM_FN_TRANSLATE] = make_translate,
	[LAM_FN_CHR] = make_chr,
	[LAM_FN_HEX] = make_hex,
	[LAM_FN_UNHEX] = make_unhex,
	[LAM_FN_SPAN_TEXT] = lam_make_span,
	[LAM_FN_BASE64] = make_base64,
	[LAM_FN_FROM_BASE64] = make_from_base64,
	[LAM_FN_URL_ENCODE] = lam_make_url_encoded,
	[LAM_FN_URL_DECODE] = lam_make_url_decoded,
	[LAM_FN_URL_HOST] = lam_make_url_host,
	[LAM_FN_URL_PATH] = lam_make_url_path,
	[LAM_FN_URL_QUERY] = lam_make_url_query,
	[LAM_FN_URL_PARAM] = lam_make_url_param,
	[LAM_FN_MD5] = lam_make_md5,
	[LAM_FN_SHA1] = lam_make_sha1,
	[LAM_FN_HEX_NUMBER] = make_hex_number,
	[LAM_FN_BINARY] = make_binary,
	[LAM_FN_BYTES] = make_bytes,
	[LAM_FN_SHA256] = lam_make_sha256,
	[LAM_FN_STRING_SPLIT] = make_split,
	[LAM_FN_JSON] = lam_make_json,
	[LAM_FN_JSON_AT] = lam_make_json,
	[LAM_FN_JSON_TYPE] = lam_make_json_type,
	[LAM_FN_JSON_TYPE_AT] = lam_make_json_type_at,
	[LAM_FN_JSON_KEYS] = lam_make_json_keys,
	[LAM_FN_JSON_KEYS_AT] = lam_make_json_keys_at,
	[LAM_FN_JSON_ALL] = lam_make_json_all,
	[LAM_FN_JSON_TEXT_ALL] = lam_make_json_text_all,
	[LAM_FN_JSON_TEXT] = lam_make_json_text,
	[LAM_FN_JSON_TEXT_AT] = lam_make_json_text,
	[LAM_FN_IP_NETWORK] = lam_make_ip_network,
};

/* One row; NONE is set where it has no value. */
static int
make_row(struct lam_call *c, const struct lam_reader *r, uint32_t i,
	struct lam_buf *b, struct lam_str *str, uint8_t *none)
{
	enum lam_made made;
	int rc;

	lam_buf_clear(b);
	made = maker[c->x->fn](b, r, i);
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
