/*
 * template.c - templates of lines: compiled, and matched
 *
 * A compiled template is a list of parts, each a text and the variable behind it, and
 * one text at the end.  A line is matched from left to right, each variable as short
 * as possible, without a step back: what a server writes is read in the time of a
 * search for each text.  A request is one variable and three fields.
 */
#include "format/template.h"

#include <stdlib.h>

#include "base/name.h"
#include "base/num.h"
#include "format/line.h"
#include "format/template_internal.h"
#include "input/input_chunk.h"
#include "input/input_header.h"
#include "time/time.h"

struct part {
	struct lam_str before; /* the text in front of the variable */
	uint32_t field;	       /* its first one */
	bool quoted, request;
};

struct lam_template {
	struct lam_arena arena;
	struct part part[LAM_TEMPLATE_FIELDS];
	uint32_t nparts;
	struct lam_line_field field[LAM_TEMPLATE_FIELDS];
	uint32_t nfields;
	struct lam_str after; /* the text behind the last variable */
};

/* A template that is being compiled. */
struct compiling {
	struct lam_template *t;
	struct lam_buf text; /* in front of the next variable */
	struct lam_error *e;
	const char *source;
	uint8_t other; /* the type of what is not known */
};

/* ------------------------------------------------------------------ compile */

static int
fail(struct compiling *c, const char *at, const char *why)
{
	return lam_fail(c->e, LAM_USAGE, "the format \"%.200s\", at \"%.40s\": %s",
		c->source, at, why);
}

/* The text so far, which ends here. */
static int
take_text(struct compiling *c, struct lam_str *out)
{
	out->p = lam_arena_dup(&c->t->arena, c->text.n ? c->text.p : "",
		c->text.n);
	out->n = c->text.n;
	lam_buf_clear(&c->text);
	return out->p ? LAM_OK : lam_fail_mem(c->e);
}

static int
add_field(struct compiling *c, struct lam_str name, uint8_t type)
{
	struct lam_template *t = c->t;
	struct lam_line_field *f = &t->field[t->nfields];

	if (t->nfields == LAM_TEMPLATE_FIELDS)
		return fail(c, name.p, "too many variables");
	if (!lam_field_name_ok(name.p, name.n))
		return fail(c, name.p, "not the name of a field");
	f->name = lam_arena_dup(&t->arena, name.p, name.n);
	f->type = (struct lam_coltype){ type, 0 };
	t->nfields++;
	return f->name ? LAM_OK : lam_fail_mem(c->e);
}

/* A variable comes here: KNOWN says what it is, or it is NAME of type TYPE. */
static int
add_variable(struct compiling *c, const struct lam_template_name *known,
	struct lam_str name, uint8_t type)
{
	static const char *const request[] = { "method", "path", "protocol" };
	struct lam_template *t = c->t;
	struct part *part = &t->part[t->nparts];
	int r = LAM_OK;

	if (t->nparts && !c->text.n)
		return fail(c, name.p, "nothing stands between two variables");
	if (t->nparts == LAM_TEMPLATE_FIELDS)
		return fail(c, name.p, "too many variables");
	part->field = t->nfields;
	part->quoted = c->text.n && c->text.p[c->text.n - 1] == '"';
	part->request = known && !strcmp(known->field, LAM_TEMPLATE_REQUEST);
	for (size_t i = 0; !r && part->request && i < 3; i++)
		r = add_field(c, (struct lam_str){ request[i],
			strlen(request[i]) }, LAM_TEXT);
	if (!r && !part->request)
		r = add_field(c, known ? (struct lam_str){ known->field,
			strlen(known->field) } : name, type);
	t->nparts++;
	return r ? r : take_text(c, &part->before);
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_';
}

static bool
type_of(struct lam_str s, uint8_t *type)
{
	static const struct {
		const char *name;
		uint8_t type;
	} types[] = { { "text", LAM_TEXT }, { "number", LAM_NUMBER },
		{ "time", LAM_TIME } };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strlen(types[i].name) == s.n &&
			!memcmp(types[i].name, s.p, s.n)) {
			*type = types[i].type;
			return true;
		}
	return false;
}

