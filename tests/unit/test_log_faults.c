/*
 * test_log_faults.c - the master log after crashes, power loss and damage
 *
 * A log of BLOCKS acknowledged blocks is kept in memory, with its witness as
 * it was after each of them; each case writes some state that a crash, a power
 * loss or a rotten disk may leave, and asks readers and the next writer.
 */
#include <signal.h>
#include <sys/resource.h>

#include "log/seal.h"

#include "test_log.h"

#define BLOCKS 4
#define ROWS 5
#define SEG0 "/00000000000000000000.seg"

static struct test_read rd;
static char seg[1 << 16], witness[BLOCKS + 1][64];
static size_t seg_at[BLOCKS + 1]; /* size of the segment after each block */
static size_t witness_size;
static char data[300], dir[400];

static void
put(const char *name, const void *p, size_t n)
{
	char path[700];
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		exit(1);
	close(fd);
}

static size_t
get(const char *name, void *p, size_t max)
{
	char path[700];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	n = read(fd, p, max);
	close(fd);
	return n < 0 ? 0 : (size_t)n;
}

static void
torn_away(void)
{
	test_shell("rm -f %s/*.torn.*", dir);
}

/* Read all: 0 with ROWS * blocks records in order, else the code. */
static int
read_all(struct lam_error *e)
{
	int rc = test_read(data, 0, UINT64_MAX, &rd, e);

	if (!rc && (!test_in_order(&rd, 0) || rd.rows != rd.head))
		rc = 100; /* a wrong answer: never */
	return rc;
}

static void
build(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a;
	uint64_t first;

	snprintf(data, sizeof data, "%s", test_path("d"));
	snprintf(dir, sizeof dir, "%s/master/s", data);
	a = test_writer(data, 3, &e);
	for (int i = 0; i < BLOCKS; i++) {
		CHECK_INT(test_append(a, (uint64_t)i * ROWS, ROWS, true,
			&first, &e), 0);
		seg_at[i + 1] = get(SEG0, seg, sizeof seg);
		witness_size = get("durable", witness[i + 1], 64);
	}
	lam_append_close(a);
	/* the header alone: as long as the first block starts */
	for (size_t n = 0; n <= seg_at[1] && !seg_at[0]; n++) {
		struct lam_blockfile f = LAM_BLOCKFILE_INIT;

		put("x", seg, n);
		snprintf((char *)rd.ids, 500, "%s/x", dir);
		if (lam_blockfile_open(&f, (char *)rd.ids, NULL) == 0)
			seg_at[0] = n;
		lam_blockfile_close(&f);
	}
	test_shell("rm %s/x", dir);
	printf("# segment of %zu bytes, header %zu\n", seg_at[BLOCKS],
		seg_at[0]);
}

/* Next writer after a crash: it appends, keeps the tail, and all is well. */
static void
writer_after(size_t t, int blocks)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a = test_writer(data, 3, &e);
	uint64_t first = 0;
	char tail[4096];
	size_t n;
	int rc;

	rc = a ? test_append(a, (uint64_t)blocks * ROWS, 2, true, &first, &e) :
		-1;
	FAIL_IF(rc || first != (uint64_t)blocks * ROWS, "at %zu: %d %s", t, rc,
		e.msg);
	lam_append_close(a);
	FAIL_IF(read_all(&e) || rd.head != (uint64_t)blocks * ROWS + 2,
		"at %zu: %s", t, e.msg);
	n = t - seg_at[blocks];
	FAIL_IF(test_files(dir, ".torn.1") != (n > 0), "at %zu: torn", t);
	if (n)
		FAIL_IF(get("00000000000000000000.torn.1", tail, sizeof tail)
			!= n || memcmp(tail, seg + seg_at[blocks], n),
			"at %zu: tail not kept", t);
	torn_away();
}

