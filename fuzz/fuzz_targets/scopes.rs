//! Lists of scopes, as servers grant them and people configure them.
#![no_main]

#[path = "../checks/scopes.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| checks::check(text));
