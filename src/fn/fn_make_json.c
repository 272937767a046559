/*
 * fn_make_json.c - json_extract and json_extract_string, which are -> and ->>
 *
 * A path is one of
 *
 *	n		the element of an array, from 0; -1 is the last
 *	key		the member of that name, whatever it holds
 *	/key/n		RFC 6901: ~1 is a slash, ~0 a tilde
 *	$.key."a b"[n]	[-1] and [#-1] are the last
 *	$.a[*].*	each element of an array, each member of an object
 *
 * The whole text is checked, so that what is no JSON is a fault wherever it breaks.  Of
 * several members of one name the first counts.  A path with a star is a constant, and
 * gives a list of what there is, of texts.
 */
#include "fn/fn_make.h"

#include <string.h>

#include "base/json.h"
#include "base/json_text.h"

struct step {
	bool index;	    /* else key */
	bool name;	    /* of a member: a key that is a number is no element */
	int64_t n;	    /* below 0: from the end */
	struct lam_str key; /* as bytes */
};

/* A whole number in all of T, at most 9 digits. */
static bool
number(struct lam_str t, int64_t *out)
{
	bool negative = t.n > 0 && *t.p == '-';

	*out = 0;
	t.p += negative;
	t.n -= negative;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return false;
		*out = *out * 10 + (t.p[i] - '0');
	}
	if (negative)
		*out = -*out;
	return t.n > 0 && t.n <= 9;
}

/* "[...]" at the start of PATH, which is cut off. */
static bool
bracket(struct lam_str *path, struct step *s)
{
	const char *end = memchr(path->p, ']', path->n);
	struct lam_str in = { path->p + 1, 0 };

	if (!end)
		return false;
	in.n = (size_t)(end - in.p);
	path->n -= in.n + 2;
	path->p += in.n + 2;
	s->index = true;
	if (in.n > 1 && in.p[0] == '#' && in.p[1] == '-') {
		in.p++;
		in.n--;
	}
	return number(in, &s->n);
}

/* ".key" or .\"key\" likewise. */
static bool
member(struct lam_str *path, struct step *s)
{
	const char *end = path->p + path->n, *p = path->p + 1, *stop;
	bool quoted = p < end && *p == '"';

	p += quoted;
	for (stop = p; stop < end && (quoted ? *stop != '"' : *stop != '.' &&
		*stop != '['); stop++)
		;
	if ((quoted && stop == end) || (!quoted && stop == p))
		return false;
	*s = (struct step){ .name = true, .key = { p, (size_t)(stop - p) } };
	stop += quoted;
	*path = (struct lam_str){ stop, (size_t)(end - stop) };
	return quoted || s->key.n > 2 || memcmp(s->key.p, "**", s->key.n) != 0;
}

/* "/token" likewise; B takes what it stands for. */
static bool
token(struct lam_str *path, struct step *s, struct lam_buf *b)
{
	size_t i = 1;

	lam_buf_clear(b);
	for (; i < path->n && path->p[i] != '/'; i++) {
		char c = path->p[i];

		if (c == '~' && i + 1 < path->n && (path->p[i + 1] == '0' ||
			path->p[i + 1] == '1'))
			c = path->p[++i] == '1' ? '/' : '~';
		lam_buf_putc(b, c);
	}
	*s = (struct step){ .key = { b->n ? b->p : "", b->n } };
	path->p += i;
	path->n -= i;
	return true;
}

static bool
same_key(const struct lam_json_value *k, struct lam_str key, struct lam_buf *b)
{
	if (!k->escaped)
		return lam_str_cmp(k->text, key) == 0;
	lam_buf_clear(b);
	if (!lam_buf_room(b, k->text.n + 1))
		return false;
	return lam_str_cmp((struct lam_str){ b->p, lam_json_unescape(k->text,
		b->p) }, key) == 0;
}

int64_t
lam_make_json_count(struct lam_json j)
{
	struct lam_json_value v;
	int64_t n = 0;

	for (lam_json_enter(&j, LAM_JSON_ARRAY); lam_json_element(&j); n++)
		lam_json_skip(&j, &v);
	return n;
}

