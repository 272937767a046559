/*
 * test_plot.c - what is drawn of rows: the kind, places and series, and a bound
 *
 * Pictures of text are in plot.bats.
 */
#include "plot/plot.h"

#include <math.h>

#include "test.h"

#define COLUMNS 3

static struct lam_error e;
static struct lam_plot_rows r;
static struct lam_plot_grid g;

/* Rows of columns of TYPES ("n", "t", "T": time), cells apart by blanks. */
static int
rows(const char *types, const char *const *row, size_t n)
{
	static const char *const name[COLUMNS] = { "a", "b", "c" };
	uint32_t columns = (uint32_t)strlen(types);
	struct lam_input_field field[COLUMNS];
	struct lam_expr expr[COLUMNS];
	struct lam_output output[COLUMNS];
	struct lam_stage input = { .field = field, .nfields = columns };
	struct lam_query q = { .input = &input, .output = output,
		.noutputs = columns };
	int rc;

	for (uint32_t c = 0; c < columns; c++) {
		uint8_t type = types[c] == 'n' ? LAM_NUMBER : types[c] == 'T' ?
			LAM_TIME : LAM_TEXT;

		field[c] = (struct lam_input_field){ name[c], { type, 0 }, 0, false };
		expr[c] = (struct lam_expr){ .kind = LAM_X_FIELD, .raw = true,
			.type = LAM_TEXT, .index = c };
		output[c] = (struct lam_output){ name[c], &expr[c] };
	}
	rc = lam_plot_rows_open(&r, &q, &e);
	for (size_t i = 0; !rc && i < n; i++) {
		struct lam_vec v[COLUMNS];
		struct lam_str s[COLUMNS];
		const char *p = row[i];

		for (uint32_t c = 0; c < columns; c++) {
			s[c] = (struct lam_str){ p, strcspn(p, " ") };
			p += s[c].n + (p[s[c].n] == ' ');
			if (!s[c].n)
				s[c].p = NULL;
			v[c] = (struct lam_vec){ .type = LAM_TEXT,
				.rep = LAM_FLAT, .n = 1, .str = &s[c] };
		}
		rc = lam_plot_rows_add(&r, v, 1, &e);
	}
	return rc;
}

static void
begin(uint64_t most)
{
	memset(&r, 0, sizeof r);
	memset(&g, 0, sizeof g);
	e = (struct lam_error)LAM_ERROR_INIT;
	r.most = most;
}

static int
grid(enum lam_plot_kind kind)
{
	struct lam_plot_options o = { .kind = kind };

	return lam_plot_grid(&r, &o, &g, &e);
}

static void
kinds(void)
{
	static const char *const bars[] = { "x 1", "y 2" };
	static const char *const times[] = { "2026-01-01T00:00:00Z 1",
		"2026-01-01T00:01:00Z " };
	static const char *const alone[] = { "1", "5", "2" };

	begin(0);
	CHECK_INT(rows("tn", bars, 2), LAM_OK);
	CHECK_INT(grid(LAM_PLOT_CHOOSE), LAM_OK);
	CHECK_INT(g.kind, LAM_PLOT_BAR);
	CHECK_INT(g.nx, 2);
	CHECK_INT(g.ns, 1);
	CHECK(!strcmp(g.label[1], "y"));
	CHECK(g.value[1] == 2);
	CHECK(!strcmp(g.series[0], "b"));
	lam_plot_rows_release(&r);

	begin(0);
	CHECK_INT(rows("Tn", times, 2), LAM_OK);
	CHECK_INT(grid(LAM_PLOT_CHOOSE), LAM_OK);
	CHECK_INT(g.kind, LAM_PLOT_LINE);
	CHECK(g.x[1] - g.x[0] == 60);
	CHECK(isnan(g.value[1])); /* NULL is no value */
	lam_plot_rows_release(&r);

	begin(0);
	CHECK_INT(rows("n", alone, 3), LAM_OK);
	CHECK_INT(grid(LAM_PLOT_CHOOSE), LAM_OK);
	CHECK_INT(g.kind, LAM_PLOT_HISTOGRAM);
	CHECK_INT(grid(LAM_PLOT_BAR), LAM_USAGE);
	lam_plot_rows_release(&r);
}

static void
series(void)
{
	static const char *const two[] = { "x u 1", "x v 2", "y v 3" };
	static const char *const twice[] = { "x u 1", "x u 2", "x v 2" };

	begin(0);
	CHECK_INT(rows("ttn", two, 3), LAM_OK);
	CHECK_INT(grid(LAM_PLOT_CHOOSE), LAM_OK);
	CHECK_INT(g.kind, LAM_PLOT_STACK);
	CHECK_INT(g.nx, 2);
	CHECK_INT(g.ns, 2);
	CHECK(!strcmp(g.series[0], "u"));
	CHECK(g.value[0] == 1 && isnan(g.value[1]));
	CHECK(g.value[2] == 2 && g.value[3] == 3);
	lam_plot_rows_release(&r);

	begin(0);
	CHECK_INT(rows("ttn", twice, 3), LAM_OK);
	CHECK_INT(grid(LAM_PLOT_CHOOSE), LAM_USAGE);
	CHECK(strstr(e.msg, "are twice x and u"));
	lam_plot_rows_release(&r);
}

static void
bound(void)
{
	static const char *const row[] = { "x 1", "y 2", "z 3", "w 4" };
	uint64_t needed;

	begin(UINT64_MAX);
	CHECK_INT(rows("tn", row, 4), LAM_OK);
	needed = r.bytes;
	CHECK_INT(grid(LAM_PLOT_BAR), LAM_OK);
	CHECK(r.bytes > needed);
	lam_plot_rows_release(&r);
	begin(needed - 1); /* the last row is too much */
	CHECK_INT(rows("tn", row, 4), LAM_DATA);
	CHECK_INT(r.n, 4);
	CHECK(strstr(e.msg, "--memory"));
	lam_plot_rows_release(&r);
	begin(needed); /* the rows are not, but the grid */
	CHECK_INT(rows("tn", row, 4), LAM_OK);
	CHECK_INT(grid(LAM_PLOT_BAR), LAM_DATA);
	lam_plot_rows_release(&r);
}

int
main(void)
{
	kinds();
	series();
	bound();
	return DONE();
}
