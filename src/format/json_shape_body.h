/*
 * json_shape_body.h - the loop of json_shape.c, for one instruction set
 *
 * json_shape.c includes it once for each set.  It defines LAM_KERNEL(x), the name of x
 * in that set, LAM_KERNEL_TARGET, its attribute, and LAM_SAME, from base/masks_wide.h.
 */
#include "base/masks.h"
#include "format/json_bare.h"
#include "format/json_shape.h"

#ifndef LAM_KERNEL
#define LAM_KERNEL(name) name##_plain
#define LAM_KERNEL_TARGET
#define LAM_SAME lam_same_plain
#endif

/*
 * The values of the record that begins at AT and has the special bytes E, as many as
 * S has.  Returns where it ends, or 0: it has another shape.  FROM takes where the
 * bytes before each value begin.
 */
LAM_KERNEL_TARGET static uint32_t
LAM_KERNEL(match)(const struct lam_json_shape *s, const char *text, uint32_t at,
	const uint32_t *e, uint32_t row, uint32_t *from)
{
	for (const struct lam_json_step *t = s->step;; t++) {
		uint32_t p = t->quotes ? e[t->first] - t->off : at;

		if (p != at || (~LAM_SAME(text + p, t->glue) & t->mask))
			return 0;
		*from++ = p;
		p += t->n;
		at = (t->string | t->last) ? e[t->first + t->quotes] :
			lam_json_bare_end(text, p);
		if (t->last)
			return p == at ? p : 0;
		if (p == at && !t->string)
			return 0;
		if (t->out)
			t->out[row] = (struct lam_cell){ p, !t->string &&
				text[p] == 'n' ? LAM_CELL_NULL : at - p };
	}
}

#undef LAM_KERNEL
#undef LAM_KERNEL_TARGET
#undef LAM_SAME
