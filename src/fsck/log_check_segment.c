/*
 * log_check_segment.c - one segment of a log, its place among the others, its
 * blocks; and the file of rejects
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "fsck/log_check_internal.h"
#include "fsck/rescue.h"

int
lam_look_load(struct lam_look *l, uint64_t base, struct lam_blockfile *f,
	struct lam_segment_head *h, bool *ok, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc;

	*f = (struct lam_blockfile)LAM_BLOCKFILE_INIT;
	rc = lam_segment_load(f, l->dir, l->c->id, base, NULL, &l->arena, h,
		&why);
	if (rc)
		lam_blockfile_close(f);
	return lam_judge(l->f, LAM_GRAVE, rc, &why, ok, e);
}

static void
tell(void *arg, const char *line)
{
	lam_found(arg, LAM_GRAVE, "%s", line);
}

/* Every block of F, whose fields are FIELD, if that is known; damaged ones are
 * findings. */
static int
check_blocks(struct lam_look *l, const struct lam_blockfile *f,
	const char *const *field, bool *whole, struct lam_error *e)
{
	bool *ok = calloc(f->nblocks + 1, sizeof *ok);
	int rc;

	if (!ok)
		return lam_fail_mem(e);
	rc = lam_blocks_intact(f, field, l->threads, ok, tell, l->f, e);
	l->c->blocks += f->nblocks;
	for (size_t i = 0; !rc && i < f->nblocks; i++) {
		const struct lam_block *b = &f->block[i];

		*whole &= ok[i];
		l->c->blocks_intact += ok[i];
		if (ok[i] && b->nrows)
			rc = lam_ranges_add(&l->c->intact, b->first,
				b->first + b->nrows, e);
	}
	free(ok);
	return rc;
}

/* A file that does not load, or is damaged at its tail: what is in it? */
static int
rescue(struct lam_look *l, uint64_t base, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_rescue r;
	char path[LAM_PATH_MAX];
	bool whole = true, ok;
	struct lam_str id;
	int rc;

	rc = lam_segment_path(path, l->dir, base, e);
	if (rc)
		return rc;
	rc = lam_rescue_open(&r, path, &why);
	if (rc) /* told already */
		return lam_is_damage(rc, &why) ? LAM_OK :
			lam_judge(l->f, LAM_GRAVE, rc, &why, &ok, e);
	l->c->bytes += r.file.size;
	id = lam_meta_get((struct lam_str){ r.file.head.p, r.file.head.n },
		"stream");
	if (!r.head || !*l->c->id || (id.n == LAM_ID_HEX &&
		!memcmp(id.p, l->c->id, LAM_ID_HEX)))
		rc = check_blocks(l, &r.file, NULL, &whole, e);
	/* No position is lost, but it is of no use to a query. */
	if (!rc && whole && !r.head)
		lam_found(l->f, LAM_GRAVE, "%s: its blocks are intact, its "
			"header is not: restore it from a copy, or take what "
			"is left with lam-fsck --salvage", path);
	lam_rescue_close(&r);
	return rc;
}

static bool
in_schema(const struct lam_look *l, const char *name, size_t i)
{
	if (i < l->schema.n && !strcmp(l->schema.field[i].name, name))
		return true;
	for (i = 0; i < l->schema.n; i++)
		if (!strcmp(l->schema.field[i].name, name))
			return true;
	return false;
}

/* Do all segments behind I that begin before END also end by then?  Then they
 * were merged into I. */
static bool
all_inside(const struct lam_look *l, size_t i, uint64_t end)
{
	for (i++; i < l->n && l->base[i] < end; i++)
		if (i + 1 < l->n && l->base[i + 1] > end)
			return false;
	return true;
}

