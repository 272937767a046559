/*
 * csv_kernel.c - the loops over CSV text, once for each instruction set
 *
 * Which of them runs is asked at run time, so that one binary is fast on any
 * x86-64, and the others can be tested on any.
 */
#include "base/find.h"
#include "base/masks_wide.h"
#include "format/csv_internal.h"

#if LAM_X86
#define LAM_KERNEL(name) name##_avx512
#define LAM_KERNEL_TARGET LAM_AVX512
#define LAM_EQUAL lam_equal_avx512
#define LAM_EITHER lam_either_avx512
#define LAM_LIST lam_list_avx512
#define LAM_LIST_DENSE lam_list_avx512
#include "format/csv_kernel_body.h"

#define LAM_KERNEL(name) name##_avx2
#define LAM_KERNEL_TARGET LAM_AVX2
#define LAM_EQUAL lam_equal_avx2
#define LAM_EITHER lam_either_avx2
#define LAM_LIST lam_list_avx2
#define LAM_LIST_DENSE lam_list_dense_avx2
#include "format/csv_kernel_body.h"

#define LAM_KERNEL(name) name##_sse2
#define LAM_KERNEL_TARGET
#define LAM_EQUAL lam_equal_sse2
#define LAM_EITHER lam_either_sse2
#define LAM_LIST lam_list_plain
#define LAM_LIST_DENSE lam_list_plain
#include "format/csv_kernel_body.h"
#endif

#define LAM_KERNEL(name) name##_plain
#define LAM_KERNEL_TARGET
#define LAM_EQUAL lam_equal_plain
#define LAM_EITHER lam_either_plain
#define LAM_LIST lam_list_plain
#define LAM_LIST_DENSE lam_list_plain
#include "format/csv_kernel_body.h"

const struct lam_csv_kernel lam_csv_kernels[] = {
#if LAM_X86
	{ "avx512", LAM_MASKS_AVX512, lines_avx512, scan_avx512, index_avx512 },
	{ "avx2", LAM_MASKS_AVX2, lines_avx2, scan_avx2, index_avx2 },
	{ "sse2", LAM_MASKS_SSE2, lines_sse2, scan_sse2, index_sse2 },
#endif
	{ "plain", LAM_MASKS_PLAIN, lines_plain, scan_plain, index_plain },
	{ NULL, LAM_MASKS_PLAIN, NULL, NULL, NULL },
};

bool
lam_csv_kernel_runs(const struct lam_csv_kernel *k)
{
	return k->name && k->masks <= lam_masks_best();
}

const struct lam_csv_kernel *
lam_csv_kernel(void)
{
	const struct lam_csv_kernel *k = lam_csv_kernels;

	while (!lam_csv_kernel_runs(k))
		k++;
	return k;
}
