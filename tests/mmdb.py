"""Files of MaxMind's form, written and read: an oracle for geo().

    mmdb.py write FILE SEED [NETWORKS]	a file of random places; prints its networks
    mmdb.py one FILE NETWORK COUNTRY ...
    mmdb.py check FILE SEED ROWS	random addresses, by lam-query and by this

The form is that of MaxMind's specification, version 2.0: a tree of nodes of two records
of 24, 28 or 32 bits, 16 zero bytes, data, a marker, and metadata.
"""
import ipaddress
import json
import os
import random
import struct
import subprocess
import sys

MARKER = b"\xab\xcd\xefMaxMind.com"
TYPES = {"pointer": 1, "text": 2, "double": 3, "bytes": 4, "u16": 5, "u32": 6, "map": 7, "i32": 8, "u64": 9,
         "u128": 10, "array": 11, "bool": 14, "float": 15}


class N:
    """A number of a type of the form."""
    def __init__(self, kind, value):
        self.kind, self.value = kind, value


def control(kind, size):
    t = TYPES[kind]
    first, rest = (t << 5, b"") if t < 8 else (0, bytes([t - 7]))
    if size < 29:
        return bytes([first | size]) + rest
    if size < 285:
        return bytes([first | 29]) + rest + bytes([size - 29])
    if size < 65821:
        return bytes([first | 30]) + rest + struct.pack(">H", size - 285)
    return bytes([first | 31]) + rest + (size - 65821).to_bytes(3, "big")


def pointer(to):
    if to < 2048:
        return struct.pack(">H", 1 << 13 | to)
    if to < 526336:
        to -= 2048
        return bytes([1 << 5 | 1 << 3 | to >> 16]) + struct.pack(">H", to & 0xffff)
    to -= 526336
    return bytes([1 << 5 | 2 << 3 | to >> 24]) + (to & 0xffffff).to_bytes(3, "big")


class Data:
    """The data section; texts and maps that come again are pointed to."""
    def __init__(self):
        self.out, self.known = bytearray(), {}

    def encode(self, v, top=False):
        key = repr(plain(v)) + type(v).__name__ + getattr(v, "kind", "")
        if not top and isinstance(v, (str, dict)) and key in self.known:
            return pointer(self.known[key])
        if isinstance(v, bool):
            return control("bool", int(v))
        if isinstance(v, str):
            b = v.encode()
            return control("text", len(b)) + b
        if isinstance(v, bytes):
            return control("bytes", len(v)) + v
        if isinstance(v, N):
            if v.kind in ("double", "float"):
                b = struct.pack(">d" if v.kind == "double" else ">f", v.value)
            elif v.kind == "i32":
                b = struct.pack(">i", v.value)
            else:
                b = v.value.to_bytes((v.value.bit_length() + 7) // 8, "big")
            return control(v.kind, len(b)) + b
        if isinstance(v, dict):
            return control("map", len(v)) + b"".join(self.encode(k) + self.encode(x) for k, x in v.items())
        return control("array", len(v)) + b"".join(map(self.encode, v))

    def add(self, v):
        key = repr(plain(v)) + type(v).__name__ + getattr(v, "kind", "")
        if key not in self.known:
            if isinstance(v, dict):
                for x in list(v) + list(v.values()):
                    if isinstance(x, (str, dict)):
                        self.add(x)
            b = self.encode(v, True)
            self.known[key] = len(self.out)
            self.out += b
        return self.known[key]


def plain(v):
    if isinstance(v, N):
        return v.value
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, list):
        return [plain(x) for x in v]
    return v


