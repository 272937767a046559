/*
 * test_place.c - source places: each part of a source once, through segments,
 * packing and kills; and digests, whose runs join wherever they are cut
 */
#include <signal.h>
#include <time.h>

#include "fsck/salvage.h"
#include "log/seal.h"
#include "log/segment.h"
#include "store/digest.h"
#include "test_log.h"

static struct test_read rd;

static struct lam_str
str(const char *s)
{
	return (struct lam_str){ s, strlen(s) };
}

/* Append N records of source KEY, from FROM to TO. */
static int
append(struct lam_append *a, const char *key, uint64_t from, uint64_t to,
	uint64_t when, uint64_t id, uint32_t n, struct lam_error *e)
{
	struct lam_place x = { .key = str(key), .from = from, .to = to,
		.when = when, .state = str(to % 2 ? "odd" : "") };
	struct lam_buf notes = LAM_BUF_INIT;
	uint64_t first;
	int rc = lam_place_put(&x, &notes, e);

	test_notes = (struct lam_str){ notes.p, notes.n };
	if (!rc)
		rc = test_append(a, id, n, true, &first, e);
	test_notes = (struct lam_str){ NULL, 0 };
	lam_buf_release(&notes);
	return rc;
}

/* Where KEY stands; UINT64_MAX: an error. */
static uint64_t
stands(struct lam_append *a, const char *key, bool *found)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_place x;
	uint64_t to = UINT64_MAX;

	if (!lam_append_place(a, str(key), &arena, &x, found, &e)) {
		to = x.to;
		CHECK(!*found || (x.state.n == (to % 2 ? 3u : 0u)));
	} else {
		printf("# %s\n", e.msg);
	}
	lam_arena_release(&arena);
	return to;
}

static void
test_once(void)
{
	const char *d = test_path("once");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a = test_writer(d, 3, &e), *b;
	bool found;

	CHECK_INT(stands(a, "file:x", &found), 0);
	CHECK(!found);
	CHECK_INT(append(a, "file:x", 0, 100, 1, 0, 5, &e), 0);
	CHECK_INT(stands(a, "file:x", &found), 100);
	CHECK(found);
	/* from before, from beyond, from nothing: refused, and nothing is there */
	CHECK_INT(append(a, "file:x", 0, 100, 1, 5, 5, &e), LAM_DATA);
	CHECK(strstr(e.msg, "\"file:x\" stands at 100, not at 0") != NULL);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(append(a, "file:x", 101, 120, 1, 5, 5, &e), LAM_DATA);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(append(a, "file:y", 7, 9, 1, 5, 5, &e), LAM_DATA);
	e = (struct lam_error)LAM_ERROR_INIT;
	/* another writer is told too, and goes on where this one stopped */
	b = test_writer(d, 3, &e);
	CHECK_INT(append(b, "file:x", 0, 100, 1, 5, 5, &e), LAM_DATA);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(append(b, "file:x", 100, 131, 1, 5, 5, &e), 0);
	CHECK_INT(stands(a, "file:x", &found), 131);
	/* a place alone: no record */
	CHECK_INT(append(a, "file:x", 131, 140, 2, 0, 0, &e), 0);
	CHECK_INT(append(a, "file:y", 0, 3, 2, 0, 0, &e), 0);
	CHECK_INT(append(b, "file:x", 140, 140, 3, 10, 2, &e), 0);
	CHECK_INT(test_read(d, 0, 99, &rd, &e), 0);
	CHECK(rd.rows == 12 && test_in_order(&rd, 0));
	lam_append_close(a);
	lam_append_close(b);
}

