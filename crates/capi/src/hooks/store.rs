//! The host's store.

use super::{FHIR_EHR_HOOK_DONE, FHIR_EHR_HOOK_NO, HookTable, HostHooks, missing};
use crate::{
    cast::{HookText, SizedStruct},
    record::{BatchPart, HostStoredRecord},
    sink::Sink,
};
use fhir_ehr::{
    Code, Error as CoreError, Lease, RecordKind, RecordQuery, RecordWrite, Result, Store, StoredRecord,
    WriteOutcome, inconsistent_store,
};
use libc::{c_char, c_void};
use std::ptr;

/// What a scan looks for: records whose columns equal every column here that is not NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HostQuery {
    /// sizeof(fhir_ehr_query) of the library.
    pub struct_size: usize,
    /// The kind; never NULL.
    pub kind: *const c_char,
    /// Length of `kind` in bytes.
    pub kind_length: usize,
    /// The organization; never NULL.
    pub organization: *const c_char,
    /// Length of `organization` in bytes.
    pub organization_length: usize,
    /// The project; NULL: any.
    pub project: *const c_char,
    /// Length of `project` in bytes.
    pub project_length: usize,
    /// The subject; NULL: any.
    pub subject: *const c_char,
    /// Length of `subject` in bytes.
    pub subject_length: usize,
    /// The state; NULL: any.
    pub state: *const c_char,
    /// Length of `state` in bytes.
    pub state_length: usize,
    /// Only keys greater than this one, compared byte by byte; empty: from the first key.
    pub after: *const c_char,
    /// Length of `after` in bytes.
    pub after_length: usize,
    /// The maximum number of records to return.
    pub limit: usize,
}

/// A store of the host. Each `write` is one transaction: all of its parts or none. An expired record counts as
/// absent; the store's clock decides. Every function is required except `purge_expired`. docs/stores.md explains the
/// rules and how to test a store.
///
/// A hook that fails (it returns neither FHIR_EHR_HOOK_DONE nor FHIR_EHR_HOOK_NO) ends the current call with
/// FHIR_EHR_E_STORE_UNAVAILABLE. A result that cannot be right (another kind, key, organization or project than asked
/// for, a version or fence below 1, keys that do not increase, more records than asked for) ends it with
/// FHIR_EHR_E_STORE_INCONSISTENT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StoreHooks {
    /// sizeof(fhir_ehr_store).
    pub struct_size: usize,
    /// Passed to every function; the library does not read it.
    pub user_data: *mut c_void,
    /// Returns the record with fhir_ehr_sink_stored_record(), or nothing if there is none.
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
    /// Writes or deletes all `count` records in one transaction. If the stored version of any record is not its
    /// `version`, changes nothing and returns FHIR_EHR_HOOK_NO. The changes must survive a crash.
    pub write: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            parts: *const *const HostStoredRecord,
            count: usize,
        ) -> i32,
    >,
    /// Returns the matching records with fhir_ehr_sink_stored_record(), ordered by key, byte by byte.
    pub scan:
        Option<unsafe extern "C" fn(user_data: *mut c_void, query: *const HostQuery, sink: *mut Sink) -> i32>,
    /// Gives the lease `name` to `holder` for `seconds`, or extends it if `holder` already has it. Writes its fence, a
    /// number greater than every fence before. Returns FHIR_EHR_HOOK_NO while another holder has the lease.
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
    /// Ends the lease if it still has this holder and this fence; otherwise does nothing.
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
    /// Deletes expired records and writes how many it deleted. NULL: the host deletes them on its own schedule.
    pub purge_expired: Option<unsafe extern "C" fn(user_data: *mut c_void, count: *mut u64) -> i32>,
}

// SAFETY: a size, an address and optional function pointers: zero is a value of each.
unsafe impl SizedStruct for StoreHooks {}

fn unavailable(hook: &str) -> CoreError {
    CoreError::new(Code::StoreUnavailable).detail(format!("the store's {hook} hook failed"))
}

/// The records that a hook wrote into its sink, if it succeeded.
fn records_from(sink: Sink, answer: i32, hook: &str) -> Result<Vec<StoredRecord>> {
    let records = sink.into_records().ok_or_else(|| {
        inconsistent_store(hook, "a record cannot be read, or is one more than was asked for")
    })?;
    if answer == FHIR_EHR_HOOK_DONE { Ok(records) } else { Err(unavailable(hook)) }
}

impl HookTable for StoreHooks {
    fn check(&self) -> Result<()> {
        let required = [
            ("get", self.get.is_some()),
            ("write", self.write.is_some()),
            ("scan", self.scan.is_some()),
            ("acquire_lease", self.acquire_lease.is_some()),
            ("release_lease", self.release_lease.is_some()),
        ];
        required.iter().find(|(_, is_set)| !is_set).map_or(Ok(()), |(name, _)| Err(missing(name)))
    }
}

impl Store for HostHooks<StoreHooks> {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        let hook = self.0.get.ok_or_else(|| missing("get"))?;
        let (kind, key) = (HookText::new(kind.name()), HookText::new(key));
        let mut sink = Sink::for_records(1);
        // SAFETY: the host's function, with texts and a sink that live until it returns.
        let answer = unsafe {
            hook(self.0.user_data, kind.data(), kind.length(), key.data(), key.length(), &raw mut sink)
        };
        Ok(records_from(sink, answer, "get")?.pop())
    }

    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        let hook = self.0.write.ok_or_else(|| missing("write"))?;
        let buffers: Vec<BatchPart> = batch.iter().map(BatchPart::new).collect();
        let records: Vec<HostStoredRecord> = buffers.iter().map(BatchPart::record).collect();
        let parts: Vec<*const HostStoredRecord> = records.iter().map(ptr::from_ref).collect();
        // SAFETY: the host's function, with records that live until it returns.
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
        let text = |text: &Option<String>| text.as_deref().map(HookText::new);
        let data = |text: &Option<HookText>| text.as_ref().map_or(ptr::null(), HookText::data);
        let length = |text: &Option<HookText>| text.as_ref().map_or(0, HookText::length);
        let (kind, organization) = (HookText::new(kind.name()), HookText::new(&query.organization));
        let (project, subject, state) = (text(&query.project), text(&query.subject), text(&query.state));
        let after = HookText::new(after.unwrap_or_default());
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
        let answer = unsafe { hook(self.0.user_data, &raw const query, &raw mut sink) };
        records_from(sink, answer, "scan")
    }

    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        let hook = self.0.acquire_lease.ok_or_else(|| missing("acquire_lease"))?;
        let (c_name, c_holder) = (HookText::new(name), HookText::new(holder));
        let mut fence = 0;
        // SAFETY: the host's function, with texts and a place that live until it returns.
        let answer = unsafe {
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
        match answer {
            FHIR_EHR_HOOK_DONE => Ok(Some(Lease { name: name.to_owned(), holder: holder.to_owned(), fence })),
            FHIR_EHR_HOOK_NO => Ok(None),
            _ => Err(unavailable("acquire_lease")),
        }
    }

    fn release_lease(&self, lease: &Lease) -> Result<()> {
        let hook = self.0.release_lease.ok_or_else(|| missing("release_lease"))?;
        let (name, holder) = (HookText::new(&lease.name), HookText::new(&lease.holder));
        let fence = lease.fence;
        // SAFETY: the host's function, with texts that live until it returns.
        let answer = unsafe {
            hook(self.0.user_data, name.data(), name.length(), holder.data(), holder.length(), fence)
        };
        match answer {
            // No: another holder has the lease now, so there is nothing to release.
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
