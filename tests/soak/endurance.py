#!/usr/bin/env python3
"""endurance.py - many segments, many tiny appends, many publishes

 --segments N   a log of N segments, one record each
 --appends N    a log of N appends of one record each
 --publishes N  lam-speed --follow publishes N times, record by record, while
                batches overtake it; its descriptors, memory and files are watched

Each of the logs is queried (from the log, from speed partials, from a served
generation), recomputed, served, kept up with and checked; every answer must be
that of the records, which are known, with at most --files descriptors for a
process.  A table tells what each step took, and the most memory it held (the
least that can be told is what Python held when it started the program).  Zero
leaves a part out.

    endurance.py [--segments N] [--appends N] [--publishes N] [--dir DIR]
"""
import argparse
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("LAM_BIN", os.path.join(HERE, "../../bin"))
VIEW = "select k, count(*) as c, sum(n) as s, count(distinct n) as u, " \
       "first(n) as f, last(n) as l from log group by k\n"
HEAD = "k,c,s,u,f,l\n"


class Failed(Exception):
    pass


class Dataset:
    """A dataset, and what its one view must say: the records are k = n % 7
    for n = 1 ... cycle, over and over."""

    def __init__(self, root, name, cycle, files):
        self.name, self.cycle, self.files = name, cycle, files
        self.root = os.path.join(root, name)
        self.data, self.tmp = self.root + "/data", self.root + "/tmp"
        os.makedirs(self.data + "/views")
        os.makedirs(self.tmp)
        with open(self.data + "/views/v.sql", "w") as f:
            f.write(VIEW)
        self.env = dict(os.environ, LAM_DATA=self.data, TMPDIR=self.tmp,
                        LC_ALL="C", TZ="UTC")
        self.n = 0
        self.group = {}

    def add(self, count):
        for _ in range(count):
            n = self.n % self.cycle + 1
            g = self.group.setdefault(n % 7, [0, 0, set(), n, n])
            g[0] += 1
            g[1] += n
            g[2].add(n)
            g[4] = n
            self.n += 1

    def answer(self):
        return HEAD + "".join("%d,%d,%d,%d,%d,%d\n" % (
            k, g[0], g[1], len(g[2]), g[3], g[4])
            for k, g in sorted(self.group.items()))

    def limit(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, self.files))

    def spawn(self, name, *args, **more):
        return subprocess.Popen([os.path.join(BIN, name), *args], env=self.env,
                                preexec_fn=self.limit, **more)

    def step(self, what, name, *args, stdin=b"", quiet=False, want=0):
        """Run a program to its end; its output."""
        start = time.time()
        with tempfile.TemporaryFile() as given, \
                tempfile.TemporaryFile() as out, \
                tempfile.TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            p = self.spawn(name, *args, stdin=given, stdout=out, stderr=err)
            _, status, used = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            out, err = out.read(), err.read().decode()
        if p.returncode != want or (err and "--explain" not in args):
            raise Failed("%s: %s: exit %d: %s" % (what, p.args[:4],
                                                  p.returncode, err))
        if not quiet:
            self.tell(what, time.time() - start, used.ru_maxrss / 1024)
        return out.decode() if name != "lam-batch" else out

    def tell(self, what, seconds, mib):
        print("| %-9s | %-44s | %8.2f | %7.1f |" % (
            self.name, what, seconds, mib), flush=True)

    def ask(self, what, quiet=False):
        got = self.step(what, "lam-query", "select * from v", quiet=quiet)
        if got != self.answer():
            raise Failed("%s: got\n%swant\n%s" % (what, got, self.answer()))

    def ingest(self, what, count, *options):
        """COUNT appends of one record: as many files are named, each of which
        is a block of its own."""
        d = self.root + "/in"
        if not os.path.isdir(d):
            os.mkdir(d)
            for n in range(1, self.cycle + 1):
                with open("%s/%d" % (d, n), "w") as f:
                    f.write("k,n\n%d,%d\n" % (n % 7, n))
        start, most, done = time.time(), 0, 0
        while done < count:
            some = min(count - done, 40000)
            names = ["%d" % ((self.n + i) % self.cycle + 1)
                     for i in range(some)]
            p = self.spawn("lam-ingest", "-q", "-s", "log", "-f", "csv",
                           *options, *names, cwd=d)
            _, status, used = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
            if p.returncode:
                raise Failed("%s: exit %d" % (what, p.returncode))
            most = max(most, used.ru_maxrss / 1024)
            self.add(some)
            done += some
        self.tell(what, time.time() - start, most)

    def checks(self, *options):
        """Every program, at least once, on what was ingested."""
        self.ask("query: the log")
        self.step("speed: all of it", "lam-speed")
        self.ask("query: speed partials")
        self.step("fsck", "lam-fsck")
        part = self.step("batch", "lam-batch")
        self.step("serve", "lam-serve", stdin=part)
        self.ask("query: a generation")
        self.step("speed: expires what was overtaken", "lam-speed")
        self.ingest("append one record", 1, *options)
        self.ask("query: a generation and the tail")
        self.step("speed: one record", "lam-speed")
        self.ask("query: a generation and a partial")
        more = self.step("batch --incremental", "lam-batch", "--incremental")
        if more != self.step("batch: the same", "lam-batch"):
            raise Failed("--incremental is not the recompute")
        self.step("serve", "lam-serve", stdin=more)
        out = self.step("fsck --recompute", "lam-fsck", "--recompute")
        if not out.endswith("all intact\n"):
            raise Failed("fsck: " + out)
        self.nothing_left()

    def nothing_left(self):
        left = os.listdir(self.tmp) + [
            f for _, _, names in os.walk(self.data) for f in names
            if ".tmp." in f or ".torn." in f]
        if left:
            raise Failed("left over: %s" % left[:5])

    def segments(self):
        return len([f for f in os.listdir(self.data + "/master/log")
                    if f.endswith(".seg")])


