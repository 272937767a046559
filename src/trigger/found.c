/*
 * found.c - events that a feed found by comparing, kept in the ledger
 *
 * The output of a frame:
 *
 *	0  u32 N: how many events	4  u32 bytes of the note
 *	8  u64 where each of the events ends in their text, N of them
 *	   the text of the events, then the note
 */
#include "trigger/found.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"

#define HEAD 8

struct output {
	size_t n;
	const char *end; /* of the events: 8 bytes each */
	struct lam_str text, note;
};

static int
parse(struct lam_str s, struct output *o, struct lam_error *e)
{
	uint64_t bytes = 0, before = 0;
	size_t note;

	*o = (struct output){ .n = 0 };
	if (!s.n)
		return LAM_OK;
	if (s.n < HEAD)
		goto bad;
	o->n = lam_get32(s.p);
	note = lam_get32(s.p + 4);
	o->end = s.p + HEAD;
	if ((s.n - HEAD) / 8 < o->n || s.n - HEAD - 8 * o->n < note)
		goto bad;
	for (size_t i = 0; i < o->n; i++, before = bytes) {
		bytes = lam_get64(o->end + 8 * i);
		if (bytes < before)
			goto bad;
	}
	if (bytes != s.n - HEAD - 8 * o->n - note)
		goto bad;
	o->text = (struct lam_str){ o->end + 8 * o->n, bytes };
	o->note = (struct lam_str){ o->text.p + bytes, note };
	return LAM_OK;
bad:
	return lam_fail(e, LAM_DATA, "a frame of events that are none");
}

static void
put(struct lam_buf *out, const struct lam_queue *q, struct lam_str note)
{
	size_t n = lam_queue_events(q), bytes = lam_queue_bytes(q);
	size_t start = n ? lam_queue_event(q, n - 1)->end - bytes : 0;

	lam_buf_put_u32(out, (uint32_t)n);
	lam_buf_put_u32(out, (uint32_t)note.n);
	for (size_t i = 0; i < n; i++)
		lam_buf_put_u64(out, lam_queue_event(q, i)->end - start);
	if (n)
		lam_buf_put(out, lam_queue_text(q), bytes);
	lam_buf_put(out, note.p, note.n);
}

int
lam_found_put(struct lam_ledger *l, struct lam_queue *q, struct lam_str note,
	uint64_t looked, uint64_t spec, struct lam_error *e)
{
	size_t n = lam_queue_events(q);
	uint64_t from = l->progress.found;
	struct lam_ledger_frame f = { .kind = LAM_FRAME_FOUND, .from = from,
		.to = from + n, .split = looked, .target = spec };
	struct lam_buf out = LAM_BUF_INIT;
	int rc;

	put(&out, q, note);
	f.output = (struct lam_str){ out.p, out.n };
	rc = lam_buf_check(&out, e);
	if (!rc)
		rc = lam_ledger_put(l, &f, e);
	if (!rc)
		rc = lam_ledger_write(l, e);
	if (!rc && n)
		lam_queue_take(q, n);
	lam_buf_release(&out);
	return rc;
}

/* Of the frame X those before TO and after *NEXT. */
static int
take(const struct lam_ledger_found *x, struct lam_str output, uint64_t *next,
	uint64_t to, struct lam_queue *q, struct lam_error *e)
{
	struct output o;
	int rc = parse(output, &o, e);

	if (!rc && o.n != x->to - x->from)
		return lam_fail(e, LAM_DATA, "a frame of events has others than "
			"it says");
	for (size_t i = 0; !rc && i < o.n && x->from + i < to; i++) {
		uint64_t begin = i ? lam_get64(o.end + 8 * (i - 1)) : 0;

		if (x->from + i < *next)
			continue;
		lam_buf_put(&q->text, o.text.p + begin,
			lam_get64(o.end + 8 * i) - begin);
		rc = lam_queue_put(q, x->from + i, e);
		*next = x->from + i + 1;
	}
	return rc;
}

int
lam_found_read(struct lam_ledger *l, uint64_t *next, uint64_t to, size_t max,
	struct lam_queue *q, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < l->nfound && *next < to; i++) {
		const struct lam_ledger_found *x = &l->found[i];

		if (x->to <= *next)
			continue;
		if (lam_queue_bytes(q) >= max)
			break;
		rc = lam_ledger_read(l, &x->text, &b, e);
		if (!rc)
			rc = take(x, (struct lam_str){ b.p, b.n }, next, to, q,
				e);
	}
	lam_buf_release(&b);
	return rc;
}

int
lam_found_again(struct lam_ledger *l, uint64_t from, uint64_t to,
	struct lam_queue *q, struct lam_error *e)
{
	uint64_t next = from;
	int rc = lam_found_read(l, &next, to, SIZE_MAX, q, e);

	return rc || next == to ? rc : lam_fail(e, LAM_DATA, "%s: it has not all "
		"of the events [%" PRIu64 ", %" PRIu64 "), which were begun",
		l->path, from, to);
}

int
lam_found_source(const struct lam_ledger *l, const char *kind, const char *name,
	char id[LAM_LEDGER_ID + 1], struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	uint64_t of, random;
	int rc;

	lam_buf_printf(&b, "%s\n%s", kind, name);
	rc = lam_buf_check(&b, e);
	if (!rc)
		rc = lam_io_random(&random, sizeof random, e);
	of = rc ? 0 : lam_checksum(b.p, b.n);
	lam_buf_release(&b);
	if (rc)
		return rc;
	snprintf(id, LAM_LEDGER_ID + 1, "%016" PRIx64 "%016" PRIx64, of, random);
	if (!memcmp(l->source, id, LAM_LEDGER_ID / 2))
		memcpy(id, l->source, LAM_LEDGER_ID + 1);
	return LAM_OK;
}

void
lam_found_note(struct lam_buf *out, struct lam_str note)
{
	static const struct lam_queue none = LAM_QUEUE_INIT;

	put(out, &none, note);
}

int
lam_found_note_of(struct lam_str output, struct lam_str *note, struct lam_error *e)
{
	struct output o;
	int rc = parse(output, &o, e);

	*note = o.note;
	return rc;
}
