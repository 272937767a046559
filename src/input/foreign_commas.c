/*
 * foreign_commas.c - lines that have commas, and are no table
 *
 * Any line with a comma would be a record of CSV, and where all have as many, nothing
 * is wrong with the records.  So what else such lines may be is known by what no table
 * has: names with values on each line, or a comma within brackets, which would tear
 * them apart.  A value in quotes says nothing, and what only some lines have neither.
 */
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/find.h"
#include "input/foreign.h"

#define LINES_SEEN 64

/* What the lines that are not blank are like, how many of them. */
struct seen {
	size_t lines;
	size_t pairs;	  /* each value is NAME=VALUE */
	size_t assigned;  /* they begin so */
	size_t titled;	  /* they begin with NAME: or "- ", or go on with one */
	size_t torn;	  /* a bracket opens in one value and closes in another */
	size_t ended;	  /* they end as statements do */
	size_t addresses; /* each value is an address of mail */
	size_t blanks;	  /* a blank stands behind each comma, if there is one */
	size_t decimals;  /* each comma is between digits */
	size_t semicolons; /* they have as many as the first, which has some */
	size_t wordy;	  /* there are three words for each value */
};

static bool
is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* The length of the name that S begins with. */
static size_t
name(struct lam_str s)
{
	size_t n = 0;

	while (n < s.n && (is_letter(s.p[n]) || (n && (lam_is_digit(s.p[n]) ||
		memchr("_.-", s.p[n], 3)))))
		n++;
	return n;
}

