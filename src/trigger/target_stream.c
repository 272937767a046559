/*
 * target_stream.c - outputs into the master log, each exactly once
 *
 * An output is a text in one of the formats of lam-ingest.  Its records are appended
 * in blocks, and each block carries the source place of the ledger: from where it
 * stood to a place within the output, behind the lines of that block, or behind all
 * of it.  (A line has a byte at least, so places of lines are within the output.)
 * After a crash the place tells which blocks are there, and an output that was
 * appended in part goes on with the rest.
 *
 * Lines that are no records go to the reject file, before the block.
 *
 * How an output is read is what lam-ingest would do with it: by what the function says
 * of its text, else what the stream remembers (ingest/memory.h), and its first line is
 * a header as its values and the names of the stream say.
 */
#include "trigger/target_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ingest/memory.h"
#include "ingest/reject_file.h"
#include "input/zone_cells.h"
#include "log/append.h"
#include "store/block.h"
#include "time/time.h"
#include "trigger/worker.h"

struct lam_target_stream {
	struct lam_append *append;
	struct lam_reject_file rejects;
	char key[LAM_PLACE_KEY];
	char label[LAM_NAME_MAX + 20]; /* of the source, in the reject file */
	uint64_t stands; /* the place of the ledger in the stream */
	struct lam_memory memory;
	struct lam_input_options text; /* how outputs are read */
	bool kept;	 /* the stream remembers that, too */
	struct lam_cell *nulls;
};

/* One output on its way. */
struct piece {
	struct lam_target_stream *s;
	struct lam_input *in;
	struct lam_chunk chunk;
	struct lam_cells cells;
	struct lam_arena arena, names;
	struct lam_buf image, notes, lines;
	uint64_t at, end; /* places: its first, and behind it */
	bool check;	  /* nothing is appended */
};

/*
 * Where the ledger stands in the stream: asked once, then only we move it.  An output
 * is here after it is on disk there: a ledger that ends before was cut, or is a copy.
 */
static int
find_place(struct lam_target *t, struct lam_error *e)
{
	struct lam_target_stream *s = t->stream;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_place x;
	bool found;
	int rc = lam_append_place(s->append, (struct lam_str){ s->key,
		strlen(s->key) }, &arena, &x, &found, e);

	s->stands = rc || !found ? 0 : x.to;
	lam_arena_release(&arena);
	if (!rc && s->stands > t->o.ledger->end)
		rc = lam_fail(e, LAM_DATA, "%s has outputs of %s up to position "
			"%" PRIu64 " of its ledger, but that ends at %" PRIu64
			": the ledger has lost what was done: restore it, or "
			"remove its directory to begin anew", t->o.into,
			t->o.name, s->stands, t->o.ledger->end);
	return rc;
}

int
lam_target_stream_open(struct lam_target *t, struct lam_error *e)
{
	struct lam_target_stream *s;
	int rc;

	if (!t->o.ledger)
		return lam_fail(e, LAM_USAGE, "into %s: only a function of a "
			"dataset writes to a stream; a file has a / in its name",
			t->o.into);
	if (!lam_name_ok(t->o.into, strlen(t->o.into)))
		return lam_fail(e, LAM_USAGE, "into %s: is no name of a stream; "
			"a file has a / in its name", t->o.into);
	s = t->stream = calloc(1, sizeof *s);
	if (!s)
		return lam_fail_mem(e);
	s->rejects.fd = -1;
	s->memory = (struct lam_memory)LAM_MEMORY_INIT;
	s->text = *t->o.text;
	snprintf(s->key, sizeof s->key, "function:%s/%s", t->o.name,
		t->o.ledger->id);
	snprintf(s->label, sizeof s->label, "function %s", t->o.name);
	s->text.source = s->label;
	rc = lam_memory_recall(&s->memory, t->o.data, t->o.into, &s->text, e);
	if (!rc && s->memory.unused.n)
		lam_message(&t->o.warn, "%s: %s", t->o.into,
			lam_buf_str(&s->memory.unused));
	if (!rc)
		rc = lam_append_open(&s->append, t->o.data, t->o.into, e);
	if (!rc)
		rc = find_place(t, e);
	return rc ? rc : lam_reject_file_open(&s->rejects, t->o.data, t->o.into,
		e);
}

void
lam_target_stream_close(struct lam_target *t)
{
	struct lam_target_stream *s = t->stream;

	if (!s)
		return;
	if (s->append)
		lam_append_close(s->append);
	lam_reject_file_close(&s->rejects);
	lam_memory_release(&s->memory);
	free(s->nulls);
	free(s);
	t->stream = NULL;
}

/* TEXT as an input, by way of a file in memory. */
static int
open_input(struct piece *p, struct lam_str text, struct lam_error *e)
{
	struct lam_input_options o = p->s->text;
	int rc = lam_memory_names(p->s->append, &p->names, &o, e);

	return rc ? rc : lam_target_input(&p->in, text, &o, e);
}

static int
set_fields(struct piece *p, struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_schema schema;
	const char *const *names, *kept;
	size_t n = lam_input_fields(p->in, &names);
	int rc = p->s->kept ? LAM_OK : lam_memory_keep(&p->s->memory,
		p->s->append, &kept, e);

	p->s->kept |= !rc;
	if (!rc)
		rc = lam_schema_sniff(&p->cells, NULL, names, lam_input_types(p->in), n,
		NULL, &arena, &schema, e);

	if (!rc)
		rc = lam_append_fields(p->s->append, schema.field, schema.n, e);
	lam_arena_release(&arena);
	return rc;
}

