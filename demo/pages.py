"""Reads an HTML page for the demo's browser: its title, texts and tables, and what its forms send."""
import html.parser

# Elements without an end tag.
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
# Types of inputs that send a value only if they are clicked.
BUTTON_TYPES = ("submit", "image", "button", "reset")


class Page(html.parser.HTMLParser):
    """The title, text, forms and tables of a page."""

    def __init__(self, url, source):
        super().__init__(convert_charrefs=True)
        self.url, self.title, self.forms, self.rows, self.alerts, self.notes = url, "", [], [], [], {}
        self.inside, self.open_form, self.detached, self.open_control = [], None, [], None
        self.feed(source)
        self.close()
        for name, control in self.detached:
            for form in self.forms:
                if form.name == name:
                    form.controls.append(control)

    def handle_starttag(self, tag, attrs):
        """Starts a form, a control, an option, a table row or a cell."""
        attributes = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.inside.append((tag, attributes))
        if tag == "form":
            self.open_form = Form(attributes)
            self.forms.append(self.open_form)
        elif tag in ("input", "button", "select", "textarea"):
            self.control(Control(tag, attributes, self.is_in_disabled_fieldset()))
        elif tag == "option" and self.open_control:
            self.open_control.options.append([attributes, ""])
        elif tag == "tr":
            self.rows.append([])
        elif tag == "td" and self.rows:
            self.rows[-1].append("")

    def control(self, control):
        """Adds a control to the form that it names, or else to the form around it."""
        if control.tag in ("select", "textarea"):
            self.open_control = control
        if "form" in control.attributes:
            self.detached.append((control.attributes["form"], control))
        elif self.open_form:
            self.open_form.controls.append(control)

    def is_in_disabled_fieldset(self):
        """Whether the parser is inside a disabled fieldset."""
        return any(tag == "fieldset" and "disabled" in attributes for tag, attributes in self.inside)

    def handle_endtag(self, tag):
        """Leaves the element, and the elements inside it that have no end tag."""
        if tag not in (name for name, _ in self.inside):
            return
        while self.inside.pop()[0] != tag:
            pass
        if tag == "form":
            self.open_form = None
        elif tag in ("select", "textarea"):
            self.open_control = None

    def handle_data(self, text):
        """Adds text to the elements around it."""
        tags = [tag for tag, _ in self.inside]
        if "script" in tags or "style" in tags:
            return
        if "title" in tags and "svg" not in tags:
            self.title += text
        if self.open_control:
            self.open_control.read(text)
        if "td" in tags and self.rows and self.rows[-1]:
            self.rows[-1][-1] += text
        for _, attributes in self.inside:
            if attributes.get("id"):
                self.notes[attributes["id"]] = self.notes.get(attributes["id"], "") + text
        if text.strip() and any(is_alert(attributes) for _, attributes in self.inside):
            self.alerts.append(text.strip())


def is_alert(attributes):
    """Whether an element is an error message, or a note that the pull is incomplete."""
    return attributes.get("role") == "alert" or "incomplete" in attributes.get("class", "").split()


class Control:
    """An input, button, select or textarea of a form."""

    def __init__(self, tag, attributes, in_disabled_fieldset):
        self.tag, self.attributes, self.options, self.text = tag, attributes, [], ""
        self.name = attributes.get("name")
        self.kind = attributes.get("type", "submit" if tag == "button" else "text").lower()
        self.disabled = in_disabled_fieldset or "disabled" in attributes or not self.name

    def read(self, text):
        """Adds to the text of a textarea or an option."""
        if self.options:
            self.options[-1][1] += text
        self.text += text

    def is_button(self):
        """Whether it sends a value only if it is clicked."""
        return self.tag == "button" or self.tag == "input" and self.kind in BUTTON_TYPES

    def values(self):
        """The values that it sends if the user changes nothing."""
        if self.disabled or self.is_button():
            return []
        if self.tag == "textarea":
            # The first line break belongs to the markup. Browsers send each line break as CR LF.
            text = self.text.replace("\r\n", "\n")
            return [(text[1:] if text.startswith("\n") else text).replace("\n", "\r\n")]
        if self.tag == "select":
            return self.selected_values()
        if self.kind in ("checkbox", "radio"):
            return [self.attributes.get("value", "on")] if "checked" in self.attributes else []
        return [self.attributes.get("value", "")]

    def selected_values(self):
        """The selected options. If there are none, a list for one value sends its first option."""
        enabled = [(attributes, text) for attributes, text in self.options if "disabled" not in attributes]
        selected = [option for option in enabled if "selected" in option[0]]
        if "multiple" not in self.attributes:
            selected = selected[-1:] or enabled[:1]
        return [attributes.get("value", " ".join(text.split())) for attributes, text in selected]


class Form:
    """A form of a page."""

    def __init__(self, attributes):
        self.method, self.action = attributes.get("method", "get").lower(), attributes.get("action", "")
        self.name = attributes.get("id")
        self.controls = []

    @property
    def fields(self):
        """(name, value) of everything that is sent if the user changes nothing."""
        return [(control.name, value) for control in self.controls for value in control.values()]

    @property
    def buttons(self):
        """(name, value) of the submit buttons."""
        return [(control.name, control.attributes.get("value", "")) for control in self.controls
                if control.is_button() and control.kind in ("submit", "image") and not control.disabled]

    def has(self, name):
        """Whether there is a control with this name that is not a button."""
        return any(control.name == name and not control.disabled and not control.is_button()
                   for control in self.controls)

    def button(self, name):
        """Whether there is a submit button with this name."""
        return any(key == name for key, _ in self.buttons)

    def submission(self, values, button=None):
        """What is sent: the fields with the typed values, and the clicked button (its name, or name and value)."""
        pairs = [(name, values.get(name, value)) for name, value in self.fields]
        return pairs + [pair for pair in self.buttons if button in (pair, pair[0])][:1]
