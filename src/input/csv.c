/*
 * csv.c - comma- and tab-separated values, 64 bytes at a time
 *
 * The splitter marks delimiters, newlines and quotes of 64 bytes in bit masks. A prefix XOR
 * of the quotes gives the bytes inside quotes; delimiters and newlines outside
 * are where fields and records end (Langdale and Lemire, "Parsing Gigabytes of
 * JSON per Second", 2019, use the same idea).  That is right as long as quotes are
 * regular:
 *
 *	an opening quote follows a delimiter, a newline, the start, or the
 *	closing quote of a doubled pair;
 *	a closing quote is followed by a delimiter, LF, CR LF, the end, or the
 *	second of a doubled pair.
 *
 * Both are checked with shifts of the masks.  At the first violation the record at hand goes to
 * libcsv (csv_ref.c), and the splitter starts again behind it.
 *
 * The two loops are compiled for AVX2 as well, for its bit counting; SSE2, which
 * every x86-64 has, is wide enough for the masks.
 */
#include <string.h>

#include "input/format.h"
#include "input/masks.h"
#include "store/simd.h"

/* Everything that crosses from one 64 bytes to the next. */
struct carry {
	uint64_t inside;	/* all ones inside quotes */
	uint64_t before;	/* bit 0: an opening quote may stand first */
	uint64_t closing;	/* bit 0: a closing quote stood last */
	uint64_t closing_cr;	/* bit 0: ... and then CR */
};

static const struct carry at_record = { 0, 1, 0, 0 };

struct marks {
	uint64_t ends;	     /* delimiters and newlines outside quotes */
	uint64_t newlines;   /* all of them */
	uint64_t irregular;
	uint64_t doubled;    /* second quotes of pairs */
};

static inline __attribute__((always_inline)) void
mark(const struct lam_masks *m, struct carry *c, struct marks *out)
{
	uint64_t q = m->quote, inside, opening, closing, after, after_cr;

	if (!(q | c->inside | c->closing | c->closing_cr)) {
		out->ends = m->delimiter | m->newline;
		out->newlines = m->newline;
		out->irregular = out->doubled = 0;
		c->before = (m->delimiter | m->newline) >> 63;
		return;
	}
	inside = lam_prefix_xor(q) ^ c->inside;
	opening = q & inside;
	closing = q & ~inside;
	after = closing << 1 | c->closing;
	after_cr = (after & m->cr) << 1 | c->closing_cr;
	out->ends = (m->delimiter | m->newline) & ~inside;
	out->newlines = m->newline;
	out->doubled = opening & after;
	out->irregular = (opening & ~((out->ends | closing) << 1 | c->before)) |
		(after & ~(m->delimiter | m->newline | m->cr | q)) |
		(after_cr & ~m->newline);
	c->before = (out->ends | closing) >> 63;
	c->closing = closing >> 63;
	c->closing_cr = (after & m->cr) >> 63;
	c->inside = (uint64_t)((int64_t)inside >> 63);
}

/* The masks of the bytes at P, of which N are left. */
static inline __attribute__((always_inline)) struct lam_masks
load(const char *p, size_t n, char delimiter)
{
	char tail[64];

	if (n >= 64)
		return lam_masks_of(p, delimiter);
	memset(tail, 0, sizeof tail);
	memcpy(tail, p, n);
	return lam_masks_of(tail, delimiter);
}

static inline uint64_t
below(unsigned bit) /* the bits before it */
{
	return ((uint64_t)1 << bit) - 1;
}

/*
 * Regular whole records from a record's start at P: returns the bytes up to the
 * last record end found; *STOPPED says that the record there is irregular.
 */
