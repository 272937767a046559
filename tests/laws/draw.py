"""draw.py - random tables of unlike numbers, and random SQL over them with its value

An expression is a pair: its text, and a function from a row (a dict) to its value, a
Fraction, text, truth or None.  An aggregate is a triple: its text, a function from the
rows of a group to its value, and how exactly that must be met:

    exact   to the last digit
    mean    a quotient; the value is its two operands
    about   a distinct count by sketch; the value is the true count
    rank    a quantile by sketch; the value is the list of what may stand there
"""
import math
import struct
from fractions import Fraction

import numbers_of_lam as N

COLUMNS = ("k text", "g number", "i number", "v number", "w number", "t text", "ts time")
EDGES = [b + d for b in (2**31, 2**32, 2**53, 2**63, 2**64, 10**17, 10**18, 10**19, 2**96,
                         2**126, 2**127, 10**37, 10**38) for d in (-2, -1, 0, 1)]
FLOATS = ["1.1102230246251565e-25", "1e+300", "5e-324", "1e+22", "5.551115123125783e-17",
          "0.1", "1e-05", "1.7976931348623157e+308", "2.220446049250313e-16",
          "123456789.12345679", "1e-38", "1e-39", "4.9e-39", "5e-39", "1.5e-38", "1e+37",
          "9.999999999999999e+37", "-0.0", "1e16", "12345678901234567000.0"]


# -------------------------------------------------------------------- numerals

def digits(rng, n):
    return "".join(rng.choice("0123456789" if i else "123456789") for i in range(n))


def placed(rng, m, decimals):
    """The digits M with the point before the last DECIMALS."""
    if not decimals:
        return m
    m = m.rjust(decimals + 1, "0")
    return m[:-decimals] + "." + m[-decimals:]


def tie(rng):
    """Just at, above or below the middle of two numbers of 38 digits or decimals."""
    tail = rng.choice(["5", "50", "500001", "49999", "5000000000000000000000000000000001"])
    if rng.random() < .5:
        return placed(rng, digits(rng, 38) + tail, rng.randrange(len(tail), 38) + 1)
    return "0." + digits(rng, rng.randrange(1, 39)).rjust(38, "0") + tail


NUMERALS = {
    "small": lambda r: str(r.randrange(-20, 100)),
    "money": lambda r: "%.2f" % (r.randrange(-10**6, 10**6) / 100),
    "whole": lambda r: digits(r, r.randrange(1, 39)),
    "wide": lambda r: digits(r, r.randrange(39, 80)),
    "decimal": lambda r: placed(r, digits(r, r.randrange(1, 39)), r.randrange(39)),
    "long": lambda r: placed(r, digits(r, r.randrange(39, 60)), r.randrange(1, 59)),
    "tiny": lambda r: placed(r, digits(r, r.randrange(1, 20)), r.randrange(20, 39)),
    "edge": lambda r: str(r.choice(EDGES)),
    "edges": lambda r: placed(r, str(r.choice(EDGES)), r.randrange(39)),
    "tie": tie,
    "float": lambda r: r.choice(FLOATS),
    "double": lambda r: repr(r.choice((1, -1)) * 10.0 ** r.uniform(-45, 40)),
    "bits": lambda r: repr(struct.unpack("<d", struct.pack("<Q", r.getrandbits(64)))[0]),
    "noise": lambda r: repr(sum(r.choice((.1, .2, .3, -.1)) for _ in range(9)) - .5),
    "power": lambda r: "%se%d" % (r.choice(["1", "-1", "2.5", "9.99", ".5", "7."]),
                                  r.randrange(-42, 42)),
    "expand": lambda r: format(__import__("decimal").Decimal(
        10.0 ** r.uniform(-20, 20)), "f"),
    "huge": lambda r: r.choice(["1e400", "1e-400", "0e999999999", "1e99999999999999999999",
                                "-1e-99999999999999999999", "9" * 38 + ".4", "9" * 38 + ".5",
                                "9" * 38, "-" + "9" * 38, "0." + "9" * 38, "0." + "9" * 39]),
    "no": lambda r: r.choice(["abc", "1,5", "0x1f", "1_000", "e5", ".", "-", "+-1", "1e",
                              "--1", "inf", "nan", "1.2.3", " 1", "1 "]),
}
PROFILES = [["small"], ["money"], ["small", "money"], ["whole"], ["decimal"], ["tiny"],
            ["double"], ["noise", "money"], ["small", "tiny"], ["edge"], ["edges", "edge"],
            ["float", "double"], ["tie", "long"], ["small", "whole"], ["power"], ["bits"],
            ["power", "tiny", "whole"], ["expand"], ["no", "money", "huge"], list(NUMERALS),
            list(NUMERALS)]


