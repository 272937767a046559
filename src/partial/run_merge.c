/*
 * run_merge.c - partials that were spilled: writing and merging sorted runs
 *
 * A run has the lines of one table, sorted: KEY TAB as the record's key, so
 * that records are ordered as the lines are, and STATE as its value.  Merging
 * keeps the runs in a tournament; lines of one run only are parsed once, those of
 * several merged in the slots of a small table, so the rows that come out are
 * as typed as those from memory.  A worker that has written RUNS_MAX runs
 * merges them into one first, so that the number of buffers stays bounded.
 */
#include "partial/run_merge.h"

#include <stdlib.h>
#include <string.h>

#include "partial/record.h"

#define RUNS_MAX 64
#define BUFFER_MAX ((uint64_t)256 << 10)
#define SPILL_ROWS 1024
#define MERGE_ROWS 4096

/* KEY TAB of row I of VIEW. */
static void
print_key(const struct lam_partials *view, const struct lam_vec *column,
	uint32_t i, struct lam_buf *key)
{
	lam_buf_clear(key);
	if (view->cubes) {
		lam_cubes_key(view->cubes, lam_cubes_combinations(
			view->cubes)[i], key);
		return;
	}
	lam_record_print(column, 0, view->q->nkeys, i, key);
	lam_buf_putc(key, '\t');
}

/* Print the rows of a sorted table. */
static int
write_rows(struct lam_partials *view, struct lam_run_file *out,
	struct lam_error *e)
{
	const struct lam_query *q = view->q;
	uint32_t ncolumns = lam_query_columns(q);
	struct lam_vec *column = calloc(ncolumns + 1, sizeof *column);
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_buf key = LAM_BUF_INIT, state = LAM_BUF_INIT;
	int rc = column ? LAM_OK : lam_fail_mem(e);

	while (!rc) {
		lam_arena_reset(&arena);
		rc = lam_partials_step(view, e);
		if (rc || !view->n)
			break;
		for (uint32_t c = view->cubes ? q->nkeys : 0; !rc &&
			c < ncolumns; c++)
			rc = lam_partials_column(q, c, &view->share[0].table,
				view->ref, view->n, &arena, &column[c], e);
		for (uint32_t i = 0; !rc && i < view->n; i++) {
			lam_buf_clear(&state);
			print_key(view, column, i, &key);
			lam_record_print(column, q->nkeys, ncolumns, i,
				&state);
			rc = lam_buf_check(&key, e);
			if (!rc)
				rc = lam_buf_check(&state, e);
			if (!rc)
				rc = lam_run_file_put(out, (struct lam_str){
					key.p, key.n }, (struct lam_str){
					state.p, state.n }, e);
		}
	}
	lam_buf_release(&key);
	lam_buf_release(&state);
	lam_arena_release(&arena);
	free(column);
	return rc;
}

/* States of equal lines, merged in a table that is renewed now and then. */
struct merger {
	const struct lam_query *q;
	struct lam_group_table t;
	struct lam_arena arena;
	struct lam_vec *column;
	struct lam_tuples none;	/* keys that nobody looks at */
	struct lam_buf out;
	char *rec;
};

static int
merger_init(struct merger *m, const struct lam_query *q, struct lam_error *e)
{
	*m = (struct merger){ .q = q };
	m->column = calloc(lam_query_columns(q) + 1, sizeof *m->column);
	m->none.cell = calloc(q->nkeys + 1, sizeof *m->none.cell);
	m->none.tag = calloc(q->nkeys + 1, sizeof *m->none.tag);
	if (!m->column || !m->none.cell || !m->none.tag)
		return lam_fail_mem(e);
	return lam_group_table_init(&m->t, q, e);
}

static void
merger_release(struct merger *m)
{
	lam_group_table_release(&m->t);
	lam_arena_release(&m->arena);
	lam_buf_release(&m->out);
	free(m->column);
	free(m->none.cell);
	free(m->none.tag);
}

static int
merger_begin(struct merger *m, struct lam_error *e)
{
	bool renew = m->t.n >= 256 || lam_group_table_memory(&m->t) > 4 << 20;
	int rc = LAM_OK;

	for (uint32_t s = 0; s < m->t.nstates; s++)
		renew = renew || (m->t.n && m->t.agg[s].ops->freeze);
	lam_arena_reset(&m->arena);
	if (renew) {
		lam_group_table_release(&m->t);
		rc = lam_group_table_init(&m->t, m->q, e);
	}
	return rc ? rc : lam_group_table_add(&m->t, &m->none, &m->rec, e);
}

/* The merged state into m->out. */
static int
merger_end(struct merger *m, struct lam_error *e)
{
	uint32_t ncolumns = lam_query_columns(m->q), nkeys = m->q->nkeys;
	struct lam_ref row = { &m->t, m->rec };
	int rc = lam_group_table_freeze(&m->t, e);

	lam_buf_clear(&m->out);
	for (uint32_t c = nkeys; !rc && c < ncolumns; c++)
		rc = lam_partials_column(m->q, c, &m->t, &row, 1, &m->arena,
			&m->column[c], e);
	if (rc)
		return rc;
	lam_record_print(m->column, nkeys, ncolumns, 0, &m->out);
	return lam_buf_check(&m->out, e);
}

