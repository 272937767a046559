/*
 * test_blockfile.c - files of blocks: round trips, damage, torn tails
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "store/block.h"
#include "store/blockfile.h"
#include "test.h"

#define FIELDS 4

static char dir[] = "/tmp/test_blockfile.XXXXXX";
static char path[64];

/* Block K of the test file: 4 fields, N rows, its text in TEXT. */
static struct lam_cells
make_cells(unsigned k, uint32_t n, struct lam_buf *text)
{
	static struct lam_cell cell[FIELDS][1100];
	static struct lam_cell *field[FIELDS];
	struct lam_cells c = { .nrows = n, .nfields = FIELDS, .field = field };

	lam_buf_clear(text);
	for (uint32_t f = 0; f < FIELDS; f++) {
		field[f] = cell[f];
		for (uint32_t i = 0; i < n; i++) {
			size_t at = text->n;

			if (f == 0)
				lam_buf_printf(text, "%u", k * 1000 + i * 7);
			else if (f == 1)
				lam_buf_printf(text, "value %u of %u", i % 5,
					k);
			else if (f == 2)
				lam_buf_printf(text, "2026-01-%02uT00:%02u:00Z",
					1 + k % 28, i % 60);
			else
				lam_buf_printf(text, "%u-%x", i, i * k * 77);
			cell[f][i] = (struct lam_cell){ (uint32_t)at,
				(uint32_t)(text->n - at) };
			if (f == 3 && i % 3 == 1)
				cell[f][i].len = LAM_CELL_NULL;
		}
	}
	c.text = lam_buf_str(text);
	return c;
}

static uint32_t
rows_of(unsigned k)
{
	return k == 2 ? 1100 : 1 + k * 3;
}

/* A file of N blocks, sealed or not, in OUT; offsets of the blocks in AT. */
static void
make_file(unsigned n, bool seal, const char *meta, struct lam_buf *out,
	uint64_t *at)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf text = LAM_BUF_INIT;
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_block b[40] = { { 0 } };
	struct lam_str m = { meta, strlen(meta) };
	uint64_t first = 100;

	lam_buf_clear(out);
	FAIL_IF(lam_blockfile_header(m, out, &e), "%s", e.msg);
	for (unsigned k = 0; k < n; k++) {
		struct lam_cells c = make_cells(k, rows_of(k), &text);

		at[k] = out->n;
		FAIL_IF(lam_block_encode(&c, 0, 1, NULL, &scratch, out, &e), "%s",
			e.msg);
		lam_block_set_first(out->p + at[k], first, 0, 7);
		b[k] = (struct lam_block){ at[k], out->n - at[k], first,
			c.nrows, c.nfields, .head = 48 + FIELDS * 40 };
		b[k].checksum = lam_get64(out->p + at[k] + 40 + FIELDS * 40);
		first += c.nrows;
		lam_arena_reset(&scratch);
	}
	at[n] = out->n;
	if (seal)
		FAIL_IF(lam_blockfile_footer(2, b, n,
			(struct lam_str){ "chain 77\n", 9 }, out, &e), "%s",
			e.msg);
	lam_arena_release(&scratch);
	lam_buf_release(&text);
}

static void
write_file(const void *p, size_t n)
{
	struct lam_error e = LAM_ERROR_INIT;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	FAIL_IF(fd < 0 || lam_io_write(fd, p, n, path, &e), "write: %s", e.msg);
	close(fd);
}

/*
 * Read all of the first N blocks of F: LAM_OK when they hold what was put in,
 * -1 when something else, else the error.
 */
static int
read_all(const struct lam_blockfile *f, size_t n, struct lam_error *e)
{
	struct lam_buf text = LAM_BUF_INIT;
	uint64_t first = 100;
	int r = LAM_OK;

	for (size_t k = 0; k < n && r == LAM_OK; k++) {
		struct lam_cells want = make_cells((unsigned)k,
			rows_of((unsigned)k), &text), got;
		struct lam_arena a = LAM_ARENA_INIT;
		struct lam_block_reader rd;

		r = lam_block_open(&rd, f, k, &a, e);
		if (r == LAM_OK)
			r = lam_block_cells(&rd, &a, &got, e);
		if (r == LAM_OK && (f->block[k].first != first ||
			got.nrows != want.nrows || got.nfields != FIELDS))
			r = -1;
		for (uint32_t c = 0; r == LAM_OK && c < FIELDS; c++)
			for (uint32_t i = 0; i < want.nrows; i++) {
				struct lam_str x = lam_cell_str(&want, c, i);
				struct lam_str y = lam_cell_str(&got, c, i);

				if (!x.p != !y.p || lam_str_cmp(x, y))
					r = -1;
			}
		first += want.nrows;
		lam_arena_release(&a);
	}
	lam_buf_release(&text);
	return r;
}