/* J stands before the value that S leads to.  False: there is none. */
static bool
take(struct lam_json *j, struct step *s, struct lam_buf *b)
{
	enum lam_json_type type = lam_json_peek(j);
	struct lam_json_value k;

	if (type == LAM_JSON_OBJECT && !s->index) {
		lam_json_enter(j, type);
		while (lam_json_key(j, &k)) {
			if (same_key(&k, s->key, b))
				return true;
			lam_json_skip(j, &k);
		}
		return false;
	}
	if (type != LAM_JSON_ARRAY || s->name ||
		(!s->index && !number(s->key, &s->n)))
		return false;
	if (s->n < 0)
		s->n += lam_make_json_count(*j);
	lam_json_enter(j, type);
	for (; s->n >= 0 && lam_json_element(j); s->n--) {
		if (s->n == 0)
			return true;
		lam_json_skip(j, &k);
	}
	return false;
}

/* The first step behind the dollar sign. */
static bool
cut_step(struct lam_str *path, struct step *s)
{
	*s = (struct step){ .index = false };
	return *path->p == '.' ? member(path, s) : *path->p == '[' &&
		bracket(path, s);
}

/* The value at PATH; *BAD: that is no path. */
static bool
follow(struct lam_json *j, struct lam_str path, bool *bad)
{
	bool pointer = path.n > 0 && *path.p == '/';
	bool steps = path.n > 0 && *path.p == '$';
	struct lam_buf one = LAM_BUF_INIT, two = LAM_BUF_INIT;
	struct step s = { .key = path };
	bool found = true;

	if (steps) {
		path.p++;
		path.n--;
	} else if (!pointer) {
		found = take(j, &s, &two);
		path.n = 0;
	}
	while (found && !*bad && path.n > 0) {
		*bad = pointer ? !token(&path, &s, &one) : !cut_step(&path, &s);
		found = !*bad && take(j, &s, &two);
	}
	*bad |= one.oom || two.oom;
	lam_buf_release(&one);
	lam_buf_release(&two);
	return found;
}

/* T without the blanks between its parts. */
static void
put_packed(struct lam_buf *b, struct lam_str t)
{
	bool within = false;

	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];

		if (!within && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
			continue;
		lam_buf_putc(b, c);
		if (within && c == '\\')
			lam_buf_putc(b, t.p[++i]);
		else if (c == '"')
			within = !within;
	}
}

static enum lam_made
put_value(struct lam_buf *b, struct lam_json *j, bool text)
{
	enum lam_json_type type = lam_json_peek(j);
	const char *from = j->p;
	struct lam_json_value v;

	if (text && type == LAM_JSON_NULL)
		return LAM_MADE_NULL;
	if (!text || type != LAM_JSON_STRING) {
		lam_json_skip(j, &v);
		put_packed(b, (struct lam_str){ from, (size_t)(j->p - from) });
		return LAM_MADE_TEXT;
	}
	lam_json_scalar(j, &v);
	if (lam_buf_room(b, v.text.n + 1))
		b->n += v.escaped ? lam_json_unescape(v.text, b->p) :
			(memcpy(b->p, v.text.p, v.text.n), v.text.n);
	return LAM_MADE_TEXT;
}

bool
lam_make_json_start(struct lam_json *j, struct lam_str doc)
{
	struct lam_json_value all;

	lam_json_init(j, doc.p, doc.n);
	if (!lam_json_skip(j, &all) || !lam_json_end(j))
		return false;
	lam_json_init(j, doc.p, doc.n);
	return true;
}

