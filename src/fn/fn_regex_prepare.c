/*
 * fn_regex_prepare.c - a pattern compiled, its options, group and replacement
 */
#include "fn/fn_regex_internal.h"

#include <string.h>

#include "base/utf8.h"

static const struct {
	uint32_t flags;
	bool jit;
} scripts[SCRIPTS] = {
	[UTF8] = { PCRE2_UTF, true },
	[ASCII] = { 0, true },
	[BROKEN] = { PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, false },
};

#define WHOLE (PCRE2_ANCHORED | PCRE2_ENDANCHORED)

/* Letters c (case matters), i, s (. is any), m (lines), g (all), w (the whole). */
static int
options(const struct lam_expr *x, uint32_t i, uint32_t *flags, bool *all,
	struct lam_error *e)
{
	const struct lam_expr *o = i < x->nargs ? x->arg[i] : NULL;

	if (!o || o->null)
		return LAM_OK;
	if (o->kind != LAM_X_CONST)
		return lam_fail_at(e, x, "options of %s must be constant",
			lam_func[x->fn].name);
	for (size_t k = 0; k < o->text.n; k++) {
		char c = o->text.p[k];

		if (c == 'i')
			*flags |= PCRE2_CASELESS;
		else if (c == 's')
			*flags |= PCRE2_DOTALL;
		else if (c == 'm')
			*flags |= PCRE2_MULTILINE;
		else if (c == 'g' && x->fn == LAM_FN_REGEXP_REPLACE)
			*all = true;
		else if (c == 'w' && x->fn == LAM_FN_REGEXP_MATCHES)
			*flags |= WHOLE;
		else if (c != 'c')
			return lam_fail_at(e, x, "unknown option '%c' of %s: "
				"expected c, i, s, m%s", c,
				lam_func[x->fn].name,
				x->fn == LAM_FN_REGEXP_REPLACE ? ", g" :
				x->fn == LAM_FN_REGEXP_MATCHES ? ", w" : "");
	}
	return LAM_OK;
}

static int
bad_pattern(const struct lam_expr *x, int code, PCRE2_SIZE at,
	struct lam_error *e)
{
	PCRE2_UCHAR why[160];
	char s[LAM_SHOW];

	if (code == PCRE2_ERROR_NOMEMORY)
		return lam_fail_mem(e);
	pcre2_get_error_message(code, why, sizeof why);
	return lam_fail_at(e, x, "regular expression '%s': at character %zu: "
		"%s", lam_show(x->arg[1]->text, s), (size_t)at + 1,
		(const char *)why);
}

/* A byte that is in every text that matches, or -1.  PCRE2 tells one, but not
 * whether its other case would do. */
static int
must_have(const struct lam_regex *r, struct lam_str pattern, uint32_t options)
{
	bool exact = !(options & ~WHOLE) && !(pattern.n &&
		memmem(pattern.p, pattern.n, "(?", 2));
	uint32_t known = 0, unit = 0;

	pcre2_pattern_info(r->code[UTF8], PCRE2_INFO_LASTCODETYPE, &known);
	pcre2_pattern_info(r->code[UTF8], PCRE2_INFO_LASTCODEUNIT, &unit);
	return known && (exact || (unit >= ' ' && unit <= '@')) ? (int)unit :
		-1;
}

static int
compile(struct lam_expr *x, struct lam_regex *r, uint32_t options,
	struct lam_error *e)
{
	uint32_t flags = options | PCRE2_DOLLAR_ENDONLY |
		PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
	struct lam_str text = x->arg[1]->text;
	int rc = LAM_OK;

