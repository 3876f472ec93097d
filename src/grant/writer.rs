//! The one place that writes grants.
//!
//! Several processes may write the same grant, so each write names the version that it replaces. On a conflict the stored grant
//! is read, and either the write is tried again or the newer grant is kept.

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
    store(records, grant.clone(), Replacing::Used(used), may_retry).map_err(|error| match error.code() {
        Code::GrantNotFound => {
            // The user has signed out, so no one may use the new tokens.
            let _ = revocation::revoke_later(records, &grant);
            error
        }
        _ if is_rotated => lost(&source, error),
        _ => error,
    })
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
    let with_mrns = Grant { patient_mrns: mrns, ..grant.value.clone() };
    match records.write(RecordKind::Grant, &with_mrns.address(records), &with_mrns, grant.version) {
        Err(error) if error.code() == Code::StoreConflict => Ok(()),
        result => result,
    }
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
    let mut expected = match replacing {
        Replacing::Any => None,
        Replacing::Used(used) => {
            Some(used.filter(|used| used.key == slot.key).map_or(0, |used| used.version))
        }
    };
    let (mut conflicts, mut failures) = (0, 0);
    loop {
        let error = match write_once(&mut slot, grant, replacing, &mut expected) {
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

/// One attempt: the grant that is stored afterward, or `None` after a conflict. The next attempt then expects the version that
/// was found.
fn write_once<W, V, R>(
    slot: &mut Slot<'_, W, V, R>,
    grant: &Grant,
    replacing: Replacing<'_>,
    expected: &mut Option<i64>,
) -> Result<Option<DecryptedRecord<Grant>>>
where
    W: FnMut(i64) -> Result<()>,
    V: FnMut() -> Result<i64>,
    R: FnMut() -> Result<Option<DecryptedRecord<Grant>>>,
{
    let version = match *expected {
        Some(version) => version,
        None => (slot.version)()?,
    };
    match (slot.write)(version) {
        Ok(()) => {
            let key = slot.key.to_owned();
            return Ok(Some(DecryptedRecord { key, version: version + 1, value: grant.clone() }));
        }
        Err(error) if error.code() == Code::StoreConflict => {}
        Err(error) => return Err(error),
    }
    let Replacing::Used(used) = replacing else { return Ok(None) };
    let stored = (slot.read)()?;
    if stored.is_none() && used.is_some() && grant.holder != Holder::System {
        return Err(Error::new(Code::GrantNotFound).detail("the user signed out during the refresh"));
    }
    *expected = Some(stored.as_ref().map_or(0, |stored| stored.version));
    Ok(stored.filter(|stored| is_newer(&stored.value, grant, used.map(|used| &used.value))))
}

/// Whether the stored grant is newer than the one to store: a later token request wrote it, or it no longer holds the refresh
/// token that was used.
fn is_newer(stored: &Grant, grant: &Grant, used: Option<&Grant>) -> bool {
    stored.fence > grant.fence || used.is_some_and(|used| !has_same_refresh_token(stored, used))
}

pub(super) fn has_same_refresh_token(one: &Grant, other: &Grant) -> bool {
    one.refresh_token.expose_secret() == other.refresh_token.expose_secret()
}

fn is_rotated(grant: &Grant, used: Option<&DecryptedRecord<Grant>>) -> bool {
    grant.holder != Holder::System && used.is_some_and(|used| !has_same_refresh_token(grant, &used.value))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::grant, *};
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
            (Some(record(4, grant("old", 3))), "new", 5, vec![3, 4]),
            // A later token request was faster.
            (Some(record(4, grant("old", 5))), "old", 4, vec![3]),
            // The user has signed in again.
            (Some(record(4, grant("other", 0))), "other", 4, vec![3]),
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
    fn a_refresh_does_not_store_a_sign_in_again_that_ended_in_the_meantime() {
        let used = record(3, grant("old", 3));
        let (result, writes) = run(None, &grant("new", 4), Replacing::Used(Some(&used)), &[], 0);
        assert_eq!((result.unwrap_err().code(), writes), (Code::GrantNotFound, vec![3]));
        let system = |value: Grant| Grant { holder: Holder::System, ..value };
        let used = record(3, system(grant("", 3)));
        let (result, writes) = run(None, &system(grant("", 4)), Replacing::Used(Some(&used)), &[], 0);
        assert_eq!((result.unwrap().version, writes), (1, vec![3, 0]), "no user ends the system account");
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
        assert!(is_newer(&grant("", 2), &grant("", 1), None));
        assert!(!is_newer(&grant("", 1), &grant("", 2), None));
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
