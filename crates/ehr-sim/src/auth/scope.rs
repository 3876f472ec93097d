//! Scopes: which ones the server knows and grants, and what a token with them may read.

use crate::{
    personality::Profile,
    registration::{Registration, ScopeVersion},
};

/// A scope that the server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The text in the request, and in the answer of the token endpoint.
    pub(crate) text: String,
    /// None for a scope such as `openid` that gives no access to resources.
    access: Option<ResourceAccess>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ResourceAccess {
    level: Level,
    resource_type: String,
    read: bool,
    search: bool,
}

/// Whose data a scope gives access to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Patient,
    User,
    System,
}

const PLAIN: &[&str] = &[
    "launch",
    "launch/patient",
    "launch/encounter",
    "openid",
    "profile",
    "fhirUser",
    "online_access",
    "offline_access",
];

impl Scope {
    /// Reads a scope; none if the server does not know it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if PLAIN.contains(&text) {
            return Some(Self { text: text.to_owned(), access: None });
        }
        let (level, rest) = text.split_once('/')?;
        let (resource_type, permission) = rest.split_once('.')?;
        let level = match level {
            "patient" => Level::Patient,
            "user" => Level::User,
            "system" => Level::System,
            _ => return None,
        };
        let is_name = resource_type.starts_with(|first: char| first.is_ascii_uppercase())
            && resource_type.chars().all(|c| c.is_ascii_alphanumeric());
        if resource_type != "*" && !is_name {
            return None;
        }
        let (read, search) = permissions(permission)?;
        Some(Self {
            text: text.to_owned(),
            access: Some(ResourceAccess { level, resource_type: resource_type.to_owned(), read, search }),
        })
    }

    pub(crate) fn level(&self) -> Option<Level> {
        self.access.as_ref().map(|access| access.level)
    }

    /// The permission in words, for the consent page, and its resource type.
    pub(crate) fn describe(&self) -> (&'static str, Option<&str>) {
        let Some(access) = &self.access else {
            let words = match self.text.as_str() {
                "offline_access" => "stay connected after you sign out",
                "online_access" => "stay connected while you are signed in",
                "openid" | "profile" | "fhirUser" => "see who you are",
                _ => "see which patient and encounter are open",
            };
            return (words, None);
        };
        let words = match (access.level, access.read || access.search) {
            (Level::Patient, true) => "read this patient's record",
            (Level::Patient, false) => "change this patient's record",
            (_, true) => "read every record that you may open",
            (_, false) => "change every record that you may open",
        };
        let resource_type = if access.resource_type == "*" { "everything" } else { &access.resource_type };
        (words, Some(resource_type))
    }

    /// The syntax; none for a scope such as `openid`, which both have.
    fn version(&self) -> Option<ScopeVersion> {
        self.access.as_ref()?;
        let permission = self.text.rsplit('.').next().unwrap_or_default();
        Some(match permission {
            "read" | "write" | "*" => ScopeVersion::V1,
            _ => ScopeVersion::V2,
        })
    }

    /// Whether a client is registered for the scope and its syntax.
    pub(crate) fn is_registered(&self, registration: &Registration) -> bool {
        let version = self.version();
        let known = registration.scopes.is_empty() || registration.scopes.contains(&self.text);
        known
            && (version.is_none()
                || registration.scope_version.is_none()
                || version == registration.scope_version)
    }

    /// Whether it is `patient/*.read`, `user/Observation.*` or the like, which Oracle does not grant (O10).
    pub(crate) fn is_wildcard(&self) -> bool {
        self.access.is_some() && self.text.contains('*')
    }
}

/// (may read, may search): SMART v1 words, or the v2 letters c, r, u, d, s in this order.
fn permissions(text: &str) -> Option<(bool, bool)> {
    match text {
        "read" | "*" => return Some((true, true)),
        "write" => return Some((false, false)),
        "" => return None,
        _ => {}
    }
    let mut letters = "cruds".chars();
    text.chars()
        .all(|letter| letters.any(|known| known == letter))
        .then(|| (text.contains('r'), text.contains('s')))
}

/// The scopes of a request that the server knows and the personality grants, each once. Others are ignored.
pub(crate) fn parse_list(text: &str, profile: &Profile) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in text.split_whitespace().filter_map(Scope::parse) {
        let refused = scope.is_wildcard() && !profile.wildcard_scopes;
        if !refused && !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

pub(crate) fn contains(scopes: &[Scope], text: &str) -> bool {
    scopes.iter().any(|scope| scope.text == text)
}

/// The scopes with spaces between them.
pub(crate) fn join(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// The widest level at which the scopes allow a read or a search of a resource type.
pub(crate) fn level_for(scopes: &[Scope], resource_type: &str, search: bool) -> Option<Level> {
    let mut level = None;
    for access in scopes.iter().filter_map(|scope| scope.access.as_ref()) {
        let type_matches = access.resource_type == "*" || access.resource_type == resource_type;
        let allowed = if search { access.search } else { access.read };
        if type_matches && allowed {
            if access.level != Level::Patient {
                return Some(access.level);
            }
            level = Some(Level::Patient);
        }
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Personality;

    #[test]
    fn v1_and_v2_scopes_are_read() {
        let profile = Profile::of(Personality::Smart);
        let scopes = parse_list(
            "launch patient/Observation.rs patient/Condition.r user/Patient.read epic.scanning x/y patient/A.sr",
            profile,
        );
        assert_eq!(scopes.len(), 4);
        assert_eq!(level_for(&scopes, "Observation", true), Some(Level::Patient));
        assert_eq!(level_for(&scopes, "Condition", true), None);
        assert_eq!(level_for(&scopes, "Condition", false), Some(Level::Patient));
        assert_eq!(level_for(&scopes, "Patient", true), Some(Level::User));
        assert_eq!(level_for(&scopes, "Immunization", true), None);
    }

    #[test]
    fn the_consent_page_describes_scopes_in_words() {
        let words = |text: &str| {
            let scope = Scope::parse(text).expect("a scope");
            let (permission, resource_type) = scope.describe();
            format!("{permission} {}", resource_type.unwrap_or("-"))
        };
        assert_eq!(words("patient/Condition.rs"), "read this patient's record Condition");
        assert_eq!(words("user/*.read"), "read every record that you may open everything");
        assert_eq!(words("user/Condition.write"), "change every record that you may open Condition");
        assert_eq!(words("fhirUser"), "see who you are -");
        assert_eq!(words("launch/patient"), "see which patient and encounter are open -");
    }

    #[test]
    fn oracle_grants_no_wildcards() {
        assert!(parse_list("patient/*.read", Profile::of(Personality::Oracle)).is_empty());
        assert_eq!(parse_list("patient/*.read", Profile::of(Personality::Epic)).len(), 1);
    }
}
