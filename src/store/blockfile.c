/*
 * blockfile.c - header, footer, and how the blocks of a file are found
 *
 * Little-endian.  Header, at 0:
 *
 *	 0  8    "LAMFILE\n"
 *	 8  u32  version, 2
 *	12  u32  bytes of meta
 *	16       meta: "key value\n" lines; padded with zeros to 8
 *	 .  u64  XXH3-64 of everything before
 *
 * Blocks follow (block.c), then, in a sealed file, the footer:
 *
 *	 0  8    "LAMFOOT\n"
 *	 8  u64  blocks
 *	16  u32  bytes of meta
 *	20  u32  0
 *	24       directory: for each block
 *		 0  u64  offset in the file	 8  u64  size
 *		16  u64  first position		24  u32  rows	28  u32  columns
 *		32  u64  checksum of its head
 *		40  u64  its history	48  u64  its digest; 0 if it has none
 *		56  u32  bytes of its head	60  u32  1: it has a history
 *	 .       meta, padded with zeros to 8
 *	 .  u64  XXH3-64 of the footer so far
 *	 .  u64  size of the whole footer
 *	 .  8    "LAMSEAL\n", the end of the file
 *
 * In version 1 an entry of the directory ends at 40.
 *
 * Valid iff both checksums hold, and the blocks of the directory are back to
 * back from the header to the footer.
 *
 * To read: the header; then the last 24 bytes.  If they end with the seal and the
 * footer is valid, the directory is known.  If not, the blocks are walked from the
 * header on, head by head, up to the first that is not whole.  Those that are not
 * known to be durable are read through, as not all of their columns may have reached
 * the disk.  Part of a footer is a torn tail, too: the file was about to be sealed
 * in place.  A file that is made whole says "sealed" in its header: without a footer
 * it has been cut or damaged.
 *
 * The text of a record may end a block as a seal ends a file, by chance or to do
 * harm.  So a seal without a valid footer is "torn", perhaps damage, only if a footer
 * stands where the walk ends; and a footer is none if the last block it lists ends
 * elsewhere.  Blocks of a disk may reach it in any order, so a torn footer can have
 * both of its ends: whether the file was sealed is for the caller to know.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/search.h"
#include "store/block.h"
#include "store/blockfile_internal.h"
#include "store/column_internal.h"

#define FILE_MAGIC "LAMFILE\n"
#define FOOT_MAGIC "LAMFOOT\n"
#define SEAL_MAGIC "LAMSEAL\n"
#define FILE_HEAD 16
#define FOOT_HEAD 24
#define FOOT_TAIL 24
#define FOOT_ENTRY1 40 /* version 1 */
#define FOOT_ENTRY 64
#define META_MAX (16u << 20)

struct lam_str
lam_meta_get(struct lam_str meta, const char *key)
{
	const char *p = meta.n ? meta.p : "", *end = p + meta.n;
	size_t n = strlen(key);

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (nl == NULL)
			nl = end;
		if ((size_t)(nl - p) > n && p[n] == ' ' &&
			memcmp(p, key, n) == 0)
			return (struct lam_str){ p + n + 1,
				(size_t)(nl - p) - n - 1 };
		if (nl == end)
			break;
		p = nl + 1;
	}
	return (struct lam_str){ NULL, 0 };
}

static int
meta_check(struct lam_str meta, struct lam_error *e)
{
	if (meta.n > META_MAX)
		return lam_fail(e, LAM_USAGE, "block file: %zu bytes of meta: "
			"at most %u are possible", meta.n, META_MAX);
	return LAM_OK;
}

int
lam_blockfile_header(struct lam_str meta, struct lam_buf *out,
	struct lam_error *e)
{
	size_t from = out->n;
	int r = meta_check(meta, e);

	if (r)
		return r;
	lam_buf_put(out, FILE_MAGIC, 8);
	lam_buf_put_u32(out, LAM_BLOCKFILE_VERSION);
	lam_buf_put_u32(out, (uint32_t)meta.n);
	lam_buf_put(out, meta.n ? meta.p : "", meta.n);
	if (!lam_sink_room(out, lam_pad8(meta.n) - meta.n))
		return lam_fail_mem(e);
	lam_buf_put_u64(out, lam_checksum(out->p + from, out->n - from));
	return lam_buf_check(out, e);
}