def dressed(rng, text):
    """Signs and zeros that mean nothing."""
    if text[:1].isdigit() and rng.random() < .3:
        text = rng.choice(["-", "-", "+", "0", "00", "-0", "+000"]) + text
    if "e" not in text and "." in text and rng.random() < .1:
        text += rng.choice(["0", "000", "0" * 40])
    if "e" in text and rng.random() < .2:
        text = text.replace("e", "E")
    return text


class Column:
    """Numerals of a few kinds, with runs, repeats and NULLs."""

    def __init__(self, rng):
        self.rng, self.kinds = rng, rng.choice(PROFILES)
        self.nulls = rng.choice([0, 0, .1, .5])
        self.again = rng.choice([0, .3, .9])
        self.odd = rng.choice([0, 0, .02])
        self.seen = []

    def cell(self):
        r = self.rng
        if r.random() < self.nulls:
            return None
        if self.seen and r.random() < self.again:
            return r.choice(self.seen)
        kind = r.choice(DRAWN if r.random() < self.odd else self.kinds)
        text = NUMERALS[kind](r)
        text = text if kind == "no" else dressed(r, text)
        self.seen = self.seen[-20:] + ['"%s"' % text if "," in text else text]
        return self.seen[-1]


DRAWN = list(NUMERALS)


def only(kinds):
    """Draw numerals of these kinds alone."""
    DRAWN[:] = kinds
    PROFILES[:] = [kinds]
    KEYS[:] = [k for k in KEYS if len(k) < 5]


KEYS = ["1", "1.0", "+1", "001", "1e0", "10e-1", "-0", "0", "0.0", "1e30", "1e-30", "2",
        "1000000000000000000000000000000", "0.000000000000000000000000000001", "1e38", "-1",
        "1.00000000000000000000000000000000000001", "100000000000000000000000000000.5"]
TEXTS = ["a", "b", "c", "A", "", "z z"]


# No times, too far out, and one whose minute began too early.
TIMES = [None, "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1e400",
         "1677-09-21T00:12:43.5Z"]


class Table:
    """Lines of CSV, and the rows they mean."""

    def __init__(self, rng, n):
        cols = {c: Column(rng) for c in "ivwt"}
        keys = rng.sample(KEYS, rng.randrange(1, 6))
        names = rng.sample(TEXTS, rng.randrange(1, 4))
        self.lines, self.rows = [], []
        self.columns = cols
        for at in range(n):
            k = rng.choice(names) if rng.random() > .1 else None
            cell = {c: cols[c].cell() for c in cols}
            cell["k"] = '""' if k == "" else k
            cell["g"] = rng.choice(keys) if rng.random() > .1 else None
            sec = at // 3 % 50
            cell["ts"] = "2026-01-01T00:%02d:%02dZ" % (at // 150 % 60, sec) if (
                rng.random() > .05) else rng.choice(TIMES)
            self.lines.append(",".join(cell[c.split()[0]] or "" for c in COLUMNS) + "\n")
            row = {c: None if cell[c] is None else N.read(cell[c].strip('"')) for c in "givw"}
            row.update({c + "?": cell[c] for c in "ivw"}, k=k, at=at)
            row["t"] = None if cell["t"] is None else cell["t"].strip('"')
            row["ts"] = cell["ts"] if cell["ts"] and cell["ts"][:4] == "2026" else None
            self.rows.append(row)

    header = ",".join(c.split()[0] for c in COLUMNS) + "\n"
    schema = "".join(c + "\n" for c in COLUMNS)


# ----------------------------------------------------------------- expressions

def order(v):
    """Among values of one type, NULL last; texts by their bytes."""
    return (v is None, 0 if v is None else v.encode() if isinstance(v, str) else v)


def best(values, sign):
    values = [v for v in values if v is not None]
    return (min if sign < 0 else max)(values) if values else None


def compared(op, a, b):
    if a is None or b is None:
        return None
    return {"=": a == b, "<>": a != b, "<": a < b, "<=": a <= b, ">": a > b,
            ">=": a >= b}[op]


