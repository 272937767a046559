/*
 * message.h - one HTTP/1 request, byte by byte
 *
 * Strict: what RFC 9112 lets a lenient server repair is refused, since two servers
 * that repair it differently are how requests are smuggled.  Refused are bare line
 * feeds, folded lines, blanks before a colon, empty names, control characters; two
 * lengths, a length beside a coding, a coding that is not "chunked", a length or
 * chunk size that is more than digits; a Host that is missing or comes twice.
 */
#ifndef LAM_HTTP_MESSAGE_H
#define LAM_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

#define LAM_HTTP_FIELDS 100
#define LAM_HTTP_HEAD_MAX ((size_t)16 << 10) /* bytes; trailers too */

struct lam_http_field {
	struct lam_str name, value;
};

enum lam_http_state {
	LAM_HTTP_HEAD,
	LAM_HTTP_BODY,
	LAM_HTTP_CHUNK_SIZE,
	LAM_HTTP_CHUNK,
	LAM_HTTP_CHUNK_END,
	LAM_HTTP_TRAILER,
	LAM_HTTP_DONE, /* whole: the fields below hold until it is cleared */
	LAM_HTTP_BAD   /* .status is the answer, and the connection's end */
};

struct lam_http_message {
	enum lam_http_state state;
	int status;	     /* when BAD: 400, 413, 417, 431, 505, 500 */
	size_t body_max;     /* bytes; set by the owner */
	uint64_t over_max;   /* bytes that are read beyond, and dropped */
	struct lam_str method, target; /* the target begins with "/" */
	struct lam_buf body;
	struct lam_http_field field[LAM_HTTP_FIELDS];
	size_t nfields;	     /* those of the head, then trailers */
	size_t nhead;
	bool keep;	     /* the connection may be used again */
	bool expects;	     /* 100-continue, before its body */
	bool over;	     /* body_max: the body is not whole */
	struct lam_buf head, line; /* bytes as they came */
	uint64_t left;	     /* of the body, or of a chunk */
	uint64_t size;	     /* of the body, by what has been told */
	size_t from;	     /* of the line that is coming */
};

/* Take from P[N] what belongs to the message; the number of bytes. */
size_t lam_http_feed(struct lam_http_message *m, const char *p, size_t n);

/* The only or first field NAME (lower case); a NULL text: there is none. */
struct lam_str lam_http_field(const struct lam_http_message *m,
	const char *name);

/* NAME, as any letter case spells it. */
bool lam_http_is(struct lam_str s, const char *name);

/* Ready for the next one; memory is kept. */
void lam_http_clear(struct lam_http_message *m);
void lam_http_release(struct lam_http_message *m);

#endif
