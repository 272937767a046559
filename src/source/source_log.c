/*
 * source_log.c - a range of the log as a source; bad values, counted by field
 */
#include "source/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"

int
lam_bad_init(struct lam_bad *b, uint32_t nfields, struct lam_error *e)
{
	b->n = 0;
	b->from = 0;
	b->count = calloc((size_t)nfields + 1, sizeof *b->count);
	if (!b->count)
		return lam_fail_mem(e);
	b->n = nfields;
	return LAM_OK;
}

void
lam_bad_release(struct lam_bad *b)
{
	free(b->count);
	*b = (struct lam_bad){ NULL, 0, 0 };
}

void
lam_bad_report(const struct lam_bad *b, const char *source,
	const struct lam_input_field *field, const struct lam_messages *messages)
{
	static const char *const one[LAM_TYPES] = {
		"text", "a number", "a time", "a boolean"
	}, *const many[LAM_TYPES] = { "text", "numbers", "times", "booleans" };

	for (uint32_t f = 0; f < b->n; f++) {
		uint64_t n = atomic_load(&b->count[f]);

		if (n)
			lam_message(messages,
				"%s: %" PRIu64 " value%s of %s %s not "
				"%s: read as NULL",
				source, n, n == 1 ? "" : "s", field[f].name,
				n == 1 ? "is" : "are",
				(n == 1 ? one : many)[field[f].type.type]);
	}
}

void
lam_faults_report(const struct lam_counts *c, const char *source,
	const struct lam_messages *messages)
{
	char where[60] = "";

	if (c->first_fault != LAM_NO_POSITION)
		snprintf(where, sizeof where, ", the first at position %" PRIu64,
			c->first_fault);
	if (c->faults)
		lam_message(messages,
			"%s: %" PRIu64 " value%s could not be computed "
			"and %s NULL%s", source, c->faults,
			c->faults == 1 ? "" : "s",
			c->faults == 1 ? "is" : "are", where);
}

void
lam_output_faults_report(uint64_t faults, const struct lam_messages *messages)
{
	if (faults)
		lam_message(messages, "%" PRIu64 " result%s could not be computed "
			"and %s NULL", faults, faults == 1 ? "" : "s",
			faults == 1 ? "is" : "are");
}

struct lam_log_slot {
	struct lam_log_source *owner;
	struct lam_scan_block block;
};

/*
 * Of the rows of OUT, values of field F, those that did not parse and that are
 * to be counted: NULL in OUT and not as text.  (Decoding counts them by the
 * block, of which the range may be a part.)
 */
static int
count_bad(struct lam_batch *b, uint32_t f, const struct lam_vec *out,
	struct lam_error *e)
{
	struct lam_log_slot *slot = b->state;
	struct lam_bad *bad = slot->owner->bad;
	uint64_t n = 0, ignored = 0;
	struct lam_vec text;
	int rc;

	if (!bad || b->pos + b->n <= bad->from)
		return LAM_OK;
	rc = lam_scan_column(&slot->block, f, (struct lam_coltype){ LAM_TEXT,
		0 }, true, b->arena, &text, &ignored, e);
	for (uint32_t i = 0; !rc && i < b->n; i++)
		n += b->pos + i >= bad->from && lam_vec_is_null(out, i) &&
			!lam_vec_is_null(&text, i);
	lam_bad_add(bad, f, n);
	return rc;
}

static int
load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct lam_log_slot *slot = b->state;
	struct lam_coltype t = slot->owner->scan[0].stream->schema.field[f].type;
	uint64_t before = *bad;
	int rc;

	if (raw || t.type == LAM_TEXT)
		t = (struct lam_coltype){ LAM_TEXT, b->numbers ?
			LAM_MAY_BE_NUMBERS : 0 };
	rc = lam_scan_column(&slot->block, f, t, false, b->arena, out, bad, e);
	return rc || *bad == before ? rc : count_bad(b, f, out, e);
}

static int
match(struct lam_batch *b, uint32_t f, struct lam_str s, struct lam_vec *out,
	bool *matched, struct lam_error *e)
{
	struct lam_log_slot *slot = b->state;

	return lam_scan_match(&slot->block, f, s, b->arena, out, matched, e);
}

static int
pick(struct lam_batch *b, uint32_t f, const uint16_t *row, uint32_t n,
	struct lam_vec *out, bool *picked, struct lam_error *e)
{
	struct lam_log_slot *slot = b->state;

	return lam_scan_pick(&slot->block, f, row, n, b->arena, out, picked, e);
}

