/*
 * agents_words.c - which words a text must have to match a regular expression
 *
 * A thousand patterns cannot be tried on each text.  Nearly all of them need a word
 * that is in few texts: '(Namoroka|Minefield)/(\d+)' one of "namoroka/", "minefield/".
 * So the pattern is read with this in mind.  A piece of it is one of
 *
 *	known	it matches some few words and nothing else
 *	other	it matches more, and every match has a word of each of its needs
 *
 * Pieces that are known, one behind the other, are a known piece of longer words, as
 * long as these are few and short.  Where that ends the words become a need.  What is
 * not understood makes no need; then the pattern is tried on each text, and is as
 * right.
 *
 * The words are in lower case, and are looked for in the text taken so.
 */
#include "reference/agents_internal.h"

#include <string.h>

#define DEPTH_MAX 40 /* groups within groups */

struct piece {
	bool known;
	struct lam_agent_words words; /* known: what it matches */
	struct lam_agent_words need[LAM_AGENT_NEEDS];
	unsigned needs;
};

struct reader {
	const char *p, *end;
	bool lost; /* not understood, or no memory */
	unsigned depth;
	struct lam_arena *arena;
};

static struct piece *
new_piece(struct reader *r, bool known)
{
	struct piece *x = LAM_ARENA_NEW(r->arena, struct piece, 1);

	if (!x) {
		r->lost = true;
		return NULL;
	}
	x->known = known;
	x->words.n = known; /* the empty word */
	return x;
}

static bool
add_word(struct lam_agent_words *w, const char *p, size_t n)
{
	for (unsigned i = 0; i < w->n; i++)
		if (w->len[i] == n && !memcmp(w->word[i], p, n))
			return true;
	if (w->n == LAM_AGENT_WORDS || n > LAM_AGENT_WORD)
		return false;
	w->len[w->n] = (uint8_t)n;
	memcpy(w->word[w->n++], p, n);
	return true;
}

static unsigned
shortest(const struct lam_agent_words *w)
{
	unsigned n = w->n ? LAM_AGENT_WORD : 0;

	for (unsigned i = 0; i < w->n; i++)
		n = w->len[i] < n ? w->len[i] : n;
	return n;
}

/* W is needed; of too many needs those with the longest words are kept. */
static void
add_need(struct piece *x, const struct lam_agent_words *w)
{
	unsigned worst = 0;

	if (shortest(w) < 2)
		return;
	if (x->needs < LAM_AGENT_NEEDS) {
		x->need[x->needs++] = *w;
		return;
	}
	for (unsigned i = 1; i < x->needs; i++)
		if (shortest(&x->need[i]) < shortest(&x->need[worst]))
			worst = i;
	if (shortest(&x->need[worst]) < shortest(w))
		x->need[worst] = *w;
}

/* Each word of A with each of B behind it; false: too many, or too long. */
static bool
joined(const struct lam_agent_words *a, const struct lam_agent_words *b,
	struct lam_agent_words *out)
{
	char word[2 * LAM_AGENT_WORD];

	out->n = 0;
	for (unsigned i = 0; i < a->n; i++)
		for (unsigned j = 0; j < b->n; j++) {
			memcpy(word, a->word[i], a->len[i]);
			memcpy(word + a->len[i], b->word[j], b->len[j]);
			if (!add_word(out, word, (size_t)a->len[i] + b->len[j]))
				return false;
		}
	return true;
}

/*
 * ALL gets X behind it.  The words of ALL are those at its end that are known; where
 * it is not known as a whole, something else is before them.
 */
static void
append(struct piece *all, const struct piece *x)
{
	static const struct lam_agent_words nothing = { .n = 1 };
	struct lam_agent_words longer;

	if (x->known && joined(&all->words, &x->words, &longer)) {
		all->words = longer;
		return;
	}
	add_need(all, &all->words);
	all->known = false;
	all->words = x->known ? x->words : nothing;
	for (unsigned i = 0; i < x->needs; i++)
		add_need(all, &x->need[i]);
}

/* What stands for ALL when nothing more comes behind it. */
static void
close_piece(struct piece *all)
{
	if (!all->known)
		add_need(all, &all->words);
}

/* The need of X that fewest texts meet, or NULL. */
static const struct lam_agent_words *
best(const struct piece *x)
{
	const struct lam_agent_words *w = x->known ? &x->words : NULL;

	for (unsigned i = 0; !x->known && i < x->needs; i++)
		if (!w || shortest(&x->need[i]) > shortest(w))
			w = &x->need[i];
	return w && shortest(w) >= 2 ? w : NULL;
}

static bool
add_all(struct lam_agent_words *to, const struct lam_agent_words *from)
{
	for (unsigned i = 0; i < from->n; i++)
		if (!add_word(to, from->word[i], from->len[i]))
			return false;
	return true;
}

/* A becomes A or B. */
static void
either(struct piece *a, const struct piece *b)
{
	struct lam_agent_words both = a->words;
	const struct lam_agent_words *x, *y;

	if (a->known && b->known && add_all(&both, &b->words)) {
		a->words = both;
		return;
	}
	x = best(a);
	y = best(b);
	both.n = 0;
	if (!x || !y || !add_all(&both, x) || !add_all(&both, y))
		both.n = 0;
	a->known = false;
	a->needs = 0;
	a->words.n = 1;
	a->words.len[0] = 0;
	add_need(a, &both);
}

static struct piece *read_either(struct reader *r);

/* One character C, of which either case may be meant. */
static struct piece *
character(struct reader *r, unsigned char c)
{
	struct piece *x = new_piece(r, true);
	char lower = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);

	if (x) {
		x->words.n = 0;
		add_word(&x->words, &lower, 1);
	}
	return x;
}

