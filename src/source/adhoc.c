/*
 * adhoc.c - files and standard input as a relation
 *
 * The first chunk is parsed with all its fields, because its values say what
 * types they are; later ones only with the fields the query reads.
 */
#include "source/adhoc_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "base/dir.h"
#include "base/io.h"
#include "base/progress.h"
#include "input/settings.h"
#include "partial/record_rows.h"

/* The names of S are fields of the inputs, whether or not their first records
 * have them. */
static int
know_names(struct lam_adhoc *a, const struct lam_schema *s, struct lam_error *e)
{
	const char **name = LAM_ARENA_NEW(&a->arena, const char *, s->n + 1);

	if (!name)
		return lam_fail_mem(e);
	for (size_t i = 0; i < s->n; i++)
		name[i] = s->field[i].name;
	a->options.input.known = name;
	a->options.input.nknown = s->n;
	return LAM_OK;
}

/* The schema file, to a->given. */
static int
read_schema(struct lam_adhoc *a, struct lam_error *e)
{
	struct lam_buf text = LAM_BUF_INIT;
	int rc;

	rc = lam_io_slurp_given(a->options.schema, LAM_SCHEMA_MAX, &text, e);
	if (!rc)
		rc = lam_buf_check(&text, e);
	if (!rc)
		rc = lam_schema_parse((struct lam_str){ text.p ? text.p : "",
			text.n }, a->options.schema, &a->arena, &a->given, e);
	lam_buf_release(&text);
	return rc ? rc : know_names(a, &a->given, e);
}

/* A message says which fields of the schema file no input has: a slip of the pen. */
static void
tell_unused(struct lam_adhoc *a)
{
	struct lam_buf names = LAM_BUF_INIT;

	for (size_t i = 0; a->schema.n && i < a->given.n; i++) {
		const char *name = a->given.field[i].name;

		if (lam_schema_find(&a->schema, name, strlen(name)) < 0)
			lam_adhoc_list_name(&names, name);
	}
	if (names.n)
		lam_buf_printf(&a->missing, "%s: has types of fields that %s has "
			"not (%s)\n", a->options.schema,
			lam_adhoc_label(a->file->path), lam_buf_str(&names));
	lam_buf_release(&names);
}

/* Types of the schema file for the fields the input names, else those of the format. */
static int
apply_schema(struct lam_adhoc *a, const char *const *names, size_t n,
	struct lam_error *e)
{
	const struct lam_coltype *types = lam_input_types(a->file->in);

	a->schema.field = LAM_ARENA_NEW(&a->arena, struct lam_field, n + 1);
	if (!a->schema.field)
		return lam_fail_mem(e);
	a->schema.n = n;
	for (size_t i = 0; i < n; i++) {
		int f = lam_schema_find(&a->given, names[i], strlen(names[i]));

		if (types[i].type < LAM_TYPES)
			a->schema.field[i].type = types[i];
		if (f >= 0)
			a->schema.field[i] = a->given.field[f];
		a->schema.field[i].name = names[i];
	}
	tell_unused(a);
	return LAM_OK;
}

/* Names outlive the input they come from. */
static int
own_names(struct lam_adhoc *a, struct lam_error *e)
{
	for (size_t i = 0; i < a->schema.n; i++) {
		const char *name = a->schema.field[i].name;

		name = lam_arena_dup(&a->arena, name, strlen(name));
		if (!name)
			return lam_fail_mem(e);
		a->schema.field[i].name = name;
	}
	return LAM_OK;
}

/* Parse the first chunk of records, learn the schema. */
static int
learn(struct lam_adhoc *a, struct lam_error *e)
{
	const char *const *names;
	uint64_t blank;
	size_t n;
	int rc = lam_adhoc_first_file(a, &names, &n, e);

	if (!rc && a->have_first) {
		a->first.file = a->file;
		a->file->refs++;
		a->first.ticket = a->tickets++;
		rc = lam_input_parse(a->file->in, &a->first.chunk, NULL,
			&a->first.cells, &blank, e);
	}
	if (rc)
		return rc;
	if (a->options.schema)
		rc = apply_schema(a, names, n, e);
	else
		rc = lam_schema_sniff(&a->first.cells, NULL, names,
			lam_input_types(a->file->in), n, NULL, &a->arena,
			&a->schema, e);
	if (!rc)
		rc = own_names(a, e);
	a->options.input.known_only = true; /* of later files, others are not asked */
	return rc ? rc : know_names(a, &a->schema, e);
}

