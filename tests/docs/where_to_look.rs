//! The table "Where to look" of docs/architecture.md: each file exists and has the functions or texts that the table names.

use super::{cells, codes, read, root};
use std::fs;

/// Whether a source file defines a function, or a page names it.
fn has_function(text: &str, name: &str, is_rust: bool) -> bool {
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let whole = !before.ends_with(word) && !after.starts_with(word);
        whole && (!is_rust || before.ends_with("fn ") && after.starts_with(['(', '<']))
    })
}

#[test]
fn the_answers_to_where_to_look_are_true() {
    let text = read("docs/architecture.md");
    let (_, part) = text.split_once("## Where to look\n").expect("the table");
    let part = part.split("\n## ").next().unwrap_or_default();
    let (mut rows, mut wrong) = (0, Vec::new());
    for cells in part.lines().filter_map(cells) {
        let [question, file, places] = &cells[..] else { continue };
        let names: Vec<&str> = codes(file).collect();
        if names.is_empty() {
            continue;
        }
        rows += 1;
        let files: Vec<(&str, String)> = names
            .iter()
            .filter_map(|name| Some((*name, fs::read_to_string(root().join(name)).ok()?)))
            .collect();
        if files.len() < names.len() {
            wrong.push(format!("{question} {file}: a file does not exist"));
            continue;
        }
        let exists = |place: &str| {
            files.iter().any(|(name, text)| match place.strip_suffix("()") {
                Some(function) => has_function(text, function, name.ends_with(".rs")),
                None => text.contains(place),
            })
        };
        wrong.extend(
            codes(places)
                .filter(|place| !exists(place))
                .map(|place| format!("{question} {file} has no {place}")),
        );
        if codes(places).next().is_none() {
            wrong.push(format!("{question} names no place"));
        }
    }
    assert!(rows > 20, "the table was not found");
    assert!(wrong.is_empty(), "docs/architecture.md, Where to look:\n{}", wrong.join("\n"));
}