/* Through full segments, packing, a batch's roll, and merging. */
static void
test_carried(void)
{
	const char *d = test_path("carried");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_limits tiny = { 12, 1 << 20, 1000 };
	struct lam_append *a = test_writer(d, 3, &e);
	uint64_t pos = 0, p, at[3] = { 0 };
	char key[3][8] = { "f:a", "f:b", "f:c" };
	bool found;

	lam_append_set_limits(a, &tiny);
	for (uint64_t i = 0; i < 60; i++) {
		unsigned k = i % 7 == 3 ? 2 : i % 2;
		uint32_t n = i % 5 == 4 ? 0 : 1 + i % 4;

		FAIL_IF(append(a, key[k], at[k], at[k] + i + 1, i, pos, n, &e),
			"%s", e.msg);
		at[k] += i + 1;
		pos += n;
		if (i % 20 == 19) { /* another process */
			lam_append_close(a);
			if (i == 39) /* seals what is there, merges */
				FAIL_IF(lam_stream_roll(d, "s", &p, &e), "%s",
					e.msg);
			a = test_writer(d, 3, &e);
			lam_append_set_limits(a, &tiny);
		}
		for (unsigned c = 0; c < 3; c++)
			FAIL_IF(stands(a, key[c], &found) != at[c],
				"place of %s at %u", key[c], (unsigned)i);
	}
	PASS("places at every step");
	lam_append_close(a);
	FAIL_IF(lam_stream_roll(d, "s", &p, &e), "%s", e.msg);
	CHECK_INT(p, pos);
	a = test_writer(d, 3, &e);
	for (unsigned c = 0; c < 3; c++)
		CHECK_INT(stands(a, key[c], &found), at[c]);
	CHECK_INT(test_read(d, 0, 9999, &rd, &e), 0);
	CHECK(rd.rows == pos && test_in_order(&rd, 0));
	lam_append_close(a);
}

#define SOURCES 300

/* All sources of D stand where AT says. */
static bool
all_stand(const char *d, const uint64_t at[SOURCES])
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a = test_writer(d, 3, &e);
	char key[20];
	bool found, all = true;

	for (unsigned c = 0; c < SOURCES; c++) {
		snprintf(key, sizeof key, "f:%u", c);
		all &= stands(a, key, &found) == at[c];
	}
	lam_append_close(a);
	return all;
}

/* Bytes of all segments of D. */
static uint64_t
segment_bytes(const char *d)
{
	char cmd[LAM_PATH_MAX];
	unsigned long long n = 0;
	FILE *f;

	snprintf(cmd, sizeof cmd, "cat %s/master/s/*.seg | wc -c", d);
	f = popen(cmd, "r");
	if (!f || fscanf(f, "%llu", &n) != 1 || pclose(f))
		exit(1);
	return n;
}

/* Of many sources few go on: a segment has what is new in it, a writer all. */
static void
test_chain(void)
{
	const char *d = test_path("chain");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_limits tiny = { 3, 1 << 20, 1000 };
	uint64_t at[SOURCES] = { 0 }, pos = 0, p, all;
	unsigned seed = 11;
	bool found;

	for (unsigned i = 0; i < SOURCES + 400; i++) {
		unsigned c = i < SOURCES ? i : i % 9 ? (unsigned)rand_r(&seed) % 5 :
			(unsigned)rand_r(&seed) % SOURCES;
		struct lam_append *a = test_writer(d, 3, &e);
		char key[20];

		if (i >= SOURCES)
			lam_append_set_limits(a, &tiny);
		snprintf(key, sizeof key, "f:%u", c);
		FAIL_IF(append(a, key, at[c], at[c] + c + 1, 1, pos, 1, &e), "%s",
			e.msg);
		lam_append_close(a);
		at[c] += c + 1;
		pos++;
		if (i == SOURCES - 1)
			FAIL_IF(lam_stream_roll(d, "s", &p, &e), "%s", e.msg);
		FAIL_IF(i % 23 == 0 && !all_stand(d, at), "at %u", i);
	}
	/* 134 segments: with all places in each they were 4 MB and more */
	all = segment_bytes(d);
	printf("# %llu bytes\n", (unsigned long long)all);
	FAIL_IF(all > 400000, "%llu bytes", (unsigned long long)all);
	PASS("small segments");
	FAIL_IF(lam_stream_roll(d, "s", &p, &e), "%s", e.msg); /* merges */
	CHECK(all_stand(d, at));
	/* without the segment that tells most of them nothing is appended */
	test_shell("truncate -s -30 %s/master/s/00000000000000000000.seg", d);
	struct lam_append *a = test_writer(d, 3, &e);
	CHECK_INT(append(a, "f:0", at[0], at[0] + 1, 1, pos, 1, &e), LAM_DATA);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK(stands(a, "f:0", &found) == UINT64_MAX);
	lam_append_close(a);
}