enum lam_made
lam_make_json_find(const struct lam_reader *r, uint32_t i, struct lam_json *j)
{
	struct step s = { .index = true };
	bool bad = false, found;

	if (!lam_make_json_start(j, lam_str_at(&r[0], i)))
		return LAM_MADE_FAULT;
	if (r[1].v->type == LAM_TEXT && !lam_str_at(&r[1], i).n)
		return LAM_MADE_TEXT; /* DuckDB's: all of it */
	if (r[1].v->type == LAM_NUMBER) {
		struct lam_num n = lam_num_normal(lam_num_at(&r[1], i));
		struct lam_buf none = LAM_BUF_INIT;

		if (n.scale || n.m > INT32_MAX || n.m < -INT32_MAX)
			return LAM_MADE_NULL;
		s.n = (int64_t)n.m;
		found = take(j, &s, &none);
	} else {
		found = follow(j, lam_str_at(&r[1], i), &bad);
	}
	return bad ? LAM_MADE_FAULT : found ? LAM_MADE_TEXT : LAM_MADE_NULL;
}

static enum lam_made
extract(struct lam_buf *b, const struct lam_reader *r, uint32_t i, bool text)
{
	struct lam_json j;
	enum lam_made found = lam_make_json_find(r, i, &j);

	return found == LAM_MADE_TEXT ? put_value(b, &j, text) : found;
}

enum lam_made
lam_make_json(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return extract(b, r, i, false);
}

enum lam_made
lam_make_json_text(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return extract(b, r, i, true);
}

/* ------------------------------------------------------------ paths with stars */

struct gather {
	struct lam_buf *b, key, value;
	uint64_t n;
	bool text, bad; /* bad: that is no path */
};

/* A star at the start of PATH, which is cut off: each of what? */
static bool
cut_star(struct lam_str *path, enum lam_json_type *type)
{
	size_t n = *path->p == '[' ? 3 : 2;

	if (path->n < n || memcmp(path->p, n == 3 ? "[*]" : ".*", n) != 0 ||
		(n == 2 && path->n > n && !strchr(".[", path->p[n])))
		return false;
	*type = n == 3 ? LAM_JSON_ARRAY : LAM_JSON_OBJECT;
	path->p += n;
	path->n -= n;
	return true;
}

static void
put_element(struct gather *g, struct lam_json *j)
{
	lam_buf_clear(&g->value);
	lam_buf_puts(g->b, g->n++ ? ", " : "");
	if (put_value(&g->value, j, g->text) == LAM_MADE_NULL)
		lam_buf_puts(g->b, "null");
	else
		lam_json_put_string(g->b, (struct lam_str){ g->value.n ?
			g->value.p : "", g->value.n });
}

/* All that is at PATH below J; a star is a level of J, so there are few. */
static void
gather(struct gather *g, struct lam_json j, struct lam_str path)
{
	enum lam_json_type type = LAM_JSON_NONE;
	struct lam_json_value v;
	struct step s;

	while (path.n && !cut_star(&path, &type)) {
		g->bad |= !cut_step(&path, &s);
		if (g->bad || !take(&j, &s, &g->key))
			return;
	}
	if (type == LAM_JSON_NONE) {
		put_element(g, &j);
		return;
	}
	if (lam_json_peek(&j) != type)
		return;
	lam_json_enter(&j, type);
	while (type == LAM_JSON_ARRAY ? lam_json_element(&j) :
		lam_json_key(&j, &v)) {
		gather(g, j, path);
		lam_json_skip(&j, &v);
	}
}

static enum lam_made
extract_all(struct lam_buf *b, const struct lam_reader *r, uint32_t i, bool text)
{
	struct gather g = { .b = b, .text = text };
	struct lam_str path = lam_str_at(&r[1], i);
	struct lam_json j;

	if (!lam_make_json_start(&j, lam_str_at(&r[0], i)))
		return LAM_MADE_FAULT;
	lam_buf_putc(b, '[');
	gather(&g, j, (struct lam_str){ path.p + 1, path.n - 1 });
	lam_buf_putc(b, ']');
	b->oom |= g.key.oom || g.value.oom;
	lam_buf_release(&g.key);
	lam_buf_release(&g.value);
	return g.bad ? LAM_MADE_FAULT : LAM_MADE_TEXT;
}

enum lam_made
lam_make_json_all(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return extract_all(b, r, i, false);
}

enum lam_made
lam_make_json_text_all(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	return extract_all(b, r, i, true);
}
