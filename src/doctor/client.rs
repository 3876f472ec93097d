//! The step `client`: whether the EHR accepts the registration for users.
//!
//! A code that does not exist is sent. Some servers look at the code before the client, so what they answer says nothing about id
//! and secret. A second request, with a secret (of a public client: an id) that is certainly wrong, shows which kind the server is.

use super::{
    CheckOptions,
    finding::{Finding, Found, Id, has_reserved_characters, refuses_client},
};
use crate::{
    config::{Environment, Registration},
    context::Context,
    error::{Code, Error, Result, escape_for_display},
    grant::{
        TokenClient,
        token_answer::TokenAnswer,
        token_endpoint::TokenRequest,
        token_errors::{self, Meaning},
    },
    secret::{self, Secret},
    source::{Credentials, Source},
};

pub(super) fn check(context: &Context<'_>, source: &Source, options: CheckOptions) -> Found {
    let registration = &source.registration;
    let credentials = source.credentials(registration, context.secrets)?;
    let ids = match &credentials {
        Credentials::Secret { .. } => &CONFIDENTIAL,
        Credentials::Key(_) => &KEY,
        Credentials::None => &PUBLIC,
    };
    let refused = match send_invalid_code(context, source, registration) {
        Ok(_) => return Ok(Finding::new(Id::ClientGivesToken)),
        Err(error) if refuses_client(&error) => {
            return Ok(wrong(source, registration, &credentials));
        }
        Err(error) if !leaves_client_open(&error) => return Err(error),
        Err(error) => error,
    };
    let compares = source.environment != Environment::Production || options.try_wrong_secret;
    let contrast = if compares {
        let mut other = registration.clone();
        if credentials.secret().is_some() {
            other.client_secret = Secret::from(secret::random_text()?);
            other.client_secret_next = Secret::from("");
        } else {
            other.client_id = secret::random_text()?;
        }
        Some(send_invalid_code(context, source, &other))
    } else {
        None
    };
    Ok(compared(ids, &refused, contrast).with("registration", &registration.id))
}

/// Asks for context with a code that does not exist.
fn send_invalid_code(
    context: &Context<'_>,
    source: &Source,
    registration: &Registration,
) -> Result<TokenAnswer> {
    let (code, verifier) = (Secret::from(secret::random_text()?), Secret::from(secret::random_text()?));
    let redirect_uri = registration.redirect_uris.first().map(String::as_str).unwrap_or_default();
    let issuer = source.issuer(&context.token_endpoint(source)?);
    let request = TokenRequest::Code { code: &code, verifier: &verifier, redirect_uri, issuer: &issuer };
    TokenClient::new(context).send_request_unlogged(source, registration, &request)
}

/// The findings about one kind of client.
struct Ids {
    ok: Id,
    not_compared: Id,
    same_answer: Id,
    no_comparison: Id,
}

const CONFIDENTIAL: Ids = Ids {
    ok: Id::ClientOk,
    not_compared: Id::ClientNotCompared,
    same_answer: Id::ClientSameAnswer,
    no_comparison: Id::ClientNoComparison,
};

const PUBLIC: Ids = Ids {
    ok: Id::ClientPublicOk,
    not_compared: Id::ClientPublicNotCompared,
    same_answer: Id::ClientPublicSameAnswer,
    no_comparison: Id::ClientPublicNoComparison,
};

const KEY: Ids = Ids {
    ok: Id::ClientKeyOk,
    not_compared: Id::ClientKeyNotCompared,
    same_answer: Id::ClientKeySameAnswer,
    no_comparison: Id::ClientKeyNoComparison,
};

fn wrong(source: &Source, registration: &Registration, credentials: &Credentials) -> Finding {
    let encoded = source.policy.basic_form_encoded;
    let id = match credentials {
        Credentials::None => Id::ClientPublicWrong,
        Credentials::Key(_) => Id::ClientKeyWrong,
        Credentials::Secret { secret, .. }
            if has_reserved_characters(&registration.client_id, Some(secret)) =>
        {
            Id::ClientWrongEncoding
        }
        Credentials::Secret { .. } => Id::ClientWrong,
    };
    Finding::new(id).with("registration", &registration.id).with("other", (!encoded).to_string())
}

