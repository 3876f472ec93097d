//! Makes Rust types from tables: the error codes (`src/error_codes.tsv`), the findings of the doctor
//! (`src/doctor_findings.tsv`) and the log events (`src/events.tsv`).

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
    events();
}

/// A field of a log event.
struct EventField<'a> {
    name: &'a str,
    kind: &'a str,
}

impl<'a> EventField<'a> {
    fn parse(cell: &'a str) -> Self {
        let (name, kind) = cell.split_once(':').unwrap_or_else(|| panic!("events.tsv: NAME:TYPE: {cell}"));
        EventField { name, kind }
    }

    /// The member of the variant: a field may be named as a keyword of Rust.
    fn member(&self) -> String {
        if self.name == "type" { "resource_type".to_owned() } else { self.name.to_owned() }
    }

    fn rust_type(&self) -> &str {
        match self.kind {
            "count" => "usize",
            "flag" => "bool",
            "milliseconds" => "std::time::Duration",
            _ => "&'a str",
        }
    }

    fn text(&self) -> String {
        let member = self.member();
        match self.kind {
            "count" | "flag" => format!("{member}.to_string().into()"),
            "milliseconds" => format!("{member}.as_millis().to_string().into()"),
            _ => format!("(*{member}).into()"),
        }
    }
}

/// The expression for the level of an event, and the member that decides on it.
fn event_level(cell: &str) -> (String, Option<&str>) {
    let level = |word: &str| format!("LogLevel::{}", camel(word));
    let Some((usual, condition)) = cell.split_once(", warning if ") else { return (level(cell), None) };
    let (field, values) = condition.split_once(" is ").expect("events.tsv: FIELD is VALUES");
    let values: Vec<String> = values.split(", ").map(|value| format!("{value:?}")).collect();
    let expression = format!(
        "if matches!(*{field}, {}) {{ LogLevel::Warning }} else {{ {} }}",
        values.join(" | "),
        level(usual)
    );
    (expression, Some(field))
}

fn events() {
    println!("cargo:rerun-if-changed=src/events.tsv");
    let table = fs::read_to_string("src/events.tsv").expect("src/events.tsv");
    let (mut variants, mut names, mut levels, mut fields_of) =
        (String::new(), String::new(), String::new(), String::new());
    for line in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [name, level, fields, when] = cells[..] else {
            panic!("events.tsv: four columns are required: {line}");
        };
        let variant = camel(name);
        let fields: Vec<EventField<'_>> = fields.split(' ').map(EventField::parse).collect();
        let list =
            |one: &dyn Fn(&EventField<'_>) -> String| fields.iter().map(one).collect::<Vec<_>>().join(", ");
        let members = list(&|field| format!("{}: {}", field.member(), field.rust_type()));
        writeln!(variants, "    /// {when}\n    {variant} {{ {members} }},").expect("a String");
        writeln!(names, "            Event::{variant} {{ .. }} => {name:?},").expect("a String");
        let (level, decided_by) = event_level(level);
        let bound = decided_by.map(|field| format!("{field}, ")).unwrap_or_default();
        writeln!(levels, "            Event::{variant} {{ {bound}.. }} => {level},").expect("a String");
        let bound = list(&|field| field.member());
        let pairs = list(&|field| format!("({:?}, {})", field.name, field.text()));
        writeln!(fields_of, "            Event::{variant} {{ {bound} }} => vec![{pairs}],")
            .expect("a String");
    }
    let text = format!(
        "/// A log event. Made from `src/events.tsv`, which says what each field holds.\n\
         #[derive(Clone, Copy, Debug)]\n\
         pub(crate) enum Event<'a> {{\n{variants}}}\n\n\
         impl Event<'_> {{\n    \
         pub(crate) fn name(&self) -> &'static str {{\n        match self {{\n{names}        }}\n    }}\n\n    \
         pub(crate) fn level(&self) -> LogLevel {{\n        match self {{\n{levels}        }}\n    }}\n\n    \
         pub(crate) fn fields(&self) -> Vec<(&'static str, Cow<'_, str>)> {{\n        match self {{\n{fields_of}        }}\n    }}\n}}\n"
    );
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("events.rs"), text).expect("OUT_DIR can be written");
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
         pub(super) enum FindingId {{\n{variants}}}\n\n\
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
