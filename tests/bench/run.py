#!/usr/bin/env python3
"""run.py - speed, as ratios against peers in the same run

    run.py [--rows N] [--runs N] [--grow N] [JOB...]

Every job is one question and one command per program.  The programs first have to
give the same answer; then they are timed as whole processes, in turn (ours, a
peer, ours, ...), warm, RUNS times (five times as often if ours is short), and the
medians are compared (a peer that needs more than 20 s is run once).  A peer that is
not there is listed as absent.

A job's limit (limit.c) is timed in the same turns: what it must read, inflate or
write at least, and nothing else, or the start of a process that does nothing.

--grow N also measures the cost of a row in a log of N rows against one of 1 M.
The tables go to standard output and, of a run of all jobs, to tests/bench/results/.
"""
import argparse, csv, datetime, filecmp, glob, json, os, platform, shlex, shutil, statistics
import subprocess, sys, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(ROOT, "bin")
WORK = os.path.join(ROOT, "build", "bench")
PEERS = os.path.join(ROOT, "build", "peers")
SLOW = 20  # seconds: what takes longer is run once
SHORT = 0.2  # what takes less is run five times as often
THREADS = len(os.sched_getaffinity(0))


def find_peers():
    duck = glob.glob(PEERS + "/lib/python3*/site-packages/duckdb_cli/duckdb")
    python = PEERS + "/bin/python"

    def module(name):
        ok = os.path.exists(python) and subprocess.run(
            [python, "-c", "import " + name], capture_output=True).returncode == 0
        return python if ok else None
    return {"duckdb": duck[0] if duck else shutil.which("duckdb"),
            "polars": module("polars"), "chdb": module("chdb"),
            "mlr": shutil.which("mlr"), "mawk": shutil.which("mawk"),
            "sqlite3": shutil.which("sqlite3")}


PEER = find_peers()


def run(command, stdout=os.devnull):
    """Seconds and peak KiB of one whole process (group) run, from its start to its
    end and nothing around them: a Popen costs as much again as a short job."""
    argv = shlex.split(command)
    out = os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    err = os.open("stderr", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    to = [(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, err, 2)]
    begin = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=to)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - begin
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        sys.exit("failed (%d): %s\n%s" % (code, command, os.pread(err, 4000, 0).decode()))
    os.close(out)
    os.close(err)
    return seconds, usage.ru_maxrss


def normalise(path):
    """The rows of CSV at PATH, in one order and one spelling."""
    rows = []
    for line in open(path, encoding="utf-8", errors="replace").read().splitlines()[1:]:
        cells = []
        for c in line.replace("\t", ",").split(","):
            c = c.strip('"')
            if len(c) >= 19 and c[4:5] == "-" and c[10:11] in " T":
                c = c[:19].replace("T", " ")
            else:
                try:
                    c = "%.6g" % float(c)
                except ValueError:
                    pass
            cells.append(c)
        rows.append(",".join(cells))
    with open(path, "w") as f:
        f.write("\n".join(sorted(rows)))


def answer(command, path):
    """What COMMAND answers, into the file PATH.  In a process of its own, as a
    big parent would be counted in the memory of its children."""
    run(command, path)
    if os.fork() == 0:
        normalise(path)
        os._exit(0)
    if os.wait()[1]:
        sys.exit("cannot read the answer of " + command)


def duck(sql, db=""):
    return '%s %s -csv -c "set threads=%d; set timezone=\'UTC\'; %s"' % (
        PEER["duckdb"], db, THREADS, sql)


def chdb(sql):
    return '%s -c "import chdb; print(chdb.query(\\"%s settings max_threads=%d\\", \'CSVWithNames\').bytes().decode(), end=\'\')"' % (
        PEER["chdb"], sql.replace("'", "'"), THREADS)


def polars(code):
    return 'env POLARS_MAX_THREADS=%d %s -c "import polars as pl; c=pl.col; print((%s).write_csv(), end=\'\')"' % (
        THREADS, PEER["polars"], code)


def lam(tool, rest, threads=THREADS):
    return "%s/%s --threads %d %s" % (BIN, tool, threads, rest)


