/*
 * place_chain.c - the places of a log, in the footers of some segments
 *
 *	since BASE	go on with the footer of the segment at BASE; without this
 *			line, all places are told
 *
 * in the header of a segment for what is before it, and in its footer for what is
 * before what that tells.  BASE is less than that of the segment itself, so the chain
 * ends.  A segment that was merged away is in the one that begins before it, which
 * tells what it did, or later places of the same sources (merge.c).
 *
 * A header that was written before there were chains tells all places itself.
 */
#include "log/place_chain.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/search.h"

/* The places of LINES that P has not: what came before is later. */
static int
add(struct lam_places *p, struct lam_str lines, uint64_t told, const char *path,
	struct lam_error *e)
{
	struct lam_places more = LAM_PLACES_INIT;
	int rc = lam_places_parse(&more, lines, told, path, e);

	for (size_t i = 0; !rc && i < more.n; i++)
		if (!lam_places_find(p, more.item[i].key))
			rc = lam_places_set(p, &more.item[i], e);
	lam_places_release(&more);
	return rc;
}

static bool
is_up_to(const void *v, size_t i, const void *key)
{
	return ((const uint64_t *)v)[i] <= *(const uint64_t *)key;
}

/* Add what the footer of the segment that has position *SINCE tells; *SINCE becomes
 * what it names. */
static int
follow(const char *dir, const char *id, const uint64_t *base, size_t n,
	uint64_t *since, struct lam_places *p, struct lam_error *e)
{
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_segment_head h;
	size_t i = lam_lower_bound(base, n, since, is_up_to);
	uint64_t at = *since;
	int rc;

	if (i == 0)
		return lam_fail(e, LAM_DATA, "%s: segment %020" PRIu64 ", which "
			"tells source places, is missing: restore it from a "
			"copy", dir, at);
	rc = lam_segment_load(&f, dir, id, base[i - 1], NULL, &a, &h, e);
	if (!rc && (!f.sealed || lam_segment_end(&f, h.base) <= at ||
		!lam_segment_since((struct lam_str){ f.foot.p, f.foot.n },
		h.base, since)))
		rc = lam_fail(e, LAM_DATA, "%s: has no source places of position "
			"%" PRIu64 ": it was replaced by another version, or "
			"a segment is missing; restore it from a copy", f.path,
			at);
	if (!rc)
		rc = add(p, (struct lam_str){ f.foot.p, f.foot.n }, h.base,
			f.path, e);
	lam_arena_release(&a);
	lam_blockfile_close(&f);
	return rc;
}

int
lam_chain_load(const char *dir, const char *id, const uint64_t *base, size_t n,
	const struct lam_blockfile *f, const struct lam_segment_head *h,
	struct lam_places *p, struct lam_error *e)
{
	const struct lam_buf *b = f->sealed ? &f->foot : &f->head;
	const struct lam_str lines = { b->p, b->n };
	uint64_t since = LAM_SINCE_NONE;
	int rc;

	if (h->old)
		return LAM_OK;
	rc = lam_segment_since(lines, h->base, &since) ? LAM_OK :
		lam_fail(e, LAM_DATA, "%s: names no segment that tells its source "
		"places: the file is damaged, restore it from a copy", f->path);
	if (!rc)
		rc = add(p, lines, f->sealed ? h->base : LAM_PLACE_UNTOLD,
			f->path, e);
	while (!rc && since != LAM_SINCE_NONE)
		rc = follow(dir, id, base, n, &since, p, e);
	return rc;
}

/* The last segment before BEFORE whose footer tells one of P; *SIZE: all of those.
 * NONE: there is no such segment. */
static uint64_t
last_before(const struct lam_places *p, uint64_t before, uint64_t *size)
{
	uint64_t last = LAM_SINCE_NONE;

	*size = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct lam_place *x = &p->item[i];

		if (x->told >= before || (last != LAM_SINCE_NONE &&
			x->told < last))
			continue;
		if (x->told != last)
			*size = 0;
		last = x->told;
		*size += lam_place_size(x);
	}
	return last;
}

uint64_t
lam_chain_since(const struct lam_places *p, uint64_t base)
{
	uint64_t size = 0, more;

	for (size_t i = 0; i < p->n; i++)
		if (p->item[i].told >= base)
			size += lam_place_size(&p->item[i]);
	for (;;) {
		base = last_before(p, base, &more);
		if (base == LAM_SINCE_NONE || more > 2 * size)
			return base;
		size += more;
	}
}

uint64_t
lam_chain_last(const struct lam_places *p)
{
	uint64_t size;

	return last_before(p, LAM_PLACE_UNTOLD, &size);
}

void
lam_chain_told(struct lam_places *p, uint64_t base)
{
	uint64_t since = lam_chain_since(p, base);

	for (size_t i = 0; i < p->n; i++)
		if (since == LAM_SINCE_NONE || p->item[i].told > since)
			p->item[i].told = base;
}
