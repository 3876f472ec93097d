//! A store whose answers a test replaces: it fails, lies, or does something else first.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses a part")]

use fhir_ehr::{
    Code, Lease, RecordKind, RecordQuery, RecordWrite, Result, SqliteStore, Store, StoredRecord, WriteOutcome,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// One call of the store.
#[derive(Clone, Copy)]
pub enum Call<'a> {
    Get(RecordKind, &'a str),
    Write(&'a [RecordWrite]),
    Scan(RecordKind, &'a RecordQuery, Option<&'a str>, usize),
    Acquire(&'a str, &'a str, i64),
    Release(&'a Lease),
    Purge,
}

/// An answer in place of the true one.
pub enum Reply {
    StoredRecord(Option<StoredRecord>),
    Written(WriteOutcome),
    SealedStore(Vec<StoredRecord>),
    Lease(Option<Lease>),
    Purged(usize),
    /// The store cannot be reached.
    Fails,
}

type Act = Box<dyn FnMut(&SqliteStore, Call<'_>) -> Option<Reply> + Send>;

/// A loop over the store ends here, and with it the test.
const MOST_CALLS: usize = 5_000;

/// What the test changes while a client has the store.
#[derive(Clone)]
pub struct Odd {
    inner: Arc<SqliteStore>,
    act: Arc<Mutex<Option<Act>>>,
    calls: Arc<AtomicUsize>,
}

impl Odd {
    pub fn over(file: impl Into<std::path::PathBuf>) -> Self {
        Odd { inner: Arc::new(SqliteStore::new(file)), act: Arc::default(), calls: Arc::default() }
    }

    /// From now on `act` is asked first; `None` from it gives the true answer.
    pub fn acts(&self, act: impl FnMut(&SqliteStore, Call<'_>) -> Option<Reply> + Send + 'static) {
        self.calls.store(0, Ordering::SeqCst);
        *self.act.lock().unwrap() = Some(Box::new(act));
    }

    /// From now on all answers are true.
    pub fn is_honest(&self) {
        *self.act.lock().unwrap() = None;
    }

    fn reply(&self, call: Call<'_>) -> Result<Option<Reply>> {
        // Taken out meanwhile: another client may use the same store inside of it.
        let Some(mut act) = self.act.lock().unwrap().take() else { return Ok(None) };
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        assert!(calls < MOST_CALLS, "the client does not stop calling the store");
        let reply = act(&self.inner, call);
        *self.act.lock().unwrap() = Some(act);
        match reply {
            Some(Reply::Fails) => Err(Code::StoreUnavailable.into()),
            reply => Ok(reply),
        }
    }
}

impl Store for Odd {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        match self.reply(Call::Get(kind, key))? {
            Some(Reply::StoredRecord(record)) => Ok(record),
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
            Some(Reply::SealedStore(records)) => Ok(records),
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
