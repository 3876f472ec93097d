//! Fields read from the Patient: names, coded values, addresses, contacts.

use super::{DiscardReason, Rules, Value, refuse_modified, text::Text, text::concept_text};
use crate::fhir::{
    Json,
    coding::{System, is_of, may_be_of},
    patient::{is_future, is_retired},
    token,
};

/// The value of a demographic field, if the patient has one.
pub(super) fn read(field: &str, patient: &Json, rules: &Rules) -> Result<Vec<Value>, DiscardReason> {
    if patient.get("resourceType").text() != Some("Patient") {
        return Ok(Vec::new());
    }
    refuse_modified(patient)?;
    let value = |text| Value { display: Some(field.to_owned()), ..Value::new(patient, Text::plain(text)) };
    Ok(text_of(field, patient, rules).map(value).into_iter().collect())
}

fn text_of(field: &str, patient: &Json, rules: &Rules) -> Option<String> {
    let owned = |json: &Json| json.text().map(str::to_owned);
    match field {
        "name-given" => joined(name(patient, rules)?.get("given"), " "),
        "name-family" => family(name(patient, rules)?),
        "birthDate" | "deceasedDateTime" => owned(patient.get(field)),
        "gender" => Some(gender_code(patient)),
        "race" | "ethnicity" => origin_codes(patient, field).into_iter().next(),
        "race_all_codes" => Some(origin_codes(patient, "race").join(",")).filter(|codes| !codes.is_empty()),
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

/// The parts of a name or address as one text. Given names repeat in DSTU2 and R4, family names in DSTU2 only.
fn joined(parts: &Json, between: &str) -> Option<String> {
    let parts: Vec<&str> = parts.items().iter().filter_map(Json::text).map(str::trim).collect();
    (!parts.is_empty()).then(|| parts.join(between))
}

/// The parts of an element that are valid now: not retired, and not for a future period.
fn current<'a>(patient: &'a Json, element: &str, rules: &Rules) -> Vec<&'a Json> {
    let all = patient.get(element).items().iter();
    all.filter(|one| !is_retired(one, rules.now) && !is_future(one, rules.now)).collect()
}

/// Whether a name has parts, not only a text.
fn has_parts(name: &Json) -> bool {
    joined(name.get("family"), " ").is_some() || joined(name.get("given"), " ").is_some()
}

/// The official name, else the usual one, else the first other one. A name with parts comes before a name that is only a text.
/// Maiden names, nicknames, anonymous and temporary names are never used.
fn name<'a>(patient: &'a Json, rules: &Rules) -> Option<&'a Json> {
    const NOT_USED: [&str; 4] = ["maiden", "nickname", "anonymous", "temp"];
    let mut names = current(patient, "name", rules);
    names.retain(|name| !NOT_USED.contains(&token(name.get("use")).as_str()));
    names.sort_by_key(|name| match token(name.get("use")).as_str() {
        "official" => 0,
        "usual" => 1,
        _ => 2,
    });
    let with_parts = names.iter().copied().find(|name| has_parts(name));
    with_parts.or_else(|| names.into_iter().find(|name| name.get("text").text().is_some()))
}

/// The family name. A name that is only a text is used whole, because it does not show which words are the family name.
fn family(name: &Json) -> Option<String> {
    if has_parts(name) {
        return joined(name.get("family"), " ");
    }
    name.get("text").text().map(|text| text.trim().to_owned())
}

/// The gender as `M`, `F` or `UNK`, the codes of a REDCap field; without a gender, the sex at birth.
fn gender_code(patient: &Json) -> String {
    let sex_at_birth = || {
        let ends = ["us-core-birthsex", "us-core-birth-sex", "argo-birthsex"];
        let extension = extensions_ending(patient, &ends).next()?;
        let codings = extension.at(&["valueCodeableConcept", "coding"]).items().iter();
        let codes =
            std::iter::once(extension.get("valueCode")).chain(codings.map(|coding| coding.get("code")));
        codes.filter_map(Json::text).find(|code| matches!(*code, "M" | "F"))
    };
    match token(patient.get("gender")).as_str() {
        "male" => "M".to_owned(),
        "female" => "F".to_owned(),
        "" => sex_at_birth().unwrap_or("UNK").to_owned(),
        _ => "UNK".to_owned(),
    }
}

