/*
 * tier.c - one table of names
 */
#include "sandbox/tier.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned tiers;
} names[] = {
	{ "memory", LAM_TIER_MEMORY },
	{ "cpu", LAM_TIER_CPU },
	{ "pids", LAM_TIER_PIDS },
	{ "freeze", LAM_TIER_FREEZE },
	{ "landlock", LAM_TIER_LANDLOCK },
	{ "ns", LAM_TIER_NS },
	{ "net", LAM_TIER_NET },
	{ "seccomp", LAM_TIER_SECCOMP },
	{ "cgroup", LAM_TIER_GROUPS }, /* the last: only read */
};

#define NAMES (sizeof names / sizeof *names)

int
lam_tier_parse(const char *list, unsigned *tiers, struct lam_error *e)
{
	size_t n, i;

	for (*tiers = 0; *list; list += n) {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		for (i = 0; i < NAMES && n > 0; i++)
			if (strlen(names[i].name) == n &&
				!memcmp(names[i].name, list, n))
				break;
		if (i == NAMES)
			return lam_fail(e, LAM_USAGE, "'%.*s' is no kind of "
				"isolation: memory, cpu, pids, freeze, "
				"landlock, ns, net, seccomp, cgroup", (int)n,
				list);
		if (n > 0)
			*tiers |= names[i].tiers;
	}
	return LAM_OK;
}

const char *
lam_tier_text(unsigned tiers, char out[LAM_TIER_TEXT])
{
	size_t n = 4;

	memcpy(out, "base", n + 1);
	for (size_t i = 0; i + 1 < NAMES; i++)
		if (tiers & names[i].tiers)
			n += (size_t)snprintf(out + n, LAM_TIER_TEXT - n, "+%s",
				names[i].name);
	return out;
}
