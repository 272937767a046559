/*
 * fuzz_csv.c - any bytes as CSV in several dialects: what libcsv finds, however it is
 * cut and by whichever instructions (records.h)
 */
#include "format/formats.h"
#include "records.h"

static const struct lam_csv_syntax dialects[] = {
	{ ',', '"', 0, 0, true, false, false },
	{ ';', '"', 0, 0, true, false, false },
	{ '\t', '\'', 0, 0, true, false, false },
	{ ',', '"', '\\', 0, true, true, false },
	{ ',', '"', 0, '#', true, false, true },
	{ '|', '\'', '\\', '#', true, true, true },
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return records_check(&lam_format_csv, dialects,
		sizeof dialects / sizeof *dialects, csv_oracle, data, size);
}
