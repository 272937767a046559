/*
 * foreign.c - recognise inputs that no format reads
 *
 * Compressed and binary files are known by their first bytes, as their
 * specifications say; those that begin with letters only, which a header
 * line might be, by a control character behind, too.  Texts are known by the shape of
 * their first line; a format that is surer of it (format.c) wins.
 */
#include "input/foreign.h"

#include <stdbool.h>
#include <string.h>

#include "base/escape.h"
#include "base/find.h"
#include "input/delimiter.h"

struct magic {
	const char *bytes;
	size_t n, at;
	const char *what, *how;
};

#define MAGIC(bytes, at, what, how) { bytes, sizeof bytes - 1, at, what, how }
#define BINARY "write its records out as CSV first"
#define THROUGH(command) "pipe it in through \"" command "\""

static const struct magic magics[] = {
	MAGIC("\xfd" "7zXZ\0", 0, "compressed by xz", THROUGH("xz -dc")),
	MAGIC("\x28\xb5\x2f\xfd", 0, "compressed by zstd", THROUGH("zstd -dc")),
	MAGIC("\x22\xb5\x2f\xfd", 0, "compressed by zstd", THROUGH("zstd -dc")),
	MAGIC("BZh", 0, "compressed by bzip2", THROUGH("bzip2 -dc")),
	MAGIC("\x04\x22\x4d\x18", 0, "compressed by lz4", THROUGH("lz4 -dc")),
	MAGIC("LZIP\1", 0, "compressed by lzip", THROUGH("lzip -dc")),
	MAGIC("\x89LZO\0\r\n", 0, "compressed by lzop", THROUGH("lzop -dc")),
	MAGIC("\x5d\0\0", 0, "compressed by lzma", THROUGH("xz -dc --format=lzma")),
	MAGIC("\x1f\x9d", 0, "compressed by compress", THROUGH("gzip -dc")),
	MAGIC("\x1f\x8b", 0, "compressed by gzip twice", THROUGH("gzip -dc")),
	MAGIC("\xff\6\0\0sNaPpY", 0, "compressed by snappy", THROUGH("snzip -dc")),
	MAGIC("PK\3\4", 0, "a zip archive", THROUGH("unzip -p")),
	MAGIC("PK\5\6", 0, "an empty zip archive", THROUGH("unzip -p")),
	MAGIC("7z\xbc\xaf\x27\x1c", 0, "a 7z archive", THROUGH("7z x -so")),
	MAGIC("Rar!\x1a\7", 0, "a rar archive", THROUGH("unrar p -inul")),
	MAGIC("ustar", 257, "a tar archive", THROUGH("tar -xOf")),
	MAGIC("\xff\xfe\0\0", 0, "UTF-32", THROUGH("iconv -f UTF-32 -t UTF-8")),
	MAGIC("\0\0\xfe\xff", 0, "UTF-32", THROUGH("iconv -f UTF-32 -t UTF-8")),
	MAGIC("\xff\xfe", 0, "UTF-16", THROUGH("iconv -f UTF-16 -t UTF-8")),
	MAGIC("\xfe\xff", 0, "UTF-16", THROUGH("iconv -f UTF-16 -t UTF-8")),
	MAGIC("PAR1", 0, "a Parquet file", BINARY),
	MAGIC("ORC", 0, "an ORC file", BINARY),
	MAGIC("Obj\1", 0, "an Avro file", BINARY),
	MAGIC("ARROW1\0\0", 0, "an Arrow file", BINARY),
	MAGIC("SQLite format 3\0", 0, "a SQLite database", BINARY),
	MAGIC("LPKSHHRH", 0, "a journal of systemd", BINARY),
	MAGIC("\x7f" "ELF", 0, "a program", BINARY),
	MAGIC("%PDF-", 0, "a PDF document", BINARY),
	MAGIC("\x89PNG\r\n", 0, "a picture", BINARY),
	MAGIC("LAMFILE\n", 0, "a file of a dataset",
		"ask the stream or view that it is of"),
};

static bool
has(struct lam_str s, size_t at, const char *bytes, size_t n)
{
	return s.n >= at + n && !memcmp(s.p + at, bytes, n);
}

/* Letters alone may begin a header line: then a control character must follow. */
static bool
is_magic(struct lam_str s, const struct magic *m)
{
	size_t i = 0;

	if (!has(s, m->at, m->bytes, m->n))
		return false;
	if (!strcmp(m->bytes, "BZh")) /* a digit, then pi or its root's start */
		return has(s, 4, "1AY&SY", 6) || has(s, 4, "\x17rE8P\x90", 6);
	while (i < m->n && m->bytes[i] > ' ' && m->bytes[i] <= '~')
		i++;
	if (i < m->n || m->at || *m->bytes == '%')
		return true;
	for (; i < s.n && i < m->n + 8; i++)
		if ((unsigned char)s.p[i] < '\t')
			return true;
	return false;
}

