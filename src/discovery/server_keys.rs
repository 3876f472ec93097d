//! The public keys of an authorization server: read from its JWKS document, kept for an hour, and requested again when a token names
//! a key that is not among them (O19: keys rotate, and a new one may sign before it is published).

use super::{cache::Resolver, key_cache::StoredKeys};
use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result, escape_for_display},
    fhir::json,
    jose::{VerificationKey, verification_set},
    net::{Request, TlsIdentity, charset},
    source::{Phase, Source, allowed_url},
    store::{
        RecordKind,
        sealed_store::{Address, DecryptedRecord},
    },
};
use serde_json::Value;
use url::Url;

/// Seconds for which keys are used without another request.
const KEYS_SECONDS: i64 = 3600;

/// Seconds between two requests that unknown keys cause, for all processes together.
const UNKNOWN_KEY_SECONDS: i64 = 60;

/// Maximum bytes of a JWKS document and of an OpenID configuration.
const DOCUMENT_BYTES: usize = 256 * 1024;
/// Maximum JSON values and levels of such a document.
const DOCUMENT_VALUES: usize = 20_000;
const DOCUMENT_LEVELS: usize = 16;

/// Where the keys of a server are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyLocation {
    /// At this URL.
    Jwks(Url),
    /// At the `jwks_uri` of the OpenID configuration of this issuer. Nothing else of that document is used: Oracle's names wrong
    /// endpoints (O19).
    Issuer(String),
}

