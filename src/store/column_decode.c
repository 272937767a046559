/*
 * column_decode.c - the bytes of a column, as column.c tells them, to a vector
 */
#include "base/hot.h"
#include "store/bitpack.h"
#include "store/column_internal.h"
#include "store/ints.h"

void
lam_bits_expand(const uint8_t *p, uint32_t n, uint8_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = p[i / 8] >> (i % 8) & 1;
}

static int
decode_values(unsigned encoding, const uint8_t *p, size_t size, uint32_t n,
	struct lam_want *w, struct lam_vec *out)
{
	if (encoding == LAM_ENC_INTS)
		return lam_ints_decode(p, size, n, w, out);
	if (encoding == LAM_ENC_TEXT)
		return lam_text_decode(p, size, n, w, out);
	return lam_fail(w->e, LAM_DATA, "unknown encoding %u", encoding);
}

/* One value for all N rows. */
static int
decode_const(struct lam_str s, uint32_t n, struct lam_want *w,
	struct lam_vec *out)
{
	struct lam_str *one = LAM_ARENA_NEW(w->arena, struct lam_str, 1);
	struct lam_vec *flat = LAM_ARENA_NEW(w->arena, struct lam_vec, 1);
	int r;

	if (one == NULL || flat == NULL)
		return lam_fail_mem(w->e);
	*one = s;
	r = lam_text_convert(one, 1, w, flat);
	w->bad *= n;
	*out = (struct lam_vec){ .type = w->t.type, .rep = LAM_CONST,
		.scale = flat->scale, .n = n, .dict = flat };
	return r;
}

LAM_HOT static uint16_t
largest(const uint16_t *v, uint32_t n)
{
	uint16_t max = 0;

	for (uint32_t i = 0; i < n; i++)
		max = v[i] > max ? v[i] : max;
	return max;
}

/* Entries that are bad make all their rows bad. */
static void
count_bad(struct lam_want *w, const uint16_t *code, uint32_t n)
{
	uint64_t bad = 0;

	if (w->bad == 0)
		return;
	for (uint32_t i = 0; i < n; i++)
		bad += w->mark[code[i]];
	w->bad = bad;
}

/* A DICT column as read. */
struct dict {
	unsigned encoding; /* of the entries */
	const uint8_t *entries;
	uint32_t count, bytes; /* of entries */
	uint16_t *code;	       /* [n], below count */
};

static int
open_dict(struct dict *d, const uint8_t *p, size_t size, uint32_t n,
	struct lam_want *w)
{
	if (size < LAM_DICT_HEAD)
		return lam_fail(w->e, LAM_DATA, "dictionary: too short");
	d->encoding = p[1];
	d->count = lam_get32(p + 4);
	d->bytes = lam_get32(p + 8);
	d->entries = p + LAM_DICT_HEAD;
	if (d->count == 0 || d->count > LAM_BLOCK_ROWS || p[0] > 16 ||
		d->bytes > size || size - LAM_DICT_HEAD !=
			lam_pad8(d->bytes) + lam_pack_size(n, p[0]))
		return lam_fail(w->e, LAM_DATA,
			"dictionary: size does not match");
	d->code = lam_arena_alloc(w->arena, (size_t)n * 2 + 1);
	if (d->code == NULL)
		return lam_fail_mem(w->e);
	lam_unpack16(p + LAM_DICT_HEAD + lam_pad8(d->bytes), n, p[0], d->code);
	if (n && largest(d->code, n) >= d->count)
		return lam_fail(w->e, LAM_DATA,
			"dictionary: a code out of range");
	return LAM_OK;
}

static int
decode_dict(const uint8_t *p, size_t size, uint32_t n, struct lam_want *w,
	struct lam_vec *out)
{
	struct lam_vec *entries = LAM_ARENA_NEW(w->arena, struct lam_vec, 1);
	const struct lam_vec *flat;
	struct dict d;
	int r = entries ? open_dict(&d, p, size, n, w) : lam_fail_mem(w->e);