int
lam_blockfile_footer(uint32_t version, const struct lam_block *block,
	size_t n, struct lam_str meta, struct lam_buf *out,
	struct lam_error *e)
{
	size_t from = out->n;
	int r = meta_check(meta, e);

	if (r)
		return r;
	lam_buf_put(out, FOOT_MAGIC, 8);
	lam_buf_put_u64(out, n);
	lam_buf_put_u32(out, (uint32_t)meta.n);
	lam_buf_put_u32(out, 0);
	for (size_t i = 0; i < n; i++) {
		lam_buf_put_u64(out, block[i].at);
		lam_buf_put_u64(out, block[i].size);
		lam_buf_put_u64(out, block[i].first);
		lam_buf_put_u32(out, block[i].nrows);
		lam_buf_put_u32(out, block[i].ncols);
		lam_buf_put_u64(out, block[i].checksum);
		if (version == 1)
			continue;
		lam_buf_put_u64(out, block[i].history);
		lam_buf_put_u64(out, block[i].digest);
		lam_buf_put_u32(out, block[i].head);
		lam_buf_put_u32(out, block[i].log);
	}
	lam_buf_put(out, meta.n ? meta.p : "", meta.n);
	if (!lam_sink_room(out, lam_pad8(meta.n) - meta.n))
		return lam_fail_mem(e);
	lam_buf_put_u64(out, lam_checksum(out->p + from, out->n - from));
	lam_buf_put_u64(out, out->n - from + 16);
	lam_buf_put(out, SEAL_MAGIC, 8);
	return lam_buf_check(out, e);
}

static int
damaged(const struct lam_blockfile *f, uint64_t at, const char *what,
	struct lam_error *e)
{
	return lam_fail(e, LAM_DATA, "%s: at %llu: %s: "
		LAM_BLOCK_REMEDY, f->path, (unsigned long long)at, what);
}

static int
refuse(struct lam_blockfile *f, uint32_t version, bool valid,
	struct lam_error *e)
{
	f->newer = valid;
	return version <= LAM_BLOCKFILE_VERSION ? damaged(f, 0,
		"checksum of the header does not match", e) :
		lam_fail(e, LAM_DATA, "%s: version %u is newer than %d, which "
		"this program reads: unsupported: use a newer program, or "
		"restore a copy", f->path, version, LAM_BLOCKFILE_VERSION);
}

static int
read_header(struct lam_blockfile *f, struct lam_error *e)
{
	uint8_t fixed[FILE_HEAD];
	uint32_t version, n;
	size_t rest;
	char *p = NULL;
	bool valid;
	int r;

	if (f->size < FILE_HEAD)
		return lam_fail(e, LAM_DATA, "%s: %llu bytes: not a lam file, "
			"or cut short: restore it from a copy", f->path,
			(unsigned long long)f->size);
	r = lam_io_pread(f->fd, fixed, sizeof fixed, 0, f->path, e);
	if (r)
		return r;
	if (memcmp(fixed, FILE_MAGIC, 8) != 0)
		return lam_fail(e, LAM_DATA, "%s: at 0: does not start as a lam "
			"file does: not one, or damaged: restore it from a "
			"copy", f->path);
	version = lam_get32(fixed + 8);
	n = lam_get32(fixed + 12);
	rest = lam_pad8(n) + 8;
	valid = n <= META_MAX && rest <= f->size - FILE_HEAD;
	if (!valid)
		return refuse(f, version, false, e);
	lam_buf_put(&f->head, fixed, sizeof fixed);
	if (lam_buf_room(&f->head, rest))
		p = f->head.p + FILE_HEAD;
	if (p == NULL || f->head.oom)
		return lam_fail_mem(e);
	r = lam_io_pread(f->fd, p, rest, FILE_HEAD, f->path, e);
	if (r)
		return r;
	valid = lam_checksum(f->head.p, FILE_HEAD + rest - 8) ==
		lam_get64(p + rest - 8);
	if (!valid || version == 0 || version > LAM_BLOCKFILE_VERSION)
		return refuse(f, version, valid, e);
	f->version = version;
	memmove(f->head.p, p, n);
	f->head.n = n;
	f->end = FILE_HEAD + rest;
	return LAM_OK;
}

