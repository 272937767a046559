/*
 * templates.c - the formats that are templates (template.h): named ones, and the
 * user's own
 *
 * Sources: Debian's apache2.conf; Traefik's "Access Logs"; "Squid LogFormat" (squid,
 * the native format, with log_mime_hdrs); HAProxy's manual, 8.2.2 to 8.2.4, the logs of
 * TCP, HTTP and HTTPS; "Access logs for your Application Load Balancer", "... Classic
 * Load Balancer", "Amazon S3 server access log format".  The last variable takes what
 * later versions have added behind, and what earlier ones did not have may be missing.
 */
#include "base/escape.h"
#include "format/formats.h"
#include "format/line.h"
#include "format/template.h"

static int
open_named(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	struct lam_template *t;
	int r = lam_template_nginx(&t, self->text, LAM_TEXT, e);

	(void)o;
	if (r)
		return r;
	*own = t;
	return lam_template_declare(t, in, e);
}

static int
open_nginx(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	struct lam_template *t;
	int r = lam_template_nginx(&t, o->format + strlen(self->name),
		LAM_TYPES, e);

	if (r)
		return r;
	*own = t;
	return lam_template_declare(t, in, e);
}

static int
open_apache(const struct lam_format *self, struct lam_input *in,
	const struct lam_input_options *o, void **own, struct lam_error *e)
{
	struct lam_template *t;
	int r = lam_template_apache(&t, o->format + strlen(self->name), e);

	if (r)
		return r;
	*own = t;
	return lam_template_declare(t, in, e);
}

static int
parse(const void *own, struct lam_parse *x, struct lam_error *e)
{
	return lam_template_parse(own, x, e);
}

static void
close_template(void *own)
{
	lam_template_free(own);
}

static unsigned
guess(const struct lam_format *self, struct lam_str head)
{
	struct lam_template *t;
	bool fits;

	if (lam_template_nginx(&t, self->text, LAM_TEXT, NULL))
		return 0;
	fits = lam_template_fits(t, lam_str_first_line(head));
	lam_template_free(t);
	return fits ? 88 : 0;
}

#define NAMED(NAME, EXAMPLE, TEXT) { .name = NAME, .text = TEXT, \
	.example = EXAMPLE, .guess = guess, .open = open_named, \
	LAM_LINE_RECORDS, .parse = parse, \
	.close = close_template }

const struct lam_format lam_format_nginx = { .name = "nginx:", .lasts = true,
	.open = open_nginx, LAM_LINE_RECORDS, .parse = parse,
	.close = close_template };

const struct lam_format lam_format_apache = { .name = "apache:", .lasts = true,
	.open = open_apache, LAM_LINE_RECORDS, .parse = parse,
	.close = close_template };

const struct lam_format lam_format_vhost_combined = NAMED("vhost_combined",
	"www.example.org:443 203.0.113.5 - - [31/Jan/2026:23:59:59 +0000] \"GET / "
	"HTTP/1.1\" 200 381 \"-\" \"curl/8\"",
	"$host:${port:number} $ip $ident $user [${ts:time}] \"$request\" $status "
	"${bytes:number} \"$referer\" \"$agent\"");

const struct lam_format lam_format_traefik = NAMED("traefik",
	"203.0.113.5 - - [31/Jan/2026:23:59:59 +0000] \"GET /x HTTP/1.1\" 404 19 \"-\" "
	"\"curl/8\" 42 \"web@docker\" \"http://10.0.0.2:80\" 3ms",
	"$ip - $user [${ts:time}] \"$request\" $status ${bytes:number} "
	"\"$referer\" \"$agent\" ${requests:number} \"$router\" \"$server_url\" "
	"${duration_ms:number}ms");

const struct lam_format lam_format_squid = NAMED("squid",
	"1286536309.586 921 192.168.0.68 TCP_MISS/200 507 POST http://example.com/a - "
	"DIRECT/192.0.2.41 application/xml",
	"${ts:number}" LAM_TEMPLATE_BLANKS "${elapsed_ms:number} $ip $result/"
	"$status ${bytes:number} $method $url ${user:word} "
	"${hierarchy:word}/$peer $type"
	LAM_TEMPLATE_MAY_END " [$request_headers] [$response_headers]");

/* What the logs of HAProxy begin with: the head of a file of syslog, the name of the
 * program alone, as in its manual, the head of RFC 5424, or nothing. */
#define HAPROXY_HEADS "$logged haproxy[${pid:number}]: " LAM_TEMPLATE_OR \
	"haproxy[${pid:number}]: " LAM_TEMPLATE_OR \
	"$logged haproxy ${pid:number} - - " LAM_TEMPLATE_OR LAM_TEMPLATE_HEADS
