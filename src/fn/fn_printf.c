/*
 * fn_printf.c - printf and format: values put into a constant text
 *
 *	printf	%[flags][width][.decimals]c	flags: - 0 + blank , ' _
 *	format	{[n]:[[fill]align][+ or blank][0][width][, ' _][.decimals][c]}
 *
 * c is d (whole), x, X (in hexadecimal), f (decimals, 6 of them unless said), or s (a
 * text); format without it prints the value as it is.  %% is a percent sign, {{ and }}
 * are braces.  The format is checked once, before any row, against the types of the
 * values, and read again for each row.  Numbers are rounded half to even, as C does
 * with what a double holds; here it is the exact value.
 */
#include "fn/fn_make.h"

#include <string.h>

#include "base/utf8.h"

#define WIDTH_MAX 1000
#define BODY 128 /* 38 digits, 38 decimals, signs and separators */

struct spec { /* of one conversion; 0: it is not said */
	char fill, align; /* < > ^, or = after the sign */
	char sign, between; /* between: thousands */
	char type;
	int width, decimals; /* -1: not said */
	uint32_t arg; /* from 1; 0 is the format */
};

struct scan {
	struct lam_str left; /* of the format */
	bool braces;	     /* format, not printf */
	bool counts, numbered; /* {} and {0} were seen */
	uint32_t args;	     /* conversions so far */
	const char *from;    /* the last one */
	const char *why;     /* that is wrong */
};

static const char percent_form[] = "a conversion is as %8.2f, with d, x, X, f or s";
static const char brace_form[] = "a conversion is {}, {0} or as {:>8.2f}, with d, x, "
	"X, f or s";

static bool
is(const struct scan *s, const char *any)
{
	return s->left.n && *s->left.p && strchr(any, *s->left.p);
}

static char
next(struct scan *s)
{
	s->left.n--;
	return *s->left.p++;
}

/* The number that follows; -1: none. */
static int
digits(struct scan *s)
{
	int v = -1;

	while (is(s, "0123456789"))
		v = (v < 0 ? 0 : v > WIDTH_MAX ? v : v * 10) + (next(s) - '0');
	return v;
}

static void
set_zero(struct scan *s, struct spec *c)
{
	next(s);
	if (c->align)
		s->why = "0 does not go with an alignment";
	c->fill = '0';
	c->align = '=';
}

/* Behind a percent sign. */
static void
flags(struct scan *s, struct spec *c)
{
	while (!s->why && is(s, "-0+ ,'_")) {
		char f = *s->left.p;

		if (f == '0') {
			set_zero(s, c);
			continue;
		}
		next(s);
		if (f == '-' && c->align)
			s->why = "- does not go with 0";
		else if (f == '-')
			c->align = '<';
		else if (f == '+' || f == ' ')
			c->sign = f;
		else
			c->between = f;
	}
}

/* Behind an opening brace, up to the width. */
static void
places(struct scan *s, struct spec *c)
{
	int n = digits(s);
	const char *p;

	s->counts |= n < 0;
	s->numbered |= n >= 0;
	if (s->counts && s->numbered)
		s->why = "{} does not go with {0}";
	if (n >= 0)
		c->arg = (uint32_t)n + 1;
	if (!is(s, ":")) {
		if (!is(s, "}"))
			s->why = brace_form;
		return;
	}
	next(s);
	p = s->left.p;
	if (s->left.n > 1 && *p > 0 && *p != '{' && *p != '}' && p[1] &&
		strchr("<>^=", p[1]))
		c->fill = next(s);
	if (is(s, "<>^="))
		c->align = next(s);
	if (is(s, "+- "))
		c->sign = next(s);
	if (c->sign == '-')
		c->sign = '\0';
	if (is(s, "0"))
		set_zero(s, c);
}

static void
conversion(struct scan *s, struct spec *c)
{
	*c = (struct spec){ .fill = ' ', .decimals = -1 };
	c->arg = s->args + 1;
	if (s->braces)
		places(s, c);
	else
		flags(s, c);
	c->width = digits(s);
	if (s->braces && is(s, ",'_"))
		c->between = next(s);
	if (is(s, ".")) {
		next(s);
		c->decimals = digits(s);
		if (c->decimals < 0 || c->decimals > LAM_NUM_DIGITS)
			s->why = "0 to 38 decimals follow a point";
	}
	while (!s->braces && is(s, "hlq"))
		next(s);
	if (is(s, s->braces ? "dxXfs" : "diuxXfs"))
		c->type = next(s);
	if (c->type == 'i' || c->type == 'u')
		c->type = 'd';
	if (c->width > WIDTH_MAX && !s->why)
		s->why = "a width is at most 1000";
	if (!s->why && (s->braces ? !is(s, "}") : !c->type))
		s->why = s->braces ? brace_form : percent_form;
	else if (s->braces && !s->why)
		next(s);
	s->args++;
}

