/*
 * pattern.c - regular expressions that say what a record is
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "format/pattern.h"

#include <stdlib.h>

#define TEXT_MAX 65536	  /* bytes of a pattern */
#define STEPS_MAX 200000  /* and a few for each byte of a text: */
#define STEPS_A_BYTE 20
#define HEAP_MAX_KIB 32768
#define STACK_MIN 32768
#define STACK_MAX (1024 * 1024)

struct lam_pattern {
	pcre2_code *code;
	bool jit;
	uint32_t groups;
	const char **name; /* [groups + 1], in the code's own table */
};

struct lam_pattern_run {
	const struct lam_pattern *pattern;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack; /* NULL: the thread's own sufficed */
};

static int
compile(struct lam_pattern *p, const char *what, const char *text, bool whole,
	struct lam_error *e)
{
	uint32_t flags = PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
	PCRE2_UCHAR why[160];
	PCRE2_SIZE at = 0;
	int code = 0;

	if (!cc)
		return lam_fail_mem(e);
	if (whole)
		flags |= PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL;
	pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(cc, 200);
	pcre2_set_max_pattern_length(cc, TEXT_MAX);
	p->code = pcre2_compile((PCRE2_SPTR)text, strlen(text), flags, &code,
		&at, cc);
	pcre2_compile_context_free(cc);
	if (!p->code && code == PCRE2_ERROR_NOMEMORY)
		return lam_fail_mem(e);
	if (!p->code) {
		pcre2_get_error_message(code, why, sizeof why);
		return lam_fail(e, LAM_USAGE, "%s%.80s: at character %zu: %s",
			what, text, (size_t)at + 1, (const char *)why);
	}
	/* Without machine code the interpreter does the same, slower. */
	p->jit = !pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
	return LAM_OK;
}

/* An entry of PCRE2's table of names: the group's number, and the name. */
static int
find_names(struct lam_pattern *p, struct lam_error *e)
{
	uint32_t names = 0, size = 0;
	PCRE2_SPTR table = NULL;

	pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &p->groups);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &names);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &table);
	p->name = calloc(p->groups + 1, sizeof *p->name);
	if (!p->name)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < names; i++, table += size)
		p->name[(uint32_t)table[0] << 8 | table[1]] =
			(const char *)table + 2;
	return LAM_OK;
}

int
lam_pattern_new(struct lam_pattern **out, const char *what, const char *text,
	bool whole, struct lam_error *e)
{
	struct lam_pattern *p = calloc(1, sizeof *p);
	int r;

	if (!p)
		return lam_fail_mem(e);
	r = compile(p, what, text, whole, e);
	if (!r)
		r = find_names(p, e);
	if (r)
		lam_pattern_free(p);
	else
		*out = p;
	return r;
}

void
lam_pattern_free(struct lam_pattern *p)
{
	if (!p)
		return;
	pcre2_code_free(p->code);
	free(p->name);
	free(p);
}

uint32_t
lam_pattern_groups(const struct lam_pattern *p)
{
	return p->groups;
}

const char *
lam_pattern_group(const struct lam_pattern *p, uint32_t i)
{
	return p->name[i];
}

int
lam_pattern_run_new(struct lam_pattern_run **out, const struct lam_pattern *p,
	struct lam_error *e)
{
	struct lam_pattern_run *r = calloc(1, sizeof *r);

	if (!r)
		return lam_fail_mem(e);
	r->pattern = p;
	r->data = pcre2_match_data_create_from_pattern(p->code, NULL);
	r->context = pcre2_match_context_create(NULL);
	if (!r->data || !r->context) {
		lam_pattern_run_free(r);
		return lam_fail_mem(e);
	}
	pcre2_set_heap_limit(r->context, HEAP_MAX_KIB);
	*out = r;
	return LAM_OK;
}

void
lam_pattern_run_free(struct lam_pattern_run *r)
{
	if (!r)
		return;
	pcre2_jit_stack_free(r->stack);
	pcre2_match_context_free(r->context);
	pcre2_match_data_free(r->data);
	free(r);
}

static bool
more_stack(struct lam_pattern_run *r)
{
	if (r->stack)
		return false;
	r->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, NULL);
	if (r->stack)
		pcre2_jit_stack_assign(r->context, NULL, r->stack);
	return r->stack != NULL;
}

enum lam_matched
lam_pattern_match(struct lam_pattern_run *r, struct lam_str s,
	const size_t **span)
{
	const struct lam_pattern *p = r->pattern;
	uint64_t steps = STEPS_MAX + (uint64_t)s.n * STEPS_A_BYTE;
	uint32_t utf = 0;
	int rc;

	pcre2_set_match_limit(r->context, steps < UINT32_MAX ? (uint32_t)steps :
		UINT32_MAX);
	pcre2_pattern_info(p->code, PCRE2_INFO_ALLOPTIONS, &utf);
	do
		rc = p->jit && !(utf & PCRE2_UTF) ? pcre2_jit_match(p->code,
			(PCRE2_SPTR)s.p, s.n, 0, 0, r->data, r->context) :
			pcre2_match(p->code, (PCRE2_SPTR)s.p, s.n, 0, 0, r->data,
			r->context); /* which looks whether S is UTF-8 */
	while (rc == PCRE2_ERROR_JIT_STACKLIMIT && more_stack(r));
	*span = pcre2_get_ovector_pointer(r->data);
	if (rc > 0)
		return LAM_MATCH;
	if (rc == PCRE2_ERROR_NOMATCH)
		return LAM_MATCH_NONE;
	return rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21 ?
		LAM_MATCH_TEXT : LAM_MATCH_STEPS;
}
