/*
 * stat_table.h - what lam-stat tells, as relations
 *
 * A row for each stream, for each view, for each function, for each column of streams
 * and views; and for what each function has used.  Their columns are a table in the .c.
 */
#ifndef LAM_STAT_STAT_TABLE_H
#define LAM_STAT_STAT_TABLE_H

#include "output/output.h"
#include "stat/stat.h"
#include "store/column_builder.h"
#include "trigger/usage.h"

enum lam_stat_kind { LAM_STAT_STREAMS, LAM_STAT_VIEWS, LAM_STAT_FUNCTIONS,
	LAM_STAT_COLUMNS, LAM_STAT_KINDS, LAM_STAT_USAGE = LAM_STAT_KINDS };

/* "streams", "views", "functions", "columns"; NULL behind them.  USAGE, which reads
 * whole ledgers, is none of those that a look is about. */
const char *lam_stat_kind_name(size_t kind);

enum lam_stat_audience {
	LAM_STAT_PEOPLE,  /* sizes and ages with units; few columns, unless ALL */
	LAM_STAT_TOOLS,	  /* bytes and seconds; all columns */
	LAM_STAT_METRICS  /* the name and numbers */
};

/* Of the form of output. */
enum lam_stat_audience lam_stat_audience(const char *form);

#define LAM_STAT_COLUMNS_MAX 24

struct lam_stat_table {
	enum lam_stat_kind kind;
	enum lam_stat_audience audience;
	bool all; /* USAGE: with what it cost */
	int64_t now; /* ns since 1970: ages are counted from here */
	struct lam_mem mem;
	struct lam_column_builder column[LAM_STAT_COLUMNS_MAX];
	uint32_t ncolumns, nrows;
};

void lam_stat_table_init(struct lam_stat_table *t, enum lam_stat_kind kind,
	enum lam_stat_audience audience, int64_t now, bool all);
void lam_stat_table_release(struct lam_stat_table *t);

int lam_stat_table_stream(struct lam_stat_table *t,
	const struct lam_stat_stream *s, struct lam_error *e) LAM_MUST;
int lam_stat_table_view(struct lam_stat_table *t,
	const struct lam_stat_view *v, struct lam_error *e) LAM_MUST;
int lam_stat_table_function(struct lam_stat_table *t,
	const struct lam_stat_function *f, struct lam_error *e) LAM_MUST;
/* What the function NAME of DATA has used by its ledger, and at PRICE (with ALL only)
 * what it cost. */
int lam_stat_table_usage(struct lam_stat_table *t, const char *data,
	const char *name, const struct lam_usage_price *price,
	struct lam_error *e) LAM_MUST;
/* Rows of LAM_STAT_COLUMNS. */
int lam_stat_table_fields(struct lam_stat_table *t,
	const struct lam_stat_stream *s, struct lam_error *e) LAM_MUST;
int lam_stat_table_keys(struct lam_stat_table *t,
	const struct lam_stat_view *v, struct lam_error *e) LAM_MUST;

/* The relation in FORM to descriptor FD, which messages call FILE. */
int lam_stat_table_write(const struct lam_stat_table *t, const char *form,
	bool header, const struct lam_style *look, int fd, const char *file,
	struct lam_error *e) LAM_MUST;

#endif
