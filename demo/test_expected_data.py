"""Loading of FHIR files, and the patient that a resource belongs to."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from expected import data  # noqa: E402
from expected_support import HERE, PATIENT, run, store  # noqa: E402


class Loading(unittest.TestCase):
    """Bundles, single resources, and files that are left out."""

    def test_bundles_and_resources_are_loaded_and_invalid_files_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            files = {
                "transaction.json": '{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1",'
                                    '"resource":{"resourceType":"Patient","id":"a"}}]}',
                "searchset.json": '{"resourceType":"Bundle","type":"searchset","entry":[{"search":{"mode":"outcome"},'
                                  '"resource":{"resourceType":"OperationOutcome"}},'
                                  '{"resource":{"resourceType":"Observation","id":"o","valueInteger":5.10}}]}',
                "again.json": '\ufeff{"resourceType":"Observation","id":"o"}',
                "single.json": '{"resourceType":"Condition","id":"c"}',
                "nan.json": '{"resourceType":"Condition","id":"n","x":NaN}',
                "broken.json": "{", "list.json": "[1]", "other.json": '{"a":1}', "page.txt": "{}",
                "deep.json": "[" * 100000,
            }
            for name, content in files.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(content)
            with open(os.path.join(folder, "latin.json"), "wb") as file:
                file.write(b'{"resourceType":"Condition\xff"}')
            found = data.load([folder])
        kinds = sorted(entry.type for entry in found.entries)
        self.assertEqual(kinds, ["Condition", "Observation", "OperationOutcome", "Patient"])
        self.assertEqual(found.of_type("Patient")[0].url, "urn:uuid:1")

    def test_a_missing_folder_is_an_error(self):
        self.assertEqual(run("visits", "--data", os.path.join(HERE, "no-such-folder"))[0], 2)

    def test_references_to_a_patient(self):
        who = store(PATIENT).entries[0]
        for reference in ("Patient/p1", "urn:uuid:p-url", "urn:uuid:p1", "https://x/r4/Patient/p1",
                          "Patient/p1/_history/3"):
            self.assertTrue(data.belongs({"subject": {"reference": reference}}, who), reference)
            self.assertTrue(data.belongs({"patient": {"reference": reference}}, who), reference)
        for reference in ("Patient/p11", "Patient/xp1", "Group/p1", "", "#p1"):
            self.assertFalse(data.belongs({"subject": {"reference": reference}}, who), reference)
        self.assertFalse(data.belongs({}, who))


if __name__ == "__main__":
    unittest.main()
