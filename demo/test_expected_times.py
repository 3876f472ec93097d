"""Times of observations, and the window around a visit date."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from expected import times, values  # noqa: E402
from expected_support import chosen, weight  # noqa: E402


class Times(unittest.TestCase):
    """The time of an observation, and the period that it covers."""

    def test_the_order_of_the_time_elements(self):
        base = {"issued": "2020-01-05T00:00:00Z"}
        self.assertEqual(values.time_of(base).text, "2020-01-05T00:00:00Z")
        self.assertEqual(values.time_of({**base, "effectivePeriod": {"end": "2020-01-04"}}).text, "2020-01-04")
        period = {"effectivePeriod": {"start": "2020-01-03", "end": "2020-01-04"}}
        self.assertEqual(values.time_of({**base, **period}).text, "2020-01-03")
        instant = {"effectiveInstant": "2020-01-02T00:00:00Z"}
        self.assertEqual(values.time_of({**base, **period, **instant}).text, "2020-01-02T00:00:00Z")
        self.assertEqual(values.time_of({**base, **instant, "effectiveDateTime": "2020"}).text, "2020")
        self.assertIsNone(values.time_of({}))

    def test_a_time_covers_its_precision(self):
        self.assertEqual(str(times.parse("2020").end), "2020-12-31 23:59:59.999999")
        self.assertEqual(str(times.parse("2020-02").end), "2020-02-29 23:59:59.999999")
        self.assertEqual(str(times.parse("2020-02-03").end), "2020-02-03 23:59:59.999999")
        self.assertEqual(str(times.parse("2020-02-03T10:11:12.5-06:00").start), "2020-02-03 10:11:12.500000")
        self.assertEqual(times.parse("2020-02-03T23:59:60Z").start.second, 59)
        for wrong in ("", "2020-13", "2020-02-30", "yesterday", "20200203", "2020-02-03T25:00:00Z"):
            self.assertIsNone(times.parse(wrong), wrong)

    def test_a_temporal_field_needs_a_time(self):
        untimed = weight("a", "5")
        del untimed["effectiveDateTime"]
        self.assertIsNone(chosen([untimed]))
        self.assertEqual(chosen([untimed], temporal=""), "5")


class Windows(unittest.TestCase):
    """The window around a visit date."""

    def inside(self, time, anchor="2020-01-10", days=2, sign="+-"):
        return chosen([weight("a", "5", time)], "FIRST", anchor, days, sign) == "5"

    def test_a_date_includes_its_whole_day(self):
        for time in ("2020-01-08T00:00:00Z", "2020-01-12T23:59:59.999-06:00", "2020-01-10"):
            self.assertTrue(self.inside(time), time)
        for time in ("2020-01-07T23:59:59Z", "2020-01-13T00:00:00Z", "2020-01-13"):
            self.assertFalse(self.inside(time), time)

    def test_a_window_can_be_before_or_after_only(self):
        self.assertTrue(self.inside("2020-01-10T00:00:00Z", sign="+"))
        self.assertFalse(self.inside("2020-01-09T23:59:59Z", sign="+"))
        self.assertTrue(self.inside("2020-01-12T23:00:00Z", sign="+"))
        self.assertTrue(self.inside("2020-01-10T23:59:59Z", sign="-"))
        self.assertFalse(self.inside("2020-01-11T00:00:00Z", sign="-"))
        self.assertTrue(self.inside("2020-01-08T00:00:00Z", sign="-"))

    def test_a_date_time_keeps_its_time_of_day(self):
        anchor = "2020-01-10 10:51"
        self.assertTrue(self.inside("2020-01-08T10:51:00Z", anchor))
        self.assertFalse(self.inside("2020-01-08T10:50:59Z", anchor))
        self.assertTrue(self.inside("2020-01-12T10:51:00Z", anchor))
        self.assertFalse(self.inside("2020-01-12T10:51:01Z", anchor))
        self.assertFalse(self.inside("2020-01-10T10:50:00Z", anchor, sign="+"))
        self.assertFalse(self.inside("2020-01-10T10:52:00Z", anchor, sign="-"))

    def test_partial_dates_overlap(self):
        for time in ("2020", "2020-01"):
            self.assertTrue(self.inside(time), time)
        self.assertFalse(self.inside("2020-02"))
        self.assertFalse(self.inside("2019"))

    def test_a_temporal_field_needs_a_visit_date(self):
        self.assertIsNone(chosen([weight("a", "5")], "MAX", anchor=""))

    def test_a_window_ends_with_the_calendar(self):
        self.assertEqual(chosen([weight("a", "5")], "MAX", days=4000000), "5")
        with self.assertRaises(ValueError):
            times.anchor_of("2020-01")


if __name__ == "__main__":
    unittest.main()
