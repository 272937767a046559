/*
 * parse_foreign.c - words of other dialects, and what to write instead
 *
 * They are no words of lam's: a column may have such a name.  So they are looked for
 * where something else is expected, and where a name stands without AS.
 */
#include "sql/parse_internal.h"

static const char matches[] = "x ~ 'pattern'";
static const char columns[] = "count(*) FILTER (WHERE x = 'a') AS a for each "
	"column";
static const char sample[] = "WHERE with a condition on a column: an answer is of all "
	"rows";

static const struct {
	const char *word, *text;
} foreign[] = {
	{ ":", "json_extract_string(x, '$.key') for x:key" },
	{ "any", "JOIN (SELECT DISTINCT ON (key) ...) for one row of each key" },
	{ "pivot", columns },
	{ "prewhere", "WHERE" },
	{ "regexp", matches },
	{ "rlike", matches },
	{ "separator", "string_agg(x, ',')" },
	{ "tablesample", sample },
	{ "unpivot", "UNION ALL of a SELECT for each column" },
	{ "using", sample },
};

const char *
lam_parse_foreign(const struct lam_token *t)
{
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		if (lam_token_is(t, foreign[i].word))
			return foreign[i].text;
	return NULL;
}

const char *
lam_parse_statement(const struct lam_token *t)
{
	return lam_token_is(t, "create") ? "the query of a view into the file "
		"views/NAME.sql of the dataset" : lam_token_is(t, "insert") ||
		lam_token_is(t, "copy") ? "text into a stream with lam-ingest" :
		lam_token_is(t, "delete") || lam_token_is(t, "update") ||
		lam_token_is(t, "drop") || lam_token_is(t, "alter") ?
		"WHERE in a query: a log keeps every record as it came" : NULL;
}

bool
lam_parse_limit_ends(struct lam_parser *p)
{
	if (lam_parse_is(p, ","))
		lam_parse_expected(p, "the end: for LIMIT a, b write LIMIT b "
			"OFFSET a");
	else if (lam_parse_is(p, "by"))
		lam_parse_expected(p, "the end: for LIMIT n BY x write QUALIFY "
			"row_number() OVER (PARTITION BY x ORDER BY ...) <= n");
	else if (lam_parse_is(p, "with"))
		lam_parse_expected(p, "the end: for WITH TIES write QUALIFY rank() "
			"OVER (ORDER BY ...) <= n");
	else
		return true;
	return false;
}
