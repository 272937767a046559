#!/usr/bin/env python3
"""trigger.py - what a function costs: invocations a second, and how soon they come

    trigger.py [--runs N] [--keep] [ROW...]

Each row is the best of some short runs, as other work on the machine only ever
takes time away; what it is compared with is run in the same turns.  Rows:

  filter   durable invocations of one record, on one core: none but the base tier,
           all tiers with the runner parked, all tiers in a new sandbox each; GNU
           parallel, which isolates and remembers nothing
  batches  records through mawk, 1,000 at a time
  warm     invocations of a handler that stays, by AWS's interface on one
           connection; AWS's own emulator where it can be had.  What an invocation
           takes of the processors, handler and all, depends least on other work
  latency  from a line that is appended to the line that its function writes
  kill     from the deadline to the death of the leader and 20 daemons

The handlers are those that are shipped and, where make check-runtimes has installed
them, AWS's own clients.
"""
import argparse
import datetime
import glob
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("LAM_BIN", os.path.join(ROOT, "bin"))
BLUE = os.path.join(ROOT, "src", "blueprints")
CLIENTS = os.path.join(ROOT, "build", "runtimes")
RIE = os.path.join(ROOT, "build", "peers", "bin", "aws-lambda-rie")
ONE = ["taskset", "-c", str(min(os.sched_getaffinity(0)))]
EVENT = '{"do":"hello","n":1,"name":"Ada"}'  # for the handlers of check-runtimes, too
NONE = "cgroup,landlock,ns,net,seccomp"


def trigger(*rest, **how):
    return subprocess.run(how.pop("front", []) + [BIN + "/lam-trigger", *rest],
                          check=how.pop("check", True), **how)


def seconds(f, *args):
    begin = time.perf_counter()
    f(*args)
    return time.perf_counter() - begin


def best(runs, *each):
    """The least of RUNS measures of EACH, taken in turns."""
    got = [[f() for f in each] for _ in range(runs)]
    return [min(column) for column in zip(*got)]


def function(name, *lines):
    os.makedirs("data/functions/" + name, exist_ok=True)
    with open("data/functions/%s/function" % name, "w") as f:
        f.write("\n".join(lines) + "\n")


def records(n):
    for state in ("master", "trigger"):
        shutil.rmtree("data/" + state, ignore_errors=True)
    text = "id\n" + "".join("%d\n" % i for i in range(n))
    subprocess.run([BIN + "/lam-ingest", "-q", "-d", "data", "-s", "s"],
                   input=text.encode(), check=True)


# ----------------------------------------------------------------------- rows

