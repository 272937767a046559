/*
 * prefix.c - all text of an input before an offset, as one number
 *
 * The text is cut into pieces of 64 KiB.  With c(0) = 0, and c(i+1) the XXH3-64 of
 * c(i) as 8 bytes, little-endian, and piece i, the hash at offset o in piece i is
 * the XXH3-64 of c(i) and the text of the piece before o.
 *
 * A mark keeps the c(i) of its own piece, or of the piece before when it is
 * less than 4 KiB into its own: what is read again is never too little to tell
 * two texts apart.
 */
#include "input/prefix.h"

#include "base/bytes.h"
#include "base/hash.h"

uint64_t
lam_mark_tail(uint64_t at)
{
	uint64_t begin = at - at % LAM_PREFIX_PIECE;

	return begin && at - begin < LAM_PREFIX_HEAD ?
		begin - LAM_PREFIX_PIECE : begin;
}

/* Begin a piece. */
static void
chain(struct lam_prefix *p, uint64_t value)
{
	char v[8];

	p->chain[1] = p->chain[0];
	p->chain[0] = value;
	lam_put64(v, value);
	lam_checksum_restart(p->sum);
	lam_checksum_add(p->sum, v, sizeof v);
}

int
lam_prefix_start(struct lam_prefix *p, struct lam_error *e)
{
	const struct lam_mark zero = { 0, 0, 0, 0 };

	return lam_prefix_resume(p, &zero, e);
}

int
lam_prefix_resume(struct lam_prefix *p, const struct lam_mark *m,
	struct lam_error *e)
{
	if (!p->sum)
		p->sum = lam_checksum_new();
	if (!p->sum)
		return lam_fail_mem(e);
	p->at = lam_mark_tail(m->at);
	p->head = m->head;
	chain(p, m->chain);
	return LAM_OK;
}

void
lam_prefix_release(struct lam_prefix *p)
{
	lam_checksum_free(p->sum);
	p->sum = NULL;
}

void
lam_prefix_add(struct lam_prefix *p, const void *text, size_t n)
{
	const char *at = text;

	if (!p->sum)
		p->at += n;
	while (p->sum && n) {
		uint64_t stop = p->at < LAM_PREFIX_HEAD ? LAM_PREFIX_HEAD :
			p->at - p->at % LAM_PREFIX_PIECE + LAM_PREFIX_PIECE;
		size_t some = stop - p->at < n ? (size_t)(stop - p->at) : n;

		lam_checksum_add(p->sum, at, some);
		at += some;
		n -= some;
		p->at += some;
		if (p->at == LAM_PREFIX_HEAD)
			p->head = lam_checksum_value(p->sum);
		else if (p->at % LAM_PREFIX_PIECE == 0)
			chain(p, lam_checksum_value(p->sum));
	}
}

struct lam_mark
lam_prefix_mark(const struct lam_prefix *p)
{
	struct lam_mark m = { .at = p->at };

	if (!p->sum)
		return m;
	m.digest = lam_checksum_value(p->sum);
	m.head = p->at < LAM_PREFIX_HEAD ? m.digest : p->head;
	m.chain = p->chain[lam_mark_tail(p->at) <
		p->at - p->at % LAM_PREFIX_PIECE];
	return m;
}

void
lam_prefix_copy(struct lam_prefix *to, const struct lam_prefix *from)
{
	struct lam_checksum *sum = to->sum;

	if (sum && from->sum)
		lam_checksum_copy(sum, from->sum);
	*to = *from;
	to->sum = sum;
}
