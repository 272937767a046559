/*
 * test_ingest.c - the pipeline: order, conservation, rejects, layouts
 */
#include "ingest/ingest.h"
#include "test_log.h"

#define LINES 150000

static struct lam_ingest g;
static uint64_t shown;
static const char *event; /* or NULL: guess */

static void
on_reject(void *arg, const char *source, const struct lam_reject *r)
{
	uint64_t *line = arg;

	FAIL_IF(strcmp(source, "SRC") || r->line <= *line, "order of rejects");
	*line = r->line;
	shown++;
}

/* Ingest file NAME into stream "s" of DATA. */
static int
ingest(const char *data, const char *name, unsigned threads,
	struct lam_error *e)
{
	struct lam_input_options o = { .format = "csv", .header = true };
	struct lam_input *in = NULL;
	struct lam_reject_file rejects;
	uint64_t line = 0;
	int rc, rc2;

	*e = (struct lam_error)LAM_ERROR_INIT;
	g = (struct lam_ingest){ .threads = threads, .level = 1,
		.wait_ms = 50, .on_reject = on_reject, .arg = &line,
		.event = event };
	rc = lam_reject_file_open(&rejects, data, "s", e);
	if (!rc)
		rc = lam_append_open(&g.append, data, "s", e);
	g.rejects = &rejects;
	if (!rc)
		rc = lam_input_open(&in, name, &o, e);
	if (!rc)
		rc = lam_ingest_run(&g, in, "SRC", e);
	if (in)
		lam_input_close(in);
	rc2 = lam_ingest_sync(&g, e);
	lam_append_close(g.append);
	lam_reject_file_close(&rejects);
	return rc ? rc : rc2;
}

/* id = line number; every 1000th line has a field too many. */
static uint64_t
write_lines(const char *name, const char *header, bool swapped)
{
	FILE *f = fopen(name, "w");
	uint64_t bad = 0;

	fprintf(f, "%s\n", header);
	for (int i = 0; i < LINES; i++) {
		bool wrong = i % 1000 == 999;

		bad += wrong;
		if (swapped)
			fprintf(f, "\"v,%d\",%d%s\n", i, i, wrong ? ",x" : "");
		else
			fprintf(f, "%d,\"v,%d\"%s\n", i, i, wrong ? ",x" : "");
	}
	fclose(f);
	return bad;
}

/* Do positions [FROM, ...) hold the good lines, in order? */
static bool
lines_read_back(const char *data, uint64_t from, struct lam_error *e)
{
	struct lam_stream s;
	struct lam_scan scan = { 0 };
	struct lam_scan_block b = { 0 };
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_vec id, v;
	uint64_t bad = 0, line = 0;
	char want[32];
	bool got = true, ok = true;
	int rc;

	rc = lam_stream_open(&s, data, "s", e);
	if (!rc)
		rc = lam_scan_open(&scan, &s, from, s.head, e);
	while (!rc && got && ok) {
		lam_arena_reset(&arena);
		rc = lam_scan_next(&scan, &b, &arena, &got, e);
		if (rc || !got)
			break;
		rc = lam_scan_column(&b, 0, s.schema.field[0].type, false,
			&arena, &id, &bad, e);
		if (!rc)
			rc = lam_scan_column(&b, 1, s.schema.field[1].type,
				false, &arena, &v, &bad, e);
		for (uint32_t i = 0; !rc && i < b.n; i++, line++) {
			struct lam_str t = lam_vec_text(&v, i);
			int n;

			line += line % 1000 == 999;
			n = snprintf(want, sizeof want, "v,%d", (int)line);
			ok &= lam_vec_num(&id, i).m == (lam_i128)line &&
				t.n == (size_t)n && !memcmp(t.p, want, t.n);
		}
	}
	lam_scan_drop(&b);
	lam_scan_close(&scan);
	lam_stream_close(&s);
	lam_arena_release(&arena);
	return ok && !rc && !bad && line == LINES - 1;
}