/* Killed anywhere: as many records are there as the place says. */
static void
test_killed(void)
{
	const char *d = test_path("killed");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_limits tiny = { 40, 1 << 20, 20 };
	unsigned seed = 7;

	for (int round = 0; round < 25; round++) {
		int fd[2], rounds = rand_r(&seed) % 40;
		struct lam_append *a;
		bool found;
		pid_t pid;
		char c;

		if (pipe(fd) || (pid = fork()) < 0)
			exit(1);
		if (pid == 0) {
			uint64_t to;

			a = test_writer(d, 3, &e);
			lam_append_set_limits(a, &tiny);
			for (to = stands(a, "f", &found);; to += 3)
				if (append(a, "f", to, to + 3, 1, to, 3, &e) ||
					write(fd[1], "", 1) != 1)
					_exit(1);
		}
		close(fd[1]);
		for (int i = 0; i < rounds; i++)
			FAIL_IF(read(fd[0], &c, 1) != 1, "the child ended");
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(fd[0]);
		a = test_writer(d, 3, &e);
		FAIL_IF(test_read(d, 0, UINT64_MAX, &rd, &e), "%s", e.msg);
		FAIL_IF(stands(a, "f", &found) != rd.rows ||
			!test_in_order(&rd, 0), "round %d: %llu records",
			round, (unsigned long long)rd.rows);
		lam_append_close(a);
	}
	PASS("killed 25 times: each part once");
}

static void
test_lines(void)
{
	struct lam_places p = LAM_PLACES_INIT, q = LAM_PLACES_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf a = LAM_BUF_INIT, b = LAM_BUF_INIT;
	const uint64_t day = 86400;

	for (uint64_t i = 0; i < 300; i++) {
		char key[20];
		struct lam_place x = { .to = i * i, .when = i * 2 * day };

		x.key = (struct lam_str){ key, (size_t)snprintf(key,
			sizeof key, "k\n%u", (unsigned)(i * 7919 % 300)) };
		x.state = (struct lam_str){ "\0\xff", i % 3 };
		CHECK_INT(lam_places_set(&p, &x, &e), 0);
	}
	CHECK_INT(p.n, 300);
	lam_places_print(&p, 0, &a);
	CHECK_INT(lam_places_parse(&q, (struct lam_str){ a.p, a.n }, 0, "x", &e),
		0);
	lam_places_print(&q, 0, &b);
	CHECK(a.n == b.n && !memcmp(a.p, b.p, a.n));
	/* 598 days at the end: those of the last 400 stay */
	lam_places_expire(&p, 598 * day);
	CHECK_INT(p.n, 201);
	CHECK(lam_places_find(&p, str("k\n0")) == NULL);
	for (size_t i = 0; i < p.n; i++)
		FAIL_IF(p.item[i].when < 198 * day, "expired");
	/* at 500 days all behind that are of now: nothing more is too old */
	lam_places_expire(&p, 500 * day);
	CHECK_INT(p.n, 201);
	for (size_t i = 0; i < p.n; i++)
		FAIL_IF(p.item[i].when > 500 * day, "ahead of the clock");
	CHECK_INT(lam_places_parse(&q, str("place 1 2 zz -\n"), 0, "x",
		&e),
		LAM_DATA);
	lam_places_release(&p);
	lam_places_release(&q);
	lam_buf_release(&a);
	lam_buf_release(&b);
}

/* More than there is room for, all noted in one second but for some older ones:
 * the older ones go, and no more than must. */
static void
test_room(void)
{
	static char state[LAM_PLACE_STATE / 2];
	struct lam_places p = LAM_PLACES_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	size_t old = 0;

	/* a line has 65,536 digits of the state and below 100 other bytes */
	for (unsigned i = 0; i < 160; i++) {
		char key[20];
		struct lam_place x = { .to = i, .when = i % 3 ? 9 : i % 2 };

		x.key = (struct lam_str){ key, (size_t)snprintf(key,
			sizeof key, "k%u", i) };
		x.state = (struct lam_str){ state, sizeof state };
		CHECK_INT(lam_places_set(&p, &x, &e), 0);
	}
	lam_places_expire(&p, 9);
	CHECK_INT(p.n, LAM_PLACES_BYTES / 65636);
	for (size_t i = 0; i < p.n; i++)
		old += p.item[i].when != 9;
	/* of 54 older and 106 others */
	CHECK_INT(old, p.n - 106);
	CHECK(lam_places_find(&p, str("k1")) != NULL);
	CHECK(lam_places_find(&p, str("k6")) == NULL); /* of second 0 */
	lam_places_release(&p);
}

