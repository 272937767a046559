/*
 * input_internal.h - an open input, as the files of this room see it
 */
#ifndef LAM_INPUT_INPUT_INTERNAL_H
#define LAM_INPUT_INPUT_INTERNAL_H

#include "base/arena.h"
#include "input/byte_source.h"
#include "input/format.h"
#include "input/input_header.h"

#define LAM_LINE_SHOWN 4096 /* bytes kept of a line that is too long */

struct lam_declared { /* a field as its format declared it */
	struct lam_str name;
	struct lam_coltype type;
};

struct lam_input {
	char *path;
	struct lam_byte_source *source;
	const struct lam_format *format;
	const char *format_name; /* with the user's text behind it */
	const char *note;	 /* of its format, to be told once; or NULL */
	unsigned sure;		 /* how sure it was chosen; 0: that is told, or named */
	char delimiter;		 /* that its first lines tell; 0: none */
	char sep;		 /* that a line "sep=;" tells; 0: there is none */
	void *own;		/* the format's state */
	struct lam_arena arena; /* names */
	struct lam_buf declared; /* struct lam_declared, while it is opened */
	const char **field;
	struct lam_coltype *type;
	const char **time_format; /* [nfields], or NULL */
	uint32_t nfields;
	uint32_t norigin;	 /* the last of them, of origin.h */
	const char *source_name; /* what _file says */
	uint64_t header_line; /* that told the fields; 0: none did */
	bool has_header;      /* it is their names */
	char comment;	      /* the first byte of such records; 0: there are none */
	struct lam_str header; /* its text, if it may come again; else n == 0 */
	struct lam_buf carry; /* read, but not yet part of a chunk: */
	size_t carry_at;      /* from here on */
	uint64_t line;	      /* of the next record */
	struct lam_prefix prefix; /* the text that was taken, */
	struct lam_prefix before; /* and before the last take while it opens */
	struct lam_mark mark;	  /* the end of the last chunk */
	bool marks;		  /* chunks have them */
	bool cr;	      /* lines end in CR alone: each is read as LF */
	bool fresh;	      /* the chunk at hand has bytes of the source */
	bool ended;	      /* the source is */
	bool skipping;	      /* inside a line that is too long */
	bool within;	      /* inside a line that was taken as it was then */
	bool cut;	      /* the last take ended with such a line's start */
	bool tail;	      /* it was no whole record but for the input's end */
	bool tailed;	      /* such a record is all that is left */
	bool cuts;	      /* such lines are cut, else left where they are */
	size_t longest;	      /* bytes of a line that is not too long */
	int patience;	      /* ms to wait for a first record; < 0: any */
	bool stopped; /* by a signal: a part of a record is none */
	uint64_t piece; /* bytes of one, see piece.h; 0: there was none yet */
	bool resumed;	/* there are none any more */
	struct lam_error late; /* reported once the whole records are out */
};

/* Records may have few of many fields: a chunk has at most so many cells. */
#define LAM_SPARSE_CELLS (4u << 20)

/* How many records a chunk may have that is to have up to MAX. */
static inline uint32_t
lam_chunk_most(const struct lam_input *in, uint32_t max)
{
	uint32_t most = LAM_SPARSE_CELLS / (in->nfields + 1);

	return in->format->sparse && max > most ? most : max;
}

/* Bring the line ends of the N bytes at P, just read, into one form. */
void lam_input_ends(const struct lam_input *in, char *p, size_t n);

/* Read once, to the end of the carry.  WAIT_MS and *HOW as in byte_source.h. */
int lam_input_more(struct lam_input *in, int wait_ms, enum lam_got *how,
	struct lam_error *e) LAM_MUST;
/* LAM_NOTHING: the line that is needed to begin is not there yet. */
int lam_input_early(const struct lam_input *in, struct lam_error *e);

/*
 * Whether the record FIRST is the names of the fields, and not data as the records
 * MORE behind it are.  *SURE: something says so; else nothing does, either way.
 */
int lam_input_guess_header(struct lam_input *in, lam_values_fn *values,
	const struct lam_input_options *o, struct lam_str first,
	struct lam_str more, bool *is, bool *sure, struct lam_error *e)
	LAM_MUST;

/* Let go of all that IN has, but not of itself. */
void lam_input_drop(struct lam_input *in);

/* The declared fields get names of their own. */
int lam_input_name_fields(struct lam_input *in, struct lam_error *e) LAM_MUST;

#endif
