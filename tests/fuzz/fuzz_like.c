/*
 * fuzz_like.c - LIKE and ILIKE against a matcher that tries everything
 *
 *	line 1	bit 0 of byte 0: ILIKE; byte 1: the escape character, blank: none
 *	line 2	the pattern
 *	line 3	the text
 *
 * Patterns and texts that are not UTF-8 need only not crash.
 */
#include "../unit/expr_build.h"
#include "base/utf8.h"
#include "fuzz.h"

static char
fold(char c, bool on)
{
	return on && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static size_t
step(struct lam_str s)
{
	return lam_utf8_len(s.p, s.p + s.n);
}

static struct lam_str
after(struct lam_str s, size_t n)
{
	return (struct lam_str){ s.p + n, s.n - n };
}

/* By the definition; *BUDGET bounds what is tried. */
static bool
match(struct lam_str p, struct lam_str v, int escape, bool on, int *budget)
{
	while (p.n && --*budget > 0) {
		bool literal = escape >= 0 && *p.p == (char)escape;

		if (literal)
			p = after(p, 1);
		if (!literal && *p.p == '%') {
			for (;;) {
				if (match(after(p, 1), v, escape, on, budget))
					return true;
				if (!v.n || *budget <= 0)
					return false;
				v = after(v, step(v));
			}
		}
		if (!v.n || (!(*p.p == '_' && !literal) &&
			fold(*p.p, on) != fold(*v.p, on)))
			return false;
		v = after(v, *p.p == '_' && !literal ? step(v) : 1);
		p = after(p, 1);
	}
	return !v.n;
}

static struct lam_expr *
constant(struct lam_str s)
{
	struct lam_expr *x = node(LAM_X_CONST, LAM_TEXT);

	x->text = s;
	return x;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size), escape = 0;
	struct lam_str rest = { copy, size }, head = fuzz_line(&rest);
	struct lam_str pattern = fuzz_line(&rest), v = rest;
	bool on = head.n && (head.p[0] & 1);
	struct lam_error e = LAM_ERROR_INIT;
	struct cell c[2] = { { .text = v }, { .null = true } };
	int budget = 100000, rc;
	struct lam_expr *x;
	struct table t;
	struct lam_vec out;

	if (head.n > 1 && head.p[1] != ' ')
		escape = head.p[1];
	arena = (struct lam_arena)LAM_ARENA_INIT;
	table_init(&t, 2);
	t.vec[0] = make_flat(LAM_TEXT, c, 2, false);
	x = call(on ? LAM_FN_ILIKE : LAM_FN_LIKE, escape ? 3 : 2,
		field(0, LAM_TEXT), constant(pattern),
		constant((struct lam_str){ &escape, 1 }));
	rc = evaluate(x, &t, &out, &e);
	MUST(!rc || (rc == LAM_USAGE && *e.msg && escape && pattern.n));
	if (!rc && fuzz_utf8(pattern) && fuzz_utf8(v) && escape >= 0) {
		bool want = match(pattern, v, escape ? escape : -1, on,
			&budget);

		MUST(budget <= 0 || lam_vec_bool(&out, 0) == want);
		MUST(lam_vec_is_null(&out, 1));
	}
	lam_arena_release(&arena);
	free(copy);
	return 0;
}
