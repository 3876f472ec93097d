"""The commands of expected.py, with the patients of the simulator."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from expected import record  # noqa: E402
from expected_support import HERE, MAPPING, PATIENTS, run  # noqa: E402


class Commands(unittest.TestCase):
    """The command line, with the patients in the simulator."""

    def test_compare_prints_the_differences(self):
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, name) for name in ("a.json", "b.json")]
            for name, value in zip(names, ({"e": {"f": "1.0", "g": "x"}}, {"e": {"f": "1", "g": "x", "visit_date": "d",
                                                                                  "h": ""}})):
                with open(name, "w", encoding="utf-8") as file:
                    json.dump(value, file)
            code, _ = run("compare", "--expected", names[0], "--saved", names[0])
            self.assertEqual(code, 0)
            done = subprocess.run([sys.executable, os.path.join(HERE, "expected.py"), "compare", "--expected",
                                   names[0], "--saved", names[1], "--ignore", "visit_date"],
                                  stdout=subprocess.PIPE, check=False)
            self.assertEqual((done.returncode, done.stdout.decode().strip()), (1, "e f: expected '1.0', saved '1'"))

    def test_compare_lists_in_any_order(self):
        left, right = {"e": {"l": "a\nb"}}, {"e": {"l": "b\na"}}
        self.assertEqual(len(record.differences(left, right)), 1)
        self.assertEqual(record.differences(left, right, any_order={"l"}), [])
        self.assertEqual(len(record.differences(left, {"e": {"l": "b"}}, any_order={"l"})), 1)
        self.assertEqual(record.differences({"e": {"f": "1"}}, {"e": {"f": 1}}), ["e f: expected '1', saved 1"])

    def record_of(self, mrn, date, *more):
        code, out = run("record", "--data", PATIENTS, "--mapping", MAPPING, "--mrn", mrn, "--visit-date", date,
                        "--offset-days", "7", "--offset-plus-minus", "+-", *more)
        self.assertEqual(code, 0)
        return json.loads(out)["event_1_arm_1"]

    def test_the_records_of_the_simulators_patients(self):
        self.assertEqual(len(json.loads(run("visits", "--data", PATIENTS)[1])), 6)
        self.assertEqual(len(json.loads(run("visits", "--data", PATIENTS, "--fhir", "dstu2")[1])), 2)
        maeve = self.record_of("12345", "2019-07-12")
        expected = {"mrn": "12345", "last_name": "O'Brádaigh-Núñez", "body_weight": "96.90476228975749",
                  "body_weight_min": "60.5", "body_height": "170.10", "systolic": "128.0", "diastolic": "81",
                  "na": "143", "glucose_serum": "5.10", "hba1c": "6.1", "temp_oral": "37.0",
                  "temp_body": "37.5", "smoking": "Ex-smoker (finding)", "phone_home": "(555) 010-0102"}
        # In Chicago, 143 was measured at 19:10 of that day, 7 hours after noon; 141.0 at 01:00, 11 hours before it. Of the
        # two body temperatures, 38.25 was measured at 22:00 of the day before.
        self.assertEqual({key: maeve.get(key) for key in expected}, expected)
        as_sent = self.record_of("12345", "2019-07-12", "--time-zone", "")
        self.assertNotIn("body_weight", as_sent)
        self.assertNotIn("temp_body", as_sent)
        self.assertEqual(self.record_of("12345", "2019-07-12", "--text", "php14")["glucose_serum"], "5.1")
        self.assertEqual(self.record_of("0700123", "2021-05-03")["last_name"], "<script>alert(1)</script>")
        self.assertEqual(self.record_of("00000006931", "2016-03-14")["mrn"], "00000006931")
        self.assertEqual(run("record", "--data", PATIENTS, "--mapping", MAPPING, "--mrn", "SHARED-4711")[0], 2)

    def test_the_header_of_a_mapping_is_checked(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
            file.write("a,b\n1,2\n")
        self.addCleanup(os.unlink, file.name)
        with self.assertRaises(ValueError):
            record.read_mapping(file.name)


if __name__ == "__main__":
    unittest.main()
