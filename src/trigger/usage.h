/*
 * usage.h - what a function has used, from its ledger
 */
#ifndef LAM_TRIGGER_USAGE_H
#define LAM_TRIGGER_USAGE_H

#include "trigger/lag.h"
#include "trigger/ledger.h"

struct lam_usage {
	uint64_t requests; /* attempts */
	uint64_t errors;   /* that did not succeed, for whatever reason: */
	uint64_t timeouts, ooms, rejected;
	uint64_t retries;  /* attempts after the first */
	uint64_t dead;	   /* batches that were given up */
	uint64_t records;  /* of batches that are done */
	double gb_s;	   /* limits of memory (2^30 bytes) times durations */
	double cpu_s;
	int64_t p50, p99;  /* of the durations, ns */
	uint64_t memory;   /* the most one attempt had in use, bytes */
	uint64_t next;	   /* the position it has come to */
	uint64_t pending;  /* batches that are begun and not done */
	struct lam_lag lag;
	/* Its own. */
	int64_t *took;
	size_t n, cap;
	struct lam_ledger_progress progress;
};

#define LAM_USAGE_INIT { .lag = LAM_LAG_INIT }

/* Of the function NAME of DATA, by all files of its ledger.  Release U in any case. */
int lam_usage_find(struct lam_usage *u, const char *data, const char *name,
	struct lam_error *e) LAM_MUST;
void lam_usage_release(struct lam_usage *u);

/* What a GB-second and a request cost, in whatever coin. */
struct lam_usage_price {
	double gb_s, request;
};

/* "GB_S[,REQUEST]"; false: it is none. */
bool lam_usage_price_parse(const char *text, struct lam_usage_price *p);

#endif
