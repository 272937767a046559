/*
 * The cut sweep: batch [0, P) + speed [P, S) + the log [S, H) answers as a
 * scan of [0, H) does, for every P and S, to the byte.
 */
#include "test_log.h"

#include <sys/mman.h>

#include "answer/answer.h"
#include "partial/text.h"
#include "time/time.h"
#include "view/recompute.h"
#include "view/serve.h"
#include "view/speed.h"

#define AGGREGATES							\
	"count(*) as n, count(bytes) as nb, sum(bytes) as sb, "		\
	"avg(bytes) as ab, min(bytes) as mi, max(note) as ma, "		\
	"arg_min(note, bytes) as lo, arg_max(note, ts) as hi, "		\
	"first(note) as fi, last(note) as la, "				\
	"count(distinct note) as dn, approx_count_distinct(note) as ad, " \
	"approx_quantile(bytes, 0.5) as q5, "				\
	"count(*) filter (where bytes > 5) as big "

#define FROM_LOG "from log where note <> 'skip' or note is null "

static const char view_sql[] = "-- every aggregate\n"
	"select date_trunc('hour', ts) as hour, host, bytes > 5 as large, "
	AGGREGATES FROM_LOG "group by hour, host, large\n";

/* Queries on the view, and the same of the log. */
static const struct {
	const char *view, *log;
} query[] = {
	{ "select * from v order by hour, host, large",
		"select date_trunc('hour', ts) as hour, host, bytes > 5 as "
		"large, " AGGREGATES FROM_LOG "group by hour, host, large "
		"order by hour, host, large" },
	{ "select host, n, nb, sb, ab, mi, ma, lo, hi, fi, la, dn, ad, q5, "
		"big from v group by host",
		"select host, " AGGREGATES FROM_LOG "group by host" },
	{ "select large, n, fi, la from v where host = 'b' group by large",
		"select bytes > 5 as large, count(*) as n, first(note) as fi, "
		"last(note) as la from log where host = 'b' and (note <> "
		"'skip' or note is null) group by large" },
};
#define QUERIES (sizeof query / sizeof *query)

static const struct lam_field fields[] = {
	{ "ts", { LAM_TIME, 0 }, true },
	{ "host", { LAM_TEXT, 0 }, false },
	{ "bytes", { LAM_NUMBER, 0 }, false },
	{ "note", { LAM_TEXT, 0 }, false },
};

/* NULL for NULL.  Times out of order, twice, and missing. */
static const char *const small[][4] = {
	{ "2026-01-01T10:00:00Z", "a", "5", "x" },
	{ "2026-01-01T09:59:59Z", "b", NULL, "y,\"z\"" },
	{ "2026-01-01T10:00:00Z", "a", "5.50", "x" },
	{ NULL, "b", "0.1", "" },
	{ "2026-01-01T10:30:00Z", NULL, "0.2", NULL },
	{ "2025-06-01T00:00:00Z", "a", "-3", "tab\there" },
	{ "2026-01-01T10:59:59.999Z", "a", "skipme", "skip" },
	{ "2026-01-01T10:00:00Z", "b", "7", "x" },
	{ "2026-01-01T11:00:00Z", "b", "1000000", "line\nend" },
	{ "2026-01-01T10:00:00Z", "", "5", "\\" },
	{ "2026-01-01T09:00:00Z", "b", "6", "y" },
	{ "2026-01-01T10:00:01Z", "a", NULL, "w" },
};
#define SMALL (sizeof small / sizeof *small)

static char data[300]; /* the dataset in use */
static struct lam_resources engine = { 1, 64 << 20, "/tmp" };

static void
say(void *arg, const char *line)
{
	unsigned *count = arg;

	if (strstr(line, "read as NULL")) /* "skipme" is no number */
		return;
	if ((*count)++ < 5)
		printf("# said: %s\n", line);
}

static int
append(struct lam_append *a, const char *const (*row)[4], uint32_t n,
	struct lam_error *e)
{
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_buf text = LAM_BUF_INIT, image = LAM_BUF_INIT;
	struct lam_cell *field[4];
	struct lam_cells c = { NULL, n, 4, field, 0 };
	struct lam_block_facts facts = { .text = n };
	const uint32_t *map;
	uint64_t first;
	int rc;

