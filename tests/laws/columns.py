#!/usr/bin/env python3
"""columns.py - columns at the edges of what an encoding can hold

    columns.py [--sizes N,N,...] [--only NAME] [--part K/N] [--apart]

Each column is written to a stream, and read back: its text, its values, its extremes and
sums, the rows between two values, and a view of its values that is served.  What is
wanted comes from numbers_of_lam.py.
"""
import argparse
import bisect
import collections
import os
import random
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
import numbers_of_lam as N  # noqa: E402
from fractions import Fraction  # noqa: E402
from laws import query, run  # noqa: E402
from questions import Broken, same  # noqa: E402

MAX = 10**38 - 1
EDGES = [2**31, 2**32, 2**53, 2**63, 2**64, 10**17, 10**18, 10**19, 2**96, 2**126, 2**127]


def at(m, scale):
    return N.shown(Fraction(m, 10**scale))


def ramps():
    """Steps of one across each edge, at several scales; and ends of the range."""
    for e in EDGES:
        for scale in (0, 1, 19, 38):
            if e < MAX:
                yield "ramp %d/%d" % (e, scale), lambda n, e=e, s=scale: [
                    at(e - n // 2 + i, s) for i in range(n)]
                yield "fall -%d/%d" % (e, scale), lambda n, e=e, s=scale: [
                    at(-e + n // 2 - i, s) for i in range(n)]
    for scale in (0, 20, 38):
        yield "top/%d" % scale, lambda n, s=scale: [at(MAX - i, s) for i in range(n)]
        yield "bottom/%d" % scale, lambda n, s=scale: [at(-MAX + i, s) for i in range(n)]
        yield "ends/%d" % scale, lambda n, s=scale: [
            at(MAX * (-1) ** i, s) for i in range(n)]
        yield "strides/%d" % scale, lambda n, s=scale: [
            at((i % 200 - 100) * 9 * 10**35, s) for i in range(n)]


def spans():
    """Offsets from a base that just fit a word, or just do not."""
    for bits in (63, 64, 65, 126, 127):
        for base in (0, -2 ** (bits - 1), -(2**bits) + 1, 12345678901234567890):
            for over in (-1, 0):
                top = min(base + 2**bits + over, MAX)
                yield "span %d%+d%+d" % (base, bits, over), lambda n, b=base, t=top: [
                    at(random.Random(i).choice([b, t, (b + t) // 2, t - 1]), 0)
                    for i in range(n)]


def mixes():
    few = ["1e30", "1e-30", "0.5", "-1e37", "1e-38", "7"]
    yield "dictionary", lambda n: [few[i * i % 6] for i in range(n)]
    yield "by turns", lambda n: ["1e30" if i % 2 else "1e-12" for i in range(n)]
    for where in (0, .5, 1):
        for odd, rest in (("1e30", lambda i: "0.%012d" % (i + 1)), ("1e-38", str),
                          ("1e-30", lambda i: str(10**18 + i)), ("5e-324", str),
                          ("1e38", str), ("abc", str), ("", str),
                          ("%d" % MAX, lambda i: "%d.5" % i)):
            yield "%s at %s" % (odd, where), lambda n, w=where, o=odd, f=rest: [
                o if i == int(w * (n - 1)) else f(i) for i in range(n)]
    yield "empty", lambda n: [""] * n
    yield "no numbers", lambda n: ["x%d" % i for i in range(n)]
    yield "too large", lambda n: ["1e%d" % (38 + i % 9) for i in range(n)]
    yield "spellings", lambda n: [["1", "1.0", "+1", "01", "1e0", "10e-1"][i % 6]
                                  for i in range(n)]
    yield "zeros", lambda n: [["0", "-0", "0.000", "0e9", "00", "1e-39", "-1e-39"][i % 7]
                              for i in range(n)]
    yield "doubles", lambda n: [repr(random.Random(i).uniform(-1, 1) * 10.0 ** (i % 70 - 38))
                                for i in range(n)]
    yield "ties", lambda n: [at(10**37 + i, 37) + "5" for i in range(n)]
    yield "decimals grow", lambda n: ["1" + ("." + "0" * (i % 37) + "1" if i % 38 else "")
                                      for i in range(n)]
    yield "digits grow", lambda n: [str(10 ** (i % 38)) for i in range(n)]


def constants():
    for v in EDGES + [MAX]:
        for scale in (0, 38):
            if v <= MAX:
                yield "constant %d/%d" % (v, scale), lambda n, v=v, s=scale: [at(v, s)] * n


def columns():
    for some in (ramps, spans, mixes, constants):
        yield from some()


ONE = 10**38  # values are counted and put in order as integers, in units of 10^-38


def units(value):
    return value.numerator * (ONE // value.denominator)


def text(x):
    return "" if x is None else N.shown(Fraction(x, ONE))


def total(x):
    """Of units that were added up: what is shown of a sum."""
    x = N.rounded(Fraction(x, ONE))
    return "" if x is None else N.shown(x)


def totals(there):
    return ",".join(["%d" % len(there), "%d" % len(set(there))] + (
        [total(sum(there)), text(there[0]), text(there[-1])] if there else [""] * 3)) + "\n"


def between(there, rng):
    """Conditions near the values, which are in order, and how many meet them."""
    some = there or [0]
    for v in sorted({some[0], some[-1], rng.choice(some)}):
        for x in (v, v - 1, v + 1, v + ONE):
            if N.rounded(Fraction(x, ONE)) == Fraction(x, ONE):
                below, upto = bisect.bisect_left(there, x), bisect.bisect_right(there, x)
                yield "v = " + text(x), upto - below
                yield "v < " + text(x), below
                yield "v >= " + text(x), len(there) - below


def column(name, cells, where):
    d, rng = where + "/data", random.Random(name)
    values = [N.read(c) if c else None for c in cells]
    values = [None if v is None else units(v) for v in values]
    there = sorted(v for v in values if v is not None)
    shown = {v: text(v) for v in {None, *there}}
    log = "k,v\n" + "".join("x,%s\n" % c for c in cells)
    os.makedirs(d + "/views")
    for v, sql in (("each", "select v, count(*) as n, sum(v) as s, min(v) as lo from s group by v"),
                   ("whole", "select count(v) as c, count(distinct v) as d, sum(v) as s, "
                           "min(v) as lo, max(v) as hi from s")):
        with open("%s/views/%s.sql" % (d, v), "w") as f:
            f.write(sql)
    with open(where + "/types", "w") as f:
        f.write("k text\nv number\n")
    run("lam-ingest", "-q", "-d", d, "-s", "s", "-f", "csv", "--schema", where + "/types",
        stdin=log, status=(0, 1))
    ask = lambda sql: query("-d", d, "--no-header", sql)
    same(log, query("-d", d, "select * from s"), name + ": the text")
    same("".join(shown[v] + "\n" for v in values), ask("select v + 0 from s"), name + ": v + 0")
    count = collections.Counter(values)
    groups = "".join("%s,%d,%s,%s\n" % (shown[v], count[v], "" if v is None else total(
        v * count[v]), shown[v]) for v in [*sorted({*there}), *[None] * (None in count)])
    same("".join(shown[v] + "\n" for v in there + [None] * count[None]),
         ask("select v + 0 from s order by v"), name + ": order by")
    for step in "scanned", "served":
        same(totals(there), ask("select c, d, s, lo, hi from whole"),
             "%s, %s: totals" % (name, step))
        same(groups, ask("select v, n, s, lo from each"), "%s, %s: groups" % (name, step))
        if step == "scanned":
            run("lam-serve", "-q", "-d", d, stdin=run("lam-batch", "-d", d))
    conds = list(between(there, rng))
    for q in "select count(*) from s where ", "select coalesce(sum(n), 0) from each where ":
        if APART:
            for cond, n in conds:
                same("%d\n" % n, ask(q + cond), "%s: %s%s" % (name, q, cond))
            continue
        # in one process, and one of them by itself
        sql = " union all ".join(q + cond for cond, n in conds)
        same("".join("%d\n" % n for cond, n in conds), ask(sql), "%s: %s" % (name, sql))
        cond, n = rng.choice(conds)
        same("%d\n" % n, ask(q + cond), "%s: %s%s" % (name, q, cond))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--sizes", default="1,2,100")
    a.add_argument("--only", default="")
    a.add_argument("--part", default="0/1", help="every Nth column, from the Kth: K/N")
    a.add_argument("--apart", action="store_true", help="each condition in a process of its own")
    a = a.parse_args()
    global APART
    APART = a.apart
    bad = done = 0
    k, n = map(int, a.part.split("/"))
    for i, (name, make) in enumerate(columns()):
        if a.only not in name or i % n != k:
            continue
        for size in map(int, a.sizes.split(",")):
            where = tempfile.mkdtemp(prefix="lam-columns.")
            done += 1
            try:
                column("%s x %d" % (name, size), make(size), where)
            except Broken as e:
                bad += 1
                print("columns: %s" % e, flush=True)
            finally:
                shutil.rmtree(where)
    print("columns: %d columns, %d broken" % (done, bad))
    return 1 if bad or not done else 0


if __name__ == "__main__":
    sys.exit(main())
