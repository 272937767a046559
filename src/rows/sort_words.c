/*
 * sort_words.c - what rows are sorted by, as bits
 *
 * A term is one or two fields: where there are NULLs, a bit that says on which side of
 * the values they are, then the value.  Numbers of all chunks are brought to one scale;
 * where 64 bits do not hold them there, rows are ranked by comparing.
 */
#include "rows/sort_words.h"

#include <string.h>

#include "base/hash.h"
#include "base/sort.h"

enum kind { NULLS, INTEGER, BOOLEAN, TEXT_RANK, ROW_RANK };

struct lam_sort_field {
	enum kind kind;
	uint32_t column;
	bool down;		/* NULLS: they come first */
	uint32_t at, bits;	/* from the front; 0: all rows are equal */
	int64_t least, most;	/* INTEGER, at the common scale */
	int64_t *factor;	/* ... by chunk: to that scale */
	uint32_t **rank;	/* ranks: by chunk, of its part's ids or of its rows */
};

static uint32_t
width(uint64_t most)
{
	return most ? 64 - (uint32_t)__builtin_clzll(most) : 0;
}

/* One more field of column F. */
static struct lam_sort_field *
add(struct lam_sort_words *w, enum kind kind, const struct lam_sort_term *t)
{
	struct lam_sort_field *f = &w->field[w->nfields++];

	f->kind = kind;
	f->column = t->column;
	f->down = t->by.descending;
	return f;
}

static bool
is_null(const struct lam_sort_column *c, uint32_t i)
{
	return c->id ? c->id[i] == LAM_NO_ID : c->v.null && c->v.null[i];
}

static bool
has_nulls(const struct lam_sort_words *w, uint32_t f)
{
	for (size_t k = 0; k < w->nchunks; k++) {
		const struct lam_sort_column *c = &w->chunk[k]->column[f];

		for (uint32_t i = 0; i < w->chunk[k]->n && (c->id ||
			c->v.null); i++)
			if (is_null(c, i))
				return true;
	}
	return false;
}

/* Ranks of the texts of part P, whose ids are MAP[id] among ALL of them. */
static uint32_t *
part_ranks(struct lam_sort_words *w, const struct lam_key_dict *d,
	const uint32_t *map, const uint32_t *rank)
{
	uint32_t n = d->values.n;
	uint32_t *own = lam_arena_alloc(&w->arena, (n + (size_t)1) * sizeof
		*own);

	for (uint32_t i = 0; own && i < n; i++)
		own[i] = rank[map[i]];
	return own;
}

/* RANK of the texts of ALL, from the other end for DOWN. */
static uint32_t *
rank_texts(const struct lam_key_dict *all, bool down, struct lam_arena *arena)
{
	uint32_t n = all->values.n;
	uint32_t *order = lam_arena_alloc(arena, (n + (size_t)1) *
		sizeof *order);
	uint32_t *rank = lam_arena_alloc(arena, (n + (size_t)1) * sizeof *rank);

	if (!order || !rank || !lam_sort_strings(all->values.str, n, order))
		return NULL;
	for (uint32_t i = 0; i < n; i++)
		rank[order[i]] = down ? n - 1 - i : i;
	return rank;
}

/* The chunk before K of the same part, or K itself. */
static size_t
same_part(const struct lam_sort_words *w, size_t k)
{
	size_t i = 0;

	while (w->chunk[i]->part != w->chunk[k]->part)
		i++;
	return i;
}

/* All chunks are of one part, so its ids need no union, which would hold its texts
 * once more. */
static bool
rank_part(struct lam_sort_words *w, struct lam_sort_field *f)
{
	const struct lam_key_dict *d = &w->chunk[0]->part->text[f->column];
	struct lam_arena arena = LAM_ARENA_INIT;
	uint32_t n = d->values.n, *rank = rank_texts(d, f->down, &arena);
	uint32_t *kept = lam_arena_alloc(&w->arena, (n + (size_t)1) * sizeof
		*kept);
	bool ok = rank && kept;

	if (ok && n)
		memcpy(kept, rank, n * sizeof *kept);
	for (size_t k = 0; ok && k < w->nchunks; k++)
		f->rank[k] = kept;
	f->bits = n ? width(n - 1) : 0;
	lam_arena_release(&arena);
	return ok;
}

static bool
of_one_part(const struct lam_sort_words *w)
{
	size_t k = 0;

	while (k < w->nchunks && w->chunk[k]->part == w->chunk[0]->part)
		k++;
	return k > 0 && k == w->nchunks;
}

