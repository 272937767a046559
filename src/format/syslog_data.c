/*
 * syslog_data.c - structured data of RFC 5424 as fields
 *
 * Elements are read one after the other; what is not of the grammar ends the walk, and
 * stays in the field that has all of the data.
 */
#include "format/syslog_data.h"

#include <string.h>

#include "base/name.h"
#include "format/line.h"

struct walk {
	const char *p, *end;
	struct lam_str id; /* of the element at hand; n == 0: none is open */
};

struct param {
	char name[LAM_FIELD_NAME_MAX]; /* ID.NAME */
	size_t n;		       /* 0: it is too long for a field */
	struct lam_str value;	       /* as it is written */
	bool escaped;
};

/* Up to one of STOPS, which is not passed. */
static struct lam_str
upto(struct walk *w, const char *stops)
{
	struct lam_str s = { w->p, 0 };

	while (w->p < w->end && !strchr(stops, *w->p))
		w->p++;
	s.n = (size_t)(w->p - s.p);
	return s;
}

static bool
pass(struct walk *w, char c)
{
	if (w->p == w->end || *w->p != c)
		return false;
	w->p++;
	return true;
}

/* Text in quotes; false: they are not there, or not closed. */
static bool
quoted(struct walk *w, struct param *p)
{
	p->escaped = false;
	if (!pass(w, '"'))
		return false;
	p->value.p = w->p;
	for (; w->p < w->end && *w->p != '"'; w->p++)
		if (*w->p == '\\' && w->p + 1 < w->end) {
			p->escaped = true;
			w->p++;
		}
	p->value.n = (size_t)(w->p - p->value.p);
	return pass(w, '"');
}

/* The next parameter, of this element or a later one. */
static bool
next(struct walk *w, struct param *p)
{
	struct lam_str name;

	while (!w->id.n || pass(w, ']')) {
		if (!pass(w, '['))
			return false;
		w->id = upto(w, " ]");
		if (!w->id.n)
			return false;
	}
	if (!pass(w, ' '))
		return false;
	name = upto(w, "= ]\"");
	if (!name.n || !pass(w, '=') || !quoted(w, p))
		return false;
	p->n = w->id.n + 1 + name.n;
	if (p->n > sizeof p->name) {
		p->n = 0;
		return true;
	}
	memcpy(p->name, w->id.p, w->id.n);
	p->name[w->id.n] = '.';
	memcpy(p->name + w->id.n + 1, name.p, name.n);
	return true;
}

int
lam_syslog_data_look(struct lam_json_tree *t, struct lam_str data,
	struct lam_error *e)
{
	struct walk w = { data.p, data.p + data.n, { NULL, 0 } };
	struct param p;
	int r = LAM_OK;

	while (!r && next(&w, &p))
		if (p.n)
			r = lam_json_tree_key(t, (struct lam_str){ p.name, p.n }, e);
	return r;
}

/* V without the backslashes of its escapes goes to the end of OUT. */
static void
put_unescaped(struct lam_str v, struct lam_buf *out)
{
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '\\' && i + 1 < v.n && strchr("\"\\]", v.p[i + 1]) &&
			v.p[i + 1])
			i++;
		lam_buf_putc(out, v.p[i]);
	}
}

void
lam_syslog_data_put(struct lam_parse *x, const struct lam_json_tree *t,
	struct lam_str data, struct lam_buf *out)
{
	struct walk w = { data.p, data.p + data.n, { NULL, 0 } };
	struct param p;

	while (next(&w, &p)) {
		const struct lam_json_member *m = lam_json_tree_find(t, &t->root,
			(struct lam_str){ p.name, p.n });
		size_t from = out->n;

		if (!p.n || !m || m->field == LAM_JSON_NO_FIELD ||
			!x->cell[m->field])
			continue;
		if (!p.escaped) {
			lam_line_put(x, m->field, p.value);
			continue;
		}
		put_unescaped(p.value, out);
		x->cell[m->field][x->rows] = (struct lam_cell){ (uint32_t)from,
			(uint32_t)(out->n - from) };
	}
}
