/*
 * agents_filter.c - an automaton that finds the words of all rules in one pass
 *
 * Built as Aho and Corasick did: a tree of the words, then, in order of depth, each
 * state takes over from the state of its longest proper suffix the steps that it lacks
 * and the sets that end there.  Bytes that no word has are one class, so a row is some
 * fifty numbers, and the table fits a cache of a megabyte.  A set that would make
 * more states than a number can name is left out: its rules then lack this need.
 */
#include "reference/agents_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

#define STATES_MAX 65535u
#define TABLE 16384u /* slots, to find equal sets */

/* That a word of SET ends in STATE. */
struct end {
	uint32_t state, set;
};

struct build {
	struct lam_agent_filter *f;
	struct end *end;
	size_t nends, cap;
	struct lam_agent_words *set; /* [f->sets] */
	size_t set_cap;
	uint32_t slot[TABLE]; /* 1 + the number of a set */
};

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 32 : c;
}

static bool
equal(const struct lam_agent_words *a, const struct lam_agent_words *b)
{
	bool same = a->n == b->n && !memcmp(a->len, b->len, a->n);

	for (unsigned i = 0; same && i < a->n; i++)
		same = !memcmp(a->word[i], b->word[i], a->len[i]);
	return same;
}

/* The number of a set equal to W, UINT32_MAX: there is no room for more. */
static uint32_t
intern(struct build *b, const struct lam_agent_words *w)
{
	uint64_t seed = lam_hash_seed(), hash = seed;
	uint32_t i;

	for (i = 0; i < w->n; i++)
		hash = lam_hash(w->word[i], w->len[i], hash);
	for (i = (uint32_t)hash % TABLE; b->slot[i]; i = (i + 1) % TABLE)
		if (equal(&b->set[b->slot[i] - 1], w))
			return b->slot[i] - 1;
	if (b->f->sets == TABLE / 2 || !lam_array_room(&b->set, &b->set_cap,
		b->f->sets + 1, sizeof *b->set))
		return UINT32_MAX;
	b->set[b->f->sets] = *w;
	b->slot[i] = ++b->f->sets;
	return b->f->sets - 1;
}

/* What the rules of L need, as numbers of sets. */
static int
find_needs(struct build *b, struct lam_agent_list *l, struct lam_error *e)
{
	struct lam_agent_words words[LAM_AGENT_NEEDS];
	struct lam_arena scratch = LAM_ARENA_INIT;

	for (size_t i = 0; i < l->n; i++) {
		struct lam_agent_rule *r = &l->rule[i];
		unsigned n = lam_agents_words(r->regex, &scratch, words);

		r->needs = 0;
		for (unsigned k = 0; k < n; k++) {
			uint32_t set = intern(b, &words[k]);

			if (set != UINT32_MAX)
				r->need[r->needs++] = set;
		}
	}
	lam_arena_release(&scratch);
	return b->set || !b->f->sets ? LAM_OK : lam_fail_mem(e);
}

static void
find_classes(struct build *b)
{
	struct lam_agent_filter *f = b->f;

	f->classes = 1;
	for (uint32_t s = 0; s < f->sets; s++)
		for (unsigned i = 0; i < b->set[s].n; i++)
			for (unsigned k = 0; k < b->set[s].len[i]; k++) {
				uint8_t *class = &f->class[(unsigned char)
					b->set[s].word[i][k]];

				if (!*class)
					*class = (uint8_t)f->classes++;
			}
	for (int c = 'A'; c <= 'Z'; c++)
		f->class[c] = f->class[lower((unsigned char)c)];
}

/* The words of set S are in the tree; false: no memory. */
static bool
insert(struct build *b, uint32_t s)
{
	struct lam_agent_filter *f = b->f;

	for (unsigned i = 0; i < b->set[s].n; i++) {
		uint32_t at = 0;

		for (unsigned k = 0; k < b->set[s].len[i]; k++) {
			uint16_t *next = &f->next[at * f->classes + f->class[
				(unsigned char)b->set[s].word[i][k]]];

			if (!*next)
				*next = (uint16_t)f->states++;
			at = *next;
		}
		if (!lam_array_room(&b->end, &b->cap, b->nends + 1,
			sizeof *b->end))
			return false;
		b->end[b->nends++] = (struct end){ at, s };
	}
	return true;
}

static int
by_state(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	return x->state != y->state ? (x->state < y->state ? -1 : 1) :
		(x->set > y->set) - (x->set < y->set);
}

/* States in order of depth into ORDER; SUFFIX of each; its missing steps. */
static void
complete(struct lam_agent_filter *f, uint32_t *order, uint32_t *suffix)
{
	uint32_t n = 1;

	order[0] = suffix[0] = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = order[i];

		for (unsigned c = 0; c < f->classes; c++) {
			uint16_t *next = &f->next[at * f->classes + c];
			uint16_t other = f->next[suffix[at] * f->classes + c];

			if (!*next) {
				*next = at ? other : 0;
				continue;
			}
			suffix[*next] = at ? other : 0;
			order[n++] = *next;
		}
	}
}

