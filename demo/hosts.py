"""The host applications of the demo: examples/redcap-like in PHP, and examples/ehr_launch in Rust."""
import json
import os

import ehr
from servers import Servers
from studies import EVENT, MAPPING

# The user of a pull without a browser.
USER = "study"


class PhpHost:
    """The REDCap-like application behind nginx and php-fpm. The EHR launches it, and the user chooses the project."""

    def __init__(self, arguments, children):
        self.servers = Servers(arguments, children)
        self.iss = self.page = self.name = ""

    def start(self, _visits):
        """Starts all servers. The application makes a record when a patient is added."""
        self.servers.start()
        self.iss, self.page = self.servers.iss, self.servers.page
        database = "MariaDB" if self.servers.database == "mariadb" else f"SQLite ({self.servers.sqlite_reason})"
        self.name = f"examples/redcap-like, in php-fpm behind nginx, with {database}"

    def browser_options(self, study, visit):
        """The options of browser.py for a launch into a study."""
        date = ["--visit-date", visit["visit_date"]] if visit.get("visit_date") else []
        return ["--app", "0", "--project", "demo-" + study, *date]

    def typed_values(self, visit):
        """The values in the saved record that the user typed: {event: {field: value}}."""
        date = visit.get("visit_date")
        return {EVENT: {"visit_date": date}} if date else {}

    def record(self, study, visit, *values):
        """The id of the patient's record. Adds the patient if there is none."""
        return self.servers.command("add", USER, "demo-" + study, visit["mrn"], *values).strip()

    def unattended(self, visit):
        """Makes a record, pulls, decides and saves with php-cli. Returns the report of the command."""
        date = [f"visit_date={visit['visit_date']}"] if visit.get("visit_date") else []
        return json.loads(self.servers.command("pull", USER, "demo-cli", self.record("cli", visit, *date)))

    def saved(self, study, visit):
        """The file of a saved record, which php-cli reads from the database. None if nothing was saved."""
        text = self.servers.command("show", "demo-" + study, self.record(study, visit))
        return self.servers.web.write(f"saved-{study}-{visit['record']}.json", text) if json.loads(text) else None

    def pull_seconds(self):
        """How many seconds each pull within a launch used its PHP worker, from nginx's log."""
        return self.servers.web.seconds("GET", "/adjudicate.php", "pull")

    def log(self):
        """The last lines of PHP's error log."""
        return self.servers.web.errors()


class RustHost:
    """The small application in Rust. Its records are JSON files."""

    name = "examples/ehr_launch, in Rust"

    def __init__(self, arguments, children):
        self.arguments, self.children = arguments, children
        self.iss = self.page = ""

    def path(self, *parts):
        """A file of this run."""
        return os.path.join(self.children.folder, *parts)

    def start(self, visits):
        """Starts two applications (exact text and php14 text), then the EHR that launches them."""
        with open(self.path("visits.json"), "w", encoding="utf-8") as file:
            json.dump(visits, file)
        apps = [(text, self.application(text)) for text in ("default", "php14")]
        self.iss, self.page = ehr.start(self.arguments, self.children.start, self.path("config.json"), apps)

    def application(self, text):
        """Starts an application and returns its URL."""
        os.mkdir(self.path(text))
        program = os.path.join(self.arguments.programs, "examples", "ehr_launch")
        return self.children.start([program, "--config", self.path("config.json"), "--mapping", MAPPING,
                                    "--patient-file", self.path("visits.json"), "--record-folder", self.path(text),
                                    "--project", "demo-" + text, "--text", text, "--stop-with-stdin",
                                    "--offset-days", str(self.arguments.offset_days)]).wait_for("application:")

    def browser_options(self, study, _visit):
        """The EHR launches a different application for each study."""
        return ["--app", "1" if study == "php14" else "0"]

    def typed_values(self, _visit):
        """None: the dates of the visits are in a file."""
        return {}

    def unattended(self, _visit):
        """None: the Rust example has no such command."""

    def saved(self, study, visit):
        """The file of a saved record. None if nothing was saved."""
        file = self.path(study, visit["record"] + ".json")
        return file if os.path.exists(file) else None

    def pull_seconds(self):
        """None: they are not measured."""
        return []

    def log(self):
        """None: it writes to stderr."""
        return []
