"""Starts the simulated EHR and the application with its servers, for run.py and serve.py.

The order is: nginx's sockets (so that the application's URL is known), the simulated EHR, the database, the
application's tables, members, configuration and projects, php-fpm, nginx.
"""
import base64
import json
import os
import subprocess
import urllib.parse

import database
import ehr
import programs
import studies
import web
from children import DemoError

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
APPLICATION = os.path.join(ROOT, "examples", "redcap-like")
RELEASE = os.path.join(ROOT, "target", "release")


class Servers:
    """The servers of one run. The URL of the application is .address, that of the EHR's list of patients .page."""

    def __init__(self, arguments, children):
        self.arguments, self.children = arguments, children
        self.php = programs.find("php")
        self.iss = self.page = self.database = self.sqlite_reason = ""
        self.web = web.Web(children.folder, children.start)
        self.address, self.settings = self.web.address, self.web.path("settings.json")

    def start(self):
        """Starts all servers and waits until they answer."""
        callback = self.address + "/ehr.php"
        config = self.web.path("config.json")
        self.iss, self.page = ehr.start(self.arguments, self.children.start, config, [("Research", callback)])
        self.database, self.sqlite_reason, records, tokens = database.start(
            self.arguments.database, self.php, self.children.folder, self.children.start)
        self.write_settings(records, tokens)
        self.install(config)
        self.web.start(os.path.join(APPLICATION, "public"), self.settings, self.arguments.extension, self.php)

    def write_settings(self, records, tokens):
        """Writes the application's settings and its key."""
        key = self.web.write("app.key", base64.b64encode(os.urandom(32)).decode("ascii") + "\n")
        self.web.write("settings.json", json.dumps(
            {"address": self.address, "database": records, "tokens": tokens, "key_file": key}))

    def install(self, config):
        """Makes tables, members, configuration and projects with the application's own command."""
        self.command("install")
        for name, password in studies.passwords().items():
            admin = ["--admin"] if name in studies.ADMINISTRATORS else []
            self.command("member", name, *admin, stdin=password + "\n")
        self.allow_frame(config)
        self.command("configure", config)
        projects = studies.projects(self.arguments.offset_days)
        self.command("project", self.web.write("projects.json", json.dumps(projects)))

    def allow_frame(self, config):
        """Adds frame_ancestors to the source, so that the EHR's chart can show the application in a frame."""
        with open(config, encoding="utf-8") as file:
            document = json.load(file)
        page = urllib.parse.urlsplit(self.page)
        for source in document["sources"]:
            source["frame_ancestors"] = [f"{page.scheme}://{page.netloc}"]
        os.remove(config)
        self.web.write("config.json", json.dumps(document, indent=1))

    def php_command(self):
        """The command of PHP with the extension."""
        return [self.php, "-d", "extension=" + self.arguments.extension]

    def cli_command(self):
        """The command of the application's cli.php."""
        return ["env", "APP_SETTINGS=" + self.settings, *self.php_command(), os.path.join(APPLICATION, "cli.php")]

    def command(self, *words, stdin=""):
        """Runs the application's command and returns its output."""
        run = subprocess.run([*self.cli_command(), *words], input=stdin, capture_output=True, text=True,
                             encoding="utf-8", errors="replace", check=False)
        if run.returncode:
            raise DemoError(f"cli.php {words[0]}: {(run.stderr or run.stdout).strip()}")
        return run.stdout

    def description(self):
        """What a test needs to know about the servers. serve.py documents the members."""
        return {"ehr": self.page, "iss": self.iss, "application": self.address, "settings": self.settings,
                "php": self.php_command(), "cli": self.cli_command(), "folder": self.children.folder,
                "database": self.database, "access_log": self.web.access_log, "error_log": self.web.error_log,
                "members": studies.passwords()}


def add_options(parser):
    """The options of the EHR, the database and the extension."""
    ehr.add_options(parser, RELEASE)
    parser.add_argument("--database", choices=["auto", "mariadb", "sqlite"], default="auto",
                        help="auto: MariaDB if its server is installed and PHP has pdo_mysql, else SQLite")
    parser.add_argument("--offset-days", type=int, default=7, metavar="N",
                        help="days before and after the visit date in which values are pulled")
    parser.add_argument("--extension", metavar="FILE", help="fhir_ehr.so, which scripts/build-php-ext builds")
