"""Local times of every zone and the instants they are, by Python's zoneinfo.

    zone_model.py ZONE SEED LOCAL EXPECTED

writes LOCAL, CSV of times without a zone, and EXPECTED, what lam-query prints of
them.  Half of the times are near the turns of the clock.  Where a local time is of
two instants, or of none, the lesser offset counts: that is what the manual says.
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


def main():
    name, seed, local, expected = sys.argv[1:]
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
            t -= offset(zone, t)
            b.write(t.isoformat() + "Z\n")


main()
