/*
 * delimiter.c - the byte between the fields of a table, where nobody says it
 *
 * A table with semicolons, tabs or bars between its fields is a table of one column to
 * whoever looks for commas: nothing is wrong with its records, and all answers are.
 * So the first two records decide, which are there however the text is read.  If the
 * first has none of the format's own delimiter, and both have as many of another, that
 * is it.  If the second has none of these, there is one column.  Anything else is in
 * doubt.  The records behind, of a pipe those that are there, can only refuse.
 */
#include "input/delimiter.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/find.h"
#include "input/input_chunk.h"
#include "input/input_internal.h"
#include "input/preamble.h"
#include "input/trial.h"

#define LOOK_MAX ((size_t)1 << 20) /* bytes in which a quote is sought that closes */
#define SURE 90
#define AGREED 2 /* records that must agree */

enum { COMMA, SEMICOLON, TAB, BAR, BYTES };

static const struct {
	char byte;
	const char *typed, *name;
} delimiters[BYTES] = {
	{ ',', ",", "a comma" },
	{ ';', "';'", "a semicolon" },
	{ '\t', "tab", "a tab" },
	{ '|', "'|'", "a bar" },
};

struct syntax {
	unsigned own; /* the delimiter that the format has */
	char quote, comment; /* 0: none */
};

/* How many of each byte a record has outside of quotes. */
struct counts {
	size_t n[BYTES];
	bool decimals; /* each comma is between digits, */
	bool prose;    /* or before a blank */
	bool wordy;    /* there is a blank in it */
	unsigned pad;  /* it ends in two or more of these; BYTES: else */
	bool several;  /* and has more of them in front of that */
};

struct seen {
	size_t records;
	struct counts first, second;
	size_t alike[BYTES];  /* that have as many as the first */
	size_t lead;	      /* the first, and those behind it that begin with # */
	struct counts header; /* behind these */
	size_t behind[BYTES]; /* that have as many as that, from it on */
	bool decimals;	      /* all behind the first, and there is a comma in one */
	unsigned title;	      /* lines before the first full record, behind one that is
			       * padded to as many fields, as others may be; 0: none */
	bool passed;	      /* there is no such record */
	bool below;	      /* there is a record behind it */
};

static unsigned
index_of(char byte)
{
	unsigned i = 0;

	while (i < BYTES && delimiters[i].byte != byte)
		i++;
	return i;
}

const char *
lam_delimiter_name(char byte)
{
	unsigned i = index_of(byte);

	return i < BYTES ? delimiters[i].name : "the byte of its first line";
}

/* ------------------------------------------------------------------ records */

/* The bytes of the record that S begins with, with its line end; 0: it has none. */
static size_t
record_length(const struct syntax *x, struct lam_str s, bool last)
{
	const char *end = memchr(s.p, '\n', s.n);
	bool in = false;

	if (!x->quote || (x->comment && s.n && *s.p == x->comment))
		return end ? (size_t)(end - s.p) + 1 : last ? s.n : 0;
	for (size_t i = 0; i < s.n; i++) {
		in ^= s.p[i] == x->quote;
		if (s.p[i] == '\n' && !in)
			return i + 1;
	}
	if (!last && s.n < LOOK_MAX)
		return 0;
	return in && end ? (size_t)(end - s.p) + 1 : s.n;
}

/* The next record of *REST that is neither blank nor a comment, without its end; false:
 * none is whole.  LAST: the end of REST ends one. */
static bool
cut_record(const struct syntax *x, bool last, struct lam_str *rest,
	struct lam_str *record)
{
	size_t n;

	while (rest->n && (n = record_length(x, *rest, last))) {
		*record = (struct lam_str){ rest->p, n };
		rest->p += n;
		rest->n -= n;
		while (record->n && memchr("\r\n", record->p[record->n - 1], 2))
			record->n--;
		if (record->n && !(x->comment && *record->p == x->comment))
			return true;
	}
	return false;
}

static bool
is_digit(struct lam_str s, size_t at)
{
	return at < s.n && lam_is_digit(s.p[at]);
}

