/*
 * source_chain.c - sources in turn
 */
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static int
chain_next(struct lam_source *s, unsigned worker, struct lam_batch *b,
	bool *got, struct lam_error *e)
{
	struct lam_chain_source *c = s->state;
	size_t at = atomic_load(&c->at);

	*got = false;
	while (at < c->n) {
		int rc = c->link[at]->next(c->link[at], worker, b, got, e);

		if (rc || *got)
			return rc;
		/* On failure AT becomes where another worker has moved to. */
		if (atomic_compare_exchange_strong(&c->at, &at, at + 1))
			at++;
	}
	return LAM_OK;
}

void
lam_chain_source_init(struct lam_chain_source *c)
{
	memset(c, 0, sizeof *c);
	c->source = (struct lam_source){ .state = c, .next = chain_next };
	atomic_init(&c->at, 0);
}

int
lam_chain_source_add(struct lam_chain_source *c, struct lam_source *s,
	struct lam_error *e)
{
	if (!lam_array_room(&c->link, &c->cap, c->n + 1, sizeof *c->link))
		return lam_fail_mem(e);
	if (c->n == 0)
		c->source.rows = s->rows;
	else if (c->source.rows)
		c->source.rows = s->rows ? c->source.rows + s->rows : 0;
	c->link[c->n++] = s;
	return LAM_OK;
}

void
lam_chain_source_release(struct lam_chain_source *c)
{
	free(c->link);
	c->link = NULL;
	c->n = c->cap = 0;
}
