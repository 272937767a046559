/*
 * lookup_rows.c - the rows of a look-up file, found by their keys
 *
 * The keys are numbered as those of a join are (match.h).  The columns lie in arrays,
 * with a NULL behind the last row for what is not found.  A column of few different
 * texts is kept as codes, too: whoever groups by it never sees the texts of a row.
 */
#include "join/lookup_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "sql/query.h"
#include "time/time.h"

#define CODES 4096 /* different texts: a batch of any size is worth their groups */

struct growing {
	struct lam_str *str; /* what is of the type */
	struct lam_num *num;
	int64_t *i64;
	uint8_t *bit;
	uint8_t *null;
	size_t cap, null_cap;
	uint16_t *code;
	struct lam_str *dict;
	uint8_t *dict_null;
};

struct lam_lookup_rows {
	struct lam_lookup lookup;
	const struct lam_ref_file *file;
	struct lam_match match;
	struct growing *grow; /* [nfields] */
	struct lam_lookup_column *column;
	struct lam_mem mem; /* of: */
	struct lam_heap texts;
};

static int
find(struct lam_lookup *l, const struct lam_vec *key, uint32_t n,
	struct lam_arena *arena, uint32_t *row, struct lam_error *e)
{
	struct lam_lookup_rows *x = (struct lam_lookup_rows *)l;

	return lam_match_find(&x->match, key, n, arena, row, e);
}

int
lam_lookup_rows_new(struct lam_lookup_rows **out, const struct lam_ref_file *f,
	struct lam_error *e)
{
	struct lam_lookup_rows *x = calloc(1, sizeof *x);
	uint8_t *type = calloc(f->nkeys + 1, 1);
	int rc = LAM_OK;

	*out = x;
	if (x) {
		x->file = f;
		x->lookup.find = find;
		x->grow = calloc(f->nfields + 1, sizeof *x->grow);
		x->column = calloc(f->nfields + 1, sizeof *x->column);
		lam_heap_init(&x->texts, &x->mem);
	}
	if (!x || !type || !x->grow || !x->column)
		rc = lam_fail_mem(e);
	for (uint32_t k = 0; !rc && k < f->nkeys; k++)
		type[k] = f->field[f->key[k]].type.type;
	if (!rc)
		rc = lam_match_init(&x->match, type, f->nkeys, e);
	free(type);
	return rc;
}

void
lam_lookup_rows_free(struct lam_lookup_rows *x)
{
	if (!x)
		return;
	for (uint32_t f = 0; x->grow && f < x->file->nfields; f++) {
		struct growing *g = &x->grow[f];

		free(g->str);
		free(g->num);
		free(g->i64);
		free(g->bit);
		free(g->null);
		free(g->code);
		free(g->dict);
		free(g->dict_null);
	}
	free(x->grow);
	free(x->column);
	lam_match_release(&x->match);
	lam_heap_release(&x->texts);
	free(x);
}

/* Room for N more values of TYPE in G, which has AT. */
static bool
room(struct growing *g, uint8_t type, size_t at, uint32_t n)
{
	size_t need = at + n, *cap = &g->cap;

	if (!lam_array_room(&g->null, &g->null_cap, need, 1))
		return false;
	switch (type) {
	case LAM_TEXT:
		return lam_array_room(&g->str, cap, need, sizeof *g->str);
	case LAM_NUMBER:
		return lam_array_room(&g->num, cap, need, sizeof *g->num);
	case LAM_TIME:
		return lam_array_room(&g->i64, cap, need, sizeof *g->i64);
	default:
		return lam_array_room(&g->bit, cap, need, 1);
	}
}

static bool
own(struct lam_lookup_rows *x, struct lam_str s, struct lam_str *out)
{
	char *p = lam_heap_bytes(&x->texts, s.n + 1);

	if (p && s.n)
		memcpy(p, s.p, s.n);
	*out = (struct lam_str){ p, s.n };
	return p != NULL;
}

