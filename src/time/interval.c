/*
 * interval.c - intervals: text <-> months, days and nanoseconds
 *
 * A quantity is an exact decimal times its unit, by the arithmetic of time/span.h.
 */
#include "time/interval.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "time/unit.h"

static struct lam_span
unit_span(enum lam_unit u)
{
	switch (u) {
	case LAM_MONTH:
		return (struct lam_span){ 1, 0, 0 };
	case LAM_QUARTER:
		return (struct lam_span){ 3, 0, 0 };
	case LAM_YEAR:
		return (struct lam_span){ 12, 0, 0 };
	case LAM_DECADE:
		return (struct lam_span){ 120, 0, 0 };
	case LAM_CENTURY:
		return (struct lam_span){ 1200, 0, 0 };
	case LAM_DAY:
		return (struct lam_span){ 0, 1, 0 };
	case LAM_WEEK:
		return (struct lam_span){ 0, 7, 0 };
	default:
		return (struct lam_span){ 0, 0, lam_unit_ns(u) };
	}
}

/* *OUT + V, which is within bounds. */
static bool
add(struct lam_span *out, const struct lam_span *v)
{
	struct lam_num check;

	out->months += v->months;
	out->days += v->days;
	out->ns += v->ns;
	return lam_span_num(out, &check);
}

bool
lam_interval_of(struct lam_str number, struct lam_str unit,
	struct lam_span *out)
{
	enum lam_unit u = lam_unit_parse(unit.p, unit.n);
	struct lam_span v = unit_span(u);
	struct lam_num n;

	if (u == LAM_UNITS || !lam_num_parse(number.p, number.n, &n) ||
		!lam_span_scale(&v, n, false, &v) || !lam_span_num(&v, &n))
		return false;
	if (u >= LAM_YEAR)
		v.days = 0, v.ns = 0;
	return add(out, &v);
}

/* [+-]H:MM[:SS[.fraction]] */
static bool
add_time(struct lam_str s, struct lam_span *out)
{
	static const char *const unit[] = { "hour", "minute", "second" };
	bool back = s.n > 0 && *s.p == '-';
	struct lam_span v = { 0, 0, 0 };
	size_t i = s.n > 0 && (back || *s.p == '+'), part = 0;

	while (part < 3 && i < s.n) {
		size_t from = i;

		while (i < s.n && s.p[i] != ':')
			i++;
		if (i == from || s.p[from] < '0' || s.p[from] > '9' ||
			!lam_interval_of((struct lam_str){ s.p + from,
			i - from }, (struct lam_str){ unit[part],
			strlen(unit[part]) }, &v) ||
			(part > 0 && (i - from < 2 || s.p[from] > '5')))
			return false;
		part++;
		i += i < s.n;
	}
	v.ns = back ? -v.ns : v.ns;
	return part > 1 && i == s.n && s.p[i - 1] != ':' && add(out, &v);
}

/* The next word: of digits, signs and colons, or of letters; blanks around go. */
static struct lam_str
word(struct lam_str *s, bool number)
{
	struct lam_str w;

	while (s->n > 0 && *s->p == ' ')
		s->p++, s->n--;
	w = (struct lam_str){ s->p, 0 };
	while (w.n < s->n && w.p[w.n] != ' ' &&
		(strchr("+-.:0123456789", w.p[w.n]) != NULL) == number)
		w.n++;
	s->p += w.n;
	s->n -= w.n;
	while (s->n > 0 && *s->p == ' ')
		s->p++, s->n--;
	return w;
}

bool
lam_interval_parse(struct lam_str s, struct lam_span *out)
{
	struct lam_str number, unit;

	*out = (struct lam_span){ 0, 0, 0 };
	if (s.n == 0 || memchr(s.p, '\0', s.n) != NULL)
		return false;
	do {
		number = word(&s, true);
		if (memchr(number.p, ':', number.n) != NULL) {
			if (!add_time(number, out))
				return false;
			continue;
		}
		unit = word(&s, false);
		if (!lam_interval_of(number, unit, out))
			return false;
	} while (s.n > 0 && (s.n != 3 || strncasecmp(s.p, "ago", 3) != 0));
	if (s.n > 0)
		*out = (struct lam_span){ -out->months, -out->days, -out->ns };
	return true;
}

void
lam_interval_print(struct lam_span v, struct lam_buf *out)
{
	static const struct {
		enum lam_unit unit;
		const char *name;
	} form[] = { { LAM_HOUR, "hours" }, { LAM_MINUTE, "minutes" },
		{ LAM_SECOND, "seconds" }, { LAM_MILLISECOND, "milliseconds" },
		{ LAM_MICROSECOND, "microseconds" },
		{ LAM_NANOSECOND, "nanoseconds" } };
	const char *between = "";
	char number[LAM_NUM_TEXT];
	size_t i = 0;

	if (v.months != 0) {
		lam_buf_printf(out, "%" PRId64 " months", v.months);
		between = " ";
	}
	if (v.days != 0) {
		lam_buf_printf(out, "%s%" PRId64 " days", between, v.days);
		between = " ";
	}
	if (v.ns == 0 && *between)
		return;
	while (v.ns % lam_unit_ns(form[i].unit) != 0)
		i++;
	lam_buf_puts(out, between);
	lam_buf_put(out, number, lam_num_print((struct lam_num){ v.ns /
		lam_unit_ns(form[i].unit), 0 }, number));
	lam_buf_printf(out, " %s", form[i].name);
}
