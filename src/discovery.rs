//! Finding endpoints that the configuration does not store: smart-configuration, then metadata.

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

/// Where users sign in and where tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The authorization endpoint; a server for system accounts may have none.
    pub authorization: Option<Url>,
    /// The token endpoint.
    pub token: Url,
}

/// The stored endpoints, or `None` when one of the two must be discovered.
pub fn stored(source: &Source) -> Option<Endpoints> {
    let token = source.token_endpoint.clone()?;
    let authorization = Some(source.authorization_endpoint.clone()?);
    Some(Endpoints { authorization, token })
}

/// What was discovered, for an hour; failures are not kept (D6).
#[derive(Debug, Default)]
pub struct DiscoveryCache(Mutex<HashMap<String, (Instant, Endpoints)>>);

const KEPT: Duration = Duration::from_secs(3600);

impl DiscoveryCache {
    /// Where secrets are sent: the stored token endpoint, or else the discovered one. With a stored one, nothing is
    /// asked: no document of the server can lead the client secret somewhere else.
    ///
    /// # Errors
    /// As [`discover`].
    pub fn token_endpoint(&self, source: &Source, network: &Network) -> Result<Url> {
        match &source.token_endpoint {
            Some(stored) => Ok(stored.clone()),
            None => Ok(self.found(source, network)?.token),
        }
    }

    /// The endpoints of a source. Each stored one takes precedence over the discovered one, also when it is stored alone.
    ///
    /// # Errors
    /// As [`discover`].
    pub fn endpoints(&self, source: &Source, network: &Network) -> Result<Endpoints> {
        if let Some(endpoints) = stored(source) {
            return Ok(endpoints);
        }
        let found = self.found(source, network)?;
        Ok(Endpoints {
            authorization: source.authorization_endpoint.clone().or(found.authorization),
            token: source.token_endpoint.clone().unwrap_or(found.token),
        })
    }

    /// What the server published, known or asked for.
    fn found(&self, source: &Source, network: &Network) -> Result<Endpoints> {
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
    let server = Server { base: &source.base, accept: &source.policy.accept, network };
    // Whoever does not answer the first question is asked the second one too: some take long over what
    // they do not have (client-js#67). What the second says is what counts.
    let configuration = server.smart_configuration().ok().flatten();
    if let Some(found) = configuration.and_then(|document| from_smart_configuration(server.base, &document)) {
        return Ok(found);
    }
    let metadata = server.metadata()?;
    metadata.and_then(|document| from_metadata(server.base, &document)).ok_or_else(|| {
        Error::new(Code::DiscoveryFailed)
            .detail(format!("source {}", source.id))
            .hint("store authorization_endpoint and token_endpoint in the source's configuration")
    })
}

/// In which document endpoints were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryDocument {
    /// `.well-known/smart-configuration`.
    SmartConfiguration,
    /// The CapabilityStatement or Conformance at `metadata`.
    Metadata,
}

impl DiscoveryDocument {
    /// The word in documents.
    pub fn name(self) -> &'static str {
        match self {
            DiscoveryDocument::SmartConfiguration => "smart-configuration",
            DiscoveryDocument::Metadata => "metadata",
        }
    }
}

/// What a server says of itself, for somebody who writes its entry of the configuration.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// Its endpoints.
    pub endpoints: Endpoints,
    /// Its FHIR version; `None`: it says none, or one that is not served here.
    pub fhir_version: Option<FhirVersion>,
    /// Where the endpoints were found.
    pub found_in: DiscoveryDocument,
    /// The scopes it says it knows; no gate can be built on this list (E10).
    pub scopes_supported: Vec<String>,
    /// The SMART capabilities it says it has.
    pub capabilities: Vec<String>,
}

/// Asks a server that need not be in the configuration. For an administrator who asks for it by hand, and
/// for nobody else: the address comes from a person, never from a request of the browser's.
///
/// # Errors
/// [`Code::UrlNotAllowed`] before anything is sent; [`Code::DiscoveryFailed`], or the network's when nothing
/// answered.
pub fn explore(iss: &str, network: &Network) -> Result<Discovery> {
    let base = base_url(iss)?;
    if base.query().is_some() {
        return Err(Error::new(Code::UrlNotAllowed).detail("a query in the base URL"));
    }
    let accept = ["application/fhir+json", "application/json+fhir", "application/json"].map(str::to_owned);
    describe(&Server { base: &base, accept: &accept, network })
}

/// The same for a server of the configuration, whatever endpoints are stored for it.
///
/// # Errors
/// As [`explore`].
pub fn published(source: &Source, network: &Network) -> Result<Discovery> {
    describe(&Server { base: &source.base, accept: &source.policy.accept, network })
}

