#!/usr/bin/env python3
"""soak.py - everything at once, killed at random, and every answer checked

Ingesters, lam-batch | lam-serve, lam-speed --follow, lam-fsck and queries work
on one dataset of several streams and views; each is killed with SIGKILL, or
stopped until others have made progress, at random.  What must hold:

 - an answer equals the recompute, by lam from the log alone, as of the position
   it reports, and (when all has ended) what Python folds from the records;
 - it covers all that was acknowledged before it was asked;
 - every record of a run that ended is in the log exactly once, in order; of
   a killed run a prefix is; so are the lines that were rejected;
 - queries go on while any other program is stopped at any point;
 - no program says anything, or exits, but as documented;
 - in the end lam-fsck --recompute finds all intact, and no file is left over.

Choices follow from the seed; how processes interleave does not.

    soak.py [--seconds N] [--seed N] [--rows N] [--keep DIR]
"""
import argparse
import collections
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from soak_model import EXTRA, HEAD, Fold, Query, Record, Run, make_views

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("LAM_BIN", os.path.join(HERE, "../../bin"))
STUCK = 600  # s: a process that takes longer hangs
STREAMS = ("app", "web", "ev")
STOPPED = re.compile("lam-speed: stopped by SIGTERM: .*\n")
AS_OF = re.compile(r"^as of (\d+)$", re.M)
GENERATION = re.compile(r"\bserving/(\w+)/(\d+)-")
TEMPORARY = re.compile(r"\.tmp\.(\d+)-\d+$")
STALE = re.compile(r"what is served ends at position|covers less than")
CUT = re.compile(r"^lam-serve: .*(refused|nothing is published)", re.S)


def put(pipe, data):
    """All of DATA into PIPE: a process that is stopped and goes on again
    finds a part written."""
    while data:
        data = data[pipe.write(data):]


