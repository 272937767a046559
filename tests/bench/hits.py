#!/usr/bin/env python3
"""hits.py ROWS [SEED] - page views of many sites as CSV, in order of their time

The table that ClickBench asks about, with the 25 columns that its queries read and
with skews like a real counter's: few sites, phrases and users have most of the
views, most views have no phrase, and one site (62) has the views that the last
queries look for.  Needs numpy."""
import sys

import numpy

ROWS = int(sys.argv[1])
RNG = numpy.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
SYLLABLES = "ma to ri ka sel un dor vin pre lo he sa мо ст ра ви но ка ли пе ор та".split()
USERS, PAGES, PHRASES, TITLES, REFERERS, SITES = 300000, 400000, 150000, 200000, 250000, 5000
HOUR = numpy.repeat([1, 3, 6, 8, 9, 5], 4)


def skewed(n, size, power):
    """SIZE of 0 .. N-1, the small ones often."""
    weight = numpy.cumsum(1 / numpy.power(numpy.arange(2.0, n + 2), power))
    return numpy.minimum(numpy.searchsorted(weight / weight[-1], RNG.random(size)), n - 1)


def mixed(size, values, shares):
    return RNG.choice(values, size, p=numpy.array(shares) / sum(shares))


def texts(n, least, most):
    """N texts of words."""
    words = ["".join(RNG.choice(SYLLABLES, k)) for k in RNG.integers(2, 5, 8000)]
    words[3:6] = ["google", "photos", "weather"]
    lengths = RNG.integers(least, most, n)
    parts = iter(skewed(len(words), int(lengths.sum()), .9).tolist())
    return [" ".join(words[next(parts)] for _ in range(k)) for k in lengths.tolist()]


def quoted(list_of_texts):
    return numpy.array(['"' + t.replace('"', '""') + '"' for t in list_of_texts], dtype=object)


def urls(n, hosts):
    """N addresses of HOSTS, the first of them often; one in 2,000 is of a search."""
    host, number = skewed(len(hosts), n, 1.05), RNG.integers(0, 1 << 30, n)
    kind = RNG.integers(0, 5, n)
    paths = ["/", "/list?page=%d", "/item/%d.html", "/2013/07/%d/", "/find?q=%d&lr=2"]
    out = []
    for i in range(n):
        path = paths[kind[i]]
        out.append(("https" if number[i] % 9 == 0 else "http") + "://" + hosts[host[i]] +
                   (path % number[i] if "%" in path else path))
    for i in range(2500, n, 2000):
        out[i] = "http://images.google.com/url?q=" + out[i]
        out[i + 1 - 2 * (i + 1 == n)] = "http://forum.example/google-chrome/%d" % i
    return out


def main():
    hosts = ["%s%s.%s" % ("www." if i % 3 == 0 else "", "".join(RNG.choice(SYLLABLES[:12], 3)),
                          ("com", "ru", "org", "net")[i % 4]) for i in range(SITES)]
    page, title, phrase = urls(PAGES, hosts), texts(TITLES, 2, 9), texts(PHRASES, 1, 6)
    referer = urls(REFERERS, hosts)
    page[10], title[7] = "http://home.example/", ""
    for i in range(100, TITLES, 400):
        title[i] += " - Google search, \"quoted\""
    page_hash = RNG.integers(-(1 << 63), (1 << 63) - 1, PAGES)
    referer_hash = RNG.integers(-(1 << 63), (1 << 63) - 1, REFERERS)
    page_hash[10], referer_hash[3] = 2868770270353813622, 3594120000172545465
    user_id = RNG.integers(1 << 59, 1 << 62, USERS)
    user_id[77] = 435090932899640449
    address, region = RNG.integers(-(1 << 31), 1 << 31, USERS), skewed(4000, USERS, 1.3)
    models = ["", "iPad", "iPhone 2"] + ["Model %d" % i for i in range(150)]
    model = numpy.where(RNG.random(USERS) < .06, 1 + skewed(len(models) - 1, USERS, 1.2), 0)
    width = mixed(USERS, [0, 1024, 1280, 1366, 1440, 1600, 1920], [8, 10, 20, 25, 7, 10, 20])

    day, hour = RNG.integers(0, 31, ROWS), mixed(ROWS, numpy.arange(24), HOUR)
    time = numpy.sort(1372636800 + day * 86400 + hour * 3600 + RNG.integers(0, 3600, ROWS))
    user = skewed(USERS, ROWS, .8)
    site = skewed(SITES, ROWS, 1.15) + 1
    site[RNG.random(ROWS) < .08] = 62
    at = skewed(PAGES, ROWS, .85)
    at[(site == 62) & (RNG.random(ROWS) < .3)] = 10
    name = numpy.where(RNG.random(ROWS) < .12, 7, (at * 7 + site % 3) % TITLES)
    source = skewed(REFERERS, ROWS, .9)
    source[(site == 62) & (RNG.random(ROWS) < .15)] = 3
    direct = RNG.random(ROWS) < .19
    search = RNG.random(ROWS) < .2
    engine = numpy.where(search, mixed(ROWS, [2, 3, 4, 1, 13], [55, 25, 10, 5, 5]), 0)
    asked = skewed(PHRASES, ROWS, .85)
    flag = {k: (RNG.random(ROWS) < share).astype(int) for k, share in
            (("refresh", .12), ("link", .05), ("download", .004), ("skip", .06))}
    page, title, phrase, referer, models = map(quoted, (page, title, phrase, referer, models))
    columns = [
        ("WatchID", RNG.integers(1 << 61, (1 << 63) - 1, ROWS)),
        ("Title", title[name]), ("EventTime", time), ("EventDate", time),
        ("CounterID", site), ("ClientIP", address[user]), ("RegionID", region[user]),
        ("UserID", user_id[user]), ("URL", page[at]),
        ("Referer", numpy.where(direct, '""', referer[source])), ("IsRefresh", flag["refresh"]),
        ("ResolutionWidth", width[user]), ("MobilePhone", model[user] % 120),
        ("MobilePhoneModel", models[model[user]]),
        ("TraficSourceID", mixed(ROWS, [-1, 0, 1, 2, 3, 6, 7], [25, 25, 20, 10, 5, 10, 5])),
        ("SearchEngineID", engine), ("SearchPhrase", numpy.where(search, phrase[asked], '""')),
        ("AdvEngineID", mixed(ROWS, [0, 2, 27, 13, 45], [9935, 30, 20, 10, 5])),
        ("WindowClientWidth", numpy.clip(RNG.normal(1300, 300, ROWS), 0, 2500).astype(int)),
        ("WindowClientHeight", numpy.clip(RNG.normal(700, 150, ROWS), 0, 1400).astype(int)),
        ("IsLink", flag["link"]), ("IsDownload", flag["download"]), ("DontCountHits", flag["skip"]),
        ("RefererHash", numpy.where(direct, 0, referer_hash[source])), ("URLHash", page_hash[at])]
    print(",".join(k for k, _ in columns))
    for a in range(0, ROWS, 100000):
        cells = []
        for k, v in columns:
            part = v[a:a + 100000]
            if k.startswith("Event"):
                part = numpy.datetime_as_string(part.astype("datetime64[s]"))
                part = [t.replace("T", " ")[:10 if k == "EventDate" else 19] for t in part.tolist()]
            else:
                part = part.tolist()
            cells.append(part)
        print("\n".join(",".join(map(str, row)) for row in zip(*cells)))


main()
