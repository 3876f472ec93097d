"""The study record: reads the mapping, preselects values, and compares with the saved record."""
import csv

from . import lists, patient, times, values

HEADER = "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name".split(",")
RULES = ("", "MIN", "MAX", "FIRST", "LAST", "NEAR")
WEIGHT = "29463-7"


class Request:
    """The visit date, the window around it, and whether numbers are written as by PHP with precision 14."""

    def __init__(self, visit_date, days, sign, php14):
        self.anchor = times.anchor_of(visit_date) if visit_date.strip() else None
        self.bounds = times.window(self.anchor, days, sign) if self.anchor else None
        self.php14 = php14


def read_mapping(name):
    """Reads and checks a mapping file."""
    with open(name, encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != HEADER:
            raise ValueError(f"The header of {name} must be {','.join(HEADER)}.")
        rows = [{key: (row[key] or "").strip() for key in HEADER} for row in reader]
    for row in rows:
        if row["preselect"].upper() not in RULES:
            raise ValueError(f"The preselect rule {row['preselect']!r} of {row['field_name']} does not exist.")
    return rows


def build(store, found, mrn, mapping, request):
    """{event: {field: value}} after the preselected values are accepted, and no others."""
    record, merged = {}, {}
    for row in mapping:
        event = record.setdefault(row["event_name"], {})
        source, field = row["external_source_field_name"], row["field_name"]
        if row["is_record_identifier"] == "1":
            event[field] = mrn
        elif source in patient.FIELDS:
            put(event, field, patient.FIELDS[source](found.resource))
        elif source in lists.LISTS:
            put(event, field, list_value(store, found, row, request))
        else:
            key = (row["event_name"], field, bool(row["temporal_field"]), row["preselect"].upper())
            merged.setdefault(key, []).extend(candidates(store, found, row, request))
    for (event, field, temporal, rule), rows in merged.items():
        chosen = preselect(rows, rule, request.anchor if temporal else None)
        put(record[event], field, chosen.value if chosen else "")
    return record


def put(event, field, value):
    """Sets a field. An empty value does not change it, and the first value is kept."""
    if value != "":
        event.setdefault(field, value)


def list_value(store, found, row, request):
    """A list as one text. A temporal list has only entries in the window."""
    if row["temporal_field"] and not request.bounds:
        return ""
    bounds = request.bounds if row["temporal_field"] else None
    return "\n".join(lists.entries(store, found, row["external_source_field_name"], bounds))


def candidates(store, found, row, request):
    """The values of a mapping row. A temporal row has only values in the window."""
    rows = []
    for entry in store.of_patient(found, "Observation"):
        rows.extend(values.rows(entry, row["external_source_field_name"], request.php14))
    if not row["temporal_field"]:
        return rows
    if not request.bounds:
        return []
    return [one for one in rows if one.time and times.overlaps(one.time, request.bounds)]


def preselect(rows, rule, anchor):
    """The preselected row, or None. anchor is None for a field that is not temporal."""
    rows = comparable(sorted(rows, key=values.Row.key))
    if rule in ("MIN", "MAX"):
        numbers = [row for row in rows if row.number() is not None]
        choose = min if rule == "MIN" else max
        return choose(numbers, key=values.Row.number) if numbers else None
    if rule in ("FIRST", "LAST"):
        timed = [row for row in rows if row.time]
        choose = min if rule == "FIRST" else max
        return choose(timed, key=lambda row: row.time.order) if timed else None
    if rule == "NEAR":
        rows = [row for row in rows if row.time and not row.limit]
        return min(rows, key=lambda row: times.distance(row.time, anchor)) if rows and anchor else None
    if len(rows) == 1:
        return rows[0]
    same = [row for row in rows if anchor and row.time.has_day and row.time.start.date() == anchor.start.date()]
    return same[0] if len(same) == 1 else None


def comparable(rows):
    """The rows that can be preselected: no result that has a correction; no rows at all if units or offsets differ."""
    rank = {"preliminary": 0, "amended": 2, "corrected": 2}

    def same(one, other):
        return one.time and other.time and one.code == other.code and one.time.order == other.time.order \
            and (times.Site.zone or times.offset_of(one.time) == times.offset_of(other.time))

    rows = [row for row in rows
            if not any(same(row, other) and rank.get(row.status, 1) < rank.get(other.status, 1) for other in rows)]
    units = {row.unit for row in rows} - {None}
    offsets = set() if times.Site.zone else {times.offset_of(row.time) for row in rows} - {None}
    return rows if len(units) < 2 and len(offsets) < 2 else []


def visits(store, version=None):
    """The id, MRN and visit date of each patient."""
    found = []
    for entry in store.of_type("Patient"):
        if version in (None, entry.version):
            mrn, system = patient.mrn_of(entry.resource)
            visit = {"id": entry.id, "mrn": mrn, "mrn_system": system}
            date = visit_date(store, entry)
            found.append({**visit, "visit_date": date} if date else visit)
    return found


def visit_date(store, entry):
    """The date of the latest usable weight, else of the latest usable Observation."""
    weighed, other = [], []
    for one in store.of_patient(entry, "Observation"):
        time = values.time_of(one.resource)
        if time and time.has_day and values.usable(one.resource) and values.has_value(one.resource):
            (weighed if values.has_code(one.resource, WEIGHT) else other).append(time)
    latest = max(weighed or other, key=lambda time: time.order, default=None)
    return latest.start.date().isoformat() if latest else None


def differences(expected, saved, ignored=frozenset(), any_order=frozenset()):
    """One line for each field that differs. An empty value equals a missing one."""
    lines = []
    for event in sorted(set(expected) | set(saved)):
        left, right = expected.get(event) or {}, saved.get(event) or {}
        for field in sorted((set(left) | set(right)) - ignored):
            value, got = left.get(field, ""), right.get(field, "")
            same = (value or "") == (got or "")
            if field in any_order and isinstance(value, str) and isinstance(got, str):
                same = sorted(value.split("\n")) == sorted(got.split("\n"))
            if not same:
                lines.append(f"{event} {field}: expected {quoted(value)}, saved {quoted(got)}")
    return lines


def quoted(value):
    """A value for the line of a difference."""
    return "nothing" if value in ("", None) else repr(value)
