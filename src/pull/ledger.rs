//! What became of each resource that a pull received: a row, or one reason why not.
//!
//! Of a resource it keeps a short hash, not the resource: the memory of a pull does not grow with the size of its pages.

use super::report::{Report, SearchEnd};
use crate::{
    error::{Code, Error, Result},
    fhir::Json,
    fields::Discarded,
    staging::draft::{ResourceVersion, resource_hash},
};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// Why a resource gave no row. Of several reasons, the greatest one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No line of the mapping takes it: another code, or another state of a list.
    NotMapped,
    /// Its time is outside each window.
    OutsideWindow,
    /// It has no time, so it is in no window.
    WithoutTime,
    /// It holds no value, or one that has no text.
    NoValue,
    /// Its text has a character that could not be read.
    UnreadableText,
    /// Its medication is in another resource that could not be read.
    NoMedication,
    /// Its value is longer than a study field can hold.
    TooLong,
    /// Its category cannot be read, so that it is not known in which list it belongs.
    UnknownCategory,
    /// Its status cannot be read, or its codes contradict each other.
    UnknownStatus,
    /// It has a modifier extension: its meaning is not the plain one.
    UnknownModifier,
    /// It is an order not to do something.
    DoNotPerform,
    /// Its status says that it is not, or not yet, a fact.
    Status,
    /// It was entered in error.
    EnteredInError,
    /// It is of another type than the search asked for.
    OtherType,
    /// It does not say whose it is.
    NoPatient,
    /// It refers to its patient at a base address that is not known here.
    UnknownBase,
    /// It has no id.
    NoId,
    /// It has no type.
    NoType,
}

impl Reason {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Reason::NotMapped => "not_mapped",
            Reason::OutsideWindow => "outside_window",
            Reason::WithoutTime => "without_time",
            Reason::NoValue => "no_value",
            Reason::UnreadableText => "unreadable_text",
            Reason::NoMedication => "no_medication",
            Reason::TooLong => "too_long",
            Reason::UnknownCategory => "unknown_category",
            Reason::UnknownStatus => "unknown_status",
            Reason::UnknownModifier => "unknown_modifier",
            Reason::DoNotPerform => "do_not_perform",
            Reason::Status => "status",
            Reason::EnteredInError => "entered_in_error",
            Reason::OtherType => "other_type",
            Reason::NoPatient => "no_patient",
            Reason::UnknownBase => "unknown_base",
            Reason::NoId => "no_id",
            Reason::NoType => "no_type",
        }
    }
}

impl From<Discarded> for Reason {
    fn from(why: Discarded) -> Self {
        match why {
            Discarded::EnteredInError => Reason::EnteredInError,
            Discarded::Status => Reason::Status,
            Discarded::UnknownCategory => Reason::UnknownCategory,
            Discarded::UnknownStatus => Reason::UnknownStatus,
            Discarded::UnknownModifier => Reason::UnknownModifier,
            Discarded::DoNotPerform => Reason::DoNotPerform,
            Discarded::NoValue => Reason::NoValue,
            Discarded::NoMedication => Reason::NoMedication,
            Discarded::UnreadableText => Reason::UnreadableText,
        }
    }
}

/// What became of a resource.
pub type Outcome = std::result::Result<(), Reason>;

/// One resource.
#[derive(Debug)]
struct Entry {
    resource_type: &'static str,
    version: ResourceVersion,
    content: u64,
    outcome: Outcome,
    id: Option<String>,
}

/// All resources of a pull.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: HashMap<[u8; 16], Entry>,
    /// Resources that cannot be told apart, by type and reason.
    unnamed: HashMap<(&'static str, Reason), usize>,
    repeated: HashMap<&'static str, usize>,
    differences: HashMap<&'static str, Differences>,
    /// Whether ids of resources without a row are kept for the report.
    keep_ids: bool,
    /// Whether a resource came again in a later version.
    superseded: bool,
}

/// Resources of one type that came again with another content.
#[derive(Debug, Default)]
struct Differences {
    /// How many times.
    times: usize,
    /// In how many of these no version says which content is the later one.
    undecided: usize,
}

/// Whether a resource that came has to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// It is new.
    New,
    /// It came before in an earlier version: this one counts.
    Newer,
    /// It came before.
    Repeated,
}

/// The version of a resource.
pub fn version_of(resource: &Json) -> ResourceVersion {
    let updated = resource.at(&["meta", "lastUpdated"]).text().and_then(|text| text.parse().ok());
    let version = resource.at(&["meta", "versionId"]).text().and_then(|text| text.parse().ok());
    (updated, version)
}

