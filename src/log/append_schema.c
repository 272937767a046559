/*
 * append_schema.c - the schema of a stream as its writers see and extend it
 *
 * A field is in the schema, durably, before a block has it: readers take a schema
 * that lacks a field of a segment for a fault.
 */
#include "log/append_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/replace.h"

int
lam_append_read_schema(struct lam_append *a, struct lam_error *e)
{
	bool segments = false;
	bool found;
	int rc;

	lam_arena_reset(&a->arena);
	a->name = NULL;
	a->map = NULL;
	rc = lam_schema_read(a->dir, &a->arena, &a->schema, &found, e);
	a->has_schema = found && a->schema.n > 0;
	if (!rc && !found)
		rc = lam_segment_any(a->dir, &segments, e);
	if (!rc && segments)
		rc = lam_fail(e, LAM_DATA, "%s/schema: missing: write a line "
			"\"name type\" for each field, as after \"field\" in "
			"the header of the last segment", a->dir);
	return rc;
}

bool
lam_append_has_schema(const struct lam_append *a)
{
	return a->has_schema;
}

const struct lam_schema *
lam_append_schema(const struct lam_append *a)
{
	return &a->schema;
}

/* Under the lock: append the lines of NEW to the schema file.  The text that
 * is there stays as it is, comments and all. */
static int
extend_schema(struct lam_append *a, const struct lam_schema *new,
	struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_io_path(path, sizeof path, e, "%s/schema", a->dir);
	if (!rc && lam_io_exists(path))
		rc = lam_io_slurp(path, LAM_SCHEMA_MAX, &b, e);
	if (!rc && b.n && b.p[b.n - 1] != '\n')
		lam_buf_putc(&b, '\n');
	lam_schema_print(new, &b);
	if (!rc)
		rc = lam_buf_check(&b, e);
	if (!rc)
		rc = lam_replace_with(path, b.p, b.n, e);
	if (!rc)
		rc = lam_append_read_schema(a, e);
	lam_buf_release(&b);
	return rc;
}

int
lam_append_set_schema(struct lam_append *a, const struct lam_schema *s,
	struct lam_error *e)
{
	int rc;

	rc = lam_append_lock(a, e);
	if (!rc)
		rc = lam_append_read_schema(a, e);
	if (!rc && a->has_schema)
		rc = lam_fail(e, LAM_USAGE, "%s/schema: the stream has a "
			"schema already: edit that file", a->dir);
	if (!rc)
		rc = extend_schema(a, s, e);
	lam_append_unlock(a);
	return rc;
}

int
lam_append_set_input(struct lam_append *a, const struct lam_buf *before,
	const struct lam_buf *text, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	int rc;

	rc = lam_io_path(path, sizeof path, e, "%s/input", a->dir);
	if (!rc)
		rc = lam_append_lock(a, e);
	if (!rc && lam_io_exists(path))
		rc = lam_io_slurp(path, LAM_SCHEMA_MAX, &b, e);
	if (!rc && (b.n != before->n || (b.n && memcmp(b.p, before->p, b.n))))
		rc = lam_fail(e, LAM_DATA, "%s: was changed meanwhile: try again",
			path);
	if (!rc)
		rc = lam_replace_with(path, text->p, text->n, e);
	lam_append_unlock(a);
	lam_buf_release(&b);
	return rc;
}

/* Which of the N fields is column c: a->map. */
static int
match_columns(struct lam_append *a, const struct lam_field *field, size_t n,
	struct lam_error *e)
{
	const char **name = LAM_ARENA_NEW(&a->arena, const char *, n);

	a->map = LAM_ARENA_NEW(&a->arena, uint32_t, a->schema.n + 1);
	if (!name || !a->map)
		return lam_fail_mem(e);
	for (size_t i = 0; i < n; i++)
		name[i] = field[i].name;
	return lam_schema_match(&a->schema, name, n, a->map, e);
}

/* Under the lock: put those of FIELD into the schema that it lacks. */
static int
add_fields(struct lam_append *a, const struct lam_field *field, size_t n,
	struct lam_error *e)
{
	struct lam_schema new = { calloc(n, sizeof *new.field), 0 };
	bool *known = calloc(n, sizeof *known);
	int rc;

	rc = new.field && known ? match_columns(a, field, n, e) :
		lam_fail_mem(e);
	for (size_t c = 0; !rc && c < a->schema.n; c++)
		if (a->map[c] != UINT32_MAX)
			known[a->map[c]] = true;
	for (size_t i = 0; !rc && i < n; i++) {
		if (known[i])
			continue;
		new.field[new.n] = field[i];
		/* An event time is chosen once, for a whole schema. */
		new.field[new.n++].event &= !a->has_schema;
	}
	if (!rc && a->schema.n + new.n > LAM_FIELDS_MAX)
		rc = lam_fail(e, LAM_USAGE, "%s: %zu more fields would make "
			"more than %d", a->dir, new.n, LAM_FIELDS_MAX);
	else if (!rc && new.n)
		rc = extend_schema(a, &new, e);
	free(known);
	free(new.field);
	return rc;
}

/* The columns of blocks are those of the schema. */
static int
set_names(struct lam_append *a, struct lam_error *e)
{
	a->name = LAM_ARENA_NEW(&a->arena, const char *, a->schema.n + 1);
	if (!a->name)
		return lam_fail_mem(e);
	for (size_t c = 0; c < a->schema.n; c++)
		a->name[c] = a->schema.field[c].name;
	return LAM_OK;
}

int
lam_append_no_fields(struct lam_append *a, struct lam_error *e)
{
	const struct lam_schema none = { NULL, 0 };
	int rc;

	rc = lam_append_lock(a, e);
	if (!rc)
		rc = lam_append_read_schema(a, e);
	if (!rc && !a->has_schema)
		rc = extend_schema(a, &none, e);
	if (!rc)
		rc = set_names(a, e);
	lam_append_unlock(a);
	return rc;
}

int
lam_append_fields(struct lam_append *a, const struct lam_field *field,
	size_t n, struct lam_error *e)
{
	int rc;

	rc = lam_schema_check_names(field, n, e);
	if (rc)
		return rc;
	rc = lam_append_lock(a, e);
	if (!rc)
		rc = lam_append_read_schema(a, e);
	if (!rc)
		rc = add_fields(a, field, n, e);
	lam_append_unlock(a);
	if (!rc)
		rc = match_columns(a, field, n, e);
	return rc ? rc : set_names(a, e);
}

size_t
lam_append_layout(const struct lam_append *a, const uint32_t **map,
	const char *const **name)
{
	*name = (const char *const *)a->name;
	*map = a->map;
	return a->map ? a->schema.n : 0;
}
