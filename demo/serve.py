"""`make demo SERVE=1`: starts the simulated EHR and the application, prints their URLs, and waits.

With --json it prints one line for tests: {"ehr", "iss", "application", "settings", "php", "cli", "folder", "database",
"access_log", "error_log", "members"}. php and cli are the first words of a command; members is {user: password}.
"""
import argparse
import json
import os
import signal
import sys

import servers
import studies
from children import Children, DemoError


def instructions(running):
    """The text for the user."""
    database = "MariaDB" if running.database == "mariadb" else f"SQLite ({running.sqlite_reason})"
    login = ", ".join(name.partition(":")[0] for name in ["portal:portal", *running.arguments.login])
    return f"""
The EHR's list of patients, with launch buttons:  {running.page}
The application, outside the EHR:                {running.address}/

Users who can sign in. Each password is the name of the user.
  to the EHR            {login}
  to the application    {", ".join(studies.MEMBERS)}; its administrator: {", ".join(studies.ADMINISTRATORS)}

Database: {database}. PHP's error log: {running.web.error_log}
Press Ctrl-C to stop all servers.
"""


def wait(with_stdin):
    """Waits for a signal or, with --stop-with-stdin, for the end of stdin."""
    if with_stdin:
        while os.read(0, 4096):
            pass
        return
    while True:
        signal.pause()


def parse_arguments(argv):
    """The options."""
    parser = argparse.ArgumentParser(prog="serve.py", description=__doc__.split("\n", maxsplit=1)[0])
    servers.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print one line of JSON, for tests")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when stdin is closed")
    arguments = parser.parse_args(argv)
    if not arguments.extension:
        parser.error("--extension FILE is required. scripts/build-php-ext builds it.")
    arguments.extension = os.path.abspath(arguments.extension)
    return arguments


def main(argv=None):
    """The exit code: 0 after a signal or the end of stdin, 1 if a server did not start."""
    arguments = parse_arguments(argv)
    children = Children()
    children.exit_on_signals()
    with children:
        try:
            running = servers.Servers(arguments, children)
            running.start()
        except DemoError as problem:
            print(f"serve.py: {problem}", file=sys.stderr)
            return 1
        print(json.dumps(running.description()) if arguments.json else instructions(running), flush=True)
        try:
            wait(arguments.stop_with_stdin)
        except SystemExit:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
