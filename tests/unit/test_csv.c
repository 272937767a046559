/*
 * test_csv.c - the splitter agrees with libcsv
 */
#include "test.h"

#include "csv_check.h"

static uint64_t seed = 20260101;

static unsigned
rnd(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void
test_known(const char *path)
{
	static const struct { const char *text, *want; } known[] = {
		{ "1,2\n3,4\n", "<1><2>\n<3><4>\n" },
		{ "1,2\r\n3,4", "<1><2>\n<3><4>\n" },
		{ " 1 ,\t2\n", "< 1 ><\t2>\n" },
		{ ",\"\"\n", "~<>\n" },
		{ "\"a\"\"b\",\"c,d\"\n", "<a\"b><c,d>\n" },
		{ "\"a\nb\",\"c\r\nd\"\r\n", "<a\nb><c\r\nd>\n" },
		{ "a\rb,c\n", "<a\rb><c>\n" },
		{ "\n\r\n1,2\n\n", "<1><2>\n" },
		{ "1\n1,2,3\n4,5\n", "<4><5>\n! 1\n! 2\n" },
		{ "a\"b,1\n2,3\n", "<2><3>\n! 1\n" },
		{ "\"a\"b,1\n2,3\n", "<2><3>\n! 1\n" },
		{ "\"a\",\"b\n1,2\n3,4\n", "<1><2>\n<3><4>\n! 1\n" },
		{ "1,\"\"\"\"\n", "<1><\">\n" },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct lam_buf got = LAM_BUF_INIT;
		FILE *f = fopen(path, "wb");

		fputs(known[i].text, f);
		fclose(f);
		csv_ours("csv", path, 2, &got);
		CHECK_STR(got.p, got.n, known[i].want);
		lam_buf_release(&got);
	}
}

static void
test_agree(const char *path)
{
	static const char letters[] = ",,\"\"\n\r\nabcdefghij \t\\";
	char text[600];

	printf("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 4000; round++) {
		size_t n = rnd(round % 10 ? 120 : 600);
		unsigned width = 4 + rnd(sizeof letters - 5);

		for (size_t i = 0; i < n; i++)
			text[i] = letters[rnd(width)];
		FAIL_IF(!csv_agree(text, n, 1 + rnd(3), path), "round %d",
			round);
		if (test_loop_failed)
			break;
	}
	PASS("on random text the splitter finds what libcsv finds");
	for (int round = 0; round < 2000; round++) {
		size_t n = 0;

		while (n < 500) { /* mostly regular records, some spoiled */
			int m = snprintf(text + n, 90, "%s%.*s%s,\"%.*s\"%s",
				rnd(40) ? "" : "\"", (int)rnd(30),
				"abcdefghijklmnopqrstuvwxyzabcdef",
				rnd(60) ? "" : "x\"y", (int)rnd(40),
				"say \"\"hi\"\", all of you, you\nand you too ok",
				rnd(3) ? "\n" : "\r\n");
			n += (size_t)m;
		}
		FAIL_IF(!csv_agree(text, n, 2, path), "round %d", round);
		if (test_loop_failed)
			break;
	}
	PASS("on nearly regular text too");
}

int
main(void)
{
	char path[] = "/tmp/lam-test-csv-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	test_known(path);
	test_agree(path);
	unlink(path);
	return DONE();
}
