//! The report of a pull: what came, what did not, and why, for each resource type.

use crate::{error::Error, scope::ScopeSet};
use serde::Serialize;
use std::collections::BTreeMap;

/// How the retrieval of one resource type ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything asked for came.
    #[default]
    Complete,
    /// Some pages came, not all.
    Partial,
    /// The EHR refuses this type to this sign-in.
    Denied,
    /// It was not asked for: no date for any of its windows.
    Skipped,
    /// It could not be had.
    Failed,
}

impl Status {
    /// The word in documents and events.
    pub fn name(self) -> &'static str {
        match self {
            Status::Complete => "complete",
            Status::Partial => "partial",
            Status::Denied => "denied",
            Status::Skipped => "skipped",
            Status::Failed => "failed",
        }
    }

    /// Whether everything that was asked for came.
    pub fn is_fine(self) -> bool {
        matches!(self, Status::Complete | Status::Skipped)
    }
}

/// What is told of one resource type.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ResourceReport {
    /// How it ended.
    pub status: Status,
    /// Requests sent.
    pub requests: usize,
    /// Resources received, repeats not counted.
    pub received: usize,
    /// Resources that gave no value although asked for, by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub discarded: BTreeMap<String, usize>,
    /// Why it is not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The error behind the reason, as a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<serde_json::Value>,
}

impl ResourceReport {
    /// Notes a failure; what came before it stays.
    pub fn failed(&mut self, error: &Error) {
        use crate::error::Code;
        self.status = match error.code() {
            Code::FhirDenied => Status::Denied,
            _ if self.received > 0 => Status::Partial,
            _ => Status::Failed,
        };
        self.reason = Some(error.message());
        self.error = Some(error.to_json());
    }

    /// Notes that the server left something out of an answer.
    pub fn withheld(&mut self, code: &str) {
        self.status = Status::Partial;
        self.reason = Some(format!("the EHR says that it leaves something out (code {code})"));
    }

    /// Notes a resource that gave no value.
    pub fn discard(&mut self, why: &str) {
        *self.discarded.entry(why.to_owned()).or_default() += 1;
    }
}

/// The report of a pull.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// By resource type.
    pub resources: BTreeMap<String, ResourceReport>,
    /// Fields left out because the record has no date for their window.
    pub without_date: Vec<String>,
    /// What was not as the specifications have it, but could be used.
    pub tolerated: Vec<String>,
    /// Requests sent to the FHIR server, each try counted.
    pub requests: usize,
    /// Whether the token was refreshed on the way.
    pub refreshed: bool,
}

impl Report {
    /// Whether everything asked for came.
    pub fn is_complete(&self) -> bool {
        self.resources.values().all(|one| one.status.is_fine())
    }

    /// Says of each denial whether the sign-in lacks the scope: then it is ours to mend.
    pub fn explain_denials(&mut self, granted: &str) {
        let granted = ScopeSet::parse(granted);
        for (resource_type, told) in &mut self.resources {
            if told.status == Status::Denied && !granted.covers_reading(resource_type) {
                let why = told.reason.clone().unwrap_or_default();
                told.reason = Some(format!(
                    "{why} The sign-in has no scope for {resource_type}: add it to the source's resources, have the \
                     EHR team grant it, and sign in again."
                ));
            }
        }
    }

    /// Notes something tolerated, once.
    pub fn tolerate(&mut self, what: String) {
        if !self.tolerated.contains(&what) {
            self.tolerated.push(what);
        }
    }
}
