//! Makes the error codes and the doctor's findings of the core from `src/error_codes.tsv` and `src/doctor_findings.tsv`.

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
    error_codes();
    findings();
}

fn findings() {
    println!("cargo:rerun-if-changed=src/doctor_findings.tsv");
    let table = fs::read_to_string("src/doctor_findings.tsv").expect("src/doctor_findings.tsv");
    let (mut variants, mut rows) = (String::new(), String::new());
    for line in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [id, step, status, error, owner, text, hint] = cells[..] else {
            panic!("doctor_findings.tsv: seven columns are required: {line}");
        };
        let variant = camel(id);
        let some = |cell: &str| if cell == "-" { "None".to_owned() } else { format!("Some({cell:?})") };
        writeln!(variants, "    /// {text}\n    {variant},").expect("a String");
        writeln!(
            rows,
            "    Row {{ id: {id:?}, step: {step:?}, status: CheckStatus::{}, error: {}, owner: {}, text: {text:?}, hint: {} }},",
            camel(status), some(error), some(owner), some(hint)
        )
        .expect("a String");
    }
    let text = format!(
        "/// What the doctor can find. Made from `src/doctor_findings.tsv`.\n\
         #[derive(Clone, Copy, Debug)]\n\
         pub(super) enum Id {{\n{variants}}}\n\n\
         const ROWS: &[Row] = &[\n{rows}];\n"
    );
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("doctor_findings.rs"), text).expect("OUT_DIR can be written");
}

fn error_codes() {
    println!("cargo:rerun-if-changed=src/error_codes.tsv");
    let table = fs::read_to_string("src/error_codes.tsv").expect("src/error_codes.tsv");
    let mut variants = String::new();
    let mut rows = String::new();
    for line in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [number, name, stage, owner, retry, sentence, _php_exception] = cells[..] else {
            panic!("error_codes.tsv: seven columns are required: {line}");
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
