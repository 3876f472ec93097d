//! The keys of a key ring: the current key signs, all of them are published.

use super::{JwksDocument, PrivateKey, PublishedKey};
use crate::{
    config::{KeyRingConfig, SigningAlgorithm, SigningKeyConfig},
    error::{Code, Error, Result},
    secret::{self, SecretProvider},
};
use std::path::Path;

/// A key ring, and where its keys are read from. Keys are read again for each use, so a changed file needs no restart.
#[derive(Clone, Copy)]
pub struct KeyRing<'a> {
    /// The configuration of the ring.
    pub config: &'a KeyRingConfig,
    /// The folder where relative paths start.
    pub base: Option<&'a Path>,
    /// The host's secret provider.
    pub secrets: Option<&'a dyn SecretProvider>,
}

/// The key that signs.
#[derive(Debug)]
pub struct SigningKey {
    /// Its id in the JWKS document.
    pub kid: String,
    /// The URL of the JWKS document, if the configuration has it.
    pub jwks_url: Option<String>,
    /// The key.
    pub key: PrivateKey,
}

impl KeyRing<'_> {
    /// The current key, of this algorithm if one is named.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`] when the key cannot be read; [`Code::ConfigInvalid`] when it is unusable, or no key is current.
    pub fn signing_key(&self, algorithm: Option<SigningAlgorithm>) -> Result<SigningKey> {
        let config = self.config.current(algorithm).ok_or_else(|| {
            Error::new(Code::ConfigInvalid)
                .detail(format!("key ring {}: no key is current", self.config.name))
                .hint("Set the state of one key to \"current\".")
        })?;
        let key = self.read(config)?;
        Ok(SigningKey { kid: config.kid.clone(), jwks_url: self.config.jwks_url.clone(), key })
    }

    /// The JWKS document: every key of the ring, also the next and the retired ones.
    ///
    /// # Errors
    /// As [`KeyRing::signing_key`].
    pub fn jwks(&self) -> Result<JwksDocument> {
        let keys = self
            .config
            .keys
            .iter()
            .map(|config| Ok(PublishedKey { kid: config.kid.clone(), key: self.read(config)?.public_key() }))
            .collect::<Result<_>>()?;
        JwksDocument::of(keys)
    }

    /// Reads one key.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`] when the key cannot be read; [`Code::ConfigInvalid`] when it is unusable.
    pub fn read(&self, config: &SigningKeyConfig) -> Result<PrivateKey> {
        let place = format!("key ring {}, key {}", self.config.name, config.kid);
        let text =
            secret::resolve(&config.key, self.base, self.secrets).map_err(|error| error.within(&place))?;
        let key = PrivateKey::parse(&text).map_err(|error| error.within(&place))?;
        if key.algorithm() != config.algorithm {
            let (is, expected) = (key.algorithm().name(), config.algorithm.name());
            return Err(Error::new(Code::ConfigInvalid)
                .detail(format!("{place}: the key is for {is}, but algorithm is {expected}"))
                .hint(format!("Set algorithm to \"{is}\", or use another key.")));
        }
        Ok(key)
    }
}
