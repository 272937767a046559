#!/usr/bin/env python3
"""math_model.py - ln, log10, log2, log, exp, sqrt, power, width_bucket to 17 digits, by decimal

    math_model.py SEED ROWS           asks lam-query, and says where it differs

Python's decimal computes to 120 digits, and rounds each value once, half to even, to 17
significant digits and at most 38 decimals.  The arguments are random, and hard ones:
next to 1, tiny, the last that are below 10^38, exact powers, and ties.
"""
import csv
import decimal
import io
import os
import random
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "laws"))
from decimal import Decimal as D  # noqa: E402

decimal.getcontext().prec = 120
decimal.getcontext().Emax, decimal.getcontext().Emin = 10**9, -10**9
HARD = """0 1 -1 2 10 100 1e37 1e-38 1e-37 0.5 5e-17 -5e-17 1.5e-16 87.4982335337737 -87.5 88 -88 -89
    87.498233533773669 99999999999999999999999999999999999999 1.00000000000000000000000000000000000001
    1.0000000000000000000000000000000000001 0.99999999999999999999999999999999999999 3 5 25 126 127 0.25 1024 1e20 1e-20 -3 -2.5 7 8 9
    0.000000000000000000001 1e15 1.1 0.1 99 12345678901234567890 4 16 2.25 1e36""".split()


def shown(x):
    """17 digits and 38 decimals, as lam prints it; NULL: there is none."""
    if x is None or x == 0:
        return "" if x is None else "0"
    e = max(x.adjusted() - 16, -38)
    x = x.quantize(D(1).scaleb(e), rounding=decimal.ROUND_HALF_EVEN)
    if abs(x) >= D(10) ** 38:
        return ""
    t = format(x.normalize(), "f")
    return "0" if D(t) == 0 else t


def power(x, y):
    if x == 0:
        return None if y < 0 else D(y == 0)
    if y == y.to_integral_value() and abs(y) < 2000:
        return x ** int(y)
    if x < 0:
        if y != y.to_integral_value():
            return None
        p = power(-x, y)
        return None if p is None else p if y % 2 == 0 else -p
    log = y * x.ln()
    return None if log > 90 else D(0) if log < -90 else log.exp()


def bucket(x, low, high, n):
    if low == high:
        return None
    if low > high:
        x, low, high = -x, -low, -high
    return D(0) if x < low else D(n + 1) if x >= high else D((x - low) * n // (high - low) + 1)


def expect(x, y):
    ln = lambda by: None if x <= 0 else x.ln() / by
    return [ln(D(1)), ln(D(10).ln()), ln(D(2).ln()),
            None if x > 90 else D(0) if x < -90 else x.exp(),
            None if x < 0 else x.sqrt(), power(x, y), bucket(x, D(-5), D("7.5"), 6),
            bucket(x, D(9), D("-1.5"), 7),
            None if x <= 0 or y <= 0 or x == 1 else y.ln() / x.ln()]


def number(r):
    return r.choice([
        lambda: str(r.randrange(-20, 130)), lambda: "%.*f" % (r.randrange(12), r.uniform(-90, 90)),
        lambda: "%.17g" % (10 ** r.uniform(-30, 37)),
        lambda: "1.%0*d" % (r.randrange(1, 38), r.randrange(1, 99)),
        lambda: "%de%d" % (r.randrange(1, 10**6), r.randrange(-38, 30)),
        lambda: "%d.%038d" % (r.randrange(9), r.randrange(10**37)),
        lambda: r.choice(HARD)])()


def main():
    r = random.Random(int(sys.argv[1]))
    rows = [(a, b) for a in HARD for b in HARD if abs(D(b)) < 10 ** 30]
    rows += [(number(r), number(r)) for _ in range(int(sys.argv[2]))]
    # as lam reads them: 38 digits and 38 decimals
    rows = [(a, b) for a, b in rows if all(len(D(v).as_tuple().digits) <= 38 for v in (a, b))]
    with open("math.csv", "w") as f:
        f.write("x,y\n" + "".join("%s,%s\n" % (format(D(a), ".38f"), format(D(b), ".38f"))
                                  for a, b in rows))
    names = ["ln(x)", "log10(x)", "log2(x)", "exp(x)", "sqrt(x)", "power(x, y)",
             "width_bucket(x, -5, 7.5, 6)", "width_bucket(x, 9, -1.5, 7)", "log(x, y)"]
    got = subprocess.run(["lam-query", "-q", "--no-header", "-o", "csv", "select x, y, %s from 'math.csv'"
                          % ", ".join(names)], capture_output=True, text=True)
    lines = list(csv.reader(io.StringIO(got.stdout)))
    if got.returncode or len(lines) != len(rows):
        sys.exit("lam-query: status %d, %d rows: %s" % (got.returncode, len(lines), got.stderr))
    bad = 0
    for line in lines:
        want = expect(D(line[0]), D(line[1]))
        for name, w, g in zip(names, want, line[2:]):
            if shown(w) != g:
                bad += 1
                if bad < 20:
                    print("%s of %s, %s: %s, not %s" % (name, line[0], line[1], g, shown(w)))
    sys.exit(bad > 0)


main()
