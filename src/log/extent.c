/*
 * extent.c - least and greatest value of each field, of a whole log
 *
 *	extents FROM	records before this position are not told
 *	extent KIND SCALE LEAST GREATEST LEFT NAME
 *
 * KIND is number, time (nanoseconds) or none; LEFT counts the values that are not
 * in the range, as far as it is known.  A field without a line had no block yet.
 */
#include "log/extent.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "store/blockfile.h"
#include "store/value.h"

#define SCALE_MAX 18 /* of a range: 10 to it fits an int64 */

static const char *const kinds[] = {
	[LAM_RANGE_NONE] = "none",
	[LAM_RANGE_NUMBER] = "number",
	[LAM_RANGE_TIME] = "time",
};

void
lam_extents_release(struct lam_extents *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->item[i].name);
	free(x->item);
	*x = (struct lam_extents)LAM_EXTENTS_INIT;
}

/* That of NAME, which most often is column C. */
static struct lam_field_extent *
find(struct lam_extents *x, size_t c, const char *name)
{
	if (c < x->n && !strcmp(x->item[c].name, name))
		return &x->item[c];
	for (size_t i = 0; i < x->n; i++)
		if (!strcmp(x->item[i].name, name))
			return &x->item[i];
	return NULL;
}

/* A new one of NAME, or NULL. */
static struct lam_field_extent *
add(struct lam_extents *x, const char *name, size_t n)
{
	char *own = strndup(name, n);

	if (!own || !lam_array_room(&x->item, &x->cap, x->n + 1,
		sizeof *x->item)) {
		free(own);
		return NULL;
	}
	x->item[x->n] = (struct lam_field_extent){ .name = own };
	return &x->item[x->n++];
}

/* V of scale FROM at scale TO, which is not less; false: it does not fit. */
static bool
rescale(int64_t v, unsigned from, unsigned to, int64_t *out)
{
	for (*out = v; from < to; from++)
		if (__builtin_mul_overflow(*out, 10, out))
			return false;
	return true;
}

/* Widen X by the range M; false: they have no common scale or kind. */
static bool
widen(struct lam_field_extent *x, const struct lam_colmeta *m)
{
	unsigned scale = x->scale > m->scale ? x->scale : m->scale;
	int64_t min, max, least, most;

	if ((m->kind != LAM_RANGE_NUMBER && m->kind != LAM_RANGE_TIME) ||
		scale > SCALE_MAX)
		return false;
	if (x->kind == LAM_RANGE_NONE) {
		*x = (struct lam_field_extent){ x->name, m->kind, m->scale, m->min,
			m->max, x->left };
		return true;
	}
	if (m->kind != x->kind ||
		!rescale(x->min, x->scale, scale, &min) ||
		!rescale(x->max, x->scale, scale, &max) ||
		!rescale(m->min, m->scale, scale, &least) ||
		!rescale(m->max, m->scale, scale, &most))
		return false;
	x->scale = scale;
	x->min = least < min ? least : min;
	x->max = most > max ? most : max;
	return true;
}

int
lam_extents_add(struct lam_extents *x, size_t c, const char *name,
	uint32_t nrows, const struct lam_colmeta *m, struct lam_error *e)
{
	struct lam_field_extent *i = find(x, c, name);

	if (!i)
		i = add(x, name, strlen(name));
	if (!i)
		return lam_fail_mem(e);
	if (m->nulls < nrows && !widen(i, m))
		i->left += nrows - m->nulls;
	return LAM_OK;
}

void
lam_extents_print(const struct lam_extents *x, struct lam_buf *meta)
{
	lam_buf_printf(meta, "extents %" PRIu64 "\n", x->from);
	for (size_t i = 0; i < x->n; i++) {
		const struct lam_field_extent *v = &x->item[i];

		lam_buf_printf(meta, "extent %s %u %" PRId64 " %" PRId64 " %"
			PRIu64 " %s\n", kinds[v->kind], v->scale, v->min,
			v->max, v->left, v->name);
	}
}

static bool
parse_kind(struct lam_str word, enum lam_range_kind *out)
{
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (lam_str_is(word, kinds[i])) {
			*out = (enum lam_range_kind)i;
			return true;
		}
	return false;
}

static int
parse_line(struct lam_extents *x, struct lam_str line, bool *ok,
	struct lam_error *e)
{
	struct lam_str kind, scale, min, max, left;
	struct lam_field_extent v = { .name = NULL }, *to;
	uint64_t n;

	*ok = lam_str_cut(&line, ' ', &kind) &&
		lam_str_cut(&line, ' ', &scale) &&
		lam_str_cut(&line, ' ', &min) &&
		lam_str_cut(&line, ' ', &max) &&
		lam_str_cut(&line, ' ', &left) && line.n &&
		parse_kind(kind, &v.kind) && lam_str_u64(scale, &n) &&
		n <= SCALE_MAX &&
		lam_int_exact(min.p, (uint32_t)min.n, &v.min) &&
		lam_int_exact(max.p, (uint32_t)max.n, &v.max) &&
		lam_str_u64(left, &v.left);
	if (!*ok)
		return LAM_OK;
	to = add(x, line.p, line.n);
	if (!to)
		return lam_fail_mem(e);
	v.name = to->name;
	v.scale = (unsigned)n;
	*to = v;
	return LAM_OK;
}

int
lam_extents_parse(struct lam_extents *x, struct lam_str meta, uint64_t base,
	const char *path, struct lam_error *e)
{
	const char *at = meta.n ? meta.p : "", *end = at + meta.n, *nl;
	bool ok = true;
	int rc = LAM_OK;

	/* A program that does not tell extents wrote what is before. */
	if (!lam_str_u64(lam_meta_get(meta, "extents"), &x->from))
		x->from = base;
	for (; !rc && ok && at < end; at = nl + 1) {
		nl = memchr(at, '\n', (size_t)(end - at));
		if (!nl)
			break;
		if (nl - at > 7 && !memcmp(at, "extent ", 7))
			rc = parse_line(x, (struct lam_str){ at + 7,
				(size_t)(nl - at) - 7 }, &ok, e);
	}
	return rc || ok ? rc : lam_fail(e, LAM_DATA, "%s: the extent of a "
		"field is not valid: the file is damaged, restore it from a "
		"copy", path);
}
