//! Generates files from the source and its tables: include/fhir_ehr.h with cbindgen, the constants of error codes and row
//! members, the list of exports, docs/schemas, and the tables of php-ext. `make header` writes the files; without it, the
//! tests fail when a file is not what the source generates.

#[path = "generated/members.rs"]
mod members;

use fhir_ehr::Code;
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

/// The members of a staged row. A later list of members is another `Schema` with a test like `row_members_match_the_table`.
const ROW: members::Schema = members::Schema {
    file: "src/row_members.tsv",
    table: include_str!("../src/row_members.tsv"),
    subject: "a staged row",
    rust_type: "fhir_ehr::StagedRow",
    prefix: "FHIR_EHR_ROW_",
    c_array: "row_members",
};

/// The source files of the header, in its order. A file brings the modules that it declares.
const FILES: [&str; 21] = [
    "version",
    "codes",
    "status",
    "error",
    "text",
    "static_documents",
    "core",
    "record",
    "sink",
    "hooks/mod",
    "row_members",
    "rows",
    "client",
    "client_sign_in",
    "client_launch",
    "client_links",
    "client_study",
    "client_review",
    "client_decided",
    "client_admin",
    "client_grants",
];

/// Rust names of C's types.
const NAMES: [(&str, &str); 13] = [
    ("Status", "fhir_ehr_status"),
    ("Error", "fhir_ehr_error"),
    ("Text", "fhir_ehr_text"),
    ("Core", "fhir_ehr_core"),
    ("Client", "fhir_ehr_client"),
    ("Rows", "fhir_ehr_rows"),
    ("Sink", "fhir_ehr_sink"),
    ("HostStoredRecord", "fhir_ehr_stored_record"),
    ("HostQuery", "fhir_ehr_query"),
    ("StoreHooks", "fhir_ehr_store"),
    ("AccessHooks", "fhir_ehr_access"),
    ("SecretProviderHooks", "fhir_ehr_secret_provider"),
    ("LogHooks", "fhir_ehr_log"),
];

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn php_ext() -> PathBuf {
    folder().join("../../php-ext")
}

fn writing() -> bool {
    std::env::var_os("FHIR_EHR_WRITE_HEADER").is_some()
}

fn write_or_compare(path: &Path, text: &str) {
    if writing() {
        fs::write(path, text).unwrap();
        return;
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let differs = committed.lines().zip(text.lines()).find(|(one, other)| one != other);
    assert!(
        committed == text,
        "{} is not what the source generates; `make header` writes it. First difference: {differs:?}",
        path.display()
    );
}

fn codes() -> String {
    let mut text =
        "//! The numbers of the errors. Generated from src/error_codes.tsv of the core with `make header`; do not edit.\n"
            .to_owned();
    for code in Code::all() {
        let name = code.name().to_uppercase();
        let sentence = code.sentence();
        let _ = write!(text, "\n/// {sentence}\npub const FHIR_EHR_E_{name}: i32 = {};\n", code.number());
    }
    text
}

/// The PHP exception of each error code, from the last cell of the core's table.
fn php_error_classes() -> String {
    let mut text = "/* Generated from src/error_codes.tsv with `make header`; do not edit. */\n\n\
        static const struct {\n\tfhir_ehr_status code;\n\tzend_class_entry **ce;\n} error_classes[] = {\n"
        .to_owned();
    let table = include_str!("../../../src/error_codes.tsv");
    for row in table.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [_, name, .., class] = cells[..] else { panic!("error_codes.tsv: not a row: {row}") };
        let _ = writeln!(text, "\t{{FHIR_EHR_E_{}, &fe_{class}_ce}},", name.to_uppercase());
    }
    text.push_str("};\n");
    text
}

/// The warnings of cbindgen: there must be none.
struct Warnings(Mutex<Vec<String>>);

static WARNINGS: Warnings = Warnings(Mutex::new(Vec::new()));

impl log::Log for Warnings {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.lock().unwrap().push(format!("{}: {}", record.level(), record.args()));
        }
    }

    fn flush(&self) {}
}

fn introduction() -> String {
    let source = fs::read_to_string(folder().join("src/lib.rs")).unwrap();
    let mut comment = "/*\n".to_owned();
    for line in source.lines().map_while(|line| line.strip_prefix("//!")) {
        let _ = writeln!(comment, " *{line}");
    }
    comment.push_str(
        " *\n * Generated from crates/capi/src with `make header`, which runs cbindgen; do not edit.\n */",
    );
    comment
}

