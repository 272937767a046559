/*
 * zone.c - zones as step functions
 *
 * Step I has the instants [from[I], from[I + 1]), and its clock shows from[I] +
 * offset[I] first.  The instant of a local time L is in the last step whose clock
 * began at L or before: in an hour that comes twice this is the second one, and in an
 * hour that is left out it is the step before the clock was turned, since the next one
 * begins behind L.  So the rule for local times needs no case of its own.  It needs
 * clocks that are turned by less than the time between two turns, both when steps
 * begin and when they end; no file of tzdata has others, and others are refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/io.h"
#include "time/zone_internal.h"

#define FILE_MAX (1u << 20) /* bytes; those of tzdata have 4 KiB */

static const char *zone_dir = LAM_ZONE_DIR;

void
lam_zone_set_dir(const char *dir)
{
	zone_dir = dir;
}

static struct lam_zone_step *
step(const struct lam_zone *z)
{
	return (struct lam_zone_step *)(void *)z->steps.p;
}

void
lam_zone_add(struct lam_zone *z, int64_t from, int64_t offset)
{
	struct lam_zone_step s = { from, 0, offset };

	if (from > LAM_ZONE_LAST)
		return;
	/* The same instant again: this is what holds. */
	while (z->n && (from <= LAM_ZONE_FIRST || from <= step(z)[z->n - 1].from)) {
		z->n--;
		z->steps.n -= sizeof s;
	}
	if (!z->n)
		s.from = LAM_ZONE_FIRST;
	else if (step(z)[z->n - 1].offset == offset)
		return;
	lam_buf_put(&z->steps, &s, sizeof s);
	z->n += !z->steps.oom;
}

/* All steps are there: what is found from them. */
static int
finish(struct lam_zone *z, struct lam_error *e)
{
	struct lam_zone_step *s = step(z);
	int r = lam_buf_check(&z->steps, e);

	if (r)
		return r;
	for (size_t i = z->n; i-- > 0;) {
		s[i].local = s[i].from + s[i].offset;
		z->hash = lam_mix((uint64_t)s[i].from ^ z->hash, 1);
		z->hash = lam_mix((uint64_t)s[i].offset ^ z->hash, 2);
	}
	return LAM_OK;
}

/* -------------------------------------------------------------------- files */

/* A data block of TZif, and what its header says of it. */
struct block {
	const unsigned char *p, *end; /* what is left of the file */
	uint32_t utc, standard, leaps, times, types, chars;
};

static uint32_t
big32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}

static int64_t
big_time(const unsigned char *p, size_t width)
{
	if (width == 4)
		return (int32_t)big32(p);
	return (int64_t)((uint64_t)big32(p) << 32 | big32(p + 4));
}

/* The header at b->p, and whether its block of times of WIDTH bytes is there. */
static const char *
read_header(struct block *b, size_t width, unsigned char *version)
{
	const unsigned char *p = b->p;
	uint64_t need;

	if (b->end - p < 44 || memcmp(p, "TZif", 4))
		return "is no TZif file";
	*version = p[4];
	b->utc = big32(p + 20);
	b->standard = big32(p + 24);
	b->leaps = big32(p + 28);
	b->times = big32(p + 32);
	b->types = big32(p + 36);
	b->chars = big32(p + 40);
	b->p += 44;
	need = (uint64_t)b->times * (width + 1) + (uint64_t)b->types * 6 +
		b->chars + (uint64_t)b->leaps * (width + 4) + b->standard + b->utc;
	if (need > (uint64_t)(b->end - b->p))
		return "is cut off";
	return NULL;
}

static void
skip_block(struct block *b, size_t width)
{
	b->p += b->times * (width + 1) + b->types * 6 + b->chars +
		b->leaps * (width + 4) + b->standard + b->utc;
}

