//! The memory of launches: what arrived in each completed launch, and how many launches failed with which error.
//!
//! A completed launch is one stored record, which also holds the state of its view. Failed launches are counted: one record for
//! each day, source, kind and error. Requests without a sign-in can fail as often as they like, so they must not fill the store.

use super::record::{CompletedLaunch, LaunchHandoff, LaunchKind, LaunchLogEntry, LaunchRecord};
use crate::{
    clock::UnixSeconds,
    config::Limits,
    context::Context,
    error::{Code, Error, Result, Stage},
    store::{
        RecordKind, RecordQuery,
        sealed_store::{Address, DecryptedRecord, SealedStore, TRIES},
    },
};

const DAY_SECONDS: i64 = 86_400;
/// The most entries that one call returns.
const MAX_LISTED: usize = 1_000;
/// The most handoffs that one launch remembers; the oldest are dropped.
const MAX_HANDOFFS: usize = 20;

fn key(records: &SealedStore<'_>, id: &str) -> String {
    records.vault.index("launch", &[records.organization, id])
}

fn day(time: UnixSeconds) -> i64 {
    time.div_euclid(DAY_SECONDS)
}

/// The subject of the records of one day, so that a list reads no more days than it shows.
fn day_subject(records: &SealedStore<'_>, day: i64) -> String {
    records.vault.index("launch day", &[records.organization, &day.to_string()])
}

/// Where the record of a launch at `at` belongs.
fn address(context: &Context<'_>, key: String, at: UnixSeconds) -> Address {
    let ends_at = at + context.limits.launch_log_days * DAY_SECONDS;
    let expires_in = Some((ends_at - context.clock.now()).max(1));
    let subject = day_subject(&context.records, day(at));
    Address { key, subject, expires_in, ..Address::default() }
}

/// Stores the record of a launch over the one that is stored already.
///
/// # Errors
/// The store's; [`Code::StoreConflict`] when another process changed it.
pub fn store(context: &Context<'_>, launch: &CompletedLaunch) -> Result<()> {
    let records = &context.records;
    let address = address(context, key(records, &launch.id), launch.record.entry.at);
    let stored = records.store.get(RecordKind::Launch, &address.key)?.map_or(0, |stored| stored.version);
    records.write(RecordKind::Launch, &address, &launch.record, stored)
}

/// The record of a launch.
///
/// # Errors
/// The store's, or that it cannot be decrypted.
pub fn find(records: &SealedStore<'_>, id: &str) -> Result<Option<DecryptedRecord<LaunchRecord>>> {
    records.get(RecordKind::Launch, &key(records, id))
}

/// Changes the record of a launch; another process may change it at the same time. A record that has expired stays away.
///
/// # Errors
/// The store's; [`Code::StoreConflict`] when other processes keep changing it.
pub fn change(context: &Context<'_>, id: &str, change: impl Fn(&mut LaunchRecord)) -> Result<()> {
    for _ in 0..TRIES {
        let Some(DecryptedRecord { key, version, mut value }) = find(&context.records, id)? else {
            return Ok(());
        };
        change(&mut value);
        let address = address(context, key, value.entry.at);
        match context.records.write(RecordKind::Launch, &address, &value, version) {
            Err(error) if error.code() == Code::StoreConflict => {}
            result => return result,
        }
    }
    Err(Error::new(Code::StoreConflict))
}

/// Remembers that the browser was sent to another application.
///
/// # Errors
/// As [`change`].
pub fn add_handoff(context: &Context<'_>, id: &str, handoff: &LaunchHandoff) -> Result<()> {
    change(context, id, |record| {
        let handoffs = &mut record.entry.handoffs;
        handoffs.push(handoff.clone());
        let surplus = handoffs.len().saturating_sub(MAX_HANDOFFS);
        handoffs.drain(..surplus);
    })
}

/// Counts a failed launch. Its own error is what matters to the user, so an error of the store is dropped here.
pub fn add_failure(context: &Context<'_>, source: Option<&str>, kind: Option<LaunchKind>, error: &Error) {
    // A store that just failed is not asked again.
    if error.code().stage() != Stage::Store {
        let _ = count_failure(context, source, kind, error.code());
    }
}

fn count_failure(
    context: &Context<'_>,
    source: Option<&str>,
    kind: Option<LaunchKind>,
    error: Code,
) -> Result<()> {
    let (records, now) = (&context.records, context.clock.now());
    let kind_name = kind.map(LaunchKind::name).unwrap_or_default();
    let parts =
        [records.organization, &day(now).to_string(), source.unwrap_or_default(), kind_name, error.name()];
    let address = address(context, records.vault.index("failed launches", &parts), now);
    for _ in 0..TRIES {
        let stored = records.get::<LaunchRecord>(RecordKind::Launch, &address.key)?;
        let (version, count) = stored.map_or((0, 0), |stored| (stored.version, stored.value.entry.count));
        let entry = LaunchLogEntry { count: count + 1, ..LaunchLogEntry::failed(source, kind, error, now) };
        match records.write(RecordKind::Launch, &address, &LaunchRecord { entry, view: None }, version) {
            Err(error) if error.code() == Code::StoreConflict => {}
            result => return result,
        }
    }
    Ok(())
}

/// The remembered launches, the newest first, at most 1,000.
///
/// # Errors
/// The store's, or [`Code::VaultKeyMissing`]. Records that cannot be decrypted although their key is there are left out.
pub fn list(records: &SealedStore<'_>, limits: &Limits, now: UnixSeconds) -> Result<Vec<LaunchLogEntry>> {
    let mut found = Vec::new();
    // The clock of another node may be ahead.
    for day in (day(now) - limits.launch_log_days..=day(now) + 1).rev() {
        let query = RecordQuery {
            organization: records.organization.to_owned(),
            project: Some(String::new()),
            subject: Some(day_subject(records, day)),
            ..RecordQuery::default()
        };
        let of_day = records.scan_readable::<LaunchRecord>(RecordKind::Launch, &query)?.readable;
        found.extend(of_day.into_iter().map(|record| record.value.entry));
        if found.len() >= MAX_LISTED {
            break;
        }
    }
    found.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    found.truncate(MAX_LISTED);
    Ok(found)
}
