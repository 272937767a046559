/*
 * dataset.c - views: their files, their binding
 */
#include "view/dataset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/near.h"
#include "partial/spec.h"
#include "source/lookup_file.h"

static int
view_path(char out[LAM_PATH_MAX], const char *data, const char *view,
	struct lam_error *e)
{
	if (!lam_name_ok(view, strlen(view)))
		return lam_fail(e, LAM_USAGE, "%s: a view's name is a letter "
			"or underscore, then letters, digits, _ or -, at most "
			"%d", view, LAM_NAME_MAX);
	return lam_io_path(out, LAM_PATH_MAX, e, "%s/views/%s.sql", data,
		view);
}

static int
misnamed(struct lam_failures *f, const char *dir, const char *name,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc;

	if (!f)
		return LAM_OK;
	rc = lam_fail(&why, LAM_USAGE, "%s/%s: not a view's name (a letter or "
		"underscore, then letters, digits, _ or -): rename the file",
		dir, name);
	return lam_failures_add(f, rc, &why, e);
}

int
lam_view_list(const char *data, struct lam_names *out, struct lam_failures *f,
	struct lam_error *e)
{
	struct lam_names all = LAM_NAMES_INIT;
	char dir[LAM_PATH_MAX];
	size_t keep = 0;
	int rc;

	rc = lam_io_path(dir, sizeof dir, e, "%s/views", data);
	if (!rc)
		rc = lam_io_list(dir, ".sql", &all, e);
	for (size_t i = 0; !rc && i < all.n; i++) {
		char *name = all.name[i];
		size_t n = strlen(name) - 4;

		if (name[0] == '.')
			continue;
		if (lam_name_ok(name, n)) {
			name[n] = '\0';
			all.name[i] = all.name[keep];
			all.name[keep++] = name;
		} else {
			rc = misnamed(f, dir, name, e);
		}
	}
	if (rc) {
		lam_names_release(&all);
		return rc;
	}
	while (all.n > keep)
		free(all.name[--all.n]);
	*out = all;
	return LAM_OK;
}

bool
lam_view_exists(const char *data, const char *view)
{
	char path[LAM_PATH_MAX];

	return !view_path(path, data, view, NULL) && lam_io_exists(path);
}

bool
lam_stream_exists(const char *data, const char *name)
{
	char path[LAM_PATH_MAX];

	return lam_name_ok(name, strlen(name)) &&
		!lam_io_path(path, sizeof path, NULL, "%s/master/%s", data,
			name) && lam_io_exists(path);
}

int
lam_view_missing(const char *data, const char *view, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	char hint[LAM_NEAR_HINT] = "";
	int rc = lam_view_list(data, &names, NULL, e);

	if (!rc)
		lam_near_hint(hint, view, names.name, names.n);
	if (!rc)
		rc = lam_fail(e, LAM_USAGE, "%s: no such view: %s/views/%s.sql is "
			"missing%s", view, data, view, hint);
	lam_names_release(&names);
	return rc;
}

/* The text of a view, NUL-terminated in A; LABEL: its name in messages. */
static int
view_text(const char *data, const char *view, struct lam_arena *a,
	const char **sql, const char **label, struct lam_error *e)
{
	struct lam_buf text = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	int rc;

	rc = view_path(path, data, view, e);
	if (rc)
		return rc;
	if (!lam_io_exists(path))
		return lam_view_missing(data, view, e);
	if (lam_stream_exists(data, view))
		return lam_fail(e, LAM_USAGE, "%s: a stream has this name "
			"too: rename the view", path);
	rc = lam_io_slurp(path, LAM_SQL_MAX, &text, e);
	if (!rc)
		rc = lam_buf_check(&text, e);
	if (!rc && text.n && memchr(text.p, 0, text.n))
		rc = lam_fail(e, LAM_USAGE, "%s: not text: it holds a NUL "
			"byte", path);
	if (!rc) {
		*sql = lam_arena_dup(a, text.n ? text.p : "", text.n);
		*label = lam_arena_dup(a, path, strlen(path));
		if (!*sql || !*label)
			rc = lam_fail_mem(e);
	}
	lam_buf_release(&text);
	return rc;
}

