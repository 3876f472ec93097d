//! FHIR dates and times as periods of wall-clock time.
//!
//! If the source names a time zone, a time with an offset is converted to the wall clock of the site. Otherwise the digits are used as
//! they were sent (docs/decisions.md, 7). A partial date is a period: `2020-01` is all of January.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time},
    tz::{Offset as UtcOffset, TimeZone},
};

/// A date or time as sent, with the period that it denotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FhirTime {
    /// The server's text.
    pub text: String,
    /// The text to show: the wall-clock time of the site if its time zone is known, else the server's text.
    pub shown: String,
    /// The first moment, by the wall clock.
    pub earliest: DateTime,
    /// The last moment, by the wall clock.
    pub latest: DateTime,
    /// Whether it has a time of day.
    pub has_time: bool,
    /// The offset from UTC in seconds, where the server sent one.
    pub offset: Option<i32>,
    /// The first moment as an instant; known only if the time zone of the site is known.
    pub instant: Option<Timestamp>,
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
        let (earliest, latest, offset) = match time {
            None => (first.to_datetime(Time::midnight()), last.to_datetime(Time::MAX), None),
            Some(time) if first == last => {
                let (time, offset) = split_offset(time)?;
                let (from, to) = moments(time)?;
                (first.to_datetime(from), first.to_datetime(to), offset)
            }
            Some(_) => return None,
        };
        let (text, shown) = (text.to_owned(), text.to_owned());
        Some(FhirTime { text, shown, earliest, latest, has_time: time.is_some(), offset, instant: None })
    }

    /// The same time by the wall clock of a site. A date, or a time without an offset, counts as the site's wall-clock time.
    #[must_use]
    pub fn at_site(self, zone: &TimeZone) -> Self {
        let sent = self.offset.and_then(|seconds| UtcOffset::from_seconds(seconds).ok());
        let Some(sent) = sent else {
            let instant = zone.to_ambiguous_timestamp(self.earliest).compatible().ok();
            return FhirTime { instant, ..self };
        };
        let (Ok(first), Ok(last)) = (sent.to_timestamp(self.earliest), sent.to_timestamp(self.latest)) else {
            return self;
        };
        let here = zone.to_offset(first);
        let earliest = here.to_datetime(first);
        let latest = zone.to_datetime(last);
        let shown = if here == sent { self.text.clone() } else { in_form_of(&self.text, earliest, here) };
        FhirTime { shown, earliest, latest, instant: Some(first), ..self }
    }

    /// The text as REDCap stores it: `YYYY-MM-DD HH:MM`, without seconds.
    pub fn to_minutes(&self) -> String {
        if self.has_time { self.earliest.strftime("%Y-%m-%d %H:%M").to_string() } else { self.shown.clone() }
    }

    /// Whether the two periods have a moment in common.
    pub fn overlaps(&self, from: DateTime, to: DateTime) -> bool {
        self.earliest <= to && self.latest >= from
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

/// A time of day without the `Z` or `+hh:mm` at its end, and that offset in seconds.
fn split_offset(text: &str) -> Option<(&str, Option<i32>)> {
    let Some(at) = text.find(['Z', 'z', '+', '-']) else { return Some((text, None)) };
    let (time, offset) = text.split_at(at);
    if offset.eq_ignore_ascii_case("z") {
        return Some((time, Some(0)));
    }
    let digits = offset.get(1..).unwrap_or_default().replace(':', "");
    let numbers = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if offset.starts_with(['Z', 'z']) || !numbers {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Ok(0), str::parse).ok()?;
    let seconds = hours * 3600 + minutes * 60;
    Some((time, Some(if offset.starts_with('-') { -seconds } else { seconds })))
}

/// The text of a moment with the same precision as another text with an offset.
fn in_form_of(text: &str, moment: DateTime, offset: UtcOffset) -> String {
    let time = text.get(11..).and_then(split_offset).map_or("", |(time, _)| time);
    let between = text.get(10..11).unwrap_or("T");
    let seconds = match time.split_once('.') {
        // The fraction is the same in every time zone, so its digits are kept.
        Some((_, fraction)) => format!("{}.{fraction}", moment.strftime(":%S")),
        None if time.len() > 5 => moment.strftime(":%S").to_string(),
        None => String::new(),
    };
    let (sign, offset) = (if offset.is_negative() { '-' } else { '+' }, offset.seconds().unsigned_abs());
    let (hours, minutes) = (offset / 3600, offset / 60 % 60);
    format!("{}{between}{}{seconds}{sign}{hours:02}:{minutes:02}", moment.date(), moment.strftime("%H:%M"))
}

/// The first and last moment of a time of day without an offset.
fn moments(text: &str) -> Option<(Time, Time)> {
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
    /// Whether it has a time of day.
    pub has_time: bool,
}

impl Anchor {
    /// Reads `YYYY-MM-DD` or `YYYY-MM-DD[T or blank]HH:MM[:SS]`.
    pub fn parse(text: &str) -> Option<Self> {
        let time = FhirTime::parse(text)?;
        let whole = time.has_time || (time.text.len() == 10);
        whole.then_some(Anchor { moment: time.earliest, has_time: time.has_time })
    }

    /// The moment from which distances are measured: noon for a date.
    pub fn center(&self) -> DateTime {
        if self.has_time { self.moment } else { self.moment.date().at(12, 0, 0, 0) }
    }
}

/// The side of the anchor on which the window lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum OffsetDirection {
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

/// The size of the window around an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// Days before and after the anchor.
    pub days: u32,
    /// The side of the anchor.
    pub direction: OffsetDirection,
}

