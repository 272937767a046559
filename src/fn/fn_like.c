/*
 * fn_like.c - LIKE and ILIKE
 *
 * A pattern is cut at its % into pieces, once.  The first piece must be at the start
 * and the last at the end, unless a % stands there.  The pieces between are searched
 * from left to right: the leftmost place is always right, because it leaves most for
 * the rest.  A piece without _ is found with memcmp and lam_find.
 * _ is one character, so a piece with _ has no fixed number of bytes and is
 * tried at each character.
 *
 * There is no escape character unless one is given; ILIKE folds ASCII letters, of
 * the pattern when it is prepared, of the text in a scratch copy.
 */
#include "fn/fn.h"

#include <string.h>

#include "base/find.h"
#include "base/utf8.h"

struct piece {
	char *p;	/* bytes */
	uint8_t *any;	/* any[i]: this byte is a _ */
	size_t n;
	bool has_any;
};

struct lam_like {
	struct piece *piece; /* at least one */
	size_t n;
	bool open_left, open_right; /* a % at that end */
	bool fold;
};

static char
lower(char c)
{
	return (char)(c ^ ((unsigned char)(c - 'A') < 26 ? 32 : 0));
}

/* Cut PATTERN at %; the bytes of all pieces share one allocation. */
static int
cut(struct lam_like *l, struct lam_str pattern, int escape, char *p,
	uint8_t *any)
{
	struct piece *q = l->piece;

	*q = (struct piece){ .p = p, .any = any };
	for (size_t i = 0; i < pattern.n; i++) {
		char c = pattern.p[i];
		bool literal = escape >= 0 && c == (char)escape;

		if (literal && ++i == pattern.n)
			return -1;
		c = pattern.p[i];
		if (!literal && c == '%') {
			l->open_left |= i == 0;
			l->open_right = true;
			/* A run of % is one. */
			if (q->n > 0)
				*++q = (struct piece){ .p = p, .any = any };
			continue;
		}
		l->open_right = false;
		*any = !literal && c == '_';
		q->has_any |= *any;
		*p++ = l->fold ? lower(c) : c;
		any++;
		q->n++;
	}
	l->n = (size_t)(q - l->piece) + (q->n > 0 || q == l->piece);
	return 0;
}

static int
escape_of(const struct lam_expr *x, int *escape, struct lam_error *e)
{
	*escape = -1;
	if (x->nargs < 3)
		return LAM_OK;
	if (x->arg[2]->kind != LAM_X_CONST || x->arg[2]->null ||
	    x->arg[2]->text.n > 1)
		return lam_fail_at(e, x,
			"ESCAPE needs a text of one character");
	if (x->arg[2]->text.n == 1)
		*escape = (unsigned char)x->arg[2]->text.p[0];
	return LAM_OK;
}

int
lam_like_prepare(struct lam_expr *x, struct lam_plan *p, struct lam_arena *a,
	struct lam_error *e)
{
	const struct lam_expr *pattern = x->arg[1];
	struct lam_like *l;
	int escape, rc;
	uint8_t *any;
	char *bytes;

	if (pattern->kind != LAM_X_CONST)
		return lam_fail_at(e, x, "%s needs a constant pattern",
			x->fn == LAM_FN_LIKE ? "LIKE" : "ILIKE");
	/* A NULL is left in place: the walk makes every row NULL. */
	p->count = pattern->null ? 2 : 1;
	if (pattern->null)
		return LAM_OK;
	if ((rc = escape_of(x, &escape, e)))
		return rc;
	l = LAM_ARENA_NEW(a, struct lam_like, 1);
	bytes = lam_arena_calloc(a, pattern->text.n + 1, 1);
	any = lam_arena_calloc(a, pattern->text.n + 1, 1);
	if (!l || !bytes || !any)
		return lam_fail_mem(e);
	l->piece = LAM_ARENA_NEW(a, struct piece, pattern->text.n + 2);
	if (!l->piece)
		return lam_fail_mem(e);
	l->fold = x->fn == LAM_FN_ILIKE;
	if (cut(l, pattern->text, escape, bytes, any))
		return lam_fail_at(e, x, "the pattern ends with its escape "
			"character: a character must follow");
	p->like = l;
	return LAM_OK;
}

struct lam_str
lam_like_prefix(const struct lam_like *l, bool *exact)
{
	const struct piece *q = &l->piece[0];
	struct lam_str s = { q->p, 0 };

	*exact = l->n == 1 && !q->has_any && !l->open_left && !l->open_right;
	if (!l->open_left && !l->fold)
		while (s.n < q->n && !q->any[s.n])
			s.n++;
	return s;
}

/* Bytes of V that the piece takes at its start; SIZE_MAX: it does not fit. */
static size_t
fits(const struct piece *q, struct lam_str v)
{
	const char *p = v.p, *end = v.p + v.n;

	if (!q->has_any)
		return v.n >= q->n && (!q->n || !memcmp(v.p, q->p, q->n)) ?
			q->n : SIZE_MAX;
	for (size_t i = 0; i < q->n; i++) {
		if (p == end || (!q->any[i] && *p != q->p[i]))
			return SIZE_MAX;
		p += q->any[i] ? lam_utf8_len(p, end) : 1;
	}
	return (size_t)(p - v.p);
}

