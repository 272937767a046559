/*
 * log_check.c - is the master log of a stream what it should be?
 *
 * Two parts.  Under the shared lock, for no longer than an append takes: id,
 * witness, listing, the last segment and its tail.  Writers wait meanwhile,
 * so a block that is half written is never taken for a torn tail.  Then,
 * without it: segments before the last one, and the blocks of all.  No segment
 * is merged away meanwhile (log/merge.h).  The last one stays open, so it does not
 * matter if it is sealed and replaced in between.
 *
 * A segment that is refused as a whole is searched for blocks (rescue.c), so
 * that the positions that are lost can be told exactly.
 */
#include "fsck/log_check.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <errno.h>

#include "base/name.h"
#include "base/progress.h"
#include "fsck/log_check_internal.h"
#include "fsck/rescue.h"
#include "log/merge.h"
#include "log/place_chain.h"
#include "log/segment.h"
#include "store/block.h"

int
lam_log_lock_shared(const char *dir, int *fd, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int rc = lam_io_path(path, sizeof path, e, "%s/lock", dir);

	*fd = -1;
	if (rc)
		return rc;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	while (*fd >= 0 && flock(*fd, LOCK_SH) && errno == EINTR)
		;
	return LAM_OK;
}

/* ------------------------------------------------- the files of a stream */

static uint64_t
size_of(const struct lam_look *l, const char *name)
{
	char path[LAM_PATH_MAX];
	struct stat st;

	return !lam_io_path(path, sizeof path, NULL, "%s/%s", l->dir, name) &&
		lstat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static bool
one_of_ours(const char *name)
{
	static const char *const known[] = { "id", "schema", "input",
		"durable", "lock", "merging" };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(name, known[i]))
			return true;
	return false;
}

/* Sort the names of the directory into segments and others. */
static int
list_files(struct lam_look *l, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	size_t empty = 0;
	int rc = lam_io_list(l->dir, "", &names, e);

	if (rc)
		return rc;
	l->base = calloc(names.n + 1, sizeof *l->base);
	if (!l->base)
		rc = lam_fail_mem(e);
	for (size_t i = 0; !rc && i < names.n; i++) {
		const char *s = names.name[i];
		size_t n = strlen(s);

		if (lam_segment_name(s, &l->base[l->n])) {
			l->n++;
			empty = size_of(l, s) ? 0 : empty + 1;
			lam_progress_expect(0, size_of(l, s));
		} else if (strstr(s, ".torn.")) {
			l->c->moved++;
			l->c->moved_bytes += size_of(l, s);
		} else if (strstr(s, ".tmp.")) {
			l->c->strays++;
		} else if (!strcmp(s, "durable")) {
			l->others = true;
		} else if (n > 4 && !strcmp(s + n - 4, ".seg")) {
			lam_found(l->f, LAM_GRAVE, "%s/%s: not the name of a "
				"segment (20 digits and .seg): move it away",
				l->dir, s);
		} else if (!one_of_ours(s)) {
			lam_found(l->f, LAM_MINOR, "%s/%s: not a file of a "
				"stream: move it away", l->dir, s);
		}
	}
	/* Segments at the end that were never begun hold nothing. */
	l->n -= empty;
	lam_names_release(&names);
	return rc;
}

/*
 * Is the id of the file that of a segment's header?  If of none, it becomes
 * that of the first one that has any: then the file is what is wrong.
 */
static bool
id_of_segments(struct lam_look *l)
{
	char first[LAM_ID_HEX + 1] = "";
	bool same = false;

	for (size_t i = 0; i < l->n && !same; i++) {
		struct lam_blockfile f;
		char path[LAM_PATH_MAX];
		struct lam_str id;

		if (lam_segment_path(path, l->dir, l->base[i], NULL) ||
			lam_blockfile_open_head(&f, path, NULL))
			continue;
		id = lam_meta_get((struct lam_str){ f.head.p, f.head.n },
			"stream");
		if (id.p && id.n == LAM_ID_HEX) {
			same = !memcmp(l->c->id, id.p, LAM_ID_HEX);
			if (!*first)
				memcpy(first, id.p, LAM_ID_HEX);
		}
		lam_blockfile_close(&f);
	}
	if (same || !*first)
		return true;
	memcpy(l->c->id, first, sizeof first);
	return false;
}