bool
lam_blockfile_add(struct lam_blockfile *f, const struct lam_block *b)
{
	if ((f->nblocks & (f->nblocks - 1)) == 0) {
		size_t cap = f->nblocks ? f->nblocks * 2 : 1;
		struct lam_block *p = realloc(f->block, cap * sizeof *p);

		if (p == NULL)
			return false;
		f->block = p;
	}
	f->block[f->nblocks++] = *b;
	return true;
}

static size_t
entry_size(const struct lam_blockfile *f)
{
	return f->version == 1 ? FOOT_ENTRY1 : FOOT_ENTRY;
}

/* The directory in a verified footer P, which starts at AT. */
static int
read_directory(struct lam_blockfile *f, const char *p, uint64_t at,
	struct lam_error *e)
{
	uint64_t n = lam_get64(p + 8);
	bool old = f->version == 1;

	p += FOOT_HEAD;
	for (uint64_t i = 0; i < n; i++, p += entry_size(f)) {
		struct lam_block b = { .at = lam_get64(p),
			.size = lam_get64(p + 8), .first = lam_get64(p + 16),
			.nrows = lam_get32(p + 24), .ncols = lam_get32(p + 28),
			.checksum = lam_get64(p + 32) };

		if (old) {
			b.head = (uint32_t)lam_block_head1_size(b.ncols);
		} else {
			b.history = lam_get64(p + 40);
			b.digest = lam_get64(p + 48);
			b.head = lam_get32(p + 56);
			b.log = lam_get32(p + 60) & 1;
		}
		if (b.at != f->end || b.size > at - f->end ||
			(old && b.nrows == 0) || b.nrows > LAM_BLOCK_ROWS ||
			b.ncols > LAM_FIELDS_MAX ||
			b.head > LAM_BLOCK_HEAD_MAX || b.size < b.head ||
			b.head < lam_block_head1_size(b.ncols) ||
			b.first > UINT64_MAX - b.nrows)
			return damaged(f, at, "block directory is not valid",
				e);
		if (!lam_blockfile_add(f, &b))
			return lam_fail_mem(e);
		f->end += b.size;
	}
	if (f->end != at)
		return damaged(f, f->end, "bytes between blocks and footer", e);
	return LAM_OK;
}

/* The footer of SIZE bytes that ends the file. */
static int
read_footer(struct lam_blockfile *f, uint64_t size, struct lam_error *e)
{
	uint64_t at, n, meta;
	char *p;
	int r;

	if (size > f->size - f->end || size < FOOT_HEAD + FOOT_TAIL)
		return damaged(f, f->size - 16, "size of the footer", e);
	at = f->size - size;
	if (!lam_buf_room(&f->foot, size))
		return lam_fail_mem(e);
	p = f->foot.p;
	r = lam_io_pread(f->fd, p, size, at, f->path, e);
	if (r)
		return r;
	if (memcmp(p, FOOT_MAGIC, 8) != 0 ||
		lam_checksum(p, size - FOOT_TAIL) !=
			lam_get64(p + size - FOOT_TAIL))
		return damaged(f, at, "checksum of the footer does not match",
			e);
	n = lam_get64(p + 8);
	meta = lam_get32(p + 16);
	if (n > size / FOOT_ENTRY1 || FOOT_HEAD + n * entry_size(f) +
		lam_pad8(meta) + FOOT_TAIL != size)
		return damaged(f, at, "size of the footer", e);
	r = read_directory(f, p, at, e);
	if (r)
		return r;
	memmove(p, p + FOOT_HEAD + n * entry_size(f), meta);
	f->foot.n = meta;
	f->sealed = true;
	return LAM_OK;
}

