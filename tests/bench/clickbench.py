#!/usr/bin/env python3
"""clickbench.py - the 43 queries of ClickBench, as ratios against peers in the same run

    clickbench.py [--rows N] [--runs N] [--no-csv] [QUERY...]

hits.py makes the table, hits.tsv has the queries.  Each is asked of the master log,
and of DuckDB over Parquet, whole processes in turn; of DuckDB and ClickHouse (chdb)
in one warm process each, which shows what their engines take; and of the CSV as it
is, against DuckDB's read_csv, which at 10 M rows is most of the time.  Rows are compared first: those of a LIMIT by the
columns that it is ordered by, as ties may fall either way.

The table goes to standard output and, of a run of all queries, to results/.
"""
import argparse, csv, datetime, math, os, platform, re, statistics, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from run import PEER, ROOT, THREADS, WORK, duck, lam, run

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = ROOT + "/build/peers/bin/python"
READ = ("read_csv('hits.csv', header = true, quote = '\"', escape = '\"', "
        "nullstr = 'NULL')")
# One warm process: a query a line, its seconds a line, the median of the runs.
WARM = {
    "duckdb": """import duckdb
c = duckdb.connect()
c.execute("set threads = %(threads)d; set enable_progress_bar = false")
def ask(sql): c.execute(sql.replace("from hits", "from 'hits.parquet'")).fetchall()""",
    "chdb": """import chdb
def ask(sql):
    sql = sql.replace("from hits", "from file('hits.parquet', Parquet)")
    chdb.query(sql + " settings max_threads = %(threads)d", "CSV").bytes()""",
}
LOOP = """
import sys, time
for line in sys.stdin:
    took = []
    for i in range(%(runs)d):
        begin = time.perf_counter()
        ask(line)
        took.append(time.perf_counter() - begin)
    print(sorted(took)[%(runs)d // 2], flush=True)"""


def prepare(rows):
    os.makedirs(WORK, exist_ok=True)
    os.chdir(WORK)
    subprocess.run(["make", "-s", "-C", ROOT, "all"], check=True)
    stamp = "hits-%d" % rows
    if not os.path.exists(stamp):
        subprocess.run("rm -rf hits-* hits.parquet hits", shell=True, check=True)
        with open("hits.csv", "wb") as f:
            subprocess.run([PYTHON, HERE + "/hits.py", str(rows)], stdout=f, check=True)
        open(stamp, "w").close()
    if PEER["duckdb"] and not os.path.exists("hits.parquet"):
        run(duck("copy (select * from %s) to 'hits.parquet'" % READ.replace('"', '\\"')))
    subprocess.run("rm -rf hits", shell=True, check=True)
    run(lam("lam-ingest", "-q -d hits -s hits hits.csv"))


def shell(text):
    return "'" + text.replace("'", "'\\''") + "'"


def ours(sql):
    """DuckDB may take four fifths of the memory; at 10 M rows two queries need more than
    the gigabyte that is ours unless more is given."""
    return lam("lam-query", "--memory 4G -d hits " + shell(sql))


def theirs(sql, table):
    return "%s -csv -c %s" % (PEER["duckdb"], shell(
        "set threads = %d; set timezone = 'UTC'; %s" % (THREADS, sql.replace("from hits", "from " + table))))


def rows_of(command):
    run(command, "rows.csv")
    return list(csv.reader(open("rows.csv", encoding="utf-8")))


def cell(text):
    """One spelling: of numbers eight digits, of times seconds, of days none."""
    if re.fullmatch(r"-?\d+\.\d+(e[+-]?\d+)?", text):
        return "%.8g" % float(text)
    return re.sub(r"T00:00:00Z$| 00:00:00$|Z$", "", text).replace("T", " ") \
        if re.match(r"\d{4}-\d\d-\d\d", text) else text


def same(sql, a, b):
    """Do the rows A and B, with their headers, answer SQL alike?"""
    spelled = [sorted([cell(c) for c in row] for row in rows[1:]) for rows in (a, b)]
    if spelled[0] == spelled[1] or " limit " not in sql:
        return spelled[0] == spelled[1]
    if " order by " not in sql:
        return len(a) == len(b)
    by = re.search(r" order by (.*) limit ", sql)[1].split(",")[0].replace(" desc", "").lower()
    at = [name.lower() for name in a[0]].index(by) if by in map(str.lower, a[0]) else None
    return at is None or [cell(r[at]) for r in a[1:]] == [cell(r[at]) for r in b[1:]]


