"""Tests of the demo's browser and of what it prints."""
import argparse
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import browser  # noqa: E402
import run  # noqa: E402

PAGE = """<!doctype html><title>A &amp; B</title><p role="alert">No.</p>
<form method="post" action="/next"><input type="hidden" name="session" value="s&quot;1">
<label>Name <input name="username" value="x"></label><input type="checkbox" name="accept" value="1" checked>
<input type="checkbox" name="accept" value="2"><button name="decision" value="approve">Yes</button>
<button name="decision" value="deny">No</button></form><code id="second-factor">012345</code>
<table><tr><th>Field</th></tr><tr><td>a</td><td> b <b>c</b>
d</td></tr></table>"""


class Pages(unittest.TestCase):
    """What a browser sees."""

    def test_a_page(self):
        page = browser.Page("http://x/", PAGE)
        form = page.forms[0]
        self.assertEqual((page.title, page.alerts, form.method, form.action), ("A & B", ["No."], "post", "/next"))
        self.assertEqual(page.notes["second-factor"], "012345")
        self.assertEqual(page.rows, [[], ["a", " b c\nd"]])
        self.assertTrue(form.has("username"))
        self.assertFalse(form.has("code"))

    def test_a_form_sends_what_is_ticked_typed_and_pressed(self):
        form = browser.Page("http://x/", PAGE).forms[0]
        fields = [("session", 's"1'), ("username", "x"), ("accept", "1")]
        self.assertEqual(form.filled({}), fields)
        typed = [("session", 's"1'), ("username", "y"), ("accept", "1"), ("decision", "approve")]
        self.assertEqual(form.filled({"username": "y"}, "decision"), typed)

    def test_a_password_may_hold_a_colon(self):
        self.assertEqual(browser.split("user:pass:word"), ("user", "pass:word"))


class Terminal(unittest.TestCase):
    """What an EHR sends cannot play with the terminal."""

    def test_nothing_but_signs(self):
        self.assertEqual(run.shown("\x1b[31m\n\u202ea\u009b"), "\\u{1b}[31m\\u{a}\\u{202e}a\\u{9b}")
        self.assertEqual(run.shown("Długosz 林"), "Długosz 林")

    def test_cells_have_their_width(self):
        self.assertEqual(run.cell("林林", 6), "林林  ")
        self.assertEqual(run.cell("abcdef", 5), "ab...")
        self.assertEqual(run.cell("林林林", 5), "林...")


class Judging(unittest.TestCase):
    """A record that is not as expected is found."""

    def test_differences(self):
        arguments = argparse.Namespace(host="rust", data=[], fhir="r4", patients=1, offset_days=7)
        with tempfile.TemporaryDirectory() as folder:
            demo = run.Demo(arguments, argparse.Namespace(folder=folder))
            visit = demo.visits[0]
            os.mkdir(demo.path("default"))
            self.assertEqual(demo.differences(visit, "default"), ["nothing was saved"])
            with open(demo.path("expected-default-1.json"), encoding="utf-8") as file:
                record = json.load(file)
            for change, count in (({}, 0), ({"last_name": "X", "not_expected": "1"}, 2)):
                record["event_1_arm_1"].update(change)
                with open(demo.path("default", "1.json"), "w", encoding="utf-8") as file:
                    json.dump(record, file)
                self.assertEqual(len(demo.differences(visit, "default")), count)


if __name__ == "__main__":
    unittest.main()
