/*
 * print_over.c - canonical SQL text of window functions and queries within
 */
#include "sql/print.h"

#include "sql/query.h"
#include "time/interval.h"

static const char *const name[] = {
	[LAM_OVER_ROW_NUMBER] = "row_number", [LAM_OVER_RANK] = "rank",
	[LAM_OVER_DENSE_RANK] = "dense_rank",
	[LAM_OVER_PERCENT_RANK] = "percent_rank",
	[LAM_OVER_CUME_DIST] = "cume_dist", [LAM_OVER_NTILE] = "ntile",
	[LAM_OVER_LAG] = "lag", [LAM_OVER_LEAD] = "lead",
	[LAM_OVER_FIRST] = "first_value", [LAM_OVER_LAST] = "last_value",
	[LAM_OVER_NTH] = "nth_value",
};

static void
put_bound(const struct lam_bound *b, struct lam_buf *out)
{
	static const char *const text[] = {
		[LAM_BOUND_START] = "UNBOUNDED PRECEDING",
		[LAM_BOUND_PRECEDING] = " PRECEDING",
		[LAM_BOUND_CURRENT] = "CURRENT ROW",
		[LAM_BOUND_FOLLOWING] = " FOLLOWING",
		[LAM_BOUND_END] = "UNBOUNDED FOLLOWING",
	};
	char number[LAM_NUM_TEXT];

	if (b->kind == LAM_BOUND_PRECEDING || b->kind == LAM_BOUND_FOLLOWING) {
		if (b->interval) {
			lam_buf_puts(out, "INTERVAL '");
			lam_interval_print((struct lam_span){ b->months,
				(int64_t)b->num.m, b->ns - LAM_DAY_NS *
				b->num.m }, out);
			lam_buf_putc(out, '\'');
		} else {
			lam_buf_put(out, number, lam_num_print(b->num, number));
		}
	}
	lam_buf_puts(out, text[b->kind]);
}

/* The frame, if it is not the usual one. */
static void
put_frame(const struct lam_over_frame *f, struct lam_buf *out)
{
	static const char *const unit[] = {
		[LAM_FRAME_RANGE] = "RANGE", [LAM_FRAME_ROWS] = "ROWS",
		[LAM_FRAME_GROUPS] = "GROUPS"
	};

	static const char *const exclude[] = {
		[LAM_EXCLUDE_NONE] = "",
		[LAM_EXCLUDE_ROW] = " EXCLUDE CURRENT ROW",
		[LAM_EXCLUDE_GROUP] = " EXCLUDE GROUP",
		[LAM_EXCLUDE_TIES] = " EXCLUDE TIES"
	};

	if (f->unit == LAM_FRAME_RANGE && f->from.kind == LAM_BOUND_START &&
		f->to.kind == LAM_BOUND_CURRENT && !f->exclude)
		return;
	lam_buf_printf(out, " %s BETWEEN ", unit[f->unit]);
	put_bound(&f->from, out);
	lam_buf_puts(out, " AND ");
	put_bound(&f->to, out);
	lam_buf_puts(out, exclude[f->exclude]);
}

static void
put_spec(const struct lam_ast *a, struct lam_buf *out)
{
	const struct lam_over_ast *o = a->over;
	uint32_t x = o->nargs; /* none of them: there may be no array */

	for (uint32_t i = 0; i < o->npartition; i++) {
		lam_buf_puts(out, i > 0 ? ", " : "PARTITION BY ");
		lam_print_expr(a->arg[x++], out);
	}
	for (uint32_t i = 0; i < o->norder; i++) {
		lam_buf_puts(out, i > 0 ? ", " : o->npartition ? " ORDER BY " :
			"ORDER BY ");
		lam_print_expr(a->arg[x++], out);
		lam_buf_puts(out, o->order[i].descending ? " DESC" : "");
		lam_buf_puts(out, o->order[i].nulls_first ? " NULLS FIRST" :
			"");
	}
	put_frame(&o->frame, out);
}

void
lam_print_over(const struct lam_ast *a, struct lam_buf *out)
{
	if (a->fn == LAM_OVER_AGGREGATE) {
		lam_print_agg(a, lam_aggregate[a->agg].name, a->over->nargs -
			lam_ast_has_row(a), out);
	} else {
		lam_buf_printf(out, "%s(", name[a->fn]);
		for (uint32_t i = 0; i < a->over->nargs; i++) {
			lam_buf_puts(out, i > 0 ? ", " : "");
			lam_print_expr(a->arg[i], out);
		}
		lam_buf_puts(out, a->over->ignore_nulls ? " IGNORE NULLS)" :
			")");
	}
	lam_buf_puts(out, " OVER (");
	put_spec(a, out);
	lam_buf_putc(out, ')');
}

void
lam_print_query(const struct lam_ast *a, struct lam_buf *out)
{
	for (uint32_t i = 0; i < a->nargs; i++) {
		lam_buf_puts(out, i > 0 ? ", " : "");
		lam_print_expr(a->arg[i], out);
	}
	lam_buf_puts(out, a->fn == LAM_USE_IN ? " IN (" :
		a->fn == LAM_USE_EXISTS ? "EXISTS (" : "(");
	if (a->query != NULL)
		lam_buf_puts(out, a->query->normal);
	else
		lam_buf_put(out, a->text.p, a->text.n);
	lam_buf_putc(out, ')');
}
