"""Says, from FHIR files alone, what the study record must hold: the independent judge of `make demo`."""
import argparse
import json
import sys

from expected import data, patient, record, times


def parse_arguments(argv):
    """The three commands and their options."""
    parser = argparse.ArgumentParser(prog="expected.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    visits = commands.add_parser("visits", help="one entry for each Patient of the data")
    visits.add_argument("--data", nargs="+", required=True, metavar="DIR")
    visits.add_argument("--fhir", choices=["r4", "dstu2"], help="only patients of files of this version")
    one = commands.add_parser("record", help="the record of one patient after accepting the preselected values")
    one.add_argument("--data", nargs="+", required=True, metavar="DIR")
    one.add_argument("--mapping", required=True, metavar="FILE")
    one.add_argument("--mrn", required=True)
    one.add_argument("--mrn-system", help="look only at identifiers of this system")
    one.add_argument("--visit-date", default="", help="date or date-time; without it no temporal field has a value")
    one.add_argument("--offset-days", type=int, default=7)
    one.add_argument("--offset-plus-minus", choices=["+-", "+", "-"], default="+-")
    one.add_argument("--text", choices=["default", "php14"], default="default")
    for command in (visits, one):
        command.add_argument("--time-zone", default=times.SITE, metavar="NAME", help="of the site; empty: times as sent")
    compare = commands.add_parser("compare", help="print each difference; exit code 1 if there is one")
    compare.add_argument("--expected", required=True, metavar="FILE")
    compare.add_argument("--saved", required=True, metavar="FILE")
    compare.add_argument("--ignore", action="append", default=[], metavar="FIELD", help="a field not to compare")
    compare.add_argument("--any-order", action="append", default=[], metavar="FIELD",
                         help="a list field whose lines may stand in any order (entries without id have no order)")
    return parser.parse_args(argv)


def visits_command(args):
    """Print id, MRN and a good visit date of each patient."""
    print_json(record.visits(data.load(args.data), args.fhir))
    return 0


def record_command(args):
    """Print {event: {field: value}} of one patient."""
    store = data.load(args.data)
    found = patient.find(store, args.mrn, args.mrn_system)
    rows = record.read_mapping(args.mapping)
    window = record.Request(args.visit_date, args.offset_days, args.offset_plus_minus, args.text == "php14")
    print_json(record.build(store, found, args.mrn, rows, window))
    return 0


def compare_command(args):
    """Print the differences of two records."""
    with open(args.expected, encoding="utf-8") as left, open(args.saved, encoding="utf-8") as right:
        lines = record.differences(json.load(left), json.load(right), set(args.ignore), set(args.any_order))
    for line in lines:
        print(line)
    return 1 if lines else 0


def print_json(value):
    """JSON on standard output, UTF-8 whatever the locale."""
    sys.stdout.buffer.write((json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))


def main(argv=None):
    """Run one command; 2 means that the question could not be answered."""
    args = parse_arguments(argv)
    command = {"visits": visits_command, "record": record_command, "compare": compare_command}[args.command]
    try:
        times.Site.move_to(getattr(args, "time_zone", ""))
        return command(args)
    except (ValueError, OSError, LookupError) as problem:
        print(f"expected.py: {problem}", file=sys.stderr)
        return 2
    finally:
        times.Site.move_to("")


if __name__ == "__main__":
    sys.exit(main())
