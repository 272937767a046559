/*
 * section_parse.c - the header of a partial read, line by line (section.c)
 */
#include "partial/section.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "partial/spec.h"
#include "bind/bind.h"

struct parse {
	struct lam_str rest; /* lines not yet read */
	const char *where;
	bool hash;	     /* every line starts with '#' */
	struct lam_arena *a;
	struct lam_error *e;
};

static int
fault(struct parse *p, const char *word, const char *why)
{
	return lam_fail(p->e, LAM_DATA, "%s: header line \"%s\" %s", p->where,
		word, why);
}

/* The value of the next line, which must be WORD's. */
static int
line(struct parse *p, const char *word, struct lam_str *value)
{
	size_t n = strlen(word);
	struct lam_str l;

	if (p->rest.n == 0 || !lam_str_cut(&p->rest, '\n', &l))
		return fault(p, word, "is missing");
	if (p->hash && l.n && l.p[0] == '#')
		l = (struct lam_str){ l.p + 1, l.n - 1 };
	if (l.n <= n || memcmp(l.p, word, n) || l.p[n] != ' ')
		return fault(p, word, "is missing, or out of place");
	*value = (struct lam_str){ l.p + n + 1, l.n - n - 1 };
	return LAM_OK;
}

static int
parse_name(struct parse *p, const char *word, struct lam_str s,
	char out[LAM_NAME_MAX + 1])
{
	if (s.n > LAM_NAME_MAX || !lam_name_ok(s.p, s.n))
		return fault(p, word, "holds no valid name");
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return LAM_OK;
}

static int
parse_identity(struct parse *p, enum lam_section_form f,
	struct lam_section *s)
{
	struct lam_str v, name;
	uint64_t version;
	int rc;

	rc = line(p, lam_section_magic[f], &v);
	if (rc)
		return rc;
	if (!lam_str_u64(v, &version) || version == 0)
		return fault(p, lam_section_magic[f], "holds no version");
	if (version < LAM_PARTIAL_VERSION)
		return lam_fail(p->e, LAM_DATA, "%s: version %" PRIu64 ", of "
			"an older program; this one reads version %d: run "
			"lam-batch again", p->where, version, LAM_PARTIAL_VERSION);
	if (version != LAM_PARTIAL_VERSION)
		return lam_fail(p->e, LAM_DATA, "%s: version %" PRIu64 " is "
			"newer than %d, which this program reads: "
			"unsupported: use a newer program", p->where, version,
			LAM_PARTIAL_VERSION);
	rc = line(p, "view", &v);
	if (!rc)
		rc = parse_name(p, "view", v, s->view);
	if (!rc)
		rc = line(p, "stream", &v);
	if (rc)
		return rc;
	if (lam_str_is(v, "-")) {
		memcpy(s->stream, "-", 2);
		return LAM_OK;
	}
	if (!lam_str_cut(&v, ' ', &name) || v.n != LAM_ID_HEX ||
		memchr(v.p, 0, v.n))
		return fault(p, "stream", "wants a name and an id");
	memcpy(s->id, v.p, v.n);
	return parse_name(p, "stream", name, s->stream);
}

static int
parse_range(struct parse *p, struct lam_section *s)
{
	struct lam_str v, from;
	int rc;

	rc = line(p, "range", &v);
	if (rc)
		return rc;
	if (!lam_str_cut(&v, ' ', &from) || !v.p ||
		!lam_str_u64(from, &s->from) || !lam_str_u64(v, &s->to) ||
		s->from > s->to)
		return fault(p, "range", "wants two positions");
	rc = line(p, "spec", &v);
	if (rc)
		return rc;
	if (!lam_str_hex(v, &s->spec))
		return fault(p, "spec", "wants 16 hex digits");
	rc = line(p, "history", &v);
	if (rc)
		return rc;
	s->tied = !lam_str_is(v, "-");
	if (s->tied && (!lam_str_cut(&v, ' ', &from) || !v.p ||
		!lam_str_hex(from, &s->history[0]) ||
		!lam_str_hex(v, &s->history[1])))
		return fault(p, "history", "wants twice 16 hex digits, or -");
	return LAM_OK;
}

/* "NAME TYPE" with the name unescaped into the arena. */
static bool
parse_type(struct parse *p, struct lam_str s, struct lam_input_field *f)
{
	struct lam_buf name = LAM_BUF_INIT;
	size_t n = s.n;
	bool ok;

	while (n && s.p[n - 1] != ' ')
		n--;
	if (n < 2)
		return false;
	ok = lam_coltype_parse((struct lam_str){ s.p + n, s.n - n },
		&f->type) &&
		lam_unescape((struct lam_str){ s.p, n - 1 }, &name) &&
		!name.oom && lam_field_name_ok(name.p, name.n);
	if (ok)
		f->name = lam_arena_dup(p->a, name.p, name.n);
	lam_buf_release(&name);
	return ok && f->name;
}

