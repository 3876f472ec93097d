//! Storing new tokens. When the server has rotated the refresh token, the old one is of no use any more, so
//! a store that is busy or gone is tried again until the lease ends.

use super::{
    Grant, Holder,
    lease::{HeldLease, LOOK_AGAIN},
    lost,
};
use crate::{
    error::{Code, Error, Result},
    secret::ExposeSecret,
    store::{
        RecordKind,
        sealed_store::{Address, Opened, SealedStore, TRIES},
    },
};
use std::thread;

/// Stores a grant over `spent`, the one it replaces. When another process has stored a newer grant
/// meanwhile, nothing is written and that one is returned.
///
/// # Errors
/// [`Code::GrantLost`] when the server has rotated the refresh token and the store could not keep the new
/// one; otherwise the store's, and the old grant is as it was.
pub(super) fn keep(
    records: &SealedStore<'_>,
    lease: &HeldLease<'_>,
    grant: Grant,
    spent: Option<&Opened<Grant>>,
) -> Result<Opened<Grant>> {
    let address = grant.address(records);
    let mut expected = spent.filter(|spent| spent.key == address.key).map_or(0, |spent| spent.version);
    let (mut conflicts, mut failures) = (0, 0);
    let error = loop {
        let error = match try_once(records, &address, &grant, spent, &mut expected) {
            Ok(Some(kept)) => return Ok(kept),
            Ok(None) => {
                conflicts += 1;
                if conflicts < TRIES {
                    continue;
                }
                Error::new(Code::StoreConflict).detail("the sign-in keeps changing")
            }
            Err(error) => error,
        };
        failures += 1;
        let again = failures < TRIES || !lease.left().is_zero();
        if error.code() != Code::StoreUnavailable || !again {
            break error;
        }
        thread::sleep(LOOK_AGAIN);
    };
    Err(if is_rotated(&grant, spent) { lost(&grant.source, error) } else { error })
}

/// One try at the version that is expected; `None` when it is another one, which the next try expects.
fn try_once(
    records: &SealedStore<'_>,
    address: &Address,
    grant: &Grant,
    spent: Option<&Opened<Grant>>,
    expected: &mut i64,
) -> Result<Option<Opened<Grant>>> {
    match records.write(RecordKind::Grant, address, grant, *expected) {
        Ok(()) => {
            return Ok(Some(Opened {
                key: address.key.clone(),
                version: *expected + 1,
                value: grant.clone(),
            }));
        }
        Err(error) if error.code() == Code::StoreConflict => {}
        Err(error) => return Err(error),
    }
    let standing = records.get::<Grant>(RecordKind::Grant, &address.key)?;
    *expected = standing.as_ref().map_or(0, |standing| standing.version);
    Ok(standing.filter(|standing| is_newer(&standing.value, grant, spent.map(|spent| &spent.value))))
}

/// Whether the stored grant is newer than the one to be stored: a later request wrote it, or the token that
/// was spent is no longer in it.
fn is_newer(standing: &Grant, grant: &Grant, spent: Option<&Grant>) -> bool {
    standing.fence > grant.fence || spent.is_some_and(|spent| !same_secret(standing, spent))
}

pub(super) fn same_secret(one: &Grant, other: &Grant) -> bool {
    one.refresh_token.expose_secret() == other.refresh_token.expose_secret()
}

fn is_rotated(grant: &Grant, spent: Option<&Opened<Grant>>) -> bool {
    grant.holder != Holder::System && spent.is_some_and(|spent| !same_secret(grant, &spent.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Issuer;

    fn grant(refresh_token: &str, fence: i64) -> Grant {
        Grant {
            source: "s".into(),
            issuer: Issuer::default(),
            holder: Holder::User("u".into()),
            patient: None,
            patient_mrns: Vec::new(),
            scope: String::new(),
            access_token: String::new().into(),
            refresh_token: refresh_token.to_owned().into(),
            obtained_at: 0,
            expires_at: 0,
            fence,
        }
    }

    #[test]
    fn a_stored_grant_is_newer_by_its_fence_or_because_the_spent_token_is_gone() {
        let spent = grant("old", 3);
        for (standing, new, newer) in [
            (grant("old", 3), grant("old", 4), false),
            (grant("old", 3), grant("new", 4), false),
            // A later request was faster.
            (grant("old", 5), grant("old", 4), true),
            // The user has signed in again.
            (grant("other", 0), grant("new", 4), true),
        ] {
            assert_eq!(is_newer(&standing, &new, Some(&spent)), newer, "{standing:?}");
        }
        // The first token of the system account.
        assert!(is_newer(&grant("", 2), &grant("", 1), None));
        assert!(!is_newer(&grant("", 1), &grant("", 2), None));
    }

    #[test]
    fn only_a_rotated_token_of_a_user_can_be_lost() {
        let spent = Opened { key: String::new(), version: 1, value: grant("old", 0) };
        assert!(is_rotated(&grant("new", 1), Some(&spent)));
        assert!(!is_rotated(&grant("old", 1), Some(&spent)));
        assert!(!is_rotated(&Grant { holder: Holder::System, ..grant("new", 1) }, Some(&spent)));
        assert!(!is_rotated(&grant("new", 1), None));
    }
}