static void
test_trip(bool seal)
{
	struct lam_blockfile f;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_block_reader r;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_vec v;
	uint64_t at[40], bad = 0;
	struct lam_str s;

	make_file(5, seal, "id 0123\nfield a b\nempty \n", &b, at);
	write_file(b.p, b.n);
	CHECK_INT(lam_blockfile_open(&f, path, &e), LAM_OK);
	CHECK_INT(f.sealed, seal);
	CHECK_INT(f.nblocks, 5);
	CHECK_INT(f.end, at[5]);
	CHECK_INT(f.size, b.n);
	s = lam_meta_get((struct lam_str){ f.head.p, f.head.n }, "field");
	CHECK_STR(s.p, s.n, "a b");
	s = lam_meta_get((struct lam_str){ f.head.p, f.head.n }, "empty");
	CHECK(s.p && s.n == 0);
	s = lam_meta_get((struct lam_str){ f.head.p, f.head.n }, "fiel");
	CHECK(s.p == NULL);
	s = lam_meta_get((struct lam_str){ f.foot.p, f.foot.n }, "chain");
	CHECK(seal ? s.n == 2 : s.p == NULL);
	CHECK_INT(read_all(&f, 5, &e), LAM_OK);
	CHECK_INT(lam_block_open(&r, &f, 1, &a, &e), LAM_OK);
	CHECK_INT(lam_block_column(&r, FIELDS + 3,
		(struct lam_coltype){ LAM_NUMBER, 0 }, &a, &v, &bad, &e),
		LAM_OK);
	CHECK(v.n == rows_of(1) && lam_vec_is_null(&v, 0) && bad == 0);
	CHECK(r.col[0].kind == LAM_RANGE_NUMBER && r.col[0].min == 1000);
	lam_arena_release(&a);
	lam_blockfile_close(&f);
	lam_buf_release(&b);
}

/* Every bit of a sealed file: an error, or nothing changed for the reader. */
static void
test_flips(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	uint64_t at[40];
	unsigned silent = 0, found = 0;

	make_file(2, true, "id 0123\nsealed 1\n", &b, at);
	write_file(b.p, b.n);
	for (size_t bit = 0; bit < b.n * 8; bit++) {
		struct lam_blockfile f;
		struct lam_error e = LAM_ERROR_INIT;
		char was = b.p[bit / 8], is = was ^ (char)(1 << bit % 8);
		int fd = open(path, O_WRONLY), r;

		FAIL_IF(pwrite(fd, &is, 1, (off_t)bit / 8) != 1, "pwrite");
		r = lam_blockfile_open(&f, path, &e);
		if (r == LAM_OK) {
			r = f.nblocks == 2 && f.sealed ?
				read_all(&f, 2, &e) : -1;
			lam_blockfile_close(&f);
		}
		FAIL_IF(r != LAM_OK && r != LAM_DATA, "bit %zu: %d %s", bit, r,
			e.msg);
		FAIL_IF(r == LAM_DATA && !strstr(e.msg, path),
			"bit %zu: message without the file: %s", bit, e.msg);
		silent += r == LAM_OK;
		found += r == LAM_DATA;
		FAIL_IF(pwrite(fd, &was, 1, (off_t)bit / 8) != 1, "pwrite");
		close(fd);
	}
	PASS("every flipped bit is found, or changes nothing");
	printf("# %u bits, %u of them in padding\n", found + silent, silent);
	CHECK(silent * 20 < found);
	lam_buf_release(&b);
}

static void
test_truncation(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	uint64_t at[40];

	for (int marked = 0; marked < 2; marked++) {
		make_file(2, true, marked ? "id 1\nsealed 1\n" : "id 1\n", &b,
			at);
		for (size_t n = 0; n < b.n; n++) {
			struct lam_blockfile f;
			struct lam_error e = LAM_ERROR_INIT;
			int r;

			write_file(b.p, n);
			r = lam_blockfile_open(&f, path, &e);
			FAIL_IF(r == LAM_OK && (marked || f.sealed ||
				(n >= at[2] && f.nblocks != 2) ||
				read_all(&f, f.nblocks, &e)),
				"cut at %zu of %zu", n, b.n);
			FAIL_IF(r != LAM_OK && r != LAM_DATA, "cut at %zu: %d",
				n, r);
			lam_blockfile_close(&f);
		}
	}
	PASS("a sealed file cut anywhere is refused, or its whole blocks");
	lam_buf_release(&b);
}

