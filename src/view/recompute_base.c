/*
 * recompute_base.c - going on from what is served
 *
 * The generation is opened twice: to be checked before the scan, and to be merged
 * behind it.  In between it is known by its name only, so that the number of
 * views is not bounded by the descriptors a process may have.
 */
#include "view/recompute_internal.h"

#include <errno.h>

#define TRIES 50 /* each lost to a publisher that was faster */

static int
open_base(struct lam_batch_run *b, struct lam_batch_view *v,
	const struct lam_layer_file *d, struct lam_index *x, char *path,
	struct lam_error *e)
{
	int rc = lam_layer_file_path(path, b->r->data, false, v->name, d, e);

	return rc ? rc : lam_index_open(x, path, v->view.query, e);
}

static bool
is_gone(int rc, const struct lam_error *why)
{
	return rc == LAM_SYSTEM && why->sys == ENOENT;
}

/* Generation D as the base of V, if it is sound.  *AGAIN: it was replaced since
 * it was listed. */
static int
try_base(struct lam_batch_run *b, struct lam_batch_view *v,
	struct lam_stream *s, const struct lam_layer_file *d, bool *again)
{
	struct lam_error why = LAM_ERROR_INIT;
	char path[LAM_PATH_MAX];
	enum lam_mismatch mismatch;
	struct lam_index x;
	int rc;

	rc = open_base(b, v, d, &x, path, &why);
	if (!rc) {
		rc = lam_cover_check(&v->view, s, &x, d, path, &mismatch,
			&why);
		v->base_history = x.section.history[1];
		lam_index_close(&x);
	}
	v->has_base = !rc;
	v->base = *d;
	*again = is_gone(rc, &why);
	if (rc && !*again)
		lam_message(&b->r->warn, "%s: passed over", why.msg);
	return LAM_OK;
}

int
lam_batch_find_base(struct lam_batch_run *b, struct lam_batch_view *v,
	struct lam_stream *s, uint64_t to)
{
	bool again = true;
	int rc = LAM_OK;

	for (int tries = 0; !rc && again && tries < TRIES; tries++) {
		struct lam_layer_file_list l = LAM_LAYER_FILE_INIT;

		again = false;
		rc = lam_serving_list(b->r->data, v->name, &l, b->e);
		for (size_t i = l.n; !rc && !v->has_base && !again && i-- > 0; )
			if (l.item[i].spec == v->view.spec &&
				l.item[i].to <= to && l.item[i].to)
				rc = try_base(b, v, s, &l.item[i], &again);
		lam_layer_file_release(&l);
	}
	if (v->has_base)
		v->from = v->base.to;
	return rc;
}

static int
merge(struct lam_batch_run *b, struct lam_batch_view *v,
	const struct lam_index *base)
{
	struct lam_chain_source chain;
	struct lam_index_source old;
	struct lam_source new;
	struct lam_partials *merged = NULL;
	int rc;

	lam_chain_source_init(&chain);
	rc = lam_index_source_init(&old, base, b->engine.threads, b->e);
	if (!rc)
		rc = lam_chain_source_add(&chain, &old.source, b->e);
	lam_partials_source(v->partials, &new);
	if (!rc)
		rc = lam_chain_source_add(&chain, &new, b->e);
	if (!rc)
		rc = lam_merge_run(v->view.query, &chain.source, &b->engine,
			&b->arena, &merged, b->e);
	if (!rc)
		rc = lam_section_add(&v->section, &base->section, b->e);
	lam_chain_source_release(&chain);
	lam_index_source_release(&old);
	lam_partials_free(v->partials);
	v->partials = merged;
	return rc;
}

int
lam_batch_merge_base(struct lam_batch_run *b, struct lam_batch_view *v,
	bool *gone)
{
	struct lam_error why = LAM_ERROR_INIT, *e = b->e;
	char path[LAM_PATH_MAX];
	struct lam_index x;
	int rc;

	b->e = &why;
	rc = open_base(b, v, &v->base, &x, path, &why);
	if (!rc) {
		/* Another one may have its name since it was checked. */
		rc = x.section.history[1] == v->base_history ?
			merge(b, v, &x) : lam_fail(&why, LAM_DATA, "%s: "
			"another one has taken its place", path);
		lam_index_close(&x);
	}
	b->e = e;
	*gone = rc == LAM_DATA || is_gone(rc, &why);
	if (!*gone)
		return rc ? lam_fail(e, rc, "%s", why.msg) : LAM_OK;
	if (rc == LAM_DATA)
		lam_message(&b->r->warn, "%s: passed over", why.msg);
	v->has_base = false;
	v->from = 0;
	return LAM_OK;
}

int
lam_batch_find_told(struct lam_batch_run *b, struct lam_batch_view *v)
{
	struct lam_layer_file_list l = LAM_LAYER_FILE_INIT;
	int rc = lam_serving_list(b->r->data, v->name, &l, b->e);

	for (size_t i = 0; !rc && i < l.n; i++)
		if (l.item[i].spec == v->view.spec && l.item[i].to > v->told)
			v->told = l.item[i].to;
	lam_layer_file_release(&l);
	return rc;
}
