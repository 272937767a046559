"""Local times of every zone and the instants they are, by Python's zoneinfo.

    zone_model.py ZONE SEED LOCAL EXPECTED

writes LOCAL, CSV of times without a zone, and EXPECTED, what lam-query prints of
them.  Half of the times are near the turns of the clock.  Where a local time is of
two instants, or of none, the lesser offset counts: that is what the manual says.

    zone_model.py ZONE SEED INSTANTS EXPECTED clock

writes CSV of instants, and what ZONE's clock makes of them: the time that it shows, its
hour, the starts of the hour, the quarter of a day, the day, the week and the month.
"""
import datetime as d
import random
import sys
import zoneinfo


def offset(zone, local):
    a, b = (local.replace(tzinfo=zone, fold=f).utcoffset() for f in (0, 1))
    return min(a, b)


def turns(zone):
    """Days on which the offset changes, 1900 to 2100."""
    utc, out = d.timezone.utc, []
    t, last = d.datetime(1900, 1, 1, tzinfo=utc), None
    while t.year < 2100:
        now = t.astimezone(zone).utcoffset()
        if last is not None and now != last:
            out.append(t)
        last = now
        t += d.timedelta(days=7)
    return out


def shown(t, zone):
    return t.replace(tzinfo=d.timezone.utc).astimezone(zone).replace(tzinfo=None)


def first(start, zone):
    """The first instant, without its zone, at which the clock shows START or is past it."""
    at = [start - start.replace(tzinfo=zone, fold=f).utcoffset() for f in (0, 1)]
    valid = [t for t in at if shown(t, zone) == start]
    if valid:
        return min(valid)
    low, high = min(at) - d.timedelta(seconds=1), max(at)
    while high - low > d.timedelta(seconds=1):
        mid = low + d.timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (low, mid) if shown(mid, zone) >= start else (mid, high)
    return high


def clock(t, zone):
    """The columns of EXPECTED; weeks begin on Monday, quarters of a day at midnight."""
    local = shown(t, zone)
    hour, day = (local.replace(minute=0, second=0, microsecond=0, **k)
                 for k in ({}, {"hour": 0}))
    starts = [first(hour.replace(hour=hour.hour // 6 * 6), zone), first(day, zone),
              first(day - d.timedelta(days=day.weekday()), zone),
              first(day.replace(day=1), zone)]
    return [local, local.hour, t - (local - hour)] + starts


def main():
    name, seed, local, expected = sys.argv[1:5]
    rng, zone = random.Random(name + seed), zoneinfo.ZoneInfo(name)
    near = turns(zone)
    with open(local, "w") as a, open(expected, "w") as b:
        a.write("ts\n")
        b.write("ts\n")
        for i in range(400):
            t = d.datetime(1700, 1, 1) + d.timedelta(seconds=rng.randrange(560 * 31556952))
            if i % 2 and near:
                t = rng.choice(near).replace(tzinfo=None)
                t -= d.timedelta(seconds=rng.randrange(8 * 24) * 3600 + rng.choice((0, 1800, 3599)))
            a.write(t.isoformat(" ") + "\n")
            if sys.argv[5:]:
                b.write(",".join(str(v) if isinstance(v, int) else v.isoformat() + "Z"
                                 for v in clock(t, zone)) + "\n")
                continue
            t -= offset(zone, t)
            b.write(t.isoformat() + "Z\n")


main()
