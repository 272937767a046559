/*
 * layouts.c - logs of programs that have no format of their own, and how to read them
 *
 * Each row is a form in which a program writes its lines as it comes, by the program's
 * own manual, and the options that read it.  A row is said only if it reads the lines
 * at hand, so what a message says to type works.  The first row that does counts: those
 * that know more of a line stand before those that know only its time.
 */
#include "input/layouts.h"

#include <string.h>

#include "base/escape.h"
#include "input/format.h"
#include "input/trial.h"

#define LEVEL "(?<level>[A-Za-z]+)"
#define DAY "\\d{4}-\\d\\d-\\d\\d"
#define CLOCK "\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?"
#define STAMP DAY "[ T]" CLOCK "(?:Z|[+-]\\d\\d:?\\d\\d)?"
#define REST "(?<message>.*)"
#define POSTGRESQL " \\[(?<pid>\\d+)\\](?:[^:]*?(?<user>[^@\\s]+)@(?<db>\\S+))? " \
	LEVEL ":  " REST, "^" DAY " ", NULL
#define HEADER 1 /* lines before the first record: of a table, */
#define LEAD 3   /* and of a log whose records have several lines */

struct layout {
	const char *what, *format, *start, *time_format;
	bool zone; /* its times name a zone that times are not read with */
};

