/*
 * lines_merge.c - lines in, lines out: combiner and reducer of any engine
 *
 * Streaming.  Engines sort by the first two fields, some without the TAB behind them,
 * so all that is relied on is that equal keys are neighbours; where they are not,
 * the lines are still right, only more.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "partial/fold.h"
#include "partial/lines.h"

struct merge {
	struct lam_partial_writer *w;
	struct lam_arena arena;
	struct view {
		const char *name;
		const struct lam_query *counted;
	} *view;
	size_t n, cap;
	struct lam_fold fold;
	bool open; /* the fold has a record */
	struct lam_error *e;
};

/* A view of the header file. */
static int
add_view(struct merge *m, const struct lam_section *s)
{
	struct view *v;

	if (!lam_array_room(&m->view, &m->cap, m->n + 1, sizeof *m->view))
		return lam_fail_mem(m->e);
	v = &m->view[m->n];
	v->name = lam_arena_dup(&m->arena, s->view, strlen(s->view));
	v->counted = lam_query_counted(s->query, &m->arena);
	if (!v->name || !v->counted)
		return lam_fail_mem(m->e);
	m->n++;
	return LAM_OK;
}

static int
read_views(struct merge *m, const char *path)
{
	struct lam_partial_reader *r = NULL;
	struct lam_section s;
	bool got = true;
	int rc = lam_partial_reader_open(&r, path, m->e);

	while (!rc && got) {
		rc = lam_partial_next(r, &m->arena, &s, &got, m->e);
		if (!rc && got)
			rc = add_view(m, &s);
	}
	lam_partial_reader_free(r);
	return rc;
}

static const struct view *
find_view(const struct merge *m, struct lam_str key)
{
	for (size_t i = 0; i < m->n; i++) {
		size_t n = strlen(m->view[i].name);

		if (key.n > n && key.p[n] == '\t' &&
			!memcmp(key.p, m->view[i].name, n))
			return &m->view[i];
	}
	return NULL;
}

static int
flush(struct merge *m)
{
	struct lam_str line;
	int rc;

	if (!m->open)
		return LAM_OK;
	m->open = false;
	rc = lam_fold_end(&m->fold, &line, m->e);
	return rc ? rc : lam_partial_whole(m->w, line, m->e);
}

static int
take(struct merge *m, struct lam_str line, struct lam_partial_reader *r)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_str key, state;
	const struct view *v;
	uint64_t n;
	int rc;

	if (line.n && line.p[0] == '#')
		return lam_partial_whole(m->w, line, m->e);
	if (!lam_lines_split(line, &key, &state, &n))
		return lam_lines_fault(lam_partial_where(r), m->e);
	if (m->open && lam_fold_has(&m->fold, key)) {
		rc = lam_fold_add(&m->fold, state, &why);
		return rc ? lam_fail(m->e, rc, "%s: %s", lam_partial_where(r),
			why.msg) : rc;
	}
	rc = flush(m);
	if (rc)
		return rc;
	v = find_view(m, key);
	if (!v)
		return lam_fail(m->e, LAM_DATA, "%s: the file of --header has no "
			"view of this line", lam_partial_where(r));
	m->open = true;
	return lam_fold_begin(&m->fold, v->counted, key, state, m->e);
}

static int
read_lines(struct merge *m, const char *path)
{
	struct lam_partial_reader *r = NULL;
	struct lam_str line;
	bool got = true;
	int rc = lam_partial_reader_open(&r, path, m->e);

	while (!rc && got) {
		rc = lam_partial_read_line(r, &line, &got, m->e);
		if (!rc && got)
			rc = take(m, line, r);
	}
	lam_partial_reader_free(r);
	return rc;
}

int
lam_lines_merge(struct lam_partial_writer *w, const char *const *path,
	size_t n, const char *header, struct lam_error *e)
{
	struct merge m = { .w = w, .arena = LAM_ARENA_INIT,
		.fold = LAM_FOLD_INIT, .e = e };
	int rc = read_views(&m, header);

	if (!rc && n == 0)
		rc = read_lines(&m, "-");
	for (size_t i = 0; !rc && i < n; i++)
		rc = read_lines(&m, path[i]);
	if (!rc)
		rc = flush(&m);
	lam_fold_release(&m.fold);
	free(m.view);
	lam_arena_release(&m.arena);
	return rc;
}
