//! Fields read from Observations by LOINC code: the value of the Observation itself, or of its components.

use super::{DiscardReason, Rules, Value, refuse_modified, text};
use crate::fhir::{
    Json,
    coding::{CodedValue, System, coded_value, is_of, may_be_of, mentions},
    time::FhirTime,
};

/// The values of an Observation that have one of the codes.
pub(super) fn read(codes: &[String], observation: &Json, rules: &Rules) -> Result<Vec<Value>, DiscardReason> {
    if observation.get("resourceType").text() != Some("Observation") {
        return Ok(Vec::new());
    }
    let own = coding_with(observation.get("code"), codes);
    let components = observation.get("component").items();
    if own.is_none() && !components.iter().any(|part| coding_with(part.get("code"), codes).is_some()) {
        return Ok(Vec::new());
    }
    refuse_unusable_status(observation, rules)?;
    let time = time(observation);
    let own_value = own.and_then(|code| {
        let parsed = text::value(observation)?;
        Some(value(observation, observation.get("code"), code, parsed, time.as_ref()))
    });
    let is_whole_panel = own.is_some() && own_value.is_none();
    let mut values: Vec<Value> = own_value.iter().cloned().collect();
    let mut discarded = DiscardReason::NoValue;
    for (index, part) in components.iter().enumerate() {
        // A panel that is found by its own code has no value itself, and gives the values of all its components.
        let code = coding_with(part.get("code"), codes)
            .or_else(|| is_whole_panel.then(|| preferred_coding(part.get("code"))).flatten());
        let Some((code, parsed)) = code.and_then(|code| Some((code, text::value(part)?))) else { continue };
        if let Err(reason) = refuse_modified(part) {
            discarded = reason;
            continue;
        }
        let value = value(observation, part.get("code"), code, parsed, time.as_ref());
        if own_value.as_ref().is_none_or(|own| !is_repetition(own, observation, &value, part)) {
            let component = component_name(&value, &values);
            values.push(Value { component, position: index + 1, ..value });
        }
    }
    if values.is_empty() { Err(discarded) } else { Ok(values) }
}

/// The name of a component among the values before it: its code, with a number when the code occurs again. The place among the
/// components is not part of the name, so a server that changes their order changes no key.
fn component_name(value: &Value, before: &[Value]) -> String {
    let code = value.code.as_deref().unwrap_or_default();
    let repeated = before.iter().filter(|other| other.code == value.code && other.position > 0).count();
    if repeated == 0 { code.to_owned() } else { format!("{code}#{repeated}") }
}

/// Whether a component repeats the value of the Observation: the same text and unit, and a LOINC code of the Observation.
fn is_repetition(own: &Value, observation: &Json, value: &Value, part: &Json) -> bool {
    let codes = |element: &Json| -> Vec<String> {
        let codings = element.get("code").get("coding").items().iter();
        let of_loinc = codings.filter(|coding| may_be_of(coding, System::LOINC));
        of_loinc.filter_map(|coding| Some(coding.get("code").text()?.trim().to_owned())).collect()
    };
    let own_codes = codes(observation);
    (&own.text, &own.compared_unit) == (&value.text, &value.compared_unit)
        && codes(part).iter().any(|code| own_codes.contains(code))
}

/// The value of an Observation or of one of its components, with the code that it was found by.
fn value(
    observation: &Json,
    concept: &Json,
    coding: &Json,
    parsed: text::ParsedValue,
    time: Option<&FhirTime>,
) -> Value {
    let owned = |json: &Json| json.text().map(str::to_owned);
    Value {
        time: time.cloned(),
        code: owned(coding.get("code")),
        code_system: owned(coding.get("system")),
        display: owned(coding.get("display")).or_else(|| text::concept_text(concept).map(str::to_owned)),
        unit: parsed.unit,
        number: parsed.number,
        compared_unit: parsed.compared_unit,
        limit: parsed.limit,
        ..Value::new(observation, parsed.text)
    }
}

/// The coding with one of the codes. Its system must be LOINC or absent.
fn coding_with<'a>(concept: &'a Json, codes: &[String]) -> Option<&'a Json> {
    concept.get("coding").items().iter().find(|coding| {
        may_be_of(coding, System::LOINC)
            && coding.get("code").text().is_some_and(|code| codes.iter().any(|one| one == code.trim()))
    })
}

/// The LOINC coding of a component, or else its first coding.
fn preferred_coding(concept: &Json) -> Option<&Json> {
    let codings = concept.get("coding").items();
    let loinc = codings.iter().find(|coding| is_of(coding, System::LOINC));
    loinc.or_else(|| codings.first())
}

