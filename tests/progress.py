#!/usr/bin/env python3
"""What a program reports of its progress while its work is not done.

    progress.py tty TEXT PROGRAM [ARG ...]     standard error is a terminal
    progress.py pipe TEXT PROGRAM [ARG ...]    a pipe
    progress.py signal TEXT PROGRAM [ARG ...]  a pipe; SIGUSR1 asks, again and again

Standard input of the program is a FIFO.  It gives the bytes of this script's
standard input, and does not end before TEXT was reported; only then is standard
output read.  So nothing depends on how fast anybody is.  With LOCK=FILE this script also holds that file's flock
until then.  Reports go to standard output, a carriage return as \\r and an escape
as \\x1b; the exit status is the program's.
"""
import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import threading

PATIENCE = 60  # seconds without a report: the program hangs
AGAIN = 0.1    # seconds between signals
END = b"\0end\0"


class Reports:
    def __init__(self, fd):
        self.fd, self.text = fd, b""

    def more(self, wait):
        """False at the end; None when nothing came."""
        if not select.select([self.fd], [], [], wait)[0]:
            return None
        try:
            got = os.read(self.fd, 65536)
        except OSError:  # the terminal of a process that has ended
            got = b""
        self.text += got
        return bool(got)


def handles_signal(pid):
    with open(f"/proc/{pid}/status") as status:
        caught = [x for x in status if x.startswith("SigCgt")][0].split()[1]
    return int(caught, 16) >> (signal.SIGUSR1 - 1) & 1


def await_text(how, text, reports, child):
    """Signals are AGAIN apart: a storm of them would stop the work."""
    silent = 0
    while text not in reports.text and silent < PATIENCE:
        if how == "signal" and handles_signal(child.pid):
            child.send_signal(signal.SIGUSR1)
        more = reports.more(AGAIN)
        while more and how == "signal":
            more = reports.more(AGAIN)
        if more is False:
            break
        silent = 0 if more else silent + AGAIN
    return text in reports.text


def end_terminal(child, its):
    """What is on its way to a terminal that nobody has open may be lost: so it
    stays open, and END comes behind all."""
    child.wait()
    os.write(its, END)


def main():
    how, text, argv = sys.argv[1], sys.argv[2].encode(), sys.argv[3:]
    data = sys.stdin.buffer.read()
    lock = os.environ.get("LOCK")
    if lock:
        lock = open(lock, "rb+")
        fcntl.flock(lock, fcntl.LOCK_EX)
    source, sink = os.pipe()
    mine, its = pty.openpty() if how == "tty" else os.pipe()
    child = subprocess.Popen(argv, stdin=source, stderr=its,
                             stdout=subprocess.PIPE)
    os.close(source)
    if how != "tty":
        os.close(its)
    feeder = threading.Thread(target=os.write, args=(sink, data))
    feeder.start()
    reports = Reports(mine)
    came = await_text(how, text, reports, child)
    feeder.join()
    os.close(sink)
    if lock:
        lock.close()
    drain = threading.Thread(target=child.stdout.read)
    drain.start()
    if how == "tty":
        threading.Thread(target=end_terminal, args=(child, its)).start()
    while END not in reports.text and reports.more(PATIENCE):
        pass
    shown = reports.text.removesuffix(END)
    shown = shown.replace(b"\r\n", b"\n").replace(b"\r", b"\\r")
    print(shown.replace(b"\x1b", b"\\x1b").decode(), end="")
    if not came:
        sys.exit(f"{text!r} was not reported")
    sys.exit(child.wait())


main()
