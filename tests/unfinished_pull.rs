//! A pull becomes visible with its commit: what a killed process leaves is shown to no one, or merged by the next call.

mod common;

use common::{World, patient, request, resources, weight};
use ehr_sim::Options;
use fhir_ehr::{Code, Error, PullResult, State};
use std::sync::atomic::Ordering;

const MRN: &str = "M-1";

/// One patient with so many weights that their rows do not fit into one batch of the store.
fn many_weights() -> World {
    let mut texts = vec![patient("p1", MRN)];
    for number in 0..1_000 {
        let day = format!("20{:02}-{:02}-{:02}", 10 + number / 336, number / 28 % 12 + 1, number % 28 + 1);
        texts.push(weight(&format!("w{number}"), "p1", &day, &format!("{number}")));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let world = World::new(Options { page_size: Some(50), ..resources(&texts) });
    world.launch("p1", "alice");
    world
}

fn pull_weights(world: &World) -> Result<PullResult, Error> {
    world.client.pull(&request("alice", MRN, "29463-7,,weight,,MAX,\n"))
}

/// A pull whose process is killed after so many writes to the store.
fn killed_after(world: &World, writes: i64) -> Result<PullResult, Error> {
    world.writes_left.store(writes, Ordering::SeqCst);
    let pulled = pull_weights(world);
    world.writes_left.store(i64::MAX, Ordering::SeqCst);
    world.gone.store(false, Ordering::SeqCst);
    pulled
}

fn drafts(world: &World) -> i64 {
    let file = rusqlite::Connection::open(world.folder.path().join("store")).unwrap();
    file.query_row("SELECT count(*) FROM record WHERE kind = 'pulled_row'", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_pull_that_is_not_committed_is_never_visible_and_is_purged() {
    let world = many_weights();
    assert_eq!(killed_after(&world, 2).unwrap_err().code(), Code::StoreUnavailable);
    assert!(world.client.staged("alice", "p1", Some(MRN)).unwrap().is_empty());
    assert!(drafts(&world) > 0);
    world.client.purge_expired().unwrap();
    assert!(drafts(&world) > 0, "the pull may still be under way");
    let file = rusqlite::Connection::open(world.folder.path().join("store")).unwrap();
    file.execute("UPDATE record SET expires_at = expires_at - 7200 WHERE kind = 'pulled_row'", []).unwrap();
    assert!(world.client.purge_expired().unwrap() > 0);
    assert_eq!(drafts(&world), 0);
    assert_eq!(pull_weights(&world).unwrap().rows.len(), 1_000);
    assert_eq!(drafts(&world), 0, "a committed pull leaves no drafts");
}

#[test]
fn a_pull_of_many_rows_is_stored_in_batches_and_visible_with_its_commit_only() {
    let world = many_weights();
    let mut writes = 0;
    let mut merged_later = 0;
    let pulled = loop {
        match killed_after(&world, writes) {
            Ok(pulled) => break pulled,
            Err(_) => {
                // What was committed is merged by the next call that reads the record or the project.
                let of_project = world.client.staged("alice", "p1", None).unwrap();
                let rows = world.client.staged("alice", "p1", Some(MRN)).unwrap();
                assert!(rows == of_project, "killed after {writes} writes");
                assert!(
                    rows.is_empty() || rows.len() == 1_000,
                    "killed after {writes} writes: {}",
                    rows.len()
                );
                if !rows.is_empty() {
                    merged_later += 1;
                    assert_eq!(rows.iter().filter(|row| row.preselected).count(), 1);
                    assert!(rows.iter().all(|row| row.state == State::Pending));
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
    let world = World::new(resources(&texts));
    world.launch("p1", "alice");
    world.writes_left.store(1, Ordering::SeqCst);
    assert_eq!(pull_weights(&world).unwrap().rows.len(), 2);
    assert_eq!(drafts(&world), 0);
    // With nothing new, a second pull writes nothing.
    world.writes_left.store(0, Ordering::SeqCst);
    assert_eq!(pull_weights(&world).unwrap().rows.len(), 2);
}
