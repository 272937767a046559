/*
 * event.c - AWS's shapes around a batch
 */
#include "trigger/event.h"

#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "lambda/shape.h"
#include "trigger/worker.h"

static struct lam_str
line_of(const struct lam_task *b, size_t i)
{
	size_t from = i ? b->event[i - 1].end : b->head;
	struct lam_str s = { b->text.p + from, b->event[i].end - from };

	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	return s;
}

static void
put_lines(struct lam_buf *out, const struct lam_task *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct lam_str line = line_of(b, i);

		if (b->n > 1)
			lam_buf_putc(out, i ? ',' : '[');
		lam_buf_put(out, line.p, line.n);
	}
	if (b->n > 1)
		lam_buf_putc(out, ']');
}

int
lam_task_event(const struct lam_task *b, const struct lam_function *f,
	const char *id, struct lam_buf *out, struct lam_error *e)
{
	lam_buf_clear(out);
	switch (f->on) {
	case LAM_ON_STREAM:
		lam_shape_begin(out);
		for (size_t i = 0; i < b->n; i++)
			lam_shape_record(out, f->subject, b->event[i].pos,
				line_of(b, i), b->born);
		lam_shape_end(out);
		break;
	case LAM_ON_VIEW:
	case LAM_ON_BUCKET: /* the lines are records in AWS's shape */
		lam_shape_begin(out);
		for (size_t i = 0; i < b->n; i++) {
			struct lam_str line = line_of(b, i);

			lam_buf_puts(out, i ? "," : "");
			lam_buf_put(out, line.p, line.n);
		}
		lam_shape_end(out);
		break;
	case LAM_ON_EVERY:
	case LAM_ON_AT:
		lam_shape_schedule(out, f->name, id, (int64_t)b->from);
		break;
	case LAM_ON_STDIN:
	case LAM_ON_HTTP: /* by hand */
		put_lines(out, b);
		break;
	}
	return lam_buf_check(out, e);
}

/* The number of the record with this sequence number, from 1; 0: none. */
static size_t
record_of(const struct lam_task *b, struct lam_str id)
{
	uint64_t pos;

	if (!lam_str_u64(id, &pos))
		return 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->event[i].pos == pos)
			return i + 1;
	return 0;
}

static void
put_item(struct lam_json *j, const struct lam_task *b, struct lam_buf *out)
{
	struct lam_json_value key, value;
	size_t number = 0;

	if (!lam_json_enter(j, LAM_JSON_OBJECT)) {
		lam_buf_puts(out, "?\n");
		return;
	}
	while (lam_json_key(j, &key))
		if (!lam_str_is(key.text, "itemIdentifier") ||
			lam_json_peek(j) != LAM_JSON_STRING)
			lam_json_skip(j, &value);
		else if (lam_json_scalar(j, &value))
			number = record_of(b, value.text);
	if (number)
		lam_buf_printf(out, "%zu\n", number);
	else
		lam_buf_puts(out, "?\n");
}

void
lam_task_failures(const struct lam_task *b, struct lam_str answer,
	struct lam_buf *out)
{
	struct lam_json_value key, value;
	struct lam_json j;

	lam_buf_clear(out);
	lam_json_init(&j, answer.p, answer.n);
	if (lam_json_peek(&j) != LAM_JSON_OBJECT ||
		!lam_json_enter(&j, LAM_JSON_OBJECT))
		return;
	while (lam_json_key(&j, &key)) {
		if (!lam_str_is(key.text, "batchItemFailures") ||
			lam_json_peek(&j) != LAM_JSON_ARRAY ||
			!lam_json_enter(&j, LAM_JSON_ARRAY)) {
			lam_json_skip(&j, &value);
			continue;
		}
		while (lam_json_element(&j))
			put_item(&j, b, out);
		if (j.why)
			lam_buf_puts(out, "?\n");
	}
}