static bool
text_field(struct lam_sort_words *w, const struct lam_sort_term *t)
{
	struct lam_sort_field *f = add(w, TEXT_RANK, t);
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_mem mem = { 0 };
	struct lam_key_dict all;
	uint32_t **map, *rank = NULL;
	bool ok;

	f->rank = LAM_ARENA_NEW(&w->arena, uint32_t *, w->nchunks + 1);
	if (f->rank && of_one_part(w))
		return rank_part(w, f);
	map = LAM_ARENA_NEW(&arena, uint32_t *, w->nchunks + 1);
	ok = map != NULL;
	lam_key_dict_init(&all, LAM_TEXT, &mem, lam_hash_seed());
	for (size_t k = 0; ok && k < w->nchunks; k++) {
		const struct lam_key_dict *d = &w->chunk[k]->part->
			text[f->column];

		if (same_part(w, k) < k)
			continue;
		map[k] = lam_arena_alloc(&arena, (d->values.n + (size_t)1) *
			sizeof **map);
		ok = map[k] && lam_key_dict_union(&all, d, map[k]);
	}
	ok = ok && f->rank && (rank = rank_texts(&all, f->down, &arena));
	for (size_t k = 0; ok && k < w->nchunks; k++) {
		size_t first = same_part(w, k);

		f->rank[k] = first < k ? f->rank[first] : part_ranks(w,
			&w->chunk[k]->part->text[f->column], map[k], rank);
		ok = f->rank[k] != NULL;
	}
	f->bits = all.values.n ? width(all.values.n - 1) : 0;
	lam_key_dict_release(&all);
	lam_arena_release(&arena);
	return ok;
}

/* The numbers of column F as integers of one scale: their range.  False: there are
 * some that 64 bits do not hold there. */
static bool
find_range(const struct lam_sort_words *w, struct lam_sort_field *f)
{
	uint8_t scale = 0;
	int64_t least, most;

	for (size_t k = 0; k < w->nchunks; k++) {
		const struct lam_vec *v = &w->chunk[k]->column[f->column].v;

		if (v->wide || v->scale > 18)
			return false;
		scale = v->scale > scale ? v->scale : scale;
	}
	f->least = INT64_MAX;
	f->most = INT64_MIN;
	for (size_t k = 0; k < w->nchunks; k++) {
		const struct lam_sort_column *c =
			&w->chunk[k]->column[f->column];

		f->factor[k] = (int64_t)lam_pow10[scale - c->v.scale];
		if (c->least > c->most)
			continue;
		if (__builtin_mul_overflow(c->least, f->factor[k], &least) ||
			__builtin_mul_overflow(c->most, f->factor[k], &most))
			return false;
		f->least = least < f->least ? least : f->least;
		f->most = most > f->most ? most : f->most;
	}
	return true;
}

/* Rows to be compared: row I is the row ROW[i] of the chunk CHUNK[i]. */
struct compared {
	const struct lam_sort_words *w;
	uint32_t column, *chunk, *row;
};

static int
compare(void *arg, uint32_t x, uint32_t y)
{
	const struct compared *c = arg;
	struct lam_scalar a = lam_sort_chunk_value(c->w->chunk[c->chunk[x]],
		c->column, c->row[x]);
	struct lam_scalar b = lam_sort_chunk_value(c->w->chunk[c->chunk[y]],
		c->column, c->row[y]);

	return lam_scalar_cmp(&a, &b);
}

/* The rows of a column are ranked one by one; a NULL, which is last, does not count. */
static bool
row_field(struct lam_sort_words *w, struct lam_sort_field *f)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct compared c = { .w = w, .column = f->column };
	uint32_t n = 0, at = 0, rank = 0, *order, *tmp, **to;
	bool ok;

	f->kind = ROW_RANK;
	for (size_t k = 0; k < w->nchunks; k++)
		n += w->chunk[k]->n;
	order = LAM_ARENA_NEW(&arena, uint32_t, n + (size_t)1);
	tmp = LAM_ARENA_NEW(&arena, uint32_t, n + (size_t)1);
	c.chunk = LAM_ARENA_NEW(&arena, uint32_t, n + (size_t)1);
	c.row = LAM_ARENA_NEW(&arena, uint32_t, n + (size_t)1);
	to = LAM_ARENA_NEW(&w->arena, uint32_t *, w->nchunks + 1);
	ok = order && tmp && c.chunk && c.row && to;
	for (size_t k = 0; ok && k < w->nchunks; k++) {
		to[k] = LAM_ARENA_NEW(&w->arena, uint32_t, w->chunk[k]->n +
			(size_t)1);
		ok = to[k] != NULL;
		for (uint32_t i = 0; ok && i < w->chunk[k]->n; i++, at++) {
			order[at] = at;
			c.chunk[at] = (uint32_t)k;
			c.row[at] = i;
		}
	}
	if (ok)
		lam_sort_by(order, tmp, n, compare, &c);
	for (uint32_t i = 0; ok && i < n; i++) {
		rank += i > 0 && compare(&c, order[i - 1], order[i]) != 0;
		to[c.chunk[order[i]]][c.row[order[i]]] = rank;
	}
	f->rank = to;
	f->most = rank;
	f->bits = width(rank);
	lam_arena_release(&arena);
	return ok;
}

