/*
 * expr.c - evaluate an expression: the walk
 *
 * A node is evaluated for all rows of a frame at once: its arguments first,
 * then its kernel.  Before that, a whole subtree with a single leaf is tried
 * over the dictionary of that leaf (dict_eval.c): "case when path like '/api/%'
 * then lower(path) end" then runs its every step a few hundred times per block.
 * AND, OR, COALESCE and CASE evaluate their later arguments for some rows only
 * (expr_lazy.c).
 *
 * Depth is bounded when the expression is prepared, so the recursion is.
 */
#include "expr/dict_eval.h"
#include "expr/expr_internal.h"
#include "fn/fn.h"

const struct lam_kernel lam_kernel[LAM_FNS] = {
	[LAM_FN_NEG] = { lam_fn_neg, LAM_K_FAILS },
	[LAM_FN_ADD] = { lam_fn_arith, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_SUB] = { lam_fn_arith, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_MUL] = { lam_fn_arith, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_DIV] = { lam_fn_div, LAM_K_FAILS },
	[LAM_FN_IDIV] = { lam_fn_div, LAM_K_FAILS },
	[LAM_FN_MOD] = { lam_fn_div, LAM_K_FAILS },
	[LAM_FN_TIME_ADD] = { lam_fn_time_add, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_TIME_SUB] = { lam_fn_time_add, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_CONCAT_OP] = { lam_fn_concat, 0 },
	[LAM_FN_EQ] = { lam_fn_cmp, LAM_K_FOR },
	[LAM_FN_NE] = { lam_fn_cmp, LAM_K_FOR },
	[LAM_FN_LT] = { lam_fn_cmp, LAM_K_FOR },
	[LAM_FN_LE] = { lam_fn_cmp, LAM_K_FOR },
	[LAM_FN_GT] = { lam_fn_cmp, LAM_K_FOR },
	[LAM_FN_GE] = { lam_fn_cmp, LAM_K_FOR },
	[LAM_FN_AND] = { lam_fn_logic, LAM_K_NULLS | LAM_K_LAZY | LAM_K_FOR },
	[LAM_FN_OR] = { lam_fn_logic, LAM_K_NULLS | LAM_K_LAZY | LAM_K_FOR },
	[LAM_FN_NOT] = { lam_fn_not, 0 },
	[LAM_FN_IS_NULL] = { lam_fn_is_null, LAM_K_NULLS | LAM_K_FOR },
	[LAM_FN_IS_NOT_NULL] = { lam_fn_is_null, LAM_K_NULLS | LAM_K_FOR },
	[LAM_FN_IS_DISTINCT] = { lam_fn_distinct, LAM_K_NULLS },
	[LAM_FN_IN] = { lam_fn_in, LAM_K_NULLS | LAM_K_FOR },
	[LAM_FN_LIKE] = { lam_fn_like, 0 },
	[LAM_FN_ILIKE] = { lam_fn_like, 0 },
	[LAM_FN_COALESCE] = { NULL, LAM_K_NULLS | LAM_K_LAZY | LAM_K_FOR },
	[LAM_FN_NULLIF] = { lam_fn_nullif, LAM_K_NULLS },
	[LAM_FN_GREATEST] = { lam_fn_extreme, LAM_K_NULLS | LAM_K_FAILS },
	[LAM_FN_LEAST] = { lam_fn_extreme, LAM_K_NULLS | LAM_K_FAILS },
	[LAM_FN_LOOKUP] = { lam_fn_lookup, 0 },
	[LAM_FN_LOWER] = { lam_fn_case_fold, 0 },
	[LAM_FN_UPPER] = { lam_fn_case_fold, 0 },
	[LAM_FN_LENGTH] = { lam_fn_length, 0 },
	[LAM_FN_OCTETS] = { lam_fn_length, 0 },
	[LAM_FN_TRIM] = { lam_fn_trim, 0 },
	[LAM_FN_LTRIM] = { lam_fn_trim, 0 },
	[LAM_FN_RTRIM] = { lam_fn_trim, 0 },
	[LAM_FN_TRIM2] = { lam_fn_trim, 0 },
	[LAM_FN_LTRIM2] = { lam_fn_trim, 0 },
	[LAM_FN_RTRIM2] = { lam_fn_trim, 0 },
	[LAM_FN_SUBSTR2] = { lam_fn_slice, 0 },
	[LAM_FN_SUBSTR3] = { lam_fn_slice, 0 },
	[LAM_FN_LEFT] = { lam_fn_slice, 0 },
	[LAM_FN_RIGHT] = { lam_fn_slice, 0 },
	[LAM_FN_REPLACE] = { lam_fn_replace, 0 },
	[LAM_FN_SPLIT_PART] = { lam_fn_split, 0 },
	[LAM_FN_STARTS_WITH] = { lam_fn_search, 0 },
	[LAM_FN_ENDS_WITH] = { lam_fn_search, 0 },
	[LAM_FN_CONTAINS] = { lam_fn_search, 0 },
	[LAM_FN_STRPOS] = { lam_fn_search, 0 },
	[LAM_FN_REVERSE] = { lam_fn_reverse, 0 },
	[LAM_FN_CONCAT] = { lam_fn_concat, LAM_K_NULLS },
	[LAM_FN_REGEXP_MATCHES] = { lam_fn_regex, LAM_K_FAILS },
	[LAM_FN_REGEXP_EXTRACT] = { lam_fn_regex, LAM_K_FAILS },
	[LAM_FN_REGEXP_REPLACE] = { lam_fn_regex, LAM_K_FAILS },
	[LAM_FN_ABS] = { lam_fn_round, LAM_K_FAILS },
	[LAM_FN_SIGN] = { lam_fn_round, LAM_K_FAILS },
	[LAM_FN_FLOOR] = { lam_fn_round, LAM_K_FAILS },
	[LAM_FN_CEIL] = { lam_fn_round, LAM_K_FAILS },
	[LAM_FN_ROUND] = { lam_fn_round, LAM_K_FAILS },
	[LAM_FN_ROUND2] = { lam_fn_round, LAM_K_FAILS },
	[LAM_FN_TRUNC] = { lam_fn_round, LAM_K_FAILS },
	[LAM_FN_WHOLE] = { lam_fn_whole, LAM_K_FAILS },
	[LAM_FN_TUPLE] = { lam_fn_row, 0 },
	[LAM_FN_ROW] = { lam_fn_row, LAM_K_NULLS },
	[LAM_FN_LIST] = { lam_fn_row, LAM_K_NULLS },
	[LAM_FN_MOMENTS] = { lam_fn_moments, LAM_K_FAILS },
	[LAM_FN_DATE_TRUNC] = { lam_fn_trunc, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_TIME_BUCKET] = { lam_fn_trunc, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_EXTRACT] = { lam_fn_part, LAM_K_FOR },
	[LAM_FN_EPOCH] = { lam_fn_epoch, LAM_K_FOR },
	[LAM_FN_EPOCH_MS] = { lam_fn_epoch, LAM_K_FOR },
	[LAM_FN_STRFTIME] = { lam_fn_strftime, LAM_K_FOR },
	[LAM_FN_TO_TEXT] = { lam_fn_cast_text, 0 },
	[LAM_FN_TO_NUMBER] = { lam_fn_cast_num, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_TO_INTEGER] = { lam_fn_cast_num, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_TO_TIME] = { lam_fn_cast_time, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_TO_DATE] = { lam_fn_cast_time, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_TO_BOOL] = { lam_fn_cast_bool, LAM_K_FAILS },
	[LAM_FN_TRY_NUMBER] = { lam_fn_cast_num, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_TRY_INTEGER] = { lam_fn_cast_num, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_TRY_TIME] = { lam_fn_cast_time, LAM_K_FOR },
	[LAM_FN_TRY_DATE] = { lam_fn_cast_time, LAM_K_FOR },
	[LAM_FN_TRY_BOOL] = { lam_fn_cast_bool, 0 },
	[LAM_FN_TIME_DIFF] = { lam_fn_time_diff, LAM_K_FAILS },
	[LAM_FN_TIMEZONE] = { lam_fn_zone, LAM_K_FAILS },
	[LAM_FN_LOCAL_TO_UTC] = { lam_fn_zone, LAM_K_FAILS },
	[LAM_FN_ZONE_TRUNC] = { lam_fn_zone, LAM_K_FAILS },
	[LAM_FN_ZONE_BUCKET] = { lam_fn_zone, LAM_K_FAILS },
	[LAM_FN_ZONE_BUCKET_FROM] = { lam_fn_zone, LAM_K_FAILS },
	[LAM_FN_LPAD] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_RPAD] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_REPEAT] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_TRANSLATE] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_CHR] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_HEX] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_BASE64] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_FROM_BASE64] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_URL_ENCODE] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_URL_DECODE] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_URL_HOST] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_URL_PATH] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_URL_QUERY] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_URL_PARAM] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_IP_NETWORK] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_IP_IN] = { lam_fn_ip_in, LAM_K_FAILS },
	[LAM_FN_LN] = { lam_fn_math, LAM_K_FAILS },
	[LAM_FN_LOG10] = { lam_fn_math, LAM_K_FAILS },
	[LAM_FN_LOG2] = { lam_fn_math, LAM_K_FAILS },
	[LAM_FN_LOG] = { lam_fn_math, LAM_K_FAILS },
	[LAM_FN_EXP] = { lam_fn_math, LAM_K_FAILS },
	[LAM_FN_SQRT] = { lam_fn_math, LAM_K_FAILS },
	[LAM_FN_POWER] = { lam_fn_math, LAM_K_FAILS },
	[LAM_FN_WIDTH_BUCKET] = { lam_fn_math, LAM_K_FAILS },
	[LAM_FN_BUCKET_FROM] = { lam_fn_trunc, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_BUCKET_OFFSET] = { lam_fn_trunc, LAM_K_FAILS | LAM_K_FOR },
	[LAM_FN_MAKE_TIMESTAMP] = { lam_fn_calendar, LAM_K_FAILS },
	[LAM_FN_TIMESTAMP_US] = { lam_fn_calendar, LAM_K_FAILS },
	[LAM_FN_TO_TIMESTAMP] = { lam_fn_calendar, LAM_K_FAILS },
	[LAM_FN_STRPTIME] = { lam_fn_calendar, LAM_K_FAILS },
	[LAM_FN_TRY_STRPTIME] = { lam_fn_calendar, 0 },
	[LAM_FN_SPAN_BETWEEN] = { lam_fn_span, LAM_K_FAILS },
	[LAM_FN_SECONDS_BETWEEN] = { lam_fn_between, 0 },
	[LAM_FN_DAYS_BETWEEN] = { lam_fn_between, 0 },
	[LAM_FN_JSON_ALL] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_JSON_TEXT_ALL] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_JSON] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_JSON_AT] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_JSON_TEXT] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_JSON_TEXT_AT] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_MD5] = { lam_fn_make, 0 },
	[LAM_FN_SHA256] = { lam_fn_make, 0 },
	[LAM_FN_ASCII] = { lam_fn_text_number, 0 },
	[LAM_FN_LEVENSHTEIN] = { lam_fn_text_number, LAM_K_FAILS },
	[LAM_FN_CONCAT_WS] = { lam_fn_row, LAM_K_NULLS },
	[LAM_FN_STRING_SPLIT] = { lam_fn_make, 0 },
	[LAM_FN_REGEXP_EXTRACT_ALL] = { lam_fn_regex, LAM_K_FAILS },
	[LAM_FN_LIST_VALUE] = { lam_fn_row, LAM_K_NULLS },
	[LAM_FN_TO_LIST] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_TRY_LIST] = { lam_fn_list, 0 },
	[LAM_FN_LIST_AT] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_SLICE] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_LEN] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_LENGTH] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_HAS] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_CONTAINS] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_ANY] = { lam_fn_list, LAM_K_FAILS | LAM_K_NULLS },
	[LAM_FN_LIST_POSITION] = { lam_fn_list, LAM_K_FAILS | LAM_K_NULLS },
	[LAM_FN_LIST_TEXT] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_SORT] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_REVERSE_SORT] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_REVERSE] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_DISTINCT] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_UNIQUE] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_SUM] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_AVG] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_MIN] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_MAX] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_CONCAT] = { lam_fn_list, LAM_K_FAILS | LAM_K_NULLS },
	[LAM_FN_LIST_JOINED] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_APPEND] = { lam_fn_list, LAM_K_FAILS | LAM_K_NULLS },
	[LAM_FN_LIST_PREPEND] = { lam_fn_list, LAM_K_FAILS | LAM_K_NULLS },
	[LAM_FN_EPOCH_SPAN] = { lam_fn_span, LAM_K_FAILS },
	[LAM_FN_TIME_PLUS] = { lam_fn_plus, LAM_K_FAILS },
	[LAM_FN_TIME_MINUS] = { lam_fn_plus, LAM_K_FAILS },
	[LAM_FN_UNHEX] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_AGE] = { lam_fn_span, LAM_K_FAILS },
	[LAM_FN_SPAN_MUL] = { lam_fn_span, LAM_K_FAILS },
	[LAM_FN_SPAN_TIMES] = { lam_fn_span, LAM_K_FAILS },
	[LAM_FN_SPAN_DIV] = { lam_fn_span, LAM_K_FAILS },
	[LAM_FN_SPAN_PLUS] = { lam_fn_span_add, LAM_K_FAILS },
	[LAM_FN_SPAN_MINUS] = { lam_fn_span_add, LAM_K_FAILS },
	[LAM_FN_SPAN_PART] = { lam_fn_span, LAM_K_FAILS },
	[LAM_FN_SPAN_SECONDS] = { lam_fn_span, LAM_K_FAILS },
	[LAM_FN_SPAN_TEXT] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_TO_SPAN] = { lam_fn_span, LAM_K_FAILS },
	[LAM_FN_TRY_SPAN] = { lam_fn_span, 0 },
	[LAM_FN_TRUNC2] = { lam_fn_round, LAM_K_FAILS },
	[LAM_FN_SHA1] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_HEX_NUMBER] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_BINARY] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_BYTES] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_BITS_AND] = { lam_fn_bits, LAM_K_FAILS },
	[LAM_FN_BITS_OR] = { lam_fn_bits, LAM_K_FAILS },
	[LAM_FN_SHIFT_LEFT] = { lam_fn_bits, LAM_K_FAILS },
	[LAM_FN_SHIFT_RIGHT] = { lam_fn_bits, LAM_K_FAILS },
	[LAM_FN_XOR] = { lam_fn_bits, LAM_K_FAILS },
	[LAM_FN_GCD] = { lam_fn_bits, LAM_K_FAILS },
	[LAM_FN_LCM] = { lam_fn_bits, LAM_K_FAILS },
	[LAM_FN_DATE_SUB] = { lam_fn_time_diff, LAM_K_FAILS },
	[LAM_FN_TIMESTAMP_MS] = { lam_fn_calendar, LAM_K_FAILS },
	[LAM_FN_LIST_COUNT] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_ANY_VALUE] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_HAS_ALL] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_HAS_ANY] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_LIST_INTERSECT] = { lam_fn_list, LAM_K_FAILS },
	[LAM_FN_SPLIT_REGEX] = { lam_fn_regex, LAM_K_FAILS },
	[LAM_FN_JSON_VALID] = { lam_fn_json_is, 0 },
	[LAM_FN_JSON_EXISTS] = { lam_fn_json_is, LAM_K_FAILS },
	[LAM_FN_JSON_LENGTH] = { lam_fn_json_length, LAM_K_FAILS },
	[LAM_FN_JSON_LENGTH_AT] = { lam_fn_json_length, LAM_K_FAILS },
	[LAM_FN_JSON_TYPE] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_JSON_TYPE_AT] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_JSON_KEYS] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_JSON_KEYS_AT] = { lam_fn_make, LAM_K_FAILS },
	[LAM_FN_GEO] = { lam_fn_look_up, 0 },
	[LAM_FN_IS_BOT] = { lam_fn_look_up, LAM_K_FAILS },
	[LAM_FN_USER_AGENT] = { lam_fn_look_up, LAM_K_FAILS },
	[LAM_FN_PRINTF] = { lam_fn_printf, LAM_K_FAILS },
	[LAM_FN_FORMAT] = { lam_fn_printf, LAM_K_FAILS },
};

