//! How each `value[x]` becomes text; the table stands in docs/fields.md.

use super::number;
use crate::fhir::Json;

/// Which of the two texts a host wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextMode {
    /// The digits the server sent; times as sent.
    #[default]
    Exact,
    /// What the founding application stored: PHP floats with 14 digits, times in minutes.
    Php14,
}

/// A value's text in both modes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// As sent.
    pub exact: String,
    /// As the founding application stored it.
    pub php14: String,
}

impl Text {
    /// The same in both modes.
    pub fn plain(text: impl Into<String>) -> Self {
        let exact = text.into();
        Text { php14: exact.clone(), exact }
    }

    fn number(digits: &str) -> Self {
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

/// A value read from `value[x]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) text: Text,
    /// The number, when it can be compared: no comparator stands before it.
    pub(super) number: Option<String>,
    pub(super) unit: Option<String>,
}

impl Read {
    fn text(text: Text) -> Self {
        Read { text, number: None, unit: None }
    }
}

/// The value of an Observation or of one of its components; `None` when there is none or it has no text.
pub(super) fn value(element: &Json) -> Option<Read> {
    let (kind, value) = element.choice("value")?;
    let plain = |json: &Json| {
        let text = json.text().filter(|text| !text.trim().is_empty())?;
        let number = number::is_number(text).then(|| text.to_owned());
        Some(Read { number, ..Read::text(Text::plain(text)) })
    };
    match kind {
        "Quantity" => quantity(value),
        "Integer" => {
            let digits = value.digits()?;
            Some(Read { number: Some(digits.to_owned()), ..Read::text(Text::number(digits)) })
        }
        "CodeableConcept" => concept_text(value).map(|text| Read::text(Text::plain(text))),
        "Boolean" => value.truth().map(|truth| Read::text(Text::plain(if truth { "1" } else { "0" }))),
        "Range" => {
            let (low, high) = (quantity_text(value.get("low")), quantity_text(value.get("high")));
            both(low, "-", high)
        }
        "Ratio" => both(quantity_text(value.get("numerator")), "/", quantity_text(value.get("denominator"))),
        "Period" => {
            let end = |name: &str| value.get(name).text().map(Text::plain);
            both(end("start"), "/", end("end"))
        }
        "String" | "DateTime" | "Time" | "Date" | "Instant" | "Code" => plain(value),
        // SampledData and Attachment have no text of their own.
        _ => None,
    }
}

/// Two parts, one of which may be missing.
fn both(first: Option<Text>, between: &str, second: Option<Text>) -> Option<Read> {
    if first.is_none() && second.is_none() {
        return None;
    }
    let empty = || Text::plain("");
    Some(Read::text(first.unwrap_or_else(empty).join(between, &second.unwrap_or_else(empty))))
}

fn quantity_text(quantity: &Json) -> Option<Text> {
    let number = Text::number(quantity.get("value").digits()?);
    Some(match quantity.get("comparator").text() {
        Some(comparator) => Text::plain(comparator).join("", &number),
        None => number,
    })
}

fn quantity(quantity: &Json) -> Option<Read> {
    let digits = quantity.get("value").digits()?;
    let compared = quantity.get("comparator").is_null();
    let unit = quantity.get("unit").text().or_else(|| quantity.get("code").text());
    Some(Read {
        text: quantity_text(quantity)?,
        number: compared.then(|| digits.to_owned()),
        unit: unit.map(str::to_owned),
    })
}

/// The words for a concept: its text, else what the user selected, else the first display, else the
/// first code (reference C).
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
            (r#"{"valueRange": {"high": {"value": 2}}}"#, "-2", "-2"),
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
        ] {
            assert!(value(&Json::parse(json).unwrap()).is_none(), "{json}");
        }
    }

    #[test]
    fn a_comparator_is_not_a_number_to_compare() {
        let read = |json: &str| value(&Json::parse(json).unwrap()).unwrap().number;
        assert_eq!(read(r#"{"valueQuantity": {"value": 5, "comparator": "<"}}"#), None);
        assert_eq!(read(r#"{"valueQuantity": {"value": 5}}"#).as_deref(), Some("5"));
    }
}
