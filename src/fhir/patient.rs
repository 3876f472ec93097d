//! The patient with a medical record number (MRN): the searches to send, and the verification of the answers.

use super::{
    Json,
    reference::{self, Target},
};
use crate::source::Source;
use jiff::civil::DateTime;
use url::Url;

/// The searches that may find the patient, the most likely one first: the MRN as typed, then without leading zeros, because an EHR
/// may display more zeros than it stores. The answers are candidates only; [`has_mrn`] decides.
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

/// Escapes `\`, `,`, `|` and `$`, which have a meaning in a search parameter (FHIR search, escaping).
fn escape(value: &str) -> String {
    let escaped = |c: char| if "\\,|$".contains(c) { vec!['\\', c] } else { vec![c] };
    value.chars().flat_map(escaped).collect()
}

/// Whether a patient has this MRN now. Servers also return patients that do not (O23, E15).
pub fn has_mrn(source: &Source, patient: &Json, mrn: &str, now: DateTime) -> bool {
    mrns(source, patient, now).contains(&mrn.trim())
}

/// Whether a patient has or had this MRN: an EHR keeps the MRNs of a merged chart with `use: old`.
pub fn had_mrn(source: &Source, patient: &Json, mrn: &str) -> bool {
    let identifiers = patient.get("identifier").items().iter();
    let of_mrn = identifiers.filter(|identifier| mrn_rank(source, identifier).is_some());
    of_mrn.flat_map(texts).any(|text| text == mrn.trim())
}

/// The current MRNs of a patient, each as it is stored and as it is displayed, in the order of the `mrn_systems` of the source.
pub fn mrns<'a>(source: &Source, patient: &'a Json, now: DateTime) -> Vec<&'a str> {
    let identifiers = patient.get("identifier").items().iter();
    let mut current: Vec<(usize, &Json)> = identifiers
        .filter(|identifier| !is_retired(identifier, now))
        .filter_map(|identifier| Some((mrn_rank(source, identifier)?, identifier)))
        .collect();
    current.sort_by_key(|(rank, _)| *rank);
    current.into_iter().flat_map(|(_, identifier)| texts(identifier)).collect()
}

/// An identifier as it is stored and as it is displayed.
fn texts(identifier: &Json) -> impl Iterator<Item = &str> {
    const RENDERED: &str = "http://hl7.org/fhir/StructureDefinition/rendered-value";
    let displayed = extension(identifier.get("_value"), RENDERED);
    let both = [identifier.get("value").text(), displayed.get("valueString").text()];
    both.into_iter().flatten().map(str::trim)
}

/// The identifiers of a patient with this MRN, each as its system and one form of the MRN. Two sources that share one of them
/// have the same patient. An equal MRN in two different systems may belong to two patients.
pub fn identities<'a>(source: &Source, patient: &'a Json, mrn: &str) -> Vec<(String, &'a str)> {
    let mut found = Vec::new();
    for identifier in patient.get("identifier").items() {
        let is_mrn =
            mrn_rank(source, identifier).is_some() && texts(identifier).any(|text| text == mrn.trim());
        let system = identifier.get("system").text().map(comparable_system);
        // An MRN without a system is only valid at its own source.
        let system = system.unwrap_or_else(|| format!("source {}", source.id));
        if is_mrn {
            found.extend(texts(identifier).map(|text| (system.clone(), text)));
        }
    }
    found
}

/// Whether the EHR marks the chart as inactive (FHIR Patient.active).
pub fn is_inactive(patient: &Json) -> bool {
    patient.get("active").truth() == Some(false)
}

/// The ids of patients of this server that a chart has a link of one of these types to (FHIR Patient.link; `replace` in DSTU2).
pub fn linked(source: &Source, patient: &Json, types: &[&str]) -> Vec<String> {
    let links = patient.get("link").items().iter();
    let of_type = links.filter(|link| types.contains(&super::token(link.get("type")).as_str()));
    let id = |link: &Json| match reference::target(source, link.at(&["other", "reference"]).text()?) {
        Target::Here { kind, id } if kind == "Patient" => Some(id),
        _ => None,
    };
    of_type.filter_map(id).collect()
}

/// The charts that replaced this chart.
pub fn replaced_by(source: &Source, patient: &Json) -> Vec<String> {
    linked(source, patient, &["replaced-by", "replace"])
}

