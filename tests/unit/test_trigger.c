/*
 * test_trigger.c - what follows from an attempt; what a ledger's frames mean;
 * dead letters
 */
#include <stdlib.h>
#include <unistd.h>

#include "test.h"
#include "time/time.h"
#include "trigger/ledger_frame.h"
#include "trigger/letter.h"
#include "trigger/policy.h"

static struct lam_function f;

/* What follows for a batch of N records that has failed FAILED times. */
static struct lam_decision
decide(size_t n, uint32_t failed, enum lam_sandbox_how how, int status,
	const char *fd3, uint64_t random)
{
	struct lam_task b = { .n = n, .failed = failed };
	struct lam_attempt a = { .how = how, .status = status };
	struct lam_decision d;

	lam_policy(&f, &b, &a, (struct lam_str){ fd3, strlen(fd3) }, 0, random,
		&d);
	return d;
}

#define EXIT(n, failed, status, fd3) \
	decide(n, failed, LAM_RUN_EXIT, status, fd3, 0)

static void
test_policy(void)
{
	lam_function_init(&f);
	f.retries = 2;
	CHECK_INT(EXIT(10, 0, 0, "").verdict, LAM_VERDICT_DONE);
	CHECK_INT(EXIT(10, 0, 1, "").verdict, LAM_VERDICT_RETRY);
	CHECK_INT(EXIT(10, 1, 1, "").verdict, LAM_VERDICT_RETRY);
	CHECK_INT(EXIT(10, 2, 1, "").verdict, LAM_VERDICT_DEAD);
	CHECK_INT(EXIT(10, 0, 65, "").verdict, LAM_VERDICT_DEAD);
	CHECK_INT(decide(10, 0, LAM_RUN_TIMEOUT, 0, "", 0).verdict,
		LAM_VERDICT_RETRY);
	CHECK_INT(decide(10, 2, LAM_RUN_OOM, 0, "", 0).verdict,
		LAM_VERDICT_DEAD);
	f.retries = LAM_FOREVER;
	CHECK_INT(EXIT(10, 4000000000u, 1, "").verdict, LAM_VERDICT_RETRY);
	f.retries = 2;
	f.bisect = true;
	CHECK_INT(EXIT(10, 2, 1, "").verdict, LAM_VERDICT_SPLIT);
	CHECK_INT((int64_t)EXIT(11, 2, 1, "").split, 5);
	CHECK_INT(EXIT(1, 2, 1, "").verdict, LAM_VERDICT_DEAD);
	f.bisect = false;
	/* Without `partial` what is on descriptor 3 says nothing. */
	CHECK_INT(EXIT(10, 0, 0, "3\n").verdict, LAM_VERDICT_DONE);
	f.partial = true;
	CHECK_INT(EXIT(10, 0, 0, "").verdict, LAM_VERDICT_DONE);
	CHECK_INT(EXIT(10, 0, 0, "\n \n").verdict, LAM_VERDICT_DONE);
	CHECK_INT(EXIT(10, 2, 0, "7\n3\r\n9").verdict, LAM_VERDICT_PARTIAL);
	CHECK_INT((int64_t)EXIT(10, 2, 0, "7\n3\n9").split, 2);
	CHECK_INT(EXIT(10, 0, 0, "1\n").verdict, LAM_VERDICT_RETRY);
	CHECK_INT(EXIT(10, 2, 0, "1\n").verdict, LAM_VERDICT_DEAD);
	CHECK_INT(EXIT(10, 0, 0, "0\n").verdict, LAM_VERDICT_RETRY);
	CHECK_INT(EXIT(10, 0, 0, "11\n").verdict, LAM_VERDICT_RETRY);
	CHECK_INT(EXIT(10, 0, 0, "3\nx").verdict, LAM_VERDICT_RETRY);
	CHECK_INT(EXIT(10, 0, 1, "3\n").verdict, LAM_VERDICT_RETRY);
	f.bisect = true;
	CHECK_INT(EXIT(10, 0, 0, "4\n").verdict, LAM_VERDICT_PARTIAL);
	CHECK_INT(EXIT(10, 0, 0, "1\n").verdict, LAM_VERDICT_SPLIT);
}

