/*
 * cli_near.c - what may have been meant by a value of an option
 */
#include "cli/cli_internal.h"

#include "base/near.h"

const char *
lam_cli_choice_hint(char *hint, const char *arg, const struct lam_choice *c)
{
	const char *name;

	*hint = '\0';
	for (size_t i = 0; (name = c->name(i)) &&
		!lam_near_name(hint, arg, name); i++)
		continue;
	return hint;
}