class Follow:
    """lam-speed --follow, fed record by record."""

    def __init__(self, data, root_views):
        self.d = data
        for i in range(root_views):
            with open("%s/views/v%d.sql" % (data.data, i), "w") as f:
                f.write("select n, count(*) as c from log group by n\n" if i
                        else "select count(*) as c from log\n")
        self.views = root_views + 1
        self.publishes = 0

    def count(self, err):
        for line in err:
            if b"stopped by SIGTERM" in line:
                break
            if b" record" not in line:
                self.error = line
            self.publishes += self.views

    def head(self):
        """What the witness says is durable; see lam-store(5)."""
        with open(self.d.data + "/master/log/durable", "rb") as f:
            return struct.unpack_from("<Q", f.read(56), 24)[0]

    def look(self):
        """(descriptors, KiB resident, files in speed/) of the follower."""
        pid = self.speed.pid
        with open("/proc/%d/status" % pid) as f:
            rss = [int(x.split()[1]) for x in f if x.startswith("VmRSS")][0]
        return (len(os.listdir("/proc/%d/fd" % pid)), rss, sum(
            len(names) for _, _, names in os.walk(self.d.data + "/speed")))

    def run(self, publishes, slack):
        d, seen, start = self.d, [], time.time()
        self.error = None
        d.ingest("begin", 10)
        self.speed = d.spawn("lam-speed", "-v", "--follow", "--interval",
                             "0s", stderr=subprocess.PIPE)
        ingest = d.spawn("lam-ingest", "-q", "-s", "log", "-f", "csv",
                         "--flush-interval", "0", stdin=subprocess.PIPE)
        counter = threading.Thread(target=self.count,
                                   args=(self.speed.stderr,))
        counter.start()
        ingest.stdin.write(b"k,n\n")
        ends = publishes / 20
        while self.publishes < publishes and not self.error:
            d.add(1)
            n = (d.n - 1) % d.cycle + 1
            ingest.stdin.write(b"%d,%d\n" % (n % 7, n))
            ingest.stdin.flush()
            while self.head() < d.n:
                if ingest.poll() is not None:
                    raise Failed("lam-ingest ended")
            if self.publishes >= ends:
                seen.append(self.look())
                d.ask("query", quiet=True)
                if len(seen) % 2 == 0:
                    d.step("serve", "lam-serve", quiet=True, stdin=d.step(
                        "batch", "lam-batch", quiet=True))
                ends += publishes / 20
        ingest.stdin.close()
        self.speed.terminate()
        if ingest.wait() or self.speed.wait() != -15 or self.error:
            raise Failed("lam-ingest %s, lam-speed %s: %s" % (
                ingest.returncode, self.speed.returncode, self.error))
        counter.join()
        self.judge(seen, time.time() - start, slack)

    def judge(self, seen, took, slack):
        d = self.d
        print("%d publishes of %d views, %d records, %d segments, %.0f s" % (
            self.publishes, self.views, d.n, d.segments(), took))
        print("descriptors, KiB resident, files in speed/, as it went on:")
        print("  " + "; ".join("%d %d %d" % s for s in seen))
        some = len(seen) // 4
        fds, rss, files = [list(x) for x in zip(*seen)]
        # A leak lifts the least that is ever held; a sample is of any moment.
        if min(fds[-some:]) > max(fds[:some]):
            raise Failed("descriptors leak")
        if min(rss[-some:]) > max(rss[:some]) + slack:
            raise Failed("memory leaks")
        if max(files) > 64 * self.views:
            raise Failed("files are left in speed/")
        d.ask("query: after following")
        d.step("speed: after following", "lam-speed")
        d.step("fsck --recompute", "lam-fsck", "--recompute")
        d.nothing_left()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--segments", type=int, default=10000)
    ap.add_argument("--appends", type=int, default=1000000)
    ap.add_argument("--publishes", type=int, default=100000)
    ap.add_argument("--files", type=int, default=1024)
    ap.add_argument("--slack", type=int, default=512, help="KiB of memory "
                    "that are no leak yet; sanitizers need more")
    ap.add_argument("--dir", help="work in a new directory in this one")
    o = ap.parse_args()
    root = tempfile.mkdtemp(prefix="endurance.", dir=o.dir)
    print("| %-9s | %-44s | %8s | %7s |" % ("log", "step", "s", "MiB"))
    print("|-----------|%s|---------:|--------:|" % ("-" * 46), flush=True)
    try:
        if o.segments:
            d = Dataset(root, "segments", 1000, o.files)
            one = ["--segment-records", "1"]
            d.ingest("%d segments" % o.segments, o.segments, *one)
            if d.segments() < o.segments:
                raise Failed("only %d segments" % d.segments())
            d.checks(*one)
        if o.appends:
            d = Dataset(root, "appends", 1000, o.files)
            d.ingest("%d appends" % o.appends, o.appends)
            d.checks()
        if o.publishes:
            Follow(Dataset(root, "publishes", 100, o.files), 3).run(
                o.publishes, o.slack)
    except Failed as x:
        print("FAILED: %s" % x)
        return 1
    finally:
        shutil.rmtree(root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
