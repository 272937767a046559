/*
 * test_log.c - the master log: append, read back, roll, seal, chain, many
 * writers.  Crashes and damage are in test_log_faults.c.
 */
#include "log/history.h"
#include "log/seal.h"
#include "log/sync.h"
#include "test_log.h"

static struct test_read rd;

static void
test_round_trip(void)
{
	const char *d = test_path("round");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a = test_writer(d, 3, &e);
	uint64_t first, pos = 0;
	struct stat st;

	for (uint32_t n = 1; n <= 9; n += 2) {
		CHECK_INT(test_append(a, pos, n, n % 3 == 0, &first, &e), 0);
		CHECK_INT(first, pos);
		pos += n;
	}
	CHECK_INT(lam_append_sync(a, &e), 0);
	lam_append_close(a);
	for (uint64_t from = 0; from <= pos; from++)
		for (uint64_t to = from; to <= pos; to++)
			FAIL_IF(test_read(d, from, to, &rd, &e) ||
				rd.rows != to - from ||
				!test_in_order(&rd, from), "%d..%d: %s",
				(int)from, (int)to, e.msg);
	PASS("every range of positions reads back byte for byte");
	CHECK(test_read(d, 3, 3, &rd, &e) == 0 && rd.head == 25);

	stat(test_path("round/master/s"), &st);
	CHECK_INT(st.st_mode & 0777 & ~0750, 0);
	stat(test_path("round/master/s/00000000000000000000.seg"), &st);
	CHECK_INT(st.st_mode & 0777 & ~0640, 0);
}

/* The numbers in a cut block, typed, and what the directory says of them. */
static void
test_typed(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_scan scan;
	struct lam_scan_block b = { 0 };
	struct lam_stream s;
	struct lam_vec v;
	struct lam_colmeta m;
	uint64_t bad = 0;
	bool got, absent;

	CHECK_INT(lam_stream_open(&s, test_path("round"), "s", &e), 0);
	CHECK_INT(lam_scan_open(&scan, &s, 18, 23, &e), 0);
	CHECK_INT(lam_scan_next(&scan, &b, &arena, &got, &e), 0);
	CHECK(got && b.pos == 18 && b.n == 5 && b.skip == 2);
	CHECK_INT(lam_scan_column(&b, 0, s.schema.field[0].type, false, &arena,
		&v, &bad, &e), 0);
	CHECK(v.type == LAM_NUMBER && v.n == 5);
	for (uint32_t i = 0; i < 5; i++)
		FAIL_IF((int64_t)lam_vec_num(&v, i).m != 18 + i, "row %u", i);
	PASS("numbers of a cut block");
	m = lam_scan_range(&b, 0, &absent);
	CHECK(!absent && m.kind == LAM_RANGE_NUMBER && m.min == 16 &&
		m.max == 24);
	CHECK_INT(lam_scan_next(&scan, &b, &arena, &got, &e), 0);
	CHECK(!got && !b.segment);
	lam_scan_close(&scan);
	CHECK_INT(lam_scan_open(&scan, &s, 3, 26, &e), LAM_DATA);
	lam_stream_close(&s);
	lam_arena_release(&arena);
}

static void
test_roll_and_fields(void)
{
	const char *d = test_path("roll");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_limits tiny = { 40, 1 << 20, 1000 };
	struct lam_append *a = test_writer(d, 2, &e), *b, *c;
	uint64_t first, pos = 0;
	int segments;

	lam_append_set_limits(a, &tiny);
	for (int i = 0; i < 30; i++, pos += 7)
		FAIL_IF(test_append(a, pos, 7, true, &first, &e) ||
			first != pos, "%s", e.msg);
	PASS("appends over many segments");
	segments = test_files(test_path("roll/master/s"), ".seg");
	CHECK_INT(segments, 6); /* 5 blocks of 7 each */
	CHECK(test_read(d, 0, pos, &rd, &e) == 0 && rd.rows == pos);
	/* "value" is new: a new segment; the old writer's blocks fit in it */
	b = test_writer(d, 3, &e);
	lam_append_set_limits(b, &tiny);
	CHECK_INT(test_append(b, pos, 3, true, &first, &e), 0);
	CHECK_INT(first, pos);
	CHECK_INT(test_files(test_path("roll/master/s"), ".seg"), 7);
	pos += 3;
	CHECK_INT(test_append(a, pos, 2, true, &first, &e), 0);
	CHECK_INT(first, pos);
	CHECK_INT(test_files(test_path("roll/master/s"), ".seg"), 7);
	pos += 2;
	/* a writer without the new field writes NULLs for it */
	c = test_writer(d, 2, &e);
	CHECK_INT(test_append(c, pos, 2, true, &first, &e), 0);
	CHECK_INT(test_files(test_path("roll/master/s"), ".seg"), 7);
	CHECK_INT(test_read(d, 210, 213, &rd, &e), 0);
	CHECK(rd.rows == 3 && test_in_order(&rd, 210));
	/* absent fields are NULL, so not what the record would have had */
	CHECK_INT(test_read(d, 0, 999, &rd, &e), 0);
	CHECK(rd.rows == 217 && rd.wrong > 0);
	lam_append_close(a);
	lam_append_close(b);
	lam_append_close(c);
}

