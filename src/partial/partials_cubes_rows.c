/*
 * partials_cubes_rows.c - the rows of combinations of keys
 *
 * The combinations of ranks are gone through in order, and each cube is asked for each.
 * Who takes combinations finds their rows alone, as most of that is waiting for cells
 * and records, which another thread made.  A group that several workers have is merged
 * into the first's.
 */
#include <stdlib.h>
#include <string.h>

#include "partial/partials_cubes.h"
#include "partial/partials_internal.h"

/* A cube that has the values of all keys but the last of some combinations. */
struct row {
	struct lam_share *share;
	const uint32_t *cube;	/* NULL: the group of an id has its number */
	const uint32_t *id;	/* [rank]: of the last key, or LAM_NO_ID */
	unsigned shift;
};

/* A group that is to be merged into REC of TO, that of an earlier share. */
struct pending {
	struct lam_group_table *to;
	char *rec;
	const struct lam_group_table *from;
	const char *other;
};

#define PENDING 128 /* of them are merged at a time: their records are fetched before */

/* Rows while they are found. */
struct finding {
	struct lam_partials *p;
	struct row *row; /* [nrows]: cubes that may have the next combinations */
	uint32_t nrows;
	struct lam_ref *ref;	/* [n] */
	uint64_t *combination;	/* [n] */
	uint32_t *group;	/* [n]: scratch */
	uint32_t n;
	struct pending pending[PENDING];
	uint32_t npending;
};

/* The cubes that may have the combinations from LOW on, whose last rank is 0. */
static void
begin_row(struct finding *f, const struct lam_cubes *x, uint64_t low)
{
	uint32_t last = x->nkeys - 1;

	f->nrows = 0;
	for (uint32_t i = 0; i < f->p->nshares; i++) {
		struct lam_share *s = &f->p->share[i];
		const struct lam_group_table *t = &s->table;
		uint64_t left = low / x->n[last];
		size_t cell = 0;
		uint32_t k;

		for (k = last; t->n && k > 0; k--) {
			uint32_t id = x->id[i][k - 1][left % x->n[k - 1]];

			if (id == LAM_NO_ID)
				break;
			left /= x->n[k - 1];
			cell |= (size_t)id << t->key[k - 1].shift;
		}
		if (t->n && k == 0)
			f->row[f->nrows++] = (struct row){ s, t->cube ?
				t->cube + cell : NULL, x->id[i][last],
				t->key[last].shift };
	}
}

/* Merge what is pending, one thread at a time: a merge may need more memory of its
 * table, or move what other groups of it have. */
static int
merge_pending(struct finding *f, struct lam_error *e)
{
	int rc = LAM_OK;

	if (!f->npending)
		return LAM_OK;
	pthread_rwlock_wrlock(&f->p->states);
	for (uint32_t i = 0; !rc && i < f->npending; i++) {
		const struct pending *w = &f->pending[i];

		rc = lam_group_table_merge_rec(w->to, w->rec, w->from,
			w->other, e);
	}
	pthread_rwlock_unlock(&f->p->states);
	f->npending = 0;
	return rc;
}

/* The same where one cube has them all: whether a cell is empty nobody can predict. */
static void
find_in_one(struct finding *f, uint64_t low, uint32_t from, uint32_t to)
{
	const struct row *w = f->row;
	struct lam_group_table *t = &w->share->table;
	uint32_t begin = f->n;

	for (uint32_t r = from; r < to; r++) {
		uint32_t id = w->id[r], g = 0;

		if (id != LAM_NO_ID)
			g = w->cube ? w->cube[(size_t)id << w->shift] : id + 1;
		f->group[f->n] = g - 1;
		f->combination[f->n] = low + r;
		f->n += g > 0;
	}
	for (uint32_t i = begin; i < f->n; i++) {
		f->ref[i] = (struct lam_ref){ t, lam_group_table_rec(t,
			f->group[i]) };
		__builtin_prefetch(f->ref[i].rec, 1);
	}
}

/* The rows of the combinations [LOW + FROM, LOW + TO), which differ in the last key. */
static int
find_in_row(struct finding *f, uint64_t low, uint32_t from, uint32_t to,
	struct lam_error *e)
{
	int rc = LAM_OK;

	for (uint32_t r = from; !rc && r < to; r++) {
		struct lam_group_table *first = NULL;
		char *of = NULL; /* record */

		for (uint32_t i = 0; !rc && i < f->nrows; i++) {
			const struct row *w = &f->row[i];
			struct lam_share *s = w->share;
			uint32_t id = w->id[r], g;
			char *rec;

			g = id == LAM_NO_ID ? 0 : !w->cube ? id + 1 :
				w->cube[(size_t)id << w->shift];
			if (!g || (s->gone && s->gone[g - 1]))
				continue;
			rec = lam_group_table_rec(&s->table, g - 1);
			__builtin_prefetch(rec, 1);
			__builtin_prefetch(rec + s->table.stride - 1, 1);
			if (!first) {
				first = &s->table;
				of = rec;
				continue;
			}
			if (f->npending == PENDING)
				rc = merge_pending(f, e);
			f->pending[f->npending++] = (struct pending){
				first, of, &s->table, rec };
		}
		f->ref[f->n] = (struct lam_ref){ first, of };
		f->combination[f->n] = low + r;
		f->n += first != NULL;
	}
	return rc;
}

bool
lam_cubes_take(struct lam_cubes *x, uint64_t *from)
{
	*from = x->next;
	if (x->next >= x->end)
		return false;
	x->next += x->step;
	return true;
}

uint32_t
lam_cubes_most(const struct lam_cubes *x)
{
	return x->step;
}

int
lam_cubes_find(struct lam_partials *p, uint64_t from, struct lam_ref *ref,
	uint64_t *combination, uint32_t *n, struct lam_error *e)
{
	const struct lam_cubes *x = p->cubes;
	uint64_t end = x->end - from < x->step ? x->end : from + x->step, to;
	uint32_t last = x->n[x->nkeys - 1];
	struct finding f = { .p = p, .ref = ref, .combination = combination };
	int rc = LAM_OK;

	f.row = malloc(p->nshares * sizeof *f.row);
	f.group = malloc(x->step * sizeof *f.group);
	if (!f.row || !f.group) {
		free(f.row);
		free(f.group);
		return lam_fail_mem(e);
	}
	for (; !rc && from < end; from = to) {
		uint64_t low = from - from % last;

		to = end - low < last ? end : low + last;
		begin_row(&f, x, low);
		if (f.nrows == 1 && !f.row->share->gone)
			find_in_one(&f, low, (uint32_t)(from - low),
				(uint32_t)(to - low));
		else if (f.nrows)
			rc = find_in_row(&f, low, (uint32_t)(from - low),
				(uint32_t)(to - low), e);
	}
	if (!rc)
		rc = merge_pending(&f, e);
	free(f.row);
	free(f.group);
	*n = f.n;
	return rc;
}

int
lam_cubes_step(struct lam_partials *p, struct lam_error *e)
{
	struct lam_cubes *x = p->cubes;
	uint64_t from;
	int rc = LAM_OK;

	while (!rc && !p->n && lam_cubes_take(x, &from))
		rc = lam_cubes_find(p, from, p->ref, x->combination, &p->n, e);
	return rc;
}
