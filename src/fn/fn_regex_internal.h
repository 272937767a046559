/*
 * fn_regex_internal.h - a compiled pattern; the only includer of <pcre2.h>
 */
#ifndef LAM_FN_FN_REGEX_INTERNAL_H
#define LAM_FN_FN_REGEX_INTERNAL_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "fn/fn.h"
#include "fn/literal.h"

/*
 * The kinds of texts; a pattern has a code for each.  Most patterns mostly step
 * back, which takes half the time where bytes are characters.  Broken texts have
 * no machine code: under MATCH_INVALID_UTF (PCRE2 10.42) the JIT code of \D, \S
 * and \W misses characters beyond ASCII.
 */
enum script { UTF8, ASCII, BROKEN, SCRIPTS };

struct lam_regex {
	pcre2_code *code[SCRIPTS]; /* ASCII: NULL if it names other characters */
	bool jit[SCRIPTS];
	struct lam_literal begin; /* of every text that matches */
	int must;	 /* the byte that is in each of them, or -1 */
	uint32_t groups; /* in the pattern */
	uint32_t group;	 /* EXTRACT, EXTRACT_ALL: which */
	bool all;	 /* REPLACE: "g"; EXTRACT_ALL */
};

/* Does the replacement TO name only groups that there are? */
int lam_regex_check(const struct lam_expr *x, const struct lam_regex *r,
	struct lam_str to, struct lam_error *e) LAM_MUST;

#endif
