//! Rows of a pull that has not ended: stored in batches of bounded size under the id of the pull. No call shows them.
//!
//! A draft becomes a staged row when its pull is committed (see [`super::commit`]). A pull that never ends leaves drafts,
//! which [`purge_unfinished`] deletes. A pull whose rows fit into one batch stores no drafts: its only batch is its commit.

use super::{StagedRow, candidate::Candidate, record::StudyRows};
use crate::{
    config::Limits,
    error::{Code, Error, Result},
    store::{
        RecordKind, RecordQuery, RecordWrite, StoredRecord, WriteOutcome,
        sealed_store::{Address, DecryptedRecord, SealedStore},
    },
    vault::sha256,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most stored records in one batch.
pub const BATCH: usize = 400;

/// The most received resources in one stored record.
const RECEIVED_AT_ONCE: usize = 2000;

/// How many times one batch is written again after a conflict.
const TRIES: usize = 8;

/// The version of a resource: `meta.lastUpdated` and a numeric `meta.versionId`. If a resource is received twice, the later version
/// is used.
pub type ResourceVersion = (Option<jiff::Timestamp>, Option<u64>);

/// A pulled row, with its candidate for preselection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// The row, not preselected yet and without its position.
    pub row: StagedRow,
    /// The parts that decide its position and preselection.
    pub candidate: Candidate,
    /// The version of its resource.
    pub version: ResourceVersion,
}

/// A stored record of a pull that has not ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum PullRecord {
    /// A row.
    Row(Box<Draft>),
    /// Resources that were received, with or without a row: see [`ReceivedResources`].
    Received(Vec<(String, bool)>),
}

/// The resources that a pull received, by [`resource_hash`], and whether each was entered in error.
pub type ReceivedResources = BTreeMap<String, bool>;

/// A hash of 16 bytes that names a resource in one pull.
pub fn resource_hash(resource_type: &str, id: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&sha256(&format!("{resource_type}/{id}"))[..16]);
    short
}

/// The drafts of a pull that was read completely.
#[derive(Debug)]
pub enum Drafts {
    /// They fit into one batch, so none is stored.
    InMemory {
        /// The rows.
        rows: Vec<Draft>,
        /// The resources that were received.
        received: ReceivedResources,
    },
    /// They are stored.
    Stored {
        /// How many rows are stored.
        rows: usize,
        /// How many stored records name the received resources.
        received: usize,
    },
}

/// Writes the drafts of one pull.
pub struct DraftWriter<'a> {
    study: StudyRows<'a>,
    pull_id: &'a str,
    waiting: BTreeMap<String, PullRecord>,
    /// How many rows are stored.
    rows: usize,
    has_written: bool,
}

fn draft_key(pull_id: &str, rest: &str) -> String {
    format!("{}{rest}", pull_id.get(..20).unwrap_or(pull_id))
}

impl<'a> DraftWriter<'a> {
    /// A writer for one pull into one record. Nothing is written yet.
    pub fn new(study: StudyRows<'a>, pull_id: &'a str) -> Self {
        DraftWriter { study, pull_id, waiting: BTreeMap::new(), rows: 0, has_written: false }
    }

