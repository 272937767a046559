"""states.py - states as lam-partial(5) writes them, of numbers given as Fractions"""
import os
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import numbers_of_lam as N  # noqa: E402
from reader import ALPHABET, checksum  # noqa: E402


def of(values):
    """Those of sum (two), a set, registers and buckets; nothing where VALUES are none."""
    texts = sorted({N.shown(v).encode() for v in values})
    digit, rank, count = [chr(c) for c in ALPHABET], {}, {}
    for t in texts:
        h = checksum(t)
        rank[h >> 52] = max(rank.get(h >> 52, 0), 53 - (h & (1 << 52) - 1).bit_length())
    for v in values:
        f = struct.unpack(">Q", struct.pack(">d", float(abs(v))))[0] >> 46
        count[f if v >= 0 else -f] = count.get(f if v >= 0 else -f, 0) + 1
    total, number = sum(values), sum(values) == N.rounded(sum(values))
    return (N.shown(total) if values and number else "",
            "" if number else N.shown(total),
            "".join("%d:%s" % (len(t), t.decode()) for t in texts),
            "".join(digit[i >> 6] + digit[i & 63] + digit[r] for i, r in sorted(rank.items()))
            if len(rank) <= 1365 else "".join(digit[rank.get(i, 0)] for i in range(4096)),
            " ".join("%d:%d" % b for b in sorted(count.items())))
