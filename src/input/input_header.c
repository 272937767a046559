/*
 * input_header.c - the names of an input's fields
 *
 * Its format declares them: they are fixed, or given, or the first record that is
 * not blank holds them (input_header_guess.c tells it from data), or they are
 * known, or made up: c1, c2, ... Every field gets a name of its own: an empty one
 * in place I is "columnI", and a name that is taken gets the first suffix of _2,
 * _3, ... that makes it free. Anybody may have written the header, so no header
 * may make this slow: names are found by a seeded hash, and each remembers the
 * next suffix to try.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/name.h"
#include "input/input_chunk.h"
#include "input/input_header.h"
#include "input/input_internal.h"

#define SUFFIX_MAX 12 /* bytes of "_4294967295" and its NUL */

struct names {
	struct lam_input *in;
	const struct lam_declared *given;
	size_t n;
	unsigned *suffix; /* [n]: the next one to try */
	uint16_t *slot;	  /* hash table: number of a field + 1 */
	size_t slots;	  /* a power of 2, at least 2 n */
	uint64_t seed;
};

/* The slot of NAME, or the free one where it belongs. */
static uint16_t *
find(struct names *x, const char *name, size_t n)
{
	uint64_t i = lam_hash(name, n, x->seed);

	for (;; i++) {
		uint16_t *s = &x->slot[i & (x->slots - 1)];

		if (!*s || !strcmp(x->in->field[*s - 1], name))
			return s;
	}
}

/* The line that gave the fields, for messages. */
static unsigned long long
line_of(const struct lam_input *in)
{
	return in->header_line ? in->header_line : 1;
}

/* Field I gets the name it was given, or one made from that. */
static int
name_field(struct names *x, size_t i, struct lam_error *e)
{
	char name[LAM_FIELD_NAME_MAX + SUFFIX_MAX + 1];
	struct lam_str s = x->given[i].name;
	uint16_t *slot, *first;
	size_t n = s.n;

	if (!n)
		n = (size_t)snprintf(name, sizeof name, "column%zu", i + 1);
	else if (!lam_field_name_ok(s.p, n))
		return lam_fail(e, LAM_DATA, "%s:%llu: field %zu: not a name: "
			"at most %d bytes, no NUL, no newline", x->in->path,
			line_of(x->in), i + 1, LAM_FIELD_NAME_MAX);
	else
		memcpy(name, s.p, n);
	name[n] = '\0';
	first = slot = find(x, name, n);
	if (n > LAM_FIELD_NAME_MAX - SUFFIX_MAX)
		n = LAM_FIELD_NAME_MAX - SUFFIX_MAX;
	while (*slot) {
		int m = snprintf(name + n, SUFFIX_MAX, "_%u",
			x->suffix[*first - 1]++);

		slot = find(x, name, n + (size_t)m);
	}
	x->in->field[i] = lam_arena_dup(&x->in->arena, name, strlen(name));
	x->in->type[i] = x->given[i].type;
	x->suffix[i] = 2;
	*slot = (uint16_t)(i + 1);
	return x->in->field[i] ? LAM_OK : lam_fail_mem(e);
}

static int
name_fields(struct names *x, struct lam_error *e)
{
	int r = LAM_OK;

	for (x->slots = 16; x->slots < 2 * x->n; x->slots *= 2)
		;
	x->in->field = LAM_ARENA_NEW(&x->in->arena, const char *,
		x->n + 1 + LAM_ORIGIN_ALL);
	x->in->type = LAM_ARENA_NEW(&x->in->arena, struct lam_coltype,
		x->n + 1 + LAM_ORIGIN_ALL);
	x->suffix = calloc(x->n + 1, sizeof *x->suffix);
	x->slot = calloc(x->slots, sizeof *x->slot);
	if (!x->in->field || !x->in->type || !x->suffix || !x->slot)
		return lam_fail_mem(e);
	x->seed = lam_hash_seed();
	for (size_t i = 0; !r && i < x->n; i++)
		r = name_field(x, i, e);
	return r;
}

