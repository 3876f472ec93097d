//! The `#include "..."` lines of C files.

use super::{Import, Modules, Texts};

/// Whether a file counts. gen_stub.php writes the `_arginfo.h` files, and a build in the source folder writes `config.h`.
pub(crate) fn is_source(file: &str) -> bool {
    (file.ends_with(".c") || file.ends_with(".h")) && !file.ends_with("_arginfo.h") && file != "config.h"
}

/// The modules of a code base. A `.c` file and its header are one module, named without the extension.
pub(crate) fn modules(texts: &Texts) -> Modules {
    let mut modules = Modules::new();
    for (file, text) in texts {
        let imports = modules.entry(module_name(file).to_owned()).or_default();
        for (index, line) in text.lines().enumerate() {
            let Some(target) = header(line).map(|header| resolve(file, header)) else {
                continue;
            };
            // PHP's own headers are not in the code base.
            if texts.contains_key(&target) && module_name(&target) != module_name(file) {
                imports.push(Import {
                    file: file.clone(),
                    line: index + 1,
                    text: line.trim().to_owned(),
                    target: module_name(&target).to_owned(),
                });
            }
        }
    }
    modules
}

fn module_name(file: &str) -> &str {
    file.rsplit_once('.').map_or(file, |(name, _)| name)
}

/// The header in `#include "header"`.
fn header(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start().strip_prefix("include")?.trim_start();
    rest.strip_prefix('"')?.split_once('"').map(|(header, _)| header)
}

/// The path of a header in the code base, from the folder of the file that includes it.
fn resolve(file: &str, header: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in header.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