/* ASCII in 16 bits each, without a mark: every second byte is 0. */
static const char *
utf16(struct lam_str s)
{
	size_t pairs = s.n / 2 < 32 ? s.n / 2 : 32, zero[2] = { 0, 0 };

	for (size_t i = 0; i < 2 * pairs; i++)
		zero[i & 1] += !s.p[i];
	if (pairs < 4 || zero[0] + zero[1] != pairs ||
		(zero[0] && zero[1]))
		return NULL;
	return zero[0] ? THROUGH("iconv -f UTF-16BE -t UTF-8") :
		THROUGH("iconv -f UTF-16LE -t UTF-8");
}

const char *
lam_foreign_bytes(struct lam_str head, const char **how)
{
	/* A skippable frame of zstd or lz4: its number has 16 forms. */
	if (head.n >= 4 && (head.p[0] & 0xf0) == 0x50 &&
		has(head, 1, "\x2a\x4d\x18", 3)) {
		*how = THROUGH("zstd -dc");
		return "compressed by zstd";
	}
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (is_magic(head, &magics[i])) {
			*how = magics[i].how;
			return magics[i].what;
		}
	*how = utf16(head);
	return *how ? "UTF-16" : NULL;
}

/* -------------------------------------------------------------------- text */

/*
 * How much of S is like PATTERN, 0: it does not begin so.  0 is a digit, a blank one
 * blank or more, a letter x any letter, _ one byte that is no blank or comma, * such
 * bytes, the rest itself.
 */
static size_t
is_like(struct lam_str s, const char *pattern)
{
	size_t i = 0;

	for (; *pattern; pattern++) {
		char c = i < s.n ? s.p[i] : '\n';
		bool plain = c > ' ' && c != ',';

		if (*pattern == '*') {
			while (i < s.n && s.p[i] > ' ' && s.p[i] != ',' &&
				s.p[i] != pattern[1])
				i++;
			continue;
		}
		if (*pattern == '0' ? c < '0' || c > '9' :
			*pattern == 'x' ? (c | 32) < 'a' || (c | 32) > 'z' :
			*pattern == '_' ? !plain : c != *pattern)
			return 0;
		i++;
		while (*pattern == ' ' && i < s.n && s.p[i] == ' ')
			i++;
	}
	return i;
}

static const struct {
	const char *pattern, *what, *how;
} shapes[] = {
	{ "CEF:0|", "CEF", NULL }, { "LEEF:0", "LEEF", NULL },
	{ "---\n", "YAML", NULL }, { "%YAML ", "YAML", NULL },
	{ "#!_", "a program", NULL },
	{ "<?xml", "XML", NULL }, { "<!xxxxxxx", "HTML", NULL },
	{ "<html", "HTML", NULL },
	{ "__CURSOR=", "a journal of systemd, exported",
		"write it with journalctl -o json" },
	{ "#lam-partial ", "a partial", "lam-query -p takes it" },
};

/* " [31/Jan/2026:23:59:59 ": a web server's, when it is none of its usual two. */
static bool
is_web(struct lam_str s)
{
	for (const char *p = s.p, *end = s.p + s.n; p < end; p++) {
		p = memchr(p, '[', (size_t)(end - p));
		if (!p)
			return false;
		if (is_like((struct lam_str){ p, (size_t)(end - p) },
			"[00/xxx/0000:00:00:00 "))
			return true;
	}
	return false;
}

const char *
lam_foreign_text(struct lam_str head, const char **how)
{
	struct lam_str line = lam_str_first_line(head);

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		if (is_like(line, shapes[i].pattern)) {
			*how = shapes[i].how;
			return shapes[i].what;
		}
	if (!is_web(line))
		return NULL;
	*how = "its layout stands in the configuration of the server: say -f "
		"'nginx:LOG_FORMAT' or -f 'apache:LOGFORMAT', with the text of it";
	return "a web server's log of another layout";
}

/* ------------------------------------------------------------------- tables */

#define LINES_SEEN 64

