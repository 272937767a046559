/*
 * func.c - the function table and the names people know its rows by
 *
 * A synonym costs one line here and nothing anywhere else: it becomes the
 * canonical name while parsing, so normalised text, group keys and states do
 * not see it.
 */
#include "sql/func_internal.h"

#include <string.h>

#include "base/near.h"
#include "sql/ast.h"
#include "sql/parse.h"
#include "time/time.h"
#include "time/unit.h"

const struct lam_func lam_func[LAM_FNS] = {
#define F(id, name, args, result) { name, args, result },
	LAM_FUNCTIONS(F)
#undef F
};

struct synonym {
	const char *name, *canonical;
};

static const struct synonym synonym[] = {
	{ "ceiling", "ceil" },
	{ "char_length", "length" },
	{ "character_length", "length" },
	{ "array_append", "list_append" },
	{ "array_push_back", "list_append" },
	{ "array_cat", "list_concat" },
	{ "array_concat", "list_concat" },
	{ "array_contains", "list_contains" },
	{ "array_distinct", "list_distinct" },
	{ "array_extract", "list_extract" },
	{ "array_has", "list_contains" },
	{ "array_has_all", "list_has_all" },
	{ "array_has_any", "list_has_any" },
	{ "array_indexof", "list_position" },
	{ "array_intersect", "list_intersect" },
	{ "array_position", "list_position" },
	{ "array_reverse", "list_reverse" },
	{ "array_reverse_sort", "list_reverse_sort" },
	{ "array_slice", "list_slice" },
	{ "array_sort", "list_sort" },
	{ "array_unique", "list_unique" },
	{ "cardinality", "array_length" },
	{ "bin", "to_binary" },
	{ "datediff", "date_diff" },
	{ "datepart", "date_part" },
	{ "datesub", "date_sub" },
	{ "datetrunc", "date_trunc" },
	{ "editdist3", "levenshtein" },
	{ "formatreadablesize", "format_bytes" },
	{ "from_hex", "unhex" },
	{ "greatest_common_divisor", "gcd" },
	{ "ifnull", "coalesce" },
	{ "instr", "strpos" },
	{ "json_extract_path", "json_extract" },
	{ "json_extract_path_text", "json_extract_string" },
	{ "lcase", "lower" },
	{ "least_common_multiple", "lcm" },
	{ "len", "length" },
	{ "list_cat", "list_concat" },
	{ "list_element", "list_extract" },
	{ "list_has", "list_contains" },
	{ "list_indexof", "list_position" },
	{ "list_pack", "list_value" },
	{ "pg_size_pretty", "format_bytes" },
	{ "pow", "power" },
	{ "prefix", "starts_with" },
	{ "ord", "ascii" },
	{ "regexp_split_to_array", "string_split_regex" },
	{ "split", "string_split" },
	{ "str_split", "string_split" },
	{ "str_split_regex", "string_split_regex" },
	{ "string_to_array", "string_split" },
	{ "strlen", "octet_length" },
	{ "substring", "substr" },
	{ "suffix", "ends_with" },
	{ "to_base64", "base64" },
	{ "to_hex", "hex" },
	{ "ucase", "upper" },
	{ "unicode", "ascii" },
};

/* Aggregates, by other names than their own. */
static const struct {
	const char *name;
	enum lam_agg agg;
} aggregate[] = {
	{ "approx_top_k", LAM_AGG_TOP_K },
	{ "arbitrary", LAM_AGG_FIRST },
	{ "argmax", LAM_AGG_ARG_MAX },
	{ "argmin", LAM_AGG_ARG_MIN },
	{ "favg", LAM_AGG_AVG },
	{ "fsum", LAM_AGG_SUM },
	{ "group_concat", LAM_AGG_STRING_AGG },
	{ "kahan_sum", LAM_AGG_SUM },
	{ "list", LAM_AGG_ARRAY_AGG },
	{ "listagg", LAM_AGG_STRING_AGG },
	{ "max_by", LAM_AGG_ARG_MAX },
	{ "mean", LAM_AGG_AVG },
	{ "min_by", LAM_AGG_ARG_MIN },
	{ "percentile_cont", LAM_AGG_QUANTILE_CONT },
	{ "percentile_disc", LAM_AGG_QUANTILE_DISC },
	{ "quantile", LAM_AGG_QUANTILE_DISC },
	{ "std", LAM_AGG_STDDEV_SAMP },
	{ "sumkahan", LAM_AGG_SUM },
	{ "stddev", LAM_AGG_STDDEV_SAMP },
	{ "variance", LAM_AGG_VAR_SAMP },
};

