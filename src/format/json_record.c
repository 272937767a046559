/*
 * json_record.c - cells of one JSON record
 *
 * A NUL is put behind the record.  No token of JSON has one, so each loop stops
 * there without asking whether the text has ended.
 *
 * The key that comes is most often the one that came next in the first record that
 * had it: the member after the last one found, or one of the few behind that.  Its
 * bytes are compared with the text, quote included, 8 at a time; so most keys are
 * neither scanned nor hashed.  Strings are scanned 16 bytes at a time.  One with a
 * backslash is read by base/json.c.
 *
 * Of a record with members that are no fields, the rest is put together by a second
 * reading, json_rest.h, before the first escape is replaced.
 */
#include "format/json_record.h"

#include "base/masks.h"
#include "base/name.h"
#include "format/json_bytes.h"
#include "format/json_rest.h"
#include "format/line.h"

#define TRIES 3 /* members that may be left out, before the hash is asked */

struct lam_json_escape { /* a value that is not yet what it stands for */
	uint32_t field, at;
	bool array; /* else a text with escapes */
};

void
lam_json_reader_release(struct lam_json_reader *r)
{
	lam_buf_release(&r->escaped);
}

static char *
fault(struct lam_json_reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return NULL;
}

static inline char *
blanks(char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
		p++;
	return p;
}

/* ------------------------------------------------------------------ scalars */

/* The first quote, backslash or control character from P on. */
static inline char *
plain_end(char *p)
{
#if LAM_X86
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'),
		control = _mm_set1_epi8(0x1f);

	for (;; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(void *)p);
		__m128i hit = _mm_or_si128(_mm_or_si128(
			_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)),
			_mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
		unsigned bits = (unsigned)_mm_movemask_epi8(hit);

		if (bits)
			return p + __builtin_ctz(bits);
	}
