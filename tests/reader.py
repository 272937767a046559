#!/usr/bin/env python3
"""reader.py - a second reader of the bytes on disk, written from the man pages

    reader.py log DATASET STREAM     the records as CSV: select * from STREAM;
                                     on standard error the encodings met
    reader.py index FILE             a generation or speed partial as the
                                     section of lam-partial(5) it was made of
    reader.py partial FILE           verify partial text, print its records
    reader.py lines FILE             verify the line form of one view, print its
                                     records as those of a partial
    reader.py states <NUMBERS        their set, registers and buckets

It shares nothing with the product but lam-store(5) and lam-partial(5): where
the pages are wrong or say too little, it cannot read what was written.
"""
import ctypes
import datetime
import glob
import os
import re
import struct
import sys
import zlib
from decimal import Decimal

XXH3 = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
XXH3.restype = ctypes.c_uint64
XXH3.argtypes = (ctypes.c_char_p, ctypes.c_size_t)
EPOCH = datetime.datetime(1970, 1, 1)
UNIT = (1, 10**3, 10**6, 10**9, 60 * 10**9, 3600 * 10**9, 86400 * 10**9)


def checksum(data):
    return XXH3(bytes(data), len(data))


def need(holds, what):
    if not holds:
        sys.exit("reader.py: " + what)


def pad(n):
    return (n + 7) // 8 * 8


def get(form, data, at):
    return struct.unpack_from("<" + form, data, at)


# ------------------------------------------------------------ columns

