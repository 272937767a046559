/*
 * delimiter_sep.c - a first line "sep=;", as Excel has it
 */
#include <string.h>

#include "input/delimiter.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"

void
lam_delimiter_sep(struct lam_input *in)
{
	struct lam_str head = lam_input_head(in);
	const char *line = in->carry.n ? in->carry.p + in->carry_at : NULL;
	const char *end = memchr(head.p, '\n', head.n);
	size_t n = end ? (size_t)(end - head.p) + 1 : 0;

	if (n < 6 || n > 7 || head.p != line || memcmp(line, "sep=", 4) ||
		(n == 7 && line[5] != '\r'))
		return;
	in->sep = line[4];
	lam_prefix_add(&in->prefix, line, n);
	in->carry_at += n;
	in->line++;
}

void
lam_delimiter_save(const struct lam_input *in, struct lam_buf *out)
{
	if (!in->delimiter)
		return;
	lam_buf_putc(out, '\t'); /* which no escaped text has */
	lam_buf_putc(out, in->delimiter);
}
