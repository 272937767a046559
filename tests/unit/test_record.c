/*
 * Partial lines: fields, records, and that ranks order as lines do.
 */
#include "base/escape.h"
#include "group/key_order.h"
#include "partial/record.h"
#include "time/time.h"
#include "engine_build.h"

static void
fields(void)
{
	static const char *const pair[][2] = {
		{ "", "\"\"" }, { "a", "a" }, { "a b", "a b" },
		{ "a,b", "\"a,b\"" }, { "\"", "\"\"\"\"" },
		{ "\t", "\\t" }, { "\r\n", "\\r\\n" }, { "\\", "\\\\" },
		{ "\\n", "\\\\n" }, { ",\t\"", "\",\\t\"\"\"" },
	};
	char out[100];

	for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
		struct lam_str s = { pair[i][0], strlen(pair[i][0]) };

		CHECK_STR(out, lam_escape_field(s, out), pair[i][1]);
	}
}

/* Any bytes survive, in records of any number of fields, short and long. */
static void
round_trip(void)
{
	static const char care[] = "\t\r\n\\\",ab\0 \x80\xff!#[";
	static char text[5][400];

	for (int round = 0; round < 20000; round++) {
		uint32_t n = 1 + (uint32_t)rnd(5);
		struct lam_vec v[5];
		struct lam_str s[5], got[5];
		struct lam_buf out = LAM_BUF_INIT;
		struct lam_error e = LAM_ERROR_INIT;
		uint8_t null[5];

		for (uint32_t i = 0; i < n; i++) {
			size_t len = rnd(rnd(8) ? 12 : 400);

			for (size_t j = 0; j < len; j++)
				text[i][j] = rnd(round % 7 + 1) ? 'x' :
					care[rnd(sizeof care - 1)];
			s[i] = (struct lam_str){ text[i], len };
			null[i] = rnd(5) == 0;
			v[i] = (struct lam_vec){ .type = LAM_TEXT, .n = 1,
				.str = &s[i], .null = &null[i] };
		}
		lam_record_print(v, 0, n, 0, &out);
		FAIL_IF(memchr(out.p, '\t', out.n) ||
			memchr(out.p, '\n', out.n) ||
			memchr(out.p, '\r', out.n), "a raw control character");
		FAIL_IF(lam_record_split((struct lam_str){ out.p, out.n },
			got, n, &arena, &e), "%s: %.*s", e.msg, (int)out.n,
			out.p);
		for (uint32_t i = 0; i < n; i++)
			FAIL_IF(null[i] ? got[i].p != NULL : !got[i].p ||
				lam_str_cmp(got[i], s[i]), "field %u of %.*s",
				(unsigned)i, (int)out.n, out.p);
		lam_buf_release(&out);
		if (round % 100 == 0)
			lam_arena_reset(&arena);
	}
	PASS("any texts survive a record");
}

static void
bad_records(void)
{
	static const char *const bad[] = { "", "a", "a,b,c", "\"a,b", "a\"b,c",
		"\"a\"b,c", "\\x,b", "a,\\", "a,b\"", "\"a\\\",b", "a\tb,c" };
	struct lam_str field[2];
	struct lam_error e;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		e = (struct lam_error)LAM_ERROR_INIT;
		FAIL_IF(lam_record_split((struct lam_str){ bad[i],
			strlen(bad[i]) }, field, 2, &arena, &e) != LAM_DATA,
			"taken: %s", bad[i]);
	}
	PASS("what is no record of two fields is refused");
	e = (struct lam_error)LAM_ERROR_INIT;
	CHECK_INT(lam_record_split((struct lam_str){ "", 0 }, field, 0,
		&arena, &e), LAM_OK);
	CHECK_INT(lam_record_split((struct lam_str){ "x", 1 }, field, 0,
		&arena, &e), LAM_DATA);
}

/* Values of every type that differ where text and bytes may disagree. */
static void
random_domain(struct lam_key_dict *d, unsigned type)
{
	static const char *const texts[] = { "", "a", "a,", "a\t", "a\x01",
		"a\"", "\"", "\\", "a\\", "aa", "a b", "\x7f", "\xff", "A",
		"a\n", "ab,c", "a!", "a#", "a-", "\x01" };

	for (int i = 0; i < 60; i++) {
		struct lam_scalar v = { .type = (uint8_t)type };

		v.null = rnd(20) == 0;
		v.i64 = type == LAM_BOOL ? (int64_t)rnd(2) :
			((int64_t)rnd(200) - 100) * (rnd(2) ? 1 :
			40000000000000000);
		v.num = lam_num_normal((struct lam_num){ (int64_t)rnd(4000) -
			2000, (unsigned)rnd(4) });
		if (rnd(9) == 0)
			v.num.m *= lam_pow10[20];
		v.str.p = texts[rnd(sizeof texts / sizeof *texts)];
		v.str.n = strlen(v.str.p);
		FAIL_IF(lam_key_dict_add(d, &v) == LAM_NO_ID, "memory");
	}
}

static struct lam_str
field_of(const struct lam_key_dict *d, uint32_t id, char end)
{
	char scratch[LAM_TIME_TEXT], *p;
	struct lam_scalar v = lam_column_builder_get(&d->values, id);
	struct lam_str s = lam_scalar_print(&v, scratch);
	size_t n = 0;

	p = lam_arena_alloc(&arena, lam_escape_room(s) + 1);
	if (s.p)
		n = lam_escape_field(s, p);
	p[n] = end;
	return (struct lam_str){ p, n + 1 };
}

static void
ranks(void)
{
	for (int round = 0; round < 120; round++) {
		struct lam_mem mem = { 0 };
		struct lam_key_dict d;
		uint32_t rank[64];
		char end = round & 1 ? ',' : '\t';
		bool typed = round % 3 == 0;

		lam_key_dict_init(&d, (uint8_t)(round / 2 % LAM_TYPES), &mem,
			rnd(0));
		random_domain(&d, d.values.type);
		FAIL_IF(!lam_key_order(&d, typed, end, rank), "memory");
		for (uint32_t i = 0; i < d.values.n; i++)
			for (uint32_t j = 0; j < d.values.n; j++) {
				struct lam_scalar a = lam_column_builder_get(
					&d.values, i);
				struct lam_scalar b = lam_column_builder_get(
					&d.values, j);
				int c = typed ? lam_scalar_cmp(&a, &b) :
					lam_str_cmp(field_of(&d, i, end),
					field_of(&d, j, end));

				FAIL_IF(i != j && c == 0, "a value twice");
				FAIL_IF((c < 0) != (rank[i] < rank[j]),
					"%s: rank of %u and %u", typed ?
					"typed" : "text", (unsigned)i,
					(unsigned)j);
			}
		lam_key_dict_release(&d);
		FAIL_IF(mem.used, "memory counted: %zu", mem.used);
		lam_arena_reset(&arena);
	}
	PASS("ranks order values as their texts in lines, or as values");
}

int
main(void)
{
	printf("# seed %llu\n", (unsigned long long)seed);
	fields();
	round_trip();
	bad_records();
	ranks();
	lam_arena_release(&arena);
	return DONE();
}
