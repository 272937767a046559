/*
 * Spilling: the result is the same however little memory there is, it stays
 * within it, and nothing is left behind.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "partial/partials_internal.h"
#include "rows/sorter.h"
#include "time/time.h"
#include "engine_build.h"

static unsigned
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static void
runs(void)
{
	struct lam_run_file s = LAM_RUN_FILE_INIT;
	struct lam_run_reader r[3];
	struct lam_run_reader *tree[3];
	struct lam_run_tree t = { tree, 0, 0 };
	struct lam_error e = LAM_ERROR_INIT;
	char key[16], last[16] = "";
	struct stat st;
	uint32_t n = 0;

	for (uint32_t i = 0; i < 3; i++) {
		FAIL_IF(lam_run_file_begin(&s, NULL, &e), "%s", e.msg);
		for (uint32_t j = i; j < 30000; j += 3) {
			snprintf(key, sizeof key, "%06u", (unsigned)j);
			FAIL_IF(lam_run_file_put(&s, (struct lam_str){ key, 6 },
				(struct lam_str){ key, j % 7 }, &e), "%s",
				e.msg);
		}
		FAIL_IF(lam_run_file_end(&s, &e), "%s", e.msg);
	}
	CHECK_INT(s.nruns, 3);
	CHECK_INT(fstat(s.fd, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK_INT(st.st_nlink, 0);
	for (uint32_t i = 0; i < 3; i++)
		FAIL_IF(lam_run_open(&r[i], &s, i, 1, &e), "%s", e.msg);
	lam_run_tree_make(&t, r, 3);
	for (; t.n; n++) {
		FAIL_IF(memcmp(t.r[0]->key.p, last, 6) <= 0, "order");
		memcpy(last, t.r[0]->key.p, 6);
		FAIL_IF(t.r[0]->value.n != n % 7, "value of %u", (unsigned)n);
		FAIL_IF(lam_run_tree_next(&t, &e), "%s", e.msg);
	}
	CHECK_INT(n, 30000);
	PASS("three runs merge into one order");
	for (uint32_t i = 0; i < 3; i++)
		lam_run_close(&r[i]);
	lam_run_file_release(&s);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_run_file_begin(&s, "/nonexistent", &e), LAM_SYSTEM);
	CHECK(strstr(e.msg, "/nonexistent") != NULL);
	lam_run_file_release(&s);
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 10);
}

/* Keys of 10 bytes that are often equal, all in the first 8 or in what follows, and of
 * which some are the greatest there can be: N runs, some of them of one key. */
static void
equal_keys(size_t n)
{
	static char all[9 * 50][10];
	struct lam_run_file s = LAM_RUN_FILE_INIT;
	struct lam_run_reader r[9], *tree[9];
	struct lam_run_tree t = { tree, 0, 0 };
	struct lam_error e = LAM_ERROR_INIT;
	uint32_t state = (uint32_t)n, total = 0, at = 0;

	for (size_t i = 0; i < n; i++) {
		char (*key)[10] = all + total;
		uint32_t m = i % 3 == 1 ? 1 : 50;

		for (uint32_t j = 0; j < m; j++)
			for (unsigned k = 0; k < 10; k++) {
				state = state * 1664525 + 1013904223;
				key[j][k] = k % 7 ? 'a' : state >> 31 ? '\xff' :
					'b';
				if (j % 5 == 0 && k < 8)
					key[j][k] = '\xff';
			}
		qsort(key, m, sizeof *key, by_bytes);
		FAIL_IF(lam_run_file_begin(&s, NULL, &e), "%s", e.msg);
		for (uint32_t j = 0; j < m; j++)
			FAIL_IF(lam_run_file_put(&s, (struct lam_str){ key[j],
				10 }, (struct lam_str){ "", 0 }, &e), "%s",
				e.msg);
		FAIL_IF(lam_run_file_end(&s, &e), "%s", e.msg);
		total += m;
	}
	qsort(all, total, sizeof *all, by_bytes);
	for (size_t i = 0; i < n; i++)
		FAIL_IF(lam_run_open(&r[i], &s, i, 1, &e), "%s", e.msg);
	lam_run_tree_make(&t, r, n);
	for (; t.n && at < total; at++) {
		FAIL_IF(memcmp(t.r[0]->key.p, all[at], 10), "%zu runs, key %u",
			n, at);
		FAIL_IF(lam_run_tree_next(&t, &e), "%s", e.msg);
	}
	FAIL_IF(t.n || at < total, "%zu runs: %u of %u", n, at, total);
	for (size_t i = 0; i < n; i++)
		lam_run_close(&r[i]);
	lam_run_file_release(&s);
}

