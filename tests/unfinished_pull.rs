//! A pull becomes visible with its commit. Data of a killed process is not visible, or the next call merges it.

mod common;

use common::{Fixture, patient, request, resources, weight};
use ehr_sim::Options;
use fhir_ehr::{Code, Error, PullResult, RowState};
use std::sync::atomic::Ordering;

const MRN: &str = "M-1";

/// A patient with so many weights that their rows need more than one batch of the store.
fn many_weights() -> Fixture {
    let mut texts = vec![patient("p1", MRN)];
    for number in 0..1_000 {
        let day = format!("20{:02}-{:02}-{:02}", 10 + number / 336, number / 28 % 12 + 1, number % 28 + 1);
        texts.push(weight(&format!("w{number}"), "p1", &day, &format!("{number}")));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let fixture = Fixture::new(Options { page_size: Some(50), ..resources(&texts) });
    fixture.launch("p1", "alice");
    fixture
}

fn pull_weights(fixture: &Fixture) -> Result<PullResult, Error> {
    fixture.client.pull(&request("alice", MRN, "29463-7,,weight,,MAX,\n"))
}

/// A pull whose process is killed after a number of writes to the store.
fn killed_after(fixture: &Fixture, writes: i64) -> Result<PullResult, Error> {
    fixture.writes_left.store(writes, Ordering::SeqCst);
    let pulled = pull_weights(fixture);
    fixture.writes_left.store(i64::MAX, Ordering::SeqCst);
    fixture.unreachable.store(false, Ordering::SeqCst);
    pulled
}

fn drafts(fixture: &Fixture) -> i64 {
    let file = rusqlite::Connection::open(fixture.folder.path().join("store")).unwrap();
    file.query_row("SELECT count(*) FROM record WHERE kind = 'pulled_row'", [], |row| row.get(0)).unwrap()
}

#[test]
fn an_uncommitted_pull_is_never_visible_and_is_purged() {
    let fixture = many_weights();
    assert_eq!(killed_after(&fixture, 2).unwrap_err().code(), Code::StoreUnavailable);
    assert!(fixture.client.staged("alice", "p1", Some(MRN)).unwrap().is_empty());
    assert!(drafts(&fixture) > 0);
    fixture.client.purge_expired().unwrap();
    assert!(drafts(&fixture) > 0, "the pull may still be running");
    let file = rusqlite::Connection::open(fixture.folder.path().join("store")).unwrap();
    file.execute("UPDATE record SET expires_at = expires_at - 7200 WHERE kind = 'pulled_row'", []).unwrap();
    assert!(fixture.client.purge_expired().unwrap() > 0);
    assert_eq!(drafts(&fixture), 0);
    assert_eq!(pull_weights(&fixture).unwrap().rows.len(), 1_000);
    assert_eq!(drafts(&fixture), 0, "a committed pull leaves no drafts");
}

#[test]
fn a_pull_of_many_rows_is_stored_in_batches_and_becomes_visible_with_its_commit() {
    let fixture = many_weights();
    let mut writes = 0;
    let mut merged_later = 0;
    let pulled = loop {
        match killed_after(&fixture, writes) {
            Ok(pulled) => break pulled,
            Err(_) => {
                // The next call that reads the record or the project merges a committed pull.
                let of_project = fixture.client.staged("alice", "p1", None).unwrap();
                let rows = fixture.client.staged("alice", "p1", Some(MRN)).unwrap();
                assert!(rows == of_project, "killed after {writes} writes");
                assert!(
                    rows.is_empty() || rows.len() == 1_000,
                    "killed after {writes} writes: {}",
                    rows.len()
                );
                if !rows.is_empty() {
                    merged_later += 1;
                    assert_eq!(rows.iter().filter(|row| row.preselected).count(), 1);
                    assert!(rows.iter().all(|row| row.state == RowState::Pending));
                }
            }
        }
        writes += 1;
    };
    assert!(writes > 6, "three batches of drafts, a commit, three batches of rows, the deletion: {writes}");
    assert!(merged_later > 0);
    assert_eq!(pulled.rows.len(), 1_000);
    let preselected: Vec<&str> =
        pulled.rows.iter().filter(|row| row.preselected).map(|row| row.value.as_str()).collect();
    assert_eq!(preselected, ["999"]);
}

#[test]
fn a_pull_of_few_rows_is_one_write() {
    let texts =
        [patient("p1", MRN), weight("w1", "p1", "2020-01-01", "50"), weight("w2", "p1", "2020-01-02", "60")];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let fixture = Fixture::new(resources(&texts));
    fixture.launch("p1", "alice");
    fixture.writes_left.store(1, Ordering::SeqCst);
    assert_eq!(pull_weights(&fixture).unwrap().rows.len(), 2);
    assert_eq!(drafts(&fixture), 0);
    // A second pull without new data writes nothing.
    fixture.writes_left.store(0, Ordering::SeqCst);
    assert_eq!(pull_weights(&fixture).unwrap().rows.len(), 2);
}
