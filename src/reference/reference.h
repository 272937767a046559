/*
 * reference.h - files of the machine that functions look things up in
 *
 * user_agent() has the rules of uap-core, geo() a file of places by address.  A call is
 * bound to the file as stat says it is then (base/seen_file.h); what is computed
 * for the query comes from this file or fails, whatever is put in its place meanwhile.
 * So the checksum in the spec of a view (partial/spec.h) is that of the very bytes
 * which made its partials.
 *
 * To bind costs a stat(2).  The file is read when its checksum is asked for and not
 * known, and its contents are made ready when rows come; all queries of the process
 * share them, until the file is another and no query has it in use.
 */
#ifndef LAM_REFERENCE_REFERENCE_H
#define LAM_REFERENCE_REFERENCE_H

#include <stdint.h>

#include "base/err.h"

enum lam_reference_kind {
	LAM_REFERENCE_AGENTS, /* agents.h */
	LAM_REFERENCE_GEO,    /* geo.h */
	LAM_REFERENCES
};

#define LAM_REFERENCE_AGENTS_PATH "/usr/share/uap-core/regexes.yaml"

struct lam_reference;

/* The file of KIND is PATH from now on, which stays the caller's; at first there is
 * LAM_REFERENCE_AGENTS_PATH, and none for GEO.  Before there are threads. */
void lam_reference_set(enum lam_reference_kind kind, const char *path);

/* The file of KIND as it is now, there or not; it lives as long as the process.  NULL:
 * no memory. */
struct lam_reference *lam_reference_now(enum lam_reference_kind kind);

/* The checksum of its bytes, which the dataset DATA may know, or (NULL) none.
 * LAM_USAGE: there is no file, and what to do.  LAM_DATA: it has changed meanwhile. */
int lam_reference_sum(struct lam_reference *r, const char *data, uint64_t *sum,
	struct lam_error *e) LAM_MUST;

/* Its contents, a struct lam_agents or lam_geo, until they are closed.  Likewise; and
 * LAM_DATA: it is no such file. */
int lam_reference_open(struct lam_reference *r, void **contents,
	struct lam_error *e) LAM_MUST;
void lam_reference_close(struct lam_reference *r);

#endif
