/*
 * fn_regex.c - regexp_matches, regexp_extract, regexp_replace: PCRE2
 *
 * The only includer of <pcre2.h>.  A pattern is compiled once (with JIT where
 * there is one) and shared by all threads; the match data, match context and
 * JIT stack belong to one evaluation of one block.  Over a dictionary column the
 * walk calls this once per distinct value.
 *
 * Most texts of a log do not match, and most of those can be told by what the
 * pattern must begin with (literal.h) or by a byte that must be somewhere: machine
 * code does not look for it before it tries, and to call it costs 60 ns.
 *
 * Perl's syntax has patterns that take exponential time: matching is bounded
 * in steps, heap and stack, and a text that needs more is an error that shows it,
 * never a wrong answer.
 *
 * As in DuckDB: $ is the very end, . is no newline, no match extracts "",
 * \1 .. \9 and \0 in a replacement are groups and the match.  Texts that are
 * not UTF-8 may be searched; no character matches a broken sequence.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "fn/fn.h"

#include <string.h>

#include "base/utf8.h"
#include "fn/literal.h"

#define STEPS_MAX 2000000
#define HEAP_MAX_KIB 32768
#define STACK_MIN 32768
#define STACK_MAX (1024 * 1024)

/*
 * The texts that a code of a pattern is for.  Where bytes are characters a step
 * back, which is what most patterns do most, takes half the time.  Broken texts
 * have no machine code: what JIT makes of \D, \S and \W under MATCH_INVALID_UTF
 * (PCRE2 10.42) misses characters beyond ASCII.
 */
enum script { UTF8, ASCII, BROKEN, SCRIPTS };

static const struct {
	uint32_t flags;
	bool jit;
} scripts[SCRIPTS] = {
	[UTF8] = { PCRE2_UTF, true },
	[ASCII] = { 0, true },
	[BROKEN] = { PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, false },
};

struct lam_regex {
	pcre2_code *code[SCRIPTS]; /* ASCII: NULL if it names other characters */
	bool jit[SCRIPTS];
	struct lam_literal begin; /* of every text that matches */
	int must;	 /* the byte that is in each of them, or -1 */
	uint32_t groups; /* in the pattern */
	uint32_t group;	 /* EXTRACT: which */
	bool all;	 /* REPLACE: "g" */
};

/* What one evaluation needs to match. */
struct matcher {
	struct lam_call *c;
	const uint8_t *null;	/* of the arguments */
	uint8_t *none;		/* and of what failed, if any did */
	bool failed;		/* the text at hand */
	enum script script;	/* of the text at hand; SCRIPTS: no match */
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack; /* NULL: not needed so far */
};

/* ------------------------------------------------------------ preparation */

/* Letters c (case matters), i, s (. is any), m (lines), g (all). */
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
		else if (c != 'c')
			return lam_fail_at(e, x, "unknown option '%c' of %s: "
				"expected c, i, s, m%s", c,
				lam_func[x->fn].name,
				x->fn == LAM_FN_REGEXP_REPLACE ? ", g" : "");
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
	bool exact = !options && !(pattern.n &&
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
	if (!options)
		r->begin = lam_literal_of(text);
	r->must = must_have(r, text, options);
	pcre2_pattern_info(r->code[UTF8], PCRE2_INFO_CAPTURECOUNT, &r->groups);
	return LAM_OK;
}

/* Does the replacement name only what there is? */
static int
check_replacement(const struct lam_expr *x, const struct lam_regex *r,
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
	if ((rc = options(x, x->fn == LAM_FN_REGEXP_MATCHES ? 2 : 3, &flags,
		     &r->all, e)) ||
	    (rc = compile(x, r, flags, e)))
		return rc;
	if (x->fn == LAM_FN_REGEXP_EXTRACT)
		return group_of(x, r, e);
	if (replaces && x->arg[2]->kind == LAM_X_CONST && !x->arg[2]->null)
		return check_replacement(x, r, x->arg[2]->text, e);
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

/* --------------------------------------------------------------- matching */

static int
matcher_begin(struct matcher *m, struct lam_call *c, const uint8_t *null)
{
	*m = (struct matcher){ .c = c, .null = null };
	m->data = pcre2_match_data_create_from_pattern(
		c->plan->regex->code[UTF8], NULL);
	m->context = pcre2_match_context_create(NULL);
	if (!m->data || !m->context)
		return lam_fail_mem(c->e);
	pcre2_set_match_limit(m->context, STEPS_MAX);
	pcre2_set_heap_limit(m->context, HEAP_MAX_KIB);
	return LAM_OK;
}

/*
 * Machine code has 32 KiB of the thread's own stack, enough for almost all
 * patterns; more is mapped for the first text that needs it.
 */
static bool
more_stack(struct matcher *m)
{
	if (m->stack)
		return false;
	m->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, NULL);
	if (m->stack)
		pcre2_jit_stack_assign(m->context, NULL, m->stack);
	return m->stack != NULL;
}

