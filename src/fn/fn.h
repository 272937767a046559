/*
 * fn.h - between the tree walk and the functions it calls (private)
 *
 * A kernel computes one call for N rows at once.  The walk (expr/expr.c) deals
 * with what is common to all of them, so that a kernel may rely on this:
 *
 *   - an argument is FLAT, FOR or CONST, of N rows; of a DICT vector the kernel
 *     sees the dictionary, or the vector was flattened before;
 *   - at least one argument is not CONST, unless N is 1;
 *   - unless the call is one of those that accept NULL (LAM_K_NULLS), no
 *     argument is a NULL constant;
 *   - the places of NULL rows hold any value: a kernel may compute with it
 *     but neither fail nor follow pointers because of it.
 *
 * A kernel sets the whole of *OUT.  A row whose value cannot be computed is NULL
 * there and a fault (lam_fault).
 */
#ifndef LAM_FN_FN_H
#define LAM_FN_FN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hot.h"
#include "fn/fault.h"
#include "sql/query.h"
#include "store/vec.h"
#include "time/time.h"

struct lam_geo_paths;
struct lam_like;
struct lam_regex;
struct lam_set;
struct lam_zone;

/* The plan that lam_expr_prepare hangs on a node (lam_expr.plan). */
struct lam_plan {
	struct lam_expr *folded;     /* the node before it became a constant */
	const struct lam_expr *leaf; /* the one leaf below; NULL: see many */
	bool many;		     /* several different leaves below */
	bool fails;		     /* may meet a value that it cannot compute */
	uint32_t first, count;	     /* arguments that are evaluated */
	struct lam_vec value, inner; /* CONST: the vector and its one value */
	struct lam_like *like;
	struct lam_regex *regex;
	struct lam_set *set;	     /* IN: the constants */
	struct lam_zone *zone;
	struct lam_reference *reference; /* it is open, and what it holds: */
	void *contents;
	const struct lam_geo_paths *geo;
	uint8_t unit;		     /* enum lam_unit; EXTRACT: enum lam_part;
				      * MOMENTS: enum lam_agg; USER_AGENT:
				      * enum lam_agent_part */
	int64_t width, origin;	     /* TIME_BUCKET and fixed units, ns */
	int64_t months;		     /* TIME_BUCKET, TIME_ADD: calendar part */
	int64_t anchor;		     /* buckets of months: from 2000-01 to one */
	int64_t ns;		     /* TIME_ADD, TIME_SUB: the rest; buckets of
				      * months: their offset */
	struct lam_str format;	     /* STRFTIME, STRPTIME */
	uint8_t grain;		     /* STRFTIME: finest unit that shows */
};

static inline const struct lam_plan *
lam_plan_of(const struct lam_expr *x)
{
	return x->plan;
}

struct lam_call {
	const struct lam_expr *x;
	const struct lam_plan *plan;
	struct lam_arena *arena;
	struct lam_error *e;
	struct lam_faults *faults; /* of its N rows */
	uint32_t n;
};

typedef int lam_kernel_fn(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, struct lam_vec *out);

enum {
	LAM_K_FAILS = 1, /* faults are possible */
	LAM_K_NULLS = 2, /* a NULL constant does not simply give NULL */
	LAM_K_FOR = 4,	 /* works on FOR vectors as they are */
	LAM_K_LAZY = 8	 /* evaluated by the walk itself */
};

struct lam_kernel {
	lam_kernel_fn *run;
	unsigned flags;
};

extern const struct lam_kernel lam_kernel[LAM_FNS];

/* ------------------------------------------------- vectors (fn_util.c) */

/* Row I of an argument is element I * step of the FLAT vector. */
struct lam_reader {
	const struct lam_vec *v;
	uint32_t step; /* 0: CONST */
};

int lam_read(struct lam_call *c, const struct lam_vec *arg,
	struct lam_reader *r) LAM_MUST;

/* All NARGS, into R; *NONE, which may be written: where any of them is NULL. */
int lam_read_all(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_reader *r, uint8_t **none) LAM_MUST;

/* c->n elements from the arena; fails with LAM_SYSTEM. */
int lam_room(struct lam_call *c, size_t size, void *out) LAM_MUST;

/* fn_compute.c: a number or a time of row I, whose arguments R are not NULL.  False: it
 * cannot be computed, a fault; *NULL is set where it is NULL. */
typedef bool lam_number_fn(const struct lam_call *c, const struct lam_reader *r,
	uint32_t i, struct lam_num *out, bool *null);
