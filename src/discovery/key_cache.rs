//! The keys of authorization servers that one process has read.

use crate::{
    clock::UnixSeconds,
    jose::{VerificationKey, read_keys},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The keys that were read last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredKeys {
    /// When they were requested.
    pub(super) since: UnixSeconds,
    /// When an unknown key last caused a request.
    #[serde(default)]
    pub(super) unknown_since: Option<UnixSeconds>,
    /// A JWKS document.
    pub(super) jwks: String,
}

impl StoredKeys {
    /// The keys of the document.
    pub(super) fn keys(&self) -> Vec<VerificationKey> {
        read_keys(&self.jwks).unwrap_or_default()
    }
}

/// The keys, by the place that they were read from.
#[derive(Debug, Default)]
pub(super) struct KeyCache(Mutex<HashMap<String, StoredKeys>>);

impl KeyCache {
    /// What was read from a place.
    pub(super) fn get(&self, place: &str) -> Option<StoredKeys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned()
    }

    /// Remembers what was read.
    pub(super) fn put(&self, place: &str, keys: &StoredKeys) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place.to_owned(), keys.clone());
    }
}
