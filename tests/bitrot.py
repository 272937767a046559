#!/usr/bin/env python3
"""bitrot.py - damage every file of a dataset in every way, and ask.

A small dataset (generations, speed partials, sealed and active segments, a torn
tail moved aside, rejects) is made from records whose answers are computed here.
Then, one file at a time: bits flipped, cut short, bytes added, deleted, replaced
by another file or by an older copy of itself, blocks and ranges swapped.

What must hold of each query: the right bytes with exit status 0; or, if the
damage is in the log, exit status 3 and a message that names a file of the
dataset and says what to do.  Damage to derived files never costs an answer.
View definitions and schemas are text without checksums: a change is an edit, so
only crashes count there.  lam-fsck never crashes, and never says "all intact"
when a query does not give the right answer.

    bitrot.py [--seconds N] [--seed N] [--keep DIR]
"""
import argparse
import collections
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("LAM_BIN", os.path.join(HERE, "..", "bin"))
REMEDY = re.compile(r"restore|put back|remove|run |move|write|lam-fsck|use that|add a")
VIEW = "select status, count(*) as n, sum(bytes) as b, max(note) as hi " \
       "from app group by status"


def tool(data, name, *args, stdin=b""):
    env = dict(os.environ, LAM_DATA=data, LC_ALL="C", TZ="UTC",
               ASAN_OPTIONS="exitcode=99")
    return subprocess.run([os.path.join(BIN, name), *args], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=env, timeout=60)


def must(p, *ok):
    if p.returncode not in (ok or (0,)):
        sys.exit("setup: %s: exit %d: %s" % (p.args, p.returncode,
                                              p.stderr.decode()))
    return p


def records(rng, n):
    for i in range(n):
        yield (i // 60 % 60, i % 60, rng.choice([200, 200, 404, 500]),
               rng.choice(["", str(rng.randrange(9999))]),
               rng.choice(["", "x", "note %d" % rng.randrange(5), "z" * 40]))


LOST = re.compile(rb"lost: positions (\d+) to (\d+)")
LOST_ON = re.compile(rb"lost: positions (\d+) and on")


def as_csv(rows):
    return "".join("2026-01-01T00:%02d:%02dZ,%d,%s,%s\n" % r
                   for r in rows).encode()


HEAD = b"ts,status,bytes,note\n"


def answers(rows):
    """The answers of the queries, by other means than lam's."""
    group = {}
    for _, _, status, size, note in rows:
        g = group.setdefault(status, [0, None, None])
        g[0] += 1
        if size:
            g[1] = (g[1] or 0) + int(size)
        if note:
            g[2] = max(g[2] or "", note)
    view = b"status,n,b,hi\n" + "".join(
        "%d,%d,%s,%s\n" % (s, g[0], "" if g[1] is None else g[1], g[2] or "")
        for s, g in sorted(group.items())).encode()
    return [("select * from v", view),
            ("select * from app", HEAD + as_csv(rows))]


def build(data, rng, per):
    """The dataset, and older copies of its files on the way."""
    old, rows = [], []
    seg = lambda: sorted(f for f in os.listdir(data + "/master/app")
                         if f.endswith(".seg"))
    for step in range(6):
        more = list(records(rng, per))
        rows += more
        must(tool(data, "lam-ingest", "-q", "-s", "app", "--segment-records",
                  str(2 * per), stdin=HEAD + as_csv(more)))
        if step == 0:
            os.mkdir(data + "/views")
            with open(data + "/views/v.sql", "w") as f:
                f.write(VIEW + "\n")
        if step in (1, 3):
            part = must(tool(data, "lam-batch")).stdout
            must(tool(data, "lam-serve", "-q", stdin=part))
        if step >= 4:
            must(tool(data, "lam-speed"))
        if step == 4:
            with open(data + "/master/app/" + seg()[-1], "ab") as f:
                f.write(b"LAMBLOK2 torn")
            must(tool(data, "lam-ingest", "-q", "-s", "app",
                      stdin=HEAD + b"1,2\n"), 1)
        old.append({p: open(data + "/" + p, "rb").read()
                    for p in files(data)})
    return rows, old


def files(data):
    return sorted(os.path.relpath(os.path.join(d, f), data)
                  for d, _, names in os.walk(data) for f in names)


def kind(path):
    top, name = path.split("/")[0], os.path.basename(path)
    if name == "lock" or ".torn." in name or top == "reject":
        return "other"
    if top in ("serving", "speed"):
        return "derived"
    if top == "views" or name == "schema":
        return "text"
    return "witness" if name == "durable" else "log"


