/*
 * json.c - reading JSON
 *
 * One place in the text, and a bit for each open array or object: that is the
 * whole state.  `first` tells a member that may follow an opening bracket from
 * one that needs a comma.
 */
#include "base/json.h"

static bool
fault(struct lam_json *j, const char *why)
{
	if (!j->why)
		j->why = why;
	return false;
}

static void
skip_blanks(struct lam_json *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' ||
		*j->p == '\n' || *j->p == '\r'))
		j->p++;
}

void
lam_json_init(struct lam_json *j, const char *p, size_t n)
{
	*j = (struct lam_json){ .p = p, .end = p + n };
}

enum lam_json_type
lam_json_peek(struct lam_json *j)
{
	if (j->why)
		return LAM_JSON_NONE;
	skip_blanks(j);
	if (j->p == j->end)
		return LAM_JSON_NONE;
	switch (*j->p) {
	case '{':
		return LAM_JSON_OBJECT;
	case '[':
		return LAM_JSON_ARRAY;
	case '"':
		return LAM_JSON_STRING;
	case 't':
	case 'f':
		return LAM_JSON_BOOL;
	case 'n':
		return LAM_JSON_NULL;
	default:
		return *j->p == '-' || (*j->p >= '0' && *j->p <= '9')
			? LAM_JSON_NUMBER : LAM_JSON_NONE;
	}
}

/* ------------------------------------------------------------------ scalars */

/* Any byte of V below 0x20, a quote or a backslash: its top bit, and perhaps
 * that of bytes above it. */
static inline uint64_t
special8(uint64_t v)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t quote = v ^ ones * '"', slash = v ^ ones * '\\';

	return (((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) |
		((slash - ones) & ~slash)) & ones * 0x80;
}

