/*
 * agents.h - what a user agent is: browser, system, device, by the rules of uap-core
 *
 * A file of rules is YAML (libyaml) of three lists of regular expressions (PCRE2).  In
 * each list the first that matches some part of the text decides.  A value is a group
 * of the match, or a text of the rule in which $1 to $9 stand for groups:
 *
 *	user_agent_parsers  family_replacement, v1_, v2_, v3_   groups 1 to 4
 *	os_parsers	    os_replacement, os_v1_ .. os_v4_    groups 1 to 5
 *	device_parsers	    device_, brand_, model_replacement  groups 1, none, 1
 *
 * Values have no blanks at their ends; an empty one is none.  The family of what no
 * rule matches is "Other", as is one that a rule leaves empty.
 */
#ifndef LAM_REFERENCE_AGENTS_H
#define LAM_REFERENCE_AGENTS_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

enum lam_agent_part {
	LAM_AGENT_BROWSER, LAM_AGENT_BROWSER_VERSION,
	LAM_AGENT_OS, LAM_AGENT_OS_VERSION,
	LAM_AGENT_DEVICE, LAM_AGENT_BRAND, LAM_AGENT_MODEL,
	LAM_AGENT_BOT, /* "true" or "false": is the device a Spider? */
	LAM_AGENT_PARTS
};

/* "browser", "browser_version", ... */
extern const char *const lam_agent_part[LAM_AGENT_PARTS];

enum lam_agent_found {
	LAM_AGENT_FOUND,
	LAM_AGENT_NONE,	  /* no version, brand or model is known */
	LAM_AGENT_TOO_LONG /* a rule takes more steps than are allowed */
};

struct lam_agents;

/* *AGENTS: the struct lam_agents of PATH.  LAM_DATA: it is no such file, and where. */
int lam_agents_load(void **agents, const char *path, struct lam_error *e)
	LAM_MUST;
void lam_agents_free(void *agents);

/* Rules from the text of a file; LABEL names it in messages. */
int lam_agents_parse(struct lam_agents **out, struct lam_str text,
	const char *label, struct lam_error *e) LAM_MUST;

/* PART of the user agent TEXT, appended to OUT.  Any thread. */
int lam_agents_find(struct lam_agents *a, enum lam_agent_part part,
	struct lam_str text, struct lam_buf *out, enum lam_agent_found *found,
	struct lam_error *e) LAM_MUST;

#endif
