//! The text of each `value[x]`. docs/fields.md has the table.

use super::unit;
use crate::fhir::{Json, number};

/// The form of the texts of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextMode {
    /// Numbers and times as the server sent them.
    #[default]
    Exact,
    /// Numbers and times as REDCap stores them: numbers as PHP floats with 14 digits, times without seconds.
    Php14,
}

/// The text of a value in both modes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text as the server sent it.
    pub exact: String,
    /// The text as REDCap stores it.
    pub php14: String,
}

impl Text {
    /// A text that is the same in both modes.
    pub fn plain(text: impl Into<String>) -> Self {
        let exact = text.into();
        Text { php14: exact.clone(), exact }
    }

    /// The digits of a number.
    pub fn number(digits: &str) -> Self {
        Text { exact: digits.to_owned(), php14: number::php14(digits) }
    }

    fn join(&self, between: &str, other: &Text) -> Self {
        Text {
            exact: format!("{}{between}{}", self.exact, other.exact),
            php14: format!("{}{between}{}", self.php14, other.php14),
        }
    }

    /// The text in a mode.
    pub fn in_mode(&self, mode: TextMode) -> &str {
        match mode {
            TextMode::Exact => &self.exact,
            TextMode::Php14 => &self.php14,
        }
    }
}

/// A value that was read from `value[x]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ParsedValue {
    pub(super) text: Text,
    /// The number; absent for a limit, a range or a ratio.
    pub(super) number: Option<String>,
    /// The unit to show.
    pub(super) unit: Option<String>,
    /// The unit in the form in which units are compared; absent for a value that is not measured.
    pub(super) compared_unit: Option<String>,
    /// Whether the value is only a limit, such as `>200`.
    pub(super) limit: bool,
}

impl ParsedValue {
    fn text(text: Text) -> Self {
        ParsedValue { text, number: None, unit: None, compared_unit: None, limit: false }
    }
}

/// The value of an Observation or of one of its components; `None` when there is none or it has no text.
pub(super) fn value(element: &Json) -> Option<ParsedValue> {
    let (kind, value) = element.choice("value")?;
    let plain = |json: &Json| {
        let text = json.text().filter(|text| !text.trim().is_empty())?;
        let number = number::is_number(text).then(|| text.to_owned());
        let compared_unit = number.as_ref().map(|_| String::new());
        Some(ParsedValue { number, compared_unit, ..ParsedValue::text(Text::plain(text)) })
    };
    match kind {
        "Quantity" => quantity(value),
        "Integer" => {
            let digits = value.digits()?;
            let compared_unit = Some(String::new());
            Some(ParsedValue {
                number: Some(digits.to_owned()),
                compared_unit,
                ..ParsedValue::text(Text::number(digits))
            })
        }
        "CodeableConcept" => concept_text(value).map(|text| ParsedValue::text(Text::plain(text))),
        "Boolean" => value.truth().map(|truth| ParsedValue::text(Text::plain(if truth { "1" } else { "0" }))),
        "Range" => range(value),
        "Ratio" => ratio(value),
        "Period" => period(value),
        "String" | "DateTime" | "Time" | "Date" | "Instant" | "Code" => plain(value),
        // SampledData and Attachment have no text of their own.
        _ => None,
    }
}

fn period(value: &Json) -> Option<ParsedValue> {
    let end = |name: &str| value.get(name).text();
    if end("start").is_none() && end("end").is_none() {
        return None;
    }
    let text = format!("{}/{}", end("start").unwrap_or_default(), end("end").unwrap_or_default());
    Some(ParsedValue::text(Text::plain(text)))
}

