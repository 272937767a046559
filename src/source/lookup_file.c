/*
 * lookup_file.c - a file of the user whose rows are looked up
 *
 * It is read twice at most.  When its bytes are new, for its columns and the types that
 * all values have, which are kept with its checksum as the lines of a schema (after
 * "rows N"), so a question that needs no row does not read it.  Then for its rows, when
 * a run evaluates them; the file must still be what it was.
 */
#include "source/lookup_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/seen_file.h"
#include "join/lookup_rows.h"
#include "source/adhoc.h"
#include "time/time.h"

struct place { /* of a file */
	const char *path, *data;
	struct lam_seen_file seen; /* its note is not used */
	struct lam_lookup_rows *rows;
};

/* A pass over the file. */
struct reading {
	struct lam_adhoc *in;
	struct lam_source *source;
	bool *used; /* all */
	struct lam_arena arena;
	struct lam_batch batch;
	struct lam_error why; /* the first line that is no record */
};

static void
note(void *arg, const char *text)
{
	struct reading *r = arg;

	(void)lam_fail(&r->why, LAM_DATA, "%s: a look-up file has a record in "
		"each line", text);
}

/* ORIGIN: of each record its line is a field, too. */
static int
begin(struct reading *r, const char *data, const char *path, bool origin,
	struct lam_error *e)
{
	struct lam_adhoc_options o = { .data = data, .wait_ms = -1 };
	size_t n;
	int rc;

	*r = (struct reading){ .arena = LAM_ARENA_INIT };
	o.input.format = "auto";
	o.input.origin = origin ? LAM_ORIGIN_PLACE : LAM_ORIGIN_NONE;
	rc = lam_adhoc_open(&r->in, &path, 1, &o, e);
	if (rc)
		return rc;
	n = lam_adhoc_schema(r->in)->n;
	r->used = calloc(n + 1, sizeof *r->used);
	if (!r->used)
		return lam_fail_mem(e);
	memset(r->used, 1, n);
	return lam_adhoc_source(r->in, r->used, 1, &r->source, e);
}

static int
next(struct reading *r, bool *got, struct lam_error *e)
{
	lam_arena_reset(&r->arena);
	r->batch = (struct lam_batch){ .arena = &r->arena };
	return r->source->next(r->source, 0, &r->batch, got, e);
}

/* All has been read: RC, or a line was no record. */
static int
end(struct reading *r, int rc, struct lam_error *e)
{
	struct lam_messages messages = { note, r };

	if (!rc && lam_adhoc_rejected(r->in)) {
		lam_adhoc_report(r->in, &messages);
		rc = lam_fail(e, LAM_DATA, "%s", r->why.msg);
	}
	lam_adhoc_free(r->in);
	free(r->used);
	lam_arena_release(&r->arena);
	return rc;
}

/* The columns, of types that all values have. */
static int
look(void *arg, const char *path, struct lam_buf *text, struct lam_error *e)
{
	const struct place *p = arg;
	struct lam_schema s = { NULL, 0 };
	struct lam_vec v;
	struct reading r;
	uint64_t rows = 0;
	bool got = true;
	struct lam_error why = LAM_ERROR_INIT;
	int rc = begin(&r, p->data, path, false, &why);

	if (rc == LAM_NOTHING)
		rc = lam_fail(e, LAM_DATA, "%s: is empty: a look-up file has "
			"at least the names of its columns", path);
	else if (rc && e && !e->code)
		*e = why;
	if (!rc)
		s = *lam_adhoc_schema(r.in);
	while (!rc && (rc = next(&r, &got, e)) == LAM_OK && got) {
		rows += r.batch.n;
		for (uint32_t f = 0; !rc && f < s.n; f++) {
			uint64_t bad = 0;

			if (s.field[f].type.type == LAM_TEXT)
				continue;
			rc = r.batch.load(&r.batch, f, false, &v, &bad, e);
			if (bad)
				s.field[f].type = (struct lam_coltype){
					LAM_TEXT, 0 };
		}
	}
	lam_buf_printf(text, "rows %" PRIu64 "\n", rows);
	if (!rc)
		lam_schema_print(&s, text);
	return end(&r, rc, e);
}

