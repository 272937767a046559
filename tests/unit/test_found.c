/*
 * test_found.c - what is found by comparing: files of a bucket, and the events of it that
 * a ledger keeps; what of a ledger survives a new file, a torn tail and damage
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "test.h"
#include "trigger/bucket.h"
#include "trigger/found.h"
#include "trigger/ledger_frame.h"

static char dir[64];
static struct lam_error e;

static const char *
at(const char *name)
{
	static char path[2][200];
	static int i;

	i = !i;
	snprintf(path[i], sizeof path[i], "%s/%s", dir, name);
	return path[i];
}

static struct lam_str
str(const char *s)
{
	return (struct lam_str){ s, strlen(s) };
}

/* ----------------------------------------------------------------- objects */

#define NAMES 300

/* What is known, against an array: sizes by number of name, 0: none. */
static void
compare_known(const struct lam_objects *o, const uint64_t *size, int step)
{
	const struct lam_object *x = NULL;
	size_t n = 0, seen = 0;
	char name[20];

	while ((x = lam_objects_each(o, x)))
		seen++;
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof name, "d/%d", i);
		x = lam_objects_find(o, name);
		n += size[i] != 0;
		FAIL_IF(!x != !size[i] || (x && (x->size != size[i] ||
			x->mtime != -(int64_t)size[i])), "step %d: %s", step, name);
	}
	FAIL_IF(seen != n || o->n != n, "step %d: %zu of %zu", step, seen, n);
}

static void
test_objects(void)
{
	struct lam_objects o = LAM_OBJECTS_INIT, again = LAM_OBJECTS_INIT;
	uint64_t size[NAMES] = { 0 };
	struct lam_buf note = LAM_BUF_INIT;
	const struct lam_object *x = NULL;
	char name[20];

	srand(7);
	for (int step = 0; step < 3000; step++) {
		int i = rand() % NAMES;
		struct lam_object y = { .size = (uint64_t)rand() % 9 };

		snprintf(name, sizeof name, "d/%d", i);
		size[i] = y.size;
		if (y.size) {
			struct lam_object *z = lam_objects_add(&o, name);

			z->size = y.size;
			z->mtime = -(int64_t)y.size;
			lam_object_put(z, &note);
		} else {
			lam_objects_drop(&o, name);
			lam_object_put_gone(name, &note);
		}
		if (step % 500 == 0)
			compare_known(&o, size, step);
	}
	compare_known(&o, size, 3000);
	PASS("what is known is what was added and not dropped");
	CHECK_INT(lam_objects_apply(&again, (struct lam_str){ note.p, note.n },
		&e), LAM_OK);
	compare_known(&again, size, 3001);
	PASS("and what its notes say, one after the other");
	lam_buf_clear(&note);
	x = lam_objects_each(&o, NULL);
	lam_object_put(x, &note);
	for (size_t n = 1; n < note.n; n++)
		FAIL_IF(lam_objects_apply(&again, (struct lam_str){ note.p, n },
			&e) != LAM_DATA, "%zu bytes", n);
	PASS("a note that is cut is none");
	lam_buf_release(&note);
	lam_objects_release(&o);
	lam_objects_release(&again);
	CHECK(!lam_objects_find(&o, "d/1") && !lam_objects_each(&o, NULL));
}

/* ------------------------------------------------------------------ bucket */

static struct lam_buf told;

static int
tell(void *arg, const char *name, const struct lam_object *now, struct lam_error *err)
{
	(void)arg;
	(void)err;
	lam_buf_printf(&told, "%s=%d ", name, now ? (int)now->size : -1);
	return LAM_OK;
}

static void
file(const char *name, const char *text)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		exit(1);
	close(fd);
}

static void
look(struct lam_bucket *b, const char *want)
{
	lam_buf_clear(&told);
	CHECK_INT(lam_bucket_look(b, &e), LAM_OK);
	CHECK_STR(told.p, told.n, want);
}

