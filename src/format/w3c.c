/*
 * w3c.c - the extended log format of the W3C, as IIS and CloudFront write it
 *
 *	#Version: 1.0
 *	#Fields: date time cs-method cs-uri-stem sc-status
 *	2026-01-31 23:59:59 GET /a 200
 *
 * Sources: "Extended Log File Format", W3C WD-logfile-960323; "W3C Extended Log File
 * Format (IIS 6.0)"; "CloudFront standard logs".  Values stand behind blanks or tabs,
 * and a lone "-" is NULL.  In w3c they may be in quotes, where two quotes stand for
 * one; IIS and CloudFront quote nothing, but encode their blanks.  Date and time are
 * GMT, and become one field, ts; a record without a date is of the last #Date line.
 *
 * What is a field is said by the last #Fields line before a record (w3c_layout.h).  So
 * scan keeps what these lines say; the state is the address of that, and what it points
 * to never changes.  Where a log of IIS or CloudFront does not begin with one, its
 * fields are those of an installation as it comes.
 */
#include <stdlib.h>

#include "base/escape.h"
#include "format/formats.h"
#include "format/line.h"
#include "format/w3c_layout.h"
#include "input/input_chunk.h"

#define HEADS_MAX (16u << 20) /* bytes of all heads of an input */

struct own {
	struct lam_json_tree tree;
	uint32_t rest;
	bool quotes;
	struct lam_arena arena;
	const struct lam_w3c_head *first, *head; /* at the start, and now */
	size_t heads; /* bytes of all */
};

/* --------------------------------------------------------------- directives */

/* The text behind the directive NAME, where LINE is it. */
static bool
is_directive(struct lam_str line, const char *name, struct lam_str *out)
{
	size_t n = strlen(name);

	if (line.n < n || memcmp(line.p, name, n))
		return false;
	*out = (struct lam_str){ line.p + n, line.n - n };
	out->n -= out->n && out->p[out->n - 1] == '\r';
	return true;
}

/* The date of a #Date line, which the draft's own example writes 12-Jan-1996. */
static void
read_date(struct lam_str s, char *date)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (s.n == LAM_W3C_DATE)
		memcpy(date, s.p, LAM_W3C_DATE);
	for (unsigned m = 0; s.n == LAM_W3C_DATE + 1 && m < 12; m++)
		if (!memcmp(s.p + 3, names + 3 * m, 3)) {
			memcpy(date, s.p + 7, 4);
			date[4] = date[7] = '-';
			date[5] = (char)('0' + (m + 1) / 10);
			date[6] = (char)('0' + (m + 1) % 10);
			memcpy(date + 8, s.p, 2);
		}
}

/* What the directive LINE says of the records behind it, to H, whose text is LINE's. */
static void
read_directive(struct lam_str line, struct lam_w3c_head *h)
{
	struct lam_str s, word;

	if (is_directive(line, "#Fields:", &s))
		h->fields = s;
	else if (is_directive(line, "#Date:", &s) && lam_w3c_word(&s, &word))
		read_date(word, h->date);
}

/* What comes is behind H. */
static int
set_head(struct own *o, const struct lam_w3c_head *h, struct lam_error *e)
{
	const struct lam_w3c_head *last = o->head;
	bool same = last && (last->fields.p == h->fields.p ||
		!lam_str_cmp(last->fields, h->fields));
	struct lam_w3c_head *new;

	if (same && !memcmp(last->date, h->date, LAM_W3C_DATE))
		return LAM_OK;
	o->heads += sizeof *h + (same ? 0 : h->fields.n);
	if (o->heads > HEADS_MAX)
		return lam_fail(e, LAM_DATA, "more than %u MiB of #Fields lines "
			"that differ", HEADS_MAX >> 20);
	new = LAM_ARENA_NEW(&o->arena, struct lam_w3c_head, 1);
	if (!new)
		return lam_fail_mem(e);
	*new = *h;
	new->fields.p = same ? last->fields.p : lam_arena_dup(&o->arena,
		h->fields.n ? h->fields.p : "", h->fields.n);
	o->head = new;
	return new->fields.p ? LAM_OK : lam_fail_mem(e);
}

