/*
 * json_named.h - JSON that a program writes: fields with the types that it gives them
 */
#ifndef LAM_FORMAT_JSON_NAMED_H
#define LAM_FORMAT_JSON_NAMED_H

#include "format/json_tree.h"
#include "input/format.h"

/* T gets the fields of format F, if it has any of its own. */
void lam_json_named_fields(const struct lam_format *f, struct lam_json_tree *t);

/* Whether the object LINE has the keys by which F is known; false: F has none. */
bool lam_json_named_fits(const struct lam_format *f, struct lam_str line);

#endif
