#!/usr/bin/env python3
"""latency.py - how soon a record that arrives is durable, and in an answer

    latency.py [--appends N] [--rows N] [--idle SECONDS] [--keep]

One lam-ingest --flush-interval 0 gets a line at a time, while nice lam-batch |
lam-serve, as in the crontab of lam(7), run without a pause over a log of some
rows.  From the moment a line is written, two times are taken:

  durable   the witness of the log (lam-store(5)) covers the record
  visible   a lam-query, begun after that, has printed an answer with it

The same is measured of lam-ingest --follow, where each line goes to one of a hundred
files; before that, what following them costs while nothing comes: processor time,
and system calls as strace counts them.

Percentiles go to standard output and to tests/bench/results/latency-DATE.md.
The same with no batch is measured first, for comparison; and the fsync of a
small file on the same disk, which no durable append can beat.
"""
import argparse
import datetime
import os
import platform
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(
    __file__))))
BIN = os.environ.get("LAM_BIN", os.path.join(ROOT, "bin"))
GEN = os.path.join(ROOT, "build", "release", "bench", "gen")
VIEWS = {"traffic": "select date_trunc('minute', time) as minute, status, "
                    "count(*) as hits, sum(bytes) as bytes from log "
                    "group by minute, status",
         "hosts": "select host, count(*) as n, approx_quantile(latency, 0.99) "
                  "as p99 from log group by host"}
FILES = 100
QUESTION = "select sum(n) as n from hosts"


class Bench:
    def __init__(self, root, rows):
        self.data, self.rows = os.path.join(root, "data"), rows
        self.env = dict(os.environ, LAM_DATA=self.data)
        os.makedirs(self.data + "/views")
        for name, sql in VIEWS.items():
            with open("%s/views/%s.sql" % (self.data, name), "w") as f:
                f.write(sql + "\n")
        text = subprocess.run([GEN, str(rows)], stdout=subprocess.PIPE,
                              check=True).stdout
        self.head, self.lines = text.split(b"\n", 1)
        self.lines = self.lines[:400000].splitlines(keepends=True)[:-1]
        subprocess.run([BIN + "/lam-ingest", "-q", "-s", "log"], input=text,
                       env=self.env, check=True)
        self.n = rows
        self.batch()
        self.batches = 0
        self.stop = False

    def batch(self):
        b = subprocess.Popen(["nice", BIN + "/lam-batch"], env=self.env,
                             stdout=subprocess.PIPE)
        subprocess.run([BIN + "/lam-serve"], env=self.env, stdin=b.stdout,
                       check=True)
        b.stdout.close()
        if b.wait():
            sys.exit("lam-batch: exit %d" % b.returncode)

    def batch_on(self):
        while not self.stop:
            self.batch()
            self.batches += 1

    def head_durable(self, fd):
        return struct.unpack_from("<Q", os.pread(fd, 56, 0), 24)[0]

    def ask(self):
        out = subprocess.run([BIN + "/lam-query", "--no-header", QUESTION],
                             env=self.env, stdout=subprocess.PIPE, check=True)
        return int(out.stdout)

    def appends(self, n):
        """[(durable, visible)] in ms of N appends, one after the other."""
        p = subprocess.Popen([BIN + "/lam-ingest", "-q", "-s", "log", "-f",
                              "csv", "--flush-interval", "0"], env=self.env,
                             stdin=subprocess.PIPE)
        p.stdin.write(self.head + b"\n")
        fd = os.open(self.data + "/master/log/durable", os.O_RDONLY)
        took = []
        for i in range(n + 1):
            line = self.lines[i % len(self.lines)]
            start = time.perf_counter()
            p.stdin.write(line)
            p.stdin.flush()
            self.n += 1
            took.append(self.wait(fd, start))
        os.close(fd)
        p.stdin.close()
        if p.wait():
            sys.exit("lam-ingest: exit %d" % p.returncode)
        return took[1:]  # the first one waits for the program to start

    def wait(self, fd, start):
        """ms from START to when record self.n is durable, and in an answer."""
        while self.head_durable(fd) < self.n:
            time.sleep(.0001)
        durable = time.perf_counter()
        while self.ask() < self.n:
            pass
        return (durable - start) * 1e3, (time.perf_counter() - start) * 1e3

    def followed(self, root, n, seconds):
        """Of FILES followed files: what they cost in SECONDS without a line, then the
        times of N lines."""
        names = ["%s/followed-%d.csv" % (root, i) for i in range(FILES)]
        for name in names:
            with open(name, "wb") as f:
                f.write(self.lines[0])
        self.n += FILES
        p = subprocess.Popen([BIN + "/lam-ingest", "-q", "-s", "log", "-f", "csv",
                              "--fields", self.head.decode(), "--follow", *names],
                             env=self.env)
        fd = os.open(self.data + "/master/log/durable", os.O_RDONLY)
        while self.head_durable(fd) < self.n:
            time.sleep(.01)
        time.sleep(3)  # what is due after a file was quiet
        idle = self.idle(p.pid, seconds)
        took = []
        for i in range(n):
            with open(random.choice(names), "ab", 0) as f:
                start = time.perf_counter()
                f.write(self.lines[i % len(self.lines)])
                self.n += 1
                took.append(self.wait(fd, start))
        os.close(fd)
        p.send_signal(signal.SIGTERM)
        p.wait()
        return idle, took

    def idle(self, pid, seconds):
        def spent():
            with open("/proc/%d/stat" % pid) as f:
                x = f.read().rsplit(")", 1)[1].split()
            return (int(x[11]) + int(x[12])) / os.sysconf("SC_CLK_TCK")
        before = spent()
        time.sleep(seconds)
        line = "%d files followed, nothing written for %d s: %.2f s of a processor" % (
            FILES, seconds, spent() - before)
        if not shutil.which("strace"):
            return line
        s = subprocess.Popen(["strace", "-c", "-f", "-p", str(pid)],
                             stderr=subprocess.PIPE, text=True)
        time.sleep(seconds)
        s.send_signal(signal.SIGINT)
        total = re.search(r"^100\.00 .*?(\d+)(?: +\d+)? total$",
                          s.communicate()[1], re.M)
        return "%s; %s system calls in as long" % (line, total[1] if total else "no")

    def during_batches(self, n):
        t = threading.Thread(target=self.batch_on)
        t.start()
        try:
            return self.appends(n)
        finally:
            self.stop = True
            t.join()


