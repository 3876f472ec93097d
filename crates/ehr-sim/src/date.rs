//! FHIR dates as periods, and how date searches compare them.

/// A period in milliseconds since 1970. It includes both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

const DAY_MS: i64 = 86_400_000;

/// The period that a date, partial date or instant covers. A time without an offset is in UTC.
pub(crate) fn parse(text: &str) -> Option<Period> {
    let Some((date, time)) = text.split_once('T') else {
        let (start, end) = parse_date(text)?;
        return Some(Period { start: start * DAY_MS, end: end * DAY_MS - 1 });
    };
    let (start, end) = parse_date(date)?;
    if end - start != 1 {
        // A time needs a complete date.
        return None;
    }
    let (start_ms, length_ms) = parse_time(time)?;
    let start = start * DAY_MS + start_ms;
    Some(Period { start, end: start + length_ms - 1 })
}

/// The first day of a date or partial date, and the day after the last. Days are counted from 1970-01-01.
fn parse_date(text: &str) -> Option<(i64, i64)> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let Some(month) = parts.next() else {
        return Some((days(year, 1, 1), days(year + 1, 1, 1)));
    };
    let month = digits(month, 2).filter(|month| (1..=12).contains(month))?;
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let (start, end) = (days(year, month, 1), days(next_year, next_month, 1));
    let Some(day) = parts.next() else {
        return Some((start, end));
    };
    let day = digits(day, 2).filter(|day| (1..=end - start).contains(day))?;
    let date = start + day - 1;
    parts.next().is_none().then_some((date, date + 1))
}

/// The start of a time within its UTC day, and how long it lasts: a minute, a second or a millisecond. Both are in
/// milliseconds. The start can be negative, because of the offset.
fn parse_time(text: &str) -> Option<(i64, i64)> {
    let (clock, offset_minutes) = split_zone(text)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = digits(parts.next()?, 2).filter(|minute| *minute < 60)?;
    let minute_ms = (hour * 60 + minute - offset_minutes) * 60_000;
    let Some(second) = parts.next() else {
        return fraction.is_empty().then_some((minute_ms, 60_000));
    };
    // A leap second is second 60.
    let second = digits(second, 2).filter(|second| *second <= 60)?;
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let second_ms = minute_ms + second * 1000;
    if fraction.is_empty() {
        return Some((second_ms, 1000));
    }
    let milliseconds: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some((second_ms + milliseconds, 1))
}

fn digits(text: &str, width: usize) -> Option<i64> {
    (text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// A time and its offset from UTC in minutes.
fn split_zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    match time.rfind(['+', '-']) {
        Some(at) => {
            let sign = if time[at..].starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = time[at + 1..].split_once(':')?;
            let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
            (hours <= 14 && minutes < 60).then(|| (&time[..at], sign * (hours * 60 + minutes)))
        }
        None => Some((time, 0)),
    }
}

/// Days since 1970-01-01 of a Gregorian date (Hinnant's algorithm).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Milliseconds since 1970 as a FHIR instant in UTC.
pub(crate) fn instant(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(DAY_MS));
    let of_day = ms.rem_euclid(DAY_MS);
    let (seconds, millis) = (of_day / 1000, of_day % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// The Gregorian date of days since 1970-01-01 (Hinnant's algorithm).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Whether a resource's period matches a search value with a prefix (FHIR R4, search, 3.1.1.4.8).
pub(crate) fn matches(resource: Period, prefix: &str, search: Period) -> bool {
    match prefix {
        "ne" => !matches(resource, "eq", search),
        "lt" => resource.start < search.start,
        "le" => matches(resource, "lt", search) || matches(resource, "eq", search),
        "gt" => resource.end > search.end,
        "ge" => matches(resource, "gt", search) || matches(resource, "eq", search),
        "sa" => resource.start > search.end,
        "eb" => resource.end < search.start,
        "ap" => resource.start <= search.end && resource.end >= search.start,
        _ => search.start <= resource.start && resource.end <= search.end,
    }
}

/// The prefix of a search value, and the rest. The default prefix is `eq`.
pub(crate) fn split_prefix(text: &str) -> (&str, &str) {
    match text.get(..2) {
        Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_lowercase()) => (prefix, &text[2..]),
        _ => ("eq", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        parse(text).expect("a date")
    }

    #[test]
    fn instants_with_different_offsets_are_compared() {
        assert_eq!(period("1970-01-01").start, 0);
        assert_eq!(period("2000-03-01").start, 951_868_800_000);
        assert_eq!(period("2017-07-14T01:17:52+02:00"), period("2017-07-13T23:17:52Z"));
        assert_eq!(period("2017-07-13T20:17:52-03:00").start, period("2017-07-13T23:17:52.000Z").start);
    }

    #[test]
    fn an_instant_is_written_as_it_is_read() {
        assert_eq!(instant(0), "1970-01-01T00:00:00.000Z");
        for text in ["1969-12-31T23:59:59.999Z", "2000-02-29T12:00:00.001Z", "2026-11-22T03:21:08.500Z"] {
            assert_eq!(instant(period(text).start), text);
        }
    }

    #[test]
    fn partial_dates_are_periods() {
        let may = period("2019-05");
        assert!(matches(may, "eq", period("2019")));
        assert!(!matches(may, "eq", period("2019-05-03")));
        assert!(matches(may, "ge", period("2019-05-30")) && matches(may, "le", period("2019-05-02")));
        // No part of May is after its last day, and its last day does not contain all of May.
        assert!(!matches(may, "ge", period("2019-05-31")) && !matches(may, "le", period("2019-05-01")));
        assert!(matches(period("2019-05-31T10:00:00Z"), "ge", period("2019-05-31")));
        assert!(matches(period("2019-05-31T10:00:00Z"), "le", period("2019-05-31")));
        assert!(!matches(may, "lt", period("2019-05-01")) && matches(may, "lt", period("2019-05-02")));
        assert!(!matches(may, "gt", period("2019-05-31")));
        assert!(matches(may, "sa", period("2019-04")));
        assert!(matches(may, "eb", period("2019-06")));
        assert!(matches(may, "ap", period("2019-05-03")));
        assert!(matches(may, "ne", period("2019-05-03")));
    }

    #[test]
    fn invalid_dates_are_refused() {
        for text in [
            "",
            "19",
            "2019-13",
            "2019-5",
            "2019-05-03T",
            "2019-05-03T10:00:00 00:00",
            "2019-05-03-04",
            "2019T10:00",
            "2019-02-29",
            "2019-04-31",
            "2019-05-03T24:00:00Z",
            "2019-05-03T10:00:00:00Z",
            "2019-05-03T10:00.5Z",
            "2019-05-03T10:00:00+15:00",
            "2019-05-03T10:00:00+02:60",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
