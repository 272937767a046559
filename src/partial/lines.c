/*
 * lines.c - the line form of partials: its bytes
 *
 *	record	:= VIEW TAB KEY TAB STATE [","] COUNTED LF
 *	header	:= "#" VIEW TAB FROM "-" TO TAB SUM TAB TEXT LF
 *
 * A record is one of the partial text with one component more, a count; so where
 * there is a STATE a comma is in between.  SUM is the sum of COUNTED times XXH3-64
 * of "VIEW TAB KEY TAB" over all records, modulo 2^64, 16 hex digits.  TEXT is the
 * header of the section, escaped to one line.  No view's name has a "#", so nothing
 * else sorts to it.
 */
#include "partial/lines.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/hash.h"

/* Behind the second TAB of LINE; 0: there is none. */
static size_t
key_length(struct lam_str line)
{
	const char *tab = line.n ? memchr(line.p, '\t', line.n) : NULL;
	const char *end = line.p + line.n;

	if (tab)
		tab = memchr(tab + 1, '\t', (size_t)(end - tab - 1));
	return tab ? (size_t)(tab - line.p) + 1 : 0;
}

int
lam_lines_fault(const char *where, struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: not VIEW TAB KEY TAB STATE with a count "
		"at its end, as lam-batch --lines writes", where);
}

bool
lam_lines_split(struct lam_str line, struct lam_str *key,
	struct lam_str *state, uint64_t *counted)
{
	size_t at = line.n;

	key->p = line.p;
	key->n = key_length(line);
	*state = (struct lam_str){ line.p + key->n, line.n - key->n };
	if (!key->n)
		return false;
	while (at > key->n && line.p[at - 1] != ',')
		at--;
	return lam_str_u64((struct lam_str){ line.p + at, line.n - at },
		counted);
}

int
lam_lines_add(struct lam_lines_sum *sum, struct lam_str text,
	struct lam_error *e)
{
	struct lam_str line, key, state;
	uint64_t n;

	while (text.n && lam_str_cut(&text, '\n', &line)) {
		if (!lam_lines_split(line, &key, &state, &n))
			return lam_lines_fault("partial", e);
		if (sum->counted > UINT64_MAX - n)
			return lam_fail(e, LAM_DATA, "counts beyond 64 bits");
		sum->counted += n;
		sum->keys += n * lam_checksum(key.p, key.n);
	}
	return LAM_OK;
}

void
lam_lines_header(const struct lam_section *s, const struct lam_lines_sum *sum,
	struct lam_buf *out)
{
	struct lam_buf text = LAM_BUF_INIT;

	lam_section_print(s, LAM_SECTION_TEXT, &text);
	lam_buf_printf(out, "#%s\t%" PRIu64 "-%" PRIu64 "\t%016" PRIx64 "\t",
		s->view, s->from, s->to, sum->keys);
	if (text.n)
		lam_escape((struct lam_str){ text.p, text.n }, out);
	lam_buf_putc(out, '\n');
	out->oom |= text.oom;
	lam_buf_release(&text);
}

int
lam_lines_parse_header(struct lam_str line, const char *where,
	struct lam_arena *a, struct lam_section *s, struct lam_lines_sum *sum,
	struct lam_error *e)
{
	struct lam_str rest = line, view, range, keys;
	struct lam_buf text = LAM_BUF_INIT, again = LAM_BUF_INIT;
	int rc = LAM_OK;

	if (!lam_str_cut(&rest, '\t', &view) || !rest.p ||
		!lam_str_cut(&rest, '\t', &range) || !rest.p ||
		!lam_str_cut(&rest, '\t', &keys) || !rest.p ||
		!lam_str_hex(keys, &sum->keys) || !lam_unescape(rest, &text))
		rc = lam_fail(e, LAM_DATA, "%s: not a header line, as lam-batch "
			"--lines writes", where);
	if (!rc)
		rc = lam_buf_check(&text, e);
	if (!rc)
		rc = lam_section_parse((struct lam_str){ text.p, text.n },
			LAM_SECTION_TEXT, where, NULL, a, s, e);
	if (!rc) {
		sum->counted = s->counts.counted;
		lam_lines_header(s, sum, &again);
		rc = lam_buf_check(&again, e);
	}
	/* The same bytes again: view and range are those of the text, too. */
	if (!rc && (again.n != line.n + 1 || memcmp(again.p, line.p, line.n)))
		rc = lam_fail(e, LAM_DATA, "%s: the header line is of another view "
			"or range than the header in it", where);
	lam_buf_release(&text);
	lam_buf_release(&again);
	return rc;
}
