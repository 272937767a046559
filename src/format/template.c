/*
 * template.c - templates of lines: compiled
 *
 * A compiled template is a list of parts, each a text and the variable behind it, and
 * one text at the end.  Several layouts are a list of such; fields of one name are one
 * field.  A request is one variable and three fields.  A variable
 * right behind another must begin with a byte that is known, as the query of "%U%q"
 * does: then both are one part, which is cut there.  template_match.c has the lines.
 */
#include "format/template.h"

#include <stdlib.h>

#include "base/name.h"
#include "format/line.h"
#include "format/template_internal.h"
#include "input/input_header.h"

/* A template that is being compiled. */
struct compiling {
	struct lam_template *t;
	struct lam_buf text; /* in front of the next variable */
	struct lam_error *e;
	const char *source;
	const char *at; /* the variable that is being compiled, in it */
	uint8_t other; /* the type of what is not known */
	char between;  /* what the next variable stands behind; or 0 */
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
		return fail(c, c->at, "too many variables");
	if (!lam_field_name_ok(name.p, name.n))
		return fail(c, c->at, "not the name of a field");
	f->name = lam_arena_dup(&t->arena, name.p, name.n);
	f->type = (struct lam_coltype){ type, 0 };
	t->nfields++;
	return f->name ? LAM_OK : lam_fail_mem(c->e);
}

/* NAME, of type TYPE, stands right behind the last variable. */
static int
add_cut(struct compiling *c, struct lam_str name, uint8_t type)
{
	struct lam_template_part *part = &c->t->part[c->t->nparts - 1];
	char byte = c->between ? c->between : lam_template_begins(name);

	if (!byte || part->request || part->ncuts == LAM_TEMPLATE_CUTS)
		return fail(c, c->at, "nothing stands between two variables");
	part->cut[part->ncuts].byte = byte;
	part->cut[part->ncuts++].drop = c->between;
	c->between = 0;
	return add_field(c, name, type);
}

/* A variable comes here: KNOWN says what it is, or it is NAME of type TYPE. */
static int
add_variable(struct compiling *c, const struct lam_template_name *known,
	struct lam_str name, uint8_t type)
{
	static const char *const request[] = { "method", "path", "protocol" };
	struct lam_template *t = c->t;
	struct lam_template_part *part = &t->part[t->nparts];
	int r = LAM_OK;

	if (known && strcmp(known->field, LAM_TEMPLATE_REQUEST))
		name = (struct lam_str){ known->field, strlen(known->field) };
	if (t->nparts && !c->text.n)
		return add_cut(c, name, type);
	if (t->nparts == LAM_TEMPLATE_FIELDS)
		return fail(c, c->at, "too many variables");
	part->field = t->nfields;
	part->quoted = c->text.n && c->text.p[c->text.n - 1] == '"';
	part->request = known && !strcmp(known->field, LAM_TEMPLATE_REQUEST);
	for (size_t i = 0; !r && part->request && i < 3; i++)
		r = add_field(c, (struct lam_str){ request[i],
			strlen(request[i]) }, LAM_TEXT);
	if (!r && !part->request)
		r = add_field(c, name, type);
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
type_of(struct lam_str s, uint8_t *type, enum lam_template_rule *rule)
{
	static const struct {
		const char *name;
		uint8_t type;
		enum lam_template_rule rule;
	} types[] = { { "text", LAM_TEXT, LAM_TEMPLATE_ANY },
		{ "number", LAM_NUMBER, LAM_TEMPLATE_ANY },
		{ "time", LAM_TIME, LAM_TEMPLATE_ANY },
		{ "word", LAM_TEXT, LAM_TEMPLATE_WORD },
		{ "braces", LAM_TEXT, LAM_TEMPLATE_BRACES } };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strlen(types[i].name) == s.n &&
			!memcmp(types[i].name, s.p, s.n)) {
			*type = types[i].type;
			*rule = types[i].rule;
			return true;
		}
	return false;
}

/* $is_args, which is "?" or nothing, between two others. */
static bool
is_between(struct compiling *c, struct lam_str name, const char *next)
{
	static const char is_args[] = "is_args";

	if (name.n != sizeof is_args - 1 || memcmp(name.p, is_args, name.n) ||
		!c->t->nparts || c->text.n || *next != '$')
		return false;
	c->between = '?';
	return true;
}

