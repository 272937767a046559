/*
 * fn_regex.c - regexp_matches, regexp_extract[_all], regexp_replace: PCRE2
 *
 * A pattern is compiled once (fn_regex_prepare.c; with JIT where there is one)
 * and shared by all threads; the match data, match context and JIT stack belong
 * to one evaluation of one block.  Over a dictionary column the walk calls this
 * once per distinct value.
 *
 * Most texts of a log do not match.  Most of them lack the text that each match
 * begins with (literal.h), or a byte that each match has.  We look for those first,
 * because the compiled code does not, and a call of it costs 60 ns.
 *
 * Perl's syntax has patterns that take exponential time.  So matching is bounded
 * in steps, heap and stack.  A text that needs more is an error that shows the text,
 * never a wrong answer.
 *
 * As in DuckDB: $ is the very end, . is no newline, no match extracts "",
 * \1 .. \9 and \0 in a replacement are groups and the match.  Texts that are
 * not UTF-8 may be searched; no character matches a broken sequence.
 */
#include "fn/fn_regex_internal.h"

#include "fn/fn.h"

#include <string.h>

#include "base/json_text.h"
#include "base/utf8.h"

#define STEPS_MAX 2000000
#define HEAP_MAX_KIB 32768
#define STACK_MIN 32768
#define STACK_MAX (1024 * 1024)

/* The matcher's state of one evaluation. */
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
	/* A copy: for all the compiler knows, BIT could be in the original. */
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
		if (span && span[2 * g] != PCRE2_UNSET &&
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

/* Of regexp_extract_all: what the group of one match in V is, as JSON. */
static void
put_element(struct lam_buf *b, const struct lam_regex *re, struct lam_str v,
	const PCRE2_SIZE *span)
{
	const PCRE2_SIZE *g = span + 2 * (size_t)re->group;

	lam_buf_puts(b, b->n ? ", " : "[");
	if (g[0] == PCRE2_UNSET || g[0] > g[1])
		lam_buf_puts(b, "null");
	else
		lam_json_put_string(b, (struct lam_str){ v.p + g[0], g[1] -
			g[0] });
}

/*
 * One row into B.  After a match the next begins where it ended, but an empty
 * one is not taken just there (RE2's rule): a character is passed first.
 */
static int
replace_row(struct matcher *m, struct lam_str v, struct lam_str to,
	struct lam_buf *b)
{
	bool list = m->c->x->fn == LAM_FN_REGEXP_EXTRACT_ALL;
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
		if (list) {
			put_element(b, m->c->plan->regex, v, span);
		} else {
			lam_buf_put(b, v.p + copied, span[0] - copied);
			expand(b, v, span, to);
		}
		/* A list has the empty match right behind another one, too. */
		last = list && span[0] < span[1] ? SIZE_MAX : span[1];
		copied = at = span[1];
		if (!m->c->plan->regex->all)
			break;
	}
	if (list)
		lam_buf_puts(b, b->n ? "]" : "[]");
	else
		lam_buf_put(b, v.p + copied, v.n - copied);
	return LAM_OK;
}

static void
put_part(struct lam_buf *b, struct lam_str v, size_t from, size_t to)
{
	lam_buf_puts(b, b->n ? ", " : "[");
	lam_json_put_string(b, (struct lam_str){ v.p + from, to - from });
}

/* The parts of V between matches, as a list; an empty match where a part begins is
 * one behind its first character (DuckDB's rule). */
static int
split_row(struct matcher *m, struct lam_str v, struct lam_buf *b)
{
	size_t at = 0, end, next;
	const PCRE2_SIZE *span;
	int rc;

	aim(m, v);
	while (at < v.n) {
		if ((rc = match(m, v, at, &span)))
			return rc;
		if (!span || span[0] > span[1] || span[0] < at)
			break;
		end = span[0];
		next = span[1];
		if (next == at)
			end = next = at + lam_utf8_len(v.p + at, v.p + v.n);
		if (span[1] == at && end >= v.n)
			break;
		put_part(b, v, at, end);
		at = next;
	}
	put_part(b, v, at, v.n);
	lam_buf_putc(b, ']');
	return LAM_OK;
}

static int
run_replace(struct matcher *m, const struct lam_reader *r,
	const uint8_t *null, struct lam_text_out *t)
{
	bool replaces = m->c->x->fn == LAM_FN_REGEXP_REPLACE;
	bool split = m->c->x->fn == LAM_FN_SPLIT_REGEX;
	struct lam_buf b = LAM_BUF_INIT;
	int rc = LAM_OK;

	for (uint32_t i = 0; i < m->c->n && rc == LAM_OK; i++) {
		struct lam_str to = replaces ? lam_str_at(&r[2], i) :
			(struct lam_str){ "", 0 };
		struct lam_error why = LAM_ERROR_INIT;
		char *p;

		t->str[i] = (struct lam_str){ NULL, 0 };
		if (null && null[i])
			continue;
		lam_buf_clear(&b);
		m->failed = lam_regex_check(m->c->x, m->c->plan->regex, to,
			&why) != LAM_OK;
		if (!m->failed)
			rc = split ? split_row(m, lam_str_at(&r[0], i), &b) :
				replace_row(m, lam_str_at(&r[0], i), to, &b);
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
