//! The words that texts of this project do not use: the table in docs/style.md, and where a word may stay.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

const MARK: &str = "<!-- read by tests/words.rs -->\n";

/// A word or phrase to avoid. A `*` at the end also finds longer words.
#[derive(Debug)]
struct Word {
    parts: Vec<String>,
    prefix: bool,
    text: String,
    better: String,
}

/// A place where a word may stay.
#[derive(Debug)]
struct Exception {
    /// A path of the repository; `*` matches any text.
    file: String,
    /// A word of the list, or `*` for each of them.
    word: String,
    /// The text that must surround the word on its line, or `*` for any.
    within: String,
}

/// A word that must be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) word: String,
    pub(crate) better: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: \"{}\"; write: {}", self.file, self.line, self.word, self.better)
    }
}

/// The words to avoid and the exceptions.
#[derive(Debug)]
pub(crate) struct WordList {
    /// By the first letter, so that a token is compared with few words.
    words: BTreeMap<char, Vec<Word>>,
    exceptions: Vec<Exception>,
}

/// A word of a text, in lower case.
struct Token {
    text: String,
    line: usize,
    /// The position in the line, in bytes.
    column: usize,
    /// Whether only blanks, a line break or the mark of a comment separate it from the word before.
    joined: bool,
}

fn is_part_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '\'')
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut joined = false;
    for (number, line) in text.lines().enumerate() {
        let mut at_start = true;
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let column = line.len() - rest.len();
            if !is_part_of_word(first) {
                let comment = at_start && matches!(first, '/' | '!' | '*' | '#' | '>' | '|');
                joined = joined && (first.is_whitespace() || comment);
                rest = &rest[first.len_utf8()..];
                continue;
            }
            let end = rest.find(|letter| !is_part_of_word(letter)).unwrap_or(rest.len());
            let word = rest[..end].trim_matches(['-', '\'']).to_lowercase();
            rest = &rest[end..];
            if !word.is_empty() {
                found.push(Token { text: word, line: number + 1, column, joined });
                (joined, at_start) = (true, false);
            }
        }
    }
    found
}

impl Word {
    fn parse(pattern: &str, better: &str) -> Word {
        let prefix = pattern.ends_with('*');
        let text = pattern.trim_end_matches('*').to_lowercase();
        Word {
            parts: text.split_whitespace().map(str::to_owned).collect(),
            prefix,
            text: pattern.to_owned(),
            better: better.to_owned(),
        }
    }

    /// Whether the phrase begins with the first of these words.
    fn begins(&self, tokens: &[Token]) -> bool {
        let last = self.parts.len() - 1;
        tokens.len() > last
            && self.parts.iter().zip(tokens).enumerate().all(|(position, (part, token))| {
                let same = token.text == *part
                    || position == last && self.prefix && token.text.starts_with(part.as_str());
                same && (position == 0 || token.joined)
            })
    }
}

/// Whether a path fits a pattern in which `*` matches any text.
fn fits(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|tail| {
            (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| fits(rest, &tail[at..]))
        }),
    }
}

impl Exception {
    fn covers(&self, file: &str, word: &Word, line: &str, column: usize) -> bool {
        if !(self.word == "*" || self.word == word.text) || !fits(&self.file, file) {
            return false;
        }
        self.within == "*"
            || line
                .match_indices(self.within.as_str())
                .any(|(at, text)| (at..at + text.len()).contains(&column))
    }
}

