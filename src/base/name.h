/*
 * name.h - names of streams, views and fields
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

#define LAM_NAME_MAX 64
#define LAM_FIELD_NAME_MAX 255

bool lam_name_ok(const char *p, size_t n);
bool lam_field_name_ok(const char *p, size_t n);

#endif
