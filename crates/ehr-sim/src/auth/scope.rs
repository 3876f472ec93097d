//! Scopes as the server sees them: what it knows, what it grants, what a token may do.

use crate::personality::Profile;

/// One scope the server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// As it was asked and as it is granted.
    pub(crate) text: String,
    access: Option<Access>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Access {
    level: Level,
    resource_type: String,
    read: bool,
    search: bool,
}

/// Whose data a scope opens.
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
    /// A scope the server knows; others are dropped without a word.
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
        let named = resource_type.starts_with(|first: char| first.is_ascii_uppercase())
            && resource_type.chars().all(|c| c.is_ascii_alphanumeric());
        if resource_type != "*" && !named {
            return None;
        }
        let (read, search) = permissions(permission)?;
        Some(Self {
            text: text.to_owned(),
            access: Some(Access { level, resource_type: resource_type.to_owned(), read, search }),
        })
    }

    pub(crate) fn level(&self) -> Option<Level> {
        self.access.as_ref().map(|access| access.level)
    }

    /// What it allows, for the person who is asked, and the resource type it is about.
    pub(crate) fn in_words(&self) -> (&'static str, Option<&str>) {
        let Some(access) = &self.access else {
            let words = match self.text.as_str() {
                "offline_access" => "stay connected after you have left",
                "online_access" => "stay connected while you are signed in",
                "openid" | "profile" | "fhirUser" => "know who you are",
                _ => "know which patient and encounter are open",
            };
            return (words, None);
        };
        let words = match (access.level, access.read || access.search) {
            (Level::Patient, true) => "read from this patient's record",
            (Level::Patient, false) => "change in this patient's record",
            (_, true) => "read from every record you may open",
            (_, false) => "change in every record you may open",
        };
        let resource_type = if access.resource_type == "*" { "everything" } else { &access.resource_type };
        (words, Some(resource_type))
    }

    /// `patient/*.read`, `user/Observation.*` and the like (O10).
    pub(crate) fn is_wildcard(&self) -> bool {
        self.access.is_some() && self.text.contains('*')
    }
}

/// (may read, may search), for v1 words and v2 letters in their order.
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

/// The scopes of a request that the server knows and the personality grants, each once.
pub(crate) fn known(text: &str, profile: &Profile) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in text.split_whitespace().filter_map(Scope::parse) {
        let refused = scope.is_wildcard() && !profile.wildcard_scopes;
        if !refused && !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

pub(crate) fn has(scopes: &[Scope], text: &str) -> bool {
    scopes.iter().any(|scope| scope.text == text)
}

/// The widest level at which scopes open a resource type for a read or a search.
pub(crate) fn opens(scopes: &[Scope], resource_type: &str, search: bool) -> Option<Level> {
    let mut found = None;
    for access in scopes.iter().filter_map(|scope| scope.access.as_ref()) {
        let type_fits = access.resource_type == "*" || access.resource_type == resource_type;
        let may = if search { access.search } else { access.read };
        if type_fits && may {
            if access.level != Level::Patient {
                return Some(access.level);
            }
            found = Some(Level::Patient);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Personality;

    #[test]
    fn v1_and_v2_are_understood() {
        let profile = Profile::of(Personality::Smart);
        let scopes = known(
            "launch patient/Observation.rs patient/Condition.r user/Patient.read epic.scanning x/y patient/A.sr",
            profile,
        );
        assert_eq!(scopes.len(), 4);
        assert_eq!(opens(&scopes, "Observation", true), Some(Level::Patient));
        assert_eq!(opens(&scopes, "Condition", true), None);
        assert_eq!(opens(&scopes, "Condition", false), Some(Level::Patient));
        assert_eq!(opens(&scopes, "Patient", true), Some(Level::User));
        assert_eq!(opens(&scopes, "Immunization", true), None);
    }

    #[test]
    fn people_are_asked_in_words() {
        let words = |text: &str| {
            let scope = Scope::parse(text).expect("a scope");
            let (what, resource_type) = scope.in_words();
            format!("{what} {}", resource_type.unwrap_or("-"))
        };
        assert_eq!(words("patient/Condition.rs"), "read from this patient's record Condition");
        assert_eq!(words("user/*.read"), "read from every record you may open everything");
        assert_eq!(words("user/Condition.write"), "change in every record you may open Condition");
        assert_eq!(words("fhirUser"), "know who you are -");
        assert_eq!(words("launch/patient"), "know which patient and encounter are open -");
    }

    #[test]
    fn oracle_grants_no_wildcards() {
        assert!(known("patient/*.read", Profile::of(Personality::Oracle)).is_empty());
        assert_eq!(known("patient/*.read", Profile::of(Personality::Epic)).len(), 1);
    }
}
