//! Finding endpoints that the configuration does not store: smart-configuration, then metadata.

use super::{Source, allowed_url};
use crate::{
    error::{Code, Error, Result},
    net::{Network, Request},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// Where users sign in and where tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The authorization endpoint; a server for system accounts may have none.
    pub authorization: Option<Url>,
    /// The token endpoint.
    pub token: Url,
}

/// The stored endpoints, or `None` when a discovery is needed.
pub fn stored(source: &Source) -> Option<Endpoints> {
    let token = source.token_endpoint.clone()?;
    let authorization = Some(source.authorization_endpoint.clone()?);
    Some(Endpoints { authorization, token })
}

/// What was discovered, for an hour; failures are not kept (D6).
#[derive(Debug, Default)]
pub struct Discovered(Mutex<HashMap<String, (Instant, Endpoints)>>);

const KEPT: Duration = Duration::from_secs(3600);

impl Discovered {
    /// The endpoints of a source: stored, known, or asked for.
    ///
    /// # Errors
    /// As [`discover`].
    pub fn endpoints(&self, source: &Source, network: &Network) -> Result<Endpoints> {
        if let Some(endpoints) = stored(source) {
            return Ok(endpoints);
        }
        let known = |map: &HashMap<String, (Instant, Endpoints)>| {
            map.get(&source.id)
                .filter(|(since, _)| since.elapsed() < KEPT)
                .map(|(_, endpoints)| endpoints.clone())
        };
        if let Some(endpoints) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(endpoints);
        }
        let endpoints = discover(source, network)?;
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(source.id.clone(), (Instant::now(), endpoints.clone()));
        Ok(endpoints)
    }
}

/// Asks the server, one document after the other: a race of them is not deterministic (D23).
///
/// # Errors
/// [`Code::DiscoveryFailed`], or the network's when nothing answered. A server without endpoints is never
/// taken for an open one (D9).
pub fn discover(source: &Source, network: &Network) -> Result<Endpoints> {
    let read = |path: &str, accept: &[String]| -> Result<Option<Value>> {
        let url = source.base.join(path).map_err(|_| Error::new(Code::Internal))?;
        let answer = network.one(Request::get(url, accept.to_vec()))?;
        Ok((answer.status == 200).then(|| serde_json::from_slice(&answer.body).ok()).flatten())
    };
    // Whoever does not answer the first question is asked the second one too: some take long over what
    // they do not have (client-js#67). What the second says is what counts.
    let configuration = read(".well-known/smart-configuration", &["application/json".to_owned()]);
    let found = configuration.ok().flatten().and_then(|document| from_smart_configuration(source, &document));
    if let Some(found) = found {
        return Ok(found);
    }
    let metadata = read("metadata", &source.policy.accept)?;
    metadata.and_then(|document| from_metadata(source, &document)).ok_or_else(|| {
        Error::new(Code::DiscoveryFailed)
            .detail(format!("source {}", source.id))
            .hint("store authorization_endpoint and token_endpoint in the source's configuration")
    })
}

/// An address of a discovery document: relative ones count from the base URL (#379), and it must be
/// allowed like any other.
fn endpoint(source: &Source, text: &str) -> Option<Url> {
    allowed_url(source.base.join(text).ok()?.as_str()).ok()
}

/// Reads `.well-known/smart-configuration` (SMART App Launch 2.2, conformance).
pub fn from_smart_configuration(source: &Source, document: &Value) -> Option<Endpoints> {
    let url = |name: &str| document[name].as_str().and_then(|text| endpoint(source, text));
    Some(Endpoints { token: url("token_endpoint")?, authorization: url("authorization_endpoint") })
}

/// Reads the `oauth-uris` extension of a CapabilityStatement or Conformance, in any `rest` entry; the
/// host of its name is written in both cases in the wild (O36).
pub fn from_metadata(source: &Source, document: &Value) -> Option<Endpoints> {
    const OAUTH_URIS: &str = "http://fhir-registry.smarthealthit.org/structuredefinition/oauth-uris";
    let extensions =
        document["rest"].as_array()?.iter().filter_map(|rest| rest["security"]["extension"].as_array());
    let oauth_uris = extensions.flatten().find(|extension| {
        extension["url"].as_str().is_some_and(|url| url.eq_ignore_ascii_case(OAUTH_URIS))
    })?;
    let url = |name: &str| {
        let parts = oauth_uris["extension"].as_array()?;
        let part = parts.iter().find(|part| part["url"] == name)?;
        endpoint(source, part["valueUri"].as_str()?)
    };
    Some(Endpoints { token: url("token")?, authorization: url("authorize") })
}

#[cfg(test)]
mod tests {
    use super::{super::tests::source, *};
    use serde_json::json;

    #[test]
    fn relative_endpoints_count_from_the_base() {
        let document = json!({"token_endpoint": "../token", "authorization_endpoint": "/auth?p=1"});
        let found = from_smart_configuration(&source(""), &document).unwrap();
        assert_eq!(found.token.as_str(), "https://fhir.example/r4/token");
        assert_eq!(found.authorization.unwrap().as_str(), "https://fhir.example/auth?p=1");
    }

    #[test]
    fn an_http_endpoint_is_not_taken() {
        let document = json!({"token_endpoint": "http://fhir.example/token"});
        assert!(from_smart_configuration(&source(""), &document).is_none());
    }

    #[test]
    fn metadata_is_read_in_any_rest_entry_and_either_spelling() {
        let document = json!({"rest": [{}, {"security": {"extension": [{
            "url": "http://FHIR-registry.smarthealthit.org/StructureDefinition/oauth-uris",
            "extension": [{"url": "token", "valueUri": "https://a.example/t"},
                          {"url": "authorize", "valueUri": "https://a.example/a"}]}]}}]});
        let found = from_metadata(&source(""), &document).unwrap();
        assert_eq!(found.token.as_str(), "https://a.example/t");
        assert!(from_metadata(&source(""), &json!({})).is_none());
    }
}
