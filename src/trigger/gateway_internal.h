/*
 * gateway_internal.h - routes to functions, and the requests that come on them
 */
#ifndef LAM_TRIGGER_GATEWAY_INTERNAL_H
#define LAM_TRIGGER_GATEWAY_INTERNAL_H

#include "http/server.h"
#include "trigger/gateway.h"

/* What a worker belongs to is its .owner, a route, and its .job is a call. */
struct lam_route {
	const struct lam_function *f; /* only its address while it rests */
	struct lam_trigger *trigger;
	char name[LAM_NAME_MAX + 1], path[LAM_PATH_MAX];
	int64_t rests; /* until this loop time; 0: it works */
	struct lam_journal journal;
	struct lam_trigger_worker **worker; /* [nworkers]; used last: the last */
	size_t nworkers;
	bool held; /* its requests wait */
};

struct lam_held { /* a request that is kept by its connection */
	struct lam_http_connection *connection;
	const struct lam_http_message *message;
};

struct lam_gateway {
	struct lam_triggers *all;
	struct lam_http_server server;
	struct lam_route **route;
	size_t n, cap, busy;
	struct lam_held *held;
	size_t nheld, held_cap;
	struct lam_loop_timer sweep;
};

/* gateway_route.c: where a request for TARGET goes; NULL: nowhere.  *INVOKE: by AWS's
 * interface. */
struct lam_route *lam_gateway_route(const struct lam_gateway *g,
	struct lam_str target, bool *invoke);

/* gateway.c: callbacks, of the server and of .sweep. */
int lam_gateway_request(void *arg, struct lam_http_connection *to,
	const struct lam_http_message *m, struct lam_error *e);
void lam_gateway_gone(void *arg, struct lam_http_connection *to);
int lam_gateway_sweep(void *arg, struct lam_error *e);

#endif
