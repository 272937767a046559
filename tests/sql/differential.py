#!/usr/bin/env python3
"""differential.py - random SQL of lam-view(5), answered by lam and by another system

    differential.py [--peer duckdb|sqlite3] [--seed N] [--tables N] [--queries N]
                    [--seconds N] [--shape NAME] [--keep DIR] [-v]

NAME: no other questions, and none of views: raw, grouped, windowed, related, lists ...

Every table has NULLs, empty and hostile texts, negative, decimal and large numbers,
and times out of order.  lam answers from a CSV file, from a stream of several blocks
(some --as-of a position), from views that are partly served, partly lam-speed's and
partly scanned, and from partials; the peer has the same rows by INSERT, and for a
query on a view the view's definitions in place of its names.

Rows are compared by type: times as instants, numbers as decimals, and those that
others compute in binary to 11 digits.  Numbers of unlike scale are bignums in DuckDB,
times 10^38: their order, equality, extremes and sums are exact there; ours are rounded
to 38 digits.  (What its bignums cannot do exactly, or 1.5 does wrong beside NULLs, as
negation and differences, laws/laws.py compares with Fractions.)  Rows without ORDER BY
are a multiset.  Approximate aggregates are held to exact ones.  Some answers are asked
again in other output forms, some with next to no memory.

Differences that lam-view(5) documents are kept out of the queries, or the peer is
asked what lam means (see DuckDB.plain).  Let through are an error for a constant of more
than 38 digits and NULL for a division by zero.  What the peer refuses for the width of its
types is counted apart.

Exit status: 0 all agree, 1 some do not, 77 the peer is not here.
"""
import argparse
import collections
import csv
import decimal
import glob
import io
import json
import math
import os
import random
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import sqldata  # noqa: E402
import sqlview  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("LAM_BIN", os.path.join(HERE, "../../bin"))
ENV = dict(os.environ, LC_ALL="C", TZ="UTC")
ENV.pop("LAM_DATA", None)
D = decimal.Decimal
decimal.getcontext().prec = 80
decimal.getcontext().Emax = 10**6

# What a peer may refuse although lam answers: its types are narrower.
WIDTH = re.compile(r"Out of Range|[Oo]verflow|out of range|cannot be represented|Cannot "
                   r"cast .* exceeds|too large|Could not cast value|exceeds the width|"
                   r"Conversion Error: Casting|outside of supported|beyond|precision")
BLANK = r"(?:\s|--[^\n]*\n|/\*.*?\*/)"
DIGITS = re.compile(r"38 digits|out of range|range of times")


class Refused(Exception):
    pass


def duckdb():
    here = os.path.join(HERE, "../../build/peers/lib/python3*/site-packages/duckdb_cli/")
    found = glob.glob(here + "duckdb")
    return os.environ.get("DUCKDB") or (found[0] if found else shutil.which("duckdb"))


def run(tool, *args, stdin=None, cwd=None):
    return subprocess.run([os.path.join(BIN, tool), *args], input=stdin, cwd=cwd, env=ENV,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)


# ------------------------------------------------------------------- values

def typed(value, kind):
    """A value of JSON as one that can be compared."""
    if value is None or kind == "list" or (
            isinstance(value, D) and kind in ("int", "dec", "flo")):
        return value
    if kind in ("int", "dec", "flo", "about", "big", "far") or (
            kind.startswith("rank") and not isinstance(value, list)):
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return D(value)
    if kind == "bool":
        return bool(value) if isinstance(value, (bool, int, D)) else value
    if kind == "time":
        return sqldata.instant(value)
    return [D(v) for v in value] if isinstance(value, list) else value


def near_rank(a, values, q):
    """Within 0.8 % of one of the values next to rank Q."""
    at = q * (len(values) - 1)
    return any(abs(a - values[max(0, int(i))]) <= abs(values[max(0, int(i))]) * D("0.008")
               for i in (math.floor(at), math.ceil(at), math.ceil(q * len(values)) - 1))


