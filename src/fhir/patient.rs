//! The patient by medical record number: the searches to send, and the verification of what comes back.

use super::Json;
use crate::source::Source;
use jiff::civil::DateTime;
use url::Url;

/// The searches that may find the patient, the best first.
///
/// The number as typed, then without leading zeros: what an EHR displays may have more of them than what
/// it stores (reference C). Verification decides, not the server.
pub fn searches(source: &Source, mrn: &str) -> Vec<Url> {
    let mrn = mrn.trim();
    let stripped = mrn.trim_start_matches('0');
    let mut values = vec![mrn];
    if stripped != mrn && !stripped.is_empty() {
        values.push(stripped);
    }
    let mut urls = Vec::new();
    for value in values {
        if source.mrn_systems.is_empty() {
            let kind = if source.policy.patient_by_type_text { "MRN|" } else { "" };
            urls.extend(search(source, &format!("{kind}{}", escape(value))));
        }
        for system in &source.mrn_systems {
            urls.extend(search(source, &format!("{}|{}", escape(system), escape(value))));
        }
    }
    urls
}

fn search(source: &Source, identifier: &str) -> Option<Url> {
    let mut url = source.base.join("Patient").ok()?;
    url.query_pairs_mut().append_pair("identifier", identifier);
    Some(url)
}

/// `\`, `,`, `|` and `$` mean something in a search parameter (FHIR search, escaping).
fn escape(value: &str) -> String {
    let escaped = |c: char| if "\\,|$".contains(c) { vec!['\\', c] } else { vec![c] };
    value.chars().flat_map(escaped).collect()
}

/// Whether a patient really has this number. Servers match too widely (O23, E15).
pub fn has_mrn(source: &Source, patient: &Json, mrn: &str, now: DateTime) -> bool {
    mrns(source, patient, now).contains(&mrn.trim())
}

/// Whether a patient had this number before: an EHR keeps the numbers of a merged chart with `use: old`.
pub fn had_mrn(source: &Source, patient: &Json, mrn: &str) -> bool {
    let identifiers = patient.get("identifier").items().iter();
    let of_mrn = identifiers.filter(|identifier| mrn_rank(source, identifier).is_some());
    of_mrn.flat_map(texts).any(|text| text == mrn.trim())
}

/// The record numbers of a patient: in a system that counts as one here, not retired, as they are stored
/// and as they are displayed. Those of the best system come first.
pub fn mrns<'a>(source: &Source, patient: &'a Json, now: DateTime) -> Vec<&'a str> {
    let identifiers = patient.get("identifier").items().iter();
    let mut usable: Vec<(usize, &Json)> = identifiers
        .filter(|identifier| !retired(identifier, now))
        .filter_map(|identifier| Some((mrn_rank(source, identifier)?, identifier)))
        .collect();
    usable.sort_by_key(|(rank, _)| *rank);
    usable.into_iter().flat_map(|(_, identifier)| texts(identifier)).collect()
}

/// A number as it is stored and as it is displayed.
fn texts(identifier: &Json) -> impl Iterator<Item = &str> {
    const RENDERED: &str = "http://hl7.org/fhir/StructureDefinition/rendered-value";
    let displayed = extension(identifier.get("_value"), RENDERED);
    let both = [identifier.get("value").text(), displayed.get("valueString").text()];
    both.into_iter().flatten().map(str::trim)
}

/// The identifiers that hold a number, each as its system and one form of the number. Two sources that agree on one of them
/// mean the same patient; the same digits in two systems do not.
pub fn identities<'a>(source: &Source, patient: &'a Json, mrn: &str) -> Vec<(String, &'a str)> {
    let mut found = Vec::new();
    for identifier in patient.get("identifier").items() {
        let is_mrn =
            mrn_rank(source, identifier).is_some() && texts(identifier).any(|text| text == mrn.trim());
        let system = identifier.get("system").text().map(bare_system);
        // Without a system a number means something at its own source only.
        let system = system.unwrap_or_else(|| format!("source {}", source.id));
        if is_mrn {
            found.extend(texts(identifier).map(|text| (system.clone(), text)));
        }
    }
    found
}

