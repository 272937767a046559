#!/usr/bin/env python3
"""calendar_model.py - times made from numbers and texts, by Python's datetime

    calendar_model.py SEED ROWS           asks lam-query, and says where it differs
"""
import csv
import datetime
import io
import random
import subprocess
import sys
from fractions import Fraction

EPOCH = datetime.datetime(1970, 1, 1)
DAY = datetime.timedelta(days=1)


def shown(t):
    """As lam prints a datetime, or NULL."""
    if t is None:
        return ""
    text = t.strftime("%Y-%m-%dT%H:%M:%S")
    return text + (".%06d" % t.microsecond).rstrip("0").rstrip(".") + "Z"


def made(y, m, d, h, mi, s):
    try:
        t = datetime.datetime(y, m, d, h, mi)
    except ValueError:
        return None
    return t + datetime.timedelta(microseconds=int(s * 10**6)) if 0 <= s <= 60 else None


def month_end(t):
    first = t.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + 31 * DAY).replace(day=1) - DAY


def bucket(t, width, origin):
    return origin + (t - origin) // width * width


def months(t, n, origin):
    k = (t.year - origin.year) * 12 + t.month - origin.month
    k = k // n * n + origin.year * 12 + origin.month - 1
    return datetime.datetime(k // 12, k % 12 + 1, 1)


ORIGIN = datetime.datetime(2020, 5, 17, 3, 20)
MONDAY = datetime.datetime(2000, 1, 3)
BASE = datetime.datetime(2000, 1, 1)
MOVE = datetime.timedelta(days=9, hours=6)
QUERY = """select make_timestamp(y, m, d, h, mi, s), make_date(y, m, d), to_timestamp(e),
    make_timestamp(trunc(e * 1000000)),
    dayname(t), monthname(t), last_day(t), strptime(w, '%d.%m.%y %H.%M'),
    try_strptime(w || '!', '%d.%m.%y %H.%M'), epoch(t - to_timestamp(e)),
    t - to_timestamp(e) > interval '1 month 2 days', t::date - to_timestamp(e)::date,
    time_bucket(interval '7 hours', t, timestamp '2020-05-17 03:20:00'),
    time_bucket(interval '5 months', t, timestamp '2020-05-17 03:20:00'),
    time_bucket(interval '1 day', t, interval '6 hours'),
    time_bucket(interval '3 months', t, interval '9 days 6 hours'),
    t - interval (h) hours + mi * interval '90 seconds', to_timestamp(e) + (t - to_timestamp(e)),
    t::date - d, date '1999-12-31' - t::date, (interval '1 day' * 2 - interval '1 hour') / 4 + to_seconds(h),
    coalesce(t - null, interval '5 minutes') * mi, t + 2 * interval '1 month', age(t, to_timestamp(e)) from 'in.csv'"""


def years(t, n):
    """N months behind T, whose day every month has."""
    k = t.year * 12 + t.month - 1 + n
    return t.replace(year=k // 12, month=k % 12 + 1)


def midnight(t):
    return t.replace(hour=0, minute=0, second=0, microsecond=0)


def counted(n, unit):
    return ["%d %s%s" % (n, unit, "" if abs(n) == 1 else "s")] if n else []


def age(a, b):
    """PostgreSQL's: whole months and days first, the rest is a time of day."""
    sign, early, late = (-1, a, b) if a < b else (1, b, a)
    n = (late.year - early.year) * 12 + late.month - early.month
    clock = (late - midnight(late)) - (early - midnight(early))
    days = late.day - early.day
    if clock < 0 * DAY:
        clock, days = clock + DAY, days - 1
    if days < 0:
        n, days = n - 1, days + month_end(early).day
    text = counted(sign * (n // 12), "year") + counted(sign * (n % 12), "month") + counted(
        sign * days, "day")
    if clock or not text:
        text.append(("-" if sign < 0 and clock else "") + (datetime.datetime(1, 1, 1) + clock).strftime(
            "%H:%M:%S") + (".%06d" % clock.microseconds).rstrip("0").rstrip("."))
    return " ".join(text)


def clock(seconds):
    return "%02d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)


def expect(y, m, d, h, mi, s, e, t):
    at = EPOCH + datetime.timedelta(microseconds=int(e * 10**6))
    two = t.replace(second=0, microsecond=0)
    gap = t - at
    return [shown(v) for v in (made(y, m, d, h, mi, s), made(y, m, d, 0, 0, 0), at, at)] + [
        t.strftime("%A"), t.strftime("%B"), shown(month_end(t)), shown(two), "",
        ("%.6f" % Fraction(gap // datetime.timedelta(microseconds=1), 10**6)).rstrip("0").rstrip("."),
        str(gap > 32 * DAY).lower(), str((t.date() - at.date()).days),
        shown(bucket(t, datetime.timedelta(hours=7), ORIGIN)), shown(months(t, 5, ORIGIN)),
        shown(bucket(t, DAY, MONDAY + datetime.timedelta(hours=6))),
        shown(months(t - MOVE, 3, BASE) + MOVE),
        shown(t - datetime.timedelta(hours=h) + datetime.timedelta(seconds=90 * mi)), shown(t),
        shown(midnight(t) - d * DAY),
        str((datetime.date(1999, 12, 31) - t.date()).days), clock(47 * 900 + h),
        clock(300 * mi), shown(years(t, 2)), age(t, at)]


def main():
    r = random.Random(int(sys.argv[1]))
    rows = []
    for _ in range(int(sys.argv[2])):
        t = datetime.datetime(1970, 1, 1) + datetime.timedelta(
            microseconds=r.randrange(-10**9, 3 * 10**9) * 10**6 + r.choice([0, 500000, 1]))
        t = t.replace(year=max(1969, min(2068, t.year)), day=min(t.day, 28))
        e = Fraction(r.randrange(-10**15, 4 * 10**15), r.choice([10**6, 10**6, 10**3 * 10**3]))
        rows.append((r.randrange(1678, 2262), r.randrange(14), r.randrange(33), r.randrange(25),
                     r.randrange(61), Fraction(r.randrange(-1, 620), 10), e, t))
    with open("in.csv", "w") as f:
        f.write("y,m,d,h,mi,s,e,t,w\n")
        for y, m, d, h, mi, s, e, t in rows:
            f.write("%d,%d,%d,%d,%d,%.1f,%.6f,%s,%s\n" % (
                y, m, d, h, mi, s, e, t.isoformat(), t.strftime("%d.%m.%y %H.%M")))
    got = subprocess.run(["lam-query", "-q", "--no-header", "-o", "csv", QUERY],
                         capture_output=True, text=True)
    lines = list(csv.reader(io.StringIO(got.stdout)))
    if got.returncode or len(lines) != len(rows):
        sys.exit("lam-query: status %d, %d rows: %s" % (got.returncode, len(lines), got.stderr))
    bad = 0
    for row, line in zip(rows, lines):
        for i, (want, have) in enumerate(zip(expect(*row), line)):
            if want != have and bad < 20:
                print("column %d of %r: %s, not %s" % (i, row, have, want))
            bad += want != have
    sys.exit(bad > 0)


main()