int
lam_view_stream(const char *data, const char *view, struct lam_arena *a,
	const char **stream, struct lam_error *e)
{
	const char *sql, *label;
	const struct lam_stage *scan;
	int rc;

	rc = view_text(data, view, a, &sql, &label, e);
	if (!rc)
		rc = lam_query_from(sql, label, a, &scan, e);
	if (rc)
		return rc;
	if (scan->is_file || scan->is_stdin)
		return lam_fail(e, LAM_USAGE, "%s: a view reads a stream of "
			"the dataset, not %s", label,
			scan->is_file ? "a file" : "standard input");
	*stream = scan->name;
	return LAM_OK;
}

int
lam_view_find_stream(const char *data, const char *view, struct lam_arena *a,
	const char **stream, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	int rc = lam_view_stream(data, view, a, stream, e);

	if (rc || lam_stream_exists(data, *stream))
		return rc;
	rc = lam_stream_list(data, &names, e);
	for (size_t i = 0; !rc && i < names.n && b.n < 400; i++)
		lam_buf_printf(&b, "%s%s", i ? ", " : "; there are: ",
			names.name[i]);
	if (!rc)
		rc = lam_fail(e, LAM_USAGE, "%s/views/%s.sql: FROM %.80s: a "
			"view reads a stream, and that is %s%s", data, view,
			*stream, lam_view_exists(data, *stream) ? "a view" :
			"none", b.n ? lam_buf_str(&b) : "");
	lam_buf_release(&b);
	lam_names_release(&names);
	return rc;
}

int
lam_schema_relation(const struct lam_schema *s, const char *name,
	struct lam_arena *a, struct lam_relation *out, struct lam_error *e)
{
	*out = (struct lam_relation){ .name = name };
	out->field = LAM_ARENA_NEW(a, struct lam_input_field, s->n + 1);
	if (!out->field)
		return lam_fail_mem(e);
	for (size_t i = 0; i < s->n; i++) {
		out->field[i].name = s->field[i].name;
		out->field[i].type = s->field[i].type;
	}
	out->nfields = (uint32_t)s->n;
	return LAM_OK;
}

struct known { /* while a view is bound */
	struct lam_relation stream;
	const char *data;
	struct lam_arena *arena;
};

static int
find_file(void *state, const char *name, struct lam_ref_file **out,
	struct lam_error *e)
{
	const struct known *k = state;

	return lam_lookup_file(k->data, name, k->arena, out, e);
}

static int
find_stream(void *state, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	const struct known *k = state;
	const struct lam_relation *r = &k->stream;

	if (scan->is_file || scan->is_stdin || strcmp(scan->name, r->name))
		return lam_fail(e, LAM_USAGE, "%s: the view read another "
			"stream a moment ago: try again", scan->name);
	*out = *r;
	return LAM_OK;
}

int
lam_view_load(const char *data, const char *view, const struct lam_stream *s,
	struct lam_arena *a, struct lam_view *out, struct lam_error *e)
{
	struct known known = { .data = data, .arena = a };
	struct lam_catalog catalog = { .state = &known, .find = find_stream,
		.file = find_file };
	struct lam_error why = LAM_ERROR_INIT;
	const char *sql, *label;
	int rc;

	*out = (struct lam_view){ .query = NULL };
	rc = view_text(data, view, a, &sql, &label, e);
	if (!rc)
		rc = lam_schema_relation(&s->schema, s->name, a, &known.stream,
			e);
	if (!rc)
		rc = lam_query_bind(sql, label, true, &catalog, a,
			&out->query, &why);
	if (why.code && !s->schema.n)
		return lam_fail(e, LAM_NOTHING, "%s: the stream %s has no "
			"records yet", label, s->name);
	if (why.code && e && !e->code)
		*e = why;
	if (!rc)
		rc = lam_spec_hash(out->query, data, &out->spec, e);
	if (!rc)
		memcpy(out->name, view, strlen(view) + 1);
	return rc;
}
