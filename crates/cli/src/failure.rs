//! Errors on stderr.

use crate::output::{note, safe};
use fhir_ehr::error::{Code, Error, Owner, Retry};
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
    /// Prints the message, the hint, who can fix it, when to retry, and the EHR's own error code, one line each.
    pub(crate) fn print(&self) {
        let Failure(error) = self;
        let code = error.code();
        note(&format!("error: {} [{}]", safe(&error.message()), code.name()));
        if let Some(hint) = error.hint_text() {
            note(&format!("hint: {}", safe(hint)));
        }
        note(&format!("who can fix it: {}", owner(code.owner())));
        note(&format!("retry: {}", retry(code.retry(), error.retry_after())));
        let vendor = error.vendor_error();
        let vendor_parts = [
            vendor.code.as_ref().map(|code| format!("code {}", safe(code))),
            vendor.correlation_id.as_ref().map(|id| format!("correlation id {}", safe(id))),
        ];
        let vendor_parts: Vec<String> = vendor_parts.into_iter().flatten().collect();
        if !vendor_parts.is_empty() {
            note(&format!("error from the EHR: {}", vendor_parts.join(", ")));
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
        (Retry::Never, _) => "not until the problem is fixed".to_owned(),
        (Retry::Now, _) => "now".to_owned(),
        (Retry::Later, Some(wait)) => format!("after {} seconds", wait.as_secs()),
        (Retry::Later, None) => "in a few minutes".to_owned(),
        (Retry::AfterSignIn, _) => "after signing in again".to_owned(),
        _ => "unknown".to_owned(),
    }
}
