/*
 * json.h - reading JSON (RFC 8259), strictly and exactly
 *
 * A pull reader over bytes in memory: it checks what it passes, builds no tree
 * and allocates nothing.  Numbers stay text, so nothing is rounded; strings
 * stay as written until lam_json_unescape turns them into their bytes.
 *
 *	lam_json_init(&j, text, n);
 *	for (lam_json_enter(&j, LAM_JSON_OBJECT); lam_json_key(&j, &key);)
 *		... lam_json_peek, then one of _scalar, _enter, _skip
 *	ok = lam_json_end(&j);
 *
 * The first fault ends the reading: every later call fails, and j->why and
 * j->p say what was expected and where.
 *
 * Stricter than the RFC asks: \u escapes of lone surrogates are refused, as
 * they are no text.  Laxer: bytes that are not UTF-8 pass, because logs have
 * them.
 */
#ifndef LAM_BASE_JSON_H
#define LAM_BASE_JSON_H

#include <stdbool.h>

#include "base/bytes.h"

#define LAM_JSON_DEPTH 512 /* arrays and objects in each other */

enum lam_json_type {
	LAM_JSON_NONE, /* the end of the text, or a fault */
	LAM_JSON_NULL,
	LAM_JSON_BOOL,
	LAM_JSON_NUMBER,
	LAM_JSON_STRING,
	LAM_JSON_ARRAY,
	LAM_JSON_OBJECT
};

struct lam_json {
	const char *p, *end;
	const char *why;     /* NULL, or what is wrong at p */
	unsigned depth;
	bool first;	     /* no member of the innermost one was read yet */
	uint64_t object[LAM_JSON_DEPTH / 64]; /* bit DEPTH: it is an object */
};

/* Of a string TEXT is what stands between the quotes. */
struct lam_json_value {
	enum lam_json_type type;
	bool escaped; /* STRING: it holds a backslash */
	struct lam_str text;
};

void lam_json_init(struct lam_json *j, const char *p, size_t n);

/* What the next value is, by its first byte. */
enum lam_json_type lam_json_peek(struct lam_json *j);

/* Whether that is an object with members. */
bool lam_json_has_members(const struct lam_json *j);

/* Step into the array or object that comes next. */
bool lam_json_enter(struct lam_json *j, enum lam_json_type type);

/*
 * In an object: the next member's key, its colon passed; the value follows.
 * In an array: whether an element follows.  False at the end, which is
 * passed, or at a fault: j->why tells.
 */
bool lam_json_key(struct lam_json *j, struct lam_json_value *key);
bool lam_json_element(struct lam_json *j);

/* The next value, which is no array or object. */
bool lam_json_scalar(struct lam_json *j, struct lam_json_value *out);

/* The next value whatever it is, checked: TEXT is as it is written. */
bool lam_json_skip(struct lam_json *j, struct lam_json_value *out);

/* Nothing but blanks follows, and there was no fault. */
bool lam_json_end(struct lam_json *j);

/*
 * The bytes of a string as lam_json_scalar gave it, into OUT, which may be
 * where they are: never more than S.n.  Returns how many.
 */
size_t lam_json_unescape(struct lam_str s, char *out);

#endif
