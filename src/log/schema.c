/*
 * schema.c - the types of a stream's fields: text file <-> memory
 *
 *	file := line*
 *	line := [name blanks type [blanks "event"]] newline	("#": a comment)
 *	name := bytes without blanks, or "bytes, a quote doubled"
 *	type := text | number | time | time(s) | time(ms) | time(us) | time(ns)
 *
 * People edit the file, so the message of a mistake names its line, and
 * nothing is guessed: types are matched exactly, unknown words are refused, a
 * name may appear once.  What the schema leaves out is checked when a segment
 * is opened (segment.c): a field of the log that has no line here is an error,
 * never a silent NULL.
 */
#include "log/schema.h"

#include <stdlib.h>
#include <strings.h>

#include "base/escape.h"
#include "base/name.h"
#include "store/blockfile.h"
#include "time/time.h"

static const struct {
	const char *name;
	struct lam_coltype type;
} type_names[] = {
	{ "text", { LAM_TEXT, 0 } },
	{ "number", { LAM_NUMBER, 0 } },
	{ "time", { LAM_TIME, 0 } },
	{ "time(s)", { LAM_TIME, LAM_NS } },
	{ "time(ms)", { LAM_TIME, LAM_NS / 1000 } },
	{ "time(us)", { LAM_TIME, LAM_NS / 1000000 } },
	{ "time(ns)", { LAM_TIME, 1 } },
};
#define NTYPES (sizeof type_names / sizeof type_names[0])

/* Names of the event time, best first, when the user names none. */
static const char *const event_names[] = { "ts", "time", "timestamp",
	"@timestamp", "date" };
#define NEVENTS (sizeof event_names / sizeof event_names[0])

/* The rest of one line while it is read. */
struct line {
	const char *p, *end;
	const char *path;
	unsigned number; /* from 1 */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks(struct line *l)
{
	while (l->p < l->end && is_blank(*l->p))
		l->p++;
}

static struct lam_str
next_word(struct line *l)
{
	struct lam_str w;

	skip_blanks(l);
	w.p = l->p;
	while (l->p < l->end && !is_blank(*l->p))
		l->p++;
	w.n = (size_t)(l->p - w.p);
	return w;
}

static bool
word_is(struct lam_str w, const char *s)
{
	return w.n == strlen(s) && memcmp(w.p, s, w.n) == 0;
}

/* The name in quotes at l->p, undoubled into the arena. */
static int
quoted_name(struct line *l, struct lam_arena *a, struct lam_str *out,
	struct lam_error *e)
{
	char *p = lam_arena_alloc(a, (size_t)(l->end - l->p) + 1);
	size_t n = 0;

	if (!p)
		return lam_fail_mem(e);
	for (l->p++; l->p < l->end; l->p++) {
		if (*l->p == '"') {
			if (l->p + 1 == l->end || l->p[1] != '"')
				break;
			l->p++;
		}
		p[n++] = *l->p;
	}
	if (l->p == l->end)
		return lam_fail(e, LAM_USAGE, "%s:%u: the quote of the name is "
			"not closed", l->path, l->number);
	l->p++;
	p[n] = '\0';
	*out = (struct lam_str){ p, n };
	return LAM_OK;
}

static int
field_name(struct line *l, struct lam_arena *a, struct lam_field *f,
	struct lam_error *e)
{
	struct lam_str w = { "", 0 };
	int rc;

