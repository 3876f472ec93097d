//! The host's store, and the core's records as C sees them.

use super::{FHIR_EHR_HOOK_DONE, FHIR_EHR_HOOK_NO, Host, missing};
use crate::{
    cast::{Table, Terminated},
    sink::Sink,
};
use fhir_ehr::{
    Code, Error as CoreError, Lease, RecordKind, RecordQuery, RecordWrite, Result, Store, StoredRecord,
    WriteOutcome, inconsistent_store,
};
use libc::{c_char, c_void};
use std::ptr;

/// In a record's `expires_in`: it does not expire. The header has it as FHIR_EHR_NEVER.
/// cbindgen:ignore
pub(crate) const NEVER: i64 = i64::MIN;

/// In a record's `operation`, in the store's `write`: write the record.
pub const FHIR_EHR_PUT: u32 = 1;
/// In a record's `operation`, in the store's `write`: delete the record.
pub const FHIR_EHR_DELETE: u32 = 2;

/// One record of a store: what `write` is given, and what `get` and `scan` hand back through
/// fhir_ehr_sink_stored_record(). `sealed` is ciphertext; the other columns are there to find, lock and expire it.
/// Texts are UTF-8; those the library gives have a NUL behind them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HostStoredRecord {
    /// sizeof(fhir_ehr_stored_record) of whoever filled it.
    pub struct_size: usize,
    /// FHIR_EHR_PUT or FHIR_EHR_DELETE in `write`, which of a deleted record has kind and key only; else 0.
    pub operation: u32,
    /// 0.
    pub reserved: u32,
    /// `pending_launch`, `grant`, `user_link`, `index_key`, `staged_row`, `record_binding` or `pulled_row`; at most
    /// 32 bytes. One batch may hold the last three together. Later versions may have more: keep them as they are.
    pub kind: *const c_char,
    /// Its length.
    pub kind_length: usize,
    /// Unique within the kind; at most 64 bytes.
    pub key: *const c_char,
    /// Its length.
    pub key_length: usize,
    /// Whose record it is.
    pub organization: *const c_char,
    /// Its length.
    pub organization_length: usize,
    /// The project, or empty.
    pub project: *const c_char,
    /// Its length.
    pub project_length: usize,
    /// A keyed hash of what it is about, or empty; at most 64 bytes.
    pub subject: *const c_char,
    /// Its length.
    pub subject_length: usize,
    /// A short word such as `pending`, the id of a pull, or empty; at most 64 bytes.
    pub state: *const c_char,
    /// Its length.
    pub state_length: usize,
    /// Seconds from now, by the store's clock, until it counts as gone; FHIR_EHR_NEVER: it stays.
    pub expires_in: i64,
    /// In `get` and `scan`: the stored version. In `write`: the version that must stand in the store, 0 if
    /// there must be no live record; the store then keeps that version plus one.
    pub version: i64,
    /// The sealed bytes.
    pub sealed: *const u8,
    /// Their length.
    pub sealed_length: usize,
}

/// Which records a scan gives: those equal in every column that is not NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HostQuery {
    /// sizeof(fhir_ehr_query) of the library.
    pub struct_size: usize,
    /// The kind.
    pub kind: *const c_char,
    /// Its length.
    pub kind_length: usize,
    /// Whose records.
    pub organization: *const c_char,
    /// Its length.
    pub organization_length: usize,
    /// The project; NULL: any.
    pub project: *const c_char,
    /// Its length.
    pub project_length: usize,
    /// The subject; NULL: any.
    pub subject: *const c_char,
    /// Its length.
    pub subject_length: usize,
    /// The state; NULL: any.
    pub state: *const c_char,
    /// Its length.
    pub state_length: usize,
    /// Keys greater than this one, byte by byte; empty: from the first.
    pub after: *const c_char,
    /// Its length.
    pub after_length: usize,
    /// The most records to give.
    pub limit: usize,
}