static int
check_id(struct lam_look *l, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	bool found = false, ok;
	int rc;

	rc = lam_stream_id_read(l->dir, l->c->id, &found, &why);
	/* Its maker died, or is about to go on: nothing can be missing. */
	if (!rc && !found && l->n == 0 && l->c->moved == 0 && !l->others)
		return LAM_OK;
	if (!rc && !found)
		rc = lam_fail(&why, LAM_DATA, "%s/id: missing", l->dir);
	ok = !rc;
	if (rc && !lam_is_damage(rc, &why))
		return lam_judge(l->f, LAM_GRAVE, rc, &why, &ok, e);
	if (!ok)
		memset(l->c->id, 0, sizeof l->c->id);
	if (!id_of_segments(l))
		lam_found(l->f, LAM_GRAVE, "%s/id: missing or damaged: write "
			"this line back: %s", l->dir, l->c->id);
	else if (!ok)
		lam_found(l->f, LAM_GRAVE, "%s/id: missing or damaged: "
			"restore it from a copy", l->dir);
	return LAM_OK;
}

static int
check_schema(struct lam_look *l, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	bool found = false, ok;
	int rc;

	rc = lam_schema_read(l->dir, &l->arena, &l->schema, &found,
		&why);
	if (!rc && !found && l->n)
		rc = lam_fail(&why, LAM_DATA, "%s/schema: missing: write a "
			"line \"name type\" for each field, as after \"field\""
			" in the header of a segment", l->dir);
	rc = lam_judge(l->f, LAM_GRAVE, rc, &why, &ok, e);
	l->has_schema = ok && found;
	l->c->nfields = l->schema.n;
	return rc;
}

static int
check_witness(struct lam_look *l, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	bool ok;
	int rc;

	rc = lam_durable_read(l->dir, l->c->id, &l->d, &why);
	rc = lam_judge(l->f, LAM_GRAVE, rc, &why, &ok, e);
	if (rc || !ok)
		return rc;
	l->c->witness = l->d.valid;
	l->c->durable = l->d.head;
	if (!l->d.valid && l->n && *l->c->id)
		lam_found(l->f, LAM_MINOR, "%s/durable: missing or damaged: "
			"it claims nothing; the next append writes it anew",
			l->dir);
	else if (l->d.valid && l->n && l->d.base < l->base[l->n - 1])
		l->old_witness = true; /* right while that one is empty */
	return LAM_OK;
}

/* --------------------------------------------------------------- the tail */

/* Can a writer find the source places that the last segment goes on from? */
static int
check_places(struct lam_look *l, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_places p = LAM_PLACES_INIT;
	bool ok;
	int rc = lam_chain_load(l->dir, l->c->id, l->base, l->n, &l->last,
		&l->last_head, &p, &why);

	lam_places_release(&p);
	return lam_judge(l->f, LAM_GRAVE, rc, &why, &ok, e);
}

/* Load the last segment and judge its tail; L->last is open if it could be. */
static int
check_tail(struct lam_look *l, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	uint64_t base;
	bool ok;
	int rc;

	if (l->n == 0) {
		if (l->d.valid && l->d.head)
			lam_found(l->f, LAM_GRAVE, "%s: %" PRIu64 " records "
				"were acknowledged, but there is no segment: "
				"restore them from a copy", l->dir, l->d.head);
		return LAM_OK;
	}
	base = l->base[l->n - 1];
	rc = lam_look_load(l, base, &l->last, &l->last_head, &ok, e);
	if (rc || !ok)
		return rc;
	l->last_open = true;
	if (!l->last.sealed)
		rc = lam_blockfile_verify(&l->last,
			lam_segment_durable(&l->last, base, &l->d), e);
	if (rc)
		return rc;
	rc = lam_segment_check_tail(&l->last, base, &l->d, &why);
	rc = lam_judge(l->f, LAM_GRAVE, rc, &why, &ok, e);
	if (rc || !ok) {
		l->tail_damaged = true;
		return rc;
	}
	if (l->old_witness && l->last.nblocks)
		lam_found(l->f, LAM_MINOR, "%s/durable: older than the last "
			"segment: an old copy; the next append writes it anew",
			l->dir);
	rc = check_places(l, e);
	if (rc)
		return rc;
	if (l->last.sealed || l->last.end == l->last.size)
		return LAM_OK;
	l->c->torn = l->last.size - l->last.end;
	lam_found(l->f, LAM_MINOR, "%s: torn tail of %" PRIu64 " bytes at %"
		PRIu64 ": never acknowledged and never read; the next "
		"lam-ingest moves it aside", l->last.path, l->c->torn,
		l->last.end);
	return LAM_OK;
}

