/*
 * bind_call.c - calls: which row of the function table is meant
 *
 * The rows of one name are tried in the order of the table; the first one whose
 * arguments fit is taken.  AND and OR over many operands become a balanced tree,
 * so a condition of a thousand terms is ten deep.
 */
#include "bind/bind_internal.h"

#include <string.h>

#include "reference/reference.h"
#include "sql/func_internal.h"
#include "time/time.h"
#include "time/zone.h"

struct lam_expr *
lam_bind_make(struct lam_bind *b, const struct lam_ast *at, enum lam_fn fn,
	enum lam_type type, uint32_t n, struct lam_expr *const *arg)
{
	struct lam_expr *x = lam_bind_new(b, LAM_X_CALL, type, at);

	if (x == NULL)
		return NULL;
	x->fn = (uint16_t)fn;
	x->nargs = n;
	x->arg = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *, n);
	if (x->arg == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	memcpy(x->arg, arg, n * sizeof *arg);
	return x;
}

/* AND (OR) of X[0..n-1], in this order, as deep as it must be. */
static struct lam_expr *
balance(struct lam_bind *b, const struct lam_ast *a, struct lam_expr **x,
	uint32_t n)
{
	struct lam_expr *half[2];

	if (n == 1)
		return x[0];
	half[0] = balance(b, a, x, n - n / 2);
	half[1] = half[0] == NULL ? NULL :
		balance(b, a, x + (n - n / 2), n / 2);
	return half[1] == NULL ? NULL : lam_bind_make(b, a,
		(enum lam_fn)a->fn, LAM_BOOL, 2, half);
}

static struct lam_expr *
bind_logic(struct lam_bind *b, const struct lam_ast *a, struct lam_expr **x)
{
	const char *name = a->fn == LAM_FN_AND ? "AND" : "OR";

	for (uint32_t i = 0; i < a->nargs; i++)
		if (!lam_bind_convert(b, x[i], LAM_BOOL, a->arg[i], name))
			return NULL;
	return balance(b, a, x, a->nargs);
}

static enum lam_type
letter_type(char c)
{
	return c == 'n' || c == 's' ? LAM_NUMBER : c == 'T' ? LAM_TIME :
		c == 'b' ? LAM_BOOL : LAM_TEXT;
}

/* Does the path of JSON in P have a star, outside quotes? */
static bool
has_star(struct lam_str p)
{
	bool quoted = false, star = false;

	for (size_t i = 1; i < p.n && *p.p == '$'; i++) {
		quoted ^= p.p[i] == '"';
		star |= !quoted && p.p[i] == '*' && (p.p[i - 1] == '[' ||
			(p.p[i - 1] == '.' && (i + 1 == p.n ||
			strchr(".[", p.p[i + 1]))));
	}
	return star;
}

/* Is argument I of the call A, bound as X[i], what row FN takes? */
static bool
accepts(enum lam_fn fn, const struct lam_ast *call, struct lam_expr *const *all,
	uint32_t i)
{
	char letter = lam_func_arg(fn, i, call->nargs);
	const struct lam_ast *a = call->arg[i];
	const struct lam_expr *x = all[i];
	bool interval = a->kind == LAM_A_INTERVAL && x->type == LAM_TIME;
	bool null = x->null;
	bool literal = x->kind == LAM_X_CONST && x->type == LAM_TEXT && !null;

	if (letter == '\0') /* another number of arguments */
		return false;
	if (letter == 'i' || interval)
		return letter == 'i' && interval;
	switch (letter) {
	case 'u':
		return a->kind == LAM_A_STRING;
	case 'r':
		return literal || null;
	case 'z':
		return literal;
	case 'w':
		return literal && has_star(x->text);
	case 'k':
		return literal && lam_str_is(x->text, "bot");
	case 'a':
		return true;
	case 's':
		return null || x->list == LAM_SPAN;
	case 'l':
	case 'N':
	case 'e':
		return lam_bind_list_accepts(fn, letter, all, call->nargs, i);
	case 't':
		if (x->list == LAM_SPAN)
			return fn == LAM_FN_CONCAT_OP;
		if (x->list != 0) /* which is JSON */
			return (fn >= LAM_FN_JSON_ALL &&
				fn <= LAM_FN_JSON_TEXT_AT) ||
				(fn >= LAM_FN_JSON_VALID &&
				fn <= LAM_FN_JSON_KEYS_AT);
		return fn == LAM_FN_CONCAT_OP || null || x->type == LAM_TEXT;
	default:
		return null || (x->type == letter_type(letter) &&
			x->list == 0) || (literal && letter != 'b');
	}
}

