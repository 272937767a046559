/*
 * recent.c - the last ids of a stream, so that none comes in again
 *
 * A ring of ids, the oldest overwritten first, and a hash table of chains through it:
 * an id that is overwritten leaves its chain.
 */
#include "ingest/recent.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "log/scan.h"

static uint32_t
buckets(const struct lam_recent *r)
{
	uint32_t n = 1024;

	while (n < r->horizon)
		n *= 2;
	return n;
}

uint64_t
lam_recent_bytes(const struct lam_recent *r)
{
	return (uint64_t)r->horizon * (sizeof *r->id + sizeof *r->next) +
		(uint64_t)buckets(r) * sizeof *r->bucket;
}

static struct lam_recent_id
hash_of(struct lam_str s)
{
	uint64_t seed = lam_hash_seed();

	return (struct lam_recent_id){ { lam_hash(s.p, s.n, seed),
		lam_hash(s.p, s.n, ~seed) } };
}

static void
forget_oldest(struct lam_recent *r)
{
	uint32_t *link = &r->bucket[r->id[r->at].hash[0] & r->mask];

	while (*link != r->at + 1)
		link = &r->next[*link - 1];
	*link = r->next[r->at];
}

/* Is S known?  If not, it is from now on. */
static bool
known(struct lam_recent *r, struct lam_str s)
{
	struct lam_recent_id x = hash_of(s);
	uint32_t *bucket = &r->bucket[x.hash[0] & r->mask];

	for (uint32_t i = *bucket; i; i = r->next[i - 1])
		if (!memcmp(&r->id[i - 1], &x, sizeof x))
			return true;
	if (r->n == r->horizon)
		forget_oldest(r);
	else
		r->n++;
	r->id[r->at] = x;
	r->next[r->at] = *bucket;
	*bucket = r->at + 1;
	r->at = r->at + 1 == r->horizon ? 0 : r->at + 1;
	return false;
}

/* The ids of FIELD in the positions [FROM, TO) of S. */
static int
read_log(struct lam_recent *r, struct lam_stream *s, uint32_t field,
	uint64_t from, struct lam_error *e)
{
	const struct lam_coltype text = { .type = LAM_TEXT };
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_scan_block b = { 0 };
	struct lam_scan scan;
	bool got = true;
	int rc = lam_scan_open(&scan, s, from, s->head, e);

	if (rc)
		return rc;
	while (!rc && got) {
		struct lam_vec v;
		uint64_t bad = 0;

		lam_arena_reset(&arena);
		rc = lam_scan_next(&scan, &b, &arena, &got, e);
		if (!rc && got)
			rc = lam_scan_column(&b, field, text, true, &arena, &v,
				&bad, e);
		for (uint32_t i = 0; !rc && got && i < v.n; i++) {
			struct lam_str x = lam_vec_text(&v, i);

			if (x.n)
				(void)known(r, x);
		}
	}
	lam_scan_drop(&b);
	lam_scan_close(&scan);
	lam_arena_release(&arena);
	return rc;
}

int
lam_recent_open(struct lam_recent *r, const char *data, const char *stream,
	struct lam_error *e)
{
	struct lam_stream s;
	int f, rc;

	r->mask = buckets(r) - 1;
	r->id = calloc(r->horizon, sizeof *r->id);
	r->next = calloc(r->horizon, sizeof *r->next);
	r->bucket = calloc((size_t)r->mask + 1, sizeof *r->bucket);
	if (!r->id || !r->next || !r->bucket)
		return lam_fail_mem(e);
	rc = data ? lam_stream_open(&s, data, stream, e) : LAM_OK;
	if (rc || !data)
		return rc;
	f = lam_schema_find(&s.schema, r->field, strlen(r->field));
	if (f >= 0)
		rc = read_log(r, &s, (uint32_t)f, s.head > r->horizon ?
			s.head - r->horizon : 0, e);
	lam_stream_close(&s);
	return rc;
}

void
lam_recent_release(struct lam_recent *r)
{
	free(r->id);
	free(r->next);
	free(r->bucket);
}

uint32_t
lam_recent_filter(struct lam_recent *r, struct lam_cells *c, uint32_t field)
{
	uint32_t kept = 0, rows = c->nrows;

	for (uint32_t i = 0; i < rows; i++) {
		struct lam_str x = lam_cell_str(c, field, i);

		if (x.n && known(r, x))
			continue;
		for (uint32_t f = 0; kept < i && f < c->nfields; f++)
			if (c->field[f])
				c->field[f][kept] = c->field[f][i];
		kept++;
	}
	c->nrows = kept;
	return rows - kept;
}
