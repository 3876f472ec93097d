//! An error of the EHR in a callback whose state proves nothing. Anyone can build such a URL, so the error is shown and logged as a
//! claim, and never believed (D21).

use super::launch_query::{CallbackResult, LaunchQuery};
use crate::{
    error::{Code, Error, Result, escape_for_display},
    grant::token_errors,
    log::{Event, Events},
    secret::Secret,
};

/// Maximum characters of a claimed error name in the log.
const MAX_NAME_CHARACTERS: usize = 40;

/// Parses the query of a launch or callback, and logs the EHR's error in a callback without a state.
///
/// # Errors
/// As [`LaunchQuery::parse`].
pub fn parse_query(events: Events<'_>, query: &str) -> Result<LaunchQuery> {
    let parsed = LaunchQuery::parse(query);
    match parsed {
        Err(error) if error.code() == Code::StateMissing => {
            // With a state, the same query would parse.
            let with_state = LaunchQuery::parse(&format!("{query}&state=none"));
            match with_state {
                Ok(LaunchQuery::Callback { result, .. }) => {
                    Err(add_claim(events, error, &result, &"".into()))
                }
                _ => Err(error),
            }
        }
        parsed => parsed,
    }
}

/// Adds the error that a callback claims to the error that ends it, and logs it. Other errors are returned as they are.
pub(super) fn add_claim(events: Events<'_>, error: Error, result: &CallbackResult, state: &Secret) -> Error {
    let is_untrusted = matches!(
        error.code(),
        Code::StateMissing | Code::StateUnknown | Code::StateForeign | Code::LaunchExpired
    );
    let CallbackResult::Error { error: claim, description, error_uri } = result else { return error };
    if !is_untrusted {
        return error;
    }
    events.log(Event::CallbackErrorUnverified { claim: name_for_log(claim), error: error.code().name() });
    let claimed =
        token_errors::of_authorize_request(claim, error_uri.as_deref(), description.as_deref(), state, "");
    let code = escape_for_display(claimed.vendor_error().code.as_deref().unwrap_or(claim));
    error.detail(format!(
        "the request names the EHR's error {code}, but nothing proves that it is from the EHR"
    ))
}

/// The name of an error, if it cannot be anything else: a log gets no text that others chose freely.
fn name_for_log(claim: &str) -> &str {
    let is_name = claim.len() <= MAX_NAME_CHARACTERS
        && claim.chars().all(|c| c.is_ascii_lowercase() || "_-".contains(c));
    if is_name { claim } else { "other" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_gets_names_of_errors_only() {
        for (claim, logged) in [
            ("access_denied", "access_denied"),
            ("server-error", "server-error"),
            ("MRN 123", "other"),
            ("abc123", "other"),
            ("a\nb", "other"),
        ] {
            assert_eq!(name_for_log(claim), logged);
        }
        assert_eq!(name_for_log(&"a".repeat(41)), "other");
    }

    #[test]
    fn an_error_without_state_is_a_claim() {
        let error = parse_query(Events(None), "error=access_denied").unwrap_err();
        assert_eq!(error.code(), Code::StateMissing);
        assert!(
            error.message().contains("names the EHR's error access_denied, but nothing proves"),
            "{error}"
        );
        let error = parse_query(Events(None), "code=1").unwrap_err();
        assert!(!error.message().contains("proves"), "{error}");
    }
}
