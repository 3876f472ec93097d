//! A stored record as C sees it: what the host's store gets and gives back.

use crate::cast::{self, HookText, SizedStruct};
use fhir_ehr::{MAX_SEALED_BYTES, RecordIndex, RecordKind, RecordWrite, Result, StoredRecord};
use libc::c_char;

/// In a record's `expires_in`: the record does not expire. The header has it as FHIR_EHR_NEVER.
/// cbindgen:ignore
const NEVER: i64 = i64::MIN;

/// The most bytes of one text column. The library writes much shorter ones.
/// cbindgen:ignore
const MAX_COLUMN_BYTES: usize = 1 << 20;

/// In a record's `operation`, in the store's `write`: write the record.
pub const FHIR_EHR_PUT: u32 = 1;
/// In a record's `operation`, in the store's `write`: delete the record.
pub const FHIR_EHR_DELETE: u32 = 2;

/// One record of a store: what `write` receives, and what `get` and `scan` return through
/// fhir_ehr_sink_stored_record(). `sealed` is encrypted; the store uses the other columns to find, lock and expire
/// the record. Texts are UTF-8. Texts from the library end with a NUL that their length does not count; yours need
/// none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HostStoredRecord {
    /// sizeof(fhir_ehr_stored_record), set by whoever fills in the record.
    pub struct_size: usize,
    /// In `write`: FHIR_EHR_PUT or FHIR_EHR_DELETE. A record to delete has only `kind`, `key` and `version`. In `get`
    /// and `scan`: ignored.
    pub operation: u32,
    /// 0.
    pub reserved: u32,
    /// `pending_launch`, `grant`, `user_link`, `index_key`, `launch`, `source_endpoints`, `staged_row`, `record_binding` or `pulled_row`; at most
    /// 32 bytes. One batch may contain the last three together. Later versions may add kinds: store the text as it
    /// is, not in an ENUM column.
    pub kind: *const c_char,
    /// Length of `kind` in bytes.
    pub kind_length: usize,
    /// Unique within the kind; at most 64 bytes.
    pub key: *const c_char,
    /// Length of `key` in bytes.
    pub key_length: usize,
    /// The organization that the record belongs to.
    pub organization: *const c_char,
    /// Length of `organization` in bytes.
    pub organization_length: usize,
    /// The project, or empty.
    pub project: *const c_char,
    /// Length of `project` in bytes.
    pub project_length: usize,
    /// A keyed hash of what the record is about, or empty; at most 64 bytes.
    pub subject: *const c_char,
    /// Length of `subject` in bytes.
    pub subject_length: usize,
    /// A short word such as `pending`, or the id of a pull, or empty; at most 64 bytes.
    pub state: *const c_char,
    /// Length of `state` in bytes.
    pub state_length: usize,
    /// Seconds from now, on the store's clock, until the record expires; may be negative. FHIR_EHR_NEVER: it does not
    /// expire.
    pub expires_in: i64,
    /// In `get` and `scan`: the stored version, at least 1. In `write`: the version that the store must have now, or 0
    /// if it must have no such record (an expired one counts as none). A written record gets this version plus 1.
    pub version: i64,
    /// The encrypted bytes.
    pub sealed: *const u8,
    /// Number of encrypted bytes; at most 64 MiB.
    pub sealed_length: usize,
}

// SAFETY: sizes, integers and addresses: zero is a value of each.
unsafe impl SizedStruct for HostStoredRecord {}

impl HostStoredRecord {
    /// Copies a record that a hook gives back.
    ///
    /// # Safety
    /// `record` is NULL or can be read, and so can everything it points to.
    pub(crate) unsafe fn read(record: *const HostStoredRecord) -> Result<StoredRecord> {
        // SAFETY: the caller's promise, here and below.
        let given: HostStoredRecord = unsafe { cast::sized_struct(record, "record")? };
        let text = |data, length: usize, name: &str| {
            if length > MAX_COLUMN_BYTES {
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
}

/// One part of a batch in memory of its own, for as long as a hook reads it.
pub(crate) struct BatchPart {
    operation: u32,
    kind: HookText,
    key: HookText,
    organization: HookText,
    project: HookText,
    subject: HookText,
    state: HookText,
    expires_in: i64,
    version: i64,
    sealed: Vec<u8>,
}

impl BatchPart {
    pub(crate) fn new(part: &RecordWrite) -> Self {
        let text = HookText::new;
        match part {
            RecordWrite::Put { record, expected } => BatchPart {
                operation: FHIR_EHR_PUT,
                kind: text(record.kind.name()),
                key: text(&record.key),
                organization: text(&record.index.organization),
                project: text(&record.index.project),
                subject: text(&record.index.subject),
                state: text(&record.index.state),
                expires_in: record.expires_in.unwrap_or(NEVER),
                version: *expected,
                sealed: record.sealed.clone(),
            },
            RecordWrite::Delete { kind, key, expected } => BatchPart {
                operation: FHIR_EHR_DELETE,
                kind: text(kind.name()),
                key: text(key),
                organization: text(""),
                project: text(""),
                subject: text(""),
                state: text(""),
                expires_in: NEVER,
                version: *expected,
                sealed: Vec::new(),
            },
        }
    }

    /// The part as C reads it; it points into `self`.
    pub(crate) fn record(&self) -> HostStoredRecord {
        HostStoredRecord {
            struct_size: size_of::<HostStoredRecord>(),
            operation: self.operation,
            reserved: 0,
            kind: self.kind.data(),
            kind_length: self.kind.length(),
            key: self.key.data(),
            key_length: self.key.length(),
            organization: self.organization.data(),
            organization_length: self.organization.length(),
            project: self.project.data(),
            project_length: self.project.length(),
            subject: self.subject.data(),
            subject_length: self.subject.length(),
            state: self.state.data(),
            state_length: self.state.length(),
            expires_in: self.expires_in,
            version: self.version,
            sealed: self.sealed.as_ptr(),
            sealed_length: self.sealed.len(),
        }
    }
}
