//! Parses the query of the one URL that receives both launches and callbacks.

use crate::{
    error::{Code, Error, Result},
    secret::Secret,
};

/// The query of a launch or of a callback.
#[derive(Debug)]
pub enum LaunchQuery {
    /// The EHR launches the application.
    Launch {
        /// The FHIR base URL of the EHR.
        iss: String,
        /// The launch token, which is opaque to the application.
        launch: Secret,
        /// A user name in the query. It signs no user in, except at a sandbox source with `trust_user_hint`.
        user_hint: Option<String>,
    },
    /// The authorization server sends the browser back.
    Callback {
        /// The state of the authorize request.
        state: Secret,
        /// The code or the error.
        result: CallbackResult,
        /// The authorization server, as the answer names it (RFC 9207).
        iss: Option<String>,
    },
}

/// The result in a callback.
#[derive(Debug)]
pub enum CallbackResult {
    /// The authorization code.
    Code(Secret),
    /// An error. It is used only after the state was checked, because anyone can send such a URL (D21).
    Error {
        /// The OAuth error code, such as `access_denied`.
        error: String,
        /// The server's description. Escape it before you show it.
        description: Option<String>,
        /// The URL of a page about the error; Oracle puts its own error code there (O16).
        error_uri: Option<String>,
    },
}

impl LaunchQuery {
    /// Parses a query string, with or without the leading `?`.
    ///
    /// `launch`, `code`, `error` and `state` distinguish a launch from a callback. `iss` does not: RFC 9207 adds it to
    /// callbacks too.
    ///
    /// # Errors
    /// [`Code::LaunchAmbiguous`] for the parameters of both, or a parameter that is given twice; [`Code::LaunchEmpty`] for
    /// the parameters of neither; [`Code::StateMissing`] for a callback without `state`.
    pub fn parse(query: &str) -> Result<Self> {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes()).into_owned().collect();
        let value = |name: &str| -> Result<Option<String>> {
            let mut values = pairs.iter().filter(|(key, value)| key == name && !value.is_empty());
            let first = values.next().map(|(_, value)| value.clone());
            match values.next() {
                Some(_) => Err(Error::new(Code::LaunchAmbiguous).detail(format!("{name} is given twice"))),
                None => Ok(first),
            }
        };
        let (launch, code, error, state) =
            (value("launch")?, value("code")?, value("error")?, value("state")?);
        let is_callback = code.is_some() || error.is_some() || state.is_some();
        match (launch, is_callback) {
            (Some(_), true) => Err(Error::new(Code::LaunchAmbiguous)),
            (Some(launch), false) => match value("iss")? {
                Some(iss) => {
                    Ok(LaunchQuery::Launch { iss, launch: launch.into(), user_hint: value("user")? })
                }
                None => Err(Error::new(Code::LaunchEmpty).detail("launch without iss")),
            },
            (None, true) => {
                let result = match (code, error) {
                    (Some(_), Some(_)) => {
                        return Err(Error::new(Code::LaunchAmbiguous).detail("code and error"));
                    }
                    (Some(code), None) => CallbackResult::Code(code.into()),
                    (None, Some(error)) => CallbackResult::Error {
                        error,
                        description: value("error_description")?,
                        error_uri: value("error_uri")?,
                    },
                    (None, None) => {
                        return Err(Error::new(Code::LaunchEmpty).detail("state without code or error"));
                    }
                };
                let state = state.ok_or_else(|| Error::new(Code::StateMissing))?;
                Ok(LaunchQuery::Callback { state: state.into(), result, iss: value("iss")? })
            }
            (None, false) => Err(Error::new(Code::LaunchEmpty)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_launch_is_distinguished_from_a_callback() {
        for (query, expected) in [
            ("iss=https%3A%2F%2Fx&launch=abc", "launch"),
            ("?launch=abc&iss=x&user=bob", "launch"),
            ("code=1&state=2", "code"),
            ("code=1&state=2&iss=https%3A%2F%2Fx", "code"),
            ("error=access_denied&state=2&iss=x", "error"),
            ("iss=x", "launch_empty"),
            ("", "launch_empty"),
            ("launch=abc", "launch_empty"),
            ("state=2", "launch_empty"),
            ("code=&state=", "launch_empty"),
            ("iss=x&launch=1&code=2&state=3", "launch_ambiguous"),
            ("iss=x&launch=1&state=3", "launch_ambiguous"),
            ("code=1&error=2&state=3", "launch_ambiguous"),
            ("code=1&state=2&state=3", "launch_ambiguous"),
            ("code=1", "state_missing"),
            ("error=access_denied", "state_missing"),
        ] {
            let got = match LaunchQuery::parse(query) {
                Ok(LaunchQuery::Launch { .. }) => "launch",
                Ok(LaunchQuery::Callback { result: CallbackResult::Code(_), .. }) => "code",
                Ok(LaunchQuery::Callback { result: CallbackResult::Error { .. }, .. }) => "error",
                Err(error) => error.code().name(),
            };
            assert_eq!(got, expected, "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in "\\PC{0,120}") {
            let _ = LaunchQuery::parse(&query);
        }
    }
}