/// A store of the host. Each change is a batch that happens wholly or not at all; an expired record counts
/// as not there; times are counted by the store's clock. All functions are wanted but `purge_expired`.
///
/// A failed hook (neither FHIR_EHR_HOOK_DONE nor FHIR_EHR_HOOK_NO) ends the call with
/// FHIR_EHR_E_STORE_UNAVAILABLE. A result that cannot be right (a record of another kind, key, organization
/// or project, a version or fence below 1, keys that do not increase, more records than asked for) ends it
/// with FHIR_EHR_E_STORE_INCONSISTENT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StoreHooks {
    /// sizeof(fhir_ehr_store).
    pub struct_size: usize,
    /// Given to each function; the library does not look at it.
    pub user_data: *mut c_void,
    /// Gives the record back with fhir_ehr_sink_stored_record(), or nothing when there is none.
    pub get: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            kind: *const c_char,
            kind_length: usize,
            key: *const c_char,
            key_length: usize,
            sink: *mut Sink,
        ) -> i32,
    >,
    /// Does all `count` parts in one transaction, each only if its `version` stands in the store;
    /// FHIR_EHR_HOOK_NO, and nothing was done, when one does not. What was done survives a crash.
    pub write: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            parts: *const *const HostStoredRecord,
            count: usize,
        ) -> i32,
    >,
    /// Gives the matching records back with fhir_ehr_sink_stored_record(), ordered by key, byte by byte.
    pub scan:
        Option<unsafe extern "C" fn(user_data: *mut c_void, query: *const HostQuery, sink: *mut Sink) -> i32>,
    /// Takes the lease `name` for `holder` and some seconds, or renews it when `holder` has it already, and
    /// writes its fence, which is greater than each before; FHIR_EHR_HOOK_NO while another holder has it.
    pub acquire_lease: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            name: *const c_char,
            name_length: usize,
            holder: *const c_char,
            holder_length: usize,
            seconds: i64,
            fence: *mut i64,
        ) -> i32,
    >,
    /// Ends the lease if holder and fence are still its own.
    pub release_lease: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            name: *const c_char,
            name_length: usize,
            holder: *const c_char,
            holder_length: usize,
            fence: i64,
        ) -> i32,
    >,
    /// Deletes what has expired and writes how many records that were. NULL: the host does it itself.
    pub purge_expired: Option<unsafe extern "C" fn(user_data: *mut c_void, count: *mut u64) -> i32>,
}

// SAFETY: sizes, addresses and optional function pointers: all zero is a value of each.
unsafe impl Table for HostStoredRecord {}
// SAFETY: as above.
unsafe impl Table for StoreHooks {}

fn unavailable(hook: &str) -> CoreError {
    CoreError::new(Code::StoreUnavailable).detail(format!("the store's {hook} hook failed"))
}

/// What a hook put into its sink, if it says that it has worked.
fn given(sink: Sink, said: i32, hook: &str) -> Result<Vec<StoredRecord>> {
    let records = sink.into_records().ok_or_else(|| {
        inconsistent_store(hook, "a record cannot be read, or is one more than was asked for")
    })?;
    if said == FHIR_EHR_HOOK_DONE { Ok(records) } else { Err(unavailable(hook)) }
}

impl StoreHooks {
    /// Refuses a table without its functions.
    pub(crate) fn check(&self) -> Result<()> {
        let present = [
            ("get", self.get.is_some()),
            ("write", self.write.is_some()),
            ("scan", self.scan.is_some()),
            ("acquire_lease", self.acquire_lease.is_some()),
            ("release_lease", self.release_lease.is_some()),
        ];
        present.iter().find(|(_, there)| !there).map_or(Ok(()), |(name, _)| Err(missing(name)))
    }
}

/// The texts of a record, terminated, for as long as a hook looks at them.
struct Columns {
    operation: u32,
    kind: Terminated,
    key: Terminated,
    organization: Terminated,
    project: Terminated,
    subject: Terminated,
    state: Terminated,
    expires_in: i64,
    version: i64,
    sealed: Vec<u8>,
}

