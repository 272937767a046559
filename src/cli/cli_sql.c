/*
 * cli_sql.c - SQL from the command line, a file or standard input
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "view/dataset.h"

const char *
lam_cli_sql(const char *text)
{
	static struct lam_buf sql; /* kept to the end of the program */
	struct lam_error e = LAM_ERROR_INIT;
	const char *file;
	int rc;

	if (!text || (text[0] != '@' && strcmp(text, "-")))
		return text;
	file = text[0] == '@' ? text + 1 : text;
	rc = lam_io_slurp_given(file, LAM_SQL_MAX, &sql, &e);
	if (!rc && sql.n && memchr(sql.p, 0, sql.n))
		rc = lam_fail(&e, LAM_USAGE, "%s: a NUL byte: not SQL", file);
	lam_buf_putc(&sql, '\0');
	if (!rc)
		rc = lam_buf_check(&sql, &e);
	if (rc)
		exit(lam_cli_finish(rc, &e));
	return sql.p;
}