/* Functions of one time, each the date_part of its unit. */
static const struct synonym part[] = {
	{ "century", "century" },
	{ "day", "day" },
	{ "dayofmonth", "day" },
	{ "dayofweek", "dow" },
	{ "dayofyear", "doy" },
	{ "decade", "decade" },
	{ "hour", "hour" },
	{ "isodow", "isodow" },
	{ "isoyear", "isoyear" },
	{ "microsecond", "microsecond" },
	{ "millennium", "millennium" },
	{ "millisecond", "millisecond" },
	{ "minute", "minute" },
	{ "month", "month" },
	{ "nanosecond", "nanosecond" },
	{ "quarter", "quarter" },
	{ "second", "second" },
	{ "week", "week" },
	{ "weekday", "dow" },
	{ "weekofyear", "week" },
	{ "year", "year" },
	{ "yearweek", "yearweek" },
};

static const char *const unit_name[LAM_UNITS] = {
	[LAM_NANOSECOND] = "nanosecond", [LAM_MICROSECOND] = "microsecond",
	[LAM_MILLISECOND] = "millisecond", [LAM_SECOND] = "second",
	[LAM_MINUTE] = "minute", [LAM_HOUR] = "hour", [LAM_DAY] = "day",
	[LAM_WEEK] = "week", [LAM_MONTH] = "month", [LAM_QUARTER] = "quarter",
	[LAM_YEAR] = "year", [LAM_DECADE] = "decade",
	[LAM_CENTURY] = "century",
};

/* Arguments beyond the row's, all optional and constant. */
static const char *
extra(enum lam_fn fn)
{
	switch (fn) {
	case LAM_FN_LIKE:
	case LAM_FN_ILIKE:
	case LAM_FN_REGEXP_MATCHES:
	case LAM_FN_REGEXP_REPLACE:
		return "t";
	case LAM_FN_REGEXP_EXTRACT:
	case LAM_FN_REGEXP_EXTRACT_ALL:
		return "nt";
	case LAM_FN_SPLIT_REGEX:
		return "t";
	case LAM_FN_LIST_SORT:
		return "tt";
	case LAM_FN_LIST_REVERSE_SORT:
		return "t";
	default:
		return "";
	}
}

char
lam_func_arg(enum lam_fn fn, uint32_t i, uint32_t n)
{
	const char *args = lam_func[fn].args;
	size_t fixed = strlen(args);
	bool repeats = args[fixed - 1] == '*';
	const char *more = extra(fn);

	fixed -= repeats;
	if (n < fixed || (!repeats && n > fixed + strlen(more)))
		return '\0';
	if (i < fixed)
		return args[i];
	return repeats ? args[fixed - 1] : more[i - fixed];
}

bool
lam_func_constant(enum lam_fn fn, uint32_t i)
{
	switch (fn) {
	case LAM_FN_LIKE:
	case LAM_FN_ILIKE:
	case LAM_FN_ROUND2:
	case LAM_FN_TRUNC2:
	case LAM_FN_STRFTIME:
	case LAM_FN_STRPTIME:
	case LAM_FN_TRY_STRPTIME:
	case LAM_FN_GEO:
	case LAM_FN_IS_BOT:
	case LAM_FN_USER_AGENT:
	case LAM_FN_LIST_SORT:
	case LAM_FN_LIST_REVERSE_SORT:
		return i >= 1;
	case LAM_FN_PRINTF:
	case LAM_FN_FORMAT:
		return i == 0;
	case LAM_FN_BUCKET_FROM:
	case LAM_FN_ZONE_BUCKET_FROM:
		return i == 2;
	case LAM_FN_REGEXP_MATCHES:
	case LAM_FN_REGEXP_EXTRACT:
	case LAM_FN_REGEXP_EXTRACT_ALL:
	case LAM_FN_SPLIT_REGEX:
		return i >= 2;
	case LAM_FN_REGEXP_REPLACE:
		return i == 3;
	default:
		return false;
	}
}

