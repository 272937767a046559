/*
 * fault.c - rows in which something could not be computed
 */
#include "fn/fault.h"

int
lam_faults_make(struct lam_faults *f, uint32_t n, struct lam_arena *a,
	struct lam_error *e)
{
	if (!f->mark)
		f->mark = LAM_ARENA_NEW(a, uint8_t, n);
	return f->mark ? LAM_OK : lam_fail_mem(e);
}

int
lam_faults_spread(struct lam_faults *to, const struct lam_faults *from,
	const uint16_t *code, uint32_t n, struct lam_arena *a,
	struct lam_error *e)
{
	int rc = from->mark ? lam_faults_make(to, n, a, e) : LAM_OK;

	for (uint32_t i = 0; !rc && from->mark && i < n; i++)
		to->mark[i] |= from->mark[code ? code[i] : 0];
	return rc;
}

int
lam_faults_raise(struct lam_faults *to, const struct lam_faults *from,
	const uint16_t *sel, uint32_t m, uint32_t n, struct lam_arena *a,
	struct lam_error *e)
{
	int rc = from->mark ? lam_faults_make(to, n, a, e) : LAM_OK;

	for (uint32_t i = 0; !rc && from->mark && i < m; i++)
		to->mark[sel[i]] |= from->mark[i];
	return rc;
}
