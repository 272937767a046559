/*
 * stat_view.c - a view: its layers as a query would use them, and what is left
 *
 * The cover that a query would merge is planned, but not computed.  So what is told
 * of lag and state follows from the same checks as answers do.
 */
#include "stat/stat.h"

#include <stdio.h>
#include <sys/stat.h>

#include "time/time.h"
#include "view/cover.h"

#define ATTEMPTS 50 /* each lost to a publisher that was faster */

const char *const lam_stat_state_name[] = { "current", "behind", "unserved",
	"stale", "refused" };

static const char *
copy(struct lam_arena *a, const char *text)
{
	return lam_arena_dup(a, text, strlen(text));
}

struct looking {
	struct lam_arena *arena;
	struct lam_stat_view *out;
};

static void
take_note(void *arg, const char *line)
{
	struct looking *l = arg;

	if (!l->out->why)
		l->out->why = copy(l->arena, line);
}

static void
add_file(struct lam_stat_layer *l, const struct lam_cover_part *p)
{
	struct stat st;

	l->to = p->to;
	l->files++;
	l->rows += p->index.rows;
	l->disk += p->index.file.size;
	if (!fstat(p->index.file.fd, &st)) {
		int64_t made = (int64_t)st.st_mtim.tv_sec * LAM_NS +
			st.st_mtim.tv_nsec;
		if (l->made == LAM_STAT_NEVER || made > l->made)
			l->made = made;
	}
}

/* What the planned cover C of a view with files H says. */
static void
judge(const struct lam_cover *c, const struct lam_view_files *h,
	struct looking *l)
{
	struct lam_stat_view *out = l->out;

	for (size_t i = 0; i < c->n; i++) {
		const struct lam_cover_part *p = c->part[i];

		if (p->kind == LAM_COVER_PART_LOG)
			out->scan += p->to - p->from;
		else
			add_file(p->kind == LAM_COVER_PART_SERVED ?
				&out->batch : &out->speed, p);
	}
	if (out->speed.to < out->batch.to)
		out->speed.to = out->batch.to;
	if (c->stale) {
		out->state = LAM_STAT_STALE;
		out->why = copy(l->arena, "the definition, a file that it "
			"reads, the types or the program have changed: run "
			"lam-batch | lam-serve");
	} else if (!out->batch.files && h->serving.n == 0 && c->end) {
		out->state = LAM_STAT_UNSERVED;
	} else {
		out->state = out->scan ? LAM_STAT_BEHIND : LAM_STAT_CURRENT;
	}
}

/* Where the file that reaches furthest ends. */
static uint64_t
reach(const struct lam_layer_file_list *l, uint64_t to)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->item[i].to > to)
			to = l->item[i].to;
	return to;
}

/* One attempt. */
static int
plan(struct lam_stat_logs *logs, struct lam_view *v, struct looking *l,
	bool *again, struct lam_error *e)
{
	struct lam_stream *s;
	struct lam_cover c = LAM_COVER_INIT;
	struct lam_buf skip = LAM_BUF_INIT;
	struct lam_view_files h;
	int rc = lam_view_files_list(&h, logs->data, l->out->name, e);

	if (!rc)
		rc = lam_stat_log(logs, l->out->stream, reach(&h.serving,
			reach(&h.speed, 0)), &s, e);
	if (!rc) {
		l->out->head = s->head;
		rc = lam_view_load(logs->data, l->out->name, s, l->arena, v, e);
		if (!rc) {
			c.data = logs->data;
			c.view = v;
			c.stream = s;
			c.skip = &skip;
			c.warn = (struct lam_messages){ take_note, l };
			l->out->query = v->query;
			l->out->definition = v->query->normal;
			rc = lam_cover_plan(&c, &h, s->head, again, e);
		}
		if (!rc && !*again)
			judge(&c, &h, l);
		lam_cover_release(&c);
	}
	lam_view_files_release(&h);
	lam_buf_release(&skip);
	return rc;
}

/* A view that cannot be used is told, not failed for. */
static int
refused(struct looking *l, int rc, const struct lam_error *why,
	struct lam_error *e)
{
	if (!lam_failures_of_one(rc, why))
		return lam_fail(e, rc, "%s", why->msg);
	l->out->state = LAM_STAT_REFUSED;
	l->out->why = copy(l->arena, why->msg);
	return LAM_OK;
}

int
lam_stat_view(struct lam_stat_logs *logs, const char *name, struct lam_arena *a,
	struct lam_stat_view *out, struct lam_error *e)
{
	struct lam_stat_view none = { .name = copy(a, name),
		.batch.made = LAM_STAT_NEVER, .speed.made = LAM_STAT_NEVER };
	struct lam_error why = LAM_ERROR_INIT;
	struct looking l = { a, out };
	struct lam_view v;
	bool again = true;
	int rc;

	*out = none;
	if (!out->name)
		return lam_fail_mem(e);
	rc = lam_view_find_stream(logs->data, name, a, &none.stream, &why);
	for (int i = 0; !rc && again && i < ATTEMPTS; i++) {
		again = false;
		*out = none;
		rc = plan(logs, &v, &l, &again, &why);
	}
	if (rc == LAM_NOTHING) /* the stream has no records yet */
		rc = LAM_OK;
	return rc ? refused(&l, rc, &why, e) : LAM_OK;
}

const char *
lam_stat_error(const struct lam_query *q, uint32_t c)
{
	for (uint32_t s = 0; s < q->nstates; s++) {
		uint32_t first = lam_query_component(q, s);

		if (c < first || c >= first + q->state[s].ncomponents)
			continue;
		if (q->state[s].kind == LAM_HLL)
			return "1.6 %"; /* standard error of 4096 registers */
		if (q->state[s].kind == LAM_QUANTILE)
			return "0.8 %"; /* relative, group/quantile.h */
	}
	return "exact";
}
