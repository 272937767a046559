/*
 * salvage_internal.h - between the files of salvage
 */
#ifndef LAM_FSCK_SALVAGE_INTERNAL_H
#define LAM_FSCK_SALVAGE_INTERNAL_H

#include "fsck/rescue.h"
#include "fsck/salvage.h"
#include "fsck/salvage_places.h"
#include "log/segment.h"

struct lam_salvage_source { /* a segment file */
	struct lam_rescue file;
	uint64_t base; /* as it is named; UINT64_MAX: otherwise */
	bool open;
	const char **field;
	size_t nfields;
};

struct lam_salvage_piece { /* a block of one */
	uint64_t first;
	uint32_t nrows;
	size_t source, block;
};

struct lam_salvage_job {
	char dir[LAM_PATH_MAX], id[LAM_ID_HEX + 1];
	bool has_id;
	struct lam_findings *f;
	struct lam_salvage *s;
	struct lam_salvage_source *source;
	size_t nsources;
	struct lam_salvage_piece *piece;
	size_t npieces;
	struct lam_schema schema; /* as far as it can be read */
	struct lam_durable durable;
	struct lam_range_set kept;
	struct lam_salvage_places places;
	struct lam_append *append;
	size_t layout;		/* source whose fields were set last, + 1 */
	size_t current;		/* source whose file is open, + 1 */
	struct lam_block_facts facts;
	struct lam_arena arena, block;
};

/* Steps 1 and 2. */
int lam_salvage_open_sources(struct lam_salvage_job *j, struct lam_error *e)
	LAM_MUST;
/* Let source I, which is open, have its descriptor. */
int lam_salvage_use(struct lam_salvage_job *j, size_t i, struct lam_error *e)
	LAM_MUST;

#endif