/* The variable of nginx at *P, a dollar. */
static int
nginx_variable(struct compiling *c, const char **p)
{
	const char *at = *p, *from = at + 1, *end;
	const struct lam_template_name *known;
	struct lam_str name;
	uint8_t type;

	from += *from == '{';
	for (end = from; is_word(*end); end++)
		;
	name = (struct lam_str){ from, (size_t)(end - from) };
	known = lam_template_variable(name);
	type = known ? known->type : c->other;
	if (at[1] == '{' && *end == ':') {
		size_t n = strcspn(end + 1, "}");

		if (!type_of((struct lam_str){ end + 1, n }, &type))
			return fail(c, at, "expected text, number or time");
		end += 1 + n;
	}
	if (!name.n || (at[1] == '{' && *end != '}'))
		return fail(c, at, "expected the name of a variable");
	*p = end + (at[1] == '{');
	return add_variable(c, known, name, type);
}

/* The directive of Apache at *P, a per cent sign. */
static int
apache_directive(struct compiling *c, const char **p)
{
	const char *at = *p, *q = at + 1;
	struct lam_str argument = { NULL, 0 };
	const struct lam_template_name *known;
	char name[LAM_FIELD_NAME_MAX + 1];
	size_t n = 0;
	bool brackets;
	int r;

	q += strspn(q, "!0123456789,<>");
	if (*q == '{') {
		argument = (struct lam_str){ q + 1, strcspn(q + 1, "}") };
		q += 1 + argument.n + 1;
	}
	if ((argument.p && q[-1] != '}') || !is_word(*q) ||
		argument.n > LAM_FIELD_NAME_MAX)
		return fail(c, at, "expected a directive");
	known = lam_template_directive(*q, argument);
	if (!known && (!argument.p || !strchr("ioenCt", *q)))
		return fail(c, at, "no such directive");
	for (; n < argument.n; n++)
		name[n] = is_word(argument.p[n]) ? argument.p[n] | 32 : '_';
	brackets = *q == 't' && !argument.p;
	*p = q + 1;
	if (brackets)
		lam_buf_putc(&c->text, '[');
	r = *q == 't' && argument.p ? add_variable(c, NULL, (struct lam_str){
		"ts", 2 }, LAM_TYPES) : add_variable(c, known, (struct lam_str){
		name, n }, known ? known->type : LAM_TEXT);
	if (brackets)
		lam_buf_putc(&c->text, ']');
	return r;
}

/* The next byte of Apache's text at *P, which may be escaped. */
static char
apache_byte(const char **p)
{
	static const char letter[] = "tn", byte[] = "\t\n";
	const char *q = *p, *at;

	*p = q + 1;
	if (*q != '%' && (*q != '\\' || !q[1]))
		return *q;
	*p = q + 2;
	at = strchr(letter, q[1]);
	return at ? byte[at - letter] : q[1];
}

static int
compile(struct compiling *c, bool apache)
{
	const char *p = c->source;
	int r = LAM_OK;

	while (!r && *p) {
		if (!apache && *p == '$')
			r = nginx_variable(c, &p);
		else if (apache && *p == '%' && p[1] != '%')
			r = apache_directive(c, &p);
		else
			lam_buf_putc(&c->text, apache ? apache_byte(&p) : *p++);
	}
	if (!r && !c->t->nparts)
		r = fail(c, c->source, "there is no variable in it");
	return r ? r : take_text(c, &c->t->after);
}

static int
begin(struct lam_template **out, const char *text, bool apache, uint8_t other,
	struct lam_error *e)
{
	struct compiling c = { .text = LAM_BUF_INIT, .e = e, .source = text,
		.other = other };
	int r;

	c.t = calloc(1, sizeof *c.t);
	if (!c.t)
		return lam_fail_mem(e);
	r = compile(&c, apache);
	lam_buf_release(&c.text);
	if (r)
		lam_template_free(c.t);
	else
		*out = c.t;
	return r;
}

int
lam_template_nginx(struct lam_template **out, const char *text, uint8_t other,
	struct lam_error *e)
{
	return begin(out, text, false, other, e);
}

int
lam_template_apache(struct lam_template **out, const char *text,
	struct lam_error *e)
{
	return begin(out, text, true, LAM_TYPES, e);
}

void
lam_template_free(struct lam_template *t)
{
	if (t)
		lam_arena_release(&t->arena);
	free(t);
}

int
lam_template_declare(const struct lam_template *t, struct lam_input *in,
	struct lam_error *e)
{
	return lam_line_fields(in, t->field, t->nfields, e);
}

/* -------------------------------------------------------------------- match */

/* The length of TEXT at P, or 0: it is not there. */
static size_t
starts(const char *p, const char *end, struct lam_str text)
{
	size_t n = 0;

	if (text.n == 1 && *text.p == *LAM_TEMPLATE_BLANKS) {
		while (p + n < end && p[n] == ' ')
			n++;
		return n;
	}
	return (size_t)(end - p) >= text.n && !memcmp(p, text.p, text.n) ?
		text.n : 0;
}