static void
test_torn_tails(void)
{
	struct lam_error e;
	int blocks = 0;

	for (size_t t = seg_at[1]; t <= seg_at[BLOCKS]; t++) {
		while (blocks < BLOCKS && seg_at[blocks + 1] <= t)
			blocks++;
		put(SEG0, seg, t);
		put("durable", witness[blocks], witness_size);
		FAIL_IF(read_all(&e) || rd.head != (uint64_t)blocks * ROWS,
			"at %zu: %s", t, e.msg);
		if (t % 11 == 0 || t == seg_at[blocks] ||
			t == seg_at[blocks] + 1)
			writer_after(t, blocks);
		/* without a witness it is a prefix all the same */
		put(SEG0, seg, t);
		unlink(test_path("d/master/s/durable"));
		FAIL_IF(read_all(&e) || rd.head != (uint64_t)blocks * ROWS,
			"no witness, at %zu: %s", t, e.msg);
	}
	PASS("torn tails of every length are no data, and are kept aside");
}

static void
test_lost(void)
{
	struct lam_error e;

	put("durable", witness[BLOCKS], witness_size);
	for (size_t t = 0; t < seg_at[BLOCKS]; t++) {
		struct lam_append *a = NULL;
		uint64_t first;

		put(SEG0, seg, t);
		FAIL_IF(read_all(&e) != LAM_DATA, "at %zu: %s", t, e.msg);
		if (t % 37)
			continue;
		/* no writer may build on it */
		e = (struct lam_error)LAM_ERROR_INIT;
		a = test_writer(data, 3, &e);
		FAIL_IF(!a || test_append(a, 0, 2, true, &first, &e) !=
			LAM_DATA, "at %zu", t);
		FAIL_IF(test_size(test_path("d/master/s" SEG0)) != (long)t,
			"at %zu: changed", t);
		lam_append_close(a);
	}
	PASS("acknowledged records cut off: refused");
	put(SEG0, seg, seg_at[BLOCKS]);
	CHECK_INT(read_all(&e), 0);
	unlink(test_path("d/master/s" SEG0));
	CHECK_INT(read_all(&e), LAM_DATA);
	CHECK(strstr(e.msg, "lost data") != NULL);
}

static void
test_bit_flips(void)
{
	struct lam_error e;
	size_t bits = seg_at[BLOCKS] * 8, found = 0;
	int rc;

	for (int with = 0; with < 2; with++)
		for (size_t i = 0; i < bits; i += with && i / 8 >=
			seg_at[BLOCKS - 1] ? 1 : 5) {
			if (with)
				put("durable", witness[BLOCKS], witness_size);
			else
				unlink(test_path("d/master/s/durable"));
			seg[i / 8] ^= (char)(1 << i % 8);
			put(SEG0, seg, seg_at[BLOCKS]);
			seg[i / 8] ^= (char)(1 << i % 8);
			rc = read_all(&e);
			found += rc == LAM_DATA;
			FAIL_IF(rc && rc != LAM_DATA, "bit %zu: %d %s", i, rc,
				e.msg);
			FAIL_IF(!rc && with && rd.head != BLOCKS * ROWS,
				"bit %zu: %d records", i, (int)rd.head);
			FAIL_IF(with && i / 8 >= seg_at[BLOCKS - 1] && !rc,
				"bit %zu of the last block", i);
			FAIL_IF(rc == LAM_DATA && !strstr(e.msg, ".seg"),
				"bit %zu: %s", i, e.msg);
		}
	PASS("a flipped bit is an error or does not matter");
	CHECK(found > bits / 4);

	put(SEG0, seg, seg_at[BLOCKS]);
	for (size_t i = 0; i < witness_size * 8; i++) {
		witness[BLOCKS][i / 8] ^= (char)(1 << i % 8);
		put("durable", witness[BLOCKS], witness_size);
		witness[BLOCKS][i / 8] ^= (char)(1 << i % 8);
		FAIL_IF(read_all(&e) || rd.head != BLOCKS * ROWS,
			"bit %zu: %s", i, e.msg);
	}
	PASS("a damaged witness is none");
}

/* Unacknowledged blocks whose write-back was cut short by a power loss: the
 * first has not reached the disk, the second has. */
