#!/usr/bin/env python3
"""cache.py drop|lose DATA DISK

What becomes of the files below DATA, going by what tests/shim/fault.c has kept in DISK
(LAM_FAULT_DISK):

  drop	memory runs short: pages that are clean are read from disk again
  lose	the power fails: every file is what it is on disk
"""
import os, struct, sys

PAGE = 4096


def main():
    what, data, disk = sys.argv[1:4]
    for d, _, files in os.walk(data):
        for name in files:
            path = os.path.join(d, name)
            safe = os.path.join(disk, str(os.lstat(path).st_ino))
            if not os.path.exists(safe):
                continue             # never opened for writing
            old, now = open(safe, "rb").read(), open(path, "rb").read()
            if what == "drop":
                new = bytearray(old[:len(now)].ljust(len(now), b"\0"))
                ranges = b""
                if os.path.exists(safe + ".dirty"):
                    ranges = open(safe + ".dirty", "rb").read()
                for at, n in struct.iter_unpack("qq", ranges):
                    a, b = at // PAGE * PAGE, -(-(at + n) // PAGE) * PAGE
                    new[a:b] = now[a:b]
                old = bytes(new)
            elif os.path.exists(safe + ".dirty"):
                os.unlink(safe + ".dirty")
            if old != now:
                with open(path, "r+b") as f:
                    f.truncate(len(old))
                    f.write(old)


main()
