#!/usr/bin/env python3
"""suites.py - the queries of a suite, answered by lam and by another system

    suites.py [--peer sqlite3|duckdb] [--log FILE] [--query NAME] [-v] SUITE...

A suite is SUITE.sql, beside this file.  A query begins with a line

    -- NAME SET: what is asked

where SET is one of data.py's, or "log": the web server's log of --log.  Lines that begin
other texts of it may follow:

    -- refused: TEXT    lam refuses the query, and its message has TEXT
    -- write:           what is to be written instead, which is then compared
    -- sqlite3:         what sqlite3 is asked instead
    -- duckdb:          what DuckDB is asked instead

sqlite3 is given the functions that it lacks by Python, and a text in its dialect (see
SQLite.plain).  Rows are compared as a multiset, and by the columns of ORDER BY as they
come; numbers to 11 digits, times as instants.

Exit status: 0 all are the same, 1 some are not, 77 the peer is not here.
"""
import argparse
import collections
import csv
import datetime
import glob
import json
import math
import os
import re
import shutil
import sqlite3
import subprocess
import sys

sys.dont_write_bytecode = True
import data  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("LAM_BIN", os.path.join(HERE, "../../bin"))
PYTHON = os.path.join(HERE, "../../build/peers/bin/python")
ENV = dict(os.environ, LC_ALL="C", TZ="UTC")
PARTS = {"sqlite3", "duckdb", "refused", "write"}


class Refused(Exception):
    pass


def queries(suite):
    """(name, set, {part: text}) of each query of a suite; "" is what lam is asked."""
    with open(os.path.join(HERE, suite + ".sql")) as f:
        text = f.read()
    for m in re.finditer(r"^-- (\S+) (\w+): [^\n]*\n(.*?)(?=^-- \S+ \w+: |\Z)", text,
                         re.M | re.S):
        name, where, body = m.groups()
        part = re.split(r"^-- (%s):([^\n]*)\n" % "|".join(PARTS), body, flags=re.M)
        texts = {"": part[0].strip()}
        for key, rest, body in zip(part[1::3], part[2::3], part[3::3]):
            texts[key] = (rest if key == "refused" else body).strip()
        yield name, where, texts


# -------------------------------------------------------------------- times

def instant(v):
    if isinstance(v, str):
        v = datetime.datetime.fromisoformat(re.sub(r"(Z| ?[+-]00(:?00)?)$", "", v))
    return v


def text(t):
    return t.strftime("%Y-%m-%d %H:%M:%S") + (".%06d" % t.microsecond) * bool(t.microsecond)


def of_times(f):
    """A function of SQL of one that takes an instant last and gives any value."""
    def g(*args):
        if None in args:
            return None
        v = f(*args[:-1], instant(args[-1]))
        return text(v) if isinstance(v, datetime.datetime) else v
    return g


def date_trunc(unit, t):
    if unit == "week":
        t = t - datetime.timedelta(days=t.weekday())
    keep = {"year": 1, "month": 2, "week": 3, "day": 3, "hour": 4, "minute": 5, "second": 6}[unit]
    return datetime.datetime(*(t.timetuple()[:keep] + (1, 1, 1)[keep:]))


def date_part(unit, t):
    unit = unit.lower()
    return {"dow": t.isoweekday() % 7, "isodow": t.isoweekday(), "doy": t.timetuple().tm_yday,
            "epoch": (t - data.EPOCH).total_seconds(),
            "week": t.isocalendar()[1]}.get(unit) if unit in (
                "dow", "isodow", "doy", "epoch", "week") else getattr(t, unit)


