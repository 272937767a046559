/* Partial text: what is written is read; what is damaged is refused. */
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/io.h"
#include "partial/record_rows.h"
#include "partial/spec.h"
#include "partial/text.h"
#include "view/dataset.h"

static struct lam_arena arena;
static struct lam_input_field field[] = {
	{ "host", { LAM_TEXT, 0 }, 0, false }, { "bytes", { LAM_NUMBER, 0 }, 0, false },
	{ "ts", { LAM_TIME, 0 }, 0, false }, { "other", { LAM_TEXT, 0 }, 0, false },
};

static int
find(void *state, const struct lam_stage *scan, struct lam_relation *out,
	struct lam_error *e)
{
	(void)state;
	(void)e;
	*out = (struct lam_relation){ .name = scan->name, .field = field,
		.nfields = 4 };
	return LAM_OK;
}

static const struct lam_query *
bind(const char *sql)
{
	struct lam_catalog c = { .state = NULL, .find = find };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_query *q = NULL;

	if (lam_query_bind(sql, "test", true, &c, &arena, &q, &e))
		printf("# %s\n", e.msg);
	return q;
}

static struct lam_section
section(const char *view, const char *sql, uint64_t from, uint64_t to)
{
	struct lam_section s = { .from = from, .to = to };

	strcpy(s.view, view);
	strcpy(s.stream, "access");
	strcpy(s.id, "0123456789abcdef0123456789abcdef");
	s.query = bind(sql);
	s.nulls = LAM_ARENA_NEW(&arena, uint64_t, s.query->nstates + 1);
	s.tied = true;
	s.history[0] = 0x1000 + from;
	s.history[1] = 0x1000 + to;
	s.counts = (struct lam_counts){ .read = to - from,
		.counted = to - from };
	if (lam_spec_hash(s.query, NULL, &s.spec, NULL))
		printf("# no spec\n");
	return s;
}

static const char SQL[] = "select host, count(*) as n, sum(bytes) as b "
	"from access group by host";

/* Everything a writer of these sections and lines gives. */
static struct lam_buf
stream(const struct lam_section *s, const char *const *const *line, size_t n)
{
	int fd = memfd_create("partial", 0);
	struct lam_partial_writer *w = NULL;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf b = LAM_BUF_INIT;
	uint64_t size = 0;
	int rc;

	rc = lam_partial_writer_open(&w, fd, "memory", false, &e);
	for (size_t i = 0; !rc && i < n; i++) {
		rc = lam_partial_begin(w, &s[i], &e);
		for (size_t k = 0; !rc && line[i][k]; k++)
			rc = lam_partial_line(w, (struct lam_str){ line[i][k],
				strlen(line[i][k]) }, &e);
		if (!rc)
			rc = lam_partial_end(w, &e);
	}
	if (!rc)
		rc = lam_partial_finish(w, &e);
	lam_partial_writer_free(w);
	if (!rc)
		rc = lam_io_size(fd, &size, "memory", &e);
	if (!rc && lam_buf_room(&b, size))
		rc = lam_io_pread(fd, b.p, size, 0, "memory", &e);
	b.n = size;
	if (rc)
		printf("# %s\n", e.msg);
	close(fd);
	return b;
}

/* Read it all: the code; sections and lines seen. */
static int
read_all(const char *p, size_t n, size_t *sections, size_t *lines,
	struct lam_error *e)
{
	struct lam_arena a = LAM_ARENA_INIT;
	int fd = memfd_create("partial", 0), rc;
	struct lam_partial_reader *r = NULL;
	struct lam_section s;
	struct lam_str line;
	bool got = true, more;

