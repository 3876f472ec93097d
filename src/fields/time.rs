//! FHIR dates and times as periods of wall-clock time.
//!
//! The digits are what counts, the offset is kept in the text but not applied: the founding application
//! stores what the EHR shows (reference A.7). A partial date is the whole period it names.

use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time},
};
use std::cmp::Ordering;

/// A date or time as sent, with the period it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FhirTime {
    /// The server's text.
    pub text: String,
    /// The first moment.
    pub earliest: DateTime,
    /// The last moment.
    pub latest: DateTime,
    /// Whether it names a time of day.
    pub has_time: bool,
}

impl FhirTime {
    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DDThh:mm[:ss[.fff]]` with or without an offset.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, time) = match text.split_once(['T', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let (first, last) = days(date)?;
        let (earliest, latest) = match time {
            None => (first.to_datetime(Time::midnight()), last.to_datetime(Time::MAX)),
            Some(time) if first == last => {
                let (from, to) = moments(time)?;
                (first.to_datetime(from), first.to_datetime(to))
            }
            Some(_) => return None,
        };
        Some(FhirTime { text: text.to_owned(), earliest, latest, has_time: time.is_some() })
    }

    /// The text in the founding application's form: `YYYY-MM-DD HH:MM`, seconds dropped.
    pub fn to_minutes(&self) -> String {
        if self.has_time { self.earliest.strftime("%Y-%m-%d %H:%M").to_string() } else { self.text.clone() }
    }

    /// The calendar date it begins on.
    pub fn date(&self) -> Date {
        self.earliest.date()
    }

    /// Whether the two periods have a moment in common.
    pub fn overlaps(&self, from: DateTime, to: DateTime) -> bool {
        self.earliest <= to && self.latest >= from
    }

    /// Orders by the beginning.
    pub fn order(&self, other: &FhirTime) -> Ordering {
        self.earliest.cmp(&other.earliest)
    }
}

/// The first and last day of a date that may be partial.
fn days(text: &str) -> Option<(Date, Date)> {
    let mut parts = text.split('-');
    let mut number = |length: usize| -> Option<Option<i16>> {
        let Some(part) = parts.next() else { return Some(None) };
        let digits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok())
    };
    let (year, month, day) = (number(4)??, number(2)?, number(2)?);
    if parts.next().is_some() {
        return None;
    }
    let first =
        Date::new(year, i8::try_from(month.unwrap_or(1)).ok()?, i8::try_from(day.unwrap_or(1)).ok()?).ok()?;
    let last = match (month, day) {
        (None, _) => first.last_of_year(),
        (_, None) => first.last_of_month(),
        _ => first,
    };
    Some((first, last))
}

/// Takes `Z` or `+hh:mm` off the end of a time of day.
fn without_offset(text: &str) -> Option<&str> {
    let Some(at) = text.find(['Z', 'z', '+', '-']) else { return Some(text) };
    let (time, offset) = text.split_at(at);
    let digits = offset.get(1..).unwrap_or_default().replace(':', "");
    let numbers = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (offset.eq_ignore_ascii_case("z") || (!offset.starts_with(['Z', 'z']) && numbers)).then_some(time)
}

/// The first and last moment of a time of day.
fn moments(text: &str) -> Option<(Time, Time)> {
    let text = without_offset(text)?;
    let bytes = text.as_bytes();
    let two = |at: usize| -> Option<i8> {
        let part = text.get(at..at + 2)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let (hour, minute) = (two(0)?, two(3)?);
    if bytes.get(2) != Some(&b':') {
        return None;
    }
    if text.len() == 5 {
        return Some((Time::new(hour, minute, 0, 0).ok()?, Time::new(hour, minute, 59, 999_999_999).ok()?));
    }
    if bytes.get(5) != Some(&b':') {
        return None;
    }
    // A leap second counts as the last second of its minute.
    let second = two(6)?.min(59);
    let rest = text.get(8..).unwrap_or_default();
    let fraction = rest.strip_prefix('.').unwrap_or_default();
    if rest.len() != fraction.len() + usize::from(!rest.is_empty())
        || !fraction.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let fraction = &fraction[..fraction.len().min(9)];
    let nanos = if fraction.is_empty() { 0 } else { format!("{fraction:0<9}").parse().ok()? };
    let from = Time::new(hour, minute, second, nanos).ok()?;
    let to = if fraction.is_empty() { Time::new(hour, minute, second, 999_999_999).ok()? } else { from };
    Some((from, to))
}

/// A date or time of the study record, around which a window lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Anchor {
    /// The moment; midnight for a date.
    pub moment: DateTime,
    /// Whether it names a time of day.
    pub has_time: bool,
}

impl Anchor {
    /// Reads `YYYY-MM-DD` or `YYYY-MM-DD[T or blank]HH:MM[:SS]`.
    pub fn parse(text: &str) -> Option<Self> {
        let time = FhirTime::parse(text)?;
        let whole = time.has_time || (time.text.len() == 10);
        whole.then_some(Anchor { moment: time.earliest, has_time: time.has_time })
    }

    /// The moment distances are measured from: noon for a date.
    pub fn center(&self) -> DateTime {
        if self.has_time { self.moment } else { self.moment.date().at(12, 0, 0, 0) }
    }
}

/// Which side of the anchor counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Side {
    /// Before and after.
    #[serde(rename = "+-")]
    Both,
    /// From the anchor on.
    #[serde(rename = "+")]
    After,
    /// Up to the anchor.
    #[serde(rename = "-")]
    Before,
}

/// How far around an anchor values count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// In days.
    pub days: u32,
    /// On which side.
    pub side: Side,
}

/// A week before and after, in every program.
impl Default for Offset {
    fn default() -> Self {
        Offset { days: 7, side: Side::Both }
    }
}

/// A window: both ends belong to it. A date covers whole days, a time keeps its time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    /// The first moment.
    pub from: DateTime,
    /// The last moment.
    pub to: DateTime,
}

impl Window {
    /// The window around an anchor.
    pub fn around(anchor: Anchor, offset: Offset) -> Self {
        // A span beyond the calendar is the calendar.
        let span = i64::from(offset.days).min(7_304_484).days();
        let before = if offset.side == Side::After { 0.days() } else { span };
        let after = if offset.side == Side::Before { 0.days() } else { span };
        let end = if anchor.has_time { anchor.moment } else { anchor.moment.date().to_datetime(Time::MAX) };
        Window {
            from: anchor.moment.checked_sub(before).unwrap_or(DateTime::MIN),
            to: end.checked_add(after).unwrap_or(DateTime::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(anchor: &str, days: u32, side: Side) -> String {
        let window = Window::around(Anchor::parse(anchor).unwrap(), Offset { days, side });
        format!("{} {}", window.from, window.to)
    }

    #[test]
    fn windows_are_inclusive() {
        assert_eq!(window("2024-03-15", 1, Side::Both), "2024-03-14T00:00:00 2024-03-16T23:59:59.999999999");
        assert_eq!(window("2024-03-15", 1, Side::After), "2024-03-15T00:00:00 2024-03-16T23:59:59.999999999");
        assert_eq!(
            window("2024-03-15", 1, Side::Before),
            "2024-03-14T00:00:00 2024-03-15T23:59:59.999999999"
        );
        assert_eq!(window("2024-03-15 10:51", 1, Side::Both), "2024-03-14T10:51:00 2024-03-16T10:51:00");
        // A window larger than the calendar ends where the calendar ends.
        let all = window("0001-01-02", u32::MAX, Side::Both);
        assert!(all.contains("9999-01-01") && all.contains("9999-12-31"), "{all}");
    }

    #[test]
    fn partial_dates_are_periods() {
        let year = FhirTime::parse("2019").unwrap();
        assert_eq!(
            format!("{} {}", year.earliest, year.latest),
            "2019-01-01T00:00:00 2019-12-31T23:59:59.999999999"
        );
        let month = FhirTime::parse("2020-02").unwrap();
        assert_eq!(month.latest.to_string(), "2020-02-29T23:59:59.999999999");
        assert!(month.overlaps(year.latest.checked_add(40.days()).unwrap(), DateTime::MAX));
    }

    #[test]
    fn the_offset_is_not_applied_and_seconds_are_dropped_for_the_old_form() {
        let time = FhirTime::parse("2017-07-14T01:17:52.500-06:00").unwrap();
        assert_eq!(time.earliest.to_string(), "2017-07-14T01:17:52.5");
        assert_eq!(time.to_minutes(), "2017-07-14 01:17");
        assert_eq!(FhirTime::parse("2017-07").unwrap().to_minutes(), "2017-07");
        assert_eq!(FhirTime::parse("2016-12-31T23:59:60Z").unwrap().to_minutes(), "2016-12-31 23:59");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "x",
            "20",
            "2019-13",
            "2019-02-30",
            "2019-1-1",
            "2019-01-01-01",
            "2019-01T10:00",
            "2019-01-01T1:00",
            "2019-01-01T25:00",
            "2019-01-01T+1:00",
            "2019-01-01T10:00<b>",
            "2019-01-01T10:00:00Zx",
            "2019-01-01T10:00:00.5x",
            "2019-01-01T10:00:00+1",
        ] {
            assert!(FhirTime::parse(text).is_none(), "{text}");
        }
        for text in ["2019", "2019-01", "yesterday"] {
            assert!(Anchor::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            let _ = FhirTime::parse(&text);
        }

        #[test]
        fn a_period_does_not_end_before_it_begins(y in 1i16..9999, m in 1i8..13, d in 1i8..29, cut in 0usize..4) {
            let whole = format!("{y:04}-{m:02}-{d:02}T10:11");
            let text = &whole[..[4, 7, 10, 16][cut]];
            let time = FhirTime::parse(text).unwrap();
            prop_assert!(time.earliest <= time.latest);
        }
    }
}