/* The N values of V behind the AT that G has. */
static int
append(struct lam_lookup_rows *x, struct growing *g, const struct lam_vec *v,
	size_t at, struct lam_error *e)
{
	if (!room(g, v->type, at, v->n))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < v->n; i++) {
		bool null = lam_vec_is_null(v, i);

		g->null[at + i] = null;
		if (v->type == LAM_TIME)
			g->i64[at + i] = null ? 0 : lam_vec_time(v, i);
		else if (v->type == LAM_NUMBER)
			g->num[at + i] = null ? (struct lam_num){ 0, 0 } :
				lam_num_normal(lam_vec_num(v, i));
		else if (v->type == LAM_BOOL)
			g->bit[at + i] = !null && lam_vec_bool(v, i);
		else if (null)
			g->str[at + i] = (struct lam_str){ "", 0 };
		else if (!own(x, lam_vec_text(v, i), &g->str[at + i]))
			return lam_fail_mem(e);
	}
	return LAM_OK;
}

int
lam_lookup_rows_add(struct lam_lookup_rows *x, const struct lam_vec *column,
	uint32_t n, struct lam_arena *arena, struct lam_error *e)
{
	const struct lam_ref_file *f = x->file;
	struct lam_vec *key = LAM_ARENA_NEW(arena, struct lam_vec, f->nkeys + 1);
	int rc = key ? LAM_OK : lam_fail_mem(e);

	for (uint32_t k = 0; !rc && k < f->nkeys; k++)
		key[k] = column[f->key[k]];
	for (uint32_t c = 0; !rc && c < f->nfields; c++)
		if (f->used[c])
			rc = append(x, &x->grow[c], &column[c],
				x->lookup.nrows, e);
	if (!rc)
		rc = lam_match_add(&x->match, key, n, arena, e);
	x->lookup.nrows += rc ? 0 : n;
	return rc;
}

bool
lam_lookup_rows_twice(const struct lam_lookup_rows *x, uint32_t twice[2])
{
	for (uint32_t r = 0; r < x->lookup.nrows; r++)
		if (x->match.next[r] != LAM_NO_ROW) {
			twice[0] = r;
			twice[1] = x->match.next[r];
			return true;
		}
	return false;
}

void
lam_lookup_rows_key(const struct lam_lookup_rows *x, uint32_t row,
	struct lam_buf *out)
{
	const struct lam_ref_file *f = x->file;
	char scratch[LAM_NUM_TEXT + LAM_TIME_TEXT];

	for (uint32_t k = 0; k < f->nkeys; k++) {
		const struct growing *g = &x->grow[f->key[k]];
		struct lam_scalar v = { .type = f->field[f->key[k]].type.type,
			.null = g->null[row] };
		struct lam_str s;

		if (v.type == LAM_TEXT)
			v.str = g->str[row];
		else if (v.type == LAM_NUMBER)
			v.num = g->num[row];
		else
			v.i64 = v.type == LAM_TIME ? g->i64[row] : g->bit[row];
		s = lam_scalar_print(&v, scratch);
		lam_buf_printf(out, "%s%s = ", k ? ", " : "",
			f->field[f->key[k]].name);
		lam_buf_put(out, s.p, s.n);
	}
}

/* The texts of G as codes, if they are few. */
static int
encode(struct growing *g, struct lam_lookup_column *c, uint32_t n,
	struct lam_error *e)
{
	struct lam_mem mem = { 0 };
	struct lam_key_dict d;
	uint32_t id = 0;
	int rc = LAM_OK;