/* The steps of a block; *LAST: the second of its last transition. */
static const char *
read_steps(struct lam_zone *z, struct block *b, size_t width, int64_t *last)
{
	const unsigned char *at = b->p, *which = at + b->times * width;
	const unsigned char *type = which + b->times;

	*last = INT64_MIN;
	if (b->leaps)
		return "counts leap seconds, which instants do not know";
	if (!b->types || b->types > 256)
		return "has no types of local time";
	for (uint32_t i = 0; i < b->types; i++) {
		int32_t offset = (int32_t)big32(type + 6 * i);

		if (offset < -LAM_ZONE_OFFSET_MAX || offset > LAM_ZONE_OFFSET_MAX)
			return "has an offset of more than a day";
	}
	lam_zone_add(z, LAM_ZONE_FIRST, (int32_t)big32(type));
	for (uint32_t i = 0; i < b->times; i++) {
		int64_t t = big_time(at + i * width, width);

		if (which[i] >= b->types || (i && t <= *last))
			return "has transitions that are not in order";
		*last = t;
		lam_zone_add(z, t, (int32_t)big32(type + 6 * which[i]));
	}
	skip_block(b, width);
	return NULL;
}

static const char *
read_file(struct lam_zone *z, struct block *b)
{
	unsigned char version, second;
	const unsigned char *end;
	const char *why = read_header(b, 4, &version);
	int64_t last;

	if (why)
		return why;
	if (!version) /* the first: times of 32 bits, no rule */
		return read_steps(z, b, 4, &last);
	skip_block(b, 4);
	why = read_header(b, 8, &second);
	if (!why)
		why = read_steps(z, b, 8, &last);
	if (why)
		return why;
	if (b->p == b->end || *b->p != '\n')
		return "has no rule at its end";
	b->p++;
	end = memchr(b->p, '\n', (size_t)(b->end - b->p));
	if (!end)
		return "has no rule at its end";
	if (!lam_zone_add_rule(z, (const char *)b->p, (size_t)(end - b->p),
		last))
		return "has a rule at its end that is none";
	return NULL;
}

/* Do the steps begin in order, and end in order, by the clock too? */
static bool
clock_in_order(const struct lam_zone *z)
{
	const struct lam_zone_step *s = step(z);

	for (size_t i = 1; i < z->n; i++)
		if (s[i].from + s[i].offset <= s[i - 1].from + s[i - 1].offset ||
			(i > 1 && s[i].from + s[i - 1].offset <=
				s[i - 1].from + s[i - 2].offset))
			return false;
	return true;
}

int
lam_zone_parse(struct lam_zone **out, const void *p, size_t n,
	const char *label, struct lam_error *e)
{
	struct lam_zone *z = calloc(1, sizeof *z);
	struct block b = { .p = p, .end = (const unsigned char *)p + n };
	const char *why;
	int r;

	if (!z)
		return lam_fail_mem(e);
	why = read_file(z, &b);
	if (!why && !clock_in_order(z))
		why = "turns its clock further than the time between two turns";
	r = why ? lam_fail(e, LAM_DATA, "%s: %s", label, why) : finish(z, e);
	if (r)
		lam_zone_close(z);
	else
		*out = z;
	return r;
}

void
lam_zone_close(struct lam_zone *z)
{
	if (!z)
		return;
	lam_buf_release(&z->steps);
	free(z);
}

/* Words of letters, digits, +, - and _ between slashes: no way out of a directory. */
static bool
is_name(const char *p, size_t n)
{
	bool word = false;

	if (!n || n > LAM_ZONE_NAME_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = p[i];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';

		if (c == '/' ? !word : !letter && !(c >= '0' && c <= '9') &&
			c != '+' && c != '-' && c != '_')
			return false;
		word = c != '/';
	}
	return word;
}

static bool
is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* A zone whose clock is never turned. */
static int
open_fixed(struct lam_zone **out, int64_t offset, struct lam_error *e)
{
	struct lam_zone *z = calloc(1, sizeof *z);
	int r;

	if (!z)
		return lam_fail_mem(e);
	lam_zone_add(z, LAM_ZONE_FIRST, offset);
	r = finish(z, e);
	if (r)
		lam_zone_close(z);
	else
		*out = z;
	return r;
}

