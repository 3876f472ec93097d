//! Storing new tokens. When the server has rotated the refresh token, the old one is of no use any more, so
//! a store that is busy or gone is tried again until the lease ends.

use super::{
    Grant, Holder,
    lease::{HeldLease, LOOK_AGAIN},
};
use crate::{
    error::{Code, Error, Result},
    secret::ExposeSecret,
    store::{
        Kind,
        records::{Address, Opened, Records, TRIES},
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
    records: &Records<'_>,
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
    Err(if is_rotated(&grant, spent) { lost(&grant, &error) } else { error })
}

/// One try at the version that is expected; `None` when it is another one, which the next try expects.
fn try_once(
    records: &Records<'_>,
    address: &Address,
    grant: &Grant,
    spent: Option<&Opened<Grant>>,
    expected: &mut i64,
) -> Result<Option<Opened<Grant>>> {
    match records.write(Kind::Grant, address, grant, *expected) {
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
    let standing = records.get::<Grant>(Kind::Grant, &address.key)?;
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

fn lost(grant: &Grant, cause: &Error) -> Error {
    Error::new(Code::GrantLost).detail(format!("source {}, {}", grant.source_id, cause.code().name())).hint(
        "check the store; then the user launches the application from the EHR again, or signs in from it",
    )
}
