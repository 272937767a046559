#!/usr/bin/env python3
"""laws.py - a number means what its text says, whatever stands beside it

    laws.py [--seed N] [--rounds N] [--seconds N] [--rows N] [--kinds K,K] [-v]

Each round draws a table of numbers of unlike scale (draw.py) and random SQL over it.
Every answer is compared with the one that Fractions give (numbers_of_lam.py), and to the
byte with itself under every block layout, order of chunks, number of threads, limit of
memory, tree of merges, and cut between batch, speed and tail.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import draw  # noqa: E402
import numbers_of_lam as N  # noqa: E402
import states  # noqa: E402
from questions import (Broken, View, cell, check, distinct, grouped, raw,  # noqa: E402
                       same)

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("LAM_BIN", os.path.join(HERE, "../../bin"))
ENV = dict(os.environ, LC_ALL="C", TZ="UTC")
ENV.pop("LAM_DATA", None)


def run(tool, *args, stdin=None, status=(0,), also=False):
    """What it writes to standard output, or ALSO to the other."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    p = subprocess.run([os.path.join(BIN, tool), *args], input=stdin, env=ENV,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    if p.returncode not in status:
        err = p.stderr.decode(errors="replace")
        raise Broken("%s %s: exit %d\n%s" % (tool, " ".join(args), p.returncode, err))
    return p.stderr if also else p.stdout


def feed(process, text, rng):
    """TEXT in pieces of random sizes; the program reads as it likes."""
    text, at = text.encode(), 0
    while at < len(text):
        size = rng.choice([rng.randrange(1, 400), 1, 2000])
        process.stdin.write(text[at:at + size])
        time.sleep(0)
        at += size
    process.stdin.close()


def query(*args, **more):
    return run("lam-query", *args, status=(0, 1), **more).decode()


# ---------------------------------------------------------------------- a round

def bare(partials):
    """Without what names the stream: identity and history differ between copies."""
    return b"\n".join(x for x in partials.split(b"\n") if not x.startswith(
        (b"#stream", b"#chain", b"#history", b"#end", b"#origin")))


