"""Makes the expected study record from FHIR files alone, so that `make demo` can check the saved record."""
import argparse
import json
import sys

from expected import data, patient, record, times


def parse_arguments(argv):
    """The commands and their options."""
    parser = argparse.ArgumentParser(prog="expected.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    visits = commands.add_parser("visits", help="print each Patient with an MRN and a visit date")
    visits.add_argument("--data", nargs="+", required=True, metavar="DIR")
    visits.add_argument("--fhir", choices=["r4", "dstu2"], help="only patients in files of this FHIR version")
    one = commands.add_parser("record", help="print the record of one patient after the preselected values are accepted")
    one.add_argument("--data", nargs="+", required=True, metavar="DIR")
    one.add_argument("--mapping", required=True, metavar="FILE")
    one.add_argument("--mrn", required=True)
    one.add_argument("--mrn-system", help="use only identifiers of this system")
    one.add_argument("--visit-date", default="", help="a date or date-time; without it temporal fields have no value")
    one.add_argument("--offset-days", type=int, default=7)
    one.add_argument("--offset-plus-minus", choices=["+-", "+", "-"], default="+-")
    one.add_argument("--text", choices=["default", "php14"], default="default")
    for command in (visits, one):
        command.add_argument("--time-zone", default=times.SITE, metavar="NAME", help="of the site; empty: do not convert")
    compare = commands.add_parser("compare", help="print each difference; the exit code is 1 if there is one")
    compare.add_argument("--expected", required=True, metavar="FILE")
    compare.add_argument("--saved", required=True, metavar="FILE")
    compare.add_argument("--ignore", action="append", default=[], metavar="FIELD", help="a field that is not compared")
    compare.add_argument("--any-order", action="append", default=[], metavar="FIELD",
                         help="a list whose lines can have any order (entries without an id have no order)")
    return parser.parse_args(argv)


def visits_command(args):
    """Prints the id, MRN and visit date of each patient."""
    print_json(record.visits(data.load(args.data), args.fhir))
    return 0


def record_command(args):
    """Prints {event: {field: value}} of one patient."""
    store = data.load(args.data)
    found = patient.find(store, args.mrn, args.mrn_system)
    rows = record.read_mapping(args.mapping)
    window = record.Request(args.visit_date, args.offset_days, args.offset_plus_minus, args.text == "php14")
    print_json(record.build(store, found, args.mrn, rows, window))
    return 0


def compare_command(args):
    """Prints the differences of two records."""
    with open(args.expected, encoding="utf-8") as left, open(args.saved, encoding="utf-8") as right:
        lines = record.differences(json.load(left), json.load(right), set(args.ignore), set(args.any_order))
    for line in lines:
        print(line)
    return 1 if lines else 0


def print_json(value):
    """Prints JSON as UTF-8, independent of the locale."""
    sys.stdout.buffer.write((json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))


def main(argv=None):
    """Runs a command. The exit code is 2 if the command fails."""
    args = parse_arguments(argv)
    command = {"visits": visits_command, "record": record_command, "compare": compare_command}[args.command]
    try:
        times.Site.set_zone(getattr(args, "time_zone", ""))
        return command(args)
    except (ValueError, OSError, LookupError) as problem:
        print(f"expected.py: {problem}", file=sys.stderr)
        return 2
    finally:
        times.Site.set_zone("")


if __name__ == "__main__":
    sys.exit(main())
