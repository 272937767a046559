/*
 * spilled.c - rows in a temporary file, sorted in runs of batches
 *
 * A batch is the struct lam_packed of each column, then the columns (packed.h).
 */
#include "rows/spilled.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/io.h"

void
lam_spilled_release(struct lam_spilled *x)
{
	if (x->open)
		close(x->fd);
	free(x->batch);
	free(x->run);
	lam_arena_release(&x->arena);
	lam_buf_release(&x->buf);
	memset(x, 0, sizeof *x);
}

int
lam_spilled_begin(struct lam_spilled *x, const char *dir, struct lam_error *e)
{
	int rc;

	x->dir = dir && *dir ? dir : "/tmp";
	if (!x->open) {
		rc = lam_io_unnamed(&x->fd, x->dir, e);
		if (rc)
			return rc;
		x->open = true;
	}
	if (!lam_array_room(&x->run, &x->runs_cap, x->nruns + 1,
		sizeof *x->run))
		return lam_fail_mem(e);
	x->run[x->nruns++].first = x->nbatches;
	return LAM_OK;
}

static bool
keep_key(struct lam_spilled *x, struct lam_str key, struct lam_str *out)
{
	char *p = lam_arena_dup(&x->arena, key.p, key.n);

	*out = (struct lam_str){ p, key.n };
	return p != NULL;
}

int
lam_spilled_put(struct lam_spilled *x, const struct lam_vec *column,
	uint32_t ncolumns, uint32_t n, struct lam_str first,
	struct lam_error *e)
{
	size_t head = ncolumns * sizeof(struct lam_packed);
	struct lam_spilled_batch *b;
	int rc;

	if (!lam_array_room(&x->batch, &x->batches_cap, x->nbatches + 1,
		sizeof *x->batch))
		return lam_fail_mem(e);
	b = &x->batch[x->nbatches++];
	lam_buf_clear(&x->buf);
	for (size_t i = 0; i < head; i += sizeof(struct lam_packed))
		lam_buf_put(&x->buf, &(struct lam_packed){ 0 },
			sizeof(struct lam_packed));
	for (uint32_t c = 0; c < ncolumns; c++) {
		struct lam_packed p;

		lam_packed_put(&x->buf, &column[c], &p);
		if (!x->buf.oom)
			memcpy(x->buf.p + c * sizeof p, &p, sizeof p);
	}
	rc = lam_buf_check(&x->buf, e);
	*b = (struct lam_spilled_batch){ x->end, x->buf.n, n, { NULL, 0 } };
	if (!rc && !keep_key(x, first, &b->first))
		rc = lam_fail_mem(e);
	if (!rc)
		rc = lam_io_pwrite(x->fd, x->buf.p, x->buf.n, x->end, x->dir, e);
	x->end += x->buf.n;
	return rc;
}

int
lam_spilled_end(struct lam_spilled *x, struct lam_str last,
	struct lam_error *e)
{
	struct lam_spilled_run *r = &x->run[x->nruns - 1];

	r->end = x->nbatches;
	return keep_key(x, last, &r->last) ? LAM_OK : lam_fail_mem(e);
}

int
lam_spilled_read(const struct lam_spilled *x, size_t i, uint32_t ncolumns,
	struct lam_arena *arena, struct lam_vec *column, struct lam_error *e)
{
	const struct lam_spilled_batch *b = &x->batch[i];
	char *p = lam_arena_alloc(arena, (size_t)b->size + 1);
	const struct lam_packed *c = (const void *)p;
	int rc = p ? lam_io_pread(x->fd, p, (size_t)b->size, b->at, x->dir, e) :
		lam_fail_mem(e);

	for (uint32_t f = 0; !rc && f < ncolumns; f++)
		if (!lam_packed_get(&c[f], p + c[f].at, b->n, arena,
			&column[f]))
			rc = lam_fail_mem(e);
	return rc;
}