	*sections = *lines = 0;
	rc = lam_io_write(fd, p, n, "memory", e);
	lseek(fd, 0, SEEK_SET);
	if (!rc)
		rc = lam_partial_reader_fd(&r, fd, "memory", e);
	while (!rc) {
		rc = lam_partial_next(r, &a, &s, &got, e);
		if (rc || !got)
			break;
		++*sections;
		more = true;
		while (!rc && more) {
			rc = lam_partial_read(r, &line, &more, e);
			*lines += !rc && more;
		}
	}
	lam_partial_reader_free(r);
	lam_arena_release(&a);
	close(fd);
	return rc;
}

static const char *const lines_a[] = { "\"c,d\"\t2,5,1", "a\t3,10,",
	"a b\t1,,", NULL };
static const char *const lines_b[] = { "\t1,1,1", "x\t4,4,", NULL };

static void
test_round_trip(void)
{
	struct lam_section s[2] = { section("traffic", SQL, 0, 6),
		section("zoo", SQL, 0, 5) };
	const char *const *lines[] = { lines_b, lines_a };
	struct lam_buf b = stream(s, lines, 2), two = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	size_t sections, n;

	CHECK_INT(read_all(b.p, b.n, &sections, &n, &e), LAM_OK);
	if (*e.msg)
		printf("# %s\n", e.msg);
	CHECK_INT((int64_t)sections, 2);
	CHECK_INT((int64_t)n, 5);
	lam_buf_put(&two, b.p, b.n);
	lam_buf_put(&two, b.p, b.n);
	CHECK_INT(read_all(two.p, two.n, &sections, &n, &e), LAM_OK);
	CHECK_INT((int64_t)n, 10);

	for (size_t i = 0; i < b.n; i++) {
		struct lam_error why = LAM_ERROR_INIT;

		FAIL_IF(read_all(b.p, i, &sections, &n, &why) != LAM_DATA,
			"cut to %zu bytes of %zu: accepted", i, b.n);
	}
	PASS("every truncation is refused");
	for (size_t i = 0; i < b.n; i++)
		for (int bit = 0; bit < 8; bit += 3) {
			struct lam_error why = LAM_ERROR_INIT;

			b.p[i] ^= (char)(1 << bit);
			FAIL_IF(read_all(b.p, b.n, &sections, &n, &why) !=
				LAM_DATA, "bit %d of byte %zu: accepted", bit,
				i);
			b.p[i] ^= (char)(1 << bit);
		}
	PASS("every flipped bit is refused");
	lam_buf_release(&two);
	lam_buf_release(&b);
}

/* Replace OLD by NEW once and make the checksum right again. */
static struct lam_buf
forge(const struct lam_buf *b, const char *old, const char *new)
{
	struct lam_buf out = LAM_BUF_INIT;
	char *at = memmem(b->p, b->n, old, strlen(old)), *end;
	size_t before;

	if (!at) {
		printf("# forge: no %s\n", old);
		return out;
	}
	before = (size_t)(at - b->p);
	lam_buf_put(&out, b->p, before);
	lam_buf_puts(&out, new);
	lam_buf_put(&out, at + strlen(old), b->n - before - strlen(old));
	end = memmem(out.p, out.n, "#end rows=", 10);
	at = end ? memmem(end, out.n - (size_t)(end - out.p), "checksum=", 9) : NULL;
	if (at) {
		char hex[20];

		snprintf(hex, sizeof hex, "%016llx", (unsigned long long)
			lam_checksum(out.p, (size_t)(end - out.p)));
		memcpy(at + 9, hex, 16);
	}
	return out;
}

