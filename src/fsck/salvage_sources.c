/*
 * salvage_sources.c - the files of a damaged log, opened as they are
 */
#include "fsck/salvage_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/name.h"

/* There may be ten thousand segments: one descriptor at a time. */
static void
shut(struct lam_salvage_source *s)
{
	if (s->file.file.fd >= 0)
		close(s->file.file.fd);
	s->file.file.fd = -1;
}

int
lam_salvage_use(struct lam_salvage_job *j, size_t i, struct lam_error *e)
{
	struct lam_blockfile *f = &j->source[i].file.file;

	if (j->current == i + 1)
		return LAM_OK;
	if (j->current)
		shut(&j->source[j->current - 1]);
	j->current = i + 1;
	return lam_io_open(&f->fd, f->path, O_RDONLY, e);
}

/* The id that the header of S has, or none. */
static struct lam_str
source_id(const struct lam_salvage_source *s)
{
	struct lam_str id = { NULL, 0 };

	if (s->open && s->file.head)
		id = lam_meta_get((struct lam_str){ s->file.file.head.p,
			s->file.file.head.n }, "stream");
	return id.n == LAM_ID_HEX ? id : (struct lam_str){ NULL, 0 };
}

/* Settle on an id, and pass over sources that have another. */
static void
choose_stream(struct lam_salvage_job *j)
{
	struct lam_str first = { NULL, 0 };

	for (size_t i = 0; i < j->nsources; i++) {
		struct lam_str id = source_id(&j->source[i]);

		if (id.p && j->has_id && !memcmp(id.p, j->id, LAM_ID_HEX)) {
			first = (struct lam_str){ NULL, 0 };
			break;
		}
		if (!first.p)
			first = id;
	}
	if (first.p)
		memcpy(j->id, first.p, LAM_ID_HEX);
	for (size_t i = 0; i < j->nsources; i++) {
		struct lam_salvage_source *s = &j->source[i];
		struct lam_str id = source_id(s);

		if (!s->open || !s->file.head ||
			(id.p && !memcmp(id.p, j->id, LAM_ID_HEX)))
			continue;
		lam_found(j->f, LAM_MINOR, "%s: of another stream: passed "
			"over", s->file.file.path);
		s->file.file.nblocks = s->nfields = 0;
	}
}

static int
open_source(struct lam_salvage_job *j, struct lam_salvage_source *s, const char *name,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	char path[LAM_PATH_MAX];
	bool ok;
	int rc;

	rc = lam_io_path(path, sizeof path, e, "%s/%s", j->dir, name);
	if (rc)
		return rc;
	if (!lam_segment_name(name, &s->base))
		s->base = UINT64_MAX;
	rc = lam_rescue_open(&s->file, path, &why);
	rc = lam_judge(j->f, LAM_GRAVE, rc, &why, &ok, e);
	if (rc || !ok)
		return rc;
	s->open = true;
	shut(s);
	if (!s->file.head)
		return LAM_OK;
	rc = lam_segment_fields(&s->file.file, &j->arena, &s->field,
		&s->nfields, &why);
	rc = lam_judge(j->f, LAM_MINOR, rc, &why, &ok, e);
	if (!ok)
		s->nfields = 0;
	return rc;
}

/* Step 2 for a source without a header. */
static int
guess_fields(struct lam_salvage_job *j, struct lam_salvage_source *s,
	struct lam_error *e)
{
	for (size_t i = 0; i < j->nsources; i++)
		if (j->source[i].nfields > s->nfields) {
			s->field = j->source[i].field;
			s->nfields = j->source[i].nfields;
		}
	if (s->nfields)
		return LAM_OK;
	s->field = LAM_ARENA_NEW(&j->arena, const char *, j->schema.n + 1);
	if (!s->field)
		return lam_fail_mem(e);
	for (size_t i = 0; i < j->schema.n; i++)
		s->field[i] = j->schema.field[i].name;
	s->nfields = j->schema.n;
	return LAM_OK;
}

int
lam_salvage_open_sources(struct lam_salvage_job *j, struct lam_error *e)
{
	struct lam_names names = LAM_NAMES_INIT;
	struct lam_error why = LAM_ERROR_INIT;
	bool found;
	int rc;

	if (lam_stream_id_read(j->dir, j->id, &j->has_id, NULL))
		j->has_id = false;
	if (lam_schema_read(j->dir, &j->arena, &j->schema, &found,
		&why))
		j->schema.n = 0;
	rc = lam_io_list(j->dir, ".seg", &names, e);
	j->source = calloc(names.n + 1, sizeof *j->source);
	if (!rc && !j->source)
		rc = lam_fail_mem(e);
	for (size_t i = 0; !rc && i < names.n; i++)
		rc = open_source(j, &j->source[j->nsources++], names.name[i],
			e);
	choose_stream(j);
	if (lam_durable_read(j->dir, j->id, &j->durable, NULL))
		j->durable = (struct lam_durable){ false, 0, 0, 0 };
	for (size_t i = 0; !rc && i < j->nsources; i++)
		if (j->source[i].open && !j->source[i].nfields)
			rc = guess_fields(j, &j->source[i], e);
	lam_names_release(&names);
	return rc;
}
