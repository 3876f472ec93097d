//! Answers of token endpoints, and `error_uri`.
#![no_main]

#[path = "../checks/token_answer.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| checks::check(text));
