/*
 * json_rest.h - what of a JSON record is in no field
 */
#ifndef LAM_FORMAT_JSON_REST_H
#define LAM_FORMAT_JSON_REST_H

#include "format/json_record.h"

/*
 * The members of the object P[N], a record whose escapes are as they came, that became
 * no fields: an object to R->out and the cell of R->rest, if there are any.
 */
void lam_json_rest(struct lam_json_reader *r, const char *p, size_t n);

/* Whether a key that comes next in J, an object whose members O knows, is that of M and
 * stands before TO. */
bool lam_json_has_key(const struct lam_json_reader *r, const struct lam_json_object *o,
	const struct lam_json_member *m, struct lam_json j, const char *to);

#endif
