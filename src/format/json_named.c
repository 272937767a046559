/*
 * json_named.c - JSON that a program writes: fields with the types that it gives them
 *
 * Sources: Docker, "JSON File logging driver" and its jsonlog.JSONLog;
 * systemd.journal-fields(7), "Journal JSON Format"; Caddy, "How Logging Works" and "log
 * (directive)"; Traefik, "Access Logs", available fields.
 */
#include "format/json_named.h"

#include "format/formats.h"
#include "time/time.h"

#define TEXT(NAME) { NAME, { LAM_TEXT, 0 } }
#define NUMBER(NAME) { NAME, { LAM_NUMBER, 0 } }
#define TIME(NAME) { NAME, { LAM_TIME, 0 } }
#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof(ARRAY)[0])

static const struct lam_line_field docker[] = { TIME("time"), TEXT("stream"),
	TEXT("log") };

/* Microseconds since 1970; numbers are in quotes. */
#define STAMP(NAME) { NAME, { LAM_TIME, LAM_NS / 1000000 } }
static const struct lam_line_field journald[] = { STAMP("__REALTIME_TIMESTAMP"),
	STAMP("_SOURCE_REALTIME_TIMESTAMP"), NUMBER("__MONOTONIC_TIMESTAMP"),
	NUMBER("PRIORITY"), NUMBER("SYSLOG_FACILITY"), TEXT("SYSLOG_IDENTIFIER"),
	TEXT("MESSAGE"), TEXT("_HOSTNAME"), TEXT("_SYSTEMD_UNIT"), TEXT("_COMM"),
	TEXT("_EXE"), TEXT("_CMDLINE"), NUMBER("_PID"), NUMBER("_UID"),
	NUMBER("_GID"), TEXT("_TRANSPORT"), TEXT("_BOOT_ID"), TEXT("_MACHINE_ID"),
	TEXT("__CURSOR") };

/* Seconds since 1970, unless the configuration says another form. */
static const struct lam_line_field caddy[] = { { "ts", { LAM_TIME, LAM_NS } },
	TEXT("level"), TEXT("logger"), TEXT("msg"), TEXT("request.remote_ip"),
	NUMBER("request.remote_port"), TEXT("request.client_ip"),
	TEXT("request.proto"), TEXT("request.method"), TEXT("request.host"),
	TEXT("request.uri"), NUMBER("bytes_read"), TEXT("user_id"),
	NUMBER("duration"), NUMBER("size"), NUMBER("status") };

static const struct lam_line_field traefik[] = { TIME("StartUTC"),
	TIME("StartLocal"), NUMBER("Duration"), TEXT("RouterName"),
	TEXT("ServiceName"), TEXT("ServiceURL"), TEXT("ServiceAddr"),
	TEXT("ClientAddr"), TEXT("ClientHost"), NUMBER("ClientPort"),
	TEXT("ClientUsername"), TEXT("RequestAddr"), TEXT("RequestHost"),
	NUMBER("RequestPort"), TEXT("RequestMethod"), TEXT("RequestPath"),
	TEXT("RequestProtocol"), TEXT("RequestScheme"),
	NUMBER("RequestContentSize"), NUMBER("OriginDuration"),
	NUMBER("OriginContentSize"), NUMBER("OriginStatus"),
	NUMBER("DownstreamStatus"), NUMBER("DownstreamContentSize"),
	NUMBER("RequestCount"), NUMBER("GzipRatio"), NUMBER("Overhead"),
	NUMBER("RetryAttempts"), TEXT("entryPointName"), TEXT("level"),
	TEXT("msg"), TIME("time") };

static const struct {
	const struct lam_format *format;
	const struct lam_line_field *field;
	size_t n;
	const char *key[4]; /* each of its objects has */
} named[] = {
	{ &lam_format_docker, docker, COUNT(docker), { "log", "stream", "time" } },
	{ &lam_format_journald, journald, COUNT(journald), { "__CURSOR",
		"__REALTIME_TIMESTAMP", "_BOOT_ID" } },
	{ &lam_format_caddy, caddy, COUNT(caddy), { "ts", "logger", "request",
		"resp_headers" } },
	{ &lam_format_traefik_json, traefik, COUNT(traefik), { "StartUTC",
		"ClientHost", "RequestMethod", "DownstreamStatus" } },
};

void
lam_json_named_fields(const struct lam_format *f, struct lam_json_tree *t)
{
	for (size_t i = 0; i < COUNT(named); i++)
		if (named[i].format == f) {
			t->fixed = named[i].field;
			t->nfixed = named[i].n;
			t->always = true;
		}
}

bool
lam_json_named_fits(const struct lam_format *f, struct lam_str line)
{
	struct lam_json_tree t;
	size_t i = 0;
	bool fits;

	while (i < COUNT(named) && named[i].format != f)
		i++;
	if (i == COUNT(named))
		return false;
	lam_json_tree_init(&t);
	fits = !lam_json_tree_record(&t, line.p, line.n, NULL);
	for (size_t k = 0; fits && k < COUNT(named[i].key) && named[i].key[k]; k++)
		fits = lam_json_tree_find(&t, &t.root, (struct lam_str){
			named[i].key[k], strlen(named[i].key[k]) }) != NULL;
	lam_json_tree_release(&t);
	return fits;
}
