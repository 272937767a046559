"""data.py - tables like those of MgBench, TSBS and a web server's, seeded

Each data set is a function that gives {table: (schema of lam, rows)}.  Values are texts as they
stand in a CSV, "" for NULL.  Numbers have few digits, so that sums are the same in binary, too.
"""
import datetime
import random
import re

EPOCH = datetime.datetime(1970, 1, 1)


def stamp(text, seconds=0):
    t = datetime.datetime.fromisoformat(text) + datetime.timedelta(seconds=seconds)
    return t.strftime("%Y-%m-%d %H:%M:%S")


def schema(text):
    """"a b:time c" as [("a", "number"), ("b", "time"), ("c", "number")]"""
    return [tuple((c + ":number").split(":")[:2]) for c in text.split()]


def machines(rng):
    """Readings of machines: MgBench's first log."""
    groups = {"Servers": ["anansi", "aragog", "urd", "babbage", "ada", "brahe", "curie", "dirac",
                          "euler", "fermi", "gauss", "hertz"],
              "DMZ": ["gate1", "gate2", "gate3"],
              "Desktop": ["cslab1", "cslab2", "mslab7"],
              "Files": ["allsorts", "dove", "lindt", "york"]}
    rows = []
    for step in range(440):
        for group, names in groups.items():
            for i, name in enumerate(names):
                if rng.random() < .1:
                    continue
                off = group == "Desktop" and rng.random() < .2
                some = lambda top, p=.1: "" if off or rng.random() < p else "%.2f" % (
                    rng.random() * top)
                wio = "%.3f" % (.991 if rng.random() < i / 15 else rng.random() * .98)
                rows.append([stamp("2016-12-07", step * 7200 + rng.randrange(3000)), name, group] +
                            [some(100) for _ in range(4)] + [wio] +
                            [some(900) for _ in range(3)] + [some(9, .05) for _ in range(3)] +
                            [some(30000) for _ in range(5)] + [some(10**9) for _ in range(2)])
    return {"logs": (schema(
        "log_time:time machine_name:text machine_group:text cpu_idle cpu_nice cpu_system cpu_user "
        "cpu_wio disk_free disk_total part_max_used load_fifteen load_five load_one mem_buffers "
        "mem_cached mem_free mem_shared swap_free bytes_in bytes_out"), rows)}


def requests(rng):
    """Requests of clients: MgBench's second log."""
    tops = ["/about", "/courses", "/degrees", "/people", "/news", "/ugrad", "/x", "/~tom"]
    rows = []
    for i in range(9000):
        path = rng.choice(tops) + "/" * (rng.random() < .8) + "/".join(
            rng.choice(["a", "b", "index.html", "cs 1"]) for _ in range(rng.randrange(4)))
        if rng.random() < .01:
            path = "/cgi?f=../../etc/passwd"
        rows.append([stamp("2012-01-01", i * 3500 + rng.randrange(7000)),
                     "10.0.%d.%d" % (rng.randrange(2), int(rng.random() ** 3 * 60)),
                     rng.choice(["/", path, path, path]),
                     str(rng.choice([200] * 8 + [204, 304, 404, 500, 503])),
                     str(rng.randrange(10**6))])
    return {"logs": (schema("log_time:time client_ip:text request:text status_code object_size"),
                     rows)}


def house(rng):
    """Sensors of a building: MgBench's third log."""
    rows, devices = [], []
    for kind, type_, n in (("coffee", "meter", 3), ("printer", "meter", 3), ("vending", "meter", 2),
                           ("projector", "meter", 2), ("room", "motion", 4), ("door", "door", 4),
                           ("hall", "thermometer", 3)):
        devices += [("%s_%d" % (kind, i), type_, i) for i in range(n)]
    for i in range(14000):
        name, type_, floor = rng.choice(devices)
        at = stamp("2018-12-01", int(i * 31536000 / 14000) + rng.randrange(20000))
        what, unit, value = {
            "meter": ("power", "W", rng.random() * (9 if floor else 60)),
            "motion": (rng.choice(["motion_start", "motion_end"]), "", None),
            "door": (rng.choice(["door_open", "door_close"]), "", None),
            "thermometer": ("temperature", "F", 30 + rng.random() * (8 if floor else 45))}[type_]
        for _ in range(1 if type_ != "thermometer" else 4):
            rows.append([at, "id%015d" % devices.index((name, type_, floor)), name, type_,
                         str(floor), what, unit, "" if value is None else "%.1f" % value])
            if value is not None:
                value, at = value + rng.random() * 3, stamp(at, rng.randrange(9000))
    return {"logs": (schema("log_time:time device_id:text device_name:text device_type:text "
                            "device_floor event_type:text event_unit:text event_value"), rows)}


