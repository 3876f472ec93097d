//! The sign-in pages: plain HTML without scripts. The session id is in a hidden field, not in a cookie, so that the
//! pages also work in a cross-site frame.

use std::fmt::Write as _;

use crate::{
    auth::state::{Session, Step},
    ehr::Ehr,
    http::{Reply, escape},
    options::Personality,
    page::{self, Layout},
    resources::display_name,
};

/// The page of the step that a session is at; `message` says what was wrong with the last input.
pub(crate) fn page(ehr: &Ehr, id: &str, session: &Session, message: Option<&str>) -> Reply {
    // Screen readers announce the field as invalid and read the message.
    let invalid = message.map_or("", |_| " aria-invalid=\"true\" aria-describedby=\"message\"");
    let (title, fields) = match session.step {
        Step::Login => ("Sign in", login(ehr, session, invalid)),
        Step::SecondFactor => ("Second factor", second_factor(session, invalid)),
        Step::Patient => ("Choose a patient", patients(ehr)),
        Step::Consent => ("Allow access", consent(ehr, session)),
    };
    let message = message
        .map_or_else(String::new, |text| format!("<p role=\"alert\" id=\"message\">{}</p>\n", escape(text)));
    let main = format!(
        "<h1>{title}</h1>\n{message}<form method=\"post\" action=\"{}/auth/authorize\">\
         <input type=\"hidden\" name=\"session\" value=\"{}\">\n{fields}</form>",
        escape(&ehr.prefix),
        escape(id)
    );
    page::page(200, Layout::SignIn, title, None, &main)
}

/// The page for an error that cannot be sent to a redirect URI.
pub(crate) fn error(message: &str) -> Reply {
    let help = "<p>You were not signed in. Close this page and open the application again from the EHR.</p>";
    page::error(400, Layout::SignIn, "The request is not valid", message, help)
}

/// The same with Oracle's URN for the error, which no client gets in another way (O17).
pub(crate) fn error_with_urn(ehr: &Ehr, message: &str, urn: &str) -> Reply {
    if ehr.options.personality != Personality::Oracle {
        return error(message);
    }
    error(&format!("{message} urn:cerner:error:authorization-server:oauth2:grant:{urn}"))
}

fn login(ehr: &Ehr, session: &Session, invalid: &str) -> String {
    let user = match &session.context.user {
        Some(user) => user.clone(),
        None => ehr.default_user(),
    };
    format!(
        "<label>User name <input name=\"username\" autocomplete=\"username\" required value=\"{}\"{invalid}></label>\n\
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\"{invalid}></label>\n\
         {}<div class=\"buttons\"><button class=\"primary\">Sign in</button></div>",
        escape(&user),
        password_hint(ehr, &user),
    )
}

/// Says which password is accepted, unless `--login` set one: the user of a demo has no other place to look.
fn password_hint(ehr: &Ehr, user: &str) -> &'static str {
    let logins = &ehr.options.logins;
    match logins.iter().find(|login| login.user == user) {
        Some(login) if login.password.is_some() => "",
        None if logins.is_empty() && user == ehr.default_user() => {
            "<p class=\"soft\">This is a simulator: the password is <code>portal</code>.</p>"
        }
        _ => "<p class=\"soft\">This is a simulator: any password is accepted.</p>",
    }
}

fn second_factor(session: &Session, invalid: &str) -> String {
    format!(
        "<p>This is a simulator: your code is <code id=\"second-factor\">{}</code>.</p>\n\
         <label>Code <input name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" required{invalid}></label>\n\
         <div class=\"buttons\"><button class=\"primary\">Continue</button></div>",
        escape(&session.second_factor)
    )
}

fn patients(ehr: &Ehr) -> String {
    let mut list = "<fieldset><legend>Patient</legend>".to_owned();
    for patient in ehr.resources().patients() {
        let _ = writeln!(
            list,
            "<label><input type=\"radio\" name=\"patient\" value=\"{}\" required>\
             <span>{} <span class=\"soft\">born {}, MRN {}</span></span></label>",
            escape(&patient.id),
            escape(&display_name(&patient.value)),
            escape(patient.value["birthDate"].as_str().unwrap_or("unknown")),
            escape(ehr.mrn(patient).unwrap_or("none"))
        );
    }
    list.push_str("</fieldset><div class=\"buttons\"><button class=\"primary\">Continue</button></div>");
    list
}

fn consent(ehr: &Ehr, session: &Session) -> String {
    let mut text = format!(
        "<p><strong>{}</strong> requests access as <strong>{}</strong>",
        escape(&session.client_name),
        escape(session.context.user.as_deref().unwrap_or("")),
    );
    let resources = ehr.resources();
    if let Some(patient) = session.context.patient.as_deref().and_then(|id| resources.get("Patient", id)) {
        let _ = write!(text, " for the patient <strong>{}</strong>", escape(&display_name(&patient.value)));
    }
    text.push_str(". It can then:</p>\n<ul>");
    for (permission, types) in permissions(session) {
        let colon = if types.is_empty() { "" } else { ": " };
        let _ = write!(text, "<li>{}{colon}{}</li>", escape(permission), escape(&types.join(", ")));
    }
    text.push_str("</ul>\n<details><summary>Requested scopes</summary><ul>");
    for scope in &session.scopes {
        let _ = write!(text, "<li><code>{}</code></li>", escape(&scope.text));
    }
    text.push_str(
        "</ul></details>\n<div class=\"buttons\"><button class=\"primary\" name=\"decision\" value=\"approve\">Approve</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></div>",
    );
    text
}

/// The permissions of the scopes in words, each once, with their resource types.
fn permissions(session: &Session) -> Vec<(&'static str, Vec<&str>)> {
    let mut all: Vec<(&'static str, Vec<&str>)> = Vec::new();
    for scope in &session.scopes {
        let (permission, resource_type) = scope.describe();
        match all.iter_mut().find(|(listed, _)| *listed == permission) {
            Some((_, types)) => types.extend(resource_type),
            None => all.push((permission, resource_type.into_iter().collect())),
        }
    }
    all
}
