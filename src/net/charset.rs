//! The text of an answer: UTF-8, or what its Content-Type says. Bytes that fit neither are not guessed.

use super::Response;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Why the bytes of an answer are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// They are not UTF-8, and no charset is stated.
    NotUtf8,
    /// The stated charset is not known.
    UnknownCharset,
    /// They do not fit the stated charset.
    NotOfCharset,
}

impl Undecodable {
    /// What an error says.
    pub fn reason(self) -> &'static str {
        match self {
            Undecodable::NotUtf8 => "its bytes are not UTF-8, and its Content-Type states no charset",
            Undecodable::UnknownCharset => {
                "its bytes are not UTF-8, and the charset of its Content-Type is not known"
            }
            Undecodable::NotOfCharset => "its bytes do not fit the charset of its Content-Type",
        }
    }
}

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The text of an answer, without its byte order mark. Valid UTF-8 counts as UTF-8 whatever the Content-Type says, because many
/// servers state the charset of their platform and send UTF-8.
///
/// # Errors
/// [`Undecodable`]; never is a byte replaced by another character.
pub fn text(response: &Response) -> Result<Cow<'_, str>, Undecodable> {
    decode(&response.body, response.header("content-type").and_then(charset))
}

/// The parameter `charset` of a media type.
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
    })
}

fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, str>, Undecodable> {
    let stated = charset.map(|label| Encoding::for_label(label.as_bytes()));
    if let Some(Some(encoding)) = stated.filter(|stated| stated.is_some_and(|one| !one.is_ascii_compatible()))
    {
        let (encoding, bytes) = byte_order(encoding, bytes);
        return strictly(encoding, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes)) {
        return Ok(Cow::Borrowed(text));
    }
    // The standard for browsers reads ASCII as Windows-1252, which would be a guess here.
    let is_ascii = charset.is_some_and(|label| label.to_ascii_lowercase().contains("ascii"));
    match stated {
        None => Err(Undecodable::NotUtf8),
        Some(None) => Err(Undecodable::UnknownCharset),
        Some(Some(_)) if is_ascii => Err(Undecodable::NotOfCharset),
        Some(Some(encoding)) => strictly(encoding, bytes),
    }
}

fn strictly<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, Undecodable> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or(Undecodable::NotOfCharset)
}

/// The byte order of UTF-16: by its mark, else by the first character, which is ASCII in JSON. Other encodings have none.
fn byte_order<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> (&'static Encoding, &'a [u8]) {
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
    fn bytes_are_read_by_the_stated_charset_and_never_guessed() {
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
            (b"M\xfcller", "application/json", Err(Undecodable::NotUtf8)),
            (b"M\xfcller", "application/json; charset=", Err(Undecodable::NotUtf8)),
            (b"\xff\xfe{\0}\0", "application/json", Err(Undecodable::NotUtf8)),
            (b"M\xfcller", "application/json; charset=utf-8", Err(Undecodable::NotOfCharset)),
            (b"M\xfcller", "application/json; charset=us-ascii", Err(Undecodable::NotOfCharset)),
            (b"M\xfcller", "application/json; charset=klingon", Err(Undecodable::UnknownCharset)),
            (b"\x81\x00", "application/json; charset=Shift_JIS", Err(Undecodable::NotOfCharset)),
            (b"\xff\xfe\0\xd8", "application/json; charset=utf-16", Err(Undecodable::NotOfCharset)),
            (b"", "application/json", ok("")),
        ] {
            let text = decode(bytes, charset(content_type)).map(Cow::into_owned);
            assert_eq!(text, expected, "{bytes:?} {content_type}");
        }
    }
}
