/*
 * task.c - a batch of events: its bounds, its text, its identity
 *
 * The text is given to a function as a file in memory: it needs no writer that waits
 * for a slow reader, and each attempt reads it from the start.
 */
#include "trigger/task.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/hash.h"

#define EVENT_MAX ((size_t)64 << 20)

struct lam_task *
lam_task_new(uint64_t from, uint64_t to)
{
	struct lam_task *b = calloc(1, sizeof *b);

	if (b)
		*b = (struct lam_task){ .from = from, .to = to, .input = -1 };
	return b;
}

static void
drop_file(struct lam_task *b)
{
	if (b->input >= 0)
		close(b->input);
	b->input = -1;
}

void
lam_task_free(struct lam_task *b)
{
	if (!b)
		return;
	drop_file(b);
	lam_buf_release(&b->text);
	free(b->event);
	free(b);
}

/* Events EVENT[N], whose text begins at P in a text where the first begins at START. */
static int
fill(struct lam_task *b, struct lam_str head, const char *p,
	const struct lam_event *event, size_t n, size_t start,
	struct lam_error *e)
{
	size_t bytes = n ? event[n - 1].end - start : 0;
	struct lam_event *own = malloc((n + 1) * sizeof *own);

	lam_buf_clear(&b->text);
	lam_buf_put(&b->text, head.p, head.n);
	lam_buf_put(&b->text, p, bytes);
	free(b->event);
	b->event = own;
	if (!own)
		return lam_fail_mem(e);
	for (size_t i = 0; i < n; i++)
		own[i] = (struct lam_event){ event[i].pos,
			event[i].end - start + head.n, event[i].key };
	b->key = n ? own[0].key : 0;
	b->head = head.n;
	b->n = n;
	b->loaded = true;
	return lam_buf_check(&b->text, e);
}

int
lam_task_load(struct lam_task *b, const struct lam_buf *head,
	struct lam_queue *q, size_t n, struct lam_error *e)
{
	const char *p = lam_queue_text(q);
	size_t start = n ? (size_t)(p - q->text.p) : 0;
	int rc = fill(b, (struct lam_str){ head->p, head->n }, p,
		lam_queue_event(q, 0), n, start, e);

	if (!rc)
		lam_queue_take(q, n);
	return rc;
}

int
lam_task_read(struct lam_task *b, const char *file, struct lam_error *e)
{
	struct lam_queue q = LAM_QUEUE_INIT;
	struct lam_buf none = LAM_BUF_INIT, all = LAM_BUF_INIT;
	struct lam_str rest, line;
	int rc = lam_io_slurp_given(file, EVENT_MAX, &all, e);

	rest = (struct lam_str){ lam_buf_str(&all), all.n };
	while (!rc && rest.n && lam_str_cut(&rest, '\n', &line)) {
		lam_buf_put(&q.text, line.p, line.n);
		lam_buf_putc(&q.text, '\n');
		rc = lam_queue_put(&q, q.n, e);
	}
	b->to = q.n ? q.n : 1;
	b->loaded = true;
	if (!rc && q.n)
		rc = lam_task_load(b, &none, &q, q.n, e);
	lam_queue_release(&q);
	lam_buf_release(&all);
	return rc;
}

static size_t
begin(const struct lam_task *b, size_t i)
{
	return i ? b->event[i - 1].end : b->head;
}

int
lam_task_split(struct lam_task *b, size_t at, struct lam_task **rest,
	struct lam_error *e)
{
	uint64_t cut = b->event[at - 1].pos + 1;
	struct lam_task *r = lam_task_new(cut, b->to);
	int rc;

	if (!r)
		return lam_fail_mem(e);
	rc = fill(r, (struct lam_str){ b->text.p, b->head },
		b->text.p + begin(b, at), b->event + at, b->n - at,
		begin(b, at), e);
	if (rc) {
		lam_task_free(r);
		return rc;
	}
	r->failed = b->failed;
	r->born = b->born;
	b->text.n = begin(b, at);
	b->n = at;
	b->to = cut;
	drop_file(b);
	*rest = r;
	return LAM_OK;
}

int
lam_task_file(struct lam_task *b, struct lam_error *e)
{
	if (b->input >= 0)
		return LAM_OK;
	b->input = memfd_create("batch", MFD_CLOEXEC);
	if (b->input < 0)
		return lam_fail_sys(e, "cannot make a file in memory");
	return lam_io_write(b->input, b->text.p, b->text.n, "a batch", e);
}

void
lam_task_key(const struct lam_task *b, const char *name, const char *source,
	char out[LAM_KEY_SIZE])
{
	char text[256];
	int n = snprintf(text, sizeof text, "%s\n%s\n%" PRIu64 "\n%" PRIu64,
		name, source, b->from, b->to);

	snprintf(out, LAM_KEY_SIZE, "%016" PRIx64 "%016" PRIx64,
		lam_checksum(text, (size_t)n), lam_hash(text, (size_t)n, 1));
}

void
lam_request_id(const char key[LAM_KEY_SIZE], char out[LAM_REQUEST_ID_SIZE])
{
	snprintf(out, LAM_REQUEST_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", key,
		key + 8, key + 12, key + 16, key + 20);
}