static void
matcher_end(struct matcher *m)
{
	pcre2_jit_stack_free(m->stack);
	pcre2_match_context_free(m->context);
	pcre2_match_data_free(m->data);
}

/* V is what will be searched. */
static inline void
aim(struct matcher *m, struct lam_str v)
{
	const struct lam_regex *re = m->c->plan->regex;

	m->failed = false;
	m->script = SCRIPTS;
	if (!lam_literal_begins(&re->begin, v) || (re->must >= 0 &&
		(v.n == 0 || !memchr(v.p, re->must, v.n))))
		return;
	m->script = re->code[ASCII] && lam_ascii(v) ? ASCII :
		lam_utf8_valid(v) ? UTF8 : BROKEN;
}

/* Row I is done: a fault, if its text failed. */
static int
settle(struct matcher *m, uint32_t i)
{
	int rc;

	if (LAM_LIKELY(!m->failed))
		return LAM_OK;
	if (!m->none && (rc = lam_nulls_new(m->c, m->null, &m->none)))
		return rc;
	m->none[i] = 1;
	return lam_fault(m->c, i);
}

/* The first match in V from byte AT on: *SPAN, or NULL for none. */
static int
match(struct matcher *m, struct lam_str v, size_t at, const PCRE2_SIZE **span)
{
	const struct lam_regex *re = m->c->plan->regex;
	const pcre2_code *code;
	int rc;

	*span = NULL;
	if (m->script == SCRIPTS)
		return LAM_OK;
	code = re->code[m->script];
	if (re->jit[m->script])
		do
			rc = pcre2_jit_match(code, (PCRE2_SPTR)v.p, v.n, at, 0,
				m->data, m->context);
		while (rc == PCRE2_ERROR_JIT_STACKLIMIT && more_stack(m));
	else
		rc = pcre2_match(code, (PCRE2_SPTR)v.p, v.n, at,
			m->script == UTF8 ? PCRE2_NO_UTF_CHECK : 0, m->data,
			m->context);
	*span = rc > 0 ? pcre2_get_ovector_pointer(m->data) : NULL;
	if (rc > 0 || rc == PCRE2_ERROR_NOMATCH)
		return LAM_OK;
	if (rc == PCRE2_ERROR_NOMEMORY)
		return lam_fail_mem(m->c->e);
	m->failed = true; /* takes too long, or too much memory */
	return LAM_OK;
}

static int
run_matches(struct matcher *m, const struct lam_reader *r, uint8_t *bit)
{
	/* Of its own: BIT could be anywhere, as far as the compiler can tell. */
	const struct lam_literal begin = m->c->plan->regex->begin;
	const struct lam_reader text = *r;
	const PCRE2_SIZE *span;
	int rc;

	memset(bit, 0, m->c->n);
	for (uint32_t i = 0; i < m->c->n; i++) {
		if (!lam_literal_begins(&begin, lam_str_at(&text, i)) ||
			lam_null_at(&text, i))
			continue;
		aim(m, lam_str_at(&text, i));
		if ((rc = match(m, lam_str_at(&text, i), 0, &span)) ||
		    (rc = settle(m, i)))
			return rc;
		bit[i] = span != NULL;
	}
	return LAM_OK;
}

static int
run_extract(struct matcher *m, const struct lam_reader *r,
	struct lam_str *to)
{
	const struct lam_regex *re = m->c->plan->regex;
	const PCRE2_SIZE *span;
	int rc;

	for (uint32_t i = 0; i < m->c->n; i++) {
		struct lam_str v = lam_str_at(r, i);
		uint32_t g = re->group;

		to[i] = (struct lam_str){ NULL, 0 };
		if (lam_null_at(r, i))
			continue;
		aim(m, v);
		if ((rc = match(m, v, 0, &span)) || (rc = settle(m, i)))
			return rc;
		to[i].p = v.p;
		/* \K in a lookahead can end a match before its start. */
		if (span && g <= re->groups && span[2 * g] != PCRE2_UNSET &&
		    span[2 * g] <= span[2 * g + 1]) {
			to[i].p = v.p + span[2 * g];
			to[i].n = span[2 * g + 1] - span[2 * g];
		}
	}
	return LAM_OK;
}