static int
scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e)
{
	struct own *o = own;
	int r = lam_line_scan(NULL, p, n, last, max, x, e);
	const char *at = p, *end = p + x->bytes;

	while (!r && at < end && (at = memchr(at, '#', (size_t)(end - at)))) {
		struct lam_w3c_head h = *o->head;

		if (at == p || at[-1] == '\n') {
			read_directive(lam_str_first_line((struct lam_str){ at,
				(size_t)(end - at) }), &h);
			r = set_head(o, &h, e);
		}
		at++;
	}
	return r;
}

/* -------------------------------------------------------------------- parse */

/* The values of LINE, one more than there may be at most; DOUBLED: quotes in it are.
 * NULL, or why it is no record. */
static const char *
split(struct lam_str line, bool quotes, struct lam_str *value, uint32_t *n,
	bool *doubled)
{
	*doubled = false;
	for (*n = 0; *n <= LAM_W3C_VALUES && lam_w3c_word(&line, &value[*n]); ++*n) {
		struct lam_str *v = &value[*n];
		const char *p = v->p + 1, *end = line.p + line.n;

		if (v->n == 1 && *v->p == '-')
			*v = (struct lam_str){ NULL, 0 };
		if (!v->p || !quotes || *v->p != '"')
			continue;
		while ((p = memchr(p, '"', (size_t)(end - p))) && p + 1 < end &&
			p[1] == '"') {
			*doubled = true;
			p += 2;
		}
		if (!p)
			return "a quote that is never closed";
		if (p + 1 < end && p[1] != ' ' && p[1] != '\t')
			return "text behind the closing quote";
		*v = (struct lam_str){ v->p + 1, (size_t)(p - v->p) - 1 };
		line = (struct lam_str){ p + 1, (size_t)(end - p) - 1 };
	}
	return NULL;
}

/* Two quotes of V become one, in place. */
static void
undouble(struct lam_parse *x, struct lam_str *v)
{
	char *out = x->text + (v->p - x->text);
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		out[n++] = v->p[i];
		i += v->p[i] == '"';
	}
	v->n = n;
}

/* Date and time become one text behind the others, where there is room.  If one of
 * them is missing, what there is stays as it is. */
static void
put_ts(struct lam_parse *x, const struct lam_w3c_layout *l, const struct lam_str *value,
	struct lam_buf *out)
{
	struct lam_str date = { l->day, LAM_W3C_DATE }, time = value[l->time];
	size_t from = out->n;

	if (l->date != LAM_JSON_NO_FIELD && (value[l->date].p || !date.p))
		date = value[l->date];
	if ((!date.p && !time.p) || !x->cell[l->ts])
		return;
	if (date.p)
		lam_buf_put(out, date.p, date.n);
	if (date.p && time.p)
		lam_buf_putc(out, 'T');
	if (time.p)
		lam_buf_put(out, time.p, time.n);
	if (date.p && time.p)
		lam_buf_putc(out, 'Z');
	x->cell[l->ts][x->rows] = (struct lam_cell){ (uint32_t)from,
		(uint32_t)(out->n - from) };
}

/* NAME=VALUE of the values that have no field; there is room. */
static void
put_rest(struct lam_parse *x, const struct own *o, const struct lam_w3c_layout *l,
	const struct lam_str *value, struct lam_buf *out)
{
	size_t from = out->n;

	if (l->all || o->rest == LAM_JSON_NO_FIELD || !x->cell[o->rest])
		return;
	for (uint32_t i = 0; i < l->n; i++) {
		if (l->field[i] != LAM_JSON_NO_FIELD || !value[i].p ||
			i == l->date || i == l->time)
			continue;
		if (out->n > from)
			lam_buf_putc(out, ' ');
		lam_buf_put(out, l->name[i].p, l->name[i].n);
		lam_buf_putc(out, '=');
		lam_buf_put(out, value[i].p, value[i].n);
	}
	if (out->n > from)
		x->cell[o->rest][x->rows] = (struct lam_cell){ (uint32_t)from,
			(uint32_t)(out->n - from) };
}

/* Room for what is made of LINE, which moves with the text. */
static int
make_room(struct lam_parse *x, const struct lam_w3c_layout *l, size_t names,
	struct lam_str *line, struct lam_error *e)
{
	size_t at = (size_t)(line->p - x->text);
	int r = lam_chunk_room(x->chunk, line->n + LAM_W3C_DATE + 2 + (l->all ? 0 :
		line->n + names + 2 * LAM_W3C_VALUES), e);

