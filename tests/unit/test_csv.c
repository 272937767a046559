/*
 * test_csv.c - the splitter agrees with libcsv, and both masks with each other
 */
#include "test.h"

#include "csv_check.h"
#include "input/masks.h"

static uint64_t seed = 20260101;

static unsigned
rnd(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void
test_masks(void)
{
	unsigned char p[64];

	for (int round = 0; round < 20000; round++) {
		struct lam_masks a, b, want = { 0, 0, 0, 0 };

		for (int i = 0; i < 64; i++) {
			static const char near[] = ",\n\"\r-+\x0b\x0e!#\x8d\xac";
			unsigned char c = rnd(3) ? (unsigned char)near[rnd(12)]
						 : (unsigned char)rnd(256);
			uint64_t bit = (uint64_t)1 << i;

			p[i] = c;
			want.delimiter |= c == ',' ? bit : 0;
			want.newline |= c == '\n' ? bit : 0;
			want.quote |= c == '"' ? bit : 0;
			want.cr |= c == '\r' ? bit : 0;
		}
		a = lam_masks_plain((char *)p, ',');
		b = lam_masks_of((char *)p, ',');
		FAIL_IF(memcmp(&a, &want, sizeof a), "plain, round %d", round);
		FAIL_IF(memcmp(&b, &want, sizeof b), "simd, round %d", round);
	}
	PASS("masks mark exactly the bytes they should");
	for (int round = 0; round < 1000; round++) {
		uint64_t v = (uint64_t)rnd(1u << 31) * rnd(1u << 31), want = 0;
		int odd = 0;

		for (int i = 0; i < 64; i++) {
			odd ^= v >> i & 1;
			want |= (uint64_t)odd << i;
		}
		FAIL_IF(lam_prefix_xor(v) != want, "round %d", round);
	}
	PASS("prefix xor");
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
		FAIL_IF(!csv_agree(',', text, n, 1 + rnd(3), path), "round %d",
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
		FAIL_IF(!csv_agree(',', text, n, 2, path), "round %d", round);
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
	test_masks();
	test_known(path);
	test_agree(path);
	unlink(path);
	return DONE();
}