    /// Adds a row. Writes a batch when enough rows wait.
    ///
    /// # Errors
    /// The store's.
    pub fn add(&mut self, draft: Draft) -> Result<()> {
        self.waiting.insert(draft_key(self.pull_id, &draft.row.key), PullRecord::Row(Box::new(draft)));
        if self.waiting.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Ends the drafts with the received resources. When a batch was written before, everything that waits is written too.
    ///
    /// # Errors
    /// The store's.
    pub fn finish(&mut self, received: Vec<([u8; 16], bool)>) -> Result<Drafts> {
        let named = |(hash, in_error): &([u8; 16], bool)| (URL_SAFE_NO_PAD.encode(hash), *in_error);
        if !self.has_written {
            let row = |stored: PullRecord| match stored {
                PullRecord::Row(draft) => Some(*draft),
                PullRecord::Received(_) => None,
            };
            let rows = std::mem::take(&mut self.waiting).into_values().filter_map(row).collect();
            return Ok(Drafts::InMemory { rows, received: received.iter().map(named).collect() });
        }
        let mut records = 0;
        for chunk in received.chunks(RECEIVED_AT_ONCE) {
            let key = draft_key(self.pull_id, &format!("~{records:06}"));
            records += 1;
            self.waiting.insert(key, PullRecord::Received(chunk.iter().map(named).collect()));
        }
        self.flush()?;
        Ok(Drafts::Stored { rows: self.rows, received: records })
    }

    fn put(&self, key: &str, stored: &PullRecord, version: i64) -> Result<RecordWrite> {
        let address = Address {
            key: key.to_owned(),
            project: self.study.project.to_owned(),
            subject: self.study.subject(),
            state: self.pull_id.to_owned(),
            expires_in: Some(self.study.staged_days * 86_400),
        };
        self.study.store.put(RecordKind::PulledRow, &address, stored, version)
    }

    fn flush(&mut self) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut versions: BTreeMap<String, i64> = BTreeMap::new();
        for _ in 0..TRIES {
            if waiting.is_empty() {
                return Ok(());
            }
            self.has_written = true;
            let keys: Vec<&String> = waiting.keys().collect();
            let batch: Vec<RecordWrite> = waiting
                .iter()
                .map(|(key, stored)| self.put(key, stored, versions.get(key).copied().unwrap_or(0)))
                .collect::<Result<_>>()?;
            match self.study.store.store.write(&batch)? {
                WriteOutcome::Done => {
                    let new = |(key, stored): &(&String, &PullRecord)| {
                        matches!(stored, PullRecord::Row(_)) && !versions.contains_key(*key)
                    };
                    self.rows += waiting.iter().filter(new).count();
                    return Ok(());
                }
                WriteOutcome::Conflict(at) => {
                    let Some(key) = keys.get(at).map(|key| (*key).clone()) else {
                        return Err(Error::new(Code::StoreConflict));
                    };
                    // A page repeated a resource in a later version, and the row of the earlier one is stored.
                    match self.study.store.get::<PullRecord>(RecordKind::PulledRow, &key)? {
                        Some(stored) => drop(versions.insert(key, stored.version)),
                        None => drop(waiting.remove(&key)),
                    }
                }
            }
        }
        Err(Error::new(Code::StoreConflict).detail("the rows of a pull keep changing"))
    }

    /// Deletes rows of earlier versions of resources that were received again in a later version. `latest` returns the latest version.
    ///
    /// # Errors
    /// The store's.
    pub fn drop_superseded(&mut self, latest: impl Fn(&StagedRow) -> Option<ResourceVersion>) -> Result<()> {
        self.waiting.retain(|_, stored| match stored {
            PullRecord::Row(draft) => latest(&draft.row).is_none_or(|version| version == draft.version),
            PullRecord::Received(_) => true,
        });
        if !self.has_written {
            return Ok(());
        }
        let mut old = Vec::new();
        for stored in stored_records(&self.study, self.pull_id)? {
            if let PullRecord::Row(draft) = &stored.value
                && latest(&draft.row).is_some_and(|version| version != draft.version)
            {
                let expected = stored.version;
                old.push(RecordWrite::Delete { kind: RecordKind::PulledRow, key: stored.key, expected });
            }
        }
        for chunk in old.chunks(BATCH) {
            self.study.store.write_batch(chunk, Code::StoreConflict)?;
        }
        self.rows -= old.len();
        Ok(())
    }

    /// Deletes the stored drafts. If the store fails, they are purged later.
    pub fn discard(&mut self) {
        if self.has_written {
            let _ = delete(&self.study, self.pull_id);
        }
    }
}

