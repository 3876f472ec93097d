"""Ends the demo's processes and deletes its folder if the demo was killed and could not do so itself.

The argument is the folder. Each line of stdin is "+PID" for a process group that was started, or "-PID" for one that
has ended. Stdin closes when the demo ends.
"""
import contextlib
import os
import shutil
import signal
import sys
import time


def main(folder):
    """Waits until stdin closes, then cleans up."""
    groups = set()
    for line in sys.stdin:
        pid = int(line[1:])
        groups = groups | {pid} if line.startswith("+") else groups - {pid}
    for pid in groups:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    # A process can still write a file while it is being killed.
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.1)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    main(sys.argv[1])
