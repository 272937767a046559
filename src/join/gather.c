/*
 * gather.c - columns of kept rows, row by row as they are asked for
 *
 * Rows in memory are unpacked column by column, once, and stay.  Texts of which few are
 * distinct are numbered then, and are given out as a dictionary: so a row costs two
 * bytes instead of a look at a text that is anywhere, and who groups by them hashes
 * each once.  Rows in the file are
 * read batch by batch for each vector that is asked for, so that no more than one
 * batch is in memory for it.
 */
#include "join/gather.h"

#include <string.h>

#include "base/hash.h"

#define TEXTS_MAX 16384	/* distinct ones in a dictionary */
#define TEXTS_SEEN 4096	/* rows after which at most a quarter are distinct */

/* The texts of a column. */
struct lam_gather_texts {
	struct lam_mem mem;
	struct lam_key_dict dict;
	uint16_t *code; /* by row */
	uint32_t null;	/* the code of NULL */
	struct lam_vec value;
};

int
lam_gather_init(struct lam_gather *g, const struct lam_row_source *rows,
	const uint8_t *type, struct lam_error *e)
{
	size_t n = lam_row_source_batches(rows);
	struct lam_batch b;

	memset(g, 0, sizeof *g);
	g->rows = rows;
	g->type = type;
	g->column = LAM_ARENA_NEW(&g->arena, struct lam_vec *,
		rows->ncols + 1);
	g->texts = LAM_ARENA_NEW(&g->arena, struct lam_gather_texts *,
		rows->ncols + 1);
	g->first = LAM_ARENA_NEW(&g->arena, uint64_t, n + 1);
	if (!g->column || !g->texts || !g->first ||
		pthread_mutex_init(&g->lock, NULL)) {
		lam_arena_release(&g->arena);
		return lam_fail_mem(e);
	}
	g->locked = true;
	for (size_t i = 0; i < n; i++) {
		lam_row_source_batch(rows, i, &b);
		g->first[i] = b.pos;
		g->first[i + 1] = b.pos + b.n;
	}
	return LAM_OK;
}

void
lam_gather_release(struct lam_gather *g)
{
	if (g->locked)
		pthread_mutex_destroy(&g->lock);
	for (uint32_t f = 0; g->texts && f < g->rows->ncols; f++)
		if (g->texts[f])
			lam_key_dict_release(&g->texts[f]->dict);
	lam_arena_release(&g->arena);
	memset(g, 0, sizeof *g);
}

/* The batch of ROW; NEAR is where the one before was. */
static size_t
find(const struct lam_gather *g, uint64_t row, size_t near)
{
	return row >= g->first[near] && row < g->first[near + 1] ? near :
		lam_row_source_find(g->rows, row);
}

/* Column F of batch I, flat, in ARENA. */
static int
load(const struct lam_gather *g, uint32_t f, size_t i,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	struct lam_batch b = { .arena = arena };
	const struct lam_vec *flat;
	uint64_t bad = 0;
	int rc;

	lam_row_source_batch(g->rows, i, &b);
	rc = b.load(&b, f, false, out, &bad, e);
	if (rc)
		return rc;
	flat = lam_vec_flat(out, arena);
	if (!flat)
		return lam_fail_mem(e);
	*out = *flat;
	return LAM_OK;
}

/* The codes of the rows of V from ROW on; *FEW: they are few. */
static int
number_batch(struct lam_gather_texts *t, const struct lam_vec *v, uint64_t row,
	bool *few, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_str *s = LAM_ARENA_NEW(&arena, struct lam_str, v->n + 1);
	uint32_t *id = LAM_ARENA_NEW(&arena, uint32_t, v->n + 1), n = 0;
	bool ok = s && id;

	for (uint32_t i = 0; ok && i < v->n; i++)
		if (!v->null || !v->null[i])
			s[n++] = v->str[i];
	ok = ok && lam_key_dict_texts(&t->dict, s, n, id);
	n = 0;
	for (uint32_t i = 0; ok && i < v->n; i++)
		t->code[row + i] = (uint16_t)(v->null && v->null[i] ? t->null :
			id[n++]);
	row += v->n;
	*few = t->dict.values.n <= TEXTS_MAX && (row < TEXTS_SEEN ||
		t->dict.values.n <= row / 4);
	lam_arena_release(&arena);
	return ok ? LAM_OK : lam_fail_mem(e);
}

