/*
 * agg_distinct.c - DISTINCT and VALUES: exact sets and bags of values, by group
 *
 * Slot: the size of the group's set; the members are in value_sets.c.  Values that
 * have codes in a batch are looked up once in it: rows are visited group by group,
 * and `seen` remembers by code the last group that had it.
 *
 * Text: netstrings ("3:abc") of the values' canonical texts, one after the
 * other, sorted bytewise by value.  Before those of a bag stands how often the value
 * was there, as in "2x3:abc".  A state that only merges knows its members by
 * these texts alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "group/agg.h"
#include "group/group_table.h"
#include "group/value_sets.h"

#define LANES LAM_SET_LANES

struct local {
	struct lam_vec v;
	const struct lam_vec *plain; /* 64 bits a row; NULL: */
	struct lam_key_codes codes;
	uint32_t *seen; /* [size]: group + 1 */
	uint64_t *times; /* [size]: of bags, in the group; zeros at rest */
};

static int
distinct_init(struct lam_agg *a, struct lam_error *e)
{
	const struct lam_expr *x = a->state->arg[0];

	a->own = malloc(sizeof(struct lam_value_sets));
	if (!a->own)
		return lam_fail_mem(e);
	lam_value_sets_init(a->own, x ? x->type : a->state->value,
		a->state->kind == LAM_VALUES, a->mem);
	return LAM_OK;
}

static void
distinct_release(struct lam_agg *a)
{
	if (a->own)
		lam_value_sets_release(a->own);
	free(a->own);
	a->own = NULL;
}

/* Would codes have to be made by hashing, of values that are their own bits? */
static bool
is_plain(const struct lam_vec *v)
{
	return (v->type == LAM_NUMBER || v->type == LAM_TIME) && !v->wide &&
		(v->rep == LAM_FLAT ||
			(v->rep == LAM_FOR && v->max >= LAM_BLOCK_ROWS - 2));
}

static int
distinct_update(struct lam_agg *a, struct lam_batch_groups *s,
	const struct lam_vec *v, struct lam_error *e)
{
	struct local *l = LAM_ARENA_NEW(s->arena, struct local, 1);
	int rc = l ? lam_agg_rows(a, s, v, &l->v, e) : lam_fail_mem(e);

	a->local = l;
	if (rc || a->state->merge)
		return rc;
	if (is_plain(&l->v)) {
		l->plain = lam_vec_flat(&l->v, s->arena);
		return l->plain ? LAM_OK : lam_fail_mem(e);
	}
	rc = lam_key_codes_init(&l->codes, &l->v, s->arena, e);
	if (rc)
		return rc;
	l->seen = LAM_ARENA_NEW(s->arena, uint32_t, l->codes.size);
	if (a->state->kind == LAM_VALUES)
		l->times = LAM_ARENA_NEW(s->arena, uint64_t, l->codes.size);
	return l->seen && (l->times || a->state->kind == LAM_DISTINCT) ?
		LAM_OK : lam_fail_mem(e);
}

static uint32_t
group_of(const struct lam_agg *a, const char *slot)
{
	return lam_group_table_number(a->table, slot - a->at);
}

/* Values that are to be added to sets: their memory accesses overlap. */
struct adding {
	uint32_t n;
	char *slot[LANES];	/* of the group ... */
	uint32_t group[LANES];	/* ... and its number */
	struct lam_set_value v[LANES];
	uint64_t times[LANES];	/* of bags */
	uint32_t code[LANES];	/* of which V is to be made */
};

static int
add_all(struct lam_agg *a, struct adding *x, struct lam_error *e)
{
	bool added[LANES];

	if (!lam_value_sets_add(a->own, x->group, x->v, a->state->kind ==
		LAM_VALUES ? x->times : NULL, x->n, added))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < x->n; i++) {
		uint64_t size;

		memcpy(&size, x->slot[i], sizeof size);
		size += added[i];
		memcpy(x->slot[i], &size, sizeof size);
	}
	x->n = 0;
	return LAM_OK;
}

/* The same of codes. */
static int
add_codes(struct lam_agg *a, struct adding *x, struct lam_error *e)
{
	struct lam_key_codes *c = &((struct local *)a->local)->codes;
	struct lam_value_sets *sets = a->own;
	uint32_t id[LANES];
	bool text = c->v->type == LAM_TEXT;
	int rc = text ? lam_key_codes_ids(c, &sets->texts, x->code, x->n, id,
		e) : LAM_OK;

	for (uint32_t i = 0; !rc && i < x->n; i++) {
		struct lam_scalar s;

		if (text) {
			x->v[i] = (struct lam_set_value){ id[i], LAM_INTERNED };
			continue;
		}
		s = lam_key_codes_value(c, x->code[i]);
		if (!lam_set_value_of(sets, &s, &x->v[i]))
			return lam_fail_mem(e);
	}
	return rc ? rc : add_all(a, x, e);
}

