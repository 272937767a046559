/*
 * fuzz_agents.c - any bytes as rules of user agents, and a text that they look at
 *
 * The text is what is behind the first NUL.  The words that rules need change nothing:
 * without them, so that each rule is tried, the answers are the same.
 */
#include "fuzz.h"
#include "reference/agents_internal.h"

static void
ask(struct lam_agents *a, struct lam_str text, struct lam_buf *out, int *found)
{
	for (int i = 0; i < LAM_AGENT_PARTS; i++) {
		enum lam_agent_found how;

		MUST(!lam_agents_find(a, i, text, out, &how, NULL));
		lam_buf_printf(out, "|%d\n", how);
		*found |= how == LAM_AGENT_TOO_LONG;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf some = LAM_BUF_INIT, all = LAM_BUF_INIT;
	size_t cut = strnlen((const char *)p, n);
	char *rules = fuzz_copy(p, cut), *text = fuzz_copy(p + cut, n - cut);
	struct lam_str source = { rules, cut }, agent = { text, n - cut };
	struct lam_agents *a = NULL, *b = NULL;
	int too_long = 0;

	if (lam_agents_parse(&a, source, "rules", &e)) {
		MUST(e.code == LAM_DATA);
		goto out;
	}
	MUST(!lam_agents_parse(&b, source, "rules", &e));
	for (unsigned i = 0; i < LAM_AGENT_LISTS; i++)
		for (size_t k = 0; k < b->list[i].n; k++)
			b->list[i].rule[k].needs = 0;
	ask(a, agent, &some, &too_long);
	ask(a, agent, &some, &too_long); /* from memory */
	ask(b, agent, &all, &too_long);
	ask(b, agent, &all, &too_long);
	MUST(too_long || fuzz_same((struct lam_str){ some.p, some.n },
		(struct lam_str){ all.p, all.n }));
	lam_agents_free(a);
	lam_agents_free(b);
out:
	lam_buf_release(&some);
	lam_buf_release(&all);
	free(rules);
	free(text);
	return 0;
}
