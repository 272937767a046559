/*
 * speed_chain.c - the chain of speed partials of a view
 *
 * From P, the end of what is served, the chain takes the longest sound file
 * that starts where the last one ended, skipping gaps.  Whatever is not on the
 * chain can never be part of a cover better than the chain: it is of an older
 * definition, or behind P, or inside another file, or damaged.
 */
#include "view/speed_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/search.h"

static bool
is_before(const void *v, size_t i, const void *d)
{
	return lam_layer_file_cmp((const struct lam_layer_file *)v + i, d) < 0;
}

static bool
remembered(const struct lam_speed_memory *m, const struct lam_layer_file *d)
{
	size_t i = lam_lower_bound(m->sound, m->n, d, is_before);

	return i < m->n && !lam_layer_file_cmp(&m->sound[i], d);
}

/* Is the file what its name says?  *WHY tells, when it is not. */
static int
sound(struct speed_view *v, bool speed, const struct lam_layer_file *d,
	bool *ok, enum lam_mismatch *mismatch, struct lam_error *why,
	struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	struct lam_index x;
	int rc;

	*ok = false;
	*mismatch = LAM_MISNAMED;
	rc = lam_layer_file_path(path, v->data, speed, v->name, d, e);
	if (rc)
		return rc;
	rc = lam_index_open(&x, path, v->view.query, why);
	if (rc)
		return LAM_OK;
	rc = lam_cover_check(&v->view, v->log, &x, d, path, mismatch, why);
	lam_index_close(&x);
	*ok = !rc;
	return LAM_OK;
}

/* P: the end of the highest sound generation of this definition; unless it was
 * replaced since it was listed, when the log is older than what is served. */
static int
find_served(struct speed_pass *p, struct speed_view *v)
{
	const struct lam_layer_file_list *l = &v->files.serving;

	v->served = 0;
	for (size_t i = l->n; i-- > 0; ) {
		struct lam_error why = LAM_ERROR_INIT;
		enum lam_mismatch mismatch;
		bool ok;
		int rc;

		if (l->item[i].spec != v->view.spec || l->item[i].to == 0)
			continue;
		rc = sound(v, false, &l->item[i], &ok, &mismatch, &why, p->e);
		if (rc)
			return rc;
		if (ok) {
			v->served = l->item[i].to;
			return LAM_OK;
		}
		v->vanished = why.sys == ENOENT;
		if (v->vanished)
			return LAM_OK;
		if (mismatch > LAM_MISNAMED)
			return lam_fail(p->e, LAM_DATA, "%s", why.msg);
		lam_message(&p->job->warn, "%s: passed over", why.msg);
	}
	return LAM_OK;
}

size_t
lam_speed_chain_find(const struct speed_view *v, uint64_t pos)
{
	return lam_layer_file_find(v->chain, v->n, pos);
}

void
lam_speed_chain_drop(struct speed_view *v, const struct lam_layer_file *d)
{
	size_t at = lam_speed_chain_find(v, d->from);

	if (at == v->n || lam_layer_file_cmp(&v->chain[at], d))
		return;
	memmove(v->chain + at, v->chain + at + 1,
		(v->n - at - 1) * sizeof *v->chain);
	v->n--;
	v->memory->n = 0;
	v->upto = v->served;
}

int
lam_speed_chain_put(struct speed_view *v, const struct lam_layer_file *d,
	struct lam_error *e)
{
	size_t at = lam_speed_chain_find(v, d->from), end;

	for (end = at; end < v->n && v->chain[end].to <= d->to; )
		end++;
	if (!lam_array_room(&v->chain, &v->cap, v->n + 1, sizeof *v->chain))
		return lam_fail_mem(e);
	memmove(v->chain + at + 1, v->chain + end,
		(v->n - end) * sizeof *v->chain);
	v->n = v->n - end + at + 1;
	v->chain[at] = *d;
	/* It may begin before upto, where files it stands for did. */
	if (d->from <= v->upto && d->to > v->upto)
		v->upto = d->to;
	return LAM_OK;
}

/* Is the log still the one that the files in memory were sound for?  The last one
 * stands for all records before its end. */
static int
check_memory(struct speed_pass *p, struct speed_view *v)
{
	struct lam_speed_memory *m = v->memory;
	struct lam_error why = LAM_ERROR_INIT;
	enum lam_mismatch mismatch;
	bool ok = true;
	int rc = LAM_OK;

	if (m->n)
		rc = sound(v, true, &m->sound[m->n - 1], &ok, &mismatch, &why,
			p->e);
	if (!ok)
		m->n = 0;
	return rc;
}

