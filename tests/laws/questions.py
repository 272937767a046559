"""questions.py - random questions, what they mean in Fractions, and whether an answer is that
"""
from fractions import Fraction

import draw
import numbers_of_lam as N


class Broken(Exception):
    pass


class Question:
    """SQL with {T} for its source, and what it means: want(rows) gives lines of cells."""

    def __init__(self, sql, how, want):
        self.sql, self.how, self.meant, self.memo = sql, how, want, {}

    def want(self, rows):
        """Of the first records of the table, however many ROWS are."""
        if len(rows) not in self.memo:
            self.memo[len(rows)] = self.meant(rows)
        return self.memo[len(rows)]

    def on(self, source):
        return self.sql.replace("{T}", source)


def raw(sql):
    r = sql.rng
    cells = [sql.num(r.randrange(1, 4)) if r.random() < .7 else sql.truth(2)
             for _ in range(r.randrange(1, 4))]
    cond, by = sql.truth(2) if r.random() < .5 else None, sql.num(r.randrange(2))
    text = "select %s from {T}" % ", ".join(
        "%s as c%d" % (c[0], i) for i, c in enumerate(cells))
    # a field named alone prints the bytes that came in, a constant is no order
    text = text.replace("select ", "select at_, ", 1).replace("at_", "k")
    down, limit = r.random() < .3, r.choice([None, None, 3])
    ordered = r.random() < .6
    if cond:
        text += " where " + cond[0]
    if ordered:
        text += " order by %s%s" % (by[0] + " + 0", " desc" if down else "")
    if limit is not None:
        text += " limit %d" % limit

    def want(rows):
        rows = [x for x in rows if not cond or cond[1](x)]
        if ordered:
            rows = arranged(rows, lambda x: by[1](x), down)
        return [[x["k"]] + [c[1](x) for c in cells] for x in rows[:limit]]
    for i, c in enumerate(cells):
        if c[0] in "givw":
            cells[i] = c
            text = text.replace("%s as c%d" % (c[0], i), "%s + 0 as c%d" % (c[0], i), 1)
    return Question(text, ["exact"] * (len(cells) + 1), want)


def arranged(rows, of, down):
    """In the order of a value, NULL last in both directions; equals stay as they are."""
    some = sorted((x for x in rows if of(x) is not None), key=of, reverse=False)
    if down:
        some = sorted((x for x in rows if of(x) is not None), key=of, reverse=True)
    return some + [x for x in rows if of(x) is None]


def distinct(sql):
    cells = [sql.num(1) for _ in range(sql.rng.randrange(1, 3))]
    text = "select distinct %s from {T} order by %s" % (
        ", ".join("%s as c%d" % (c[0], i) for i, c in enumerate(cells)),
        ", ".join("c%d" % i for i in range(len(cells))))
    return Question(text, ["exact"] * len(cells), lambda rows: [list(t) for t in sorted(
        {tuple(c[1](x) for c in cells) for x in rows}, key=lambda t: [*map(draw.order, t)])])


class View:
    """A grouping: keys, aggregates, condition."""

    @staticmethod
    def drawn(sql):
        r = sql.rng
        return View([sql.key() for _ in range(r.choice([0, 1, 1, 1, 2]))],
                    [sql.agg(r.randrange(3)) for _ in range(r.randrange(1, 6))],
                    sql.truth(2) if r.random() < .3 else None)

    def __init__(self, keys, aggs, cond=None):
        self.keys, self.aggs, self.cond = keys, aggs, cond
        self.names = ["k%d" % i for i in range(len(self.keys))]
        self.sql = "select %s from {T}%s%s" % (", ".join(
            ["%s as k%d" % (k[0], i) for i, k in enumerate(self.keys)] +
            ["%s as a%d" % (a[0], i) for i, a in enumerate(self.aggs)]),
            " where " + self.cond[0] if self.cond else "",
            " group by " + ", ".join(self.names) if self.keys else "")
        self.how = ["exact"] * len(self.keys) + [a[2] for a in self.aggs]
        measures = ["a%d" % i for i in range(len(self.aggs))]
        n = len(self.keys)
        self.all = self.asked(n, self.sql)
        # on the view: its rows, and rolled up to its first key
        self.rows = Question("select %s from {T}" % ", ".join(self.names + measures), self.how,
                             self.all.want)
        self.rolled = self.asked(min(n, 1), "select %s from {T}%s" % (
            ", ".join(self.names[:1] + measures), " group by k0" if n else ""))
        self.places = any(a[0].startswith(("first", "last", "any")) for a in self.aggs)

    def groups(self, rows, n):
        """(key, rows) by the first N keys, in order."""
        by = {}
        for x in rows:
            if not self.cond or self.cond[1](x):
                by.setdefault(tuple(k[1](x) for k in self.keys[:n]), []).append(x)
        if n == 0:
            by.setdefault((), [])
        return sorted(by.items(), key=lambda g: [*map(draw.order, g[0])])

    def asked(self, n, select):
        """By the first N keys; SELECT is the query."""
        return Question(select, self.how[:n] + self.how[len(self.keys):], lambda rows: [
            [*key] + [a[1](part) for a in self.aggs] for key, part in self.groups(rows, n)])


