//! `launches`: what arrived in each launch, without its values.

mod common;

use common::fixture;

#[test]
fn launches_are_listed_with_what_arrived_and_without_values() {
    let fixture = fixture();
    let denied = fixture.login(&[]);
    common::get(&fixture.sim.deny(&denied.address).unwrap());
    denied.end().failed("authorization_denied");
    fixture.sign_in();

    let launches = fixture.run("launches", &["--json"]).good().json();
    let launches = launches["launches"].as_array().unwrap();
    let outcomes: Vec<_> =
        launches.iter().map(|one| (one["outcome"].as_str(), one["error"].as_str())).collect();
    assert_eq!(outcomes.len(), 2, "{launches:?}");
    assert!(outcomes.contains(&(Some("signed_in"), None)), "{launches:?}");
    assert!(outcomes.contains(&(Some("failed"), Some("authorization_denied"))), "{launches:?}");
    assert!(launches.iter().all(|one| one["kind"] == "standalone" && one["source"] == "sim"), "{launches:?}");

    let table = fixture.run("launches", &[]).good().stdout;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("time ") && lines[0].ends_with("handoffs"), "{table}");
    assert_eq!(lines.len(), 3, "{table}");
    assert!(lines[1..].iter().any(|line| line.contains("authorization_denied")), "{table}");
    for patient in fixture.sim.patient_ids() {
        assert!(!table.contains(&patient), "{table}");
    }
}