def same(a, b, kind):
    if kind == "about":
        return abs(a - b) <= max(1, b * D("0.08"))
    if kind.startswith("rank "):
        return a is None and not b or a is not None and near_rank(a, b, D(kind[5:]))
    if kind == "flo" and a is not None and b is not None:
        return abs(a - b) <= max(abs(a), abs(b)) * D("1e-11") + D("2e-12")
    return a == b


def rank(row, kinds):
    """A sorting key that puts near values at the same place."""
    return [(v is None, "" if v is None else "%.8g" % v if k == "flo" else
             v if k in ("int", "dec", "big", "far") else str(v)) for v, k in zip(row, kinds)]


def exact_first(row, kinds):
    key = rank(row, kinds)
    return ([x for x, k in zip(key, kinds) if k != "flo"],
            [(v is None, v or 0) for v, k in zip(row, kinds) if k == "flo"])


def compare(ours, theirs, kinds, ordered):
    """None if the rows are the same, else what is not."""
    if len(ours) != len(theirs):
        return "%d rows, theirs %d" % (len(ours), len(theirs))
    theirs = [[unscaled(v) if k in ("big", "far") else v for v, k in zip(r, kinds)]
              for r in theirs]
    rows = [[[typed(v, k) for v, k in zip(r, kinds)] for r in x] for x in (ours, theirs)]
    if rows[0] == rows[1]:
        return None
    if not ordered:
        rows = [sorted(x, key=lambda r: exact_first(r, kinds)) for x in rows]
    for i, (a, b) in enumerate(zip(*rows)):
        if not all(map(same, a, b, kinds)):
            return "row %d: %s, theirs %s" % (i, shown(a), shown(b))
    return None


