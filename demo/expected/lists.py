"""Lists that are saved in one Notes field: problems, medications, allergies, immunizations."""
from . import times
from .data import items, norm, text
from .values import display

PROBLEM_CATEGORIES = {"problem-list-item", "problem", "complaint", "symptom", "finding", "diagnosis"}
CATEGORY_SYSTEMS = ("condition-category", "argonaut.hl7.org")
ACTIVE_ALLERGY = {"", "active", "confirmed", "unconfirmed"}


def codes(value):
    """The codes of a status, which is a code or a CodeableConcept."""
    if isinstance(value, dict):
        found = [norm(coding.get("code")) for coding in items(value.get("coding"))]
        return {code for code in found if code} or {norm(value.get("text"))} - {""}
    return {norm(value)} - {""}


def excluded(resource):
    """Whether it is entered in error, refuted, not done or prohibited, or has a modifier extension."""
    if resource.get("modifierExtension") or resource.get("doNotPerform") is True:
        return True
    statuses = codes(resource.get("status")) | codes(resource.get("verificationStatus"))
    statuses |= codes(resource.get("clinicalStatus"))
    if "entered-in-error" in statuses:
        return True
    kind = resource.get("resourceType")
    if kind in ("Condition", "AllergyIntolerance"):
        return "refuted" in statuses
    return kind == "Immunization" and ("not-done" in statuses or resource.get("wasNotGiven") is True)


def categories(resource):
    """The codes of a Condition's category that have a system of HL7 or no system."""
    found = set()
    for concept in items(resource.get("category")):
        for coding in items(concept.get("coding")):
            system = text(coding.get("system")).rstrip("/")
            if not system or system.endswith(CATEGORY_SYSTEMS):
                found.add(norm(coding.get("code")))
    return found


def is_problem(resource):
    """Whether a Condition is in the problem list: it has such a category, or none."""
    return not resource.get("category") or bool(categories(resource) & PROBLEM_CATEGORIES)


def clinical_statuses(resource):
    """The clinical statuses. A Condition without one is active if it has not ended."""
    ended = any(name.startswith("abatement") and value is not False for name, value in resource.items())
    return codes(resource.get("clinicalStatus")) or (set() if ended else {"active"})


def problem(*statuses):
    """A test for a Condition of the problem list with one of these clinical statuses."""
    return lambda resource: is_problem(resource) and bool(clinical_statuses(resource) & set(statuses))


def medication(status):
    """A test for a medication order with this status that is not a plan or proposal."""
    return lambda resource: (norm(resource.get("status")) == status
                             and norm(resource.get("intent")) not in ("plan", "proposal"))


def active_allergy(resource):
    """Whether an allergy is active by clinicalStatus (R4) or status (DSTU2), or has no status."""
    statuses = codes(resource.get("clinicalStatus")) or codes(resource.get("status")) or {""}
    return bool(statuses & ACTIVE_ALLERGY)


def medication_text(resource):
    """The drug: the code, else that of the contained Medication, else the display of the reference."""
    coded = display(resource.get("medicationCodeableConcept"))
    reference = resource.get("medicationReference")
    if coded or not isinstance(reference, dict):
        return coded
    for contained in items(resource.get("contained")):
        if contained.get("resourceType") == "Medication" and reference.get("reference") == f"#{contained.get('id')}":
            coded = display(contained.get("code"))
    return coded or text(reference.get("display"))


def code_text(resource):
    """The text of an entry's code."""
    for element in ("code", "substance", "vaccineCode"):
        if display(resource.get(element)):
            return display(resource.get(element))
    return ""


def date_text(resource):
    """The date by which an entry is sorted."""
    period = resource.get("onsetPeriod")
    period = period if isinstance(period, dict) else {}
    by_type = {
        "Condition": ("recordedDate", "dateRecorded", "onsetDateTime"),
        "AllergyIntolerance": ("recordedDate", "onsetDateTime", "onset"),
        "MedicationRequest": ("authoredOn",), "MedicationOrder": ("dateWritten",),
        "Immunization": ("occurrenceDateTime", "date", "recorded"),
    }
    for element in by_type[resource["resourceType"]]:
        if text(resource.get(element)):
            return resource[element]
    return text(period.get("start"))


ORDERS = ("MedicationRequest", "MedicationOrder")
LISTS = {
    "active-problem-list": (("Condition",), problem("active", "recurrence", "relapse"), code_text),
    "inactive-problem-list": (("Condition",), problem("inactive", "remission"), code_text),
    "resolved-problem-list": (("Condition",), problem("resolved"), code_text),
    "encounter-diagnosis-list": (("Condition",), lambda resource: "encounter-diagnosis" in categories(resource),
                                 code_text),
    "allergy-list": (("AllergyIntolerance",), active_allergy, code_text),
    "immunization-list": (("Immunization",), lambda resource: True, code_text),
}
for _status in ("active", "completed", "stopped", "on-hold", "draft"):
    LISTS[_status + "-medications-list"] = (ORDERS, medication(_status), medication_text)


def entries(store, patient, field, bounds=None):
    """The texts of a list, sorted by date (none first), then resource id. bounds limits the dates."""
    types, selects, reader = LISTS[field]
    found = []
    for entry in store.of_patient(patient, *types):
        resource = entry.resource
        if excluded(resource) or not selects(resource) or not reader(resource):
            continue
        date = date_text(resource)
        time = times.at_site(times.parse(date))
        if bounds is None or (time and times.overlaps(time, bounds)):
            found.append((times.wall_clock(date), entry.id, entry.order, reader(resource)))
    return [line for _, _, _, line in sorted(found)]