def filters(o):
    n = 500

    def durable(deny):
        shutil.rmtree("data", ignore_errors=True)
        records(n)
        function("f", "on stream s", "from start", "batch 1", "run cat", "into ./out")
        took = seconds(lambda: trigger("-d", "data", "f", front=ONE, env=dict(
            os.environ, LAM_DENY=deny)))
        with open("data/functions/f/out") as f:
            assert sum(1 for _ in f) == n
        return took / n

    def anew():
        bench = ROOT + "/build/release/bench/bench_sandbox"
        tiers = NONE.replace(",", " ")
        return 1 / float(subprocess.run(ONE + [bench, "200", tiers, "0"], check=True,
                                        stdout=subprocess.PIPE).stdout)

    def parallel():
        return seconds(lambda: subprocess.run(
            ONE + ["parallel", "--pipe", "-N1", "-j1", "cat"], check=True,
            input="\n".join(map(str, range(100))).encode(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)) / 100

    peer = [parallel] if shutil.which("parallel") else []
    got = best(o.runs, lambda: durable(NONE), lambda: durable(""), anew, *peer)
    names = ["durable, base tier", "durable, all tiers, parked",
             "all tiers, a new sandbox each", "GNU parallel, nothing of it"]
    for name, t, want in zip(names, got, (500, 400, 180, "")):
        yield "one record each, one core: " + name, "%.0f/s" % (1 / t), want, (
            "%.1f times parallel" % (got[-1] / t) if peer and want else "")
    if not peer:
        yield "GNU parallel", "absent", "", ""


def batches(o):
    n = 400000
    text = "".join('{"id":%d,"status":%d}\n' % (i, 200 + i % 4 * 100)
                   for i in range(n)).encode()
    command = ["mawk", "-F[:,}]", "{ n += $2 } END { print n }"]

    def through(*options):
        def run():
            return seconds(lambda: trigger("--batch", "1000", *options, "--", *command,
                                           input=text, stdout=subprocess.DEVNULL)) / n
        return run

    def durable():
        shutil.rmtree("data", ignore_errors=True)
        subprocess.run([BIN + "/lam-ingest", "-q", "-d", "data", "-s", "s", "-f", "jsonl"],
                       input=text, check=True)
        function("f", "on stream s", "from start", "batch 1000", "into ./out",
                 "run mawk -F[:,}] '{ n += $2 } END { print n }'",
                 "order none", "concurrency 2")
        return seconds(lambda: trigger("-d", "data", "f")) / n

    def once():
        return seconds(lambda: subprocess.run(command, input=text, check=True,
                                              stdout=subprocess.DEVNULL)) / n
    if not shutil.which("mawk"):
        yield "mawk", "absent", "", ""
        return
    got = best(o.runs, through("--isolate", "none"), through(),
               through("--order", "none", "--concurrency", "2"), durable, once)
    names = ["base tier", "all tiers", "all tiers, two at once",
             "durable, all tiers, two at once", "one mawk over all of it"]
    for name, t, want in zip(names, got, (500000, "", "", "", "")):
        yield "batches of 1,000 through mawk: " + name, "%.0f records/s" % (1 / t), want, ""


class Post:
    """POST /2015-03-31/functions/NAME/invocations, on one connection."""

    def __init__(self, where, name):
        if isinstance(where, str):
            self.s = socket.socket(socket.AF_UNIX)
        else:
            self.s = socket.socket()
        self.s.settimeout(60)
        self.s.connect(where)
        self.request = ("POST /2015-03-31/functions/%s/invocations HTTP/1.1\r\nHost: x\r\n"
                        "Content-Length: %d\r\n\r\n%s" % (name, len(EVENT), EVENT)).encode()

    def __call__(self):
        self.s.sendall(self.request)
        got = self.s.recv(65536)
        while b"\r\n\r\n" not in got or len(got) < self.whole(got):
            piece = self.s.recv(65536)
            if not piece:
                raise ConnectionError(got)
            got += piece
        assert b" 200 OK" in got and b"Error" not in got, got

    @staticmethod
    def whole(got):
        head, _ = got.split(b"\r\n\r\n", 1)
        size = re.search(rb"(?i)content-length: *(\d+)", head)
        return len(head) + 4 + int(size.group(1))


def handlers():
    """(name, directory, command) of what can be run here."""
    build = os.path.join(os.getcwd(), "lambda-c")
    shutil.copytree(BLUE + "/lambda-c", build, dirs_exist_ok=True)
    subprocess.run("cc -std=c11 -D_GNU_SOURCE -O2 -o bootstrap runtime.c handler.c",
                   shell=True, cwd=build, check=True)
    yield "C, bootstrap", build, ["./bootstrap"]
    for kind, needs in (("python", "python3"), ("node", "node")):
        if shutil.which(needs):
            yield kind + ", bootstrap", BLUE + "/lambda-" + kind, ["./bootstrap"]
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
            "target/hello-1.jar:target/dependency/*",
            "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
            "h.Hello::handleRequest"]
    for kind, made, command in (
            ("python", "v/bin/python", ["v/bin/python", "-m", "awslambdaric", "app.handler"]),
            ("node", "node_modules/aws-lambda-ric",
             ["node", "node_modules/.bin/aws-lambda-ric", "app.handler"]),
            ("java", "target/dependency", java),
            ("go", "bootstrap", ["./bootstrap"]),
            ("rust", "target/release/hello", ["target/release/hello"])):
        at = os.path.join(CLIENTS, kind)
        if os.path.exists(os.path.join(at, made)):
            with open(at + "/function", "w") as f:
                f.write("# its lines are options\n")
            yield kind + ", AWS's client", at, command


