/*
 * formats.c - the table of formats
 */

#include "format/formats.h"

/* If two are equally sure, the first one wins. */
const struct lam_format *const lam_formats[] = { &lam_format_csv,
	&lam_format_tsv, &lam_format_combined, &lam_format_common,
	&lam_format_jsonl, &lam_format_vhost_combined, &lam_format_traefik,
	&lam_format_w3c, &lam_format_iis, &lam_format_cloudfront,
	&lam_format_docker, &lam_format_journald, &lam_format_caddy,
	&lam_format_traefik_json,
	&lam_format_zeek,
	&lam_format_squid, &lam_format_haproxy, &lam_format_alb,
	&lam_format_elb, &lam_format_s3, &lam_format_logfmt, &lam_format_ltsv,
	&lam_format_cri, &lam_format_nginx_error, &lam_format_apache_error,
	&lam_format_syslog, &lam_format_lines, &lam_format_syslog_year,
	&lam_format_nginx, &lam_format_apache, &lam_format_regex, NULL };
