/*
 * jsonl.c - JSON: an object a line, or in one array, or one behind the other
 *
 *	{"ts":"2026-01-31T23:59:59Z","user":{"id":7},"tags":["a","b"]}
 *
 * The fields are the members of the first records (json_tree.c), and those that are
 * given by name.  What later records have beyond them goes to the field _rest,
 * as one object.  There is such a field when not all of the input was looked at, or
 * there were too many names.
 *
 *	string		its characters, without escapes
 *	number		as it is written
 *	true, false	these words
 *	null		NULL
 *	object		its members, named by the way to them: "user.id"
 *	array, {}	JSON, as it is written; so is an object 16 levels down,
 *			or where all records before had something else
 *
 * Of two members with one key the last one counts.
 *
 * Where the first line is not an object, but begins an array, or an object of
 * several lines, the input is a document: a record is an object however many lines it
 * has.  What stands between objects must be blanks, commas and brackets of the
 * outermost array; more is not checked there.  Text that is none of these is a
 * reject up to the end of its line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "format/formats.h"
#include "format/json_named.h"
#include "format/json_shape.h"
#include "format/line.h"
#include "input/input_chunk.h"
#include "input/input_header.h"

struct own {
	struct lam_json_tree tree;
	uint32_t rest;
	bool document, bytes;
	struct lam_buf note; /* on the first record; empty: there is none */
};

/* ---------------------------------------------------------------- documents */

static bool
is_between(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' ||
		c == '[' || c == ']';
}

/* The length of the object at P[N], by its brackets; 0: it does not end. */
static size_t
object_length(const char *p, size_t n)
{
	size_t depth = 0;
	bool inside = false;

	for (size_t i = 0; i < n; i++) {
		char c = p[i];

		if (inside && c == '\\')
			i++;
		else if (c == '"')
			inside = !inside;
		else if (!inside && (c == '{' || c == '['))
			depth++;
		else if (!inside && (c == '}' || c == ']') && !--depth)
			return i + 1;
	}
	return 0;
}

/*
 * The next record of a document at P[N], from *FROM on, with what stands between the
 * objects around it, to the end of the line if nothing else follows there.  0: P
 * ends before it does.
 */
static size_t
document_record(const char *p, size_t n, bool last, size_t *from, size_t *length)
{
	size_t i = 0;

	while (i < n && is_between(p[i]))
		i++;
	*from = i;
	*length = 0;
	if (i == n)
		return last ? n : 0;
	if (p[i] == '{') {
		*length = object_length(p + i, n - i);
	} else {
		const char *end = memchr(p + i, '\n', n - i);

		*length = end ? (size_t)(end - p) - i : 0;
	}
	if (!*length && (last || n - i >= LAM_RECORD_MAX - 1))
		*length = n - i; /* brackets that are never closed */
	if (!*length)
		return 0;
	for (i += *length; i < n && is_between(p[i]); i++)
		if (p[i] == '\n')
			return i + 1;
	return i < n || last ? i : 0;
}

static int
scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e)
{
	const struct own *o = own;
	size_t from, length, bytes;

	if (!o->document)
		return lam_line_scan(own, p, n, last, max, x, e);
	*x = (struct lam_extent){ 0, 0, 0 };
	while (x->records < max && x->bytes < n) {
		bytes = document_record(p + x->bytes, n - x->bytes, last,
			&from, &length);
		if (!bytes)
			break;
		x->bytes += bytes;
		x->records++;
	}
	x->lines = lam_count_lines(p, x->bytes) -
		(x->bytes && x->bytes < n && p[x->bytes - 1] != '\n');
	return LAM_OK;
}

static bool
parts(const void *own)
{
	const struct own *o = own;

	return !o->document;
}

/* -------------------------------------------------------------------- parse */

static int
parse_record(struct lam_json_reader *r, struct lam_str s, struct lam_error *e)
{
	struct lam_parse *x = r->x;
	const char *why;
	int rc = lam_json_record(r, x->text + (s.p - x->text), s.n, &why, e);

	if (!rc && why)
		return lam_line_reject(x, s, why, e);
	if (!rc)
		lam_parse_row(x);
	return rc;
}

static bool
is_blank(struct lam_str s)
{
	size_t i = 0;

	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	return i == s.n;
}

