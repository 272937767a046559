/*
 * view_diff.c - rows of a view before and after, and what became of them
 *
 * The query is "select * from VIEW where (CONDITION)", to which is added that each key
 * is one of those that it has in the new records.  So blocks without such keys are not
 * read.  (What passes are all combinations of these keys, of which some did not change;
 * they are found to be the same.)  Its keys are output once more, under names of no
 * column, so that a row is told from others whatever the view shows of its keys.
 */
#include "trigger/view_diff.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/hash.h"
#include "lambda/shape.h"
#include "output/output.h"
#include "trigger/condition.h"
#include "sql/regroup.h"

/* Some of the outputs of a query, as an object a row. */
struct part {
	uint32_t *column;
	struct lam_query shown;
	struct lam_writer *writer;
};

enum { IDENTITY, KEYS, ALL, OTHERS, PARTS }; /* OTHERS: not KEYS, "_old_..." */

struct rows {
	const struct side *side;
	struct lam_buf text;
	size_t *end; /* of the parts of each row: [n * PARTS] */
	size_t n, cap;
};

struct side { /* what both sides have in common */
	const struct lam_view_diff *d;
	struct lam_arena *arena;
	struct lam_query *query;
	struct part part[PARTS];
	struct lam_vec *pick;
};

/* ------------------------------------------------------------------- query */

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	const struct lam_view_diff *d = ((struct side *)state)->d;

	(void)e;
	*out = (struct lam_relation){ .name = scan->name,
		.view = d->of->view->query };
	return LAM_OK;
}

static int
bind(struct side *s, struct lam_error *e)
{
	const struct lam_function *fn = s->d->function;
	struct lam_condition c = { .function = fn, .relation = find, .state = s };
	int rc = lam_condition_bind(&c, s->arena, &s->query, e);

	if (!rc && s->query->nkeys != s->d->of->view->query->nkeys)
		rc = lam_fail(e, LAM_USAGE, "where %s: is more than a condition",
			fn->where);
	return rc;
}

/* The keys once more, behind the outputs. */
static int
add_identity(struct side *s, struct lam_error *e)
{
	struct lam_query *q = s->query;
	struct lam_output *all = LAM_ARENA_NEW(s->arena, struct lam_output,
		q->noutputs + q->nkeys + 1);

	if (!all)
		return lam_fail_mem(e);
	memcpy(all, q->output, q->noutputs * sizeof *all);
	for (uint32_t k = 0; k < q->nkeys; k++) {
		struct lam_expr *x = lam_expr_field(k, q->key[k]->type, s->arena);

		if (!x)
			return lam_fail_mem(e);
		x->kind = LAM_X_KEY;
		all[q->noutputs + k] = (struct lam_output){ "\n", x };
	}
	q->output = all;
	return LAM_OK;
}

static bool
belongs(const struct lam_query *q, uint32_t i, unsigned part)
{
	bool hidden = i >= q->noutputs;
	bool key = !hidden && q->output[i].expr->kind == LAM_X_KEY;

	return part == IDENTITY ? hidden : !hidden && (part == ALL ||
		(part == KEYS) == key);
}

static int
open_part(struct side *s, unsigned which, struct lam_error *e)
{
	const struct lam_query *q = s->query;
	struct part *p = &s->part[which];
	uint32_t all = q->noutputs + q->nkeys;
	struct lam_output *o = LAM_ARENA_NEW(s->arena, struct lam_output, all + 1);
	struct lam_buf name = LAM_BUF_INIT;

	p->column = LAM_ARENA_NEW(s->arena, uint32_t, all + 1);
	p->shown = *q;
	p->shown.output = o;
	p->shown.noutputs = 0;
	if (!o || !p->column)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < all; i++) {
		uint32_t n = p->shown.noutputs;

		if (!belongs(q, i, which))
			continue;
		lam_buf_clear(&name);
		lam_buf_printf(&name, "%s%s", which == OTHERS ? "_old_" : "",
			q->output[i].name);
		o[n].name = lam_arena_dup(s->arena, lam_buf_str(&name), name.n);
		o[n].expr = q->output[i].expr;
		p->column[n] = i;
		p->shown.noutputs += o[n].name != NULL;
	}
	lam_buf_release(&name);
	return lam_writer_open(&p->writer, "jsonl", -1, &p->shown, true, e);
}

