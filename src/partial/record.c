/*
 * record.c - KEY and STATE records of partial lines
 *
 *	line   := KEY TAB STATE
 *	KEY    := [field *("," field)]		one per key; none without keys
 *	STATE  := [field *("," field)]		one per component
 *	field  := nothing (NULL) | text | '"' text '"'
 *
 * In a text TAB, CR, LF and backslash are written \t, \r, \n and \\, so a line
 * is one line and has one TAB.  It is quoted, '"' being doubled, iff it is
 * empty or contains ',' or '"'.  One value has one text, so lines with equal
 * keys have equal KEYs, and bytes can be compared instead of values.
 *
 * Numbers, times and booleans are in their canonical form and never quoted.
 */
#include "partial/record.h"

#include <string.h>

#include "base/escape.h"
#include "base/hot.h"
#include "partial/partials_internal.h"
#include "time/time.h"

/* The last time printed of a column: rows next to each other share it. */
struct memo {
	int64_t time;
	size_t n;
	char text[LAM_TIME_TEXT];
};

#define MEMOS 8

/* Value ROW of V at P, where there is room; the end. */
static char *
put_value(char *p, const struct lam_vec *v, uint32_t row, struct memo *m)
{
	struct lam_str s;

	if (v->rep != LAM_FLAT || v->wide || v->scale || v->type == LAM_BOOL) {
		char scratch[LAM_TIME_TEXT];

		s = lam_vec_print(v, row, scratch);
		if (s.p && v->type == LAM_TEXT)
			return p + lam_escape_field(s, p);
		if (s.n)
			memcpy(p, s.p, s.n);
		return p + s.n;
	}
	if (v->null && v->null[row])
		return p;
	if (v->type == LAM_TEXT)
		return p + lam_escape_field(v->str[row], p);
	if (v->type == LAM_NUMBER)
		return p + lam_i64_print(v->i64[row], p);
	if (!m)
		return p + lam_time_print(v->i64[row], p);
	if (!m->n || m->time != v->i64[row]) {
		m->time = v->i64[row];
		m->n = lam_time_print(m->time, m->text);
	}
	memcpy(p, m->text, sizeof m->text); /* of a length known here: no call */
	return p + m->n;
}

/* Bytes that hold text ROW of V. */
static inline size_t
text_room(const struct lam_vec *v, uint32_t row)
{
	if (v->rep != LAM_FLAT)
		return lam_vec_is_null(v, row) ? 0 :
			lam_escape_room(lam_vec_text(v, row));
	return v->null && v->null[row] ? 0 : lam_escape_room(v->str[row]);
}

/* Bytes that hold columns FROM .. TO - 1 of ROW, with separators. */
static size_t
record_room(const struct lam_vec *column, uint32_t from, uint32_t to,
	uint32_t row)
{
	size_t n = 2;

	for (uint32_t c = from; c < to; c++)
		n += 1 + (column[c].type == LAM_TEXT ?
			text_room(&column[c], row) : LAM_TIME_TEXT);
	return n;
}

static char *
put_record(char *p, const struct lam_vec *column, uint32_t from, uint32_t to,
	uint32_t row, struct memo *m)
{
	for (uint32_t c = from; c < to; c++) {
		if (c > from)
			*p++ = ',';
		p = put_value(p, &column[c], row, m && c - from < MEMOS ?
			&m[c - from] : NULL);
	}
	return p;
}

void
lam_record_print(const struct lam_vec *column, uint32_t from, uint32_t to,
	uint32_t row, struct lam_buf *out)
{
	if (lam_buf_room(out, record_room(column, from, to, row)))
		out->n = (size_t)(put_record(out->p + out->n, column, from, to,
			row, NULL) - out->p);
}

void
lam_record_line(const struct lam_query *q, const struct lam_vec *column,
	uint32_t row, struct lam_buf *out)
{
	lam_record_print(column, 0, q->nkeys, row, out);
	lam_buf_putc(out, '\t');
	lam_record_print(column, q->nkeys, lam_query_columns(q), row, out);
}

void
lam_record_lines(const struct lam_query *q, const char *view,
	const struct lam_vec *column, uint32_t from, uint32_t to,
	struct lam_buf *out)
{
	uint32_t ncolumns = lam_query_columns(q);
	size_t n = strlen(view);
	struct memo m[MEMOS] = { { 0, 0, "" } };

