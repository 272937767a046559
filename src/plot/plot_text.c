/*
 * plot_text.c - bars, heat maps, histograms and sparklines of characters
 *
 * Blocks of an eighth of a cell where the terminal has them, else ASCII.  Colours are
 * eight that the colour-blind tell apart (Okabe and Ito), as near as 256 colours come;
 * without colour, series differ by their characters.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "output/visible.h"
#include "plot/plot.h"

#define COLOURS 8

static const char *const colour[COLOURS] = { "32", "214", "36", "166", "175",
	"117", "227", "245" };
/* A ninth, of nothing, stands first. */
static const char *const eighth[9] = { "", "\u258f", "\u258e", "\u258d", "\u258c",
	"\u258b", "\u258a", "\u2589", "\u2588" };
static const char *const height[8] = { "\u2581", "\u2582", "\u2583", "\u2584",
	"\u2585", "\u2586", "\u2587", "\u2588" };
static const char *const ascii_height[8] = { "_", ".", "-", "~", "=", "+", "*",
	"#" };
static const char *const fill[COLOURS] = { "\u2588", "\u2593", "\u2592", "\u2591",
	"#", "=", "+", "-" };
static const char *const ascii_fill[COLOURS] = { "#", "=", "+", "-", "o", "x", ":",
	"." };
static const char *const shade[5] = { " ", "\u2591", "\u2592", "\u2593",
	"\u2588" };
static const char *const ascii_shade[5] = { " ", ".", "o", "O", "@" };
/* Dark to light, of even steps also in grey (after matplotlib's viridis). */
static const char *const heat[8] = { "53", "54", "60", "31", "30", "35", "113",
	"227" };

struct picture {
	const struct lam_plot_grid *g;
	const struct lam_plot_options *o;
	struct lam_buf *out;
	size_t labels, values; /* widths of their columns */
	size_t bars;	       /* and of what is left */
	double least, most;
};

static void
repeat(struct lam_buf *b, const char *s, size_t n)
{
	while (n--)
		lam_buf_puts(b, s);
}

static void
begin_colour(struct picture *p, const char *code)
{
	if (p->o->colour)
		lam_buf_printf(p->out, "\033[38;5;%sm", code);
}

static void
end_colour(struct picture *p)
{
	if (p->o->colour)
		lam_buf_puts(p->out, "\033[0m");
}

/* S in WIDTH columns, cut with a mark or padded. */
static void
put_padded(struct picture *p, const char *s, size_t width, bool right)
{
	size_t n = strlen(s), have = lam_display_width(s, n);

	if (have <= width) {
		repeat(p->out, " ", right ? width - have : 0);
		lam_buf_puts(p->out, s);
		repeat(p->out, " ", right ? 0 : width - have);
		return;
	}
	n = lam_display_cut(s, n, width - 1);
	lam_buf_put(p->out, s, n);
	lam_buf_puts(p->out, p->o->ascii ? "~" : "\u2026");
	repeat(p->out, " ", width - 1 - lam_display_width(s, n));
}

static size_t
widest(const char *const *s, size_t n)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++) {
		size_t width = s[i] ? lam_display_width(s[i], strlen(s[i])) : 0;

		most = width > most ? width : most;
	}
	return most;
}

/* Share the width among labels, bars and values. */
static void
measure(struct picture *p, size_t labels, size_t values)
{
	size_t width = p->o->width < 20 ? 20 : p->o->width;

	p->labels = labels > width / 3 ? width / 3 : labels;
	p->values = values > width / 3 ? width / 3 : values;
	p->bars = width - p->labels - p->values - 2;
}

static size_t
cells(const struct picture *p, double v)
{
	double part = v / (p->most - p->least) * (double)p->bars;

	return part > 0 ? (size_t)part : 0;
}

/* The bar of V, from the zero of the scale, in all BARS columns. */
static void
put_bar(struct picture *p, double v, size_t series)
{
	size_t zero = cells(p, -p->least), full, rest = 0, n;
	const char *block = p->o->ascii ? "#" : "\u2588";

	if (isnan(v)) {
		repeat(p->out, " ", p->bars);
		return;
	}
	full = cells(p, fabs(v));
	if (full > (v < 0 ? zero : p->bars - zero))
		full = v < 0 ? zero : p->bars - zero;
	if (v > 0)
		rest = (size_t)(fmod(v / (p->most - p->least) *
			(double)p->bars, 1) * 8);
	if (full + zero >= p->bars || p->o->ascii)
		rest = 0;
	repeat(p->out, " ", v < 0 ? zero - full : zero);
	begin_colour(p, colour[series % COLOURS]);
	repeat(p->out, block, full);
	lam_buf_puts(p->out, eighth[rest]);
	end_colour(p);
	n = v < 0 ? zero : zero + full + (rest > 0);
	repeat(p->out, " ", p->bars - n);
}