/* An active file cut anywhere: exactly the whole blocks. */
static void
test_torn(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	uint64_t at[40];
	size_t head;

	make_file(4, false, "id 1\n", &b, at);
	head = at[0];
	for (size_t n = head; n <= b.n; n += n > at[2] && n < at[3] ? 97 : 1) {
		struct lam_blockfile f;
		struct lam_error e = LAM_ERROR_INIT;
		size_t whole = 0;
		int r;

		while (whole < 4 && at[whole + 1] <= n)
			whole++;
		write_file(b.p, n);
		r = lam_blockfile_open(&f, path, &e);
		FAIL_IF(r, "cut at %zu: %s", n, e.msg);
		FAIL_IF(r == LAM_OK && (f.nblocks != whole ||
			f.end != at[whole] || f.size != n ||
			read_all(&f, whole, &e)), "cut at %zu: %zu blocks", n,
			f.nblocks);
		lam_blockfile_close(&f);
	}
	PASS("a torn tail is never data, whole blocks always are");
	/* the last block's columns did not all arrive */
	for (size_t i = at[3] + 40 + FIELDS * 40 + 8; i < at[4]; i += 8) {
		struct lam_blockfile f;
		struct lam_error e = LAM_ERROR_INIT;

		b.p[i] ^= 1;
		write_file(b.p, b.n);
		FAIL_IF(lam_blockfile_open(&f, path, &e) ||
			lam_blockfile_verify(&f, f.end - 1, &e), "%s", e.msg);
		FAIL_IF(f.nblocks != 3 && read_all(&f, 4, &e), "byte %zu", i);
		lam_blockfile_close(&f);
		b.p[i] ^= 1;
	}
	PASS("a last block with a hole is a torn tail");
	lam_buf_release(&b);
}

static void
test_resync(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_blockfile f;
	struct lam_error e = LAM_ERROR_INIT;
	uint64_t at[40];
	bool found;

	make_file(5, false, "id 1\n", &b, at);
	b.p[at[3] + 17] ^= 4;
	write_file(b.p, b.n);
	CHECK_INT(lam_blockfile_open(&f, path, &e), LAM_OK);
	CHECK_INT(f.nblocks, 3);
	CHECK_INT(lam_blockfile_resync(&f, f.end, &found, &e), LAM_OK);
	CHECK(found);
	CHECK_INT(lam_blockfile_resync(&f, at[4] + 1, &found, &e), LAM_OK);
	CHECK(!found);
	lam_blockfile_close(&f);
	lam_buf_release(&b);
}

/* A file of one block with one column, the text S, which is stored as it is. */
static void
make_text(const void *s, size_t n, struct lam_buf *out, uint64_t *at)
{
	struct lam_cell cell = { 0, (uint32_t)n }, *field[] = { &cell };
	struct lam_cells c = { .nrows = 1, .nfields = 1, .field = field,
		.text = s };
	struct lam_arena scratch = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;

	lam_buf_clear(out);
	FAIL_IF(lam_blockfile_header((struct lam_str){ "id 1\n", 5 }, out, &e) ||
		(*at = out->n, lam_block_encode(&c, 0, 1, NULL, &scratch, out, &e)),
		"%s", e.msg);
	lam_arena_release(&scratch);
}

/* The file of OUT is unsealed, with its one block of text S. */
static void
check_text(const struct lam_buf *out, const void *s, size_t n)
{
	struct lam_blockfile f;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_block_reader r;
	struct lam_cells c;
	struct lam_str got;

	write_file(out->p, out->n);
	CHECK_INT(lam_blockfile_open(&f, path, &e), LAM_OK);
	CHECK(!f.sealed && f.nblocks == 1 && f.end == out->n && f.foot.n == 0);
	if (f.nblocks == 1 && !lam_block_open(&r, &f, 0, &a, &e) &&
		!lam_block_cells(&r, &a, &c, &e)) {
		got = lam_cell_str(&c, 0, 0);
		CHECK(got.n == n && !memcmp(got.p, s, n));
	}
	CHECK_INT(e.code, LAM_OK);
	lam_arena_release(&a);
	lam_blockfile_close(&f);
}

