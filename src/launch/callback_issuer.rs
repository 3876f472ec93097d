//! The `iss` of a callback (RFC 9207): it must name the authorization server where the sign-in started. Otherwise a malicious or
//! compromised server among the sources could receive the code of another one (mix-up).

use super::pending::PendingLaunch;
use crate::{
    error::{Code, Error, Result, escape_for_display},
    source::Source,
};

/// Checks the `iss` of a callback. The code must not be sent before.
///
/// # Errors
/// [`Code::IssuerMismatch`].
pub(super) fn check(source: &Source, pending: &PendingLaunch, iss: Option<&str>) -> Result<()> {
    let Some(iss) = iss else {
        if pending.sends_iss {
            return Err(mismatch(source, "the answer has no iss, although the server promises one"));
        }
        return Ok(());
    };
    match &pending.server_issuer {
        Some(expected) if expected == iss => Ok(()),
        // Some EHRs repeat the FHIR base URL, as in a launch. It names the same source.
        _ if !pending.sends_iss && source.is_own_iss(iss) => Ok(()),
        Some(expected) => {
            let expected = escape_for_display(expected);
            Err(mismatch(source, &format!("expected {expected}, received {}", escape_for_display(iss))))
        }
        None => Ok(()),
    }
}

fn mismatch(source: &Source, what: &str) -> Error {
    Error::new(Code::IssuerMismatch)
        .detail(format!("source {}: {what}", escape_for_display(&source.id)))
        .hint(
            "Start again. If it happens again, ask the EHR team which issuer the authorization server has, and store it as \
             endpoints.issuer of the source.",
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{launch::pending::SessionBinding, source::tests::source};

    fn pending(issuer: Option<&str>, sends_iss: bool) -> PendingLaunch {
        PendingLaunch {
            source: "s".to_owned(),
            issuer: crate::source::Issuer::default(),
            verifier: "v".into(),
            pkce: true,
            nonce: String::new(),
            redirect_uri: String::new(),
            scopes: String::new(),
            application_user: None,
            user_hint: None,
            server_issuer: issuer.map(str::to_owned),
            sends_iss,
            sign_out_mark: None,
            binding: SessionBinding::new("session", 0, 600),
        }
    }

    #[test]
    fn the_issuer_of_a_callback_is_the_one_of_the_launch() {
        const OWN: &str = "https://auth.example";
        const BASE: &str = "https://fhir.example/r4/t/";
        for (known, promised, sent, accepted) in [
            (Some(OWN), true, Some(OWN), true),
            (Some(OWN), true, Some("https://auth.example/"), false),
            (Some(OWN), true, Some("https://evil.example"), false),
            (Some(OWN), true, Some(BASE), false),
            (Some(OWN), true, None, false),
            (Some(OWN), false, Some(OWN), true),
            (Some(OWN), false, Some("https://evil.example"), false),
            (Some(OWN), false, Some(BASE), true),
            (Some(OWN), false, None, true),
            (None, false, Some("https://auth.example"), true),
            (None, false, None, true),
            (None, true, None, false),
        ] {
            let checked = check(&source(""), &pending(known, promised), sent);
            let code = checked.err().map(|error| error.code());
            let expected = (!accepted).then_some(Code::IssuerMismatch);
            assert_eq!(code, expected, "{known:?} {promised} {sent:?}");
        }
    }
}
