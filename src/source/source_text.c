/*
 * source_text.c - the rows of a view in a partial text stream
 *
 * Streaming: a run of lines is read under the mutex and parsed outside of it.
 * The end of the source is the end of the stream, and the reader fails there
 * when anything was wrong, so an answer over a stream that was cut is never
 * given.
 */
#include "source/source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "partial/record_rows.h"

struct lam_text_slot {
	struct lam_text_source *owner;
	struct lam_buf text;
	struct lam_record_rows rows;
	uint32_t n;
	uint64_t lineno, pos;
};

/* Remember [from, to) of a section; LAM_DATA when it overlaps another. */
static int
add_range(struct lam_text_source *t, const struct lam_section *s,
	struct lam_error *e)
{
	uint64_t pair[2] = { s->from, s->to };
	size_t n = t->ranges.n / sizeof pair;

	if (!*s->id) /* ad hoc inputs just add up */
		return LAM_OK;
	for (size_t i = 0; i < n; i++) {
		uint64_t old[2];

		memcpy(old, t->ranges.p + i * sizeof old, sizeof old);
		if (old[0] < s->to && s->from < old[1])
			return lam_fail(e, LAM_DATA, "%s: section %s covers "
				"positions %" PRIu64 " to %" PRIu64 ", some of "
				"which an earlier section covers too",
				lam_partial_where(t->reader), s->view,
				s->from, s->to);
	}
	lam_buf_put(&t->ranges, pair, sizeof pair);
	return lam_buf_check(&t->ranges, e);
}

static int
check_section(struct lam_text_source *t, const struct lam_section *s,
	struct lam_error *e)
{
	const char *why = NULL;

	if (s->spec != t->first->spec)
		why = "is of another definition";
	else if (strcmp(s->id, t->first->id))
		why = "is of another stream";
	if (why)
		return lam_fail(e, LAM_DATA, "%s: section %s %s than the one "
			"before it", lam_partial_where(t->reader), s->view,
			why);
	return LAM_OK;
}

static int
take_section(struct lam_text_source *t, const struct lam_section *s,
	struct lam_error *e)
{
	int rc = check_section(t, s, e);

	if (!rc)
		rc = add_range(t, s, e);
	if (!rc)
		rc = lam_section_add(&t->total, s, e);
	t->sections++;
	return rc;
}

/* Move to the next section of the view; done when there is none. */
static int
next_section(struct lam_text_source *t, struct lam_error *e)
{
	struct lam_section s;
	bool got = true;
	int rc = LAM_OK;

	while (!rc) {
		lam_arena_reset(&t->arena);
		rc = lam_partial_next(t->reader, &t->arena, &s, &got, e);
		if (rc)
			break;
		if (!got) {
			t->done = true;
			break;
		}
		if (!strcmp(s.view, t->first->view))
			return take_section(t, &s, e);
	}
	return rc;
}

/* Under the mutex: lines into SLOT, as many as make a run. */
static int
read_run(struct lam_text_source *t, struct lam_text_slot *slot,
	struct lam_error *e)
{
	struct lam_str line;
	bool got;
	int rc = LAM_OK;

	lam_buf_clear(&slot->text);
	slot->n = 0;
	slot->pos = t->row;
	while (!rc && !t->done && slot->n < LAM_RECORD_ROWS_BLOCK &&
		slot->text.n < LAM_RECORD_ROWS_BYTES) {
		rc = lam_partial_read(t->reader, &line, &got, e);
		if (rc)
			break;
		if (!got) {
			if (slot->n)
				break; /* line numbers of a run are in a row */
			rc = next_section(t, e);
			continue;
		}
		if (slot->n++ == 0)
			slot->lineno = lam_partial_lineno(t->reader);
		lam_buf_put(&slot->text, line.p, line.n);
		lam_buf_putc(&slot->text, '\n');
	}
	t->row += slot->n;
	if (rc)
		t->done = true;
	return rc ? rc : lam_buf_check(&slot->text, e);
}

static int
load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct lam_text_slot *slot = b->state;
	struct lam_coltype t = { LAM_TEXT, 0 };
	uint64_t wrong = 0;
	const char *name;
	int rc;

	(void)bad;
	if (!raw)
		lam_query_column(slot->owner->first->query, f, &name, &t.type);
	rc = lam_cells_load(&slot->rows.cells, f, t, b->arena, out, &wrong, e);
	if (!rc && wrong)
		rc = lam_fail(e, LAM_DATA, "partial stream, near line %" PRIu64
			": a value is not of its column's type",
			slot->lineno);
	return rc;
}

static int
next(struct lam_source *s, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct lam_text_source *t = s->state;
	struct lam_text_slot *slot = &t->slot[worker];
	int rc;

	pthread_mutex_lock(&t->mutex);
	rc = read_run(t, slot, e);
	pthread_mutex_unlock(&t->mutex);
	*got = !rc && slot->n;
	if (!*got)
		return rc;
	rc = lam_record_rows_parse(&slot->rows, t->first->query,
		(struct lam_str){ slot->text.p, slot->text.n }, slot->n,
		"partial stream", slot->lineno, e);
	lam_progress_add(slot->n, 0);
	b->n = slot->n;
	b->pos = slot->pos;
	b->state = slot;
	b->load = load;
	b->range = NULL;
	return rc;
}

int
lam_text_source_init(struct lam_text_source *t, struct lam_partial_reader *r,
	const struct lam_section *first, unsigned workers,
	struct lam_error *e)
{
	memset(t, 0, sizeof *t);
	t->source = (struct lam_source){ .state = t, .next = next };
	t->reader = r;
	t->first = first;
	t->total = *first;
	t->total.counts = (struct lam_counts){ .read = 0 };
	t->arena = (struct lam_arena)LAM_ARENA_INIT;
	t->total.nulls = calloc(first->query->nstates + 1, sizeof(uint64_t));
	t->slot = calloc(workers + 1, sizeof *t->slot);
	if (!t->slot || !t->total.nulls ||
		pthread_mutex_init(&t->mutex, NULL)) {
		free(t->slot);
		free(t->total.nulls);
		return lam_fail_mem(e);
	}
	t->opened = true;
	t->workers = workers;
	for (unsigned i = 0; i < workers; i++)
		t->slot[i].owner = t;
	return take_section(t, first, e);
}

void
lam_text_source_release(struct lam_text_source *t)
{
	if (!t->opened)
		return;
	for (unsigned i = 0; i < t->workers; i++) {
		lam_buf_release(&t->slot[i].text);
		lam_record_rows_release(&t->slot[i].rows);
	}
	free(t->slot);
	free(t->total.nulls);
	lam_buf_release(&t->ranges);
	lam_arena_release(&t->arena);
	pthread_mutex_destroy(&t->mutex);
	t->opened = false;
}
