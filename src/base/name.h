/*
 * name.h - names of streams, views, fields and files
 *
 * Streams and views name files, so they are strict: a letter or underscore,
 * then letters, digits, underscores or '-', at most 64 bytes.  Nothing in such
 * a name can leave the dataset directory.  A field name is any non-empty text
 * of at most 255 bytes without NUL and newline; SQL quotes it when needed.
 */
#ifndef LAM_BASE_NAME_H
#define LAM_BASE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAM_NAME_MAX 64
#define LAM_FIELD_NAME_MAX 255

bool lam_name_ok(const char *p, size_t n);
bool lam_field_name_ok(const char *p, size_t n);

/*
 * Files are named by positions of this many digits, so that their order is that
 * of the records.  False: P does not begin with such a number.
 */
#define LAM_POSITION_DIGITS 20
bool lam_name_position(const char *p, uint64_t *v);

/* "csv, tsv or json" into OUT, for LAST " or ": NAME gives the I-th, at the end
 * NULL.  What does not fit is cut off. */
void lam_name_list(char *out, size_t size, const char *(*name)(size_t i),
	const char *last);

#endif
