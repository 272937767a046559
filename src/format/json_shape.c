/*
 * json_shape.c - records of JSON lines that are like the one before
 *
 * A shape is a list of steps: bytes, the glue, then a value.  What stands before the
 * first value, between two, and behind the last one was JSON where it was learnt; so
 * it is wherever each value is one.  The glue holds keys, brackets, quotes of values,
 * and members whose value is null and that are no fields.
 *
 * To go from one value to the next by looking for its end would be a chain of some 20
 * cycles a value, whatever the width of a vector.  So the quotes of a piece of text are
 * listed first, with backslashes and control characters, among them newlines
 * (Langdale and Lemire's first stage, as for CSV).  A record of a shape has as many as
 * the shape, so each step knows which of them are its own, and none waits for
 * another.  A string holds none, as its quotes are neighbours in the list.
 *
 * A value that is no string, or that is an array with as many elements as there were,
 * ends where it ends as a number or a word; then the next glue must stand there.
 * Strings with escapes, numbers with exponents, and longer arrays have no shape.
 *
 * A log may have a few shapes.  Each record of none is learnt, and then the oldest one
 * is forgotten.  Where most records are of none, all that is in vain: each of these
 * costs one of a credit, each other one gives one back.
 */
#include "format/json_shape.h"

#include "base/masks_wide.h"
#include "format/json_shape_body.h"

#define CREDIT 64
#define CREDIT_MAX 256

/* -------------------------------------------------------------------- match */

#if LAM_X86
#define LAM_KERNEL(name) name##_avx512
#define LAM_KERNEL_TARGET LAM_AVX512
#define LAM_SAME lam_same_avx512
#include "format/json_shape_body.h"

#define LAM_KERNEL(name) name##_avx2
#define LAM_KERNEL_TARGET LAM_AVX2
#define LAM_SAME lam_same_avx2
#include "format/json_shape_body.h"

#define LAM_KERNEL(name) name##_sse2
#define LAM_KERNEL_TARGET
#define LAM_SAME lam_same_sse2
#include "format/json_shape_body.h"
#endif

static uint32_t (*const matchers[])(const struct lam_json_shape *s,
	const char *text, uint32_t at, const uint32_t *e, uint32_t row,
	uint32_t *from) = {
	[LAM_MASKS_PLAIN] = match_plain,
#if LAM_X86
	[LAM_MASKS_SSE2] = match_sse2,
	[LAM_MASKS_AVX2] = match_avx2,
	[LAM_MASKS_AVX512] = match_avx512,
#endif
};

void
lam_json_shapes_init(struct lam_json_shapes *s, enum lam_masks masks)
{
	lam_specials_init(&s->specials, masks);
	s->n = s->last = s->next = 0;
	s->credit = CREDIT;
}

/* The record at AT, with the special bytes X, as SHAPE says: its end, or 0. */
static size_t
take(enum lam_masks masks, const struct lam_json_shape *shape, const uint32_t *x,
	const struct lam_parse *parse, size_t at)
{
	const char *text = parse->text;
	uint32_t from[LAM_JSON_STEPS];
	uint32_t end = matchers[masks](shape, text, (uint32_t)at, x, parse->rows,
		from);
	bool cr = end && text[end] == '\r';

	/* At the end of the text there is a NUL. */
	if (!end || (text[end + cr] != '\n' && (cr || end != parse->n)))
		return 0;
	for (uint32_t i = 0; i < shape->nabsent; i++)
		shape->absent[i][parse->rows] = (struct lam_cell){ 0,
			LAM_CELL_NULL };
	for (uint32_t i = 0; i < shape->nspans; i++) {
		const struct lam_json_span *s = &shape->span[i];
		uint32_t begin = from[s->step] + s->off;

		s->out[parse->rows] = (struct lam_cell){ begin,
			from[s->end_step] + s->end_off - begin };
	}
	return end + cr;
}

size_t
lam_json_shapes_take(struct lam_json_shapes *s, const struct lam_parse *x, size_t at)
{
	for (unsigned i = 0; s->credit && i < s->n; i++) {
		unsigned k = (s->last + i) % s->n;
		const uint32_t *next = lam_specials_next(&s->specials, x->text,
			at, x->n, s->shape[k].specials);
		size_t end = next ? take(s->specials.masks, &s->shape[k], next,
			x, at) : 0;

		if (end) {
			s->specials.i += s->shape[k].specials;
			s->last = k;
			s->credit += s->credit < CREDIT_MAX;
			return end;
		}
	}
	return 0;
}

/* -------------------------------------------------------------------- learn */

struct lesson {
	const struct lam_json_reader *r;
	struct lam_json_shape *shape;
	struct lam_json j;
	const char *from; /* the end of the value before: of a string, its quote */
};

/* Whether a value of S goes to OUT. */
static bool
has_value(const struct lam_json_shape *s, const struct lam_cell *out)
{
	if (!out)
		return false;
	for (uint32_t i = 0; i < s->nsteps; i++)
		if (s->step[i].out == out)
			return true;
	for (uint32_t i = 0; i < s->nspans; i++)
		if (s->span[i].out == out)
			return true;
	return false;
}

