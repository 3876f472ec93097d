//! Connections, threads, random numbers and nonces in the parent and the child of a fork (pitfalls 1 to 4).

use crate::support::{Program, config, patient, simulator, weight};
use ehr_sim::Simulator;
use std::{collections::HashSet, fs, path::PathBuf};

const PATIENTS: usize = 40;

fn clinic(localhost: bool) -> (Simulator, Program, PathBuf) {
    let resources = (0..PATIENTS).flat_map(|number| {
        let (id, value) = (format!("p{number}"), format!("{}.50", 1000 + number));
        [patient(&id, &format!("M-{number}")), weight(&format!("w{number}"), &id, &value)]
    });
    let sim = simulator(resources.collect());
    let program = Program::compile("fork");
    let document = config(&sim, |document| {
        document["store"] = serde_json::json!({"sqlite": "store.sqlite"});
        if localhost {
            // Looking up a host name is the only thing that uses another thread.
            for name in ["iss", "authorization_endpoint", "token_endpoint"] {
                let address = document["sources"][0][name].as_str().unwrap();
                document["sources"][0][name] = address.replace("127.0.0.1", "localhost").into();
            }
        }
    });
    let file = program.write("config.json", &document);
    (sim, program, file)
}

#[test]
fn parent_and_child_each_get_their_own_patients_answers() {
    for localhost in [false, true] {
        let (_sim, program, file) = clinic(localhost);
        let file = file.to_str().unwrap();
        let output = program.run(&["echo", file, &PATIENTS.to_string(), "10"]);
        let threads = if localhost { "at most: 2" } else { "at most: 1" };
        assert!(output.contains("pulls: 400"), "{output}");
        // The lookup may have ended before the threads are counted; there is never more than one at once.
        assert!(output.contains(threads) || localhost, "{output}");
        println!("localhost: {localhost}, {output}");
    }
}

#[test]
fn what_a_child_frees_stays_valid_in_the_parent() {
    let (_sim, program, file) = clinic(false);
    program.run(&["free", file.to_str().unwrap()]);
}

#[test]
fn a_client_in_use_during_a_fork_is_busy_in_the_child() {
    let (_sim, program, file) = clinic(false);
    program.run(&["in-use", file.to_str().unwrap()]);
}

#[test]
fn states_verifiers_and_nonces_of_forked_workers_all_differ() {
    let (_sim, program, file) = clinic(false);
    let output = program.run(&["random", file.to_str().unwrap()]);
    let addresses: Vec<&str> = output.lines().collect();
    assert_eq!(addresses.len(), 1 + 8 * 20 + 20);
    for name in ["state", "code_challenge", "nonce"] {
        let values = addresses.iter().map(|address| {
            let query = address.split_once('?').unwrap().1;
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
                .unwrap_or_else(|| panic!("{name} in {address}"))
        });
        assert_eq!(values.collect::<HashSet<_>>().len(), addresses.len(), "each {name} is its own");
    }
}

#[test]
fn two_forked_writers_never_seal_with_the_same_salt() {
    const COUNT: usize = 20_000;
    let (_sim, program, file) = clinic(false);
    let files = ["parent", "child"].map(|name| program.folder.path().join(name));
    let names = files.each_ref().map(|file| file.to_str().unwrap());
    program.run(&["seal", file.to_str().unwrap(), &COUNT.to_string(), names[0], names[1]]);
    let salts: Vec<u8> = files.iter().flat_map(|file| fs::read(file).unwrap()).collect();
    let (salts, _) = salts.as_chunks::<16>();
    assert_eq!(salts.len(), 2 * COUNT);
    // HKDF derives the key and the nonce of a record from its salt: different salts give different nonces.
    assert_eq!(salts.iter().collect::<HashSet<_>>().len(), salts.len());
}