static void
test_power_loss(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	char lost[1 << 16];

	memcpy(lost, seg, sizeof lost);
	memset(lost + seg_at[2], 0, seg_at[3] - seg_at[2]);
	put(SEG0, lost, seg_at[4]);
	put("durable", witness[2], witness_size);
	CHECK_INT(read_all(&e), 0);
	CHECK_INT(rd.head, 2 * ROWS);
	memset(seg + seg_at[2], 0, seg_at[3] - seg_at[2]);
	writer_after(seg_at[4], 2);
	PASS("the next writer goes on");
	/* with everything acknowledged the same bytes are damage */
	put(SEG0, lost, seg_at[4]);
	put("durable", witness[4], witness_size);
	CHECK_INT(read_all(&e), LAM_DATA);
	/* and so they are when nothing is known, because a block follows */
	unlink(test_path("d/master/s/durable"));
	CHECK_INT(read_all(&e), LAM_DATA);
	CHECK(strstr(e.msg, "whole blocks follow") != NULL);
}

/* A write that fails leaves nothing behind. */
static void
test_failed_write(void)
{
	const char *d = test_path("full");
	const char *path = test_path("full/master/s" SEG0);
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a = test_writer(d, 3, &e);
	struct rlimit old, small;
	uint64_t first;
	long size;

	CHECK_INT(test_append(a, 0, ROWS, true, &first, &e), 0);
	size = test_size(path);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	for (int room = 0; room < 60; room += 7) {
		small.rlim_cur = (rlim_t)(size + room);
		setrlimit(RLIMIT_FSIZE, &small);
		e = (struct lam_error)LAM_ERROR_INIT;
		FAIL_IF(test_append(a, ROWS, ROWS, room % 2, &first, &e) !=
			LAM_SYSTEM, "room %d: %s", room, e.msg);
		setrlimit(RLIMIT_FSIZE, &old);
		FAIL_IF(test_size(path) != size, "room %d: not cut", room);
	}
	PASS("a write that fails is cut off");
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(test_append(a, ROWS, ROWS, true, &first, &e), 0);
	CHECK_INT(first, ROWS);
	/* sealing without room for a temporary or a footer: the append fails,
	 * nothing is lost, and it works when there is room again */
	lam_append_set_limits(a, &(struct lam_limits){ 1, 1, 1 });
	small.rlim_cur = 50;
	setrlimit(RLIMIT_FSIZE, &small);
	CHECK_INT(test_append(a, 2 * ROWS, ROWS, true, &first, &e),
		LAM_SYSTEM);
	setrlimit(RLIMIT_FSIZE, &old);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(test_append(a, 2 * ROWS, ROWS, true, &first, &e), 0);
	CHECK_INT(first, 2 * ROWS);
	CHECK_INT(test_files(test_path("full/master/s"), ".seg"), 2);
	CHECK_INT(test_files(test_path("full/master/s"), ""), 6);
	CHECK(test_read(d, 0, 999, &rd, &e) == 0 && rd.rows == 3 * ROWS &&
		test_in_order(&rd, 0));
	lam_append_close(a);
}

