/*
 * plain.c - lines that are not cut, and those of container runtimes
 *
 *	lines	each line, or record of several, is one field, all its bytes but
 *		the last newline
 *	cri	2026-01-31T23:59:59.123456789Z stdout F text of the program
 *
 * Source of cri: Kubernetes, "CRI: log format"; a tag of P says that the line goes on
 * in the next one.
 */
#include <stdlib.h>

#include "base/escape.h"
#include "format/formats.h"
#include "format/line.h"
#include "format/records.h"
#include "time/time.h"

static int
open_lines(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	static const struct lam_line_field field = { "line", { LAM_TEXT, 0 } };
	struct lam_records *r = calloc(1, sizeof *r);
	int rc;

	(void)self;
	if (!r)
		return lam_fail_mem(e);
	*own = r;
	rc = lam_records_open(r, o, e);
	return rc ? rc : lam_line_fields(in, &field, 1, e);
}

static void
close_lines(void *own)
{
	lam_records_close(own);
	free(own);
}

/* Every line is a record, a blank one too. */
static int
parse_lines(const void *own, struct lam_parse *x, struct lam_error *e)
{
	struct lam_record_walk w;
	struct lam_str s;
	int r = lam_record_walk_begin(&w, own, x, e);

	while (!r && lam_record_walk_next(&w, &s)) {
		if (w.why) {
			r = lam_line_reject(x, s, w.why, e);
			continue;
		}
		lam_line_put(x, 0, s);
		lam_parse_row(x);
	}
	lam_record_walk_end(&w);
	return r;
}

const struct lam_format lam_format_lines = { .name = "lines",
	.takes = LAM_TAKES_START, .open = open_lines,
	.scan = lam_records_scan, .parts = lam_records_parts,
	.parse = parse_lines, .close = close_lines };

/* ---------------------------------------------------------------------- CRI */

enum { TS, STREAM, TAG, MESSAGE, FIELDS };

static bool
is_stream(struct lam_str s)
{
	return s.n == 6 && (!memcmp(s.p, "stdout", 6) || !memcmp(s.p, "stderr", 6));
}

static bool
split(struct lam_str line, struct lam_str *value)
{
	struct lam_str rest = line;
	int64_t ns;

	return lam_str_cut(&rest, ' ', &value[TS]) &&
		lam_time_parse(value[TS].p, value[TS].n, &ns, NULL) &&
		lam_str_cut(&rest, ' ', &value[STREAM]) &&
		is_stream(value[STREAM]) &&
		lam_str_cut(&rest, ' ', &value[TAG]) && value[TAG].n &&
		(*value[TAG].p == 'F' || *value[TAG].p == 'P') &&
		(value[MESSAGE] = rest, true);
}

static int
open_cri(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	static const struct lam_line_field field[FIELDS] = {
		{ "ts", { LAM_TIME, 0 } }, { "stream", { LAM_TEXT, 0 } },
		{ "tag", { LAM_TEXT, 0 } }, { "message", { LAM_TEXT, 0 } } };

	(void)self;
	(void)o;
	(void)own;
	return lam_line_fields(in, field, FIELDS, e);
}

static int
parse_cri(const void *own, struct lam_parse *x, struct lam_error *e)
{
	struct lam_lines lines = lam_lines_of(x);
	struct lam_str line, value[FIELDS];
	int r = LAM_OK;

	(void)own;
	while (!r && lam_lines_next(&lines, &line)) {
		if (!split(line, value)) {
			r = lam_line_reject(x, line, "expected: time, stdout or "
				"stderr, F or P, message", e);
			continue;
		}
		for (uint32_t i = 0; i < FIELDS; i++)
			lam_line_put(x, i, value[i]);
		lam_parse_row(x);
	}
	return r;
}

static unsigned
guess_cri(const struct lam_format *self, struct lam_str head)
{
	struct lam_str value[FIELDS];

	(void)self;
	return split(lam_str_first_line(head), value) ? 92 : 0;
}

const struct lam_format lam_format_cri = { .name = "cri",
	.example = "2026-01-31T23:59:59.1Z stdout F hello, world", .guess = guess_cri,
	.open = open_cri, LAM_LINE_RECORDS, .parse = parse_cri };
