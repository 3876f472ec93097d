//! Embeds data/r4/*.json and data/dstu2/*.json, so that the binary runs from anywhere.
#![allow(clippy::print_stdout)] // Cargo reads the instructions of a build script on stdout.

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
        // The parent always exists: cargo looks again when the folder appears.
        println!("cargo::rerun-if-changed=.");
    } else {
        println!("cargo::rerun-if-changed=data");
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("embedded.rs"), code)?;
    Ok(())
}

/// The file names in a fixed order; a folder that is not there holds none, and what is not text is left out.
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
