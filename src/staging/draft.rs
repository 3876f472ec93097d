//! Rows of a pull that is under way: stored in bounded batches under the pull's id, and visible to no one.
//!
//! A draft becomes a staged row when its pull is committed (see [`super::commit`]). A pull that never ends leaves drafts,
//! which [`purge_unfinished`] deletes. A pull whose rows fit into one batch stores none: its only batch is its commit.

use super::{StagedRow, candidate::Candidate, record::StudyRows};
use crate::{
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

/// How many stored records one batch holds at most.
pub const BATCH: usize = 400;

/// How many received resources one stored record names.
const RECEIVED_AT_ONCE: usize = 2000;

/// How often one batch is written again after a conflict.
const TRIES: usize = 8;

/// Which version of a resource came: the later one counts where a resource comes twice.
pub type Stamp = (Option<jiff::Timestamp>, Option<u64>);

/// A row that came, with what decides on its selection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// The row, neither selected nor in its place yet.
    pub row: StagedRow,
    /// What decides on its order and selection.
    pub candidate: Candidate,
    /// Which version of its resource it is from.
    pub stamp: Stamp,
}

/// What is stored of a pull that is under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Stored {
    /// A row.
    Row(Box<Draft>),
    /// Resources that came, with or without a row: see [`Received`].
    Received(Vec<(String, bool)>),
}

/// The resources that a pull received, by [`resource_hash`], and whether each says that it was entered in error.
pub type Received = BTreeMap<String, bool>;

/// The name of a resource among those that were received: short, and without meaning outside its pull.
pub fn resource_hash(resource_type: &str, id: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&sha256(&format!("{resource_type}/{id}"))[..16]);
    short
}

/// The drafts of a pull that was read to its end.
#[derive(Debug)]
pub enum Drafts {
    /// They fit into one batch, and none is stored.
    InMemory {
        /// The rows.
        rows: Vec<Draft>,
        /// The resources that came.
        received: Received,
    },
    /// They are stored: so many rows, and so many stored records that name the resources that came.
    Stored {
        /// How many rows.
        rows: usize,
        /// How many records.
        received: usize,
    },
}

/// Writes the drafts of one pull.
pub struct DraftWriter<'a> {
    study: StudyRows<'a>,
    pull_id: &'a str,
    waiting: BTreeMap<String, Stored>,
    /// How many rows were stored.
    rows: usize,
    wrote: bool,
}

fn draft_key(pull_id: &str, rest: &str) -> String {
    format!("{}{rest}", pull_id.get(..20).unwrap_or(pull_id))
}

impl<'a> DraftWriter<'a> {
    /// A writer for one pull into one record. Nothing is written yet.
    pub fn new(study: StudyRows<'a>, pull_id: &'a str) -> Self {
        DraftWriter { study, pull_id, waiting: BTreeMap::new(), rows: 0, wrote: false }
    }

    /// Adds a row; writes a batch when enough of them wait.
    ///
    /// # Errors
    /// The store's.
    pub fn add(&mut self, draft: Draft) -> Result<()> {
        self.waiting.insert(draft_key(self.pull_id, &draft.row.key), Stored::Row(Box::new(draft)));
        if self.waiting.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Ends the drafts with the resources that came. Where a batch was stored before, everything that waits is stored too.
    ///
    /// # Errors
    /// The store's.
    pub fn finish(&mut self, received: Vec<([u8; 16], bool)>) -> Result<Drafts> {
        let named = |(hash, in_error): &([u8; 16], bool)| (URL_SAFE_NO_PAD.encode(hash), *in_error);
        if !self.wrote {
            let row = |stored: Stored| match stored {
                Stored::Row(draft) => Some(*draft),
                Stored::Received(_) => None,
            };
            let rows = std::mem::take(&mut self.waiting).into_values().filter_map(row).collect();
            return Ok(Drafts::InMemory { rows, received: received.iter().map(named).collect() });
        }
        let mut records = 0;
        for some in received.chunks(RECEIVED_AT_ONCE) {
            let key = draft_key(self.pull_id, &format!("~{records:06}"));
            records += 1;
            self.waiting.insert(key, Stored::Received(some.iter().map(named).collect()));
        }
        self.flush()?;
        Ok(Drafts::Stored { rows: self.rows, received: records })
    }

    fn put(&self, key: &str, stored: &Stored, version: i64) -> Result<RecordWrite> {
        let address = Address {
            key: key.to_owned(),
            project: self.study.project.to_owned(),
            subject: self.study.subject(),
            state: self.pull_id.to_owned(),
            expires_in: Some(self.study.staged_days * 86_400),
        };
        self.study.records.put(RecordKind::PulledRow, &address, stored, version)
    }

    fn flush(&mut self) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut versions: BTreeMap<String, i64> = BTreeMap::new();
        for _ in 0..TRIES {
            if waiting.is_empty() {
                return Ok(());
            }
            self.wrote = true;
            let keys: Vec<&String> = waiting.keys().collect();
            let batch: Vec<RecordWrite> = waiting
                .iter()
                .map(|(key, stored)| self.put(key, stored, versions.get(key).copied().unwrap_or(0)))
                .collect::<Result<_>>()?;
            match self.study.records.store.write(&batch)? {
                WriteOutcome::Done => {
                    let new = |(key, stored): &(&String, &Stored)| {
                        matches!(stored, Stored::Row(_)) && !versions.contains_key(*key)
                    };
                    self.rows += waiting.iter().filter(new).count();
                    return Ok(());
                }
                WriteOutcome::Conflict(at) => {
                    let Some(key) = keys.get(at).map(|key| (*key).clone()) else {
                        return Err(Error::new(Code::StoreConflict));
                    };
                    // A page repeated a resource in a later version, and its row was written before.
                    match self.study.records.get::<Stored>(RecordKind::PulledRow, &key)? {
                        Some(known) => drop(versions.insert(key, known.version)),
                        None => drop(waiting.remove(&key)),
                    }
                }
            }
        }
        Err(Error::new(Code::StoreConflict).detail("the rows of a pull keep changing"))
    }