/* Sealed segments: every bit, and files lost, swapped, replaced. */
static void
test_sealed(void)
{
	static char name[3][40] = { SEG0, "/00000000000000000030.seg",
		"/00000000000000000060.seg" };
	static char file[3][1 << 14], old[1 << 14];
	size_t n[3], nold = 0;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a;
	uint64_t first, p;
	int rc;

	snprintf(data, sizeof data, "%s", test_path("sealed"));
	snprintf(dir, sizeof dir, "%s/master/s", data);
	a = test_writer(data, 3, &e);
	for (uint64_t i = 0; i < 90; i += 10) {
		if (i % 30 == 0)
			CHECK_INT(lam_stream_roll(data, "s", &p, &e), 0);
		if (i == 60)
			nold = get(name[1], old, sizeof old);
		CHECK_INT(test_append(a, i, 10, true, &first, &e), 0);
	}
	CHECK_INT(lam_stream_roll(data, "s", &p, &e), 0);
	lam_append_close(a);
	for (int k = 0; k < 3; k++)
		n[k] = get(name[k], file[k], sizeof file[k]);
	CHECK(nold == n[1] && n[2] > 100);
	CHECK(read_all(&e) == 0 && rd.head == 90);
	for (int k = 1; k < 3; k++) {
		for (size_t i = 0; i < n[k] * 8; i += 5) {
			file[k][i / 8] ^= (char)(1 << i % 8);
			put(name[k], file[k], n[k]);
			file[k][i / 8] ^= (char)(1 << i % 8);
			rc = read_all(&e);
			FAIL_IF(rc != LAM_DATA && (rc || rd.head != 90),
				"segment %d bit %zu: %d %s", k, i, rc, e.msg);
		}
		for (size_t t = 0; t < n[k]; t += 3) {
			put(name[k], file[k], t);
			rc = read_all(&e);
			FAIL_IF(rc != LAM_DATA && (rc || rd.head != 90),
				"segment %d cut at %zu: %d %s", k, t, rc,
				e.msg);
		}
		put(name[k], file[k], n[k]);
	}
	PASS("a sealed segment damaged or cut: an error or the right answer");
	for (int k = 0; k < 3; k++) {
		char path[700];

		snprintf(path, sizeof path, "%s%s", dir, name[k]);
		unlink(path);
		rc = read_all(&e);
		FAIL_IF(rc != LAM_DATA, "without %d: %d", k, rc);
		put(name[k], file[(k + 1) % 3], n[(k + 1) % 3]);
		rc = read_all(&e);
		FAIL_IF(rc != LAM_DATA, "other file at %d: %d", k, rc);
		put(name[k], file[k], n[k]);
	}
	PASS("a segment lost or swapped is an error");
	CHECK(read_all(&e) == 0 && rd.head == 90);
	test_shell("mv %s/id %s/id2", dir, dir);
	CHECK_INT(read_all(&e), LAM_DATA);
	put("id", "0123456789abcdef0123456789abcdef\n", 33);
	CHECK_INT(read_all(&e), LAM_DATA);
	CHECK(strstr(e.msg, "belongs to stream id") != NULL);
	put("id", "0123", 4);
	CHECK_INT(read_all(&e), LAM_DATA);
	test_shell("mv %s/id2 %s/id", dir, dir);
	put("5.seg", "", 0);
	CHECK_INT(read_all(&e), LAM_DATA);
}

/* A footer that was being appended in place when everything stopped. */
static void
test_torn_footer(void)
{
	static char file[1 << 14];
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a;
	uint64_t first, p;
	size_t from, to;

	snprintf(data, sizeof data, "%s", test_path("foot"));
	snprintf(dir, sizeof dir, "%s/master/s", data);
	a = test_writer(data, 3, &e);
	CHECK_INT(test_append(a, 0, ROWS, true, &first, &e), 0);
	lam_append_close(a);
	from = get(SEG0, file, sizeof file);
	get("durable", witness[0], 64);
	CHECK_INT(lam_stream_roll(data, "s", &p, &e), 0);
	CHECK_INT(p, ROWS);
	to = get(SEG0, file, sizeof file);
	CHECK(to > from); /* one block: nothing to repack */
	for (size_t t = from; t < to; t++) {
		put(SEG0, file, t);
		put("durable", witness[0], witness_size);
		FAIL_IF(read_all(&e) || rd.head != ROWS, "at %zu: %s", t,
			e.msg);
		if (t % 9)
			continue;
		e = (struct lam_error)LAM_ERROR_INIT;
		a = test_writer(data, 3, &e);
		FAIL_IF(!a || test_append(a, ROWS, 2, true, &first, &e) ||
			first != ROWS, "at %zu: %s", t, e.msg);
		lam_append_close(a);
		FAIL_IF(read_all(&e) || rd.head != ROWS + 2, "at %zu", t);
		torn_away();
	}
	PASS("a torn footer of every length is a torn tail");
}

int
main(void)
{
	test_root_make();
	build();
	test_torn_tails();
	test_lost();
	test_bit_flips();
	test_power_loss();
	test_failed_write();
	test_sealed();
	test_torn_footer();
	test_shell("rm -rf %s", test_root);
	return DONE();
}