static bool
number_field(struct lam_sort_words *w, const struct lam_sort_term *t)
{
	struct lam_sort_field *f = add(w, INTEGER, t);

	f->factor = LAM_ARENA_NEW(&w->arena, int64_t, w->nchunks + 1);
	if (!f->factor)
		return false;
	if (!find_range(w, f))
		return row_field(w, f);
	f->bits = f->least > f->most ? 0 : width((uint64_t)f->most -
		(uint64_t)f->least);
	return true;
}

static bool
add_term(struct lam_sort_words *w, const struct lam_sort_term *t)
{
	struct lam_sort_field *f;

	if (has_nulls(w, t->column)) {
		f = add(w, NULLS, t);
		f->down = t->by.nulls_first;
		f->bits = 1;
	}
	if (w->plan->type[t->column] == LAM_TEXT)
		return text_field(w, t);
	if (w->plan->type[t->column] != LAM_BOOL)
		return number_field(w, t);
	add(w, BOOLEAN, t)->bits = 1;
	return true;
}

int
lam_sort_words_init(struct lam_sort_words *w, const struct lam_sort_plan *plan,
	const struct lam_sort_chunk *const *chunk, size_t nchunks,
	struct lam_error *e)
{
	uint32_t at = 0, done = 0;

	memset(w, 0, sizeof *w);
	w->plan = plan;
	w->chunk = chunk;
	w->nchunks = nchunks;
	w->field = LAM_ARENA_NEW(&w->arena, struct lam_sort_field,
		2 * (size_t)plan->nterms + 1);
	w->bits = LAM_ARENA_NEW(&w->arena, uint32_t, plan->nterms + (size_t)1);
	if (!w->field || !w->bits)
		return lam_fail_mem(e);
	for (uint32_t t = 0; t < plan->nterms; t++) {
		if (!add_term(w, &plan->term[t]))
			return lam_fail_mem(e);
		for (; done < w->nfields; done++) {
			w->field[done].at = at;
			at += w->field[done].bits;
		}
		w->bits[t] = at;
	}
	w->nwords = (at + 63) / 64;
	return LAM_OK;
}

void
lam_sort_words_release(struct lam_sort_words *w)
{
	lam_arena_release(&w->arena);
	memset(w, 0, sizeof *w);
}

/* Integers: unsigned, as those of NULLs are anything. */
static void
integers(const struct lam_sort_field *f, const int64_t *v, int64_t factor,
	uint32_t n, uint64_t *out)
{
	uint64_t by = (uint64_t)factor, least = (uint64_t)f->least;
	uint64_t most = (uint64_t)f->most;

	for (uint32_t i = 0; i < n; i++)
		out[i] = f->down ? most - (uint64_t)v[i] * by :
			(uint64_t)v[i] * by - least;
}

/* The values of field F in rows of chunk K; of NULLs 0. */
static void
values(const struct lam_sort_words *w, const struct lam_sort_field *f,
	size_t k, uint32_t from, uint32_t n, uint64_t *out)
{
	const struct lam_sort_column *c = &w->chunk[k]->column[f->column];
	const uint32_t *rank = f->rank ? f->rank[k] : NULL;
	const uint8_t *null = c->v.null ? c->v.null + from : NULL;

	if (f->kind == INTEGER)
		integers(f, c->v.i64 + from, f->factor[k], n, out);
	for (uint32_t i = 0; f->kind == BOOLEAN && i < n; i++)
		out[i] = (c->v.bit[from + i] != 0) != f->down;
	for (uint32_t i = 0; f->kind == ROW_RANK && i < n; i++)
		out[i] = f->down ? (uint64_t)f->most - rank[from + i] :
			rank[from + i];
	for (uint32_t i = 0; f->kind == TEXT_RANK && i < n; i++)
		out[i] = c->id[from + i] == LAM_NO_ID ? 0 :
			rank[c->id[from + i]];
	for (uint32_t i = 0; f->kind == NULLS && i < n; i++)
		out[i] = is_null(c, from + i) != f->down;
	for (uint32_t i = 0; f->kind != NULLS && null && i < n; i++)
		out[i] = null[i] ? 0 : out[i];
}

void
lam_sort_words_fill(const struct lam_sort_words *w, uint32_t word, size_t chunk,
	uint32_t from, uint32_t n, uint64_t *out)
{
	uint64_t v[LAM_SORT_ROWS];

	memset(out, 0, n * sizeof *out);
	for (uint32_t x = 0; x < w->nfields; x++) {
		const struct lam_sort_field *f = &w->field[x];
		uint32_t end = f->at + f->bits, last = 64 * (word + 1);

		if (f->bits == 0 || end <= 64 * word || f->at >= last)
			continue;
		values(w, f, chunk, from, n, v);
		if (end <= last)
			for (uint32_t i = 0; i < n; i++)
				out[i] |= v[i] << (last - end);
		else
			for (uint32_t i = 0; i < n; i++)
				out[i] |= v[i] >> (end - last);
	}
}
