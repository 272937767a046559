/*
 * line.h - what formats of a record a line have in common
 */
#ifndef LAM_FORMAT_LINE_H
#define LAM_FORMAT_LINE_H

#include "format/gather.h"

/* The lam_format.scan of such a format. */
int lam_line_scan(void *own, const char *p, size_t n, bool last, uint32_t max,
	struct lam_extent *x, struct lam_error *e);

/* The lam_format.parts of such a format. */
bool lam_line_parts(const void *own);
#define LAM_LINE_RECORDS .scan = lam_line_scan, .parts = lam_line_parts

/* The lines of a chunk, one after the other; values of those passed are gathered. */
struct lam_lines {
	struct lam_parse *x;
	size_t at;	/* of the next */
	uint64_t next;	/* its number */
	struct lam_gathering gathering;
};

static inline struct lam_lines
lam_lines_of(struct lam_parse *x)
{
	return (struct lam_lines){ x, 0, x->line, { 0 } };
}

/*
 * The next line without its end (LF or CR LF); x->line is its number.  Blank ones
 * are counted and passed over.  False: there is none.
 */
bool lam_lines_next(struct lam_lines *l, struct lam_str *line);

/* The line that would be next ends at END, its newline or the end of the text: it is
 * the one at hand. */
static inline void
lam_lines_pass(struct lam_lines *l, size_t end)
{
	lam_gather_rows(&l->gathering, l->x, l->at, false);
	l->at = end + (end < l->x->n);
	l->x->line = l->next++;
}

/* The line at hand is no record, because of REASON. */
int lam_line_reject(struct lam_parse *x, struct lam_str line,
	const char *reason, struct lam_error *e) LAM_MUST;

/*
 * The request line S of HTTP in three: PART[0] is the method, [1] the path, [2] the
 * protocol.  What is no such triple goes to the path whole.
 */
void lam_line_request(struct lam_str s, struct lam_str part[3]);

/* VALUE, a part of the text, or NULL, becomes the cell of field F of the row. */
static inline void
lam_line_put(struct lam_parse *x, uint32_t f, struct lam_str value)
{
	if (x->cell[f])
		x->cell[f][x->rows] = value.p
			? (struct lam_cell){ (uint32_t)(value.p - x->text),
				(uint32_t)value.n }
			: (struct lam_cell){ 0, LAM_CELL_NULL };
}

/* A field whose name and type the format fixes. */
struct lam_line_field {
	const char *name;
	struct lam_coltype type;
};

/* Declare the first N of FIELD. */
int lam_line_fields(struct lam_input *in, const struct lam_line_field *field,
	size_t n, struct lam_error *e) LAM_MUST;

#endif