/* The lines of two rows, from another pass. */
static int
find_lines(const struct place *p, const uint32_t row[2], uint64_t line[2],
	struct lam_error *e)
{
	char scratch[LAM_NUM_TEXT + LAM_TIME_TEXT];
	struct lam_vec v;
	struct reading r;
	uint64_t at = 0, bad;
	bool got = true;
	int rc = begin(&r, p->data, p->path, true, e);
	int f = rc ? -1 : lam_schema_find(lam_adhoc_schema(r.in), "_line", 5);

	while (!rc && f >= 0 && (rc = next(&r, &got, e)) == LAM_OK && got) {
		rc = r.batch.load(&r.batch, (uint32_t)f, true, &v, &bad, e);
		for (int i = 0; !rc && i < 2; i++)
			if (row[i] >= at && row[i] - at < v.n)
				(void)lam_str_u64(lam_vec_print(&v, (uint32_t)
					(row[i] - at), scratch), &line[i]);
		at += r.batch.n;
	}
	return end(&r, rc, e);
}

/* Two rows have one key, if any have: tell. */
static int
check_twice(struct lam_ref_file *f, struct lam_error *e)
{
	const struct place *p = f->state;
	struct lam_buf key = LAM_BUF_INIT;
	uint64_t line[2] = { 0, 0 };
	uint32_t row[2];
	int rc;

	if (!lam_lookup_rows_twice(p->rows, row))
		return LAM_OK;
	lam_lookup_rows_key(p->rows, row[0], &key);
	rc = find_lines(p, row, line, e);
	if (!rc)
		rc = lam_fail(e, LAM_DATA, "%s: lines %" PRIu64 " and %" PRIu64
			" both have the key %.200s: a record is looked up by "
			"it, so each comes once", p->path, line[0], line[1],
			lam_buf_str(&key));
	lam_buf_release(&key);
	return rc;
}

/* All rows of R to p->rows. */
static int
read_rows(struct lam_ref_file *f, struct reading *r, uint64_t memory,
	struct lam_error *e)
{
	struct place *p = f->state;
	struct lam_vec *column = calloc(f->nfields + 1, sizeof *column);
	uint64_t bad = 0;
	bool got = true;
	int rc = column ? LAM_OK : lam_fail_mem(e);

	while (!rc && (rc = next(r, &got, e)) == LAM_OK && got) {
		for (uint32_t c = 0; !rc && c < f->nfields; c++)
			if (f->used[c])
				rc = r->batch.load(&r->batch, c, f->field[c]
					.type.type == LAM_TEXT, &column[c],
					&bad, e);
		if (!rc)
			rc = lam_lookup_rows_add(p->rows, column, r->batch.n,
				&r->arena, e);
		if (!rc && memory && lam_lookup_rows_memory(p->rows) > memory)
			rc = lam_fail(e, LAM_SYSTEM, "%s: what is looked up "
				"there does not fit in memory: give more "
				"--memory", p->path);
	}
	free(column);
	if (!rc && bad)
		rc = lam_fail(e, LAM_DATA, "%s: was changed while it was read: "
			"run again", p->path);
	return rc;
}

static void
close_file(struct lam_ref_file *f)
{
	struct place *p = f->state;

	lam_lookup_rows_free(p->rows);
	p->rows = NULL;
}

static int
open_file(struct lam_ref_file *f, uint64_t memory, struct lam_error *e)
{
	struct place *p = f->state;
	struct lam_error why = LAM_ERROR_INIT;
	struct reading r;
	int rc = lam_lookup_rows_new(&p->rows, f, e);

	if (!rc)
		rc = lam_seen_file_same(&p->seen, p->path, e);
	if (!rc) {
		rc = begin(&r, p->data, p->path, false, &why);
		if (!rc && lam_adhoc_schema(r.in)->n != f->nfields)
			rc = lam_fail(&why, LAM_DATA, "%s: its columns are "
				"others now: run again", p->path);
		if (!rc)
			rc = read_rows(f, &r, memory, &why);
		rc = end(&r, rc, &why);
		if (!rc)
			rc = check_twice(f, &why);
		/* That it was changed explains all the rest. */
		if (lam_seen_file_same(&p->seen, p->path, e))
			rc = e ? e->code : LAM_DATA;
		else if (rc && e && !e->code)
			*e = why;
	}
	if (!rc)
		rc = lam_lookup_rows_end(p->rows, &f->rows, e);
	if (rc)
		close_file(f);
	else
		f->rows->bytes = lam_lookup_rows_memory(p->rows);
	return rc;
}

