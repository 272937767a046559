/*
 * function.c - one table of directives, from which options and files are read
 *
 * A row says where a value goes and how it is read.  `run` is split into words at
 * blanks, and given to sh only when it has a character that means something to a
 * shell: so a plain command costs no shell.
 */
#include "trigger/function_internal.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "sandbox/tier.h"
#include "time/unit.h"

#define WORDS_MAX 256

enum kind { TEXT, COUNT, DURATION, SIZE, YES, CHOICE, OWN };

struct row {
	struct lam_directive d;
	enum kind kind;
	size_t at; /* in struct lam_function */
	const char *choices; /* CHOICE: "a b c" */
	int (*own)(struct lam_function *f, const char *value);
};

#define AT(field) offsetof(struct lam_function, field)

static int set_runtime(struct lam_function *f, const char *value);
static int set_token(struct lam_function *f, const char *value);
static int set_run(struct lam_function *f, const char *value);
static int set_env(struct lam_function *f, const char *value);
static int set_layer(struct lam_function *f, const char *value);
static int set_order(struct lam_function *f, const char *value);
static int set_timeout(struct lam_function *f, const char *value);
static int set_retries(struct lam_function *f, const char *value);
static int set_isolate(struct lam_function *f, const char *value);
static int set_cpu(struct lam_function *f, const char *value);

static const struct row rows[] = {
	{ { "on", "SOURCE", "stream NAME or view NAME [where SQL], bucket DIR "
		"[where PATTERN ...], every DURATION, at CRON [ZONE], http [/PATH], "
		"or stdin" },
		OWN, 0, NULL, lam_function_on },
	{ { "where", "SQL", "only records for which this holds; of a bucket: "
		"names that match one of the patterns" },
		TEXT, AT(where), NULL, NULL },
	{ { "from", "WHERE", "where a new function begins: start, now or a "
		"position (default: now)" }, TEXT, AT(from), NULL, NULL },
	{ { "run", "COMMAND", "the command" }, OWN, 0, NULL, set_run },
	{ { "runtime", "KIND", "filter: a process for each batch; lambda: one that "
		"asks the Runtime API of AWS Lambda (default: filter)" },
		OWN, 0, NULL, set_runtime },
	{ { "token", "HOW", "off: without a network of its own a lambda function's API "
		"has no secret path (default: on)" }, OWN, 0, NULL, set_token },
	{ { "input", "FORM", "of records: jsonl, csv or tsv (default: jsonl)" },
		CHOICE, AT(input), "jsonl csv tsv", NULL },
	{ { "env", "NAME=VALUE", "a variable of its environment" },
		OWN, 0, NULL, set_env },
	{ { "env-file", "FILE", "lines NAME=VALUE: variables, those of env count" },
		TEXT, AT(env_file), NULL, NULL },
	{ { "layer", "DIR", "code that functions share, seen at /opt: bin, lib, "
		"python, nodejs, java; a later one covers those before" },
		OWN, 0, NULL, set_layer },
	{ { "batch", "N", "at most N records at once (default: 100)" },
		COUNT, AT(batch), NULL, NULL },
	{ { "wait", "DURATION", "a batch may wait so long to fill (default: 0s; of "
		"standard input: to its end)" },
		DURATION, AT(wait), NULL, NULL },
	{ { "concurrency", "N", "batches at once; 0: paused (default: 1)" },
		COUNT, AT(concurrency), NULL, NULL },
	{ { "idle", "DURATION", "so long its sandboxes wait for more to do (default: "
		"60s)" }, DURATION, AT(idle), NULL, NULL },
	{ { "order", "ORDER", "log: one batch after the other; key COLUMN: those "
		"of a key; none: as they end (default: log)" },
		OWN, 0, NULL, set_order },
	{ { "timeout", "DURATION|none", "of one attempt (default: 3s)" },
		OWN, 0, NULL, set_timeout },
	{ { "retries", "N|forever", "attempts after the first (default: 3)" },
		OWN, 0, NULL, set_retries },
	{ { "backoff", "DURATION", "the most to wait before the second attempt; it "
		"doubles, to 5m (default: 1s)" },
		DURATION, AT(backoff), NULL, NULL },
	{ { "age", "DURATION", "no attempt so long after the first" },
		DURATION, AT(age), NULL, NULL },
	{ { "bisect", "YES", "yes: a batch that failed is tried as two halves" },
		YES, AT(bisect), NULL, NULL },
	{ { "partial", "YES", "yes: descriptor 3 tells the records that failed" },
		YES, AT(partial), NULL, NULL },
	{ { "into", "TARGET", "its output goes to a stream, a file (with a /) or - "
		"(default: -)" }, TEXT, AT(into), NULL, NULL },
	{ { "memory", "SIZE", "for it and all its processes (default: 128M)" },
		SIZE, AT(memory), NULL, NULL },
	{ { "cpu", "HOW", "weight: a share when others want it; quota: never more "
		"(default: weight)" }, OWN, 0, NULL, set_cpu },
	{ { "net", "YES", "yes: it may use the network" },
		YES, AT(net), NULL, NULL },
	{ { "isolate", "HOW", "auto, none, or require and a list (default: auto)" },
		OWN, 0, NULL, set_isolate },
};