	for (int f = 0; f < 4; f++) {
		field[f] = LAM_ARENA_NEW(&arena, struct lam_cell, n);
		for (uint32_t i = 0; i < n; i++) {
			const char *s = row[i][f];

			field[f][i].at = (uint32_t)text.n;
			field[f][i].len = s ? (uint32_t)strlen(s) :
				LAM_CELL_NULL;
			lam_buf_puts(&text, s ? s : "");
		}
	}
	c.text = lam_buf_str(&text);
	(void)lam_append_layout(a, &map, &facts.field);
	rc = lam_block_encode(&c, 0, 1, &facts, &arena, &image, e);
	if (!rc)
		rc = lam_append_image(a, &image, n, true, &first, e);
	lam_buf_release(&image);
	lam_buf_release(&text);
	lam_arena_release(&arena);
	return rc;
}

static struct lam_append *
open_log(const char *name, uint64_t segment)
{
	struct lam_limits limits = LAM_LIMITS_DEFAULT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_append *a = NULL;
	char views[400];
	FILE *f;
	int rc;

	snprintf(data, sizeof data, "%s", test_path(name));
	limits.records = segment;
	rc = lam_append_open(&a, data, "log", &e);
	if (!rc)
		rc = lam_append_fields(a, fields, 4, &e);
	lam_append_set_limits(a, &limits);
	snprintf(views, sizeof views, "%s/views", data);
	mkdir(views, 0700);
	snprintf(views, sizeof views, "%s/views/v.sql", data);
	f = fopen(views, "w");
	fputs(view_sql, f);
	fclose(f);
	if (rc)
		printf("# open_log: %s\n", e.msg);
	return a;
}

/* ---------------------------------------------------------------- answers */

static int
take_columns(void *arg, const struct lam_query *q, struct lam_error *e)
{
	struct lam_buf *b = arg;

	(void)e;
	lam_buf_printf(b, "%u\n", q->noutputs);
	return LAM_OK;
}

static int
take_rows(void *arg, const struct lam_vec *v, uint32_t n, struct lam_error *e)
{
	struct lam_buf *b = arg;
	uint32_t ncols = (uint32_t)(b->p[0] - '0');
	char scratch[LAM_TIME_TEXT];

	(void)e;
	if (b->p[1] != '\n')
		ncols = ncols * 10 + (uint32_t)(b->p[1] - '0');
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t c = 0; c < ncols; c++) {
			struct lam_str s = lam_vec_print(&v[c], i, scratch);

			if (s.p)
				lam_buf_put(b, s.p, s.n);
			lam_buf_puts(b, s.p ? "|" : "NULL|");
			if (c + 1 == ncols)
				lam_buf_putc(b, '\n');
		}
	return LAM_OK;
}

static struct lam_buf
ask(const char *sql, uint64_t as_of, unsigned *said)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_as_of end = { NULL, as_of };
	struct lam_answer a = { .ask.sql = sql, .data = data,
		.as_of = &end, .nas_of = as_of != UINT64_MAX,
		.engine = engine, .open = take_columns, .rows = take_rows,
		.arg = &b };

	if (said)
		a.warn = (struct lam_messages){ say, said };
	if (lam_answer(&a, &e)) {
		lam_buf_clear(&b);
		lam_buf_printf(&b, "error: %s", e.msg);
	}
	return b;
}

static bool
same(const struct lam_buf *a, const struct lam_buf *b)
{
	return a->n == b->n && a->n && !memcmp(a->p, b->p, a->n) &&
		memcmp(a->p, "error", 5);
}

/* -------------------------------------------------------------- the layers */

static struct lam_buf
batch(uint64_t as_of, bool incremental)
{
	int fd = memfd_create("partial", 0), rc;
	struct lam_partial_writer *w = NULL;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_recompute r = { .data = data, .bounded = true,
		.as_of = as_of, .incremental = incremental,
		.engine = engine };
	uint64_t size = 0;

	rc = lam_partial_writer_open(&w, fd, "memory", false, &e);
	if (!rc)
		rc = lam_recompute(&r, w, &e);
	if (!rc)
		rc = lam_partial_finish(w, &e);
	lam_partial_writer_free(w);
	if (!rc)
		rc = lam_io_size(fd, &size, "memory", &e);
	if (!rc && lam_buf_room(&b, size))
		rc = lam_io_pread(fd, b.p, size, 0, "memory", &e);
	b.n = size;
	if (rc) {
		lam_buf_clear(&b);
		lam_buf_printf(&b, "error: %s", e.msg);
		printf("# batch: %s\n", e.msg);
	}
	close(fd);
	return b;
}

