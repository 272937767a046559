/*
 * formats.c - the table of formats
 */

#include "format/formats.h"

/* Of two that are as sure the first one wins. */
const struct lam_format *const lam_formats[] = { &lam_format_csv,
	&lam_format_tsv, &lam_format_combined, &lam_format_common, NULL };
