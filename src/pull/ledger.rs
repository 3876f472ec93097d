//! The result of each resource that a pull received: a row, or one reason why it has no row.
//!
//! The ledger keeps a short hash of each resource, so the memory of a pull does not grow with the size of its pages.

use super::report::{PullReport, SearchEnd};
use crate::{
    error::{Code, Error, Result},
    fhir::Json,
    fields::DiscardReason,
    staging::draft::{ResourceVersion, resource_hash},
};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// Why a resource has no row. Of several reasons, the greatest one is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoRowReason {
    /// No mapping line matches it: it has another code, or another state of a list.
    NotMapped,
    /// Its time is outside every window.
    OutsideWindow,
    /// It has no time, so it is not in a window.
    WithoutTime,
    /// It has no value, or a value without a text.
    NoValue,
    /// Its text contains U+FFFD, which replaces a character that could not be decoded.
    UnreadableText,
    /// Its medication is in another resource that could not be read.
    NoMedication,
    /// Its value is too long for a study field.
    TooLong,
    /// Its category is not recognized, so its list is not known.
    UnknownCategory,
    /// Its status is not recognized, or its codes contradict each other.
    UnknownStatus,
    /// It has a modifier extension, which changes its meaning.
    UnknownModifier,
    /// It is an order not to do something.
    DoNotPerform,
    /// Its status means that it is not a fact, or not yet.
    Status,
    /// It was entered in error.
    EnteredInError,
    /// It has another type than the type of the search.
    OtherType,
    /// It does not show its patient.
    NoPatient,
    /// It refers to its patient at a base URL that is neither the source's nor an alias.
    UnknownBase,
    /// It has no id.
    NoId,
    /// It has no type.
    NoType,
}

impl NoRowReason {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            NoRowReason::NotMapped => "not_mapped",
            NoRowReason::OutsideWindow => "outside_window",
            NoRowReason::WithoutTime => "without_time",
            NoRowReason::NoValue => "no_value",
            NoRowReason::UnreadableText => "unreadable_text",
            NoRowReason::NoMedication => "no_medication",
            NoRowReason::TooLong => "too_long",
            NoRowReason::UnknownCategory => "unknown_category",
            NoRowReason::UnknownStatus => "unknown_status",
            NoRowReason::UnknownModifier => "unknown_modifier",
            NoRowReason::DoNotPerform => "do_not_perform",
            NoRowReason::Status => "status",
            NoRowReason::EnteredInError => "entered_in_error",
            NoRowReason::OtherType => "other_type",
            NoRowReason::NoPatient => "no_patient",
            NoRowReason::UnknownBase => "unknown_base",
            NoRowReason::NoId => "no_id",
            NoRowReason::NoType => "no_type",
        }
    }
}

impl From<DiscardReason> for NoRowReason {
    fn from(why: DiscardReason) -> Self {
        match why {
            DiscardReason::EnteredInError => NoRowReason::EnteredInError,
            DiscardReason::Status => NoRowReason::Status,
            DiscardReason::UnknownCategory => NoRowReason::UnknownCategory,
            DiscardReason::UnknownStatus => NoRowReason::UnknownStatus,
            DiscardReason::UnknownModifier => NoRowReason::UnknownModifier,
            DiscardReason::DoNotPerform => NoRowReason::DoNotPerform,
            DiscardReason::NoValue => NoRowReason::NoValue,
            DiscardReason::NoMedication => NoRowReason::NoMedication,
            DiscardReason::UnreadableText => NoRowReason::UnreadableText,
        }
    }
}

/// A row, or the reason why a resource has none.
pub type RowResult = std::result::Result<(), NoRowReason>;

/// One received resource.
#[derive(Debug)]
struct Entry {
    resource_type: &'static str,
    version: ResourceVersion,
    content: u64,
    result: RowResult,
    /// Kept only for a report with ids.
    id: Option<String>,
}

/// All resources that a pull received.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: HashMap<[u8; 16], Entry>,
    /// How many resources that cannot be used were received, by type and reason.
    unusable: HashMap<(&'static str, NoRowReason), usize>,
    repeated: HashMap<&'static str, usize>,
    differences: HashMap<&'static str, Differences>,
    /// Whether the report names the ids of resources without a row.
    keep_ids: bool,
    /// Whether a resource was received again in a later version.
    superseded: bool,
}

