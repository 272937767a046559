/*
 * call.c - what goes into a function, and what comes out of it, as HTTP has it
 */
#include "trigger/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/json_text.h"
#include "lambda/shape.h"
#include "time/time.h"
#include "trigger/env.h"

#define BEFORE "/2015-03-31/functions/"
#define BEHIND "/invocations"
#define JSON "Content-Type: application/json\r\n"

bool
lam_call_invokes(struct lam_str path, struct lam_str *name)
{
	size_t before = sizeof BEFORE - 1, behind = sizeof BEHIND - 1;

	if (path.n <= before + behind || memcmp(path.p, BEFORE, before) != 0 ||
		memcmp(path.p + path.n - behind, BEHIND, behind) != 0)
		return false;
	*name = (struct lam_str){ path.p + before, path.n - before - behind };
	return true;
}

/* A version 4 UUID. */
static int
make_id(char out[LAM_REQUEST_ID_SIZE], struct lam_error *e)
{
	unsigned char r[16];
	int rc = lam_io_random(r, sizeof r, e);

	snprintf(out, LAM_REQUEST_ID_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-"
		"%02x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3],
		r[4], r[5], (r[6] & 15) | 64, r[7], (r[8] & 63) | 128, r[9],
		r[10], r[11], r[12], r[13], r[14], r[15]);
	return rc;
}

int
lam_call_new(struct lam_gateway_call **out, const struct lam_function *f,
	const struct lam_http_message *m, bool invoke, const char *id,
	struct lam_error *e)
{
	struct lam_gateway_call *c = calloc(1, sizeof *c);
	int rc;

	if (!c)
		return lam_fail_mem(e);
	c->invoke = invoke;
	c->log = lam_http_is(lam_http_field(m, "x-amz-log-type"), "Tail");
	c->task = lam_task_new(0, 1);
	if (id)
		snprintf(c->id, sizeof c->id, "%s", id);
	rc = !c->task ? lam_fail_mem(e) : id ? LAM_OK : make_id(c->id, e);
	if (!rc) {
		struct lam_buf *text = &c->task->text;

		c->task->n = 1;
		if (invoke && m->body.n)
			lam_buf_put(text, m->body.p, m->body.n);
		else if (invoke)
			lam_buf_puts(text, "{}");
		else
			lam_shape_request(text, m, m->target, f->name, c->id,
				lam_clock_wall());
		lam_buf_putc(text, '\n');
		rc = lam_buf_check(text, e);
	}
	if (rc)
		lam_call_free(c);
	else
		*out = c;
	return rc;
}

void
lam_call_free(struct lam_gateway_call *c)
{
	if (!c)
		return;
	if (c->task)
		lam_task_free(c->task);
	lam_arena_release(&c->arena);
	free(c);
}

int
lam_call_env(struct lam_gateway_call *c, const struct lam_function *f,
	struct lam_error *e)
{
	c->env = lam_env(f, c->id, c->task, &c->arena);
	return c->env ? LAM_OK : lam_fail_mem(e);
}

int
lam_call_accept(const struct lam_gateway_call *c, struct lam_http_connection *to,
	struct lam_error *e)
{
	char fields[80];

	snprintf(fields, sizeof fields, "x-amzn-RequestId: %s\r\n", c->id);
	return lam_http_answer(to, 202, fields, "", 0, e);
}

/* {"message": WHY}, with FIELDS beside its type. */
static int
answer_why(struct lam_http_connection *to, int status, const char *fields,
	const char *why, struct lam_error *e)
{
	struct lam_buf head = LAM_BUF_INIT, b = LAM_BUF_INIT;
	int rc;

	lam_buf_printf(&head, JSON "%s", fields);
	lam_buf_puts(&b, "{\"message\":");
	lam_json_put_string(&b, (struct lam_str){ why, strlen(why) });
	lam_buf_puts(&b, "}\n");
	rc = lam_buf_check(&head, e);
	if (!rc)
		rc = lam_buf_check(&b, e);
	if (!rc)
		rc = lam_http_answer(to, status, lam_buf_str(&head), b.p, b.n, e);
	lam_buf_release(&head);
	lam_buf_release(&b);
	return rc;
}

