/*
 * answer_from.c - find the relation that FROM names
 */
#include "answer/answer_internal.h"

#include <inttypes.h>
#include <string.h>

static int
find_adhoc(struct attempt *a, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	const char *path = scan->is_stdin ? "-" : scan->name;
	int rc;

	rc = lam_adhoc_open(&a->adhoc, &path, 1, &a->request->adhoc, e);
	return rc ? rc : lam_schema_relation(lam_adhoc_schema(a->adhoc),
		scan->name, &a->arena, out, e);
}

/* The first section of that name; the reader is then at its first line. */
static int
find_text(struct attempt *a, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	struct lam_buf names = LAM_BUF_INIT;
	bool got;
	int rc;

	rc = lam_partial_reader_open(&a->reader, a->request->partials, e);
	for (; !rc; ) {
		rc = lam_partial_next(a->reader, &a->arena, &a->section, &got,
			e);
		if (rc || (got && !strcmp(a->section.view, scan->name)))
			break;
		if (!got) {
			rc = lam_fail(e, LAM_USAGE, "%s: no section of the "
				"partial stream has this name; there %s%s",
				scan->name, names.n ? "are: " : "are none",
				names.n ? lam_buf_str(&names) : "");
			break;
		}
		if (names.n < 500) {
			lam_buf_puts(&names, names.n ? ", " : "");
			lam_buf_puts(&names, a->section.view);
		}
	}
	lam_buf_release(&names);
	a->on_text = !rc;
	*out = (struct lam_relation){ .name = scan->name,
		.view = a->section.query };
	return rc;
}

/* Take the end of the answer: the head, or the position asked for. */
static int
set_end(struct attempt *a, struct lam_error *e)
{
	a->end = a->stream.head;
	if (!a->request->bounded)
		return LAM_OK;
	if (a->request->as_of > a->stream.head)
		return lam_fail(e, LAM_USAGE, "position %" PRIu64 ": the log "
			"of %s ends at %" PRIu64, a->request->as_of,
			a->stream.name, a->stream.head);
	a->end = a->request->as_of;
	return LAM_OK;
}

static int
find_view(struct attempt *a, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	const char *data = a->request->data, *stream;
	int rc;

	/* The listing comes first: it covers no more than the log holds. */
	rc = lam_view_files_list(&a->files, data, scan->name, e);
	if (!rc)
		rc = lam_view_find_stream(data, scan->name, &a->arena, &stream,
			e);
	if (!rc)
		rc = lam_stream_open(&a->stream, data, stream, e);
	a->streaming = !rc;
	if (!rc)
		rc = lam_view_load(data, scan->name, &a->stream, &a->arena,
			&a->view, e);
	if (!rc)
		rc = set_end(a, e);
	a->on_view = !rc;
	*out = (struct lam_relation){ .name = scan->name,
		.view = a->view.query };
	return rc;
}

static int
find_stream(struct attempt *a, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	int rc;

	rc = lam_stream_open(&a->stream, a->request->data, scan->name, e);
	a->streaming = !rc;
	if (!rc)
		rc = set_end(a, e);
	if (!rc)
		rc = lam_schema_relation(&a->stream.schema, scan->name,
			&a->arena, out, e);
	a->on_stream = !rc;
	return rc;
}

static int
find_nothing(struct attempt *a, const struct lam_stage *scan,
	struct lam_error *e)
{
	struct lam_names views = LAM_NAMES_INIT, streams = LAM_NAMES_INIT;
	struct lam_buf all = LAM_BUF_INIT;
	int rc;

	if (!lam_io_exists(a->request->data))
		return lam_fail(e, LAM_USAGE, "%s: %s: no such dataset",
			scan->name, a->request->data);
	rc = lam_view_list(a->request->data, &views, NULL, e);
	if (!rc)
		rc = lam_stream_list(a->request->data, &streams, e);
	for (size_t i = 0; !rc && i < views.n + streams.n && all.n < 500; i++)
		lam_buf_printf(&all, "%s%s", i ? ", " : "", i < views.n ?
			views.name[i] : streams.name[i - views.n]);
	if (!rc)
		rc = lam_fail(e, LAM_USAGE, "%s: no view or stream of %s has "
			"this name; there %s%s", scan->name, a->request->data,
			all.n ? "are: " : "are none",
			all.n ? lam_buf_str(&all) : "");
	lam_names_release(&views);
	lam_names_release(&streams);
	lam_buf_release(&all);
	return rc;
}

int
lam_answer_find(void *state, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	struct attempt *a = state;
	const struct lam_answer *request = a->request;

	if (request->partials && (scan->is_file || scan->is_stdin))
		return lam_fail(e, LAM_USAGE, "%s: partials are given: FROM "
			"names one of their views", scan->is_stdin ? "stdin" :
			scan->name);
	if (scan->is_file || scan->is_stdin) {
		if (request->bounded)
			return lam_fail(e, LAM_USAGE, "%s: only a view or a "
				"stream can be read as of a position",
				scan->is_stdin ? "stdin" : scan->name);
		return find_adhoc(a, scan, out, e);
	}
	if (request->adhoc.input.format || request->adhoc.fields ||
		request->adhoc.schema || request->adhoc.input.zone ||
		request->adhoc.input.start || request->strict)
		return lam_fail(e, LAM_USAGE, "%s: a format, fields, a schema, "
			"a zone or --strict can be given for FROM 'path' and FROM "
			"stdin only", scan->name);
	if (request->partials)
		return find_text(a, scan, out, e);
	if (!request->data)
		return lam_fail(e, LAM_USAGE, "%s: which dataset? Give -d DIR "
			"or set LAM_DATA; FROM 'path' reads a file, FROM "
			"stdin standard input", scan->name);
	if (lam_view_exists(request->data, scan->name))
		return find_view(a, scan, out, e);
	if (lam_stream_exists(request->data, scan->name))
		return find_stream(a, scan, out, e);
	return find_nothing(a, scan, e);
}