/// A hash of what a resource says, without its version and its text for people. It is compared within one pull only.
pub fn content(resource: &Json) -> u64 {
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
    /// An empty ledger; with `keep_ids` the report names the resources that gave no row.
    pub fn new(keep_ids: bool) -> Self {
        Ledger { keep_ids, ..Ledger::default() }
    }

    /// How many resources came.
    pub fn len(&self) -> usize {
        self.entries.len() + self.unnamed.values().sum::<usize>()
    }

    /// Notes that a resource came, with at most `limit` in all.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`].
    pub fn arrive(
        &mut self,
        resource_type: &'static str,
        id: &str,
        version: ResourceVersion,
        content: u64,
        limit: usize,
    ) -> Result<Occurrence> {
        let hash = resource_hash(resource_type, id);
        if let Some(known) = self.entries.get_mut(&hash) {
            *self.repeated.entry(resource_type).or_default() += 1;
            if content != known.content {
                let differences = self.differences.entry(resource_type).or_default();
                differences.times += 1;
                differences.undecided += usize::from(version == known.version);
            }
            if version <= known.version {
                return Ok(Occurrence::Repeated);
            }
            (known.version, known.content) = (version, content);
            self.superseded = true;
            return Ok(Occurrence::Newer);
        }
        self.check_room(limit)?;
        let id = self.keep_ids.then(|| id.to_owned());
        self.entries
            .insert(hash, Entry { resource_type, version, content, outcome: Err(Reason::NotMapped), id });
        Ok(Occurrence::New)
    }

    fn check_room(&self, limit: usize) -> Result<()> {
        if self.len() >= limit {
            return Err(Error::new(Code::LimitExceeded).detail(format!("{limit} resources")));
        }
        Ok(())
    }

    /// Notes what became of a resource that came.
    pub fn settle(&mut self, resource_type: &str, id: &str, outcome: Outcome) {
        if let Some(entry) = self.entries.get_mut(&resource_hash(resource_type, id)) {
            entry.outcome = outcome;
        }
    }

    /// Notes a resource that cannot be read at all.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`].
    pub fn refuse(&mut self, resource_type: &'static str, reason: Reason, limit: usize) -> Result<()> {
        self.check_room(limit)?;
        *self.unnamed.entry((resource_type, reason)).or_default() += 1;
        Ok(())
    }

    /// Whether a resource came again in a later version.
    pub fn superseded(&self) -> bool {
        self.superseded
    }

    /// The version that counts of a resource that came.
    pub fn latest_version(&self, resource_type: &str, id: &str) -> Option<ResourceVersion> {
        self.entries.get(&resource_hash(resource_type, id)).map(|entry| entry.version)
    }

    /// The resources that came, and whether each was entered in error.
    pub fn received(&self) -> Vec<([u8; 16], bool)> {
        let in_error = |entry: &Entry| entry.outcome == Err(Reason::EnteredInError);
        self.entries.iter().map(|(hash, entry)| (*hash, in_error(entry))).collect()
    }

    /// Writes the counts into a report.
    pub fn fill(self, report: &mut Report) {
        for ((resource_type, reason), count) in self.unnamed {
            let entry = report.of(resource_type);
            entry.received += count;
            (0..count).for_each(|_| entry.discard(reason.name(), None));
        }
        for (resource_type, count) in self.repeated {
            report.of(resource_type).repeated += count;
        }
        for (resource_type, Differences { times, undecided }) in self.differences {
            let entry = report.of(resource_type);
            entry.repeated_differently += times;
            // Which of the contents is the patient's is not known, so the answers prove nothing.
            if undecided > 0 {
                let reason = format!("the EHR sent the same id with different content {undecided} times");
                entry.end_search(SearchEnd::Partial(reason));
            }
        }
        for Entry { resource_type, outcome, id, .. } in self.entries.into_values() {
            let entry = report.of(resource_type);
            entry.received += 1;
            match outcome {
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
    fn every_resource_is_counted_once_and_the_numbers_add_up() {
        let mut ledger = Ledger::new(true);
        let plain: ResourceVersion = (None, None);
        assert_eq!(ledger.arrive("Observation", "a", plain, 0, 9).unwrap(), Occurrence::New);
        assert_eq!(ledger.arrive("Observation", "a", plain, 0, 9).unwrap(), Occurrence::Repeated);
        assert!(!ledger.superseded());
        assert_eq!(ledger.arrive("Observation", "a", (None, Some(2)), 1, 9).unwrap(), Occurrence::Newer);
        assert!(ledger.superseded());
        assert_eq!(ledger.latest_version("Observation", "a"), Some((None, Some(2))));
        ledger.settle("Observation", "a", Ok(()));
        assert_eq!(ledger.arrive("Observation", "b", plain, 0, 9).unwrap(), Occurrence::New);
        ledger.settle("Observation", "b", Err(Reason::EnteredInError));
        ledger.arrive("Condition", "b", plain, 0, 9).unwrap();
        ledger.refuse("Observation", Reason::NoId, 9).unwrap();
        assert_eq!(ledger.received().iter().filter(|(_, in_error)| *in_error).count(), 1);
        let error = ledger.arrive("Condition", "c", plain, 0, 4).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        let mut report = Report::default();
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
                ledger.arrive("Observation", "o", version_of(resource), content(resource), 9).unwrap();
            }
            let mut report = Report::default();
            report.of("Observation").end_search(SearchEnd::Complete);
            ledger.fill(&mut report);
            let entry = &report.resources["Observation"];
            assert_eq!((entry.repeated_differently, entry.status), (differently, status), "{second}");
            assert_eq!(entry.reason.is_some(), status == ResourceStatus::Partial);
        }
    }
}
