//! The rules that the imports of a code base must follow.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Import, Modules, PAGE, page::Section};

/// The place of a module in the page: the index of its layer, and the name there that it belongs to.
type Place<'a> = (usize, &'a str);

/// The problems of a code base, one sentence each.
pub(crate) fn check(section: &Section, modules: &Modules) -> Vec<String> {
    let mut problems = check_names(section, modules);
    let mut places: BTreeMap<&str, Place<'_>> = BTreeMap::new();
    for module in modules.keys() {
        match place_of(section, module) {
            Some(place) => {
                places.insert(module, place);
            }
            None => {
                problems.push(format!("{}/{module}: no layer in {PAGE} names this file", section.code_base))
            }
        }
    }
    for (module, imports) in modules {
        for import in imports {
            problems.extend(check_direction(section, &places, module, import));
        }
    }
    problems.extend(find_cycles(section, modules));
    problems
}

/// The module name without the extension that Rust files have.
fn stem(module: &str) -> &str {
    module.strip_suffix(".rs").unwrap_or(module)
}

/// Each name in the page exists and occurs once.
fn check_names(section: &Section, modules: &Modules) -> Vec<String> {
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    for layer in &section.layers {
        for name in &layer.modules {
            let exists = modules.keys().any(|module| stem(module) == name || is_in_folder(module, name));
            if !exists {
                problems.push(format!(
                    "{PAGE}:{}: `{name}` is neither a file nor a folder of {}",
                    layer.line, section.code_base
                ));
            }
            if !names.insert(name) {
                problems.push(format!("{PAGE}:{}: `{name}` is in two layers", layer.line));
            }
        }
    }
    problems
}

fn is_in_folder(module: &str, name: &str) -> bool {
    name.ends_with('/') && module.starts_with(name)
}

/// The layer of a module: the one that names its file, or else the nearest folder.
fn place_of<'a>(section: &'a Section, module: &str) -> Option<Place<'a>> {
    section
        .layers
        .iter()
        .enumerate()
        .flat_map(|(index, layer)| layer.modules.iter().map(move |name| (index, name.as_str())))
        .filter(|(_, name)| stem(module) == *name || is_in_folder(module, name))
        .max_by_key(|(_, name)| (stem(module) == *name, name.len()))
}

/// An import must lead to a lower layer, or stay within one folder.
fn check_direction(
    section: &Section,
    places: &BTreeMap<&str, Place<'_>>,
    module: &str,
    import: &Import,
) -> Option<String> {
    let (from, from_name) = places.get(module)?;
    let (to, to_name) = places.get(import.target.as_str())?;
    if to > from || from_name == to_name {
        return None;
    }
    let rule = if to == from {
        format!("layer {} has both, and the modules of a layer do not import each other", from + 1)
    } else {
        format!("a module of layer {} cannot import from layer {}, which is above it", from + 1, to + 1)
    };
    Some(format!(
        "{}/{}:{}: `{}` imports {}: {rule}",
        section.code_base, import.file, import.line, import.text, import.target
    ))
}

/// Whether one of two files is the module that declares the other. They may refer to each other.
fn are_parent_and_child(one: &str, other: &str) -> bool {
    is_parent(one, other) || is_parent(other, one)
}

fn is_parent(parent: &str, child: &str) -> bool {
    let folder = match stem(parent) {
        "lib" | "main" => "",
        stem => stem.strip_suffix("/mod").unwrap_or(stem),
    };
    let rest = if folder.is_empty() {
        Some(child)
    } else {
        child.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'))
    };
    parent.ends_with(".rs")
        && rest.is_some_and(|rest| stem(rest).trim_end_matches("/mod").split('/').count() == 1)
}

/// The cycles between files. Cycles that share a file are reported as one, by a shortest path.
fn find_cycles(section: &Section, modules: &Modules) -> Vec<String> {
    let mut problems = Vec::new();
    let mut reported: BTreeSet<&str> = BTreeSet::new();
    for module in modules.keys() {
        if reported.contains(module.as_str()) {
            continue;
        }
        let Some(path) = shortest_cycle(modules, module) else {
            continue;
        };
        // One report for all modules that this module can reach and that can reach it.
        let reachable = reachable_from(modules, module);
        reported.extend(
            reachable.iter().filter(|other| reachable_from(modules, other).contains(module.as_str())),
        );
        let steps: Vec<String> = path
            .iter()
            .map(|(_, import)| format!("{}:{} imports {}", import.file, import.line, import.target))
            .collect();
        problems.push(format!(
            "{}/{module}: the files form a cycle: {}. Files must not import each other, directly or through others.",
            section.code_base,
            steps.join(", ")
        ));
    }
    problems
}

/// The modules that a module imports, directly or through others.
fn reachable_from<'a>(modules: &'a Modules, start: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut queue = VecDeque::from([start]);
    while let Some(module) = queue.pop_front() {
        for import in modules.get(module).into_iter().flatten() {
            if !are_parent_and_child(module, &import.target) && reached.insert(import.target.as_str()) {
                queue.push_back(&import.target);
            }
        }
    }
    reached
}

/// The shortest path from a module back to itself: each module with the import that leads to the next.
fn shortest_cycle<'a>(modules: &'a Modules, start: &'a str) -> Option<Vec<(&'a str, &'a Import)>> {
    // How each module was reached first.
    let mut arrivals: BTreeMap<&str, (&str, &Import)> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(module) = queue.pop_front() {
        for import in modules.get(module).into_iter().flatten() {
            let target = import.target.as_str();
            if target == module || are_parent_and_child(module, target) || arrivals.contains_key(target) {
                continue;
            }
            arrivals.insert(target, (module, import));
            if target == start {
                return Some(trace_back(&arrivals, start));
            }
            queue.push_back(target);
        }
    }
    None
}

fn trace_back<'a>(
    arrivals: &BTreeMap<&'a str, (&'a str, &'a Import)>,
    start: &str,
) -> Vec<(&'a str, &'a Import)> {
    let mut path = Vec::new();
    let mut target = start;
    while let Some((module, import)) = arrivals.get(target) {
        path.push((*module, *import));
        if *module == start {
            break;
        }
        target = module;
    }
    path.reverse();
    path
}
