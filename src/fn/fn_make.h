/*
 * fn_make.h - functions that make a text of their row, which may be NULL or a fault
 *
 * A maker appends the text of row I of the arguments R, none of them NULL, to an
 * empty buffer.  fn_make.c has the table of them and calls them row by row.
 */
#ifndef LAM_FN_FN_MAKE_H
#define LAM_FN_FN_MAKE_H

#include "base/buf.h"
#include "base/json.h"
#include "fn/fn.h"

#define LAM_MADE_MAX (1U << 20) /* bytes of a text that is made; more is a fault */

enum lam_made { LAM_MADE_TEXT, LAM_MADE_NULL, LAM_MADE_FAULT };

typedef enum lam_made lam_maker_fn(struct lam_buf *b,
	const struct lam_reader *r, uint32_t i);

/* fn_make_url.c */
lam_maker_fn lam_make_url_encoded, lam_make_url_decoded, lam_make_url_host;
lam_maker_fn lam_make_url_path, lam_make_url_query, lam_make_url_param;
/* fn_make_hash.c */
lam_maker_fn lam_make_md5, lam_make_sha1, lam_make_sha256;
/* fn_make_json.c */
lam_maker_fn lam_make_json, lam_make_json_text;
lam_maker_fn lam_make_json_all, lam_make_json_text_all;
/* fn_json.c */
lam_maker_fn lam_make_json_type, lam_make_json_type_at;
lam_maker_fn lam_make_json_keys, lam_make_json_keys_at;
/* fn_make_json.c: the elements of the array that J stands before. */
int64_t lam_make_json_count(struct lam_json j);
/* J stands before the value of DOC; false: DOC is no JSON. */
bool lam_make_json_start(struct lam_json *j, struct lam_str doc);
/* Likewise before that at path R[1] of R[0]; NULL: there is none. */
enum lam_made lam_make_json_find(const struct lam_reader *r, uint32_t i,
	struct lam_json *j);
/* fn_span.c */
lam_maker_fn lam_make_span;
/* fn_make_ip.c */
lam_maker_fn lam_make_ip_network;

struct lam_ip {
	uint8_t byte[16];
	unsigned bits; /* 32 or 128 */
};

/* False: S is no address. */
bool lam_make_ip_parse(struct lam_str s, struct lam_ip *a);

#endif
