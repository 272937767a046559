/*
 * partials_sort.c - the groups of all workers in the order of their keys
 *
 * See partials.c: dictionaries are united, values ranked, groups sorted by the
 * words that their ranks are packed into.  Groups of cubes need not be sorted:
 * partials_cubes.c.
 */
#include "partial/partials_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/sort.h"
#include "group/key_order.h"

/* The ids of key K, no text, of part W in the dictionary that all parts share. */
static bool
number(struct lam_partials *p, uint32_t w, uint32_t k, uint32_t *id)
{
	const struct lam_group_table *t = &p->share[w].table;
	uint64_t cell[LAM_TUPLES];
	uint8_t tag[LAM_TUPLES];
	uint32_t n;

	for (uint32_t g = 0; g < t->n; g += n) {
		for (n = 0; n < LAM_TUPLES && g + n < t->n; n++) {
			const char *rec = lam_group_table_rec(t, g + n);

			cell[n] = lam_group_cell(t, rec, k);
			tag[n] = lam_group_tag(t, rec, k);
		}
		if (!lam_key_dict_tagged(&p->key[k].own, cell, tag,
			t->dict[k].values.wide, n, id + g))
			return false;
	}
	return true;
}

/* Key K of all groups as ids of one dictionary, ranked. */
static bool
rank_key(struct lam_partials *p, uint32_t k)
{
	struct lam_sorted_key *x = &p->key[k];
	bool text = p->q->key[k]->type == LAM_TEXT;

	x->dict = text ? &p->share[0].table.dict[k] : &x->own;
	for (uint32_t w = 0; w < p->nshares; w++) {
		const struct lam_group_table *t = &p->share[w].table;

		x->id[w] = lam_mem_scratch(t->n, sizeof **x->id);
		if (!x->id[w] || (!text && !number(p, w, k, x->id[w])))
			return false;
		for (uint32_t g = 0; text && g < t->n; g++)
			x->id[w][g] = lam_group_united(t,
				lam_group_table_rec(t, g), k);
	}
	x->rank = lam_mem_scratch(x->dict->values.n, sizeof *x->rank);
	return x->rank && lam_key_order(x->dict, p->typed, k + 1 < p->q->nkeys
		? ',' : '\t', x->rank);
}

static int
rank_piece(void *arg, unsigned worker, uint32_t k, struct lam_error *e)
{
	(void)worker;
	return rank_key(arg, k) ? LAM_OK : lam_fail_mem(e);
}

/* Bits for ranks of key K; the sum over keys decides the number of words. */
static unsigned
bits_of(const struct lam_partials *p, uint32_t k)
{
	uint32_t n = p->key[k].dict->values.n;

	return n > 1 ? 32 - (unsigned)__builtin_clz(n - 1) : 0;
}

/* Word WANT of the ranks of all N groups of part I; a word holds as many keys as
 * fit. */
static void
words_of(const struct lam_partials *p, uint32_t i, uint32_t n, uint32_t want,
	uint64_t *word)
{
	uint32_t w = 0;
	unsigned used = 0;

	memset(word, 0, n * sizeof *word);
	for (uint32_t k = 0; k < p->q->nkeys; k++) {
		unsigned bits = bits_of(p, k);
		const uint32_t *rank = p->key[k].rank, *id = p->key[k].id[i];

		if (used + bits > 64) {
			w++;
			used = 0;
		}
		used += bits;
		for (uint32_t g = 0; bits && w == want && g < n; g++)
			word[g] = word[g] << bits % 64 | rank[id[g]];
	}
}

static uint32_t
count_words(const struct lam_partials *p)
{
	uint32_t n = 1;
	unsigned used = 0;

	for (uint32_t k = 0; k < p->q->nkeys; k++) {
		unsigned bits = bits_of(p, k);

		n += used + bits > 64;
		used = used + bits > 64 ? bits : used + bits;
	}
	return n;
}

/* Sort by the last word first: sorting is stable. */
static int
sort_part(struct lam_partials *p, struct lam_share *part, struct lam_error *e)
{
	struct lam_group_table *t = &part->table;
	struct lam_ranked *tmp = lam_mem_scratch(t->n, sizeof *tmp);
	uint64_t *word = lam_mem_scratch(t->n, sizeof *word);
	uint32_t more = p->nwords - 1;

	part->n = 0;
	part->item = lam_mem_scratch(t->n, sizeof *tmp);
	part->word = more ? lam_mem_scratch((size_t)t->n * more,
		sizeof *part->word) : NULL;
	if (!tmp || !word || !part->item || (more && !part->word)) {
		free(tmp);
		free(word);
		return lam_fail_mem(e);
	}
	for (uint32_t g = 0; g < t->n; g++)
		if (!part->gone || !part->gone[g])
			part->item[part->n++].value = g;
	for (uint32_t w = p->nwords; w-- > 0;) {
		words_of(p, (uint32_t)(part - p->share), t->n, w, word);
		for (uint32_t g = 0; w && g < t->n; g++)
			part->word[(size_t)g * more + w - 1] = word[g];
		for (uint32_t i = 0; i < part->n; i++)
			part->item[i].key = word[part->item[i].value];
		lam_sort_items(part->item, tmp, part->n);
	}
	free(tmp);
	free(word);
	return LAM_OK;
}

