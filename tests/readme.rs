//! Runs the code blocks of README.md unchanged: the installation, the PHP program, and the C program.
//!
//! The first run builds the library in release mode, which takes one or two minutes.
#![allow(clippy::print_stderr, missing_docs, reason = "a test")]

mod word_list;

use ehr_sim::{DataSource, Options, Simulator};
use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

const PATIENT: &str = r#"{"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1970-01-01",
    "name": [{"use": "official", "family": "F"}], "identifier": [{"system": "urn:oid:1.2.3", "value": "M-1",
    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}}]}"#;
const WEIGHT: &str = r#"{"resourceType": "Observation", "id": "w1", "status": "final",
    "subject": {"reference": "Patient/p1"}, "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
    "code": "vital-signs"}]}], "effectiveDateTime": "2020-01-01", "valueQuantity": {"value": 61.50, "unit": "kg"}}"#;
const MAPPING: &str = "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name\n\
    birthDate,,dob,,,\n29463-7,,weight,,MAX,\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The code blocks of a section of README.md: language and text.
fn blocks(title: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("README.md")).expect("README.md");
    let (_, part) = text.split_once(&format!("\n## {title}\n")).expect("the part");
    let part = part.split("\n## ").next().expect("a part");
    let fenced = part.split("```").skip(1).step_by(2);
    fenced
        .map(|block| {
            let (language, code) = block.split_once('\n').expect("a language");
            (language.to_owned(), code.to_owned())
        })
        .collect()
}

/// The only block of a language in a section.
fn block(title: &str, language: &str) -> String {
    let mut found: Vec<String> =
        blocks(title).into_iter().filter(|one| one.0 == language).map(|one| one.1).collect();
    assert_eq!(found.len(), 1, "one {language} block in '{title}'");
    found.remove(0)
}

/// Runs shell lines. Each of them must succeed.
fn sh(lines: &str, folder: &Path, prefix: &Path) -> String {
    let mut command = Command::new("bash");
    command.args(["-e", "-o", "pipefail", "-c", lines]).current_dir(folder).stdin(Stdio::null());
    command.env("PREFIX", prefix).env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    let output = command.env("LD_LIBRARY_PATH", prefix.join("lib")).output().expect("bash");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{lines}\n{out}\n{err}");
    out.into_owned()
}

/// What is missing for PHP, report loudly; with CI set that is a failure.
fn can_run() -> bool {
    for program in ["php", "phpize", "php-config", "pkg-config", "make", "cc"] {
        let asked =
            Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
        if !asked.is_ok_and(|status| status.success()) {
            assert!(
                env::var_os("CI").is_none(),
                "{program} is missing: scripts/packages-demo.txt has what is needed"
            );
            eprintln!("SKIPPED: README.md was not tried: {program} is missing (scripts/packages-demo.txt)");
            return false;
        }
    }
    true
}

#[test]
fn the_code_blocks_of_the_readme_run_unchanged() {
    if !can_run() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // The folder is kept, so that the next run is fast.
    let prefix = env::var_os("README_PREFIX").map_or_else(|| folder.join("prefix"), Into::into);

    let output = sh(&block("Install", "sh"), root(), &prefix);
    // The output is the library's version and the extension's name.
    assert!(
        output.starts_with(concat!(env!("CARGO_PKG_VERSION"), "\n")) && output.ends_with("\nfhir_ehr\n"),
        "{output}"
    );
    for file in ["composer.json", "src/PdoStore.php", "stubs/fhir_ehr.php"] {
        assert!(prefix.join("share/php/fhir_ehr").join(file).is_file(), "{file} of the Composer package");
    }
    let ini = fs::read_to_string(prefix.join("fhir_ehr.ini")).expect("the ini file");
    check_words(&prefix);

    let data = DataSource::Resources(vec![PATIENT.to_owned(), WEIGHT.to_owned()]);
    let sim = Simulator::start(Options { data, ..Options::default() }).expect("a simulator");
    let mut document: serde_json::Value = serde_json::from_str(&sim.config_json()).expect("a document");
    document["store"] = serde_json::json!({"sqlite": "store.sqlite"});
    fs::write(folder.join("config.json"), document.to_string()).expect("config.json");
    fs::write(folder.join("mapping.csv"), MAPPING).expect("mapping.csv");

    fs::write(folder.join("pull.php"), block("From PHP", "php")).expect("pull.php");
    let output = sh(&format!("php -d {} pull.php", ini.trim()), folder, &prefix);
    assert_eq!(output, "dob = 1970-01-01\nweight = 61.50\n");

    fs::write(folder.join("pull.c"), block("From C", "c")).expect("pull.c");
    let output = sh(&block("From C", "sh"), folder, &prefix);
    assert!(output.contains("weight = 61.50\n"), "{output}");
}

/// What packages ship: the header, the pkg-config file and the Composer package.
fn check_words(prefix: &Path) {
    let mut files = word_list::files_in(prefix);
    files.retain(|file| {
        file.starts_with("include") || file.starts_with("share") || file.starts_with("lib/pkgconfig")
    });
    for folder in ["include", "share", "lib/pkgconfig"] {
        assert!(files.iter().any(|file| file.starts_with(folder)), "{folder} holds no file");
    }
    let found = word_list::WordList::of_the_project().check_files(prefix, &files);
    word_list::require_none("in installed files", &found);
}

#[test]
fn the_c_program_of_the_readme_is_the_one_of_docs_c_abi() {
    let page = fs::read_to_string(root().join("docs/c-abi.md")).expect("docs/c-abi.md");
    assert!(page.contains(&block("From C", "c")), "copy the program of docs/c-abi.md into README.md");
}
