#!/usr/bin/env python3
"""shuffle.py - what an engine does with lines between mapper and reducer

    shuffle.py SEED REDUCERS OUT <lines     writes OUT.0 .. OUT.(REDUCERS-1)

As Hadoop Streaming with two key fields: the partition is a hash of the first two
fields; within one, lines ascend by these fields, without the TAB behind them, and
lines of one key come in any order.
"""
import random
import sys
import zlib

seed, reducers, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = random.Random(seed)
parts = [[] for _ in range(reducers)]
for line in sys.stdin.buffer.read().split(b"\n")[:-1]:
    key = b"\t".join(line.split(b"\t", 2)[:2])
    parts[zlib.crc32(key + b"%d" % seed) % reducers].append(
        (key, rng.random(), line))
for i, part in enumerate(parts):
    part.sort(key=lambda x: x[:2])
    with open("%s.%d" % (out, i), "wb") as f:
        f.writelines(line + b"\n" for _, _, line in part)
