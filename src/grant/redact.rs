//! Text of an authorization server, made safe to show and to log.

use crate::{
    error::escape_text,
    secret::{ExposeSecret, Secret},
};

/// The most characters of an OAuth error that are shown.
const MAX_WORD_CHARACTERS: usize = 60;

/// An OAuth error without what may be a secret: real ones are words. A server may repeat a part of the request there.
pub(super) fn redact_word(word: &str, sent: &[&Secret]) -> String {
    let word = word.trim();
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits >= 6 && digits == word.len();
    if has_secret(word, sent) || is_number || (digits > 0 && word.len() >= 20) {
        return REMOVED.to_owned();
    }
    word.chars().filter(char::is_ascii_graphic).take(MAX_WORD_CHARACTERS).collect()
}

const REMOVED: &str = "[removed]";

/// The most characters of a description that are shown.
const MAX_SHOWN_CHARACTERS: usize = 200;

/// A description without possible secrets and record numbers, escaped and shortened.
pub(super) fn redact(text: &str, sent: &[&Secret]) -> String {
    let mut text = text.trim().to_owned();
    for secret in sent.iter().map(|secret| secret.expose_secret()).filter(|secret| secret.len() > 3) {
        text = text.replace(secret, REMOVED);
    }
    let is_token_character = |c: char| c.is_ascii_alphanumeric() || "._~+/=-%".contains(c);
    let mut safe = String::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_word = is_token_character(first);
        let end = rest.find(|c| is_token_character(c) != is_word).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        safe.push_str(if is_word && may_be_secret(run) { REMOVED } else { run });
        rest = after;
    }
    let escaped = escape_text(&safe);
    match escaped.char_indices().nth(MAX_SHOWN_CHARACTERS) {
        Some((cut, _)) => format!("{}...", &escaped[..cut]),
        None => escaped,
    }
}

/// Whether a word looks like a token or a record number rather than a word of a sentence.
pub(super) fn may_be_secret(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    word.len() >= 32 || (word.len() >= 12 && digits > 0 && letters > 0) || (letters == 0 && digits >= 6)
}

/// Whether a text contains a secret of the request.
pub(super) fn has_secret(text: &str, sent: &[&Secret]) -> bool {
    let mut secrets = sent.iter().map(|secret| secret.expose_secret());
    secrets.any(|secret| secret.len() > 3 && text.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_shown_without_secrets_escaped_and_cut() {
        let secret = Secret::from("top secret");
        for (text, expected) in [
            ("The refresh token is invalid.", "The refresh token is invalid."),
            ("AADSTS70008: expired", "AADSTS70008: expired"),
            ("token top secret is bad", "token [removed] is bad"),
            ("code eyJhbGciOiJ9.eyJzd is spent", "code [removed] is spent"),
            ("record 00123456 not found", "record [removed] not found"),
            ("<b>no</b>\nline \u{1b}[31m", "%3Cb%3Eno%3C/b%3E%0Aline %1B[31m"),
            ("  ", ""),
        ] {
            assert_eq!(redact(text, &[&secret]), expected, "{text}");
        }
        assert!(redact(&"word ".repeat(200), &[]).len() < 210);
    }
    #[test]
    fn an_error_that_repeats_a_part_of_the_request_is_not_shown() {
        let code = Secret::from("the-code");
        for (word, expected) in [
            (" invalid_grant ", "invalid_grant"),
            ("AADSTS70008", "AADSTS70008"),
            ("the-code", "[removed]"),
            ("no_the-code_here", "[removed]"),
            ("00123456", "[removed]"),
            ("eyJhbGciOiJ9.eyJzdWIi", "[removed]"),
            ("not\n\u{1b}a word", "notaword"),
        ] {
            assert_eq!(redact_word(word, &[&code]), expected, "{word}");
        }
    }
}
