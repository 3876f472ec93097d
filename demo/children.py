"""The demo's child processes: each is stopped at the end, by its own id, whatever happens."""
import contextlib
import os
import queue
import subprocess
import threading

START_SECONDS = 60


class Failed(Exception):
    """The demo cannot go on."""


class Process:
    """A child that prints lines; it stops when its stdin is closed or, if told so, when it is asked to."""

    def __init__(self, command, ask=False, errors=None, **more):
        self.name, self.ask = os.path.basename(command[0]), ask
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                                      encoding="utf-8", errors="replace", start_new_session=True, **more)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """Its lines, as they come; None at the end."""
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def wait_for(self, mark):
        """The rest of the first line that has this in it."""
        said = []
        while True:
            try:
                line = self.lines.get(timeout=START_SECONDS)
            except queue.Empty:
                raise Failed(f"{self.name} said nothing for {START_SECONDS} seconds") from None
            if line is None:
                raise Failed(" | ".join([f"{self.name} ended before it was ready", *said]))
            if mark in line:
                return line.partition(mark)[2].strip()
            said.append(line)

    def stop(self):
        """Closes its stdin, asks it to end; what does not end then is killed."""
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        if self.ask:
            self.child.terminate()
        try:
            self.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
