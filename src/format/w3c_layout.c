/*
 * w3c_layout.c - what the line #Fields says of the records behind it
 *
 * A name has the field of the built-in formats, where there is one (renames), else it
 * is itself in small letters, with "_" for what is no letter or digit.  Of two that
 * have the same one the second goes to the rest.
 */
#include "format/w3c_layout.h"

#include "base/escape.h"
#include "base/name.h"
#include "format/line.h"

static const struct {
	const char *name, *field;
} renames[] = {
	{ "c_ip", "ip" }, { "cs_username", "user" }, { "cs_method", "method" },
	{ "cs_uri_stem", "path" }, { "cs_uri_query", "query" },
	{ "cs_version", "protocol" }, { "cs_protocol_version", "protocol" },
	{ "sc_status", "status" }, { "sc_bytes", "bytes" },
	{ "cs_bytes", "bytes_in" }, { "cs_user_agent", "agent" },
	{ "cs_referer", "referer" }, { "cs_host", "host" },
	{ "s_port", "port" }, { "c_port", "remote_port" },
	{ "x_forwarded_for", "forwarded" },
};

/* Of other fields the values say the type. */
const struct lam_line_field lam_w3c_types[] = {
	{ "ts", { LAM_TIME, 0 } }, { "ip", { LAM_TEXT, 0 } },
	{ "user", { LAM_TEXT, 0 } }, { "method", { LAM_TEXT, 0 } },
	{ "path", { LAM_TEXT, 0 } }, { "query", { LAM_TEXT, 0 } },
	{ "protocol", { LAM_TEXT, 0 } }, { "agent", { LAM_TEXT, 0 } },
	{ "referer", { LAM_TEXT, 0 } }, { "host", { LAM_TEXT, 0 } },
	{ "forwarded", { LAM_TEXT, 0 } }, { "cs_cookie", { LAM_TEXT, 0 } },
	{ "s_ip", { LAM_TEXT, 0 } }, { "status", { LAM_NUMBER, 0 } },
	{ "bytes", { LAM_NUMBER, 0 } }, { "bytes_in", { LAM_NUMBER, 0 } },
	{ "port", { LAM_NUMBER, 0 } }, { "remote_port", { LAM_NUMBER, 0 } },
	{ "time_taken", { LAM_NUMBER, 0 } },
	{ "sc_substatus", { LAM_NUMBER, 0 } },
	{ "sc_win32_status", { LAM_NUMBER, 0 } },
	{ "sc_content_len", { LAM_NUMBER, 0 } },
	{ "sc_range_start", { LAM_NUMBER, 0 } },
	{ "sc_range_end", { LAM_NUMBER, 0 } },
	{ "time_to_first_byte", { LAM_NUMBER, 0 } },
};
const size_t lam_w3c_ntypes = sizeof lam_w3c_types / sizeof *lam_w3c_types;

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
lam_w3c_word(struct lam_str *rest, struct lam_str *out)
{
	while (rest->n && is_blank(*rest->p)) {
		rest->p++;
		rest->n--;
	}
	*out = (struct lam_str){ rest->p, 0 };
	while (rest->n && !is_blank(*rest->p)) {
		rest->p++;
		rest->n--;
		out->n++;
	}
	return out->n != 0;
}

