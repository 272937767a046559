/*
 * template_internal.h - what a template is made of
 */
#ifndef LAM_FORMAT_TEMPLATE_INTERNAL_H
#define LAM_FORMAT_TEMPLATE_INTERNAL_H

#include "base/arena.h"
#include "format/line.h"
#include "format/template.h"

/* A variable: its name there, the field and its type. */
struct lam_template_name {
	const char *variable; /* of nginx, or the directive of Apache */
	const char *field;
	uint8_t type; /* enum lam_type; LAM_TYPES: the values say it */
};

/* "$request": method, path and protocol. */
#define LAM_TEMPLATE_REQUEST "request"

/* What a text must be, or the line is no record. */
enum lam_template_rule {
	LAM_TEMPLATE_ANY,
	LAM_TEMPLATE_WORD,   /* no blank is in it */
	LAM_TEMPLATE_BRACES, /* it begins and ends with them, or is nothing */
};

#define LAM_TEMPLATE_CUTS 4

struct lam_template_part {
	struct lam_str before; /* the text in front of the variable */
	uint32_t field;	       /* its first one */
	bool quoted, request;
	enum lam_template_rule rule;
	/* Variables right behind it: each begins where its byte first is. */
	struct {
		char byte;
		bool drop; /* the byte is not of the value */
	} cut[LAM_TEMPLATE_CUTS];
	uint32_t ncuts;
};

struct lam_template {
	struct lam_arena arena;
	struct lam_template_part part[LAM_TEMPLATE_FIELDS];
	uint32_t nparts;
	struct lam_line_field field[LAM_TEMPLATE_FIELDS];
	uint32_t nfields;
	struct lam_str after; /* the text behind the last variable */
	uint32_t may_end;     /* behind the variable of so many parts; 0: at no other */
	bool cut;	      /* even within its quotes */
	struct lam_template *next; /* another layout, or NULL */
	/* Where its fields are among those of all layouts, and of the first, how many
	 * these are. */
	uint32_t place[LAM_TEMPLATE_FIELDS], nall;
};

/* What is known of variable S; NULL: nothing. */
const struct lam_template_name *lam_template_variable(struct lam_str s);
/* Of the directive that ends in C, with ARGUMENT in braces, or none (NULL). */
const struct lam_template_name *lam_template_directive(char c,
	struct lam_str argument);

/* What each value of field S begins with, if there is one; 0: nothing is known. */
char lam_template_begins(struct lam_str s);

#endif