/* "(number, text)": the types that were found, or that row FN takes. */
static void
put_types(struct lam_buf *out, const struct lam_ast *a, struct lam_expr **x,
	enum lam_fn fn)
{
	lam_buf_putc(out, '(');
	for (uint32_t i = 0; i < a->nargs; i++) {
		char c = fn == LAM_FNS ? '\0' : lam_func_arg(fn, i, a->nargs);

		lam_buf_puts(out, i > 0 ? ", " : "");
		if (c == 'i' || c == 's' || (c == '\0' &&
			a->arg[i]->kind == LAM_A_INTERVAL))
			lam_buf_puts(out, "interval");
		else if (c == 'a')
			lam_buf_puts(out, "any");
		else if (c == 'z')
			lam_buf_puts(out, "time zone");
		else if (c == 'r')
			lam_buf_puts(out, "regular expression");
		else if (c == 'k')
			lam_buf_puts(out, "'bot'");
		else if (c == 'l' || c == 'N' || c == 'e')
			lam_buf_puts(out, c == 'l' ? "list" : c == 'N' ?
				"number[]" : "element");
		else if (c != '\0')
			lam_buf_puts(out, lam_type_name[letter_type(c)]);
		else
			lam_buf_puts(out, lam_list_type_name(x[i]->type,
				x[i]->list));
	}
	lam_buf_putc(out, ')');
}

static struct lam_expr *
no_match(struct lam_bind *b, const struct lam_ast *a, struct lam_expr **x)
{
	struct lam_buf out = LAM_BUF_INIT;
	const char *name = lam_func[a->fn].name, *before = ": expected ";
	uint32_t fits = 0, least = UINT32_MAX, most = 0;

	if (a->fn == LAM_FN_WHOLE) {
		lam_sql_fail(&b->sql, a->line, a->column, "bit_and, bit_or and "
			"bit_xor take whole numbers, found a %s: cast it with "
			"x::BIGINT", lam_type_name[x[0]->type]);
		return NULL;
	}
	lam_buf_printf(&out, "\"%s\" cannot take ", name);
	put_types(&out, a, x, LAM_FNS);
	for (int fn = 0; fn < LAM_FNS; fn++) {
		if (strcmp(lam_func[fn].name, name) != 0 ||
			fn == LAM_FN_SPAN_PLUS || fn == LAM_FN_SPAN_MINUS)
			continue;
		for (uint32_t n = 1; n < 8; n++) {
			if (lam_func_arg((enum lam_fn)fn, 0, n) == '\0')
				continue;
			least = n < least ? n : least;
			most = n > most ? n : most;
		}
		if (lam_func_arg((enum lam_fn)fn, 0, a->nargs) == '\0')
			continue;
		fits++;
		lam_buf_puts(&out, before);
		before = " or ";
		put_types(&out, a, x, (enum lam_fn)fn);
	}
	lam_buf_puts(&out, a->nargs == 0 ? "" : x[0]->list == LAM_SPAN ||
		x[a->nargs - 1]->list == LAM_SPAN ?
		"; write epoch(x) for the seconds of an interval" :
		strncmp(name, "list", 4) == 0 && x[0]->list == 0 ?
		"; JSON is a list "
		"with x::VARCHAR[]; of a text write substr(x, n, length)" :
		"; cast with x::VARCHAR, x::DOUBLE or x::TIMESTAMP");
	if (fits > 0)
		lam_sql_fail(&b->sql, a->line, a->column, "%s",
			lam_buf_str(&out));
	else
		lam_sql_fail(&b->sql, a->line, a->column, "%s takes %s%u "
			"argument%s, found %u", name, least == most ? "" :
			a->nargs < least ? "at least " : "at most ",
			a->nargs < least ? least : most,
			least == 1 && most == 1 ? "" : "s", a->nargs);
	lam_buf_release(&out);
	return NULL;
}

static enum lam_fn
choose(const struct lam_ast *a, struct lam_expr **x)
{
	for (int fn = 0; fn < LAM_FNS; fn++) {
		uint32_t i = 0;

		if (strcmp(lam_func[fn].name, lam_func[a->fn].name) != 0 ||
			(a->nargs == 0 && fn != LAM_FN_LIST_VALUE))
			continue;
		while (i < a->nargs && accepts((enum lam_fn)fn, a, x, i))
			i++;
		if (i == a->nargs)
			return (enum lam_fn)fn;
	}
	return LAM_FNS;
}

