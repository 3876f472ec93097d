//! Fields out of the Patient: names, coded answers, addresses, contacts (reference A.3, A.7, C).

use super::{Discarded, Rules, Value, refuse_modified, text::Text, text::concept_text};
use crate::fhir::{
    Json,
    coding::{System, is_of},
    patient::retired,
    token,
};

/// The value of a demographic field, if the patient has one.
pub(super) fn read(field: &str, patient: &Json, rules: &Rules) -> Result<Vec<Value>, Discarded> {
    if patient.get("resourceType").text() != Some("Patient") {
        return Ok(Vec::new());
    }
    refuse_modified(patient)?;
    let value = |text| Value { display: Some(field.to_owned()), ..Value::of(patient, Text::plain(text)) };
    Ok(text_of(field, patient, rules).map(value).into_iter().collect())
}

fn text_of(field: &str, patient: &Json, rules: &Rules) -> Option<String> {
    let owned = |json: &Json| json.text().map(str::to_owned);
    match field {
        "name-given" => joined(name(patient, rules)?.get("given"), " "),
        "name-family" => joined(name(patient, rules)?.get("family"), " "),
        "birthDate" | "deceasedDateTime" => owned(patient.get(field)),
        "gender" => Some(sex(patient)),
        "race" | "ethnicity" => origin(patient, field),
        "address-line" => joined(address(patient, rules)?.get("line"), ", "),
        "address-city" | "address-state" | "address-postalCode" | "address-country" => {
            owned(address(patient, rules)?.get(field.trim_start_matches("address-")))
        }
        "phone-home" => contacts(patient, "phone", Some("home"), rules).into_iter().next(),
        "phone-mobile" => contacts(patient, "phone", Some("mobile"), rules).into_iter().next(),
        "email" => contacts(patient, "email", None, rules).into_iter().next(),
        "email-2" => contacts(patient, "email", None, rules).into_iter().nth(1),
        "email-3" => contacts(patient, "email", None, rules).into_iter().nth(2),
        "preferred-language" => language(patient),
        "marital-status" => marital_status(patient.get("maritalStatus")),
        "deceasedBoolean" => deceased(patient).map(|dead| if dead { "1" } else { "0" }.to_owned()),
        _ => None,
    }
}

/// Given names repeat in both versions, family names in DSTU2 (B.3).
fn joined(parts: &Json, between: &str) -> Option<String> {
    let parts: Vec<&str> = parts.items().iter().filter_map(Json::text).map(str::trim).collect();
    (!parts.is_empty()).then(|| parts.join(between))
}

/// The official name, else the usual one, else the first that is a legal one and in use.
fn name<'a>(patient: &'a Json, rules: &Rules) -> Option<&'a Json> {
    let names: Vec<&Json> =
        patient.get("name").items().iter().filter(|name| !retired(name, rules.now)).collect();
    let with_use = |wanted: &str| names.iter().copied().find(|name| token(name.get("use")) == wanted);
    let other = || {
        let asides = ["maiden", "nickname", "anonymous", "temp"];
        names.iter().copied().find(|name| !asides.contains(&token(name.get("use")).as_str()))
    };
    with_use("official").or_else(|| with_use("usual")).or_else(other)
}

/// One letter, as the application's coded field has it; the sex at birth where no gender is given.
fn sex(patient: &Json) -> String {
    let birth = || {
        let ends = ["us-core-birthsex", "us-core-birth-sex", "argo-birthsex"];
        let extension = extension_ending(patient, &ends)?;
        let codings = extension.at(&["valueCodeableConcept", "coding"]).items().iter();
        let codes =
            std::iter::once(extension.get("valueCode")).chain(codings.map(|coding| coding.get("code")));
        codes.filter_map(Json::text).find(|code| matches!(*code, "M" | "F"))
    };
    match token(patient.get("gender")).as_str() {
        "male" => "M".to_owned(),
        "female" => "F".to_owned(),
        "" => birth().unwrap_or("UNK").to_owned(),
        _ => "UNK".to_owned(),
    }
}

/// The extension whose address ends with one of these: the same one lives at several (reference C).
fn extension_ending<'a>(element: &'a Json, ends: &[&str]) -> Option<&'a Json> {
    element.get("extension").items().iter().find(|extension| {
        let url = extension.get("url").text().unwrap_or_default().to_ascii_lowercase();
        ends.iter().any(|end| url.rsplit('/').next() == Some(*end))
    })
}