/* The text up to the next conversion into *PLAIN, then that, unless it is the end, or
 * only a sign that stands for itself: c->arg 0.  False: there is no more. */
static bool
piece(struct scan *s, struct lam_str *plain, struct spec *c)
{
	const char *special = s->braces ? "{}" : "%";
	char sign;

	*plain = (struct lam_str){ s->left.p, 0 };
	c->arg = 0;
	if (!s->left.n || s->why)
		return false;
	while (s->left.n && !is(s, special)) {
		next(s);
		plain->n++;
	}
	if (!s->left.n)
		return true;
	s->from = s->left.p;
	sign = next(s);
	if (s->left.n && *s->left.p == sign) {
		plain->n++;
		next(s);
	} else if (sign == '}') {
		s->why = "a brace that is meant is written }}";
	} else {
		conversion(s, c);
	}
	return true;
}

/* What is wrong with C for values of TYPE. */
static const char *
misfit(const struct spec *c, unsigned type)
{
	bool number = type == LAM_NUMBER && c->type != 's';

	if (!number && c->type && c->type != 's')
		return "d, x and f take a number: cast with x::DOUBLE";
	if (!number && (c->sign || c->between || c->align == '='))
		return "signs, zeros and separators go with numbers alone";
	if (number && c->decimals >= 0 && c->type != 'f')
		return "decimals go with f";
	if (c->between && (c->type == 'x' || c->type == 'X'))
		return "separators do not go with x";
	return NULL;
}

int
lam_printf_prepare(struct lam_expr *x, struct lam_error *e)
{
	struct scan s = { .left = x->arg[0]->text,
		.braces = x->fn == LAM_FN_FORMAT };
	struct lam_str plain;
	struct spec c;

	if (x->arg[0]->kind != LAM_X_CONST)
		return lam_fail_at(e, x, "%s needs a constant format",
			lam_func[x->fn].name);
	if (x->arg[0]->null)
		return LAM_OK;
	while (piece(&s, &plain, &c)) {
		if (s.why || !c.arg)
			continue;
		if (c.arg >= x->nargs)
			s.why = "there is no value for it";
		else if (x->arg[c.arg]->kind != LAM_X_CONST ||
			!x->arg[c.arg]->null)
			s.why = misfit(&c, x->arg[c.arg]->type);
	}
	if (!s.why)
		return LAM_OK;
	return lam_fail_at(e, x, "%s: at byte %zu of the format: %s",
		lam_func[x->fn].name, (size_t)(s.from - x->arg[0]->text.p) +
		1, s.why);
}

/* V with DECIMALS of them, half to even; its length. */
static size_t
put_fixed(struct lam_num v, int decimals, char *out)
{
	char text[LAM_NUM_TEXT];
	size_t n = lam_num_print((struct lam_num){ v.m, 0 }, text);

	if (!lam_num_from_digits(false, text, n, v.scale, decimals, false, &v))
		return 0;
	n = lam_num_print_fixed(v, out);
	if (v.scale == 0 && decimals > 0)
		out[n++] = '.';
	for (int k = (int)v.scale; k < decimals; k++)
		out[n++] = '0';
	return n;
}

static size_t
put_hex(lam_i128 v, bool upper, char *out)
{
	const char *hex = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t n = 1;

	for (lam_i128 w = v >> 4; w; w >>= 4)
		n++;
	for (size_t k = n; k > 0; v >>= 4)
		out[--k] = hex[v & 15];
	return n;
}

/* N bytes at BODY, a number, with BETWEEN each three digits before the point. */
static size_t
part_thousands(char *body, size_t n, char between)
{
	const char *point = memchr(body, '.', n);
	size_t whole = point ? (size_t)(point - body) : n;

	for (size_t k = whole; k > 3; n++) {
		k -= 3;
		memmove(body + k + 1, body + k, n - k);
		body[k] = between;
	}
	return n;
}

