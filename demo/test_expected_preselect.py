"""The rules that choose one of several values."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from expected import record, times  # noqa: E402
from expected_support import chosen, concept, number, observation, weight  # noqa: E402


class Preselect(unittest.TestCase):
    """The preselected one of several values."""

    def test_min_max(self):
        rows = [weight("a", "9"), weight("b", "10.0"), weight("c", "1E1", "2020-01-09"),
                observation("d", valueString="high"),
                observation("e", valueQuantity={"value": number("99"), "comparator": ">"})]
        self.assertEqual(chosen(rows, "MAX"), "1E1")
        self.assertEqual(chosen(rows, "MIN"), "9")
        self.assertIsNone(chosen(rows[3:], "MAX"))
        precise = [weight("a", "1.00000000000000000001"), weight("b", "1.00000000000000000002")]
        self.assertEqual(chosen(precise, "MAX"), "1.00000000000000000002")
        self.assertEqual(chosen(precise, "MAX", php14=True), "1")

    def test_first_last(self):
        rows = [weight("a", "1", "2020-01-10T09:00:00Z"), weight("b", "2", "2020-01-10T10:00:00Z"),
                weight("c", "3", "2020-01-10T10:00:00.001Z")]
        self.assertEqual(chosen(rows, "FIRST"), "1")
        self.assertEqual(chosen(rows, "LAST"), "3")
        same = [weight("b", "2"), weight("a", "1")]
        self.assertEqual(chosen(same, "FIRST"), "1")
        self.assertEqual(chosen(same, "LAST"), "1")

    def test_different_units_or_offsets_cannot_be_compared(self):
        in_kg, in_lb = (observation(one, valueQuantity={"value": number("80"), "unit": one}) for one in ("kg", "lb"))
        mixed = [weight("a", "1", "2020-01-10T09:00:00-06:00"), weight("b", "2", "2020-01-10T10:00:00Z")]
        for rule in record.RULES:
            self.assertIsNone(chosen([in_kg, in_lb], rule), rule)
            self.assertIsNone(chosen(mixed, rule), rule)
        self.addCleanup(times.Site.set_zone, "")
        times.Site.set_zone("America/Chicago")
        self.assertEqual(chosen(mixed, "FIRST"), "2")
        twice = [weight("a", "1", "2019-11-03T07:10:00Z"), weight("b", "2", "2019-11-03T06:50:00Z")]
        self.assertEqual(chosen(twice, "FIRST", anchor="2019-11-03"), "2")

    def test_a_correction_replaces_the_final_result(self):
        rows = [weight("a", "90"), {**weight("b", "80"), "status": "corrected"}]
        for rule in record.RULES:
            self.assertEqual(chosen(rows, rule), "80", rule)

    def test_near(self):
        tie = [weight("a", "18", "2020-01-10T18:00:00Z"), weight("b", "6", "2020-01-10T06:00:00Z")]
        self.assertEqual(chosen(tie, "NEAR"), "6")
        self.assertEqual(chosen(tie, "NEAR", anchor="2020-01-10T12:30:00"), "18")
        days = [weight("a", "1", "2020-01-10"), weight("b", "2", "2020-01-10T23:00:00Z")]
        self.assertEqual(chosen(days, "NEAR"), "2")
        month = [weight("a", "1", "2020-01"), weight("b", "2", "2020-01-15T00:00:00Z")]
        self.assertEqual(chosen(month, "NEAR"), "2")
        self.assertEqual(chosen([weight("b", "2"), weight("a", "1")], "NEAR"), "1")

    def test_the_first_of_equal_components_is_chosen(self):
        panel = observation(component=[{"code": concept("1-1"), "valueQuantity": {"value": number("2")}},
                                       {"code": concept("1-1"), "valueQuantity": {"value": number("1")}}])
        self.assertEqual(chosen([panel], "FIRST"), "2")

    def test_without_a_rule_only_a_single_value_is_chosen(self):
        one, same, other = (weight("a", "1", "2020-01-02"), weight("b", "2"), weight("c", "3", "2020-01-10"))
        self.assertEqual(chosen([one]), "1")
        self.assertEqual(chosen([one, same]), "2")
        self.assertIsNone(chosen([one, same, other]))
        self.assertIsNone(chosen([one, weight("d", "4", "2020-01-03")]))
        self.assertIsNone(chosen([one, weight("d", "4", "2020-01")]))
        self.assertIsNone(chosen([one, same], temporal=""))
        self.assertEqual(chosen([one, same], "LAST", temporal=""), "2")
        self.assertIsNone(chosen([one, same], "NEAR", temporal=""))

    def test_values_of_other_patients_are_ignored(self):
        self.assertIsNone(chosen([{**weight("a", "1"), "subject": {"reference": "Patient/p2"}}]))


if __name__ == "__main__":
    unittest.main()