/* Where the time ends that S begins with, fraction and zone included; 0: with none. */
static size_t
stamp(struct lam_str s)
{
	static const char *const pattern[] = { "0000-00-00 00:00:00",
		"0000-00-00x00:00:00", "0000/00/00 00:00:00", "00-xxx-0000 00:00:00",
		"00/xxx/0000 00:00:00", "00.00.0000 00:00:00", "xxx xxx 00 00:00:00",
		"xxx 00 00:00:00", "xxx 0 00:00:00", "00:00:00", "x0000 00:00:00.0" };
	size_t n = 0;

	for (size_t i = 0; !n && i < sizeof pattern / sizeof *pattern; i++)
		n = is_like(s, pattern[i]);
	if (n + 3 < s.n && (s.p[n] == ',' || s.p[n] == '.') &&
		is_like((struct lam_str){ s.p + n + 1, s.n - n - 1 }, "000"))
		n += 4;
	while (n && n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	n += n && n < s.n && s.p[n] == 'Z';
	if (n && n < s.n && (s.p[n] == '+' || s.p[n] == '-'))
		for (n++; n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') ||
			s.p[n] == ':'); n++)
			;
	return n;
}

/* A time, and behind it no end of a value: a line as programs write them. */
static bool
is_stamped(struct lam_str line)
{
	size_t at = 0, n;

	if (is_like(line, "x, [0000-00-00"))
		return true;
	at += line.n && (*line.p == '[' || *line.p == '<');
	while (at && at < line.n && line.p[at] == ' ')
		at++;
	n = stamp((struct lam_str){ line.p + at, line.n - at });
	if (!n)
		return at && is_like((struct lam_str){ line.p + at, line.n - at },
			"0.0") && memchr(line.p, ']', line.n);
	n += at;
	if (n + 4 <= line.n && is_like((struct lam_str){ line.p + n, line.n - n },
		" xxx"))
		for (n += 4; n < line.n && line.p[n] >= 'A' && line.p[n] <= 'Z'; n++)
			;
	return n < line.n && !memchr(",;|\t\"", line.p[n], 5);
}

/* Most of the lines behind the first are those of a program. */
static bool
is_log_behind(struct lam_str head)
{
	size_t lines = 0, stamped = 0;
	struct lam_str line;

	(void)lam_str_line(&head, &line);
	while (lines < LINES_SEEN && lam_str_line(&head, &line)) {
		lines++;
		stamped += is_stamped(line);
	}
	return stamped * 2 > lines;
}

/* One value, and no name of a column: NAME=VALUE, or words between colons. */
static const char *
odd_value(struct lam_str s, const char **how)
{
	const char *equals = memchr(s.p, '=', s.n);
	size_t name = equals ? (size_t)(equals - s.p) : 0;
	bool url = memmem(s.p, s.n, "://", 3), address = true;

	for (size_t i = 0; i < s.n; i++)
		address &= memchr("0123456789abcdefABCDEF.:/-+TZ", s.p[i], 29) !=
			NULL;
	for (size_t i = 0; i < name; i++)
		if (is_like((struct lam_str){ s.p + i, 1 }, "x") == 0 &&
			!memchr("_.-0123456789", s.p[i], 13))
			name = 0;
	if (name && equals + 1 < s.p + s.n && equals[1] != '=') {
		*how = "-f logfmt reads pairs";
		return "pairs NAME=VALUE";
	}
	if (!url && !address && lam_find_count(s.p, s.n, ':') > 2) {
		*how = "say --delimiter :";
		return "a table with a colon between its fields";
	}
	return NULL;
}

/*
 * LINE, the first of HEAD, opens a comment or a text of a program: it has no letter, or
 * is in three quotes.  One byte is so if the next line goes on with it.
 */
static bool
is_mark(struct lam_str head, struct lam_str line)
{
	struct lam_str first, next = { NULL, 0 };
	bool letters = false;

	if (is_like(line, "\"\"\"_") || has(line, 0, "/*", 2))
		return true;
	for (size_t i = 0; i < line.n; i++)
		letters |= is_like((struct lam_str){ line.p + i, 1 }, "x") ||
			line.p[i] < 0 || (line.p[i] >= '0' && line.p[i] <= '9');
	if (letters || line.n != 1 || *line.p == '"')
		return !letters && line.n > 1 && *line.p != '"';
	(void)lam_str_line(&head, &first);
	return lam_str_line(&head, &next) && next.n > 1 &&
		*next.p == *line.p;
}

/* What texts have, and tables have not, among the lines. */
struct texture {
	size_t lines;	 /* that are not blank */
	size_t gaps;	 /* blank ones with others behind them */
	size_t indented;
	size_t spaced;	 /* of several words */
	size_t wordy;	 /* of five or more */
	size_t rules;	 /* of one byte again and again, as below a heading */
	size_t titled;	 /* NAME: before a tab, or a colon behind it */
	bool binary;	 /* one byte of eight is one that no text has */
};

static size_t
words(struct lam_str line)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] > ' ' && (!i || line.p[i - 1] == ' ');
	return n;
}

