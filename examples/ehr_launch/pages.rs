//! The application's pages: plain HTML forms. All text from outside is escaped.

use crate::{http::Reply, study::Visit};
use fhir_ehr::{AuthorizeForm, Error, Report, ResourceStatus, StagedRow};
use std::fmt::Write;

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn page(status: u16, title: &str, body: &str) -> Reply {
    Reply::html(
        status,
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body><h1>{title}</h1>\n{body}</body></html>\n"
        ),
    )
}

/// A form that sends the browser to the EHR's authorization server by POST.
pub(crate) fn authorize_form(form: &AuthorizeForm) -> Reply {
    let field = |(name, value): (&String, &String)| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
    };
    let fields: String = form.fields.iter().map(field).collect();
    let body = format!(
        "<form method=\"post\" action=\"{}\">{fields}<button>Continue to the EHR</button></form>",
        escape(&form.url)
    );
    page(200, "Sign in to the EHR", &body)
}

/// A page with a message.
pub(crate) fn message(status: u16, title: &str, text: &str) -> Reply {
    page(status, title, &format!("<p>{}</p>", escape(text)))
}

/// A page with an error: message, hint and code.
pub(crate) fn error(status: u16, error: &Error) -> Reply {
    let hint = error.hint_text().unwrap_or_default();
    let text = format!("<p>{}</p><p>{}</p>", escape(&error.message()), escape(hint));
    page(status, &format!("Error {}", error.code().name()), &text)
}

/// The application's own login.
pub(crate) fn login(ehr_user: Option<&str>, error: Option<&str>) -> Reply {
    let mut body = String::new();
    if let Some(error) = error {
        let _ = write!(body, "<p role=\"alert\">{}</p>", escape(error));
    }
    if let Some(name) = ehr_user {
        let _ = write!(
            body,
            "<p>Your EHR user name is <b>{}</b>. Sign in to link it to your study account.</p>",
            escape(name)
        );
    }
    body.push_str(
        "<form method=\"post\" action=\"/login\">\
         <label>User <input name=\"user\" required autocomplete=\"username\"></label> \
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\"></label> \
         <button>Sign in</button></form>",
    );
    page(200, "Sign in to the study", &body)
}

/// The staged values, each with a checkbox. The preselected ones are checked.
pub(crate) fn adjudication(visit: &Visit, rows: &[StagedRow], report: &Report) -> Reply {
    let mut body = String::new();
    for (resource_type, report) in &report.resources {
        if !matches!(report.status, ResourceStatus::Complete | ResourceStatus::Skipped) {
            let reason = escape(report.reason.as_deref().unwrap_or("the reason is unknown"));
            let _ = writeln!(
                body,
                "<p class=\"incomplete\">{} is incomplete: {reason}</p>",
                escape(resource_type)
            );
        }
    }
    body.push_str("<form method=\"post\" action=\"/record\"><table>");
    body.push_str("<tr><th>Save</th><th>Field</th><th>Value</th><th>Time</th><th>Description</th></tr>\n");
    for row in rows {
        let checked = if row.preselected { " checked" } else { "" };
        let _ = writeln!(
            body,
            "<tr><td><input type=\"checkbox\" name=\"accept\" value=\"{}\"{checked}></td>{}<td>{}</td></tr>",
            escape(&row.key),
            cells(row),
            escape(row.display.as_deref().unwrap_or_default()),
        );
    }
    body.push_str("</table><button>Save the selected values</button></form>");
    page(200, &format!("Record {}: adjudicate", escape(&visit.record)), &body)
}

/// The decisions, and the number of saved values.
pub(crate) fn saved(visit: &Visit, rows: &[StagedRow], accepted: &[String], saved: usize) -> Reply {
    let mut body = format!("<p id=\"saved\">{saved} values saved.</p>\n<table>");
    body.push_str("<tr><th>Field</th><th>Value</th><th>Time</th><th>Decision</th></tr>\n");
    for row in rows {
        let decision = if accepted.contains(&row.key) { "accepted" } else { "later" };
        let _ = writeln!(body, "<tr>{}<td>{decision}</td></tr>", cells(row));
    }
    body.push_str("</table>");
    page(200, &format!("Record {}: saved", escape(&visit.record)), &body)
}

fn cells(row: &StagedRow) -> String {
    let time = row.timestamp.as_deref().unwrap_or_default();
    format!("<td>{}</td><td>{}</td><td>{}</td>", escape(&row.study_field), escape(&row.value), escape(time))
}
