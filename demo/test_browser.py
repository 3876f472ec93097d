"""Tests of the demo's browser, its output, its comparison of records, and its servers."""
import argparse
import contextlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import browser  # noqa: E402
import run  # noqa: E402
import studies  # noqa: E402
import web  # noqa: E402
from pages import Page  # noqa: E402

PAGE = """<!doctype html><title>A &amp; B</title><p role="alert">No.</p>
<form method="post" action="/next"><input type="hidden" name="session" value="s&quot;1">
<label>Name <input name="username" value="x"></label><input type="checkbox" name="accept" value="1" checked>
<input type="checkbox" name="accept" value="2"><button name="decision" value="approve">Yes</button>
<button name="decision" value="deny">No</button></form><code id="second-factor">012345</code>
<table><tr><th>Field</th></tr><tr><td>a</td><td> b <b>c</b>
d</td></tr></table>"""


CONTROLS = """<form id="leave" method="post"><button name="do" value="leave">Leave</button></form>
<input name="outside">
<form id="main" action="adjudicate.php">
<fieldset disabled><input name="off" value="1"></fieldset><input name="gone" disabled>
<input type="radio" name="decision[1]" value="accept:a&amp;b" checked>
<input type="radio" name="decision[1]" value="later">
<input type="checkbox" name="on" checked><input type="submit" name="sent" value="no"><input type="reset" name="never">
<select name="first"><option disabled>x</option><option> a  b </option><option value="c">d</option></select>
<select name="second"><option value="1">one</option><option value="2" selected>two</option></select>
<select name="many" multiple><option selected>p</option><option>q</option><option selected>r</option></select>
<textarea name="text">
line &lt;1>
line 2</textarea><button>Save record</button><button name="then" value="save">S</button>
<button name="then" value="pull">Fetch</button><button type="button" name="then" value="script">No</button></form>
<input form="main" name="apart" value="x">"""


class Pages(unittest.TestCase):
    """Pages and what their forms send."""

    def test_title_texts_and_tables(self):
        page = Page("http://x/", PAGE)
        form = page.forms[0]
        self.assertEqual((page.title, page.alerts, form.method, form.action), ("A & B", ["No."], "post", "/next"))
        self.assertEqual(page.notes["second-factor"], "012345")
        self.assertEqual(page.rows, [[], ["a", " b c\nd"]])
        self.assertTrue(form.has("username"))
        self.assertFalse(form.has("code"))

    def test_a_form_sends_checked_typed_and_clicked_values(self):
        form = Page("http://x/", PAGE).forms[0]
        fields = [("session", 's"1'), ("username", "x"), ("accept", "1")]
        self.assertEqual(form.submission({}), fields)
        typed = [("session", 's"1'), ("username", "y"), ("accept", "1"), ("decision", "approve")]
        self.assertEqual(form.submission({"username": "y"}, "decision"), typed)

    def test_every_control_sends_what_a_browser_sends(self):
        form = Page("http://x/", CONTROLS).forms[1]
        fields = [("decision[1]", "accept:a&b"), ("on", "on"), ("first", "a b"), ("second", "2"), ("many", "p"),
                  ("many", "r"), ("text", "line <1>\r\nline 2"), ("apart", "x")]
        self.assertEqual(form.submission({}), fields)
        self.assertEqual(form.submission({}, ("then", "pull"))[-1], ("then", "pull"))
        self.assertEqual(form.submission({}, ("then", "script")), fields)
        self.assertFalse(form.has("off") or form.has("gone") or form.has("outside"))

    def test_elements_without_an_end_tag(self):
        source = "<p>a<br/><form><input name=a /></form></b><p role=alert> No. </p><p id=saved>3 values"
        page = Page("http://x/", source)
        seen = page.alerts, page.notes["saved"], page.forms[0].fields
        self.assertEqual(seen, (["No."], "3 values", [("a", "")]))

    def test_a_password_can_contain_a_colon(self):
        self.assertEqual(browser.split_login("user:pass:word"), ("user", "pass:word"))


