#!/usr/bin/env python3
"""Logs that the real logrotate rotates, with every pair of its options: each line once.

rotate.py [--logrotate FILE] [--rounds N] [--seed N] [--pairs N]

For each pair of options: lines are written, logrotate is forced, more lines are
written, and lam-ingest --resume or --follow, which is killed at random, takes them.
At the end the stream must have each line that was written once.  What copytruncate
cuts by itself cannot happen here: nothing is written while logrotate runs.
Exit 77: there is no logrotate.
"""
import argparse, itertools, os, random, shutil, signal, subprocess, sys, tempfile, time

OPTIONS = ["copytruncate", "create", "nocreate", "compress", "delaycompress\ncompress",
           "dateext\ndateformat -%Y%m%d-%s", "extension .log", "start 3", "addextension .log",
           "missingok", "notifempty", "ifempty", "shred", "olddir old", "renamecopy", "sharedscripts"]
# These exclude each other, or rotate nothing that stays.
NOT = [{"copytruncate", "renamecopy"}, {"copytruncate", "create"}, {"copytruncate", "nocreate"},
       {"create", "nocreate"}, {"notifempty", "ifempty"}, {"extension .log", "addextension .log"},
       {"compress", "delaycompress\ncompress"}]


def lam(*args, **kw):
    return subprocess.run(args, capture_output=True, text=True, **kw)


def one(pair, args, rnd, follow):
    top = tempfile.mkdtemp(prefix="lam-rotate-")
    logs = os.path.join(top, "logs")
    os.makedirs(os.path.join(logs, "old"))
    env = dict(os.environ, LAM_DATA=os.path.join(top, "data"))
    log = os.path.join(logs, "a.log")
    with open(os.path.join(top, "conf"), "w") as f:
        f.write('"%s" {\nrotate 100\n%s\n}\n' % (log, "\n".join(pair)))
    names = [log] + ([os.path.join(logs, "old")] if "olddir old" in pair else [])
    base = ["lam-ingest", "-q", "-s", "app", "-f", "csv", "--fields", "id,text"]
    # What was rotated before a log is followed is not of it.
    n, p = 1, None
    with open(log, "w") as f:
        f.write("1,line 1\n")
    lam(*base, "--resume", *names, env=env)
    for i in range(args.rounds):
        with open(log, "a") as f:
            for _ in range(rnd.randrange(1, 6)):
                n += 1
                f.write("%d,line %d\n" % (n, n))
        if follow:
            if p and rnd.random() < .5:
                p.send_signal(signal.SIGKILL)
                p.wait()
                p = None
            p = p or subprocess.Popen(base + ["--follow"] + names, env=env)
            if rnd.random() < .5:
                time.sleep(rnd.random() * .05)
        elif rnd.random() < .7:
            p = subprocess.Popen(base + ["--resume"] + names, env=env)
            if rnd.random() < .4:
                time.sleep(rnd.random() * .02)
                p.send_signal(signal.SIGKILL)
            p.wait()
            p = None
        if rnd.random() < .8:
            # dateformat's %s must be another each time
            r = lam(args.logrotate, "-f", "-s", os.path.join(top, "state"),
                    os.path.join(top, "conf"))
            if r.returncode:
                print("logrotate: " + r.stderr)
            if "dateext" in "".join(pair):
                time.sleep(1.01)
    if p:
        p.send_signal(signal.SIGKILL)
        p.wait()
    # A file may have been looked at while it was compressed: once more.
    for _ in range(2):
        r = lam(*base, "--resume", *names, env=env)
    got = lam("lam-query", "--no-header", "select id from app", env=env).stdout.split()
    got = sorted(map(int, got))
    if got == list(range(1, n + 1)):
        shutil.rmtree(top)
        return True
    lost = sorted(set(range(1, n + 1)) - set(got))
    twice = sorted(x for x in set(got) if got.count(x) > 1)
    print("%s %s: lost %s, twice %s: %s\n%s" % ("follow" if follow else "resume",
          "; ".join(pair).replace("\n", ", "), lost, twice, top, r.stderr))
    return False


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--logrotate", default=shutil.which("logrotate", path=os.environ["PATH"] +
                                                       ":/usr/sbin:/sbin"))
    a.add_argument("--rounds", type=int, default=8)
    a.add_argument("--pairs", type=int, default=0)
    a.add_argument("--only", help="options that the pairs must have, with commas between")
    a.add_argument("--seed", type=int, default=1)
    args = a.parse_args()
    if not args.logrotate:
        print("there is no logrotate")
        return 77
    rnd = random.Random(args.seed)
    pairs = [p for p in itertools.combinations(OPTIONS, 2) if set(p) not in NOT]
    if args.only:
        pairs = [p for p in pairs if all(o in "; ".join(p) for o in args.only.split(","))]
    if args.pairs:
        pairs = rnd.sample(pairs, args.pairs)
    bad = 0
    for pair in pairs:
        for follow in (False, True):
            bad += not one(pair, args, rnd, follow)
    print("%d pairs of options, %d rounds each way, seed %d: %d failed" %
          (len(pairs), args.rounds, args.seed, bad))
    return bad != 0


sys.exit(main())
