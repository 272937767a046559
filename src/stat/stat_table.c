/*
 * stat_table.c - what lam-stat tells, as relations
 *
 * A cell is made for each column of the table below, in its order.  A column that
 * is not for the audience is left out when it is added.
 */
#include "stat/stat_table.h"

#include <inttypes.h>
#include <stdio.h>

#include "output/output.h"
#include "time/time.h"

enum unit { TEXT, COUNT, BYTES, AGE, TIME, RATIO, COST };

struct column {
	const char *name;
	enum unit unit;
	bool tools; /* not for people: a definition, or what others tell too */
};

static const struct column streams[] = { { "stream", TEXT, false },
	{ "fields", COUNT, false }, { "records", COUNT, false },
	{ "text_bytes", BYTES, false }, { "disk_bytes", BYTES, false },
	{ "ratio", RATIO, false }, { "segments", COUNT, false },
	{ "rejects", COUNT, false }, { "first_event", TIME, false },
	{ "last_event", TIME, false }, { "last_append", TIME, true },
	{ "silent_seconds", AGE, false }, { "records_per_second", RATIO, false },
	{ NULL, TEXT, false } };

static const struct column views[] = { { "view", TEXT, false },
	{ "stream", TEXT, false }, { "state", TEXT, false },
	{ "records", COUNT, false }, { "batch_to", COUNT, true },
	{ "batch_lag", COUNT, false }, { "batch_lag_seconds", AGE, false },
	{ "batch_age_seconds", AGE, true }, { "speed_to", COUNT, true },
	{ "speed_lag", COUNT, false }, { "speed_lag_seconds", AGE, false },
	{ "speed_files", COUNT, true }, { "scan", COUNT, false },
	{ "groups", COUNT, false }, { "disk_bytes", BYTES, false },
	{ "why", TEXT, false }, { "definition", TEXT, true },
	{ NULL, TEXT, false } };

static const struct column functions[] = { { "function", TEXT, false },
	{ "on", TEXT, false }, { "next", COUNT, true },
	{ "pending", COUNT, false }, { "lag", COUNT, false },
	{ "lag_seconds", AGE, false }, { "dead", COUNT, false },
	{ "disk_bytes", BYTES, true },
	{ "idle_seconds", AGE, false }, { "why", TEXT, false },
	{ NULL, TEXT, false } };

static const struct column columns[] = { { "of", TEXT, false },
	{ "column", TEXT, false }, { "type", TEXT, false },
	{ "role", TEXT, false }, { "error", TEXT, false },
	{ NULL, TEXT, false } };

static const struct column usage[] = { { "function", TEXT, false },
	{ "requests", COUNT, false }, { "errors", COUNT, false },
	{ "timeouts", COUNT, false }, { "ooms", COUNT, false },
	{ "rejected", COUNT, false }, { "retries", COUNT, false },
	{ "dead", COUNT, false }, { "records", COUNT, false },
	{ "gb_s", RATIO, false }, { "cpu_s", RATIO, false },
	{ "p50_ms", RATIO, false }, { "p99_ms", RATIO, false },
	{ "memory_mb", RATIO, false }, { "next", COUNT, false },
	{ "pending", COUNT, false }, { "lag", COUNT, false },
	{ "lag_s", AGE, false }, { "cost", COST, false },
	{ NULL, TEXT, false } };

static const struct {
	const char *name, *metric; /* METRIC begins the names of its metrics */
	const struct column *column;
} kinds[LAM_STAT_USAGE + 1] = { { "streams", "stream", streams },
	{ "views", "view", views },
	{ "functions", "function", functions }, { "columns", "column", columns },
	{ "usage", "usage", usage } };

const char *
lam_stat_kind_name(size_t kind)
{
	return kind < LAM_STAT_KINDS ? kinds[kind].name : NULL;
}

enum lam_stat_audience
lam_stat_audience(const char *form)
{
	return !strcmp(form, "table") ? LAM_STAT_PEOPLE :
		!strcmp(form, "prom") ? LAM_STAT_METRICS : LAM_STAT_TOOLS;
}

static bool
is_shown(const struct lam_stat_table *t, const struct column *c)
{
	bool name = c == kinds[t->kind].column;

	if (c->unit == COST)
		return t->all;
	if (t->audience == LAM_STAT_METRICS)
		return name || c->unit != TEXT;
	return t->audience == LAM_STAT_TOOLS || t->all || !c->tools;
}