/* Behind a backslash. */
static struct piece *
escape(struct reader *r)
{
	unsigned char c = r->p < r->end ? (unsigned char)*r->p++ : 'a';
	bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';

	if (c == 'b' || c == 'B')
		return new_piece(r, true);
	if (strchr("dDwWsS", c))
		return new_piece(r, false);
	if (!letter && (c < '0' || c > '9'))
		return character(r, c);
	r->lost = true;
	return NULL;
}

/*
 * A class, behind its bracket.  It is known if it is of few characters, named one by
 * one.
 */
static struct piece *
class(struct reader *r)
{
	struct piece *all = NULL, *x;
	bool few = r->p < r->end && *r->p != '^';
	const char *first = r->p += !few;

	while (!r->lost && r->p < r->end && (*r->p != ']' || r->p == first)) {
		char c = *r->p++;

		if (c == '[' && r->p < r->end && strchr(":.=", *r->p))
			r->lost = true; /* [:alpha:] */
		if (r->p < r->end && *r->p == '-' && r->p + 1 < r->end &&
			r->p[1] != ']')
			few = false;
		if ((unsigned char)c >= 0x80)
			few = false;
		x = c == '\\' ? escape(r) : character(r, (unsigned char)c);
		if (!x || !x->known || shortest(&x->words) != 1)
			few = false;
		else if (all && few)
			either(all, x);
		else if (few)
			all = x;
	}
	if (r->p >= r->end)
		r->lost = true;
	r->p++;
	return few && all && all->words.n <= 4 ? all : new_piece(r, false);
}

/* A group, behind its parenthesis. */
static struct piece *
group(struct reader *r)
{
	bool around = false; /* it only looks around */
	struct piece *x;

	if (r->p < r->end && *r->p == '*') /* (*VERB) */
		r->lost = true;
	if (r->p + 1 < r->end && *r->p == '?') {
		around = r->p[1] == '=' || r->p[1] == '!';
		r->lost |= !around && r->p[1] != ':';
		r->p += 2;
	}
	r->lost |= ++r->depth > DEPTH_MAX;
	x = r->lost ? NULL : read_either(r);
	r->depth--;
	r->lost |= r->p >= r->end || *r->p++ != ')';
	return around && !r->lost ? new_piece(r, true) : x;
}

static struct piece *
read_one(struct reader *r)
{
	unsigned char c = (unsigned char)*r->p++;

	switch (c) {
	case '(':
		return group(r);
	case '[':
		return class(r);
	case '\\':
		return escape(r);
	case '.':
		return new_piece(r, false);
	case '^':
	case '$':
		return new_piece(r, true);
	case '*':
	case '+':
	case '?':
	case '{': /* versions of PCRE2 differ on what is none of the bounds */
		r->lost = true;
		return NULL;
	default:
		return character(r, c);
	}
}

/* {N}, {N,} or {N,M}: *LEAST is N; false: it is something else. */
static bool
read_bounds(struct reader *r, unsigned *least)
{
	const char *p = r->p + 1;

	*least = 0;
	while (p < r->end && *p >= '0' && *p <= '9') {
		*least = *least < 1000 ? *least * 10 + (unsigned)(*p - '0') :
			*least;
		p++;
	}
	if (p == r->p + 1)
		return false;
	if (p < r->end && *p == ',')
		for (p++; p < r->end && *p >= '0' && *p <= '9'; p++)
			;
	if (p >= r->end || *p != '}')
		return false;
	r->p = p + 1;
	return true;
}

/* X as often as is said behind it. */
static struct piece *
repeat(struct reader *r, struct piece *x)
{
	char c = r->p < r->end ? *r->p : '\0';
	unsigned least = c == '+';
	struct piece *often;

	if (c == '*' || c == '+' || c == '?')
		r->p++;
	else if (c != '{')
		return x;
	else
		r->lost |= !read_bounds(r, &least);
	if (r->p < r->end && (*r->p == '?' || *r->p == '+'))
		r->p++;
	if (c == '?' && x->known) {
		const struct piece *none = new_piece(r, true);

		if (none)
			either(x, none);
		return x;
	}
	often = new_piece(r, false);
	if (!often || !least)
		return often;
	if (x->known)
		add_need(often, &x->words);
	for (unsigned i = 0; i < x->needs; i++)
		add_need(often, &x->need[i]);
	often->words.n = 1;
	return often;
}

static struct piece *
read_sequence(struct reader *r)
{
	struct piece *all = new_piece(r, true), *x;

	while (!r->lost && r->p < r->end && *r->p != '|' && *r->p != ')') {
		x = read_one(r);
		if (x)
			x = repeat(r, x);
		if (x)
			append(all, x);
	}
	if (!r->lost)
		close_piece(all);
	return all;
}

static struct piece *
read_either(struct reader *r)
{
	struct piece *all = read_sequence(r);

	while (!r->lost && r->p < r->end && *r->p == '|') {
		const struct piece *x;

		r->p++;
		x = read_sequence(r);
		if (!r->lost)
			either(all, x);
	}
	return all;
}

unsigned
lam_agents_words(struct lam_str regex, struct lam_arena *scratch,
	struct lam_agent_words out[LAM_AGENT_NEEDS])
{
	struct reader r = { regex.p, regex.p + regex.n, false, 0, scratch };
	struct piece *all = read_either(&r);
	unsigned n = 0;

	if (!r.lost && r.p == r.end) {
		if (all->known)
			add_need(all, &all->words);
		n = all->needs;
		memcpy(out, all->need, n * sizeof *out);
	}
	lam_arena_reset(scratch);
	return n;
}
