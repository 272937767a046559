/*
 * template.h - lines as a server's own format string describes them
 *
 * A template is texts that stand as they are, and variables between them.  A
 * variable ends where the text behind it first occurs; between double quotes, at
 * the first quote without a backslash before it.  Only where the line is no record
 * so, or a number or a time would be none, later places are tried, too.  Two languages:
 *
 *	nginx	log_format: $name, ${name}; here also ${name:number}, :text, :time, and
 *		of texts :word, one without blanks, and :braces, {...} or nothing
 *	Apache	LogFormat: %h, %>s, %{Referer}i; \" \\ \t as in its configuration
 *
 * Names and types of what is known are in template_names.c; other variables have
 * names of their own, and their values say the type.
 */
#ifndef LAM_FORMAT_TEMPLATE_H
#define LAM_FORMAT_TEMPLATE_H

#include "input/format.h"

#define LAM_TEMPLATE_FIELDS 128

/* A byte of a template that stands for one blank or more. */
#define LAM_TEMPLATE_BLANKS "\1"
/* One from which on a line may lack what comes, as one of an older version does; */
#define LAM_TEMPLATE_MAY_END "\2"
/* and the same of one that may also be cut off within the quotes before it. */
#define LAM_TEMPLATE_CUT "\3"
/* Behind it another layout begins, for lines that are not of those before it. */
#define LAM_TEMPLATE_OR "\4"
/* Before it stand heads, LAM_TEMPLATE_OR between them: each layout behind it begins
 * with any of these. */
#define LAM_TEMPLATE_HEADS "\5"

struct lam_template;

/* OTHER: the type of variables that are not known, LAM_TYPES: their values say it. */
int lam_template_nginx(struct lam_template **out, const char *text, uint8_t other,
	struct lam_error *e) LAM_MUST;
int lam_template_apache(struct lam_template **out, const char *text,
	struct lam_error *e) LAM_MUST;
void lam_template_free(struct lam_template *t);

int lam_template_declare(const struct lam_template *t, struct lam_input *in,
	struct lam_error *e) LAM_MUST;

/* The records of a chunk. */
int lam_template_parse(const struct lam_template *t, struct lam_parse *x,
	struct lam_error *e) LAM_MUST;

/* Whether LINE is a record whose numbers and times are such. */
bool lam_template_fits(const struct lam_template *t, struct lam_str line);

#endif
