/*
 * fn_reference.c - user_agent and geo: what a file of the machine says of a value
 *
 * A path of geo names what is wanted of an address, with points between the names.
 * Files of several makers call the common things by several names; a short name stands
 * for all of these, and the first that the file has is taken.
 */
#include "fn/fn.h"

#include <string.h>

#include "base/escape.h"
#include "fn/fn_make.h"
#include "reference/agents.h"
#include "reference/geo.h"
#include "reference/reference.h"

#define NAMES_MAX 3

struct lam_geo_paths {
	const char *path[NAMES_MAX][LAM_GEO_DEPTH + 1];
	unsigned n;
};

/* The last of them is the short name itself, if files have it. */
static const struct {
	const char *name, *path[NAMES_MAX];
} short_name[] = {
	{ "country", { "country.iso_code", "country_code", "country" } },
	{ "continent", { "continent.code", "continent_code", "continent" } },
	{ "city", { "city.names.en", "city" } },
	{ "region", { "subdivisions.0.iso_code", "region" } },
	{ "postcode", { "postal.code", "postal_code", "postcode" } },
	{ "latitude", { "location.latitude", "latitude", "lat" } },
	{ "longitude", { "location.longitude", "longitude", "lng" } },
	{ "timezone", { "location.time_zone", "timezone" } },
	{ "asn", { "autonomous_system_number", "asn" } },
	{ "organization", { "autonomous_system_organization", "as_name",
		"organization" } },
};

/* TEXT cut at its points. */
static bool
add_path(struct lam_geo_paths *g, struct lam_str text, struct lam_arena *a)
{
	const char **out = g->path[g->n++];
	char *p = lam_arena_dup(a, text.p, text.n), *end;

	if (!p)
		return false;
	for (unsigned i = 0; p; i++, p = end) {
		end = strchr(p, '.');
		if (end)
			*end++ = '\0';
		out[i] = p;
	}
	return true;
}

static int
read_path(const struct lam_expr *x, struct lam_plan *p, struct lam_arena *a,
	struct lam_error *e)
{
	struct lam_geo_paths *g = LAM_ARENA_NEW(a, struct lam_geo_paths, 1);
	struct lam_str text = x->arg[1]->text;
	size_t points = 0, i;
	char s[LAM_SHOW];

	for (i = 0; i < text.n; i++)
		points += text.p[i] == '.';
	if (!text.n || memchr(text.p, '\0', text.n) || points >= LAM_GEO_DEPTH)
		return lam_fail_at(e, x->arg[1], "geo: path '%s': expected up to %d "
			"names with points between, such as country or "
			"city.names.en", lam_show(text, s), LAM_GEO_DEPTH);
	p->geo = g;
	if (!g)
		return lam_fail_mem(e);
	for (i = 0; i < sizeof short_name / sizeof *short_name; i++)
		for (unsigned k = 0; k < NAMES_MAX && short_name[i].path[k] &&
			lam_str_is(text, short_name[i].name); k++) {
			const char *long_name = short_name[i].path[k];

			if (!add_path(g, (struct lam_str){ long_name,
				strlen(long_name) }, a))
				return lam_fail_mem(e);
		}
	return g->n || add_path(g, text, a) ? LAM_OK : lam_fail_mem(e);
}

static int
read_part(const struct lam_expr *x, struct lam_plan *p, struct lam_error *e)
{
	struct lam_buf names = LAM_BUF_INIT;
	char s[LAM_SHOW];
	int rc;

	for (p->unit = 0; p->unit < LAM_AGENT_PARTS; p->unit++)
		if (lam_str_is(x->arg[1]->text, lam_agent_part[p->unit]))
			return LAM_OK;
	for (unsigned i = 0; i < LAM_AGENT_PARTS; i++)
		lam_buf_printf(&names, "%s%s", i == 0 ? "" :
			i + 1 < LAM_AGENT_PARTS ? ", " : " or ",
			lam_agent_part[i]);
	rc = lam_fail_at(e, x->arg[1], "user_agent: '%s': expected %s",
		lam_show(x->arg[1]->text, s), lam_buf_str(&names));
	lam_buf_release(&names);
	return rc;
}