static struct counts
count(const struct syntax *x, struct lam_str s)
{
	struct counts c = { .decimals = true, .prose = true };
	size_t end = s.n;
	bool in = false;

	c.pad = s.n ? index_of(s.p[s.n - 1]) : BYTES;

	for (size_t i = 0; i < s.n; i++) {
		unsigned b = in ? BYTES : index_of(s.p[i]);

		in ^= x->quote && s.p[i] == x->quote;
		c.wordy |= s.p[i] == ' ';
		if (b < BYTES)
			c.n[b]++;
		if (b != COMMA)
			continue;
		c.decimals &= i && is_digit(s, i - 1) && is_digit(s, i + 1);
		c.prose &= i + 1 < s.n && s.p[i + 1] == ' ';
	}
	while (end && c.pad < BYTES && s.p[end - 1] == s.p[s.n - 1])
		end--;
	if (c.pad < BYTES && (!end || s.n - end < 2 || c.n[c.pad] < s.n - end))
		c.pad = BYTES;
	c.several = c.pad < BYTES && s.n - end < c.n[c.pad];
	return c;
}

/* Are all values of the record S there, which BY divides?  As WORDS, which no number or
 * time begins? */
static bool
is_full(struct lam_str s, unsigned by, bool words)
{
	bool begins = true, ends;

	for (size_t i = 0; i <= s.n; i++, begins = ends) {
		ends = i == s.n || s.p[i] == delimiters[by].byte;
		if (begins && (ends || (words && is_digit(s, i +
			!!memchr("+-.\"", s.p[i], 4)))))
			return false;
	}
	return true;
}

/* The record R of LINES, which has C, is behind a first one that is padded. */
static void
look_for_title(struct seen *s, struct lam_str lines, struct lam_str r,
	const struct counts *c)
{
	unsigned by = s->first.pad;

	if (s->title || s->passed || by == BYTES)
		return;
	s->passed = c->n[by] != s->first.n[by];
	if (s->passed || !is_full(r, by, false))
		return;
	s->passed = s->first.several && !is_full(r, by, true);
	if (!s->passed)
		s->title = (unsigned)lam_find_count(lines.p, (size_t)(r.p - lines.p),
			'\n');
}

static struct seen
look(const struct syntax *x, struct lam_str lines, bool last)
{
	struct seen s = { .records = 0, .decimals = true };
	struct lam_str record, rest = lines;
	bool comma = false;

	for (; cut_record(x, last, &rest, &record); s.records++) {
		struct counts c = count(x, record);

		if (!s.records)
			s.first = c;
		if (s.records == 1)
			s.second = c;
		s.below |= s.title != 0;
		if (s.records)
			look_for_title(&s, lines, record, &c);
		s.decimals &= c.decimals || !s.records;
		comma |= s.records && c.n[COMMA];
		if (s.lead == s.records)
			s.header = c;
		s.lead += s.lead == s.records && (!s.records || *record.p == '#');
		for (unsigned b = 0; b < BYTES; b++) {
			s.alike[b] += c.n[b] == s.first.n[b];
			s.behind[b] += s.lead <= s.records &&
				c.n[b] == s.header.n[b];
		}
	}
	s.decimals &= comma;
	return s;
}

/* ----------------------------------------------------------------- verdicts */

enum verdict { KEEP, TAKE, DOUBT, TITLE };

/* The first record has the own delimiter of X, but all have as many of another, and
 * that divides them as well, or better. */
static enum verdict
judge_divided(const struct syntax *x, const struct seen *s, unsigned *by)
{
	for (unsigned b = 0; b < BYTES; b++) {
		bool agrees = b != x->own && s->first.n[b] && s->records > 1 &&
			s->alike[b] == s->records;

		if (agrees && (b == TAB || s->alike[x->own] < s->records ||
			(x->own == COMMA && s->decimals &&
			(s->first.decimals || s->first.prose)) ||
			(b != BAR && s->first.n[b] > s->first.n[x->own]))) {
			*by = b;
			return DOUBT;
		}
	}
	return KEEP;
}

