#!/usr/bin/env python3
"""requests.py ROOT OUT - run the servers unpacked in ROOT, and ask them what is awkward

To be run in a network namespace of its own with the loopback up: check.sh does.  What the
servers write is then in OUT, with `sent`, a JSON line for each request: what went out and what
came back, as the client saw it.
"""
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = sys.argv[2]
NGINX, APACHE, HAPROXY, CADDY, SQUID, SYSLOG = 8080, 8081, 8082, 8083, 3128, 5514
LOGS = """nginx_combined nginx_timed nginx_proxied nginx_json nginx_bare nginx_error
apache_vhost_combined apache_combined apache_common apache_agent apache_timed apache_parts
apache_error syslog_traditional syslog_file syslog_5424 syslog_forward haproxy
squid squid_combined caddy""".split()
work = tempfile.mkdtemp(prefix="lam-servers.")
os.chmod(work, 0o777)
sent = open(os.path.join(work, "sent"), "w")
ROOT = os.path.join(work, "root")
os.symlink(os.path.abspath(sys.argv[1]), ROOT)


def path(name):
    return os.path.join(work, name)


def configure(name):
    with open(os.path.join(HERE, name)) as f:
        text = f.read().replace("@DIR@", work).replace("@ROOT@", ROOT)
    with open(path(name), "w") as f:
        f.write(text)
    return path(name)


def start(program, *args):
    libraries = [d for d, _, names in os.walk(ROOT + "/") if any(".so" in n for n in names)]
    env = dict(os.environ, LD_LIBRARY_PATH=":".join(libraries), TZ="UTC", HOME=path("home"),
               XDG_CONFIG_HOME=path("home"), XDG_DATA_HOME=path("home"))
    log = open(path(program.split("/")[-1] + ".said"), "w")
    return subprocess.Popen([os.path.join(ROOT, program), *args], env=env, stdout=log,
                            stderr=log, stdin=subprocess.DEVNULL)


def await_port(port):
    for _ in range(1000):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(.01)
    sys.exit("nobody listens on port %d; what the servers said is in %s" % (port, work))


def ask(port, raw, host="127.0.0.1", leave=False):
    """Send RAW, read to the end; note both.  LEAVE: go before the answer comes."""
    s = socket.create_connection((host, port))
    peer = s.getsockname()
    s.sendall(raw)
    got = b""
    s.settimeout(5)
    while not leave:
        try:
            piece = s.recv(65536)
        except OSError:  # reset, or silent for long
            break
        if not piece:
            break
        got += piece
    s.close()
    head, _, body = got.partition(b"\r\n\r\n")
    status = head.split()[1].decode() if head.startswith(b"HTTP/") else None
    if port not in (NGINX, APACHE):
        return
    print(json.dumps({"port": port, "ip": peer[0], "from": peer[1],
                      "raw": raw.decode("latin-1"), "status": status, "all": len(got),
                      "body": len(body) if status else len(got), "left": leave}), file=sent, flush=True)


def get(target, *headers, method="GET", version="HTTP/1.1", body=b""):
    lines = ["%s %s %s" % (method, target, version), "Host: localhost", "Connection: close"]
    return ("\r\n".join(lines + list(headers)) + "\r\n\r\n").encode("latin-1") + body


def as_bytes(text):
    return text.encode().decode("latin-1")


def basic(user):
    return "Authorization: Basic " + base64.b64encode(user.encode()).decode()


AWKWARD = [
    get("/", "User-Agent: curl/8"),
    get("/?q=1&x=%20y%22%27", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) like Gecko"),
    get("/", method="HEAD"),
    get("/", "User-Agent: -", "Referer: -"),
    get("/", "User-Agent:", "Referer:"),
    get("/" + "long/" * 20),
    get("/" + as_bytes("süß/日本?ü=ö"), "User-Agent: " + as_bytes("Zoë 日本 🦊")),
    get("/caf\xe9", "User-Agent: latin \xe9\xff"),
    get("/", 'User-Agent: say "hi" and \\"bye\\" \\', 'Referer: http://x/"q"?a=\\'),
    get("/", "User-Agent: a, b; c|d=e [f] {g} 'h' \\x22 %22 $i %j", "Referer: 1,2"),
    get('/a"b\\c'), get("/a b c"), get("/a|b]c[d$e%7Cf"), get("/%00%0a%1b[31m"),
    get("/", "User-Agent: tab\there \x01\x1b[31mred\x1b[0m \x7f"),
    get("/", "X-Forwarded-For: 192.0.2.1, 2001:db8::1, unknown"),
    get("/", 'X-Forwarded-For: "quoted" | - [x]'),
    get("/", "Content-Length: 5", method="POST", body=b"hello"),
    get("/forbidden"), get("/private"), get("/private", basic("bob:secret")),
    get("/", basic("bob:secret")), get("/", basic('o "b" [x] y:secret')),
    get("/", basic("zo\xeb:secret")), get("/private", basic('a" b\\:wrong')),
    get("/", method="OPTIONS"), get("*", method="OPTIONS"), get("/", method="PROPFIND"),
    get("http://localhost/absolute?x"), get("/", version="HTTP/1.0"),
    get("/", version="HTTP/3.7"), get("/", version="FTP/1.0"), get("//..//../etc/passwd"),
    b"GET /\r\n", b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\"\\\r\n\r\n", b"no request at all\r\n\r\n",
    b'"GET / HTTP/1.1"\r\n\r\n', b"GET\r\n\r\n", b"get / http/1.1\r\n\r\n", b"\r\n\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    get("/" + "x" * 2200), get("/", "X-Big: " + "y" * 2500),
    b"GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/2"),
    b"GET /never-ends HTTP/1.1\r\nHost: localhost\r\n",
]


