/*
 * answer_from.c - find the relations that FROM names
 *
 * Each FROM is a leaf of its own.  The streams and views behind them are opened once,
 * so that all of a query sees the same positions.
 */
#include "answer/answer_internal.h"
#include "base/near.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"

/* Guesses at how many rows there are: bytes of a line, records to a row of a view. */
#define LINE 64
#define VIEW 16

/* A leaf more, the last of A. */
static struct answer_leaf *
add_leaf(struct attempt *a, enum answer_leaf_kind kind, const char *name)
{
	struct answer_leaf *l = calloc(1, sizeof *l);

	if (!l || !lam_array_room(&a->leaf, &a->cap, a->n + 1,
		sizeof(struct answer_leaf *))) {
		free(l);
		return NULL;
	}
	l->kind = kind;
	l->name = name;
	a->leaf[a->n++] = l;
	return l;
}

static int
find_file(struct attempt *a, const struct lam_stage *scan,
	struct lam_error *e)
{
	const char *path = scan->is_stdin ? "-" : scan->name;
	struct answer_leaf *l;

	for (size_t i = 0; scan->is_stdin && i < a->n; i++)
		if (a->leaf[i]->kind == ANSWER_FILE &&
			!strcmp(a->leaf[i]->name, "stdin"))
			return lam_fail(e, LAM_USAGE, "stdin can be read once: "
				"write WITH x AS (SELECT * FROM stdin), and "
				"name x wherever its rows are wanted");
	if (scan->is_stdin && a->request->again)
		return lam_fail(e, LAM_USAGE, "stdin can be read once, and is "
			"asked again and again: name a file");
	l = add_leaf(a, ANSWER_FILE, scan->is_stdin ? "stdin" : scan->name);
	if (!l)
		return lam_fail_mem(e);
	return lam_adhoc_open(&l->adhoc, &path, 1, &a->request->adhoc, e);
}

/* The first section of that name; the reader is then at its first line. */
static int
find_text(struct attempt *a, const struct lam_stage *scan,
	struct lam_error *e)
{
	struct lam_buf names = LAM_BUF_INIT;
	struct answer_leaf *l;
	bool got;
	int rc;

	if (a->n && !strcmp(a->request->partials, "-"))
		return lam_fail(e, LAM_USAGE, "%s: a pipe of partials can be "
			"read once: write them to a file, and give -p FILE",
			scan->name);
	l = add_leaf(a, ANSWER_TEXT, scan->name);
	rc = l ? lam_partial_reader_open(&l->reader, a->request->partials, e) :
		lam_fail_mem(e);
	for (; !rc; ) {
		rc = lam_partial_next(l->reader, &a->arena, &l->section, &got,
			e);
		if (rc || (got && !strcmp(l->section.view, scan->name)))
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
			lam_buf_puts(&names, l->section.view);
		}
	}
	lam_buf_release(&names);
	return rc;
}

/* The position of NAME in --as-of, or the one for all streams. */
static bool
bounded(const struct lam_answer *r, const char *name, uint64_t *pos)
{
	for (size_t i = r->nas_of; i-- > 0;)
		if (!r->as_of[i].stream || !strcmp(r->as_of[i].stream, name)) {
			*pos = r->as_of[i].pos;
			return true;
		}
	return false;
}

/* The stream NAME, opened; its end is the head, or the position asked for. */
static int
take_stream(struct attempt *a, const char *name, struct answer_stream **out,
	struct lam_error *e)
{
	struct answer_stream *s = a->streams;
	int rc;

	while (s && strcmp(s->stream.name, name))
		s = s->next;
	*out = s;
	if (s)
		return LAM_OK;
	s = calloc(1, sizeof *s); /* a stream is large */
	if (!s)
		return lam_fail_mem(e);
	rc = lam_stream_open(&s->stream, a->request->data, name, e);
	s->end = s->stream.head;
	if (!rc && bounded(a->request, name, &s->end) &&
		s->end > s->stream.head)
		rc = lam_fail(e, LAM_USAGE, "position %" PRIu64 ": the log of "
			"%s ends at %" PRIu64, s->end, name, s->stream.head);
	if (!rc)
		rc = lam_bad_init(&s->bad, (uint32_t)s->stream.schema.n, e);
	if (rc) {
		lam_stream_close(&s->stream);
		free(s);
		return rc;
	}
	s->next = a->streams;
	a->streams = s;
	*out = s;
	return LAM_OK;
}

static int
take_view(struct attempt *a, const char *name, struct answer_view **out,
	struct lam_error *e)
{
	const char *data = a->request->data, *stream;
	struct answer_view *v = a->views;
	int rc;

	while (v && strcmp(v->name, name))
		v = v->next;
	*out = v;
	if (v)
		return LAM_OK;
	v = calloc(1, sizeof *v);
	if (!v)
		return lam_fail_mem(e);
	*out = v;
	v->next = a->views;
	a->views = v;
	v->name = name;
	/* The listing comes first: it covers no more than the log holds. */
	rc = lam_view_files_list(&v->files, data, name, e);
	if (!rc)
		rc = lam_view_find_stream(data, name, &a->arena, &stream, e);
	if (!rc)
		rc = take_stream(a, stream, &v->stream, e);
	return rc ? rc : lam_view_load(data, name, &v->stream->stream,
		&a->arena, &v->view, e);
}

static int
find_view(struct attempt *a, const struct lam_stage *scan,
	struct lam_error *e)
{
	struct answer_leaf *l = add_leaf(a, ANSWER_VIEW, scan->name);
	int rc = l ? take_view(a, scan->name, &l->view, e) : lam_fail_mem(e);

