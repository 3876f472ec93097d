//! Bytes that an attacker may have written into the store: no such record decrypts.
#![no_main]

use fhir_ehr::{
    VaultConfig, VaultKeyConfig,
    internals::{Place, Vault},
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static VAULT: LazyLock<Vault> = LazyLock::new(|| {
    let key = || "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned().into();
    let keys = vec![VaultKeyConfig { id: "k".into(), key: key() }];
    Vault::open(&VaultConfig { current: "k".into(), keys, index_key: key() }, None, None).expect("a vault")
});

fuzz_target!(|bytes: &[u8]| {
    let place = Place { kind: "grant", key: "k", organization: "o", project: "", subject: "" };
    assert!(VAULT.open_sealed::<String>(&place, bytes).is_err());
});
