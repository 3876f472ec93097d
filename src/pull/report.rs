//! The report of a pull: what came, what did not, and why, for each resource type.

use crate::{
    error::Error,
    scope::{Reading, ScopeSet},
    staging::commit::NotPreselected,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// How the retrieval of one resource type ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceStatus {
    /// Every answer proves that everything asked for came.
    #[default]
    Complete,
    /// Something came; the answers do not prove that it was everything.
    Partial,
    /// The EHR refuses this type to this sign-in.
    Denied,
    /// It was not asked for: no date for any of its windows.
    Skipped,
    /// Nothing usable came.
    Failed,
}

impl ResourceStatus {
    /// The word in documents and events.
    pub fn name(self) -> &'static str {
        match self {
            ResourceStatus::Complete => "complete",
            ResourceStatus::Partial => "partial",
            ResourceStatus::Denied => "denied",
            ResourceStatus::Skipped => "skipped",
            ResourceStatus::Failed => "failed",
        }
    }

    /// Whether everything that was asked for came.
    pub fn is_fine(self) -> bool {
        matches!(self, ResourceStatus::Complete | ResourceStatus::Skipped)
    }
}

/// How one search of a type ended.
#[derive(Debug)]
pub(crate) enum SearchEnd {
    /// Its answers prove that everything came.
    Complete,
    /// Something came; the answers do not prove that it was everything.
    Partial(String),
    /// The EHR refuses it, or it failed. The flag says whether a page came before.
    Error(Error, bool),
}

/// How the searches of a type ended, counted.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    complete: usize,
    partial: usize,
    denied: usize,
    failed: usize,
}

/// What the report says about one resource type.
///
/// `received` is the sum of `with_rows` and of all counts in `discarded`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ResourceReport {
    /// How it ended.
    pub status: ResourceStatus,
    /// Requests sent.
    pub requests: usize,
    /// Resources received; one that came several times counts once.
    pub received: usize,
    /// Resources that gave at least one row.
    pub with_rows: usize,
    /// Resources that gave no row, by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub discarded: BTreeMap<String, usize>,
    /// The ids of the resources that gave no row, by reason; only if the request asked for them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub discarded_ids: BTreeMap<String, Vec<String>>,
    /// How many times a resource came that had come before.
    #[serde(skip_serializing_if = "is_zero")]
    pub repeated: usize,
    /// How many of these had another content than before.
    #[serde(skip_serializing_if = "is_zero")]
    pub repeated_differently: usize,
    /// Why it is not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The error behind the reason, as a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<serde_json::Value>,
    #[serde(skip)]
    ends: Ends,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl ResourceReport {
    /// The report of a type of which nothing is asked for.
    pub(crate) fn skipped() -> Self {
        let reason = Some("the record has no date for its windows".to_owned());
        ResourceReport { status: ResourceStatus::Skipped, reason, ..ResourceReport::default() }
    }

    /// Counts the end of one search of the type.
    pub(crate) fn end_search(&mut self, end: SearchEnd) {
        use crate::error::Code;
        let reason = match end {
            SearchEnd::Complete => {
                self.ends.complete += 1;
                None
            }
            SearchEnd::Partial(reason) => {
                self.ends.partial += 1;
                Some(reason)
            }
            SearchEnd::Error(error, some_came) => {
                match error.code() {
                    _ if some_came => self.ends.partial += 1,
                    Code::FhirDenied => self.ends.denied += 1,
                    _ => self.ends.failed += 1,
                }
                self.error.get_or_insert_with(|| error.to_json());
                Some(error.message())
            }
        };
        if let Some(reason) = reason {
            self.reason.get_or_insert(reason);
        }
        self.status = match self.ends {
            Ends { partial: 0, denied: 0, failed: 0, .. } => ResourceStatus::Complete,
            Ends { complete: 0, partial: 0, denied, failed: 0 } if denied > 0 => ResourceStatus::Denied,
            Ends { complete: 0, partial: 0, .. } => ResourceStatus::Failed,
            _ => ResourceStatus::Partial,
        };
    }

    /// Counts a resource that gave no row.
    pub(crate) fn discard(&mut self, why: &str, id: Option<String>) {
        *self.discarded.entry(why.to_owned()).or_default() += 1;
        if let Some(id) = id {
            self.discarded_ids.entry(why.to_owned()).or_default().push(id);
        }
    }

    /// Whether every resource that came is a row or is counted under a reason.
    pub fn adds_up(&self) -> bool {
        self.received == self.with_rows + self.discarded.values().sum::<usize>()
    }
}

