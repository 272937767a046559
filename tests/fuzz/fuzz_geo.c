/*
 * fuzz_geo.c - any bytes as a file of MaxMind's form
 *
 * What libmaxminddb takes is asked for addresses of both kinds, at several paths; the
 * answer is a value, none, or that the file is damaged.
 */
#include <sys/mman.h>

#include "base/io.h"
#include "fuzz.h"
#include "reference/geo.h"

const char *__lsan_default_suppressions(void);

/* Of some files that it refuses the library keeps what it had read of their metadata;
 * a program then ends. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:data_pool_new";
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const path[][4] = { { "country", "iso_code" },
		{ "city", "names", "en" }, { "subdivisions", "0", "iso_code" },
		{ "big" }, { "" } };
	static const uint8_t address[][16] = { { 10, 1, 2, 3 }, { 192, 0, 2, 1 },
		{ 0x20, 1, 0xd, 0xb8 }, { 255, 255, 255, 255, 255 }, { 0 } };
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf out = LAM_BUF_INIT;
	int fd = memfd_create("geo", MFD_CLOEXEC);
	char name[64];
	void *geo;

	MUST(fd >= 0 && !lam_io_write(fd, p, n, "geo", NULL));
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	if (lam_geo_load(&geo, name, &e)) {
		MUST(e.code == LAM_DATA || e.code == LAM_SYSTEM);
		close(fd);
		return 0;
	}
	for (size_t i = 0; i < sizeof path / sizeof *path; i++)
		for (size_t k = 0; k < 2 * sizeof address / sizeof *address; k++) {
			bool found = false;
			int rc;

			e = (struct lam_error)LAM_ERROR_INIT;
			rc = lam_geo_find(geo, address[k / 2], k % 2, path[i],
				&out, &found, &e);
			MUST(!rc || (rc == LAM_DATA && !found));
			lam_buf_clear(&out);
		}
	lam_geo_free(geo);
	lam_buf_release(&out);
	close(fd);
	return 0;
}
