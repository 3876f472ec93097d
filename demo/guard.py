"""Ends what the demo has started and deletes its folder when the demo was killed and could not.

Started with the folder; stdin says "+PID" for a group of processes that has begun and "-PID" for one that has ended.
The demo is gone when stdin ends.
"""
import contextlib
import os
import shutil
import signal
import sys
import time


def main(folder):
    """Waits for the end of the demo."""
    groups = set()
    for line in sys.stdin:
        pid = int(line[1:])
        groups = groups | {pid} if line.startswith("+") else groups - {pid}
    for pid in groups:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    # What was just killed may still have written something.
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.1)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    main(sys.argv[1])
