//! Queries of launches and callbacks, as browsers send them.
#![no_main]

#[path = "../checks/callback.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| checks::check(text));
