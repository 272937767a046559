/*
 * row_source.c - the rows of one query, kept to be the input of another
 *
 * A batch is packed: its columns as flat vectors, one after the other, each
 *
 *	nulls	[n] bytes, if any row is NULL
 *	values	[n] in the machine's form; of texts the lengths, u64 each
 *	texts	the bytes of all texts
 *
 * and each part padded to 16 bytes.  So one form serves in memory and in the
 * file, and of the file a worker reads the columns that it needs.  The file has
 * no other reader than this process: it may have the machine's byte order.
 *
 * Rows that were taken sorted are not packed.  They stay where they are, and a column
 * of a batch is gathered when it is asked for.
 */
#include "rows/row_source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/io.h"

#define ALIGN ((size_t)16)
#define TAKEN 16384 /* rows of a batch that was not kept as one */

/* A column of a packed batch. */
struct packed {
	uint64_t at, size; /* in the batch */
	uint8_t type, scale;
	bool wide, nulls;
};

struct lam_kept {
	struct packed *column;
	const struct lam_full_sort *sort; /* or NULL; it has the rows from POS on */
	char *p;	/* the batch; NULL: it is in the file FD of DIR */
	int fd;
	const char *dir;
	uint64_t at;
	uint32_t n;
	uint64_t pos;
};

static size_t
padded(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static void
pad(struct lam_buf *b)
{
	static const char zeros[ALIGN];

	lam_buf_put(b, zeros, padded(b->n) - b->n);
}

/* Bytes of one value; of a text, its length. */
static size_t
value_size(const struct packed *c)
{
	return c->type == LAM_BOOL ? 1 :
		c->wide ? sizeof(struct lam_num) : sizeof(int64_t);
}

static void
pack_texts(struct lam_buf *b, const struct lam_vec *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		uint64_t n = lam_vec_is_null(v, i) ? 0 : v->str[i].n;

		lam_buf_put(b, &n, sizeof n);
	}
	pad(b);
	for (uint32_t i = 0; i < v->n; i++)
		if (!lam_vec_is_null(v, i))
			lam_buf_put(b, v->str[i].p, v->str[i].n);
}

/* Append V, flat, to the batch. */
static void
pack(struct lam_buf *b, const struct lam_vec *v, struct packed *c)
{
	*c = (struct packed){ .at = b->n, .type = v->type, .scale = v->scale,
		.wide = v->wide, .nulls = v->null != NULL };
	if (c->nulls)
		lam_buf_put(b, v->null, v->n);
	pad(b);
	if (v->type == LAM_TEXT)
		pack_texts(b, v);
	else
		lam_buf_put(b, v->bit, value_size(c) * v->n);
	pad(b);
	c->size = b->n - c->at;
}

/* The column C of N rows at P, which stays; texts get their array in ARENA. */
static bool
unpack(const struct packed *c, const char *p, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out)
{
	const char *values = p + (c->nulls ? padded(n) : 0), *text;
	const uint64_t *length = (const void *)values;
	struct lam_str *str;

	*out = (struct lam_vec){ .type = c->type, .rep = LAM_FLAT, .n = n,
		.scale = c->scale, .wide = c->wide,
		.null = c->nulls ? (const uint8_t *)p : NULL,
		.bit = (const uint8_t *)values };
	if (c->type != LAM_TEXT)
		return true;
	str = lam_arena_alloc(arena, (n + (size_t)1) * sizeof *str);
	if (!str)
		return false;
	text = values + padded(n * sizeof *length);
	for (uint32_t i = 0; i < n; i++) {
		str[i] = (struct lam_str){ text, length[i] };
		text += length[i];
	}
	out->str = str;
	return true;
}

/* Keep the bytes of the batch K in memory, or write them to the file. */
static int
store(struct lam_row_source *r, struct lam_kept *k, struct lam_error *e)
{
	int rc = LAM_OK;

	if (!r->memory || r->used + r->buf.n <= r->memory) {
		k->p = malloc(r->buf.n + 1);
		if (!k->p)
			return lam_fail_mem(e);
		if (r->buf.n)
			memcpy(k->p, r->buf.p, r->buf.n);
		r->used += r->buf.n;
		return LAM_OK;
	}
	if (!r->spilled)
		rc = lam_io_unnamed(&r->fd, r->tmpdir, e);
	r->spilled |= !rc;
	k->fd = r->fd;
	k->dir = r->tmpdir;
	k->at = r->end;
	if (!rc)
		rc = lam_io_pwrite(r->fd, r->buf.p, r->buf.n, r->end,
			r->tmpdir, e);
	r->end += r->buf.n;
	return rc;
}

static int
pack_batch(struct lam_row_source *r, const struct lam_vec *column,
	struct lam_kept *k, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT; /* of what is not flat */
	int rc = LAM_OK;

	lam_buf_clear(&r->buf);
	for (uint32_t c = 0; !rc && c < r->ncols; c++) {
		const struct lam_vec *flat = lam_vec_flat(&column[c], &arena);

		if (flat)
			pack(&r->buf, flat, &k->column[c]);
		else
			rc = lam_fail_mem(e);
	}
	lam_arena_release(&arena);
	return rc ? rc : lam_buf_check(&r->buf, e);
}