/// The code of race or ethnicity: the broad category first, then a detailed one.
fn origin(patient: &Json, which: &str) -> Option<String> {
    let (us_core, argonaut) = (format!("us-core-{which}"), format!("argo-{which}"));
    let extension = extension_ending(patient, &[&us_core, &argonaut])?;
    let part = |name: &str| {
        let mut parts = extension.get("extension").items().iter();
        parts.find(|part| part.get("url").text() == Some(name)).map(|part| part.get("valueCoding"))
    };
    let concept = extension.at(&["valueCodeableConcept", "coding"]).items();
    let cdc = |coding: &&Json| is_of(coding, System::CDC_RACE);
    let coding = part("ombCategory")
        .or_else(|| part("detailed"))
        .or_else(|| concept.iter().find(cdc))
        .or_else(|| concept.first())?;
    let null_flavor = is_of(coding, System::NULL_FLAVOR);
    let code = coding.get("code").text()?;
    let unknown = null_flavor || matches!(code, "UNK" | "ASKU" | "NI" | "NASK" | "OTH");
    Some(if unknown { "UNK" } else { code }.to_owned())
}

fn address<'a>(patient: &'a Json, rules: &Rules) -> Option<&'a Json> {
    let usable: Vec<&Json> =
        patient.get("address").items().iter().filter(|one| !retired(one, rules.now)).collect();
    usable.iter().copied().find(|one| token(one.get("use")) == "home").or_else(|| usable.first().copied())
}

/// Contacts in use, best rank first.
fn contacts(patient: &Json, system: &str, purpose: Option<&str>, rules: &Rules) -> Vec<String> {
    let rank = |contact: &Json| {
        contact.get("rank").digits().and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX)
    };
    let mut found: Vec<(u32, &str)> = patient
        .get("telecom")
        .items()
        .iter()
        .filter(|contact| token(contact.get("system")) == system && !retired(contact, rules.now))
        .filter(|contact| purpose.is_none_or(|purpose| token(contact.get("use")) == purpose))
        .filter_map(|contact| Some((rank(contact), contact.get("value").text()?)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, value)| value.to_owned()).collect()
}

fn language(patient: &Json) -> Option<String> {
    let all = || patient.get("communication").items().iter().filter(|one| refuse_modified(one).is_ok());
    let preferred = all().find(|one| one.get("preferred").truth() == Some(true)).or_else(|| all().next())?;
    concept_text(preferred.get("language")).map(str::to_owned)
}

fn marital_status(status: &Json) -> Option<String> {
    let codings = status.get("coding").items();
    let standard = codings.iter().find(|coding| is_of(coding, System::MARITAL_STATUS));
    let code = standard.or_else(|| codings.first()).and_then(|coding| coding.get("code").text());
    code.or_else(|| concept_text(status)).map(str::to_owned)
}

