/*
 * pipe.c - an input whose sender can go on where it was left
 *
 * The state of a place, little-endian:
 *
 *	0  u32  version, 1	4  u32  1: inside a line that is too long; 2: the last
 *				line that was taken had no newline
 *	8  u64  number of the next line
 *	16 what input/bookmark.c keeps
 */
#include "ingest/pipe.h"

#include <string.h>

#include "base/clock.h"
#include "input/bookmark.h"
#include "input/byte_source.h"
#include "time/time.h"

#define VERSION 1
#define HEAD 16

static int
damaged(const struct lam_pipe *p, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "--source %s: its place in the log was written "
		"by another version of lam, or is damaged", p->name);
}

int
lam_pipe_find(struct lam_pipe *p, const struct lam_ingest *g, struct lam_error *e)
{
	struct lam_place x;
	bool found = false;
	int rc = LAM_OK;

	if (!p->name)
		return LAM_OK;
	lam_buf_printf(&p->key, "pipe:%s", p->name);
	rc = lam_buf_check(&p->key, e);
	if (!rc && g->append)
		rc = lam_append_place(g->append, (struct lam_str){ p->key.p,
			p->key.n }, &p->arena, &x, &found, e);
	if (rc || !found)
		return rc;
	p->at = x.to;
	p->state = x.state;
	if (x.state.n < HEAD || lam_get32(x.state.p) != VERSION)
		return damaged(p, e);
	return LAM_OK;
}

static int
note(void *arg, const struct lam_chunk *c, struct lam_buf *notes,
	struct lam_error *e)
{
	const struct lam_pipe *p = arg;
	struct lam_buf state = LAM_BUF_INIT;
	struct lam_place x = { .key = { p->key.p, p->key.n },
		.from = c->begin.at, .to = c->end.at };
	int rc;

	x.when = (uint64_t)(lam_clock_wall() / LAM_NS);
	lam_buf_put_u32(&state, VERSION);
	lam_buf_put_u32(&state, c->skipping | c->open << 1);
	lam_buf_put_u64(&state, c->line + c->lines);
	rc = lam_bookmark_put(p->in, c, &state, e);
	x.state = (struct lam_str){ state.p, state.n };
	if (!rc && state.n > LAM_PLACE_STATE)
		rc = lam_fail(e, LAM_DATA, "--source %s: the names of its fields are "
			"too long to be kept with its place", p->name);
	if (!rc)
		rc = lam_place_put(&x, notes, e);
	lam_buf_release(&state);
	return rc;
}

static void
taken(void *arg, const struct lam_chunk *c)
{
	struct lam_pipe *p = arg;

	p->at = c->end.at;
}

/* The input that goes on at p->at; marks count its bytes. */
static int
open_input(struct lam_pipe *p, const struct lam_input_options *given,
	struct lam_error *e)
{
	struct lam_prefix prefix = LAM_PREFIX_INIT;
	struct lam_input_start start = { &prefix, 1, false, false };
	struct lam_input_options o = *given;
	struct lam_byte_source *source;
	int rc = LAM_OK;

	prefix.at = p->at;
	if (p->state.n) {
		start.line = lam_get64(p->state.p + 8);
		start.skipping = lam_get32(p->state.p + 4) & 1;
		start.within = lam_get32(p->state.p + 4) & 2;
		rc = lam_bookmark_take((struct lam_str){ p->state.p + HEAD,
			p->state.n - HEAD }, &p->arena, &o, e);
	}
	if (!rc)
		rc = lam_byte_source_open(&source, "-", e);
	return rc ? rc : lam_input_open_at(&p->in, source, "-", &start, &o, e);
}

int
lam_pipe_run(struct lam_pipe *p, struct lam_ingest *g,
	const struct lam_input_options *o, struct lam_error *e)
{
	struct lam_ingest_place place = { note, taken, p };
	int rc = open_input(p, o, e);

	if (rc)
		return rc;
	g->bytes = p->at;
	g->place = p->name ? &place : NULL;
	rc = lam_ingest_run(g, p->in, p->name ? p->name : lam_input_name("-"), e);
	g->place = NULL;
	return rc;
}

void
lam_pipe_release(struct lam_pipe *p)
{
	if (p->in)
		lam_input_close(p->in);
	lam_buf_release(&p->key);
	lam_arena_release(&p->arena);
}
