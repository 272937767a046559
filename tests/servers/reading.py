#!/usr/bin/env python3
"""reading.py LOGS - what is in the logs of LOGS, by re and json; and whether lam says the same

The formats are those of the configurations beside this, as they stand there.  `sent` in LOGS has
what the client of requests.py sent and got: what the logs say of it must be that.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LOGS = sys.argv[1]
Q = r'(?:[^"\\]|\\.)*'
WEB = (r'(?P<ip>\S+) (?P<ident>\S+) (?P<user>.*) \[(?P<ts>[^][]+)\] "(?P<request>%s)" '
       r'(?P<status>\d+) (?P<bytes>\S+)' % Q)
AGENT = r' "(?P<referer>%s)" "(?P<agent>%s)"' % (Q, Q)
NGINX = WEB.replace(r'(?P<ident>\S+)', '-') + AGENT
PATTERNS = {
    "nginx_combined": WEB + AGENT,
    "nginx_timed": NGINX + r' rt=(?P<request_time>\S+) uct="(?P<upstream_connect_time>[^"]*)" '
                           r'urt="(?P<upstream_response_time>[^"]*)" up=(?P<upstream_addr>.*)',
    "nginx_proxied": r'(?P<forwarded>.*)\|(?P<ts>[-+:T\d]{25})\|(?P<msec>\d+\.\d{3})\|(?P<method>\S+) '
                     r'(?P<path>\S+) \((?P<protocol>\S*)\)\|(?P<status>\d+) (?P<request_length>\d+)/'
                     r'(?P<bytes_sent>\d+) (?P<connection>\d+):(?P<connection_requests>\d+) '
                     r'(?P<remote_port>\d+)->(?P<port>\d+) (?P<pipe>[p.])\t(?P<host>.*)',
    "nginx_bare": r'(?P<ts>\S+) (?P<status>\d+) "(?P<agent>.*)"',
    "nginx_error": r'(?P<ts>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(?P<level>\w+)\] (?P<pid>\d+)#'
                   r'(?P<tid>\d+): (?:\*(?P<connection>\d+) )?(?P<message>.*?)'
                   r'(?:, client: (?P<client>[^,]*))?(?:, server: (?P<server>[^,]*))?'
                   r'(?:, request: "(?P<request>.*?)(?:"|$))?(?:, upstream: "(?P<upstream>.*?)")?'
                   r'(?:, host: "(?P<host>.*?)")?',
    "apache_vhost_combined": r'(?P<host>[^ :]+):(?P<port>\d+) ' + WEB + AGENT,
    "apache_combined": WEB + AGENT,
    "apache_common": WEB,
    "apache_agent": "(?P<agent>.*)",
    "apache_timed": WEB + r' (?P<bytes_in>\d+)/(?P<bytes_2>\d+) (?P<duration_us>\d+) '
                    r'(?P<duration_ms>\d+) (?P<duration_s>\d+) "(?P<forwarded>%s)" "(?P<agent>%s)" '
                    r'"(?P<kind>%s)" (?P<keepalives>\d+) (?P<connection>[-+X])' % (Q, Q, Q),
    "apache_parts": r'(?P<ts>\S+)\t(?P<ip>\S+) (?P<remote_port>\d+)\t(?P<method>\S+) '
                    r'(?P<path>[^ ?]*)(?P<query>\?.*)? \((?P<protocol>\S+)\)\t(?P<status>\d+)/'
                    r'(?P<status_2>\d+)\t(?P<file>.*)\t(?P<handler>\S+) 100% '
                    r'"(?P<content_type>[^"]*)" (?P<accept>.*)',
    "apache_error": r'\[(?P<ts>[^]]+)\] \[(?P<module>\w+):(?P<level>\w+)\] \[pid (?P<pid>\d+):tid '
                    r'(?P<tid>\d+)\] (?:(?P<error>\(\d+\)[^:]*): )?(?:\[client (?P<client>[^]]+)\] )?'
                    r'(?:(?P<code>AH\d{5}): )?(?P<message>.*)',
    "haproxy": r'(?P<logged>.*?) haproxy\[(?P<pid>\d+)\]: (?P<client>\S+) \[(?P<accepted>[^]]+)\] '
               r'(?P<frontend>\S+) (?P<backend>[^/]+)/(?P<server>\S+) (?P<request_ms>-?\d+)/'
               r'(?P<queue_ms>-?\d+)/(?P<connect_ms>-?\d+)/(?P<response_ms>-?\d+)/(?P<total_ms>\+?\d+) '
               r'(?P<status>-?\d+) (?P<bytes>\+?\d+) (?P<request_cookie>\S+) (?P<response_cookie>\S+) '
               r'(?P<termination>\S{4}) (?P<active>\d+)/(?P<frontend_active>\d+)/'
               r'(?P<backend_active>\d+)/(?P<server_active>\d+)/(?P<retries>\+?\d+) '
               r'(?P<server_queue>\d+)/(?P<backend_queue>\d+) (?P<captured>(?:\{.*?\} )*)'
               r'"(?P<request>[^"]*)(?:"|$)',
    "squid": r'(?P<ts>\d+\.\d{3}) +(?P<elapsed_ms>\d+) (?P<ip>\S+) (?P<result>[A-Z_]+)/(?P<status>\d{3}) '
             r'(?P<bytes>\d+) (?P<method>\S+) (?P<url>\S+) (?P<user>\S+) (?P<hierarchy>\w+)/(?P<peer>\S+) '
             r'(?P<type>\S+)',
    "squid_combined": r'(?P<ip>\S+) (?P<ident>\S+) (?P<user>\S+) \[(?P<ts>[^]]+)\] "(?P<request>.*)" '
                      r'(?P<status>\d+) (?P<bytes>\d+) "(?P<referer>.*)" "(?P<agent>.*)" '
                      r'(?P<result>\w+):(?P<hierarchy>\w+)',
    "syslog_traditional": r'(?P<ts>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?P<host>\S+) (?:(?P<app>'
                          r'[^] :[]+)(?:\[(?P<pid>[^]]*)\])?: ?)?(?P<message>.*)',
    "syslog_file": r'(?P<ts>\S+) (?P<host>\S+) (?:(?P<app>[^] :[]+)(?:\[(?P<pid>[^]]*)\])?: ?)?'
                   r'(?P<message>.*)',
    "syslog_forward": r'<(?P<pri>\d+|invld)>(?P<ts>\S+) (?P<host>\S+) (?:(?P<app>[^] :[]+)'
                      r'(?:\[(?P<pid>[^]]*)\])?: ?)?(?P<message>.*)',
    "syslog_5424": r'<(?P<pri>\d+|invld)>1 (?P<ts>\S+) (?P<host>\S+) (?P<app>\S+) (?P<pid>\S+) '
                   r'(?P<id>\S+) (?P<data>-|(?:\[[^ ]+(?: [^ =]+="(?:[^"\\]|\\.)*")*\])+)'
                   r'(?: (?:\xef\xbb\xbf)?(?P<message>.*))?',
}


class Wrong(Exception):
    pass


def configured(name):
    """The text behind -f for the log NAME."""
    server, _, kind = name.partition("_")
    if name in ("nginx_error", "apache_error", "haproxy", "squid", "caddy"):
        return name
    if server == "syslog":
        return "syslog:2026"
    if kind in ("combined", "common", "vhost_combined") and server != "squid":
        return kind
    if kind == "json":
        return "jsonl"
    if server == "squid":  # squid.conf has the name of it only
        return ('nginx:$remote_addr $ident $remote_user [$time_local] "$request" $status '
                '$body_bytes_sent "$http_referer" "$http_user_agent" $result:$hierarchy')
    with open(os.path.join(HERE, {"nginx": "nginx.conf", "apache": "apache2.conf"}[server])) as f:
        text = f.read()
    if server == "apache":
        return "apache:" + re.search(r'^LogFormat "(.*)" %s$' % kind, text, re.M)[1]
    pieces = re.search(r"log_format %s(?: escape=\w+)?((?:\s+'[^']*')+);" % kind, text)[1]
    return "nginx:" + "".join(re.findall("'([^']*)'", pieces)).replace("\\t", "\t")


def lines(name):
    with open(os.path.join(LOGS, name), "rb") as f:
        return f.read().decode("latin-1").split("\n")[:-1]


def flat(value, prefix=""):
    row = {}
    for key, v in value.items():
        if isinstance(v, dict) and v:
            row.update(flat(v, prefix + key + "."))
        else:
            row[prefix + key] = v
    return row


def from_json(line):
    raw = json.loads(line.encode("latin-1").decode("utf-8", "surrogateescape"),
                     parse_float=str, parse_int=str)
    return {k: v.encode("utf-8", "surrogateescape").decode("latin-1") if isinstance(v, str) else v
            for k, v in flat(raw).items()}


def request_of(text):
    m = text is not None and re.fullmatch(r"(\S+) (.+) (HTTP/\S+)", text)
    return [None if v == "-" else v for v in m.groups()] if m else (None, text, None)


def from_match(m, name):
    row = {}
    for key, v in m.groupdict().items():
        if v is not None and not (m.start(key) and m.string[m.start(key) - 1] == '"'):
            v = v if name.startswith("syslog") else v.strip(" ") or (
                "" if name == "nginx_error" else None)
        old = name.startswith("syslog") and name != "syslog_5424"  # has no nil
        row[key] = None if v == "-" and key != "message" and not old else v
    if "request" in row:
        row["method"], row["path"], row["protocol"] = request_of(row.pop("request"))
    if "pri" in row:
        pri = row.pop("pri")
        row["facility"], row["severity"] = ((None, None) if pri == "invld" else
                                            (str(int(pri) >> 3), str(int(pri) & 7)))
    for sd in re.findall(r'\[((?:[^]"]|"(?:[^"\\]|\\.)*")*)\]', row.get("data") or ""):
        for param, v in re.findall(r' ([^ =]+)="((?:[^"\\]|\\.)*)"', sd):
            row[sd.split()[0] + "." + param] = re.sub(r'\\(["\\\]])', r"\1", v)
    if name == "syslog_5424":
        row["message"] = row["message"] or None
    return row


def with_years(rows, year):
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    last = None
    for row in rows:
        month = months.index(row["ts"][:3])
        if last is not None and last - month > 6:
            year += 1
        elif last is not None and month - last > 6:
            year -= 1
        last = month
        row["ts"] = "%d-%02d-%02dT%s" % (year, month + 1, int(row["ts"][4:6]), row["ts"][7:])


def read(name):
    if name in ("caddy", "nginx_json"):
        return [from_json(line) for line in lines(name)]
    rows = []
    for i, line in enumerate(lines(name)):
        m = re.fullmatch(PATTERNS[name], line)
        if m is None:
            raise Wrong("%s:%d: not as the pattern here says: %s" % (name, i + 1, line))
        if name != "apache_agent" or line:  # an empty line is no record
            rows.append(from_match(m, name))
    if name == "syslog_traditional":
        with_years(rows, 2026)
    return rows


def from_tsv(text):
    def cell(v):
        return None if v == "\\N" else re.sub(
            r"\\(.)", lambda m: {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f",
                                 "v": "\v", "\\": "\\"}[m[1]], v)
    table = [[cell(v) for v in line.split("\t")] for line in text.split("\n")[:-1]]
    return [dict(zip(table[0], row)) for row in table[1:]]


def lam(*args):
    done = subprocess.run(args, capture_output=True)
    if done.returncode or done.stderr:
        raise Wrong("%s: %d %s" % (" ".join(args), done.returncode, done.stderr.decode()))
    return done.stdout and from_tsv(done.stdout.decode("latin-1"))


def same(got, want):
    return json.loads(got.encode("latin-1")) == want if isinstance(want, (list, dict)) else got == want


def compare(name, got, want):
    if len(got) != len(want):
        raise Wrong("%s: %d records, not %d" % (name, len(got), len(want)))
    for i, (g, w) in enumerate(zip(got, want)):
        for key in sorted(set(g) | set(w)):
            if not same(g.get(key), w.get(key)):
                raise Wrong("%s, record %d, %s: %r, not %r" % (name, i + 1, key, g.get(key), w.get(key)))


def unescaped(text):
    """The bytes that nginx and Apache write so."""
    return text and re.sub(r"\\(x..|.)", lambda m: chr(int(m[1][1:], 16)) if m[1][0] == "x" else
                           {"t": "\t", "n": "\n"}.get(m[1], m[1]), text)


def header(raw, name):
    m = re.search(r"\r\n%s: *(.*?) *\r\n" % name, raw)
    return None if m is None or m[1] == "-" else m[1]


def check_sent(name, rows, port):
    """Each answered request is in the log, in its order, and says what was sent and got."""
    with open(os.path.join(LOGS, "sent")) as f:
        sent = [s for s in map(json.loads, f) if s["port"] == port and s.get("status")]
    at = 0
    for s in sent:
        raw, line = s["raw"], s["raw"].split("\r\n")[0]
        if s["status"] in ("400", "408", "414") or raw.count("HTTP/1.1\r\n") > 1:
            continue  # not all of it was read, or two in one
        want = {"ip": s["ip"], "status": s["status"], "request": line, "agent": header(raw, "User-Agent")}
        if "referer" in rows[0]:
            want["referer"] = header(raw, "Referer")
        if name.startswith("nginx"):
            want["bytes"] = str(s["body"])
        elif name == "apache_combined":
            want["bytes"] = str(s["all"])
        while at < len(rows):
            row = dict(rows[at], request=" ".join(filter(None, (
                rows[at]["method"], rows[at]["path"], rows[at]["protocol"]))))
            at += 1
            if all(unescaped(row[k]) == v for k, v in want.items()):
                break
        else:
            raise Wrong("%s: nothing of %r" % (name, want))
    if not sent:
        raise Wrong("sent has nothing of port %d" % port)


def check(name):
    """How many records it has."""
    want, log = read(name), os.path.join(LOGS, name)
    text = configured(name)
    with tempfile.TemporaryDirectory() as data:
        os.environ["LAM_DATA"] = data
        lam("lam-ingest", "-q", "-s", "s", "-f", text, log)
        compare(name, lam("lam-query", "-o", "tsv", "select * from s"), want)
    if ":" not in text:  # known for what it is
        compare(name, lam("lam-query", "-o", "tsv", "select * from '%s'" % log), want)
    port = {"nginx_combined": 8080, "nginx_timed": 8080, "apache_combined": 8081,
            "apache_timed": 8081}.get(name)
    if port:
        check_sent(name, want, port)
    return len(want)


status = 0
for name in list(PATTERNS) + ["caddy", "nginx_json"]:
    try:
        print("%s: %d records" % (name, check(name)))
    except Wrong as wrong:
        print(wrong)
        status = 1
sys.exit(status)
