#!/usr/bin/env python3
"""make.py [DIR]: sample datasets of the format that the programs write now

Into DIR, by default tests/data/vN of the release: the source texts, a dataset
that holds every kind of file and every encoding, partial text, and the answers,
which sqlite3 computes from the texts.  newer/: files that say they are of a
later version, with checksums that are right.  mixed/: the log of v1, gone on
with.

A later release runs this when a format changes, adds what is new to it, and
keeps what is there.
"""
import csv, ctypes, ctypes.util, datetime, os, random, shutil, sqlite3
import subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("LAM_BIN", os.path.join(HERE, "..", "..", "bin"))
OUT = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.join(HERE, "v2")
ROWS = 360

HEAD = ("ts user status bytes latency price note ip seq path day zone mixed "
        "host empty blob").split()

VIEWS = {
    "by_status": """-- every aggregate that is exact
select status, count(*) as n, count(note) as notes, sum(bytes) as bytes,
       avg(latency) as mean, min(price) as lo, max(ts) as last_ts,
       count(distinct user) as users, first(note) as note1,
       arg_max(user, seq) as top, sum(price) filter (where status >= 400) as bad
from app where user <> 'u3' group by status
""",
    "by_user": """select user, date_trunc('minute', ts) as minute,
       count(*) as n, approx_count_distinct(ip) as ips,
       approx_quantile(latency, 0.9) as p90
from app group by user, minute
""",
    "pages": "select status, count(*) as hits, sum(bytes) as bytes from web "
             "group by status\n",
}


def lam(*args, stdin=None, ok=(0,)):
    p = subprocess.run([os.path.join(BIN, args[0]), *args[1:]], input=stdin,
                       capture_output=True, cwd=OUT, env=dict(
                           os.environ, LC_ALL="C", TZ="UTC", LAM_DATA="data"))
    if p.returncode not in ok:
        sys.exit("%s: exit %d: %s" % (args, p.returncode, p.stderr.decode()))
    return p.stdout


