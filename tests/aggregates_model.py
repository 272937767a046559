#!/usr/bin/env python3
"""aggregates_model.py - what lam-view(5) says of each aggregate, in Fractions

    aggregates_model.py make SEED ROWS     a CSV file of numbers and texts, in groups
    aggregates_model.py names [free] <FILE the aggregates, as SQL; free: without positions
    aggregates_model.py run <FILE          their values, a row per group

Nothing is rounded but the value itself: a root is compared by its square.
"""
import collections
import csv
import functools
import json
import math
import operator
import os
import random
import sys
from fractions import Fraction

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "laws"))
import numbers_of_lam as N  # noqa: E402


def make(seed, rows):
    r = random.Random(seed)
    w = csv.writer(sys.stdout, lineterminator="\n")
    w.writerow(["g", "x", "y", "t", "i"])
    for _ in range(rows):
        g = "g%d" % int(r.random() ** 3 * 40)
        x, y = (None if r.random() < .1 else number(r, g) for _ in "xy")
        w.writerow([g, x, y, r.choice(["", "a", "b", "ab", "é", "a,b", "z"]),
                    r.choice(["", r.randrange(-9, 10), r.randrange(2 ** 62, 2 ** 63),
                              r.randrange(-2 ** 63, 0), "0.5", 2 ** 63])])


def number(r, g):
    if g == "g1":
        return 7  # all alike
    if g == "g2":  # far from 0, near to each other: what cancels must not be lost
        return "1000000000000000%d.%02d" % (r.randrange(9), r.randrange(100))
    return r.choice([r.randrange(-5, 6), "%.3f" % r.uniform(-100, 100),
                     "%d" % (r.randrange(10**6)), "1e-%d" % r.randrange(9)])


def digits17(x):
    """17 significant digits and at most 38 decimals, half to even."""
    if x == 0:
        return x
    places = min(16 - N.magnitude(x), 38)
    return Fraction(round(x * Fraction(10) ** places)) / Fraction(10) ** places