typedef bool lam_time_fn(const struct lam_call *c, const struct lam_reader *r,
	uint32_t i, int64_t *out, bool *null);
/* Of each row; LAM_COMPUTE_ARGS arguments at most. */
#define LAM_COMPUTE_ARGS 8
int lam_compute_numbers(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, lam_number_fn *one, struct lam_vec *out) LAM_MUST;
int lam_compute_times(struct lam_call *c, const struct lam_vec *arg,
	uint32_t nargs, lam_time_fn *one, struct lam_vec *out) LAM_MUST;

/* NULL where any argument is; *OUT is NULL when no row is. */
int lam_nulls(struct lam_call *c, const struct lam_reader *r, uint32_t nargs,
	const uint8_t **out) LAM_MUST;

/* A fresh array of the same, that may be written. */
int lam_nulls_new(struct lam_call *c, const uint8_t *from, uint8_t **out)
	LAM_MUST;

/* Set *OUT to a FLAT vector of c->n rows. */
void lam_out_flat(const struct lam_call *c, enum lam_type t,
	const void *values, const uint8_t *null, struct lam_vec *out);

/* CONST: NULL, true or false, of N rows. */
void lam_out_null(enum lam_type t, uint32_t n, struct lam_vec *out);
void lam_out_bool(bool v, uint32_t n, struct lam_vec *out);

/* CONST of N rows whose value is row 0 of FLAT. */
void lam_out_const(const struct lam_vec *flat, uint32_t n,
	struct lam_vec *out);

/* Numbers of any scale to a FLAT vector, narrow when they fit; V is used up. */
int lam_out_numbers(struct lam_call *c, struct lam_num *v,
	const uint8_t *null, struct lam_vec *out) LAM_MUST;

/* A constant as the first value of *OUT, a FLAT vector of one row. */
int lam_const_flat(const struct lam_expr *x, struct lam_arena *a,
	struct lam_vec *out, struct lam_error *e) LAM_MUST;

/* LAM_USAGE with the place of the call: "views/v.sql:3:14: ...". */
int lam_fail_at(struct lam_error *e, const struct lam_expr *x,
	const char *fmt, ...) __attribute__((format(printf, 3, 4), cold));

/* Row I cannot be computed. */
int lam_fault(struct lam_call *c, uint32_t i) __attribute__((cold)) LAM_MUST;

/* V as a message shows it: printable, at most 60 bytes.  OUT[LAM_SHOW]. */
#define LAM_SHOW 72
const char *lam_show(struct lam_str v, char *out);

static inline bool
lam_null_at(const struct lam_reader *r, uint32_t i)
{
	return r->v->null && r->v->null[i * r->step];
}

static inline struct lam_num
lam_num_of(const struct lam_vec *flat, uint32_t i)
{
	if (flat->wide)
		return flat->num[i];
	return (struct lam_num){ flat->i64[i], flat->scale };
}

static inline struct lam_num
lam_num_at(const struct lam_reader *r, uint32_t i)
{
	return lam_num_of(r->v, i * r->step);
}

static inline struct lam_str
lam_str_at(const struct lam_reader *r, uint32_t i)
{
	return r->v->str[i * r->step];
}

/* floor(a / b), b > 0. */
static inline lam_i128
lam_floor_div(lam_i128 a, lam_i128 b)
{
	return a / b - (a % b < 0);
}

/* Strings made row by row, in chunks of the arena. */
struct lam_text_out {
	struct lam_call *c;
	uint32_t nargs;
	struct lam_str *str; /* [c->n] */
	char *p;
	size_t left;
};

int lam_text_begin(struct lam_call *c, struct lam_text_out *t) LAM_MUST;
/* N bytes to be filled, or NULL and an error. */
char *lam_text_room(struct lam_text_out *t, size_t n);

/* Set t->str[i] from row I of the arguments; false: lam_text_room failed. */
typedef bool lam_text_row_fn(struct lam_text_out *t, const struct lam_reader *r,
	uint32_t i);

/*
 * A text for each row: ROW makes it.  Where an argument is NULL so is the
 * text, unless the call accepts NULL (LAM_K_NULLS).
 */
int lam_text_rows(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	lam_text_row_fn *row, struct lam_vec *out) LAM_MUST;

/* -------------------------------------------- booleans (fn_bool.c) */

/* mask[i] = row i is WANT and not NULL, for a BOOL vector of any shape. */
void lam_mask(const struct lam_vec *v, bool want, uint8_t *mask);

/* Indexes of the rows whose mask is 1; their number. */
uint32_t lam_select(const uint8_t *mask, uint32_t n, uint16_t *sel);