	for (uint32_t i = from; i < to; i++) {
		char *p;

		if (!lam_buf_room(out, n + 3 +
			record_room(column, 0, ncolumns, i)))
			return;
		p = out->p + out->n;
		memcpy(p, view, n);
		p += n;
		*p++ = '\t';
		p = put_record(p, column, 0, q->nkeys, i, m);
		*p++ = '\t';
		p = put_record(p, column, q->nkeys, ncolumns, i, NULL);
		*p++ = '\n';
		out->n = (size_t)(p - out->p);
	}
}

/* Copy S, in pieces of a length known here: no call.  The end of it. */
static inline char *
put_pieces(char *p, struct lam_str s)
{
	for (size_t i = 0; i < s.n; i += LAM_RECORD_SLACK)
		memcpy(p + i, s.p + i, LAM_RECORD_SLACK);
	return p + s.n;
}

enum { NOTHING, INTEGER, ANY }; /* is in all rows */

static uint8_t
how_printed(const struct lam_vec *v)
{
	if (v->rep != LAM_FLAT)
		return ANY;
	if (v->null && !memchr(v->null, 0, v->n))
		return NOTHING;
	return v->type != LAM_NUMBER || v->wide || v->scale || v->null ? ANY :
		INTEGER;
}

bool
lam_record_states(struct lam_record_states *s, const struct lam_vec *column,
	uint32_t n, struct lam_arena *a)
{
	bool any = false;

	s->column = column;
	s->n = n;
	s->how = lam_arena_alloc(a, n + (size_t)1);
	for (uint32_t c = 0; s->how && c < n; c++) {
		s->how[c] = how_printed(&column[c]);
		any = any || s->how[c] == ANY;
	}
	s->room = any ? 0 : (size_t)n * LAM_NUM_TEXT + 1;
	return s->how != NULL;
}

void
lam_record_state_line(struct lam_str head, struct lam_str field,
	const struct lam_record_states *s, uint32_t row, struct lam_buf *out)
{
	size_t room = head.n + field.n + LAM_RECORD_SLACK + (s->room ? s->room :
		record_room(s->column, 0, s->n, row));
	char *p;

	if (room > out->cap - out->n && !lam_buf_room(out, room))
		return;
	p = put_pieces(out->p + out->n, head);
	p = put_pieces(p, field);
	for (uint32_t c = 0; c < s->n; c++) {
		const struct lam_vec *v = &s->column[c];

		if (c > 0)
			*p++ = ',';
		if (s->how[c] == ANY)
			p = put_value(p, v, row, NULL);
		else if (s->how[c] == INTEGER)
			p += (uint64_t)v->i64[row] < LAM_SHORT ?
				lam_short_print((uint32_t)v->i64[row], p) :
				lam_i64_print(v->i64[row], p);
	}
	*p++ = '\n';
	out->n = (size_t)(p - out->p);
}

static int
bad_record(struct lam_error *e, const char *why)
{
	return lam_fail(e, LAM_DATA, "partial: a record %s", why);
}

/* The byte that \C stands for, or -1. */
static int
unescape(char c)
{
	return c == 't' ? '\t' : c == 'r' ? '\r' : c == 'n' ? '\n' :
		c == '\\' ? '\\' : -1;
}

/*
 * The text of a field with escapes or quotes, at *P, which is left behind it.
 */
static bool
decode(const char **p, const char *end, struct lam_arena *a,
	struct lam_str *out)
{
	bool quoted = **p == '"';
	const char *s = *p + quoted;
	char *to = lam_arena_alloc(a, (size_t)(end - s) + 1);

	*out = (struct lam_str){ to, 0 };
	for (; to && s < end; s++) {
		int c = (unsigned char)*s;

		if (c == ',' && !quoted)
			break;
		if (c == '"') {
			if (!quoted)
				return false;
			if (s + 1 == end || s[1] != '"') {
				*p = s + 1;
				return true;
			}
			s++;
		}
		if (c == '\\') {
			c = s + 1 < end ? unescape(s[1]) : -1;
			s++;
			if (c < 0)
				return false;
		} else if (lam_escape_class[c] == LAM_ESCAPE_LETTER) {
			return false;
		}
		to[out->n++] = (char)c;
	}
	*p = s;
	return to && !quoted;
}

int
lam_record_split(struct lam_str record, struct lam_str *field, uint32_t n,
	struct lam_arena *arena, struct lam_error *e)
{
	const char *p = record.p, *end = p + record.n, *from;

