/*
 * plain.c - lines that are not cut, and those of container runtimes
 *
 *	lines	each line is one field, all its bytes but the newline
 *	cri	2026-01-31T23:59:59.123456789Z stdout F text of the program
 *
 * Source of cri: Kubernetes, "CRI: log format"; a tag of P says that the line goes on
 * in the next one.
 */
#include "base/escape.h"
#include "format/formats.h"
#include "format/line.h"
#include "time/time.h"

static int
open_lines(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	static const struct lam_line_field field = { "line", { LAM_TEXT, 0 } };

	(void)self;
	(void)o;
	(void)own;
	return lam_line_fields(in, &field, 1, e);
}

/* Every line is a record, a blank one too. */
static int
parse_lines(const void *own, struct lam_parse *x, struct lam_error *e)
{
	(void)own;
	(void)e;
	for (size_t at = 0; at < x->n; x->line++) {
		const char *from = x->text + at;
		const char *end = memchr(from, '\n', x->n - at);
		size_t n = end ? (size_t)(end - from) : x->n - at;

		lam_line_put(x, 0, (struct lam_str){ from, n });
		at += n + (end != NULL);
		x->rows++;
	}
	return LAM_OK;
}

const struct lam_format lam_format_lines = { .name = "lines",
	.open = open_lines, .scan = lam_line_scan, .parse = parse_lines };

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
		x->rows++;
	}
	return r;
}

static unsigned
guess_cri(const struct lam_format *self, struct lam_str head)
{
	struct lam_str value[FIELDS];

	(void)self;
	return split(lam_line_first(head), value) ? 92 : 0;
}

const struct lam_format lam_format_cri = { .name = "cri", .guess = guess_cri,
	.open = open_cri, .scan = lam_line_scan, .parse = parse_cri };
