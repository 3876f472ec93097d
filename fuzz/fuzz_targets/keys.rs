//! What a JWKS URL, a token and a key file may contain.
#![no_main]

#[path = "../checks/keys.rs"]
mod keys;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| keys::check(text));