int
lam_zone_open(struct lam_zone **out, const char *name, size_t n,
	struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	char path[LAM_PATH_MAX];
	int r;

	*out = NULL;
	if (!is_name(name, n))
		return lam_fail(e, LAM_USAGE, "time zone \"%.*s\": expected a name "
			"as tzdata has them, such as Europe/Berlin",
			(int)(n < 80 ? n : 80), name);
	if (n == 3 && !memcmp(name, "UTC", 3))
		return open_fixed(out, 0, e);
	r = lam_io_path(path, sizeof path, e, "%s/%.*s", zone_dir, (int)n, name);
	if (!r && !is_file(path))
		return lam_fail(e, LAM_USAGE, "time zone \"%.*s\": there is no %s%s",
			(int)n, name, path, lam_io_exists(zone_dir) ? "" :
			": install the package tzdata");
	if (!r)
		r = lam_io_slurp_given(path, FILE_MAX, &b, e);
	if (!r)
		r = lam_zone_parse(out, lam_buf_str(&b), b.n, path, e);
	lam_buf_release(&b);
	return r;
}

int
lam_zone_open_given(struct lam_zone **out, const char *text, struct lam_error *e)
{
	char time[40];
	struct lam_timeform f;
	int64_t ns;
	int n;

	if (*text != '+' && *text != '-')
		return lam_zone_open(out, text, strlen(text), e);
	*out = NULL;
	n = snprintf(time, sizeof time, "2000-01-01T00:00:00%.10s", text);
	if (strlen(text) > 6 || !lam_time_parse(time, (size_t)n, &ns, &f) ||
		f.zone == LAM_ZONE_NONE)
		return lam_fail(e, LAM_USAGE, "time zone \"%.80s\": expected an offset "
			"such as +02:00, or a name such as Europe/Berlin", text);
	return open_fixed(out, f.offset * 60, e);
}

/* ------------------------------------------------------------------ look-up */

static int64_t
seconds_of(int64_t ns)
{
	return ns / LAM_NS - (ns % LAM_NS < 0);
}

/* The last step that is not behind second T, counted in UTC or (LOCAL) as clocks do. */
static inline const struct lam_zone_step *
step_at(const struct lam_zone *z, int64_t t, bool local)
{
	const struct lam_zone_step *s = step(z);
	size_t lo = 0;

	for (size_t n = z->n; n > 1;) {
		size_t half = n / 2, mid = lo + half;

		lo = (local ? s[mid].local : s[mid].from) <= t ? mid : lo;
		n -= half;
	}
	return &s[lo];
}

uint64_t
lam_zone_hash(const struct lam_zone *z)
{
	return z->hash;
}

int32_t
lam_zone_offset(const struct lam_zone *z, int64_t ns)
{
	return (int32_t)step_at(z, seconds_of(ns), false)->offset;
}

bool
lam_zone_to_utc(const struct lam_zone *z, int64_t local, int64_t *ns)
{
	const struct lam_zone_step *s = step_at(z, seconds_of(local), true);

	return !__builtin_sub_overflow(local, s->offset * LAM_NS, ns);
}

size_t
lam_zone_complete(const struct lam_zone *z, const char *p, size_t n, char *out)
{
	struct lam_timeform f;
	int64_t local, ns;
	int32_t offset;

	if (!lam_time_parse(p, n, &local, &f) || f.zone != LAM_ZONE_NONE ||
		f.form == LAM_TIME_DATE || !lam_zone_to_utc(z, local, &ns))
		return 0;
	offset = lam_zone_offset(z, ns);
	if (offset % 60)
		return lam_time_print(ns, out);
	if (f.form == LAM_TIME_FORMS) {
		f.form = LAM_TIME_T;
		f.digits = 9;
		for (int64_t rest = ns % LAM_NS; f.digits && rest % 10 == 0;
			rest /= 10)
			f.digits--;
	}
	f.zone = LAM_ZONE_COLON;
	f.offset = (int16_t)(offset / 60);
	return lam_time_print_form(ns, &f, out);
}
