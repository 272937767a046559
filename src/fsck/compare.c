/*
 * compare.c - an index file against what the log gives
 *
 * Whole: the records it covers are aggregated anew, and both are compared as
 * partial text, byte for byte, along with the counts of the header.
 *
 * Sample: only N segments of those it covers are aggregated, so a group may
 * have fewer records here than there.  What then must hold, by state: a count
 * and each bucket of a quantile are not above what is served; what has a sum
 * here has one there, be it less, since values may be negative; merging a
 * minimum, maximum, first, last, set or HyperLogLog into what is served changes
 * nothing.  Where count(*) is the same, all records of the group are in the
 * sample, and its states must be the same bytes.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "fsck/compare.h"
#include "fsck/view_check.h"
#include "group/value_sets.h"
#include "partial/index_text.h"
#include "partial/record.h"
#include "view/recompute.h"

#define SHOWN 160 /* bytes of a line in a message */

struct compare {
	const struct lam_index *x;
	const struct lam_query *q;
	struct lam_index_text text;
	uint64_t rows;
	/* sample: */
	uint32_t count;		 /* the state that is count(*), or UINT32_MAX */
	struct lam_str line;	 /* of the index: not yet passed */
	struct lam_arena arena;
	struct lam_buf merged;
};

static struct lam_str
shown(struct lam_str s)
{
	s.n = s.n < SHOWN ? s.n : SHOWN;
	return s;
}

static int
differs(const struct compare *c, struct lam_str has, struct lam_str gives,
	struct lam_error *e)
{
	const char *remedy = "run lam-batch | lam-serve, or delete the file";

	has = shown(has);
	gives = shown(gives);
	return lam_fail(e, LAM_DATA, "%s: not what the log gives: it has "
		"\"%.*s\", the log gives \"%.*s\": %s", c->x->file.path,
		(int)has.n, has.p, (int)gives.n, gives.p, remedy);
}

/* The line of TEXT that has its byte AT. */
static struct lam_str
line_at(struct lam_str text, size_t at)
{
	size_t from = at, to = at;

	while (from && text.p[from - 1] != '\n')
		from--;
	while (to < text.n && text.p[to] != '\n')
		to++;
	return (struct lam_str){ text.p + from, to - from };
}

/* ------------------------------------------------------------------ whole */

static int
same_text(void *arg, struct lam_str text, uint64_t n, struct lam_error *e)
{
	struct compare *c = arg;
	struct lam_str has;
	size_t at;
	int rc;

	c->rows += n;
	while (text.n) {
		rc = lam_index_text_look(&c->text, &has, e);
		if (rc)
			return rc;
		if (has.n > text.n)
			has.n = text.n;
		if (has.n == 0)
			return differs(c, has, line_at(text, 0), e);
		if (memcmp(has.p, text.p, has.n)) {
			for (at = 0; has.p[at] == text.p[at]; at++)
				;
			has = (struct lam_str){ c->text.text.p,
				c->text.text.n };
			return differs(c, line_at(has, c->text.at + at),
				line_at(text, at), e);
		}
		c->text.at += has.n;
		text.p += has.n;
		text.n -= has.n;
	}
	return LAM_OK;
}

static int
same_counts(const struct compare *c, const struct lam_job *job,
	struct lam_error *e)
{
	const struct lam_section *s = &c->x->section;
	bool same = s->counts.read == job->counts.read &&
		s->counts.counted == job->counts.counted &&
		s->counts.filtered == job->counts.filtered &&
		s->counts.faults == job->counts.faults &&
		(s->counts.faults == 0 ||
		s->counts.first_fault == job->counts.first_fault);

	for (uint32_t i = 0; same && i < c->q->nstates; i++)
		if (c->q->state[i].arg[0] && s->nulls && job->nulls)
			same = s->nulls[i] == job->nulls[i];
	return same ? LAM_OK : lam_fail(e, LAM_DATA, "%s: its counts of "
		"records are not those of the log: run lam-batch | lam-serve,"
		" or delete the file", c->x->file.path);
}

int
lam_compare_whole(const struct lam_view_checking *o,
	const struct lam_view *v, struct lam_stream *s,
	const struct lam_index *x, uint64_t *rows, struct lam_error *e)
{
	struct compare c = { .x = x, .q = v->query };
	struct lam_job job = { .query = v->query };
	struct lam_log_leaf log = { .stream = s, .from = x->section.from,
		.to = x->section.to };
	struct lam_leaves leaves = lam_log_leaf(&log);
	struct lam_str rest;
	int rc;

	lam_index_text_init(&c.text, x);
	rc = lam_drive_jobs(&leaves, &job, 1, &o->engine, e);
	if (!rc)
		rc = lam_partial_text(job.partials, v->name,
			o->engine.threads, same_text, &c, e);
	if (!rc)
		rc = lam_index_text_look(&c.text, &rest, e);
	if (!rc && rest.n)
		rc = differs(&c, line_at(rest, 0), (struct lam_str){ "", 0 },
			e);
	if (!rc)
		rc = same_counts(&c, &job, e);
	*rows = c.rows;
	lam_partials_free(job.partials);
	job.partials = NULL;
	lam_job_release(&job);
	lam_index_text_release(&c.text);
	return rc;
}

