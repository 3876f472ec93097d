"""The demo's child processes and its folder. Both are removed at the end, also after an error or a signal."""
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


class DemoError(Exception):
    """An error that ends the demo. Its text is a message for the user."""


def open_log(name):
    """A file for the output of a program. scripts/check-output looks for secrets in it."""
    logs = os.environ.get("FHIR_EHR_TEST_LOGS")
    return open(os.path.join(logs, name + ".log") if logs else os.devnull, "a", encoding="utf-8")  # pylint: disable=consider-using-with


class Process:
    """A child process. It stops when its stdin is closed, or when it gets stop_signal."""

    def __init__(self, command, stop_signal=None, errors=None, **more):
        self.name, self.stop_signal = os.path.basename(command[0]), stop_signal
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                                      encoding="utf-8", errors="replace", start_new_session=True, **more)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """Puts its output lines into the queue, and None at the end."""
        with open_log(self.name) as log:
            for line in self.child.stdout:
                log.write(line)
                self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def wait_for(self, mark):
        """The text after this mark, in the first line that contains it."""
        output = []
        while True:
            try:
                line = self.lines.get(timeout=START_SECONDS)
            except queue.Empty:
                raise DemoError(f"{self.name} printed nothing for {START_SECONDS} seconds") from None
            if line is None:
                raise DemoError(" | ".join([f"{self.name} ended before it was ready", *output[-5:]]))
            if mark in line:
                return line.partition(mark)[2].strip()
            output.append(line)

    def finish(self, name):
        """Waits until it ends, and checks that it succeeded."""
        try:
            status = self.child.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            raise DemoError(f"{name} did not end within {START_SECONDS} seconds") from None
        if status:
            output = list(iter(lambda: self.lines.get(timeout=START_SECONDS), None))
            raise DemoError(" | ".join([f"{name} failed", *output[-5:]]))

    def stop(self):
        """Closes its stdin and sends its stop signal. If it does not end, kills it and its own children."""
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        if self.stop_signal:
            self.child.send_signal(self.stop_signal)
        try:
            self.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            # It leads its process group, and its id cannot be reused before wait() returns.
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()


class Children:
    """The folder of one run and its processes. The end of the with statement removes both."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.folder = self.guard = None
        self.starting = self.stop_requested = False

    def __enter__(self):
        os.umask(0o077)
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="fhir-ehr-demo-"))
        # The guard cleans up if this process is killed.
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
        """Starts a child that is stopped at the end."""
        self.starting = True
        try:
            child = Process(command, **more)
            self.notify_guard(f"+{child.child.pid}")
            self.stack.callback(self.stop, child)
        finally:
            self.starting = False
        if self.stop_requested:
            sys.exit(130)
        return child

    def stop(self, child):
        """Stops a child and removes it from the guard's list."""
        child.stop()
        self.notify_guard(f"-{child.child.pid}")

    def notify_guard(self, line):
        """Sends a line to the guard."""
        with contextlib.suppress(OSError):
            self.guard.stdin.write(line + "\n")
            self.guard.stdin.flush()

    def exit_on_signals(self):
        """Exits after a signal, so that everything is cleaned up. A child that is being started is registered first."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.handle_signal)

    def handle_signal(self, _signal, _frame):
        """Exits, unless a child is being started: then start() exits."""
        self.stop_requested = True
        if not self.starting:
            sys.exit(130)
