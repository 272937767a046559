/*
 * test_save.c - what a format must know to go on in the middle of a text
 */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "input/input.h"

/* The cells of the next chunk of at most one record, and what is saved behind it. */
static bool
next(struct lam_input *in, struct lam_buf *values, struct lam_buf *saved)
{
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_cells cells;
	uint64_t blank;
	bool got;

	CHECK_INT(lam_input_next(in, &c, 1, -1, NULL, &got, &e), LAM_OK);
	if (got)
		CHECK_INT(lam_input_parse(in, &c, NULL, &cells, &blank, &e),
			LAM_OK);
	for (uint32_t f = 0; got && cells.nrows && f < cells.nfields; f++) {
		struct lam_str v = lam_cell_str(&cells, f, 0);

		lam_buf_put(values, v.p, v.n);
		lam_buf_putc(values, ';');
	}
	lam_buf_clear(saved);
	CHECK_INT(lam_input_save(in, &c, saved, &e), LAM_OK);
	lam_chunk_release(&c);
	return got;
}

static void
check(const char *format, const char *text, const char *rest, const char *want,
	const char *state)
{
	static const char *const names[] = { "a", "b.c" };
	struct lam_input_options o = { .format = format };
	struct lam_buf values = LAM_BUF_INIT, saved = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	char path[] = "/tmp/lam-test-save-XXXXXX";
	struct lam_input *in;
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	CHECK_INT(lam_input_open(&in, path, &o, &e), LAM_OK);
	CHECK(next(in, &values, &saved));
	lam_input_close(in);
	test_str(saved.p, saved.n, state, __FILE__, __LINE__, text);
	if (ftruncate(fd, 0) || pwrite(fd, rest, strlen(rest), 0) < 0)
		abort();
	o.saved = state;
	o.fields = strcmp(format, "jsonl") ? NULL : names;
	o.nfields = 2;
	CHECK_INT(lam_input_open(&in, path, &o, &e), LAM_OK);
	while (next(in, &values, &saved))
		;
	lam_input_close(in);
	test_str(values.p, values.n, want, __FILE__, __LINE__, text);
	lam_buf_release(&values);
	lam_buf_release(&saved);
	close(fd);
	unlink(path);
}

int
main(void)
{
	check("jsonl", "[{\"a\":1,\"b\":{\"c\":2}},\n{\"a\":3}\n]\n",
		"{\"a\":3},{\"b\":{\n\"c\":4}}]", "1;2;3;;;;4;;", "document");
	check("jsonl", "{\"a\":1,\"b\":{\"c\":2}}\n{\"a\":3}\n",
		"{\"a\":\n{\"a\":4}\n", "1;2;4;;;", "");
	/* 2024 << 8 | 12: the January behind it is of the next year. */
	check("syslog:2024", "Dec 31 23:59:59 h a: x\n" "Jan  1 00:00:00 h a: y\n",
		"Jan  2 00:00:00 h a: z\n",
		";;2024-12-31T23:59:59;h;a;;;;x;;;2025-01-02T00:00:00;h;a;;;;z;",
		"518156");
	check("syslog:2024", "Dec 31 23:59:59 h a: x\n", "Dec  2 00:00:00 h a: z\n",
		";;2024-12-31T23:59:59;h;a;;;;x;;;2024-12-02T00:00:00;h;a;;;;z;",
		"518156");
	return test_done();
}
