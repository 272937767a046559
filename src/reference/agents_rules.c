/*
 * agents_rules.c - a file of rules is read: YAML, by libyaml
 *
 *	user_agent_parsers:
 *	  - regex: '(Namoroka|Minefield)/(\d+)\.(\d+)'
 *	    family_replacement: 'Firefox ($1)'
 *	os_parsers:
 *	  - ...
 *	device_parsers:
 *	  - regex: '...'
 *	    regex_flag: 'i'
 *
 * Keys that are not known are skipped with what they have: newer files may have more.
 * Anchors and aliases are refused; no such file has them.
 */
#include "reference/agents_internal.h"

#include <string.h>
#include <yaml.h>

#include "base/array.h"
#include "base/escape.h"

#define RULES_MAX 65535

const struct lam_agent_form lam_agent_form[LAM_AGENT_LISTS] = {
	{ "user_agent_parsers", { "family_replacement", "v1_replacement",
		"v2_replacement", "v3_replacement" }, { 1, 2, 3, 4 } },
	{ "os_parsers", { "os_replacement", "os_v1_replacement",
		"os_v2_replacement", "os_v3_replacement",
		"os_v4_replacement" }, { 1, 2, 3, 4, 5 } },
	{ "device_parsers", { "device_replacement", "brand_replacement",
		"model_replacement" }, { 1, 0, 1 } },
};

struct reader {
	yaml_parser_t yaml;
	yaml_event_t event; /* that was read last */
	bool held;	    /* there is one */
	struct lam_agents *a;
	struct lam_error *e;
};

static int
fail_at(struct reader *r, const char *what)
{
	return lam_fail(r->e, LAM_DATA, "%s:%zu: %s", r->a->label,
		r->event.start_mark.line + 1, what);
}

/* The next event. */
static int
next(struct reader *r)
{
	if (r->held)
		yaml_event_delete(&r->event);
	r->held = yaml_parser_parse(&r->yaml, &r->event);
	if (!r->held && r->yaml.error == YAML_MEMORY_ERROR)
		return lam_fail_mem(r->e);
	if (!r->held)
		return lam_fail(r->e, LAM_DATA, "%s:%zu: no YAML: %s",
			r->a->label, r->yaml.problem_mark.line + 1,
			r->yaml.problem ? r->yaml.problem : "unknown");
	if (r->event.type == YAML_ALIAS_EVENT)
		return fail_at(r, "an alias, which files of rules do not have");
	return LAM_OK;
}

static int
expect(struct reader *r, yaml_event_type_t type, const char *what)
{
	int rc = next(r);

	return rc || r->event.type == type ? rc : fail_at(r, what);
}

/* Pass the value that comes, whatever it is. */
static int
skip(struct reader *r)
{
	unsigned depth = 0;
	int rc;

	do {
		rc = next(r);
		if (rc)
			return rc;
		depth += r->event.type == YAML_SEQUENCE_START_EVENT ||
			r->event.type == YAML_MAPPING_START_EVENT;
		depth -= r->event.type == YAML_SEQUENCE_END_EVENT ||
			r->event.type == YAML_MAPPING_END_EVENT;
	} while (depth);
	return LAM_OK;
}

static struct lam_str
scalar(const struct reader *r)
{
	return (struct lam_str){ (const char *)r->event.data.scalar.value,
		r->event.data.scalar.length };
}

/* The text of the value that comes, in the arena; none for an empty one. */
static int
read_text(struct reader *r, struct lam_str *out)
{
	int rc = expect(r, YAML_SCALAR_EVENT, "a text is expected");
	struct lam_str s;

	*out = (struct lam_str){ NULL, 0 };
	if (rc)
		return rc;
	s = scalar(r);
	if (!s.n || (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		(lam_str_is(s, "~") || lam_str_is(s, "null"))))
		return LAM_OK;
	if (memchr(s.p, '\0', s.n))
		return fail_at(r, "the text has a NUL");
	out->p = lam_arena_dup(&r->a->arena, s.p, s.n);
	out->n = s.n;
	return out->p ? LAM_OK : lam_fail_mem(r->e);
}

