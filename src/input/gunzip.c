/*
 * gunzip.c - gzip members (RFC 1952), a piece at a time
 *
 * By zlib; in a build with LAM_ISAL by ISA-L, which is twice as fast, and a query
 * over a compressed log waits for little else.  Whole members come out the same.
 * Of damaged ones ISA-L 2.30 may give up to three symbols less before a cut, or
 * wrong bytes before a fault; it is not as strict about heads, and takes
 * codes that are not complete, which zlib refuses before their first byte: hence
 * the choice of the build.  It also takes a head with a checksum of its own (FHCRC)
 * for corrupt when it comes in pieces, so the first bytes of a member decide
 * who reads it.
 */
#include "input/gunzip.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/bytes.h"
#include "input/crc32.h"

#ifdef LAM_ISAL
#include <isa-l/igzip_lib.h>

#define HEAD 4 /* bytes up to the flags */
#define FHCRC 2
#endif

#define PIECE ((size_t)1 << 30) /* the libraries count in 32 bits */
#define TRAILER 8		/* checksum and length, 32 bits each */

struct lam_gunzip {
	z_stream z;
	bool in_head; /* of this member */
	uint32_t crc, length;
	unsigned char last[TRAILER]; /* bytes of it that were used */
	const char *bad; /* why the member is, once it is */
#ifdef LAM_ISAL
	struct inflate_state s;
	bool isal; /* reads this member */
	unsigned char head[HEAD];
	size_t nhead;
#endif
};

void
lam_gunzip_reset(struct lam_gunzip *g)
{
	(void)inflateReset2(&g->z, 15 + 16); /* fails only for no stream at all */
	g->in_head = true;
	g->crc = g->length = 0;
	g->bad = NULL;
#ifdef LAM_ISAL
	isal_inflate_reset(&g->s);
	g->s.crc_flag = ISAL_GZIP;
	g->nhead = 0;
#endif
}

struct lam_gunzip *
lam_gunzip_new(void)
{
	struct lam_gunzip *g = calloc(1, sizeof *g);

	if (g == NULL)
		return NULL;
	if (inflateInit2(&g->z, 15 + 16) != Z_OK) {
		free(g);
		return NULL;
	}
#ifdef LAM_ISAL
	isal_inflate_init(&g->s);
#endif
	lam_gunzip_reset(g);
	return g;
}

void
lam_gunzip_free(struct lam_gunzip *g)
{
	if (g != NULL)
		inflateEnd(&g->z);
	free(g);
}

/* Keep the last bytes of P[N] and of the bytes before it. */
static void
keep_last(unsigned char last[TRAILER], const unsigned char *p, size_t n)
{
	size_t k = n < TRAILER ? n : TRAILER;

	memmove(last, last + k, TRAILER - k);
	memcpy(last + TRAILER - k, p + n - k, k);
}

/* Inflate; zlib checks the head, and lam_crc32, which is faster, the text. */
static int
inflate_some(struct lam_gunzip *g)
{
	int rc;

	if (g->in_head) {
		rc = inflate(&g->z, Z_BLOCK);
		if (rc != Z_OK || !(g->z.data_type & 128))
			return rc;
		g->in_head = false;
		(void)inflateValidate(&g->z, 0); /* as inflateReset */
	}
	return inflate(&g->z, Z_NO_FLUSH);
}

static enum lam_gunzip_state
check_trailer(const struct lam_gunzip *g, const char **why)
{
	if (lam_get32(g->last) != g->crc)
		*why = "incorrect data check";
	else if (lam_get32(g->last + 4) != g->length)
		*why = "incorrect length check";
	else
		return LAM_GUNZIP_END;
	return LAM_GUNZIP_BAD;
}

static enum lam_gunzip_state
run_zlib(struct lam_gunzip *g, const void *in, size_t *nin, void *out,
	size_t *nout, const char **why)
{
	uInt have = (uInt)(*nin < PIECE ? *nin : PIECE);
	uInt room = (uInt)(*nout < PIECE ? *nout : PIECE);
	int rc;

	g->z.next_in = in;
	g->z.avail_in = have;
	g->z.next_out = out;
	g->z.avail_out = room;
	rc = inflate_some(g);
	*nin = have - g->z.avail_in;
	*nout = room - g->z.avail_out;
	keep_last(g->last, in, *nin);
	g->crc = lam_crc32(g->crc, out, *nout);
	g->length += (uint32_t)*nout;
	if (rc == Z_STREAM_END)
		return check_trailer(g, why);
	if (rc == Z_MEM_ERROR)
		return LAM_GUNZIP_MEMORY;
	if (rc == Z_OK || rc == Z_BUF_ERROR)
		return LAM_GUNZIP_MORE;
	*why = g->z.msg ? g->z.msg : "not deflate";
	return LAM_GUNZIP_BAD;
}

#ifdef LAM_ISAL
static enum lam_gunzip_state
run_isal(struct lam_gunzip *g, const void *in, size_t *nin, void *out,
	size_t *nout, const char **why)
{
	uint32_t have = (uint32_t)(*nin < PIECE ? *nin : PIECE);
	uint32_t room = (uint32_t)(*nout < PIECE ? *nout : PIECE);
	int rc;

	g->s.next_in = (uint8_t *)(uintptr_t)in;
	g->s.avail_in = have;
	g->s.next_out = out;
	g->s.avail_out = room;
	rc = isal_inflate(&g->s);
	*nout = room - g->s.avail_out;
	if (rc < 0 || rc == ISAL_NEED_DICT) { /* avail_in says nothing then */
		*nin = have;
		*why = rc == ISAL_INCORRECT_CHECKSUM ? "incorrect data check" :
			rc == ISAL_INVALID_WRAPPER ? "incorrect header check" :
			"invalid deflate data";
		return LAM_GUNZIP_BAD;
	}
	*nin = have - g->s.avail_in;
	return g->s.block_state == ISAL_BLOCK_FINISH ? LAM_GUNZIP_END :
		LAM_GUNZIP_MORE;
}

/* The first bytes of a member: kept until there are enough to decide. */
static enum lam_gunzip_state
run_head(struct lam_gunzip *g, const void *in, size_t *nin, void *out,
	size_t *nout, const char **why)
{
	size_t n = HEAD - g->nhead < *nin ? HEAD - g->nhead : *nin;

	memcpy(g->head + g->nhead, in, n);
	g->nhead += n;
	*nin = n;
	if (g->nhead < HEAD) {
		*nout = 0;
		return LAM_GUNZIP_MORE;
	}
	g->isal = !(g->head[HEAD - 1] & FHCRC);
	n = HEAD;
	return (g->isal ? run_isal : run_zlib)(g, g->head, &n, out, nout, why);
}
#endif

static enum lam_gunzip_state
run(struct lam_gunzip *g, const void *in, size_t *nin, void *out,
	size_t *nout, const char **why)
{
#ifdef LAM_ISAL
	if (g->nhead < HEAD)
		return run_head(g, in, nin, out, nout, why);
	if (g->isal)
		return run_isal(g, in, nin, out, nout, why);
#endif
	return run_zlib(g, in, nin, out, nout, why);
}

enum lam_gunzip_state
lam_gunzip_run(struct lam_gunzip *g, const void *in, size_t *nin, void *out,
	size_t *nout, const char **why)
{
	enum lam_gunzip_state state = LAM_GUNZIP_BAD;

	if (g->bad) { /* ISA-L would go on, with anything */
		*nin = *nout = 0;
		*why = g->bad;
		return state;
	}
	state = run(g, in, nin, out, nout, why);
	if (state == LAM_GUNZIP_BAD)
		g->bad = *why;
	return state;
}