/* Text of a record at the end of the file that reads as a seal, or a footer. */
static void
test_pretended(void)
{
	struct lam_buf b = LAM_BUF_INIT, s = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_blockfile f;
	char seal[24] = "0123456789abcdefLAMSEAL\n";
	unsigned ends = 0;
	uint64_t at, end;

	for (size_t n = 8; n <= 24; n++) {
		make_text(seal + 24 - n, n, &b, &at);
		ends += !memcmp(b.p + b.n - 8, "LAMSEAL\n", 8);
		check_text(&b, seal + 24 - n, n);
	}
	CHECK(ends > 0);
	/* torn in the middle of a text that has a seal there */
	lam_buf_put(&s, seal, 24);
	lam_buf_printf(&s, " and more text behind");
	make_text(s.p, s.n, &b, &at);
	for (end = b.n; memcmp(b.p + end - 8, "LAMSEAL\n", 8) != 0;)
		end--;
	write_file(b.p, end);
	CHECK_INT(lam_blockfile_open(&f, path, &e), LAM_OK);
	CHECK(f.nblocks == 0 && f.end == at);
	lam_blockfile_close(&f);
	/* a whole valid footer, which lists what is before it as a block */
	for (size_t pad = 0; pad < 16; pad++) {
		struct lam_block listed = { .nrows = 1, .ncols = 1,
			.head = 88 };
		size_t room, n = 24 + 64 + 24;

		lam_buf_clear(&s);
		lam_buf_printf(&s, "%.*s", (int)pad, seal);
		while (s.n < pad + n)
			lam_buf_put(&s, "x", 1);
		make_text(s.p, s.n, &b, &at);
		for (room = b.n; b.p[room - 1] != 'x'; room--)
			;
		listed.at = at;
		listed.size = room - n - at;
		lam_buf_clear(&s);
		lam_buf_printf(&s, "%.*s", (int)pad, seal);
		FAIL_IF(lam_blockfile_footer(2, &listed, 1, (struct lam_str){ "", 0 },
			&s, &e), "%s", e.msg);
		make_text(s.p, s.n, &b, &at);
		check_text(&b, s.p, s.n);
	}
	lam_buf_release(&b);
	lam_buf_release(&s);
}

static void
test_many(void)
{
	struct lam_buf b = LAM_BUF_INIT, block = LAM_BUF_INIT;
	struct lam_buf text = LAM_BUF_INIT;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_blockfile f;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_cells c = make_cells(3, 1, &text);
	uint64_t at[40];

	make_file(0, false, "id 1\n", &b, at);
	CHECK_INT(lam_block_encode(&c, 0, 1, NULL, &a, &block, &e), LAM_OK);
	CHECK(block.n < 400);
	for (unsigned k = 0; k < 5000; k++) {
		lam_block_set_first(block.p, k, 0, 0);
		lam_buf_put(&b, block.p, block.n);
	}
	write_file(b.p, b.n);
	CHECK_INT(lam_blockfile_open(&f, path, &e), LAM_OK);
	CHECK_INT(f.nblocks, 5000);
	CHECK_INT(f.block[4999].first, 4999);
	lam_blockfile_close(&f);
	lam_arena_release(&a);
	lam_buf_release(&b);
	lam_buf_release(&block);
	lam_buf_release(&text);
}

static void
check_refused(const char *p, size_t n, const char *says)
{
	struct lam_blockfile f;
	struct lam_error e = LAM_ERROR_INIT;

	write_file(p, n);
	CHECK_INT(lam_blockfile_open(&f, path, &e), LAM_DATA);
	CHECK(strstr(e.msg, says) && strstr(e.msg, path));
	if (!strstr(e.msg, says))
		printf("# %s\n", e.msg);
	lam_blockfile_close(&f);
}

static void
test_refused(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_blockfile f;
	struct lam_error e = LAM_ERROR_INIT;
	uint64_t at[40], x[16];

	check_refused("", 0, "not a lam file");
	check_refused("time,host,status\n1,2,3\n", 23, "not one");
	make_file(2, true, "id 1\n", &b, at);
	b.p[8] = 3;
	check_refused(b.p, b.n, "version 3 is newer than 2");
	b.p[8] = 2;
	memcpy(x, b.p + at[2] + 24, 64); /* swap two directory entries */
	memcpy(b.p + at[2] + 24, b.p + at[2] + 88, 64);
	memcpy(b.p + at[2] + 88, x, 64);
	write_file(b.p, b.n); /* whether it was sealed, others know */
	CHECK_INT(lam_blockfile_open(&f, path, &e), LAM_OK);
	CHECK(f.torn && !f.sealed && f.nblocks == 2 && f.end == at[2]);
	lam_blockfile_close(&f);
	CHECK_INT(lam_blockfile_open(&f, "/nonexistent/x", &e), LAM_SYSTEM);
	lam_blockfile_close(&f);
	lam_buf_release(&b);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL) {
		printf("Bail out! %s: %s\n", dir, strerror(errno));
		return 1;
	}
	snprintf(path, sizeof path, "%s/f.seg", dir);
	test_trip(true);
	test_trip(false);
	test_flips();
	test_truncation();
	test_torn();
	test_resync();
	test_pretended();
	test_many();
	test_refused();
	unlink(path);
	rmdir(dir);
	return DONE();
}