static bool
ends(const struct piece *q, struct lam_str v)
{
	if (!q->has_any)
		return v.n >= q->n && (!q->n ||
			!memcmp(v.p + v.n - q->n, q->p, q->n));
	for (size_t i = 0; i <= v.n;) {
		if (fits(q, (struct lam_str){ v.p + i, v.n - i }) == v.n - i)
			return true;
		i += i < v.n ? lam_utf8_len(v.p + i, v.p + v.n) : 1;
	}
	return false;
}

/* Drop V up to and with the first place where the piece fits. */
static bool
skip_past(const struct piece *q, struct lam_str *v)
{
	size_t took;

	if (!q->has_any) {
		const char *at = lam_find(v->p, v->n, q->p, q->n);

		if (!at)
			return false;
		v->n -= (size_t)(at - v->p) + q->n;
		v->p = at + q->n;
		return true;
	}
	while ((took = fits(q, *v)) == SIZE_MAX) {
		if (v->n == 0)
			return false;
		took = lam_utf8_len(v->p, v->p + v->n);
		v->p += took;
		v->n -= took;
	}
	v->p += took;
	v->n -= took;
	return true;
}

static bool
matches(const struct lam_like *l, struct lam_str v)
{
	size_t first = 0, last = l->n, took;

	if (!l->open_left) {
		took = fits(&l->piece[0], v);
		if (took == SIZE_MAX)
			return false;
		if (l->n == 1)
			return l->open_right || took == v.n;
		v.p += took;
		v.n -= took;
		first = 1;
	}
	last -= !l->open_right;
	for (size_t i = first; i < last; i++)
		if (l->piece[i].n && !skip_past(&l->piece[i], &v))
			return false;
	return l->open_right || ends(&l->piece[last], v);
}

/* Room for the longest text, to fold each in. */
static int
scratch_for(struct lam_call *c, const struct lam_reader *r, char **out)
{
	size_t longest = 0;

	for (uint32_t i = 0; i < c->n; i++)
		if (!lam_null_at(r, i) && lam_str_at(r, i).n > longest)
			longest = lam_str_at(r, i).n;
	*out = lam_arena_alloc(c->arena, longest + 1);
	return *out ? LAM_OK : lam_fail_mem(c->e);
}

/* Is it one piece, anywhere in the text? */
static bool
is_part(const struct lam_like *l)
{
	return l->n == 1 && l->open_left && l->open_right && !l->fold &&
		l->piece[0].n && !l->piece[0].has_any;
}

/*
 * BIT[i]: has text I the piece?  Texts of a block mostly lie one behind the other:
 * those from FROM on that do are searched as one.  A place is in the text that
 * begins before it, or across two of them and none.  Returns the first that lies
 * elsewhere.
 */
static uint32_t
find_in_run(const struct lam_reader *r, const struct piece *q, uint32_t from,
	uint32_t n, uint8_t *bit)
{
	const struct lam_str *s = r->v->str;
	const char *at = s[from].p, *end = at + s[from].n;
	uint32_t to = from + 1;

	for (; to < n && !lam_null_at(r, to) && s[to].p == end; to++)
		end += s[to].n;
	while ((at = lam_find(at, (size_t)(end - at), q->p, q->n))) {
		while (at >= s[from].p + s[from].n)
			from++;
		bit[from] = at + q->n <= s[from].p + s[from].n;
		at = bit[from] ? s[from].p + s[from].n : at + 1;
	}
	return to;
}

static void
match_rows(const struct lam_call *c, const struct lam_reader *r, char *scratch,
	uint8_t *bit)
{
	const struct lam_like *l = c->plan->like;

	for (uint32_t i = 0; i < c->n; i++) {
		struct lam_str v = lam_str_at(r, i);

		if (lam_null_at(r, i))
			continue;
		for (size_t j = 0; l->fold && j < v.n; j++)
			scratch[j] = lower(v.p[j]);
		if (l->fold)
			v.p = scratch;
		bit[i] = matches(l, v);
	}
}

int
lam_fn_like(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	const struct lam_like *l = c->plan->like;
	struct lam_reader r;
	char *scratch = NULL;
	uint8_t *bit;
	int rc;

	(void)nargs;
	if ((rc = lam_read(c, arg, &r)) || (rc = lam_room(c, 1, &bit)) ||
	    (l->fold && (rc = scratch_for(c, &r, &scratch))))
		return rc;
	memset(bit, 0, c->n);
	if (!is_part(l) || !r.step)
		match_rows(c, &r, scratch, bit);
	for (uint32_t i = 0; is_part(l) && r.step && i < c->n;)
		i = lam_null_at(&r, i) ? i + 1 : find_in_run(&r, &l->piece[0],
			i, c->n, bit);
	lam_out_flat(c, LAM_BOOL, bit, r.v->null, out);
	return LAM_OK;
}
