/*
 * piece.h - parts of a plain file, each read by the thread that parses it
 *
 *	lam_piece_claim -> lam_piece_fetch -> lam_input_parse, piece by piece
 *	lam_piece_resume, where a piece was left before its end
 *
 * Claims are made by one thread at a time, all else by any.
 */
#ifndef LAM_INPUT_PIECE_H
#define LAM_INPUT_PIECE_H

#include "input/input.h"

/*
 * C is told which part of the file it is, of about MAX records; false: what comes next
 * is for lam_input_next.  C's lines are counted from 1.
 */
bool lam_piece_claim(struct lam_input *in, struct lam_chunk *c, uint32_t max);

/*
 * Read C's text, to be parsed.  After the parse C->rest is how many bytes at its end
 * are no whole record: then what was made of later pieces means nothing.  False: it
 * cannot be had so, all of it is rest.
 */
bool lam_piece_fetch(const struct lam_input *in, struct lam_chunk *c);

/* Go on at AT, where such a rest begins, with lam_input_next only.  False: the file
 * cannot be read there. */
bool lam_piece_resume(struct lam_input *in, uint64_t at);

#endif