static void
test_wants(void)
{
	static const struct {
		const char *pattern[4], *name;
		int wants;
	} t[] = {
		{ { NULL }, "a", 1 }, { { NULL }, "a~", 0 },
		{ { NULL }, "d/a.tmp", 0 }, { { NULL }, "a.tmp/b", 1 },
		{ { "*.csv", NULL }, "d/a.csv", 1 }, { { "*.csv", NULL }, "a", 0 },
		{ { "*.csv", "b*", NULL }, "b", 1 },
		{ { "*.tmp", NULL }, "a.tmp", 0 },
		{ { "*.tmp", "!b*", NULL }, "a.tmp", 1 },
		{ { "!b*", NULL }, "a.tmp", 1 }, { { "!b*", NULL }, "bc", 0 },
		{ { "b*", "!*c", NULL }, "bc", 0 }
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		FAIL_IF(lam_bucket_wants(t[i].pattern, t[i].name) != t[i].wants,
			"%zu: %s", i, t[i].name);
	PASS("patterns choose names");
}

static void
test_bucket(void)
{
	static const char *const every[] = { NULL };
	struct lam_bucket b = { .pattern = every, .changed = tell, .fd = -1 };
	int fd;

	mkdir(at("in"), 0700);
	snprintf(b.dir, sizeof b.dir, "%s", at("in"));
	file("in/a", "1");
	file("in/.hidden", "1");
	file("in/b.tmp", "1");
	CHECK(symlink("a", at("in/link")) == 0);
	CHECK_INT(lam_bucket_open(&b, &e), LAM_OK);
	look(&b, "a=1 ");
	look(&b, "");
	file("in/a", "22");
	look(&b, "a=2 ");
	CHECK(rename(at("in/b.tmp"), at("in/b")) == 0);
	look(&b, "b=1 ");
	fd = open(at("in/c"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	look(&b, ""); /* its writer has not closed it */
	CHECK(write(fd, "333", 3) == 3);
	look(&b, "");
	close(fd);
	look(&b, "c=3 ");
	CHECK(unlink(at("in/a")) == 0);
	look(&b, "a=-1 ");
	CHECK(mkdir(at("in/d"), 0700) == 0);
	file("in/d/e", "1");
	look(&b, "d/e=1 ");
	CHECK(rename(at("in/d"), at("away")) == 0);
	look(&b, "d/e=-1 ");
	/* All that is known, and nothing of the kernel's. */
	b.all = true;
	look(&b, "");
	CHECK(rename(at("in"), at("gone")) == 0);
	b.all = true;
	lam_buf_clear(&told);
	CHECK(lam_bucket_look(&b, &e) != LAM_OK && told.n == 0);
	lam_bucket_close(&b);
	lam_buf_release(&told);
}

/* ------------------------------------------------------------------- found */

/* A ledger of its own, in NAME. */
static struct lam_ledger
begin(const char *name)
{
	struct lam_ledger l;

	mkdir(at(name), 0700);
	CHECK_INT(lam_ledger_open(&l, at(name), &e), LAM_OK);
	CHECK_INT(lam_ledger_begin(&l, "", 0, &e), LAM_OK);
	return l;
}

static struct lam_ledger
reopen(struct lam_ledger *l)
{
	struct lam_ledger again;
	char same[LAM_PATH_MAX];

	memcpy(same, l->dir, sizeof same);
	lam_ledger_close(l);
	CHECK_INT(lam_ledger_open(&again, same, &e), LAM_OK);
	return again;
}

/* Events "eFROM", ... are found, with NOTE. */
static void
find(struct lam_ledger *l, uint64_t from, uint64_t to, const char *note)
{
	struct lam_queue q = LAM_QUEUE_INIT;

	for (; from < to; from++) {
		lam_buf_printf(&q.text, "e%d", (int)from);
		CHECK_INT(lam_queue_put(&q, from, &e), LAM_OK);
	}
	CHECK_INT(lam_found_put(l, &q, str(note), 5, 6, &e), LAM_OK);
	CHECK_INT((int64_t)lam_queue_events(&q), 0);
	lam_queue_release(&q);
}

/* The events from *NEXT on and before TO, as read by a step of MAX bytes. */
static void
check_read(struct lam_ledger *l, uint64_t *next, uint64_t to, size_t max,
	const char *want)
{
	struct lam_queue q = LAM_QUEUE_INIT;
	uint64_t first = *next;

	CHECK_INT(lam_found_read(l, next, to, max, &q, &e), LAM_OK);
	CHECK_STR(lam_queue_text(&q), lam_queue_bytes(&q), want);
	if (lam_queue_events(&q))
		CHECK_INT((int64_t)lam_queue_event(&q, 0)->pos, (int64_t)first);
	CHECK_INT((int64_t)(*next - first), (int64_t)lam_queue_events(&q));
	lam_queue_release(&q);
}

static int
put(struct lam_ledger *l, enum lam_frame_kind kind, enum lam_verdict v, uint64_t from,
	uint64_t to, struct lam_str output)
{
	struct lam_ledger_frame f = { .kind = (uint8_t)kind, .verdict = (uint8_t)v,
		.from = from, .to = to, .attempt = 1, .output = output };
	int rc = lam_ledger_put(l, &f, &e);

	return rc ? rc : lam_ledger_write(l, &e);
}

static void
done(struct lam_ledger *l, uint64_t from, uint64_t to)
{
	CHECK_INT(put(l, LAM_FRAME_INTENT, 0, from, to, str("")), LAM_OK);
	CHECK_INT(put(l, LAM_FRAME_OUTCOME, LAM_VERDICT_DONE, from, to, str("")),
		LAM_OK);
}

static void
test_found(void)
{
	struct lam_ledger l = begin("found");
	struct lam_queue q = LAM_QUEUE_INIT;
	struct lam_str note;
	uint64_t next = 0;

	find(&l, 0, 3, "first");
	find(&l, 3, 3, "nothing but a note");
	find(&l, 3, 11, "");
	for (int i = 0; i < 2; i++, next = 0) {
		CHECK_INT((int64_t)l.progress.found, 11);
		CHECK_INT((int64_t)l.progress.looked, 5);
		check_read(&l, &next, 11, SIZE_MAX, "e0e1e2e3e4e5e6e7e8e9e10");
		next = 1;
		check_read(&l, &next, 11, 1, "e1e2"); /* of one frame at least */
		check_read(&l, &next, 5, 1, "e3e4");
		check_read(&l, &next, 5, 1, "");
		l = reopen(&l);
	}
	CHECK_INT(lam_found_again(&l, 2, 4, &q, &e), LAM_OK);
	CHECK_STR(lam_queue_text(&q), lam_queue_bytes(&q), "e2e3");
	CHECK_INT(lam_found_again(&l, 9, 12, &q, &e), LAM_DATA);
	CHECK_INT(lam_found_note_of(str("1234567"), &note, &e), LAM_DATA);
	CHECK_INT(lam_found_note_of((struct lam_str){ "\1\0\0\0\0\0\0\0" "\2\0\0\0"
		"\0\0\0\0x", 17 }, &note, &e), LAM_DATA);
	CHECK_INT(lam_found_note_of((struct lam_str){ "\1\0\0\0\1\0\0\0" "\1\0\0\0"
		"\0\0\0\0xy", 18 }, &note, &e), LAM_OK);
	CHECK_STR(note.p, note.n, "y");
	lam_queue_release(&q);
	lam_ledger_close(&l);
}

static void
test_source(void)
{
	struct lam_ledger l = { .source = "" };
	char one[LAM_LEDGER_ID + 1], two[LAM_LEDGER_ID + 1];

	CHECK_INT(lam_found_source(&l, "view", "v", one, &e), LAM_OK);
	CHECK_INT(lam_found_source(&l, "view", "v", two, &e), LAM_OK);
	CHECK(strlen(one) == LAM_LEDGER_ID && strcmp(one, two)); /* drawn anew */
	memcpy(l.source, one, sizeof one);
	CHECK_INT(lam_found_source(&l, "view", "v", two, &e), LAM_OK);
	CHECK(!strcmp(one, two));
	CHECK_INT(lam_found_source(&l, "bucket", "v", two, &e), LAM_OK);
	CHECK(strcmp(one, two));
}

/* --------------------------------------------------------------- a new file */

static bool
keep(void *arg, struct lam_buf *out)
{
	int *left = arg;

	if (*left == 0) {
		*left = 2;
		return false;
	}
	lam_found_note(out, str(*left == 2 ? "kept, one" : "kept, two"));
	--*left;
	return true;
}

static struct lam_buf notes;

static int
see_note(void *arg, const struct lam_ledger_frame *f, struct lam_error *err)
{
	struct lam_str note;

	(void)arg;
	if (f->kind != LAM_FRAME_FOUND)
		return LAM_OK;
	if (lam_found_note_of(f->output, &note, err))
		return LAM_DATA;
	lam_buf_put(&notes, note.p, note.n);
	lam_buf_puts(&notes, ";");
	return LAM_OK;
}

static void
check_notes(const struct lam_ledger *l, const char *want)
{
	struct lam_ledger_head head;
	uint64_t end, torn;

	lam_buf_clear(&notes);
	CHECK_INT(lam_ledger_scan(l->path, &head, see_note, NULL, &end, &torn, &e),
		LAM_OK);
	CHECK(!strcmp(head.id, l->id) && end == l->end && !torn);
	CHECK_STR(notes.p, notes.n, want);
}

/* Events [2, 4) are pending, [4, 11) have yet to be begun. */
static void
test_roll(void)
{
	struct lam_ledger l = begin("roll");
	const size_t large = (size_t)17 << 20;
	char *text = calloc(1, large);
	char before[sizeof l.path];
	uint64_t next = 2, base;
	int left = 2;

	l.keep = keep;
	l.keep_arg = &left;
	find(&l, 0, 3, "a");
	find(&l, 3, 11, "b");
	done(&l, 0, 2);
	CHECK_INT(put(&l, LAM_FRAME_INTENT, 0, 2, 4, str("")), LAM_OK);
	memcpy(before, l.path, sizeof before);
	CHECK_INT(lam_ledger_roll(&l, &e), LAM_OK);
	CHECK(!strcmp(before, l.path)); /* it is short */
	CHECK_INT(put(&l, LAM_FRAME_OUTCOME, LAM_VERDICT_RETRY, 2, 4, str("")),
		LAM_OK);
	CHECK_INT(put(&l, LAM_FRAME_CALL, 0, 0, 1, (struct lam_str){ text, large }),
		LAM_OK);
	CHECK_INT(lam_ledger_roll(&l, &e), LAM_OK);
	CHECK(!strcmp(before, l.path)); /* an output is not delivered */
	CHECK_INT(put(&l, LAM_FRAME_DELIVERED, 0, l.end, 7, str("")), LAM_OK);
	base = l.end;
	CHECK_INT(lam_ledger_roll(&l, &e), LAM_OK);
	CHECK(strcmp(before, l.path) && l.base == base);
	for (int i = 0; i < 2; i++, next = 2) {
		check_notes(&l, "kept, one;kept, two;a;b;;");
		CHECK_INT((int64_t)l.progress.found, 11);
		CHECK_INT((int64_t)l.progress.looked, 5);
		CHECK_INT((int64_t)l.progress.spec, 6);
		CHECK_INT((int64_t)l.progress.length, 7);
		CHECK_INT((int64_t)l.progress.next, 4);
		CHECK(l.progress.n == 1 && l.progress.item[0].from == 2 &&
			l.progress.item[0].failed == 1);
		check_read(&l, &next, 11, SIZE_MAX, "e2e3e4e5e6e7e8e9e10");
		l = reopen(&l);
	}
	CHECK(l.kept > 0 && l.kept < 4096);
	lam_ledger_close(&l);
	lam_buf_release(&notes);
	free(text);
}

/* ---------------------------------------------------------- torn, and damaged */

/* The byte AT of the file PATH is another; or, of a head, all is as by VERSION. */
static void
change(const char *path, uint64_t where, char version)
{
	char head[LAM_LEDGER_HEAD];
	struct lam_buf sum = LAM_BUF_INIT;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	uint8_t byte;

	CHECK(pread(fd, &byte, 1, (off_t)where) == 1);
	byte ^= 1;
	CHECK(pwrite(fd, &byte, 1, (off_t)where) == 1);
	CHECK(pread(fd, head, sizeof head, 0) == sizeof head);
	head[7] = version;
	lam_buf_put_u64(&sum, lam_checksum(head, 88));
	memcpy(head + 88, sum.p, 8);
	CHECK(pwrite(fd, head, sizeof head, 0) == sizeof head);
	lam_buf_release(&sum);
	close(fd);
}

/*
 * A frame, then two, and with SYNC a sync before the last.  The first of the two is
 * damaged: what has never been on disk for sure is a torn tail, and the rest is not.
 */
static void
damage(const char *name, bool sync, char version, int want)
{
	struct lam_ledger l = begin(name), again;
	uint64_t end, where;

	CHECK_INT(put(&l, LAM_FRAME_SKIP, 0, 0, 1, str("")), LAM_OK);
	CHECK_INT(lam_ledger_sync(&l, &e), LAM_OK);
	end = l.end;
	where = LAM_LEDGER_HEAD + l.end - l.base + 50;
	CHECK_INT(put(&l, LAM_FRAME_SKIP, 0, 0, 2, str("")), LAM_OK);
	if (sync)
		CHECK_INT(lam_ledger_sync(&l, &e), LAM_OK);
	CHECK_INT(put(&l, LAM_FRAME_SKIP, 0, 0, 3, str("")), LAM_OK);
	change(l.path, where, version);
	lam_ledger_close(&l);
	CHECK_INT(lam_ledger_open(&again, at(name), &e), want);
	if (!want)
		CHECK(again.end == end && again.progress.next == 1);
	lam_ledger_close(&again);
}

int
main(void)
{
	snprintf(dir, sizeof dir, "%s/lam-test-XXXXXX",
		access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(dir))
		return 1;
	test_objects();
	test_wants();
	test_bucket();
	test_found();
	test_source();
	test_roll();
	damage("torn", false, '2', LAM_OK);
	damage("damaged", true, '2', LAM_DATA);
	damage("old", false, '1', LAM_DATA);
	damage("unknown", false, '3', LAM_DATA);
	if (rmdir(dir) == 0 || chdir(dir) || system("rm -rf \"$PWD\""))
		return 1;
	return DONE();
}