static int
eval_call(const struct lam_expr *x, struct lam_frame *f, struct lam_vec *out,
	struct lam_error *e)
{
	const struct lam_plan *p = lam_plan_of(x);
	struct lam_call c = { .x = x, .plan = p, .arena = f->arena, .e = e,
		.faults = &f->faults, .n = f->n };
	struct lam_vec *arg = LAM_ARENA_NEW(f->arena, struct lam_vec,
		p->count + 1);
	int rc;

	if (!arg)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < p->count; i++)
		if ((rc = lam_expr_eval(x->arg[p->first + i], f, &arg[i], e)))
			return rc;
	return lam_apply(&c, &lam_kernel[x->fn], arg, p->count, out);
}

static int
eval_node(const struct lam_expr *x, struct lam_frame *f, struct lam_vec *out,
	struct lam_error *e)
{
	if (x->kind == LAM_X_CASE)
		return lam_eval_case(x, f, out, e);
	if (!(lam_kernel[x->fn].flags & LAM_K_LAZY))
		return eval_call(x, f, out, e);
	if (x->fn == LAM_FN_COALESCE)
		return lam_eval_coalesce(x, f, out, e);
	return lam_eval_logic(x, f, out, e);
}

/* ------------------------------------------------- over the leaf's dictionary */

