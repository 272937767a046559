/*
 * array.c - arrays that grow
 *
 * The pointer is copied in and out, since a pointer to it is none to void *.
 */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 16 /* elements */

bool
lam_array_grow(void *array, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap ? *cap : FIRST;
	void *p;

	while (n < need)
		n = n > SIZE_MAX / 2 ? need : 2 * n;
	if (n > SIZE_MAX / size)
		return false;
	memcpy(&p, array, sizeof p);
	p = realloc(p, n * size);
	if (!p)
		return false;
	memcpy(array, &p, sizeof p);
	*cap = n;
	return true;
}
