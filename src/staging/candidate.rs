//! What of a value decides on its order and on its selection.

use crate::fields::Value;
use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// What a time of day says about its offset from UTC. Not an `Option` in an `Option`: in JSON both would be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentOffset {
    /// It was sent without one.
    Absent,
    /// In seconds.
    Seconds(i32),
}

/// What of a value decides on its order and on its selection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The first moment of its time by the wall clock, and the time's text as sent.
    pub time: Option<(DateTime, String)>,
    /// The same moment on the time line; known where the source names its time zone.
    #[serde(default)]
    pub instant: Option<Timestamp>,
    /// The offset from UTC, for a time of day.
    #[serde(default)]
    pub offset: Option<SentOffset>,
    /// The number, when it is one that can be compared.
    pub number: Option<String>,
    /// What its unit is compared by; `None` for what is not measured.
    #[serde(default)]
    pub unit: Option<String>,
    /// The unit that its line requires.
    #[serde(default)]
    pub required_unit: Option<String>,
    /// Whether it is only a limit, such as `>200`.
    #[serde(default)]
    pub limit: bool,
    /// The field that it was read from, and its code.
    #[serde(default)]
    pub field: (String, Option<String>),
    /// The resource's status, as its code.
    #[serde(default)]
    pub status: Option<String>,
    /// The resource's id.
    pub resource_id: String,
    /// Its place among the components of the resource.
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

    /// Which of two results for the same time counts: a corrected one before a final one, that before a preliminary one.
    pub(super) fn rank(&self) -> u8 {
        match self.status.as_deref() {
            Some("amended" | "corrected") => 2,
            Some("preliminary" | "registered") => 0,
            _ => 1,
        }
    }

    /// What of it two results for the same field and time have in common; `None` without a time.
    pub(super) fn occasion(&self) -> Option<Occasion<'_>> {
        let (moment, _) = self.time.as_ref()?;
        let when = match self.instant {
            Some(instant) => (Some(instant), None, None),
            None => (None, Some(*moment), self.offset),
        };
        Some((&self.field, when))
    }

    pub(super) fn when(&self) -> Option<Moment> {
        self.time.as_ref().map(|(moment, _)| Moment { instant: self.instant, wall_clock: *moment })
    }
}

/// A field and a time: by the instant where it is known, else by the wall clock and the offset.
pub(super) type Occasion<'a> =
    (&'a (String, Option<String>), (Option<Timestamp>, Option<DateTime>, Option<SentOffset>));

/// When a value was true. Within one contest, all moments have an instant or none has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) instant: Option<Timestamp>,
    pub(super) wall_clock: DateTime,
}

impl Ord for Moment {
    /// By the time line where it is known: the wall clock shows one hour twice when daylight-saving time ends.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.instant, other.instant) {
            (Some(own), Some(others)) => own.cmp(&others),
            _ => self.wall_clock.cmp(&other.wall_clock),
        }
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of values: by time, what has none first; then by the time's text, so that a partial date
/// stands before a whole one; then by resource and component, so that every run gives the same.
pub fn order(a: &Candidate, b: &Candidate) -> Ordering {
    let text = |value: &Candidate| value.time.as_ref().map(|(_, text)| text.clone());
    let place = |value: &Candidate| (value.resource_id.clone(), value.component);
    a.when().cmp(&b.when()).then_with(|| text(a).cmp(&text(b))).then_with(|| place(a).cmp(&place(b)))
}