static void
test_faults(void)
{
	static const struct {
		const char *old, *new, *why;
	} fault[] = {
		{ "#lam-partial 2", "#lam-partial 3", "version 3" },
		{ "#lam-partial 2", "#lam-partial 1", "older program" },
		{ "#lam-partial 2", "#lam-partial x", "version" },
		{ "#view traffic", "#view ../x", "name" },
		{ "#view traffic\n", "", "view" },
		{ "#stream access ", "#stream ", "stream" },
		{ "#range 0 5", "#range 6 5", "range" },
		{ "#range 0 5", "#range 0 7", "add up" },
		{ "#range 0 5", "#range 00 5", "range" },
		{ "#spec ", "#spec 0", "spec" },
		{ "#history 0", "#history x", "history" },
		{ "#history 0000000000001000 ", "#history ", "history" },
		{ "#sql ", "#sql x", "sql" },
		{ "count(*)", "count(host)", "spec" },
		{ "#types ", "#types zz number\t", "types" },
		{ "bytes number", "bytes text", "sql" },
		{ "#counts read=5", "#counts read=6", "add up" },
		{ "counted=5", "counted=4", "add up" },
		{ "#nulls ", "#nulls x", "nulls" },
		{ "#faults 0 -", "#faults 0 3", "faults" },
		{ "#faults 0 -", "#faults 1 -", "faults" },
		{ "#columns key", "#columns state", "columns" },
		{ "#columns", "#extra line\n#columns", "columns" },
		{ "traffic\tx", "traffic\t\tx", "key" },
		{ "traffic\tx", "other\tx", "another view" },
		{ "traffic\tx\t", "traffic\t\t", "key twice" },
		{ "#eof sections=1", "#eof sections=2", "sections" },
		{ "#eof sections=1\n", "", "end line" },
		{ "#end rows=2", "#end rows=3", "rows" },
		{ "#eof sections=1\n", "#eof sections=1\n#eof sections=0\n",
			"second end" },
	};
	struct lam_section s = section("traffic", SQL, 0, 5);
	const char *const *lines[] = { lines_b };
	struct lam_buf b = stream(&s, lines, 1);

	for (size_t i = 0; i < sizeof fault / sizeof *fault; i++) {
		struct lam_buf f = forge(&b, fault[i].old, fault[i].new);
		struct lam_error e = LAM_ERROR_INIT;
		size_t sections, n;
		int rc = read_all(f.p, f.n, &sections, &n, &e);

		FAIL_IF(rc != LAM_DATA, "%s -> %s: accepted", fault[i].old,
			fault[i].new);
		FAIL_IF(rc == LAM_DATA && !strstr(e.msg, fault[i].why),
			"%s -> %s: %s", fault[i].old, fault[i].new, e.msg);
		lam_buf_release(&f);
	}
	PASS("each fault is refused and named");
	lam_buf_release(&b);
}

static void
test_order(void)
{
	static const char *const bad[] = { "b\t1,,", "a\t1,,", NULL };
	/* TAB ends a key, and is before most that could continue it */
	static const char *const good[] = { "a\x01\t1,,", "a\t1,,",
		"a b\t1,,", "ab\t1,,", NULL };
	struct lam_section s = section("traffic", SQL, 0, 9);
	const char *const *lines[] = { bad };
	struct lam_buf b = stream(&s, lines, 1);
	struct lam_error e = LAM_ERROR_INIT;
	size_t sections, n;

	CHECK_INT(read_all(b.p, b.n, &sections, &n, &e), LAM_DATA);
	CHECK(strstr(e.msg, "sorted") != NULL);
	lam_buf_release(&b);
	lines[0] = good;
	b = stream(&s, lines, 1);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(read_all(b.p, b.n, &sections, &n, &e), LAM_OK);
	lam_buf_release(&b);
}

static uint64_t rnd = 20261122;

static uint32_t
next_random(void)
{
	rnd = rnd * UINT64_C(6364136223846793005) + 1;
	return (uint32_t)(rnd >> 33);
}