def write(path, version, size, networks, metadata=()):
    """NETWORKS: (network, value), later ones win; SIZE: bits of a record."""
    data, root = Data(), [None, None]
    for net, value in networks:
        value = None if value is None else ("data", data.add(value))
        bits = int(net.network_address)
        n, width = net.prefixlen, net.max_prefixlen
        if version == 6 and net.version == 4:
            n, width = n + 96, 128
        node = root
        for i in range(n - 1):
            side = bits >> (width - 1 - i) & 1
            if not isinstance(node[side], list):
                node[side] = [node[side], node[side]]
            node = node[side]
        node[bits >> (width - n) & 1] = value
    nodes = []

    def number(node):
        node_id = len(nodes)
        nodes.append(node)
        ids = [number(x) if isinstance(x, list) else x for x in node]
        nodes[node_id] = ids
        return node_id
    sys.setrecursionlimit(10000)
    number(root)
    out = bytearray()
    for ids in nodes:
        a, b = (len(nodes) if x is None else x if isinstance(x, int) else len(nodes) + 16 + x[1] for x in ids)
        if size == 28:
            out += (a & 0xffffff).to_bytes(3, "big") + bytes([a >> 24 << 4 | b >> 24]) + (b & 0xffffff).to_bytes(3, "big")
        else:
            out += a.to_bytes(size // 8, "big") + b.to_bytes(size // 8, "big")
    meta = {"binary_format_major_version": N("u16", 2), "binary_format_minor_version": N("u16", 0),
            "build_epoch": N("u64", 1767225600), "database_type": "Test", "description": {"en": "a test"},
            "ip_version": N("u16", version), "languages": ["en"], "node_count": N("u32", len(nodes)),
            "record_size": N("u16", size)}
    meta.update(dict(metadata))
    with open(path + ".new", "wb") as f:
        f.write(out + b"\0" * 16 + data.out + MARKER + Data().encode(meta, True))
    os.rename(path + ".new", path)


def place(rnd):
    iso = "".join(rnd.choice("ABCDEÉ") for _ in range(2))
    v = {"country": {"iso_code": iso, "names": {"en": "Land " + iso, "de": "Land, \"" + iso + "\""}},
         "location": {"latitude": N("double", round(rnd.uniform(-90, 90), rnd.randrange(6))),
                      "longitude": N("float", struct.unpack(">f", struct.pack(">f", rnd.uniform(-180, 180)))[0]),
                      "accuracy_radius": N("u16", rnd.randrange(1001)), "time_zone": "Europe/Berlin"},
         "autonomous_system_number": N("u32", rnd.randrange(1 << 32)),
         "big": N("u64", rnd.getrandbits(rnd.randrange(65))), "huge": N("u128", rnd.getrandbits(rnd.randrange(129))),
         "less": N("i32", rnd.randrange(-2**31, 2**31)), "is": {"eu": rnd.random() < .5},
         "raw": bytes(rnd.randrange(256) for _ in range(rnd.randrange(4))), "long": "x" * rnd.randrange(400)}
    if rnd.random() < .7:
        v["city"] = {"names": {"en": "Town %d" % rnd.randrange(50)}}
    if rnd.random() < .7:
        v["subdivisions"] = [{"iso_code": "S%d" % i} for i in range(rnd.randrange(3))]
    return v


def random_networks(rnd, n, version):
    out = []
    for _ in range(n):
        if version == 4 or rnd.random() < .6:
            bits, net = rnd.randrange(4, 33), ipaddress.IPv4Network
            first = rnd.choice([10, 11, 192, 1]) << 24 | rnd.getrandbits(24)
        else:
            bits, net = rnd.randrange(16, 129), ipaddress.IPv6Network
            first = 0x20010db8 << 96 | rnd.getrandbits(96)
        out.append((net((first, bits), strict=False), None if rnd.random() < .1 else place(rnd)))
    # shorter ones first, as if they were cut out of each other
    out.sort(key=lambda x: x[0].prefixlen - (0 if x[0].version == 6 else -96))
    return out


def shown(v):
    """A scalar as geo() writes it; None: it is none."""
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, bytes):
        return v.hex().upper()
    if isinstance(v, N) and v.kind == "double":
        return ("%r" % v.value).removesuffix(".0")
    if isinstance(v, N) and v.kind == "float":
        for digits in range(1, 18):
            t = "%.*g" % (digits, v.value)
            if struct.pack(">f", float(t)) == struct.pack(">f", v.value):
                return ("%r" % float(t)).removesuffix(".0")
    if isinstance(v, N):
        return str(v.value)
    return v if isinstance(v, str) else None