/// A range is never a number. A range with one end is a limit, and is written as one.
fn range(value: &Json) -> Option<ParsedValue> {
    let (low, high) = (quantity(value.get("low")), quantity(value.get("high")));
    let limited = |sign: &str, end: ParsedValue| {
        // If the end has a comparator, its sign is kept.
        let text = if end.limit { end.text } else { Text::plain(sign).join("", &end.text) };
        ParsedValue { text, number: None, limit: true, ..end }
    };
    match (low, high) {
        (None, None) => None,
        (Some(low), None) => Some(limited(">=", low)),
        (None, Some(high)) => Some(limited("<=", high)),
        (Some(low), Some(high)) if low.compared_unit == high.compared_unit => {
            let (text, unit) = (low.text.join("-", &high.text), low.unit.or(high.unit));
            Some(ParsedValue { unit, compared_unit: low.compared_unit, ..ParsedValue::text(text) })
        }
        (Some(low), Some(high)) => {
            let units = |read: &ParsedValue| read.compared_unit.clone().unwrap_or_default();
            let compared_unit = Some(format!("{}-{}", units(&low), units(&high)));
            Some(ParsedValue {
                compared_unit,
                ..ParsedValue::text(with_unit(&low).join("-", &with_unit(&high)))
            })
        }
    }
}

fn with_unit(read: &ParsedValue) -> Text {
    match &read.unit {
        Some(unit) => read.text.join(" ", &Text::plain(unit.as_str())),
        None => read.text.clone(),
    }
}

/// A ratio needs a numerator and a denominator (FHIR R4, rat-1).
fn ratio(value: &Json) -> Option<ParsedValue> {
    let (over, under) = (quantity(value.get("numerator"))?, quantity(value.get("denominator"))?);
    let of = |over: Option<String>, under: Option<String>| match (over, under) {
        (over, Some(under)) => Some(format!("{}/{under}", over.unwrap_or_default())),
        (over, None) => over,
    };
    let named = |unit: Option<String>| unit.filter(|unit| !unit.is_empty());
    let compared_unit =
        of(named(over.compared_unit), named(under.compared_unit)).or_else(|| Some(String::new()));
    let unit = of(named(over.unit), named(under.unit));
    Some(ParsedValue { unit, compared_unit, ..ParsedValue::text(over.text.join("/", &under.text)) })
}

fn quantity(quantity: &Json) -> Option<ParsedValue> {
    let digits = quantity.get("value").digits()?;
    let number = Text::number(digits);
    let comparator = quantity.get("comparator").text();
    // `_comparator` has the reason why there is no comparator, so the number may be a limit.
    let limit = !quantity.get("comparator").is_null() || !quantity.get("_comparator").is_null();
    let unit = quantity.get("unit").text().or_else(|| quantity.get("code").text());
    Some(ParsedValue {
        text: comparator.map_or(number.clone(), |sign| Text::plain(sign).join("", &number)),
        number: (!limit).then(|| digits.to_owned()),
        unit: unit.map(str::to_owned),
        compared_unit: Some(unit::compared_unit(quantity)),
        limit,
    })
}

