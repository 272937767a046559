#!/usr/bin/env python3
"""Logs that the real logrotate rotates, with every pair of its options: each line once.

rotate.py [--logrotate FILE] [--rounds N] [--seed N] [--pairs N] [--options N] [--system]
          [--no-birth] [--keep NAME]

For each pair of options, or N of them: lines are written, logrotate is forced while a
program goes on writing to the file it has open, more lines are written, and lam-ingest
--resume or --follow takes them.  It is killed at random, or by a preloaded library at
its first, second, third ... durable call; with --system by strace, as it enters its
first, second, third ... system call.  It is given the log, or its directory, or a pattern,
and what logrotate's olddir names.  Of some logs each file begins with the same line.  With --no-birth no file system tells when a file
was made.  At the end the stream must have each line that was written once, and lam-fsck
must find nothing.  Where logrotate itself loses what is written meanwhile (copytruncate,
renamecopy, compress without delaycompress), it must have each line that a file still
has, and none twice unless that was told, for each file.
Exit 77: there is no logrotate.
"""
import argparse, collections, concurrent.futures, datetime, gzip, itertools, os, random
import shutil, signal, subprocess, sys, tempfile, threading, time

OPTIONS = ["copytruncate", "create", "nocreate", "compress", "delaycompress\ncompress",
           "dateext\ndateformat -%Y%m%d-%s", "extension .log", "start 3", "addextension .log",
           "missingok", "notifempty", "ifempty", "shred", "olddir old", "renamecopy", "sharedscripts"]
# These exclude each other, or rotate nothing that stays.
NOT = [{"copytruncate", "renamecopy"}, {"copytruncate", "create"}, {"copytruncate", "nocreate"},
       {"create", "nocreate"}, {"notifempty", "ifempty"}, {"extension .log", "addextension .log"},
       {"compress", "delaycompress\ncompress"}]

HERE = os.path.dirname(os.path.abspath(__file__))
LOSES = {"copytruncate", "renamecopy", "compress"}
FIRST_CALL = 30 # system calls before it load the program
TOLD = "then its lines come in twice"


def lam(*args, **kw):
    return subprocess.run(args, capture_output=True, text=True, errors="replace", **kw)


def line(i):
    return b"%d,line %d %s\n" % (i, i, b"x" * (i % 7 * 40))


def runs(numbers):
    """Of so many pieces NUMBERS are: a file that comes in twice is one."""
    return len({n - i for i, n in enumerate(sorted(numbers))})


HEAD = "0,started"


def begin(fd):
    """Many a program begins each file alike.  What is written to FD, if it is empty."""
    if os.fstat(fd).st_size:
        return 0
    os.write(fd, HEAD.encode() + b"\n")
    return 1


class Writer(threading.Thread):
    """A program that writes lines, while its log is rotated, to the file it has open."""

    def __init__(self, log, n, headed):
        super().__init__()
        self.log, self.n, self.headed, self.over = log, n, headed, False
        self.heads = 0
        self.start()

    def run(self):
        fd = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.heads += self.headed and begin(fd)
        while not self.over:
            self.n += 1
            os.write(fd, line(self.n))
            time.sleep(.001)
        os.close(fd)

    def stop(self):
        self.over = True
        self.join()
        return self.n


