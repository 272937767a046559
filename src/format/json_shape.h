/*
 * json_shape.h - records of JSON lines that are like the one before
 *
 * The records of a log have the same members in the same order, and the same blanks;
 * so what stands between two values is the same bytes in each.  A shape is that
 * text, learnt from a record, and the fields whose values stand between.  A line that
 * has it needs no other reading; a line that has not is read by json_record.h.
 *
 * Both give the same cells: a line is taken here only if it is the record that was
 * learnt, but for values, and each value is checked as there.
 */
#ifndef LAM_FORMAT_JSON_SHAPE_H
#define LAM_FORMAT_JSON_SHAPE_H

#include "format/json_record.h"
#include "format/specials.h"

#define LAM_JSON_SHAPES 4
#define LAM_JSON_STEPS 96 /* values of a record; one of more has no shape */
#define LAM_JSON_GLUE 64  /* bytes between two values, likewise */

struct lam_json_step { /* what stands before a value, and the value */
	uint64_t mask;	 /* of its N bytes */
	uint32_t n;
	uint32_t quotes; /* among them */
	uint32_t first;	 /* the number of the first one in the record */
	uint32_t off;	 /* where it stands */
	bool string;	 /* the value is one: the last of these quotes begins it, and
			  * the first one of the next step ends it */
	bool last;	 /* there is no value: the record ends */
	struct lam_cell *out; /* the column of its field; NULL: unwanted */
	char glue[LAM_JSON_GLUE];
};

/* An array, or an object that is no fields, in the glue of two steps. */
struct lam_json_span {
	struct lam_cell *out;
	uint32_t step, off, end_step, end_off;
};

struct lam_json_shape {
	struct lam_json_step step[LAM_JSON_STEPS];
	struct lam_json_span span[LAM_JSON_STEPS]; /* those wanted */
	struct lam_cell *absent[LAM_JSON_STEPS];   /* columns without values */
	uint32_t nsteps, nspans, nabsent;
	uint32_t specials; /* bytes, the end of the line as one of them */
};

struct lam_json_shapes { /* private */
	struct lam_specials specials;
	struct lam_json_shape shape[LAM_JSON_SHAPES];
	struct lam_json_shape fresh; /* being learnt */
	unsigned n, last;	/* the shapes there are; that of the last record */
	unsigned next;		/* to be replaced */
	unsigned credit;	/* at 0 they are given up */
};

/* MASKS: lam_masks_best(), or what is to be tested. */
void lam_json_shapes_init(struct lam_json_shapes *s, enum lam_masks masks);

/*
 * The record of X that begins at AT, further on than the one before, becomes its row,
 * if it has a shape: returns where its newline or the end of the text is; else 0.
 * LAM_JSON_PAD bytes behind the text are zero.
 */
size_t lam_json_shapes_take(struct lam_json_shapes *s, const struct lam_parse *x,
	size_t at);

/* The record LINE, which had no shape, may have one. */
void lam_json_shapes_learn(struct lam_json_shapes *s,
	const struct lam_json_reader *r, struct lam_str line);

#endif
