/*
 * row_source.c - finished rows, kept in memory: flat copies, a batch as it came
 */
#include "rows/row_source.h"

#include <stdlib.h>
#include <string.h>

struct lam_kept {
	struct lam_arena arena;
	struct lam_vec *column;
	uint32_t n;
	uint64_t pos;
};

static const void *
copy(struct lam_arena *a, const void *p, size_t n)
{
	void *q = p ? lam_arena_alloc(a, n ? n : 1) : NULL;

	if (q)
		memcpy(q, p, n);
	return q;
}

static bool
copy_texts(struct lam_vec *v, struct lam_arena *a)
{
	struct lam_str *s = LAM_ARENA_NEW(a, struct lam_str, v->n + 1);
	size_t total = 0;
	char *p;

	if (!s)
		return false;
	for (uint32_t i = 0; i < v->n; i++)
		total += lam_vec_is_null(v, i) ? 0 : v->str[i].n;
	p = lam_arena_alloc(a, total + 1);
	if (!p)
		return false;
	for (uint32_t i = 0; i < v->n; i++) {
		if (lam_vec_is_null(v, i))
			continue;
		s[i] = (struct lam_str){ p, v->str[i].n };
		if (s[i].n)
			memcpy(p, v->str[i].p, s[i].n);
		p += s[i].n;
	}
	v->str = s;
	return true;
}

/* V as a flat vector that owns its values in A. */
static bool
copy_vec(const struct lam_vec *v, struct lam_arena *a, struct lam_vec *out)
{
	const struct lam_vec *flat = lam_vec_flat(v, a);
	size_t size;

	if (!flat)
		return false;
	*out = *flat;
	if (flat->null) {
		out->null = copy(a, flat->null, flat->n);
		if (!out->null)
			return false;
	}
	if (flat->type == LAM_TEXT)
		return copy_texts(out, a);
	size = flat->type == LAM_BOOL ? 1 : flat->wide ?
		sizeof(struct lam_num) : sizeof(int64_t);
	out->bit = copy(a, flat->bit, size * flat->n);
	return out->bit != NULL;
}

int
lam_row_source_keep(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct lam_row_source *r = arg;
	struct lam_kept *k;

	if (n == 0)
		return LAM_OK;
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 16;

		k = realloc(r->kept, cap * sizeof *k);
		if (!k)
			return lam_fail_mem(e);
		r->kept = k;
		r->cap = cap;
	}
	k = &r->kept[r->n++];
	*k = (struct lam_kept){ .arena = LAM_ARENA_INIT, .n = n,
		.pos = r->rows };
	r->rows += n;
	r->source.rows = r->rows;
	k->column = LAM_ARENA_NEW(&k->arena, struct lam_vec, r->ncols + 1);
	if (!k->column)
		return lam_fail_mem(e);
	for (uint32_t c = 0; c < r->ncols; c++)
		if (!copy_vec(&column[c], &k->arena, &k->column[c]))
			return lam_fail_mem(e);
	return LAM_OK;
}

static int
row_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	const struct lam_kept *k = b->state;

	(void)bad;
	*out = k->column[f];
	return raw && !lam_vec_as_text(&k->column[f], b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

static int
row_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct lam_row_source *r = s->state;
	size_t i = atomic_fetch_add(&r->next, 1);

	(void)worker;
	(void)e;
	*got = i < r->n;
	if (!*got)
		return LAM_OK;
	b->n = r->kept[i].n;
	b->pos = r->kept[i].pos;
	b->state = &r->kept[i];
	b->load = row_load;
	b->range = NULL;
	return LAM_OK;
}

void
lam_row_source_init(struct lam_row_source *r, uint32_t ncols)
{
	memset(r, 0, sizeof *r);
	r->source = (struct lam_source){ r, row_next, 0 };
	r->ncols = ncols;
	atomic_init(&r->next, 0);
}

void
lam_row_source_release(struct lam_row_source *r)
{
	for (size_t i = 0; i < r->n; i++)
		lam_arena_release(&r->kept[i].arena);
	free(r->kept);
	r->kept = NULL;
	r->n = r->cap = 0;
}
