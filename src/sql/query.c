/*
 * query.c - the partial relation of a grouped query: its columns
 *
 *	keys..., components of state 0, components of state 1, ...
 *
 * A component is called by the label of its state, with a suffix where there
 * are two; a count, min or max that is an output as it stands, by that output.
 */
#include "sql/query.h"

struct lam_query *
lam_query_new(struct lam_arena *a)
{
	struct lam_query *q = LAM_ARENA_NEW(a, struct lam_query, 1);

	if (q == NULL)
		return NULL;
	q->arena = a;
	q->limit = UINT64_MAX;
	q->input = LAM_ARENA_NEW(a, struct lam_stage, 1);
	return q->input != NULL ? q : NULL;
}

struct lam_query *
lam_query_counted(const struct lam_query *q, struct lam_arena *a)
{
	struct lam_query *c = LAM_ARENA_NEW(a, struct lam_query, 1);

	if (c == NULL)
		return NULL;
	*c = *q;
	c->plain = q;
	c->state = LAM_ARENA_NEW(a, struct lam_state, q->nstates + 1);
	if (c->state == NULL)
		return NULL;
	if (q->hop != NULL) {
		c->hop = LAM_ARENA_NEW(a, struct lam_hop, 1);
		if (c->hop == NULL)
			return NULL;
		*c->hop = *q->hop;
		c->hop->merge = NULL;
	}
	for (uint32_t s = 0; s < q->nstates; s++)
		c->state[s] = q->state[s];
	c->state[c->nstates++] = (struct lam_state){ .kind = LAM_COUNT,
		.ncomponents = 1, .type = { LAM_NUMBER }, .label = "count(*)" };
	return c;
}

const struct lam_stage *
lam_query_scan(const struct lam_query *q)
{
	const struct lam_stage *s = q->input;

	while (s != NULL && s->kind != LAM_STAGE_SCAN)
		s = s->kind == LAM_STAGE_SELECT ? s->query->input : s->rows;
	return s;
}

uint32_t
lam_query_component(const struct lam_query *q, uint32_t s)
{
	uint32_t c = q->nkeys;

	for (uint32_t i = 0; i < s; i++)
		c += q->state[i].ncomponents;
	return c;
}

uint32_t
lam_query_columns(const struct lam_query *q)
{
	return lam_query_component(q, q->nstates);
}

void
lam_query_column(const struct lam_query *q, uint32_t c, const char **name,
	uint8_t *type)
{
	uint32_t s = 0;

	if (c < q->nkeys) {
		*name = q->key_name[c];
		*type = q->key[c]->type;
		return;
	}
	c -= q->nkeys;
	while (c >= q->state[s].ncomponents)
		c -= q->state[s++].ncomponents;
	*name = q->state[s].column[c] != NULL ? q->state[s].column[c] :
		q->state[s].label;
	*type = q->state[s].type[c];
}

bool
lam_state_placed(const struct lam_state *s)
{
	return s->kind == LAM_FIRST || s->kind == LAM_LAST ||
		(s->kind == LAM_LIST && s->placed);
}