	if (r)
		return r;
	w->mark = LAM_ARENA_NEW(w->arena, uint8_t, d.count);
	if (w->mark == NULL)
		return lam_fail_mem(w->e);
	r = decode_values(d.encoding, d.entries, d.bytes, d.count, w, entries);
	if (r)
		return r;
	flat = w->t.type == LAM_TEXT ? entries : lam_vec_flat(entries, w->arena);
	if (flat == NULL)
		return lam_fail_mem(w->e);
	count_bad(w, d.code, n);
	*out = (struct lam_vec){ .type = w->t.type, .rep = LAM_DICT,
		.scale = flat->scale, .n = n, .code = d.code, .dict = flat };
	return LAM_OK;
}

static int
match_dict(const uint8_t *p, size_t size, uint32_t n, struct lam_str s,
	struct lam_want *w, struct lam_vec *out)
{
	struct lam_vec *flat = LAM_ARENA_NEW(w->arena, struct lam_vec, 1);
	struct dict d;
	int r = flat ? open_dict(&d, p, size, n, w) : lam_fail_mem(w->e);

	if (r == LAM_OK)
		r = lam_text_match(d.entries, d.bytes, d.count, s, w, flat);
	if (r)
		return r;
	*out = (struct lam_vec){ .type = LAM_BOOL, .rep = LAM_DICT, .n = n,
		.code = d.code, .dict = flat };
	return LAM_OK;
}

int
lam_column_match(const struct lam_colmeta *meta, const void *p, uint32_t n,
	struct lam_str s, struct lam_arena *arena, struct lam_vec *out,
	bool *done, struct lam_error *e)
{
	struct lam_want w = { .t = { .type = LAM_TEXT }, .arena = arena,
		.e = e };
	const uint8_t *head = p;

	*done = n <= LAM_BLOCK_ROWS && (meta->encoding == LAM_ENC_TEXT ||
		(meta->encoding == LAM_ENC_DICT && meta->size >= LAM_DICT_HEAD &&
			head[1] == LAM_ENC_TEXT));
	if (!*done)
		return LAM_OK;
	if (meta->encoding == LAM_ENC_TEXT)
		return lam_text_match(p, meta->size, n, s, &w, out);
	return match_dict(p, meta->size, n, s, &w, out);
}

int
lam_column_pick(const struct lam_colmeta *meta, const void *p, uint32_t n,
	const uint16_t *row, uint32_t nrows, struct lam_arena *arena,
	struct lam_vec *out, bool *done, struct lam_error *e)
{
	struct lam_want w = { .t = { .type = LAM_TEXT }, .arena = arena,
		.e = e };

	*done = n <= LAM_BLOCK_ROWS && meta->encoding == LAM_ENC_INTS;
	return *done ? lam_ints_pick(p, meta->size, n, row, nrows, &w, out) :
		LAM_OK;
}

bool
lam_column_copied(const struct lam_colmeta *meta, const void *p,
	struct lam_coltype t)
{
	const uint8_t *b = p;

	return t.type != LAM_TEXT || (meta->encoding == LAM_ENC_DICT &&
		b[1] == LAM_ENC_TEXT && lam_text_copied(b + LAM_DICT_HEAD)) ||
		(meta->encoding == LAM_ENC_TEXT && lam_text_copied(b));
}

int
lam_column_decode(const struct lam_colmeta *meta, const void *p, uint32_t n,
	struct lam_coltype t, struct lam_arena *arena, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct lam_want w = { .t = t, .arena = arena, .e = e };
	int r;

	if (n > LAM_BLOCK_ROWS)
		return lam_fail(e, LAM_DATA, "%u rows: more than a block holds",
			n);
	switch (meta->encoding) {
	case LAM_ENC_NULLS:
		r = decode_const((struct lam_str){ NULL, 0 }, n, &w, out);
		break;
	case LAM_ENC_CONST:
		r = decode_const((struct lam_str){ p ? p : "", meta->size }, n,
			&w, out);
		break;
	case LAM_ENC_DICT:
		r = decode_dict(p, meta->size, n, &w, out);
		break;
	default:
		r = decode_values(meta->encoding, p, meta->size, n, &w, out);
		break;
	}
	*bad += w.bad;
	return r;
}
