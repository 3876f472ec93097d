"""`make demo`: simulated EHR, host application, browser; expected.py judges the saved records.

Each is a process of its own. For each patient: launch from the EHR's page, pull, staged values, adjudication, saved
record; one patient once more with text as REDCap stored it, and in PHP one once more without any browser.
Exit code 0 only if every saved record equals what expected.py reads out of the FHIR files.
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
from children import Children, Failed
from hosts import PhpHost, RustHost
from studies import MAPPING

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
EXPECTED = os.path.join(HERE, "expected.py")
BROWSER = os.path.join(HERE, "browser.py")
HOSTS = {"php": PhpHost, "rust": RustHost}
# Entries of Synthea's DSTU2 files that have no id, so nothing says which of two equal dates comes first.
WITHOUT_ID = ("immunizations", "medications")


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
        """The patients with an MRN, numbered; a line for each without."""
        text = expected("visits", "--data", *self.data, "--fhir", self.arguments.fhir, "--time-zone",
                        self.arguments.time_zone)
        visits = []
        for one in json.loads(text):
            if one["mrn"]:
                visits.append({**one, "record": str(len(visits) + 1)})
            else:
                print(f"patient {shown(one['id'])}: skipped, it has no MRN")
        return visits[:self.arguments.patients]

    def start(self):
        """The host and the EHR that launches it."""
        self.host.start(self.visits)
        print(f"EHR: simulated, {self.arguments.personality}, {self.arguments.fhir}; application: {self.host.name}")

    def fhir_requests(self):
        """How many requests with a token the FHIR server has had."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.parse.urljoin(self.host.iss, "/_sim/requests"), timeout=60) as answer:
            log = json.load(answer)
        base = urllib.parse.urlsplit(self.host.iss).path
        return sum(one["has_authorization"] and one["path"].startswith(base) for one in log)

    def launch(self, visit, study):
        """A browser of its own, without any cookie, from the EHR's page to the saved record."""
        words = ["--page", self.host.page, "--patient", visit["id"], *self.host.words(study, visit)]
        run = subprocess.run([sys.executable, BROWSER, *words], capture_output=True, text=True, encoding="utf-8",
                             check=False)
        if run.returncode:
            raise Failed(f"patient {visit['record']}: {shown(run.stderr.strip())}")
        return json.loads(run.stdout)

    def differences(self, visit, study, text="default"):
        """What expected.py finds between its own record and the saved one."""
        wanted, saved = self.path(f"expected-{text}-{visit['record']}.json"), self.host.saved(study, visit)
        words = ["--mrn", visit["mrn"], "--visit-date", visit.get("visit_date", ""), "--text", text,
                 "--offset-days", str(self.arguments.offset_days), "--time-zone", self.arguments.time_zone]
        words += ["--mrn-system", visit["mrn_system"]] if visit["mrn_system"] else []
        record = json.loads(expected("record", "--data", *self.data, "--mapping", MAPPING, *words))
        for event, fields in self.host.typed(visit).items():
            record.setdefault(event, {}).update(fields)
        with open(wanted, "w", encoding="utf-8") as file:
            json.dump(record, file)
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
    """Every patient; (how many records were equal, what the browsers saw)."""
    equal, seen_all = 0, []
    for number, visit in enumerate(demo.visits):
        seen = demo.launch(visit, "default")
        if number == 0:
            print("the way of the first launch: " + " -> ".join(shown(title) for title in seen["way"]))
            print_table(seen["rows"])
        differences = demo.differences(visit, "default")
        report(demo, visit, seen, differences)
        seen_all.append(seen)
        equal += not differences
    return equal, seen_all


def compatibility(demo):
    """One patient once more, with text as REDCap stored it; (whether it was equal, what was seen)."""
    visit = demo.visits[0]
    seen = demo.launch(visit, "php14")
    differences = demo.differences(visit, "php14", "php14")
    report(demo, visit, seen, differences, ", --text php14")
    return not differences and not seen["application_logins"], seen


def unattended(demo):
    """One patient once more, by php-cli and the system account; (whether it was equal, the pull's seconds)."""
    visit = demo.visits[-1]
    told = demo.host.unattended(visit)
    if told is None:
        return True, []
    differences = demo.differences(visit, "cli")
    print(f"patient {visit['record']} of {len(demo.visits)}, MRN {shown(visit['mrn'])}, php-cli with the system account"
          f": {told['values']} values, {told['accepted']} accepted, {told['saved']} saved, "
          f"equal {'no' if differences else 'yes'}; no login")
    for kind in told["incomplete"]:
        print(f"  incomplete: {shown(kind)}")
    for line in differences:
        print("  differs: " + shown(line))
    return not differences, [told["seconds"]]


def spread(seconds):
    """Mean and most."""
    return f"{sum(seconds) / len(seconds):.3f} s (at most {max(seconds):.3f})"


def cost(demo, seen_all, alone):
    """One line: how long a user waits, and what a pull costs the EHR and a worker."""
    pulls = len(seen_all) + len(alone)
    told = [f"{demo.fhir_requests() / pulls:.1f} FHIR requests for each pulled record"]
    # Where somebody signs in to the application in between, the time is that person's.
    views = [seen["view_seconds"] for seen in seen_all if seen["view_seconds"] is not None]
    if views:
        told.insert(0, f"from callback to view {spread(views)} in {len(views)} launches")
    workers = demo.host.pull_seconds() + alone
    if workers:
        told.append(f"a worker blocked for {spread(workers)} by each of {len(workers)} pulls")
    print("; ".join(told))


def show(demo):
    """The whole demo; True when everything is as expected."""
    if not demo.visits:
        raise Failed(f"the data have no {demo.arguments.fhir} patient with an MRN; --fhir (FHIR=) names the version")
    demo.start()
    equal, seen_all = walk(demo)
    same_text, seen = compatibility(demo)
    seen_all.append(seen)
    same_alone, alone = unattended(demo)
    count, logins = len(demo.visits), sum(seen["application_logins"] for seen in seen_all)
    cost(demo, seen_all, alone)
    print(f"application logins: {logins} in {count + 1} launches (one is right: then the EHR's user is linked)")
    if equal == count and same_text and same_alone and logins == 1:
        print(f"demo: {count} patients, {count} saved records equal the expected values")
        return True
    print(f"demo: FAILED: {count} patients, {equal} saved records equal the expected values, "
          f"php14 {'equal' if same_text else 'not equal'}{'' if same_alone else ', php-cli not equal'}, "
          f"{logins} application logins")
    return False


def parse_arguments(argv):
    """Which data, which EHR."""
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__.split("\n", maxsplit=1)[0])
    servers.add_options(parser)
    parser.add_argument("--patients", type=int, metavar="N", help="only the first N")
    parser.add_argument("--host", choices=list(HOSTS), default="php", help="which host application")
    arguments = parser.parse_args(argv)
    arguments.extension = arguments.extension and os.path.abspath(arguments.extension)
    if arguments.host == "php" and not arguments.extension:
        parser.error("--host php wants --extension FILE; scripts/build-php-ext builds it")
    return arguments


def main(argv=None):
    """0 when every saved record is as expected."""
    arguments = parse_arguments(argv)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    children = Children()
    children.end_on_signals()
    with children:
        demo = None
        try:
            demo = Demo(arguments, children)
            return 0 if show(demo) else 1
        except Failed as problem:
            print(f"demo: FAILED: {shown(problem)}", file=sys.stderr)
            for line in demo.host.log() if demo else []:
                print("  " + shown(line), file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
