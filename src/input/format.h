/*
 * format.h - the interface of log formats; each format is one file
 *
 * A format is a file and a row in the table of format/formats.c.  Help,
 * messages and the check of -f are made from that table.  A format says
 *
 *	guess	how sure it is that the first lines are of it
 *	open	the fields, and what types the format gives them: fixed ones, or
 *		what the options or the first records say; state of its own
 *	scan	where records end, so that text can be cut into chunks (one
 *		thread)
 *	parse	the cells of a chunk (any number of threads)
 *	close	let go of the state
 *
 * Where the meaning of a record depends on the text before, scan, which sees all of
 * it in order, keeps a number that stands for what must be known; state tells it,
 * and parse gets the one at the start of its chunk.  save makes text of such a
 * number, and open takes it back from the options: so an input can be left, and
 * gone on with later.
 *
 * scan and parse start at the beginning of a record.  A record is what scan says:
 * a line, or several.  A format with parts lets text be cut without scan, at any
 * newline: each part means what it means in the whole.  Where a record may hold
 * newlines, parse tells that one was cut, by a rest.
 */
#ifndef LAM_INPUT_FORMAT_H
#define LAM_INPUT_FORMAT_H

#include "input/input.h"

/* Filled by parse.  Cells of unwanted fields are NULL arrays. */
struct lam_parse {
	/* Of the chunk; rewritten in place where values need it.  Texts may be put
	 * behind those of chunk->raw: lam_input_parse takes its n back. */
	char *text;
	size_t n;
	uint32_t nfields;
	bool all; /* every field is wanted, as by who stores them */
	struct lam_cell **cell; /* [nfields] */
	uint32_t rows;
	uint64_t line; /* of the record at hand, from 1 */
	uint64_t blank;
	struct lam_chunk *chunk; /* takes rejects */
	uint64_t *row_line; /* takes the line of each row; or NULL */
	uint64_t state;		 /* of the format, at its start */
	struct lam_str header;	 /* a record of this text is none; n == 0: no such */
	uint64_t headers;	 /* records that were */
	bool partly; /* text follows; what may go on there is none of the records, */
	size_t rest; /* but so many bytes at the end */
};

/* The row at hand, which begins with the line at hand, is whole. */
static inline void
lam_parse_row(struct lam_parse *x)
{
	if (x->row_line)
		x->row_line[x->rows] = x->line;
	x->rows++;
}

struct lam_extent { /* of whole records */
	size_t bytes;
	uint32_t records;
	uint64_t lines; /* physical */
};

/*
 * Options that not all formats take.  One that a format does not take is refused, never
 * passed over: whoever gave it would believe that it was heeded.
 */
enum {
	LAM_TAKES_FIELDS = 1,  /* .fields name its fields */
	LAM_TAKES_DIALECT = 2, /* .dialect divides its text */
	LAM_TAKES_HEADER = 4,  /* .header says what its first line is */
	LAM_TAKES_START = 8    /* .start says where its records begin */
};

struct lam_format {
	/* One that ends in ':' has text of the user behind it: options.format. */
	const char *name;
	const char *text; /* what formats of one kind differ in; or NULL */
	const char *example; /* a line of it, for likeness (trial.h); or NULL */
	const char *suffix; /* files named so are of it, before .gz; or NULL */
	unsigned takes;	    /* LAM_TAKES_*: what the options may say of it */
	bool sparse;	    /* a record need not have all of the fields */
	bool counts; /* parse counts the lines of a part, and leaves as rest what is
		      * behind LAM_BLOCK_ROWS of them; else they are counted before */
	char divides;	    /* between fields, unless options.dialect says another */
	bool lasts;	    /* its text tells of all such logs: streams remember it */
	/*
	 * 0 to 100: how sure it is that HEAD, which begins with the first line that is
	 * not blank and holds it whole, is the start of such a log.
	 */
	unsigned (*guess)(const struct lam_format *self, struct lam_str head);
	/*
	 * Declare the fields with the calls below.  *OWN is given to scan, parse
	 * and close; it may stay NULL.
	 */
	int (*open)(const struct lam_format *self, struct lam_input *in,
		const struct lam_input_options *o, void **own,
		struct lam_error *e);
	/*
	 * How much of P[N] is whole records, at most MAX of them.  LAST: the
	 * end of P is the end of the input and ends a record.
	 */
	int (*scan)(void *own, const char *p, size_t n, bool last,
		uint32_t max, struct lam_extent *x, struct lam_error *e);
	int (*parse)(const void *own, struct lam_parse *x,
		struct lam_error *e);
	void (*close)(void *own); /* or NULL */
	bool (*parts)(const void *own); /* NULL: no */
	/* Both NULL: no record depends on the text before it. */
	uint64_t (*state)(const void *own);
	int (*save)(const void *own, uint64_t state, struct lam_buf *out,
		struct lam_error *e);
};

/* All of them; ends with NULL. */
extern const struct lam_format *const lam_formats[];

#define LAM_FORMAT_NAMED 100 /* as sure as the name of a file makes it */

/*
 * The surest one for a file PATH that begins with HEAD, and how sure; NAMED: its
 * fields are.
 */
const struct lam_format *lam_format_guess(const char *path,
	struct lam_str head, bool named, unsigned *sure);

/* The format of that name; NULL: there is none, and E names those there are. */
const struct lam_format *lam_format_find(const char *name,
	struct lam_error *e);

/*
 * Whether F takes what O says.  LAM_USAGE, beginning with LABEL: it does not, and E
 * names those that do.
 */
int lam_format_check(const struct lam_format *f, const struct lam_input_options *o,
	const char *label, struct lam_error *e) LAM_MUST;

/* The name of the I-th that -f takes, auto first; NULL after the last. */
const char *lam_format_name(size_t i);

/* -f auto is as no -f: the first lines say it. */
#define LAM_FORMAT_AUTO "auto"
bool lam_format_is_auto(const char *name);

/* Their names for a message, "csv, tsv, ...", cut to ROOM. */
void lam_format_list(char *out, size_t room);

#endif