/* One that was left behind and begins anew, in blocks that are packed into one. */
static void
test_anew(void)
{
	const char *d = test_path("anew");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_limits tiny = { 2, 1 << 20, 1000 };
	struct lam_append *a = test_writer(d, 3, &e);
	const uint64_t year = 366 * 86400;
	uint64_t p, pos = 0;
	char master[LAM_PATH_MAX];
	bool found;

	lam_append_set_limits(a, &tiny);
	CHECK_INT(append(a, "old", 0, 500, 0, pos, 30, &e), 0); /* stays alone */
	pos += 30;
	CHECK_INT(append(a, "old", 500, 700, 0, pos++, 1, &e), 0);
	for (uint64_t i = 0; i < 5; i++)
		CHECK_INT(append(a, "new", i, i + 1, 2 * year, pos++, 1, &e),
			0);
	CHECK_INT(stands(a, "old", &found), 0);
	CHECK_INT(append(a, "old", 0, 9, 2 * year, pos++, 1, &e), 0);
	lam_append_close(a);
	CHECK_INT(lam_stream_roll(d, "s", &p, &e), 0); /* merges the rest */
	CHECK_INT(p, pos);
	a = test_writer(d, 3, &e);
	CHECK_INT(stands(a, "old", &found), 9);
	CHECK_INT(stands(a, "new", &found), 5);
	snprintf(master, sizeof master, "%s/master/s", d);
	CHECK_INT(test_files(master, ".seg"), 2);
	CHECK_INT(test_read(d, 0, 99, &rd, &e), 0);
	CHECK(rd.rows == pos && test_in_order(&rd, 0));
	lam_append_close(a);
}

/* A note that is ten years ahead of the clock, whoever made it. */
static void
test_ahead(void)
{
	const char *d = test_path("ahead");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_limits tiny = { 2, 1 << 20, 1000 };
	struct lam_append *a = test_writer(d, 3, &e);
	const uint64_t day = 86400, now = (uint64_t)time(NULL);
	bool found;

	lam_append_set_limits(a, &tiny);
	CHECK_INT(append(a, "dead", 0, 3, now - 500 * day, 0, 2, &e), 0);
	CHECK_INT(append(a, "live", 0, 5, now - 300 * day, 2, 2, &e), 0);
	CHECK_INT(append(a, "wrong", 0, 7, now + 3650 * day, 4, 2, &e), 0);
	CHECK_INT(stands(a, "live", &found), 5);
	CHECK_INT(append(a, "other", 0, 9, now, 6, 2, &e), 0);
	CHECK_INT(stands(a, "dead", &found), 0);
	CHECK_INT(stands(a, "live", &found), 5);
	CHECK_INT(stands(a, "wrong", &found), 7);
	lam_append_close(a);
}

/* Several places in one block, of one source twice. */
static int
append_two(struct lam_append *a, const uint64_t at[4], struct lam_error *e)
{
	struct lam_place x = { .key = str("q:x"), .from = at[0], .to = at[1],
		.state = str("odd") };
	struct lam_place y = x;
	struct lam_buf notes = LAM_BUF_INIT;
	uint64_t first;
	int rc = lam_place_put(&x, &notes, e);

	y.key = str("q:y");
	y.state = str(at[1] % 2 ? "odd" : "");
	if (!rc)
		rc = lam_place_put(&y, &notes, e);
	x.from = at[2];
	x.to = at[3];
	if (!rc)
		rc = lam_place_put(&x, &notes, e);
	test_notes = (struct lam_str){ notes.p, notes.n };
	if (!rc)
		rc = test_append(a, 0, 2, true, &first, e);
	test_notes = (struct lam_str){ NULL, 0 };
	lam_buf_release(&notes);
	return rc;
}

static void
test_twice(void)
{
	const uint64_t on[4] = { 0, 5, 5, 9 }, overlap[4] = { 9, 12, 11, 15 };
	const char *d = test_path("twice");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a = test_writer(d, 3, &e);
	bool found;

	CHECK_INT(append_two(a, on, &e), 0);
	CHECK_INT(stands(a, "q:x", &found), 9);
	CHECK_INT(stands(a, "q:y", &found), 5);
	CHECK_INT(append(a, "q:y", 5, 9, 0, 0, 0, &e), 0);
	CHECK_INT(append_two(a, overlap, &e), LAM_DATA);
	CHECK(strstr(e.msg, "\"q:x\" stands at 12, not at 11") != NULL);
	CHECK_INT(stands(a, "q:x", &found), 9);
	CHECK_INT(test_read(d, 0, 99, &rd, &e), 0);
	CHECK_INT(rd.rows, 2);
	lam_append_close(a);
}

static void
pass_over(void *arg, enum lam_gravity g, const char *line)
{
	(void)arg, (void)g, (void)line;
}

