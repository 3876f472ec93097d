//! The imports of Rust files. An import through a re-export counts as an import of the file that defines the item.

use std::collections::BTreeMap;

use super::{
    Import, Modules, Texts,
    syntax::{Path, Syntax},
};

/// How many re-exports may follow each other.
const MAX_REEXPORTS: usize = 16;

pub(crate) fn is_source(file: &str) -> bool {
    file.ends_with(".rs")
}

/// The modules of a crate, by the path of their file.
pub(crate) fn modules(texts: &Texts) -> Modules {
    let files: BTreeMap<&str, Syntax> = texts
        .iter()
        .map(|(file, text)| {
            let syntax = Syntax::parse(text).unwrap_or_else(|problem| panic!("{file}: {problem}"));
            (file.as_str(), syntax)
        })
        .collect();
    let tree = Tree { files };
    tree.files.keys().map(|&file| ((*file).to_owned(), tree.imports(file))).collect()
}

/// The files of a crate, and of its program if it has both `lib.rs` and `main.rs`.
struct Tree<'a> {
    files: BTreeMap<&'a str, Syntax>,
}

impl<'a> Tree<'a> {
    /// The first import of each other file.
    fn imports(&self, file: &'a str) -> Vec<Import> {
        let syntax = &self.files[file];
        let mut imports: Vec<Import> = Vec::new();
        let mut paths: Vec<&Path> =
            syntax.uses.iter().map(|(_, path)| path).chain(&syntax.globs).chain(&syntax.paths).collect();
        paths.sort_by_key(|path| path.line);
        for path in paths {
            let Some(target) = self.target(file, path) else {
                continue;
            };
            if target != file && !imports.iter().any(|import| import.target == target) {
                imports.push(Import {
                    file: file.to_owned(),
                    line: path.line,
                    text: path.segments.join("::"),
                    target: target.to_owned(),
                });
            }
        }
        imports
    }

    /// The file that defines what a path in a file names. None if that is another crate.
    fn target(&self, file: &'a str, path: &Path) -> Option<&'a str> {
        self.follow(file, path, MAX_REEXPORTS)
    }

    fn follow(&self, file: &'a str, path: &Path, left: usize) -> Option<&'a str> {
        let mut segments = path.segments.iter().map(String::as_str).peekable();
        let mut module = module_of(file);
        match *segments.peek()? {
            "crate" => {
                segments.next();
                module.clear();
            }
            "self" => {
                segments.next();
            }
            "super" => {
                // Within an inline module, the first `super` is the file's own module.
                let mut inline = path.depth;
                while segments.next_if_eq(&"super").is_some() {
                    match inline {
                        0 => drop(module.pop()),
                        _ => inline -= 1,
                    }
                }
            }
            name => {
                // A path relative to the module: a child, or a name that a `use` binds.
                let is_child = self.file_of(file, &[&module[..], &[name]].concat()).is_some();
                let is_bound = self.files[file].bound_path(name).is_some_and(|bound| bound != path);
                if !is_child && !is_bound {
                    return None;
                }
            }
        }
        self.resolve(file, module, &segments.collect::<Vec<_>>(), left)
    }

    /// Walks down from a module. `origin` is a file of the same crate.
    fn resolve<'b>(
        &self,
        origin: &'a str,
        mut module: Vec<&'b str>,
        segments: &[&'b str],
        left: usize,
    ) -> Option<&'a str> {
        let mut rest = segments;
        while let Some((name, after)) = rest.split_first() {
            module.push(name);
            if self.file_of(origin, &module).is_none() {
                module.pop();
                break;
            }
            rest = after;
        }
        let file = self.file_of(origin, &module)?;
        let Some((name, after)) = rest.split_first() else {
            return Some(file);
        };
        if left == 0 || self.files[file].items.contains(*name) {
            return Some(file);
        }
        Some(self.reexport(file, name, after, left - 1).unwrap_or(file))
    }

    /// The file behind a name that a file re-exports from its own crate.
    fn reexport(&self, file: &'a str, name: &str, after: &[&str], left: usize) -> Option<&'a str> {
        let syntax = &self.files[file];
        if let Some(bound) = syntax.bound_path(name) {
            let mut path = bound.clone();
            path.segments.extend(after.iter().map(|&segment| segment.to_owned()));
            return self.follow(file, &path, left);
        }
        syntax.globs.iter().find_map(|glob| {
            let target = self.follow(file, glob, left)?;
            self.files[target].items.contains(name).then_some(target)
        })
    }

    /// The file of a module, in the crate of `origin`.
    fn file_of(&self, origin: &str, module: &[&str]) -> Option<&'a str> {
        let has_library = self.files.contains_key("lib.rs");
        let candidates = match module {
            [] if origin == "main.rs" || !has_library => vec!["main.rs".to_owned()],
            [] => vec!["lib.rs".to_owned()],
            // The modules belong to the library.
            _ if origin == "main.rs" && has_library => Vec::new(),
            _ => vec![format!("{}.rs", module.join("/")), format!("{}/mod.rs", module.join("/"))],
        };
        candidates.iter().find_map(|file| self.files.get_key_value(file.as_str())).map(|(file, _)| *file)
    }
}

/// The path of the module that a file holds.
fn module_of(file: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if matches!(parts[..], ["lib" | "main"]) || parts.last() == Some(&"mod") {
        parts.pop();
    }
    parts
}
