//! docs/quirks.md against the code: every number that a tracked file names is on the page, and the page has no other; and nothing
//! points outside the project.

mod word_list;

use std::{collections::BTreeSet, fs};

const PAGE: &str = "docs/quirks.md";

/// Texts that lead out of the project, and what to write instead.
const OUTSIDE: [(&str, &str); 6] = [
    (concat!("DE", "SIGN"), "say the rule itself, or link docs/decisions.md"),
    (concat!("found", "ing"), "say whose text it is: REDCap's"),
    (concat!("smart-", "clients.md"), "name the number and add it to docs/quirks.md"),
    (concat!("c-abi-", "and-php"), "say the reason itself"),
    (concat!("build-", "facts"), "say the reason itself"),
    (concat!("../shar", "ed"), "use FHIR_EHR_CORPUS, or a path of the project"),
];

/// The tests that read the corpus, the documented way to name it, and the page that shows words not to use.
const MAY_POINT_OUTSIDE: [&str; 5] =
    ["README.md", "Makefile", "tests/common/mod.rs", "crates/ehr-sim/tests/sim/corpus.rs", "docs/style.md"];

/// Path and text of each file of the repository. Lock files and fuzz corpora name no quirk.
fn texts() -> Vec<(String, String)> {
    let files = word_list::tracked_files().expect("git lists the files");
    let paths = files.iter().filter_map(|file| file.to_str());
    paths
        .filter(|path| !path.ends_with(".lock") && !path.starts_with("fuzz/corpus"))
        .filter_map(|path| Some((path.to_owned(), fs::read_to_string(path).ok()?)))
        .collect()
}

/// The numbers in a text: a letter and digits after `(`, a space, a comma, a slash or a backtick, as comments write them.
fn numbers(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut before = ' ';
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let starts = !before.is_alphanumeric() && !"-_%\\#.\"'+=&".contains(before);
        if starts && let Some(number) = number_at(rest) {
            found.insert(number);
        }
        before = first;
        rest = &rest[first.len_utf8()..];
    }
    found
}

fn digits(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
}

fn number_at(text: &str) -> Option<String> {
    let letter = text.chars().next().filter(|letter| "OEDX".contains(*letter))?;
    let number = digits(&text[1..]);
    let after = text[1 + number.len()..].chars().next().unwrap_or(' ');
    let ends = !after.is_alphanumeric() && !"-_=\"'".contains(after);
    (ends && (1..=2).contains(&number.len()) && number != "0").then(|| format!("{letter}{number}"))
}

/// `pitfall 5`, `pitfalls 8 and 10`, `pitfalls 1 to 4`.
fn pitfalls(text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let lower = text.to_lowercase();
    for (at, word) in lower.match_indices("pitfall") {
        let rest = lower[at + word.len()..].trim_start_matches('s');
        let Some(rest) = rest.strip_prefix(' ') else { continue };
        let Ok(first) = digits(rest).parse::<u32>() else { continue };
        found.insert(first);
        let mut rest = &rest[digits(rest).len()..];
        let mut last = first;
        while let Some((joint, after)) =
            [" to ", ", ", " and "].iter().find_map(|joint| Some((*joint, rest.strip_prefix(joint)?)))
        {
            let Ok(next) = digits(after).parse::<u32>() else { break };
            found.extend(if joint == " to " { last..=next } else { next..=next });
            last = next;
            rest = &after[digits(after).len()..];
        }
    }
    found
}

/// The first cell of each row of the page's tables.
fn listed(page: &str) -> BTreeSet<String> {
    let cell = |line: &str| Some(line.strip_prefix("| ")?.split(" | ").next()?.to_owned());
    let is_number = |text: &String| text.starts_with("pitfall ") || number_at(text).is_some();
    page.lines().filter_map(cell).filter(is_number).collect()
}

/// Where comments name quirks: not the prose of the list itself, and not data.
fn names_quirks(path: &str) -> bool {
    let ends = [".rs", ".c", ".h", ".php", ".phpt", ".md", ".m4", ".tsv", ".py", ".toml"];
    // O2 is oxygen in the catalog of fields.
    let is_catalog = path.starts_with("src/fields/catalog") || path == "docs/fields.md";
    path != PAGE && path != file!() && !is_catalog && ends.iter().any(|end| path.ends_with(end))
}

fn named(files: &[(String, String)]) -> BTreeSet<(String, String)> {
    let mut named = BTreeSet::new();
    for (path, text) in files.iter().filter(|(path, _)| names_quirks(path)) {
        named.extend(numbers(text).into_iter().map(|number| (number, path.clone())));
        named.extend(pitfalls(text).into_iter().map(|number| (format!("pitfall {number}"), path.clone())));
    }
    named
}

#[test]
fn every_number_that_the_code_names_is_explained_and_no_other() {
    let listed = listed(&fs::read_to_string(PAGE).unwrap());
    let named = named(&texts());
    let unknown: Vec<_> = named.iter().filter(|(number, _)| !listed.contains(number)).collect();
    assert!(unknown.is_empty(), "add these to {PAGE}: {unknown:?}");
    let unused: Vec<_> =
        listed.iter().filter(|number| !named.iter().any(|(one, _)| one == *number)).collect();
    assert!(unused.is_empty(), "{PAGE} explains what nothing names: {unused:?}");
}

#[test]
fn every_row_of_the_page_has_a_sentence_and_a_source() {
    for line in fs::read_to_string(PAGE).unwrap().lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 3, "{line}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{line}");
    }
}

fn outside(files: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in
        files.iter().filter(|(path, _)| path != file!() && !MAY_POINT_OUTSIDE.contains(&path.as_str()))
    {
        for (at, line) in text.lines().enumerate() {
            for (word, instead) in OUTSIDE.iter().filter(|(word, _)| line.contains(word)) {
                found.push(format!("{path}:{}: {word}: {instead}", at + 1));
            }
        }
    }
    found
}

#[test]
fn nothing_points_outside_the_project() {
    let found = outside(&texts());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_number_counts_where_a_comment_names_it() {
    let cases = [
        ("the end of the URN (O17).", "O17"),
        ("(E18 4113)", "E18"),
        ("(E1, E24)", "E1 E24"),
        ("// O3, E7: the original stays good", "E7 O3"),
        ("O20; Epic's XML", "O20"),
        ("cc -O2 -g3", ""),
        ("'-O0 -g3' LE1 E0425 D123 \"E5\" %O7 O2_x", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(numbers(text).into_iter().collect::<Vec<_>>().join(" "), expected, "{text}");
    }
    let cases = [
        ("(pitfall 5)", vec![5]),
        ("Pitfalls 1 to 4: fork", vec![1, 2, 3, 4]),
        ("Pitfalls 8, 16 and 17: any integer", vec![8, 16, 17]),
        ("pitfalls of PHP", vec![]),
    ];
    for (text, expected) in cases {
        assert_eq!(pitfalls(text).into_iter().collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn a_number_without_a_row_and_a_text_that_leads_outside_are_found() {
    let files = [("src/a.rs".to_owned(), format!("// O99: see {}", OUTSIDE[0].0))];
    assert_eq!(named(&files).into_iter().map(|(number, _)| number).collect::<Vec<_>>(), ["O99"]);
    assert_eq!(outside(&files).len(), 1);
}
