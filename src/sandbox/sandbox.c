/*
 * sandbox.c - the program's end: messages to a keeper, and its reports
 */
#include "sandbox/sandbox.h"

#include <string.h>
#include <unistd.h>

#include "sandbox/wire.h"

int
lam_sandbox_run(struct lam_sandbox *s, const struct lam_sandbox_run *run,
	struct lam_error *e)
{
	struct lam_wire_head head = { .kind = LAM_WIRE_RUN,
		.value = run->deadline, .hold = run->hold };
	struct lam_buf b = LAM_BUF_INIT;
	int fd[LAM_WIRE_FDS], rc;
	size_t nfds = 0;

	for (int i = 0; i < LAM_WIRE_FDS; i++) {
		head.given[i] = run->fd[i] >= 0;
		if (head.given[i])
			fd[nfds++] = run->fd[i];
	}
	lam_buf_put(&b, &head, sizeof head);
	lam_wire_put_texts(&b, run->argv, &head.ntexts);
	head.narguments = head.ntexts;
	lam_wire_put_texts(&b, run->env, &head.ntexts);
	rc = lam_buf_check(&b, e);
	if (!rc) {
		memcpy(b.p, &head, sizeof head);
		rc = lam_wire_send(s->fd, b.p, b.n, fd, nfds, e);
	}
	lam_buf_release(&b);
	/* That its keeper is gone is for the next reap to tell. */
	return rc == LAM_NOTHING ? LAM_OK : rc;
}

int
lam_sandbox_reap(struct lam_sandbox *s, struct lam_sandbox_report *r,
	struct lam_error *e)
{
	char bytes[LAM_WIRE_MAX];
	struct lam_wire_packet m = { .p = bytes };
	bool again;
	int rc = lam_wire_receive(s->fd, &m, true, &again, e);

	*r = (struct lam_sandbox_report){ .kind = LAM_SANDBOX_NOTHING,
		.listener = -1 };
	if (!rc && m.n == sizeof *r) {
		memcpy(r, m.p, sizeof *r);
		r->listener = m.nfds > 0 ? m.fd[0] : -1;
	} else if (!rc || (rc == LAM_NOTHING && !again)) {
		r->kind = LAM_SANDBOX_FAILED;
		strcpy(r->message, "its keeper was killed");
	}
	return rc == LAM_NOTHING ? LAM_OK : rc;
}

static void
order_with(struct lam_sandbox *s, enum lam_wire_kind kind, int64_t value,
	const int *fds, size_t nfds)
{
	struct lam_wire_head head = { .kind = kind, .value = value };

	/* That its keeper is gone is for the next reap to tell. */
	(void)!lam_wire_send(s->fd, &head, sizeof head, fds, nfds, NULL);
}

static void
order(struct lam_sandbox *s, enum lam_wire_kind kind, int64_t value)
{
	order_with(s, kind, value, NULL, 0);
}

void
lam_sandbox_deadline(struct lam_sandbox *s, int64_t deadline)
{
	order(s, LAM_WIRE_DEADLINE, deadline);
}

void
lam_sandbox_kill(struct lam_sandbox *s)
{
	order(s, LAM_WIRE_KILL, 0);
}

void
lam_sandbox_end(struct lam_sandbox *s, int64_t grace, const int *keep, size_t n)
{
	order_with(s, LAM_WIRE_END, grace, keep, n);
}

void
lam_sandbox_freeze(struct lam_sandbox *s, bool on)
{
	order(s, LAM_WIRE_FREEZE, on);
}

void
lam_sandbox_quota(struct lam_sandbox *s, bool on)
{
	order(s, LAM_WIRE_QUOTA, on);
}

void
lam_sandbox_ask(struct lam_sandbox *s)
{
	order(s, LAM_WIRE_ASK, 0);
}

void
lam_sandbox_close(struct lam_sandbox *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
