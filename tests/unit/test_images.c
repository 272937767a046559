/*
 * test_images.c - the last images of a view: whatever was written, killed or damaged,
 * their files say what a count of the records says
 *
 * Record P has the id P, so that the rows of the view are known without it.
 */
#include "test_log.h"

#include "trigger/images.h"

#define KEYS 7
#define RECORDS 1200

static const char view_sql[] = "select id % 7 as k, count(*) as n, sum(id) as s "
	"from s where id % 5 <> 0 group by k";

static char data[200], dir[240], views[240];
static struct lam_append *writer;
static struct lam_stream stream;
static struct lam_arena arena;
static struct lam_view view;
static unsigned said;
static struct lam_error e;

static void
say(void *arg, const char *line)
{
	(void)arg;
	(void)line;
	said++;
}

/* The stream and its view as they are now. */
static struct lam_images_of
now(void)
{
	lam_stream_close(&stream);
	lam_arena_reset(&arena);
	CHECK_INT(lam_stream_open(&stream, data, "s", &e), LAM_OK);
	CHECK_INT(lam_view_load(data, "v", &stream, &arena, &view, &e), LAM_OK);
	return (struct lam_images_of){ &view, &stream, &arena };
}

static struct lam_images
images(void)
{
	return (struct lam_images){ .data = data, .dir = dir,
		.warn = { say, NULL } };
}

/* --------------------------------------------------------- what is in the files */

static int64_t
number(const struct lam_vec *v, uint32_t i)
{
	struct lam_num x = lam_vec_num(v, i);

	return x.scale ? -1 : (int64_t)x.m;
}

/* What SRC has of each key: how many, and their sum. */
static void
add_rows(struct lam_source *src, int64_t n[KEYS], int64_t sum[KEYS])
{
	struct lam_arena a = LAM_ARENA_INIT;
	uint32_t count = lam_query_component(view.query, 0);
	uint32_t total = lam_query_component(view.query, 1);
	bool got = true;

	while (got) {
		struct lam_batch b = { .arena = &a };
		struct lam_vec k, c, s;
		uint64_t bad = 0;

		lam_arena_reset(&a);
		FAIL_IF(src->next(src, 0, &b, &got, &e), "%s", e.msg);
		if (!got)
			break;
		FAIL_IF(b.load(&b, 0, false, &k, &bad, &e) ||
			b.load(&b, count, false, &c, &bad, &e) ||
			b.load(&b, total, false, &s, &bad, &e), "%s", e.msg);
		for (uint32_t i = 0; i < b.n; i++) {
			n[number(&k, i)] += number(&c, i);
			sum[number(&k, i)] += number(&s, i);
		}
	}
	lam_arena_release(&a);
}

/* The files are of [0, UPTO), without a gap, and so are their rows. */
static void
hold(const struct lam_images *im, uint64_t upto, const char *when)
{
	int64_t n[KEYS] = { 0 }, sum[KEYS] = { 0 };
	struct lam_images_source src;
	uint64_t at = 0, read = 0;

	for (size_t k = 0; k < im->n; k++) {
		FAIL_IF(im->file[k]->d.from != at, "%s: file %zu", when, k);
		at = im->file[k]->d.to;
		read += im->file[k]->index.section.counts.read;
	}
	FAIL_IF(at != upto || read != upto, "%s: %d, read %d, not %d", when,
		(int)at, (int)read, (int)upto);
	FAIL_IF(lam_images_source_init(&src, im, 0, im->n, &e), "%s", e.msg);
	add_rows(&src.chain.source, n, sum);
	lam_images_source_release(&src);
	for (uint64_t id = 0; id < upto; id++)
		if (id % 5) {
			n[id % KEYS]--;
			sum[id % KEYS] -= (int64_t)id;
		}
	for (int k = 0; k < KEYS; k++)
		FAIL_IF(n[k] || sum[k], "%s: key %d of [0, %d)", when, k,
			(int)upto);
}

static int
on_disk(void)
{
	char path[300];

	snprintf(path, sizeof path, "%s/speed/v", dir);
	return test_files(path, ".idx");
}

/* A program that starts now and has looked at [0, UPTO). */
static void
start(uint64_t upto, unsigned messages, const char *when)
{
	struct lam_images im = images();
	struct lam_images_of of = now();

	said = 0;
	FAIL_IF(lam_images_open(&im, &of, upto, &e), "%s: %s", when, e.msg);
	hold(&im, upto, when);
	FAIL_IF(on_disk() != (int)im.n, "%s: %d files, %zu used", when,
		on_disk(), im.n);
	FAIL_IF(said != messages, "%s: %u messages", when, said);
	lam_images_release(&im);
}

/* ---------------------------------------------------------------------- steps */

static uint64_t rnd = 1478;

static uint32_t
any(uint32_t n)
{
	rnd = rnd * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(rnd >> 33) % n;
}

/* Steps of any length, now and then by another process; each file is at least twice
 * as long as the one behind it. */
static void
steps(void)
{
	struct lam_images im = images();
	uint64_t at = 0;
	size_t most = 0;

	while (at < RECORDS) {
		struct lam_images_of of = now();
		uint64_t to = at + 1 + any(any(4) ? 3 : 60), behind = 0;

		to = to < RECORDS ? to : RECORDS;
		FAIL_IF(lam_images_open(&im, &of, at, &e) ||
			lam_images_add(&im, &of, at, to, &e), "%s", e.msg);
		hold(&im, to, "added");
		FAIL_IF(lam_images_settle(&im, &of, &e), "%s", e.msg);
		hold(&im, to, "settled");
		for (size_t k = im.n; k-- > 0;) {
			uint64_t n = im.file[k]->d.to - im.file[k]->d.from;

			FAIL_IF(n < 2 * behind, "%d is short", (int)n);
			behind = n;
		}
		FAIL_IF(on_disk() != (int)im.n, "%d files", on_disk());
		most = im.n > most ? im.n : most;
		at = to;
		if (any(9) == 0)
			lam_images_release(&im);
	}
	FAIL_IF(most < 4 || most > 11, "%zu files at once", most);
	lam_images_release(&im);
	PASS("files of any steps have the rows of all records");
}

