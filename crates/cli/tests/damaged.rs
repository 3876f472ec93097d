//! `damaged`: stored rows that cannot be decrypted are reported, listed and deleted.

mod common;

use common::{SCRIPT_MRN, fixture};

#[test]
fn a_damaged_row_is_reported_listed_and_deleted() {
    let fixture = fixture();
    let mapping = fixture.mapping("name-family,,last_name,,,\n");
    fixture.pull(&mapping, &["--system"]).good();
    let store = rusqlite::Connection::open(fixture.path("store.sqlite")).unwrap();
    let mut sealed: Vec<u8> =
        store.query_row("SELECT sealed FROM record WHERE kind = 'staged_row'", [], |row| row.get(0)).unwrap();
    *sealed.last_mut().unwrap() ^= 1;
    assert_eq!(
        store.execute("UPDATE record SET sealed = ?1 WHERE kind = 'staged_row'", [sealed]).unwrap(),
        1
    );

    let run = fixture.run("staged", &["--format", "json"]).good();
    assert_eq!(run.json()["rows"], serde_json::json!([]));
    assert_eq!(
        run.stderr,
        "warning: 1 records are not listed, because they have a row that cannot be decrypted. See fhir-ehr damaged.\n"
    );
    fixture.run("staged", &["--record", SCRIPT_MRN]).failed("row_damaged");
    let damaged = fixture.run("damaged", &[]).good().json();
    assert_eq!(damaged["damaged"][0]["record"], SCRIPT_MRN, "{damaged}");
    assert_eq!(
        fixture.run("damaged", &["--remove"]).good().stderr,
        "1 damaged rows were deleted. Pull their records again.\n"
    );
    assert_eq!(fixture.run("damaged", &[]).good().json()["damaged"], serde_json::json!([]));
    fixture.pull(&mapping, &["--system"]).good();
}