impl Columns {
    fn of(part: &RecordWrite) -> Self {
        let text = Terminated::new;
        match part {
            RecordWrite::Put { record, expected } => Columns {
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
            RecordWrite::Delete { kind, key, expected } => Columns {
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

    fn record(&self) -> HostStoredRecord {
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

impl Store for Host<StoreHooks> {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        let hook = self.0.get.ok_or_else(|| missing("get"))?;
        let (kind, key) = (Terminated::new(kind.name()), Terminated::new(key));
        let mut sink = Sink::for_records(1);
        // SAFETY: the host's function, with texts and a sink that live until it returns.
        let said = unsafe {
            hook(self.0.user_data, kind.data(), kind.length(), key.data(), key.length(), &raw mut sink)
        };
        Ok(given(sink, said, "get")?.pop())
    }

    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        let hook = self.0.write.ok_or_else(|| missing("write"))?;
        let columns: Vec<Columns> = batch.iter().map(Columns::of).collect();
        let records: Vec<HostStoredRecord> = columns.iter().map(Columns::record).collect();
        let parts: Vec<*const HostStoredRecord> = records.iter().map(ptr::from_ref).collect();
        // SAFETY: the host's function, with parts that live until it returns.
        match unsafe { hook(self.0.user_data, parts.as_ptr(), parts.len()) } {
            FHIR_EHR_HOOK_DONE => Ok(WriteOutcome::Done),
            FHIR_EHR_HOOK_NO => Ok(WriteOutcome::Conflict(0)),
            _ => Err(unavailable("write")),
        }
    }

    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        let hook = self.0.scan.ok_or_else(|| missing("scan"))?;
        let text = |text: &Option<String>| text.as_deref().map(Terminated::new);
        let data = |text: &Option<Terminated>| text.as_ref().map_or(ptr::null(), Terminated::data);
        let length = |text: &Option<Terminated>| text.as_ref().map_or(0, Terminated::length);
        let (kind, organization) = (Terminated::new(kind.name()), Terminated::new(&query.organization));
        let (project, subject, state) = (text(&query.project), text(&query.subject), text(&query.state));
        let after = Terminated::new(after.unwrap_or_default());
        let query = HostQuery {
            struct_size: size_of::<HostQuery>(),
            kind: kind.data(),
            kind_length: kind.length(),
            organization: organization.data(),
            organization_length: organization.length(),
            project: data(&project),
            project_length: length(&project),
            subject: data(&subject),
            subject_length: length(&subject),
            state: data(&state),
            state_length: length(&state),
            after: after.data(),
            after_length: after.length(),
            limit,
        };
        let mut sink = Sink::for_records(limit);
        // SAFETY: the host's function, with a query and a sink that live until it returns.
        let said = unsafe { hook(self.0.user_data, &raw const query, &raw mut sink) };
        given(sink, said, "scan")
    }

    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        let hook = self.0.acquire_lease.ok_or_else(|| missing("acquire_lease"))?;
        let (c_name, c_holder) = (Terminated::new(name), Terminated::new(holder));
        let mut fence = 0;
        // SAFETY: the host's function, with texts and a place that live until it returns.
        let said = unsafe {
            hook(
                self.0.user_data,
                c_name.data(),
                c_name.length(),
                c_holder.data(),
                c_holder.length(),
                seconds,
                &raw mut fence,
            )
        };
        match said {
            FHIR_EHR_HOOK_DONE => Ok(Some(Lease { name: name.to_owned(), holder: holder.to_owned(), fence })),
            FHIR_EHR_HOOK_NO => Ok(None),
            _ => Err(unavailable("acquire_lease")),
        }
    }

    fn release_lease(&self, lease: &Lease) -> Result<()> {
        let hook = self.0.release_lease.ok_or_else(|| missing("release_lease"))?;
        let (name, holder) = (Terminated::new(&lease.name), Terminated::new(&lease.holder));
        let fence = lease.fence;
        // SAFETY: the host's function, with texts that live until it returns.
        let said = unsafe {
            hook(self.0.user_data, name.data(), name.length(), holder.data(), holder.length(), fence)
        };
        match said {
            // No: it was somebody else's by now, and there is nothing to give back.
            FHIR_EHR_HOOK_DONE | FHIR_EHR_HOOK_NO => Ok(()),
            _ => Err(unavailable("release_lease")),
        }
    }

    fn purge_expired(&self) -> Result<usize> {
        let Some(hook) = self.0.purge_expired else { return Ok(0) };
        let mut count = 0u64;
        // SAFETY: the host's function, with a place that lives until it returns.
        match unsafe { hook(self.0.user_data, &raw mut count) } {
            FHIR_EHR_HOOK_DONE => Ok(usize::try_from(count).unwrap_or(usize::MAX)),
            _ => Err(unavailable("purge_expired")),
        }
    }
}
