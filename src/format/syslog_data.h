/*
 * syslog_data.h - structured data of RFC 5424 as fields
 *
 *	[exampleSDID@32473 iut="3" eventID="1011"][examplePriority@32473 class="high"]
 *
 * A parameter is the field ID.NAME, "exampleSDID@32473.iut".  Of two with one name the
 * last one counts.  In a value \", \\ and \] lose their backslash; others keep it.
 */
#ifndef LAM_FORMAT_SYSLOG_DATA_H
#define LAM_FORMAT_SYSLOG_DATA_H

#include "format/json_tree.h"
#include "input/format.h"

/* The parameters of DATA are to be fields of T. */
int lam_syslog_data_look(struct lam_json_tree *t, struct lam_str data,
	struct lam_error *e) LAM_MUST;

/*
 * The parameters of DATA, a part of X's text, become cells of the row.  Values with
 * escapes go behind OUT, where there is room for DATA.
 */
void lam_syslog_data_put(struct lam_parse *x, const struct lam_json_tree *t,
	struct lam_str data, struct lam_buf *out);

#endif