#else
	while ((unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return p;
#endif
}

/* The string at P, with a backslash in it. */
static char *
escaped_string(struct lam_json_reader *r, char *p)
{
	struct lam_json_value v;
	struct lam_json j;

	lam_json_init(&j, p, (size_t)(r->end - p));
	if (!lam_json_scalar(&j, &v))
		return fault(r, j.why);
	return p + (j.p - p);
}

/* Past the string at P, its opening quote. */
static inline char *
string(struct lam_json_reader *r, char *p, bool *escaped)
{
	char *q = plain_end(p + 1);

	*escaped = false;
	if (__builtin_expect(*q == '"', 1))
		return q + 1;
	*escaped = *q == '\\';
	if (*escaped)
		return escaped_string(r, p);
	return fault(r, q == r->end ? "a string that never ends" :
		"a control character in a string");
}

static inline char *
digits(char *p)
{
	while ((unsigned char)(*p - '0') <= 9)
		p++;
	return p;
}

static inline char *
number(struct lam_json_reader *r, char *p)
{
	char *from;

	p += *p == '-';
	from = p;
	p = digits(p);
	if (p == from || (*from == '0' && p > from + 1))
		return fault(r, p == from ? "expected a digit" :
			"a number that begins with 0");
	if (*p == '.') {
		from = ++p;
		p = digits(p);
		if (p == from)
			return fault(r, "expected a digit");
	}
	if ((*p | 32) == 'e') {
		p += 1 + (p[1] == '+' || p[1] == '-');
		from = p;
		p = digits(p);
		if (p == from)
			return fault(r, "expected a digit");
	}
	return p;
}

static inline char *
word(struct lam_json_reader *r, char *p)
{
	if (!memcmp(p, "true", 4) || !memcmp(p, "null", 4))
		return p + 4;
	if (!memcmp(p, "false", 5))
		return p + 5;
	return fault(r, "expected a value");
}

/* ---------------------------------------------------------------- structure */

static char *skip(struct lam_json_reader *r, char *p);

/* Into an array or object, by one level. */
static inline bool
enter(struct lam_json_reader *r)
{
	if (++r->depth < LAM_JSON_DEPTH)
		return true;
	fault(r, "arrays and objects in each other too deeply");
	return false;
}

/* Past the colon behind a key, and blanks. */
static inline char *
colon(struct lam_json_reader *r, char *p)
{
	p = blanks(p);
	return *p == ':' ? blanks(p + 1) : fault(r, "expected a colon");
}

/* The separator after a member, behind which P is.  *MORE: another follows. */
static inline char *
separator(struct lam_json_reader *r, char *p, char close, bool *more)
{
	p = blanks(p);
	*more = *p == ',';
	if (*more)
		return blanks(p + 1);
	return *p == close ? p + 1 : fault(r, "expected a comma or the "
		"closing bracket");
}

/* Past the array or object at P. */
static char *
skip_inside(struct lam_json_reader *r, char *p)
{
	char close = *p == '{' ? '}' : ']';
	bool more = true, escaped;

	if (!enter(r))
		return NULL;
	p = blanks(p + 1);
	if (*p == close)
		more = false, p++;
	while (more) {
		if (close == '}') {
			if (*p != '"')
				return fault(r, "expected a key in double "
					"quotes");
			p = string(r, p, &escaped);
			p = p ? colon(r, p) : NULL;
		}
		p = p ? skip(r, p) : NULL;
		p = p ? separator(r, p, close, &more) : NULL;
		if (!p)
			return NULL;
	}
	r->depth--;
	return p;
}

/* Past the value at P. */
static char *
skip(struct lam_json_reader *r, char *p)
{
	bool escaped;

	if (*p == '"')
		return string(r, p, &escaped);
	if (*p == '{' || *p == '[')
		return skip_inside(r, p);
	return *p == '-' || (unsigned char)(*p - '0') <= 9 ? number(r, p) :
		word(r, p);
}

/* -------------------------------------------------------------------- cells */

/* The text [FROM, END) becomes the value of M; NULL: it is null. */
static inline void
put(struct lam_json_reader *r, const struct lam_json_member *m,
	const char *from, const char *end)
{
	if (!m || m->field == LAM_JSON_NO_FIELD)
		r->more |= !m || from;
	else
		lam_line_put(r->x, m->field, (struct lam_str){ from,
			(size_t)(end - from) });
}

static void
note_escape(struct lam_json_reader *r, const struct lam_json_member *m,
	const char *from, bool array)
{
	struct lam_json_escape s = { .array = array };

	if (!m || m->field == LAM_JSON_NO_FIELD || !r->x->cell[m->field])
		return;
	s.field = m->field;
	s.at = (uint32_t)(from - r->x->text);
	lam_buf_put(&r->escaped, &s, sizeof s);
}

static char *object(struct lam_json_reader *r, const struct lam_json_object *o,
	char *p);

/* Past the value at P, which is M's; NULL: that of no member that is known. */
static inline char *
value(struct lam_json_reader *r, const struct lam_json_member *m, char *p)
{
	char *from = p;
	bool escaped;

	if (*p == '"') {
		p = string(r, p, &escaped);
		if (!p)
			return NULL;
		put(r, m, from + 1, p - 1);
		if (escaped)
			note_escape(r, m, from + 1, false);
		return p;
	}
	if (*p == '{' && m && m->object && *blanks(p + 1) != '}')
		return object(r, m->object, p);
	p = skip(r, p);
	if (p)
		put(r, m, *from == 'n' ? NULL : from, *from == 'n' ? NULL : p);
	if (p && r->bytes && *from == '[')
		note_escape(r, m, from, true);
	return p;
}

static inline bool
is_key(const struct lam_json_member *m, const char *p)
{
	return (lam_get64(p) & m->mask) == m->head && (m->key.n < 8 ||
		!memcmp(p + 8, m->key.p + 8, m->key.n - 7));
}

/* The member by its key at P, by hash.  Returns the end of the key. */
static char *
look_up(struct lam_json_reader *r, const struct lam_json_object *o, char *p,
	const struct lam_json_member **m)
{
	char text[6 * LAM_FIELD_NAME_MAX];
	struct lam_str key = { p + 1, 0 };
	bool escaped;
	char *end = string(r, p, &escaped);

	*m = NULL;
	if (!end)
		return NULL;
	key.n = (size_t)(end - 1 - key.p);
	if (escaped && key.n > sizeof text)
		return end;
	if (escaped)
		key = (struct lam_str){ text, lam_json_unescape(key, text) };
	*m = lam_json_tree_find(r->tree, o, key);
	return end;
}

/* What M had put into the row is not its value any more: its key comes again. */
static void
forget(struct lam_json_reader *r, const struct lam_json_member *m)
{
	if (m->field != LAM_JSON_NO_FIELD)
		lam_line_put(r->x, m->field, (struct lam_str){ NULL, 0 });
	for (uint32_t i = 0; m->object && i < m->object->n; i++)
		forget(r, &m->object->member[i]);
}

/* Has the row a value of M? */
static bool
has_value(const struct lam_json_reader *r, const struct lam_json_member *m)
{
	const struct lam_parse *x = r->x;
	bool has = m->field != LAM_JSON_NO_FIELD && x->cell[m->field] &&
		x->cell[m->field][x->rows].len != LAM_CELL_NULL;

	for (uint32_t i = 0; !has && m->object && i < m->object->n; i++)
		has = has_value(r, &m->object->member[i]);
	return has;
}

/*
 * The key of M, an object elsewhere, stands at P in the object at FROM, behind that of
 * a later member of O.  What it had before is forgotten; but a value may be of a key
 * with points in it, too, so the keys are looked at.
 */
static void
comes_late(struct lam_json_reader *r, const struct lam_json_object *o,
	const struct lam_json_member *m, const char *from, const char *p)
{
	struct lam_json j;

	r->again = true;
	if (!has_value(r, m))
		return;
	lam_json_init(&j, from, (size_t)(r->end - from));
	(void)lam_json_enter(&j, LAM_JSON_OBJECT);
	if (lam_json_has_key(r, o, m, j, p))
		forget(r, m);
}

/* The object at P, whose members O knows. */
static char *
object(struct lam_json_reader *r, const struct lam_json_object *o, char *p)
{
	uint32_t at = 0; /* the member that should come next */
	uint32_t top = 0; /* no key of a member from here on has come */
	const char *from = p, *key;
	bool more;

	if (!enter(r))
		return NULL;
	p = blanks(p + 1);
	for (more = *p != '}', p += !more; more;) {
		const struct lam_json_member *m = NULL;
		uint32_t last = at + TRIES < o->n ? at + TRIES : o->n;

		if (*p != '"')
			return fault(r, "expected a key in double quotes");
		key = p;
		while (at < last && !is_key(&o->member[at], p + 1))
			at++;
		if (at < last) {
			m = &o->member[at];
			p += m->key.n + 2;
		} else {
			p = look_up(r, o, p, &m);
			at = m ? (uint32_t)(m - o->member) : last;
		}
		/* Another value takes the place of one of the same kind by itself. */
		if (m && m->object && at < top)
			comes_late(r, o, m, from, key);
		at += m != NULL;
		top = m && at > top ? at : top;
		p = p ? colon(r, p) : NULL;
		p = p ? value(r, m, p) : NULL;
		p = p ? separator(r, p, '}', &more) : NULL;
		if (!p)
			return NULL;
	}
	r->depth--;
	return p;
}

/* Replace the escapes of the values that are left: of a key that was met twice, the
 * last one is. */
static void
unescape(struct lam_json_reader *r)
{
	const struct lam_json_escape *s = (const void *)r->escaped.p;
	size_t n = r->escaped.n / sizeof *s;

	for (size_t i = 0; i < n; i++) {
		struct lam_cell *c = &r->x->cell[s[i].field][r->x->rows];
		char *text = r->x->text + s[i].at;

		if (c->at != s[i].at || c->len == LAM_CELL_NULL)
			continue;
		c->len = (uint32_t)(s[i].array ? lam_json_bytes(text, c->len) :
			lam_json_unescape((struct lam_str){ text, c->len }, text));
	}
	lam_buf_clear(&r->escaped);
}

int
lam_json_record(struct lam_json_reader *r, char *p, size_t n, const char **why,
	struct lam_error *e)
{
	struct lam_parse *x = r->x;
	char *end = p + n;
	int rc;

	for (uint32_t i = 0; i < x->nfields; i++)
		if (x->cell[i])
			x->cell[i][x->rows] = (struct lam_cell){ 0,
				LAM_CELL_NULL };
	r->end = end;
	r->why = NULL;
	r->depth = 0;
	r->more = r->again = false;
	*end = '\0';
	p = blanks(p);
	*why = NULL;
	if (*p != '{')
		*why = "expected an object";
	else if (!(p = object(r, &r->tree->root, p)))
		*why = r->why;
	else if (blanks(p) != end)
		*why = "text after the object";
	rc = lam_buf_check(&r->escaped, e);
	if (rc || *why) {
		lam_buf_clear(&r->escaped);
		return rc;
	}
	if (r->more && r->rest != LAM_JSON_NO_FIELD && x->cell[r->rest])
		lam_json_rest(r, end - n, n);
	unescape(r);
	return LAM_OK;
}
