//! SMART scopes: reads them, builds them from a source's template, and compares them by meaning.

mod check;
mod compare;
mod query;
mod resource;
mod search;
mod set;
mod split;
mod template;

pub use check::check_template;
pub use compare::ScopeComparison;
pub(crate) use query::Coverage;
pub use query::Query;
pub use resource::{Actions, ResourceScope, ScopeContext, ScopeVersion};
pub(crate) use search::ReadAccess;
pub use set::ScopeSet;
pub use split::split_scopes;
pub use template::RefreshAccess;
pub(crate) use template::in_fixed_order;

use std::fmt;

/// What starts the URI form of a SMART scope (#219).
const SMART_URI: &str = "http://smarthealthit.org/fhir/scopes/";

/// What starts the URI form of a scope of OpenID Connect (#220).
const OPENID_URI: &str = "http://openid.net/specs/openid-connect-core-1_0#";

/// One scope. Its text is kept as it was written, because some consoles compare the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    text: String,
    kind: ScopeKind,
}

/// What a scope means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// Access to FHIR resources: `user/Observation.rs?category=laboratory`.
    Resource(ResourceScope),
    /// Launch context: `launch`, `launch/patient`, `launch/list?role=reconcile`.
    Launch(LaunchScope),
    /// Who the user is.
    Identity(IdentityScope),
    /// A refresh token.
    Refresh(RefreshScope),
    /// Any other text. The library does not know its meaning.
    Other,
}

/// A scope for launch context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchScope {
    /// The resource type in lower case (#155); `None`: `launch`, the context of an EHR launch.
    pub resource: Option<String>,
    /// The role that the resource has for the application (#156).
    pub role: Option<String>,
}

/// A scope for the identity of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityScope {
    /// `openid`: an id_token.
    Openid,
    /// `fhirUser`: the URL of the FHIR resource of the user.
    FhirUser,
    /// `profile`: the older name of `fhirUser`.
    Profile,
}

/// A scope that requests a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshScope {
    /// `online_access`: valid while the user is signed in to the EHR (#215).
    Online,
    /// `offline_access`: valid also when the user is not signed in (#216).
    Offline,
}