def limit(rest):
    return "%s/build/release/bench/limit %s" % (ROOT, rest)


FIELDS = "time host ip method path status bytes latency agent".split()


def columns(names, data="data", threads=THREADS):
    """What is read at least: these columns of every block."""
    return ("read and verify " + names.replace(" ", ", "), limit("columns %d %s %s" % (
        threads, ",".join(str(FIELDS.index(n)) for n in names.split()),
        " ".join(sorted(glob.glob(WORK + "/" + data + "/master/log/*.seg"))))))


START = ("start a process", BIN + "/lam-query --version")


VIEWS = {
    "minute": "select date_trunc('minute', time) as minute, status, count(*) as hits, sum(bytes) as bytes from log group by minute, status",
    "sketch": "select date_trunc('minute', time) as minute, status, count(*) as hits, sum(bytes) as bytes, approx_count_distinct(ip) as ips, approx_quantile(latency, 0.5) as p50, approx_quantile(latency, 0.99) as p99 from log group by minute, status",
    "hourpath": "select date_trunc('hour', time) as hour, path, count(*) as hits, sum(bytes) as bytes from log group by hour, path",
    "regex": "select status, count(*) as hits from log where regexp_matches(path, '^/api/.*[0-9]7') group by status",
    "filtered": "select status, count(*) as hits, sum(bytes) as bytes from log where path = '@PATH' and time >= '2026-01-01T23:00:00Z' group by status",
}
TEN = ["host", "method", "status", "host, status", "method, status", "agent",
       "date_trunc('minute', time)", "date_trunc('hour', time)",
       "date_trunc('hour', time), status", "date_trunc('minute', time), method"]


def parquet(sql):
    return duck(sql.replace("from log", "from 'log.parquet'").replace(
        "'2026-01-01T23:00:00Z'", "timestamp '2026-01-01 23:00:00'"))


def view_job(name, target, floor, exact=True, peers=()):
    sql = VIEWS[name]
    return dict(name="recompute " + name, target=target, exact=exact, limit=floor,
                ours=lam("lam-batch", "-d data " + name),
                check=lam("lam-query", '-d data "%s"' % sql),
                theirs=[("duckdb", "Parquet", parquet(sql))] + list(peers))


# Time, status and bytes of a line of a web server: the three groups get names.
PATTERN = r'[^[]*\[(%s[^]]*)\] "[^"]*" (%s\d+) (%s\d+) .*'
REGEX = """set threads = %d;
select r.status as status, count(*) as hits, sum(r.bytes::bigint) as bytes
from (select regexp_extract(line, '%s', ['time', 'status', 'bytes']) as r
      from read_csv('log.combined', header = false, columns = {'line': 'VARCHAR'},
                    delim = '\x01', quote = '', escape = '')) as x
group by status;
"""

JOIN = "select kind, count(*) as hits, sum(bytes) as bytes from log, ips where log.ip = ips.address group by kind order by kind"
SMALL = "select kind, count(*) as hits, sum(bytes) as bytes from ips join log on log.ip = ips.address group by kind order by kind"
GAPS = "select count(*) as n, max(gap) as most from (select bytes - lag(bytes) over (partition by ip order by time, bytes) as gap from log) as g"
FIRST = "select time, ip, bytes from log order by bytes desc, ip, time limit 100"


def raw_job(name, sql, fields, ours="", theirs=""):
    """A query on the rows of the log; THEIRS stands in place of OURS for the peer."""
    text = sql.replace(ours, theirs) if ours else sql
    return dict(name=name, target=1, limit=columns(fields),
                ours=lam("lam-query", '-d data "%s"' % sql),
                theirs=[("duckdb", "Parquet", duck(text.replace("from log", "from 'log.parquet' log").replace(
                    "join log", "join 'log.parquet' log")))])