def conj(a, b):
    return False if a is False or b is False else None if a is None or b is None else True


def neg(a):
    return None if a is None else not a


def minute(row):
    return row["ts"] and row["ts"][:17] + "00Z"


class Sql:
    """MOST: how deep expressions are at most."""

    def __init__(self, rng, table, most=9):
        self.rng, self.table, self.most = rng, table, most

    def pick(self, *options):
        return self.rng.choice(options)

    def number(self):
        """A constant, mostly near what the columns hold."""
        r = self.rng
        while True:
            text = (r.choice(list(self.table.columns.values())[:3]).cell() if r.random() < .5
                    else NUMERALS[r.choice(["small", "money"] if len(DRAWN) < 3 else
                                           ["small", "power", "decimal", "edges"])](r))
            text = (text or "1").strip('"').lstrip("+")
            v = N.read(text)
            if v is not None:  # else it is refused
                if r.random() < .7 or len(text) > 36 or "e-" in text.lower():
                    text = N.shown(v)
                return "(%s)" % text if text[0] == "-" else text, lambda row, v=v: v

    def num(self, deep):
        r, deep = self.rng, min(deep, self.most)
        if deep <= 0 or r.random() < .15:
            if r.random() < .2:
                return self.number()
            c = self.pick("i", "v", "w", "v", "w", "g")
            return c, lambda row: row[c]
        a, b = self.num(deep - 1), self.num(deep - 1)
        if r.random() < .5:
            op, f = self.pick(("+", N.plus), ("-", N.minus), ("*", N.times), ("*", N.times),
                              ("%", N.rest), ("//", N.whole), ("/", N.over))
            return "(%s %s %s)" % (a[0], op, b[0]), lambda row: f(a[1](row), b[1](row))
        return self.pick(self.one, self.one, self.rounding, self.several, self.case,
                         self.cast)(deep, a, b)

    def one(self, deep, a, b):
        name, f = self.pick(("abs(%s)", N.magnitude_of), ("sign(%s)", N.sign),
                            ("(- %s)", N.negated), ("floor(%s)", N.floor),
                            ("ceil(%s)", N.ceil), ("trunc(%s)", N.trunc),
                            ("round(%s)", N.away), ("cast(%s as bigint)", N.away),
                            ("cast(%s as double)", lambda x: x),
                            ("cast(%s as decimal)", lambda x: x))
        return name % a[0], lambda row: f(a[1](row))

    def rounding(self, deep, a, b):
        d = self.rng.randrange(-40, 41) if self.rng.random() < .4 else self.rng.randrange(4)
        if self.rng.random() < .5 and 0 <= d <= 38:
            return "cast(%s as decimal(38, %d))" % (a[0], d), lambda row: N.away(a[1](row), d)
        return "round(%s, %d)" % (a[0], d), lambda row: N.away(a[1](row), d)

    def several(self, deep, a, b):
        name, f = self.pick(
            ("coalesce", lambda x, y: y if x is None else x),
            ("nullif", lambda x, y: None if x == y else x),
            ("greatest", lambda x, y: best((x, y), 1)),
            ("least", lambda x, y: best((x, y), -1)))
        return "%s(%s, %s)" % (name, a[0], b[0]), lambda row: f(a[1](row), b[1](row))

    def case(self, deep, a, b):
        c = self.truth(deep - 1)
        if self.rng.random() < .3:
            x, y = self.num(0), self.num(0)
            return "case %s when %s then %s end" % (x[0], y[0], a[0]), lambda row: (
                a[1](row) if compared("=", x[1](row), y[1](row)) else None)
        return "case when %s then %s else %s end" % (c[0], a[0], b[0]), lambda row: (
            a[1](row) if c[1](row) else b[1](row))

    def cast(self, deep, a, b):
        if self.rng.random() < .5:
            return "try_cast(t as decimal)", lambda row: (
                None if row["t"] is None else N.read(row["t"].strip(" ")))
        text = N.strict(N.shown)
        return "length(cast(%s as varchar))" % a[0], lambda row: (
            None if a[1](row) is None else Fraction(len(text(a[1](row)))))

    def truth(self, deep):
        deep = min(deep, self.most)
        if deep > 0 and self.rng.random() < .3:
            a, b = self.truth(deep - 1), self.truth(deep - 1)
            return self.pick(
                lambda: ("(%s and %s)" % (a[0], b[0]), lambda r: conj(a[1](r), b[1](r))),
                lambda: ("(%s or %s)" % (a[0], b[0]),
                         lambda r: neg(conj(neg(a[1](r)), neg(b[1](r))))),
                lambda: ("(not %s)" % a[0], lambda r: neg(a[1](r))))()
        a, b, c = self.num(deep - 1), self.num(deep - 1), self.num(0)
        lo, hi = self.number(), self.number()
        op = self.pick("=", "<>", "<", "<=", ">", ">=")
        x, y, z = a[1], b[1], c[1]
        return self.pick(
            lambda: ("(%s %s %s)" % (a[0], op, b[0]), lambda r: compared(op, x(r), y(r))),
            lambda: ("(%s %s %s)" % (c[0], op, lo[0]), lambda r: compared(op, z(r), lo[1](r))),
            lambda: ("(%s is distinct from %s)" % (a[0], b[0]), lambda r: x(r) != y(r)),
            lambda: ("(%s is null)" % a[0], lambda r: x(r) is None),
            lambda: ("(%s between %s and %s)" % (c[0], lo[0], hi[0]), lambda r: conj(
                compared(">=", z(r), lo[1](r)), compared("<=", z(r), hi[1](r)))),
            lambda: ("(%s in (%s, %s))" % (c[0], lo[0], b[0]), lambda r: neg(conj(
                compared("<>", z(r), lo[1](r)), compared("<>", z(r), y(r))))),
            lambda: ("(%s not in (%s, %s))" % (c[0], lo[0], hi[0]), lambda r: conj(
                compared("<>", z(r), lo[1](r)), compared("<>", z(r), hi[1](r)))))()

    # -------------------------------------------------------------- aggregates

    def agg(self, deep):
        a, b = self.num(deep), self.num(deep - 1)
        if self.rng.random() < .4:
            a = self.num(0)
        x, y = a[1], b[1]
        there = lambda rows: [v for v in map(x, rows) if v is not None]
        pairs = lambda rows: [(y(r), x(r)) for r in rows if None not in (y(r), x(r))]
        q = self.pick("0", "0.5", "0.9", "0.99", "1")
        text, f, how = self.pick(
            ("count(*)", lambda rows: Fraction(len(rows)), "exact"),
            ("count(%s)" % a[0], lambda rows: Fraction(len(there(rows))), "exact"),
            ("count(distinct %s)" % a[0],
             lambda rows: Fraction(len(set(there(rows)))), "exact"),
            *[("sum(%s)" % a[0], lambda rows: N.rounded(sum(there(rows))) if there(rows)
               else None, "exact")] * 4,
            *[("avg(%s)" % a[0], lambda rows: (
                sum(there(rows)), Fraction(len(there(rows)))), "mean")] * 2,
            ("min(%s)" % a[0], lambda rows: best(there(rows), -1), "exact"),
            ("max(%s)" % a[0], lambda rows: best(there(rows), 1), "exact"),
            ("arg_min(%s, %s)" % (a[0], b[0]),
             lambda rows: min(pairs(rows), default=(0, None))[1], "exact"),
            ("arg_max(%s, %s)" % (a[0], b[0]), lambda rows: min(
                ((-p, v) for p, v in pairs(rows)), default=(0, None))[1], "exact"),
            ("first(%s)" % a[0], lambda rows: x(rows[0]) if rows else None, "exact"),
            ("last(%s)" % a[0], lambda rows: x(rows[-1]) if rows else None, "exact"),
            ("any_value(%s)" % a[0], lambda rows: (there(rows) + [None])[0], "exact"),
            ("approx_count_distinct(%s)" % a[0], lambda rows: len(set(there(rows))), "about"),
            ("approx_quantile(%s, %s)" % (a[0], q), lambda rows: (
                (lambda s: s and s[math.floor(Fraction(q) * (len(s) - 1))])(
                    sorted(there(rows)))), "rank"))
        if self.rng.random() < .25:
            c = self.truth(1)
            return text + " filter (where %s)" % c[0], lambda rows: f(
                [r for r in rows if c[1](r)]), how
        return text, f, how

    def key(self):
        c = self.pick("k", "k", "g", "g", "v", "minute")
        if c == "minute":
            return "date_trunc('minute', ts)", minute
        if c != "v":
            return c, lambda r: r[c]
        return self.num(self.rng.randrange(2))
