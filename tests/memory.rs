//! The memory of a pull does not grow with the number of pages, because resources are read and dropped page by page.

mod common;

use common::{Fixture, patient, peak_kib, request, resources, weight};
use ehr_sim::Options;

/// The peak memory of the process during a pull above its size before, in KiB.
fn peak_of_pull(fixture: &Fixture, mrn: &str, expected: usize) -> u64 {
    let request = request("alice", mrn, "29463-7,,weight,,MAX,\n");
    let (peak, pulled) = peak_kib(|| fixture.client.pull(&request).expect("a pull"));
    let entry = &pulled.report.resources["Observation"];
    assert!(pulled.report.is_complete() && entry.adds_up(), "{entry:?}");
    assert_eq!((entry.received, entry.discarded["status"]), (expected, expected - 1));
    assert_eq!(pulled.rows.len(), 1);
    peak
}

#[test]
fn two_hundred_pages_use_no_more_memory_than_ten() {
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
    let fixture = Fixture::new(Options { page_size: Some(20), ..resources(&texts) });
    fixture.launch("few", "alice");
    // The first pull also opens network connections and the store.
    peak_of_pull(&fixture, "M-1", 200);
    let few = peak_of_pull(&fixture, "M-1", 200);
    let many = peak_of_pull(&fixture, "M-2", 4_000);
    // All resources together have 32 MB. The report keeps a few bytes for each.
    assert!(many < few + 6_000, "10 pages: {few} KiB, 200 pages: {many} KiB");
}
