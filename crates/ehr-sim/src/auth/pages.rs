//! The pages of the sign-in: plain HTML, no script, no cookie; the session id travels in a hidden field, so that they
//! work in a cross-site frame too.

use std::fmt::Write as _;

use super::authorize::{Session, Step, default_user};
use crate::{
    http::{Reply, escape},
    page::{self, Look},
    records::display_name,
    world::World,
};

/// The page for the step a session is at.
pub(crate) fn page(world: &World, id: &str, session: &Session, complaint: Option<&str>) -> Reply {
    // A field that was wrong says so, and where it is explained.
    let mark = complaint.map_or("", |_| " aria-invalid=\"true\" aria-describedby=\"complaint\"");
    let (title, fields) = match session.step {
        Step::Login => ("Sign in", login(world, session, mark)),
        Step::SecondFactor => ("Second factor", second_factor(session, mark)),
        Step::Patient => ("Choose a patient", patients(world)),
        Step::Consent => ("Allow access", consent(world, session)),
    };
    let complaint = complaint.map_or_else(String::new, |text| {
        format!("<p role=\"alert\" id=\"complaint\">{}</p>\n", escape(text))
    });
    let main = format!(
        "<h1>{title}</h1>\n{complaint}<form method=\"post\" action=\"/auth/authorize\">\
         <input type=\"hidden\" name=\"session\" value=\"{}\">\n{fields}</form>",
        escape(id)
    );
    page::page(200, Look::SignIn, title, None, &main)
}

/// A page where the browser cannot be sent back.
pub(crate) fn error(why: &str) -> Reply {
    let help =
        "<p>Nothing was signed in to. Close this page and open the application again from the EHR.</p>";
    page::error(400, Look::SignIn, "The request is wrong", why, help)
}

fn login(world: &World, session: &Session, mark: &str) -> String {
    let user = match &session.context.user {
        Some(user) => user.clone(),
        None => default_user(world),
    };
    format!(
        "<label>User name <input name=\"username\" autocomplete=\"username\" required value=\"{}\"{mark}></label>\n\
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\"{mark}></label>\n\
         {}<div class=\"buttons\"><button class=\"primary\">Sign in</button></div>",
        escape(&user),
        password_hint(world, &user),
    )
}

/// A demo must not end at a password that nobody was told.
fn password_hint(world: &World, user: &str) -> &'static str {
    let logins = &world.options.logins;
    match logins.iter().find(|login| login.user == user) {
        Some(login) if login.password.is_some() => "",
        None if logins.is_empty() && user == default_user(world) => {
            "<p class=\"soft\">This is a simulator: the password is <code>portal</code>.</p>"
        }
        _ => "<p class=\"soft\">This is a simulator: any password will do.</p>",
    }
}

fn second_factor(session: &Session, mark: &str) -> String {
    format!(
        "<p>This is a simulator: your code is <code id=\"second-factor\">{}</code>.</p>\n\
         <label>Code <input name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" required{mark}></label>\n\
         <div class=\"buttons\"><button class=\"primary\">Go on</button></div>",
        escape(&session.second_factor)
    )
}

fn patients(world: &World) -> String {
    let mut list = "<fieldset><legend>Patient</legend>".to_owned();
    for patient in world.records().patients() {
        let _ = writeln!(
            list,
            "<label><input type=\"radio\" name=\"patient\" value=\"{}\" required>\
             <span>{} <span class=\"soft\">born {}, MRN {}</span></span></label>",
            escape(&patient.id),
            escape(&display_name(&patient.value)),
            escape(patient.value["birthDate"].as_str().unwrap_or("unknown")),
            escape(world.mrn(patient).unwrap_or("none"))
        );
    }
    list.push_str("</fieldset><div class=\"buttons\"><button class=\"primary\">Go on</button></div>");
    list
}

fn consent(world: &World, session: &Session) -> String {
    let mut text = format!(
        "<p><strong>{}</strong> asks for access as <strong>{}</strong>",
        escape(&session.client),
        escape(session.context.user.as_deref().unwrap_or("")),
    );
    let records = world.records();
    if let Some(patient) = session.context.patient.as_deref().and_then(|id| records.get("Patient", id)) {
        let _ = write!(text, " for the patient <strong>{}</strong>", escape(&display_name(&patient.value)));
    }
    text.push_str(". It may then:</p>\n<ul>");
    for (what, types) in allowed(session) {
        let colon = if types.is_empty() { "" } else { ": " };
        let _ = write!(text, "<li>{}{colon}{}</li>", escape(what), escape(&types.join(", ")));
    }
    text.push_str("</ul>\n<details><summary>The scopes as they were asked</summary><ul>");
    for scope in &session.scopes {
        let _ = write!(text, "<li><code>{}</code></li>", escape(&scope.text));
    }
    text.push_str(
        "</ul></details>\n<div class=\"buttons\"><button class=\"primary\" name=\"decision\" value=\"approve\">Approve</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></div>",
    );
    text
}

/// What the scopes allow in words, each once, with the resource types it is about.
fn allowed(session: &Session) -> Vec<(&'static str, Vec<&str>)> {
    let mut all: Vec<(&'static str, Vec<&str>)> = Vec::new();
    for scope in &session.scopes {
        let (what, resource_type) = scope.in_words();
        match all.iter_mut().find(|(known, _)| *known == what) {
            Some((_, types)) => types.extend(resource_type),
            None => all.push((what, resource_type.into_iter().collect())),
        }
    }
    all
}