/// Refuses an Observation that is not a fact: entered in error, cancelled, without a result yet, or with a status that is not
/// known.
fn refuse_unusable_status(observation: &Json, rules: &Rules) -> Result<(), DiscardReason> {
    const KNOWN: &[&str] = &["registered", "preliminary", "final", "amended", "corrected", "cancelled"];
    if mentions(observation.get("status"), "entered-in-error") {
        return Err(DiscardReason::EnteredInError);
    }
    refuse_modified(observation)?;
    let CodedValue::Codes(codes) = coded_value(observation, "status", System::OBSERVATION_STATUS, KNOWN)
    else {
        return Err(DiscardReason::UnknownStatus);
    };
    let is_refused = codes.contains("preliminary") && !rules.include_preliminary;
    if is_refused || codes.contains("cancelled") || codes.contains("registered") {
        return Err(DiscardReason::Status);
    }
    Ok(())
}

/// The time of the observation: a date or instant, else the start or the end of its period, else the time when it was issued.
fn time(observation: &Json) -> Option<FhirTime> {
    let period = observation.get("effectivePeriod");
    let candidates = [
        observation.get("effectiveDateTime"),
        observation.get("effectiveInstant"),
        period.get("start"),
        period.get("end"),
        observation.get("issued"),
    ];
    candidates.into_iter().find_map(|candidate| FhirTime::parse(candidate.text()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules =
        Rules { include_preliminary: false, now: jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0) };

    fn values(codes: &[&str], json: &str) -> Result<Vec<(String, String)>, DiscardReason> {
        let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        let json = Json::parse(&format!(r#"{{"resourceType": "Observation", "id": "o", {json}}}"#)).unwrap();
        let read = read(&codes, &json, &RULES)?;
        Ok(read.into_iter().map(|value| (value.display.unwrap_or_default(), value.text.exact)).collect())
    }

    const PRESSURE: &str = r#""status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "55284-4"}]},
        "component": [
          {"code": {"coding": [{"system": "http://loinc.org", "code": "8462-4", "display": "Dia"}]}, "valueQuantity": {"value": 80}},
          {"code": {"coding": [{"system": "http://loinc.org", "code": "8480-6", "display": "Sys"}]}, "valueQuantity": {"value": 120.0}}]"#;

    #[test]
    fn a_component_is_found_by_its_own_code_and_by_the_code_of_its_panel() {
        assert_eq!(values(&["8480-6"], PRESSURE).unwrap(), [("Sys".to_owned(), "120.0".to_owned())]);
        assert_eq!(values(&["55284-4"], PRESSURE).unwrap().len(), 2);
        assert_eq!(values(&["55284-4", "8480-6", "8462-4"], PRESSURE).unwrap().len(), 2);
        assert!(values(&["8867-4"], PRESSURE).unwrap().is_empty());
    }

    #[test]
    fn an_observation_with_two_codes_of_a_line_is_one_candidate() {
        let coding = |code: &str| format!(r#"{{"system": "http://loinc.org", "code": "{code}"}}"#);
        let both = format!(r#"{{"coding": [{}, {}]}}"#, coding("59408-5"), coding("2708-6"));
        let percent = |value: u8| format!(r#""valueQuantity": {{"value": {value}, "unit": "%"}}"#);
        let part = |code: &str, value: u8| {
            format!(r#"{{"code": {{"coding": [{}]}}, {}}}"#, coding(code), percent(value))
        };
        let with = |parts: &[String]| {
            format!(
                r#""status": "final", "code": {both}, {}, "component": [{}]"#,
                percent(98),
                parts.join(",")
            )
        };
        let codes = ["2708-6", "59408-5", "3150-6"];
        assert_eq!(values(&codes, &with(&[])).unwrap().len(), 1);
        assert_eq!(values(&codes, &with(&[part("2708-6", 98)])).unwrap().len(), 1);
        assert_eq!(values(&["59408-5"], &with(&[part("59408-5", 98)])).unwrap().len(), 1);
        assert_eq!(values(&codes, &with(&[part("3150-6", 98)])).unwrap().len(), 2, "another fact");
        assert_eq!(values(&codes, &with(&[part("2708-6", 97)])).unwrap().len(), 2, "another measurement");
    }

    #[test]
    fn a_component_keeps_its_name_when_the_server_changes_their_order() {
        let codes = ["8480-6".to_owned(), "8462-4".to_owned()];
        let named = |json: &str| {
            let json =
                Json::parse(&format!(r#"{{"resourceType": "Observation", "id": "o", {json}}}"#)).unwrap();
            let mut named: Vec<(String, String)> = read(&codes, &json, &RULES)
                .unwrap()
                .into_iter()
                .map(|value| (value.component, value.text.exact))
                .collect();
            named.sort();
            named
        };
        let part = |code: &str, value: &str| {
            let coding = format!(r#"{{"system": "http://loinc.org", "code": "{code}"}}"#);
            format!(r#"{{"code": {{"coding": [{coding}]}}, "valueQuantity": {{"value": {value}}}}}"#)
        };
        let panel = |parts: [String; 2]| {
            format!(
                r#""status": "final", "code": {{"coding": [{{"code": "55284-4"}}]}}, "component": [{}, {}]"#,
                parts[0], parts[1]
            )
        };
        let (diastolic, systolic) = (part("8462-4", "80"), part("8480-6", "120.0"));
        let expected = [("8462-4".to_owned(), "80".to_owned()), ("8480-6".to_owned(), "120.0".to_owned())];
        assert_eq!(named(&panel([diastolic.clone(), systolic.clone()])), expected);
        assert_eq!(named(&panel([systolic, diastolic])), expected);
    }

    #[test]
    fn a_code_is_found_in_any_coding_with_loinc_or_without_a_system() {
        let with = |system: &str| {
            format!(
                r#""status": "final", "code": {{"coding": [{{"system": "x", "code": "y"}}, {{{system} "code": "2947-0"}}]}}, "valueInteger": 1"#
            )
        };
        assert_eq!(values(&["2947-0"], &with(r#""system": "http://loinc.org","#)).unwrap().len(), 1);
        for form in ["https://loinc.org", "http://LOINC.org/", "2.16.840.1.113883.6.1"] {
            let system = format!(r#""system": "{form}","#);
            assert_eq!(values(&["2947-0"], &with(&system)).unwrap().len(), 1, "{form}");
        }
        assert_eq!(values(&["2947-0"], &with("")).unwrap().len(), 1);
        assert!(values(&["2947-0"], &with(r#""system": "urn:other","#)).unwrap().is_empty());
    }

    #[test]
    fn an_observation_that_is_not_a_fact_gives_no_value() {
        let with = |status: &str, value: &str| {
            values(
                &["1-1"],
                &format!(r#""status": "{status}", "code": {{"coding": [{{"code": "1-1"}}]}} {value}"#),
            )
        };
        let value = r#", "valueInteger": 1"#;
        assert_eq!(with("entered-in-error ", value), Err(DiscardReason::EnteredInError));
        assert_eq!(with("Entered-In-Error", value), Err(DiscardReason::EnteredInError));
        assert_eq!(with("cancelled", value), Err(DiscardReason::Status));
        assert_eq!(with("preliminary", value), Err(DiscardReason::Status));
        assert_eq!(with("final", ""), Err(DiscardReason::NoValue));
        assert_eq!(with("amended", value).unwrap().len(), 1);
        for unknown in ["unknown", "done", ""] {
            assert_eq!(with(unknown, value), Err(DiscardReason::UnknownStatus), "{unknown}");
        }
    }

    #[test]
    fn a_value_with_a_modifier_extension_is_not_shown() {
        const MODIFIER: &str = r#""modifierExtension": [{"url": "urn:x", "valueBoolean": true}]"#;
        let weight = |rest: &str| {
            let code = r#""code": {"coding": [{"code": "1-1"}]}, "valueInteger": 1"#;
            values(&["1-1"], &format!("{code}, {MODIFIER}, {rest}"))
        };
        assert_eq!(weight(r#""status": "final""#), Err(DiscardReason::UnknownModifier));
        assert_eq!(weight(r#""status": "entered-in-error""#), Err(DiscardReason::EnteredInError));
        let part = |code: &str, rest: &str| {
            format!(r#"{{"code": {{"coding": [{{"code": "{code}"}}]}}, "valueInteger": 1{rest}}}"#)
        };
        let changed = format!(", {MODIFIER}");
        let panel = format!(
            r#""status": "final", "code": {{"coding": [{{"code": "9-9"}}]}}, "component": [{}, {}]"#,
            part("1-1", &changed),
            part("2-2", "")
        );
        assert_eq!(values(&["1-1"], &panel), Err(DiscardReason::UnknownModifier));
        assert_eq!(values(&["9-9"], &panel).unwrap().len(), 1);
    }

    #[test]
    fn all_codings_of_a_status_are_checked() {
        let with = |codings: &str| {
            values(
                &["1-1"],
                &format!(
                    r#""status": {{"coding": [{codings}]}}, "code": {{"coding": [{{"code": "1-1"}}]}}, "valueInteger": 1"#
                ),
            )
        };
        let local = r#"{"system": "urn:oid:1.9.9", "code": "F"}"#;
        assert_eq!(with(&format!(r#"{local}, {{"code": "final"}}"#)).unwrap().len(), 1);
        assert_eq!(
            with(&format!(r#"{local}, {{"code": "entered-in-error"}}"#)),
            Err(DiscardReason::EnteredInError)
        );
        assert_eq!(with(r#"{"code": "final"}, {"code": "cancelled"}"#), Err(DiscardReason::Status));
        assert_eq!(with(local), Err(DiscardReason::UnknownStatus));
    }
}
