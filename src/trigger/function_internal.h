/*
 * function_internal.h - between the files that read a function
 */
#ifndef LAM_TRIGGER_FUNCTION_INTERNAL_H
#define LAM_TRIGGER_FUNCTION_INTERNAL_H

#include "trigger/function.h"

/* function_on.c: VALUE is WORD; the text behind WORD and blanks, or NULL: VALUE does
 * not begin so. */
bool lam_value_is(const char *value, const char *word);
const char *lam_value_behind(const char *value, const char *word);

/* function_on.c: the directive `on`.  -1: VALUE is none. */
int lam_function_on(struct lam_function *f, const char *value);

/* function_on.c: the environment has LAM_BUCKET, which may be read. */
int lam_function_tell_bucket(struct lam_function *f, struct lam_error *e) LAM_MUST;

/* function_layer.c: the layers are found, and its environment leads to them. */
int lam_function_layers(struct lam_function *f, struct lam_error *e) LAM_MUST;

#endif
