//! The step `client`: checks whether the EHR accepts the registration for users.
//!
//! It sends an invented authorization code. Some servers check the code before the client, so their answer does not depend on
//! the client id and secret. A second request with a wrong secret (for a public client, a wrong id) shows whether it does.

use super::{
    CheckOptions,
    finding::{Finding, FindingId, StepResult, has_reserved_characters, is_client_refused},
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
    source::{Credentials, Source, registration},
};

pub(super) fn check(context: &Context<'_>, source: &Source, options: CheckOptions) -> StepResult {
    let registration = &source.registration;
    let credentials = source.credentials(registration, context.secrets)?;
    let ids = match &credentials {
        Credentials::Secret { .. } => &CONFIDENTIAL,
        Credentials::Key(_) => &KEY,
        Credentials::None => &PUBLIC,
    };
    let refused = match send_invalid_code(context, source, registration) {
        Ok(_) => return Ok(Finding::new(FindingId::ClientGivesToken)),
        Err(error) if is_client_refused(&error) => {
            return Ok(wrong_client(source, registration, &credentials));
        }
        Err(error) if !is_undecided(&error) => return Err(error),
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
    Ok(compare_answers(ids, &refused, contrast).with("registration", &registration.id))
}

/// Sends a token request with an invented authorization code.
fn send_invalid_code(
    context: &Context<'_>,
    source: &Source,
    registration: &Registration,
) -> Result<TokenAnswer> {
    let (code, verifier) = (Secret::from(secret::random_text()?), Secret::from(secret::random_text()?));
    let redirect_uri = registration::redirect_uri(registration, source.environment, None).unwrap_or_default();
    let issuer = source.issuer(&context.token_endpoint(source)?);
    let request =
        TokenRequest::Code { code: &code, verifier: Some(&verifier), redirect_uri, issuer: &issuer };
    TokenClient::new(context).send_request_unlogged(source, registration, &request)
}

/// The ids of the findings for one kind of client: confidential or public.
struct FindingIds {
    ok: FindingId,
    not_compared: FindingId,
    same_answer: FindingId,
    no_comparison: FindingId,
}

const CONFIDENTIAL: FindingIds = FindingIds {
    ok: FindingId::ClientOk,
    not_compared: FindingId::ClientNotCompared,
    same_answer: FindingId::ClientSameAnswer,
    no_comparison: FindingId::ClientNoComparison,
};

const PUBLIC: FindingIds = FindingIds {
    ok: FindingId::ClientPublicOk,
    not_compared: FindingId::ClientPublicNotCompared,
    same_answer: FindingId::ClientPublicSameAnswer,
    no_comparison: FindingId::ClientPublicNoComparison,
};

const KEY: FindingIds = FindingIds {
    ok: FindingId::ClientKeyOk,
    not_compared: FindingId::ClientKeyNotCompared,
    same_answer: FindingId::ClientKeySameAnswer,
    no_comparison: FindingId::ClientKeyNoComparison,
};

fn wrong_client(source: &Source, registration: &Registration, credentials: &Credentials) -> Finding {
    let encoded = source.policy.basic_form_encoded;
    let id = match credentials {
        Credentials::None => FindingId::ClientPublicWrong,
        Credentials::Key(_) => FindingId::ClientKeyWrong,
        Credentials::Secret { secret, .. }
            if has_reserved_characters(&registration.client_id, Some(secret)) =>
        {
            FindingId::ClientWrongEncoding
        }
        Credentials::Secret { .. } => FindingId::ClientWrong,
    };
    Finding::new(id).with("registration", &registration.id).with("other", (!encoded).to_string())
}

/// Whether the answer to an invented code does not show if the client is accepted. The error is about the code, has no
/// details, or is a failure of the server because of the code.
fn is_undecided(error: &Error) -> bool {
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

/// The server's answer for the text of a finding: the OAuth error, otherwise the HTTP status.
fn describe_answer(error: &Error) -> String {
    let word = error.vendor_error().code.as_deref().map(escape_for_display);
    let status = error.http_status().map(|status| format!("HTTP {status}"));
    word.or(status).unwrap_or_else(|| error.code().name().to_owned())
}

/// Compares the answer for the registered client with the answer for a wrong client. `contrast` is the second answer, or
/// `None` if that request was not sent.
fn compare_answers(ids: &FindingIds, refused: &Error, contrast: Option<Result<TokenAnswer>>) -> Finding {
    let finding = |id| Finding::new(id).with("answer", describe_answer(refused));
    let Some(contrast) = contrast else { return finding(ids.not_compared) };
    let other = match contrast {
        Ok(_) => return finding(FindingId::ClientGivesToken),
        Err(other) => other,
    };
    let parts = |error: &Error| (error.code(), error.http_status(), error.vendor_error().code.clone());
    if is_client_refused(&other) {
        finding(ids.ok)
    } else if parts(&other) == parts(refused) {
        finding(ids.same_answer)
    } else if is_undecided(&other) || other.code() == Code::TokenRejected {
        // The error does not name the client, but it differs from the one for the registered client.
        finding(ids.ok)
    } else {
        finding(ids.no_comparison).with("error", other.code().name())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::finding::to_check_step, *};

    fn error(word: &str, status: u16) -> Error {
        let error = token_errors::ServerError::new(word, None, None, &[], "");
        token_errors::of_token_request(error, "authorization_code", status, None)
    }

    fn without_word(code: Code, status: u16) -> Error {
        Error::new(code).status(status)
    }

    #[test]
    fn an_error_about_the_code_does_not_decide_about_the_client() {
        for undecided in [
            error("invalid_grant", 400),
            error("invalid_request", 400),
            error("invalid_request", 401),
            error("some_word", 400),
            error("server_error", 500),
            without_word(Code::TokenRejected, 400),
            without_word(Code::TokenUnavailable, 500),
        ] {
            assert!(is_undecided(&undecided) && !is_client_refused(&undecided), "{undecided:?}");
        }
        for decided in [
            error("unauthorized_client", 400),
            error("invalid_tenant", 400),
            error("temporarily_unavailable", 503),
            without_word(Code::TokenRejected, 404),
            Error::new(Code::TokenUnavailable),
            Error::new(Code::NetworkTimeout),
        ] {
            assert!(!is_undecided(&decided), "{decided:?}");
        }
        for refused in [
            error("invalid_client", 400),
            error("unknown_client", 400),
            without_word(Code::TokenRejected, 401),
        ] {
            assert!(is_client_refused(&refused), "{refused:?}");
        }
    }

    #[test]
    fn the_answers_for_the_registered_and_a_wrong_client_are_compared() {
        let found = |ids: &FindingIds, contrast: Option<Error>| {
            let finding = compare_answers(ids, &error("invalid_grant", 400), contrast.map(Err));
            to_check_step("client", Ok(finding.with("registration", "r")))
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
                assert!(!texts.contains('{'), "every place has its value: {texts}");
            }
        }
    }
}
