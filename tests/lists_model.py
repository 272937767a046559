#!/usr/bin/env python3
"""lists_model.py SEED ROWS - lists in JSON lines, asked by lam-query and by Python

Of each row a list of whole numbers and one of texts, with NULLs, and what texts hold that
JSON escapes; the answers are JSON, read by Python's own reader.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

BIN = os.environ.get("LAM_BIN", os.path.join(os.path.dirname(__file__), "../bin"))
WORDS = ["", "a", "b\"c", "é", "😀", "x\\y", "a,b", "\n", "\t", "\x01", "null", "[1]", "zz"]


def at(x, n):
    k = n - 1 if n > 0 else len(x) + n
    return x[k] if n and 0 <= k < len(x) else None


def cut(x, a, b):
    a, b = (len(x) + v + 1 if v < 0 else v for v in (a, b))
    return x[max(a, 1) - 1:max(b, 0)]


def order(x, down=False, first=False):
    rest, nulls = sorted((v for v in x if v is not None), reverse=down), [None] * x.count(None)
    return nulls + rest if first else rest + nulls


def any_of(v, x):
    if not x:
        return False
    return None if v is None else True if v in x else None if None in x else False


def expected(x, t, n, v):
    has = [e for e in x if e is not None]
    return {
        "x": x, "t": t, "at": at(x, n), "last": at(t, -1), "cut": cut(x, n, -2),
        "head": cut(t, 1, n), "sorted": order(x), "down": order(t, True, True),
        "turned": x[::-1], "distinct": sorted(set(has)), "unique": len(set(has)),
        "total": sum(has) if has else None, "least": min(has, default=None),
        "most": max((e for e in t if e is not None), default=None), "len": len(t),
        "any": any_of(v, x), "has": None if v is None else v in x,
        "place": x.index(v) + 1 if v in x else None,
        "text": "" if not t else None if set(t) == {None} else "-".join(
            e for e in t if e is not None),
        "more": x + [v], "both": [v] + x + x}


SQL = """with r as (select i, xs::bigint[] as x, ts::varchar[] as t, n, v from 'in.jsonl')
select i, x, t, x[n] as at, t[-1] as last, x[n:-2] as cut, t[:n] as head, list_sort(x) as sorted,
    list_sort(t, 'DESC', 'NULLS FIRST') as down, list_reverse(x) as turned,
    list_distinct(x) as "distinct", list_unique(x) as "unique", list_sum(x) as total,
    list_min(x) as least, list_max(t) as most, len(t) as len, v = any(x) as "any",
    list_contains(x, v) as has, list_position(x, v) as place, array_to_string(t, '-') as text,
    list_append(x, v) as more, list_concat(list_prepend(v, x), x) as both
from r order by i"""


def ask(sql, where):
    out = subprocess.run([BIN + "/lam-query", "-o", "jsonl", sql], cwd=where, check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    return [json.loads(line) for line in out.splitlines()]


def main():
    rng, rows, bad = random.Random(int(sys.argv[1])), [], 0
    number = lambda: rng.choice([None, *range(-3, 6), 10**17])
    with tempfile.TemporaryDirectory() as where:
        with open(where + "/in.jsonl", "w") as f:
            for i in range(int(sys.argv[2])):
                x = [number() for _ in range(rng.choice([0, 1, 3, 6]))]
                t = [rng.choice([None, *WORDS]) for _ in range(rng.choice([0, 1, 2, 5]))]
                n, v = rng.randrange(-4, 5), number()
                rows.append((x, t, n, v))
                f.write(json.dumps({"i": i, "xs": x, "ts": t, "n": n, "v": v}) + "\n")
        got = ask(SQL, where)
        flat = ask("select i, unnest(xs::bigint[]) as e, unnest(ts::varchar[]) as f "
                   "from 'in.jsonl'", where)
        side = ask("select i, e from 'in.jsonl' as r left join unnest(r.ts::varchar[]) as u(e) "
                   "on true", where)
    for i, (row, have) in enumerate(zip(rows, got)):
        want = {"i": i, **expected(*row)}
        for name in want:
            if want[name] != have[name]:
                bad += 1
                print("%s of %s: %r, not %r" % (name, row, have[name], want[name]))
    pairs = [{"i": i, "e": at(x, k + 1), "f": at(t, k + 1)} for i, (x, t, _, _) in enumerate(rows)
             for k in range(max(len(x), len(t)))]
    if flat != pairs:
        bad, _ = bad + 1, print("unnest in SELECT gives other rows")
    if side != [{"i": i, "e": e} for i, (_, t, _, _) in enumerate(rows) for e in t or [None]]:
        bad, _ = bad + 1, print("unnest in FROM gives other rows")
    return 1 if bad or len(got) != len(rows) else 0


sys.exit(main())
