//! Changes of a stored grant around a refresh: the in-flight mark, and what is wrong with the grant.
//!
//! The mark is written before the request is sent. If this process is killed, or if the answer is lost, the mark stays. The next
//! process then knows that the EHR may have used up the refresh token, and does not send it a second time: with a server that
//! rotates refresh tokens, a second use revokes all tokens of the sign-in (RFC 9700, 4.14.2).

use super::{
    Grant, GrantTrouble, TroubleKind,
    lease::{self, LeaseGuard, POLL_INTERVAL},
    writer::has_same_tokens,
};
use crate::{
    clock::UnixSeconds,
    config::Limits,
    error::{Code, Error, Result, VendorError},
    store::{
        RecordKind, inconsistent_store,
        sealed_store::{DecryptedRecord, SealedStore, TRIES},
    },
};
use std::thread;

/// Whether the error of a refresh proves that the EHR did not use up the refresh token: no connection was made, or the server
/// answered that it failed. After a timeout, a lost connection or an unusable answer with status 200 it may have done so, and
/// also after 502 and 504, with which a gateway reports that it lost the answer of the server.
pub(super) fn is_definite(error: &Error) -> bool {
    match error.code() {
        // An OAuth error is one whatever its status is.
        Code::InvalidGrant | Code::GrantRejected | Code::InvalidClient | Code::TokenRejected => true,
        // No connection, no lease, or no request.
        Code::NetworkUnreachable | Code::TlsFailed | Code::RefreshBusy | Code::GrantNotFound => true,
        Code::TokenUnavailable | Code::TokenEndpointRedirects => {
            error.http_status().is_some_and(|status| status >= 300 && !matches!(status, 502 | 504))
        }
        _ => false,
    }
}

/// Marks the stored grant before its refresh token is sent, and reads the mark back: a store that reports success although it
/// rolled the write back must not lead to a request that leaves no trace.
///
/// # Errors
/// The store's, and [`Code::RefreshBusy`] when another process has replaced the grant. No request may be sent then.
pub(super) fn start(
    records: &SealedStore<'_>,
    limits: &Limits,
    used: &DecryptedRecord<Grant>,
    now: UnixSeconds,
) -> Result<DecryptedRecord<Grant>> {
    match change(records, used, |grant| grant.refresh_started_at = Some(now)) {
        Ok(Some(marked)) => confirm(records, &marked, used),
        // Another process has marked or refreshed the grant: this one has lost its lease.
        Ok(None) => Err(lease::busy(limits)),
        Err(error) => {
            // The write may have been stored although it failed.
            let stored = records.get::<Grant>(RecordKind::Grant, &used.key).ok().flatten();
            if let Some(stored) = stored.filter(|stored| stored.value.refresh_started_at == Some(now)) {
                withdraw(records, &stored);
            }
            Err(error)
        }
    }
}

fn confirm(
    records: &SealedStore<'_>,
    marked: &DecryptedRecord<Grant>,
    used: &DecryptedRecord<Grant>,
) -> Result<DecryptedRecord<Grant>> {
    let stored = match records.get::<Grant>(RecordKind::Grant, &marked.key) {
        Ok(stored) => stored,
        Err(error) => {
            withdraw(records, marked);
            return Err(error);
        }
    };
    match stored {
        // A greater version: the MRNs were stored in the meantime.
        Some(stored) if stored.version >= marked.version && is_unchanged(&stored.value, &marked.value) => {
            Ok(stored)
        }
        stored => {
            // The read may be late, and the mark may be stored.
            if stored.is_none_or(|stored| stored.version <= used.version) {
                withdraw(records, marked);
            }
            Err(inconsistent_store("write", "the record is not stored, or get returns an older one"))
        }
    }
}

/// Removes a mark for which no request was sent, so that no user must sign in for nothing. It changes nothing if the store has
/// another version or the grant of another sign-in. If it fails, the mark stays, which is safe.
fn withdraw(records: &SealedStore<'_>, marked: &DecryptedRecord<Grant>) {
    let stored = records.get::<Grant>(RecordKind::Grant, &marked.key).ok().flatten();
    if !stored.is_some_and(|stored| has_same_tokens(&stored.value, &marked.value)) {
        return;
    }
    let unmarked = Grant { refresh_started_at: None, ..marked.value.clone() };
    let _ = records.write(RecordKind::Grant, &unmarked.address(records), &unmarked, marked.version);
}