int
lam_input_name_fields(struct lam_input *in, struct lam_error *e)
{
	struct names x = { .in = in, .n = in->nfields };
	int r;

	if (x.n > LAM_FIELDS_MAX)
		return lam_fail(e, LAM_DATA, "%s:%llu: %zu fields: at most %d",
			in->path, line_of(in), x.n, LAM_FIELDS_MAX);
	x.given = (const struct lam_declared *)(const void *)in->declared.p;
	r = name_fields(&x, e);
	lam_buf_release(&in->declared);
	free(x.suffix);
	free(x.slot);
	return r;
}

int
lam_input_add_field(struct lam_input *in, struct lam_str name,
	struct lam_coltype type, struct lam_error *e)
{
	struct lam_declared d = { { NULL, name.n }, type };

	if (in->nfields++ >= LAM_FIELDS_MAX)
		return LAM_OK; /* too many: they are only counted */
	d.name.p = lam_arena_dup(&in->arena, name.p ? name.p : "", name.n);
	if (!d.name.p)
		return lam_fail_mem(e);
	lam_buf_put(&in->declared, &d, sizeof d);
	return lam_buf_check(&in->declared, e);
}

/* ------------------------------------------------------------ header lines */

#define GUESS_RECORDS 64 /* are looked at */
#define LOOK_MAX ((size_t)8 << 20) /* bytes of a line, for that */

struct values {
	struct lam_input *in;
	bool names; /* the values are; else there are as many fields */
	bool sure;  /* something says so */
	uint32_t n;
	int code;
	struct lam_error *e;
	/* The names that are given, against the values: */
	const struct lam_input_options *given;
	bool other;
};

static void
on_given(void *arg, struct lam_str value)
{
	struct values *v = arg;
	uint32_t i = v->n++;

	v->other |= i >= v->given->nfields ||
		value.n != strlen(v->given->fields[i]) || (value.n &&
		memcmp(value.p, v->given->fields[i], value.n));
}

static void
on_value(void *arg, struct lam_str value)
{
	struct values *v = arg;

	v->n++;
	if (!v->code && v->names)
		v->code = lam_input_add_field(v->in, value,
			(struct lam_coltype){ LAM_TYPES, 0 }, v->e);
}

/* The N fields of records without a header have the known names, if as many. */
static int
make_names(struct values *v)
{
	const struct lam_input_options *o = v->given;
	bool known = o->nknown == v->n;
	char name[16];

	for (uint32_t i = 0; !v->code && i < v->n; i++) {
		struct lam_str s = { name, 0 };

		if (known)
			s = (struct lam_str){ o->known[i], strlen(o->known[i]) };
		else
			s.n = (size_t)snprintf(name, sizeof name, "c%u", i + 1);
		v->code = lam_input_add_field(v->in, s,
			(struct lam_coltype){ LAM_TYPES, 0 }, v->e);
	}
	return v->code;
}

/* The record P[N] may come again: one name alone only if it is surely one. */
static int
keep_header(struct values *v, const char *p, size_t n)
{
	struct lam_input *in = v->in;

	in->has_header = true;
	n -= n && p[n - 1] == '\n';
	n -= n && p[n - 1] == '\r';
	if (!n || (!v->sure && v->n == 1))
		return LAM_OK;
	return lam_input_keep_header(in, (struct lam_str){ p, n }, v->e);
}

void
lam_input_comments(struct lam_input *in, char comment)
{
	in->comment = comment;
}

/* Whether the record B, of IN, is blank or a comment. */
static bool
is_blank(const struct lam_input *in, const struct lam_buf *b)
{
	return b->n == 0 || b->p[0] == '\n' ||
		(in->comment && b->p[0] == in->comment) ||
		(b->p[0] == '\r' && (b->n == 1 || b->p[1] == '\n'));
}