/// The charts that this chart replaced.
pub fn replaces(source: &Source, patient: &Json) -> Vec<String> {
    linked(source, patient, &["replaces"])
}

/// The extension with this URL; letter case is ignored.
pub fn extension<'a>(element: &'a Json, url: &str) -> &'a Json {
    let found = element
        .get("extension")
        .items()
        .iter()
        .find(|extension| extension.get("url").text().is_some_and(|text| text.eq_ignore_ascii_case(url)));
    found.unwrap_or(&Json::Null)
}

/// An identifier system in the form in which identifier systems are compared.
fn comparable_system(system: &str) -> String {
    system.trim_start_matches("urn:oid:").trim_end_matches('/').to_owned()
}

/// The rank of an identifier as an MRN: its position in `mrn_systems`, 0 first; `None` when it is not an MRN.
fn mrn_rank(source: &Source, identifier: &Json) -> Option<usize> {
    if !source.mrn_systems.is_empty() {
        let system = comparable_system(identifier.get("system").text()?);
        return source.mrn_systems.iter().position(|known| comparable_system(known) == system);
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
pub fn is_retired(element: &Json, now: DateTime) -> bool {
    let ended = element.at(&["period", "end"]).text().and_then(super::time::FhirTime::parse);
    super::token(element.get("use")) == "old" || ended.is_some_and(|end| end.latest < now)
}

/// Whether the period of a name, address or contact has not started yet.
pub fn is_future(element: &Json, now: DateTime) -> bool {
    let start = element.at(&["period", "start"]).text().and_then(super::time::FhirTime::parse);
    start.is_some_and(|start| start.earliest > now)
}

/// All ids and MRNs by which resources may refer to the patient of a pull. Not `Debug`: it identifies the patient.
#[derive(Clone, Default)]
pub struct PatientIdentifiers {
    /// The id of the patient, and the ids of the charts that it replaced.
    pub ids: Vec<String>,
    /// The MRNs of the verified patient, also those no longer in use, each with its system.
    mrns: Vec<(String, String)>,
}

impl PatientIdentifiers {
    /// The identifiers of a verified patient.
    pub fn new(source: &Source, patient: &Json, ids: Vec<String>) -> Self {
        let of_mrn = patient.get("identifier").items().iter();
        let of_mrn = of_mrn.filter(|identifier| mrn_rank(source, identifier).is_some());
        let mrn = |identifier: &Json| -> Vec<(String, String)> {
            let system = identifier.get("system").text().map(comparable_system).unwrap_or_default();
            texts(identifier).map(|text| (system.clone(), comparable_mrn(text))).collect()
        };
        let mrns = of_mrn.flat_map(mrn).filter(|(system, _)| !system.is_empty()).collect();
        PatientIdentifiers { ids, mrns }
    }

    /// The owner of a resource that names these identifiers. Only an identifier in a system of this patient's MRNs decides.
    fn owner(&self, identifiers: &Json) -> ResourceOwner {
        let mut owner = ResourceOwner::Unknown;
        for identifier in identifiers.items() {
            let system = identifier.get("system").text().map(comparable_system).unwrap_or_default();
            let Some(value) = identifier.get("value").text().map(comparable_mrn) else { continue };
            let mut known = self.mrns.iter().filter(|(known, _)| *known == system).peekable();
            if known.peek().is_some() {
                let is_of_patient = known.any(|(_, mrn)| *mrn == value);
                owner = owner.combine(if is_of_patient {
                    ResourceOwner::ThisPatient
                } else {
                    ResourceOwner::OtherPatient
                });
            }
        }
        owner
    }
}

/// The patient that a resource belongs to, as far as the resource shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceOwner {
    /// The patient of the pull.
    ThisPatient,
    /// Certainly another patient.
    OtherPatient,
    /// A patient at a base URL that is neither the source's nor an alias.
    UnknownServer(String),
    /// Not known: the resource does not show its patient.
    Unknown,
}

impl ResourceOwner {
    /// The owner after two references: another patient always counts, and a certain owner counts before an uncertain one.
    fn combine(self, other: ResourceOwner) -> ResourceOwner {
        let rank = |owner: &ResourceOwner| match owner {
            ResourceOwner::OtherPatient => 3,
            ResourceOwner::ThisPatient => 2,
            ResourceOwner::UnknownServer(_) => 1,
            ResourceOwner::Unknown => 0,
        };
        if rank(&other) > rank(&self) { other } else { self }
    }
}

/// The patient that a resource belongs to, by `subject` and `patient`.
pub fn owner_of(source: &Source, resource: &Json, identifiers: &PatientIdentifiers) -> ResourceOwner {
    ["subject", "patient"].iter().fold(ResourceOwner::Unknown, |owner, name| {
        owner.combine(referenced_patient(source, resource, resource.get(name), identifiers))
    })
}

/// The patient that one reference names.
fn referenced_patient(
    source: &Source,
    resource: &Json,
    reference: &Json,
    identifiers: &PatientIdentifiers,
) -> ResourceOwner {
    let literal =
        reference.get("reference").text().map_or(Target::Unknown, |text| reference::target(source, text));
    let by_literal = match literal {
        Target::Here { kind, id } if kind == "Patient" => {
            if identifiers.ids.contains(&id) {
                ResourceOwner::ThisPatient
            } else {
                ResourceOwner::OtherPatient
            }
        }
        // A group, a device or a location is not another patient.
        Target::Here { .. } | Target::Unknown => ResourceOwner::Unknown,
        Target::Elsewhere(base) => ResourceOwner::UnknownServer(base),
        // The id of a contained resource is only valid inside its resource, so its identifiers decide.
        Target::Contained(id) => {
            let contained = resource.get("contained").items().iter();
            let is_it = |part: &&Json| {
                part.get("id").text() == Some(&id) && part.get("resourceType").text() == Some("Patient")
            };
            contained.filter(is_it).fold(ResourceOwner::Unknown, |owner, part| {
                owner.combine(identifiers.owner(part.get("identifier")))
            })
        }
    };
    match by_literal {
        ResourceOwner::ThisPatient | ResourceOwner::OtherPatient => by_literal,
        uncertain => uncertain.combine(identifiers.owner(reference.get("identifier"))),
    }
}

/// An MRN in the form in which MRNs are compared: an EHR may display more leading zeros than it stores.
fn comparable_mrn(value: &str) -> String {
    let value = value.trim();
    match value.trim_start_matches('0') {
        "" => value.to_owned(),
        stripped => stripped.to_owned(),
    }
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
    fn an_mrn_is_compared_only_in_its_own_system() {
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
    fn links_and_old_mrns_show_a_merge() {
        let old = Json::parse(
            r#"{"active": false, "link": [{"type": "replaced-by", "other": {"reference": "Patient/p1/_history/2"}},
                {"type": "seealso", "other": {"reference": "Patient/p9"}}]}"#,
        )
        .unwrap();
        let source = source(r#", "mrn_systems": ["1.2"]"#);
        assert_eq!((replaced_by(&source, &old), is_inactive(&old)), (vec!["p1".to_owned()], true));
        let survivor = Json::parse(
            r#"{"link": [{"type": "replaces", "other": {"reference": "https://fhir.example/r4/t/Patient/p0"}},
                          {"type": "replaces", "other": {"reference": "https://x.example/Patient/p7"}}],
                "identifier": [{"use": "old", "system": "urn:oid:1.2", "value": "M-0"},
                               {"system": "urn:oid:1.2", "value": "M-1"}, {"system": "urn:oid:9", "value": "M-2"}]}"#,
        )
        .unwrap();
        assert_eq!((replaces(&source, &survivor), is_inactive(&survivor)), (vec!["p0".to_owned()], false));
        let known = |mrn: &str| (has_mrn(&source, &survivor, mrn, now()), had_mrn(&source, &survivor, mrn));
        assert_eq!((known("M-0"), known("M-1"), known("M-2")), ((false, true), (true, true), (false, false)));
        assert_eq!(identities(&source, &survivor, "M-1"), [("1.2".to_owned(), "M-1")]);
        assert!(identities(&source, &survivor, "M-2").is_empty());
    }

    /// The owner of an Observation with these members, for the patient p1 that replaced p0 and has the MRN 77.
    fn owner(members: &str) -> ResourceOwner {
        let source =
            source(r#", "mrn_systems": ["urn:oid:1.2"], "aliases": ["http://internal.example/fhir"]"#);
        let patient = r#"{"identifier": [{"system": "urn:oid:1.2", "value": "0077"},
            {"system": "1.2", "value": "66", "use": "old"}, {"system": "urn:other", "value": "5"}]}"#;
        let names = PatientIdentifiers::new(
            &source,
            &Json::parse(patient).unwrap(),
            vec!["p1".to_owned(), "p0".to_owned()],
        );
        let text = format!(r#"{{"resourceType": "Observation", {members}}}"#);
        owner_of(&source, &Json::parse(&text).unwrap(), &names)
    }

    #[test]
    fn only_a_certain_reference_to_another_patient_counts() {
        let elsewhere = |base: &str| ResourceOwner::UnknownServer(base.to_owned());
        for (reference, expected) in [
            ("Patient/p1", ResourceOwner::ThisPatient),
            ("Patient/p0", ResourceOwner::ThisPatient),
            ("Patient/p1/_history/3", ResourceOwner::ThisPatient),
            ("https://fhir.example/r4/t/Patient/p1", ResourceOwner::ThisPatient),
            ("http://fhir.example/r4/t/Patient/p1", ResourceOwner::ThisPatient),
            ("http://internal.example/fhir/Patient/p1", ResourceOwner::ThisPatient),
            ("Patient/p10", ResourceOwner::OtherPatient),
            ("https://fhir.example/r4/t/Patient/p2", ResourceOwner::OtherPatient),
            ("http://internal.example/fhir/Patient/p2", ResourceOwner::OtherPatient),
            ("https://other.example/Patient/p1", elsewhere("https://other.example")),
            ("https://other.example/fhir/Patient/p2", elsewhere("https://other.example/fhir")),
            ("urn:uuid:4f2c7a4e-9a0f-4a5e-9d3c-0f4d6c1b2a3d", ResourceOwner::Unknown),
            ("Group/p1", ResourceOwner::Unknown),
            ("#p", ResourceOwner::Unknown),
        ] {
            assert_eq!(
                owner(&format!(r#""subject": {{"reference": "{reference}"}}"#)),
                expected,
                "{reference}"
            );
        }
        assert_eq!(owner(r#""status": "final""#), ResourceOwner::Unknown);
        assert_eq!(owner(r#""subject": {"display": "Doe"}"#), ResourceOwner::Unknown);
        let both = r#""subject": {"reference": "Patient/p1"}, "patient": {"reference": "Patient/p2"}"#;
        assert_eq!(owner(both), ResourceOwner::OtherPatient);
    }

    #[test]
    fn an_identifier_in_an_mrn_system_decides_the_owner_of_a_resource() {
        for (identifier, expected) in [
            (r#"{"system": "urn:oid:1.2", "value": "77"}"#, ResourceOwner::ThisPatient),
            (r#"{"system": "1.2", "value": " 0077 "}"#, ResourceOwner::ThisPatient),
            (r#"{"system": "urn:oid:1.2", "value": "66"}"#, ResourceOwner::ThisPatient),
            (r#"{"system": "urn:oid:1.2", "value": "78"}"#, ResourceOwner::OtherPatient),
            (r#"{"system": "urn:other", "value": "5"}"#, ResourceOwner::Unknown),
            (r#"{"value": "77"}"#, ResourceOwner::Unknown),
            (r#"{"system": "urn:oid:1.2"}"#, ResourceOwner::Unknown),
        ] {
            assert_eq!(
                owner(&format!(r#""subject": {{"identifier": {identifier}}}"#)),
                expected,
                "{identifier}"
            );
            let contained = |kind: &str| {
                format!(
                    r##""subject": {{"reference": "#p1"}},
                    "contained": [{{"resourceType": "{kind}", "id": "p1", "identifier": [{identifier}]}}]"##
                )
            };
            assert_eq!(owner(&contained("Patient")), expected, "contained: {identifier}");
            assert_eq!(
                owner(&contained("Device")),
                ResourceOwner::Unknown,
                "a contained device: {identifier}"
            );
        }
        let unnamed =
            r##""subject": {"reference": "#p1"}, "contained": [{"resourceType": "Patient", "id": "p1"}]"##;
        assert_eq!(
            owner(unnamed),
            ResourceOwner::Unknown,
            "the id of a contained resource is no patient's id"
        );
        let elsewhere = r#""subject": {"reference": "https://other.example/Patient/9",
            "identifier": {"system": "urn:oid:1.2", "value": "77"}}"#;
        assert_eq!(
            owner(elsewhere),
            ResourceOwner::ThisPatient,
            "the number decides where the address does not"
        );
    }
}