impl Scope {
    /// Reads one scope, also in its URI form. Every text is a scope; an unknown one is [`ScopeKind::Other`].
    pub fn parse(text: &str) -> Self {
        Scope { text: text.to_owned(), kind: ScopeKind::parse(without_uri(text)) }
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it means.
    pub fn kind(&self) -> &ScopeKind {
        &self.kind
    }

    /// The URI form (#219, #220). A text of unknown meaning is returned unchanged.
    pub fn to_uri(&self) -> String {
        let text = without_uri(&self.text);
        match self.kind {
            ScopeKind::Other => self.text.clone(),
            ScopeKind::Identity(IdentityScope::Openid | IdentityScope::Profile) => {
                format!("{OPENID_URI}{text}")
            }
            _ => format!("{SMART_URI}{text}"),
        }
    }

    /// The same scope in the other syntax; `None` if that syntax has no scope with this meaning: v1 has neither granular scopes nor
    /// `r` without `s`. Scopes without a FHIR resource are the same in both.
    pub fn in_version(&self, version: ScopeVersion) -> Option<Scope> {
        match &self.kind {
            ScopeKind::Resource(resource) => {
                resource.in_version(version).map(|scope| Scope::parse(&scope.to_string()))
            }
            _ => Some(self.clone()),
        }
    }

    pub(crate) fn resource(&self) -> Option<&ResourceScope> {
        match &self.kind {
            ScopeKind::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    /// Whether both are the same text, or known scopes with the same meaning.
    fn is_same(&self, other: &Scope) -> bool {
        self.text == other.text || (self.kind != ScopeKind::Other && self.kind == other.kind)
    }
}

impl From<ResourceScope> for Scope {
    fn from(resource: ResourceScope) -> Self {
        Scope { text: resource.to_string(), kind: ScopeKind::Resource(resource) }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn without_uri(text: &str) -> &str {
    text.strip_prefix(SMART_URI).or_else(|| text.strip_prefix(OPENID_URI)).unwrap_or(text)
}

impl ScopeKind {
    fn parse(text: &str) -> Self {
        match text {
            "openid" => return ScopeKind::Identity(IdentityScope::Openid),
            "fhirUser" => return ScopeKind::Identity(IdentityScope::FhirUser),
            "profile" => return ScopeKind::Identity(IdentityScope::Profile),
            "online_access" => return ScopeKind::Refresh(RefreshScope::Online),
            "offline_access" => return ScopeKind::Refresh(RefreshScope::Offline),
            _ => {}
        }
        let launch = LaunchScope::parse(text).map(ScopeKind::Launch);
        launch.or_else(|| ResourceScope::parse(text).map(ScopeKind::Resource)).unwrap_or(ScopeKind::Other)
    }
}

impl LaunchScope {
    /// Reads `launch` or `launch/TYPE?role=ROLE`, with one role at most (#157).
    fn parse(text: &str) -> Option<Self> {
        if text == "launch" {
            return Some(LaunchScope { resource: None, role: None });
        }
        let rest = text.strip_prefix("launch/")?;
        let (resource, role) = match rest.split_once("?role=") {
            Some((resource, role)) => (resource, Some(role)),
            None => (rest, None),
        };
        let is_type = !resource.is_empty() && resource.chars().all(|c| c.is_ascii_lowercase());
        let is_role = role.is_none_or(|role| !role.is_empty() && !role.contains(['&', '?']));
        (is_type && is_role)
            .then(|| LaunchScope { resource: Some(resource.to_owned()), role: role.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// #150 #151 #152 #153 #155 #156 #157
    #[test]
    fn launch_scopes_name_a_type_in_lower_case_and_one_role_at_most() {
        let launch = |resource: Option<&str>, role: Option<&str>| {
            let text = |text: &str| text.to_owned();
            ScopeKind::Launch(LaunchScope { resource: resource.map(text), role: role.map(text) })
        };
        for (text, kind) in [
            ("launch", launch(None, None)),
            ("launch/patient", launch(Some("patient"), None)),
            ("launch/encounter", launch(Some("encounter"), None)),
            ("launch/diagnosticreport", launch(Some("diagnosticreport"), None)),
            ("launch/list?role=reconcile", launch(Some("list"), Some("reconcile"))),
            ("launch/DiagnosticReport", ScopeKind::Other),
            ("launch/", ScopeKind::Other),
            ("launch/list?role=", ScopeKind::Other),
            ("launch/list?role=a&role=b", ScopeKind::Other),
            ("launching", ScopeKind::Other),
        ] {
            assert_eq!(*Scope::parse(text).kind(), kind, "{text}");
        }
    }

    /// #47 #195 #196 #215 #216
    #[test]
    fn identity_and_refresh_scopes_have_a_meaning_and_other_texts_are_kept() {
        for (text, kind) in [
            ("openid", ScopeKind::Identity(IdentityScope::Openid)),
            ("fhirUser", ScopeKind::Identity(IdentityScope::FhirUser)),
            ("profile", ScopeKind::Identity(IdentityScope::Profile)),
            ("online_access", ScopeKind::Refresh(RefreshScope::Online)),
            ("offline_access", ScopeKind::Refresh(RefreshScope::Offline)),
            ("epic.scanning.dmsusername", ScopeKind::Other),
            ("Patient.read", ScopeKind::Other),
        ] {
            let scope = Scope::parse(text);
            assert_eq!((scope.kind(), scope.to_string().as_str()), (&kind, text));
        }
    }

    /// #219 #220
    #[test]
    fn the_uri_form_of_a_scope_has_the_same_meaning() {
        for (text, uri) in [
            ("patient/*.r", "http://smarthealthit.org/fhir/scopes/patient/*.r"),
            ("launch/patient", "http://smarthealthit.org/fhir/scopes/launch/patient"),
            ("offline_access", "http://smarthealthit.org/fhir/scopes/offline_access"),
            ("openid", "http://openid.net/specs/openid-connect-core-1_0#openid"),
            ("x", "x"),
        ] {
            let (scope, same) = (Scope::parse(text), Scope::parse(uri));
            assert_eq!(scope.to_uri(), uri);
            assert_eq!(same.to_uri(), uri, "the URI form of a URI is the same");
            assert_eq!((same.kind(), same.text()), (scope.kind(), uri), "{uri}");
            assert!(ScopeSet::parse(uri).contains(text));
        }
    }

    #[test]
    fn a_scope_is_translated_between_v1_and_v2_if_both_can_say_it() {
        use ScopeVersion::{V1, V2};
        for (text, version, expected) in [
            ("user/Patient.read", V2, Some("user/Patient.rs")),
            ("system/*.read", V2, Some("system/*.rs")),
            ("system/Observation.rs", V1, Some("system/Observation.read")),
            ("patient/Patient.write", V2, Some("patient/Patient.cud")),
            ("patient/Patient.*", V2, Some("patient/Patient.cruds")),
            ("patient/Patient.cruds", V1, Some("patient/Patient.*")),
            ("user/Patient.r", V1, None),
            ("user/Patient.crs", V1, None),
            ("user/Observation.rs?category=laboratory", V1, None),
            ("user/Observation.rs?category=laboratory", V2, Some("user/Observation.rs?category=laboratory")),
            ("launch", V2, Some("launch")),
        ] {
            let translated = Scope::parse(text).in_version(version);
            assert_eq!(translated.as_ref().map(Scope::text), expected, "{text}");
        }
    }
}