/// The report of a pull.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// By resource type.
    pub resources: BTreeMap<String, ResourceReport>,
    /// Fields left out because the record has no date for their window.
    pub without_date: Vec<String>,
    /// Why the rules marked no value of a field, or left some of its values out.
    pub not_preselected: Vec<NotPreselected>,
    /// Whether the chart with the record's MRN was merged into another one, which was used. `warnings` says what to do.
    pub merged: bool,
    /// What was not as the specifications have it, but could be used.
    pub warnings: Vec<String>,
    /// Requests sent to the FHIR server, each try counted.
    pub requests: usize,
    /// Whether the token was refreshed on the way.
    pub refreshed: bool,
}

impl Report {
    /// The report of one type.
    pub(crate) fn of(&mut self, resource_type: &str) -> &mut ResourceReport {
        self.resources.entry(resource_type.to_owned()).or_default()
    }

    /// Whether everything asked for came.
    pub fn is_complete(&self) -> bool {
        self.resources.values().all(|one| one.status.is_fine())
    }

    /// Adds to each denial whether the sign-in lacks the scope, which the configuration can change.
    pub(crate) fn explain_denials(&mut self, granted: &str, is_system: bool) {
        let granted = ScopeSet::parse(granted);
        for (resource_type, told) in &mut self.resources {
            if told.status == ResourceStatus::Denied && granted.reading(resource_type) == Reading::None {
                let why = told.reason.clone().unwrap_or_default();
                let (who, last) =
                    if is_system { ("system account", "") } else { ("sign-in", ", and sign in again") };
                told.reason = Some(format!(
                    "{why} The {who} has no scope for {resource_type}: add it to the source's resources, ask your EHR \
                     team to grant it{last}."
                ));
            }
        }
    }

    /// Notes something warnings, once.
    pub(crate) fn tolerate(&mut self, what: String) {
        if !self.warnings.contains(&what) {
            self.warnings.push(what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn the_status_of_a_type_follows_from_the_ends_of_its_searches() {
        let complete = || SearchEnd::Complete;
        let partial = || SearchEnd::Partial("why".into());
        let denied = || SearchEnd::Error(Error::new(Code::FhirDenied), false);
        let failed = || SearchEnd::Error(Error::new(Code::FhirUnavailable), false);
        let cut_off = || SearchEnd::Error(Error::new(Code::FhirDenied), true);
        for (ends, status) in [
            (vec![complete()], ResourceStatus::Complete),
            (vec![complete(), complete()], ResourceStatus::Complete),
            (vec![complete(), partial()], ResourceStatus::Partial),
            (vec![denied()], ResourceStatus::Denied),
            (vec![denied(), denied()], ResourceStatus::Denied),
            (vec![denied(), failed()], ResourceStatus::Failed),
            (vec![failed()], ResourceStatus::Failed),
            (vec![failed(), complete()], ResourceStatus::Partial),
            (vec![denied(), complete()], ResourceStatus::Partial),
            (vec![cut_off()], ResourceStatus::Partial),
        ] {
            let mut report = ResourceReport::default();
            let words = format!("{ends:?}");
            ends.into_iter().for_each(|end| report.end_search(end));
            assert_eq!(report.status, status, "{words}");
            assert_eq!(report.reason.is_some(), status != ResourceStatus::Complete, "{words}");
        }
    }
}
