"""The Patient with an MRN, and the demographic fields."""
from . import times
from .data import Num, items, norm, text
from .values import display

NULL_FLAVORS = ("UNK ASKU NASK NI NAV NAVU NA OTH MSK INV DER NINF PINF UNC QS TRC NP").split()
MR_SYSTEMS = ("http://terminology.hl7.org/CodeSystem/v2-0203", "http://hl7.org/fhir/v2/0203")
CDC = ("urn:oid:2.16.840.1.113883.6.238", "2.16.840.1.113883.6.238")
V3 = {"race": "http://hl7.org/fhir/v3/Race", "ethnicity": "http://hl7.org/fhir/v3/Ethnicity"}
BIRTH_SEX = ("us-core-birthsex", "us-core-birth-sex", "argo-birthsex")


def find(store, mrn, system=None):
    """The one patient with this MRN as a current identifier. Identifiers of type MR come first."""
    best = {}
    for entry in store.of_type("Patient"):
        ranks = [mr_rank(identifier) for identifier in current_identifiers(entry.resource)
                 if mrn.strip() in spellings(identifier) and system in (None, identifier.get("system"))]
        if ranks:
            best.setdefault(min(ranks), []).append(entry)
    if not best:
        raise LookupError("No patient in the data has this MRN.")
    if len(best[min(best)]) > 1:
        raise LookupError("More than one patient in the data has this MRN.")
    return best[min(best)][0]


def current_identifiers(resource):
    """The identifiers with a value that are neither old nor expired."""
    return [one for one in items(resource.get("identifier")) if current(one) and text(one.get("value"))]


def current(element):
    """Whether an element is neither marked as old nor expired."""
    return norm(element.get("use")) != "old" and not ended(element)


def ended(element):
    """Whether the period of an element ended in the past."""
    period = element.get("period")
    end = text(period.get("end")) if isinstance(period, dict) else ""
    return bool(end) and times.in_past(end)


def in_use(element):
    """Whether an element is current, and its period has begun."""
    period = element.get("period")
    start = text(period.get("start")) if isinstance(period, dict) else ""
    return current(element) and not (start and times.in_future(start))


def spellings(identifier):
    """The trimmed value, and the rendered value of the EHR (which can have leading zeros)."""
    shadow = identifier.get("_value")
    extensions = items(shadow.get("extension")) if isinstance(shadow, dict) else []
    rendered = [text(one.get("valueString")).strip() for one in extensions
             if text(one.get("url")).endswith("/rendered-value")]
    return [identifier["value"].strip()] + [value for value in rendered if value]


def mr_rank(identifier):
    """0 for a coding MR, 1 for a type with the text MRN or MR, 2 for the others."""
    kind = identifier.get("type")
    kind = kind if isinstance(kind, dict) else {}
    if any(one.get("system") in MR_SYSTEMS and one.get("code") == "MR" for one in items(kind.get("coding"))):
        return 0
    return 1 if norm(kind.get("text")) in ("mrn", "mr") else 2


def mrn_of(resource):
    """(MRN, system) of a patient. Type MR comes first, then the uses usual and official."""
    ranked = sorted(current_identifiers(resource),
                    key=lambda one: (mr_rank(one), norm(one.get("use")) not in ("usual", "official")))
    return (ranked[0]["value"].strip(), text(ranked[0].get("system")) or None) if ranked else (None, None)


def name(resource):
    """The name to use: official, else usual, else the first. A name with parts comes before one with only a text."""
    order = ("official", "usual")
    names = [one for one in items(resource.get("name"))
             if in_use(one) and norm(one.get("use")) not in ("maiden", "nickname", "anonymous", "temp")]
    names.sort(key=lambda one: order.index(norm(one.get("use"))) if norm(one.get("use")) in order else len(order))
    parts = [one for one in names if joined(one.get("family"), " ") or joined(one.get("given"), " ")]
    return (parts or [one for one in names if text(one.get("text"))] or [{}])[0]


def family(resource):
    """The family name. The whole text if the name has no parts."""
    chosen = name(resource)
    parts = joined(chosen.get("family"), " ") or joined(chosen.get("given"), " ")
    return joined(chosen.get("family"), " ") if parts else text(chosen.get("text")).strip()


def joined(value, sign):
    """A string, or the joined strings of a list."""
    values = value if isinstance(value, list) else [value]
    return sign.join(text(one) for one in values if text(one))


def extensions(resource, *endings):
    """The extensions whose URL ends in one of these names."""
    return [one for one in items(resource.get("extension")) if text(one.get("url")).split("/")[-1] in endings]


def gender(resource):
    """M, F or UNK. Without a gender, the birth sex."""
    sent = norm(resource.get("gender"))
    if sent:
        return {"male": "M", "female": "F"}.get(sent, "UNK")
    for extension in extensions(resource, *BIRTH_SEX):
        concept = extension.get("valueCodeableConcept")
        codings = items(concept.get("coding")) if isinstance(concept, dict) else []
        codes = [text(extension.get("valueCode"))] + [text(coding.get("code")) for coding in codings]
        for code in codes:
            if code:
                return code
    return "UNK"


