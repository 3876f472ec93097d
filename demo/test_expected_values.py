"""Observations: status, code, and the text of a value."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from expected import values  # noqa: E402
from expected_support import LOINC, concept, number, observation, texts, weight  # noqa: E402


class ObservationStatus(unittest.TestCase):
    """Which statuses of an Observation are used."""

    def test_only_final_and_corrected_results_are_used(self):
        for status in ("entered-in-error", "entered-in-error ", "Entered-In-Error", "cancelled", "registered",
                       "preliminary", "appended", "unknown", ""):
            self.assertEqual(texts({**weight("o", "1"), "status": status}), [], status)
        for status in ("final", "amended", "corrected"):
            self.assertEqual(texts({**weight("o", "1"), "status": status}), ["1"], status)
        self.assertEqual(texts({**weight("o", "1"), "status": "final", "modifierExtension": [{"url": "urn:x"}]}), [])
        self.assertEqual(texts(observation(status="unknown")), [])


class Matching(unittest.TestCase):
    """The elements of an Observation that have a code."""

    def test_only_loinc_or_no_system(self):
        value = {"valueQuantity": {"value": number("7")}}
        for system in (LOINC, "urn:oid:2.16.840.1.113883.6.1", None):
            self.assertEqual(texts({**observation(**value), "code": concept("1-1", system)}), ["7"], system)
        for system in ("http://loinc.org/", "urn:local", "HTTP://LOINC.ORG"):
            self.assertEqual(texts({**observation(**value), "code": concept("1-1", system)}), [], system)

    def test_any_coding_can_have_the_code(self):
        codes = {"coding": [{"system": "urn:local", "code": "9"}, {"system": LOINC, "code": "1-1"}]}
        self.assertEqual(texts({**weight("o", "7"), "code": codes}), ["7"])

    def test_a_panel_has_the_values_of_its_components(self):
        panel = observation(code="85354-9", component=[
            {"code": concept("8480-6"), "valueQuantity": {"value": number("120")}},
            {"code": concept("8462-4"), "dataAbsentReason": {"text": "?"}}])
        self.assertEqual(texts(panel, "8480-6"), ["120"])
        self.assertEqual(texts(panel, "8462-4"), [])
        self.assertEqual(texts(panel, "85354-9"), ["120"])
        both = {**panel, "valueQuantity": {"value": number("1")}}
        self.assertEqual(texts(both, "85354-9"), ["1"])
        self.assertEqual(texts(both, "8480-6"), ["120"])


class ValueText(unittest.TestCase):
    """The text of each value[x]."""

    def check(self, expected, php14=False, **value):
        self.assertEqual(texts(observation(**value), php14=php14), [expected] if expected else [])

    def test_a_quantity_keeps_its_digits(self):
        for digits in ("1.0", "5.10", "0.000001230", "1E2", "96.90476228975749", "12345678901234567890", "-0.50", "7"):
            self.check(digits, valueQuantity={"value": number(digits)})
        self.check("<5.0", valueQuantity={"value": number("5.0"), "comparator": "<"})
        self.check("<5", php14=True, valueQuantity={"value": number("5.0"), "comparator": "<"})
        self.check("", valueQuantity={"unit": "kg"})

    def test_php_with_precision_14(self):
        for digits, php in {"96.90476228975749": "96.904762289757", "143.57605784691222": "143.57605784691",
                            "1.0": "1", "5.10": "5.1", "1E2": "100", "0.000001230": "1.23E-6", "0.0001": "0.0001",
                            "0.00012345": "0.00012345", "0.00001": "1.0E-5", "0.0000001": "1.0E-7",
                            "10000000000000000000000000": "1.0E+25", "12345678901234567890": "1.2345678901235E+19",
                            "123456789012340.0": "1.2345678901234E+14", "12345678901234.5": "12345678901234",
                            "100000000000000.0": "1.0E+14", "10000000000000.0": "10000000000000",
                            "99999999999999.9": "1.0E+14", "1e100": "1.0E+100",
                            "9223372036854775807": "9223372036854775807",
                            "9223372036854775808": "9.2233720368548E+18",
                            "-9223372036854775808": "-9223372036854775808", "100": "100", "0": "0", "0.0": "0",
                            "-0.0": "-0", "-5.10": "-5.1", "1E999": "INF", "120.0": "120"}.items():
            self.assertEqual(values.php_text(digits), php, digits)

    def test_other_types(self):
        self.check(" as is ", valueString=" as is ")
        self.check("5.10", php14=True, valueString="5.10")
        self.check("1", valueBoolean=True)
        self.check("0", valueBoolean=False)
        self.check("42", valueInteger=number("42"))
        self.check("2020-01", valueDateTime="2020-01")
        self.check("10:30:00", valueTime="10:30:00")
        self.check("1.0-2.50", valueRange={"low": {"value": number("1.0")}, "high": {"value": number("2.50")}})
        self.check("1-2.5", php14=True, valueRange={"low": {"value": number("1.0")}, "high": {"value": number("2.50")}})
        self.check("<=2", valueRange={"high": {"value": number("2")}})
        self.check(">=-2", valueRange={"low": {"value": number("-2")}})
        self.check("1 g-1 kg", valueRange={"low": {"value": number("1"), "unit": "g"},
                                           "high": {"value": number("1"), "unit": "kg"}})
        self.check("", valueRatio={"numerator": {"value": number("1")}})
        self.check("<1/80", valueRatio={"numerator": {"value": number("1"), "comparator": "<"},
                                       "denominator": {"value": number("80")}})
        self.check("2020/2021-02", valuePeriod={"start": "2020", "end": "2021-02"})
        self.check("", valueSampledData={"data": "1 2"})
        self.check("", valueAttachment={"data": "eA=="})
        self.check("", dataAbsentReason={"text": "unknown"})
        self.check("", valueString="  ")

    def test_codeable_concept(self):
        codings = [{"code": "a"}, {"code": "b", "display": "B"}, {"code": "c", "display": "C", "userSelected": True}]
        self.check("T", valueCodeableConcept={"text": "T", "coding": codings})
        self.check("C", valueCodeableConcept={"coding": codings})
        self.check("B", valueCodeableConcept={"coding": codings[:2]})
        self.check("a", valueCodeableConcept={"coding": codings[:1]})
        self.check("", valueCodeableConcept={})


if __name__ == "__main__":
    unittest.main()
