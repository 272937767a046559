/*
 * fuzz_csv.c - any bytes: the splitter and libcsv find the same records
 *
 * The first byte says how many fields are expected and which delimiter.
 */
#include "../unit/csv_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];

	if (size < 1 || (size > 1 && (data[1] == 0x1f || data[1] == 0xef)))
		return 0; /* gzip and the byte order mark are input's affair */
	snprintf(path, sizeof path, "/tmp/lam-fuzz-csv-%d", (int)getpid());
	if (!csv_agree(data[0] & 4 ? '\t' : ',', (const char *)data + 1,
		size - 1, 1 + (data[0] & 3), path))
		abort();
	unlink(path);
	return 0;
}