struct tree_eval {
	struct lam_dict_eval l;
	const struct lam_expr *x;
	const struct lam_vec *dict;
};

struct entry_frame {
	struct lam_frame f;
	const struct lam_vec *leaf;
};

static int
entry_leaf(struct lam_frame *f, const struct lam_expr *x,
	const struct lam_vec **out, struct lam_error *e)
{
	(void)x;
	(void)e;
	*out = ((struct entry_frame *)f)->leaf;
	return LAM_OK;
}

static int
run_tree(struct lam_dict_eval *eval, const uint16_t *sel, uint32_t m,
	struct lam_vec *out, struct lam_error *e)
{
	struct tree_eval *l = (struct tree_eval *)eval;
	struct lam_vec *kept = LAM_ARENA_NEW(l->l.arena, struct lam_vec, 1);
	struct entry_frame f = { .f = { .n = m, .arena = l->l.arena,
		.leaf = entry_leaf }, .leaf = l->dict };
	int rc;

	if (!kept)
		return lam_fail_mem(e);
	if (sel) {
		if (!lam_vec_take(l->dict, sel, m, l->l.arena, kept))
			return lam_fail_mem(e);
		f.leaf = kept;
	}
	rc = eval_node(l->x, &f.f, out, e);
	l->l.faults = f.f.faults;
	return rc;
}