/// Removes the mark after a failure that proves that the refresh token was not used up. While the store is unavailable, this is
/// tried again until the lease ends. If it fails, the mark stays, which is safe: the user must sign in again.
pub(super) fn remove(
    records: &SealedStore<'_>,
    lease: &LeaseGuard<'_>,
    marked: &DecryptedRecord<Grant>,
    now: UnixSeconds,
) {
    let mut failures = 0;
    let failed = |grant: &mut Grant| {
        grant.refresh_started_at = None;
        grant.refresh_failed_at = Some(now);
        // Another process may have found the mark after the lease had ended.
        grant.trouble = grant.trouble.filter(|trouble| trouble.kind != TroubleKind::Suspect);
    };
    while let Err(error) = change(records, marked, failed) {
        failures += 1;
        let may_retry = failures < TRIES || !lease.left().is_zero();
        if error.code() != Code::StoreUnavailable || !may_retry {
            return;
        }
        thread::sleep(POLL_INTERVAL);
    }
}

/// Stores what is wrong with a grant, with the error of the EHR if there is one. The tokens of a revoked grant are erased. Nothing is changed if another process has refreshed the grant.
///
/// # Errors
/// The store's.
pub(super) fn store_trouble(
    records: &SealedStore<'_>,
    grant: &DecryptedRecord<Grant>,
    kind: TroubleKind,
    vendor: Option<&VendorError>,
    now: UnixSeconds,
) -> Result<()> {
    let is_revoked = kind == TroubleKind::Revoked;
    let set = |grant: &mut Grant| {
        grant.trouble = Some(GrantTrouble { kind, at: now });
        grant.vendor_error = vendor.cloned();
        // The mark of a suspect grant stays: a late answer of its process may still replace the grant.
        if kind != TroubleKind::Suspect {
            grant.refresh_started_at = None;
        }
        if is_revoked {
            grant.access_token = String::new().into();
            grant.refresh_token = String::new().into();
            grant.patient_mrns.clear();
        }
    };
    change(records, grant, set).map(drop)
}

/// Changes the stored grant. Returns `None`, and changes nothing, if it is gone, or if another process has marked or refreshed it
/// since `used` was read. The version does not say so: the grant of a new sign-in after a sign-out starts at version 1 again.
fn change(
    records: &SealedStore<'_>,
    used: &DecryptedRecord<Grant>,
    set: impl Fn(&mut Grant),
) -> Result<Option<DecryptedRecord<Grant>>> {
    for _ in 0..TRIES {
        let stored = records.get::<Grant>(RecordKind::Grant, &used.key)?;
        let Some(mut record) = stored.filter(|stored| is_unchanged(&stored.value, &used.value)) else {
            return Ok(None);
        };
        // A late read returns an older version.
        record.version = record.version.max(used.version);
        set(&mut record.value);
        let address = record.value.address(records);
        match records.write(RecordKind::Grant, &address, &record.value, record.version) {
            Ok(()) => return Ok(Some(DecryptedRecord { version: record.version + 1, ..record })),
            Err(error) if error.code() == Code::StoreConflict => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::new(Code::StoreConflict)
        .detail("other processes changed the grant at each of several attempts"))
}

/// Whether no process has marked or refreshed the grant since it was read. The MRNs may differ.
fn is_unchanged(stored: &Grant, read: &Grant) -> bool {
    stored.fence == read.fence
        && stored.refresh_started_at == read.refresh_started_at
        && has_same_tokens(stored, read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lost_answer_leaves_the_mark() {
        for (code, status, definite) in [
            (Code::NetworkUnreachable, None, true),
            (Code::TlsFailed, None, true),
            (Code::NetworkTimeout, None, false),
            (Code::NetworkInterrupted, None, false),
            (Code::ResponseTooLarge, Some(400), false),
            (Code::InvalidGrant, Some(200), true),
            (Code::InvalidGrant, Some(400), true),
            (Code::InvalidClient, Some(401), true),
            (Code::TokenUnavailable, Some(408), true),
            (Code::TokenUnavailable, Some(429), true),
            (Code::TokenUnavailable, Some(500), true),
            (Code::TokenUnavailable, Some(502), false),
            (Code::TokenUnavailable, Some(503), true),
            (Code::TokenUnavailable, Some(504), false),
            (Code::TokenEndpointRedirects, Some(307), true),
            (Code::TokenResponseInvalid, Some(200), false),
            (Code::TokenResponseInvalid, None, false),
            (Code::RefreshBusy, None, true),
            (Code::Internal, None, false),
        ] {
            let error = Error::new(code);
            let error = status.map_or(error.clone(), |status| error.status(status));
            assert_eq!(is_definite(&error), definite, "{code:?} {status:?}");
        }
    }
}