METRICS = ("usage_user usage_system usage_idle usage_nice usage_iowait usage_irq usage_softirq "
           "usage_steal usage_guest usage_guest_nice")


def devops(rng):
    """Hosts and their processors: TSBS."""
    tags, cpu = [], []
    for i in range(12):
        name = "" if i == 11 else "host_%d" % i
        tags.append([str(i), name, rng.choice(["eu-west-1", "us-east-1"]), "dc%d" % (i % 3),
                     '{"hostname": "%s"}' % name])
    for step in range(720):
        for i in range(11):
            if rng.random() < .6:
                cpu.append([stamp("2016-01-01", step * 120 + rng.randrange(60)), str(i),
                            "host_%d" % i] + ["%d" % rng.randrange(101) for _ in range(10)])
    return {"tags": (schema("id hostname:text region:text datacenter:text tagset:text"), tags),
            "cpu": (schema("time:time tags_id hostname:text " + METRICS), cpu)}


def trucks(rng):
    """Trucks, where they are and how they fare: TSBS."""
    tags, readings, state = [], [], []
    for i in range(14):
        tags.append([str(i), "" if i == 13 else "truck_%d" % i, "driver%d" % (i % 5),
                     rng.choice(["South", "West"]), "m%d" % (i % 3),
                     str(rng.choice([1500, 2000, 5000])),
                     str(rng.choice([15, 19]))])
        drives = False
        for step in range(48 * 20):
            if step % 25 == 0 and rng.random() < .6:
                drives = not drives
            at = stamp("2016-01-01", step * 180 + rng.randrange(60))
            if rng.random() < .9:
                readings.append([at, str(i), "%.4f" % (rng.random() * 90),
                                 "%.4f" % (rng.random() * 180),
                                 str(rng.randrange(3, 90) if drives and i != 4 else 0),
                                 "%.1f" % (rng.random() * 40)])
            if rng.random() < .4:
                state.append([at, str(i), "%.2f" % (rng.random() * (.3 if i % 2 else 1)),
                              str(rng.randrange(5000)), "" if step % 70 < 9 else str(rng.choice([0, 0, 1, 1, 5]))])
    return {"tags": (schema("id name:text driver:text fleet:text model:text load_capacity "
                            "nominal_fuel_consumption"), tags),
            "readings": (schema("time:time tags_id latitude longitude velocity fuel_consumption"),
                         readings),
            "diagnostics": (schema("time:time tags_id fuel_state current_load status"), state)}


def edge(rng):
    """What a server at the edge writes beside a combined line."""
    rows = []
    for i in range(3989):
        who = int(rng.random() ** 2 * 60)
        rows.append([stamp("2026-03-01", i * 97 + rng.randrange(90)), "10.0.0.%d" % who,
                     rng.choice(["www.example.org", "shop.example.org", "api.example.org"]),
                     rng.choice(["GET", "GET", "POST"]), "/p%d" % rng.randrange(12),
                     rng.choice(["HTTP/1.1", "HTTP/2.0"]), str(rng.choice([200, 200, 304, 404, 502])),
                     str(rng.randrange(50000)), "%.3f" % (rng.random() ** 4 * 3),
                     rng.choice(["HIT", "HIT", "MISS", "BYPASS", ""]),
                     rng.choice(["TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.3 TLS_AES_256_GCM_SHA384", ""]),
                     rng.choice(["text/html", "image/png", "application/json"]),
                     ["DE", "FR", "US", ""][who % 4], AGENTS[who % 7]])
    return {"edge": (schema("ts:time ip:text vhost:text method:text path:text protocol:text status "
                            "bytes seconds cache:text tls:text mime:text country:text agent:text"),
                     rows)}


AGENTS = ["Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 Chrome/32.0.1700.77 Safari/537.36",
          "Mozilla/5.0 (X11; Linux x86_64; rv:27.0) Gecko/20100101 Firefox/27.0",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 6_0 like Mac OS X) AppleWebKit/536.26 Safari/8536.25",
          "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
          "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
          "Feedfetcher/1.0", "-"]
FIELDS = ("ip:text ident:text user:text ts:time method:text path:text protocol:text status bytes "
          "referer:text agent:text")
LINE = re.compile(r'(\S+) (\S+) (\S+) \[([^]]+)\] "(\S+) (\S+) (\S+)" (\d+) (\S+) "(.*?)" "(.*?)"$')


