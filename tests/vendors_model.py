#!/usr/bin/env python3
"""vendors_model.py - lines as their makers' pages have them, and what is in them

For each format the file NAME has lines, and NAME.want a JSON object for each, by a reading of
its own: shell words for what separates its values by blanks and quotes them, regular
expressions for HAProxy and Squid.  Names are those of lam-formats(5).
"""
import json, re, shlex

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?$")


def value(text, number):
    if text in (None, "-"):
        return "null"
    # A number with a plus, or a needless zero, is one, and stays as it is written.
    plain = number and text[0] != "+" and (text[0] != "0" or text.startswith("0.") or text == "0")
    return text if plain else json.dumps(text, ensure_ascii=False)


def write(name, lines, names, numbers, read):
    with open(name, "w") as log, open(name + ".want", "w") as want:
        for line in lines:
            cells = read(line)
            assert set(cells) <= set(names), (set(cells) - set(names), line)
            print(line, file=log)
            print("{%s}" % ",".join('"%s":%s' % (n, value(cells.get(n), n in numbers)) for n in names), file=want)


def request(cells):
    m = re.fullmatch(r"(\S+) (.*) (HTTP/\S*)", cells.pop("request", None) or "-")
    text = None if m else cells.get("whole")
    cells["method"], cells["path"], cells["protocol"] = m.groups() if m else (None, text, None)
    cells.pop("whole", None)
    return cells


def words(names):
    """Values between blanks, some in quotes; what is behind the last name is "more"."""
    def read(line):
        line = re.sub(r"\[([^]]*)\]", r'"\1"', line, count=1) if line[0] != "[" and " [" in line[:200] else line
        w = shlex.split(line)
        cells = dict(zip(names, w))
        if len(w) > len(names):
            raise SystemExit("more words than names: " + line)
        if "request" in cells:
            cells["whole"] = cells["request"]
            request(cells)
        return cells
    return read


# docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
ALB = "type ts elb client target request_s target_s response_s status target_status received_bytes bytes request " \
    "agent ssl_cipher ssl_protocol target_group trace_id domain certificate rule_priority created actions " \
    "redirect_url error_reason targets target_statuses classification classification_reason conn_trace_id " \
    "transformed_host transformed_uri transform_status".split()
HEAD = "2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817"
GROUP = "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067"
TRACE = '"Root=1-58337262-36d228ad5d99923122bbe354"'
NEWEST = ' TID_1234abcd5678ef90 "m.example.com" "/new" "TransformSuccess"'
alb = [
    'http %s 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - %s %s "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90 "-" "-" "-"',
    'https %s 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 %s %s "www.example.com" "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" 1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90 "-" "-" "-"',
    'h2 %s 10.0.1.252:48160 0.000 0.066 0.000 200 200 5 257 "GET https://10.0.2.105:773/ HTTP/2.0" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 %s %s "-" "-" 1 2018-07-02T22:22:48.364000Z "redirect" "https://example.com:80/" "-" "10.0.0.66:9000" "200" "-" "-"' + NEWEST,
    'ws %s 10.0.1.192:8010 0.001 0.003 0.000 101 101 218 587 "GET http://10.0.0.30:80/ HTTP/1.1" "-" - - %s %s "-" "-" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.1.192:8010" "101" "-" "-"',
    'wss %s 10.0.0.171:8010 0.000 0.001 0.000 101 101 218 786 "GET https://10.0.0.30:443/ HTTP/1.1" "-" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 %s %s "-" "-" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.171:8010" "101" "-" "-"',
    'http %s - 0.000 0.001 0.000 502 - 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - %s %s "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" "LambdaInvalidResponse" "-" "-" "-" "-"',
    'http %s - -1 -1 -1 400 - 0 272 "- http://www.example.com:80- -" "-" - - %s %s "-" "-" - 2018-11-30T22:22:48.364000Z "-" "-" "-" "-" "-" "Ambiguous" "BadHeader"',
    'grpcs %s 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "POST https://www.example.com:443/pkg.Service/Call HTTP/2.0" "grpc-go/1.57.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 %s %s "www.example.com" "session-reused" 0 2018-07-02T22:22:48.364000Z "waf,forward" "-" "-" "10.0.0.1:80 10.0.0.2:80" "200 -" "-" "-"',
]
alb = [line % (HEAD, GROUP, TRACE) for line in alb]
alb.append(" ".join(alb[0].split(" ")[:20])) # of 2016: to target_group and trace_id
FLAT = lambda names: [n for x in names for n in (("method", "path", "protocol") if x == "request" else (x,))]
write("alb", alb, FLAT(ALB) + ["more"], {"request_s", "target_s", "response_s", "status", "target_status", "received_bytes", "bytes",
                                      "rule_priority"}, words(ALB))

# docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
ELB = "ts elb client backend request_s backend_s response_s status backend_status received_bytes bytes request agent ssl_cipher ssl_protocol".split()
elb = [
    '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -',
    '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000086 0.001048 0.001337 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.38.0" DHE-RSA-AES128-SHA TLSv1.2',
    '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.001069 0.000028 0.000041 - - 82 305 "- - - " "-" - -',
    '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.001065 0.000015 0.000023 - - 57 502 "- - - " "-" ECDHE-ECDSA-AES128-GCM-SHA256 TLSv1.2',
    '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 - -1 -1 -1 504 0 0 0 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -',
    '2014-02-15T23:39:43.945958Z my-test-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/HTTP/1.1"',
]
write("elb", elb, FLAT(ELB), {"request_s", "backend_s", "response_s", "status", "backend_status", "received_bytes", "bytes"}, words(ELB))

# docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
S3 = "owner bucket ts ip requester request_id operation key request status error bytes object_bytes total_ms " \
    "turn_around_ms referer agent version_id host_id signature cipher authentication host tls access_point " \
    "acl_required source_region".split()
OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
S3HEAD = OWNER + " amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 " + OWNER
TAIL = "SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2"
s3 = [
    S3HEAD + ' 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= ' + TAIL + " arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes us-east-1",
    S3HEAD + ' A1206F460EXAMPLE REST.GET.BUCKETPOLICY - "GET /amzn-s3-demo-bucket1?policy HTTP/1.1" 404 NoSuchBucketPolicy 297 - 38 - "-" "S3Console/0.4" - BNaBsXZQQDbssi6xMBdBU2sLt+Yf5kZDmeBUP35sFoKa3sLLeMC78iwEIWxs99CRUrbS4n11234= ' + TAIL + " - Yes us-east-1",
    S3HEAD + ' DD6CC733AEXAMPLE REST.PUT.OBJECT s3-dg.pdf "PUT /amzn-s3-demo-bucket1/s3-dg.pdf HTTP/1.1" 200 - - 4406583 41754 28 "-" "S3Console/0.4" - 10S62Zv81kBW7BB6SX4XJ48o6kpcl6LPwEoizZQQxJd5qDSCTLX0TgS37kYUBKQW3+bPdrg1234= ' + TAIL + " - Yes us-east-1",
    S3HEAD + ' DD6CC733AEXAMPLE REST.PUT.OBJECT s3-dg.pdf "PUT /amzn-s3-demo-bucket1/s3-dg.pdf HTTP/1.1" 200 - - 4406583 41754 28 "-" "S3Console/0.4" - 10S6= ' + TAIL,
    OWNER + ' amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] - AmazonS3 3E57427F3EXAMPLE S3.EXPIRE.OBJECT a/b%2520c "-" - - - 12 - - "-" "-" - s9lz= - - - - - - - us-east-1',
    S3HEAD + ' 3E57427F3EXAMPLE REST.GET.OBJECT k "GET /b/k?x=1 HTTP/1.1" 206 - 113 4406583 7 6 "https://www.example.com/a b" "Mozilla/5.0 (X11; Linux)" 3HL4kqtJvjVBH40Nrjfkd',
]
write("s3", s3, FLAT(S3) + ["more"], {"status", "bytes", "object_bytes", "total_ms", "turn_around_ms"}, words(S3))

# docs.haproxy.org/2.8/configuration.html#8.2.2 to 8.2.5, 8.5, 8.6, 8.8, 8.9, and "option logasap"
SESSION = r"(?:(?:(?P<logged>.*?) )?haproxy\[(?P<pid>\d+)\]: )?(?P<client>\S+) \[(?P<accepted>[^]]+)\] (?P<frontend>\S+) (?P<backend>[^ /]+)/(?P<server>\S+) "
COUNTS = r"(?P<active>\d+)/(?P<frontend_active>\d+)/(?P<backend_active>\d+)/(?P<server_active>\d+)/(?P<retries>\+?\d+) (?P<server_queue>\d+)/(?P<backend_queue>\d+)"
N = lambda name: r"(?P<%s>[+-]?\d+)" % name
HTTP = re.compile(SESSION + "/".join(map(N, "request_ms queue_ms connect_ms response_ms total_ms".split())) +
                  r" (?P<status>-1|\d+) " + N("bytes") + r" (?P<request_cookie>\S+) (?P<response_cookie>\S+) (?P<termination>\S{4}) " + COUNTS +
                  r'(?: (?P<captured>\{.*\}))? "(?P<request>[^"]*)"(?: (?P<more>.*))?$')
