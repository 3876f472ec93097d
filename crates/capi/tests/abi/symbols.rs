//! The exported functions, the SONAME, and that the header compiles with every compiler and dialect.

use crate::support::{compilers, folder, include, library, stdout_of};
use std::{collections::BTreeSet, fs, process::Command};

fn golden() -> BTreeSet<String> {
    let list = fs::read_to_string(folder().join("tests/abi/symbols.txt")).unwrap();
    list.lines().map(str::to_owned).collect()
}

/// The exported names, without those of the test build.
fn exported() -> BTreeSet<String> {
    let output =
        Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(library()).output().unwrap();
    let names = stdout_of(&output, "nm");
    let names = names.lines().filter_map(|line| line.split(' ').next().map(str::to_owned));
    names.filter(|name| !name.starts_with("fhir_ehr_test_")).collect()
}

#[test]
fn exactly_the_golden_list_is_exported() {
    let exported = exported();
    assert!(exported.iter().all(|name| name.starts_with("fhir_ehr_")), "{exported:?}");
    assert!(exported.len() <= 100, "a C API of more than 100 functions is too wide: {}", exported.len());
    assert_eq!(exported, golden(), "an export was added or removed; see docs/conventions.md, Versions");
}

/// The features of every package in the release build of a package, as `cargo tree` prints them.
fn features(package: &str, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.args([
        "tree",
        "--locked",
        "--offline",
        "--edges",
        "no-dev",
        "--format",
        "{p} {f}",
        "--package",
        package,
    ]);
    let output = command.args(more).current_dir(folder()).output().unwrap();
    stdout_of(&output, "cargo tree")
}

#[test]
fn nothing_that_is_shipped_has_a_feature_of_the_tests() {
    let is_test_feature = |text: &str| text.contains("test-internals") || text.contains("test-hooks");
    for package in ["fhir_ehr_capi", "fhir-ehr"] {
        assert!(!is_test_feature(&features(package, &[])), "{package}");
        assert!(is_test_feature(&features(package, &["--features", "fhir_ehr/test-internals"])), "{package}");
    }
}

#[test]
fn the_header_declares_what_is_exported() {
    let header = fs::read_to_string(include().join("fhir_ehr.h")).unwrap();
    for name in golden() {
        assert!(header.contains(&format!("{name}(")), "{name} is not in the header");
    }
}

#[test]
fn the_soname_does_not_change() {
    let output = Command::new("readelf").arg("-d").arg(library()).output().unwrap();
    assert!(stdout_of(&output, "readelf").contains("soname: [libfhir_ehr.so.1]"));
}

#[test]
fn the_header_compiles_in_every_dialect_without_a_warning_also_twice() {
    let folder = tempfile::tempdir().unwrap();
    let text = "#include \"fhir_ehr.h\"\n#include \"fhir_ehr.h\"\n\
        int main(void) { fhir_ehr_store store; return sizeof store > 8 && FHIR_EHR_NEVER < 0 ? 0 : 1; }\n";
    let (c, cpp) = (folder.path().join("a.c"), folder.path().join("a.cpp"));
    fs::write(&c, text).unwrap();
    fs::write(&cpp, text).unwrap();
    let strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-fsyntax-only"];
    for (compiler, standards, file, more) in [
        ("gcc", ["-std=c99", "-std=c11"], &c, "-Wstrict-prototypes"),
        ("clang", ["-std=c99", "-std=c11"], &c, "-Wstrict-prototypes"),
        ("g++", ["-std=c++11", "-std=c++20"], &cpp, "-Wold-style-cast"),
        ("clang++", ["-std=c++11", "-std=c++20"], &cpp, "-Wold-style-cast"),
    ] {
        for compiler in compilers(&[compiler]) {
            for standard in standards {
                let mut command = Command::new(compiler);
                command.arg(standard).args(strict).arg(more).arg("-I").arg(include()).arg(file);
                stdout_of(&command.output().unwrap(), &format!("{compiler} {standard}"));
            }
        }
    }
}