static void
range(struct lam_batch *b, uint32_t f, struct lam_range *out)
{
	struct lam_log_slot *slot = b->state;
	bool absent;
	struct lam_colmeta m = lam_scan_range(&slot->block, f, &absent);

	*out = (struct lam_range){ .kind = m.kind, .scale = m.scale,
		.min = m.min, .max = m.max, .nulls = absent || m.nulls > 0 };
}

/* B is the block in SLOT. */
static void
fill(struct lam_log_slot *slot, struct lam_batch *b)
{
	b->n = slot->block.n;
	b->pos = slot->block.pos;
	b->state = slot;
	b->apart = true;
	b->load = load;
	b->match = match;
	b->pick = pick;
	b->range = range;
}

static int
next(struct lam_source *s, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct lam_log_source *l = s->state;
	struct lam_log_slot *slot = &l->slot[worker];
	int rc = LAM_OK;

	*got = false;
	for (unsigned i = 0; !rc && !*got && i < l->parts; i++)
		rc = lam_scan_next(&l->scan[(worker + i) % l->parts],
			&slot->block, b->arena, got, e);
	if (rc || !*got)
		return rc;
	lam_progress_add(slot->block.n, 0);
	fill(slot, b);
	return LAM_OK;
}

static int
at(struct lam_source *s, unsigned worker, uint64_t pos, struct lam_batch *b,
	struct lam_error *e)
{
	struct lam_log_source *l = s->state;
	struct lam_log_slot *slot = &l->slot[worker];
	unsigned i = 0;
	int rc;

	while (pos >= l->scan[i].to)
		i++;
	rc = lam_scan_at(&l->scan[i], pos, &slot->block, b->arena, e);
	if (!rc)
		fill(slot, b);
	return rc;
}

/* Open the parts of [FROM, TO), which end where blocks do. */
static int
open_parts(struct lam_log_source *l, struct lam_stream *s, uint64_t from,
	uint64_t to, unsigned parts, struct lam_error *e)
{
	uint64_t share = (to - from) / parts, at = from;
	int rc = LAM_OK;

	for (; !rc && l->parts < parts; l->parts += !rc) {
		uint64_t end = from + share * (l->parts + 1);

		if (l->parts + 1 == parts)
			end = to;
		else
			rc = lam_scan_align(s, end, &end, e);
		end = end < at ? at : end;
		if (!rc)
			rc = lam_scan_open(&l->scan[l->parts], s, at, end, e);
		at = end;
	}
	return rc;
}

int
lam_log_source_init(struct lam_log_source *l, struct lam_stream *s,
	uint64_t from, uint64_t to, unsigned workers, bool spread,
	struct lam_bad *bad, struct lam_error *e)
{
	unsigned parts = spread && workers > 1 && from < to ? workers : 1;
	int rc;

	memset(l, 0, sizeof *l);
	l->source = (struct lam_source){ .state = l, .next = next,
		.rows = to - from, .at = at };
	lam_progress_expect(to - from, 0);
	l->bad = bad;
	l->workers = workers;
	l->scan = calloc(parts, sizeof *l->scan);
	l->slot = calloc(workers + 1, sizeof *l->slot);
	rc = l->scan && l->slot ? open_parts(l, s, from, to, parts, e) :
		lam_fail_mem(e);
	for (unsigned i = 0; !rc && i < workers; i++)
		l->slot[i].owner = l;
	if (rc)
		lam_log_source_release(l);
	return rc;
}

void
lam_log_source_release(struct lam_log_source *l)
{
	for (unsigned i = 0; l->slot && i < l->workers; i++)
		lam_scan_drop(&l->slot[i].block);
	for (unsigned i = 0; i < l->parts; i++)
		lam_scan_close(&l->scan[i]);
	free(l->slot);
	free(l->scan);
	l->slot = NULL;
	l->scan = NULL;
	l->parts = 0;
}

static int
open_leaf(void *arg, const struct lam_stage *scan, unsigned workers,
	bool spread, struct lam_source **out, struct lam_error *e)
{
	struct lam_log_leaf *l = arg;

	(void)scan; /* the stream is open: whoever bound the query saw to it */
	*out = &l->source.source;
	return lam_log_source_init(&l->source, l->stream, l->from, l->to,
		workers, spread, l->bad, e);
}

static void
close_leaf(void *arg)
{
	struct lam_log_leaf *l = arg;

	lam_log_source_release(&l->source);
}

struct lam_leaves
lam_log_leaf(struct lam_log_leaf *l)
{
	return (struct lam_leaves){ open_leaf, close_leaf, l, NULL };
}
