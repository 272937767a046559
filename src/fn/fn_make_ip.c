/*
 * fn_make_ip.c - ip_in and ip_network: addresses of IPv4 and IPv6
 *
 * An address is what inet_pton(3) takes, a network an address, a slash and how many
 * of its bits count; without a slash all do.  No address of one kind is in a network
 * of the other.  A text that is no address is in no network, and has none.
 */
#include <arpa/inet.h>
#include <string.h>

#include "fn/fn_make.h"

bool
lam_make_ip_parse(struct lam_str s, struct lam_ip *a)
{
	char text[INET6_ADDRSTRLEN];

	if (!s.n || s.n >= sizeof text)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (strlen(text) != s.n)
		return false;
	memset(a, 0, sizeof *a);
	a->bits = 32;
	if (inet_pton(AF_INET, text, a->byte) == 1)
		return true;
	a->bits = 128;
	return inet_pton(AF_INET6, text, a->byte) == 1;
}

static void
mask(struct lam_ip *a, unsigned keep)
{
	for (unsigned i = 0; i < 16; i++, keep -= keep < 8 ? keep : 8)
		a->byte[i] &= (uint8_t)(keep >= 8 ? 0xff :
			0xff00 >> keep);
}

/* ADDRESS or ADDRESS/BITS */
static bool
parse_network(struct lam_str s, struct lam_ip *a, unsigned *keep)
{
	size_t slash = 0, at;

	while (slash < s.n && s.p[slash] != '/')
		slash++;
	if (!lam_make_ip_parse((struct lam_str){ s.p, slash }, a))
		return false;
	*keep = a->bits;
	if (slash == s.n)
		return true;
	*keep = 0;
	for (at = slash + 1; at < s.n && s.p[at] >= '0' && s.p[at] <= '9' &&
		*keep <= a->bits; at++)
		*keep = *keep * 10 + (unsigned)(s.p[at] - '0');
	return at == s.n && at > slash + 1 && *keep <= a->bits;
}

enum lam_made
lam_make_ip_network(struct lam_buf *b, const struct lam_reader *r, uint32_t i)
{
	struct lam_num keep = lam_num_normal(lam_num_at(&r[1], i));
	char text[INET6_ADDRSTRLEN];
	struct lam_ip a;

	if (!lam_make_ip_parse(lam_str_at(&r[0], i), &a))
		return LAM_MADE_NULL;
	if (keep.scale || keep.m < 0 || keep.m > (lam_i128)a.bits)
		return LAM_MADE_FAULT;
	mask(&a, (unsigned)keep.m);
	if (!inet_ntop(a.bits == 32 ? AF_INET : AF_INET6, a.byte, text,
		sizeof text))
		return LAM_MADE_FAULT;
	lam_buf_printf(b, "%s/%u", text, (unsigned)keep.m);
	return LAM_MADE_TEXT;
}

/* *IN: is row I in its network?  False: that is none. */
static bool
is_in(const struct lam_reader *r, uint32_t i, uint8_t *in)
{
	struct lam_ip a, net;
	unsigned keep;

	if (!parse_network(lam_str_at(&r[1], i), &net, &keep))
		return false;
	*in = lam_make_ip_parse(lam_str_at(&r[0], i), &a) && a.bits == net.bits;
	if (!*in)
		return true;
	mask(&a, keep);
	mask(&net, keep);
	*in = memcmp(a.byte, net.byte, sizeof a.byte) == 0;
	return true;
}

int
lam_fn_ip_in(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_reader r[2];
	uint8_t *bit, *none;
	int rc;

	if ((rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, 1, &bit)))
		return rc;
	for (uint32_t i = 0; i < c->n; i++) {
		bit[i] = 0;
		if (none[i] || is_in(r, i, &bit[i]))
			continue;
		none[i] = 1;
		if ((rc = lam_fault(c, i)))
			return rc;
	}
	lam_out_flat(c, LAM_BOOL, bit, none, out);
	return LAM_OK;
}
