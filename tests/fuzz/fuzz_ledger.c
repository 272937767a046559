/*
 * fuzz_ledger.c - frames with right checksums, and any bytes, as a ledger: what is read
 * is written as the same bytes, and the state that the frames give is one
 */
#include "base/hash.h"
#include "fuzz.h"
#include "trigger/ledger_frame.h"

/* What looks like a frame gets its checksum and position, so that what it says
 * decides. */
static void
make_right(char *p, size_t n, uint64_t pos)
{
	uint64_t size;

	if (n < LAM_FRAME_HEAD + 8)
		return;
	size = lam_get64(p + 8);
	if (size > n || size < LAM_FRAME_HEAD + 8)
		return;
	lam_put64(p + 16, pos);
	lam_put64(p + size - 8, lam_checksum(p, size - 8));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_ledger_progress state = LAM_PROGRESS_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_ledger_head head;
	struct lam_ledger_frame f;
	char *p = fuzz_copy(data, size);
	size_t at = 0, n;

	(void)lam_ledger_head_get(p, size, &head);
	for (; at < size; at += n) {
		struct lam_buf again = LAM_BUF_INIT;

		make_right(p + at, size - at, at);
		n = lam_ledger_frame_get(p + at, size - at, at, &f);
		if (!n)
			break;
		MUST(n % 8 == 0 && f.output.n < n);
		lam_ledger_frame_put(&f, at, &again);
		MUST(again.n == n);
		lam_buf_release(&again);
		if (lam_progress_apply(&state, &f, &e))
			break;
		for (size_t i = 0; i < state.n; i++) {
			MUST(state.item[i].from < state.item[i].to &&
				state.item[i].to <= state.next);
			MUST(!i || state.item[i - 1].to <= state.item[i].from);
		}
	}
	lam_progress_release(&state);
	free(p);
	return 0;
}
