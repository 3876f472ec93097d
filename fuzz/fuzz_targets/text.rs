//! What people and browsers send: queries, mappings, dates, scopes, configurations.
#![no_main]

use fhir_ehr::{
    config::Config,
    error::escape_for_display,
    fields::time::{Anchor, FhirTime, Offset, Side, Window},
    launch::arrival,
    pull::mapping::{HEADER, Mapping},
    scope::ScopeSet,
    source::{Sources, allowed_url},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = arrival::read(text);
    let _ = Mapping::from_csv(text);
    let _ = Mapping::from_csv(&format!("{}\n{text}", HEADER.join(",")));
    let _ = FhirTime::parse(text);
    if let Some(anchor) = Anchor::parse(text) {
        for side in [Side::Both, Side::After, Side::Before] {
            let window = Window::around(anchor, Offset { days: u32::MAX, side });
            assert!(window.from <= window.to);
        }
    }
    let scopes = ScopeSet::parse(text);
    assert_eq!(ScopeSet::parse(&scopes.to_string()), scopes);
    let _ = scopes.reading("Observation");
    let _ = allowed_url(text);
    if let Ok(config) = Config::from_json(text) {
        let _ = Sources::build(&config);
    }
    let shown = escape_for_display(text);
    assert!(!shown.contains(['<', '>', '"', '\'', '\n', '\u{1b}']));
});
