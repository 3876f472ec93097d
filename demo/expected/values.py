"""Observations: which are used, their values for a code, and the text of a value."""
import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

from . import times
from .data import Num, items, norm, text

LOINC = ("http://loinc.org", "urn:oid:2.16.840.1.113883.6.1")
USABLE = ("final", "amended", "corrected")
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Row:
    """A value for a mapped field."""

    def __init__(self, value, exact, time, resource_id, order, unit=None, limit=False, status="final", code=""):
        self.value, self.exact, self.time, self.id, self.order = value, exact, time, resource_id, order
        # The unit is None if the value is not a measurement. A limit is a number with a comparator, or a range with one end.
        self.unit, self.limit, self.status, self.code = unit, limit, status, code

    def key(self):
        """The sort key: time (none is last), resource id, component."""
        return (self.time.order if self.time else datetime.max, self.id, self.order)

    def number(self):
        """The value as an exact decimal. None if it is not a plain number."""
        if not PLAIN_NUMBER.fullmatch(self.exact.strip()):
            return None
        try:
            return Decimal(self.exact.strip())
        except InvalidOperation:
            return None


def rows(entry, code, php14=False):
    """The rows of an Observation for a LOINC code."""
    found = []
    for order, holder in holders(entry.resource, code):
        value = value_text(holder, php14)
        if value != "":
            found.append(Row(value, value_text(holder, False), time_of(entry.resource), entry.id, order, unit_of(holder),
                             is_limit(holder), norm(entry.resource.get("status")), code))
    return found


UCUM = ("http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8")


def unit_of(holder):
    """The unit for comparison: UCUM code or text. "" for a number without a unit, None for a text."""
    if isinstance(holder.get("valueQuantity"), dict):
        return unit_of_quantity(holder["valueQuantity"])
    for name, sides, sign in (("valueRange", ("low", "high"), "-"), ("valueRatio", ("numerator", "denominator"), "/")):
        if isinstance(holder.get(name), dict):
            units = [unit_of_quantity(holder[name][side]) for side in sides if isinstance(holder[name].get(side), dict)]
            return units[0] if len(set(units)) == 1 and name == "valueRange" else sign.join(units).strip("/")
    number = PLAIN_NUMBER.fullmatch(value_text(holder, False).strip())
    return "" if number and holder.get("valueCodeableConcept") is None and holder.get("valueBoolean") is None else None


def unit_of_quantity(quantity):
    """The UCUM code of a Quantity, else the text of its unit, else its code."""
    code, words = text(quantity.get("code")).strip(), text(quantity.get("unit")).strip()
    return (code if quantity.get("system") in UCUM else "") or words or code


def is_limit(holder):
    """Whether the value is a number with a comparator, or a range with one end."""
    quantity, range_ = holder.get("valueQuantity"), holder.get("valueRange")
    if isinstance(quantity, dict):
        return bool(quantity.get("comparator"))
    return isinstance(range_, dict) and value_text(holder, False)[:1] in ("<", ">")


def usable(resource):
    """Whether the status allows the value in a study."""
    return norm(resource.get("status")) in USABLE and not resource.get("modifierExtension")


def holders(resource, code):
    """The elements with a value for a code: the Observation itself, or its components."""
    if not usable(resource):
        return []
    components = list(enumerate(items(resource.get("component")), 1))
    if has_code(resource, code):
        return [(0, resource)] if value_text(resource, False) != "" else components
    return [(order, component) for order, component in components if has_code(component, code)]


def has_code(holder, code):
    """Whether a LOINC coding, or one without a system, has the code."""
    concept = holder.get("code")
    codings = items(concept.get("coding")) if isinstance(concept, dict) else []
    return any(coding.get("code") == code and coding.get("system") in LOINC + (None, "") for coding in codings)


def has_value(resource):
    """Whether an Observation or one of its components has a value."""
    return any(value_text(holder, False) != "" for holder in [resource] + items(resource.get("component")))


def time_of(resource):
    """The time of an Observation: effective[x], else issued."""
    period = resource.get("effectivePeriod")
    period = period if isinstance(period, dict) else {}
    for value in (resource.get("effectiveDateTime"), resource.get("effectiveInstant"), period.get("start"),
                  period.get("end"), resource.get("issued")):
        if text(value):
            return times.at_site(times.parse(value))
    return None


