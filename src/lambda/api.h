/*
 * api.h - the Runtime API of AWS Lambda: its paths, its fields, its errors
 */
#ifndef LAM_LAMBDA_API_H
#define LAM_LAMBDA_API_H

#include "http/server.h"
#include "lambda/environment.h"

enum lam_api_call {
	LAM_API_NONE,
	LAM_API_NEXT,	  /* GET  .../invocation/next */
	LAM_API_RESPONSE, /* POST .../invocation/ID/response */
	LAM_API_ERROR,	  /* POST .../invocation/ID/error */
	LAM_API_INIT_ERROR /* POST .../init/error */
};

/* What M asks for below PREFIX; ID points into its target. */
enum lam_api_call lam_api_route(const struct lam_http_message *m,
	const char *prefix, struct lam_str *id);

/* The fields beside an event.  DEADLINE: ms since 1970. */
void lam_api_put_event_fields(struct lam_buf *b, const char *id,
	const char *function, int64_t deadline);

/* {"errorMessage": ..., "errorType": ...}; ID, if there is one, in the message. */
void lam_api_put_error(struct lam_buf *b, const char *type, const char *id,
	const char *message);

int lam_api_accept(struct lam_http_connection *c, struct lam_error *e) LAM_MUST;
int lam_api_refuse(struct lam_http_connection *c, int status, const char *type,
	struct lam_error *e) LAM_MUST;

/* The environment of a runtime; LISTENER: the socket of its API. */
struct lam_api_env {
	struct lam_buf text;
	const char **line; /* to a NULL */
};

int lam_api_env(struct lam_api_env *env, const struct lam_environment_config *c,
	const char *prefix, int listener, struct lam_error *e) LAM_MUST;
void lam_api_env_release(struct lam_api_env *env);

#endif
