/*
 * section_join.c - the headers of several sections of one view into one
 */
#include <string.h>

#include "partial/section.h"

int
lam_section_order(const struct lam_section *a, const struct lam_section *b)
{
	int c = strcmp(a->view, b->view);

	if (c)
		return c;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->to > b->to) - (a->to < b->to);
}

/* Ad hoc input: positions are those of all inputs, one after the other. */
static void
number(struct lam_section *s)
{
	if (*s->id)
		return;
	s->from = 0;
	s->to = s->counts.read;
}

int
lam_section_first(struct lam_section *s, const struct lam_section *first,
	struct lam_arena *a, struct lam_error *e)
{
	uint32_t n = first->query->nstates;

	*s = *first;
	s->nulls = LAM_ARENA_NEW(a, uint64_t, n + 1);
	if (!s->nulls)
		return lam_fail_mem(e);
	if (first->nulls && n)
		memcpy(s->nulls, first->nulls, n * sizeof *s->nulls);
	number(s);
	return LAM_OK;
}

/* Does a state of Q hold positions, which are compared when two are merged? */
static bool
has_positions(const struct lam_query *q)
{
	for (uint32_t i = 0; i < q->nstates; i++)
		if (lam_state_placed(&q->state[i]))
			return true;
	return false;
}

static const char *
misfit(const struct lam_section *s, const struct lam_section *next)
{
	if (next->spec != s->spec)
		return "not of one definition";
	if (strcmp(next->id, s->id) || strcmp(next->stream, s->stream))
		return "not of one stream";
	if (*s->id && next->from < s->to)
		return "their positions overlap";
	if (*s->id && next->from > s->to)
		return "there is a gap between their positions";
	if (!*s->id && s->counts.read && next->counts.read &&
		has_positions(s->query))
		return "first and last go by position, which parts of a text do "
			"not have: ingest it, or give it as one input";
	if (s->tied && next->tied && s->history[1] != next->history[0])
		return "of two logs that have the same id and other records: one "
			"is a copy of the other that went on by itself";
	return NULL;
}

int
lam_section_join(struct lam_section *s, const char *where_s,
	const struct lam_section *next, const char *where, struct lam_error *e)
{
	const char *why = misfit(s, next);
	int rc;

	if (why)
		return lam_fail(e, LAM_DATA, "section %s of %s and of %s: %s",
			s->view, where_s, where, why);
	s->to = next->to;
	s->tied &= next->tied;
	s->history[1] = next->history[1];
	rc = lam_section_add(s, next, e);
	number(s);
	return rc;
}
