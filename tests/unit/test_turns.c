/*
 * test_turns.c - blocks that are finished in any order are appended in theirs
 */
#include "base/turns.h"

#include <sched.h>
#include <stdatomic.h>

#include "base/pool.h"
#include "ingest/ingest_block.h"
#include "store/block.h"
#include "test_log.h"

#define WORKERS 5
#define BLOCKS 3000
#define MOST ((size_t)1 << 20)
#define NONE UINT64_MAX

static struct lam_ingest g;
static struct lam_turns turns;
static atomic_uint_fast64_t next;
static atomic_uint working, made; /* workers; blocks in memory */
static uint64_t expected, bad; /* the block that is to come; the one that fails */
static unsigned refused;

static void
taken(void *arg, const struct lam_chunk *c)
{
	(void)arg;
	FAIL_IF(c->line != expected, "block %d came in place of %d", (int)c->line,
		(int)expected);
	expected = c->line + 1;
}

/* The text of a reject lies in what its worker uses again. */
static void
on_reject(void *arg, const char *source, const struct lam_reject *r)
{
	(void)arg;
	FAIL_IF(strcmp(source, "SRC") || r->line != expected, "a reject of line %d",
		(int)r->line);
	refused++;
}

/* Block N: one record, which is N; each seventh has a reject, each third is to be
 * acknowledged at once. */
static int
make(struct lam_ingest_block *b, struct lam_reject *reject, uint64_t n,
	struct lam_arena *arena, struct lam_error *e)
{
	static const char *const name[] = { "id" };
	struct lam_block_facts facts = { .field = name, .text = 1 };
	char text[24];
	struct lam_cell cell = { 0 }, *field[] = { &cell };
	struct lam_cells cells = { text, 1, 1, field, 0 };

	cell.len = (uint32_t)snprintf(text, sizeof text, "%d", (int)n);
	lam_arena_reset(arena);
	lam_buf_clear(&b->image);
	lam_buf_clear(&b->notes);
	lam_buf_putc(&b->notes, 'x');
	reject->line = n;
	b->chunk = (struct lam_chunk){ .line = n, .lines = 1, .reject = reject,
		.nrejects = n % 7 == 0 };
	b->nrows = 1;
	b->sync = n % 3 == 0;
	return lam_block_encode(&cells, 0, 1, &facts, arena, &b->image, e);
}

static int
append(void *arg, void *block, struct lam_error *e)
{
	(void)arg;
	return lam_ingest_block_append(&g, "SRC", block, e);
}

static int
sync_all(void *arg, struct lam_error *e)
{
	(void)arg;
	return lam_ingest_sync(&g, e);
}

static int
work(struct lam_error *e)
{
	void *block = NULL;
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_reject reject = { 0 };
	bool end = false;
	int rc = LAM_OK;

	while (!rc && !end) {
		uint64_t n = atomic_fetch_add(&next, 1);

		if (n >= BLOCKS)
			break;
		for (uint64_t i = n * 2654435761u % 7; i > 0; i--)
			sched_yield(); /* some take longer, */
		if (n % 97 == 5)
			usleep(2000); /* and some so long that no more can be left */
		if (n == bad) {
			if (lam_turns_wait(&turns, n))
				lam_turns_fail(&turns);
			break;
		}
		if (!block) {
			block = lam_ingest_block_new();
			atomic_fetch_add(&made, 1);
		}
		rc = make(block, &reject, n, &arena, e);
		if (!rc)
			rc = lam_turns_put(&turns, n, &block, n % 7 ? 1000 :
				SIZE_MAX, &end, e);
	}
	lam_ingest_block_free(block);
	lam_arena_release(&arena);
	atomic_fetch_sub(&working, 1);
	return rc;
}

static int
worker(void *arg, unsigned i, struct lam_error *e)
{
	bool failed = false;
	int rc = LAM_OK;

	(void)arg;
	if (i < WORKERS)
		return work(e);
	while (!rc && atomic_load(&working)) {
		rc = lam_turns_tick(&turns, true, &failed, e);
		sched_yield();
	}
	return rc;
}

/* How many records the stream has, each of which is its position. */
static uint64_t
read_back(const char *data)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_stream s;
	struct lam_scan scan = { 0 };
	struct lam_scan_block b = { 0 };
	struct lam_arena arena = LAM_ARENA_INIT;
	struct lam_vec id;
	uint64_t n = 0, wrong = 0;
	bool got = true;
	int rc = lam_stream_open(&s, data, "s", &e);

	if (!rc)
		rc = lam_scan_open(&scan, &s, 0, s.head, &e);
	while (!rc && got) {
		lam_arena_reset(&arena);
		rc = lam_scan_next(&scan, &b, &arena, &got, &e);
		if (!rc && got)
			rc = lam_scan_column(&b, 0, s.schema.field[0].type, false,
				&arena, &id, &wrong, &e);
		for (uint32_t i = 0; !rc && got && i < b.n; i++, n++)
			wrong += lam_vec_num(&id, i).m != (lam_i128)n;
	}
	lam_scan_drop(&b);
	lam_scan_close(&scan);
	lam_stream_close(&s);
	lam_arena_release(&arena);
	FAIL_IF(rc || wrong, "%d records at wrong positions: %s", (int)wrong, e.msg);
	return n;
}

/* Block FAILS fails: those before it are appended, in order, and none behind. */
static void
test_failing(uint64_t fails)
{
	const struct lam_field field = { .name = "id", .type = { LAM_NUMBER, 0 } };
	const struct lam_ingest_place place = { NULL, taken, NULL };
	const char *data = test_path(fails == NONE ? "all" : "some");
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_reject_file rejects;

	g = (struct lam_ingest){ .level = 1, .place = &place, .on_reject = on_reject };
	turns = (struct lam_turns){ .hand = append, .sync = sync_all, .most = MOST };
	next = expected = refused = made = 0;
	working = WORKERS;
	bad = fails;
	CHECK_INT(lam_reject_file_open(&rejects, data, "s", &e), 0);
	g.rejects = &rejects;
	CHECK_INT(lam_append_open(&g.append, data, "s", &e), 0);
	CHECK_INT(lam_append_fields(g.append, &field, 1, &e), 0);
	CHECK_INT(lam_turns_init(&turns, WORKERS, &e), 0);
	CHECK_INT(lam_pool_run(WORKERS + 1, worker, NULL, &e), 0);
	lam_turns_release(&turns, lam_ingest_block_free);
	CHECK_INT(lam_ingest_sync(&g, &e), 0);
	lam_append_close(g.append);
	lam_reject_file_close(&rejects);
	CHECK_INT(expected, fails == NONE ? BLOCKS : fails);
	CHECK_INT(g.records, expected);
	CHECK_INT(refused, (expected + 6) / 7);
	CHECK_INT(read_back(data), expected);
	/* Each worker has one, and one more than there are workers may be left. */
	CHECK(made <= 2 * WORKERS + 1);
	CHECK(fails != NONE || made > WORKERS);
	PASS("each block, each reject and each record is in its place");
}

int
main(void)
{
	test_root_make();
	test_failing(NONE);
	test_failing(0);
	test_failing(BLOCKS / 2);
	test_shell("rm -rf %s", test_root);
	return DONE();
}
