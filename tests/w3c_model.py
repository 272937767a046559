"""Extended logs of the W3C and what they say: records first, text second.

    w3c_model.py SEED LOG EXPECTED

writes a random LOG whose #Fields change, with good and bad lines, and as EXPECTED its
records as JSON lines.  Prints how many records and how many bad lines there are.
"""
import json
import random
import sys

# as it is written, and the field that the manual says
NAMES = {"c-ip": "ip", "cs-username": "user", "cs-method": "method", "cs-uri-stem": "path",
         "cs-uri-query": "query", "sc-status": "status", "sc-bytes": "bytes", "cs(User-Agent)": "agent",
         "cs(Referer)": "referer", "cs(Cookie)": "cs_cookie", "x-Odd.Name": "x_odd_name", "s-port": "port"}
NUMBERS = {"sc-status", "sc-bytes", "s-port"}
TEXTS = ["a", "x y", 'say "hi"', '""', "-", "#", "tab\there", "é", "+", "z" * 50, ""]


def write_value(r, v):
    if v is None:
        return "-"
    if v in ("", "-") or v[0] == '"' or any(c in v for c in " \t") or r.random() < .1:
        return '"' + v.replace('"', '""') + '"'
    return v


def main(seed, log, expected):
    r = random.Random(int(seed))
    day, names, written, has_date, has_time = None, None, [], False, False
    out, rows, bad, seen = ["#Version: 1.0"], [], 0, []
    for _ in range(30000):
        if names is None or r.random() < .01:
            day = "2026-%02d-%02d" % (r.randrange(1, 13), r.randrange(1, 29))
            names = r.sample(sorted(NAMES), r.randrange(1, len(NAMES)))
            has_time = r.random() < .9
            has_date = has_time and r.random() < .5
            written = names[:]
            for extra in ["date"] * has_date + ["time"] * has_time:
                written.insert(r.randrange(len(written) + 1), extra)
            out.append("#Date: " + day + " 00:00:00")
            out.append("#Fields: " + " ".join(written))
            for n in (["ts"] if has_time else []) + [NAMES[w] for w in written if w in NAMES]:
                if n not in seen:
                    seen.append(n)
        if r.random() < .01:
            out.append(r.choice(["#Remark: x", "#", "# a \"", ""]))
        row, values = {}, []
        mine = day if not has_date else "2025-%02d-%02d" % (r.randrange(1, 13), r.randrange(1, 29))
        clock = "%02d:%02d:%02d" % (r.randrange(24), r.randrange(60), r.randrange(60))
        if has_time:
            row["ts"] = mine + "T" + clock + "Z"
        for w in written:
            if w in ("date", "time"):
                values.append(mine if w == "date" else clock)
                continue
            v = None if r.random() < .2 else str(r.randrange(999)) if w in NUMBERS else r.choice(TEXTS)
            row[NAMES[w]] = int(v) if v is not None and w in NUMBERS else v
            values.append(write_value(r, v))
        if values[0].startswith("#"):
            values[0] = '"' + values[0] + '"'
        if r.random() < .02:
            bad += 1
            out.append(r.choice([" ".join(values + ["more"]), " ".join(values[:-1] + ['"open']),
                                 '"a"b ' + " ".join(values)]))
            continue
        out.append(r.choice([" ", "\t", "  "]).join(values))
        rows.append(row)
    end = r.choice(["\n", "\r\n"])
    with open(log, "w", newline="", encoding="utf-8") as f:
        f.write(end.join(out) + end)
    with open(expected, "w", encoding="utf-8") as f:
        for row in rows:
            print(json.dumps({n: row.get(n) for n in seen}, ensure_ascii=False, separators=(",", ":")), file=f)
    print(len(rows), bad)


if __name__ == "__main__":
    main(*sys.argv[1:])