int
lam_call_refuse(struct lam_http_connection *to, int status, const char *why,
	struct lam_error *e)
{
	return answer_why(to, status, "", why, e);
}

int
lam_call_rest(struct lam_http_connection *to, int64_t left, struct lam_error *e)
{
	char fields[64];

	snprintf(fields, sizeof fields, "Retry-After: %" PRId64 "\r\n",
		left > LAM_NS ? (left + LAM_NS - 1) / LAM_NS : 1);
	return answer_why(to, 503, fields, "the function rests, as it has failed", e);
}

/* As AWS answers an invocation: the payload, and beside it whether it failed. */
static int
answer_invoke(const struct lam_gateway_call *c, struct lam_http_connection *to,
	bool failed, const char *why, struct lam_str output, struct lam_str log,
	struct lam_error *e)
{
	struct lam_buf fields = LAM_BUF_INIT, body = LAM_BUF_INIT;
	int rc;

	lam_buf_printf(&fields, JSON "X-Amz-Executed-Version: $LATEST\r\n"
		"x-amzn-RequestId: %s\r\n", c->id);
	if (failed)
		lam_buf_puts(&fields, "X-Amz-Function-Error: Unhandled\r\n");
	if (c->log) {
		size_t n = log.n < LAM_LOG_TAIL ? log.n : LAM_LOG_TAIL;

		lam_buf_puts(&fields, "X-Amz-Log-Result: ");
		lam_base64_put(&fields, (struct lam_str){
			n ? log.p + (log.n - n) : NULL, n });
		lam_buf_puts(&fields, "\r\n");
	}
	if (failed && *why == '{') { /* an error object of a handler */
		lam_buf_puts(&body, why);
	} else if (failed) {
		lam_buf_puts(&body, "{\"errorMessage\":");
		lam_json_put_string(&body, (struct lam_str){ why, strlen(why) });
		lam_buf_puts(&body, ",\"errorType\":\"Unhandled\"}");
	} else {
		lam_buf_put(&body, output.p, output.n);
	}
	rc = lam_buf_check(&fields, e);
	if (!rc)
		rc = lam_buf_check(&body, e);
	if (!rc)
		rc = lam_http_answer(to, 200, lam_buf_str(&fields), body.p,
			body.n, e);
	lam_buf_release(&fields);
	lam_buf_release(&body);
	return rc;
}

/* What a function that is not written for AWS prints is the body as it is. */
static int
answer_request(struct lam_http_connection *to, struct lam_str output,
	struct lam_error *e)
{
	struct lam_shape_answer s = LAM_SHAPE_ANSWER_INIT;
	int rc;

	if (!lam_shape_answer(output, &s))
		rc = lam_http_answer(to, 200, "Content-Type: text/plain; "
			"charset=utf-8\r\n", output.p, output.n, e);
	else
		rc = lam_http_answer(to, s.status, lam_buf_str(&s.fields),
			s.body.p, s.body.n, e);
	lam_shape_answer_release(&s);
	return rc;
}

int
lam_call_answer(const struct lam_gateway_call *c, struct lam_http_connection *to,
	const struct lam_attempt *a, struct lam_str output, struct lam_str log,
	struct lam_error *e)
{
	bool failed = a->how != LAM_RUN_EXIT || a->status || a->flooded;
	char why[200];

	lam_attempt_tell(a, why, sizeof why);
	if (c->invoke)
		return answer_invoke(c, to, failed, why, output, log, e);
	if (failed)
		return a->how == LAM_RUN_TIMEOUT ?
			lam_call_refuse(to, 504, "the function timed out", e) :
			lam_call_refuse(to, 502, "the function failed", e);
	return answer_request(to, output, e);
}