#define ROWS (sizeof rows / sizeof *rows)

size_t
lam_directives(void)
{
	return ROWS;
}

const struct lam_directive *
lam_directive(size_t i)
{
	return &rows[i].d;
}

bool
lam_directive_repeats(size_t i)
{
	return rows[i].own == set_env || rows[i].own == set_layer;
}

void
lam_function_init(struct lam_function *f)
{
	memset(f, 0, sizeof *f);
	f->from = "now";
	f->input = "jsonl";
	f->batch = 100;
	f->wait = -1;
	f->concurrency = 1;
	f->timeout = 3 * LAM_NS;
	f->idle = 60 * LAM_NS;
	f->retries = 3;
	f->backoff = LAM_NS;
	f->into = "-";
	f->memory = UINT64_C(128) << 20;
	f->tiers = LAM_TIERS;
}

void
lam_function_release(struct lam_function *f)
{
	lam_arena_release(&f->arena);
}

/* ------------------------------------------------------------------ values */

/* Words of VALUE between blanks. */
static int
split(struct lam_function *f, const char *value)
{
	const char **argv = LAM_ARENA_NEW(&f->arena, const char *, WORDS_MAX + 1);
	size_t n = 0;

	while (argv && *value && n < WORDS_MAX) {
		size_t len = strcspn(value, " \t");

		argv[n] = lam_arena_dup(&f->arena, value, len);
		if (!argv[n++])
			return -1;
		value += len;
		value += strspn(value, " \t");
	}
	f->argv = argv;
	return argv && n && !*value ? 0 : -1;
}

static int
set_run(struct lam_function *f, const char *value)
{
	size_t first = strcspn(value, " \t=");
	const char **argv;

	f->run = value;
	if (!value[strcspn(value, "|&;<>()$`\\\"'*?[]#~{}!\n")] &&
		value[first] != '=')
		return split(f, value);
	argv = LAM_ARENA_NEW(&f->arena, const char *, 4);
	if (!argv)
		return -1;
	argv[0] = "/bin/sh";
	argv[1] = "-c";
	argv[2] = value;
	f->argv = argv;
	return 0;
}

static int
set_env(struct lam_function *f, const char *value)
{
	const char *eq = strchr(value, '=');
	size_t name = eq ? (size_t)(eq - value) + 1 : 0;

	if (name < 2)
		return -1;
	for (uint32_t i = 0; i < f->nenv; i++)
		if (!strncmp(f->env[i], value, name))
			return 0; /* the first counts */
	if (f->nenv >= LAM_ENV_MAX)
		return -1;
	f->env[f->nenv++] = value;
	return 0;
}

static int
set_layer(struct lam_function *f, const char *value)
{
	if (f->nlayers >= LAM_LAYERS_MAX)
		return -1;
	f->layer[f->nlayers++] = value;
	return 0;
}

static int
set_order(struct lam_function *f, const char *value)
{
	f->ordered = true;
	f->key = lam_value_behind(value, "key");
	f->order = f->key ? LAM_ORDER_KEY : lam_value_is(value, "none") ?
		LAM_ORDER_NONE : LAM_ORDER_LOG;
	if (f->key)
		return *f->key ? 0 : -1;
	return lam_value_is(value, "none") || lam_value_is(value, "log") ? 0 : -1;
}

static int
set_timeout(struct lam_function *f, const char *value)
{
	if (lam_value_is(value, "none")) {
		f->timeout = 0;
		return 0;
	}
	return lam_duration_parse(value, &f->timeout) && f->timeout > 0 ? 0 : -1;
}

