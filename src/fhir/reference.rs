//! The target of a FHIR reference: in its own resource, on this server, or on another server.

use crate::source::Source;
use url::Url;

/// The target of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A contained resource, by its id in the resource.
    Contained(String),
    /// A resource of this server.
    Here {
        /// The resource type.
        kind: String,
        /// The resource id.
        id: String,
    },
    /// A resource at a base URL that is neither the source's nor an alias. The URL has no query and ends before the resource
    /// type, so that it does not identify a patient.
    Elsewhere(String),
    /// Not known: a logical name such as `urn:uuid`, or a text that is not a reference.
    Unknown,
}

/// Reads a reference: relative, absolute with the base URL of the source or an alias, or contained. A version is ignored.
pub fn target(source: &Source, reference: &str) -> Target {
    let reference = reference.trim();
    if let Some(id) = reference.strip_prefix('#') {
        return if id.is_empty() { Target::Unknown } else { Target::Contained(id.to_owned()) };
    }
    match Url::parse(reference) {
        Ok(url) => absolute(source, url),
        Err(url::ParseError::RelativeUrlWithoutBase) => at_this_server(reference),
        Err(_) => Target::Unknown,
    }
}

fn absolute(source: &Source, url: Url) -> Target {
    if !matches!(url.scheme(), "http" | "https") {
        return Target::Unknown;
    }
    let url = source.normalize_address(url);
    if let Some(rest) = url.as_str().strip_prefix(source.base.as_str()) {
        return at_this_server(rest);
    }
    let parts: Vec<&str> = url.path().split('/').collect();
    match typed_id(&parts) {
        Some((base, ..)) => {
            let base = base.split(|part| *part == "Patient").next().unwrap_or_default().join("/");
            Target::Elsewhere(format!("{}{base}", url.origin().ascii_serialization()))
        }
        None => Target::Unknown,
    }
}

fn at_this_server(path: &str) -> Target {
    typed_id(&path.split('/').collect::<Vec<_>>())
        .filter(|(base, ..)| base.is_empty())
        .map_or(Target::Unknown, |(_, kind, id)| Target::Here { kind, id })
}

/// The parts before `Type/id` or `Type/id/_history/version`, the type and the id.
fn typed_id<'a, 'b>(parts: &'b [&'a str]) -> Option<(&'b [&'a str], String, String)> {
    let parts = match parts {
        [rest @ .., "_history", version] if !version.is_empty() => rest,
        parts => parts,
    };
    let [base @ .., kind, id] = parts else { return None };
    let is_type = kind.starts_with(|c: char| c.is_ascii_uppercase())
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_id = !id.is_empty() && *id != "." && *id != ".." && !id.contains(['?', '#']);
    (is_type && is_id).then(|| (base, (*kind).to_owned(), (*id).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::source;

    #[test]
    fn every_form_of_a_reference_has_its_target() {
        let source =
            source(r#", "aliases": ["http://fhir.svc.cluster.local", "https://internal.example/x"]"#);
        let here = |id: &str| Target::Here { kind: "Patient".to_owned(), id: id.to_owned() };
        let elsewhere = |base: &str| Target::Elsewhere(base.to_owned());
        for (reference, expected) in [
            ("Patient/p1", here("p1")),
            (" Patient/p1 ", here("p1")),
            ("Patient/p1/_history/2", here("p1")),
            ("https://fhir.example/r4/t/Patient/p1", here("p1")),
            ("HTTPS://FHIR.example:443/r4/t/Patient/p1/_history/3", here("p1")),
            ("http://fhir.example/r4/t/Patient/p1", here("p1")),
            ("http://fhir.svc.cluster.local/Patient/p1", here("p1")),
            ("https://internal.example/x/Patient/p1", here("p1")),
            ("Group/g", Target::Here { kind: "Group".to_owned(), id: "g".to_owned() }),
            ("#p", Target::Contained("p".to_owned())),
            ("https://other.example/fhir/Patient/p1", elsewhere("https://other.example/fhir")),
            ("https://u:secret@other.example/Patient/p1/_history/2", elsewhere("https://other.example")),
            ("https://other.example/Patient/77/Patient/p1", elsewhere("https://other.example")),
            ("https://fhir.example/r4/t2/Patient/p1", elsewhere("https://fhir.example/r4/t2")),
            ("https://fhir.example/Patient/p1", elsewhere("https://fhir.example")),
            ("http://fhir.example:8080/r4/t/Patient/p1", elsewhere("http://fhir.example:8080/r4/t")),
            ("https://fhir.svc.cluster.local/Patient/p1", elsewhere("https://fhir.svc.cluster.local")),
            ("urn:uuid:4f2c7a4e-9a0f-4a5e-9d3c-0f4d6c1b2a3d", Target::Unknown),
            ("urn:oid:1.2.3", Target::Unknown),
            ("Patient?identifier=a|b", Target::Unknown),
            ("https://fhir.example/r4/t/Patient?identifier=a", Target::Unknown),
            ("https://fhir.example/r4/t/Patient/p1?x=1", Target::Unknown),
            ("https://fhir.example/r4/t/x/Patient/p1", Target::Unknown),
            ("x/Patient/p1", Target::Unknown),
            ("Patient/", Target::Unknown),
            ("Patient/..", Target::Unknown),
            ("p1", Target::Unknown),
            ("#", Target::Unknown),
            ("", Target::Unknown),
        ] {
            assert_eq!(target(&source, reference), expected, "{reference}");
        }
    }
}