def jobs():
    minute = VIEWS["minute"]
    plain = "select date_trunc('minute', time) as minute, status, count(*) as hits, sum(bytes) as bytes from %s group by minute, status"
    read = "read_csv('log.csv%s', types={'time':'TIMESTAMP'})"
    nested = "select %s as status, count(*) as hits, sum(%s) as bytes from %s group by status"
    lines = "select status, count(*) as hits, sum(bytes::bigint) as bytes from %s group by status"
    ch = "select toStartOfMinute(toTimeZone(time, 'UTC')) as minute, status, count() as hits, sum(bytes) as bytes from file('%s', CSVWithNames) group by minute, status"
    chp = "select toStartOfMinute(time) as minute, status, count() as hits, sum(bytes) as bytes from file('log.parquet', Parquet) group by minute, status"
    pol = "%s.group_by(c('time').dt.truncate('1m'), 'status').agg(pl.len(), c('bytes').sum()).collect()"
    return [
        dict(name="ingest CSV, durable", target=3,
             limit=("read the text, write and sync as many bytes", "sh -c '%s && %s'" % (
                 limit("text %d log.csv" % THREADS), limit("write %d new.tmp" % size("data/master")))),
             ours="sh -c 'rm -rf new && %s'" % lam("lam-ingest", "-q -d new -s log log.csv"),
             theirs=[("duckdb", "Parquet", duck("copy (select * from %s) to 'new.parquet'" % (read % "")))]),
        dict(name="ingest JSON lines, durable", target=3,
             limit=("read the text, find its lines", limit("text %d log.jsonl" % THREADS)),
             ours="sh -c 'rm -rf new && %s'" % lam("lam-ingest", "-q -d new -s log log.jsonl"),
             theirs=[("duckdb", "Parquet", duck("copy (select * from read_json('log.jsonl')) to 'new.parquet'"))]),
        view_job("minute", 15, columns("time status bytes"), peers=[
            ("polars", "Parquet", polars(pol % "pl.scan_parquet('log.parquet')")),
            ("chdb", "Parquet", chdb(chp))]),
        view_job("sketch", 20, columns("time status bytes ip latency"), exact=False),
        view_job("hourpath", 5, columns("time path bytes")),
        view_job("filtered", 15, START),
        view_job("regex", 5, columns("path status")),
        dict(name="ten views, one pass", target="2.5 = cost of 4",
             ours=lam("lam-batch", "-d data " + " ".join("t%d" % i for i in range(10))),
             limit=columns("time host method path status bytes agent"),
             theirs=[("lam", "one view after the other", "sh -c '%s'" % "; ".join(
                 lam("lam-batch", "-d data t%d" % i) for i in range(10)))]),
        dict(name="two threads, nothing but additions", target="what this machine gives", ours=limit("spin 2"),
             theirs=[("lam", "one thread", limit("spin 1"))]),
        dict(name="two threads, sketch", target=1.8, ours=lam("lam-batch", "-d data sketch", 2),
             theirs=[("lam", "one thread", lam("lam-batch", "-d data sketch", 1))]),
        dict(name="two threads, hourpath", target=1.8, ours=lam("lam-batch", "-d data hourpath", 2),
             theirs=[("lam", "one thread", lam("lam-batch", "-d data hourpath", 1))]),
        dict(name="answer after 10,000 new records", target="grows with them",
             ours=lam("lam-query", '-d after "select sum(hits) as n from minute"'),
             theirs=[("lam", "after 100,000", lam("lam-query", '-d later "select sum(hits) as n from minute"')),
                     ("lam", "no batch: all of it", lam("lam-query", '-d data "select sum(hits) as n from minute"'))]),
        dict(name="incremental batch, 100,000 new", target=None,
             ours=lam("lam-batch", "-d later --incremental minute"),
             theirs=[("lam", "full recompute", lam("lam-batch", "-d later minute"))]),
        dict(name="ad hoc CSV", target="2 (mawk: 4)",
             limit=("read the text, find its lines", limit("text %d log.csv" % THREADS)),
             ours=lam("lam-query", '"%s"' % plain % "'log.csv'"),
             theirs=[("duckdb", "read_csv", duck(plain % (read % ""))),
                     ("mawk", "", "mawk -F, 'NR > 1 { k = substr($1, 1, 16) \",\" $6; n[k]++; b[k] += $7 } END { print \"m,s,n,b\"; for (k in n) { split(k, p, \",\"); printf \"%s:00,%s,%d,%.0f\\n\", p[1], p[2], n[k], b[k] } }' log.csv"),
                     ("polars", "scan_csv", polars(pol % "pl.scan_csv('log.csv', try_parse_dates=True)")),
                     ("chdb", "CSV", chdb(ch % "log.csv")),
                     ("mlr", "", "mlr --icsv --ocsv put -q '$m = sub($time, \":[0-9.]*Z$\", \":00\"); @n[$m][$status] += 1; @b[$m][$status] += $bytes; end { emit (@n, @b), \"m\", \"s\" }' log.csv")]),
        dict(name="ad hoc JSON lines", target=3,
             limit=("read the text, find its lines", limit("text %d log.jsonl" % THREADS)),
             ours=lam("lam-query", '"%s"' % nested % ('\\"request.status\\"', '\\"request.bytes\\"', "'log.jsonl'")),
             theirs=[("duckdb", "read_json", duck(nested % ("request.status", "request.bytes", "read_json('log.jsonl')")))]),
        dict(name="ad hoc logfmt", target=10,
             limit=("read the text, find its lines", limit("text %d log.logfmt" % THREADS)),
             ours=lam("lam-query", "\"select status, sum(bytes) as bytes from 'log.logfmt' group by status\""),
             theirs=[("mlr", "--idkvp, no quotes", "mlr --ifs ' ' --ips = --idkvp --ocsv stats1 -a sum -f bytes -g status log.logfmt")]),
        dict(name="ad hoc combined", target="3; %.2f s are 1.5 GB/s" % (size_of("log.combined") / 1.5e9),
             limit=("read the text, find its lines", limit("text %d log.combined" % THREADS)),
             ours=lam("lam-query", '"%s"' % lines % "'log.combined'"),
             theirs=[("duckdb", "regexp_extract", "%s -csv -f regex.sql" % PEER["duckdb"])]),
        dict(name="ad hoc regex", target=3,
             limit=("read the text, find its lines", limit("text %d log.combined" % THREADS)),
             ours=lam("lam-query", "-f 'regex:%s' \"%s\"" % (PATTERN % ("?<time>", "?<status>", "?<bytes>"), lines % "'log.combined'")),
             theirs=[("duckdb", "regexp_extract", "%s -csv -f regex.sql" % PEER["duckdb"])]),
        dict(name="ad hoc CSV.gz", target=2,
             limit=("inflate", limit("inflate log.csv.gz")),
             ours=lam("lam-query", '"%s"' % plain % "'log.csv.gz'"),
             theirs=[("duckdb", "read_csv", duck(plain % (read % ".gz")))]),
        raw_job("join with 100,000 rows", JOIN, "time ip bytes", ", ips", ", 'ips.parquet' ips"),
        raw_job("join from the smaller side", SMALL, "ip bytes", "from ips", "from 'ips.parquet' ips"),
        raw_job("window over raw rows", GAPS, "time ip bytes"),
        raw_job("the first rows of all, sorted", FIRST, "time ip bytes"),
        dict(name="one key of 1 M served rows", target="5; below 5 ms", limit=START,
             ours=lam("lam-query", "-d served \"select hits, bytes from million where id = 'k777777'\""),
             theirs=[("duckdb", "its own file", duck("select hits, bytes from million where id = 'k777777'", "million.duckdb")),
                     ("sqlite3", "its own file, indexed", "sqlite3 -csv -header million.sqlite \"select hits, bytes from million where id = 'k777777'\"")]),
        dict(name="roll-up of 1 M served rows", target=5, limit=START,
             ours=lam("lam-query", '-d served "select g, hits, bytes from million group by g"'),
             theirs=[("duckdb", "its own file", duck("select g, sum(hits) as hits, sum(bytes) as bytes from million group by g", "million.duckdb")),
                     ("sqlite3", "its own file", "sqlite3 -csv -header million.sqlite 'select g, sum(hits) as hits, sum(bytes) as bytes from million group by g'")]),
    ]