static void
test_escapes(void)
{
	struct lam_buf a = LAM_BUF_INIT, b = LAM_BUF_INIT;
	static const char *const bad[] = { "\\", "a\\x", "\t", "\n", "\r" };

	printf("# seed 20261122\n");
	for (int i = 0; i < 2000; i++) {
		char text[40];
		size_t n = next_random() % sizeof text;

		for (size_t k = 0; k < n; k++)
			text[k] = "\t\n\r\\ab\0,\""[next_random() % 9];
		lam_buf_clear(&a);
		lam_buf_clear(&b);
		lam_escape((struct lam_str){ text, n }, &a);
		FAIL_IF(!lam_unescape((struct lam_str){ a.p, a.n }, &b) ||
			b.n != n || (n && memcmp(b.p, text, n)),
			"case %d", i);
		FAIL_IF(a.n && (memchr(a.p, '\t', a.n) ||
			memchr(a.p, '\n', a.n)), "case %d: bare", i);
	}
	PASS("escape and unescape are inverse");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!lam_unescape((struct lam_str){ bad[i],
			strlen(bad[i]) }, &b));
	lam_buf_release(&a);
	lam_buf_release(&b);
}

static int
rows(const char *text, uint32_t n, struct lam_record_rows *r)
{
	static const char sql[] = "select host, ts, min(other) as m from "
		"access group by host, ts";
	static const struct lam_query *q;
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_str s = { text, strlen(text) };
	int rc;

	if (!q)
		q = bind(sql);
	rc = lam_record_rows_parse(r, q, s, n, "test", 7, &e);
	if (!rc)
		rc = lam_record_rows_check(r, q, s, "test", 7, &a, &e);
	if (rc && !strstr(e.msg, "test:"))
		printf("# no place: %s\n", e.msg);
	lam_arena_release(&a);
	return rc;
}

static void
test_rows(void)
{
	struct lam_record_rows r = LAM_RECORD_ROWS_INIT;
	struct lam_str s;

	CHECK_INT(rows("a,2026-01-01T00:00:00Z\tz\n", 1, &r), LAM_OK);
	s = lam_cell_str(&r.cells, 1, 0);
	CHECK_STR(s.p, s.n, "2026-01-01T00:00:00Z");
	CHECK_INT(rows(",\t\"\"\n\"\",\t\n", 2, &r), LAM_OK);
	CHECK(!lam_cell_str(&r.cells, 0, 0).p);
	CHECK(lam_cell_str(&r.cells, 2, 0).p && !r.cells.field[2][0].len);
	CHECK(lam_cell_str(&r.cells, 0, 1).p && !r.cells.field[0][1].len);
	CHECK(!lam_cell_str(&r.cells, 2, 1).p);
	CHECK_INT(rows("\"a,\"\"b\",\tx\\t\\\\y\n", 1, &r), LAM_OK);
	s = lam_cell_str(&r.cells, 0, 0);
	CHECK_STR(s.p, s.n, "a,\"b");
	s = lam_cell_str(&r.cells, 2, 0);
	CHECK_STR(s.p, s.n, "x\t\\y");

	CHECK_INT(rows("a\tz\n", 1, &r), LAM_DATA);	/* a key is missing */
	CHECK_INT(rows("a,,\tz\n", 1, &r), LAM_DATA);	/* one too many */
	CHECK_INT(rows("a,\tz,1\n", 1, &r), LAM_DATA);
	CHECK_INT(rows("a,z\n", 1, &r), LAM_DATA);	/* no TAB */
	CHECK_INT(rows("a,yesterday\tz\n", 1, &r), LAM_DATA); /* no time */
	CHECK_INT(rows("a,2026-01-01\tz\n", 1, &r), LAM_DATA);
	CHECK_INT(rows("\"a\",\tz\n", 1, &r), LAM_DATA);
	CHECK_INT(rows("a\"b,\tz\n", 1, &r), LAM_DATA);
	CHECK_INT(rows("\"a,\tz\n", 1, &r), LAM_DATA);
	CHECK_INT(rows("a\\,\tz\n", 1, &r), LAM_DATA);
	lam_record_rows_release(&r);
}

static const char *const parts[][4] = {
	{ "a\t1,5,", "b\t1,,", NULL }, { "a\t2,7,", "c\t1,-2,", NULL },
	{ "b\t4,0,", NULL }, { NULL },
};