/// Whether the EHR marks the chart as not in use (FHIR Patient.active).
pub fn is_inactive(patient: &Json) -> bool {
    patient.get("active").truth() == Some(false)
}

/// The ids of patients that a chart is linked to with this type of link (FHIR Patient.link; `replace` in DSTU2).
pub fn linked(patient: &Json, types: &[&str]) -> Vec<String> {
    let links = patient.get("link").items().iter();
    let of_type = links.filter(|link| types.contains(&super::token(link.get("type")).as_str()));
    let id = |link: &Json| {
        let reference = link.at(&["other", "reference"]).text()?;
        let (_, id) = reference.rsplit_once("Patient/")?;
        let id = id.split("/_history/").next().unwrap_or_default();
        (!id.is_empty()).then(|| id.to_owned())
    };
    of_type.filter_map(id).collect()
}

/// The charts that replaced this one.
pub fn replaced_by(patient: &Json) -> Vec<String> {
    linked(patient, &["replaced-by", "replace"])
}

/// The charts that this one replaced.
pub fn replaces(patient: &Json) -> Vec<String> {
    linked(patient, &["replaces"])
}

/// An extension by its address; host names are compared without regard to case.
pub fn extension<'a>(element: &'a Json, url: &str) -> &'a Json {
    let found = element
        .get("extension")
        .items()
        .iter()
        .find(|extension| extension.get("url").text().is_some_and(|own| own.eq_ignore_ascii_case(url)));
    found.unwrap_or(&Json::Null)
}

/// An identifier system in the form in which systems are compared.
fn bare_system(system: &str) -> String {
    system.trim_start_matches("urn:oid:").trim_end_matches('/').to_owned()
}

/// How good an identifier is as a record number here: 0 is the best, `None` is none.
fn mrn_rank(source: &Source, identifier: &Json) -> Option<usize> {
    if !source.mrn_systems.is_empty() {
        let system = bare_system(identifier.get("system").text()?);
        return source.mrn_systems.iter().position(|known| bare_system(known) == system);
    }
    let kind = identifier.get("type");
    let coded = kind.get("coding").items().iter().any(|coding| {
        let system = coding.get("system").text().unwrap_or_default();
        coding.get("code").text() == Some("MR")
            && (system.ends_with("v2-0203") || system.ends_with("v2/0203"))
    });
    (coded || matches!(kind.get("text").text(), Some("MRN" | "MR"))).then_some(0)
}

/// Whether an identifier, name, address or contact is no longer in use.
pub fn retired(element: &Json, now: DateTime) -> bool {
    let ended = element.at(&["period", "end"]).text().and_then(crate::fields::time::FhirTime::parse);
    super::token(element.get("use")) == "old" || ended.is_some_and(|end| end.latest < now)
}

