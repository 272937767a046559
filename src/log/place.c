/*
 * place.c - source places: how far a source has been appended
 *
 * In the metadata of a block, kind 3:
 *
 *	 0  u64  from	 8  u64  to	16  u64  seconds since 1970
 *	24  u32  bytes of the key, 1..1024	28  u32  bytes of the state
 *	32       the key, the state
 *
 * In the footer of a segment, the latest place behind its last record of each source
 * that it tells, sorted by key:
 *
 *	place TO SECONDS KEY STATE	in hexadecimal; no state: -
 *
 * A writer has the places of its stream in memory, under the lock (tail.h).
 */
#include "log/place.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/escape.h"
#include "base/search.h"
#include "store/block.h"
#include "store/blockfile.h"

#define HEAD 32
#define DAY 86400

static int
compare(struct lam_str a, struct lam_str b)
{
	int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static bool
is_before(const void *v, size_t i, const void *key)
{
	const struct lam_place *x = (const struct lam_place *)v + i;

	return compare(x->key, *(const struct lam_str *)key) < 0;
}

/* The first of P that is not before KEY. */
static size_t
find(const struct lam_places *p, struct lam_str key)
{
	return lam_lower_bound(p->item, p->n, &key, is_before);
}

const struct lam_place *
lam_places_find(const struct lam_places *p, struct lam_str key)
{
	size_t i = find(p, key);

	return i < p->n && compare(p->item[i].key, key) == 0 ? &p->item[i] :
		NULL;
}

/* Free what copy has made. */
static void
drop(const struct lam_place *x)
{
	free((void *)(uintptr_t)x->key.p);
}

/* A copy of X; its key and state are one allocation, that of the key. */
static bool
copy(const struct lam_place *x, struct lam_place *out)
{
	char *p = malloc(x->key.n + x->state.n + 1);

	if (!p)
		return false;
	*out = *x;
	memcpy(p, x->key.p, x->key.n);
	if (x->state.n)
		memcpy(p + x->key.n, x->state.p, x->state.n);
	out->key.p = p;
	out->state.p = p + x->key.n;
	return true;
}

int
lam_places_set(struct lam_places *p, const struct lam_place *x,
	struct lam_error *e)
{
	struct lam_place own;
	size_t i = find(p, x->key);

	if (!copy(x, &own))
		return lam_fail_mem(e);
	if (i < p->n && compare(p->item[i].key, x->key) == 0) {
		drop(&p->item[i]);
		p->item[i] = own;
		return LAM_OK;
	}
	if (!lam_array_room(&p->item, &p->cap, p->n + 1, sizeof *p->item)) {
		drop(&own);
		return lam_fail_mem(e);
	}
	memmove(p->item + i + 1, p->item + i, (p->n - i) * sizeof *p->item);
	p->item[i] = own;
	p->n++;
	return LAM_OK;
}

size_t
lam_place_size(const struct lam_place *x)
{
	return sizeof "place   \n" + 40 + 2 * (x->key.n + x->state.n);
}

/* Drop the places noted before WHEN. */
static void
drop_before(struct lam_places *p, uint64_t when)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (p->item[i].when < when)
			drop(&p->item[i]);
		else
			p->item[n++] = p->item[i];
	}
	p->n = n;
}

static int
newest_first(const void *a, const void *b)
{
	const struct lam_place *x = a, *y = b;

	return x->when != y->when ? (x->when < y->when ? 1 : -1) :
		compare(x->key, y->key);
}

static int
by_key(const void *a, const void *b)
{
	const struct lam_place *x = a, *y = b;

	return compare(x->key, y->key);
}

void
lam_places_expire(struct lam_places *p, uint64_t now)
{
	uint64_t last = 0;
	size_t size = 0, keep;

	for (size_t i = 0; i < p->n; i++) {
		struct lam_place *x = &p->item[i];

		size += lam_place_size(x);
		if (x->when > now)
			x->when = now;
		if (x->when > last)
			last = x->when;
	}
	if (last > (uint64_t)LAM_PLACE_DAYS * DAY)
		drop_before(p, last - (uint64_t)LAM_PLACE_DAYS * DAY);
	if (size <= LAM_PLACES_BYTES)
		return;
	qsort(p->item, p->n, sizeof *p->item, newest_first);
	for (keep = size = 0; keep < p->n; keep++) {
		size += lam_place_size(&p->item[keep]);
		if (size > LAM_PLACES_BYTES)
			break;
	}
	while (p->n > keep)
		drop(&p->item[--p->n]);
	qsort(p->item, p->n, sizeof *p->item, by_key);
}

void
lam_places_release(struct lam_places *p)
{
	for (size_t i = 0; i < p->n; i++)
		drop(&p->item[i]);
	free(p->item);
	*p = (struct lam_places)LAM_PLACES_INIT;
}