int
lam_lookup_file_check(struct lam_ref_file *f, struct lam_error *e)
{
	const struct place *p = f->state;
	struct lam_seen_file now = LAM_SEEN_FILE_INIT;
	int rc = lam_seen_file(&now, p->path, f->name, NULL, NULL, NULL, NULL,
		e);

	if (!rc && now.hash != f->hash)
		rc = lam_fail(e, LAM_DATA, "%s/seen: the checksum that is kept "
			"of %s is wrong: delete the directory", p->data,
			p->path);
	if (!rc)
		rc = f->open(f, 0, e);
	if (!rc)
		f->close(f);
	f->rows = NULL;
	return rc;
}

/* The columns that TEXT, a note, names. */
static int
parse_note(struct lam_ref_file *f, struct lam_str text, const char *path,
	struct lam_arena *a, struct lam_error *e)
{
	struct lam_schema s = { NULL, 0 };
	struct lam_str first;
	int rc;

	if (!lam_str_cut(&text, '\n', &first) || !text.p)
		return lam_fail(e, LAM_DATA, "%s: has no columns", path);
	f->empty = lam_str_is(first, "rows 0");
	rc = lam_schema_parse(text, path, a, &s, e);
	f->nfields = (uint32_t)s.n;
	f->field = LAM_ARENA_NEW(a, struct lam_input_field, s.n + 1);
	f->used = LAM_ARENA_NEW(a, bool, s.n + 1);
	if (!rc && (!f->field || !f->used))
		rc = lam_fail_mem(e);
	for (uint32_t i = 0; !rc && i < f->nfields; i++) {
		f->field[i].name = s.field[i].name;
		f->field[i].type = s.field[i].type;
	}
	return rc;
}

/* NAME as a path: where a name begins in the dataset, it does for all programs. */
static int
find_path(const char *data, const char *name, struct lam_arena *a,
	const char **out, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int rc;

	if (strpbrk(name, "*?[") || !strcmp(name, "-"))
		return lam_fail(e, LAM_USAGE, "'%s': a look-up file is one file, "
			"which is named", name);
	rc = *name == '/' || !data ? lam_io_path(path, sizeof path, e, "%s",
		name) : lam_io_path(path, sizeof path, e, "%s/%s", data, name);
	if (rc)
		return rc;
	*out = lam_arena_dup(a, path, strlen(path));
	return *out ? LAM_OK : lam_fail_mem(e);
}

int
lam_lookup_file(const char *data, const char *name, struct lam_arena *a,
	struct lam_ref_file **out, struct lam_error *e)
{
	struct lam_ref_file *f = LAM_ARENA_NEW(a, struct lam_ref_file, 1);
	struct place *p = LAM_ARENA_NEW(a, struct place, 1);
	char kept[LAM_PATH_MAX];
	int rc = LAM_OK;

	if (!f || !p)
		return lam_fail_mem(e);
	*f = (struct lam_ref_file){ .name = name, .open = open_file,
		.close = close_file, .state = p };
	p->data = data;
	if (data)
		rc = lam_io_path(kept, sizeof kept, e, "%s/seen", data);
	if (!rc)
		rc = find_path(data, name, a, &p->path, e);
	if (!rc)
		rc = lam_seen_file(&p->seen, p->path, name, data,
			data ? kept : NULL, look, p, e);
	if (rc == LAM_SYSTEM && e && e->sys == ENOENT && data && *name != '/') {
		*e = (struct lam_error)LAM_ERROR_INIT;
		rc = lam_fail(e, LAM_SYSTEM, "%s: there is no such file: a name "
			"that does not begin with / is of the dataset",
			p->path);
		e->sys = ENOENT;
	}
	if (!rc)
		rc = parse_note(f, (struct lam_str){ p->seen.note.p,
			p->seen.note.n }, p->path, a, e);
	f->hash = p->seen.hash;
	lam_seen_file_release(&p->seen);
	*out = f;
	return rc;
}
