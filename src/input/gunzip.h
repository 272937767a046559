/*
 * gunzip.h - gzip members (RFC 1952), a piece at a time
 *
 * Use:   new, then run until it says the end of the member; reset for the next
 * Fails: LAM_GUNZIP_BAD, with the reason, until reset; the bytes inflated before
 *	  are good
 */
#ifndef LAM_INPUT_GUNZIP_H
#define LAM_INPUT_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

struct lam_gunzip;

struct lam_gunzip *lam_gunzip_new(void); /* NULL: out of memory */
void lam_gunzip_free(struct lam_gunzip *g);

/* Begin a member. */
void lam_gunzip_reset(struct lam_gunzip *g);

enum lam_gunzip_state {
	LAM_GUNZIP_MORE, /* wants input or room */
	LAM_GUNZIP_END,	 /* of the member; its checksum and length are right */
	LAM_GUNZIP_BAD,
	LAM_GUNZIP_MEMORY /* out of it */
};

/*
 * Inflate from IN[*NIN] to OUT[*NOUT]; both become what was used.  What was not used
 * of the input is to be given again, with more behind it when that is wanted: when it
 * is LAM_GUNZIP_MORE and there is room left.  MORE: there may be more; false, at the
 * end or when no more can be held: all that is wanted is used.  *WHY: what is wrong,
 * when it is LAM_GUNZIP_BAD.
 */
enum lam_gunzip_state lam_gunzip_run(struct lam_gunzip *g, const void *in,
	size_t *nin, void *out, size_t *nout, bool more, const char **why);

#endif
