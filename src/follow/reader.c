/*
 * reader.c - one file of a log, read from where its trail says
 *
 * A file may be truncated and grow again at any time, so that bytes which were just
 * read do not belong to what was read before.  Before a chunk is appended, the text
 * behind which it stands is looked at once more: if that is there, so was the
 * chunk.  What is taken for the end of one text is never the start of another.
 */
#include "follow/reader.h"

#include <string.h>
#include <unistd.h>

#include "follow/old.h"
#include "follow/rotated.h"
#include "input/bookmark.h"
#include "input/byte_source.h"

#define STATE_ROOM (LAM_PLACE_STATE - 28672) /* for the memory of one file */
#define SHORT (64u << 10) /* a text that may have a copy of LAM_PREFIX_HEAD or less */

void
lam_reader_rewind(struct lam_follow_reader *r)
{
	if (r->in)
		lam_input_close(r->in);
	r->in = NULL;
	lam_arena_reset(&r->arena);
}

void
lam_reader_close(struct lam_follow_reader *r)
{
	lam_reader_rewind(r);
	lam_file_close(&r->file);
	lam_arena_release(&r->arena);
	lam_buf_release(&r->rest);
}

/* What was SEEN of R's file at C, or before, as it is behind C. */
static struct lam_seen
behind(const struct lam_follow_reader *r, const struct lam_seen *seen,
	const struct lam_chunk *c)
{
	struct lam_seen s = *seen;

	s.id = r->file.id;
	s.size = r->file.size;
	s.mtime = r->file.mtime;
	if (!r->file.packed) {
		lam_seen_step(&s, &s.mark);
		lam_seen_step(&s, &c->begin);
	}
	s.mark = c->end;
	s.line = c->line + c->lines;
	s.flags &= LAM_SEEN_FRESH | LAM_SEEN_RECORD;
	s.flags |= c->nrows ? LAM_SEEN_RECORD : 0;
	s.flags |= c->skipping ? LAM_SEEN_SKIPPING : 0;
	s.flags |= c->open ? LAM_SEEN_OPEN : 0;
	if (c->last && r->ended && (r->rotated || r->file.packed))
		s.flags |= LAM_SEEN_DONE | LAM_SEEN_AWAY;
	return s;
}

/* What must be known to go on behind C. */
static int
remember(const struct lam_follow_reader *r, const struct lam_chunk *c,
	struct lam_buf *m, struct lam_error *e)
{
	int rc;

	lam_buf_clear(m);
	rc = lam_bookmark_put(r->in, c, m, e);
	return rc || m->n <= STATE_ROOM ? rc : lam_fail(e, LAM_DATA, "%s: the names "
		"of its fields are too long to be kept with its place: read it "
		"without --resume and --follow", r->file.path);
}

/* The first bytes of R's text, up to END, into TEXT, as long as that is short: a copy
 * of a part of it is known by them. */
static int
keep_text(const struct lam_follow_reader *r, const struct lam_mark *end,
	struct lam_buf *text, struct lam_error *e)
{
	struct lam_buf first = LAM_BUF_INIT;
	uint64_t head = 0;
	int rc = LAM_OK;

	lam_buf_clear(text);
	if (!r->file.packed && end->at <= SHORT)
		rc = lam_file_first(&r->file, end->at, &first, &head, e);
	if (!rc && head == end->head) /* else it was cut, or is long */
		lam_seen_keep(text, first.p, first.n);
	lam_buf_release(&first);
	return rc ? rc : lam_buf_check(text, e);
}

/* Is C, of a file that is read as a whole, what would be no record if it did not go
 * on?  It is left to whoever goes on: it may become one. */
static bool
is_left(const struct lam_follow_reader *r, const struct lam_chunk *c)
{
	return r->plain && !r->file.packed && c->tail &&
		c->nrejects == c->nrecords;
}

/* On any thread, while chunks before C are taken on another. */
static int
note(void *arg, const struct lam_chunk *c, struct lam_buf *notes,
	struct lam_error *e)
{
	struct lam_follow_reader *r = arg;
	struct lam_seen s = behind(r, &r->start, c);
	bool same = true;
	struct lam_buf memory = LAM_BUF_INIT, text = LAM_BUF_INIT;
	int rc;

	if (is_left(r, c))
		return LAM_OK;
	if (r->young && c->tail) {
		r->torn = true;
		return lam_fail(e, LAM_DATA, "%s: ends in a line", r->file.path);
	}
	if (r->plain && !r->ingest->append) { /* rejects alone make no stream */
		r->base = c->end.at;
		return LAM_OK;
	}
	rc = remember(r, c, &memory, e);
	if (!rc)
		rc = keep_text(r, &c->end, &text, e);
	s.memory = memory;
	s.text = text;
	if (!rc && !r->file.packed && !r->plain)
		rc = c->begin.at ? lam_file_ends(&r->file, &c->begin, &same, e) :
			lam_file_heads(&r->file, &c->end, &same, e);
	if (!rc && !same) {
		r->cut = true;
		rc = lam_fail(e, LAM_DATA, "%s: was truncated", r->file.path);
	}
	if (!rc)
		rc = lam_trail_note(r->trail, r->from + (c->begin.at - r->base),
			r->from + (c->end.at - r->base),
			lam_reject_file_size(r->ingest->rejects), &s, &r->rest,
			notes, e);
	lam_buf_release(&memory);
	lam_buf_release(&text);
	return rc;
}

