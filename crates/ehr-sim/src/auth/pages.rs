//! The pages of the sign-in: plain HTML, no script, no cookie; the session id travels in a hidden field, so that they
//! work in a cross-site frame too.

use std::fmt::Write as _;

use super::authorize::{Session, Step, default_user};
use crate::{
    http::{Reply, escape},
    records::display_name,
    world::World,
};

/// The page for the step a session is at.
pub(crate) fn page(world: &World, id: &str, session: &Session, complaint: Option<&str>) -> Reply {
    let (title, fields) = match session.step {
        Step::Login => ("Sign in", login(world, session)),
        Step::SecondFactor => ("Second factor", second_factor(session)),
        Step::Patient => ("Choose a patient", patients(world)),
        Step::Consent => ("Allow access", consent(world, session)),
    };
    let complaint = complaint
        .map_or_else(String::new, |text| format!("<p role=\"alert\"><strong>{}</strong></p>", escape(text)));
    Reply::html(
        200,
        title,
        &format!(
            "{complaint}<form method=\"post\" action=\"/auth/authorize\">\
             <input type=\"hidden\" name=\"session\" value=\"{}\">\n{fields}</form>",
            escape(id)
        ),
    )
}

/// A page where the browser cannot be sent back.
pub(crate) fn error(why: &str) -> Reply {
    Reply::html(400, "The request is wrong", &format!("<p role=\"alert\">{}</p>", escape(why)))
}

fn login(world: &World, session: &Session) -> String {
    let user = match &session.context.user {
        Some(user) => user.clone(),
        None => default_user(world),
    };
    let hint = if world.options.logins.is_empty() {
        "<p>This is a simulator: the password is <code>portal</code>.</p>"
    } else {
        ""
    };
    format!(
        "<label>User name <input name=\"username\" autocomplete=\"username\" required value=\"{}\"></label>\
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\"></label>\
         {hint}<button>Sign in</button>",
        escape(&user)
    )
}

fn second_factor(session: &Session) -> String {
    format!(
        "<p>This is a simulator: your code is <code id=\"second-factor\">{}</code>.</p>\
         <label>Code <input name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" required></label>\
         <button>Go on</button>",
        escape(&session.second_factor)
    )
}

fn patients(world: &World) -> String {
    let mut list = "<fieldset><legend>Patient</legend>".to_owned();
    for patient in world.records().patients() {
        let _ = write!(
            list,
            "<label><input type=\"radio\" name=\"patient\" value=\"{}\" required> {}, born {}</label>",
            escape(&patient.id),
            escape(&display_name(&patient.value)),
            escape(patient.value["birthDate"].as_str().unwrap_or("unknown"))
        );
    }
    list.push_str("</fieldset><button>Go on</button>");
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
    text.push_str(":</p><ul>");
    for scope in &session.scopes {
        let _ = write!(text, "<li><code>{}</code></li>", escape(&scope.text));
    }
    text.push_str(
        "</ul><button name=\"decision\" value=\"approve\">Approve</button>\
         <button name=\"decision\" value=\"deny\">Deny</button>",
    );
    text
}
