//! A store whose results a test can replace: with a failure, with a false result, or after another action.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses a part")]

use fhir_ehr::{
    Code, Lease, RecordKind, RecordQuery, RecordWrite, Result, SqliteStore, Store, StoredRecord, WriteOutcome,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// A call of the store.
#[derive(Clone, Copy)]
pub enum Call<'a> {
    Get(RecordKind, &'a str),
    Write(&'a [RecordWrite]),
    Scan(RecordKind, &'a RecordQuery, Option<&'a str>, usize),
    Acquire(&'a str, &'a str, i64),
    Release(&'a Lease),
    Purge,
}

/// A result in place of the true one.
pub enum Reply {
    Record(Option<StoredRecord>),
    Written(WriteOutcome),
    Records(Vec<StoredRecord>),
    Lease(Option<Lease>),
    Purged(usize),
    /// The store is unreachable.
    Fails,
}

type Script = Box<dyn FnMut(&SqliteStore, Call<'_>) -> Option<Reply> + Send>;

/// A test whose client calls the store more often fails, because the client is in an endless loop.
const MAX_CALLS: usize = 5_000;

/// An SQLite store with a script that can replace its results.
#[derive(Clone)]
pub struct ScriptedStore {
    inner: Arc<SqliteStore>,
    script: Arc<Mutex<Option<Script>>>,
    calls: Arc<AtomicUsize>,
}

impl ScriptedStore {
    pub fn over(file: impl Into<std::path::PathBuf>) -> Self {
        ScriptedStore {
            inner: Arc::new(SqliteStore::new(file)),
            script: Arc::default(),
            calls: Arc::default(),
        }
    }

    /// From now on, the script runs first. If it returns `None`, the call gives the true result.
    pub fn set_script(&self, script: impl FnMut(&SqliteStore, Call<'_>) -> Option<Reply> + Send + 'static) {
        self.calls.store(0, Ordering::SeqCst);
        *self.script.lock().unwrap() = Some(Box::new(script));
    }

    /// From now on, all results are true.
    pub fn clear_script(&self) {
        *self.script.lock().unwrap() = None;
    }

    fn reply(&self, call: Call<'_>) -> Result<Option<Reply>> {
        // The script is taken out while it runs, because another client may use the same store from inside it.
        let Some(mut script) = self.script.lock().unwrap().take() else { return Ok(None) };
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        assert!(calls < MAX_CALLS, "the client does not stop calling the store");
        let reply = script(&self.inner, call);
        *self.script.lock().unwrap() = Some(script);
        match reply {
            Some(Reply::Fails) => Err(Code::StoreUnavailable.into()),
            reply => Ok(reply),
        }
    }
}

impl Store for ScriptedStore {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        match self.reply(Call::Get(kind, key))? {
            Some(Reply::Record(record)) => Ok(record),
            _ => self.inner.get(kind, key),
        }
    }
    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        match self.reply(Call::Write(batch))? {
            Some(Reply::Written(written)) => Ok(written),
            _ => self.inner.write(batch),
        }
    }
    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        match self.reply(Call::Scan(kind, query, after, limit))? {
            Some(Reply::Records(records)) => Ok(records),
            _ => self.inner.scan(kind, query, after, limit),
        }
    }
    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        match self.reply(Call::Acquire(name, holder, seconds))? {
            Some(Reply::Lease(lease)) => Ok(lease),
            _ => self.inner.acquire_lease(name, holder, seconds),
        }
    }
    fn release_lease(&self, lease: &Lease) -> Result<()> {
        self.reply(Call::Release(lease))?;
        self.inner.release_lease(lease)
    }
    fn purge_expired(&self) -> Result<usize> {
        match self.reply(Call::Purge)? {
            Some(Reply::Purged(count)) => Ok(count),
            _ => self.inner.purge_expired(),
        }
    }
}

/// Whether a batch writes a grant.
pub fn puts_grant(batch: &[RecordWrite]) -> bool {
    batch
        .iter()
        .any(|part| matches!(part, RecordWrite::Put { record, .. } if record.kind == RecordKind::Grant))
}