/* Number the texts V of column F, if it pays. */
static int
number(struct lam_gather *g, uint32_t f, const struct lam_vec *v, size_t n,
	struct lam_error *e)
{
	struct lam_gather_texts *t = LAM_ARENA_NEW(&g->arena,
		struct lam_gather_texts, 1);
	uint32_t *all;
	bool few = t != NULL;
	int rc = t ? LAM_OK : lam_fail_mem(e);

	if (rc)
		return rc;
	lam_key_dict_init(&t->dict, LAM_TEXT, &t->mem, lam_hash_seed());
	t->code = lam_arena_alloc(&g->arena, (g->first[n] + 1) *
		sizeof *t->code);
	t->null = lam_key_dict_null(&t->dict);
	if (!t->code || t->null == LAM_NO_ID)
		rc = lam_fail_mem(e);
	for (size_t b = 0; !rc && few && b < n; b++)
		rc = number_batch(t, &v[b], g->first[b], &few, e);
	all = rc || !few ? NULL : LAM_ARENA_NEW(&g->arena, uint32_t,
		t->dict.values.n);
	if (!all) {
		lam_key_dict_release(&t->dict);
		return rc || !few ? rc : lam_fail_mem(e);
	}
	for (uint32_t i = 0; i < t->dict.values.n; i++)
		all[i] = i;
	g->texts[f] = t;
	return lam_column_builder_take(&t->dict.values, all,
		t->dict.values.n, &g->arena, &t->value, e);
}

/* Column F of all batches, which are in memory. */
static int
unpacked(struct lam_gather *g, uint32_t f, const struct lam_vec **out,
	struct lam_error *e)
{
	size_t n = lam_row_source_batches(g->rows);
	int rc = LAM_OK;

	pthread_mutex_lock(&g->lock);
	if (!g->column[f]) {
		struct lam_vec *v = LAM_ARENA_NEW(&g->arena, struct lam_vec,
			n + 1);

		rc = v ? LAM_OK : lam_fail_mem(e);
		for (size_t i = 0; !rc && i < n; i++)
			rc = load(g, f, i, &g->arena, &v[i], e);
		if (!rc && g->type[f] == LAM_TEXT)
			rc = number(g, f, v, n, e);
		if (!rc)
			g->column[f] = v;
	}
	*out = g->column[f];
	pthread_mutex_unlock(&g->lock);
	return rc;
}

/* What a column is gathered from: vectors of batches from FIRST on; N 0: not needed. */
struct vectors {
	const struct lam_vec *v;
	size_t first, n;
};

/* Have all vectors values in one form, those of the array ->bit?  *LIKE is one. */
static bool
alike(const struct vectors *x, const struct lam_vec **like)
{
	*like = NULL;
	for (size_t i = 0; i < x->n; i++) {
		if (x->v[i].n == 0)
			continue;
		*like = *like ? *like : &x->v[i];
		if (x->v[i].wide || x->v[i].scale != (*like)->scale)
			return false;
	}
	return *like != NULL;
}

/* Values that are of the form of LIKE in all vectors. */
static int
copy(struct lam_gather *g, const struct vectors *x, const struct lam_vec *like,
	const uint32_t *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	size_t size = like->type == LAM_TEXT ? sizeof(struct lam_str) :
		like->type == LAM_BOOL ? 1 : sizeof(int64_t);
	char *p = lam_arena_alloc(arena, (n + (size_t)1) * size);
	uint8_t *null = LAM_ARENA_NEW(arena, uint8_t, n + 1);
	bool any = false;
	size_t b = x->first;

	if (!p || !null)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		const struct lam_vec *v = NULL;
		uint64_t at = 0;

		if (row[i] != LAM_NO_ROW) {
			b = find(g, row[i], b);
			at = row[i] - g->first[b];
			v = &x->v[b - x->first];
			null[i] = v->null && v->null[at];
		}
		if (!v || null[i]) {
			null[i] = any = true;
			memset(p + i * size, 0, size);
		} else if (size == sizeof(int64_t)) {
			((int64_t *)(void *)p)[i] = v->i64[at];
		} else if (size == 1) {
			p[i] = (char)v->bit[at];
		} else {
			((struct lam_str *)(void *)p)[i] = v->str[at];
		}
	}
	*out = (struct lam_vec){ .type = like->type, .rep = LAM_FLAT,
		.scale = like->scale, .n = n, .null = any ? null : NULL,
		.bit = (const uint8_t *)p };
	return LAM_OK;
}