/* The pause: any part of a bound that doubles from `backoff` to 5 minutes. */
static void
test_pause(void)
{
	lam_function_init(&f);
	f.retries = LAM_FOREVER;
	for (uint32_t i = 0; i < 40; i++) {
		int64_t most = i < 9 ? LAM_NS << i : LAM_BACKOFF_MAX, due;

		due = decide(1, i, LAM_RUN_EXIT, 1, "",
			(uint64_t)most - 1).due;
		FAIL_IF(due != most - 1, "after %u", i);
		FAIL_IF(decide(1, i, LAM_RUN_EXIT, 1, "",
			(uint64_t)most).due != 0, "after %u", i);
	}
	PASS("pauses stay below a bound that doubles");
	f.age = LAM_NS;
	CHECK_INT(decide(1, 3, LAM_RUN_EXIT, 1, "", 2 * LAM_NS).verdict,
		LAM_VERDICT_DEAD);
	CHECK_INT(decide(1, 3, LAM_RUN_EXIT, 1, "", LAM_NS / 2).verdict,
		LAM_VERDICT_RETRY);
}

static int
apply(struct lam_ledger_progress *p, unsigned kind, unsigned verdict, uint64_t from,
	uint64_t to, uint64_t split, uint32_t attempt)
{
	struct lam_ledger_frame x = { .kind = (uint8_t)kind,
		.verdict = (uint8_t)verdict, .from = from, .to = to,
		.split = split, .attempt = attempt };

	return lam_progress_apply(p, &x, NULL);
}

