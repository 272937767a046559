/*
 * stat_log.c - the streams of one look, listed and opened once
 */
#include "stat/stat.h"

#include <stdlib.h>

static void
drop(struct lam_stat_logs *l, size_t i)
{
	lam_stream_close(l->s[i]);
	free(l->s[i]);
	l->s[i] = l->s[--l->n];
}

void
lam_stat_logs_release(struct lam_stat_logs *l)
{
	while (l->n)
		drop(l, 0);
}

int
lam_stat_log(struct lam_stat_logs *l, const char *name, uint64_t to,
	struct lam_stream **out, struct lam_error *e)
{
	struct lam_stream *s;
	int rc;

	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->s[i]->name, name))
			continue;
		*out = l->s[i];
		if ((*out)->head >= to)
			return LAM_OK;
		drop(l, i);
		break;
	}
	s = malloc(sizeof *s);
	if (!s)
		return lam_fail_mem(e);
	rc = lam_stream_open(s, l->data, name, e);
	if (rc) {
		free(s);
		return rc;
	}
	if (l->n == LAM_STAT_OPEN)
		drop(l, 0);
	*out = l->s[l->n++] = s;
	return LAM_OK;
}
