/*
 * gateway.h - functions that answer requests: `on http`
 *
 * One server for all functions of a program, on 127.0.0.1 or a Unix socket: what
 * comes from the world comes through a proxy, which knows TLS.  A request goes to the
 * function whose path is the longest that it begins with, or, as AWS's own interface
 * has it, by name:
 *
 *	/PATH...					any method
 *	POST /2015-03-31/functions/NAME/invocations	the body is the event
 *
 * An answer comes when the function has ended: 429 when as many run as may, 504
 * when its deadline has come, 502 when it has failed, 503 when the function rests.  A
 * request with "async" in its
 * query, or the field X-Amz-Invocation-Type: Event, is answered 202 when it is durable,
 * and run by its function's trigger.
 */
#ifndef LAM_TRIGGER_GATEWAY_H
#define LAM_TRIGGER_GATEWAY_H

#include "trigger/trigger.h"

struct lam_gateway;

/* Listen on WHERE: a port, or the path of a socket (with a /).  NULL, or another
 * text: LAM_USAGE. */
int lam_gateway_open(struct lam_gateway **out, struct lam_triggers *all,
	const char *where, struct lam_error *e) LAM_MUST;

/* F, which is on http, is served from now on, and T runs it; both stay the caller's,
 * until it is no more. */
int lam_gateway_add(struct lam_gateway *g, const struct lam_function *f,
	struct lam_trigger *t, struct lam_error *e) LAM_MUST;
/* F is not served until it is added again: its requests are refused until then, and
 * told when, UNTIL as lam_clock_monotonic, that may be.  Of F only the name, and where
 * it is, must be right. */
int lam_gateway_rest(struct lam_gateway *g, const struct lam_function *f,
	int64_t until, struct lam_error *e) LAM_MUST;
/* It is no more.  Requests that wait are refused with 503. */
void lam_gateway_remove(struct lam_gateway *g, const struct lam_function *f);

/* Requests for F wait from now on; those that are being answered go on: so many. */
void lam_gateway_hold(struct lam_gateway *g, const struct lam_function *f);
size_t lam_gateway_calls(const struct lam_gateway *g, const struct lam_function *f);
/* What runs for F is told to end; a request that is not answered then has 503. */
void lam_gateway_end(struct lam_gateway *g, const struct lam_function *f);
/* Those that wait go to the functions that there are now. */
int lam_gateway_release(struct lam_gateway *g, struct lam_error *e) LAM_MUST;

/* Requests are being answered. */
bool lam_gateway_busy(const struct lam_gateway *g);

void lam_gateway_close(struct lam_gateway *g);

#endif