/// Whether a resource says it is about this patient: `Some(false)` when it is about another,
/// `None` when it does not say.
///
/// `patient_ids` are the patient's id and those of the charts that it replaced.
pub fn is_about(source: &Source, resource: &Json, patient_ids: &[String]) -> Option<bool> {
    let is_own = |id: &str| patient_ids.iter().any(|own| own == id);
    if resource.get("resourceType").text() == Some("Patient") {
        return Some(resource.get("id").text().is_some_and(is_own));
    }
    let reference =
        ["subject", "patient"].iter().find_map(|name| resource.at(&[name, "reference"]).text())?;
    let Some((server, id)) = reference.rsplit_once("Patient/") else { return Some(false) };
    let id = id.split("/_history/").next().unwrap_or_default();
    let here = server.is_empty()
        || Url::parse(server)
            .is_ok_and(|url| source.unalias(url).as_str().eq_ignore_ascii_case(source.base.as_str()));
    Some(here && is_own(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::source;

    fn now() -> DateTime {
        jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0)
    }

    #[test]
    fn search_text_is_escaped_and_leading_zeros_are_tried_without() {
        let source = source(r#", "mrn_systems": ["urn:oid:1.2"]"#);
        let urls: Vec<String> =
            searches(&source, " 00a,b|c ").iter().map(|url| url.query().unwrap().to_owned()).collect();
        assert_eq!(
            urls,
            [
                "identifier=urn%3Aoid%3A1.2%7C00a%5C%2Cb%5C%7Cc",
                "identifier=urn%3Aoid%3A1.2%7Ca%5C%2Cb%5C%7Cc"
            ]
        );
    }

    #[test]
    fn a_number_counts_in_its_own_system_only() {
        let patient = Json::parse(
            r#"{"identifier": [
                {"system": "urn:oid:1.2", "value": " 6931", "_value": {"extension": [
                    {"url": "http://hl7.org/fhir/StructureDefinition/rendered-value", "valueString": "0006931"}]}},
                {"system": "urn:oid:9.9", "value": "777"},
                {"system": "urn:oid:1.2", "value": "old", "use": "old"},
                {"system": "urn:oid:1.2", "value": "ended", "period": {"end": "2019-05"}},
                {"type": {"text": "MRN"}, "value": "typed"}]}"#,
        )
        .unwrap();
        let by_system = source(r#", "mrn_systems": ["1.2"]"#);
        for (mrn, found) in [
            ("6931", true),
            ("0006931", true),
            ("777", false),
            ("old", false),
            ("ended", false),
            ("693", false),
        ] {
            assert_eq!(has_mrn(&by_system, &patient, mrn, now()), found, "{mrn}");
        }
        assert!(has_mrn(&source(""), &patient, "typed", now()));
        let both = source(r#", "mrn_systems": ["9.9", "urn:oid:1.2"]"#);
        assert_eq!(mrns(&both, &patient, now()), ["777", "6931", "0006931"], "the best system first");
        assert!(!has_mrn(&source(""), &patient, "6931", now()));
    }

    #[test]
    fn links_and_old_numbers_show_a_merge() {
        let old = Json::parse(
            r#"{"active": false, "link": [{"type": "replaced-by", "other": {"reference": "Patient/p1/_history/2"}},
                {"type": "seealso", "other": {"reference": "Patient/p9"}}]}"#,
        )
        .unwrap();
        assert_eq!((replaced_by(&old), is_inactive(&old)), (vec!["p1".to_owned()], true));
        let survivor = Json::parse(
            r#"{"link": [{"type": "replaces", "other": {"reference": "https://x.example/Patient/p0"}}],
                "identifier": [{"use": "old", "system": "urn:oid:1.2", "value": "M-0"},
                               {"system": "urn:oid:1.2", "value": "M-1"}, {"system": "urn:oid:9", "value": "M-2"}]}"#,
        )
        .unwrap();
        let source = source(r#", "mrn_systems": ["1.2"]"#);
        assert_eq!((replaces(&survivor), is_inactive(&survivor)), (vec!["p0".to_owned()], false));
        let known = |mrn: &str| (has_mrn(&source, &survivor, mrn, now()), had_mrn(&source, &survivor, mrn));
        assert_eq!((known("M-0"), known("M-1"), known("M-2")), ((false, true), (true, true), (false, false)));
        assert_eq!(identities(&source, &survivor, "M-1"), [("1.2".to_owned(), "M-1")]);
        assert!(identities(&source, &survivor, "M-2").is_empty());
    }

    #[test]
    fn a_resource_of_another_patient_or_server_is_seen() {
        let source = source("");
        let about = |reference: &str| {
            let text =
                format!(r#"{{"resourceType": "Observation", "subject": {{"reference": "{reference}"}}}}"#);
            is_about(&source, &Json::parse(&text).unwrap(), &["p1".to_owned()])
        };
        assert_eq!(about("Patient/p1"), Some(true));
        assert_eq!(about("https://fhir.example/r4/t/Patient/p1"), Some(true));
        assert_eq!(about("Patient/p1/_history/3"), Some(true));
        assert_eq!(about("Patient/p10"), Some(false));
        assert_eq!(about("https://other.example/Patient/p1"), Some(false));
        assert_eq!(about("Group/p1"), Some(false));
        assert_eq!(
            is_about(
                &source,
                &Json::parse(r#"{"resourceType": "Observation"}"#).unwrap(),
                &["p1".to_owned()]
            ),
            None
        );
    }
}
