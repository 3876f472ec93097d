"""A browser for `make demo`: launches the application from the EHR's page and goes on until the record is saved.

It knows HTML and HTTP only (pages.py): links, forms with what a person leaves as it stands, redirects, cookies.
The last page, and what happened on the way, is printed as JSON.
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

# A pull may take two minutes.
TIMEOUT = 150
MOST_PAGES = 30


class Browser:
    """Cookies and the way of pages."""

    def __init__(self):
        # As browsers do, it keeps Secure cookies on plain http too: nothing here leaves this machine.
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("https", "http"))
        self.cookies = http.cookiejar.CookieJar(policy)
        self.redirects = Redirects()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies), self.redirects)
        self.way = []

    def open(self, url, data=None):
        """The page at a URL, after redirects; a page that tells of an error ends everything."""
        self.redirects.callback = None
        try:
            with self.opener.open(url, data=data, timeout=TIMEOUT) as answer:
                page = Page(answer.url, answer.read().decode("utf-8"))
        except urllib.error.HTTPError as problem:
            page = Page(problem.url or url, problem.read().decode("utf-8", "replace"))
            raise Stopped(f"{problem.code}: {page.title} {' '.join(page.alerts)}".strip()) from problem
        self.way.append(page.title)
        if len(self.way) > MOST_PAGES:
            raise Stopped("too many pages: " + " -> ".join(self.way))
        return page

    def since_callback(self):
        """Seconds since the authorization server sent the browser back, when the last page came of that."""
        return self.redirects.callback and time.monotonic() - self.redirects.callback

    def submit(self, page, form, values=None, button=None):
        """The page that a form leads to."""
        pairs = urllib.parse.urlencode(form.filled(values or {}, button))
        url = urllib.parse.urljoin(page.url, form.action)
        if form.method == "post":
            return self.open(url, pairs.encode("ascii"))
        return self.open(url.split("?")[0] + "?" + pairs)


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, to http only, and knows when the one with the code was followed."""

    def __init__(self):
        self.callback = None

    def redirect_request(self, request, answer, code, message, headers, url):
        """The request for the next address."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "http":
            raise Stopped("a redirect to something that is not http")
        if {"code", "state"} <= urllib.parse.parse_qs(parts.query).keys():
            self.callback = time.monotonic()
        return super().redirect_request(request, answer, code, message, headers, url)


class Stopped(Exception):
    """The way ended before the record was saved."""


def launch(browser, arguments):
    """Presses the launch button of the patient on the EHR's page."""
    page = browser.open(arguments.page)
    for form in page.forms:
        if ("patient", arguments.patient) in form.fields and ("app", str(arguments.app)) in form.fields:
            return browser.submit(page, form)
    raise Stopped("the EHR's page has no launch button for this patient")


def split(text):
    """(user, password)."""
    user, _, password = text.partition(":")
    return user, password


def ehr_login(way, page, form):
    """The EHR's own login."""
    way.seen["ehr_logins"] += 1
    user, password = split(way.arguments.ehr_login)
    return way.browser.submit(page, form, {"username": user, "password": password})


def second_factor(way, page, form):
    """The simulated EHR shows its second factor on the page."""
    way.seen["second_factors"] += 1
    return way.browser.submit(page, form, {"code": page.notes.get("second-factor", "")})


def consent(way, page, form):
    """Yes, the application may."""
    way.seen["consents"] += 1
    return way.browser.submit(page, form, button=("decision", "approve"))


def login(way, page, form):
    """The application's own login."""
    way.seen["application_logins"] += 1
    user, password = split(way.arguments.login)
    return way.browser.submit(page, form, {"user": user, "password": password})


def record(way, page, form):
    """The record: enters the visit date and asks for the values."""
    field = f"field[{way.arguments.visit_field}]"
    date = way.arguments.visit_date
    if date and not form.has(field):
        raise Stopped(f"{page.title}: the record has no field {field}")
    return way.browser.submit(page, form, {field: date} if date else {}, button=("then", "pull"))


