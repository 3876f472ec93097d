//! The endpoints of an authorization server, and what else its metadata say about it.

use crate::config::{FhirVersion, Vendor};
use serde::{Deserialize, Serialize};
use url::Url;

/// The endpoints of an authorization server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// The authorization endpoint. A server for system accounts may have none.
    pub authorization: Option<Url>,
    /// The token endpoint.
    pub token: Url,
    /// The introspection endpoint (RFC 7662).
    pub introspection: Option<Url>,
    /// The revocation endpoint (RFC 7009).
    pub revocation: Option<Url>,
    /// The page where users manage what they have authorized.
    pub management: Option<Url>,
    /// The endpoint for dynamic client registration (RFC 7591).
    pub registration: Option<Url>,
    /// The URL of the server's public keys.
    pub jwks: Option<Url>,
    /// The issuer, as the server writes it.
    pub issuer: Option<String>,
}

/// An endpoint that is not the approved one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChangedEndpoint<'a> {
    /// Its member of the configuration, such as `token_endpoint`.
    pub(crate) member: &'static str,
    /// The text that the server publishes now.
    pub(crate) published: &'a str,
}

impl Endpoints {
    /// A token endpoint alone.
    pub fn token_only(token: Url) -> Self {
        Endpoints {
            authorization: None,
            token,
            introspection: None,
            revocation: None,
            management: None,
            registration: None,
            jwks: None,
            issuer: None,
        }
    }

    /// All members that are present, by their names in the configuration.
    pub fn members(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("authorization_endpoint", self.authorization.as_ref().map(Url::as_str)),
            ("token_endpoint", Some(self.token.as_str())),
            ("introspection_endpoint", self.introspection.as_ref().map(Url::as_str)),
            ("revocation_endpoint", self.revocation.as_ref().map(Url::as_str)),
            ("management_endpoint", self.management.as_ref().map(Url::as_str)),
            ("registration_endpoint", self.registration.as_ref().map(Url::as_str)),
            ("jwks_uri", self.jwks.as_ref().map(Url::as_str)),
            ("issuer", self.issuer.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
    }

    /// The first member that both have with another text. A member that only one has is no change: it is not used until it is
    /// approved.
    pub(crate) fn changed<'a>(&self, now: &'a Endpoints) -> Option<ChangedEndpoint<'a>> {
        now.members().find_map(|(member, published)| {
            let approved = self.members().find(|(name, _)| *name == member)?;
            (approved.1 != published).then_some(ChangedEndpoint { member, published })
        })
    }
}

/// The document in which endpoints were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DiscoveryDocument {
    /// `.well-known/smart-configuration`.
    SmartConfiguration,
    /// The CapabilityStatement or Conformance at `metadata`.
    Metadata,
    /// `.well-known/openid-configuration`.
    OpenidConfiguration,
}

impl DiscoveryDocument {
    /// Its name in documents.
    pub fn name(self) -> &'static str {
        match self {
            DiscoveryDocument::SmartConfiguration => "smart-configuration",
            DiscoveryDocument::Metadata => "metadata",
            DiscoveryDocument::OpenidConfiguration => "openid-configuration",
        }
    }
}

/// What a discovery document says about an authorization server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerMetadata {
    /// Its endpoints.
    pub endpoints: Endpoints,
    /// The document.
    pub found_in: DiscoveryDocument,
    /// The PKCE methods that it advertises.
    pub code_challenge_methods: Vec<String>,
    /// Whether it promises an `iss` on each callback (RFC 9207).
    pub sends_iss: bool,
    /// The scopes that it advertises. Nothing may depend on them (E10).
    pub scopes_supported: Vec<String>,
    /// The SMART capabilities that it advertises. They advise and never block.
    pub capabilities: Vec<String>,
}

impl ServerMetadata {
    /// Whether it advertises PKCE with S256.
    pub fn advertises_s256(&self) -> bool {
        self.code_challenge_methods.iter().any(|method| method == "S256")
    }
}

/// What a server says about itself, for an administrator who writes its entry of the configuration.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// Its endpoints.
    pub endpoints: Endpoints,
    /// Its FHIR version. `None`: it names none, or one that this library does not support.
    pub fhir_version: Option<FhirVersion>,
    /// The document that named the endpoints.
    pub found_in: DiscoveryDocument,
    /// The scopes that it advertises. Nothing may depend on them (E10).
    pub scopes_supported: Vec<String>,
    /// The SMART capabilities that it advertises.
    pub capabilities: Vec<String>,
    /// The PKCE methods that it advertises.
    pub code_challenge_methods: Vec<String>,
    /// The vendor that its CapabilityStatement names: the preset to propose. `None`: not recognized.
    pub vendor: Option<Vendor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_change_names_the_member_and_new_members_are_no_change() {
        let approved = Endpoints {
            authorization: Some(url("https://a.example/authorize")),
            issuer: Some("https://a.example".to_owned()),
            ..Endpoints::token_only(url("https://a.example/token"))
        };
        assert_eq!(approved.changed(&approved), None);
        let more = Endpoints { revocation: Some(url("https://a.example/revoke")), ..approved.clone() };
        assert_eq!(approved.changed(&more), None);
        let fewer = Endpoints { authorization: None, issuer: None, ..approved.clone() };
        assert_eq!(approved.changed(&fewer), None);
        for (member, now) in [
            ("token_endpoint", Endpoints { token: url("https://b.example/token"), ..approved.clone() }),
            (
                "authorization_endpoint",
                Endpoints { authorization: Some(url("https://b.example/x")), ..approved.clone() },
            ),
            ("issuer", Endpoints { issuer: Some("https://a.example/".to_owned()), ..approved.clone() }),
        ] {
            assert_eq!(approved.changed(&now).map(|changed| changed.member), Some(member));
        }
    }
}
