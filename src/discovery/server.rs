//! Requests the discovery documents of a server, one after the other.

use super::{
    documents::{from_configuration, from_metadata, version_of},
    endpoints::{Discovery, DiscoveryDocument, ServerMetadata},
    vendor,
};
use crate::{
    config::HeaderValues,
    error::{Code, Error, Result},
    fhir::json,
    net::{Network, Request, TlsIdentity, charset},
    secret::SecretProvider,
    source::{Phase, Source, base_url},
};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

/// Maximum bytes of a discovery document. CapabilityStatements of real servers have some megabytes.
const DOCUMENT_BYTES: usize = 8 * 1024 * 1024;

/// Where discovery documents are requested.
pub struct Server<'a> {
    base: &'a Url,
    accept: &'a [String],
    network: &'a Network,
    headers: HeaderValues,
    tls_identity: Option<Arc<TlsIdentity>>,
}

impl<'a> Server<'a> {
    /// The server of a source, with the headers and the client certificate that the source requires for discovery.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`]; [`Code::ConfigInvalid`] for an unusable certificate.
    pub fn of(
        source: &'a Source,
        network: &'a Network,
        secrets: Option<&dyn SecretProvider>,
    ) -> Result<Self> {
        let headers = source.headers(Phase::Discovery, secrets)?;
        let certificate = source.fhir_certificate(&source.registration, secrets)?;
        let tls_identity = TlsIdentity::of_registration(certificate, &source.registration.id)?;
        Ok(Server { base: &source.base, accept: &source.policy.accept, network, headers, tls_identity })
    }

    /// The request for the CapabilityStatement or Conformance.
    ///
    /// # Errors
    /// [`Code::Internal`].
    pub fn statement_request(&self) -> Result<Request> {
        self.request("metadata", self.accept)
    }

    fn request(&self, path: &str, accept: &[String]) -> Result<Request> {
        let url = self.base.join(path).map_err(|_| Error::new(Code::Internal))?;
        let request = Request::get(url, accept.to_vec()).limit_bytes(DOCUMENT_BYTES);
        Ok(Request { tls_identity: self.tls_identity.clone(), ..request.with_headers(self.headers.clone()) })
    }

    /// Requests one document after the other until one names the endpoints. A race of all of them would not be deterministic
    /// (D23).
    ///
    /// # Errors
    /// [`Code::DiscoveryFailed`], or the network's when the last document got no answer. A server without endpoints is never
    /// treated as one that needs no sign-in (D9).
    pub fn metadata(&self) -> Result<ServerMetadata> {
        // A server that does not answer the first request gets the next one too: some answer slowly for documents that they do
        // not have (client-js#67).
        if let Some(found) = self.configuration(DiscoveryDocument::SmartConfiguration).ok().flatten() {
            return Ok(found);
        }
        let statement = self.statement();
        let found = statement.as_ref().ok().and_then(Option::as_ref);
        if let Some(found) = found.and_then(|document| from_metadata(self.base, document)) {
            return Ok(found);
        }
        if let Some(found) = self.configuration(DiscoveryDocument::OpenidConfiguration).ok().flatten() {
            return Ok(found);
        }
        statement?;
        Err(Error::new(Code::DiscoveryFailed)
            .hint("Store authorization_endpoint and token_endpoint in the source's configuration."))
    }

    /// Requests everything that an administrator may want to know.
    ///
    /// # Errors
    /// As [`Server::metadata`].
    pub fn describe(&self) -> Result<Discovery> {
        let configuration = self.configuration(DiscoveryDocument::SmartConfiguration).ok().flatten();
        let statement = self.statement();
        let document = statement.as_ref().ok().and_then(Option::as_ref);
        let found = configuration
            .or_else(|| from_metadata(self.base, document?))
            .or_else(|| self.configuration(DiscoveryDocument::OpenidConfiguration).ok().flatten());
        let Some(found) = found else {
            // A server that does not answer differs from one that publishes nothing.
            statement.as_ref().map_err(Clone::clone)?;
            return Err(Error::new(Code::DiscoveryFailed).hint(
                "The base URL is the one that the EHR sends as iss, such as https://fhir.example.org/r4. Ask the EHR team \
                 for it and for both endpoints.",
            ));
        };
        Ok(Discovery {
            endpoints: found.endpoints,
            fhir_version: document.and_then(|found| version_of(found["fhirVersion"].as_str()?)),
            found_in: found.found_in,
            scopes_supported: found.scopes_supported,
            capabilities: found.capabilities,
            code_challenge_methods: found.code_challenge_methods,
            vendor: document.and_then(vendor::recognize),
        })
    }

    fn configuration(&self, document: DiscoveryDocument) -> Result<Option<ServerMetadata>> {
        let path = format!(".well-known/{}", document.name());
        let found = self.read(&path, &["application/json".to_owned()])?;
        Ok(found.and_then(|text| from_configuration(self.base, &text, document)))
    }

    fn statement(&self) -> Result<Option<Value>> {
        self.read("metadata", self.accept)
    }

    fn read(&self, path: &str, accept: &[String]) -> Result<Option<Value>> {
        let answer = self.network.discovery_document(self.request(path, accept)?)?;
        let text = charset::text(&answer).ok().filter(|_| answer.status == 200);
        text.map_or(Ok(None), |text| document(&text))
    }
}

/// Reads a document. `None`: it is not JSON.
///
/// # Errors
/// [`Code::ResponseTooLarge`] for too many values or levels.
fn document(text: &str) -> Result<Option<Value>> {
    json::check_size(text, json::RESOURCE_VALUES, json::DEPTH)
        .map_err(|why| Error::new(Code::ResponseTooLarge).detail(why.detail()))?;
    Ok(serde_json::from_str(text).ok())
}

/// Requests the documents of a server that need not be in the configuration. Only for an administrator who enters the URL: it
/// never comes from a request of a browser.
///
/// # Errors
/// [`Code::UrlNotAllowed`] before anything is sent; [`Code::DiscoveryFailed`], or the network's when the server did not answer.
pub fn explore(iss: &str, network: &Network) -> Result<Discovery> {
    let base = base_url(iss)?;
    if base.query().is_some() {
        return Err(Error::new(Code::UrlNotAllowed).detail("a query in the base URL"));
    }
    let accept = ["application/fhir+json", "application/json+fhir", "application/json"].map(str::to_owned);
    Server { base: &base, accept: &accept, network, headers: HeaderValues::default(), tls_identity: None }
        .describe()
}
