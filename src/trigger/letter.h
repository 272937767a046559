/*
 * letter.h - dead letters: DIR/trigger/NAME/failed/ID
 *
 * A batch that was given up, as a text: lines "NAME: VALUE", an empty line, and the
 * payload, byte for byte as the function read it.  (No JSON: a payload need not be
 * text that JSON can hold, and `sed '1,/^$/d'` gives it back.)
 */
#ifndef LAM_TRIGGER_LETTER_H
#define LAM_TRIGGER_LETTER_H

#include "base/dir.h"
#include "time/time.h"
#include "trigger/task.h"

struct lam_letter {
	uint64_t first, last, records, attempts;
	char when[LAM_TIME_TEXT], why[200];
};

/* The directory of the letters of DATA's function NAME.  LAM_USAGE: there is no such
 * function. */
int lam_letter_dir(char out[LAM_PATH_MAX], const char *data, const char *name,
	struct lam_error *e) LAM_MUST;

/* A durable letter DIR/ID; one of that name is replaced. */
int lam_letter_write(const char *dir, const char *id,
	const struct lam_task *b, const char *why, struct lam_str log,
	struct lam_error *e) LAM_MUST;

/* The letters of DIR, sorted by name; free with lam_names_release. */
int lam_letter_list(const char *dir, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

/* The letter DIR/ID: what its lines say, and its payload into TEXT. */
int lam_letter_read(const char *dir, const char *id, struct lam_letter *l,
	struct lam_buf *text, struct lam_error *e) LAM_MUST;

/* The letters ID[N] as CSV, with a header, appended to OUT. */
int lam_letter_csv(const char *dir, char *const *id, size_t n,
	struct lam_buf *out, struct lam_error *e) LAM_MUST;

/* It is done, or given up for good. */
int lam_letter_drop(const char *dir, const char *id, struct lam_error *e)
	LAM_MUST;

#endif
