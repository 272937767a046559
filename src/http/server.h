/*
 * server.h - HTTP/1 on a listening socket, in the loop of its owner
 *
 * Only for peers on this machine: 127.0.0.1, a Unix socket, or a socket of another
 * network namespace.  A request is handed over when it is whole, and is answered
 * at once or much later; meanwhile its connection is not read.
 */
#ifndef LAM_HTTP_SERVER_H
#define LAM_HTTP_SERVER_H

#include "base/loop.h"
#include "http/message.h"

struct lam_http_connection;

struct lam_http_server {
	/* Set by the owner. */
	struct lam_loop *loop;
	size_t body_max;	/* bytes of a request's body */
	uint64_t over_max; /* bytes beyond that are read, so that the peer hears the
			    * answer; serve then sees a message that is .over */
	size_t connections_max; /* more wait until others are closed */
	int64_t patience; /* ns that a peer may be silent in or between requests;
			   * 0: for ever */
	/* R is whole, and C waits for lam_http_answer. */
	int (*serve)(void *arg, struct lam_http_connection *c,
		const struct lam_http_message *r, struct lam_error *e);
	/* C, which waits, is no more. */
	void (*gone)(void *arg, struct lam_http_connection *c);
	/*
	 * What goes wrong with a connection, WHY, is its end, and none of others;
	 * while no more can be accepted, they wait, and it is tried again each second.
	 * Told once, until one is accepted again; or NULL.
	 */
	void (*trouble)(void *arg, const struct lam_error *why);
	void *arg;
	/* Its own. */
	struct lam_loop_watch watch;
	struct lam_loop_timer rest; /* until accepting is tried again */
	bool troubled;
	struct lam_http_connection *first; /* all that are open */
	size_t nconnections;
};

/* Serve connections of FD, which listens and is the server's from now on. */
int lam_http_open(struct lam_http_server *s, int fd, struct lam_error *e) LAM_MUST;
void lam_http_close(struct lam_http_server *s);

/* A socket that listens on 127.0.0.1:*PORT (0: any, which is then told). */
int lam_http_listen(uint16_t *port, int *fd, struct lam_error *e) LAM_MUST;

/* The same on a Unix socket, which takes the place of a dead one. */
int lam_http_listen_unix(const char *path, int *fd, struct lam_error *e) LAM_MUST;

/*
 * Answer the request that C waits for.  FIELDS: whole lines, each with its CR LF;
 * or NULL.  Texts are copied.
 */
int lam_http_answer(struct lam_http_connection *c, int status, const char *fields,
	const void *body, size_t n, struct lam_error *e) LAM_MUST;

/* Its socket, which is C's: for whoever would keep it open. */
int lam_http_descriptor(const struct lam_http_connection *c);

#endif