/* The variable of nginx at *P, a dollar. */
static int
nginx_variable(struct compiling *c, const char **p)
{
	const char *at = *p, *from = at + 1, *end;
	const struct lam_template_name *known;
	enum lam_template_rule rule = LAM_TEMPLATE_ANY;
	struct lam_str name;
	uint8_t type;
	int r;

	c->at = at;
	from += *from == '{';
	for (end = from; is_word(*end); end++)
		;
	name = (struct lam_str){ from, (size_t)(end - from) };
	known = lam_template_variable(name);
	type = known ? known->type : c->other;
	if (at[1] == '{' && *end == ':') {
		size_t n = strcspn(end + 1, "}");

		if (!type_of((struct lam_str){ end + 1, n }, &type, &rule))
			return fail(c, at, "expected text, word, number or time");
		end += 1 + n;
	}
	if (!name.n || (at[1] == '{' && *end != '}'))
		return fail(c, at, "expected the name of a variable");
	*p = end + (at[1] == '{');
	if (is_between(c, name, *p))
		return LAM_OK;
	r = add_variable(c, known, name, type);
	if (!r && !c->t->part[c->t->nparts - 1].ncuts)
		c->t->part[c->t->nparts - 1].rule = rule;
	return r;
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

	c->at = at;
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
		name[n] = argument.p[n] != '_' && is_word(argument.p[n]) ?
			argument.p[n] | 32 : '_';
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

	while (!r && *p && *p != *LAM_TEMPLATE_OR) {
		if (!apache && *p == '$')
			r = nginx_variable(c, &p);
		else if (apache && *p == '%' && p[1] != '%')
			r = apache_directive(c, &p);
		else if (*p == *LAM_TEMPLATE_MAY_END || *p == *LAM_TEMPLATE_CUT) {
			c->t->cut = *p++ == *LAM_TEMPLATE_CUT;
			c->t->may_end = c->t->nparts;
		} else
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
	text = strchr(text, *LAM_TEMPLATE_OR);
	if (!r && text)
		r = begin(&c.t->next, text + 1, apache, other, e);
	if (r)
		lam_template_free(c.t);
	else
		*out = c.t;
	return r;
}

/* The place of the field NAME among those of T and the layouts up to END. */
static bool
find_place(const struct lam_template *t, const struct lam_template *end,
	const char *name, uint32_t *place)
{
	for (; t != end; t = t->next)
		for (uint32_t i = 0; i < t->nfields; i++)
			if (!strcmp(t->field[i].name, name)) {
				*place = t->place[i];
				return true;
			}
	return false;
}

/* Fields of one name are one field. */
static void
unite(struct lam_template *first)
{
	for (struct lam_template *t = first; t; t = t->next)
		for (uint32_t i = 0; i < t->nfields; i++)
			if (!find_place(first, t, t->field[i].name, &t->place[i]))
				t->place[i] = first->nall++;
}

/* The layouts of TEXT, each behind each of the heads that stand in [HEADS, END). */
static void
put_heads(struct lam_buf *b, const char *heads, const char *end, const char *text)
{
	static const char either[] = LAM_TEMPLATE_OR;

	for (const char *head = heads; head <= end; head += strcspn(head, either) + 1) {
		size_t n = strcspn(head, LAM_TEMPLATE_OR LAM_TEMPLATE_HEADS);

		for (const char *at = text;; at++) {
			lam_buf_put(b, head, n);
			lam_buf_put(b, at, strcspn(at, either));
			at += strcspn(at, either);
			if (!*at)
				break;
			lam_buf_puts(b, either);
		}
		if (head + n < end)
			lam_buf_puts(b, either);
	}
}

int
lam_template_nginx(struct lam_template **out, const char *text, uint8_t other,
	struct lam_error *e)
{
	const char *end = strchr(text, *LAM_TEMPLATE_HEADS);
	struct lam_buf b = LAM_BUF_INIT;
	int r;

	if (end)
		put_heads(&b, text, end, end + 1);
	lam_buf_putc(&b, '\0');
	r = lam_buf_check(&b, e);
	r = r ? r : begin(out, end ? b.p : text, false, other, e);
	if (!r)
		unite(*out);
	lam_buf_release(&b);
	return r;
}

int
lam_template_apache(struct lam_template **out, const char *text,
	struct lam_error *e)
{
	int r = begin(out, text, true, LAM_TYPES, e);

	if (!r)
		unite(*out);
	return r;
}

void
lam_template_free(struct lam_template *t)
{
	struct lam_template *next;

	for (; t; t = next) {
		next = t->next;
		lam_arena_release(&t->arena);
		free(t);
	}
}

int
lam_template_declare(const struct lam_template *t, struct lam_input *in,
	struct lam_error *e)
{
	uint32_t n = 0;
	int r = LAM_OK;

	for (; t; t = t->next)
		for (uint32_t i = 0; !r && i < t->nfields; i++)
			if (t->place[i] == n) {
				r = lam_line_fields(in, &t->field[i], 1, e);
				n++;
			}
	return r;
}
