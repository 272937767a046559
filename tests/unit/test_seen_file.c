/*
 * test_seen_file.c - checksums kept by stat(2): what is damaged is not believed
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/seen_file.h"
#include "test.h"

/* A file that has not been changed for some seconds: this program. */
static const char self[] = "/proc/self/exe";

static unsigned looks;

static int
look(void *arg, const char *path, struct lam_buf *note, struct lam_error *e)
{
	(void)path;
	(void)e;
	looks++;
	lam_buf_puts(note, arg);
	return LAM_OK;
}

static char note[] = "two\nlines\tand a \\";

/* What is seen, and whether that needed a look. */
static bool
sees(const char *dir, const char *cache, uint64_t hash, bool looking)
{
	struct lam_seen_file s = LAM_SEEN_FILE_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	unsigned before = looks;
	bool ok = !lam_seen_file(&s, self, "name\tof it", dir, cache, look,
		note, &e) && s.hash == hash && s.note.n == strlen(note) &&
		!memcmp(s.note.p, note, s.note.n) &&
		looks == before + looking;

	lam_seen_file_release(&s);
	return ok;
}

/* The only file in DIR. */
static void
only(const char *dir, char *out, size_t size)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_names names;

	if (lam_io_list(dir, "", &names, &e) || names.n != 1)
		exit(1);
	snprintf(out, size, "%s/%s", dir, names.name[0]);
	lam_names_release(&names);
}

static void
put(const char *path, const char *p, size_t n)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(p, 1, n, f) != n || fclose(f))
		exit(1);
}

/* Until it has not been changed for so long that it is kept. */
static void
rest(void)
{
	const struct timespec while_ = { 0, 50000000 };
	struct stat st;

	while (stat(self, &st) == 0 && time(NULL) - st.st_ctim.tv_sec < 4)
		nanosleep(&while_, NULL);
}

int
main(void)
{
	char dir[] = "/tmp/test_seen_file.XXXXXX", cache[64], kept[512];
	struct lam_seen_file s = LAM_SEEN_FILE_INIT;
	struct lam_buf all = LAM_BUF_INIT, text = LAM_BUF_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	unsigned believed = 0, cut = 0;
	uint64_t hash;

	if (!mkdtemp(dir))
		return 1;
	snprintf(cache, sizeof cache, "%s/seen", dir);
	rest();
	CHECK(!lam_io_slurp_given(self, SIZE_MAX / 2, &all, &e));
	hash = lam_checksum(all.p, all.n);
	CHECK(sees(dir, NULL, hash, true));
	CHECK(sees(dir, cache, hash, true));
	CHECK(sees(dir, cache, hash, false));
	only(cache, kept, sizeof kept);
	CHECK(!lam_io_slurp_given(kept, 1 << 20, &text, &e));
	for (size_t i = 0; i < text.n; i++) {
		char was = text.p[i];

		text.p[i] ^= 1 << i % 8;
		put(kept, text.p, text.n);
		text.p[i] = was;
		believed += !sees(dir, cache, hash, true);
		put(kept, text.p, i);
		cut += !sees(dir, cache, hash, true);
	}
	CHECK(believed == 0);
	CHECK(cut == 0);
	CHECK(sees(dir, cache, hash, false));
	CHECK(!lam_seen_file(&s, self, "name", NULL, NULL, NULL, NULL, &e));
	CHECK(!lam_seen_file_same(&s, self, &e));
	s.ctime++;
	CHECK(lam_seen_file_same(&s, self, &e) == LAM_DATA);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK(lam_seen_file(&s, "/dev/null", "n", NULL, NULL, NULL, NULL, &e) ==
		LAM_DATA);
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK(lam_seen_file(&s, "/nowhere/x", "n", NULL, NULL, NULL, NULL, &e) ==
		LAM_SYSTEM && e.sys == 2);
	unlink(kept);
	rmdir(cache);
	rmdir(dir);
	lam_seen_file_release(&s);
	lam_buf_release(&all);
	lam_buf_release(&text);
	return DONE();
}
