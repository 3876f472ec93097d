//! Candidates for preselection: the parts of a value that decide its position and whether it is preselected.

use crate::fields::Value;
use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// The offset from UTC that a time of day was sent with. This is not an `Option` in an `Option`: in JSON both would be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentOffset {
    /// The time was sent without an offset.
    Absent,
    /// The offset in seconds.
    Seconds(i32),
}

/// The parts of a value that decide its position and whether it is preselected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The start of its time by the wall clock, and the text of the time as sent.
    pub time: Option<(DateTime, String)>,
    /// The same start as an instant; known if the source has a `time_zone`.
    #[serde(default)]
    pub instant: Option<Timestamp>,
    /// The offset from UTC; absent for a date without a time of day.
    #[serde(default)]
    pub offset: Option<SentOffset>,
    /// The number; absent when the value cannot be compared as a number.
    pub number: Option<String>,
    /// The unit in the form in which units are compared; absent for a value that is not measured.
    #[serde(default)]
    pub unit: Option<String>,
    /// The unit that the mapping line requires.
    #[serde(default)]
    pub required_unit: Option<String>,
    /// Whether the value is only a limit, such as `>200`.
    #[serde(default)]
    pub limit: bool,
    /// The field of the EHR and the code that it was found by.
    #[serde(default)]
    pub field: (String, Option<String>),
    /// The status of the resource, such as `final`.
    #[serde(default)]
    pub status: Option<String>,
    /// The id of the resource.
    pub resource_id: String,
    /// The position among the components of the resource; 0 for the value of the resource itself.
    pub component: usize,
}

impl From<&Value> for Candidate {
    fn from(value: &Value) -> Self {
        let time = value.time.as_ref();
        Candidate {
            time: time.map(|time| (time.earliest, time.text.clone())),
            instant: time.and_then(|time| time.instant),
            offset: time
                .filter(|time| time.has_time)
                .map(|time| time.offset.map_or(SentOffset::Absent, SentOffset::Seconds)),
            number: value.number.clone(),
            unit: value.compared_unit.clone(),
            required_unit: None,
            limit: value.limit,
            field: (String::new(), value.code.clone()),
            status: value.status.clone(),
            resource_id: value.resource_id.clone(),
            component: value.position,
        }
    }
}

impl Candidate {
    pub(super) fn is_in_required_unit(&self) -> bool {
        self.required_unit.is_none() || self.unit == self.required_unit
    }

    /// The rank of the status. Of two results for the same time, the one with the higher rank is used.
    pub(super) fn status_rank(&self) -> u8 {
        match self.status.as_deref() {
            Some("amended" | "corrected") => 2,
            Some("preliminary" | "registered") => 0,
            _ => 1,
        }
    }

    /// Results with the same key are results of one field for one time; `None` without a time.
    pub(super) fn result_key(&self) -> Option<ResultKey<'_>> {
        let (wall_clock, _) = self.time.as_ref()?;
        let time = match self.instant {
            Some(instant) => (Some(instant), None, None),
            None => (None, Some(*wall_clock), self.offset),
        };
        Some((&self.field, time))
    }

    pub(super) fn value_time(&self) -> Option<ValueTime> {
        let (wall_clock, _) = self.time.as_ref()?;
        Some(ValueTime { instant: self.instant, wall_clock: *wall_clock })
    }
}

/// A field and a time: the instant when it is known, else the wall clock and the offset.
pub(super) type ResultKey<'a> =
    (&'a (String, Option<String>), (Option<Timestamp>, Option<DateTime>, Option<SentOffset>));

/// The time of a value. In one preselection group, either all times have an instant or none has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ValueTime {
    pub(super) instant: Option<Timestamp>,
    pub(super) wall_clock: DateTime,
}

impl Ord for ValueTime {
    /// By the instant if it is known, because the wall clock shows one hour twice when daylight saving time ends.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.instant, other.instant) {
            (Some(first), Some(second)) => first.cmp(&second),
            _ => self.wall_clock.cmp(&other.wall_clock),
        }
    }
}

impl PartialOrd for ValueTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of values: by time, with values without a time first; then by the text of the time, so that a partial date is before
/// a complete one; then by resource and component, so that the order does not depend on the order of the pages.
pub fn order(a: &Candidate, b: &Candidate) -> Ordering {
    let text = |value: &Candidate| value.time.as_ref().map(|(_, text)| text.clone());
    let place = |value: &Candidate| (value.resource_id.clone(), value.component);
    a.value_time()
        .cmp(&b.value_time())
        .then_with(|| text(a).cmp(&text(b)))
        .then_with(|| place(a).cmp(&place(b)))
}