static int
parse_lines(struct lam_json_reader *r, struct lam_error *e)
{
	struct lam_lines lines = lam_lines_of(r->x);
	struct lam_json_shapes shapes;
	struct lam_str s;
	int rc = LAM_OK;

	lam_json_shapes_init(&shapes, lam_masks_best());
	while (!rc) {
		size_t end = lines.at < r->x->n ? lam_json_shapes_take(&shapes,
			r->x, lines.at) : 0;

		if (end) {
			lam_lines_pass(&lines, end);
			lam_parse_row(r->x);
			continue;
		}
		if (!lam_lines_next(&lines, &s))
			break;
		if (*s.p != '{' && is_blank(s)) {
			r->x->blank++;
			continue;
		}
		lam_json_shapes_learn(&shapes, r, s);
		rc = parse_record(r, s, e);
	}
	return rc;
}

static int
parse_document(struct lam_json_reader *r, struct lam_error *e)
{
	struct lam_parse *x = r->x;
	size_t from, length, bytes;
	uint64_t line = x->line;
	int rc = LAM_OK;

	for (size_t at = 0; !rc && at < x->n; at += bytes) {
		char *p = x->text + at, end;

		bytes = document_record(p, x->n - at, true, &from, &length);
		if (length) {
			/* The object's lines; it is overwritten below. */
			uint64_t inner = lam_count_lines(p, bytes) -
				(p[bytes - 1] != '\n');

			x->line = line + lam_count_lines(p, from + 1) - 1;
			line += inner;
			end = p[from + length];
			rc = parse_record(r, (struct lam_str){ p + from,
				length }, e);
			p[from + length] = end;
		} else {
			x->blank += lam_count_lines(p, bytes);
		}
	}
	x->line = line;
	return rc;
}

static int
parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	const struct own *o = own;
	struct lam_buf *raw = &x->chunk->raw;
	struct lam_json_reader r = LAM_JSON_READER_INIT;
	int rc;

	/* No text that is put behind may move the chunk: rejects point into it. */
	if (!lam_buf_room(raw, x->n + 2 * LAM_JSON_PAD))
		return lam_fail_mem(e);
	x->text = raw->p;
	memset(raw->p + raw->n, 0, LAM_JSON_PAD);
	raw->n += LAM_JSON_PAD;
	r.tree = &o->tree;
	r.x = x;
	r.rest = o->rest;
	r.bytes = o->bytes;
	r.out = raw;
	rc = o->document ? parse_document(&r, e) : parse_lines(&r, e);
	lam_json_reader_release(&r);
	return rc;
}

/* ------------------------------------------------------------------- fields */

/* HEAD does not begin with an object of one line. */
static bool
is_document(struct lam_str head)
{
	struct lam_str s = lam_str_first_line(head);

	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s.n && (*s.p == '[' || (*s.p == '{' &&
		memchr("{[,", s.p[s.n - 1], 3)));
}

static size_t
skip_blanks(struct lam_str s, size_t i)
{
	while (i < s.n && memchr(" \t\r\n", s.p[i], 4))
		i++;
	return i;
}

/* The name of the only member of the object HEAD, if it is an array of objects, and a
 * shell may see the name in single quotes; else .n is 0. */
static struct lam_str
holder(struct lam_str head)
{
	static const char opening[] = "{\"";
	struct lam_str name = { NULL, 0 }, none = name;
	size_t i = 0, array = 0;

	for (size_t k = 0; k < 2; k++, i++) {
		i = skip_blanks(head, i);
		if (i >= head.n || head.p[i] != opening[k])
			return none;
	}
	name.p = head.p + i;
	for (; i < head.n && head.p[i] != '"'; i++)
		if (head.p[i] < ' ' || memchr("\\'", head.p[i], 2))
			return none;
	name.n = (size_t)(head.p + i - name.p);
	for (const char *c = "\":[{"; *c; c++, i++) {
		i = skip_blanks(head, i);
		if (i >= head.n || head.p[i] != *c)
			return none;
		array = *c == '[' ? i : array;
	}
	i = skip_blanks(head, array + object_length(head.p + array,
		head.n - array));
	return i < head.n && head.p[i] == '}' ? name : none;
}

/* The first record HEAD may be a document, such as those of CloudTrail, whose records
 * are in the array that is its only member: they are not taken out of it. */
static void
look_for_holder(struct own *o, struct lam_str head)
{
	struct lam_str name = holder(head);

	if (name.n)
		lam_buf_printf(&o->note, "its records are the elements of \"%.*s\", "
			"but one object is one record: jq -c '.[\"%.*s\"][]' makes "
			"a line of each", (int)name.n, name.p, (int)name.n, name.p);
}

