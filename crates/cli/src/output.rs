//! Results go to stdout, messages to stderr. Text from outside is escaped before a terminal shows it.

use fhir_ehr::{Code, Error, describe_io_error};
use std::{
    fmt::Write as _,
    fs,
    io::{self, IsTerminal, Write},
    os::unix::fs::{FileTypeExt, MetadataExt},
};

/// Writes to stdout and flushes it.
pub(crate) fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Checks that stdout can be written, before values are handed out: it must be open, and have a reader and space. The check
/// writes a line end, which JSON allows at its start.
///
/// `/dev/null` is refused too, because Rust's runtime opens it in place of a closed stdout.
pub(crate) fn check_stdout() -> Result<(), Error> {
    let device = |path: &str| fs::metadata(path).map(|of| (of.file_type().is_char_device(), of.rdev()));
    if let (Ok(own), Ok(null)) = (device("/dev/fd/1"), device("/dev/null"))
        && own == null
    {
        return Err(Error::new(Code::RequestInvalid).detail("stdout is closed or /dev/null"));
    }
    write_stdout(b"\n").map_err(|cause| stdout_error(&cause))
}

/// Prints a result. A reader that has closed the pipe (`| head`) is not an error.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Error> {
    match write_stdout(bytes) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(stdout_error(&cause)),
        _ => Ok(()),
    }
}

/// The error when stdout cannot be written.
pub(crate) fn stdout_error(cause: &io::Error) -> Error {
    Error::new(Code::RequestInvalid)
        .detail(format!("stdout cannot be written: {}", describe_io_error(cause.kind())))
}

/// Indented JSON with a final line end.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|_| Error::new(Code::Internal).detail("the result could not be written as JSON"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Prints a line on stderr.
pub(crate) fn note(line: &str) {
    // A closed stderr leaves no place to report the failure.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Escapes control characters, which a terminal would obey, and invisible characters, which can reorder or hide text.
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

/// One progress line, shown only on a terminal and cleared at the end.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    /// A progress line without text.
    pub(crate) fn new() -> Self {
        Progress { shown: io::stderr().is_terminal() }
    }

    /// Replaces the text.
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
    fn control_and_invisible_characters_are_escaped() {
        assert_eq!(safe("a\u{1b}[31m\u{9b}0m\nb\u{202e}c\u{7}"), "a\\u{1b}[31m\\u{9b}0m\\nb\\u{202e}c\\u{7}");
        assert_eq!(safe("Długosz <b> 温"), "Długosz <b> 温");
    }
}
