/*
 * ingest_check.c - whether an input can go into a stream
 *
 * The names of its fields are all that is known before a record is read.
 */
#include <stdlib.h>
#include <string.h>

#include "ingest/ingest.h"

#define NAMES_SHOWN 200 /* bytes */

/* The first names of N, for a message. */
static void
put_names(struct lam_buf *out, const char *const *name, size_t n)
{
	size_t i;

	for (i = 0; i < n && out->n < NAMES_SHOWN; i++)
		lam_buf_printf(out, "%s%.80s", i ? "," : "", name[i]);
	if (i < n)
		lam_buf_puts(out, ",...");
}

static int
fail_strange(const struct lam_schema *s, const struct lam_input *in,
	const char *source, struct lam_error *e)
{
	struct lam_buf ours = LAM_BUF_INIT, theirs = LAM_BUF_INIT;
	const char **known = calloc(s->n, sizeof *known);
	const char *const *name;
	size_t n = lam_input_own_fields(in);
	int rc;

	(void)lam_input_fields(in, &name);
	for (size_t i = 0; known && i < s->n; i++)
		known[i] = s->field[i].name;
	put_names(&theirs, name, n);
	put_names(&ours, known, known ? s->n : 0);
	rc = lam_fail(e, LAM_DATA, "%s:%llu: none of its fields (%s) is one of the "
		"stream's (%s): if that line is a record, name the fields with "
		"--fields; if it names other ones, use another stream", source,
		(unsigned long long)lam_input_header(in), lam_buf_str(&theirs),
		lam_buf_str(&ours));
	lam_buf_release(&ours);
	lam_buf_release(&theirs);
	free(known);
	return rc;
}

int
lam_ingest_check(const struct lam_ingest *g, const struct lam_input *in,
	const char *source, struct lam_error *e)
{
	const struct lam_schema *s;
	const char *const *name;
	size_t n = lam_input_own_fields(in);
	uint32_t *map;
	bool known = false;
	int rc;

	if (!g->append || !lam_append_has_schema(g->append) || !n ||
		!lam_input_header(in))
		return LAM_OK;
	(void)lam_input_fields(in, &name);
	s = lam_append_schema(g->append);
	if (!s->n)
		return LAM_OK;
	map = malloc(s->n * sizeof *map);
	rc = map ? lam_schema_match(s, name, n, map, e) : lam_fail_mem(e);
	for (size_t f = 0; !rc && f < s->n; f++)
		known |= map[f] != UINT32_MAX;
	free(map);
	return rc || known ? rc : fail_strange(s, in, source, e);
}

int
lam_ingest_event(const struct lam_schema *s, const char *event, struct lam_error *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->field[i].event && !strcmp(s->field[i].name, event))
			return LAM_OK;
	return lam_fail(e, LAM_USAGE, "event time \"%s\": the schema of the "
		"stream says otherwise; edit that file, or leave the option "
		"out", event);
}

int
lam_ingest_id(const struct lam_ingest *g, const char *source, const uint32_t *map,
	size_t n, uint32_t *id, struct lam_error *e)
{
	const struct lam_schema *s = lam_append_schema(g->append);
	const char *field = g->recent->field;
	int f = lam_schema_find(s, field, strlen(field));

	if (f >= 0 && (size_t)f < n && map[f] != UINT32_MAX) {
		*id = map[f];
		return LAM_OK;
	}
	return lam_fail(e, LAM_DATA, "%s: has no field \"%.80s\", which --id names: "
		"nothing of it is appended", source, field);
}

void
lam_ingest_choice(const struct lam_ingest *g, struct lam_input *in)
{
	struct lam_buf line = LAM_BUF_INIT;

	while (g->on_choice && lam_input_choice(in, &line)) {
		g->on_choice(g->arg, lam_buf_str(&line));
		lam_buf_clear(&line);
	}
	lam_buf_release(&line);
}
