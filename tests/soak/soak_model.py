"""soak_model.py - what soak.py knows without asking lam

The records of a run of lam-ingest follow from the number and the seed of the
run, so they need not be kept.  A View is one aggregation, told twice: as SQL for
lam, and as a fold in exact arithmetic here.  What a query prints is known to the
byte from the fold, but for the sketches, which have to be within their bounds.
"""
import bisect
import datetime
import random
from decimal import Decimal, getcontext

getcontext().prec = 60
HEAD = ["run", "i", "ts", "host", "status", "bytes", "latency", "note"]
EXTRA = 4  # fields x1 ... that a run may bring
NOTES = ["", '""', "n1", "n2", "n3", '"say ""2"", ok"', '"two\nlines"',
         "\u00e4", "it's", " x "]


class Run:
    """One run of lam-ingest: its records, and what became of it."""

    def __init__(self, number, stream, seed, n, extra=0, bad=0):
        self.number, self.stream, self.seed = number, stream, seed
        self.n, self.extra, self.bad = n, extra, bad
        self.acknowledged = False

    def header(self):
        head = list(HEAD)
        if self.extra:
            head.append("x%d" % self.extra)
        return ",".join(head) + "\n"

    def rows(self):
        """The text of each record, without its end of line."""
        rng = random.Random(self.seed)
        pick, below = rng.choice, rng.randrange
        for i in range(self.n):
            t = below(1800)
            row = "%d,%d,2026-01-01T00:%02d:%02dZ,h%d,%d,%s,%s,%s" % (
                self.number, i, t // 60, t % 60, below(6),
                pick((200, 200, 200, 404, 500, 503)),
                below(5200) - 200 if below(10) else "",
                "%.*f" % (below(4), below(30000) / 1000) if below(20) else "",
                pick(NOTES))
            yield row + (",%d" % below(9) if self.extra else "")

    def rejects(self):
        return ["bad %d-%d" % (self.number, j) for j in range(self.bad)]

    def lines(self):
        """What lam-ingest reads: the header, records, and lines that are none."""
        yield self.header()
        bad, every = self.rejects(), self.n // (self.bad + 1) + 1
        for i, row in enumerate(self.rows()):
            yield row + "\n"
            if bad and i % every == every - 1:
                yield bad.pop() + "\n"
        for b in bad:
            yield b + "\n"

    def row_in(self, row, fields):
        """ROW as a stream with FIELDS gives it back: what it lacks is NULL."""
        if not self.extra:
            return row + "," * (len(fields) - len(HEAD))
        row, x = row.rsplit(",", 1)
        return row + "".join("," + (x if f == "x%d" % self.extra else "")
                             for f in fields[len(HEAD):])


class Record:
    """The values of a record: text, numbers, None for NULL."""

    __slots__ = ("run", "i", "ts", "host", "status", "bytes", "latency",
                 "note")

    def __init__(self, row):
        run, i, self.ts, self.host, status, size, latency, note = \
            row.split(",", 7)
        if note.startswith('"'):
            end = note.rfind('"')
            self.note = note[1:end].replace('""', '"')
        else:
            self.note = note.split(",", 1)[0] or None
        self.run, self.i, self.status = int(run), int(i), int(status)
        self.bytes = int(size) if size else None
        self.latency = Decimal(latency) if latency else None


def number(x):
    """A number as lam prints it."""
    if x is None or isinstance(x, int):
        return "" if x is None else str(x)
    s = format(x, "f")
    return (s.rstrip("0").rstrip(".") if "." in s else s) or "0"


def quotient(x, n):
    """lam-view(5): 12 decimals, or what shows 17 digits; half to even."""
    q = Decimal(x) / n
    return q and q.quantize(Decimal(1).scaleb(min(-12, q.adjusted() - 16)))


def cell(x):
    if not isinstance(x, str):
        return number(x)
    if x == "" or any(c in x for c in ',"\n\r'):
        return '"' + x.replace('"', '""') + '"'
    return x


def order(x):
    """For sorting: NULL last, text by bytes."""
    return (x is None, x.encode() if isinstance(x, str) else x or 0)


# ------------------------------------------------------------------ aggregates
#
# Each: add(value) for what passes the filter; result(); merging is not needed,
# as every grouping is folded from the records.

class Count:
    def __init__(self):
        self.n = 0

    def add(self, x):
        self.n += x is not None

    def result(self):
        return self.n


class Sum:
    def __init__(self):
        self.total = None

    def add(self, x):
        if x is not None:
            self.total = x if self.total is None else self.total + x

    def result(self):
        return self.total


class Avg(Sum):
    def __init__(self):
        Sum.__init__(self)
        self.n = 0

    def add(self, x):
        Sum.add(self, x)
        self.n += x is not None

    def result(self):
        return None if not self.n else quotient(self.total, self.n)