/* ------------------------------------------------------- the keys that changed */

static struct lam_expr *
constant(const struct lam_vec *v, uint32_t i, struct lam_arena *a)
{
	struct lam_expr *x = lam_expr_time(0, a);

	if (!x)
		return NULL;
	x->type = v->type;
	if (v->type == LAM_TIME) {
		x->time = lam_vec_time(v, i);
	} else if (v->type == LAM_NUMBER) {
		x->num = lam_vec_num(v, i);
	} else {
		x->text = lam_vec_text(v, i);
		x->text.p = lam_arena_dup(a, x->text.p, x->text.n);
	}
	return v->type == LAM_TEXT && !x->text.p ? NULL : x;
}

static bool
same(const struct lam_vec *v, uint32_t i, uint32_t k)
{
	if (v->type == LAM_TIME)
		return lam_vec_time(v, i) == lam_vec_time(v, k);
	if (v->type == LAM_NUMBER)
		return !lam_num_cmp(lam_vec_num(v, i), lam_vec_num(v, k));
	return !lam_str_cmp(lam_vec_text(v, i), lam_vec_text(v, k));
}

/* Neighbours that are equal are one value; a list may have others twice. */
static int
take_keys(struct lam_expr ***list, uint32_t *n, uint32_t *cap, bool *null,
	const struct lam_vec *v, struct lam_arena *a, struct lam_error *e)
{
	uint32_t last = v->n;

	for (uint32_t i = 0; i < v->n; i++) {
		if (lam_vec_is_null(v, i)) {
			*null = true;
			continue;
		}
		if (last < v->n && same(v, last, i))
			continue;
		last = i;
		if (*n + 1 >= *cap) {
			uint32_t more = *cap ? 2 * *cap : 64;
			struct lam_expr **big = LAM_ARENA_NEW(a, struct lam_expr *,
				more);

			if (!big)
				return lam_fail_mem(e);
			if (*n)
				memcpy(big, *list, (*n + 1) * sizeof *big);
			*list = big;
			*cap = more;
		}
		(*list)[++*n] = constant(v, i, a);
		if (!(*list)[*n])
			return lam_fail_mem(e);
	}
	return LAM_OK;
}

static struct lam_expr *
call2(enum lam_fn fn, struct lam_expr *x, struct lam_expr *y, struct lam_arena *a)
{
	return lam_expr_call(fn, LAM_BOOL, 2, (struct lam_expr *[]){ x, y }, a);
}

/* Key K is one of LIST[1..N], or NULL. */
static struct lam_expr *
condition(struct side *s, uint32_t k, struct lam_expr **list, uint32_t n, bool null)
{
	uint8_t type = s->d->of->view->query->key[k]->type;
	struct lam_expr *x = NULL, *is, *field = lam_expr_field(k, type, s->arena);

	if (n) {
		list[0] = lam_expr_field(k, type, s->arena);
		x = lam_expr_call(LAM_FN_IN, LAM_BOOL, n + 1, list, s->arena);
	}
	if (!null)
		return x;
	is = lam_expr_call(LAM_FN_IS_NULL, LAM_BOOL, 1, &field, s->arena);
	return n ? call2(LAM_FN_OR, x, is, s->arena) : is;
}

static int
restrict_key(struct side *s, uint32_t k, struct lam_error *e)
{
	const struct lam_images *i = s->d->images;
	struct lam_images_source src;
	struct lam_expr **list = NULL, *x;
	uint32_t n = 0, cap = 0;
	bool null = false, got = true;
	int rc = lam_images_source_init(&src, i, i->n - 1, i->n, e);

	while (!rc && got) {
		struct lam_batch b = { .arena = s->arena };
		struct lam_vec v;
		uint64_t bad = 0;

		rc = src.chain.source.next(&src.chain.source, 0, &b, &got, e);
		if (!rc && got)
			rc = b.load(&b, k, false, &v, &bad, e);
		if (!rc && got)
			rc = take_keys(&list, &n, &cap, &null, &v, s->arena, e);
	}
	lam_images_source_release(&src);
	if (rc || (!n && !null))
		return rc;
	x = condition(s, k, list, n, null);
	if (x && s->query->where)
		x = call2(LAM_FN_AND, s->query->where, x, s->arena);
	s->query->where = x;
	s->query->input->used[k] = true;
	return x ? LAM_OK : lam_fail_mem(e);
}

