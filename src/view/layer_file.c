/*
 * layer_file.c - names of generations and speed partials
 *
 * The name says what a file covers, so that a cover is planned from a
 * directory listing; the header inside repeats it, so that a file that was
 * renamed, copied or swapped is found out when it is opened.
 */
#include "view/dataset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/name.h"
#include "base/search.h"
#include "view/layer_file.h"

#define SPEC_DIGITS 16

static bool
parse_position(const char **p, uint64_t *v)
{
	if (!lam_name_position(*p, v) || (*p)[LAM_POSITION_DIGITS] != '-')
		return false;
	*p += LAM_POSITION_DIGITS + 1;
	return true;
}

static bool
parse_name(const char *name, bool speed, struct lam_layer_file *d)
{
	size_t want = (speed ? 2 : 1) * (LAM_POSITION_DIGITS + 1) + SPEC_DIGITS + 4;
	const char *p = name;

	d->from = 0;
	if (strlen(name) != want)
		return false;
	if (speed && !parse_position(&p, &d->from))
		return false;
	if (!parse_position(&p, &d->to))
		return false;
	return lam_str_hex((struct lam_str){ p, SPEC_DIGITS }, &d->spec) &&
		!strcmp(p + SPEC_DIGITS, ".idx") &&
		(speed ? d->from < d->to : true);
}

int
lam_layer_file_cmp(const struct lam_layer_file *a,
	const struct lam_layer_file *b)
{
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return (a->spec > b->spec) - (a->spec < b->spec);
}

static int
by_range(const void *a, const void *b)
{
	return lam_layer_file_cmp(a, b);
}

static bool
starts_before(const void *v, size_t i, const void *pos)
{
	const struct lam_layer_file *d = (const struct lam_layer_file *)v + i;

	return d->from < *(const uint64_t *)pos;
}

size_t
lam_layer_file_find(const struct lam_layer_file *item, size_t n, uint64_t pos)
{
	return lam_lower_bound(item, n, &pos, starts_before);
}

static int
list(const char *data, bool speed, const char *view,
	struct lam_layer_file_list *out, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	char dir[LAM_PATH_MAX];
	int rc;

	*out = (struct lam_layer_file_list)LAM_LAYER_FILE_INIT;
	rc = lam_layer_file_dir(dir, data, speed, view, e);
	if (!rc)
		rc = lam_io_list(dir, ".idx", &names, e);
	if (rc)
		return rc;
	out->item = calloc(names.n + 1, sizeof *out->item);
	if (!out->item)
		rc = lam_fail_mem(e);
	for (size_t i = 0; !rc && i < names.n; i++)
		if (parse_name(names.name[i], speed, &out->item[out->n]))
			out->n++;
	if (!rc)
		qsort(out->item, out->n, sizeof *out->item, by_range);
	lam_names_release(&names);
	return rc;
}

int
lam_serving_list(const char *data, const char *view,
	struct lam_layer_file_list *out, struct lam_error *e)
{
	return list(data, false, view, out, e);
}

int
lam_speed_list(const char *data, const char *view,
	struct lam_layer_file_list *out, struct lam_error *e)
{
	return list(data, true, view, out, e);
}

void
lam_layer_file_release(struct lam_layer_file_list *l)
{
	free(l->item);
	*l = (struct lam_layer_file_list)LAM_LAYER_FILE_INIT;
}

int
lam_layer_file_dir(char out[LAM_PATH_MAX], const char *data, bool speed,
	const char *view, struct lam_error *e)
{
	return lam_io_path(out, LAM_PATH_MAX, e, "%s/%s/%s", data,
		speed ? "speed" : "serving", view);
}

int
lam_layer_file_path(char out[LAM_PATH_MAX], const char *data, bool speed,
	const char *view, const struct lam_layer_file *d, struct lam_error *e)
{
	if (speed)
		return lam_io_path(out, LAM_PATH_MAX, e, "%s/speed/%s/"
			"%020" PRIu64 "-%020" PRIu64 "-%016" PRIx64 ".idx",
			data, view, d->from, d->to, d->spec);
	return lam_io_path(out, LAM_PATH_MAX, e, "%s/serving/%s/"
		"%020" PRIu64 "-%016" PRIx64 ".idx", data, view, d->to,
		d->spec);
}
