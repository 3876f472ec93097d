//! Unloading, any integer, panics, NULL for every pointer, and a store that returns false results (pitfalls 8, 16 and 17).

use crate::support::{Program, config, library, patient, simulator, stdout_of, weight};

#[test]
fn a_panic_never_reaches_c_prints_nothing_and_poisons_its_handle() {
    let program = Program::compile("panic");
    let output = program.command().env("RUST_BACKTRACE", "1").output().unwrap();
    stdout_of(&output, "panic");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    if let Some(mut valgrind) = program.under_valgrind() {
        stdout_of(&valgrind.output().unwrap(), "panic under valgrind");
    }
}

#[test]
fn any_integer_gives_an_error_or_a_valid_result() {
    let sim = simulator(vec![patient("p1", "M-1")]);
    let program = Program::compile("integers");
    let file = program.write("config.json", &config(&sim, |_| {}));
    for seed in ["88172645463325252", "2463534242", "99"] {
        println!("seed {seed}: {}", program.run(&[file.to_str().unwrap(), seed]).trim());
    }
}

#[test]
fn null_and_broken_text_are_errors_and_equal_documents_share_a_core() {
    let sim = simulator(vec![patient("p1", "M-1")]);
    let program = Program::compile("nulls");
    let file = program.write("config.json", &config(&sim, |_| {}));
    program.run(&[&file]);
    if let Some(mut valgrind) = program.under_valgrind() {
        stdout_of(&valgrind.arg(file).output().unwrap(), "nulls under valgrind");
    }
}

#[test]
fn a_store_that_returns_false_results_gives_an_error_for_each_call() {
    let sim = simulator(vec![patient("p1", "M-1"), weight("w1", "p1", "61.5")]);
    let program = Program::compile("odd_store");
    let document = config(&sim, |document| {
        document["limits"] = serde_json::json!({"refresh_lease_seconds": 3});
    });
    let file = program.write("config.json", &document);
    program.run(&[&file]);
    if let Some(mut valgrind) = program.under_valgrind() {
        stdout_of(&valgrind.arg(file).output().unwrap(), "odd_store under valgrind");
    }
}

#[test]
fn the_library_can_be_unloaded_after_its_pure_functions_only() {
    // The program is not linked to the library; it loads it with dlopen().
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("unload");
    let source = crate::support::folder().join("tests/c/unload.c");
    let mut cc = std::process::Command::new("cc");
    cc.args(["-std=c11", "-Wall", "-Wextra", "-Werror"]).arg(source).arg("-o").arg(&program).arg("-ldl");
    stdout_of(&cc.output().unwrap(), "cc");
    stdout_of(&std::process::Command::new(&program).arg(library()).output().unwrap(), "unload");
    let used = std::process::Command::new(&program).arg(library()).arg("used").output().unwrap();
    stdout_of(&used, "stay mapped");
}
