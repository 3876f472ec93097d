//! The EHR's first page: its patients, and for each application two ways to open it for one of them.

use std::fmt::Write as _;

use crate::{
    auth,
    http::{Form, Reply, Request, escape, with_query},
    page::{Look, page},
    records::{Record, display_name},
    world::World,
};

/// What the user chose above the list; it goes with each launch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The application must say who the patient is, the chart does not.
    pub(crate) need_banner: bool,
    /// One of the logins; none: the default user.
    pub(crate) user: Option<String>,
}

impl Choice {
    /// Reads `/?banner=1&user=NAME`. The form sends banner=1 always and banner=0 after it when the box is ticked.
    fn read(world: &World, form: &Form) -> Self {
        let last = form.0.iter().rev().find(|(name, _)| name == "banner");
        let known = |user: &&str| world.options.logins.iter().any(|login| login.user == *user);
        Self {
            need_banner: last.is_some_and(|(_, value)| value == "1"),
            user: form.get("user").filter(known).map(str::to_owned),
        }
    }

    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let mut pairs = Vec::new();
        if self.need_banner {
            pairs.push(("banner", "1"));
        }
        pairs.extend(self.user.as_deref().map(|user| ("user", user)));
        pairs
    }

    /// The address of the list with this choice.
    pub(crate) fn list_address(&self) -> String {
        let pairs = self.pairs();
        if pairs.is_empty() { "/".to_owned() } else { with_query("/", &pairs) }
    }
}

pub(crate) fn answer(world: &World, request: &Request) -> Reply {
    let choice = Choice::read(world, &request.query_form());
    let user = choice.user.clone().unwrap_or_else(|| auth::authorize::default_user(world));
    let mut main = format!(
        "<h1>Patients</h1>\n<p class=\"soft\">Personality {}, FHIR {}, base <code>{}</code></p>\n",
        world.options.personality.as_str(),
        world.options.fhir.as_str(),
        escape(&world.iss())
    );
    if world.options.app_launch_urls.is_empty() {
        main.push_str("<p>No application is registered: start with <code>--app-launch-url URL</code>.</p>\n");
    } else {
        main.push_str(&options(world, &choice, &user));
    }
    main.push_str(&table(world, &choice));
    page(200, Look::Plain, "Patients", Some(&user), &main)
}

/// A form of its own: it leads back here, where the choice becomes hidden fields of each launch.
fn options(world: &World, choice: &Choice, user: &str) -> String {
    let checked = if choice.need_banner { "" } else { " checked" };
    let mut select = String::new();
    if world.options.logins.len() > 1 {
        select.push_str("<label>EHR user <select name=\"user\">");
        for login in &world.options.logins {
            let selected = if login.user == user { " selected" } else { "" };
            let name = escape(&login.user);
            let _ = write!(select, "<option value=\"{name}\"{selected}>{name}</option>");
        }
        select.push_str("</select></label>");
    }
    format!(
        "<form class=\"options\" method=\"get\" action=\"/\"><fieldset><legend>Launch options</legend>\
         <input type=\"hidden\" name=\"banner\" value=\"1\">\
         <label><input type=\"checkbox\" name=\"banner\" value=\"0\"{checked}> The chart shows who the patient is</label>\
         {select}<button>Apply</button></fieldset></form>\n"
    )
}

fn table(world: &World, choice: &Choice) -> String {
    let records = world.records();
    let rows: String = records.patients().map(|patient| row(world, choice, patient)).collect();
    if rows.is_empty() {
        return "<p>There is no Patient in the data.</p>".to_owned();
    }
    let apps: String = (0..world.options.app_launch_urls.len())
        .map(|number| format!("<th scope=\"col\">{}</th>", escape(&world.app_name(number))))
        .collect();
    format!(
        "<table class=\"list\"><caption>Patients and the applications that open for them</caption>\n<thead><tr>\
         <th scope=\"col\">Name</th><th scope=\"col\">Born</th><th scope=\"col\">MRN</th>{apps}</tr></thead>\n\
         <tbody>\n{rows}</tbody></table>"
    )
}

fn row(world: &World, choice: &Choice, patient: &Record) -> String {
    let name = display_name(&patient.value);
    let apps: String = (0..world.options.app_launch_urls.len())
        .map(|number| {
            let app = world.app_name(number);
            let buttons = buttons(choice, patient, number, &format!(" {app} for {name}"));
            format!("<td class=\"app\" data-label=\"{}\">{buttons}</td>", escape(&app))
        })
        .collect();
    format!(
        "<tr><th scope=\"row\">{} <span class=\"id\">Patient/{}</span></th>\
         <td class=\"number\" data-label=\"Born\">{}</td><td class=\"number\" data-label=\"MRN\">{}</td>{apps}</tr>\n",
        escape(&name),
        escape(&patient.id),
        escape(patient.value["birthDate"].as_str().unwrap_or("unknown")),
        escape(world.mrn(patient).unwrap_or("none")),
    )
}

/// Submitted without a button (as scripts do), the form opens the application at top level.
fn buttons(choice: &Choice, patient: &Record, app: usize, what: &str) -> String {
    let number = app.to_string();
    let mut fields = vec![("patient", patient.id.as_str()), ("app", number.as_str())];
    fields.extend(choice.pairs());
    let hidden: String = fields
        .into_iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value)))
        .collect();
    let rest = format!("<span class=\"vh\">{}</span>", escape(what));
    format!(
        "<form method=\"get\" action=\"/launch\">{hidden}\
         <button class=\"primary\" name=\"frame\" value=\"1\">Open in chart{rest}</button>\
         <button>Open in a window{rest}</button></form>"
    )
}