/* The length of the first record in B, which are one record or more. */
static int
first_record(struct lam_input *in, const struct lam_buf *b, size_t *n,
	struct lam_error *e)
{
	struct lam_extent x;
	int r = in->format->scan(in->own, b->p, b->n, true, 1, &x, e);

	*n = x.bytes;
	return r;
}

/*
 * Whether the next record names the fields.  Where it alone does not say it, one more
 * is waited for, and all that are there are looked at.
 */
static int
look_ahead(struct values *v, lam_values_fn *values, struct lam_error *e)
{
	struct lam_input *in = v->in;
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_extent x;
	size_t first = 0;
	int r = LAM_OK;

	for (uint32_t max = 2; !r; max = GUESS_RECORDS) {
		r = lam_input_look(in, &b, max, LOOK_MAX, max == 2 ? -1 : 0,
			&x, e);
		if (!r && b.n)
			r = first_record(in, &b, &first, e);
		if (!r && b.n)
			r = lam_input_guess_header(in, values, v->given,
				(struct lam_str){ b.p, first },
				(struct lam_str){ b.p + first, b.n - first },
				&v->names, &v->sure, e);
		if (!r && b.n)
			r = lam_input_untake(in, &b, &x, e);
		if (!r && !v->sure && x.records < 2 && !in->ended &&
			in->carry.n - in->carry_at < LOOK_MAX)
			r = lam_input_early(in, e); /* none is too long */
		if (v->sure || x.records < 2 || max == GUESS_RECORDS)
			break;
	}
	lam_buf_release(&b);
	return r;
}

/* The first record that is not blank, of X, which is not yet taken. */
static int
take_first(struct lam_input *in, struct lam_buf *b, struct lam_extent *x,
	struct lam_error *e)
{
	int r;

	do {
		in->header_line = in->line;
		r = lam_input_take(in, b, 1, -1, NULL, x, e);
	} while (!r && b->n && is_blank(in, b));
	return r;
}

/* The first record that is not blank: names, or the first of the log. */
static int
read_header(struct values *v, lam_values_fn *values, struct lam_error *e)
{
	struct lam_input *in = v->in;
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_extent extent;
	const char *reason = NULL;
	int r = take_first(in, &b, &extent, e);

	if (!r && b.n && !in->cut && v->given->header == LAM_HEADER_GUESS) {
		r = lam_input_untake(in, &b, &extent, e);
		if (!r)
			r = look_ahead(v, values, e);
		if (!r)
			r = take_first(in, &b, &extent, e);
	}
	if (!r && !b.n && !in->ended)
		r = lam_input_early(in, e);
	if (!r && in->cut)
		reason = "the line is too long";
	else if (!r && b.n)
		r = values(in->own, b.p, b.n, &reason, on_value, v, e);
	r = r ? r : v->code;
	if (!r && reason)
		r = lam_fail(e, LAM_DATA, "%s:%llu: the first record should "
			"give the fields, but is no record: %s", in->path,
			line_of(in), reason);
	if (!r && !v->names)
		r = make_names(v);
	if (!r && b.n)
		r = v->names ? keep_header(v, b.p, b.n) :
			lam_input_untake(in, &b, &extent, e);
	lam_buf_release(&b);
	return r;
}

/* A first record that is the names that are given is taken from the input. */
static int
skip_header(struct values *v, lam_values_fn *values, struct lam_error *e)
{
	struct lam_input *in = v->in;
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_extent extent;
	const char *reason = NULL;
	uint64_t line;
	int r;

	do {
		line = in->line;
		r = lam_input_take(in, &b, 1, -1, NULL, &extent, e);
	} while (!r && b.n && is_blank(in, &b));
	if (!r && in->cut)
		r = lam_fail(e, LAM_DATA, "%s:%" PRIu64 ": the first line, which "
			"may be a header line, is too long", in->path, line);
	if (!r && b.n)
		r = values(in->own, b.p, b.n, &reason, on_given, v, e);
	if (!r && b.n && (reason || v->other ||
		v->n != v->given->nfields))
		r = lam_input_untake(in, &b, &extent, e);
	else if (!r && b.n)
		r = keep_header(v, b.p, b.n);
	if (!r && in->has_header)
		in->header_line = line;
	lam_buf_release(&b);
	return r;
}