CUT = re.compile(HTTP.pattern.rsplit('"', 2)[0].rsplit("[", 1)[0] + r'[^"]*)$')
TCP = re.compile(SESSION + "/".join(map(N, "queue_ms connect_ms total_ms".split())) + " " + N("bytes") + r" (?P<termination>\S\S) " + COUNTS + "$")
ERROR = re.compile(SESSION.split(" (?P<frontend>")[0] + r" (?P<frontend>[^ /]+)/(?P<bind>[^ ]+): (?P<error>.*)$")
SYSLOG = "Feb  6 12:14:14 localhost haproxy[14389]: "
H = "10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "
haproxy = [
    SYSLOG + H + '{1wt.eu} {} "GET /index.html HTTP/1.1"',
    SYSLOG + H.replace("http-in", "https-in~") + '{1wt.eu} {} "GET /index.html HTTP/1.1" 0/0000000000000000/0/0/0 1wt.eu/TLSv1.3/TLS_AES_256_GCM_SHA384',
    "Feb  6 12:12:56 localhost haproxy[14387]: 10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0",
    "Feb  6 12:12:56 localhost haproxy[14387]: 10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/<NOSRV> -1/-1/5007 0 SC 0/0/0/0/+3 0/0",
    SYSLOG + "10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 9/0/7/147/+723 200 +243 - - ---- 5/3/3/1/+1 0/0 \"HEAD / HTTP/1.0\"",
    SYSLOG + 'unix:1 [06/Feb/2009:12:14:14.655] http-in http-in/<NOSRV> -1/-1/-1/-1/109 400 187 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"',
    SYSLOG + '2001:db8::1:33317 [06/Feb/2009:12:14:14.655] http-in http-in/<STATS> 0/0/0/0/1 200 17 SRV=a SRV=b LR-D 1/1/0/0/0 0/0 {a b|Mozilla/5.0 (X11; Linux x86_64)|} "GET /stats;csv HTTP/1.1"',
    SYSLOG + "10.0.1.2:33318 [06/Feb/2009:12:14:14.655] http-in static/srv1 7/-1/-1/-1/3007 -1 0 - - CQ-- 5/3/3/0/0 0/7 {} \"POST /x HTTP/1.1\"",
    H + '"GET /raw HTTP/1.1"',
    "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 cD 0/0/0/0/3 0/0",
    'haproxy[674]: 127.0.0.1:33319 [15/Oct/2003:08:31:57.149] px-http px-http/srv1 6559/1230/7/147/6870 200 243 - - ---- 324/239/239/99/0 0/9 "HEAD / HTTP/1.0"',
    'haproxy[674]: 127.0.0.1:33320 [15/Oct/2003:08:32:17.925] px-http px-http/srv1 9/0/7/14/30 502 243 - - PH-- 3/2/2/0/0 0/0 "GET /cgi-bin/bug.cgi? HTTP/1.0"',
    'haproxy[18113]: 127.0.0.1:34548 [15/Oct/2003:15:18:55.798] px-http px-http/<NOSRV> -1/-1/-1/-1/8490 -1 0 - - CR-- 2/2/2/0/0 0/0 ""',
    "haproxy[18989]: 127.0.0.1:34550 [15/Oct/2003:15:24:28.312] px-tcp px-tcp/srv1 0/0/5007 0 cD 0/0/0/0/0 0/0",
    'Aug  9 20:26:09 localhost haproxy[2022]: 127.0.0.1:34014 [09/Aug/2004:20:26:09] proxy-out proxy-out/cache1 0/0/0/162/+162 200 +350 - - ---- 0/0/0/0/0 0/0 {fr.adserver.yahoo.co||http://fr.f416.mail.} {|864|private||} "GET http://fr.adserver.yahoo.com/"',
    "Dec  3 18:27:14 localhost haproxy[6103]: 127.0.0.1:56059 [03/Dec/2012:17:35:10.380] frt/f1: Connection error during SSL handshake",
    SYSLOG + H + '\\"GET /index.html HTTP/1.1\\"', # a syslog that escapes quotes
    SYSLOG + H + '{1wt.eu} {} \\"GET /index.html HTTP/1.1\\"',
    SYSLOG + H + '{1wt.eu} {} "GET /' + "x" * 40, # cut at the longest line of syslog
]


