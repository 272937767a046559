/*
 * array.h - arrays that grow
 *
 * Memory that is to be counted comes from base/mem.h instead.
 */
#ifndef LAM_BASE_ARRAY_H
#define LAM_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* The slow way of lam_array_room. */
bool lam_array_grow(void *array, size_t *cap, size_t need, size_t size);

/*
 * Room for NEED elements of SIZE bytes in an array of *CAP: ARRAY is the address of
 * the pointer to it, which free() frees; NULL at first.  It doubles, and may move.
 * False: memory is out, and all is as it was.
 */
static inline bool
lam_array_room(void *array, size_t *cap, size_t need, size_t size)
{
	return need <= *cap || lam_array_grow(array, cap, need, size);
}

#endif
