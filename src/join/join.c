/*
 * join.c - pairs, batch by batch of the left
 *
 * A batch of the left is filtered, its keys are looked up, and its rows are gone
 * through with the rows of the right that have their keys: *candidates*.  Up to a
 * batch of candidates is a round.  The condition is evaluated for all candidates of a
 * round at once; those that meet it are pairs.  When a row's last candidate has been
 * judged, the row *ends*: that is where a LEFT JOIN sees that it met nobody.  A round
 * holds no more candidates and ends than a batch holds rows, so its pairs are one
 * batch, and the join stands between two candidates when the next round is asked for.
 *
 * Where pairs have an order, there is one lane: the workers take turns.  A batch of
 * the left is then shared by the workers whose batches came of it; it goes back when
 * none of them needs it.  A worker has at most one, so there is always another.  Else
 * a worker has a lane, and a batch of the left, of its own; the last to leave its lane
 * gives the rows of the right that met none.
 */
#include "join/join_internal.h"

#include <string.h>

/* Candidates and ends, as they come; and the pairs that are made of them. */
struct round {
	uint16_t *left, *pair_left;
	uint32_t *right, *pair_right; /* MARK: whether it met one */
	uint32_t n, npairs;
	struct end {
		uint32_t before; /* of how many candidates it is behind */
		uint16_t row;
		bool met;	 /* in an earlier round */
	} *end;
	uint32_t nends;
};

static bool
keeps_left(const struct lam_join *j)
{
	return j->kind == LAM_JOIN_LEFT || j->kind == LAM_JOIN_FULL ||
		j->kind == LAM_JOIN_SINGLE;
}

/* All rows of S take part, for now. */
static bool
take_all(struct lam_join_slot *s)
{
	s->n = s->left.n;
	s->sel = LAM_ARENA_NEW(s->left.arena, uint16_t, s->n + 1);
	for (uint32_t i = 0; s->sel && i < s->n; i++)
		s->sel[i] = (uint16_t)i;
	return s->sel != NULL;
}

int
lam_join_left_keys(struct lam_join_source *x, struct lam_join_slot *s,
	struct lam_vec **key, struct lam_error *e)
{
	struct lam_join_over o = { .slot = s };
	struct lam_arena *arena = s->left.arena;
	uint32_t n = s->left.n;
	int rc = LAM_OK;

	if (!take_all(s))
		return lam_fail_mem(e);
	lam_join_over(&o, n, arena);
	o.frame.batch = &s->left;
	if (x->join->filter)
		rc = lam_expr_filter(x->join->filter, &o.frame, s->sel, &s->n,
			e);
	lam_join_count(x, &o);
	if (rc || !s->n)
		return rc;
	lam_join_over(&o, n, arena);
	return lam_join_keys(x, x->join->left_key, &o, key, e);
}

/* The rows of the batch S, which is of the sorted left, with their keys. */
static int
find_sorted(struct lam_join_source *x, struct lam_join_slot *s,
	struct lam_error *e)
{
	uint32_t n = s->left.n, nkeys = x->join->nkeys;
	struct lam_vec *key = LAM_ARENA_NEW(&s->arena, struct lam_vec, nkeys);
	uint64_t bad = 0;
	int rc = key && take_all(s) ? LAM_OK : lam_fail_mem(e);

	for (uint32_t k = 0; !rc && k < nkeys; k++) {
		const struct lam_vec *flat;
		uint32_t f = lam_sorted_term(&x->side[0], k);

		rc = s->left.load(&s->left, f, false, &key[k], &bad, e);
		flat = rc ? NULL : lam_vec_flat(&key[k], &s->arena);
		if (!rc && !flat)
			rc = lam_fail_mem(e);
		if (flat)
			key[k] = *flat;
	}
	return rc ? rc : lam_sorted_rows_find(&x->side[1], key, n, &s->arena,
		s->first, s->end, e);
}