def ask_all(port, more=()):
    for raw in AWKWARD + list(more):
        ask(port, raw)
    ask(port, get("/six?v=6", "User-Agent: on ::1"), host="::1")


def talk_to_syslog():
    """What programs send, by both protocols; one connection, so that it stays in order."""
    lines = [
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
        "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
        "<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time to make the do-nuts.",
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed",
        "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time",
        '<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [exampleSDID@32473 iut="3" '
        'eventSource="Application" eventID="1011"] \ufeffAn application event log entry...',
        '<165>1 2003-10-11T22:14:15.003Z host evntslog 7 ID47 [a@1 x="say \\"hi\\" \\\\ [1\\]"]'
        '[b@1 class="high" e=""]',
        "<191>1 - - - - - -", "<0>1 2026-01-31T23:59:59Z h a p m - : colon first",
        '<13>1 2026-01-31T23:59:59.123456+05:45 h süß 1 - - Grüße, "quoted", \\ 日本 🦊',
        "<13>Jan 31 23:59:59 h app[1]: tab\there, \x1b[31mred\x1b[0m, \x01 and \x7f",
        "<13>Jan  1 00:00:00 h app[12345]:no blank behind the colon",
        "<13>Jan  1 00:00:00 h kernel: [   12.345678] eth0: link up",
        "<13>Jan  1 00:00:00 h sshd[77]: Accepted publickey for bob from 127.0.0.1 port 5 ssh2",
        "<13>Jan  1 00:00:00 h a.b-c/d_e[9]: tag of signs",
        "<13>Jan  1 00:00:00 h CRON[3]: (root) CMD (test -x /a && b || c; d \"e\")",
        "<13>Jan  1 00:00:00 h x: ", "<13>Jan  1 00:00:00 h x:", "<13>Jan  1 00:00:00 h",
        "<13>2026-01-31T23:59:59.5+01:00 h app: a time of RFC 3339 in the old form",
        "<13>app: neither time nor host", "<13>", "<999>app: too much", "{\"a\": 1}",
        "<13>Jan 31 23:59:59 h app: " + "long " * 100,
        "<13>Jan 31 23:59:59 h app: a=1 b=\"c d\" [e@1 f=\"g\"] not structured",
    ]
    for proto in ("udp", "tcp"):
        kind = socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM
        s = socket.socket(socket.AF_INET, kind)
        s.connect(("127.0.0.1", SYSLOG))
        for line in lines:
            raw = line.encode()
            s.send(raw if proto == "udp" else b"%d %s" % (len(raw), raw))
            time.sleep(.002)
        s.close()


def listen_in_silence(port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen(8)
    return s


os.mkdir(path("www"), 0o755)
with open(path("www/index.html"), "w") as f:
    f.write("<p>Hello</p>\n")
with open(path("passwords"), "w") as f:
    f.write("bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")
silent = listen_in_silence(8097)
running = [
    start("usr/sbin/rsyslogd", "-n", "-f", configure("rsyslog.conf"), "-i",
          path("rsyslog.pid"), "-M",
          next(d for d, _, names in os.walk(ROOT + "/") if "lmnet.so" in names)),
    start("usr/sbin/nginx", "-c", configure("nginx.conf"), "-e", path("nginx_error")),
    start("usr/sbin/apache2", "-DFOREGROUND", "-f", configure("apache2.conf")),
    start("usr/sbin/haproxy", "-db", "-f", configure("haproxy.cfg")),
    start("usr/sbin/squid", "-N", "-f", configure("squid.conf")),
    start("usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", configure("Caddyfile")),
]


def drive():
    for port in (NGINX, APACHE, HAPROXY, CADDY, SQUID, SYSLOG):
        await_port(port)
    ask_all(NGINX, [get("/up/x"), get("/slow")])
    ask(NGINX, get("/slow"), leave=True)
    ask_all(APACHE)
    ask_all(HAPROXY, [get("/dead"), get("/", "Cookie: id=abcde\"fg; x=y"), get("/up/x"), get("/slow")])
    ask_all(CADDY)
    for url in ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/none?a=b c", "http://[::1]:8080/",
                "http://127.0.0.1:8099/dead", "http://127.0.0.1:8080/\xc3\xbc", "/no-host",
                'http://127.0.0.1:8080/"q"\\', "ftp://127.0.0.1/x", "http://none.invalid/"):
        ask(SQUID, get(url, 'User-Agent: "squid" \\ \x01', basic("bob:x")))
    for raw in (get("127.0.0.1:8099", method="CONNECT"), get("http://127.0.0.1:8080/", method="HEAD"),
                b"nonsense\r\n\r\n", b"\x16\x03\x01\r\n\r\n", get("http://127.0.0.1:8080/" + "z" * 300)):
        ask(SQUID, raw)
    talk_to_syslog()


try:
    drive()
finally:
    for p in reversed(running):
        p.terminate()
    for p in running:
        p.wait()
silent.close()
os.makedirs(OUT, exist_ok=True)
for name in LOGS + ["sent"]:
    shutil.copyfile(path(name), os.path.join(OUT, name))
shutil.rmtree(work)