	if (!rc)
		l->view->uses++;
	return rc;
}

static int
find_stream(struct attempt *a, const struct lam_stage *scan,
	struct lam_error *e)
{
	struct answer_leaf *l = add_leaf(a, ANSWER_STREAM, scan->name);

	return l ? take_stream(a, scan->name, &l->stream, e) :
		lam_fail_mem(e);
}

static int
find_nothing(struct attempt *a, const struct lam_stage *scan,
	struct lam_error *e)
{
	struct lam_names views = LAM_NAMES_INIT, streams = LAM_NAMES_INIT;
	struct lam_buf all = LAM_BUF_INIT;
	char hint[LAM_NEAR_HINT];
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
	if (!rc && !*lam_near_hint(hint, scan->name, views.name, views.n))
		lam_near_hint(hint, scan->name, streams.name, streams.n);
	if (!rc)
		rc = lam_fail(e, LAM_USAGE, "%s: no view or stream of %s has "
			"this name; there %s%s%s", scan->name, a->request->data,
			all.n ? "are: " : "are none",
			all.n ? lam_buf_str(&all) : "", hint);
	lam_names_release(&views);
	lam_names_release(&streams);
	lam_buf_release(&all);
	return rc;
}

static int
find(struct attempt *a, const struct lam_stage *scan, struct lam_error *e)
{
	const struct lam_answer *request = a->request;

	if (request->partials && (scan->is_file || scan->is_stdin))
		return lam_fail(e, LAM_USAGE, "%s: partials are given: FROM "
			"names one of their views", scan->is_stdin ? "stdin" :
			scan->name);
	if (scan->is_file || scan->is_stdin)
		return find_file(a, scan, e);
	if (request->partials)
		return find_text(a, scan, e);
	if (!request->data)
		return lam_fail(e, LAM_USAGE, "%s: which dataset? Give -d DIR "
			"or set LAM_DATA; FROM 'path' reads a file, FROM "
			"stdin standard input", scan->name);
	if (lam_view_exists(request->data, scan->name))
		return find_view(a, scan, e);
	if (lam_stream_exists(request->data, scan->name))
		return find_stream(a, scan, e);
	return find_nothing(a, scan, e);
}

/* The relation that is the file of L. */
static int
relation_of_file(struct attempt *a, const struct answer_leaf *l, const char *name,
	struct lam_relation *out, struct lam_error *e)
{
	int rc = lam_schema_relation(lam_adhoc_schema(l->adhoc), name, &a->arena,
		out, e);

	for (uint32_t i = 0; !rc && i < out->nfields; i++)
		out->field[i].null = lam_adhoc_untyped(l->adhoc);
	return rc;
}

/* The relation that leaf L is. */
static int
relation_of(struct attempt *a, const struct answer_leaf *l, const char *name,
	struct lam_relation *out, struct lam_error *e)
{
	*out = (struct lam_relation){ .name = name };
	switch (l->kind) {
	case ANSWER_FILE:
		return relation_of_file(a, l, name, out, e);
	case ANSWER_STREAM:
		return lam_schema_relation(&l->stream->stream.schema, name,
			&a->arena, out, e);
	case ANSWER_VIEW:
		out->view = l->view->view.query;
		return LAM_OK;
	default:
		out->view = l->section.query;
		return LAM_OK;
	}
}

int
lam_answer_find(void *state, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	struct attempt *a = state;
	int rc = a->found < a->known ? LAM_OK : find(a, scan, e);
	size_t i = a->found < a->known ? a->found : a->n - 1;

	*out = (struct lam_relation){ .name = scan->name };
	if (!rc)
		rc = relation_of(a, a->leaf[i], scan->name, out, e);
	a->found++;
	out->leaf = (uint32_t)i;
	return rc;
}

uint64_t
lam_answer_rows(void *state, const struct lam_stage *scan)
{
	struct attempt *a = state;
	const char *data = a->request->data, *stream = scan->name;
	struct answer_stream *s;
	uint64_t fewer = 1;
	struct stat st;

	if (scan->is_file)
		return stat(scan->name, &st) || !S_ISREG(st.st_mode) ? 0 :
			(uint64_t)st.st_size / LINE;
	if (scan->is_stdin || a->request->partials || !data)
		return 0;
	if (lam_view_exists(data, scan->name)) {
		fewer = VIEW;
		if (lam_view_find_stream(data, scan->name, &a->arena, &stream,
			NULL))
			return 0;
	}
	return take_stream(a, stream, &s, NULL) ? 0 : s->end / fewer;
}

static void
release_leaf(struct answer_leaf *l)
{
	lam_log_source_release(&l->log);
	lam_text_source_release(&l->text);
	lam_partial_reader_free(l->reader);
	lam_adhoc_free(l->adhoc);
	free(l);
}

void
lam_answer_release(struct attempt *a)
{
	for (size_t i = 0; i < a->n; i++)
		release_leaf(a->leaf[i]);
	free(a->leaf);
	while (a->views) {
		struct answer_view *v = a->views;

		a->views = v->next;
		lam_cover_release(&v->cover);
		lam_view_files_release(&v->files);
		free(v);
	}
	while (a->streams) {
		struct answer_stream *s = a->streams;

		a->streams = s->next;
		lam_bad_release(&s->bad);
		lam_stream_close(&s->stream);
		free(s);
	}
	lam_arena_release(&a->arena); /* a->ran, too */
}