def unpack(data, at, n, width, word):
    """N integers of WIDTH bits from words of WORD bits; and where they end."""
    out, mask, size = [], (1 << width) - 1, word // 8
    lanes = 1024 // word
    for _ in range(n // 1024):
        lane = [int.from_bytes(b"".join(
            data[at + (k * lanes + i) * size:at + (k * lanes + i + 1) * size]
            for k in range(width)), "little") for i in range(lanes)]
        out += [lane[i % lanes] >> i // lanes * width & mask
                for i in range(1024)]
        at += 128 * width
    end = at + (n % 1024 * width + 63) // 64 * 8
    bits = int.from_bytes(data[at:end], "little")
    return out + [bits >> i * width & mask for i in range(n % 1024)], end


def bitmap(data, at, n, there):
    """The rows that are NULL, and where the bitmap ends."""
    if not there:
        return set(), at
    bits = int.from_bytes(data[at:at + pad(-(-n // 8))], "little")
    return {i for i in range(n) if bits >> i & 1}, at + pad(-(-n // 8))


def decimal(v, scale, trim):
    out = "%0*d" % (scale + 1, abs(v))
    if scale:
        out = out[:-scale] + "." + out[-scale:]
        out = out.rstrip("0").rstrip(".") if trim else out
    return "-" * (v < 0) + out


def instant(ns, form, zone, digits, offset):
    ns += offset * 60 * 10**9
    t = EPOCH + datetime.timedelta(seconds=ns // 10**9)
    out = t.strftime(("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d",
                      "%d/%b/%Y:%H:%M:%S ")[form])
    if digits:
        out += "." + ("%09d" % (ns % 10**9))[:digits]
    sign, hour, minute = "-" if offset < 0 else "+", *divmod(abs(offset), 60)
    return out + ("", "Z", "%s%02d:%02d" % (sign, hour, minute), "%s%02d%02d" %
                  (sign, hour, minute), "%s%02d" % (sign, hour))[zone]


def printed(v, kind, scale, form):
    if kind == 3:
        return instant(v, *form)
    if kind == 4:
        return ".".join(str(v >> s & 255) for s in (24, 16, 8, 0))
    return decimal(v, scale if kind else 0, kind == 2)


def ints(data, n):
    kind, delta, width, has_null, exceptions, form, zone, digits, scale, \
        offset, unit, word, base, least = get("4BI4Bh2BqQ", data, 0)
    MET.update((("integer", "fixed", "decimal", "time", "ipv4")[kind],
                "form%d" % form, "zone%d" % zone, "word%d" % word,
                "delta" if delta else "frame", "exception" * (exceptions > 0),
                "unit%d" % unit))
    null, at = bitmap(data, 32, n, has_null)
    row = get("%dI" % exceptions, data, at)
    size = get("%dI" % exceptions, data, at + 4 * exceptions)
    at, odd = at + 8 * exceptions, {}
    for r, s in zip(row, size):
        odd[r], at = bytes(data[at:at + s]), at + s
    at = pad(at)
    if delta:
        group = get("%dQ" % ((n + 1023) // 1024), data, at)
        at += 8 * len(group)
    value, at = unpack(data, at, n, width, word)
    need(at == len(data), "integers: bytes are left")
    lane = 1024 // word
    for i in range(n if delta else 0):
        value[i] += (value[i - lane] + least if i % 1024 >= lane else
                     group[i // 1024])
        value[i] %= 1 << word
    out = []
    for i, v in enumerate(value):
        v = (base + v * UNIT[unit] + 2**63) % 2**64 - 2**63
        out.append(None if i in null else odd[i] if i in odd else printed(
            v, kind, scale, (form, zone, digits, offset)).encode())
    return out


def text(data, n):
    flags, width, pwidth, _, least, size, stored, _ = get("4BIQQQ", data, 0)
    MET.update(f for i, f in enumerate(("null", "deflate", "prefix"))
               if flags >> i & 1)
    null, at = bitmap(data, 32, n, flags & 1)
    length, at = unpack(data, at, n, width, 32)
    prefix = [0] * n
    if flags & 4:
        prefix, at = unpack(data, at, n, pwidth, 16)
    raw = data[at:at + stored]
    if flags & 2:
        raw = zlib.decompress(raw, -15)
    need(len(raw) == size, "text: other size than said")
    out, at, last = [], 0, b""
    for i in range(n):
        rest = least + length[i]
        last = last[:prefix[i]] + raw[at:at + rest]
        at += rest
        out.append(None if i in null else last)
    need(at == size, "text: bytes are left")
    return out


def dictionary(data, n):
    width, encoding, _, entries, size, _ = get("BBHIII", data, 0)
    entry = decode(encoding, data[16:16 + size], entries)
    return [entry[c] for c in unpack(data, 16 + pad(size), n, width, 16)[0]]


MET = set()  # what was decoded, so that a test can ask for all of it
COLUMN = (lambda data, n: [None] * n, lambda data, n: [bytes(data)] * n,
          dictionary, ints, text)


def decode(encoding, data, n):
    MET.add(("nulls", "const", "dict", "ints", "text")[encoding])
    return COLUMN[encoding](data, n)


# ------------------------------------------------------------ files of blocks

def meta(data):
    return [tuple(line.split(" ", 1)) for line in data.decode().splitlines()]


def notes(data, at, end):
    """The metadata of a block: the values of each kind."""
    out = {}
    while at < end:
        kind, flags, size = get("HHI", data, at)
        need(kind in (1, 2, 3, 4) or not flags & 1, "metadata of kind %d" % kind)
        out.setdefault(kind, []).append(data[at + 8:at + 8 + size])
        at += 8 + pad(size)
    need(at == end, "metadata: bytes are left")
    return out


def block(data, at):
    """The block at AT: rows, position, columns, checksum of head, directory,
    of its first column the range, metadata."""
    magic, size, rows, columns, position = get("8sQIIQ", data, at)
    old = magic == b"LAMBLOCK"
    directory = at + (32 if old else 40)
    end = directory + 40 * columns
    said = {}
    if not old:
        extra = get("I", data, at + 32)[0]
        said = notes(data, end, end + extra)
        end += extra
    head = get("Q", data, end)[0]
    need(magic in (b"LAMBLOCK", b"LAMBLOK2") and
         head == checksum(data[at:end]), "the head of the block at %d" % at)
    column, body, first = [], end + 8, ""
    for i in range(columns):
        encoding, kind, scale, _, nulls, stored, _, least, most, check = \
            get("4BIIIqqQ", data, directory + 40 * i)
        if i == 0:
            first = "%016x%016x%016x" % (kind | scale << 8 |
                (nulls > 0) << 16, least % 2**64, most % 2**64)
        raw = data[body:body + stored]
        need(check == checksum(raw), "column %d of block %d" % (i, at))
        column.append(decode(encoding, raw, rows))
        need(column[-1].count(None) == nulls, "NULLs of column %d" % i)
        body += pad(stored)
    need(body == at + size, "the size of the block at %d" % at)
    history = struct.unpack("<QQ", said[1][0]) if 1 in said else (0, 0)
    listed = (at, size, position, rows, columns, head)
    if not old:
        listed += history + (end + 8 - at, 1 in said)
    return rows, position, column, head, listed, first, said


def blocks(path):
    """Header lines, footer lines (None: not sealed) and blocks of a file."""
    with open(path, "rb") as f:
        data = f.read()
    magic, version, size = get("8sII", data, 0)
    at, end = 16 + pad(size), len(data)
    need(magic == b"LAMFILE\n" and version in (1, 2) and
         get("Q", data, at)[0] == checksum(data[:at]), path + ": header")
    header, footer, found = meta(data[16:16 + size]), None, []
    if data.endswith(b"LAMSEAL\n"):
        check, whole = get("QQ", data, end - 24)
        if data[-whole:].startswith(b"LAMFOOT\n"):
            end -= whole
            _, count, size, _ = get("8sQII", data, end)
            need(check == checksum(data[end:-24]), path + ": footer")
            entry, each = ("QQQIIQ", 40) if version == 1 else (
                "QQQIIQQQII", 64)
            footer = meta(data[end + 24 + each * count:][:size])
    at += 8
    while at < end:
        found.append(block(data, at))
        at += found[-1][4][1]
    if footer is not None:
        need(count == len(found) and all(get(entry, data, end + 24 + each * i)
             == b[4] for i, b in enumerate(found)), path + ": directory")
    return header, footer, found


# ------------------------------------------------------------ what is in them

P, X, MASK = 2**61 - 1, 0x13c6ef372fe94f83, 2**64 - 1


def mix(v, seed):
    v = (v ^ seed) * 0x9e3779b97f4a7c15 & MASK
    v = (v ^ v >> 32) * 0xd6e8feb86659fd93 & MASK
    return v ^ v >> 32


def digest(fields, column, rows):
    """Of ROWS records, in the columns of FIELDS."""
    d = 0
    for i in range(rows):
        r = sum(mix(checksum(c[i]), ~checksum(f) & MASK) for f, c in
                zip(fields, column) if c[i] is not None)
        d = (d * X + (r & MASK)) % P
    return d


def check_history(path, fields, found, history):
    """The history behind the blocks of a segment of version 2."""
    for rows, position, column, *_, said in found:
        need(said[1][0] == struct.pack("<QQ", history, digest(
            fields, column, rows)), "%s: history at %d" % (path, position))
        marks, here = b"".join(said.get(4, [])), 0
        for at in range(0, len(marks), 12):
            row, before = get("IQ", marks, at)
            need(before == (history * pow(X, row, P) + digest(
                fields, [c[:row] for c in column], row)) % P, path + ": mark")
        history = (history * pow(X, rows, P) + get("Q", said[1][0], 8)[0]) % P
    return history


MONTH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
TIME = re.compile(r"(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)/(\w{3})/(\d{4}):)"
                  r"(?:[T ]?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?"
                  r" ?(?:Z|([+-])(\d\d):?(\d\d)?)?$")


def nanoseconds(text):
    y, m, d, day, month, year, h, mi, s, frac, sign, zh, zm = \
        TIME.match(text.decode()).groups()
    if month:
        y, m, d = year, MONTH.index(month) + 1, day
    t = datetime.datetime(int(y), int(m), int(d), int(h or 0), int(mi or 0),
                          int(s or 0)) - EPOCH
    zone = (int(zh or 0) * 60 + int(zm or 0)) * (-1 if sign == "-" else 1)
    return (t // datetime.timedelta(seconds=1) - zone * 60) * 10**9 + \
        int((frac or "").ljust(9, "0"))


def check_extents(path, lines, fields, rows):
    """The extents in the LINES of a header or footer behind ROWS."""
    said = {v.split(" ", 5)[5].encode(): v.split(" ", 5)[:5]
            for k, v in lines if k == "extent"}
    since = int(dict(lines)["extents"])
    for i, name in enumerate(fields):
        value = [r[i] for r in rows[since:] if i < len(r) and
                 r[i] is not None]
        kind, scale, least, most, left = said.get(name, ("none",) + (0,) * 4)
        need(int(left) <= len(value) and (kind != "none") ==
             (len(value) > int(left)), "%s: extent of %r" % (path, name))
        if kind == "none" or int(left):
            continue
        value = [nanoseconds(v) if kind == "time" else
                 Decimal(v.decode()).scaleb(int(scale))
                 for v in value]
        need((min(value), max(value)) == (int(least), int(most)),
             "%s: extent of %r" % (path, name))
        MET.add("extent-" + kind)


def csv(row, special):
    return b",".join(b"" if v is None else b'"%s"' % v.replace(b'"', b'""')
                     if not v or re.search(special, v) else v for v in row)


def read_log(dataset, stream):
    where, fields, end, out = os.path.join(dataset, "master", stream), [], 0, []
    with open(os.path.join(where, "id"), "rb") as f:
        ident = f.read().rstrip(b"\n")
    chain, text, rejects = checksum(ident), 0, 0
    history, row = chain % P, []
    for path in sorted(glob.glob(os.path.join(where, "*.seg"))):
        header, footer, found = blocks(path)
        key = dict(header)
        need((key["kind"], key["stream"]) == ("log", ident.decode()), path)
        need(int(key["base"]) == end == int(os.path.basename(path)[:-4]) and
             (key["chain"] == "%016x" % chain if "chain" in key else
              key["history"] == "%016x" % history), path + ": base or history")
        fields = [v.encode() for k, v in header if k == "field"]
        base, seen = end, list(row)
        for rows, position, column, head, *_ in found:
            need(position == end, path + ": a gap")
            column += [[None] * rows] * (len(fields) - len(column))
            out.append((column, rows))
            end += rows
            seen += zip(*column) if column else ()
        if "chain" in key:
            chain = checksum(struct.pack("<QQQ", chain, base, end))
            for rows, position, _, head, *_ in found:
                chain = checksum(struct.pack("<QQIQ", chain, position, rows,
                                             head))
            history, row = chain % P, seen
            continue
        need((int(key["text"]), int(key["rejects"])) == (text, rejects),
             path + ": totals")
        if "extents" in key:
            check_extents(path, header, fields, row)
        row = seen
        history = check_history(path, fields, found, history)
        for b in found:
            more = [struct.unpack("<QQ", v) for v in b[6].get(2, [])]
            text += sum(m[0] for m in more)
            rejects += sum(m[1] for m in more)
        foot = dict(footer or [])
        need(footer is None or (foot["end"], foot["history"], foot["text"],
             foot["rejects"]) == (str(end), "%016x" % history, str(text),
             str(rejects)), path + ": footer")
        if "extents" in foot:
            check_extents(path, footer, fields, row)
    with open(os.path.join(where, "durable"), "rb") as f:
        durable = f.read()
    magic, version, _, who, head, base, size, check = get("8sIIQQQQQ", durable, 0)
    need(magic == b"LAMDURAB" and version == 1 and who == checksum(ident) and
         check == checksum(durable[:48]) and head == end and
         (not size or size == os.path.getsize(os.path.join(
             where, "%020d.seg" % base))), "durable")
    put = sys.stdout.buffer.write
    put(csv(fields, b'[,"\r\n]') + b"\n")
    for column, rows in out:
        column += [[None] * rows] * (len(fields) - len(column))
        for row in zip(*column):
            put(csv(row, b'[,"\r\n]') + b"\n")
    print(*sorted(MET - {""}), file=sys.stderr)


def escaped(row):
    for c, e in ((b"\\", b"\\\\"), (b"\t", b"\\t"), (b"\n", b"\\n"),
                 (b"\r", b"\\r")):
        row = row.replace(c, e)
    return row


def read_index(path):
    header, footer, found = blocks(path)
    need(header[0] == ("lam-index", "2"), path + ": not an index")
    key, footer = dict(header), dict(footer)
    keys = sum(c.startswith("key ") for c in key["columns"].split("\t"))
    head = b"#lam-partial 2\n" + "".join(
        "#%s %s\n" % line for line in header[1:]).encode()
    lines = b"".join(b"%s\t%s\t%s\n" % (
        key["view"].encode(), escaped(csv(row[:keys], b'[,"]')),
        escaped(csv(row[keys:], b'[,"]')))
        for b in found for row in zip(*b[2]))
    ranges = footer.pop("ranges", "")
    need(footer == {"rows": str(lines.count(b"\n")),
                    "lines": "%016x" % checksum(lines)}, path + ": footer")
    need(ranges == "".join(b[5] for b in found), path + ": ranges")
    sys.stdout.buffer.write(head + lines + b"#end rows=%s checksum=%016x\n" % (
        footer["rows"].encode(), checksum(head + lines)))


HEADER = (rb"#lam-partial 2\n#view [\w-]+\n#stream (-|[\w-]+ [0-9a-f]{32})\n"
          rb"#range \d+ \d+\n#spec [0-9a-f]{16}\n#history (-|[0-9a-f]{16} [0-9a-f]{16})\n"
          rb"#sql [^\t\n]+\n#types (-|.+ (text|number|time|time\((s|ms|us|ns)\)))\n"
          rb"#counts read=(?P<read>\d+) counted=(?P<counted>\d+) "
          rb"filtered=(?P<filtered>\d+)( rejected=[1-9]\d*)?\n#nulls (-|.+=\d+)\n"
          rb"#faults (0 -|[1-9]\d* \d+)\n"
          rb"#columns (?P<columns>(key|state) .+)\n")
FIELD = rb'("([^"\t\r\n]|"")*"|[^,"\t\r\n]*)'


def read_partial(path):
    with open(path, "rb") as f:
        data = f.read()
    at = sections = 0
    while data.startswith(b"#lam", at):
        start, head = at, re.compile(HEADER).match(data, at)
        need(head, "%s: the header at byte %d" % (path, at))
        need(int(head["read"]) == int(head["counted"]) + int(head["filtered"]),
             path + ": counts")
        columns = [c.split(b" ")[0] for c in head["columns"].split(b"\t")]
        view, last, rows, at = head[0].split(b"\n")[1][6:], b"", 0, head.end()
        while not data.startswith(b"#", at):
            need(b"\n" in data[at:], path + ": it was cut")
            end = data.index(b"\n", at)
            name, key, state = data[at:end].split(b"\t")
            need(name == view and (not rows or last < key + b"\t"),
                 "%s: order at byte %d" % (path, at))
            for text, n in ((key, columns.count(b"key")),
                            (state, columns.count(b"state"))):
                need(re.fullmatch(FIELD + (b"," + FIELD) * (n - 1) if n else
                                  b"", text), "%s: fields at %d" % (path, at))
            sys.stdout.buffer.write(data[at:end + 1])
            last, rows, at = key + b"\t", rows + 1, end + 1
        end = b"#end rows=%d checksum=%016x\n" % (rows, checksum(data[start:at]))
        need(data.startswith(end, at), "%s: trailer at byte %d" % (path, at))
        at, sections = at + len(end), sections + 1
    need(data[at:] == b"#eof sections=%d\n" % sections, path + ": the end")


def read_lines(path):
    """Records without their counts, sorted; header lines must be what they add up to."""
    with open(path, "rb") as f:
        lines = f.read().split(b"\n")[:-1]
    want_sum = want_count = have_sum = have_count = 0
    records = []
    for line in lines:
        a, b, rest = line.split(b"\t", 2)
        if line.startswith(b"#"):
            total, text = rest.split(b"\t")
            head = re.compile(HEADER).fullmatch(re.sub(
                rb"\\(.)", lambda m: {b"t": b"\t", b"n": b"\n", b"r": b"\r",
                                       b"\\": b"\\"}[m[1]], text))
            need(head, path + ": the header")
            facts = head[0].split(b"\n")
            need(facts[1] == b"#view " + a[1:] and
                 facts[3] == b"#range " + b.replace(b"-", b" "), path + ": fields")
            want_sum, want_count = want_sum + int(total, 16), want_count + int(head["counted"])
            continue
        state, _, count = rest.rpartition(b",")
        have_sum += int(count) * checksum(b"%s\t%s\t" % (a, b))
        have_count += int(count)
        records.append(b"%s\t%s\t%s\n" % (a, b, state))
    need(have_count == want_count and (have_sum - want_sum) % 2**64 == 0, path + ": sums")
    sys.stdout.buffer.writelines(sorted(records))


ALPHABET = b"".join(bytes(range(*r)) for r in (
    (65, 91), (97, 123), (48, 58))) + b"+/"


def read_states():
    """Set, registers and buckets of the numbers on standard input."""
    values = sys.stdin.buffer.read().split()
    rank, bucket = [0] * 4096, {}
    for v in values:
        h, f = checksum(v), float(v)
        r = 53 - (h & (1 << 52) - 1).bit_length()
        rank[h >> 52] = max(rank[h >> 52], r)
        b = struct.unpack(">Q", struct.pack(">d", abs(f)))[0] >> 46
        b = (f > 0) * b - (f < 0) * b
        bucket[b] = bucket.get(b, 0) + 1
    digit = [chr(c) for c in ALPHABET]
    some = [(i, r) for i, r in enumerate(rank) if r]
    print("".join("%d:%s" % (len(v), v.decode()) for v in
                  sorted(set(values))))
    print("".join(digit[i >> 6] + digit[i & 63] + digit[r] for i, r in some)
          if len(some) <= 1365 else "".join(digit[r] for r in rank))
    print(" ".join("%d:%d" % b for b in sorted(bucket.items())))


if __name__ == "__main__":
    {"log": read_log, "index": read_index, "partial": read_partial,
     "lines": read_lines, "states": read_states}[sys.argv[1]](*sys.argv[2:])