fn header() -> String {
    let _ = log::set_logger(&WARNINGS).map(|()| log::set_max_level(log::LevelFilter::Warn));
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        header: Some(introduction()),
        include_guard: Some("FHIR_EHR_H".to_owned()),
        no_includes: true,
        sys_includes: vec!["stddef.h".to_owned(), "stdint.h".to_owned()],
        cpp_compat: true,
        usize_is_size_t: true,
        style: cbindgen::Style::Both,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        line_length: 100,
        tab_width: 4,
        ..cbindgen::Config::default()
    };
    config.export.rename = NAMES.iter().map(|(rust, c)| ((*rust).to_owned(), (*c).to_owned())).collect();
    // cbindgen would write the number, which is too large for a C literal.
    config.after_includes = Some(
        "/** In a record's `expires_in`: it does not expire. */\n#define FHIR_EHR_NEVER INT64_MIN".to_owned(),
    );
    config.function.sort_by = Some(cbindgen::SortKey::None);
    config.constant.sort_by = Some(cbindgen::SortKey::None);
    let sources: Vec<PathBuf> = FILES.iter().map(|file| folder().join(format!("src/{file}.rs"))).collect();
    let builder = sources.iter().fold(cbindgen::Builder::new(), |builder, file| builder.with_src(file));
    let bindings = builder.with_config(config).generate().expect("a header");
    let mut bytes = Vec::new();
    bindings.write(&mut bytes);
    let warnings = WARNINGS.0.lock().unwrap();
    assert!(warnings.is_empty(), "cbindgen has warned: {warnings:?}");
    one_liners(&without_safety(&String::from_utf8(bytes).unwrap()))
}

/// Removes the `# Safety` chapters, which Rust's conventions require and which repeat the introduction.
fn without_safety(header: &str) -> String {
    let mut text = String::new();
    let mut skipping = false;
    for line in header.lines() {
        let trimmed = line.trim();
        if trimmed == "* # Safety" {
            skipping = true;
            // The empty line before it.
            text.truncate(text.trim_end().trim_end_matches('*').trim_end().len());
            text.push('\n');
        }
        skipping &= trimmed != "*/";
        if !skipping {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// Writes a comment with one line of text as one line.
fn one_liners(header: &str) -> String {
    let lines: Vec<&str> = header.lines().collect();
    let mut text = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let indent = &line[..line.len() - line.trim_start().len()];
        let said = lines.get(at + 1).and_then(|next| next.trim_start().strip_prefix("* "));
        let ends = lines.get(at + 2).is_some_and(|end| end.trim() == "*/");
        match said.filter(|said| ends && line.trim() == "/**" && indent.len() + said.len() < 103) {
            Some(said) => {
                let _ = writeln!(text, "{indent}/** {said} */");
                at += 3;
            }
            None => {
                text.push_str(line);
                text.push('\n');
                at += 1;
            }
        }
    }
    text.replace("*/\n\n#define", "*/\n#define")
        .replace("#include <stdint.h>\n/**", "#include <stdint.h>\n\n/**")
}

/// The functions that the header declares, one on a line, sorted: exactly these are exported.
fn symbols(header: &str) -> String {
    let declaration = |line: &str| {
        let name = line.split_once('(')?.0.rsplit([' ', '*']).next()?;
        let is_code = line.starts_with(|first: char| first.is_ascii_lowercase());
        (is_code && name.starts_with("fhir_ehr_")).then(|| format!("{name}\n"))
    };
    let names: BTreeSet<String> = header.lines().filter_map(declaration).collect();
    names.into_iter().collect()
}

#[test]
fn error_constants_match_the_table() {
    write_or_compare(&folder().join("src/codes.rs"), &codes());
}

#[test]
fn row_members_match_the_table() {
    write_or_compare(&folder().join("src/row_members.rs"), &ROW.rust_module());
    write_or_compare(&php_ext().join("src/row_members.h"), &ROW.php_header());
    let stub = php_ext().join("src/FhirEhr/StagedRow.stub.php");
    write_or_compare(&stub, &ROW.php_stub(&fs::read_to_string(&stub).unwrap()));
}

#[test]
fn php_exceptions_match_the_table() {
    write_or_compare(&php_ext().join("src/error_classes.h"), &php_error_classes());
}

#[test]
fn the_header_matches_the_source() {
    if writing() {
        error_constants_match_the_table();
        row_members_match_the_table();
    }
    let header = header();
    write_or_compare(&folder().join("../../include/fhir_ehr.h"), &header);
    write_or_compare(&folder().join("tests/abi/symbols.txt"), &symbols(&header));
}

#[test]
fn the_schemas_match_the_types_of_the_documents() {
    let schemas = fhir_ehr_capi::documents::schemas();
    let files = folder().join("../../docs/schemas");
    for (name, schema) in &schemas {
        let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
        write_or_compare(&files.join(format!("{name}.schema.json")), &text);
    }
    assert_eq!(
        fs::read_dir(files).unwrap().count(),
        schemas.len(),
        "docs/schemas has a file that no document needs"
    );
}