def ordered(sql):
    """Is there an ORDER BY outside all parentheses?"""
    sql, n = re.sub(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", " ", sql, flags=re.S), 1
    while n:
        sql, n = re.subn(r"\([^()]*\)", "", sql)
    return re.search(r"\sorder\s+by\s", sql, re.I)


def unscaled(v):
    """A bignum as the number that lam rounds it to."""
    if v is None:
        return None
    v = decimal.Context(prec=38, rounding=decimal.ROUND_HALF_EVEN).plus(
        D(v).scaleb(-sqldata.BIG))
    return v if abs(v) < D("1e38") else None


def shown(row):
    return "(" + ", ".join(str(v) if isinstance(v, D) else repr(v) for v in row) + ")"


def parse(text):
    rows = json.loads(text, parse_float=D, parse_int=D, object_pairs_hook=list)
    return [[v for _, v in r] for r in rows]


# -------------------------------------------------------------------- peers

class DuckDB:
    """All queries of a table in one process; each answer in a file of its own."""
    common = False

    def __init__(self, table, where):
        self.where = where
        cols = ", ".join('"%s" %s' % (c[0].replace('"', '""'), c[3]) for c in sqldata.COLUMNS)
        self.setup = ["set timezone = 'UTC';", "set threads = 1;", ".mode json",
                      "set order_by_non_integer_literal = true;",
                      # its 1.5 rewrites date_trunc(...) <> x to true, of NULL, too
                      "set disabled_optimizers = 'expression_rewriter';",
                      "create macro whole_ms(t) as floor(epoch_us(t) / 1000)::bigint;",
                      "create macro how_many(c) as count(*) filter (where c);",
                      "create table T(%s);" % cols]
        for i in range(0, len(table), 500):
            self.setup.append(self.plain("insert into T values %s;" % ", ".join(
                "(%s)" % ", ".join(self.cell(v, c) for v, c in zip(row, sqldata.COLUMNS))
                for row in table[i:i + 500])))

    def look(self, rows):
        self.setup.append(self.plain("create table H(hk bigint, ht varchar, hw bigint, hs "
                                     "varchar); insert into H values %s;" % ", ".join(
            "(%s)" % ", ".join("null" if v is None else sqldata.literal(v) if isinstance(
                v, str) else str(v) for v in r) for r in rows)))

    def look_up(self, v, join):
        self.setup.append("create table LT%d as select T.*, H.hw, H.hs from T%s order by id;" % (
            v, join))

    @staticmethod
    def cell(v, column):
        if v is None:
            return "null"
        if column[2] == "time":
            return "'%s'" % sqldata.stamp(v)
        if column[2] == "dec":
            return str(D(v) / 1000)
        if column[2] == "big":
            return "'%d'" % v.scaleb(sqldata.BIG)
        return sqldata.literal(v) if isinstance(v, str) else str(v)

    @staticmethod
    def plain(sql):
        """With the documented meanings; and the shell drops a CR before LF."""
        sql = sql.replace("count_if(", "how_many(").replace("epoch_ms(", "whole_ms(")
        sql = re.sub(r"cast\('([-0-9.e]+)'%s*as%s*decimal\)" % (BLANK, BLANK),
                     lambda m: "'%d'::bignum" % D(m.group(1)).scaleb(sqldata.BIG), sql,
                     flags=re.I)
        return re.sub(r"'[^'\r]*\r\n[^'\r]*'", lambda m: "(" + m.group().replace(
            "\r", "' || chr(13) || '") + ")", sql)

    def answers(self, queries):
        out = lambda i: "%s/%d.json" % (self.where, i)
        text = list(self.setup)
        for i, q in enumerate(queries):
            text += [".output " + out(i), self.plain(q) + ";"]
        p = subprocess.run([duckdb(), "-batch"], input="\n".join(text).encode(), env=ENV,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        errors = re.split(rb"\n(?=[A-Z][A-Za-z ]+ Error: )", b"\n" + p.stderr)[1:]
        for i, q in enumerate(queries):
            try:
                with open(out(i), encoding="utf-8", errors="replace") as f:
                    body = f.read()
                os.unlink(out(i))
            except FileNotFoundError:
                body = ""
            if body.strip():
                yield parse(body)
            else:
                yield Refused(errors.pop(0).decode(errors="replace") if errors else "?")


class SQLite:
    """What sqlite3 has in common: whole numbers and texts."""
    common = True

    def __init__(self, table, where):
        self.db = sqlite3.connect(":memory:")
        self.db.execute("pragma case_sensitive_like = on")
        for name in "lower", "upper":
            self.db.create_function(name, 1, lambda t, f=name: None if t is None else getattr(
                str(t).encode(), f)().decode(), deterministic=True)
        self.db.execute("create table T(%s)" % ", ".join('"%s" %s' % (
            c[0].replace('"', '""'), c[4]) for c in sqldata.COLUMNS))
        self.db.executemany("insert into T values (%s)" % ",".join("?" * len(table[0])),
                            [[str(v) if c[4] == "text" and v is not None else v
                              for v, c in zip(r, sqldata.COLUMNS)] for r in table])

    def look(self, rows):
        self.db.execute("create table H(hk integer, ht text, hw integer, hs text)")
        self.db.executemany("insert into H values (?,?,?,?)", rows)

    def look_up(self, v, join):
        self.db.execute("create view LT%d as select T.*, H.hw, H.hs from T%s" % (v, join))

    def answers(self, queries):
        for q in queries:
            try:
                yield [list(r) for r in self.db.execute(q)]
            except (sqlite3.Error, OverflowError) as e:
                yield Refused(str(e))


# ---------------------------------------------------------------------- lam

class Lam:
    """The same rows as a CSV file and as a stream: [0, p) is served by lam-batch,
    [p, s) by lam-speed, the rest is scanned."""

    def __init__(self, table, where, rng, views, looks, look):
        self.where, self.rng, self.rows = where, rng, len(table)
        self.data, self.parts = where + "/data", set()
        with open(where + "/types", "w") as f:
            for c in sqldata.COLUMNS:
                f.write('"%s" %s\n' % (c[0].replace('"', '""'), c[1]))
        lines = [self.line(r) for r in table]
        head = ",".join('"%s"' % c[0].replace('"', '""') for c in sqldata.COLUMNS) + "\n"
        with open(where + "/t.csv", "w", newline="") as f:
            f.write(head + "".join(lines))
        shutil.rmtree(self.data, ignore_errors=True)
        os.makedirs(self.data + "/views")
        self.views = [sqlview.ViewGen.definition(*v) for v in zip(views, looks)]
        self.looks = looks
        for at in where, self.data:
            with open(at + "/look.csv", "w", newline="") as f:
                f.write("hs,hk,ht,hw\n")
                for k, t, w, s in look:
                    f.write("%s,%d,%s,%s\n" % ("" if s is None else self.quoted(s), k,
                                               self.quoted(t), "" if w is None else w))
        self.ends = [rng.randrange(1, len(lines) + 1) for _ in range(2)] if lines else []
        cuts = sorted(rng.sample(range(1, len(lines) + 1), min(2, len(lines))))
        for i, (a, b) in enumerate(zip([0] + cuts, cuts + [len(lines)])):
            must("lam-ingest", "-q", "-d", self.data, "-s", "T", "-f", "csv",
                 *(() if a else ("--schema", where + "/types")),
                 stdin=(head + "".join(lines[a:b])).encode())
            for v, sql in enumerate(self.views):
                with open("%s/views/V%d.sql" % (self.data, v), "w", newline="") as f:
                    f.write(sql)
            if i == 0 and views:
                must("lam-serve", "-q", "-d", self.data,
                     stdin=must("lam-batch", "-d", self.data))
            elif i == 1 and views:
                must("lam-speed", "-d", self.data)

    def line(self, row):
        out = []
        for v, c in zip(row, sqldata.COLUMNS):
            if v is None:
                out.append("")
            elif c[2] == "time":
                out.append(sqldata.stamp_any(v, self.rng))
            elif c[2] == "dec":
                v = str(D(v) / 1000)
                out.append(v if "." not in v or self.rng.random() < .8 else v + "0")
            elif c[2] == "big":
                out.append(sqldata.big_any(v, self.rng))
            else:
                out.append(str(v) if not isinstance(v, str) else self.quoted(v))
        return ",".join(out) + "\n"

    @staticmethod
    def quoted(v):
        return '"' + v.replace('"', '""') + '"'

    def meant(self, view, sql):
        """SQL over T as the peer is asked it, where the view looks up."""
        return sql.replace(" from T", " from LT%d" % view) if self.looks[view] else sql

    def plan(self, sql, theirs, view=None):
        """Arguments of lam-query and what the peer is asked, by one of the ways."""
        way, name = self.rng.random(), None if view is None else "V%d" % view
        args = ["-o", "json", "--threads", self.rng.choice("12")]
        if name and way < .3:
            self.partial(view)
            return args + ["-p", name + ".part", sql.replace(" from V", " from query")], theirs
        if name:
            sql = sql.replace(" from V", " from " + name)
        elif way < .5:
            return args + ["--schema", "types", sql.replace(" from T", " from 't.csv' T")], theirs
        args += ["-d", "data"]
        if self.rows > 1 and self.rng.random() < .3:
            p = self.rng.choice(self.ends)
            args += ["--as-of", str(p)]
            theirs = re.sub(r" from (L?T\d?)\b", r" from (select * from \1 where id < %d) T" % p,
                            theirs)
        return args + [sql], theirs

    def partial(self, view):
        """The partials of a view, of which lam-batch makes one file."""
        if view in self.parts:
            return
        part = must("lam-batch", "-e", self.views[view].replace(" from T", " from 't.csv' T"),
                    "--schema", "types", cwd=self.where)
        with open("%s/V%d.part" % (self.where, view), "wb") as f:
            f.write(part)
        self.parts.add(view)

    def answers(self, asked):
        """An answer for each list of arguments; what has the same options is asked in one
        process, up to the first that is refused, then in another one."""
        out, alike = {}, collections.defaultdict(list)
        for i, args in enumerate(asked):
            alike[tuple(args[:-1])].append((i, args[-1]))
        for options, rest in alike.items():
            while rest:
                p = run("lam-query", *options, "-", cwd=self.where,
                        stdin=(";\n".join(sql for _, sql in rest)).encode())
                texts = answers_of(p.stdout.decode())
                if p.returncode not in (0, 1):
                    texts = texts[:len(rest) - 1]
                elif len(texts) != len(rest):
                    sys.exit("%d answers to %d questions: %s" % (len(texts), len(rest), rest))
                for (i, sql), text in zip(rest, texts):
                    if self.rng.random() < .02:
                        self.other_form([*options, sql], text)
                    if self.rng.random() < .1:
                        self.little_memory([*options, sql], text)
                    out[i] = parse(text)
                rest = rest[len(texts):]
                if rest:
                    out[rest.pop(0)[0]] = Refused("exit %d: %s" % (
                        p.returncode, p.stderr.decode(errors="replace")))
        return [out[i] for i in range(len(asked))]

    def little_memory(self, args, text):
        """With next to no memory the bytes are the same, or it is told that more is needed."""
        args = [*args[:3], self.rng.choice("123"), "--memory", self.rng.choice(["1", "20K"]),
                *args[4:]]
        p = run("lam-query", *args, cwd=self.where)
        if p.returncode == 4 and b"give more --memory" in p.stderr:
            return
        if p.stdout.decode().strip() != text.strip():
            sys.exit("in little memory another answer: %s\n%s\n%s" % (args, p, text))

    def other_form(self, args, text):
        """CSV, TSV and JSON lines say what JSON says."""
        form = self.rng.choice(["csv", "tsv", "jsonl"])
        rows = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=list)
        want = [[plain(v, form) for _, v in r] for r in rows]
        text = must("lam-query", "-o", form, *args[2:], cwd=self.where).decode()
        if form == "csv":
            got = [r or [""] for r in csv.reader(io.StringIO(text, newline=""))][1:]
        elif form == "tsv":
            got = [line.split("\t") for line in text.split("\n")[1:-1]]
        else:
            got = [[plain(v, form) for _, v in json.loads(
                line, parse_float=str, parse_int=str, object_pairs_hook=list)]
                for line in text.split("\n")[:-1]]
        got = [[as_list(v, w, form) for v, w in zip(a, b)] if len(a) == len(b) else a
               for a, b in zip(got, want)] if len(got) == len(want) else got
        if got != want:
            sys.exit("-o %s is not what JSON says: %s\n%s\n%s" % (form, args, got, want))


def answers_of(text):
    """The arrays of JSON that follow each other, as far as they are whole."""
    found, at = [], 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        try:
            _, end = json.JSONDecoder().raw_decode(text, at)
        except ValueError:
            return found
        found.append(text[at:end])
        at = end


def as_list(text, want, form):
    """A list is the text of one where there are only texts."""
    if not isinstance(want, list) or not isinstance(text, str):
        return text
    return json.loads(text.replace("\\\\", "\\") if form == "tsv" else text,
                      parse_float=str, parse_int=str)


def plain(v, form):
    """A value of JSON as it stands in another form."""
    if v is None:
        return "\\N" if form == "tsv" else ""
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, list):
        return v
    if form == "tsv":
        return v.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace(
            "\r", "\\r")
    return v