/* The rows where V is true; MASK is room for v->n bytes. */
uint32_t lam_select_true(const struct lam_vec *v, uint8_t *mask,
	uint16_t *sel);

/* ------------------------------------------- AND and OR (expr_lazy.c) */

lam_kernel_fn lam_fn_logic;

/* --------------------------------------------------------------- kernels */

lam_kernel_fn lam_fn_arith, lam_fn_div, lam_fn_neg, lam_fn_round;
lam_kernel_fn lam_fn_cmp, lam_fn_distinct, lam_fn_in, lam_fn_not;
lam_kernel_fn lam_fn_is_null, lam_fn_nullif, lam_fn_extreme;
lam_kernel_fn lam_fn_like, lam_fn_case_fold, lam_fn_length;
lam_kernel_fn lam_fn_trim, lam_fn_slice, lam_fn_replace, lam_fn_split;
lam_kernel_fn lam_fn_search, lam_fn_reverse, lam_fn_concat;
lam_kernel_fn lam_fn_regex, lam_fn_trunc, lam_fn_part, lam_fn_epoch;
lam_kernel_fn lam_fn_strftime, lam_fn_time_add, lam_fn_time_diff;
lam_kernel_fn lam_fn_cast_text, lam_fn_cast_num, lam_fn_cast_time;
lam_kernel_fn lam_fn_cast_bool, lam_fn_moments, lam_fn_zone;
lam_kernel_fn lam_fn_text_number;
lam_kernel_fn lam_fn_math, lam_fn_calendar, lam_fn_between, lam_fn_plus;
lam_kernel_fn lam_fn_span, lam_fn_span_add, lam_fn_bits;
lam_kernel_fn lam_fn_make, lam_fn_ip_in, lam_fn_list, lam_fn_whole;
lam_kernel_fn lam_fn_look_up;
lam_kernel_fn lam_fn_row, lam_fn_printf, lam_fn_json_is, lam_fn_json_length;
lam_kernel_fn lam_fn_lookup;

/* Three-way order of two rows, neither NULL, of vectors of one type. */
int lam_order(const struct lam_vec *a, uint32_t i, const struct lam_vec *b,
	uint32_t j);

/* ------------------------------------------------------------ preparation */

int lam_like_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;
int lam_regex_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;
void lam_regex_free(struct lam_regex *r);
int lam_set_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;
int lam_time_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_error *e) LAM_MUST;
int lam_strptime_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;
int lam_zone_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_error *e) LAM_MUST;
int lam_look_up_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;
void lam_look_up_free(struct lam_plan *p);
int lam_moments_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_error *e) LAM_MUST;
int lam_part_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_error *e) LAM_MUST;
int lam_format_prepare(struct lam_expr *x, struct lam_plan *p,
	struct lam_error *e) LAM_MUST;
int lam_printf_prepare(struct lam_expr *x, struct lam_error *e) LAM_MUST;
int lam_cast_prepare(const struct lam_expr *x, struct lam_error *e) LAM_MUST;

/* Bytes that a LIKE pattern makes all matches start with; exact: the whole. */
struct lam_str lam_like_prefix(const struct lam_like *l, bool *exact);

/*
 * The start of the unit or bucket that a date_trunc or time_bucket call (its
 * plan) gives for NS; false when it is out of range.
 */
bool lam_trunc_one(const struct lam_plan *p, int64_t ns, int64_t *out);

/*
 * A time for each row of FLAT, by the call's plan; a row for which ONE says
 * false, because the time is out of range, is a fault.
 */
int lam_time_rows(struct lam_call *c, const struct lam_vec *flat,
	bool (*one)(const struct lam_plan *p, int64_t ns, int64_t *out),
	struct lam_vec *out) LAM_MUST;

/*
 * Fixed-width buckets of a FLAT or FOR time vector: floor((t - origin) /
 * width) * width + origin, as FOR with mult = width and the number of the bucket
 * from the first one in u32, or CONST.  A FOR vector whose mult is a multiple
 * of width keeps it.  *DONE false: that cannot be (*OUT is not set).
 */
int lam_time_buckets(struct lam_call *c, const struct lam_vec *v, int64_t width,
	int64_t origin, struct lam_vec *out, bool *done) LAM_MUST;

/*
 * q[i] = (v[i] + add) / d, where no v[i] is above MAX; MAX + ADD must not
 * exceed UINT32_MAX; d > 0.
 */
void lam_div_u32(const uint32_t *v, uint32_t n, uint32_t max, uint32_t add,
	uint32_t d, uint32_t *q);

#endif
