/*
 * stream_id.h - the id of a stream, in DIR/id
 */
#ifndef LAM_LOG_STREAM_ID_H
#define LAM_LOG_STREAM_ID_H

#include "base/err.h"
#include "base/io.h"

#define LAM_ID_HEX 32

/* Read DIR/id into ID; *FOUND is false when there is none. */
int lam_stream_id_read(const char *dir, char id[LAM_ID_HEX + 1], bool *found,
	struct lam_error *e) LAM_MUST;

/* Draw one and write it, under the lock.  LAM_DATA: there are segments, which
 * have had one. */
int lam_stream_id_make(const char *dir, char id[LAM_ID_HEX + 1],
	struct lam_error *e) LAM_MUST;

#endif