/// Resources of one type that were received again with different content.
#[derive(Debug, Default)]
struct Differences {
    /// How many times that happened.
    times: usize,
    /// How many of these times the versions do not show which content is the later one.
    undecided: usize,
}

/// Whether a resource was received before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// It was not received before.
    New,
    /// It was received before in an earlier version, which it replaces.
    Newer,
    /// It was received before in this or a later version.
    Repeated,
}

/// The version of a resource.
pub fn version_of(resource: &Json) -> ResourceVersion {
    let updated = resource.at(&["meta", "lastUpdated"]).text().and_then(|text| text.parse().ok());
    let version = resource.at(&["meta", "versionId"]).text().and_then(|text| text.parse().ok());
    (updated, version)
}

/// A hash of the content of a resource, without `meta` and `text`. It is compared in one pull only.
pub fn content_hash(resource: &Json) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let Json::Object(members) = resource {
        members
            .iter()
            .filter(|(name, _)| !["meta", "text"].contains(&name.as_str()))
            .for_each(|member| member.hash(&mut hasher));
    }
    hasher.finish()
}

impl Ledger {
    /// An empty ledger. With `keep_ids`, the report names the ids of resources without a row.
    pub fn new(keep_ids: bool) -> Self {
        Ledger { keep_ids, ..Ledger::default() }
    }

    /// How many resources were received.
    pub fn len(&self) -> usize {
        self.entries.len() + self.unusable.values().sum::<usize>()
    }

    /// Registers a received resource. At most `limit` resources may be registered.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`].
    pub fn register(
        &mut self,
        resource_type: &'static str,
        id: &str,
        version: ResourceVersion,
        content: u64,
        limit: usize,
    ) -> Result<Occurrence> {
        let hash = resource_hash(resource_type, id);
        if let Some(entry) = self.entries.get_mut(&hash) {
            *self.repeated.entry(resource_type).or_default() += 1;
            if content != entry.content {
                let differences = self.differences.entry(resource_type).or_default();
                differences.times += 1;
                differences.undecided += usize::from(version == entry.version);
            }
            if version <= entry.version {
                return Ok(Occurrence::Repeated);
            }
            (entry.version, entry.content) = (version, content);
            self.superseded = true;
            return Ok(Occurrence::Newer);
        }
        self.check_limit(limit)?;
        let id = self.keep_ids.then(|| id.to_owned());
        self.entries
            .insert(hash, Entry { resource_type, version, content, result: Err(NoRowReason::NotMapped), id });
        Ok(Occurrence::New)
    }

    fn check_limit(&self, limit: usize) -> Result<()> {
        if self.len() >= limit {
            return Err(Error::new(Code::LimitExceeded).detail(format!("{limit} resources")));
        }
        Ok(())
    }

    /// Sets the result of a registered resource.
    pub fn set_result(&mut self, resource_type: &str, id: &str, result: RowResult) {
        if let Some(entry) = self.entries.get_mut(&resource_hash(resource_type, id)) {
            entry.result = result;
        }
    }

    /// Registers a resource that cannot be used.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`].
    pub fn register_unusable(
        &mut self,
        resource_type: &'static str,
        reason: NoRowReason,
        limit: usize,
    ) -> Result<()> {
        self.check_limit(limit)?;
        *self.unusable.entry((resource_type, reason)).or_default() += 1;
        Ok(())
    }

    /// Whether a resource was received again in a later version.
    pub fn has_superseded(&self) -> bool {
        self.superseded
    }

    /// The latest version of a registered resource.
    pub fn latest_version(&self, resource_type: &str, id: &str) -> Option<ResourceVersion> {
        self.entries.get(&resource_hash(resource_type, id)).map(|entry| entry.version)
    }

    /// The received resources, and whether each was entered in error.
    pub fn received(&self) -> Vec<([u8; 16], bool)> {
        let in_error = |entry: &Entry| entry.result == Err(NoRowReason::EnteredInError);
        self.entries.iter().map(|(hash, entry)| (*hash, in_error(entry))).collect()
    }