static void
test_schema_rules(void)
{
	const char *d = test_path("roll");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a = test_writer(d, 3, &e);
	struct lam_field twice[2] = { test_fields[0], test_fields[0] };
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_stream s;

	CHECK(lam_append_has_schema(a));
	CHECK_INT(lam_append_set_schema(a, lam_append_schema(a), &e),
		LAM_USAGE);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_append_fields(a, twice, 2, &e), LAM_USAGE);
	e = (struct lam_error)LAM_ERROR_INIT;
	test_shell("sed -i '1i # types, by hand' %s/master/s/schema", d);
	CHECK_INT(lam_append_fields(a, test_fields, 4, &e), 0);
	CHECK_INT(lam_io_slurp(test_path("roll/master/s/schema"), 999, &b, &e),
		0);
	CHECK_STR(b.p, b.n, "# types, by hand\nid number\ntext text\n"
		"value number\nextra text\n");
	lam_buf_release(&b);
	lam_append_close(a);
	/* a field of the log without a line is an error, not NULL */
	test_shell("sed -i s/value/valve/ %s/master/s/schema", d);
	CHECK_INT(lam_stream_open(&s, d, "s", &e), LAM_DATA);
	CHECK(strstr(e.msg, "\"value\"") != NULL);
	test_shell("rm %s/master/s/schema", d);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_stream_open(&s, d, "s", &e), LAM_DATA);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_append_open(&a, d, "s", &e), LAM_DATA);
}

/* When the record at POS was appended, as S says. */
static int64_t
appended(struct lam_stream *s, uint64_t pos)
{
	struct lam_error e = LAM_ERROR_INIT;
	int64_t when = -1;

	CHECK_INT(lam_stream_appended(s, pos, &when, &e), 0);
	return when / 1000000000;
}