/* How much there is to read, if all of it is in files. */
static void
expect(const struct lam_names *path)
{
	uint64_t bytes = 0;
	struct stat st;

	for (size_t i = 0; i < path->n; i++) {
		if (stat(path->name[i], &st) || !S_ISREG(st.st_mode))
			return;
		bytes += (uint64_t)st.st_size;
	}
	lam_progress_expect(0, bytes);
}

int
lam_adhoc_open(struct lam_adhoc **out, const char *const *path, size_t n,
	const struct lam_adhoc_options *o, struct lam_error *e)
{
	struct lam_adhoc *a = calloc(1, sizeof *a);
	int rc;

	*out = NULL;
	if (!a)
		return lam_fail_mem(e);
	a->arena = (struct lam_arena)LAM_ARENA_INIT;
	a->options = *o;
	a->first.chunk = (struct lam_chunk)LAM_CHUNK_INIT;
	a->patience = -1;
	pthread_mutex_init(&a->reading, NULL);
	pthread_mutex_init(&a->numbering, NULL);
	pthread_cond_init(&a->turned, NULL);
	rc = lam_io_glob(path, n, &a->path, e);
	expect(&a->path);
	a->options.input.one_of_several = a->path.n > 1;
	if (!rc)
		rc = lam_settings_own(&a->options.input, o->data, &a->arena, e);
	if (a->options.input.origin) /* nothing is kept, so no time of that */
		a->options.input.origin = LAM_ORIGIN_PLACE;
	if (!rc && o->fields)
		rc = lam_input_list_fields(&a->options.input, o->fields,
			&a->arena, e);
	if (!rc && o->schema)
		rc = read_schema(a, e);
	if (!rc && a->options.input.zone)
		rc = lam_zone_open_given(&a->zone, a->options.input.zone, e);
	if (!rc)
		rc = learn(a, e);
	if (rc)
		lam_adhoc_free(a);
	else
		*out = a;
	return rc;
}

void
lam_adhoc_free(struct lam_adhoc *a)
{
	if (!a)
		return;
	for (unsigned i = 0; a->slot && i < a->workers; i++) {
		lam_adhoc_let_go(a, &a->slot[i]);
		lam_chunk_release(&a->slot[i].chunk);
	}
	lam_adhoc_let_go(a, &a->first);
	lam_chunk_release(&a->first.chunk);
	/* The reader's own hold on the current file. */
	a->first.file = a->file;
	lam_adhoc_let_go(a, &a->first);
	free(a->slot);
	lam_zone_close(a->zone);
	lam_bad_release(&a->bad);
	lam_buf_release(&a->told);
	lam_buf_release(&a->missing);
	lam_buf_release(&a->left_out);
	pthread_mutex_destroy(&a->reading);
	pthread_mutex_destroy(&a->numbering);
	pthread_cond_destroy(&a->turned);
	lam_arena_release(&a->arena);
	lam_names_release(&a->path);
	free(a);
}

const struct lam_schema *
lam_adhoc_schema(const struct lam_adhoc *a)
{
	return &a->schema;
}

bool
lam_adhoc_untyped(const struct lam_adhoc *a)
{
	return !a->have_first && !a->options.schema && a->file &&
		a->file->in && lam_input_is_named(a->file->in);
}

int
lam_adhoc_bound(const struct lam_adhoc *a, int rc, bool absent,
	struct lam_error *e)
{
	if (rc != LAM_USAGE || absent || !a || a->have_first || a->options.schema)
		return rc;
	*e = (struct lam_error)LAM_ERROR_INIT;
	return lam_fail(e, LAM_NOTHING, "%s: there is a header line, but no "
		"record: the types of its fields are not known (give --schema)",
		lam_adhoc_label(a->file ? a->file->path : a->path.name[0]));
}