/* The first record has no delimiter of any kind: may it be a title, of *BY lines? */
static enum verdict
judge_lone(const struct syntax *x, const struct seen *s, unsigned *by)
{
	for (unsigned b = 0; b < BYTES; b++)
		if (b != x->own && (s->first.wordy || s->lead > 1) &&
			s->records - s->lead >= AGREED && s->header.n[b] &&
			s->behind[b] == s->records - s->lead) {
			*by = (unsigned)s->lead;
			return TITLE;
		}
	return KEEP;
}

static enum verdict
judge(const struct syntax *x, const struct seen *s, unsigned *by)
{
	unsigned most = x->own, agreed = x->own;
	bool none = true;

	if (s->first.n[x->own])
		return judge_divided(x, s, by);
	for (unsigned b = 0; b < BYTES; b++) {
		size_t n = s->first.n[b];

		if (n > s->first.n[most])
			most = b;
		if (n > s->first.n[agreed] && (s->records == 1 ||
			s->second.n[b] == n))
			agreed = b;
		none &= !n || !s->second.n[b];
	}
	if (most == x->own)
		return judge_lone(x, s, by);
	*by = agreed == x->own ? most : agreed;
	if (agreed != x->own)
		return TAKE;
	return none && s->alike[most] * 2 <= s->records ? KEEP : DOUBT;
}

bool
lam_delimiter_agrees(struct lam_str lines)
{
	const struct syntax x = { .own = COMMA, .quote = '"' };
	struct seen s = look(&x, lines, true);
	unsigned by = COMMA;

	return s.records >= AGREED && judge(&x, &s, &by) == TAKE && by != TAB &&
		s.alike[by] == s.records;
}

/* -------------------------------------------------------------------- input */

/* Read on until there are N whole records, or as much as is looked at. */
static int
read_records(struct lam_input *in, const struct syntax *x, unsigned n,
	struct lam_error *e)
{
	enum lam_got how;
	int r = LAM_OK;

	while (!r && !in->ended) {
		struct lam_str head = lam_input_head(in), record;
		unsigned got = 0;

		if (head.n >= LOOK_MAX)
			break;
		while (got < n && cut_record(x, false, &head, &record))
			got++;
		if (got == n)
			break;
		r = lam_input_more(in, -1, &how, e);
		if (!r && how == LAM_GOT_NOTHING)
			r = lam_input_early(in, e);
	}
	return r;
}

/* What keeps the format as it is. */
static const char *
own_typed(const struct syntax *x)
{
	return x->own == TAB ? "-f tsv" : "--delimiter ,";
}

static int
fail_doubt(const struct lam_input *in, const struct syntax *x, unsigned by,
	struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: its first lines may have %s between "
		"fields, or %s: say --delimiter %s or %s",
		lam_input_label(in), delimiters[by].name, delimiters[x->own].name,
		delimiters[by].typed, own_typed(x));
}

/* BYTE divides the fields of IN. */
static int
take(struct lam_input *in, struct lam_input_options *o, char byte,
	struct lam_error *e)
{
	char *text = lam_arena_dup(&in->arena, &byte, 1);

	in->delimiter = byte;
	in->sure = SURE;
	o->dialect.delimiter = byte == '\t' ? "tab" : byte == ' ' ? "space" : text;
	return text ? LAM_OK : lam_fail_mem(e);
}

/* What was kept of a text that is gone on with: its header, and its delimiter. */
static int
recall(struct lam_input *in, struct lam_input_options *o, struct lam_error *e)
{
	const char *tab = strchr(o->saved, '\t');

	if (!tab || !tab[1])
		return LAM_OK;
	o->saved = lam_arena_dup(&in->arena, o->saved, (size_t)(tab - o->saved));
	return o->saved ? take(in, o, tab[1], e) : lam_fail_mem(e);
}

/* Read on until what decides is there: one record, or two if the first may be divided
 * by OTHERS than the own delimiter. */