def group(resource, kind):
    """The first race or ethnicity code."""
    return (groups(resource, kind) + [""])[0]


def groups(resource, kind):
    """The CDC and HL7 codes: OMB categories, then detailed, then other codings. Else a local code, else UNK."""
    found = extensions(resource, "us-core-" + kind, "argo-" + kind)
    parts = [part for extension in found for part in items(extension.get("extension"))]
    codings = [coding for level in ("ombCategory", "detailed") for part in parts if part.get("url") == level
               for coding in codings_of(part)]
    codings += [coding for extension in found for coding in codings_of(extension)]
    known = [coding for coding in codings if group_code(coding) != "UNK"]
    standard = [coding["code"].strip() for coding in known
             if not coding.get("system") or coding["system"] in CDC + (V3[kind],)]
    if standard:
        return list(dict.fromkeys(standard))
    return [group_code(coding) for coding in (known or codings)[:1]]


def codings_of(extension):
    """The codings of valueCoding or valueCodeableConcept that have a code."""
    concept = extension.get("valueCodeableConcept")
    codings = items(extension.get("valueCoding"))
    codings += items(concept.get("coding")) if isinstance(concept, dict) else []
    return [coding for coding in codings if text(coding.get("code"))]


def group_code(coding):
    """The code. UNK for every null flavor."""
    code, system = coding["code"].strip(), text(coding.get("system")).replace("-", "").lower()
    return "UNK" if code.upper() in NULL_FLAVORS or system.endswith("nullflavor") else code


def address(resource):
    """The home address, else one without a use, else one that is not temporary. Postal addresses come last."""
    here = [one for one in items(resource.get("address")) if in_use(one) and norm(one.get("use")) != "temp"]
    order = {"home": 0, "": 1}
    return min(here, default={}, key=lambda one: (order.get(norm(one.get("use")), 2), norm(one.get("type")) == "postal"))


def telecom(resource, system, use=None):
    """The current contact values of a system (and use), sorted by rank. Temporary ones are left out."""
    found = [one for one in items(resource.get("telecom")) if in_use(one) and norm(one.get("system")) == system
             and norm(one.get("use")) != "temp" and use in (None, norm(one.get("use"))) and text(one.get("value"))]
    return [one["value"] for one in sorted(found, key=rank)]


def rank(contact):
    """The rank of a contact point. One without a rank comes last."""
    value = contact.get("rank")
    return int(value) if isinstance(value, Num) and value.isdigit() else float("inf")


def language(resource):
    """The text, display or code of the preferred language, else of the first."""
    spoken = items(resource.get("communication"))
    chosen = [one for one in spoken if one.get("preferred") is True] or spoken
    return display(chosen[0].get("language")) if chosen else ""


def marital_status(resource):
    """The code of HL7's system, else the first code, else the text."""
    concept = resource.get("maritalStatus")
    concept = concept if isinstance(concept, dict) else {}
    codings = [coding for coding in items(concept.get("coding")) if text(coding.get("code"))]
    hl7 = [coding for coding in codings if text(coding.get("system")).endswith("MaritalStatus")]
    return (hl7 or codings)[0]["code"] if codings else text(concept.get("text"))


def deceased(resource):
    """1 if the patient has died, else 0."""
    return "1" if resource.get("deceasedBoolean") is True or text(resource.get("deceasedDateTime")) else "0"


def nth(values, index):
    """The value at the index, or an empty text."""
    return values[index] if index < len(values) else ""


FIELDS = {
    "name-given": lambda r: joined(name(r).get("given"), " "),
    "name-family": family,
    "birthDate": lambda r: text(r.get("birthDate")),
    "gender": gender,
    "race": lambda r: group(r, "race"),
    "race_all_codes": lambda r: ",".join(groups(r, "race")),
    "ethnicity": lambda r: group(r, "ethnicity"),
    "address-line": lambda r: joined(address(r).get("line"), ", "),
    "address-city": lambda r: text(address(r).get("city")),
    "address-state": lambda r: text(address(r).get("state")),
    "address-postalCode": lambda r: text(address(r).get("postalCode")),
    "address-country": lambda r: text(address(r).get("country")),
    "phone-home": lambda r: nth(telecom(r, "phone", "home"), 0),
    "phone-mobile": lambda r: nth(telecom(r, "phone", "mobile"), 0),
    "email": lambda r: nth(telecom(r, "email"), 0),
    "email-2": lambda r: nth(telecom(r, "email"), 1),
    "email-3": lambda r: nth(telecom(r, "email"), 2),
    "preferred-language": language,
    "marital-status": marital_status,
    "deceasedBoolean": deceased,
    "deceasedDateTime": lambda r: text(r.get("deceasedDateTime")),
}