/* A size or an age for people is a text. */
static uint8_t
type_of(const struct lam_stat_table *t, enum unit u)
{
	bool people = t->audience == LAM_STAT_PEOPLE;

	if (u == TEXT || (people && (u == BYTES || u == AGE)))
		return LAM_TEXT;
	return u == TIME ? LAM_TIME : LAM_NUMBER;
}

void
lam_stat_table_init(struct lam_stat_table *t, enum lam_stat_kind kind,
	enum lam_stat_audience audience, int64_t now, bool all)
{
	*t = (struct lam_stat_table){ .kind = kind, .audience = audience,
		.all = all, .now = now };
	for (const struct column *c = kinds[kind].column; c->name; c++)
		if (is_shown(t, c))
			lam_column_builder_init(&t->column[t->ncolumns++],
				type_of(t, c->unit), &t->mem);
}

void
lam_stat_table_release(struct lam_stat_table *t)
{
	for (uint32_t c = 0; c < t->ncolumns; c++)
		lam_column_builder_release(&t->column[c]);
	t->ncolumns = 0;
}

/* ------------------------------------------------------------------ cells */

/* A cell as it is known: a text, or an integer of 10^-scale units; sizes in bytes,
 * ages in ns. */
struct cell {
	const char *text;
	int64_t value;
	uint8_t scale;
	bool null;
};

static struct cell
text(const char *s)
{
	return (struct cell){ .text = s, .null = !s };
}

static struct cell
count(uint64_t n)
{
	return (struct cell){ .value = n > INT64_MAX ? INT64_MAX : (int64_t)n };
}

static struct cell
instant(int64_t ns)
{
	return (struct cell){ .value = ns, .null = ns == LAM_STAT_NEVER };
}

static struct cell
age(const struct lam_stat_table *t, int64_t since)
{
	struct cell c = instant(since);

	c.value = c.null || since > t->now ? 0 : t->now - since;
	return c;
}

/* A / B with two decimals. */
static struct cell
ratio(uint64_t a, uint64_t b)
{
	double r = b ? (double)a / (double)b * 100 + 0.5 : 0;

	return (struct cell){ .value = r < 9e18 ? (int64_t)r : INT64_MAX,
		.scale = 2, .null = !b || !a };
}

static void
print_bytes(char *out, size_t size, int64_t n)
{
	static const char unit[] = "BKMGTPE";
	double v = (double)n;
	size_t u = 0;

	while (v >= 1000 && unit[u + 1]) {
		v /= 1024;
		u++;
	}
	snprintf(out, size, u && v < 9.95 ? "%.1f%c" : "%.0f%c", v, unit[u]);
}

/* V with SCALE decimals. */
static struct cell
decimal(double v, uint8_t scale)
{
	for (uint8_t i = 0; i < scale; i++)
		v *= 10;
	return (struct cell){ .value = v < 9e18 ? (int64_t)(v + 0.5) : INT64_MAX,
		.scale = scale };
}

/* The two largest units that matter. */
static void
print_age(char *out, size_t size, int64_t ns)
{
	int64_t s = ns / LAM_NS;

	if (s < 60)
		snprintf(out, size, "%" PRId64 "s", s);
	else if (s < 3600)
		snprintf(out, size, "%" PRId64 "m %" PRId64 "s", s / 60,
			s % 60);
	else if (s < 86400)
		snprintf(out, size, "%" PRId64 "h %" PRId64 "m", s / 3600,
			s / 60 % 60);
	else
		snprintf(out, size, "%" PRId64 "d %" PRId64 "h", s / 86400,
			s / 3600 % 24);
}

static int
add_cell(struct lam_stat_table *t, uint32_t at, const struct column *c,
	const struct cell *x, struct lam_error *e)
{
	struct lam_scalar v = { .type = type_of(t, c->unit),
		.null = x->null };
	char buf[64];

	if (c->unit == TEXT) {
		v.str = (struct lam_str){ x->text, x->text ?
			strlen(x->text) : 0 };
	} else if (v.type == LAM_TEXT) {
		if (c->unit == BYTES)
			print_bytes(buf, sizeof buf, x->value);
		else
			print_age(buf, sizeof buf, x->value);
		v.str = (struct lam_str){ buf, strlen(buf) };
	} else if (v.type == LAM_TIME) {
		v.i64 = x->value;
	} else if (c->unit == AGE) {
		v.num = (struct lam_num){ x->value / (LAM_NS / 1000), 3 };
	} else {
		v.num = (struct lam_num){ x->value, x->scale };
	}
	if (v.type == LAM_NUMBER)
		v.num = lam_num_normal(v.num);
	return lam_column_builder_room(&t->column[at], 1) &&
		lam_column_builder_add(&t->column[at], &v) ? LAM_OK :
		lam_fail_mem(e);
}