static int
await(struct lam_input *in, const struct syntax *x, struct counts *first,
	size_t *others, struct lam_error *e)
{
	struct lam_str head, record;
	int r = read_records(in, x, 1, e);

	*others = 0;
	*first = (struct counts){ .pad = BYTES };
	head = lam_input_head(in);
	if (r || !cut_record(x, true, &head, &record))
		return r;
	*first = count(x, record);
	for (unsigned b = 0; b < BYTES; b++)
		*others += b != x->own && first->n[b];
	return *others && !first->n[x->own] ? read_records(in, x, 2, e) : LAM_OK;
}

int
lam_delimiter_await(struct lam_input *in, struct lam_error *e)
{
	const struct syntax x = { .own = COMMA, .quote = '"' };
	struct counts first;
	size_t others;

	return await(in, &x, &first, &others, e);
}

/* The verdict on the first LINES of IN, and BY what they are divided, or of how many a
 * title is. */
static int
decide(struct lam_input *in, const struct lam_input_options *o,
	const struct syntax *x, struct lam_str *lines, enum verdict *v,
	unsigned *by, struct lam_error *e)
{
	struct counts first;
	struct seen s;
	size_t others;
	int r = await(in, x, &first, &others, e);

	if (r || (first.n[x->own] ? !others && first.pad == BYTES :
		o->nknown == 1))
		return r;
	r = lam_input_trial_lines(in, lines, e);
	if (r)
		return r;
	s = look(x, *lines, in->ended && lines->n == lam_input_head(in).n);
	*v = judge(x, &s, by);
	if (s.title && s.below && o->header == LAM_HEADER_GUESS &&
		!(s.first.several && o->nknown)) {
		*v = TITLE;
		*by = s.title;
	}
	return LAM_OK;
}

/* LINES are tried with BY between their fields. */
static int
try(struct lam_input *in, struct lam_input_options *o, const struct syntax *x,
	struct lam_str lines, unsigned by, struct lam_error *e)
{
	struct lam_input_options alone = { .format = NULL };
	struct lam_trial t;
	int r = take(in, o, delimiters[by].byte, e);

	alone.dialect = o->dialect;
	if (!r)
		r = lam_input_trial(in->format, lines, &alone, &t, e);
	if (r || lam_input_trial_passes(&t, true))
		return r;
	return lam_fail(e, LAM_DATA, "%s: its first line has %s between fields, "
		"but then line %" PRIu64 " is no record (%s): say --delimiter %s "
		"or %s", lam_input_label(in), delimiters[by].name,
		t.line + in->line - 1, t.reason, delimiters[by].typed,
		own_typed(x));
}

int
lam_delimiter_find(struct lam_input *in, struct lam_input_options *o,
	struct lam_error *e)
{
	const char own = in->format->divides;
	struct syntax x = { .own = index_of(own), .quote = own == ',' ? '"' : 0 };
	bool quotes = x.quote != 0, comments = false, one = true;
	enum verdict v = KEEP;
	struct lam_str lines;
	unsigned by = 0;
	char given = 0;
	int r = LAM_OK;

	if (!own || o->saved)
		return own ? recall(in, o, e) : LAM_OK;
	if (o->fields)
		return LAM_OK;
	if (in->sep)
		return take(in, o, in->sep, e);
	if (o->dialect.delimiter)
		r = lam_dialect_byte(o->dialect.delimiter, "--delimiter", &given,
			&one, e);
	if (given)
		x.own = index_of(given);
	else if (x.own == TAB && in->sure != LAM_FORMAT_NAMED)
		return r;
	if (x.own == BYTES)
		return r;
	if (!r)
		r = lam_dialect_byte(o->dialect.quote, "--quote", &x.quote, &quotes, e);
	if (!r)
		r = lam_dialect_byte(o->dialect.comment, "--comment", &x.comment,
			&comments, e);
	x.quote = quotes ? x.quote : 0;
	x.comment = comments ? x.comment : 0;
	if (!r)
		r = decide(in, o, &x, &lines, &v, &by, e);
	if (r || v == KEEP)
		return r;
	if (v == TITLE)
		return lam_preamble_fail(in, lines, by, e);
	if (given)
		return LAM_OK;
	return v == TAKE && x.own == COMMA ? try(in, o, &x, lines, by, e) :
		fail_doubt(in, &x, by, e);
}
