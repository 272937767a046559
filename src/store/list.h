/*
 * list.h - lists: values of one type, one after the other, as one text
 *
 * A list is a TEXT whose bytes are JSON, [1, 2.5, null] or ["a", "b"]; what its
 * elements are is known of the column or expression, not of the text.  So whatever
 * keeps, sorts, joins or prints texts does the same with lists, and equal lists have
 * equal texts, since each element is spelled in its canonical form.  Texts and times
 * are strings; a byte that is no UTF-8 becomes U+FFFD there.
 *
 * What an expression or column gives is told by a byte beside its type: 0, it is no
 * list; else LAM_LIST_OF + the type of the elements.  The list without elements, or
 * of NULLs alone, that is written as a constant, goes with lists of every type.
 * LAM_SPAN in the same byte says that a number is an interval (time/span.h).
 */
#ifndef LAM_STORE_LIST_H
#define LAM_STORE_LIST_H

#include "base/buf.h"
#include "base/json.h"
#include "store/scalar.h"

enum { LAM_LIST_OF = 1, LAM_LIST_ANY = LAM_LIST_OF + LAM_TYPES, LAM_SPAN };

/* What the elements of a LIST are; TEXT where that is not known. */
static inline uint8_t
lam_list_element(uint8_t list)
{
	return list == 0 || list >= LAM_LIST_ANY ? LAM_TEXT :
		(uint8_t)(list - LAM_LIST_OF);
}

/* "number", or of a LIST "number[]", or "interval". */
const char *lam_list_type_name(uint8_t type, uint8_t list);

/* V as JSON. */
void lam_list_put_value(struct lam_buf *b, const struct lam_scalar *v);
/* V, which is element I, from 0; then, when there are no more, how many there were. */
void lam_list_put(struct lam_buf *b, uint64_t i, const struct lam_scalar *v);
void lam_list_end(struct lam_buf *b, uint64_t n);

/*
 * The elements of a list, as values of TYPE.  Their texts are in the list or in ARENA.
 *
 *	lam_list_open(&r, text, type, arena);
 *	while (lam_list_next(&r, &v)) ...
 *	if (r.bad) ...
 */
struct lam_list_reader {
	struct lam_json json;
	struct lam_arena *arena;
	uint8_t type;
	bool bad; /* it is no list of these */
	bool oom;
};

void lam_list_open(struct lam_list_reader *r, struct lam_str list, uint8_t type,
	struct lam_arena *arena);
bool lam_list_next(struct lam_list_reader *r, struct lam_scalar *out);

#endif
