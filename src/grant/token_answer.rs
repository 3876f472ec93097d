//! The answer of the token endpoint, read by plain functions. `normalize.rs` first brings it into the form that the oauth2
//! crate accepts.

use super::{
    fhir_context::{self, FhirContext},
    normalize::{self, Deviation},
    token_endpoint::{ClientIdentity, NoTransport, Token, TokenRequest, exchange},
    token_errors::{self, ServerError},
};
use crate::{
    error::{Code, Error, Result},
    net::{Response, charset, retry_after},
    scope::ScopeSet,
    secret::Secret,
    source::Source,
};
use oauth2::{
    TokenResponse,
    basic::BasicTokenType,
    http::{self, header},
};
use serde_json::{Map, Value};
use url::Url;

/// A successful answer of the token endpoint.
#[derive(Clone, Debug)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, if the answer has one.
    pub refresh_token: Option<Secret>,
    /// The lifetime of the access token in seconds, if the answer states it.
    pub expires_in: Option<i64>,
    /// The granted scopes, if the answer lists them.
    pub scope: Option<ScopeSet>,
    /// The members that deviate from the specification.
    pub deviations: Vec<Deviation>,
    members: Map<String, Value>,
}

impl TokenAnswer {
    /// Another member of the answer as text; a number as its digits. `None` for an empty text.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.members.get(name)? {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => normalize::digits(number),
            _ => None,
        }
    }

    /// Whether the answer has a member that is neither null nor an empty text.
    pub fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| value.as_str().is_none_or(|text| !text.trim().is_empty()))
    }

    /// Another member of the answer as a boolean. Epic sends some booleans as text.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.members.get(name)? {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    /// The FHIR id of the launch's patient. Servers send it as text, as a number or as a reference.
    ///
    /// # Errors
    /// [`Code::TokenResponseInvalid`] when the answer names a patient but not the id of a patient of this source. Without the
    /// error it would look like a launch without a patient.
    pub fn patient(&self, source: &Source) -> Result<Option<String>> {
        self.context_id("patient", "Patient", source)
    }

    /// The FHIR id of the launch's encounter. The encounter selects no data, so an unreadable id is only reported as a
    /// deviation.
    pub fn encounter(&self, source: &Source) -> Option<String> {
        self.context_id("encounter", "Encounter", source).ok().flatten()
    }

    /// The resources in context besides the patient and the encounter. What cannot be read is skipped and reported as a
    /// deviation: it must not end the sign-in.
    pub fn fhir_context(&self) -> Vec<FhirContext> {
        self.members.get("fhirContext").map(|value| fhir_context::read(value).0).unwrap_or_default()
    }

    /// The URL of the EHR's style document; `None` also for a URL that is not allowed.
    pub fn smart_style_url(&self) -> Option<String> {
        normalize::style_url(self.members.get("smart_style_url")?)
    }

    fn context_id(&self, member: &str, resource_type: &str, source: &Source) -> Result<Option<String>> {
        let value = match self.members.get(member) {
            None => return Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Value::Object(reference)) => reference.get("reference").unwrap_or(&Value::Null),
            Some(value) => value,
        };
        let id = match value {
            Value::Number(number) => normalize::digits(number),
            Value::String(text) => normalize::id_of(text.trim(), resource_type, source),
            _ => None,
        };
        let unreadable = || {
            Error::new(Code::TokenResponseInvalid)
                .detail(format!("the member {member} is not the id of a {resource_type} of this source"))
        };
        id.map(Some).ok_or_else(unreadable)
    }
}

/// Reads the answer to a token request.
///
/// # Errors
/// [`Code::InvalidGrant`], [`Code::GrantRejected`], [`Code::InvalidClient`], [`Code::SystemAccountRejected`] or
/// [`Code::TokenRejected`] for an OAuth error, with any HTTP status;
/// [`Code::TokenUnavailable`] for a failure of the server; [`Code::TokenResponseInvalid`] when the answer has no usable token.
pub fn judge(
    endpoint: &Url,
    client: &ClientIdentity<'_>,
    request: &TokenRequest<'_>,
    response: &Response,
) -> Result<TokenAnswer> {
    let is_success = (200..300).contains(&response.status);
    let text = charset::text(response);
    let Some(Value::Object(body)) = text.as_deref().ok().and_then(|text| serde_json::from_str(text).ok())
    else {
        let error = http_error(response);
        return Err(text.err().map_or(error.clone(), |why| error.detail(why.reason())));
    };
    if let Some(error) = body.get("error").and_then(Value::as_str).filter(|word| !word.trim().is_empty()) {
        return Err(oauth_error(error, endpoint, &body, client, request, response));
    }
    if !is_success {
        return Err(http_error(response));
    }
    let (body, deviations) = normalize::normalize(body)?;
    let normal = serde_json::to_vec(&body).map_err(|_| Error::new(Code::Internal))?;
    let answer = exchange(endpoint, client, request, &|_| {
        // The oauth2 crate accepts status 200 only.
        let http = http::Response::builder().status(200).header(header::CONTENT_TYPE, "application/json");
        http.body(normal.clone()).map_err(|_| NoTransport)
    });
    match answer {
        Ok(token) => answer_of(&token, deviations, response),
        // The cause is not shown: its variant `Parse` carries the whole answer.
        Err(_) => {
            Err(Error::new(Code::TokenResponseInvalid).detail("no access token").status(response.status))
        }
    }
}

