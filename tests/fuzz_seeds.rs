//! Replays the seeds of the fuzz targets. An input that made a target fail belongs to the seeds.

#[path = "../fuzz/checks/callback.rs"]
mod callback;
#[path = "../fuzz/checks/discovery.rs"]
mod discovery;
#[path = "../fuzz/checks/id_token.rs"]
mod id_token;
#[path = "../fuzz/checks/keys.rs"]
mod keys;
#[path = "../fuzz/checks/scopes.rs"]
mod scopes;
#[path = "../fuzz/checks/token_answer.rs"]
mod token_answer;

use std::{fs, path::Path};

fn replay(target: &str, check: fn(&str)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        check(&String::from_utf8_lossy(&fs::read(entry.unwrap().path()).unwrap()));
        count += 1;
    }
    assert!(count >= 8, "{target} has {count} seeds");
}

#[test]
fn the_seeds_of_discovery_pass() {
    replay("discovery", discovery::check);
}

#[test]
fn the_seeds_of_callback_pass() {
    replay("callback", callback::check);
}

#[test]
fn the_seeds_of_keys_pass() {
    replay("keys", keys::check);
}

#[test]
fn the_seeds_of_scopes_pass() {
    replay("scopes", scopes::check);
}

#[test]
fn the_seeds_of_id_token_pass() {
    replay("id_token", id_token::check);
}

#[test]
fn the_seeds_of_token_answer_pass() {
    replay("token_answer", token_answer::check);
}
