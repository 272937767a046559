/*
 * input.h - log text to records of named fields
 *
 * A source of bytes (file, standard input; plain or gzip, several members) in
 * one of the formats is cut into chunks of whole records by one thread,
 * and the chunks are parsed into cells by any number of threads.  (Of a plain file
 * these may read their part themselves: piece.h.)  One file per format; a format is a
 * row in the table of format.c (format.h).
 *
 *	lam_input_open -> { lam_input_next -> lam_input_parse }* -> _close
 *
 * Conservation: lines = records + rejected + blank + headers, for each chunk.
 * "Line" counts physical lines; a record with newlines in quotes is one record
 * of several lines, and .lines counts such a record's extra lines.
 */
#ifndef LAM_INPUT_INPUT_H
#define LAM_INPUT_INPUT_H

#include "base/buf.h"
#include "base/err.h"
#include "input/dialect.h"
#include "input/prefix.h"
#include "store/cells.h"
#include "store/column.h"
#include "store/vec.h"

/*
 * The longest record, in bytes of text with its line end.  Of a record in which a
 * quote is not closed within that, the first line is a reject; of a line
 * that is longer, only the start is kept, as a reject.
 */
#define LAM_RECORD_MAX (64u << 20)
#define LAM_CHUNK_BYTES (32u << 20) /* a chunk closes at about this much text */

/* What the first record of csv and tsv is. */
enum lam_header {
	LAM_HEADER_GUESS, /* as the values of it and of the next ones say */
	LAM_HEADER_YES,	  /* the names of the fields */
	LAM_HEADER_NO,	  /* a record like any other */
	LAM_HEADER_IF_ANY /* YES, of a format that has such a line; not said by users */
};

struct lam_input_options {
	/*
	 * A name, or NULL or "auto": csv if there is a dialect, else by the name of the
	 * file (.csv, .tsv, also before .gz), else the one that is surest of the first
	 * line (recognise.h).
	 */
	const char *format;
	struct lam_dialect dialect;
	/* How sure a choice of the format may be and still be told; 0: none is. */
	unsigned tell;
	enum lam_header header;
	/* Names when there is no header; NULL: those that are known, if they are as
	 * many as the first record has fields, else c1, c2, ... */
	const char *const *fields;
	size_t nfields;
	/* With fields: a first record that is just these names is no record, as in the
	 * first part of a file that was cut into several. */
	bool skip_header;
	/*
	 * Names that are fields of a format whose records may leave some out, even if
	 * the first records have none of them: those of the stream, for one.
	 * KNOWN_ONLY: no other name is one.
	 */
	const char *const *known;
	size_t nknown;
	bool known_only;
	/* Inputs behind this one get its fields: so what was looked at is not all. */
	bool one_of_several;
	/* How many fields of origin.h its records get: none, those of a text that is
	 * read, or all, of one that is kept. */
	enum lam_origin {
		LAM_ORIGIN_NONE, LAM_ORIGIN_PLACE = 2, LAM_ORIGIN_ALL
	} origin;
	const char *source; /* what _file says; NULL: lam_input_name of the path */
	/* What lam_input_save told of the text before, or NULL: its start. */
	const char *saved;
	/* The zone of times that have none, or NULL: they are UTC's.  Whoever knows the
	 * types of the fields sees to it (zone_cells.h). */
	const char *zone;
	/* Lines FIELD=FORMAT: how to read times, see time/strptime.h; or NULL. */
	const char *time_format;
	/* A pattern of the lines that begin a record, or NULL: each does. */
	const char *start;
};

/* O's fields are those of LIST, "A,B,...", and no line names them.  Names live
 * in A. */
int lam_input_list_fields(struct lam_input_options *o, const char *list,
	struct lam_arena *a, struct lam_error *e) LAM_MUST;

struct lam_format;
struct lam_input;

/* Where in a text an input begins. */
struct lam_input_start {
	const struct lam_prefix *prefix; /* the text before it */
	uint64_t line;			 /* number of the next, from 1 */
	bool skipping;			 /* inside a line that is too long */
	bool within;			 /* inside a line that was taken: chunk.open */
};

/*
 * An input of SOURCE, which is closed in any case, from START on; its chunks have
 * marks.  Beyond 0, O says the format, and the fields where that does not.
 * LAM_NOTHING: a source that may grow has not got the line yet that is needed to
 * begin.
 */
struct lam_byte_source;
int lam_input_open_at(struct lam_input **out, struct lam_byte_source *source,
	const char *path, const struct lam_input_start *start,
	const struct lam_input_options *o, struct lam_error *e) LAM_MUST;
/* What grows no more: its end is the end of the input. */
void lam_input_finish(struct lam_input *in);

/* Of an input that was opened: its format, as options.format names it; whether all
 * its records have the fields that it has, so that options may name them; whether it
 * ends lines by CR alone, so that marks are not of its bytes. */
const char *lam_input_format(const struct lam_input *in);
bool lam_input_is_named(const struct lam_input *in);
bool lam_input_has_cr(const struct lam_input *in);