bool
lam_func_mixes(enum lam_fn fn)
{
	return fn == LAM_FN_CONCAT || fn == LAM_FN_CONCAT_WS ||
		fn == LAM_FN_TUPLE || fn == LAM_FN_ROW ||
		fn == LAM_FN_PRINTF || fn == LAM_FN_FORMAT ||
		fn == LAM_FN_LOOKUP;
}

/* Is row FN called by its name, not an operator or a cast? */
static bool
callable(int fn)
{
	return fn >= LAM_FN_COALESCE && lam_func[fn].name[0] >= 'a' &&
		strchr(lam_func[fn].name, ' ') == NULL;
}

enum lam_fn
lam_func_find(struct lam_str name)
{
	for (size_t i = 0; i < sizeof synonym / sizeof *synonym; i++)
		if (lam_str_is(name, synonym[i].name))
			name = (struct lam_str){ synonym[i].canonical,
				strlen(synonym[i].canonical) };
	for (int fn = 0; fn < LAM_FNS; fn++)
		if (callable(fn) && lam_str_is(name, lam_func[fn].name))
			return (enum lam_fn)fn;
	return LAM_FNS;
}

int
lam_func_aggregate(struct lam_str name)
{
	for (size_t i = 0; i < sizeof aggregate / sizeof *aggregate; i++)
		if (lam_str_is(name, aggregate[i].name))
			return (int)aggregate[i].agg;
	/* COUNT comes after COUNT_STAR, which has its name. */
	for (int i = LAM_AGG_COUNT; i < LAM_AGGS; i++)
		if (lam_str_is(name, lam_aggregate[i].name))
			return i;
	return -1;
}

const char *
lam_func_part(struct lam_str name)
{
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		if (lam_str_is(name, part[i].name))
			return part[i].canonical;
	return NULL;
}

const char *
lam_func_unit(struct lam_str name, bool trunc, uint32_t *id)
{
	enum lam_unit u = lam_unit_parse(name.p, name.n);
	const char *same = lam_func_part(name);

	*id = u;
	if (u != LAM_UNITS)
		return unit_name[u];
	if (trunc)
		return NULL;
	if (same == NULL && lam_str_is(name, "dow"))
		same = "dow";
	if (same == NULL && lam_str_is(name, "doy"))
		same = "doy";
	if (same == NULL)
		return NULL;
	if (strcmp(same, "dow") == 0)
		*id = LAM_PART_DOW;
	else if (strcmp(same, "isodow") == 0)
		*id = LAM_PART_ISODOW;
	else if (strcmp(same, "doy") == 0)
		*id = LAM_PART_DOY;
	else if (strcmp(same, "isoyear") == 0)
		*id = LAM_PART_ISOYEAR;
	else if (strcmp(same, "yearweek") == 0)
		*id = LAM_PART_YEARWEEK;
	else if (strcmp(same, "millennium") == 0)
		*id = LAM_PART_MILLENNIUM;
	else
		*id = lam_unit_parse(same, strlen(same));
	return same;
}

static struct lam_str
str(const char *s)
{
	return (struct lam_str){ s, strlen(s) };
}

/* Name I of the tables of other names, and then of those of the parser. */
static const char *
other_name(size_t i)
{
	size_t n = sizeof part / sizeof *part;

	if (i < n)
		return part[i].name;
	i -= n;
	n = sizeof synonym / sizeof *synonym;
	if (i < n)
		return synonym[i].name;
	return lam_parse_own_name(i - n);
}

const char *
lam_func_name(size_t i)
{
	size_t aggregates = sizeof aggregate / sizeof *aggregate;

	if (i < LAM_FNS)
		return callable((int)i) ? lam_func[i].name : "";
	i -= LAM_FNS;
	if (i < LAM_AGGS)
		return lam_aggregate[i].name;
	i -= LAM_AGGS;
	if (i < aggregates)
		return aggregate[i].name;
	return other_name(i - aggregates);
}

const char *
lam_func_near(struct lam_str name)
{
	const char *known;

	for (size_t i = 0; (known = lam_func_name(i)); i++)
		if (*known && lam_near(name, str(known)))
			return known;
	return NULL;
}