/* A column of NULLs, for fields that the output does not have. */
static struct lam_cell *
nulls(struct lam_target_stream *s)
{
	if (s->nulls)
		return s->nulls;
	s->nulls = malloc(LAM_BLOCK_ROWS * sizeof *s->nulls);
	for (size_t i = 0; s->nulls && i < LAM_BLOCK_ROWS; i++)
		s->nulls[i] = (struct lam_cell){ 0, LAM_CELL_NULL };
	return s->nulls;
}

/* Times without a zone get that of the stream.  C has its columns. */
static int
set_zone(struct piece *p, struct lam_cells *c, const uint32_t *map,
	struct lam_error *e)
{
	const struct lam_schema *s = lam_append_schema(p->s->append);
	const struct lam_zone *zone = p->s->memory.zone;
	int rc = LAM_OK;

	for (size_t i = 0; zone && !rc && i < c->nfields; i++)
		if (map[i] != UINT32_MAX && s->field[i].type.type == LAM_TIME &&
			!s->field[i].type.unit)
			rc = lam_zone_cells(zone, c, c->field[i], &p->chunk, e);
	return rc;
}

static int
encode(struct piece *p, uint64_t to, struct lam_error *e)
{
	struct lam_place x = { .key = { p->s->key, strlen(p->s->key) },
		.from = p->s->stands, .to = to,
		.when = (uint64_t)(lam_clock_wall() / LAM_NS), .state = { "", 0 } };
	struct lam_block_facts facts = { .text = p->chunk.raw.n,
		.rejects = p->chunk.nrejects };
	struct lam_cells c = p->cells;
	const uint32_t *map;
	size_t n = lam_append_layout(p->s->append, &map, &facts.field);
	int rc;

	c.nfields = (uint32_t)n;
	c.field = LAM_ARENA_NEW(&p->arena, struct lam_cell *, n + 1);
	if (!c.field || !nulls(p->s))
		return lam_fail_mem(e);
	for (size_t i = 0; i < n; i++)
		c.field[i] = map[i] == UINT32_MAX ? p->s->nulls :
			p->cells.field[map[i]];
	lam_buf_clear(&p->notes);
	lam_buf_clear(&p->image);
	rc = set_zone(p, &c, map, e);
	if (!rc)
		rc = lam_place_put(&x, &p->notes, e);
	if (!rc)
		rc = lam_buf_check(&p->notes, e);
	facts.notes = (struct lam_str){ p->notes.p, p->notes.n };
	return rc ? rc : lam_block_encode(&c, 0, 1, &facts, &p->arena, &p->image,
		e);
}

static int
put_rejects(struct piece *p, struct lam_error *e)
{
	int rc;

	lam_buf_clear(&p->lines);
	for (size_t i = 0; i < p->chunk.nrejects; i++)
		lam_reject_file_print(p->s->label, &p->chunk.reject[i],
			&p->lines);
	rc = lam_reject_file_append(&p->s->rejects, &p->lines, e);
	return rc ? rc : lam_reject_file_sync(&p->s->rejects, e);
}

/* The chunk at hand, unless it is in the stream already. */
static int
put_chunk(struct piece *p, struct lam_error *e)
{
	uint64_t to = p->chunk.last ? p->end : p->at + p->chunk.line +
		p->chunk.lines, first, blank = 0;
	int rc = lam_input_parse(p->in, &p->chunk, NULL, &p->cells, &blank, e);

	if (!rc && p->check && p->cells.nrows)
		return set_fields(p, e);
	if (rc || p->check || to <= p->s->stands)
		return rc;
	lam_arena_reset(&p->arena);
	rc = put_rejects(p, e);
	if (!rc && p->cells.nrows)
		rc = set_fields(p, e);
	/* Rejects alone move the place, too: they are not told again. */
	if (rc || (!p->cells.nrows && !p->chunk.nrejects))
		return rc;
	rc = encode(p, to, e);
	if (!rc)
		rc = lam_append_image(p->s->append, &p->image, p->cells.nrows,
			true, &first, e);
	if (!rc)
		p->s->stands = to;
	return rc;
}

static int
put_text(struct piece *p, struct lam_str text, struct lam_error *e)
{
	bool got = true;
	int rc = open_input(p, text, e);

	while (!rc && got) {
		rc = lam_input_next(p->in, &p->chunk, LAM_BLOCK_ROWS, -1, NULL,
			&got, e);
		if (!rc && got)
			rc = put_chunk(p, e);
		got &= !p->chunk.last;
	}
	if (p->in)
		lam_input_close(p->in);
	lam_chunk_release(&p->chunk);
	lam_arena_release(&p->arena);
	lam_arena_release(&p->names);
	lam_buf_release(&p->image);
	lam_buf_release(&p->notes);
	lam_buf_release(&p->lines);
	return rc;
}

int
lam_target_stream_check(struct lam_target *t, struct lam_str text,
	struct lam_error *e)
{
	struct piece p = { .s = t->stream, .chunk = LAM_CHUNK_INIT, .check = true };

	return put_text(&p, text, e);
}

int
lam_target_stream_put(struct lam_target *t, uint64_t at, struct lam_str text,
	struct lam_error *e)
{
	struct piece p = { .s = t->stream, .chunk = LAM_CHUNK_INIT,
		.at = at, .end = at + text.n };

	return p.end <= t->stream->stands ? LAM_OK : put_text(&p, text, e);
}
