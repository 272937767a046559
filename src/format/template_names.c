/*
 * template_names.c - variables of web servers: their fields and types
 *
 * Sources: ngx_http_core_module, ngx_http_log_module, ngx_http_upstream_module
 * ("Embedded Variables"); Apache's mod_log_config ("Custom Log Formats").  Times of
 * nginx are seconds, %D is microseconds, %T seconds.  upstream_* may be lists.
 */
#include "format/template_internal.h"

#include <strings.h>

static const struct lam_template_name variables[] = {
	{ "remote_addr", "ip", LAM_TEXT }, { "remote_user", "user", LAM_TEXT },
	{ "time_local", "ts", LAM_TIME }, { "time_iso8601", "ts", LAM_TIME },
	{ "request", LAM_TEMPLATE_REQUEST, LAM_TEXT },
	{ "request_method", "method", LAM_TEXT },
	{ "request_uri", "path", LAM_TEXT },
	{ "server_protocol", "protocol", LAM_TEXT },
	{ "status", "status", LAM_NUMBER },
	{ "body_bytes_sent", "bytes", LAM_NUMBER },
	{ "http_referer", "referer", LAM_TEXT },
	{ "http_user_agent", "agent", LAM_TEXT },
	{ "http_x_forwarded_for", "forwarded", LAM_TEXT },
	{ "server_port", "port", LAM_NUMBER },
	{ "bytes_sent", "bytes_sent", LAM_NUMBER },
	{ "request_time", "request_time", LAM_NUMBER },
	{ "request_length", "request_length", LAM_NUMBER },
	{ "connection", "connection", LAM_NUMBER },
	{ "connection_requests", "connection_requests", LAM_NUMBER },
	{ "gzip_ratio", "gzip_ratio", LAM_NUMBER },
	{ "msec", "msec", LAM_NUMBER }, { "pid", "pid", LAM_NUMBER },
	{ "remote_port", "remote_port", LAM_NUMBER },
};

static const struct lam_template_name directives[] = {
	{ "a", "ip", LAM_TEXT }, { "h", "ip", LAM_TEXT },
	{ "A", "local_ip", LAM_TEXT }, { "l", "ident", LAM_TEXT },
	{ "u", "user", LAM_TEXT }, { "t", "ts", LAM_TIME },
	{ "r", LAM_TEMPLATE_REQUEST, LAM_TEXT }, { "s", "status", LAM_NUMBER },
	{ "b", "bytes", LAM_NUMBER }, { "B", "bytes", LAM_NUMBER },
	{ "O", "bytes", LAM_NUMBER }, { "I", "bytes_in", LAM_NUMBER },
	{ "S", "bytes_both", LAM_NUMBER }, { "D", "duration_us", LAM_NUMBER },
	{ "T", "duration_s", LAM_NUMBER }, { "v", "host", LAM_TEXT },
	{ "V", "host", LAM_TEXT }, { "p", "port", LAM_NUMBER },
	{ "P", "pid", LAM_NUMBER }, { "k", "keepalives", LAM_NUMBER },
	{ "m", "method", LAM_TEXT }, { "U", "path", LAM_TEXT },
	{ "q", "query", LAM_TEXT }, { "H", "protocol", LAM_TEXT },
	{ "f", "file", LAM_TEXT }, { "R", "handler", LAM_TEXT },
	{ "L", "log_id", LAM_TEXT }, { "X", "connection", LAM_TEXT },
};

/* The same with an argument in braces. */
static const struct {
	char directive;
	const char *argument;
	struct lam_template_name name;
} arguments[] = {
	{ 'i', "Referer", { NULL, "referer", LAM_TEXT } },
	{ 'i', "User-Agent", { NULL, "agent", LAM_TEXT } },
	{ 'i', "X-Forwarded-For", { NULL, "forwarded", LAM_TEXT } },
	{ 'a', "c", { NULL, "ip", LAM_TEXT } },
	{ 'h', "c", { NULL, "ip", LAM_TEXT } },
	{ 'T', "ms", { NULL, "duration_ms", LAM_NUMBER } },
	{ 'T', "us", { NULL, "duration_us", LAM_NUMBER } },
	{ 'T', "s", { NULL, "duration_s", LAM_NUMBER } },
	{ 'p', "canonical", { NULL, "port", LAM_NUMBER } },
	{ 'p', "local", { NULL, "port", LAM_NUMBER } },
	{ 'p', "remote", { NULL, "remote_port", LAM_NUMBER } },
	{ 'P', "pid", { NULL, "pid", LAM_NUMBER } },
	{ 'P', "tid", { NULL, "tid", LAM_NUMBER } },
};

static bool
is(struct lam_str s, const char *text)
{
	return strlen(text) == s.n && !memcmp(s.p, text, s.n);
}

/* Names of headers are the same in small letters. */
static bool
is_argument(struct lam_str s, const char *text, bool header)
{
	return strlen(text) == s.n && (header ? !strncasecmp(s.p, text, s.n) :
		!memcmp(s.p, text, s.n));
}

const struct lam_template_name *
lam_template_variable(struct lam_str s)
{
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		if (is(s, variables[i].variable))
			return &variables[i];
	return NULL;
}

const struct lam_template_name *
lam_template_directive(char c, struct lam_str argument)
{
	for (size_t i = 0; argument.p &&
		i < sizeof arguments / sizeof *arguments; i++)
		if (arguments[i].directive == c &&
			is_argument(argument, arguments[i].argument, c == 'i'))
			return &arguments[i].name;
	for (size_t i = 0; !argument.p &&
		i < sizeof directives / sizeof *directives; i++)
		if (*directives[i].variable == c)
			return &directives[i];
	return NULL;
}

char
lam_template_begins(struct lam_str s)
{
	static const char *const paths[] = { "path", "uri", "document_uri" };

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (is(s, paths[i]))
			return '/';
	return is(s, "query") ? '?' : 0;
}
