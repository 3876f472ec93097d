"""`make demo`: simulated EHR, host application, browser; expected.py judges the saved records.

Each is a process of its own. For each patient: launch from the EHR's page, pull, staged values, adjudication, saved
record; one patient once more as the founding application stored text, and in PHP one once more without any browser.
Exit code 0 only if every saved record equals what expected.py reads out of the FHIR files.
"""
import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import unicodedata
import urllib.parse
import urllib.request

from children import Failed, Process
from hosts import MAPPING, PhpHost, RustHost

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
EXPECTED = os.path.join(HERE, "expected.py")
BROWSER = os.path.join(HERE, "browser.py")
HOSTS = {"php": PhpHost, "rust": RustHost}
# Entries of Synthea's DSTU2 files that have no id, so nothing says which of two equal dates comes first.
WITHOUT_ID = ("immunizations", "medications")


class Demo:
    """The folder, the programs and the patients of one run."""

    def __init__(self, arguments, folder, stack):
        self.arguments, self.folder, self.stack = arguments, folder, stack
        self.data = arguments.data or [os.path.join(ROOT, "crates", "ehr-sim", "data", arguments.fhir)]
        self.visits = self.all_visits()
        self.host = HOSTS[arguments.host](arguments, folder, self.process)
        self.iss = self.page = ""

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
        """The host's two applications (exact text, php14 text), then the EHR that launches them."""
        urls = self.host.start(self.visits)
        data = ["--data", *self.data] if self.arguments.data else []
        ehr = self.process([os.path.join(self.arguments.programs, "ehr-sim"), "--listen", "127.0.0.1:0",
                            "--stop-with-stdin", "--fhir", self.arguments.fhir,
                            "--personality", self.arguments.personality, "--write-config", self.path("config.json"),
                            *(word for url in urls for word in ("--app-launch-url", url, "--redirect-uri", url)), *data])
        self.iss = ehr.wait_for("iss=")
        self.page = ehr.wait_for("page=")
        print(f"EHR: simulated, {self.arguments.personality}, {self.arguments.fhir}; application: {self.host.name}")

    def process(self, command, **more):
        """A child that is stopped at the end, whatever happens."""
        child = Process(command, **more)
        self.stack.callback(child.stop)
        return child

    def fhir_requests(self):
        """How many requests with a token the FHIR server has had."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.parse.urljoin(self.iss, "/_sim/requests"), timeout=60) as answer:
            log = json.load(answer)
        base = urllib.parse.urlsplit(self.iss).path
        return sum(one["has_authorization"] and one["path"].startswith(base) for one in log)

    def launch(self, visit, app):
        """A browser of its own, without any cookie, from the EHR's page to the saved record."""
        run = subprocess.run([sys.executable, BROWSER, "--page", self.page, "--patient", visit["id"],
                              "--app", str(app)], capture_output=True, text=True, encoding="utf-8", check=False)
        if run.returncode:
            raise Failed(f"patient {visit['record']}: {shown(run.stderr.strip())}")
        return json.loads(run.stdout)

    def differences(self, visit, study, text="default"):
        """What expected.py finds between its own record and the saved one."""
        wanted, saved = self.path(f"expected-{text}-{visit['record']}.json"), self.host.saved(study, visit["record"])
        words = ["--mrn", visit["mrn"], "--visit-date", visit.get("visit_date", ""), "--text", text,
                 "--offset-days", str(self.arguments.offset_days)]
        words += ["--mrn-system", visit["mrn_system"]] if visit["mrn_system"] else []
        with open(wanted, "w", encoding="utf-8") as file:
            file.write(expected("record", "--data", *self.data, "--mapping", MAPPING, *words))
        loose = WITHOUT_ID if self.arguments.fhir == "dstu2" and self.arguments.data else ()
        words = [word for field in loose for word in ("--any-order", field)]
        if saved is None:
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
    differences = demo.differences(visit, "php14", "php14")
    report(demo, visit, seen, differences, ", --text php14")
    return not differences and not seen["application_logins"]


def unattended(demo):
    """One patient once more, by php-cli and the system account; (whether it was equal, the pull's seconds)."""
    visit = demo.visits[-1]
    told = demo.host.unattended(visit)
    if told is None:
        return True, []
    differences = demo.differences(visit, "cli")
    print(f"patient {visit['record']} of {len(demo.visits)}, MRN {shown(visit['mrn'])}, php-cli with the system account: "
          f"{told['values']} values, {told['accepted']} accepted, {told['saved']} saved, "
          f"equal {'no' if differences else 'yes'}; no login")
    for kind in told["incomplete"]:
        print(f"  incomplete: {shown(kind)}")
    for line in differences:
        print("  differs: " + shown(line))
    return not differences, [told["seconds"]]


def cost(demo, pulls, seconds):
    """One line: what a pull costs the EHR and a worker."""
    line = f"{pulls} pulls: {demo.fhir_requests() / pulls:.1f} FHIR requests for each"
    if seconds:
        line += f", {sum(seconds) / len(seconds):.2f} worker seconds for each (at most {max(seconds):.2f})"
    print(line)


def show(demo):
    """The whole demo; True when everything is as expected."""
    if not demo.visits:
        raise Failed(f"the data have no {demo.arguments.fhir} patient with an MRN; --fhir (FHIR=) names the version")
    demo.start()
    equal, logins = walk(demo)
    same_text = compatibility(demo)
    same_alone, alone = unattended(demo)
    count = len(demo.visits)
    cost(demo, count + 1 + len(alone), demo.host.pull_seconds() + alone)
    print(f"application logins: {logins} in {count + 1} launches (one is right: then the EHR's user is linked)")
    if equal == count and same_text and same_alone and logins == 1:
        print(f"demo: {count} patients, {count} saved records equal the expected values")
        return True
    print(f"demo: FAILED: {count} patients, {equal} saved records equal the expected values, php14 "
          f"{'equal' if same_text else 'not equal'}{'' if same_alone else ', php-cli not equal'}, {logins} application logins")
    return False


def parse_arguments(argv):
    """Which data, which EHR."""
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__.split("\n")[0])
    parser.add_argument("--data", nargs="*", default=[], metavar="DIR", help="default: the simulator's own patients")
    parser.add_argument("--fhir", choices=["r4", "dstu2"], default="r4")
    parser.add_argument("--personality", choices=["smart", "oracle", "epic"], default="oracle")
    parser.add_argument("--patients", type=int, metavar="N", help="only the first N")
    parser.add_argument("--offset-days", type=int, default=7, metavar="N")
    parser.add_argument("--host", choices=list(HOSTS), default="php", help="which host application")
    parser.add_argument("--extension", metavar="FILE", help="fhir_ehr.so, for --host php")
    parser.add_argument("--programs", default=os.path.join(ROOT, "target", "release"), metavar="DIR")
    arguments = parser.parse_args(argv)
    arguments.extension = arguments.extension and os.path.abspath(arguments.extension)
    if arguments.host == "php" and not arguments.extension:
        parser.error("--host php wants --extension FILE; scripts/build-php-ext builds it")
    return arguments


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
        demo = None
        try:
            demo = Demo(arguments, folder, stack)
            return 0 if show(demo) else 1
        except Failed as problem:
            print(f"demo: FAILED: {shown(problem)}", file=sys.stderr)
            for line in demo.host.log() if demo else []:
                print("  " + shown(line), file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
