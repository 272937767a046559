/*
 * column_internal.h - shared by the parts of the column encoder
 *
 *	column.c	choice of an encoding, dispatch
 *	column_decode.c	the way back
 *	ints_parse.c	texts -> int64, of one kind
 *	ints_encode.c	int64 -> packed bytes
 *	ints_decode.c	packed bytes -> vector
 *	column_text.c	texts as lengths and bytes
 *	column_convert.c	texts -> a typed vector
 *	column_parse.c	cells -> a typed vector, nothing stored (and run.c)
 *
 * Encoders append to a sink and fill in a colmeta's encoding and range.
 */
#ifndef LAM_STORE_COLUMN_INTERNAL_H
#define LAM_STORE_COLUMN_INTERNAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "store/cells.h"
#include "store/column.h"
#include "store/value.h"

/* Values to encode: the rows of a column, or the entries of a dictionary. */
struct lam_values {
	const char *text;
	const struct lam_cell *cell;
	uint32_t n;
	uint64_t end; /* of the text: where its last value ends, or further */
};

/* The rows of field F. */
struct lam_values lam_values_of(const struct lam_cells *c, uint32_t f);

enum lam_encoding {
	LAM_ENC_NULLS, /* every row is NULL; no bytes */
	LAM_ENC_CONST, /* every row is the value whose bytes these are */
	LAM_ENC_DICT,  /* codes, and a nested INTS or TEXT column */
	LAM_ENC_INTS,  /* values that map to int64, and a few that do not */
	LAM_ENC_TEXT,  /* lengths and bytes */
	LAM_ENCODINGS
};

#define LAM_DICT_HEAD 16 /* bytes before the entries of a DICT */

/* Where an encoder writes. */
struct lam_sink {
	struct lam_buf *out;
	struct lam_arena *scratch;
	int level;     /* of deflate */
	uint32_t rows; /* of the column, also while its dictionary is encoded */
	const struct lam_row_sums *sums; /* NULL: none are wanted */
	struct lam_error *e;
};

/* Room for SIZE bytes of zeros at the end of B; NULL: out of memory. */
void *lam_sink_room(struct lam_buf *b, size_t size);

/* Texts as integers of one kind. */
struct lam_ints {
	struct lam_guess kind;
	uint32_t n, nulls, exceptions;
	int64_t *v;	 /* [n]; min where odd */
	uint8_t *odd;	 /* [n], LAM_ODD_*; NULL: all rows are regular */
	int64_t min, max; /* of the regular rows */
};

#define LAM_ODD_NULL 1
#define LAM_ODD_TEXT 2 /* an exception: a text that is not of the kind */

/* PREFIXED: store what each value shares with the one before only once. */
int lam_text_encode(const struct lam_values *v, bool prefixed,
	struct lam_sink *s, struct lam_colmeta *m) LAM_MUST;

/* The range of V as texts: first 8 bytes. */
void lam_text_range(const struct lam_values *v, struct lam_colmeta *m);

/* The result that a decoder is to make. */
struct lam_want {
	struct lam_coltype t;
	struct lam_arena *arena;
	uint64_t bad;  /* values that are not of the type */
	uint8_t *mark; /* [n] or NULL: set to 1 where bad */
	struct lam_error *e;
};

static inline void
lam_want_bad(struct lam_want *w, uint32_t i)
{
	w->bad++;
	if (w->mark)
		w->mark[i] = 1;
}

int lam_text_decode(const uint8_t *p, size_t size, uint32_t n,
	struct lam_want *w, struct lam_vec *out) LAM_MUST;

/* Are the texts copies, not those of P itself, which could be decoded? */
#define LAM_TEXT_DEFLATED 2
#define LAM_TEXT_PREFIXED 4
static inline bool
lam_text_copied(const uint8_t *p)
{
	return p[0] & (LAM_TEXT_DEFLATED | LAM_TEXT_PREFIXED);
}

/* Which of them are S, as a flat BOOL vector. */
int lam_text_match(const uint8_t *p, size_t size, uint32_t n, struct lam_str s,
	struct lam_want *w, struct lam_vec *out) LAM_MUST;

/* Texts S[N] (p == NULL: NULL) as a flat vector of the type wanted. */
int lam_text_convert(const struct lam_str *s, uint32_t n, struct lam_want *w,
	struct lam_vec *out) LAM_MUST;

/* One byte of 0 or 1 for each of N bits at P. */
void lam_bits_expand(const uint8_t *p, uint32_t n, uint8_t *out);

/* Bytes of a bitmap of N rows, padded to 8. */
static inline size_t
lam_bits_size(uint32_t n)
{
	return ((size_t)n + 63) / 64 * 8;
}

static inline size_t
lam_pad8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/*
 * Bring the text some rows ahead into the cache: rows lie far apart.  Always
 * inline, as gcc drops the calls of a function that does nothing else.
 */
static inline __attribute__((always_inline)) void
lam_values_prefetch(const struct lam_values *v, uint32_t i)
{
	if (i + 48 < v->n)
		__builtin_prefetch((const void *)((uintptr_t)v->text +
			v->cell[i + 48].at));
}

#endif
