/*
 * policy.c - what follows from how an attempt ended: AWS's rules for streams
 */
#include "trigger/policy.h"

#include <string.h>

#include "base/escape.h"
#include "time/time.h"

/* *FIRST: the least number of a record in TEXT, 0 when it names none.  False: it
 * names something that is no record of N. */
static bool
first_failed(struct lam_str text, size_t n, size_t *first)
{
	struct lam_str line;
	uint64_t v;

	*first = 0;
	while (lam_str_cut(&text, '\n', &line)) {
		while (line.n && memchr(" \t\r", line.p[line.n - 1], 3))
			line.n--;
		if (!line.n)
			continue;
		if (!lam_str_u64(line, &v) || !v || v > n)
			return false;
		if (!*first || v < *first)
			*first = v;
	}
	return true;
}

/* The pause before the next attempt: anything up to a bound that doubles, so that
 * those who failed together do not come again together. */
static int64_t
pause_after(const struct lam_function *f, uint32_t failed, uint64_t random)
{
	int64_t most = f->backoff;

	for (uint32_t i = 0; i < failed && most < LAM_BACKOFF_MAX; i++)
		most *= 2;
	if (most > LAM_BACKOFF_MAX)
		most = LAM_BACKOFF_MAX;
	return most > 0 ? (int64_t)(random % (uint64_t)most) : 0;
}

void
lam_policy(const struct lam_function *f, const struct lam_task *b,
	const struct lam_attempt *a, struct lam_str failed, int64_t now,
	uint64_t random, struct lam_decision *out)
{
	bool ok = !strcmp(lam_attempt_word(a), "ok");
	size_t first = 0;

	*out = (struct lam_decision){ .verdict = LAM_VERDICT_DONE };
	if (ok && f->partial && !first_failed(failed, b->n, &first)) {
		out->why = "it names failures that are no records of its batch";
		ok = false;
	}
	out->failed = !ok || first;
	if (!out->failed)
		return;
	if (first == 1)
		out->why = "it tells that its first record failed";
	out->due = now + pause_after(f, b->failed, random);
	if (ok && first > 1) {
		out->verdict = LAM_VERDICT_PARTIAL;
		out->split = first - 1;
	} else if (!strcmp(lam_attempt_word(a), "rejected")) {
		out->verdict = LAM_VERDICT_DEAD;
	} else if (f->bisect && b->n > 1) {
		out->verdict = LAM_VERDICT_SPLIT;
		out->split = b->n / 2;
	} else if (b->failed >= f->retries ||
		(f->age && out->due - b->born > f->age)) {
		out->verdict = LAM_VERDICT_DEAD;
	} else {
		out->verdict = LAM_VERDICT_RETRY;
	}
}

bool
lam_policy_waits(const struct lam_task *b, int64_t now)
{
	return b->due > now && b->due - now <= LAM_BACKOFF_MAX;
}
