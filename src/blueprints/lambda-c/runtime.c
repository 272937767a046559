/*
 * runtime.c - a runtime for handlers of AWS Lambda: nothing but the C library
 *
 * One connection to the Runtime API, one buffer, one invocation after the other.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENT_MAX ((size_t)6 << 20)
#define HEAD_MAX 16384

const char *handler(const char *event, size_t n, char *out, size_t size);

static char in[HEAD_MAX + EVENT_MAX], out[EVENT_MAX], host[128], prefix[128];
static int api = -1;

static void
fail(const char *what)
{
	fprintf(stderr, "runtime: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* HOST:PORT, and perhaps a /PREFIX of all paths. */
static void
connect_api(void)
{
	const char *address = getenv("AWS_LAMBDA_RUNTIME_API");
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *a = NULL;
	char name[128], *port;

	if (!address || sscanf(address, "%127[^/]%127s", host, prefix) < 1)
		fail("AWS_LAMBDA_RUNTIME_API");
	strcpy(name, host);
	port = strrchr(name, ':');
	if (port)
		*port++ = '\0';
	if (getaddrinfo(name, port ? port : "80", &hints, &a))
		fail(host);
	api = socket(a->ai_family, a->ai_socktype, 0);
	if (api < 0 || connect(api, a->ai_addr, a->ai_addrlen))
		fail(host);
	freeaddrinfo(a);
}

static void
put(const char *p, size_t n, int flags)
{
	while (n > 0) {
		ssize_t m = send(api, p, n, flags);

		if (m < 0 && errno != EINTR)
			fail("the Runtime API");
		p += m > 0 ? m : 0;
		n -= m > 0 ? (size_t)m : 0;
	}
}

/* The value of field NAME of the head in[]; "": it has none. */
static const char *
field(const char *name)
{
	static char value[128];
	size_t n = strlen(name);

	*value = '\0';
	for (char *p = strstr(in, "\r\n"); p; p = strstr(p, "\r\n")) {
		p += 2;
		if (!strncasecmp(p, name, n) && p[n] == ':')
			sscanf(p + n + 1, " %127[^\r]", value);
	}
	return value;
}

static size_t
more(size_t n, size_t room)
{
	ssize_t m = recv(api, in + n, room, 0);

	if (m < 0 && errno == EINTR)
		return 0;
	if (m <= 0)
		exit(0); /* no more events */
	return (size_t)m;
}

/* Read an answer; its body is in BODY[*N], its head ends with a NUL in in[]. */
static const char *
answer(size_t *n)
{
	size_t have = 0, head;
	char *end;

	do {
		have += more(have, HEAD_MAX - 1 - have);
		in[have] = '\0';
		end = memmem(in, have, "\r\n\r\n", 4);
	} while (!end && have < HEAD_MAX - 1);
	if (!end)
		fail("a head without an end");
	end[2] = '\0';
	head = (size_t)(end - in) + 4;
	*n = strtoul(field("Content-Length"), NULL, 10);
	if (*n > sizeof in - head)
		fail("an event that is too long");
	while (have < head + *n)
		have += more(have, head + *n - have);
	return in + head;
}

/* POST BODY[N] about the invocation ID. */
static void
post(const char *id, const char *what, const char *body, size_t n)
{
	char head[512];
	int m = snprintf(head, sizeof head, "POST %s/2018-06-01/runtime/invocation/"
		"%s/%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n\r\n",
		prefix, id, what, host, n);

	put(head, (size_t)m, MSG_MORE);
	put(body, n, 0);
	answer(&n);
}

int
main(void)
{
	char next[512], id[128];
	int ask;

	connect_api();
	ask = snprintf(next, sizeof next, "GET %s/2018-06-01/runtime/invocation/next "
		"HTTP/1.1\r\nHost: %s\r\n\r\n", prefix, host);
	for (;;) {
		const char *event, *wrong;
		size_t n;

		put(next, (size_t)ask, 0);
		event = answer(&n);
		strcpy(id, field("Lambda-Runtime-Aws-Request-Id"));
		wrong = handler(event, n, out, sizeof out);
		if (wrong) {
			fprintf(stderr, "%s\n", wrong);
			snprintf(out, sizeof out, "{\"errorMessage\": \"%s\", "
				"\"errorType\": \"Error\"}", wrong);
		}
		post(id, wrong ? "error" : "response", out, strlen(out));
	}
}
