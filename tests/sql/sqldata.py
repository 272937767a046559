"""sqldata.py - random tables for differential.py: cells that have hurt someone before

A row is a tuple of None, int, str and Decimal; decimals of kind "dec" are in thousandths,
times in microseconds since 1970.  Numbers of kind "big" have each a scale of its own, up
to 38: no type of DuckDB's holds them, but its bignum holds them times 10^38.
"""
import datetime
import decimal
import re

EPOCH = datetime.datetime(1970, 1, 1)

# name, type in lam's schema, kind, type in DuckDB, type in sqlite3
COLUMNS = [
    ("id", "number", "int", "bigint", "integer"),
    ("n", "number", "int", "bigint", "integer"),
    ("m", "number", "int", "bigint", "integer"),
    ("b", "number", "int", "decimal(20,0)", "text"),
    ("d", "number", "dec", "decimal(12,3)", "text"),
    ("s", "text", "text", "varchar", "text"),
    ("u", "text", "text", "varchar", "text"),
    ("q", "text", "text", "varchar", "text"),
    ("x", "text", "text", "varchar", "text"),
    ("ts", "time", "time", "timestamp", "text"),
    ("t2", "time", "time", "timestamp", "text"),
    ("Odd \"name", "number", "int", "bigint", "integer"),
    ("y", "number", "big", "bignum", "text"),
    ("z", "number", "big", "bignum", "text"),
]
BIG = 38  # decimals of a whole bignum

WORDS = ["", "a", "ab", "abc", "Ab", "aXb", "ba", "a%b", "a_b", "%", "\\", "A\\",
         "GET", "get", "/index.html", "10.0.0.1", "x=1&y=2", "  pad ", "b b"]
WIDE = ["é", "éa", "日本語", "日本", "ñandú", "😀", "a😀b", "straße", "Ω", "zé", "Ж", ""]
HOSTILE = ['say "hi"', "two\nlines", "a,b", "'", "''", ",", "\t", "cr\r\nlf", "-- x",
           "/* */", "null", "NULL", " ", "\"", "a;b", "", "ab\n",
           "\n", "\x01"]
NUMTEXT = ["1", "-2", "3.5", "+4", "0", "1e2", "", "abc", "12abc", " 5 ", "007",
           "-0", ".5", "5.", "1,000", "99999999", "2.5", "-2.5", "1.5"]


def literal(v):
    return "'" + v.replace("'", "''") + "'"


def stamp(us, sep=" ", zone=""):
    t = EPOCH + datetime.timedelta(microseconds=us)
    text = t.strftime("%Y-%m-%d" + sep + "%H:%M:%S")
    if t.year < 1000:
        text = text.rjust(19, "0")
    if t.microsecond:
        text += (".%06d" % t.microsecond).rstrip("0")
    return text + zone


def instant(text):
    """Nanoseconds of a time in any of the forms of lam-view(5), or None."""
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
                     r" ?(Z|[-+]\d\d(?::?\d\d)?)?)?", text)
    if m:
        y, mo, d, h, mi, s, frac, zone = m.groups()
    else:
        m = re.fullmatch(r"(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d) ([-+]\d{4})", text)
        if not m:
            return None
        d, mo, y, h, mi, s, zone = m.groups()
        mo, frac = "JanFebMarAprMayJunJulAugSepOctNovDec".find(mo) // 3 + 1, None
    t = datetime.datetime(int(y), int(mo), int(d), int(h or 0), int(mi or 0), int(s or 0))
    off = 0
    if zone and zone != "Z":
        off = int(zone[1:3]) * 3600 + int(zone[3:].lstrip(":") or 0) * 60
        off = -off if zone[0] == "-" else off
    return (((t - EPOCH).days * 86400 + (t - EPOCH).seconds - off) * 10**9 +
            int(((frac or "") + "0" * 9)[:9]))


def stamp_any(us, rng):
    """A time in one of the forms that are read."""
    form = rng.randrange(6)
    off = rng.choice([0, 120, -330, 765])
    zone = "%s%02d:%02d" % ("-" if off < 0 else "+", abs(off) // 60, abs(off) % 60)
    if form == 0:
        return stamp(us)
    if form == 1:
        return stamp(us + off * 60 * 10**6, "T", zone)
    if form == 2:
        return stamp(us + off * 60 * 10**6, " ", zone.replace(":", ""))
    if form == 3 and us % 10**6 == 0:
        t = EPOCH + datetime.timedelta(microseconds=us, minutes=off)
        return t.strftime("%d/%b/%Y:%H:%M:%S ") + zone.replace(":", "")
    return stamp(us, "T", "Z")


def big(rng):
    """A number of up to 38 digits at any scale, that leaves room for a sum."""
    scale = rng.choice([0, 0, 1, 12, 37, 38, rng.randrange(39)])
    m = rng.randrange(10 ** rng.choice([1, 2, 17, 30, 37 if scale else 33]))
    return decimal.Decimal("%s%de-%d" % (rng.choice(["", "", "-"]), m, scale))


def big_any(v, rng):
    """One of the ways to write it."""
    text = rng.choice([str, lambda x: format(x, "f")])(v)
    if "E" in text:
        return rng.choice([text, text.lower()])
    if "." in text and rng.random() < .2:
        text += "0" * rng.randrange(40)
    return rng.choice(["", "", "+", "00"]) + text if text[0] != "-" else text


def look(rng):
    """Rows of a look-up file: two keys, hk and ht, a number hw and a text hs."""
    texts = [t for t in dict.fromkeys(WORDS + HOSTILE) if t]
    n = rng.randrange(1, 15)
    return [(k, t, rng.choice([None, 1, 2, 7, -5]), rng.choice([None] + WORDS + WIDE) if i else
             "abc") for i, (k, t) in enumerate(zip(rng.sample(range(-12, 15), n),
                                                   ["abc"] + rng.sample(texts, n - 1)))
            if i == 0 or t != "abc"]


def table(rng, rows):
    """Rows as tuples of None, int, str, Decimal."""
    odd = lambda v, p: None if rng.random() < p else v
    base = rng.choice([1767225600, 951782400, 1709164800, -86400, 4102444800 - 3600])
    wide = rng.choice([40, 5000, 40 * 86400, 900 * 86400])

    def time(p):
        t = base + rng.randrange(-wide, wide)
        us = rng.choice([0, 0, 500000, 250000, 1, 999999, rng.randrange(10**6)])
        return odd(t * 10**6 + us, p)

    some = [big(rng) for _ in range(rng.choice([3, 30, 300]))]
    out = []
    for i in range(rows):
        out.append((
            i, odd(rng.randrange(-9, 12), .15), rng.choice([1, 2, 3, 7, 100, -5]),
            odd(rng.choice([-1, 1]) * rng.randrange(10 ** rng.randrange(1, 19)), .1),
            odd(rng.choice([rng.randrange(-9000, 9000), rng.randrange(-4, 5) * 500]), .2),
            odd(rng.choice(WORDS), .15), odd(rng.choice(WIDE), .15),
            odd(rng.choice(HOSTILE), .1), odd(rng.choice(NUMTEXT), .1),
            time(.1), (base + rng.randrange(-wide, wide) // 60 * 60) * 10**6,
            odd(rng.randrange(5), .1), odd(rng.choice(some), .1),
            odd(rng.choice(some + [big(rng)]), .1)))
    return out
