//! Discovery documents and directories of endpoints, as servers and vendors publish them.
#![no_main]

#[path = "../checks/discovery.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| checks::check(text));
