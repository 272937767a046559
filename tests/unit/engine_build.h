/*
 * engine_build.h - a relation in memory, in random batches and shapes, and
 * queries over it as text: for the tests of the engine
 *
 *	t(k text, n number, ts time, v number, w number, s text, ok boolean)
 *
 * with NULLs in every column: k has few values (odd ones: empty, commas,
 * quotes, tabs), n some, ts many; v has up to two decimals and both signs, w
 * more digits than 64 bits hold, s many values.
 */
#ifndef LAM_TEST_ENGINE_BUILD_H
#define LAM_TEST_ENGINE_BUILD_H

#include <stdatomic.h>

#include "engine/engine.h"
#include "expr_build.h"
#include "partial/record.h"
#include "bind/bind.h"
#include "sql/query.h"

enum { K, N, TS, V, W, S, OK, COLUMNS };

static struct lam_input_field t_field[COLUMNS] = {
	{ "k", { LAM_TEXT, 0 }, 0, false }, { "n", { LAM_NUMBER, 0 }, 0, false },
	{ "ts", { LAM_TIME, 0 }, 0, false }, { "v", { LAM_NUMBER, 0 }, 0, false },
	{ "w", { LAM_NUMBER, 0 }, 0, false }, { "s", { LAM_TEXT, 0 }, 0, false },
	{ "ok", { LAM_BOOL, 0 }, 0, false },
};

/* ------------------------------------------------------------------ queries */

static const char *view_sql; /* FROM view */

static inline int
t_find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	struct lam_catalog c = { .state = state, .find = t_find };
	struct lam_query *view = NULL;

	*out = (struct lam_relation){ .name = scan->name };
	if (strcmp(scan->name, "view") == 0) {
		int rc = lam_query_bind(view_sql, "view", true, &c, state,
			&view, e);

		out->view = view;
		return rc;
	}
	out->field = t_field;
	out->nfields = COLUMNS;
	return LAM_OK;
}

static inline struct lam_query *
bind(const char *sql, bool as_view)
{
	struct lam_catalog c = { .state = &arena, .find = t_find };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_query *q;

	if (lam_query_bind(sql, "test", as_view, &c, &arena, &q, &e)) {
		printf("# %s: %s\n", sql, e.msg);
		abort();
	}
	return q;
}

/* --------------------------------------------------------------------- rows */

struct rows {
	uint32_t n;
	struct cell *c[COLUMNS];
};

static struct cell
null_cell(void)
{
	struct cell c;

	memset(&c, 0, sizeof c);
	c.null = true;
	return c;
}

static struct cell
random_cell(int column)
{
	static const char *const odd[] = { "", "a,b", "\"q\"", "tab\there",
		"line\nfeed", "back\\slash", "a", "a b", "a\x01", "\r", "," };
	struct cell c;
	char buf[32];
	int n;

	memset(&c, 0, sizeof c);
	if (rnd(9) == 0)
		return null_cell();
	switch (column) {
	case K:
		n = (int)rnd(sizeof odd / sizeof *odd);
		c.text = (struct lam_str){ odd[n], strlen(odd[n]) };
		break;
	case N:
		c.num.m = (int64_t)rnd(20) - 4;
		break;
	case TS:
		c.time = 1767225600 * LAM_NS + (int64_t)rnd(500) * 7 *
			LAM_NS;
		break;
	case V:
		c.num.m = (int64_t)rnd(40000) - 5000;
		c.num.scale = (unsigned)rnd(3);
		c.num = lam_num_normal(c.num);
		break;
	case W:
		c.num.m = (lam_i128)rnd(0) * (int64_t)rnd(1000000) *
			(rnd(2) ? 1 : -1);
		break;
	case S:
		n = snprintf(buf, sizeof buf, "item-%u", (unsigned)rnd(300));
		c.text.p = lam_arena_dup(&arena, buf, (size_t)n);
		c.text.n = (size_t)n;
		break;
	default:
		c.bit = rnd(2);
	}
	return c;
}

