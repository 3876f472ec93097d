//! The one place that writes grants.
//!
//! Several processes may write the same grant, so each write names the version that it replaces. The version alone does not say which
//! grant that is: after a sign-out the grant of the next sign-in has the same key and starts at version 1 again. So the stored
//! grant is read and compared before each write. It is replaced, or it is kept because it is newer.

use super::{
    Grant, Holder,
    lease::{LeaseGuard, POLL_INTERVAL},
    lost, revocation,
};
use crate::{
    error::{Code, Error, Result},
    secret::ExposeSecret,
    store::{
        RecordKind,
        sealed_store::{DecryptedRecord, SealedStore, TRIES},
    },
};
use std::thread;

/// Which stored grant a new one may replace.
#[derive(Clone, Copy)]
enum Replacing<'g> {
    /// Any: after a sign-in the new grant is always the newer one.
    Any,
    /// The grant whose refresh token was used; `None`: there was no grant, as before the first token of the system account. A
    /// newer grant that another process has stored in the meantime is kept.
    Used(Option<&'g DecryptedRecord<Grant>>),
}

/// Stores the grant of a sign-in over any grant that the same holder has for the same patient.
///
/// # Errors
/// The store's; [`Code::StoreConflict`] when other processes keep changing the grant.
pub fn store_sign_in(records: &SealedStore<'_>, grant: Grant) -> Result<()> {
    store(records, grant, Replacing::Any, |_| false).map(drop)
}

/// Stores the grant of a refresh over `used`, the grant whose refresh token was used. When another process has stored a newer
/// grant in the meantime, nothing is written and that grant is returned. A grant of a user that was deleted in the meantime is not
/// stored again.
///
/// After the server has rotated the refresh token, the old one is worthless. So an unavailable store is tried again until the
/// lease ends.
///
/// # Errors
/// [`Code::GrantNotFound`] when the user signed out in the meantime; [`Code::GrantLost`] when the server has rotated the refresh token
/// and the new one could not be stored; otherwise the store's, and the old grant is unchanged.
pub(super) fn store_refreshed(
    records: &SealedStore<'_>,
    lease: &LeaseGuard<'_>,
    grant: Grant,
    used: Option<&DecryptedRecord<Grant>>,
) -> Result<DecryptedRecord<Grant>> {
    let source = grant.source.clone();
    let is_rotated = is_rotated(&grant, used);
    let may_retry = |failures: usize| {
        let may = failures < TRIES || !lease.left().is_zero();
        if may {
            thread::sleep(POLL_INTERVAL);
        }
        may
    };
    match store(records, grant.clone(), Replacing::Used(used), may_retry) {
        Ok(stored) => {
            if is_of_another_sign_in(&stored.value, &grant) {
                // No one uses the new tokens any more.
                let _ = revocation::revoke_later(records, &grant);
            }
            Ok(stored)
        }
        Err(error) if error.code() == Code::GrantNotFound => {
            // The user has signed out, so no one may use the new tokens.
            let _ = revocation::revoke_later(records, &grant);
            Err(error)
        }
        Err(error) if is_rotated => Err(lost(&source, error)),
        Err(error) => Err(error),
    }
}

/// Stores the keyed hashes of the MRNs of the grant's patient. When another process changes the grant at the same
/// time, nothing is stored and nothing is lost: the next pull reads the MRNs again.
///
/// # Errors
/// The store's.
pub fn store_mrns(
    records: &SealedStore<'_>,
    grant: &DecryptedRecord<Grant>,
    mrns: Vec<String>,
) -> Result<()> {
    if !is_stored(records, grant)? {
        return Ok(());
    }
    let with_mrns = Grant { patient_mrns: mrns, ..grant.value.clone() };
    match records.write(RecordKind::Grant, &with_mrns.address(records), &with_mrns, grant.version) {
        Err(error) if error.code() == Code::StoreConflict => Ok(()),
        result => result,
    }
}

/// Deletes a grant, unless another process has replaced it since it was read.
///
/// # Errors
/// The store's.
pub(super) fn delete(records: &SealedStore<'_>, grant: &DecryptedRecord<Grant>) -> Result<()> {
    if is_stored(records, grant)? {
        records.delete(RecordKind::Grant, &grant.key, grant.version)?;
    }
    Ok(())
}

