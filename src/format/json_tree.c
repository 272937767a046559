/*
 * json_tree.c - which members of JSON objects are which fields
 *
 * Keys are written by whoever writes the log, so they are found by a seeded hash.
 * A name that is given may be the way to a member, or a key with points in it:
 * for "a.b.c" the tree has c in b in a, "b.c" in a, and "a.b.c".
 */
#include "format/json_tree.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/name.h"
#include "input/input_header.h"
#include "input/origin.h"
#include "time/time.h"

enum { /* lam_json_member.seen */
	NULLS = 1, NUMBERS = 2, STRINGS = 4, OTHERS = 8, DATES = 16,
	NO_DATES = 32, GIVEN = 64, ANY = 128
};

/* A way through the tree, as a name. */
struct way {
	char name[LAM_FIELD_NAME_MAX + 1];
	size_t n;
	unsigned level;
};

void
lam_json_tree_init(struct lam_json_tree *t)
{
	*t = (struct lam_json_tree){ .arena = LAM_ARENA_INIT,
		.seed = lam_hash_seed() };
}

void
lam_json_tree_release(struct lam_json_tree *t)
{
	lam_arena_release(&t->arena);
}

/* ------------------------------------------------------------------ members */

/* The slot of KEY, or the free one where it belongs. */
static uint16_t *
slot_of(const struct lam_json_tree *t, const struct lam_json_object *o,
	struct lam_str key)
{
	uint64_t i = lam_hash(key.p, key.n, t->seed);

	for (;; i++) {
		uint16_t *s = &o->slot[i & (o->slots - 1)];

		if (!*s || !lam_str_cmp(o->member[*s - 1].key, key))
			return s;
	}
}

struct lam_json_member *
lam_json_tree_find(const struct lam_json_tree *t,
	const struct lam_json_object *o, struct lam_str key)
{
	uint16_t *s = o->n ? slot_of(t, o, key) : NULL;

	return s && *s ? &o->member[*s - 1] : NULL;
}

static int
grow(struct lam_json_tree *t, struct lam_json_object *o, struct lam_error *e)
{
	struct lam_json_member *old = o->member;

	o->cap = o->cap ? 2 * o->cap : 8;
	o->slots = 4 * (size_t)o->cap;
	o->member = LAM_ARENA_NEW(&t->arena, struct lam_json_member, o->cap);
	o->slot = LAM_ARENA_NEW(&t->arena, uint16_t, o->slots);
	if (!o->member || !o->slot)
		return lam_fail_mem(e);
	for (uint32_t i = 0; i < o->n; i++) {
		o->member[i] = old[i];
		*slot_of(t, o, old[i].key) = (uint16_t)(i + 1);
	}
	return LAM_OK;
}

/* A key that is never written so has no head: it is found by its hash only. */
static void
set_head(struct lam_json_member *m)
{
	size_t n = m->key.n + 1 < 8 ? m->key.n + 1 : 8;

	m->mask = UINT64_MAX >> 8 * (8 - n);
	m->head = lam_get64(m->key.p) & m->mask;
	for (size_t i = 0; i < m->key.n; i++)
		if ((unsigned char)m->key.p[i] < 0x20 || m->key.p[i] == '"' ||
			m->key.p[i] == '\\')
			m->head = m->mask + 1; /* more than any */
	if (m->mask == UINT64_MAX && !m->head)
		m->mask = 0, m->head = 1;
}

/* The member of O with that key, made when there is none. */
static int
put(struct lam_json_tree *t, struct lam_json_object *o, struct lam_str key,
	struct lam_json_member **out, struct lam_error *e)
{
	struct lam_json_member *m = lam_json_tree_find(t, o, key);
	char *text;

	*out = m;
	if (m)
		return LAM_OK;
	if (o->n == o->cap && grow(t, o, e))
		return LAM_SYSTEM;
	text = lam_arena_calloc(&t->arena, key.n + 9, 1);
	if (!text)
		return lam_fail_mem(e);
	memcpy(text, key.p, key.n);
	text[key.n] = '"';
	*out = m = &o->member[o->n];
	*m = (struct lam_json_member){ .key = { text, key.n },
		.field = LAM_JSON_NO_FIELD };
	set_head(m);
	*slot_of(t, o, m->key) = (uint16_t)++o->n;
	return LAM_OK;
}

static int
put_object(struct lam_json_tree *t, struct lam_json_member *m,
	struct lam_error *e)
{
	if (!m->object)
		m->object = LAM_ARENA_NEW(&t->arena, struct lam_json_object, 1);
	return m->object ? LAM_OK : lam_fail_mem(e);
}

/* --------------------------------------------------------------- what comes */

