//! What an EHR may send as an id_token.
#![no_main]

#[path = "../checks/id_token.rs"]
mod id_token;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| id_token::check(text));