int
lam_place_put(const struct lam_place *x, struct lam_buf *notes,
	struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	int rc;

	if (x->key.n == 0 || x->key.n > LAM_PLACE_KEY ||
		x->state.n > LAM_PLACE_STATE || x->from > x->to)
		return lam_fail(e, LAM_USAGE, "a source place with a key of "
			"%zu bytes and a state of %zu: at most %d and %u",
			x->key.n, x->state.n, LAM_PLACE_KEY, LAM_PLACE_STATE);
	lam_buf_put_u64(&b, x->from);
	lam_buf_put_u64(&b, x->to);
	lam_buf_put_u64(&b, x->when);
	lam_buf_put_u32(&b, (uint32_t)x->key.n);
	lam_buf_put_u32(&b, (uint32_t)x->state.n);
	lam_buf_put(&b, x->key.p, x->key.n);
	if (x->state.n)
		lam_buf_put(&b, x->state.p, x->state.n);
	rc = lam_buf_check(&b, e);
	if (!rc) {
		lam_block_note(notes, LAM_NOTE_PLACE, 0, b.p, b.n);
		rc = lam_buf_check(notes, e);
	}
	lam_buf_release(&b);
	return rc;
}

bool
lam_place_get(struct lam_str v, struct lam_place *x)
{
	if (v.n < HEAD)
		return false;
	x->from = lam_get64(v.p);
	x->to = lam_get64(v.p + 8);
	x->when = lam_get64(v.p + 16);
	x->key = (struct lam_str){ v.p + HEAD, lam_get32(v.p + 24) };
	x->state.n = lam_get32(v.p + 28);
	if (x->key.n == 0 || x->key.n > LAM_PLACE_KEY || x->from > x->to ||
		x->state.n > LAM_PLACE_STATE ||
		HEAD + x->key.n + x->state.n != v.n)
		return false;
	x->state.p = x->key.p + x->key.n;
	x->told = LAM_PLACE_UNTOLD;
	return true;
}

/* ------------------------------------------------------------------ lines */

static void
put_hex(struct lam_str s, struct lam_buf *out)
{
	static const char digit[] = "0123456789abcdef";

	if (s.n == 0)
		lam_buf_putc(out, '-');
	for (size_t i = 0; i < s.n; i++) {
		lam_buf_putc(out, digit[(unsigned char)s.p[i] >> 4]);
		lam_buf_putc(out, digit[s.p[i] & 15]);
	}
}

void
lam_places_print(const struct lam_places *p, uint64_t from,
	struct lam_buf *meta)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct lam_place *x = &p->item[i];

		if (x->told < from)
			continue;
		lam_buf_printf(meta, "place %" PRIu64 " %" PRIu64 " ", x->to,
			x->when);
		put_hex(x->key, meta);
		lam_buf_putc(meta, ' ');
		put_hex(x->state, meta);
		lam_buf_putc(meta, '\n');
	}
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
		c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
get_hex(struct lam_str s, struct lam_buf *out, size_t max)
{
	if (s.n == 1 && *s.p == '-')
		return true;
	if (s.n == 0 || s.n % 2 || s.n / 2 > max)
		return false;
	for (size_t i = 0; i < s.n; i += 2) {
		int hi = hex_digit(s.p[i]), lo = hex_digit(s.p[i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		lam_buf_putc(out, (char)(hi << 4 | lo));
	}
	return true;
}

static int
parse_line(struct lam_places *p, struct lam_str line, uint64_t told, bool *ok,
	struct lam_error *e)
{
	struct lam_buf key = LAM_BUF_INIT, state = LAM_BUF_INIT;
	struct lam_place x = { .told = told };
	struct lam_str word;
	int rc = LAM_OK;

	*ok = lam_str_cut(&line, ' ', &word) && lam_str_u64(word, &x.to) &&
		lam_str_cut(&line, ' ', &word) && lam_str_u64(word, &x.when) &&
		lam_str_cut(&line, ' ', &word) &&
		get_hex(word, &key, LAM_PLACE_KEY) && key.n &&
		lam_str_cut(&line, ' ', &word) &&
		get_hex(word, &state, LAM_PLACE_STATE) && !line.p;
	x.from = x.to;
	x.key = (struct lam_str){ key.p, key.n };
	x.state = (struct lam_str){ state.p, state.n };
	if (key.oom || state.oom)
		rc = lam_fail_mem(e);
	else if (*ok)
		rc = lam_places_set(p, &x, e);
	lam_buf_release(&key);
	lam_buf_release(&state);
	return rc;
}

int
lam_places_parse(struct lam_places *p, struct lam_str meta, uint64_t told,
	const char *path, struct lam_error *e)
{
	const char *at = meta.n ? meta.p : "", *end = at + meta.n, *nl;
	bool ok = true;
	int rc = LAM_OK;

	for (; !rc && ok && at < end; at = nl + 1) {
		nl = memchr(at, '\n', (size_t)(end - at));
		if (!nl)
			break;
		if (nl - at > 6 && !memcmp(at, "place ", 6))
			rc = parse_line(p, (struct lam_str){ at + 6,
				(size_t)(nl - at) - 6 }, told, &ok, e);
	}
	return rc || ok ? rc : lam_fail(e, LAM_DATA, "%s: a source place is "
		"not valid: the file is damaged, restore it from a copy", path);
}
