"""`make demo SERVE=1`: starts the simulated EHR and the application, says where they are, and waits.

With --json it is for tests: one line {"ehr", "iss", "application", "settings", "php", "cli", "folder", "database",
"access_log", "error_log", "members"}; php and cli are the first words of a command, members is {user: password}.
"""
import argparse
import json
import os
import signal
import sys

import servers
import studies
from children import Children, Failed


def people(running):
    """For people."""
    database = "MariaDB" if running.database == "mariadb" else f"SQLite ({running.why})"
    login = ", ".join(name.partition(":")[0] for name in ["portal:portal", *running.arguments.login])
    return f"""
The EHR's list of patients, with the launch buttons:  {running.page}
The application, outside the EHR:                     {running.address}/

Who can sign in; each password is the name:
  to the EHR            {login}
  to the application    {", ".join(studies.MEMBERS)}; its administrator: {", ".join(studies.ADMINISTRATORS)}

Database: {database}. PHP's errors: {running.web.error_log}
Ctrl-C stops everything.
"""


def wait(with_stdin):
    """Until a signal comes or, if asked for, stdin ends."""
    if with_stdin:
        while os.read(0, 4096):
            pass
        return
    while True:
        signal.pause()


def parse_arguments(argv):
    """Which servers, and for whom."""
    parser = argparse.ArgumentParser(prog="serve.py", description=__doc__.split("\n", maxsplit=1)[0])
    servers.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print one line for a test")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when stdin is closed")
    arguments = parser.parse_args(argv)
    if not arguments.extension:
        parser.error("--extension FILE is needed; scripts/build-php-ext builds it")
    arguments.extension = os.path.abspath(arguments.extension)
    return arguments


def main(argv=None):
    """Ends with 0 when it was asked to end, with 1 when something did not start."""
    arguments = parse_arguments(argv)
    children = Children()
    children.end_on_signals()
    with children:
        try:
            running = servers.Servers(arguments, children)
            running.start()
        except Failed as problem:
            print(f"serve.py: {problem}", file=sys.stderr)
            return 1
        print(json.dumps(running.described()) if arguments.json else people(running), flush=True)
        try:
            wait(arguments.stop_with_stdin)
        except SystemExit:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
