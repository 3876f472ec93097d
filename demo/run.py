"""`make demo`: a simulated EHR, a host application and a browser. expected.py checks the saved records.

Each patient is launched from the EHR's page; the values are pulled, staged, adjudicated and saved. One patient is
repeated with text as REDCap stored it and, in PHP, one without a browser. The exit code is 0 only if every saved record
equals the record that expected.py makes from the FHIR files.
"""
import argparse
import json
import os
import subprocess
import sys
import unicodedata
import urllib.parse
import urllib.request

import servers
from children import Children, DemoError
from hosts import PhpHost, RustHost
from studies import MAPPING

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
EXPECTED = os.path.join(HERE, "expected.py")
BROWSER = os.path.join(HERE, "browser.py")
HOSTS = {"php": PhpHost, "rust": RustHost}
# Entries of Synthea's DSTU2 files have no id, so the order of two entries with equal dates is not defined.
UNORDERED_LISTS = ("immunizations", "medications")


class Demo:
    """The folder, the host and the patients of one run."""

    def __init__(self, arguments, children):
        self.arguments, self.folder = arguments, children.folder
        self.data = arguments.data or [os.path.join(ROOT, "crates", "ehr-sim", "data", arguments.fhir)]
        self.visits = self.all_visits()
        self.host = HOSTS[arguments.host](arguments, children)

    def path(self, *parts):
        """A file of this run."""
        return os.path.join(self.folder, *parts)

    def all_visits(self):
        """The patients with an MRN, numbered. Prints a line for each patient without one."""
        text = expected("visits", "--data", *self.data, "--fhir", self.arguments.fhir, "--time-zone",
                        self.arguments.time_zone)
        visits = []
        for one in json.loads(text):
            if one["mrn"]:
                visits.append({**one, "record": str(len(visits) + 1)})
            else:
                print(f"patient {printable(one['id'])}: skipped, because it has no MRN")
        return visits[:self.arguments.patients]

    def start(self):
        """Starts the host application and the EHR that launches it."""
        self.host.start(self.visits)
        print(f"EHR: simulated, {self.arguments.personality}, {self.arguments.fhir}; application: {self.host.name}")

    def fhir_requests(self):
        """How many requests with a token the FHIR server received."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.parse.urljoin(self.host.iss, "/_sim/requests"), timeout=60) as answer:
            log = json.load(answer)
        base = urllib.parse.urlsplit(self.host.iss).path
        return sum(one["has_authorization"] and one["path"].startswith(base) for one in log)

    def launch(self, visit, study):
        """Runs a new browser from the EHR's page to the saved record, and returns its report."""
        words = ["--page", self.host.page, "--patient", visit["id"], *self.host.browser_options(study, visit)]
        run = subprocess.run([sys.executable, BROWSER, *words], capture_output=True, text=True, encoding="utf-8",
                             check=False)
        if run.returncode:
            raise DemoError(f"patient {visit['record']}: {printable(run.stderr.strip())}")
        return json.loads(run.stdout)

    def differences(self, visit, study, text="default"):
        """The differences between the saved record and the one that expected.py makes."""
        expected_file, saved = self.path(f"expected-{text}-{visit['record']}.json"), self.host.saved(study, visit)
        words = ["--mrn", visit["mrn"], "--visit-date", visit.get("visit_date", ""), "--text", text,
                 "--offset-days", str(self.arguments.offset_days), "--time-zone", self.arguments.time_zone]
        words += ["--mrn-system", visit["mrn_system"]] if visit["mrn_system"] else []
        record = json.loads(expected("record", "--data", *self.data, "--mapping", MAPPING, *words))
        for event, fields in self.host.typed_values(visit).items():
            record.setdefault(event, {}).update(fields)
        with open(expected_file, "w", encoding="utf-8") as file:
            json.dump(record, file)
        unordered = UNORDERED_LISTS if self.arguments.fhir == "dstu2" and self.arguments.data else ()
        words = [word for field in unordered for word in ("--any-order", field)]
        if saved is None:
            return ["no record was saved"]
        return expected("compare", "--expected", expected_file, "--saved", saved, *words, codes=(0, 1)).splitlines()


def expected(*words, codes=(0,)):
    """Runs expected.py and returns its output. Any other exit code is an error."""
    command = [sys.executable, EXPECTED, *words]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if run.returncode not in codes:
        raise DemoError(printable(run.stderr.strip()))
    return run.stdout


def printable(text):
    """Text that is safe for a terminal: characters that move the cursor or change colors or direction are escaped."""
    return "".join(char if is_printable(char) else f"\\u{{{ord(char):x}}}" for char in str(text))


