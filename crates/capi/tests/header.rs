//! include/fhir_ehr.h and src/codes.rs are what the source says; FHIR_EHR_WRITE_HEADER=1 writes them.

use fhir_ehr::Code;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

/// The files that make the header, in its order; what a file holds as modules comes with it.
const FILES: [&str; 15] = [
    "version",
    "codes",
    "guard",
    "error",
    "text",
    "tables",
    "core",
    "sink",
    "hooks/mod",
    "rows",
    "client",
    "client_sign_in",
    "client_study",
    "client_decided",
    "client_admin",
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

fn writing() -> bool {
    std::env::var_os("FHIR_EHR_WRITE_HEADER").is_some()
}

fn must_be(path: &Path, text: &str) {
    if writing() {
        fs::write(path, text).unwrap();
        return;
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let differs = committed.lines().zip(text.lines()).find(|(one, other)| one != other);
    assert!(
        committed == text,
        "{} is not what the source generates; FHIR_EHR_WRITE_HEADER=1 cargo test -p fhir_ehr_capi --test header writes it. First difference: {differs:?}",
        path.display()
    );
}

fn codes() -> String {
    let mut text =
        "//! The numbers of the errors, made from src/error_codes.tsv of the core by tests/header.rs.\n"
            .to_owned();
    for code in Code::all() {
        let name = code.name().to_uppercase();
        let sentence = code.sentence();
        let _ = write!(text, "\n/// {sentence}\npub const FHIR_EHR_E_{name}: i32 = {};\n", code.number());
    }
    text
}

/// What cbindgen has to say: nothing may be said.
struct Complaints(Mutex<Vec<String>>);

static COMPLAINTS: Complaints = Complaints(Mutex::new(Vec::new()));

impl log::Log for Complaints {
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
    comment.push_str(" *\n * Made by cbindgen from crates/capi; do not edit.\n */");
    comment
}

fn header() -> String {
    let _ = log::set_logger(&COMPLAINTS).map(|()| log::set_max_level(log::LevelFilter::Warn));
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
    let complaints = COMPLAINTS.0.lock().unwrap();
    assert!(complaints.is_empty(), "cbindgen has warned: {complaints:?}");
    one_liners(&without_safety(&String::from_utf8(bytes).unwrap()))
}

/// The chapters of Rust's convention say nothing that the introduction does not say.
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

/// A comment of one line stands on one line.
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

#[test]
fn the_constants_are_those_of_the_cores_table() {
    must_be(&folder().join("src/codes.rs"), &codes());
}

#[test]
fn the_header_is_what_the_source_says() {
    if writing() {
        the_constants_are_those_of_the_cores_table();
    }
    must_be(&folder().join("../../include/fhir_ehr.h"), &header());
}
