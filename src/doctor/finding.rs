//! What a step found, made from the one table of findings.

use crate::{
    error::{Code, Error},
    secret::Secret,
};
use serde::Serialize;

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Failed,
    /// It works, but is probably not what was meant.
    Warning,
    /// It cannot be determined.
    Unknown,
    /// There is nothing to check, or it cannot be checked from here.
    Skipped,
}

impl CheckStatus {
    /// The word in documents.
    pub fn name(self) -> &'static str {
        match self {
            CheckStatus::Ok => "ok",
            CheckStatus::Failed => "failed",
            CheckStatus::Warning => "warning",
            CheckStatus::Unknown => "unknown",
            CheckStatus::Skipped => "skipped",
        }
    }
}

struct Row {
    id: &'static str,
    step: &'static str,
    status: CheckStatus,
    error: Option<&'static str>,
    owner: Option<&'static str>,
    text: &'static str,
    hint: Option<&'static str>,
}

include!(concat!(env!("OUT_DIR"), "/doctor_findings.rs"));

impl Id {
    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

/// What one step found; safe to show and to log.
#[derive(Clone, Debug, Serialize)]
pub struct CheckStep {
    /// The step, such as `metadata` or `client`; later versions may have more.
    pub name: &'static str,
    /// The stable id of what was found (`src/doctor_findings.tsv`); `error` where the step ended with an error.
    pub finding: &'static str,
    /// How it ended.
    pub status: CheckStatus,
    /// What was found, in plain sentences.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Who can fix it, in the words of the error table; only where something is to be fixed.
    pub owner: Option<&'static str>,
    /// The stable name of the error that it leads to.
    pub error: Option<&'static str>,
}

/// A finding, with what is filled into its texts.
#[derive(Debug)]
pub(super) struct Finding {
    id: Id,
    values: Vec<(&'static str, String)>,
}

impl Finding {
    pub(super) fn new(id: Id) -> Self {
        Finding { id, values: Vec::new() }
    }

    /// Fills a place of the texts. The value must be safe to show.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    fn filled(&self, text: &str) -> String {
        self.values
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// What a step gives: a finding, or the error that ended it.
pub(super) type Found = Result<Finding, Error>;

impl From<Finding> for CheckStep {
    fn from(finding: Finding) -> Self {
        let row = finding.id.row();
        CheckStep {
            name: row.step,
            finding: row.id,
            status: row.status,
            text: finding.filled(row.text),
            hint: row.hint.map(|hint| finding.filled(hint)),
            owner: row.owner,
            error: row.error,
        }
    }
}

/// The result of a step.
pub(super) fn step(name: &'static str, found: Found) -> CheckStep {
    match found {
        Ok(finding) => finding.into(),
        Err(error) => {
            let [_, owner, _] = error.code().words();
            CheckStep {
                name,
                finding: "error",
                status: CheckStatus::Failed,
                text: error.message(),
                hint: error.hint_text().map(str::to_owned),
                owner: Some(owner),
                error: Some(error.code().name()),
            }
        }
    }
}

/// Whether an error says that id and secret are not accepted; some servers say it by the status alone.
pub(super) fn refuses_client(error: &Error) -> bool {
    let has_word = error.vendor_error().code.is_some();
    let unauthorized = error.code() == Code::TokenRejected && error.http_status() == Some(401) && !has_word;
    unauthorized || error.code() == Code::InvalidClient
}

/// Whether form-encoding changes an id or a secret: then `basic_form_encoded` decides what the EHR reads.
pub(super) fn has_reserved_characters(id: &str, secret: Option<&Secret>) -> bool {
    use crate::secret::ExposeSecret;
    let plain = |c: char| c.is_ascii_alphanumeric() || "*-._".contains(c);
    let texts = [Some(id), secret.map(|secret| secret.expose_secret())];
    texts.into_iter().flatten().any(|text| !text.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_complete_and_each_line_makes_sense() {
        let owners: Vec<&str> = Code::all().map(|code| code.words()[1]).collect();
        for (number, row) in ROWS.iter().enumerate() {
            assert!(ROWS[..number].iter().all(|other| other.id != row.id), "{} is there twice", row.id);
            let to_fix = matches!(row.status, CheckStatus::Failed | CheckStatus::Warning);
            assert_eq!((row.owner.is_some(), row.error.is_some()), (to_fix, to_fix), "{}", row.id);
            assert!(row.owner.is_none_or(|owner| owners.contains(&owner)), "{}", row.id);
            assert!(row.error.is_none_or(|error| Code::all().any(|code| code.name() == error)), "{}", row.id);
            assert!(!to_fix || row.hint.is_some(), "{} says what to do", row.id);
            assert!(row.text.ends_with('.') || row.text.ends_with('}'), "{}", row.id);
        }
    }

    #[test]
    fn reserved_characters_are_those_that_form_encoding_changes() {
        for (text, reserved) in [
            ("abc-DEF_1.2*", false),
            ("a b", true),
            ("a+b", true),
            ("a/b=", true),
            ("ä", true),
            ("a:b", true),
            ("a~b", true),
        ] {
            assert_eq!(has_reserved_characters(text, None), reserved, "{text}");
            assert_eq!(has_reserved_characters("id", Some(&Secret::from(text))), reserved, "{text}");
        }
    }
}