fn describe(server: &Server<'_>) -> Result<Discovery> {
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
        // Nobody answered: that is not the same as a server that says nothing.
        metadata.as_ref().map_err(Clone::clone)?;
        return Err(Error::new(Code::DiscoveryFailed).hint(
            "the base URL is the one that the EHR sends as iss, such as https://fhir.example.org/r4; \
             ask the EHR team for it and for both endpoints",
        ));
    };
    Ok(Discovery {
        endpoints,
        fhir_version: statement.and_then(|found| version_of(found["fhirVersion"].as_str()?)),
        found_in,
        scopes_supported: texts(document, "scopes_supported"),
        capabilities: texts(document, "capabilities"),
    })
}

/// A version as a conformance statement writes it; `None` for one that is not served here.
pub fn version_of(text: &str) -> Option<FhirVersion> {
    let mut parts = text.split('.');
    match (parts.next(), parts.next()) {
        // R4B differs from R4 in resources that are not read here.
        (Some("4"), Some("0" | "3")) => Some(FhirVersion::R4),
        (Some("1"), Some("0")) => Some(FhirVersion::Dstu2),
        _ => None,
    }
}

fn texts(document: Option<&Value>, name: &str) -> Vec<String> {
    let list = document.and_then(|document| document[name].as_array());
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Bytes of a discovery document. Capability statements of real servers have some megabytes.
pub const DOCUMENT_BYTES: usize = 8 * 1024 * 1024;

/// Reads a document; `None` when it is not JSON.
///
/// # Errors
/// [`Code::ResponseTooLarge`] for too many values or levels.
fn document(text: &str) -> Result<Option<Value>> {
    json::check_size(text, json::RESOURCE_VALUES, json::DEPTH)
        .map_err(|why| Error::new(Code::ResponseTooLarge).detail(why.detail()))?;
    Ok(serde_json::from_str(text).ok())
}

/// Where documents are asked for.
struct Server<'a> {
    base: &'a Url,
    accept: &'a [String],
    network: &'a Network,
}

impl Server<'_> {
    fn read(&self, path: &str, accept: &[String]) -> Result<Option<Value>> {
        let url = self.base.join(path).map_err(|_| Error::new(Code::Internal))?;
        let answer = self.network.one(Request::get(url, accept.to_vec()).at_most(DOCUMENT_BYTES))?;
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

/// An address of a discovery document: relative ones count from the base URL (#379), and it must be
/// allowed like any other.
fn endpoint(base: &Url, text: &str) -> Option<Url> {
    allowed_url(base.join(text).ok()?.as_str()).ok()
}

/// Reads `.well-known/smart-configuration` (SMART App Launch 2.2, conformance).
pub fn from_smart_configuration(base: &Url, document: &Value) -> Option<Endpoints> {
    let url = |name: &str| document[name].as_str().and_then(|text| endpoint(base, text));
    Some(Endpoints { token: url("token_endpoint")?, authorization: url("authorization_endpoint") })
}

/// Reads the `oauth-uris` extension of a CapabilityStatement or Conformance, in any `rest` entry; the
/// host of its name is written in both cases in the wild (O36).
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
    fn relative_endpoints_count_from_the_base() {
        let document = json!({"token_endpoint": "../token", "authorization_endpoint": "/auth?p=1"});
        let found = from_smart_configuration(&source("").base, &document).unwrap();
        assert_eq!(found.token.as_str(), "https://fhir.example/r4/token");
        assert_eq!(found.authorization.unwrap().as_str(), "https://fhir.example/auth?p=1");
    }

    #[test]
    fn an_http_endpoint_is_not_taken() {
        let document = json!({"token_endpoint": "http://fhir.example/token"});
        assert!(from_smart_configuration(&source("").base, &document).is_none());
    }

    #[test]
    fn metadata_is_read_in_any_rest_entry_and_either_spelling() {
        let document = json!({"rest": [{}, {"security": {"extension": [{
            "url": "http://FHIR-registry.smarthealthit.org/StructureDefinition/oauth-uris",
            "extension": [{"url": "token", "valueUri": "https://a.example/t"},
                          {"url": "authorize", "valueUri": "https://a.example/a"}]}]}}]});
        let found = from_metadata(&source("").base, &document).unwrap();
        assert_eq!(found.token.as_str(), "https://a.example/t");
        assert!(from_metadata(&source("").base, &json!({})).is_none());
    }

    #[test]
    fn a_version_that_is_not_served_here_is_none() {
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
            assert_eq!(version_of(text), version, "{text}");
        }
    }
}