	x->text = x->chunk->raw.p;
	line->p = x->text + at;
	return r;
}

static int
parse_record(const struct own *o, struct lam_parse *x, const struct lam_w3c_layout *l,
	struct lam_str line, struct lam_error *e)
{
	struct lam_str value[LAM_W3C_VALUES + 1];
	struct lam_buf *out = &x->chunk->raw;
	bool doubled;
	uint32_t n;
	const char *why = split(line, o->quotes, value, &n, &doubled);

	if (!why && !l->n)
		why = "no #Fields line stands before it";
	if (why)
		return lam_line_reject(x, line, why, e);
	if (n > LAM_W3C_VALUES)
		return lam_line_reject(x, line, "too many values", e);
	if (n != l->n)
		return lam_chunk_reject(x->chunk, x->line, line, e, "%u value%s, "
			"expected %u, as #Fields says", n, n == 1 ? "" : "s",
			l->n);
	for (uint32_t i = 0; i < x->nfields; i++)
		lam_line_put(x, i, (struct lam_str){ NULL, 0 });
	for (uint32_t i = 0; i < n; i++) {
		if (doubled && value[i].p)
			undouble(x, &value[i]);
		if (l->field[i] != LAM_JSON_NO_FIELD)
			lam_line_put(x, l->field[i], value[i]);
	}
	if (l->ts != LAM_JSON_NO_FIELD)
		put_ts(x, l, value, out);
	put_rest(x, o, l, value, out);
	lam_parse_row(x);
	return LAM_OK;
}

static int
parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	const struct own *o = own;
	const struct lam_w3c_head *state = (const void *)(uintptr_t)x->state;
	struct lam_w3c_head h = state ? *state : (struct lam_w3c_head){ .date = "" };
	struct lam_w3c_layout *l = malloc(sizeof *l);
	struct lam_lines lines = lam_lines_of(x);
	struct lam_buf fields = LAM_BUF_INIT; /* the text may move */
	struct lam_str line;
	int r = l ? LAM_OK : lam_fail_mem(e);

	if (l)
		lam_w3c_lay_out(l, &o->tree, &h);
	while (!r && lam_lines_next(&lines, &line)) {
		struct lam_w3c_head said = h;

		if (*line.p != '#') {
			r = make_room(x, l, h.fields.n, &line, e);
			r = r ? r : parse_record(o, x, l, line, e);
			continue;
		}
		x->blank++;
		read_directive(line, &said);
		if (said.fields.p == h.fields.p &&
			!memcmp(said.date, h.date, LAM_W3C_DATE))
			continue;
		if (said.fields.p != h.fields.p) {
			lam_buf_clear(&fields);
			lam_buf_put(&fields, said.fields.p, said.fields.n);
			r = lam_buf_check(&fields, e);
			said.fields = (struct lam_str){ fields.p, fields.n };
		}
		h = said;
		lam_w3c_lay_out(l, &o->tree, &h);
	}
	lam_buf_release(&fields);
	free(l);
	return r;
}

/* --------------------------------------------------------------------- open */

/* The names that records have: of what stands before the first, or a later one. */
static int
look(void *own, const struct lam_buf *b, struct lam_error *e)
{
	struct own *o = own;
	struct lam_str rest = { b->p, b->n }, line;
	struct lam_w3c_head h = *o->first;
	bool seen = false; /* a record behind H */
	int r = LAM_OK;

	while (!r && lam_str_line(&rest, &line)) {
		if (line.n && *line.p == '#') {
			struct lam_w3c_head before = h;

			read_directive(line, &h);
			seen &= before.fields.p == h.fields.p &&
				!memcmp(before.date, h.date, LAM_W3C_DATE);
		} else if (line.n && !seen) {
			seen = true;
			r = lam_w3c_look(&o->tree, &h, e);
		}
	}
	return r ? r : lam_w3c_look(&o->tree, &h, e);
}

static void
close_w3c(void *own)
{
	struct own *o = own;

	lam_json_tree_release(&o->tree);
	lam_arena_release(&o->arena);
	free(o);
}