	if (n == 0)
		return record.n ? bad_record(e, "has too many fields") :
			LAM_OK;
	for (uint32_t i = 0; i < n; i++) {
		for (from = p; p < end && lam_escape_class[(unsigned char)*p] ==
						  LAM_ESCAPE_NONE;
			p++)
			;
		field[i] = (struct lam_str){ p > from ? from : NULL,
			(size_t)(p - from) };
		if (p < end && *p != ',') {
			p = from;
			if (!decode(&p, end, arena, &field[i]))
				return bad_record(e, "is not well-formed");
		}
		if (p == end && i + 1 < n)
			return bad_record(e, "has too few fields");
		if (p < end && *p != ',')
			return bad_record(e, "is not well-formed");
		if (p < end && i + 1 == n)
			return bad_record(e, "has too many fields");
		p += p < end;
	}
	return LAM_OK;
}

int
lam_record_state(struct lam_group_table *t, char *rec, struct lam_str state,
	struct lam_arena *scratch, struct lam_error *e)
{
	uint32_t n = lam_query_columns(t->q) - t->nkeys;
	struct lam_str *field = LAM_ARENA_NEW(scratch, struct lam_str, n + 1);
	int rc;

	if (!field)
		return lam_fail_mem(e);
	rc = lam_record_split(state, field, n, scratch, e);
	for (uint32_t s = 0; !rc && s < t->nstates; s++) {
		struct lam_agg *a = &t->agg[s];

		rc = a->ops->parse(a, rec + a->at, field, e);
		field += a->state->ncomponents;
	}
	return rc;
}

int
lam_record_key(struct lam_group_table *t, struct lam_str key,
	struct lam_tuples *x, struct lam_arena *scratch, struct lam_error *e)
{
	struct lam_str *field = LAM_ARENA_NEW(scratch, struct lam_str,
		t->nkeys + 1);
	struct lam_scalar v;
	int rc;

	if (!field)
		return lam_fail_mem(e);
	rc = lam_record_split(key, field, t->nkeys, scratch, e);
	for (uint32_t k = 0; !rc && k < t->nkeys; k++) {
		if (!lam_scalar_parse(t->dict[k].values.type, field[k], &v))
			return bad_record(e, "has a key of another type");
		if (!lam_group_table_intern(t, k, &v, &x->cell[k],
			&x->tag[k]))
			rc = lam_fail_mem(e);
	}
	return rc;
}

int
lam_record_begin(struct lam_record_merger *m, const struct lam_query *q,
	struct lam_error *e)
{
	struct lam_tuples none;
	int rc;

	*m = (struct lam_record_merger){ .q = q, .scratch = LAM_ARENA_INIT };
	rc = lam_group_table_init(&m->table, q, e);
	if (rc)
		return rc;
	none.cell = LAM_ARENA_NEW(&m->scratch, uint64_t, q->nkeys + 1);
	none.tag = LAM_ARENA_NEW(&m->scratch, uint8_t, q->nkeys + 1);
	return none.cell && none.tag ? lam_group_table_add(&m->table, &none,
		&m->rec, e) : lam_fail_mem(e);
}

int
lam_record_add(struct lam_record_merger *m, struct lam_str state,
	struct lam_error *e)
{
	lam_arena_reset(&m->scratch);
	return lam_record_state(&m->table, m->rec, state, &m->scratch, e);
}

int
lam_record_end(struct lam_record_merger *m, struct lam_buf *out,
	struct lam_error *e)
{
	uint32_t n = lam_query_columns(m->q);
	struct lam_ref row = { &m->table, m->rec };
	struct lam_vec *column;
	int rc;

	lam_arena_reset(&m->scratch);
	column = LAM_ARENA_NEW(&m->scratch, struct lam_vec, n + 1);
	rc = column ? lam_group_table_freeze(&m->table, e) : lam_fail_mem(e);
	for (uint32_t c = m->q->nkeys; !rc && c < n; c++)
		rc = lam_partials_column(m->q, c, &m->table, &row, 1,
			&m->scratch, &column[c], e);
	if (rc)
		return rc;
	lam_record_print(column, m->q->nkeys, n, 0, out);
	return lam_buf_check(out, e);
}

void
lam_record_release(struct lam_record_merger *m)
{
	lam_group_table_release(&m->table);
	lam_arena_release(&m->scratch);
}

int
lam_record_merge(const struct lam_query *q, const struct lam_str *state,
	size_t n, struct lam_buf *out, struct lam_error *e)
{
	struct lam_record_merger m;
	int rc = lam_record_begin(&m, q, e);

	for (size_t i = 0; !rc && i < n; i++)
		rc = lam_record_add(&m, state[i], e);
	if (!rc)
		rc = lam_record_end(&m, out, e);
	lam_record_release(&m);
	return rc;
}
