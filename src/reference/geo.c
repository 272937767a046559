/*
 * geo.c - addresses looked up, values as texts
 *
 * Numbers are written in decimal: a double or float in the fewest digits that are read
 * as the same again, so that the text is that which the file was made from.  An
 * address of IPv4 that is written as one of IPv6 (::ffff:1.2.3.4) is that of IPv4; most
 * files say so themselves.
 */
#include "reference/geo.h"

#include <inttypes.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/geo_check.h"

struct lam_geo {
	MMDB_s db;
	char *path; /* for messages */
};

static int
fail(struct lam_error *e, const char *path, int status)
{
	if (status == MMDB_OUT_OF_MEMORY_ERROR)
		return lam_fail_mem(e);
	if (status == MMDB_FILE_OPEN_ERROR || status == MMDB_IO_ERROR)
		return lam_fail_sys(e, "%s: cannot open", path);
	return lam_fail(e, LAM_DATA, "%s: no file of MaxMind's form, or a damaged "
		"one: %s", path, MMDB_strerror(status));
}

/* 16 zero bytes stand between the tree and the data: if not, the tree is not as long as
 * the metadata say, or does not begin where the file does. */
static bool
is_parted(const MMDB_s *db)
{
	static const uint8_t zero[16];

	return db->data_section - db->file_content >= (ptrdiff_t)sizeof zero &&
		!memcmp(db->data_section - sizeof zero, zero, sizeof zero);
}

int
lam_geo_load(void **geo, const char *path, struct lam_error *e)
{
	struct lam_geo *g;
	int status = lam_geo_check(path, e);

	if (status)
		return status;
	g = calloc(1, sizeof *g);
	if (!g || !(g->path = strdup(path))) {
		free(g);
		return lam_fail_mem(e);
	}
	status = MMDB_open(path, MMDB_MODE_MMAP, &g->db);
	if (status == MMDB_SUCCESS && is_parted(&g->db)) {
		*geo = g;
		return LAM_OK;
	}
	if (status == MMDB_SUCCESS) {
		MMDB_close(&g->db);
		status = MMDB_INVALID_DATA_ERROR;
	}
	free(g->path);
	free(g);
	return fail(e, path, status);
}

void
lam_geo_free(void *geo)
{
	struct lam_geo *g = geo;

	MMDB_close(&g->db);
	free(g->path);
	free(g);
}

static void
put_real(struct lam_buf *out, double v, bool is_float)
{
	const char *e;
	char text[64];
	int more = -1, power; /* digits behind the first */

	do
		snprintf(text, sizeof text, "%.*e", ++more, v);
	while (more < 16 && (is_float ? strtof(text, NULL) != (float)v :
		strtod(text, NULL) != v));
	e = strchr(text, 'e'); /* infinity has none */
	power = e ? (int)strtol(e + 1, NULL, 10) : 99;
	if (power > -7 && power < 21)
		lam_buf_printf(out, "%.*f", more > power ? more - power : 0, v);
	else
		lam_buf_puts(out, text);
}

static void
put_u128(struct lam_buf *out, mmdb_uint128_t v)
{
	char text[40], *p = text + sizeof text;

	do
		*--p = (char)('0' + (int)(v % 10));
	while (v /= 10);
	lam_buf_put(out, p, (size_t)(text + sizeof text - p));
}

/* False: V is no scalar. */
static bool
put(struct lam_buf *out, const MMDB_entry_data_s *v)
{
	switch (v->type) {
	case MMDB_DATA_TYPE_UTF8_STRING:
		lam_buf_put(out, v->utf8_string, v->data_size);
		return true;
	case MMDB_DATA_TYPE_BYTES:
		for (uint32_t i = 0; i < v->data_size; i++)
			lam_buf_printf(out, "%02X", v->bytes[i]);
		return true;
	case MMDB_DATA_TYPE_DOUBLE:
		put_real(out, v->double_value, false);
		return true;
	case MMDB_DATA_TYPE_FLOAT:
		put_real(out, (double)v->float_value, true);
		return true;
	case MMDB_DATA_TYPE_UINT16:
		lam_buf_printf(out, "%u", v->uint16);
		return true;
	case MMDB_DATA_TYPE_UINT32:
		lam_buf_printf(out, "%" PRIu32, v->uint32);
		return true;
	case MMDB_DATA_TYPE_INT32:
		lam_buf_printf(out, "%" PRId32, v->int32);
		return true;
	case MMDB_DATA_TYPE_UINT64:
		lam_buf_printf(out, "%" PRIu64, v->uint64);
		return true;
	case MMDB_DATA_TYPE_UINT128:
		put_u128(out, v->uint128);
		return true;
	case MMDB_DATA_TYPE_BOOLEAN:
		lam_buf_puts(out, v->boolean ? "true" : "false");
		return true;
	default:
		return false;
	}
}

static MMDB_lookup_result_s
look_up(const struct lam_geo *g, const uint8_t *byte, bool v6, int *status)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };

	if (v6 && memcmp(byte, mapped, sizeof mapped)) {
		memcpy(&six.sin6_addr, byte, 16);
		return MMDB_lookup_sockaddr(&g->db, (struct sockaddr *)&six,
			status);
	}
	memcpy(&four.sin_addr, v6 ? byte + 12 : byte, 4);
	return MMDB_lookup_sockaddr(&g->db, (struct sockaddr *)&four, status);
}

int
lam_geo_find(const struct lam_geo *g, const uint8_t *byte, bool v6,
	const char *const *path, struct lam_buf *out, bool *found,
	struct lam_error *e)
{
	MMDB_lookup_result_s at;
	MMDB_entry_data_s value;
	int status = MMDB_SUCCESS;

	*found = false;
	at = look_up(g, byte, v6, &status);
	if (status == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
		return LAM_OK;
	if (status != MMDB_SUCCESS)
		return fail(e, g->path, status);
	if (!at.found_entry)
		return LAM_OK;
	status = MMDB_aget_value(&at.entry, &value, path);
	if (status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR ||
		status == MMDB_INVALID_LOOKUP_PATH_ERROR)
		return LAM_OK;
	if (status != MMDB_SUCCESS)
		return fail(e, g->path, status);
	*found = value.has_data && put(out, &value);
	return LAM_OK;
}
