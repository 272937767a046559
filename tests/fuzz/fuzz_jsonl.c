/*
 * fuzz_jsonl.c - JSON lines: the reader of records against the pull reader
 *
 * The fields are those of the lines before the first empty one, or of all; then each
 * line is read.  It is a record exactly if the pull reader says that it is an object.
 * Each field is what a walk with the pull reader finds, and what a record has beyond
 * its fields is in _rest, which is an object, too.  A line that has a shape is the
 * same record, and so is one of which a byte was changed; and in a text that is longer than
 * a list of quotes, too.  The size says by which instructions.
 */
#include "fuzz.h"
#include "../unit/json_check.h"
#include "input/input_chunk.h"

#define LONG 8192 /* bytes; mostly of more than LAM_SPECIALS */

static bool
is_object(struct lam_str s)
{
	struct lam_json_value v;
	struct lam_json j;

	lam_json_init(&j, s.p, s.n);
	return lam_json_peek(&j) == LAM_JSON_OBJECT && lam_json_skip(&j, &v) &&
		lam_json_end(&j);
}

struct walk {
	const struct lam_json_tree *tree;
	struct lam_buf value[JSON_FIELDS]; /* "~" or "<..." */
	bool more;
	unsigned passed; /* within values of keys that come again */
};

/* Whether the next key of M in J, an object O, stands before TO. */
static bool
has_key(const struct walk *w, const struct lam_json_object *o,
	const struct lam_json_member *m, struct lam_json j, const char *to)
{
	struct lam_json_value key, v;
	bool is;

	while (lam_json_key(&j, &key) && key.text.p < to) {
		char *name = malloc(key.text.n + 1);

		is = lam_json_tree_find(w->tree, o, (struct lam_str){ name,
			lam_json_unescape(key.text, name) }) == m;
		free(name);
		if (is)
			return true;
		(void)lam_json_skip(&j, &v);
	}
	return false;
}

/* The value of M is another one. */
static void
forget(struct walk *w, const struct lam_json_member *m)
{
	if (m->field != LAM_JSON_NO_FIELD)
		lam_buf_clear(&w->value[m->field]);
	for (uint32_t i = 0; m->object && i < m->object->n; i++)
		forget(w, &m->object->member[i]);
}

static void
walk(struct walk *w, const struct lam_json_object *o, struct lam_json *j)
{
	struct lam_json_value key, v;

	struct lam_json start, rest;

	MUST(lam_json_enter(j, LAM_JSON_OBJECT));
	start = *j;
	while (lam_json_key(j, &key)) {
		bool passed;
		char *name = malloc(key.text.n + 1);
		const struct lam_json_member *m;
		struct lam_buf *b;

		m = lam_json_tree_find(w->tree, o, (struct lam_str){ name,
			lam_json_unescape(key.text, name) });
		free(name);
		if (m && has_key(w, o, m, start, key.text.p))
			forget(w, m);
		rest = *j;
		passed = m && m->object && lam_json_skip(&rest, &v) &&
			has_key(w, o, m, rest, rest.end);
		if (m && m->object && lam_json_has_members(j)) {
			w->passed += passed;
			walk(w, m->object, j);
			w->passed -= passed;
			continue;
		}
		MUST(lam_json_skip(j, &v));
		if (!m || m->field == LAM_JSON_NO_FIELD) {
			w->more |= !w->passed && !passed &&
				(!m || v.type != LAM_JSON_NULL);
			continue;
		}
		b = &w->value[m->field];
		lam_buf_clear(b);
		if (v.type == LAM_JSON_NULL)
			continue;
		lam_buf_putc(b, '<');
		lam_buf_put(b, v.text.p, v.text.n);
		if (v.type == LAM_JSON_STRING && v.text.n)
			b->n = 1 + lam_json_unescape(v.text, b->p + 1);
	}
}

static void
check_cells(const struct walk *w, const struct lam_parse *x,
	const struct lam_buf *raw, uint32_t n)
{
	for (uint32_t f = 0; f < n; f++) {
		struct lam_cell c = x->cell[f][0];
		const struct lam_buf *want = &w->value[f];

		MUST(!want->n == (c.len == LAM_CELL_NULL));
		if (!want->n)
			continue;
		MUST((uint64_t)c.at + c.len <= raw->n && c.len == want->n - 1);
		MUST(!memcmp(raw->p + c.at, want->p + 1, c.len));
	}
	MUST(w->more == (x->cell[n][0].len != LAM_CELL_NULL));
	if (w->more)
		MUST(is_object((struct lam_str){ raw->p + x->cell[n][0].at,
			x->cell[n][0].len }));
}

