"""`make demo`: simulated EHR, host application, browser; expected.py judges the saved records.

Each is a process of its own. For each patient: launch from the EHR's page, pull, staged values, adjudication, saved
record. Exit code 0 only if every saved record equals what expected.py reads out of the FHIR files.
"""
import argparse
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
EXPECTED = os.path.join(HERE, "expected.py")
BROWSER = os.path.join(HERE, "browser.py")
MAPPING = os.path.join(HERE, "mapping.csv")
START_SECONDS = 60
# Entries of Synthea's DSTU2 files that have no id, so nothing says which of two equal dates comes first.
WITHOUT_ID = ("immunizations", "medications")


class Failed(Exception):
    """The demo cannot go on."""


class Process:
    """A child that prints lines and stops when its stdin is closed."""

    def __init__(self, command):
        self.name = os.path.basename(command[0])
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      encoding="utf-8", errors="replace", start_new_session=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """Its lines, as they come; None at the end."""
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def wait_for(self, start):
        """The rest of the first line that begins like this."""
        while True:
            try:
                line = self.lines.get(timeout=START_SECONDS)
            except queue.Empty:
                raise Failed(f"{self.name} said nothing for {START_SECONDS} seconds") from None
            if line is None:
                raise Failed(f"{self.name} ended before it was ready")
            if line.startswith(start):
                return line[len(start):].strip()

    def stop(self):
        """Closes its stdin; what does not end then is killed."""
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        try:
            self.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Demo:
    """The folder, the programs and the patients of one run."""

    def __init__(self, arguments, folder, stack):
        self.arguments, self.folder, self.stack = arguments, folder, stack
        self.data = arguments.data or [os.path.join(ROOT, "crates", "ehr-sim", "data", arguments.fhir)]
        self.visits = self.all_visits()
        self.page = ""

    def path(self, *parts):
        """A file of this run."""
        return os.path.join(self.folder, *parts)

    def all_visits(self):
        """The patients with an MRN, numbered; a line for each without."""
        text = expected("visits", "--data", *self.data, "--fhir", self.arguments.fhir)
        visits = []
        for one in json.loads(text):
            if one["mrn"]:
                visits.append({**one, "record": str(len(visits) + 1)})
            else:
                print(f"patient {shown(one['id'])}: skipped, it has no MRN")
        return visits[:self.arguments.patients]

    def start(self):
        """Two applications (exact text, php14 text), then the EHR that launches them."""
        with open(self.path("visits.json"), "w", encoding="utf-8") as file:
            json.dump(self.visits, file)
        urls = [self.application("default"), self.application("php14")]
        data = ["--data", *self.data] if self.arguments.data else []
        ehr = self.process([self.program("ehr-sim"), "--listen", "127.0.0.1:0", "--stop-with-stdin",
                            "--fhir", self.arguments.fhir, "--personality", self.arguments.personality,
                            "--write-config", self.path("config.json"),
                            *(word for url in urls for word in ("--app-launch-url", url)), *data])
        self.page = ehr.wait_for("page=")

    def application(self, text):
        """Starts a host application; its address."""
        os.mkdir(self.path(text))
        program = self.program("examples", "ehr_launch")
        return self.process([program, "--config", self.path("config.json"), "--mapping", MAPPING,
                             "--patient-file", self.path("visits.json"), "--record-folder", self.path(text),
                             "--project", "demo-" + text, "--text", text, "--stop-with-stdin",
                             "--offset-days", str(self.arguments.offset_days)]).wait_for("application:")

    def process(self, command):
        """A child that is stopped at the end, whatever happens."""
        child = Process(command)
        self.stack.callback(child.stop)
        return child

    def program(self, *parts):
        """A built program."""
        return os.path.join(self.arguments.programs, *parts)

    def launch(self, visit, app):
        """A browser of its own, without any cookie, from the EHR's page to the saved record."""
        run = subprocess.run([sys.executable, BROWSER, "--page", self.page, "--patient", visit["id"],
                              "--app", str(app)], capture_output=True, text=True, encoding="utf-8", check=False)
        if run.returncode:
            raise Failed(f"patient {visit['record']}: {shown(run.stderr.strip())}")
        return json.loads(run.stdout)

    def differences(self, visit, text):
        """What expected.py finds between its own record and the saved one."""
        wanted, saved = self.path(f"expected-{text}-{visit['record']}.json"), self.path(text, visit["record"] + ".json")
        words = ["--mrn", visit["mrn"], "--visit-date", visit.get("visit_date", ""), "--text", text,
                 "--offset-days", str(self.arguments.offset_days)]
        words += ["--mrn-system", visit["mrn_system"]] if visit["mrn_system"] else []
        with open(wanted, "w", encoding="utf-8") as file:
            file.write(expected("record", "--data", *self.data, "--mapping", MAPPING, *words))
        loose = WITHOUT_ID if self.arguments.fhir == "dstu2" and self.arguments.data else ()
        words = [word for field in loose for word in ("--any-order", field)]
        if not os.path.exists(saved):
            return ["nothing was saved"]
        return expected("compare", "--expected", wanted, "--saved", saved, *words, fine=(0, 1)).splitlines()


