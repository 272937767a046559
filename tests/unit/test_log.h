/*
 * test_log.h - logs made of records that can be recognised
 *
 * A record is made from one number, its id: id, a text with NULs, quotes and
 * high bytes, and a value that is NULL, empty or a decimal.  So a reader can
 * tell for each position whether every byte is right.
 */
#ifndef TEST_LOG_H
#define TEST_LOG_H

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "log/append.h"
#include "log/scan.h"
#include "test.h"

#define TEST_ROWS_MAX 512

static char test_root[64];

static inline const char *
test_path(const char *name)
{
	static char p[8][300];
	static unsigned i;

	i = (i + 1) % 8;
	snprintf(p[i], sizeof p[i], "%s/%s", test_root, name);
	return p[i];
}

__attribute__((format(printf, 1, 2))) static inline void
test_shell(const char *fmt, ...)
{
	char command[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof command, fmt, ap);
	va_end(ap);
	if (system(command))
		printf("# failed: %s\n", command);
}

static inline void
test_root_make(void)
{
	snprintf(test_root, sizeof test_root, "%s/lam-test-XXXXXX",
		access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(test_root))
		exit(1);
}

/* Text of field F of record ID into P; -1: NULL. */
static inline int
test_value(uint64_t id, int f, char p[64])
{
	if (f == 0)
		return snprintf(p, 64, "%llu", (unsigned long long)id);
	if (f == 1) {
		int n = snprintf(p, 64, "t%llu\xff\"x\n", (unsigned long long)
			(id * 2654435761u % 1000003));
		p[n++] = '\0'; /* a NUL inside */
		p[n++] = (char)(id & 255);
		return n;
	}
	if (id % 5 == 0)
		return -1;
	return id % 5 == 1 ? 0 : snprintf(p, 64, "%llu.%02llu",
		(unsigned long long)(id % 91), (unsigned long long)(id % 100));
}

static const struct lam_field test_fields[] = {
	{ "id", { LAM_NUMBER, 0 }, false },
	{ "text", { LAM_TEXT, 0 }, false },
	{ "value", { LAM_NUMBER, 0 }, false },
	{ "extra", { LAM_TEXT, 0 }, false },
};

static struct lam_str test_notes; /* metadata of the blocks that follow */

/* A block image of records ID .. ID+N-1 in the layout of A. */
static inline int
test_image(const struct lam_append *a, uint64_t id, uint32_t n,
	struct lam_buf *image, struct lam_error *e)
{
	static struct lam_cell nulls[TEST_ROWS_MAX];
	struct lam_cell cell[4][TEST_ROWS_MAX];
	struct lam_cell *field[8];
	struct lam_buf text = LAM_BUF_INIT;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_cells c = { NULL, n, 0, field, 0 };
	struct lam_block_facts facts = { .text = n, .notes = test_notes };
	const uint32_t *map;
	char p[64];
	int len, rc;

	for (uint32_t r = 0; r < n; r++) {
		nulls[r] = (struct lam_cell){ 0, LAM_CELL_NULL };
		for (int f = 0; f < 4; f++) {
			len = test_value(id + r, f == 3 ? 0 : f, p);
			cell[f][r] = (struct lam_cell){ (uint32_t)text.n,
				len < 0 ? LAM_CELL_NULL : (uint32_t)len };
			if (len > 0)
				lam_buf_put(&text, p, (size_t)len);
		}
	}
	c.nfields = (uint32_t)lam_append_layout(a, &map, &facts.field);
	for (uint32_t i = 0; i < c.nfields; i++)
		field[i] = map[i] == UINT32_MAX ? nulls : cell[map[i]];
	c.text = lam_buf_str(&text);
	lam_buf_clear(image);
	rc = lam_block_encode(&c, 0, 1, &facts, &arena, image, e);
	lam_arena_release(&arena);
	lam_buf_release(&text);
	return rc;
}

static inline int
test_append(struct lam_append *a, uint64_t id, uint32_t n, bool sync,
	uint64_t *first, struct lam_error *e)
{
	struct lam_buf image = LAM_BUF_INIT;
	int rc = test_image(a, id, n, &image, e);

	if (!rc)
		rc = lam_append_image(a, &image, n, sync, first, e);
	lam_buf_release(&image);
	return rc;
}