class Soak:
    def __init__(self, root, seed, rows):
        self.data = os.path.join(root, "data")
        self.tmp = os.path.join(root, "tmp")
        self.answers = os.path.join(root, "answers")
        for d in (root, self.tmp, self.answers, self.data + "/views"):
            os.makedirs(d, exist_ok=True)
        self.seed, self.rows = seed, rows
        self.env = dict(os.environ, LAM_DATA=self.data, TMPDIR=self.tmp,
                        LC_ALL="C", TZ="UTC")
        self.lock = threading.Lock()
        self.moved = threading.Condition(self.lock)
        self.stop = threading.Event()
        self.count = collections.Counter()
        self.bad = []
        self.runs = []
        self.acknowledged = collections.Counter()  # records, by stream
        self.asked = {}     # (query, as of) -> file of the answer
        self.generations = collections.defaultdict(set)
        self.times = {}     # about how long each program runs
        self.begun = 0      # queries
        self.holds = 0      # programs that wait for queries
        self.done = collections.defaultdict(int)  # view -> newest begun, ended
        self.views = make_views()
        for v in self.views:
            with open("%s/views/%s.sql" % (self.data, v.name), "w") as f:
                f.write(v.sql() + "\n")

    def fault(self, what, *more):
        with self.lock:
            self.bad.append("%s: %s" % (what, " | ".join(
                str(m)[-1500:] for m in more)))
            self.stop.set()
            self.moved.notify_all()

    def tally(self, what, n=1):
        with self.lock:
            self.count[what] += n

    # ----------------------------------------------------------- processes

    def spawn(self, name, *args, stdin=subprocess.DEVNULL,
              stdout=subprocess.PIPE):
        return subprocess.Popen(
            [os.path.join(BIN, name), *args], stdin=stdin, stdout=stdout,
            stderr=subprocess.PIPE, env=self.env, bufsize=0)

    def fate(self, rng, p, name, kill):
        """With chance KILL end P at a random moment, or stop it meanwhile; with
        none let it be: nobody else may be there to make progress."""
        if not kill:
            return
        span = self.times.get(name, .02) * 1.3
        if rng.random() < kill:
            timer = threading.Timer(rng.uniform(0, span), p.kill)
        elif name != "lam-query" and rng.random() < .15:
            timer = threading.Timer(rng.uniform(0, span), self.hold, (p, name))
        else:
            return
        timer.daemon = True
        timer.start()

    def finish(self, p, name, text=None):
        """(status or None: killed, out, err) of P, which gets TEXT."""
        start = time.time()
        try:
            out, err = p.communicate(text, timeout=STUCK)
        except subprocess.TimeoutExpired:
            self.fault("%s hangs" % name, p.args)
            p.kill()
            out, err = p.communicate()
        if p.returncode == -9:
            self.tally(name + " killed")
            return None, out, err.decode(errors="replace")
        took = time.time() - start
        self.times[name] = .8 * self.times.get(name, took) + .2 * took
        self.tally(name)
        return p.returncode, out, err.decode(errors="replace")

    def hold(self, p, name):
        """Stop P until every view was answered by a query begun since."""
        with self.lock:
            if p.poll() is not None:
                return False
            p.send_signal(19)
            since = self.begun
            self.holds += 1
            self.moved.wait_for(lambda: self.stop.is_set() or all(
                self.done[v.name] > since for v in self.views), STUCK)
            stuck = not self.stop.is_set() and any(
                self.done[v.name] <= since for v in self.views)
            self.holds -= 1
            if p.poll() is None:
                p.send_signal(18)
            self.count["%s stopped while every view was answered" %
                       name] += not stuck and not self.stop.is_set()
        if stuck:
            self.fault("queries wait for %s" % name)
        return True

    # ------------------------------------------------------------- workers

    def new_run(self, rng, stream, small=False):
        room = self.rows - sum(r.n for r in self.runs if r.stream == stream)
        n = 1 + int(rng.expovariate(1 / 60))
        if rng.random() < .1:
            n *= rng.choice((10, 40))
        if small or room < n:
            n = rng.randrange(1, 4)
        with self.lock:
            r = Run(len(self.runs), stream, rng.randrange(1 << 60), n,
                    rng.randrange(1, EXTRA + 1) if rng.random() < .1 else 0,
                    rng.randrange(3) if rng.random() < .2 else 0)
            self.runs.append(r)
        return r

    def ingest(self, rng, r, kill):
        args = ["-q", "-s", r.stream, "-f", "csv"]
        if rng.random() < .3:
            args += ["--segment-records", str(rng.choice((1, 40, 1000)))]
        lines = list(r.lines())
        live = rng.random() < .4
        if live:
            args += ["--flush-interval", rng.choice(("0", "0", "20ms"))]
        p = self.spawn("lam-ingest", *args, stdin=subprocess.PIPE)
        self.fate(rng, p, "lam-ingest", kill)
        try:
            while live and len(lines) > 4:
                n = rng.randrange(1, 1 + len(lines) // 3)
                put(p.stdin, "".join(lines[:n]).encode())
                del lines[:n]
                time.sleep(rng.uniform(0, .01))
        except BrokenPipeError:
            pass
        rc, _, err = self.finish(p, "lam-ingest", "".join(lines).encode())
        if rc is None:
            return
        if rc or err:
            self.fault("lam-ingest", rc, err)
        with self.lock:
            r.acknowledged = True
            self.acknowledged[r.stream] += r.n
            self.count["records acknowledged"] += r.n

    def ingester(self, rng):
        while not self.stop.is_set():
            self.ingest(rng, self.new_run(rng, rng.choice(STREAMS)), .25)

    def batch(self, rng, kill):
        """lam-batch | lam-serve, either of which may be killed or stopped."""
        args = rng.choice(([], [], ["--incremental"],
                           ["--memory", "64K", "--threads", "2"]))
        if rng.random() < .2:
            args = args + [v.name for v in self.views if rng.random() < .5]
        b = self.spawn("lam-batch", *args)
        s = self.spawn("lam-serve", stdin=b.stdout)
        b.stdout.close()
        b.stdout = None
        self.fate(rng, b, "lam-batch", kill)
        self.fate(rng, s, "lam-serve", kill)
        rb, _, said = self.finish(b, "lam-batch")
        rs, _, err = self.finish(s, "lam-serve")
        # A reader that died ends a filter quietly.
        if rb is not None and (rb not in ((0, -13) if rs is None else (0,))
                               or said):
            self.fault("lam-batch", rb, said)
        if rs is None or (rs == 0 and not err):
            return
        # Views are refused beside others that are published, or all are.
        *late, last = err.splitlines() or [""]
        if rs == 5 or last != "lam-serve: no view is left (see above)":
            late.append(last)
        if not (rs in (3, 5) and late and all(map(STALE.search, late)) or
                rs == 3 and rb is None and CUT.search(err)):
            self.fault("lam-serve", rs, err)
        self.tally("lam-serve refused a cut or late batch")

    def batcher(self, rng):
        while not self.stop.is_set():
            self.batch(rng, .2)

    def follower(self, rng):
        """lam-speed --follow, killed or asked to end, and started again."""
        while not self.stop.is_set():
            p = self.spawn("lam-speed", "--follow", "--interval",
                           rng.choice(("0s", "10ms", "100ms")))
            if rng.random() < .3:
                self.stop.wait(rng.uniform(0, .3))
                self.hold(p, "lam-speed")
            self.stop.wait(rng.expovariate(1))
            if rng.random() < .5 and not self.stop.is_set():
                p.kill()
            else:
                p.terminate()
            rc, _, err = self.finish(p, "lam-speed")
            # Before it has handlers, it has no last word.
            if rc not in (None, -15) or (err and not STOPPED.fullmatch(err)):
                self.fault("lam-speed", rc, err)

    def checker(self, rng):
        while not self.stop.wait(rng.uniform(.5, 3)):
            p = self.spawn("lam-fsck")
            self.fate(rng, p, "lam-fsck", .1)
            rc, out, err = self.finish(p, "lam-fsck")
            # 5: a torn tail of a killed writer, until the next one.
            if rc not in (None, 0, 5):
                self.fault("lam-fsck", rc, err, out)
            elif rc == 5 and not re.search("torn", err):
                self.fault("lam-fsck", rc, err, out)

    # ------------------------------------------------------------- queries

    def questions(self, rng):
        v = rng.choice(self.views)
        if self.holds and rng.random() < .8:  # the one not answered longest
            v = min(self.views, key=lambda w: self.done[w.name])
        x = rng.random()
        if v.name == "byrun" and x < .9:
            with self.lock:
                known = [r.number for r in self.runs
                         if r.stream == "web" and r.acknowledged]
            return Query(v, point=rng.choice(known))
        if v.keys and x < .4:
            return Query(v, rng.sample([k[0] for k in v.keys],
                                       rng.randrange(len(v.keys)) + 1))
        return Query(v)

    def ask(self, rng, q, kill, newest):
        v = q.view
        with self.lock:
            must = self.acknowledged[v.stream]
            self.begun += 1
            begun = self.begun
        p = self.spawn("lam-query", "--explain", "--threads",
                       rng.choice("12"), q.sql)
        self.fate(rng, p, "lam-query", kill)
        rc, out, err = self.finish(p, "lam-query")
        if rc is None:
            return
        at = AS_OF.search(err)
        if rc != 0 or not at or "lam-query:" in err:
            return self.fault("lam-query", rc, q.sql, err)
        pos = int(at.group(1))
        with self.lock:
            self.done[v.name] = max(self.done[v.name], begun)
            self.moved.notify_all()
            for name, to in GENERATION.findall(err):
                self.generations[name].add(int(to))
            self.count["pieces: served"] += " serving/" in err
            self.count["pieces: speed"] += " speed/" in err
            self.count["pieces: log"] += "  log " in err
        if pos < must or pos < newest.get(v.stream, 0):
            self.fault("answer as of %d, but %d acknowledged, %d seen" % (
                pos, must, newest.get(v.stream, 0)), q.sql, err)
        newest[v.stream] = pos
        direct = subprocess.run(
            [os.path.join(BIN, "lam-query"), "--as-of", str(pos), q.direct],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env,
            timeout=STUCK)
        if direct.stdout != out or direct.returncode or direct.stderr:
            self.fault("not the recompute as of %d" % pos, q.sql, q.direct,
                       err, out.decode(), direct.stdout.decode(),
                       direct.stderr.decode())
        path = os.path.join(self.answers, hashlib.sha1(out).hexdigest())
        if not os.path.exists(path):
            with open(path + ".%d" % threading.get_ident(), "wb") as f:
                f.write(out)
            os.rename(f.name, path)
        with self.lock:
            self.asked.setdefault((pos, q.fold, q.point), path)
            self.count["answers equal to the recompute"] += 1

    def querier(self, rng):
        newest = {}
        while not self.stop.is_set():
            self.ask(rng, self.questions(rng), .05, newest)

    # ----------------------------------------------------------- a whole run

    def begin(self, rng):
        """Enough records to tell the types; and programs caught in the act:
        queries go on while each of them is stopped."""
        for s in STREAMS:
            r = self.new_run(rng, s)
            r.n, r.extra, r.bad = 200, 0, 0
            self.ingest(rng, r, 0)

    def caught(self, rng):
        for name, args in (("lam-batch", []), ("lam-serve", []),
                           ("lam-speed", ["--follow"]),
                           ("lam-ingest", ["-q", "-s", "app"])):
            for _ in range(3):
                part = subprocess.run([os.path.join(BIN, "lam-batch")],
                                      env=self.env, stdout=subprocess.PIPE)
                p = self.spawn(name, *args, stdin=subprocess.PIPE)
                if name == "lam-serve":  # in the middle of its input
                    put(p.stdin, part.stdout[:len(part.stdout) // 2])
                time.sleep(rng.uniform(0, self.times.get(name, .01) / 2))
                self.hold(p, name)
                p.kill()
                p.communicate()

    def soak(self, seconds):
        rng = random.Random(self.seed)
        self.begin(rng)
        work = [self.ingester] * 3 + [self.batcher] * 2 + [
            self.follower, self.checker, self.querier, self.querier]
        threads = [threading.Thread(target=self.guard, args=(
            f, random.Random(rng.randrange(1 << 60)))) for f in work]
        for t in threads:
            t.start()
        end = time.time() + seconds
        self.caught(rng)
        self.stop.wait(max(0, end - time.time()))
        self.stop.set()
        with self.lock:
            self.moved.notify_all()
        for t in threads:
            t.join()
        if not self.bad:
            self.settle(rng)

    def guard(self, work, rng):
        try:
            work(rng)
        except Exception as x:
            self.fault("soak.py: %r" % x)
            raise

    # -------------------------------------------------------------- the end

    def must(self, name, *args, text=b""):
        p = self.spawn(name, *args, stdin=subprocess.PIPE)
        rc, out, err = self.finish(p, name, text)
        if rc != 0 or err:
            self.fault("in the end: " + name, rc, err, out.decode()[-800:])
        return out

    def settle(self, rng):
        """One clean run of each, and nothing is left of the others."""
        for s in STREAMS:
            r = self.new_run(rng, s, small=True)
            r.bad = 0
            self.ingest(rng, r, 0)
        self.must("lam-serve", text=self.must("lam-batch"))
        self.must("lam-speed")
        newest = {}
        for v in self.views:
            self.ask(rng, Query(v), 0, newest)
        out = self.must("lam-fsck", "--recompute").decode()
        if not out.endswith("all intact\n"):
            self.fault("in the end: lam-fsck", out)
        left = [os.path.join(d, f) for d, _, names in os.walk(self.data)
                for f in names if TEMPORARY.search(f) and not os.path.exists(
                    "/proc/" + TEMPORARY.search(f).group(1))]
        left += [f for f in os.listdir(self.tmp)
                 if not f.startswith("tsan.")]  # ThreadSanitizer's own
        if left:
            self.fault("left over", left)
        for s in STREAMS:
            self.compare(s, self.must("lam-query",
                                      "select * from " + s).decode())
            self.rejected(s)
        for what, n in (("generations", min(map(len, [
                self.generations[v.name] for v in self.views]))),
                ("served", self.count["pieces: served"]),
                ("speed", self.count["pieces: speed"]),
                ("log", self.count["pieces: log"])):
            if n < (2 if what == "generations" else 1):
                self.fault("answers came from too few: %s" % what, n)

    def compare(self, stream, text):
        """The log, record by record, against the runs; and the answers, in
        the order of their positions, against the folds."""
        fields = text[:text.index("\n")].split(",")
        views = {v.name: v for v in self.views if v.stream == stream}
        pending = sorted((k for k in self.asked if k[1][0] in views),
                      key=lambda k: k[0])
        folds = {k[1]: Fold(views[k[1][0]], [
            x for x in views[k[1][0]].keys if x[0] in k[1][1]]) for k in pending}
        rows = {r.number: r.rows() for r in self.runs if r.stream == stream}
        seen = collections.Counter()
        at, pos, n = text.index("\n") + 1, 0, 0
        while True:
            while n < len(pending) and pending[n][0] == pos:
                _, fold, point = pending[n]
                with open(self.asked[pending[n]], newline="") as f:
                    wrong = folds[fold].wrong(f.read(), point)
                if wrong:
                    self.fault("not what Python folds, as of %d" % pos, fold,
                               point, self.asked[pending[n]], wrong)
                n += 1
            if at == len(text):
                break
            run = int(text[at:text.index(",", at)])
            r = self.runs[run]
            row = next(rows[run], None)
            if row is None or not text.startswith(
                    r.row_in(row, fields) + "\n", at):
                return self.fault("%s: position %d: not record %d of run %d" %
                                  (stream, pos, seen[run], run),
                                  text[at:at + 200])
            at += len(r.row_in(row, fields)) + 1
            pos += 1
            seen[run] += 1
            record = Record(row)
            for f in folds.values():
                f.add(record)
        for r in self.runs:
            if r.stream == stream and r.acknowledged and seen[r.number] != r.n:
                self.fault("run %d: %d of %d records" % (
                    r.number, seen[r.number], r.n))
            if r.stream == stream and not r.acknowledged:
                self.tally("runs killed: %s of the records in the log" %
                           ("none" if not seen[r.number] else "all"
                            if seen[r.number] == r.n else "a prefix"))
        if n != len(pending):
            self.fault("answers as of positions behind the log", pending[n])
        self.tally("answers equal to what Python folds", n)
        self.tally("records in the log", pos)

    def rejected(self, stream):
        path = "%s/reject/%s.csv" % (self.data, stream)
        text = open(path, newline="").read() if os.path.exists(path) else ""
        for r in self.runs:
            if r.stream != stream:
                continue
            for line in r.rejects():
                n = len(re.findall(re.escape(line) + r"\b", text))
                if n > 1 or (r.acknowledged and n != 1):
                    self.fault("rejected line is there %d times" % n, line)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seconds", type=float, default=300)
    ap.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    ap.add_argument("--rows", type=int, default=100000, help="of a stream")
    ap.add_argument("--keep", help="work here, and keep it")
    o = ap.parse_args()
    root = o.keep or tempfile.mkdtemp(prefix="soak.")
    print("soak: seed %d, %g s" % (o.seed, o.seconds), flush=True)
    s = Soak(root, o.seed, o.rows)
    s.soak(o.seconds)
    for what, n in sorted(s.count.items()):
        print("  %-58s %8d" % (what, n))
    print("  %-58s %8d" % ("generations that answers came from",
                           sum(map(len, s.generations.values()))))
    print("violations: %d" % len(s.bad))
    for b in s.bad[:20]:
        print("  " + b)
    if not o.keep and not s.bad:
        shutil.rmtree(root)
    elif s.bad:
        print("kept: " + root)
    return 1 if s.bad else 0


if __name__ == "__main__":
    sys.exit(main())
