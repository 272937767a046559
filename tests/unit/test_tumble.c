/*
 * Live windows against a model that looks at one record at a time: the rows,
 * their order and the late records are those of the records' order alone,
 * however the bytes arrive.
 */
#include "test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/tumble.h"
#include "time/time.h"

#define N 400
#define BUCKET 10
#define START 1767225600 /* 2026-01-01 */

static struct event {
	int64_t second; /* from START; -1: no time */
	int key, value;
} event[N];

static uint64_t rnd = 99;

static uint32_t
next_random(uint32_t n)
{
	rnd = rnd * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(rnd >> 33) % n;
}

static void
make_events(void)
{
	int64_t now = 1000;

	for (int i = 0; i < N; i++) {
		now += next_random(4);
		event[i].second = next_random(30) == 0 ? -1 :
			now - (int64_t)(next_random(5) ? 0 : next_random(40));
		event[i].key = (int)next_random(3);
		event[i].value = (int)next_random(20);
	}
}

static void
print_time(int64_t second, struct lam_buf *b)
{
	char text[LAM_TIME_TEXT];

	lam_buf_put(b, text, lam_time_print((START + second) * LAM_NS, text));
}

/* ------------------------------------------------------------------ model */

static void
model(int64_t lateness, struct lam_buf *out, uint64_t *late)
{
	static int64_t count[400][3], sum[400][3];
	int64_t reach = -1;

	*late = 0;
	memset(count, 0, sizeof count);
	memset(sum, 0, sizeof sum);
	for (int i = 0; i < N; i++) {
		const struct event *x = &event[i];
		int64_t w = x->second < 0 ? 399 : x->second / BUCKET;
		int64_t r = x->second < 0 ? -1 :
			(x->second - lateness) / BUCKET;
		bool passes = x->value != 13;

		if (passes && x->second >= 0 && w < reach) {
			++*late;
		} else if (passes) {
			count[w][x->key]++;
			sum[w][x->key] += x->value;
		}
		reach = r > reach ? r : reach;
	}
	for (int w = 0; w < 400; w++)
		for (int k = 0; k < 3; k++) {
			if (!count[w][k])
				continue;
			if (w == 399)
				lam_buf_puts(out, "NULL");
			else
				print_time(w * BUCKET, out);
			lam_buf_printf(out, "|k%d|%d|%d|\n", k,
				(int)count[w][k], (int)sum[w][k]);
		}
}

/* -------------------------------------------------------------- the filter */

/* Write all events to PATH, a FIFO, BURST bytes at a time (0: at once). */
static pid_t
writer(const char *path, size_t burst)
{
	struct lam_buf b = LAM_BUF_INIT;
	pid_t pid = fork();
	FILE *f;

	if (pid)
		return pid;
	lam_buf_puts(&b, "ts,k,v\n");
	for (int i = 0; i < N; i++) {
		if (event[i].second >= 0)
			print_time(event[i].second, &b);
		lam_buf_printf(&b, ",k%d,%d\n", event[i].key, event[i].value);
	}
	f = fopen(path, "w");
	setvbuf(f, NULL, _IONBF, 0);
	for (size_t at = 0; at < b.n; ) {
		size_t n = burst ? 1 + next_random((uint32_t)burst) : b.n;

		n = n < b.n - at ? n : b.n - at;
		fwrite(b.p + at, 1, n, f);
		at += n;
		if (burst)
			usleep(50);
	}
	fclose(f);
	_exit(0);
}

static int
nothing(void *arg, const struct lam_query *q, struct lam_error *e)
{
	(void)arg;
	(void)q;
	(void)e;
	return LAM_OK;
}

static int
nothing_more(void *arg, struct lam_error *e)
{
	(void)arg;
	(void)e;
	return LAM_OK;
}

static int
take(void *arg, const struct lam_vec *v, uint32_t n, struct lam_error *e)
{
	struct lam_buf *b = arg;
	char scratch[LAM_TIME_TEXT];

	(void)e;
	for (uint32_t i = 0; i < n; i++) {
		for (int c = 0; c < 4; c++) {
			struct lam_str s = lam_vec_print(&v[c], i, scratch);

			if (s.p)
				lam_buf_put(b, s.p, s.n);
			lam_buf_puts(b, s.p ? "|" : "NULL|");
		}
		lam_buf_putc(b, '\n');
	}
	return LAM_OK;
}

static bool fill;

static int
run(const char *sql, size_t burst, int64_t lateness, bool changes,
	struct lam_buf *out, uint64_t *late, struct lam_error *e)
{
	char dir[] = "/tmp/lam-test-XXXXXX", path[64];
	const char *file = path;
	struct lam_tumble w = { .sql = sql, .file = &file, .nfiles = 1,
		.lateness = lateness * LAM_NS, .max_ahead = -1, .idle = -1,
		.changes = changes, .fill = fill,
		.adhoc = { .input = { .format = "csv", .header = true } },
		.engine = { 1, 1 << 24, "/tmp" }, .begin = nothing,
		.rows = take, .end = nothing_more, .arg = out };
	pid_t pid;
	int rc;