class Run:
    def __init__(self, data, want, rng):
        self.data, self.want, self.rng = data, want, rng
        self.count = collections.Counter()
        self.bad = []

    def fault(self, what, p, why):
        self.bad.append("%s: %s: exit %d: %s" % (
            what, why, p.returncode, p.stderr.decode(errors="replace")[:300]))

    def salvage(self, what):
        """What is salvaged is all records but those listed as lost."""
        out = self.data + ".out"
        shutil.rmtree(out, ignore_errors=True)
        p = tool(self.data, "lam-fsck", "--salvage", out)
        rows = self.want[1][1].splitlines(keepends=True)[1:]
        lost = [(int(a), int(b)) for a, b in LOST.findall(p.stderr)]
        lost += [(int(a), len(rows)) for a in LOST_ON.findall(p.stderr)]
        if p.returncode not in (0, 3, 5):
            return self.fault(what, p, "salvage")
        if (p.returncode == 3) != bool(lost):
            self.fault(what, p, "salvage: exit status")
        keep = [r for i, r in enumerate(rows)
                if not any(a <= i <= b for a, b in lost)]
        self.count["salvage", "all of it" if len(keep) == len(rows) else
                   "none of it" if not keep else "a part of it"] += 1
        if not keep:
            return
        p = tool(out, "lam-query", "--no-header", "select * from app")
        if p.stdout != b"".join(keep):
            self.fault(what, p, "SALVAGED OTHER RECORDS")

    def judge(self, path, what, fsck=True, text=False):
        """Ask every query, with the damage done."""
        k, right = kind(path), True
        if k == "log" and fsck and self.rng.randrange(3) == 0:
            self.salvage(what)
        for sql, want in self.want:
            p = tool(self.data, "lam-query", sql)
            if p.returncode == 0 and p.stdout == want:
                self.count[k, "right"] += 1
                continue
            right = False
            said = p.stderr.decode(errors="replace")
            if p.returncode < 0 or p.returncode > 4:
                self.fault(what, p, "CRASH")
            elif k == "text" or (text and p.returncode == 2):
                self.count[k, "edited or refused"] += 1
            elif p.returncode != 3:
                self.fault(what, p, "WRONG ANSWER" if p.returncode == 0
                           else "not exit 3")
            elif k in ("derived", "other"):
                self.fault(what, p, "derived, but no answer")
            elif self.data not in said or not REMEDY.search(said):
                self.fault(what, p, "names no file, or no remedy")
            else:
                self.count[k, "refused, file and remedy named"] += 1
        if not fsck:
            return
        p = tool(self.data, "lam-fsck")
        self.count[k, "fsck %d" % p.returncode] += 1
        if p.returncode not in (0, 3, 5) and k != "text":
            self.fault(what, p, "fsck")
        if p.returncode == 0 and not right and k != "text":
            self.fault(what, p, "fsck says intact, a query does not")
        if p.returncode == 3 and k in ("derived", "other"):
            self.fault(what, p, "fsck blames the log")

    def with_bytes(self, path, data, what, fsck=True):
        """PATH holds DATA (None: is gone) while the queries are asked."""
        full = self.data + "/" + path
        with open(full, "rb") as f:
            was = f.read()
        if data == was:
            return
        try:
            if data is None:
                os.unlink(full)
            else:
                with open(full, "wb") as f:
                    f.write(data)
            self.count["", "damages"] += 1
            self.judge(path, path + ": " + what, fsck)
        finally:
            with open(full, "wb") as f:
                f.write(was)

    def flips(self, path, was, end):
        bits = list(range(8 * len(was)))
        self.rng.shuffle(bits)
        for done, b in enumerate(bits):
            if time.time() > end:
                return done, len(bits)
            x = bytearray(was)
            x[b >> 3] ^= 1 << (b & 7)
            self.with_bytes(path, bytes(x), "bit %d of byte %d" %
                            (b & 7, b >> 3), fsck=done % 4 == 0)
        return len(bits), len(bits)

    def cuts(self, path, was, end):
        sizes = list(range(len(was)))
        self.rng.shuffle(sizes)
        for done, n in enumerate(sizes):
            if time.time() > end:
                return done, len(sizes)
            self.with_bytes(path, was[:n], "cut to %d" % n, done % 4 == 0)
        return len(sizes), len(sizes)

    def others(self, path, was, all_files, old):
        rng = self.rng
        self.with_bytes(path, None, "deleted")
        self.with_bytes(path, was + bytes(rng.randrange(256)
                                          for _ in range(33)), "33 bytes more")
        self.with_bytes(path, was + was, "twice")
        self.with_bytes(path, bytes(len(was)), "zeros")
        for i, snap in enumerate(old):
            if path in snap:
                self.with_bytes(path, snap[path], "as after step %d" % i)
        for other in all_files:
            if other != path:
                with open(self.data + "/" + other, "rb") as f:
                    self.with_bytes(path, f.read(), "replaced by " + other)
        at = [m.start() for m in re.finditer(b"LAMBLOK2", was)]
        at = [a for a in at if a % 8 == 0]
        if len(at) > 1:
            at.append(len(was))
            for i in range(len(at) - 2):
                self.with_bytes(path, was[:at[i]] + was[at[i+1]:at[i+2]] +
                                was[at[i]:at[i+1]] + was[at[i+2]:],
                                "blocks %d and %d swapped" % (i, i + 1))
                self.with_bytes(path, was[:at[i]] + was[at[i+1]:],
                                "block %d gone" % i)
        for _ in range(20):
            n = rng.randrange(1, 1 + len(was) // 4) if len(was) > 8 else 1
            if len(was) < 2 * n + 1:
                continue
            a = rng.randrange(0, len(was) - 2 * n)
            b = rng.randrange(a + n, len(was) - n + 1)
            self.with_bytes(path, was[:a] + was[b:b+n] + was[a+n:b] +
                            was[a:a+n] + was[b+n:],
                            "%d bytes at %d and %d swapped" % (n, a, b))

    def swap_files(self, a, b):
        fa, fb = self.data + "/" + a, self.data + "/" + b
        tmp = fa + ".swap"
        for x, y in ((fa, tmp), (fb, fa), (tmp, fb)):
            os.rename(x, y)
        try:
            self.count["", "damages"] += 1
            worst = min(a, b, key=lambda p: ["log", "witness", "text",
                                              "derived", "other"].index(kind(p)))
            self.judge(worst, "%s and %s swapped" % (a, b),
                       text="text" in (kind(a), kind(b)))
        finally:
            for x, y in ((fa, tmp), (fb, fa), (tmp, fb)):
                os.rename(x, y)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seconds", type=float, default=120)
    ap.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    ap.add_argument("--rows", type=int, default=60, help="of each append")
    ap.add_argument("--keep", help="make the dataset here, and keep it")
    o = ap.parse_args()
    rng = random.Random(o.seed)
    root = o.keep or tempfile.mkdtemp(prefix="bitrot.")
    data = os.path.join(root, "data")
    print("bitrot: seed %d, %g s" % (o.seed, o.seconds))
    rows, old = build(data, rng, o.rows)
    r = Run(data, answers(rows), rng)
    r.judge("lock", "no damage")
    if r.bad or r.count["other", "right"] != len(r.want):
        sys.exit("undamaged: %s" % r.bad)
    rest = files(data)
    end = time.time() + o.seconds
    for i, path in enumerate(rest):
        with open(data + "/" + path, "rb") as f:
            was = f.read()
        r.others(path, was, rest, old)
        left = max(0, end - time.time()) / (len(rest) - i)
        flips = r.flips(path, was, time.time() + left * .6)
        cuts = r.cuts(path, was, time.time() + left * .35)
        print("%-66s %6d bytes: %d of %d bits, %d of %d cuts" %
              (path, len(was), *flips, *cuts))
        sys.stdout.flush()
    for i, a in enumerate(rest):
        for b in rest[i + 1:]:
            r.swap_files(a, b)
    print("%d damages" % r.count.pop(("", "damages")))
    for (k, what), n in sorted(r.count.items()):
        print("  %-8s %-34s %7d" % (k, what, n))
    print("violations: %d" % len(r.bad))
    alike = collections.OrderedDict()
    for line in r.bad:
        alike.setdefault(re.sub(r"[0-9]+", "N", line.split(": ", 2)[2][:120]),
                         []).append(line)
    for lines in alike.values():
        print("  %d like: %s" % (len(lines), lines[0].strip()))
    if not o.keep:
        shutil.rmtree(root)
    return 1 if r.bad else 0


if __name__ == "__main__":
    sys.exit(main())
