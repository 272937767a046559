/*
 * formats.c - the table of formats
 */

#include "format/formats.h"

/* If two are equally sure, the first one wins. */
const struct lam_format *const lam_formats[] = { &lam_format_csv,
	&lam_format_tsv, &lam_format_combined, &lam_format_common,
	&lam_format_jsonl, NULL };