LAM_CLONES static size_t
scan_regular(char delimiter, const char *p, size_t n, uint32_t max,
	uint32_t *records, uint64_t *lines, bool *stopped)
{
	struct carry c = at_record;
	uint64_t seen = 0;
	size_t done = 0;

	*stopped = false;
	for (size_t at = 0; at < n && *records < max; at += 64) {
		struct lam_masks m = load(p + at, n - at, delimiter);
		struct marks k;
		uint64_t ends;
		unsigned count;

		mark(&m, &c, &k);
		ends = k.ends & m.newline;
		if (k.irregular) {
			*stopped = true;
			ends &= below((unsigned)__builtin_ctzll(k.irregular));
		}
		count = (unsigned)__builtin_popcountll(ends);
		while (count > max - *records) { /* the chunk is full */
			ends &= ~((uint64_t)1 << (63 - __builtin_clzll(ends)));
			count--;
		}
		*records += count;
		if (ends) {
			unsigned top = 63 - (unsigned)__builtin_clzll(ends);

			done = at + top + 1;
			*lines = seen + (uint64_t)__builtin_popcountll(
				k.newlines & (below(top) | UINT64_C(1) << top));
		}
		seen += (uint64_t)__builtin_popcountll(k.newlines);
		if (*stopped)
			break;
	}
	return done;
}

static int
csv_scan(const struct lam_format *f, const char *p, size_t n, bool last,
	uint32_t max, struct lam_extent *x, struct lam_error *e)
{
	size_t done = 0, len;
	const char *reason;
	uint64_t lines;
	bool stopped;

	*x = (struct lam_extent){ 0, 0, 0 };
	for (;;) {
		int r;

		lines = 0;
		done += scan_regular(f->delimiter, p + done, n - done, max,
			&x->records, &lines, &stopped);
		x->lines += lines;
		if (x->records == max || (!stopped && !(last && done < n) &&
			n - done < LAM_RECORD_MAX))
			break;
		r = lam_csv_record(f->delimiter, p + done, n - done, last, &len,
			&reason, NULL, NULL, e);
		if (r)
			return r;
		if (!len)
			break;
		x->lines += lam_count_lines(p + done, len);
		done += len;
		x->records++;
	}
	x->bytes = done;
	return LAM_OK;
}

/* ------------------------------------------------------------------- parse */

/* Turn doubled quotes of a value into single ones, in place. */
static void
undouble(char *text, struct lam_cell *cell)
{
	char *p = text + cell->at, *end = p + cell->len, *out;
	char *q = memchr(p, '"', cell->len);

	if (!q)
		return;
	out = q;
	for (p = q; p < end; p++) {
		*out++ = *p;
		p += *p == '"';
	}
	cell->len = (uint32_t)(out - (text + cell->at));
}

static inline __attribute__((always_inline)) void
store(struct lam_parse *x, uint32_t field, size_t from, size_t end)
{
	struct lam_cell *cell;

	if (field >= x->nfields || !x->cell[field])
		return;
	cell = &x->cell[field][x->rows];
	if (from == end)
		*cell = (struct lam_cell){ (uint32_t)from, LAM_CELL_NULL };
	else if (x->text[from] == '"')
		*cell = (struct lam_cell){ (uint32_t)from + 1,
			(uint32_t)(end - from) - 2 };
	else
		*cell = (struct lam_cell){ (uint32_t)from,
			(uint32_t)(end - from) };
}

static int
ragged(struct lam_parse *x, size_t from, size_t end, uint32_t fields,
	struct lam_error *e)
{
	return lam_chunk_reject(x->chunk, x->line,
		(struct lam_str){ x->text + from, end - from }, e,
		"%u field%s, expected %u", fields, fields == 1 ? "" : "s",
		x->nfields);
}

/* The record [FROM, END) has FIELDS fields, all stored: keep it or not. */
static inline __attribute__((always_inline)) int
end_record(struct lam_parse *x, size_t from, size_t end, uint32_t fields,
	bool doubled, struct lam_error *e)
{
	if (fields != x->nfields) {
		if (fields == 1 && from == end) {
			x->blank++;
			return LAM_OK;
		}
		return ragged(x, from, end, fields, e);
	}
	for (uint32_t i = 0; doubled && i < x->nfields; i++)
		if (x->cell[i] && x->cell[i][x->rows].len != LAM_CELL_NULL)
			undouble(x->text, &x->cell[i][x->rows]);
	x->rows++;
	return LAM_OK;
}

/*
 * Regular records from the record's start at AT; returns where an irregular
 * one, or one that is too long, begins, or the end of the text, in *AT.
 */
LAM_CLONES static int
parse_regular(char delimiter, struct lam_parse *x, size_t *at,
	struct lam_error *e)
{
	struct carry c = at_record;
	size_t record = *at, field = *at;
	uint64_t line = x->line, doubled = 0;
	uint32_t fields = 0;
	int r = LAM_OK;

