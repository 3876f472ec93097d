"""The patient with an MRN, and the demographic fields."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from expected import patient, record  # noqa: E402
from expected_support import PATIENT, concept, number, store, weight  # noqa: E402


class Mrn(unittest.TestCase):
    """The patient with an MRN."""

    def test_a_current_identifier_is_found(self):
        typed = {"type": {"coding": [{"system": "http://hl7.org/fhir/v2/0203", "code": "MR"}]}}
        whole = store({"resourceType": "Patient", "id": "a", "identifier": [{"system": "s", "value": "1"}]},
                      {"resourceType": "Patient", "id": "b", "identifier": [{**typed, "system": "t", "value": " 1 "}]},
                      {"resourceType": "Patient", "id": "c", "identifier": [
                          {**typed, "value": "2", "use": "old"}, {**typed, "value": "3", "period": {"end": "2001"}},
                          {"type": {"text": "MRN"}, "value": "4", "_value": {"extension": [
                              {"url": "http://hl7.org/fhir/StructureDefinition/rendered-value",
                               "valueString": "0004"}]}}]},
                      {"resourceType": "Patient", "id": "d", "identifier": [{"system": "s", "value": "9"}]},
                      {"resourceType": "Patient", "id": "e", "identifier": [{"system": "s", "value": "9"}]})
        self.assertEqual(patient.find(whole, "1").id, "b")
        self.assertEqual(patient.find(whole, "1", "s").id, "a")
        self.assertEqual(patient.find(whole, "4").id, "c")
        self.assertEqual(patient.find(whole, "0004").id, "c")
        for mrn in ("2", "3", "9", "none"):
            with self.assertRaises(LookupError):
                patient.find(whole, mrn)

    def test_the_visit_date_is_that_of_the_latest_weight(self):
        whole = store({**PATIENT, "identifier": [{"type": {"text": "MRN"}, "system": "s", "value": "7"}]},
                      weight("a", "1", "2020-03-04T23:00:00-06:00") | {"code": concept("29463-7")},
                      weight("b", "1", "2021") | {"code": concept("29463-7")}, weight("c", "1", "2022-01-01"),
                      weight("d", "1", "2023-01-01", status="cancelled") | {"code": concept("29463-7")},
                      {"resourceType": "Patient", "id": "p2"})
        self.assertEqual(record.visits(whole), [
            {"id": "p1", "mrn": "7", "mrn_system": "s", "visit_date": "2020-03-04"},
            {"id": "p2", "mrn": None, "mrn_system": None}])


class Demographics(unittest.TestCase):
    """The demographic fields."""

    def field(self, field_name, /, **resource):
        return patient.FIELDS[field_name](resource)

    def test_names(self):
        names = [{"use": "old", "family": "O"}, {"use": "maiden", "family": "M"}, {"family": "Plain"},
                 {"use": "usual", "family": "U"}, {"use": "official", "family": ["van", "X"], "given": ["A", "B."]}]
        self.assertEqual(self.field("name-family", name=names), "van X")
        self.assertEqual(self.field("name-given", name=names), "A B.")
        self.assertEqual(self.field("name-family", name=names[:4]), "U")
        self.assertEqual(self.field("name-family", name=names[:3]), "Plain")
        self.assertEqual(self.field("name-family", name=names[:2]), "")
        past = {"use": "official", "family": "Past", "period": {"end": "2001"}}
        self.assertEqual(self.field("name-family", name=[past] + names[:3]), "Plain")
        planned = {**past, "period": {"start": "2999-01"}}
        self.assertEqual(self.field("name-family", name=[planned] + names[:3]), "Plain")
        whole = [{"use": "official", "text": "A. van X"}]
        self.assertEqual([self.field(part, name=whole) for part in ("name-given", "name-family")], ["", "A. van X"])
        self.assertEqual(self.field("name-family", name=whole + names[3:4]), "U")
        future = {**past, "period": {"end": "2999-01"}}
        self.assertEqual(self.field("name-family", name=[future]), "Past")

    def test_gender(self):
        birth = [{"url": "http://x/us-core-birthsex", "valueCode": "F"}]
        for sent, expected in {"male": "M", "Female ": "F", "other": "UNK", "unknown": "UNK"}.items():
            self.assertEqual(self.field("gender", gender=sent, extension=birth), expected)
        self.assertEqual(self.field("gender", extension=birth), "F")
        cerner = [{"url": "http://x/us-core-birth-sex", "valueCodeableConcept": {"coding": [{"code": "M"}]}}]
        self.assertEqual(self.field("gender", extension=cerner), "M")
        self.assertEqual(self.field("gender"), "UNK")

    def test_race_and_ethnicity(self):
        def parts(*subs):
            return [{"url": "http://x/us-core-race", "extension": [
                {"url": level, "valueCoding": {"system": system, "code": code}} for level, system, code in subs]
                + [{"url": "text", "valueString": "T"}]}]
        cdc, null = "urn:oid:2.16.840.1.113883.6.238", "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
        both = parts(("detailed", cdc, "1586-7"), ("ombCategory", cdc, "2106-3"), ("ombCategory", cdc, "1002-5"))
        self.assertEqual(self.field("race", extension=both), "2106-3")
        self.assertEqual(self.field("race_all_codes", extension=both), "2106-3,1002-5,1586-7")
        hidden = parts(("ombCategory", null, "UNK"), ("detailed", cdc, "1586-7"))
        self.assertEqual(self.field("race", extension=hidden), "1586-7")
        self.assertEqual(self.field("race_all_codes", extension=hidden), "1586-7")
        self.assertEqual(self.field("race", extension=parts(("detailed", cdc, "1586-7"))), "1586-7")
        for flavor in ("UNK", "ASKU", "NI"):
            self.assertEqual(self.field("race", extension=parts(("ombCategory", null, flavor))), "UNK")
        self.assertEqual(self.field("race", extension=parts()), "")
        self.assertEqual(self.field("race"), "")
        coded = [{"url": "http://x/us-core-race", "valueCodeableConcept": {"coding": [
            {"system": "urn:local", "code": "1"}, {"system": "http://hl7.org/fhir/v3/Race", "code": "2028-9"}]}}]
        self.assertEqual(self.field("race", extension=coded), "2028-9")
        coded[0]["valueCodeableConcept"]["coding"].pop()
        self.assertEqual(self.field("race", extension=coded), "1")
        argonaut = [{"url": "http://fhir.org/guides/argonaut/StructureDefinition/argo-ethnicity", "extension": [
            {"url": "ombCategory", "valueCoding": {"code": "2135-2"}}]}]
        self.assertEqual(self.field("ethnicity", extension=argonaut), "2135-2")

    def test_address(self):
        places = [{"use": "home", "city": "Past", "period": {"end": "2001-01-01"}}, {"use": "old", "city": "Old"},
                  {"use": "work", "city": "Work"}, {"use": "home", "line": ["1 A", "2 B"], "city": "Home"}]
        self.assertEqual(self.field("address-line", address=places), "1 A, 2 B")
        self.assertEqual(self.field("address-city", address=places[:3]), "Work")
        self.assertEqual(self.field("address-city", address=places[:2]), "")

    def test_telecom(self):
        contacts = [{"system": "phone", "use": "old", "value": "0"}, {"system": "phone", "use": "home", "value": "1"},
                    {"system": "phone", "use": "home", "value": "2", "rank": number("2")},
                    {"system": "phone", "use": "home", "value": "3", "rank": number("1")},
                    {"system": "phone", "use": "mobile", "value": "4"}, {"system": "email", "value": "e1"},
                    {"system": "email", "value": "e2", "use": "old"}, {"system": "email", "value": "e3"},
                    {"system": "email", "value": "e4", "rank": number("9")}]
        self.assertEqual(self.field("phone-home", telecom=contacts), "3")
        self.assertEqual(self.field("phone-home", telecom=contacts[:2]), "1")
        self.assertEqual(self.field("phone-mobile", telecom=contacts), "4")
        self.assertEqual([self.field(name, telecom=contacts) for name in ("email", "email-2", "email-3")],
                         ["e4", "e1", "e3"])
        self.assertEqual(self.field("email"), "")

    def test_language_marital_deceased_birth(self):
        spoken = [{"language": {"coding": [{"code": "es"}]}},
                  {"language": {"text": "English", "coding": [{"code": "en", "display": "E"}]}, "preferred": True}]
        self.assertEqual(self.field("preferred-language", communication=spoken), "English")
        self.assertEqual(self.field("preferred-language", communication=spoken[:1]), "es")
        codings = [{"system": "urn:local", "code": "1"}, {"system": "http://hl7.org/fhir/v3/MaritalStatus", "code": "M"}]
        self.assertEqual(self.field("marital-status", maritalStatus={"coding": codings, "text": "T"}), "M")
        self.assertEqual(self.field("marital-status", maritalStatus={"coding": codings[:1]}), "1")
        self.assertEqual(self.field("marital-status", maritalStatus={"text": "T"}), "T")
        self.assertEqual(self.field("deceasedBoolean"), "0")
        self.assertEqual(self.field("deceasedBoolean", deceasedBoolean=True), "1")
        self.assertEqual(self.field("deceasedBoolean", deceasedDateTime="2017-09"), "1")
        self.assertEqual(self.field("deceasedDateTime", deceasedDateTime="2017-09"), "2017-09")
        self.assertEqual(self.field("birthDate", birthDate="1961-04"), "1961-04")


if __name__ == "__main__":
    unittest.main()
