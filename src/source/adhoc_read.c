/*
 * adhoc_read.c - chunks of the inputs, parsed in parallel, numbered in order
 *
 * A worker claims a chunk under one mutex and gets a ticket, parses outside of
 * it, then waits under another for its turn: the number of records of all earlier
 * chunks is known when these have been parsed, and gives the position of its
 * first.  Claims are in order and parsing takes about as long for each, so nobody
 * waits much, and positions are the ordinals they would be in a log, whatever
 * the threads.  Two mutexes, because a claim of compressed text takes longer
 * than all the rest, and a worker that has parsed goes on meanwhile.
 *
 * A file that can be cut into pieces (input/piece.h) is read outside of the mutex, too;
 * a claim is only told where its piece is.  Its lines are numbered when its turn has
 * come, as its records are.  When a piece turns out to have a rest, what others made of
 * pieces behind it is dropped in its turn, and the next claim reads on at the rest.
 */
#include "source/adhoc_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/progress.h"
#include "input/piece.h"
#include "input/zone_cells.h"

/* Text and cells of so many stay in the processor's caches between the steps: a
 * seventh faster than in chunks of a block, in half the memory. */
#define CHUNK_ROWS 16384
#define NAMES_TOLD 400 /* bytes */

const char *
lam_adhoc_label(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

static void
unref(struct adhoc_file *f)
{
	if (!f || --f->refs)
		return;
	lam_input_close(f->in);
	free(f->column);
	free(f->want);
	free(f);
}

void
lam_adhoc_let_go(struct lam_adhoc *a, struct lam_adhoc_slot *s)
{
	pthread_mutex_lock(&a->reading);
	unref(s->file);
	s->file = NULL;
	pthread_mutex_unlock(&a->reading);
}

void
lam_adhoc_list_name(struct lam_buf *names, const char *name)
{
	if (names->n < NAMES_TOLD)
		lam_buf_printf(names, "%s%.80s", names->n ? ", " : "", name);
}

/* F has none of the wanted columns; a message says so. */
static void
tell_missing(struct lam_adhoc *a, const struct adhoc_file *f)
{
	struct lam_buf names = LAM_BUF_INIT;

	for (size_t i = 0; i < a->schema.n; i++) {
		if (!a->used || !a->used[i])
			continue;
		if (f->column[i] != UINT32_MAX) {
			lam_buf_release(&names);
			return;
		}
		lam_adhoc_list_name(&names, a->schema.field[i].name);
	}
	if (names.n)
		lam_buf_printf(&a->missing, "%s: has none of the columns asked "
			"for (%s): they are NULL in its records\n",
			lam_adhoc_label(f->path), lam_buf_str(&names));
	lam_buf_release(&names);
}

/* Who asks for rows of all columns is told which of F's, NAME[0..n-1], are none: once
 * of files one after the other that have the same. */
static void
tell_left_out(struct lam_adhoc *a, const struct adhoc_file *f,
	const char *const *name, size_t n)
{
	struct lam_buf names = LAM_BUF_INIT;

	for (size_t i = 0; i < a->schema.n; i++)
		if (!a->rows_asked || !a->used[i])
			return;
	for (size_t i = 0; i < n; i++)
		if (!f->want[i])
			lam_adhoc_list_name(&names, name[i]);
	if (names.n && !(a->left_out.n == names.n &&
		!memcmp(a->left_out.p, names.p, names.n)))
		lam_buf_printf(&a->missing, "%s: has columns that the first file "
			"has not (%s): they are left out\n",
			lam_adhoc_label(f->path), lam_buf_str(&names));
	lam_buf_release(&a->left_out);
	a->left_out = names;
}

/* Match the input's fields with the schema by name. */
static int
map_fields(struct lam_adhoc *a, struct adhoc_file *f, struct lam_error *e)
{
	const char *const *name;
	size_t n = lam_input_fields(f->in, &name);

	f->nfields = (uint32_t)n;
	f->column = malloc((a->schema.n + 1) * sizeof *f->column);
	f->want = calloc(n + 1, sizeof *f->want);
	if (!f->column || !f->want)
		return lam_fail_mem(e);
	if (lam_schema_match(&a->schema, name, n, f->column, e))
		return LAM_SYSTEM;
	for (size_t i = 0; i < a->schema.n; i++)
		if (f->column[i] != UINT32_MAX)
			f->want[f->column[i]] = !a->used || a->used[i];
	if (n)
		tell_missing(a, f);
	tell_left_out(a, f, name, n);
	return LAM_OK;
}

int
lam_adhoc_next_file(struct lam_adhoc *a, struct lam_error *e)
{
	struct adhoc_file *f = calloc(1, sizeof *f);
	int rc;

	if (!f)
		return lam_fail_mem(e);
	f->path = a->path.name[a->nextpath++];
	rc = lam_input_open(&f->in, f->path, &a->options.input, e);
	if (rc) {
		free(f);
		return rc;
	}
	while (lam_input_choice(f->in, &a->missing))
		lam_buf_putc(&a->missing, '\n');
	f->refs = 1;
	a->file = f;
	return a->schema.n ? map_fields(a, f, e) : LAM_OK;
}

void
lam_adhoc_leave_file(struct lam_adhoc *a)
{
	unref(a->file);
	a->file = NULL;
}

/* While reading: the input reads on where a piece had a rest, if one had.  AT_END: all
 * pieces are to be numbered first. */
static int
join(struct lam_adhoc *a, bool at_end, struct lam_error *e)
{
	struct adhoc_file *f = a->file;
	bool torn;

	if (!f->split || f->joined)
		return LAM_OK;
	pthread_mutex_lock(&a->numbering);
	while (at_end && !a->failed && !f->torn && a->turn != a->tickets)
		pthread_cond_wait(&a->turned, &a->numbering);
	torn = f->torn;
	pthread_mutex_unlock(&a->numbering);
	if (!torn)
		return LAM_OK;
	f->joined = true;
	return lam_piece_resume(f->in, f->torn_at) ? LAM_OK :
		lam_fail_sys(e, "%s: cannot read", f->path);
}

/* While reading: the next piece of the file, or chunk. */
static int
claim_part(struct lam_adhoc *a, struct lam_chunk *c, bool *got,
	struct lam_error *e)
{
	struct adhoc_file *f = a->file;
	int rc = join(a, false, e);

	*got = !rc && !a->live && lam_piece_claim(f->in, c, CHUNK_ROWS);
	f->split |= *got;
	while (!rc && !*got) {
		bool settled = !f->split || f->joined;
		int late;

		rc = lam_input_next(f->in, c, CHUNK_ROWS, a->options.wait_ms,
			a->options.stop, got, e);
		if (settled || (!rc && *got))
			break;
		late = join(a, true, e);
		if (late || !f->joined) /* an end, or a fault, if there is no rest */
			return rc ? rc : late;
		rc = LAM_OK;
		*e = (struct lam_error)LAM_ERROR_INIT;
	}
	return rc;
}

/* While reading: the next chunk of whichever file has one. */
static int
claim(struct lam_adhoc *a, struct lam_adhoc_slot *s, bool *got,
	struct lam_error *e)
{
	int rc = LAM_OK;

	*got = false;
	while (!rc && !a->ended && !a->failed) {
		if (!a->file && a->nextpath == a->path.n) {
			a->ended = true;
			break;
		}
		if (!a->file) {
			rc = lam_adhoc_next_file(a, e);
			continue;
		}
		lam_input_patience(a->file->in, a->patience);
		rc = claim_part(a, &s->chunk, got, e);
		a->quiet = !rc && !*got && lam_input_quiet(a->file->in);
		if (a->quiet)
			return LAM_OK;
		if (!rc && *got) {
			s->file = a->file;
			s->file->refs++;
			s->joined = a->file->joined;
			s->ticket = a->tickets++;
			return LAM_OK;
		}
		if (!rc)
			lam_adhoc_leave_file(a);
	}
	return rc;
}

/* The chunk parsed for the schema goes to the first worker. */
static void
take_first(struct lam_adhoc *a, struct lam_adhoc_slot *s)
{
	lam_chunk_release(&s->chunk);
	s->chunk = a->first.chunk;
	s->cells = a->first.cells;
	s->file = a->first.file;
	s->ticket = a->first.ticket;
	a->first.chunk = (struct lam_chunk)LAM_CHUNK_INIT;
	a->first.file = NULL;
	a->have_first = false;
}

static void
tell_rejects(struct lam_adhoc *a, const struct lam_adhoc_slot *s)
{
	for (size_t i = 0; i < s->chunk.nrejects; i++)
		if (a->rejected++ < REJECTS_TOLD || a->options.all_rejects)
			lam_buf_printf(&a->told, "%s:%" PRIu64 ": %s\n",
				lam_adhoc_label(s->file->path),
				s->chunk.reject[i].line,
				s->chunk.reject[i].reason);
}

int
lam_adhoc_pass_file(struct lam_adhoc *a, struct lam_error *e)
{
	struct lam_adhoc_slot *s = &a->first;
	uint64_t blank;
	bool got = true;
	int rc = LAM_OK;

	s->file = a->file;
	while (!rc && got) {
		rc = lam_input_next(a->file->in, &s->chunk, CHUNK_ROWS, -1,
			a->options.stop, &got, e);
		if (!rc && got)
			rc = lam_input_parse(a->file->in, &s->chunk, NULL,
				&s->cells, &blank, e);
		if (!rc && got)
			tell_rejects(a, s);
	}
	s->file = NULL;
	return rc;
}

/* No input has a field. */
static int
fail_empty(const struct lam_adhoc *a, struct lam_error *e)
{
	struct lam_str rest = { a->told.p, a->told.n }, first;

	if (!a->rejected)
		return lam_fail(e, LAM_NOTHING, "%s: empty: there is no record "
			"and no header line", lam_adhoc_label(a->path.name[0]));
	(void)lam_str_cut(&rest, '\n', &first);
	return lam_fail(e, LAM_DATA, "%.*s: none of the lines (%" PRIu64 ") is a "
		"record of %s: name with -f what they are", (int)first.n, first.p,
		a->rejected, lam_input_format(a->file->in));
}

/* Open the first input that has fields. */
static int
find_fields(struct lam_adhoc *a, const char *const **names, size_t *n,
	struct lam_error *e)
{
	int rc;

	do { /* an empty file says nothing */
		lam_adhoc_leave_file(a);
		rc = lam_adhoc_next_file(a, e);
		if (rc)
			return rc;
		*n = lam_input_fields(a->file->in, names);
		if (!*n)
			rc = lam_adhoc_pass_file(a, e);
	} while (!rc && !*n && a->nextpath < a->path.n);
	return rc || *n ? rc : fail_empty(a, e);
}

int
lam_adhoc_first_file(struct lam_adhoc *a, const char *const **names, size_t *n,
	struct lam_error *e)
{
	struct adhoc_file *header = NULL; /* the first that has no more than that */
	struct lam_error why = LAM_ERROR_INIT;
	int rc;

	do {
		rc = find_fields(a, names, n, &why);
		if (!rc)
			rc = lam_input_next(a->file->in, &a->first.chunk,
				LAM_BLOCK_ROWS, a->options.wait_ms,
				a->options.stop, &a->have_first, &why);
		if (!rc && !a->have_first && !header) {
			header = a->file;
			header->refs++;
		}
	} while (!rc && !a->have_first && a->nextpath < a->path.n);
	if (header && !a->have_first && (!rc || rc == LAM_NOTHING)) {
		lam_adhoc_leave_file(a);
		a->file = header;
		*n = lam_input_fields(header->in, names);
		return LAM_OK;
	}
	unref(header);
	if (rc && e && !e->code)
		*e = why;
	return rc;
}

/* Nobody waits for a turn or a chunk any more. */
static void
fail(struct lam_adhoc *a)
{
	pthread_mutex_lock(&a->numbering);
	a->failed = true;
	pthread_cond_broadcast(&a->turned);
	pthread_mutex_unlock(&a->numbering);
}

/* The turn of S: it is dropped behind a rest, else its lines get their numbers. */
static void
settle(struct lam_adhoc_slot *s)
{
	struct adhoc_file *f = s->file;
	struct lam_chunk *c = &s->chunk;

	if (f->torn && !s->joined) {
		s->cells.nrows = 0;
		c->nrejects = 0;
		c->headers = c->lines = 0;
	} else if (c->rest) {
		f->torn = true;
		f->torn_at = c->to - c->rest;
	}
	if (!f->line)
		f->line = c->line;
	for (size_t i = 0; i < c->nrejects; i++)
		c->reject[i].line += f->line - c->line;
	f->line += c->lines;
}

/* Wait for the turn of S, number its records.  False: another one failed. */
static bool
number(struct lam_adhoc *a, struct lam_adhoc_slot *s, uint64_t *pos)
{
	bool ok;

	pthread_mutex_lock(&a->numbering);
	while (!a->failed && a->turn != s->ticket)
		pthread_cond_wait(&a->turned, &a->numbering);
	ok = !a->failed;
	if (ok) {
		settle(s);
		*pos = a->rows;
		a->rows += s->cells.nrows;
		lam_progress_add(s->cells.nrows, 0);
		a->turn++;
		a->headers += s->chunk.headers;
		tell_rejects(a, s);
		pthread_cond_broadcast(&a->turned);
	}
	pthread_mutex_unlock(&a->numbering);
	return ok;
}

/* Times without a zone get that of the options. */
static int
complete(const struct lam_adhoc *a, struct lam_adhoc_slot *s,
	struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t f = 0; a->zone && !rc && f < a->schema.n; f++) {
		struct lam_coltype t = a->schema.field[f].type;
		uint32_t column = s->file->column[f];

		if (t.type == LAM_TIME && !t.unit && column != UINT32_MAX &&
			s->cells.field[column])
			rc = lam_zone_cells(a->zone, &s->cells,
				s->cells.field[column], &s->chunk, e);
	}
	return rc;
}

