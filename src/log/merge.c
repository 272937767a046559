/*
 * merge.c - small sealed segments at the end of a log become one
 *
 * When a segment has just been sealed and is the last one, its writer, which has the
 * lock, does this:
 *
 *	1. from the last one back, take segments of version 2 that have at most
 *	   twice the records of the largest so far; while all fit into one,
 *	   their fields begin those of the last, and their histories fit (one
 *	   that was swapped for another is left for whoever restores it).  Fewer
 *	   than MERGE: nothing is done
 *	2. write them, packed, into a temporary (repack.c), fsync
 *	3. note in "merging", durably, from where to where
 *	4. rename it over the first, fsync the directory
 *	5. unlink the others, the first first, and fsync the directory after each,
 *	   so that those left go on from it to the end; unlink "merging"
 *	6. again from 1, a few times: what was merged may be one of several of its
 *	   size
 *
 * A crash in 2 leaves a temporary (swept).  After 3 the next writer re-enters at
 * 5 if the segment that the note names reaches as far as it says, else it
 * removes the note.  In between there are segments inside of another: they hold
 * the same records at the same positions, so it does not matter which a reader
 * reads.  A reader that has listed one that is gone looks for the one that has
 * its positions (stream.c).  A check that must see every file as it was listed
 * holds the directory's lock (flock) shared; a merge needs the lock, and is left
 * for later when it cannot have it.
 *
 * By step 1 a record is written anew O(log n) times, and among n segments of
 * like size no more than O(log n) are left.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "log/merge.h"
#include "log/place_chain.h"
#include "log/repack.h"
#include "log/recover.h"
#include "log/tail.h"

#define MERGE 4	       /* segments that are worth it */
#define MERGE_MAX 64   /* and at most at once: descriptors */
#define ROUNDS 4       /* others wait for the lock; the next seal goes on */

struct part {
	struct lam_blockfile file;
	struct lam_segment_head head;
	uint64_t records;
};

struct merge {
	struct lam_tail *t;
	const struct lam_limits *limits;
	struct part part[MERGE_MAX]; /* the last first */
	size_t n;
	uint64_t records, bytes, largest;
	struct lam_arena arena;
};

static void
release(struct merge *m)
{
	for (size_t i = 0; i < m->n; i++)
		lam_blockfile_close(&m->part[i].file);
	m->n = 0;
	lam_arena_release(&m->arena);
}

/* Do the fields of H begin those of the last part? */
static bool
fields_begin(const struct merge *m, const struct lam_segment_head *h)
{
	const struct lam_segment_head *last = &m->part[0].head;

	if (h->nfields > last->nfields)
		return false;
	for (size_t i = 0; i < h->nfields; i++)
		if (strcmp(h->field[i], last->field[i]))
			return false;
	return true;
}

/* Do the parts go on from the end of P, records and history? */
static bool
goes_on(const struct merge *m, const struct part *p)
{
	const struct lam_segment_head *next = &m->part[m->n - 1].head;
	uint64_t end = p->head.base + p->records;
	bool known;

	return end == next->base && next->history == lam_segment_history(
		&p->head, &p->file, end, &known) && known;
}

/* Take the segment at BASE in front of the parts; *TAKEN false: it is not to be
 * merged with them. */
static int
take(struct merge *m, uint64_t base, bool *taken, struct lam_error *e)
{
	struct part *p = &m->part[m->n];
	int rc;

	*p = (struct part){ .file = LAM_BLOCKFILE_INIT };
	rc = lam_segment_load(&p->file, m->t->dir, m->t->id, base, NULL,
		&m->arena, &p->head, e);
	p->records = lam_segment_end(&p->file, base) - base;
	*taken = !rc && p->file.sealed && !p->head.old && (m->n == 0 ||
		(p->records <= 2 * m->largest && fields_begin(m, &p->head) &&
		goes_on(m, p))) &&
		m->records + p->records <= m->limits->records &&
		m->bytes + p->file.size <= m->limits->bytes;
	if (!*taken) {
		lam_blockfile_close(&p->file);
		return rc;
	}
	m->n++;
	m->records += p->records;
	m->bytes += p->file.size;
	if (p->records > m->largest)
		m->largest = p->records;
	return LAM_OK;
}

/* Step 1. */
static int
choose(struct merge *m, struct lam_error *e)
{
	uint64_t *base = NULL;
	size_t n = 0;
	bool taken = true;
	int rc = lam_segment_list(m->t->dir, &base, &n, e);

	while (!rc && taken && n > 0 && m->n < MERGE_MAX)
		rc = take(m, base[--n], &taken, e);
	free(base);
	return rc;
}

/* Does the segment at FROM reach to TO, sealed?  One that is damaged does not; one
 * that cannot be read now may. */
static int
reaches(const char *dir, const char *id, uint64_t from, uint64_t to,
	bool *yes, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_segment_head h;
	int rc = lam_segment_load(&f, dir, id, from, NULL, &a, &h,
		&why);

	*yes = !rc && f.sealed && lam_segment_end(&f, from) == to;
	lam_blockfile_close(&f);
	lam_arena_release(&a);
	return !rc || rc == LAM_DATA || why.sys == ENOENT ? LAM_OK :
		lam_fail(e, rc, "%s", why.msg);
}

