//! The memory of a pull does not grow with the number of its pages: resources are read while pages arrive, and dropped.

mod common;

use common::{World, patient, peak_kib, request, resources, weight};
use ehr_sim::Options;

/// How far the process's memory rose above its present size while the patient was pulled, in KiB.
fn peak_of_pull(world: &World, mrn: &str, expected: usize) -> u64 {
    let request = request("alice", mrn, "29463-7,,weight,,MAX,\n");
    let (peak, pulled) = peak_kib(|| world.client.pull(&request).expect("a pull"));
    let entry = &pulled.report.resources["Observation"];
    assert!(pulled.report.is_complete() && entry.adds_up(), "{entry:?}");
    assert_eq!((entry.received, entry.discarded["status"]), (expected, expected - 1));
    assert_eq!(pulled.rows.len(), 1);
    peak
}

#[test]
fn two_hundred_pages_take_no_more_memory_than_ten() {
    let mut texts = vec![patient("few", "M-1"), patient("many", "M-2")];
    let padding = "x".repeat(8_000);
    for (owner, count) in [("few", 200), ("many", 4_000)] {
        for number in 0..count {
            let status = if number == 0 { "final" } else { "cancelled" };
            let text = weight(&format!("{owner}{number}"), owner, "2020-01-01", "50");
            let text = text.replace("final", status);
            texts.push(text.replacen('{', &format!(r#"{{"note": [{{"text": "{padding}"}}], "#), 1));
        }
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let world = World::new(Options { page_size: Some(20), ..resources(&texts) });
    world.launch("few", "alice");
    // The first pull also opens the network and the store.
    peak_of_pull(&world, "M-1", 200);
    let few = peak_of_pull(&world, "M-1", 200);
    let many = peak_of_pull(&world, "M-2", 4_000);
    // All resources together are 32 MB; the ledger keeps some bytes of each.
    assert!(many < few + 6_000, "10 pages: {few} KiB, 200 pages: {many} KiB");
}