static void
test_seal(void)
{
	const char *d = test_path("seal");
	const char *seg = test_path("seal/master/s/00000000000000000000.seg");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a = test_writer(d, 3, &e);
	uint64_t first, pos = 0, p = 0, chain = 0, again = 1;
	struct lam_stream s;
	struct lam_segment *g;
	int64_t began = time(NULL), one = began;
	long before;
	bool known;

	CHECK_INT(lam_stream_roll(d, "s", &p, &e), 0);
	CHECK_INT(p, 0);
	for (uint32_t n = 1; n < 60; n++, pos += n - 1) {
		while (n == 59 && time(NULL) == one) /* the last is of another second */
			;
		FAIL_IF(test_append(a, pos, n, false, &first, &e), "%s",
			e.msg);
		one = time(NULL);
	}
	PASS("59 blocks");
	CHECK_INT(lam_stream_open(&s, d, "s", &e), 0); /* an old snapshot */
	one = appended(&s, 0);
	CHECK(one >= began && one < appended(&s, pos - 1));
	CHECK(appended(&s, pos - 1) <= time(NULL));
	before = test_size(seg);
	CHECK_INT(lam_stream_roll(d, "s", &p, &e), 0);
	CHECK_INT(p, pos);
	CHECK(test_size(seg) < before);
	CHECK_INT(test_read(d, 0, pos, &rd, &e), 0);
	CHECK(rd.rows == pos && test_in_order(&rd, 0));
	CHECK_INT(s.head, pos);
	CHECK(s.durable < s.head); /* nothing had been synced then */
	CHECK_INT(lam_stream_sync(&s, s.head, &e), 0);
	lam_stream_close(&s);

	CHECK_INT(lam_stream_open(&s, d, "s", &e), 0);
	CHECK_INT(s.durable, s.head);
	CHECK_INT(lam_stream_segment(&s, 0, &g, &e), 0);
	CHECK(g->file->sealed && g->file->nblocks == 1);
	CHECK_INT(appended(&s, pos - 1), one); /* as the first of those packed with it */
	lam_stream_release(&s, 0);
	CHECK_INT(lam_stream_history(&s, pos, &known, &chain, &e), 0);
	CHECK(known);
	CHECK_INT(lam_stream_history(&s, pos - 1, &known, &again, &e), 0);
	CHECK(known && again != chain);
	CHECK_INT(lam_stream_history(&s, 0, &known, &again, &e), 0);
	CHECK(known && again != chain);
	lam_stream_close(&s);
	/* rolling again changes nothing; the next record starts a segment
	 * whose header says the same history */
	CHECK_INT(lam_stream_roll(d, "s", &p, &e), 0);
	CHECK_INT(test_append(a, pos, 4, true, &first, &e), 0);
	CHECK_INT(first, pos);
	CHECK_INT(test_files(test_path("seal/master/s"), ".seg"), 2);
	CHECK_INT(lam_stream_open(&s, d, "s", &e), 0);
	CHECK_INT(lam_stream_history(&s, pos, &known, &again, &e), 0);
	CHECK(known && again == chain);
	lam_stream_close(&s);
	CHECK_INT(test_read(d, 0, 99999, &rd, &e), 0);
	CHECK(rd.rows == pos + 4 && test_in_order(&rd, 0));
	lam_append_close(a);
	CHECK_INT(test_files(test_path("seal/master/s"), ""), 6);
}

/* A history is a function of the records: others, another. */
static void
test_history_differs(void)
{
	uint64_t chain[3] = { 0 }, first, p;
	struct lam_error e = LAM_ERROR_INIT;

	for (int i = 0; i < 3; i++) {
		char name[16];
		const char *d;
		struct lam_append *a;
		struct lam_stream s;
		bool known;

		snprintf(name, sizeof name, "c%d", i);
		d = test_path(name);
		/* same id for all */
		test_shell("mkdir -p %s/master/s; echo 0123456789abcdef"
			"0123456789abcdef > %s/master/s/id", d, d);
		a = test_writer(d, 3, &e);
		CHECK_INT(test_append(a, i == 2, 5, true, &first, &e), 0);
		CHECK_INT(lam_stream_roll(d, "s", &p, &e), 0);
		CHECK_INT(lam_stream_open(&s, d, "s", &e), 0);
		CHECK_INT(lam_stream_history(&s, 5, &known, &chain[i], &e), 0);
		lam_stream_close(&s);
		lam_append_close(a);
	}
	CHECK(chain[0] == chain[1] && chain[0] != chain[2]);
}

#define PROCS 4
#define APPENDS 40

/* Several processes, each with its own ids; small segments, so that they seal
 * and start segments under each other. */
static void
test_many_writers(void)
{
	const char *d = test_path("many");
	struct lam_error e = LAM_ERROR_INIT;
	static unsigned char seen[PROCS * APPENDS * 3];
	uint64_t last[PROCS] = { 0 };
	int status, bad = 0;

	rd.head = 0;
	fflush(stdout);
	for (int p = 0; p < PROCS; p++) {
		struct lam_limits tiny = { 100, 1 << 20, 1000 };
		struct lam_append *a;
		uint64_t first;
		int rc = 0;

		if (fork())
			continue;
		a = test_writer(d, p % 2 ? 3 : 2, &e);
		if (!a)
			_exit(9);
		lam_append_set_limits(a, &tiny);
		for (int i = 0; !rc && i < APPENDS; i++)
			rc = test_append(a, (uint64_t)(p * APPENDS + i) * 3, 3,
				i % 4 != 2, &first, &e);
		if (!rc)
			rc = lam_append_sync(a, &e);
		if (rc)
			printf("# %s\n", e.msg);
		fflush(stdout);
		lam_append_close(a);
		_exit(rc);
	}
	/* readers meanwhile: some prefix, never less than before */
	for (int i = 0; i < 60; i++) {
		uint64_t head = rd.head;
		int rc = test_read(d, 0, 99999, &rd, &e);

		if (rc == LAM_USAGE) /* not there yet */
			rd.head = 0;
		FAIL_IF((rc && rc != LAM_USAGE) || rd.wrong > rd.rows ||
			(rd.rows && rd.rows != rd.head) || rd.head < head,
			"%d %s", rc, e.msg);
	}
	PASS("readers see whole prefixes while others write, roll and seal");
	while (wait(&status) > 0)
		bad += status != 0;
	CHECK_INT(bad, 0);
	CHECK_INT(test_read(d, 0, 99999, &rd, &e), 0);
	CHECK_INT(rd.rows, PROCS * APPENDS * 3);
	for (uint64_t i = 0; i < rd.rows && i < sizeof seen; i++) {
		uint64_t id = rd.ids[i], p = id / (APPENDS * 3);

		FAIL_IF(id >= sizeof seen || seen[id]++, "id %d", (int)id);
		FAIL_IF(id % (APPENDS * 3) && last[p] + 1 != id, "order");
		last[p] = id;
	}
	PASS("every record exactly once, in its writer's order");
	CHECK(test_files(test_path("many/master/s"), ".seg") >= 4);
	CHECK_INT(test_files(test_path("many/master/s"), ".1"), 0);
}

