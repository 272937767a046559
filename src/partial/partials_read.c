/*
 * partials_read.c - the rows of a partial relation as vectors, and as a source
 */
#include <stdlib.h>
#include <string.h>

#include "partial/partials.h"
#include "partial/partials_internal.h"
#include "partial/record.h"
#include "partial/run_merge.h"
#include "store/batch.h"
#include "time/time.h"

/* The table that all rows are of; NULL: there is none. */
static const struct lam_group_table *
one_table(const struct lam_ref *row, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (row[i].table != row[0].table)
			return NULL;
	return n ? row[0].table : NULL;
}

/* Texts of the dictionary of KEYS. */
static int
text_column(const struct lam_group_table *keys, uint32_t k,
	const struct lam_ref *row, uint32_t n, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	uint32_t *id = lam_arena_alloc(arena, (n + 1) * sizeof *id);

	if (!id)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		id[i] = lam_group_united(row[i].table, row[i].rec, k);
	return lam_column_builder_take(&keys->dict[k].values, id, n, arena,
		out, e);
}

/* Numbers of 64 bits. */
static int
number_column(uint32_t k, const struct lam_ref *row, uint32_t n,
	struct lam_arena *arena, struct lam_vec *out, struct lam_error *e)
{
	struct lam_number_builder c;

	if (!lam_number_builder_init(&c, n, arena))
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t tag = lam_group_tag(row[i].table, row[i].rec, k);

		if (tag == LAM_TAG_NULL)
			lam_number_builder_null(&c, i);
		else
			lam_number_builder_set64(&c, i, (int64_t)
				lam_group_cell(row[i].table, row[i].rec, k),
				tag);
	}
	return lam_number_builder_vec(&c, out, e);
}

/* Whatever the keys are, and of several tables. */
static int
any_column(const struct lam_query *q, uint32_t k, const struct lam_ref *row,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_scalar *v = lam_arena_alloc(arena, (n + 1) * sizeof *v);

	if (!v)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++)
		v[i] = lam_group_table_key(row[i].table, row[i].rec, k);
	return lam_scalar_vec(v, n, q->key[k]->type, arena, out, e);
}

static int
key_column(const struct lam_query *q, uint32_t k,
	const struct lam_group_table *keys, const struct lam_ref *row,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	uint8_t type = q->key[k]->type;
	bool plain = type == LAM_NUMBER;

	for (uint32_t i = 0; plain && i < n; i++)
		plain = lam_group_tag(row[i].table, row[i].rec, k) !=
			LAM_TAG_WIDE;
	if (plain)
		return number_column(k, row, n, arena, out, e);
	if (type == LAM_TEXT && !keys)
		keys = one_table(row, n);
	if (type == LAM_TEXT && keys)
		return text_column(keys, k, row, n, arena, out, e);
	return any_column(q, k, row, n, arena, out, e);
}

int
lam_partials_column(const struct lam_query *q, uint32_t c,
	const struct lam_group_table *keys, const struct lam_ref *row,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	uint32_t s;

	if (c < q->nkeys)
		return key_column(q, c, keys, row, n, arena, out, e);
	s = lam_partials_state(q, &c);
	return row->table->agg[s].ops->components(s, row, n, c, arena, out, e);
}

/* Texts of V that will not live as long as the arena. */
static bool
own_texts(struct lam_vec *v, struct lam_arena *arena)
{
	struct lam_str *s;

	if (v->type != LAM_TEXT)
		return true;
	s = lam_arena_alloc(arena, (v->n + 1) * sizeof *s);
	for (uint32_t i = 0; s && i < v->n; i++) {
		s[i] = v->str[i];
		if (!s[i].p)
			continue;
		s[i].p = lam_arena_dup(arena, s[i].p, s[i].n);
		if (!s[i].p)
			return false;
	}
	v->str = s;
	return s != NULL;
}

/* Column C of the rows; it lives as long as the arena. */
static int
column_of(struct lam_partials *p, uint32_t c, const struct lam_ref *row,
	uint32_t n, struct lam_arena *arena, struct lam_vec *out,
	struct lam_error *e)
{
	int rc = lam_partials_column(p->q, c, lam_partials_keys(p), row, n,
		arena, out, e);

	if (!rc && p->spilled && !own_texts(out, arena))
		rc = lam_fail_mem(e);
	return rc;
}

/*
 * Most of the time goes into keys, which lie anywhere in memory, and sketches, which
 * are long: these are made outside of the lock.  Keys do not change any more, and
 * the records of rows handed out are touched by nobody else, unless they lie in
 * the one table that spilled batches share.
 */
static bool
outside(const struct lam_partials *p, uint32_t c)
{
	return !p->spilled && (c < p->q->nkeys || lam_partials_sketch(p->q, c));
}

/* The freezing that comes before any component, once. */
static int
freeze(struct lam_partials *p, struct lam_error *e)
{
	int rc = LAM_OK;

	if (!p->spilled && !p->frozen)
		rc = lam_group_table_freeze(&p->share[0].table, e);
	p->frozen = true;
	return rc;
}

/* The rows of the next batch, and those of their columns that are made here. */
static int
take_rows(struct lam_partials *p, struct lam_arena *arena, struct lam_vec *v,
	struct lam_ref **row, uint64_t *first, uint32_t *n, struct lam_error *e)
{
	uint32_t ncolumns = lam_query_columns(p->q);
	int rc = lam_partials_step(p, e);