/* What a key of a rule says; the event at hand is the key. */
static int
read_key(struct reader *r, const struct lam_agent_form *form,
	struct lam_agent_rule *rule)
{
	struct lam_str key = scalar(r), text;
	int rc;

	if (lam_str_is(key, "regex")) {
		rule->line = (uint32_t)r->event.start_mark.line + 1;
		return read_text(r, &rule->regex);
	}
	if (lam_str_is(key, "regex_flag")) {
		rc = read_text(r, &text);
		rule->caseless = !rc && text.p && lam_str_is(text, "i");
		return rc || !text.p || rule->caseless ? rc :
			fail_at(r, "a flag other than i");
	}
	for (unsigned i = 0; i < LAM_AGENT_VALUES && form->value[i]; i++)
		if (lam_str_is(key, form->value[i])) {
			rc = read_text(r, &text);
			rule->value[i] = text.p;
			return rc;
		}
	return skip(r);
}

static int
read_rule(struct reader *r, const struct lam_agent_form *form,
	struct lam_agent_list *l)
{
	struct lam_agent_rule rule = { .regex = { NULL, 0 } };
	int rc = LAM_OK;

	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail_at(r, "a rule is expected: - regex: '...'");
	while (!rc && !(rc = next(r)) &&
		r->event.type != YAML_MAPPING_END_EVENT)
		rc = r->event.type == YAML_SCALAR_EVENT ?
			read_key(r, form, &rule) :
			fail_at(r, "a key of a rule is expected");
	if (rc)
		return rc;
	if (!rule.regex.p)
		return fail_at(r, "the rule before here has no regex");
	if (l->n == RULES_MAX)
		return fail_at(r, "too many rules");
	if (!lam_array_room(&l->rule, &l->cap, l->n + 1, sizeof *l->rule))
		return lam_fail_mem(r->e);
	l->rule[l->n++] = rule;
	return LAM_OK;
}

static int
read_list(struct reader *r, unsigned i)
{
	struct lam_agent_list *l = &r->a->list[i];
	int rc = l->n ? fail_at(r, "the list is there twice") :
		expect(r, YAML_SEQUENCE_START_EVENT, "a list of rules is "
			"expected");

	while (!rc && !(rc = next(r)) &&
		r->event.type != YAML_SEQUENCE_END_EVENT)
		rc = read_rule(r, &lam_agent_form[i], l);
	return rc;
}

static int
read_lists(struct reader *r)
{
	int rc = expect(r, YAML_STREAM_START_EVENT, "no YAML");

	if (!rc)
		rc = expect(r, YAML_DOCUMENT_START_EVENT, "the file is empty");
	if (!rc)
		rc = expect(r, YAML_MAPPING_START_EVENT, "the lists "
			"user_agent_parsers, os_parsers and device_parsers are "
			"expected");
	while (!rc && !(rc = next(r)) &&
		r->event.type != YAML_MAPPING_END_EVENT) {
		unsigned i = 0;

		if (r->event.type != YAML_SCALAR_EVENT)
			return fail_at(r, "the name of a list is expected");
		while (i < LAM_AGENT_LISTS && !lam_str_is(scalar(r),
			lam_agent_form[i].name))
			i++;
		rc = i < LAM_AGENT_LISTS ? read_list(r, i) : skip(r);
	}
	for (unsigned i = 0; !rc && i < LAM_AGENT_LISTS; i++)
		if (!r->a->list[i].n)
			rc = lam_fail(r->e, LAM_DATA, "%s: has no %s",
				r->a->label, lam_agent_form[i].name);
	return rc;
}

int
lam_agents_read(struct lam_agents *a, struct lam_str text, struct lam_error *e)
{
	struct reader r = { .a = a, .e = e };
	int rc;

	if (!yaml_parser_initialize(&r.yaml))
		return lam_fail_mem(e);
	yaml_parser_set_input_string(&r.yaml, (const unsigned char *)text.p,
		text.n);
	rc = read_lists(&r);
	if (r.held)
		yaml_event_delete(&r.event);
	yaml_parser_delete(&r.yaml);
	return rc;
}
