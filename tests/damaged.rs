//! Stored rows that cannot be decrypted: they block their own record only, and are removed when a person asks for it.

mod common;

use common::{World, patient, request, resources, weight};
use fhir_ehr::{Code, StagedRow};

const LINES: &str = "29463-7,,weight,,MAX,\n";

/// Two records with a weight each.
fn two_records() -> World {
    let texts = [
        patient("p1", "M-1"),
        weight("w1", "p1", "2020-01-01", "50"),
        patient("p2", "M-2"),
        weight("w2", "p2", "2020-01-01", "60"),
    ];
    let world = World::new(resources(&texts.each_ref().map(String::as_str)));
    for (id, mrn) in [("p1", "M-1"), ("p2", "M-2")] {
        world.launch(id, "alice");
        assert_eq!(pull(&world, mrn).unwrap().len(), 1);
    }
    world
}

fn pull(world: &World, mrn: &str) -> fhir_ehr::Result<Vec<StagedRow>> {
    Ok(world.client.pull(&request("alice", mrn, LINES))?.rows)
}

fn store(world: &World) -> rusqlite::Connection {
    rusqlite::Connection::open(world.folder.path().join("store")).unwrap()
}

/// Changes the last byte of all stored records of a kind that belong to the record of `mrn`.
fn damage(world: &World, kind: &str, mrn: &str) {
    let row = world.client.staged("alice", "p1", Some(mrn)).unwrap().remove(0);
    let file = store(world);
    let subject: String =
        file.query_row("SELECT subject FROM record WHERE key = ?1", [&row.key], |row| row.get(0)).unwrap();
    let sealed: Vec<u8> = file
        .query_row("SELECT sealed FROM record WHERE kind = ?1 AND subject = ?2", [kind, &subject], |row| {
            row.get(0)
        })
        .unwrap();
    let mut changed = sealed;
    *changed.last_mut().unwrap() ^= 1;
    let count = file
        .execute(
            "UPDATE record SET sealed = ?3 WHERE kind = ?1 AND subject = ?2",
            rusqlite::params![kind, subject, changed],
        )
        .unwrap();
    assert_eq!(count, 1);
}

fn shown(world: &World) -> Vec<String> {
    world.client.staged("alice", "p1", None).unwrap().into_iter().map(|row| row.record).collect()
}

#[test]
fn a_damaged_row_blocks_its_own_record_only_and_can_be_removed() {
    for kind in ["staged_row", "record_binding"] {
        let world = two_records();
        damage(&world, kind, "M-1");
        assert_eq!(shown(&world), ["M-2"], "{kind}");
        let error = world.client.staged("alice", "p1", Some("M-1")).unwrap_err();
        assert_eq!(error.code(), Code::RowDamaged, "{kind}");
        assert_eq!(pull(&world, "M-1").unwrap_err().code(), Code::RowDamaged, "{kind}");
        assert_eq!(pull(&world, "M-2").unwrap().len(), 1, "{kind}");
        world.client.purge_expired().unwrap();

        let damaged = world.client.damaged("alice", "p1").unwrap();
        let found: Vec<_> = damaged.iter().map(|row| (row.kind, row.record.as_deref())).collect();
        assert_eq!(found, [(kind, Some("M-1"))]);
        assert_eq!(
            world.client.remove_damaged("alice", "p1", Some("M-2")).unwrap(),
            0,
            "{kind}: another record's"
        );
        assert_eq!(world.client.remove_damaged("alice", "p1", Some("M-1")).unwrap(), 1, "{kind}");
        assert_eq!(pull(&world, "M-1").unwrap().len(), 1, "{kind}");
        assert_eq!(shown(&world), ["M-1", "M-2"], "{kind}");
        assert!(world.client.damaged("alice", "p1").unwrap().is_empty(), "{kind}");
    }
}

#[test]
fn a_row_that_was_moved_is_damaged() {
    let world = two_records();
    let file = store(&world);
    let rows: Vec<(String, Vec<u8>)> = file
        .prepare("SELECT key, sealed FROM record WHERE kind = 'staged_row'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (row, other) in [(0, 1), (1, 0)] {
        file.execute(
            "UPDATE record SET sealed = ?2 WHERE key = ?1",
            rusqlite::params![rows[row].0, rows[other].1],
        )
        .unwrap();
    }
    assert!(shown(&world).is_empty());
    assert_eq!(world.client.remove_damaged("alice", "p1", None).unwrap(), 2);
    assert_eq!(pull(&world, "M-1").unwrap().len(), 1);
}

#[test]
fn with_a_wrong_key_nothing_is_removed() {
    let world = two_records();
    let mut document = world.document();
    // The same id with other bytes, as after a mistake in the configuration.
    document["vault"]["keys"][0]["key"] = serde_json::json!("MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    let other = world.other_client(&document);
    // The record of the index key tells it first; with a right one there, nothing is deleted either.
    assert_eq!(other.remove_damaged("alice", "p1", None).unwrap_err().code(), Code::VaultOpenFailed);
    store(&world).execute("DELETE FROM record WHERE kind = 'index_key'", []).unwrap();
    let other = world.other_client(&document);
    assert_eq!(other.remove_damaged("alice", "p1", None).unwrap_err().code(), Code::VaultOpenFailed);
    store(&world).execute("DELETE FROM record WHERE kind = 'index_key'", []).unwrap();
    let other = world.other_client(&world.document());
    assert_eq!(other.staged("alice", "p1", None).unwrap().len(), 2);
}
