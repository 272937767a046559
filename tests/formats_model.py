"""Logs and what they say, by an independent reading.

    formats_model.py FORMAT SEED LOG EXPECTED

writes a random LOG of FORMAT, with good and bad lines, and as EXPECTED what the
manual says that it holds: CSV of the records.  Values are made first and written
second, so that what is expected never comes from reading the log; Python's own
readers say what is no record.
"""
import datetime
import json
import random
import re
import sys

NULL = None


def csv_value(v):
    """As lam-query writes it: an empty text is quoted, NULL is nothing."""
    if v is NULL:
        return ""
    if v == "" or any(c in v for c in '",\n\r'):
        return '"' + v.replace('"', '""') + '"'
    return v


def write(path, text):
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as f:
        f.write(text)


# ------------------------------------------------------------------------ JSON

WORDS = ["", "a", "b c", 'q"q', "back\\slash", "tab\there", "é", "€", "𝄞", "\x7f",
         "nl\nnl", "x" * 40, "{[,:]}", "'", "/", "\u2028", "12", "null"]
NUMBERS = ["0", "-0", "1.50", "1e5", "-12.25E-3", "123456789012345678901234567890",
           "0.1", "7"]
BLANKS = ["", "", "", " ", "\t", "  "]


def json_string(r, s):
    out = '"'
    for c in s:
        if c in '"\\' or c < " ":
            short = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
            out += short[c] if r.random() < .7 else "\\u%04x" % ord(c)
        elif c == "/" and r.random() < .5:
            out += "\\/"
        elif ord(c) > 126 and r.random() < .5:
            b = c.encode("utf-16-be")
            out += "".join("\\u%02X%02x" % (b[i], b[i + 1]) for i in range(0, len(b), 2))
        else:
            out += c
    return out + '"'


def json_scalar(r):
    """How it is written, and its value."""
    k = r.randrange(6)
    if k == 0:
        return "null", NULL
    if k == 1:
        w = r.choice(["true", "false"])
        return w, w
    if k < 4:
        n = r.choice(NUMBERS)
        return n, n
    s = r.choice(WORDS)
    return json_string(r, s), s


def json_array(r, depth=0):
    parts = [json_array(r, depth + 1) if depth < 3 and r.random() < .2 else
             '{"in":%s}' % json_scalar(r)[0] if r.random() < .2 else
             json_scalar(r)[0] for _ in range(r.randrange(4))]
    return "[" + r.choice(BLANKS) + ",".join(parts) + "]"


def json_members(r, shape, row, prefix):
    """Members of an object of SHAPE: name -> None, or the shape of an object."""
    out = []
    names = [n for n in shape if r.random() < .85]
    if r.random() < .2:
        r.shuffle(names)
    if names and r.random() < .05:
        names.append(r.choice(names))  # twice: the last one counts
    for n in names:
        path = prefix + n
        for old in [p for p in row if p == path or p.startswith(path + ".")]:
            del row[old]
        if shape[n] is not None:
            inner = json_members(r, shape[n], row, path + ".")
            text = "{" + inner + "}"
            if not inner.strip():
                row[path] = text
        elif r.random() < .15:
            text = json_array(r)
            row[path] = text
        else:
            text, row[path] = json_scalar(r)
        key = json_string(r, n) if r.random() < .1 else json.dumps(n, ensure_ascii=False)
        out.append(r.choice(BLANKS) + key + r.choice(BLANKS) + ":" + r.choice(BLANKS)
                   + text + r.choice(BLANKS))
    return ",".join(out) if out else r.choice(BLANKS)


BAD = ['{"a":1', '{"a" 1}', '{"a":01}', '{"a":1,}', '{a:1}', "[1]", "7", '"x"', '{"a":1} x',
       '{"a":tru}', '{"a":"\\x"}', '{"a":"\\ud800"}', '{"a":1}}', '{"a":.5}', '{"a":1.}',
       '{"a":+1}', "{'a':1}", '{"a":[1,]}', '{"a":{"b":}}', '{"a":"' + "\x01" + '"}',
       '{"a":1e}', "nonsense", '{"a":-}', '{"a":[}', '{"a":nul}', '{,}', '{"a":NaN}']


