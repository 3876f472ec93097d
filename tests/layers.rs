//! The layers in `docs/layers.md`: no import points upward or sideways, and no two files import each other.

#[path = "layers/c.rs"]
mod c;
#[path = "layers/page.rs"]
mod page;
#[path = "layers/refused.rs"]
mod refused;
#[path = "layers/rules.rs"]
mod rules;
#[path = "layers/rust.rs"]
mod rust;
#[path = "layers/syntax.rs"]
mod syntax;

use std::{collections::BTreeMap, fs, path::Path};

use page::Section;

const PAGE: &str = "docs/layers.md";

/// The code bases that the page must describe, in addition to the sources of each crate in `crates`.
const CODE_BASES: &[&str] = &["src", "php-ext"];

/// The text of each source file, by its path in the code base.
type Texts = BTreeMap<String, String>;

/// The imports of each module, by its name. A Rust module is one file; a C module is a `.c` file with its header.
type Modules = BTreeMap<String, Vec<Import>>;

/// An import of another module of the same code base.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    /// The file with the import.
    file: String,
    line: usize,
    /// The path or the header as it is written.
    text: String,
    /// The name of the module that defines what is imported.
    target: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Reads the source files of a folder and its subfolders.
fn read_texts(folder: &Path, prefix: &str, texts: &mut Texts) {
    let entries = fs::read_dir(folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder entry").path();
        let name = path.file_name().expect("a file name").to_str().expect("UTF-8").to_owned();
        if path.is_dir() {
            read_texts(&path, &format!("{prefix}{name}/"), texts);
        } else if rust::is_source(&name) || c::is_source(&name) {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
            texts.insert(format!("{prefix}{name}"), text);
        }
    }
}

/// The folders of the code bases that the page must describe.
fn code_bases() -> Vec<String> {
    let crates = fs::read_dir(root().join("crates")).expect("the folder of the crates");
    let mut names: Vec<String> = crates
        .map(|entry| entry.expect("a folder entry").file_name().into_string().expect("UTF-8"))
        .filter(|name| root().join("crates").join(name).join("Cargo.toml").is_file())
        .map(|name| format!("crates/{name}/src"))
        .collect();
    names.extend(CODE_BASES.iter().map(|&name| name.to_owned()));
    names
}

/// A problem for each code base that the page does not describe.
fn check_sections(sections: &[Section], code_bases: &[String]) -> Vec<String> {
    code_bases
        .iter()
        .filter(|name| sections.iter().all(|section| section.code_base != **name))
        .map(|name| format!("{PAGE} has no section for {name}"))
        .collect()
}

/// The problems of one code base.
fn check(section: &Section, texts: &Texts) -> Vec<String> {
    let modules =
        if texts.keys().any(|file| rust::is_source(file)) { rust::modules(texts) } else { c::modules(texts) };
    rules::check(section, &modules)
}

#[test]
fn imports_point_downward() {
    let text = fs::read_to_string(root().join(PAGE)).unwrap_or_else(|cause| panic!("{PAGE}: {cause}"));
    let sections = page::parse(&text).unwrap_or_else(|problem| panic!("{problem}"));
    let mut problems = check_sections(&sections, &code_bases());
    for section in &sections {
        let folder = root().join(&section.code_base);
        assert!(folder.is_dir(), "{PAGE}:{}: there is no folder {}", section.line, section.code_base);
        let mut texts = Texts::new();
        read_texts(&folder, "", &mut texts);
        assert!(!texts.is_empty(), "{PAGE}:{}: {} has no source file", section.line, section.code_base);
        problems.extend(check(section, &texts));
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