/* The one leaf below X is constant: so is X. */
static int
eval_once(struct tree_eval *l, struct lam_vec *out, struct lam_error *e)
{
	struct lam_vec *r = LAM_ARENA_NEW(l->l.arena, struct lam_vec, 1);
	const struct lam_vec *flat;
	int rc;

	if (!r)
		return lam_fail_mem(e);
	if ((rc = run_tree(&l->l, NULL, 1, r, e)))
		return rc;
	flat = r->rep == LAM_CONST ? r->dict : lam_vec_flat(r, l->l.arena);
	if (!flat)
		return lam_fail_mem(e);
	lam_out_const(flat, l->l.n, out);
	return lam_faults_spread(l->l.up, &l->l.faults, NULL, l->l.n,
		l->l.arena, e);
}

/* *DONE when X could be had from the dictionary of its only leaf. */
static int
eval_by_entry(const struct lam_expr *x, struct lam_frame *f,
	struct lam_vec *out, bool *done, struct lam_error *e)
{
	struct tree_eval l = { .l = { .run = run_tree, .arena = f->arena,
		.n = f->n, .up = &f->faults }, .x = x };
	bool whole = x->kind == LAM_X_CASE ||
		!(lam_kernel[x->fn].flags & LAM_K_FOR);
	const struct lam_vec *v;
	struct lam_vec dict;
	int rc;

