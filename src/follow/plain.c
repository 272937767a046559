/*
 * plain.c - a file read from its start to its end, whatever was read of it before
 *
 * Its trail goes on behind: it is counted on, and the file's place is where it ends
 * now.  So a run that was stopped or killed is gone on with by --resume.
 */
#include "follow/plain.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "follow/alike.h"
#include "follow/follow_internal.h"
#include "follow/names.h"
#include "follow/old.h"

/* Was S read of R's file? */
static bool
is_of(const struct lam_follow_reader *r, const struct lam_seen *s)
{
	bool same = false;

	if (!s->mark.at || r->file.packed || r->file.size < s->mark.at ||
		!lam_file_same_id(&r->file.id, &s->id))
		return lam_alike_text(r, s);
	return !lam_file_ends(&r->file, &s->mark, &same, NULL) && same;
}

/* What is known of R's file goes to it, and the most that was read of its text. */
static uint64_t
find_known(const struct lam_follow *f, struct lam_follow_reader *r)
{
	uint64_t most = 0;

	for (size_t i = 0; i < f->trails.n; i++) {
		struct lam_trail *t = f->trails.item[i];

		for (size_t k = 0; k < t->n; k++) {
			struct lam_seen *s = t->seen[k];

			if (!r->seen && lam_file_same_id(&r->file.id, &s->id)) {
				r->seen = s;
				r->trail = t;
			}
			if (s->mark.at > most && is_of(r, s))
				most = s->mark.at;
		}
	}
	return most;
}

static void
tell_known(const struct lam_follow *f, const char *file, uint64_t n)
{
	struct lam_buf b = LAM_BUF_INIT;

	lam_buf_printf(&b, "%s: its first %llu bytes are in the stream already, and "
		"come in again: --resume takes only what is new", file,
		(unsigned long long)n);
	f->tell(f->arg, lam_buf_str(&b));
	lam_buf_release(&b);
}

/* R's file is at its start again, in its trail or in that of PATH. */
static int
begin(struct lam_follow *f, struct lam_follow_reader *r, const char *path,
	struct lam_error *e)
{
	int rc = LAM_OK;

	if (!r->seen)
		rc = lam_trails_get(&f->trails, path, &r->trail, e);
	if (!rc && !r->seen)
		rc = lam_trail_add(r->trail, &r->seen, e);
	if (rc)
		return rc;
	lam_old_back(r->trail, r->seen);
	r->seen->mark = (struct lam_mark){ 0 };
	r->seen->line = 1;
	r->seen->flags = 0;
	lam_buf_clear(&r->seen->memory);
	lam_buf_clear(&r->seen->text);
	r->seen->nsteps = 0;
	r->plain = r->ended = true;
	return LAM_OK;
}

/* Is PATH nobody's to follow?  Of a dataset that there is not, nobody follows. */
static int
claim(struct lam_follow *f, const char *path, bool *ours, struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc = access(f->claims.data, F_OK) ? LAM_OK :
		lam_claim(&f->claims, path, &why);

	*ours = !rc;
	if (rc == LAM_DATA && f->tell)
		f->tell(f->arg, why.msg);
	if (rc == LAM_DATA)
		return LAM_OK;
	if (rc && e)
		*e = why;
	return rc;
}

/* Can FILE be read as the options say?  Else nothing of it comes in. */
static int
check(struct lam_follow *f, const char *file, struct lam_error *e)
{
	struct lam_input *in;
	int rc = lam_input_open(&in, file, f->options, e);

	if (rc)
		return rc;
	rc = lam_ingest_check(f->ingest, in, file, e);
	lam_input_close(in);
	return rc;
}

/* *TAKEN false: FILE has no place, and nothing was read. */
static int
read_file(struct lam_follow *f, const char *file, const char *path, bool *taken,
	struct lam_error *e)
{
	struct lam_follow_reader r = { .file.fd = -1 };
	int wait = f->ingest->wait_ms, rc;
	uint64_t known;

	rc = claim(f, path, taken, e);
	if (!rc && *taken)
		rc = lam_file_open(&r.file, file, taken, e);
	if (rc || !*taken)
		return rc;
	known = find_known(f, &r);
	if (known && f->tell)
		rc = check(f, file, e);
	if (!rc && known && f->tell)
		tell_known(f, file, known);
	if (!rc)
		rc = begin(f, &r, path, e);
	if (!rc)
		rc = lam_reader_run(&r, f->ingest, f->options, e);
	f->ingest->wait_ms = wait;
	lam_reader_close(&r);
	return rc;
}

static int
read_regular(struct lam_follow *f, const char *file, bool *taken, struct lam_error *e)
{
	char given[LAM_PATH_MAX], *name = given;
	struct lam_names path;
	int rc = lam_io_path(given, sizeof given, e, "%s", file);

	if (!rc)
		rc = lam_follow_load(f, e);
	if (!rc)
		rc = lam_names_expand(&name, 1, &path, e);
	if (rc)
		return rc;
	rc = read_file(f, file, path.name[0], taken, e);
	lam_names_release(&path);
	return rc;
}

int
lam_plain_read(struct lam_follow *f, const char *file, const char *label,
	struct lam_error *e)
{
	struct lam_input *in;
	struct stat st;
	bool taken = false;
	int rc = LAM_OK;

	if (strcmp(file, "-") && !stat(file, &st) && S_ISREG(st.st_mode))
		rc = read_regular(f, file, &taken, e);
	if (rc || taken)
		return rc;
	rc = lam_input_open(&in, file, f->options, e);
	if (rc)
		return rc;
	rc = lam_ingest_run(f->ingest, in, label, e);
	lam_input_close(in);
	return rc;
}