def grouped(sql):
    """With HAVING and ORDER BY a measure."""
    v = View.drawn(sql)
    q, r = v.all, sql.rng
    sums = [i for i, h in enumerate(q.how) if h == "exact" and i >= len(v.keys)]
    if not sums or not v.keys:
        return q
    at, down, (text, value) = r.choice(sums), r.random() < .5, sql.number()
    op = r.choice(["<", ">", "<>", ">="])
    having = " having %s %s %s" % (v.aggs[at - len(v.keys)][0], op, text) if (
        r.random() < .5) else ""
    return Question(
        q.sql + having + " order by a%d%s" % (at - len(v.keys), " desc" if down else ""),
        q.how, lambda rows: arranged(
            [x for x in q.want(rows) if not having or draw.compared(op, x[at], value(None))],
            lambda x: x[at], down))


# --------------------------------------------------------------------- compare

def cell(v):
    return ("" if v is None else ("true" if v else "false") if isinstance(v, bool) else
            (v or '""') if isinstance(v, str) else N.shown(v))


def number(text):
    return None if text == "" else Fraction(text)


def fits(got, v, how):
    if how == "exact":
        return got == cell(v)
    if how == "mean":
        return got == cell(N.over(*v)) and (
            v[1] == 0 or N.near_quotient(number(got), v[0] / v[1]))
    if how == "about":
        return abs(int(got) - v) <= max(1, v * .08)
    if v is None or v == []:
        return got == ""
    return got != "" and abs(number(got) - v) <= abs(v) * Fraction(8, 1000)


def check(question, text, rows, what):
    want = question.want(rows)
    lines = text.split("\n")[1:-1]
    if len(lines) != len(want):
        raise Broken("%s: %d rows, want %d\n%s\n%s" % (what, len(lines), len(want), text[:500],
                                                     [[*map(cell_any, w)] for w in want[:9]]))
    for at, (line, row) in enumerate(zip(lines, want)):
        for col, (a, v, how) in enumerate(zip(line.split(","), row, question.how)):
            if not fits(a, v, how):
                raise Broken("%s: row %d, column %d (%s):\n  got  %s\n  want %s" % (
                    what, at, col, how, a, cell_any(v)))


def cell_any(v):
    """For a message."""
    return cell(N.over(*v)) if isinstance(v, tuple) else (
        cell(Fraction(v)) if type(v) is int else cell(v))


def same(a, b, what):
    if a == b:
        return
    x, y = (t if isinstance(t, list) else t.split("\n" if isinstance(t, str) else b"\n")
            for t in (a, b))
    at = next((i for i, p in enumerate(zip(x, y)) if p[0] != p[1]), min(len(x), len(y)))
    p, q = ((t[at] if at < len(t) else "nothing") for t in (x, y))
    col = next((i for i, c in enumerate(zip(p, q)) if c[0] != c[1]), min(len(p), len(q)))
    col = max(0, col - 60)
    raise Broken("%s: line %d, from byte %d\n  want %r\n  got  %r" % (
        what, at + 1, col, p[col:col + 160], q[col:col + 160]))
