/*
 * memory.c - what a stream remembers of how its text is read
 */
#include "ingest/memory.h"

#include "base/escape.h"
#include "base/io.h"
#include "input/format.h"
#include "input/settings.h"

/* Is FORMAT one that a guess would not find: of DATA/formats, or a text? */
static bool
is_own(const char *format)
{
	const struct lam_format *f = lam_format_find(format, NULL);

	return !f || f->lasts;
}

/* O and what is remembered, SAID, are of one zone. */
static int
check_zone(const struct lam_input_options *o,
	const struct lam_input_options *said, const char *path,
	struct lam_error *e)
{
	if (!o->zone || !said->zone || !strcmp(o->zone, said->zone))
		return LAM_OK;
	return lam_fail(e, LAM_USAGE, "--zone %.80s: times of this stream are "
		"those of %.80s, as %s says: a stream has one zone", o->zone,
		said->zone, path);
}

/* "NAME LINE" for each of LINES. */
static void
keep_lines(struct lam_buf *b, const char *name, const char *lines)
{
	struct lam_str rest = { lines, strlen(lines) }, line;

	while (lam_str_cut(&rest, '\n', &line))
		lam_buf_printf(b, "%s %.*s\n", name, (int)line.n, line.p);
}

/* The options O of the run that makes a stream, unless a guess would find them. */
static void
note_first(struct lam_memory *m, const struct lam_input_options *o)
{
	const struct lam_dialect *d = &o->dialect;
	const struct { const char *name, *byte; } bytes[] = {
		{ "delimiter", d->delimiter }, { "quote", d->quote },
		{ "escape", d->escape }, { "comment", d->comment } };
	const char *format = lam_format_is_auto(o->format) ? "csv" : o->format;

	if (lam_dialect_given(d) || is_own(format))
		lam_buf_printf(&m->first, "format %s\n", format);
	if (o->start)
		lam_buf_printf(&m->first, "start %s\n", o->start);
	if (o->time_format)
		keep_lines(&m->first, "time-format", o->time_format);
	for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
		if (bytes[i].byte) /* a blank would be lost at the end of a line */
			lam_buf_printf(&m->first, "%s %s\n", bytes[i].name,
				strcmp(bytes[i].byte, " ") ? bytes[i].byte : "space");
}

/*
 * The zone of the format of one's own that O names, where the stream has another one
 * from before: that holds, and m->unused says so.  Call before O gets what it says.
 */
static int
check_own_zone(struct lam_memory *m, const struct lam_input_options *o,
	const char *data, const char *path, struct lam_error *e)
{
	struct lam_input_options own = { .format = o->format };
	int r = lam_settings_own(&own, data, &m->arena, e);

	if (!r && own.zone && strcmp(own.zone, o->zone))
		lam_buf_printf(&m->unused, "zone %.80s, as %s/formats/%s has it, is "
			"not used: times of this stream are those of %.80s, as %s "
			"says: a stream has one zone", own.zone, data, o->format,
			o->zone, path);
	return r ? r : lam_buf_check(&m->unused, e);
}

int
lam_memory_recall(struct lam_memory *m, const char *data, const char *name,
	struct lam_input_options *o, struct lam_error *e)
{
	struct lam_input_options said = { .format = NULL };
	const char *given = o->format, *zone = o->zone;
	char path[LAM_PATH_MAX];
	int r;

	r = lam_io_path(path, sizeof path, e, "%s/master/%s/input", data, name);
	if (!r && lam_io_exists(path))
		r = lam_io_slurp(path, LAM_SETTINGS_MAX, &m->before, e);
	if (!r)
		r = lam_settings_read(&said, (struct lam_str){ lam_buf_str(
			&m->before), m->before.n }, path, &m->arena, e);
	if (!r)
		r = check_zone(o, &said, path, e);
	if (r)
		return r;
	if (!said.format)
		note_first(m, o);
	if (!o->zone)
		o->zone = said.zone;
	if (o->origin && !said.origin)
		lam_buf_puts(&m->more, "origin\n");
	if (o->origin || said.origin)
		o->origin = LAM_ORIGIN_ALL;
	if (!given || !said.format || !strcmp(given, said.format))
		r = lam_settings_read(o, (struct lam_str){ lam_buf_str(
			&m->before), m->before.n }, path, &m->arena, e);
	if (!r && said.zone && !zone)
		r = check_own_zone(m, o, data, path, e);
	if (!r)
		r = lam_settings_own(o, data, &m->arena, e);
	if (!r && o->zone && !said.zone)
		lam_buf_printf(&m->more, "zone %s\n", o->zone);
	if (!r && o->zone)
		r = lam_zone_open_given(&m->zone, o->zone, e);
	return r;
}

int
lam_memory_keep(struct lam_memory *m, struct lam_append *a, const char **kept,
	struct lam_error *e)
{
	struct lam_buf text = LAM_BUF_INIT;
	int r;

	*kept = NULL;
	if (!lam_append_has_schema(a)) {
		lam_buf_put(&m->first, m->more.p, m->more.n);
		lam_buf_clear(&m->more);
		lam_buf_put(&m->more, m->first.p, m->first.n);
	}
	if (!m->more.n)
		return lam_buf_check(&m->first, e);
	lam_buf_put(&text, m->before.p, m->before.n);
	if (text.n && text.p[text.n - 1] != '\n')
		lam_buf_putc(&text, '\n');
	lam_buf_put(&text, m->more.p, m->more.n);
	r = lam_buf_check(&text, e);
	if (!r)
		r = lam_buf_check(&m->more, e);
	if (!r)
		r = lam_append_set_input(a, &m->before, &text, e);
	lam_buf_release(&text);
	if (r)
		return r;
	m->more.n--; /* the last newline */
	for (size_t i = 0; i < m->more.n; i++)
		if (m->more.p[i] == '\n')
			m->more.p[i] = ',';
	*kept = lam_buf_str(&m->more);
	return LAM_OK;
}

void
lam_memory_release(struct lam_memory *m)
{
	lam_zone_close(m->zone);
	lam_buf_release(&m->before);
	lam_buf_release(&m->first);
	lam_buf_release(&m->more);
	lam_buf_release(&m->unused);
	lam_arena_release(&m->arena);
}

int
lam_memory_names(const struct lam_append *a, struct lam_arena *names,
	struct lam_input_options *o, struct lam_error *e)
{
	const struct lam_schema *s;
	const char **name;

	if (!a || !lam_append_has_schema(a))
		return LAM_OK;
	s = lam_append_schema(a);
	lam_arena_reset(names);
	name = LAM_ARENA_NEW(names, const char *, s->n + 1);
	if (!name)
		return lam_fail_mem(e);
	for (size_t i = 0; i < s->n; i++)
		name[i] = s->field[i].name;
	o->known = name;
	o->nknown = s->n;
	return LAM_OK;
}