static void
scale_from_zero(struct picture *p, const double *value, size_t n)
{
	if (!lam_plot_span(value, n, &p->least, &p->most))
		p->least = p->most = 0;
	p->least = p->least < 0 ? p->least : 0;
	p->most = p->most > 0 ? p->most : 0;
	if (p->least == p->most)
		p->most = 1;
}

static void
put_legend(struct picture *p, const char *const *mark)
{
	for (size_t s = 0; s < p->g->ns; s++) {
		lam_buf_puts(p->out, s ? "  " : "");
		begin_colour(p, colour[s % COLOURS]);
		lam_buf_puts(p->out, mark ? mark[s % COLOURS] :
			p->o->ascii ? "#" : "\u2588");
		end_colour(p);
		lam_buf_printf(p->out, " %s", p->g->series[s]);
	}
	lam_buf_putc(p->out, '\n');
}

static void
draw_bars(struct picture *p)
{
	const struct lam_plot_grid *g = p->g;

	measure(p, widest(g->label, g->nx), widest(g->text, g->ns * g->nx));
	scale_from_zero(p, g->value, g->ns * g->nx);
	if (g->ns > 1)
		put_legend(p, NULL);
	for (size_t i = 0; i < g->nx; i++)
		for (size_t s = 0; s < g->ns; s++) {
			const char *text = g->text[s * g->nx + i];

			put_padded(p, s ? "" : g->label[i], p->labels, false);
			lam_buf_putc(p->out, ' ');
			put_bar(p, g->value[s * g->nx + i], s);
			lam_buf_putc(p->out, ' ');
			put_padded(p, text ? text : "", p->values, true);
			lam_buf_putc(p->out, '\n');
		}
}

/* The sum of what is stacked at place I. */
static double
height_of(const struct lam_plot_grid *g, size_t i)
{
	double sum = 0;

	for (size_t s = 0; s < g->ns; s++)
		if (g->value[s * g->nx + i] > 0)
			sum += g->value[s * g->nx + i];
	return sum;
}

static void
draw_stack(struct picture *p)
{
	const struct lam_plot_grid *g = p->g;
	const char *const *mark = p->o->ascii ? ascii_fill :
		p->o->colour ? NULL : fill;
	char total[40];

	measure(p, widest(g->label, g->nx), 12);
	p->least = 0;
	p->most = 1e-300;
	for (size_t i = 0; i < g->nx; i++)
		p->most = fmax(p->most, height_of(g, i));
	put_legend(p, mark);
	for (size_t i = 0; i < g->nx; i++) {
		double sum = 0;
		size_t from = 0;

		put_padded(p, g->label[i], p->labels, false);
		lam_buf_putc(p->out, ' ');
		for (size_t s = 0; s < g->ns; s++) {
			double v = g->value[s * g->nx + i];
			size_t to;

			sum += v > 0 ? v : 0;
			to = cells(p, sum);
			begin_colour(p, colour[s % COLOURS]);
			repeat(p->out, mark ? mark[s % COLOURS] : "\u2588",
				to - from);
			end_colour(p);
			from = to;
		}
		repeat(p->out, " ", p->bars - from + 1);
		snprintf(total, sizeof total, "%.12g", sum);
		put_padded(p, total, p->values, true);
		lam_buf_putc(p->out, '\n');
	}
}

