#!/usr/bin/env python3
"""modes.py - every option of every program in every mode: it means something there, or is refused

A row of MODES is a command line that works, and the options that mean something with it, as the
manual has them.  Any other option of the program's --help is refused with status 2.  COMMON are taken everywhere: they say
how much is reported, how many threads and how much memory a run may have, and where user_agent() and geo() find their files.
"""
import concurrent.futures, os, re, shlex, shutil, subprocess, sys

COMMON = "progress quiet verbose help version threads memory geo agents".split()
INGEST = "format time fields time-format delimiter quote escape comment origin zone header no-header strict "
QUERY = "format schema time-format delimiter quote escape comment origin zone fields input-header no-input-header strict"
# A function that reads a stream, or lines, and whose output goes to standard output.
FUNCTION = "run runtime env env-file layer batch wait concurrency idle order timeout retries backoff age bisect partial " \
    "into cpu net isolate format delimiter quote escape comment"
# These make another mode of it.
MODE = "sql merge splits partials words near salvage invoke failed usage new list check".split()
ENDLESS = "follow watch wait-debugger".split()
VALUES = {
    "data": "data", "format": "csv", "fields": "a,b,ts", "schema": "schema", "time-format": "a=%Y", "delimiter": ";",
    "quote": "'", "escape": "\\", "comment": "#", "start": "^1", "zone": "UTC", "threads": "1", "memory": "1G",
    "output": "csv", "to": "out", "watch": "1s", "as-of": "1", "partials": "part", "near": "a", "time": "ts",
    "poll": "1s", "line-timeout": "1s", "flush-interval": "1s", "source": "x", "id": "a", "id-horizon": "5",
    "level": "1", "segment-records": "9", "sql": "select count(*) as n from stdin", "name": "x", "rejects": "1",
    "from": "0", "splits": "2", "header": "part", "interval": "1s", "lateness": "1s", "max-ahead": "1m", "idle": "1s",
    "emit": "closed", "kind": "streams", "max-lag": "1h", "max-scan": "99", "max-silence": "900000h", "sample": "1",
    "seed": "1", "salvage": "rescued", "x": "a", "y": "a", "by": "a", "title": "t", "width": "20", "height": "5",
    "bins": "3", "colour": "never", "invoke": "f", "failed": "f", "price": "1", "new": "hello", "pool": "256M",
    "grace": "1s", "listen": "0", "on": "stdin", "where": "a > 0", "run": "cat", "runtime": "filter", "token": "off",
    "geo": "log", "agents": "log", "input": "csv", "env": "A=1", "env-file": "env", "layer": ".", "batch": "1", "wait": "0s", "concurrency": "1",
    "order": "log", "timeout": "3s", "retries": "0", "backoff": "1s", "age": "1h", "bisect": "yes", "partial": "yes",
    "into": "-", "cpu": "weight", "net": "no", "isolate": "none", "stream": "s",
}
FILES = {"log": "a,b,ts\n1,2,2026-01-01T00:00:00Z\n", "schema": "a number\nb number\n", "env": "A=1\n", "event": "x\n"}
MODES = [
    ("lam-ingest -d data -s s log", INGEST + "resume follow flush-interval id level segment-records"),
    ("lam-ingest -d data -s s < log", INGEST + "flush-interval ack id level segment-records"),
    ("lam-ingest -d data -s s --ack < log", INGEST + "flush-interval source id level segment-records"),
    ("lam-ingest -d data -s s --resume log", INGEST + "follow line-timeout flush-interval id level segment-records"),
    ("lam-batch -d data", "incremental from as-of lines"),
    ("lam-batch -d data --splits 2", "incremental from as-of"),
    ("lam-batch -e 'select count(*) as n from stdin' log", "name rejects lines " + QUERY),
    ("lam-batch --merge part", "from-lines"),
    ("lam-speed -d data", "follow"),
    ("lam-query -d data 'select a from s'", "output no-header to watch as-of explain"),
    ("lam-query -d data 'select n from v'", "output no-header to watch as-of explain"),
    ("lam-query -p part 'select n from v'", "output no-header to watch explain"),
    ("lam-query --words", ""),
    ("lam-query --near a < log", ""),
    ("lam-query -o jsonl 'select 1 as x'", "data to watch explain"),
    ("lam-fsck -d data", "recompute"),
    ("lam-stat -d data", "kind output no-header thousands to watch max-lag max-scan max-silence"),
    ("lam-trigger -d data f", "follow pool grace where from input " + FUNCTION),
    ("lam-trigger -- cat < log", "pool grace on " + FUNCTION),
    ("lam-trigger -d data -i f event", "wait-debugger pool where from input " + FUNCTION),
    ("lam-trigger -d data --failed f", "retry"),
    ("lam-trigger -d data --usage", "output price"),
    ("lam-trigger -d data --new hello NAME", ""),
    ("lam-trigger --list", ""),
    ("lam-trigger --check", ""),
]


def options(program):
    text = subprocess.run([program, "--help"], capture_output=True, text=True).stdout
    text = text[text.index("\noptions:"):]
    return [(m[1], m[2]) for m in re.finditer(r"^  (?:-.,|   ) --([a-z-]+)(?: (\S+))?", text, re.M)]


def given(line, name):
    return re.search(r"(^| )--%s( |=|$)" % name, line)


def run(where, line, name, arg):
    words = shlex.split(line)
    extra = ["--" + name] + ([VALUES[name]] if arg else [])
    at = words.index("--") if "--" in words else len(words)
    with open(os.path.join(where, words[words.index("<") + 1]) if "<" in words else os.devnull) as stdin:
        if "<" in words:
            del words[words.index("<"):]
        p = subprocess.Popen(words[:1] + extra + words[1:], cwd=where, stdin=stdin, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True, errors="replace")
    try: # what goes on is taken
        err = p.communicate(timeout=1 if name in ENDLESS else 60)[1]
    except subprocess.TimeoutExpired:
        p.kill()
        return 0, p.communicate()[1]
    return p.returncode, err.strip()


def setup():
    os.makedirs("base")
    os.chdir("base")
    for name, text in FILES.items():
        with open(name, "w") as f:
            f.write(text)
    os.makedirs("data/views", exist_ok=True)
    os.makedirs("data/functions/f", exist_ok=True)
    with open("data/views/v.sql", "w") as f:
        f.write("select a, count(*) as n from s group by a")
    with open("data/functions/f/function", "w") as f:
        f.write("on stream s\nrun cat\nisolate none\n")
    subprocess.run(["lam-ingest", "-q", "-d", "data", "-s", "s", "log"], check=True)
    with open("part", "w") as f:
        subprocess.run(["lam-batch", "-d", "data"], stdout=f, check=True)
    os.chdir("..")


def check(i):
    """How many options mode I has, and what is wrong with them; in a copy of all files."""
    line, means = MODES[i]
    where = "mode_%d" % i
    shutil.copytree("base", where)
    wrong, n = [], 0
    for name, arg in options(line.split()[0]):
        if name in COMMON + MODE or given(line, name):
            continue
        n += 1
        status, err = run(where, line, name, arg)
        if (status != 2) != (name in means.split()) or (status == 2 and not err):
            wrong.append("%s + --%s: %s: %s" % (line, name, "taken" if status != 2 else "refused", err[:200]))
    return n, wrong


def main():
    setup()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        modes = list(pool.map(check, range(len(MODES))))
    wrong = [x for _, some in modes for x in some]
    print("\n".join(wrong + ["%d options in %d modes" % (sum(n for n, _ in modes), len(MODES))]))
    return len(wrong) != 0


sys.exit(main())