def rows():
    rng, t = random.Random(20260101), datetime.datetime(2026, 1, 1)
    seq = 1000000
    for i in range(ROWS):
        t += datetime.timedelta(milliseconds=rng.randrange(1, 2500))
        seq += rng.randrange(1, 30)
        late = t - datetime.timedelta(seconds=rng.choice([0, 0, 0, 3600]))
        yield [
            late.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (late.microsecond // 1000),
            "u%d" % int(rng.random() * rng.random() * 12),
            str(rng.choice([200, 200, 200, 304, 404, 500])),
            "" if rng.random() < .1 else str(rng.randrange(100000)),
            ("%.3f" % (rng.random() * 20)).rstrip("0").rstrip("."),
            "%.2f" % (rng.random() * 100),
            rng.choice(["", "say \"hi\", %d" % rng.randrange(9), "two\nlines",
                        "naïve ☃", "n%d" % rng.randrange(50)]),
            "10.%d.%d.%d" % (rng.randrange(4), rng.randrange(256), rng.randrange(256)),
            str(seq),
            "/a/long/path/of/files/%05d/%d.html" % (i // 2, i % 3),
            "2026-01-%02d" % (1 + i % 28),
            late.strftime("%d/%b/%Y:%H:%M:%S +0100"),
            rng.choice([str(rng.randrange(10 ** 6))] * 12 + ["007", "n/a", "+5"]),
            "web1.example.org",
            "",
            "".join(rng.choice("abcd ") for _ in range(30)),
        ]


def texts():
    all_rows = list(rows())
    with open(OUT + "/app.csv", "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(HEAD)
        w.writerows(all_rows)
    rng = random.Random(2)
    with open(OUT + "/web.log", "w") as f:
        for i in range(90):
            f.write('10.0.0.%d - %s [01/Jan/2026:00:%02d:%02d +0000] "GET /p%d HTTP/1.1" '
                    '%d %s "-" "agent %d"\n' % (rng.randrange(9), rng.choice(["-", "bob"]),
                    i // 60, i % 60, rng.randrange(5), rng.choice([200, 200, 404]),
                    rng.choice(["-", str(rng.randrange(9999))]), rng.randrange(3)))


def long_text():
    """A stream with blocks large enough for what pays only there."""
    rng, seq = random.Random(3), 10 ** 9
    with open(OUT + "/long.tsv", "w") as f:
        f.write("seq\tcode\tremark\tpath\n")
        for i in range(2100):
            seq += rng.randrange(4)
            f.write("%d\t%s\t%s\t/file/%06d\n" % (seq,
                    "n/a" if i % 70 == 9 else rng.randrange(10 ** 9),
                    "" if i % 5 == 2 else "%x" % rng.getrandbits(40),
                    i * 7 // 2))


def record_lines():
    """The header and each record of app.csv as text; a record may hold newlines."""
    out, quotes = [""], 0
    for c in open(OUT + "/app.csv", encoding="utf-8", newline="").read():
        out[-1] += c
        quotes += c == '"'
        if c == "\n" and quotes % 2 == 0:
            out.append("")
    return [r.encode() for r in out[:-1]]


def dataset():
    lines = record_lines()
    part = lambda a, b: lines[0] + b"".join(lines[a + 1:b + 1])
    os.makedirs(OUT + "/data/views")
    for name, sql in VIEWS.items():
        open(OUT + "/data/views/%s.sql" % name, "w").write(sql)
    publish = lambda: lam("lam-serve", stdin=lam("lam-batch"))
    ingest = lambda text, ok=(0,), n="1000": lam("lam-ingest", "-q", "-s", "app",
        "--segment-records", n, stdin=text, ok=ok)
    ingest(part(0, 100), n="100")
    lam("lam-ingest", "-q", "-s", "web", "-f", "combined", "web.log")
    # An empty field of TSV is an empty text; here it is to be NULL.
    lam("lam-ingest", "-q", "-s", "long", "-f", "tsv",
        stdin=open(OUT + "/long.tsv", "rb").read().replace(b"\t\t", b"\t\\N\t"))
    publish()
    ingest(part(100, 150), n="100")
    ingest(part(150, 200), n="100")
    publish()
    ingest(part(200, 270), n="100")  # seals two blocks as one
    lam("lam-speed")
    ingest(part(270, 310))
    lam("lam-speed")
    with open(OUT + "/data/master/app/%020d.seg" % 200, "ab") as f:
        f.write(b"LAMBLOK2, torn")
    ingest(part(310, ROWS - 1))
    ingest(lines[0] + b"too,short\n" + lines[ROWS], ok=(0,))
    with open(OUT + "/all.part", "wb") as f:
        f.write(lam("lam-batch", "--as-of", "200", "by_status", "by_user"))
    for d, _, names in os.walk(OUT + "/data"):
        for n in names:
            if n in ("lock", ".lock"):
                os.unlink(os.path.join(d, n))


def answers():
    db = sqlite3.connect(":memory:")
    db.execute("create table app (%s)" % ", ".join(HEAD))
    with open(OUT + "/app.csv", newline="", encoding="utf-8") as f:
        r = csv.reader(f)
        next(r)
        db.executemany("insert into app values (%s)" % ",".join("?" * len(HEAD)),
                       [[v if v else None for v in row] for row in r])
    out = db.execute("""
        select status, count(*), count(note), sum(cast(bytes as integer)),
            (select note from app b where b.status = a.status and user <> 'u3'
             order by rowid limit 1),
            max(ts), count(distinct user), min(cast(price * 100 + .5 as integer)),
            (select user from app b where b.status = a.status and user <> 'u3'
             order by cast(seq as integer) desc limit 1)
        from app a where user <> 'u3' group by status order by status""").fetchall()
    with open(OUT + "/by_status.csv", "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(["status", "n", "notes", "bytes", "note1", "last_ts", "users", "cents", "top"])
        w.writerows(out)
    with open(OUT + "/long.tsv") as f:
        rows = [l.rstrip("\n").split("\t") for l in f][1:]
    db.execute("create table long (seq, code, remark, path)")
    db.executemany("insert into long values (?, ?, nullif(?, ''), ?)", rows)
    with open(OUT + "/long.csv", "w") as f:
        f.write("%d,%d,%d,%d,%d,%s,%s\n" % db.execute("""select count(*), sum(seq),
            sum(case when code <> 'n/a' then code end), sum(code <> 'n/a'), count(remark),
            min(remark), max(path) from long""").fetchone())
    out = db.execute("""select user, substr(ts, 1, 16) || ':00Z', count(*), count(distinct ip)
        from app group by 1, 2 order by 1, 2""").fetchall()
    with open(OUT + "/by_user.csv", "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(["user", "minute", "n", "ips"])
        w.writerows(out)
    with open(OUT + "/pages.csv", "w") as f:
        f.write(subprocess.run(["awk", """{ n[$9]++; if ($10 != "-") b[$9] += $10 }
            END { for (s in n) print s "," n[s] "," b[s] | "sort"
                  close("sort") }"""], stdin=open(OUT + "/web.log"), stdout=subprocess.PIPE,
            check=True, text=True).stdout)


# ------------------------------------------------ files of a version to come

XXH = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
XXH.XXH3_64bits.restype = ctypes.c_uint64
XXH.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def checksum(b):
    return XXH.XXH3_64bits(bytes(b), len(b)).to_bytes(8, "little")


def newer_block_file(b):
    """The version in the header."""
    b = bytearray(b)
    b[8] += 1
    end = 16 + (int.from_bytes(b[12:16], "little") + 7) // 8 * 8
    b[end:end + 8] = checksum(b[:end])
    return b


def newer_index(b):
    """The version of the lines in the header of a block file of this one."""
    b = bytearray(b)
    b[b.index(b"lam-index ") + 10] += 1
    end = 16 + (int.from_bytes(b[12:16], "little") + 7) // 8 * 8
    b[end:end + 8] = checksum(b[:end])
    return b


def newer_durable(b):
    b = bytearray(b)
    b[8] += 1
    b[48:56] = checksum(b[:48])
    return b


def newer_partial(b):
    """Each section, whose checksum is of all before its #end line."""
    out = b""
    for section in b.replace(b"#lam-partial 2\n", b"#lam-partial 3\n").split(b"#end ")[:-1]:
        if out:
            end, section = section.split(b"\n", 1)
            out += b"#end " + end[:-16] + sum_.encode() + b"\n"
        sum_ = "%016x" % int.from_bytes(checksum(section), "little")
        out += section
    end, rest = b.split(b"#end ")[-1].split(b"\n", 1)
    return out + b"#end " + end[:-16] + sum_.encode() + b"\n" + rest


def newer():
    data = OUT + "/data/"
    for path, how in (
            ("master/app/%020d.seg" % 100, newer_block_file),
            ("master/app/%020d.seg" % 200, newer_block_file),
            ("master/app/durable", newer_durable),
            ("serving/by_status", newer_block_file),
            ("serving/by_user", newer_index),
            ("speed/by_status", newer_block_file),
            ("speed/by_user", newer_index)):
        if os.path.isdir(data + path):
            path += "/" + sorted(os.listdir(data + path))[-1]
        to = OUT + "/newer/" + path
        os.makedirs(os.path.dirname(to), exist_ok=True)
        open(to, "wb").write(how(open(data + path, "rb").read()))
    open(OUT + "/newer/all.part", "wb").write(newer_partial(open(OUT + "/all.part", "rb").read()))


def mixed():
    """Segments of version 1, the active one too, and of this one."""
    shutil.copytree(HERE + "/v1/data/master/app", OUT + "/mixed/master/app")
    lam("lam-ingest", "-q", "-d", "mixed", "-s", "app", "app.csv")
    os.unlink(OUT + "/mixed/master/app/lock")


shutil.rmtree(OUT, ignore_errors=True)
os.makedirs(OUT)
texts()
long_text()
dataset()
answers()
newer()
mixed()