/* -------------------------------------------------------------------- rows */

static int
take_rows(void *arg, const struct lam_vec *column, uint32_t n, struct lam_error *e)
{
	struct rows *r = arg;
	struct lam_str text[PARTS];
	const size_t *end[PARTS];
	size_t rows, need = (r->n + n) * PARTS;
	int rc = LAM_OK;

	for (unsigned k = 0; !rc && k < PARTS; k++) {
		const struct part *p = &r->side->part[k];

		for (uint32_t i = 0; i < p->shown.noutputs; i++)
			r->side->pick[i] = column[p->column[i]];
		rc = lam_writer_rows(p->writer, r->side->pick, n, e);
		text[k] = lam_writer_text(p->writer, &end[k], &rows);
	}
	if (!rc && !lam_array_room(&r->end, &r->cap, need, sizeof *r->end))
		rc = lam_fail_mem(e);
	for (uint32_t i = 0; !rc && i < n; i++)
		for (unsigned k = 0; k < PARTS; k++) {
			size_t from = i ? end[k][i - 1] : 0;

			lam_buf_put(&r->text, text[k].p + from, end[k][i] - from);
			r->end[(r->n + i) * PARTS + k] = r->text.n;
		}
	r->n += rc ? 0 : n;
	for (unsigned k = 0; k < PARTS; k++)
		lam_writer_taken(r->side->part[k].writer);
	return rc ? rc : lam_buf_check(&r->text, e);
}

static struct lam_str
text_of(const struct rows *r, size_t row, unsigned part)
{
	size_t at = row * PARTS + part, from = at ? r->end[at - 1] : 0;

	return (struct lam_str){ r->text.p + from, r->end[at] - from };
}

/* The rows that the images' files before LAST have. */
static int
run(struct side *s, size_t last, struct rows *r, struct lam_error *e)
{
	struct lam_row_sink sink = { NULL, take_rows, r, NULL };
	struct lam_resources one = { .threads = 1 };
	struct lam_drive_faults faults = { .records = { 0 } };
	struct lam_images_source src;
	struct lam_leaves leaves;
	int rc = lam_images_source_init(&src, s->d->images, 0, last, e);

	r->side = s;
	leaves = lam_drive_source(&src.chain.source);
	if (!rc)
		rc = lam_drive_rows(&leaves, s->query, &sink, &one, &faults, e);
	lam_images_source_release(&src);
	return rc;
}

/* ------------------------------------------------------------------ events */

/* The members of an object's line, behind a comma. */
static void
put_members(struct lam_buf *b, struct lam_str line)
{
	if (line.n > 3) /* {}LF */
		lam_buf_putc(b, ',');
	if (line.n > 3)
		lam_buf_put(b, line.p + 1, line.n - 3);
}

/* NOW or OLD is NULL: there is no such row. */
static int
put_event(const struct lam_view_diff *d, struct lam_queue *q, const struct rows *now,
	size_t i, const struct rows *old, size_t k, struct lam_error *e)
{
	static const struct lam_str none = { NULL, 0 };
	const struct rows *r = now ? now : old;
	size_t row = now ? i : k;
	const char *name = !old ? "NEW" : now ? "MODIFY" : "REMOVE";
	uint64_t pos = d->pos + lam_queue_events(q);

	if (d->function->lambda) {
		lam_shape_row(&q->text, &(struct lam_shape_image){
			.view = d->function->subject, .name = old ? name :
			"INSERT", .when = lam_clock_wall(),
			.keys = text_of(r, row, KEYS),
			.now = now ? text_of(now, i, ALL) : none,
			.old = old ? text_of(old, k, ALL) : none }, pos);
		return lam_queue_put(q, pos, e);
	}
	lam_buf_printf(&q->text, "{\"_event\":\"%s\"", name);
	put_members(&q->text, text_of(r, row, now ? ALL : KEYS));
	if (old)
		put_members(&q->text, text_of(old, k, OTHERS));
	lam_buf_puts(&q->text, "}\n");
	return lam_queue_put(q, pos, e);
}

