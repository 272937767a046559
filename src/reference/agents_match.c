/*
 * agents_match.c - the first rule that matches a text, and its values
 *
 * A list's filter says which words the text has, and a rule is tried only if it has one
 * of each that the rule needs.  Of a thousand rules some ten are left.
 *
 * Patterns are compiled when the file is read, so that one which is wrong is told then,
 * and get machine code when they are first tried.  They are those of JavaScript and
 * Python, of which PCRE2 takes all that such files have.  A text of ASCII is matched by
 * its bytes; another as UTF-8, where no character matches a broken sequence.  But for
 * PCRE2 the letters k and s have other cases beyond ASCII, which they have not there:
 * so where case does not matter every text is matched by its bytes.
 */
#include "reference/agents_internal.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/utf8.h"

#define STEPS_MAX 1000000 /* for a rule and text */
#define HEAP_MAX_KIB 32768
#define GROUPS 10 /* $0 is none */

static int
compile(const struct lam_agents *a, const struct lam_agent_rule *r, bool ascii,
	pcre2_code **out, struct lam_error *e)
{
	uint32_t flags = PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
		(r->caseless ? PCRE2_CASELESS : 0) |
		(ascii || r->caseless ? 0 :
			PCRE2_UTF | PCRE2_MATCH_INVALID_UTF);
	pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
	PCRE2_UCHAR why[160];
	PCRE2_SIZE at = 0;
	int code = 0;

	if (!cc)
		return lam_fail_mem(e);
	pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(cc, 200);
	*out = pcre2_compile((PCRE2_SPTR)r->regex.p, r->regex.n, flags, &code,
		&at, cc);
	pcre2_compile_context_free(cc);
	if (*out)
		return LAM_OK;
	if (code == PCRE2_ERROR_NOMEMORY)
		return lam_fail_mem(e);
	pcre2_get_error_message(code, why, sizeof why);
	return lam_fail(e, LAM_DATA, "%s:%u: regex: at character %zu: %s",
		a->label, (unsigned)r->line, (size_t)at + 1, (const char *)why);
}

int
lam_agents_match_check(struct lam_agents *a, struct lam_error *e)
{
	int rc = LAM_OK;

	for (unsigned i = 0; i < LAM_AGENT_LISTS; i++)
		for (size_t k = 0; !rc && k < a->list[i].n; k++)
			rc = compile(a, &a->list[i].rule[k], true,
				&a->list[i].rule[k].ascii, e);
	return rc;
}

void
lam_agents_match_release(struct lam_agents *a)
{
	for (unsigned i = 0; i < LAM_AGENT_LISTS; i++)
		for (size_t k = 0; k < a->list[i].n; k++) {
			struct lam_agent_rule *r = &a->list[i].rule[k];

			pcre2_code_free(r->ascii);
			pcre2_code_free(atomic_load(&r->code[false]));
		}
}

/* The code for texts that are ASCII, or not. */
static int
code_of(struct lam_agents *a, struct lam_agent_rule *r, bool ascii,
	pcre2_code **code, struct lam_error *e)
{
	int rc = LAM_OK;

	*code = atomic_load_explicit(&r->code[ascii], memory_order_acquire);
	if (*code)
		return LAM_OK;
	pthread_mutex_lock(&a->lock);
	*code = atomic_load(&r->code[ascii]);
	if (!*code) {
		if (ascii)
			*code = r->ascii;
		else
			rc = compile(a, r, false, code, e);
		/* Without machine code the interpreter does the same. */
		if (!rc && ascii)
			(void)pcre2_jit_compile(*code, PCRE2_JIT_COMPLETE);
		if (!rc)
			atomic_store_explicit(&r->code[ascii], *code,
				memory_order_release);
	}
	pthread_mutex_unlock(&a->lock);
	return rc;
}

struct match {
	struct lam_agents *a;
	struct lam_str text;
	bool ascii;
	pcre2_match_data *data;
	pcre2_match_context *context;
	unsigned groups; /* of the match that have a place */
	bool too_long;
};

static int
try_rule(struct match *m, struct lam_agent_rule *r, bool *matches,
	struct lam_error *e)
{
	pcre2_code *code = NULL;
	int rc = code_of(m->a, r, m->ascii, &code, e), got;