/// Reads a text as the answer to a token request, for the fuzz targets. `sent` is the code or the refresh token of the request.
///
/// # Errors
/// As [`judge`].
#[cfg(feature = "test-internals")]
pub fn judge_text(status: u16, body: &str, grant_type: &str, sent: &Secret) -> Result<TokenAnswer> {
    use super::client_authentication::ClientAuthentication;
    let client = ClientIdentity { id: "id", authentication: ClientAuthentication::None };
    let endpoint = Url::parse("https://auth.hospital.org/token").map_err(|_| Error::new(Code::Internal))?;
    let (issuer, scopes) = (crate::source::Issuer::default(), ScopeSet::default());
    let request = match grant_type {
        "refresh_token" => TokenRequest::Refresh { token: sent, issuer: &issuer, scopes: None },
        "client_credentials" => TokenRequest::ClientCredentials(&scopes),
        _ => TokenRequest::Code { code: sent, verifier: None, redirect_uri: "", issuer: &issuer },
    };
    judge(&endpoint, &client, &request, &Response::for_test(status, body))
}

/// The error of an answer that is not an OAuth error. It does not mean that the grant has ended, so the grant is kept.
fn http_error(response: &Response) -> Error {
    let code = match response.status {
        200..300 => Code::TokenResponseInvalid,
        408 | 429 | 500.. => Code::TokenUnavailable,
        _ => Code::TokenRejected,
    };
    Error::new(code)
        .detail(format!("HTTP {}", response.status))
        .status(response.status)
        .after(retry_after(response))
}

fn oauth_error(
    error: &str,
    endpoint: &Url,
    body: &Map<String, Value>,
    client: &ClientIdentity<'_>,
    request: &TokenRequest<'_>,
    response: &Response,
) -> Error {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let mut sent = request.secrets();
    sent.extend(client.authentication.secret());
    let (uri, description) = (text("error_uri"), text("error_description"));
    let server_error = ServerError::new(error, uri, description, &sent, endpoint.as_str());
    token_errors::of_token_request(server_error, request.grant_type(), response.status, retry_after(response))
}

