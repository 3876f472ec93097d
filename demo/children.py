"""The demo's child processes and its folder: each is stopped at the end, by its own id, whatever happens."""
import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading

import guard

START_SECONDS = 60


class Failed(Exception):
    """The demo cannot go on."""


class Process:
    """A child that prints lines; it stops when its stdin is closed or, if told so, when it is sent a signal."""

    def __init__(self, command, ask=None, errors=None, **more):
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
                raise Failed(" | ".join([f"{self.name} ended before it was ready", *said[-5:]]))
            if mark in line:
                return line.partition(mark)[2].strip()
            said.append(line)

    def finish(self, name):
        """Waits for the end, which is to be a good one."""
        try:
            status = self.child.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failed(f"{name} did not end within {START_SECONDS} seconds") from None
        if status:
            said = list(iter(lambda: self.lines.get(timeout=START_SECONDS), None))
            raise Failed(" | ".join([f"{name} failed", *said[-5:]]))

    def stop(self):
        """Closes its stdin, asks it to end; what does not end then is killed, with its own children."""
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        if self.ask:
            self.child.send_signal(self.ask)
        try:
            self.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            # It is its group's first: the number cannot be somebody else's before it was waited for.
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()


class Children:
    """The folder of one run and what was started in it; all are gone after the with statement, however it is left."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.folder = self.guard = None
        self.starting = self.asked = False

    def __enter__(self):
        os.umask(0o077)
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="fhir-ehr-demo-"))
        # It sees to the end of all even when this process is killed.
        self.guard = subprocess.Popen([sys.executable, guard.__file__, self.folder], stdin=subprocess.PIPE, text=True,
                                      start_new_session=True)
        self.stack.callback(self.guard.wait)
        self.stack.callback(self.guard.stdin.close)
        return self

    def __exit__(self, *thrown):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        return self.stack.__exit__(*thrown)

    def start(self, command, **more):
        """A child that is stopped at the end."""
        self.starting = True
        try:
            child = Process(command, **more)
            self.tell(f"+{child.child.pid}")
            self.stack.callback(self.end, child)
        finally:
            self.starting = False
        if self.asked:
            sys.exit(130)
        return child

    def end(self, child):
        """Stops a child; the guard need not look after it any longer."""
        child.stop()
        self.tell(f"-{child.child.pid}")

    def tell(self, line):
        """A line for the guard."""
        with contextlib.suppress(OSError):
            self.guard.stdin.write(line + "\n")
            self.guard.stdin.flush()

    def end_on_signals(self):
        """A signal leaves through all the cleaning up, but not between a child's start and its entry in the list."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ended)

    def ended(self, _signal, _frame):
        """Somebody asks for the end."""
        self.asked = True
        if not self.starting:
            sys.exit(130)