def warm(peer, queries, runs):
    """Seconds of each query in one process of PEER; None: it is absent."""
    code = (WARM[peer] + LOOP) % {"threads": THREADS, "runs": runs}
    said = subprocess.run([PYTHON, "-c", code], input="".join(s + "\n" for _, s in queries),
                          capture_output=True, text=True)
    took = [float(t) for t in said.stdout.split()]
    return took if len(took) == len(queries) else None


def measure(commands, runs):
    """The median seconds of each command, taken in turn."""
    took = [[] for _ in commands]
    for _ in range(runs):
        for list_of, command in zip(took, commands):
            list_of.append(run(command)[0])
    return [statistics.median(t) for t in took]


def summary(name, mine, other):
    ratios = sorted(b / a for a, b in zip(mine, other))
    quartile = [ratios[int(q * (len(ratios) - 1))] for q in (0, .25, .5, .75, 1)]
    return "| %s | **%.2f** | %.2f | %d | %s |" % (
        name, math.exp(statistics.mean(math.log(r) for r in ratios)), sum(other) / sum(mine),
        sum(r < 1 for r in ratios), " ".join("%.2f" % q for q in quartile))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--rows", type=int, default=2000000)
    a.add_argument("--runs", type=int, default=3)
    a.add_argument("--no-csv", action="store_true")
    a.add_argument("queries", nargs="*")
    a = a.parse_args()
    if not PEER["duckdb"] or not os.path.exists(PYTHON):
        sys.exit("clickbench: no peer is there: make bench-peers fetches them")
    prepare(a.rows)
    queries = [line.rstrip("\n").split("\t") for line in open(HERE + "/hits.tsv")]
    queries = [q for q in queries if not a.queries or q[0] in a.queries]
    pairs = [("master log, DuckDB over Parquet", "log, s | Parquet, s",
              ours, lambda sql: theirs(sql, "'hits.parquet'"))]
    if not a.no_csv:
        pairs.append(("CSV as it is, DuckDB read_csv", "CSV, s | read_csv, s",
                      lambda sql: ours(sql.replace("from hits", "from 'hits.csv'")),
                      lambda sql: theirs(sql, READ)))
    took = []
    for number, sql in queries:
        if not same(sql, rows_of(ours(sql)), rows_of(theirs(sql, "'hits.parquet'"))):
            sys.exit("query %s: DuckDB does not give our rows" % number)
        took.append(measure([side(sql) for pair in pairs for side in pair[2:]], a.runs))
    columns = list(zip(*took))
    engines = {peer: warm(peer, queries, a.runs) for peer in WARM}
    out = ["# ClickBench, %d rows, %d threads, median of %d" % (a.rows, THREADS, a.runs), "",
           "| theirs / ours | geometric mean | sum | below 1 | least, quartiles, most |",
           "|---|---|---|---|---|"]
    for i, pair in enumerate(pairs):
        out.append(summary(pair[0], columns[2 * i], columns[2 * i + 1]))
    for peer, seconds in engines.items():
        out.append(summary("master log, one warm process of " + peer, columns[0], seconds)
                   if seconds else "| %s | absent | | | |" % peer)
    out += ["", "| query | %s | warm duckdb, s | warm chdb, s |" % " | ".join(
        pair[1] + " | ratio" for pair in pairs), "|---" * (3 + 3 * len(pairs)) + "|"]
    for i, (number, _) in enumerate(queries):
        cells = [number]
        for mine, other in zip(took[i][::2], took[i][1::2]):
            cells += ["%.4f" % mine, "%.4f" % other, "%.2f" % (other / mine)]
        cells += ["%.4f" % t[i] if t else "" for t in engines.values()]
        out.append("| %s |" % " | ".join(cells))
    print("\n".join(out))
    if not a.queries:
        with open(HERE + "/results/clickbench-%s-%s-%dM.md" % (
                datetime.date.today(), platform.machine(), a.rows // 1000000), "w") as f:
            f.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
