/*
 * func_instead.c - functions of other systems, and what to write instead
 *
 * What follows "write" is an expression that runs, of columns ts, text, url, x, a, b.
 */
#include "sql/func_internal.h"
#include "sql/lex.h"

static const char choice[] = "write CASE WHEN a > b THEN a ELSE b END";
static const char cast[] = "write cast(x AS BIGINT) or try_cast(x AS DOUBLE)";
static const char distinct[] = "write count(DISTINCT x)";
static const char filter[] = "write sum(x) FILTER (WHERE a > b)";
static const char form[] = "write strftime(ts, '%Y-%m-%d')";
static const char bucket[] = "write time_bucket(INTERVAL '5 minutes', ts)";
static const char angle[] = "there is no trigonometry";
static const char read[] = "write strptime(text, '%d/%m/%Y')";
static const char rows[] = "elements are computed as rows, FROM t, "
	"unnest(t.x) AS u(e)";
static const char member[] = "write json_extract_string(text, '$.key')";
static const char step[] = "a time for each step: write min(ts) FILTER (WHERE "
	"a > b)";
static const char matches[] = "write regexp_matches(text, 'a.*z')";

static const struct {
	const char *name, *text;
} instead[] = {
	{ "acos", angle },
	{ "approx_distinct", "write approx_count_distinct(x)" },
	{ "approx_percentile", "write approx_quantile(x, 0.9)" },
	{ "approx_quantiles", "write approx_quantile(x, 0.9)" },
	{ "arrayjoin", rows },
	{ "asin", angle },
	{ "atan", angle },
	{ "atan2", angle },
	{ "avgif", "write avg(x) FILTER (WHERE a > b)" },
	{ "bar", "write repeat('#', x)" },
	{ "charindex", "write strpos(text, 'part')" },
	{ "convert", cast },
	{ "cos", angle },
	{ "date_bin", bucket },
	{ "date_format", form },
	{ "dateadd", "write ts + INTERVAL '1 day'" },
	{ "decode", "of base64 and hex there are from_base64 and unhex; else: "
		"write CASE x WHEN 200 THEN 'ok' ELSE 'bad' END" },
	{ "domain", "write url_host(url)" },
	{ "encode", "write base64(text) or lower(hex(text))" },
	{ "extracturlparameter", "write url_param(url, 'q')" },
	{ "format_date", form },
	{ "format_timestamp", form },
	{ "formatdatetime", form },
	{ "from_unixtime", "write to_timestamp(x)" },
	{ "get_json_object", member },
	{ "getdate", "write now()" },
	{ "grouparray", "write array_agg(x)" },
	{ "iif", choice },
	{ "isnull", "write x IS NULL or coalesce(a, b)" },
	{ "json_array_elements", rows },
	{ "json_array_elements_text", rows },
	{ "json_extract_scalar", member },
	{ "json_value", member },
	{ "jsonb_array_elements", rows },
	{ "jsonb_array_elements_text", rows },
	{ "jsonextractraw", member },
	{ "jsonextractstring", member },
	{ "laginframe", "write lag(x) OVER (ORDER BY ts)" },
	{ "leadinframe", "write lead(x) OVER (ORDER BY ts)" },
	{ "list_aggregate", "aggregates are of rows: write sum(x)" },
	{ "list_apply", rows },
	{ "list_filter", rows },
	{ "list_reduce", rows },
	{ "list_transform", rows },
	{ "locate", "write strpos(text, 'part')" },
	{ "locf", "write last_value(x IGNORE NULLS) OVER (ORDER BY ts)" },
	{ "mid", "write substr(text, 1, 3)" },
	{ "nvl", "write coalesce(a, b)" },
	{ "nvl2", choice },
	{ "parse_timestamp", read },
	{ "parse_url", "write url_host(url) or url_param(url, 'q')" },
	{ "parsedatetime", read },
	{ "percentile", "write quantile_cont(x, 0.9)" },
	{ "percentile_approx", "write approx_quantile(x, 0.9)" },
	{ "quantileexact", "write quantile_disc(x, 0.9)" },
	{ "random", "an answer depends on the records alone; write "
		"the value" },
	{ "regexp_contains", matches },
	{ "regexp_like", matches },
	{ "regexp_substr", "write regexp_extract(text, 'a.*z')" },
	{ "runningdifference", "write x - lag(x) OVER (ORDER BY ts)" },
	{ "safe_cast", "write try_cast(x AS DOUBLE)" },
	{ "safe_divide", "write a / b" },
	{ "sequence_match", step },
	{ "sequencematch", step },
	{ "sin", angle },
	{ "str_to_date", read },
	{ "substring_index", "write split_part(text, '/', 2)" },
	{ "sumif", filter },
	{ "sysdate", "write now()" },
	{ "tan", angle },
	{ "time_bucket_gapfill", "rows for empty buckets are what --fill "
		"gives: write time_bucket(INTERVAL '1 hour', ts)" },
	{ "timestamp_diff", "write date_diff('hour', ts, ts)" },
	{ "timestamp_trunc", "write date_trunc('hour', ts)" },
	{ "timestampdiff", "write date_diff('hour', ts, ts)" },
	{ "to_char", form },
	{ "to_date", read },
	{ "todate", "write cast(ts AS DATE)" },
	{ "todayofweek", "write extract(isodow FROM ts)" },
	{ "tofloat64", cast },
	{ "tohour", "write extract(hour FROM ts)" },
	{ "toint64", cast },
	{ "tominute", "write extract(minute FROM ts)" },
	{ "tomonth", "write extract(month FROM ts)" },
	{ "tostartofday", "write date_trunc('day', ts)" },
	{ "tostartoffifteenminutes", bucket },
	{ "tostartoffiveminutes", bucket },
	{ "tostartofhour", "write date_trunc('hour', ts)" },
	{ "tostartofinterval", bucket },
	{ "tostartofminute", "write date_trunc('minute', ts)" },
	{ "tostartofmonth", "write date_trunc('month', ts)" },
	{ "tostartofsecond", "write date_trunc('second', ts)" },
	{ "tostartofweek", "write date_trunc('week', ts)" },
	{ "tostartofyear", "write date_trunc('year', ts)" },
	{ "tostring", "write cast(x AS VARCHAR)" },
	{ "tounixtimestamp", "write epoch(ts)" },
	{ "toyear", "write extract(year FROM ts)" },
	{ "toyyyymm", "write strftime(ts, '%Y%m')" },
	{ "toyyyymmdd", "write strftime(ts, '%Y%m%d')" },
	{ "tumble", bucket },
	{ "uniq", distinct },
	{ "uniqcombined", distinct },
	{ "uniqexact", distinct },
	{ "typeof", "the types of an answer are what DESCRIBE SELECT ... shows" },
	{ "unix_timestamp", "write epoch(ts)" },
	{ "url_extract_host", "write url_host(url)" },
	{ "url_extract_parameter", "write url_param(url, 'q')" },
	{ "url_extract_path", "write url_path(url)" },
	{ "visitparamextractstring", member },
	{ "window_funnel", step },
	{ "windowfunnel", step },
};

const char *
lam_func_instead(struct lam_str name)
{
	for (size_t i = 0; i < sizeof instead / sizeof *instead; i++)
		if (lam_str_is(name, instead[i].name))
			return instead[i].text;
	return NULL;
}
