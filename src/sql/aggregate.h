/*
 * aggregate.h - the table of aggregates
 *
 * One row per aggregate: its canonical name, how many arguments it takes, whether
 * the first is any value (a), a number (n), a whole number of 64 bits (w) or what
 * has middles, a number or a time (m), the state that it accumulates and how
 * that is finished (sql/query.h).  Those with SUMS have no state of their own: they
 * are a function of sums (fn/fn_moments.c), which the letters name in this order:
 *
 *	n  count	x  sum of x	  X  sum of x * x
 *	P  sum of x * y	y  sum of y	  Y  sum of y * y
 *
 * over the rows in which no argument is NULL.  Where there are two arguments the
 * first is y, as in SQL's regr_slope(y, x).
 */
#ifndef LAM_SQL_AGGREGATE_H
#define LAM_SQL_AGGREGATE_H

#include <stdbool.h>
#include <stdint.h>

#define LAM_AGGREGATES(A)						\
	/* id	      name	    args type state	 final	  sums */ \
	A(COUNT_STAR, "count",	    0, 0, 'a', COUNT,	 VALUE,	  NULL)	\
	A(COUNT,      "count",	    1, 1, 'a', COUNT,	 VALUE,	  NULL)	\
	A(COUNT_DISTINCT, "count",  1, 1, 'a', DISTINCT, DISTINCT, NULL) \
	A(SUM,	      "sum",	    1, 1, 'n', SUM,	 SUM,	  NULL)	\
	A(AVG,	      "avg",	    1, 1, 'n', SUM,	 AVG,	  NULL)	\
	A(MIN,	      "min",	    1, 1, 'a', MIN,	 VALUE,	  NULL)	\
	A(MAX,	      "max",	    1, 1, 'a', MAX,	 VALUE,	  NULL)	\
	A(ARG_MIN,    "arg_min",    2, 2, 'a', ARGMIN,	 VALUE,	  NULL)	\
	A(ARG_MAX,    "arg_max",    2, 2, 'a', ARGMAX,	 VALUE,	  NULL)	\
	A(FIRST,      "first",	    1, 1, 'a', FIRST,	 VALUE,	  NULL)	\
	A(LAST,	      "last",	    1, 1, 'a', LAST,	 VALUE,	  NULL)	\
	A(HLL,	      "approx_count_distinct", 1, 1, 'a', HLL, HLL, NULL) \
	A(QUANTILE,   "approx_quantile", 2, 2, 'n', QUANTILE, QUANTILE, NULL) \
	A(SUM_DISTINCT, "sum",	    1, 1, 'n', DISTINCT, SUM_OF,  NULL)	\
	A(AVG_DISTINCT, "avg",	    1, 1, 'n', DISTINCT, AVG_OF,  NULL)	\
	A(MEDIAN,     "median",	    1, 1, 'a', VALUES,	 CONT,	  NULL)	\
	A(QUANTILE_CONT, "quantile_cont", 2, 2, 'm', VALUES, CONT, NULL) \
	A(QUANTILE_DISC, "quantile_disc", 2, 2, 'a', VALUES, DISC, NULL) \
	A(MODE,	      "mode",	    1, 1, 'a', VALUES,	 MODE,	  NULL)	\
	A(HISTOGRAM,  "histogram",  1, 1, 'a', VALUES,	 HISTOGRAM, NULL) \
	A(TOP_K,      "top_k",	    2, 2, 'a', VALUES,	 TOP,	  NULL)	\
	A(MIN_K,      "min",	    2, 2, 'a', VALUES,	 LEAST,	  NULL)	\
	A(MAX_K,      "max",	    2, 2, 'a', VALUES,	 GREATEST, NULL) \
	A(BIT_AND,    "bit_and",    1, 1, 'w', BIT_AND,	 VALUE,	  NULL)	\
	A(BIT_OR,     "bit_or",	    1, 1, 'w', BIT_OR,	 VALUE,	  NULL)	\
	A(BIT_XOR,    "bit_xor",    1, 1, 'w', BIT_XOR,	 VALUE,	  NULL)	\
	A(STRING_AGG, "string_agg", 2, 3, 'a', LIST,	 JOIN,	  NULL)	\
	A(STRING_DISTINCT, "string_agg", 2, 2, 'a', DISTINCT, JOIN, NULL) \
	A(ARRAY_AGG,  "array_agg",  1, 2, 'a', LIST,	 LIST,	  NULL)	\
	A(ARRAY_DISTINCT, "array_agg", 1, 1, 'a', DISTINCT, LIST, NULL) \
	A(ARG_MIN_K,  "arg_min",    3, 3, 'a', LIST,	 LIST,	  NULL)	\
	A(ARG_MAX_K,  "arg_max",    3, 3, 'a', LIST,	 LIST,	  NULL)	\
	A(REGR_COUNT, "regr_count", 2, 2, 'n', STATES,	 VALUE,	  "n")	\
	A(VAR_SAMP,   "var_samp",   1, 1, 'n', STATES,	 VALUE,	  "nxX") \
	A(VAR_POP,    "var_pop",    1, 1, 'n', STATES,	 VALUE,	  "nxX") \
	A(STDDEV_SAMP, "stddev_samp", 1, 1, 'n', STATES, VALUE,	  "nxX") \
	A(STDDEV_POP, "stddev_pop", 1, 1, 'n', STATES,	 VALUE,	  "nxX") \
	A(SEM,	      "sem",	    1, 1, 'n', STATES,	 VALUE,	  "nxX") \
	A(COVAR_SAMP, "covar_samp", 2, 2, 'n', STATES,	 VALUE,	  "nxyP") \
	A(COVAR_POP,  "covar_pop",  2, 2, 'n', STATES,	 VALUE,	  "nxyP") \
	A(CORR,	      "corr",	    2, 2, 'n', STATES,	 VALUE,	  "nxyXPY") \
	A(REGR_SLOPE, "regr_slope", 2, 2, 'n', STATES,	 VALUE,	  "nxyXP") \
	A(REGR_INTERCEPT, "regr_intercept", 2, 2, 'n', STATES, VALUE, "nxyXP") \
	A(REGR_R2,    "regr_r2",    2, 2, 'n', STATES,	 VALUE,	  "nxyXPY") \
	A(REGR_AVGX,  "regr_avgx",  2, 2, 'n', STATES,	 VALUE,	  "nx")	\
	A(REGR_AVGY,  "regr_avgy",  2, 2, 'n', STATES,	 VALUE,	  "ny")	\
	A(REGR_SXX,   "regr_sxx",   2, 2, 'n', STATES,	 VALUE,	  "nxX") \
	A(REGR_SYY,   "regr_syy",   2, 2, 'n', STATES,	 VALUE,	  "nyY") \
	A(REGR_SXY,   "regr_sxy",   2, 2, 'n', STATES,	 VALUE,	  "nxyP")

/* COUNT_STAR, those of DISTINCT and those of K have the name of another.  What ORDER BY
 * says within STRING_AGG and ARRAY_AGG is one argument more, the last. */
enum lam_agg {
#define A(id, name, least, most, takes, state, final, sums) LAM_AGG_##id,
	LAM_AGGREGATES(A)
#undef A
	LAM_AGGS
};

struct lam_aggregate {
	const char *name;
	uint8_t least, most; /* arguments */
	char takes;
	uint8_t state;	     /* enum lam_state_kind */
	uint8_t final;	     /* enum lam_final */
	const char *sums;    /* or NULL */
};

/* Does AGG go by the positions of its rows? */
bool lam_agg_by_position(enum lam_agg agg);

/* Which argument of AGG is a constant, no part of what it reads; 0: none. */
uint32_t lam_agg_constant(enum lam_agg agg);

#define LAM_MOMENT_SUMS 6 /* at most */

extern const struct lam_aggregate lam_aggregate[LAM_AGGS];

#endif
