//! Makes the error codes of the core from `src/error_codes.tsv`.

use std::{env, fmt::Write as _, fs, path::Path};

fn camel(snake: &str) -> String {
    snake
        .split('_')
        .flat_map(|word| {
            let (head, tail) = word.split_at(1);
            [head.to_uppercase(), tail.to_owned()]
        })
        .collect()
}

fn main() {
    println!("cargo:rerun-if-changed=src/error_codes.tsv");
    let table = fs::read_to_string("src/error_codes.tsv").expect("src/error_codes.tsv");
    let mut variants = String::new();
    let mut rows = String::new();
    for line in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [number, name, stage, owner, retry, sentence] = cells[..] else {
            panic!("error_codes.tsv: six columns wanted: {line}");
        };
        let variant = camel(name);
        writeln!(variants, "    /// {sentence}\n    {variant} = {number},").expect("a String");
        writeln!(
            rows,
            "    Row {{ code: Code::{variant}, name: {name:?}, stage: Stage::{}, owner: Owner::{}, retry: Retry::{}, \
             words: [{stage:?}, {owner:?}, {retry:?}], sentence: {sentence:?} }},",
            camel(stage), camel(owner), camel(retry)
        )
        .expect("a String");
    }
    let text = format!(
        "/// What went wrong: a stable number and name. Made from `src/error_codes.tsv`.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
         #[repr(u32)]\n#[non_exhaustive]\npub enum Code {{\n{variants}}}\n\n\
         const ROWS: &[Row] = &[\n{rows}];\n"
    );
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("error_codes.rs"), text).expect("OUT_DIR can be written");
}
