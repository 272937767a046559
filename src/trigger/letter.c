/*
 * letter.c - dead letters: DIR/trigger/NAME/failed/ID
 */
#include "trigger/letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/replace.h"
#include "trigger/function.h"
#include "trigger/worker.h"

#define LETTER_MAX ((size_t)1 << 30)

/* A handler words WHY: a line break of its own would end the head. */
static void
put_why(struct lam_buf *out, const char *why)
{
	for (; *why; why++)
		lam_buf_putc(out, (unsigned char)*why < ' ' ? ' ' : *why);
	lam_buf_putc(out, '\n');
}

/* Each line of TEXT behind "log: ". */
static void
put_log(struct lam_buf *out, struct lam_str text)
{
	struct lam_str line;

	while (lam_str_cut(&text, '\n', &line)) {
		if (!line.n)
			continue;
		lam_buf_puts(out, "log: ");
		lam_buf_put(out, line.p, line.n);
		lam_buf_putc(out, '\n');
	}
}

int
lam_letter_dir(char out[LAM_PATH_MAX], const char *data, const char *name,
	struct lam_error *e)
{
	int rc = lam_function_known(data, &name, 1, e);

	return rc ? rc : lam_io_path(out, LAM_PATH_MAX, e, "%s/trigger/%s/failed",
		data, name);
}

int
lam_letter_write(const char *dir, const char *id, const struct lam_task *b,
	const char *why, struct lam_str log, struct lam_error *e)
{
	char path[LAM_PATH_MAX], time[LAM_TIME_TEXT];
	struct lam_buf t = LAM_BUF_INIT;
	size_t n = lam_time_print(lam_clock_wall() / LAM_NS * LAM_NS, time);
	int rc;

	lam_buf_printf(&t, "first: %" PRIu64 "\nlast: %" PRIu64 "\nrecords: %zu\n"
		"attempts: %" PRIu32 "\nwhen: %.*s\nwhy: ", b->from,
		b->to - 1, b->n, b->failed + 1, (int)n, time);
	put_why(&t, why);
	put_log(&t, log);
	lam_buf_putc(&t, '\n');
	lam_buf_put(&t, b->text.p, b->text.n);
	rc = lam_buf_check(&t, e);
	if (!rc)
		rc = lam_io_mkdir(dir, e);
	if (!rc)
		rc = lam_io_path(path, sizeof path, e, "%s/%s", dir, id);
	if (!rc)
		rc = lam_replace_with(path, t.p, t.n, e);
	lam_buf_release(&t);
	return rc;
}

int
lam_letter_list(const char *dir, struct lam_names *out, struct lam_error *e)
{
	size_t n = 0;
	int rc = lam_io_list(dir, "", out, e);

	/* Without what a writer that died has left. */
	for (size_t i = 0; !rc && i < out->n; i++) {
		char *name = out->name[i];

		out->name[i] = out->name[n];
		out->name[n] = name;
		n += !strchr(name, '.');
	}
	for (size_t i = n; !rc && i < out->n; i++)
		out->name[i][0] = '\0';
	return rc;
}

/* "NAME: VALUE" into L; false: it is no such line. */
static bool
take_line(struct lam_letter *l, struct lam_str line)
{
	struct { const char *name; uint64_t *value; } number[] = {
		{ "first", &l->first }, { "last", &l->last },
		{ "records", &l->records }, { "attempts", &l->attempts } };
	struct lam_str name;

	if (!lam_str_cut(&line, ':', &name) || !line.n || *line.p != ' ')
		return false;
	line.p++;
	line.n--;
	for (size_t i = 0; i < sizeof number / sizeof *number; i++)
		if (lam_str_is(name, number[i].name))
			return lam_str_u64(line, number[i].value);
	if (lam_str_is(name, "when"))
		snprintf(l->when, sizeof l->when, "%.*s", (int)line.n, line.p);
	if (lam_str_is(name, "why"))
		snprintf(l->why, sizeof l->why, "%.*s", (int)(line.n < 199 ?
			line.n : 199), line.p);
	return true;
}

int
lam_letter_read(const char *dir, const char *id, struct lam_letter *l,
	struct lam_buf *text, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	struct lam_buf all = LAM_BUF_INIT;
	struct lam_str rest, line = { NULL, 0 };
	bool whole = false, fine = true;
	int rc = lam_io_path(path, sizeof path, e, "%s/%s", dir, id);

	*l = (struct lam_letter){ .why = "" };
	if (!rc)
		rc = lam_io_slurp(path, LETTER_MAX, &all, e);
	rest = (struct lam_str){ lam_buf_str(&all), all.n };
	while (!rc && fine && !whole && lam_str_cut(&rest, '\n', &line)) {
		whole = !line.n;
		fine = whole || take_line(l, line);
	}
	if (!rc && (!fine || !whole || l->last < l->first))
		rc = lam_fail(e, LAM_DATA, "%s: is no dead letter: \"%.*s\" is "
			"none of its lines", path, (int)(line.n < 40 ? line.n :
			40), line.p);
	if (!rc && rest.n)
		lam_buf_put(text, rest.p, rest.n);
	lam_buf_release(&all);
	return rc ? rc : lam_buf_check(text, e);
}

int
lam_letter_drop(const char *dir, const char *id, struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int rc = lam_io_path(path, sizeof path, e, "%s/%s", dir, id);

	if (!rc && unlink(path) < 0)
		rc = lam_fail_sys(e, "%s: cannot remove", path);
	return rc ? rc : lam_io_sync_dir(dir, e);
}

int
lam_letter_csv(const char *dir, char *const *id, size_t n, struct lam_buf *out,
	struct lam_error *e)
{
	int rc = LAM_OK;

	lam_buf_puts(out, "id,first,last,records,attempts,when,why\n");
	for (size_t i = 0; !rc && i < n; i++) {
		struct lam_buf text = LAM_BUF_INIT;
		struct lam_letter l;

		rc = lam_letter_read(dir, id[i], &l, &text, e);
		lam_buf_printf(out, "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%"
			PRIu64 ",%s,\"", id[i], l.first, l.last, l.records,
			l.attempts, l.when);
		for (const char *c = l.why; *c; c++) {
			if (*c == '"')
				lam_buf_putc(out, '"');
			lam_buf_putc(out, *c);
		}
		lam_buf_puts(out, "\"\n");
		lam_buf_release(&text);
	}
	return rc ? rc : lam_buf_check(out, e);
}