/* Which rows of the batch S take part, and the first candidate of each. */
static int
prepare(struct lam_join_source *x, struct lam_join_slot *s,
	struct lam_error *e)
{
	uint32_t n = s->left.n;
	bool ranges = x->sorted || x->join->nkeys == 0;
	struct lam_vec *key;
	int rc;

	s->first = LAM_ARENA_NEW(&s->arena, uint32_t, n + 1);
	s->end = ranges ? LAM_ARENA_NEW(&s->arena, uint32_t, n + 1) : NULL;
	if (!s->first || (ranges && !s->end))
		return lam_fail_mem(e);
	if (x->sorted)
		return find_sorted(x, s, e);
	rc = lam_join_left_keys(x, s, &key, e);
	if (rc || !s->n)
		return rc;
	if (!ranges)
		return lam_match_find(&x->match, key, n, &s->arena, s->first,
			e);
	for (uint32_t i = 0; i < n; i++) {
		s->first[i] = x->nright ? 0 : LAM_NO_ROW;
		s->end[i] = (uint32_t)x->nright;
	}
	return LAM_OK;
}

/* A slot that nobody uses. */
static struct lam_join_slot *
free_slot(struct lam_join_source *x, unsigned worker)
{
	unsigned i = x->spread ? worker : 0;

	while (x->slot[i].refs)
		i++;
	return &x->slot[i];
}

/* The next batch of the left that has rows to take part: L->now. */
static int
take_left(struct lam_join_source *x, struct lam_join_lane *l, unsigned worker,
	struct lam_error *e)
{
	int rc = LAM_OK;

	while (!rc && !l->now && !l->ended) {
		struct lam_join_slot *s = free_slot(x, worker);
		bool got = false;

		lam_arena_reset(&s->arena);
		s->left = (struct lam_batch){ .arena = &s->arena };
		s->at = s->n = 0;
		s->begun = false;
		rc = x->left->next(x->left, (unsigned)(s - x->slot), &s->left,
			&got, e);
		l->ended = !rc && !got;
		if (rc || !got)
			break;
		memset(s->loaded, 0, x->nleft + 1);
		if (!x->sorted && x->join->filter && lam_expr_outlook(
			x->join->filter, &s->left) == LAM_OUTLOOK_NONE)
			continue;
		rc = prepare(x, s, e);
		if (!rc && s->n) {
			s->refs = 1;
			l->now = s;
		}
	}
	return rc;
}

static void
end_row(struct lam_join_slot *s, struct round *r)
{
	r->end[r->nends++] = (struct end){ r->n, s->sel[s->at], s->met };
	s->at++;
	s->begun = s->met = false;
}

/* The candidate of row ROW behind the one at hand. */
static uint32_t
candidate_after(const struct lam_join_source *x, const struct lam_join_slot *s,
	uint16_t row)
{
	if (!s->end)
		return x->match.next[s->next];
	return s->next + 1 < s->end[row] ? s->next + 1 : LAM_NO_ROW;
}

/* Candidates and ends of the batch at hand, until the round is full. */
static void
fill(struct lam_join_source *x, struct lam_join_slot *s, struct round *r)
{
	bool one = x->join->kind == LAM_JOIN_MARK && !x->join->condition;

	while (s->at < s->n && r->n + r->nends < LAM_BLOCK_ROWS) {
		uint16_t row = s->sel[s->at];

		if (!s->begun)
			s->next = s->first[row];
		s->begun = true;
		if (s->next == LAM_NO_ROW) {
			end_row(s, r);
			continue;
		}
		r->left[r->n] = row;
		r->right[r->n++] = s->next;
		s->next = one ? LAM_NO_ROW : candidate_after(x, s, row);
	}
}

/* Which candidates of R meet the condition: PASS. */
static int
judge(struct lam_join_source *x, struct lam_join_slot *s,
	const struct round *r, struct lam_arena *arena, uint8_t *pass,
	struct lam_error *e)
{
	struct lam_join_pairs p = { x, s, r->left, r->right, false };
	struct lam_join_over o = { .pairs = &p };
	uint16_t *sel = LAM_ARENA_NEW(arena, uint16_t, r->n + 1);
	uint32_t n = 0;
	int rc;

