/*
 * form_json.h - how JSON spells a number
 */
#ifndef LAM_OUTPUT_FORM_JSON_H
#define LAM_OUTPUT_FORM_JSON_H

#include <stdbool.h>

#include "base/bytes.h"

/* Whether S is a number as JSON spells it (RFC 8259, section 6). */
bool lam_json_number(struct lam_str s);

#endif
