//! Errors on stderr.

use crate::output::{note, safe};
use fhir_ehr::{Code, Error, Owner, Retry};
use std::{fmt::Display, path::Path, time::Duration};

/// An error that ends the command with exit code 1.
#[derive(Debug)]
pub(crate) struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure(error)
    }
}

/// An error about a file that was named on the command line. It names the file and never quotes its content.
pub(crate) fn file_error(code: Code, path: &Path, cause: impl Display) -> Error {
    Error::new(code).detail(format!("file {}: {cause}", path.display()))
}

impl Failure {
    /// Prints the message, the cause, the hint, who can fix it, when to retry, and the EHR's own error, one line each; then the text for
    /// a ticket.
    pub(crate) fn print(&self) {
        let Failure(error) = self;
        let code = error.code();
        note(&format!("error: {} [{}]", safe(&error.message()), code.name()));
        if let Some(cause) = error.cause() {
            note(&format!("cause: {}", safe(cause)));
        }
        if let Some(hint) = error.hint_text() {
            note(&format!("hint: {}", safe(hint)));
        }
        note(&format!("who can fix it: {}", owner(error.owner())));
        note(&format!("retry: {}", retry(error.retry(), error.retry_after())));
        let vendor = error.vendor_error();
        let vendor_parts = [
            vendor.code.as_ref().map(|code| format!("code {}", safe(code))),
            vendor.correlation_id.as_ref().map(|id| format!("correlation id {}", safe(id))),
            vendor.client_id.as_ref().map(|id| format!("client id {}", safe(id))),
            vendor.tenant.as_ref().map(|tenant| format!("tenant {}", safe(tenant))),
            vendor.link.as_ref().map(|link| format!("link {}", safe(link))),
        ];
        let vendor_parts: Vec<String> = vendor_parts.into_iter().flatten().collect();
        if !vendor_parts.is_empty() {
            note(&format!("error from the EHR: {}", vendor_parts.join(", ")));
        }
        if let Some(ticket) = error.ticket() {
            note("text for a ticket to your EHR team:");
            for line in ticket.lines() {
                note(&format!("    {}", safe(line)));
            }
        }
    }
}

/// The text for an owner word of error_codes.tsv, such as `ehr_team`.
pub(crate) fn owner_words(word: &str) -> &'static str {
    let known = Code::all().find(|code| code.words()[1] == word);
    known.map_or("unknown", |code| owner(code.owner()))
}

fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::You => "you",
        Owner::EhrTeam => "your EHR team",
        Owner::NetworkTeam => "your network team",
        Owner::User => "the user",
        _ => "unknown",
    }
}

fn retry(retry: Retry, after: Option<Duration>) -> String {
    match (retry, after) {
        (Retry::Never, None) => "not until the problem is fixed".to_owned(),
        (Retry::Never, Some(wait)) => {
            format!("not until the problem is fixed; no request is sent for {} seconds", wait.as_secs())
        }
        (Retry::Now, _) => "now".to_owned(),
        (Retry::Later, Some(wait)) => format!("after {} seconds", wait.as_secs()),
        (Retry::Later, None) => "in a few minutes".to_owned(),
        (Retry::AfterSignIn, _) => "after signing in again".to_owned(),
        _ => "unknown".to_owned(),
    }
}