def read_json(text):
    def constant(name):
        raise ValueError(name)
    v = json.loads(text, parse_constant=constant)
    if not isinstance(v, dict):
        raise ValueError("no object")
    if any(0xd800 <= ord(c) <= 0xdfff for c in json.dumps(v, ensure_ascii=False)):
        raise ValueError("a lone surrogate")
    return v


def jsonl(r):
    shape = {"ts": None, "n": None, "a long name of a member": None,
             "user": {"id": None, "geo": {"lat": None, "lon": None}}, "x.y": None,
             "é\"k": None, "last": None}
    fields = ["ts", "n", "a long name of a member", "user", "user.id", "user.geo",
              "user.geo.lat", "user.geo.lon", "x.y", "é\"k", "last"]
    first = ('{"ts":"t","n":1,"a long name of a member":"","user":null,"user":{"id":1,'
             '"geo":{"lat":0,"lon":0}},"x.y":1,"\\u00e9\\"k":null,"last":1}')
    # An object that has no members is a value: this makes the two fields.
    second = '{"user":{"geo":{}}}'
    third = '{"user":{}}'
    lines, rows = [first, second, third], [
        ["t", "1", "", NULL, "1", NULL, "0", "0", "1", NULL, "1"],
        [NULL] * 5 + ["{}"] + [NULL] * 5, [NULL] * 3 + ["{}"] + [NULL] * 7]
    rejected = 0
    for _ in range(400):
        k = r.random()
        if k < .1:
            bad = r.choice(BAD)
            try:
                read_json(bad)
                raise SystemExit("python takes " + bad)
            except ValueError:
                pass
            lines.append(bad)
            rejected += 1
        elif k < .13:
            lines.append(r.choice(["", "", " "]))
        else:
            row = {}
            text = "{" + json_members(r, shape, row, "") + "}"
            read_json(text)
            lines.append(text)
            rows.append([row.get(f) for f in fields])
    return fields, lines, rows, rejected


# ------------------------------------------------------------ lines of servers

AGENTS = ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8", "-", "", 'a \\"quoted\\" one', "é"]
PATHS = ["/", "/a?b=c", "/a b", "*", "http://x/", "/%22"]


def word(r):
    return r.choice(["-", "a", "x.y-z", "arn:aws:x:1/2", "10.0.0.7", "A_B"])


def number(r):
    return r.choice(["-", "0", "17", "0.001", "-1", "123456789"])


def quoted(r):
    return r.choice(AGENTS)


def when(r):
    return "%02d/%s/2026:%02d:%02d:59 %s" % (
        r.randint(1, 28), r.choice(["Jan", "Feb", "Dec"]), r.randint(0, 23), r.randint(0, 59),
        r.choice(["+0000", "-0530"]))


def iso(r):
    return "2026-01-%02dT%02d:00:%02d.%06dZ" % (r.randint(1, 31), r.randint(0, 23),
                                               r.randint(0, 59), r.randrange(10**6))


def request(r):
    return r.choice(["-", "", "\\x16\\x03", "GET /"]) if r.random() < .2 else \
        "%s %s HTTP/%s" % (r.choice(["GET", "POST", "-"]), r.choice(PATHS), r.choice("12"))


def three(s):
    """Method, path, protocol: by the first and the last blank."""
    m = re.fullmatch(r"([^ ]+) (.+) (HTTP/[^ ]*)", s)
    parts = m.groups() if m else (NULL, s, NULL)
    return [NULL if p == "-" else p for p in parts]