/* Does F fit the segments around it, and the schema? */
static void
check_place(struct lam_look *l, size_t i, const struct lam_blockfile *f,
	const struct lam_segment_head *h, bool *whole)
{
	uint64_t end = lam_segment_end(f, h->base);
	bool last = i + 1 == l->n;
	uint64_t n = l->f->n;

	/* A merge was interrupted behind its rename (merge.c). */
	if (l->known && h->base < l->end && end <= l->end && !h->old) {
		l->inside = true;
		lam_found(l->f, LAM_MINOR, "%s: its records are in the segment "
			"before it, too: the next lam-ingest removes it",
			f->path);
		return;
	}
	if (!last && !f->sealed)
		lam_found(l->f, LAM_GRAVE, "%s: at %" PRIu64 ": has no valid "
			"footer, but another segment follows: restore it from "
			"a copy", f->path, f->end);
	else if (!last && end != l->base[i + 1] && (h->old ||
		end < l->base[i + 1] || !all_inside(l, i, end)))
		lam_found(l->f, LAM_GRAVE, "%s: ends at position %" PRIu64
			", but the next segment begins at %" PRIu64 ": restore "
			"what is missing from a copy", f->path, end,
			l->base[i + 1]);
	if (i == 0 && h->base != 0)
		lam_found(l->f, LAM_GRAVE, "%s: positions 0 to %" PRIu64
			" are missing: restore %020d.seg from a copy", l->dir,
			h->base - 1, 0);
	if (i == 0 && h->base == 0 && *l->c->id &&
		h->history != lam_segment_history0(l->c->id))
		lam_found(l->f, LAM_GRAVE, "%s: its history does not begin "
			"with the id of the stream: restore it from a copy",
			f->path);
	if (l->known && l->end == h->base && l->history != h->history)
		lam_found(l->f, LAM_GRAVE, "%s: its history does not "
			"fit the segment before it: one of them was replaced "
			"by another version, restore both from one copy",
			f->path);
	*whole &= l->f->n == n;
	for (size_t c = 0; l->has_schema && c < h->nfields; c++)
		if (!in_schema(l, h->field[c], c))
			lam_found(l->f, LAM_GRAVE, "%s/schema: field \"%s\" "
				"of %020" PRIu64 ".seg is missing: add a line "
				"with its name and type", l->dir, h->field[c],
				h->base);
}

int
lam_look_segment(struct lam_look *l, size_t i, struct lam_error *e)
{
	bool last = i + 1 == l->n, ok = last && l->last_open, whole = true;
	struct lam_blockfile own = LAM_BLOCKFILE_INIT, *f = &own;
	struct lam_segment_head h = { 0 };
	int rc = LAM_OK;

	l->c->segments++;
	if (ok) {
		f = &l->last;
		h = l->last_head;
	} else if (!last) {
		rc = lam_look_load(l, l->base[i], &own, &h, &ok, e);
	}
	if (rc)
		return rc;
	if (!ok) {
		l->known = false;
		return rescue(l, l->base[i], e);
	}
	check_place(l, i, f, &h, &whole);
	if ((last && l->tail_damaged) || (!last && !f->sealed)) {
		whole = false;
		rc = rescue(l, l->base[i], e);
	} else {
		l->c->bytes += f->size;
		rc = check_blocks(l, f, (const char *const *)h.field, &whole,
			e);
	}
	/* One that is inside of another leaves that as what is before. */
	if (!l->known || lam_segment_end(f, h.base) > l->end) {
		l->end = lam_segment_end(f, h.base);
		l->history = lam_segment_history(&h, f, l->end, &l->known);
	}
	l->c->sealed += f->sealed;
	l->c->segments_intact += whole;
	lam_blockfile_close(&own);
	return rc;
}

/* ---------------------------------------------------------------- rejects */

#define REJECT_HEADER "source,line,reason,text\n"

/* Count the lines of rejects in P[N]; QUOTED and LINES go on. */
static void
count_lines(const char *p, size_t n, bool *quoted, uint64_t *lines)
{
	for (size_t i = 0; i < n; i++) {
		*quoted ^= p[i] == '"';
		*lines += p[i] == '\n' && !*quoted;
	}
}

/*
 * There is no checksum in this file, which people read with other tools: it
 * is looked at as CSV.
 */
int
lam_look_rejects(struct lam_look *l, const char *data, const char *name,
	struct lam_error *e)
{
	const size_t room = 1u << 20, head = sizeof REJECT_HEADER - 1;
	char path[LAM_PATH_MAX], *p = NULL, final = '\n';
	uint64_t size = 0, lines = 0, at = 0;
	bool quoted = false, begins = true;
	int fd = -1, rc;

	rc = lam_io_path(path, sizeof path, e, "%s/reject/%s.csv", data, name);
	if (rc || !lam_io_exists(path))
		return rc;
	p = malloc(room);
	rc = p ? lam_io_open(&fd, path, O_RDONLY, e) : lam_fail_mem(e);
	if (!rc)
		rc = lam_io_size(fd, &size, path, e);
	while (!rc && at < size) {
		size_t got = size - at < room ? size - at : room;

		rc = lam_io_pread(fd, p, got, at, path, e);
		if (rc)
			break;
		if (at == 0)
			begins = got >= head && !memcmp(p, REJECT_HEADER,
				head);
		count_lines(p, got, &quoted, &lines);
		final = p[got - 1];
		at += got;
	}
	if (!rc && (!begins || quoted || final != '\n'))
		lam_found(l->f, LAM_MINOR, "%s: %s: the rejects are not part "
			"of the log; move the file away", path, !begins ?
			"does not begin with its header" :
			"ends within a line");
	l->c->rejects = lines ? lines - 1 : 0;
	if (fd >= 0)
		close(fd);
	free(p);
	return rc;
}