fn answer_of(token: &Token, deviations: Vec<Deviation>, response: &Response) -> Result<TokenAnswer> {
    if !matches!(token.token_type(), BasicTokenType::Bearer) {
        return Err(Error::new(Code::TokenResponseInvalid)
            .detail("not a Bearer token")
            .status(response.status));
    }
    let text = |secret: &str| Secret::from(secret.to_owned());
    let scopes =
        token.scopes().map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "));
    Ok(TokenAnswer {
        access_token: text(token.access_token().secret()),
        refresh_token: token.refresh_token().map(|refresh| text(refresh.secret())),
        expires_in: token.expires_in().map(|life| i64::try_from(life.as_secs()).unwrap_or(i64::MAX)),
        scope: scopes.map(|scopes| ScopeSet::parse(&scopes)),
        deviations,
        members: token.extra_fields().members.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::client_authentication::ClientAuthentication;
    use super::*;
    use crate::{net, secret::ExposeSecret, source::Issuer};

    fn judged(status: u16, body: &str) -> Result<TokenAnswer> {
        let client = ClientIdentity { id: "id", authentication: ClientAuthentication::None };
        let token = Secret::from("the-refresh-token");
        let response = net::Response::for_test(status, body);
        let endpoint = Url::parse("https://auth.example/token").unwrap();
        judge(
            &endpoint,
            &client,
            &TokenRequest::Refresh { token: &token, issuer: &Issuer::default(), scopes: None },
            &response,
        )
    }

    #[test]
    fn answers_that_deviate_are_read() {
        let answer = judged(
            200,
            r#"{"access_token": "a", "expires_in": "570", "scope": "x y ", "need_patient_banner": "true"}"#,
        );
        let answer = answer.unwrap();
        assert_eq!(answer.expires_in, Some(570));
        assert_eq!(answer.scope.clone().unwrap().to_string(), "x y");
        assert_eq!(answer.boolean("need_patient_banner"), Some(true));
        let answer = judged(
            200,
            r#"{"access_token": "a", "token_type": "bearer", "expires_in": 570.0, "refresh_token": null}"#,
        );
        assert!(answer.unwrap().refresh_token.is_none());
        assert_eq!(judged(200, r#"{"access_token": "a", "expires_in": -5}"#).unwrap().expires_in, None);
        let created =
            judged(201, r#"{"access_token": "a", "error": "", "error_description": null}"#).unwrap();
        assert_eq!(created.access_token.expose_secret(), "a", "201 is a success");
    }

    #[test]
    fn an_answer_without_a_token_is_an_error() {
        for body in [
            "{}",
            r#"{"access_token": ""}"#,
            "<html>",
            "",
            "[]",
            r#"{"access_token": "a", "token_type": "mac"}"#,
        ] {
            let error = judged(200, body).unwrap_err();
            assert_eq!(error.code(), Code::TokenResponseInvalid, "{body}");
        }
    }

    #[test]
    fn an_error_is_an_error_whatever_the_status() {
        for (status, body, code) in [
            (400, r#"{"error": "invalid_grant", "error_description": null}"#, Code::InvalidGrant),
            (200, r#"{"error": "invalid_grant", "error_description": "Token expired"}"#, Code::InvalidGrant),
            (200, r#"{"error": "invalid_grant", "access_token": "a"}"#, Code::InvalidGrant),
            (201, r#"{"error": "invalid_client"}"#, Code::InvalidClient),
            (401, r#"{"error": "invalid_request"}"#, Code::GrantRejected),
            (401, r#"{"error": "invalid_client"}"#, Code::InvalidClient),
            (400, r#"{"error": "invalid_scope"}"#, Code::TokenRejected),
            (400, "", Code::TokenRejected),
            (400, "invalid_grant", Code::TokenRejected),
            (400, r#"{"error": {"code": "invalid_grant"}}"#, Code::TokenRejected),
            (400, r#"{"access_token": "a"}"#, Code::TokenRejected),
            (503, r#"{"error": "invalid_grant"}"#, Code::TokenUnavailable),
            (429, "slow down", Code::TokenUnavailable),
            (502, "<html>", Code::TokenUnavailable),
        ] {
            assert_eq!(judged(status, body).unwrap_err().code(), code, "{status} {body}");
        }
    }

    #[test]
    fn the_description_is_shown_without_the_token_that_was_sent() {
        let body = r#"{"error": "invalid_grant", "error_description": "the-refresh-token has expired"}"#;
        let message = judged(400, body).unwrap_err().message();
        assert!(message.ends_with("(invalid_grant: [removed] has expired)"), "{message}");
    }

    #[test]
    fn a_patient_is_read_as_an_id_in_any_form_or_refused() {
        let source = crate::source::tests::source("");
        let absolute = format!(r#""{}Patient/p-1""#, source.base);
        for (patient, expected) in [
            (r#""p-1""#, Some("p-1")),
            (r#"" p-1 ""#, Some("p-1")),
            ("3758", Some("3758")),
            ("3758.0", Some("3758")),
            (r#""Patient/p-1""#, Some("p-1")),
            (r#""Patient/p-1/_history/4""#, Some("p-1")),
            (r#"{"reference": "Patient/p-1"}"#, Some("p-1")),
            (absolute.as_str(), Some("p-1")),
            (r#""""#, None),
            ("null", None),
        ] {
            let answer = judged(200, &format!(r#"{{"access_token": "a", "patient": {patient}}}"#)).unwrap();
            assert_eq!(answer.patient(&source).unwrap().as_deref(), expected, "{patient}");
            let plain = matches!(patient, r#""p-1""# | r#""""# | "null");
            assert_eq!(answer.deviations.contains(&Deviation::Patient), !plain, "{patient}");
        }
        for patient in [
            r#""https://other.example/fhir/Patient/p-1""#,
            r#""Group/1""#,
            "true",
            "[1]",
            "{}",
            "-1",
            "1.5",
            r#""a b""#,
        ] {
            let answer = judged(200, &format!(r#"{{"access_token": "a", "patient": {patient}}}"#)).unwrap();
            assert_eq!(answer.patient(&source).unwrap_err().code(), Code::TokenResponseInvalid, "{patient}");
        }
        for (encounter, expected) in
            [("7", Some("7")), (r#""Encounter/e1""#, Some("e1")), ("true", None), (r#""Patient/e1""#, None)]
        {
            let answer =
                judged(200, &format!(r#"{{"access_token": "a", "encounter": {encounter}}}"#)).unwrap();
            assert_eq!(answer.encounter(&source).as_deref(), expected, "{encounter}");
            assert!(answer.deviations.contains(&Deviation::Encounter), "{encounter}");
        }
    }
}