/* What they have of connections. */
#define HAPROXY_CLIENT "${client:word} [${accepted:time}] "
#define HAPROXY_SESSION HAPROXY_CLIENT "$frontend ${backend:word}/$server "
#define HAPROXY_COUNTS "${active:number}/${frontend_active:number}/" \
	"${backend_active:number}/${server_active:number}/${retries:number} " \
	"${server_queue:number}/${backend_queue:number}"
#define HAPROXY_REQUEST HAPROXY_SESSION "${request_ms:number}/${queue_ms:number}/" \
	"${connect_ms:number}/${response_ms:number}/${total_ms:number} $status " \
	"${bytes:number} $request_cookie $response_cookie $termination " \
	HAPROXY_COUNTS " ${captured:braces}"
#define HAPROXY_HTTP HAPROXY_REQUEST "\"$request" LAM_TEMPLATE_CUT "\"$more"
#define HAPROXY_ESCAPED HAPROXY_REQUEST "\\\"$request\\\"$more" /* by the syslog */
#define HAPROXY_TCP HAPROXY_SESSION "${queue_ms:number}/${connect_ms:number}/" \
	"${total_ms:number} ${bytes:number} $termination " HAPROXY_COUNTS
#define HAPROXY_ERROR HAPROXY_CLIENT "${frontend:word}/${bind:word}: $error"

const struct lam_format lam_format_haproxy = NAMED("haproxy",
	"Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 "
	"[06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - "
	"---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html HTTP/1.1\"",
	HAPROXY_HEADS HAPROXY_HTTP LAM_TEMPLATE_OR HAPROXY_TCP LAM_TEMPLATE_OR
	HAPROXY_ERROR LAM_TEMPLATE_OR HAPROXY_ESCAPED);

const struct lam_format lam_format_alb = NAMED("alb",
	"http 2018-07-02T22:23:00.186641Z app/my-lb/50dc 192.168.131.39:2817 "
	"10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "
	"\"GET http://www.example.com:80/ HTTP/1.1\" "
	"\"curl/7.46.0\" - - arn:aws \"Root=1-58337262\" \"-\" \"-\" 0 "
	"2018-07-02T22:22:48.364000Z \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" "
	"\"-\" \"-\"",
	"$type ${ts:time} $elb $client $target ${request_s:number} "
	"${target_s:number} ${response_s:number} $status "
	"${target_status:number} ${received_bytes:number} ${bytes:number} "
	"\"$request\" \"$agent\" $ssl_cipher $ssl_protocol $target_group "
	"\"$trace_id" LAM_TEMPLATE_MAY_END "\" \"$domain\" \"$certificate\" "
	"${rule_priority:number} "
	"${created:time} \"$actions\" \"$redirect_url\" \"$error_reason\" "
	"\"$targets\" \"$target_statuses\" \"$classification\" "
	"\"$classification_reason\" $conn_trace_id \"$transformed_host\" "
	"\"$transformed_uri\" \"$transform_status\"$more");

const struct lam_format lam_format_elb = NAMED("elb",
	"2015-05-13T23:39:43.945958Z my-lb 192.168.131.39:2817 10.0.0.1:80 0.000073 "
	"0.001048 0.000057 200 200 0 29 \"GET http://www.example.com:80/ HTTP/1.1\" "
	"\"curl/7.38.0\" - -",
	"${ts:time} $elb $client $backend ${request_s:number} "
	"${backend_s:number} ${response_s:number} $status "
	"${backend_status:number} ${received_bytes:number} ${bytes:number} "
	"\"$request" LAM_TEMPLATE_MAY_END "\" \"$agent\" $ssl_cipher $ssl_protocol");

const struct lam_format lam_format_s3 = NAMED("s3",
	"79a5 my-bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a5 3E57427F3EXAMPLE "
	"REST.GET.VERSIONING - \"GET /my-bucket?versioning HTTP/1.1\" 200 - 113 - 7 "
	"- \"-\" \"S3Console/0.4\" - s9lz= SigV4 ECDHE-RSA-AES128-GCM-SHA256 "
	"AuthHeader "
	"my-bucket.s3.us-west-1.amazonaws.com TLSV1.2 - -",
	"$owner $bucket [${ts:time}] $ip $requester $request_id $operation $key "
	"\"$request\" $status $error ${bytes:number} ${object_bytes:number} "
	"${total_ms:number} ${turn_around_ms:number} \"$referer\" \"$agent\" "
	"$version_id" LAM_TEMPLATE_MAY_END " $host_id $signature $cipher "
	"$authentication $host $tls $access_point $acl_required $source_region "
	"$more");
