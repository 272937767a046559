/*
 * cli_near.c - what may have been meant by a value of an option
 */
#include "cli/cli_internal.h"

#include <stdio.h>

#include "base/name.h"
#include "base/near.h"

const char *
lam_cli_choice_hint(char *hint, const char *arg, const struct lam_choice *c)
{
	const char *name;

	*hint = '\0';
	for (size_t i = 0; !*hint && (name = c->name(i)); i++) {
		char copy[LAM_NAME_MAX], *one = copy;

		snprintf(copy, sizeof copy, "%s", name);
		lam_near_hint(hint, arg, &one, 1);
	}
	return hint;
}
