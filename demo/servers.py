"""Starts all that the application needs, for the demo, for people and for the browser's test alike.

In this order: nginx's sockets (so that the address is known), the simulated EHR, the database, the application's
tables, members, configuration and projects, php-fpm and nginx.
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
from children import Failed

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
APPLICATION = os.path.join(ROOT, "examples", "redcap-like")
RELEASE = os.path.join(ROOT, "target", "release")


class Servers:
    """The servers of one run; the application is at .address, the EHR's list of patients at .page."""

    def __init__(self, arguments, children):
        self.arguments, self.children = arguments, children
        self.php = programs.find("php")
        self.iss = self.page = self.database = self.why = ""
        self.web = web.Web(children.folder, children.start)
        self.address, self.settings = self.web.address, self.web.path("settings.json")

    def start(self):
        """Afterwards all of them answer."""
        callback = self.address + "/ehr.php"
        config = self.web.path("config.json")
        self.iss, self.page = ehr.start(self.arguments, self.children.start, config, [("Research", callback)])
        self.database, self.why, records, tokens = database.start(
            self.arguments.database, self.php, self.children.folder, self.children.start)
        self.write_settings(records, tokens)
        self.install(config)
        self.web.start(os.path.join(APPLICATION, "public"), self.settings, self.arguments.extension, self.php)

    def write_settings(self, records, tokens):
        """What the application reads, and its key."""
        key = self.web.write("app.key", base64.b64encode(os.urandom(32)).decode("ascii") + "\n")
        self.web.write("settings.json", json.dumps(
            {"address": self.address, "database": records, "tokens": tokens, "key_file": key}))

    def install(self, config):
        """Tables, members, the EHR's configuration, projects: all by the application's own command."""
        self.command("install")
        for name, password in studies.everybody().items():
            admin = ["--admin"] if name in studies.ADMINISTRATORS else []
            self.command("member", name, *admin, given=password + "\n")
        self.allow_frame(config)
        self.command("configure", config)
        projects = studies.projects(self.arguments.offset_days)
        self.command("project", self.web.write("projects.json", json.dumps(projects)))

    def allow_frame(self, config):
        """The EHR's page may show the application in a frame of its own: one more member of its source."""
        with open(config, encoding="utf-8") as file:
            document = json.load(file)
        page = urllib.parse.urlsplit(self.page)
        for source in document["sources"]:
            source["frame_ancestors"] = [f"{page.scheme}://{page.netloc}"]
        os.remove(config)
        self.web.write("config.json", json.dumps(document, indent=1))

    def php_words(self):
        """How PHP with the extension begins."""
        return [self.php, "-d", "extension=" + self.arguments.extension]

    def cli_words(self):
        """How the application's command begins."""
        return ["env", "APP_SETTINGS=" + self.settings, *self.php_words(), os.path.join(APPLICATION, "cli.php")]

    def command(self, *words, given=""):
        """What the application's command prints."""
        run = subprocess.run([*self.cli_words(), *words], input=given, capture_output=True, text=True, encoding="utf-8",
                             errors="replace", check=False)
        if run.returncode:
            raise Failed(f"cli.php {words[0]}: {(run.stderr or run.stdout).strip()}")
        return run.stdout

    def described(self):
        """What a test must know."""
        return {"ehr": self.page, "iss": self.iss, "application": self.address, "settings": self.settings,
                "php": self.php_words(), "cli": self.cli_words(), "folder": self.children.folder,
                "database": self.database, "access_log": self.web.access_log, "error_log": self.web.error_log,
                "members": studies.everybody()}


def add_options(parser):
    """Which EHR, which database, which extension."""
    ehr.add_options(parser, RELEASE)
    parser.add_argument("--database", choices=["auto", "mariadb", "sqlite"], default="auto",
                        help="auto: MariaDB when its server is installed and PHP has pdo_mysql")
    parser.add_argument("--offset-days", type=int, default=7, metavar="N")
    parser.add_argument("--extension", metavar="FILE", help="fhir_ehr.so; scripts/build-php-ext builds it")