/// Whether an error to a code that does not exist leaves open what the server thinks of the client: it is about the code or says
/// nothing, or the server fails over the code itself.
fn leaves_client_open(error: &Error) -> bool {
    let word = error.vendor_error().code.as_deref();
    let meaning = word.and_then(|word| token_errors::meaning("authorization_code", word));
    match error.code() {
        Code::InvalidGrant | Code::GrantRejected => true,
        Code::TokenRejected => {
            !matches!(meaning, Some(Meaning::Registration | Meaning::Tenant))
                && (word.is_some() || matches!(error.http_status(), Some(400 | 403 | 422)))
        }
        Code::TokenUnavailable => error.http_status() == Some(500),
        _ => false,
    }
}

/// What a server said, for people.
fn said(error: &Error) -> String {
    let word = error.vendor_error().code.as_deref().map(escape_for_display);
    let status = error.http_status().map(|status| format!("HTTP {status}"));
    word.or(status).unwrap_or_else(|| error.code().name().to_owned())
}

/// Compares the answer to the registered client with that to a client that is certainly wrong.
fn compared(ids: &Ids, refused: &Error, contrast: Option<Result<TokenAnswer>>) -> Finding {
    let finding = |id| Finding::new(id).with("answer", said(refused));
    let Some(contrast) = contrast else { return finding(ids.not_compared) };
    let other = match contrast {
        Ok(_) => return finding(Id::ClientGivesToken),
        Err(other) => other,
    };
    let parts = |error: &Error| (error.code(), error.http_status(), error.vendor_error().code.clone());
    if refuses_client(&other) {
        finding(ids.ok)
    } else if parts(&other) == parts(refused) {
        finding(ids.same_answer)
    } else if leaves_client_open(&other) || other.code() == Code::TokenRejected {
        // Not a word for a wrong client, but another one than for the registered client.
        finding(ids.ok)
    } else {
        finding(ids.no_comparison).with("error", other.code().name())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::finding::step, *};

    fn error(word: &str, status: u16) -> Error {
        let error = token_errors::ServerError::new(word, None, None, &[]);
        token_errors::of_token_request(error, "authorization_code", status, None)
    }

    fn without_word(code: Code, status: u16) -> Error {
        Error::new(code).status(status)
    }

    #[test]
    fn what_is_about_the_code_leaves_the_client_open() {
        for open in [
            error("invalid_grant", 400),
            error("invalid_request", 400),
            error("invalid_request", 401),
            error("some_word", 400),
            error("server_error", 500),
            without_word(Code::TokenRejected, 400),
            without_word(Code::TokenUnavailable, 500),
        ] {
            assert!(leaves_client_open(&open) && !refuses_client(&open), "{open:?}");
        }
        for closed in [
            error("unauthorized_client", 400),
            error("invalid_tenant", 400),
            error("temporarily_unavailable", 503),
            without_word(Code::TokenRejected, 404),
            Error::new(Code::TokenUnavailable),
            Error::new(Code::NetworkTimeout),
        ] {
            assert!(!leaves_client_open(&closed), "{closed:?}");
        }
        for refused in [
            error("invalid_client", 400),
            error("unknown_client", 400),
            without_word(Code::TokenRejected, 401),
        ] {
            assert!(refuses_client(&refused), "{refused:?}");
        }
    }

    #[test]
    fn two_answers_are_compared() {
        let found = |ids: &Ids, contrast: Option<Error>| {
            let finding = compared(ids, &error("invalid_grant", 400), contrast.map(Err));
            step("client", Ok(finding.with("registration", "r")))
        };
        for (contrast, confidential, public) in [
            (Some(error("invalid_client", 401)), "client_ok", "client_public_ok"),
            (Some(without_word(Code::TokenRejected, 401)), "client_ok", "client_public_ok"),
            (Some(error("unauthorized_client", 400)), "client_ok", "client_public_ok"),
            (Some(error("invalid_grant", 400)), "client_same_answer", "client_public_same_answer"),
            (Some(Error::new(Code::NetworkTimeout)), "client_no_comparison", "client_public_no_comparison"),
            (
                Some(error("temporarily_unavailable", 503)),
                "client_no_comparison",
                "client_public_no_comparison",
            ),
            (None, "client_not_compared", "client_public_not_compared"),
        ] {
            let key = &*public.replace("public", "key");
            for (ids, expected) in [(&CONFIDENTIAL, confidential), (&PUBLIC, public), (&KEY, key)] {
                let step = found(ids, contrast.clone());
                assert_eq!(step.finding, expected, "{contrast:?}");
                let texts = format!("{} {:?}", step.text, step.hint);
                assert!(!texts.contains('{'), "every place is filled: {texts}");
            }
        }
    }
}
