/*
 * template_internal.h - what a template is made of
 */
#ifndef LAM_FORMAT_TEMPLATE_INTERNAL_H
#define LAM_FORMAT_TEMPLATE_INTERNAL_H

#include "base/arena.h"
#include "format/template.h"

/* A variable: its name there, the field and its type. */
struct lam_template_name {
	const char *variable; /* of nginx, or the directive of Apache */
	const char *field;
	uint8_t type; /* enum lam_type; LAM_TYPES: the values say it */
};

/* "$request": method, path and protocol. */
#define LAM_TEMPLATE_REQUEST "request"

/* What is known of variable S; NULL: nothing. */
const struct lam_template_name *lam_template_variable(struct lam_str s);
/* Of the directive that ends in C, with ARGUMENT in braces, or none (NULL). */
const struct lam_template_name *lam_template_directive(char c,
	struct lam_str argument);

#endif
