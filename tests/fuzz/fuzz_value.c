/*
 * fuzz_value.c - any bytes as a number, a time, a duration, a size: what parses prints back
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_number(const char *p, size_t n)
{
	struct lam_num v, again;
	char text[LAM_NUM_TEXT];
	unsigned scale;
	int64_t m;
	size_t len;

	if (lam_num_parse64(p, n, &m, &scale)) {
		struct lam_num fast = { m, scale };

		if (!lam_num_parse(p, n, &v) || lam_num_cmp(v, fast))
			abort();
	}
	if (!lam_num_parse(p, n, &v))
		return;
	len = lam_num_print(v, text);
	if (!lam_num_parse(text, len, &again) || lam_num_cmp(v, again))
		abort();
	again = lam_num_normal(v);
	if (lam_num_cmp(v, again) || again.scale > v.scale)
		abort();
}

static void
check_time(const char *p, size_t n)
{
	struct lam_timeform form;
	char text[LAM_TIME_TEXT];
	int64_t ns, again;
	size_t len;

	if (!lam_time_parse(p, n, &ns, &form))
		return;
	len = lam_time_print(ns, text);
	if (!lam_time_parse(text, len, &again, NULL) || again != ns)
		abort();
	if (form.form == LAM_TIME_FORMS)
		return;
	len = lam_time_print_form(ns, &form, text);
	if (len != n || memcmp(text, p, n))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *p = malloc(size + 1);
	uint64_t bytes;
	int64_t ns;

	memcpy(p, data, size);
	p[size] = '\0';
	check_number(p, size);
	check_time(p, size);
	(void)lam_duration_parse(p, &ns);
	(void)lam_size_parse(p, &bytes);
	free(p);
	return 0;
}