/* Does the next line of T have KEY, which begins with HEAD? */
static bool
same_key(const struct lam_run_tree *t, uint64_t head, struct lam_str key)
{
	return t->n && t->r[0]->head == head &&
		lam_str_cmp(t->r[0]->key, key) == 0;
}

/* The next line of the runs in T, KEY TAB STATE, behind OUT; STATE begins at *AT. */
static int
merge_line(struct lam_run_tree *t, struct merger *m, struct lam_buf *out,
	size_t *at, struct lam_error *e)
{
	struct lam_run_reader *r = t->r[0];
	uint64_t head = r->head;
	size_t from = out->n;
	struct lam_str key;
	uint32_t n = 0;
	int rc;

	lam_buf_put(out, r->key.p, r->key.n);
	*at = out->n;
	lam_buf_put(out, r->value.p, r->value.n);
	rc = lam_buf_check(out, e);
	if (!rc)
		rc = lam_run_tree_next(t, e);
	if (rc)
		return rc;
	key = (struct lam_str){ out->p + from, *at - from };
	while (!rc && same_key(t, head, key)) {
		if (!n++) {
			rc = merger_begin(m, e);
			if (!rc)
				rc = lam_record_state(&m->t, m->rec,
					(struct lam_str){ out->p + *at, out->n -
					*at }, &m->arena, e);
		}
		if (!rc)
			rc = lam_record_state(&m->t, m->rec, t->r[0]->value,
				&m->arena, e);
		if (!rc)
			rc = lam_run_tree_next(t, e);
	}
	if (!rc && n) {
		rc = merger_end(m, e);
		out->n = *at;
		lam_buf_put(out, m->out.p, m->out.n);
	}
	return rc ? rc : lam_buf_check(out, e);
}

struct readers {
	struct lam_run_reader *r;
	struct lam_run_reader **tree;
	size_t n;
};

static void
readers_close(struct readers *x)
{
	for (size_t i = 0; x->r && i < x->n; i++)
		lam_run_close(&x->r[i]);
	free(x->r);
	free(x->tree);
	*x = (struct readers){ NULL, NULL, 0 };
}

/* Merge all runs of S into one, in a new file. */
static int
consolidate(struct lam_run_file *s, const struct lam_query *q,
	struct lam_error *e)
{
	struct lam_run_file out = LAM_RUN_FILE_INIT;
	struct readers x = { calloc(s->nruns, sizeof *x.r),
		calloc(s->nruns, sizeof *x.tree), s->nruns };
	struct lam_buf line = LAM_BUF_INIT;
	struct lam_run_tree t;
	struct merger m;
	size_t at;
	int rc = merger_init(&m, q, e);

	if (!rc && (!x.r || !x.tree))
		rc = lam_fail_mem(e);
	for (size_t i = 0; !rc && i < x.n; i++)
		rc = lam_run_open(&x.r[i], s, i, 32 << 10, e);
	if (!rc)
		rc = lam_run_file_begin(&out, s->dir, e);
	t.r = x.tree;
	if (!rc)
		lam_run_tree_make(&t, x.r, x.n);
	while (!rc && t.n) {
		lam_buf_clear(&line);
		rc = merge_line(&t, &m, &line, &at, e);
		if (!rc)
			rc = lam_run_file_put(&out, (struct lam_str){ line.p,
				at }, (struct lam_str){ line.p + at, line.n -
				at }, e);
	}
	if (!rc)
		rc = lam_run_file_end(&out, e);
	readers_close(&x);
	merger_release(&m);
	lam_buf_release(&line);
	lam_run_file_release(rc ? &out : s);
	if (!rc)
		*s = out;
	return rc;
}

int
lam_share_spill(struct lam_share *part, const struct lam_query *q,
	const char *tmpdir, struct lam_error *e)
{
	struct lam_ref ref[SPILL_ROWS];
	struct lam_partials view = { .q = q, .threads = 1, .share = part,
		.nshares = 1, .most = SPILL_ROWS, .room = SPILL_ROWS,
		.ref = ref, .states = PTHREAD_RWLOCK_INITIALIZER };
	uint64_t *nulls = calloc(q->nstates + 1, sizeof *nulls);
	int rc = nulls ? LAM_OK : lam_fail_mem(e);

	for (uint32_t s = 0; !rc && s < q->nstates; s++)
		nulls[s] = part->table.agg[s].nulls;
	if (!rc)
		rc = lam_run_file_begin(&part->spill, tmpdir, e);
	if (!rc)
		rc = lam_partials_sort(&view, e);
	if (!rc)
		rc = lam_group_table_freeze(&part->table, e);
	if (!rc)
		rc = write_rows(&view, &part->spill, e);
	if (!rc)
		rc = lam_run_file_end(&part->spill, e);
	lam_partials_unsort(&view);
	lam_group_table_release(&part->table);
	if (!rc)
		rc = lam_group_table_init(&part->table, q, e);
	for (uint32_t s = 0; !rc && s < q->nstates; s++)
		part->table.agg[s].nulls = nulls[s];
	free(nulls);
	if (!rc && part->spill.nruns >= RUNS_MAX)
		rc = consolidate(&part->spill, q, e);
	return rc;
}

