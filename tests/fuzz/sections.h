/*
 * sections.h - headers of partials for targets: a view over fixed fields
 *
 * From one line of SQL comes a whole valid header, with the hash and the lines
 * that a fuzzer would not find.
 */
#ifndef LAM_FUZZ_SECTIONS_H
#define LAM_FUZZ_SECTIONS_H

#include "fuzz.h"
#include "partial/section.h"
#include "partial/spec.h"
#include "view/dataset.h"

static int
sections_find(void *state, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	static struct lam_input_field field[] = { { "s", { LAM_TEXT, 0 }, 0, false },
		{ "n", { LAM_NUMBER, 0 }, 0, false }, { "ts", { LAM_TIME, 0 }, 0, false },
		{ "u", { LAM_TIME, 1000000 }, 0, false } };

	(void)state;
	(void)e;
	*out = (struct lam_relation){ .name = scan->name, .field = field,
		.nfields = 4 };
	return LAM_OK;
}

static int
sections_file(void *state, const char *name, struct lam_ref_file **out,
	struct lam_error *e)
{
	static struct lam_input_field field[] = { { "k", { LAM_TEXT, 0 }, 0, false },
		{ "n", { LAM_NUMBER, 0 }, 0, false }, { "t", { LAM_TIME, 1000000 }, 0, false } };
	struct lam_ref_file *f = LAM_ARENA_NEW(state, struct lam_ref_file, 1);

	(void)e;
	*f = (struct lam_ref_file){ .name = name, .hash = 7, .field = field,
		.nfields = 3, .used = LAM_ARENA_NEW(state, bool, 3) };
	*out = f;
	return LAM_OK;
}

/* A section of the view SQL, in A; false: it is none. */
static inline bool
sections_make(struct lam_str sql, struct lam_arena *a, struct lam_section *s)
{
	struct lam_catalog c = { .state = a, .find = sections_find,
		.file = sections_file };
	struct lam_query *q = NULL;
	char *text;

	if (sql.n && memchr(sql.p, '\0', sql.n))
		return false;
	text = lam_arena_dup(a, sql.p, sql.n);
	*s = (struct lam_section){ .view = "v", .stream = "t", .to = 9,
		.id = "0123456789abcdef0123456789abcdef",
		.counts = { .read = 9, .counted = 7, .filtered = 2 } };
	if (lam_query_bind(text, "v", true, &c, a, &q, NULL))
		return false;
	s->query = q;
	s->nulls = LAM_ARENA_NEW(a, uint64_t, q->nstates + 1);
	MUST(!lam_spec_hash(q, NULL, &s->spec, NULL));
	return true;
}

#endif