/* A row: X has a cell for each column of the kind. */
static int
add_row(struct lam_stat_table *t, const struct cell *x, struct lam_error *e)
{
	uint32_t at = 0;
	int rc = LAM_OK;

	for (const struct column *c = kinds[t->kind].column; !rc && c->name;
		c++, x++)
		if (is_shown(t, c))
			rc = add_cell(t, at++, c, x, e);
	t->nrows += !rc;
	return rc;
}

/* ------------------------------------------------------------------- rows */

int
lam_stat_table_stream(struct lam_stat_table *t,
	const struct lam_stat_stream *s, struct lam_error *e)
{
	const struct cell row[] = { text(s->name), count(s->schema.n),
		count(s->records), count(s->text), count(s->disk),
		ratio(s->text, s->disk), count(s->segments),
		count(s->rejects), instant(s->first), instant(s->last),
		instant(s->appended), age(t, s->appended),
		ratio(s->recent * 1000, (uint64_t)s->recent_ns / 1000000) };

	return add_row(t, row, e);
}

/* How long ago a layer that ends at TO was what a query would give: nothing if
 * the log ends there, too. */
static struct cell
lag(const struct lam_stat_table *t, const struct lam_stat_view *v,
	const struct lam_stat_layer *l)
{
	return l->to == v->head ? count(0) : age(t, l->made);
}

int
lam_stat_table_view(struct lam_stat_table *t, const struct lam_stat_view *v,
	struct lam_error *e)
{
	const struct lam_stat_layer *b = &v->batch, *s = &v->speed;
	const struct lam_stat_layer *top = s->made > b->made ? s : b;
	struct lam_stat_layer both = { .to = s->to, .made = top->made };
	const struct cell row[] = { text(v->name), text(v->stream),
		text(lam_stat_state_name[v->state]), count(v->head),
		count(b->to), count(v->head - b->to), lag(t, v, b),
		age(t, b->made), count(s->to), count(v->head - s->to),
		lag(t, v, &both), count(s->files), count(v->scan),
		count(b->rows + s->rows), count(b->disk + s->disk),
		text(v->why), text(v->definition) };

	return add_row(t, row, e);
}

/* Records not yet looked at, if any are. */
static struct cell
waiting(uint64_t records)
{
	struct cell c = count(records);

	c.null = records == UINT64_MAX;
	return c;
}

int
lam_stat_table_function(struct lam_stat_table *t, const struct lam_stat_function *f,
	struct lam_error *e)
{
	const struct cell row[] = { text(f->name), text(f->on), count(f->next),
		count(f->pending), waiting(f->lag),
		f->lag ? age(t, f->waits) : count(0), count(f->dead),
		count(f->disk), age(t, f->last), text(f->why) };

	return add_row(t, row, e);
}

static int
add_usage(struct lam_stat_table *t, const char *name, const struct lam_usage *u,
	const struct lam_usage_price *price, struct lam_error *e)
{
	double cost = price ? u->gb_s * price->gb_s + (double)u->requests *
		price->request : 0;
	const struct cell row[] = { text(name), count(u->requests),
		count(u->errors), count(u->timeouts), count(u->ooms),
		count(u->rejected), count(u->retries), count(u->dead),
		count(u->records), decimal(u->gb_s, 6), decimal(u->cpu_s, 6),
		decimal((double)u->p50 / 1e6, 3),
		decimal((double)u->p99 / 1e6, 3),
		decimal((double)u->memory / 1048576, 1), count(u->next),
		count(u->pending), waiting(u->lag.records),
		u->lag.records ? age(t, u->lag.since) : count(0),
		decimal(cost, 6) };

	return add_row(t, row, e);
}