uint64_t
lam_adhoc_rejected(const struct lam_adhoc *a)
{
	return a->rejected;
}

uint64_t
lam_adhoc_records(const struct lam_adhoc *a)
{
	return a->rows;
}

/* -------------------------------------------------------------- the source */

/* N NULLs: a field this input does not have. */
static int
absent(uint32_t n, uint8_t type, struct lam_arena *arena,
	struct lam_vec *out, struct lam_error *e)
{
	static const uint8_t null[1] = { 1 };
	struct lam_vec *one = LAM_ARENA_NEW(arena, struct lam_vec, 1);
	struct lam_str *zero = LAM_ARENA_NEW(arena, struct lam_str, 1);

	if (!one || !zero)
		return lam_fail_mem(e);
	*one = (struct lam_vec){ .type = type, .rep = LAM_FLAT, .n = 1,
		.null = null, .str = zero };
	*out = (struct lam_vec){ .type = type, .rep = LAM_CONST, .n = n,
		.dict = one };
	return LAM_OK;
}

static int
load(struct lam_batch *b, uint32_t f, bool raw, struct lam_vec *out,
	uint64_t *bad, struct lam_error *e)
{
	struct lam_adhoc_slot *s = b->state;
	struct lam_adhoc *a = s->owner;
	struct lam_coltype t = a->schema.field[f].type;
	uint32_t column = s->file->column[f];
	uint64_t before = *bad;
	int rc;

	if (raw)
		t = (struct lam_coltype){ LAM_TEXT, 0 };
	if (column == UINT32_MAX)
		return absent(b->n, t.type, b->arena, out, e);
	rc = lam_cells_load(&s->cells, column, t, b->arena, out, bad, e);
	/* A field of a live chunk may be loaded for the probe and for the query. */
	if (!s->loaded || !s->loaded[f])
		lam_bad_add(&a->bad, f, *bad - before);
	if (s->loaded)
		s->loaded[f] = true;
	return rc;
}

static void
fill_batch(struct lam_batch *b, struct lam_adhoc_slot *s)
{
	b->n = s->cells.nrows;
	b->state = s;
	b->load = load;
	b->range = NULL;
}

static int
next(struct lam_source *src, unsigned worker, struct lam_batch *b, bool *got,
	struct lam_error *e)
{
	struct lam_adhoc *a = src->state;
	int rc;

	rc = lam_adhoc_read(a, &a->slot[worker], &b->pos, got, e);
	if (!rc && *got)
		fill_batch(b, &a->slot[worker]);
	return rc;
}

static int
chunk_next(struct lam_source *src, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct lam_adhoc *a = src->state;

	(void)worker;
	(void)e;
	pthread_mutex_lock(&a->reading);
	*got = a->chunk_ready && a->slot[0].cells.nrows;
	a->chunk_ready = false;
	pthread_mutex_unlock(&a->reading);
	if (*got)
		fill_batch(b, &a->slot[0]);
	b->pos = a->slot[0].pos;
	return LAM_OK;
}

/* The file opened for the schema learns which of its fields are wanted. */
static int
want_fields(struct lam_adhoc *a, struct lam_error *e)
{
	struct adhoc_file *f = a->file;
	const char *const *name;
	size_t n;

	if (!f)
		return LAM_OK;
	n = lam_input_fields(f->in, &name);
	free(f->column);
	free(f->want);
	f->nfields = (uint32_t)n;
	f->column = malloc((n + 1) * sizeof *f->column);
	f->want = calloc(n + 1, sizeof *f->want);
	if (!f->column || !f->want)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < n; i++) { /* the schema is this file's */
		f->column[i] = i;
		f->want[i] = a->used[i];
	}
	return LAM_OK;
}

int
lam_adhoc_source(struct lam_adhoc *a, const bool *used, unsigned workers,
	struct lam_source **out, struct lam_error *e)
{
	int rc;

