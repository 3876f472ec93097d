//! What a FHIR server sends: JSON, pages, outcomes, and every field read from every resource.
#![no_main]

use fhir_ehr::{
    fhir::{Json, bundle, outcome},
    fields::{Rules, catalogue, number, read},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(json) = std::str::from_utf8(bytes).ok().and_then(Json::parse) else { return };
    let rules = Rules { include_preliminary: true, now: jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0) };
    let _ = outcome::issues(&json);
    let mut resources = vec![json.clone()];
    resources.extend(bundle::page(json).resources);
    for resource in &resources {
        for field in catalogue::fields().iter().cloned().chain(catalogue::field("29463-7")) {
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
