/*
 * settings.c - options of an input as lines of a file
 *
 * Each setting is a row of the table: its name, and where its value goes.  One that
 * has a value keeps it, so what is read first counts: the command line, then what
 * the stream remembers, then the file of the format.
 */
#include "input/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/dir.h"
#include "base/escape.h"
#include "base/io.h"
#include "base/name.h"
#include "base/near.h"
#include "input/format.h"

enum kind { TEXT, BYTE, LINES, LIST, HEADER, NO_HEADER, ORIGIN };

static const struct setting {
	const char *name;
	enum kind kind;
	size_t at; /* TEXT, BYTE, LINES: in the options */
} settings[] = {
	{ "format", TEXT, offsetof(struct lam_input_options, format) },
	{ "zone", TEXT, offsetof(struct lam_input_options, zone) },
	{ "time-format", LINES, offsetof(struct lam_input_options, time_format) },
	{ "start", TEXT, offsetof(struct lam_input_options, start) },
	{ "delimiter", BYTE, offsetof(struct lam_input_options, dialect.delimiter) },
	{ "quote", BYTE, offsetof(struct lam_input_options, dialect.quote) },
	{ "escape", BYTE, offsetof(struct lam_input_options, dialect.escape) },
	{ "comment", BYTE, offsetof(struct lam_input_options, dialect.comment) },
	{ "fields", LIST, 0 },
	{ "header", HEADER, 0 },
	{ "no-header", NO_HEADER, 0 },
	{ "origin", ORIGIN, 0 },
};
#define NSETTINGS (sizeof settings / sizeof settings[0])

const char *
lam_setting_name(size_t i)
{
	return i < NSETTINGS ? settings[i].name : NULL;
}

bool
lam_setting_repeats(size_t i)
{
	return settings[i].kind == LINES;
}

/* The lines of *TEXT, and VALUE behind them. */
static int
add_line(const char **text, const char *value, struct lam_arena *a,
	struct lam_error *e)
{
	size_t n = *text ? strlen(*text) + 1 : 0, more = strlen(value) + 1;
	char *p = lam_arena_alloc(a, n + more);

	if (!p)
		return lam_fail_mem(e);
	if (n) {
		memcpy(p, *text, n - 1);
		p[n - 1] = '\n';
	}
	memcpy(p + n, value, more);
	*text = p;
	return LAM_OK;
}

static int
set(struct lam_input_options *o, const struct setting *s, const char *value,
	struct lam_arena *a, struct lam_error *e)
{
	const char **text = (const char **)(void *)((char *)o + s->at);

	switch (s->kind) {
	case TEXT:
	case BYTE:
		if (!*text)
			*text = value;
		return LAM_OK;
	case LINES: /* one behind the other */
		return add_line(text, value, a, e);
	case LIST:
		return o->fields ? LAM_OK : lam_input_list_fields(o, value, a, e);
	case HEADER:
	case NO_HEADER:
		if (o->header == LAM_HEADER_GUESS)
			o->header = s->kind == HEADER ? LAM_HEADER_YES :
				LAM_HEADER_NO;
		return LAM_OK;
	case ORIGIN:
		o->origin = LAM_ORIGIN_ALL;
	}
	return LAM_OK;
}

int
lam_setting_set(struct lam_input_options *o, size_t i, struct lam_str value,
	const char *where, struct lam_arena *a, struct lam_error *e)
{
	const struct setting *s = &settings[i];
	bool flag = s->kind == HEADER || s->kind == NO_HEADER || s->kind == ORIGIN;
	char what[LAM_PATH_MAX + 48], byte;
	const char *copy;
	bool there;
	int r = LAM_OK;

	if (flag != !value.n)
		return lam_fail(e, LAM_USAGE, "%s: %s %s", where, s->name, flag ?
			"takes no value" : "needs a value behind it");
	if (value.n && memchr(value.p, '\0', value.n))
		return lam_fail(e, LAM_USAGE, "%s: a NUL byte", where);
	copy = lam_arena_dup(a, value.n ? value.p : "", value.n);
	if (!copy)
		return lam_fail_mem(e);
	snprintf(what, sizeof what, "%s: %s", where, s->name);
	if (s->kind == BYTE)
		r = lam_dialect_byte(copy, what, &byte, &there, e);
	return r ? r : set(o, s, copy, a, e);
}