def expected(*words, fine=(0,)):
    """What expected.py prints."""
    command = [sys.executable, EXPECTED, *words]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if run.returncode not in fine:
        raise Failed(shown(run.stderr.strip()))
    return run.stdout


def shown(text):
    """Text for a terminal: nothing in it moves the cursor, changes colours or turns the direction."""
    return "".join(char if safe(char) else f"\\u{{{ord(char):x}}}" for char in str(text))


def safe(char):
    """A character that only shows itself."""
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def width(text):
    """Columns on a terminal."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def cell(text, columns):
    """Text of at most, and filled to, this many columns."""
    text = shown(text)
    if width(text) > columns:
        while width(text) > columns - 3:
            text = text[:-1]
        text += "..."
    return text + " " * (columns - width(text))


def print_table(rows):
    """Field, value, time, decision."""
    columns = (20, 48, 29, 8)
    for row in [("field", "value", "time", "decision"), ["-" * count for count in columns], *rows]:
        print("  " + "  ".join(cell(text, count) for text, count in zip(row, columns)).rstrip())


STEPS = {"ehr_logins": "EHR login", "second_factors": "second factor", "consents": "consent",
         "application_logins": "the application's own login"}


def report(demo, visit, seen, differences, note=""):
    """One line of a patient, the differences below it."""
    steps = ", ".join(words for step, words in STEPS.items() if seen[step])
    print(f"patient {visit['record']} of {len(demo.visits)}, MRN {shown(visit['mrn'])}{note}: "
          f"{len(seen['rows'])} values, {seen['preselected']} accepted, {seen['saved']} saved, "
          f"equal {'no' if differences else 'yes'}; {steps}")
    for line in seen["incomplete"]:
        print("  incomplete: " + shown(line))
    for line in differences:
        print("  differs: " + shown(line))


def walk(demo):
    """Every patient; (how many records were equal, how many application logins there were)."""
    equal, logins = 0, 0
    for number, visit in enumerate(demo.visits):
        seen = demo.launch(visit, 0)
        if number == 0:
            print("the way of the first launch: " + " -> ".join(shown(title) for title in seen["way"]))
            print_table(seen["rows"])
        differences = demo.differences(visit, "default")
        report(demo, visit, seen, differences)
        logins += seen["application_logins"]
        equal += not differences
    return equal, logins


def compatibility(demo):
    """One patient once more, with the text the founding application stored."""
    visit = demo.visits[0]
    seen = demo.launch(visit, 1)
    differences = demo.differences(visit, "php14")
    report(demo, visit, seen, differences, ", --text php14")
    return not differences and not seen["application_logins"]


def show(arguments, folder, stack):
    """The whole demo; True when everything is as expected."""
    demo = Demo(arguments, folder, stack)
    if not demo.visits:
        raise Failed(f"the data have no {arguments.fhir} patient with an MRN; --fhir (FHIR=) names the version")
    demo.start()
    equal, logins = walk(demo)
    same_text = compatibility(demo)
    print(f"application logins: {logins} in {len(demo.visits) + 1} launches "
          "(one is right: then the EHR's user is linked)")
    count = len(demo.visits)
    if equal == count and same_text and logins == 1:
        print(f"demo: {count} patients, {count} saved records equal the expected values")
        return True
    print(f"demo: FAILED: {count} patients, {equal} saved records equal the expected values, "
          f"php14 {'equal' if same_text else 'not equal'}, {logins} application logins")
    return False


def parse_arguments(argv):
    """Which data, which EHR."""
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__.split("\n")[0])
    parser.add_argument("--data", nargs="*", default=[], metavar="DIR", help="default: the simulator's own patients")
    parser.add_argument("--fhir", choices=["r4", "dstu2"], default="r4")
    parser.add_argument("--personality", choices=["smart", "oracle", "epic"], default="oracle")
    parser.add_argument("--patients", type=int, metavar="N", help="only the first N")
    parser.add_argument("--offset-days", type=int, default=7, metavar="N")
    parser.add_argument("--programs", default=os.path.join(ROOT, "target", "release"), metavar="DIR")
    return parser.parse_args(argv)


def ended(_signal, _frame):
    """Leaves through all the cleaning up."""
    sys.exit(130)


def main(argv=None):
    """0 when every saved record is as expected."""
    arguments = parse_arguments(argv)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    with tempfile.TemporaryDirectory(prefix="fhir-ehr-demo-") as folder, contextlib.ExitStack() as stack:
        try:
            return 0 if show(arguments, folder, stack) else 1
        except Failed as problem:
            print(f"demo: FAILED: {problem}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
