#!/usr/bin/env python3
"""The views of "lam-report --new web" against GoAccess on the same log.

    goaccess.py LOG      the dataset is $LAM_DATA

Hits and bytes must be equal, key by key, when the %XX of ours are decoded as GoAccess
does.  Visitors are an approximate count (1.6 %
standard error), within 6 % or 2.  GoAccess has lists of its own of agents, so of
systems and browsers only what both name must be alike, within 25 %.  It decodes
referrers in part, and cuts them behind the words of a search: those that both name
must be equal, and be most.  It takes keyphrases from one search engine only: they
must be among ours.
"""
import csv
import json
import subprocess
import sys
import urllib.parse

STATIC = """css js mjs json map jpg jpeg png gif ico bmp svg webp tif tiff pdf txt csv xls xlsx
doc docx ppt pptx swf flv mp3 mp4 mpg mpeg avi mov webm ogg wav exe iso dmg deb rpm apk gz tgz
bz2 xz zip rar 7z tar jar ttf otf eot woff woff2""".split()


def ours(view):
    text = subprocess.run(["lam-query", "-o", "csv", f"select * from {view}"],
                          check=True, capture_output=True).stdout.decode(errors="replace")
    return list(csv.DictReader(text.splitlines()))


def theirs(log):
    config = ["--static-file=." + e for e in STATIC] + ["--all-static-files"]
    subprocess.run(["goaccess", "--log-format=COMBINED", "--no-global-config",
                    "--max-items=100000", "-o", "goaccess.json", *config, log],
                   check=True, capture_output=True)
    with open("goaccess.json", encoding="utf-8", errors="replace") as f:
        return json.load(f)


def decoded(rows, key):
    """By decoded key; rows that become one are added up, so visitors are at most that."""
    have = {}
    for r in rows:
        k = key({n: urllib.parse.unquote(v, errors="replace").strip() for n, v in r.items()})
        r = {n: int(r[n] or 0) for n in ("hits", "bytes", "visitors")}
        old = have.get(k)
        have[k] = {n: r[n] + old[n] for n in r} | {"merged": True} if old else r
    return have


def near(a, b, part=0.06):
    return abs(a - b) <= max(2, part * max(a, b))


bad = []


def compare(panel, view, key, their_key, known, loose=0):
    have = decoded(ours(view), key)
    want = {}
    for item in known[panel]["data"]:
        for leaf in item.get("items", [item]) if panel == "status_codes" else [item]:
            want[their_key(leaf)] = leaf
    if loose:
        both = set(have) & set(want)
        if len(both) < loose * len(want):
            bad.append(f"{view}: only {len(both)} of {len(want)} are alike")
    else:
        both = set(have) | set(want)
    for k in sorted(both):
        a, b = have.get(k), want.get(k)
        if a is None or b is None:
            if not (b is not None and panel in ("requests", "static_requests")
                    and known[panel]["metadata"]["data"]["total"]["value"] > len(want)):
                bad.append(f"{view} {k}: {'not here' if a is None else 'not in GoAccess'}")
            continue
        if panel in ("os", "browsers"):
            ok = near(a["hits"], b["hits"]["count"], 0.25)
        elif panel == "keyphrases":
            ok = a["hits"] >= b["hits"]["count"]
        else:
            ok = (a["hits"] == b["hits"]["count"] and a["bytes"] == b["bytes"]["count"] and
                  (near(a["visitors"], b["visitors"]["count"]) or "merged" in a))
        if not ok:
            bad.append(f"{view} {k}: {dict(a)} against {b['hits']} {b['visitors']} {b['bytes']}")
    print(f"{view}: {len(both)} keys")


known = theirs(sys.argv[1])
request = (lambda r: (r["method"], r["protocol"], r["path"]),
           lambda i: (i["method"], i["protocol"], i["data"]))
compare("visitors", "web_visitors", lambda r: r["day"][:10].replace("-", ""),
        lambda i: i["data"], known)
compare("requests", "web_requests", *request, known)
compare("static_requests", "web_static_files", *request, known)
compare("not_found", "web_not_found", *request, known)
compare("hosts", "web_hosts", lambda r: r["ip"], lambda i: i["data"], known)
compare("visit_time", "web_hours", lambda r: int(r["hour"]), lambda i: int(i["data"]), known)
compare("referrers", "web_referrers", lambda r: r["referer"], lambda i: i["data"], known,
        loose=0.6)
compare("referring_sites", "web_referring_sites", lambda r: r["site"], lambda i: i["data"], known)
compare("status_codes", "web_status_codes", lambda r: r["status"],
        lambda i: i["data"].split(" ")[0], known)
compare("keyphrases", "web_keyphrases", lambda r: r["keyphrase"], lambda i: i["data"], known,
        loose=1)
compare("os", "web_systems", lambda r: {"macOS": "Macintosh"}.get(r["system"], r["system"]),
        lambda i: i["data"], known, loose=0.5)
compare("browsers", "web_browsers",
        lambda r: {"Internet Explorer": "MSIE"}.get(r["browser"], r["browser"]),
        lambda i: i["data"], known, loose=0.5)
print(*bad[:40], sep="\n")
sys.exit(len(bad) > 0)
