//! The documents agree with the code: generated tables, links, cited files and tests, `make` targets.
//!
//! `FHIR_EHR_WRITE_DOCS=1 cargo test -p fhir_ehr --test docs` writes the generated parts.

use fhir_ehr::{
    Code, Config, Limits, Reader, field_catalog,
    internals::{Effect, transitions},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

#[path = "docs/capabilities.rs"]
mod capabilities;
#[path = "docs/conformance.rs"]
mod conformance;
#[path = "docs/where_to_look.rs"]
mod where_to_look;

const HOW: &str = "update it with: FHIR_EHR_WRITE_DOCS=1 cargo test -p fhir_ehr --test docs";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
}

fn writing() -> bool {
    std::env::var_os("FHIR_EHR_WRITE_DOCS").is_some()
}

/// Tests of this file run at once, and several of them write parts of one page.
static PAGES: Mutex<()> = Mutex::new(());

/// Writes a file under another name first, so that a test that reads it never sees half of it.
fn replace_file(name: &str, text: &str) {
    let (path, new) = (root().join(name), root().join(format!("{name}.new")));
    fs::write(&new, text)
        .and_then(|()| fs::rename(&new, path))
        .unwrap_or_else(|cause| panic!("{name}: {cause}"));
}

/// Compares a file with its generated text, or writes it.
fn file_holds(name: &str, expected: &str) {
    if writing() {
        replace_file(name, expected);
        return;
    }
    let found = fs::read_to_string(root().join(name)).unwrap_or_default();
    assert!(found == expected, "{name} is not what the code says; {HOW}");
}

/// Compares the part of a file between two marks, or writes it.
fn part_holds(name: &str, mark: &str, expected: &str) {
    let _one_at_a_time = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let (begin, end) = (format!("<!-- made from the code: {mark} -->\n"), "<!-- end -->");
    let text = read(name);
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{name} lacks {begin}"));
    let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("{name} lacks {end}"));
    file_holds(name, &format!("{before}{begin}{expected}{end}{after}"));
}

/// A cell of a table: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn code_span(text: &str) -> String {
    format!("`{text}`")
}

fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", header.join(" | "), "---|".repeat(header.len()));
    for row in rows {
        writeln!(text, "| {} |", row.iter().map(|one| cell(one)).collect::<Vec<_>>().join(" | "))
            .expect("a String");
    }
    text
}

#[test]
fn the_error_codes_are_documented() {
    let rows: BTreeMap<u32, Vec<String>> = read("src/error_codes.tsv")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            let number = cells[0].parse().expect("a number");
            (number, cells)
        })
        .collect();
    let known: Vec<(u32, &str)> = Code::all().map(|code| (code.number(), code.name())).collect();
    let listed: Vec<(u32, &str)> = rows.iter().map(|(number, cells)| (*number, cells[1].as_str())).collect();
    assert_eq!(known, listed, "src/error_codes.tsv is in the order of its numbers and all of it is compiled");
    let rows = rows.into_values().map(|mut cells| {
        cells[1] = format!("`{}`", cells[1]);
        cells[6] = format!("`{}`", cells[6]);
        for word in &mut cells[2..5] {
            *word = word.replace('_', " ");
        }
        cells
    });
    part_holds(
        "docs/errors.md",
        "errors",
        &table(&["number", "name", "stage", "who can fix it", "retry", "sentence", "PHP exception"], rows),
    );
}