def web(rng):
    """Lines of a web server's combined log."""
    at, lines = 1431856800, []
    for i in range(6000):
        at += rng.choice([0, 1, 5, 30, 200]) * (i % 900 > 8) if rng.random() < .99 else 4000
        who = 3 if i % 900 < 9 else int(rng.random() ** 2 * (170 if i < 900 else 150))
        path = rng.choice(["/", "/blog/", "/blog/geekery/%d.html" % (i % 23), "/images/%d.png" % (i % 9),
                           "/style.css", "/favicon.ico", "/search?q=lam+%d" % (i % 5),
                           "/cart", "/buy", "/old/%d" % (i % 31)])
        status = 404 if path[:4] == "/old" else rng.choice([200] * 20 + [206, 301, 304, 500])
        t = datetime.datetime.fromtimestamp(at + rng.randrange(-20, 1), datetime.timezone.utc)
        lines.append('10.%d.0.%d - %s [%s] "%s %s HTTP/1.%d" %d %s "%s" "%s"' % (
            who % 3, who, "ann" if who == 7 else "-", t.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "POST" if path == "/buy" else rng.choice(["GET"] * 9 + ["HEAD"]), path,
            rng.randrange(2), status, "-" if status == 304 else rng.randrange(200, 10**5),
            rng.choice(["-", "http://semicomplete.com/blog/", "http://www.google.com/search?q=log+%d" % (
                who % 4), "https://t.co/x%d" % (who % 7)]), AGENTS[who % 7]))
    return lines


def requests_of(path):
    """The table of a combined log: its lines and what they say, "-" being NULL."""
    if path is None:
        lines = web(random.Random("lam web"))
    else:
        with open(path, encoding="utf-8") as f:
            lines = f.read().splitlines()
    rows = []
    for m in filter(None, map(LINE.match, lines)):
        r = ["" if v == "-" else v for v in m.groups()]
        t = datetime.datetime.strptime(r[3], "%d/%b/%Y:%H:%M:%S %z")
        r[3] = t.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        rows.append(r)
    return lines, {"log": (schema(FIELDS), rows)}


