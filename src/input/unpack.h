/*
 * unpack.h - files that other programs unpack: zstd, xz, bzip2, lz4
 *
 * The program of such a file runs beside us, where it is installed, and we read what it
 * writes.
 */
#ifndef LAM_INPUT_UNPACK_H
#define LAM_INPUT_UNPACK_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define LAM_UNPACK_HEAD 10 /* bytes at the start that tell */

/* The program of a file that begins with P[N], or NULL. */
const char *lam_unpack_program(const char *p, size_t n);

struct lam_unpack {
	pid_t pid; /* 0: none runs */
	const char *program;
};

/*
 * If file FD, which is at its start, is for such a program, and that is there, *PIPE is
 * where to read from; else it is -1.
 */
int lam_unpack_start(struct lam_unpack *u, int fd, int *pipe,
	struct lam_error *e) LAM_MUST;

/* The pipe is at its end.  LAM_DATA: the program could not unpack all of PATH. */
int lam_unpack_end(struct lam_unpack *u, const char *path, struct lam_error *e)
	LAM_MUST;

/* The pipe was closed: nothing more is wanted. */
void lam_unpack_stop(struct lam_unpack *u);

#endif
