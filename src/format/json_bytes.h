/*
 * json_bytes.h - arrays of bytes, as journald writes what is no text
 */
#ifndef LAM_FORMAT_JSON_BYTES_H
#define LAM_FORMAT_JSON_BYTES_H

#include <stddef.h>

/*
 * The array TEXT[N], which is JSON: where it holds numbers up to 255, and nothing else,
 * it becomes these bytes, in place; else it stays.  Returns the length.
 */
size_t lam_json_bytes(char *text, size_t n);

#endif
