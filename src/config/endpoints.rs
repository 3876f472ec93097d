//! What a site adds to the discovery of one source: endpoints that it sets by hand, and HTTP headers of its gateway.

use crate::secret::Secret;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Endpoints that take precedence over the published ones. Each of them can be set alone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EndpointConfig {
    /// The issuer of the authorization server, exactly as it sends it. A callback with another `iss` is refused (RFC 9207).
    pub issuer: Option<String>,
    /// The introspection endpoint (RFC 7662).
    pub introspection_endpoint: Option<String>,
    /// The revocation endpoint (RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// The page where users manage what they have authorized.
    pub management_endpoint: Option<String>,
    /// The endpoint for dynamic client registration (RFC 7591).
    pub registration_endpoint: Option<String>,
    /// The URL of the authorization server's public keys.
    pub jwks_uri: Option<String>,
}

/// HTTP headers that a source requires in addition to the standard ones, by name. A value may be inline, `file:`, `env:` or `hook:`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderConfig {
    /// For discovery requests, such as `Epic-Client-ID` (E2).
    #[schemars(with = "BTreeMap<String, String>")]
    pub discovery: BTreeMap<String, Secret>,
    /// For token requests and dynamic registration.
    #[schemars(with = "BTreeMap<String, String>")]
    pub token: BTreeMap<String, Secret>,
    /// For requests to the FHIR server.
    #[schemars(with = "BTreeMap<String, String>")]
    pub fhir: BTreeMap<String, Secret>,
}

/// Names and values of HTTP headers, read from where the configuration keeps them.
pub type HeaderValues = Vec<(String, Secret)>;
