/*
 * row_source.c - the rows of one query, kept to be the input of another
 *
 * A batch is packed (packed.h), in memory or in a file, of which a worker reads the
 * columns that it needs.
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
#include "rows/packed.h"
#include "store/column_builder.h"

#define TAKEN 16384 /* rows of a batch that was not kept as one */

struct lam_kept {
	struct lam_packed *column;
	const struct lam_full_sort *sort; /* or NULL; it has the rows from POS on */
	char *p;	/* the batch; NULL: it is in the file FD of DIR */
	int fd;
	const char *dir;
	uint64_t at;
	uint32_t n;
	uint64_t pos;
};

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
			lam_packed_put(&r->buf, flat, &k->column[c]);
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

/* Column F of the batch K. */
static int
load(const struct lam_kept *k, uint32_t f, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	const struct lam_packed *c = &k->column[f];
	char *p;
	int rc;

	if (k->sort)
		return lam_full_sort_column(k->sort, f, k->pos, k->n, arena,
			out, e);
	if (k->p)
		return lam_packed_get(c, k->p + c->at, k->n, arena, out) ?
			LAM_OK : lam_fail_mem(e);
	p = lam_arena_alloc(arena, c->size + 1);
	if (!p)
		return lam_fail_mem(e);
	rc = lam_io_pread(k->fd, p, c->size, k->at + c->at, k->dir, e);
	if (rc)
		return rc;
	return lam_packed_get(c, p, k->n, arena, out) ? LAM_OK :
		lam_fail_mem(e);
}

static int
row_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct lam_vec v;
	int rc = load(b->state, f, b->arena, &v, e);

	(void)bad;
	if (rc)
		return rc;
	*out = v;
	return raw && !lam_vec_as_text(&v, b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

/* The numbers of V[2], which are N, whatever their form. */
static int
join_numbers(const struct lam_vec *v, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	struct lam_number_builder b;

	if (!lam_number_builder_init(&b, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		bool second = i >= v[0].n;
		struct lam_scalar x = lam_scalar_of(&v[second], second ? i -
			v[0].n : i);

		if (x.null)
			lam_number_builder_null(&b, i);
		else if (!lam_number_builder_set(&b, i, x.num))
			return lam_fail_mem(e);
	}
	return lam_number_builder_vec(&b, out, e);
}

/* The rows of V[2], FLAT, which are N, as one. */
static int
join(const struct lam_vec *v, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	size_t size = v->type == LAM_TEXT ? sizeof *v->str : v->type ==
		LAM_BOOL ? 1 : v->wide ? sizeof *v->num : sizeof *v->i64;
	uint8_t *p, *null = NULL;

	if (v[0].wide != v[1].wide || v[0].scale != v[1].scale)
		return join_numbers(v, n, arena, out, e);
	p = lam_arena_alloc(arena, n * size + 1);
	if (v[0].null || v[1].null)
		null = LAM_ARENA_NEW(arena, uint8_t, n + (size_t)1);
	if (!p || (!null && (v[0].null || v[1].null)))
		return lam_fail_mem(e);
	memcpy(p, v[0].bit, v[0].n * size);
	memcpy(p + v[0].n * size, v[1].bit, v[1].n * size);
	if (v[0].null)
		memcpy(null, v[0].null, v[0].n);
	if (v[1].null)
		memcpy(null + v[0].n, v[1].null, v[1].n);
	*out = v[0];
	out->n = n;
	out->null = null;
	out->bit = p;
	return LAM_OK;
}

int
lam_row_source_column(const struct lam_row_source *r, uint32_t f,
	uint64_t from, uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	size_t i = lam_row_source_find(r, from);
	uint64_t end = lam_row_source_begin(r, i + 1);
	uint32_t some = end - from < n ? (uint32_t)(end - from) : n;
	struct lam_vec v[2];
	int rc;

	if (r->kept[i].sort)
		return lam_full_sort_column(r->kept[i].sort, f, from, n, arena,
			out, e);
	rc = load(&r->kept[i], f, arena, &v[0], e);
	if (rc)
		return rc;
	lam_vec_slice(&v[0], (uint32_t)(from - r->kept[i].pos), some);
	*out = v[0];
	if (some == n)
		return LAM_OK;
	rc = load(&r->kept[i + 1], f, arena, &v[1], e);
	if (rc)
		return rc;
	lam_vec_slice(&v[1], 0, n - some);
	for (int k = 0; k < 2; k++) {
		const struct lam_vec *flat = lam_vec_flat(&v[k], arena);

		if (!flat)
			return lam_fail_mem(e);
		v[k] = *flat;
	}
	return join(v, n, arena, out, e);
}

uint64_t
lam_row_source_begin(const struct lam_row_source *r, size_t i)
{
	return i < r->n ? r->kept[i].pos : r->rows;
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
