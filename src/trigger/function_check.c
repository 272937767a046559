/*
 * function_check.c - directives that need others, or exclude them
 */
#include "trigger/function.h"

#include <string.h>

#include "input/format.h"

/* What is said of its output, and is never looked at there; or NULL. */
static const char *
unread(const struct lam_function *f, const char **why)
{
	const struct lam_input_options *o = &f->text;

	if (strcmp(f->into, "-") && !strchr(f->into, '/'))
		return NULL; /* a stream reads all of it */
	*why = "only output into a stream is read";
	if (o->zone || o->time_format || o->origin)
		return o->zone ? "zone" : o->time_format ? "time-format" : "origin";
	*why = "output into a file, or to standard output, is looked at only if a "
		"format is given";
	if (o->format || lam_dialect_given(&o->dialect))
		return NULL;
	return o->fields ? "fields" : o->start ? "start" :
		o->header == LAM_HEADER_YES ? "header" :
		o->header == LAM_HEADER_NO ? "no-header" : NULL;
}

/* What is said of its output fits its format.  One of one's own, or one that is
 * guessed, is looked at when there is output. */
static int
check_text(const struct lam_function *f, const char *name, struct lam_error *e)
{
	const struct lam_format *format = lam_format_is_auto(f->text.format) ? NULL :
		lam_format_find(f->text.format, NULL);

	return format ? lam_format_check(format, &f->text, name, e) : LAM_OK;
}

int
lam_function_check(const struct lam_function *f, struct lam_error *e)
{
	const char *name = *f->name ? f->name : "the command", *why = NULL;
	const char *vain = unread(f, &why);

	if (!f->argv)
		return lam_fail(e, LAM_USAGE, "%s: nothing to run: it needs a "
			"line \"run COMMAND\"", name);
	if (!f->batch)
		return lam_fail(e, LAM_USAGE, "%s: batch 0: a batch has at least "
			"one record", name);
	if (f->on == LAM_ON_STDIN && !f->concurrency)
		return lam_fail(e, LAM_USAGE, "%s: concurrency 0: only functions "
			"of a dataset can be paused", name);
	if (f->where && f->on != LAM_ON_STREAM && f->on != LAM_ON_VIEW &&
		f->on != LAM_ON_BUCKET)
		return lam_fail(e, LAM_USAGE, "%s: where: only records of a "
			"stream, rows of a view and files of a bucket have "
			"conditions", name);
	if (f->on != LAM_ON_STREAM && strcmp(f->input, "jsonl"))
		return lam_fail(e, LAM_USAGE, "%s: input %s: only records of a "
			"stream are told as csv or tsv", name, f->input);
	if (f->on == LAM_ON_STDIN && strcmp(f->from, "now"))
		return lam_fail(e, LAM_USAGE, "%s: from %s: standard input has no "
			"past", name, f->from);
	if (f->no_token && !f->lambda)
		return lam_fail(e, LAM_USAGE, "%s: token: only a runtime lambda has "
			"an API", name);
	if (*f->name && f->on == LAM_ON_STDIN)
		return lam_fail(e, LAM_USAGE, "%s: it needs a line \"on stream "
			"NAME\", \"on view NAME\", \"on bucket DIR\", \"on every "
			"DURATION\", \"on at CRON\" or \"on http\"", name);
	if (f->on != LAM_ON_HTTP && f->concurrency > 1 && f->order == LAM_ORDER_LOG)
		return lam_fail(e, LAM_USAGE, "%s: concurrency %llu: in the order "
			"of the log one batch runs at a time; say order none, or order "
			"key COLUMN", name,
			(unsigned long long)f->concurrency);
	if (vain)
		return lam_fail(e, LAM_USAGE, "%s: %s: %s", name, vain, why);
	if (f->order == LAM_ORDER_KEY && f->on != LAM_ON_STREAM)
		return lam_fail(e, LAM_USAGE, "%s: order key: only records of a "
			"stream have columns", name);
	return check_text(f, name, e);
}
