//! The EHR's first page: the patients, and two buttons for each application.

use std::fmt::Write as _;

use crate::{
    ehr::Ehr,
    http::{Form, Reply, Request, escape, with_query},
    page::{Layout, page},
    resources::{Resource, display_name},
};

/// The options above the list. Each launch uses them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ListOptions {
    /// The application must show the patient's name. The chart does not show it.
    pub(crate) need_banner: bool,
    /// One of the logins. If there is none: the default user.
    pub(crate) user: Option<String>,
}

impl ListOptions {
    /// Reads `/?banner=1&user=NAME`. The form always sends `banner=1`. If the box is checked, `banner=0` follows.
    fn parse(ehr: &Ehr, form: &Form) -> Self {
        let banner = form.0.iter().rev().find(|(name, _)| name == "banner");
        let known = |user: &&str| ehr.options.logins.iter().any(|login| login.user == *user);
        Self {
            need_banner: banner.is_some_and(|(_, value)| value == "1"),
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

    /// The URL of the list with these options.
    pub(crate) fn url(&self, ehr: &Ehr) -> String {
        let pairs = self.pairs();
        let page = format!("{}/", ehr.prefix);
        if pairs.is_empty() { page } else { with_query(&page, &pairs) }
    }
}

pub(crate) fn answer(ehr: &Ehr, request: &Request) -> Reply {
    let options = ListOptions::parse(ehr, &request.query_form());
    let user = options.user.clone().unwrap_or_else(|| ehr.default_user());
    let mut main = format!(
        "<h1>Patients</h1>\n<p class=\"soft\">Personality {}, FHIR {}, base <code>{}</code>. \
         <a href=\"/console\">Developer console</a></p>\n",
        ehr.options.personality.as_str(),
        ehr.options.fhir.as_str(),
        escape(&ehr.iss())
    );
    if ehr.options.app_launch_urls.is_empty() {
        main.push_str(
            "<p>No application is registered. Start ehr-sim with <code>--app-launch-url URL</code>.</p>\n",
        );
    } else {
        main.push_str(&options_form(ehr, &options, &user));
    }
    main.push_str(&table(ehr, &options));
    page(200, Layout::Plain, "Patients", Some(&user), &main)
}

/// The form of the options. It reloads the list, which then has the options as hidden fields of each launch.
fn options_form(ehr: &Ehr, options: &ListOptions, user: &str) -> String {
    let checked = if options.need_banner { "" } else { " checked" };
    let mut select = String::new();
    if ehr.options.logins.len() > 1 {
        select.push_str("<label>EHR user <select name=\"user\">");
        for login in &ehr.options.logins {
            let selected = if login.user == user { " selected" } else { "" };
            let name = escape(&login.user);
            let _ = write!(select, "<option value=\"{name}\"{selected}>{name}</option>");
        }
        select.push_str("</select></label>");
    }
    format!(
        "<form class=\"options\" method=\"get\" action=\"{}/\"><fieldset><legend>Launch options</legend>\
         <input type=\"hidden\" name=\"banner\" value=\"1\">\
         <label><input type=\"checkbox\" name=\"banner\" value=\"0\"{checked}> The chart shows the patient's name</label>\
         {select}<button>Apply</button></fieldset></form>\n",
        escape(&ehr.prefix)
    )
}

fn table(ehr: &Ehr, options: &ListOptions) -> String {
    let resources = ehr.resources();
    let rows: String = resources.patients().map(|patient| row(ehr, options, patient)).collect();
    if rows.is_empty() {
        return "<p>The data has no Patient.</p>".to_owned();
    }
    let apps: String = (0..ehr.options.app_launch_urls.len())
        .map(|number| format!("<th scope=\"col\">{}</th>", escape(&ehr.app_name(number))))
        .collect();
    format!(
        "<table class=\"list\"><caption>Patients and the applications that open for them</caption>\n<thead><tr>\
         <th scope=\"col\">Name</th><th scope=\"col\">Born</th><th scope=\"col\">MRN</th>{apps}</tr></thead>\n\
         <tbody>\n{rows}</tbody></table>"
    )
}

fn row(ehr: &Ehr, options: &ListOptions, patient: &Resource) -> String {
    let name = display_name(&patient.value);
    let apps: String = (0..ehr.options.app_launch_urls.len())
        .map(|number| {
            let app = ehr.app_name(number);
            let buttons = buttons(ehr, options, patient, number, &format!(" {app} for {name}"));
            format!("<td class=\"app\" data-label=\"{}\">{buttons}</td>", escape(&app))
        })
        .collect();
    format!(
        "<tr><th scope=\"row\">{} <span class=\"id\">Patient/{}</span></th>\
         <td class=\"number\" data-label=\"Born\">{}</td><td class=\"number\" data-label=\"MRN\">{}</td>{apps}</tr>\n",
        escape(&name),
        escape(&patient.id),
        escape(patient.value["birthDate"].as_str().unwrap_or("unknown")),
        escape(ehr.mrn(patient).unwrap_or("none")),
    )
}

/// The two buttons. `label` follows their text, for screen readers. A script that submits the form without a button
/// opens the application in the whole window.
fn buttons(ehr: &Ehr, options: &ListOptions, patient: &Resource, app: usize, label: &str) -> String {
    let number = app.to_string();
    let mut fields = vec![("patient", patient.id.as_str()), ("app", number.as_str())];
    fields.extend(options.pairs());
    let hidden: String = fields
        .into_iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value)))
        .collect();
    let label = format!("<span class=\"vh\">{}</span>", escape(label));
    format!(
        "<form method=\"get\" action=\"{}/launch\">{hidden}\
         <button class=\"primary\" name=\"frame\" value=\"1\">Open in chart{label}</button>\
         <button>Open in a window{label}</button></form>",
        escape(&ehr.prefix)
    )
}
