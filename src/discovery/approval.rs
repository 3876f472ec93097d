//! The endpoints that an administrator approved for a source (decision 36).

use super::endpoints::{ChangedEndpoint, ServerMetadata};
use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result, escape_for_display},
    source::Source,
    store::{
        RecordKind,
        sealed_store::{Address, SealedStore},
    },
};
use serde::{Deserialize, Serialize};
use url::Url;

/// What was approved, and when.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Approval {
    pub(super) approved_at: UnixSeconds,
    pub(super) metadata: ServerMetadata,
}

/// An approval belongs to a base URL: after a change of the source's `iss`, it does not count.
fn key(records: &SealedStore<'_>, source: &Source) -> String {
    let parts = [records.organization, &source.id, source.base.as_str()];
    records.vault.index("approved endpoints", &parts)
}

/// The approval of a source.
///
/// # Errors
/// The store's: an approval that cannot be read is not treated as absent.
pub(super) fn read(records: &SealedStore<'_>, source: &Source) -> Result<Option<Approval>> {
    let found = records.get(RecordKind::SourceEndpoints, &key(records, source))?;
    Ok(found.map(|record| record.value))
}

/// Stores an approval in place of an earlier one.
///
/// # Errors
/// The store's; [`Code::StoreConflict`] when another process approves at the same moment.
pub(super) fn write(records: &SealedStore<'_>, source: &Source, approval: &Approval) -> Result<()> {
    let address = Address { key: key(records, source), state: "approved".to_owned(), ..Address::default() };
    let earlier = records.store.get(RecordKind::SourceEndpoints, &address.key)?;
    let expected = earlier.map_or(0, |record| record.version);
    records.write(RecordKind::SourceEndpoints, &address, approval, expected)
}

/// The approved metadata of a source, for the doctor.
///
/// # Errors
/// As [`read`].
pub fn approved(records: &SealedStore<'_>, source: &Source) -> Result<Option<ServerMetadata>> {
    Ok(read(records, source)?.map(|approval| approval.metadata))
}

/// The error for an endpoint that is not the approved one.
pub(super) fn changed(source: &Source, changed: ChangedEndpoint<'_>) -> Error {
    // An address may have a query, so only its origin is shown. An issuer may be no URL.
    let origin = Url::parse(changed.published).map(|url| url.origin().ascii_serialization());
    let origin = origin.unwrap_or_else(|_| "a text that is no URL".to_owned());
    Error::new(Code::EndpointsChanged)
        .detail(format!(
            "source {}: {} is now at {}",
            escape_for_display(&source.id),
            changed.member,
            escape_for_display(&origin)
        ))
        .hint(format!(
            "Ask the EHR team whether this change is intended. If it is, run fhir-ehr approve --source {}.",
            escape_for_display(&source.id)
        ))
}
