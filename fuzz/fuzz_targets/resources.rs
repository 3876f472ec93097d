//! What a FHIR server sends: JSON, pages, outcomes, and every field read from every resource.
#![no_main]

use fhir_ehr::{
    field_catalog,
    internals::{Json, Rules, bundle, catalog, number, outcome, read},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut resources: Vec<Json> = Json::parse(text).into_iter().collect();
    let rules = Rules { include_preliminary: true, now: jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0) };
    if let Ok(page) = Json::members(text).and_then(|members| bundle::page(&members)) {
        for entry in page.entries.into_iter().filter_map(|raw| bundle::entry(raw.get()).ok()) {
            match entry {
                bundle::Entry::Match(resource) => resources.push(resource),
                bundle::Entry::Include(included) => resources.push(included.resource),
                bundle::Entry::Issues(_) | bundle::Entry::Unreadable => {}
            }
        }
    }
    for resource in &resources {
        let _ = outcome::issues(resource);
        for field in field_catalog().iter().cloned().chain(catalog::field("29463-7")) {
            for value in read(&field, resource, &rules).unwrap_or_default() {
                if let Some(digits) = &value.number {
                    assert!(number::compare(digits, digits).is_eq());
                    let _ = number::php14(digits);
                }
                if let Some(time) = &value.time {
                    assert!(time.earliest <= time.latest);
                }
            }
        }
    }
});
