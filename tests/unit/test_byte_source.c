/*
 * test_byte_source.c - gzip members, truncation, pipes that trickle, lines too long
 */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "input/byte_source.h"
#include "input/format.h"

#define MOST LAM_BLOCK_ROWS

static char path[] = "/tmp/lam-test-source-XXXXXX";

static void
pack(struct lam_buf *out, const char *text)
{
	z_stream z = { 0 };
	unsigned char b[4096];

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY))
		abort();
	z.next_in = (unsigned char *)(uintptr_t)text;
	z.avail_in = (uInt)strlen(text);
	z.next_out = b;
	z.avail_out = sizeof b;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	lam_buf_put(out, b, sizeof b - z.avail_out);
	deflateEnd(&z);
}

static void
save(const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(p, 1, n, f) != n || fclose(f))
		abort();
}

/* Records of the CSV file at PATH; the code of the error at its end. */
static int
count(unsigned *records, unsigned *rejects, struct lam_error *e)
{
	struct lam_input_options o = { .format = "csv", .header = true };
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_input *in = NULL;
	struct lam_cells cells;
	uint64_t blank;
	bool got = true;
	int r = lam_input_open(&in, path, &o, e);

	*records = *rejects = 0;
	while (!r && !(r = lam_input_next(in, &c, MOST, -1, NULL, &got, e)) &&
		got) {
		if (lam_input_parse(in, &c, NULL, &cells, &blank, e))
			abort();
		*records += cells.nrows;
		*rejects += (unsigned)c.nrejects;
	}
	lam_chunk_release(&c);
	lam_input_close(in);
	return r;
}

static void
test_gzip(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	unsigned records, rejects;
	size_t whole;

	pack(&b, "a,b\n1,2\n3,");
	pack(&b, "4\n5,6\n");
	whole = b.n;
	save(b.p, b.n);
	CHECK_INT(count(&records, &rejects, &e), LAM_OK);
	CHECK_INT(records, 3);
	lam_buf_put(&b, "\0\0\0\0", 4);
	save(b.p, b.n);
	CHECK_INT(count(&records, &rejects, &e), LAM_OK);
	lam_buf_put(&b, "junk", 4);
	save(b.p, b.n);
	CHECK_INT(count(&records, &rejects, &e), LAM_DATA);
	CHECK_INT(records, 3);
	for (size_t n = 3; n < whole; n++) {
		int r;

		save(b.p, n);
		e = (struct lam_error)LAM_ERROR_INIT;
		r = count(&records, &rejects, &e);
		/* A cut between the members is a whole, shorter file. */
		FAIL_IF(r != LAM_DATA && !(r == LAM_OK && records <= 2),
			"cut at %zu: %d", n, r);
		FAIL_IF(records > 3 || rejects > 1, "cut at %zu", n);
	}
	PASS("truncated anywhere, gzip is an error after the whole records");
	b.p[whole / 3] ^= 0x10;
	save(b.p, whole);
	CHECK_INT(count(&records, &rejects, &e), LAM_DATA);
	lam_buf_release(&b);
}

/* Cut off right behind a record: nothing of the text is missing, so the chunk
 * may not say that nothing follows, or the error is never seen. */
static void
test_cut_at_record(void)
{
	struct lam_input_options o = { .format = "csv", .header = true };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_input *in = NULL;
	struct lam_buf b = LAM_BUF_INIT;
	bool got;

	pack(&b, "a,b\n1,2\n");
	save(b.p, b.n - 8); /* the checksum and length of the member */
	CHECK_INT(lam_input_open(&in, path, &o, &e), LAM_OK);
	CHECK_INT(lam_input_next(in, &c, MOST, -1, NULL, &got, &e), LAM_OK);
	CHECK_STR(c.raw.p, c.raw.n, "1,2\n");
	CHECK(got && !c.last);
	CHECK_INT(lam_input_next(in, &c, MOST, -1, NULL, &got, &e), LAM_DATA);
	CHECK(!got && e.code == LAM_DATA);
	lam_chunk_release(&c);
	lam_input_close(in);
	lam_buf_release(&b);
	save("\x1f", 1);
	CHECK_INT(lam_input_open(&in, path, &o, &e), LAM_DATA);
}

