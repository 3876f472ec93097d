//! Where a hook puts what it hands back.

use crate::{
    cast,
    guard::{self, Status},
    hooks::store::{HostStoredRecord, NEVER},
};
use fhir_ehr::{MAX_SEALED_BYTES, RecordIndex, RecordKind, Result, StoredRecord};
use zeroize::Zeroize;

/// The most bytes a key service may give.
/// cbindgen:ignore
const LONGEST_KEY: usize = 1 << 16;

/// The most bytes of one text of a record: no text that the library writes is as long.
/// cbindgen:ignore
const LONGEST_TEXT: usize = 1 << 20;

/// Where a hook puts what it hands back. It lives during the call of the hook only.
pub struct Sink(Holding);

enum Holding {
    Bytes(Vec<u8>),
    SealedStore {
        records: Vec<StoredRecord>,
        most: usize,
    },
    /// The hook gave something that cannot be used; whatever it returns, it has failed.
    Spoiled,
}

impl Sink {
    pub(crate) fn for_bytes() -> Self {
        Sink(Holding::Bytes(Vec::new()))
    }

    pub(crate) fn for_records(most: usize) -> Self {
        Sink(Holding::SealedStore { records: Vec::new(), most })
    }

    /// The bytes, or nothing if the hook gave what cannot be used.
    pub(crate) fn into_text(mut self) -> Option<String> {
        match &mut self.0 {
            Holding::Bytes(bytes) => String::from_utf8(std::mem::take(bytes)).ok(),
            _ => None,
        }
    }

    /// The records, or nothing if the hook gave what cannot be used.
    pub(crate) fn into_records(mut self) -> Option<Vec<StoredRecord>> {
        match &mut self.0 {
            Holding::SealedStore { records, .. } => Some(std::mem::take(records)),
            _ => None,
        }
    }

    fn add_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.0 {
            Holding::Bytes(held) if held.len() + bytes.len() <= LONGEST_KEY => {
                held.extend_from_slice(bytes);
                Ok(())
            }
            _ => self.spoil("this sink takes no such bytes"),
        }
    }

    fn add_record(&mut self, record: StoredRecord) -> Result<()> {
        match &mut self.0 {
            Holding::SealedStore { records, most } if records.len() < *most => {
                records.push(record);
                Ok(())
            }
            _ => self.spoil("this sink takes no more records"),
        }
    }

    fn spoil<T>(&mut self, why: &str) -> Result<T> {
        *self = Sink(Holding::Spoiled);
        Err(cast::invalid(why))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Holding::Bytes(bytes) = &mut self.0 {
            bytes.zeroize();
        }
    }
}

/// Gives bytes back from a hook that hands back bytes (`key`); further calls add to them.
///
/// The bytes are copied. It returns 0, or FHIR_EHR_E_REQUEST_INVALID: `data` is NULL with a length, the
/// sink is NULL or is one for records, or the bytes are more than 65536. Call it on the hook's thread,
/// during the hook.
///
/// # Safety
/// `sink` is the hook's; `data` points to `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_sink_write(sink: *mut Sink, data: *const u8, length: usize) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (sink, bytes) = unsafe { (cast::lend_mut(sink, "sink")?, cast::bytes(data, length, "data")) };
        match bytes {
            Ok(bytes) => sink.add_bytes(bytes),
            Err(_) => sink.spoil("data is NULL with a length"),
        }
    };
    // SAFETY: no error object is wanted.
    unsafe { guard::call(std::ptr::null_mut(), work) }
}

/// Gives one record back from a store's `get` (at most one) or `scan` (at most `limit`, ordered by key).
///
/// Everything the record points to is copied. Set `struct_size` to sizeof(fhir_ehr_stored_record); `operation` is
/// not looked at. It returns 0, or FHIR_EHR_E_REQUEST_INVALID: a pointer is NULL with a length, a text is
/// not UTF-8 or is longer than 1 MiB, the sealed bytes are more than 64 MiB, the kind is unknown, the sink is
/// NULL, is one for bytes or has taken as many records as it may. When a record was refused, the call ends
/// with FHIR_EHR_E_STORE_INCONSISTENT, whatever the hook returns.
///
/// # Safety
/// `sink` is the hook's; `record` and what it points to can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_sink_stored_record(
    sink: *mut Sink,
    record: *const HostStoredRecord,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (sink, record) = unsafe { (cast::lend_mut(sink, "sink")?, read_record(record)) };
        match record {
            Ok(record) => sink.add_record(record),
            Err(_) => sink.spoil("the record cannot be read"),
        }
    };
    // SAFETY: no error object is wanted.
    unsafe { guard::call(std::ptr::null_mut(), work) }
}

/// # Safety
/// As [`fhir_ehr_sink_stored_record`].
unsafe fn read_record(record: *const HostStoredRecord) -> Result<StoredRecord> {
    // SAFETY: the caller's promise, here and below.
    let given: HostStoredRecord = unsafe { cast::table(record, "record")? };
    let text = |data, length: usize, name: &str| {
        if length > LONGEST_TEXT {
            return Err(cast::invalid(format!("{name} is too long")));
        }
        // SAFETY: as above.
        unsafe { cast::text(data, length, name) }.map(str::to_owned)
    };
    if given.sealed_length > MAX_SEALED_BYTES {
        return Err(cast::invalid("sealed is too long"));
    }
    let kind = text(given.kind, given.kind_length, "kind")?;
    let kind = RecordKind::ALL.into_iter().find(|known| known.name() == kind);
    Ok(StoredRecord {
        kind: kind.ok_or_else(|| cast::invalid("the kind is unknown"))?,
        key: text(given.key, given.key_length, "key")?,
        index: RecordIndex {
            organization: text(given.organization, given.organization_length, "organization")?,
            project: text(given.project, given.project_length, "project")?,
            subject: text(given.subject, given.subject_length, "subject")?,
            state: text(given.state, given.state_length, "state")?,
        },
        expires_in: (given.expires_in != NEVER).then_some(given.expires_in),
        version: given.version,
        // SAFETY: as above.
        sealed: unsafe { cast::bytes(given.sealed, given.sealed_length, "sealed")? }.to_vec(),
    })
}