	if (*l->p == '"') {
		rc = quoted_name(l, a, &w, e);
		if (rc)
			return rc;
		f->name = w.p;
	} else {
		w = next_word(l);
		f->name = lam_arena_dup(a, w.p, w.n);
		if (!f->name)
			return lam_fail_mem(e);
	}
	if (!lam_field_name_ok(w.p, w.n))
		return lam_fail(e, LAM_USAGE, "%s:%u: a field name has 1 to %d "
			"bytes and no NUL", l->path, l->number,
			LAM_FIELD_NAME_MAX);
	return LAM_OK;
}

static int
field_type(struct line *l, struct lam_field *f, struct lam_error *e)
{
	struct lam_str w = next_word(l);
	size_t i;

	for (i = 0; i < NTYPES && !word_is(w, type_names[i].name); i++)
		;
	if (i == NTYPES)
		return lam_fail(e, LAM_USAGE, "%s:%u: \"%.*s\" is not a type: "
			"write text, number, time, or time(s), time(ms), "
			"time(us), time(ns) for integers since 1970",
			l->path, l->number, (int)(w.n < 64 ? w.n : 64), w.p);
	f->type = type_names[i].type;
	w = next_word(l);
	f->event = word_is(w, "event");
	if (f->event)
		w = next_word(l);
	if (w.n)
		return lam_fail(e, LAM_USAGE, "%s:%u: unexpected \"%.*s\": a "
			"line is a name, a type and perhaps \"event\"",
			l->path, l->number, (int)(w.n < 64 ? w.n : 64), w.p);
	if (f->event && f->type.type != LAM_TIME)
		return lam_fail(e, LAM_USAGE, "%s:%u: the event field must be "
			"a time", l->path, l->number);
	return LAM_OK;
}

static int
by_name(const void *a, const void *b)
{
	const struct lam_field *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* A name may appear once, and one field at most is the event time. */
static int
check_fields(const struct lam_schema *s, const char *path, struct lam_arena *a,
	struct lam_error *e)
{
	const struct lam_field **sorted;
	size_t i, events = 0;

	sorted = LAM_ARENA_NEW(a, const struct lam_field *, s->n + 1);
	if (!sorted)
		return lam_fail_mem(e);
	for (i = 0; i < s->n; i++) {
		sorted[i] = &s->field[i];
		events += s->field[i].event;
	}
	qsort(sorted, s->n, sizeof *sorted, by_name);
	for (i = 1; i < s->n; i++)
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			return lam_fail(e, LAM_USAGE, "%s: field \"%s\" has "
				"two lines, keep one", path, sorted[i]->name);
	if (events > 1)
		return lam_fail(e, LAM_USAGE, "%s: %zu fields are marked "
			"event, mark one", path, events);
	return LAM_OK;
}

static size_t
count_lines(struct lam_str text)
{
	size_t i, n = 1;

	for (i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

int
lam_schema_parse(struct lam_str text, const char *path, struct lam_arena *a,
	struct lam_schema *out, struct lam_error *e)
{
	struct line l = { text.p, text.p, path, 0 };
	const char *end = text.p + text.n, *next = text.p;
	struct lam_field *f;
	size_t max = count_lines(text);
	int rc = LAM_OK;

	*out = (struct lam_schema){ NULL, 0 };
	if (max > LAM_FIELDS_MAX)
		max = LAM_FIELDS_MAX;
	out->field = LAM_ARENA_NEW(a, struct lam_field, max);
	if (!out->field)
		return lam_fail_mem(e);
	while (!rc && next < end) {
		l.p = next;
		l.end = memchr(l.p, '\n', (size_t)(end - l.p));
		if (!l.end)
			l.end = end;
		next = l.end + 1;
		l.number++;
		skip_blanks(&l);
		if (l.p == l.end || *l.p == '#')
			continue;
		if (out->n == max)
			return lam_fail(e, LAM_USAGE, "%s:%u: more than %d "
				"fields", path, l.number, LAM_FIELDS_MAX);
		f = &out->field[out->n++];
		rc = field_name(&l, a, f, e);
		if (!rc)
			rc = field_type(&l, f, e);
	}
	return rc ? rc : check_fields(out, path, a, e);
}

static void
print_name(const char *name, struct lam_buf *out)
{
	if (!strpbrk(name, " \t\r\"") && *name != '#') {
		lam_buf_puts(out, name);
		return;
	}
	lam_buf_putc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			lam_buf_putc(out, '"');
		lam_buf_putc(out, *name);
	}
	lam_buf_putc(out, '"');
}

void
lam_schema_print(const struct lam_schema *s, struct lam_buf *out)
{
	for (size_t i = 0; i < s->n; i++) {
		print_name(s->field[i].name, out);
		lam_buf_putc(out, ' ');
		lam_buf_puts(out, lam_coltype_name(s->field[i].type));
		if (s->field[i].event)
			lam_buf_puts(out, " event");
		lam_buf_putc(out, '\n');
	}
}

int
lam_schema_find(const struct lam_schema *s, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strlen(s->field[i].name) == n &&
			memcmp(s->field[i].name, name, n) == 0)
			return (int)i;
	for (i = 0; i < s->n; i++)
		if (strlen(s->field[i].name) == n &&
			strncasecmp(s->field[i].name, name, n) == 0)
			return (int)i;
	return -1;
}

/* Index of NAME in FIELD, or N; I is tried first. */
static size_t
find_field(const struct lam_field *field, size_t n, const char *name, size_t i)
{
	if (i < n && !strcmp(field[i].name, name))
		return i;
	for (i = 0; i < n && strcmp(field[i].name, name); i++)
		;
	return i;
}

int
lam_schema_check_names(const struct lam_field *field, size_t n, struct lam_error *e)
{
	for (size_t i = 0; i < n; i++) {
		if (!lam_field_name_ok(field[i].name, strlen(field[i].name)))
			return lam_fail(e, LAM_USAGE, "field %zu of the input "
				"cannot have the name \"%.80s\": 1 to %d bytes "
				"without newline", i + 1, field[i].name,
				LAM_FIELD_NAME_MAX);
		if (find_field(field, i, field[i].name, i) < i)
			return lam_fail(e, LAM_USAGE, "the input has two "
				"fields named \"%.80s\"; rename one",
				field[i].name);
	}
	if (n == 0 || n > LAM_FIELDS_MAX)
		return lam_fail(e, LAM_USAGE, "the input has %zu fields; a "
			"stream takes 1 to %d", n, LAM_FIELDS_MAX);
	return LAM_OK;
}

/* A hash that is the same for names that differ only in case, and mostly not else. */
static uint32_t
fold(const char *s)
{
	uint32_t h = 2166136261;

	for (; *s; s++)
		h = (h ^ (uint32_t)(*s >= 'A' && *s <= 'Z' ? *s + 32 : *s)) *
			16777619;
	return h;
}

/* One round of matching: of the fields without a name, and the names not taken. */
static void
match(const struct lam_schema *s, const char *const *name, size_t n,
	const uint32_t *hash, bool *taken, uint32_t *map,
	int (*differ)(const char *, const char *))
{
	for (size_t f = 0; f < s->n; f++) {
		const char *want = s->field[f].name;
		uint32_t h = fold(want);

		for (size_t k = 0; map[f] == UINT32_MAX && k < n; k++) {
			/* most often they are in the same order */
			size_t i = f < n ? (k + f) % n : k;

			if (hash[i] != h || taken[i] || differ(name[i], want))
				continue;
			map[f] = (uint32_t)i;
			taken[i] = true;
		}
	}
}

int
lam_schema_match(const struct lam_schema *s, const char *const *name,
	size_t n, uint32_t *map, struct lam_error *e)
{
	uint32_t *hash = malloc((n + 1) * sizeof *hash);
	bool *taken = calloc(n + 1, sizeof *taken);

	for (size_t f = 0; f < s->n; f++)
		map[f] = UINT32_MAX;
	if (hash && taken) {
		for (size_t i = 0; i < n; i++)
			hash[i] = fold(name[i]);
		match(s, name, n, hash, taken, map, strcmp);
		match(s, name, n, hash, taken, map, strcasecmp);
	}
	free(taken);
	free(hash);
	return hash && taken ? LAM_OK : lam_fail_mem(e);
}

/* The field the user named: it must be there, and hold dates. */
static int
named_event(struct lam_schema *s, const char *event, struct lam_error *e)
{
	int i = lam_schema_find(s, event, strlen(event));

	if (i < 0)
		return lam_fail(e, LAM_USAGE, "event time \"%s\": the input "
			"has no such field", event);
	if (s->field[i].type.type != LAM_TIME)
		return lam_fail(e, LAM_USAGE, "event time \"%s\": its first "
			"values are not dates; if they count seconds since "
			"1970, give a schema with \"%s time(s) event\"",
			event, event);
	s->field[i].event = true;
	return LAM_OK;
}

static void
guess_event(struct lam_schema *s)
{
	size_t i, k;

	for (k = 0; k < NEVENTS; k++)
		for (i = 0; i < s->n; i++)
			if (s->field[i].type.type == LAM_TIME &&
				!strcasecmp(s->field[i].name, event_names[k])) {
				s->field[i].event = true;
				return;
			}
	for (i = 0; i < s->n; i++)
		if (s->field[i].type.type == LAM_TIME) {
			s->field[i].event = true;
			return;
		}
}

int
lam_schema_sniff(const struct lam_cells *cells, const struct lam_cells *more,
	const char *const *names, const struct lam_coltype *given, size_t n,
	const char *event, struct lam_arena *a, struct lam_schema *out,
	struct lam_error *e)
{
	*out = (struct lam_schema){ LAM_ARENA_NEW(a, struct lam_field, n + 1),
		0 };
	if (!out->field)
		return lam_fail_mem(e);
	for (; out->n < n; out->n++) {
		struct lam_field *f = &out->field[out->n];
		uint32_t i = (uint32_t)out->n;

		f->name = lam_arena_dup(a, names[i], strlen(names[i]));
		if (!f->name)
			return lam_fail_mem(e);
		if (given && given[i].type < LAM_TYPES)
			f->type = given[i];
		else
			f->type.type = (uint8_t)lam_column_sniff(cells, more,
				i);
	}
	if (event)
		return named_event(out, event, e);
	guess_event(out);
	return LAM_OK;
}

const char *
lam_coltype_name(struct lam_coltype t)
{
	for (size_t i = 0; i < NTYPES; i++)
		if (type_names[i].type.type == t.type &&
			type_names[i].type.unit == t.unit)
			return type_names[i].name;
	return "boolean";
}

static const struct lam_coltype coltype[] = {
	{ LAM_TEXT, 0 }, { LAM_NUMBER, 0 }, { LAM_TIME, 0 },
	{ LAM_TIME, INT64_C(1000000000) }, { LAM_TIME, 1000000 },
	{ LAM_TIME, 1000 }, { LAM_TIME, 1 }
};

bool
lam_coltype_parse(struct lam_str text, struct lam_coltype *out)
{
	for (size_t i = 0; i < sizeof coltype / sizeof coltype[0]; i++)
		if (lam_str_is(text, lam_coltype_name(coltype[i]))) {
			*out = coltype[i];
			return true;
		}
	return false;
}

int
lam_schema_read(const char *dir, struct lam_arena *a,
	struct lam_schema *s, bool *found, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	int rc;

	*s = (struct lam_schema){ NULL, 0 };
	rc = lam_io_path(path, sizeof path, e, "%s/schema", dir);
	if (rc)
		return rc;
	*found = lam_io_exists(path);
	if (!*found)
		return LAM_OK;
	rc = lam_io_slurp(path, LAM_SCHEMA_MAX, &b, e);
	if (!rc)
		rc = lam_schema_parse((struct lam_str){ lam_buf_str(&b), b.n },
			path, a, s, e);
	lam_buf_release(&b);
	return rc;
}
