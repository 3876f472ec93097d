"""A browser for `make demo`: launches the application from the EHR's page and continues until the record is saved.

It uses only HTML and HTTP (pages.py): forms, redirects and cookies. It prints a report as JSON.
"""
import argparse
import http.cookiejar
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from pages import Page

# A pull can take two minutes.
TIMEOUT_SECONDS = 150
MAX_PAGES = 30


class Browser:
    """A browser with its cookies and the titles of its pages."""

    def __init__(self):
        # Like real browsers it sends Secure cookies to http://localhost.
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("https", "http"))
        self.cookies = http.cookiejar.CookieJar(policy)
        self.redirects = Redirects()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies), self.redirects)
        self.titles = []

    def open(self, url, data=None):
        """The page at a URL, after redirects. An HTTP error ends the visit."""
        self.redirects.callback = None
        try:
            with self.opener.open(url, data=data, timeout=TIMEOUT_SECONDS) as answer:
                page = Page(answer.url, answer.read().decode("utf-8"))
        except urllib.error.HTTPError as problem:
            page = Page(problem.url or url, problem.read().decode("utf-8", "replace"))
            raise BrowserError(f"{problem.code}: {page.title} {' '.join(page.alerts)}".strip()) from problem
        self.titles.append(page.title)
        if len(self.titles) > MAX_PAGES:
            raise BrowserError("There are too many pages: " + " -> ".join(self.titles))
        return page

    def since_callback(self):
        """Seconds since the callback from the authorization server, if it led to the current page."""
        return self.redirects.callback and time.monotonic() - self.redirects.callback

    def submit(self, page, form, values=None, button=None):
        """Submits a form and returns the next page."""
        pairs = urllib.parse.urlencode(form.submission(values or {}, button))
        url = urllib.parse.urljoin(page.url, form.action)
        if form.method == "post":
            return self.open(url, pairs.encode("ascii"))
        return self.open(url.split("?")[0] + "?" + pairs)


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http URLs, and notes the time of the one with the authorization code."""

    def __init__(self):
        self.callback = None

    def redirect_request(self, request, answer, code, message, headers, url):
        """The request for the next URL."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "http":
            raise BrowserError("A redirect leads to a URL that is not http.")
        if {"code", "state"} <= urllib.parse.parse_qs(parts.query).keys():
            self.callback = time.monotonic()
        return super().redirect_request(request, answer, code, message, headers, url)


class BrowserError(Exception):
    """The visit ended before the record was saved."""


def launch(browser, arguments):
    """Submits the launch form of the patient on the EHR's page."""
    page = browser.open(arguments.page)
    for form in page.forms:
        if ("patient", arguments.patient) in form.fields and ("app", str(arguments.app)) in form.fields:
            return browser.submit(page, form)
    raise BrowserError("The EHR's page has no launch button for this patient.")


def split_login(text):
    """(user, password)."""
    user, _, password = text.partition(":")
    return user, password


def ehr_login(visit, page, form):
    """Signs in to the EHR."""
    visit.seen["ehr_logins"] += 1
    user, password = split_login(visit.arguments.ehr_login)
    return visit.browser.submit(page, form, {"username": user, "password": password})


def second_factor(visit, page, form):
    """Enters the second factor, which the simulated EHR shows on the page."""
    visit.seen["second_factors"] += 1
    return visit.browser.submit(page, form, {"code": page.notes.get("second-factor", "")})


def consent(visit, page, form):
    """Approves the access."""
    visit.seen["consents"] += 1
    return visit.browser.submit(page, form, button=("decision", "approve"))


def login(visit, page, form):
    """Signs in to the application."""
    visit.seen["application_logins"] += 1
    user, password = split_login(visit.arguments.login)
    return visit.browser.submit(page, form, {"user": user, "password": password})


def record(visit, page, form):
    """Enters the visit date in the record and pulls the values."""
    field = f"field[{visit.arguments.visit_field}]"
    date = visit.arguments.visit_date
    if date and not form.has(field):
        raise BrowserError(f"{page.title}: the record has no field {field}")
    return visit.browser.submit(page, form, {field: date} if date else {}, button=("then", "pull"))


