/*
 * ledger_frame.h - the bytes of a ledger
 */
#ifndef LAM_TRIGGER_LEDGER_FRAME_H
#define LAM_TRIGGER_LEDGER_FRAME_H

#include "base/buf.h"
#include "trigger/ledger.h"

#define LAM_LEDGER_HEAD 96
#define LAM_FRAME_HEAD 128	  /* bytes before the output */
#define LAM_FRAME_MAX (80u << 20) /* bytes of a frame */

void lam_ledger_head_put(const struct lam_ledger_head *h, struct lam_buf *out);
bool lam_ledger_head_get(const char *p, size_t n, struct lam_ledger_head *h);

/* Append F, which is at position POS of its ledger; F->at is set. */
void lam_ledger_frame_put(struct lam_ledger_frame *f, uint64_t pos,
	struct lam_buf *out);

/* The frame at P[N], which is at position POS: its size, 0: it is none. */
size_t lam_ledger_frame_get(const char *p, size_t n, uint64_t pos,
	struct lam_ledger_frame *f);

#endif
