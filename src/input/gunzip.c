/*
 * gunzip.c - gzip members (RFC 1952), a piece at a time
 *
 * zlib says what gzip is.  It reads heads and, by itself, everything; ISA-L, where it
 * is there, is three times as fast, and does the bulk, a block of deflate at a time:
 *
 *  - zlib reads the head of a block, and refuses what it refuses.
 *  - ISA-L decodes that block as if it were the last: it stops behind it.
 *  - The bytes of the block are not used, to the caller, until it is done.  When ISA-L
 *    finds a fault, or the input ends, or has no room for a block whole, then
 *    zlib goes on from the head, and leaves out what the caller has.
 *
 * So bytes, faults and their places are zlib's.  That ISA-L alone differs: of damaged
 * input it gives wrong bytes before a fault, up to three symbols less before a cut,
 * and it takes codes that are not complete.  Blocks of little text cost more to
 * begin than to read: they are zlib's, and what follows one.
 *
 * The trailer is compared here: the checksum by lam_crc32 is faster than zlib's.
 */
#include "input/gunzip.h"

#ifdef LAM_ISAL
#include <dlfcn.h>
#include <pthread.h>
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/bytes.h"
#include "input/crc32.h"

/* inflate(3) in z.data_type: also behind gzip's head */
#define LAST_BLOCK 64
#define BEHIND_BLOCK 128
#define BEHIND_HEAD 256 /* of a block */

#ifdef LAM_ISAL
#include <isa-l/igzip_lib.h>
#define ISAL_NAME "libisal.so.2" /* of igzip_lib.h's binary interface */
#define STOP (isal.is ? Z_BLOCK : Z_NO_FLUSH)
#else
#define STOP Z_NO_FLUSH
#endif

#define PIECE ((size_t)1 << 30) /* the libraries count in 32 bits */
#define TRAILER 8		/* checksum and length, 32 bits each */
#define WINDOW ((size_t)32 << 10)
#ifdef LAM_READ_BYTES /* fuzzing: blocks are small */
#define WORTH ((size_t)LAM_READ_BYTES)
#else
#define WORTH ((size_t)8 << 10) /* text of a block that is worth ISA-L */
#endif

struct text { /* the last of what was inflated */
	unsigned char p[WINDOW];
	size_t n;
};

struct lam_gunzip {
	z_stream z; /* first of gzip, behind the head of plain deflate */
	enum { HEAD, ZLIB, BLOCK, IN_BLOCK, TAIL } part;
	uint32_t crc, length;
	unsigned char trailer[TRAILER];
	size_t ntrailer;
	const char *bad; /* why the member is, once it is */
#ifdef LAM_ISAL
	struct inflate_state s;
	bool small;	     /* the block before was */
	size_t made;	     /* text of this block so far */
	unsigned char last;  /* byte that zlib took */
	unsigned bits;	     /* the next block begins with these, */
	int nbits;	     /* 0 to 7, before the next byte */
	struct text recent;  /* before the next byte of text */
	struct text before;  /* before the block that ISA-L reads, */
	uint32_t crc_before; /* and g->crc there */
	size_t head;	     /* bytes of input that its head ends with or in */
	size_t ahead;	     /* bytes of input that ISA-L has taken */
	bool final;	     /* no block follows */
#endif
};

/* What there is to read and to write. */
struct job {
	const unsigned char *in;
	size_t nin;
	unsigned char *out;
	size_t nout;
	bool more;
	const char **why;
};

#define AGAIN (-1) /* besides enum lam_gunzip_state */

#ifdef LAM_ISAL
/* ISA-L, once there is gzip input: what reads none does not wait for the loader, and a
 * program that was copied to a machine without it does with zlib. */
static struct {
	void (*init)(struct inflate_state *);
	void (*reset)(struct inflate_state *);
	int (*set_dict)(struct inflate_state *, uint8_t *, uint32_t);
	int (*inflate)(struct inflate_state *);
	bool is;
} isal;
static pthread_once_t loaded = PTHREAD_ONCE_INIT;

