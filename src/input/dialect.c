/*
 * dialect.c - the bytes by which delimited text is divided
 */
#include "input/dialect.h"

#include <string.h>

static const struct {
	const char *text;
	char byte; /* 0: there is none */
} words[] = { { "tab", '\t' }, { "\\t", '\t' }, { "space", ' ' }, { "none", 0 } };

int
lam_dialect_byte(const char *text, const char *what, char *byte, bool *there,
	struct lam_error *e)
{
	if (!text)
		return LAM_OK;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(text, words[i].text)) {
			*byte = words[i].byte;
			*there = *byte != 0;
			return LAM_OK;
		}
	if (strlen(text) != 1 || *text == '\n' || *text == '\r')
		return lam_fail(e, LAM_USAGE, "%s \"%.40s\": expected one byte, "
			"tab, space or none", what, text);
	*byte = *text;
	*there = true;
	return LAM_OK;
}