/* V, which is not below 0, into BODY; 0: that cannot be. */
static size_t
put_number(const struct spec *c, struct lam_num v, char *body)
{
	size_t n;

	v = lam_num_normal(v);
	if (v.scale && c->type && c->type != 'f')
		return 0;
	if (c->type == 'x' || c->type == 'X')
		n = put_hex(v.m, c->type == 'X', body);
	else if (c->type == 'f')
		n = put_fixed(v, c->decimals < 0 ? 6 : c->decimals, body);
	else
		n = lam_num_print(v, body);
	return c->between ? part_thousands(body, n, c->between) : n;
}

static void
put_fill(struct lam_buf *b, char fill, size_t n)
{
	for (; n > 0; n--)
		lam_buf_putc(b, fill);
}

/* SIGN (or 0) and BODY, as wide as C says; ALIGN where it says none. */
static void
put_aligned(struct lam_buf *b, const struct spec *c, char sign,
	struct lam_str body, char align)
{
	size_t has = lam_utf8_count(body) + (sign != '\0');
	size_t pad = c->width > 0 && (size_t)c->width > has ?
		(size_t)c->width - has : 0, before;

	align = c->align ? c->align : align;
	before = align == '<' ? 0 : align == '^' ? pad / 2 : pad;
	if (align != '=')
		put_fill(b, c->fill, before);
	if (sign)
		lam_buf_putc(b, sign);
	if (align == '=')
		put_fill(b, c->fill, before);
	lam_buf_put(b, body.p, body.n);
	put_fill(b, c->fill, pad - before);
}

/* The value of R in row I.  False: it cannot be computed. */
static bool
put_value(struct lam_buf *b, const struct spec *c, const struct lam_reader *r,
	uint32_t i, bool braces)
{
	char body[BODY], sign;
	struct lam_str text = { body, 0 };
	struct lam_num v;

	if (r->v->type != LAM_NUMBER || c->type == 's') {
		text = r->v->type == LAM_TEXT ? lam_str_at(r, i) :
			lam_vec_print(r->v, i * r->step, body);
		if (c->decimals >= 0)
			text.n = lam_utf8_offset(text, (size_t)c->decimals);
		put_aligned(b, c, '\0', text, braces ? '<' : '>');
		return true;
	}
	v = lam_num_at(r, i);
	sign = v.m < 0 ? '-' : c->sign;
	if (v.m < 0 && (c->type == 'x' || c->type == 'X'))
		return false;
	v.m = v.m < 0 ? -v.m : v.m;
	text.n = put_number(c, v, body);
	put_aligned(b, c, sign, text, '>');
	return text.n > 0;
}

static bool
put_row(struct lam_buf *b, bool braces, const struct lam_reader *r, uint32_t i)
{
	struct scan s = { .left = lam_str_at(&r[0], i), .braces = braces };
	struct lam_str plain;
	struct spec c;

	while (piece(&s, &plain, &c)) {
		lam_buf_put(b, plain.p, plain.n);
		if ((c.arg && !put_value(b, &c, &r[c.arg], i, braces)) ||
			b->n > LAM_MADE_MAX)
			return false;
	}
	return true;
}

int
lam_fn_printf(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_reader *r = LAM_ARENA_NEW(c->arena, struct lam_reader, nargs);
	struct lam_str *str;
	uint8_t *none;
	int rc;

	if (!r)
		return lam_fail_mem(c->e);
	if ((rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, sizeof *str, &str)))
		return rc;
	for (uint32_t i = 0; !rc && i < c->n; i++) {
		str[i] = (struct lam_str){ NULL, 0 };
		if (none[i])
			continue;
		lam_buf_clear(&b);
		none[i] = !put_row(&b, c->x->fn == LAM_FN_FORMAT, r, i);
		if ((rc = lam_buf_check(&b, c->e)))
			break;
		if (none[i]) {
			rc = lam_fault(c, i);
			continue;
		}
		str[i] = (struct lam_str){ lam_arena_dup(c->arena, b.n ? b.p :
			"", b.n), b.n };
		if (!str[i].p)
			rc = lam_fail_mem(c->e);
	}
	lam_buf_release(&b);
	lam_out_flat(c, LAM_TEXT, str, none, out);
	return rc;
}
