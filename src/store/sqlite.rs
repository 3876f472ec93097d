//! The embedded store: one SQLite file that many processes share.

use super::{
    Lease, RecordIndex, RecordKind, RecordQuery, RecordWrite, Store, StoredRecord, WriteOutcome, busy,
};
use crate::error::{Code, Error, Result, describe_io_error};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

/// Marks the file as a `fhir_ehr` store ("fEHR"), so that the library does not use a database of another program.
const APPLICATION_ID: i32 = 0x6645_4852;
const SCHEMA_VERSION: i32 = 1;
const SCHEMA: &str = "
CREATE TABLE record (
  kind TEXT NOT NULL, key TEXT NOT NULL,
  organization TEXT NOT NULL, project TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
  expires_at INTEGER, version INTEGER NOT NULL, sealed BLOB NOT NULL,
  PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE INDEX record_by_index ON record (kind, organization, project, subject, state);
CREATE INDEX record_by_expiry ON record (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE lease (
  name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at INTEGER NOT NULL, fence INTEGER NOT NULL
) WITHOUT ROWID;";

/// The embedded store: one SQLite file. Each process opens it at the first use.
///
/// A connection must not be used after a fork. So the process id is kept with it, and a child opens a connection of its own
/// (pitfall 1).
pub struct SqliteStore {
    path: PathBuf,
    /// The id of the process that opened the connection, and the connection.
    connection: Mutex<Option<(u32, Connection)>>,
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        let slot = self.connection.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((owner, inherited)) = slot.take()
            && owner != std::process::id()
        {
            // Closing the connection in a child would release the parent's file locks.
            std::mem::forget(inherited);
        }
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

fn describe_sqlite_error(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => "another process has locked the SQLite file",
        ErrorCode::DiskFull => "the disk is full",
        ErrorCode::ReadOnly => "the SQLite file or its folder is read-only",
        ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            "this user is not allowed to write the SQLite file or its folder"
        }
        ErrorCode::CannotOpen => "the SQLite file cannot be opened",
        ErrorCode::DatabaseCorrupt => "the SQLite file is damaged",
        ErrorCode::NotADatabase => "the file is not an SQLite database",
        ErrorCode::SystemIoFailure => "the disk reports a read or write error",
        ErrorCode::FileLockingProtocolFailed | ErrorCode::NoLargeFileSupport => {
            "the disk does not support the locks that SQLite needs; NFS does not"
        }
        ErrorCode::OutOfMemory => "there is not enough memory",
        _ => "SQLite reports an error",
    }
}

fn unavailable(cause: &rusqlite::Error) -> Error {
    // The detail is made from the result code only, because SQLite's messages may contain values.
    let words = match cause.sqlite_error_code() {
        Some(code) => describe_sqlite_error(code),
        None => "SQLite reports an error",
    };
    let code = match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Code::StoreForeign,
        _ => Code::StoreUnavailable,
    };
    Error::new(code).detail(words)
}

impl SqliteStore {
    /// A store in this file. The first use creates the file, and only its owner can read it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        SqliteStore { path: path.into(), connection: Mutex::new(None) }
    }

    fn with_connection<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let mut slot = self.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let pid = std::process::id();
        if let Some((owner, inherited)) = slot.take() {
            if owner == pid {
                *slot = Some((owner, inherited));
            } else {
                // Closing the connection would release the parent's file locks.
                std::mem::forget(inherited);
            }
        }
        if slot.is_none() {
            *slot = Some((pid, open(&self.path)?));
        }
        let Some((_, connection)) = slot.as_mut() else { return Err(Error::new(Code::Internal)) };
        let done = work(connection);
        if !connection.is_autocommit() {
            // A rollback failed. The open transaction would block the writes of all other processes.
            *slot = None;
        }
        done
    }

    fn in_transaction<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        self.with_connection(|connection| {
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(|e| unavailable(&e))?;
            let done = work(&transaction).map_err(|e| unavailable(&e))?;
            transaction.commit().map_err(|e| unavailable(&e))?;
            Ok(done)
        })
    }
}

fn open(path: &Path) -> Result<Connection> {
    create_private(path).map_err(|cause| {
        Error::new(Code::StoreUnavailable).detail(format!(
            "file {}: {}",
            path.display(),
            describe_io_error(cause.kind())
        ))
    })?;
    let mut connection = Connection::open(path).map_err(|e| unavailable(&e))?;
    prepare(&mut connection)
        .map_err(|e| unavailable(&e))?
        .then_some(connection)
        .ok_or_else(|| Error::new(Code::StoreForeign).detail(format!("file {}", path.display())))
}

/// Creates the file if it does not exist. It is never readable by other users, not even for a moment.
fn create_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

/// Creates the tables in a new file and sets up the connection. Returns false if the file belongs to another program or to a
/// later version of this library.
fn prepare(connection: &mut Connection) -> rusqlite::Result<bool> {
    connection.busy_handler(Some(busy::wait))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let id: i32 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (id, version, tables) {
        (0, 0, 0) => {
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        }
        (APPLICATION_ID, SCHEMA_VERSION, _) => {}
        _ => return Ok(false),
    }
    transaction.commit()?;
    use_wal(connection)?;
    // A rotated refresh token must survive a power cut (decision 5).
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(true)
}

/// Turns on WAL. The first time, SQLite needs an exclusive lock and does not call the busy handler for it, so this function
/// retries.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + busy::MAX_WAIT;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(cause)
                if cause.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            other => return other,
        }
    }
}

