/*
 * fuzz_segment.c - any bytes as the log of a stream: opened, scanned, checked
 *
 * Byte 0: whether the segment's checksums are made right (bit 2), and sizes (3)
 * and the footer (4); bit 5: bytes 1 to 48 are the witness of what is durable, given
 * its checksum.  The rest is the segment at position 0.  What the log opens as is
 * read to its head: each record once, in order, or a fault with a message.
 */
#include <sys/stat.h>

#include "blocks.h"
#include "fsck/log_check.h"
#include "log/scan.h"
#include "log/segment.h"

#define ID "0123456789abcdef0123456789abcdef"
#define WITNESS 48

static char root[64], path[3][120];
static int fd[3] = { -1, -1, -1 }; /* segment, witness, schema */

static void
make_stream(void)
{
	static const char schema[] = "a text\nb number\nts time event\n";
	int id = -1;

	snprintf(root, sizeof root, "%s", fuzz_dir());
	snprintf(path[0], sizeof path[0], "%s/master", root);
	MUST(!mkdir(path[0], 0700));
	snprintf(path[0], sizeof path[0], "%s/master/log", root);
	MUST(!mkdir(path[0], 0700));
	snprintf(path[0], sizeof path[0], "%s/master/log/id", root);
	fuzz_write(&id, path[0], ID "\n", sizeof ID);
	close(id);
	snprintf(path[2], sizeof path[2], "%s/master/log/schema", root);
	fuzz_write(&fd[2], path[2], schema, sizeof schema - 1);
	snprintf(path[1], sizeof path[1], "%s/master/log/durable", root);
	snprintf(path[0], sizeof path[0],
		"%s/master/log/00000000000000000000.seg", root);
}

static void
put_witness(const uint8_t *p)
{
	uint8_t d[WITNESS + 8];

	memcpy(d, p, WITNESS);
	memcpy(d, "LAMDURAB", 8);
	lam_put64(d + 16, lam_checksum(ID, 32));
	lam_put64(d + WITNESS, lam_checksum(d, WITNESS));
	fuzz_write(&fd[1], path[1], d, sizeof d);
}

static void
scan(struct lam_stream *s)
{
	struct lam_arena a = LAM_ARENA_INIT;
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_scan_block b = { 0 };
	struct lam_scan x;
	uint64_t pos = s->head / 3, bad = 0;
	bool got = true;
	int rc = lam_scan_open(&x, s, pos, s->head, &e);

	MUST(!rc);
	while (!(rc = lam_scan_next(&x, &b, &a, &got, &e)) && got) {
		MUST(b.pos == pos && b.n);
		pos += b.n;
		for (uint32_t i = 0; i < s->schema.n; i++) {
			struct lam_vec v;
			bool absent;

			(void)lam_scan_range(&b, i, &absent);
			if (!lam_scan_column(&b, i, s->schema.field[i].type,
				false, &a, &v, &bad, NULL))
				MUST(v.n == b.n);
		}
		lam_arena_reset(&a);
	}
	MUST(rc ? rc == LAM_DATA && *e.msg : pos == s->head);
	lam_scan_drop(&b);
	lam_scan_close(&x);
	lam_arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lam_error e = LAM_ERROR_INIT;
	struct lam_stream s;
	size_t skip;
	char *p;
	int rc;

	if (size < 1)
		return 0;
	if (!*root)
		make_stream();
	skip = data[0] & 32 ? WITNESS : 0;
	if (size - 1 < skip)
		return 0;
	if (skip)
		put_witness(data + 1);
	else
		fuzz_write(&fd[1], path[1], "", 0);
	p = fuzz_copy(data + 1 + skip, size - 1 - skip);
	if (data[0] & 4)
		blocks_seal((uint8_t *)p, size - 1 - skip, data[0] >> 3 & 3);
	fuzz_write(&fd[0], path[0], p, size - 1 - skip);
	free(p);
	rc = lam_stream_open(&s, root, "log", &e);
	MUST(!rc || ((rc == LAM_DATA || rc == LAM_USAGE) && *e.msg));
	if (!rc)
		scan(&s);
	lam_stream_close(&s);
	return 0;
}
