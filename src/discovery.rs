//! Discovery of endpoints that the configuration does not store: first smart-configuration, then metadata.

use crate::{
    config::FhirVersion,
    error::{Code, Error, Result},
    fhir::json,
    net::{Network, Request, charset},
    source::{Source, allowed_url, base_url},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// The OAuth endpoints of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The authorization endpoint. A server for system accounts may have none.
    pub authorization: Option<Url>,
    /// The token endpoint.
    pub token: Url,
}

/// The endpoints that the configuration stores, or `None` if one of the two must be discovered.
pub fn stored_endpoints(source: &Source) -> Option<Endpoints> {
    let token = source.token_endpoint.clone()?;
    let authorization = Some(source.authorization_endpoint.clone()?);
    Some(Endpoints { authorization, token })
}

/// The endpoints that this process discovered in the last hour, by source id. Failures are not kept (D6).
#[derive(Debug, Default)]
pub struct DiscoveryCache(Mutex<HashMap<String, (Instant, Endpoints)>>);

const CACHE_LIFETIME: Duration = Duration::from_secs(3600);

impl DiscoveryCache {
    /// The token endpoint, to which the client secret is sent. If the configuration stores it, no document is requested, so
    /// the server cannot redirect the secret to another address.
    ///
    /// # Errors
    /// As [`discover_endpoints`].
    pub fn token_endpoint(&self, source: &Source, network: &Network) -> Result<Url> {
        match &source.token_endpoint {
            Some(stored) => Ok(stored.clone()),
            None => Ok(self.discovered(source, network)?.token),
        }
    }

    /// The endpoints of a source. A stored endpoint takes precedence over the discovered one, even if only one is stored.
    ///
    /// # Errors
    /// As [`discover_endpoints`].
    pub fn endpoints(&self, source: &Source, network: &Network) -> Result<Endpoints> {
        if let Some(endpoints) = stored_endpoints(source) {
            return Ok(endpoints);
        }
        let found = self.discovered(source, network)?;
        Ok(Endpoints {
            authorization: source.authorization_endpoint.clone().or(found.authorization),
            token: source.token_endpoint.clone().unwrap_or(found.token),
        })
    }

    /// The endpoints that the server publishes, from the cache or from a request.
    fn discovered(&self, source: &Source, network: &Network) -> Result<Endpoints> {
        let known = |map: &HashMap<String, (Instant, Endpoints)>| {
            map.get(&source.id)
                .filter(|(since, _)| since.elapsed() < CACHE_LIFETIME)
                .map(|(_, endpoints)| endpoints.clone())
        };
        if let Some(endpoints) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(endpoints);
        }
        let endpoints = discover_endpoints(source, network)?;
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(source.id.clone(), (Instant::now(), endpoints.clone()));
        Ok(endpoints)
    }
}

/// Requests the two documents one after the other. If both were requested at once, the result would depend on which is first
/// (D23).
///
/// # Errors
/// [`Code::DiscoveryFailed`], or the network's errors if the server did not answer. A server that publishes no endpoints is
/// an error; the library does not assume that it needs no sign-in (D9).
pub fn discover_endpoints(source: &Source, network: &Network) -> Result<Endpoints> {
    let server = Server { base: &source.base, accept: &source.policy.accept, network };
    // An error of the first request is not returned: some servers need a long time for a document that they do not have
    // (client-js#67). The result of the second request decides.
    let configuration = server.smart_configuration().ok().flatten();
    if let Some(found) = configuration.and_then(|document| from_smart_configuration(server.base, &document)) {
        return Ok(found);
    }
    let metadata = server.metadata()?;
    metadata.and_then(|document| from_metadata(server.base, &document)).ok_or_else(|| {
        Error::new(Code::DiscoveryFailed)
            .detail(format!("source {}", source.id))
            .hint("Set authorization_endpoint and token_endpoint in the source's configuration.")
    })
}

/// The document in which the endpoints were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryDocument {
    /// `.well-known/smart-configuration`.
    SmartConfiguration,
    /// The CapabilityStatement or Conformance at `metadata`.
    Metadata,
}

impl DiscoveryDocument {
    /// The name in documents, such as `metadata`.
    pub fn name(self) -> &'static str {
        match self {
            DiscoveryDocument::SmartConfiguration => "smart-configuration",
            DiscoveryDocument::Metadata => "metadata",
        }
    }
}