/* The header of a text that is gone on with: it may come again, too. */
static int
recall_header(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e)
{
	struct lam_str s = { o->saved, o->saved ? strlen(o->saved) : 0 };
	struct lam_buf b = LAM_BUF_INIT;
	int r = LAM_OK;

	if (!s.n)
		return LAM_OK;
	if (!lam_unescape(s, &b))
		r = lam_fail(e, LAM_DATA, "%s: what was kept of its header line "
			"is damaged", in->path);
	if (!r)
		r = lam_buf_check(&b, e);
	if (!r)
		in->header = (struct lam_str){ lam_arena_dup(&in->arena, b.p,
			b.n), b.n };
	if (!r && !in->header.p)
		r = lam_fail_mem(e);
	lam_buf_release(&b);
	return r;
}

int
lam_input_add_header(struct lam_input *in, const struct lam_input_options *o,
	lam_values_fn *values, struct lam_error *e)
{
	struct values v = { .in = in, .names = o->header == LAM_HEADER_YES ||
			o->header == LAM_HEADER_IF_ANY,
		.sure = o->header != LAM_HEADER_GUESS, .e = e, .given = o };

	if (!o->fields)
		return read_header(&v, values, e);
	if (o->header == LAM_HEADER_YES)
		return lam_fail(e, LAM_USAGE, "%s: names of its fields are given, "
			"so its first line cannot be a header line, too: give one "
			"of the two, or say that it is none", in->path);
	if (o->nfields > LAM_FIELDS_MAX)
		return lam_fail(e, LAM_USAGE, "%zu names of fields are given: "
			"at most %d are possible", o->nfields, LAM_FIELDS_MAX);
	v.names = true;
	for (size_t i = 0; i < o->nfields; i++)
		on_value(&v, (struct lam_str){ o->fields[i],
			strlen(o->fields[i]) });
	v.sure = true;
	v.n = 0;
	if (v.code)
		return v.code;
	return o->skip_header ? skip_header(&v, values, e) :
		recall_header(in, o, e);
}

int
lam_input_list_fields(struct lam_input_options *o, const char *list,
	struct lam_arena *a, struct lam_error *e)
{
	struct lam_str rest = { list, strlen(list) }, item;
	const char **name;
	size_t n = 1;

	for (const char *p = list; *p; p++)
		n += *p == ',';
	name = LAM_ARENA_NEW(a, const char *, n);
	if (!name)
		return lam_fail_mem(e);
	for (n = 0; lam_str_cut(&rest, ',', &item); n++) {
		name[n] = lam_arena_dup(a, item.p, item.n);
		if (!name[n])
			return lam_fail_mem(e);
	}
	o->fields = name;
	o->nfields = n;
	return LAM_OK;
}

int
lam_input_keep_header(struct lam_input *in, struct lam_str line,
	struct lam_error *e)
{
	in->header = (struct lam_str){ lam_arena_dup(&in->arena, line.p, line.n),
		line.n };
	return in->header.p ? LAM_OK : lam_fail_mem(e);
}

struct lam_str
lam_input_kept_header(const struct lam_input *in)
{
	return in->header;
}

int
lam_input_note(struct lam_input *in, struct lam_str text, struct lam_error *e)
{
	in->note = lam_arena_dup(&in->arena, text.p, text.n);
	return in->note ? LAM_OK : lam_fail_mem(e);
}

const char *
lam_input_label(const struct lam_input *in)
{
	return strcmp(in->path, "-") ? in->path : "standard input";
}