static void
draw_heat(struct picture *p)
{
	const struct lam_plot_grid *g = p->g;
	size_t columns;

	measure(p, widest(g->series, g->ns), 0);
	columns = g->nx < p->bars ? g->nx : p->bars;
	if (!lam_plot_span(g->value, g->ns * g->nx, &p->least, &p->most))
		p->least = p->most = 0;
	for (size_t s = 0; s < g->ns; s++) {
		put_padded(p, g->series[s], p->labels, false);
		lam_buf_putc(p->out, ' ');
		/* Where places are more than columns, a column has the most of its. */
		for (size_t c = 0; c < columns; c++) {
			size_t from = c * g->nx / columns;
			size_t to = (c + 1) * g->nx / columns;
			double low, v, part;

			if (!lam_plot_span(g->value + s * g->nx + from,
				to - from, &low, &v)) {
				lam_buf_putc(p->out, ' ');
				continue;
			}
			part = p->most > p->least ? (v - p->least) /
				(p->most - p->least) : 1;
			begin_colour(p, heat[(size_t)(part * 7.99)]);
			lam_buf_puts(p->out, p->o->ascii ?
				ascii_shade[1 + (size_t)(part * 3.99)] :
				p->o->colour ? "\u2588" :
				shade[1 + (size_t)(part * 3.99)]);
			end_colour(p);
		}
		lam_buf_putc(p->out, '\n');
	}
	repeat(p->out, " ", p->labels + 1);
	lam_buf_printf(p->out, "%s: %s to %s; values: %.12g to %.12g\n", g->xname,
		g->nx ? g->label[0] : "", g->nx ? g->label[g->nx - 1] : "",
		p->least, p->most);
}

static void
draw_sparks(struct picture *p)
{
	const struct lam_plot_grid *g = p->g;
	const char *const *h = p->o->ascii ? ascii_height : height;

	measure(p, widest(g->series, g->ns), 24);
	for (size_t s = 0; s < g->ns; s++) {
		const double *v = g->value + s * g->nx;
		size_t columns = g->nx < p->bars ? g->nx : p->bars;
		double least = 0, most = 0;

		lam_plot_span(v, g->nx, &least, &most);
		put_padded(p, g->series[s], p->labels, false);
		lam_buf_putc(p->out, ' ');
		begin_colour(p, colour[s % COLOURS]);
		for (size_t c = 0; c < columns; c++) {
			size_t from = c * g->nx / columns;
			size_t to = (c + 1) * g->nx / columns;
			double low, top;

			if (!lam_plot_span(v + from, to - from, &low, &top))
				lam_buf_putc(p->out, ' ');
			else
				lam_buf_puts(p->out, h[most > least ?
					(size_t)((top - least) /
					(most - least) * 7.99) : 3]);
		}
		end_colour(p);
		lam_buf_printf(p->out, " %.6g to %.6g\n", least, most);
	}
}

/* How often values fall into each of the bins, as bars. */
static void
draw_histogram(struct picture *p)
{
	struct lam_plot_grid bars = { .kind = LAM_PLOT_BAR, .ns = 1 };
	static double count[LAM_PLOT_BINS_MAX];
	static char label[LAM_PLOT_BINS_MAX][32], text[LAM_PLOT_BINS_MAX][24];
	static const char *labels[LAM_PLOT_BINS_MAX], *texts[LAM_PLOT_BINS_MAX];
	const struct lam_plot_grid *g = p->g;
	double least, most;
	size_t n = p->o->bins ? p->o->bins : (size_t)ceil(sqrt((double)g->nx));

	n = p->o->bins || n < 20 ? n : 20;
	if (!lam_plot_span(g->value, g->nx, &least, &most))
		return;
	n = most > least ? n : 1;
	memset(count, 0, sizeof count);
	for (size_t i = 0; i < g->nx; i++) {
		double at = (g->value[i] - least) / (most - least) * (double)n;

		if (!isnan(g->value[i]))
			count[n == 1 ? 0 : at < (double)n ? (size_t)at : n - 1]++;
	}
	for (size_t i = 0; i < n; i++) {
		snprintf(label[i], sizeof label[i], "%.6g",
			least + (most - least) * (double)i / (double)n);
		snprintf(text[i], sizeof text[i], "%.0f", count[i]);
		labels[i] = label[i];
		texts[i] = text[i];
	}
	bars.nx = n;
	bars.label = labels;
	bars.text = texts;
	bars.value = count;
	p->g = &bars;
	draw_bars(p);
}

void
lam_plot_text(const struct lam_plot_grid *g, const struct lam_plot_options *o,
	struct lam_buf *out)
{
	struct picture p = { .g = g, .o = o, .out = out };

	if (o->title)
		lam_buf_printf(out, "%s\n", o->title);
	switch (g->kind) {
	case LAM_PLOT_STACK:
		draw_stack(&p);
		break;
	case LAM_PLOT_HEAT:
		draw_heat(&p);
		break;
	case LAM_PLOT_SPARK:
		draw_sparks(&p);
		break;
	case LAM_PLOT_HISTOGRAM:
		draw_histogram(&p);
		break;
	default:
		draw_bars(&p);
		break;
	}
}
