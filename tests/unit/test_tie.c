/*
 * test_tie.c - a function's ledger and its stream: which records it has seen is noted,
 * and that they are others now is told, whatever the stream's length
 */
#include "test_log.h"

#include "base/hash.h"
#include "trigger/ledger_frame.h"
#include "trigger/tie.h"

static char data[200], state[240];
static struct lam_function function = { .name = "f", .on = LAM_ON_STREAM };
static struct lam_error e;

/* Records [FIRST, FIRST + N), in a block of their own. */
static void
append(uint64_t first, uint32_t n)
{
	struct lam_append *a = test_writer(data, 3, &e);
	uint64_t at;

	CHECK(a && !test_append(a, first, n, true, &at, &e));
	lam_append_close(a);
}

/* The log is what it was when it was copied to NAME. */
static void
restore(const char *name)
{
	test_shell("rm -r %s/master; cp -r %s/%s %s/master", data, data, name,
		data);
}

static void
keep(const char *name)
{
	test_shell("cp -r %s/master %s/%s", data, data, name);
}

/* A feed of the ledger L, as a program that starts has it. */
static struct lam_feed
feed(struct lam_ledger *l)
{
	return (struct lam_feed){ .function = &function, .ledger = l,
		.data = data };
}

/* F follows the stream as it is now; what that says. */
static int
follow(struct lam_feed *f)
{
	struct lam_stream s;
	int rc = lam_stream_open(&s, data, "s", &e);

	if (rc)
		return rc;
	if (!*f->ledger->source)
		memcpy(f->ledger->source, s.id, sizeof s.id);
	rc = lam_tie_follow(f, &s, &e);
	CHECK(rc || f->tie.at == s.head);
	lam_stream_close(&s);
	return rc;
}

static int
check(const struct lam_ledger *l)
{
	struct lam_stream s;
	int rc = lam_stream_open(&s, data, "s", &e);

	if (!rc)
		rc = lam_tie_check(&l->progress, "f", &s, &e);
	lam_stream_close(&s);
	return rc;
}

static struct lam_ledger
reopen(struct lam_ledger *l)
{
	struct lam_ledger again;

	CHECK_INT(lam_ledger_write(l, &e), LAM_OK);
	lam_ledger_close(l);
	CHECK_INT(lam_ledger_open(&again, state, &e), LAM_OK);
	return again;
}

/* ----------------------------------------------------------------- the frame */

static bool
same_tie(const struct lam_tie *a, const struct lam_tie *b)
{
	return a->known == b->known && a->at == b->at && a->when == b->when &&
		a->history == b->history;
}

/* Written when the stream has grown, read by the next program, kept by a new file. */
static void
written(void)
{
	struct lam_ledger l;
	struct lam_feed f;
	uint64_t end;
	char before[sizeof l.path];
	char *text = calloc(1, 17 << 20);
	struct lam_ledger_frame call = { .kind = LAM_FRAME_CALL, .to = 1,
		.output = { text, 17 << 20 } };
	struct lam_ledger_frame given = { .kind = LAM_FRAME_DELIVERED };

	CHECK_INT(lam_ledger_open(&l, state, &e), LAM_OK);
	CHECK_INT(lam_ledger_begin(&l, "", 0, &e), LAM_OK);
	f = feed(&l);
	CHECK_INT(follow(&f), LAM_OK);
	CHECK(f.tie.known && !l.progress.tie.known);
	CHECK_INT(lam_tie_put(&f, &l, &e), LAM_OK);
	CHECK(same_tie(&f.tie, &l.progress.tie) && f.tie.when > 0);
	end = l.end;
	CHECK_INT(follow(&f), LAM_OK);
	CHECK_INT(lam_tie_put(&f, &l, &e), LAM_OK);
	CHECK(l.end == end); /* nothing is new: nothing is written */
	append(10, 7);
	CHECK_INT(follow(&f), LAM_OK);
	CHECK_INT(lam_tie_put(&f, &l, &e), LAM_OK);
	CHECK(l.end > end && l.progress.tie.at == 17);
	for (int i = 0; i < 2; i++) {
		CHECK(same_tie(&f.tie, &l.progress.tie));
		l = reopen(&l);
	}
	/* A new file. */
	memcpy(before, l.path, sizeof before);
	CHECK_INT(lam_ledger_put(&l, &call, &e), LAM_OK);
	CHECK_INT(lam_ledger_write(&l, &e), LAM_OK);
	given.from = l.end;
	CHECK_INT(lam_ledger_put(&l, &given, &e), LAM_OK);
	CHECK_INT(lam_ledger_write(&l, &e), LAM_OK);
	CHECK_INT(lam_ledger_roll(&l, &e), LAM_OK);
	CHECK(strcmp(before, l.path) != 0);
	for (int i = 0; i < 2; i++) {
		CHECK(same_tie(&f.tie, &l.progress.tie));
		l = reopen(&l);
	}
	lam_ledger_close(&l);
	free(text);
}

static void
goes_back(void)
{
	struct lam_ledger_progress p = LAM_PROGRESS_INIT;
	struct lam_ledger_frame x = { .kind = LAM_FRAME_TIE, .to = 5, .target = 1 };

	CHECK_INT(lam_progress_apply(&p, &x, &e), LAM_OK);
	x.target = 2; /* the ledger says it; whether it is so, the log tells */
	CHECK_INT(lam_progress_apply(&p, &x, &e), LAM_OK);
	CHECK(p.tie.known && p.tie.at == 5 && p.tie.history == 2);
	x.to = 4;
	CHECK_INT(lam_progress_apply(&p, &x, &e), LAM_DATA);
	CHECK(p.tie.at == 5);
	lam_progress_release(&p);
}

