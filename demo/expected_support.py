"""Resources, stores and commands for the tests of expected.py."""
import contextlib
import importlib.util
import io
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from expected import data, record, values  # noqa: E402
from expected.data import Num  # noqa: E402

ROOT = os.path.dirname(HERE)
PATIENTS = os.path.join(ROOT, "crates", "ehr-sim", "data")
MAPPING = os.path.join(HERE, "mapping.csv")
LOINC = "http://loinc.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
PATIENT = {"resourceType": "Patient", "id": "p1"}


def number(digits):
    """A JSON number as data.load reads it."""
    return Num(digits)


def store(*resources, url="urn:uuid:p-url"):
    """A store of these resources, as data.load makes it."""
    return data.Store([data.Entry(resource, url if resource["resourceType"] == "Patient" else "", order, "r4")
                       for order, resource in enumerate(resources)])


def concept(code, system=LOINC):
    """A CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code} if system else {"code": code}]}


def observation(identity="o1", code="1-1", time="2020-01-10T10:00:00Z", **more):
    """A final Observation of patient p1."""
    return {"resourceType": "Observation", "id": identity, "status": "final", "code": concept(code),
            "subject": {"reference": "Patient/p1"}, "effectiveDateTime": time, **more}


def weight(identity, digits, time="2020-01-10T10:00:00Z", **more):
    """An Observation with a Quantity."""
    return observation(identity, time=time, valueQuantity={"value": number(digits)}, **more)


def texts(resource, code="1-1", php14=False):
    """The values of one Observation for a code."""
    return [row.value for row in values.rows(store(resource).entries[0], code, php14)]


def chosen(resources, rule="", anchor="2020-01-10", days=30, sign="+-", temporal="visit_date", php14=False):
    """The preselected value of code 1-1 in a one-field mapping."""
    entries = store(PATIENT, *resources)
    row = dict(zip(record.HEADER, ["1-1", "", "f", temporal, rule, "e"]))
    built = record.build(entries, entries.entries[0], "m", [row], record.Request(anchor, days, sign, php14))
    return built["e"].get("f")


def run(*argv):
    """(exit code, standard output) of the command."""
    spec = importlib.util.spec_from_file_location("expected_command", os.path.join(HERE, "expected.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = module.main(list(argv))
    return code, raw.getvalue().decode("utf-8")
