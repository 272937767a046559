/*
 * origin.h - where each record came from, as fields behind its own
 *
 *	_file		the path as given; "-" of standard input
 *	_line		the number of its first line, from 1; records that share a line,
 *			as JSON may have them, share its number
 *	_ingested	when its chunk was read, in milliseconds
 *
 * The formats know nothing of these fields: they are declared behind theirs, filled
 * after they have parsed, and their names are taken from those that are known.
 */
#ifndef LAM_INPUT_ORIGIN_H
#define LAM_INPUT_ORIGIN_H

#include "input/format.h"

/* Whether NAME is one of the first N. */
bool lam_origin_has(unsigned n, struct lam_str name);

/* O without known names that are of these, if it wants them; they lie in IN's arena. */
int lam_origin_known(struct lam_input *in, struct lam_input_options *o,
	struct lam_error *e) LAM_MUST;

/* The fields that O wants, behind those that were declared. */
int lam_origin_fields(struct lam_input *in, const struct lam_input_options *o,
	struct lam_error *e) LAM_MUST;

/* Room in C for the lines of X's rows, up to ROWS, if someone wants them. */
int lam_origin_begin(const struct lam_input *in, struct lam_chunk *c,
	struct lam_parse *x, size_t rows, struct lam_error *e) LAM_MUST;

/* The cells of these fields, for the rows of X. */
int lam_origin_cells(const struct lam_input *in, struct lam_chunk *c,
	const struct lam_parse *x, struct lam_error *e) LAM_MUST;

#endif
