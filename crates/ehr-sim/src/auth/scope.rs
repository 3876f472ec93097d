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
    version: ScopeVersion,
    /// The letters of SMART v2.
    permission: String,
    /// The parameters of a granular scope, with their values. None for all resources of the type.
    query: Option<Vec<(String, String)>>,
}

impl ResourceAccess {
    fn allows(&self, resource_type: &str, letter: char) -> bool {
        (self.resource_type == "*" || self.resource_type == resource_type) && self.permission.contains(letter)
    }

    /// Whether it gives no more access than another one.
    fn is_part_of(&self, whole: &Self) -> bool {
        self.level == whole.level
            && self.permission.chars().all(|letter| whole.allows(&self.resource_type, letter))
            && (whole.query.is_none() || whole.query == self.query)
    }
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
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
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
        let (version, permission) = permissions(permission)?;
        // SMART v1 has no granular scopes.
        if query.is_some() && version == ScopeVersion::V1 {
            return None;
        }
        let query = query.map(parameters);
        if query
            .as_ref()
            .is_some_and(|pairs| pairs.iter().any(|(name, value)| name.is_empty() || value.is_empty()))
        {
            return None;
        }
        let resource_type = resource_type.to_owned();
        Some(Self {
            text: text.to_owned(),
            access: Some(ResourceAccess { level, resource_type, version, permission, query }),
        })
    }

    /// Whether it is a granular scope, with a question mark.
    fn is_granular(&self) -> bool {
        self.access.as_ref().is_some_and(|access| access.query.is_some())
    }

    /// Whether it gives no more access to resources than another one.
    pub(crate) fn is_part_of(&self, whole: &Self) -> bool {
        match (&self.access, &whole.access) {
            (Some(part), Some(whole)) => part.is_part_of(whole),
            _ => false,
        }
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
        let words = match (access.level, access.permission.contains(['r', 's'])) {
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
        self.access.as_ref().map(|access| access.version)
    }

    /// Whether a client is registered for the scope and its syntax.
    pub(crate) fn is_registered(&self, registration: &Registration) -> bool {
        let version = self.version();
        let known = registration.scopes.is_empty() || registration.scopes.contains(&self.text);
        // O6: the console has this type of the application, and the scope is dropped without an error.
        let is_offline = self.text == "offline_access" && registration.online_only;
        known
            && !is_offline
            && (version.is_none()
                || registration.scope_version.is_none()
                || version == registration.scope_version)
    }

    /// Whether it is `patient/*.read`, `user/Observation.*` or the like, which Oracle does not grant (O10).
    pub(crate) fn is_wildcard(&self) -> bool {
        let is_wildcard = |access: &ResourceAccess| {
            access.resource_type == "*"
                || (access.version == ScopeVersion::V1 && access.permission == "cruds")
        };
        self.access.as_ref().is_some_and(is_wildcard)
    }
}

/// The syntax, and the letters c, r, u, d, s. SMART v2 writes them in this order.
fn permissions(text: &str) -> Option<(ScopeVersion, String)> {
    let v1 = |letters: &str| Some((ScopeVersion::V1, letters.to_owned()));
    match text {
        "read" => return v1("rs"),
        "*" => return v1("cruds"),
        "write" => return v1("cud"),
        "" => return None,
        _ => {}
    }
    let mut letters = "cruds".chars();
    text.chars()
        .all(|letter| letters.any(|known| known == letter))
        .then(|| (ScopeVersion::V2, text.to_owned()))
}

/// The parameters of a granular scope.
fn parameters(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

/// The scopes of a request that the server knows and the personality grants, each once. Others are ignored.
pub(crate) fn parse_list(text: &str, profile: &Profile) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in text.split_whitespace().filter_map(Scope::parse) {
        let refused = (scope.is_wildcard() && !profile.wildcard_scopes)
            || (scope.is_granular() && !profile.granular_scopes);
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
        if access.allows(resource_type, if search { 's' } else { 'r' }) {
            if access.level != Level::Patient {
                return Some(access.level);
            }
            level = Some(Level::Patient);
        }
    }
    level
}

/// The queries of the granular scopes that limit a read or a search of a type; none if a scope allows all resources.
pub(crate) fn queries_for<'a>(
    scopes: &'a [Scope],
    resource_type: &str,
    search: bool,
) -> Option<Vec<&'a [(String, String)]>> {
    let letter = if search { 's' } else { 'r' };
    let allowing = scopes.iter().filter_map(|scope| scope.access.as_ref());
    allowing
        .filter(|access| access.allows(resource_type, letter))
        .map(|access| access.query.as_deref())
        .collect()
}

/// What is left of the scopes when the user grants only these: a scope for resources is replaced with its granted parts, and is
/// left out if there are none. Other scopes stay.
pub(crate) fn granted_parts(scopes: &[Scope], granted: &[Scope]) -> Vec<Scope> {
    let mut left: Vec<Scope> = Vec::new();
    for scope in scopes {
        if scope.access.is_none() {
            left.push(scope.clone());
        }
        left.extend(granted.iter().filter(|part| part.is_part_of(scope)).cloned());
    }
    left
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

    /// #147: what a user grants can split a requested scope.
    #[test]
    fn a_user_grants_parts_of_the_requested_scopes() {
        let read = |text| parse_list(text, Profile::of(Personality::Smart));
        let requested = read("launch user/Observation.rs user/Condition.rs user/Patient.read");
        let granted = read(
            "user/Observation.rs?category=laboratory user/Observation.rs?category=vital-signs user/Patient.rs \
             patient/Condition.rs user/Condition.cruds",
        );
        assert_eq!(
            join(&granted_parts(&requested, &granted)),
            "launch user/Observation.rs?category=laboratory user/Observation.rs?category=vital-signs user/Patient.rs"
        );
        let queries = queries_for(&granted, "Observation", true).expect("granular scopes only");
        assert_eq!(queries.len(), 2);
        assert_eq!(queries_for(&requested, "Observation", true), None);
    }

    #[test]
    fn granular_scopes_are_those_of_v2_with_pairs_of_names_and_values() {
        for (text, is_scope) in [
            ("user/Observation.rs?category=laboratory", true),
            ("user/Observation.rs?category=http://a.b/c|laboratory&status=final", true),
            ("user/Observation.read?category=laboratory", false),
            ("user/Observation.rs?category", false),
            ("user/Observation.rs?", false),
        ] {
            assert_eq!(Scope::parse(text).is_some(), is_scope, "{text}");
        }
        let granular = "user/Observation.rs?category=laboratory";
        assert!(parse_list(granular, Profile::of(Personality::Oracle)).is_empty());
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