/* The cells of S; a piece that cannot be read has none, and all of it is rest. */
static int
parse(struct lam_adhoc *a, struct lam_adhoc_slot *s, struct lam_error *e)
{
	uint64_t blank;
	int rc;

	s->cells.nrows = 0;
	if (s->chunk.to && !lam_piece_fetch(s->file->in, &s->chunk))
		return LAM_OK;
	rc = lam_input_parse(s->file->in, &s->chunk, s->file->want, &s->cells,
		&blank, e);
	return rc ? rc : complete(a, s, e);
}

int
lam_adhoc_read(struct lam_adhoc *a, struct lam_adhoc_slot *s, uint64_t *pos,
	bool *got, struct lam_error *e)
{
	bool parsed;
	int rc;

	do {
		pthread_mutex_lock(&a->reading);
		unref(s->file);
		s->file = NULL;
		parsed = a->have_first;
		rc = LAM_OK;
		*got = true;
		if (parsed)
			take_first(a, s);
		else
			rc = claim(a, s, got, e);
		pthread_mutex_unlock(&a->reading);
		if (!rc && *got)
			rc = parsed ? complete(a, s, e) : parse(a, s, e);
		if (rc)
			fail(a);
		if (rc || !*got)
			return rc;
		*got = number(a, s, pos);
	} while (*got && s->cells.nrows == 0 && !a->live);
	return LAM_OK;
}
