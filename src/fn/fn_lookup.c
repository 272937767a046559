/*
 * fn_lookup.c - a column of the row that has the keys, or whether there is one
 *
 * x->index is the column, LAM_LOOKUP_NONE: was a row found?  The place of what was not
 * found is the NULL behind all rows, so there is one way for both.
 */
#include "fn/fn.h"

#include "fn/lookup.h"
#include "sql/ref_file.h"

static int
found(struct lam_call *c, const uint32_t *row, struct lam_vec *out)
{
	uint8_t *bit;
	int rc = lam_room(c, 1, &bit);

	if (rc)
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		bit[i] = row[i] != LAM_LOOKUP_NONE;
	lam_out_flat(c, LAM_BOOL, bit, NULL, out);
	return LAM_OK;
}

/* Few different values: as codes, which a group is found by without its text. */
static int
take_codes(struct lam_call *c, const struct lam_lookup_column *column,
	const uint32_t *row, struct lam_vec *out)
{
	uint16_t *code;
	int rc = lam_room(c, sizeof *code, &code);

	if (rc)
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		code[i] = column->code[row[i]];
	*out = (struct lam_vec){ .type = column->dict.type, .rep = LAM_DICT,
		.n = c->n, .code = code, .dict = &column->dict };
	return LAM_OK;
}

static int
take_texts(struct lam_call *c, const struct lam_vec *v, const uint32_t *row,
	const uint8_t *null, struct lam_vec *out)
{
	struct lam_str *s;
	int rc = lam_room(c, sizeof *s, &s);

	for (uint32_t i = 0; !rc && i < c->n; i++)
		s[i] = v->str[row[i]];
	if (!rc)
		lam_out_flat(c, LAM_TEXT, s, null, out);
	return rc;
}

/* Times, and numbers that are integers of one scale. */
static int
take_integers(struct lam_call *c, const struct lam_vec *v, const uint32_t *row,
	const uint8_t *null, struct lam_vec *out)
{
	int64_t *t;
	int rc = lam_room(c, sizeof *t, &t);

	for (uint32_t i = 0; !rc && i < c->n; i++)
		t[i] = v->i64[row[i]];
	if (rc)
		return rc;
	lam_out_flat(c, (enum lam_type)v->type, t, null, out);
	out->scale = v->scale;
	return LAM_OK;
}

static int
take_numbers(struct lam_call *c, const struct lam_vec *v, const uint32_t *row,
	const uint8_t *null, struct lam_vec *out)
{
	struct lam_num *x;
	int rc = lam_room(c, sizeof *x, &x);

	for (uint32_t i = 0; !rc && i < c->n; i++)
		x[i] = v->num[row[i]];
	return rc ? rc : lam_out_numbers(c, x, null, out);
}

static int
take_booleans(struct lam_call *c, const struct lam_vec *v, const uint32_t *row,
	const uint8_t *null, struct lam_vec *out)
{
	uint8_t *bit;
	int rc = lam_room(c, 1, &bit);

	for (uint32_t i = 0; !rc && i < c->n; i++)
		bit[i] = v->bit[row[i]];
	if (!rc)
		lam_out_flat(c, LAM_BOOL, bit, null, out);
	return rc;
}

static int
take(struct lam_call *c, const struct lam_lookup_column *column,
	const uint32_t *row, struct lam_vec *out)
{
	const struct lam_vec *v = &column->values;
	uint8_t *null;
	int rc;

	if (column->code)
		return take_codes(c, column, row, out);
	rc = lam_room(c, 1, &null);
	if (rc)
		return rc;
	for (uint32_t i = 0; i < c->n; i++)
		null[i] = v->null[row[i]];
	switch (v->type) {
	case LAM_TEXT:
		return take_texts(c, v, row, null, out);
	case LAM_TIME:
		return take_integers(c, v, row, null, out);
	case LAM_NUMBER:
		return v->wide ? take_numbers(c, v, row, null, out) :
			take_integers(c, v, row, null, out);
	default:
		return take_booleans(c, v, row, null, out);
	}
}

int
lam_fn_lookup(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_lookup *l = c->x->file->rows;
	uint32_t *row;
	int rc = lam_room(c, sizeof *row, &row);

	(void)nargs;
	if (!rc && !l)
		rc = lam_fail_at(c->e, c->x, "%s is not open",
			c->x->file->name);
	if (!rc)
		rc = l->find(l, arg, c->n, c->arena, row, c->e);
	if (rc)
		return rc;
	if (c->x->index == LAM_LOOKUP_NONE)
		return found(c, row, out);
	for (uint32_t i = 0; i < c->n; i++)
		if (row[i] == LAM_LOOKUP_NONE)
			row[i] = l->nrows;
	return take(c, &l->column[c->x->index], row, out);
}