def used(pid):
    """Seconds that PID and what it has made had of the processors."""
    total = 0
    for task in glob.glob("/proc/%d/task/*" % pid):
        with open(task + "/schedstat") as f:
            total += int(f.read().split()[0]) / 1e9
        with open(task + "/children") as f:
            total += sum(used(int(child)) for child in f.read().split())
    return total


def rate(post, n, pid):
    """Seconds of an invocation, and of the processors for it."""
    post()  # cold
    for _ in range(n // 10):
        post()
    before = used(pid)
    took = seconds(lambda: [post() for _ in range(n)]) / n
    return took, (used(pid) - before) / n


def served(at, command, n):
    """Seconds of an invocation by AWS's interface."""
    shutil.rmtree("data", ignore_errors=True)
    os.makedirs("data/functions")
    os.symlink(at, "data/functions/f")
    options = ["--on", "http", "--runtime", "lambda", "--memory", "512M", "--timeout",
               "30s", "--env", "PYTHONDONTWRITEBYTECODE=1", "--run", " ".join(command)]
    if os.path.exists("s"):
        os.remove("s")
    p = subprocess.Popen([BIN + "/lam-trigger", "-d", "data", "-F", "--listen",
                          os.getcwd() + "/s", *options, "f"], stderr=subprocess.DEVNULL)
    while not os.path.exists("s"):
        if p.poll() is not None:
            sys.exit("%s: lam-trigger: exit %d" % (at, p.returncode))
        time.sleep(.01)
    try:
        return rate(Post(os.getcwd() + "/s", "f"), n, p.pid)
    finally:
        p.terminate()
        p.wait()


def emulated(n):
    at = os.path.join(CLIENTS, "python")
    p = subprocess.Popen([RIE, "--runtime-interface-emulator-address", "127.0.0.1:18080",
                          "v/bin/python", "-m", "awslambdaric", "app.handler"], cwd=at,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            try:
                return rate(Post(("127.0.0.1", 18080), "function"), n, p.pid)
            except ConnectionRefusedError:
                time.sleep(.01)
    finally:
        p.terminate()
        p.wait()


def warm(o):
    rie = os.path.exists(RIE) and os.path.exists(CLIENTS + "/python/v")
    slow = []
    for name, at, command in handlers():
        each = [lambda: served(at, command, 1000)]
        if rie:
            each.append(lambda: emulated(500))
        got = [[f() for f in each] for _ in range(o.runs)]
        took, cpu = [[min(x[k] for x in column) for column in zip(*got)] for k in (0, 1)]
        slow.append((took[-1], cpu[-1]))
        want = 6000 if name[0] == "C" or name.startswith("rust") else 2000
        yield "warm: " + name, "%.0f/s, %.0f us" % (1 / took[0], cpu[0] * 1e6), want, (
            "%.1f times the emulator, %.1f by processors" % (
                took[1] / took[0], cpu[1] / cpu[0]) if rie else "")
    yield "warm: python, AWS's client, AWS's emulator", (
        "%.0f/s, %.0f us" % (1 / min(s[0] for s in slow), min(s[1] for s in slow) * 1e6)
        if rie else "absent"), "", ""


def alerts(n):
    """Milliseconds from each of N lines to its alert."""
    records(1)
    alert = subprocess.Popen([BIN + "/lam-trigger", "-d", "data", "-F", "f"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while not glob.glob("data/trigger/f/*.led"):
        time.sleep(.01)
    log = subprocess.Popen([BIN + "/lam-ingest", "-q", "-d", "data", "-s", "s", "-f", "csv",
                            "--flush-interval", "0"], stdin=subprocess.PIPE)
    log.stdin.write(b"id\n")
    took = []
    for i in range(n + 5):
        begin = time.perf_counter()
        log.stdin.write(b"%d\n" % i)
        log.stdin.flush()
        alert.stdout.readline()
        took.append((time.perf_counter() - begin) * 1e3)
        time.sleep(.003)
    log.stdin.close()
    log.wait()
    alert.terminate()
    alert.wait()
    return sorted(took[5:])  # the first ones wait for programs to start


def latency(o):
    n = 300
    kinds = [("warm, " + name.split(",")[0], 15, at, ["runtime lambda", "run ./bootstrap"])
             for name, at, _ in handlers() if "bootstrap" in name]
    kinds += [("a filter, base tier", 25, None, ["run cat", "isolate none"]),
              ("a filter, all tiers", 25, None, ["run cat"])]
    for name, want, at, lines in kinds:
        shutil.rmtree("data", ignore_errors=True)
        if at:
            shutil.copytree(at, "data/functions/f")
            for app, code in (("app.py", "def handler(event, context):\n    return 1\n"),
                              ("app.js", "exports.handler = async event => 1;\n")):
                with open("data/functions/f/" + app, "w") as f:
                    f.write(code)
        function("f", "on stream s", "into -", *lines)
        got = min((alerts(n) for _ in range(o.runs)), key=lambda ms: ms[int(n * .99)])
        yield "appended to alert, 50 and 99 of 100: " + name, "%.1f, %.1f ms" % (
            got[n // 2], got[int(n * .99)]), "%d ms" % want, ""


def kill(o):
    daemons = ("i=0; while [ $((i += 1)) -le 20 ]; do (setsid sh -c "
               "'trap \"\" TERM HUP; sleep 1000' &); done; echo made >&2; sleep 1000")
    ways = (("all tiers", ""), ("no group that kills", "freeze"),
            ("neither that nor namespaces", "freeze,ns"),
            ("no groups, no namespaces", "cgroup,ns"))
    for name, deny in ways:
        late = []
        for _ in range(o.runs * 3):
            p = trigger("-v", "--retries", "0", "--timeout", "500ms", "--", "sh", "-c", daemons,
                        input=b"x", env=dict(os.environ, LAM_DENY=deny), check=False,
                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            said = p.stderr.decode()
            assert "made" in said and "Status: timeout" in said, said
            late.append(float(re.search("Duration: ([0-9.]+) ms", said).group(1)) - 500)
        yield "deadline to the death of all: " + name, "%.1f ms, at most %.1f" % (
            sorted(late)[len(late) // 2], max(late)), "20 ms", ""


ROWS = {"filter": filters, "batches": batches, "warm": warm, "latency": latency, "kill": kill}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--runs", type=int, default=5)
    ap.add_argument("--keep", action="store_true", help="write a result file")
    ap.add_argument("rows", nargs="*", choices=[[], *ROWS])
    o = ap.parse_args()
    out = ["| | | wanted | |", "|---|---|---|---|"]
    root = tempfile.mkdtemp(prefix="trigger.")
    print("\n".join(out), flush=True)
    try:
        os.chdir(root)
        for name in o.rows or ROWS:
            for row in ROWS[name](o):
                out.append("| %s | **%s** | %s | %s |" % row)
                print(out[-1], flush=True)
    finally:
        os.chdir(ROOT)
        shutil.rmtree(root)
    if o.keep:
        day = datetime.date.today().isoformat()
        with open(ROOT + "/tests/bench/results/trigger-%s.md" % day, "w") as f:
            f.write("# What a function costs, %s\n\n`tests/bench/trigger.py --runs %d`, %s, "
                    "%d processors that others use too, Linux %s. Each is the best of %d "
                    "short runs.\n\n" % (day, o.runs, platform.machine(),
                                         len(os.sched_getaffinity(0)),
                                         platform.release().split("-")[0], o.runs))
            f.write("\n".join(out) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
