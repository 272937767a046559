/*
 * api.c - the contract of 2018-06-01, as the published clients use it
 */
#include "lambda/api.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BASE "/2018-06-01/runtime/"
#define JSON "Content-Type: application/json\r\n"

/* S begins with WORD, which is taken off. */
static bool
skip(struct lam_str *s, const char *word)
{
	size_t n = strlen(word);

	if (s->n < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

static bool
is(struct lam_str s, const char *word)
{
	return s.n == strlen(word) && !memcmp(s.p, word, s.n);
}

enum lam_api_call
lam_api_route(const struct lam_http_message *m, const char *prefix,
	struct lam_str *id)
{
	struct lam_str path = m->target;
	const char *slash;

	if (!skip(&path, prefix) || !skip(&path, BASE))
		return LAM_API_NONE;
	if (is(path, "invocation/next") && is(m->method, "GET"))
		return LAM_API_NEXT;
	if (!is(m->method, "POST"))
		return LAM_API_NONE;
	if (is(path, "init/error"))
		return LAM_API_INIT_ERROR;
	if (!skip(&path, "invocation/"))
		return LAM_API_NONE;
	slash = memchr(path.p, '/', path.n);
	if (slash == NULL)
		return LAM_API_NONE;
	*id = (struct lam_str){ path.p, (size_t)(slash - path.p) };
	path.p += id->n;
	path.n -= id->n;
	return is(path, "/response") ? LAM_API_RESPONSE :
		is(path, "/error") ? LAM_API_ERROR : LAM_API_NONE;
}

void
lam_api_put_event_fields(struct lam_buf *b, const char *id, const char *function,
	int64_t deadline)
{
	lam_buf_printf(b, JSON "Lambda-Runtime-Aws-Request-Id: %s\r\n"
		"Lambda-Runtime-Deadline-Ms: %" PRId64 "\r\n"
		"Lambda-Runtime-Invoked-Function-Arn: "
		"arn:aws:lambda:local:000000000000:function:%s\r\n", id, deadline,
		function);
}

void
lam_api_put_error(struct lam_buf *b, const char *type, const char *id,
	const char *message)
{
	lam_buf_puts(b, "{\"errorMessage\":\"");
	if (id != NULL)
		lam_buf_printf(b, "RequestId: %s Error: ", id);
	/* Messages of ours: what would need more than a backslash is none. */
	for (; *message; message++) {
		if (*message == '"' || *message == '\\')
			lam_buf_putc(b, '\\');
		lam_buf_putc(b, (unsigned char)*message < ' ' ? ' ' : *message);
	}
	lam_buf_printf(b, "\",\"errorType\":\"%s\"}", type);
}

int
lam_api_accept(struct lam_http_connection *c, struct lam_error *e)
{
	static const char body[] = "{\"status\":\"OK\"}\n";

	return lam_http_answer(c, 202, JSON, body, sizeof body - 1, e);
}

int
lam_api_refuse(struct lam_http_connection *c, int status, const char *type,
	struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	int rc;

	lam_api_put_error(&b, type, NULL, "not as the Runtime API has it");
	rc = lam_buf_check(&b, e);
	if (!rc)
		rc = lam_http_answer(c, status, JSON, b.p, b.n, e);
	lam_buf_release(&b);
	return rc;
}

static unsigned
port_of(int listener)
{
	struct sockaddr_in a = { .sin_port = 0 };
	socklen_t n = sizeof a;

	getsockname(listener, (struct sockaddr *)&a, &n);
	return ntohs(a.sin_port);
}

int
lam_api_env(struct lam_api_env *env, const struct lam_environment_config *c,
	const char *prefix, int listener, struct lam_error *e)
{
	struct lam_buf *b = &env->text;
	size_t n = 0, own = 1, i;

	*env = (struct lam_api_env){ LAM_BUF_INIT, NULL };
	lam_buf_printf(b, "AWS_LAMBDA_RUNTIME_API=127.0.0.1:%u%s",
		port_of(listener), prefix);
	lam_buf_putc(b, '\0');
	/* A text for each; a NUL between them. */
	lam_buf_printf(b, "LAMBDA_TASK_ROOT=%s%c", c->spec.dir, 0);
	lam_buf_printf(b, "AWS_LAMBDA_FUNCTION_NAME=%s%c", c->name, 0);
	lam_buf_printf(b, "AWS_LAMBDA_FUNCTION_VERSION=%s%c", c->version, 0);
	lam_buf_printf(b, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%" PRIu64 "%c",
		c->spec.memory >> 20, 0);
	lam_buf_printf(b, "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/%s%c", c->name, 0);
	lam_buf_printf(b, "AWS_LAMBDA_LOG_STREAM_NAME=%s%c", c->version, 0);
	lam_buf_printf(b, "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand%c", 0);
	lam_buf_printf(b, "AWS_REGION=local%cTZ=UTC%cLANG=C.UTF-8%c", 0, 0, 0);
	if (lam_buf_check(b, e))
		return LAM_SYSTEM;
	for (i = 0; i < b->n; i++)
		own += b->p[i] == '\0';
	while (c->env != NULL && c->env[n] != NULL)
		n++;
	env->line = calloc(own + n, sizeof *env->line);
	if (env->line == NULL)
		return lam_fail_mem(e);
	own = 0;
	for (i = 0; i < b->n; i += strlen(b->p + i) + 1)
		env->line[own++] = b->p + i;
	/* The function's own come last, and first is what a program finds first:
	 * so ours hold. */
	for (i = 0; i < n; i++)
		env->line[own++] = c->env[i];
	return LAM_OK;
}

void
lam_api_env_release(struct lam_api_env *env)
{
	lam_buf_release(&env->text);
	free(env->line);
	env->line = NULL;
}