static int
add_text(struct lam_agg *a, char *slot, struct lam_str t, struct lam_error *e)
{
	bool bag = a->state->kind == LAM_VALUES;
	struct lam_str s, last = { NULL, 0 };
	struct adding x;
	bool ok;
	int rc;

	for (size_t at = 0; at < t.n; last = s) {
		x.n = 1;
		x.slot[0] = slot;
		x.group[0] = group_of(a, slot);
		if (!lam_value_sets_next(t, &at, bag, &s, &x.times[0]) ||
			(last.p && lam_str_cmp(last, s) >= 0))
			return lam_agg_bad(a, e);
		if (!lam_set_value_parse(a->own, s, &x.v[0], &ok))
			return lam_fail_mem(e);
		rc = ok ? add_all(a, &x, e) : lam_agg_bad(a, e);
		if (rc)
			return rc;
	}
	return t.n ? LAM_OK : lam_agg_bad(a, e);
}

static int
flush_plain(struct lam_agg *a, uint32_t local, char *slot, struct adding *x,
	struct lam_error *e)
{
	const struct lam_batch_groups *s = a->rows;
	const struct lam_vec *p = ((struct local *)a->local)->plain;
	uint32_t group = group_of(a, slot);
	int rc = LAM_OK;

	for (uint32_t i = s->start[local]; !rc && i < s->start[local + 1];
		i++) {
		int64_t m = p->i64[s->order ? s->order[i] : i];
		uint8_t scale = p->scale;

		if (scale)
			lam_normal64(&m, &scale);
		x->slot[x->n] = slot;
		x->group[x->n] = group;
		x->times[x->n] = 1;
		x->v[x->n++] = (struct lam_set_value){ (uint64_t)m,
			scale + 1U };
		if (x->n == LANES)
			rc = add_all(a, x, e);
	}
	return rc;
}

static int
flush_rows(struct lam_agg *a, uint32_t local, char *slot, struct adding *x,
	struct lam_error *e)
{
	const struct lam_batch_groups *s = a->rows;
	struct local *l = a->local;
	uint32_t group = group_of(a, slot);
	int rc = LAM_OK;

	for (uint32_t i = s->start[local]; l->times && i < s->start[local + 1];
		i++)
		l->times[lam_key_codes_row(&l->codes, s->order ? s->order[i] :
			i)]++;
	for (uint32_t i = s->start[local]; !rc && i < s->start[local + 1];
		i++) {
		uint32_t c = lam_key_codes_row(&l->codes, s->order ?
			s->order[i] : i);

		if (l->seen[c] == local + 1)
			continue;
		l->seen[c] = local + 1;
		x->slot[x->n] = slot;
		x->group[x->n] = group;
		if (l->times) {
			x->times[x->n] = l->times[c];
			l->times[c] = 0;
		}
		x->code[x->n++] = c;
		if (x->n == LANES)
			rc = add_codes(a, x, e);
	}
	return rc;
}

/* Components. */
static int
flush_texts(struct lam_agg *a, uint32_t local, char *slot,
	struct lam_error *e)
{
	const struct lam_batch_groups *s = a->rows;
	struct local *l = a->local;
	int rc = LAM_OK;

	for (uint32_t i = s->start[local]; !rc && i < s->start[local + 1];
		i++)
		rc = add_text(a, slot, lam_vec_text(&l->v, s->order ?
			s->order[i] : i), e);
	return rc;
}

static int
distinct_flush(struct lam_agg *a, const uint32_t *group, char *const *slot,
	uint32_t n, struct lam_error *e)
{
	bool plain = ((struct local *)a->local)->plain != NULL;
	struct adding x;
	int rc = LAM_OK;

	x.n = 0;
	for (uint32_t i = 0; !rc && i < n; i++)
		rc = a->state->merge ? flush_texts(a, group[i], slot[i], e) :
			plain ? flush_plain(a, group[i], slot[i], &x, e) :
			flush_rows(a, group[i], slot[i], &x, e);
	if (rc || !x.n)
		return rc;
	return plain ? add_all(a, &x, e) : add_codes(a, &x, e);
}

static int
distinct_freeze(struct lam_agg *a, struct lam_error *e)
{
	return lam_value_sets_list(a->own, a->table->n) ? LAM_OK :
		lam_fail_mem(e);
}

