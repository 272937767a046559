"""user_agent() against uap-core's own tests, and against Python's re by the same rules.

    agents_model.py cases DIR		all cases of uap-core's files of tests in DIR
    agents_model.py random RULES SEED N	N agents, some of them changed at random

What is expected of the first is written in these files; of the second it is made here,
from uap-core's specification.
"""
import glob
import json
import os
import random
import re
import subprocess
import sys

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PARTS = ["browser", "browser_version", "os", "os_version", "device", "device_brand", "device_model"]


def load(path):
    with open(path, encoding="utf-8") as f:
        return yaml.load(f, LOADER)


def answers(agents, parts, *options):
    """What lam-query gives for each of AGENTS: a dictionary of PARTS."""
    with open("agents.jsonl", "w", encoding="utf-8") as f:
        for a in agents:
            print(json.dumps({"a": a}, ensure_ascii=False), file=f)
    sql = "select %s from 'agents.jsonl'" % ", ".join("user_agent(a, '%s') as %s" % (p, p) for p in parts)
    run = subprocess.run(["lam-query", "-o", "jsonl", *options, sql], capture_output=True, text=True, encoding="utf-8")
    if run.returncode or run.stderr:
        sys.exit(run.stderr or run.returncode)
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(rows) == len(agents), (len(rows), len(agents))
    return rows


def version(*values):
    out = []
    for v in values:
        if v is None or v == "":
            break
        out.append(str(v))
    return ".".join(out) or None


# ------------------------------------------------------------------- their own cases

def text(v):
    return None if v is None or v == "" else str(v)


def wanted(kind, case):
    if kind == "device":
        return {"device": text(case["family"]), "device_brand": text(case["brand"]),
                "device_model": text(case["model"]),
                "bot": case["family"] == "Spider"}
    numbers = [case.get(k) for k in ("major", "minor", "patch", "patch_minor")]
    if kind == "browser":
        return {"browser": text(case["family"]), "browser_version": version(*numbers[:3])}
    return {"os": text(case["family"]), "os_version": version(*numbers)}


def cases(top):
    files = {"browser": ["tests/test_ua.yaml", "test_resources/firefox_user_agent_strings.yaml",
                         "test_resources/pgts_browser_list.yaml",
                         "test_resources/opera_mini_user_agent_strings.yaml",
                         "test_resources/podcasting_user_agent_strings.yaml"],
             "os": ["tests/test_os.yaml", "test_resources/additional_os_tests.yaml"],
             "device": ["tests/test_device.yaml"]}
    n = bad = 0
    for kind, names in files.items():
        known = [c for name in names for c in load(os.path.join(top, name))["test_cases"]]
        want = [wanted(kind, c) for c in known]
        got = answers([c["user_agent_string"] for c in known], list(want[0]))
        for c, w, g in zip(known, want, got):
            n += 1
            if g != w:
                bad += 1
                print("%s: %r, want %r" % (c["user_agent_string"], g, w), file=sys.stderr)
    print("%d cases, %d differ" % (n, bad))
    return bad


# ------------------------------------------------------------------- by Python's re

class Rules:
    def __init__(self, path):
        doc = load(path)
        form = {"user_agent_parsers": (["family", "v1", "v2", "v3"], "%s_replacement", [1, 2, 3, 4]),
                "os_parsers": (["os", "os_v1", "os_v2", "os_v3", "os_v4"], "%s_replacement", [1, 2, 3, 4, 5]),
                "device_parsers": (["device", "brand", "model"], "%s_replacement", [1, None, 1])}
        self.lists = {}
        for name, (values, pattern, groups) in form.items():
            self.lists[name] = [(re.compile(r["regex"], re.A | (re.I if r.get("regex_flag") == "i" else 0)),
                                 [(r.get(pattern % v), g) for v, g in zip(values, groups)]) for r in doc[name]]

    def find(self, name, agent):
        for regex, values in self.lists[name]:
            m = regex.search(agent)
            if m:
                return [self.value(m, *v) for v in values]
        return [None] * 5

    @staticmethod
    def group(m, g):
        return (m.group(g) or "") if g <= m.re.groups else ""

    def value(self, m, written, group):
        if written:
            v = re.sub(r"\$([1-9])", lambda x: self.group(m, int(x.group(1))), str(written))
        else:
            v = self.group(m, group) if group else ""
        return v.strip(" \t\n\v\f\r") or None

    def parse(self, agent):
        b, o, d = (self.find(n, agent) for n in ("user_agent_parsers", "os_parsers", "device_parsers"))
        return {"browser": b[0] or "Other", "browser_version": version(*b[1:4]), "os": o[0] or "Other",
                "os_version": version(*o[1:5]), "device": d[0] or "Other", "device_brand": d[1],
                "device_model": d[2], "bot": d[0] == "Spider"}


def changed(rnd, a, others):
    kind = rnd.randrange(7)
    i = rnd.randrange(len(a) + 1)
    if kind == 0:
        return a
    if kind == 1:
        return a[:i] + rnd.choice(["é", "\u212a", "ſ", "日本", "x", "/", "; ", "(", "Android", "Build/", "bot", "\U0001f600"]) + a[i:]
    if kind == 2:
        return a[:i] + a[i + rnd.randrange(1, 9):]
    if kind == 3:
        b = rnd.choice(others)
        return a[:i] + b[rnd.randrange(len(b) + 1):]
    if kind == 4:
        return a.swapcase() if rnd.random() < .3 else a.lower()
    if kind == 5:
        return a.replace(".", rnd.choice(["_", "..", "é"]))
    return " " + a * rnd.randrange(1, 4) + " "


def check_random(rules, seed, n):
    rnd = random.Random(seed)
    top = os.path.dirname(rules)
    known = [line for f in ("test_resources/firefox_user_agent_strings.txt", "test_resources/pgts_browser_list.txt")
             for line in open(os.path.join(top, f), encoding="utf-8", errors="replace").read().split("\n")]
    known += re.findall(r"user_agent_string: '(.*)'$", open(os.path.join(top, "tests/test_device.yaml"), encoding="utf-8").read(), re.M)
    known += re.findall(r"user_agent_string: '(.*)'$", open(os.path.join(top, "tests/test_ua.yaml"), encoding="utf-8").read(), re.M)
    agents = ["", "-", "\\", "Mozilla/5.0 \u212aindle\u017f", "SAM\u017fUNG-GT"]
    while len(agents) < n:
        agents.append(changed(rnd, rnd.choice(known), known))
    model = Rules(rules)
    for a, got in zip(agents, answers(agents, PARTS + ["bot"], "--agents", rules)):
        want = model.parse(a)
        if got != want:
            sys.exit("%r: %r, want %r (seed %d)" % (a, got, want, seed))


if __name__ == "__main__":
    if sys.argv[1] == "cases":
        sys.exit(cases(sys.argv[2]) != 0)
    check_random(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