    /// Deletes rows of an earlier version of a resource that came again in a later one. `latest` is the version that
    /// counts.
    ///
    /// # Errors
    /// The store's.
    pub fn drop_superseded(&mut self, latest: impl Fn(&StagedRow) -> Option<Stamp>) -> Result<()> {
        self.waiting.retain(|_, stored| match stored {
            Stored::Row(draft) => latest(&draft.row).is_none_or(|stamp| stamp == draft.stamp),
            Stored::Received(_) => true,
        });
        if !self.wrote {
            return Ok(());
        }
        let mut old = Vec::new();
        for stored in stored_of(&self.study, self.pull_id)? {
            if let Stored::Row(draft) = &stored.value
                && latest(&draft.row).is_some_and(|stamp| stamp != draft.stamp)
            {
                let expected = stored.version;
                old.push(RecordWrite::Delete { kind: RecordKind::PulledRow, key: stored.key, expected });
            }
        }
        for some in old.chunks(BATCH) {
            self.study.records.all_or_nothing(some, Code::StoreConflict)?;
        }
        self.rows -= old.len();
        Ok(())
    }

    /// Deletes what was stored, as far as the store can be reached: the rest is purged later.
    pub fn discard(&mut self) {
        if self.wrote {
            let _ = delete(&self.study, self.pull_id);
        }
    }
}

fn stored_of(study: &StudyRows<'_>, pull_id: &str) -> Result<Vec<DecryptedRecord<Stored>>> {
    study.records.in_state(RecordKind::PulledRow, study.project, &study.subject(), pull_id)
}

/// The drafts and the received resources of a pull, with the number of records that name the latter.
///
/// # Errors
/// The store's, or that a draft cannot be decrypted.
pub fn read(study: &StudyRows<'_>, pull_id: &str) -> Result<(Vec<Draft>, Received, usize)> {
    let (mut drafts, mut received, mut records) = (Vec::new(), Received::new(), 0);
    for stored in stored_of(study, pull_id)? {
        match stored.value {
            Stored::Row(draft) => drafts.push(*draft),
            Stored::Received(names) => {
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
/// The store's; what is left is purged later.
pub fn delete(study: &StudyRows<'_>, pull_id: &str) -> Result<()> {
    let query = RecordQuery { state: Some(pull_id.to_owned()), ..study.query() };
    let found = study.records.scan(RecordKind::PulledRow, &query)?;
    delete_all(&study.records, &found)
}

fn delete_all(records: &SealedStore<'_>, found: &[StoredRecord]) -> Result<()> {
    for some in found.chunks(BATCH) {
        let batch: Vec<RecordWrite> = some
            .iter()
            .map(|record| RecordWrite::Delete {
                kind: record.kind,
                key: record.key.clone(),
                expected: record.version,
            })
            .collect();
        // Where another process deletes the same drafts, it does so for the same reason.
        records.store.write(&batch)?;
    }
    Ok(())
}

/// Deletes the drafts of pulls that never ended: those older than `seconds` that no record has committed. Says how many.
///
/// # Errors
/// The store's.
pub fn purge_unfinished(
    records: &SealedStore<'_>,
    query: &RecordQuery,
    staged_days: i64,
    seconds: i64,
) -> Result<usize> {
    // Age by the store's clock: what is left of the time for which a draft was written.
    let is_old =
        |record: &StoredRecord| record.expires_in.is_none_or(|left| staged_days * 86_400 - left > seconds);
    let mut found = records.scan(RecordKind::PulledRow, query)?;
    found.retain(is_old);
    let mut committed: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    let mut unfinished = Vec::new();
    for record in found {
        let subject = record.index.subject.clone();
        if !committed.contains_key(&subject) {
            let pulls = match super::record::binding_of(records, &subject) {
                Ok((binding, _)) => Some(binding.committed.into_iter().map(|one| one.pull_id).collect()),
                // Which pulls are committed is not known, so all are kept until the binding is removed.
                Err(error) if error.code() == Code::VaultOpenFailed => None,
                Err(error) => return Err(error),
            };
            committed.insert(subject.clone(), pulls);
        }
        let pulls = committed[&subject].as_ref();
        if pulls.is_some_and(|pulls| !pulls.contains(&record.index.state)) {
            unfinished.push(record);
        }
    }
    delete_all(records, &unfinished)?;
    Ok(unfinished.len())
}