static int
set_retries(struct lam_function *f, const char *value)
{
	struct lam_str s = { value, strlen(value) };

	if (lam_value_is(value, "forever")) {
		f->retries = LAM_FOREVER;
		return 0;
	}
	return lam_str_u64(s, &f->retries) && f->retries < UINT32_MAX ? 0 : -1;
}

static int
set_isolate(struct lam_function *f, const char *value)
{
	const char *list = lam_value_behind(value, "require");

	if (list)
		return lam_tier_parse(list, &f->required, NULL);
	f->tiers = lam_value_is(value, "none") ? LAM_TIER_GROUPS : LAM_TIERS;
	return lam_value_is(value, "auto") || lam_value_is(value, "none") ? 0 : -1;
}

static int
set_token(struct lam_function *f, const char *value)
{
	f->no_token = lam_value_is(value, "off");
	return f->no_token || lam_value_is(value, "on") ? 0 : -1;
}

static int
set_runtime(struct lam_function *f, const char *value)
{
	f->lambda = lam_value_is(value, "lambda");
	return f->lambda || lam_value_is(value, "filter") ? 0 : -1;
}

static int
set_cpu(struct lam_function *f, const char *value)
{
	f->quota = lam_value_is(value, "quota");
	return f->quota || lam_value_is(value, "weight") ? 0 : -1;
}

static int
set_choice(const struct row *r, const char **out, const char *value)
{
	size_t n = strlen(value);

	for (const char *c = r->choices; *c; c += strcspn(c, " "),
		c += strspn(c, " "))
		if (strcspn(c, " ") == n && !memcmp(c, value, n)) {
			*out = value;
			return 0;
		}
	return -1;
}

static int
set_value(struct lam_function *f, const struct row *r, const char *value)
{
	void *at = (char *)f + r->at;
	struct lam_str s = { value, strlen(value) };

	switch (r->kind) {
	case TEXT:
		*(const char **)at = value;
		return 0;
	case COUNT:
		return lam_str_u64(s, at) && *(uint64_t *)at <= 1000000 ? 0 : -1;
	case DURATION:
		return lam_duration_parse(value, at) ? 0 : -1;
	case SIZE:
		return lam_size_parse(value, at) && *(uint64_t *)at ? 0 : -1;
	case YES:
		*(bool *)at = lam_value_is(value, "yes");
		return lam_value_is(value, "yes") || lam_value_is(value, "no") ? 0 : -1;
	case CHOICE:
		return set_choice(r, at, value);
	case OWN:
		return r->own(f, value);
	}
	return -1;
}

int
lam_function_set(struct lam_function *f, size_t i, const char *value,
	const char *where, struct lam_error *e)
{
	const struct row *r = &rows[i];
	char *copy;

	if ((f->set >> i & 1) && !lam_directive_repeats(i))
		return LAM_OK;
	copy = lam_arena_dup(&f->arena, value, strlen(value));
	if (!copy)
		return lam_fail_mem(e);
	f->set |= UINT64_C(1) << i;
	if (*copy && !set_value(f, r, copy))
		return LAM_OK;
	return lam_fail(e, LAM_USAGE, "%s: %s %.80s: expected %s: %s", where,
		r->d.name, value, r->d.arg, r->d.help);
}

/* The lines of what may be given several times. */
static int
set_lines(struct lam_function *f, size_t i, const char *lines, const char *where,
	struct lam_error *e)
{
	struct lam_str rest = { lines, strlen(lines) }, line;
	struct lam_buf b = LAM_BUF_INIT;
	int rc = LAM_OK;

	while (!rc && lam_str_cut(&rest, '\n', &line)) {
		lam_buf_clear(&b);
		lam_buf_put(&b, line.p, line.n);
		rc = lam_function_set(f, i, lam_buf_str(&b), where, e);
	}
	lam_buf_release(&b);
	return rc;
}

int
lam_function_options(struct lam_function *f, const char *const *value,
	struct lam_error *e)
{
	char where[80];
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < ROWS; i++) {
		snprintf(where, sizeof where, "--%s", rows[i].d.name);
		if (value[i])
			rc = lam_directive_repeats(i) ?
				set_lines(f, i, value[i], where, e) :
				lam_function_set(f, i, value[i], where, e);
	}
	return rc;
}