	memset(pass, !x->join->condition, r->n);
	if (!x->join->condition || !r->n)
		return LAM_OK;
	if (!sel)
		return lam_fail_mem(e);
	lam_join_over(&o, r->n, arena);
	rc = lam_expr_filter(x->join->condition, &o.frame, sel, &n, e);
	lam_join_count(x, &o);
	for (uint32_t i = 0; !rc && i < n; i++)
		pass[sel[i]] = 1;
	return rc;
}

static int
met_two(const struct lam_join *j, struct lam_error *e)
{
	return lam_fail(e, LAM_USAGE, "%s:%u:%u: a sub-query that is a value "
		"gave more than one row: write max(...) or the like, or LIMIT "
		"1", j->source, j->line, j->column);
}

/* The row AT of the right met one. */
static void
meet(struct lam_join_source *x, uint32_t at)
{
	uint64_t bit = UINT64_C(1) << at % 64;

	if (!(atomic_load_explicit(&x->met[at / 64], memory_order_relaxed) &
		bit))
		atomic_fetch_or(&x->met[at / 64], bit);
}

/* The pairs of R: candidates that passed, and rows that met nobody. */
static int
settle(struct lam_join_source *x, struct lam_join_slot *s, struct round *r,
	const uint8_t *pass, struct lam_error *e)
{
	const struct lam_join *j = x->join;
	bool mark = j->kind == LAM_JOIN_MARK, met = r->nends && r->end[0].met;
	uint32_t n = 0, at = 0, i = 0;

	met |= s->met; /* of the row that goes on, when none ends here */
	for (uint32_t k = 0; k <= r->nends; k++) {
		uint32_t to = k < r->nends ? r->end[k].before : r->n;

		if (k > 0)
			met = k < r->nends && r->end[k].met;
		for (; i < to; i++) {
			if (!pass[i])
				continue;
			if (j->kind == LAM_JOIN_SINGLE && met)
				return met_two(j, e);
			met = true;
			at = r->right[i];
			if (x->met)
				meet(x, at);
			if (mark)
				continue;
			r->pair_left[n] = r->left[i];
			r->pair_right[n++] = at;
		}
		if (k == r->nends)
			break;
		if (mark || (keeps_left(j) && !met)) {
			r->pair_left[n] = r->end[k].row;
			r->pair_right[n++] = mark ? met : LAM_NO_ROW;
		}
	}
	s->met = met && s->begun;
	r->npairs = n;
	return LAM_OK;
}

static bool
all_rows(const struct lam_join_slot *s, const struct round *r)
{
	for (uint32_t i = 0; i < r->npairs; i++)
		if (r->pair_left[i] != i)
			return false;
	return r->npairs == s->left.n;
}

/* A round of the batch at hand as B; it may have no pairs. */
static int
play(struct lam_join_source *x, struct lam_join_slot *s, struct lam_batch *b,
	struct lam_join_pairs *p, struct lam_error *e)
{
	size_t most = LAM_BLOCK_ROWS + 1;
	struct round r = { .n = 0 };
	uint8_t *pass = lam_arena_alloc(b->arena, most);
	int rc;

	r.left = lam_arena_alloc(b->arena, most * sizeof *r.left);
	r.right = lam_arena_alloc(b->arena, most * sizeof *r.right);
	r.end = lam_arena_alloc(b->arena, most * sizeof *r.end);
	r.pair_left = lam_arena_alloc(b->arena, most * sizeof *r.left);
	r.pair_right = lam_arena_alloc(b->arena, most * sizeof *r.right);
	if (!pass || !r.left || !r.right || !r.end || !r.pair_left ||
		!r.pair_right)
		return lam_fail_mem(e);
	fill(x, s, &r);
	rc = judge(x, s, &r, b->arena, pass, e);
	if (!rc)
		rc = settle(x, s, &r, pass, e);
	if (rc)
		return rc;
	*p = (struct lam_join_pairs){ x, s, r.pair_left, r.pair_right,
		all_rows(s, &r) };
	b->n = r.npairs;
	return LAM_OK;
}