	for (size_t base = *at; base < x->n; base += 64) {
		struct lam_masks m = load(x->text + base, x->n - base,
			delimiter);
		struct marks k;
		uint64_t ends, seen = 0;

		mark(&m, &c, &k);
		ends = k.ends;
		if (x->n - base < 64 && !c.inside) /* the end is a newline */
			ends |= x->text[x->n - 1] == '\n' ? 0 :
				(uint64_t)1 << (x->n - base);
		if (k.irregular)
			ends &= below((unsigned)__builtin_ctzll(k.irregular));
		for (; ends; ends &= ends - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(ends);
			size_t pos = base + bit, end = pos;
			uint64_t upto = below(bit) | (uint64_t)1 << bit;

			if (m.delimiter >> bit & 1) {
				store(x, fields++, field, end);
				field = pos + 1;
				continue;
			}
			if (pos + 1 - record > LAM_RECORD_MAX)
				goto out;
			if (end > field && x->text[end - 1] == '\r')
				end--;
			store(x, fields++, field, end);
			doubled |= k.doubled & upto & ~seen;
			seen = upto;
			r = end_record(x, record, end, fields, doubled != 0, e);
			if (r)
				return r;
			x->line = line + (uint64_t)__builtin_popcountll(
				k.newlines & upto);
			record = field = pos + 1;
			fields = 0;
			doubled = 0;
		}
		if (k.irregular)
			break;
		doubled |= k.doubled & ~seen;
		line += (uint64_t)__builtin_popcountll(k.newlines);
	}
out:
	*at = record < x->n ? record : x->n;
	return LAM_OK;
}

struct refill { /* values from libcsv go back into the text they came from */
	struct lam_parse *x;
	size_t at;
	uint32_t fields;
};

static void
refill_field(void *arg, struct lam_str value)
{
	struct refill *f = arg;
	uint32_t i = f->fields++;

	if (i >= f->x->nfields || !f->x->cell[i])
		return;
	f->x->cell[i][f->x->rows] = (struct lam_cell){ (uint32_t)f->at,
		value.p ? (uint32_t)value.n : LAM_CELL_NULL };
	memmove(f->x->text + f->at, value.p ? value.p : "", value.n);
	f->at += value.n;
}

static void
count_field(void *arg, struct lam_str value)
{
	(void)value;
	++*(uint32_t *)arg;
}

static int
parse_irregular(char delimiter, struct lam_parse *x, size_t *at,
	struct lam_error *e)
{
	struct refill f = { x, *at, 0 };
	char *text = x->text + *at;
	size_t len, end;
	uint64_t lines;
	uint32_t fields = 0;
	const char *reason;
	int r = lam_csv_record(delimiter, text, x->n - *at, true, &len, &reason,
		count_field, &fields, e);

	if (r)
		return r;
	lines = lam_count_lines(text, len);
	end = len - (text[len - 1] == '\n');
	end -= end && text[end - 1] == '\r';
	if (reason)
		r = lam_chunk_reject(x->chunk, x->line,
			(struct lam_str){ text, end }, e, "%s", reason);
	else if (fields != x->nfields && end == 0)
		x->blank++;
	else if (fields != x->nfields)
		r = ragged(x, *at, *at + end, fields, e);
	else
		r = lam_csv_record(delimiter, text, x->n - *at, true, &len,
			&reason, refill_field, &f, e);
	if (!r && !reason && fields == x->nfields)
		x->rows++;
	x->line += lines;
	*at += len;
	return r;
}

static int
csv_parse_chunk(const struct lam_format *f, struct lam_parse *x,
	struct lam_error *e)
{
	size_t at = 0;
	int r = LAM_OK;

	while (!r && at < x->n) {
		r = parse_regular(f->delimiter, x, &at, e);
		if (!r && at < x->n)
			r = parse_irregular(f->delimiter, x, &at, e);
	}
	return r;
}

const struct lam_format lam_format_csv = { "csv", NULL, 0, ',', csv_scan,
	csv_parse_chunk };
const struct lam_format lam_format_tsv = { "tsv", NULL, 0, '\t', csv_scan,
	csv_parse_chunk };
