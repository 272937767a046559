/*
 * fuzz_csv.c - any bytes as CSV: what libcsv finds, however it is cut and by
 * whichever instructions (records.h)
 */
#include "records.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return records_check(&lam_format_csv, data, size);
}