/* Small reads of a file cut short: all of its text that can be had, before the error;
 * the inflater keeps some of it when the room ends. */
static void
test_small_reads(void)
{
	char text[20000], got[20000];
	struct lam_buf b = LAM_BUF_INIT;
	size_t whole[2] = { 0, 0 };

	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	pack(&b, text);
	save(b.p, b.n - 12); /* the trailer, and the end of what is packed */
	for (size_t step = 100; step <= sizeof got; step *= 200) {
		struct lam_error e = LAM_ERROR_INIT;
		struct lam_byte_source *s;
		enum lam_got how;
		size_t n, *at = &whole[step > 100];
		int r = lam_byte_source_open(&s, path, &e);

		while (!r && !(r = lam_byte_source_read(s, got, step, -1,
			NULL, &n, &how, &e)))
			*at += n;
		CHECK_INT(r, LAM_DATA);
		lam_byte_source_close(s);
	}
	CHECK(whole[0] > 10000);
	CHECK_INT((int64_t)whole[0], (int64_t)whole[1]);
	lam_buf_release(&b);
}

/* What zlib makes of members P[N]; how many bytes, *FAULT: is there one? */
static size_t
by_zlib(const char *p, size_t n, char *out, size_t room, bool *fault)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)p,
		.avail_in = (unsigned)n, .next_out = (unsigned char *)out,
		.avail_out = (unsigned)room };
	int rc = inflateInit2(&z, 15 + 16);

	while ((rc = inflate(&z, Z_FINISH)) == Z_STREAM_END && z.avail_in)
		inflateReset(&z);
	*fault = rc != Z_STREAM_END;
	inflateEnd(&z);
	return room - z.avail_out;
}

/* Does the source at NAME give WANT[N], and then an error or none, in reads of STEP? */
static bool
gives(const char *name, const char *want, size_t n, bool fault, size_t step)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_byte_source *s = NULL;
	enum lam_got how = LAM_GOT_BYTES;
	char *buf = malloc(step);
	size_t at = 0, got = 0;
	int r = lam_byte_source_open(&s, name, &e);

	while (!r && how == LAM_GOT_BYTES) {
		r = lam_byte_source_read(s, buf, step, -1, NULL, &got, &how,
			&e);
		if (r || how != LAM_GOT_BYTES)
			break;
		if (got > n - at || memcmp(want + at, buf, got))
			at = n + 1;
		if (at > n)
			break;
		at += got;
	}
	lam_byte_source_close(s);
	free(buf);
	return at == n && r == (fault ? LAM_DATA : LAM_OK);
}

static bool
same_as_zlib(const char *p, size_t n, size_t step)
{
	static char want[1 << 20];
	bool fault, file, piped;
	size_t made = by_zlib(p, n, want, sizeof want, &fault);
	char name[32];
	int fd[2];

	save(p, n);
	file = gives(path, want, made, fault, step);
	if (pipe(fd) || write(fd[1], p, n) != (ssize_t)n)
		abort();
	close(fd[1]);
	snprintf(name, sizeof name, "/dev/fd/%d", fd[0]);
	piped = gives(name, want, made, fault, step);
	close(fd[0]);
	return file && piped;
}

/* Two members, the first with a checksum of its head, longer than any buffer but the
 * pipe's: cut and damaged they give what zlib gives, from a file and a pipe. */
