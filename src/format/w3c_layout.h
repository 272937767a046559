/*
 * w3c_layout.h - what the line #Fields says of the records behind it
 */
#ifndef LAM_FORMAT_W3C_LAYOUT_H
#define LAM_FORMAT_W3C_LAYOUT_H

#include "format/json_tree.h"

#define LAM_W3C_VALUES 512 /* of a record */
#define LAM_W3C_DATE 10	   /* bytes of 2026-01-31 */

/* What is known when a record comes: the lines #Fields and #Date before it. */
struct lam_w3c_head {
	struct lam_str fields;
	char date[LAM_W3C_DATE]; /* of records that have none; or NULs */
};

/* A head, looked up: the field of each value. */
struct lam_w3c_layout {
	struct lam_str name[LAM_W3C_VALUES]; /* as it is written */
	uint32_t field[LAM_W3C_VALUES]; /* LAM_JSON_NO_FIELD: it goes to the rest */
	uint32_t n;    /* more than LAM_W3C_VALUES: too many */
	bool has_ts;   /* date and time are one: these values; else no field */
	uint32_t date, time, ts;
	const char *day; /* of records without a date, or NULL */
	bool all;	 /* no value goes to the rest */
};

/* Fixed types of the fields that are known: for the tree. */
extern const struct lam_line_field lam_w3c_types[];
extern const size_t lam_w3c_ntypes;

/* L lives as long as H does. */
void lam_w3c_lay_out(struct lam_w3c_layout *l, const struct lam_json_tree *t,
	const struct lam_w3c_head *h);

/* The names that H has are to be fields of T. */
int lam_w3c_look(struct lam_json_tree *t, const struct lam_w3c_head *h,
	struct lam_error *e) LAM_MUST;

/* The next word of *REST; words stand behind blanks or tabs. */
bool lam_w3c_word(struct lam_str *rest, struct lam_str *out);
bool lam_w3c_has_word(struct lam_str s, const char *word);

#endif