def adjudicate(way, page, form):
    """Accepts what is preselected."""
    decisions = [value for name, value in form.fields if name.startswith("decision[")]
    way.seen["preselected"] = sum(value.startswith("accept") for value in decisions)
    way.seen["incomplete"] = page.alerts
    return way.browser.submit(page, form, button="save")


def tick(way, page, form):
    """The page with the values as the Rust application has it."""
    way.seen["preselected"] = sum(name.startswith("accept") for name, _ in form.fields)
    way.seen["incomplete"] = page.alerts
    return way.browser.submit(page, form)


def choose(way, page, form):
    """The project: adds the patient to it."""
    return way.browser.submit(page, form)


def leads_to(form, page):
    """Does the form's address name this page?"""
    return urllib.parse.urlsplit(form.action).path.rpartition("/")[2] == page


def steps(arguments):
    """(what a form looks like, what a person does with it), in the order in which they are looked for."""
    return (
        (lambda form: form.has("username"), ehr_login),
        (lambda form: ("decision", "approve") in form.buttons, consent),
        (lambda form: form.has("user") and form.has("password"), login),
        (lambda form: leads_to(form, "record.php") and ("then", "pull") in form.buttons, record),
        (lambda form: leads_to(form, "adjudicate.php") and form.button("save"), adjudicate),
        (lambda form: leads_to(form, "record"), tick),
        (lambda form: ("project", arguments.project) in form.fields, choose),
        (lambda form: form.has("code"), second_factor),
    )


class Way:
    """From the EHR's page to the saved record."""

    def __init__(self, arguments):
        self.arguments, self.browser = arguments, Browser()
        self.seen = {"ehr_logins": 0, "second_factors": 0, "consents": 0, "application_logins": 0, "preselected": 0,
                     "incomplete": [], "view_seconds": None}

    def step(self, page):
        """What a person does on this page."""
        for fits, act in steps(self.arguments):
            form = next(filter(fits, page.forms), None)
            if form is None:
                continue
            if page.alerts and act not in (adjudicate, tick):
                raise Stopped(f"{page.title}: {' '.join(page.alerts)}")
            if act is choose and self.seen["view_seconds"] is None:
                self.seen["view_seconds"] = self.browser.since_callback()
            return act(self, page, form)
        if self.arguments.project and any(form.has("project") for form in page.forms):
            raise Stopped(f"{page.title}: the project {self.arguments.project} cannot be chosen")
        raise Stopped(f"a page this browser does not know: {page.title} {' '.join(page.alerts)}".strip())


def visit(arguments):
    """What was seen until the record was saved."""
    way = Way(arguments)
    page = launch(way.browser, arguments)
    while "saved" not in page.notes:
        page = way.step(page)
    rows = [row for row in page.rows if len(row) == 4]
    return {**way.seen, "way": way.browser.way, "saved": int(page.notes["saved"].split()[0]), "rows": rows}


def parse_arguments(argv):
    """Whom to launch, and who signs in."""
    parser = argparse.ArgumentParser(prog="browser.py", description=__doc__.split("\n")[0])
    parser.add_argument("--page", required=True, metavar="URL", help="the EHR's page with the patients")
    parser.add_argument("--patient", required=True, metavar="ID")
    parser.add_argument("--app", type=int, default=0, metavar="N", help="which of the EHR's applications")
    parser.add_argument("--ehr-login", default="portal:portal", metavar="USER:PASSWORD")
    parser.add_argument("--project", metavar="NAME", help="the project to choose in the EHR view")
    parser.add_argument("--visit-date", metavar="DATE", help="what to enter as the record's date of visit")
    parser.add_argument("--visit-field", default="visit_date", metavar="NAME", help="the field for it")
    parser.add_argument("--login", default="study:study", metavar="USER:PASSWORD", help="the application's own")
    return parser.parse_args(argv)


def main(argv=None):
    """Print what happened; 1 when the record was not saved."""
    try:
        result = visit(parse_arguments(argv))
    except (Stopped, OSError, ValueError) as problem:
        print(f"browser.py: {problem}", file=sys.stderr)
        return 1
    json.dump(result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