static struct lam_str
trimmed(struct lam_str s)
{
	while (s.n && *s.p == ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* The value that *LINE begins with, quotes and all, and past its comma. */
static struct lam_str
cut_value(struct lam_str *line)
{
	bool quoted = line->n && *line->p == '"';
	size_t n = 0;
	struct lam_str value;

	for (bool in = false; n < line->n && (in || line->p[n] != ','); n++)
		in ^= quoted && line->p[n] == '"';
	value = (struct lam_str){ line->p, n };
	n += n < line->n;
	line->p += n;
	line->n -= n;
	return value;
}

static bool
is_pair(struct lam_str s)
{
	size_t n = name(s);

	return n && n < s.n && s.p[n] == '=' && (n + 1 == s.n || s.p[n + 1] != '=');
}

/* "bob@example.org", also as "Bob <bob@example.org>". */
static bool
is_address(struct lam_str s)
{
	const char *open = memchr(s.p, '<', s.n), *at;

	if (open && s.p[s.n - 1] == '>')
		s = (struct lam_str){ open + 1, (size_t)(s.p + s.n - open) - 2 };
	at = s.n && *s.p != '"' ? memchr(s.p, '@', s.n) : NULL;
	return at && at > s.p && !memchr(s.p, ' ', s.n) &&
		memchr(at, '.', (size_t)(s.p + s.n - at));
}

/* Brackets that are open behind S, of DEPTH before it. */
static int
brackets(struct lam_str s, int depth)
{
	for (size_t i = 0; i < s.n; i++) {
		depth += memchr("([{", s.p[i], 3) != NULL;
		depth -= depth && memchr(")]}", s.p[i], 3);
	}
	return depth;
}

static void
look_at_values(struct lam_str line, struct seen *x)
{
	bool pairs = true, addresses = true, blanks = true, decimals = true;
	bool torn = false;
	size_t values = 0, empty = 0, spaces = 0;
	int depth = 0;

	while (line.n) {
		struct lam_str raw = cut_value(&line), v = trimmed(raw);
		int before = depth;

		values++;
		pairs &= is_pair(v);
		addresses &= is_address(v);
		blanks &= values == 1 || (raw.n && *raw.p == ' ');
		decimals &= v.n && (values == 1 || lam_is_digit(*raw.p)) &&
			(!line.n || lam_is_digit(raw.p[raw.n - 1]));
		if (v.n && *v.p == '"')
			continue;
		empty += !v.n;
		spaces += lam_find_count(v.p, v.n, ' ');
		depth = brackets(v, depth);
		torn |= before && depth < before;
	}
	x->pairs += values > 1 && pairs;
	x->addresses += values > 1 && addresses;
	x->blanks += blanks;
	x->decimals += values == 1 || decimals;
	x->torn += torn;
	x->wordy += values > empty && spaces >= 2 * (values - empty);
}

/* "- one", "* one", "1. one", "-o, --option": of a list. */
static bool
is_item(struct lam_str line)
{
	size_t n = 0;

	while (n < line.n && lam_is_digit(line.p[n]))
		n++;
	if (n && n + 1 < line.n)
		return (line.p[n] == '.' || line.p[n] == ')') && line.p[n + 1] == ' ';
	if (line.n < 2 || !memchr("-*+", *line.p, 3))
		return false;
	return line.p[1] == ' ' || (*line.p == '-' && (line.p[1] == '-' ||
		is_letter(line.p[1])));
}

static void
look_at(struct lam_str raw, size_t semicolons, struct seen *x)
{
	struct lam_str line = trimmed(raw);
	size_t n = name(line);
	bool item, title;

	if (!line.n)
		return;
	x->lines++;
	x->assigned += is_pair(line);
	item = is_item(line);
	title = n && n < line.n && line.p[n] == ':' &&
		(n + 1 == line.n || line.p[n + 1] == ' ');
	x->titled += item || title ||
		(x->titled && (*raw.p == ' ' || *line.p == '#'));
	x->ended += memchr(";{", line.p[line.n - 1], 2) || *line.p == '}';
	x->semicolons += semicolons && lam_find_count(line.p, line.n, ';') ==
		semicolons;
	look_at_values(line, x);
}

static bool
has(struct lam_str s, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i + n <= s.n; i++)
		if (!strncasecmp(s.p + i, text, n))
			return true;
	return false;
}

/* HEAD begins as a source of SQL or Python does, and goes on so. */
static bool
is_source(struct lam_str head)
{
	static const struct {
		const char *begin, *some;
	} sources[] = { { "select ", "from " }, { "insert into ", "values" },
		{ "from ", " import " }, { "import ", "\nimport " },
		{ "import ", "\nfrom " }, { "import ", "\ndef " },
		{ "with ", " as (" }, { "update ", " set " },
		{ "create ", "(" } };

	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		size_t n = strlen(sources[i].begin);

		if (head.n > n && !strncasecmp(head.p, sources[i].begin, n) &&
			has((struct lam_str){ head.p + n, head.n - n },
			sources[i].some))
			return true;
	}
	return false;
}

static bool
most(size_t some, const struct seen *x)
{
	return some * 2 > x->lines;
}

const char *
lam_foreign_commas(struct lam_str head, const char **how)
{
	static const char text[] = "lines of text, not a table";
	struct seen first = { .lines = 0 }, all = { .lines = 0 };
	struct lam_str line;
	size_t semicolons = 0;

	*how = "-f lines reads each as one field, -f csv takes them for a table";
	if (is_source(head))
		return text;
	for (size_t n = 0; n < LINES_SEEN && lam_str_line(&head, &line); n++) {
		if (!n)
			semicolons = lam_find_count(line.p, line.n, ';');
		look_at(line, semicolons, &all);
		if (!n)
			first = all;
	}
	if (first.decimals && all.decimals == all.lines &&
		all.semicolons == all.lines) {
		*how = "say --delimiter ';'";
		return "a table with a semicolon between its fields";
	}
	if (first.pairs || (first.assigned && all.assigned == all.lines)) {
		*how = "-f logfmt reads pairs with blanks between them, -f csv "
			"takes it for a table";
		return "pairs NAME=VALUE";
	}
	if ((first.addresses && (all.lines == 1 || all.blanks == all.lines)) ||
		(first.titled && most(all.titled, &all)) || first.torn ||
		most(all.torn, &all) || (all.blanks == all.lines && most(all.wordy,
		&all)) || (first.ended && semicolons <= 1 &&
		most(all.ended, &all)))
		return text;
	return NULL;
}
