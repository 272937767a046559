/*
 * geo_check.c - the metadata of a file of MaxMind's form, counted
 *
 * They begin behind the last marker within the last 128 KiB.  A value is
 *
 *	1 byte	type (upper 3 bits; 0: 7 more than the next byte), size (lower 5)
 *	0-3	29, 30, 31: the size is 29, 285, 65821 more than 1, 2, 3 bytes
 *	...	that many bytes; of a map so many pairs, of an array so many values
 *
 * and a pointer (type 1) has the number of its bytes, less one, in 2 bits, and 3 bits
 * that stand before these; it leads to another place of the metadata.
 */
#include "reference/geo_check.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"

enum { TAIL = 128 * 1024, DEPTH = 64 };
enum { POINTER = 1, MAP = 7, ARRAY = 11, BOOLEAN = 14 };

static const char marker[] = "\xab\xcd\xefMaxMind.com";

struct metadata {
	const uint8_t *p;
	size_t n;
	uint32_t values; /* seen so far */
};

/* N bytes at *AT as a number; false: there are not so many. */
static bool
take(const struct metadata *m, size_t *at, unsigned n, uint64_t *out)
{
	if (m->n - *at < n)
		return false;
	while (n-- > 0)
		*out = *out << 8 | m->p[(*at)++];
	return true;
}

/* What a pointer, whose first byte is C, leads to. */
static bool
follow(const struct metadata *m, size_t *at, uint8_t c, size_t *to)
{
	static const uint32_t more[] = { 0, 2048, 526336, 0 };
	unsigned size = c >> 3 & 3;
	uint64_t v = size == 3 ? 0 : c & 7;

	if (!take(m, at, size + 1, &v) || v + more[size] >= m->n)
		return false;
	*to = (size_t)v + more[size];
	return true;
}

/* The type and the size of the value at *AT. */
static bool
head(const struct metadata *m, size_t *at, unsigned *type, uint64_t *size)
{
	static const uint32_t more[] = { 29, 285, 65821 };
	uint64_t next = 0;
	uint8_t c = m->p[(*at)++];

	*type = c >> 5;
	*size = c & 31;
	if (*type == 0) {
		if (!take(m, at, 1, &next))
			return false;
		*type = (unsigned)next + 7;
	}
	if (*type == POINTER || *size < 29)
		return true;
	next = 0;
	if (!take(m, at, (unsigned)*size - 28, &next))
		return false;
	*size = next + more[*size - 29];
	return true;
}

/* All of the value at *AT is well, and what it points to. */
static bool
walk(struct metadata *m, size_t *at, unsigned depth)
{
	uint64_t size;
	unsigned type;
	size_t to = 0;
	uint8_t c;

	if (depth == DEPTH || *at >= m->n || ++m->values > LAM_GEO_METADATA)
		return false;
	c = m->p[*at];
	if (!head(m, at, &type, &size))
		return false;
	if (type == POINTER)
		return follow(m, at, c, &to) && walk(m, &to, depth + 1);
	if (type != MAP && type != ARRAY) {
		size = type == BOOLEAN ? 0 : size;
		*at += size <= m->n - *at ? (size_t)size : 0;
		return size <= m->n;
	}
	for (uint64_t i = 0; i < (type == MAP ? 2 * size : size); i++)
		if (!walk(m, at, depth + 1))
			return false;
	return true;
}

/* Behind the last marker in B. */
static bool
find(const struct lam_buf *b, struct metadata *m)
{
	size_t n = sizeof marker - 1;

	for (size_t i = b->n; i-- >= n;)
		if (i + 1 >= n && memcmp(b->p + i + 1 - n, marker, n) == 0) {
			m->p = (const uint8_t *)b->p + i + 1;
			m->n = b->n - i - 1;
			return true;
		}
	return false;
}

static int
check(int fd, const char *path, struct lam_buf *b, struct lam_error *e)
{
	struct metadata m = { .n = 0 };
	uint64_t size;
	size_t at = 0, n;
	int rc = lam_io_size(fd, &size, path, e);

	if (rc)
		return rc;
	n = size < TAIL ? (size_t)size : TAIL;
	if (!lam_buf_room(b, n + 1))
		return lam_fail_mem(e);
	rc = lam_io_pread(fd, b->p, n, size - n, path, e);
	if (rc)
		return rc;
	b->n = n;
	return find(b, &m) && walk(&m, &at, 0) ? LAM_OK : lam_fail(e, LAM_DATA,
		"%s: no file of MaxMind's form, or a damaged one: it has %s "
		"metadata", path, m.p == NULL ? "no" : "bad");
}

int
lam_geo_check(const char *path, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? lam_fail_sys(e, "%s: cannot be read", path) :
		check(fd, path, &b, e);

	if (fd >= 0 && lam_io_close(&fd, path, rc ? NULL : e) && !rc)
		rc = LAM_SYSTEM;
	lam_buf_release(&b);
	return rc;
}