static int
unlink_inside(const char *dir, uint64_t from, uint64_t to,
	struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	uint64_t *base = NULL;
	size_t n = 0;
	int rc;

	/* The process that renamed it may have died before that was durable. */
	rc = lam_io_sync_dir(dir, e);
	if (!rc)
		rc = lam_segment_list(dir, &base, &n, e);
	for (size_t i = 0; !rc && i < n; i++) {
		if (base[i] <= from || base[i] >= to)
			continue;
		rc = lam_segment_path(path, dir, base[i], e);
		if (!rc)
			rc = lam_io_unlink(path, e);
		/* In their order on disk too: those left reach to the end. */
		if (!rc)
			rc = lam_io_sync_dir(dir, e);
	}
	free(base);
	return rc;
}

static int
finish(const char *dir, const char *id, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	uint64_t from = 0, to = 0;
	bool yes = false;
	int rc;

	rc = lam_io_path(path, sizeof path, e, "%s/merging", dir);
	if (rc || !lam_io_exists(path))
		return rc;
	rc = lam_io_slurp(path, 64, &b, e);
	if (!rc && sscanf(lam_buf_str(&b), "%" SCNu64 " %" SCNu64, &from,
		&to) == 2)
		rc = reaches(dir, id, from, to, &yes, e);
	if (!rc && yes)
		rc = unlink_inside(dir, from, to, e);
	lam_buf_release(&b);
	return rc ? rc : lam_io_unlink(path, e);
}

static int
write_note(const char *path, uint64_t from, uint64_t to, struct lam_error *e)
{
	char line[64];
	int n = snprintf(line, sizeof line, "%" PRIu64 " %" PRIu64 "\n", from,
		to);

	return lam_replace_with(path, line, (size_t)n, e);
}

/* Steps 2 to 5. */
static int
merge(struct merge *m, struct lam_error *e)
{
	const struct lam_blockfile *from[MERGE_MAX];
	struct part *first = &m->part[m->n - 1], *last = &m->part[0];
	struct lam_tail *t = m->t;
	struct lam_repack p = { .from = from, .nfrom = m->n,
		.head = &first->head, .field = last->head.field,
		.nfields = last->head.nfields, .id = t->id, .end = t->head,
		.history = t->history, .total = t->total,
		.places = &t->places, .extents = &t->extents };
	struct lam_replace out = LAM_REPLACE_INIT;
	char note[LAM_PATH_MAX];
	int rc;

	for (size_t i = 0; i < m->n; i++)
		from[i] = &m->part[m->n - 1 - i].file;
	rc = lam_io_path(note, sizeof note, e, "%s/merging", t->dir);
	if (!rc)
		rc = lam_replace_begin(&out, first->file.path, e);
	if (!rc)
		rc = lam_repack_write(&p, &out, e);
	if (!rc)
		rc = write_note(note, first->head.base, t->head, e);
	if (!rc)
		rc = lam_replace_commit(&out, e);
	lam_replace_abandon(&out);
	return rc ? rc : finish(t->dir, t->id, e);
}

/* The tail is the merged segment now. */
static int
settle(struct merge *m, struct lam_error *e)
{
	const struct lam_segment_head *first = &m->part[m->n - 1].head;
	struct lam_blockfile f = LAM_BLOCKFILE_INIT;
	struct lam_tail *t = m->t;
	struct lam_segment_head h;
	int rc;

	rc = lam_segment_load(&f, t->dir, t->id, first->base, NULL, &m->arena,
		&h, e);
	if (!rc) {
		t->base = first->base;
		lam_chain_told(&t->places, t->base);
		t->total.blocks = h.before.blocks + f.nblocks;
		t->total.bytes = h.before.bytes + f.size;
		(void)!lam_tail_witness(t, false, NULL);
	}
	lam_blockfile_close(&f);
	return rc;
}

static int
lock_directory(const char *dir, int how)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = -1;

	while (fd >= 0 && (rc = flock(fd, how)) && errno == EINTR)
		;
	if (fd >= 0 && rc) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int
lam_merge_forbid(const char *dir)
{
	return lock_directory(dir, LOCK_SH);
}

int
lam_tail_merge(struct lam_tail *t, const struct lam_limits *limits,
	struct lam_error *e)
{
	int fd = lock_directory(t->dir, LOCK_EX | LOCK_NB);
	struct merge *m = NULL;
	bool again = true;
	int rc;

	if (fd < 0)
		return LAM_OK;
	rc = finish(t->dir, t->id, e);
	if (!rc && !(m = malloc(sizeof *m)))
		rc = lam_fail_mem(e);
	for (int i = 0; !rc && again && i < ROUNDS; i++) {
		*m = (struct merge){ .t = t, .limits = limits };
		rc = choose(m, e);
		again = !rc && m->n >= MERGE;
		if (again)
			rc = merge(m, e);
		if (again && !rc)
			rc = settle(m, e);
		release(m);
	}
	free(m);
	close(fd);
	return rc;
}

int
lam_merge_finish(const char *dir, const char *id, struct lam_error *e)
{
	int fd = lock_directory(dir, LOCK_EX | LOCK_NB);
	int rc = fd >= 0 ? finish(dir, id, e) : LAM_OK;

	if (fd >= 0)
		close(fd);
	return rc;
}