static int
serve(const struct lam_buf *b, struct lam_error *e)
{
	const char *path = test_path("stream.part");
	struct lam_serve s = { .data = data, .path = &path, .npaths = 1,
		.threads = 1, .force = true };
	FILE *f = fopen(path, "w");

	fwrite(b->p, 1, b->n, f);
	fclose(f);
	return lam_serve(&s, e);
}

static int
speed(void)
{
	struct lam_speed s = { .data = data, .engine = engine };
	struct lam_error e = LAM_ERROR_INIT;
	uint64_t records;
	int rc = lam_speed_pass(&s, &records, &e);

	lam_speed_release(&s);
	if (rc)
		printf("# speed: %s\n", e.msg);
	return rc;
}

/* The dataset's derived state to the side, or back (what is there goes). */
static void
move(bool aside, uint64_t p, uint64_t s)
{
	static const char *const part[] = { "serving", "speed" };

	for (int i = 0; i < 2; i++) {
		char here[400], there[400], gone[400];
		static int n;

		snprintf(here, sizeof here, "%s/%s", data, part[i]);
		snprintf(there, sizeof there, "%s/%s-%d-%d", test_root,
			part[i], (int)p, (int)s);
		snprintf(gone, sizeof gone, "%s/gone-%d", test_root, n++);
		if (!aside)
			rename(here, gone);
		if (rename(aside ? here : there, aside ? there : here))
			printf("# rename %s failed\n", there);
	}
}

/* Generation P and the speed partials of now, put aside. */
static void
put_aside(uint64_t p, uint64_t s)
{
	struct lam_buf b = batch(p, false);
	struct lam_error e = LAM_ERROR_INIT;

	if (serve(&b, &e))
		printf("# serve: %s\n", e.msg);
	lam_buf_release(&b);
	FAIL_IF(speed(), "speed of P %d S %d", (int)p, (int)s);
	move(true, p, s);
}

static void
take_back(uint64_t p, uint64_t s)
{
	move(false, p, s);
}

static void
sweep(uint64_t segment)
{
	struct lam_append *a = open_log(segment > 9 ? "one" : "cut", segment);
	struct lam_buf want[QUERIES], full, got;
	struct lam_error e = LAM_ERROR_INIT;
	unsigned said = 0;

	for (uint64_t s = 1; a && s <= SMALL; s++) {
		if (append(a, small + s - 1, 1, &e))
			printf("# append: %s\n", e.msg);
		for (uint64_t p = 0; p <= s; p++)
			put_aside(p, s);
	}
	for (size_t i = 0; i < QUERIES; i++) {
		want[i] = ask(query[i].log, UINT64_MAX, NULL);
		if (!i)
			CHECK(want[i].n > 200 && memcmp(want[i].p, "error", 5));
	}
	full = batch(SMALL, false);
	for (uint64_t s = 1; s <= SMALL; s++)
		for (uint64_t p = 0; p <= s; p++) {
			take_back(p, s);
			for (size_t i = 0; i < QUERIES; i++) {
				got = ask(query[i].view, UINT64_MAX, &said);
				FAIL_IF(!same(&got, &want[i]), "P %d S %d "
					"query %d:\n%s\nnot\n%s", (int)p,
					(int)s, (int)i, lam_buf_str(&got),
					lam_buf_str(&want[i]));
				lam_buf_release(&got);
			}
			got = batch(SMALL, true);
			FAIL_IF(!same(&got, &full), "P %d: --incremental",
				(int)p);
			lam_buf_release(&got);
		}
	PASS("every cut gives the same rows");
	CHECK_INT(said, 0);
	for (size_t i = 0; i < QUERIES; i++)
		lam_buf_release(&want[i]);
	lam_buf_release(&full);
	lam_append_close(a);
}

/* --------------------------------------------------------------- large log */

static uint64_t rnd = 424242;

static uint32_t
next_random(uint32_t n)
{
	rnd = rnd * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(rnd >> 33) % n;
}

#define LARGE 6000
static char text[LARGE][3][32];
static const char *large[LARGE][4];

static void
make_large(void)
{
	static const char *const note[] = { "x", "y", "skip", "z z", "", NULL,
		"\t", "u" };
	static const char *const host[] = { "a", "b", "c", NULL, "d" };

	for (int i = 0; i < LARGE; i++) {
		lam_time_print((1767225600 + (int64_t)next_random(20000)) *
			LAM_NS, text[i][0]);
		text[i][0][20] = '\0';
		snprintf(text[i][1], sizeof text[i][1], "%u.%02u",
			next_random(30), next_random(100));
		large[i][0] = next_random(50) ? text[i][0] : NULL;
		large[i][1] = host[next_random(5)];
		large[i][2] = next_random(9) ? text[i][1] : NULL;
		large[i][3] = note[next_random(8)];
	}
}