    /// Writes the counts into a report.
    pub fn fill(self, report: &mut PullReport) {
        for ((resource_type, reason), count) in self.unusable {
            let entry = report.resource(resource_type);
            entry.received += count;
            (0..count).for_each(|_| entry.discard(reason.name(), None));
        }
        for (resource_type, count) in self.repeated {
            report.resource(resource_type).repeated += count;
        }
        for (resource_type, Differences { times, undecided }) in self.differences {
            let entry = report.resource(resource_type);
            entry.repeated_differently += times;
            // Nothing shows which content is right, so the answers prove nothing.
            if undecided > 0 {
                let reason = format!("the EHR sent the same id with different content {undecided} times");
                entry.end_search(SearchEnd::Partial(reason));
            }
        }
        for Entry { resource_type, result, id, .. } in self.entries.into_values() {
            let entry = report.resource(resource_type);
            entry.received += 1;
            match result {
                Ok(()) => entry.with_rows += 1,
                Err(reason) => entry.discard(reason.name(), id),
            }
        }
        for entry in report.resources.values_mut() {
            entry.discarded_ids.values_mut().for_each(|ids| ids.sort_unstable());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pull::report::ResourceStatus;

    #[test]
    fn every_resource_is_counted_once_and_the_counts_add_up() {
        let mut ledger = Ledger::new(true);
        let plain: ResourceVersion = (None, None);
        assert_eq!(ledger.register("Observation", "a", plain, 0, 9).unwrap(), Occurrence::New);
        assert_eq!(ledger.register("Observation", "a", plain, 0, 9).unwrap(), Occurrence::Repeated);
        assert!(!ledger.has_superseded());
        assert_eq!(ledger.register("Observation", "a", (None, Some(2)), 1, 9).unwrap(), Occurrence::Newer);
        assert!(ledger.has_superseded());
        assert_eq!(ledger.latest_version("Observation", "a"), Some((None, Some(2))));
        ledger.set_result("Observation", "a", Ok(()));
        assert_eq!(ledger.register("Observation", "b", plain, 0, 9).unwrap(), Occurrence::New);
        ledger.set_result("Observation", "b", Err(NoRowReason::EnteredInError));
        ledger.register("Condition", "b", plain, 0, 9).unwrap();
        ledger.register_unusable("Observation", NoRowReason::NoId, 9).unwrap();
        assert_eq!(ledger.received().iter().filter(|(_, in_error)| *in_error).count(), 1);
        let error = ledger.register("Condition", "c", plain, 0, 4).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        let mut report = PullReport::default();
        ledger.fill(&mut report);
        let entry = &report.resources["Observation"];
        assert_eq!((entry.received, entry.with_rows, entry.repeated), (3, 1, 2));
        assert_eq!((entry.repeated_differently, entry.status), (1, ResourceStatus::Complete));
        assert_eq!(entry.discarded_ids["entered_in_error"], ["b"]);
        assert!(report.resources.values().all(crate::pull::report::ResourceReport::adds_up), "{report:?}");
    }

    #[test]
    fn the_same_id_with_different_content_is_reported_and_is_complete_only_when_a_version_decides() {
        let observation = |rest: &str| {
            let text = format!(r#"{{"resourceType": "Observation", "id": "o", {rest}}}"#);
            Json::parse(&text).unwrap()
        };
        let first = observation(r#""valueInteger": 1, "meta": {"versionId": "1"}"#);
        for (second, differently, status) in [
            (r#""valueInteger": 1, "meta": {"versionId": "1"}"#, 0, ResourceStatus::Complete),
            (
                r#""valueInteger": 1, "text": {"div": "x"}, "meta": {"versionId": "2"}"#,
                0,
                ResourceStatus::Complete,
            ),
            (r#""valueInteger": 2, "meta": {"versionId": "2"}"#, 1, ResourceStatus::Complete),
            (r#""valueInteger": 1.0, "meta": {"versionId": "1"}"#, 1, ResourceStatus::Partial),
            (r#""valueInteger": 2, "meta": {"versionId": "1"}"#, 1, ResourceStatus::Partial),
        ] {
            let mut ledger = Ledger::default();
            for resource in [&first, &observation(second)] {
                ledger.register("Observation", "o", version_of(resource), content_hash(resource), 9).unwrap();
            }
            let mut report = PullReport::default();
            report.resource("Observation").end_search(SearchEnd::Complete);
            ledger.fill(&mut report);
            let entry = &report.resources["Observation"];
            assert_eq!((entry.repeated_differently, entry.status), (differently, status), "{second}");
            assert_eq!(entry.reason.is_some(), status == ResourceStatus::Partial);
        }
    }
}
