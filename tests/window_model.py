#!/usr/bin/env python3
"""window_model.py - live windows by another way: one record at a time, in Python

    window_model.py make SEED N [FAR]           records as CSV: ts,k,v
    window_model.py run [OPTION...] <CSV        the rows that lam-speed -e must give

Windows are of SECONDS; a record is late when its window ends at or before the
greatest time so far less the lateness (each rounded down to a window); a time of
2090 or later is ahead of any clock and moves nothing.  The last line on standard
error is the number of late records.  FAR: one record in so many is ahead.
"""
import argparse
import csv
import datetime
import random
import sys

START = datetime.datetime(2026, 1, 1)
FUTURE = datetime.datetime(2090, 1, 1)
FORM = "%Y-%m-%dT%H:%M:%SZ"


def make(seed, n, far):
    rnd = random.Random(seed)
    now = 0
    print("ts,k,v")
    for _ in range(n):
        now += rnd.choice((0, 0, 1, 1, 2, 5, rnd.randrange(200)))
        t = START + datetime.timedelta(seconds=now - rnd.choice(
            (0, 0, 0, rnd.randrange(30), rnd.randrange(400))))
        text = t.strftime(FORM)
        if far and rnd.randrange(far) == 0:
            text = (FUTURE + datetime.timedelta(
                seconds=rnd.randrange(5000))).strftime(FORM)
        elif rnd.randrange(40) == 0:
            text = ""
        print("%s,k%d,%d" % (text, rnd.randrange(5), rnd.randrange(20)))


def window(t, seconds):
    return (t - datetime.datetime(2000, 1, 3)) // datetime.timedelta(
        seconds=seconds)


def run(a):
    late = 0
    count = {}
    reach = newest = None
    first_any = None
    back = datetime.timedelta(seconds=a.lateness)
    for r in csv.DictReader(sys.stdin):
        key = r["k"] if a.keys else ""
        t = datetime.datetime.strptime(r["ts"], FORM) if r["ts"] else None
        w = None if t is None else window(t, a.seconds)
        is_late = w is not None and reach is not None and w < reach
        if t is not None and t < FUTURE:
            newest = t if newest is None or t > newest else newest
            x = window(t - back, a.seconds)
            reach = x if reach is None or x > reach else reach
            if not is_late and (first_any is None or w < first_any):
                first_any = w
        if a.drop is not None and int(r["v"]) == a.drop:
            continue
        if is_late:
            late += 1
            continue
        n, s = count.get((w, key), (0, 0))
        count[w, key] = n + 1, s + int(r["v"])
    if a.fill:
        last = window(newest, a.seconds)
        first = {} if a.keys else {"": first_any}
        for w, k in count:
            if a.keys and w is not None and w <= last:
                first[k] = min(w, first.get(k, w))
        for k in first:
            for w in range(first[k], last + 1):
                count.setdefault((w, k), (0, ""))
    base = datetime.datetime(2000, 1, 3)
    out = csv.writer(sys.stdout, lineterminator="\n")
    for w, k in sorted(count, key=lambda x: (x[0] is None, x[0] or 0, x[1])):
        t = "" if w is None else (base + w * datetime.timedelta(
            seconds=a.seconds)).strftime(FORM)
        out.writerow([t] + ([k] if a.keys else []) + list(count[w, k]))
    print(late, file=sys.stderr)


def main():
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]),
             int(sys.argv[4]) if len(sys.argv) > 4 else 0)
        return
    p = argparse.ArgumentParser()
    p.add_argument("--seconds", type=int, default=60)
    p.add_argument("--lateness", type=int, default=0)
    p.add_argument("--drop", type=int)
    p.add_argument("--keys", action="store_true")
    p.add_argument("--fill", action="store_true")
    run(p.parse_args(sys.argv[2:]))


if __name__ == "__main__":
    main()
