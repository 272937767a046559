/*
 * Sizes that lie: every number in a file of blocks is made huge, with all
 * checksums put right again, as an attacker would.  Reading it gives values or
 * LAM_DATA, in little memory: no size is believed before it is checked.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/io.h"
#include "store/block.h"
#include "store/blockfile.h"
#include "test.h"

#define FIELDS 6
#define ROWS 300
#define MEMORY (64u << 20) /* beyond what the process has at the start */

static char path[] = "/tmp/test_huge.XXXXXX";

static void
put_value(uint32_t f, uint32_t i, struct lam_buf *b)
{
	if (f == 0)
		lam_buf_printf(b, "%u", i * i);		  /* integers */
	else if (f == 1)
		lam_buf_printf(b, "%u.%02u", i, i % 100); /* decimals */
	else if (f == 2)
		lam_buf_printf(b, "word %u", i % 7);	  /* dictionary */
	else if (f == 3)
		lam_buf_printf(b, "2026-01-01T00:%02u:%02uZ", i / 60, i % 60);
	else if (f == 4)				  /* deflated text */
		lam_buf_printf(b, "a long and dull text %u %u", i, i * 7);
	else						  /* plain text */
		lam_buf_printf(b, "%x", i * 2654435761u);
}

static struct lam_cells
make_cells(struct lam_buf *text)
{
	static struct lam_cell cell[FIELDS][ROWS], *field[FIELDS];
	struct lam_cells c = { .nrows = ROWS, .nfields = FIELDS,
		.field = field };

	for (uint32_t f = 0; f < FIELDS; f++) {
		field[f] = cell[f];
		for (uint32_t i = 0; i < ROWS; i++) {
			size_t at = text->n;

			put_value(f, i, text);
			cell[f][i] = (struct lam_cell){ (uint32_t)at,
				(uint32_t)(text->n - at) };
			if (f % 2 && i % 9 == 4)
				cell[f][i].len = LAM_CELL_NULL;
		}
	}
	c.text = lam_buf_str(text);
	return c;
}

/* A sealed file of one block, which begins at *AT. */
static void
make_file(struct lam_buf *out, uint64_t *at)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf text = LAM_BUF_INIT;
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_str m = { "kind log\nsealed 1\n", 18 };
	struct lam_cells c = make_cells(&text);
	struct lam_block b = { .first = 7, .nrows = ROWS, .ncols = FIELDS,
		.head = (uint32_t)lam_block_head_size(FIELDS) };

	FAIL_IF(lam_blockfile_header(m, out, &e), "%s", e.msg);
	*at = b.at = out->n;
	FAIL_IF(lam_block_encode(&c, 7, 9, NULL, &scratch, out, &e), "%s", e.msg);
	b.size = out->n - b.at;
	b.checksum = lam_get64(out->p + b.at + lam_block_head_size(FIELDS) -
		8);
	FAIL_IF(lam_blockfile_footer(2, &b, 1, m, out, &e), "%s", e.msg);
	lam_buf_release(&text);
	lam_arena_release(&scratch);
}

/* All checksums of P, a changed copy of ORIGINAL, which says where they are. */
static void
put_right(char *p, const char *original, uint64_t size, uint64_t at)
{
	uint64_t head = lam_block_head_size(FIELDS), foot, n;
	uint64_t column = at + head;

	lam_put64(p + at - 8, lam_checksum(p, at - 8));
	for (uint32_t i = 0; i < FIELDS; i++) {
		uint64_t entry = at + LAM_BLOCK_HEAD + i * LAM_BLOCK_ENTRY;

		n = lam_get32(original + entry + 8);
		lam_put64(p + entry + 32, lam_checksum(p + column, n));
		column += (n + 7) & ~UINT64_C(7);
	}
	lam_put64(p + at + head - 8, lam_checksum(p + at, head - 8));
	n = lam_get64(original + size - 16);
	foot = size - n;
	lam_put64(p + foot + 24 + 32, lam_get64(p + at + head - 8));
	lam_put64(p + size - 24, lam_checksum(p + foot, n - 24));
}