int
lam_speed_plan(struct speed_pass *p, struct speed_view *v,
	struct lam_stream *s)
{
	const struct lam_layer_file_list *l = &v->files.speed;
	uint64_t pos;
	int rc;

	v->data = p->job->data;
	v->log = s;
	if (strcmp(v->memory->id, s->id)) {
		v->memory->n = 0;
		memcpy(v->memory->id, s->id, sizeof s->id);
	}
	rc = check_memory(p, v);
	if (!rc)
		rc = find_served(p, v);
	if (rc || v->vanished)
		return rc;
	pos = v->upto = v->served;
	/* From high TO to low for each FROM, FROMs ascending. */
	for (size_t i = 0; !rc && i < l->n; ) {
		size_t end = i;

		while (end < l->n && l->item[end].from == l->item[i].from)
			end++;
		for (size_t k = end; !rc && k-- > i; ) {
			const struct lam_layer_file *d = &l->item[k];
			struct lam_error why = LAM_ERROR_INIT;
			enum lam_mismatch mismatch;
			bool ok;

			if (d->spec != v->view.spec || d->from < pos)
				continue;
			ok = remembered(v->memory, d) && d->to <= s->head;
			if (!ok)
				rc = sound(v, true, d, &ok, &mismatch, &why,
					p->e);
			if (!rc && !ok && mismatch == LAM_LOST)
				rc = lam_fail(p->e, LAM_DATA, "%s", why.msg);
			if (rc || !ok)
				continue;
			rc = lam_speed_chain_put(v, d, p->e);
			pos = d->to;
			break;
		}
		i = end;
	}
	return rc;
}

static bool
on_chain(const struct speed_view *v, const struct lam_layer_file *d)
{
	size_t at = lam_speed_chain_find(v, d->from);

	return at < v->n && !lam_layer_file_cmp(&v->chain[at], d);
}

static int
remove_file(struct speed_pass *p, const char *view,
	const struct lam_layer_file *d)
{
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_layer_file_path(path, p->job->data, true, view, d, p->e);
	return rc ? rc : lam_io_unlink(path, p->e);
}

int
lam_speed_expire(struct speed_pass *p, struct speed_view *v)
{
	struct lam_layer_file_list l = LAM_LAYER_FILE_INIT;
	struct lam_speed_memory *m = v->memory;
	struct lam_layer_file *t = m->sound;
	size_t cap = m->cap;
	int rc;

	rc = lam_speed_list(p->job->data, v->name, &l, p->e);
	for (size_t i = 0; !rc && i < l.n; i++)
		if (!on_chain(v, &l.item[i]))
			rc = remove_file(p, v->name, &l.item[i]);
	lam_layer_file_release(&l);
	/* The chain is what is known to be sound now. */
	m->sound = v->chain;
	m->n = v->n;
	m->cap = v->cap;
	v->chain = t;
	v->n = 0;
	v->cap = cap;
	return rc;
}

int
lam_speed_expire_views(struct speed_pass *p)
{
	struct lam_names dirs = LAM_NAMES_INIT;
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_io_path(path, sizeof path, p->e, "%s/speed", p->job->data);
	if (!rc)
		rc = lam_io_list(path, "", &dirs, p->e);
	for (size_t i = 0; !rc && i < dirs.n; i++) {
		struct lam_layer_file_list l = LAM_LAYER_FILE_INIT;

		if (!lam_name_ok(dirs.name[i], strlen(dirs.name[i])) ||
			lam_view_exists(p->job->data, dirs.name[i]))
			continue;
		rc = lam_layer_file_dir(path, p->job->data, true, dirs.name[i],
			p->e);
		if (!rc)
			rc = lam_io_no_link(path, p->e);
		if (!rc)
			rc = lam_io_sweep(path, p->e);
		if (!rc)
			rc = lam_speed_list(p->job->data, dirs.name[i], &l,
				p->e);
		for (size_t k = 0; !rc && k < l.n; k++)
			rc = remove_file(p, dirs.name[i], &l.item[k]);
		lam_layer_file_release(&l);
		if (!rc)
			rmdir(path); /* stays when something else is in it */
	}
	lam_names_release(&dirs);
	return rc;
}
