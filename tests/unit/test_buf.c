/*
 * test_buf.c - the small modules of base: errors, buffers, arenas, bytes,
 * hashes, names and the thread pool
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/huge.h"
#include "base/mem.h"
#include "base/name.h"
#include "base/pool.h"

#include "test.h"

static void
test_err(void)
{
	struct lam_error e = LAM_ERROR_INIT;
	char big[3000];

	CHECK_INT(lam_fail(&e, LAM_DATA, "file: line %d: bad", 7), LAM_DATA);
	CHECK_STR(e.msg, strlen(e.msg), "file: line 7: bad");
	CHECK_INT(lam_fail(&e, LAM_USAGE, "later"), LAM_USAGE);
	CHECK_STR(e.msg, strlen(e.msg), "file: line 7: bad");
	CHECK_INT(e.code, LAM_DATA);
	CHECK_INT(lam_fail(NULL, LAM_USAGE, "no struct"), LAM_USAGE);

	e = (struct lam_error)LAM_ERROR_INIT;
	errno = ENOSPC;
	CHECK_INT(lam_fail_sys(&e, "x: cannot write"), LAM_SYSTEM);
	CHECK_STR(e.msg, strlen(e.msg),
		"x: cannot write: No space left on device");
	CHECK_INT(e.sys, ENOSPC);

	e = (struct lam_error)LAM_ERROR_INIT;
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	errno = EIO;
	CHECK_INT(lam_fail_sys(&e, "%s", big), LAM_SYSTEM);
	CHECK_INT(strlen(e.msg), sizeof e.msg - 1);
}

static void
test_buf(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;

	CHECK_STR(lam_buf_str(&b), 0, "");
	for (int i = 0; i < 1000; i++)
		lam_buf_printf(&b, "%d,", i);
	CHECK_INT(b.n, 10 * 2 + 90 * 3 + 900 * 4);
	CHECK(memcmp(b.p + b.n - 8, "998,999,", 8) == 0);
	CHECK_INT(strlen(lam_buf_str(&b)), b.n);
	lam_buf_clear(&b);
	lam_buf_put_u32(&b, 0x01020304);
	lam_buf_put_u64(&b, 0x05060708090a0b0c);
	CHECK(b.n == 12 && !memcmp(b.p, "\4\3\2\1\x0c\x0b\x0a\x09\x08\7\6\5",
		12));
	lam_buf_puts(&b, "");
	lam_buf_put(&b, NULL, 0);
	CHECK_INT(b.n, 12);
	CHECK_INT(lam_buf_check(&b, &e), LAM_OK);
	CHECK(!lam_buf_room(&b, SIZE_MAX - 5));
	lam_buf_putc(&b, 'x');
	lam_buf_puts(&b, "more");
	CHECK_INT(lam_buf_check(&b, &e), LAM_SYSTEM);
	CHECK_STR(e.msg, strlen(e.msg), "out of memory");
	lam_buf_release(&b);
	CHECK(b.p == NULL && b.n == 0 && !b.oom);
}

static void
test_bytes(void)
{
	char p[11] = { 0 };

	lam_put16(p + 1, 0x0102);
	CHECK(p[1] == 2 && p[2] == 1 && lam_get16(p + 1) == 0x0102);
	lam_put32(p + 1, 0xdeadbeef);
	CHECK(lam_get32(p + 1) == 0xdeadbeef && (uint8_t)p[1] == 0xef);
	lam_put64(p + 3, UINT64_MAX - 1);
	CHECK(lam_get64(p + 3) == UINT64_MAX - 1);
	CHECK(lam_str_cmp((struct lam_str){ "ab", 2 },
		(struct lam_str){ "abc", 3 }) < 0);
	CHECK(lam_str_cmp((struct lam_str){ "\xff", 1 },
		(struct lam_str){ "a", 1 }) > 0);
	CHECK(lam_str_cmp((struct lam_str){ "", 0 },
		(struct lam_str){ NULL, 0 }) == 0);
}

/* Rounds of allocations: aligned, apart from each other, and after a few
 * rounds of one size no more memory is taken. */