static int
sort_piece(void *arg, unsigned worker, uint32_t i, struct lam_error *e)
{
	struct lam_partials *p = arg;

	(void)worker;
	return sort_part(p, &p->share[i], e);
}

/* Has any state one data structure for all groups, which must become one? */
static bool
freezes(const struct lam_query *q)
{
	for (uint32_t s = 0; s < q->nstates; s++)
		if (lam_agg_ops(q->state[s].kind)->freeze)
			return true;
	return false;
}

int
lam_partials_freezable(struct lam_partials *p, struct lam_error *e)
{
	int rc = LAM_OK;

	if (!freezes(p->q))
		return LAM_OK;
	if (p->only_sizes && p->nshares > 1 && p->nshares <= LAM_SIZES_SHARES)
		return lam_partials_sizes(p, e);
	for (uint32_t i = 1; !rc && i < p->nshares; i++) {
		rc = lam_group_table_merge(&p->share[0].table,
			&p->share[i].table, e);
		lam_share_release(&p->share[i]);
	}
	p->nshares = 1;
	return rc;
}

/* A second thread costs as much as ordering so many groups. */
#define WORTH_A_THREAD 32768

/* How many threads should take the PIECES of work of ordering P. */
static unsigned
sorters(const struct lam_partials *p, uint32_t pieces)
{
	if (lam_partials_count(p) < WORTH_A_THREAD || pieces < 2)
		return 1;
	return p->threads < pieces ? p->threads : pieces;
}

static void
release_keys(struct lam_partials *p)
{
	for (uint32_t k = 0; p->key && k < p->q->nkeys; k++) {
		struct lam_sorted_key *x = &p->key[k];

		for (uint32_t i = 0; x->id && i < p->nshares; i++)
			free(x->id[i]);
		free(x->id);
		free(x->rank);
		lam_key_dict_release(&x->own);
	}
	free(p->key);
	p->key = NULL;
}

int
lam_partials_sort(struct lam_partials *p, struct lam_error *e)
{
	uint32_t nkeys = p->q->nkeys;
	int rc;

	p->begun = true;
	rc = lam_partials_freezable(p, e);
	if (!rc)
		rc = lam_cubes_new(p, e);
	if (rc || p->cubes)
		return rc;
	for (uint32_t i = 1; !rc && i < p->nshares; i++)
		for (uint32_t k = 0; !rc && k < nkeys; k++)
			if (p->q->key[k]->type == LAM_TEXT &&
				!lam_group_table_unite(&p->share[i].table, k,
				&p->share[0].table))
				rc = lam_fail_mem(e);
	p->key = calloc(nkeys + (size_t)1, sizeof *p->key);
	if (!rc && !p->key)
		rc = lam_fail_mem(e);
	for (uint32_t k = 0; !rc && k < nkeys; k++) {
		lam_key_dict_init(&p->key[k].own, p->q->key[k]->type,
			&p->key[k].mem, p->share[0].table.seed);
		p->key[k].id = calloc(p->nshares, sizeof *p->key[k].id);
		if (!p->key[k].id)
			rc = lam_fail_mem(e);
	}
	if (rc)
		return rc;
	rc = lam_pool_pieces(sorters(p, nkeys), nkeys, rank_piece, p, e);
	if (rc)
		return rc;
	p->nwords = count_words(p);
	rc = lam_pool_pieces(sorters(p, p->nshares), p->nshares, sort_piece, p,
		e);
	release_keys(p); /* the words say it all */
	return rc;
}

void
lam_partials_unsort(struct lam_partials *p)
{
	for (uint32_t i = 0; i < p->nshares; i++) {
		free(p->share[i].item);
		free(p->share[i].word);
		p->share[i].item = NULL;
		p->share[i].word = NULL;
		p->share[i].n = p->share[i].at = 0;
	}
	release_keys(p);
	lam_cubes_free(p->cubes);
	p->cubes = NULL;
}