def prepare(rows):
    os.makedirs(WORK, exist_ok=True)
    os.chdir(WORK)
    subprocess.run(["make", "-s", "-C", ROOT, "all", "build/release/bench/gen",
                    "build/release/bench/limit"], check=True)
    stamp = "rows-%d" % rows
    if not os.path.exists(stamp) or not os.path.exists("log.combined"):
        for f in glob.glob("rows-*") + glob.glob("log.*"):
            os.remove(f)
        for d in ("data", "served", "new"):
            shutil.rmtree(d, ignore_errors=True)
        with open("log.csv", "wb") as f:
            subprocess.run([ROOT + "/build/release/bench/gen", str(rows)], stdout=f, check=True)
        subprocess.run("gzip -k -6 log.csv", shell=True, check=True)
        prepare_texts()
        open(stamp, "w").close()
    if PEER["duckdb"] and not os.path.exists("log.parquet"):
        run(duck("copy (select * from read_csv('log.csv', types={'time':'TIMESTAMP'})) to 'log.parquet'"))
    shutil.rmtree("data", ignore_errors=True)
    run(lam("lam-ingest", "-q -d data -s log log.csv"))
    path = subprocess.run("sed -n 1001p log.csv | cut -d, -f5", shell=True,
                          capture_output=True, text=True).stdout.strip()
    os.makedirs("data/views", exist_ok=True)
    for name in VIEWS:
        VIEWS[name] = VIEWS[name].replace("@PATH", path)
        with open("data/views/%s.sql" % name, "w") as f:
            f.write(VIEWS[name] + "\n")
    for i, keys in enumerate(TEN):
        with open("data/views/t%d.sql" % i, "w") as f:
            f.write("select %s, count(*) as hits, sum(bytes) as bytes from log group by %s\n" % (keys, keys))
    prepare_after("after", 10000)
    prepare_after("later", 100000)
    prepare_million()
    prepare_ips()


