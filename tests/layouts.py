#!/usr/bin/env python3
"""layouts.py - logs of programs that have no format of their own, and what is in them

Writes each to a file of its own, NAME.want with the values of its records, and to `expect` lines
"NAME FIELDS".  The lines are those of the programs' manuals, or were written by hand as these say;
the values were read from them by eye.
"""
import json

LOGS = {
    # lighttpd.net, mod_accesslog: accesslog.format
    "lighttpd": ("ip host path status", [["203.0.113.5", "www.example.org", "/a", 200]] * 2,
        '203.0.113.5 www.example.org - [31/Jan/2026:23:59:59 +0000] "GET /a HTTP/1.1" 200 381 "-" "curl/8"\n' * 2),
    # squid-cache.org/Doc/config/logformat: combined
    "squid_combined": ("ip path status bytes result hierarchy", [["192.0.2.1", "http://example.com/", 200, 3456, "TCP_MISS", "HIER_DIRECT"]] * 2,
        '192.0.2.1 - - [31/Jan/2026:23:59:59 +0000] "GET http://example.com/ HTTP/1.1" 200 3456 "-" "curl/8" TCP_MISS:HIER_DIRECT\n' * 2),
    # envoyproxy.io/docs: access logging, default format
    "envoy": ("ts method path protocol status flags bytes duration_ms upstream_ms forwarded agent upstream", [["2016-04-15T20:17:00.310Z", "POST", "/api/v1/locations", "HTTP/2", 204, None, 0, 226, 100, "10.0.35.28", "nsq2http", "tcp://10.0.2.1:80"]],
        '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"\n'),
    # istio.io/docs: getting Envoy's access logs
    "istio": ("ts path status details agent authority cluster route", [["2020-11-25T21:26:18.409Z", "/status/418", 418, "via_upstream", "curl/7.73.0-DEV", "httpbin:8000", "inbound|8000||", "default"]],
        '[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 3 1 "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default\n'),
    # docs.aws.amazon.com: flow log record examples
    "vpc": ("srcaddr srcport bytes action log_status", [["172.31.16.139", 20641, 4249, "ACCEPT", "OK"], [None, None, None, None, "NODATA"]],
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"
        "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n"
        "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA\n"),
    # dev.mysql.com, the slow query log; what MariaDB adds stands in the second
    "mysql_slow": ("ts user host query_s rows_sent query", [["2019-11-01T13:18:41.123456Z", "root", "localhost", 2.000350, 1, "SET timestamp=1;\nselect sleep(2);"], ["2019-11-01T13:18:42.123456Z", "shop", "", 3.5, 0, "select 1\nfrom t;"]],
        "/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL). started with:\nTcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\nTime                 Id Command    Argument\n"
        "# Time: 2019-11-01T13:18:41.123456Z\n# User@Host: root[root] @ localhost []  Id:     8\n# Query_time: 2.000350  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 0\nSET timestamp=1;\nselect sleep(2);\n"
        "# Time: 2019-11-01T13:18:42.123456Z\n# User@Host: shop[shop] @  [10.0.0.1]\n# Thread_id: 8  Schema: db  QC_hit: No\n# Query_time: 3.5  Lock_time: 0.0  Rows_sent: 0  Rows_examined: 5\nselect 1\nfrom t;\n"),
    "mysql_error": ("ts thread level code message", [["2020-08-06T14:25:03.109022Z", 5, "Note", "MY-010051", "Event Scheduler: scheduler thread started"]],
        "2020-08-06T14:25:03.109022Z 5 [Note] [MY-010051] [Server] Event Scheduler: scheduler thread started\n"),
    # postgresql.org, log_line_prefix; Debian's is %m [%p] %q%u@%d
    "postgres": ("ts pid user db level message", [["2026-01-31 23:59:59.123 UTC", 123, None, None, "LOG", "database system is ready to accept connections"], ["2026-01-31 23:59:59.200 UTC", 124, "bob", "shop", "STATEMENT", "select *\n\tfrom x"]],
        "2026-01-31 23:59:59.123 UTC [123] LOG:  database system is ready to accept connections\n2026-01-31 23:59:59.200 UTC [124] bob@shop STATEMENT:  select *\n\tfrom x\n"),
    # a log_timezone whose abbreviation says no offset: --zone does
    "postgres_cet": ("ts pid user db level message", [["2026-01-31 23:59:59.123+01:00", 123, "bob", "shop", "LOG", "x"]],
        "2026-01-31 23:59:59.123 CET [123] bob@shop LOG:  x\n"),
    "mongodb": ("severity component context message", [["I", "NETWORK", "conn1", "end connection 127.0.0.1:1"]] * 2,
        "2026-01-31T23:59:59.123+0000 I NETWORK  [conn1] end connection 127.0.0.1:1\n" * 2),
    "redis": ("pid role ts level message", [[1234, "M", "31 Jan 2026 23:59:59.123", "*", "Ready to accept connections"]],
        "1234:M 31 Jan 2026 23:59:59.123 * Ready to accept connections\n"),
    "rabbitmq": ("ts level process message", [["2026-01-31 23:59:59.123456+00:00", "info", "0.208.0", "Feature flags: list:"]],
        "2026-01-31 23:59:59.123456+00:00 [info] <0.208.0> Feature flags: list:\n"),
    "elasticsearch": ("ts level logger node message", [["2026-01-31T23:59:59,123", "INFO", "o.e.n.Node", "node-1", "started"]],
        "[2026-01-31T23:59:59,123][INFO ][o.e.n.Node               ] [node-1] started\n"),
    # openjdk.org/jeps/158 and 271
    "gc": ("uptime_s level tags message", [[0.005, "info", "gc", "Using G1"], [3.2, "info", "gc,heap", "GC(7) Eden regions: 3->0(2)"]],
        "[0.005s][info][gc] Using G1\n[3.2s][info][gc,heap     ] GC(7) Eden regions: 3->0(2)\n"),
    "gc_dated": ("ts uptime_s message", [["2026-01-31T23:59:59.123+0000", 0.123, "GC(0) Pause Young (Normal) 24M->4M(256M) 3.456ms"]],
        "[2026-01-31T23:59:59.123+0000][0.123s][info][gc] GC(0) Pause Young (Normal) 24M->4M(256M) 3.456ms\n"),
    "catalina": ("ts level thread message", [["2026-01-31T23:59:59.123", "INFO", "main", "Server version"], ["2026-01-31T23:59:59.200", "SEVERE", "exec-1", "Failed\n\tat a.b(C.java:1)"]],
        "31-Jan-2026 23:59:59.123 INFO [main] org.apache.catalina.Version.log Server version\n31-Jan-2026 23:59:59.200 SEVERE [exec-1] org.apache.x Failed\n\tat a.b(C.java:1)\n"),
    "fail2ban": ("ts module pid level message", [["2026-01-31 23:59:59,456", "fail2ban.actions", 1234, "NOTICE", "[sshd] Ban 203.0.113.5"]],
        "2026-01-31 23:59:59,456 fail2ban.actions        [1234]: NOTICE  [sshd] Ban 203.0.113.5\n"),
    # docs.suricata.io, fast.log
    "suricata": ("ts sid message class priority proto target", [["2009-10-05T21:04:19.123456", "1:2018959:3", "ET POLICY PE EXE", "Potential Corporate Privacy Violation", 1, "TCP", "1.1.1.1:49000"]],
        "10/05/2009-21:04:19.123456  [**] [1:2018959:3] ET POLICY PE EXE [**] [Classification: Potential Corporate Privacy Violation] [Priority: 1] {TCP} 2.2.2.2:80 -> 1.1.1.1:49000\n"),
    "dmesg": ("uptime_s message", [[0.0, "Linux version 6.1"], [12.5, "eth0: up"]],
        "[    0.000000] Linux version 6.1\n[   12.500000] eth0: up\n"),
    # docs.docker.com, docker events
    "docker_events": ("type action id attributes", [["container", "create", "0fdb48addc82", "image=alpine:latest, name=test"]],
        "2017-01-05T00:35:58.859401177+08:00 container create 0fdb48addc82 (image=alpine:latest, name=test)\n"),
    "openvpn": ("ts message", [["Sat Jan 31 23:59:59 2026", "203.0.113.5:1194 TLS: Initial packet"]],
        "Sat Jan 31 23:59:59 2026 203.0.113.5:1194 TLS: Initial packet\n"),
    "cef": ("vendor class name severity extension", [["Security", 100, "worm stopped", 10, "src=10.0.0.1 dst=2.1.2.2 spt=1232"]],
        "CEF:0|Security|threatmanager|1.0|100|worm stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232\n"),
    "klog": ("level thread source message", [["I", 1234, "file.cc:12", "starting"]],
        "I0131 23:59:59.123456    1234 file.cc:12] starting\n"),
    # caddyserver.com/docs/logging: the console encoder
    "zap": ("ts level logger message data", [["2026/01/31 23:59:59.123", "INFO", None, "serving", None], ["2026/01/31 23:59:59.200", "ERROR", "http.log.access", "handled", '{"status": 200}']],
        '2026/01/31 23:59:59.123\tINFO\tserving\n2026/01/31 23:59:59.200\tERROR\thttp.log.access\thandled\t{"status": 200}\n'),
    "ruby": ("ts pid level message", [["2026-01-31T23:59:59.123456", 123, "INFO", "Started GET"]],
        "I, [2026-01-31T23:59:59.123456 #123]  INFO -- : Started GET\n"),
    "python": ("ts logger level message", [["2026-01-31 23:59:59,123", "root", "ERROR", "failed\nTraceback"]],
        "2026-01-31 23:59:59,123 - root - ERROR - failed\nTraceback\n"),
    "log4j": ("ts level message", [["2026-01-31 23:59:59,123", "ERROR", "main] com.x.Y - failed\n\tat a.b"], ["2026-01-31 23:59:59,200", "INFO", "main] com.x.Y - ok"]],
        "2026-01-31 23:59:59,123 ERROR [main] com.x.Y - failed\n\tat a.b\n2026-01-31 23:59:59,200 INFO  [main] com.x.Y - ok\n"),
    "dpkg": ("ts message", [["2026-01-31 23:59:59", "status installed foo:amd64 1.0-1"]],
        "2026-01-31 23:59:59 status installed foo:amd64 1.0-1\n"),
    "dpkg_startup": ("ts message", [["2026-01-31 23:59:58", "startup archives unpack"], ["2026-01-31 23:59:59", "upgrade foo:amd64 1.0-1 1.0-2"]],
        "2026-01-31 23:59:58 startup archives unpack\n2026-01-31 23:59:59 upgrade foo:amd64 1.0-1 1.0-2\n"),
    "go": ("ts message", [["2026/01/31 23:59:59", "hello, there"]], "2026/01/31 23:59:59 hello, there\n"),
    "pflog": ("time message", [["23:59:59.123456", "rule 3/0(match): block in on em0"]] * 2,
        "23:59:59.123456 rule 3/0(match): block in on em0\n" * 2),
}

with open("expect", "w") as expect:
    for name, (fields, rows, text) in LOGS.items():
        with open(name, "w") as f:
            f.write(text)
        with open(name + ".want", "w") as f:
            for row in rows:
                print(json.dumps(dict(zip(fields.split(), row)), separators=(",", ":")), file=f)
        print(name, fields.replace(" ", ","), file=expect)