/// What a server publishes about itself, for the administrator who adds it to the configuration.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// The server's endpoints.
    pub endpoints: Endpoints,
    /// The server's FHIR version, or `None` if it publishes none or one that this library does not support.
    pub fhir_version: Option<FhirVersion>,
    /// The document in which the endpoints were found.
    pub found_in: DiscoveryDocument,
    /// The scopes in `scopes_supported`. The list is often incomplete, so it cannot prove that a scope is missing (E10).
    pub scopes_supported: Vec<String>,
    /// The SMART capabilities in `capabilities`.
    pub capabilities: Vec<String>,
}

/// Reads both documents of a server that need not be in the configuration. The address must come from an administrator,
/// never from a launch query: otherwise any page could make the library send requests.
///
/// # Errors
/// [`Code::UrlNotAllowed`], before anything is sent; [`Code::DiscoveryFailed`], or the network's errors if the server did not
/// answer.
pub fn describe_address(iss: &str, network: &Network) -> Result<Discovery> {
    let base = base_url(iss)?;
    if base.query().is_some() {
        return Err(Error::new(Code::UrlNotAllowed).detail("the base URL has a query"));
    }
    let accept = ["application/fhir+json", "application/json+fhir", "application/json"].map(str::to_owned);
    describe_server(&Server { base: &base, accept: &accept, network })
}

/// The same as [`describe_address`] for a source of the configuration. Its stored endpoints are ignored.
///
/// # Errors
/// As [`describe_address`].
pub fn describe_source(source: &Source, network: &Network) -> Result<Discovery> {
    describe_server(&Server { base: &source.base, accept: &source.policy.accept, network })
}

fn describe_server(server: &Server<'_>) -> Result<Discovery> {
    let configuration = server.smart_configuration();
    let metadata = server.metadata();
    let document = configuration.as_ref().ok().and_then(Option::as_ref);
    let smart = document.and_then(|found| from_smart_configuration(server.base, found));
    let statement = metadata.as_ref().ok().and_then(Option::as_ref);
    let conformance = statement.and_then(|found| from_metadata(server.base, found));
    let found = smart
        .map(|endpoints| (endpoints, DiscoveryDocument::SmartConfiguration))
        .or(conformance.map(|endpoints| (endpoints, DiscoveryDocument::Metadata)));
    let Some((endpoints, found_in)) = found else {
        // A server that did not answer is not a server without endpoints, so its own error is returned.
        metadata.as_ref().map_err(Clone::clone)?;
        return Err(Error::new(Code::DiscoveryFailed).hint(
            "Enter the base URL that the EHR sends as iss, such as https://fhir.example.org/r4. \
             Ask the EHR team for it and for both endpoints.",
        ));
    };
    Ok(Discovery {
        endpoints,
        fhir_version: statement.and_then(|found| parse_fhir_version(found["fhirVersion"].as_str()?)),
        found_in,
        scopes_supported: string_list(document, "scopes_supported"),
        capabilities: string_list(document, "capabilities"),
    })
}

/// The FHIR version in `fhirVersion` of a conformance statement, or `None` if this library does not support it.
pub fn parse_fhir_version(text: &str) -> Option<FhirVersion> {
    let mut parts = text.split('.');
    match (parts.next(), parts.next()) {
        // R4B differs from R4 only in resources that this library does not read.
        (Some("4"), Some("0" | "3")) => Some(FhirVersion::R4),
        (Some("1"), Some("0")) => Some(FhirVersion::Dstu2),
        _ => None,
    }
}

fn string_list(document: Option<&Value>, name: &str) -> Vec<String> {
    let list = document.and_then(|document| document[name].as_array());
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Maximum bytes of a discovery document. Capability statements of real servers have several megabytes.
pub const DOCUMENT_BYTES: usize = 8 * 1024 * 1024;

/// Parses a document. Returns `None` if it is not JSON.
///
/// # Errors
/// [`Code::ResponseTooLarge`] if it has too many values or levels.
fn document(text: &str) -> Result<Option<Value>> {
    json::check_size(text, json::RESOURCE_VALUES, json::DEPTH)
        .map_err(|why| Error::new(Code::ResponseTooLarge).detail(why.detail()))?;
    Ok(serde_json::from_str(text).ok())
}

/// The server from which documents are requested.
struct Server<'a> {
    base: &'a Url,
    accept: &'a [String],
    network: &'a Network,
}

