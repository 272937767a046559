/*
 * header.c - the names of an input's fields
 *
 * A format has fixed names, or they are given, or the first record that is not
 * blank holds them, or they are made up: column1, column2, ...  Every field gets a
 * name of its own: an empty one in place I is "columnI", and a name that is
 * taken gets the suffix _2, _3, ..., the first that makes it free.  A header is
 * written by whoever wrote the log, so this must not be slow for any: names are
 * found by a seeded hash, and each remembers the next suffix to try.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/name.h"
#include "input/input_internal.h"

#define SUFFIX_MAX 12 /* bytes of "_4294967295" and its NUL */

struct names {
	struct lam_input *in;
	uint64_t line; /* of the header */
	size_t n;
	struct lam_buf given; /* struct lam_str [n]; empty: none are */
	unsigned *suffix;     /* [n]: the next one to try */
	uint16_t *slot;	      /* hash table: number of a field + 1 */
	size_t slots;	      /* a power of 2, at least 2 n */
	uint64_t seed;
	bool oom;
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

/* Field I gets the name it was given, or one made from that. */
static int
name_field(struct names *x, size_t i, struct lam_error *e)
{
	char name[LAM_FIELD_NAME_MAX + SUFFIX_MAX + 1];
	struct lam_str s = { NULL, 0 };
	uint16_t *slot, *first;
	size_t n;

	if (x->given.n)
		memcpy(&s, x->given.p + i * sizeof s, sizeof s);
	n = s.n;
	if (!n)
		n = (size_t)snprintf(name, sizeof name, "column%zu", i + 1);
	else if (!lam_field_name_ok(s.p, n))
		return lam_fail(e, LAM_DATA, "%s:%llu: field %zu: not a name: "
			"at most %d bytes, no NUL, no newline", x->in->path,
			(unsigned long long)x->line, i + 1, LAM_FIELD_NAME_MAX);
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
	x->suffix[i] = 2;
	*slot = (uint16_t)(i + 1);
	return x->in->field[i] ? LAM_OK : lam_fail_mem(e);
}

static int
name_fields(struct names *x, struct lam_error *e)
{
	int r = LAM_OK;

	if (x->n > LAM_FIELDS_MAX)
		return lam_fail(e, LAM_DATA, "%s:%llu: %zu fields: at most %d",
			x->in->path, (unsigned long long)x->line, x->n,
			LAM_FIELDS_MAX);
	for (x->slots = 16; x->slots < 2 * x->n; x->slots *= 2)
		;
	x->in->field = LAM_ARENA_NEW(&x->in->arena, const char *, x->n + 1);
	x->suffix = calloc(x->n + 1, sizeof *x->suffix);
	x->slot = calloc(x->slots, sizeof *x->slot);
	if (!x->in->field || !x->suffix || !x->slot)
		return lam_fail_mem(e);
	x->seed = lam_hash_seed();
	for (size_t i = 0; !r && i < x->n; i++)
		r = name_field(x, i, e);
	x->in->nfields = (uint32_t)x->n;
	return r;
}

static void
on_value(void *arg, struct lam_str value)
{
	struct names *x = arg;
	char *copy;

	if (x->n++ >= LAM_FIELDS_MAX)
		return;
	copy = lam_arena_dup(&x->in->arena, value.p ? value.p : "", value.n);
	x->oom |= !copy;
	value.p = copy;
	lam_buf_put(&x->given, &value, sizeof value);
}

static bool
is_blank(const struct lam_buf *b)
{
	return b->n == 0 || b->p[0] == '\n' ||
		(b->p[0] == '\r' && (b->n == 1 || b->p[1] == '\n'));
}

/* The values of the first record that is not blank; LEAVE it in the input. */
static int
read_values(struct names *x, bool leave, struct lam_error *e)
{
	struct lam_input *in = x->in;
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_extent extent;
	const char *reason = NULL;
	size_t bytes;
	int r;

	do {
		x->line = in->line;
		r = lam_input_take(in, &b, 1, -1, NULL, &extent, e);
	} while (!r && b.n && is_blank(&b));
	if (!r && in->cut)
		reason = "the line is too long";
	else if (!r && b.n)
		r = lam_csv_record(in->format->delimiter, b.p, b.n, true,
			&bytes, &reason, on_value, x, e);
	if (!r && reason)
		r = lam_fail(e, LAM_DATA, "%s:%llu: the first record, which "
			"tells the fields, is none: %s", in->path,
			(unsigned long long)x->line, reason);
	if (!r && leave && b.n)
		r = lam_input_untake(in, &b, &extent, e);
	lam_buf_release(&b);
	return r;
}

int
lam_input_set_fields(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e)
{
	struct names x = { .in = in, .line = in->line };
	const char *const *given = in->format->fields;
	size_t n = in->format->nfields;
	int r = LAM_OK;

	if (given && o->fields)
		return lam_fail(e, LAM_USAGE, "%s: names of fields are for csv "
			"and tsv: %s lines have fields of their own", in->path,
			in->format->name);
	if (!given && !o->header) {
		given = o->fields;
		n = o->nfields;
	}
	if (!given)
		r = read_values(&x, !o->header, e);
	for (size_t i = 0; given && i < n; i++)
		on_value(&x, (struct lam_str){ given[i], strlen(given[i]) });
	if (!r && (x.oom || lam_buf_check(&x.given, NULL)))
		r = lam_fail_mem(e);
	if (!given && !o->header)
		lam_buf_clear(&x.given); /* they are a record, not names */
	if (!r)
		r = name_fields(&x, e);
	lam_buf_release(&x.given);
	free(x.suffix);
	free(x.slot);
	return r;
}
