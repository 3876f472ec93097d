"""The host applications of the demo: examples/redcap-like in PHP, and examples/ehr_launch in Rust."""
import json
import os

import ehr
from servers import Servers
from studies import EVENT, MAPPING

# Who pulls without a browser.
USER = "study"


class PhpHost:
    """The REDCap-like application behind nginx and php-fpm; the EHR launches it once, the user chooses the project."""

    def __init__(self, arguments, children):
        self.servers = Servers(arguments, children)
        self.iss = self.page = self.name = ""

    def start(self, _visits):
        """Starts all the servers. The application makes its records itself, when a patient is added."""
        self.servers.start()
        self.iss, self.page = self.servers.iss, self.servers.page
        database = "MariaDB" if self.servers.database == "mariadb" else f"SQLite ({self.servers.why})"
        self.name = f"examples/redcap-like, in php-fpm behind nginx, with {database}"

    def words(self, study, visit):
        """What the browser must know to launch into a study."""
        date = ["--visit-date", visit["visit_date"]] if visit.get("visit_date") else []
        return ["--app", "0", "--project", "demo-" + study, *date]

    def typed(self, visit):
        """What the saved record holds because it was typed in: {event: {field: value}}."""
        date = visit.get("visit_date")
        return {EVENT: {"visit_date": date}} if date else {}

    def record(self, study, visit, *values):
        """The number of the patient's record."""
        return self.servers.command("add", USER, "demo-" + study, visit["mrn"], *values).strip()

    def unattended(self, visit):
        """Record, pull, decisions and saving by php-cli; what it says about it."""
        date = [f"visit_date={visit['visit_date']}"] if visit.get("visit_date") else []
        return json.loads(self.servers.command("pull", USER, "demo-cli", self.record("cli", visit, *date)))

    def saved(self, study, visit):
        """The file of a saved record, None when nothing was saved: php-cli reads it from the application's database."""
        text = self.servers.command("show", "demo-" + study, self.record(study, visit))
        return self.servers.web.write(f"saved-{study}-{visit['record']}.json", text) if json.loads(text) else None

    def pull_seconds(self):
        """How long each pull within a launch has kept its PHP worker, by nginx's log."""
        return self.servers.web.seconds("GET", "/adjudicate.php", "pull")

    def log(self):
        """The last that PHP had to say about errors."""
        return self.servers.web.errors()


class RustHost:
    """The smallest application, in Rust; records are JSON files."""

    name = "examples/ehr_launch, in Rust"

    def __init__(self, arguments, children):
        self.arguments, self.children = arguments, children
        self.iss = self.page = ""

    def path(self, *parts):
        """A file of this run."""
        return os.path.join(self.children.folder, *parts)

    def start(self, visits):
        """Two applications (exact text, php14 text), then the EHR that launches them."""
        with open(self.path("visits.json"), "w", encoding="utf-8") as file:
            json.dump(visits, file)
        apps = [(text, self.application(text)) for text in ("default", "php14")]
        self.iss, self.page = ehr.start(self.arguments, self.children.start, self.path("config.json"), apps)

    def application(self, text):
        """Starts a host application; its address."""
        os.mkdir(self.path(text))
        program = os.path.join(self.arguments.programs, "examples", "ehr_launch")
        return self.children.start([program, "--config", self.path("config.json"), "--mapping", MAPPING,
                                    "--patient-file", self.path("visits.json"), "--record-folder", self.path(text),
                                    "--project", "demo-" + text, "--text", text, "--stop-with-stdin",
                                    "--offset-days", str(self.arguments.offset_days)]).wait_for("application:")

    def words(self, study, _visit):
        """The EHR launches an application for each study."""
        return ["--app", "1" if study == "php14" else "0"]

    def typed(self, _visit):
        """Nothing: the dates of the visits come from a file."""
        return {}

    def unattended(self, _visit):
        """The Rust example has no such command."""

    def saved(self, study, visit):
        """The file of a saved record, None when nothing was saved."""
        file = self.path(study, visit["record"] + ".json")
        return file if os.path.exists(file) else None

    def pull_seconds(self):
        """Not measured."""
        return []

    def log(self):
        """It writes to stderr."""
        return []
