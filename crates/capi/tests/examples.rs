//! The examples in the comments of include/fhir_ehr.h: the JSON documents are valid, the C code compiles.

use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The header without the decoration of comments, so that its examples can be cut out.
fn header() -> String {
    let header = fs::read_to_string(folder().join("../../include/fhir_ehr.h")).unwrap();
    let undecorated = |line: &str| {
        let text = line.trim_start();
        text.strip_prefix("* ").unwrap_or(text.trim_start_matches('*')).to_owned() + "\n"
    };
    header.lines().map(undecorated).collect()
}

/// The fenced examples of one language: each with the text before it.
fn examples<'h>(header: &'h str, language: &str) -> Vec<(&'h str, &'h str)> {
    let fence = format!("```{language}\n");
    let starts = header.match_indices(&fence).map(|(at, _)| at);
    starts
        .map(|at| {
            let (example, _) = header[at + fence.len()..].split_once("```").expect("an end of the example");
            (&header[..at], example)
        })
        .collect()
}

/// The schema that the last `*.schema.json` before an example names.
fn schema_name(before: &str) -> &str {
    let (before, _) = before.rsplit_once(".schema.json").expect("a schema is named before the example");
    before.rsplit(|letter: char| !letter.is_ascii_lowercase() && letter != '_').next().unwrap()
}

fn schema(name: &str) -> Value {
    let path = folder().join(format!("../../docs/schemas/{name}.schema.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn each_json_example_is_valid_and_each_document_has_an_example() {
    let header = header();
    let mut shown = BTreeSet::new();
    for (before, example) in examples(&header, "json") {
        let name = schema_name(before);
        let document: Value =
            serde_json::from_str(example).unwrap_or_else(|error| panic!("{name}: {error}\n{example}"));
        let schema = schema(name);
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}\n{example}");
        shown.insert(name.to_owned());
    }
    let documents: BTreeSet<String> =
        fhir_ehr_capi::documents::schemas().into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(shown, documents);
}

#[test]
fn the_c_examples_compile_without_a_warning() {
    let header = header();
    let examples = examples(&header, "c");
    assert!(examples.len() >= 3, "{}", examples.len());
    let mut program = "#include <fhir_ehr.h>\n#include <stdio.h>\n#include <string.h>\n".to_owned();
    examples.iter().for_each(|(_, example)| program.push_str(example));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("examples.c");
    fs::write(&file, program).unwrap();
    let mut cc = Command::new("cc");
    cc.args([
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-pedantic",
        "-Wno-unused-function",
        "-fsyntax-only",
    ]);
    cc.arg("-I").arg(self::folder().join("../../include")).arg(&file);
    let output = cc.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
