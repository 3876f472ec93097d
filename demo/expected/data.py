"""Reads FHIR files (bundles and single resources), and finds the patient that a resource belongs to."""
import json
import os


class Num(str):
    """The text of a JSON number in a file."""


class Entry:
    """A resource with its fullUrl, its position in the files, and the FHIR version of its file."""

    def __init__(self, resource, url, order, version):
        self.resource, self.url, self.order, self.version = resource, url, order, version
        self.type, self.id = text(resource.get("resourceType")), text(resource.get("id"))


class Store:
    """All resources of the folders, each once."""

    def __init__(self, entries):
        self.entries = entries

    def of_type(self, *types):
        """The entries of these resource types, in the order of the files."""
        return [entry for entry in self.entries if entry.type in types]

    def of_patient(self, patient, *types):
        """The entries of these types whose subject is the patient."""
        return [entry for entry in self.of_type(*types) if belongs(entry.resource, patient)]


def text(value):
    """The string. Empty if the value is not a string, or only white space."""
    return value if isinstance(value, str) and not isinstance(value, Num) and value.strip() else ""


def items(value):
    """The objects of an element that is an object, a list or absent."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]


def norm(value):
    """A code for comparison: trimmed and in lower case."""
    return text(value).strip().lower()


def load(paths):
    """Reads every .json file of the paths. Files that are not FHIR in JSON are left out."""
    entries, seen = [], set()
    for name in files(paths):
        found = list(resources(read(name)))
        version = "dstu2" if any(looks_dstu2(resource) for resource, _ in found) else "r4"
        for resource, url in found:
            entry = Entry(resource, url, len(entries), version)
            key = (entry.type, entry.id) if entry.id else (name, entry.order)
            if key not in seen:
                seen.add(key)
                entries.append(entry)
    return Store(entries)


def files(paths):
    """The paths of files, and the .json files of folders and their subfolders, sorted."""
    for path in paths:
        if os.path.isfile(path):
            yield path
        elif not os.path.isdir(path):
            raise ValueError(f"There is no folder {path}.")
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                if name.lower().endswith(".json"):
                    yield os.path.join(folder, name)


def read(name):
    """The JSON document, with the text of its numbers. None if it is not valid."""
    try:
        with open(name, encoding="utf-8-sig") as file:
            return json.load(file, parse_float=Num, parse_int=Num, parse_constant=no_constant)
    except (ValueError, OSError, RecursionError):
        return None


def no_constant(name):
    """Refuses NaN and Infinity, which are not JSON."""
    raise ValueError(name)


def resources(document):
    """(resource, fullUrl) of the entries of a bundle, or of the document itself."""
    if not isinstance(document, dict) or not text(document.get("resourceType")):
        return
    if document["resourceType"] != "Bundle":
        yield document, ""
        return
    for entry in items(document.get("entry")):
        resource = entry.get("resource")
        if isinstance(resource, dict):
            url = text(entry.get("fullUrl"))
            if resource.get("resourceType") == "Bundle":
                yield from resources(resource)
            elif text(resource.get("resourceType")):
                yield resource, url


def looks_dstu2(resource):
    """Whether a resource has a type or an element that exists only in DSTU2."""
    kind = resource["resourceType"]
    if kind in ("MedicationOrder", "Conformance"):
        return True
    if kind == "Patient":
        return any(isinstance(name.get("family"), list) for name in items(resource.get("name")))
    shapes = {"Condition": ("patient", dict), "Immunization": ("wasNotGiven", bool), "Encounter": ("class", str),
              "Observation": ("category", dict), "AllergyIntolerance": ("substance", dict)}
    element, shape = shapes.get(kind, ("", ()))
    return isinstance(resource.get(element), shape)


def belongs(resource, patient):
    """Whether the reference in subject or patient leads to this patient."""
    subject = resource.get("subject") or resource.get("patient")
    reference = text(subject.get("reference")).strip() if isinstance(subject, dict) else ""
    reference = reference.split("/_history/")[0]
    if not reference:
        return False
    if reference == patient.url:
        return True
    return bool(patient.id) and (reference in ("urn:uuid:" + patient.id, "Patient/" + patient.id)
                                 or reference.endswith("/Patient/" + patient.id))
