/*
 * fuzz_schema.c - any text as a schema: what parses prints as what parses to the same
 */
#include "fuzz.h"
#include "log/schema.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_buf text = LAM_BUF_INIT, again = LAM_BUF_INIT;
	char *p = fuzz_copy(data, size);
	struct lam_schema s, t;
	int rc = lam_schema_parse((struct lam_str){ p, size }, "schema", &a,
		&s, &e);

	MUST(!rc || (rc == LAM_USAGE && !strncmp(e.msg, "schema:", 7)));
	if (!rc) {
		lam_schema_print(&s, &text);
		rc = lam_schema_parse((struct lam_str){ text.p ? text.p : "",
			text.n }, "schema", &a, &t, &e);
		MUST(!rc && s.n == t.n);
		for (size_t i = 0; i < s.n; i++) {
			const char *name = s.field[i].name;

			MUST(!strcmp(name, t.field[i].name) &&
				s.field[i].event == t.field[i].event &&
				s.field[i].type.type == t.field[i].type.type &&
				s.field[i].type.unit == t.field[i].type.unit);
			MUST(lam_schema_find(&s, name, strlen(name)) ==
				(int)i);
		}
		lam_schema_print(&t, &again);
		MUST(text.n == again.n &&
			(!text.n || !memcmp(text.p, again.p, text.n)));
	}
	lam_buf_release(&text);
	lam_buf_release(&again);
	lam_arena_release(&a);
	free(p);
	return 0;
}
