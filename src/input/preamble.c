/*
 * preamble.c - lines before the header of a table
 *
 * Titles, comments and dates stand above many tables that programs write.  The first
 * line gives the fields, so few records have as many as such a line has.  So this is
 * looked for only if most lines are no records.
 */
#include "input/preamble.h"

#include <inttypes.h>

#include "base/escape.h"
#include "input/foreign.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"
#include "input/trial.h"

#define SKIPPED 20 /* lines, at most */

int
lam_preamble_fail(const struct lam_input *in, struct lam_str first,
	unsigned skip, struct lam_error *e)
{
	if (first.n && *first.p == '#')
		return lam_fail(e, LAM_DATA, "%s: its first line is a comment, not "
			"the names of fields: say --comment '#'",
			lam_input_label(in));
	skip += (unsigned)lam_count_lines(in->carry.p + in->carry_at,
		(size_t)(lam_input_head(in).p - in->carry.p) - in->carry_at);
	return lam_fail(e, LAM_DATA, "%s: its first line is a title, not the names "
		"of fields: pipe it in through \"tail -n +%" PRIu64 "\"",
		lam_input_label(in), skip + in->line);
}

int
lam_preamble_check(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e)
{
	struct lam_str rest, line, first;
	const char *how;
	struct lam_input_options alone = { .dialect = o->dialect };
	struct lam_trial t;
	int r = lam_input_trial_lines(in, &rest, e);

	if (!r)
		r = lam_input_trial(in->format, rest, &alone, &t, e);
	if (r || lam_input_trial_passes(&t, true))
		return r;
	(void)lam_str_cut(&rest, '\n', &first);
	for (unsigned skip = 1; !r && skip <= SKIPPED && rest.n; skip++) {
		struct lam_str from = rest;

		(void)lam_str_cut(&rest, '\n', &line);
		if (!memchr(line.p, in->format->divides, line.n))
			continue;
		r = lam_input_trial(in->format, from, &alone, &t, e);
		if (!r && !t.rejects && t.records > 1 &&
			!lam_foreign_table(from, &how))
			return lam_preamble_fail(in, first, skip, e);
	}
	return r;
}
