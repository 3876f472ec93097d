//! The sealed store: it encrypts values before they are stored, and decrypts them after they are read.

use super::{
    RecordIndex, RecordKind, RecordQuery, RecordWrite, Store, StoredRecord, WriteOutcome,
    checked_store::inconsistent_store,
};
use crate::{
    error::{Code, Error, Result},
    vault::{Place, Vault, sha256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;

/// Maximum records of one scan.
const RECORDS_PER_SCAN: usize = 500;
/// Maximum scans for one query. These are ten million records; a store that returns more is wrong.
const MAX_SCANS: usize = 20_000;
/// How many times a change is tried if other processes write the same record.
pub const TRIES: usize = 5;

/// The sealed records of one organization.
#[derive(Clone, Copy)]
pub struct SealedStore<'a> {
    /// The store of the encrypted bytes.
    pub store: &'a dyn Store,
    /// The key ring.
    pub vault: &'a Vault,
    /// The organization that owns the records.
    pub organization: &'a str,
}

/// The key and the clear columns of a record that is written.
#[derive(Clone, Debug, Default)]
pub struct Address {
    /// The key, at most 64 characters.
    pub key: String,
    /// The project, or empty.
    pub project: String,
    /// The keyed hash of the subject, or empty.
    pub subject: String,
    /// A short word such as `pending`, or empty.
    pub state: String,
    /// Seconds until the record expires, or `None` if it does not.
    pub expires_in: Option<i64>,
}

/// A record that was read and decrypted.
#[derive(Clone, Debug)]
pub struct DecryptedRecord<T> {
    /// The key.
    pub key: String,
    /// The version in the store.
    pub version: i64,
    /// The decrypted value.
    pub value: T,
}

/// The result of a scan in which some records may be damaged. Both lists are ordered by key.
#[derive(Debug)]
pub struct RecordScan<T> {
    /// The records that were decrypted.
    pub readable: Vec<DecryptedRecord<T>>,
    /// The records that cannot be decrypted although their key is in the ring.
    pub damaged: Vec<StoredRecord>,
    /// The ids of the keys that decrypted at least one record.
    pub keys: BTreeSet<Vec<u8>>,
}

impl SealedStore<'_> {
    /// Decrypts a stored record.
    ///
    /// # Errors
    /// [`Code::VaultKeyMissing`], [`Code::VaultOpenFailed`].
    pub fn decrypt<T: DeserializeOwned>(&self, record: &StoredRecord) -> Result<DecryptedRecord<T>> {
        if record.index.organization != self.organization {
            return Err(inconsistent_store("get", "the record belongs to another organization"));
        }
        let place = Place {
            kind: record.kind.name(),
            key: &record.key,
            organization: self.organization,
            project: &record.index.project,
            subject: &record.index.subject,
        };
        let value = self.vault.open_sealed(&place, &record.sealed)?;
        Ok(DecryptedRecord { key: record.key.clone(), version: record.version, value })
    }

    /// Checks that the store was written with this index key. A new store gets a record for this check. With another index
    /// key no record is found, so values that were decided would be staged again.
    ///
    /// # Errors
    /// [`Code::IndexKeyChanged`], or the store's errors.
    pub fn check_index_key(&self) -> Result<()> {
        let (address, own) = self.index_key();
        for _ in 0..TRIES {
            if self.has_index_key()? {
                return Ok(());
            }
            match self.write(RecordKind::IndexKey, &address, &own, 0) {
                // Another process has written the record. The next try reads it.
                Err(error) if error.code() == Code::StoreConflict => {}
                done => return done,
            }
        }
        Err(inconsistent_store("write", "it reports a conflict with a record that get does not return"))
    }

    fn index_key(&self) -> (Address, String) {
        // The record must be found with a wrong index key too, so its key is not a keyed hash.
        let key = URL_SAFE_NO_PAD.encode(sha256(self.organization));
        (Address { key, ..Address::default() }, self.vault.index("index key", &[self.organization]))
    }

    /// Whether the store was written with this index key. False if the store is new and has no record of its index key.
    ///
    /// # Errors
    /// [`Code::IndexKeyChanged`], [`Code::VaultKeyMissing`] or [`Code::VaultOpenFailed`] if the store was written with other
    /// keys, and the store's errors.
    pub fn has_index_key(&self) -> Result<bool> {
        let (address, own) = self.index_key();
        match self.get::<String>(RecordKind::IndexKey, &address.key)? {
            Some(stored) if stored.value == own => Ok(true),
            Some(_) => Err(Error::new(Code::IndexKeyChanged)
                .hint("Set vault.index_key to the old key. Never change it, even when you rotate the keys in vault.keys.")),
            None => Ok(false),
        }
    }

    /// Reads and decrypts one record. Returns `None` if it does not exist or has expired.
    ///
    /// # Errors
    /// The store's errors, and those of [`SealedStore::decrypt`].
    pub fn get<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        key: &str,
    ) -> Result<Option<DecryptedRecord<T>>> {
        self.store.get(kind, key)?.map(|record| self.decrypt(&record)).transpose()
    }

    /// Reads and decrypts all records of a subject, ordered by key.
    ///
    /// # Errors
    /// The store's errors, and those of [`SealedStore::decrypt`].
    pub fn find_by_subject<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        project: &str,
        subject: &str,
    ) -> Result<Vec<DecryptedRecord<T>>> {
        let query = RecordQuery {
            organization: self.organization.to_owned(),
            project: Some(project.to_owned()),
            subject: Some(subject.to_owned()),
            state: None,
        };
        self.find(kind, &query)
    }

    /// Reads and decrypts all records of a subject in one state, ordered by key.
    ///
    /// # Errors
    /// As [`SealedStore::find_by_subject`].
    pub fn find_by_state<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        project: &str,
        subject: &str,
        state: &str,
    ) -> Result<Vec<DecryptedRecord<T>>> {
        let query = RecordQuery {
            organization: self.organization.to_owned(),
            project: Some(project.to_owned()),
            subject: Some(subject.to_owned()),
            state: Some(state.to_owned()),
        };
        self.find(kind, &query)
    }

    /// Reads and decrypts all records that match a query, ordered by key.
    ///
    /// # Errors
    /// As [`SealedStore::find_by_subject`].
    pub fn find<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
    ) -> Result<Vec<DecryptedRecord<T>>> {
        self.scan(kind, query)?.iter().map(|record| self.decrypt(record)).collect()
    }

    /// Reads all records that match a query, and separates those that cannot be decrypted although their key is in the ring.
    ///
    /// # Errors
    /// The store's errors, and [`Code::VaultKeyMissing`].
    pub fn scan_readable<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
    ) -> Result<RecordScan<T>> {
        let mut found = RecordScan { readable: Vec::new(), damaged: Vec::new(), keys: BTreeSet::new() };
        for record in self.scan(kind, query)? {
            match self.decrypt(&record) {
                Ok(decrypted) => {
                    found.readable.push(decrypted);
                    if let Some(key) = Vault::key_id(&record.sealed).filter(|key| !found.keys.contains(*key))
                    {
                        found.keys.insert(key.to_vec());
                    }
                }
                Err(error) if error.code() == Code::VaultOpenFailed => found.damaged.push(record),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Reads one page of the records that match a query, still encrypted: at most `limit`, ordered by key, after the key `after`.
    ///
    /// # Errors
    /// The store's errors.
    pub fn scan_page(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        self.store.scan(kind, query, after, limit)
    }

    /// Reads all records that match a query, still encrypted, ordered by key.
    ///
    /// # Errors
    /// The store's errors.
    pub fn scan(&self, kind: RecordKind, query: &RecordQuery) -> Result<Vec<StoredRecord>> {
        let mut found = Vec::new();
        self.visit(kind, query, |record| found.push(record))?;
        Ok(found)
    }

    /// Visits all records that match a query, still encrypted, ordered by key. Only some of them are in memory at a time.
    ///
    /// # Errors
    /// The store's errors.
    pub fn visit(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        mut visit: impl FnMut(StoredRecord),
    ) -> Result<()> {
        let mut after: Option<String> = None;
        for _ in 0..MAX_SCANS {
            let batch = self.scan_page(kind, query, after.as_deref(), RECORDS_PER_SCAN)?;
            let full = batch.len() == RECORDS_PER_SCAN;
            after = batch.last().map(|record| record.key.clone());
            batch.into_iter().for_each(&mut visit);
            if !full {
                return Ok(());
            }
        }
        Err(inconsistent_store("scan", "it returned more than ten million records"))
    }

    /// Encrypts a value and returns the change of a batch that writes it. `expected` is the version that the store must have
    /// now; 0: the record must not exist.
    ///
    /// # Errors
    /// [`Code::Internal`] if the value cannot be encrypted.
    pub fn put<T: Serialize>(
        &self,
        kind: RecordKind,
        address: &Address,
        value: &T,
        expected: i64,
    ) -> Result<RecordWrite> {
        let place = Place {
            kind: kind.name(),
            key: &address.key,
            organization: self.organization,
            project: &address.project,
            subject: &address.subject,
        };
        let record = StoredRecord {
            kind,
            key: address.key.clone(),
            index: RecordIndex {
                organization: self.organization.to_owned(),
                project: address.project.clone(),
                subject: address.subject.clone(),
                state: address.state.clone(),
            },
            expires_in: address.expires_in,
            version: 0,
            sealed: self.vault.seal(&place, value)?,
        };
        Ok(RecordWrite::Put { record, expected })
    }

    /// Encrypts and writes one value: a new record if `expected` is 0, otherwise instead of the version `expected`.
    ///
    /// # Errors
    /// [`Code::StoreConflict`] if the store has another version, because another process wrote the record.
    pub fn write<T: Serialize>(
        &self,
        kind: RecordKind,
        address: &Address,
        value: &T,
        expected: i64,
    ) -> Result<()> {
        let put = self.put(kind, address, value, expected)?;
        self.write_batch(&[put], Code::StoreConflict)
    }

    /// Writes a batch completely or not at all. A conflict is an error with the code `conflict`.
    ///
    /// # Errors
    /// The store's errors, or `conflict`.
    pub fn write_batch(&self, batch: &[RecordWrite], conflict: Code) -> Result<()> {
        match self.store.write(batch)? {
            WriteOutcome::Done => Ok(()),
            WriteOutcome::Conflict(_) => Err(Error::new(conflict)),
        }
    }

    /// Deletes a record. Returns false, and deletes nothing, if the store does not have the version `expected`, because
    /// another process wrote or deleted the record.
    ///
    /// # Errors
    /// The store's errors.
    pub fn delete(&self, kind: RecordKind, key: &str, expected: i64) -> Result<bool> {
        let delete = RecordWrite::Delete { kind, key: key.to_owned(), expected };
        Ok(self.store.write(&[delete])? == WriteOutcome::Done)
    }
}