#define INTENT(from, to, n) apply(&p, LAM_FRAME_INTENT, 0, from, to, 0, n)
#define OUTCOME(v, from, to, at, n) \
	apply(&p, LAM_FRAME_OUTCOME, LAM_VERDICT_##v, from, to, at, n)

static void
test_progress(void)
{
	struct lam_ledger_progress p = LAM_PROGRESS_INIT;

	CHECK_INT(INTENT(3, 10, 2), LAM_DATA); /* the first one is 1 */
	CHECK_INT(INTENT(3, 10, 1), LAM_OK);
	CHECK_INT((int64_t)p.next, 10);
	CHECK_INT(INTENT(3, 10, 1), LAM_OK); /* cut short, and again */
	CHECK_INT(INTENT(3, 9, 1), LAM_DATA);
	CHECK_INT(INTENT(4, 10, 1), LAM_DATA);
	CHECK_INT(OUTCOME(DONE, 3, 9, 0, 1), LAM_DATA);
	CHECK_INT(OUTCOME(DONE, 3, 10, 0, 2), LAM_DATA);
	CHECK_INT(OUTCOME(RETRY, 3, 10, 0, 1), LAM_OK);
	CHECK_INT(INTENT(3, 10, 1), LAM_DATA); /* attempts never go back */
	CHECK_INT(INTENT(3, 10, 2), LAM_OK);
	CHECK_INT(OUTCOME(SPLIT, 3, 10, 3, 2), LAM_DATA);
	CHECK_INT(OUTCOME(SPLIT, 3, 10, 10, 2), LAM_DATA);
	CHECK_INT(OUTCOME(SPLIT, 3, 10, 5, 2), LAM_OK);
	CHECK_INT((int64_t)p.n, 2);
	CHECK_INT(INTENT(3, 5, 2), LAM_OK); /* no retry was used up */
	CHECK_INT(OUTCOME(DONE, 3, 5, 0, 2), LAM_OK);
	CHECK_INT(INTENT(5, 10, 2), LAM_OK);
	CHECK_INT(OUTCOME(PARTIAL, 5, 10, 7, 2), LAM_OK);
	CHECK_INT(INTENT(7, 10, 1), LAM_OK); /* another batch */
	CHECK_INT(OUTCOME(DEAD, 7, 10, 0, 1), LAM_OK);
	CHECK_INT((int64_t)p.n, 0);
	CHECK_INT(INTENT(7, 10, 1), LAM_DATA); /* it is over */
	CHECK_INT(apply(&p, LAM_FRAME_SKIP, 0, 0, 9, 0, 0), LAM_DATA);
	CHECK_INT(apply(&p, LAM_FRAME_SKIP, 0, 0, 20, 0, 0), LAM_OK);
	CHECK_INT((int64_t)p.next, 20);
	lam_progress_release(&p);
}

/* A frame is read as it was put; with any bit changed, or elsewhere, it is none. */
static void
test_frame(void)
{
	struct lam_ledger_frame x = { .kind = LAM_FRAME_OUTCOME,
		.verdict = LAM_VERDICT_RETRY, .how = 3, .from = 1, .to = 2,
		.split = 3, .attempt = 4, .records = 5, .status = 6, .tiers = 7,
		.born = -8, .when = 9, .took = 10, .cpu = 11, .due = 12,
		.memory = 13, .limit = 14, .output = { "output", 6 } }, y;
	struct lam_buf b = LAM_BUF_INIT;

	lam_ledger_frame_put(&x, 40, &b);
	CHECK_INT((int64_t)lam_ledger_frame_get(b.p, b.n, 40, &y), (int64_t)b.n);
	CHECK_INT((int64_t)b.n % 8, 0);
	CHECK(y.output.n == 6 && !memcmp(y.output.p, "output", 6));
	CHECK(!memcmp(b.p + (y.at - 40), "output", 6));
	y.output = x.output;
	CHECK(!memcmp(&x, &y, sizeof x));
	CHECK_INT((int64_t)lam_ledger_frame_get(b.p, b.n, 48, &y), 0);
	CHECK_INT((int64_t)lam_ledger_frame_get(b.p, b.n - 1, 40, &y), 0);
	for (size_t i = 0; i < 8 * b.n; i++) {
		b.p[i / 8] ^= (char)(1 << i % 8);
		FAIL_IF(lam_ledger_frame_get(b.p, b.n, 40, &y), "bit %zu", i);
		b.p[i / 8] ^= (char)(1 << i % 8);
	}
	PASS("a frame with one bit changed is none");
	lam_buf_release(&b);
}

/* What a handler says is no line of the head, and no payload. */
static void
test_letter(void)
{
	static const char payload[] = "csv,head\nfirst: 9\n\n\0payload";
	char dir[] = "/tmp/lam-test-XXXXXX";
	struct lam_task b = { .from = 3, .to = 10, .n = 5, .failed = 1 };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf text = LAM_BUF_INIT;
	struct lam_letter l;

	CHECK(mkdtemp(dir) != NULL);
	lam_buf_put(&b.text, payload, sizeof payload);
	CHECK_INT(lam_letter_write(dir, "id", &b, "no\nfirst: 7\n\nevil\r\033[m",
		(struct lam_str){ "a\n\n\nfirst: 8\n", 13 }, &e), LAM_OK);
	CHECK_INT(lam_letter_read(dir, "id", &l, &text, &e), LAM_OK);
	CHECK(l.first == 3 && l.last == 9 && l.records == 5 && l.attempts == 2);
	CHECK_STR(l.why, strlen(l.why), "no first: 7  evil  [m");
	CHECK(text.n == sizeof payload && !memcmp(text.p, payload, text.n));
	CHECK_INT(lam_letter_drop(dir, "id", &e), LAM_OK);
	CHECK(rmdir(dir) == 0);
	lam_buf_release(&text);
	lam_buf_release(&b.text);
}

int
main(void)
{
	test_policy();
	test_pause();
	test_progress();
	test_frame();
	test_letter();
	lam_function_release(&f);
	return DONE();
}
