/*
 * group_table_records.c - the records of a group table
 *
 * They lie in chunks, so that they need not be copied to grow.  A chunk has as many
 * records as fit when keys are apart, so that a group's place is known without asking
 * whether they are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/huge.h"
#include "group/group_table_internal.h"

#define CHUNK_BYTES ((size_t)8 << 20) /* at most */

/* Where keys that are apart lie in a record; where they end. */
static uint32_t
place_keys(struct lam_group_table *t)
{
	uint32_t at = 0;

	for (uint32_t k = 0; k < t->nkeys; k++) {
		t->key[k].at = at;
		at += t->key[k].text ? 0 : sizeof(uint64_t);
	}
	for (uint32_t k = 0; k < t->nkeys; k++)
		if (t->key[k].text) {
			t->key[k].at = at;
			at += sizeof(uint32_t);
		}
	for (uint32_t k = 0; k < t->nkeys; k++)
		if (!t->key[k].text)
			t->key[k].tag = at++;
	return at;
}

/* Where all lies in a record: the stride, and the offsets of the slots. */
static void
lay_out(struct lam_group_table *t)
{
	uint32_t keys = place_keys(t);
	size_t align = sizeof(uint32_t), at;

	for (uint32_t s = 0; s < t->nstates; s++)
		if (!t->agg[s].ops->packed)
			align = sizeof(uint64_t);
	if (!t->keys_apart)
		keys = t->nkeys ? sizeof(uint32_t) : 0;
	at = (keys + align - 1) & ~(align - 1);
	for (uint32_t s = 0; s < t->nstates; s++) {
		t->agg[s].at = at;
		at += t->agg[s].ops->slot;
	}
	t->stride = at ? at : align;
}

void
lam_group_table_lay_out(struct lam_group_table *t)
{
	t->keys_apart = true;
	lay_out(t);
	while (t->stride << (t->chunk_bits + 1) <= CHUNK_BYTES)
		t->chunk_bits++;
	t->keys_apart = false;
	lay_out(t);
}

/* Where the slots begin. */
static size_t
slots_at(const struct lam_group_table *t)
{
	return t->nstates ? t->agg[0].at : t->stride;
}

/* Records that there is room for in each chunk. */
static size_t
chunk_cap(const struct lam_group_table *t)
{
	size_t size = (size_t)1 << t->chunk_bits;

	return t->cap < size ? t->cap : size;
}

void
lam_group_table_free_records(struct lam_group_table *t)
{
	for (size_t i = 0; i < t->nchunks; i++)
		lam_mem_free(&t->mem, t->chunk[i], chunk_cap(t), t->stride);
	lam_mem_free(&t->mem, t->chunk, t->chunks_cap, sizeof *t->chunk);
}

int
lam_group_table_room(struct lam_group_table *t, size_t more,
	struct lam_error *e)
{
	size_t need = t->n + more, size = (size_t)1 << t->chunk_bits;
	void *p;

	if (need >= UINT32_MAX)
		return lam_fail(e, LAM_SYSTEM, "group by: too many groups");
	while (need > t->cap) {
		p = lam_mem_grow(&t->mem, t->chunk, &t->chunks_cap,
			t->nchunks + 1, sizeof *t->chunk);
		if (!p)
			return lam_fail_mem(e);
		t->chunk = p;
		if (t->cap < size) { /* the first one grows, as long as it is small */
			p = lam_mem_grow(&t->mem, t->nchunks ? t->chunk[0] :
				NULL, &t->cap, need * t->stride <
				LAM_HUGE_FROM / 4 ? need : size, t->stride);
			if (!p)
				return lam_fail_mem(e);
			t->nchunks = 1;
			t->chunk[0] = p;
			continue;
		}
		t->chunk[t->nchunks] = lam_mem_scratch(size, t->stride);
		if (!t->chunk[t->nchunks])
			return lam_fail_mem(e);
		t->nchunks++;
		t->mem.used += size * t->stride;
		t->cap += size;
	}
	return LAM_OK;
}