/* Some of the rows of the right that met none, as B; none yet while there are lanes. */
static int
take_rest(struct lam_join_source *x, struct lam_batch *b, struct lam_join_pairs *p,
	struct lam_error *e)
{
	uint32_t *row = lam_arena_alloc(b->arena, LAM_BLOCK_ROWS *
		sizeof *row);

	if (!row)
		return lam_fail_mem(e);
	for (; !x->lanes && x->rest < x->nright && b->n < LAM_BLOCK_ROWS;
		x->rest++)
		if (!(x->met[x->rest / 64] >> x->rest % 64 & 1))
			row[b->n++] = (uint32_t)x->rest;
	*p = (struct lam_join_pairs){ x, NULL, NULL, row, false };
	return LAM_OK;
}

/* The next batch of pairs of the lane L; none left: b->n is 0. */
static int
next_pairs(struct lam_join_source *x, struct lam_join_lane *l, unsigned worker,
	struct lam_batch *b, struct lam_join_pairs *p, struct lam_error *e)
{
	struct lam_join_slot *s;
	int rc = LAM_OK;

	if (x->used[worker])
		x->used[worker]->refs--;
	x->used[worker] = NULL;
	while (!rc && !b->n) {
		rc = take_left(x, l, worker, e);
		s = l->now;
		if (rc || !s)
			break;
		rc = play(x, s, b, p, e);
		if (s->at == s->n) { /* the join is through with it */
			s->refs--;
			l->now = NULL;
		}
		if (!rc && b->n) {
			s->refs++;
			x->used[worker] = s;
		}
	}
	return rc;
}

/* L, which has begun, is at its end: all that is left is the rest of the right. */
static int
end_lane(struct lam_join_source *x, struct lam_join_lane *l, struct lam_batch *b,
	struct lam_join_pairs *p, struct lam_error *e)
{
	x->lanes -= l->begun;
	l->begun = false;
	return x->met ? take_rest(x, b, p, e) : LAM_OK;
}

/* A lane of the worker's own: only its beginning and its end concern the others. */
static int
next_apart(struct lam_join_source *x, unsigned worker, struct lam_batch *b,
	struct lam_join_pairs *p, struct lam_error *e)
{
	struct lam_join_lane *l = &x->lane[worker];
	int rc;

	if (!l->begun && !l->ended) {
		pthread_mutex_lock(&x->lock);
		x->lanes++;
		pthread_mutex_unlock(&x->lock);
		l->begun = true;
	}
	rc = next_pairs(x, l, worker, b, p, e);
	if (rc || b->n)
		return rc;
	pthread_mutex_lock(&x->lock);
	rc = end_lane(x, l, b, p, e);
	pthread_mutex_unlock(&x->lock);
	return rc;
}

int
lam_join_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct lam_join_source *x = s->state;
	struct lam_join_pairs *p = LAM_ARENA_NEW(b->arena, struct lam_join_pairs, 1);
	int rc = p ? LAM_OK : lam_fail_mem(e);

	*got = false;
	if (rc)
		return rc;
	b->n = 0;
	b->state = p;
	b->load = lam_join_load;
	b->match = NULL;
	b->pick = NULL;
	b->range = lam_join_range;
	if (x->spread) {
		rc = next_apart(x, worker, b, p, e);
		b->pos = atomic_fetch_add(&x->rows, b->n);
	} else {
		pthread_mutex_lock(&x->lock);
		rc = next_pairs(x, x->lane, worker, b, p, e);
		if (!rc && !b->n)
			rc = end_lane(x, x->lane, b, p, e);
		b->pos = atomic_fetch_add(&x->rows, b->n);
		pthread_mutex_unlock(&x->lock);
	}
	*got = !rc && b->n;
	return rc;
}