/// Seven days before and after the anchor.
impl Default for Offset {
    fn default() -> Self {
        Offset { days: 7, direction: OffsetDirection::Both }
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
        // A span is at most as long as the calendar of jiff.
        let span = i64::from(offset.days).min(7_304_484).days();
        let before = if offset.direction == OffsetDirection::After { 0.days() } else { span };
        let after = if offset.direction == OffsetDirection::Before { 0.days() } else { span };
        let end = if anchor.has_time { anchor.moment } else { anchor.moment.date().to_datetime(Time::MAX) };
        Window {
            from: anchor.moment.checked_sub(before).unwrap_or(DateTime::MIN),
            to: end.checked_add(after).unwrap_or(DateTime::MAX),
        }
    }
}

impl Window {
    /// The first and last day to search for. A server compares moments and may use any time zone for a date. So the days of the
    /// window are taken both at the site and in UTC, and one day is added on each side.
    pub fn days_to_search(self, zone: Option<&TimeZone>) -> (Date, Date) {
        let in_utc = |moment: DateTime| {
            let zone = zone?;
            let instant = zone.to_ambiguous_timestamp(moment).compatible().ok()?;
            Some(UtcOffset::UTC.to_datetime(instant).date())
        };
        let (from, to) = (self.from.date(), self.to.date());
        let first = in_utc(self.from).map_or(from, |day| day.min(from));
        let last = in_utc(self.to).map_or(to, |day| day.max(to));
        (first.checked_sub(1.day()).unwrap_or(first), last.checked_add(1.day()).unwrap_or(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::time_zone;
    use proptest::prelude::*;

    fn at_site(text: &str, name: &str) -> FhirTime {
        FhirTime::parse(text).unwrap().at_site(&time_zone(name).unwrap())
    }

    #[test]
    fn a_time_with_an_offset_is_shown_by_the_wall_clock_of_the_site() {
        for (sent, name, shown, minutes) in [
            ("2024-03-16T01:30:00Z", "America/New_York", "2024-03-15T21:30:00-04:00", "2024-03-15 21:30"),
            ("2024-01-16T01:30:00Z", "America/New_York", "2024-01-15T20:30:00-05:00", "2024-01-15 20:30"),
            ("2024-01-16T01:30Z", "America/New_York", "2024-01-15T20:30-05:00", "2024-01-15 20:30"),
            (
                "2024-01-16T01:30:05.250+0200",
                "Asia/Kolkata",
                "2024-01-16T05:00:05.250+05:30",
                "2024-01-16 05:00",
            ),
            (
                "2024-01-15T20:30:00-05:00",
                "America/New_York",
                "2024-01-15T20:30:00-05:00",
                "2024-01-15 20:30",
            ),
            // The hour that a site skips, and the hour that it has twice.
            ("2024-03-10T06:59:59Z", "America/New_York", "2024-03-10T01:59:59-05:00", "2024-03-10 01:59"),
            ("2024-03-10T07:00:00Z", "America/New_York", "2024-03-10T03:00:00-04:00", "2024-03-10 03:00"),
            ("2024-11-03T05:30:00Z", "America/New_York", "2024-11-03T01:30:00-04:00", "2024-11-03 01:30"),
            ("2024-11-03T06:30:00Z", "America/New_York", "2024-11-03T01:30:00-05:00", "2024-11-03 01:30"),
            // What has no offset is the site's already.
            ("2024-03-10T22:00:00", "America/New_York", "2024-03-10T22:00:00", "2024-03-10 22:00"),
            ("2024-03-10", "America/New_York", "2024-03-10", "2024-03-10"),
            ("2024-03", "Pacific/Auckland", "2024-03", "2024-03"),
        ] {
            let time = at_site(sent, name);
            assert_eq!((time.shown.as_str(), time.to_minutes().as_str()), (shown, minutes), "{sent}");
            assert_eq!(time.text, sent);
        }
    }

    #[test]
    fn a_search_is_wide_enough_for_every_offset_from_utc() {
        let days = |zone: Option<&str>| {
            let anchor = Anchor::parse("2020-01-10").unwrap();
            let window = Window::around(anchor, Offset { days: 0, direction: OffsetDirection::Both });
            let zone = zone.map(|name| time_zone(name).unwrap());
            let (from, to) = window.days_to_search(zone.as_ref());
            format!("{from} {to}")
        };
        assert_eq!(days(None), "2020-01-09 2020-01-11");
        assert_eq!(days(Some("America/New_York")), "2020-01-09 2020-01-12");
        assert_eq!(days(Some("Pacific/Auckland")), "2020-01-08 2020-01-11");
    }

    fn window(anchor: &str, days: u32, direction: OffsetDirection) -> String {
        let window = Window::around(Anchor::parse(anchor).unwrap(), Offset { days, direction });
        format!("{} {}", window.from, window.to)
    }

    #[test]
    fn windows_are_inclusive() {
        assert_eq!(
            window("2024-03-15", 1, OffsetDirection::Both),
            "2024-03-14T00:00:00 2024-03-16T23:59:59.999999999"
        );
        assert_eq!(
            window("2024-03-15", 1, OffsetDirection::After),
            "2024-03-15T00:00:00 2024-03-16T23:59:59.999999999"
        );
        assert_eq!(
            window("2024-03-15", 1, OffsetDirection::Before),
            "2024-03-14T00:00:00 2024-03-15T23:59:59.999999999"
        );
        assert_eq!(
            window("2024-03-15 10:51", 1, OffsetDirection::Both),
            "2024-03-14T10:51:00 2024-03-16T10:51:00"
        );
        // A window larger than the calendar ends where the calendar ends.
        let all = window("0001-01-02", u32::MAX, OffsetDirection::Both);
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
    fn without_a_time_zone_the_offset_is_ignored_and_php14_has_no_seconds() {
        let time = FhirTime::parse("2017-07-14T01:17:52.500-06:00").unwrap();
        assert_eq!(time.earliest.to_string(), "2017-07-14T01:17:52.5");
        assert_eq!(time.to_minutes(), "2017-07-14 01:17");
        assert_eq!(FhirTime::parse("2017-07").unwrap().to_minutes(), "2017-07");
        assert_eq!(FhirTime::parse("2016-12-31T23:59:60Z").unwrap().to_minutes(), "2016-12-31 23:59");
    }

    #[test]
    fn a_text_that_is_not_a_date_is_refused() {
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