def lines_of(pattern):
    """PATTERN: texts, and <name:kind> between them; kinds w n q t i r, or a|b|c."""
    kinds = {"w": word, "n": number, "q": quoted, "t": when, "i": iso, "r": request}
    parts = re.split(r"<(\w+):([^>]*)>", pattern)

    def model(r):
        fields, lines, rows, rejected = [], [], [], 0
        for name, kind in zip(parts[1::3], parts[2::3]):
            fields += ["method", "path", "protocol"] if kind == "r" else [name]
        for _ in range(300):
            line, row = parts[0], []
            for kind, text in zip(parts[2::3], parts[3::3]):
                v = kinds[kind](r) if kind in kinds else r.choice(kind.split("|"))
                line += v + text
                if kind == "r":
                    row += three(v)
                else:
                    v = v if kind == "q" else v.strip(" ")
                    row.append(NULL if v == "-" or (v == "" and kind != "q") else v)
            if r.random() < .1:  # cut off: the last text is not there
                line = line[:r.randint(1, len(line) // 3)]  # before what older versions lack
                rejected += 1
            else:
                rows.append(row)
            lines.append(line)
        return fields, lines, rows, rejected
    return model


# ------------------------------------------------------------ names and values

NAMES = ["ts", "level", "msg", "a.b", "http-code", "x_1", "longer_name", "u"]


def pairs(write_pair, bad, sep):
    def model(r):
        lines, rows = [sep.join(write_pair(r, n, "0") for n in NAMES)], [["0"] * len(NAMES)]
        rejected = 0
        for _ in range(300):
            if r.random() < .1:
                lines.append(r.choice(bad))
                rejected += 1
                continue
            names = [n for n in NAMES if r.random() < .8] or ["u"]
            if r.random() < .2:
                r.shuffle(names)
            if r.random() < .1:
                names.append(names[0])  # the last one counts
            row, parts = {}, []
            for n in names:
                row[n] = r.choice(["", "info", "1.5", "a b", 'q"q', "é\\", "x=y", "k:v", "t\tt"])
                if sep == "\t":
                    row[n] = row[n].replace("\t", " ")
                parts.append(write_pair(r, n, row[n]))
            lines.append(sep.join(parts) if sep == "\t" else
                         "".join(p + r.choice([" ", "  "]) for p in parts))
            rows.append([row.get(n) for n in NAMES])
        return NAMES, lines, rows, rejected
    return model


def logfmt_pair(r, name, value):
    if value == "":
        return name + r.choice(["", "=", '=""'])
    if re.search(r"[\s\"\\]", value) or r.random() < .3:
        return name + "=" + json.dumps(value, ensure_ascii=r.random() < .5)
    return name + "=" + value


# ------------------------------------------------------------------ error logs

def nginx_error(r):
    fields = ("ts level pid tid connection message client server method path protocol subrequest "
              "upstream host referer login bytes_received bytes_sent upstream_bytes_received "
              "upstream_bytes_sent").split()
    lines, rows, rejected = [], [], 0
    for _ in range(300):
        v = dict.fromkeys(fields)
        v.update(ts="2026/01/%02d 10:00:59" % r.randint(1, 31), level=r.choice(["error", "crit"]),
                 pid=str(r.randint(1, 99)), tid="0", message=r.choice([
                     'open() "/a" failed (2: No such file or directory)', "signal 15 (SIGTERM), exiting",
                     "a: b, c [d]", ""]))
        line = "%(ts)s [%(level)s] %(pid)s#%(tid)s: " % v
        if r.random() < .7:
            v["connection"] = str(r.randint(1, 9999))
            line += "*%s " % v["connection"]
        line += v["message"]
        if r.random() < .7:
            v.update(client=r.choice(["1.2.3.4", "::1"]), server=r.choice(["a.example", "", "_"]))
            line += ", client: %(client)s, server: %(server)s" % v
            q = "%s %s HTTP/1.1" % (r.choice(["GET", "POST"]), r.choice(PATHS + ["/a, host: b"]))
            v["method"], v["path"], v["protocol"] = three(q)
            line += ', request: "%s"' % q
            for name, text in (("subrequest", "/auth"), ("upstream", "http://10.0.0.1:80/x"),
                               ("host", "a.example:80"), ("referer", "http://r/?a, b")):
                if r.random() < .5:
                    v[name] = text
                    line += ', %s: "%s"' % ("referrer" if name == "referer" else name, text)
        if r.random() < .1:
            line = r.choice(["oops", line[:19], line[line.index("["):], "2026/13/01 00:00:00 [x] 1#0: m"])
            rejected += 1
        else:
            rows.append([v[f] for f in fields])
        lines.append(line)
    return fields, lines, rows, rejected


def apache_error(r):
    fields = "ts module level pid tid error client code message source remote".split()
    lines, rows, rejected = [], [], 0
    for _ in range(300):
        v = dict.fromkeys(fields)
        v.update(ts="Sat Jan 31 10:%02d:59%s 2026" % (r.randint(0, 59), r.choice(["", ".123456"])),
                 level=r.choice(["error", "notice"]), message=r.choice([
                     "access denied: /a", "[x] (y): z", "caught SIGTERM, shutting down", "AHA"]))
        line = "[%(ts)s] [" % v
        if r.random() < .8:
            v["module"] = r.choice(["core", "mpm_event", None])
            line += (v["module"] or "") + ":"
        line += v["level"] + "] "
        if r.random() < .8:
            v["pid"] = str(r.randint(1, 99999))
            line += "[pid " + v["pid"]
            if r.random() < .8:
                v["tid"] = str(r.randint(1, 10**15))
                line += ":tid " + v["tid"]
            line += "] "
        for name, text, how in (("error", "(13)Permission denied", "%s: "),
                                ("client", "1.2.3.4:5", "[client %s] "), ("code", "AH00035", "%s: ")):
            if r.random() < .5:
                v[name] = text
                line += how % text
        line += v["message"]
        if r.random() < .1:
            line = r.choice(["oops", line[1:], "[Sat Jan 32 10:00:59 2026] [error] x", line[:30]])
            rejected += 1
        else:
            rows.append([v[f] for f in fields])
        lines.append(line)
    return fields, lines, rows, rejected


def cri(r):
    lines, rows, rejected = [], [], 0
    for _ in range(300):
        row = [iso(r), r.choice(["stdout", "stderr"]), r.choice("FP"),
               r.choice(["text", "  two  blanks ", "", '{"a":1}', "-"])]
        line = " ".join(row)
        if r.random() < .1:
            line = r.choice(["oops", line[5:], line.replace("std", "Std"), row[0] + " stdout X m"])
            rejected += 1
        else:
            rows.append(row)
        lines.append(line)
    return "ts stream tag message".split(), lines, rows, rejected


def syslog(r):
    """With -f syslog:2024: the years begin there."""
    fields = "facility severity ts host app pid id data message".split()
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    lines, rows, rejected, when = [], [], 0, datetime.datetime(2024, 11, 29)
    for _ in range(400):
        when += datetime.timedelta(hours=r.randint(0, 90), seconds=r.randint(0, 59))
        v = dict.fromkeys(fields)
        line = ""
        k = r.randrange(4)
        if k < 2:
            p = r.randrange(192)
            v["facility"], v["severity"] = str(p // 8), str(p % 8)
            line = "<%d>" % p
        v["host"] = r.choice(["host", "a.example", "10.0.0.1"])
        text = r.choice(["text: with [x] in it", " two", "", "é", "[ 0.0] Linux, version"])
        if k == 0:
            v["ts"] = when.isoformat() + r.choice(["Z", ".003Z", "+01:00"])
            v["app"], v["pid"], v["id"] = (r.choice([NULL, "a", "b7"]) for _ in range(3))
            v["data"] = r.choice([NULL, '[x@1 a="b"]', '[x a="\\"]" b="c d"][y]'])
            line += "1 " + " ".join(v[f] or "-" for f in fields[2:-1])
            if text:
                v["message"] = text
                line += " " + r.choice(["", "\ufeff"]) + text
        else:
            if k == 3:
                v["ts"] = when.isoformat() + r.choice([".123456+01:00", "Z"])
                line += v["ts"]
            else:
                late = when - datetime.timedelta(days=r.choice([0, 0, 0, 20]))
                v["ts"] = late.isoformat()
                line += "%s %2d %s" % (months[late.month - 1], late.day, late.time().isoformat())
            line += " " + v["host"] + " "
            v["message"] = text
            if r.random() < .8:
                v["app"] = r.choice(["kernel", "sshd", "systemd-logind", "/usr/bin/x"])
                line += v["app"]
                if r.random() < .5:
                    v["pid"] = "123"
                    line += "[123]"
                line += ": " + text
            else:
                v["message"] = "no tag " + text
                line += v["message"]
        if r.random() < .1:
            line = r.choice(["oops", "<192>Oct 11 22:14:15 h x", "<34>1 - h", "Foo 11 22:14:15 host x: y",
                             '<1>1 2026-01-01T00:00:00Z h a - - [x "', "Oct 11 2:14:15 h x"])
            rejected += 1
        else:
            rows.append([v[f] for f in fields])
        lines.append(line)
    return fields, lines, rows, rejected


# As in formats.bats of the tests: a time, a level, a word or none, and text.
REGEX = r"(?<ts>\S+ \S+) \[(?<level>\w+)\](?: <(?<who>[^>]*)>)? (?<msg>.*)"


def regex_record(r, tail):
    """Values first; a msg of several lines where TAIL says how they go on."""
    ts = iso(r).replace("T", " ")
    level = r.choice(["INFO", "WARN", "ERROR", "x_1"])
    who = r.choice([NULL, NULL, "", "bob", "two words", "é"])
    msg = r.choice(["", "a", "said [x] <y>", "é € 𝄞", " blanks ", "]"])
    msg += "".join("\n" + r.choice(tail) for _ in range(r.choice([0, 0, 1, 3]))) if tail else ""
    return [ts, level, who, msg], "%s [%s]%s %s" % (ts, level, "" if who is NULL else " <%s>" % who, msg)


def regex(tail):
    def make(r):
        rows, lines, rejected = [], [], 0
        for i in range(300):
            row, line = regex_record(r, tail)
            if tail and i == 0:  # of no record
                lines.append("  at the.end(of another record)")
                rejected += 1
            if r.random() < 0.1:  # begins as a record does, and is none
                line = row[0] + " " + r.choice(["[INFO", "INFO] x", "[] x", "[a b] x"])
                rejected += 1
            else:
                rows.append(row)
            lines.append(line)
        return ["ts", "level", "who", "msg"], lines, rows, rejected
    return make


FORMATS = {
    "regex": regex([]),
    "regex_lines": regex(["  at a.b(C.java:1)", "", "Caused by: x", "2026", " 2026-01-31 x", "\té"]),
    "syslog": syslog,
    "logfmt": pairs(logfmt_pair, ['a="b', '=x', 'a="b"c', 'a"b=c', '" "'], " "),
    "ltsv": pairs(lambda r, n, v: n + ":" + v, ["oops", "a:b\toops", ":x", "a:b\t:c"], "\t"),
    "cri": cri,
    "nginx_error": nginx_error,
    "apache_error": apache_error,
    "jsonl": jsonl,
    "vhost_combined": lines_of('<host:a.example|b>:<port:n> <ip:w> <ident:w> <user:-|bob|two words> '
                               '[<ts:t>] "<r:r>" <status:n> <bytes:n> "<referer:q>" "<agent:q>"'),
    "traefik": lines_of('<ip:w> - <user:w> [<ts:t>] "<r:r>" <status:n> <bytes:n> "<referer:q>" '
                        '"<agent:q>" <requests:n> "<router:q>" "<server_url:q>" <duration_ms:n>ms'),
    "squid": lines_of('<ts:1286536309.586|1> <elapsed_ms:1|200> <ip:w> <result:TCP_MISS|NONE>/'
                      '<status:n> <bytes:n> <method:w> <url:http://a/b?c=d|x:443> <user:w> '
                      '<hierarchy:DIRECT|HIER_NONE>/<peer:w> <type:-|text/html><request_headers:><response_headers:>'),
    "haproxy": lines_of('<logged:Feb  6 12:14:14 localhost> haproxy[<pid:n>]: <client:1.2.3.4:5|::1:6> '
                        '[<accepted:06/Feb/2009:12:14:14.655>] <frontend:w> <backend:b1|b>/<server:s|t> '
                        '<request_ms:n>/<queue_ms:n>/<connect_ms:n>/<response_ms:n>/<total_ms:n> '
                        '<status:n> <bytes:n> <request_cookie:w> <response_cookie:w> '
                        '<termination:----|CD--> <active:n>/<frontend_active:n>/<backend_active:n>/'
                        '<server_active:n>/<retries:n> <server_queue:n>/<backend_queue:n> '
                        '<captured:|{a} {b} |{} >"<r:r>"<more:><bind:><error:>'),
    "alb": lines_of('<type:http|h2> <ts:i> <elb:w> <client:w> <target:w> <request_s:n> <target_s:n> '
                    '<response_s:n> <status:n> <target_status:n> <received_bytes:n> <bytes:n> '
                    '"<r:r>" "<agent:q>" <ssl_cipher:w> <ssl_protocol:w> <target_group:w> '
                    '"<trace_id:q>" "<domain:q>" "<certificate:q>" <rule_priority:n> <created:i> '
                    '"<actions:q>" "<redirect_url:q>" "<error_reason:q>" "<targets:q>" '
                    '"<target_statuses:q>" "<classification:q>" "<classification_reason:q>" <conn_trace_id:w> '
                    '"<transformed_host:q>" "<transformed_uri:q>" "<transform_status:q>"<more:>'),
    "elb": lines_of('<ts:i> <elb:w> <client:w> <backend:w> <request_s:n> <backend_s:n> <response_s:n> '
                    '<status:n> <backend_status:n> <received_bytes:n> <bytes:n> "<r:r>" "<agent:q>" '
                    '<ssl_cipher:w> <ssl_protocol:w>'),
    "s3": lines_of('<owner:w> <bucket:w> [<ts:t>] <ip:w> <requester:w> <request_id:w> <operation:w> '
                   '<key:w> "<r:r>" <status:n> <error:w> <bytes:n> <object_bytes:n> <total_ms:n> '
                   '<turn_around_ms:n> "<referer:q>" "<agent:q>" <version_id:w> <host_id:w> '
                   '<signature:w> <cipher:w> <authentication:w> <host:w> <tls:w> <access_point:w> '
                   '<acl_required:w> <source_region:w> <more:w|a Yes>'),
    "nginx": lines_of('<ip:1.2.3.4|1.1.1.1, 2.2.2.2> - <user:-|bob|two words> [<ts:t>] "<r:r>" '
                      '<status:n> <bytes:n> "<referer:q>" "<agent:q>" rt=<request_time:n> '
                      'up="<upstream_response_time:q>"'),
    "apache": lines_of('<host:a.example|b>:<port:n> <ip:w> <ident:w> <user:w> [<ts:t>] "<r:r>" <status:n> '
                       '<bytes:n> "<referer:q>" "<agent:q>" <duration_us:n> <x_request_id:w> 100%'),
}


def main(name, seed, log, expected):
    r = random.Random(int(seed))
    fields, lines, rows, rejected = FORMATS[name](r)
    write(log, "".join(line + r.choice(["\n", "\n", "\r\n"]) for line in lines))
    write(expected, "".join(",".join(csv_value(v) for v in row) + "\n"
                            for row in [fields] + rows))
    print(len(rows), rejected)


if __name__ == "__main__":
    main(*sys.argv[1:])