def time_bucket(width, t):
    n, unit = re.fullmatch(r"(\d+) (\w+?)s?", width).groups()
    if unit in ("month", "year"):
        m = (t.year - 2000) * 12 + t.month - 1
        m -= m % (int(n) * (12 if unit == "year" else 1))
        return datetime.datetime(2000 + m // 12, m % 12 + 1, 1)
    n = int(n) * {"sec": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600, "day": 86400,
                  "week": 604800}[unit]
    origin = datetime.datetime(2000, 1, 3)  # a Monday
    return origin + (t - origin) // datetime.timedelta(seconds=n) * datetime.timedelta(seconds=n)


# --------------------------------------------------------------- aggregates

class Values:
    def __init__(self):
        self.of, self.more = [], []

    def step(self, v, *more):
        if v is not None:
            self.of.append(v)
            self.more = more


class Quantile(Values):
    def finalize(self):
        v, q = sorted(self.of), self.more[0] if self.more else .5
        if not v:
            return None
        at = q * (len(v) - 1)
        a, b = v[math.floor(at)], v[math.ceil(at)]
        return a + (b - a) * (at - math.floor(at)) if a != b else a


class QuantileDisc(Values):
    def finalize(self):
        v = sorted(self.of)
        return v[max(0, math.ceil(self.more[0] * len(v)) - 1)] if v else None


class Stddev(Values):
    def finalize(self):
        n = len(self.of)
        if n < 2:
            return None
        mean = math.fsum(self.of) / n
        return math.sqrt(math.fsum((x - mean) ** 2 for x in self.of) / (n - 1))


class Mode(Values):
    def finalize(self):
        n = collections.Counter(self.of)
        return min(n, key=lambda v: (-n[v], v)) if n else None


# -------------------------------------------------------------------- peers

def later(day, sign, n, unit):
    """A date and so many days, months or years."""
    n, day = int(sign + n), datetime.date.fromisoformat(day)
    if unit == "day":
        return day + datetime.timedelta(n)
    m = day.year * 12 + day.month - 1 + n * (12 if unit == "year" else 1)
    return day.replace(year=m // 12, month=m % 12 + 1)


class SQLite:
    def __init__(self, tables, where):
        self.db = db = sqlite3.connect(":memory:")
        db.execute("pragma case_sensitive_like = on")
        for f, n in (date_trunc, 2), (date_part, 2), (time_bucket, 2):
            db.create_function(f.__name__, n, of_times(f), deterministic=True)
        db.create_function("strftime", 2, lambda t, f: t and instant(t).strftime(f))
        for name, f in ("regexp_matches", lambda t, p: re.search(p, t) is not None), (
                "regexp_extract", lambda t, p, g: (re.search(p, t) or [""] * 9)[g]), (
                "split_part", lambda t, d, i: (t.split(d) + [""] * i)[i - 1]):
            db.create_function(name, -1, lambda *a, f=f: None if None in a else f(*a))
        for name, c in ("quantile_cont", Quantile), ("median", Quantile), (
                "quantile_disc", QuantileDisc), ("stddev", Stddev), ("mode", Mode):
            db.create_aggregate(name, -1 if c is not Stddev else 1, c)
        for t, (columns, rows) in tables.items():
            db.execute("create table %s(%s)" % (t, ", ".join(
                '"%s" %s' % (c, "numeric" if k == "number" else "text") for c, k in columns)))
            db.executemany("insert into %s values (%s)" % (t, ",".join("?" * len(columns))),
                           [[v if v != "" else None for v in r] for r in rows])

    @staticmethod
    def plain(sql):
        """The same in sqlite3's dialect."""
        def sub(pattern, by):
            nonlocal sql
            sql = re.sub(pattern, by, sql, flags=re.I)
        sub(r"\bdate '([\d-]+)' ([-+]) interval '(\d+)' (\w+)", lambda m: "'%s'" % later(*m.groups()))
        sub(r"\b(timestamp|date|interval) '", "'")
        sub(r"'[^']*'|//?", lambda m: {"/": "* 1.0 /", "//": "/"}.get(m[0], m[0]))
        for _ in range(3):
            sub(r"\bcast\(([^()]*(?:\([^()]*\))?) as date\)", r"date_trunc('day', \1)")
            sub(r"\bextract\((\w+) from ", r"date_part('\1', ")
            sub(r"\bsubstring\(([^()]*) from ([^()]*?)( for ([^()]*))?\)",
                lambda m: "substr(%s, %s%s)" % (m[1], m[2], ", " + m[4] if m[4] else ""))
            sub(r"\bposition\(('[^']*') in (\w+\([^()]*\)|\w+)\)", r"instr(\2, \1)")
            sub(r"([\w.]+|\([^()]*\))::(\w+)", r"cast(\1 as \2)")
        sub(r"\bas (start|stop|driving)\b", r'as "\1"')
        return sql

    def ask(self, sql):
        try:
            at = self.db.execute(self.plain(sql.rstrip("; \n")))
            return [c[0] for c in at.description], [list(r) for r in at]
        except sqlite3.Error as e:
            raise Refused("%s\n%s" % (e, self.plain(sql)))


DUCKDB = """
import duckdb, json, sys
db = duckdb.connect()
db.execute("set timezone = 'UTC'; set order_by_non_integer_literal = true")
for line in sys.stdin:
    try:
        at = db.execute(json.loads(line))
        rows = [[str(c[0]) for c in at.description or []], at.fetchall()]
    except Exception as e:
        rows = str(e)
    print(json.dumps(rows, default=str), flush=True)
"""


class DuckDB:
    def __init__(self, tables, where):
        self.p = subprocess.Popen([PYTHON, "-c", DUCKDB], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, env=ENV, text=True)
        kinds = {"number": "double", "time": "timestamp", "text": "varchar"}
        for t, (columns, rows) in tables.items():
            whole = [all("." not in r[i] for r in rows) for i in range(len(columns))]
            self.ask("create table %s as select * from read_csv('%s/%s.csv', header = true, "
                     "quote = '\"', escape = '\"', columns = {%s})" % (t, where, t, ", ".join(
                         "'%s': '%s'" % (c, "bigint" if k == "number" and w else kinds[k])
                         for (c, k), w in zip(columns, whole))))

    def ask(self, sql):
        self.p.stdin.write(json.dumps(sql) + "\n")
        self.p.stdin.flush()
        answer = json.loads(self.p.stdout.readline())
        if isinstance(answer, str):
            raise Refused(answer)
        return answer


PEERS = {"sqlite3": SQLite, "duckdb": DuckDB}


# ---------------------------------------------------------------------- lam

def lam(where, sql):
    """(columns, rows, message)"""
    p = subprocess.run([BIN + "/lam-query", "-q", "-d", where + "/data", "-o", "json", sql],
                       env=ENV, capture_output=True)
    if p.returncode not in (0, 1):
        return [], None, p.stderr.decode()
    rows = json.loads(p.stdout or "[]", object_pairs_hook=list)
    return [k for k, _ in rows[0]] if rows else [], [[v for _, v in r] for r in rows], ""


def prepare(where, log):
    """The tables of a set, as CSV and as streams of a dataset."""
    lines, tables = (None, data.tables(where)) if where != "log" else data.requests_of(log)
    shutil.rmtree(where, ignore_errors=True)
    os.makedirs(where + "/data")
    for t, (columns, rows) in tables.items():
        with open("%s/%s.csv" % (where, t), "w", newline="") as f:
            out = csv.writer(f, lineterminator="\n")
            out.writerow(c for c, _ in columns)
            out.writerows(rows)
        with open("%s/%s.schema" % (where, t), "w") as f:
            f.writelines("%s %s\n" % c for c in columns)
        what = ["-f", "csv", "--schema", "%s/%s.schema" % (where, t), "%s/%s.csv" % (where, t)]
        if lines is not None:
            with open("lines", "w") as f:
                f.writelines(line + "\n" for line in lines)
            what = ["lines"]
        subprocess.run([BIN + "/lam-ingest", "-q", "-d", where + "/data", "-s", t, *what],
                       env=ENV, check=True)
    return tables


# ------------------------------------------------------------------ compare

SPAN = re.compile(r"(?:(\d+) days? ?)?(?:(\d+):(\d\d):(\d\d(?:\.\d+)?))?")


class Span(float):
    """Seconds of an interval, which has microseconds."""


def value(v):
    if isinstance(v, bool):
        return int(v)
    if isinstance(v, str) and v and SPAN.fullmatch(v):
        day, hour, minute, second = (float(x or 0) for x in SPAN.fullmatch(v).groups())
        return Span(((day * 24 + hour) * 60 + minute) * 60 + second)
    if isinstance(v, str) and re.match(r"\d{4}-\d\d-\d\d([ T]|$)", v):
        try:
            return text(instant(v))
        except ValueError:
            return v
    if isinstance(v, str) and re.fullmatch(r"-?\d+\.\d+", v):
        return float(v)  # a decimal of DuckDB
    if isinstance(v, str) and v[:1] + v[-1:] == "[]":
        try:
            v = json.loads(v)
        except ValueError:
            return v
    return tuple(map(value, v)) if isinstance(v, list) else v


def key(row):
    return [("0",) if v is None else ("1", "%.6e" % v) if isinstance(v, (int, float)) else
            ("2", str(v)) for v in row]


def near(a, b):
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(near, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        micros = isinstance(a, Span) or isinstance(b, Span)
        return math.isclose(a, b, rel_tol=1e-11, abs_tol=5e-7 if micros else 1e-12)
    return a == b


def order(sql, columns):
    """The places of the columns that the outermost ORDER BY names, as far as it does."""
    n = 1
    while n:
        sql, n = re.subn(r"\([^()]*\)", "", sql)
    m = re.search(r".*\border by\s+(.*?)(\blimit\b.*)?;?\s*$", sql, re.S | re.I)
    found, names = [], [c.lower() for c in columns]
    for item in m[1].split(",") if m else []:
        word = item.split()[0].split(".")[-1].lower()
        if word.isdigit():
            found.append(int(word) - 1)
        elif word in names:
            found.append(names.index(word))
        else:
            break
    return found


def differ(sql, ours, theirs):
    """None, or how the answers differ."""
    columns, a = ours[0], [list(map(value, r)) for r in ours[1]]
    b = [list(map(value, r)) for r in theirs[1]]
    if len(a) != len(b):
        return "%d rows, theirs %d" % (len(a), len(b))
    if not a:
        return "no rows: the query shows nothing"
    for i, (x, y) in enumerate(zip(sorted(a, key=key), sorted(b, key=key))):
        if not near(tuple(x), tuple(y)):
            return "row %d: %s, theirs %s" % (i, x, y)
    by = order(sql, columns)
    for i, (x, y) in enumerate(zip(a, b)):
        if not near(tuple(x[j] for j in by), tuple(y[j] for j in by)):
            return "row %d as they come: %s, theirs %s" % (i, x, y)
    return None


def verdict(peer, name, where, texts):
    """None, or what is wrong."""
    columns, rows, message = lam(where, texts[""])
    if "refused" in texts:
        if rows is not None:
            return "answered, but was to be refused"
        if texts["refused"] not in message:
            return "refused without %s: %s" % (texts["refused"], message)
        columns, rows, message = lam(where, texts["write"])
    if rows is None:
        return message
    sql = texts.get("write", texts[""])
    try:
        return differ(sql, (columns, rows), PEER.ask(texts.get(peer, sql)))
    except Refused as e:
        return "the peer refuses: %s" % e


def main():
    global PEER
    a = argparse.ArgumentParser()
    a.add_argument("--peer", default="sqlite3", choices=PEERS)
    a.add_argument("--log")
    a.add_argument("--query")
    a.add_argument("-v", action="store_true")
    a.add_argument("suite", nargs="+")
    a = a.parse_args()
    if a.peer == "duckdb" and not glob.glob(PYTHON):
        print("suites: skipped: no DuckDB; make bench-peers fetches it")
        return 77
    bad, peers = 0, {}
    for suite in a.suite:
        count = collections.Counter()
        for name, where, texts in queries(suite):
            if a.query not in (None, name):
                continue
            if where not in peers:
                peers[where] = PEERS[a.peer](prepare(where, a.log), where)
            PEER = peers[where]
            why = verdict(a.peer, name, where, texts)
            count["same" if why is None else "not"] += 1
            count["refused"] += why is None and "refused" in texts
            if why or a.v:
                print("%s %s: %s" % (suite, name, why or "the same"))
        print("%s: %d of %d the same as %s's%s" % (
            suite, count["same"], count["same"] + count["not"], a.peer,
            ", %d as the message says to write them" % count["refused"] if count["refused"]
            else ""))
        bad += count["not"]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