static bool
is_rule(struct lam_str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] == *line.p)
		i++;
	return i == line.n && i > 2 && memchr("=-~*_#+", *line.p, 7);
}

static bool
is_titled(struct lam_str line)
{
	const char *tab = memchr(line.p, '\t', line.n), *end = line.p + line.n;
	bool colon = tab && tab > line.p && tab[-1] == ':';

	while (tab && tab < end && *tab == '\t')
		tab++;
	return colon || (tab && tab < end && *tab == ':');
}

static struct texture
look_at_lines(struct lam_str head)
{
	struct texture t = { .lines = 0 };
	size_t blank = 0, bytes = 0, odd = 0;
	bool within = false; /* quotes: they may have any lines */
	struct lam_str line;

	for (size_t i = 0; i < LINES_SEEN && lam_str_line(&head, &line); i++) {
		size_t n;

		for (size_t k = 0; k < line.n; k++)
			odd += (unsigned char)line.p[k] < '\a';
		bytes += line.n;
		blank += !line.n && !within;
		within ^= lam_find_count(line.p, line.n, '"') & 1;
		if (!line.n)
			continue;
		n = words(line);
		t.lines++;
		t.gaps += blank;
		t.indented += *line.p == ' ' || *line.p == '\t';
		t.spaced += n > 1;
		t.wordy += n > 4;
		t.rules += is_rule(line);
		t.titled += is_titled(line);
		blank = 0;
	}
	t.binary = odd * 8 > bytes;
	return t;
}

/* LONE: there is one value on a line, so only its words tell. */
static bool
is_text(const struct texture *t, bool lone)
{
	if ((t->gaps > 1 && t->gaps * 6 >= t->lines) || t->titled * 2 > t->lines)
		return true;
	return lone && ((t->gaps && t->spaced) || t->rules ||
		t->indented * 4 >= t->lines || t->wordy * 2 > t->lines);
}

/* Semicolons or bars divide all lines alike, and no statement or frame ends so. */
static bool
is_divided(struct lam_str head, struct lam_str line)
{
	return line.n && !memchr(";{|", line.p[line.n - 1], 3) &&
		*line.p != '|' && lam_delimiter_agrees(head);
}

/* All lines have as many bars, one of them behind the last value. */
static bool
is_barred(struct lam_str head)
{
	size_t bars = 0, lines = 0;
	struct lam_str line;

	while (lines < LINES_SEEN && head.n && lam_str_line(&head, &line)) {
		size_t n;

		n = lam_find_count(line.p, line.n, '|');
		if (n < 2 || line.p[line.n - 1] != '|' || *line.p == '|' ||
			(lines++ && n != bars))
			return false;
		bars = n;
	}
	return lines > 0;
}

const char *
lam_foreign_table(struct lam_str head, const char **how)
{
	struct lam_str line = lam_str_first_line(head);
	struct texture texture = look_at_lines(head);
	bool quoted = line.n && *line.p == '"', divided, lone;

	divided = is_divided(head, line);
	lone = !divided && !memchr(line.p, ',', line.n) &&
		!memchr(line.p, '\t', line.n);
	*how = "-f lines reads each as one field, -f 'regex:PATTERN' cuts it into "
		"fields";
	if (is_barred(head)) {
		*how = "pipe it in through \"sed 's/|$//'\", and say --delimiter '|'";
		return "a table with a bar behind each field";
	}
	if (is_stamped(line) || (lone && !quoted && is_log_behind(head)))
		return "lines of a program, not a table";
	if (line.n > 1 && *line.p == '[' && line.p[line.n - 1] == ']' && !lone) {
		*how = "write objects, not arrays";
		return "arrays of JSON";
	}
	if (texture.binary)
		return "bytes that are no text";
	if (is_text(&texture, lone && !quoted) || (lone && is_mark(head, line)))
		return "lines of text, not a table";
	if (!lone)
		return divided || memchr(line.p, '\t', line.n) ? NULL :
			lam_foreign_commas(head, how);
	if (quoted)
		return NULL;
	if (line.n && memchr(line.p, ';', line.n - 1)) {
		*how = "say --delimiter ';'";
		return "a table with a semicolon between its fields";
	}
	if (memchr(line.p, '|', line.n) && *line.p != '[') {
		*how = "say --delimiter '|'";
		return "a table with a bar between its fields";
	}
	if (stamp(line) == line.n)
		return NULL;
	if (memchr(line.p, ' ', line.n) || *line.p == '[' ||
		(line.n && line.p[line.n - 1] == ':'))
		return "lines of text, not a table";
	return odd_value(line, how);
}
