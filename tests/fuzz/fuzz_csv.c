/*
 * fuzz_csv.c - any bytes as CSV: what libcsv finds, however it is cut and by
 * whichever instructions (records.h)
 */
#include "format/formats.h"
#include "records.h"

static void
oracle(const char *p, size_t n, uint32_t nfields, struct lam_buf *out)
{
	csv_oracle(p, n, nfields, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return records_check(&lam_format_csv, LAM_CSV_SYNTAX, oracle, data, size);
}