static void
test_arena(void)
{
	struct lam_arena a = LAM_ARENA_INIT;
	size_t held = 0;
	uint32_t *zero;

	for (int round = 0; round < 20; round++) {
		unsigned char *p[300];

		for (size_t i = 0; i < 300; i++) {
			size_t n = i * i % 5000 + 1;

			p[i] = lam_arena_alloc(&a, n);
			FAIL_IF((uintptr_t)p[i] % 32 != 0, "alignment");
			memset(p[i], (int)i, n);
		}
		for (size_t i = 0; i < 300; i++)
			for (size_t k = 0; k < i * i % 5000 + 1; k++)
				FAIL_IF(p[i][k] != (i & 0xff), "overlap");
		if (round == 3)
			held = a.held;
		FAIL_IF(round > 3 && a.held != held, "grew to %zu", a.held);
		lam_arena_reset(&a);
	}
	PASS("aligned, disjoint, settled");
	zero = LAM_ARENA_NEW(&a, uint32_t, 1000);
	for (int i = 0; i < 1000; i++)
		FAIL_IF(zero[i] != 0, "not zero");
	PASS("calloc clears memory used before");
	CHECK_STR(lam_arena_dup(&a, "abc", 3), 3, "abc");
	CHECK(lam_arena_dup(&a, NULL, 0)[0] == '\0');
	CHECK(lam_arena_alloc(&a, 0) != NULL);
	CHECK(lam_arena_alloc(&a, SIZE_MAX) == NULL);
	CHECK(lam_arena_alloc(&a, SIZE_MAX / 2 - 8) == NULL);
	CHECK(lam_arena_calloc(&a, SIZE_MAX / 2, 3) == NULL);
	CHECK(lam_arena_alloc(&a, 20 << 20) != NULL);
	CHECK(a.held >= 20 << 20);
	for (int round = 0; round < 2; round++)
		lam_arena_reset(&a);
	CHECK_INT(a.held, 0); /* a round without: given back */
	CHECK(lam_arena_alloc(&a, 20 << 20) != NULL);
	lam_arena_release(&a);
	CHECK_INT(a.held, 0);
}

/* Pieces of work of some MB, each forgotten before the next: what came before them
 * stays as it was, they share their memory, and a reset keeps it for the next round. */
static void
test_rewind(void)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_arena_mark m = lam_arena_mark(&a);
	size_t held = 0;

	CHECK(lam_arena_alloc(&a, 100) != NULL);
	lam_arena_rewind(&a, m); /* to before the first chunk */
	for (int round = 0; round < 6; round++) {
		unsigned char *before = lam_arena_alloc(&a, 5000);

		memset(before, 7, 5000);
		m = lam_arena_mark(&a);
		for (int i = 0; i < 9; i++) {
			char *p = lam_arena_alloc(&a, 40000);
			char *q = lam_arena_alloc(&a, 3 << 20);

			memset(p, i, 40000);
			memset(q, i, 3 << 20);
			FAIL_IF(lam_arena_alloc(&a, 5 << 20) == NULL, "memory");
			lam_arena_rewind(&a, m);
		}
		for (int i = 0; i < 5000; i++)
			FAIL_IF(before[i] != 7, "overlap");
		held = round ? held : a.held;
		FAIL_IF(a.held != held, "grew to %zu", a.held);
		lam_arena_reset(&a);
		FAIL_IF(a.held != held, "fell to %zu", a.held);
	}
	PASS("rewound, disjoint, settled");
	CHECK(held < 12 << 20);
	for (int round = 0; round < 2; round++)
		lam_arena_reset(&a);
	CHECK_INT(a.held, 0);
}

/*
 * What is borrowed lies apart from what is allocated meanwhile.  Once returned it is
 * allocated again, so that the arena needs no more memory for it; if it is not, it
 * stays until the reset or rewind.
 */
static void
test_borrow(void)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_arena_loan l, k;
	struct lam_arena_mark m;
	size_t held = 0;

	CHECK(lam_arena_borrow(&a, SIZE_MAX, &l) == NULL);
	lam_arena_return(&l); /* nothing */
	for (int round = 0; round < 6; round++) {
		char *kept = lam_arena_borrow(&a, 70000, &k), *of[20];

		memset(kept, 99, 70000);
		m = lam_arena_mark(&a);
		for (int i = 0; i < 20; i++) {
			char *p = lam_arena_borrow(&a, 90000, &l);

			of[i] = lam_arena_alloc(&a, 80000);
			memset(p, 77, 90000);
			memset(of[i], i, 80000);
			for (int j = 0; j < 90000; j++)
				FAIL_IF(p[j] != 77, "overlap");
			if (i != 5) /* the one that is not returned */
				lam_arena_return(&l);
		}
		for (int i = 0; i < 20; i++)
			for (int j = 0; j < 80000; j++)
				FAIL_IF(of[i][j] != i, "overlap at %d", i);
		held = round ? held : a.held;
		FAIL_IF(a.held != held, "grew to %zu", a.held);
		lam_arena_rewind(&a, m);
		for (int i = 0; i < 20; i++)
			FAIL_IF(!lam_arena_alloc(&a, 98000), "memory");
		FAIL_IF(a.held != held, "the rewind left %zu", a.held);
		for (int j = 0; j < 70000; j++)
			FAIL_IF(kept[j] != 99, "overlap");
		lam_arena_reset(&a);
	}
	PASS("borrowed, disjoint, settled");
	CHECK_INT(held, 2 << 20); /* for 1.9 MB at once */
	lam_arena_release(&a);
	CHECK_INT(a.held, 0);
}

/* Arrays grow by copying or where they are, into memory that others have used: what
 * they had stays, and what is new is zeros if it is said to be. */
