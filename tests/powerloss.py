#!/usr/bin/env python3
"""powerloss.py BASE TRACE ALL.csv VIEW.sql [SAMPLES [SEED [ACKED]]]

Builds the directory states that a power failure may leave, and checks each.

BASE is a copy of $LAM_ROOT (default: of the dataset, $LAM_DATA, which is there or below it),
all of it durable.  TRACE is what tests/shim/fault.c recorded of the programs that ran
on it afterwards, with lines "ack N" between them: from there on N records are acknowledged;
before, ACKED (40).  After every recorded call, or with LAST set from the last "ack" on, states
are drawn:

  - a file keeps what was written before its last fsync; of later writes any 512-byte
    blocks may be there or not, and the file may already have its new length (zeros)
  - what an fsync could not write (a "fail" in the trace) is never written, unless it is
    written and synced again
  - of the directory operations (create, rename, unlink, mkdir) since the directory's last fsync any
    prefix may have happened, or any subset that makes sense
  - a rename may be durable without the data of the file it renames

Of each state must hold: the log is a prefix of ALL.csv with at least the
acknowledged records, and the view's answer equals the recompute of that log.
Then the rest is ingested, batch, serve and speed run, and it must hold with all records.

With CHECK set, a command of bash, each state is instead as LAM_DATA where that succeeds;
ALL.csv and VIEW.sql are then not given.  STEP=N: of the calls every Nth.
"""
import os, random, shutil, subprocess, sys

BLOCK = 512
RECOMPUTED = {}  # the answer, of the first N records


