//! Fields out of Observations: by LOINC code, in the observation itself or in its components.

use super::{DiscardReason, Rules, Value, refuse_modified, text};
use crate::fhir::{
    Json,
    coding::{CodedValue, System, coded_value, is_of, may_be_of, mentions},
    time::FhirTime,
};

/// The values of an Observation that carry one of the codes.
pub(super) fn read(codes: &[String], observation: &Json, rules: &Rules) -> Result<Vec<Value>, DiscardReason> {
    if observation.get("resourceType").text() != Some("Observation") {
        return Ok(Vec::new());
    }
    let own = matching(observation.get("code"), codes);
    let components = observation.get("component").items();
    if own.is_none() && !components.iter().any(|part| matching(part.get("code"), codes).is_some()) {
        return Ok(Vec::new());
    }
    usable(observation, rules)?;
    let time = time(observation);
    let mut values = Vec::new();
    if let Some((code, read)) = own.and_then(|code| Some((code, text::value(observation)?))) {
        values.push(with(observation, observation.get("code"), code, read, time.as_ref()));
    }
    // A panel asked for by its own code gives each of its components; it has no row itself (A.7).
    let whole_panel = own.is_some() && values.is_empty();
    let mut modified = false;
    for (number, part) in components.iter().enumerate() {
        let code = matching(part.get("code"), codes)
            .or_else(|| whole_panel.then(|| any_code(part.get("code"))).flatten());
        if let Some((code, read)) = code.and_then(|code| Some((code, text::value(part)?))) {
            if refuse_modified(part).is_err() {
                modified = true;
                continue;
            }
            let value = with(observation, part.get("code"), code, read, time.as_ref());
            if own.is_some() && values.iter().any(|first| repeats(first, observation, &value, part)) {
                continue;
            }
            // By code and not by place: a server that turns the components around changes no key.
            let own = value.code.clone().unwrap_or_default();
            let before =
                values.iter().filter(|other: &&Value| other.code == value.code && other.position > 0).count();
            let component = if before == 0 { own } else { format!("{own}#{before}") };
            values.push(Value { component, position: number + 1, ..value });
        }
    }
    match values.is_empty() {
        true if modified => Err(DiscardReason::UnknownModifier),
        true => Err(DiscardReason::NoValue),
        false => Ok(values),
    }
}

/// Whether a component says the observation's own value once more: one of its codes is one of the observation's.
fn repeats(first: &Value, observation: &Json, again: &Value, part: &Json) -> bool {
    let codes = |element: &Json| -> Vec<String> {
        let codings = element.get("code").get("coding").items().iter();
        let of_loinc = codings.filter(|coding| may_be_of(coding, System::LOINC));
        of_loinc.filter_map(|coding| Some(coding.get("code").text()?.trim().to_owned())).collect()
    };
    let own = codes(observation);
    first.position == 0
        && (&first.text, &first.compared_unit) == (&again.text, &again.compared_unit)
        && codes(part).iter().any(|code| own.contains(code))
}

fn with(
    observation: &Json,
    concept: &Json,
    coding: &Json,
    read: text::ParsedValue,
    time: Option<&FhirTime>,
) -> Value {
    let owned = |json: &Json| json.text().map(str::to_owned);
    Value {
        time: time.cloned(),
        code: owned(coding.get("code")),
        code_system: owned(coding.get("system")),
        display: owned(coding.get("display")).or_else(|| text::concept_text(concept).map(str::to_owned)),
        unit: read.unit,
        number: read.number,
        compared_unit: read.compared_unit,
        limit: read.limit,
        ..Value::of(observation, read.text)
    }
}

/// The coding with one of the codes: LOINC's, or one that names no system at all.
fn matching<'a>(concept: &'a Json, codes: &[String]) -> Option<&'a Json> {
    concept.get("coding").items().iter().find(|coding| {
        may_be_of(coding, System::LOINC)
            && coding.get("code").text().is_some_and(|code| codes.iter().any(|wanted| wanted == code.trim()))
    })
}

/// LOINC's coding of a component, else its first.
fn any_code(concept: &Json) -> Option<&Json> {
    let codings = concept.get("coding").items();
    let loinc = codings.iter().find(|coding| is_of(coding, System::LOINC));
    loinc.or_else(|| codings.first())
}

fn usable(observation: &Json, rules: &Rules) -> Result<(), DiscardReason> {
    const KNOWN: &[&str] = &["registered", "preliminary", "final", "amended", "corrected", "cancelled"];
    if mentions(observation.get("status"), "entered-in-error") {
        return Err(DiscardReason::EnteredInError);
    }
    refuse_modified(observation)?;
    let CodedValue::Codes(codes) = coded_value(observation, "status", System::OBSERVATION_STATUS, KNOWN)
    else {
        return Err(DiscardReason::UnknownStatus);
    };
    let waits = codes.contains("preliminary") && !rules.include_preliminary;
    if waits || codes.contains("cancelled") || codes.contains("registered") {
        return Err(DiscardReason::Status);
    }
    Ok(())
}

/// When it was observed: a moment, else the beginning (or end) of a period, else when it was issued.
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
    fn components_are_found_by_their_own_code_and_by_the_panels() {
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
    fn a_component_keeps_its_name_when_the_server_turns_them_around() {
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
        let wanted = [("8462-4".to_owned(), "80".to_owned()), ("8480-6".to_owned(), "120.0".to_owned())];
        assert_eq!(named(&panel([diastolic.clone(), systolic.clone()])), wanted);
        assert_eq!(named(&panel([systolic, diastolic])), wanted);
    }

    #[test]
    fn the_code_counts_in_any_coding_of_loinc_or_of_no_system() {
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
    fn what_is_not_a_fact_gives_nothing() {
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
    fn what_a_modifier_extension_changes_is_not_shown() {
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
    fn a_status_that_is_a_concept_is_judged_by_all_of_its_codings() {
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
