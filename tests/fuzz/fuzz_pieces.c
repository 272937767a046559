/*
 * fuzz_pieces.c - a file cut into pieces that nobody has read (input/piece.h)
 *
 * Byte 0: format (bits 0 to 2, of a list of its own), a header line (bit 3), or as it
 * says (bit 4), pieces that are claimed ahead (bits 5 to 7).  Byte 1: records of a chunk
 * or piece.  Then the text, which is read again and again, as one file, until it is one
 * that is cut.
 *
 *	Records, rejects and their lines, and how it ends, are those of the file read whole.
 */
#include "cells.h"
#include "fuzz.h"
#include "input/format.h"
#include "input/piece.h"

#ifdef LAM_PIECE_BYTES
#define LONG 0
#else
#define LONG ((size_t)200 << 10) /* bytes: pieces are of 64 KiB */
#endif
#define AHEAD 8 /* pieces that are claimed before the first is parsed, and a chunk */

struct slot {
	struct lam_chunk chunk;
	struct lam_cells cells;
};

struct reading {
	struct lam_input *in;
	uint32_t max;
	uint64_t line; /* of the next slot */
	struct lam_buf *out, rejects; /* these are told chunk by chunk, too */
};

static void
parse(const struct reading *r, struct slot *s)
{
	uint64_t blank;

	MUST(!lam_input_parse(r->in, &s->chunk, NULL, &s->cells, &blank, NULL));
}

/* S, whose turn it is, to the text. */
static void
put(struct reading *r, const struct slot *s)
{
	const struct lam_chunk *c = &s->chunk;

	cells_put(&s->cells, r->out);
	for (size_t i = 0; i < c->nrejects; i++)
		lam_buf_printf(&r->rejects, "! %llu %s\n", (unsigned long long)
			(c->reject[i].line - c->line + r->line),
			c->reject[i].reason);
	r->line += c->lines;
}

/* What is left, chunk by chunk. */
static int
read_chunks(struct reading *r, struct slot *s, struct lam_error *e)
{
	bool got = true;
	int rc;

	while (!(rc = lam_input_next(r->in, &s->chunk, r->max, -1, NULL, &got, e)) &&
		got) {
		parse(r, s);
		put(r, s);
	}
	return rc;
}

/*
 * AHEAD pieces are claimed, then parsed in turn, as threads would; behind the last comes
 * a chunk.  What follows one that leaves a rest means nothing.
 */
static int
read_pieces(struct reading *r, struct slot *slot, size_t ahead, struct lam_error *e)
{
	bool got = true, piece = true;
	int rc = LAM_OK;

	while (!rc && got) {
		size_t n = 0, torn;

		while (n < ahead && (piece = lam_piece_claim(r->in, &slot[n].chunk,
			r->max)))
			n++;
		if (!piece) {
			rc = lam_input_next(r->in, &slot[n].chunk, r->max, -1, NULL,
				&got, e);
			n += !rc && got;
		}
		for (torn = 0; torn < n; torn++) {
			struct slot *s = &slot[torn];
			bool whole = !s->chunk.to || lam_piece_fetch(r->in, &s->chunk);

			s->cells.nrows = 0;
			if (whole)
				parse(r, s);
			put(r, s);
			if (s->chunk.to && s->chunk.rest)
				break;
		}
		if (torn == n)
			continue;
		*e = (struct lam_error)LAM_ERROR_INIT;
		MUST(lam_piece_resume(r->in, slot[torn].chunk.to -
			slot[torn].chunk.rest));
		return read_chunks(r, slot, e);
	}
	return rc;
}

/* The file at PATH, to OUT. */
static void
read_all(const char *path, const struct lam_input_options *o, uint32_t max,
	size_t ahead, struct lam_buf *out)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct slot slot[AHEAD];
	struct reading r = { .max = max, .line = 1, .out = out,
		.rejects = LAM_BUF_INIT };
	bool got = false;
	int rc = lam_input_open(&r.in, path, o, &e);

	for (size_t i = 0; i < AHEAD; i++)
		slot[i] = (struct slot){ .chunk = LAM_CHUNK_INIT };
	if (!rc) {
		rc = lam_input_next(r.in, &slot->chunk, max, -1, NULL, &got, &e);
		r.line = slot->chunk.line;
		if (!rc && got) {
			parse(&r, slot);
			put(&r, slot);
			rc = ahead ? read_pieces(&r, slot, ahead, &e) :
				read_chunks(&r, slot, &e);
		}
		lam_input_close(r.in);
	}
	MUST(!rc || ((rc == LAM_DATA || rc == LAM_USAGE || rc == LAM_NOTHING) &&
		*e.msg));
	lam_buf_put(out, r.rejects.p, r.rejects.n);
	lam_buf_printf(out, "= %d\n", rc);
	lam_buf_release(&r.rejects);
	for (size_t i = 0; i < AHEAD; i++)
		lam_chunk_release(&slot[i].chunk);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = { "csv", "tsv", "jsonl", "lines", "combined",
		"logfmt", "regex:(.)(.*)", NULL };
	struct lam_buf text = LAM_BUF_INIT, whole = LAM_BUF_INIT, pieces = LAM_BUF_INIT;
	struct lam_input_options o = { .format = NULL };
	const char *path;
	uint32_t max;

	if (size < 3 || fuzz_is_packed(data + 2, size - 2))
		return 0;
	o.format = formats[data[0] & 7];
	o.header = data[0] & 16 ? LAM_HEADER_GUESS : data[0] & 8 ? LAM_HEADER_YES :
		LAM_HEADER_NO;
	max = LONG ? LAM_BLOCK_ROWS : 1 + data[1] % 16;
	if (LONG) /* lines before the first piece, as many as a chunk may have */
		max = 1000 + data[1];
	lam_buf_put(&text, data + 2, size - 2);
	fuzz_again((const char *)data + 2, size - 2, LONG, &text);
	path = fuzz_file(text.p, text.n);
	read_all(path, &o, max, 0, &whole);
	read_all(path, &o, max, 1 + (data[0] >> 5) % (AHEAD - 1), &pieces);
	MUST(whole.n == pieces.n && !memcmp(whole.p, pieces.p, whole.n));
	lam_buf_release(&text);
	lam_buf_release(&whole);
	lam_buf_release(&pieces);
	return 0;
}