/* ------------------------------------------------------- killed, gone, damaged */

/* The files [0, 400), [400, 500), ..., without those that join. */
static void
make_files(uint64_t upto)
{
	struct lam_images im = images();
	struct lam_images_of of = now();
	uint64_t at = 400;

	test_shell("rm -rf %s/speed", dir);
	FAIL_IF(lam_images_open(&im, &of, 0, &e), "%s", e.msg);
	FAIL_IF(lam_images_add(&im, &of, 0, 400, &e), "%s", e.msg);
	for (; at < upto; at += 100)
		FAIL_IF(lam_images_add(&im, &of, at, at + 100, &e), "%s", e.msg);
	hold(&im, upto, "made");
	lam_images_release(&im);
}

static void
killed(void)
{
	struct lam_images im = images();
	struct lam_images_of of;

	make_files(800);
	start(800, 0, "as it was");
	/* Between the images of a step and the ledger: a file too many. */
	make_files(800);
	start(700, 0, "a step too far");
	FAIL_IF(on_disk() != 4, "%d files", on_disk());
	/* Between a file that is the join of others, and the end of these. */
	make_files(800);
	test_shell("mkdir %s/parts; cp %s/speed/v/* %s/parts", dir, dir, dir);
	of = now();
	FAIL_IF(lam_images_open(&im, &of, 800, &e), "%s", e.msg);
	FAIL_IF(lam_images_settle(&im, &of, &e) || im.n > 2, "%s", e.msg);
	lam_images_release(&im);
	test_shell("cp %s/parts/* %s/speed/v", dir, dir);
	start(800, 0, "joined, and the parts");
	FAIL_IF(on_disk() > 2, "%d files", on_disk());
	/* In the middle of a write: a temporary file. */
	test_shell("touch %s/speed/v/.tmp.1.1", dir);
	start(800, 0, "a temporary file");
	PASS("killed anywhere, a program finds what it had");
}

static void
gone_or_damaged(void)
{
	static const char *const how[] = { "rm", "truncate -s 100",
		"truncate -s 0", "cp ../../parts/*700-*0800-*" };

	for (int k = 0; k < 4; k++)
		for (int f = 0; f < 5; f++) {
			char when[60];

			if (k == 3 && f == 4)
				break; /* it is itself */
			make_files(800);
			snprintf(when, sizeof when, "%s %d", how[k], f);
			test_shell("cd %s/speed/v && %s $(ls | sed -n %dp)", dir,
				how[k], f + 1);
			start(800, k != 0, when);
		}
	PASS("what is gone, cut or another file is made anew");
	make_files(800);
	test_shell("cp %s/v.sql %s; sed -i s/7/3/ %s/v.sql", views, data, views);
	{
		struct lam_images im = images();
		struct lam_images_of of = now();

		CHECK_INT(lam_images_open(&im, &of, 800, &e), LAM_OK);
		CHECK(im.n == 1 && im.file[0]->d.spec == view.spec);
		CHECK_INT(on_disk(), 1); /* those of the old definition are gone */
		lam_images_release(&im);
	}
	test_shell("mv %s/v.sql %s", data, views);
}

/* Records that are others under the same id: the images are of another log. */
static void
foreign(void)
{
	struct lam_images im = images();
	struct lam_images_of of;
	uint64_t first;

	make_files(800);
	test_shell("rm -r %s/master; cp -r %s/short %s/master", data, data, data);
	CHECK((writer = test_writer(data, 3, &e)) != NULL);
	CHECK_INT(test_append(writer, 9000, 300, true, &first, &e), LAM_OK);
	CHECK_INT(test_append(writer, 9300, 300, true, &first, &e), LAM_OK);
	lam_append_close(writer);
	of = now();
	CHECK(stream.head >= 800);
	CHECK_INT(lam_images_open(&im, &of, 800, &e), LAM_DATA);
	lam_images_release(&im);
	CHECK_INT(on_disk(), 5); /* nothing was removed: who is right is not known */
	CHECK_INT(lam_images_open(&im, &of, 400, &e), LAM_OK);
	hold(&im, 400, "before that it is the same");
	PASS("a common beginning is common");
	lam_images_release(&im);
}

int
main(void)
{
	uint64_t first;
	FILE *f;

	test_root_make();
	snprintf(data, sizeof data, "%s", test_path("data"));
	snprintf(dir, sizeof dir, "%s/trigger/f", data);
	snprintf(views, sizeof views, "%s/views", data);
	test_shell("mkdir -p %s %s", dir, views);
	f = fopen(test_path("data/views/v.sql"), "w");
	fputs(view_sql, f);
	fclose(f);
	CHECK((writer = test_writer(data, 3, &e)) != NULL);
	for (uint64_t at = 0; at < RECORDS; at += 200) {
		if (at == 400)
			test_shell("cp -r %s/master %s/short", data, data);
		FAIL_IF(test_append(writer, at, 200, true, &first, &e), "%s",
			e.msg);
	}
	lam_append_close(writer);
	steps();
	killed();
	gone_or_damaged();
	foreign();
	lam_stream_close(&stream);
	lam_arena_release(&arena);
	test_shell("rm -rf %s", test_root);
	return DONE();
}
