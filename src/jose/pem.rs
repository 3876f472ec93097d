//! PEM text of keys: the private key is read from it, a public key is written to it.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// Why a text is not a usable private key: what is wrong, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) what: &'static str,
    pub(super) hint: &'static str,
}

pub(super) const GENERATE: &str = "Create a key with: fhir-ehr keys generate";

/// Converts SEC1, PKCS#1 and encrypted keys. openssl asks for the password of an encrypted key.
const CONVERT: &str = "Convert it with: openssl pkey -in OLD.pem -out NEW.pem";

/// What to do about a PEM block that is not a PKCS#8 private key.
fn refusal(label: &str) -> Refusal {
    let (what, hint) = match label {
        "EC PRIVATE KEY" => ("the key is in the SEC1 format (EC PRIVATE KEY), not in PKCS#8", CONVERT),
        "RSA PRIVATE KEY" => ("the key is in the PKCS#1 format (RSA PRIVATE KEY), not in PKCS#8", CONVERT),
        "ENCRYPTED PRIVATE KEY" => ("the key is encrypted with a password", CONVERT),
        "OPENSSH PRIVATE KEY" => ("it is an SSH key", GENERATE),
        "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => (
            "it has no private key, only a public key or a certificate",
            "Use the file with the private key.",
        ),
        _ => ("it is neither a PKCS#8 private key (PEM) nor a private JWK", GENERATE),
    };
    Refusal { what, hint }
}

/// The DER of the first PKCS#8 private key in a PEM text.
pub(super) fn pkcs8(text: &str) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    const BEGIN: &str = "-----BEGIN ";
    const DASHES: &str = "-----";
    let mut first_refusal = None;
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        rest = &rest[at + BEGIN.len()..];
        let Some((label, after)) = rest.split_once(DASHES) else { break };
        if label == "PRIVATE KEY" {
            let body = after.split_once("-----END PRIVATE KEY-----").map(|(body, _)| body);
            let damaged = Refusal { what: "the PEM text is damaged", hint: GENERATE };
            let compact: Zeroizing<String> =
                Zeroizing::new(body.unwrap_or_default().split_ascii_whitespace().collect());
            let der = STANDARD.decode(compact.as_bytes()).map_err(|_| damaged)?;
            return Ok(Zeroizing::new(der));
        }
        // Curve parameters may come before the key.
        if label != "EC PARAMETERS" {
            first_refusal.get_or_insert(refusal(label));
        }
        rest = after;
    }
    Err(first_refusal.unwrap_or_else(|| refusal("")))
}

/// PEM text with lines of 64 characters.
pub(super) fn write(label: &str, der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(der));
    let mut text = Zeroizing::new(String::with_capacity(body.len() + body.len() / 64 + 80));
    text.push_str(&format!("-----BEGIN {label}-----\n"));
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_are_refused_with_the_command_that_converts_them() {
        for label in ["EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
            let text = format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
            assert_eq!(pkcs8(&text).unwrap_err().hint, CONVERT, "{label}");
        }
        let text = "-----BEGIN EC PARAMETERS-----\nAA\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\nAA";
        assert!(pkcs8(text).unwrap_err().what.contains("SEC1"));
        for (text, words) in [
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "only a public key"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "only a public key"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "SSH key"),
            ("-----BEGIN PRIVATE KEY-----\n%%\n-----END PRIVATE KEY-----", "damaged"),
            ("-----BEGIN PRIVATE KEY", "neither"),
            ("secret text", "neither"),
            ("", "neither"),
        ] {
            let refusal = pkcs8(text).unwrap_err();
            assert!(refusal.what.contains(words), "{text}: {refusal:?}");
        }
    }

    #[test]
    fn a_written_text_is_read_again() {
        for length in [0, 1, 47, 48, 49, 200] {
            let der: Vec<u8> = (0..length).collect();
            let text = write("PRIVATE KEY", &der);
            assert!(text.lines().all(|line| line.len() <= 64), "{}", *text);
            assert_eq!(*pkcs8(&format!("a comment\r\n{}", text.replace('\n', "\r\n"))).unwrap(), der);
        }
    }
}