def is_printable(char):
    """Whether a character is printed as itself."""
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def width(text):
    """How many terminal columns a text takes."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def cell(text, columns):
    """Text cut or padded to this many columns."""
    text = printable(text)
    if width(text) > columns:
        while width(text) > columns - 3:
            text = text[:-1]
        text += "..."
    return text + " " * (columns - width(text))


def print_table(rows):
    """Prints the rows of the adjudication page."""
    columns = (20, 48, 29, 8)
    for row in [("field", "value", "time", "decision"), ["-" * count for count in columns], *rows]:
        print("  " + "  ".join(cell(text, count) for text, count in zip(row, columns)).rstrip())


STEPS = {"ehr_logins": "EHR sign-in", "second_factors": "second factor", "consents": "consent",
         "application_logins": "application login"}


def report(demo, visit, seen, differences, note=""):
    """Prints the result of a patient, and the differences below it."""
    steps = ", ".join(words for step, words in STEPS.items() if seen[step])
    print(f"patient {visit['record']} of {len(demo.visits)}, MRN {printable(visit['mrn'])}{note}: "
          f"{len(seen['rows'])} values, {seen['preselected']} accepted, {seen['saved']} saved, "
          f"equal {'no' if differences else 'yes'}; {steps}")
    for line in seen["incomplete"]:
        print("  incomplete: " + printable(line))
    for line in differences:
        print("  differs: " + printable(line))


def launch_all(demo):
    """Launches every patient. Returns how many records were equal, and the reports of the browsers."""
    equal, reports = 0, []
    for number, visit in enumerate(demo.visits):
        seen = demo.launch(visit, "default")
        if number == 0:
            print("pages of the first launch: " + " -> ".join(printable(title) for title in seen["pages"]))
            print_table(seen["rows"])
        differences = demo.differences(visit, "default")
        report(demo, visit, seen, differences)
        reports.append(seen)
        equal += not differences
    return equal, reports


def launch_php14(demo):
    """Repeats one patient with text as REDCap stored it. Returns whether it was equal, and the browser's report."""
    visit = demo.visits[0]
    seen = demo.launch(visit, "php14")
    differences = demo.differences(visit, "php14", "php14")
    report(demo, visit, seen, differences, ", --text php14")
    return not differences and not seen["application_logins"], seen


def pull_unattended(demo):
    """Repeats one patient with php-cli and the system account. Returns whether it was equal, and the pull's seconds."""
    visit = demo.visits[-1]
    summary = demo.host.unattended(visit)
    if summary is None:
        return True, []
    differences = demo.differences(visit, "cli")
    print(f"patient {visit['record']} of {len(demo.visits)}, MRN {printable(visit['mrn'])}, php-cli with the system "
          f"account: {summary['values']} values, {summary['accepted']} accepted, {summary['saved']} saved, "
          f"equal {'no' if differences else 'yes'}; no login")
    for kind in summary["incomplete"]:
        print(f"  incomplete: {printable(kind)}")
    for line in differences:
        print("  differs: " + printable(line))
    return not differences, [summary["seconds"]]


def spread(seconds):
    """Mean and maximum."""
    return f"{sum(seconds) / len(seconds):.3f} s (at most {max(seconds):.3f})"


def print_cost(demo, reports, unattended):
    """Prints how long a user waits, and what a pull costs the EHR and a PHP worker."""
    pulls = len(reports) + len(unattended)
    parts = [f"{demo.fhir_requests() / pulls:.1f} FHIR requests per pull"]
    # A launch with an application login is left out: its time depends on the user.
    views = [seen["view_seconds"] for seen in reports if seen["view_seconds"] is not None]
    if views:
        parts.insert(0, f"from callback to view {spread(views)} in {len(views)} launches")
    workers = demo.host.pull_seconds() + unattended
    if workers:
        parts.append(f"a pull used a PHP worker for {spread(workers)} in {len(workers)} pulls")
    print("; ".join(parts))


def run_demo(demo):
    """Runs the demo. Returns whether every record was as expected."""
    if not demo.visits:
        raise DemoError(f"The data has no {demo.arguments.fhir} patient with an MRN. "
                        "Set the FHIR version with --fhir (FHIR=).")
    demo.start()
    equal, reports = launch_all(demo)
    php14_equal, seen = launch_php14(demo)
    reports.append(seen)
    unattended_equal, unattended = pull_unattended(demo)
    count, logins = len(demo.visits), sum(seen["application_logins"] for seen in reports)
    print_cost(demo, reports, unattended)
    print(f"application logins: {logins} in {count + 1} launches (1 is expected: it links the EHR user)")
    if equal == count and php14_equal and unattended_equal and logins == 1:
        print(f"demo: {count} patients, {count} saved records equal the expected values")
        return True
    print(f"demo: FAILED: {count} patients, {equal} saved records equal the expected values, "
          f"php14 {'equal' if php14_equal else 'not equal'}{'' if unattended_equal else ', php-cli not equal'}, "
          f"{logins} application logins")
    return False


def parse_arguments(argv):
    """The options."""
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__.split("\n", maxsplit=1)[0])
    servers.add_options(parser)
    parser.add_argument("--patients", type=int, metavar="N", help="only the first N")
    parser.add_argument("--host", choices=list(HOSTS), default="php", help="the host application")
    arguments = parser.parse_args(argv)
    arguments.extension = arguments.extension and os.path.abspath(arguments.extension)
    if arguments.host == "php" and not arguments.extension:
        parser.error("--host php requires --extension FILE. scripts/build-php-ext builds it.")
    return arguments


def main(argv=None):
    """The exit code: 0 if every saved record is as expected."""
    arguments = parse_arguments(argv)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    children = Children()
    children.exit_on_signals()
    with children:
        demo = None
        try:
            demo = Demo(arguments, children)
            return 0 if run_demo(demo) else 1
        except DemoError as problem:
            print(f"demo: FAILED: {printable(problem)}", file=sys.stderr)
            for line in demo.host.log() if demo else []:
                print("  " + printable(line), file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