/// The cells of each line of a table of the sources, and the same cells for a page: code and plain words.
fn lines_of(file: &str) -> Vec<Vec<String>> {
    let text = read(file);
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn plain_words(cell: &str) -> String {
    if cell == "-" { String::new() } else { cell.replace('_', " ") }
}

#[test]
fn the_errors_of_authorization_servers_are_documented() {
    let rows = lines_of("src/grant/token_errors.tsv").into_iter().map(|line| {
        let request = match line[0].as_str() {
            "token" => "all token requests".to_owned(),
            "any" => "any".to_owned(),
            one => code_span(one),
        };
        let (owner, retry) = (plain_words(&line[3]), plain_words(&line[4]));
        vec![code_span(&line[1]), request, line[5].clone(), owner, retry, code_span(&line[2])]
    });
    let header = ["word", "request", "cause", "who can fix it", "retry", "meaning"];
    part_holds("docs/errors.md", "server errors", &table(&header, rows));
}

#[test]
fn the_codes_in_a_fhir_answer_are_documented() {
    let rows = lines_of("src/fhir/outcome_codes.tsv").into_iter().map(|line| {
        let system = if line[0] == "epic" { "Epic" } else { "FHIR" };
        let (owner, retry) = (plain_words(&line[3]), plain_words(&line[4]));
        vec![system.to_owned(), code_span(&line[1]), line[5].clone(), line[2].clone(), owner, retry]
    });
    let header = ["system", "code", "cause", "effect", "who can fix it", "retry"];
    part_holds("docs/errors.md", "outcome codes", &table(&header, rows));
}

#[test]
fn the_schema_of_the_configuration_is_documented() {
    let schema = Config::schema();
    if writing() {
        let text = serde_json::to_string_pretty(&schema).expect("JSON");
        file_holds("docs/config.schema.json", &format!("{text}\n"));
        return;
    }
    // Values are compared: the order of members depends on features of other crates.
    let found: Value = serde_json::from_str(&read("docs/config.schema.json")).expect("JSON");
    assert!(found == schema, "docs/config.schema.json is not what the code says; {HOW}");
}

/// A row for each property of a definition in the schema, with its description on one line.
fn described(definition: &str) -> BTreeMap<String, String> {
    let schema = Config::schema();
    let properties = schema["$defs"][definition]["properties"].as_object().expect("a definition");
    let text = |property: &Value| property["description"].as_str().expect("a description").replace('\n', " ");
    properties.iter().map(|(name, property)| (name.clone(), text(property))).collect()
}

#[test]
fn the_defaults_are_documented() {
    let defaults = serde_json::to_value(Limits::default()).expect("JSON");
    let rows = described("Limits")
        .into_iter()
        .map(|(name, what)| vec![format!("`{name}`"), defaults[&name].to_string(), what]);
    part_holds("docs/defaults.md", "limits", &table(&["name", "default", "what it bounds"], rows));
}

#[test]
fn the_fixed_values_are_those_of_the_sources() {
    let text = read("docs/defaults.md");
    let mut checked = 0;
    for cells in text.lines().filter_map(cells) {
        let [_, line, file] = &cells[..] else { continue };
        let (Some(line), Some(file)) = (code(line), code(file)) else { continue };
        assert!(read(file).contains(line), "docs/defaults.md: {file} does not hold {line}");
        checked += 1;
    }
    assert!(checked > 5, "the table of fixed values was not found");
}

#[test]
fn the_findings_of_the_doctor_are_documented() {
    let text = read("src/doctor_findings.tsv");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let plain = |cell: &str| if cell == "-" { String::new() } else { cell.replace('_', " ") };
        let code = |cell: &str| if cell == "-" { String::new() } else { format!("`{cell}`") };
        let hint = if cells[6] == "-" { "" } else { cells[6] };
        vec![
            code(cells[0]),
            cells[2].to_owned(),
            code(cells[3]),
            plain(cells[4]),
            cells[5].to_owned(),
            hint.to_owned(),
        ]
    });
    let header = ["finding", "status", "error", "who can fix it", "what was found", "what to do"];
    part_holds("docs/administrator.md", "findings", &table(&header, rows));
}

#[test]
fn the_policies_are_documented() {
    let rows = described("Policy").into_iter().map(|(name, what)| vec![format!("`{name}`"), what]);
    part_holds("docs/administrator.md", "policies", &table(&["policy", "meaning"], rows));
}

#[test]
fn the_fields_are_documented() {
    use fhir_ehr::FhirVersion::{Dstu2, R4};
    let rows = field_catalog().iter().map(|field| {
        let (old, new) = (field.resource_type(Dstu2), field.resource_type(R4));
        let resource = if old == new { new.to_owned() } else { format!("{old} (DSTU2), {new} (R4)") };
        let kind = match &field.reader {
            Reader::RecordIdentifier => "the record identifier",
            Reader::Demographic(_) => "one value",
            Reader::Observation(_) => "values with times",
            Reader::List(_) => "list",
        };
        vec![
            format!("`{}`", field.name),
            field.label.clone(),
            field.category.clone(),
            kind.to_owned(),
            resource,
            field.synonyms.join(", "),
        ]
    });
    part_holds(
        "docs/fields.md",
        "fields",
        &table(&["field", "label", "category", "gives", "resource type", "other words that find it"], rows),
    );
}

