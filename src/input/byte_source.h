/*
 * byte_source.h - bytes from a file or standard input, plain or gzip
 *
 * gzip is told by its magic bytes; a file of several members is their
 * concatenation (RFC 1952, section 2.2).  Files of zstd, xz, bzip2 and lz4, which are
 * not pipes, are unpacked by those programs (unpack.h).
 */
#ifndef LAM_INPUT_BYTE_SOURCE_H
#define LAM_INPUT_BYTE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct lam_byte_source;

/* PATH "-" is standard input. */
int lam_byte_source_open(struct lam_byte_source **out, const char *path,
	struct lam_error *e) LAM_MUST;
/* The same of FD. */
int lam_byte_source_file(struct lam_byte_source **out, int fd, const char *path,
	struct lam_error *e) LAM_MUST;
/*
 * The bytes of FD, not unpacked, from where it stands; it is closed with the source,
 * or on failure.  TAIL: a plain regular file that may grow: at its end there is nothing
 * within the time, at once, until lam_byte_source_end.
 */
int lam_byte_source_adopt(struct lam_byte_source **out, int fd,
	const char *path, bool tail, struct lam_error *e) LAM_MUST;
/* Its end is the end of the input from now on. */
void lam_byte_source_end(struct lam_byte_source *s);
/* When it was last written, in ns since 1970; of a pipe, about now. */
int64_t lam_byte_source_written(const struct lam_byte_source *s);
void lam_byte_source_close(struct lam_byte_source *s);

/*
 * A plain regular file can be read anywhere, by any thread.  AT: where the next read
 * is, SIZE: how long the file is now.  False: it is none.
 */
bool lam_byte_source_plain(const struct lam_byte_source *s, uint64_t *at,
	uint64_t *size);
/* P[N] from AT on; false: so much is not there, or cannot be read. */
bool lam_byte_source_at(const struct lam_byte_source *s, void *p, size_t n,
	uint64_t at);
/* The next read is at AT. */
bool lam_byte_source_seek(struct lam_byte_source *s, uint64_t at);

enum lam_got { LAM_GOT_BYTES, LAM_GOT_NOTHING, LAM_GOT_END };

/*
 * Up to N bytes.  Waits at most WAIT_MS ms for the first (< 0: as long as it
 * takes).  *HOW: bytes (*GOT > 0), nothing within the time, or the end of the
 * input; a signal that set *STOP is an end.  LAM_DATA: corrupt or truncated
 * gzip, after all that could be inflated has been returned.
 */
int lam_byte_source_read(struct lam_byte_source *s, void *p, size_t n,
	int wait_ms, const _Atomic int *stop, size_t *got, enum lam_got *how,
	struct lam_error *e) LAM_MUST;

#endif
