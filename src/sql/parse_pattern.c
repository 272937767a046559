/*
 * parse_pattern.c - operators that match a text with a constant pattern
 *
 *	x ~ re, x SIMILAR TO re	the whole of it, as regexp_full_match has it
 *	x ~* re			any part of it, in either case, as in PostgreSQL
 *	x GLOB pattern		*, ? and [a-c]; a backslash takes the next as it is
 *
 * Each is a regexp_matches with options: what is to match is never said by text around
 * the user's pattern, which could end the parentheses that it stands in.
 */
#include "sql/parse_internal.h"

#include <string.h>

static bool
is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		(c >= 'a' && c <= 'z');
}

/*
 * PATTERN of GLOB as a regular expression into B, which has room for it.  A backslash
 * makes letters and digits special there, and all else plain.
 */
static size_t
from_glob(struct lam_str pattern, char *b)
{
	char *to = b;
	bool within = false;
	size_t first = 0; /* within: where the first that is among them stands */

	for (size_t i = 0; i < pattern.n; i++) {
		char c = pattern.p[i];

		if (!within && c == '*') {
			*to++ = '.';
			*to++ = '*';
		} else if (!within && c == '?') {
			*to++ = '.';
		} else if (within && i == first && c == '!' &&
			pattern.p[i - 1] == '[') {
			*to++ = '^';
			first++;
			continue;
		} else if (c == '\\' && i + 1 < pattern.n) {
			if (!is_alphanumeric(pattern.p[++i]))
				*to++ = '\\';
			*to++ = pattern.p[i];
			continue;
		} else {
			if (strchr(within ? "\\^[" : ".^$+(){}|\\", c) != NULL)
				*to++ = '\\';
			*to++ = c;
		}
		if (!within && c == '[')
			first = i + 1;
		within = within ? c != ']' || i == first : c == '[';
	}
	return (size_t)(to - b);
}

struct lam_ast *
lam_parse_pattern(struct lam_parser *p, const struct lam_token *at,
	enum lam_pattern kind, struct lam_ast *x, struct lam_ast *re)
{
	static const char *const options[] = {
		[LAM_PATTERN_WHOLE] = "w",
		[LAM_PATTERN_PART] = "i",
		[LAM_PATTERN_GLOB] = "ws",
	};
	char *t;

	if (re == NULL || re->kind != LAM_A_STRING) {
		lam_sql_fail(p->sql, at->line, at->column, "expected a text "
			"and a constant pattern in quotes");
		return NULL;
	}
	if (kind == LAM_PATTERN_GLOB) {
		t = lam_arena_alloc(p->sql->arena, 2 * re->text.n + 1);
		if (t == NULL) {
			lam_fail_mem(p->sql->e);
			return NULL;
		}
		re->text = (struct lam_str){ t, from_glob(re->text, t) };
		if (!lam_ast_seal(p->sql, re))
			return NULL;
	}
	return lam_ast_call(p->sql, at, LAM_FN_REGEXP_MATCHES, 3,
		(struct lam_ast *[]){ x, re, lam_parse_text(p, at,
		(struct lam_str){ options[kind], strlen(options[kind]) }) });
}