class Best:
    """min, max; and arg_min, arg_max of (by, x) pairs."""

    def __init__(self, sign, arg=False):
        self.sign, self.arg, self.best = sign, arg, None

    def add(self, x):
        if x is None or (self.arg and (x[0] is None or x[1] is None)):
            return
        b = self.best
        if b is None:
            self.best = x
        elif not self.arg:
            if (order(x) < order(b)) == (self.sign < 0) and x != b:
                self.best = x
        elif x[0] == b[0]:  # among equals the least
            self.best = min(b, x, key=lambda p: order(p[1]))
        elif (x[0] < b[0]) == (self.sign < 0):
            self.best = x

    def result(self):
        return self.best[1] if self.arg and self.best else self.best


class Place:
    """first and last, NULLs included."""

    def __init__(self, last):
        self.last, self.any, self.x = last, False, None

    def add(self, x):
        if self.last or not self.any:
            self.x = x
        self.any = True

    def result(self):
        return self.x


class Distinct:
    def __init__(self):
        self.seen = set()

    def add(self, x):
        if x is not None:
            self.seen.add(x)

    def result(self):
        return len(self.seen)


class About(Distinct):
    """approx_count_distinct: within six standard errors of 1.6 %."""
    def near(self, got):
        n = len(self.seen)
        return abs(int(got) - n) <= max(2, n * 6 * 0.016)


class Quantile:
    """approx_quantile: within 0.8 % of a value next to the rank."""

    def __init__(self, q):
        self.q, self.sorted = q, []

    def add(self, x):
        if x is not None:
            bisect.insort(self.sorted, x)

    def near(self, got):
        s = self.sorted
        if not s:
            return got == ""
        at = self.q * (len(s) - 1)
        lo, hi = s[max(0, int(at) - 1)], s[min(len(s) - 1, int(at) + 2)]
        return float(lo) * .9919 <= float(got) <= float(hi) * 1.0081


# ---------------------------------------------------------------------- views

class Agg:
    def __init__(self, name, sql, make, arg, where=None):
        self.name, self.sql, self.make, self.arg = name, sql, make, arg
        self.where = where
        self.sketch = hasattr(make(), "near")


class View:
    def __init__(self, name, stream, keys, aggs, where="", keep=None):
        self.name, self.stream, self.aggs = name, stream, aggs
        self.keys, self.where, self.keep = keys, where, keep

    def sql(self, keys=None, more=""):
        """The view, grouped by KEYS of its own (all of them), over the log."""
        keys = self.keys if keys is None else keys
        cond = " and ".join(c for c in (self.where, more) if c)
        s = "select " + ", ".join(
            ["%s as %s" % (k[1], k[0]) for k in keys] +
            ["%s as %s" % (a.sql, a.name) for a in self.aggs])
        s += " from " + self.stream
        if cond:
            s += " where " + cond
        if keys:
            s += " group by " + ", ".join(k[0] for k in keys)
        return s