class Round:
    def __init__(self, seed, rows, where, verbose):
        self.rng = r = random.Random(seed)
        self.where, self.verbose = where, verbose
        self.n = rows or r.choice([1, 2, 3, 7, 20, 40, 60])
        self.t = draw.Table(r, self.n)
        self.all = self.t.header + "".join(self.t.lines)
        self.big = self.n > 1000
        self.sql = draw.Sql(r, self.t, 1 if self.big else 9)
        for name, text in (("t.csv", self.all), ("types", self.t.schema)):
            with open(os.path.join(where, name), "w") as f:
                f.write(text)
        self.views = [View.drawn(self.sql) for _ in range(2 if self.big else 3)]
        self.raws = [f(self.sql) for f in ((raw, distinct, grouped) if self.big else (
            raw, raw, raw, distinct, distinct, grouped, grouped))]

    def path(self, name):
        return os.path.join(self.where, name)

    def part(self, a, b):
        return self.t.header + "".join(self.t.lines[a:b])

    def cuts(self, n):
        return sorted(self.rng.randrange(self.n + 1) for _ in range(n))

    # ------------------------------------------------------------------- files

    def adhoc(self):
        types, csv = ("--schema", self.path("types")), "'%s'" % self.path("t.csv")
        self.answers = []
        for q in self.raws + [v.all for v in self.views]:
            text = query(*types, q.on(csv), "--threads", self.rng.choice("12"), *(
                ("--memory", "64K") if self.rng.random() < .3 else ()))
            check(q, text, self.t.rows, q.on("t"))
            self.answers.append(text)
            same(text, query(*types, "-f", "csv", q.on("stdin"), stdin=self.all),
                 "standard input: " + q.on("t"))
            self.forms(types, q.on(csv), text)
        self.unreadable(types, csv)
        for v in self.views:
            self.merges(v, types)

    def forms(self, types, sql, text):
        rows = [x.split(",") for x in text.split("\n")[1:-1]]
        tsv = query(*types, "-o", "tsv", sql).split("\n")[1:-1]
        same("\n".join("\t".join({"": "\\N", '""': ""}.get(c, c) for c in x) for x in rows),
             "\n".join(tsv), "-o tsv: " + sql)
        said = [json.loads(x, parse_int=str, parse_float=str, object_pairs_hook=list)
                for x in query(*types, "-o", "jsonl", sql).split("\n")[:-1]]
        plain = {None: "", "": '""', True: "true", False: "false"}
        same(text.split("\n")[1:-1], [",".join(plain.get(v, v) for _, v in x) for x in said],
             "-o jsonl: " + sql)

    def unreadable(self, types, csv):
        """Fields that are no numbers are counted."""
        for c in "ivw":
            bad = sum(1 for x in self.t.rows if x[c] is None and x[c + "?"])
            err = run("lam-query", *types, "select count(%s) from %s" % (c, csv), also=True)
            got = re.search(r"(\d+) values? of %s (is|are) not" % c, err.decode())
            same(str(bad), got.group(1) if got else "0", "unreadable values of %s, told" % c)

    def merges(self, view, types):
        """Partials of parts, merged in a random tree."""
        args = ("-e", view.sql.replace("{T}", "stdin"), "-f", "csv", *types)
        full = run("lam-batch", *args, stdin=self.all)
        q = view.rows
        with open(self.path("full.part"), "wb") as f:
            f.write(full)
        text = query("-p", self.path("full.part"), q.on("query"))
        check(q, text, self.t.rows, "lam-query -p: " + view.sql)
        if view.places:  # of several inputs each counts from 0
            return
        ends = [0] + self.cuts(self.rng.randrange(1, 5)) + [self.n]
        parts = [run("lam-batch", *args, stdin=self.part(a, b), status=(0, 1))
                 for a, b in zip(ends, ends[1:])]
        while len(parts) > 1:
            self.rng.shuffle(parts)
            some, parts = parts[:3], parts[3:]
            parts.append(run("lam-batch", "--merge", stdin=b"".join(some)))
        lines = lambda p: b"\n".join(x for x in p.split(b"\n") if not x.startswith(b"#"))
        same(lines(full), lines(parts[0]), "lam-batch --merge: " + view.sql)

    # ---------------------------------------------------------------- datasets

    def dataset(self, name):
        d = self.path(name)
        os.makedirs(d + "/views")
        for i, v in enumerate(self.views):
            with open("%s/views/V%d.sql" % (d, i), "w") as f:
                f.write(v.sql.replace("{T}", "T"))
        return d

    def ingest(self, d, a, b, *args, pieces=False):
        types = () if os.path.exists(d + "/master/T/schema") else (
            "--schema", self.path("types"))
        args = ("-q", "-d", d, "-s", "T", "-f", "csv", *types, *args)
        if not pieces:
            run("lam-ingest", *args, stdin=self.part(a, b), status=(0, 1))
            return
        p = subprocess.Popen([os.path.join(BIN, "lam-ingest"), *args, "--flush-interval", "0"],
                             stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV, bufsize=0)
        feed(p, self.part(a, b), self.rng)
        err = p.stderr.read()
        if p.wait() not in (0, 1):
            raise Broken("lam-ingest in pieces: %s" % err.decode())

    def told(self, d, what, upto=None, streams=True):
        """All questions, of rows before UPTO."""
        asof = () if upto is None else ("--as-of", str(upto))
        rows = self.t.rows[:upto]
        for i, v in enumerate(self.views):
            for q in (v.rows, v.rolled):
                text = query("-d", d, *asof, q.on("V%d" % i))
                check(q, text, rows, "%s: %s of %s" % (what, q.on("V"), v.sql))
        for q, before in zip(self.raws if streams else [], self.answers):
            text = query("-d", d, *asof, "--threads", self.rng.choice("12"), q.on("T"))
            if upto is None:
                same(before, text, "%s: %s" % (what, q.on("T")))
            else:
                check(q, text, rows, "%s: %s" % (what, q.on("T")))

    def layouts(self):
        full = None
        ways = [("whole", ()), ("one", ("--segment-records", "1")),
                ("seven", ("--segment-records", "7")), ("pieces", ())]
        if self.big:
            ways[1:] = [("many", ("--segment-records", "9999"))]
        for name, args in ways:
            d = self.dataset(name)
            ends = [0, self.n] if name == "whole" else [0] + self.cuts(
                self.rng.randrange(4)) + [self.n]
            for a, b in zip(ends, ends[1:]):
                if a < b or not a:
                    self.ingest(d, a, b, *args, pieces=name == "pieces")
            same(self.all, query("-d", d, "select * from T"), name + ": back to the text")
            self.told(d, name, streams=name != "pieces")
            parts = [run("lam-batch", "-d", d, "--threads", t) for t in "13"]
            parts.append(run("lam-batch", "-d", d, "--memory", "64K"))
            for p in parts[1:]:
                same(parts[0], p, name + ": lam-batch, threads and memory")
            full = full or bare(parts[0])
            same(full, bare(parts[0]), name + ": lam-batch of another layout")
            run("lam-serve", "-q", "-d", d, stdin=parts[0])
            self.told(d, name + ", served", streams=False)
            same(parts[0], run("lam-batch", "-d", d, "--incremental"), name + ": --incremental")
            run("lam-fsck", "-q", "-d", d, "--recompute")
            shutil.rmtree(d)

    def layers(self):
        d = self.dataset("cut")
        p, s = self.cuts(2)
        size = ("--segment-records", "20000" if self.big else self.rng.choice("129"))
        if p:
            self.ingest(d, 0, p, *size)
            run("lam-serve", "-q", "-d", d, stdin=run("lam-batch", "-d", d))
            self.told(d, "batch", upto=p, streams=False)
        if s > p:
            self.ingest(d, p, s, *size)
            run("lam-speed", "-d", d)
            self.told(d, "speed", upto=s, streams=False)
        if s < self.n:
            self.ingest(d, s, self.n, *size)
        self.told(d, "cut at %d and %d" % (p, s))
        for upto in self.rng.sample(range(1, self.n + 1), min(2, self.n)):
            self.told(d, "as of %d" % upto, upto=upto)
        if self.n > p:
            q = self.rng.randrange(p + 1, self.n + 1)
            run("lam-serve", "-q", "-d", d, stdin=run("lam-batch", "-d", d, "--as-of", str(q)))
            self.told(d, "served up to %d" % q, streams=False)
        same(run("lam-batch", "-d", d), run("lam-batch", "-d", d, "--incremental"),
             "--incremental is the full recompute")
        run("lam-speed", "-d", d)
        self.told(d, "speed on top", streams=False)
        shutil.rmtree(d)

    # ------------------------------------------------------- states and windows

    def states(self):
        """The text of states is that of lam-partial(5), made of the numbers' texts."""
        x = self.sql.num(self.rng.randrange(2))
        sql = ("select k, sum({0}) as s, count(distinct {0}) as d, approx_count_distinct({0}) "
               "as c, approx_quantile({0}, 0.5) as p from stdin group by k".format(x[0]))
        text = run("lam-batch", "-e", sql, "-f", "csv", "--schema", self.path("types"),
                   stdin=self.all).decode()
        text = "".join(l + "\n" for l in text.split("\n") if l[:1] not in ("#", ""))
        by = {}
        for row in self.t.rows:
            by.setdefault(row["k"], []).append(x[1](row))
        want = sorted("query\t%s\t%s\n" % (cell(k), ",".join(states.of(
            [v for v in values if v is not None]))) for k, values in by.items())
        same("".join(want), text, sql)

    def faults(self):
        """What cannot be computed is counted row by row, and its first place is told."""
        a, b = self.rng.choice("ivwg"), self.rng.choice("ivw")
        sql = "select k, max(%s * %s) as m from stdin group by k" % (a, b)
        bad = [i for i, x in enumerate(self.t.rows) if None not in (x[a], x[b]) and
               N.times(x[a], x[b]) is None]
        text = run("lam-batch", "-e", sql, "-f", "csv", "--schema", self.path("types"),
                   stdin=self.all)
        same("#faults %d -" % len(bad),
             re.search(r"^#faults .*", text.decode(), re.M).group(), sql)

    def windows(self):
        """Live windows of input that comes at once, and piece by piece."""
        v = View([("date_trunc('minute', ts)", draw.minute)],
                 [self.sql.agg(1) for _ in range(3)])
        sql = v.sql.replace("{T}", "stdin")
        args = ["-e", sql, "-f", "csv", "--schema", self.path("types"), "--lateness", "1h"]
        whole = run("lam-speed", *args, stdin=self.all).decode()
        check(v.all, whole, self.t.rows, "lam-speed -e " + sql)
        p = subprocess.Popen([os.path.join(BIN, "lam-speed"), *args, "--interval", "1ms"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, env=ENV, bufsize=0)
        feed(p, self.all, self.rng)
        same(whole, p.stdout.read().decode(), "lam-speed, in pieces, -e " + sql)
        p.wait()

    def go(self):
        if self.verbose:
            for q in self.raws + [v.all for v in self.views]:
                print(q.sql)
        self.adhoc()
        self.states()
        self.faults()
        self.windows()
        self.layouts()
        self.layers()


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--rounds", type=int, default=20)
    a.add_argument("--seconds", type=float, default=1e9)
    a.add_argument("--rows", type=int)
    a.add_argument("--kinds", help="kinds of numerals, such as small,money")
    a.add_argument("-v", "--verbose", action="store_true")
    a = a.parse_args()
    if a.kinds:
        draw.only(a.kinds.split(","))
    end, bad, done = time.time() + a.seconds, 0, 0
    for seed in range(a.seed, a.seed + a.rounds):
        if time.time() > end:
            break
        where = tempfile.mkdtemp(prefix="lam-laws.")
        done += 1
        try:
            Round(seed, a.rows, where, a.verbose).go()
        except Broken as e:
            bad += 1
            print("laws: seed %d: %s" % (seed, e), flush=True)
            if a.verbose:
                print(open(where + "/t.csv").read())
        finally:
            shutil.rmtree(where)
    print("laws: %d rounds from seed %d, %d broken" % (done, a.seed, bad))
    return 1 if bad or not done else 0


if __name__ == "__main__":
    sys.exit(main())