int
lam_stat_table_usage(struct lam_stat_table *t, const char *data, const char *name,
	const struct lam_usage_price *price, struct lam_error *e)
{
	struct lam_usage u;
	int rc = lam_usage_find(&u, data, name, e);

	if (!rc)
		rc = add_usage(t, name, &u, price, e);
	lam_usage_release(&u);
	return rc;
}

int
lam_stat_table_fields(struct lam_stat_table *t,
	const struct lam_stat_stream *s, struct lam_error *e)
{
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < s->schema.n; i++) {
		const struct lam_field *f = &s->schema.field[i];
		const struct cell row[] = { text(s->name), text(f->name),
			text(lam_coltype_name(f->type)),
			text(f->event ? "event time" : "field"), text(NULL) };

		rc = add_row(t, row, e);
	}
	return rc;
}

int
lam_stat_table_keys(struct lam_stat_table *t, const struct lam_stat_view *v,
	struct lam_error *e)
{
	uint32_t n = v->query ? lam_query_columns(v->query) : 0;
	int rc = LAM_OK;

	for (uint32_t c = 0; !rc && c < n; c++) {
		bool key = c < v->query->nkeys;
		const char *name;
		uint8_t type;

		lam_query_column(v->query, c, &name, &type);
		const struct cell row[] = { text(v->name), text(name),
			text(lam_type_name[type]), text(key ? "key" : "state"),
			text(key ? NULL : lam_stat_error(v->query, c)) };
		rc = add_row(t, row, e);
	}
	return rc;
}

/* ----------------------------------------------------------------- writing */

/* Metrics of all kinds share one space of names. */
static const char *
output_name(const struct lam_stat_table *t, const struct column *c,
	struct lam_arena *a)
{
	char name[64];

	if (t->audience != LAM_STAT_METRICS || c->unit == TEXT)
		return c->name;
	snprintf(name, sizeof name, "%s_%s", kinds[t->kind].metric, c->name);
	return lam_arena_dup(a, name, strlen(name));
}

/* A query whose outputs have the names and types of T, for the writer's header. */
static struct lam_query *
shape(const struct lam_stat_table *t, struct lam_arena *a)
{
	struct lam_query *q = lam_query_new(a);
	uint32_t at = 0;

	if (!q || !(q->output = LAM_ARENA_NEW(a, struct lam_output,
			    t->ncolumns)))
		return NULL;
	q->noutputs = t->ncolumns;
	for (const struct column *c = kinds[t->kind].column; c->name; c++) {
		struct lam_expr *x;

		if (!is_shown(t, c))
			continue;
		x = LAM_ARENA_NEW(a, struct lam_expr, 1);
		if (!x)
			return NULL;
		x->kind = LAM_X_CONST;
		/* Sizes and ages stand to the right for people, too. */
		x->type = c->unit == BYTES || c->unit == AGE ? LAM_NUMBER :
			type_of(t, c->unit);
		q->output[at] = (struct lam_output){ output_name(t, c, a), x };
		if (!q->output[at++].name)
			return NULL;
	}
	return q;
}

static int
put_rows(const struct lam_stat_table *t, struct lam_writer *w,
	struct lam_arena *a, struct lam_error *e)
{
	uint32_t idx[1024], n = 0;
	int rc = LAM_OK;

	for (uint32_t from = 0; !rc && from < t->nrows; from += n) {
		struct lam_vec v[LAM_STAT_COLUMNS_MAX];

		for (n = 0; n < 1024 && from + n < t->nrows; n++)
			idx[n] = from + n;
		for (uint32_t c = 0; !rc && c < t->ncolumns; c++)
			rc = lam_column_builder_take(&t->column[c], idx, n, a,
				&v[c], e);
		if (!rc)
			rc = lam_writer_rows(w, v, n, e);
	}
	return rc;
}

int
lam_stat_table_write(const struct lam_stat_table *t, const char *form,
	bool header, const struct lam_style *look, int fd, const char *file,
	struct lam_error *e)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_query *q = shape(t, &a);
	struct lam_writer *w = NULL;
	int rc = q ? lam_writer_open(&w, form, fd, q, header, e) :
		lam_fail_mem(e);

	if (!rc) {
		lam_writer_file(w, file);
		lam_writer_look(w, look);
		rc = put_rows(t, w, &a, e);
	}
	if (!rc)
		rc = lam_writer_close(w, NULL, e);
	else
		lam_writer_abandon(w);
	lam_arena_release(&a);
	return rc;
}