/* A reader that comes while a stream is made: not there yet, or all right. */
static void
test_made_meanwhile(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	uint64_t first;
	int status = 0;

	fflush(stdout);
	for (int i = 0; i < 300; i++) {
		struct lam_stream s;
		struct lam_append *a;
		char name[16];
		pid_t pid;
		int rc;

		snprintf(name, sizeof name, "new%d", i);
		pid = fork();
		if (pid == 0) {
			a = test_writer(test_path(name), 3, &e);
			rc = a ? test_append(a, 0, 1, false, &first, &e) : 9;
			lam_append_close(a);
			_exit(rc);
		}
		do {
			e = (struct lam_error)LAM_ERROR_INIT;
			rc = lam_stream_open(&s, test_path(name), "s", &e);
		} while (rc == LAM_USAGE && waitpid(pid, &status, WNOHANG) == 0);
		FAIL_IF((rc && rc != LAM_USAGE) || status, "%d %s", rc, e.msg);
		lam_stream_close(&s);
		waitpid(pid, &status, 0);
		test_shell("rm -r %s", test_path(name));
	}
	PASS("a stream that is being made is not there, or whole");
}

static void
test_names(void)
{
	static const char *const bad[] = { "", "../x", "/x", "a/b", ".a", "-a",
		"a\nb", "a b", "1a" };
	struct lam_error e;
	struct lam_append *a = NULL;
	struct lam_stream s;
	struct lam_names n;
	uint64_t p;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		FAIL_IF(lam_append_open(&a, test_path("names"), bad[i], NULL) !=
			LAM_USAGE || a, "append %s", bad[i]);
		FAIL_IF(lam_stream_open(&s, test_path("names"), bad[i], NULL)
			!= LAM_USAGE, "open %s", bad[i]);
		FAIL_IF(lam_stream_roll(test_path("names"), bad[i], &p, NULL)
			!= LAM_USAGE, "roll %s", bad[i]);
	}
	PASS("names that could leave the dataset are refused");
	CHECK(access(test_path("names"), F_OK) != 0);

	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_stream_open(&s, test_path("seal"), "t", &e), LAM_USAGE);
	CHECK(strstr(e.msg, "there are: s") != NULL);
	CHECK_INT(lam_stream_list(test_path("seal"), &n, &e), 0);
	CHECK(n.n == 1 && !strcmp(n.name[0], "s"));
	lam_names_release(&n);

	test_shell("mkdir -p %s/master %s/away", test_path("link"),
		test_path("link"));
	test_shell("ln -s ../away %s/master/s", test_path("link"));
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_append_open(&a, test_path("link"), "s", &e), LAM_DATA);
	CHECK(strstr(e.msg, "symbolic link") != NULL);
	CHECK_INT(test_files(test_path("link/away"), ""), 0);
}

int
main(void)
{
	test_root_make();
	test_round_trip();
	test_typed();
	test_roll_and_fields();
	test_schema_rules();
	test_seal();
	test_history_differs();
	test_many_writers();
	test_made_meanwhile();
	test_names();
	test_shell("rm -rf %s", test_root);
	return DONE();
}
