/*
 * pattern.h - regular expressions that say what a record is
 *
 * PCRE2, over bytes: a class of characters is one of bytes, and a character beyond
 * ASCII is a sequence of them, unless the pattern begins with (*UTF).  A pattern is
 * shared by threads; what a match needs is in a run, which one thread has.
 *
 * Perl's syntax has patterns that take exponential time, so a match is bounded in
 * steps, memory and stack: one that needs more is told, never a wrong answer.
 */
#ifndef LAM_FORMAT_PATTERN_H
#define LAM_FORMAT_PATTERN_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

struct lam_pattern;
struct lam_pattern_run;

/*
 * WHAT names the option in messages.  WHOLE: all of a text must match, and a point is
 * any byte, newlines too.  LAM_USAGE: TEXT is no pattern.
 */
int lam_pattern_new(struct lam_pattern **out, const char *what,
	const char *text, bool whole, struct lam_error *e) LAM_MUST;
void lam_pattern_free(struct lam_pattern *p);

/* Number of its groups. */
uint32_t lam_pattern_groups(const struct lam_pattern *p);
/* The name of group I, 1 and up; NULL: it has none. */
const char *lam_pattern_group(const struct lam_pattern *p, uint32_t i);

int lam_pattern_run_new(struct lam_pattern_run **out,
	const struct lam_pattern *p, struct lam_error *e) LAM_MUST;
void lam_pattern_run_free(struct lam_pattern_run *r);

enum lam_matched {
	LAM_MATCH,
	LAM_MATCH_NONE,
	LAM_MATCH_STEPS, /* it takes more than is allowed */
	LAM_MATCH_TEXT	 /* (*UTF), and the text is not UTF-8 */
};

/* *SPAN: begin and end of each group in S, SIZE_MAX where it took no part. */
enum lam_matched lam_pattern_match(struct lam_pattern_run *r, struct lam_str s,
	const size_t **span);

#endif