def adjudicate(visit, page, form):
    """Saves the preselected values."""
    decisions = [value for name, value in form.fields if name.startswith("decision[")]
    visit.seen["preselected"] = sum(value.startswith("accept") for value in decisions)
    visit.seen["incomplete"] = page.alerts
    return visit.browser.submit(page, form, button="save")


def accept(visit, page, form):
    """Saves the preselected values in the Rust application."""
    visit.seen["preselected"] = sum(name.startswith("accept") for name, _ in form.fields)
    visit.seen["incomplete"] = page.alerts
    return visit.browser.submit(page, form)


def choose_project(visit, page, form):
    """Chooses the project, to which the application adds the patient."""
    return visit.browser.submit(page, form)


def submits_to(form, page):
    """Whether the form is sent to this page."""
    return urllib.parse.urlsplit(form.action).path.rpartition("/")[2] == page


def steps(arguments):
    """(a test for a form, the action for it). The first test that matches a form of the page selects the action."""
    return (
        (lambda form: form.has("username"), ehr_login),
        (lambda form: ("decision", "approve") in form.buttons, consent),
        (lambda form: form.has("user") and form.has("password"), login),
        (lambda form: submits_to(form, "record.php") and ("then", "pull") in form.buttons, record),
        (lambda form: submits_to(form, "adjudicate.php") and form.button("save"), adjudicate),
        (lambda form: submits_to(form, "record"), accept),
        (lambda form: ("project", arguments.project) in form.fields, choose_project),
        (lambda form: form.has("code"), second_factor),
    )


class Visit:
    """One visit: from the EHR's page to the saved record."""

    def __init__(self, arguments):
        self.arguments, self.browser = arguments, Browser()
        self.seen = {"ehr_logins": 0, "second_factors": 0, "consents": 0, "application_logins": 0, "preselected": 0,
                     "incomplete": [], "view_seconds": None}

    def step(self, page):
        """Does the next step on this page and returns the page after it."""
        for matches, act in steps(self.arguments):
            form = next(filter(matches, page.forms), None)
            if form is None:
                continue
            if page.alerts and act not in (adjudicate, accept):
                raise BrowserError(f"{page.title}: {' '.join(page.alerts)}")
            if act is choose_project and self.seen["view_seconds"] is None:
                self.seen["view_seconds"] = self.browser.since_callback()
            return act(self, page, form)
        if self.arguments.project and any(form.has("project") for form in page.forms):
            raise BrowserError(f"{page.title}: the project {self.arguments.project} cannot be chosen")
        raise BrowserError(f"There is no step for this page: {page.title} {' '.join(page.alerts)}".strip())


def run_visit(arguments):
    """Runs a visit until the record is saved, and returns the report."""
    visit = Visit(arguments)
    page = launch(visit.browser, arguments)
    while "saved" not in page.notes:
        page = visit.step(page)
    rows = [row for row in page.rows if len(row) == 4]
    return {**visit.seen, "pages": visit.browser.titles, "saved": int(page.notes["saved"].split()[0]), "rows": rows}


def parse_arguments(argv):
    """The options."""
    parser = argparse.ArgumentParser(prog="browser.py", description=__doc__.split("\n")[0])
    parser.add_argument("--page", required=True, metavar="URL", help="the EHR's list of patients")
    parser.add_argument("--patient", required=True, metavar="ID")
    parser.add_argument("--app", type=int, default=0, metavar="N", help="the number of the application, from 0")
    parser.add_argument("--ehr-login", default="portal:portal", metavar="USER:PASSWORD")
    parser.add_argument("--project", metavar="NAME", help="the project to choose in the EHR view")
    parser.add_argument("--visit-date", metavar="DATE", help="the visit date to enter in the record")
    parser.add_argument("--visit-field", default="visit_date", metavar="NAME", help="the field for the visit date")
    parser.add_argument("--login", default="study:study", metavar="USER:PASSWORD", help="the login of the application")
    return parser.parse_args(argv)


def main(argv=None):
    """Prints the report. The exit code is 1 if the record was not saved."""
    try:
        result = run_visit(parse_arguments(argv))
    except (BrowserError, OSError, ValueError) as problem:
        print(f"browser.py: {problem}", file=sys.stderr)
        return 1
    json.dump(result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