def star(rng):
    """Orders of goods, and what they name: a star, as of the Star Schema Benchmark."""
    days = [datetime.date(1992, 1, 1) + datetime.timedelta(3 * i) for i in range(852)]
    places = [("ASIA", "CHINA"), ("ASIA", "JAPAN"), ("AMERICA", "BRAZIL"), ("AMERICA", "UNITED STATES"),
              ("EUROPE", "FRANCE"), ("EUROPE", "UNITED KINGDOM")]

    def people(n):
        return [[str(i), "%-9.9s%d" % (p[1], rng.randrange(3)), p[1], p[0]]
                for i in range(1, n + 1) for p in [rng.choice(places)]]

    orders = []
    for i in range(12000):
        price, off = rng.randrange(900, 9000), rng.randrange(11)
        orders.append([str(v) for v in (
            rng.randrange(1, 151), rng.randrange(1, 201), rng.randrange(1, 61),
            rng.choice(days).strftime("%Y%m%d"), rng.randrange(1, 51), price, off,
            price * (100 - off), price * 6 // 10)] + [rng.choice(["AIR", "REG AIR", "SHIP"])])
    return {
        "lineorder": (schema("lo_custkey lo_partkey lo_suppkey lo_orderdate lo_quantity lo_extendedprice "
                             "lo_discount lo_revenue lo_supplycost lo_shipmode:text"), orders),
        "dates": (schema("d_datekey d_year d_yearmonthnum d_yearmonth:text d_week"), [
            [d.strftime("%Y%m%d"), str(d.year), d.strftime("%Y%m"), d.strftime("%b%Y"),
             str((d.timetuple().tm_yday - 1) // 7 + 1)] for d in days]),
        "customer": (schema("c_custkey c_city:text c_nation:text c_region:text"), people(150)),
        "supplier": (schema("s_suppkey s_city:text s_nation:text s_region:text"), people(60)),
        "part": (schema("p_partkey p_mfgr:text p_category:text p_brand:text p_size"), [
            [str(i), "MFGR#%d" % m, "MFGR#%d%d" % (m, c), "MFGR#%d%d%d" % (m, c, rng.randrange(21, 29)),
             str(rng.randrange(1, 51))]
            for i in range(1, 201) for m, c in [(rng.randrange(1, 4), rng.randrange(1, 4))]])}


NATIONS = ("AFRICA ALGERIA KENYA|AMERICA BRAZIL CANADA|ASIA CHINA INDIA|EUROPE FRANCE GERMANY|"
           "MIDDLE_EAST EGYPT SAUDI_ARABIA")


def shop(rng):
    """Parts, who supplies them, and what customers order: as of TPC-H, with few values."""
    regions = [r.split() for r in NATIONS.split("|")]
    nations = [(n.replace("_", " "), i) for i, r in enumerate(regions) for n in r[1:]]

    def words():
        return " ".join(rng.choice("special pending Customer requests Complaints ironic green deposits "
                                   "forest foxes".split()) for _ in range(6))

    def phone(nation):
        return "%d-%03d" % (nation + 10 if rng.random() < .5 else rng.choice([13, 31, 23, 29, 30]),
                            rng.randrange(1000))

    def day(first, n):
        return first + datetime.timedelta(n)

    def cents(n):
        return "%d.%02d" % (n // 100, n % 100)

    suppliers, customers, parts, stock, orders, lines = [], [], [], [], [], []
    for i in range(1, 61):
        n = rng.randrange(10)
        suppliers.append([str(i), "Supplier#%d" % i, words(), str(n), phone(n),
                          cents(rng.randrange(999999)), words()])
    for i in range(1, 301):
        n = rng.randrange(10)
        customers.append([str(i), "Customer#%d" % i, words(), str(n), phone(n),
                          cents(rng.randrange(999999)), rng.choice(["BUILDING", "MACHINERY"]), words()])
    for i in range(1, 401):
        parts.append([
            str(i), rng.choice(["forest", "green", "rose", "sky"]) + " " + words(),
            "Manufacturer#%d" % (i % 5), "Brand#" + rng.choice(["12", "23", "34", "45"]),
            " ".join((rng.choice(["ECONOMY", "PROMO", "MEDIUM"]), rng.choice(["ANODIZED", "POLISHED"]),
                      rng.choice(["BRASS", "STEEL"]))),
            str(rng.choice([1, 3, 5, 9, 14, 15, 23])), " ".join((rng.choice(["SM", "MED", "LG"]), rng.choice(
                ["CASE", "BOX", "BAG", "PKG"]))), cents(90000 + 10 * i), words()])
        for s in rng.sample(range(1, 61), 4):
            stock.append([str(i), str(s), str(rng.randrange(1, 99)), cents(rng.randrange(100, 99999)), words()])
    for i in range(1, 2001):
        when, large, state, total = day(datetime.date(1992, 1, 1), rng.randrange(2400)), i % 90 == 0, set(), 0
        for k in range(1, 8 if large else rng.randrange(2, 6)):
            part, supplier = (int(v) for v in rng.choice(stock)[:2])
            quantity = rng.randrange(44, 51) if large else rng.choice([1, 2, 5, 12, 20, 30, 50])
            ships, commits = day(when, rng.randrange(1, 122)), day(when, rng.randrange(30, 91))
            comes, price = day(ships, rng.randrange(1, 31)), quantity * (90000 + 10 * part)
            state.add("F" if ships < datetime.date(1995, 6, 17) else "O")
            total += price
            lines.append([str(v) for v in (
                i, part, supplier, k, quantity, cents(price), cents(rng.randrange(11)), cents(rng.randrange(9)),
                rng.choice("RAN"), "F" if ships < datetime.date(1995, 6, 17) else "O", ships, commits, comes,
                rng.choice(["DELIVER IN PERSON", "NONE"]), rng.choice(["AIR", "AIR REG", "MAIL", "SHIP"]), words())])
        orders.append([str(v) for v in (
            i, rng.randrange(1, 101) * 3, state.pop() if len(state) == 1 else "P", cents(total), when,
            rng.choice(["1-URGENT", "2-HIGH", "5-LOW"]), "Clerk", 0, words())])
    return {
        "region": (schema("r_regionkey r_name:text r_comment:text"), [
            [str(i), r[0].replace("_", " "), words()] for i, r in enumerate(regions)]),
        "nation": (schema("n_nationkey n_name:text n_regionkey n_comment:text"), [
            [str(i), n, str(r), words()] for i, (n, r) in enumerate(nations)]),
        "supplier": (schema("s_suppkey s_name:text s_address:text s_nationkey s_phone:text s_acctbal "
                            "s_comment:text"), suppliers),
        "customer": (schema("c_custkey c_name:text c_address:text c_nationkey c_phone:text c_acctbal "
                            "c_mktsegment:text c_comment:text"), customers),
        "part": (schema("p_partkey p_name:text p_mfgr:text p_brand:text p_type:text p_size p_container:text "
                        "p_retailprice p_comment:text"), parts),
        "partsupp": (schema("ps_partkey ps_suppkey ps_availqty ps_supplycost ps_comment:text"), stock),
        "orders": (schema("o_orderkey o_custkey o_orderstatus:text o_totalprice o_orderdate:time "
                          "o_orderpriority:text o_clerk:text o_shippriority o_comment:text"), orders),
        "lineitem": (schema("l_orderkey l_partkey l_suppkey l_linenumber l_quantity l_extendedprice l_discount "
                            "l_tax l_returnflag:text l_linestatus:text l_shipdate:time l_commitdate:time "
                            "l_receiptdate:time l_shipinstruct:text l_shipmode:text l_comment:text"), lines)}


SETS = {"machines": machines, "requests": requests, "house": house, "devops": devops,
        "trucks": trucks, "edge": edge, "star": star, "shop": shop}


def tables(name):
    return SETS[name](random.Random("lam " + name))
