//! Sealed records: the vault between the core's values and the store's bytes.

use super::{
    RecordIndex, RecordKind, RecordQuery, RecordWrite, Store, StoredRecord, WriteOutcome,
    checked::inconsistent_store,
};
use crate::{
    error::{Code, Error, Result},
    vault::{Place, Vault, sha256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;

/// How many records one scan asks for.
const AT_ONCE: usize = 500;
/// The most scans for one answer: ten million records. Only a store that never ends has more.
const MOST_SCANS: usize = 20_000;
/// How often a record that another process makes at the same moment is read again.
pub const TRIES: usize = 5;

/// The records of one organization.
#[derive(Clone, Copy)]
pub struct SealedStore<'a> {
    /// Where they are.
    pub store: &'a dyn Store,
    /// What seals them.
    pub vault: &'a Vault,
    /// Whose they are.
    pub organization: &'a str,
}

/// Where a record belongs and by what it is found.
#[derive(Clone, Debug, Default)]
pub struct Address {
    /// Its key.
    pub key: String,
    /// The project, or empty.
    pub project: String,
    /// The subject's keyed hash, or empty.
    pub subject: String,
    /// A short word, or empty.
    pub state: String,
    /// Seconds until it may be deleted.
    pub expires_in: Option<i64>,
}

/// A record that was opened.
#[derive(Clone, Debug)]
pub struct DecryptedRecord<T> {
    /// Its key.
    pub key: String,
    /// Its version in the store.
    pub version: i64,
    /// What was sealed.
    pub value: T,
}

/// Records of which some cannot be decrypted, each ordered by key.
#[derive(Debug)]
pub struct RecordScan<T> {
    /// Those that were decrypted.
    pub readable: Vec<DecryptedRecord<T>>,
    /// Those that cannot be.
    pub damaged: Vec<StoredRecord>,
    /// The ids of the keys that decrypted one.
    pub keys: BTreeSet<Vec<u8>>,
}

impl SealedStore<'_> {
    /// Decrypts a stored record.
    ///
    /// # Errors
    /// [`Code::VaultKeyMissing`], [`Code::VaultOpenFailed`].
    pub fn open<T: DeserializeOwned>(&self, record: &StoredRecord) -> Result<DecryptedRecord<T>> {
        if record.index.organization != self.organization {
            return Err(inconsistent_store("get", "the record is of another organization"));
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

    /// Whether the index key is the one this store was made with: with another one nothing is found, and
    /// what was decided would come back as new.
    ///
    /// # Errors
    /// [`Code::IndexKeyChanged`], or the store's.
    pub fn check_index_key(&self) -> Result<()> {
        let (address, own) = self.index_key();
        for _ in 0..TRIES {
            match self.fits_store()? {
                true => return Ok(()),
                false => match self.write(RecordKind::IndexKey, &address, &own, 0) {
                    // Another process was first; its record is read.
                    Err(error) if error.code() == Code::StoreConflict => {}
                    done => return done,
                },
            }
        }
        Err(inconsistent_store("write", "a record exists that get does not find"))
    }

    fn index_key(&self) -> (Address, String) {
        // Not a keyed hash: it must be found with the wrong key too.
        let key = URL_SAFE_NO_PAD.encode(sha256(self.organization));
        (Address { key, ..Address::default() }, self.vault.index("index key", &[self.organization]))
    }

    /// Whether the store was made with this index key; false when it does not say, because nothing was stored yet.
    ///
    /// # Errors
    /// [`Code::IndexKeyChanged`], [`Code::VaultKeyMissing`] or [`Code::VaultOpenFailed`] when the keys are others, and the
    /// store's.
    pub fn fits_store(&self) -> Result<bool> {
        let (address, own) = self.index_key();
        match self.get::<String>(RecordKind::IndexKey, &address.key)? {
            Some(standing) if standing.value == own => Ok(true),
            Some(_) => Err(Error::new(Code::IndexKeyChanged)
                .hint("put the old key back as vault.index_key; it stays when the sealing keys are rotated")),
            None => Ok(false),
        }
    }

    /// The record of a key.
    ///
    /// # Errors
    /// The store's, or that it does not open.
    pub fn get<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        key: &str,
    ) -> Result<Option<DecryptedRecord<T>>> {
        self.store.get(kind, key)?.map(|record| self.open(&record)).transpose()
    }

    /// All records of a subject, ordered by key.
    ///
    /// # Errors
    /// The store's, or that one of them does not open.
    pub fn of_subject<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        project: &str,
        subject: &str,
    ) -> Result<Vec<DecryptedRecord<T>>> {
        self.matching(kind, Some(project), Some(subject))
    }

    /// All records of a project, or of all projects, ordered by key.
    ///
    /// # Errors
    /// As [`SealedStore::of_subject`].
    pub fn matching<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        project: Option<&str>,
        subject: Option<&str>,
    ) -> Result<Vec<DecryptedRecord<T>>> {
        let query = RecordQuery {
            organization: self.organization.to_owned(),
            project: project.map(str::to_owned),
            subject: subject.map(str::to_owned),
            state: None,
        };
        self.all(kind, &query)
    }

    /// All records of a subject in one state, ordered by key.
    ///
    /// # Errors
    /// As [`SealedStore::of_subject`].
    pub fn in_state<T: DeserializeOwned>(
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
        self.all(kind, &query)
    }

    /// All records that a query finds, decrypted, ordered by key.
    ///
    /// # Errors
    /// As [`SealedStore::of_subject`].
    pub fn all<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
    ) -> Result<Vec<DecryptedRecord<T>>> {
        self.scan(kind, query)?.iter().map(|record| self.open(record)).collect()
    }

    /// All records that a query finds, those that can be decrypted and those that cannot although their key is in the ring.
    ///
    /// # Errors
    /// The store's, and [`Code::VaultKeyMissing`].
    pub fn readable<T: DeserializeOwned>(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
    ) -> Result<RecordScan<T>> {
        let mut found = RecordScan { readable: Vec::new(), damaged: Vec::new(), keys: BTreeSet::new() };
        for record in self.scan(kind, query)? {
            match self.open(&record) {
                Ok(opened) => {
                    found.readable.push(opened);
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

    /// All records that a query finds, as they are stored, ordered by key.
    ///
    /// # Errors
    /// The store's.
    pub fn scan(&self, kind: RecordKind, query: &RecordQuery) -> Result<Vec<StoredRecord>> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MOST_SCANS {
            let some = self.store.scan(kind, query, after.as_deref(), AT_ONCE)?;
            let full = some.len() == AT_ONCE;
            after = some.last().map(|record| record.key.clone());
            found.extend(some);
            if !full {
                return Ok(found);
            }
        }
        Err(inconsistent_store("scan", "the records do not end"))
    }

    /// The part of a batch that writes a value.
    ///
    /// # Errors
    /// [`Code::Internal`] when it cannot be sealed.
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

    /// Writes one value where none is, or over the version that was read.
    ///
    /// # Errors
    /// [`Code::StoreConflict`] when another process was first.
    pub fn write<T: Serialize>(
        &self,
        kind: RecordKind,
        address: &Address,
        value: &T,
        expected: i64,
    ) -> Result<()> {
        let put = self.put(kind, address, value, expected)?;
        self.all_or_nothing(&[put], Code::StoreConflict)
    }

    /// Writes a batch; a conflict is the given error.
    ///
    /// # Errors
    /// The store's, or the given one.
    pub fn all_or_nothing(&self, batch: &[RecordWrite], conflict: Code) -> Result<()> {
        match self.store.write(batch)? {
            WriteOutcome::Done => Ok(()),
            WriteOutcome::Conflict(_) => Err(Error::new(conflict)),
        }
    }

    /// Deletes a record at the version that was read; false when another process was first.
    ///
    /// # Errors
    /// The store's.
    pub fn delete(&self, kind: RecordKind, key: &str, expected: i64) -> Result<bool> {
        let delete = RecordWrite::Delete { kind, key: key.to_owned(), expected };
        Ok(self.store.write(&[delete])? == WriteOutcome::Done)
    }
}
