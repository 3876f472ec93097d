//! What an error looks like on stderr.

use crate::output::{note, safe};
use fhir_ehr::{Code, Error, Owner, Retry};
use std::{fmt::Display, path::Path, time::Duration};

/// Why a command ended with exit code 1.
#[derive(Debug)]
pub(crate) struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure(error)
    }
}

/// A file of the command line that cannot be used; it is named, its content is not.
pub(crate) fn file_error(code: Code, path: &Path, cause: impl Display) -> Error {
    Error::new(code).detail(format!("file {}: {cause}", path.display()))
}

impl Failure {
    /// Writes it to stderr, one line for each thing there is to know.
    pub(crate) fn tell(&self) {
        let Failure(error) = self;
        let code = error.code();
        note(&format!("error: {} [{}]", safe(&error.message()), code.name()));
        if let Some(hint) = error.hint_text() {
            note(&format!("hint: {}", safe(hint)));
        }
        note(&format!("who can fix it: {}", owner(code.owner())));
        note(&format!("retry: {}", retry(code.retry(), error.retry_after())));
        let vendor = error.vendor_error();
        let told = [
            vendor.code.as_ref().map(|code| format!("code {}", safe(code))),
            vendor.correlation_id.as_ref().map(|id| format!("correlation id {}", safe(id))),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        if !told.is_empty() {
            note(&format!("the EHR said: {}", told.join(", ")));
        }
    }
}

/// The same for the word that documents have.
pub(crate) fn owner_words(word: &str) -> &'static str {
    let known = Code::all().find(|code| code.words()[1] == word);
    known.map_or("unknown", |code| owner(code.owner()))
}

fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::You => "you",
        Owner::EhrTeam => "the EHR team",
        Owner::NetworkTeam => "the network team",
        Owner::Nobody => "nobody has to",
        _ => "unknown",
    }
}

fn retry(retry: Retry, after: Option<Duration>) -> String {
    match (retry, after) {
        (Retry::Never, _) => "not before something was changed".to_owned(),
        (Retry::Now, _) => "at once".to_owned(),
        (Retry::Later, Some(wait)) => format!("after {} seconds", wait.as_secs()),
        (Retry::Later, None) => "in some minutes".to_owned(),
        (Retry::AfterSignIn, _) => "after signing in again".to_owned(),
        _ => "unknown".to_owned(),
    }
}
