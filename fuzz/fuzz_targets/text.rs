//! What people and browsers send: queries, mappings, dates, scopes, configurations.
#![no_main]

use fhir_ehr::{
    Anchor, Config, LaunchQuery, Mapping, Offset, OffsetDirection, ScopeSet, Sources, escape_for_display,
    internals::{FhirTime, HEADER, Window, allowed_url},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = LaunchQuery::parse(text);
    let _ = Mapping::from_csv(text);
    let _ = Mapping::from_csv(&format!("{}\n{text}", HEADER.join(",")));
    let _ = FhirTime::parse(text);
    if let Some(anchor) = Anchor::parse(text) {
        for direction in [OffsetDirection::Both, OffsetDirection::After, OffsetDirection::Before] {
            let window = Window::around(anchor, Offset { days: u32::MAX, direction });
            assert!(window.from <= window.to);
        }
    }
    let scopes = ScopeSet::parse(text);
    assert_eq!(ScopeSet::parse(&scopes.to_string()), scopes);
    let _ = ScopeSet::parse("user/Observation.rs").compare_with(&scopes, false);
    let _ = scopes.compare_with(&ScopeSet::parse("user/*.rs"), true);
    let _ = allowed_url(text);
    if let Ok(config) = Config::from_json(text) {
        let _ = Sources::build(&config);
    }
    let shown = escape_for_display(text);
    assert!(!shown.contains(['<', '>', '"', '\'', '\n', '\u{1b}']));
});