static inline struct rows
random_rows(uint32_t n)
{
	struct rows r = { .n = n };

	for (int k = 0; k < COLUMNS; k++) {
		r.c[k] = LAM_ARENA_NEW(&arena, struct cell, n + 1);
		for (uint32_t i = 0; i < n; i++)
			r.c[k][i] = random_cell(k);
	}
	return r;
}

static inline struct rows
slice_rows(const struct rows *r, uint32_t from, uint32_t to)
{
	struct rows x = { .n = to - from };

	for (int k = 0; k < COLUMNS; k++)
		x.c[k] = r->c[k] + from;
	return x;
}

static bool
same_cell(const struct cell *a, const struct cell *b)
{
	if (a->null || b->null)
		return a->null == b->null;
	return a->num.m == b->num.m && a->num.scale == b->num.scale &&
		a->time == b->time && a->bit == b->bit &&
		lam_str_cmp(a->text, b->text) == 0;
}

/* A dictionary without repetitions, or (POISON) with bad unused entries. */
static struct lam_vec
distinct_dict(unsigned type, const struct cell *c, uint32_t n)
{
	struct cell *entry = LAM_ARENA_NEW(&arena, struct cell, n + 1);
	struct lam_vec *dict = LAM_ARENA_NEW(&arena, struct lam_vec, 1);
	uint16_t *code = lam_arena_alloc(&arena, n * 2 + 2);
	uint32_t m = 0, j;

	for (uint32_t i = 0; i < n; i++) {
		for (j = 0; j < m && !same_cell(&entry[j], &c[i]); j++)
			;
		if (j == m)
			entry[m++] = c[i];
		code[i] = (uint16_t)j;
	}
	*dict = make_flat(type, entry, m, false);
	return (struct lam_vec){ .type = (uint8_t)type, .rep = LAM_DICT,
		.n = n, .code = code, .dict = dict, .scale = dict->scale };
}

static struct lam_vec
random_vec(unsigned type, const struct cell *c, uint32_t n)
{
	struct lam_vec v;

	for (;;) {
		enum shape s = (enum shape)rnd(SHAPES);

		if (s == S_DICT && rnd(4)) {
			if (n > 3000)
				continue;
			return distinct_dict(type, c, n);
		}
		if (make_vec(n ? s : S_FLAT, type, c, n, &v))
			return v;
	}
}

/* ------------------------------------------------------------------- source */

struct made_batch {
	uint32_t n;
	uint64_t pos;
	struct lam_vec v[COLUMNS];
};

struct made_source {
	struct lam_source source;
	struct made_batch *batch;
	uint32_t n;
	atomic_uint next;
};

static inline int
made_load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	const struct made_batch *m = b->state;

	*bad = 0;
	*out = m->v[f];
	return raw && !lam_vec_as_text(&m->v[f], b->arena, out) ?
		lam_fail_mem(e) : LAM_OK;
}

static inline int
made_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct made_source *m = s->state;
	uint32_t i = atomic_fetch_add(&m->next, 1);

	(void)worker;
	(void)e;
	*got = i < m->n;
	if (!*got)
		return LAM_OK;
	b->n = m->batch[i].n;
	b->pos = m->batch[i].pos;
	b->state = &m->batch[i];
	b->apart = i % 2;
	b->load = made_load;
	return LAM_OK;
}

/* R from position POS on, in batches of at most MOST rows, random shapes. */
static void
make_source(struct made_source *m, const struct rows *r, uint64_t pos,
	uint32_t most)
{
	uint32_t at = 0;

	memset(m, 0, sizeof *m);
	m->batch = LAM_ARENA_NEW(&arena, struct made_batch, r->n + 1);
	while (at < r->n) {
		struct made_batch *b = &m->batch[m->n++];

		b->n = 1 + (uint32_t)rnd(most);
		b->n = b->n > r->n - at ? r->n - at : b->n;
		b->pos = pos + at;
		for (int k = 0; k < COLUMNS; k++)
			b->v[k] = random_vec(t_field[k].type.type,
				r->c[k] + at, b->n);
		at += b->n;
	}
	/* More rows than there are, so that every thread there may be begins. */
	m->source = (struct lam_source){ .state = m, .next = made_next,
		.rows = UINT64_MAX };
	atomic_init(&m->next, 0);
}