/* A constant that is the name of a zone; TIME becomes the hash of its rules. */
static bool
fit_zone(struct lam_bind *b, const struct lam_ast *at, struct lam_expr *x)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_zone *z;

	if (lam_zone_open(&z, x->text.p, x->text.n, &why) != LAM_OK) {
		if (why.code == LAM_USAGE)
			lam_sql_fail(&b->sql, at->line, at->column, "%s",
				why.msg);
		else
			lam_fail(b->sql.e, why.code, "%s", why.msg);
		return false;
	}
	x->time = (int64_t)lam_zone_hash(z);
	lam_zone_close(z);
	return true;
}

/* Argument I of the call A, ALL, as row FN takes it. */
static bool
fit(struct lam_bind *b, const struct lam_ast *a, enum lam_fn fn,
	struct lam_expr **all, uint32_t i)
{
	const char *name = lam_func[fn].name;
	char letter = lam_func_arg(fn, i, a->nargs);
	const struct lam_ast *at = a->arg[i];
	struct lam_expr **x = &all[i];

	switch (letter) {
	case 'l':
	case 'N':
	case 'e':
		return lam_bind_list_fit(b, at, fn, letter, all, a->nargs, i);
	case 'a':
		if ((*x)->list == LAM_SPAN && lam_func_mixes(fn))
			*x = fn != LAM_FN_TUPLE && fn != LAM_FN_ROW ?
				lam_bind_span_text(b, at, *x) :
				lam_bind_span_seconds(b, at, *x);
		return *x != NULL;
	case 's':
		(*x)->type = LAM_NUMBER; /* NULL, too */
		(*x)->list = LAM_SPAN;
		return true;
	case 'i':
		if (fn != LAM_FN_TIME_BUCKET ||
			((*x)->months > 0 && (*x)->time == 0) ||
			((*x)->months == 0 && (*x)->time > 0))
			return true;
		lam_sql_fail(&b->sql, at->line, at->column, "time_bucket: "
			"expected a width above 0, of months or of a fixed "
			"length, not both");
		return false;
	case 'u':
		return lam_func_unit((*x)->text, fn != LAM_FN_EXTRACT &&
			fn != LAM_FN_SPAN_PART, &(*x)->index) != NULL;
	case 't':
		if (fn == LAM_FN_CONCAT_OP && (*x)->type != LAM_TEXT &&
			!(*x)->null) {
			*x = (*x)->list == LAM_SPAN ? lam_bind_span_text(b, at,
				*x) : lam_bind_make(b, at, LAM_FN_TO_TEXT,
				LAM_TEXT, 1, x);
			return *x != NULL;
		}
		return lam_bind_convert(b, *x, LAM_TEXT, at, name);
	case 'z':
		return fit_zone(b, at, *x);
	case 'r':
		return lam_bind_convert(b, *x, LAM_TEXT, at, name);
	default:
		return lam_bind_convert(b, *x, letter_type(letter), at, name);
	}
}

static bool
fit_all(struct lam_bind *b, const struct lam_ast *a, enum lam_fn fn,
	struct lam_expr **x, enum lam_type *type, uint8_t *list)
{
	enum lam_type common;
	bool any = false;

	for (uint32_t i = 0; i < a->nargs; i++) {
		char letter = lam_func_arg(fn, i, a->nargs);

		any |= letter == 'a';
		if (!fit(b, a, fn, x, i))
			return false;
		if (lam_func_constant(fn, i) && x[i]->kind != LAM_X_CONST) {
			lam_sql_fail(&b->sql, a->arg[i]->line,
				a->arg[i]->column, "%s: argument %u must be a "
				"constant", lam_func[fn].name, i + 1);
			return false;
		}
	}
	*type = letter_type(lam_func[fn].result);
	if (any && !lam_func_mixes(fn) && !lam_bind_unify(b, x, a->nargs, a,
		lam_func[fn].result == 'a' ? type : &common))
		return false;
	return lam_bind_list_result(b, a, fn, x, type, list);
}

/* Argument I of A. */
static struct lam_expr *
bind_arg(struct lam_bind *b, const struct lam_ast *a, uint32_t i)
{
	struct lam_expr *x;

	if (a->arg[i]->kind != LAM_A_INTERVAL)
		return lam_bind_expr(b, a->arg[i]);
	if (a->fn != LAM_FN_ADD && a->fn != LAM_FN_SUB &&
		a->fn != LAM_FN_TIME_BUCKET)
		return lam_bind_span(b, a->arg[i]);
	x = lam_bind_new(b, LAM_X_CONST, LAM_TIME, a->arg[i]);
	if (x != NULL) {
		x->time = a->arg[i]->time;
		x->months = a->arg[i]->months;
	}
	return x;
}