/* A file per ad hoc section, merged in the order of the digits of ORDER. */
static struct lam_buf
merged(const struct lam_buf *b, const char *order)
{
	char dir[] = "/tmp/lam-test-XXXXXX", path[4][64];
	const char *name[4];
	int fd = memfd_create("merged", 0), rc;
	struct lam_partial_writer *w = NULL;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf out = LAM_BUF_INIT;
	size_t n = strlen(order);
	uint64_t size = 0;

	rc = mkdtemp(dir) ? LAM_OK : LAM_SYSTEM;
	for (size_t i = 0; !rc && i < n; i++) {
		const struct lam_buf *x = &b[order[i] - '0'];
		FILE *f;

		snprintf(path[i], sizeof path[i], "%s/%zu", dir, i);
		name[i] = path[i];
		f = fopen(path[i], "w");
		fwrite(x->p, 1, x->n, f);
		fclose(f);
	}
	if (!rc)
		rc = lam_partial_writer_open(&w, fd, "memory", false, &e);
	if (!rc)
		rc = lam_partial_merge(w, name, n, "/tmp", &e);
	if (!rc)
		rc = lam_partial_finish(w, &e);
	lam_partial_writer_free(w);
	if (!rc)
		rc = lam_io_size(fd, &size, "memory", &e);
	if (!rc && lam_buf_room(&out, size))
		rc = lam_io_pread(fd, out.p, size, 0, "memory", &e);
	out.n = rc ? 0 : size;
	if (rc)
		lam_buf_puts(&out, e.msg);
	for (size_t i = 0; i < n; i++)
		unlink(path[i]);
	rmdir(dir);
	close(fd);
	return out;
}

static void
test_merge(void)
{
	static const char *const order[] = { "0123", "3210", "1302" };
	struct lam_buf b[5], want, x, y;

	for (size_t i = 0; i < 4; i++) {
		struct lam_section s = section("traffic", SQL, 0, i + 1);
		const char *const *lines[] = { parts[i] };

		strcpy(s.stream, "-");
		*s.id = '\0';
		s.tied = false;
		b[i] = stream(&s, lines, 1);
	}
	want = merged(b, order[0]);
	CHECK(memmem(want.p, want.n, "traffic\ta\t3,12,\n", 16) != NULL);
	CHECK(memmem(want.p, want.n, "traffic\tb\t5,0,\n", 15) != NULL);
	CHECK(memmem(want.p, want.n, "#range 0 10\n", 12) != NULL);
	for (size_t i = 1; i < 3; i++) {
		x = merged(b, order[i]);
		CHECK(x.n == want.n && !memcmp(x.p, want.p, x.n));
		lam_buf_release(&x);
	}
	x = merged(b, "01");
	b[4] = x;
	y = merged(b, "423");
	CHECK(y.n == want.n && !memcmp(y.p, want.p, y.n));
	lam_buf_release(&y);
	lam_buf_release(&want);
	for (size_t i = 0; i < 5; i++)
		lam_buf_release(&b[i]);

	for (size_t i = 0; i < 3; i++) { /* of a stream: next to each other */
		struct lam_section s = section("traffic", SQL, i == 2 ? 3 : 4
			* i, 4 + 4 * i);
		const char *const *lines[] = { parts[i] };

		b[i] = stream(&s, lines, 1);
	}
	x = merged(b, "10");
	CHECK(memmem(x.p, x.n, "#range 0 8\n", 11) != NULL);
	lam_buf_release(&x);
	x = merged(b, "02");
	CHECK(memmem(x.p, x.n, "overlap", 7) != NULL);
	lam_buf_release(&x);
	for (size_t i = 0; i < 3; i++)
		lam_buf_release(&b[i]);
}

int
main(void)
{
	test_round_trip();
	test_faults();
	test_order();
	test_escapes();
	test_rows();
	test_merge();
	lam_arena_release(&arena);
	return DONE();
}