class Case:
    def __init__(self, pair, follow, args):
        self.pair, self.follow, self.args = pair, follow, args
        self.rnd = random.Random("%d %s %s" % (args.seed, pair, follow))
        self.top = tempfile.mkdtemp(prefix="lam-rotate-")
        logs = os.path.join(self.top, "logs")
        os.makedirs(os.path.join(logs, "old"))
        self.env = dict(os.environ, LAM_DATA=os.path.join(self.top, "data"))
        if args.no_birth:
            self.env.update(LD_PRELOAD=args.shim.replace("fault", "meanwhile"), LAM_NO_BIRTH="1")
        self.log = os.path.join(logs, "a.log")
        with open(os.path.join(self.top, "conf"), "w") as f:
            f.write('"%s" {\nrotate 1000\n%s\n}\n' % (self.log, "\n".join(pair)))
        old = os.path.join(logs, "old")
        self.names = self.rnd.choice(
            [[self.log, old]] * 2 + [[old, self.log], [logs, old], [logs + "/*", old + "/*"]]
            if "olddir old" in pair else [[self.log]] * 2 + [[logs], [logs + "/a*"]])
        self.base = ["lam-ingest", "-q", "-s", "app", "-f", "csv", "--fields", "id,text"]
        self.headed = self.rnd.random() < .3
        self.heads = self.n = self.rotations = self.kills = self.twice = 0
        self.first = FIRST_CALL if args.system else 1
        self.call = self.first
        self.err = os.path.join(self.top, "err")
        self.p = None

    def write(self, n):
        with open(self.log, "ab", 0) as f:
            self.heads += self.headed and begin(f.fileno())
            for _ in range(n):
                self.n += 1
                f.write(line(self.n))

    def start(self, how):
        """A reader; half of them are killed at a call, each time at the next."""
        trace, env = [], self.env
        self.traced = self.rnd.random() < .5
        if self.traced and self.args.system:
            trace = [self.args.strace, "-f", "-qq", "-o", "/dev/null", "-e",
                     "inject=all:signal=KILL:when=%d" % self.call]
        elif self.traced:
            env = dict(env, LD_PRELOAD=self.args.shim + " " + env.get("LD_PRELOAD", ""),
                       LAM_FAULT_DIR=env["LAM_DATA"], LAM_FAULT_AT=str(self.call), LAM_FAULT_DO="kill")
        self.call += self.traced
        with open(self.err, "a") as err:
            self.p = subprocess.Popen(trace + self.base + [how] + self.names, env=env,
                                      stderr=err, start_new_session=True)

    def kill(self):
        self.kills += self.p.poll() is None
        try:
            os.killpg(self.p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.p.wait()
        self.p = None

    def ended(self):
        if self.p.returncode == -signal.SIGKILL:
            self.kills += 1
        elif self.traced:
            self.call = self.first # it has no more calls than that
        self.p = None

    def read(self):
        if self.follow:
            if self.p and self.p.poll() is not None:
                self.ended()
            if self.p and self.rnd.random() < .5:
                self.kill()
            if not self.p:
                self.start("--follow")
            if self.rnd.random() < .5:
                time.sleep(self.rnd.random() * .1)
        elif self.rnd.random() < .7:
            self.start("--resume")
            if not self.traced and self.rnd.random() < .4:
                time.sleep(self.rnd.random() * .02)
                self.kill()
                return
            self.p.wait()
            self.ended()

    def rotate(self):
        writer = Writer(self.log, self.n, self.headed)
        r = lam(self.args.logrotate, "-f", "-s", os.path.join(self.top, "state"),
                os.path.join(self.top, "conf"))
        self.n = writer.stop()
        self.heads += writer.heads
        if r.returncode:
            print("logrotate: " + r.stderr)
        self.rotations += 1
        # dateformat's %s must be another each time
        if "dateext" in "".join(self.pair):
            time.sleep(1.01)

    def text(self, path):
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
            return f.read()

    def kept(self):
        """The lines that the files have, whole: gzip may have read half of one as it was written."""
        lines = set()
        for where, _, names in os.walk(os.path.dirname(self.log)):
            for name in names:
                lines.update(self.text(os.path.join(where, name)).decode().split("\n")[:-1])
        return lines

    def torn(self):
        """Has a file a last line without its newline?  That is waited for."""
        return any(name.startswith("a.") and not self.text(os.path.join(where, name)).endswith(b"\n")
                   for where, _, names in os.walk(os.path.dirname(self.log)) for name in names)

    def wrong(self, got):
        """What is not there and should be, and what is there too often."""
        if not LOSES & set(self.pair):
            want = collections.Counter(line(i).decode()[:-1] for i in range(1, self.n + 1))
            want += collections.Counter({HEAD: self.heads})
            return want - got, got - want
        with open(self.err) as f:
            told = f.read().count(TOLD)
        twice = [t for t, n in got.items() if n > 1 and t != HEAD]
        written = {line(i).decode()[:-1]: i for i in range(1, self.n + 1)}
        strange = [t for t in got if t not in written and t != HEAD]
        if strange:
            return [], strange
        excused = told >= runs([written[t] for t in twice])
        self.twice = excused and len(twice)
        return self.kept() - set(got), [] if excused else twice

    def run(self):
        # What was rotated before a log is followed is not of it.
        self.write(1)
        lam(*self.base, "--resume", *self.names, env=self.env)
        for _ in range(self.args.rounds):
            self.write(self.rnd.randrange(1, 6))
            self.read()
            if self.rnd.random() < .8:
                self.rotate()
        if self.p:
            self.kill()
        if self.torn():
            time.sleep(2.1) # as long as lam-ingest waits
        # A file may have been looked at while it was compressed: once more.
        for _ in range(2):
            with open(self.err, "a") as err:
                subprocess.run(self.base + ["--resume", *self.names], env=self.env, stderr=err)
        got = lam("lam-query", "--no-header", "select id, text from app", env=self.env).stdout
        got = collections.Counter(got.splitlines())
        lost, twice = self.wrong(got)
        if not lost and not twice and lam("lam-fsck", "-q", env=self.env).returncode == 0:
            shutil.rmtree(self.top)
            return self
        print("%s %s %s: lost %s, twice %s: %s" % ("follow" if self.follow else "resume",
              " ".join(self.names), "; ".join(self.pair).replace("\n", ", "), sorted(lost), sorted(twice),
              self.top), flush=True)
        self.args.failed += 1
        return self


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--logrotate", default=shutil.which("logrotate", path=os.environ["PATH"] +
                                                       ":/usr/sbin:/sbin"))
    a.add_argument("--strace", default=shutil.which("strace"))
    a.add_argument("--rounds", type=int, default=8)
    a.add_argument("--pairs", type=int, default=0)
    a.add_argument("--options", type=int, default=2, help="so many at once")
    a.add_argument("--only", help="options that the pairs must have, with commas between")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--jobs", type=int, default=2)
    a.add_argument("--system", action="store_true", help="kills at system calls, by strace")
    a.add_argument("--no-birth", action="store_true", help="as on such a file system")
    a.add_argument("--keep", help="the name of a result in tests/soak")
    args = a.parse_args()
    if not args.logrotate:
        print("there is no logrotate: nothing is rotated")
        return 77
    if args.system and not args.strace:
        print("there is no strace: nothing is killed at its system calls")
        return 77
    args.failed = 0
    shim = tempfile.TemporaryDirectory(prefix="lam-rotate-")
    args.shim = os.path.join(shim.name, "fault.so")
    for name in "fault", "meanwhile":
        subprocess.run([os.environ.get("CC", "cc"), "-O1", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o",
                        os.path.join(shim.name, name + ".so"),
                        os.path.join(HERE, "shim", name + ".c"), "-ldl"], check=True)
    pairs = [p for p in itertools.combinations(OPTIONS, args.options)
             if not any(n <= set(p) for n in NOT)]
    if args.only:
        pairs = [p for p in pairs if all(o in "; ".join(p) for o in args.only.split(","))]
    if args.pairs:
        pairs = random.Random(args.seed).sample(pairs, args.pairs)
    cases = [Case(p, follow, args) for p in pairs for follow in (False, True)]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        done = list(pool.map(Case.run, cases))
    text = "%d sets of %d options, --resume and --follow, %d rotations, %d kills at %s calls " \
        "and at random, %d lines, %d of them twice, which was told%s: %d failed" % (
        len(pairs), args.options, sum(c.rotations for c in done), sum(c.kills for c in done),
        "system" if args.system else "durable", sum(c.n for c in done),
        sum(c.twice for c in done), "; no births" if args.no_birth else "", args.failed)
    print(text)
    if args.keep:
        version = lam(args.logrotate, "--version")
        with open(os.path.join(HERE, "soak", args.keep), "w") as f:
            f.write("# Logs that the real logrotate rotates, %s\n\n`tests/rotate.py --rounds %d"
                    "%s%s --seed %d`, %s\n\n%s\n" % (datetime.date.today(), args.rounds,
                    " --system" if args.system else "",
                    " --no-birth" if args.no_birth else "", args.seed,
                    (version.stdout + version.stderr).split("\n")[0], text))
    return args.failed != 0


sys.exit(main())
