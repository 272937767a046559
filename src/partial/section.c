/*
 * section.c - the header of a partial
 *
 * Lines, in this order ("#" before each in the text form):
 *
 *	lam-partial 2			format version (index: lam-index 2)
 *	view NAME
 *	stream NAME ID			ad hoc input: stream -
 *	range FROM TO
 *	spec HEX16
 *	history HEX16 HEX16		of the log before FROM and before TO
 *					(log/segment.c); not known: history -
 *	sql TEXT			normalised, escaped
 *	types NAME TYPE TAB ...		of the fields read, by name; none: -
 *	file HEX16 NAME TAB COLUMN TYPE TAB ...
 *					for each look-up file, if there are any: the
 *					hash of its bytes, and the columns read
 *	counts read=N counted=N filtered=N [rejected=N]
 *					rejected: lines of ad hoc input that were no
 *					records; if there were any
 *	nulls LABEL=N TAB ...		counted rows whose argument was NULL,
 *					per state with an argument; none: -
 *	faults N FIRST			values that could not be computed, and the
 *					position of the first; none: faults 0 -.
 *					FIRST of ad hoc input is -: its positions
 *					are not those of what it is merged with
 *	columns ROLE NAME TYPE TAB ...	the partial relation; ROLE: key, state
 *
 * Valid iff (1) every line is there, in order, and nothing else; (2) names,
 * numbers and types parse, FROM <= TO, read = counted + filtered <= TO - FROM
 * (ad hoc: = TO - FROM); (3) the SQL binds against the types; (4) printing
 * what was understood gives the same bytes, so spec, columns and every label
 * are what the SQL says.  (4) makes a header that differs in any byte from
 * what this version writes a visible fault.
 */
#include "partial/section.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "log/history.h"
#include "partial/spec.h"

const char *const lam_section_magic[] = { "lam-partial", "lam-index" };

static struct lam_str
str(const char *s)
{
	return (struct lam_str){ s, strlen(s) };
}

int
lam_section_name(struct lam_section *s, const char *name, struct lam_error *e)
{
	if (!lam_name_ok(name, strlen(name)))
		return lam_fail(e, LAM_USAGE, "%s: the name of a section is a "
			"letter or underscore, then letters, digits, _ or -",
			name);
	memcpy(s->view, name, strlen(name) + 1);
	return LAM_OK;
}

static void
print_nulls(const struct lam_section *s, struct lam_buf *out)
{
	const struct lam_query *q = s->query;
	bool any = false;

	for (uint32_t i = 0; i < q->nstates; i++) {
		if (!q->state[i].arg[0])
			continue;
		lam_buf_putc(out, any ? '\t' : ' ');
		lam_escape(str(q->state[i].label), out);
		lam_buf_printf(out, "=%" PRIu64, s->nulls ? s->nulls[i] : 0);
		any = true;
	}
	if (!any)
		lam_buf_puts(out, " -");
}

static void
print_columns(const struct lam_query *q, struct lam_buf *out)
{
	uint32_t n = lam_query_columns(q);

	for (uint32_t c = 0; c < n; c++) {
		const char *name;
		uint8_t type;

		lam_query_column(q, c, &name, &type);
		lam_buf_putc(out, c ? '\t' : ' ');
		lam_buf_puts(out, c < q->nkeys ? "key " : "state ");
		lam_escape(str(name), out);
		lam_buf_putc(out, ' ');
		lam_buf_puts(out, lam_type_name[type]);
	}
	if (n == 0)
		lam_buf_puts(out, " -");
}

void
lam_section_print(const struct lam_section *s, enum lam_section_form f,
	struct lam_buf *out)
{
	const char *h = f == LAM_SECTION_TEXT ? "#" : "";
	struct lam_buf types = LAM_BUF_INIT;

	lam_spec_types(s->query, &types);
	lam_buf_printf(out, "%s%s %d\n%sview %s\n%sstream %s%s%s\n", h,
		lam_section_magic[f], LAM_PARTIAL_VERSION, h, s->view, h, s->stream,
		*s->id ? " " : "", s->id);
	lam_buf_printf(out, "%srange %" PRIu64 " %" PRIu64 "\n"
		"%sspec %016" PRIx64 "\n", h, s->from, s->to, h, s->spec);
	if (s->tied)
		lam_buf_printf(out, "%shistory %016" PRIx64 " %016" PRIx64
			"\n", h, s->history[0], s->history[1]);
	else
		lam_buf_printf(out, "%shistory -\n", h);
	lam_buf_printf(out, "%ssql ", h);
	lam_escape(str(s->query->normal), out);
	lam_buf_printf(out, "\n%stypes ", h);
	if (types.n)
		lam_buf_put(out, types.p, types.n);
	else
		lam_buf_putc(out, '-');
	for (uint32_t i = 0; i < s->query->nfiles; i++) {
		lam_buf_printf(out, "\n%sfile ", h);
		lam_spec_file(s->query->file[i], out);
	}
	lam_buf_printf(out, "\n%scounts read=%" PRIu64 " counted=%" PRIu64
		" filtered=%" PRIu64, h, s->counts.read, s->counts.counted,
		s->counts.filtered);
	if (s->counts.rejected)
		lam_buf_printf(out, " rejected=%" PRIu64, s->counts.rejected);
	lam_buf_printf(out, "\n%snulls", h);
	print_nulls(s, out);
	lam_buf_printf(out, "\n%sfaults %" PRIu64 " ", h, s->counts.faults);
	if (s->counts.faults && *s->id)
		lam_buf_printf(out, "%" PRIu64, s->counts.first_fault);
	else
		lam_buf_putc(out, '-');
	lam_buf_printf(out, "\n%s" LAM_SECTION_LAST, h);
	print_columns(s->query, out);
	lam_buf_putc(out, '\n');
	out->oom |= types.oom;
	lam_buf_release(&types);
}

int
lam_section_tie(struct lam_section *s, struct lam_stream *stream,
	struct lam_error *e)
{
	bool known[2];
	int rc;

	rc = lam_stream_history(stream, s->from, &known[0], &s->history[0], e);
	if (!rc)
		rc = lam_stream_history(stream, s->to, &known[1],
			&s->history[1], e);
	s->tied = !rc && known[0] && known[1];
	return rc;
}

static int
add(uint64_t *to, uint64_t v, struct lam_error *e)
{
	if (*to > UINT64_MAX - v)
		return lam_fail(e, LAM_DATA, "counts beyond 64 bits");
	*to += v;
	return LAM_OK;
}

int
lam_section_add(struct lam_section *to, const struct lam_section *from,
	struct lam_error *e)
{
	int rc;

	rc = add(&to->counts.read, from->counts.read, e);
	if (!rc)
		rc = add(&to->counts.counted, from->counts.counted, e);
	if (!rc)
		rc = add(&to->counts.filtered, from->counts.filtered, e);
	if (!rc)
		rc = add(&to->counts.rejected, from->counts.rejected, e);
	if (!rc && to->counts.faults > UINT64_MAX - from->counts.faults)
		rc = lam_fail(e, LAM_DATA, "counts beyond 64 bits");
	if (!rc)
		lam_counts_fault(&to->counts, from->counts.faults,
			from->counts.first_fault);
	for (uint32_t i = 0; !rc && i < to->query->nstates; i++)
		if (to->nulls && from->nulls)
			rc = add(&to->nulls[i], from->nulls[i], e);
	return rc;
}
