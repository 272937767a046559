/*
 * cover.h - which partials, and which piece of the log, make up a view now
 *
 *	[0, P)	the served generation that ends highest
 *	...	speed partials that start where the last piece ended, longest
 *		first; where there is none, the log up to the next one
 *	H	the end: the head of the log, or the position asked for
 *
 * The pieces are contiguous by construction, and cut by position only.  Generations
 * and speed partials are a cache of the log: a damaged one is passed over, with a
 * note, and its range is read from the log instead.  One of another stream, or one
 * that shows that the log has lost records, is an error.
 */
#ifndef LAM_VIEW_COVER_H
#define LAM_VIEW_COVER_H

#include "rows/row_source.h"
#include "source/message.h"
#include "source/source.h"
#include "view/dataset.h"
#include "view/layer_file.h"

/* The files of a view, listed before the log is opened, so that no file can cover
 * more than the log holds. */
struct lam_view_files {
	struct lam_layer_file_list serving, speed;
};

#define LAM_VIEW_FILES_INIT { LAM_LAYER_FILE_INIT, LAM_LAYER_FILE_INIT }

int lam_view_files_list(struct lam_view_files *h, const char *data,
	const char *view, struct lam_error *e) LAM_MUST;
void lam_view_files_release(struct lam_view_files *h);

enum lam_cover_part_kind {
	LAM_COVER_PART_SERVED,
	LAM_COVER_PART_SPEED,
	LAM_COVER_PART_LOG
};

struct lam_cover_part {
	enum lam_cover_part_kind kind;
	uint64_t from, to;
	struct lam_index index;		/* unless LOG */
	struct lam_index_source rows;	/* of it */
	bool open;
	struct lam_partials *partials;	/* LOG, when computed */
	struct lam_row_source kept;	/* its rows, when they are read often */
	struct lam_source source;
	struct lam_section section;	/* its counts and nulls */
	uint64_t ns;			/* that it took to compute */
};

struct lam_cover {
	const char *data;
	const struct lam_view *view;
	struct lam_stream *stream;
	struct lam_messages warn;
	/* Paths not to use, found damaged earlier: NUL-terminated each. */
	struct lam_buf *skip;
	uint64_t end;		  /* all pieces together are [0, end) */
	bool stale;		  /* there are generations, all of an older
				   * definition */
	struct lam_cover_part **part;
	size_t n, cap;
	struct lam_chain_source rows;
	struct lam_arena arena;	  /* counts of pieces */
};

#define LAM_COVER_INIT { .arena = LAM_ARENA_INIT }

/*
 * Plan the cover of [0, END) and open what it uses.  C has data, view, stream,
 * notes, skip set.  *AGAIN: a file went away since it was listed (a newer one
 * has taken its place): list again and plan anew.
 */
int lam_cover_plan(struct lam_cover *c, const struct lam_view_files *h,
	uint64_t end, bool *again, struct lam_error *e) LAM_MUST;

/*
 * Compute the pieces of the log, and chain all pieces into c->rows.source, for
 * runs of at most o->threads threads: one, or (OFTEN) several, with a rewind
 * between them.
 */
int lam_cover_compute(struct lam_cover *c, bool often,
	const struct lam_resources *o, struct lam_bad *bad,
	int64_t (*now)(void), struct lam_error *e) LAM_MUST;
void lam_cover_rewind(struct lam_cover *c);

/* A piece whose file turned out damaged while it was read is added to
 * c->skip; true when there was one. */
bool lam_cover_damaged(struct lam_cover *c);

void lam_cover_release(struct lam_cover *c);

enum lam_mismatch {
	LAM_FITS,
	LAM_MISNAMED, /* it is not what its name says */
	LAM_FOREIGN,  /* of another stream, or another prefix of this one */
	LAM_LOST      /* it covers records the log no longer has */
};

/* May X stand for positions D of VIEW, on STREAM?  LAM_DATA: no, and why. */
int lam_cover_check(const struct lam_view *view, struct lam_stream *stream,
	const struct lam_index *x, const struct lam_layer_file *d,
	const char *path, enum lam_mismatch *why, struct lam_error *e)
	LAM_MUST;

#endif
