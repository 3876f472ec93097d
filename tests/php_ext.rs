//! Builds php-ext as an administrator does, against an installed library, and runs all .phpt tests, some of them under valgrind.
#![allow(clippy::print_stderr, missing_docs, reason = "a test")]

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Cargo's output folder. This binary is in TARGET/PROFILE/deps.
fn profile_folder() -> PathBuf {
    let own = env::current_exe().expect("the name of this binary");
    own.ancestors().nth(2).expect("a target folder").to_path_buf()
}

fn is_there(program: &str) -> bool {
    let asked = format!("PATH=$PATH:/usr/sbin:/sbin command -v {program}");
    Command::new("sh")
        .args(["-c", &asked])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Reports missing programs on stderr. With CI set, this is a failure.
fn skipped(what: &str) {
    assert!(env::var_os("CI").is_none(), "{what} missing: scripts/packages-php-ext.txt has what is needed");
    eprintln!("SKIPPED: php-ext was not tested: {what} missing (scripts/packages-php-ext.txt)");
}

fn run(command: &mut Command, what: &str) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|cause| panic!("{what}: {cause}"));
    assert!(output.status.success(), "{what} failed:\n{}", text_of(&output));
    output
}

fn text_of(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// The simulated EHR and the installed library. FHIR_EHR_PREFIX can name an installed library.
fn programs(work: &Path) -> (PathBuf, PathBuf) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args(["build", "--quiet", "--locked", "-p", "ehr-sim", "--bin", "ehr-sim"]);
    let profile = profile_folder();
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    cargo.env("CARGO_TARGET_DIR", profile.parent().expect("a target folder"));
    run(&mut cargo, "building ehr-sim");
    let prefix = env::var_os("FHIR_EHR_PREFIX").map_or_else(
        || {
            let prefix = work.join("prefix");
            let mut install = Command::new(root().join("scripts/install-capi"));
            install.arg(&prefix).env("CARGO_TARGET_DIR", profile.parent().expect("a target folder"));
            run(&mut install, "scripts/install-capi");
            prefix
        },
        PathBuf::from,
    );
    (profile.join("ehr-sim"), prefix)
}

/// Runs phpize, configure and make in a copy, with warnings as errors.
fn build(work: &Path, prefix: &Path) -> PathBuf {
    let copy = work.join("php-ext");
    run(Command::new("cp").arg("-r").arg(root().join("php-ext")).arg(&copy), "copying php-ext");
    run(Command::new("phpize").current_dir(&copy), "phpize");
    let with = format!("--with-fhir_ehr={}", prefix.display());
    let mut configure = Command::new("./configure");
    run(configure.current_dir(&copy).args([&with, "--enable-fhir_ehr-werror"]), "configure");
    let made = run(Command::new("make").current_dir(&copy).arg("-j2"), "make");
    assert!(!text_of(&made).contains("warning:"), "make warns:\n{}", text_of(&made));
    copy
}

/// The last lines of the output of run-tests.php, without colors and progress.
fn report(output: &Output) -> String {
    let text = text_of(output);
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("PASS")).collect();
    lines[lines.len().saturating_sub(150)..].join("\n")
}

/// Keeps the output for `scripts/check-output`, which looks for secrets in it.
fn keep(output: &Output) {
    if let Some(folder) = env::var_os("FHIR_EHR_TEST_LOGS") {
        let path = Path::new(&folder).join("php-ext.log");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut file| file.write_all(text_of(output).as_bytes())).expect("the output is kept");
    }
}

fn check(output: &Output, what: &str) {
    keep(output);
    let report = report(output);
    assert!(output.status.success(), "{what}:\n{report}");
    let number = |name: &str| {
        let line = report.lines().find(|line| line.starts_with(name))?;
        line.split(':').nth(1)?.split_whitespace().next()?.parse::<usize>().ok()
    };
    assert!(number("Tests passed").is_some_and(|passed| passed > 0), "{what}: nothing ran\n{report}");
    assert_eq!(number("Tests failed"), Some(0), "{what}:\n{report}");
    if number("Tests skipped") != Some(0) {
        assert!(env::var_os("CI").is_none(), "{what}: tests were skipped\n{report}");
        eprintln!("SKIPPED: some .phpt tests were skipped:\n{report}");
    }
}

#[test]
fn the_extension_builds_without_a_warning_and_all_its_tests_pass() {
    for program in ["php", "phpize", "php-config", "pkg-config", "make", "cc"] {
        if !is_there(program) {
            return skipped(program);
        }
    }
    let work = tempfile::tempdir().expect("a folder");
    let (simulator, prefix) = programs(work.path());
    let copy = build(work.path(), &prefix);
    let for_tests = |command: &mut Command| {
        command.current_dir(&copy).env("FHIR_EHR_SIM", &simulator).env("FHIR_EHR_ROOT", root());
        command.env("NO_INTERACTION", "1");
    };

    let mut tests = Command::new("make");
    for_tests(&mut tests);
    tests.arg("test").env("TEST_PHP_ARGS", "-q -x --show-diff -g FAIL,BORK,WARN,LEAK,SKIP");
    check(&tests.stdin(Stdio::null()).output().expect("make test"), "make test");

    if !is_there("valgrind") {
        return skipped("valgrind");
    }
    let listed = std::fs::read_to_string(copy.join("tests/valgrind.txt")).expect("the list");
    let mut watched = Command::new(root().join("scripts/valgrind-phpt"));
    for_tests(&mut watched);
    watched.arg(&copy).args(listed.lines().filter(|line| line.starts_with("tests/")));
    check(&watched.stdin(Stdio::null()).output().expect("valgrind-phpt"), "valgrind");
}

#[test]
fn the_generated_files_match_the_stubs() {
    if !is_there("php-config") || !Path::new("/usr/share/php/PhpParser").exists() {
        return skipped("php-parser");
    }
    run(Command::new(root().join("php-ext/scripts/gen-arginfo")).arg("--check"), "gen-arginfo --check");
}

#[test]
fn no_source_file_is_too_long() {
    let files =
        Command::new("find").arg(root().join("php-ext/src")).args(["-name", "*.c"]).output().expect("find");
    for file in String::from_utf8_lossy(&files.stdout).lines() {
        let lines = std::fs::read_to_string(file).expect("a source").lines().count();
        assert!(lines <= 400, "{file} has {lines} lines");
    }
}