def read_haproxy(line):
    line = line.replace('\\"', '"')
    m = HTTP.match(line) or TCP.match(line) or ERROR.match(line) or CUT.match(line)
    assert m, line
    cells = {k: v for k, v in m.groupdict().items() if v is not None}
    if m.re is CUT:
        cells["method"], cells["path"], cells["protocol"] = None, cells.pop("request"), None
    elif "request" in cells:
        cells["whole"] = cells["request"]
        request(cells)
    return cells


HAPROXY = "logged pid client accepted frontend backend server request_ms queue_ms connect_ms response_ms total_ms status bytes " \
    "request_cookie response_cookie termination active frontend_active backend_active server_active retries server_queue " \
    "backend_queue captured method path protocol more bind error".split()
write("haproxy", haproxy, HAPROXY, {n for n in HAPROXY if n.endswith(("_ms", "active", "_queue"))} | {"pid", "status", "bytes", "retries"}, read_haproxy)

# www.squid-cache.org/Doc/config/logformat: %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt; log_mime_hdrs
SQUID = re.compile(r"(?P<ts>\d+\.\d+) +(?P<elapsed_ms>-?\d+) (?P<ip>\S+) (?P<result>[A-Z_]+)/(?P<status>\d+) (?P<bytes>\d+) (?P<method>\S+) "
                   r"(?P<url>\S+) (?P<user>\S+) (?P<hierarchy>[A-Z_]+)/(?P<peer>\S+) (?P<type>\S+)(?: \[(?P<request_headers>[^]]*)\] \[(?P<response_headers>[^]]*)\])?$")
squid = [
    "1286536309.586    921 192.168.0.68 TCP_MISS/200 507 POST http://rad.live.com/ADSAdClient31.dll? - DIRECT/207.46.148.41 application/xml",
    "1286536308.779    180 192.168.0.224 TCP_DENIED/407 1701 GET http://www.example.com/a - NONE/- text/html",
    "1286536310.001 120342 2001:db8::7 TCP_TUNNEL/200 39 CONNECT www.example.com:443 bob%20smith HIER_DIRECT/2001:db8::9 -",
    "1286536311.000      0 192.168.0.1 NONE_NONE/000 0 - error:transaction-end-before-headers - HIER_NONE/- -",
    "1286536312.250     12 192.168.0.1 TCP_MEM_HIT/304 292 GET http://www.example.com/?a=[b] - HIER_NONE/- text/css [User-Agent:%20curl/7.88%0D%0AHost:%20www.example.com%0D%0A] [HTTP/1.1%20304%20Not%20Modified%0D%0AServer:%20squid%0D%0A]",
]
write("squid", squid, "ts elapsed_ms ip result status bytes method url user hierarchy peer type request_headers response_headers".split(),
      {"ts", "elapsed_ms", "status", "bytes"}, lambda line: SQUID.match(line).groupdict())

# doc.traefik.io/traefik/observability/access-logs
TRAEFIK = "ip ident user ts request status bytes referer agent requests router server_url duration_ms".split()
traefik = [
    '192.0.2.7 - - [31/Jan/2026:23:59:59 +0000] "GET /x HTTP/2.0" 404 19 "-" "-" 42 "-" "-" 0ms',
    '192.0.2.7 - bob [31/Jan/2026:23:59:59 +0100] "GET /y?a=b HTTP/1.1" 499 21 "https://example.com/" "Mozilla/5.0 (X11; Linux)" 43 "web@docker" "http://10.0.0.2:80" 1203ms',
    '2001:db8::1 - - [31/Jan/2026:23:59:59 +0000] "POST / HTTP/1.1" 200 2 "-" "curl/8" 44 "api@internal" "h2c://10.0.0.3:8080" 3ms',
]


def read_traefik(line):
    cells = words(TRAEFIK)(line)
    cells["duration_ms"] = cells["duration_ms"][:-2]
    del cells["ident"]
    return cells


write("traefik", traefik, [n for n in FLAT(TRAEFIK) if n != "ident"], {"status", "bytes", "requests", "duration_ms"}, read_traefik)