/* What the header says of the stream and of the look-up files. */
struct relations {
	struct lam_relation stream;
	struct lam_ref_file *file[LAM_SQL_LEAVES];
	uint32_t nfiles, found;
};

static int
find_types(void *state, const struct lam_stage *scan,
	struct lam_relation *out, struct lam_error *e)
{
	const struct relations *r = state;

	(void)e;
	*out = r->stream;
	out->name = scan->name;
	return LAM_OK;
}

static int
parse_relation(struct parse *p, struct lam_str v, struct lam_relation *r)
{
	struct lam_str item;
	size_t n = 1;

	*r = (struct lam_relation){ .name = "" };
	for (size_t i = 0; i < v.n && n < LAM_FIELDS_MAX; i++)
		n += v.p[i] == '\t';
	r->field = LAM_ARENA_NEW(p->a, struct lam_input_field, n);
	if (!r->field)
		return lam_fail_mem(p->e);
	if (lam_str_is(v, "-"))
		return LAM_OK;
	while (lam_str_cut(&v, '\t', &item))
		if (r->nfields == n ||
			!parse_type(p, item, &r->field[r->nfields++]))
			return fault(p, "types", "wants names and types");
	return LAM_OK;
}

/* In the order in which the SQL names them: nobody evaluates it. */
static int
find_file(void *state, const char *name, struct lam_ref_file **out,
	struct lam_error *e)
{
	struct relations *r = state;

	if (r->found == r->nfiles || strcmp(r->file[r->found]->name, name))
		return lam_fail(e, LAM_DATA, "no line \"file\" tells of %s",
			name);
	*out = r->file[r->found++];
	return LAM_OK;
}

/* "HASH NAME", TAB, the columns. */
static int
parse_file(struct parse *p, struct lam_str v, struct lam_ref_file **out)
{
	struct lam_ref_file *f = LAM_ARENA_NEW(p->a, struct lam_ref_file, 1);
	struct lam_buf name = LAM_BUF_INIT;
	struct lam_relation r;
	struct lam_str hash, word;
	int rc = LAM_OK;

	if (!f)
		return lam_fail_mem(p->e);
	if (!lam_str_cut(&v, ' ', &hash) || !lam_str_hex(hash, &f->hash) ||
		!v.p || !lam_str_cut(&v, '\t', &word) || !v.p ||
		!lam_unescape(word, &name) || memchr(word.p, 0, word.n))
		rc = fault(p, "file", "wants a hash, a name and columns");
	if (!rc)
		rc = lam_buf_check(&name, p->e);
	if (!rc)
		rc = parse_relation(p, v, &r);
	if (!rc) {
		f->name = lam_arena_dup(p->a, name.n ? name.p : "", name.n);
		f->field = r.field;
		f->nfields = r.nfields;
		f->used = LAM_ARENA_NEW(p->a, bool, r.nfields + 1);
		if (!f->name || !f->used)
			rc = lam_fail_mem(p->e);
	}
	lam_buf_release(&name);
	*out = f;
	return rc;
}

static int
parse_files(struct parse *p, struct relations *r)
{
	const char *word = p->hash ? "#file " : "file ";
	size_t n = strlen(word);
	struct lam_str v;
	int rc = LAM_OK;

	while (!rc && p->rest.n > n && !memcmp(p->rest.p, word, n)) {
		rc = line(p, "file", &v);
		if (!rc && r->nfiles == LAM_SQL_LEAVES)
			rc = fault(p, "file", "is there too often");
		if (!rc)
			rc = parse_file(p, v, &r->file[r->nfiles++]);
	}
	return rc;
}

static int
parse_query(struct parse *p, const struct lam_query *q,
	struct lam_section *s)
{
	struct relations known = { .nfiles = 0 };
	struct lam_catalog catalog = { .state = &known, .find = find_types,
		.file = find_file };
	struct lam_buf sql = LAM_BUF_INIT;
	struct lam_query *bound = NULL;
	struct lam_str v, types;
	struct lam_error why = LAM_ERROR_INIT;
	const char *text;
	int rc;

	rc = line(p, "sql", &v);
	if (!rc)
		rc = line(p, "types", &types);
	if (!rc)
		rc = parse_files(p, &known);
	if (rc)
		return rc;
	s->query = q;
	if (q)
		return LAM_OK; /* compared by printing it again */
	rc = parse_relation(p, types, &known.stream);
	if (rc)
		goto out;
	rc = LAM_DATA;
	if (!lam_unescape(v, &sql) || (sql.n && memchr(sql.p, 0, sql.n)))
		rc = fault(p, "sql", "is not escaped text");
	else if (!(text = lam_arena_dup(p->a, sql.n ? sql.p : "", sql.n)))
		rc = lam_fail_mem(p->e);
	else {
		rc = lam_query_bind(text, s->view, true, &catalog, p->a,
			&bound, &why);
		if (rc)
			rc = lam_fail(p->e, rc == LAM_SYSTEM ? rc : LAM_DATA,
				"%s: header line \"sql\": %s", p->where,
				why.msg);
	}
	s->query = bound;
out:
	lam_buf_release(&sql);
	return rc;
}

