/*
 * function_debug.c - a function that waits for a debugger before it begins
 *
 * Runtimes with a debugger of their own are made to wait by the variable that they read
 * their options from, behind what `env` says of it.
 */
#include "trigger/function.h"

#include <string.h>

#include "sandbox/tier.h"

static const struct debugger {
	const char *word; /* of the command: its last part begins so */
	const char *variable, *option;
	const char *where;
} debuggers[] = {
	{ "java", "JAVA_TOOL_OPTIONS", "-agentlib:jdwp=transport=dt_socket,server=y,"
		"suspend=y,quiet=y,address=127.0.0.1:5005",
		"it listens on 127.0.0.1:5005 (JDWP)" },
	{ "node", "NODE_OPTIONS", "--inspect-brk=127.0.0.1:9229",
		"it listens on 127.0.0.1:9229 (inspector)" },
	{ "debugpy", NULL, NULL, "debugpy waits as its command says" },
};

/* Has RUN a word whose last part begins with NAME? */
static bool
names(const char *run, const char *name)
{
	static const char ends[] = " \t/'\"=";
	size_t n = strlen(name);

	for (; *run; run += strcspn(run, ends), run += strspn(run, ends))
		if (!strncmp(run, name, n) && run[strcspn(run, ends)] != '/')
			return true;
	return false;
}

static int
add_option(struct lam_function *f, const struct debugger *d, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	size_t n = strlen(d->variable), at = 0;
	char *text;

	while (at < f->nenv && (strncmp(f->env[at], d->variable, n) != 0 ||
		f->env[at][n] != '='))
		at++;
	if (at < f->nenv)
		lam_buf_printf(&b, "%s ", f->env[at]);
	else
		lam_buf_printf(&b, "%s=", d->variable);
	lam_buf_puts(&b, d->option);
	text = lam_arena_dup(&f->arena, lam_buf_str(&b), b.n);
	lam_buf_release(&b);
	if (!text)
		return lam_fail_mem(e);
	if (at == LAM_ENV_MAX)
		return lam_fail(e, LAM_USAGE, "%s: --wait-debugger: more than %d "
			"variables", f->name, LAM_ENV_MAX);
	f->env[at] = text;
	f->nenv += at == f->nenv;
	return LAM_OK;
}

int
lam_function_debug(struct lam_function *f, struct lam_error *e)
{
	f->timeout = 0;
	f->net = true;
	f->tiers &= ~(unsigned)LAM_TIER_NS; /* processes have the same numbers */
	for (size_t i = 0; i < sizeof debuggers / sizeof *debuggers; i++)
		if (f->run && names(f->run, debuggers[i].word)) {
			f->debug = debuggers[i].where;
			return debuggers[i].variable ?
				add_option(f, &debuggers[i], e) : LAM_OK;
		}
	f->debug = "";
	f->held = true;
	return LAM_OK;
}