/* How the format of IN was chosen, if the options want it told, or what the format has
 * to say: each once, as a line to OUT without its newline.  False: that was all. */
bool lam_input_choice(struct lam_input *in, struct lam_buf *out);

/* What records, and lines that are none, say they came from: PATH, or "stdin". */
const char *lam_input_name(const char *path);

/* PATH "-" is standard input.  *OUT is opened even if the input is empty. */
int lam_input_open(struct lam_input **out, const char *path,
	const struct lam_input_options *o, struct lam_error *e) LAM_MUST;
void lam_input_close(struct lam_input *in);

/*
 * The field names, known after open; valid until close.  An empty input of a
 * format with a header line has no fields.  Each name is met once: a header's empty
 * name in place I is "columnI", the second "a" is "a_2".
 */
size_t lam_input_fields(const struct lam_input *in, const char *const **names);
/* How many of them are of the text: those before the fields of origin.h. */
size_t lam_input_own_fields(const struct lam_input *in);

/* The line that told the fields, by their names or their number; 0: none did. */
uint64_t lam_input_header(const struct lam_input *in);

/* Their types, where the format gives them one; else .type is LAM_TYPES. */
const struct lam_coltype *lam_input_types(const struct lam_input *in);

/* Raw text of whole records; reusable, owned by the caller. */
struct lam_chunk {
	struct lam_buf raw;
	uint32_t nrecords; /* upper bound: blank and bad lines included */
	uint64_t line;	   /* line number of its first line, from 1 */
	uint64_t lines;	   /* physical lines in it */
	bool last;	   /* nothing follows, not even an error */
	bool cut;	   /* its last line is the start of one too long */
	uint64_t state;	   /* of the format, before it and behind: see format.h */
	uint64_t after;
	/* Of an input with marks: where its text begins and ends.  That of the
	 * first chunk begins where the input does; a tail is one of its own. */
	struct lam_mark begin, end;
	bool skipping;	   /* it ends inside a line that is too long */
	bool tail;	   /* its records end only because the input does */
	bool tailed;	   /* such a tail is the next one, and the last */
	bool open;	   /* it ends with a line that has no newline yet */
	bool within;	   /* it is the rest of such a line: a reject, if any */
	int64_t when;	   /* it was read, ns since 1970; if _ingested is wanted */
	uint64_t from, to; /* of a piece: where in the file; to == 0: it is none */
	size_t rest;	   /* of a piece: see piece.h */
	/* of lam_input_parse */
	size_t behind; /* in raw: the end of the texts that were made behind its n */
	struct lam_buf cells;
	struct lam_cell **column;
	struct lam_buf row_lines; /* origin.h */
	struct lam_reject *reject;
	size_t nrejects, rejects_cap;
	uint32_t nrows; /* the records in it */
	uint64_t headers; /* records that are the header line once more */
};

#define LAM_CHUNK_INIT { .raw = LAM_BUF_INIT }
void lam_chunk_release(struct lam_chunk *c);

/*
 * The next chunk: at most MAX records, up to LAM_BLOCK_ROWS.  Waits until it is
 * full, the input ends, or WAIT_MS ms have passed since its first byte was
 * there (WAIT_MS < 0: no limit; 0: whatever is whole now, at least one record).
 * *GOT is false at the end of the input, or when interrupted: STOP (may be
 * NULL) is looked at whenever a wait is interrupted by a signal; when set the
 * input ends there.  LAM_DATA: truncated or corrupt gzip: what was whole has
 * been returned before.
 */
int lam_input_next(struct lam_input *in, struct lam_chunk *c, uint32_t max,
	int wait_ms, const _Atomic int *stop, bool *got, struct lam_error *e)
	LAM_MUST;

/*
 * How long lam_input_next waits for a whole record to begin with, in ms; < 0, as at
 * first: as long as it takes.  When none came *GOT is false and the input is quiet:
 * not at its end.
 */
void lam_input_patience(struct lam_input *in, int ms);
bool lam_input_quiet(const struct lam_input *in);

/*
 * What the format must know of the text up to the end of C to read on behind it: a
 * short line of text to OUT, most often empty.  With this as options.saved, and the
 * same format and fields, an input that begins there has the same records.
 */
int lam_input_save(const struct lam_input *in, const struct lam_chunk *c,
	struct lam_buf *out, struct lam_error *e) LAM_MUST;

/* A line that is no record. */
struct lam_reject {
	uint64_t line;	     /* its number */
	char reason[120];
	struct lam_str text; /* into the chunk, without the line end */
};

/*
 * Parse a chunk into *CELLS: only fields with WANT[f] (NULL: all) get cells.
 * Pure function of the chunk: many threads may parse different chunks of one
 * input.  The cells point into the chunk (which is rewritten in place where
 * quotes were doubled) and are valid until it is reused.  Rejects are in
 * c->reject, c->headers counts headers met again, *BLANK skipped blank lines.
 */
int lam_input_parse(const struct lam_input *in, struct lam_chunk *c,
	const bool *want, struct lam_cells *cells, uint64_t *blank,
	struct lam_error *e) LAM_MUST;

#endif