static const struct layout layouts[] = {
	/* web servers and proxies */
	{ "a log of lighttpd",
		"apache:%h %V %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"",
		NULL, NULL, false },
	{ "a combined log of Squid",
		"apache:%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" "
		"%{result}n:%{hierarchy}n", NULL, NULL, false },
	{ "an access log of Envoy",
		"nginx:[$time_iso8601] \"$request\" $status $flags $bytes_received "
		"$body_bytes_sent $duration_ms $upstream_ms "
		"\"$http_x_forwarded_for\" \"$http_user_agent\" \"$request_id\" "
		"\"$authority\" \"$upstream\"", NULL, NULL, false },
	{ "an access log of Istio",
		"nginx:[$time_iso8601] \"$request\" $status $flags $details "
		"$termination \"$failure\" $bytes_received $body_bytes_sent "
		"$duration_ms $upstream_ms \"$http_x_forwarded_for\" "
		"\"$http_user_agent\" \"$request_id\" \"$authority\" \"$upstream\" "
		"$cluster $upstream_local $downstream_local $downstream "
		"$server_name $route", NULL, NULL, false },
	{ "a flow log of AWS VPC",
		"regex:(?<version>\\d+) (?<account_id>\\S+) (?<interface_id>\\S+) (?:-|"
		"(?<srcaddr>\\S+)) (?:-|(?<dstaddr>\\S+)) (?:-|(?<srcport>\\d+)) (?:-|"
		"(?<dstport>\\d+)) (?:-|(?<protocol>\\d+)) (?:-|(?<packets>\\d+)) (?:-|"
		"(?<bytes>\\d+)) (?<start>\\d+) (?<end>\\d+) (?:-|(?<action>[A-Z]+)) "
		"(?<log_status>[A-Z]+)", NULL, NULL, false },
	/* databases and queues */
	{ "a slow log of MySQL",
		"regex:# Time: (?<ts>[^\\n]+)\\n# User@Host: (?<user>[^[]*)\\[[^\\n]*?"
		"\\] @ *(?<host>[^[\\s]*) *\\[[^\\n]*\\n(?:# [^Q][^\\n]*\\n)*"
		"# Query_time: +(?<query_s>\\S+) +Lock_time: (?<lock_s>\\S+) "
		"+Rows_sent: "
		"(?<rows_sent>\\d+) +Rows_examined: (?<rows_examined>\\d+)[^\\n]*"
		"\\n(?<query>.*)", "^# Time: ", NULL, false },
	{ "an error log of MySQL",
		"regex:(?<ts>" DAY "T\\S+) (?<thread>\\d+) \\[" LEVEL "\\] \\["
		"(?<code>MY-\\d+)\\] \\[(?<subsystem>\\w+)\\] " REST, "^" DAY "T",
		NULL, false },
	{ "a log of PostgreSQL",
		"regex:(?<ts>" DAY " " CLOCK " (?:UTC|GMT|[+-][\\d:]+))" POSTGRESQL,
		false },
	{ "a log of PostgreSQL",
		"regex:(?<ts>" DAY " " CLOCK ") \\S+" POSTGRESQL, true },
	{ "a log of MongoDB",
		"regex:(?<ts>" DAY "T\\S+) (?<severity>[A-Z]\\d?) +(?<component>"
		"[A-Z_-]+) +\\[(?<context>[^\\]]+)\\] " REST, "^" DAY "T",
		NULL, false },
	{ "a log of Redis",
		"regex:(?<pid>\\d+):(?<role>[A-Z]) (?<ts>\\d\\d \\w{3} \\d{4} " CLOCK
		") (?<level>[.*#-]) " REST, NULL, NULL, false },
	{ "a log of RabbitMQ",
		"regex:(?<ts>" STAMP ") \\[" LEVEL "\\] <(?<process>[\\d.]+)> " REST,
		"^" DAY " ", NULL, false },
	{ "a log of Elasticsearch",
		"regex:\\[(?<ts>" STAMP ")\\]\\[" LEVEL " *\\]\\[(?<logger>[^\\]]+?) *"
		"\\] \\[(?<node>[^\\]]*)\\] ?" REST, "^\\[" DAY, NULL, false },
	/* Java */
	{ "a log of Java's garbage collector",
		"regex:(?:\\[(?<ts>" STAMP ")\\])?(?:\\[(?<uptime_s>[\\d.]+)s\\])?"
		"(?:\\[\\d+m?s\\])?\\[(?<level>\\w+) *\\]\\[(?<tags>[\\w,]+) *\\] "
		REST, NULL, NULL, false },
	{ "a log of Tomcat",
		"regex:(?<ts>\\d\\d-\\w{3}-\\d{4} " CLOCK ") " LEVEL " \\[(?<thread>"
		"[^\\]]*)\\] (?<logger>\\S+) " REST, "^\\d\\d-\\w{3}-\\d{4} ",
		"ts=%d-%b-%Y %H:%M:%S.%f", false },
	/* the system, and what guards it */
	{ "a log of fail2ban",
		"regex:(?<ts>" DAY " " CLOCK ") (?<module>fail2ban\\S*) +\\[(?<pid>"
		"\\d+)\\]: " LEVEL " +" REST, NULL, NULL, false },
	{ "alerts of Suricata or Snort",
		"regex:(?<ts>\\d\\d/\\d\\d/\\d{4}-" CLOCK ") +\\[\\*\\*\\] \\[(?<sid>"
		"[\\d:]+)\\] (?<message>.*?) \\[\\*\\*\\] (?:\\[Classification: "
		"(?<class>[^\\]]*)\\] )?\\[Priority: (?<priority>\\d+)\\] \\{"
		"(?<proto>\\S+)\\} (?<source>\\S+) -> (?<target>\\S+)", NULL,
		"ts=%m/%d/%Y-%H:%M:%S.%f", false },
	{ "the kernel's messages",
		"regex:\\[ *(?<uptime_s>\\d+\\.\\d+)\\] " REST, NULL, NULL, false },
	{ "events of Docker",
		"regex:(?<ts>" STAMP ") (?<type>\\w+) (?<action>[\\w:]+) (?<id>\\S+) "
		"\\((?<attributes>.*)\\)", NULL, NULL, false },
	{ "a log of OpenVPN",
		"regex:(?<ts>\\w{3} \\w{3} +\\d+ \\d\\d:\\d\\d:\\d\\d \\d{4}) " REST,
		NULL, NULL, false },
	{ "CEF",
		"regex:.*?CEF:(?<version>\\d+)\\|(?<vendor>[^|]*)\\|(?<product>[^|]*)"
		"\\|(?<release>[^|]*)\\|(?<class>[^|]*)\\|(?<name>[^|]*)\\|"
		"(?<severity>[^|]*)\\|(?<extension>.*)", NULL, NULL, false },
	/* libraries that write logs */
	{ "a log of klog",
		"regex:(?<level>[A-Z])(?<ts>\\d{4} " CLOCK ") +(?<thread>\\d+) "
		"(?<source>[^\\]]+)\\] " REST, "^[A-Z]\\d{4} ", NULL, false },
	{ "a log of zap",
		"regex:(?<ts>\\d{4}/\\d\\d/\\d\\d " CLOCK ")\\t" LEVEL "\\t(?:"
		"(?<logger>[\\w.]+)\\t)?(?<message>[^\\t]*)(?:\\t(?<data>\\{.*\\}))?",
		NULL, NULL, false },
	{ "a log of Ruby",
		"regex:\\w, \\[(?<ts>" STAMP ") #(?<pid>\\d+)\\] +" LEVEL " -- "
		"(?<program>[^:]*): " REST, "^\\w, \\[", NULL, false },
};

