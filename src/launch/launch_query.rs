//! One address serves launch and callback: telling them apart, as a plain function over the query.

use crate::{
    error::{Code, Error, Result},
    secret::Secret,
};

/// What a browser brought.
#[derive(Debug)]
pub enum LaunchQuery {
    /// The EHR launches the application.
    Launch {
        /// The FHIR server.
        iss: String,
        /// The launch token, opaque.
        launch: Secret,
        /// A user name in the query: a hint that logs nobody in.
        user_hint: Option<String>,
    },
    /// The authorization server sends the browser back.
    Callback {
        /// What we sent along.
        state: Secret,
        /// What came.
        outcome: CallbackResult,
    },
}

/// What a callback brings.
#[derive(Debug)]
pub enum CallbackResult {
    /// A code.
    Code(Secret),
    /// An error; it is believed only after the state was checked (D21).
    Error {
        /// OAuth's word.
        error: String,
        /// The server's text, not yet safe to show.
        description: Option<String>,
        /// A page about the error (O16).
        error_uri: Option<String>,
    },
}

impl LaunchQuery {
    /// Reads a query.
    ///
    /// Launch and callback are told apart by `launch`, `code`, `error` and `state`, never by `iss`: RFC 9207
    /// puts `iss` on callbacks too.
    ///
    /// # Errors
    /// [`Code::LaunchAmbiguous`] for both, [`Code::LaunchEmpty`] for neither, [`Code::StateMissing`].
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
                let outcome = match (code, error) {
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
                Ok(LaunchQuery::Callback { state: state.into(), outcome })
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
    fn launch_and_callback_are_told_apart() {
        for (query, wanted) in [
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
                Ok(LaunchQuery::Callback { outcome: CallbackResult::Code(_), .. }) => "code",
                Ok(LaunchQuery::Callback { outcome: CallbackResult::Error { .. }, .. }) => "error",
                Err(error) => error.code().name(),
            };
            assert_eq!(got, wanted, "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in "\\PC{0,120}") {
            let _ = LaunchQuery::parse(&query);
        }
    }
}
