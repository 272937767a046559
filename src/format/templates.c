/*
 * templates.c - the formats that are templates (template.h): named ones, and the
 * user's own
 *
 * Sources: Debian's apache2.conf; Traefik's "Access Logs"; "Squid LogFormat" (squid,
 * the native format); HAProxy's manual, 8.2.3 "HTTP log format"; "Access logs for your
 * Application Load Balancer", "... Classic Load Balancer", "Amazon S3 server access
 * log format".  The last variable takes what later versions have added behind.
 */
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
	fits = lam_template_fits(t, lam_line_first(head));
	lam_template_free(t);
	return fits ? 88 : 0;
}

#define NAMED(NAME, TEXT) { .name = NAME, .text = TEXT, .guess = guess, \
	.open = open_named, .scan = lam_line_scan, .parse = parse, \
	.close = close_template }

const struct lam_format lam_format_nginx = { .name = "nginx:", .lasts = true,
	.open = open_nginx, .scan = lam_line_scan, .parse = parse,
	.close = close_template };

const struct lam_format lam_format_apache = { .name = "apache:", .lasts = true,
	.open = open_apache, .scan = lam_line_scan, .parse = parse,
	.close = close_template };

const struct lam_format lam_format_vhost_combined = NAMED("vhost_combined",
	"$host:${port:number} $ip $ident $user [${ts:time}] \"$request\" $status "
	"${bytes:number} \"$referer\" \"$agent\"");

const struct lam_format lam_format_traefik = NAMED("traefik",
	"$ip - $user [${ts:time}] \"$request\" $status ${bytes:number} "
	"\"$referer\" \"$agent\" ${requests:number} \"$router\" \"$server_url\" "
	"${duration_ms:number}ms");

const struct lam_format lam_format_squid = NAMED("squid",
	"${ts:number}" LAM_TEMPLATE_BLANKS "${elapsed_ms:number} $ip $result/"
	"$status ${bytes:number} $method $url $user $hierarchy/$peer $type");

const struct lam_format lam_format_haproxy = NAMED("haproxy",
	"$logged haproxy[${pid:number}]: $client [$accepted] $frontend $backend/"
	"$server ${request_ms:number}/${queue_ms:number}/${connect_ms:number}/"
	"${response_ms:number}/${total_ms:number} $status ${bytes:number} "
	"$request_cookie $response_cookie $termination ${active:number}/"
	"${frontend_active:number}/${backend_active:number}/"
	"${server_active:number}/${retries:number} ${server_queue:number}/"
	"${backend_queue:number} $captured\"$request\"");

const struct lam_format lam_format_alb = NAMED("alb",
	"$type ${ts:time} $elb $client $target ${request_s:number} "
	"${target_s:number} ${response_s:number} $status "
	"${target_status:number} ${received_bytes:number} ${bytes:number} "
	"\"$request\" \"$agent\" $ssl_cipher $ssl_protocol $target_group "
	"\"$trace_id\" \"$domain\" \"$certificate\" ${rule_priority:number} "
	"${created:time} \"$actions\" \"$redirect_url\" \"$error_reason\" "
	"\"$targets\" \"$target_statuses\" \"$classification\" "
	"\"$classification_reason\"$more");

const struct lam_format lam_format_elb = NAMED("elb",
	"${ts:time} $elb $client $backend ${request_s:number} "
	"${backend_s:number} ${response_s:number} $status "
	"${backend_status:number} ${received_bytes:number} ${bytes:number} "
	"\"$request\" \"$agent\" $ssl_cipher $ssl_protocol");

const struct lam_format lam_format_s3 = NAMED("s3",
	"$owner $bucket [${ts:time}] $ip $requester $request_id $operation $key "
	"\"$request\" $status $error ${bytes:number} ${object_bytes:number} "
	"${total_ms:number} ${turn_around_ms:number} \"$referer\" \"$agent\" "
	"$version_id $host_id $signature $cipher $authentication $host $tls $more");
