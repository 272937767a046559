/*
 * sort_part.c - rows of one worker that are to be sorted, column by column
 */
#include "rows/sort_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/huge.h"

#define RANKED 16	/* bytes of a row or a text, and as many to sort it */
#define SEEN 16384 /* rows after which half of the texts may be distinct */

static void
free_dicts(struct lam_sort_part *p)
{
	for (uint32_t f = 0; f < p->plan->ncolumns; f++)
		lam_key_dict_release(&p->text[f]);
}

static void
init_dicts(struct lam_sort_part *p)
{
	for (uint32_t f = 0; f < p->plan->ncolumns; f++)
		lam_key_dict_init(&p->text[f], LAM_TEXT, &p->mem,
			lam_hash_seed());
}

struct lam_sort_part *
lam_sort_part_new(const struct lam_sort_plan *plan)
{
	struct lam_sort_part *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->plan = plan;
	p->text = calloc(plan->ncolumns + 1, sizeof *p->text);
	p->apart = calloc(plan->ncolumns + 1, sizeof *p->apart);
	if (!p->text || !p->apart) {
		free(p->text);
		free(p->apart);
		free(p);
		return NULL;
	}
	init_dicts(p);
	return p;
}

void
lam_sort_part_free(struct lam_sort_part *p)
{
	if (!p)
		return;
	free_dicts(p);
	free(p->text);
	free(p->apart);
	free(p->chunk);
	lam_arena_release(&p->arena);
	lam_spilled_release(&p->runs);
	free(p);
}

void
lam_sort_part_reset(struct lam_sort_part *p)
{
	free_dicts(p);
	init_dicts(p);
	lam_arena_reset(&p->arena);
	p->nchunks = 0;
	p->rows = 0;
}

/* Is column F sorted by? */
static bool
sorted_by(const struct lam_sort_plan *plan, uint32_t f)
{
	for (uint32_t t = 0; t < plan->nterms; t++)
		if (plan->term[t].column == f)
			return true;
	return false;
}

static void *
copy(struct lam_sort_part *p, const void *from, size_t n)
{
	void *to = lam_arena_alloc(&p->arena, n + 1);

	if (to && n)
		memcpy(to, from, n);
	return to;
}

/* Texts as they are: their array and their bytes. */
static bool
keep_texts(struct lam_sort_part *p, struct lam_vec *v)
{
	struct lam_str *s = copy(p, v->str, v->n * sizeof *s);
	size_t size = 0;
	char *to;

	for (uint32_t i = 0; s && i < v->n; i++)
		size += v->null && v->null[i] ? 0 : s[i].n;
	to = s ? lam_arena_alloc(&p->arena, size + 1) : NULL;
	if (!to)
		return false;
	for (uint32_t i = 0; i < v->n; i++) {
		if (v->null && v->null[i])
			continue;
		if (s[i].n)
			memcpy(to, s[i].p, s[i].n);
		s[i].p = to;
		to += s[i].n;
	}
	v->str = s;
	return true;
}

/* Texts as ids, until they turn out not to repeat. */
static bool
number_texts(struct lam_sort_part *p, uint32_t f, const struct lam_vec *v,
	uint32_t n, struct lam_arena *scratch, struct lam_sort_column *out)
{
	uint32_t *id = lam_arena_alloc(&p->arena, (n + (size_t)1) * sizeof *id);
	uint64_t rows = p->rows + n;

	if (!id || !lam_key_ids(&p->text[f], v, n, scratch, id))
		return false;
	out->v = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_FLAT, .n = n };
	out->id = id;
	p->apart[f] = rows > SEEN && p->text[f].values.n > rows / 2 &&
		!sorted_by(p->plan, f);
	return true;
}

static void
find_range(struct lam_sort_column *c)
{
	const struct lam_vec *v = &c->v;

	c->least = INT64_MAX;
	c->most = INT64_MIN;
	for (uint32_t i = 0; i < v->n; i++) {
		if (v->null && v->null[i])
			continue;
		c->least = v->i64[i] < c->least ? v->i64[i] : c->least;
		c->most = v->i64[i] > c->most ? v->i64[i] : c->most;
	}
}

/* MADE: the arrays are ours already. */
static bool
keep_values(struct lam_sort_part *p, struct lam_sort_column *c, bool made)
{
	struct lam_vec *v = &c->v;
	size_t size = v->type == LAM_BOOL ? 1 : v->wide ? sizeof *v->num :
		sizeof *v->i64;

	if (!made)
		v->bit = copy(p, v->bit, v->n * size);
	if (!v->bit)
		return false;
	if (v->type != LAM_BOOL && !v->wide)
		find_range(c);
	return true;
}