/* ------------------------------------------------------------------ running */

static struct lam_resources
options(unsigned threads, uint64_t memory)
{
	return (struct lam_resources){ threads, memory, "/tmp" };
}

/* All lines of the partial relation. */
static inline int
print_partials(const struct lam_query *q, struct lam_partials *p,
	struct lam_buf *out, struct lam_error *e)
{
	struct lam_arena a = LAM_ARENA_INIT;
	const struct lam_vec *column;
	uint64_t first;
	uint32_t n = 1;
	int rc = LAM_OK;

	while (!rc && n) {
		lam_arena_reset(&a);
		rc = lam_partials_next(p, &a, &column, &first, &n, e);
		for (uint32_t i = 0; !rc && i < n; i++) {
			lam_record_line(q, column, i, out);
			lam_buf_putc(out, '\n');
		}
	}
	lam_arena_release(&a);
	return rc;
}

static inline int
run_source(const struct lam_query *q, struct lam_source *s,
	const struct lam_resources *o, struct lam_buf *out,
	struct lam_counts *counts, struct lam_error *e)
{
	struct lam_job job = { .query = q };
	int rc = lam_engine_run(s, &job, 1, o, e);

	if (!rc)
		rc = print_partials(q, job.partials, out, e);
	if (counts)
		*counts = job.counts;
	lam_partials_free(job.partials);
	lam_job_release(&job);
	return rc;
}

/* The partial lines of Q over R; "" and a comment when it fails. */
static inline struct lam_str
partials_of(const struct lam_query *q, const struct rows *r, uint64_t pos,
	uint32_t most, unsigned threads, uint64_t memory)
{
	struct lam_resources o = options(threads, memory);
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf out = LAM_BUF_INIT;
	struct made_source s;
	struct lam_str text;

	make_source(&s, r, pos, most);
	if (run_source(q, &s.source, &o, &out, NULL, &e))
		printf("# %s\n", e.msg);
	text = (struct lam_str){ lam_arena_dup(&arena, out.p, out.n), out.n };
	lam_buf_release(&out);
	return text;
}

/* Rows as CSV lines. */
static inline int
print_rows(void *arg, const struct lam_vec *v, uint32_t n, struct lam_error *e)
{
	struct lam_buf *out = ((void **)arg)[0];
	const struct lam_query *q = ((void **)arg)[1];
	char scratch[LAM_TIME_TEXT];

	(void)e;
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t c = 0; c < q->noutputs; c++) {
			struct lam_str s = lam_vec_print(&v[c], i, scratch);

			lam_buf_puts(out, c ? "|" : "");
			if (s.p)
				lam_buf_put(out, s.p, s.n);
			else
				lam_buf_puts(out, "NULL");
		}
		lam_buf_putc(out, '\n');
	}
	return LAM_OK;
}

/* The answer of Q over R. */
static inline struct lam_str
answer_of(const struct lam_query *q, const struct rows *r, uint32_t most,
	unsigned threads, uint64_t memory)
{
	uint64_t faults = 0;
	struct lam_resources o = options(threads, memory);
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf out = LAM_BUF_INIT;
	struct lam_query *copy = LAM_ARENA_NEW(&arena, struct lam_query, 1);
	void *arg[2] = { &out, copy };
	struct lam_job job = { .query = q, .rows = print_rows, .arg = arg };
	struct made_source s;
	struct lam_str text;
	int rc;

	*copy = *q;
	make_source(&s, r, 0, most);
	rc = lam_engine_run(&s.source, &job, 1, &o, &e);
	if (!rc && q->grouped)
		rc = lam_engine_finish(q, job.partials, &o, print_rows, arg,
			&faults, &e);
	lam_partials_free(job.partials);
	lam_job_release(&job);
	if (rc) {
		lam_buf_clear(&out);
		lam_buf_puts(&out, e.msg);
	}
	text = (struct lam_str){ lam_arena_dup(&arena, out.p, out.n), out.n };
	lam_buf_release(&out);
	return text;
}

static inline bool
same_text(struct lam_str a, struct lam_str b)
{
	return lam_str_cmp(a, b) == 0;
}

#endif
