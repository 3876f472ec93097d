//! scripts/install-capi: what it installs, used as docs/c-abi.md says.
//!
//! The first run builds the library for release, which takes a minute or two.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints what was measured")]

#[path = "abi/support.rs"]
#[allow(dead_code, reason = "this test uses a part")]
mod support;

use std::{fs, path::Path, process::Command};
use support::{config, folder, patient, simulator, stdout_of, weight};

/// The one block of this language in docs/c-abi.md.
fn block(language: &str) -> String {
    let text = fs::read_to_string(folder().join("../../docs/c-abi.md")).unwrap();
    let after = text.split_once(&format!("```{language}\n")).unwrap().1;
    after.split_once("```").unwrap().0.to_owned()
}

fn sh(script: &str, folder: &Path, prefix: &Path) -> String {
    let mut command = Command::new("sh");
    command.args(["-e", "-c", script]).current_dir(folder);
    command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).env("LD_LIBRARY_PATH", prefix.join("lib"));
    stdout_of(&command.output().unwrap(), script)
}

#[test]
fn the_installed_files_are_those_of_the_documents() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("prefix");
    let root = support::folder().join("../..");
    for _ in 0..2 {
        // The script checks the symbols of both libraries; a second run replaces the first's files.
        let output = Command::new(root.join("scripts/install-capi")).arg(&prefix).output().unwrap();
        assert!(stdout_of(&output, "install-capi").starts_with("fhir_ehr "));
    }
    let libraries = fs::read_dir(prefix.join("lib")).unwrap().map(|file| file.unwrap().file_name());
    let mut libraries: Vec<String> = libraries.map(|name| name.into_string().unwrap()).collect();
    libraries.sort();
    let real = format!("libfhir_ehr.so.1.{}", env!("CARGO_PKG_VERSION"));
    let expected = ["libfhir_ehr.a", "libfhir_ehr.so", "libfhir_ehr.so.1", &real, "pkgconfig"];
    assert_eq!(libraries, expected, "one real file");

    // The schemas of the documents that the header names, and of the configuration.
    let header = fs::read_to_string(prefix.join("include/fhir_ehr.h")).unwrap();
    let schemas = fs::read_dir(prefix.join("share/fhir_ehr/schemas")).unwrap();
    let schemas: Vec<String> = schemas.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(schemas.len(), fhir_ehr_capi::documents::schemas().len() + 1);
    assert!(schemas.iter().all(|name| header.contains(name.as_str())), "{schemas:?}");

    for (command, output) in [
        ("pkg-config --modversion fhir_ehr", env!("CARGO_PKG_VERSION")),
        ("pkg-config --variable=abi_level fhir_ehr", "1"),
        ("pkg-config --variable=schemas fhir_ehr", prefix.join("share/fhir_ehr/schemas").to_str().unwrap()),
    ] {
        assert_eq!(sh(command, folder.path(), &prefix).trim(), output, "{command}");
    }

    // The program and the commands of docs/c-abi.md.
    let sim = simulator(vec![patient("p1", "M-1"), weight("w1", "p1", "61.50"), weight("w2", "p1", "60")]);
    let document = config(&sim, |document| {
        document["store"] = serde_json::json!({"sqlite": "store.sqlite"});
    });
    fs::write(folder.path().join("config.json"), &document).unwrap();
    fs::write(folder.path().join("pull.c"), block("c")).unwrap();
    let output = sh(&block("sh"), folder.path(), &prefix);
    assert!(output.contains("dob = 1970-01-01\n") && output.contains("weight = 61.50\n"), "{output}");

    // The static library, in a program that has its own SQLite.
    let mixed = "#include <fhir_ehr.h>\nint sqlite3_open(void) { return 4711; }\n\
        int main(void) { fhir_ehr_core *core; return fhir_ehr_core_new(0, 0, 0, 0, &core, 0) == 101 && sqlite3_open() == 4711 ? 0 : 1; }\n";
    fs::write(folder.path().join("mixed.c"), mixed).unwrap();
    let link = "cc mixed.c -o mixed $(pkg-config --cflags fhir_ehr) $(pkg-config --variable=libdir fhir_ehr)/libfhir_ehr.a \
        $(pkg-config --static --libs fhir_ehr | sed 's/-lfhir_ehr//') && ./mixed";
    sh(link, folder.path(), &prefix);

    // A call without I/O takes less than 5 microseconds from C.
    let speed = format!(
        "cc -O2 -I {0} {0}/speed.c -o speed $(pkg-config --cflags --libs fhir_ehr) && ./speed config.json",
        support::folder().join("tests/c").display()
    );
    println!("{}", sh(&speed, folder.path(), &prefix));
}