def value_text(holder, php14):
    """The text of value[x]. Empty if a field cannot hold it."""
    for name, reader in READERS.items():
        if holder.get(name) is not None:
            return reader(holder[name], php14)
    return ""


def quantity(value, php14):
    """The number, with its comparator before it."""
    number = amount(value, php14)
    return text(value.get("comparator")).strip() + number if number else ""


def amount(value, php14):
    """The number of a Quantity, without its comparator."""
    return number_text(value.get("value"), php14) if isinstance(value, dict) else ""


def number_text(value, php14):
    """A JSON number as sent, or as PHP 8 prints it with precision 14."""
    if not isinstance(value, Num):
        return ""
    return php_text(str(value)) if php14 else str(value)


def php_text(digits):
    """The number as PHP 8 writes it with precision=14."""
    if not re.search(r"[.eE]", digits) and -2**63 <= int(digits) < 2**63:
        return digits
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        return "INF" if number > 0 else "-INF"
    mantissa, exponent = f"{number:.13e}".split("e")
    sign, exponent = "-" if mantissa[0] == "-" else "", int(exponent)
    figures = mantissa.lstrip("-").replace(".", "").rstrip("0") or "0"
    if exponent < -4 or exponent >= 14:
        return f"{sign}{figures[0]}.{figures[1:] or '0'}E{exponent:+d}"
    if exponent < 0:
        return sign + "0." + "0" * (-exponent - 1) + figures
    whole, part = figures[:exponent + 1].ljust(exponent + 1, "0"), figures[exponent + 1:]
    return sign + whole + ("." + part if part else "")


def display(concept, php14=False):
    """The text of a CodeableConcept: its text, the selected coding, the first display, or the first code."""
    if not isinstance(concept, dict):
        return ""
    codings = items(concept.get("coding"))
    chosen = [coding for coding in codings if coding.get("userSelected") is True]
    choices = [text(concept.get("text"))] + [text(coding.get("display")) for coding in chosen + codings]
    choices += [text(coding.get("code")) for coding in codings]
    return next((choice for choice in choices if choice), "")


def boolean(value, php14):
    """1 for true, 0 for false."""
    return {True: "1", False: "0"}[value] if isinstance(value, bool) else ""


def pair(first, second, sign, reader):
    """A reader of two elements, which are joined by a sign. Empty if both are absent."""
    def read(value, php14):
        sides = [reader(value.get(name), php14) for name in (first, second)] if isinstance(value, dict) else []
        return sign.join(sides) if any(sides) else ""
    return read


def range_text(value, php14):
    """Both ends with a hyphen, or one end as a limit. Ends with different units have their units."""
    low, high = (value.get(name) if isinstance(value, dict) else None for name in ("low", "high"))
    below, above = (quantity(one, php14) if isinstance(one, dict) else "" for one in (low, high))
    if below and above:
        if unit_of_quantity(low) != unit_of_quantity(high):
            below, above = (f"{side} {text(one.get('unit')) or text(one.get('code'))}".strip()
                            for side, one in ((below, low), (above, high)))
        return f"{below}-{above}"
    one, sign = (below, ">=") if below else (above, "<=")
    return one if one[:1] in ("<", ">") or not one else sign + one


def ratio_text(value, php14):
    """Both sides with a slash. Empty if one side is missing."""
    sides = [value.get(name) if isinstance(value, dict) else None for name in ("numerator", "denominator")]
    sides = [quantity(one, php14) if isinstance(one, dict) else "" for one in sides]
    return "/".join(sides) if all(sides) else ""


def as_sent(value, php14):
    """A string, unchanged."""
    return text(value)


def nothing(value, php14):
    """SampledData and Attachment, which a field cannot hold."""
    return ""


READERS = {
    "valueQuantity": lambda value, php14: quantity(value, php14) if isinstance(value, dict) else "",
    "valueCodeableConcept": display, "valueString": as_sent, "valueBoolean": boolean, "valueInteger": number_text,
    "valueRange": range_text, "valueRatio": ratio_text,
    "valueTime": as_sent, "valueDateTime": as_sent, "valuePeriod": pair("start", "end", "/", as_sent),
    "valueSampledData": nothing, "valueAttachment": nothing,
}
