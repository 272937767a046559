#!/usr/bin/env python3
"""origin_model.py SEED RECORDS - logs of every format, and the line at which each record begins

Writes FORMAT.log, with blank lines and lines that are no records in between, and FORMAT.want:
"ID,LINE" for each record, counted while the text is written.  `formats` has lines "NAME OPTIONS",
where OPTIONS are those of lam-query, and ID is the SQL that finds the id again.
"""
import json
import random
import sys

seed, n = int(sys.argv[1]), int(sys.argv[2])
rnd = random.Random(seed)
T = "2026-01-31T23:59:59Z"
CLF = '1.2.3.4 - u%d [31/Jan/2026:23:59:59 +0000] "GET / HTTP/1.1" 200 1'


def quoted(i):
    """A record of CSV of one line or more, at times with doubled quotes."""
    v = "".join(rnd.choice('ab\n",') for _ in range(rnd.randrange(9)))
    return '%d,"%s"\n' % (i, v.replace('"', '""'))


def document(i):
    return json.dumps({"id": i, "x": [1, {"y": rnd.randrange(99)}]}, indent=rnd.choice([None, 1])) + ",\n" * rnd.choice([1, 1, 2])


# name: options, SQL of the id, head, record, what is no record (or None: every line is)
FORMATS = {
    "csv": ("-f csv", "id", "id,v\n", quoted, "none\n"),
    "tsv": ("-f tsv", "id", "id\tv\n", lambda i: "%d\ta\\tb\n" % i, "none\n"),
    "plain": ("-f csv --quote none", "id", "id,v\n", lambda i: "%d,x\n" % i, "none\n"),
    "dialect": ("--delimiter ; --comment #", "id", "id;v\n", lambda i: "%d;'\n" % i, "# no\n"),
    "jsonl": ("-f jsonl", "id", "", lambda i: '{"id":%d,"a":"\\n%s"}\n' % (i, "x" * rnd.randrange(5)), "{none\n"),
    "document": ("-f jsonl", "id", "[\n", document, None),
    "docker": ("-f docker", "id", "", lambda i: '{"log":"l\\n","stream":"stdout","time":"%s","id":%d}\n' % (T, i), "none\n"),
    "logfmt": ("-f logfmt", "id", "", lambda i: 'id=%d msg="a b"\n' % i, '=none\n'),
    "ltsv": ("-f ltsv", "id", "", lambda i: "id:%d\tb:c\n" % i, "none\n"),
    "combined": ("-f combined", 'substr("user", 2)', "", lambda i: CLF % i + ' "-" "a\\"b"\n', "none\n"),
    "common": ("-f common", 'substr("user", 2)', "", lambda i: CLF % i + "\n", "none\n"),
    "vhost": ("-f vhost_combined", 'substr("user", 2)', "", lambda i: "h:80 " + CLF % i + ' "-" "-"\n', "none\n"),
    "syslog": ("-f syslog:2026", "pid", "", lambda i: rnd.choice(["Jan 31 23:59:59 h a[%d]: m\n", "<3>1 " + T + " h a %d - - m\n"]) % i, "none\n"),
    "cri": ("-f cri", "message", "", lambda i: T + " stdout F %d\n" % i, "none\n"),
    "nginx_error": ("-f nginx_error", "connection", "", lambda i: "2026/01/31 23:59:59 [error] 1#1: *%d m, client: c\n" % i, "none\n"),
    "apache_error": ("-f apache_error", "pid", "", lambda i: "[Sat Jan 31 23:59:59 2026] [core:error] [pid %d:tid 2] m\n" % i, "none\n"),
    "w3c": ("-f w3c", "x_id", "#Fields: date time x-id\n", lambda i: rnd.choice(["", "", "#Fields: x-id x-b\n", "#Fields: date time x-id\n"]), "#Remark: no\n"),
    "lines": ("-f lines", "line", "", lambda i: "%d\n" % i, None),
    "stacks": ("-f regex:(?<id>\\d+)(?s:.*) --start ^\\d", "id", "", lambda i: "%d x\n" % i + " at y\n" * rnd.randrange(4), None),
}

with open("formats", "w") as formats:
    for name, (options, sql, head, record, bad) in FORMATS.items():
        text, want, line, fields = [head], [], head.count("\n") + 1, "date time x-id"
        for i in range(n):
            if bad and rnd.random() < .1:
                text.append(bad if rnd.random() < .7 else "\n")
                line += 1
            s = record(i)
            if name == "w3c":
                line += s.count("\n")
                fields = s[9:-1] if s else fields
                s += "%d b\n" % i if fields == "x-id x-b" else "2026-01-31 23:59:59 %d\n" % i
                want.append("%d,%d" % (i, line))
                line += 1
            else:
                want.append("%d,%d" % (i, line))
                line += s.count("\n")
            text.append(s)
        with open(name + ".log", "w", newline="") as f:
            f.write("".join(text))
        with open(name + ".want", "w") as f:
            f.write("\n".join(want) + "\n")
        print(name, sql.replace(" ", ""), options, file=formats)