/* Values one by one. */
static int
convert(struct lam_gather *g, uint32_t f, const struct vectors *x,
	const uint32_t *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_scalar *value = LAM_ARENA_NEW(arena, struct lam_scalar,
		n + 1);
	size_t b = x->first;

	if (!value)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		value[i] = (struct lam_scalar){ .type = g->type[f],
			.null = true };
		if (row[i] == LAM_NO_ROW)
			continue;
		b = find(g, row[i], b);
		value[i] = lam_scalar_of(&x->v[b - x->first], (uint32_t)(row[i] -
			g->first[b]));
	}
	return lam_scalar_vec(value, n, g->type[f], arena, out, e);
}

/* Texts that are numbered: as a dictionary, unless that is the larger part. */
static int
copy_texts(const struct lam_gather_texts *t, const uint32_t *row, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	uint16_t *code = lam_arena_alloc(arena, (n + (size_t)1) * sizeof *code);
	const struct lam_vec *flat;

	if (!code)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		code[i] = row[i] == LAM_NO_ROW ? (uint16_t)t->null :
			t->code[row[i]];
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_DICT, .n = n,
		.code = code, .dict = &t->value };
	if (t->value.n <= n / 2)
		return LAM_OK;
	flat = lam_vec_flat(out, arena);
	if (!flat)
		return lam_fail_mem(e);
	*out = *flat;
	return LAM_OK;
}

/* The vectors of column F, which is in a file, that have any of the rows. */
static int
read_needed(struct lam_gather *g, uint32_t f, const uint32_t *row, uint32_t n,
	struct lam_arena *arena, struct vectors *x, struct lam_error *e)
{
	uint32_t low = LAM_NO_ROW, high = 0;
	struct lam_vec *v;
	size_t b;
	int rc = LAM_OK;

	for (uint32_t i = 0; i < n; i++)
		if (row[i] != LAM_NO_ROW) {
			low = row[i] < low ? row[i] : low;
			high = row[i] > high ? row[i] : high;
		}
	*x = (struct vectors){ NULL, 0, 0 };
	if (low == LAM_NO_ROW)
		return LAM_OK;
	b = x->first = find(g, low, 0);
	x->n = find(g, high, x->first) - x->first + 1;
	x->v = v = LAM_ARENA_NEW(arena, struct lam_vec, x->n);
	if (!v)
		return lam_fail_mem(e);
	for (uint32_t i = 0; !rc && i < n; i++) {
		if (row[i] == LAM_NO_ROW)
			continue;
		b = find(g, row[i], b);
		if (v[b - x->first].n == 0)
			rc = load(g, f, b, arena, &v[b - x->first], e);
	}
	return rc;
}

int
lam_gather_column(struct lam_gather *g, uint32_t f, const uint32_t *row,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct vectors x = { NULL, 0, lam_row_source_batches(g->rows) };
	const struct lam_vec *like;
	int rc;

	rc = g->rows->spilled ? read_needed(g, f, row, n, arena, &x, e) :
		unpacked(g, f, &x.v, e);
	if (rc)
		return rc;
	if (!g->rows->spilled && g->texts[f])
		return copy_texts(g->texts[f], row, n, arena, out, e);
	return alike(&x, &like) ? copy(g, &x, like, row, n, arena, out, e) :
		convert(g, f, &x, row, n, arena, out, e);
}
