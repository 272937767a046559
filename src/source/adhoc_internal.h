/*
 * adhoc_internal.h - the parts of an ad hoc relation
 */
#ifndef LAM_SOURCE_ADHOC_INTERNAL_H
#define LAM_SOURCE_ADHOC_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "source/adhoc.h"
#include "source/source.h"
#include "time/zone.h"

#define REJECTS_TOLD 5 /* rejects reported one by one */

/* An input that is being read; closed when its last chunk is let go. */
struct adhoc_file {
	struct lam_input *in;
	const char *path;
	unsigned refs;
	uint32_t nfields;    /* of the input */
	uint32_t *column;    /* schema field -> its field, or UINT32_MAX */
	bool *want;	     /* [nfields]; NULL before the query is known */
	bool split;	     /* into pieces: read as it is numbered, */
	bool joined;	     /* but behind a rest one chunk after the other */
	/* Of the chunk whose turn it is, under lam_adhoc.numbering: */
	uint64_t line;	  /* its first; 0: the file is not split */
	bool torn;	  /* a piece had a rest: there, and what is behind counts */
	uint64_t torn_at; /* only when it was read after that */
};

struct lam_adhoc_slot {
	struct lam_adhoc *owner;
	struct adhoc_file *file;
	struct lam_chunk chunk;
	struct lam_cells cells;
	uint64_t ticket;
	bool joined; /* as the file was when it was claimed */
	uint64_t pos; /* of the live chunk */
	bool *loaded; /* [schema.n]: fields of the live chunk; NULL: none is */
};

struct lam_adhoc {
	struct lam_adhoc_options options;
	struct lam_names path;
	size_t nextpath;
	struct lam_arena arena;
	struct lam_schema schema, given; /* given: the schema file's */
	const bool *used;
	bool rows_asked; /* see lam_adhoc_rows_asked */
	struct lam_zone *zone; /* of times that have none, or NULL */
	struct lam_bad bad;
	struct lam_source source, chunk_source;
	bool chunk_ready;
	bool live;	    /* chunks are taken one by one */
	bool quiet;	    /* there is neither a chunk nor the end */
	int patience;	    /* ms, see lam_adhoc_chunk */

	pthread_mutex_t reading; /* of these: held while a chunk is read */
	struct adhoc_file *file; /* current; NULL: between files */
	bool ended;
	struct lam_buf missing;	 /* lines on files: no column, chosen formats */
	struct lam_buf left_out; /* columns of the last file that are none */
	uint64_t tickets;	     /* chunks claimed */
	struct lam_adhoc_slot first; /* parsed for the schema, not yet read */
	bool have_first;

	pthread_mutex_t numbering; /* of these: held for moments */
	pthread_cond_t turned;
	atomic_bool failed; /* set under it, read anywhere */
	uint64_t turn;	    /* chunks numbered */
	uint64_t rows;	    /* records before the chunk whose turn it is */
	uint64_t rejected;
	uint64_t headers; /* lines that were the header once more */
	uint64_t told_rejected, told_bad, told_headers;
	struct lam_buf told; /* lines on the first rejects */

	struct lam_adhoc_slot *slot;
	unsigned workers;
};

/* adhoc_read.c */
int lam_adhoc_next_file(struct lam_adhoc *a, struct lam_error *e) LAM_MUST;
void lam_adhoc_leave_file(struct lam_adhoc *a);
/* Open the first input that has records, or else fields: their names, and its first
 * chunk if there is one. */
int lam_adhoc_first_file(struct lam_adhoc *a, const char *const **names, size_t *n,
	struct lam_error *e) LAM_MUST;
/* Read the current file, which has no fields, to its end: it is empty, or no line is a
 * record, and each that is none is told. */
int lam_adhoc_pass_file(struct lam_adhoc *a, struct lam_error *e) LAM_MUST;
/* The next chunk that holds a record, parsed and numbered: B->pos. */
int lam_adhoc_read(struct lam_adhoc *a, struct lam_adhoc_slot *s,
	uint64_t *pos, bool *got, struct lam_error *e) LAM_MUST;
void lam_adhoc_let_go(struct lam_adhoc *a, struct lam_adhoc_slot *s);
/* A name for messages. */
const char *lam_adhoc_label(const char *path);
/* One more of the NAMES that a message lists, up to some. */
void lam_adhoc_list_name(struct lam_buf *names, const char *name);

#endif
