/*
 * plot_grid.c - what is drawn, from the columns and from what was asked for
 *
 * x is the first column.  If it has a value twice, the second column tells the rows
 * apart: a series for each of its values.  Else each column of y is a series.  y is the
 * first column of numbers that is left, for sparklines all of them.
 *
 * A time along x makes a line, as does a number that rises; other things make bars,
 * stacked where there are series.  A column of numbers alone makes a histogram.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "plot/plot.h"

#define SERIES_MAX 64
#define NONE UINT32_MAX
#define RISING 20 /* rows of a number that rises make a line */

struct layout {
	struct lam_plot_rows *r;
	uint32_t x, by; /* columns, or NONE */
	uint32_t y[SERIES_MAX];
	size_t ny;
};

static int
find(const struct lam_plot_rows *r, const char *name, size_t n, uint32_t *c,
	struct lam_error *e)
{
	struct lam_buf names = LAM_BUF_INIT;
	char hint[LAM_NEAR_HINT] = "", given[LAM_NEAR_HINT];
	int rc;

	for (*c = 0; *c < r->ncolumns; ++*c)
		if (strlen(r->column[*c].name) == n &&
			!memcmp(r->column[*c].name, name, n))
			return LAM_OK;
	snprintf(given, sizeof given, "%.*s", (int)n, name);
	for (uint32_t i = 0; i < r->ncolumns; i++) {
		lam_buf_printf(&names, "%s%s", i ? ", " : "",
			r->column[i].name);
		if (!*hint)
			lam_near_name(hint, given, r->column[i].name);
	}
	rc = lam_fail(e, LAM_USAGE, "no column \"%.*s\"; there are: %s%s", (int)n,
		name, lam_buf_str(&names), hint);
	lam_buf_release(&names);
	return rc;
}

static int
is_number(const struct lam_plot_rows *r, uint32_t c, struct lam_error *e)
{
	return r->column[c].type == LAM_NUMBER ? LAM_OK : lam_fail(e, LAM_USAGE,
		"column \"%s\" has no numbers: give one that has, with -y",
		r->column[c].name);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The distinct texts of column C, sorted: *N of them; NULL: out of memory. */
static const char **
distinct(struct lam_plot_rows *r, uint32_t c, size_t *n)
{
	const char **all = lam_arena_alloc(&r->arena, (r->n + 1) * sizeof *all);

	*n = 0;
	if (!all)
		return NULL;
	if (r->n)
		memcpy(all, r->column[c].text, r->n * sizeof *all);
	qsort(all, r->n, sizeof *all, compare);
	for (size_t i = 0; i < r->n; i++)
		if (*n == 0 || strcmp(all[*n - 1], all[i]) != 0)
			all[(*n)++] = all[i];
	return all;
}

static int
choose_y(struct layout *l, const struct lam_plot_options *o,
	struct lam_error *e)
{
	const char *p = o->y;
	int rc = LAM_OK;

	for (uint32_t c = 0; !p && c < l->r->ncolumns; c++)
		if (l->r->column[c].type == LAM_NUMBER && c != l->x &&
			c != l->by && l->ny < SERIES_MAX &&
			(l->ny == 0 || o->kind == LAM_PLOT_SPARK))
			l->y[l->ny++] = c;
	while (!rc && p) {
		size_t n = strcspn(p, ",");

		if (l->ny == SERIES_MAX)
			return lam_fail(e, LAM_USAGE, "-y: at most %d columns",
				SERIES_MAX);
		rc = find(l->r, p, n, &l->y[l->ny], e);
		if (!rc)
			rc = is_number(l->r, l->y[l->ny++], e);
		p = p[n] ? p + n + 1 : NULL;
	}
	if (!rc && l->ny == 0)
		rc = lam_fail(e, LAM_USAGE, "no column has numbers to be drawn");
	if (!rc && l->by != NONE && l->ny > 1)
		rc = lam_fail(e, LAM_USAGE, "series are told apart by \"%s\", so "
			"-y takes one column", l->r->column[l->by].name);
	return rc;
}

/* The columns, and the kind of G. */
static int
choose(struct layout *l, const struct lam_plot_options *o,
	struct lam_plot_grid *g, struct lam_error *e)
{
	struct lam_plot_rows *r = l->r;
	size_t n = r->n;
	int rc = LAM_OK;

	l->x = r->ncolumns > 1 || r->column[0].type != LAM_NUMBER ? 0 : NONE;
	l->by = NONE;
	if (o->kind == LAM_PLOT_HISTOGRAM)
		l->x = NONE;
	if (o->x)
		rc = find(r, o->x, strlen(o->x), &l->x, e);
	if (!rc && o->by)
		rc = find(r, o->by, strlen(o->by), &l->by, e);
	else if (!rc && l->x == 0 && !o->x && !o->y && r->ncolumns > 2 &&
		!distinct(r, 0, &n))
		rc = lam_fail_mem(e);
	if (!rc && n < r->n)
		l->by = 1;
	if (!rc)
		rc = choose_y(l, o, e);
	if (rc)
		return rc;
	g->kind = o->kind;
	if (g->kind == LAM_PLOT_CHOOSE && l->x == NONE)
		g->kind = LAM_PLOT_HISTOGRAM;
	else if (g->kind == LAM_PLOT_CHOOSE && r->column[l->x].type == LAM_TIME)
		g->kind = LAM_PLOT_LINE;
	return LAM_OK;
}

/* A histogram is of one column, and nothing else has ranges: what would be passed over
 * is refused. */
static int
check_histogram(const struct layout *l, const struct lam_plot_options *o, bool is,
	struct lam_error *e)
{
	if (!is && o->bins)
		return lam_fail(e, LAM_USAGE, "--bins: only a histogram has ranges: "
			"--histogram");
	if (is && (o->x || o->by || l->ny > 1))
		return lam_fail(e, LAM_USAGE, "a histogram is of one column: -y names "
			"it, without -x and --by");
	if (o->bins > LAM_PLOT_BINS_MAX)
		return lam_fail(e, LAM_USAGE, "--bins: at most %d", LAM_PLOT_BINS_MAX);
	return LAM_OK;
}

/* Does X rise all along, and is it long? */
static bool
rises(const struct lam_plot_column *x, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!(x->value[i] > x->value[i - 1]))
			return false;
	return x->type == LAM_NUMBER && n >= RISING;
}