/* The sets of each state: its own, and those of its suffix, which comes before it. */
static bool
collect(struct build *b, const uint32_t *order, const uint32_t *suffix)
{
	struct lam_agent_filter *f = b->f;
	uint32_t *own = calloc(f->states + 1, sizeof *own);
	uint32_t *at = calloc(f->states + 1, sizeof *at), total = 0;
	bool ok = own && at;

	for (size_t i = 0; ok && i < b->nends; i++)
		own[b->end[i].state + 1]++;
	for (uint32_t s = 0; ok && s < f->states; s++)
		own[s + 1] += own[s];
	for (uint32_t i = 0; ok && i < f->states; i++) {
		uint32_t s = order[i];

		at[s] = own[s + 1] - own[s] + (s ? at[suffix[s]] : 0);
		total += at[s];
	}
	f->first = ok ? calloc(f->states + 1, sizeof *f->first) : NULL;
	f->hit = ok ? calloc(total + 1, sizeof *f->hit) : NULL;
	ok = f->first && f->hit;
	for (uint32_t s = 0; ok && s < f->states; s++)
		f->first[s + 1] = f->first[s] + at[s];
	for (uint32_t i = 0; ok && i < f->states; i++) {
		uint32_t s = order[i], *to = &f->hit[f->first[s]];
		uint32_t mine = own[s + 1] - own[s];

		for (uint32_t k = 0; k < mine; k++)
			*to++ = b->end[own[s] + k].set;
		if (s)
			memcpy(to, &f->hit[f->first[suffix[s]]],
				at[suffix[s]] * sizeof *to);
	}
	free(own);
	free(at);
	return ok;
}

/* More states than can be named?  Then the needs from set KEEP on are given up. */
static uint32_t
that_fit(const struct build *b)
{
	uint32_t bytes = 1, s;

	for (s = 0; s < b->f->sets; s++) {
		for (unsigned i = 0; i < b->set[s].n; i++)
			bytes += b->set[s].len[i];
		if (bytes > STATES_MAX)
			break;
	}
	return s;
}

static void
drop_needs(struct lam_agent_list *l, uint32_t keep)
{
	for (size_t i = 0; i < l->n; i++) {
		struct lam_agent_rule *r = &l->rule[i];
		unsigned n = 0;

		for (unsigned k = 0; k < r->needs; k++)
			if (r->need[k] < keep)
				r->need[n++] = r->need[k];
		r->needs = n;
	}
}

static bool
make(struct build *b)
{
	struct lam_agent_filter *f = b->f;
	uint32_t most = 1, *order, *suffix;
	bool ok;

	find_classes(b);
	for (uint32_t s = 0; s < f->sets; s++)
		for (unsigned i = 0; i < b->set[s].n; i++)
			most += b->set[s].len[i];
	f->states = 1;
	f->next = calloc((size_t)most * f->classes, sizeof *f->next);
	order = calloc(most, sizeof *order);
	suffix = calloc(most, sizeof *suffix);
	ok = f->next && order && suffix;
	for (uint32_t s = 0; ok && s < f->sets; s++)
		ok = insert(b, s);
	if (ok) {
		if (b->nends)
			qsort(b->end, b->nends, sizeof *b->end, by_state);
		complete(f, order, suffix);
		ok = collect(b, order, suffix);
	}
	free(order);
	free(suffix);
	return ok;
}

int
lam_agents_filter_build(struct lam_agent_list *l, struct lam_error *e)
{
	struct build *b = calloc(1, sizeof *b);
	int rc;

	if (!b)
		return lam_fail_mem(e);
	b->f = &l->filter;
	rc = find_needs(b, l, e);
	if (!rc) {
		l->filter.sets = that_fit(b);
		drop_needs(l, l->filter.sets);
		rc = make(b) ? LAM_OK : lam_fail_mem(e);
	}
	free(b->set);
	free(b->end);
	free(b);
	return rc;
}

void
lam_agents_filter_release(struct lam_agent_filter *f)
{
	free(f->next);
	free(f->first);
	free(f->hit);
}

void
lam_agents_filter_run(const struct lam_agent_filter *f, struct lam_str text,
	uint64_t *hit)
{
	uint32_t s = 0;

	for (size_t i = 0; i < text.n; i++) {
		s = f->next[s * f->classes +
			f->class[(unsigned char)text.p[i]]];
		for (uint32_t k = f->first[s]; k < f->first[s + 1]; k++)
			hit[f->hit[k] / 64] |= UINT64_C(1) << f->hit[k] % 64;
	}
}