int
lam_row_source_keep(void *arg, const struct lam_vec *column, uint32_t n,
	struct lam_error *e)
{
	struct lam_row_source *r = arg;
	struct lam_kept *k;
	int rc;

	if (n == 0)
		return LAM_OK;
	if (!lam_array_room(&r->kept, &r->cap, r->n + 1, sizeof *r->kept))
		return lam_fail_mem(e);
	k = &r->kept[r->n++];
	*k = (struct lam_kept){ .n = n, .pos = r->rows };
	k->column = calloc(r->ncols + 1, sizeof *k->column);
	if (!k->column)
		return lam_fail_mem(e);
	r->used += (r->ncols + 1) * sizeof *k->column + sizeof *k;
	r->rows += n;
	r->source.rows = r->rows;
	rc = pack_batch(r, column, k, e);
	return rc ? rc : store(r, k, e);
}

int
lam_row_source_take(struct lam_row_source *r, struct lam_full_sort *from,
	struct lam_error *e)
{
	size_t n = (from->n + TAKEN - 1) / TAKEN;
	int rc = lam_full_sort_settle(from, e);

	if (!rc && !lam_array_room(&r->kept, &r->cap, n, sizeof *r->kept))
		rc = lam_fail_mem(e);
	if (rc)
		return rc;
	r->sort = *from;
	memset(from, 0, sizeof *from);
	for (r->n = 0; r->n < n; r->n++) {
		uint64_t left = r->sort.n - r->rows;
		uint32_t some = left < TAKEN ? (uint32_t)left : TAKEN;

		r->kept[r->n] = (struct lam_kept){ .sort = &r->sort,
			.n = some, .pos = r->rows };
		r->rows += some;
	}
	r->source.rows = r->rows;
	return LAM_OK;
}

/* A column of a batch that was taken. */
static int
sorted_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	struct lam_error *e)
{
	const struct lam_kept *k = b->state;
	struct lam_vec v;
	int rc = lam_full_sort_column(k->sort, f, k->pos, k->n, b->arena, &v,
		e);

	if (rc)
		return rc;
	*out = v;
	return raw && !lam_vec_as_text(&v, b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

static int
row_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	const struct lam_kept *k = b->state;
	const struct packed *c = &k->column[f];
	const char *p = k->p ? k->p + c->at : NULL;
	struct lam_vec v;
	int rc;

	(void)bad;
	if (k->sort)
		return sorted_load(b, f, raw, out, e);
	if (!p) {
		char *read = lam_arena_alloc(b->arena, c->size + 1);

		if (!read)
			return lam_fail_mem(e);
		rc = lam_io_pread(k->fd, read, c->size, k->at + c->at, k->dir,
			e);
		if (rc)
			return rc;
		p = read;
	}
	if (!unpack(c, p, k->n, b->arena, &v))
		return lam_fail_mem(e);
	*out = v;
	return raw && !lam_vec_as_text(&v, b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

size_t
lam_row_source_find(const struct lam_row_source *r, uint64_t row)
{
	size_t low = 0, high = r->n;

	while (high - low > 1) {
		size_t i = low + (high - low) / 2;

		if (r->kept[i].pos > row)
			high = i;
		else
			low = i;
	}
	return low;
}

void
lam_row_source_batch(const struct lam_row_source *r, size_t i,
	struct lam_batch *b)
{
	b->n = r->kept[i].n;
	b->pos = r->kept[i].pos;
	b->state = &r->kept[i];
	b->load = row_load;
	b->range = NULL;
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
	lam_row_source_batch(r, i, b);
	return LAM_OK;
}

static int
reader_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct lam_row_reader *r = s->state;
	size_t i = atomic_fetch_add(&r->next, 1);

	(void)worker;
	(void)e;
	*got = i < r->rows->n;
	if (*got)
		lam_row_source_batch(r->rows, i, b);
	return LAM_OK;
}

void
lam_row_reader_init(struct lam_row_reader *r,
	const struct lam_row_source *from)
{
	r->source = (struct lam_source){ .state = r, .next = reader_next,
		.rows = from->rows };
	r->rows = from;
	atomic_init(&r->next, 0);
}

void
lam_row_source_init(struct lam_row_source *r, uint32_t ncols, uint64_t memory,
	const char *tmpdir)
{
	memset(r, 0, sizeof *r);
	r->source = (struct lam_source){ .state = r, .next = row_next };
	r->ncols = ncols;
	r->memory = memory;
	r->tmpdir = tmpdir && *tmpdir ? tmpdir : "/tmp";
	r->buf = (struct lam_buf)LAM_BUF_INIT;
	atomic_init(&r->next, 0);
}

void
lam_row_source_move(struct lam_row_source *to, struct lam_row_source *from)
{
	memcpy(to, from, sizeof *to);
	to->source.state = to;
	for (size_t i = 0; i < to->n; i++)
		if (to->kept[i].sort)
			to->kept[i].sort = &to->sort;
	atomic_init(&to->next, 0);
	memset(from, 0, sizeof *from);
}

void
lam_row_source_release(struct lam_row_source *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->kept[i].column);
		free(r->kept[i].p);
	}
	free(r->kept);
	if (r->spilled)
		close(r->fd);
	lam_buf_release(&r->buf);
	lam_full_sort_release(&r->sort);
	memset(r, 0, sizeof *r);
}