int
lam_run_merge_open(struct lam_partials *p, struct lam_error *e)
{
	uint64_t buffer;
	size_t n = 0;
	int rc = LAM_OK;

	for (uint32_t i = 0; !rc && i < p->nshares; i++) {
		if (p->share[i].table.n)
			rc = lam_share_spill(&p->share[i], p->q, p->tmpdir, e);
		lam_group_table_release(&p->share[i].table);
		n += p->share[i].spill.nruns;
	}
	if (rc)
		return rc;
	p->most = p->most > MERGE_ROWS ? MERGE_ROWS : p->most;
	p->reader = calloc(n, sizeof *p->reader);
	p->tree.r = calloc(n, sizeof *p->tree.r);
	if (!p->reader || !p->tree.r)
		return lam_fail_mem(e);
	buffer = p->memory / 4 / n;
	buffer = buffer > BUFFER_MAX ? BUFFER_MAX : buffer;
	for (uint32_t i = 0; !rc && i < p->nshares; i++)
		for (size_t j = 0; !rc && j < p->share[i].spill.nruns; j++)
			rc = lam_run_open(&p->reader[p->nreaders++],
				&p->share[i].spill, j, (size_t)buffer, e);
	if (!rc)
		lam_run_tree_make(&p->tree, p->reader, p->nreaders);
	return rc;
}

void
lam_run_merge_close(struct lam_partials *p)
{
	for (size_t i = 0; i < p->nreaders; i++)
		lam_run_close(&p->reader[i]);
	free(p->reader);
	free(p->tree.r);
	p->reader = NULL;
	p->tree.r = NULL;
	p->nreaders = 0;
}

/* The next line, merged of all runs that have it, as a group of p->batch. */
static int
take_line(struct lam_partials *p, struct lam_buf *key, struct lam_tuples *x,
	struct lam_arena *scratch, struct lam_error *e)
{
	struct lam_run_tree *t = &p->tree;
	struct lam_str k;
	uint64_t head;
	char *rec;
	int rc;

	lam_arena_reset(scratch);
	lam_buf_clear(key);
	lam_buf_put(key, t->r[0]->key.p, t->r[0]->key.n);
	rc = lam_buf_check(key, e);
	if (rc)
		return rc;
	k = (struct lam_str){ key->p, key->n };
	head = t->r[0]->head;
	rc = lam_record_key(&p->batch, (struct lam_str){ k.p, k.n - 1 }, x,
		scratch, e);
	if (!rc)
		rc = lam_group_table_add(&p->batch, x, &rec, e);
	while (!rc && same_key(t, head, k)) {
		rc = lam_record_state(&p->batch, rec, t->r[0]->value, scratch,
			e);
		if (!rc)
			rc = lam_run_tree_next(t, e);
	}
	return rc;
}

static int
fill_batch(struct lam_partials *p, struct lam_error *e)
{
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_buf key = LAM_BUF_INIT;
	size_t nkeys = p->q->nkeys;
	struct lam_tuples x = { calloc(nkeys + 1, sizeof *x.cell),
		calloc(nkeys + 1, sizeof *x.tag) };
	int rc;

	lam_group_table_release(&p->batch);
	p->at = 0;
	rc = lam_group_table_init(&p->batch, p->q, e);
	if (!rc && (!x.cell || !x.tag))
		rc = lam_fail_mem(e);
	while (!rc && p->tree.n && p->batch.n < p->most)
		rc = take_line(p, &key, &x, &scratch, e);
	if (!rc)
		rc = lam_group_table_freeze(&p->batch, e);
	lam_arena_release(&scratch);
	lam_buf_release(&key);
	free(x.cell);
	free(x.tag);
	return rc;
}

int
lam_run_merge_lines(struct lam_partials *p, const char *view,
	struct lam_buf *out, uint32_t *n, struct lam_error *e)
{
	struct merger m;
	size_t at;
	int rc = merger_init(&m, p->q, e);

	for (*n = 0; !rc && p->tree.n && *n < p->most; ++*n) {
		lam_buf_puts(out, view);
		lam_buf_putc(out, '\t');
		rc = merge_line(&p->tree, &m, out, &at, e);
		lam_buf_putc(out, '\n');
	}
	merger_release(&m);
	return rc ? rc : lam_buf_check(out, e);
}

int
lam_run_merge_step(struct lam_partials *p, struct lam_error *e)
{
	uint32_t most;
	int rc;

	if (p->at == p->batch.n) {
		rc = fill_batch(p, e);
		if (rc)
			return rc;
	}
	most = p->most;
	for (; p->n < most && p->at < p->batch.n; p->n++)
		p->ref[p->n] = (struct lam_ref){ &p->batch,
			lam_group_table_rec(&p->batch, p->at++) };
	return LAM_OK;
}