static void
test_mem(void)
{
	struct lam_mem m = { 0 };
	uint32_t *p = NULL, *zero = NULL;
	size_t cap = 0, n = 0, had;

	for (size_t need = 1; need < 3000000; need = need * 5 / 3 + 1) {
		p = lam_mem_grow(&m, p, &cap, need, sizeof *p);
		for (had = n; n < cap; n++)
			p[n] = (uint32_t)~n;
		zero = lam_mem_zero_more(&m, zero, had, cap, sizeof *zero);
		for (size_t i = 0; i < cap; i++)
			FAIL_IF(p[i] != (uint32_t)~i || zero[i] != (i < had),
				"at %zu of %zu", i, cap);
		for (size_t i = had; i < cap; i++)
			zero[i] = 1;
	}
	PASS("grown");
	CHECK_INT(m.used, 2 * cap * sizeof *p);
	lam_mem_free(&m, p, cap, sizeof *p);
	lam_mem_free(&m, zero, cap, sizeof *zero);
	CHECK_INT(m.used, 0);
	for (int i = 0; i < 9; i++) { /* more than are kept, and all dirty */
		p = lam_mem_zero(&m, LAM_HUGE_PAGE / sizeof *p, sizeof *p);
		for (size_t j = 0; j < LAM_HUGE_PAGE / sizeof *p; j++)
			FAIL_IF(p[j], "not zero");
		memset(p, 0xff, LAM_HUGE_PAGE);
		lam_mem_free(&m, p, LAM_HUGE_PAGE / sizeof *p, sizeof *p);
	}
	PASS("zeros");
}

static void
test_hash(void)
{
	char text[5000];
	struct lam_checksum *c = lam_checksum_new();

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 7);
	/* The published value of XXH3-64 of nothing. */
	CHECK(lam_checksum("", 0) == UINT64_C(0x2d06800538d394c2));
	for (size_t i = 0; i < sizeof text; i += 100)
		lam_checksum_add(c, text + i, 100);
	CHECK(lam_checksum_value(c) == lam_checksum(text, sizeof text));
	lam_checksum_restart(c);
	for (size_t i = 0; i < 4200; i += 1400) { /* by both instruction sets */
		lam_checksum_add(c, text + i, 1300);
		lam_checksum_add(c, text + i + 1300, 100);
	}
	CHECK(lam_checksum_value(c) == lam_hash(text, 4200, 0));
	CHECK(lam_checksum(text, 10) == lam_hash(text, 10, 0));
	CHECK(lam_hash(text, 10, 1) != lam_hash(text, 10, 2));
	CHECK(lam_hash_seed() == lam_hash_seed());
	CHECK(lam_mix(1, 5) != lam_mix(2, 5) && lam_mix(1, 5) != lam_mix(1, 6));
	lam_checksum_free(c);
}

static void
test_name(void)
{
	char s[300];

	memset(s, 'a', sizeof s);
	CHECK(lam_name_ok("access_log-2", 12) && lam_name_ok("_", 1));
	CHECK(lam_name_ok(s, LAM_NAME_MAX) && !lam_name_ok(s, LAM_NAME_MAX + 1));
	CHECK(!lam_name_ok("", 0) && !lam_name_ok("2x", 2));
	CHECK(!lam_name_ok("-x", 2) && !lam_name_ok(".x", 2));
	CHECK(!lam_name_ok("a/b", 3) && !lam_name_ok("a.b", 3));
	CHECK(!lam_name_ok("a\0b", 3) && !lam_name_ok("a\n", 2));
	CHECK(!lam_name_ok("\xc3\xa9", 2));
	CHECK(lam_field_name_ok("user agent, \"\xc3\xa9\"", 16));
	CHECK(!lam_field_name_ok("", 0) && !lam_field_name_ok("a\nb", 3));
	CHECK(!lam_field_name_ok("a\0b", 3));
	CHECK(lam_field_name_ok(s, 255) && !lam_field_name_ok(s, 256));
}

struct shared {
	pthread_barrier_t all;
	unsigned ran[8];
};

static int
work(void *arg, unsigned worker, struct lam_error *e)
{
	struct shared *s = arg;

	/* Passes only when all are running at once. */
	pthread_barrier_wait(&s->all);
	s->ran[worker]++;
	if (worker >= 3)
		return lam_fail(e, LAM_DATA, "worker %u failed", worker);
	return LAM_OK;
}

static void
test_pool(void)
{
	struct shared s = { .ran = { 0 } };
	struct lam_error e = LAM_ERROR_INIT;

	CHECK(lam_pool_cpus() >= 1 && lam_pool_cpus() <= LAM_THREADS_MAX);
	pthread_barrier_init(&s.all, NULL, 8);
	CHECK_INT(lam_pool_run(8, work, &s, &e), LAM_DATA);
	CHECK_STR(e.msg, strlen(e.msg), "worker 3 failed");
	for (int i = 0; i < 8; i++)
		FAIL_IF(s.ran[i] != 1, "worker %d ran %u times", i, s.ran[i]);
	PASS("each worker ran once");
	pthread_barrier_destroy(&s.all);
	pthread_barrier_init(&s.all, NULL, 1);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_pool_run(1, work, &s, &e), LAM_OK);
	CHECK_INT(e.code, LAM_OK);
	pthread_barrier_destroy(&s.all);
}

int
main(void)
{
	test_err();
	test_buf();
	test_bytes();
	test_arena();
	test_rewind();
	test_borrow();
	test_mem();
	test_hash();
	test_name();
	test_pool();
	return DONE();
}
