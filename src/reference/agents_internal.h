/*
 * agents_internal.h - rules of user agents, and what finds the ones that may match
 */
#ifndef LAM_REFERENCE_AGENTS_INTERNAL_H
#define LAM_REFERENCE_AGENTS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "reference/agents.h"
#include "reference/memo.h"

#define LAM_AGENT_LISTS 3
#define LAM_AGENT_VALUES 5 /* of a rule, at most */
#define LAM_AGENT_NEEDS 6  /* sets of words, of a rule */
#define LAM_AGENT_WORDS 32 /* in a set */
#define LAM_AGENT_WORD 16  /* bytes */

/* Texts of ASCII in lower case, or bytes beyond. */
struct lam_agent_words {
	unsigned n;
	uint8_t len[LAM_AGENT_WORDS];
	char word[LAM_AGENT_WORDS][LAM_AGENT_WORD];
};

struct pcre2_real_code_8;

struct lam_agent_rule {
	struct lam_str regex;
	bool caseless;
	uint32_t line;
	const char *value[LAM_AGENT_VALUES]; /* what is written for it, or NULL */
	uint32_t need[LAM_AGENT_NEEDS]; /* the sets that a match needs */
	unsigned needs;
	struct pcre2_real_code_8 *ascii; /* for texts of ASCII */
	/* The same with machine code, and code for other texts, which are UTF-8 or
	 * nearly; made when they are first needed. */
	struct pcre2_real_code_8 *_Atomic code[2];
};

/* What a list is called, and what its rules say. */
struct lam_agent_form {
	const char *name;
	const char *value[LAM_AGENT_VALUES]; /* up to a NULL */
	uint8_t group[LAM_AGENT_VALUES];     /* that it is otherwise; 0: none */
};

extern const struct lam_agent_form lam_agent_form[LAM_AGENT_LISTS];

/*
 * Which sets have a word in a text: an automaton of Aho and Corasick.  Its states are
 * rows of NEXT, its columns classes of bytes.
 */
struct lam_agent_filter {
	uint8_t class[256];
	unsigned classes;
	uint32_t states, sets;
	uint16_t *next;	 /* [states * classes] */
	uint32_t *first; /* [states + 1]: where the sets of a state are in HIT */
	uint32_t *hit;
};

struct lam_agent_list {
	struct lam_agent_rule *rule;
	size_t n, cap;
	struct lam_agent_filter filter;
};

struct lam_agents {
	char *label;
	struct lam_arena arena; /* of the texts */
	struct lam_agent_list list[LAM_AGENT_LISTS];
	struct lam_memo *memo[LAM_AGENT_LISTS];
	pthread_mutex_t lock; /* of what makes code */
};

/* agents_rules.c: the lists of TEXT. */
int lam_agents_read(struct lam_agents *a, struct lam_str text,
	struct lam_error *e) LAM_MUST;

/*
 * agents_words.c: sets of words such that a text which matches REGEX has one of each,
 * when its letters are taken as lower case.  The number of them, 0 where none is
 * known; SCRATCH is used and left empty.
 */
unsigned lam_agents_words(struct lam_str regex, struct lam_arena *scratch,
	struct lam_agent_words out[LAM_AGENT_NEEDS]);

/* agents_filter.c: the needs of all rules, and the filter of them. */
int lam_agents_filter_build(struct lam_agent_list *l, struct lam_error *e)
	LAM_MUST;
void lam_agents_filter_release(struct lam_agent_filter *f);
/* HIT: a bit for each set. */
void lam_agents_filter_run(const struct lam_agent_filter *f, struct lam_str text,
	uint64_t *hit);

/* agents_match.c: the values of the first rule that matches, as one text of LENGTHS and
 * bytes that lam_agents_find understands. */
int lam_agents_match(struct lam_agents *a, unsigned list, struct lam_str text,
	struct lam_buf *out, bool *too_long, struct lam_error *e) LAM_MUST;
/* All patterns are sound: LAM_DATA, and where one is not. */
int lam_agents_match_check(struct lam_agents *a, struct lam_error *e) LAM_MUST;
void lam_agents_match_release(struct lam_agents *a);

#endif
