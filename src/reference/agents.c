/*
 * agents.c - parts of user agents, each text looked at once
 *
 * What a list says of a text is remembered as one text: for each value its length, a
 * number of 32 bits, and its bytes; of a text that takes too long as none at all.
 */
#include "reference/agents_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/io.h"

#define FILE_MAX (16u << 20)
#define MEMO_BYTES ((size_t)32 << 20) /* for each list */

enum { BROWSER, OS, DEVICE };

const char *const lam_agent_part[LAM_AGENT_PARTS] = {
	"browser", "browser_version", "os", "os_version", "device",
	"device_brand", "device_model", "bot"
};

/* Values FIRST to FIRST + N - 1 of a list, with points between. */
static const struct {
	unsigned list, first, n;
} parts[LAM_AGENT_PARTS] = {
	[LAM_AGENT_BROWSER] = { BROWSER, 0, 1 },
	[LAM_AGENT_BROWSER_VERSION] = { BROWSER, 1, 3 },
	[LAM_AGENT_OS] = { OS, 0, 1 },
	[LAM_AGENT_OS_VERSION] = { OS, 1, 4 },
	[LAM_AGENT_DEVICE] = { DEVICE, 0, 1 },
	[LAM_AGENT_BRAND] = { DEVICE, 1, 1 },
	[LAM_AGENT_MODEL] = { DEVICE, 2, 1 },
	[LAM_AGENT_BOT] = { DEVICE, 0, 1 },
};

int
lam_agents_parse(struct lam_agents **out, struct lam_str text,
	const char *label, struct lam_error *e)
{
	struct lam_agents *a = calloc(1, sizeof *a);
	int rc;

	if (!a)
		return lam_fail_mem(e);
	a->arena = (struct lam_arena)LAM_ARENA_INIT;
	pthread_mutex_init(&a->lock, NULL);
	a->label = strdup(label);
	rc = a->label ? lam_agents_read(a, text, e) : lam_fail_mem(e);
	if (!rc)
		rc = lam_agents_match_check(a, e);
	for (unsigned i = 0; !rc && i < LAM_AGENT_LISTS; i++) {
		a->memo[i] = lam_memo_new(MEMO_BYTES);
		rc = a->memo[i] ? lam_agents_filter_build(&a->list[i], e) :
			lam_fail_mem(e);
	}
	if (rc)
		lam_agents_free(a);
	else
		*out = a;
	return rc;
}

int
lam_agents_load(void **agents, const char *path, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_agents *a = NULL;
	int rc = lam_io_slurp_given(path, FILE_MAX, &b, e);

	if (!rc)
		rc = lam_agents_parse(&a, (struct lam_str){ lam_buf_str(&b),
			b.n }, path, e);
	lam_buf_release(&b);
	*agents = a;
	return rc;
}

void
lam_agents_free(void *agents)
{
	struct lam_agents *a = agents;

	lam_agents_match_release(a);
	for (unsigned i = 0; i < LAM_AGENT_LISTS; i++) {
		lam_agents_filter_release(&a->list[i].filter);
		lam_memo_free(a->memo[i]);
		free(a->list[i].rule);
	}
	pthread_mutex_destroy(&a->lock);
	lam_arena_release(&a->arena);
	free(a->label);
	free(a);
}

/* Value I of the texts VALUES. */
static struct lam_str
value_at(struct lam_str values, unsigned i)
{
	const char *p = values.p;

	while (i-- > 0)
		p += 4 + lam_get32(p);
	return (struct lam_str){ p + 4, lam_get32(p) };
}

/* PART from the VALUES of its list. */
static enum lam_agent_found
put_part(enum lam_agent_part part, struct lam_str values, struct lam_buf *out)
{
	unsigned first = parts[part].first, n = parts[part].n;
	struct lam_str v = value_at(values, first);

	if (part == LAM_AGENT_BOT) {
		lam_buf_puts(out, lam_str_is(v, "Spider") ? "true" : "false");
		return LAM_AGENT_FOUND;
	}
	if (!first && !v.n)
		lam_buf_puts(out, "Other");
	for (unsigned i = 0; i < n && v.n; i++) {
		if (i)
			lam_buf_putc(out, '.');
		lam_buf_put(out, v.p, v.n);
		v = i + 1 < n ? value_at(values, first + i + 1) : v;
	}
	return first && !value_at(values, first).n ? LAM_AGENT_NONE :
		LAM_AGENT_FOUND;
}

int
lam_agents_find(struct lam_agents *a, enum lam_agent_part part,
	struct lam_str text, struct lam_buf *out, enum lam_agent_found *found,
	struct lam_error *e)
{
	struct lam_memo *memo = a->memo[parts[part].list];
	struct lam_buf values = LAM_BUF_INIT;
	bool too_long = false;
	int rc = LAM_OK;

	if (!lam_memo_get(memo, text, &values)) {
		lam_buf_clear(&values);
		rc = lam_agents_match(a, parts[part].list, text, &values,
			&too_long, e);
		if (!rc && !values.oom)
			lam_memo_put(memo, text, (struct lam_str){ values.n ?
				values.p : "", values.n });
	}
	if (!rc)
		rc = lam_buf_check(&values, e);
	if (!rc)
		*found = values.n ? put_part(part, (struct lam_str){ values.p,
			values.n }, out) : LAM_AGENT_TOO_LONG;
	lam_buf_release(&values);
	return rc ? rc : lam_buf_check(out, e);
}