int
lam_json_tree_name(struct lam_json_tree *t, const char *name, uint32_t field,
	bool pointed, struct lam_error *e)
{
	struct lam_json_object *o = &t->root;
	struct lam_str rest = { name, strlen(name) };
	struct lam_json_member *m;
	int r = LAM_OK;

	t->leaves += !pointed;
	for (unsigned level = 1;; level++) {
		const char *point = memchr(rest.p, '.', rest.n);
		bool last = !point || level == LAM_JSON_LEVELS;

		if (last != pointed) {
			r = put(t, o, rest, &m, e);
			if (r)
				return r;
			m->field = field;
			m->seen |= GIVEN;
		}
		if (last)
			return LAM_OK;
		r = put(t, o, (struct lam_str){ rest.p,
			(size_t)(point - rest.p) }, &m, e);
		if (!r)
			r = put_object(t, m, e);
		if (r)
			return r;
		o = m->object;
		rest.n -= (size_t)(point + 1 - rest.p);
		rest.p = point + 1;
	}
}

/* The field of what has none, and those of --origin: a member of such a name is in
 * the former, as others are. */
static bool
is_taken(const struct lam_json_tree *t, struct lam_str key)
{
	return (key.n == 5 && !memcmp(key.p, "_rest", 5)) ||
		lam_origin_has(t->origin, key);
}

int
lam_json_tree_key(struct lam_json_tree *t, struct lam_str key,
	struct lam_error *e)
{
	struct lam_json_member *m = lam_json_tree_find(t, &t->root, key);
	int r = LAM_OK;

	if (!lam_field_name_ok(key.p, key.n) || is_taken(t, key) ||
		(!m && t->leaves >= LAM_JSON_FIELDS)) {
		t->full = true;
		return LAM_OK;
	}
	if (!m)
		r = put(t, &t->root, key, &m, e);
	if (r)
		return r;
	t->leaves += !m->seen;
	m->seen |= ANY;
	return LAM_OK;
}

/* What the value that comes next says of M. */
static bool
look_at_value(struct lam_json *j, struct lam_json_member *m)
{
	struct lam_json_value v;
	int64_t ns;

	if (!lam_json_skip(j, &v))
		return false;
	if (v.type == LAM_JSON_NULL)
		m->seen |= NULLS;
	else if (v.type == LAM_JSON_NUMBER)
		m->seen |= NUMBERS;
	else if (v.type != LAM_JSON_STRING)
		m->seen |= OTHERS;
	else
		m->seen |= STRINGS;
	if (v.type == LAM_JSON_STRING && v.text.n && !(m->seen & NO_DATES))
		m->seen |= lam_time_parse(v.text.p, v.text.n, &ns, NULL)
			? DATES : NO_DATES;
	return true;
}

/* W grows by KEY; false: not a name then. */
static bool
extend(struct way *w, struct lam_str key)
{
	size_t n = w->n + (w->level > 0) + key.n;

	if (n > LAM_FIELD_NAME_MAX)
		return false;
	if (w->level++)
		w->name[w->n++] = '.';
	memcpy(w->name + w->n, key.p, key.n);
	w->n = n;
	return !n || lam_field_name_ok(w->name, n);
}

static int look_at_object(struct lam_json_tree *t, struct lam_json_object *o,
	struct lam_json *j, const struct way *way, struct lam_error *e);

static int
look_at_member(struct lam_json_tree *t, struct lam_json_object *o,
	struct lam_json *j, struct lam_json_value *key, const struct way *way,
	struct lam_error *e)
{
	char text[6 * LAM_FIELD_NAME_MAX];
	struct lam_json_member *m;
	struct way here = *way;
	bool object;
	int r;

	if (key->text.n <= sizeof text && key->escaped)
		key->text = (struct lam_str){ text,
			lam_json_unescape(key->text, text) };
	m = lam_json_tree_find(t, o, key->text);
	if (!extend(&here, key->text) || (!way->level && is_taken(t, key->text)) ||
		(!m && (t->leaves >= LAM_JSON_FIELDS || o->n >= LAM_JSON_FIELDS))) {
		t->full = true;
		return lam_json_skip(j, key), LAM_OK;
	}
	r = m ? LAM_OK : put(t, o, key->text, &m, e);
	object = here.level < LAM_JSON_LEVELS && lam_json_has_members(j);
	if (!r && object)
		r = put_object(t, m, e);
	if (!r && object)
		return look_at_object(t, m->object, j, &here, e);
	if (r)
		return r;
	t->leaves += !m->seen;
	return look_at_value(j, m), LAM_OK;
}

static int
look_at_object(struct lam_json_tree *t, struct lam_json_object *o,
	struct lam_json *j, const struct way *way, struct lam_error *e)
{
	struct lam_json_value key;
	int r = LAM_OK;

	if (!lam_json_enter(j, LAM_JSON_OBJECT))
		return LAM_OK;
	while (!r && lam_json_key(j, &key))
		r = look_at_member(t, o, j, &key, way, e);
	return r;
}