static int
read_all(struct lam_error *e)
{
	static const uint8_t types[] = { LAM_TEXT, LAM_NUMBER, LAM_TIME };
	struct lam_blockfile f;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_block_reader r;
	struct lam_vec v;
	uint64_t bad;
	int rc = lam_blockfile_open(&f, path, e);

	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < f.nblocks; i++) {
		rc = lam_block_open(&r, &f, i, &a, e);
		for (uint32_t c = 0; !rc && c < FIELDS; c++)
			for (int t = 0; !rc && t < 3; t++)
				rc = lam_block_column(&r, c,
					(struct lam_coltype){ types[t], 0 },
					&a, &v, &bad, e);
	}
	lam_arena_release(&a);
	lam_blockfile_close(&f);
	return rc;
}

static uint64_t
address_space(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	FAIL_IF(!f || fscanf(f, "%lu", &pages) != 1, "statm");
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Is I among the values of a column, behind all that says how many? */
static bool
is_value(const char *p, uint64_t at, size_t i)
{
	uint64_t column = at + lam_block_head_size(FIELDS), n;

	for (uint32_t f = 0; f < FIELDS; f++, column += (n + 7) & ~7u) {
		n = lam_get32(p + at + LAM_BLOCK_HEAD + f * LAM_BLOCK_ENTRY +
			8);
		if (i >= column + 64 && i < column + n)
			return true;
	}
	return false;
}

/* The columns are of all the kinds that hold sizes. */
static void
check_kinds(const char *p, uint64_t at)
{
	uint64_t column = at + lam_block_head_size(FIELDS);
	unsigned kinds = 0, flags = 0;

	for (uint32_t f = 0; f < FIELDS; f++) {
		const char *m = p + at + LAM_BLOCK_HEAD + f * LAM_BLOCK_ENTRY;

		kinds |= 1u << *m;
		if (*m == 4)
			flags |= 1u << p[column];
		column += (lam_get32(m + 8) + 7) & ~7u;
	}
	CHECK((kinds & 0x1c) == 0x1c); /* DICT, INTS, TEXT */
	printf("# flags of texts: %x\n", flags);
	CHECK((flags & 0xcc) != 0); /* one is deflated */
}

static void
try_all(const struct lam_buf *file, uint64_t at)
{
	static const uint64_t huge[] = { UINT64_MAX, INT64_MAX,
		UINT64_C(1) << 60, UINT64_C(1) << 40, UINT64_C(1) << 32,
		UINT32_MAX, INT32_MAX, 1u << 30, 1u << 16, 1u << 24, 0 };
	char *p = malloc(file->n);
	unsigned read = 0, refused = 0;
	int fd = open(path, O_RDWR);

	for (size_t i = 0; i + 4 <= file->n; i += 4) {
		if (is_value(file->p, at, i))
			continue;
		for (size_t k = 0; k < 2 * sizeof huge / sizeof *huge; k++) {
			struct lam_error e = LAM_ERROR_INIT;
			uint64_t v = huge[k / 2];
			int rc;

			memcpy(p, file->p, file->n);
			if (k % 2 == 0)
				lam_put32(p + i, (uint32_t)v);
			else if (i + 8 <= file->n)
				lam_put64(p + i, v);
			put_right(p, file->p, file->n, at);
			FAIL_IF(pwrite(fd, p, file->n, 0) != (ssize_t)file->n,
				"write");
			rc = read_all(&e);
			FAIL_IF(rc != LAM_OK && rc != LAM_DATA,
				"%llx at %zu: %s", (unsigned long long)v, i,
				e.msg);
			read += rc == LAM_OK;
			refused += rc == LAM_DATA;
		}
	}
	printf("# %zu bytes: %u read, %u refused\n", file->n, read, refused);
	PASS("every size that lies is refused, or harmless");
	CHECK(read > 100 && refused > 100);
	free(p);
	close(fd);
}

int
main(void)
{
	struct lam_buf file = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct rlimit limit;
	uint64_t at;
	int fd = mkstemp(path);

	make_file(&file, &at);
	FAIL_IF(write(fd, file.p, file.n) != (ssize_t)file.n, "write");
	close(fd);
	CHECK_INT(read_all(&e), LAM_OK);
	check_kinds(file.p, at);
#ifndef __SANITIZE_ADDRESS__ /* which reserves more than there is */
	limit.rlim_cur = limit.rlim_max = address_space() + MEMORY;
	CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
#else
	(void)limit;
	(void)address_space;
#endif
	try_all(&file, at);
	lam_buf_release(&file);
	unlink(path);
	return DONE();
}