static int
set_line(struct lam_input_options *o, struct lam_str line, const char *where,
	struct lam_arena *a, struct lam_error *e)
{
	struct lam_str word, rest = line;
	char all[200];
	size_t i = 0;

	(void)lam_str_cut(&rest, ' ', &word);
	while (i < NSETTINGS && !lam_str_is(word, settings[i].name))
		i++;
	lam_name_list(all, sizeof all, lam_setting_name, " or ");
	if (i == NSETTINGS)
		return lam_fail(e, LAM_USAGE, "%s: \"%.*s\" is no setting: "
			"expected %s", where, (int)(word.n < 64 ? word.n : 64),
			word.p, all);
	return lam_setting_set(o, i, rest, where, a, e);
}

int
lam_settings_read(struct lam_input_options *o, struct lam_str text,
	const char *path, struct lam_arena *a, struct lam_error *e)
{
	char where[LAM_PATH_MAX + 24];
	struct lam_str line;
	unsigned number = 0;
	int r = LAM_OK;

	while (!r && lam_str_cut(&text, '\n', &line)) {
		snprintf(where, sizeof where, "%s:%u", path, ++number);
		while (line.n && (line.p[line.n - 1] == ' ' ||
			line.p[line.n - 1] == '\r'))
			line.n--;
		if (line.n && *line.p != '#')
			r = set_line(o, line, where, a, e);
	}
	return r;
}

/* There is no format NAME, nor such a file in DIR; which of these may it mean? */
static int
fail_unknown(const char *name, const char *dir, struct lam_error *e)
{
	struct lam_names own = LAM_NAMES_INIT;
	struct lam_error why = LAM_ERROR_INIT;
	char all[400], hint[LAM_NEAR_HINT] = "";

	lam_format_list(all, sizeof all);
	if (!lam_io_list(dir, "", &own, &why))
		lam_near_hint(hint, name, own.name, own.n);
	for (size_t i = 0; !*hint && lam_formats[i]; i++)
		lam_near_name(hint, name, lam_formats[i]->name);
	lam_names_release(&own);
	return lam_fail(e, LAM_USAGE, "%.80s: no such format: there are %s; nor is "
		"there a file %s/%.80s%s", name, all, dir, name, hint);
}

int
lam_settings_own(struct lam_input_options *o, const char *data,
	struct lam_arena *a, struct lam_error *e)
{
	struct lam_buf text = LAM_BUF_INIT;
	char dir[LAM_PATH_MAX], path[LAM_PATH_MAX];
	const char *name = o->format;
	int r;

	if (lam_format_is_auto(name) || !data || !lam_name_ok(name, strlen(name)) ||
		lam_format_find(name, NULL))
		return LAM_OK;
	r = lam_io_path(dir, sizeof dir, e, "%s/formats", data);
	if (!r)
		r = lam_io_path(path, sizeof path, e, "%s/%s", dir, name);
	if (!r && !lam_io_exists(path))
		r = fail_unknown(name, dir, e);
	if (r)
		return r;
	r = lam_io_slurp(path, LAM_SETTINGS_MAX, &text, e);
	o->format = NULL;
	if (!r)
		r = lam_settings_read(o, (struct lam_str){ lam_buf_str(&text),
			text.n }, path, a, e);
	if (!r && !o->format)
		r = lam_fail(e, LAM_USAGE, "%s: a line \"format FORMAT\" is "
			"missing", path);
	lam_buf_release(&text);
	return r;
}
