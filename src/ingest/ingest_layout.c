/*
 * ingest_layout.c - which fields of an input go to which columns of a stream
 */
#include "ingest/ingest_layout.h"

#include <stdlib.h>

/* The fields of the input to the stream, with types for those it lacks. */
static int
set_schema(const struct lam_ingest *g, const struct lam_input *in,
	const struct lam_cells sample[2], struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_schema s;
	const char *const *names;
	size_t n = lam_input_fields(in, &names);
	const char *event = g->event;
	int rc = LAM_OK;

	if (lam_append_has_schema(g->append)) {
		if (event)
			rc = lam_ingest_event(lam_append_schema(g->append),
				event, e);
		event = NULL;
	}
	if (!rc)
		rc = lam_schema_sniff(&sample[0], sample[1].nrows ? &sample[1] :
			NULL, names, lam_input_types(in), n, event, &arena, &s, e);
	if (!rc)
		rc = lam_append_fields(g->append, s.field, s.n, e);
	lam_arena_release(&arena);
	return rc;
}

/* The columns whose times get the zone of G, and one of NULLs. */
static int
set_columns(struct lam_ingest_layout *l, const struct lam_ingest *g,
	struct lam_error *e)
{
	const struct lam_schema *s = lam_append_schema(g->append);

	l->local = g->zone ? calloc(l->ncols + 1, sizeof *l->local) : NULL;
	if (g->zone && !l->local)
		return lam_fail_mem(e);
	for (size_t c = 0; l->local && c < l->ncols; c++)
		l->local[c] = s->field[c].type.type == LAM_TIME &&
			!s->field[c].type.unit;
	for (size_t c = 0; c < l->ncols; c++)
		if (l->map[c] == UINT32_MAX && !l->nulls) {
			l->nulls = malloc(LAM_BLOCK_ROWS * sizeof *l->nulls);
			if (!l->nulls)
				return lam_fail_mem(e);
			for (size_t i = 0; i < LAM_BLOCK_ROWS; i++)
				l->nulls[i] = (struct lam_cell){ 0,
					LAM_CELL_NULL };
		}
	return LAM_OK;
}

int
lam_ingest_layout_make(struct lam_ingest_layout *l, const struct lam_ingest *g,
	const struct lam_input *in, const char *source,
	const struct lam_cells sample[2], struct lam_error *e)
{
	int rc = set_schema(g, in, sample, e);

	if (rc)
		return rc;
	l->ncols = lam_append_layout(g->append, &l->map, &l->name);
	rc = set_columns(l, g, e);
	if (!rc && g->recent)
		rc = lam_ingest_id(g, source, l->map, l->ncols, &l->id, e);
	return rc;
}

void
lam_ingest_layout_release(struct lam_ingest_layout *l)
{
	free(l->local);
	free(l->nulls);
}
