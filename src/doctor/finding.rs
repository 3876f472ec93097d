//! The findings of the steps, from the table `src/doctor_findings.tsv`.

use crate::{
    error::{Code, Error},
    secret::Secret,
};
use serde::Serialize;

/// The status of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckStatus {
    /// The step found no problem.
    Ok,
    /// The step found a problem.
    Failed,
    /// It works, but the configuration is probably wrong.
    Warning,
    /// The step could not determine whether there is a problem.
    Unknown,
    /// There is nothing to check, or the library cannot check it.
    Skipped,
}

impl CheckStatus {
    /// The name in documents, such as `ok`.
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

impl FindingId {
    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

/// The result of one step. It is safe to show and to log.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct CheckStep {
    /// The step, such as `metadata` or `client`. Later versions may have more steps.
    pub name: &'static str,
    /// The stable id of the finding, such as `client_wrong`, or `error` if the step ended with an error.
    pub finding: &'static str,
    /// The status of the step.
    pub status: CheckStatus,
    /// The finding in plain sentences.
    pub text: String,
    /// What to do, if there is something to do.
    pub hint: Option<String>,
    /// Who can fix the problem, such as `ehr_team`. Absent if there is no problem.
    pub owner: Option<&'static str>,
    /// The stable name of the error that the problem causes in other calls. Absent if there is no problem.
    pub error: Option<&'static str>,
}

/// A finding, and the values for the places in its texts.
#[derive(Debug)]
pub(super) struct Finding {
    id: FindingId,
    values: Vec<(&'static str, String)>,
}

impl Finding {
    pub(super) fn new(id: FindingId) -> Self {
        Finding { id, values: Vec::new() }
    }

    /// Sets the value for the place `{name}` in the texts. The value must be safe to show.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    fn fill(&self, text: &str) -> String {
        self.values
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// The result of a step: a finding, or the error that ended it.
pub(super) type StepResult = Result<Finding, Error>;

impl From<Finding> for CheckStep {
    fn from(finding: Finding) -> Self {
        let row = finding.id.row();
        CheckStep {
            name: row.step,
            finding: row.id,
            status: row.status,
            text: finding.fill(row.text),
            hint: row.hint.map(|hint| finding.fill(hint)),
            owner: row.owner,
            error: row.error,
        }
    }
}

/// Converts the result of a step for the caller.
pub(super) fn to_check_step(name: &'static str, found: StepResult) -> CheckStep {
    match found {
        Ok(finding) => finding.into(),
        Err(error) => CheckStep {
            name,
            finding: "error",
            status: CheckStatus::Failed,
            text: error.message(),
            hint: error.hint_text().map(str::to_owned),
            owner: Some(error.owner().name()),
            error: Some(error.code().name()),
        },
    }
}

/// Whether an error means that the server does not accept the client id and secret. Some servers send only HTTP 401.
pub(super) fn is_client_refused(error: &Error) -> bool {
    let has_word = error.vendor_error().code.is_some();
    let unauthorized = error.code() == Code::TokenRejected && error.http_status() == Some(401) && !has_word;
    unauthorized || error.code() == Code::InvalidClient
}

/// Whether form-encoding changes the client id or the secret. If so, `policy.basic_form_encoded` must be as the EHR requires.
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
    fn each_finding_has_the_cells_that_its_status_needs() {
        let owners: Vec<&str> = Code::all().map(|code| code.words()[1]).collect();
        for (number, row) in ROWS.iter().enumerate() {
            assert!(ROWS[..number].iter().all(|other| other.id != row.id), "{} occurs twice", row.id);
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
