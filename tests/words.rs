//! Texts of this project use plain American English: none of the words that docs/style.md lists.
//!
//! `tests/word_list/allowed.tsv` has the exceptions. `FHIR_EHR_WORDS=count` prints the findings and does not fail.
#![allow(clippy::print_stderr, missing_docs, reason = "a test")]

mod word_list;

use std::env;
use word_list::{WordList, files_in, report, require_none, root, tracked_files};

const STYLE: &str = "# Style\n\n<!-- read by tests/words.rs -->\n| do not write | write |\n|---|---|\n\
    | `anew` | again |\n| `of ours` | our |\n| `haemo*` | hemo- |\n| `e-mail` | email |\n\nanew\n";

/// The line and the word of each finding in a text of the file `a.rs`.
fn found(exceptions: &str, text: &str) -> Vec<(usize, String)> {
    let list = WordList::parse(STYLE, exceptions);
    list.check("a.rs", text).into_iter().map(|one| (one.line, one.word)).collect()
}

#[test]
fn each_word_is_found_where_it_is() {
    for (text, line, word) in [
        ("It is written anew.", 1, "anew"),
        ("first\n\nAnew, it begins", 3, "anew"),
        ("<p>anew</p>", 1, "anew"),
        ("'text' => 'anew'", 1, "anew"),
        ("a bug of ours", 1, "of ours"),
        ("/// a bug of\n/// ours is here", 1, "of ours"),
        (" * a bug of\n * ours", 1, "of ours"),
        ("# a bug of\n# ours", 1, "of ours"),
        ("Haemoglobin", 1, "haemo*"),
        ("Your E-mail address", 1, "e-mail"),
    ] {
        assert_eq!(found("", text), [(line, word.to_owned())], "{text}");
    }
}

#[test]
fn other_words_are_left_alone() {
    for text in
        ["a sinew", "renewed", "anew_row()", "It is made of. Ours is new", "of course", "hemoglobin", "email"]
    {
        assert_eq!(found("", text), [], "{text}");
    }
}

#[test]
fn an_exception_is_for_its_file_its_word_and_its_text() {
    let text = "let x = anew::list(); // made anew";
    for (exception, left) in [
        ("a.rs\tanew\tanew::\ta name of another crate", 1),
        ("*.rs\t*\t*\tthese files are not ours", 0),
        ("b.rs\t*\t*\tanother file than this", 2),
        ("a.rs\tof ours\t*\tanother word than this", 2),
        ("a.rs\tanew\tmade anew\tthe quoted words of a vendor", 1),
    ] {
        assert_eq!(found(exception, text).len(), left, "{exception}");
    }
}

#[test]
#[should_panic(expected = "is not in the list")]
fn an_exception_for_an_unknown_word_is_a_mistake() {
    found("a.rs\tbnew\t*\tthere is no such word", "");
}

#[test]
#[should_panic(expected = "a reason for")]
fn an_exception_needs_a_reason() {
    found("a.rs\tanew\t*\t-", "");
}

#[test]
fn a_report_names_file_line_word_and_the_better_word() {
    let list = WordList::parse(STYLE, "");
    let text = report(&list.check("docs/a.md", "one\nHaemoglobin\n"));
    assert!(text.starts_with("docs/a.md:2: \"haemo*\"; write: hemo-\n"), "{text}");
    assert!(text.contains("    1 docs/a.md"), "{text}");
}

#[test]
fn the_texts_of_the_project_use_none_of_the_words() {
    let list = WordList::of_the_project();
    assert!(list.len() > 30, "the table of docs/style.md was not found");
    let Some(files) = tracked_files() else {
        assert!(env::var_os("CI").is_none(), "git is needed to list the files");
        eprintln!("SKIPPED: the words were not checked: this is no git checkout");
        return;
    };
    assert!(files.len() > 300, "{} files", files.len());
    let found = list.check_files(root(), &files);
    require_none("in the repository", &found);
}

#[test]
fn a_file_that_is_not_text_is_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("picture"), [0xff, 0xfe, b'a', b'n', b'e', b'w']).expect("a file");
    std::fs::create_dir(folder.path().join("sub")).expect("a folder");
    std::fs::write(folder.path().join("sub/text"), "anew").expect("a file");
    let found = WordList::parse(STYLE, "").check_files(folder.path(), &files_in(folder.path()));
    assert_eq!(found.iter().map(|one| one.file.as_str()).collect::<Vec<_>>(), ["sub/text"]);
}