	lam_key_dict_init(&d, LAM_TEXT, &mem, lam_hash_seed());
	g->code = calloc(n, sizeof *g->code);
	g->dict = calloc(CODES, sizeof *g->dict);
	g->dict_null = calloc(CODES, 1);
	if (!g->code || !g->dict || !g->dict_null)
		rc = lam_fail_mem(e);
	for (uint32_t r = 0; !rc && r < n; r++) {
		if (g->null[r])
			id = lam_key_dict_null(&d);
		else if (!lam_key_dict_texts(&d, &g->str[r], 1, &id))
			id = LAM_NO_ID;
		if (id == LAM_NO_ID)
			rc = lam_fail_mem(e);
		if (id >= CODES)
			break;
		g->code[r] = (uint16_t)id;
		g->dict[id] = g->str[r];
		g->dict_null[id] = g->null[r];
	}
	if (!rc && id < CODES) {
		c->code = g->code;
		c->dict = (struct lam_vec){ .type = LAM_TEXT, .str = g->dict,
			.n = (uint32_t)d.values.n, .null = g->dict_null };
	}
	lam_key_dict_release(&d);
	return rc;
}

/* N numbers of G: as integers of one scale, if they can be. */
static int
narrow(struct growing *g, struct lam_vec *v, uint32_t n, struct lam_error *e)
{
	struct lam_num x;
	unsigned scale = 0;
	bool fits = true;

	v->num = g->num;
	v->wide = true;
	for (uint32_t i = 0; i < n; i++)
		scale = g->num[i].scale > scale ? g->num[i].scale : scale;
	g->i64 = malloc(n * sizeof *g->i64);
	if (!g->i64)
		return lam_fail_mem(e);
	for (uint32_t i = 0; fits && i < n; i++) {
		fits = lam_num_rescale(g->num[i], scale, &x) &&
			x.m == (int64_t)x.m;
		g->i64[i] = fits ? (int64_t)x.m : 0;
	}
	if (!fits)
		return LAM_OK;
	v->i64 = g->i64;
	v->wide = false;
	v->scale = (uint8_t)scale;
	free(g->num);
	g->num = NULL;
	return LAM_OK;
}

/* Column F of the file: what is kept of it, and a NULL. */
static int
finish(struct lam_lookup_rows *x, uint32_t f, struct lam_error *e)
{
	static const uint8_t yes[1] = { 1 }, no[1] = { 0 };
	static const int64_t zero[1] = { 0 };
	static const struct lam_str nothing[1] = { { "", 0 } };
	struct lam_vec null = { .n = 1, .null = yes, .i64 = zero };
	struct lam_lookup_column *c = &x->column[f];
	struct growing *g = &x->grow[f];
	uint8_t type = x->file->field[f].type.type;
	uint32_t n = x->lookup.nrows;
	int rc;

	null.type = type;
	if (type == LAM_TEXT)
		null.str = nothing;
	if (type == LAM_BOOL)
		null.bit = no;
	rc = append(x, g, &null, n, e);
	if (rc)
		return rc;
	c->values = (struct lam_vec){ .type = type, .n = n + 1,
		.null = g->null };
	switch (type) {
	case LAM_TEXT:
		c->values.str = g->str;
		return encode(g, c, n + 1, e);
	case LAM_NUMBER:
		return narrow(g, &c->values, n + 1, e);
	case LAM_TIME:
		c->values.i64 = g->i64;
		break;
	default:
		c->values.bit = g->bit;
	}
	return LAM_OK;
}

int
lam_lookup_rows_end(struct lam_lookup_rows *x, struct lam_lookup **out,
	struct lam_error *e)
{
	int rc = lam_match_freeze(&x->match, e);

	for (uint32_t f = 0; !rc && f < x->file->nfields; f++)
		if (x->file->used[f])
			rc = finish(x, f, e);
	x->lookup.column = x->column;
	*out = &x->lookup;
	return rc;
}

uint64_t
lam_lookup_rows_memory(const struct lam_lookup_rows *x)
{
	uint64_t n = lam_match_memory(&x->match) + x->mem.used;

	for (uint32_t f = 0; f < x->file->nfields; f++) {
		const struct growing *g = &x->grow[f];

		n += g->null_cap + g->cap * (g->str ? sizeof *g->str :
			g->num ? sizeof *g->num : sizeof *g->i64);
	}
	return n;
}
