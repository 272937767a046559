"""Times in random formats, and what Python's strptime makes of them.

    strptime_model.py SEED FORMAT LOG EXPECTED

writes FORMAT, a format; LOG, times of it and others, one a line; EXPECTED, what the
manual says is stored of each: RFC 3339, or the text as it is if it is none.
"""
import datetime as d
import random
import re
import sys

DATES = ["%Y-%m-%d", "%d.%m.%Y", "%d/%b/%Y", "%B %d, %Y", "%a %b %d %Y", "%y%m%d", "%Y %j",
         "%A, %d %B %Y", "%m/%d/%y", "week of %d %m %Y"]
CLOCKS = ["%H:%M:%S", "%H%M%S", "%I:%M:%S %p", "%H:%M", "%H:%M:%S.%f", "%H:%M:%S,%f", "%Hh%Mm"]
ZONES = ["", "", "%z", " %z"]


def stored(text, form):
    try:
        t = d.datetime.strptime(text, form)
    except ValueError:
        return text
    if t.year < 1678 or t.year > 2261:
        return text
    out = t.replace(tzinfo=None, microsecond=0).isoformat()
    if "%f" in form:  # as many digits as were written
        out += "." + re.search(r":\d+[.,](\d{1,6})", text).group(1)
    if t.tzinfo:
        out += t.strftime("%z")[:3] + ":" + t.strftime("%z")[3:5]
    return out


def main():
    seed, form_path, log, expected = sys.argv[1:]
    r = random.Random(seed)
    form = r.choice(DATES) + r.choice([" ", "T", "  ", "_"]) + r.choice(CLOCKS) + r.choice(ZONES)
    form = form.replace("  ", " ")
    with open(form_path, "w") as f:
        f.write(form)
    with open(log, "w") as a, open(expected, "w") as b:
        for _ in range(300):
            zone = d.timezone(d.timedelta(minutes=r.randrange(-56, 57) * 15))
            t = d.datetime(1970, 1, 1, tzinfo=zone) + d.timedelta(seconds=r.randrange(2 ** 31),
                                                                   microseconds=r.randrange(10 ** 6))
            text = t.strftime(form)
            if r.random() < 0.15:
                i = r.randrange(len(text))
                # a blank of a format is any number of them for lam, one or more for Python
                if text[i] != " ":
                    text = text[:i] + r.choice("x9-") + text[i + 1:]
            if re.search(r"  |^ | $|\t", text) or not text or re.search("[.,][0-9]{7}", text):
                continue
            a.write(text + "\n")
            b.write(stored(text, form) + "\n")


main()