/// The extensions whose URL ends with one of these names. US Core and Argonaut use the same names at different hosts.
fn extensions_ending<'a>(element: &'a Json, ends: &[&str]) -> impl Iterator<Item = &'a Json> {
    element.get("extension").items().iter().filter(|extension| {
        let url = extension.get("url").text().unwrap_or_default().to_ascii_lowercase();
        ends.iter().any(|end| url.rsplit('/').next() == Some(*end))
    })
}

/// The codes of the HL7 v3 code system NullFlavor: reasons why there is no value.
const NULL_FLAVORS: [&str; 17] = [
    "UNK", "ASKU", "NASK", "NI", "NAV", "NAVU", "NA", "OTH", "MSK", "INV", "DER", "NINF", "PINF", "UNC",
    "QS", "TRC", "NP",
];

/// The codes of race or ethnicity, each once: the OMB categories, then the detailed codes, then the codes of DSTU2. If no coding
/// is of the CDC code system: the first code of another system, else `UNK` for a null flavor.
fn origin_codes(patient: &Json, which: &str) -> Vec<String> {
    let codings = origin_codings(patient, which);
    let code = |coding: &&Json| coding.get("code").text().map(|code| code.trim().to_owned());
    let is_null_flavor = |coding: &Json| {
        let listed =
            code(&coding).is_some_and(|code| NULL_FLAVORS.contains(&code.to_ascii_uppercase().as_str()));
        listed || is_of(coding, System::NULL_FLAVOR)
    };
    let (flavors, codings): (Vec<&Json>, Vec<&Json>) = codings
        .into_iter()
        .filter(|coding| code(coding).is_some())
        .partition(|coding| is_null_flavor(coding));
    let mut known: Vec<String> = Vec::new();
    for code in codings.iter().filter(|coding| may_be_of(coding, System::CDC_RACE)).filter_map(code) {
        if !known.contains(&code) {
            known.push(code);
        }
    }
    if !known.is_empty() {
        return known;
    }
    let unknown = (!flavors.is_empty()).then(|| "UNK".to_owned());
    codings.first().and_then(code).or(unknown).into_iter().collect()
}

/// All codings of the extensions for race or ethnicity, in the order in which they are used.
fn origin_codings<'a>(patient: &'a Json, which: &str) -> Vec<&'a Json> {
    let ends = [format!("us-core-{which}"), format!("argo-{which}")];
    let ends: Vec<&str> = ends.iter().map(String::as_str).collect();
    let extensions: Vec<&Json> = extensions_ending(patient, &ends).collect();
    let of = |element: &'a Json| -> Vec<&'a Json> {
        let one = element.get("valueCoding").items().iter();
        one.chain(element.at(&["valueCodeableConcept", "coding"]).items()).collect()
    };
    let mut codings = Vec::new();
    for level in ["ombCategory", "detailed"] {
        let parts = extensions.iter().flat_map(|extension| extension.get("extension").items());
        codings.extend(parts.filter(|part| part.get("url").text() == Some(level)).flat_map(of));
    }
    codings.extend(extensions.iter().copied().flat_map(of));
    codings
}

/// The home address, else another address. A temporary address is never used.
fn address<'a>(patient: &'a Json, rules: &Rules) -> Option<&'a Json> {
    let rank = |address: &Json| match token(address.get("use")).as_str() {
        "home" => Some(0),
        "" => Some(1),
        "temp" => None,
        _ => Some(2),
    };
    let current = current(patient, "address", rules).into_iter();
    let ranked = current.filter_map(|one| Some((rank(one)?, token(one.get("type")) == "postal", one)));
    ranked.min_by_key(|(rank, is_postal, _)| (*rank, *is_postal)).map(|(.., address)| address)
}

