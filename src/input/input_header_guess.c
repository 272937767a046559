/*
 * input_header_guess.c - whether the first record is names of fields, or data
 *
 * Names that are known decide.  Else each column has a voice: one whose first value is
 * a word, and all others numbers, times, or true and false, is for a header; one
 * whose first value is such itself, or is met again below, is against it, and so is one
 * of nothing but addresses.  nan and inf are numbers; values that stand for nothing,
 * such as NULL, say nothing.  Where no column says anything, the first record is the
 * header, unless the next is the same.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/escape.h"
#include "base/num.h"
#include "input/input_internal.h"
#include "time/time.h"

enum { NOTHING = 1, WORD = 2, NUMBER = 4, TIME = 8, TRUTH = 16,
	ADDRESS = 32 };

struct column {
	struct lam_str first; /* in the arena */
	uint8_t kind;	      /* of it */
	uint8_t below;	      /* kinds of the others, as bits */
	bool again;	      /* it is met below */
};

struct guess {
	struct lam_arena arena;
	struct column *column;
	size_t n, cap;
	size_t at;	/* of the next value, in the record at hand */
	bool begun;	/* the first record was read */
	bool same;	/* the record at hand is it again */
	bool memory;	/* was out */
};

static bool
is_one_of(struct lam_str s, const char *const *word)
{
	for (; *word; word++)
		if (s.n == strlen(*word) && !strncasecmp(s.p, *word, s.n))
			return true;
	return false;
}

/* The address of a page, or of IPv4, without or with a port or the bits of its
 * network. */
static bool
is_address(struct lam_str s)
{
	size_t dots = 0, i = 0;

	if (memchr(s.p, ' ', s.n) || memchr(s.p, '\t', s.n))
		return false;
	if (memmem(s.p, s.n, "://", 3))
		return true;
	for (; i < s.n && (s.p[i] == '.' || (s.p[i] >= '0' && s.p[i] <= '9')); i++)
		dots += s.p[i] == '.';
	return dots == 3 && (i == s.n || s.p[i] == ':' || s.p[i] == '/');
}

static uint8_t
kind_of(struct lam_str s)
{
	static const char *const none[] = { "null", "none", "nil", "na", "n/a",
		"-", "\\n", NULL };
	static const char *const truth[] = { "true", "false", NULL };
	static const char *const number[] = { "nan", "inf", "infinity", NULL };
	struct lam_str unsign = s;
	struct lam_num v;
	int64_t ns;

	if (!s.n || is_one_of(s, none))
		return NOTHING;
	if (*s.p == '-' || *s.p == '+')
		unsign = (struct lam_str){ s.p + 1, s.n - 1 };
	if (lam_num_parse(s.p, s.n, &v) || lam_num_is(s.p, s.n) ||
		is_one_of(unsign, number))
		return NUMBER;
	if (lam_time_parse(s.p, s.n, &ns, NULL))
		return TIME;
	if (is_address(s))
		return ADDRESS;
	return is_one_of(s, truth) ? TRUTH : WORD;
}

static void
on_first(void *arg, struct lam_str value)
{
	struct guess *g = arg;
	struct column c = { { NULL, value.n }, 0, 0, false };

	if (g->n >= LAM_FIELDS_MAX || g->memory)
		return;
	c.kind = kind_of(value);
	c.first.p = lam_arena_dup(&g->arena, value.p ? value.p : "", value.n);
	g->memory = !c.first.p || !lam_array_room(&g->column, &g->cap,
		g->n + 1, sizeof c);
	if (!g->memory)
		g->column[g->n++] = c;
}

static void
on_next(void *arg, struct lam_str value)
{
	struct guess *g = arg;
	struct column *c = &g->column[g->at++];

	if (g->at > g->n)
		return;
	c->below |= kind_of(value);
	/* A record that is the first one again is a header of joined files; in a
	 * column alone it may as well be a value. */
	c->again |= value.n && (!g->same || g->n == 1) &&
		value.n == c->first.n && !memcmp(value.p, c->first.p, value.n);
}

/* Show the records MORE to the columns. */
static int
read_more(struct lam_input *in, struct guess *g, lam_values_fn *values,
	struct lam_str first, struct lam_str more, struct lam_error *e)
{
	struct lam_extent x = { 0, 0, 0 };
	const char *reason;
	int r = LAM_OK;

	for (; !r && more.n; more.p += x.bytes, more.n -= x.bytes) {
		r = in->format->scan(in->own, more.p, more.n, true, 1, &x, e);
		g->at = 0;
		g->same = x.bytes == first.n &&
			!memcmp(more.p, first.p, first.n);
		if (!r)
			r = values(in->own, more.p, x.bytes, &reason, on_next, g, e);
	}
	return r;
}

/* How many of the values are names that are known, whatever the case. */
static int
count_known(const struct guess *g, const struct lam_input_options *o)
{
	int n = 0;

	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < o->nknown; k++) {
			struct lam_str s = g->column[i].first;

			if (strlen(o->known[k]) == s.n &&
				!strncasecmp(o->known[k], s.p, s.n)) {
				n++;
				break;
			}
		}
	return n;
}

/* TWICE: the record behind the first is the same. */
static void
decide(const struct guess *g, const struct lam_input_options *o, bool twice,
	bool *is, bool *sure)
{
	int known = count_known(g, o), values = 0, names = 0, data = 0;
	bool fits = o->nknown && o->nknown == g->n;

	for (size_t i = 0; i < g->n; i++) {
		const struct column *c = &g->column[i];
		uint8_t below = c->below & ~NOTHING;
		bool value = c->kind & (NUMBER | TIME);

		values += value;
		names += c->kind == WORD && below && !(below & (WORD | ADDRESS));
		data += value || c->again || (c->kind == below &&
			(below == TRUTH || below == ADDRESS));
	}
	*sure = true;
	if (known) /* the first record says it alone: it may be all that is there */
		*is = known >= values;
	else if (fits && (data || !names)) /* as the records that are known */
		*is = false;
	else if (names || data || twice)
		*is = names >= data && (names || !twice);
	else
		*is = !(*sure = false);
}

int
lam_input_guess_header(struct lam_input *in, lam_values_fn *values,
	const struct lam_input_options *o, struct lam_str first,
	struct lam_str more, bool *is, bool *sure, struct lam_error *e)
{
	struct guess g = { .arena = LAM_ARENA_INIT };
	const char *reason;
	bool twice = more.n >= first.n && !memcmp(more.p, first.p, first.n);
	int r = values(in->own, first.p, first.n, &reason, on_first, &g, e);

	if (!r && g.memory)
		r = lam_fail_mem(e);
	if (!r && reason) { /* for the caller to say */
		*is = *sure = true;
	} else if (!r) {
		r = read_more(in, &g, values, first, more, e);
		if (!r)
			decide(&g, o, twice, is, sure);
		if (!r && !more.n && !in->ended && !count_known(&g, o))
			*sure = false;
	}
	free(g.column);
	lam_arena_release(&g.arena);
	return r;
}