#[test]
fn the_states_of_a_staged_row_are_documented() {
    let mut text = "```mermaid\nstateDiagram-v2\n    [*] --> pending: pull\n".to_owned();
    for (phase, event, effect) in transitions() {
        let next = match effect {
            Effect::Keep(next) | Effect::KeepIfList(next) | Effect::Erase(next) => next.name(),
            Effect::Delete => "[*]",
        };
        writeln!(text, "    {} --> {next}: {}", phase.name(), event.name()).expect("a String");
    }
    text.push_str("```\n\n");
    let rows = transitions().map(|(phase, event, effect)| {
        let (next, value) = match effect {
            Effect::Keep(next) => (next.name(), "kept"),
            Effect::KeepIfList(next) => (next.name(), "erased; an entry of a list keeps its text"),
            Effect::Erase(next) => (next.name(), "erased"),
            Effect::Delete => ("none", "the row is deleted"),
        };
        vec![
            format!("`{}`", phase.name()),
            format!("`{}`", event.name()),
            format!("`{next}`"),
            value.to_owned(),
        ]
    });
    text.push_str(&table(&["state", "event", "next state", "value"], rows));
    part_holds("docs/architecture.md", "states", &text);
}

#[test]
fn the_configuration_of_the_administrators_page_is_valid() {
    let text = read("docs/administrator.md");
    let block =
        text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the document");
    let config = Config::from_json(block).expect("a valid configuration");
    assert_eq!(config.sources.len(), 1);
}

#[test]
fn the_command_of_the_administrators_page_makes_a_key() {
    let text = read("docs/administrator.md");
    let command = text.lines().find(|line| line.starts_with("    head -c 32")).expect("the command");
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("secrets")).expect("a folder");
    let status =
        Command::new("sh").args(["-e", "-c", command]).current_dir(folder.path()).status().expect("sh");
    assert!(status.success());
    let key = fs::read_to_string(folder.path().join("secrets/vault-2026-01")).expect("the key");
    assert_eq!(key.trim_end().len(), 44, "32 bytes in base64");
}

/// The Markdown files at the root, in docs/ and in tests/.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in [root().to_path_buf(), root().join("docs")] {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "md") {
                found.push(path);
            }
        }
    }
    found.extend(
        ["tests", "tests/browser", "tests/stores"].map(|folder| root().join(folder).join("README.md")),
    );
    assert!(found.len() > 10, "the documents were not found");
    found
}

#[test]
fn every_test_file_is_explained() {
    let text = read("tests/README.md");
    let missing: Vec<String> = fs::read_dir(root().join("tests"))
        .expect("tests")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".rs") && !text.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "tests/README.md does not explain {missing:?}");
}