static void
test_damage(void)
{
	Bytef name[] = "a.csv";
	gz_header head = { .name = name, .hcrc = 1 };
	struct lam_buf text = LAM_BUF_INIT;
	size_t cap = 1 << 16, n = 0;
	char *gz = malloc(cap);

	for (unsigned i = 0; i < 6000; i++)
		lam_buf_printf(&text, "%u,10.0.%u.%u,/p/%u,200\n", i, i % 7,
			i * 7919 % 256, i * i % 89);
	for (int member = 0; member < 2; member++) {
		z_stream z = { .next_in = (Bytef *)text.p,
			.avail_in = (uInt)text.n, .next_out = (Bytef *)gz + n,
			.avail_out = (uInt)(cap - n) };

		if (deflateInit2(&z, member ? 9 : 4, Z_DEFLATED, 15 + 16, 8,
			Z_DEFAULT_STRATEGY) ||
			(!member && deflateSetHeader(&z, &head)) ||
			deflate(&z, Z_FINISH) != Z_STREAM_END)
			abort();
		n = cap - z.avail_out;
		deflateEnd(&z);
		text.n /= 2;
	}
	CHECK(same_as_zlib(gz, n, 100) && same_as_zlib(gz, n, 1 << 19));
	for (size_t cut = 2; cut < n; cut += cut < 60 ? 1 : 83)
		FAIL_IF(!same_as_zlib(gz, cut, cut % 2 ? 1 << 19 : 4000),
			"cut at %zu of %zu", cut, n);
	PASS("cut, it gives what zlib gives");
	for (size_t bit = 16; bit < 8 * n; bit += bit < 1000 ? 1 : 701) {
		gz[bit / 8] ^= (char)(1 << bit % 8);
		FAIL_IF(!same_as_zlib(gz, n, bit % 2 ? 1 << 19 : 4000),
			"bit %zu of %zu", bit, 8 * n);
		gz[bit / 8] ^= (char)(1 << bit % 8);
	}
	PASS("damaged, it gives what zlib gives");
	lam_buf_release(&text);
	free(gz);
}

/* Where a read ends does not decide which format it is: each member is a read. */
static void
test_first_line(void)
{
	struct lam_input_options o = { .header = true };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_input *in = NULL;
	struct lam_buf b = LAM_BUF_INIT;
	const char *const *name;

	pack(&b, "\xef\xbb\xbf\r\n");
	pack(&b, "a\tb");
	pack(&b, "\n1\t2\n");
	save(b.p, b.n);
	CHECK_INT(lam_input_open(&in, path, &o, &e), LAM_OK);
	CHECK_INT((int64_t)lam_input_fields(in, &name), 2); /* tsv */
	lam_input_close(in);
	lam_buf_release(&b);
}

static void
test_trickle(void)
{
	struct lam_input_options o = { .format = "csv", .header = true };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_chunk c = LAM_CHUNK_INIT;
	struct lam_input *in = NULL;
	_Atomic int stop = 0;
	char name[32];
	int p[2];
	bool got;

	if (pipe(p) || write(p[1], "a,b\n1,2\n3,", 10) != 10)
		abort();
	snprintf(name, sizeof name, "/dev/fd/%d", p[0]);
	CHECK_INT(lam_input_open(&in, name, &o, &e), LAM_OK);
	CHECK_INT(lam_input_next(in, &c, MOST, 0, NULL, &got, &e), LAM_OK);
	CHECK_STR(c.raw.p, c.raw.n, "1,2\n");
	CHECK_INT(c.line, 2);
	if (write(p[1], "4\n", 2) != 2)
		abort();
	CHECK_INT(lam_input_next(in, &c, MOST, 1, NULL, &got, &e), LAM_OK);
	CHECK_STR(c.raw.p, c.raw.n, "3,4\n");
	if (write(p[1], "5,6\n7,", 6) != 6)
		abort();
	CHECK_INT(lam_input_next(in, &c, MOST, 0, NULL, &got, &e), LAM_OK);
	CHECK_STR(c.raw.p, c.raw.n, "5,6\n");
	stop = 1; /* half a record is none */
	CHECK_INT(lam_input_next(in, &c, MOST, -1, &stop, &got, &e), LAM_OK);
	CHECK(!got);
	close(p[0]);
	close(p[1]);
	lam_chunk_release(&c);
	lam_input_close(in);
}

static void
test_long_line(void)
{
	size_t n = LAM_RECORD_MAX + 100000;
	char *text = malloc(n + 20);
	struct lam_error e = LAM_ERROR_INIT;
	unsigned records, rejects;

	memcpy(text, "a,b\n1,2\n", 8);
	memset(text + 8, 'x', n);
	memcpy(text + 8 + n, "\n3,4\n", 5);
	save(text, n + 13);
	CHECK_INT(count(&records, &rejects, &e), LAM_OK);
	CHECK_INT(records, 2);
	CHECK_INT(rejects, 1);
	free(text);
}

int
main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	test_gzip();
	test_cut_at_record();
	test_small_reads();
	test_damage();
	test_first_line();
	test_trickle();
	test_long_line();
	unlink(path);
	return DONE();
}