def fsyncs(root, n):
    took = []
    with open(os.path.join(root, "fsync"), "wb") as f:
        for _ in range(n):
            start = time.perf_counter()
            f.write(b"x" * 300)
            f.flush()
            os.fsync(f.fileno())
            took.append((time.perf_counter() - start) * 1e3)
    return took


def row(what, x):
    x = sorted(x)
    at = lambda q: x[min(len(x) - 1, int(q * len(x)))]
    return "| %-34s | %6d | %7.2f | %7.2f | %7.2f | %7.2f |" % (
        what, len(x), at(.5), at(.9), at(.99), x[-1])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--appends", type=int, default=1000)
    ap.add_argument("--rows", type=int, default=1000000)
    ap.add_argument("--idle", type=int, default=10)
    ap.add_argument("--keep", action="store_true", help="write a result file")
    o = ap.parse_args()
    root = tempfile.mkdtemp(prefix="latency.")
    try:
        b = Bench(root, o.rows)
        lines = ["| ms                                 |      n |  median |"
                 "    90 % |    99 % |    most |",
                 "|------------------------------------|-------:|--------:|"
                 "--------:|--------:|--------:|",
                 row("fsync of 300 bytes, nothing else", fsyncs(root, 300))]
        for what, took in (("", b.appends(o.appends)), (
                ", while batches run", b.during_batches(o.appends))):
            lines.append(row("durable" + what, [t[0] for t in took]))
            lines.append(row("visible" + what, [t[1] for t in took]))
        idle, took = b.followed(root, o.appends, o.idle)
        lines.append(row("durable, one of %d files" % FILES, [t[0] for t in took]))
        lines.append(row("visible, one of %d files" % FILES, [t[1] for t in took]))
        lines.append("\n%s.\n" % idle)
        lines.append("%d batches over %d rows ran meanwhile." % (
            b.batches, o.rows))
    finally:
        shutil.rmtree(root)
    print("\n".join(lines))
    if o.keep:
        day = datetime.date.today().isoformat()
        path = os.path.join(ROOT, "tests", "bench", "results",
                            "latency-%s.md" % day)
        with open(path, "w") as f:
            f.write("# From a line of log text to an answer, %s\n\n" % day)
            f.write("`tests/bench/latency.py --appends %d --rows %d`, %s, "
                    "%d processors, %s\n\n" % (
                        o.appends, o.rows, platform.machine(),
                        len(os.sched_getaffinity(0)), platform.release()))
            f.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
