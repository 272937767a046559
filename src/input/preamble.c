/*
 * preamble.c - lines before the header of a table
 *
 * Titles, comments and dates stand above many tables that programs write.  The first
 * line gives the fields, so few records have as many as such a line has.  So this is
 * looked for only if most lines are no records.
 */
#include "input/preamble.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/find.h"
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

/* What to type for the byte that divides LINES, if their commas all stand between
 * digits; else NULL. */
static const char *
decimal(struct lam_str lines)
{
	static const struct {
		char byte;
		const char *typed;
	} others[] = { { '\t', "tab" }, { ';', "';'" }, { '|', "'|'" } };
	struct lam_str rest = lines, line;
	size_t n = lam_find_count(lines.p, lines.n, '\n'), with;

	for (size_t i = 1; i + 1 < lines.n; i++)
		if (lines.p[i] == ',' && !(lam_is_digit(lines.p[i - 1]) &&
			lam_is_digit(lines.p[i + 1])))
			return NULL;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		for (with = 0, rest = lines; lam_str_line(&rest, &line);)
			with += memchr(line.p, others[i].byte, line.n) != NULL;
		if (with >= n)
			return others[i].typed;
	}
	return NULL;
}

/* The lines FROM, behind others, are a table. */
static int
fail_before(const struct lam_input *in, struct lam_str first, struct lam_str from,
	unsigned skip, struct lam_error *e)
{
	const char *typed = in->format->divides == ',' ?
		decimal(from) : NULL;

	return typed ? lam_fail(e, LAM_DATA, "%s: its commas are decimal ones: say "
		"--delimiter %s", lam_input_label(in), typed) :
		lam_preamble_fail(in, first, skip, e);
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
	(void)lam_str_line(&rest, &first);
	for (unsigned skip = 1; !r && skip <= SKIPPED && rest.n; skip++) {
		struct lam_str from = rest;

		(void)lam_str_line(&rest, &line);
		if (!memchr(line.p, in->format->divides, line.n))
			continue;
		if (in->format->divides == '\t' && lam_find_count(first.p, first.n,
			'\t') > lam_find_count(line.p, line.n, '\t'))
			break; /* a title has no tabs: these are names */
		r = lam_input_trial(in->format, from, &alone, &t, e);
		if (!r && !t.rejects && t.records > 1 &&
			!lam_foreign_table(from, &how))
			return fail_before(in, first, from, skip, e);
	}
	return r;
}