bool
lam_w3c_has_word(struct lam_str s, const char *word)
{
	struct lam_str w;

	while (lam_w3c_word(&s, &w))
		if (lam_str_is(w, word))
			return true;
	return false;
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_word(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		(unsigned char)c > 127;
}

/* The field of NAME, in TEXT; date and time are for the caller. */
static struct lam_str
field_name(struct lam_str name, char text[LAM_FIELD_NAME_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < name.n && n < LAM_FIELD_NAME_MAX; i++) {
		char c = name.p[i];

		if (is_word(c))
			text[n++] = is_upper(c) ? c | 32 : c;
		else if (n && i + 1 < name.n && text[n - 1] != '_')
			text[n++] = '_';
	}
	for (size_t i = 0; i < sizeof renames / sizeof *renames; i++)
		if (lam_str_is((struct lam_str){ text, n }, renames[i].name))
			return (struct lam_str){ renames[i].field,
				strlen(renames[i].field) };
	return (struct lam_str){ text, n };
}

/* Whether date and time of records behind H become ts. */
static bool
has_ts(const struct lam_w3c_head *h)
{
	return lam_w3c_has_word(h->fields, "time") && (*h->date ||
		lam_w3c_has_word(h->fields, "date"));
}

static uint32_t
find_field(const struct lam_json_tree *t, struct lam_str name)
{
	const struct lam_json_member *m = lam_json_tree_find(t, &t->root, name);

	return m ? m->field : LAM_JSON_NO_FIELD;
}

/* The field of the last value of L, whose name is WORD. */
static uint32_t
place(const struct lam_w3c_layout *l, const struct lam_json_tree *t,
	struct lam_str word)
{
	char text[LAM_FIELD_NAME_MAX];
	uint32_t f = find_field(t, field_name(word, text));

	for (uint32_t i = 0; i + 1 < l->n; i++)
		if (l->field[i] == f)
			return LAM_JSON_NO_FIELD;
	return f;
}

/* Where L has the place of WORD, if that is a part of ts; else NULL. */
static uint32_t *
part_of_ts(struct lam_w3c_layout *l, struct lam_str word)
{
	if (l->has_ts && lam_str_is(word, "date"))
		return &l->date;
	return l->has_ts && lam_str_is(word, "time") ? &l->time : NULL;
}

void
lam_w3c_lay_out(struct lam_w3c_layout *l, const struct lam_json_tree *t,
	const struct lam_w3c_head *h)
{
	struct lam_str rest = h->fields, word;

	l->n = 0;
	l->has_ts = has_ts(h);
	l->date = l->time = l->ts = LAM_JSON_NO_FIELD;
	l->day = *h->date ? h->date : NULL;
	l->all = true;
	if (l->has_ts)
		l->ts = find_field(t, (struct lam_str){ "ts", 2 });
	while (lam_w3c_word(&rest, &word) && l->n++ < LAM_W3C_VALUES) {
		uint32_t i = l->n - 1, *part = part_of_ts(l, word);

		l->name[i] = word;
		l->field[i] = LAM_JSON_NO_FIELD;
		if (part && *part == LAM_JSON_NO_FIELD)
			*part = i;
		else if (!part)
			l->field[i] = place(l, t, word);
		l->all &= l->field[i] != LAM_JSON_NO_FIELD || i == l->date ||
			i == l->time;
	}
}

int
lam_w3c_look(struct lam_json_tree *t, const struct lam_w3c_head *h,
	struct lam_error *e)
{
	struct lam_str rest = h->fields, word;
	char text[LAM_FIELD_NAME_MAX];
	ptrdiff_t seen[LAM_W3C_VALUES]; /* members of this head */
	const struct lam_json_member *m;
	bool ts = has_ts(h), date = false, time = false;
	uint32_t n = 0;
	int r = ts ? lam_json_tree_key(t, (struct lam_str){ "ts", 2 }, e) :
		LAM_OK;

	while (!r && lam_w3c_word(&rest, &word)) {
		bool is_date = ts && lam_str_is(word, "date");
		bool is_time = ts && lam_str_is(word, "time");

		t->full |= (is_date && date) || (is_time && time);
		date |= is_date;
		time |= is_time;
		if (is_date || is_time)
			continue;
		word = field_name(word, text);
		r = lam_json_tree_key(t, word, e);
		m = lam_json_tree_find(t, &t->root, word);
		for (uint32_t i = 0; m && i < n; i++)
			t->full |= seen[i] == m - t->root.member;
		if (m && n < LAM_W3C_VALUES)
			seen[n++] = m - t->root.member;
	}
	return r;
}
