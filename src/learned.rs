//! What this process learned from token endpoints: the difference between the clocks, which of two client secrets is accepted, and
//! which clients were accepted or refused.
//!
//! Nothing of it is stored here. Another process learns it again, with at most one more request. Refusals are also stored, where
//! the store is available (src/grant/client_refusal.rs).

use crate::{clock::UnixSeconds, error::VendorError};
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::UNIX_EPOCH,
};

/// What was learned, by source or by registration.
#[derive(Debug, Default)]
pub struct Learned {
    /// Seconds by which the clock of a source's token endpoint is ahead.
    skews: Mutex<HashMap<String, i64>>,
    /// The registrations for which the server accepted `client_secret_next` last.
    next_secret: Mutex<HashSet<String>>,
    /// When a client was accepted last, by its key.
    accepted: Mutex<HashMap<String, UnixSeconds>>,
    /// The refusals that could not be stored, by the key of the refusal.
    refusals: Mutex<HashMap<String, ClientRefusal>>,
}

/// A refusal of a client by a token endpoint. Until it ends, the client is not asked for again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRefusal {
    /// A keyed hash of the credentials that were refused. Other credentials are sent at once.
    pub credentials: String,
    /// When the next request may be sent.
    pub until: UnixSeconds,
    /// For how many seconds no request is sent.
    pub seconds: i64,
    /// The detail of the error.
    pub detail: String,
    /// The error as the server reported it.
    pub vendor: VendorError,
    /// The HTTP status of the answer.
    pub http_status: Option<u16>,
}

impl Learned {
    /// Seconds by which the clock of a source's token endpoint is ahead of this machine's; 0 before its first answer.
    pub fn skew(&self, source: &str) -> i64 {
        let skews = self.skews.lock().unwrap_or_else(PoisonError::into_inner);
        skews.get(source).copied().unwrap_or_default()
    }

    /// Learns from the header `Date` of an answer.
    pub fn learn_skew(&self, source: &str, date: Option<&str>, sent: UnixSeconds, received: UnixSeconds) {
        let Some(skew) = skew(date, sent, received) else { return };
        self.skews.lock().unwrap_or_else(PoisonError::into_inner).insert(source.to_owned(), skew);
    }

    /// Whether the server accepted `client_secret_next` of a registration last.
    pub fn uses_next_secret(&self, registration: &str) -> bool {
        self.next_secret.lock().unwrap_or_else(PoisonError::into_inner).contains(registration)
    }

    /// Whether a client was accepted after `since`.
    pub fn was_accepted(&self, client: &str, since: UnixSeconds) -> bool {
        let accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        accepted.get(client).is_some_and(|at| *at > since)
    }

    /// Remembers that a client was accepted.
    pub fn learn_accepted(&self, client: &str, now: UnixSeconds) {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).insert(client.to_owned(), now);
    }

    /// The refusal of a client that could not be stored.
    pub fn refusal(&self, key: &str) -> Option<ClientRefusal> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Remembers a refusal that could not be stored, or forgets it.
    pub fn learn_refusal(&self, key: &str, refusal: Option<ClientRefusal>) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        match refusal {
            Some(refusal) => refusals.insert(key.to_owned(), refusal),
            None => refusals.remove(key),
        };
    }

    /// Remembers which secret of a registration the server accepted.
    pub fn learn_secret(&self, registration: &str, is_next: bool) {
        let mut next_secret = self.next_secret.lock().unwrap_or_else(PoisonError::into_inner);
        if is_next {
            next_secret.insert(registration.to_owned());
        } else {
            next_secret.remove(registration);
        }
    }
}

/// The most seconds that two clocks differ. A greater difference is a wrong header: with it, TLS certificates would not be valid.
const MAX_SKEW_SECONDS: i64 = 86_400;

/// Seconds by which the server's clock is ahead of this machine's. `sent` and `received` are times of this machine: a date between
/// them shows no difference. `None` without a usable date.
fn skew(date: Option<&str>, sent: UnixSeconds, received: UnixSeconds) -> Option<i64> {
    let date = httpdate::parse_http_date(date?).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let date = i64::try_from(date.as_secs()).ok()?;
    let skew = if date < sent { date.saturating_sub(sent) } else { date.saturating_sub(received).max(0) };
    (skew.abs() <= MAX_SKEW_SECONDS).then_some(skew)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1994-11-06T08:49:37Z, the date of the examples in RFC 9110.
    const DATE: i64 = 784_111_777;

    #[test]
    fn the_difference_of_the_clocks_is_read_from_the_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        for (sent, received, expected) in [
            (DATE, DATE, Some(0)),
            (DATE - 5, DATE + 5, Some(0)),
            (DATE + 100, DATE + 101, Some(-100)),
            (DATE - 101, DATE - 100, Some(100)),
            (DATE - 90_000, DATE - 89_999, None),
            (DATE + 90_000, DATE + 90_001, None),
        ] {
            assert_eq!(skew(date, sent, received), expected, "{sent} {received}");
        }
        for date in [None, Some(""), Some("now"), Some("Sun, 06 Nov 1894 08:49:37 GMT")] {
            assert_eq!(skew(date, DATE, DATE), None, "{date:?}");
        }
    }

    #[test]
    fn each_source_has_its_own_clock_and_each_registration_its_secret() {
        let learned = Learned::default();
        learned.learn_skew("a", Some("Sun, 06 Nov 1994 08:49:37 GMT"), DATE - 60, DATE - 60);
        learned.learn_skew("a", None, 0, 0);
        assert_eq!((learned.skew("a"), learned.skew("b")), (60, 0));
        learned.learn_secret("r", true);
        assert!(learned.uses_next_secret("r") && !learned.uses_next_secret("s"));
        learned.learn_secret("r", false);
        assert!(!learned.uses_next_secret("r"));
    }
}