static bool
equal(struct lam_str a, struct lam_str b)
{
	return a.n == b.n && !memcmp(a.p, b.p, a.n);
}

/* Rows of R by their identity: 1 + the row, or 0. */
static size_t *
make_table(const struct rows *r, size_t *mask)
{
	size_t size = 2, *t;

	while (size < 2 * r->n)
		size *= 2;
	t = calloc(size, sizeof *t);
	*mask = size - 1;
	for (size_t i = 0; t && i < r->n; i++) {
		struct lam_str id = text_of(r, i, IDENTITY);
		size_t at = lam_hash(id.p, id.n, lam_hash_seed()) & *mask;

		while (t[at])
			at = (at + 1) & *mask;
		t[at] = i + 1;
	}
	return t;
}

static size_t
look_up(const size_t *t, size_t mask, const struct rows *r, struct lam_str id)
{
	size_t at = lam_hash(id.p, id.n, lam_hash_seed()) & mask;

	while (t[at] && !equal(text_of(r, t[at] - 1, IDENTITY), id))
		at = (at + 1) & mask;
	return t[at];
}

static int
compare(const struct lam_view_diff *d, const struct rows *old, const struct rows *now,
	struct lam_queue *q, struct lam_error *e)
{
	size_t mask, *t = make_table(old, &mask);
	bool *stays = calloc(old->n + 1, sizeof *stays);
	int rc = t && stays ? LAM_OK : lam_fail_mem(e);

	for (size_t i = 0; !rc && i < now->n; i++) {
		size_t k = look_up(t, mask, old, text_of(now, i, IDENTITY));

		stays[k ? k - 1 : old->n] = true;
		if (!k)
			rc = put_event(d, q, now, i, NULL, 0, e);
		else if (!equal(text_of(now, i, ALL), text_of(old, k - 1, ALL)))
			rc = put_event(d, q, now, i, old, k - 1, e);
	}
	for (size_t k = 0; !rc && k < old->n; k++)
		if (!stays[k])
			rc = put_event(d, q, NULL, 0, old, k, e);
	free(t);
	free(stays);
	return rc;
}

static int
prepare(struct side *s, struct lam_error *e)
{
	int rc = bind(s, e);

	if (!rc)
		rc = add_identity(s, e);
	for (unsigned k = 0; !rc && k < PARTS; k++)
		rc = open_part(s, k, e);
	if (rc)
		return rc;
	s->query->noutputs += s->query->nkeys;
	s->pick = LAM_ARENA_NEW(s->arena, struct lam_vec, s->query->noutputs + 1);
	return s->pick ? LAM_OK : lam_fail_mem(e);
}

static void
release(struct side *s)
{
	for (unsigned k = 0; k < PARTS; k++)
		lam_writer_abandon(s->part[k].writer);
}

int
lam_view_diff_check(const struct lam_view_diff *d, struct lam_error *e)
{
	struct side s = { .d = d, .arena = d->of->arena };

	return bind(&s, e);
}

int
lam_view_diff(const struct lam_view_diff *d, struct lam_queue *q, struct lam_error *e)
{
	struct side s = { .d = d, .arena = d->of->arena };
	struct rows old = { .n = 0 }, now = { .n = 0 };
	int rc = prepare(&s, e);

	for (uint32_t k = 0; !rc && k < d->of->view->query->nkeys; k++)
		if (d->of->view->query->key[k]->type != LAM_BOOL)
			rc = restrict_key(&s, k, e);
	if (!rc)
		rc = run(&s, d->images->n - 1, &old, e);
	if (!rc)
		rc = run(&s, d->images->n, &now, e);
	if (!rc)
		rc = compare(d, &old, &now, q, e);
	release(&s);
	free(old.end);
	free(now.end);
	lam_buf_release(&old.text);
	lam_buf_release(&now.text);
	return rc;
}