def must(tool, *args, **more):
    p = run(tool, *args, **more)
    if p.returncode not in (0, 1):
        sys.exit("%s: %s" % (args, p.stderr.decode(errors="replace")))
    return p.stdout


# -------------------------------------------------------------------- judge

class Judge:
    def __init__(self, verbose):
        self.count, self.verbose = collections.Counter(), verbose

    def verdict(self, sql, kinds, ours, theirs):
        bad = [isinstance(x, Refused) for x in (ours, theirs)]
        if all(bad):
            return "both refuse"
        if bad[0]:
            return "more than 38 digits" if DIGITS.search(str(ours)) else "lam refuses"
        if bad[1]:
            return "peer is narrower" if WIDTH.search(str(theirs)) else "peer refuses"
        why = compare(ours, theirs, kinds, ordered(sql))
        self.why = why
        return "differ" if why else "agree"

    def one(self, seed, args, sql, kinds, ours, theirs):
        v = self.verdict(args[-1], kinds, ours, theirs)
        self.count[v] += 1
        if v in ("differ", "lam refuses", "peer refuses") or (
                self.verbose and v not in ("agree",)):
            print("%s (seed %d)\n    lam-query %s\n    %s" % (
                v, seed, shlex.join(args), sql))
            for who, x in ("lam", ours), ("peer", theirs):
                if isinstance(x, Refused):
                    print("    %s: %s" % (who, str(x).strip().split("\n")[0]))
            if v == "differ":
                print("    " + self.why)
            sys.stdout.flush()

    def failed(self):
        return sum(self.count[v] for v in ("differ", "lam refuses", "peer refuses"))