/* ----------------------------------------------------------------- sample */

/* A is not above B; NULL is below all. */
static bool
not_above(struct lam_str a, struct lam_str b)
{
	struct lam_num x, y;

	if (!a.p)
		return true;
	return b.p && lam_num_parse(a.p, a.n, &x) &&
		lam_num_parse(b.p, b.n, &y) && lam_num_cmp(x, y) <= 0;
}

/* "BUCKET:COUNT" pairs, ascending: none of A is above that of B. */
static bool
buckets_not_above(struct lam_str a, struct lam_str b)
{
	struct lam_str x, y, bucket, other;

	if (!a.p)
		return true;
	if (!b.p)
		return false;
	while (lam_str_cut(&a, ' ', &x)) {
		if (!lam_str_cut(&x, ':', &bucket))
			return false;
		do {
			if (!lam_str_cut(&b, ' ', &y) ||
				!lam_str_cut(&y, ':', &other))
				return false;
		} while (lam_str_cmp(bucket, other));
		if (!not_above(x, y))
			return false;
	}
	return true;
}

/* "COUNTxLENGTH:VALUE" after the other, ascending by value: likewise. */
static bool
bag_not_above(struct lam_str a, struct lam_str b)
{
	size_t at = 0, other = 0;
	struct lam_str x, y;
	uint64_t n, m;

	while (a.p && at < a.n) {
		if (!lam_value_sets_next(a, &at, true, &x, &n))
			return false;
		do {
			if (!b.p || other >= b.n || !lam_value_sets_next(b,
				&other, true, &y, &m))
				return false;
		} while (lam_str_cmp(x, y));
		if (n > m)
			return false;
	}
	return true;
}

/* The halves of a sum, of which one is there where it had a value. */
static bool
has_sum(const struct lam_str *half)
{
	return half[0].p || half[1].p;
}

static bool
same_field(struct lam_str a, struct lam_str b)
{
	return !a.p == !b.p && !lam_str_cmp(a, b);
}

/* May a group with the fields PART be part of one with the fields ALL?
 * MERGED: those of both. */
static bool
within(const struct lam_query *q, const struct lam_str *part,
	const struct lam_str *all, const struct lam_str *merged)
{
	bool ok = true;

	for (uint32_t i = 0, c = 0; i < q->nstates; i++)
		for (uint32_t k = 0; k < q->state[i].ncomponents; k++, c++)
			switch (q->state[i].kind) {
			case LAM_COUNT:
				ok &= not_above(part[c], all[c]);
				break;
			case LAM_SUM: /* its other half is looked at, too */
				ok &= k > 0 || !has_sum(&part[c]) ||
					has_sum(&all[c]);
				break;
			case LAM_VALUES:
				ok &= bag_not_above(part[c], all[c]);
				break;
			case LAM_LIST: /* a limit drops what a part has */
				ok &= !part[c].p || all[c].p;
				break;
			case LAM_QUANTILE:
				ok &= buckets_not_above(part[c], all[c]);
				break;
			default:
				ok &= same_field(merged[c], all[c]);
			}
	return ok;
}

static uint32_t
count_component(const struct lam_query *q)
{
	for (uint32_t i = 0, c = 0; i < q->nstates; i++) {
		if (q->state[i].kind == LAM_COUNT && !q->state[i].arg[0] &&
			!q->state[i].filter)
			return c;
		c += q->state[i].ncomponents;
	}
	return UINT32_MAX;
}

/* STATE is the sample's, SERVED that of the same key. */
static int
check_states(struct compare *c, struct lam_str state, struct lam_str served,
	bool *ok, struct lam_error *e)
{
	uint32_t n = lam_query_columns(c->q) - c->q->nkeys;
	struct lam_str both[2] = { served, state };
	struct lam_str *f;
	int rc;

	lam_arena_reset(&c->arena);
	lam_buf_clear(&c->merged);
	f = LAM_ARENA_NEW(&c->arena, struct lam_str, 3 * (size_t)n + 1);
	if (!f)
		return lam_fail_mem(e);
	rc = lam_record_merge(c->q, both, 2, &c->merged, NULL);
	if (rc == LAM_USAGE) { /* together they overflow: nothing to say */
		*ok = true;
		return LAM_OK;
	}
	if (!rc)
		rc = lam_record_split(state, f, n, &c->arena, NULL);
	if (!rc)
		rc = lam_record_split(served, f + n, n, &c->arena, NULL);
	if (!rc)
		rc = lam_record_split((struct lam_str){ c->merged.p,
			c->merged.n }, f + 2 * n, n, &c->arena, NULL);
	if (rc == LAM_SYSTEM)
		return lam_fail_mem(e);
	*ok = !rc && within(c->q, f, f + n, f + 2 * n);
	if (*ok && c->count < n && same_field(f[c->count], f[n + c->count]))
		*ok = !lam_str_cmp(state, served);
	return LAM_OK;
}

