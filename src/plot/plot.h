/*
 * plot.h - rows become a picture
 *
 *	rows_open -> rows_add* -> grid -> text or script
 *
 * Rows are kept whole.  A grid says what is drawn: one value for each place along x
 * and each series.  Bars, stacked bars, heat maps, histograms and sparklines are drawn
 * here as text; lines, and pictures that are no text, are for gnuplot, whose script is
 * made here.  All texts are visible ones (output/visible.h), so none can steer a
 * terminal.
 */
#ifndef LAM_PLOT_PLOT_H
#define LAM_PLOT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/query.h"
#include "store/vec.h"

struct lam_plot_column {
	const char *name;
	enum lam_type type;  /* text, number or time */
	double *value;	     /* [rows] a time in seconds since 1970; NAN: none */
	const char **text;   /* [rows] as it is shown */
};

struct lam_plot_rows {
	struct lam_arena arena;
	struct lam_plot_column *column;
	uint32_t ncolumns;
	size_t n, cap;
	uint64_t bytes, most; /* of memory: held, about, and allowed; most 0: any */
};

/* The columns are the outputs of Q.  LAM_DATA, here and below: R holds more than
 * r->most. */
int lam_plot_rows_open(struct lam_plot_rows *r, const struct lam_query *q,
	struct lam_error *e) LAM_MUST;
int lam_plot_rows_add(struct lam_plot_rows *r, const struct lam_vec *column,
	uint32_t n, struct lam_error *e) LAM_MUST;
/* For what is made of the rows: BYTES more are to be held. */
int lam_plot_rows_charge(struct lam_plot_rows *r, uint64_t bytes,
	struct lam_error *e) LAM_MUST;
void lam_plot_rows_release(struct lam_plot_rows *r);

enum lam_plot_kind { LAM_PLOT_CHOOSE, LAM_PLOT_LINE, LAM_PLOT_BAR,
	LAM_PLOT_STACK, LAM_PLOT_HEAT, LAM_PLOT_HISTOGRAM, LAM_PLOT_SPARK };

#define LAM_PLOT_BINS_MAX 1000

struct lam_plot_options {
	enum lam_plot_kind kind;
	const char *x, *y, *by; /* names of columns, y: with commas; NULL: choose */
	const char *title;	/* or NULL */
	unsigned width, height; /* of a terminal, or pixels */
	unsigned bins;		/* of a histogram; 0: choose */
	bool colour, ascii;
};

struct lam_plot_grid {
	enum lam_plot_kind kind;
	size_t nx, ns;
	enum lam_type type;	/* of x */
	const char *xname;
	const char **label;	/* [nx] */
	double *x;		/* [nx] of a number or time */
	const char **series;	/* [ns] */
	double *value;		/* [ns][nx]; NAN: none */
	const char **text;	/* [ns][nx] values as they came, or NULL */
};

/*
 * Choose what O leaves open, and lay R out.  The grid lives in R's arena.  LAM_USAGE:
 * a column is not there, or R cannot be drawn so.
 */
int lam_plot_grid(struct lam_plot_rows *r, const struct lam_plot_options *o,
	struct lam_plot_grid *g, struct lam_error *e) LAM_MUST;

/* The least and the most of the N values; false: there is none. */
bool lam_plot_span(const double *value, size_t n, double *least, double *most);

/* A picture of text; not of LAM_PLOT_LINE. */
void lam_plot_text(const struct lam_plot_grid *g,
	const struct lam_plot_options *o, struct lam_buf *out);

/*
 * The script that has gnuplot draw G: TERMINAL is "dumb", "svg", "png" or "sixel".
 * Names and values stand in it in single quotes, in which gnuplot reads no command
 * and no markup.
 */
void lam_plot_script(const struct lam_plot_grid *g,
	const struct lam_plot_options *o, const char *terminal,
	struct lam_buf *out);

#endif
