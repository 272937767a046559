/*
 * fuzz_regex.c - regular expressions: the kernels against PCRE2's interpreter
 *
 *	line 1	options: letters of i, s, m
 *	line 2	the pattern
 *	line 3	the text
 *
 * regexp_matches and regexp_extract give what pcre2_match without JIT gives; to
 * replace each match by itself changes nothing.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "../unit/expr_build.h"
#include "fuzz.h"

static struct lam_expr *
constant(struct lam_str s)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_TEXT);

	x->text = s;
	return x;
}

static int
run(unsigned fn, struct table *t, struct lam_str pattern, const char *third,
	const char *options, struct lam_vec *out)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_expr *arg[4] = { field(0, LAM_TEXT), constant(pattern) };
	uint32_t n = 2;
	int rc;

	if (third)
		arg[n++] = fn == LAM_FN_REGEXP_EXTRACT ? num(third) :
			text(third);
	if (options)
		arg[n++] = text(options);
	rc = evaluate(call_of(fn, n, arg), t, out, &e);
	MUST(!rc || (rc == LAM_USAGE && *e.msg));
	return rc;
}

/* 1: matches, SPAN; 0: not; -1: no such pattern, or too much work. */
static int
interpret(struct lam_str pattern, struct lam_str v, const char *options,
	size_t span[2])
{
	uint32_t flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
		PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
	pcre2_match_context *mc = pcre2_match_context_create(NULL);
	pcre2_match_data *data = NULL;
	pcre2_code *code;
	size_t at;
	int rc = -1, why;

	flags |= strchr(options, 'i') ? PCRE2_CASELESS : 0;
	flags |= strchr(options, 's') ? PCRE2_DOTALL : 0;
	flags |= strchr(options, 'm') ? PCRE2_MULTILINE : 0;
	pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(cc, 200);
	pcre2_set_match_limit(mc, 100000);
	code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, flags, &why,
		&at, cc);
	if (code) {
		data = pcre2_match_data_create_from_pattern(code, NULL);
		why = pcre2_match(code, (PCRE2_SPTR)v.p, v.n, 0,
			PCRE2_NO_JIT, data, mc);
		rc = why > 0 ? 1 : why == PCRE2_ERROR_NOMATCH ? 0 : -1;
		if (rc > 0)
			memcpy(span, pcre2_get_ovector_pointer(data),
				2 * sizeof *span);
	}
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	pcre2_match_context_free(mc);
	pcre2_compile_context_free(cc);
	return rc;
}

static void
check(struct table *t, struct lam_str pattern, struct lam_str v,
	const char *options)
{
	struct lam_vec out;
	size_t span[2];
	int want = interpret(pattern, v, options, span);

	/* In broken UTF-8 the two of PCRE2 do not agree where a text ends. */
	if (want < 0 || !fuzz_utf8(v) || run(LAM_FN_REGEXP_MATCHES, t, pattern, NULL, options,
		&out))
		return;
	MUST(lam_vec_bool(&out, 0) == want && lam_vec_is_null(&out, 1));
	if (!run(LAM_FN_REGEXP_EXTRACT, t, pattern, "0", options, &out)) {
		struct lam_str s = lam_vec_text(&out, 0);

		if (want && span[0] <= span[1])
			MUST(fuzz_same(s, (struct lam_str){ v.p + span[0],
				span[1] - span[0] }));
		else
			MUST(s.n == 0);
	}
	(void)run(LAM_FN_REGEXP_EXTRACT, t, pattern, "1", options, &out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size), options[4] = "", all[6];
	struct lam_str rest = { copy, size }, head = fuzz_line(&rest);
	struct lam_str pattern = fuzz_line(&rest), v = rest;
	struct cell c[2] = { { .text = v }, { .null = true } };
	struct table t;
	struct lam_vec out;
	size_t n = 0;

	for (size_t i = 0; i < head.n && n < 3; i++)
		if (head.p[i] && strchr("ism", head.p[i]))
			options[n++] = head.p[i];
	snprintf(all, sizeof all, "%sg", options);
	arena = (struct lam_arena)LAM_ARENA_INIT;
	table_init(&t, 2);
	t.vec[0] = make_flat(LAM_TEXT, c, 2, false);
	check(&t, pattern, v, options);
	/* A match that \K moves is not where it is replaced. */
	if (!(pattern.n && memmem(pattern.p, pattern.n, "\\K", 2))) {
		if (!run(LAM_FN_REGEXP_REPLACE, &t, pattern, "\\0", options,
			&out))
			MUST(fuzz_same(lam_vec_text(&out, 0), v));
		if (!run(LAM_FN_REGEXP_REPLACE, &t, pattern, "\\0", all,
			&out))
			MUST(fuzz_same(lam_vec_text(&out, 0), v));
	}
	lam_arena_release(&arena);
	free(copy);
	return 0;
}