int
lam_json_tree_record(struct lam_json_tree *t, const char *p, size_t n,
	struct lam_error *e)
{
	struct lam_json_value v;
	struct way way = { .n = 0 };
	struct lam_json j;

	lam_json_init(&j, p, n);
	if (lam_json_peek(&j) != LAM_JSON_OBJECT || !lam_json_skip(&j, &v) ||
		!lam_json_end(&j))
		return LAM_OK;
	t->any = true;
	lam_json_init(&j, p, n);
	return look_at_object(t, &t->root, &j, &way, e);
}

/* ------------------------------------------------------------------- fields */

/* Of field NAME, in whose values SEEN was. */
static struct lam_coltype
type_of(const struct lam_json_tree *t, struct lam_str name, unsigned seen)
{
	unsigned values = seen & (NUMBERS | STRINGS | OTHERS);

	for (size_t i = 0; i < t->nfixed; i++)
		/* What counts may be written as a date, as programs are told. */
		if (lam_str_is(name, t->fixed[i].name) && !(t->fixed[i].type.unit &&
			values == STRINGS && (seen & (DATES | NO_DATES)) == DATES))
			return t->fixed[i].type;

	if (values == NUMBERS)
		return (struct lam_coltype){ LAM_NUMBER, 0 };
	if (values == STRINGS && (seen & (DATES | NO_DATES)) == DATES)
		return (struct lam_coltype){ LAM_TIME, 0 };
	return (struct lam_coltype){ values ? LAM_TEXT : LAM_TYPES, 0 };
}

/* What the names that were given are, by their numbers. */
struct given {
	struct lam_str *name;
	unsigned *seen;
};

struct declaring {
	struct lam_json_tree *t;
	struct lam_input *in;
	struct given given;
	uint32_t n; /* declared so far */
};

/* M, at HERE, becomes a field; so does the key that is its name with points in it. */
static int
declare(struct declaring *d, struct lam_json_member *m, const struct way *here,
	struct lam_error *e)
{
	struct lam_str name = { here->name, here->n };
	struct lam_json_member *same = lam_json_tree_find(d->t, &d->t->root,
		name);
	uint32_t *known = &(same && same->seen ? same : m)->field;

	if (*known == LAM_JSON_NO_FIELD) {
		if (lam_input_add_field(d->in, name, type_of(d->t, name,
			m->seen | (same ? same->seen : 0)), e))
			return LAM_SYSTEM;
		*known = d->n++;
	}
	m->field = *known;
	return LAM_OK;
}

/*
 * Visit the members of O: those that were GIVEN note what was seen of them, or,
 * the second time, the others become fields.  A member that is an object, and
 * otherwise null, is no field.
 */
static int
visit(struct declaring *d, struct lam_json_object *o, const struct way *way,
	bool given, struct lam_error *e)
{
	int r = LAM_OK;

	for (uint32_t i = 0; !r && i < o->n; i++) {
		struct lam_json_member *m = &o->member[i];
		struct way here = *way;

		if (!extend(&here, m->key) && !given)
			continue;
		if (given && (m->seen & GIVEN)) {
			d->given.seen[m->field] |= m->seen;
			if (!way->level)
				d->given.name[m->field] = m->key;
		} else if (!given && !(m->seen & GIVEN) && m->seen &&
			!(m->object && m->seen == NULLS)) {
			r = declare(d, m, &here, e);
		}
		if (!r && m->object)
			r = visit(d, m->object, &here, given, e);
	}
	return r;
}

static int
declare_given(struct declaring *d, uint32_t n, struct lam_error *e)
{
	struct way way = { .n = 0 };
	int r;

	d->given.name = LAM_ARENA_NEW(&d->t->arena, struct lam_str, n + 1);
	d->given.seen = LAM_ARENA_NEW(&d->t->arena, unsigned, n + 1);
	if (!d->given.name || !d->given.seen)
		return lam_fail_mem(e);
	r = visit(d, &d->t->root, &way, true, e);
	for (; !r && d->n < n; d->n++)
		r = lam_input_add_field(d->in, d->given.name[d->n],
			type_of(d->t, d->given.name[d->n],
			d->given.seen[d->n]), e);
	return r;
}

/* How many names were given: their fields are the first numbers. */
static uint32_t
count_given(const struct lam_json_object *root)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < root->n; i++)
		if ((root->member[i].seen & GIVEN) &&
			root->member[i].field >= n)
			n = root->member[i].field + 1;
	return n;
}

int
lam_json_tree_declare(struct lam_json_tree *t, struct lam_input *in,
	uint32_t *n, struct lam_error *e)
{
	struct declaring d = { .t = t, .in = in };
	struct way way = { .n = 0 };
	int r = declare_given(&d, count_given(&t->root), e);

	if (!r)
		r = visit(&d, &t->root, &way, false, e);
	*n = d.n;
	return r;
}