/* Where TEXT is, from P on; NULL: nowhere. */
static const char *
find(const char *p, const char *end, struct lam_str text)
{
	size_t n = (size_t)(end - p);

	if (text.n == 1)
		return memchr(p, *text.p == *LAM_TEMPLATE_BLANKS ? ' ' :
			*text.p, n);
	return memmem(p, n, text.p, text.n);
}

/* The quote that closes what is open at P. */
static const char *
closing(const char *p, const char *end)
{
	for (const char *q = p; (q = memchr(q, '"', (size_t)(end - q))); q++) {
		size_t escapes = 0;

		while (q - escapes > p && q[-1 - (ptrdiff_t)escapes] == '\\')
			escapes++;
		if (escapes % 2 == 0)
			return q;
	}
	return NULL;
}

/* Nothing, and a lone "-", are NULL, blanks around it are not of it; in QUOTES
 * nothing is the empty text. */
static struct lam_str
value_of(const char *p, const char *end, bool quotes)
{
	while (!quotes && p < end && *p == ' ')
		p++;
	while (!quotes && p < end && end[-1] == ' ')
		end--;
	if ((end - p == 1 && *p == '-') || (p == end && !quotes))
		return (struct lam_str){ NULL, 0 };
	return (struct lam_str){ p, (size_t)(end - p) };
}

/*
 * VALUE[f] of LINE.  False: it is no record; *WHERE is the part whose variable does
 * not end, or UINT32_MAX: the start or the end of the line is another.
 */
static bool
match(const struct lam_template *t, struct lam_str line, struct lam_str *value,
	uint32_t *where)
{
	const char *p = line.p, *end = p + line.n, *to;
	struct lam_str v;
	size_t n = starts(p, end, t->part[0].before);

	*where = UINT32_MAX;
	if (!n && t->part[0].before.n)
		return false;
	for (uint32_t i = 0; i < t->nparts; i++) {
		const struct part *part = &t->part[i];
		struct lam_str next = i + 1 < t->nparts ? part[1].before :
			t->after;
		bool quotes = part->quoted && next.n && *next.p == '"';

		p += n;
		to = quotes ? closing(p, end) : next.n ? find(p, end, next) :
			end;
		*where = i;
		n = to && next.n ? starts(to, end, next) : 0;
		if (!to || (next.n && !n))
			return false;
		v = value_of(p, to, quotes);
		if (part->request)
			lam_line_request(v, &value[part->field]);
		else
			value[part->field] = v;
		p = to;
	}
	*where = UINT32_MAX;
	return p + n == end;
}

static int
reject(const struct lam_template *t, struct lam_parse *x, struct lam_str line,
	uint32_t where, struct lam_error *e)
{
	struct lam_str next;

	if (where == UINT32_MAX)
		return lam_line_reject(x, line, "not as the format says: it "
			"begins or ends otherwise", e);
	next = where + 1 < t->nparts ? t->part[where + 1].before : t->after;
	return lam_chunk_reject(x->chunk, x->line, line, e,
		"%.40s: expected \"%.40s\" behind it",
		t->field[t->part[where].field].name,
		*next.p == *LAM_TEMPLATE_BLANKS ? " " : next.p);
}

int
lam_template_parse(const struct lam_template *t, struct lam_parse *x,
	struct lam_error *e)
{
	struct lam_str value[LAM_TEMPLATE_FIELDS], line;
	struct lam_lines lines = lam_lines_of(x);
	uint32_t where;
	int r = LAM_OK;

	while (!r && lam_lines_next(&lines, &line)) {
		if (!match(t, line, value, &where)) {
			r = reject(t, x, line, where, e);
			continue;
		}
		for (uint32_t i = 0; i < t->nfields; i++)
			lam_line_put(x, i, value[i]);
		lam_parse_row(x);
	}
	return r;
}

bool
lam_template_fits(const struct lam_template *t, struct lam_str line)
{
	struct lam_str value[LAM_TEMPLATE_FIELDS];
	uint32_t where;
	int64_t ns;

	if (!match(t, line, value, &where))
		return false;
	for (uint32_t i = 0; i < t->nfields; i++) {
		struct lam_str v = value[i];
		uint8_t type = t->field[i].type.type;

		if (!v.p)
			continue;
		if ((type == LAM_NUMBER && !lam_num_is(v.p, v.n)) ||
			(type == LAM_TIME && !lam_time_parse(v.p, v.n, &ns,
			NULL)))
			return false;
	}
	return true;
}
