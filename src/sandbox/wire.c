/*
 * wire.c - packets with descriptors
 */
#include "sandbox/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Twice what is asked for is taken, and no more than the system's limit. */
static const int socket_room = 1 << 18;

int
lam_wire_pair(int fd[2], struct lam_error *e)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return lam_fail_sys(e, "socketpair");
	for (int i = 0; i < 2; i++)
		setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &socket_room,
			sizeof socket_room);
	return LAM_OK;
}

union control {
	struct cmsghdr head; /* aligns it */
	char room[CMSG_SPACE(sizeof(int) * LAM_WIRE_FDS)];
};

int
lam_wire_send(int fd, const void *p, size_t n, const int *fds, size_t nfds,
	struct lam_error *e)
{
	char *bytes = (char *)(uintptr_t)p; /* sendmsg does not write to it */
	struct iovec io = { bytes, n };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1 };
	union control c;
	ssize_t sent;

	if (n > LAM_WIRE_MAX)
		return lam_fail(e, LAM_USAGE, "arguments and environment of a "
			"run have %zu bytes: at most %zu", n, LAM_WIRE_MAX);
	if (nfds > 0) {
		memset(&c, 0, sizeof c);
		m.msg_control = &c;
		m.msg_controllen = CMSG_SPACE(sizeof *fds * nfds);
		c.head.cmsg_level = SOL_SOCKET;
		c.head.cmsg_type = SCM_RIGHTS;
		c.head.cmsg_len = CMSG_LEN(sizeof *fds * nfds);
		memcpy(CMSG_DATA(&c.head), fds, sizeof *fds * nfds);
	}
	do
		sent = sendmsg(fd, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return LAM_OK;
	return errno == EPIPE || errno == ECONNRESET ? LAM_NOTHING :
		lam_fail_sys(e, "a message to a sandbox");
}

int
lam_wire_receive(int fd, struct lam_wire_packet *m, bool dontwait, bool *again,
	struct lam_error *e)
{
	struct iovec io = { m->p, LAM_WIRE_MAX };
	union control c;
	struct msghdr h = { .msg_iov = &io, .msg_iovlen = 1,
		.msg_control = &c, .msg_controllen = sizeof c };
	struct cmsghdr *head;
	ssize_t n;

	m->n = m->nfds = 0;
	*again = false;
	do
		n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC |
			(dontwait ? MSG_DONTWAIT : 0));
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		*again = true;
	if (n == 0 || (n < 0 && (*again || errno == ECONNRESET)))
		return LAM_NOTHING;
	if (n < 0)
		return lam_fail_sys(e, "a message of a sandbox");
	m->n = (size_t)n;
	head = CMSG_FIRSTHDR(&h);
	if (head != NULL && head->cmsg_type == SCM_RIGHTS) {
		m->nfds = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(m->fd, CMSG_DATA(head), m->nfds * sizeof(int));
	}
	return LAM_OK;
}

void
lam_wire_close_fds(struct lam_wire_packet *m)
{
	for (size_t i = 0; i < m->nfds; i++)
		close(m->fd[i]);
	m->nfds = 0;
}

void
lam_wire_put_texts(struct lam_buf *b, const char *const *text, uint32_t *n)
{
	for (; text != NULL && *text != NULL; text++, ++*n)
		lam_buf_put(b, *text, strlen(*text) + 1);
}

bool
lam_wire_texts(const struct lam_wire_packet *m, char **text, size_t n)
{
	char *at = m->p + sizeof(struct lam_wire_head), *end = m->p + m->n;

	for (size_t i = 0; i < n; i++) {
		char *nul = at < end ? memchr(at, 0, (size_t)(end - at)) :
			NULL;

		if (nul == NULL)
			return false;
		text[i] = at;
		at = nul + 1;
	}
	return at == end;
}