int
lam_look_up_prepare(struct lam_expr *x, struct lam_plan *p, struct lam_arena *a,
	struct lam_error *e)
{
	struct lam_error why = LAM_ERROR_INIT;
	int rc;

	if (x->arg[1]->kind != LAM_X_CONST)
		return lam_fail_at(e, x, "%s: argument 2 must be a constant",
			lam_func[x->fn].name);
	if (x->arg[1]->null)
		return LAM_OK;
	p->count = 1;
	rc = x->fn == LAM_FN_GEO ? read_path(x, p, a, e) :
		read_part(x, p, e);
	if (rc)
		return rc;
	rc = lam_reference_open(x->reference, &p->contents, &why);
	if (rc)
		return rc == LAM_USAGE ? lam_fail_at(e, x, "%s", why.msg) :
			lam_fail(e, rc, "%s", why.msg);
	p->reference = x->reference;
	return LAM_OK;
}

void
lam_look_up_free(struct lam_plan *p)
{
	lam_reference_close(p->reference);
	p->reference = NULL;
}

/* Row I, V, appended to B, or not *FOUND. */
static int
find_agent(struct lam_call *c, uint32_t i, struct lam_str v, struct lam_buf *b,
	bool *found)
{
	enum lam_agent_found how = LAM_AGENT_NONE;
	int rc = lam_agents_find(c->plan->contents, c->plan->unit, v, b, &how,
		c->e);

	*found = how == LAM_AGENT_FOUND;
	return !rc && how == LAM_AGENT_TOO_LONG ? lam_fault(c, i) : rc;
}

static int
find_place(struct lam_call *c, struct lam_str ip, struct lam_buf *b, bool *found)
{
	const struct lam_geo_paths *g = c->plan->geo;
	struct lam_ip address;
	int rc = LAM_OK;

	*found = false;
	if (!lam_make_ip_parse(ip, &address))
		return LAM_OK;
	for (unsigned i = 0; !rc && !*found && i < g->n; i++)
		rc = lam_geo_find(c->plan->contents, address.byte,
			address.bits == 128, g->path[i], b, found, c->e);
	return rc ? rc : lam_buf_check(b, c->e);
}

/* The text of row I, to STR or BIT. */
static int
look_up(struct lam_call *c, const struct lam_reader *r, uint32_t i,
	struct lam_buf *b, struct lam_str *str, uint8_t *bit, uint8_t *none)
{
	struct lam_str v = lam_str_at(r, i);
	bool found = false;
	int rc;

	lam_buf_clear(b);
	rc = c->x->fn == LAM_FN_GEO ? find_place(c, v, b, &found) :
		find_agent(c, i, v, b, &found);
	*none = !found;
	if (rc || !found)
		return rc;
	if (c->x->fn == LAM_FN_IS_BOT) {
		*bit = *b->p == 't';
		return LAM_OK;
	}
	*str = (struct lam_str){ lam_arena_dup(c->arena, b->n ? b->p : "", b->n),
		b->n };
	return str->p ? LAM_OK : lam_fail_mem(c->e);
}

int
lam_fn_look_up(struct lam_call *c, const struct lam_vec *arg, uint32_t nargs,
	struct lam_vec *out)
{
	struct lam_buf b = LAM_BUF_INIT;
	struct lam_reader r[2];
	struct lam_str *str;
	uint8_t *none, *bit;
	int rc;

	if ((rc = lam_read_all(c, arg, nargs, r, &none)) ||
		(rc = lam_room(c, sizeof *str, &str)) ||
		(rc = lam_room(c, 1, &bit)))
		return rc;
	for (uint32_t i = 0; !rc && i < c->n; i++) {
		str[i] = (struct lam_str){ NULL, 0 };
		bit[i] = 0;
		if (!none[i])
			rc = look_up(c, r, i, &b, &str[i], &bit[i], &none[i]);
	}
	lam_buf_release(&b);
	if (c->x->fn == LAM_FN_IS_BOT)
		lam_out_flat(c, LAM_BOOL, bit, none, out);
	else
		lam_out_flat(c, LAM_TEXT, str, none, out);
	return rc;
}
