/*
 * server.c - connections: read, hand over, answer, read again
 *
 * A connection is *reading*, *waiting* (its request is being served) or *writing*
 * (an answer did not go out at once).  What came behind a request stays in its
 * input until the answer is out, so requests in a row are served in their order.
 *
 * A peer that has closed its sending side still gets its answer; one that is gone
 * altogether is told to the owner while it waits.  Most send nothing while they wait:
 * what is watched is changed only for those that do.
 *
 * Want of descriptors, or of memory, passes when others end.  To wait for it the
 * listener is not watched for a second: it is ready all the time.
 */
#include "http/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "time/time.h"

#define PIECE 65536 /* bytes of a read */
#define REST LAM_NS /* between two tries to accept */

struct lam_http_connection {
	struct lam_http_server *server;
	struct lam_http_connection *next, **prev;
	struct lam_loop_watch watch;
	struct lam_loop_timer timer; /* of a peer that is silent */
	struct lam_http_message message;
	struct lam_buf in, out;
	size_t in_from, out_from; /* what is done of them */
	bool waiting, dead, in_turn;
	bool early;   /* the peer sent something while it waited */
	bool closing; /* after this answer */
	bool ended;   /* the peer sends no more */
};

static const struct {
	int status;
	const char *text;
} reasons[] = {
	{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
	{ 204, "No Content" }, { 301, "Moved Permanently" }, { 302, "Found" },
	{ 303, "See Other" }, { 304, "Not Modified" },
	{ 307, "Temporary Redirect" }, { 400, "Bad Request" },
	{ 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 409, "Conflict" },
	{ 413, "Content Too Large" }, { 417, "Expectation Failed" },
	{ 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" }, { 502, "Bad Gateway" },
	{ 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

static const char *
reason(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Status";
}

static int watch_accept(struct lam_http_server *s, struct lam_error *e);

static int
drop(struct lam_http_connection *c, struct lam_error *e)
{
	struct lam_http_server *s = c->server;
	int fd = c->watch.fd;

	if (c->waiting)
		s->gone(s->arg, c);
	c->waiting = false;
	c->dead = true;
	if (c->in_turn) /* its caller drops it */
		return LAM_OK;
	lam_loop_cancel(s->loop, &c->timer);
	lam_loop_remove(s->loop, &c->watch);
	if (fd >= 0)
		close(fd);
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	s->nconnections--;
	lam_http_release(&c->message);
	lam_buf_release(&c->in);
	lam_buf_release(&c->out);
	free(c);
	return s->nconnections + 1 == s->connections_max ?
		watch_accept(s, e) : LAM_OK;
}

static void
tell(struct lam_http_server *s, const struct lam_error *why)
{
	if (!s->troubled && s->trouble)
		s->trouble(s->arg, why);
	s->troubled = true;
}

/* C ends, because of WHY. */
static int
give_up(struct lam_http_connection *c, const struct lam_error *why,
	struct lam_error *e)
{
	tell(c->server, why);
	return drop(c, e);
}

/* Send what is left of the answer, as far as the peer takes it. */
static void
flush_out(struct lam_http_connection *c)
{
	ssize_t n = 1;

	while (n > 0 && c->out_from < c->out.n) {
		do
			n = send(c->watch.fd, c->out.p + c->out_from,
				c->out.n - c->out_from, MSG_NOSIGNAL);
		while (n < 0 && errno == EINTR);
		if (n > 0)
			c->out_from += (size_t)n;
		else if (errno != EAGAIN)
			c->dead = true;
	}
	if (c->out_from == c->out.n) {
		lam_buf_clear(&c->out);
		c->out_from = 0;
	}
}

static void
put_date(struct lam_buf *b)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct lam_civil v;

	lam_civil_from_ns(lam_clock_wall(), &v);
	lam_buf_printf(b, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n",
		days + 3 * v.weekday, v.day, months + 3 * (v.month - 1), v.year,
		v.hour, v.minute, v.second);
}

static void
put_answer(struct lam_http_connection *c, int status, const char *fields,
	const void *body, size_t n)
{
	struct lam_buf *b = &c->out;

	lam_buf_printf(b, "HTTP/1.1 %d %s\r\n", status, reason(status));
	put_date(b);
	if (status != 204)
		lam_buf_printf(b, "Content-Length: %zu\r\n", n);
	if (c->closing)
		lam_buf_puts(b, "Connection: close\r\n");
	lam_buf_puts(b, fields != NULL ? fields : "");
	lam_buf_puts(b, "\r\n");
	if (!lam_http_is(c->message.method, "HEAD") && status != 204)
		lam_buf_put(b, body, n);
	if (b->oom) /* half an answer is none */
		c->dead = true;
}

/* Use what has been read, until a request is being served or more is needed. */
static int
advance(struct lam_http_connection *c, struct lam_error *e)
{
	struct lam_http_server *s = c->server;
	struct lam_http_message *m = &c->message;
	int rc = LAM_OK;

	while (!rc && !c->dead && !c->waiting && !c->closing &&
		c->out.n == 0 && c->in_from < c->in.n) {
		c->in_from += lam_http_feed(m, c->in.p + c->in_from,
			c->in.n - c->in_from);
		if (m->state == LAM_HTTP_BAD) {
			c->closing = true;
			put_answer(c, m->status, NULL, "", 0);
		} else if (m->state == LAM_HTTP_DONE) {
			c->waiting = true;
			c->closing = !m->keep;
			rc = s->serve(s->arg, c, m, e);
		} else if (m->expects && m->state != LAM_HTTP_HEAD) {
			m->expects = false;
			lam_buf_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
		}
		flush_out(c);
	}
	if (c->in_from == c->in.n) {
		lam_buf_clear(&c->in);
		c->in_from = 0;
	}
	return rc;
}

static void
read_in(struct lam_http_connection *c)
{
	ssize_t n;

	if (!lam_buf_room(&c->in, PIECE)) {
		c->dead = true;
		return;
	}
	do
		n = recv(c->watch.fd, c->in.p + c->in.n, PIECE, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		c->in.n += (size_t)n;
	else if (n == 0)
		c->ended = true;
	else if (errno != EAGAIN)
		c->dead = true;
}

static bool
ends(const struct lam_http_connection *c)
{
	return c->dead || (!c->waiting && !c->out.n && (c->closing || c->ended));
}

/* What the connection, which does not end, waits for next. */
static int
settle(struct lam_http_connection *c, struct lam_error *e)
{
	struct lam_http_server *s = c->server;
	bool writing = c->out.n > 0;
	int rc;

	c->early &= c->waiting;
	rc = lam_loop_change(s->loop, &c->watch, writing ? EPOLLOUT :
		c->early ? 0 : EPOLLIN, e);
	if (rc || !s->patience)
		return rc;
	if (!c->waiting)
		return lam_loop_set(s->loop, &c->timer,
			lam_clock_monotonic() + s->patience, e);
	lam_loop_cancel(s->loop, &c->timer);
	return LAM_OK;
}

/* From what has been read to what is waited for; or to the end. */
static int
go_on(struct lam_http_connection *c, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc;

	c->in_turn = true;
	rc = advance(c, &why);
	c->in_turn = false;
	if (!rc && ends(c))
		return drop(c, e);
	if (!rc)
		rc = settle(c, &why);
	return rc ? give_up(c, &why, e) : LAM_OK;
}

static int
on_connection(void *arg, uint32_t events, struct lam_error *e)
{
	struct lam_http_connection *c = arg;

	if (events & (EPOLLHUP | EPOLLERR))
		c->dead = true;
	if (!c->dead && events & EPOLLOUT)
		flush_out(c);
	c->early |= c->waiting && events & EPOLLIN;
	if (!c->dead && events & EPOLLIN && !c->waiting)
		read_in(c);
	return go_on(c, e);
}

static int
on_silence(void *arg, struct lam_error *e)
{
	return drop(arg, e);
}

int
lam_http_answer(struct lam_http_connection *c, int status, const char *fields,
	const void *body, size_t n, struct lam_error *e)
{
	c->waiting = false;
	put_answer(c, status, fields, body, n);
	lam_http_clear(&c->message);
	flush_out(c);
	if (c->in_turn) /* within serve: its caller goes on */
		return LAM_OK;
	return go_on(c, e);
}

/* FD is closed if there can be no connection. */
static int
add_connection(struct lam_http_server *s, int fd, struct lam_error *e)
{
	struct lam_http_connection *c = calloc(1, sizeof *c);
	int on = 1;

	if (c == NULL) {
		close(fd);
		return lam_fail_mem(e);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	c->server = s;
	c->message.body_max = s->body_max;
	c->message.over_max = s->over_max;
	c->watch = (struct lam_loop_watch){ -1, on_connection, c, 0 };
	c->timer.due = on_silence;
	c->timer.arg = c;
	if (lam_loop_add(s->loop, &c->watch, fd, EPOLLIN, e)) {
		close(fd);
		free(c);
		return LAM_SYSTEM;
	}
	c->next = s->first;
	c->prev = &s->first;
	if (c->next != NULL)
		c->next->prev = &c->next;
	s->first = c;
	s->nconnections++;
	return go_on(c, e);
}

/* Who left before is no matter, nor that there are no more. */
static bool
passes(int error)
{
	return error == EAGAIN || error == ECONNABORTED || error == EINTR ||
		error == EPROTO || error == EPERM;
}

static int
on_rest(void *arg, struct lam_error *e)
{
	return watch_accept(arg, e);
}

static int
rest(struct lam_http_server *s, const struct lam_error *why, struct lam_error *e)
{
	int rc;

	tell(s, why);
	s->rest = (struct lam_loop_timer){ .due = on_rest, .arg = s };
	rc = lam_loop_set(s->loop, &s->rest, lam_clock_monotonic() + REST, e);
	return rc ? rc : watch_accept(s, e);
}

static int
on_accept(void *arg, uint32_t events, struct lam_error *e)
{
	struct lam_http_server *s = arg;
	struct lam_error why = LAM_ERROR_INIT;

	(void)events;
	while (s->nconnections < s->connections_max) {
		int fd = accept4(s->watch.fd, NULL, NULL, SOCK_CLOEXEC |
			SOCK_NONBLOCK);

		if (fd < 0 && passes(errno))
			break;
		if (fd < 0)
			lam_fail_sys(&why, "no connection can be accepted");
		else if (!add_connection(s, fd, &why))
			s->troubled = false;
		if (why.code)
			return rest(s, &why, e);
	}
	return watch_accept(s, e);
}

/* Full, or at rest, it lets them wait. */
static int
watch_accept(struct lam_http_server *s, struct lam_error *e)
{
	bool more = s->nconnections < s->connections_max && !s->rest.slot;

	return s->watch.fd < 0 ? LAM_OK : lam_loop_change(s->loop, &s->watch,
		more ? EPOLLIN : 0, e);
}

int
lam_http_open(struct lam_http_server *s, int fd, struct lam_error *e)
{
	s->first = NULL;
	s->nconnections = 0;
	s->rest.slot = 0;
	s->troubled = false;
	s->watch = (struct lam_loop_watch){ -1, on_accept, s, 0 };
	return lam_loop_add(s->loop, &s->watch, fd, EPOLLIN, e);
}

int
lam_http_descriptor(const struct lam_http_connection *c)
{
	return c->watch.fd;
}

void
lam_http_close(struct lam_http_server *s)
{
	int fd = s->watch.fd;

	if (fd < 0)
		return;
	lam_loop_remove(s->loop, &s->watch);
	lam_loop_cancel(s->loop, &s->rest);
	close(fd);
	while (s->first != NULL) {
		s->first->waiting = false; /* the owner knows */
		if (drop(s->first, NULL))
			return; /* cannot be: nothing is accepted any more */
	}
}
