"""A page as the demo's browser sees it: title, texts, tables, and forms with what a browser would send of them."""
import html.parser

# Elements without an end.
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
# Inputs that send nothing unless they are pressed.
PRESSED = ("submit", "image", "button", "reset")


class Page(html.parser.HTMLParser):
    """The title, text, forms and tables of a page."""

    def __init__(self, url, source):
        super().__init__(convert_charrefs=True)
        self.url, self.title, self.forms, self.rows, self.alerts, self.notes = url, "", [], [], [], {}
        self.inside, self.open_form, self.apart, self.text_of = [], None, [], None
        self.feed(source)
        self.close()
        for name, control in self.apart:
            for form in self.forms:
                if form.name == name:
                    form.controls.append(control)

    def handle_starttag(self, tag, attributes):
        """Forms with their controls, table rows with their cells."""
        given = {name: value or "" for name, value in attributes}
        if tag not in VOID:
            self.inside.append((tag, given))
        if tag == "form":
            self.open_form = Form(given)
            self.forms.append(self.open_form)
        elif tag in ("input", "button", "select", "textarea"):
            self.control(Control(tag, given, self.locked()))
        elif tag == "option" and self.text_of:
            self.text_of.options.append([given, ""])
        elif tag == "tr":
            self.rows.append([])
        elif tag == "td" and self.rows:
            self.rows[-1].append("")

    def control(self, control):
        """A control belongs to the form around it, or to the one that it names."""
        if control.tag in ("select", "textarea"):
            self.text_of = control
        if "form" in control.given:
            self.apart.append((control.given["form"], control))
        elif self.open_form:
            self.open_form.controls.append(control)

    def locked(self):
        """Is all here switched off?"""
        return any(tag == "fieldset" and "disabled" in given for tag, given in self.inside)

    def handle_endtag(self, tag):
        """Leaves the element, and those within that nobody has closed."""
        if tag not in (name for name, _ in self.inside):
            return
        while self.inside.pop()[0] != tag:
            pass
        if tag == "form":
            self.open_form = None
        elif tag in ("select", "textarea"):
            self.text_of = None

    def handle_data(self, text):
        """Text counts for the elements it stands in."""
        tags = [tag for tag, _ in self.inside]
        if "script" in tags or "style" in tags:
            return
        if "title" in tags and "svg" not in tags:
            self.title += text
        if self.text_of:
            self.text_of.read(text)
        if "td" in tags and self.rows and self.rows[-1]:
            self.rows[-1][-1] += text
        for _, given in self.inside:
            if given.get("id"):
                self.notes[given["id"]] = self.notes.get(given["id"], "") + text
        if text.strip() and any(complains(given) for _, given in self.inside):
            self.alerts.append(text.strip())


def complains(given):
    """An element that tells of a mistake, or that not all has come."""
    return given.get("role") == "alert" or "incomplete" in given.get("class", "").split()


class Control:
    """One input, button, list or text of a form."""

    def __init__(self, tag, given, locked):
        self.tag, self.given, self.options, self.text = tag, given, [], ""
        self.name = given.get("name")
        self.kind = given.get("type", "submit" if tag == "button" else "text").lower()
        self.off = locked or "disabled" in given or not self.name

    def read(self, text):
        """The text of a textarea, or of an option."""
        if self.options:
            self.options[-1][1] += text
        self.text += text

    def is_button(self):
        """Does it send something only when it is pressed?"""
        return self.tag == "button" or self.tag == "input" and self.kind in PRESSED

    def values(self):
        """What it sends as it stands."""
        if self.off or self.is_button():
            return []
        if self.tag == "textarea":
            # The first line break belongs to the markup; browsers send each as two characters.
            text = self.text.replace("\r\n", "\n")
            return [(text[1:] if text.startswith("\n") else text).replace("\n", "\r\n")]
        if self.tag == "select":
            return self.chosen()
        if self.kind in ("checkbox", "radio"):
            return [self.given.get("value", "on")] if "checked" in self.given else []
        return [self.given.get("value", "")]

    def chosen(self):
        """The selected options, else the first of a list that shows one."""
        able = [(given, text) for given, text in self.options if "disabled" not in given]
        selected = [option for option in able if "selected" in option[0]]
        if "multiple" not in self.given:
            selected = selected[-1:] or able[:1]
        return [given.get("value", " ".join(text.split())) for given, text in selected]


class Form:
    """A form as the page has it."""

    def __init__(self, given):
        self.method, self.action = given.get("method", "get").lower(), given.get("action", "")
        self.name = given.get("id")
        self.controls = []

    @property
    def fields(self):
        """(name, value) of all that is sent as it stands."""
        return [(control.name, value) for control in self.controls for value in control.values()]

    @property
    def buttons(self):
        """(name, value) of the buttons that send the form."""
        return [(control.name, control.given.get("value", "")) for control in self.controls
                if control.is_button() and control.kind in ("submit", "image") and not control.off]

    def has(self, name):
        """Is there a control of this name that is no button?"""
        return any(control.name == name and not control.off and not control.is_button() for control in self.controls)

    def button(self, name):
        """Is there a button of this name?"""
        return any(key == name for key, _ in self.buttons)

    def filled(self, values, button=None):
        """What is sent: the fields, with what the user typed, and the button pressed, by its name or name and value."""
        pairs = [(name, values.get(name, value)) for name, value in self.fields]
        return pairs + [pair for pair in self.buttons if button in (pair, pair[0])][:1]