impl Resolver<'_> {
    /// The keys of a server: known to this process, known to another one, or requested now.
    ///
    /// # Errors
    /// [`Code::IdTokenKeysUnavailable`]; those of the secret provider.
    pub fn server_keys(&self, source: &Source, location: &KeyLocation) -> Result<Vec<VerificationKey>> {
        let (key, now) = (self.keys_key(source, location), self.clock.now());
        let is_fresh = |stored: &StoredKeys| (0..KEYS_SECONDS).contains(&now.saturating_sub(stored.since));
        if let Some(known) = self.cache.keys.get(&key).filter(is_fresh) {
            return Ok(known.keys());
        }
        let shared = self.shared_keys(&key);
        if let Some(shared) = shared.as_ref().filter(|shared| is_fresh(&shared.value)) {
            self.cache.keys.put(&key, &shared.value);
            return Ok(shared.value.keys());
        }
        let unknown_since = shared.as_ref().and_then(|shared| shared.value.unknown_since);
        let version = shared.map_or(0, |shared| shared.version);
        self.request_keys(source, location, version, unknown_since)
    }

    /// The keys after a token named one that is not among [`Resolver::server_keys`]. They are requested once more, unless that
    /// happened within the last minute: then the keys of that request are returned.
    ///
    /// # Errors
    /// As [`Resolver::server_keys`].
    pub fn newer_server_keys(&self, source: &Source, location: &KeyLocation) -> Result<Vec<VerificationKey>> {
        let (key, now) = (self.keys_key(source, location), self.clock.now());
        let shared = self.shared_keys(&key);
        let latest = shared.as_ref().map(|shared| shared.value.clone()).or_else(|| self.cache.keys.get(&key));
        let was_asked = |stored: &StoredKeys| {
            let asked = stored.unknown_since;
            asked.is_some_and(|asked| (0..UNKNOWN_KEY_SECONDS).contains(&now.saturating_sub(asked)))
        };
        if let Some(latest) = latest.filter(was_asked) {
            self.cache.keys.put(&key, &latest);
            return Ok(latest.keys());
        }
        self.request_keys(source, location, shared.map_or(0, |shared| shared.version), Some(now))
    }

    /// A store that fails does not prevent a sign-in: the keys are requested then.
    fn shared_keys(&self, key: &str) -> Option<DecryptedRecord<StoredKeys>> {
        self.records.get(RecordKind::SourceEndpoints, key).ok().flatten()
    }

    fn request_keys(
        &self,
        source: &Source,
        location: &KeyLocation,
        expected: i64,
        unknown_since: Option<UnixSeconds>,
    ) -> Result<Vec<VerificationKey>> {
        let url = match location {
            KeyLocation::Jwks(url) => url.clone(),
            KeyLocation::Issuer(issuer) => self.jwks_of_issuer(source, issuer)?,
        };
        let text = self.key_document(source, &url)?;
        let jwks = verification_set(&text).ok_or_else(|| unavailable(&url, "it is not a JWKS document"))?;
        let stored = StoredKeys { since: self.clock.now(), unknown_since, jwks };
        let key = self.keys_key(source, location);
        let address = Address { key, expires_in: Some(KEYS_SECONDS), ..Address::default() };
        // If another process wrote at the same moment, both have read the same document.
        let _ = self.records.write(RecordKind::SourceEndpoints, &address, &stored, expected);
        self.cache.keys.put(&address.key, &stored);
        Ok(stored.keys())
    }

    /// The `jwks_uri` in the OpenID configuration of an issuer. The document must be the issuer's own (OpenID Connect Discovery 4.3).
    fn jwks_of_issuer(&self, source: &Source, issuer: &str) -> Result<Url> {
        let address = format!("{}/.well-known/openid-configuration", without_slash(issuer));
        let url = allowed_url(&address)?;
        let document: Value = serde_json::from_str(&self.key_document(source, &url)?).unwrap_or_default();
        if document["issuer"].as_str().map(without_slash) != Some(without_slash(issuer)) {
            return Err(unavailable(&url, "it is the OpenID configuration of another issuer"));
        }
        let jwks = document["jwks_uri"].as_str().and_then(|text| url.join(text.trim()).ok());
        let jwks = jwks.and_then(|jwks| allowed_url(jwks.as_str()).ok());
        jwks.ok_or_else(|| unavailable(&url, "it has no usable jwks_uri"))
    }

    fn key_document(&self, source: &Source, url: &Url) -> Result<String> {
        // The headers of a gateway and the certificate are for the server of the source only.
        let mut request =
            Request::get(url.clone(), vec!["application/json".to_owned()]).limit_bytes(DOCUMENT_BYTES);
        if source.owns(url) {
            request = request.with_headers(source.headers(Phase::Discovery, self.secrets)?);
            let certificate = source.fhir_certificate(&source.registration, self.secrets)?;
            request.tls_identity = TlsIdentity::of_registration(certificate, &source.registration.id)?;
        }
        let answer = self
            .network
            .discovery_document(request)
            .map_err(|cause| unavailable(url, cause.code().name()))?;
        if answer.status != 200 {
            return Err(unavailable(url, &format!("HTTP {}", answer.status)).status(answer.status));
        }
        let text = charset::text(&answer).map_err(|why| unavailable(url, why.reason()))?;
        json::check_size(&text, DOCUMENT_VALUES, DOCUMENT_LEVELS)
            .map_err(|_| unavailable(url, "it has too many values or levels"))?;
        Ok(text.into_owned())
    }

    /// The keys belong to the place that they were read from. A source with another issuer reads other keys.
    fn keys_key(&self, source: &Source, location: &KeyLocation) -> String {
        let (kind, place) = match location {
            KeyLocation::Jwks(url) => ("jwks", url.as_str()),
            KeyLocation::Issuer(issuer) => ("issuer", issuer.as_str()),
        };
        self.records.vault.index("server keys", &[self.records.organization, &source.id, kind, place])
    }
}

/// An issuer without the slash at its end: servers write it in both ways (O19).
pub fn without_slash(issuer: &str) -> &str {
    issuer.strip_suffix('/').unwrap_or(issuer)
}

/// An address may have a query, so only its origin is shown.
fn unavailable(url: &Url, why: &str) -> Error {
    Error::new(Code::IdTokenKeysUnavailable)
        .detail(format!("{}: {why}", escape_for_display(&url.origin().ascii_serialization())))
}