	if ((rc = f->leaf(f, lam_plan_of(x)->leaf, &v, e)))
		return rc;
	*done = v->rep == LAM_DICT || v->rep == LAM_CONST;
	if (v->rep == LAM_FOR && whole) {
		if ((rc = lam_for_dict(v, f->arena, &dict, done, e)))
			return rc;
		v = *done ? &dict : v;
	}
	if (!*done)
		return LAM_OK;
	l.dict = v->dict;
	if (v->rep == LAM_CONST)
		return eval_once(&l, out, e);
	l.l.code = v->code;
	l.l.entries = v->dict->n;
	return lam_dict_eval(&l.l, out, e);
}

/* FIELD = 'text': *DONE when it could be looked for where it is stored. */
static int
eval_match(const struct lam_expr *x, struct lam_frame *f, struct lam_vec *out,
	bool *done, struct lam_error *e)
{
	const struct lam_expr *l, *r;

	if (!f->match || x->kind != LAM_X_CALL || x->fn != LAM_FN_EQ)
		return LAM_OK;
	l = x->arg[x->arg[0]->kind == LAM_X_CONST];
	r = x->arg[x->arg[0]->kind != LAM_X_CONST];
	if (l->kind != LAM_X_FIELD || l->type != LAM_TEXT ||
	    r->kind != LAM_X_CONST || r->null)
		return LAM_OK;
	return f->match(f, l, r->text, out, done, e);
}