/* A writer of the first NFIELDS test fields on stream "s" of DATA. */
static inline struct lam_append *
test_writer(const char *data, size_t nfields, struct lam_error *e)
{
	struct lam_append *a = NULL;
	int rc = lam_append_open(&a, data, "s", e);

	if (!rc)
		rc = lam_append_fields(a, test_fields, nfields, e);
	if (rc) {
		printf("# writer: %s\n", e->msg);
		lam_append_close(a);
		a = NULL;
	}
	return a;
}

struct test_read {
	uint64_t head;
	uint64_t rows;	/* read back */
	uint64_t wrong;	/* rows with a value that was never written */
	uint64_t ids[1 << 16]; /* by position - from */
};

/* One block's rows into R. */
static inline int
test_read_block(const struct lam_scan_block *b, struct test_read *r,
	struct lam_arena *arena, struct lam_error *e)
{
	struct lam_vec v[4];
	char p[64];
	uint64_t bad = 0;
	uint32_t nfields = (uint32_t)b->scan->stream->schema.n;

	for (uint32_t f = 0; f < nfields; f++) {
		int rc = lam_scan_column(b, f, (struct lam_coltype){ LAM_TEXT,
			0 }, true, arena, &v[f], &bad, e);
		if (rc)
			return rc;
	}
	for (uint32_t i = 0; i < b->n; i++) {
		struct lam_str s = lam_vec_text(&v[0], i);
		uint64_t id = 0;

		for (size_t k = 0; k < s.n; k++)
			id = id * 10 + (uint64_t)(s.p[k] - '0');
		for (uint32_t f = 0; f < nfields && f < 3; f++) {
			int n = test_value(id, (int)f, p);

			s = lam_vec_text(&v[f], i);
			r->wrong += n < 0 ? s.p != NULL : !s.p || s.n !=
				(size_t)n || memcmp(s.p, p, s.n);
		}
		if (r->rows < 1 << 16)
			r->ids[r->rows] = id;
		r->rows++;
	}
	return LAM_OK;
}

/* Positions [FROM, TO) (TO clipped to the head) of stream "s" of DATA. */
static inline int
test_read(const char *data, uint64_t from, uint64_t to, struct test_read *r,
	struct lam_error *e)
{
	struct lam_stream s;
	struct lam_scan scan = { 0 };
	struct lam_scan_block b = { 0 };
	struct lam_arena arena = LAM_ARENA_INIT;
	bool got = true;
	int rc;

	*e = (struct lam_error)LAM_ERROR_INIT;
	r->head = r->rows = r->wrong = 0;
	rc = lam_stream_open(&s, data, "s", e);
	if (rc)
		return rc;
	r->head = s.head;
	rc = lam_scan_open(&scan, &s, from, to < s.head ? to : s.head, e);
	while (!rc && got) {
		lam_arena_reset(&arena);
		rc = lam_scan_next(&scan, &b, &arena, &got, e);
		if (!rc && got && b.pos != from + r->rows)
			rc = lam_fail(e, 99, "position %llu, not %llu",
				(unsigned long long)b.pos,
				(unsigned long long)(from + r->rows));
		if (!rc && got)
			rc = test_read_block(&b, r, &arena, e);
	}
	lam_scan_drop(&b);
	lam_scan_close(&scan);
	lam_stream_close(&s);
	lam_arena_release(&arena);
	return rc;
}

/* Are records FROM .. FROM+ROWS-1 those with id = position? */
static inline bool
test_in_order(const struct test_read *r, uint64_t from)
{
	for (uint64_t i = 0; i < r->rows; i++)
		if (r->ids[i] != from + i)
			return false;
	return r->wrong == 0;
}

static inline long
test_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : (long)st.st_size;
}

static inline int
test_files(const char *dir, const char *suffix)
{
	struct lam_names n;
	int count;

	if (lam_io_list(dir, suffix, &n, NULL))
		return -1;
	count = (int)n.n;
	lam_names_release(&n);
	return count;
}

#endif
