/*
 * Bags: after any values that came and went, what a count of each value tells.
 */
#include "base/arena.h"
#include "group/bag.h"
#include "test.h"

#define VALUES 3000 /* many runs */

static uint64_t count[VALUES];
static uint64_t seed = 88172645463325252u;

static uint64_t
draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* Value I of TYPE; a greater I is a greater value. */
static struct lam_scalar
value(uint8_t type, uint32_t i, char *text)
{
	struct lam_scalar v = { .type = type, .i64 = i,
		.num = { (lam_i128)i * 10, 1 } };

	v.str = (struct lam_str){ text, (size_t)sprintf(text, "%05u", i) };
	return v;
}

/* Which value is at PLACE, from 0, by going through all counts. */
static uint32_t
at(uint64_t place)
{
	uint32_t i = 0;

	while (place >= count[i])
		place -= count[i++];
	return i;
}

static bool
is(const struct lam_scalar *v, uint8_t type, uint32_t i)
{
	char text[16];
	struct lam_scalar want = value(type, i, text);

	return v->type == type && lam_scalar_cmp(v, &want) == 0;
}

/* Quantiles of NUM / 100, in whole numbers. */
static void
check_quantiles(const struct lam_bag *b, uint8_t type)
{
	for (unsigned k = 0; k <= 100; k += 1 + (unsigned)(draw() % 20)) {
		struct lam_num q = { (lam_i128)k, 2 };
		uint64_t place = (b->all * k + 99) / 100;
		uint64_t low = (b->all - 1) * k / 100;
		uint64_t rest = (b->all - 1) * k % 100;
		struct lam_scalar v;

		lam_bag_quantile(b, q, false, &v);
		FAIL_IF(!is(&v, type, at(place ? place - 1 : 0)),
			"disc %u of %llu", k, (unsigned long long)b->all);
		lam_bag_quantile(b, q, true, &v);
		if (type == LAM_NUMBER && rest) {
			/* 100 * the value, exact */
			lam_i128 want = (lam_i128)at(low) * (100 - rest) +
				(lam_i128)at(low + 1) * rest;
			struct lam_num n = { want, 2 };

			FAIL_IF(lam_num_cmp(v.num, n), "cont %u of %llu", k,
				(unsigned long long)b->all);
		}
	}
}

/* COME of 100 steps bring a value, the others take one that is there. */
static void
steps(struct lam_bag *b, uint8_t type, uint32_t values, unsigned come, int n)
{
	char text[16];

	while (n-- > 0) {
		struct lam_scalar v;
		uint32_t i = (uint32_t)(draw() % values);

		if (b->all == 0 || draw() % 100 < come) {
			v = value(type, i, text);
			FAIL_IF(!lam_bag_add(b, &v), "no memory");
			count[i]++;
		} else {
			i = at(draw() % b->all);
			v = value(type, i, text);
			lam_bag_take(b, &v);
			count[i]--;
		}
		if (b->all && draw() % 64 == 0)
			check_quantiles(b, type);
	}
}

static void
random_bags(uint8_t type, uint32_t values)
{
	struct lam_bag b = LAM_BAG_INIT;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_bag_run all;
	uint64_t members = 0, times = 0;

	memset(count, 0, sizeof count);
	steps(&b, type, values, 90, 8000);
	steps(&b, type, values, 40, 8000);
	steps(&b, type, values, 55, 4000);
	FAIL_IF(!lam_bag_list(&b, &arena, &all), "no memory");
	for (uint32_t i = 0; i < values; i++) {
		if (!count[i])
			continue;
		FAIL_IF(members >= all.n || all.p[members].times != count[i] ||
			!is(&all.p[members].value, type, i), "value %u", i);
		members++;
		times += count[i];
	}
	FAIL_IF(b.n != members || all.n != members || b.all != times,
		"%zu members, not %llu", b.n, (unsigned long long)members);
	while (b.all) {
		char text[16];
		struct lam_scalar v = value(type, at(0), text);

		lam_bag_take(&b, &v);
		count[at(0)]--;
	}
	FAIL_IF(b.n || b.nruns || b.bytes, "an empty bag holds %llu bytes",
		(unsigned long long)b.bytes);
	lam_bag_release(&b);
	lam_arena_release(&arena);
}

int
main(void)
{
	static const uint8_t types[] = { LAM_NUMBER, LAM_TIME, LAM_TEXT };

	for (size_t i = 0; i < sizeof types; i++) {
		random_bags(types[i], 3);
		random_bags(types[i], 200);
		random_bags(types[i], VALUES);
	}
	PASS("a bag is what was added and not taken, in order");
	return DONE();
}
