//! Runs the bodies of the fuzz targets on their seeds, so that a crash that was found once stays fixed. A crash that the fuzzer
//! finds becomes a seed in `fuzz/seeds`.

use std::{fs, path::Path};

#[path = "../fuzz/bodies/keys.rs"]
#[allow(missing_docs, unreachable_pub, reason = "the fuzz target uses it too")]
mod keys;

#[test]
fn the_seeds_of_keys_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/keys");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        keys::run(&String::from_utf8_lossy(&bytes));
        count += 1;
    }
    assert!(count >= 15, "{count}");
}
