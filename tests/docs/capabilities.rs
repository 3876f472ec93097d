//! docs/capabilities.tsv: what a SMART client can do, where it is in the code, and the tests that show it. docs/capabilities.md is
//! made from it.

use super::{code_span, part_holds, read, root, table, tests};
use std::{collections::BTreeSet, fs};

/// A line of the table.
struct Capability {
    section: String,
    row: String,
    state: String,
    what: String,
    files: Vec<String>,
    tests: Vec<String>,
    note: String,
}

/// The sections in the order of the page.
const SECTIONS: [&str; 10] =
    ["launch", "discovery", "scopes", "token", "refresh", "context", "oracle", "epic", "vendors", "defects"];

/// The numbers of docs/quirks.md: how many there are of each letter.
const QUIRKS: [(&str, usize); 4] = [("O", 36), ("E", 29), ("X", 10), ("D", 35)];

/// The states, each with the meaning that docs/capabilities.md explains.
const STATES: [&str; 4] = ["yes", "partly", "not built", "not needed"];

fn capabilities() -> Vec<Capability> {
    let list = |cell: &str| cell.split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect();
    read("docs/capabilities.tsv")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [section, row, state, what, files, tests, note] = cells[..] else {
                panic!("docs/capabilities.tsv: seven cells are needed: {line}")
            };
            Capability {
                section: section.to_owned(),
                row: row.to_owned(),
                state: state.to_owned(),
                what: what.to_owned(),
                files: list(files),
                tests: list(tests),
                note: note.to_owned(),
            }
        })
        .collect()
}

/// The tests in PHP and in the browser, by file name.
fn test_files() -> BTreeSet<String> {
    let mut folders = vec![root().join("php-ext/tests"), root().join("tests/browser")];
    let mut names = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "node_modules" {
                folders.push(path);
            } else if name.ends_with(".phpt") || name.ends_with(".test.mjs") {
                names.insert(name);
            }
        }
    }
    names
}

/// What is wrong with a line.
fn problems(one: &Capability, tests: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            found.push(format!("{}: {what}", one.row));
        }
    };
    check(SECTIONS.contains(&one.section.as_str()), format!("no section {}", one.section));
    check(STATES.contains(&one.state.as_str()), format!("no state {}", one.state));
    let is_built = ["yes", "partly"].contains(&one.state.as_str());
    check(is_built != one.tests.is_empty(), "a test is named if, and only if, something is built".to_owned());
    check(is_built != one.files.is_empty(), "a file is named if, and only if, something is built".to_owned());
    check(one.state == "yes" || !one.note.is_empty(), "the note says what is missing, or why".to_owned());
    for name in &one.tests {
        check(tests.contains(name), format!("there is no test {name}"));
    }
    for file in &one.files {
        check(root().join(file).exists(), format!("there is no {file}"));
    }
    found
}

#[test]
fn each_capability_names_tests_and_files_that_exist() {
    let mut tests = tests();
    tests.extend(test_files());
    let all = capabilities();
    let wrong: Vec<String> = all.iter().flat_map(|one| problems(one, &tests)).collect();
    assert!(wrong.is_empty(), "docs/capabilities.tsv:\n{}", wrong.join("\n"));
    let rows: BTreeSet<&str> = all.iter().map(|one| one.row.as_str()).collect();
    assert_eq!(rows.len(), all.len(), "each row has its own number");
    assert!(rows.len() > 90, "the table was not found");
}

#[test]
fn each_quirk_and_each_defect_has_a_line() {
    let all = capabilities();
    let named = |number: &String| all.iter().any(|one| one.row == *number);
    let expected =
        QUIRKS.iter().flat_map(|(letter, count)| (1..=*count).map(move |at| format!("{letter}{at}")));
    let missing: Vec<String> = expected.filter(|number| !named(number)).collect();
    assert!(missing.is_empty(), "docs/capabilities.tsv has no line for {missing:?}");
    let explained = read("docs/quirks.md");
    let of_quirks = |one: &&Capability| QUIRKS.iter().any(|(letter, _)| one.row.starts_with(letter));
    let unexplained: Vec<&str> = all
        .iter()
        .filter(of_quirks)
        .map(|one| one.row.as_str())
        .filter(|row| !explained.contains(&format!("\n| {row} | ")))
        .collect();
    assert!(unexplained.is_empty(), "docs/quirks.md does not explain {unexplained:?}");
}

#[test]
fn the_capabilities_are_documented() {
    let all = capabilities();
    for section in SECTIONS {
        let rows = all.iter().filter(|one| one.section == section).map(|one| {
            let spans =
                |names: &[String]| names.iter().map(|name| code_span(name)).collect::<Vec<_>>().join(", ");
            vec![
                one.row.clone(),
                one.what.clone(),
                one.state.clone(),
                spans(&one.files),
                spans(&one.tests),
                one.note.clone(),
            ]
        });
        let header = ["row", "capability", "state", "where", "tests", "note"];
        part_holds("docs/capabilities.md", &format!("capabilities, {section}"), &table(&header, rows));
    }
    let counts = STATES.map(|state| {
        let count = |section: &str| {
            all.iter().filter(|one| one.state == state && one.section == section).count().to_string()
        };
        let mut cells = vec![state.to_owned()];
        cells.extend(SECTIONS.map(count));
        cells.push(all.iter().filter(|one| one.state == state).count().to_string());
        cells
    });
    let header = [&["state"], &SECTIONS[..], &["all"]].concat();
    part_holds("docs/capabilities.md", "capabilities, counts", &table(&header, counts));
}