static int
distinct_merge(struct lam_agg *a, char *slot, const struct lam_agg *from,
	const char *other, struct lam_error *e)
{
	struct lam_value_sets *f = from->own;
	uint32_t g = group_of(from, other), group = group_of(a, slot);
	struct adding x;
	int rc = LAM_OK;

	if (a->apart)
		return LAM_OK;
	if ((!f->start && !lam_value_sets_list(f, from->table->n)) ||
		!lam_value_sets_from(a->own, f))
		return lam_fail_mem(e);
	x.n = 0;
	for (size_t i = f->start[g]; !rc && i < f->start[g + 1]; i++) {
		x.times[x.n] = f->count ? f->count[i] : 1;
		x.slot[x.n] = slot;
		x.group[x.n] = group;
		x.v[x.n++] = lam_set_value_here(a->own, f->member[i]);
		if (x.n == LANES || i + 1 == f->start[g + 1])
			rc = add_all(a, &x, e);
	}
	return rc;
}

struct lam_value_sets *
lam_agg_distinct_apart(struct lam_agg *a)
{
	a->apart = true;
	return a->own;
}

static int
distinct_parse(struct lam_agg *a, char *slot, const struct lam_str *field,
	struct lam_error *e)
{
	return field[0].p ? add_text(a, slot, field[0], e) : LAM_OK;
}

/* The set of group G as text; ARENA is reset. */
static int
print_set(const struct lam_agg *a, uint32_t g, struct lam_arena *arena,
	struct lam_buf *out, struct lam_error *e)
{
	const struct lam_value_sets *sets = a->own;
	size_t from = sets->start[g], n = sets->start[g + 1] - from;
	uint32_t *order;
	struct lam_str *s;
	bool ok;

	lam_arena_reset(arena);
	s = lam_arena_alloc(arena, (n + 1) * sizeof *s);
	order = lam_arena_alloc(arena, (n + 1) * sizeof *order);
	ok = s && order;
	for (size_t i = 0; ok && i < n; i++)
		ok = lam_set_value_text(sets, sets->member[from + i], arena,
			&s[i]);
	if (!ok || !lam_sort_strings(s, (uint32_t)n, order))
		return lam_fail_mem(e);
	lam_buf_clear(out);
	for (size_t i = 0; i < n; i++) {
		struct lam_str t = s[order[i]];

		if (!lam_buf_room(out, t.n + 48))
			break;
		if (sets->count) {
			out->n += lam_u64_print(sets->count[from + order[i]],
				out->p + out->n);
			out->p[out->n++] = 'x';
		}
		out->n += lam_u64_print(t.n, out->p + out->n);
		out->p[out->n++] = ':';
		if (t.n)
			memcpy(out->p + out->n, t.p, t.n);
		out->n += t.n;
	}
	return lam_buf_check(out, e);
}

static int
distinct_components(uint32_t s, const struct lam_ref *row, uint32_t n,
	unsigned c, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_str *str = LAM_ARENA_NEW(arena, struct lam_str, n);
	uint8_t *null = LAM_ARENA_NEW(arena, uint8_t, n);
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_buf buf = LAM_BUF_INIT;
	int rc = str && null ? LAM_OK : lam_fail_mem(e);

	(void)c;
	for (uint32_t i = 0; !rc && i < n; i++) {
		const struct lam_agg *a = lam_ref_agg(&row[i], s);

		rc = print_set(a, group_of(a, row[i].rec + a->at), &scratch,
			&buf, e);
		null[i] = buf.n == 0;
		if (rc || !buf.n)
			continue;
		str[i] = (struct lam_str){ lam_arena_dup(arena, buf.p, buf.n),
			buf.n };
		if (!str[i].p)
			rc = lam_fail_mem(e);
	}
	lam_buf_release(&buf);
	lam_arena_release(&scratch);
	*out = (struct lam_vec){ .type = LAM_TEXT, .rep = LAM_FLAT, .n = n,
		.str = str, .null = null };
	return rc;
}

static int
distinct_finalize(uint32_t s, const struct lam_ref *row, uint32_t n,
	const struct lam_expr *x, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	if (x->final == LAM_FINAL_DISTINCT)
		return lam_agg_count.components(s, row, n, 0, arena, out, e);
	return lam_agg_values_finalize(s, row, n, x, arena, out, e);
}

const struct lam_agg_ops lam_agg_distinct = {
	.slot = sizeof(uint64_t),
	.init = distinct_init,
	.release = distinct_release,
	.update = distinct_update,
	.flush = distinct_flush,
	.merge = distinct_merge,
	.parse = distinct_parse,
	.components = distinct_components,
	.finalize = distinct_finalize,
	.freeze = distinct_freeze,
};