/* The replacement TO of one match in V. */
static void
expand(struct lam_buf *b, struct lam_str v, const PCRE2_SIZE *span,
	struct lam_str to)
{
	for (size_t i = 0; i < to.n; i++) {
		size_t g;

		if (to.p[i] != '\\' || to.p[i + 1] == '\\') {
			lam_buf_putc(b, to.p[i]);
			i += to.p[i] == '\\';
			continue;
		}
		g = (size_t)(to.p[++i] - '0');
		if (span[2 * g] != PCRE2_UNSET && span[2 * g] < span[2 * g + 1])
			lam_buf_put(b, v.p + span[2 * g],
				span[2 * g + 1] - span[2 * g]);
	}
}

/*
 * One row into B.  After a match the next begins where it ended, but an empty
 * one is not taken just there (RE2's rule): a character is passed first.
 */
static int
replace_row(struct matcher *m, struct lam_str v, struct lam_str to,
	struct lam_buf *b)
{
	size_t at = 0, copied = 0, last = SIZE_MAX;
	const PCRE2_SIZE *span;
	int rc;

	aim(m, v);
	while (at <= v.n) {
		if ((rc = match(m, v, at, &span)))
			return rc;
		if (!span || span[0] > span[1] || span[0] < copied)
			break;
		if (span[0] == span[1] && span[0] == last) {
			if (at >= v.n)
				break;
			at += lam_utf8_len(v.p + at, v.p + v.n);
			continue;
		}
		lam_buf_put(b, v.p + copied, span[0] - copied);
		expand(b, v, span, to);
		copied = at = last = span[1];
		if (!m->c->plan->regex->all)
			break;
	}
	lam_buf_put(b, v.p + copied, v.n - copied);
	return LAM_OK;
}

static int
run_replace(struct matcher *m, const struct lam_reader *r,
	const uint8_t *null, struct lam_text_out *t)
{
	struct lam_buf b = LAM_BUF_INIT;
	int rc = LAM_OK;

	for (uint32_t i = 0; i < m->c->n && rc == LAM_OK; i++) {
		struct lam_str to = lam_str_at(&r[2], i);
		struct lam_error why = LAM_ERROR_INIT;
		char *p;

		t->str[i] = (struct lam_str){ NULL, 0 };
		if (null && null[i])
			continue;
		lam_buf_clear(&b);
		m->failed = check_replacement(m->c->x, m->c->plan->regex, to,
			&why) != LAM_OK;
		if (!m->failed)
			rc = replace_row(m, lam_str_at(&r[0], i), to, &b);
		if (rc == LAM_OK)
			rc = settle(m, i);
		if (rc == LAM_OK)
			rc = lam_buf_check(&b, m->c->e);
		if (rc)
			break;
		if (!(p = lam_text_room(t, b.n + 1))) {
			rc = LAM_SYSTEM;
			break;
		}
		if (b.n)
			memcpy(p, b.p, b.n);
		t->str[i] = (struct lam_str){ p, b.n };
	}
	lam_buf_release(&b);
	return rc;
}

int
lam_fn_regex(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	const uint8_t *null;
	struct lam_text_out t;
	struct lam_reader r[3];
	struct matcher m;
	uint8_t *bit;
	int rc;

	for (uint32_t k = 0; k < nargs; k++)
		if ((rc = lam_read(c, &arg[k], &r[k])))
			return rc;
	if ((rc = lam_nulls(c, r, nargs, &null)) ||
	    (rc = lam_text_begin(c, &t)) || (rc = lam_room(c, 1, &bit)))
		return rc;
	rc = matcher_begin(&m, c, null);
	if (rc == LAM_OK && c->x->fn == LAM_FN_REGEXP_MATCHES)
		rc = run_matches(&m, r, bit);
	else if (rc == LAM_OK && c->x->fn == LAM_FN_REGEXP_EXTRACT)
		rc = run_extract(&m, r, t.str);
	else if (rc == LAM_OK)
		rc = run_replace(&m, r, null, &t);
	matcher_end(&m);
	null = m.none ? m.none : null;
	if (c->x->fn == LAM_FN_REGEXP_MATCHES)
		lam_out_flat(c, LAM_BOOL, bit, null, out);
	else
		lam_out_flat(c, LAM_TEXT, t.str, null, out);
	return rc;
}
