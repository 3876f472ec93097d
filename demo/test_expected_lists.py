"""Lists: problems, medications, allergies, immunizations."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from expected import lists, times  # noqa: E402
from expected_support import CATEGORY, PATIENT, concept, store  # noqa: E402


class ListStatus(unittest.TestCase):
    """Which entries are left out of a list."""

    def test_refuted_and_erroneous_entries_are_left_out(self):
        def concept_of(code):
            return {"coding": [{"code": code}]}
        for resource in ({"resourceType": "Condition", "verificationStatus": concept_of("refuted")},
                         {"resourceType": "Condition", "verificationStatus": "entered-in-error "},
                         {"resourceType": "AllergyIntolerance", "status": "refuted"},
                         {"resourceType": "AllergyIntolerance", "verificationStatus": concept_of("refuted")},
                         {"resourceType": "AllergyIntolerance", "status": "entered-in-error"},
                         {"resourceType": "Immunization", "status": "not-done"},
                         {"resourceType": "Immunization", "status": "completed", "wasNotGiven": True},
                         {"resourceType": "MedicationOrder", "status": " ENTERED-IN-ERROR"}):
            self.assertTrue(lists.excluded(resource), resource)
        self.assertFalse(lists.excluded({"resourceType": "Immunization", "status": "completed", "wasNotGiven": False}))


class Lists(unittest.TestCase):
    """Problems, medications, allergies, immunizations."""

    def of(self, field, *resources, bounds=None):
        whole = store(PATIENT, *[{"subject": {"reference": "Patient/p1"}, **one} for one in resources])
        return lists.entries(whole, whole.entries[0], field, bounds)

    def test_problems_and_their_order(self):
        def problem(identity, status=None, **more):
            return {"resourceType": "Condition", "id": identity, "code": {"text": identity}, "clinicalStatus": status,
                    **more}
        coded = {"coding": [{"code": "recurrence"}]}
        found = self.of("active-problem-list", problem("z", "active", recordedDate="2020-01-01T10:00:00-06:00"),
                        problem("y", coded, onsetDateTime="2019-12", category=[concept("problem-list-item", CATEGORY)]),
                        problem("s", "active", category=[concept("encounter-diagnosis", CATEGORY)]),
                        problem("r", abatementDateTime="2020"), problem("q", modifierExtension=[{"url": "urn:x"}]),
                        problem("x"), problem("w", "resolved"), problem("v", "relapse", dateRecorded="2020-01-01"),
                        problem("u", "active", recordedDate="2020-01-01"),
                        problem("t", "active", verificationStatus="refuted"))
        self.assertEqual(found, ["x", "y", "u", "v", "z"])
        self.assertEqual(self.of("resolved-problem-list", problem("w", "resolved")), ["w"])
        visit = problem("s", "resolved", category=[concept("encounter-diagnosis", CATEGORY)])
        self.assertEqual(self.of("encounter-diagnosis-list", visit, problem("w")), ["s"])
        self.assertEqual(self.of("active-problem-list", {"resourceType": "Condition", "id": "n"}), [])

    def test_medications(self):
        def drug(identity, status="active", **more):
            return {"resourceType": "MedicationRequest", "id": identity, "status": status, **more}
        contained = {"contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "C"}}],
                     "medicationReference": {"reference": "#m", "display": "D"}}
        found = self.of("active-medications-list", drug("1", medicationCodeableConcept={"text": "A"}),
                        drug("2", **contained), drug("3", medicationReference={"reference": "Medication/9",
                                                                               "display": "R"}),
                        drug("4", intent="plan", medicationCodeableConcept={"text": "P"}),
                        drug("5", "draft", medicationCodeableConcept={"text": "Q"}),
                        drug("7", doNotPerform=True, medicationCodeableConcept={"text": "N"}),
                        {**drug("6", medicationCodeableConcept={"text": "O"}), "resourceType": "MedicationOrder"})
        self.assertEqual(found, ["A", "C", "R", "O"])
        self.assertEqual(self.of("draft-medications-list", drug("5", "draft", medicationCodeableConcept={"text": "Q"})),
                         ["Q"])

    def test_allergies(self):
        def allergy(identity, **more):
            return {"resourceType": "AllergyIntolerance", "id": identity, "code": {"text": identity}, **more}
        self.assertEqual(self.of("allergy-list", allergy("a"), allergy("b", status="confirmed"),
                                 allergy("c", status="resolved"), allergy("d", status="unconfirmed"),
                                 allergy("e", clinicalStatus={"coding": [{"code": "inactive"}]}),
                                 allergy("f", clinicalStatus={"coding": [{"code": "active"}]}),
                                 {"resourceType": "AllergyIntolerance", "id": "g", "substance": {"text": "S"}}),
                         ["a", "b", "d", "f", "S"])

    def test_immunizations_in_a_window(self):
        def shot(identity, **more):
            return {"resourceType": "Immunization", "id": identity, "vaccineCode": {"text": identity}, **more}
        shots = [shot("a", occurrenceDateTime="2020-01-10"), shot("b", date="1982"), shot("c", status="not-done")]
        self.assertEqual(self.of("immunization-list", *shots), ["b", "a"])
        bounds = times.window(times.anchor_of("2020-01-10"), 1, "+-")
        self.assertEqual(self.of("immunization-list", *shots, bounds=bounds), ["a"])


if __name__ == "__main__":
    unittest.main()