/* Is A the comparison of something with a literal that is not NULL? */
static bool
equals_literal(const struct lam_ast *a)
{
	return a->kind == LAM_A_CALL && a->fn == LAM_FN_EQ &&
		lam_ast_literal(a->arg[1]) && a->arg[1]->kind != LAM_A_NULL;
}

/*
 * x = 1 OR x = 2 OR ... is x IN (1, 2, ...), which is looked up once: the operands of
 * the OR A that are, or were brought together with, A's operand I into LIST.
 */
static uint32_t
alternatives(const struct lam_ast *a, uint32_t i, struct lam_ast **list)
{
	const struct lam_ast *x = a->arg[i];
	uint32_t n = 1;

	list[0] = x->arg[0];
	for (uint32_t j = 0; j < a->nargs; j++) {
		const struct lam_ast *y = a->arg[j];

		if (!equals_literal(y) || y->arg[1]->kind != x->arg[1]->kind ||
			!lam_ast_equal(y->arg[0], x->arg[0]))
			continue;
		if (j < i)
			return 0;
		list[n++] = y->arg[1];
	}
	return n;
}

/* The OR A with lists for its chains of comparisons; NULL: failed. */
static const struct lam_ast *
with_lists(struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_ast *or = lam_ast_copy(&b->sql, a);
	struct lam_token at = { .line = a->line, .column = a->column };
	uint32_t n = 0;

	for (uint32_t i = 0; or != NULL && i < a->nargs; i++) {
		struct lam_ast **list = LAM_ARENA_NEW(b->sql.arena,
			struct lam_ast *, a->nargs + 1), *x = a->arg[i];
		uint32_t k = 2;

		if (list == NULL) {
			lam_fail_mem(b->sql.e);
			return NULL;
		}
		if (equals_literal(x))
			k = alternatives(a, i, list);
		if (k > 2)
			x = lam_ast_call(&b->sql, &at, LAM_FN_IN, k, list);
		if (x == NULL)
			return NULL;
		if (k > 0)
			or->arg[n++] = x;
	}
	if (or == NULL || n == a->nargs)
		return or == NULL ? NULL : a;
	or->nargs = n;
	return n == 1 ? or->arg[0] : or;
}

/* X looks things up: in which file? */
static bool
bind_file(struct lam_bind *b, struct lam_expr *x)
{
	x->reference = lam_reference_now(x->fn == LAM_FN_GEO ?
		LAM_REFERENCE_GEO : LAM_REFERENCE_AGENTS);
	return x->reference != NULL || lam_fail_mem(b->sql.e) == LAM_OK;
}

struct lam_expr *
lam_bind_call(struct lam_bind *b, const struct lam_ast *a)
{
	struct lam_ast turned = *a, *swap[2];
	struct lam_expr **x, *call;
	enum lam_type type;
	enum lam_fn fn;
	uint8_t list;

	if (a->fn >= LAM_FN_TO_TEXT && a->fn <= LAM_FN_TRY_BOOL)
		return lam_bind_cast(b, a);
	if (a->fn == LAM_FN_TO_LIST || a->fn == LAM_FN_TRY_LIST)
		return lam_bind_list_cast(b, a);
	if (a->fn == LAM_FN_TO_SPAN || a->fn == LAM_FN_TRY_SPAN)
		return lam_bind_span_cast(b, a);
	if (a->fn == LAM_FN_OR && (a = with_lists(b, a)) == NULL)
		return NULL;
	x = LAM_ARENA_NEW(b->sql.arena, struct lam_expr *, a->nargs + 1);
	if (x == NULL) {
		lam_fail_mem(b->sql.e);
		return NULL;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		if ((x[i] = bind_arg(b, a, i)) == NULL)
			return NULL;
	if (a->fn == LAM_FN_AND || a->fn == LAM_FN_OR)
		return bind_logic(b, a, x);
	if (a->nargs == 2 && (a->fn == LAM_FN_ADD || a->fn == LAM_FN_SUB)) {
		turned.arg = swap;
		if (!lam_bind_sum(b, a, &turned, x))
			return NULL;
		a = &turned;
	}
	if (!lam_bind_span_compare(b, a, x))
		return NULL;
	fn = choose(a, x);
	if (fn == LAM_FNS)
		return no_match(b, a, x);
	if (!lam_bind_span_fits(b, a, &fn, x) ||
		!fit_all(b, a, fn, x, &type, &list))
		return NULL;
	call = lam_bind_make(b, a, fn, type, a->nargs, x);
	if (call == NULL)
		return NULL;
	call->list = list;
	if (fn >= LAM_FN_GEO && fn <= LAM_FN_USER_AGENT && !bind_file(b, call))
		return NULL;
	return lam_bind_span_made(b, a, call);
}
