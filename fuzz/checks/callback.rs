//! What must be true for every query of a launch or callback. The fuzz target and `tests/fuzz_seeds.rs` use it.

use fhir_ehr::{CallbackResult, LaunchQuery};

/// Parses any query, with and without the leading `?`.
pub(crate) fn check(query: &str) {
    let parsed = LaunchQuery::parse(query);
    let again = LaunchQuery::parse(&format!("?{query}"));
    assert_eq!(parsed.is_ok(), again.is_ok(), "{query}");
    match parsed {
        Ok(LaunchQuery::Launch { iss, .. }) => {
            assert!(!iss.is_empty());
            assert!(LaunchQuery::parse(&format!("{query}&code=1&state=2")).is_err(), "{query}");
        }
        Ok(LaunchQuery::Callback { result, .. }) => {
            if let CallbackResult::Error { error, .. } = result {
                assert!(!error.is_empty());
            }
            assert!(LaunchQuery::parse(&format!("{query}&launch=1&iss=2")).is_err(), "{query}");
            assert!(LaunchQuery::parse(&format!("{query}&state=2")).is_err(), "a second state: {query}");
        }
        Err(error) => {
            let shown = error.message();
            assert!(!shown.contains(['<', '>', '\n', '\u{1b}']), "{shown}");
        }
    }
}
