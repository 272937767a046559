/*
 * append_internal.h - between the files of append
 */
#ifndef LAM_LOG_APPEND_INTERNAL_H
#define LAM_LOG_APPEND_INTERNAL_H

#include "base/name.h"
#include "log/append.h"
#include "log/tail.h"

struct lam_append {
	char data[LAM_PATH_MAX], stream[LAM_NAME_MAX + 1];
	char dir[LAM_PATH_MAX];
	char id[LAM_ID_HEX + 1];
	struct lam_limits limits;
	struct lam_tail tail;
	bool dirty;	 /* appended without SYNC since the last fsync */
	uint64_t ours;	 /* position after our last block, */
	uint64_t until;	 /* and the history there */
	uint64_t failures; /* of the tail, when it was written */
	bool has_schema;
	struct lam_schema schema;
	const char **name; /* of the columns: those of the schema */
	uint32_t *map;
	struct lam_arena arena;	/* schema, name, map */
};

/* The stream's lock; letting go of what is not held is harmless. */
int lam_append_lock(struct lam_append *a, struct lam_error *e) LAM_MUST;
void lam_append_unlock(struct lam_append *a);

/* Under the lock: a->schema as the file has it now. */
int lam_append_read_schema(struct lam_append *a, struct lam_error *e) LAM_MUST;

/* Blocks have no records, and so the columns of the schema; one without fields is
 * made when there is none. */
int lam_append_no_fields(struct lam_append *a, struct lam_error *e) LAM_MUST;

#endif
