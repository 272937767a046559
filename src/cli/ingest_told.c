/*
 * ingest_told.c - what lam-ingest says of a run
 */
#include "cli/ingest_told.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/signal.h"

#define FIELDS_SHOWN 400 /* bytes */

int
lam_ingest_put_ack(struct lam_ingest_told *t, uint64_t bytes, uint64_t records,
	struct lam_error *e)
{
	t->bytes = bytes;
	t->records = records;
	printf("%" PRIu64 " %" PRIu64 "\n", bytes, records);
	return fflush(stdout) ? lam_fail_sys(e, "standard output") : LAM_OK;
}

void
lam_ingest_tell_ids(const struct lam_ingest_told *t, const struct lam_recent *r)
{
	lam_cli_warn("%s: records whose %s is one of the last %u are dropped: at most "
		"%" PRIu64 " MiB of memory", t->stream, r->field, r->horizon,
		lam_recent_bytes(r) >> 20);
}

void
lam_ingest_tell_stop(const struct lam_ingest_told *t, const struct lam_ingest *g)
{
	const char *file = t->at < t->n ? t->file[t->at] : "";
	const char *why = lam_cli_stopped();
	uint64_t here = g->records - t->before;
	char head[80] = "", rest[120] = "";
	int left = t->n - t->at - 1;

	if (why)
		snprintf(head, sizeof head, "stopped by %s: ", why);
	if (left > 0)
		snprintf(rest, sizeof rest, "; %d file%s behind it %s not "
			"begun", left, left == 1 ? "" : "s", left == 1 ?
			"was" : "were");
	if (!*file)
		lam_cli_warn("%sall of the input is in", head);
	else if (g->next_line)
		lam_cli_warn("%s%" PRIu64 " record%s of %s %s in: go on with "
			"line %" PRIu64 " of it%s", head, here,
			here == 1 ? "" : "s", lam_input_name(file), here == 1 ? "is" :
			"are", g->next_line, rest);
	else
		lam_cli_warn("%snothing of %s is in%s", head, lam_input_name(file),
			rest);
}

void
lam_ingest_tell_done(const struct lam_ingest_told *t, const struct lam_ingest *g,
	double seconds)
{
	char rejects[1000] = "", headers[80] = "", positions[80] = "";
	char dropped[80] = "";

	if (g->rejected)
		snprintf(rejects, sizeof rejects, " (%s/reject/%s.csv)",
			t->data, t->stream);
	if (g->recent)
		snprintf(dropped, sizeof dropped, ", %" PRIu64 " dropped by their "
			"%.20s", g->dropped, g->recent->field);
	if (g->headers)
		snprintf(headers, sizeof headers, ", %" PRIu64 " header line%s met "
			"again", g->headers, g->headers == 1 ? "" : "s");
	if (g->records)
		snprintf(positions, sizeof positions, ", positions %" PRIu64
			" to %" PRIu64, g->first, g->end);
	lam_cli_warn("%s: %" PRIu64 " record%s, %" PRIu64 " rejected%s%s%s%s, "
		"%.2f s", t->stream, g->records, g->records == 1 ? "" : "s",
		g->rejected, rejects, dropped, headers, positions, seconds);
	if (!g->records && !g->dropped)
		lam_cli_warn("%s: there was no record in the input: nothing "
			"is appended", t->stream);
}

void
lam_ingest_tell_fields(const struct lam_ingest_told *t, const struct lam_schema *s,
	size_t before)
{
	struct lam_buf b = LAM_BUF_INIT;
	size_t i;

	for (i = before; i < s->n && b.n < FIELDS_SHOWN; i++)
		lam_buf_printf(&b, "%s%.80s %s%s", i > before ? ", " : "",
			s->field[i].name, lam_coltype_name(s->field[i].type),
			s->field[i].event ? " event" : "");
	lam_cli_warn("%s: %s in %s/master/%s/schema: %s%s", t->stream,
		before ? "new fields" : "new stream, its types are", t->data,
		t->stream, b.n ? lam_buf_str(&b) : "",
		i < s->n ? ", ..." : "");
	lam_buf_release(&b);
}
