#!/usr/bin/env python3
"""What a program shows on a terminal of a given size.

    terminal.py COLUMNS LINES [--type TEXT] [--until TEXT KEYS]... COMMAND [ARG ...]

The program runs with a pseudo-terminal as its standard input, output and error.  All
that it wrote goes to standard output, newlines as they were; the exit status is the
program's, or 128 + the signal that ended it.  Each --until waits until TEXT was
written (behind what the one before waited for), and then KEYS are typed, with \\n, \\t,
\\x03 and the like as Python has them; KEYS "/done" lets the process of the terminal
end: it is sent SIGTERM.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

PATIENCE = float(os.environ.get("PATIENCE", 60))  # seconds


def main():
    argv = sys.argv[1:]
    columns, lines = int(argv.pop(0)), int(argv.pop(0))
    steps = []
    while argv[0] == "--until":
        steps.append((argv[1].encode().decode("unicode_escape").encode("latin-1").decode().encode(),
                      argv[2].encode().decode("unicode_escape").encode("latin-1")))
        del argv[:3]
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.execvp(argv[0], argv)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    shown, at = b"", 0
    while True:
        if steps and (found := shown.find(steps[0][0], at)) >= 0:
            at = found + len(steps[0][0])
            keys = steps.pop(0)[1]
            if keys == b"/done":
                os.kill(pid, signal.SIGTERM)
            else:
                os.write(fd, keys)
        if not select.select([fd], [], [], PATIENCE)[0]:
            sys.stdout.buffer.write(shown)
            sys.exit("terminal.py: nothing came, and this was not seen: %r" % steps)
        try:
            got = os.read(fd, 65536)
        except OSError:
            got = b""
        if not got:
            break
        shown += got
    sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if steps:
        print("terminal.py: not seen: %r" % steps, file=sys.stderr)
        sys.exit(99)
    sys.exit(status if status >= 0 else 128 - status)


main()
