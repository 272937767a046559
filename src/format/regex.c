/*
 * regex.c - any line by a pattern: its named groups are the fields
 *
 *	regex:(?<ts>\S+ \S+) \[(?<level>\w+)\] (?<msg>.*)
 *
 * The pattern is that of a whole record.  A group that takes no part in a match is
 * NULL; one that matches nothing is the empty text.
 */
#include <stdlib.h>

#include "format/formats.h"
#include "format/line.h"
#include "format/records.h"
#include "input/input_chunk.h"
#include "input/input_header.h"

struct own {
	struct lam_records records; /* first: see records.h */
	struct lam_pattern *pattern;
	uint32_t nfields;
	uint32_t *group; /* [nfields] */
};

static int
declare(struct own *o, const char *text, struct lam_input *in,
	struct lam_error *e)
{
	uint32_t groups = lam_pattern_groups(o->pattern);
	int r = LAM_OK;

	o->group = calloc(groups + 1, sizeof *o->group);
	if (!o->group)
		return lam_fail_mem(e);
	for (uint32_t i = 1; !r && i <= groups; i++) {
		const char *name = lam_pattern_group(o->pattern, i);

		if (!name)
			continue;
		o->group[o->nfields++] = i;
		r = lam_input_add_field(in, (struct lam_str){ name,
			strlen(name) }, (struct lam_coltype){ LAM_TYPES, 0 }, e);
	}
	if (!r && !o->nfields)
		r = lam_fail(e, LAM_USAGE, "regex:%.80s: has no named group: "
			"write (?<NAME>...) around each field", text);
	return r;
}

static int
open_regex(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *opt, void **own, struct lam_error *e)
{
	const char *text = opt->format + strlen(self->name);
	struct own *o = calloc(1, sizeof *o);
	int r;

	if (!o)
		return lam_fail_mem(e);
	*own = o;
	r = lam_records_open(&o->records, opt, e);
	if (!r)
		r = lam_pattern_new(&o->pattern, self->name, text, true, e);
	return r ? r : declare(o, text, in, e);
}

static void
close_regex(void *own)
{
	struct own *o = own;

	lam_records_close(&o->records);
	lam_pattern_free(o->pattern);
	free(o->group);
	free(o);
}

static const char *
why_not(enum lam_matched how)
{
	return how == LAM_MATCH_NONE ? "does not match the pattern" :
		how == LAM_MATCH_TEXT ? "is not UTF-8, as (*UTF) demands" :
		"the pattern takes too many steps";
}

/* A blank line between records, where each is a line, is none. */
static bool
is_blank(const struct lam_record_walk *w, struct lam_str s)
{
	return !w->start && (!s.n || (s.n == 1 && *s.p == '\r'));
}

static int
parse_record(const struct own *o, struct lam_pattern_run *run,
	struct lam_parse *x, struct lam_str s, struct lam_error *e)
{
	const size_t *span;
	enum lam_matched how;

	s.n -= s.n && s.p[s.n - 1] == '\r';
	how = lam_pattern_match(run, s, &span);
	if (how != LAM_MATCH)
		return lam_line_reject(x, s, why_not(how), e);
	for (uint32_t f = 0; f < o->nfields; f++) {
		const size_t *at = span + 2 * o->group[f];
		struct lam_str value = { NULL, 0 };

		/* \K in a lookahead can put the end before the start. */
		if (at[0] <= at[1] && at[1] <= s.n)
			value = (struct lam_str){ s.p + at[0], at[1] - at[0] };
		lam_line_put(x, f, value);
	}
	lam_parse_row(x);
	return LAM_OK;
}

static int
parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	const struct own *o = own;
	struct lam_pattern_run *run = NULL;
	struct lam_record_walk w;
	struct lam_str s;
	int r = lam_record_walk_begin(&w, &o->records, x, e);

	if (!r)
		r = lam_pattern_run_new(&run, o->pattern, e);
	while (!r && lam_record_walk_next(&w, &s)) {
		if (is_blank(&w, s))
			x->blank++;
		else if (w.why)
			r = lam_line_reject(x, s, w.why, e);
		else
			r = parse_record(o, run, x, s, e);
	}
	lam_pattern_run_free(run);
	lam_record_walk_end(&w);
	return r;
}

const struct lam_format lam_format_regex = { .name = "regex:", .lasts = true,
	.sparse = true, .takes = LAM_TAKES_START, .open = open_regex,
	.scan = lam_records_scan, .parts = lam_records_parts, .parse = parse,
	.close = close_regex };