/* Every state, spilled after each batch: more runs than are merged at once. */
static void
every_state(void)
{
	struct lam_query *q = bind("select s, k, count(*) as a, sum(w) as b,"
		" min(k) as c, arg_max(s, v) as d, last(ts) as e,"
		" count(distinct n) as f, approx_count_distinct(v) as g,"
		" approx_quantile(w, 0.5) as h, first(ok) as i from t"
		" group by s, k", true);
	struct rows r = random_rows(2500);
	struct lam_str want = partials_of(q, &r, 0, 65536, 1, 0);
	unsigned before = open_files();

	for (unsigned threads = 1; threads < 4; threads++)
		FAIL_IF(!same_text(partials_of(q, &r, 0, 40, threads, 1),
			want), "%u threads", threads);
	PASS("the same lines from hundreds of runs");
	CHECK_INT(open_files(), before);
}

/* Many groups in little memory. */
static void
bounded(void)
{
	enum { ROWS = 200000, LIMIT = 4 << 20 };
	struct lam_query *q = bind("select n, count(*) as c, sum(v) as s from "
		"t group by n", true);
	struct rows r = { .n = ROWS };
	struct lam_resources o = options(2, LIMIT);
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_job job = { .query = q };
	struct lam_arena a = LAM_ARENA_INIT;
	const struct lam_vec *column;
	struct made_source s;
	uint64_t groups = 0, count = 0, first;
	uint32_t n = 1;

	for (int k = 0; k < COLUMNS; k++)
		r.c[k] = LAM_ARENA_NEW(&arena, struct cell, ROWS);
	for (uint32_t i = 0; i < ROWS; i++)
		r.c[N][i].num.m = (int64_t)((uint64_t)i * 7919 % 150000);
	make_source(&s, &r, 0, 5000);
	CHECK_INT(lam_engine_run(&s.source, &job, 1, &o, &e), LAM_OK);
	for (uint32_t i = 0; i < job.partials->nshares; i++) {
		CHECK(job.partials->share[i].spill.nruns > 0);
		CHECK(lam_group_table_memory(&job.partials->share[i].table) <=
			LIMIT);
	}
	while (n && !lam_partials_next(job.partials, &a, &column, &first, &n,
		&e)) {
		CHECK(first == groups);
		for (uint32_t i = 0; i < n; i++)
			count += (uint64_t)lam_vec_num(&column[1], i).m;
		groups += n;
		lam_arena_reset(&a);
	}
	CHECK_INT(groups, 150000);
	CHECK_INT(count, ROWS);
	lam_arena_release(&a);
	lam_partials_free(job.partials);
	lam_job_release(&job);
}

static struct lam_buf sorted;
static int
collect(void *arg, const struct lam_vec *v, uint32_t n, struct lam_error *e)
{
	char scratch[LAM_TIME_TEXT];

	(void)arg;
	(void)e;
	for (uint32_t i = 0; i < n; i++)
		for (int c = 0; c < 2; c++) {
			struct lam_str s = lam_vec_print(&v[c], i, scratch);

			if (s.n)
				lam_buf_put(&sorted, s.p, s.n);
			lam_buf_putc(&sorted, c ? '\n' : ' ');
		}
	return LAM_OK;
}

/* Rows sorted in memory, in runs, cut, in two sorters: the same rows. */
static void
sorters(void)
{
	static const uint8_t type[2] = { LAM_TEXT, LAM_NUMBER };
	struct rows r = random_rows(4000);
	struct lam_vec v[2] = { make_flat(LAM_TEXT, r.c[S], r.n, false),
		make_flat(LAM_NUMBER, r.c[W], r.n, true) };
	struct lam_str want = { NULL, 0 };
	struct lam_error e = LAM_ERROR_INIT;

	for (int way = 0; way < 3; way++) {
		struct lam_sorter x[2];

		lam_buf_clear(&sorted);
		for (int i = 0; i < 2; i++)
			FAIL_IF(lam_sorter_init(&x[i], type, 2, 3000, way ?
				1 : UINT64_MAX / 2, NULL, &e), "%s", e.msg);
		for (uint32_t i = 0; i < r.n; i++) {
			char key[16];
			size_t n = (size_t)snprintf(key, sizeof key, "%08x",
				(unsigned)(i * 2654435761u));

			FAIL_IF(lam_sorter_add(&x[way == 2 && i % 3],
				(struct lam_str){ key, n }, v, i, &e), "%s",
				e.msg);
		}
		lam_sorter_absorb(&x[0], &x[1]);
		FAIL_IF(lam_sorter_finish(&x[0], 10, collect, NULL, &e), "%s",
			e.msg);
		FAIL_IF((x[0].spill.nruns > 0) != (way > 0), "spilled");
		if (!way)
			want = (struct lam_str){ lam_arena_dup(&arena,
				sorted.p, sorted.n), sorted.n };
		FAIL_IF(!same_text((struct lam_str){ sorted.p, sorted.n },
			want), "way %d", way);
		lam_sorter_release(&x[0]);
		lam_sorter_release(&x[1]);
	}
	lam_buf_release(&sorted);
	PASS("rows sorted in memory and in runs are the same");
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	runs();
	for (size_t n = 1; n <= 9; n++)
		equal_keys(n);
	PASS("runs with equal keys merge");
	every_state();
	bounded();
	sorters();
	lam_arena_release(&arena);
	return DONE();
}
