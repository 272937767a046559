/*
 * fuzz_http.c - a request means the same whole and byte by byte
 *
 * And whatever is accepted keeps to the grammar: a token for each name, no control
 * character in a value, no byte of the body that no length told of.
 */
#include "fuzz.h"

#include "http/message.h"

#define BODY_MAX 4096

static void
check_fields(const struct lam_http_message *m)
{
	for (size_t i = 0; i < m->nfields; i++) {
		struct lam_str name = m->field[i].name, v = m->field[i].value;

		MUST(name.n > 0);
		for (size_t k = 0; k < name.n; k++)
			MUST(name.p[k] > ' ' && name.p[k] != ':' &&
				name.p[k] != 0x7f);
		for (size_t k = 0; k < v.n; k++)
			MUST((unsigned char)v.p[k] >= ' ' || v.p[k] == '\t');
		MUST(v.n == 0 || (v.p[0] != ' ' && v.p[v.n - 1] != ' '));
	}
	MUST(m->target.p[0] == '/');
	MUST(lam_http_field(m, "content-length").p == NULL ||
		lam_http_field(m, "transfer-encoding").p == NULL ||
		m->nhead < m->nfields);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_http_message whole = { .body_max = BODY_MAX };
	struct lam_http_message bytes = { .body_max = BODY_MAX };
	char *text = fuzz_copy(data, size);
	size_t used = lam_http_feed(&whole, text, size), n = 0;

	while (n < size && bytes.state < LAM_HTTP_DONE) {
		char *one = fuzz_copy(text + n, 1);

		MUST(lam_http_feed(&bytes, one, 1) == 1);
		free(one);
		n++;
	}
	MUST(used == n && whole.state == bytes.state &&
		whole.status == bytes.status);
	MUST(whole.body.n <= BODY_MAX && whole.body.n == bytes.body.n);
	MUST(whole.body.n == 0 ||
		!memcmp(whole.body.p, bytes.body.p, whole.body.n));
	MUST(whole.nfields == bytes.nfields && whole.keep == bytes.keep);
	if (whole.state == LAM_HTTP_DONE)
		check_fields(&whole);
	lam_http_release(&whole);
	lam_http_release(&bytes);
	free(text);
	return 0;
}