/* ------------------------------------------------------------- another stream */

/* What a program that starts says, and one that has been running. */
static void
both(struct lam_ledger *l, struct lam_feed *running, int want, const char *what)
{
	struct lam_feed f = feed(l);

	CHECK_INT(follow(&f), want);
	CHECK(!want || strstr(e.msg, what));
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(follow(running), want);
	CHECK(!want || strstr(e.msg, what));
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(check(l), want);
	CHECK(!want || strstr(e.msg, what));
	e = (struct lam_error)LAM_ERROR_INIT;
}

/* The ledger has seen [0, 17): blocks of 10 and 7. */
static void
replaced(void)
{
	struct lam_ledger l, other;
	struct lam_feed f;

	CHECK_INT(lam_ledger_open(&l, state, &e), LAM_OK);
	f = feed(&l);
	CHECK_INT(follow(&f), LAM_OK);
	keep("whole");
	restore("whole");
	both(&l, &f, LAM_OK, "");
	restore("ten");
	both(&l, &f, LAM_DATA, "up to position 17, but that ends at 10");
	f = feed(&l);
	f.tie = l.progress.tie;
	append(10, 6);
	both(&l, &f, LAM_DATA, "up to position 17, but that ends at 16");
	/* As long as it was, and longer; the records of old, cut otherwise. */
	append(16, 1);
	f.tie = l.progress.tie;
	both(&l, &f, LAM_OK, "");
	append(17, 20);
	both(&l, &f, LAM_OK, "");
	restore("ten");
	append(110, 7);
	f.tie = l.progress.tie;
	both(&l, &f, LAM_DATA, "before position 17 are not those that it has seen");
	append(117, 20);
	f.tie = l.progress.tie;
	both(&l, &f, LAM_DATA, "before position 17 are not those that it has seen");
	/* 17 is inside a block, and all of it is what it was but the last record. */
	restore("ten");
	append(10, 6);
	append(99, 20);
	f.tie = l.progress.tie;
	both(&l, &f, LAM_DATA, "before position 17 are not those that it has seen");
	restore("ten");
	append(10, 20);
	f.tie = l.progress.tie;
	both(&l, &f, LAM_OK, "");
	/* Another stream: who opens it tells that, not the tie. */
	other = l;
	memset(other.source, 'b', LAM_LEDGER_ID);
	restore("ten");
	f = feed(&other);
	CHECK_INT(follow(&f), LAM_OK);
	restore("whole");
	lam_ledger_close(&l);
}

/* ----------------------------------------------------------------- version 1 */

/* The ledger's last file says that it is of version 1, in which nothing was synced. */
static void
make_old(const char *path)
{
	struct lam_buf b = LAM_BUF_INIT, sum = LAM_BUF_INIT;
	uint64_t at = LAM_LEDGER_HEAD, size;
	int fd;

	CHECK_INT(lam_io_slurp(path, SIZE_MAX / 2, &b, &e), LAM_OK);
	b.p[7] = '1';
	lam_buf_put_u64(&sum, lam_checksum(b.p, 88));
	memcpy(b.p + 88, sum.p, 8);
	for (; at < b.n; at += size) {
		size = lam_get64(b.p + at + 8);
		b.p[at + 7] = 0;
		lam_buf_clear(&sum);
		lam_buf_put_u64(&sum, lam_checksum(b.p + at, size - 8));
		memcpy(b.p + at + size - 8, sum.p, 8);
	}
	fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(pwrite(fd, b.p, b.n, 0) == (ssize_t)b.n);
	close(fd);
	lam_buf_release(&b);
	lam_buf_release(&sum);
}

/* It has no tie, and is read; from then on it has one. */
static void
version_1(void)
{
	struct lam_ledger l;
	struct lam_ledger_frame skip = { .kind = LAM_FRAME_SKIP, .to = 17 };
	struct lam_feed f;
	uint64_t end;

	test_shell("rm -r %s; mkdir %s", state, state);
	CHECK_INT(lam_ledger_open(&l, state, &e), LAM_OK);
	CHECK_INT(lam_ledger_begin(&l, "", 0, &e), LAM_OK);
	CHECK_INT(lam_ledger_put(&l, &skip, &e), LAM_OK);
	CHECK_INT(lam_ledger_write(&l, &e), LAM_OK);
	end = l.end;
	make_old(l.path);
	l = reopen(&l);
	CHECK(l.end == end && l.progress.next == 17 && !l.progress.tie.known);
	CHECK_INT(check(&l), LAM_OK);
	f = feed(&l);
	CHECK_INT(follow(&f), LAM_OK);
	CHECK_INT(lam_tie_put(&f, &l, &e), LAM_OK);
	l = reopen(&l);
	CHECK(same_tie(&f.tie, &l.progress.tie) && l.progress.tie.at == 17);
	restore("ten");
	append(110, 9);
	f = feed(&l);
	CHECK_INT(follow(&f), LAM_DATA);
	CHECK_INT(check(&l), LAM_DATA);
	lam_ledger_close(&l);
}

int
main(void)
{
	test_root_make();
	snprintf(data, sizeof data, "%s", test_path("data"));
	snprintf(state, sizeof state, "%s/trigger/f", data);
	test_shell("mkdir -p %s", state);
	append(0, 10);
	keep("ten");
	written();
	goes_back();
	replaced();
	version_1();
	test_shell("rm -rf %s", test_root);
	return DONE();
}