static bool
keep_column(struct lam_sort_part *p, uint32_t f, const struct lam_vec *v,
	uint32_t n, struct lam_arena *scratch, struct lam_sort_column *out)
{
	bool text = v->type == LAM_TEXT, made = !text && v->rep != LAM_FLAT;
	const struct lam_vec *flat;

	if (text && !p->apart[f])
		return number_texts(p, f, v, n, scratch, out);
	flat = lam_vec_flat(v, made ? &p->arena : scratch);
	if (!flat)
		return false;
	out->v = *flat;
	out->v.n = n;
	if (flat->null) { /* which may be that of V */
		out->v.null = copy(p, flat->null, n);
		if (!out->v.null)
			return false;
	}
	return text ? keep_texts(p, &out->v) : keep_values(p, out, made);
}

/* The positions SEQ of the rows of C, unless they have no gaps. */
static bool
keep_places(struct lam_sort_part *p, struct lam_sort_chunk *c,
	const uint64_t *seq)
{
	uint16_t *behind;

	if (!seq)
		return true;
	c->pos = seq[0];
	if (seq[c->n - 1] - seq[0] == c->n - 1)
		return true;
	behind = lam_arena_alloc(&p->arena, c->n * sizeof *behind);
	for (uint32_t i = 0; behind && i < c->n; i++)
		behind[i] = (uint16_t)(seq[i] - seq[0]);
	c->behind = behind;
	return behind != NULL;
}

int
lam_sort_part_add(struct lam_sort_part *p, const struct lam_vec *output,
	const struct lam_vec *more, uint32_t n, uint64_t from,
	const uint64_t *seq, struct lam_arena *scratch, struct lam_error *e)
{
	const struct lam_sort_plan *plan = p->plan;
	struct lam_sort_chunk *c;

	if (!lam_array_room(&p->chunk, &p->cap, p->nchunks + 1,
		sizeof *p->chunk))
		return lam_fail_mem(e);
	c = &p->chunk[p->nchunks];
	*c = (struct lam_sort_chunk){ .part = p, .pos = from, .n = n };
	c->column = LAM_ARENA_NEW(&p->arena, struct lam_sort_column,
		plan->ncolumns + 1);
	if (!c->column || !keep_places(p, c, seq))
		return lam_fail_mem(e);
	for (uint32_t f = 0; f < plan->ncolumns; f++)
		if (!keep_column(p, f, f < plan->noutputs ? &output[f] :
			&more[f - plan->noutputs], n, scratch,
			&c->column[f]))
			return lam_fail_mem(e);
	p->nchunks++;
	p->rows += n;
	return LAM_OK;
}

/* What D grows by for MORE values: of each table, the old one and the new one are
 * there at the same time. */
static size_t
growth(const struct lam_key_dict *d, uint32_t more)
{
	size_t need = (size_t)d->values.n + more, n = 1, size = 0;

	while (n < need)
		n *= 2;
	if (n > d->values.str_cap)
		size += lam_huge_taken(n * sizeof *d->values.str);
	if (2 * n > d->nslots)
		size += lam_huge_taken(2 * n * sizeof *d->slot);
	return size;
}

/* What D takes: its tables and its texts, in huge pages where they are large. */
static size_t
taken(const struct lam_key_dict *d)
{
	return lam_huge_taken(d->values.str_cap * sizeof *d->values.str) +
		lam_huge_taken(d->nslots * sizeof *d->slot) +
		lam_heap_size(&d->values.heap);
}

size_t
lam_sort_part_peak(const struct lam_sort_part *p, uint32_t more, bool alone)
{
	size_t held = p->arena.held + p->cap * sizeof *p->chunk, grown = 0;
	size_t rows = p->rows + more, ranks = 0, n;
	size_t most = 2 * lam_huge_taken(rows * RANKED) + rows *
		sizeof(uint32_t);

	for (uint32_t f = 0; f < p->plan->ncolumns; f++) {
		const struct lam_key_dict *d = &p->text[f];

		held += taken(d);
		grown += d->nslots && !p->apart[f] ? growth(d, more) : 0;
		if (!d->nslots || !sorted_by(p->plan, f))
			continue;
		n = d->values.n;
		ranks += n * sizeof(uint32_t);
		n = 2 * lam_huge_taken(n * RANKED) + 2 * n * sizeof(uint32_t) +
			(alone ? 0 : taken(d));
		most = n > most ? n : most;
	}
	return held + (grown > most + ranks ? grown : most + ranks);
}

struct lam_scalar
lam_sort_chunk_value(const struct lam_sort_chunk *c, uint32_t f, uint32_t i)
{
	const struct lam_sort_column *x = &c->column[f];
	struct lam_scalar v = { .type = LAM_TEXT };

	if (!x->id)
		return lam_scalar_of(&x->v, i);
	v.null = x->id[i] == LAM_NO_ID;
	if (!v.null)
		v.str = c->part->text[f].values.str[x->id[i]];
	return v;
}
