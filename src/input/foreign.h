/*
 * foreign.h - recognise inputs that no format reads
 *
 * Read as CSV, such input would give records that nobody wrote.
 */
#ifndef LAM_INPUT_FOREIGN_H
#define LAM_INPUT_FOREIGN_H

#include "base/bytes.h"

/*
 * What an input that begins with HEAD is, and how to make text of it; NULL: nothing
 * that is known not to be text.  *HOW is static, too.
 */
const char *lam_foreign_bytes(struct lam_str head, const char **how);

/* A text of another format than those that are read, and what to do if that is known;
 * NULL: none that is known. */
const char *lam_foreign_text(struct lam_str head, const char **how);

/* What a text is that would be taken for a table of commas or tabs, but is none, and
 * what to type instead; NULL: it may be one. */
const char *lam_foreign_table(struct lam_str head, const char **how);

/* The same of one whose first line has commas, and no tabs. */
const char *lam_foreign_commas(struct lam_str head, const char **how);

#endif