/* The next line of the index, without VIEW TAB and LF, into c->line. */
static int
advance(struct compare *c, struct lam_error *e)
{
	size_t view = strlen(c->x->section.view) + 1;
	struct lam_str text;
	int rc;

	c->line = (struct lam_str){ NULL, 0 };
	rc = lam_index_text_look(&c->text, &text, e);
	if (rc || text.n == 0)
		return rc;
	c->line = line_at(text, 0);
	c->text.at += c->line.n + 1;
	c->line.p += view;
	c->line.n -= view;
	return LAM_OK;
}

static int
served_too(void *arg, struct lam_str text, uint64_t n, struct lam_error *e)
{
	struct compare *c = arg;
	struct lam_str line, view, state, served;
	bool ok;
	int rc = LAM_OK;

	c->rows += n;
	while (!rc && text.n && lam_str_cut(&text, '\n', &line)) {
		if (!lam_str_cut(&line, '\t', &view))
			break;
		while (!rc && c->line.p && lam_partial_order(c->line, line) < 0)
			rc = advance(c, e);
		if (rc)
			break;
		if (!c->line.p || lam_partial_order(c->line, line))
			return differs(c, (struct lam_str){ "", 0 }, line, e);
		state = line;
		served = c->line;
		lam_str_cut(&state, '\t', &view);
		lam_str_cut(&served, '\t', &view);
		rc = check_states(c, state, served, &ok, e);
		if (!rc && !ok)
			return differs(c, c->line, line, e);
	}
	return rc;
}

/* A number below N, none more likely than another by more than 2^-32. */
static uint64_t
draw(uint64_t *seed, uint64_t n)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* N of the segments of S that begin before TO, all if there are not so many:
 * their numbers to PICK, *N of them. */
static void
pick_segments(const struct lam_stream *s, uint64_t to, uint64_t seed,
	size_t *pick, uint64_t *n)
{
	size_t all = 0;

	while (all < s->nsegments && s->segment[all].base < to) {
		pick[all] = all;
		all++;
	}
	if (*n > all)
		*n = all;
	for (size_t i = 0; i < *n; i++) {
		size_t k = i + (size_t)draw(&seed, all - i);
		size_t keep = pick[i];

		pick[i] = pick[k];
		pick[k] = keep;
	}
}

/* Aggregate the N segments of PICK. */
static int
run_sample(const struct lam_view_checking *o, struct lam_stream *s,
	uint64_t to, const size_t *pick, uint64_t n, struct lam_job *job,
	struct lam_error *e)
{
	struct lam_log_source *log = calloc(n + 1, sizeof *log);
	struct lam_chain_source chain;
	struct lam_leaves leaves = lam_drive_source(&chain.source);
	uint64_t opened = 0;
	int rc = log ? LAM_OK : lam_fail_mem(e);

	lam_chain_source_init(&chain);
	for (uint64_t i = 0; !rc && i < n; i++) {
		const struct lam_segment *g = &s->segment[pick[i]];

		rc = lam_log_source_init(&log[i], s, g->base, g->end < to ?
			g->end : to, o->engine.threads, true, NULL, e);
		opened += !rc;
		if (!rc)
			rc = lam_chain_source_add(&chain, &log[i].source, e);
	}
	if (!rc)
		rc = lam_drive_jobs(&leaves, job, 1, &o->engine, e);
	lam_chain_source_release(&chain);
	for (uint64_t i = 0; i < opened; i++)
		lam_log_source_release(&log[i]);
	free(log);
	return rc;
}

int
lam_compare_sample(const struct lam_view_checking *o,
	const struct lam_view *v, struct lam_stream *s,
	const struct lam_index *x, uint64_t *rows, struct lam_error *e)
{
	struct compare c = { .x = x, .q = v->query, .arena = LAM_ARENA_INIT,
		.count = count_component(v->query), .merged = LAM_BUF_INIT };
	struct lam_job job = { .query = v->query };
	size_t *pick = calloc(s->nsegments + 1, sizeof *pick);
	uint64_t n = o->sample;
	int rc = pick ? LAM_OK : lam_fail_mem(e);

	lam_index_text_init(&c.text, x);
	if (!rc) {
		pick_segments(s, x->section.to, o->seed, pick, &n);
		rc = run_sample(o, s, x->section.to, pick, n, &job, e);
	}
	if (!rc)
		rc = advance(&c, e);
	if (!rc)
		rc = lam_partial_text(job.partials, v->name,
			o->engine.threads, served_too, &c, e);
	*rows = c.rows;
	lam_partials_free(job.partials);
	job.partials = NULL;
	lam_job_release(&job);
	lam_index_text_release(&c.text);
	lam_arena_release(&c.arena);
	lam_buf_release(&c.merged);
	free(pick);
	return rc;
}