/* Memory for as many records as FROM has in its chunks, of T's stride: their list, NULL
 * when memory is out.  None of it is touched yet, if it is large. */
static char **
like_chunks(struct lam_group_table *t, const struct lam_group_table *from)
{
	char **chunk = lam_mem_scratch(from->chunks_cap, sizeof *chunk);

	for (size_t i = 0; chunk && i < from->nchunks; i++) {
		chunk[i] = lam_mem_scratch(chunk_cap(from), t->stride);
		if (chunk[i])
			continue;
		while (i > 0)
			lam_huge_free(chunk[--i], chunk_cap(from) * t->stride);
		lam_huge_free(chunk, from->chunks_cap * sizeof *chunk);
		return NULL;
	}
	return chunk;
}

/* Key K of REC, which has its keys apart. */
static inline void
put_key(const struct lam_group_table *t, char *rec, uint32_t k, uint64_t cell,
	uint8_t tag)
{
	const struct lam_group_key *key = &t->key[k];

	if (key->text) {
		lam_put32(rec + key->at, (uint32_t)cell);
		return;
	}
	lam_put64(rec + key->at, cell);
	rec[key->tag] = (char)tag;
}

int
lam_group_table_part_keys(struct lam_group_table *t, struct lam_error *e)
{
	const struct lam_group_table was = *t;
	size_t from = slots_at(t), size = t->stride - from, to;
	uint32_t g = 0;

	if (t->keys_apart)
		return LAM_OK;
	t->keys_apart = true;
	lay_out(t);
	to = slots_at(t);
	t->chunk = like_chunks(t, &was);
	if (!t->chunk) {
		*t = was;
		lay_out(t);
		return lam_fail_mem(e);
	}
	t->mem.used += was.chunks_cap * sizeof *t->chunk +
		was.nchunks * chunk_cap(t) * t->stride;
	for (size_t i = 0; i < was.nchunks; i++) {
		for (; g < t->n && g >> t->chunk_bits == i; g++) {
			const char *rec = lam_group_table_rec(&was, g);
			char *copy = lam_group_table_rec(t, g);

			for (uint32_t k = 0; k < t->nkeys; k++)
				put_key(t, copy, k, lam_group_cell(&was, rec, k),
					lam_group_tag(&was, rec, k));
			memcpy(copy + to, rec + from, size);
		}
		lam_mem_free(&t->mem, was.chunk[i], chunk_cap(t), was.stride);
	}
	lam_mem_free(&t->mem, was.chunk, was.chunks_cap, sizeof *was.chunk);
	return LAM_OK;
}

uint32_t
lam_group_table_number(const struct lam_group_table *t, const char *rec)
{
	size_t i = t->nchunks - 1, size = t->stride << t->chunk_bits;

	/* as integers: of pointers into several arrays there is no order */
	while ((uintptr_t)rec - (uintptr_t)t->chunk[i] >= size)
		i--;
	return (uint32_t)((i << t->chunk_bits) + (size_t)(rec - t->chunk[i]) /
		t->stride);
}

uint32_t
lam_group_table_blank(struct lam_group_table *t, uint32_t n)
{
	uint32_t first = t->n, size = UINT32_C(1) << t->chunk_bits, some;

	for (; n > 0; n -= some, t->n += some) {
		some = size - (t->n & (size - 1)); /* up to the chunk's end */
		some = n < some ? n : some;
		memset(lam_group_table_rec(t, t->n), 0, some * t->stride);
	}
	return first;
}

uint32_t
lam_group_table_new(struct lam_group_table *t, const struct lam_tuples *x,
	uint32_t n, uint32_t i)
{
	uint32_t group = lam_group_table_blank(t, 1);
	char *rec = lam_group_table_rec(t, group);

	for (uint32_t k = 0; k < t->nkeys; k++)
		put_key(t, rec, k, x->cell[k * n + i], x->tag[k * n + i]);
	return group;
}