/* Fails if a valid head says that the last block ends elsewhere than listed. */
static int
check_last(const struct lam_blockfile *f, struct lam_error *e)
{
	const struct lam_block *listed = &f->block[f->nblocks - 1];
	struct lam_block b = *listed;
	uint64_t head, want = b.head;
	uint8_t *p = malloc(want);
	int r = p ? lam_io_pread(f->fd, p, want, b.at, f->path, e) :
		    lam_fail_mem(e);

	if (r == LAM_OK && lam_block_peek(p, &head) && head == want &&
		lam_block_parse(p, &b) && b.size != listed->size)
		r = damaged(f, b.at, "the footer lists another block", e);
	free(p);
	return r;
}

/* Does a footer of SIZE bytes, or one that has its magic, stand at F->end? */
static int
ends_in_footer(const struct lam_blockfile *f, uint64_t size, bool *yes,
	struct lam_error *e)
{
	uint64_t left = f->size - f->end;
	char magic[8] = "";
	int r = LAM_OK;

	if (left >= sizeof magic)
		r = lam_io_pread(f->fd, magic, sizeof magic, f->end, f->path,
			e);
	*yes = left && (left == size || !memcmp(magic, FOOT_MAGIC, 8));
	return r;
}

static int
open_blocks(struct lam_blockfile *f, struct lam_error *e)
{
	struct lam_str meta = { f->head.p, f->head.n };
	struct lam_error why = LAM_ERROR_INIT;
	uint64_t from = f->end, size;
	uint8_t tail[16] = { 0 };
	bool whole = lam_meta_get(meta, "sealed").p != NULL;
	int r;

	if (f->size - f->end >= sizeof tail) {
		r = lam_io_pread(f->fd, tail, sizeof tail,
			f->size - sizeof tail, f->path, e);
		if (r)
			return r;
	}
	if (memcmp(tail + 8, SEAL_MAGIC, 8) != 0)
		return whole ? damaged(f, f->size, "ends without its footer",
			e) : lam_blockfile_walk(f, e);
	size = lam_get64(tail);
	r = read_footer(f, size, &why);
	if (r == LAM_OK && f->nblocks > 0)
		r = check_last(f, &why);
	if (r == LAM_DATA && !whole) {
		f->nblocks = 0;
		f->end = from;
		f->foot.n = 0;
		f->sealed = false;
		r = lam_blockfile_walk(f, e);
		return r ? r : ends_in_footer(f, size, &f->torn, e);
	}
	return r ? lam_fail(e, r, "%s", why.msg) : LAM_OK;
}

int
lam_blockfile_open_raw(struct lam_blockfile *f, const char *path,
	struct lam_error *e)
{
	struct lam_blockfile init = LAM_BLOCKFILE_INIT;
	int r;

	*f = init;
	r = lam_io_path(f->path, sizeof f->path, e, "%s", path);
	if (r == LAM_OK)
		r = lam_io_open(&f->fd, path, O_RDONLY, e);
	if (r == LAM_OK)
		r = lam_io_size(f->fd, &f->size, path, e);
	if (r)
		lam_blockfile_close(f);
	return r;
}

int
lam_blockfile_open_head(struct lam_blockfile *f, const char *path,
	struct lam_error *e)
{
	int r = lam_blockfile_open_raw(f, path, e);

	if (r)
		return r;
	r = read_header(f, e);
	if (r)
		lam_blockfile_close(f);
	return r;
}

int
lam_blockfile_open(struct lam_blockfile *f, const char *path,
	struct lam_error *e)
{
	int r = lam_blockfile_open_head(f, path, e);

	if (r)
		return r;
	r = open_blocks(f, e);
	if (r)
		lam_blockfile_close(f);
	return r;
}

void
lam_blockfile_close(struct lam_blockfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	free(f->block);
	f->block = NULL;
	f->nblocks = 0;
	lam_buf_release(&f->head);
	lam_buf_release(&f->foot);
}

static bool
ends_by(const void *v, size_t i, const void *pos)
{
	const struct lam_block *b = (const struct lam_block *)v + i;

	return b->first + b->nrows <= *(const uint64_t *)pos;
}

size_t
lam_blockfile_find(const struct lam_blockfile *f, uint64_t pos)
{
	return lam_lower_bound(f->block, f->nblocks, &pos, ends_by);
}
