/*
 * reference.c - which file a query was bound to, and its contents
 *
 * Of each kind there is a chain: the file as it is now, and before it those that it
 * took the place of.  These few bytes stay, because bound queries point to them; their
 * contents go with the last query that has them open.
 */
#include "reference/reference.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/seen_file.h"
#include "reference/agents.h"
#include "reference/geo.h"

struct lam_reference {
	struct lam_reference *before;
	enum lam_reference_kind kind;
	const char *path;
	struct lam_seen_file seen;
	struct lam_error why; /* code LAM_OK: it is there */
	bool summed;	      /* seen.hash is its checksum */
	void *contents;	      /* or NULL */
	unsigned users;
};

static const struct {
	const char *path; /* at first */
	const char *none; /* what to do when there is none */
	int (*load)(void **contents, const char *path, struct lam_error *e);
	void (*unload)(void *contents);
} kinds[LAM_REFERENCES] = {
	[LAM_REFERENCE_AGENTS] = { LAM_REFERENCE_AGENTS_PATH, "user_agent: "
		"there is no " LAM_REFERENCE_AGENTS_PATH ": install the "
		"package uap-core, or name another file of rules with "
		"--agents FILE or LAM_AGENTS", lam_agents_load,
		lam_agents_free },
	[LAM_REFERENCE_GEO] = { NULL, "geo: no file is given: name a file of "
		"MaxMind's form with --geo FILE or LAM_GEO", lam_geo_load,
		lam_geo_free },
};

static const char *given[LAM_REFERENCES];
static struct lam_reference *now[LAM_REFERENCES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
lam_reference_set(enum lam_reference_kind kind, const char *path)
{
	given[kind] = path;
}

static void
look(struct lam_reference *r)
{
	const char *path = given[r->kind];
	struct lam_error why = LAM_ERROR_INIT;

	r->path = path ? path : kinds[r->kind].path;
	if (!r->path || lam_seen_file_stat(&r->seen, r->path, &why))
		lam_fail(&r->why, LAM_USAGE, "%s", path ? why.msg :
			kinds[r->kind].none);
}

static bool
same(const struct lam_reference *a, const struct lam_reference *b)
{
	return a->path == b->path && a->why.code == b->why.code &&
		lam_seen_file_alike(&a->seen, &b->seen);
}

/* With the lock. */
static void
unload(struct lam_reference *r)
{
	if (r->contents && !r->users) {
		kinds[r->kind].unload(r->contents);
		r->contents = NULL;
	}
}

struct lam_reference *
lam_reference_now(enum lam_reference_kind kind)
{
	struct lam_reference *r = calloc(1, sizeof *r), *old;

	if (!r)
		return NULL;
	r->kind = kind;
	look(r);
	pthread_mutex_lock(&lock);
	old = now[kind];
	if (old && same(old, r)) {
		free(r);
		r = old;
	} else {
		if (old)
			unload(old);
		r->before = old;
		now[kind] = r;
	}
	pthread_mutex_unlock(&lock);
	return r;
}

/* With the lock. */
static int
take_sum(struct lam_reference *r, const char *data, struct lam_error *e)
{
	struct lam_seen_file found = LAM_SEEN_FILE_INIT;
	char cache[LAM_PATH_MAX] = "";
	int rc = LAM_OK;

	if (data)
		rc = lam_io_path(cache, sizeof cache, e, "%s/seen", data);
	if (!rc)
		rc = lam_seen_file(&found, r->path, r->path, data, data ?
			cache : NULL, NULL, NULL, e);
	if (!rc && !lam_seen_file_alike(&found, &r->seen))
		rc = lam_seen_file_same(&r->seen, r->path, e);
	if (!rc) {
		r->seen.hash = found.hash;
		r->summed = true;
	}
	lam_seen_file_release(&found);
	return rc;
}

int
lam_reference_sum(struct lam_reference *r, const char *data, uint64_t *sum,
	struct lam_error *e)
{
	int rc = LAM_OK;

	if (r->why.code)
		return lam_fail(e, r->why.code, "%s", r->why.msg);
	pthread_mutex_lock(&lock);
	if (!r->summed)
		rc = take_sum(r, data, e);
	*sum = r->seen.hash;
	pthread_mutex_unlock(&lock);
	return rc;
}

/* With the lock. */
static int
load(struct lam_reference *r, struct lam_error *e)
{
	int rc = kinds[r->kind].load(&r->contents, r->path, e);

	if (rc)
		return rc;
	rc = lam_seen_file_same(&r->seen, r->path, e);
	if (rc)
		unload(r);
	return rc;
}

int
lam_reference_open(struct lam_reference *r, void **contents, struct lam_error *e)
{
	int rc = LAM_OK;

	if (r->why.code)
		return lam_fail(e, r->why.code, "%s", r->why.msg);
	pthread_mutex_lock(&lock);
	if (!r->contents)
		rc = load(r, e);
	if (!rc) {
		r->users++;
		*contents = r->contents;
	}
	pthread_mutex_unlock(&lock);
	return rc;
}

void
lam_reference_close(struct lam_reference *r)
{
	pthread_mutex_lock(&lock);
	r->users--;
	if (r != now[r->kind])
		unload(r);
	pthread_mutex_unlock(&lock);
}
