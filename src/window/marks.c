/*
 * marks.c - which rows begin something: one bit for each row
 */
#include "window/marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void
lam_marks_release(struct lam_marks *m)
{
	free(m->word);
	*m = (struct lam_marks){ NULL, 0, 0 };
}

bool
lam_marks_push(struct lam_marks *m, bool begins)
{
	size_t at = m->n / 64;

	if (!lam_array_room(&m->word, &m->cap, at + 1, sizeof *m->word))
		return false;
	if (m->n % 64 == 0)
		m->word[at] = 0;
	m->word[at] |= (uint64_t)begins << m->n % 64;
	m->n++;
	return true;
}

bool
lam_marks_clear(struct lam_marks *m, uint64_t n)
{
	size_t words = n / 64 + 1;

	if (!lam_array_room(&m->word, &m->cap, words, sizeof *m->word))
		return false;
	memset(m->word, 0, words * sizeof *m->word);
	m->n = n;
	return true;
}

uint64_t
lam_marks_next(const struct lam_marks *m, uint64_t row)
{
	size_t at = row / 64;
	uint64_t w;

	if (row >= m->n)
		return m->n;
	w = m->word[at] & UINT64_MAX << row % 64;
	while (!w) {
		if (++at * 64 >= m->n)
			return m->n;
		w = m->word[at];
	}
	return at * 64 + (unsigned)__builtin_ctzll(w);
}

uint64_t
lam_marks_last(const struct lam_marks *m, uint64_t row)
{
	size_t at = row / 64;
	uint64_t w = m->word[at] & UINT64_MAX >> (63 - row % 64);

	while (!w && at > 0)
		w = m->word[--at];
	return w ? at * 64 + 63 - (unsigned)__builtin_clzll(w) : 0;
}
