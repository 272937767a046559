/*
 * Keys made to collide: what an attacker who knows the hash but not the seed
 * can write into a log costs as little as any other keys.
 *
 * Probes are counted, not timed: a slot holds its hash, so how far it lies
 * from its place is what a look-up of it costs.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "group/group_table.h"
#include "engine_build.h"

#define KEYS 1000
#define SAME 0xfff /* the bits of the hashes that are alike */
#define FAIR (4.0 * KEYS)
#define FLOOD (100.0 * KEYS)

static double
probes(const uint64_t *slot, size_t nslots)
{
	double n = 0;

	for (size_t i = 0; i < nslots; i++)
		if (slot[i])
			n += (double)((i - (slot[i] >> 32)) & (nslots - 1));
	return n;
}

/* KEYS numbers whose texts, or who themselves, collide under seed 0. */
static void
find_colliding(bool text, uint64_t *out)
{
	uint64_t x = UINT64_C(1) << 40, h;
	char s[24];

	for (uint32_t n = 0; n < KEYS; x++) {
		if (text) {
			int k = snprintf(s, sizeof s, "%012llx",
				(unsigned long long)x);

			h = lam_hash(s, (size_t)k, 0);
		} else {
			h = lam_mix(x, 0);
		}
		if ((h >> 32 & SAME) == 0)
			out[n++] = x;
	}
}

/* Add the keys to a domain with this SEED: what it cost. */
static double
fill_domain(bool text, const uint64_t *key, uint64_t salt)
{
	struct lam_mem mem = { 0 };
	struct lam_key_dict d;
	double cost;

	lam_key_dict_init(&d, text ? LAM_TEXT : LAM_TIME, &mem, salt);
	for (uint32_t i = 0; i < KEYS; i++) {
		char s[24];
		int k = snprintf(s, sizeof s, "%012llx",
			(unsigned long long)key[i]);
		struct lam_str t = { s, (size_t)k };
		uint32_t id = LAM_NO_ID;

		if (text)
			lam_key_dict_texts(&d, &t, 1, &id);
		else
			id = lam_key_dict_int(&d, (int64_t)key[i], 0);
		FAIL_IF(id != i, "key %u has id %u", i, id);
	}
	cost = probes(d.slot, d.nslots);
	lam_key_dict_release(&d);
	return cost;
}

static void
test_domains(void)
{
	static uint64_t key[KEYS];

	for (int text = 0; text < 2; text++) {
		find_colliding(text, key);
		printf("# %s: %.0f probes without a seed, %.0f with\n",
			text ? "texts" : "integers", fill_domain(text, key, 0),
			fill_domain(text, key, lam_hash_seed()));
		CHECK(fill_domain(text, key, 0) > FLOOD);
		CHECK(fill_domain(text, key, lam_hash_seed()) < FAIR);
	}
}

/* The same of tuples, of a number and the id of a text, chosen by order. */
static double
fill_table(const uint64_t *cell, bool seeded)
{
	struct lam_query *q = bind("select n, s, count(*) as c from t "
		"group by n, s", true);
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_group_table t;
	uint8_t tag[2] = { 0, 0 };
	uint32_t group;
	double cost;

	FAIL_IF(lam_group_table_init(&t, q, &e), "%s", e.msg);
	if (!seeded)
		t.seed = 0;
	for (uint32_t i = 0; i < KEYS; i++) {
		uint64_t two[2] = { cell[2 * i], cell[2 * i + 1] };
		struct lam_tuples x = { two, tag };

		FAIL_IF(lam_group_table_find(&t, &x, 1, &group, &e) ||
			group != i, "tuple %u: group %u %s", i, group, e.msg);
	}
	cost = probes(t.slot, t.nslots);
	lam_group_table_release(&t);
	return cost;
}

static void
test_tuples(void)
{
	static uint64_t cell[2 * KEYS];
	uint64_t x = 0;

	for (uint32_t n = 0; n < KEYS; x++) {
		uint64_t a = x >> 20, b = x & 0xfffff;

		if ((lam_mix(lam_mix(a, 0) ^ b, 0) >> 32 & SAME) == 0) {
			cell[2 * n] = a;
			cell[2 * n++ + 1] = b;
		}
	}
	printf("# tuples: %.0f probes without a seed, %.0f with\n",
		fill_table(cell, false), fill_table(cell, true));
	CHECK(fill_table(cell, false) > FLOOD);
	CHECK(fill_table(cell, true) < FAIR);
}

/* Drawn anew by each process: what was learnt from one is of no use. */
static void
test_seeds(void)
{
	static const char self[] = "/proc/self/exe";
	uint64_t drawn[3] = { 0 };

	for (int i = 0; i < 3; i++) {
		int fd[2];
		pid_t pid;

		FAIL_IF(pipe(fd), "pipe");
		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			dup2(fd[1], STDOUT_FILENO);
			execl(self, self, "seed", (char *)NULL);
			_exit(1);
		}
		close(fd[1]);
		FAIL_IF(read(fd[0], &drawn[i], sizeof drawn[i]) !=
			sizeof drawn[i], "no seed");
		close(fd[0]);
		waitpid(pid, NULL, 0);
	}
	CHECK(drawn[0] != drawn[1] && drawn[1] != drawn[2] &&
		drawn[0] != drawn[2]);
}

int
main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		uint64_t mine = lam_hash_seed();

		return write(STDOUT_FILENO, &mine, sizeof mine) !=
			sizeof mine;
	}
	test_seeds();
	test_domains();
	test_tuples();
	return DONE();
}