def questions(gen, lam, views, n):
    """(arguments of lam-query, the peer's query, kinds) of N random questions."""
    for _ in range(n):
        way = gen.rng.random()
        if way < .65 or not views:
            sql, kinds = gen.query()
            yield (*lam.plan(sql, sql), kinds)
        elif way < .7 and not gen.common:
            sql, theirs, kinds = gen.approximate()
            yield (*lam.plan(sql, theirs), kinds)
        else:
            v = gen.rng.randrange(len(views))
            if way < .8:
                sql, kinds = gen.on_rows(views[v])
                theirs = sql.replace(" from V", " from (%s) V" % lam.meant(
                    v, gen.definition(views[v])))
            else:
                sql, theirs, kinds = gen.rollup(views[v])
                theirs = lam.meant(v, theirs)
            yield (*lam.plan(sql, theirs, v), kinds)


def one_table(seed, a, where, judge):
    rng = random.Random(seed)
    rows = sqldata.table(rng, rng.choice([1, 7, 60, 60, 60, 300, 300] * 3 + [2000]))
    peer = (DuckDB if a.peer == "duckdb" else SQLite)(rows, where)
    gen = sqlview.ViewGen(rng, peer.common)
    views, looks = zip(*(gen.looked_up(gen.view()) for _ in range(3)))
    look = sqldata.look(rng)
    peer.look(look)
    for v, join in enumerate(looks):
        if join:
            peer.look_up(v, join.replace("'look.csv'", "H"))
    lam = Lam(rows, where, rng, views, looks, look)
    if a.shape:
        gen.shape = getattr(gen, a.shape)
    asked = list(questions(gen, lam, [] if a.shape else views, a.queries))
    ours = lam.answers([args for args, _, _ in asked])
    theirs = peer.answers([q for _, q, _ in asked])
    for (args, sql, kinds), a, b in zip(asked, ours, theirs):
        judge.one(seed, args, sql, kinds, a, b)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--peer", default="duckdb", choices=("duckdb", "sqlite3"))
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--tables", type=int, default=10)
    a.add_argument("--queries", type=int, default=100)
    a.add_argument("--seconds", type=float, default=1e9)
    a.add_argument("--shape", metavar="NAME")
    a.add_argument("--keep", metavar="DIR")
    a.add_argument("-v", "--verbose", action="store_true")
    a = a.parse_args()
    if a.peer == "duckdb" and not duckdb():
        print("differential: skipped: no DuckDB; make bench-peers fetches it")
        return 77
    judge, end = Judge(a.verbose), time.time() + a.seconds
    where = a.keep or tempfile.mkdtemp(prefix="lam-differential.")
    os.makedirs(where, exist_ok=True)
    try:
        for seed in range(a.seed, a.seed + a.tables):
            one_table(seed, a, where, judge)
            if time.time() > end:
                break
    finally:
        if not a.keep:
            shutil.rmtree(where)
    print("differential: %s: %s" % (a.peer, ", ".join(
        "%d %s" % (n, v) for v, n in judge.count.most_common())))
    return 1 if judge.failed() or not judge.count["agree"] else 0


if __name__ == "__main__":
    sys.exit(main())
