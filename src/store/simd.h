/*
 * simd.h - one binary, two instruction sets
 *
 * A function marked LAM_CLONES is compiled twice on x86-64, for AVX2 and for
 * the baseline, and the loader picks one; it is plain C that the compiler
 * vectorises.  Elsewhere, and under sanitizers (whose run time starts after the
 * loader's choice), it is compiled once.
 */
#ifndef LAM_STORE_SIMD_H
#define LAM_STORE_SIMD_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
	defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && \
	!defined(__SANITIZE_THREAD__) && !defined(LAM_PLAIN)
#define LAM_CLONES \
	__attribute__((target_clones("avx2", "default"), optimize("O3")))
#else
#define LAM_CLONES
#endif

#endif
