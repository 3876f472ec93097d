//! The client registrations, the assertions that were used, and the JWK sets that were fetched.

use std::{collections::HashMap, sync::Arc};

use crate::registration::Registration;

/// A registration, and since when it is known.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) registration: Arc<Registration>,
    /// Milliseconds since 1970. Before this the client is unknown.
    pub(crate) active_from: i64,
}

/// All registrations, in the order they were added.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    entries: Vec<Entry>,
    /// The end of each used assertion, by its client and `jti`.
    used_assertions: HashMap<(String, String), i64>,
    /// The text of each fetched JWK set, by its URL.
    jwks: HashMap<String, String>,
}

impl Registry {
    /// Adds a registration, or replaces the one with the same client id.
    pub(crate) fn put(&mut self, registration: Registration, now: i64) {
        let delay = i64::try_from(registration.active_after_seconds).unwrap_or(i64::MAX).saturating_mul(1000);
        let entry = Entry { registration: Arc::new(registration), active_from: now.saturating_add(delay) };
        let same = |other: &&mut Entry| other.registration.client_id == entry.registration.client_id;
        match self.entries.iter_mut().find(same) {
            Some(existing) => *existing = entry,
            None => self.entries.push(entry),
        }
    }

    /// Changes the tenants of a registration. Returns whether there is such a client.
    pub(crate) fn set_tenants(&mut self, client: &str, tenants: Option<Vec<String>>) -> bool {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.registration.client_id == client) else {
            return false;
        };
        Arc::make_mut(&mut entry.registration).tenants = tenants;
        true
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The registration of a client that is active.
    pub(crate) fn active(&self, client: &str, now: i64) -> Option<Arc<Registration>> {
        self.entries
            .iter()
            .find(|entry| entry.registration.client_id == client && entry.active_from <= now)
            .map(|entry| entry.registration.clone())
    }

    /// Records the `jti` of an assertion until its end. Returns whether it was new.
    pub(crate) fn use_assertion(&mut self, client: &str, jti: &str, end: i64, now: i64) -> bool {
        self.used_assertions.retain(|_, end| *end > now);
        self.used_assertions.insert((client.to_owned(), jti.to_owned()), end).is_none()
    }

    pub(crate) fn jwks(&self, url: &str) -> Option<&String> {
        self.jwks.get(url)
    }

    pub(crate) fn set_jwks(&mut self, url: &str, text: String) {
        self.jwks.insert(url.to_owned(), text);
    }
}