/* What was saved: "DATE FIELDS", or "- FIELDS". */
static int
restore(struct own *o, const char *saved, struct lam_error *e)
{
	struct lam_str all = { saved, strlen(saved) }, date;
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_w3c_head h = { .date = "" };
	int r = LAM_OK;

	if (!lam_str_cut(&all, ' ', &date) || !lam_unescape(all, &b))
		r = lam_fail(e, LAM_DATA, "what was kept of a #Fields line is "
			"damaged");
	if (!r && date.n == LAM_W3C_DATE)
		memcpy(h.date, date.p, LAM_W3C_DATE);
	h.fields = (struct lam_str){ b.p, b.n };
	if (!r)
		r = lam_buf_check(&b, e);
	if (!r)
		r = set_head(o, &h, e);
	lam_buf_release(&b);
	return r;
}

static int
open_w3c(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *opt, void **own, struct lam_error *e)
{
	struct lam_w3c_head h = { .fields = { self->text, self->text ?
		strlen(self->text) : 0 }, .date = "" };
	struct own *o = calloc(1, sizeof *o);
	int r;

	if (!o)
		return lam_fail_mem(e);
	*own = o;
	o->arena = (struct lam_arena)LAM_ARENA_INIT;
	o->quotes = self == &lam_format_w3c;
	lam_json_tree_init(&o->tree);
	o->tree.fixed = lam_w3c_types;
	o->tree.nfixed = lam_w3c_ntypes;
	r = opt->saved && *opt->saved ? restore(o, opt->saved, e) :
		set_head(o, &h, e);
	o->first = o->head;
	if (!r)
		r = lam_json_tree_fields(&o->tree, in, opt, look, o, &o->rest, e);
	o->head = o->first;
	return r;
}

static uint64_t
state_of(const void *own)
{
	return (uint64_t)(uintptr_t)((const struct own *)own)->head;
}

static int
save(const void *own, uint64_t state, struct lam_buf *out, struct lam_error *e)
{
	const struct lam_w3c_head *h = (const void *)(uintptr_t)state;

	(void)own;
	if (*h->date)
		lam_buf_put(out, h->date, LAM_W3C_DATE);
	else
		lam_buf_putc(out, '-');
	lam_buf_putc(out, ' ');
	lam_escape(h->fields, out);
	return lam_buf_check(out, e);
}

/* ------------------------------------------------------------------ formats */

/* It begins with a directive: who wrote it may be said there.  What follows may not be
 * there yet; the fields are the same for all three. */
static unsigned
guess(const struct lam_format *self, struct lam_str head)
{
	static const char name[] = "Internet Information Services";
	struct lam_str line = lam_str_first_line(head), s;
	bool fields = is_directive(line, "#Fields:", &s);
	bool cloudfront = fields && lam_w3c_has_word(s, "x-edge-location");
	bool software = is_directive(line, "#Software:", &s);
	bool iis = software && memmem(s.p, s.n, name, sizeof name - 1);

	if (self == &lam_format_iis)
		return iis ? 95 : 0;
	if (self == &lam_format_cloudfront)
		return cloudfront ? 95 : 0;
	return fields || software || is_directive(line, "#Version:", &s) ? 90 : 0;
}

#define W3C(NAME, TEXT, EXAMPLE) { .name = NAME, .text = TEXT, \
	.example = EXAMPLE, .takes = LAM_TAKES_FIELDS, .sparse = true, \
	.guess = guess, .open = open_w3c, .scan = scan, \
	.parse = parse, .close = close_w3c, .state = state_of, .save = save }

const struct lam_format lam_format_w3c = W3C("w3c", NULL,
	"#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken");

const struct lam_format lam_format_iis = W3C("iis", "date time s-ip cs-method "
	"cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
	"cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
	"2026-01-31 23:59:59 10.0.0.1 GET /a - 80 - 203.0.113.5 Moz - 200 0 0 46");

const struct lam_format lam_format_cloudfront = W3C("cloudfront", "date time "
	"x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
	"cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type "
	"x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
	"x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type "
	"cs-protocol-version fle-status fle-encrypted-fields c-port "
	"time-to-first-byte x-edge-detailed-result-type sc-content-type "
	"sc-content-len sc-range-start sc-range-end",
	"#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host)");
