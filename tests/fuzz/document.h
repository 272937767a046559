/*
 * document.h - is a text one JSON document?
 */
#ifndef LAM_FUZZ_DOCUMENT_H
#define LAM_FUZZ_DOCUMENT_H

#include <string.h>

#include "fuzz.h"
#include "input/format.h"

/* A line of a JSON document may have several records, and a record blank lines. */
static bool
is_document(const struct lam_input *in, const struct lam_chunk *c)
{
	struct lam_buf saved = LAM_BUF_INIT;
	bool is;

	MUST(!lam_input_save(in, c, &saved, NULL));
	is = saved.n == 8 && !memcmp(saved.p, "document", 8);
	lam_buf_release(&saved);
	return is;
}

#endif