int
lam_expr_eval(const struct lam_expr *x, struct lam_frame *f,
	struct lam_vec *out, struct lam_error *e)
{
	const struct lam_plan *p = lam_plan_of(x);
	const struct lam_vec *v;
	bool done = false;
	int rc;

	if (f->n == 0) {
		lam_out_null(x->type, 0, out);
		return LAM_OK;
	}
	if (x->kind == LAM_X_CONST) {
		*out = p->value;
		out->n = f->n;
		return LAM_OK;
	}
	if (x->kind != LAM_X_CALL && x->kind != LAM_X_CASE) {
		if ((rc = f->leaf(f, x, &v, e)))
			return rc;
		*out = *v;
		return LAM_OK;
	}
	if ((rc = eval_match(x, f, out, &done, e)) || done)
		return rc;
	if (p->leaf && ((rc = eval_by_entry(x, f, out, &done, e)) || done))
		return rc;
	return eval_node(x, f, out, e);
}

static bool
same_const(const struct lam_expr *a, const struct lam_expr *b)
{
	return a->null == b->null && a->num.m == b->num.m &&
		a->num.scale == b->num.scale && a->time == b->time &&
		a->months == b->months && a->boolean == b->boolean &&
		lam_str_cmp(a->text, b->text) == 0;
}

bool
lam_expr_same(const struct lam_expr *a, const struct lam_expr *b, unsigned depth)
{
	if (a == b)
		return true;
	if (depth == 0 || a->kind != b->kind || a->type != b->type ||
		a->raw != b->raw || a->fn != b->fn || a->index != b->index ||
		a->index2 != b->index2 || a->final != b->final ||
		a->nargs != b->nargs || a->reference != b->reference ||
		!same_const(a, b))
		return false;
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!lam_expr_same(a->arg[i], b->arg[i], depth - 1))
			return false;
	return true;
}
