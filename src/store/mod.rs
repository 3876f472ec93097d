//! The store of sealed records: the store hook that a host implements, and the embedded SQLite store.
//!
//! A store holds ciphertext and a few clear columns. A batch of changes is stored completely or not at all. Each change names
//! the version that it expects. Times are measured by the store's clock.

mod busy;
pub(crate) mod checked_store;
pub mod sealed_store;
mod sqlite;

pub use checked_store::{MAX_SEALED_BYTES, inconsistent_store};
pub use sqlite::SqliteStore;

use crate::error::Result;
use std::sync::Arc;

/// The kind of a stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// A launch that waits for its callback, or a hand-over that waits for the application's login. It expires soon.
    PendingLaunch,
    /// The tokens of one user, or of the system account, at one source.
    Grant,
    /// A link from an EHR user to an application user.
    UserLink,
    /// A pulled value that waits for a decision, or the mark that remains after the decision.
    StagedRow,
    /// The patient that a study record is bound to.
    RecordBinding,
    /// A row of a pull that is not committed yet.
    PulledRow,
    /// A launch that was completed, with its view, or the number of launches that failed.
    Launch,
    /// The endpoints of a source, discovered or approved; or the refusal of a client by a token endpoint.
    SourceEndpoints,
    /// One for each organization: it detects that the index key was changed.
    IndexKey,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [RecordKind; 9] = [
        RecordKind::PendingLaunch,
        RecordKind::Grant,
        RecordKind::UserLink,
        RecordKind::StagedRow,
        RecordKind::RecordBinding,
        RecordKind::PulledRow,
        RecordKind::Launch,
        RecordKind::SourceEndpoints,
        RecordKind::IndexKey,
    ];

    /// The name for the store's column, such as `staged_row`.
    pub fn name(self) -> &'static str {
        match self {
            RecordKind::PendingLaunch => "pending_launch",
            RecordKind::Grant => "grant",
            RecordKind::UserLink => "user_link",
            RecordKind::StagedRow => "staged_row",
            RecordKind::RecordBinding => "record_binding",
            RecordKind::PulledRow => "pulled_row",
            RecordKind::Launch => "launch",
            RecordKind::SourceEndpoints => "source_endpoints",
            RecordKind::IndexKey => "index_key",
        }
    }
}

/// One sealed entry of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// The kind of the record.
    pub kind: RecordKind,
    /// A random text or a keyed hash, at most 64 characters. It is unique within the kind.
    pub key: String,
    /// The clear columns that queries use.
    pub index: RecordIndex,
    /// Seconds until the record expires, measured by the store's clock. When the record is written, they are counted from
    /// now; when it is read, this is the remaining time. `None`: it does not expire.
    pub expires_in: Option<i64>,
    /// The version, which the store counts: 1 for a new record, and 1 more for each change.
    pub version: i64,
    /// The encrypted bytes.
    pub sealed: Vec<u8>,
}

/// The clear columns. A value that could identify a person is a keyed hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordIndex {
    /// The organization that owns the record.
    pub organization: String,
    /// The project, or empty.
    pub project: String,
    /// The keyed hash of the subject (a study record, or a user at a source), or empty.
    pub subject: String,
    /// A short word such as `pending`, the id of a pull, or empty; at most 64 bytes.
    pub state: String,
}

/// The query of a scan. A record matches if it is equal in every column that is not `None`.
#[derive(Clone, Debug, Default)]
pub struct RecordQuery {
    /// The organization that owns the records.
    pub organization: String,
    /// The project, or `None` for all projects.
    pub project: Option<String>,
    /// The keyed hash of the subject, or `None` for all subjects.
    pub subject: Option<String>,
    /// The state, or `None` for all states.
    pub state: Option<String>,
}

/// One change of a batch.
#[derive(Clone, Debug)]
pub enum RecordWrite {
    /// Creates a record, or replaces the version `expected`.
    Put {
        /// The record. Its `version` is ignored.
        record: StoredRecord,
        /// The version that the store must have now. 0: the record must not exist.
        expected: i64,
    },
    /// Deletes a record.
    Delete {
        /// The kind of the record.
        kind: RecordKind,
        /// The key of the record.
        key: String,
        /// The version that the store must have now.
        expected: i64,
    },
}

/// The result of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// All changes are stored and will survive a crash.
    Done,
    /// Nothing was stored, because the record of one change has another version. The number is the position of that change,
    /// from 0.
    Conflict(usize),
}

/// An exclusive right that expires by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The name of the right. Only one holder at a time has the lease of a name.
    pub name: String,
    /// A random text that names the holder.
    pub holder: String,
    /// A number, from 1, that grows each time the lease is acquired or renewed. The greatest number is the newest lease.
    pub fence: i64,
}

/// The store hook of a host. Each method needs about ten lines of SQL.
///
/// The methods are called only on the thread that called the client, and never while the client waits for the network. If a
/// method fails, it returns [`crate::error::Code::StoreUnavailable`], and the client changes nothing. The client checks every
/// result. An impossible one ends the call with [`crate::error::Code::StoreInconsistent`].
pub trait Store: Send + Sync {
    /// Returns the record, or `None` if it does not exist or has expired.
    ///
    /// # Errors
    /// If the store is unavailable.
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>>;

    /// Stores all changes of the batch, or none. An expired record counts as not existing.
    ///
    /// # Errors
    /// If the store is unavailable. Nothing is stored then.
    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome>;

    /// Returns the records of a kind that match the query, ordered by key, byte by byte. It returns at most `limit` records,
    /// and only keys greater than `after`.
    ///
    /// # Errors
    /// If the store is unavailable.
    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>>;

    /// Acquires a lease for some seconds, or renews it if `holder` has it already. The fence grows each time. Returns `None`
    /// while another holder has the lease.
    ///
    /// # Errors
    /// If the store is unavailable.
    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>>;

    /// Releases a lease, if name, holder and fence are still those of the store. Otherwise it does nothing.
    ///
    /// # Errors
    /// If the store is unavailable. The lease then expires by itself.
    fn release_lease(&self, lease: &Lease) -> Result<()>;

    /// Deletes expired records and returns their number.
    ///
    /// # Errors
    /// If the store is unavailable.
    fn purge_expired(&self) -> Result<usize>;
}

/// Lets several clients share a store.
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