	a->used = used;
	rc = want_fields(a, e);
	if (!rc)
		rc = lam_bad_init(&a->bad, (uint32_t)a->schema.n, e);
	if (rc)
		return rc;
	a->slot = calloc(workers + 1, sizeof *a->slot);
	if (!a->slot)
		return lam_fail_mem(e);
	a->workers = workers;
	for (unsigned i = 0; i < workers; i++) {
		a->slot[i].owner = a;
		a->slot[i].chunk = (struct lam_chunk)LAM_CHUNK_INIT;
	}
	a->source = (struct lam_source){ .state = a, .next = next };
	a->chunk_source = (struct lam_source){ .state = a,
		.next = chunk_next };
	*out = &a->source;
	return LAM_OK;
}

int
lam_adhoc_chunk(struct lam_adhoc *a, int patience, struct lam_cells **cells,
	enum lam_got *how, struct lam_error *e)
{
	struct lam_adhoc_slot *s = &a->slot[0];
	bool got;
	int rc;

	*cells = &s->cells;
	if (!s->loaded)
		s->loaded = LAM_ARENA_NEW(&a->arena, bool, a->schema.n + 1);
	if (!s->loaded)
		return lam_fail_mem(e);
	memset(s->loaded, 0, a->schema.n);
	a->live = true;
	a->patience = patience;
	rc = lam_adhoc_read(a, s, &s->pos, &got, e);
	*how = got ? LAM_GOT_BYTES : a->quiet ? LAM_GOT_NOTHING : LAM_GOT_END;
	return rc;
}

struct lam_source *
lam_adhoc_chunk_source(struct lam_adhoc *a)
{
	a->chunk_ready = true;
	return &a->chunk_source;
}

void
lam_adhoc_rows_asked(struct lam_adhoc *a)
{
	a->rows_asked = true;
}

static uint64_t
count_bad(const struct lam_adhoc *a)
{
	uint64_t n = 0;

	for (uint32_t f = 0; f < a->bad.n; f++)
		n += atomic_load_explicit(&a->bad.count[f],
			memory_order_relaxed);
	return n;
}

bool
lam_adhoc_untold(const struct lam_adhoc *a)
{
	return a->missing.n || a->rejected != a->told_rejected ||
		a->headers != a->told_headers ||
		count_bad(a) != a->told_bad;
}

void
lam_adhoc_report(struct lam_adhoc *a, const struct lam_messages *messages)
{
	struct lam_input_field *field;
	struct lam_str rest = { a->told.n ? a->told.p : NULL, a->told.n };
	struct lam_str line;

	while (rest.n && lam_str_cut(&rest, '\n', &line))
		lam_message(messages, "%.*s: not a record", (int)line.n, line.p);
	rest = (struct lam_str){ a->missing.p, a->missing.n };
	while (rest.n && lam_str_cut(&rest, '\n', &line))
		lam_message(messages, "%.*s", (int)line.n, line.p);
	lam_buf_clear(&a->told);
	lam_buf_clear(&a->missing);
	if (a->rejected > REJECTS_TOLD && a->rejected != a->told_rejected)
		lam_message(messages, "%" PRIu64 " lines are no records",
			a->rejected);
	a->told_rejected = a->rejected;
	if (a->headers != a->told_headers)
		lam_message(messages, "%" PRIu64 " line%s more %s the header: "
			"skipped", a->headers, a->headers == 1 ? "" : "s",
			a->headers == 1 ? "is" : "are");
	a->told_headers = a->headers;
	if (count_bad(a) == a->told_bad)
		return;
	a->told_bad = count_bad(a);
	field = calloc(a->schema.n + 1, sizeof *field);
	if (!field)
		return;
	for (size_t i = 0; i < a->schema.n; i++) {
		field[i].name = a->schema.field[i].name;
		field[i].type = a->schema.field[i].type;
	}
	lam_bad_report(&a->bad, a->path.n == 1 ? lam_adhoc_label(a->path.name[0]) :
		"input", field, messages);
	free(field);
}
