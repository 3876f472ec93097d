//! Checks the scopes that a configuration names. The library only reads, so it requests no right to write.

use super::{Scope, ScopeKind, ScopeSet, ScopeVersion};
use crate::error::escape_for_display;

/// Checks one entry of a template. It may hold several scopes. `version` is the syntax that `{read}` gets.
///
/// # Errors
/// The scope, and why it is refused.
pub fn check_template(entry: &str, version: ScopeVersion) -> Result<(), String> {
    let example = entry
        .replace("{resource}", "Patient")
        .replace("{read}", version.read_actions())
        .replace("{access}", "");
    ScopeSet::parse(&example).scopes().iter().try_for_each(|scope| {
        refusal(scope).map_or(Ok(()), |why| Err(format!("{}: {why}", escape_for_display(scope.text()))))
    })
}

/// Why a scope is refused.
fn refusal(scope: &Scope) -> Option<&'static str> {
    let text = scope.text();
    if text.contains(['{', '}']) {
        return Some("a placeholder is {resource}, {read} or {access}");
    }
    let resource = match scope.kind() {
        ScopeKind::Resource(resource) => resource,
        ScopeKind::Other if text.starts_with("launch/") => {
            return Some("write launch/TYPE with the type in lower case, and at most one ?role=ROLE");
        }
        ScopeKind::Other if ["patient/", "user/", "system/"].iter().any(|start| text.starts_with(start)) => {
            return Some("write it as user/TYPE.read or user/TYPE.rs");
        }
        _ => return None,
    };
    if resource.actions.writes() {
        return Some("it allows to write, and this library only reads. Use read (v1) or rs (v2)");
    }
    if resource.actions.is_empty() {
        return Some("it has no known action. Use read (v1) or rs (v2)");
    }
    if resource.resource != "*" && !resource.resource.starts_with(|first: char| first.is_ascii_uppercase()) {
        return Some("a resource type begins with a capital letter, such as Patient");
    }
    match &resource.query {
        Some(query) if !query.is_valid() => {
            Some("after the question mark, write NAME=VALUE pairs with & between them")
        }
        Some(_) if resource.version == ScopeVersion::V1 => {
            Some("only SMART v2 has scopes with a question mark. Use rs")
        }
        _ if !text.ends_with(&resource.to_string()) => Some("write its actions in the order cruds"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// #120 #122 #124 #132 #135 #155 #157
    #[test]
    fn scopes_that_write_or_that_smart_does_not_define_are_refused() {
        for (entry, expected) in [
            ("user/Patient.write", "it allows to write"),
            ("user/*.*", "it allows to write"),
            ("user/{resource}.*", "it allows to write"),
            ("patient/Observation.c", "it allows to write"),
            ("patient/Observation.u", "it allows to write"),
            ("patient/Observation.d", "it allows to write"),
            ("system/Observation.cruds", "it allows to write"),
            ("openid user/Patient.write", "it allows to write"),
            ("http://smarthealthit.org/fhir/scopes/user/Patient.write", "it allows to write"),
            ("user/Patient.raed", "no known action"),
            ("user/Patient.", "no known action"),
            ("user/Patient", "user/TYPE.read"),
            ("user/Patient.sr", "in the order cruds"),
            ("user/Patient.rs?", "NAME=VALUE"),
            ("user/Patient.rs?category", "NAME=VALUE"),
            ("user/Patient.read?category=a", "only SMART v2"),
            ("user/{resourse}.read", "placeholder"),
            ("user/patient.rs", "capital letter"),
            ("launch/DiagnosticReport", "lower case"),
            ("launch/list?role=a&role=b", "one ?role=ROLE"),
        ] {
            let why = check_template(entry, ScopeVersion::V2).unwrap_err();
            assert!(why.contains(expected), "{entry}: {why}");
        }
        for entry in [
            "user/{resource}.read",
            "user/{resource}.{read}",
            "{access}",
            "openid fhirUser",
            "patient/Observation.rs?category=laboratory",
            "user/*.rs",
            "launch/list?role=reconcile",
            "epic.scanning.dmsusername",
            "http://smarthealthit.org/fhir/scopes/user/Patient.rs",
        ] {
            assert_eq!(check_template(entry, ScopeVersion::V1), Ok(()), "{entry}");
        }
    }

    /// #132
    #[test]
    fn a_granular_scope_may_have_the_placeholder_of_the_syntax_in_v2_only() {
        let entry = "user/Observation.{read}?category=laboratory";
        assert_eq!(check_template(entry, ScopeVersion::V2), Ok(()));
        assert!(check_template(entry, ScopeVersion::V1).unwrap_err().contains("only SMART v2"));
    }
}