/// Whether the patient has died; `None` when the EHR hides it or it cannot be read.
///
/// A patient without any `deceased` element counts as living, as REDCap stores it (tests/oracle.rs).
fn deceased(patient: &Json) -> Option<bool> {
    let (flag, date) = (patient.get("deceasedBoolean"), patient.get("deceasedDateTime"));
    if date.text().is_some() {
        return Some(true);
    }
    let elements = ["deceasedBoolean", "deceasedDateTime", "_deceasedBoolean", "_deceasedDateTime"];
    let absent = elements.iter().all(|name| patient.get(name).is_null());
    flag.truth().or(absent.then_some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, patient: &str) -> Option<String> {
        let rules = Rules { include_preliminary: false, now: jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0) };
        let patient = format!(r#"{{"resourceType": "Patient", "id": "1", {patient}}}"#);
        let values = read(name, &Json::parse(&patient).unwrap(), &rules).ok()?;
        values.into_iter().next().map(|value| value.text.exact)
    }

    #[test]
    fn the_official_name_is_used() {
        let names = r#""name": [{"use": "maiden", "family": "Grant"}, {"use": "usual", "family": "U"},
            {"use": "official", "family": ["van", "Emmerich"], "given": ["A", "B"]}]"#;
        assert_eq!(field("name-family", names).unwrap(), "van Emmerich");
        assert_eq!(field("name-given", names).unwrap(), "A B");
        assert_eq!(field("name-family", r#""name": [{"use": "maiden", "family": "G"}]"#), None);
        let ended =
            r#""name": [{"use": "official", "family": "X", "period": {"end": "2001"}}, {"family": "Y"}]"#;
        assert_eq!(field("name-family", ended).unwrap(), "Y");
    }

    #[test]
    fn sex_is_one_letter() {
        for (patient, letter) in [
            (r#""gender": "male""#, "M"),
            (r#""gender": "Female ""#, "F"),
            (r#""gender": "other""#, "UNK"),
            (r#""active": true"#, "UNK"),
            (r#""extension": [{"url": "http://x/us-core-birthsex", "valueCode": "F"}]"#, "F"),
            (
                r#""extension": [{"url": "http://x/us-core-birth-sex", "valueCodeableConcept": {"coding": [{"code": "362"}, {"code": "F"}]}}]"#,
                "F",
            ),
        ] {
            assert_eq!(field("gender", patient).unwrap(), letter, "{patient}");
        }
    }

    #[test]
    fn race_in_all_its_shapes() {
        let r4 = |part: &str, coding: &str| {
            format!(
                r#""extension": [{{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
                "extension": [{{"url": "text", "valueString": "t"}}, {{"url": "{part}", "valueCoding": {coding}}}]}}]"#
            )
        };
        assert_eq!(field("race", &r4("ombCategory", r#"{"code": "2106-3"}"#)).unwrap(), "2106-3");
        assert_eq!(field("race", &r4("detailed", r#"{"code": "1586-7"}"#)).unwrap(), "1586-7");
        let asked = r#"{"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "ASKU"}"#;
        assert_eq!(field("race", &r4("ombCategory", asked)).unwrap(), "UNK");
        assert_eq!(field("race", &r4("other", "{}")), None);
        let dstu2 = r#""extension": [{"url": "http://fhir.org/guides/argonaut/StructureDefinition/argo-race",
            "valueCodeableConcept": {"coding": [{"system": "x", "code": "local"},
                {"system": "http://hl7.org/fhir/v3/Race", "code": "2028-9"}]}}]"#;
        assert_eq!(field("race", dstu2).unwrap(), "2028-9");
        for form in
            ["2.16.840.1.113883.6.238", "https://hl7.org/fhir/v3/Race/", "URN:OID:2.16.840.1.113883.6.238"]
        {
            let other = dstu2.replace("http://hl7.org/fhir/v3/Race", form);
            assert_eq!(field("race", &other).unwrap(), "2028-9", "{form}");
        }
        for form in ["http://hl7.org/fhir/v3/NullFlavor", "urn:oid:2.16.840.1.113883.5.1008"] {
            let unasked = format!(r#"{{"system": "{form}", "code": "NAV"}}"#);
            assert_eq!(field("race", &r4("ombCategory", &unasked)).unwrap(), "UNK", "{form}");
        }
    }

    #[test]
    fn contacts_are_ranked_and_old_ones_passed_over() {
        let telecom = r#""telecom": [{"system": "phone", "use": "old", "value": "0"},
            {"system": "phone", "use": "home", "value": "1"}, {"system": "phone", "use": "home", "rank": 1, "value": "2"},
            {"system": "email", "value": "a"}, {"system": "email", "value": "b"}]"#;
        assert_eq!(field("phone-home", telecom).unwrap(), "2");
        assert_eq!(field("phone-mobile", telecom), None);
        assert_eq!(field("email-2", telecom).unwrap(), "b");
        assert_eq!(field("email-3", telecom), None);
    }

    #[test]
    fn death_by_date_counts() {
        assert_eq!(field("deceasedBoolean", r#""deceasedDateTime": "2020""#).unwrap(), "1");
        assert_eq!(field("deceasedBoolean", r#""deceasedBoolean": true"#).unwrap(), "1");
        assert_eq!(field("deceasedBoolean", r#""deceasedBoolean": false"#).unwrap(), "0");
        assert_eq!(field("deceasedBoolean", r#""active": true"#).unwrap(), "0");
    }

    #[test]
    fn a_death_that_the_ehr_hides_is_unknown() {
        let masked = r#"{"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}"#;
        for patient in [
            format!(r#""_deceasedBoolean": {masked}"#),
            format!(r#""_deceasedDateTime": {masked}"#),
            format!(r#""deceasedBoolean": null, "_deceasedBoolean": {masked}"#),
            r#""deceasedBoolean": "maybe""#.to_owned(),
        ] {
            assert_eq!(field("deceasedBoolean", &patient), None, "{patient}");
        }
        let dated = format!(r#""deceasedDateTime": "2020", "_deceasedDateTime": {masked}"#);
        assert_eq!(field("deceasedBoolean", &dated).unwrap(), "1");
    }

    #[test]
    fn a_patient_with_a_modifier_extension_gives_no_value() {
        let rules = Rules { include_preliminary: false, now: jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0) };
        let read_of = |rest: &str| {
            let json = format!(r#"{{"resourceType": "Patient", "id": "1", "gender": "male", {rest}}}"#);
            read("gender", &Json::parse(&json).unwrap(), &rules).map(|values| values.len())
        };
        assert_eq!(
            read_of(r#""modifierExtension": [{"url": "urn:x", "valueBoolean": true}]"#),
            Err(Discarded::UnknownModifier)
        );
        assert_eq!(read_of(r#""modifierExtension": []"#), Ok(1));
        let spoken = r#""communication": [{"modifierExtension": [{"url": "urn:x"}], "language": {"text": "A"}, "preferred": true},
            {"language": {"text": "B"}}]"#;
        assert_eq!(field("preferred-language", spoken).unwrap(), "B");
    }
}