#[test]
fn links_lead_somewhere() {
    if writing() {
        return;
    }
    let mut broken = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).expect("text");
        for (at, _) in text.match_indices("](") {
            let link = text[at + 2..].split(')').next().unwrap_or_default();
            let path = link.split('#').next().unwrap_or_default();
            let elsewhere = link.contains("://") || link.starts_with("mailto:") || path.is_empty();
            if !elsewhere && !document.parent().is_some_and(|folder| folder.join(path).exists()) {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

/// The cells of a table's row.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// The text of a cell that is one piece of code in backticks.
fn code(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`').filter(|inner| !inner.contains('`'))
}

/// All words in backticks of a cell.
fn codes(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The names of all tests of the workspace.
fn tests() -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in ["src", "tests", "crates"] {
        rust_files(&root().join(folder), &mut files);
    }
    let mut names = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap_or_default();
        for after in text.split("#[test]").skip(1) {
            let name = after.split_once("fn ").map(|(_, rest)| rest).and_then(|rest| rest.split('(').next());
            names.extend(name.map(str::to_owned));
        }
    }
    assert!(names.len() > 50, "the tests were not found");
    names
}

#[test]
fn the_controls_of_the_threat_model_name_real_files_and_real_tests() {
    let text = read("docs/threat-model.md");
    let (model, gaps) = text.split_once("## Controls without a test").expect("the list of gaps");
    let tests = tests();
    let (mut controls, mut untested, mut wrong) = (0, 0, Vec::new());
    for cells in model.lines().filter_map(cells) {
        let [control, files, shown] = &cells[..] else { continue };
        if files.starts_with("---") || *shown == "test" {
            continue;
        }
        controls += 1;
        wrong.extend(codes(files).filter(|file| !root().join(file).exists()).map(str::to_owned));
        wrong.extend(codes(shown).filter(|name| !tests.contains(*name)).map(str::to_owned));
        if codes(shown).next().is_none() {
            untested += 1;
            if !gaps.contains(control) {
                wrong.push(format!("no test, and not in the list of gaps: {control}"));
            }
        }
    }
    let listed =
        gaps.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("- "));
    assert!(wrong.is_empty(), "docs/threat-model.md names what is not there:\n{}", wrong.join("\n"));
    assert_eq!(listed.count(), untested, "the list of gaps is that of the controls without a test");
    assert!(controls > 20, "the controls were not found");
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped check is reported")]
fn the_make_targets_of_the_documents_exist() {
    let Ok(makefile) = fs::read_to_string(root().join("Makefile")) else {
        eprintln!("SKIPPED: there is no Makefile, so the targets that documents name were not checked");
        return;
    };
    for page in ["README.md", "CONTRIBUTING.md", "tests/README.md"] {
        let text = read(page);
        let named: BTreeSet<&str> = text
            .match_indices("make ")
            .filter(|(at, _)| text[..*at].ends_with('`') || text[..*at].ends_with("    "))
            .filter_map(|(at, _)| text[at + 5..].split([' ', '`', '\n']).next())
            .collect();
        assert!(named.contains("test") || page != "README.md", "README.md names make test");
        for target in named {
            let rule = makefile.lines().any(|line| {
                line.split_once(':')
                    .is_some_and(|(targets, _)| targets.split_whitespace().any(|one| one == target))
            });
            assert!(rule, "{page} says `make {target}`, and the Makefile has no such target");
        }
    }
}

#[test]
fn the_pictures_are_those_that_the_browser_tests_take() {
    let taken: BTreeSet<String> = std::fs::read_dir(root().join("tests/browser"))
        .expect("tests/browser")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).expect("a test");
            let names = text.split("picture(page, '").skip(1).filter_map(|rest| rest.split('\'').next());
            names.map(|name| format!("docs/pictures/{name}.png")).collect::<Vec<_>>()
        })
        .collect();
    let kept: BTreeSet<String> = std::fs::read_dir(root().join("docs/pictures"))
        .expect("docs/pictures")
        .map(|entry| format!("docs/pictures/{}", entry.expect("an entry").file_name().to_string_lossy()))
        .collect();
    assert_eq!(kept, taken, "FHIR_EHR_WRITE_SCREENSHOTS=1 scripts/browser-test writes them");
    assert!(read("README.md").contains("docs/pictures/"), "the README shows some");
}

#[test]
fn the_events_are_documented() {
    let text = read("src/events.tsv");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let code = |word: &str| format!("`{word}`");
    let list = |words: &str, between: &str| words.split(between).map(code).collect::<Vec<_>>().join(", ");
    let level = |cell: &str| match cell.split_once(", warning if ") {
        None => cell.to_owned(),
        Some((usual, condition)) => {
            let (field, values) = condition.split_once(" is ").expect("FIELD is VALUES");
            format!("{usual}; warning if `{field}` is one of {}", list(values, ", "))
        }
    };
    let field = |cell: &str| match cell.split_once(':').expect("NAME:TYPE") {
        (name, texts) if texts.contains('|') => format!("`{name}` ({})", list(texts, "|")),
        (name, _) => code(name),
    };
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let fields: Vec<String> = cells[2].split(' ').map(field).collect();
        vec![code(cells[0]), level(cells[1]), fields.join(", "), cells[3].to_owned()]
    });
    part_holds("docs/events.md", "events", &table(&["event", "level", "fields", "when"], rows));
}
