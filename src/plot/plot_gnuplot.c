/*
 * plot_gnuplot.c - the script that has gnuplot draw a grid
 *
 * Data are numbers alone, in a block of their own; texts are in single quotes, where
 * gnuplot knows one escape, '' for '.  In double quotes it would run what is in
 * backquotes.
 */
#include <math.h>
#include <string.h>

#include "plot/plot.h"

#define TICS 12 /* names along x, at most */

static const char *const colour[] = { "#0072b2", "#e69f00", "#009e73", "#d55e00",
	"#cc79a7", "#56b4e9", "#f0e442", "#555555" };

static void
put_quoted(struct lam_buf *b, const char *s)
{
	/* Two quotes in front would be an empty text. */
	lam_buf_puts(b, *s == '\'' ? "' " : "'");
	for (; *s; s++) {
		if (*s == '\'')
			lam_buf_putc(b, '\'');
		lam_buf_putc(b, *s);
	}
	lam_buf_putc(b, '\'');
}

static void
put_value(struct lam_buf *b, double v)
{
	if (isnan(v))
		lam_buf_puts(b, " NaN");
	else
		lam_buf_printf(b, " %.17g", v);
}

static void
put_terminal(const struct lam_plot_options *o, const char *terminal,
	struct lam_buf *b)
{
	if (!strcmp(terminal, "dumb"))
		/* Its first byte is a form feed, asked for or not. */
		lam_buf_printf(b, "set terminal dumb size %u,%u noenhanced %s\n"
			"set output '|tail -c +2'\n",
			o->width, o->height, o->colour ? "ansi256" : "mono");
	else if (!strcmp(terminal, "svg"))
		lam_buf_printf(b, "set terminal svg size %u,%u dynamic noenhanced "
			"background '#ffffff'\n", o->width, o->height);
	else
		lam_buf_printf(b, "set terminal %s size %u,%u noenhanced\n",
			!strcmp(terminal, "png") ? "pngcairo" : "sixelgd",
			o->width, o->height);
	lam_buf_puts(b, "set encoding utf8\nset tics nomirror\n");
	for (size_t i = 0; i < sizeof colour / sizeof *colour; i++)
		lam_buf_printf(b, "set linetype %zu lc rgb '%s' lw 1.5\n", i + 1,
			colour[i]);
	if (o->title) {
		lam_buf_puts(b, "set title ");
		put_quoted(b, o->title);
		lam_buf_putc(b, '\n');
	}
}

/* A line for each place along x: x, and the values of the series. */
static void
put_data(const struct lam_plot_grid *g, struct lam_buf *b)
{
	/* gnuplot fails where all bars of a series are missing. */
	bool bars = g->kind == LAM_PLOT_BAR || g->kind == LAM_PLOT_STACK;
	bool numbered = g->kind != LAM_PLOT_LINE || g->type == LAM_TEXT;

	lam_buf_puts(b, "$data << END_OF_DATA\n");
	for (size_t i = 0; i < g->nx; i++) {
		put_value(b, numbered ? (double)i : g->x[i]);
		for (size_t s = 0; s < g->ns; s++) {
			double v = g->value[s * g->nx + i];

			put_value(b, bars && isnan(v) ? 0 : v);
		}
		lam_buf_putc(b, '\n');
	}
	lam_buf_puts(b, "END_OF_DATA\n");
}

static void
put_tics(const char *axis, const char *const *label, size_t n, size_t most,
	struct lam_buf *b)
{
	size_t step = most ? (n + most - 1) / most : 1;

	lam_buf_printf(b, "set %s (", axis);
	for (size_t i = 0; i < n; i += step) {
		lam_buf_puts(b, i ? ", " : "");
		put_quoted(b, label[i]);
		lam_buf_printf(b, " %zu", i);
	}
	lam_buf_puts(b, ")\n");
}

