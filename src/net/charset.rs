//! The text of a response: UTF-8, or the charset of its Content-Type. If the bytes are neither, the charset is not guessed.

use super::Response;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Why the bytes of a response cannot be decoded as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// They are not UTF-8, and the Content-Type states no charset.
    NotUtf8,
    /// They are not UTF-8, and the stated charset is unknown.
    UnknownCharset,
    /// They are not text of the stated charset.
    WrongCharset,
}

impl DecodeError {
    /// The reason for the detail of an error.
    pub fn reason(self) -> &'static str {
        match self {
            DecodeError::NotUtf8 => "its bytes are not UTF-8, and its Content-Type states no charset",
            DecodeError::UnknownCharset => {
                "its bytes are not UTF-8, and the charset of its Content-Type is not known"
            }
            DecodeError::WrongCharset => "its bytes do not fit the charset of its Content-Type",
        }
    }
}

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The text of a response, without its byte order mark. Valid UTF-8 is read as UTF-8 even if the Content-Type states another
/// charset, because many servers state the charset of their platform and send UTF-8.
///
/// # Errors
/// [`DecodeError`]. Bytes that cannot be decoded are never replaced by other characters.
pub fn text(response: &Response) -> Result<Cow<'_, str>, DecodeError> {
    decode(&response.body, response.header("content-type").and_then(charset))
}

/// The parameter `charset` of a Content-Type.
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
    })
}

fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, str>, DecodeError> {
    let stated = charset.map(|label| Encoding::for_label(label.as_bytes()));
    if let Some(Some(encoding)) = stated.filter(|stated| stated.is_some_and(|one| !one.is_ascii_compatible()))
    {
        let (encoding, bytes) = detect_byte_order(encoding, bytes);
        return decode_strictly(encoding, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes)) {
        return Ok(Cow::Borrowed(text));
    }
    // encoding_rs reads ASCII as Windows-1252, as browsers do. That would be a guess.
    let is_ascii = charset.is_some_and(|label| label.to_ascii_lowercase().contains("ascii"));
    match stated {
        None => Err(DecodeError::NotUtf8),
        Some(None) => Err(DecodeError::UnknownCharset),
        Some(Some(_)) if is_ascii => Err(DecodeError::WrongCharset),
        Some(Some(encoding)) => decode_strictly(encoding, bytes),
    }
}

fn decode_strictly<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, DecodeError> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or(DecodeError::WrongCharset)
}

/// The byte order of UTF-16, and the bytes without a byte order mark. Without a mark, the first character decides, which is
/// ASCII in JSON. Other encodings are returned unchanged.
fn detect_byte_order<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> (&'static Encoding, &'a [u8]) {
    if encoding != UTF_16LE && encoding != UTF_16BE {
        return (encoding, bytes);
    }
    match bytes {
        [0xfe, 0xff, rest @ ..] => (UTF_16BE, rest),
        [0xff, 0xfe, rest @ ..] => (UTF_16LE, rest),
        [0, _, ..] => (UTF_16BE, bytes),
        [_, 0, ..] => (UTF_16LE, bytes),
        _ => (encoding, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_decoded_as_utf8_or_in_the_stated_charset_and_never_guessed() {
        let ok = |text: &str| Ok(text.to_owned());
        for (bytes, content_type, expected) in [
            ("Müller".as_bytes(), "application/json", ok("Müller")),
            ("\u{feff}Müller".as_bytes(), "application/json", ok("Müller")),
            ("\u{feff}Müller".as_bytes(), "application/json; charset=ISO-8859-1", ok("Müller")),
            ("Müller".as_bytes(), "application/json;charset=iso-8859-1", ok("Müller")),
            (b"M\xfcller", "application/json; charset=ISO-8859-1", ok("Müller")),
            (b"M\xfcller", "application/json; x=y; Charset=\"latin1\"", ok("Müller")),
            (b"\x80", "text/plain; charset=windows-1252", ok("€")),
            (b"\x83e\x83X", "application/json; charset=Shift_JIS", ok("テス")),
            (b"\xfe\xff\0{\0}", "application/json; charset=utf-16", ok("{}")),
            (b"\xff\xfe{\0}\0", "application/json; charset=UTF-16", ok("{}")),
            (b"\0{\0}", "application/json; charset=UTF-16", ok("{}")),
            (b"{\0}\0", "application/json; charset=UTF-16LE", ok("{}")),
            (b"M\xfcller", "application/json", Err(DecodeError::NotUtf8)),
            (b"M\xfcller", "application/json; charset=", Err(DecodeError::NotUtf8)),
            (b"\xff\xfe{\0}\0", "application/json", Err(DecodeError::NotUtf8)),
            (b"M\xfcller", "application/json; charset=utf-8", Err(DecodeError::WrongCharset)),
            (b"M\xfcller", "application/json; charset=us-ascii", Err(DecodeError::WrongCharset)),
            (b"M\xfcller", "application/json; charset=klingon", Err(DecodeError::UnknownCharset)),
            (b"\x81\x00", "application/json; charset=Shift_JIS", Err(DecodeError::WrongCharset)),
            (b"\xff\xfe\0\xd8", "application/json; charset=utf-16", Err(DecodeError::WrongCharset)),
            (b"", "application/json", ok("")),
        ] {
            let text = decode(bytes, charset(content_type)).map(Cow::into_owned);
            assert_eq!(text, expected, "{bytes:?} {content_type}");
        }
    }
}
