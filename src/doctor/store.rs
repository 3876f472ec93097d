//! The step `store`: checks that the store was written with these keys, then writes, reads and deletes a test record. The
//! record contains random text only.

use super::finding::{Finding, FindingId, StepResult};
use crate::{
    context::Context,
    error::{Code, Result},
    secret,
    store::{RecordKind, sealed_store::Address},
};

/// Seconds until the test record expires if this process is killed.
const RECORD_SECONDS: i64 = 60;

pub(super) fn check(context: &Context<'_>) -> StepResult {
    Ok(match find_problem(context)? {
        None => Finding::new(FindingId::StoreOk),
        Some(problem) => Finding::new(FindingId::StoreLoses).with("problem", problem),
    })
}

fn find_problem(context: &Context<'_>) -> Result<Option<&'static str>> {
    let records = &context.records;
    // Fails if the store was written with other keys.
    records.has_index_key()?;
    let (name, value) = (secret::random_text()?, secret::random_text()?);
    // The record is a pending launch, because that kind expires. Its key is not the hash of a state.
    let key = records.vault.index("doctor", &[records.organization, &name]);
    let address = Address { key, expires_in: Some(RECORD_SECONDS), ..Address::default() };
    records.write(RecordKind::PendingLaunch, &address, &value, 0)?;
    let Some(found) = records.get::<String>(RecordKind::PendingLaunch, &address.key)? else {
        return Ok(Some("a record was written, but the store does not find it"));
    };
    if found.value != value {
        return Ok(Some("a record was written, but the store returns another value"));
    }
    let conflict = records.write(RecordKind::PendingLaunch, &address, &value, 0);
    if !conflict.is_err_and(|error| error.code() == Code::StoreConflict) {
        return Ok(Some("the store replaces a record although its version is not the expected one"));
    }
    if !records.delete(RecordKind::PendingLaunch, &address.key, found.version)? {
        return Ok(Some("the store does not delete a record"));
    }
    let left = records.get::<String>(RecordKind::PendingLaunch, &address.key)?;
    Ok(left.map(|_| "a record was deleted, but the store still finds it"))
}