/// The current contacts of a system and use, lowest rank first. Temporary contacts are left out.
fn contacts(patient: &Json, system: &str, purpose: Option<&str>, rules: &Rules) -> Vec<String> {
    let rank = |contact: &Json| {
        contact.get("rank").digits().and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX)
    };
    let mut found: Vec<(u32, &str)> = current(patient, "telecom", rules)
        .into_iter()
        .filter(|contact| token(contact.get("system")) == system && token(contact.get("use")) != "temp")
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
    fn gender_is_one_letter_or_unk() {
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
    fn race_is_read_from_every_known_extension() {
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
            let null_flavor = format!(r#"{{"system": "{form}", "code": "NAV"}}"#);
            assert_eq!(field("race", &r4("ombCategory", &null_flavor)).unwrap(), "UNK", "{form}");
        }
    }

    #[test]
    fn contacts_are_ordered_by_rank_and_old_ones_are_skipped() {
        let telecom = r#""telecom": [{"system": "phone", "use": "old", "value": "0"},
            {"system": "phone", "use": "home", "value": "1"}, {"system": "phone", "use": "home", "rank": 1, "value": "2"},
            {"system": "email", "value": "a"}, {"system": "email", "value": "b"}]"#;
        assert_eq!(field("phone-home", telecom).unwrap(), "2");
        assert_eq!(field("phone-mobile", telecom), None);
        assert_eq!(field("email-2", telecom).unwrap(), "b");
        assert_eq!(field("email-3", telecom), None);
    }

    #[test]
    fn a_null_flavor_is_used_only_without_a_known_race() {
        const CDC: &str = "urn:oid:2.16.840.1.113883.6.238";
        const FLAVOR: &str = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor";
        for (parts, race, all) in [
            (
                &[("ombCategory", CDC, "2106-3"), ("ombCategory", CDC, "2028-9")][..],
                "2106-3",
                "2106-3,2028-9",
            ),
            (&[("detailed", CDC, "2039-6"), ("ombCategory", CDC, "2028-9")], "2028-9", "2028-9,2039-6"),
            (&[("ombCategory", FLAVOR, "UNK"), ("ombCategory", CDC, "2028-9")], "2028-9", "2028-9"),
            (&[("ombCategory", FLAVOR, "ASKU"), ("detailed", CDC, "2039-6")], "2039-6", "2039-6"),
            (&[("ombCategory", CDC, "unk"), ("detailed", "", "2039-6")], "2039-6", "2039-6"),
            (&[("ombCategory", CDC, "2106-3"), ("ombCategory", CDC, "2106-3")], "2106-3", "2106-3"),
            (&[("ombCategory", "urn:local", "w"), ("detailed", CDC, "2039-6")], "2039-6", "2039-6"),
            (&[("ombCategory", FLAVOR, "UNK"), ("detailed", "urn:local", "w")], "w", "w"),
            (&[("ombCategory", FLAVOR, "OTH"), ("detailed", FLAVOR, "MSK")], "UNK", "UNK"),
        ] {
            let parts: Vec<String> = parts
                .iter()
                .map(|(level, system, code)| {
                    format!(
                        r#"{{"url": "{level}", "valueCoding": {{"system": "{system}", "code": "{code}"}}}}"#
                    )
                })
                .collect();
            let patient = format!(
                r#""extension": [{{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
                    "extension": [{}]}}]"#,
                parts.join(",")
            );
            assert_eq!(field("race", &patient).as_deref(), Some(race), "{parts:?}");
            assert_eq!(field("race_all_codes", &patient).as_deref(), Some(all), "{parts:?}");
        }
        let dstu2 = r#""extension": [{"url": "http://fhir.org/guides/argonaut/StructureDefinition/argo-race",
            "valueCodeableConcept": {"coding": [{"system": "http://hl7.org/fhir/v3/NullFlavor", "code": "UNK"},
                {"system": "http://hl7.org/fhir/v3/Race", "code": "2028-9"}, {"system": "http://hl7.org/fhir/v3/Race", "code": "2106-3"}]}}]"#;
        assert_eq!(field("race", dstu2).unwrap(), "2028-9");
        assert_eq!(field("race_all_codes", dstu2).unwrap(), "2028-9,2106-3");
        assert_eq!(field("race_all_codes", r#""active": true"#), None);
    }

    #[test]
    fn a_name_that_is_only_a_text_is_never_split() {
        for (names, given, family) in [
            (r#"{"text": "Alex van Doe"}"#, None, Some("Alex van Doe")),
            (
                r#"{"use": "official", "text": "Alex Doe"}, {"use": "usual", "family": "Doe"}"#,
                None,
                Some("Doe"),
            ),
            (r#"{"use": "official", "text": "Doe, Alex", "given": ["Alex"]}"#, Some("Alex"), None),
            (r#"{"use": "nickname", "text": "Lex"}"#, None, None),
            (r#"{"use": "official", "text": "Old", "period": {"end": "2001"}}"#, None, None),
            (r#"{"use": "usual", "text": "U"}, {"use": "official", "text": "O"}"#, None, Some("O")),
            (
                r#"{"use": "official", "family": "X", "period": {"start": "2030"}}, {"family": "Y"}"#,
                None,
                Some("Y"),
            ),
        ] {
            let patient = format!(r#""name": [{names}]"#);
            assert_eq!(field("name-given", &patient).as_deref(), given, "{names}");
            assert_eq!(field("name-family", &patient).as_deref(), family, "{names}");
        }
    }

    #[test]
    fn future_and_temporary_addresses_are_not_used() {
        for (addresses, city) in [
            (r#"{"use": "work", "city": "W"}, {"city": "N"}, {"use": "home", "city": "H"}"#, Some("H")),
            (r#"{"use": "work", "city": "W"}, {"city": "N"}"#, Some("N")),
            (
                r#"{"use": "home", "city": "F", "period": {"start": "2026-02"}}, {"use": "home", "city": "H"}"#,
                Some("H"),
            ),
            (r#"{"use": "home", "city": "F", "period": {"start": "2027-01-01"}}"#, None),
            (r#"{"use": "home", "city": "S", "period": {"start": "2025-12-31"}}"#, Some("S")),
            (r#"{"use": "temp", "city": "T"}, {"use": "work", "city": "W"}"#, Some("W")),
            (r#"{"use": "temp", "city": "T"}"#, None),
            (r#"{"use": "old", "city": "O"}"#, None),
            (
                r#"{"use": "home", "type": "postal", "city": "P"}, {"use": "home", "type": "both", "city": "B"}"#,
                Some("B"),
            ),
            (r#"{"use": "home", "type": "postal", "city": "P"}, {"use": "work", "city": "W"}"#, Some("P")),
        ] {
            assert_eq!(
                field("address-city", &format!(r#""address": [{addresses}]"#)).as_deref(),
                city,
                "{addresses}"
            );
        }
    }

    #[test]
    fn future_and_temporary_contacts_are_not_used() {
        let telecom = r#""telecom": [{"system": "phone", "use": "home", "value": "0", "period": {"start": "2026-03-01"}},
            {"system": "phone", "use": "temp", "value": "1"}, {"system": "phone", "use": "home", "value": "2"},
            {"system": "email", "use": "temp", "value": "a"}, {"system": "email", "value": "b", "period": {"start": "2027"}},
            {"system": "email", "value": "c"}]"#;
        assert_eq!(field("phone-home", telecom).unwrap(), "2");
        assert_eq!(field("email", telecom).unwrap(), "c");
        assert_eq!(field("email-2", telecom), None);
    }

    #[test]
    fn a_patient_with_a_date_of_death_counts_as_deceased() {
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
            Err(DiscardReason::UnknownModifier)
        );
        assert_eq!(read_of(r#""modifierExtension": []"#), Ok(1));
        let languages = r#""communication": [{"modifierExtension": [{"url": "urn:x"}], "language": {"text": "A"}, "preferred": true},
            {"language": {"text": "B"}}]"#;
        assert_eq!(field("preferred-language", languages).unwrap(), "B");
    }
}
