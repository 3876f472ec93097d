"""The projects of the demo, their members and their rights. Each password is the user's name."""
import csv
import io
import os

HERE = os.path.dirname(os.path.abspath(__file__))
MAPPING = os.path.join(HERE, "mapping.csv")
DICTIONARY = os.path.join(HERE, "dictionary.csv")
EVENT = "event_1_arm_1"
MEMBERS = ("study", "nurse", "mapper", "judge")
ADMINISTRATORS = ("admin",)
ALL = ["data", "map", "adjudicate"]
PREVIEW = ["name-given", "name-family", "birthDate", "gender", "phone-home"]
TEAM = {"study": ALL, "nurse": ["data"], "mapper": ["data", "map"], "judge": ["data", "adjudicate"]}


def projects(offset_days):
    """The input of `cli.php project`: three projects that a user can choose, and three that show why a user cannot."""
    with open(MAPPING, encoding="utf-8") as file:
        mapping = file.read()
    with open(DICTIONARY, encoding="utf-8") as file:
        fields = list(csv.DictReader(file))
    base = {"environment": "sandbox", "module": True, "text": "exact", "offset_days": offset_days, "mrn_field": "mrn",
            "event": EVENT, "system_account": True, "mapping": mapping, "preview": PREVIEW, "fields": fields,
            "members": {"study": ALL}}
    return [
        {**base, "name": "demo-default", "title": "Heart and metabolism cohort", "members": TEAM},
        {**base, "name": "demo-php14", "title": "Heart and metabolism cohort, 14 digits", "text": "php14"},
        {**base, "name": "demo-cli", "title": "Heart and metabolism cohort, pulled at night"},
        {**base, "name": "outcomes-survey", "title": "Outcomes survey", "mrn_field": None,
         "mapping": without_mrn(mapping)},
        {**base, "name": "sleep-registry", "title": "Sleep registry", "module": False},
        {**base, "name": "oncology-biobank", "title": "Oncology biobank", "members": {"judge": ALL, "study": ["map"]}},
    ]


def without_mrn(mapping):
    """The mapping without the line for the medical record number."""
    lines = list(csv.reader(io.StringIO(mapping)))
    mark = lines[0].index("is_record_identifier")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(line for line in lines if line[mark] != "1")
    return text.getvalue()


def passwords():
    """{user: password} of all users."""
    return {name: name for name in (*MEMBERS, *ADMINISTRATORS)}
