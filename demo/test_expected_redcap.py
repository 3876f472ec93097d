"""Compares with what REDCap itself stored for known patients. The corpus with its records is not part of the project."""
import glob
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from expected import data, patient, record  # noqa: E402
from expected_support import MAPPING, ROOT  # noqa: E402

CORPUS = os.environ.get("FHIR_EHR_CORPUS") or os.path.join(os.path.dirname(ROOT), "shared", "data")


class StoredByRedcap(unittest.TestCase):
    """Records that REDCap stored for known patients."""

    NAMES = {"first_name": "first_name", "last_name": "last_name", "dob": "dob", "sex": "sex", "race": "race",
             "ethnicity": "ethnicity", "address_line": "address_line", "address_city": "address_city",
             "address_state": "address_state", "address_postalcode": "address_postalcode",
             "address_country": "address_country", "phone_home": "phone_home", "is_deceased": "is_deceased",
             "marital_status": "marital_status"}

    def setUp(self):
        if not os.path.isdir(os.path.join(CORPUS, "redcap_oracle")):
            message = "SKIPPED: the records of REDCap were NOT checked. Set FHIR_EHR_CORPUS to the folder of the corpus."
            print("\n*** " + message, file=sys.stderr)
            self.skipTest(message)

    def test_records_equal_those_of_redcap(self):
        for name in sorted(glob.glob(os.path.join(CORPUS, "redcap_oracle", "*.json"))):
            with self.subTest(os.path.basename(name)), open(name, encoding="utf-8") as file:
                self.compare_demographics(json.load(file))

    def compare_demographics(self, oracle):
        path = os.path.join(CORPUS, oracle["file"])
        whole = data.load([path])
        found = patient.find(whole, oracle["mrn"], oracle["mrn_identifier_system"])
        demographics = oracle["cdm_demographics"]
        self.assertEqual(found.id, demographics["patient_fhir_id"])
        rows = record.read_mapping(MAPPING)
        built = record.build(whole, found, oracle["mrn"], rows, record.Request("", 7, "+-", True))["event_1_arm_1"]
        for theirs, ours in self.NAMES.items():
            self.assertEqual(built.get(ours, ""), demographics.get(theirs, ""), theirs)
        if "cdp" in oracle:
            self.compare_pull(whole, found, oracle)

    def compare_pull(self, whole, found, oracle):
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "mapping.csv")
            with open(name, "w", encoding="utf-8") as file:
                file.write(oracle["cdp"]["mapping_csv"])
            rows = record.read_mapping(name)
        bare = record.build(whole, found, "m", rows, record.Request("", 365, "+-", True))["event_1_arm_1"]
        self.assertEqual(bare, {"mrn": "m", **oracle["cdp"]["without_visit_date"]["saved"]})
        visit = record.build(whole, found, "m", rows, record.Request("2017-07-14", 365, "+-", True))["event_1_arm_1"]
        saved = oracle["cdp"]["visit_date_2017-07-14_offset_365_plusminus"]["preselected"]
        self.assertEqual({key: visit.get(key) for key in saved}, saved)

    def test_every_synthea_patient_has_a_record(self):
        for version, marker in (("r4", "r4"), ("dstu2", "dstu2")):
            whole = data.load([os.path.join(CORPUS, "synthea", version)])
            seen = record.visits(whole, marker)
            self.assertEqual(len(seen), len(whole.of_type("Patient")))
            for visit in seen:
                self.assertEqual(visit["mrn_system"], "http://hospital.smarthealthit.org")
                found = patient.find(whole, visit["mrn"])
                request = record.Request(visit.get("visit_date", ""), 7, "+-", False)
                built = record.build(whole, found, visit["mrn"], record.read_mapping(MAPPING), request)
                self.assertIn("last_name", built["event_1_arm_1"])


if __name__ == "__main__":
    unittest.main()
