/*
 * fuzz_plot.c - any rows as a picture: nothing of them steers a terminal or gnuplot
 *
 * Six bytes choose the kind, columns, their types and the size; then cells, a line for
 * each row, with commas between.
 */
#include "fuzz.h"
#include "output/visible.h"
#include "plot/plot.h"

#define COLUMNS 4

static struct lam_input_field field[COLUMNS];
static struct lam_expr expr[COLUMNS];
static struct lam_output output[COLUMNS];

static void
add(struct lam_plot_rows *r, struct lam_str text)
{
	struct lam_str s[COLUMNS];
	struct lam_vec v[COLUMNS];
	size_t rows = 0;

	while (text.n && rows++ < 200) {
		struct lam_str line = fuzz_line(&text);

		for (uint32_t c = 0; c < r->ncolumns; c++) {
			const char *end = line.n ? memchr(line.p, ',', line.n) : NULL;
			size_t n = end ? (size_t)(end - line.p) : line.n;

			s[c] = (struct lam_str){ n ? line.p : NULL, n };
			line.p += n + !!end;
			line.n -= n + !!end;
			v[c] = (struct lam_vec){ .type = LAM_TEXT, .n = 1,
				.rep = LAM_FLAT, .str = &s[c] };
		}
		MUST(!lam_plot_rows_add(r, v, 1, NULL));
	}
}

/* Lines of what is visible; SCRIPT: outside of single quotes none of the cells. */
static void
check(const struct lam_buf *out, bool script)
{
	bool quoted = false;

	MUST(!out->oom);
	for (size_t i = 0; i < out->n; i++) {
		unsigned char c = (unsigned char)out->p[i];

		MUST(c >= ' ' || c == '\n');
		MUST(c != 0x7f);
		quoted ^= c == '\'';
		MUST(!script || !quoted || c != '\n');
	}
	MUST(!script || !quoted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const name[COLUMNS] = { "a", "b", "c'\x1b", "d" };
	struct lam_plot_rows r = { .arena = LAM_ARENA_INIT };
	struct lam_plot_options o = { 0 };
	struct lam_stage input = { .field = field };
	struct lam_query q = { .input = &input, .output = output };
	struct lam_plot_grid g = { 0 };
	struct lam_buf out = LAM_BUF_INIT;
	char *p;
	int rc;

	if (size < 6)
		return 0;
	p = fuzz_copy(data + 6, size - 6);
	o.kind = data[0] % 7;
	q.noutputs = input.nfields = 1 + data[1] % COLUMNS;
	for (uint32_t c = 0; c < q.noutputs; c++) {
		uint8_t type = data[2] >> 2 * c & 3;

		field[c] = (struct lam_input_field){ name[c], { type == 1 ?
			LAM_NUMBER : type == 2 ? LAM_TIME : LAM_TEXT, 0 }, 0,
			false };
		expr[c] = (struct lam_expr){ .kind = LAM_X_FIELD, .raw = true,
			.type = LAM_TEXT, .index = c };
		output[c] = (struct lam_output){ name[c], &expr[c] };
	}
	o.width = 1 + data[3];
	o.height = 1 + data[4];
	o.bins = o.kind == LAM_PLOT_HISTOGRAM ? data[5] >> 1 : 0;
	o.ascii = data[5] & 1;
	o.title = "title";
	MUST(!lam_plot_rows_open(&r, &q, NULL));
	add(&r, (struct lam_str){ p, size - 6 });
	rc = r.n ? lam_plot_grid(&r, &o, &g, NULL) : LAM_NOTHING;
	MUST(!rc || rc == LAM_USAGE || rc == LAM_NOTHING);
	if (!rc && g.kind != LAM_PLOT_LINE) {
		lam_plot_text(&g, &o, &out);
		check(&out, false);
	}
	lam_buf_clear(&out);
	if (!rc) {
		lam_plot_script(&g, &o, "svg", &out);
		check(&out, true);
	}
	lam_buf_release(&out);
	lam_plot_rows_release(&r);
	free(p);
	return 0;
}