def prepare_ips():
    """A kind for each of the first 100,000 addresses of the log."""
    seen = set()
    with open("log.csv") as log, open("ips.csv", "w") as f:
        f.write("address,kind\n")
        for line in log:
            ip = line.split(",", 3)[2]
            if ip not in seen and ip != "ip" and len(seen) < 100000:
                seen.add(ip)
                f.write("%s,kind%d\n" % (ip, len(seen) % 97))
    run(lam("lam-ingest", "-q -d data -s ips ips.csv"))
    if PEER["duckdb"]:
        run(duck("copy (from read_csv('ips.csv')) to 'ips.parquet'"))


def prepare_texts():
    """The log as JSON lines, objects in objects, as logfmt, and as web servers write it."""
    with open("regex.sql", "w") as f:
        f.write(REGEX % (THREADS, PATTERN % ("", "", "")))
    with open("log.csv") as log, open("log.jsonl", "w") as js, open("log.logfmt", "w") as fmt, \
            open("log.combined", "w") as web:
        rows = csv.reader(log)
        names = next(rows)
        for row in rows:
            r = dict(zip(names, row))
            status, size = int(r["status"]), int(r["bytes"])
            js.write(json.dumps({
                "time": r["time"], "level": "info", "service": "web",
                "request": {"method": r["method"], "path": r["path"], "status": status, "bytes": size,
                            "headers": {"host": r["host"], "agent": r["agent"]}},
                "client": {"ip": r["ip"], "roles": ["user"]}, "latency": r["latency"]},
                separators=(",", ":")) + "\n")
            fmt.write("time=%s host=%s method=%s path=%s status=%d bytes=%d agent=%s\n" % (
                r["time"], r["host"], r["method"], r["path"], status, size, json.dumps(r["agent"])))
            at = datetime.datetime.strptime(r["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
            web.write('%s - - [%s +0000] "%s %s HTTP/1.1" %d %d "-" "%s"\n' % (
                r["ip"], at.strftime("%d/%b/%Y:%H:%M:%S"), r["method"], r["path"], status, size, r["agent"]))


def prepare_after(name, rows):
    """The log, served as of its last record, and then ROWS more."""
    shutil.rmtree(name, ignore_errors=True)
    shutil.copytree("data", name)
    run("sh -c '%s/lam-batch -d %s minute | %s/lam-serve -d %s'" % (BIN, name, BIN, name))
    run("sh -c 'head -%d log.csv | %s/lam-ingest -q -d %s -s log'" % (rows + 1, BIN, name))


def prepare_million():
    if not os.path.exists("million.csv"):
        with open("million.csv", "w") as f:
            f.write("id,g,bytes\n")
            for i in range(1000000):
                f.write("k%06d,g%d,%d\n" % (i, i % 1000, i * 7919 % 100003))
    shutil.rmtree("served", ignore_errors=True)
    os.makedirs("served/views")
    with open("served/views/million.sql", "w") as f:
        f.write("select id, g, count(*) as hits, sum(bytes) as bytes from rows group by id, g\n")
    run(lam("lam-ingest", "-q -d served -s rows million.csv"))
    run("sh -c '%s/lam-batch -d served | %s/lam-serve -d served'" % (BIN, BIN))
    make = "create table million as select id, g, count(*) as hits, sum(bytes) as bytes from %s group by id, g"
    if PEER["duckdb"] and not os.path.exists("million.duckdb"):
        run(duck(make % "'million.csv'", "million.duckdb"))
    if PEER["sqlite3"] and not os.path.exists("million.sqlite"):
        run("sqlite3 million.sqlite 'create table raw(id text, g text, bytes integer)' "
            "'.mode csv' '.import --skip 1 million.csv raw' "
            "'create table million(id text primary key, g text, hits integer, bytes integer) without rowid' "
            "'insert into million select id, g, count(*), sum(bytes) from raw group by id, g' "
            "'drop table raw' vacuum")


def measure(job, runs):
    """Rows of the table of ratios, the row of the table of limits, absent peers."""
    theirs = [t for t in job["theirs"] if t[0] == "lam" or PEER.get(t[0])]
    absent = [t[0] for t in job["theirs"] if t not in theirs]
    if job.get("exact", True) and job["theirs"][0][0] != "lam" and "ingest" not in job["name"]:
        answer(job.get("check", job["ours"]), "ours")
        for peer, how, command in theirs:
            answer(command, "theirs")
            if not filecmp.cmp("ours", "theirs", False):
                sys.exit("%s: %s %s does not give our answer" % (job["name"], peer, how))
    once = run(job["ours"])[0]
    ours, other, least, peak = [], {t: [] for t in theirs}, [], 0
    for i in range(runs if once > SHORT else runs * 5):
        for t in theirs or [None]:
            if i and t and other[t][0] > SLOW:
                continue
            if t:
                other[t].append(run(t[2])[0])
            s, kib = run(job["ours"])
            ours.append(s)
            peak = max(peak, kib)
        if "limit" in job:
            least.append(run(job["limit"][1])[0])
    med = statistics.median(ours)
    lines = []
    for t in theirs:
        m = statistics.median(other[t])
        lines.append((job["name"], med, peak, "%s %s" % (t[0], t[1]), m, m / med,
                      job.get("target")))
    floor = None
    if least:
        floor = (job["name"], med, statistics.median(least), job["limit"][0])
    return lines, floor, absent


def groups():
    """20 M groups in 256 MiB: seconds and peak, and those of DuckDB with that limit."""
    with open("groups.csv", "w") as f:
        f.write("id,v\n")
        for i in range(20000000):
            f.write("k%d,%d\n" % (i * 7919 % 20000003, i % 100))
    s, kib = run(lam("lam-batch", '--memory 256M -e "select id, count(*) as n, sum(v) as s '
                     "from 'groups.csv' group by id\""))
    said = "20 M groups with --memory 256M: %.1f s, peak %d MiB (at most 320 wanted)" % (s, kib // 1024)
    if PEER["duckdb"]:
        s, kib = run(duck("set memory_limit='256MB'; set temp_directory='groups.tmp'; copy (select id, count(*) as n, "
                          "sum(v) as s from 'groups.csv' group by id) to 'groups.out'"))
        said += "; DuckDB, in no order: %.1f s, peak %d MiB" % (s, kib // 1024)
        os.remove("groups.out")
        shutil.rmtree("groups.tmp", ignore_errors=True)
    os.remove("groups.csv")
    return said


def grow(rows):
    """Nanoseconds per row of a log of ROWS rows, against one of 1 M."""
    out = ["", "| rows | ingest, ns per row | minute | sketch | hourpath |", "|---|---|---|---|---|"]
    for n in (1000000, rows):
        shutil.rmtree("grown", ignore_errors=True)
        with open("grown.csv", "wb") as f:
            subprocess.run([ROOT + "/build/release/bench/gen", str(n)], stdout=f, check=True)
        cells = ["%.1f" % (run(lam("lam-ingest", "-q -d grown -s log grown.csv"))[0] * 1e9 / n)]
        os.remove("grown.csv")
        shutil.copytree("data/views", "grown/views")
        for v in ("minute", "sketch", "hourpath"):
            c = lam("lam-batch", "-d grown " + v)
            run(c)
            cells.append("%.2f" % (statistics.median(run(c)[0] for _ in range(5)) * 1e9 / n))
        out.append("| %d | %s |" % (n, " | ".join(cells)))
    shutil.rmtree("grown", ignore_errors=True)
    return out


def size(path):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(path) for f in fs)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--rows", type=int, default=5000000)
    a.add_argument("--runs", type=int, default=5)
    a.add_argument("--grow", type=int, default=0)
    a.add_argument("jobs", nargs="*")
    a = a.parse_args()
    prepare(a.rows)
    cpu = [l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")]
    out, floors = [], []

    def say(*lines):
        out.extend(lines)
        print("\n".join(lines), flush=True)
    say("# %d rows, %d threads, %s, median of %d (%d if short)" % (
        a.rows, THREADS, cpu[0] if cpu else platform.machine(), a.runs, a.runs * 5), "",
        "Peers: " + ", ".join(k + " " + version(k) if v else k + " (absent)" for k, v in PEER.items()), "",
        "| job | ours, s | peak, MiB | against | theirs, s | theirs / ours | target |",
        "|---|---|---|---|---|---|---|")
    for job in jobs():
        if a.jobs and not any(j in job["name"] for j in a.jobs):
            continue
        lines, floor, absent = measure(job, a.runs)
        for name, med, peak, who, m, ratio, target in lines:
            say("| %s | %.4f | %.0f | %s | %.4f | **%.1f** | %s |" % (
                name, med, peak / 1024, who, m, ratio, target or ""))
        for who in absent:
            say("| %s | | | %s | absent | | |" % (job["name"], who))
        if floor:
            floors.append(floor)
    say("", "| job | ours, s | limit, s | which is to | limit / ours |", "|---|---|---|---|---|")
    for name, med, least, what in floors:
        say("| %s | %.4f | %.4f | %s | %.0f %% |" % (name, med, least, what, 100 * least / med))
    say("", "On disk: log.csv %d, log.csv.gz %d, master log %d, Parquet %s bytes" % (
        size_of("log.csv"), size_of("log.csv.gz"), size("data/master"), size_of("log.parquet")))
    if not a.jobs:
        say("", groups())
    if a.grow:
        say(*grow(a.grow))
    if not a.jobs:
        say("", "Commands:", "", *("- %s: `%s`" % (j["name"], j["ours"].replace(BIN + "/", "").replace(ROOT + "/", "")) for j in jobs()))
        name = "%s-%s.md" % (datetime.date.today().isoformat(), platform.machine())
        os.makedirs(ROOT + "/tests/bench/results", exist_ok=True)
        with open(ROOT + "/tests/bench/results/" + name, "w") as f:
            f.write("\n".join(out) + "\n")


def version(peer):
    """What PEER says of its version, as short as it can be had."""
    if PEER[peer] == PEERS + "/bin/python":
        command = [PEER[peer], "-c", "import %s; print(%s.__version__)" % (peer, peer)]
    else:
        command = [PEER[peer], "-Wversion" if peer == "mawk" else "--version"]
    said = subprocess.run(command, capture_output=True, text=True)
    words = [w for w in (said.stdout + said.stderr).split() if any(c.isdigit() for c in w)]
    return words[0] if words else ""


def size_of(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


if __name__ == "__main__":
    main()
