"""A browser for `make demo`: launches the application from the EHR's page and goes on until the record is saved.

It knows HTML and HTTP only: links, forms with their hidden fields and ticked boxes, redirects, cookies.
The last page, and what happened on the way, is printed as JSON.
"""
import argparse
import html.parser
import http.cookiejar
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT = 60
MOST_PAGES = 20
# Where the page with the values is sent to, by the PHP and by the Rust application.
RECORD = ("/record.php", "/record")


class Page(html.parser.HTMLParser):
    """The title, text, forms and tables of a page."""

    def __init__(self, url, source):
        super().__init__(convert_charrefs=True)
        self.url, self.title, self.forms, self.rows, self.alerts, self.notes = url, "", [], [], [], {}
        self.codes, self.inside = {}, []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        """Forms with their fields, table rows with their cells."""
        given = {name: value or "" for name, value in attributes}
        if tag not in ("input", "meta", "br", "img", "link"):
            self.inside.append((tag, given))
        if tag == "form":
            self.forms.append(Form(given))
        elif tag in ("input", "button") and self.forms:
            self.forms[-1].add(tag, given)
        elif tag == "tr":
            self.rows.append([])
        elif tag == "td" and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        """Leaves the element."""
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, text):
        """Text counts for the elements it stands in."""
        tags = [tag for tag, _ in self.inside]
        if "title" in tags:
            self.title += text
        if "td" in tags and self.rows and self.rows[-1]:
            self.rows[-1][-1] += text
        for _, given in self.inside:
            if given.get("role") == "alert" or given.get("class") == "incomplete":
                self.alerts.append(text)
            if given.get("id"):
                self.notes[given["id"]] = self.notes.get(given["id"], "") + text


class Form:
    """A form as the page has it."""

    def __init__(self, given):
        self.method, self.action = given.get("method", "get").lower(), given.get("action", "")
        self.fields, self.buttons = [], []

    def add(self, tag, given):
        """An input with its value, or a button."""
        if tag == "button":
            self.buttons.append((given.get("name"), given.get("value", "")))
        elif given.get("name") and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields.append((given["name"], given.get("value", "")))

    def has(self, name):
        """Is there a field of this name?"""
        return any(key == name for key, _ in self.fields)

    def filled(self, values, button=None):
        """What is sent: the fields, with what the user typed, and the button pressed."""
        pairs = [(name, values.get(name, value)) for name, value in self.fields]
        return pairs + [pair for pair in self.buttons if pair[0] and pair[0] == button][:1]


class Browser:
    """Cookies and the way of pages."""

    def __init__(self):
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies, NoFileRedirects())
        self.way = []

    def open(self, url, data=None):
        """The page at a URL, after redirects; a page that tells of an error ends everything."""
        try:
            with self.opener.open(url, data=data, timeout=TIMEOUT) as answer:
                page = Page(answer.url, answer.read().decode("utf-8"))
        except urllib.error.HTTPError as problem:
            page = Page(url, problem.read().decode("utf-8", "replace"))
            raise Stopped(f"{problem.code}: {page.title}") from problem
        self.way.append(page.title)
        if len(self.way) > MOST_PAGES:
            raise Stopped("too many pages")
        return page

    def submit(self, page, form, values=None, button=None):
        """The page that a form leads to."""
        pairs = urllib.parse.urlencode(form.filled(values or {}, button))
        url = urllib.parse.urljoin(page.url, form.action)
        if form.method == "post":
            return self.open(url, pairs.encode("ascii"))
        return self.open(url.split("?")[0] + "?" + pairs)


class NoFileRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http only."""

    def redirect_request(self, request, answer, code, message, headers, url):
        """The request for the next address."""
        if urllib.parse.urlsplit(url).scheme != "http":
            raise Stopped("a redirect to something that is not http")
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


def step(browser, page, arguments, seen):
    """What a person does on this page: fill in what the form asks for."""
    form = page.forms[0]
    if form.has("username"):
        seen["ehr_logins"] += 1
        user, password = split(arguments.ehr_login)
        return browser.submit(page, form, {"username": user, "password": password})
    if form.has("code"):
        seen["second_factors"] += 1
        return browser.submit(page, form, {"code": page.notes.get("second-factor", "")})
    if ("decision", "approve") in form.buttons:
        seen["consents"] += 1
        return browser.submit(page, form, button="decision")
    if form.has("user"):
        seen["application_logins"] += 1
        user, password = split(arguments.login)
        return browser.submit(page, form, {"user": user, "password": password})
    if form.action in RECORD:
        seen["preselected"] = sum(name.startswith("accept") for name, _ in form.fields)
        seen["incomplete"] = page.alerts
        return browser.submit(page, form)
    raise Stopped(f"a page this browser does not know: {page.title}")


def visit(arguments):
    """From the EHR's page to the saved record."""
    browser = Browser()
    seen = {"ehr_logins": 0, "second_factors": 0, "consents": 0, "application_logins": 0, "preselected": 0}
    page = launch(browser, arguments)
    while "saved" not in page.notes:
        if not page.forms:
            raise Stopped(f"a page without a form: {page.title}")
        if page.alerts and page.forms[0].action not in RECORD:
            raise Stopped(f"{page.title}: {' '.join(page.alerts)}")
        page = step(browser, page, arguments, seen)
    rows = [row for row in page.rows if len(row) == 4]
    return {**seen, "way": browser.way, "saved": int(page.notes["saved"].split()[0]), "rows": rows}


def parse_arguments(argv):
    """Whom to launch, and who signs in."""
    parser = argparse.ArgumentParser(prog="browser.py", description=__doc__.split("\n")[0])
    parser.add_argument("--page", required=True, metavar="URL", help="the EHR's page with the patients")
    parser.add_argument("--patient", required=True, metavar="ID")
    parser.add_argument("--app", type=int, default=0, metavar="N", help="which of the EHR's applications")
    parser.add_argument("--ehr-login", default="portal:portal", metavar="USER:PASSWORD")
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
