//! What a thief may have written into the store: sealed bytes that were not sealed here.
#![no_main]

use fhir_ehr::{
    config::{VaultConfig, VaultKeyConfig},
    vault::{Place, Vault},
};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

static VAULT: OnceLock<Vault> = OnceLock::new();

fn vault() -> Vault {
    let key = || "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned().into();
    let keys = vec![VaultKeyConfig { id: "k".into(), key: key() }];
    Vault::open(&VaultConfig { current: "k".into(), keys, index_key: key() }, None, None).expect("a vault")
}

fuzz_target!(|bytes: &[u8]| {
    let place = Place { kind: "grant", key: "k", organization: "o", project: "", subject: "" };
    assert!(VAULT.get_or_init(vault).open_sealed::<String>(&place, bytes).is_err());
});
