/*
 * records.c - records of a line each, or of several lines: --start
 *
 * Where a record ends depends on its text and on the line behind it alone, so scan,
 * which cuts the text into chunks, and the walk over a chunk find the same ends.  A
 * line for which the pattern takes too many steps stands alone, and is no record.
 */
#include "format/records.h"

#include "format/line.h"
#include "input/input_chunk.h"

int
lam_records_open(struct lam_records *r, const struct lam_input_options *o,
	struct lam_error *e)
{
	int rc;

	*r = (struct lam_records){ NULL, NULL };
	if (!o->start)
		return LAM_OK;
	rc = lam_pattern_new(&r->start, "--start ", o->start, false, e);
	return rc ? rc : lam_pattern_run_new(&r->run, r->start, e);
}

void
lam_records_close(struct lam_records *r)
{
	lam_pattern_run_free(r->run);
	lam_pattern_free(r->start);
}

/* The end of the line at P[AT], behind its newline; N: it has none. */
static size_t
line_end(const char *p, size_t at, size_t n)
{
	const char *end = memchr(p + at, '\n', n - at);

	return end ? (size_t)(end - p) + 1 : n;
}

/* P[N] less the end of a line. */
static struct lam_str
bare(const char *p, size_t n)
{
	n -= n && p[n - 1] == '\n';
	n -= n && p[n - 1] == '\r';
	return (struct lam_str){ p, n };
}

static enum lam_matched
starts(struct lam_pattern_run *run, const char *p, size_t n)
{
	const size_t *span;

	return lam_pattern_match(run, bare(p, n), &span);
}

/*
 * The end of the record at P[AT]; 0: it may go on behind P[N].  LAST: nothing comes
 * behind P[N].
 */
static size_t
record_end(struct lam_pattern_run *run, const char *p, size_t at, size_t n,
	bool last)
{
	size_t next = line_end(p, at, n), end;

	if (starts(run, p + at, next - at) == LAM_MATCH_STEPS)
		return next < n || last || p[n - 1] == '\n' ? next : 0;
	for (; next < n && next - at < LAM_RECORD_LINES; next = end) {
		end = line_end(p, next, n);
		if (end == n && !last && p[n - 1] != '\n')
			return 0;
		if (starts(run, p + next, end - next) != LAM_MATCH_NONE)
			return next;
	}
	return last || next - at >= LAM_RECORD_LINES ? next : 0;
}

int
lam_records_scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e)
{
	struct lam_records *r = own;

	if (!r->start)
		return lam_line_scan(NULL, p, n, last, max, x, e);
	*x = (struct lam_extent){ 0, 0, 0 };
	while (x->records < max && x->bytes < n) {
		size_t end = record_end(r->run, p, x->bytes, n, last);

		if (!end)
			break;
		x->lines += lam_count_lines(p + x->bytes, end - x->bytes);
		x->bytes = end;
		x->records++;
	}
	return LAM_OK;
}

bool
lam_records_parts(const void *own)
{
	const struct lam_records *r = own;

	return !r->start;
}

int
lam_record_walk_begin(struct lam_record_walk *w, const struct lam_records *r,
	struct lam_parse *x, struct lam_error *e)
{
	*w = (struct lam_record_walk){ .x = x, .next = x->line };
	return r->start ? lam_pattern_run_new(&w->start, r->start, e) : LAM_OK;
}

void
lam_record_walk_end(struct lam_record_walk *w)
{
	lam_pattern_run_free(w->start);
}

bool
lam_record_walk_next(struct lam_record_walk *w, struct lam_str *record)
{
	const char *p = w->x->text;
	size_t at = w->at, n = w->x->n;

	w->x->line = w->next;
	if (at >= n)
		return false;
	w->at = w->start ? record_end(w->start, p, at, n, true) :
		line_end(p, at, n);
	w->next += w->start ? lam_count_lines(p + at, w->at - at) : 1;
	*record = (struct lam_str){ p + at, w->at - at -
		(p[w->at - 1] == '\n') };
	w->why = NULL;
	if (!w->start)
		return true;
	switch (starts(w->start, p + at, line_end(p, at, w->at) - at)) {
	case LAM_MATCH:
		break;
	case LAM_MATCH_NONE:
		w->why = "is no start of a record, and there is none before it";
		break;
	default:
		w->why = "the pattern of --start takes too many steps, or the "
			"line is not UTF-8";
	}
	return true;
}