static bool
parse_count(struct lam_str *v, const char *name, uint64_t *out)
{
	size_t n = strlen(name);
	struct lam_str item;

	if (!lam_str_cut(v, ' ', &item) || item.n <= n ||
		memcmp(item.p, name, n))
		return false;
	return lam_str_u64((struct lam_str){ item.p + n, item.n - n }, out);
}

static int
parse_faults(struct parse *p, struct lam_counts *c)
{
	struct lam_str v, n;
	int rc = line(p, "faults", &v);

	if (rc)
		return rc;
	if (!lam_str_cut(&v, ' ', &n) || !v.p || !lam_str_u64(n,
		&c->faults) || (!lam_str_is(v, "-") &&
		!lam_str_u64(v, &c->first_fault)))
		return fault(p, "faults", "wants a count and a position");
	if (lam_str_is(v, "-"))
		c->first_fault = LAM_NO_POSITION;
	return LAM_OK;
}

static int
parse_counts(struct parse *p, struct lam_section *s)
{
	struct lam_counts *c = &s->counts;
	struct lam_str v, item;
	int rc;

	rc = line(p, "counts", &v);
	if (rc)
		return rc;
	if (!parse_count(&v, "read=", &c->read) ||
		!parse_count(&v, "counted=", &c->counted) ||
		!parse_count(&v, "filtered=", &c->filtered) ||
		(v.p && !parse_count(&v, "rejected=", &c->rejected)) || v.p ||
		c->counted > c->read || c->filtered != c->read - c->counted ||
		c->read != s->to - s->from)
		return fault(p, "counts", "does not add up");
	rc = line(p, "nulls", &v);
	if (rc || !s->query->nstates)
		return rc;
	s->nulls = LAM_ARENA_NEW(p->a, uint64_t, s->query->nstates);
	if (!s->nulls)
		return lam_fail_mem(p->e);
	/* Labels are compared by printing; here only the numbers count. */
	for (uint32_t i = 0; i < s->query->nstates; i++) {
		size_t n;

		if (!s->query->state[i].arg[0])
			continue;
		if (!lam_str_cut(&v, '\t', &item))
			return fault(p, "nulls", "lacks a state");
		for (n = item.n; n && item.p[n - 1] != '='; n--)
			;
		item = (struct lam_str){ item.p + n, item.n - n };
		if (!lam_str_u64(item, &s->nulls[i]))
			return fault(p, "nulls", "wants LABEL=COUNT");
	}
	return LAM_OK;
}

/* Rule (4): the same bytes again.  Names the line that differs. */
static int
compare(struct parse *p, struct lam_str text, enum lam_section_form f,
	const struct lam_section *s)
{
	struct lam_buf again = LAM_BUF_INIT;
	struct lam_str a, b, x, y;
	int rc;

	lam_section_print(s, f, &again);
	rc = lam_buf_check(&again, p->e);
	if (rc)
		goto out;
	a = text;
	b = (struct lam_str){ again.p, again.n };
	while (lam_str_cut(&a, '\n', &x) && lam_str_cut(&b, '\n', &y)) {
		if (!lam_str_cmp(x, y))
			continue;
		rc = lam_fail(p->e, LAM_DATA, "%s: header line \"%.*s\" is "
			"not what its view says: \"%.*s\"", p->where,
			(int)(x.n < 200 ? x.n : 200), x.p,
			(int)(y.n < 200 ? y.n : 200), y.p);
		goto out;
	}
	if (text.n != again.n)
		rc = lam_fail(p->e, LAM_DATA, "%s: the header has more lines "
			"than it should", p->where);
out:
	lam_buf_release(&again);
	return rc;
}

int
lam_section_parse(struct lam_str text, enum lam_section_form f,
	const char *where, const struct lam_query *q, struct lam_arena *a,
	struct lam_section *s, struct lam_error *e)
{
	struct parse p = { text, where, f == LAM_SECTION_TEXT, a, e };
	uint64_t spec;
	bool known;
	int rc;

	*s = (struct lam_section){ .query = NULL };
	rc = parse_identity(&p, f, s);
	if (!rc)
		rc = parse_range(&p, s);
	if (!rc)
		rc = parse_query(&p, q, s);
	known = !rc && (q || !lam_spec_outside(s->query));
	if (known)
		rc = lam_spec_hash(s->query, NULL, &spec, e);
	if (!rc && known && spec != s->spec)
		rc = fault(&p, "spec", q ? "is of another definition" :
			"is not that of the sql and types below it, or of "
			"another version of lam: run lam-batch again");
	if (!rc)
		rc = parse_counts(&p, s);
	if (!rc)
		rc = parse_faults(&p, &s->counts);
	if (!rc)
		rc = compare(&p, text, f, s);
	return rc;
}