/// Whether the store still has the grant that was read, in the same version.
fn is_stored(records: &SealedStore<'_>, read: &DecryptedRecord<Grant>) -> Result<bool> {
    let stored = records.get::<Grant>(RecordKind::Grant, &read.key)?;
    Ok(stored
        .is_some_and(|stored| stored.version == read.version && has_same_tokens(&stored.value, &read.value)))
}

fn store(
    records: &SealedStore<'_>,
    grant: Grant,
    replacing: Replacing<'_>,
    may_retry: impl FnMut(usize) -> bool,
) -> Result<DecryptedRecord<Grant>> {
    let address = grant.address(records);
    let slot = Slot {
        key: &address.key,
        write: |expected| records.write(RecordKind::Grant, &address, &grant, expected),
        version: || {
            Ok(records.store.get(RecordKind::Grant, &address.key)?.map_or(0, |record| record.version))
        },
        read: || records.get::<Grant>(RecordKind::Grant, &address.key),
    };
    write_with_conflicts(slot, &grant, replacing, may_retry)
}

/// The place of one grant in a store: functions, so that the conflict loop needs no store in its tests.
struct Slot<'k, W, V, R> {
    key: &'k str,
    /// Writes the new grant over the version that is expected.
    write: W,
    /// The stored version, 0 for none. It decrypts nothing: a sign-in replaces a grant that cannot be decrypted, too.
    version: V,
    /// The stored grant.
    read: R,
}

/// The conflict loop. `may_retry` is called with the number of failures while the store is unavailable; it waits and returns
/// true, or returns false to give up.
fn write_with_conflicts<W, V, R>(
    mut slot: Slot<'_, W, V, R>,
    grant: &Grant,
    replacing: Replacing<'_>,
    mut may_retry: impl FnMut(usize) -> bool,
) -> Result<DecryptedRecord<Grant>>
where
    W: FnMut(i64) -> Result<()>,
    V: FnMut() -> Result<i64>,
    R: FnMut() -> Result<Option<DecryptedRecord<Grant>>>,
{
    let (mut conflicts, mut failures) = (0, 0);
    loop {
        let error = match write_once(&mut slot, grant, replacing) {
            Ok(Some(stored)) => return Ok(stored),
            Ok(None) => {
                conflicts += 1;
                if conflicts < TRIES {
                    continue;
                }
                Error::new(Code::StoreConflict)
                    .detail("other processes changed the grant at each of several attempts")
            }
            Err(error) => error,
        };
        failures += 1;
        if error.code() != Code::StoreUnavailable || !may_retry(failures) {
            return Err(error);
        }
    }
}