static void
put_time_axis(const struct lam_plot_grid *g, struct lam_buf *b)
{
	double least = 0, most = 0, span;

	lam_plot_span(g->x, g->nx, &least, &most);
	span = most - least;
	lam_buf_printf(b, "set xdata time\nset timefmt '%%s'\nset format x '%s'\n",
		span < 2 * 86400.0 ? "%H:%M" : span < 120 * 86400.0 ? "%d %b" :
		"%Y-%m");
}

/* plot 'data' using ... with STYLE, for each series. */
static void
put_plot(const struct lam_plot_grid *g, const char *columns, const char *style,
	struct lam_buf *b)
{
	lam_buf_puts(b, "plot ");
	for (size_t s = 0; s < g->ns; s++) {
		lam_buf_printf(b, "%s$data using %s%zu %s title ", s ? ", " : "",
			columns, s + 2, style);
		put_quoted(b, g->series[s]);
	}
	lam_buf_putc(b, '\n');
}

static void
put_bars(const struct lam_plot_grid *g, struct lam_buf *b)
{
	put_tics("xtics rotate by -30", g->label, g->nx, 3 * TICS, b);
	lam_buf_printf(b, "set style data histograms\n"
		"set style histogram %s\nset style fill solid 0.9\n"
		"set boxwidth 0.9\n", g->kind == LAM_PLOT_STACK ? "rowstacked" :
		"clustered gap 1");
	lam_buf_puts(b, "set yrange [0 < *:]\nset key outside\n");
	put_plot(g, "", "", b);
}

static void
put_heat(const struct lam_plot_grid *g, struct lam_buf *b)
{
	put_tics("xtics rotate by -30", g->label, g->nx, TICS, b);
	put_tics("ytics", g->series, g->ns, 0, b);
	lam_buf_printf(b, "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\n",
		g->nx - 1, g->ns - 1);
	lam_buf_puts(b, "set palette defined (0 '#440154', 1 '#3b528b', "
		"2 '#21918c', 3 '#5ec962', 4 '#fde725')\nunset key\n"
		"$cells << END_OF_DATA\n");
	for (size_t s = 0; s < g->ns; s++)
		for (size_t i = 0; i < g->nx; i++) {
			lam_buf_printf(b, "%zu %zu", i, s);
			put_value(b, g->value[s * g->nx + i]);
			lam_buf_putc(b, '\n');
		}
	lam_buf_puts(b, "END_OF_DATA\nplot $cells using 1:2:3 with image\n");
}

void
lam_plot_script(const struct lam_plot_grid *g, const struct lam_plot_options *o,
	const char *terminal, struct lam_buf *b)
{
	double least = 0, most = 1;

	put_terminal(o, terminal, b);
	put_data(g, b);
	switch (g->kind) {
	case LAM_PLOT_BAR:
	case LAM_PLOT_STACK:
		put_bars(g, b);
		break;
	case LAM_PLOT_HEAT:
		put_heat(g, b);
		break;
	case LAM_PLOT_HISTOGRAM:
		lam_plot_span(g->value, g->nx, &least, &most);
		lam_buf_printf(b, "set style fill solid 0.9\nset yrange [0:*]\n"
			"plot $data using 2 bins=%u with boxes title ",
			o->bins ? o->bins : 20);
		put_quoted(b, g->series[0]);
		lam_buf_putc(b, '\n');
		break;
	case LAM_PLOT_SPARK:
		lam_buf_puts(b, "unset border\nunset tics\n");
		put_plot(g, "1:", "with lines", b);
		break;
	default:
		if (g->type == LAM_TIME)
			put_time_axis(g, b);
		else if (g->type == LAM_TEXT)
			put_tics("xtics rotate by -30", g->label, g->nx, TICS, b);
		put_plot(g, "1:", "with lines", b);
		break;
	}
	/* Else gnuplot ends before what it writes to by way of tail. */
	lam_buf_puts(b, "unset output\n");
}