	*first = p->given;
	*n = p->n;
	p->given += p->n;
	if (!rc)
		rc = freeze(p, e);
	*row = LAM_ARENA_NEW(arena, struct lam_ref, (size_t)p->n + 1);
	if (!rc && !*row)
		rc = lam_fail_mem(e);
	if (!rc)
		memcpy(*row, p->ref, p->n * sizeof **row);
	for (uint32_t c = 0; !rc && p->n && c < ncolumns; c++)
		if (!outside(p, c))
			rc = column_of(p, c, *row, p->n, arena, &v[c], e);
	return rc;
}

int
lam_partials_next(struct lam_partials *p, struct lam_arena *arena,
	const struct lam_vec **column, uint64_t *first, uint32_t *n,
	struct lam_error *e)
{
	uint32_t ncolumns = lam_query_columns(p->q);
	struct lam_vec *v = LAM_ARENA_NEW(arena, struct lam_vec,
		ncolumns + 1);
	struct lam_ref *row = NULL;
	int rc;

	*column = v;
	*n = 0;
	if (!v)
		return lam_fail_mem(e);
	pthread_mutex_lock(&p->lock);
	rc = take_rows(p, arena, v, &row, first, n, e);
	pthread_mutex_unlock(&p->lock);
	for (uint32_t c = 0; !rc && *n && c < ncolumns; c++)
		if (outside(p, c))
			rc = column_of(p, c, row, *n, arena, &v[c], e);
	return rc;
}

/*
 * The lines of the combinations from FROM on, all outside of the lock, as most of
 * their time is waiting for records that another thread made.  States that are no
 * sketches may look at what their table has for all groups, and merging changes that.
 */
static int
combination_lines(struct lam_partials *p, const char *view, uint64_t from,
	struct lam_arena *arena, struct lam_buf *out, uint32_t *n,
	struct lam_error *e)
{
	uint32_t nkeys = p->q->nkeys, ncolumns = lam_query_columns(p->q);
	uint32_t most = lam_cubes_most(p->cubes);
	struct lam_ref *row = lam_arena_alloc(arena, most * sizeof *row);
	uint64_t *of = lam_arena_alloc(arena, most * sizeof *of);
	struct lam_vec *v = LAM_ARENA_NEW(arena, struct lam_vec,
		ncolumns + 1);
	struct lam_record_states state;
	int rc = row && of && v ? lam_cubes_find(p, from, row, of, n, e) :
		lam_fail_mem(e);

	if (rc || !*n)
		return rc;
	pthread_rwlock_rdlock(&p->states);
	for (uint32_t c = nkeys; !rc && c < ncolumns; c++)
		if (!outside(p, c))
			rc = column_of(p, c, row, *n, arena, &v[c], e);
	pthread_rwlock_unlock(&p->states);
	for (uint32_t c = nkeys; !rc && c < ncolumns; c++)
		if (outside(p, c))
			rc = column_of(p, c, row, *n, arena, &v[c], e);
	if (!rc && !lam_record_states(&state, v + nkeys, ncolumns - nkeys,
		arena))
		rc = lam_fail_mem(e);
	if (!rc)
		lam_cubes_lines(p->cubes, view, of, &state, *n, out);
	return rc;
}

/* Those of any other rows. */
static int
row_lines(struct lam_partials *p, const char *view, struct lam_arena *arena,
	const struct lam_ref *row, uint32_t n, struct lam_vec *v,
	struct lam_buf *out, struct lam_error *e)
{
	uint32_t ncolumns = lam_query_columns(p->q);
	int rc = LAM_OK;

	for (uint32_t c = 0; !rc && n && c < ncolumns; c++)
		if (outside(p, c))
			rc = column_of(p, c, row, n, arena, &v[c], e);
	if (!rc)
		lam_record_lines(p->q, view, v, 0, n, out);
	return rc;
}

int
lam_partials_lines(struct lam_partials *p, const char *view,
	struct lam_arena *arena, struct lam_buf *out, uint64_t *turn,
	uint32_t *n, bool *got, struct lam_error *e)
{
	struct lam_vec *v = LAM_ARENA_NEW(arena, struct lam_vec,
		lam_query_columns(p->q) + 1);
	struct lam_ref *row = NULL;
	bool cubes = false;
	uint64_t from;
	int rc = v ? LAM_OK : lam_fail_mem(e);

	*n = 0;
	pthread_mutex_lock(&p->lock);
	if (!rc)
		rc = lam_partials_begin(p, false, e);
	*turn = p->turns++;
	*got = false;
	cubes = !rc && p->cubes && lam_cubes_print(p->cubes);
	if (cubes) {
		rc = freeze(p, e);
		*got = !rc && lam_cubes_take(p->cubes, &from);
	} else if (!rc) {
		rc = p->spilled ? lam_run_merge_lines(p, view, out, n, e) :
			take_rows(p, arena, v, &row, &from, n, e);
		*got = *n > 0;
	}
	pthread_mutex_unlock(&p->lock);
	if (!rc && *got && cubes)
		rc = combination_lines(p, view, from, arena, out, n, e);
	else if (!rc && row)
		rc = row_lines(p, view, arena, row, *n, v, out, e);
	return rc ? rc : lam_buf_check(out, e);
}

static int
source_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	const struct lam_vec *column = b->state;

	*bad = 0;
	*out = column[f];
	return raw && !lam_vec_as_text(&column[f], b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

static int
source_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	const struct lam_vec *column;
	int rc;

	(void)worker;
	rc = lam_partials_next(s->state, b->arena, &column, &b->pos, &b->n, e);
	*got = !rc && b->n;
	memcpy(&b->state, &column, sizeof b->state);
	b->load = source_load;
	return rc;
}

void
lam_partials_source(struct lam_partials *p, struct lam_source *out)
{
	*out = (struct lam_source){ .state = p, .next = source_next };
}