class Inode:
    def __init__(self, data=b""):
        self.data = bytearray(data)  # as a running system sees it
        self.safe = bytes(data)      # as of the last fsync
        self.pending = []            # (offset, bytes) or ("cut", size)

    def write(self, at, p):
        self.pending.append((at, p))
        if len(self.data) < at:
            self.data.extend(bytes(at - len(self.data)))
        self.data[at:at + len(p)] = p

    def truncate(self, size):
        self.pending.append(("cut", size))
        del self.data[size:]

    def sync(self):
        self.safe, self.pending = self.applied(lambda: True, lambda: True), []

    def fail(self):
        self.pending = []            # the pages are clean now

    def applied(self, keep, keep_block):
        out = bytearray(self.safe)
        for at, p in self.pending:
            if not keep():
                continue
            if at == "cut":
                del out[p:]
                continue
            if len(out) < at + len(p):
                out.extend(bytes(at + len(p) - len(out)))
            i = at
            while i < at + len(p):   # block by block
                end = min((i // BLOCK + 1) * BLOCK, at + len(p))
                if keep_block():
                    out[i:end] = p[i - at:end - at]
                i = end
        return bytes(out)

    def survivor(self, rng):
        mode = rng.randrange(4)
        if mode == 0:
            return self.safe         # all lost
        if mode == 1:                # all kept
            return self.applied(lambda: True, lambda: True)
        return self.applied(lambda: mode == 3 or rng.random() < .5,
                            lambda: rng.random() < .6)


class Disk:
    """Directories as maps of name to inode or None (a directory)."""

    def __init__(self, base, root):
        self.now, self.safe, self.pending = {}, {}, []
        for d, _, files in os.walk(base):
            rel = os.path.relpath(d, base)
            here = root if rel == "." else os.path.join(root, rel)
            self.now[here] = None
            for f in files:
                self.now[os.path.join(here, f)] = Inode(open(os.path.join(d, f), "rb").read())
        self.safe = dict(self.now)

    def apply(self, tree, op):
        kind, path, arg = op[:3]
        parent = os.path.dirname(path)
        if kind == "make" and parent in tree:
            tree.setdefault(path, arg)
        elif kind == "unlink":
            tree.pop(path, None)
        elif kind == "rename" and os.path.dirname(arg) in tree:
            tree.pop(path, None)
            tree[arg] = op[3]

    def entry(self, *op):
        self.apply(self.now, op)
        self.pending.append(op)

    def step(self, op, path, arg, data):
        if op == "open":
            if path not in self.now:
                self.entry("make", path, Inode())
            elif arg == "trunc":
                self.now[path].truncate(0)
        elif op == "mkdir":
            self.entry("make", path, None)
        elif op == "write":
            self.now[path].write(int(arg), data)
        elif op == "ftruncate":
            self.now[path].truncate(int(arg))
        elif op == "unlink":
            self.entry("unlink", path, None)
        elif op == "rename":
            self.entry("rename", path, arg, self.now[path])
        elif op in ("fsync", "fail") and self.now.get(path) is not None:
            self.now[path].sync() if op == "fsync" else self.now[path].fail()
        elif op == "fsync":
            mine = [o for o in self.pending if os.path.dirname(o[1]) == path or
                    (o[0] == "rename" and os.path.dirname(o[2]) == path)]
            for o in mine:
                self.apply(self.safe, o)
            self.pending = [o for o in self.pending if o not in mine]

    def survivor(self, rng, root, out):
        tree, mode = dict(self.safe), rng.randrange(3)
        some = self.pending
        if mode == 0:
            some = some[:rng.randrange(len(some) + 1)]
        elif mode == 1:
            some = [o for o in some if rng.random() < .7]
        for o in some:
            self.apply(tree, o)
        shutil.rmtree(out, ignore_errors=True)
        os.makedirs(out)
        for path, inode in sorted(tree.items()):
            to = os.path.join(out, os.path.relpath(path, root))
            if inode is None:
                os.makedirs(to, exist_ok=True)
            elif os.path.isdir(os.path.dirname(to)):
                with open(to, "wb") as f:
                    f.write(inode.survivor(rng))


def read_trace(path):
    with open(path, "rb") as f:
        while True:
            line = f.readline()
            if not line:
                return
            w = line.decode().split()
            w[1:] = [os.path.normpath(x) if x.startswith("/") else x for x in w[1:]]
            yield (w[0], w[1], None, b"") if w[0] == "ack" else (
                w[0], w[1], w[2], f.read(int(w[3])))


def lam(data, *command, stdin=None, ok=(0, 1)):
    p = subprocess.run(command, input=stdin, capture_output=True,
                       env=dict(os.environ, LAM_DATA=data))
    if p.returncode not in ok:
        raise AssertionError("%s: exit %d: %s" % (
            " ".join(command), p.returncode, p.stderr.decode()))
    return p.stdout


def holds(data, lines, least, sql):
    # nothing acknowledged: there need be no stream, no dataset
    log = lam(data, "lam-query", "select * from app", ok=(0, 1) if least else (0, 1, 2))
    if not least and log.count(b"\n") <= 1:
        return 0
    if not b"".join(lines).startswith(log):
        raise AssertionError("the log is no prefix of what was ingested")
    n = log.count(b"\n") - 1
    if n < least:
        raise AssertionError("%d records, but %d were acknowledged" % (n, least))
    if n not in RECOMPUTED:  # the same bytes: the same answer
        open("log.csv", "wb").write(log)
        RECOMPUTED[n] = lam(data, "lam-query", sql)
    if lam(data, "lam-query", "select * from v") != RECOMPUTED[n]:
        raise AssertionError("the view is not the recompute of %d records" % n)
    return n


def check(data, lines, least, sql):
    n = holds(data, lines, least, sql)
    if n + 1 < len(lines):
        lam(data, "lam-ingest", "-q", "-s", "app", stdin=lines[0] + b"".join(lines[n + 1:]), ok=(0,))
    lam(data, "lam-speed")
    holds(data, lines, len(lines) - 1, sql)
    lam(data, "lam-serve", stdin=lam(data, "lam-batch"), ok=(0,))
    lam(data, "lam-speed")
    holds(data, lines, len(lines) - 1, sql)


def succeeds(data):
    p = subprocess.run(["bash", "-c", os.environ["CHECK"]], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, env=dict(os.environ, LAM_DATA=data))
    if p.returncode:
        raise AssertionError(p.stdout.decode(errors="replace"))


def main():
    if "CHECK" in os.environ:
        sys.argv[3:3] = [os.devnull, os.devnull]
    base, trace, csv, view = sys.argv[1:5]
    samples = int(sys.argv[5]) if len(sys.argv) > 5 else 2
    seed = int(sys.argv[6]) if len(sys.argv) > 6 else 1
    dataset, lines = os.environ["LAM_DATA"], open(csv, "rb").readlines()
    root = os.environ.get("LAM_ROOT", dataset)
    state = os.path.normpath(os.path.join("state", os.path.relpath(dataset, root)))
    sql = open(view).read().replace("from app", "from 'log.csv'")
    acked = int(sys.argv[7]) if len(sys.argv) > 7 else 40
    disk, states, last = Disk(base, root), 0, "LAST" in os.environ
    trace, step = list(read_trace(trace)), int(os.environ.get("STEP", 1))
    first = max([k for k, op in enumerate(trace) if op[0] == "ack" and last], default=0)
    for k, (op, path, arg, data) in enumerate(trace):
        if op == "ack":
            acked = int(path)
        else:
            disk.step(op, path, arg, data)
        for s in range(samples if k >= first and k % step == 0 else 0):
            rng = random.Random("%d/%d/%d" % (seed, k, s))
            disk.survivor(rng, root, "state")
            states += 1
            try:
                if "CHECK" in os.environ:
                    succeeds(os.path.abspath(state))
                    continue
                os.makedirs(os.path.join(state, "views"), exist_ok=True)
                shutil.copy(view, os.path.join(state, "views", "v.sql"))
                check(os.path.abspath(state), lines, acked, sql)
            except AssertionError as e:
                sys.exit("seed %d, sample %d after call %d (%s %s): %s" % (seed, s, k, op, path, e))
    print("%d states after %d calls, seed %d" % (states, k + 1, seed))
    if states * step < (20 if not last else 1):
        sys.exit("too few calls recorded: is the shim at work?")


main()