/* Look at the first records of B, all of them. */
static int
look(void *own, const struct lam_buf *b, struct lam_error *e)
{
	struct own *o = own;
	size_t from, length, n;
	int r = LAM_OK;

	for (size_t at = 0; !r && at < b->n; at += n) {
		const char *p = b->p + at, *end;

		if (o->document) {
			n = document_record(p, b->n - at, true, &from,
				&length);
		} else {
			end = memchr(p, '\n', b->n - at);
			n = end ? (size_t)(end - p) + 1 : b->n - at;
			from = 0;
			length = n;
		}
		if (!at)
			look_for_holder(o, (struct lam_str){ p + from, length });
		r = lam_json_tree_record(&o->tree, p + from, length, e);
	}
	return r;
}

static void
close_json(void *own)
{
	struct own *o = own;

	lam_json_tree_release(&o->tree);
	lam_buf_release(&o->note);
	free(o);
}

static int
open_json(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *opt, void **own, struct lam_error *e)
{
	struct own *o = calloc(1, sizeof *o);
	int r;

	if (!o)
		return lam_fail_mem(e);
	*own = o;
	o->note = (struct lam_buf)LAM_BUF_INIT;
	lam_json_tree_init(&o->tree);
	lam_json_named_fields(self, &o->tree);
	o->bytes = self == &lam_format_journald;
	o->document = opt->saved ? !strcmp(opt->saved, "document") :
		is_document(lam_input_head(in));
	r = lam_json_tree_fields(&o->tree, in, opt, look, o, &o->rest, e);
	if (r || !o->note.n || opt->saved)
		return r;
	r = lam_buf_check(&o->note, e);
	return r ? r : lam_input_note(in, (struct lam_str){ o->note.p, o->note.n },
		e);
}

static int
save(const void *own, uint64_t state, struct lam_buf *out, struct lam_error *e)
{
	const struct own *o = own;

	(void)state;
	if (o->document)
		lam_buf_puts(out, "document");
	return lam_buf_check(out, e);
}

/* Whether S, a bracket, goes on like JSON: a whole object is not needed. */
static bool
begins_json(struct lam_str s)
{
	char open = *s.p;
	size_t i = 1;

	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\r' ||
		s.p[i] == '\n'))
		i++;
	if (i == s.n) /* the bracket has the first line for itself */
		return open == '{' || open == '[';
	return open == '{' ? s.p[i] == '"' || s.p[i] == '}' :
		open == '[' && (s.p[i] == '{' || s.p[i] == ']');
}

static unsigned
guess(const struct lam_format *self, struct lam_str head)
{
	struct lam_str line = lam_str_first_line(head);
	struct lam_json_value v;
	struct lam_json j;

	(void)self;

	if (!line.n)
		return 0;
	lam_json_init(&j, line.p, line.n);
	if (lam_json_peek(&j) == LAM_JSON_OBJECT && lam_json_skip(&j, &v) &&
		lam_json_end(&j))
		return 95;
	return begins_json(line) ? 85 : 0; /* what follows may not be there yet */
}

/* Surer than of JSON. */
static unsigned
guess_named(const struct lam_format *self, struct lam_str head)
{
	return lam_json_named_fits(self, lam_str_first_line(head)) ? 97 : 0;
}

#define NAMED(NAME) { .name = NAME, .takes = LAM_TAKES_FIELDS, .sparse = true, \
	.guess = guess_named, .open = open_json, .scan = scan, .parse = parse, \
	.close = close_json, .save = save, .parts = parts }

const struct lam_format lam_format_docker = NAMED("docker");
const struct lam_format lam_format_journald = NAMED("journald");
const struct lam_format lam_format_caddy = NAMED("caddy");
const struct lam_format lam_format_traefik_json = NAMED("traefik_json");

const struct lam_format lam_format_jsonl = { .name = "jsonl",
	.example = "{\"ts\":\"2026-01-31T23:59:59Z\",\"user\":{\"id\":7},\"ok\":true}",
	.suffix = ".jsonl", .takes = LAM_TAKES_FIELDS, .sparse = true,
	.guess = guess, .open = open_json, .scan = scan, .parse = parse,
	.close = close_json, .save = save, .parts = parts };
