#!/usr/bin/env python3
"""auto_logs.py - logs of many programs, and what they are

Writes each to a file of its own, and to `expect` a line "FILE FORMAT", or "FILE !WORDS" where no
format is theirs and the message must have WORDS.  What each is was told by whoever knows the
programs, not by the guess.
"""
COMBINED = '203.0.113.5 - - [31/Jan/2026:23:59:59 +0000] "GET /a?b HTTP/1.1" 200 381 "-" "curl/8"'
LOGS = {
    # what the built-in formats are for
    "csv": ("csv", "a,b\n1,2\n3,4\n"),
    "csv_quotes": ("csv", '"a","b"\n"x, y",2\n'),
    "csv_one": ("csv", "name\nJohn Smith\nJane Doe\n"),
    "csv_numbers": ("csv", "1\n2\n3\n"),
    "csv_times": ("csv", "2026-01-31 23:59:59\n2026-01-31 23:59:58\n"),
    "csv_time_first": ("csv", "2026-01-31 23:59:59,5,x y\n2026-01-31 23:59:58,6,z\n"),
    "csv_urls": ("csv", "https://example.com/?a=1&b=2\nhttps://example.com/?a=3\n"),
    "csv_postgres": ("csv", '2026-01-31 23:59:59.123 UTC,"u","db",123,"[local]",5,"idle",,3/0,LOG\n' * 2),
    "tsv": ("tsv", "user\tnote\nbob\tone\n"),
    "tsv_times": ("tsv", "12:30:00\t11:00\n12:31:00\t11:01\n"),
    "tsv_zap": ("tsv", '2026-01-31T23:59:59.123Z\tINFO\tmain.go:5\thello\t{"a":1}\n' * 2),
    "combined": ("combined", (COMBINED + "\n") * 2),
    "combined_bad": ("combined", (COMBINED + "\nnone\n") * 2),
    "common": ("common", COMBINED.rsplit(' "', 2)[0] + "\n"),
    "vhost": ("vhost_combined", "www.example.org:443 " + COMBINED + "\n"),
    "traefik": ("traefik", COMBINED + ' 42 "web@docker" "http://10.0.0.2:80" 3ms\n'),
    "squid": ("squid", "1286536309.586    921 192.168.0.68 TCP_MISS/200 507 POST http://example.com/a - DIRECT/192.0.2.41 application/xml\n"),
    "haproxy": ("haproxy", 'Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"\n'),
    "haproxy_tcp": ("syslog", "Feb  6 12:12:56 localhost haproxy[14387]: 10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0\n"),
    "elb": ("elb", '2015-05-13T23:39:43.945958Z my-lb 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -\n'),
    "w3c": ("w3c", "#Version: 1.0\n#Fields: time cs-method cs-uri\n00:34:23 GET /foo/bar.html\n"),
    "iis": ("iis", "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Fields: date time c-ip\n2026-01-31 23:59:59 203.0.113.5\n"),
    # the first line alone decides; the fields are those of cloudfront either way
    "cloudfront": ("w3c", "#Version: 1.0\n#Fields: date time x-edge-location\n2026-01-31\t23:59:59\tFRA\n"),
    "cloudfront_piece": ("cloudfront", "#Fields: date time x-edge-location\n2026-01-31\t23:59:59\tFRA\n"),
    "docker": ("docker", '{"log":"hello\\n","stream":"stderr","time":"2026-01-31T23:59:59.5Z"}\n'),
    "journald": ("journald", '{"__CURSOR":"x","__REALTIME_TIMESTAMP":"1","_BOOT_ID":"b","MESSAGE":"hi"}\n'),
    "caddy": ("caddy", '{"level":"info","ts":1646861401.5,"logger":"http.log.access","msg":"handled request","request":{"method":"GET"},"status":200,"resp_headers":{}}\n'),
    "traefik_json": ("traefik_json", '{"ClientHost":"1.2.3.4","DownstreamStatus":200,"RequestMethod":"GET","StartUTC":"2026-01-31T23:59:59Z"}\n'),
    "gelf": ("jsonl", '{"version":"1.1","host":"example.org","short_message":"hi","timestamp":1385053862.3072}\n'),
    "mongo": ("jsonl", '{"t":{"$date":"2026-01-31T23:59:59.123+00:00"},"s":"I","c":"NETWORK","id":1,"msg":"hi"}\n'),
    "json_array": ("jsonl", '[\n {"a":1},\n {"a":2}\n]\n'),
    "logfmt": ("logfmt", 'ts=2026-01-31T23:59:59Z level=info msg="said hi"\n'),
    "auditd": ("logfmt", "type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 success=no\n"),
    "ltsv": ("ltsv", "time:2026-01-31T23:59:59Z\thost:203.0.113.5\tstatus:200\n"),
    "cri": ("cri", "2026-01-31T23:59:59.123456789Z stdout F hello, world\n"),
    "nginx_error": ("nginx_error", '2026/01/31 23:59:59 [error] 12#34: *5 open() "/a" failed (2: No such file or directory), client: 203.0.113.5, server: b\n'),
    "apache_error": ("apache_error", "[Sat Jan 31 23:59:59.123456 2026] [core:error] [pid 1:tid 2] (13)Permission denied: [client 203.0.113.5:1] AH00035: access denied\n"),
    "syslog": ("syslog", "Jan 31 23:59:59 host app[1]: msg\n" * 2),
    "syslog_5424": ("syslog", "<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 - An event\n"),
    "syslog_3339": ("syslog", "2026-01-31T23:59:59.123456+00:00 host sshd[1]: Accepted\n" * 2),
    "syslog_kernel": ("syslog", "Jan 31 23:59:59 host kernel: [   12.3] eth0: up\n"),
    # none of them
    "log4j": ("!lines of a program", "2026-01-31 23:59:59,123 ERROR [main] com.x.Y - failed\n2026-01-31 23:59:59,456 INFO  [main] com.x.Y - ok, done\n"),
    "python": ("!lines of a program", "2026-01-31 23:59:59,123 - root - ERROR - failed\n"),
    "go": ("!lines of a program", "2026/01/31 23:59:59 hello there\n2026/01/31 23:59:59 hello, there\n"),
    "klog": ("!lines of a program", "I0131 23:59:59.123456    1234 file.cc:12] starting\n"),
    "postgres": ("!lines of a program", "2026-01-31 23:59:59.123 UTC [123] LOG:  database system is ready\n"),
    "rust": ("!lines of a program", "2026-01-31T23:59:59.123456Z  INFO myapp::server: listening\n"),
    "rust_level": ("!lines of a program", "2026-01-31T23:59:59.123456Z INFO myapp: listening\n"),
    "mysql": ("!lines of a program", "2026-01-31T23:59:59.123456Z 0 [System] [MY-010116] [Server] mysqld starting\n"),
    "tomcat": ("!lines of a program", "31-Jan-2026 23:59:59.123 INFO [main] org.apache.catalina.Version Server version\n"),
    "elasticsearch": ("!lines of a program", "[2026-01-31T23:59:59,123][INFO ][o.e.n.Node] [node-1] started\n"),
    "rails": ("!lines of a program", "I, [2026-01-31T23:59:59.123456 #123]  INFO -- : Started GET\n"),
    "dpkg": ("!lines of a program", "2026-01-31 23:59:59 status installed foo:amd64 1.0-1\n"),
    "dmesg": ("!lines of a program", "[    0.000000] Linux version 6.1\n[    0.000000] Command line: x\n"),
    "gc": ("!lines of a program", "[0.123s][info][gc] GC(0) Pause Young 1M->0M(4M) 1.2ms\n"),
    "iis_piece": ("!-f iis would take", "2026-01-31 23:59:59 10.0.0.1 GET /a - 80 - 203.0.113.5 Moz - 200 0 0 46\n"),
    "envoy": ("!lines of a program", '[2026-01-31T23:59:59.123Z] "GET /x HTTP/1.1" 200 - 0 154 8 7 "-" "curl" "id" "host" "10.0.0.1:80"\n'),
    "nginx_rt": ("!nearest is combined, but line 1 ", (COMBINED + " rt=0.025\n") * 2),
    "redis": ("!lines of text", "1234:M 31 Jan 2026 23:59:59.123 * Ready to accept connections\n"),
    "ps": ("!lines of text", "USER         PID %CPU %MEM COMMAND\nroot           1  0.0  0.1 init\n"),
    "vpc": ("!lines of text", "2 123456789010 eni-1235b8ca 172.31.16.139 172.31.16.21 20641 22 6 20 4249 ACCEPT OK\n"),
    "yaml": ("!lines of text", "a: 1\nb:\n  - c\n"),
    "ini": ("!lines of text", "[section]\nkey=value\nother=thing\n"),
    "code": ("!lines of text", "#include <stdio.h>\n\nint main(void)\n{\n\treturn 0;\n}\n"),
    "prose": ("!begins like csv, but line 2 ", "It was the best of times, it was the worst.\nIt was the age of wisdom, it was the age of foolishness, it was\nIt was\nIt is\n"),
    "sql": ("!begins like csv, but line 2 ", "select a, b from t;\nselect c, d, e from u;\nselect 1;\n"),
    "strace": ("!begins like csv, but line 1 ", 'openat(AT_FDCWD, "/etc/x", O_RDONLY|O_CLOEXEC) = 3\nread(3, "x", 5) = 5\n'),
    "combined_other": ("!begins like combined, but line 2 ", COMBINED + "\n" + "what is this?\n" * 3),
    "json_lists": ("!arrays of JSON", "[1,2,3]\n[4,5,6]\n"),
    "pair": ("!-f logfmt", "a=1\n"),
    "semicolon": ("!--delimiter ';'", "id;name;price\n1;a;1,50\n"),
    "bar": ("!--delimiter '|'", "id|name|price\n1|a|1\n"),
    "passwd": ("!--delimiter :", "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"),
    "cef": ("!CEF", "CEF:0|Security|threatmanager|1.0|100|worm stopped|10|src=10.0.0.1\n"),
    "xml": ("!XML", '<?xml version="1.0"?>\n<a/>\n'),
}
with open("expect", "w") as expect:
    for name, (what, text) in LOGS.items():
        with open(name, "w") as f:
            f.write(text)
        print(name, what, file=expect)