def at(v, path):
    for name in path.split("."):
        if isinstance(v, dict) and name in v:
            v = v[name]
        elif isinstance(v, list) and name.isdigit() and int(name) < len(v):
            v = v[int(name)]
        else:
            return None
    return shown(v)


SHORT = {"country": "country.iso_code", "city": "city.names.en", "region": "subdivisions.0.iso_code",
         "latitude": "location.latitude", "longitude": "location.longitude", "timezone": "location.time_zone",
         "asn": "autonomous_system_number"}
PATHS = list(SHORT) + ["country.names.de", "subdivisions.1.iso_code", "big", "huge", "less", "is.eu", "raw", "long",
                       "location", "location.nothing", "subdivisions.9.iso_code", "country.iso_code.x", "nothing"]


def find(networks, version, text):
    try:
        a = ipaddress.ip_address(text)
    except ValueError:
        return None
    a = a.ipv4_mapped or a if a.version == 6 else a
    if a.version > version:
        return None
    if a.version == 6 and int(a) >> 32 == 0:	# where the tree has IPv4
        a = ipaddress.IPv4Address(int(a))
    best = None
    for net, value in networks:
        if net.version == a.version and a in net:
            best = value
    return best


def check(path, seed, rows):
    rnd = random.Random(seed)
    version, size = rnd.choice([4, 6, 6]), rnd.choice([24, 28, 32])
    networks = random_networks(rnd, 120, version)
    write(path, version, size, networks)
    rows_in = []
    for _ in range(rows):
        net = rnd.choice(networks)[0]
        a = net[rnd.randrange(min(net.num_addresses, 1 << 60))]
        text = str(a)
        if rnd.random() < .2:
            text = rnd.choice(["", "x", "1.2.3", "1.2.3.4.5", "::1", "256.1.1.1", "1.1.1.1:80", "0.0.0.0",
                               "255.255.255.255", "::ffff:10.1.2.3", str(ipaddress.IPv6Address(rnd.getrandbits(128)))])
        elif a.version == 4 and rnd.random() < .2:
            text = "::ffff:" + text
        rows_in.append(text)
    with open("addresses.jsonl", "w") as f:
        for t in rows_in:
            print(json.dumps({"ip": t}), file=f)
    sql = "select " + ", ".join("geo(ip, '%s') as c%d" % (p, i) for i, p in enumerate(PATHS)) + " from 'addresses.jsonl'"
    got = subprocess.run(["lam-query", "--geo", path, "-o", "jsonl", sql], capture_output=True, text=True)
    assert got.returncode == 0, got.stderr
    lines = got.stdout.splitlines()
    assert len(lines) == rows, len(lines)
    for text, line in zip(rows_in, lines):
        row, value = json.loads(line), find(networks, version, text)
        for i, p in enumerate(PATHS):
            want = at(value, SHORT.get(p, p)) if value is not None else None
            if row["c%d" % i] != want:
                sys.exit("%s %s: %r, want %r (seed %d)" % (text, p, row["c%d" % i], want, seed))


if __name__ == "__main__":
    if sys.argv[1] == "check":
        check(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1] == "one":
        write(sys.argv[2], 6, 24, [(ipaddress.ip_network(n), {"country": {"iso_code": c}})
                                   for n, c in zip(sys.argv[3::2], sys.argv[4::2])])
    else:
        r = random.Random(int(sys.argv[3]))
        nets = random_networks(r, int(sys.argv[4]) if len(sys.argv) > 4 else 50, 6)
        write(sys.argv[2], 6, 28, nets)
        for n, v in nets:
            print(n, "-" if v is None else v["country"]["iso_code"])