static void
check_line(const struct lam_json_tree *t, uint32_t n, struct lam_str s)
{
	struct lam_json_reader r = LAM_JSON_READER_INIT;
	struct lam_cell cells[JSON_FIELDS + 1], *column[JSON_FIELDS + 1];
	struct lam_buf raw = LAM_BUF_INIT;
	struct walk w = { .tree = t };
	struct lam_parse x = { .nfields = n + 1, .cell = column };
	struct lam_json j;
	const char *why;

	for (uint32_t i = 0; i <= n; i++)
		column[i] = &cells[i];
	lam_buf_put(&raw, s.p, s.n);
	MUST(lam_buf_room(&raw, s.n + 2 * LAM_JSON_PAD));
	memset(raw.p + raw.n, 0, LAM_JSON_PAD);
	raw.n += LAM_JSON_PAD;
	x.text = raw.p;
	r.tree = t;
	r.x = &x;
	r.rest = n;
	r.out = &raw;
	MUST(!lam_json_record(&r, raw.p, s.n, &why, NULL));
	MUST(raw.p == x.text && !why == is_object(s));
	if (!why) {
		lam_json_init(&j, s.p, s.n);
		walk(&w, &t->root, &j);
		check_cells(&w, &x, &raw, n);
	}
	for (uint32_t i = 0; i < n; i++)
		lam_buf_release(&w.value[i]);
	lam_json_reader_release(&r);
	lam_buf_release(&raw);
}

/* Shapes are learnt from LINE; then lines that differ from it in a byte are none that
 * the reader would read differently. */
static void
check_shapes(struct lam_json_shapes *s, struct json_row row[2],
	const struct lam_json_tree *t, uint32_t n, struct lam_str line)
{
	static const char bytes[] = "\"\\,:{}[] 0-.etn\r\t\x01";
	bool taken;

	MUST(json_agrees(s, &row[0], &row[1], t, n, line, &taken));
	if (!taken) {
		json_row_set(&row[0], t, n, line);
		lam_json_shapes_learn(s, &row[0].reader, line);
	}
	for (size_t i = 0; i < line.n && i < 64; i++) {
		char *copy = fuzz_copy(line.p, line.n);

		copy[i * 37 % line.n] = bytes[(i + line.n) % (sizeof bytes - 1)];
		MUST(json_agrees(s, &row[0], &row[1], t, n,
			(struct lam_str){ copy, line.n }, &taken));
		free(copy);
	}
}

/* Lines of a text that is longer than a list of quotes, each as the reader reads it. */
static void
check_long(struct lam_json_shapes *s, struct json_row row[2],
	const struct lam_json_tree *t, uint32_t n, struct lam_str text)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_str rest, line;

	while (text.n && b.n < LONG) {
		lam_buf_put(&b, text.p, text.n);
		lam_buf_putc(&b, '\n');
	}
	json_row_set(&row[0], t, n, (struct lam_str){ b.p, b.n });
	rest = (struct lam_str){ row[0].raw.p, b.n };
	while (rest.n) {
		size_t at = (size_t)(rest.p - row[0].raw.p);
		size_t end = lam_json_shapes_take(s, &row[0].parse, at);

		line = fuzz_line(&rest);
		MUST(!end || end == at + line.n);
		line.n -= line.n && line.p[line.n - 1] == '\r';
		if (end)
			MUST(json_is_read(&row[0], &row[1], t, n, line));
		else
			lam_json_shapes_learn(s, &row[0].reader, line);
	}
	lam_buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct lam_json_shapes shapes;
	struct json_row row[2] = { { .reader = LAM_JSON_READER_INIT },
		{ .reader = LAM_JSON_READER_INIT } };
	enum lam_masks masks = (enum lam_masks)(size %
		((unsigned)lam_masks_best() + 1));
	char *text = fuzz_copy(data, size);
	struct lam_str rest = { text, size }, line;
	struct lam_json_tree t;
	uint32_t n = 0;

	lam_json_tree_init(&t);
	while (rest.n && (line = fuzz_line(&rest)).n)
		MUST(!lam_json_tree_record(&t, line.p, line.n, NULL));
	json_number(&t.root, &n);
	lam_json_shapes_init(&shapes, masks);
	for (rest = (struct lam_str){ text, size }; rest.n;) {
		line = fuzz_line(&rest);
		check_line(&t, n, line);
		check_shapes(&shapes, row, &t, n, line);
	}
	if (fuzz_seldom(data, size)) {
		lam_json_shapes_init(&shapes, masks);
		check_long(&shapes, row, &t, n, (struct lam_str){ text, size });
	}
	json_row_release(&row[0]);
	json_row_release(&row[1]);
	lam_json_tree_release(&t);
	free(text);
	return 0;
}
