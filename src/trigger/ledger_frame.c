/*
 * ledger_frame.c - the bytes of a ledger
 *
 * A file begins with
 *
 *	 0  "LAMLEDG2"
 *	 8  32 hexadecimal digits: the ledger's id
 *	40  32 hexadecimal digits: the id of what is read, or blanks
 *	72  u64 BASE: the position of the first frame
 *	80  u64 0	88  u64 checksum of the 88 bytes
 *
 * A frame:
 *
 *	 0  "LAMF"		 4  u8 kind, u8 verdict, u8 how, u8 synced
 *	 8  u64 size of the frame, a multiple of 8
 *	16  u64 its position	24  u64 bytes of its output
 *	32  u64 from, to, split
 *	56  u32 attempt, records, status, tiers
 *	72  u64 born, when, took, due, memory, limit
 *	120 u64 cpu; of DELIVERED, FOUND and TIE: target
 *	128 the output, zeros to a multiple of 8, then u64 checksum of all before
 *
 * A frame is valid iff its position is where it is, its size fits, and the checksum
 * is right.  Frames follow each other without a gap.  SYNCED is 1 when all before the
 * frame was on disk when it was written; in files that begin with "LAMLEDG1" it is 0.
 */
#include "trigger/ledger_frame.h"

#include <string.h>

#include "base/hash.h"

void
lam_ledger_head_put(const struct lam_ledger_head *h, struct lam_buf *out)
{
	size_t from = out->n;

	lam_buf_puts(out, "LAMLEDG2");
	lam_buf_put(out, h->id, LAM_LEDGER_ID);
	lam_buf_printf(out, "%-32s", h->source);
	lam_buf_put_u64(out, h->base);
	lam_buf_put_u64(out, 0);
	if (!out->oom)
		lam_buf_put_u64(out, lam_checksum(out->p + from, 88));
}

bool
lam_ledger_head_get(const char *p, size_t n, struct lam_ledger_head *h)
{
	if (n < LAM_LEDGER_HEAD || memcmp(p, "LAMLEDG", 7) ||
		(p[7] != '1' && p[7] != '2') ||
		lam_get64(p + 88) != lam_checksum(p, 88))
		return false;
	h->version = p[7] - '0';
	memcpy(h->id, p + 8, LAM_LEDGER_ID);
	memcpy(h->source, p + 40, LAM_LEDGER_ID);
	h->id[LAM_LEDGER_ID] = h->source[LAM_LEDGER_ID] = '\0';
	if (h->source[0] == ' ')
		h->source[0] = '\0';
	h->base = lam_get64(p + 72);
	return true;
}

static bool
has_target(const struct lam_ledger_frame *f)
{
	return f->kind == LAM_FRAME_DELIVERED || f->kind == LAM_FRAME_FOUND ||
		f->kind == LAM_FRAME_TIE;
}

void
lam_ledger_frame_put(struct lam_ledger_frame *f, uint64_t pos, struct lam_buf *out)
{
	size_t from = out->n, pad = (8 - f->output.n % 8) % 8;
	const char kinds[4] = { (char)f->kind, (char)f->verdict, (char)f->how,
		f->synced };
	const uint64_t behind[7] = { (uint64_t)f->born, (uint64_t)f->when,
		(uint64_t)f->took, (uint64_t)f->due, f->memory, f->limit,
		has_target(f) ? f->target : (uint64_t)f->cpu };

	lam_buf_puts(out, "LAMF");
	lam_buf_put(out, kinds, 4);
	lam_buf_put_u64(out, LAM_FRAME_HEAD + f->output.n + pad + 8);
	lam_buf_put_u64(out, pos);
	lam_buf_put_u64(out, f->output.n);
	lam_buf_put_u64(out, f->from);
	lam_buf_put_u64(out, f->to);
	lam_buf_put_u64(out, f->split);
	lam_buf_put_u32(out, f->attempt);
	lam_buf_put_u32(out, f->records);
	lam_buf_put_u32(out, f->status);
	lam_buf_put_u32(out, f->tiers);
	for (size_t i = 0; i < 7; i++)
		lam_buf_put_u64(out, behind[i]);
	f->at = pos + LAM_FRAME_HEAD;
	lam_buf_put(out, f->output.p, f->output.n);
	lam_buf_put(out, "\0\0\0\0\0\0\0", pad);
	if (!out->oom)
		lam_buf_put_u64(out, lam_checksum(out->p + from, out->n - from));
}

size_t
lam_ledger_frame_get(const char *p, size_t n, uint64_t pos, struct lam_ledger_frame *f)
{
	uint64_t size, output;

	if (n < LAM_FRAME_HEAD + 8 || memcmp(p, "LAMF", 4))
		return 0;
	size = lam_get64(p + 8);
	output = lam_get64(p + 24);
	if (size > n || size > LAM_FRAME_MAX || size % 8 || output > size ||
		size != LAM_FRAME_HEAD + (output + 7) / 8 * 8 + 8 ||
		lam_get64(p + 16) != pos ||
		lam_get64(p + size - 8) != lam_checksum(p, size - 8))
		return 0;
	*f = (struct lam_ledger_frame){ .kind = (uint8_t)p[4], .verdict = (uint8_t)p[5],
		.how = (uint8_t)p[6], .synced = p[7] & 1, .from = lam_get64(p + 32),
		.to = lam_get64(p + 40), .split = lam_get64(p + 48),
		.attempt = lam_get32(p + 56), .records = lam_get32(p + 60),
		.status = lam_get32(p + 64), .tiers = lam_get32(p + 68),
		.born = (int64_t)lam_get64(p + 72),
		.when = (int64_t)lam_get64(p + 80),
		.took = (int64_t)lam_get64(p + 88),
		.due = (int64_t)lam_get64(p + 96),
		.memory = lam_get64(p + 104), .limit = lam_get64(p + 112),
		.output = { p + LAM_FRAME_HEAD, output },
		.at = pos + LAM_FRAME_HEAD };
	if (has_target(f))
		f->target = lam_get64(p + 120);
	else
		f->cpu = (int64_t)lam_get64(p + 120);
	return size;
}
