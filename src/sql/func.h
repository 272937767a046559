/*
 * func.h - the function table: names, argument and result types
 *
 * One row per function and overload; the engine has one kernel per enum value
 * (fn/fn_*.c).  Operators are functions.  Names and meanings are those of
 * DuckDB and PostgreSQL; lam-view(5) is the manual.  Unless said otherwise a
 * NULL argument gives NULL.
 */
#ifndef LAM_SQL_FUNC_H
#define LAM_SQL_FUNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* n number, t text, T time, b boolean, a any (all alike), i interval
 * (constant), s interval (a number: time/span.h), u unit (constant text),
 * z zone and r regex (likewise), l list, N list
 * of numbers, e what that list's elements are, S list of texts,
 * w path with a star (constant), k the constant 'bot'; * repeats last. */
#define LAM_FUNCTIONS(F)						\
	/* id		sql name	 args	result */		\
	F(NEG,		"-",		 "n",	'n')			\
	F(ADD,		"+",		 "nn",	'n')			\
	F(SUB,		"-",		 "nn",	'n')			\
	F(MUL,		"*",		 "nn",	'n')			\
	F(DIV,		"/",		 "nn",	'n') /* by 0: NULL */	\
	F(IDIV,		"//",		 "nn",	'n') /* toward 0, by 0: NULL */ \
	F(MOD,		"%",		 "nn",	'n') /* by 0: NULL */	\
	F(TIME_ADD,	"+",		 "Ti",	'T')			\
	F(TIME_SUB,	"-",		 "Ti",	'T')			\
	F(CONCAT_OP,	"||",		 "tt",	't')			\
	F(EQ,		"=",		 "aa",	'b')			\
	F(NE,		"<>",		 "aa",	'b')			\
	F(LT,		"<",		 "aa",	'b')			\
	F(LE,		"<=",		 "aa",	'b')			\
	F(GT,		">",		 "aa",	'b')			\
	F(GE,		">=",		 "aa",	'b')			\
	F(AND,		"and",		 "bb",	'b') /* 3-valued */	\
	F(OR,		"or",		 "bb",	'b') /* 3-valued */	\
	F(NOT,		"not",		 "b",	'b')			\
	F(IS_NULL,	"is null",	 "a",	'b') /* never NULL */	\
	F(IS_NOT_NULL,	"is not null",	 "a",	'b') /* never NULL */	\
	F(IS_DISTINCT,	"is distinct from", "aa", 'b') /* never NULL */	\
	F(IN,		"in",		 "aa*",	'b') /* SQL's NULL rules */ \
	F(LIKE,		"like",		 "tt",	'b') /* constant; escape: arg 3 */ \
	F(ILIKE,	"ilike",	 "tt",	'b')			\
	F(COALESCE,	"coalesce",	 "a*",	'a')			\
	F(NULLIF,	"nullif",	 "aa",	'a')			\
	F(GREATEST,	"greatest",	 "a*",	'a') /* skips NULLs */	\
	F(LEAST,	"least",	 "a*",	'a') /* skips NULLs */	\
	F(LOWER,	"lower",	 "t",	't') /* ASCII letters */ \
	F(UPPER,	"upper",	 "t",	't')			\
	F(LENGTH,	"length",	 "t",	'n') /* code points */	\
	F(OCTETS,	"octet_length",	 "t",	'n')			\
	F(TRIM,		"trim",		 "t",	't') /* blanks */	\
	F(LTRIM,	"ltrim",	 "t",	't')			\
	F(RTRIM,	"rtrim",	 "t",	't')			\
	F(TRIM2,	"trim",		 "tt",	't') /* any of the characters */ \
	F(LTRIM2,	"ltrim",	 "tt",	't')			\
	F(RTRIM2,	"rtrim",	 "tt",	't')			\
	F(SUBSTR2,	"substr",	 "tn",	't') /* 1-based, code points */ \
	F(SUBSTR3,	"substr",	 "tnn",	't')			\
	F(LEFT,		"left",		 "tn",	't')			\
	F(RIGHT,	"right",	 "tn",	't')			\
	F(REPLACE,	"replace",	 "ttt",	't')			\
	F(SPLIT_PART,	"split_part",	 "ttn",	't')			\
	F(STARTS_WITH,	"starts_with",	 "tt",	'b')			\
	F(ENDS_WITH,	"ends_with",	 "tt",	'b')			\
	F(CONTAINS,	"contains",	 "tt",	'b')			\
	F(STRPOS,	"strpos",	 "tt",	'n')			\
	F(REVERSE,	"reverse",	 "t",	't')			\
	F(CONCAT,	"concat",	 "a*",	't') /* mixed types; skips NULLs */ \
	F(REGEXP_MATCHES, "regexp_matches", "tr", 'b') /* options: arg 3 */ \
	F(REGEXP_EXTRACT, "regexp_extract", "tr", 't') /* constant: group, options */ \
	F(REGEXP_REPLACE, "regexp_replace", "trt", 't') /* first; "g": arg 4 */ \
	F(ABS,		"abs",		 "n",	'n')			\
	F(SIGN,		"sign",		 "n",	'n')			\
	F(FLOOR,	"floor",	 "n",	'n')			\
	F(CEIL,		"ceil",		 "n",	'n')			\
	F(ROUND,	"round",	 "n",	'n')			\
	F(ROUND2,	"round",	 "nn",	'n') /* decimals constant */ \
	F(TRUNC,	"trunc",	 "n",	'n')			\
	F(WHOLE,	"whole of",	 "n",	'n') /* 64 bits, or a fault */ \
	F(TUPLE,	"tuple of",	 "a*",	't') /* netstrings */	\
	F(ROW,		"row of",	 "a*",	't') /* also of NULLs */ \
	F(LIST,		"list of",	 "a*",	'L') /* NULL if the first is */ \
	F(MOMENTS,	"moments of",	 "tn*",	'n') /* of sums: aggregate.h */ \
	F(DATE_TRUNC,	"date_trunc",	 "uT",	'T')			\
	F(TIME_BUCKET,	"time_bucket",	 "iT",	'T') /* DuckDB's origins */ \
	F(HOP,		"hop",		 "iT",	'T') /* only a key: bind_hop.c */ \
	F(EXTRACT,	"date_part",	 "uT",	'n') /* extract(u from T) */ \
	F(EPOCH,	"epoch",	 "T",	'n') /* seconds with fraction */ \
	F(EPOCH_MS,	"epoch_ms",	 "T",	'n')			\
	F(STRFTIME,	"strftime",	 "Tt",	't') /* format constant */ \
	F(TO_TEXT,	"cast text",	 "a",	't')			\
	F(TO_NUMBER,	"cast number",	 "a",	'n') /* text: error when not one */ \
	F(TO_INTEGER,	"cast integer",	 "a",	'n') /* rounds */	\
	F(TO_TIME,	"cast time",	 "a",	'T')			\
	F(TO_DATE,	"cast date",	 "a",	'T') /* midnight */	\
	F(TO_BOOL,	"cast boolean",	 "a",	'b')			\
	F(TRY_NUMBER,	"try_cast number", "a",	'n') /* NULL when not one */ \
	F(TRY_INTEGER,	"try_cast integer", "a", 'n')			\
	F(TRY_TIME,	"try_cast time", "a",	'T')			\
	F(TRY_DATE,	"try_cast date", "a",	'T')			\
	F(TRY_BOOL,	"try_cast boolean", "a", 'b')			\
	F(TIME_DIFF,	"date_diff",	 "uTT",	'n') /* DuckDB's */ \
	F(TIMEZONE,	"timezone",	 "zT",	'T') /* T AT TIME ZONE z */ \
	F(LOCAL_TO_UTC,	"local_to_utc",	 "Tz",	'T')			\
	F(ZONE_TRUNC,	"date_trunc",	 "uTz",	'T')			\
	F(ZONE_BUCKET,	"time_bucket",	 "iTz",	'T') \
	F(LPAD,	"lpad",	 "tnt",	't') \
	F(RPAD,	"rpad",	 "tnt",	't') \
	F(REPEAT,	"repeat",	 "tn",	't') \
	F(TRANSLATE,	"translate",	 "ttt",	't') \
	F(CHR,	"chr",	 "n",	't') \
	F(HEX,	"hex",	 "t",	't') \
	F(BASE64,	"base64",	 "t",	't') \
	F(FROM_BASE64,	"from_base64",	 "t",	't') \
	F(URL_ENCODE,	"url_encode",	 "t",	't') \
	F(URL_DECODE,	"url_decode",	 "t",	't') \
	F(URL_HOST,	"url_host",	 "t",	't') \
	F(URL_PATH,	"url_path",	 "t",	't') \
	F(URL_QUERY,	"url_query",	 "t",	't') \
	F(URL_PARAM,	"url_param",	 "tt",	't') \
	F(IP_NETWORK,	"ip_network",	 "tn",	't') \
	F(IP_IN,	"ip_in",	 "tt",	'b') \
	F(GEO,		"geo",		 "tt",	't') /* path constant */ \
	F(IS_BOT,	"user_agent",	 "tk",	'b')			\
	F(USER_AGENT,	"user_agent",	 "tt",	't') /* part constant */ \
	F(LN,		"ln",		 "n",	'n') /* 17 digits: base/real.h */ \
	F(LOG10,	"log10",	 "n",	'n') \
	F(LOG2,		"log2",		 "n",	'n') \
	F(EXP,		"exp",		 "n",	'n') \
	F(SQRT,		"sqrt",		 "n",	'n') \
	F(POWER,	"power",	 "nn",	'n') \
	F(WIDTH_BUCKET,	"width_bucket",	 "nnnn", 'n') \
	F(BUCKET_FROM,	"time_bucket",	 "iTT",	'T') /* origin, constant */ \
	F(BUCKET_OFFSET, "time_bucket",	 "iTi",	'T') \
	F(MAKE_TIMESTAMP, "make_timestamp", "nnnnnn", 'T') \
	F(TIMESTAMP_US,	"make_timestamp", "n",	'T') /* microseconds */ \
	F(TO_TIMESTAMP,	"to_timestamp",	 "n",	'T') /* seconds */ \
	F(STRPTIME,	"strptime",	 "tt",	'T') /* format constant */ \
	F(TRY_STRPTIME,	"try_strptime",	 "tt",	'T') \
	F(SPAN_BETWEEN,	"-",		 "TT",	's') /* days and a time */ \
	F(SECONDS_BETWEEN, "seconds between", "TT", 'n') /* the same, compared */ \
	F(DAYS_BETWEEN,	"days between",	 "TT",	'n') /* - of two dates */ \
	F(JSON_ALL,	"json_extract",	 "tw",	'S') /* as the path says */ \
	F(JSON,		"json_extract",	 "tt",	't') /* -> */	\
	F(JSON_AT,	"json_extract",	 "tn",	't')		\
	F(JSON_TEXT_ALL, "json_extract_string", "tw", 'S')	\
	F(JSON_TEXT,	"json_extract_string", "tt", 't') /* ->> */ \
	F(JSON_TEXT_AT,	"json_extract_string", "tn", 't')	\
	F(MD5,		"md5",		 "t",	't')		\
	F(SHA256,	"sha256",	 "t",	't')		\
	F(ASCII,	"ascii",	 "t",	'n') /* a code point */ \
	F(LEVENSHTEIN,	"levenshtein",	 "tt",	'n')		\
	F(CONCAT_WS,	"concat_ws",	 "ta*",	't') /* skips NULLs but the first */ \
	F(STRING_SPLIT,	"string_split",	 "tt",	'S')		\
	F(REGEXP_EXTRACT_ALL, "regexp_extract_all", "tr", 'S')	\
	F(LIST_VALUE,	"list_value",	 "a*",	'L') /* [a, b]; also of nothing */ \
	F(TO_LIST,	"cast list",	 "at",	't') /* the text names a type */ \
	F(TRY_LIST,	"try_cast list", "at",	't')		\
	F(LIST_AT,	"list_extract",	 "ln",	'e') /* x[n]: from 1, -1 the last */ \
	F(LIST_SLICE,	"list_slice",	 "lnn",	'l') /* x[a:b] */ \
	F(LIST_LEN,	"array_length",	 "l",	'n')		\
	F(LIST_LENGTH,	"length",	 "l",	'n')		\
	F(LIST_HAS,	"list_contains", "le",	'b')		\
	F(LIST_CONTAINS, "contains",	 "le",	'b')		\
	F(LIST_ANY,	"any of",	 "le",	'b') /* x = any(list) */ \
	F(LIST_POSITION, "list_position", "le",	'n')		\
	F(LIST_TEXT,	"array_to_string", "lt", 't')		\
	F(LIST_SORT,	"list_sort",	 "l",	'l') /* constant: ASC, DESC */ \
	F(LIST_REVERSE_SORT, "list_reverse_sort", "l", 'l')	\
	F(LIST_REVERSE,	"list_reverse",	 "l",	'l')		\
	F(LIST_DISTINCT, "list_distinct", "l",	'l') /* without NULL */ \
	F(LIST_UNIQUE,	"list_unique",	 "l",	'n')		\
	F(LIST_SUM,	"list_sum",	 "N",	'n')		\
	F(LIST_AVG,	"list_avg",	 "N",	'n')		\
	F(LIST_MIN,	"list_min",	 "l",	'e')		\
	F(LIST_MAX,	"list_max",	 "l",	'e')		\
	F(LIST_CONCAT,	"list_concat",	 "ll",	'l') /* skips NULLs */ \
	F(LIST_JOINED,	"||",		 "ll",	'l')		\
	F(LIST_APPEND,	"list_append",	 "le",	'l')		\
	F(LIST_PREPEND,	"list_prepend",	 "el",	'l')		\
	F(EPOCH_SPAN,	"epoch",	 "s",	'n')			\
	F(TIME_PLUS,	"+",		 "Tn",	'T') /* seconds: of dates */ \
	F(TIME_MINUS,	"-",		 "Tn",	'T')			\
	F(UNHEX,	"unhex",	 "t",	't')			\
	F(AGE,		"age",		 "TT",	's')			\
	F(SPAN_ADD,	"+",		 "ss",	's')			\
	F(SPAN_SUB,	"-",		 "ss",	's')			\
	F(SPAN_NEG,	"-",		 "s",	's')			\
	F(SPAN_MUL,	"*",		 "sn",	's')			\
	F(SPAN_TIMES,	"*",		 "ns",	's')			\
	F(SPAN_DIV,	"/",		 "sn",	's') /* by 0: NULL */	\
	F(SPAN_PLUS,	"+",		 "Ts",	'T')			\
	F(SPAN_MINUS,	"-",		 "Ts",	'T')			\
	F(SPAN_PART,	"date_part",	 "us",	'n')			\
	F(SPAN_SECONDS,	"seconds of",	 "s",	'n') /* compared: 30 days a month */ \
	F(SPAN_TEXT,	"text of",	 "s",	't') /* as DuckDB prints it */ \
	F(TO_SPAN,	"cast interval", "a",	's')			\
	F(TRY_SPAN,	"try_cast interval", "a", 's')			\
	F(PRINTF,	"printf",	 "ta*",	't') /* mixed; format constant */ \
	F(FORMAT,	"format",	 "ta*",	't') /* likewise */	\
	F(JSON_VALID,	"json_valid",	 "t",	'b')			\
	F(JSON_EXISTS,	"json_exists",	 "tt",	'b')			\
	F(JSON_LENGTH,	"json_array_length", "t", 'n')			\
	F(JSON_LENGTH_AT, "json_array_length", "tt", 'n')		\
	F(JSON_TYPE,	"json_type",	 "t",	't')			\
	F(JSON_TYPE_AT,	"json_type",	 "tt",	't')			\
	F(JSON_KEYS,	"json_keys",	 "t",	'S')			\
	F(JSON_KEYS_AT,	"json_keys",	 "tt",	'S')			\
	F(LOOKUP,	"lookup of",	 "a*",	'a') /* sql/ref_file.h */ \
	F(TRUNC2,	"trunc",	 "nn",	'n') /* decimals constant */ \
	F(SHA1,		"sha1",		 "t",	't')			\
	F(HEX_NUMBER,	"hex",		 "n",	't') /* whole, 64 bits */ \
	F(BINARY,	"to_binary",	 "n",	't') /* likewise */	\
	F(BYTES,	"format_bytes",	 "n",	't') /* 1.4 MiB */	\
	F(BITS_AND,	"&",		 "nn",	'n')			\
	F(BITS_OR,	"|",		 "nn",	'n')			\
	F(SHIFT_LEFT,	"<<",		 "nn",	'n')			\
	F(SHIFT_RIGHT,	">>",		 "nn",	'n')			\
	F(XOR,		"xor",		 "nn",	'n')			\
	F(GCD,		"gcd",		 "nn",	'n')			\
	F(LCM,		"lcm",		 "nn",	'n')			\
	F(DATE_SUB,	"date_sub",	 "uTT",	'n') /* whole units between */ \
	F(SPLIT_REGEX,	"string_split_regex", "tr", 'S')		\
	F(TIMESTAMP_MS,	"epoch_ms",	 "n",	'T')			\
	F(LIST_COUNT,	"list_count",	 "l",	'n') /* without NULLs */ \
	F(LIST_ANY_VALUE, "list_any_value", "l", 'e')			\
	F(LIST_HAS_ALL,	"list_has_all",	 "ll",	'b')			\
	F(LIST_HAS_ANY,	"list_has_any",	 "ll",	'b')			\
	F(LIST_INTERSECT, "list_intersect", "ll", 'l') /* in order */ \
	F(LOG,		"log",		 "nn",	'n') /* of a base */	\
	F(ZONE_BUCKET_FROM, "time_bucket", "iTTz", 'T')

enum lam_fn {
#define F(id, name, args, result) LAM_FN_##id,
	LAM_FUNCTIONS(F)
#undef F
	LAM_FNS
};

/*
 * A unit argument (u) is a CONST whose .index is an enum lam_unit
 * (time/time.h) or, for date_part only, one of these.
 */
enum lam_part {
	LAM_PART_DOW = 64, /* 0 Sunday .. 6 Saturday */
	LAM_PART_ISODOW,   /* 1 Monday .. 7 Sunday */
	LAM_PART_DOY,	   /* 1..366 */
	LAM_PART_ISOYEAR,  /* of the week */
	LAM_PART_YEARWEEK, /* 202653: that year and the week */
	LAM_PART_MILLENNIUM
};

struct lam_func {
	const char *name;
	const char *args;
	char result;
};

extern const struct lam_func lam_func[LAM_FNS];

/* May the arguments of FN that are "any" differ in type? */
bool lam_func_mixes(enum lam_fn fn);

/* The name of function or aggregate I, a few of them empty or twice; NULL: there are
 * no more. */
const char *lam_func_name(size_t i);

#endif
