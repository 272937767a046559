/*
 * function_on.c - what a function waits for, and where that is
 */
#include "trigger/function_internal.h"

#include <stdlib.h>
#include <string.h>

#include "time/unit.h"
#include "view/dataset.h"

bool
lam_value_is(const char *value, const char *word)
{
	return !strcmp(value, word);
}

const char *
lam_value_behind(const char *value, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(value, word, n) || (value[n] != ' ' && value[n] != '\t'))
		return NULL;
	value += n;
	return value + strspn(value, " \t");
}

/* "NAME [where CONDITION]" */
static int
set_subject(struct lam_function *f, const char *value)
{
	size_t n = strcspn(value, " \t");
	const char *rest = value + n, *where;

	rest += strspn(rest, " \t");
	while (f->on == LAM_ON_BUCKET && n > 1 && value[n - 1] == '/')
		n--;
	f->subject = lam_arena_dup(&f->arena, value, n);
	if (!f->subject || !n)
		return -1;
	where = lam_value_behind(rest, "where");
	if (where && !f->where)
		f->where = where;
	return *rest && !where ? -1 : 0;
}

int
lam_function_on(struct lam_function *f, const char *value)
{
	const char *rest;

	if (lam_value_is(value, "stdin")) {
		f->on = LAM_ON_STDIN;
		return 0;
	}
	if ((rest = lam_value_behind(value, "stream")) ||
		(rest = lam_value_behind(value, "view"))) {
		f->on = *value == 's' ? LAM_ON_STREAM : LAM_ON_VIEW;
		return set_subject(f, rest) || !lam_name_ok(f->subject,
			strlen(f->subject)) ? -1 : 0;
	}
	if ((rest = lam_value_behind(value, "bucket"))) {
		f->on = LAM_ON_BUCKET;
		return set_subject(f, rest);
	}
	if (lam_value_is(value, "http") || (rest = lam_value_behind(value, "http"))) {
		f->on = LAM_ON_HTTP;
		if (!f->ordered)
			f->order = LAM_ORDER_NONE;
		f->subject = lam_value_is(value, "http") ? "" : rest;
		return *f->subject == '\0' || *f->subject == '/' ? 0 : -1;
	}
	if ((rest = lam_value_behind(value, "every"))) {
		f->on = LAM_ON_EVERY;
		return lam_duration_parse(rest, &f->every) && f->every >=
			LAM_NS / 1000 ? 0 : -1;
	}
	if ((rest = lam_value_behind(value, "at"))) {
		f->on = LAM_ON_AT;
		f->subject = rest;
		return lam_cron_parse(rest, &f->cron) ? 0 : -1;
	}
	return -1;
}

const char *
lam_function_source(const struct lam_function *f)
{
	static const char *const name[] = { [LAM_ON_STDIN] = "stdin",
		[LAM_ON_STREAM] = "stream", [LAM_ON_EVERY] = "every",
		[LAM_ON_AT] = "at", [LAM_ON_BUCKET] = "bucket",
		[LAM_ON_VIEW] = "view", [LAM_ON_HTTP] = "http" };

	return name[f->on];
}

const char *
lam_function_stream(struct lam_function *f, const char *data)
{
	const char *stream = NULL;

	if (f->on == LAM_ON_STREAM)
		return f->subject;
	if (f->on != LAM_ON_VIEW || lam_view_stream(data, f->subject, &f->arena,
		&stream, NULL))
		return NULL;
	return stream;
}

int
lam_function_bucket(const struct lam_function *f, char out[LAM_PATH_MAX],
	struct lam_error *e)
{
	char path[LAM_PATH_MAX];
	int rc = lam_io_path(path, sizeof path, e, "%s%s%s",
		*f->subject == '/' ? "" : f->dir, *f->subject == '/' ? "" : "/",
		f->subject);

	if (!rc && !realpath(path, out))
		rc = lam_fail(e, LAM_USAGE, "%s: on bucket %s: there is no such "
			"directory", f->name, path);
	return rc;
}

int
lam_function_tell_bucket(struct lam_function *f, struct lam_error *e)
{
	char path[LAM_PATH_MAX], *text;
	struct lam_buf b = LAM_BUF_INIT;

	if (f->on != LAM_ON_BUCKET || f->nenv >= LAM_ENV_MAX ||
		lam_function_bucket(f, path, NULL))
		return LAM_OK;
	lam_buf_printf(&b, "LAM_BUCKET=%s", path);
	text = lam_arena_dup(&f->arena, lam_buf_str(&b), b.n);
	lam_buf_release(&b);
	if (!text)
		return lam_fail_mem(e);
	f->env[f->nenv++] = text;
	f->readable[0] = strchr(text, '=') + 1;
	return LAM_OK;
}
