/*
 * fuzz_tsv.c - any bytes as TSV in several dialects: what a reading byte by byte finds,
 * however it is cut and by whichever instructions (records.h)
 */
#include "format/formats.h"
#include "records.h"

/* The last three have no escape, another one, and comments. */
static const struct lam_csv_syntax dialects[] = {
	{ '\t', 0, '\\', 0, false, true, false },
	{ ',', 0, '\\', 0, false, true, false },
	{ '|', 0, 0, 0, false, false, false },
	{ ',', 0, '~', 0, false, true, false },
	{ '\t', 0, '\\', '#', false, true, true },
};

/* One value P[N], as the grammar in csv_plain.c says. */
static void
put_value(const struct lam_csv_syntax *s, const char *p, size_t n,
	struct lam_buf *out)
{
	static const char letter[] = "tnrbfv", means[] = "\t\n\r\b\f\v";

	if (s->escapes && n == 2 && p[0] == s->escape && p[1] == 'N') {
		lam_buf_putc(out, '~');
		return;
	}
	lam_buf_putc(out, '<');
	for (size_t i = 0; i < n; i++) {
		bool pair = s->escapes && p[i] == s->escape && i + 1 < n &&
			p[i + 1];
		const char *at = pair ? strchr(letter, p[i + 1]) : NULL;

		lam_buf_putc(out, at ? means[at - letter] : p[i]);
		i += at || (pair && p[i + 1] == s->escape);
	}
	lam_buf_putc(out, '>');
}

static void
oracle(const struct lam_csv_syntax *s, const char *p, size_t n, uint32_t nfields,
	struct lam_buf *out)
{
	const char *end = p + n, *next;
	uint64_t line = 1;

	for (; p < end; p = next, line++) {
		const char *to = p, *from = p;
		uint32_t fields = 1;

		for (; to < end && *to != '\n'; to++)
			fields += *to == s->delimiter;
		next = to + (to < end);
		if (s->comments && *p == s->comment)
			continue;
		to -= to > p && to[-1] == '\r';
		if (to == p && nfields != 1)
			continue;
		if (fields != nfields) {
			lam_buf_printf(out, "! %llu\n", (unsigned long long)line);
			continue;
		}
		for (const char *c = p; c <= to; c++)
			if (c == to || *c == s->delimiter) {
				put_value(s, from, (size_t)(c - from), out);
				from = c + 1;
			}
		lam_buf_putc(out, '\n');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return records_check(&lam_format_tsv, dialects,
		sizeof dialects / sizeof *dialects, oracle, data, size);
}
