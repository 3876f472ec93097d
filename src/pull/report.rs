//! The report of a pull: for each resource type, what was received, what is missing, and why.

use crate::{error::Error, scope::ScopeSet, staging::preselect::NotPreselected};
use serde::Serialize;
use std::collections::BTreeMap;

/// How the retrieval of one resource type ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResourceStatus {
    /// Every answer proves that it is complete.
    #[default]
    Complete,
    /// Something was received, and the answers do not prove that it is everything.
    Partial,
    /// The EHR refuses this type to this sign-in, or did not grant its scope, so that the library sent no request. `error` says
    /// which.
    Denied,
    /// It was not requested, because the record has no date for any of its windows.
    Skipped,
    /// Nothing usable was received.
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

    /// Whether nothing that was requested is missing.
    pub fn is_complete(self) -> bool {
        matches!(self, ResourceStatus::Complete | ResourceStatus::Skipped)
    }
}

/// How one search of a type ended.
#[derive(Debug)]
pub(crate) enum SearchEnd {
    /// Its answers prove that they are complete.
    Complete,
    /// Something was received, and the answers do not prove that it is everything. The text is the reason.
    Partial(String),
    /// It failed after a page was received.
    CutOff(Error),
    /// The EHR refuses it, or it failed before a page was received.
    Failed(Error),
}

impl SearchEnd {
    /// A complete answer to a search of which the scopes exclude a part is not everything. `limit` is the reason.
    pub(crate) fn limited_to(self, limit: Option<&str>) -> Self {
        match (self, limit) {
            (SearchEnd::Complete, Some(limit)) => SearchEnd::Partial(limit.to_owned()),
            (end, _) => end,
        }
    }
}

/// How many searches of a resource type ended in each way.
#[derive(Clone, Copy, Debug, Default)]
struct SearchCounts {
    complete: usize,
    partial: usize,
    denied: usize,
    failed: usize,
}

/// The report of one resource type.
///
/// `received` is the sum of `with_rows` and of all counts in `discarded`.
#[derive(Clone, Debug, Default, Serialize, schemars::JsonSchema)]
pub struct ResourceReport {
    /// How the retrieval ended.
    pub status: ResourceStatus,
    /// Requests that were sent.
    pub requests: usize,
    /// Resources that were received. A resource that was received several times counts once.
    pub received: usize,
    /// Resources with at least one row.
    pub with_rows: usize,
    /// Resources without a row, by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub discarded: BTreeMap<String, usize>,
    /// The ids of the resources without a row, by reason; only when the request has `explain`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub discarded_ids: BTreeMap<String, Vec<String>>,
    /// How many times a resource was received again.
    #[serde(skip_serializing_if = "is_zero")]
    pub repeated: usize,
    /// How many of these times its content differed.
    #[serde(skip_serializing_if = "is_zero")]
    pub repeated_differently: usize,
    /// Why the retrieval is not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The error behind the reason, as a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<crate::error::ErrorDocument<'static>>")]
    pub error: Option<serde_json::Value>,
    #[serde(skip)]
    searches: SearchCounts,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl ResourceReport {
    /// The report of a resource type that is not requested.
    pub(crate) fn skipped() -> Self {
        let reason = Some("the record has no date for its windows".to_owned());
        ResourceReport { status: ResourceStatus::Skipped, reason, ..ResourceReport::default() }
    }

    /// Counts the end of one search.
    pub(crate) fn end_search(&mut self, end: SearchEnd) {
        use crate::error::Code;
        let reason = match end {
            SearchEnd::Complete => {
                self.searches.complete += 1;
                None
            }
            SearchEnd::Partial(reason) => {
                self.searches.partial += 1;
                Some(reason)
            }
            SearchEnd::CutOff(error) => {
                self.searches.partial += 1;
                Some(self.keep_error(&error))
            }
            SearchEnd::Failed(error) => {
                match error.code() {
                    Code::FhirDenied | Code::ScopeNotGranted => self.searches.denied += 1,
                    _ => self.searches.failed += 1,
                }
                Some(self.keep_error(&error))
            }
        };
        if let Some(reason) = reason {
            self.reason.get_or_insert(reason);
        }
        self.status = match self.searches {
            SearchCounts { partial: 0, denied: 0, failed: 0, .. } => ResourceStatus::Complete,
            SearchCounts { complete: 0, partial: 0, denied, failed: 0 } if denied > 0 => {
                ResourceStatus::Denied
            }
            SearchCounts { complete: 0, partial: 0, .. } => ResourceStatus::Failed,
            _ => ResourceStatus::Partial,
        };
    }

    /// Keeps the first error of the searches, and returns the message of this one.
    fn keep_error(&mut self, error: &Error) -> String {
        self.error.get_or_insert_with(|| error.to_json());
        error.message()
    }

    /// Counts a resource without a row.
    pub(crate) fn discard(&mut self, why: &str, id: Option<String>) {
        *self.discarded.entry(why.to_owned()).or_default() += 1;
        if let Some(id) = id {
            self.discarded_ids.entry(why.to_owned()).or_default().push(id);
        }
    }

    /// Whether every received resource has a row or is counted under a reason.
    pub fn adds_up(&self) -> bool {
        self.received == self.with_rows + self.discarded.values().sum::<usize>()
    }
}

/// The report of a pull.
#[derive(Clone, Debug, Default, Serialize, schemars::JsonSchema)]
pub struct PullReport {
    /// By resource type.
    pub resources: BTreeMap<String, ResourceReport>,
    /// Fields of the EHR that were left out, because the record has no date for their windows.
    pub without_date: Vec<String>,
    /// Study fields without a preselected value, or with values that the rules left out, and the reason.
    pub not_preselected: Vec<NotPreselected>,
    /// Whether the chart with the MRN of the record was merged into another chart, which was used. `warnings` says what to do.
    pub merged: bool,
    /// Deviations from the specifications that did not stop the pull.
    pub warnings: Vec<String>,
    /// Requests that were sent to the FHIR server, including retries.
    pub requests: usize,
    /// Whether the token was refreshed during the pull.
    pub refreshed: bool,
}

impl PullReport {
    /// The report of one resource type.
    pub(crate) fn resource(&mut self, resource_type: &str) -> &mut ResourceReport {
        self.resources.entry(resource_type.to_owned()).or_default()
    }

    /// Whether nothing that was requested is missing.
    pub fn is_complete(&self) -> bool {
        self.resources.values().all(|one| one.status.is_complete())
    }

    /// Adds to each denied resource type that the sign-in lacks the scope, if it does.
    pub(crate) fn explain_denials(&mut self, granted: &ScopeSet, is_system: bool) {
        for (resource_type, entry) in &mut self.resources {
            if entry.status == ResourceStatus::Denied && granted.lacks(resource_type) {
                let why = entry.reason.clone().unwrap_or_default();
                let (who, last) =
                    if is_system { ("system account", "") } else { ("sign-in", ", then sign in again") };
                entry.reason = Some(format!(
                    "{why} The {who} has no scope for {resource_type}. Add it to the resources of the source, ask your EHR \
                     team to grant it{last}."
                ));
            }
        }
    }

    /// Adds a warning, unless it is in the report already.
    pub(crate) fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn the_ends_of_the_searches_decide_the_status_of_a_type() {
        let complete = || SearchEnd::Complete;
        let partial = || SearchEnd::Partial("why".into());
        let denied = || SearchEnd::Failed(Error::new(Code::FhirDenied));
        let failed = || SearchEnd::Failed(Error::new(Code::FhirUnavailable));
        let cut_off = || SearchEnd::CutOff(Error::new(Code::FhirDenied));
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
