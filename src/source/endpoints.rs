//! The endpoints that the configuration of a source sets besides the authorization and the token endpoint.

use super::address::allowed_url;
use crate::{config::EndpointConfig, error::Result};
use url::Url;

/// Endpoints that take precedence over the published ones.
#[derive(Clone, Debug, Default)]
pub struct ConfiguredEndpoints {
    /// The issuer, as the authorization server writes it.
    pub issuer: Option<String>,
    /// The introspection endpoint.
    pub introspection: Option<Url>,
    /// The revocation endpoint.
    pub revocation: Option<Url>,
    /// The page where users manage what they have authorized.
    pub management: Option<Url>,
    /// The endpoint for dynamic client registration.
    pub registration: Option<Url>,
    /// The URL of the server's public keys.
    pub jwks: Option<Url>,
}

impl ConfiguredEndpoints {
    /// Checks the configuration.
    ///
    /// # Errors
    /// [`crate::Code::UrlNotAllowed`], naming the member.
    pub(super) fn build(config: &EndpointConfig) -> Result<Self> {
        let url = |member: &str, text: &Option<String>| {
            let url = text.as_deref().map(allowed_url).transpose();
            url.map_err(|error| error.within(&format!("endpoints.{member}")))
        };
        Ok(ConfiguredEndpoints {
            issuer: config.issuer.clone(),
            introspection: url("introspection_endpoint", &config.introspection_endpoint)?,
            revocation: url("revocation_endpoint", &config.revocation_endpoint)?,
            management: url("management_endpoint", &config.management_endpoint)?,
            registration: url("registration_endpoint", &config.registration_endpoint)?,
            jwks: url("jwks_uri", &config.jwks_uri)?,
        })
    }
}
