//! `make stress`: many processes use one store at the same time. `make test` runs a small version of each case.

use super::{
    basic::{of_organization, record},
    driven::StoreFixture,
};
use fhir_ehr::{RecordKind, RecordWrite, Store, WriteOutcome};
use std::{
    sync::{Barrier, Mutex},
    time::{Duration, Instant},
};

/// Number of writers, rows of each writer, and rows in one batch.
#[derive(Clone, Copy)]
pub struct Load {
    pub processes: usize,
    pub rows: usize,
    pub at_once: usize,
}

pub const SMALL: Load = Load { processes: 16, rows: 500, at_once: 50 };
pub const FULL: Load = Load { processes: 32, rows: 10_000, at_once: 500 };

fn batch(writer: usize, from: usize, load: Load) -> Vec<RecordWrite> {
    let row = |number: usize| {
        let record = record(RecordKind::StagedRow, &format!("{writer:02}-{number:05}"), &[7; 300]);
        RecordWrite::Put { record, expected: 0 }
    };
    (from..load.rows.min(from + load.at_once)).map(row).collect()
}

/// All processes start together and write as fast as they can. No write fails, and all rows are stored.
pub fn many_writers(store: &str, fixture: &dyn StoreFixture, load: Load) {
    let barrier = Barrier::new(load.processes);
    let waits = Mutex::new(Vec::new());
    let start = Instant::now();
    let write = |writer: usize| {
        let store = fixture.open();
        store.get(RecordKind::Grant, "k").unwrap();
        barrier.wait();
        for from in (0..load.rows).step_by(load.at_once) {
            let start = Instant::now();
            assert_eq!(store.write(&batch(writer, from, load)).unwrap(), WriteOutcome::Done);
            waits.lock().unwrap().push(start.elapsed());
        }
    };
    std::thread::scope(|scope| {
        let write = &write;
        let writers: Vec<_> = (0..load.processes).map(|writer| scope.spawn(move || write(writer))).collect();
        let failed = writers.into_iter().filter_map(|writer| writer.join().err()).count();
        assert_eq!(failed, 0, "{failed} of {} writers failed", load.processes);
    });
    let took = start.elapsed();
    assert_eq!(count(fixture), load.processes * load.rows);
    let mut waits = waits.into_inner().unwrap();
    waits.sort_unstable();
    let longest: Duration = waits.last().copied().unwrap_or_default();
    eprintln!(
        "{store}: {} processes wrote {} rows each in {took:.1?}; a batch of {} took {:.1?} (median), {:.1?} (99 of 100), {longest:.1?} (longest)",
        load.processes,
        load.rows,
        load.at_once,
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100],
    );
}

fn count(fixture: &dyn StoreFixture) -> usize {
    const PAGE: usize = 5_000;
    let store = fixture.open();
    let (mut all, mut after) = (0, None::<String>);
    loop {
        let page = store.scan(RecordKind::StagedRow, &of_organization(), after.as_deref(), PAGE).unwrap();
        all += page.len();
        match page.into_iter().next_back() {
            Some(last) => after = Some(last.key),
            None => return all,
        }
    }
}