impl Server<'_> {
    fn read(&self, path: &str, accept: &[String]) -> Result<Option<Value>> {
        let url = self.base.join(path).map_err(|_| Error::new(Code::Internal))?;
        let answer = self.network.exchange(Request::get(url, accept.to_vec()).limit_bytes(DOCUMENT_BYTES))?;
        let text = charset::text(&answer).ok().filter(|_| answer.status == 200);
        text.map_or(Ok(None), |text| document(&text))
    }

    fn smart_configuration(&self) -> Result<Option<Value>> {
        self.read(".well-known/smart-configuration", &["application/json".to_owned()])
    }

    fn metadata(&self) -> Result<Option<Value>> {
        self.read("metadata", self.accept)
    }
}

/// An endpoint in a discovery document, or `None` if the address is not allowed. A relative address starts at the base URL
/// (#379).
fn endpoint(base: &Url, text: &str) -> Option<Url> {
    allowed_url(base.join(text).ok()?.as_str()).ok()
}

/// Reads `.well-known/smart-configuration` (SMART App Launch 2.2, conformance).
pub fn from_smart_configuration(base: &Url, document: &Value) -> Option<Endpoints> {
    let url = |name: &str| document[name].as_str().and_then(|text| endpoint(base, text));
    Some(Endpoints { token: url("token_endpoint")?, authorization: url("authorization_endpoint") })
}

/// Reads the `oauth-uris` extension of a CapabilityStatement or Conformance, in any `rest` entry. The case of the extension's
/// URL is ignored, because servers write it in different ways (O36).
pub fn from_metadata(base: &Url, document: &Value) -> Option<Endpoints> {
    const OAUTH_URIS: &str = "http://fhir-registry.smarthealthit.org/structuredefinition/oauth-uris";
    let extensions =
        document["rest"].as_array()?.iter().filter_map(|rest| rest["security"]["extension"].as_array());
    let oauth_uris = extensions.flatten().find(|extension| {
        extension["url"].as_str().is_some_and(|url| url.eq_ignore_ascii_case(OAUTH_URIS))
    })?;
    let url = |name: &str| {
        let parts = oauth_uris["extension"].as_array()?;
        let part = parts.iter().find(|part| part["url"] == name)?;
        endpoint(base, part["valueUri"].as_str()?)
    };
    Some(Endpoints { token: url("token")?, authorization: url("authorize") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::source;
    use serde_json::json;

    #[test]
    fn a_relative_endpoint_starts_at_the_base_url() {
        let document = json!({"token_endpoint": "../token", "authorization_endpoint": "/auth?p=1"});
        let found = from_smart_configuration(&source("").base, &document).unwrap();
        assert_eq!(found.token.as_str(), "https://fhir.example/r4/token");
        assert_eq!(found.authorization.unwrap().as_str(), "https://fhir.example/auth?p=1");
    }

    #[test]
    fn an_http_endpoint_is_not_used() {
        let document = json!({"token_endpoint": "http://fhir.example/token"});
        assert!(from_smart_configuration(&source("").base, &document).is_none());
    }

    #[test]
    fn metadata_is_read_in_any_rest_entry_and_in_upper_or_lower_case() {
        let document = json!({"rest": [{}, {"security": {"extension": [{
            "url": "http://FHIR-registry.smarthealthit.org/StructureDefinition/oauth-uris",
            "extension": [{"url": "token", "valueUri": "https://a.example/t"},
                          {"url": "authorize", "valueUri": "https://a.example/a"}]}]}}]});
        let found = from_metadata(&source("").base, &document).unwrap();
        assert_eq!(found.token.as_str(), "https://a.example/t");
        assert!(from_metadata(&source("").base, &json!({})).is_none());
    }

    #[test]
    fn a_fhir_version_that_is_not_supported_is_none() {
        for (text, version) in [
            ("4.0.1", Some(FhirVersion::R4)),
            ("4.0.0", Some(FhirVersion::R4)),
            ("1.0.2", Some(FhirVersion::Dstu2)),
            ("3.0.2", None),
            ("4.3.0", Some(FhirVersion::R4)),
            ("4.1.0", None),
            ("5.0.0", None),
            ("40", None),
            ("", None),
        ] {
            assert_eq!(parse_fhir_version(text), version, "{text}");
        }
    }
}