/* The function NAME of LIBRARY into *TO, a pointer to a function (POSIX dlsym). */
static bool
find(void *library, const char *name, void *to)
{
	void *p = dlsym(library, name);

	memcpy(to, &p, sizeof p);
	return p != NULL;
}

static void
load(void)
{
	void *library = dlopen(ISAL_NAME, RTLD_NOW | RTLD_LOCAL);

	isal.is = library && find(library, "isal_inflate_init", &isal.init) &&
		find(library, "isal_inflate_reset", &isal.reset) &&
		find(library, "isal_inflate_set_dict", &isal.set_dict) &&
		find(library, "isal_inflate", &isal.inflate);
}
#endif

void
lam_gunzip_reset(struct lam_gunzip *g)
{
	(void)inflateReset2(&g->z, 15 + 16); /* fails only for no stream at all */
	g->part = HEAD;
	g->crc = g->length = 0;
	g->ntrailer = 0;
	g->bad = NULL;
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
	(void)pthread_once(&loaded, load);
	if (isal.is)
		isal.init(&g->s);
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

/* N bytes of text are at J->out. */
static void
give(struct lam_gunzip *g, struct job *j, size_t n)
{
	g->crc = lam_crc32(g->crc, j->out, n);
	g->length += (uint32_t)n;
	j->out += n;
	j->nout -= n;
}

static void
take(struct job *j, size_t n)
{
	j->in += n;
	j->nin -= n;
}

/* zlib inflates from IN[NIN] to OUT[*NOUT], which becomes what it wrote. */
static int
run_zlib(struct lam_gunzip *g, const unsigned char *in, size_t nin,
	unsigned char *out, size_t *nout, int flush)
{
	int rc;

	g->z.next_in = in;
	g->z.avail_in = (uInt)nin;
	g->z.next_out = out;
	g->z.avail_out = (uInt)*nout;
	rc = inflate(&g->z, flush);
	*nout -= g->z.avail_out;
	return rc;
}

/* What zlib's RC says, that is no end. */
static int
judge(const struct lam_gunzip *g, const struct job *j, int rc)
{
	if (rc == Z_MEM_ERROR)
		return LAM_GUNZIP_MEMORY;
	if (rc == Z_OK || rc == Z_BUF_ERROR)
		return LAM_GUNZIP_MORE;
	*j->why = g->z.msg ? g->z.msg : "not deflate";
	return LAM_GUNZIP_BAD;
}

#ifdef LAM_ISAL
static void
remember(struct text *t, const unsigned char *p, size_t n)
{
	size_t keep = n < WINDOW ? WINDOW - n : 0;

	if (n > WINDOW) {
		p += n - WINDOW;
		n = WINDOW;
	}
	keep = keep < t->n ? keep : t->n;
	memmove(t->p, t->p + t->n - keep, keep);
	memcpy(t->p + keep, p, n);
	t->n = keep + n;
}

static void
copy_text(struct text *to, const struct text *from)
{
	memcpy(to->p, from->p, from->n);
	to->n = from->n;
}

/* zlib at the next block; the window can wait until there is text. */
static void
place_zlib(struct lam_gunzip *g)
{
	(void)inflateReset(&g->z); /* these fail for other streams than ours */
	if (g->nbits)
		(void)inflatePrime(&g->z, g->nbits, (int)g->bits);
}

/* A block ends: who reads what follows? */
static int
next_block(struct lam_gunzip *g)
{
	g->small = g->made < WORTH;
	g->made = 0;
	g->part = BLOCK;
	return AGAIN;
}

/* Z_BLOCK: zlib stopped at a block's end, if it did. */
static int
end_of_zlib_block(struct lam_gunzip *g)
{
	uInt n = WINDOW;

	g->small = g->made < WORTH;
	if (g->small || g->z.data_type & LAST_BLOCK) {
		g->made = 0;
		return AGAIN; /* it goes on */
	}
	g->nbits = g->z.data_type & 7;
	g->bits = (unsigned)g->last >> (8 - g->nbits);
	(void)inflateGetDictionary(&g->z, g->recent.p, &n);
	g->recent.n = n;
	return next_block(g);
}

/* ISA-L cannot go on: zlib does, from the head of the block. */
static int
hand_over(struct lam_gunzip *g, struct job *j)
{
	uint32_t crc = g->crc_before;
	size_t left = g->made, at = g->head, n = 1;
	int rc = Z_OK;

	(void)inflateSetDictionary(&g->z, g->before.p, (uInt)g->before.n);
	while (rc == Z_OK && left && n) {
		n = left < WINDOW ? left : WINDOW;
		rc = run_zlib(g, j->in + at, j->nin - at, g->recent.p, &n,
			Z_BLOCK);
		crc = lam_crc32(crc, g->recent.p, n);
		left -= n;
		at = j->nin - g->z.avail_in;
	}
	if (at)
		g->last = j->in[at - 1];
	take(j, at);
	g->part = ZLIB;
	if (!left && crc == g->crc)
		return AGAIN;
	rc = judge(g, j, rc);
	if (rc != LAM_GUNZIP_MORE)
		return rc;
	*j->why = "invalid deflate data"; /* no such input is known */
	return LAM_GUNZIP_BAD;
}

/* The head of a block, by zlib; then ISA-L is placed before it. */
static int
run_block_head(struct lam_gunzip *g, struct job *j)
{
	size_t none = 0;
	int rc;

	if (g->small) {
		place_zlib(g);
		(void)inflateSetDictionary(&g->z, g->recent.p,
			(uInt)g->recent.n);
		g->part = ZLIB;
		return AGAIN;
	}
	if (!j->nin && j->more)
		return LAM_GUNZIP_MORE;
	place_zlib(g);
	rc = judge(g, j, run_zlib(g, j->in, j->nin, g->before.p, &none,
		Z_TREES));
	if (rc != LAM_GUNZIP_MORE)
		return rc;
	g->head = j->nin - g->z.avail_in;
	copy_text(&g->before, &g->recent);
	g->crc_before = g->crc;
	if (!(g->z.data_type & BEHIND_HEAD)) /* it is not whole */
		return j->more ? LAM_GUNZIP_MORE : hand_over(g, j);
	isal.reset(&g->s);
	(void)isal.set_dict(&g->s, g->recent.p, (uint32_t)g->recent.n);
	g->ahead = g->nbits == 0;
	g->s.read_in = g->nbits ? g->bits : j->in[0];
	g->s.read_in_length = g->nbits ? g->nbits : 8;
	g->final = g->s.read_in & 1;
	g->s.read_in |= 1; /* "final": to stop at its end */
	g->part = IN_BLOCK;
	return AGAIN;
}

static int
run_block(struct lam_gunzip *g, struct job *j)
{
	size_t n;
	int rc;

	g->s.next_in = (uint8_t *)(uintptr_t)(j->in + g->ahead);
	g->s.avail_in = (uint32_t)(j->nin - g->ahead);
	g->s.next_out = j->out;
	g->s.avail_out = (uint32_t)j->nout;
	rc = isal.inflate(&g->s);
	n = j->nout - g->s.avail_out;
	if (rc < 0 || rc > ISAL_OUT_OVERFLOW || g->s.read_in_length < 0)
		return hand_over(g, j);
	if (g->s.block_state != ISAL_BLOCK_FINISH && n < j->nout && !j->more)
		return hand_over(g, j);
	remember(&g->recent, j->out, n);
	give(g, j, n);
	g->made += n;
	g->ahead = j->nin - g->s.avail_in;
	if (g->s.block_state != ISAL_BLOCK_FINISH)
		return LAM_GUNZIP_MORE;
	g->nbits = g->s.read_in_length % 8;
	g->bits = (unsigned)g->s.read_in & ((1u << g->nbits) - 1);
	take(j, g->ahead - (size_t)g->s.read_in_length / 8);
	if (!g->final)
		return next_block(g);
	g->small = g->made < WORTH;
	g->part = TAIL;
	return AGAIN;
}

static void
begin_blocks(struct lam_gunzip *g)
{
	g->made = g->recent.n = 0;
	g->nbits = 0;
	if (isal.is && !g->small)
		g->part = BLOCK;
}

/* zlib took USED bytes of IN and made N of text; what comes of its RC. */
static int
zlib_ran(struct lam_gunzip *g, struct job *j, const unsigned char *in,
	size_t used, size_t n, int rc)
{
	if (used)
		g->last = in[used - 1];
	g->made += n;
	return isal.is && rc == Z_OK && g->z.data_type & BEHIND_BLOCK ?
		end_of_zlib_block(g) : judge(g, j, rc);
}
#else
#define begin_blocks(g) ((void)(g))
#define zlib_ran(g, j, in, used, n, rc) ((void)(in), judge(g, j, rc))
#endif

/* zlib checks the head, and is told that plain deflate follows. */
static int
run_head(struct lam_gunzip *g, struct job *j)
{
	size_t none = 0;
	int rc = run_zlib(g, j->in, j->nin, j->out, &none, Z_BLOCK);

	take(j, j->nin - g->z.avail_in);
	if (rc != Z_OK || !(g->z.data_type & BEHIND_BLOCK))
		return judge(g, j, rc);
	(void)inflateReset2(&g->z, -15);
	g->part = ZLIB;
	begin_blocks(g);
	return AGAIN;
}

static int
run_rest(struct lam_gunzip *g, struct job *j)
{
	const unsigned char *in = j->in;
	size_t n = j->nout, used;
	int rc = run_zlib(g, in, j->nin, j->out, &n, STOP);

	used = j->nin - g->z.avail_in;
	take(j, used);
	give(g, j, n);
	if (rc != Z_STREAM_END)
		return zlib_ran(g, j, in, used, n, rc);
	g->part = TAIL;
	return AGAIN;
}

static int
run_tail(struct lam_gunzip *g, struct job *j)
{
	size_t want = TRAILER - g->ntrailer, n = want < j->nin ? want : j->nin;

	memcpy(g->trailer + g->ntrailer, j->in, n);
	g->ntrailer += n;
	take(j, n);
	if (g->ntrailer >= 4 && lam_get32(g->trailer) != g->crc)
		*j->why = "incorrect data check";
	else if (n < want)
		return LAM_GUNZIP_MORE;
	else if (lam_get32(g->trailer + 4) != g->length)
		*j->why = "incorrect length check";
	else
		return LAM_GUNZIP_END;
	return LAM_GUNZIP_BAD;
}

enum lam_gunzip_state
lam_gunzip_run(struct lam_gunzip *g, const void *in, size_t *nin, void *out,
	size_t *nout, bool more, const char **why)
{
	static int (*const run[])(struct lam_gunzip *, struct job *) = {
		[HEAD] = run_head, [ZLIB] = run_rest, [TAIL] = run_tail,
#ifdef LAM_ISAL
		[BLOCK] = run_block_head, [IN_BLOCK] = run_block,
#endif
	};
	size_t have = *nin < PIECE ? *nin : PIECE;
	size_t room = *nout < PIECE ? *nout : PIECE;
	struct job j = { in, have, out, room, more, why };
	int state = AGAIN;

	if (g->bad) {
		*why = g->bad;
		state = LAM_GUNZIP_BAD;
	}
	while (state == AGAIN)
		state = run[g->part](g, &j);
	if (state == LAM_GUNZIP_BAD)
		g->bad = *why;
	*nin = have - j.nin;
	*nout = room - j.nout;
	return (enum lam_gunzip_state)state;
}