class Cookies(http.server.BaseHTTPRequestHandler):
    """Its title is the Cookie header of the request. It sets a Secure cookie."""

    def do_GET(self):  # pylint: disable=invalid-name
        """Sends the page."""
        body = f"<title>{self.headers.get('Cookie')}</title>".encode("ascii")
        self.send_response(200)
        self.send_header("Set-Cookie", "__Host-session=s1; Path=/; HttpOnly; Secure; SameSite=None; Partitioned")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """Logs nothing."""


class Secure(unittest.TestCase):
    """Secure cookies on http://localhost."""

    def test_a_secure_cookie_is_sent_to_its_host_only(self):
        with http.server.HTTPServer(("127.0.0.1", 0), Cookies) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            port, visitor = server.server_port, browser.Browser()
            titles = [visitor.open(f"http://{host}:{port}/").title for host in ("localhost", "127.0.0.1", "localhost")]
            server.shutdown()
        self.assertEqual(titles, ["None", "None", "__Host-session=s1"])


class Terminal(unittest.TestCase):
    """Text from an EHR is safe for a terminal."""

    def test_control_characters_are_escaped(self):
        self.assertEqual(run.printable("\x1b[31m\n\u202ea\u009b"), "\\u{1b}[31m\\u{a}\\u{202e}a\\u{9b}")
        self.assertEqual(run.printable("Długosz 林"), "Długosz 林")

    def test_cells_have_a_fixed_width(self):
        self.assertEqual(run.cell("林林", 6), "林林  ")
        self.assertEqual(run.cell("abcdef", 5), "ab...")
        self.assertEqual(run.cell("林林林", 5), "林...")


class Comparison(unittest.TestCase):
    """Differences from the expected record."""

    def test_a_missing_or_different_record_is_found(self):
        arguments = argparse.Namespace(host="rust", data=[], fhir="r4", patients=1, offset_days=7,
                                       time_zone="America/Chicago")
        with tempfile.TemporaryDirectory() as folder:
            demo = run.Demo(arguments, argparse.Namespace(folder=folder))
            visit = demo.visits[0]
            os.mkdir(demo.path("default"))
            self.assertEqual(demo.differences(visit, "default"), ["no record was saved"])
            with open(demo.path("expected-default-1.json"), encoding="utf-8") as file:
                record = json.load(file)
            for change, count in (({}, 0), ({"last_name": "X", "not_expected": "1"}, 2)):
                record["event_1_arm_1"].update(change)
                with open(demo.path("default", "1.json"), "w", encoding="utf-8") as file:
                    json.dump(record, file)
                self.assertEqual(len(demo.differences(visit, "default")), count)


class Servers(unittest.TestCase):
    """The servers and how they end."""

    def test_both_sockets_have_the_same_port(self):
        sockets = web.open_sockets()
        self.assertEqual(len({one.getsockname()[1] for one in sockets}), 1)
        for one in sockets:
            one.close()

    def test_one_project_has_no_mrn_in_its_mapping(self):
        without_mrn = [one["name"] for one in studies.projects(7) if "\nid,1,mrn," not in one["mapping"]]
        self.assertEqual(without_mrn, ["outcomes-survey"])

    def test_nothing_remains_after_the_demo_is_killed(self):
        code = ("import time, children; c = children.Children(); c.__enter__(); "
                "p = c.start(['sh', '-c', 'sleep 1000 & wait']); print(c.folder, p.child.pid, flush=True); "
                "time.sleep(1000)")
        with subprocess.Popen([sys.executable, "-c", code], cwd=os.path.dirname(os.path.abspath(__file__)),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as demo:
            folder, group = demo.stdout.readline().split()
            self.assertTrue(os.path.isdir(folder) and alive(int(group)))
            demo.kill()
            # The guard and the children also have the pipe open. It closes when the last of them ends.
            demo.communicate(timeout=60)
        self.assertFalse(os.path.exists(folder))


def alive(group):
    """Whether a process of this group is running. Ended processes that were not waited for (zombies) do not count."""
    for number in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{number}/stat", encoding="utf-8", errors="replace") as file:
            state, _parent, process_group = file.read().rpartition(")")[2].split()[:3]
            if int(process_group) == group and state != "Z":
                return True
    return False


if __name__ == "__main__":
    unittest.main()
