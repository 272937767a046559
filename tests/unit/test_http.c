/*
 * test_http.c - requests that are whole, and requests that are refused
 *
 * Expected answers come from RFC 9112 and RFC 9110; a request that one server may
 * repair and another one not is to be refused.  Each one is fed whole, and cut in
 * two at every byte: what it means may not depend on that.
 */
#include "test.h"

#include "http/message.h"

#define HOST "Host: x\r\n"
#define CHUNKED "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"

static const struct {
	const char *what, *request;
	int status;
} hostile[] = {
	{ "two lengths", "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
		"Content-Length: 6\r\n\r\nhello", 400 },
	{ "the same length twice", "POST / HTTP/1.1\r\n" HOST
		"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400 },
	{ "a list of lengths", "POST / HTTP/1.1\r\n" HOST
		"Content-Length: 5, 5\r\n\r\nhello", 400 },
	{ "a length and a coding", "POST / HTTP/1.1\r\n" HOST "Content-Length: 5"
		"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
	{ "a coding and a length", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:"
		" chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400 },
	{ "+3", "POST / HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\nabc", 400 },
	{ "-3", "POST / HTTP/1.1\r\n" HOST "Content-Length: -3\r\n\r\nabc", 400 },
	{ "0x3", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n\r\nabc", 400 },
	{ "no length", "POST / HTTP/1.1\r\n" HOST "Content-Length: \r\n\r\n", 400 },
	{ "a length of 2^64 + 3", "POST / HTTP/1.1\r\n" HOST
		"Content-Length: 18446744073709551619\r\n\r\nabc", 400 },
	{ "two codings", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked"
		"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
	{ "gzip, chunked", "POST / HTTP/1.1\r\n" HOST
		"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400 },
	{ "identity", "POST / HTTP/1.1\r\n" HOST
		"Transfer-Encoding: identity\r\n\r\n", 400 },
	{ "xchunked", "POST / HTTP/1.1\r\n" HOST
		"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400 },
	{ "chunked in quotes", "POST / HTTP/1.1\r\n" HOST
		"Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400 },
	{ "a vertical tab before chunked", "POST / HTTP/1.1\r\n" HOST
		"Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", 400 },
	{ "chunked in HTTP/1.0", "POST / HTTP/1.0\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
	{ "a blank before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400 },
	{ "a tab before the colon", "GET / HTTP/1.1\r\n" HOST
		"Content-Length\t: 3\r\n\r\nabc", 400 },
	{ "a folded line", "GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", 400 },
	{ "a folded coding", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n"
		" chunked\r\n\r\n0\r\n\r\n", 400 },
	{ "a first line that is folded", "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
		400 },
	{ "an empty name", "GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n", 400 },
	{ "no colon", "GET / HTTP/1.1\r\n" HOST "abc\r\n\r\n", 400 },
	{ "a name in brackets", "GET / HTTP/1.1\r\n" HOST "a(b): c\r\n\r\n", 400 },
	{ "a name with a high byte", "GET / HTTP/1.1\r\n" HOST "a\xe9: c\r\n\r\n",
		400 },
	{ "a control character", "GET / HTTP/1.1\r\n" HOST "A: b\x01\r\n\r\n", 400 },
	{ "a DEL", "GET / HTTP/1.1\r\n" HOST "A: b\x7f\r\n\r\n", 400 },
	{ "a bare CR", "GET / HTTP/1.1\r\n" HOST "A: b\rC: d\r\n\r\n", 400 },
	{ "bare LFs", "GET / HTTP/1.1\nHost: x\n\n", 400 },
	{ "a bare LF in the head", "GET / HTTP/1.1\r\n" HOST "A: b\n\r\n", 400 },
	{ "an end by a bare LF", "GET / HTTP/1.1\r\n" HOST "\n", 400 },
	{ "no Host", "GET / HTTP/1.1\r\n\r\n", 400 },
	{ "two Hosts", "GET / HTTP/1.1\r\n" HOST "Host: y\r\n\r\n", 400 },
	{ "an empty line before", "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "two blanks", "GET  / HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "a tab", "GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "a blank in the target", "GET /a b HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "a blank at the end", "GET / HTTP/1.1 \r\n" HOST "\r\n", 400 },
	{ "HTTP/0.9", "GET /\r\n\r\n", 400 },
	{ "http/1.1", "GET / http/1.1\r\n" HOST "\r\n", 400 },
	{ "HTTP/1.10", "GET / HTTP/1.10\r\n" HOST "\r\n", 400 },
	{ "a method in brackets", "G(T / HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "a target that is no path", "GET x HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "a high byte in the target", "GET /\xff HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "HTTP/2.0", "GET / HTTP/2.0\r\n" HOST "\r\n", 505 },
	{ "another expectation", "GET / HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n",
		417 },
	{ "a chunk of 0x3", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", 400 },
	{ "a chunk of +3", CHUNKED "+3\r\nabc\r\n0\r\n\r\n", 400 },
	{ "a chunk of -1", CHUNKED "-1\r\nabc\r\n0\r\n\r\n", 400 },
	{ "a chunk of \" 3\"", CHUNKED " 3\r\nabc\r\n0\r\n\r\n", 400 },
	{ "a chunk of \"3 \"", CHUNKED "3 \r\nabc\r\n0\r\n\r\n", 400 },
	{ "a chunk size that is a LF", CHUNKED "\nabc\r\n0\r\n\r\n", 400 },
	{ "a chunk without a size", CHUNKED "\r\nabc\r\n0\r\n\r\n", 400 },
	{ "a chunk of 2^64 + 3", CHUNKED "10000000000000003\r\nabc\r\n0\r\n\r\n",
		400 },
	{ "a chunk that is longer", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", 400 },
	{ "a chunk that ends with LF", CHUNKED "3\r\nabc\n0\r\n\r\n", 400 },
	{ "a size that ends with LF", CHUNKED "3\nabc\r\n0\r\n\r\n", 400 },
	{ "a CR in an extension", CHUNKED "3;a\rb\r\nabc\r\n0\r\n\r\n", 400 },
	{ "a folded trailer", CHUNKED "0\r\nA: b\r\n c\r\n\r\n", 400 },
	{ "a trailer without a name", CHUNKED "0\r\n: b\r\n\r\n", 400 },
	{ "more than the owner takes", "POST / HTTP/1.1\r\n" HOST
		"Content-Length: 101\r\n\r\n", 413 },
	{ "the same in chunks", CHUNKED "60\r\n"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n5\r\n", 413 },
};

static const struct {
	const char *what, *request, *method, *target, *body, *field, *value;
	bool keep;
} good[] = {
	{ "a GET", "GET /a?b=c HTTP/1.1\r\n" HOST "\r\n", "GET", "/a?b=c", "",
		"host", "x", true },
	{ "a length", "POST / HTTP/1.1\r\n" HOST "content-length: 5\r\n\r\nhello",
		"POST", "/", "hello", "content-length", "5", true },
	{ "chunks, an extension, a trailer", CHUNKED "3\r\nabc\r\n00A;x=y\r\n"
		"0123456789\r\n0\r\nThe-End: yes\r\n\r\n", "POST", "/",
		"abc0123456789", "the-end", "yes", true },
	{ "blanks around a value", "GET / HTTP/1.1\r\n" HOST "A: \t b c \t\r\n\r\n",
		"GET", "/", "", "a", "b c", true },
	{ "an empty value", "GET / HTTP/1.1\r\n" HOST "A:\r\n\r\n", "GET", "/", "",
		"a", "", true },
	{ "a close", "GET / HTTP/1.1\r\n" HOST "Connection: x, Close\r\n\r\n",
		"GET", "/", "", "host", "x", false },
	{ "HTTP/1.0", "GET / HTTP/1.0\r\nA: b\r\n\r\n", "GET", "/", "", "a", "b",
		false },
	{ "HTTP/1.0 that stays", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
		"GET", "/", "", "connection", "keep-alive", true },
	{ "as a proxy would be asked", "GET http://x/y HTTP/1.1\r\n" HOST "\r\n",
		"GET", "/y", "", "host", "x", true },
	{ "an expectation", "POST / HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\n"
		"Content-Length: 1\r\n\r\nz", "POST", "/", "z", "host", "x",
		true },
};

/* Fed in two pieces; what is left is fed again from where it was left. */
static void
feed(struct lam_http_message *m, const char *text, size_t cut)
{
	size_t n = strlen(text), at = lam_http_feed(m, text, cut);

	if (at == cut)
		at += lam_http_feed(m, text + at, n - at);
	FAIL_IF(m->state == LAM_HTTP_DONE && at != n, "%zu of %zu taken", at, n);
}

static bool
same(struct lam_str s, const char *want)
{
	return s.n == strlen(want) && (s.n == 0 || !memcmp(s.p, want, s.n));
}

static void
check_hostile(struct lam_http_message *m)
{
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
		for (size_t k = 0; k <= strlen(hostile[i].request); k++) {
			lam_http_clear(m);
			feed(m, hostile[i].request, k);
			FAIL_IF(m->state != LAM_HTTP_BAD ||
				m->status != hostile[i].status,
				"%s, cut at %zu: state %d, status %d",
				hostile[i].what, k, (int)m->state, m->status);
		}
	PASS("hostile requests are refused");
}

static void
check_good(struct lam_http_message *m)
{
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		for (size_t k = 0; k <= strlen(good[i].request); k++) {
			lam_http_clear(m);
			feed(m, good[i].request, k);
			FAIL_IF(m->state != LAM_HTTP_DONE ||
				!same(m->method, good[i].method) ||
				!same(m->target, good[i].target) ||
				!same((struct lam_str){ m->body.p, m->body.n },
					good[i].body) ||
				!same(lam_http_field(m, good[i].field),
					good[i].value) ||
				m->keep != good[i].keep, "%s, cut at %zu: state %d"
				", status %d", good[i].what, k, (int)m->state,
				m->status);
		}
	PASS("good requests are read");
}

static void
check_limits(struct lam_http_message *m)
{
	lam_http_clear(m);
	feed(m, "GET / HTTP/1.1\r\nHost: x\r\nA: ", 0);
	while (m->state == LAM_HTTP_HEAD)
		lam_http_feed(m, "aaaaaaaaaaaaaaaa", 16);
	CHECK_INT(m->status, 431);
	CHECK(m->head.n <= LAM_HTTP_HEAD_MAX);
	lam_http_clear(m);
	lam_http_feed(m, "GET / HTTP/1.1\r\n", 16);
	for (int i = 0; i <= LAM_HTTP_FIELDS; i++)
		lam_http_feed(m, "A: b\r\n", 6);
	lam_http_feed(m, "\r\n", 2);
	CHECK_INT(m->status, 431);
	lam_http_clear(m);
	feed(m, CHUNKED "0\r\nA: ", 0);
	while (m->state == LAM_HTTP_TRAILER)
		lam_http_feed(m, "aaaaaaaaaaaaaaaa", 16);
	CHECK_INT(m->status, 431);
}

int
main(void)
{
	struct lam_http_message m = { .body_max = 100 };

	check_hostile(&m);
	check_good(&m);
	check_limits(&m);
	lam_http_release(&m);
	return DONE();
}