/* Anything with a time. */
static const struct layout vaguely[] = {
	{ "a log of Python",
		"regex:(?<ts>" STAMP ") - (?<logger>\\S+) - " LEVEL " - " REST,
		"^" DAY " ", NULL, false },
	{ "a log whose lines begin with time and level",
		"regex:\\[?(?<ts>" STAMP ")[^\\w<]+(?<level>(?i)trace|debug|info|"
		"notice|warn|warning|err|error|crit|critical|fatal|severe|alert)\\b"
		"[^\\w(<]*" REST,
		"^\\[?" DAY "[ T]", NULL, false },
	{ "a log whose lines begin with a time",
		"regex:\\[?(?<ts>" STAMP ")\\W*?[ \\]] *" REST, "^\\[?" DAY "[ T]",
		NULL, false },
	{ "a log whose lines begin with a time",
		"regex:(?<ts>\\d{4}/\\d\\d/\\d\\d " CLOCK ") " REST,
		"^\\d{4}/\\d\\d/\\d\\d ", NULL, false },
	{ "a log whose lines begin with a time of the day",
		"regex:(?<time>" CLOCK ") " REST, "^\\d\\d:\\d\\d:\\d\\d", NULL,
		false },
};

static size_t
quotes(struct lam_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '"' && !(i && s.p[i - 1] == '\\');
	return n;
}

/*
 * Lines that have other quotes than FORMAT, a server's own.  Such lines can be read, as
 * not all servers escape what they say; but where most are so, there are more fields.
 */
static size_t
quoted_otherwise(const char *format, struct lam_str lines)
{
	size_t n = 0, all = quotes((struct lam_str){ format, strlen(format) });
	struct lam_str line;

	while (*format != 'r' && lam_str_line(&lines, &line))
		n += line.n && quotes(line) != all;
	return n;
}

/* Whether L reads enough of LINES. */
static int
reads(const struct layout *l, struct lam_str lines, bool *does, struct lam_error *e)
{
	struct lam_input_options o = { .format = l->format, .start = l->start,
		.time_format = l->time_format };
	const struct lam_format *f = lam_format_find(l->format, e);
	size_t lead = l->start ? LEAD : HEADER;
	struct lam_trial t;
	int r = f ? lam_input_trial(f, lines, &o, &t, e) : LAM_SYSTEM;

	*does = !r && t.records - t.blank > 0 && (t.rejects <= lead ||
		t.rejects * 4 <= t.records) &&
		quoted_otherwise(l->format, lines) * 2 <= t.records;
	return r;
}

int
lam_layout_find(struct lam_str lines, bool vague, const char **what,
	struct lam_buf *how, struct lam_error *e)
{
	const struct layout *l = vague ? vaguely : layouts;
	const struct layout *end = l + (vague ? sizeof vaguely : sizeof layouts) /
		sizeof *l;
	bool does = false;
	int r = LAM_OK;

	*what = NULL;
	for (; !r && l < end; l++) {
		r = reads(l, lines, &does, e);
		if (does)
			break;
	}
	if (r || !does)
		return r;
	*what = l->what;
	lam_buf_puts(how, "say ");
	if (l->start)
		lam_buf_printf(how, "--start '%s' ", l->start);
	if (l->time_format)
		lam_buf_printf(how, "--time-format '%s' ", l->time_format);
	if (l->zone)
		lam_buf_puts(how, "--zone ZONE ");
	lam_buf_printf(how, "-f '%s'", l->format);
	return lam_buf_check(how, e);
}
