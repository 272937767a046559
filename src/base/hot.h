/*
 * hot.h - one binary, two instruction sets
 *
 * A function marked LAM_HOT is plain C that the compiler vectorises: optimised
 * for throughput whatever the build's level, and with gcc on x86-64 compiled
 * twice, for AVX2 and for the baseline; the loader picks one.  Elsewhere it is
 * compiled once, as it is under sanitizers (whose run time is not ready when the
 * loader asks) and with -DLAM_PLAIN.  LAM_O3 is the optimisation alone.  LAM_TWICE
 * is defined where functions are compiled twice.
 */
#ifndef LAM_BASE_HOT_H
#define LAM_BASE_HOT_H

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#define LAM_O3 __attribute__((optimize("O3")))
#else
#define LAM_O3
#endif

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && \
	defined(__x86_64__) && defined(__linux__) && !defined(LAM_PLAIN) && \
	!defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LAM_TWICE 1
#define LAM_HOT LAM_O3 __attribute__((target_clones("avx2", "default")))
#else
#define LAM_HOT LAM_O3
#endif

#define LAM_LIKELY(x) __builtin_expect(!!(x), 1)
#define LAM_UNLIKELY(x) __builtin_expect(!!(x), 0)

#endif
