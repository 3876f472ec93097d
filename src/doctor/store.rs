//! The step `store`: it was made with these keys, and a test record is written, read back and deleted. It names nobody.

use super::finding::{Finding, Found, Id};
use crate::{
    context::Context,
    error::{Code, Result},
    secret,
    store::{RecordKind, sealed_store::Address},
};

/// Seconds for which the store keeps the record if this process is killed.
const KEPT: i64 = 60;

pub(super) fn check(context: &Context<'_>) -> Found {
    Ok(match lost(context)? {
        None => Finding::new(Id::StoreOk),
        Some(problem) => Finding::new(Id::StoreLoses).with("problem", problem),
    })
}

fn lost(context: &Context<'_>) -> Result<Option<&'static str>> {
    let records = &context.records;
    // What is stored opens with the keys of the configuration.
    records.fits_store()?;
    let (name, value) = (secret::random_text()?, secret::random_text()?);
    // Kept among the pending launches, under a name that is no state: the kind that ends by itself.
    let key = records.vault.index("doctor", &[records.organization, &name]);
    let address = Address { key, expires_in: Some(KEPT), ..Address::default() };
    records.write(RecordKind::PendingLaunch, &address, &value, 0)?;
    let Some(found) = records.get::<String>(RecordKind::PendingLaunch, &address.key)? else {
        return Ok(Some("a record that was written is not found"));
    };
    if found.value != value {
        return Ok(Some("a record that was written comes back changed"));
    }
    let conflict = records.write(RecordKind::PendingLaunch, &address, &value, 0);
    if !conflict.is_err_and(|error| error.code() == Code::StoreConflict) {
        return Ok(Some("a record is written over another one that it did not expect"));
    }
    if !records.delete(RecordKind::PendingLaunch, &address.key, found.version)? {
        return Ok(Some("a record cannot be deleted"));
    }
    let left = records.get::<String>(RecordKind::PendingLaunch, &address.key)?;
    Ok(left.map(|_| "a record that was deleted is still found"))
}
