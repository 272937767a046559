/*
 * hot.h - attributes of the hot loops
 *
 * LAM_HOT: optimised for throughput whatever the build's level, and where the
 * compiler can do it compiled twice, for AVX2 and for any machine of the
 * architecture, chosen when the program is loaded.  The source is plain C, so
 * every other machine runs the same code.  Sanitizers instrument the resolver
 * that chooses, which runs before they are ready: there it is off.
 */
#ifndef LAM_ENGINE_HOT_H
#define LAM_ENGINE_HOT_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define LAM_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LAM_SANITIZED 1
#endif

#if defined(__clang__) || !defined(__GNUC__)
#define LAM_O3
#else
#define LAM_O3 __attribute__((optimize("O3")))
#endif

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && \
	!defined(LAM_SANITIZED)
#define LAM_HOT LAM_O3 __attribute__((target_clones("avx2", "default")))
#else
#define LAM_HOT LAM_O3
#endif

#define LAM_LIKELY(x) __builtin_expect(!!(x), 1)
#define LAM_UNLIKELY(x) __builtin_expect(!!(x), 0)

#endif
