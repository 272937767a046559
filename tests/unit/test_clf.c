/*
 * test_clf.c - common and combined log lines
 */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "input/format.h"

/* Parse TEXT; fields as "name=value" lines of the rows, then "! line reason". */
static void
parse(const char *text, const char *format, struct lam_buf *out)
{
	char path[] = "/tmp/lam-test-clf-XXXXXX";
	struct lam_input_options o = { .format = format };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_chunk c = LAM_CHUNK_INIT;
	const char *const *name;
	struct lam_input *in = NULL;
	struct lam_cells cells;
	uint64_t blank;
	bool got;
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 ||
		lam_input_open(&in, path, &o, &e) ||
		lam_input_next(in, &c, LAM_BLOCK_ROWS, -1, NULL, &got, &e))
		abort();
	lam_input_fields(in, &name);
	if (got && lam_input_parse(in, &c, NULL, &cells, &blank, &e))
		abort();
	for (uint32_t row = 0; got && row < cells.nrows; row++)
		for (uint32_t f = 0; f < cells.nfields; f++) {
			struct lam_str v = lam_cell_str(&cells, f, row);

			if (v.p)
				lam_buf_printf(out, "%s=%.*s\n", name[f],
					(int)v.n, v.p);
		}
	for (size_t i = 0; i < c.nrejects; i++)
		lam_buf_printf(out, "! %d %s\n", (int)c.reject[i].line,
			c.reject[i].reason);
	lam_chunk_release(&c);
	lam_input_close(in);
	close(fd);
	unlink(path);
}

static const char *const FIRST = "1.2.3.4 - bob [17/May/2015:10:05:03 +0000] ";

static void
check(const char *rest, const char *format, const char *want, int line)
{
	struct lam_buf text = LAM_BUF_INIT, got = LAM_BUF_INIT;

	lam_buf_printf(&text, "%s%s\n", FIRST, rest);
	parse(lam_buf_str(&text), format, &got);
	test_str(got.p, got.n, want, __FILE__, line, rest);
	lam_buf_release(&text);
	lam_buf_release(&got);
}

#define HEAD "ip=1.2.3.4\nuser=bob\nts=17/May/2015:10:05:03 +0000\n"
#define TAIL "referer=http://r/\nagent=A (x; y)\n"
#define COMBINED(rest, want) check(rest, "combined", want, __LINE__)

#define SHIFTED "a field stands before ip, as the server's name in " \
	"vhost_combined: cut it off\n"

int
main(void)
{
	struct lam_buf got = LAM_BUF_INIT;

	COMBINED("\"GET /a?b=c HTTP/1.1\" 200 17 \"http://r/\" \"A (x; y)\"",
		HEAD "method=GET\npath=/a?b=c\nprotocol=HTTP/1.1\nstatus=200\n"
		"bytes=17\n" TAIL);
	COMBINED("\"GET /a b HTTP/1.1\" 404 - \"-\" \"-\"",
		HEAD "method=GET\npath=/a b\nprotocol=HTTP/1.1\nstatus=404\n");
	COMBINED("\"GET /\\\"q\\\" HTTP/1.0\" 200 1 \"-\" \"say \\\"hi\\\" \\\\\"",
		HEAD "method=GET\npath=/\\\"q\\\"\nprotocol=HTTP/1.0\n"
		"status=200\nbytes=1\nagent=say \\\"hi\\\" \\\\\n");
	COMBINED("\"\\x16\\x03\\x01\" 400 226 \"-\" \"-\"",
		HEAD "path=\\x16\\x03\\x01\nstatus=400\nbytes=226\n");
	COMBINED("\"-\" 408 - \"-\" \"-\"", HEAD "status=408\n");
	COMBINED("\"GET / HTTP/1.1\" 200 1 \"-\" \"cut off",
		"! 1 agent: the quote is missing or never closed\n");
	COMBINED("\"GET / HTTP/1.1\" 200 1 \"-\" \"a\" 0.25",
		"! 1 text after the last field\n");
	COMBINED("\"GET / HTTP/1.1\" 200", "! 1 bytes: missing\n");
	check("\"GET / HTTP/1.1\" 200 5", "common", HEAD
		"method=GET\npath=/\nprotocol=HTTP/1.1\nstatus=200\nbytes=5\n",
		__LINE__);
	check("\"GET / HTTP/1.1\" 200 5", NULL, HEAD
		"method=GET\npath=/\nprotocol=HTTP/1.1\nstatus=200\nbytes=5\n",
		__LINE__);
	parse("nonsense\n\n1 - two words [t] \"r\" 1 2 \"-\" \"-\"\r\n", "combined",
		&got);
	CHECK_STR(got.p, got.n, "ip=1\nuser=two words\nts=t\npath=r\nstatus=1\n"
		"bytes=2\n! 1 expected: ip ident user [time] \"request\" status "
		"bytes\n");
	lam_buf_clear(&got);
	/* lists of addresses, as X-Forwarded-For has them */
	parse("9.0.0.1, 8.0.0.2 - - [t] \"r\" 1 2\n"
		"unknown, 9.0.0.1, ::1 - bob [t] \"r\" 1 2\n"
		"7.0.0.9 (9.0.0.1, 8.0.0.2) - - [t] \"r\" 1 2\n"
		"1:2::3 - - [t] \"r\" 1 2\n", "common", &got);
	CHECK_STR(got.p, got.n, "ip=9.0.0.1, 8.0.0.2\nts=t\npath=r\nstatus=1\n"
		"bytes=2\nip=unknown, 9.0.0.1, ::1\nuser=bob\nts=t\npath=r\n"
		"status=1\nbytes=2\nip=7.0.0.9 (9.0.0.1, 8.0.0.2)\nts=t\npath=r\n"
		"status=1\nbytes=2\nip=1:2::3\nts=t\npath=r\nstatus=1\nbytes=2\n");
	lam_buf_clear(&got);
	/* a name of a server in front, with a port and without */
	parse("www.example.org:443 9.0.0.1 - - [t] \"r\" 1 2\n"
		"www.example.org 9.0.0.1 - bob [t] \"r\" 1 2\n"
		"www.example.org 1:2::3 x bob [t] \"r\" 1 2\n"
		"www.example.org host.isp.net - - [t] \"r\" 1 2\n"
		"www.example.org host.isp.net - bob [t] \"r\" 1 2\n", "common",
		&got);
	CHECK_STR(got.p, got.n, "! 1 " SHIFTED "! 2 " SHIFTED "! 3 " SHIFTED
		"! 4 " SHIFTED "! 5 " SHIFTED);
	lam_buf_release(&got);
	return DONE();
}