/* The state that must be seen at one instant. */
static int
check_now(struct lam_look *l, struct lam_error *e)
{
	int lock, rc;

	rc = lam_log_lock_shared(l->dir, &lock, e);
	if (!rc)
		rc = list_files(l, e);
	if (!rc)
		rc = check_id(l, e);
	if (!rc)
		rc = check_witness(l, e);
	if (!rc)
		rc = check_schema(l, e);
	if (!rc)
		rc = check_tail(l, e);
	if (lock >= 0)
		close(lock);
	return rc;
}

/* The lost positions: those missing before the end of what there was. */
static int
tell_lost(struct lam_look *l, struct lam_error *e)
{
	struct lam_log_check *c = l->c;
	uint64_t end = c->durable;
	int rc;

	lam_ranges_settle(&c->intact);
	if (c->intact.n && c->intact.item[c->intact.n - 1].to > end)
		end = c->intact.item[c->intact.n - 1].to;
	c->head = end;
	rc = lam_ranges_gaps(&c->intact, end, &c->lost, e);
	for (size_t i = 0; !rc && i < c->lost.n; i++)
		lam_found(l->f, LAM_GRAVE, "%s: positions %" PRIu64 " to %"
			PRIu64 " are lost or damaged: restore the segment "
			"from a copy, or take what is left with lam-fsck "
			"--salvage", l->dir, c->lost.item[i].from,
			c->lost.item[i].to - 1);
	return rc;
}

/* Segments inside of another were merged into it, or are of another history: do
 * they fit, as readers join them? */
static int
check_joints(struct lam_look *l, const char *data, const char *name,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_segment *g;
	struct lam_stream *s;
	int rc;

	if (!l->inside)
		return LAM_OK;
	s = calloc(1, sizeof *s);
	if (!s)
		return lam_fail_mem(e);
	rc = lam_stream_open(s, data, name, &why);
	for (size_t i = 0; !rc && i < s->nsegments; i++) {
		rc = lam_stream_segment(s, i, &g, &why);
		if (!rc)
			lam_stream_release(s, i);
	}
	lam_stream_close(s);
	free(s);
	if (rc == LAM_DATA)
		lam_found(l->f, LAM_GRAVE, "%s", why.msg);
	return !rc || rc == LAM_DATA ? LAM_OK : lam_fail(e, rc, "%s",
		why.msg);
}

int
lam_log_check(const char *data, const char *name, unsigned threads,
	struct lam_findings *f, struct lam_log_check *c, struct lam_error *e)
{
	struct lam_look l = { .f = f, .c = c, .threads = threads,
		.last = LAM_BLOCKFILE_INIT, .arena = LAM_ARENA_INIT };
	int merges = -1, rc;

	if (!lam_name_ok(name, strlen(name)))
		return lam_fail(e, LAM_USAGE, "\"%.80s\" cannot be the name "
			"of a stream", name);
	rc = lam_io_path(l.dir, sizeof l.dir, e, "%s/master/%s", data, name);
	if (!rc && !lam_io_exists(l.dir))
		rc = lam_stream_missing(data, name, e);
	if (!rc)
		merges = lam_merge_forbid(l.dir);
	if (!rc)
		rc = check_now(&l, e);
	for (size_t i = 0; !rc && i < l.n; i++)
		rc = lam_look_segment(&l, i, e);
	if (!rc)
		rc = check_joints(&l, data, name, e);
	if (!rc)
		rc = tell_lost(&l, e);
	if (!rc)
		rc = lam_look_rejects(&l, data, name, e);
	if (!rc)
		rc = lam_look_input(&l, data, name, e);
	if (merges >= 0)
		close(merges);
	lam_blockfile_close(&l.last);
	lam_arena_release(&l.arena);
	free(l.base);
	return rc;
}

void
lam_log_check_release(struct lam_log_check *c)
{
	lam_ranges_release(&c->intact);
	lam_ranges_release(&c->lost);
}
