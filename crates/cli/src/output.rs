//! stdout for results, stderr for words to people; text of others is made harmless for a terminal.

use fhir_ehr::{Code, Error, file_words};
use std::{
    fmt::Write as _,
    fs,
    io::{self, IsTerminal, Write},
    os::unix::fs::{FileTypeExt, MetadataExt},
};

/// Writes to stdout and flushes.
pub(crate) fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Whether stdout takes what is about to be written, for values that are handed out once: it must be open, have a reader, and
/// have space. A line end is written to find out; JSON may begin with one.
///
/// A process that is started with stdout closed gets /dev/null instead from Rust's runtime, so that is refused too.
pub(crate) fn check_stdout() -> Result<(), Error> {
    let device = |path: &str| fs::metadata(path).map(|of| (of.file_type().is_char_device(), of.rdev()));
    if let (Ok(own), Ok(null)) = (device("/dev/fd/1"), device("/dev/null"))
        && own == null
    {
        return Err(Error::new(Code::RequestInvalid).detail("stdout is closed or /dev/null"));
    }
    write_stdout(b"\n").map_err(|cause| stdout_error(&cause))
}

/// Prints a result. A reader that has gone away (`| head`) is no error.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Error> {
    match write_stdout(bytes) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(stdout_error(&cause)),
        _ => Ok(()),
    }
}

/// stdout could not be written.
pub(crate) fn stdout_error(cause: &io::Error) -> Error {
    Error::new(Code::RequestInvalid).detail(format!("stdout cannot be written: {}", file_words(cause.kind())))
}

/// Pretty JSON with a line end.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|_| Error::new(Code::Internal).detail("a result did not become JSON"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A line on stderr.
pub(crate) fn note(line: &str) {
    // Where nobody listens, nobody can be told so.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Text that may come from outside, without anything a terminal would obey: control characters, and
/// the invisible ones that turn or hide text, are written as escapes.
pub(crate) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if c.is_control() || is_invisible(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    matches!(u32::from(c), 0xAD | 0x61C | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF
        | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F)
}

/// What is being done, on one line of a terminal that is wiped at the end; nothing elsewhere.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    /// Nothing is shown yet.
    pub(crate) fn new() -> Self {
        Progress { shown: io::stderr().is_terminal() }
    }

    /// Replaces what is shown.
    pub(crate) fn step(&self, what: &str) {
        if self.shown {
            let mut stderr = io::stderr().lock();
            let _ = write!(stderr, "\r\x1b[2K{} ...", safe(what)).and_then(|()| stderr.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let mut stderr = io::stderr().lock();
            let _ = write!(stderr, "\r\x1b[2K").and_then(|()| stderr.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        assert_eq!(safe("a\u{1b}[31m\u{9b}0m\nb\u{202e}c\u{7}"), "a\\u{1b}[31m\\u{9b}0m\\nb\\u{202e}c\\u{7}");
        assert_eq!(safe("Długosz <b> 温"), "Długosz <b> 温");
    }
}
