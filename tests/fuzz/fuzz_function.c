/*
 * fuzz_function.c - any text as a function file: read, or told with its line; and read
 * the same again
 */
#include "fuzz.h"
#include "trigger/function.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_function f, g;
	char *p = fuzz_copy(data, size);
	int rc;

	lam_function_init(&f);
	lam_function_init(&g);
	rc = lam_function_parse(&f, p, size, "function", &e);
	MUST(!rc || (rc == LAM_USAGE && !strncmp(e.msg, "function:", 9)));
	MUST(rc == lam_function_parse(&g, p, size, "function", NULL));
	if (!rc) {
		MUST(f.set == g.set && f.batch == g.batch &&
			f.timeout >= 0 && f.backoff >= 0 && f.memory);
		rc = lam_function_check(&f, &e);
		MUST(!rc || rc == LAM_USAGE);
		for (size_t i = 0; f.run && f.argv[i]; i++)
			MUST(*f.argv[i]);
	}
	lam_function_release(&f);
	lam_function_release(&g);
	free(p);
	return 0;
}