def make_views():
    one = lambda r: 1
    f = lambda name: lambda r: getattr(r, name)
    pair = lambda x, by: lambda r: (getattr(r, by), getattr(r, x))
    low, high = (lambda: Best(-1)), (lambda: Best(1))
    count = Agg("n", "count(*)", Count, one)
    minute = ("minute", "date_trunc('minute', ts)",
              lambda r: r.ts[:17] + "00Z")
    five = ("w", "time_bucket(interval '5 minutes', ts)",
            lambda r: r.ts[:14] + "%02d:00Z" % (int(r.ts[14:16]) // 5 * 5))
    status = ("status", "status", f("status"))
    host = ("host", "host", f("host"))
    note = ("note", "note", f("note"))
    return [
        View("every", "app", [minute, status], [
            count, Agg("nb", "count(bytes)", Count, f("bytes")),
            Agg("total", "sum(bytes)", Sum, f("bytes")),
            Agg("busy", "sum(latency)", Sum, f("latency")),
            Agg("mean", "avg(latency)", Avg, f("latency")),
            Agg("lo", "min(bytes)", low, f("bytes")),
            Agg("hi", "max(bytes)", high, f("bytes")),
            Agg("least", "min(note)", low, f("note")),
            Agg("latest", "max(ts)", high, f("ts")),
            Agg("hosts", "count(distinct host)", Distinct, f("host")),
            Agg("fastest", "arg_min(note, latency)", lambda: Best(-1, True),
                pair("note", "latency")),
            Agg("biggest", "arg_max(host, bytes)", lambda: Best(1, True),
                pair("host", "bytes")),
            Agg("opening", "first(note)", lambda: Place(False), f("note")),
            Agg("closing", "last(host)", lambda: Place(True), f("host")),
            Agg("errors", "count(*) filter (where status >= 500)", Count, one,
                lambda r: r.status >= 500),
            Agg("quiet", "sum(bytes) filter (where note is null)", Sum,
                f("bytes"), lambda r: r.note is None),
            Agg("big", "count_if(bytes > 1000)", Count,
                lambda r: 1 if r.bytes and r.bytes > 1000 else None)]),
        View("notes", "app", [note, host], [
            count, Agg("mean", "avg(bytes)", Avg, f("bytes"))],
            "host <> 'h0'", lambda r: r.host != "h0"),
        View("about", "app", [status], [
            count, Agg("runs", "approx_count_distinct(run)", About, f("run")),
            Agg("p50", "approx_quantile(latency, 0.5)",
                lambda: Quantile(.5), f("latency")),
            Agg("p99", "approx_quantile(latency, 0.99)",
                lambda: Quantile(.99), f("latency"))]),
        View("byrun", "web", [("run", "run", f("run"))], [
            count, Agg("s", "sum(i)", Sum, f("i")),
            Agg("first_i", "first(i)", lambda: Place(False), f("i")),
            Agg("last_i", "last(i)", lambda: Place(True), f("i"))]),
        View("whole", "web", [], [
            count, Agg("busy", "sum(latency)", Sum, f("latency")),
            Agg("closing", "last(note)", lambda: Place(True), f("note")),
            Agg("notes", "count(distinct note)", Distinct, f("note"))]),
        View("five", "ev", [five], [
            count, Agg("runs", "approx_count_distinct(run)", About, f("run")),
            Agg("p90", "approx_quantile(latency, 0.9)",
                lambda: Quantile(.9), f("latency"))]),
        View("bad", "ev", [host], [
            count, Agg("b", "sum(bytes)", Sum, f("bytes")),
            Agg("slow", "max(latency)", high, f("latency"))],
            "status >= 404", lambda r: r.status >= 404),
    ]


class Query:
    """A question on a view, and the same of the log alone."""

    def __init__(self, view, keys=None, point=None):
        self.view, self.point = view, point
        self.keys = view.keys if keys is None else \
            [k for k in view.keys if k[0] in keys]
        more = "%s = %d" % (view.keys[0][0], point) if point is not None else ""
        self.direct = view.sql(self.keys, more)
        if keys is None:
            self.sql = "select * from " + view.name
        else:
            self.sql = "select %s from %s" % (", ".join(
                [k[0] for k in self.keys] + [a.name for a in view.aggs]),
                view.name)
            if self.keys:
                self.sql += " group by " + ", ".join(k[0] for k in self.keys)
        if more:
            self.sql += " where " + more
        self.fold = (view.name, tuple(k[0] for k in self.keys))


class Fold:
    """The answer of a query over the records added so far."""

    def __init__(self, view, keys):
        self.view, self.keys, self.group = view, keys, {}
        if not keys:
            self.group[()] = [a.make() for a in view.aggs]

    def add(self, r):
        v = self.view
        if v.keep and not v.keep(r):
            return
        key = tuple(k[2](r) for k in self.keys)
        g = self.group.get(key)
        if g is None:
            g = self.group[key] = [a.make() for a in v.aggs]
        for a, state in zip(v.aggs, g):
            if a.where is None or a.where(r):
                state.add(a.arg(r))

    def wrong(self, answer, point=None):
        """What is wrong with the CSV ANSWER; None: nothing."""
        v = self.view
        keys = sorted(self.group, key=lambda k: [order(x) for x in k])
        if point is not None:
            keys = [k for k in keys if k[0] == point]
        sketches = [i for i, a in enumerate(v.aggs) if a.sketch]
        head = ",".join([k[0] for k in self.keys] + [a.name for a in v.aggs])
        want = [head] + [",".join(
            [cell(x) for x in k] + ["" if a.sketch else cell(s.result())
            for a, s in zip(v.aggs, self.group[k])]) for k in keys]
        if not sketches:
            got = "\n".join(want) + "\n"
            return None if got == answer else "want:\n" + got
        got = answer.splitlines()
        if len(got) != len(want) or got[0] != head:
            return "%d rows, want %d" % (len(got) - 1, len(want) - 1)
        for k, line, exact in zip(keys, got[1:], want[1:]):
            cells = line.split(",")
            for i in sketches:
                at = len(self.keys) + i
                if not self.group[k][i].near(cells[at]):
                    return "%s: %s is out of bounds" % (line, v.aggs[i].name)
                cells[at] = ""
            if ",".join(cells) != exact:
                return "got %s, want %s" % (line, exact)
        return None