/// One attempt: the grant that is stored afterward, or `None` after a conflict.
fn write_once<W, V, R>(
    slot: &mut Slot<'_, W, V, R>,
    grant: &Grant,
    replacing: Replacing<'_>,
) -> Result<Option<DecryptedRecord<Grant>>>
where
    W: FnMut(i64) -> Result<()>,
    V: FnMut() -> Result<i64>,
    R: FnMut() -> Result<Option<DecryptedRecord<Grant>>>,
{
    let version = match replacing {
        Replacing::Any => (slot.version)()?,
        Replacing::Used(used) => match (slot.read)()? {
            Some(stored) if is_newer(&stored, grant, used) => return Ok(Some(stored)),
            // A late read returns an older version, which the write must not expect.
            Some(stored) => used
                .filter(|used| used.key == slot.key && stored.value.obtained_at <= used.value.obtained_at)
                .map_or(stored.version, |used| used.version.max(stored.version)),
            None if used.is_some() && grant.holder != Holder::System => {
                return Err(Error::new(Code::GrantNotFound).detail("the user signed out during the refresh"));
            }
            None => 0,
        },
    };
    match (slot.write)(version) {
        Ok(()) => {
            let key = slot.key.to_owned();
            Ok(Some(DecryptedRecord { key, version: version + 1, value: grant.clone() }))
        }
        Err(error) if error.code() == Code::StoreConflict => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the stored grant is newer than the one to store: a later token request wrote it, or it no longer holds the tokens of
/// the grant whose refresh token was used.
fn is_newer(stored: &DecryptedRecord<Grant>, grant: &Grant, used: Option<&DecryptedRecord<Grant>>) -> bool {
    let is_late_read = |used: &DecryptedRecord<Grant>| {
        stored.version < used.version && stored.value.obtained_at < used.value.obtained_at
    };
    stored.value.fence > grant.fence
        || used.is_some_and(|used| !has_same_tokens(&stored.value, &used.value) && !is_late_read(used))
}

/// Whether the stored grant is of another sign-in than the refreshed one. A refresh keeps the time of the sign-in, and gives the
/// grant a fence. An EHR that issues one refresh token for several sign-ins would revoke it for the stored one, too.
fn is_of_another_sign_in(stored: &Grant, refreshed: &Grant) -> bool {
    let is_fresh = stored.fence == 0 && stored.trouble.is_none();
    refreshed.holder != Holder::System
        && (is_fresh || stored.signed_in_at != refreshed.signed_in_at)
        && !has_same_refresh_token(stored, refreshed)
}

/// Whether both are the same grant with the tokens of the same answer. The mark, the trouble and the MRNs may differ.
pub(super) fn has_same_tokens(one: &Grant, other: &Grant) -> bool {
    has_same_refresh_token(one, other)
        && one.access_token.expose_secret() == other.access_token.expose_secret()
        && one.obtained_at == other.obtained_at
}

pub(super) fn has_same_refresh_token(one: &Grant, other: &Grant) -> bool {
    one.refresh_token.expose_secret() == other.refresh_token.expose_secret()
}

fn is_rotated(grant: &Grant, used: Option<&DecryptedRecord<Grant>>) -> bool {
    grant.holder != Holder::System && used.is_some_and(|used| !has_same_refresh_token(grant, &used.value))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{GrantTrouble, TroubleKind, tests::grant},
        *,
    };
    use std::cell::RefCell;

    fn record(version: i64, value: Grant) -> DecryptedRecord<Grant> {
        DecryptedRecord { key: "k".into(), version, value }
    }

    /// Runs the conflict loop over a stored grant. `errors` are returned by the first writes, in this order; each other write
    /// succeeds at the stored version only. Returns the result and the versions that the writes expected.
    fn run(
        stored: Option<DecryptedRecord<Grant>>,
        grant: &Grant,
        replacing: Replacing<'_>,
        errors: &[Code],
        retries: usize,
    ) -> (Result<DecryptedRecord<Grant>>, Vec<i64>) {
        let writes = RefCell::new(Vec::new());
        let version = stored.as_ref().map_or(0, |stored| stored.version);
        let slot = Slot {
            key: "k",
            write: |expected| {
                let number = writes.borrow().len();
                writes.borrow_mut().push(expected);
                match errors.get(number) {
                    Some(code) => Err(Error::new(*code)),
                    None if expected == version => Ok(()),
                    None => Err(Error::new(Code::StoreConflict)),
                }
            },
            version: || Ok(version),
            read: || Ok(stored.clone()),
        };
        let result = write_with_conflicts(slot, grant, replacing, |failures| failures <= retries);
        (result, writes.into_inner())
    }

    #[test]
    fn a_sign_in_replaces_any_grant_and_repeats_after_a_conflict() {
        let new = grant("new", 0);
        let stored = record(7, grant("old", 9));
        let (result, writes) = run(Some(stored.clone()), &new, Replacing::Any, &[], 0);
        assert_eq!((result.unwrap().version, writes), (8, vec![7]));
        let (result, writes) = run(Some(stored.clone()), &new, Replacing::Any, &[Code::StoreConflict], 0);
        assert_eq!((result.unwrap().version, writes), (8, vec![7, 7]));
        let (result, writes) = run(None, &new, Replacing::Any, &[], 0);
        assert_eq!((result.unwrap().version, writes), (1, vec![0]));
        let (result, writes) = run(Some(stored), &new, Replacing::Any, &[Code::StoreConflict; TRIES], 0);
        assert_eq!((result.unwrap_err().code(), writes.len()), (Code::StoreConflict, TRIES));
    }

    #[test]
    fn a_refresh_replaces_the_grant_it_used_and_keeps_a_newer_one() {
        let used = record(3, grant("old", 3));
        let new = grant("new", 4);
        // The stored grant, what is stored afterward, the versions that the writes expected.
        for (stored, refresh_token, version, expected) in [
            (Some(used.clone()), "new", 4, vec![3]),
            // Only the MRNs were stored in the meantime.
            (Some(record(4, grant("old", 3))), "new", 5, vec![4]),
            // A later token request was faster.
            (Some(record(4, grant("old", 5))), "old", 4, vec![]),
            // The user has signed in again.
            (Some(record(4, grant("other", 0))), "other", 4, vec![]),
            // The user has signed out and in again, and the version is the same by chance.
            (Some(record(3, grant("other", 0))), "other", 3, vec![]),
            (Some(record(3, Grant { obtained_at: 5, ..grant("old", 0) })), "old", 3, vec![]),
            (Some(record(3, Grant { access_token: "a".into(), ..grant("old", 0) })), "old", 3, vec![]),
        ] {
            let (result, writes) = run(stored, &new, Replacing::Used(Some(&used)), &[], 0);
            let result = result.unwrap();
            assert_eq!(
                (result.value.refresh_token.expose_secret(), result.version),
                (refresh_token, version)
            );
            assert_eq!(writes, expected);
        }
    }

    #[test]
    fn a_late_read_does_not_lower_the_version_that_a_refresh_expects() {
        let used = record(3, Grant { obtained_at: 9, ..grant("old", 3) });
        for late in [used.value.clone(), grant("older", 2)] {
            let (_, writes) =
                run(Some(record(2, late)), &grant("new", 4), Replacing::Used(Some(&used)), &[], 0);
            assert_eq!(writes, [3; TRIES]);
        }
    }

    #[test]
    fn a_refresh_does_not_store_a_sign_in_again_that_ended_in_the_meantime() {
        let used = record(3, grant("old", 3));
        let (result, writes) = run(None, &grant("new", 4), Replacing::Used(Some(&used)), &[], 0);
        assert_eq!((result.unwrap_err().code(), writes), (Code::GrantNotFound, vec![]));
        let system = |value: Grant| Grant { holder: Holder::System, ..value };
        let used = record(3, system(grant("", 3)));
        let (result, writes) = run(None, &system(grant("", 4)), Replacing::Used(Some(&used)), &[], 0);
        assert_eq!((result.unwrap().version, writes), (1, vec![0]), "no user ends the system account");
    }

    #[test]
    fn only_an_unavailable_store_is_tried_again() {
        let used = record(3, grant("old", 3));
        let new = grant("new", 4);
        for (errors, retries, code, writes) in [
            (vec![Code::StoreUnavailable; 2], 2, None, 3),
            (vec![Code::StoreUnavailable; 2], 1, Some(Code::StoreUnavailable), 2),
            (vec![Code::StoreInconsistent], 9, Some(Code::StoreInconsistent), 1),
        ] {
            let (result, made) =
                run(Some(used.clone()), &new, Replacing::Used(Some(&used)), &errors, retries);
            assert_eq!((result.err().map(|error| error.code()), made.len()), (code, writes), "{errors:?}");
        }
    }

    #[test]
    fn the_first_grant_of_the_system_account_is_kept_or_replaced_by_its_fence() {
        assert!(is_newer(&record(1, grant("", 2)), &grant("", 1), None));
        assert!(!is_newer(&record(1, grant("", 1)), &grant("", 2), None));
    }

    #[test]
    fn tokens_of_a_refresh_are_revoked_if_the_stored_grant_is_of_another_sign_in() {
        let refreshed = grant("new", 4);
        let revoked = GrantTrouble { kind: TroubleKind::Revoked, at: 0 };
        for (stored, is_revoked) in [
            (refreshed.clone(), false),
            // A later refresh of the same sign-in: the EHR would revoke its tokens, too.
            (grant("newer", 5), false),
            (Grant { trouble: Some(revoked), ..grant("", 0) }, false),
            (grant("other", 0), true),
            (Grant { signed_in_at: Some(9), ..grant("other", 7) }, true),
            (Grant { signed_in_at: Some(9), ..grant("new", 0) }, false),
        ] {
            assert_eq!(is_of_another_sign_in(&stored, &refreshed), is_revoked, "{stored:?}");
        }
    }

    #[test]
    fn only_a_rotated_token_of_a_user_can_be_lost() {
        let used = record(1, grant("old", 0));
        assert!(is_rotated(&grant("new", 1), Some(&used)));
        assert!(!is_rotated(&grant("old", 1), Some(&used)));
        assert!(!is_rotated(&Grant { holder: Holder::System, ..grant("new", 1) }, Some(&used)));
        assert!(!is_rotated(&grant("new", 1), None));
    }
}
