//! Errors of FHIR requests, in the format of each personality.

use serde_json::{Value, json};

use crate::{
    ehr::Ehr,
    http::Reply,
    personality::{ErrorFormat, media_type},
};

/// A reply, or the problem that becomes one.
pub(crate) type Answer = Result<Reply, Problem>;

/// The code system of Epic's error codes.
pub(crate) const EPIC_CODES: &str = "urn:oid:1.2.840.114350.1.13.0.1.7.2.657369";

/// The reason why a FHIR request failed.
#[derive(Debug)]
pub(crate) struct Problem {
    status: u16,
    /// The code of the OperationOutcome's issue.
    issue: &'static str,
    /// Epic's error code (E18), or empty.
    epic: &'static str,
    text: String,
    /// The body is an OperationOutcome in every personality.
    always_outcome: bool,
    /// The header WWW-Authenticate.
    challenge: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: u16, issue: &'static str, epic: &'static str, text: impl Into<String>) -> Self {
        Self { status, issue, epic, text: text.into(), always_outcome: false, challenge: None }
    }

    pub(crate) fn not_implemented(status: u16, what: &str) -> Self {
        let mut problem =
            Self::new(status, "not-supported", "", format!("ehr-sim does not implement {what}"));
        problem.always_outcome = true;
        problem
    }

    /// The same problem with an OperationOutcome at Oracle too.
    pub(crate) fn with_outcome(mut self) -> Self {
        self.always_outcome = true;
        self
    }

    pub(crate) fn challenge(mut self, value: impl Into<String>) -> Self {
        self.challenge = Some(value.into());
        self
    }

    pub(crate) fn reply(&self, ehr: &Ehr) -> Reply {
        let outcome = self.always_outcome || ehr.profile.errors != ErrorFormat::Text;
        let mut reply = if self.text.is_empty() {
            Reply::empty(self.status)
        } else if outcome {
            let epic = if ehr.profile.errors == ErrorFormat::Outcome { self.epic } else { "" };
            let severity = if self.status >= 500 { "fatal" } else { "error" };
            Reply::new(
                self.status,
                media_type(ehr.options.fhir),
                outcome_resource(severity, self.issue, epic, &self.text).to_string(),
            )
        } else {
            Reply::text(self.status, self.text.clone())
        };
        if let Some(challenge) = &self.challenge {
            reply = reply.with("www-authenticate", challenge.clone());
        }
        reply
    }
}

/// An OperationOutcome with one issue.
pub(crate) fn outcome_resource(severity: &str, issue: &str, epic: &str, text: &str) -> Value {
    let mut details = json!({ "text": text });
    if !epic.is_empty() {
        details["coding"] = json!([{ "system": EPIC_CODES, "code": epic, "display": text }]);
    }
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{
            "severity": severity, "code": issue, "details": details, "diagnostics": text,
        }],
    })
}