	if (!cc)
		return lam_fail_mem(e);
	pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(cc, 200);
	for (int i = 0; i < SCRIPTS && rc == LAM_OK; i++) {
		PCRE2_SIZE at = 0;
		int why = 0;

		if (i == ASCII && !lam_ascii(text))
			continue;
		r->code[i] = pcre2_compile((PCRE2_SPTR)text.p, text.n, flags |
			scripts[i].flags, &why, &at, cc);
		if (!r->code[i] && (i != ASCII || why == PCRE2_ERROR_NOMEMORY))
			rc = bad_pattern(x, why, at, e);
		/* Without JIT the interpreter does the same, slower. */
		r->jit[i] = r->code[i] && scripts[i].jit &&
			!pcre2_jit_compile(r->code[i], PCRE2_JIT_COMPLETE);
	}
	pcre2_compile_context_free(cc);
	if (rc != LAM_OK)
		return rc;
	if (!(options & ~WHOLE))
		r->begin = lam_literal_of(text);
	r->must = must_have(r, text, options);
	pcre2_pattern_info(r->code[UTF8], PCRE2_INFO_CAPTURECOUNT, &r->groups);
	return LAM_OK;
}

int
lam_regex_check(const struct lam_expr *x, const struct lam_regex *r,
	struct lam_str to, struct lam_error *e)
{
	char s[LAM_SHOW];

	for (size_t i = 0; i < to.n; i++) {
		char c;

		if (to.p[i] != '\\')
			continue;
		c = ++i < to.n ? to.p[i] : '\0';
		if (c == '\\' || (c >= '0' && c <= '9' &&
			(uint32_t)(c - '0') <= r->groups))
			continue;
		return lam_fail_at(e, x, "replacement '%s': a backslash needs "
			"a group number from 0 to %u, or another backslash",
			lam_show(to, s), (unsigned)r->groups);
	}
	return LAM_OK;
}

static int
group_of(struct lam_expr *x, struct lam_regex *r, struct lam_error *e)
{
	struct lam_num g;

	if (x->nargs < 3)
		return LAM_OK;
	g = lam_num_normal(x->arg[2]->num);
	if (x->arg[2]->kind != LAM_X_CONST || x->arg[2]->null ||
	    g.scale != 0 || g.m < 0 || g.m > 65535)
		return lam_fail_at(e, x, "the group of regexp_extract must be "
			"a constant whole number, 0 for the whole match");
	r->group = (uint32_t)g.m;
	if (r->group > r->groups)
		return lam_fail_at(e, x, "%s: group %u: the pattern has %u",
			lam_func[x->fn].name, r->group, r->groups);
	return LAM_OK;
}

int
lam_regex_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_arena *a, struct lam_error *e)
{
	bool replaces = x->fn == LAM_FN_REGEXP_REPLACE;
	struct lam_regex *r;
	uint32_t flags = 0;
	int rc;

	if (x->arg[1]->kind != LAM_X_CONST)
		return lam_fail_at(e, x, "%s needs a constant pattern",
			lam_func[x->fn].name);
	p->count = replaces ? 3 : x->arg[1]->null ? 2 : 1;
	if (x->arg[1]->null)
		return LAM_OK;
	r = LAM_ARENA_NEW(a, struct lam_regex, 1);
	if (!r)
		return lam_fail_mem(e);
	p->regex = r;
	if ((rc = options(x, x->fn == LAM_FN_REGEXP_MATCHES ||
		     x->fn == LAM_FN_SPLIT_REGEX ? 2 : 3, &flags,
		     &r->all, e)) ||
	    (rc = compile(x, r, flags, e)))
		return rc;
	r->all |= x->fn == LAM_FN_REGEXP_EXTRACT_ALL;
	if (x->fn == LAM_FN_REGEXP_EXTRACT ||
		x->fn == LAM_FN_REGEXP_EXTRACT_ALL)
		return group_of(x, r, e);
	if (replaces && x->arg[2]->kind == LAM_X_CONST && !x->arg[2]->null)
		return lam_regex_check(x, r, x->arg[2]->text, e);
	return LAM_OK;
}

void
lam_regex_free(struct lam_regex *r)
{
	for (int i = 0; i < SCRIPTS; i++) {
		pcre2_code_free(r->code[i]);
		r->code[i] = NULL;
	}
}