static void
test_order(void)
{
	const char *file = test_path("a.csv");
	uint64_t bad = write_lines(file, "id,v", false);
	struct lam_error e;

	for (unsigned threads = 1; threads <= 4; threads++) {
		char name[32];
		const char *d;

		snprintf(name, sizeof name, "t%u", threads);
		d = test_path(name);
		shown = 0;
		CHECK_INT(ingest(d, file, threads, &e), 0);
		CHECK_INT(g.records, LINES - bad);
		CHECK_INT(g.rejected, bad);
		CHECK_INT(shown, bad);
		CHECK_INT(g.first, 0);
		CHECK_INT(g.end, g.records);
		CHECK(lines_read_back(d, 0, &e));
	}
	PASS("rejects are shown in order");
}

static void
test_rejects(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	const char *want = "source,line,reason,text\n"
		"\"SRC\",1001,\"3 fields, expected 2\","
		"\"999,\"\"v,999\"\",x\"\n";

	CHECK_INT(lam_io_slurp(test_path("t2/reject/s.csv"), 1 << 20, &b, &e),
		0);
	CHECK(b.n > strlen(want) && !memcmp(b.p, want, strlen(want)));
	if (b.n)
		printf("# %.100s\n", lam_buf_str(&b));
	lam_buf_release(&b);
}

/* A second file with its columns in another order, into the same stream. */
static void
test_other_header(void)
{
	const char *file = test_path("b.csv"), *d = test_path("t1");
	uint64_t bad = write_lines(file, "v,id", true);
	struct lam_error e;

	CHECK_INT(ingest(d, file, 2, &e), 0);
	CHECK_INT(g.records, LINES - bad);
	CHECK_INT(g.first, LINES - bad);
	CHECK(lines_read_back(d, LINES - bad, &e));
	CHECK_INT(test_files(test_path("t1/master/s"), ".seg"), 1);
	/* one with a new field: a new segment, the schema grows */
	test_shell("printf 'id,v,w\\n0,\"v,0\",1\\n' > %s", file);
	CHECK_INT(ingest(d, file, 2, &e), 0);
	CHECK_INT(g.records, 1);
	CHECK_INT(test_files(test_path("t1/master/s"), ".seg"), 2);
	test_shell("printf 'id,v\\n' > %s", file);
	CHECK_INT(ingest(d, file, 2, &e), 0);
	CHECK_INT(g.records, 0);
}

/* The first chunk does not go into the stream; others read and parse what is behind it
 * meanwhile: nothing of that is appended. */
static void
test_no_layout(void)
{
	const char *file = test_path("a.csv"), *d = test_path("none");
	struct lam_error e;

	event = "v";
	for (unsigned threads = 1; threads <= 4; threads++) {
		CHECK_INT(ingest(d, file, threads, &e), LAM_USAGE);
		CHECK(strstr(e.msg, "event time \"v\"") != NULL);
		CHECK_INT(g.records + g.rejected, 0);
		CHECK_INT(test_files(test_path("none/master/s"), ".seg"), 0);
	}
	event = NULL;
	CHECK_INT(ingest(d, file, 3, &e), 0);
	CHECK(lines_read_back(d, 0, &e));
}

/* Live input: each flush is acknowledged while the input goes on. */
static void
test_live(void)
{
	const char *fifo = test_path("fifo"), *d = test_path("live");
	struct lam_stream s;
	struct lam_error e;
	int fd, status, tries = 0;
	pid_t pid;

	if (mkfifo(fifo, 0600))
		return;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(ingest(d, fifo, 2, &e));
	fd = open(fifo, O_WRONLY);
	for (int i = 1; i <= 3; i++) {
		uint64_t head = 0;

		if (i == 1)
			dprintf(fd, "id,v\n");
		dprintf(fd, "%d,x\n", i);
		for (tries = 0; head != (uint64_t)i && tries < 300; tries++) {
			usleep(10000);
			e = (struct lam_error)LAM_ERROR_INIT;
			if (lam_stream_open(&s, d, "s", &e) == 0)
				head = s.head;
			lam_stream_close(&s);
		}
		CHECK_INT(head, i);
		if (i == 2)
			break;
	}
	dprintf(fd, "3,y\n4,z\n");
	close(fd);
	waitpid(pid, &status, 0);
	CHECK_INT(status, 0);
	CHECK_INT(lam_stream_open(&s, d, "s", &e), 0);
	CHECK_INT(s.head, 4);
	lam_stream_close(&s);
}

int
main(void)
{
	test_root_make();
	test_order();
	test_rejects();
	test_other_header();
	test_no_layout();
	test_live();
	test_shell("rm -rf %s", test_root);
	return DONE();
}
