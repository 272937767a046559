/*
 * fn_strftime.c - strftime
 *
 * The format is checked when the query is prepared, and the finest unit that
 * shows in it is noted: a format by the minute is printed once per minute of
 * the block, not once per row, and gives a dictionary.
 *
 * Conversions are DuckDB's, and of POSIX those that mean the same: %n is
 * nanoseconds, %f microseconds, %g milliseconds.  A - after the % drops the leading
 * zero of a number.
 */
#include "fn/fn.h"

#include <string.h>

#include "time/unit.h"

#define DICT_MAX 65535

static const char *const month_name[] = { "January", "February", "March",
	"April", "May", "June", "July", "August", "September", "October",
	"November", "December" };
static const char *const day_name[] = { "Sunday", "Monday", "Tuesday",
	"Wednesday", "Thursday", "Friday", "Saturday" };

/* The finest unit that a conversion shows; LAM_UNITS: there is none such. */
static enum lam_unit
grain_of(char c)
{
	if (!c)
		return LAM_UNITS;
	if (strchr("YymdejuwaAbBhUWVGxFD", c))
		return LAM_DAY;
	if (strchr("HIp", c))
		return LAM_HOUR;
	if (strchr("MR", c))
		return LAM_MINUTE;
	if (strchr("STXcs", c))
		return LAM_SECOND;
	if (strchr("fgn", c))
		return LAM_NANOSECOND;
	return strchr("%z", c) ? LAM_DAY : LAM_UNITS;
}

int
lam_format_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_error *e)
{
	const struct lam_expr *f = x->arg[1];

	if (f->kind != LAM_X_CONST)
		return lam_fail_at(e, x, "strftime needs a constant format");
	p->count = f->null ? 2 : 1;
	p->format = f->text;
	p->grain = LAM_DAY;
	for (size_t i = 0; !f->null && i < f->text.n; i++) {
		const char *s = f->text.p + i;
		size_t left = f->text.n - i;
		bool bare = left > 1 && s[1] == '-';
		char c = left > 1u + bare ? s[1 + bare] : '\0';
		enum lam_unit u = grain_of(c);

		if (*s != '%')
			continue;
		if (u == LAM_UNITS || (bare && !strchr("dmHIMSjyU", c)))
			return lam_fail_at(e, x, "strftime: unknown conversion "
				"%%%s%c: there are %%Y %%m %%d %%H %%M %%S "
				"%%y %%j %%u %%w %%a %%A %%b %%B %%e %%I %%p "
				"%%f %%g %%n %%U %%W %%V %%G %%F %%T %%D %%R "
				"%%x %%X %%c %%s %%z %%%%", bare ? "-" : "",
				c > 32 && c < 127 ? c : '?');
		p->grain = (uint8_t)(u < p->grain ? u : p->grain);
		i += 1u + bare;
	}
	return LAM_OK;
}

/* ISO week and its year, from day of week and year (see fn_extract.c). */
static int
leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int
iso_week(const struct lam_civil *c, int *year)
{
	int thursday = c->yearday - (c->weekday + 6) % 7 + 3;

	*year = c->year;
	if (thursday < 1)
		thursday += 365 + leap(--*year);
	else if (thursday > 365 + leap(c->year))
		thursday -= 365 + leap((*year)++);
	return (thursday - 1) / 7 + 1;
}

/* WIDTH digits, padded with PAD; PAD 0: as short as it is. */
static void
digits(struct lam_buf *b, int64_t v, int width, char pad)
{
	char s[24];
	size_t n = lam_i64_print(v, s);

	for (; pad && width > (int)n; width--)
		lam_buf_putc(b, pad);
	lam_buf_put(b, s, n);
}

static void put_all(struct lam_buf *b, struct lam_str format, int64_t t,
	const struct lam_civil *c);

static void
put_nested(struct lam_buf *b, const char *format, int64_t t,
	const struct lam_civil *c)
{
	put_all(b, (struct lam_str){ format, strlen(format) }, t, c);
}

static void
put_date(struct lam_buf *b, char conv, char pad, const struct lam_civil *c)
{
	int year, week = iso_week(c, &year);
	const char *month = month_name[c->month - 1];
	const char *day = day_name[c->weekday];

	switch (conv) {
	case 'Y':
		digits(b, c->year, 4, '0');
		break;
	case 'y':
		digits(b, c->year % 100, 2, pad);
		break;
	case 'm':
		digits(b, c->month, 2, pad);
		break;
	case 'd':
		digits(b, c->day, 2, pad);
		break;
	case 'e':
		digits(b, c->day, 2, ' ');
		break;
	case 'j':
		digits(b, c->yearday, 3, pad);
		break;
	case 'u':
		digits(b, (c->weekday + 6) % 7 + 1, 1, '0');
		break;
	case 'w':
		digits(b, c->weekday, 1, '0');
		break;
	case 'a':
		lam_buf_put(b, day, 3);
		break;
	case 'A':
		lam_buf_puts(b, day);
		break;
	case 'b':
	case 'h':
		lam_buf_put(b, month, 3);
		break;
	case 'B':
		lam_buf_puts(b, month);
		break;
	case 'U': /* weeks from the first Sunday */
		digits(b, (c->yearday + 6 - c->weekday) / 7, 2, pad);
		break;
	case 'W': /* weeks from the first Monday */
		digits(b, (c->yearday + 6 - (c->weekday + 6) % 7) / 7, 2, pad);
		break;
	case 'V':
		digits(b, week, 2, pad);
		break;
	default: /* G */
		digits(b, year, 4, '0');
	}
}

