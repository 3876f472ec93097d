//! Where sealed records are kept: the hook trait that a host implements, and the embedded file.
//!
//! A store sees ciphertext and a few clear columns. Every change is a batch that happens wholly or not
//! at all, each part of it guarded by the version it expects; times are counted by the store's clock.

mod busy;
pub(crate) mod checked;
pub mod sealed_store;
mod sqlite;

pub use checked::{MAX_SEALED_BYTES, inconsistent_store};
pub use sqlite::SqliteStore;

use crate::error::Result;
use std::sync::Arc;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// What is remembered while the browser is away; short-lived.
    PendingLaunch,
    /// The tokens of one user, or of the system account, at one source.
    Grant,
    /// Which application user an EHR user is.
    UserLink,
    /// One pulled value that waits for adjudication, or the mark that it was decided.
    StagedRow,
    /// To which patient a study record belongs.
    RecordBinding,
    /// A row of a pull that is not committed yet.
    PulledRow,
    /// The endpoints of a source, discovered or approved.
    SourceEndpoints,
    /// One for each organization: what tells that the index key is still the same.
    IndexKey,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [RecordKind; 8] = [
        RecordKind::PendingLaunch,
        RecordKind::Grant,
        RecordKind::UserLink,
        RecordKind::StagedRow,
        RecordKind::RecordBinding,
        RecordKind::PulledRow,
        RecordKind::SourceEndpoints,
        RecordKind::IndexKey,
    ];

    /// The name under which a store keeps it.
    pub fn name(self) -> &'static str {
        match self {
            RecordKind::PendingLaunch => "pending_launch",
            RecordKind::Grant => "grant",
            RecordKind::UserLink => "user_link",
            RecordKind::StagedRow => "staged_row",
            RecordKind::RecordBinding => "record_binding",
            RecordKind::PulledRow => "pulled_row",
            RecordKind::SourceEndpoints => "source_endpoints",
            RecordKind::IndexKey => "index_key",
        }
    }
}

/// One record as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// What it is.
    pub kind: RecordKind,
    /// Unique within kind; a random text or a keyed hash, at most 64 characters.
    pub key: String,
    /// Clear columns to find it by.
    pub index: RecordIndex,
    /// When it may be deleted, in seconds from now by the store's clock when written; `None`: never.
    /// Reading gives what is left.
    pub expires_in: Option<i64>,
    /// Counted by the store: 1 for a new record, one more at each change.
    pub version: i64,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

/// The clear columns. What could name a person is a keyed hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordIndex {
    /// Whose record it is.
    pub organization: String,
    /// The project, or empty.
    pub project: String,
    /// Keyed hash of what the record is about (a study record, a user at a source), or empty.
    pub subject: String,
    /// A short word such as `pending`, the id of a pull, or empty; at most 64 bytes.
    pub state: String,
}

/// Which records a scan gives: those equal in every column that is named.
#[derive(Clone, Debug, Default)]
pub struct RecordQuery {
    /// Whose records.
    pub organization: String,
    /// Of one project.
    pub project: Option<String>,
    /// About one subject.
    pub subject: Option<String>,
    /// In one state.
    pub state: Option<String>,
}

/// One part of a batch.
#[derive(Clone, Debug)]
pub enum RecordWrite {
    /// Writes a record that must be at `expected` (0: must not be there yet).
    Put {
        /// The record; its `version` is not looked at.
        record: StoredRecord,
        /// The version that must stand in the store.
        expected: i64,
    },
    /// Deletes a record that must be at `expected`.
    Delete {
        /// What it is.
        kind: RecordKind,
        /// Its key.
        key: String,
        /// The version that must stand in the store.
        expected: i64,
    },
}

/// How a batch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// All of it is stored and will survive a crash.
    Done,
    /// The part with this number met another version; nothing was stored.
    Conflict(usize),
}

/// The right to do something alone, until it ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What it is for.
    pub name: String,
    /// A random text that names the holder.
    pub holder: String,
    /// Grows each time the lease is taken or renewed: who has the greater one came later.
    pub fence: i64,
}

/// What a host implements, in about ten lines of SQL each.
///
/// Methods are called on the thread that called the client, never from another and never while the
/// client waits for the network. A failure is [`crate::error::Code::StoreUnavailable`]; the client then
/// leaves everything as it was. The client checks every answer: one that cannot be right ends
/// the call with [`crate::error::Code::StoreInconsistent`].
pub trait Store: Send + Sync {
    /// The record, unless it is not there or has expired.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>>;

    /// Does the whole batch, or nothing of it. An expired record counts as not there.
    ///
    /// # Errors
    /// When the store cannot be reached: nothing is stored then.
    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome>;

    /// The records that match, ordered by key, beginning after `after`, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>>;

    /// Takes a lease for some seconds, or renews it for the holder that has it, with a greater fence each time;
    /// `None` while another holder has it.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>>;

    /// Gives a lease back, if it is still the holder's.
    ///
    /// # Errors
    /// When the store cannot be reached; the lease then ends by itself.
    fn release_lease(&self, lease: &Lease) -> Result<()>;

    /// Deletes what has expired and says how many records that were.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn purge_expired(&self) -> Result<usize>;
}

/// A store that several clients share.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        (**self).get(kind, key)
    }

    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        (**self).write(batch)
    }

    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        (**self).scan(kind, query, after, limit)
    }

    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        (**self).acquire_lease(name, holder, seconds)
    }

    fn release_lease(&self, lease: &Lease) -> Result<()> {
        (**self).release_lease(lease)
    }

    fn purge_expired(&self) -> Result<usize> {
        (**self).purge_expired()
    }
}
