/*
 * piece.c - parts of a plain file, each read by the thread that parses it
 *
 * To read is to copy, and to find where records end is to look at every byte.  While
 * one thread does that for all, two are not twice as fast.  So a plain file whose
 * format lets text be cut at newlines is cut without being read: a piece is two
 * places in the file, each behind the first newline from some byte on.  Whoever gets
 * the piece reads it.
 *
 * A newline in quotes ends no record.  Such text is cut at any newline all the same.
 * A piece that begins with a record ends with one, too, unless its parse leaves a
 * rest; so all pieces up to the first with a rest are right, by induction.  What was
 * made of those behind it is dropped, and the input goes on there as a pipe does.
 *
 * The end of the file, where a record may lack its newline and where more may be
 * written meanwhile, is left to lam_input_next.
 */
#include "input/piece.h"

#include <string.h>

#include "base/find.h"
#include "base/progress.h"
#include "input/input_internal.h"

#ifdef LAM_PIECE_BYTES /* fuzzing: files are cut everywhere */
#define LEAST ((uint64_t)LAM_PIECE_BYTES)
#define REACH LAM_PIECE_BYTES
#define SEEN 2
#else
#define LEAST ((uint64_t)64 << 10)
#define REACH 4096 /* bytes looked at for a newline */
#define SEEN 1000  /* lines that tell how long they are */
#endif
#define MOST ((uint64_t)8 << 20)

/* Bytes of MAX records that are as long as those before AT. */
static uint64_t
piece_size(const struct lam_input *in, uint64_t at, uint32_t max)
{
	uint64_t size = at / (in->line - 1) * max;

	return size < LEAST ? LEAST : size > MOST ? MOST : size;
}

/* May what comes next be a piece?  *AT: where it begins; *SIZE: of the file. */
static bool
is_for_pieces(const struct lam_input *in, uint64_t *at, uint64_t *size)
{
	if (in->resumed || in->marks || in->cr || in->norigin || in->skipping ||
		in->within || in->ended || in->late.code || in->line < SEEN ||
		!in->format->parts || !in->format->parts(in->own) ||
		!lam_byte_source_plain(in->source, at, size))
		return false;
	*at -= in->carry.n - in->carry_at;
	return true;
}

/* What is read next is at AT. */
static bool
go_to(struct lam_input *in, uint64_t at)
{
	if (!lam_byte_source_seek(in->source, at))
		return false;
	lam_buf_clear(&in->carry);
	in->carry_at = 0;
	return true;
}

bool
lam_piece_claim(struct lam_input *in, struct lam_chunk *c, uint32_t max)
{
	char reach[REACH], *end;
	uint64_t at, size, to;

	if (!is_for_pieces(in, &at, &size))
		return false;
	if (!in->piece)
		in->piece = piece_size(in, at, lam_chunk_most(in, max));
	to = at + in->piece;
	if (to + REACH > size || !lam_byte_source_at(in->source, reach, REACH, to))
		return false;
	end = memchr(reach, '\n', REACH);
	if (!end)
		return false;
	to += (uint64_t)(end - reach) + 1;
	if (!go_to(in, to))
		return false;
	c->from = at;
	c->to = to;
	c->line = 1;
	c->state = c->after = 0;
	c->last = c->cut = c->skipping = c->tail = c->open = c->within = false;
	return true;
}

bool
lam_piece_fetch(const struct lam_input *in, struct lam_chunk *c)
{
	size_t n = c->to - c->from, records = lam_chunk_most(in, LAM_BLOCK_ROWS);

	c->rest = n;
	c->nrejects = 0;
	c->headers = c->lines = 0;
	lam_buf_clear(&c->raw);
	if (!lam_buf_room(&c->raw, n) ||
		!lam_byte_source_at(in->source, c->raw.p, n, c->from))
		return false;
	if (!in->format->counts) {
		c->lines = lam_find_count(c->raw.p, n, '\n');
		if (c->lines > records)
			return false;
		records = c->lines;
	}
	lam_progress_add(0, n);
	c->raw.n = n;
	c->nrecords = (uint32_t)records;
	return true;
}

bool
lam_piece_resume(struct lam_input *in, uint64_t at)
{
	in->resumed = true;
	in->ended = false;
	in->late = (struct lam_error)LAM_ERROR_INIT;
	return go_to(in, at);
}