fn stored_records(study: &StudyRows<'_>, pull_id: &str) -> Result<Vec<DecryptedRecord<PullRecord>>> {
    study.store.find_by_state(RecordKind::PulledRow, study.project, &study.subject(), pull_id)
}

/// The stored drafts and received resources of a pull, and the number of records that name the latter.
///
/// # Errors
/// The store's, and [`Code::VaultOpenFailed`] when a draft cannot be decrypted.
pub fn read(study: &StudyRows<'_>, pull_id: &str) -> Result<(Vec<Draft>, ReceivedResources, usize)> {
    let (mut drafts, mut received, mut records) = (Vec::new(), ReceivedResources::new(), 0);
    for stored in stored_records(study, pull_id)? {
        match stored.value {
            PullRecord::Row(draft) => drafts.push(*draft),
            PullRecord::Received(names) => {
                received.extend(names);
                records += 1;
            }
        }
    }
    Ok((drafts, received, records))
}

/// Deletes the drafts of a pull.
///
/// # Errors
/// The store's. Drafts that are not deleted are purged later.
pub fn delete(study: &StudyRows<'_>, pull_id: &str) -> Result<()> {
    let query = RecordQuery { state: Some(pull_id.to_owned()), ..study.query() };
    let drafts = study.store.scan(RecordKind::PulledRow, &query)?;
    delete_all(&study.store, &drafts)
}

fn delete_all(store: &SealedStore<'_>, drafts: &[StoredRecord]) -> Result<()> {
    for chunk in drafts.chunks(BATCH) {
        let batch: Vec<RecordWrite> = chunk
            .iter()
            .map(|record| RecordWrite::Delete {
                kind: record.kind,
                key: record.key.clone(),
                expected: record.version,
            })
            .collect();
        // A conflict is not an error: another process deletes the same drafts.
        store.store.write(&batch)?;
    }
    Ok(())
}

/// Seconds that the drafts of a pull are kept after the pull must have ended (`pull_seconds`).
const UNFINISHED_SECONDS: i64 = 3600;

/// Deletes the drafts of pulls that never ended: those older than a pull may take that no record has committed. Returns how
/// many stored records were deleted.
///
/// # Errors
/// The store's.
pub fn purge_unfinished(store: &SealedStore<'_>, query: &RecordQuery, limits: &Limits) -> Result<usize> {
    let longest =
        i64::try_from(limits.pull_seconds).unwrap_or(i64::MAX / 2).saturating_add(UNFINISHED_SECONDS);
    // The age by the store's clock: a draft was written to be kept for `staged_days`.
    let age = |left: i64| limits.staged_days * 86_400 - left;
    let is_old = |record: &StoredRecord| record.expires_in.is_none_or(|left| age(left) > longest);
    let mut old = store.scan(RecordKind::PulledRow, query)?;
    old.retain(is_old);
    let mut committed: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    let mut unfinished = Vec::new();
    for record in old {
        let subject = record.index.subject.clone();
        if !committed.contains_key(&subject) {
            committed.insert(subject.clone(), committed_pulls(store, &subject)?);
        }
        let pulls = committed[&subject].as_ref();
        if pulls.is_some_and(|pulls| !pulls.contains(&record.index.state)) {
            unfinished.push(record);
        }
    }
    delete_all(store, &unfinished)?;
    Ok(unfinished.len())
}

/// The ids of the pulls that a record has committed; `None` when its binding cannot be decrypted, so that they are not known.
fn committed_pulls(store: &SealedStore<'_>, subject: &str) -> Result<Option<Vec<String>>> {
    match super::record::binding_of(store, subject) {
        Ok((binding, _)) => Ok(Some(binding.committed.into_iter().map(|commit| commit.pull_id).collect())),
        Err(error) if error.code() == Code::VaultOpenFailed => Ok(None),
        Err(error) => Err(error),
    }
}