/* A step to the value at j.p, for OUT. */
static bool
add_step(struct lesson *l, struct lam_cell *out, bool last)
{
	struct lam_json_shape *s = l->shape;
	struct lam_json_step *t = &s->step[s->nsteps];
	bool string = lam_json_peek(&l->j) == LAM_JSON_STRING;
	size_t n = (size_t)(l->j.p - l->from) + string;
	struct lam_json_value v;

	if (s->nsteps == LAM_JSON_STEPS || n > LAM_JSON_GLUE)
		return false;
	*t = (struct lam_json_step){ .mask = n ? ~(uint64_t)0 >> (64 - n) : 0,
		.n = (uint32_t)n, .off = (uint32_t)n, .first = s->specials,
		.string = string, .last = last, .out = out };
	memcpy(t->glue, l->from, n);
	for (uint32_t i = (uint32_t)n; i-- > 0;)
		if (t->glue[i] == '"') {
			t->off = i;
			t->quotes++;
		}
	s->nsteps++;
	s->specials += t->quotes;
	if (!last && !lam_json_skip(&l->j, &v))
		return false;
	l->from = l->j.p - string;
	return true;
}

/* Steps to the values in the array or object at j.p, which goes as a whole to OUT. */
static bool
learn_whole(struct lesson *l, struct lam_cell *out)
{
	struct lam_json_shape *s = l->shape;
	enum lam_json_type type = lam_json_peek(&l->j);
	struct lam_json_span span = { out, s->nsteps,
		(uint32_t)(l->j.p - l->from), 0, 0 };
	struct lam_json_value key = { 0 };

	if (type != LAM_JSON_ARRAY && type != LAM_JSON_OBJECT)
		return add_step(l, out, false);
	if (l->r->bytes || !lam_json_enter(&l->j, type))
		return false;
	while (type == LAM_JSON_ARRAY ? lam_json_element(&l->j) :
		lam_json_key(&l->j, &key))
		if (key.escaped || !learn_whole(l, NULL))
			return false;
	span.end_step = s->nsteps;
	span.end_off = (uint32_t)(l->j.p - l->from);
	if (out) {
		/* Those without a value need no step: there may be more. */
		if (s->nspans == LAM_JSON_STEPS)
			return false;
		s->span[s->nspans++] = span;
	}
	return !l->j.why;
}

/* The steps of the object at j.p, whose members O knows. */
static bool
learn_object(struct lesson *l, const struct lam_json_object *o)
{
	const struct lam_json_member *top = o->member; /* as in json_record.c */
	struct lam_json_value key, v;

	(void)lam_json_enter(&l->j, LAM_JSON_OBJECT);
	while (lam_json_key(&l->j, &key)) {
		const struct lam_json_member *m = key.escaped ? NULL :
			lam_json_tree_find(l->r->tree, o, key.text);
		bool null = lam_json_peek(&l->j) == LAM_JSON_NULL;

		if (m && m->object && m < top)
			return false; /* its key may have come before */
		top = m && m >= top ? m + 1 : top;
		if (m && m->object && lam_json_has_members(&l->j)) {
			if (!learn_object(l, m->object))
				return false;
		} else if (m && m->field != LAM_JSON_NO_FIELD) {
			const struct lam_parse *x = l->r->x;

			if (has_value(l->shape, x->cell[m->field]) ||
				!learn_whole(l, x->cell[m->field]))
				return false;
		} else if (!m || !null || !lam_json_skip(&l->j, &v)) {
			return false;
		}
	}
	return !l->j.why;
}

/* The columns that have no value.  False: there are too many. */
static bool
find_absent(struct lam_json_shape *s, const struct lam_parse *x)
{
	for (uint32_t f = 0; f < x->nfields; f++) {
		if (!x->cell[f] || has_value(s, x->cell[f]))
			continue;
		if (s->nabsent == LAM_JSON_STEPS)
			return false;
		s->absent[s->nabsent++] = x->cell[f];
	}
	return true;
}

void
lam_json_shapes_learn(struct lam_json_shapes *s, const struct lam_json_reader *r,
	struct lam_str line)
{
	struct lam_json_shape *f = &s->fresh;
	struct lesson l = { .r = r, .shape = f, .from = line.p };

	if (!s->credit)
		return;
	s->credit--;
	f->nsteps = f->nspans = f->nabsent = f->specials = 0;
	lam_json_init(&l.j, line.p, line.n);
	if (lam_json_peek(&l.j) != LAM_JSON_OBJECT ||
		!learn_object(&l, &r->tree->root) || !lam_json_end(&l.j) ||
		!add_step(&l, NULL, true) || !find_absent(f, r->x) ||
		f->specials >= LAM_SPECIALS_FEW)
		return;
	f->specials++;
	s->shape[s->next] = *f;
	s->last = s->next;
	s->n += s->n < LAM_JSON_SHAPES;
	s->next = (s->next + 1) % LAM_JSON_SHAPES;
}
