/*
 * recognise.c - which format a text is of, where nobody says it
 *
 * The first line chooses: it is there, however the text is read.  The lines behind it,
 * of a pipe those that are there, can only refuse: if most of them are no records, the
 * choice was wrong.  Any line would be a table of one column, so what is only that
 * must look like a table.  Reading a text as what it is not is the worst that can
 * happen: then there are records that nobody wrote.
 */
#include "input/recognise.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "input/delimiter.h"
#include "input/foreign.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"
#include "input/layouts.h"
#include "input/preamble.h"
#include "input/trial.h"

#define SURE 80	      /* a format as sure as this is no table by mere lack of others */
#define TABLE 70      /* its first lines have as many fields each */
#define ALIKE_LINES 8
#define NEAR 50	      /* likeness; less is none */

struct nearest {
	const struct lam_format *format; /* NULL: none is near */
	struct lam_trial trial;
	bool reads; /* it is near only if it reads a line */
};

/* How much LINES look like those of F, on average: 0 to 100. */
static unsigned
likeness(const struct lam_format *f, struct lam_str lines)
{
	unsigned sum = 0, n = 0;
	struct lam_str line;

	while (n < ALIKE_LINES && lam_str_line(&lines, &line)) {
		sum += lam_trial_likeness(f, line);
		n++;
	}
	return n ? sum / n : 0;
}

/* The format whose example is most like LINES, and a trial of it. */
static int
find_nearest(struct lam_str lines, struct nearest *best, struct lam_error *e)
{
	unsigned most = NEAR - 1;

	for (size_t i = 0; lam_formats[i]; i++) {
		unsigned like = likeness(lam_formats[i], lines);

		if (like > most) {
			best->format = lam_formats[i];
			most = like;
		}
	}
	return !best->format ? LAM_OK :
		lam_input_trial(best->format, lines, NULL, &best->trial, e);
}

/* WHAT and HOW: as foreign.h has it; WHAT NULL: most lines are not as the first. */
static int
refuse_unknown(const struct lam_input *in, const char *what, const char *how,
	const struct nearest *near, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	char all[400];
	int r;

	lam_format_list(all, sizeof all);
	if (near->format && near->trial.rejects)
		lam_buf_printf(&b, "%s %s, but line %" PRIu64 " is none of it (%s)",
			what ? "; nearest is" : "begins like", near->format->name,
			near->trial.line + in->line - 1, near->trial.reason);
	else if (near->format)
		lam_buf_printf(&b, "; -f %s would take the first lines",
			near->format->name);
	lam_buf_printf(&b, ": %s", how ? how : "convert it to one of them, or name "
		"with -f the one to read it as");
	r = lam_fail(e, LAM_DATA, "%s: %s%s%s%s%s%s", lam_input_label(in),
		what ? "looks like " : "", what ? what : "",
		what && !how ? ", which is not a format that lam reads (" : "",
		what && !how ? all : "", what && !how ? ")" : "", lam_buf_str(&b));
	lam_buf_release(&b);
	return r;
}

/* The same; where a program is known that writes such lines, it and its options are
 * said instead. */
static int
refuse(struct lam_input *in, const char *what, const char *how,
	struct nearest *near, struct lam_str lines, struct lam_error *e)
{
	struct lam_buf typed = LAM_BUF_INIT;
	const char *known;
	int r = lam_layout_find(lines, false, &known, &typed, e);

	if (!r && !known && !near->format)
		r = find_nearest(lines, near, e);
	if (near->reads && near->trial.records == near->trial.blank)
		near->format = NULL;
	if (!r && !known && (!near->format || near->trial.rejects))
		r = lam_layout_find(lines, true, &known, &typed, e);
	if (!r && known)
		r = lam_fail(e, LAM_DATA, "%s: looks like %s: %s",
			lam_input_label(in), known, lam_buf_str(&typed));
	else if (!r)
		r = refuse_unknown(in, what, how, near, e);
	lam_buf_release(&typed);
	return r;
}

/* A line of as many fields as the stream has, so it may be one of its own. */
static bool
is_known(const struct lam_input_options *o, struct lam_str head)
{
	struct lam_str rest = head, line;
	size_t fields = 1;

	(void)lam_str_line(&rest, &line);
	for (size_t i = 0; i < line.n; i++)
		fields += line.p[i] == ',' || line.p[i] == '\t';
	return o->nknown == fields;
}

int
lam_input_recognise(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e)
{
	struct lam_str head = lam_input_head(in), lines;
	bool told = o->fields || o->header != LAM_HEADER_GUESS, table;
	const char *what = NULL, *how = NULL;
	struct nearest near = { .format = NULL };
	int r;

	in->format = lam_format_guess(in->path, head, o->fields != NULL, &in->sure);
	in->format_name = in->format->name;
	if (in->sure == LAM_FORMAT_NAMED || !head.n)
		return LAM_OK;
	r = in->format->divides == ',' ? lam_delimiter_await(in, e) : LAM_OK;
	if (!r)
		r = lam_input_trial_lines(in, &lines, e);
	if (r || !lines.n)
		return r;
	head = lam_input_head(in);
	if (in->sure < SURE && !o->fields)
		what = lam_foreign_text(head, &how);
	if (!what && in->sure < SURE && !told && !is_known(o, head)) {
		what = lam_foreign_table(lines, &how);
		near.reads = what != NULL;
	}
	if (what && in->format->divides)
		r = lam_preamble_check(in, o, e);
	if (r || what)
		return r ? r : refuse(in, what, how, &near, lines, e);
	table = in->sure < SURE && !is_known(o, head);
	if (told || (in->format->divides == ',' && lam_delimiter_agrees(lines)))
		return LAM_OK;
	r = lam_input_trial(in->format, lines, NULL, &near.trial, e);
	if (r || lam_input_trial_passes(&near.trial, table)) {
		if (in->sure < SURE && near.trial.records > 2 && !near.trial.rejects)
			in->sure = TABLE;
		return r;
	}
	near.format = in->format;
	r = in->format->divides ? lam_preamble_check(in, o, e) : LAM_OK;
	return r ? r : refuse(in, NULL, "too many of its first lines are no records; "
		"if they are to be rejects, name the format with -f", &near,
		lines, e);
}
