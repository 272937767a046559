/*
 * target_text.c - an output that goes nowhere but to a file must be of the format that
 * its function says
 *
 * A stream has a file for lines that are no records.  A file of records has none: one
 * such line is a fault of the whole output.
 */
#include "trigger/target_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input/input.h"
#include "input/settings.h"

struct lam_target_text {
	struct lam_input_options read;
	struct lam_arena arena; /* of what it is made of */
};

int
lam_target_input(struct lam_input **in, struct lam_str text,
	const struct lam_input_options *o, struct lam_error *e)
{
	int fd = memfd_create("output", MFD_CLOEXEC), rc;
	char path[40];

	if (fd < 0)
		return lam_fail_sys(e, "cannot make a file in memory");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	rc = lam_io_write(fd, text.p, text.n, "an output", e);
	if (!rc)
		rc = lam_input_open(in, path, o, e);
	close(fd);
	return rc;
}

int
lam_target_text_open(struct lam_target *t, struct lam_error *e)
{
	struct lam_target_text *x;
	int rc = LAM_OK;

	if (!t->o.text->format && !lam_dialect_given(&t->o.text->dialect))
		return LAM_OK;
	x = t->text = calloc(1, sizeof *x);
	if (!x)
		return lam_fail_mem(e);
	x->read = *t->o.text;
	if (t->o.data)
		rc = lam_settings_own(&x->read, t->o.data, &x->arena, e);
	/* That there is such a format is not for the first output to find. */
	if (!rc)
		rc = lam_target_text_check(t, (struct lam_str){ "", 0 }, e);
	return rc;
}

static int
check_chunk(struct lam_input *in, struct lam_chunk *c, const char *format,
	struct lam_error *e)
{
	struct lam_cells cells;
	uint64_t blank = 0;
	int rc = lam_input_parse(in, c, NULL, &cells, &blank, e);

	if (!rc && c->nrejects)
		rc = lam_fail(e, LAM_DATA, "line %" PRIu64 " of it is no record of "
			"the format %.40s: %s", c->reject[0].line,
			format ? format : "csv", c->reject[0].reason);
	return rc;
}

int
lam_target_text_check(struct lam_target *t, struct lam_str text, struct lam_error *e)
{
	struct lam_chunk chunk = LAM_CHUNK_INIT;
	struct lam_input *in = NULL;
	bool got = true;
	int rc = lam_target_input(&in, text, &t->text->read, e);

	while (!rc && got) {
		rc = lam_input_next(in, &chunk, LAM_BLOCK_ROWS, -1, NULL, &got, e);
		if (!rc && got)
			rc = check_chunk(in, &chunk, t->o.text->format, e);
		got &= !chunk.last;
	}
	if (in)
		lam_input_close(in);
	lam_chunk_release(&chunk);
	return rc;
}

void
lam_target_text_close(struct lam_target *t)
{
	if (t->text)
		lam_arena_release(&t->text->arena);
	free(t->text);
	t->text = NULL;
}