const COLUMNS: &str =
    "kind, key, organization, project, subject, state, expires_at - unixepoch(), version, sealed";
const NOT_EXPIRED: &str = "(expires_at IS NULL OR expires_at > unixepoch())";

fn record(row: &Row<'_>) -> rusqlite::Result<StoredRecord> {
    let name: String = row.get(0)?;
    let kind =
        RecordKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or(rusqlite::Error::InvalidQuery)?;
    Ok(StoredRecord {
        kind,
        key: row.get(1)?,
        index: RecordIndex {
            organization: row.get(2)?,
            project: row.get(3)?,
            subject: row.get(4)?,
            state: row.get(5)?,
        },
        expires_in: row.get(6)?,
        version: row.get(7)?,
        sealed: row.get(8)?,
    })
}

fn current_version(transaction: &Transaction<'_>, kind: RecordKind, key: &str) -> rusqlite::Result<i64> {
    let sql = format!("SELECT version FROM record WHERE kind = ?1 AND key = ?2 AND {NOT_EXPIRED}");
    Ok(transaction
        .prepare_cached(&sql)?
        .query_row([kind.name(), key], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

fn put(transaction: &Transaction<'_>, record: &StoredRecord, version: i64) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO record (kind, key, organization, project, subject, state, expires_at, version, sealed)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, unixepoch() + ?7, ?8, ?9)";
    let index = &record.index;
    transaction.prepare_cached(sql)?.execute(params![
        record.kind.name(),
        record.key,
        index.organization,
        index.project,
        index.subject,
        index.state,
        record.expires_in,
        version,
        record.sealed
    ])?;
    Ok(())
}

impl Store for SqliteStore {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        let sql = format!("SELECT {COLUMNS} FROM record WHERE kind = ?1 AND key = ?2 AND {NOT_EXPIRED}");
        self.with_connection(|connection| {
            let read =
                |c: &Connection| c.prepare_cached(&sql)?.query_row([kind.name(), key], record).optional();
            read(connection).map_err(|e| unavailable(&e))
        })
    }

    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        self.with_connection(|connection| {
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(|e| unavailable(&e))?;
            for (number, part) in batch.iter().enumerate() {
                let done = match part {
                    RecordWrite::Put { record, expected } => {
                        current_version(&transaction, record.kind, &record.key).and_then(|version| {
                            let is_expected = version == *expected;
                            if is_expected {
                                put(&transaction, record, version + 1)?;
                            }
                            Ok(is_expected)
                        })
                    }
                    RecordWrite::Delete { kind, key, expected } => current_version(&transaction, *kind, key)
                        .and_then(|version| {
                            let is_expected = version == *expected;
                            let sql = "DELETE FROM record WHERE kind = ?1 AND key = ?2";
                            if is_expected {
                                transaction.execute(sql, [kind.name(), key])?;
                            }
                            Ok(is_expected)
                        }),
                };
                if !done.map_err(|e| unavailable(&e))? {
                    return Ok(WriteOutcome::Conflict(number));
                }
            }
            transaction.commit().map_err(|e| unavailable(&e))?;
            Ok(WriteOutcome::Done)
        })
    }

    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM record WHERE kind = ?1 AND organization = ?2
             AND (?3 IS NULL OR project = ?3) AND (?4 IS NULL OR subject = ?4) AND (?5 IS NULL OR state = ?5)
             AND (?6 IS NULL OR key > ?6) AND {NOT_EXPIRED} ORDER BY key LIMIT ?7"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.with_connection(|connection| {
            let read = |c: &Connection| {
                let mut statement = c.prepare_cached(&sql)?;
                let rows = statement.query_map(
                    params![
                        kind.name(),
                        query.organization,
                        query.project,
                        query.subject,
                        query.state,
                        after,
                        limit
                    ],
                    record,
                )?;
                rows.collect::<rusqlite::Result<Vec<_>>>()
            };
            read(connection).map_err(|e| unavailable(&e))
        })
    }

    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        let sql = "INSERT INTO lease (name, holder, expires_at, fence) VALUES (?1, ?2, unixepoch() + ?3, 1)
                   ON CONFLICT (name) DO UPDATE
                   SET holder = ?2, expires_at = unixepoch() + ?3, fence = fence + 1
                   WHERE holder = ?2 OR expires_at <= unixepoch()
                   RETURNING fence";
        let fence = self.in_transaction(|transaction| {
            transaction.query_row(sql, params![name, holder, seconds], |row| row.get(0)).optional()
        })?;
        Ok(fence.map(|fence| Lease { name: name.to_owned(), holder: holder.to_owned(), fence }))
    }

    fn release_lease(&self, lease: &Lease) -> Result<()> {
        // The row is not deleted, so that the fence keeps growing.
        let sql = "UPDATE lease SET expires_at = 0 WHERE name = ?1 AND holder = ?2 AND fence = ?3";
        self.in_transaction(|transaction| {
            transaction.execute(sql, params![lease.name, lease.holder, lease.fence]).map(drop)
        })
    }

    fn purge_expired(&self) -> Result<usize> {
        self.in_transaction(|transaction| {
            transaction.execute(&format!("DELETE FROM record WHERE NOT {NOT_EXPIRED}"), [])
        })
    }
}

#[cfg(test)]
mod tests;