static void
put_clock(struct lam_buf *b, char conv, char pad, int64_t t,
	const struct lam_civil *c)
{
	switch (conv) {
	case 'H':
		digits(b, c->hour, 2, pad);
		break;
	case 'I':
		digits(b, (c->hour + 11) % 12 + 1, 2, pad);
		break;
	case 'M':
		digits(b, c->minute, 2, pad);
		break;
	case 'S':
		digits(b, c->second, 2, pad);
		break;
	case 'p':
		lam_buf_puts(b, c->hour < 12 ? "AM" : "PM");
		break;
	case 'f':
		digits(b, c->nanosecond / 1000, 6, '0');
		break;
	case 'g':
		digits(b, c->nanosecond / 1000000, 3, '0');
		break;
	case 'n':
		digits(b, c->nanosecond, 9, '0');
		break;
	default: /* s */
		digits(b, t / LAM_NS - (t % LAM_NS < 0), 0, 0);
	}
}

static void
put_all(struct lam_buf *b, struct lam_str f, int64_t t,
	const struct lam_civil *c)
{
	for (size_t i = 0; i < f.n; i++) {
		char pad = '0', conv;

		if (f.p[i] != '%') {
			lam_buf_putc(b, f.p[i]);
			continue;
		}
		conv = f.p[++i];
		if (conv == '-') {
			pad = 0;
			conv = f.p[++i];
		}
		if (conv == '%')
			lam_buf_putc(b, '%');
		else if (conv == 'z')
			lam_buf_puts(b, "+00");
		else if (conv == 'F' || conv == 'x')
			put_nested(b, "%Y-%m-%d", t, c);
		else if (conv == 'T' || conv == 'X')
			put_nested(b, "%H:%M:%S", t, c);
		else if (conv == 'R')
			put_nested(b, "%H:%M", t, c);
		else if (conv == 'D')
			put_nested(b, "%m/%d/%y", t, c);
		else if (conv == 'c')
			put_nested(b, "%Y-%m-%d %H:%M:%S", t, c);
		else if (strchr("HIMSpfgns", conv))
			put_clock(b, conv, pad, t, c);
		else
			put_date(b, conv, pad, c);
	}
}

static int
by_row(struct lam_call *c, const struct lam_vec *v, struct lam_vec *out)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_text_out t;
	struct lam_reader r;
	int rc;

	if ((rc = lam_read(c, v, &r)) || (rc = lam_text_begin(c, &t)))
		return rc;
	for (uint32_t i = 0; i < c->n && rc == LAM_OK; i++) {
		int64_t at = r.v->i64[i * r.step];
		struct lam_civil civil;
		char *p;

		t.str[i] = (struct lam_str){ NULL, 0 };
		if (lam_null_at(&r, i))
			continue;
		lam_buf_clear(&b);
		lam_civil_from_ns(at, &civil);
		put_all(&b, c->plan->format, at, &civil);
		if ((rc = lam_buf_check(&b, c->e)))
			break;
		if (!(p = lam_text_room(&t, b.n + 1))) {
			rc = LAM_SYSTEM;
			break;
		}
		memcpy(p, lam_buf_str(&b), b.n);
		t.str[i] = (struct lam_str){ p, b.n };
	}
	lam_buf_release(&b);
	lam_out_flat(c, LAM_TEXT, t.str, r.v->null, out);
	return rc;
}

/* B: FOR with few buckets.  One string per bucket; NULL is the last entry. */
static int
by_bucket(struct lam_call *c, const struct lam_vec *b, struct lam_vec *out)
{
	struct lam_call once = *c;
	struct lam_vec *dict = LAM_ARENA_NEW(c->arena, struct lam_vec, 1);
	struct lam_vec start = { .type = LAM_TIME, .n = b->max + 2 };
	uint16_t *code;
	uint8_t *null;
	int64_t *t;
	int rc;

	if (!dict)
		return lam_fail_mem(c->e);
	once.n = b->max + 2;
	if ((rc = lam_room(c, sizeof *code, &code)) ||
	    (rc = lam_room(&once, sizeof *t, &t)) ||
	    (rc = lam_nulls_new(&once, NULL, &null)))
		return rc;
	for (uint32_t i = 0; i <= b->max; i++)
		t[i] = b->base + b->mult * i;
	t[b->max + 1] = 0;
	null[b->max + 1] = 1;
	start.i64 = t;
	start.null = null;
	if ((rc = by_row(&once, &start, dict)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		code[i] = (uint16_t)(b->null && b->null[i] ? b->max + 1 :
			b->u32[i]);
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_DICT, .n = c->n,
		.code = code, .dict = dict };
	return LAM_OK;
}

int
lam_fn_strftime(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out)
{
	int64_t width = lam_unit_ns((enum lam_unit)c->plan->grain);
	struct lam_vec b, *once;
	struct lam_call one = *c;
	bool done = false;
	int rc;

	(void)nargs;
	if (c->n >= 16 && width > 1 &&
	    (rc = lam_time_buckets(c, arg, width, 0, &b, &done)))
		return rc;
	if (done && b.rep == LAM_FOR && b.max < DICT_MAX && b.max < c->n)
		return by_bucket(c, &b, out);
	if (!done || b.rep != LAM_CONST)
		return by_row(c, arg, out);
	once = LAM_ARENA_NEW(c->arena, struct lam_vec, 1);
	if (!once)
		return lam_fail_mem(c->e);
	one.n = 1;
	if ((rc = by_row(&one, b.dict, once)))
		return rc;
	lam_out_const(once, c->n, out);
	return LAM_OK;
}
