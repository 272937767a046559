/*
 * asan.h - memory that nobody may touch, where AddressSanitizer watches
 */
#ifndef LAM_BASE_ASAN_H
#define LAM_BASE_ASAN_H

#if defined(__SANITIZE_ADDRESS__)
#define LAM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LAM_ASAN 1
#endif
#endif

#ifdef LAM_ASAN
#include <sanitizer/asan_interface.h>
#define LAM_POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define LAM_UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define LAM_POISON(p, n) ((void)(p), (void)(n))
#define LAM_UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#endif