def root17(square):
    """The same of a root: Newton's, to 60 digits."""
    if square <= 0:
        return Fraction(0)
    scale = 10 ** 120
    n = square.numerator * scale // square.denominator
    a = n
    while True:
        b = (a + n // a) // 2
        if b >= a:
            break
        a = b
    return digits17(Fraction(a, 10 ** 60))


def moments(pairs, single):
    n = Fraction(len(single))
    sx, sxx = sum(single), sum(x * x for x in single)
    c = n * sxx - sx * sx
    over = lambda a, b: None if b == 0 else digits17(a / b)
    root = lambda a, b: None if b == 0 else root17(a / b)
    yield "var_samp(x)", over(c, n * (n - 1))
    yield "var_pop(x)", over(c, n * n)
    yield "stddev_samp(x)", root(c, n * (n - 1))
    yield "stddev_pop(x)", root(c, n * n)
    yield "sem(x)", root(c, n * n * n)
    n = Fraction(len(pairs))
    sy, sx = sum(y for y, _ in pairs), sum(x for _, x in pairs)
    cxy = n * sum(y * x for y, x in pairs) - sy * sx
    cxx = n * sum(x * x for _, x in pairs) - sx * sx
    cyy = n * sum(y * y for y, _ in pairs) - sy * sy
    yield "covar_samp(y, x)", over(cxy, n * (n - 1))
    yield "covar_pop(y, x)", over(cxy, n * n)
    corr = root(cxy * cxy, cxx * cyy)
    yield "corr(y, x)", corr if corr is None or cxy > 0 else -corr
    yield "regr_slope(y, x)", over(cxy, cxx)
    yield "regr_intercept(y, x)", over(sy * cxx - sx * cxy, n * cxx)
    yield "regr_r2(y, x)", (None if cxx == 0 else Fraction(1) if cyy == 0 else
                            digits17(cxy * cxy / (cxx * cyy)))
    yield "regr_count(y, x)", n
    yield "regr_avgx(y, x)", over(sx, n)
    yield "regr_avgy(y, x)", over(sy, n)
    yield "regr_sxx(y, x)", over(cxx, n)
    yield "regr_syy(y, x)", over(cyy, n)
    yield "regr_sxy(y, x)", over(cxy, n)


def listed(vs):
    return "[%s]" % ", ".join(json.dumps(v, ensure_ascii=False) if isinstance(v, str)
                              else N.shown(v) for v in vs)


def ordered(name, vs):
    """What is read off the values in order; VS are all numbers or all texts."""
    vs = sorted(vs, key=lambda v: v.encode() if isinstance(v, str) else v)
    n, times = len(vs), collections.Counter(vs)
    often = sorted(times, key=lambda v: (-times[v], vs.index(v)))
    disc = lambda q: vs[max(math.ceil(q * n), 1) - 1] if n else None
    for q in (0, Fraction(1, 4), Fraction(9, 10), 1):
        yield "quantile_disc(%s, %s)" % (name, float(q) if q % 1 else q), disc(q)
    yield "mode(%s)" % name, often[0] if n else None
    yield "top_k(%s, 3)" % name, listed(often[:3]) if n else None
    yield "min(%s, 2)" % name, listed(vs[:2]) if n else None
    yield "max(%s, 4)" % name, listed(vs[::-1][:4]) if n else None
    yield "histogram(%s)" % name, "{%s}" % ", ".join("%s: %d" % (
        json.dumps(v if isinstance(v, str) else N.shown(v), ensure_ascii=False), times[v])
        for v in times) if n else None


def numbers(x):
    x = sorted(x)

    def cont(q):
        at = q * (len(x) - 1)
        low, high = x[math.floor(at)], x[math.ceil(at)]
        return N.rounded(low + N.rounded(N.rounded(high - low) * (at % 1)))
    for q in (0, Fraction(1, 4), Fraction(9, 10), 1):
        yield "quantile_cont(x, %s)" % (float(q) if q % 1 else q), cont(q) if x else None
    yield "median(x)", cont(Fraction(1, 2)) if x else None
    yield "sum(DISTINCT x)", N.rounded(sum(set(x))) if x else None
    yield "avg(DISTINCT x)", N.quotient(sum(set(x)), Fraction(len(set(x)))) if x else None


def placed(rows):
    """Lists: of rows in their order, or as ORDER BY has it, NULL last."""
    t = [r["t"] for r in rows if r["t"] != ""]
    text = lambda rows: "-".join(r["t"] for r in rows if r["t"] != "") or None
    x = lambda r: N.read(r["x"]) if r["x"] != "" else None
    yield "string_agg(t, '-')", text(rows)
    yield "string_agg(t, ',')", ",".join(t) or None
    back = sorted(rows, key=lambda r: (r["x"] == "", -(x(r) or 0), r["t"] == "", r["t"].encode()))
    yield "string_agg(t, '-' ORDER BY x DESC, t)", text(back)
    first = sorted(rows, key=lambda r: (r["t"] != "", r["t"].encode()))
    yield ("array_agg(x ORDER BY t NULLS FIRST)",
           "[%s]" % ", ".join("null" if x(r) is None else N.shown(x(r)) for r in first))
    yield "array_agg(t)", "[%s]" % ", ".join(
        "null" if r["t"] == "" else json.dumps(r["t"], ensure_ascii=False) for r in rows)


def free(rows):
    """Lists without positions."""
    both = [(N.read(r["x"]), r["t"]) for r in rows if r["x"] != "" and r["t"] != ""]
    best = lambda way, k: listed([t for _, t in sorted(
        both, key=lambda v: (way * v[0], v[1].encode()))[:k]]) if both else None
    yield "arg_min(t, x, 3)", best(1, 3)
    yield "arg_max(t, x, 200)", best(-1, 200)
    t = sorted({r["t"] for r in rows if r["t"] != ""}, key=str.encode)
    yield "string_agg(DISTINCT t, '+')", "+".join(t) or None
    yield "string_agg(DISTINCT t, '' ORDER BY t DESC)", "".join(t[::-1]) or None


def bits(name, vs):
    """Of the whole numbers of 64 bits among VS."""
    vs = [int(v) for v in vs if v % 1 == 0 and -2**63 <= v < 2**63]
    for op in (operator.and_, operator.or_, operator.xor):
        yield "bit_%s(%s)" % (op.__name__.strip("_"), name), (
            functools.reduce(op, vs) if vs else None)


def lists(x):
    x = sorted(x)
    below = lambda q: x[max(math.ceil(q * len(x)), 1) - 1]
    above = lambda q: x[-max(math.ceil(q * len(x)), 1)]
    yield ("quantile_disc(x, [0.25, 1])",
           listed([below(Fraction(1, 4)), below(1)]) if x else None)
    yield "quantile_disc(x, -0.25)", above(Fraction(1, 4)) if x else None


def shown(v):
    if v is None:
        return ""
    return v if isinstance(v, str) else str(v) if isinstance(v, int) else N.shown(N.rounded(v))


def values(rows):
    x = [N.read(r["x"]) for r in rows if r["x"] != ""]
    pairs = [(N.read(r["y"]), N.read(r["x"])) for r in rows if r["x"] != "" and r["y"] != ""]
    yield from moments(pairs, x)
    yield from ordered("x", x)
    yield from numbers(x)
    t = [r["t"] for r in rows if r["t"] != ""]
    yield from ordered("t", t)
    yield from bits("i", [N.read(r["i"]) for r in rows if r["i"] != ""])
    yield from lists(x)
    yield from placed(rows)
    yield from free(rows)
    yield "count(DISTINCT x, t)", len({(N.read(r["x"]), r["t"]) for r in rows
                                       if r["x"] != "" and r["t"] != ""})
    yield "median(t)", sorted(t, key=str.encode)[(len(t) + 1) // 2 - 1] if t else None


def run():
    groups = {}
    for r in csv.DictReader(sys.stdin):
        groups.setdefault(r["g"], []).append(r)
    w = csv.writer(sys.stdout, lineterminator="\n")
    table = {g: dict(values(rows)) for g, rows in groups.items()}
    names = list(next(iter(table.values())))
    if sys.argv[1] == "names":
        here = [n for n, _ in placed([])]
        print(", ".join(n for n in names if sys.argv[2:] != ["free"] or n not in here))
        return
    w.writerow(["g"] + names)
    for g in sorted(table):
        w.writerow([g] + [shown(table[g][n]) for n in names])


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]))
    else:
        run()