/* Append, serve and speed in turns, at random; then every answer as of any
 * position. */
static void
wander(unsigned threads)
{
	struct lam_append *a = open_log("large", 1500);
	struct lam_error e = LAM_ERROR_INIT;
	uint32_t at = 0;
	unsigned said = 0;

	printf("# seed 424242\n");
	make_large();
	engine.threads = threads;
	while (a && at < LARGE) {
		uint32_t n = 1 + next_random(200);

		n = n < LARGE - at ? n : LARGE - at;
		if (append(a, (const char *const (*)[4])(large + at), n,
			&e))
			printf("# append: %s\n", e.msg);
		at += n;
		if (next_random(3) == 0)
			FAIL_IF(speed(), "speed at %u", at);
		if (next_random(12) == 0) {
			struct lam_buf b = batch(at - next_random(50) % at,
				next_random(2));

			FAIL_IF(serve(&b, &e), "serve at %u: %s", at, e.msg);
			lam_buf_release(&b);
		}
		if (next_random(6) == 0) {
			uint64_t to = next_random(4) ? at : next_random(at);
			size_t i = next_random(QUERIES);
			struct lam_buf got = ask(query[i].view, to, &said);
			struct lam_buf want = ask(query[i].log, to, NULL);

			FAIL_IF(!same(&got, &want), "query %d as of %d at %u:"
				"\n%.300s\nnot\n%.300s", (int)i, (int)to, at,
				lam_buf_str(&got), lam_buf_str(&want));
			lam_buf_release(&got);
			lam_buf_release(&want);
		}
	}
	PASS("answers hold while the log grows");
	CHECK_INT(said, 0);
	lam_append_close(a);
	engine.threads = 1;
}

/* ------------------------------------------------------------------ damage */

static void
damage(void)
{
	struct lam_buf want = ask(query[1].log, UINT64_MAX, NULL), b, got;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_names dir;
	char path[600];
	unsigned said = 0;

	/* A generation with a flipped bit anywhere is passed over. */
	b = batch(5900, false);
	test_shell("rm -rf %s/serving %s/speed", data, data);
	CHECK_INT(serve(&b, &e), LAM_OK);
	snprintf(path, sizeof path, "%s/serving/v", data);
	CHECK(!lam_io_list(path, ".idx", &dir, &e) && dir.n == 1);
	snprintf(path, sizeof path, "%s/serving/v/%s", data, dir.name[0]);
	for (long at = 3; at < test_size(path); at += 97) {
		FILE *f = fopen(path, "r+");
		int c;

		fseek(f, at, SEEK_SET);
		c = fgetc(f);
		fseek(f, at, SEEK_SET);
		fputc(c ^ 4, f);
		fclose(f);
		got = ask(query[1].view, UINT64_MAX, NULL);
		FAIL_IF(!same(&got, &want), "byte %ld: %.300s", at,
			lam_buf_str(&got));
		lam_buf_release(&got);
		f = fopen(path, "r+");
		fseek(f, at, SEEK_SET);
		fputc(c, f);
		fclose(f);
	}
	PASS("a damaged generation is never an answer");
	/* Swapped with a file of another range. */
	CHECK_INT(speed(), LAM_OK);
	test_shell("cp %s/speed/v/*.idx %s", data, path);
	got = ask(query[1].view, UINT64_MAX, &said);
	CHECK(same(&got, &want));
	CHECK(said > 0);
	lam_buf_release(&got);
	/* A log that lost records is an error. */
	CHECK_INT(serve(&b, &e), LAM_OK);
	test_shell("cd %s/master/log; rm $(ls *.seg | tail -1); "
		"rm -f durable", data);
	got = ask(query[1].view, UINT64_MAX, NULL);
	CHECK(got.n && !memcmp(got.p, "error", 5));
	lam_buf_release(&got);
	lam_names_release(&dir);
	lam_buf_release(&b);
	lam_buf_release(&want);
}

int
main(void)
{
	test_root_make();
	sweep(4);
	sweep(1000);
	wander(1);
	damage();
	test_shell("rm -rf %s/large", test_root);
	wander(3);
	test_shell("rm -rf %s", test_root);
	return DONE();
}