/* The log D salvaged into OUT; a writer of it. */
static struct lam_append *
salvaged(const char *d, const char *out, struct lam_error *e)
{
	struct lam_findings f = { pass_over, NULL, LAM_SOUND, 0 };
	struct lam_salvage s = LAM_SALVAGE_INIT;

	CHECK_INT(lam_salvage(d, "s", out, &f, &s, e), 0);
	lam_salvage_release(&s);
	return test_writer(out, 3, e);
}

/* Ten parts of a source, three records and a place in each. */
static void
test_salvaged(void)
{
	const char *d = test_path("torn");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_limits tiny = { 12, 1 << 20, 1000 };
	struct lam_append *a = test_writer(d, 3, &e);
	bool found;

	lam_append_set_limits(a, &tiny);
	for (uint64_t i = 0; i < 10; i++)
		CHECK_INT(append(a, i == 1 ? "once" : "f", i == 1 ? 0 : i > 1 ?
			i * 10 - 10 : 0, i > 1 ? i * 10 : 10, 1, 3 * i, 3, &e),
			0);
	CHECK_INT(append(a, "alone", 0, 4, 1, 0, 0, &e), 0);
	lam_append_close(a);
	/* whole: everything stands where it stood */
	a = salvaged(d, test_path("whole"), &e);
	CHECK_INT(stands(a, "f", &found), 90);
	CHECK_INT(stands(a, "once", &found), 10);
	CHECK_INT(stands(a, "alone", &found), 4);
	lam_append_close(a);
	/* a sealed segment in the middle is lost: what is behind it stays */
	test_shell("dd if=/dev/zero of=%s/master/s/00000000000000000012.seg "
		"bs=4096 count=1 conv=notrunc 2>/dev/null", d);
	a = salvaged(d, test_path("middle"), &e);
	CHECK_INT(stands(a, "f", &found), 90);
	CHECK_INT(stands(a, "once", &found), 10);
	CHECK_INT(test_read(test_path("middle"), 0, 99, &rd, &e), 0);
	CHECK(rd.rows > 0 && rd.rows < 30);
	lam_append_close(a);
	/* and the last one too: the source goes on where what is left ends */
	test_shell("dd if=/dev/zero of=%s/master/s/00000000000000000024.seg "
		"bs=4096 count=1 conv=notrunc 2>/dev/null", d);
	a = salvaged(d, test_path("end"), &e);
	CHECK_INT(stands(a, "f", &found), 30);
	CHECK_INT(append(a, "f", 30, 40, 1, 12, 3, &e), 0);
	CHECK_INT(stands(a, "alone", &found), 0);
	CHECK_INT(test_read(test_path("end"), 0, 99, &rd, &e), 0);
	CHECK(rd.rows == 15 && test_in_order(&rd, 0));
	lam_append_close(a);
}

/* By the definition, one step at a time, with a remainder of its own. */
static uint64_t
by_definition(uint64_t d, const uint64_t *sum, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		d = (uint64_t)(((lam_u128)d * LAM_DIGEST_X + sum[i]) %
			LAM_DIGEST_P);
	return d;
}

static void
test_digest(void)
{
	uint64_t sum[400], seed = 1;

	for (int i = 0; i < 400; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		sum[i] = i % 9 == 0 ? UINT64_MAX - (uint64_t)i : i % 9 == 1 ?
			LAM_DIGEST_P - 2 + (uint64_t)(i % 5) : seed;
	}
	for (uint32_t n = 0; n < 400; n++) {
		uint64_t whole = lam_digest_run(sum, n);
		uint32_t cut = n * 7 / 11;

		FAIL_IF(whole != by_definition(0, sum, n), "run of %u", n);
		FAIL_IF(lam_digest_join(lam_digest_run(sum, cut),
			lam_digest_run(sum + cut, n - cut), n - cut) != whole,
			"joined at %u of %u", cut, n);
		FAIL_IF(lam_digest_join(LAM_DIGEST_P - 1, whole, n) !=
			by_definition(LAM_DIGEST_P - 1, sum, n), "behind %u", n);
	}
	PASS("runs of up to 400, cut anywhere");
}

int
main(void)
{
	test_root_make();
	test_once();
	test_carried();
	test_chain();
	test_killed();
	test_lines();
	test_room();
	test_anew();
	test_ahead();
	test_twice();
	test_salvaged();
	test_digest();
	test_shell("rm -rf %s", test_root);
	return DONE();
}