/// The text of a concept: its `text`, else the display of the coding that the user selected, else the first display, else
/// the first code.
pub(super) fn concept_text(concept: &Json) -> Option<&str> {
    let codings = || concept.get("coding").items().iter();
    let selected = codings().find(|coding| coding.get("userSelected").truth() == Some(true));
    concept
        .get("text")
        .text()
        .or_else(|| selected.and_then(|coding| coding.get("display").text()))
        .or_else(|| codings().find_map(|coding| coding.get("display").text()))
        .or_else(|| codings().find_map(|coding| coding.get("code").text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_has_its_text() {
        for (json, exact, php14) in [
            (r#"{"valueQuantity": {"value": 5.10, "unit": "kg"}}"#, "5.10", "5.1"),
            (r#"{"valueQuantity": {"value": 5.0, "comparator": "<"}}"#, "<5.0", "<5"),
            (r#"{"valueInteger": 7}"#, "7", "7"),
            (r#"{"valueString": "1.50"}"#, "1.50", "1.50"),
            (r#"{"valueBoolean": false}"#, "0", "0"),
            (r#"{"valueRange": {"low": {"value": 1.0}, "high": {"value": 2}}}"#, "1.0-2", "1-2"),
            (r#"{"valueRange": {"high": {"value": 30.0}}}"#, "<=30.0", "<=30"),
            (r#"{"valueRange": {"high": {"value": -30}}}"#, "<=-30", "<=-30"),
            (r#"{"valueRange": {"low": {"value": 5}, "high": {"unit": "kg"}}}"#, ">=5", ">=5"),
            (r#"{"valueRange": {"high": {"value": 5, "comparator": "<"}}}"#, "<5", "<5"),
            (
                r#"{"valueRange": {"low": {"value": 900, "unit": "g"}, "high": {"value": 1, "unit": "kg"}}}"#,
                "900 g-1 kg",
                "900 g-1 kg",
            ),
            (
                r#"{"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}"#,
                "1/128",
                "1/128",
            ),
            (
                r#"{"valueCodeableConcept": {"coding": [{"code": "a"}, {"display": "B", "userSelected": true}]}}"#,
                "B",
                "B",
            ),
            (r#"{"valueDateTime": "2020-01"}"#, "2020-01", "2020-01"),
        ] {
            let read = value(&Json::parse(json).unwrap()).unwrap();
            assert_eq!((read.text.exact.as_str(), read.text.php14.as_str()), (exact, php14), "{json}");
        }
        for json in [
            r#"{"valueSampledData": {}}"#,
            r#"{"dataAbsentReason": {}}"#,
            r#"{"valueQuantity": {"unit": "kg"}}"#,
            r#"{"valueRange": {"low": {"unit": "kg"}}}"#,
            r#"{"valueRatio": {"numerator": {"value": 5}}}"#,
            r#"{"valueRatio": {"denominator": {"value": 5}}}"#,
        ] {
            assert!(value(&Json::parse(json).unwrap()).is_none(), "{json}");
        }
    }

    #[test]
    fn only_what_was_measured_is_a_number_and_units_are_kept() {
        for (json, number, unit, compared, limit) in [
            (r#"{"valueQuantity": {"value": 5}}"#, Some("5"), None, Some(""), false),
            (
                r#"{"valueQuantity": {"value": 5, "comparator": "<", "unit": "mg"}}"#,
                None,
                Some("mg"),
                Some("mg"),
                true,
            ),
            (r#"{"valueQuantity": {"value": 5, "_comparator": {"id": "x"}}}"#, None, None, Some(""), true),
            (
                r#"{"valueQuantity": {"value": 5, "unit": "pounds", "system": "http://unitsofmeasure.org", "code": "[lb_av]"}}"#,
                Some("5"),
                Some("pounds"),
                Some("[lb_av]"),
                false,
            ),
            (r#"{"valueRange": {"high": {"value": 30, "unit": "kg"}}}"#, None, Some("kg"), Some("kg"), true),
            (
                r#"{"valueRange": {"low": {"value": 1, "unit": "kg"}, "high": {"value": 2, "unit": "kg"}}}"#,
                None,
                Some("kg"),
                Some("kg"),
                false,
            ),
            (
                r#"{"valueRange": {"low": {"value": 1, "unit": "g"}, "high": {"value": 2, "unit": "kg"}}}"#,
                None,
                None,
                Some("g-kg"),
                false,
            ),
            (
                r#"{"valueRatio": {"numerator": {"value": 5, "unit": "mg"}, "denominator": {"value": 10, "unit": "mL"}}}"#,
                None,
                Some("mg/mL"),
                Some("mg/mL"),
                false,
            ),
            (
                r#"{"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 8}}}"#,
                None,
                None,
                Some(""),
                false,
            ),
            (r#"{"valueInteger": 7}"#, Some("7"), None, Some(""), false),
            (r#"{"valueString": "7.5"}"#, Some("7.5"), None, Some(""), false),
            (r#"{"valueString": "high"}"#, None, None, None, false),
            (r#"{"valueBoolean": true}"#, None, None, None, false),
            (r#"{"valuePeriod": {"start": "2020"}}"#, None, None, None, false),
        ] {
            let read = value(&Json::parse(json).unwrap()).unwrap();
            assert_eq!(
                (read.number.as_deref(), read.unit.as_deref(), read.compared_unit.as_deref(), read.limit),
                (number, unit, compared, limit),
                "{json}"
            );
        }
    }
}