static void
taken(void *arg, const struct lam_chunk *c)
{
	struct lam_follow_reader *r = arg;

	lam_old_back(r->trail, r->seen);
	*r->seen = behind(r, r->seen, c);
	/* Out of memory it is told by the next chunk. */
	(void)!remember(r, c, &r->seen->memory, NULL);
	(void)!keep_text(r, &c->end, &r->seen->text, NULL);
	r->trail->to += c->end.at - c->begin.at;
	r->trail->changed = false;
	r->begun |= !c->begin.at;
}

/* Open R's input at its mark.  R->in stays NULL when there is no line yet, or the
 * file was cut. */
static int
open_input(struct lam_follow_reader *r, const struct lam_input_options *given,
	struct lam_error *e)
{
	struct lam_prefix p = LAM_PREFIX_INIT;
	struct lam_input_start start = { &p, r->seen->line,
		r->seen->flags & LAM_SEEN_SKIPPING,
		r->seen->flags & LAM_SEEN_OPEN };
	struct lam_input_options o = *given;
	struct lam_error why = LAM_ERROR_INIT;
	struct lam_byte_source *source;
	bool same;
	int rc = LAM_OK;

	if (r->seen->mark.at && r->seen->memory.n)
		rc = lam_bookmark_take((struct lam_str){ r->seen->memory.p,
			r->seen->memory.n }, &r->arena, &o, e);
	if (!rc)
		rc = lam_file_source(&r->file, &r->seen->mark, !r->ended,
			&source, &p, &same, e);
	if (!rc && !same)
		r->cut = true;
	else if (!rc)
		rc = lam_input_open_at(&r->in, source, r->file.path, &start, &o,
			&why);
	lam_prefix_release(&p);
	if (rc == LAM_NOTHING || !r->in) {
		if (why.code && why.code != LAM_NOTHING && e)
			*e = why;
		return rc == LAM_NOTHING ? LAM_OK : rc;
	}
	if (lam_input_has_cr(r->in) && !r->plain)
		rc = lam_fail(e, LAM_DATA, "%s: its lines end in CR alone: read "
			"it without --resume and --follow", r->file.path);
	return rc;
}

/* Was R's file truncated, though it is as long as it was? */
static int
look_back(struct lam_follow_reader *r, struct lam_error *e)
{
	bool same = true;
	int rc = LAM_OK;

	if (!r->plain)
		rc = lam_file_ends(&r->file, &r->seen->mark, &same, e);
	r->cut = !same;
	return rc;
}

/* Is PATH a name of the log of a trail?  Rejects of a file that is read as a whole have
 * it as it was given. */
static bool
is_of(const void *arg, const char *path)
{
	const struct lam_trail *t = arg;
	const char *base = strrchr(t->path, '/') + 1;

	return !strcmp(path, t->path) || lam_rotated_beside(t->path, path) ||
		(*path != '/' && (!strcmp(path, base) || lam_rotated_is(base, path)));
}

int
lam_reader_run(struct lam_follow_reader *r, struct lam_ingest *g,
	const struct lam_input_options *o, struct lam_error *e)
{
	struct lam_ingest_place place = { note, taken, r };
	struct lam_error why = LAM_ERROR_INIT;
	int rc = LAM_OK;

	r->cut = !r->file.packed && r->file.size < (lam_seen_due(r->seen) ?
		r->seen->size : r->seen->mark.at);
	if (!r->cut && r->in && r->seen->mark.at && !r->file.packed)
		rc = look_back(r, e);
	if (rc || r->cut)
		return rc;
	if (r->file.size < r->size) /* a part of a line has gone */
		lam_reader_rewind(r);
	r->size = r->file.size;
	if (!r->in)
		rc = open_input(r, o, e);
	if (rc || !r->in) {
		r->partial = r->file.size > r->seen->mark.at && !r->file.packed;
		return rc;
	}
	if (r->ended)
		lam_input_finish(r->in);
	r->ingest = g;
	r->from = r->trail->to;
	r->base = r->seen->mark.at;
	r->start = *r->seen;
	rc = lam_trail_rest(r->trail, r->seen, &r->rest, e);
	if (rc)
		return rc;
	if (!r->file.packed) /* all of that comes, be it slowly */
		lam_input_patience(r->in, 0);
	if (r->trail->loaded && !r->plain)
		lam_reject_file_again(g->rejects, r->trail->rejects, is_of,
			r->trail);
	r->trail->loaded = false;
	g->wait_ms = -1;
	/* What CR ends has no place: it is read as a whole only. */
	g->place = lam_input_has_cr(r->in) ? NULL : &place;
	rc = lam_ingest_run(g, r->in, r->file.path, &why);
	g->place = NULL;
	if (rc == LAM_DATA && r->torn)
		return LAM_OK;
	if (rc && r->cut) {
		r->trail->lost |= !r->seen->mark.at;
		return LAM_OK;
	}
	if (rc && e)
		*e = why;
	r->partial = !r->file.packed && r->file.size > r->seen->mark.at;
	return rc;
}
