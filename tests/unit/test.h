/*
 * test.h - a test program's whole framework: TAP on standard output
 *
 *	int main(void) { CHECK(1 + 1 == 2); CHECK_INT(f(), 3); return DONE(); }
 *
 * Each CHECK is one TAP line, so a test file states what it checks by its
 * arguments.  In a loop over many cases use FAIL_IF, which prints only failures,
 * and end the loop with one PASS("what held for all of them"), which fails too
 * when there was no case.
 */
#ifndef LAM_TEST_H
#define LAM_TEST_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int test_count, test_failed;
static int test_loop_failed __attribute__((unused));
static int test_looked __attribute__((unused)); /* FAIL_IFs since a PASS */

static inline void
test_result(int ok, const char *file, int line, const char *what)
{
	test_failed += !ok;
	printf("%s %d - %s:%d: %s\n", ok ? "ok" : "not ok", ++test_count, file,
		line, what);
}

static inline void
test_int(int64_t got, int64_t want, const char *file, int line,
	const char *what)
{
	test_result(got == want, file, line, what);
	if (got != want)
		printf("# got %lld, want %lld\n", (long long)got,
			(long long)want);
}

static inline void
test_str(const char *got, size_t n, const char *want, const char *file,
	int line, const char *what)
{
	int ok = n == strlen(want) && (n == 0 || !memcmp(got, want, n));

	test_result(ok, file, line, what);
	if (!ok)
		printf("# got \"%.*s\", want \"%s\"\n", (int)n, got, want);
}

static inline int
test_done(void)
{
	printf("1..%d\n", test_count);
	return test_failed || test_count == 0;
}

#define CHECK(x) test_result(!!(x), __FILE__, __LINE__, #x)
#define CHECK_INT(got, want) \
	test_int((got), (want), __FILE__, __LINE__, #got " = " #want)
#define CHECK_STR(p, n, want) \
	test_str((p), (n), (want), __FILE__, __LINE__, #p " = " #want)
#define FAIL_IF(bad, ...)                                                   \
	do {                                                                \
		test_looked++;                                              \
		if (bad) {                                                  \
			if (test_loop_failed++ < 5) {                       \
				printf("# %s:%d: ", __FILE__, __LINE__);    \
				printf(__VA_ARGS__);                        \
				putchar('\n');                              \
			}                                                   \
		}                                                           \
	} while (0)
#define PASS(what)                                                          \
	do {                                                                \
		test_result(test_looked && !test_loop_failed, __FILE__,     \
			__LINE__, what);                                    \
		if (!test_looked)                                           \
			puts("# nothing was looked at");                    \
		test_loop_failed = test_looked = 0;                         \
	} while (0)
#define DONE() test_done()

#endif