static int
room(struct layout *l, struct lam_plot_grid *g, struct lam_error *e)
{
	struct lam_arena *a = &l->r->arena;
	size_t cells = g->ns * g->nx; /* ns is SERIES_MAX at most */
	int rc = lam_plot_rows_charge(l->r, (cells + g->nx + 2) *
		(sizeof *g->value + sizeof *g->text), e);

	if (rc)
		return rc;
	g->label = LAM_ARENA_NEW(a, const char *, g->nx + 1);
	g->x = LAM_ARENA_NEW(a, double, g->nx + 1);
	g->value = LAM_ARENA_NEW(a, double, cells + 1);
	g->text = LAM_ARENA_NEW(a, const char *, cells + 1);
	if (!g->label || !g->x || !g->value || !g->text)
		return lam_fail_mem(e);
	for (size_t i = 0; i < cells; i++)
		g->value[i] = NAN;
	return LAM_OK;
}

/* A place for each row, a series for each column of y. */
static int
lay_rows(struct layout *l, struct lam_plot_grid *g, struct lam_error *e)
{
	const struct lam_plot_rows *r = l->r;
	int rc;

	g->nx = r->n;
	g->ns = l->ny;
	g->series = LAM_ARENA_NEW(&l->r->arena, const char *, g->ns);
	if (!g->series)
		return lam_fail_mem(e);
	rc = room(l, g, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < r->n; i++) {
		g->label[i] = l->x == NONE ? "" : r->column[l->x].text[i];
		g->x[i] = l->x == NONE ? NAN : r->column[l->x].value[i];
	}
	for (size_t s = 0; s < g->ns; s++) {
		const struct lam_plot_column *y = &r->column[l->y[s]];

		g->series[s] = y->name;
		for (size_t i = 0; i < r->n; i++) {
			g->value[s * g->nx + i] = y->value[i];
			g->text[s * g->nx + i] = y->text[i];
		}
	}
	return LAM_OK;
}

static size_t
index_of(const char **sorted, size_t n, const char *text)
{
	const char **found = bsearch(&text, sorted, n, sizeof *sorted, compare);

	return (size_t)(found - sorted);
}

/* A place for each value of x, as it came first; a series for each value of by. */
static int
lay_series(struct layout *l, struct lam_plot_grid *g, struct lam_error *e)
{
	struct lam_plot_rows *r = l->r;
	const struct lam_plot_column *x = &r->column[l->x];
	const struct lam_plot_column *y = &r->column[l->y[0]];
	size_t nx, places = 0, *place;
	const char **sorted = distinct(r, l->x, &nx);
	int rc;

	g->series = distinct(r, l->by, &g->ns);
	g->nx = nx;
	if (!sorted || !g->series)
		return lam_fail_mem(e);
	if (g->ns > SERIES_MAX)
		return lam_fail(e, LAM_USAGE, "column \"%s\" has %zu values, and a "
			"series each: at most %d are drawn",
			r->column[l->by].name, g->ns, SERIES_MAX);
	place = LAM_ARENA_NEW(&r->arena, size_t, nx + 1); /* from 1 */
	if (!place)
		return lam_fail_mem(e);
	rc = room(l, g, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < r->n; i++) {
		size_t at = index_of(sorted, nx, x->text[i]), cell;

		if (!place[at]) {
			place[at] = ++places;
			g->label[places - 1] = x->text[i];
			g->x[places - 1] = x->value[i];
		}
		cell = index_of(g->series, g->ns, r->column[l->by].text[i]) *
			nx + place[at] - 1;
		if (g->text[cell])
			return lam_fail(e, LAM_USAGE, "\"%s\" and \"%s\" are twice "
				"%s and %s: group by them in the query",
				x->name, r->column[l->by].name, x->text[i],
				r->column[l->by].text[i]);
		g->value[cell] = y->value[i];
		g->text[cell] = y->text[i];
	}
	return LAM_OK;
}

int
lam_plot_grid(struct lam_plot_rows *r, const struct lam_plot_options *o,
	struct lam_plot_grid *g, struct lam_error *e)
{
	struct layout l = { .r = r };
	int rc = choose(&l, o, g, e);

	if (rc)
		return rc;
	if (l.x != NONE) {
		g->type = r->column[l.x].type;
		g->xname = r->column[l.x].name;
	}
	if (l.x == NONE && g->kind != LAM_PLOT_HISTOGRAM &&
		g->kind != LAM_PLOT_SPARK)
		return lam_fail(e, LAM_USAGE, "one column alone makes a histogram "
			"or a sparkline: --histogram, --spark");
	rc = l.by != NONE && l.x != NONE ? lay_series(&l, g, e) :
		lay_rows(&l, g, e);
	if (g->kind == LAM_PLOT_CHOOSE)
		g->kind = rises(&r->column[l.x], r->n) ? LAM_PLOT_LINE :
			g->ns > 1 ? LAM_PLOT_STACK : LAM_PLOT_BAR;
	return rc ? rc : check_histogram(&l, o, g->kind == LAM_PLOT_HISTOGRAM, e);
}
