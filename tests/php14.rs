//! The compatibility text against a real PHP: some twenty thousand numbers, each as PHP writes it.
#![allow(clippy::print_stderr, missing_docs)]

use fhir_ehr::internals::number::php14;
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// What `json_decode` and `(string)` leave of each line.
const SCRIPT: &str =
    r#"while (($line = fgets(STDIN)) !== false) { echo (string) json_decode(trim($line)), "\n"; }"#;

fn numbers() -> Vec<String> {
    let mut numbers = Vec::new();
    // A fixed sequence: the same numbers in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..4000 {
        let digits = next().to_string();
        let (whole, fraction) = digits.split_at(1 + (next() as usize % (digits.len() - 1)));
        let sign = if next() % 4 == 0 { "-" } else { "" };
        numbers.push(format!("{sign}{whole}.{fraction}"));
        numbers.push(format!("{sign}0.{}{whole}", "0".repeat(next() as usize % 9)));
        numbers.push(format!("{sign}{whole}e{}", next() as i64 % 30));
        numbers.push(format!("{sign}{whole}"));
        numbers.push(format!("{sign}{}.{:02}", next() % 1000, next() % 100));
    }
    for tie in [
        "0.5",
        "2.5",
        "1.00000000000005",
        "1.00000000000015",
        "99999999999999.5",
        "0.00009999999999999995",
        "1e15",
        "1e-5",
    ] {
        numbers.push(tie.to_owned());
    }
    numbers
}

#[test]
fn the_compatibility_text_is_what_php_writes() {
    let php = Command::new("php")
        .args(["-n", "-d", "precision=14", "-r", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut php) = php else {
        assert!(std::env::var_os("CI").is_none(), "CI must have php (scripts/setup installs php8.2-cli)");
        eprintln!("SKIPPED: the_compatibility_text_is_what_php_writes needs php on the PATH");
        return;
    };
    let numbers = numbers();
    let mut input = php.stdin.take().expect("stdin");
    let text = numbers.join("\n");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = php.wait_with_output().expect("php ends");
    writer.join().expect("the writer").expect("php reads all");
    let written = String::from_utf8(output.stdout).expect("text");
    assert_eq!(written.lines().count(), numbers.len());
    for (number, php) in numbers.iter().zip(written.lines()) {
        assert_eq!(php14(number), php, "{number}");
    }
}