impl WordList {
    /// Reads the table of docs/style.md and the exceptions.
    ///
    /// # Panics
    ///
    /// When a line is not as the head of the file says.
    pub(crate) fn parse(style: &str, exceptions: &str) -> WordList {
        let (_, table) = style.split_once(MARK).expect("docs/style.md marks its table");
        let rows = table.lines().take_while(|line| line.starts_with('|')).skip(2);
        let mut words: BTreeMap<char, Vec<Word>> = BTreeMap::new();
        for row in rows {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            let [pattern, better] = cells[..] else { panic!("docs/style.md: two cells in {row}") };
            let word = Word::parse(pattern.trim_matches('`'), better);
            let first = word.text.chars().next().expect("a word");
            words.entry(first.to_ascii_lowercase()).or_default().push(word);
        }
        let lines = exceptions.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let exceptions = lines
            .map(|line| {
                let cells: Vec<&str> = line.split('\t').collect();
                let [file, word, within, reason] = cells[..] else {
                    panic!("allowed.tsv: four cells in {line}")
                };
                assert!(reason.len() > 10, "allowed.tsv: a reason for {line}");
                assert!(
                    word == "*" || words.values().flatten().any(|one| one.text == word),
                    "allowed.tsv: {word} is not in the list"
                );
                Exception { file: file.to_owned(), word: word.to_owned(), within: within.to_owned() }
            })
            .collect();
        WordList { words, exceptions }
    }

    /// The list of this project.
    pub(crate) fn of_the_project() -> WordList {
        let read = |name: &str| {
            fs::read_to_string(root().join(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
        };
        WordList::parse(&read("docs/style.md"), &read("tests/word_list/allowed.tsv"))
    }

    /// How many words the list has.
    pub(crate) fn len(&self) -> usize {
        self.words.values().flatten().count()
    }

    /// The words of a text that must be replaced.
    pub(crate) fn check(&self, file: &str, text: &str) -> Vec<Finding> {
        let lines: Vec<&str> = text.lines().collect();
        let tokens = tokens(text);
        let mut found = Vec::new();
        for (position, token) in tokens.iter().enumerate() {
            let words = token.text.chars().next().and_then(|first| self.words.get(&first));
            for word in words.into_iter().flatten().filter(|word| word.begins(&tokens[position..])) {
                let line = lines[token.line - 1];
                if !self.exceptions.iter().any(|one| one.covers(file, word, line, token.column)) {
                    let (word, better) = (word.text.clone(), word.better.clone());
                    found.push(Finding { file: file.to_owned(), line: token.line, word, better });
                }
            }
        }
        found
    }

    /// Whether any word may stay anywhere in a file.
    fn is_exempt(&self, file: &str) -> bool {
        self.exceptions.iter().any(|one| one.word == "*" && one.within == "*" && fits(&one.file, file))
    }

    /// Checks files. Those that are not text are left out.
    pub(crate) fn check_files(&self, folder: &Path, files: &[PathBuf]) -> Vec<Finding> {
        let mut found = Vec::new();
        for file in files {
            if self.is_exempt(&file.to_string_lossy()) {
                continue;
            }
            let Ok(bytes) = fs::read(folder.join(file)) else { continue };
            if let Ok(text) = String::from_utf8(bytes) {
                found.extend(self.check(&file.to_string_lossy(), &text));
            }
        }
        found
    }
}

/// The folder of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the repository, those that are not committed yet included; `None` outside a git checkout.
pub(crate) fn tracked_files() -> Option<Vec<PathBuf>> {
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .ok()?;
    let names = String::from_utf8(git.stdout).ok().filter(|_| git.status.success())?;
    Some(names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

/// All files in a folder, relative to it. Links are not followed.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let (mut open, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder").flatten() {
            let kind = entry.file_type().expect("a type");
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path().strip_prefix(folder).expect("a path in the folder").to_owned());
            }
        }
    }
    found
}

/// The findings as lines, after the number of findings in each file.
pub(crate) fn report(found: &[Finding]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in found {
        *counts.entry(&one.file).or_default() += 1;
    }
    let lines = found.iter().map(ToString::to_string);
    let counts = counts.iter().map(|(file, count)| format!("{count:5} {file}"));
    lines.chain(counts).chain([format!("{:5} in all", found.len())]).collect::<Vec<_>>().join("\n")
}

/// Fails when there are findings; with `FHIR_EHR_WORDS=count` prints them only.
#[allow(clippy::print_stderr, reason = "a test")]
pub(crate) fn require_none(place: &str, found: &[Finding]) {
    if std::env::var("FHIR_EHR_WORDS").is_ok_and(|mode| mode == "count") {
        eprintln!("{}", report(found));
        return;
    }
    assert!(found.is_empty(), "words that docs/style.md replaces, {place}:\n{}", report(found));
}
