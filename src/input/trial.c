/*
 * trial.c - the first lines of a text, read as a format on trial
 *
 * By the format's own parser, on an input that has nothing but this text: so a trial
 * says just what a run would.  And lines are compared with the example of a format, by
 * their shapes: runs of letters, of digits and of blanks
 * count as one each, and the measure is the longest common subsequence.
 */
#include "input/trial.h"

#include <stdio.h>
#include <string.h>

#include "input/input_chunk.h"
#include "input/input_internal.h"

#define SHAPE_MAX 200
#define LINES 64
#define BYTES ((size_t)256 << 10)

/* The whole lines that HEAD begins with, some of them. */
static struct lam_str
some_lines(const struct lam_input *in, struct lam_str head)
{
	size_t n = 0, lines = 0;

	while (n < head.n && lines++ < LINES) {
		const char *end = memchr(head.p + n, '\n', head.n - n);
		size_t next = end ? (size_t)(end - head.p) + 1 :
			in->ended ? head.n : n;

		if (next == n || next > BYTES)
			break;
		n = next;
	}
	return (struct lam_str){ head.p, n };
}

/* Read on until there are enough of them. */
static int
read_on(struct lam_input *in, struct lam_error *e)
{
	enum lam_got how = LAM_GOT_BYTES;
	bool more = !in->ended;
	int r = LAM_OK;

	while (!r && more) {
		struct lam_str head = lam_input_head(in);
		size_t lines = 0;

		for (size_t i = 0; i < head.n && lines < LINES; i++)
			lines += head.p[i] == '\n';
		more = lines < LINES && head.n <= BYTES && !in->ended;
		if (more)
			r = lam_input_more(in, 0, &how, e);
		more &= how == LAM_GOT_BYTES;
	}
	return r;
}

int
lam_input_trial_lines(struct lam_input *in, struct lam_str *lines,
	struct lam_error *e)
{
	int r = read_on(in, e);

	*lines = some_lines(in, lam_input_head(in));
	return r;
}

static void
note(struct lam_trial *t, const struct lam_chunk *c, const struct lam_cells *cells,
	uint64_t blank)
{
	t->records += cells->nrows + c->headers + blank;
	t->blank += blank;
	if (!t->rejects && c->nrejects) {
		t->line = c->reject[0].line;
		snprintf(t->reason, sizeof t->reason, "%s", c->reject[0].reason);
	}
	t->rejects += c->nrejects;
}

int
lam_input_trial(const struct lam_format *f, struct lam_str head,
	const struct lam_input_options *o, struct lam_trial *t,
	struct lam_error *e)
{
	static const struct lam_input_options none;
	static char path[] = "the first lines";
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_cells cells;
	struct lam_input in = { .path = path, .format = f, .line = 1,
		.patience = -1, .ended = true,
		.stopped = !o || !o->start }; /* what is cut off is none */
	uint64_t blank;
	bool got = true;
	int r;

	*t = (struct lam_trial){ .line = 1 };
	lam_buf_put(&in.carry, head.p, head.n);
	r = lam_buf_check(&in.carry, e);
	if (r)
		return r;
	r = f->open(f, &in, o ? o : &none, &in.own, NULL);
	r = r ? r : lam_input_name_fields(&in, NULL);
	t->records = in.has_header;
	while (!r && got) {
		r = lam_input_next(&in, &c, LAM_BLOCK_ROWS, -1, NULL, &got, NULL);
		if (!r && got)
			r = lam_input_parse(&in, &c, NULL, &cells, &blank, NULL);
		if (!r && got)
			note(t, &c, &cells, blank);
	}
	if (r == LAM_DATA || r == LAM_NOTHING) {
		t->rejects++;
		snprintf(t->reason, sizeof t->reason, "it does not give the fields");
	}
	lam_chunk_release(&c);
	lam_input_drop(&in);
	return r == LAM_SYSTEM ? lam_fail_mem(e) : LAM_OK;
}

bool
lam_input_trial_passes(const struct lam_trial *t, bool table)
{
	return table ? 2 * t->rejects + t->blank <= t->records :
		t->rejects <= t->records;
}

static char
kind(char c)
{
	if (c >= '0' && c <= '9')
		return '0';
	if (((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c < 0)
		return 'a';
	return c == '\t' ? ' ' : c;
}

static size_t
shape(struct lam_str s, char out[SHAPE_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < SHAPE_MAX; i++) {
		char c = kind(s.p[i]);

		if (!n || out[n - 1] != c || !memchr("0a ", c, 3))
			out[n++] = c;
	}
	return n;
}

unsigned
lam_trial_likeness(const struct lam_format *f, struct lam_str line)
{
	char a[SHAPE_MAX], b[SHAPE_MAX];
	unsigned best[SHAPE_MAX + 1] = { 0 }, corner, up;
	size_t n = shape(line, a), m;

	if (!f->example || !n)
		return 0;
	m = shape((struct lam_str){ f->example, strlen(f->example) }, b);
	for (size_t i = 0; i < n; i++) {
		corner = 0;
		for (size_t k = 0; k < m; k++) {
			up = best[k + 1];
			if (a[i] == b[k])
				best[k + 1] = corner + 1;
			else if (best[k] > up)
				best[k + 1] = best[k];
			corner = up;
		}
	}
	return (unsigned)(200 * best[m] / (n + m));
}
