//! Embeds data/r4/*.json and data/dstu2/*.json, so that the program does not need these files.
#![allow(clippy::print_stdout)] // Cargo reads instructions from the stdout of a build script.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut code = String::new();
    for (constant, folder) in [("R4", "data/r4"), ("DSTU2", "data/dstu2")] {
        if Path::new(folder).exists() {
            println!("cargo::rerun-if-changed={folder}");
        }
        writeln!(code, "pub(crate) static {constant}: &[(&str, &str)] = &[")?;
        for name in json_files(folder) {
            writeln!(
                code,
                "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{folder}/\", {name:?}))),"
            )?;
        }
        writeln!(code, "];")?;
    }
    if !Path::new("data").exists() {
        // The crate folder always exists, so Cargo runs this again when `data` is created.
        println!("cargo::rerun-if-changed=.");
    } else {
        println!("cargo::rerun-if-changed=data");
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("embedded.rs"), code)?;
    Ok(())
}

/// The names of the JSON files in a folder, sorted. A folder that does not exist has none. Files that are not UTF-8 are
/// left out.
fn json_files(folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| fs::read_to_string(entry.path()).is_ok())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    names
}