	*matches = false;
	if (rc)
		return rc;
	got = pcre2_match(code, (PCRE2_SPTR)m->text.p, m->text.n, 0, 0, m->data,
		m->context);
	if (got == PCRE2_ERROR_JIT_STACKLIMIT)
		got = pcre2_match(code, (PCRE2_SPTR)m->text.p, m->text.n, 0,
			PCRE2_NO_JIT, m->data, m->context);
	if (got == PCRE2_ERROR_NOMEMORY)
		return lam_fail_mem(e);
	*matches = got >= 0;
	m->groups = got > 0 ? (unsigned)got : GROUPS;
	m->too_long |= got < 0 && got != PCRE2_ERROR_NOMATCH;
	return LAM_OK;
}

/* The first rule of L that matches, or NULL. */
static int
first_rule(struct match *m, struct lam_agent_list *l,
	struct lam_agent_rule **found, struct lam_error *e)
{
	uint64_t few[64] = { 0 }, *hit = few;
	bool matches = false;
	int rc = LAM_OK;

	*found = NULL;
	if (l->filter.sets > 64 * 64)
		hit = calloc(l->filter.sets / 64 + 1, sizeof *hit);
	if (!hit)
		return lam_fail_mem(e);
	lam_agents_filter_run(&l->filter, m->text, hit);
	for (size_t i = 0; !rc && !matches && !m->too_long && i < l->n; i++) {
		struct lam_agent_rule *r = &l->rule[i];
		uint64_t all = 1;

		for (unsigned k = 0; k < r->needs; k++)
			all &= hit[r->need[k] / 64] >> r->need[k] % 64;
		if (!all)
			continue;
		rc = try_rule(m, r, &matches, e);
		*found = r;
	}
	if (!matches)
		*found = NULL;
	if (hit != few)
		free(hit);
	return rc;
}

static struct lam_str
group_at(const struct match *m, unsigned g)
{
	const PCRE2_SIZE *span = pcre2_get_ovector_pointer(m->data) + 2 * g;

	if (g >= m->groups || span[0] == PCRE2_UNSET || span[0] > span[1])
		return (struct lam_str){ m->text.p, 0 };
	return (struct lam_str){ m->text.p + span[0], span[1] - span[0] };
}

/* AS with groups in the place of $1 to $9. */
static void
expand(const struct match *m, const char *as, struct lam_buf *out)
{
	for (; *as; as++) {
		if (*as == '$' && as[1] >= '1' && as[1] <= '9') {
			struct lam_str s = group_at(m, (unsigned)(*++as - '0'));

			lam_buf_put(out, s.p, s.n);
		} else {
			lam_buf_putc(out, *as);
		}
	}
}

static bool
blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* VALUE without blanks at its ends, behind its length. */
static void
put_value(struct lam_buf *out, const struct lam_buf *value)
{
	const char *p = value->n ? value->p : "", *end = p + value->n;

	while (p < end && blank(*p))
		p++;
	while (end > p && blank(end[-1]))
		end--;
	lam_buf_put_u32(out, (uint32_t)(end - p));
	lam_buf_put(out, p, (size_t)(end - p));
}

static int
put_values(const struct match *m, const struct lam_agent_form *form,
	const struct lam_agent_rule *r, struct lam_buf *out, struct lam_error *e)
{
	struct lam_buf value = LAM_BUF_INIT;
	int rc;

	for (unsigned i = 0; i < LAM_AGENT_VALUES && form->value[i]; i++) {
		struct lam_str s = { "", 0 };

		lam_buf_clear(&value);
		if (r && r->value[i])
			expand(m, r->value[i], &value);
		else if (r && form->group[i])
			s = group_at(m, form->group[i]);
		lam_buf_put(&value, s.p, s.n);
		if (lam_buf_check(&value, e))
			break;
		put_value(out, &value);
	}
	rc = lam_buf_check(&value, e);
	lam_buf_release(&value);
	return rc ? rc : lam_buf_check(out, e);
}

int
lam_agents_match(struct lam_agents *a, unsigned list, struct lam_str text,
	struct lam_buf *out, bool *too_long, struct lam_error *e)
{
	struct match m = { .a = a, .text = text, .ascii = lam_ascii(text),
		.data = pcre2_match_data_create(GROUPS, NULL),
		.context = pcre2_match_context_create(NULL) };
	struct lam_agent_rule *r = NULL;
	int rc = m.data && m.context ? LAM_OK : lam_fail_mem(e);

	if (!rc) {
		pcre2_set_match_limit(m.context, STEPS_MAX);
		pcre2_set_heap_limit(m.context, HEAP_MAX_KIB);
		rc = first_rule(&m, &a->list[list], &r, e);
	}
	*too_long = m.too_long;
	if (!rc && !m.too_long)
		rc = put_values(&m, &lam_agent_form[list], r, out, e);
	pcre2_match_data_free(m.data);
	pcre2_match_context_free(m.context);
	return rc;
}