	if (!mkdtemp(dir))
		return LAM_SYSTEM;
	snprintf(path, sizeof path, "%s/f", dir);
	if (mkfifo(path, 0600))
		return LAM_SYSTEM;
	pid = writer(path, burst);
	rc = lam_tumble_run(&w, e);
	*late = w.late;
	waitpid(pid, NULL, 0);
	unlink(path);
	rmdir(dir);
	return rc;
}

static const char SQL[] = "select time_bucket(interval '10 seconds', ts) as "
	"w, k, count(*) as n, sum(v) as s from stdin where v <> 13 "
	"group by w, k";

static void
test_model(void)
{
	static const size_t burst[] = { 0, 30, 300, 2000 };
	static const int64_t lateness[] = { 0, 7, 40 };

	printf("# seed 99\n");
	make_events();
	for (int l = 0; l < 3; l++) {
		struct lam_buf want = LAM_BUF_INIT;
		uint64_t late, want_late;

		model(lateness[l], &want, &want_late);
		if (l == 0)
			CHECK(want_late > 10);
		if (l == 2)
			CHECK_INT((int64_t)want_late, 0);
		for (int i = 0; i < 4; i++) {
			struct lam_buf got = LAM_BUF_INIT;
			struct lam_error e = LAM_ERROR_INIT;
			int rc = run(SQL, burst[i], lateness[l], false, &got,
				&late, &e);

			FAIL_IF(rc, "%s", e.msg);
			FAIL_IF(late != want_late, "late: %d, want %d",
				(int)late, (int)want_late);
			FAIL_IF(got.n != want.n || memcmp(got.p, want.p,
				got.n), "lateness %d, burst %zu:\n%.600s\n"
				"want\n%.600s", (int)lateness[l], burst[i],
				lam_buf_str(&got), lam_buf_str(&want));
			lam_buf_release(&got);
		}
		lam_buf_release(&want);
	}
	PASS("windows are those of the model, however the bytes arrive");
}

/* The last row of each window and key among the changes is the final one. */
static void
check_changes(int64_t lateness)
{
	struct lam_buf want = LAM_BUF_INIT, got = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	uint64_t late, want_late;
	size_t found = 0, rows = 0;

	model(lateness, &want, &want_late);
	CHECK_INT(run(SQL, 200, lateness, true, &got, &late, &e), LAM_OK);
	CHECK_INT((int64_t)late, (int64_t)want_late);
	for (const char *p = lam_buf_str(&want); *p; rows++) {
		const char *end = strchr(p, '\n') + 1, *at = NULL, *q;
		size_t key = 0;

		while (key < (size_t)(end - p) && p[key] != '|')
			key++;
		key += 4; /* "|k0|" */
		for (q = got.p; (q = memmem(q, got.n - (size_t)(q - got.p), p,
			key)); q++)
			at = q;
		found += at && !memcmp(at, p, (size_t)(end - p));
		p = end;
	}
	CHECK(rows > 50 && found == rows);
	lam_buf_release(&want);
	lam_buf_release(&got);
}

/* With much lateness, windows before those touched stay open beside NULL. */
static void
test_changes(void)
{
	check_changes(0);
	check_changes(7);
	check_changes(400);
}

/* Empty rows do not depend on how the bytes arrive (window.bats: what they are). */
static void
test_fill(void)
{
	static const char *const sql[] = { SQL, "select time_bucket(interval "
		"'10 seconds', ts) as w, 'all' as k, count(*) as n, sum(v) as "
		"s from stdin where v = 13 group by w" };

	fill = true;
	for (int q = 0; q < 2; q++)
		for (int l = 0; l < 41; l += 20) {
			struct lam_buf want = LAM_BUF_INIT;
			struct lam_error e = LAM_ERROR_INIT;
			uint64_t late, want_late;

			CHECK_INT(run(sql[q], 0, l, false, &want, &want_late,
				&e), LAM_OK);
			for (size_t burst = 30; burst < 3000; burst *= 6) {
				struct lam_buf got = LAM_BUF_INIT;

				CHECK_INT(run(sql[q], burst, l, false, &got,
					&late, &e), LAM_OK);
				CHECK(late == want_late && got.n == want.n &&
					!memcmp(got.p, want.p, got.n));
				lam_buf_release(&got);
			}
			CHECK(memmem(want.p, want.n, "|0|NULL|", 8));
			lam_buf_release(&want);
		}
	fill = false;
}

static void
test_refused(void)
{
	static const char *const sql[] = {
		"select k, count(*) as n from stdin group by k",
		"select * from stdin",
		"select date_trunc('hour', ts) as a, date_trunc('day', ts) "
			"as b, count(*) as n from stdin group by a, b",
		"select date_trunc('hour', ts) as a, count(*) as n from "
			"stdin group by a limit 1",
	};

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		struct lam_buf got = LAM_BUF_INIT;
		struct lam_error e = LAM_ERROR_INIT;
		uint64_t late;

		CHECK_INT(run(sql[i], 0, 0, false, &got, &late, &e),
			LAM_USAGE);
		lam_buf_release(&got);
	}
}

int
main(void)
{
	test_model();
	test_changes();
	test_fill();
	test_refused();
	return DONE();
}
