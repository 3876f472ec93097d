//! `make stress`: many processes at one store at once. A small version of each case is a part of `make test`.

use super::{
    basic::{of_organization, record},
    driven::Room,
};
use fhir_ehr::{RecordKind, RecordWrite, Store, WriteOutcome};
use std::{
    sync::{Barrier, Mutex},
    time::{Duration, Instant},
};

/// How many writers, how many rows each one writes, and how many of them in one batch.
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

/// All processes begin together and write as fast as they can: no write fails, and all rows are there.
pub fn many_writers(store: &str, room: &dyn Room, load: Load) {
    let start = Barrier::new(load.processes);
    let waits = Mutex::new(Vec::new());
    let began = Instant::now();
    let write = |writer: usize| {
        let store = room.open();
        store.get(RecordKind::Grant, "k").unwrap();
        start.wait();
        for from in (0..load.rows).step_by(load.at_once) {
            let began = Instant::now();
            assert_eq!(store.write(&batch(writer, from, load)).unwrap(), WriteOutcome::Done);
            waits.lock().unwrap().push(began.elapsed());
        }
    };
    std::thread::scope(|scope| {
        let write = &write;
        let writers: Vec<_> = (0..load.processes).map(|writer| scope.spawn(move || write(writer))).collect();
        let failed = writers.into_iter().filter_map(|writer| writer.join().err()).count();
        assert_eq!(failed, 0, "{failed} of {} writers failed", load.processes);
    });
    let took = began.elapsed();
    assert_eq!(count(room), load.processes * load.rows);
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

fn count(room: &dyn Room) -> usize {
    const PAGE: usize = 5_000;
    let store = room.open();
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
