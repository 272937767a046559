/*
 * call.h - a request as the event of a function, and its end as an answer
 */
#ifndef LAM_TRIGGER_CALL_H
#define LAM_TRIGGER_CALL_H

#include "base/arena.h"
#include "http/server.h"
#include "trigger/journal.h"

struct lam_gateway_call {
	struct lam_http_connection *connection; /* NULL: nobody waits */
	void *gateway;
	struct lam_task *task; /* of one event */
	char id[LAM_REQUEST_ID_SIZE];
	bool invoke; /* by AWS's interface: the answer is given as it is */
	bool log;    /* the last of the log is wanted with it */
	struct lam_arena arena;
	const char *const *env;
};

/* PATH is that of AWS's interface, and names this function. */
bool lam_call_invokes(struct lam_str path, struct lam_str *name);

/* ID: of the request; NULL: any. */
int lam_call_new(struct lam_gateway_call **out, const struct lam_function *f,
	const struct lam_http_message *m, bool invoke, const char *id,
	struct lam_error *e) LAM_MUST;
void lam_call_free(struct lam_gateway_call *c);

/* c->env is what a process of F is told. */
int lam_call_env(struct lam_gateway_call *c, const struct lam_function *f,
	struct lam_error *e) LAM_MUST;

/* How the attempt ended, with its OUTPUT and the end of its LOG. */
int lam_call_answer(const struct lam_gateway_call *c, struct lam_http_connection *to,
	const struct lam_attempt *a, struct lam_str output, struct lam_str log,
	struct lam_error *e) LAM_MUST;

/* The request is accepted, and nobody waits for its answer. */
int lam_call_accept(const struct lam_gateway_call *c, struct lam_http_connection *to,
	struct lam_error *e) LAM_MUST;

/* 503: its function is opened again after LEFT ns. */
int lam_call_rest(struct lam_http_connection *to, int64_t left, struct lam_error *e)
	LAM_MUST;

/* {"message": WHY} */
int lam_call_refuse(struct lam_http_connection *to, int status, const char *why,
	struct lam_error *e) LAM_MUST;

#endif
