//! The sink: what a hook writes its results into.

use crate::{cast, guard, record::HostStoredRecord, status::Status};
use fhir_ehr::{Result, StoredRecord};
use zeroize::Zeroize;

/// The longest secret that a hook may give, in bytes.
/// cbindgen:ignore
const MAX_SECRET_BYTES: usize = 1 << 16;

/// What a hook writes its results into. It is valid until the hook returns.
pub struct Sink(Content);

enum Content {
    Bytes(Vec<u8>),
    Records {
        records: Vec<StoredRecord>,
        max: usize,
    },
    /// The hook wrote something that cannot be used, so it has failed, whatever it returns.
    Invalid,
}

impl Sink {
    pub(crate) fn for_bytes() -> Self {
        Sink(Content::Bytes(Vec::new()))
    }

    pub(crate) fn for_records(max: usize) -> Self {
        Sink(Content::Records { records: Vec::new(), max })
    }

    /// The bytes as text; `None` when the hook wrote something that cannot be used.
    pub(crate) fn into_text(mut self) -> Option<String> {
        match &mut self.0 {
            Content::Bytes(bytes) => String::from_utf8(std::mem::take(bytes)).ok(),
            _ => None,
        }
    }

    /// The records; `None` when the hook wrote something that cannot be used.
    pub(crate) fn into_records(mut self) -> Option<Vec<StoredRecord>> {
        match &mut self.0 {
            Content::Records { records, .. } => Some(std::mem::take(records)),
            _ => None,
        }
    }

    fn add_bytes(&mut self, more: &[u8]) -> Result<()> {
        match &mut self.0 {
            Content::Bytes(bytes) if bytes.len() + more.len() <= MAX_SECRET_BYTES => {
                bytes.extend_from_slice(more);
                Ok(())
            }
            _ => self.invalidate("the sink does not accept these bytes"),
        }
    }

    fn add_record(&mut self, record: StoredRecord) -> Result<()> {
        match &mut self.0 {
            Content::Records { records, max } if records.len() < *max => {
                records.push(record);
                Ok(())
            }
            _ => self.invalidate("the sink accepts no more records"),
        }
    }

    fn invalidate<T>(&mut self, why: &str) -> Result<T> {
        *self = Sink(Content::Invalid);
        Err(cast::invalid(why))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Content::Bytes(bytes) = &mut self.0 {
            bytes.zeroize();
        }
    }
}

/// Writes the secret that the hook `secret` was asked for. The bytes are copied; further calls append to them.
///
/// Returns 0, or FHIR_EHR_E_REQUEST_INVALID when `data` is NULL with a length, `sink` is NULL or is one for records, or
/// the secret is longer than 65536 bytes. Call it during the hook, on the hook's thread.
///
/// # Safety
/// `sink` is the hook's; `data` points to `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_sink_write(sink: *mut Sink, data: *const u8, length: usize) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (sink, bytes) = unsafe { (cast::borrow_mut(sink, "sink")?, cast::bytes(data, length, "data")) };
        match bytes {
            Ok(bytes) => sink.add_bytes(bytes),
            Err(_) => sink.invalidate("data is NULL with a length"),
        }
    };
    // SAFETY: NULL: no error object is needed.
    unsafe { guard::call(std::ptr::null_mut(), work) }
}

/// Returns one record from a store's `get` (at most one) or `scan` (at most `limit`, ordered by key). Everything
/// that the record points to is copied. Set `struct_size` to sizeof(fhir_ehr_stored_record).
///
/// Returns 0, or FHIR_EHR_E_REQUEST_INVALID when a pointer is NULL with a length, a text is not UTF-8 or longer than
/// 1 MiB, `sealed` is longer than 64 MiB, the kind is unknown, or the sink is NULL, is one for bytes, or has as many
/// records as were asked for. A refused record ends the current call with FHIR_EHR_E_STORE_INCONSISTENT, whatever
/// the hook returns. Call it during the hook, on the hook's thread.
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
        let (sink, record) = unsafe { (cast::borrow_mut(sink, "sink")?, HostStoredRecord::read(record)) };
        match record {
            Ok(record) => sink.add_record(record),
            Err(_) => sink.invalidate("the record cannot be read"),
        }
    };
    // SAFETY: NULL: no error object is needed.
    unsafe { guard::call(std::ptr::null_mut(), work) }
}
