#!/usr/bin/env python3
"""Files that are moved about, linked, packed and cut while they are followed: each line once.

moves.py [--cases N] [--steps N] [--seed N] [--jobs N] [--only OPERATIONS]

In two directories logs are written, rotated, given other names, moved from one into the
other, exchanged, linked, compressed, copied and truncated, at random, while lam-ingest
--follow or --resume reads them by patterns and directories that overlap, and is killed at
random or at its first, second, third ... durable call.  At the end the stream must have
each line once, as it was written; one that is lost or there twice must have been told.
"""
import argparse, collections, concurrent.futures, glob, gzip, os, random, shutil, signal
import subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
TWICE = ("lines come in twice", "come in again")
LOST = ("is not", "nothing of that is in")
NAMES = [["logs", "logs/old"], ["logs/old", "logs"], ["logs/*", "logs/old/*"],
         ["logs/old/", "logs/*.log*", "logs/a.log", "link/*"], ["link", "logs/old", "logs/*.log"]]


def line(i):
    return b"%d,line %d %s\n" % (i, i, b"x" * (i % 7 * 40))


class Case:
    def __init__(self, number, args):
        self.number, self.args = number, args
        self.rnd = random.Random("%d %d" % (args.seed, number))
        self.top = tempfile.mkdtemp(prefix="lam-moves-")
        os.makedirs(self.top + "/logs/old")
        os.symlink("logs", self.top + "/link")
        self.env = dict(os.environ, LAM_DATA=self.top + "/data")
        self.names = self.rnd.choice(NAMES)
        self.follow = self.rnd.random() < .5
        self.n = self.call = self.kills = 0
        self.done = []
        self.p = None

    def path(self, name):
        return os.path.join(self.top, name)

    def files(self, packed=False):
        """Names of files that may be moved."""
        return [os.path.relpath(p, self.top) for d in ("logs", "logs/old")
                for p in sorted(glob.glob(self.path(d) + "/*"))
                if os.path.isfile(p) and not os.path.islink(p) and (packed or not p.endswith(".gz"))]

    def free(self, base, packed=""):
        """A name that a rotation gives to BASE, in either directory."""
        where = self.rnd.choice(("logs/", "logs/old/")) + base
        for i in range(1, 1000):
            if not os.path.lexists(self.path("%s.%d" % (where, i))) and \
               not os.path.lexists(self.path("%s.%d.gz" % (where, i))):
                return "%s.%d%s" % (where, i, packed)

    @staticmethod
    def base(name):
        return name.split("/")[-1].split(".log")[0] + ".log"

    # Each returns what it did, or None when there was nothing to do it to.

    def write(self):
        log = "logs/%s.log" % self.rnd.choice("abc")
        if self.rnd.random() < .2 and self.files(): # who has it open still
            log = self.rnd.choice(self.files())
        with open(self.path(log), "ab") as f:
            for _ in range(self.rnd.randrange(1, 30)):
                self.n += 1
                f.write(line(self.n))
                if self.rnd.random() < .1:
                    f.flush()
        return log

    def rename(self):
        if not self.files(True):
            return None
        a = self.rnd.choice(self.files(True))
        b = self.free(self.base(a), ".gz" if a.endswith(".gz") else "")
        os.rename(self.path(a), self.path(b))
        return a, b

    def exchange(self):
        if len(self.files()) < 2:
            return None
        a, b = self.rnd.sample(self.files(), 2)
        os.rename(self.path(a), self.path(".x"))
        os.rename(self.path(b), self.path(a))
        os.rename(self.path(".x"), self.path(b))
        return a, b

    def shift(self):
        """As logrotate does: all of a log, the oldest first."""
        log = "logs/%s.log" % self.rnd.choice("abc")
        if not os.path.exists(self.path(log)):
            return None
        def number(p):
            return int(p.replace(".gz", "").split(".")[-1])
        for p in sorted(glob.glob(self.path("logs/old/" + self.base(log) + ".*")), key=number, reverse=True):
            packed = ".gz" if p.endswith(".gz") else ""
            to = "%s.%d" % (p.split(".log.")[0] + ".log", number(p) + 1)
            if not os.path.lexists(to) and not os.path.lexists(to + ".gz"):
                os.rename(p, to + packed)
        to = self.path("logs/old/" + self.base(log) + ".1")
        if os.path.lexists(to) or os.path.lexists(to + ".gz"):
            return None
        os.rename(self.path(log), to)
        return log

    def link(self):
        if not self.files():
            return None
        a = self.rnd.choice(self.files())
        b = self.free(self.base(a))
        (os.link if self.rnd.random() < .5 else os.symlink)(self.path(a), self.path(b))
        return a, b

    def unlink(self):
        """A name of a file that has another, or a link."""
        for d in ("logs", "logs/old"):
            for p in sorted(glob.glob(self.path(d) + "/*")):
                if os.path.islink(p) or os.path.isfile(p) and os.stat(p).st_nlink > 1:
                    os.unlink(p)
                    return os.path.relpath(p, self.top)

    def pack(self):
        rotated = [p for p in self.files() if not p.endswith(".log") and
                   os.stat(self.path(p)).st_nlink == 1 and not os.path.exists(self.path(p + ".gz"))]
        if not rotated:
            return None
        a = self.rnd.choice(rotated)
        with open(self.path(a), "rb") as f, gzip.open(self.path(a + ".gz"), "wb", 6) as z:
            z.write(f.read())
        shutil.copystat(self.path(a), self.path(a + ".gz"))
        os.unlink(self.path(a))
        return a

    def cut(self):
        """copytruncate, while nobody writes."""
        logs = [p for p in self.files() if p.endswith(".log") and os.path.getsize(self.path(p)) and
                os.stat(self.path(p)).st_nlink == 1]
        if not logs:
            return None
        a = self.rnd.choice(logs)
        b = self.free(self.base(a))
        shutil.copyfile(self.path(a), self.path(b))
        os.truncate(self.path(a), 0)
        return a, b

    OPERATIONS = "write rename exchange shift link unlink pack cut".split()

    def start(self, how):
        env = self.env
        self.traced = self.rnd.random() < .4
        if self.traced:
            self.call += 1
            env = dict(env, LD_PRELOAD=self.args.shim, LAM_FAULT_DIR=env["LAM_DATA"],
                       LAM_FAULT_AT=str(self.call), LAM_FAULT_DO="kill")
        with open(self.path("err"), "a") as err:
            self.p = subprocess.Popen(["lam-ingest", "-q", "-s", "app", "-f", "csv", "--fields", "id,text",
                                       how, *self.names], env=env, cwd=self.top, stderr=err)

    def ended(self):
        self.kills += self.p.returncode == -signal.SIGKILL
        if self.traced and self.p.returncode != -signal.SIGKILL:
            self.call = 0
        self.p = None

    def read(self):
        if self.p and self.p.poll() is not None:
            self.ended()
        if self.p and self.rnd.random() < .3:
            self.p.kill()
            self.p.wait()
            self.ended()
        if not self.p and self.rnd.random() < .7:
            self.start("--follow" if self.follow else "--resume")
        if self.p and not self.follow and self.rnd.random() < .5:
            self.p.wait()
            self.ended()
        if self.rnd.random() < .3:
            time.sleep(self.rnd.random() * .03)

    def run(self):
        for _ in range(self.args.steps):
            name = self.rnd.choice(self.args.operations)
            did = getattr(self, name)()
            if did:
                self.done.append((name, did))
            self.read()
        if self.p:
            self.p.kill()
            self.p.wait()
            self.ended()
        time.sleep(2.1) # what has a packed copy beside it is left alone for so long
        for _ in range(3):
            with open(self.path("err"), "a") as err:
                subprocess.run(["lam-ingest", "-q", "-s", "app", "-f", "csv", "--fields", "id,text",
                                "--resume", *self.names], env=self.env, cwd=self.top, stderr=err)
        got = subprocess.run(["lam-query", "--no-header", "select id, text from app"], env=self.env,
                             capture_output=True, text=True).stdout
        got = collections.Counter(got.splitlines())
        want = collections.Counter(line(i).decode()[:-1] for i in range(1, self.n + 1))
        with open(self.path("err")) as f:
            told = f.read()
        lost, twice = want - got, got - want
        self.lost, self.twice = len(lost), len(twice)
        self.wrong = (lost and not any(t in told for t in LOST)) or \
            (twice and not any(t in told for t in TWICE)) or \
            subprocess.run(["lam-fsck", "-q"], env=self.env, capture_output=True).returncode
        if not self.wrong:
            shutil.rmtree(self.top)
            return self
        with open(self.path("done"), "w") as f:
            f.writelines("%s %s\n" % d for d in self.done)
        print("case %d, %s %s: lost %s, twice %s: %s" % (
            self.number, "--follow" if self.follow else "--resume", " ".join(self.names),
            sorted(int(t.split(",")[0]) for t in lost)[:20],
            sorted(int(t.split(",")[0]) for t in twice)[:20], self.top), flush=True)
        return self


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--cases", type=int, default=20)
    a.add_argument("--steps", type=int, default=60)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--jobs", type=int, default=2)
    a.add_argument("--only", default=" ".join(Case.OPERATIONS))
    a.add_argument("--case", type=int, help="this one alone")
    args = a.parse_args()
    args.operations = args.only.split()
    args.operations += ["write"] * (len(args.operations) // 2)
    with tempfile.TemporaryDirectory(prefix="lam-moves-") as shim:
        args.shim = os.path.join(shim, "fault.so")
        subprocess.run([os.environ.get("CC", "cc"), "-O1", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o",
                        args.shim, os.path.join(HERE, "shim", "fault.c"), "-ldl"], check=True)
        numbers = range(args.cases) if args.case is None else [args.case]
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            done = list(pool.map(lambda i: Case(i, args).run(), numbers))
    failed = sum(bool(c.wrong) for c in done)
    print("%d cases, %d operations, %d kills, %d lines, %d lost and %d twice, which was told: %d failed" % (
        len(done), sum(len(c.done) for c in done), sum(c.kills for c in done), sum(c.n for c in done),
        sum(c.lost for c in done if not c.wrong), sum(c.twice for c in done if not c.wrong), failed))
    return failed != 0


sys.exit(main())
