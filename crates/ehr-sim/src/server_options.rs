//! What the authorization server and its discovery documents can be set to.

use std::str::FromStr;

/// What the server does with PKCE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PkcePolicy {
    /// An authorize request without an S256 challenge is refused.
    Required,
    /// A challenge is verified if there is one.
    Supported,
    /// As `Supported`, but no discovery document names S256.
    NotAdvertised,
    /// No discovery document names S256, and neither challenge nor verifier is read.
    Ignored,
}

impl FromStr for PkcePolicy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "required" => Ok(Self::Required),
            "supported" => Ok(Self::Supported),
            "not-advertised" => Ok(Self::NotAdvertised),
            "ignored" => Ok(Self::Ignored),
            _ => Err("expected required, supported, not-advertised or ignored".to_owned()),
        }
    }
}

/// How the client id and the secret are written in an HTTP Basic header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasicEncoding {
    /// As they are (E9).
    Raw,
    /// Form-encoded (RFC 6749, 2.3.1).
    Form,
}

impl FromStr for BasicEncoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "raw" => Ok(Self::Raw),
            "form" => Ok(Self::Form),
            _ => Err("expected raw or form".to_owned()),
        }
    }
}

/// The algorithm of the server's keys, which sign id_tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdTokenAlgorithm {
    /// RSA with SHA-256, as all vendors use it.
    Rs256,
    /// RSA with SHA-384.
    Rs384,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl IdTokenAlgorithm {
    /// Its name in a JWK and in a token.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
        }
    }
}

impl FromStr for IdTokenAlgorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Rs256, Self::Rs384, Self::Es256, Self::Es384]
            .into_iter()
            .find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| "expected RS256, RS384, ES256 or ES384".to_owned())
    }
}

/// How an id_token names the FHIR resource of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FhirUserForm {
    /// `fhirUser` with a URL.
    Absolute,
    /// `fhirUser` with `Practitioner/ID`.
    Relative,
    /// `profile` with a URL, as in SMART 1.0.
    Profile,
    /// `fhirUser` with the URL of another server.
    Foreign,
}

impl FromStr for FhirUserForm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "absolute" => Ok(Self::Absolute),
            "relative" => Ok(Self::Relative),
            "profile" => Ok(Self::Profile),
            "foreign" => Ok(Self::Foreign),
            _ => Err("expected absolute, relative, profile or foreign".to_owned()),
        }
    }
}

/// The URLs in the discovery documents, and what the documents leave out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiscoveryOptions {
    /// The endpoints are relative URLs such as `/auth/token`.
    pub relative_endpoints: bool,
    /// The endpoints begin with `http:` although the base URL begins with `https:`.
    pub http_endpoints: bool,
    /// The capability statement has `oauth-uris#authorize` and `oauth-uris#token` instead of one nested extension.
    pub legacy_oauth_uris: bool,
    /// What is left out: a document (`smart-configuration`, `oauth-uris`, `openid-configuration`), a member such as
    /// `introspection_endpoint`, or a capability such as `authorize-post`, which is then refused too.
    pub without: Vec<String>,
}

impl DiscoveryOptions {
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.without.iter().any(|left_out| left_out == name)
    }
}

/// A part of the interface that a gateway protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The discovery documents.
    Discovery,
    /// The token endpoint, and introspection, revocation and registration.
    Token,
    /// FHIR reads and searches.
    Fhir,
}

/// A header that a gateway requires, such as `Epic-Client-ID` (E2). A request without it is refused with 403.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredHeader {
    /// The name; case does not matter.
    pub name: String,
    /// The value; any value if there is none.
    pub value: Option<String>,
    /// Where it is required; everywhere if empty.
    pub phases: Vec<Phase>,
}

impl FromStr for RequiredHeader {
    type Err = String;

    /// Reads `NAME[=VALUE][@discovery|@token|@fhir]...`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('@');
        let header = parts.next().unwrap_or_default();
        let (name, value) = match header.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (header, None),
        };
        if name.is_empty() {
            return Err("expected NAME[=VALUE][@PHASE]".to_owned());
        }
        let phases = parts
            .map(|phase| match phase {
                "discovery" => Ok(Phase::Discovery),
                "token" => Ok(Phase::Token),
                "fhir" => Ok(Phase::Fhir),
                _ => Err(format!("there is no phase {phase:?}; expected discovery, token or fhir")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { name: name.to_owned(), value, phases })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_required_header_has_a_value_and_phases() {
        let header: RequiredHeader = "Epic-Client-ID=a-b@token@fhir".parse().expect("a header");
        assert_eq!((header.name.as_str(), header.value.as_deref()), ("Epic-Client-ID", Some("a-b")));
        assert_eq!(header.phases, [Phase::Token, Phase::Fhir]);
        assert!("X@everywhere".parse::<RequiredHeader>().is_err());
    }
}