static const char *
plain_end(const char *p, const char *end)
{
	while (end - p >= 8 && !special8(lam_get64(p)))
		p += 8;
	while (p < end && (unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* Four hexadecimal digits at P, or UINT32_MAX. */
static uint32_t
hex4(const char *p, const char *end)
{
	uint32_t v = 0;

	if (end - p < 4)
		return UINT32_MAX;
	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)p[i], lower = c | 0x20;

		if (c - '0' <= 9)
			v = v << 4 | (c - '0');
		else if (lower - 'a' <= 5)
			v = v << 4 | (lower - 'a' + 10);
		else
			return UINT32_MAX;
	}
	return v;
}

/* The character of "\uXXXX" or of a pair of them at P; *N: its bytes there.
 * UINT32_MAX: it is none. */
static uint32_t
unicode_escape(const char *p, const char *end, size_t *n)
{
	uint32_t high = hex4(p + 2, end), low;

	*n = 6;
	if (high == UINT32_MAX || high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u')
		return UINT32_MAX;
	low = hex4(p + 8, end);
	if (low < 0xdc00 || low > 0xdfff)
		return UINT32_MAX;
	*n = 12;
	return 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
}

/* Pass one escape at j->p. */
static bool
escape(struct lam_json *j)
{
	size_t n = 2;

	if (j->end - j->p < 2)
		return fault(j, "a string that never ends");
	switch (j->p[1]) {
	case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r':
	case 't':
		break;
	case 'u':
		if (unicode_escape(j->p, j->end, &n) == UINT32_MAX)
			return fault(j, "\\u without the four hexadecimal "
				"digits of a character");
		break;
	default:
		return fault(j, "no such escape");
	}
	j->p += n;
	return true;
}

static bool
string(struct lam_json *j, struct lam_json_value *out)
{
	const char *from = ++j->p;

	out->type = LAM_JSON_STRING;
	out->escaped = false;
	for (;;) {
		j->p = plain_end(j->p, j->end);
		if (j->p == j->end)
			return fault(j, "a string that never ends");
		if (*j->p == '"')
			break;
		if (*j->p != '\\')
			return fault(j, "a control character in a string");
		if (!escape(j))
			return false;
		out->escaped = true;
	}
	out->text = (struct lam_str){ from, (size_t)(j->p++ - from) };
	return true;
}

static bool
digits(struct lam_json *j)
{
	const char *from = j->p;

	while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
		j->p++;
	return j->p > from || fault(j, "expected a digit");
}

static bool
number(struct lam_json *j, struct lam_json_value *out)
{
	const char *from = j->p;

	j->p += *j->p == '-';
	if (j->p < j->end && *j->p == '0')
		j->p++;
	else if (!digits(j))
		return false;
	if (j->p < j->end && *j->p == '.') {
		j->p++;
		if (!digits(j))
			return false;
	}
	if (j->p < j->end && (*j->p == 'e' || *j->p == 'E')) {
		j->p++;
		j->p += j->p < j->end && (*j->p == '+' || *j->p == '-');
		if (!digits(j))
			return false;
	}
	*out = (struct lam_json_value){ LAM_JSON_NUMBER, false,
		{ from, (size_t)(j->p - from) } };
	return true;
}

static bool
word(struct lam_json *j, const char *w, enum lam_json_type type,
	struct lam_json_value *out)
{
	size_t n = strlen(w);

	if ((size_t)(j->end - j->p) < n || memcmp(j->p, w, n))
		return fault(j, "expected a value");
	*out = (struct lam_json_value){ type, false, { j->p, n } };
	j->p += n;
	return true;
}

bool
lam_json_scalar(struct lam_json *j, struct lam_json_value *out)
{
	switch (lam_json_peek(j)) {
	case LAM_JSON_STRING:
		return string(j, out);
	case LAM_JSON_NUMBER:
		return number(j, out);
	case LAM_JSON_BOOL:
		return word(j, *j->p == 't' ? "true" : "false", LAM_JSON_BOOL,
			out);
	case LAM_JSON_NULL:
		return word(j, "null", LAM_JSON_NULL, out);
	default:
		return fault(j, "expected a value");
	}
}

/* ---------------------------------------------------------------- structure */

static bool
in_object(const struct lam_json *j)
{
	return j->depth && j->object[j->depth / 64] >> j->depth % 64 & 1;
}

bool
lam_json_enter(struct lam_json *j, enum lam_json_type type)
{
	uint64_t bit;

	if (lam_json_peek(j) != type)
		return fault(j, type == LAM_JSON_OBJECT
			? "expected an object" : "expected an array");
	if (j->depth + 1 == LAM_JSON_DEPTH)
		return fault(j, "arrays and objects in each other too deeply");
	j->p++;
	j->depth++;
	j->first = true;
	bit = UINT64_C(1) << j->depth % 64;
	if (type == LAM_JSON_OBJECT)
		j->object[j->depth / 64] |= bit;
	else
		j->object[j->depth / 64] &= ~bit;
	return true;
}

bool
lam_json_has_members(const struct lam_json *j)
{
	struct lam_json ahead = *j;

	if (lam_json_peek(&ahead) != LAM_JSON_OBJECT)
		return false;
	ahead.p++;
	skip_blanks(&ahead);
	return ahead.p < ahead.end && *ahead.p != '}';
}

/* Does another member follow?  Else CLOSE is passed, or there is a fault. */
static bool
another(struct lam_json *j, char close)
{
	bool first = j->first;

	if (j->why)
		return false;
	skip_blanks(j);
	if (j->p < j->end && *j->p == close) {
		j->p++;
		j->depth--;
		j->first = false;
		return false;
	}
	if (!first) {
		if (j->p == j->end || *j->p != ',')
			return fault(j, "expected a comma or the closing "
				"bracket");
		j->p++;
	}
	j->first = false;
	return true;
}

bool
lam_json_key(struct lam_json *j, struct lam_json_value *key)
{
	if (!another(j, '}'))
		return false;
	if (lam_json_peek(j) != LAM_JSON_STRING)
		return fault(j, "expected a key in double quotes");
	if (!string(j, key))
		return false;
	skip_blanks(j);
	if (j->p == j->end || *j->p != ':')
		return fault(j, "expected a colon");
	j->p++;
	return true;
}

bool
lam_json_element(struct lam_json *j)
{
	return another(j, ']');
}

bool
lam_json_skip(struct lam_json *j, struct lam_json_value *out)
{
	enum lam_json_type type = lam_json_peek(j);
	struct lam_json_value inner;
	unsigned outside = j->depth;
	const char *from = j->p;

	if (type != LAM_JSON_ARRAY && type != LAM_JSON_OBJECT)
		return lam_json_scalar(j, out);
	if (!lam_json_enter(j, type))
		return false;
	while (j->depth > outside) {
		if (in_object(j) ? !lam_json_key(j, &inner) :
			!lam_json_element(j)) {
			if (j->why)
				return false;
			continue;
		}
		type = lam_json_peek(j);
		if (type == LAM_JSON_ARRAY || type == LAM_JSON_OBJECT
			? !lam_json_enter(j, type)
			: !lam_json_scalar(j, &inner))
			return false;
	}
	*out = (struct lam_json_value){ *from == '{' ? LAM_JSON_OBJECT :
		LAM_JSON_ARRAY, false, { from, (size_t)(j->p - from) } };
	return true;
}

bool
lam_json_end(struct lam_json *j)
{
	if (j->why)
		return false;
	skip_blanks(j);
	return j->p == j->end || fault(j, "text after the value");
}

/* ------------------------------------------------------------------ strings */

/* UTF-8 of C at OUT; how many bytes. */
static size_t
put_utf8(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

size_t
lam_json_unescape(struct lam_str s, char *out)
{
	static const char letter[] = "bfnrt", byte[] = "\b\f\n\r\t";
	const char *p = s.p, *end = s.p + s.n;
	char *to = out;

	while (p < end) {
		const char *slash = memchr(p, '\\', (size_t)(end - p)), *at;
		size_t n = (size_t)((slash ? slash : end) - p);

		memmove(to, p, n);
		to += n;
		p += n;
		if (p == end)
			break;
		if (p[1] == 'u') {
			to += put_utf8(unicode_escape(p, end, &n), to);
			p += n;
			continue;
		}
		at = strchr(letter, p[1]);
		*to++ = at ? byte[at - letter] : p[1];
		p += 2;
	}
	return (size_t)(to - out);
}
